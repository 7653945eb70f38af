"""Rule `pypirc-password`: the bytes of a view in, literal passwords in text of the `.pypirc` form out.

The text may be a file, or part of a script: a here-document, a string with `\\n` in it, a sequence of `echo` commands, a comment.
So a header or key counts if nothing but such a wrapping is before it on its line.
"""
from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from typing import NamedTuple

from pypi_token_hooks import late
from pypi_token_hooks import traces
from pypi_token_hooks.credentials.compiled import end_of_string
from pypi_token_hooks.credentials.macaroon import KNOWN_STARTS
from pypi_token_hooks.credentials.placeholders import is_example
from pypi_token_hooks.credentials.placeholders import is_safe
from pypi_token_hooks.credentials.pypirc import DEFAULT
from pypi_token_hooks.credentials.pypirc import DISTUTILS
from pypi_token_hooks.credentials.references import end_of
from pypi_token_hooks.credentials.references import literal_in
from pypi_token_hooks.model import Match
from pypi_token_hooks.model import Secret

RULE = "pypirc-password"
KNOWN = frozenset(
    ("pypi", "testpypi", "test-pypi", "test_pypi", "pypitest", "pypi-test", "pypi_test", "server-login", "distutils")
)
REACH = 4096  # bytes from a header to its password, and from a section to the [distutils] beside it
MAX_FOREIGN = 2  # lines between a header and its password that may be of another form, as commands of a script
_MARGIN = 96  # bytes before a header or a key in which its wrapping is looked for

_BLANKS = rb"(?:[ \t]|\xc2\xa0)*"  # configparser strips no-break spaces, too
_NEWLINE = rb"(?:\\+|`)[nr]"  # as strings have it; with a grave accent in PowerShell
# the wrapping right before a header or a key; the groups say which one it is
_BEFORE = late.compiled(
    rb"(?:\A|[\x00-\x08\x0a-\x1f]|[\x8c\xda\xfa].|(?P<newline>" + _NEWLINE + rb")|(?P<quote>\\*[\"'`])|>|\[CDATA\[|&&?|"
    rb"(?:\A|[\r\n&?])[A-Za-z_]\w{0,40}=|"  # a variable as `printenv` prints it, a field of a form
    rb"[\x00-\x07\x0e-\x1a\x1c-\x1f][\r\x1b -~]{1,64}|"  # other fields of a record in a binary file, as a database has it
    rb"(?P<echo>(?i:\becho)(?:[ \t]+-[A-Za-z]+)*[ \t.]))(?:[ \t>#;*|+:/-]|\xc2\xa0|\xef\xbb\xbf)*\Z"
)
_HEADER = late.compiled(
    rb"\[([^\[\]\r\n\"'`\\]{1,64})\](?=[ \t]*(?:\Z|[\r\n;#<>&|]|\\*[\"'`]|\\+[nr]|\\[ \t]*\r?\n))"
)
_WORD = b"password"
_KEY = late.compiled(_WORD + _BLANKS + rb"(?::|" + traces.EQUALS + rb")" + _BLANKS, re.IGNORECASE)
_SERVERS = late.compiled(rb"index-servers[ \t]*[=:]", re.IGNORECASE)
_SEPARATORS = late.compiled(rb"(?:" + _NEWLINE + rb"|[\s,\"'`])+")
_BESIDE = late.compiled(rb"\b(?:username|repository)[ \t]*[=:]", re.IGNORECASE)
_PIECES = late.compiled(rb"[\r\n]+|" + _NEWLINE)
_ENTRY = late.compiled(rb"[\w.-]+[ \t]*[=:]")
_KNOWN_KEY = late.compiled(rb"(?:username|repository|password|realm|ca_cert|client_cert)[ \t]*[=:]", re.IGNORECASE)
_CLOSING = late.compiled(rb"[ \t]*(?:```|~~~|\"\"\"|'''|[A-Z_]{2,}[ \t]*\Z|</)")  # the end of a block, string or here-document
_BLANK = late.compiled(rb"[^A-Za-z0-9]*\Z")
_ECHOED = late.compiled(rb"[^\r\n>|&;]{0,4096}")
_LINE = late.compiled(rb"(?:(?!" + traces.PICKLED + rb")[^\r\n]){0,4096}")
_END_OF_LINE = rb"(?:\r\n|\r|\n)"
# what is between a key without a value and the deeper indented line with its value: empty lines and remarks
_NEXT_LINE = late.compiled(
    rb"[ \t]*" + _END_OF_LINE + rb"(?:[ \t]*(?:[#;][^\r\n]*)?" + _END_OF_LINE + rb"){0,8}(?P<indent>[ \t]+)(?![#;\[ \t\r\n])"
)
# a quote that ends the string around the text: behind it is the end of a line, a command or an argument
_END_OF_STRING = late.compiled(rb"(?:[\"'`]{3}|\\*[\"'`])[ \t]*(?:[>|),;.&\]}\\]|\Z).*|<br\b.*|</.*|\\+[nr]\\?[ \t]*\Z")
# the quote that ends a string right behind the key, and what is added to that
_ADDED = late.compiled(rb"[\"'`](?:[ \t]+[+.&%|~]{1,2}[ \t]|[+.][ \t]*[A-Za-z_$])")
_CONTROL = late.compiled(rb"[\x00-\x08\x0e-\x1f]")
_AFTER_STRING = 4  # printable bytes at most between a string in compiled code and the next control byte
_QUOTES = late.compiled(rb"\\*[\"'`](?![nr])")
_REMARK = late.compiled(rb"[ \t]+[#;].*")
_SIGNS = b"#;"  # they begin a remark, unless what follows is a single word
# the header of a known section, or what makes any section one of a .pypirc; brackets may be escaped
_NAMES = b"|".join(name.encode("ascii").replace(b"-", traces.JOINT) for name in sorted(KNOWN))
_OF_FILE = rb"(?i)distutils|index" + traces.HYPHEN + rb"servers|" + traces.BRACKET + rb"\s*(?:" + _NAMES + rb")\s*(?:\]|[%&\\=])"
TRACES = (traces.Trace((traces.PASSWORD, _OF_FILE), is_of_section=True),)
_TOKEN = late.compiled(rb"[\"']?(?:(?:pypi|devpi)-Ag|" + b"|".join(start[:-1] for start in KNOWN_STARTS) + rb")")


class _Section(NamedTuple):
    """The header of a section, and the quote before it if it begins a string."""

    start: int
    end: int
    name: str
    quote: bytes


def _sections(data: bytes) -> list[_Section]:
    found = []
    for header in _HEADER.finditer(data):
        before = _BEFORE.search(data, max(0, header.start() - _MARGIN), header.start())
        if before or end_of_string(data, header.start()):
            name = header[1].decode("utf-8", "replace").strip()
            found.append(_Section(header.start(), header.end(), name, (before and before["quote"]) or b""))
    return found


def _listed(data: bytes) -> set[str]:
    """Returns the words between each `index-servers` and the next header: the names that it lists, and possibly others."""
    names: set[str] = set()
    for found in _SERVERS.finditer(data):
        end = data.find(b"[", found.end(), found.end() + REACH)
        text = data[found.end() : end if end >= 0 else found.end() + REACH]
        names.update(word.decode("utf-8", "replace") for word in _SEPARATORS.split(text) if word)
    return names


def _is_continuous(between: bytes) -> bool:
    """Tells whether the text between a header and a key may belong to the section, so that the key does."""
    foreign = 0
    for piece in _PIECES.split(between):
        if _CLOSING.match(piece):
            return False
        foreign += not (_BLANK.match(piece) or _ENTRY.search(piece) or piece.lstrip(b" \t\"'")[:1] in (b"#", b";"))
    return foreign <= MAX_FOREIGN


class _Text:
    """The sections of a view, and what is known of them together."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.sections = _sections(data)
        self.starts = [section.start for section in self.sections]
        self.listed = _listed(data) if self.sections else set()
        self.distutils = [section.start for section in self.sections if section.name.lower() == DISTUTILS]
        self.known = [section.start for section in self.sections if section.name.lower() in KNOWN]

    def section_of(self, at: int) -> _Section | None:
        """Returns the section of a `.pypirc` to which a key at the offset belongs; None if there is none."""
        number = bisect_left(self.starts, at) - 1
        if number < 0:
            return None
        section = self.sections[number]
        if at - section.end > REACH or not self._is_server(number):
            return None
        return section if _is_continuous(self.data[section.end : at]) else None

    def _is_server(self, number: int) -> bool:
        section = self.sections[number]
        if section.name.lower() in KNOWN or section.name in self.listed:
            return True
        beside = self.known if section.name == DEFAULT else self.distutils
        near = bisect_left(beside, section.start - REACH)
        if near == len(beside) or beside[near] > section.start + REACH:
            return False
        end = self.starts[number + 1] if number + 1 < len(self.starts) else section.end + REACH
        body = self.data[section.end : min(end, section.end + REACH)]
        return section.name == DEFAULT or _BESIDE.search(body) is not None


def _line_at(data: bytes, start: int) -> bytes:
    """Returns the rest of the line from the offset on."""
    found = _LINE.match(data, start)
    return found[0] if found else b""


def _in_string(data: bytes, start: int, quote: bytes) -> int:
    """Returns where the value in a string ends: at its quote, at a `\\n`, at a tag of HTML or at the end of the line."""
    escaped = rb"\\+" if len(quote) > 1 else rb"(?<!\\)"
    marks = re.escape(quote[-1:]) if quote else rb"[\"'`]"
    end = min(start + REACH, len(data))
    reference = end_of(_line_at(data, start).decode("latin-1"))  # quotes in a reference do not end the string
    found = re.compile(_NEWLINE + rb"|" + escaped + marks + rb"|[\r\n]|<\\?/|<br\b").search(data, start + max(reference, 0), end)
    return found.start() if found else end


def _quote_of(data: bytes, section: _Section, key: int) -> bytes:
    """Returns the quote with which the string begins that contains a key behind a `\\n`."""
    first = max(0, key - REACH)
    line = max(data.rfind(b"\n", first, key), data.rfind(b"\r", first, key), first - 1) + 1
    if section.start >= line and section.quote:
        return section.quote
    found = _QUOTES.findall(data, line, key)
    return found[-1] if found else b""


def _end_of_echo(data: bytes, key: int, start: int) -> int:
    """Returns where the value in an unquoted `echo` ends: at a sign of the shell, or at the bracket that closes a block in cmd."""
    found = _ECHOED.match(data, start)
    text = found[0].rstrip() if found else b""
    line = data[max(data.rfind(b"\n", 0, key), key - REACH, 0) : start]
    in_block = line.count(b"(") > line.count(b")")
    return start + len(text) - (in_block and text.endswith(b")"))


def _on_lines(data: bytes, start: int) -> tuple[int, int]:
    """Returns the bounds of a value in a file: on the line of its key, or on the first further line that is not empty."""
    following = _NEXT_LINE.match(data, start)
    if following:
        key = max(data.rfind(b"\n", max(0, start - REACH), start) + 1, start - REACH)
        indent = len(data[key:start]) - len(data[key:start].lstrip(b" \t"))
        rest = _line_at(data, following.end())
        if len(following["indent"]) > indent and not _KNOWN_KEY.match(rest):
            start = following.end()
    text = _line_at(data, start)
    if _ADDED.match(text):
        return start, start
    opening = text[:1] if text[:1] in (b'"', b"'") else b""
    closed = text.find(opening, 1) if opening else -1
    if closed > 0 and (closed == len(text) - 1 or not text[closed + 1 : closed + 2].strip(b" \t,)#;\r")):
        return start + 1, start + closed
    reference = end_of(text.decode("latin-1"))  # quotes in a reference do not end the text
    control = _CONTROL.search(text)
    if control and reference > 0 and control.start() - reference <= _AFTER_STRING:
        return start, start + reference
    end = _END_OF_STRING.search(text, max(reference, 1)) if len(text) > 1 else None
    return start, start + (end.start() if end else len(text))


def _bounds(data: bytes, section: _Section, before: re.Match[bytes], key: int, start: int) -> tuple[int, int]:
    """Returns the bounds of the value behind a key, by the wrapping of the text."""
    if before["quote"]:
        end = _in_string(data, start, before["quote"])
    elif before["newline"]:
        end = _in_string(data, start, _quote_of(data, section, key))
    elif before["echo"]:
        end = _end_of_echo(data, key, start)
    else:
        start, end = _on_lines(data, start)
    text = _REMARK.sub(b"", data[start:end], count=1).rstrip()
    bare = text.strip(b" \t\"'")
    start += text.find(bare)
    return start, start + len(bare)


def _is_password(value: bytes) -> bool:
    """Tells whether a value is a literal password, and no token, reference, placeholder or remark."""
    bare = value.lstrip(_SIGNS)
    if not bare or _TOKEN.match(value) or (bare != value and (b" " in bare or bare[:1].isspace())):
        return False
    text = bare.decode("utf-8", "replace")
    return not (is_safe(text) or is_example(text))


def _keys(data: bytes) -> Iterator[re.Match[bytes]]:
    """Yields the keys of passwords. It searches for a literal first: an expression would try at every byte."""
    small = data.lower()
    at = small.find(_WORD)
    while at >= 0:
        if found := _KEY.match(data, at):
            yield found
        at = small.find(_WORD, at + len(_WORD))


def find(data: bytes) -> Iterator[Match]:
    """Yields the literal passwords in sections that upload tools would read."""
    text = None
    for found in _keys(data):
        before = _BEFORE.search(data, max(0, found.start() - _MARGIN), found.start())
        if not before:
            continue
        text = text or _Text(data)
        section = text.section_of(found.start())
        if section is None:
            continue
        start, end = _bounds(data, section, before, found.start(), found.end())
        value = data[start:end]
        if _is_password(value):
            literal = literal_in(value.decode("latin-1")).encode("latin-1")
            start += value.find(literal)
            yield Match(RULE, "certain", start, start + len(literal), Secret(literal), what=f"section [{section.name}]")
