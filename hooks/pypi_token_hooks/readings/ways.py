"""Where a token may continue: a text and the end of a piece in; for each way of splitting a token, the further pieces out."""
from __future__ import annotations

import re
from collections.abc import Callable
from collections.abc import Iterator

from pypi_token_hooks import late
from pypi_token_hooks.readings.spans import Span
from pypi_token_hooks.traces import COLOUR

Way = Callable[[bytes, int], Iterator[Span]]

SPAN = 8 << 10  # bytes after, or before, the first piece in which the others must be
GAP = 256  # bytes at most between two pieces with nothing but signs in between

_RUN = late.compiled(rb"[A-Za-z0-9+/_-]+")
# a string, which may begin with a reference to what came before, as in `x="${x}..."`; not the key of a mapping
_QUOTED = rb"[\"'`](?:[$#]?\{\w{1,40}\})?([A-Za-z0-9+/_-]{%d,})[ ]{0,8}\\?[\"'`](?!\s*:)"
_STRING, _LONG_STRING = late.compiled(_QUOTED % 1), late.compiled(_QUOTED % 8)
_LINE = late.compiled(rb"[^\r\n]+")
# Colours of a terminal, tags, comments, keys of a mapping, and the ends of lines in a string, behind a piece of it: they may stand
# between pieces and are blanked out.
_MARKUP = late.compiled(
    COLOUR + rb"|<!--.{0,200}?-->|</?[A-Za-z][^<>]{0,200}>|\\{0,3}[\"'][\w.-]{1,40}\\{0,3}[\"'][ \t]{0,8}:"
    rb"|(?<![ \t])(?:\\{1,4}[nr]){1,4}"
)


def _even(spans: Iterator[Span]) -> Iterator[Span]:
    """Yields spans as long as they have one size, and a shorter one at the end, like the lines of wrapped text."""
    width = 0
    for start, end in spans:
        width = width or end - start
        if end - start > width:
            return
        yield start, end
        if end - start < width:
            return


def _signs(text: bytes, at: int) -> Iterator[Span]:
    """Yields the runs that follow, with the same signs or blanks between them each time."""
    between = None
    for found in _RUN.finditer(text, at, at + SPAN):
        gap = text[at : found.start()]
        between = gap if between is None else between
        if gap != between or len(gap) > GAP:
            return
        yield found.span()
        at = found.end()


def _tagged(data: bytes, text: bytes, end: int) -> Iterator[Span]:
    """Yields the runs that follow with nothing but tags and blanks between them: a word processor tags each part of a word it checked.

    There is a tag each time. With blanks alone, the words behind a token that breaks off in its signature would complete it.
    """
    at = 0
    for found in _RUN.finditer(text, at, SPAN):
        if text[at : found.start()].strip() or data.find(b"<", end + at, end + found.start()) < 0:
            return
        yield found.span()
        at = found.end()


def _strings(pattern: re.Pattern[bytes]) -> Way:
    """Returns the way over the strings that follow, whatever code or comments are in between."""

    def way(text: bytes, at: int) -> Iterator[Span]:
        at += text[at : at + 1] == b"\\"
        for found in pattern.finditer(text, at + 1, at + SPAN):  # behind the quote that ends the first piece
            yield found.span(1)

    return way


def _of_lines(skipped: int, which: int) -> Way:
    """Returns the way over the word at index `which` of each line that follows, without its first `skipped` bytes.

    So the time may stand before the word, as in a log, or the sign of a patch.
    """

    def way(text: bytes, at: int) -> Iterator[Span]:
        for line in _lines(text, at):
            words = list(_RUN.finditer(text, line[0] + skipped, line[1]))
            if words:
                yield words[which].span()

    return way


def _lines(text: bytes, at: int) -> Iterator[Span]:
    """Yields the lines that begin after `at`."""
    found = _LINE.match(text, at)
    for line in _LINE.finditer(text, found.end() if found else at, at + SPAN):
        yield line.span()


def _column(text: bytes, at: int) -> Iterator[Span]:
    """Yields the words in one column of the lines that follow, as in a table."""
    column = -1
    for start, end in _lines(text, at):
        if column < 0:
            words = list(_RUN.finditer(text, start, end))
            if not words:
                continue
            longest = max(words, key=lambda word: word.end() - word.start())
            column = longest.start() - start
        found = _RUN.match(text, start + column, end)
        if not found:
            return
        yield found.span()


WRAPPED: tuple[Way, ...] = (_signs, _of_lines(0, -1), _of_lines(1, -1), _of_lines(0, 0), _of_lines(1, 0), _column)
STRINGS: tuple[Way, ...] = (_strings(_STRING), _strings(_LONG_STRING))


def _backwards(text: bytes, start: int) -> Iterator[Span]:
    """Yields the strings before the piece, the nearest first."""
    found = list(_STRING.finditer(text, max(0, start - SPAN), max(0, start - 1)))
    yield from (one.span(1) for one in reversed(found))


def onwards(data: bytes, start: int, end: int) -> Iterator[Iterator[Span]]:
    """Yields for each way to continue the piece between two offsets the spans that would follow it."""
    text = _MARKUP.sub(lambda found: b" " * len(found[0]), data[end : end + SPAN])
    for spans in (*(way(text, 0) for way in STRINGS), _tagged(data, text, end)):
        yield ((at + end, stop + end) for at, stop in spans)
    for way in WRAPPED:
        yield ((at + end, stop + end) for at, stop in _even(way(text, 0)))
    yield _backwards(data, start)
