"""Readings that put text together again: split strings, wrapped lines."""
from __future__ import annotations

import itertools
from bisect import bisect_right
from collections.abc import Iterator

from pypi_token_hooks import late
from pypi_token_hooks.credentials import macaroon
from pypi_token_hooks.model import View
from pypi_token_hooks.readings.spans import BEGINNING
from pypi_token_hooks.readings.spans import Span
from pypi_token_hooks.readings.spans import cut
from pypi_token_hooks.readings.spans import is_sound
from pypi_token_hooks.readings.spans import view

MIN_JOINED = 80  # bytes of the whole: shorter ones are no token
MAX_JOINTS = 4096  # in one view: the matcher holds all of them in memory
MAX_BETWEEN = 32  # joints between two runs: signs of comments are runs too, so that many more would be read again from each

_RUN, _OTHER = rb"[A-Za-z0-9+/_=%&#;\\-]", rb"[^A-Za-z0-9+/_=%&#;\\-]"
# what begins a line of a comment, in any language
COMMENT = rb"(?:[#*;|%!:'\"]{1,3}|//[/!]?|--+|\.\.|[Rr][Ee][Mm]|dnl)[ \t]"
# the end of a line, perhaps with a sign that it goes on, and what begins a line of a mail or a comment
_WRAP = rb"[\\^`]?[ \t]{0,8}\r?\n[ \t]*(?:(?:>|" + COMMENT + rb")[ \t]*){0,4}"
# a string ends, signs that join, another string begins; an escaped newline may end the first
_QUOTE = rb"\\?[\"'`]"
_STRINGS = rb"(?:\\[nr]){0,2}" + _QUOTE + rb"[\s\\+.&|,()<>~#$%_]{0,200}[bBrRfFuU]{0,2}" + _QUOTE
# No run is given back in parts: what a run holds too, a joint may be without. Nor is what stands between two runs: blanks, quotes
# and backslashes can be parted into joints in more ways than can be tried. A chain begins with a whole run, and most runs end in
# what begins no joint.
_JOINED = (
    rb"(?=(" + _RUN + rb"+))\1(?=[\"'`^\r\n]|[ \t]{1,8}\r?\n)"
    rb"(?:(?=((?:" + _STRINGS + rb"|" + _WRAP + rb"){1,%d}))\2(?=(" % MAX_BETWEEN + _RUN + rb"+))\3){1,%d}" % MAX_JOINTS
)
_FIRST_CHAIN, _CHAIN = late.compiled(_JOINED), late.compiled(_OTHER + _JOINED)
JOINT = _STRINGS + rb"|" + _WRAP  # what is between two strings or lines that are one text
_joint = late.compiled(JOINT)


def parted(data: bytes, spans: list[Span]) -> Iterator[list[Span]]:
    """Yields the spans of a chain, apart where a token would end in what does not belong to it."""
    text = b"".join(data[start:end] for start, end in spans)
    ends = list(itertools.accumulate(end - start for start, end in spans))
    runs, first, position = macaroon.Runs(text), 0, 0
    while found := BEGINNING.search(text, position):
        position = found.end()
        try:
            length = runs.decode(found.start()).length
        except (macaroon.EndsEarly, macaroon.NotAMacaroon):
            continue
        begun = bisect_right(ends, found.start())
        start = spans[begun][1] - (ends[begun] - found.start())
        used = cut(itertools.chain([(start, spans[begun][1])], itertools.islice(spans, begun + 1, None)), length)
        position = found.start() + length
        if len(used) > 1 and not is_sound(data, used):
            last = begun + len(used) - 1
            yield spans[first:last]
            first, position = last, ends[last - 1]
    yield spans[first:]


def _spans(data: bytes, start: int, end: int) -> list[Span]:
    """Returns the chain between the offsets without its joints."""
    spans, position = [], start
    for joint in _joint.finditer(data, start, end):
        if joint.start() > position:
            spans.append((position, joint.start()))
        position = joint.end()
    spans.append((position, end))
    return spans


def joined(data: bytes) -> Iterator[View]:
    """Reads strings that are concatenated and lines that are wrapped as the one text they stand for.

    Yields each chain of runs without its joints; a very long one in views that overlap by a quarter.
    """
    found = _FIRST_CHAIN.match(data) or _CHAIN.search(data)
    while found:
        start, end = found.start(1), found.end()
        following = end
        if end - start >= MIN_JOINED:
            spans = _spans(data, start, end)
            for part in parted(data, spans):
                yield view(data, part)
            if len(spans) > MAX_JOINTS:
                following -= (end - start) // 4
        found = _CHAIN.search(data, following - 1)
