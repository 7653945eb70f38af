"""Readings of one column of many lines: the bytes that a dump shows, and base64 behind the words with which a log begins each line."""
from __future__ import annotations

import binascii
import re
from collections.abc import Iterable
from collections.abc import Iterator

from pypi_token_hooks import late
from pypi_token_hooks.model import View
from pypi_token_hooks.readings.joined import parted
from pypi_token_hooks.readings.offsets import composed
from pypi_token_hooks.readings.spans import Span
from pypi_token_hooks.readings.spans import view

MIN_DIGITS = 64  # of a dump
# An offset, which `tcpdump` marks as hexadecimal, at the beginning of a line or behind a sign or word; the bytes in one or more digits;
# and perhaps the same bytes as text, before which `curl --trace` has one blank, or the end of a string or tag. The digits of an offset
# are matched first, for which the matcher looks fast. Before it is no part of a word, and no other digits: most of such are one long row.
_HEX = rb"[0-9A-Fa-f]"
_DUMPED = late.compiled(
    rb"(?m)" + _HEX + rb"{4}(?<![0-9A-Za-wyz].{4})(?<!" + _HEX + rb"[ \t].{4})(?<!" + _HEX + rb"[ \t]{2}.{4})" + _HEX + rb"{0,12}:?[ \t]+"
    rb"(?:((?:[0-9A-Fa-f]{2} ){15}[0-9A-Fa-f]{2})(?= [^\r\n]{16}\r?$)"
    rb"|((?:(?:[0-9A-Fa-f]{2}){1,4}[ \t]{1,2}){0,63}(?:[0-9A-Fa-f]{2}){1,4})(?:(?:[ \t]{2,}|[ \t]?[\"'`<])[^\r\n]*|[ \t]*)\r?$)"
)
_BEFORE, _RUN = rb"[ \t|:\])>]", rb"([A-Za-z0-9+/_-]%b={0,2})[ \t]*\r?$"
_LOGGED = late.compiled(b"(?m)" + _BEFORE + _RUN % b"{20,}")  # nothing in front of the sign, for which the matcher looks fast
_HEAD = late.compiled(rb"(?<=" + _BEFORE + rb")([A-Za-z0-9+/_-]+)[ \t]*\r?\Z")
_TAIL = late.compiled(rb"(?m)[ \t]*\r?\n[^\r\n]*?(?<=" + _BEFORE + b")" + _RUN % b"+")
_DIGITS = late.compiled(rb"[0-9A-Fa-f]+")


def _chains(data: bytes, spans: Iterable[Span], most: int = 1) -> Iterator[list[Span]]:
    """Yields those of the spans that are in lines which follow each other, with so many ends of lines at most between two.

    In a dump a line of `*` stands for others.
    """
    chain: list[Span] = []
    for start, end in spans:
        if chain and (not 0 < data.count(b"\n", chain[-1][1], start) <= most or data.find(b"\n*", chain[-1][1], start) >= 0):
            yield chain
            chain = []
        chain.append((start, end))
    if chain:
        yield chain


def dumped(data: bytes) -> Iterator[View]:
    """Reads the bytes of a dump, as `xxd`, `hexdump -C` and `od -t x1` print it, also in a page, a list of strings, a comment or a log."""
    for spans in _chains(data, (found.span(found.lastindex or 0) for found in _DUMPED.finditer(data)), 2):
        digits = view(data, [word.span() for span in spans for word in _DIGITS.finditer(data, *span)])
        if len(digits.data) >= MIN_DIGITS:
            yield View(binascii.a2b_hex(digits.data), ("hex",), composed(lambda offset: 2 * offset, digits.at))


def _head(data: bytes, start: int) -> re.Match[bytes] | None:
    """Returns the last word of the line before the one in which `start` is."""
    end = data.rfind(b"\n", 0, start)
    return _HEAD.search(data, data.rfind(b"\n", 0, end) + 1, end) if end >= 0 else None


def _wrapped(data: bytes, spans: list[Span]) -> Iterator[list[Span]]:
    """Yields those of the spans that are one text, of the same width but for the first, which has more words before it, and the last."""
    first = 0
    while first < len(spans):
        width, last = spans[first][1] - spans[first][0], first + 1
        while last < len(spans) and spans[last][1] - spans[last][0] == width:
            last += 1
        one = spans[first:last]
        around = (_head(data, one[0][0]), _TAIL.match(data, one[-1][1]))
        head, tail = ([found.span(1)] if found and len(found[1]) < width else [] for found in around)
        yield head + one + tail
        first = last


def _last_words(data: bytes) -> Iterator[Span]:
    """Yields the long last words of lines that begin with others."""
    for found in _LOGGED.finditer(data):
        start = found.start(1)
        if data[data.rfind(b"\n", 0, start) + 1 : start].strip():
            yield found.span(1)


def logged(data: bytes) -> Iterator[View]:
    """Reads lines that are the last words of the lines of a log, as one text."""
    for spans in _chains(data, _last_words(data)):
        for one in _wrapped(data, spans):
            yield from (view(data, part) for part in parted(data, one) if len(part) > 1)
