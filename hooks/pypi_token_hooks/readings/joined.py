"""The reading that joins what is split: concatenated strings and wrapped lines."""
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

MIN_JOINED = 80  # bytes: a shorter whole is no token
MAX_JOINTS = 4096  # in one view: the matcher keeps all of them in memory
MAX_BETWEEN = 32  # joints between two runs: signs of comments are runs as well, and the matcher would start again at each

_RUN, _OTHER = rb"[A-Za-z0-9+/_=%&#;\\-]", rb"[^A-Za-z0-9+/_=%&#;\\-]"
# the beginning of a line of comment, in any language
COMMENT = rb"(?:[#*;|%!:'\"]{1,3}|//[/!]?|--+|\.\.|[Rr][Ee][Mm]|dnl)[ \t]"
# the end of a line, possibly with a sign that continues it, and the beginning of a quoted line of a mail or of a comment
_WRAP = rb"[\\^`]?[ \t]{0,8}\r?\n[ \t]*(?:(?:>|" + COMMENT + rb")[ \t]*){0,4}"
# the end of a string, operators, the beginning of another; an escaped newline may end the first
_QUOTE = rb"\\?[\"'`]"
_STRINGS = rb"(?:\\[nr]){0,2}" + _QUOTE + rb"[\s\\+.&|,()<>~#$%_]{0,200}[bBrRfFuU]{0,2}" + _QUOTE
# A chain: runs with joints between them. Look-ahead groups that are then matched again (`(?=(...))\1`) make runs and joints atomic,
# so that the matcher never tries shorter ones: blanks, quotes and backslashes could be divided into joints in far too many ways.
# The look-ahead behind the first run rejects most runs early, since nothing that begins a joint follows them.
_JOINED = (
    rb"(?=(" + _RUN + rb"+))\1(?=[\"'`^\r\n]|[ \t]{1,8}\r?\n)"
    rb"(?:(?=((?:" + _STRINGS + rb"|" + _WRAP + rb"){1,%d}))\2(?=(" % MAX_BETWEEN + _RUN + rb"+))\3){1,%d}" % MAX_JOINTS
)
_FIRST_CHAIN, _CHAIN = late.compiled(_JOINED), late.compiled(_OTHER + _JOINED)
JOINT = _STRINGS + rb"|" + _WRAP  # what stands between two strings or lines of one text
_joint = late.compiled(JOINT)


def parted(data: bytes, spans: list[Span]) -> Iterator[list[Span]]:
    """Yields the spans of a chain, split before a piece in which a token would end that does not belong to it."""
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
    """Returns the spans of the runs of the chain between two offsets."""
    spans, position = [], start
    for joint in _joint.finditer(data, start, end):
        if joint.start() > position:
            spans.append((position, joint.start()))
        position = joint.end()
    spans.append((position, end))
    return spans


def joined(data: bytes) -> Iterator[View]:
    """Reads concatenated strings and wrapped lines as one text.

    Yields each chain of runs without its joints; a very long chain in views that overlap by a quarter.
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
