"""The reading of lines without what stands before each of them: the sign of a comment, the time of a log, the number of a line."""
from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from collections.abc import Sequence
from typing import NamedTuple

from pypi_token_hooks import late
from pypi_token_hooks.model import View
from pypi_token_hooks.readings.spans import Span
from pypi_token_hooks.readings.spans import view

NAME = "margin"
# signs of comments, of quotes, and of what pytest prints of an error
_SIGN = rb"(?:#{1,3}|>|//[/!]?|--(?![\w-])|[*;|%!]{1,2}(?=[ \t\r\n])|[Rr][Ee][Mm](?=[ \t])|dnl(?=[ \t])|E(?=[ \t]{3}))"
_BAR = rb"(?:\||\xe2\x94\x82)"
_NUMBER = rb"(?:\d{1,6}(?:[ \t]{0,2}(?:" + _BAR + rb"|:)|(?=[ \t]{2}|\t))|(?<=[ \t])\d{1,6}(?=[ \t]))"  # of the line
_INDENTED = rb"[ \t]{0,80}(?=[#>;*|%!/RrdE0-9-])(?:" + _NUMBER + rb"[ \t]?|(?:" + _SIGN + rb"[ \t]?){1,4})"
# the service or step that prints the line, or the file that has it
_SOURCE = rb"(?:[\w.-]{1,60}[ \t]{1,20}" + _BAR + rb"|#\d{1,4} \d{1,5}\.\d{1,3}|[^\s:]{1,200}:\d{1,6}[:-])[ \t]?"
# The time, with whatever is before it, and the number of the line (of `git blame`) or the level behind it. A hyphen between time and
# text belongs to it only before a level: it may begin the item of a list, or an option. `_SAME` takes those that all lines have.
_CLOCK = rb":[0-5]\d:[0-5]\d"
_LOGGED = (
    rb"[^\r\n]{0,99}?" + _CLOCK + rb"(?:[.,]\d{1,9})?(?:Z| ?[+-]\d\d:?\d\d)?(?: {1,6}\d{1,6}\)|\])?(?:[ \t]*[|:])?[ \t]?"
    rb"(?:(?:-[ \t])?\[?(?:TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR)\]?(?:[ \t]*[|:-])?[ \t])?"
)
_find_clock = late.compiled(_CLOCK)
_SAME = late.compiled(rb".*(?:[:|\]>]|(?<![^ \t])-)[ \t]")


class _Margin(NamedTuple):
    """The expressions for a margin; for lines at the beginning that have it and follow each other; and for such lines elsewhere."""

    sign: re.Pattern[bytes]
    first: re.Pattern[bytes]
    others: re.Pattern[bytes]  # the end of the line before comes first, which is found fastest


def _margin(sign: bytes) -> _Margin:
    lines = rb"(" + sign + rb"[^\n]*(?:\n" + sign + rb"[^\n]*)+)"
    return _Margin(late.compiled(rb"(?m)^" + sign + rb"([^\n]*\n?)"), late.compiled(lines), late.compiled(rb"\n" + lines))


_BESIDE, _BEHIND_TIME = _margin(rb"(?:" + _SOURCE + rb"|" + _INDENTED + rb")"), _margin(_LOGGED)


def _same(texts: Sequence[bytes]) -> list[int]:
    """Returns how many bytes all of the texts begin with, up to a sign behind which something else may begin.

    If that is a hyphen, it may also be that of a list, so that the bytes before it are returned as well.
    """
    first, last = min(texts), max(texts)
    size = next((at for at, (one, other) in enumerate(zip(first, last, strict=False)) if one != other), len(first))
    found = _SAME.match(first, 0, size)
    if not found:
        return [0]
    return [found.end(), found.end() - 2] if found[0][-2:-1] == b"-" else [found.end()]


def _texts(data: bytes, lines: Iterator[re.Match[bytes]]) -> Iterator[list[Span]]:
    """Yields the texts of the lines without what else all of them begin with, such as the name of a logger; in one way or two."""
    spans = [line.span(1) for line in lines]
    texts = [text for start, end in spans if (text := data[start:end]).strip()]
    for same in _same(texts) if len(texts) > 1 else [0]:
        yield [(start + same if data[start:end].strip() else start, end) for start, end in spans]


def margins(data: bytes) -> Iterator[View]:
    """Reads the lines of a comment, a quote, a log or a listing without what stands before each of them."""
    for margin in (_BESIDE, _BEHIND_TIME) if _find_clock.search(data) else (_BESIDE,):
        first = margin.first.match(data)
        for found in itertools.chain((first,) if first else (), margin.others.finditer(data, first.end() if first else 0)):
            lines = margin.sign.finditer(data, *found.span(1))
            for texts in _texts(data, lines):
                yield view(data, texts)._replace(readings=(NAME,))
