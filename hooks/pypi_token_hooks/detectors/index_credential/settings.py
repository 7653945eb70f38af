"""Values of the tools' variables, whatever the syntax: the bytes of a view in, matches out."""
from __future__ import annotations

import re
from collections.abc import Iterable
from collections.abc import Iterator

from pypi_token_hooks import late
from pypi_token_hooks import literals
from pypi_token_hooks import places
from pypi_token_hooks import traces
from pypi_token_hooks.detectors.index_credential import pairs
from pypi_token_hooks.detectors.index_credential import values
from pypi_token_hooks.detectors.index_credential.values import Value
from pypi_token_hooks.model import Match

_OF_NAMES = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"
# every variable holds one of these; the smaller letters are those of inputs, keywords and attributes
SIGNS = (
    b"_PASSWORD", b"_TOKEN", b"_API_KEY", b"INDEX_AUTH", b"PYPI", b"_password", b"_token", b"pypi", b"index_auth", b"-password",
    b"-token", b"Pypi", b"TWINE_P", b"twine_p", b"Password", b"Token",  # of `twinePassword`, `twineToken`, `uvPublishToken`
)
_SUFFIX = (
    rb"(?:[_-](?:TEST|TESTPYPI|TEST_PYPI|PROD|PRODUCTION|STAGING|STAGE|UAT|QA|DEV|MAIN|RELEASE|PYPI|OLD|NEW|BACKUP|NEXUS|ARTIFACTORY"
    rb"|JFROG|CORP|PRIVATE|INTERNAL|LOCAL|PUBLISH|UPLOAD|V?\d{1,3})|\d{1,2})?"
)
_INSIDE = "TWINE_<"  # a part of no word that begins in another way: `intertwined_password`
_JOINED = ("PYPI", "TWINE")  # in camel case, too, and behind other words: `testpypiToken`
_CAMEL = ("_PASSWORD", "_TOKEN")  # how what may be in camel case ends: of other names `anchors` does not tell
_OF_KEYS = "UV_AUTH_TOKEN"  # but `pinUvAuthToken` is of security keys
# an end of line in a string; `-eNAME=…` of a command; a colour of a terminal
_BREAK = r"(?<=\\[nrt])|(?<=-[De])|(?<=[\[;]\dm)|(?<=[\[;]\d\dm)"
_WORD = rf"(?:(?<![A-Za-z0-9])|{_BREAK})"  # `DATA_GOUV_API_KEY` is none of uv's
_WHOLE = rf"(?:(?<![A-Za-z0-9_])(?<!\w-)|{_BREAK})"
_OF_OTHERS = b"openuv-"  # a key of a weather service, which many programs keep in UV_API_KEY
_AHEAD, _BEHIND = 60, 80  # bytes before and after a sign in which its name is
_BEFORE = 96  # bytes that tell how a name is used
# what stands before the words of a name and is no part of it, although it is made of the same letters
_NO_PART = late.compiled(rb"-+(?:[De](?=[A-Z]))?|(?<=\\)[nrt]|(?<=[\[;])\d{1,2}m")


def _patterns(names: Iterable[str], between: str) -> str:
    """Returns the expression for variables, by their first words: each of these is tried at most places."""
    rests: dict[str, list[str]] = {}
    for name in names:
        head, _, rest = name.partition("_")
        parts = [between.join(part.split("_")) for part in rest.split("<NAME>")]
        rests.setdefault(head, []).append("[A-Z0-9_-]{1,40}?".join(parts))
    return "|".join(f"{head}{between}(?:{'|'.join(each)})" for head, each in rests.items())


def _camel(names: Iterable[str]) -> list[str]:
    """Returns those of the variables that may be in camel case, so written: `UvPublishToken`, `DevpiPassword`."""
    made = [name.title().replace("_", "") for name in names if name.endswith(_CAMEL) and "<" not in name and name != _OF_KEYS]
    return [*made, *(name.replace("artifact", "Artifact") for name in made if "artifact" in name)]  # as its maker writes it


def _pattern(names: list[str]) -> bytes:
    """Returns the expression for the variables; `pypiToken` and `pypi-token` are `PYPI_TOKEN` too."""
    fields = [name for name in names if name.startswith("INPUT")]  # in small letters it is a field of a page
    common = [name for name in names if name.startswith(places.COMMON) and name not in fields]
    joined = [name for name in names if name.startswith(_JOINED) and not name.startswith(_INSIDE)]
    others = [name for name in names if not name.startswith(places.COMMON) and name not in joined]
    camel = "|".join(rf"(?:{name[0]}|(?<![A-Za-z0-9]){name[0].lower()}){name[1:]}" for name in _camel(others))
    return (
        f"{_patterns(joined, '[_-]?')}|{_WORD}(?:{_patterns(others, '[_-]')})"
        f"|(?-i:{camel})|{_WHOLE}(?:(?-i:{'|'.join(fields)})|{_patterns(common, '[_-]')})"
    ).encode("ascii")


_NAMES = [v.name for tool in places.TOOLS for v in tool.variables if v.kind == places.SECRET]
_NAME = late.compiled(
    rb"[A-Z0-9_-]{0,40}?((?:" + _pattern(_NAMES) + rb")" + _SUFFIX + rb")(?![A-Za-z0-9_])",
    re.IGNORECASE,
)
_KINDS = (b"TOK", b"PASS", b"PW", b"KEY", b"AUTH", b"SECRET")  # each name holds one of them, too
# and one of these, of which the most frequent ones are asked for first
_HEADS = tuple(
    head.encode("ascii")
    for head in dict.fromkeys((*_JOINED, *(name.partition("_")[0] for name in _NAMES)))
    if head not in ("TOK", "TOKEN", "PASSWORD")
)
_find_signs = literals.finder(*SIGNS)
_LAST = "_PYPI"  # as in TOKEN_PYPI


def _beginning(name: str) -> bytes:
    """Returns the expression for what a variable's name begins with: its first word, or two of three where that one is short."""
    words = [word.encode("ascii") for word in name.split("_")]
    if name.startswith(_JOINED):
        return words[0]
    return traces.JOINT.join(words[: 1 if len(words[0]) > 3 else min(2, len(words) - 1)]) + traces.JOINT


# a name that begins as a tool's and ends in a kind of secret, or in which a letter is escaped or a line of quoted-printable ends;
# what follows may be anything
_OF_TOOL = rb"(?:" + b"|".join(sorted({_beginning(name) for name in _NAMES if not name.endswith(_LAST)})) + rb")"
_OF_NAME = rb"(?:[A-Z0-9]|" + traces.JOINT + rb")*"
_KIND = rb"(?:token|tok|password|passwd|pass|pwd?|key|auth|secret)\d{0,2}(?:" + traces.JOINT + _OF_NAME + rb")?(?:[^A-Z0-9_-]|$)"
TRACES = (
    traces.Trace(("|".join(name[1:] for name in _camel(_NAMES)).encode("ascii"),)),  # a first letter may be a small one
    traces.Trace((rb"(?i)" + _OF_TOOL + _OF_NAME + rb"(?:" + _KIND + rb"|" + traces.LETTER + rb"|=\r?\n)",)),
    *(traces.Trace((rb"(?i)" + name.encode("ascii").replace(b"_", traces.JOINT),)) for name in _NAMES if name.endswith(_LAST)),
)

_CLOSING = rb"(?:\\{0,3}[\"'`]|\*\*)?(?:\[\d{0,4}\]|\\?[\]}])?(?:[ \t]*\))?"
# types, fields and functions that hold the string they are given
_WRAPPER = (
    rb"(?:(?:(?:[A-Za-z_]\w{0,20}\.)?(?:SecretStr|[Ff]ield|Option|Some)|String::from)\(\s{0,40}(?:default[ \t]*=[ \t]*)?){0,2}"
    rb"(?:\(?ConvertTo-SecureString[ \t]+(?:-String[ \t]+)?)?(?=[bBrRuUfF]{0,2}[\"'])"
)
_TYPE = rb"(?:[A-Za-z_][\w.\[\], |]{0,40}|[A-Za-z_][\w.]{0,40}\[(?:[^][]|\[[^][]{0,80}\]){1,300}\][ \t]*)"  # `Annotated[str, Option()]`
# brackets around a string, alone in them or on its line; strings of Ruby and Lua without quotes
_WRAPPED = late.compiled(
    _WRAPPER + rb"|[(\[]\s{0,40}(?=[bBrRuUfF]{0,2}(?:\"[^\"\n]{1,400}\"|'[^'\n]{1,400}')[ \t]*,?[ \t]*(?:[)\]#]|\r?\n))"
    rb"|(?:%[qQ][(\[{]|\[\[)(?=[^\s()\[\]{}\"']{1,400}[)\]}])"
)
# a type behind a name, as CMake keeps it, and as Go and Basic declare it
_DECLARED_AS = rb":(?:STRING|INTERNAL|UNINITIALIZED)(?==)|[ \t]{1,40}(?:[Aa]s[ \t]{1,9})?[Ss]tring(?=[ \t]{0,40}=[ \t]*[\"`])"
_ASSIGNED = late.compiled(
    _CLOSING + rb"(?:" + _DECLARED_AS + rb")?(?P<left>[ \t]{0,40})"
    rb"(?:(?P<typed>:[ \t]*(?:&(?:'static[ \t])?)?" + _TYPE + rb"=(?=[ \t]*" + _WRAPPER + rb"))"
    rb"|(?P<op>::?:?=|(?:\|\||\?\?|[?+!])=|=>|" + traces.EQUALS + rb"(?![=~>])|<-(?=[ \t]*[\"'])|:\*\*|:(?![:/?+-])))"
    rb"(?P<right>[ \t]{0,40})"
)
_CHAINED = late.compiled(rb"[A-Za-z_][\w.]{0,40}[ \t]+=[ \t]+(?=[bBrRuUfF]{0,2}[\"'])")  # another name that is given the value
# the first of two names, on a line that may be a string of a notebook, and of two values
_FIRST_NAME, _FIRST_VALUE = late.compiled(rb"(?:^|\n)[ \t]*(?:\"[ \t]*)?[\w.]{1,60},[ \t]*$"), late.compiled(rb"\\?[\"'],[ \t]*(?=\S)")
# what is before a value on the next line, which is no comment, list or table there, and no mapping of its own
_NEXT_LINE = late.compiled(
    rb"[|>][-+0-9]{0,2}[ \t]*(?:#[^\n]*)?\r?\n[ \t]+|[\\(]?\r?\n[ \t]+(?![#\-\[ \t]|[\w.-]{1,80}:[ \t\r\n])"
)
# a tag of YAML; one of HTML
_TAG = late.compiled(
    rb"(?:!!str|!!binary|!unsafe|&[A-Za-z0-9_-]{1,40})[ \t]+"
    rb"|<(?:span|code|b|i|u|em|strong|kbd|samp|tt|var|replaceable)\b[^<>\n]{0,80}>"
)
# what follows a value in a mapping of YAML that stands on one line
_NEXT_KEY = late.compiled(rb"[ \t]*,[ \t]*[\"']?[A-Za-z_][\w.-]{0,80}[\"']?[ \t]*:[ \t]")
_CALL = late.compiled(rb"\\{0,3}[\"'`][ \t]*,\s{0,40}(?=[bBrRuUfF@$]{0,2}\\{0,3}[\"'`])")
_CALLED = late.compiled(
    rb"(?:[\w\])!](?<!\bin)[ \t]*\(\s{0,40}(?:[\w.]{0,40}environ,\s{0,40})?|\benvironment[ \t]+)[bBrRuUfF@$]{0,2}\\{0,3}[\"'`](?:env\.)?$"
)
# a row of a name and a value, in braces or parentheses of its own
_OPENS_ROW = late.compiled(rb"(?:\{|(?:^|[=\[(,])\s{0,40}\()\s{0,40}[bBrRuUfF]{0,2}\\?[\"']$")
_OF_WORDS = late.compiled(rb"[A-Za-z][A-Za-z_-]*\d{0,2}\W{0,2}")
_MIXED = late.compiled(rb"(?=[A-Za-z0-9])\D*\d")
_IN_MAP = late.compiled(rb"\bMap\.of\([^()]{0,400}[\"']$")  # of Java: names and values in turn
_CLOSES_ROW = late.compiled(rb"\\?[\"']\s{0,40},?\s{0,40}[})]")
_OR = rb"(?:\bor\b|\|\||\?\?|\?:|\bif\b[^\n]{1,120}?\belse\b)"
_OTHERWISE = late.compiled(
    rb"(?:" + _CLOSING + rb"[ \t]*(?:" + _OR + rb"|\|[ \t]*(?:default|d)[ \t]*\(|\.(?:unwrap_or|unwrap_or_else|orElse|getOrElse)\("
    rb"(?:\|\w{0,20}\|)?)|\\?[\"'][ \t]*->)\s{0,40}(?=\\{0,3}[\"'`])"
)
# a value that is read from elsewhere, up to what holds where nothing is there: `args.token or "…"`, `os.environ.get("TOKEN", "…")`
_STRING = rb"\\?[\"'][^\"'\n]{0,80}[\"']"
_READ = late.compiled(
    rb"(?:[A-Za-z_$][\w.$]{0,80}(?:[(\[]\s{0,40}(?:" + _STRING + rb")?\s{0,40}[)\]])?\s{0,40}" + _OR
    + rb"|(?P<getter>(?:[A-Za-z_$][\w.$]{0,80}\.)?(?:get|getenv|Getenv|getProperty|getOrDefault|fetch|pop|env|config)\(\s{0,40}" + _STRING
    + rb"\s{0,40},|coalesce\(\s{0,40}[\w.]{1,80}\s{0,40},)(?:\s{0,40}default[ \t]*=)?)\s{0,40}(?=[bBrRuUfF]{0,2}\\{0,3}[\"'`])"
)
_FETCHES, _FETCHED = (b"fetch('", b'fetch("'), late.compiled(rb"[\"']\)[ \t]*\{[ \t]*(?=[\"'])")  # of Ruby
_FALLBACK = late.compiled(rb":?[-=](?=[^\s}])")
_BRACE_OR_END = late.compiled(rb"[{}\n]")
_OF_URL = (b"://", b"://$", b"://$env:")  # behind it a user begins
_OF_USE = (b"$", b"{", b"$(", b"://[")  # what stands before the name of a variable that is used
_OF_SPRING = late.compiled(rb":(?=[!-~])[^:?+=-][^\s:{}]{5,99}\}")  # `${NAME:…}`; in a shell a part, a message or another text
_TOX = b"{env:"  # what tox falls back to stands behind a colon of its own: `{env:NAME:…}`
# what may stand before the name on its line, so that the line is an assignment and no more
_BEGINS_LINE = late.compiled(
    rb"[ \t]*(?:#[ \t]*)?(?:(?:export|set|setx|env|ARG|ENV|-)[ \t]+|(?:set_?env|environment)[ \t]*=[ \t]*)?", re.IGNORECASE
)
_SPACED = late.compiled(
    rb"(?:^|[\s\"'`;&|@(>#:])(?:(?:ENV|set(?:[ \t]+-\S+){1,3}|setx(?:[ \t]+/m)?|setenv|%(?:set_)?env|#[ \t]*define|(?:dot)?env[ \t]+set"
    rb"|(?:secret|variable|config)[ \t]+set)[ \t]+|set\((?:ENV\{)?"
    rb"|(?:set|new)-(?:item|content)[ \t]+(?:-(?:literal)?path[ \t]+)?env:\\?)[\"']?$",
    re.IGNORECASE,
)
_OPTION = late.compiled(rb"(?:^|[\s\"'`\[(])--$")
# an option of `setx` or of others, or a further command
_GOES_ON = late.compiled(rb"[ \t]+(?:/[Mm](?![\w/])|--[a-z])|[ \t]*(?:;|&&?|\|\|)(?:[ \t]|$)")
# A row of a table, of a name that fills the first cell and a value that fills the second: in Markdown, in HTML, and of two columns with
# a comma or a tab between them.
_MARKED, _OPEN_TAG = rb"[`*\"']{0,3}", rb"<(?!a\b)[a-z]{1,9}\b[^<>]{0,99}>"
_CELLS = (
    (rb"\|[ \t]*", rb"[ \t]{0,40}\|[ \t]{0,40}", rb"[ \t]{0,40}\|"),
    (_OPEN_TAG + rb"\s*", rb"(?:\s{0,40}</[a-z]{1,9}>){1,3}(?:\s{0,40}" + _OPEN_TAG + rb"){1,3}\s{0,40}", rb"\s{0,40}</"),
    (rb"(?:^|\n)", rb"[,\t]", rb"\r?(?:\n|\Z)"),
)
_ROWS = [
    (late.compiled(before + _MARKED + rb"$"), late.compiled(_MARKED + between + _MARKED + rb"([^\s|<>\"'`,;]{8,200}?)" + _MARKED + end))
    for before, between, end in _CELLS
]
_SPACES = late.compiled(rb"[\"'}]?[ \t]+(?:-value[ \t]+)?(?![=:?+]|--?[a-z])", re.IGNORECASE)


def _names(data: bytes) -> Iterator[re.Match[bytes]]:
    """Yields each name of a variable in the data once, in order of the signs."""
    seen = set()
    for position in literals.of(_find_signs(data), SIGNS):
        before, after = data[max(0, position - _AHEAD) : position], data[position : position + _BEHIND]
        left, right = before.rstrip(_OF_NAMES), after.lstrip(_OF_NAMES)
        if not (left or right) and len(before) == _AHEAD and len(after) == _BEHIND:
            continue  # so far from both ends of a run that nothing can be assigned to it
        start = position - (len(before) - len(left))
        word = data[start : position + len(after) - len(right)].upper()
        if start in seen or not any(head in word for head in _HEADS) or not any(kind in word for kind in _KINDS):
            continue
        found = _NAME.match(data, start, position + _BEHIND)
        if found:
            seen.add(start)
            yield found


def _begin(data: bytes, found: re.Match[bytes]) -> int:
    """Returns where the name begins, with the words before the tool's: `TEST_PYPI_TOKEN`."""
    no_part = _NO_PART.match(data, found.start(), found.start(1))
    return no_part.end() if no_part else found.start()


def _fallback(data: bytes, start: int) -> Value | None:
    """Returns what `${NAME:-…}` or `{env:NAME:…}` falls back to: up to its own brace."""
    depth = 1
    for sign in _BRACE_OR_END.finditer(data, start, start + values.MAX_LENGTH):
        depth += (sign[0] == b"{") - (sign[0] == b"}")
        if sign[0] == b"\n":
            break
        if not depth:
            text = data[start : sign.start()].strip(b"\"'")
            at = data.find(text, start)
            return values.literal(Value(at, at + len(text), text, True))
    return None


def _held(data: bytes, start: int, before: bytes, tight: bool) -> Value | None:
    """Returns the value that begins at `start`, all of it, where the line or a string around the name tells its end.

    That is what YAML, INI and env files hold, whatever signs are in it; several words only if they are a passphrase.
    """
    if tight and before[-1:] in (b'"', b"'"):
        value = values.inside_at(data, start, before[-1:])
    else:
        value = values.line_at(data, start) if _BEGINS_LINE.fullmatch(before.rpartition(b"\n")[2]) else None
    if value and len(value.text.split(None, 1)) == 1:
        return value._replace(quoted=False)
    return value if value and values.literal(value) and not values.is_code(value.text) else None


def _unquoted(data: bytes, start: int, before: bytes, tight: bool) -> Value | None:
    """Returns the value that begins at `start` and that no quotes of its own hold."""
    value = values.bare_at(data, start, scalar=not tight)
    if value and not tight and values.ends_line(data, value):
        return value
    return _held(data, start, before, tight) or value


def _assigned(data: bytes, found: re.Match[bytes], before: bytes) -> Value | None:
    """Returns the literal that is assigned to the name: `=`, `:`, `=>`, `?=`, … and what follows."""
    sign = _ASSIGNED.match(data, found.end())
    if not sign:
        return None
    start = sign.end()
    below = _NEXT_LINE.match(data, start)
    if below:
        start = below.end()
    is_apart = sign["op"] == b"=" and sign["left"] and sign["right"]
    tag = _TAG.match(data, start) or _WRAPPED.match(data, start) or (_CHAINED.match(data, start) if is_apart else None)
    if tag:
        start = tag.end()
    read = _READ.match(data, start)
    if read:
        otherwise = values.quoted_at(data, read.end())
        return _unlike_name(otherwise) if read["getter"] else values.literal(otherwise)
    quoted = values.quoted_at(data, start)
    second = _FIRST_VALUE.match(data, quoted.end) if quoted and is_apart and _FIRST_NAME.search(before) else None
    if second:
        return values.literal(values.quoted_at(data, second.end()))
    if below and not quoted and below[0].isspace() and sign["op"] != b":":
        return None  # nothing is assigned: the next line is another one
    in_mapping = before[-1:] == b"{" and before[-2:-1] != b"$" and sign["op"] == b":" and sign["right"]
    if quoted or (before.endswith(_OF_USE) and not in_mapping):
        return values.literal(quoted)  # without quotes it is a use of the variable, not its value
    tight = sign["op"] == b"=" and not sign["left"] and not sign["right"]
    value = _unquoted(data, start, before, tight)
    if value is None:
        return None
    shouted = found[1].isupper()
    if tight:
        return values.literal(value, words=shouted and before[-1:] not in (b"(", b",", b"."))
    is_listed = sign["op"] == b":" and shouted and _NEXT_KEY.match(data, value.end)
    if not value.quoted and not is_listed and not values.ends_line(data, value):
        return None
    return values.literal(value, words=shouted and sign["op"] != b"=")


def _unlike_name(value: Value | None) -> Value | None:
    """Returns the literal where nothing but its form tells it from a name or a word: `("PYPI_TOKEN", "pypi_token_v2")`."""
    if value is None or _OF_WORDS.fullmatch(value.text):
        return None
    return values.literal(value) if value.quoted or _MIXED.match(value.text) else None


def _in_cell(data: bytes, end: int, before: bytes) -> Value | None:
    """Returns the literal in the cell of a table behind that of the name, which ends at `end`."""
    for begins, row in _ROWS:
        cell = row.match(data, end)
        if cell and not values.is_label(cell[1]) and begins.search(before):
            return values.literal(Value(*cell.span(1), cell[1], False))
    return None


def _value_of(data: bytes, found: re.Match[bytes], start: int) -> Value | None:
    """Returns the literal credential that belongs to the name, which begins at `start`, whatever the syntax."""
    before = data[max(0, start - _BEFORE) : start]
    end = found.end()
    if before.endswith(b"${"):
        hyphen = data.find(b"-", start, end) if data[end : end + 1] != b":" else -1  # a name ends there: `${TWINE_PASSWORD-pypi-…}`
        given = _FALLBACK.match(data, hyphen if hyphen >= 0 else end)
        if given:
            return _fallback(data, given.end())
        if _OF_SPRING.match(data, end):
            return _unlike_name(_fallback(data, end + 1))
    if before.endswith(_OF_URL) and data[end : end + 1] == b":":
        return None  # the user of a URL
    if before.endswith(_TOX) and data[end : end + 1] == b":":
        return _fallback(data, end + 1)
    otherwise = _OTHERWISE.match(data, end) or (_FETCHED.match(data, end) if before.endswith(_FETCHES) else None)
    if otherwise:
        return values.literal(values.quoted_at(data, otherwise.end()))
    called = _CALL.match(data, end)
    if called and _CALLED.search(before):
        value = values.literal(values.quoted_at(data, called.end()))
        if value:
            return value
    if called and _OPENS_ROW.search(before):
        value = values.quoted_at(data, called.end())
        return _unlike_name(value) if value and _CLOSES_ROW.match(data, value.end) else None
    if called and _IN_MAP.search(before):
        return _unlike_name(values.quoted_at(data, called.end()))
    spaces = _SPACES.match(data, end)
    spaced = _SPACED.search(before) if spaces else None
    if spaces and spaced:
        value = values.value_at(data, spaces.end())
        is_last = value and data[value.end : value.end + 1] == spaced[0][:1] == b"`"  # of a command in a sentence
        if value and (value.quoted or is_last or values.ends_line(data, value) or _GOES_ON.match(data, value.end)):
            return values.literal(value)
    if spaces and _OPTION.search(before):
        return _unlike_name(values.value_at(data, spaces.end()))
    return _assigned(data, found, before) or pairs.find(data, start, end, before) or _in_cell(data, end, before)


def find(data: bytes) -> Iterator[Match]:
    """Yields the literals that the tools' variables are given."""
    for found in _names(data):
        start = _begin(data, found)
        value = _value_of(data, found, start)
        if value and not value.text.startswith(_OF_OTHERS) and not pairs.is_of_store(data, start, found.end()):
            yield values.match(value, values.name(found[1]))
