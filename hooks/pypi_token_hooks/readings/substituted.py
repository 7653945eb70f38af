"""Readings of text with single escapes, replaced or left out: percent, backslash, HTML, quoted-printable, quotes, invisible."""
from __future__ import annotations

import binascii
import re
from collections.abc import Iterator

from pypi_token_hooks import anchors
from pypi_token_hooks import late
from pypi_token_hooks.credentials import macaroon
from pypi_token_hooks.model import View
from pypi_token_hooks.readings.offsets import Decode
from pypi_token_hooks.readings.offsets import Replaced
from pypi_token_hooks.readings.offsets import nothing
from pypi_token_hooks.traces import COLOUR
from pypi_token_hooks.traces import HIGHLIGHTED
from pypi_token_hooks.traces import INVISIBLE
from pypi_token_hooks.traces import SPAN

AROUND = 1024  # bytes before the first and after the last escape of a view; a view ends where the next escape is far beyond that
_LONG = 1 << 20  # bytes of text in which escapes are replaced one by one: `re.sub` keeps all pieces until the end
_LONGEST = 16 << 10  # characters: no view begins or ends within so long a run of base64; a token for ten projects has 750

_PERCENT = late.compiled(rb"%([0-9A-Fa-f]{2})")
# What a form sends (application/x-www-form-urlencoded). A field is a line; or a name, and a content that is lines of its own.
_FIELD, _CONTENT = late.compiled(rb"%([0-9A-Fa-f]{2})|[+&]"), late.compiled(rb"%([0-9A-Fa-f]{2})|[+&=]")
_OF_FORM = {b"+": b" ", b"&": b"\n", b"=": b"=\n"}
# What hardly anything else has: a blank beside an escape, before a URL or password, behind the mark of an item, or between a command and
# its option, key or variable; a section that begins a field. The sign comes first, which is found fastest.
_SENT = late.compiled(
    rb"\+(?:(?=%[0-9A-Fa-f]{2})|(?<=%[0-9A-Fa-f]{2}\+)|(?<=config\+)(?=[A-Za-z])"
    rb"|(?=https?%3[Aa]|password\+)|(?<=%0[AaDd]-\+)(?=[\w-])"
    rb"|(?<=[A-Za-z]\+)(?:--?[A-Za-z]|[A-Z]{2,12}_[A-Z]{2}))|=%5[Bb]"
)
# The first: an emoji has two, as in UTF-16. The last but four: a line that is a string, of a list as in a notebook, or of a program, and
# the next one, which ends a line too. The last but three: a quote in a string of a shell that ends in such quotes. The last two: where a
# long string of YAML goes on, with a blank that is escaped, or with what follows a key or a quote.
_ESCAPE = (
    rb"\\(?:u+([dD][89ABab][0-9A-Fa-f]{2}\\u+[dD][C-Fc-f][0-9A-Fa-f]{2}|[0-9A-Fa-f]{4})"
    rb"|[ux]\{([0-9A-Fa-f]{1,6})\}|U([0-9A-Fa-f]{8})|x([0-9A-Fa-f]{2})|([0-3][0-7]{2})"
    rb"|(n(?:\",?\r?\n[ \t]*\"|',?\r?\n[ \t]*')(?=[^\n]*\\n[\"'][,;)]*\r?\n))|((?<='\\)'')|([\"'/\\nrt_:=#!@-])"
    rb"|\r?\n[ \t]{1,80}(?:\\(?= )|(?=[:=]))|(?<=\\[\"']\\)\r?\n[ \t]{1,80})"
)
_BACKSLASH = late.compiled(_ESCAPE)
# And what begins text of several lines, whose first is one of its own as well: the content of a file in JSON, or in a dump of a database.
# Of bytes that are no text few are such a line. It has a name and a value: a value alone, or one that a soft break of a mail divides, is
# that of the name before it.
_PAIR = rb"(?=(?:[^%b\\\r\n]|\\[\"'/\\t]){1,300}?[=: ](?:[^=: %b\\\r\n]|\\[\"'/\\t]))"
_FIRST_LINE = (
    rb"(?:\[[a-z][\w.-]{1,60}\]|(?!%b)" + _PAIR + rb"[!-~](?:(?![%b\\])[ -~]|\\[\"'/\\t]){8,300})"
    + rb"(?<![^\r\n]{%d}[^=]=)\\[nr]" % (anchors.SOFT_LINE - 1)
)
_STRING = late.compiled(
    _ESCAPE + rb"|\t(?<![\s:=]\t)(?=%b)|[\"'](?<![^\s:=(,\[{bf][\"'])(?:(?<=\")(?=%b)|(?<=')(?=%b))"
    % tuple(_FIRST_LINE.replace(b"%b", end) for end in (b"\t", b'"', b"'"))
)
_REFERENCE = late.compiled(rb"&(?:#[0-9]{1,9};?|#[xX][0-9A-Fa-f]{1,9};?|[A-Za-z][A-Za-z0-9]{1,31};)")
# a line is joined to the next only where it is long: `--password=` and base64 end in the sign too
# what a line goes on with is not indented, as the output of a command is behind one that ends in `--password=`
_QUOTED = late.compiled(rb"=(?:([0-9A-Fa-f]{2})|(?<=[^\r\n]{%d}=)[ \t]{0,8}\r?\n(?:>[ \t]?){0,8}(?![ \t]{2}))" % anchors.SOFT_LINE)
# An encoded word in a header of a mail (RFC 2047), in base64 or nearly as quoted-printable; what parts it from the next is no text.
_WORD = late.compiled(
    rb"=\?[\w-]{1,40}(?:\*[\w-]{1,20})?\?([bBqQ])\?([^?\s]{0,4096})\?=(?:[ \t]{0,8}(?:\r?\n[ \t]{1,8})?(?==\?))?"
)
_DIGIT = late.compiled(rb"[A-Za-z0-9+/]")  # in one in base64
_SIGN = late.compiled(rb"=([0-9A-Fa-f]{2})|.")  # in one that is quoted
_INVISIBLE = late.compiled(INVISIBLE)  # one at a time: a pattern that repeats is tried at every byte
_ASCII = bytes(range(128))
_COLOUR = late.compiled(COLOUR)
_HIGHLIGHTED, _SPAN = late.compiled(HIGHLIGHTED), late.compiled(SPAN)
# of text that was converted several times; without a bound each of many returns would be tried with all behind it
_RETURNS, _ODD_RETURNS = late.compiled(rb"\r{1,4}\n|\r"), late.compiled(rb"\r(?!\n)")
_PATCHED = late.compiled(rb"(?<=\n)[+ -]")  # the sign with which a line of a patch begins
_SIMPLE = {b"n": b"\n", b"r": b"\r", b"t": b"\t"}


def _character(code: int) -> bytes:
    return chr(code).encode("utf-8", "surrogatepass") if code < 0x110000 else b"?"


def _percent(found: re.Match[bytes]) -> bytes:
    return bytes((int(found[1], 16),))


def _form(found: re.Match[bytes]) -> bytes:
    return _percent(found) if found[1] else _OF_FORM[found[0]]


def _backslash(found: re.Match[bytes]) -> bytes:
    if found[6]:
        return b"\n"
    if found[7]:
        return b" " if found.string.startswith(b"'", found.end()) else b""  # behind it the string around ends as well
    if simple := found[8]:
        return _SIMPLE.get(simple, simple)
    if not found.lastindex:
        return b"" if found[0].startswith(b"\\") else b"\n"
    if found[4] or found[5]:  # a byte, as in Python's `b"..."`
        return bytes((int(found[4], 16) if found[4] else int(found[5], 8),))
    if found[1] and len(found[1]) > 4:
        return bytes.fromhex((found[1][:4] + found[1][-4:]).decode("ascii")).decode("utf-16-be").encode()
    return _character(int(found[1] or found[2] or found[3], 16))


def _reference(found: re.Match[bytes]) -> bytes:
    import html  # a large table, which few files need

    return html.unescape(found[0].decode("ascii")).encode("utf-8", "replace")


def _quoted(found: re.Match[bytes]) -> bytes:
    return bytes((int(found[1], 16),)) if found[1] else b""


def _sign(found: re.Match[bytes]) -> bytes:
    return _percent(found) if found[1] else b" " if found[0] == b"_" else found[0]


def _word(found: re.Match[bytes]) -> bytes:
    if found[1] in b"qQ":
        return _SIGN.sub(_sign, found[2])
    try:
        return binascii.a2b_base64(found[2] + b"===")  # with more padding than any needs
    except binascii.Error:
        return b""


def _places_of_word(found: re.Match[bytes]) -> list[int]:
    if found[1] in b"qQ":
        return [found.start(2) + sign.start() for sign in _SIGN.finditer(found[2])]
    digits = [found.start(2) + digit.start() for digit in _DIGIT.finditer(found[2])]
    return [digits[at // 3 * 4 + at % 3] for at in range(len(digits) * 3 // 4)]


def _quote(found: re.Match[bytes]) -> bytes:
    quote = found[0][:1]
    return quote + b" " if found.string.startswith(quote, found.end()) else quote  # behind it the string around ends as well


def _doubled(quote: bytes) -> tuple[re.Pattern[bytes], re.Pattern[bytes]]:
    """Returns the expressions for a doubled quote that may begin or end a value or name, and for one that may begin it.

    It is no empty string, nor behind a backslash, as a shell has it in `'\\''`. What may only end a value is in any docstring.
    """
    begins = rb"(?<![\w%b\\]%b)(?=[^\s\"',;)\]}=:])" % (quote, quote * 2)
    ends = rb"(?<=[^\s\"'=(,\[{:\\]%b)(?!\w)" % (quote * 2)
    return late.compiled(rb"%b(?:%b|%b)" % (quote * 2, begins, ends)), late.compiled(quote * 2 + begins)


# a quote within quotes, as Python quotes it for a shell; and as CSV, SQL, YAML and Visual Basic write it
_QUOTES = ((late.compiled(rb"'\"'\"'"), None), _doubled(b'"'), _doubled(b"'"))


def _stretches(data: bytes, pattern: re.Pattern[bytes]) -> list[tuple[int, int]]:
    """Returns the stretches of the data around matches of the pattern; all of it if these are nearly all of it.

    Two such readings of dense text are the same in either order then, and are read further only once.
    """
    found = [*_around(data, pattern)]
    return [(0, len(data))] if sum(end - start for start, end in found) * 8 > len(data) * 7 else found


def _around(data: bytes, pattern: re.Pattern[bytes]) -> Iterator[tuple[int, int]]:
    """Yields the stretches of the data around matches of the pattern that are close to each other."""
    found = pattern.search(data)
    while found:
        first, last = found.span()
        # a match within AROUND changes nothing, so that the search goes on behind that
        while (found := pattern.search(data, last + AROUND)) and found.start() <= last + 3 * AROUND:
            last = found.end()
        start, end = max(0, first - AROUND), last + 2 * AROUND
        yield macaroon.run_start(data, start, max(0, start - _LONGEST)), macaroon.run_end(data, end, end + _LONGEST)


def _with(text: bytes, pattern: re.Pattern[bytes], decode: Decode) -> bytes:
    """Returns the text with each match of the pattern decoded."""
    if len(text) < _LONG:
        return pattern.sub(decode, text)
    made, position = bytearray(), 0
    for found in pattern.finditer(text):
        made += text[position : found.start()]
        made += decode(found)
        position = found.end()
    made += text[position:]
    return bytes(made)


def _view(text: bytes, start: int, name: str, pattern: re.Pattern[bytes], decode: Decode) -> View:
    """Returns the text, which begins at the offset `start`, with each escape replaced by what it stands for."""
    return View(_with(text, pattern, decode), (name,), Replaced(text, start, pattern, decode))


def _replaced(
    data: bytes, name: str, pattern: re.Pattern[bytes], decode: Decode, sought: re.Pattern[bytes] | None = None
) -> Iterator[View]:
    """Yields each stretch of the data with escapes, or with what is `sought`, each escape replaced by what it stands for."""
    for start, end in _stretches(data, sought or pattern):
        yield _view(data[start:end], start, name, pattern, decode)


def percent(data: bytes) -> Iterator[View]:
    """Reads `%70%79` as `py`; in a form also `+` as a blank, unless there may be a token, which may have that sign."""
    for start, end in _stretches(data, _PERCENT):
        text = data[start:end]
        is_form = _SENT.search(text) and not any(core in text for core in anchors.CORES)
        yield _view(text, start, "percent", *((_FIELD, _form) if is_form else (_PERCENT, _percent)))


def form(data: bytes) -> Iterator[View]:
    """Reads what a form sends: `password+%3D+x` as `password = x`, and the content of each field as lines of its own."""
    return _replaced(data, "percent", _CONTENT, _form, _SENT)


def escapes(data: bytes) -> Iterator[View]:
    r"""Reads `\u0070`, `\x70`, `\u{70}`, `\160`, JSON's `\"`, `\/`, `\n`, Java's `\:` as what they stand for; strings of lines as one."""
    return _replaced(data, "escapes", _STRING, _backslash, _BACKSLASH)


def quotes(data: bytes) -> Iterator[View]:
    """Reads `""x""`, as CSV has it, as `"x"`, and `''x''`, as SQL and YAML have it, as `'x'`."""
    for pattern, beginning in _QUOTES:
        yield from _replaced(data, "quotes", pattern, _quote, beginning)


def references(data: bytes) -> Iterator[View]:
    """Reads HTML's `&#112;`, `&#x70;` and `&amp;` as what they stand for."""
    return _replaced(data, "html", _REFERENCE, _reference)


def quoted_printable(data: bytes) -> Iterator[View]:
    """Reads `=3D` as `=`, and joins lines that end in `=`."""
    return _replaced(data, "quoted-printable", _QUOTED, _quoted)


def words(data: bytes) -> Iterator[View]:
    """Reads `=?utf-8?q?p=79pi?=` and `=?utf-8?b?cHlwaQ==?=`, the words of a header of a mail, as what they stand for."""
    for start, end in _stretches(data, _WORD):
        text = data[start:end]
        yield View(_with(text, _WORD, _word), ("encoded-word",), Replaced(text, start, _WORD, _word, _places_of_word))


def invisible(data: bytes) -> Iterator[View]:
    """Reads text without invisible characters. They are searched for among the bytes beyond ASCII first, which are few."""
    if data.isascii() or not _INVISIBLE.search(data.translate(None, _ASCII)):
        return iter(())
    return _replaced(data, "invisible", _INVISIBLE, nothing)


def colours(data: bytes) -> Iterator[View]:
    """Reads what a terminal prints without the sequences that colour it."""
    return _replaced(data, "invisible", _COLOUR, nothing)


def highlighted(data: bytes) -> Iterator[View]:
    """Reads a page without what colours the words of code in it."""
    return _replaced(data, "html", _SPAN, nothing, _HIGHLIGHTED)


def line_ends(data: bytes) -> Iterator[View]:
    """Reads lines that end in a carriage return alone, or in several and a newline, as text has them that was converted twice."""
    return _replaced(data, "line-ends", _RETURNS, lambda _: b"\n", _ODD_RETURNS)


def patch(data: bytes) -> Iterator[View]:
    """Reads the lines of a patch without the signs they begin with."""
    return _replaced(data, "patch", _PATCHED, nothing)
