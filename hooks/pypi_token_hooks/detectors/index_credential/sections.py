"""Keys of configuration files and properties, and `password` beside steps that publish and in mappings: bytes in, matches out."""
from __future__ import annotations

import re
from collections.abc import Iterator

from pypi_token_hooks import late
from pypi_token_hooks import literals
from pypi_token_hooks import places
from pypi_token_hooks import traces
from pypi_token_hooks.credentials import placeholders
from pypi_token_hooks.credentials import toml
from pypi_token_hooks.detectors.index_credential import urls
from pypi_token_hooks.detectors.index_credential import values
from pypi_token_hooks.detectors.index_credential.values import Value
from pypi_token_hooks.model import Match

MAX_SECTION = 8192
MAX_STEP = 2048  # bytes before and after the word that says what a step does
_KEYS = tuple(key.name for tool in places.TOOLS for key in tool.keys if key.kind == places.SECRET)
SIGNS = (
    b"http-basic", b"pypi-token", b"[pypi", b"pypi.", b"publish.index", b"index.auth", b"repository.", b"[credential]",
    b"tool.pdm.source", b"tool.rye.sources", b"[sources]",
)
_USER_KEY = "http-basic.*.username"  # of which the value may be a token
_COMMON = "sources."  # what such keys begin with is a source of packages only beside an address of the web and a user
# with the section whose keys have dots themselves: `[publish]`, `index.auth =`
_NAMES = tuple(sorted({b"publish", *(name.split(".*")[0].rsplit(".", 1)[0].encode("ascii") for name in _KEYS)}))
_FIRST = b"|".join(map(re.escape, _NAMES))
# each of them is looked for where a line begins
_BRACKETS = rb"\[{1,2}[ \t]*[\"']?(?:" + _FIRST + rb")(?![\w-])[^\]\n]{0,200}\]"
_ECHO = rb"[^\n\"']{0,40}\becho[ \t]+(?:-[A-Za-z]+[ \t]+)?[\"']"
_HEADER = late.compiled(rb"[ \t]*(?:[#;>][ \t]*|(?P<echo>" + _ECHO + rb"))?" + _BRACKETS + rb"[^\n]*\n")
# and where a string begins that holds the file, in code or in a program
_OPENS_STRING = late.compiled(rb"[\"'`\x00-\x08\x0e-\x1f](?=\[{1,2}[ \t]?[\"']?\Z)")
_FIRST_HEADER = late.compiled(_BRACKETS + rb"\]?[ \t]*\r?\n")
_DOTTED = late.compiled(
    rb"[ \t]*(?:[#;>][ \t]*)?(?:(?:" + _FIRST + rb")\.[^\s=\[\]]{1,200}[ \t]*=[ \t]*[\"'{]|(?:pypi-token|http-basic)[ \t]*=[ \t]*\{)[^\n]*"
)
_NEXT = late.compiled(rb"(?m)^[ \t]*(?:[#;>][ \t]*|" + _ECHO + rb")?\[[\[\w]")
_COMMENT = late.compiled(rb"(?m)^[ \t]*[#;>]")
_ECHOED = late.compiled(rb"(?m)^" + _ECHO + rb"|\\(?=\")")  # what is around the text that a row of `echo` writes
# of properties and YAML; an attribute in code is given a name or a call, which is no literal
_PROPERTIES = (b"pypi.", b"twine.password")
_PROPERTY = late.compiled(rb"(?:pypi\.(?:(?:api[._-]?)?token|password)|twine\.password)(?:[ \t]{0,40}=|:)[ \t]{0,40}(?=[^\s=])")
_BEFORE_PROPERTY = late.compiled(rb"[ \t]*(?:[#;>][ \t]*)?(?:test)?")

STEPS = (b"provider", b"uses", b"image", b"hostType", b"matchHost", b"python-index")  # what says what a step does has one of them
_MARKS = (b"pypi", b"python-index")  # and one of these
_MAPPED = (b"pypi", b"twine")  # what mappings are named
# of Travis, GitHub, Drone; of Dependabot's registries and Renovate's host rules, which are for reading an index
_STEP = late.compiled(
    rb"\bprovider\\?[\"']?[ \t]*[:=][ \t]*\\?[\"']?(pypi)\b|\buses\\?[\"']?[ \t]*:[ \t]*\\?[\"']?([^\s\"'#]{0,80}pypi[^\s\"'#]{0,80})"
    rb"|\bimage\\?[\"']?[ \t]*:[ \t]*\\?[\"']?([^\s\"'#]{0,80}/[^\s\"'#]{0,40}pypi[^\s\"'#]{0,40})"
    rb"|\btype\\?[\"']?[ \t]*:[ \t]*\\?[\"']?(python-index)\b|\bhostType\\?[\"']?[ \t]*:[ \t]*\\?[\"']?(pypi)\b"
    rb"|\bmatchHost\\?[\"']?[ \t]*:[ \t]*\\?[\"']?(?P<host>[^\s\"'\\,]{0,99}pypi[^\s\"'\\,]{0,99})"
)
# a key; an option, as the tool of Travis takes it; what is before a value that stands below its key, where no key does
_PASSWORD = late.compiled(
    rb"(?:(?:^|[\s,\"']|(?<!\$)\{)(?:password|passwd|token|api[_-]token)\\?[\"']?[ \t]*:|(?P<option>\s--password)=)[ \t]*", re.IGNORECASE
)
_ENCRYPTED = late.compiled(rb"\bencrypted\\{0,3}[\"']?[ \t]*:\s{0,40}\{[^{}]*\Z")  # of Renovate, before a key in it
_BEFORE_ITEM = b" \t#>+/*|;!"  # before the dash of a list: blanks, and the signs of comments, mails and patches
_BELOW = late.compiled(rb"\r?\n[ \t]+(?![#-]|[\w.-]{1,80}:(?:\s|\Z))")
# a mapping that is named for an index, in YAML or in braces, also of code, and the user that must be in it
_MAPPING = late.compiled(
    rb"(?P<name>pypi|twine)\\?[\"']?\]?[ \t]{0,9}[:=][ \t]*(?:\s{0,40}(?P<braces>\{[^{}]{1,1000})\}"
    rb"|\r?(?P<lines>\n(?=(?P<margin>[ \t]{1,40}))"
    rb"(?:(?:(?P=margin)(?:[^\s-]|[ \t]{0,9}-[ \t])[^\n]{0,400}|[ \t]{0,40}(?:#[^\n]{0,400}|\r?))(?:\n|\Z)){1,40}))"
)
_BEFORE_MAPPING = late.compiled(rb"(?:.*[{,\s\[])?\\?[\"']?(?:test)?", re.DOTALL)
_USER = late.compiled(rb"[\s,\"'{]user(?:name)?\\?[\"']?[ \t]*:[ \t]*\\?[\"']?[^\s\"',{}]", re.IGNORECASE)
_OTHER_ITEM = late.compiled(rb"\}[\s,\\nr\"']{1,60}\{")  # between two objects of a list, which may be lines of a string
_NO_ENDS = (b"\"", b"'", b"`", b"\\", b",", b";")  # of a plain scalar: of a string around it rather
_find_words = literals.finder(*SIGNS, *_PROPERTIES, *_NAMES, *STEPS, *_MARKS, *_MAPPED)
_SECTION = (
    traces.BRACKET + rb"\s*[\"']?(?:repository|pypi|sources)[^\n\]]*(?:\]|5[Dd]|93;|=)"
    rb"|(?:^|[\s#;>\"'`n])(?:repository|pypi)\.[^\s=\[\]]+" + traces.BLANKS + rb"(?:=|" + traces.ESCAPE + rb")|(?:pdm|rye)\S*source"
)
_PUBLISHES = (
    rb"(?:provider|uses|image|hostType|matchHost)" + traces.CLOSED + rb"[^\n]*pypi"
    rb"|type" + traces.CLOSED + rb"[^\n]*python" + traces.HYPHEN + rb"index"
)
_KEY_ENDS = rb"(?:(?:[\"'`\\]+|=2[27]|" + traces.ESCAPE + rb")(?:\]|=5D|" + traces.ESCAPE + rb"))?"  # of a key of code
_MAPS = rb"(?:pypi|twine)" + _KEY_ENDS + traces.CLOSED + traces.BLANKS + rb"(?:[\r\n{\\]|=7B|=0D|" + traces.ESCAPE + rb")"
# the value of a token's key is in quotes or braces, or all that is left of the line
_TOKEN = (
    rb"(?i)(?:^|[{]|" + traces.BLANK + rb"|api[_-])token" + traces.CLOSED + traces.BLANKS + rb"(?:[bBrRuUfF]{0,2}" + traces.QUOTE
    + rb"|[|>$%{<\[(]|" + traces.ESCAPE + rb"|[^\s\"'`\\<>]+(?:[ \t]*(?:[\r\n#;<>,})\]\"'`\\]|//|\*/)|[,}]|$))"
)
TRACES = (
    traces.Trace(
        (rb"pypi-token|publish\.index|index\.auth|http" + traces.HYPHEN + rb"basic|(?:\[|5[Bb])credential",), is_of_section=True,
    ),
    traces.Trace((traces.PASSWORD, _SECTION), is_of_section=True),
    traces.Trace((_SECTION, _TOKEN), is_of_section=True),
    traces.Trace((rb"(?:pypi|twine)(?:\.|=2E|" + traces.ESCAPE + rb")(?:api\S{0,6})?(?:password|token)" + traces.CLOSED,)),
    traces.Trace((_PUBLISHES, traces.PASSWORD)),
    traces.Trace((_PUBLISHES, _TOKEN)),
    traces.Trace((_MAPS, traces.PASSWORD)),
    traces.Trace((_MAPS, _TOKEN)),
)


def _bytes_of(value: str) -> bytes:
    """Returns the bytes of a value that was read as latin-1. What only an escape can stand for there is written in UTF-8."""
    return b"".join([sign.encode("latin-1" if sign < "\u0100" else "utf-8", "surrogatepass") for sign in value])


def _entries(data: bytes, start: int, end: int, wrapping: re.Pattern[bytes] = _COMMENT) -> Iterator[Match]:
    """Yields the credentials among the keys of the TOML text between the offsets."""
    text = wrapping.sub(lambda found: b" " * len(found[0]), data[start:end]).decode("latin-1")
    starts = [0]
    for line in text.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    entries = [*toml.parse(text)]
    has_url = any(entry.key == "sources.url" and entry.value.startswith(("http://", "https://")) for entry in entries)
    is_source = has_url and any(entry.key == "sources.username" for entry in entries)
    # what is given no password: its user may be a token
    alone = {entry.key.removesuffix("password") for entry in entries if _bytes_of(entry.value) in values.NO_PASSWORDS}
    for entry in entries:
        at = start + starts[entry.line] + entry.column
        held = _bytes_of(entry.value.rstrip())
        if toml.matches(entry.key, _USER_KEY):
            is_sought = entry.key.removesuffix("username") in alone and urls.is_token(held)
        else:
            is_sought = (is_source or not entry.key.startswith(_COMMON)) and any(toml.matches(entry.key, pattern) for pattern in _KEYS)
        value = values.literal(Value(at, at + len(held), held, True)) if is_sought else None
        if value:
            yield values.match(value, entry.key)


def _lines(data: bytes, here: literals.Found) -> list[int]:
    """Returns where the lines begin in which one of the names stands."""
    starts, last = list[int](), 0
    for position in sorted(literals.of(here, _NAMES)):
        newline = data.rfind(b"\n", last, position)
        if newline >= 0 or not starts:
            starts.append(newline + 1)
        last = position
    return starts


def _in_strings(data: bytes, here: literals.Found) -> Iterator[re.Match[bytes]]:
    """Yields the headers with which strings begin; one that is all of its string heads nothing."""
    for position in sorted(literals.of(here, _NAMES)):
        opening = _OPENS_STRING.search(data, max(0, position - 5), position)
        found = _FIRST_HEADER.match(data, opening.end()) if opening else None
        if found:
            yield found


def _tables(data: bytes, here: literals.Found) -> Iterator[Match]:
    lines = _lines(data, here)
    headers = [(found, len(data)) for line in lines if (found := _HEADER.match(data, line))]
    strings = [*_in_strings(data, here)]
    ends = [*(found.start() for found in strings[1:]), len(data)]  # where a string begins, the one before it has ended
    headers += zip(strings, ends, strict=False)
    for found, end in headers:
        last = min(end, found.end() + MAX_SECTION)
        following = _NEXT.search(data, found.end(), last)
        wrapping = _ECHOED if found.groupdict().get("echo") else _COMMENT
        yield from _entries(data, found.start(), following.start() if following else last, wrapping)
    for found in filter(None, (_DOTTED.match(data, line) for line in lines)):
        yield from _entries(data, found.start(), found.end())


def _properties(data: bytes, here: literals.Found) -> Iterator[Match]:
    for position in literals.of(here, _PROPERTIES):
        found = _PROPERTY.match(data, position)
        begin = data.rfind(b"\n", max(0, position - MAX_STEP), position) + 1
        if not found or not _BEFORE_PROPERTY.fullmatch(data, begin, position):
            continue
        value = values.value_at(data, found.end(), scalar=True)
        literal = values.literal(value, words=False) if value and (value.quoted or values.ends_line(data, value)) else None
        if literal:
            yield values.match(literal, values.name(found[0].rstrip(b"=: \t")))


def _indent(line: bytes) -> int:
    """Returns the column of the first key of a YAML line, behind the dashes of lists; -1 for an empty line."""
    bare = line.lstrip(_BEFORE_ITEM + b"-")
    return len(line) - len(bare) if bare.strip() else -1


def _block(data: bytes, found: re.Match[bytes]) -> tuple[int, int]:
    """Returns the bounds of the YAML mapping that holds the match, with what is below its keys."""
    first, last = max(0, found.start() - MAX_STEP), min(len(data), found.end() + MAX_STEP)
    start = max(data.rfind(b"\n", first, found.start()) + 1, first)
    newline = data.find(b"\n", found.end(), last)
    end = newline if newline >= 0 else last
    column = _indent(data[start:end])
    is_first = data[start : found.start()].lstrip(_BEFORE_ITEM)[:1] == b"-"
    while start > first and not is_first:
        above = max(data.rfind(b"\n", first, start - 1) + 1, first)
        line = data[above : start - 1]
        if 0 <= _indent(line) < column:
            break
        start = above
        is_first = _indent(line) == column and line.lstrip(_BEFORE_ITEM)[:1] == b"-"
    while end < last:
        newline = data.find(b"\n", end + 1, last)
        below = newline if newline >= 0 else last
        line = data[end + 1 : below]
        indent = _indent(line)
        if 0 <= indent < column or (indent == column and line.lstrip(_BEFORE_ITEM)[:1] == b"-"):
            break
        end = below
    return start, end


def _address(text: bytes) -> tuple[bytes, bytes]:
    """Returns the host of an address, and the path: what else is in it may be a credential."""
    host, slash, path = text.rpartition(b"//")[2].partition(b"/")
    return host.rpartition(b"@")[2].partition(b":")[0], slash + path


def _marks(data: bytes, here: literals.Found) -> Iterator[re.Match[bytes]]:
    """Yields what says that a step is one of an index, once."""
    end = 0
    for position in sorted(literals.of(here, _MARKS)):
        found = _STEP.search(data, max(end, position - 120), position + 80) if position >= end else None
        if found:
            end = found.end()
            if not found["host"] or urls.is_index(*_address(found["host"])):
                yield found


def _plain(data: bytes, key: int, value: Value) -> Value | None:
    """Returns the plain scalar of YAML that goes on behind `value` with a sign at which that ends; its key stands at the offset."""
    begin = data.rfind(b"\n", max(0, key - MAX_STEP), key + 1) + 1
    line = values.line_at(data, value.start)
    if line is None or line.quoted or data[begin : key + 1].strip(b" \t-#") or placeholders.is_reference(value.text.decode("latin-1")):
        return None
    return None if b"\\n" in line.text or line.text.endswith(_NO_ENDS) else line


def _given(data: bytes, key: re.Match[bytes]) -> Value | None:
    """Returns the literal that the key of a step is given."""
    below = values.BLOCK.match(data, key.end()) or _BELOW.match(data, key.end())
    value = values.value_at(data, below.end() if below else key.end(), scalar=True)
    in_braces = value and data[value.end : value.end + 1] in (b",", b"}")
    is_whole = value and (value.quoted or in_braces or key["option"] or values.ends_line(data, value))
    literal = values.literal(value) if is_whole else None
    if value and not (literal or value.quoted or in_braces):
        literal = values.literal(_plain(data, key.start(), value))
    return literal


def _mapped(data: bytes, here: literals.Found) -> Iterator[Match]:
    """Yields what mappings hold beside a user that are named for an index: no schema, whose keys are mappings again."""
    for position in literals.of(here, _MAPPED):
        found = _MAPPING.match(data, position)
        if not found or not _BEFORE_MAPPING.fullmatch(data, max(0, position - 9), position):
            continue
        start, end = found.span("braces" if found["braces"] else "lines")
        for key in _PASSWORD.finditer(data, start, end) if _USER.search(data, start, end) else ():
            if found["name"] == b"twine" and b"password" not in key[0]:
                continue  # `anchors` does not lead there
            literal = _given(data, key)
            if literal and (b"assw" in key[0].lower() or not values.is_label(literal.text)):
                yield values.match(literal, f"password for {found['name'].decode('ascii')}")


def _steps(data: bytes, here: literals.Found) -> Iterator[Match]:
    first = last = 0  # what was searched for the mark before
    for found in _marks(data, here):
        start, end = _block(data, found)
        begin = last - 1 if first <= start < last else start
        first, last = start, max(end, last)
        for key in _PASSWORD.finditer(data, begin, end):
            if key["option"] and b"\n" in data[min(key.start("option") + 1, found.start()) : max(key.end(), found.end())]:
                continue  # of another command
            if _OTHER_ITEM.search(data, min(key.start(), found.end()), max(key.start(), found.start())):
                continue
            literal = _given(data, key)
            if literal and not _ENCRYPTED.search(data, max(0, key.start() - MAX_STEP), key.start()):
                name = next(group for group in found.groups() if group)
                shown = _address(name)[0] if found["host"] or b"//" in name else name
                yield values.match(literal, f"password for {shown.decode('ascii', 'replace')}")


def find(data: bytes) -> Iterator[Match]:
    """Yields the literals that configuration files and publishing steps hold."""
    here = _find_words(data)
    if any(sign in here for sign in SIGNS):
        yield from _tables(data, here)
    yield from _properties(data, here)
    if any(word in here for word in STEPS):
        yield from _steps(data, here)
    yield from _mapped(data, here)
