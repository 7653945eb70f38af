"""Maps from the offsets of a decoded view back to those of the bytes it was read from."""
from __future__ import annotations

import itertools
import re
from array import array
from bisect import bisect_right
from collections.abc import Callable

BLOCK = 1 << 12  # bytes that are counted anew for each question
_INNER = bytes(range(0x80, 0xC0))  # the second and later bytes of a character in UTF-8

Map = Callable[[int], int]


def _inner(text: bytes) -> int:
    return len(text) - len(text.translate(None, _INNER))


def shifted(start: int) -> Map:
    """Returns the map of a view that is a slice."""
    return lambda offset: start + offset


def composed(inner: Map, outer: Map) -> Map:
    """Returns the map through two readings."""
    return lambda offset: outer(inner(offset))


class Pieces:
    """A view put together from pieces: some stand in the original as they are, some were decoded."""

    def __init__(self) -> None:
        self._view, self._original = array("Q"), array("Q")
        self._sizes = array("Q")  # how many bytes of the piece stand as they are; 0 for a decoded one

    def add(self, view: int, original: int, size: int) -> None:
        """Notes that the piece at offset `view` comes from `original`."""
        self._view.append(view)
        self._original.append(original)
        self._sizes.append(size)

    def __call__(self, offset: int) -> int:
        piece = bisect_right(self._view, offset) - 1
        inside = offset - self._view[piece]
        size = self._sizes[piece]
        return self._original[piece] + (min(inside, size - 1) if size else 0)


class Without:
    """The map of `region` without what the pattern finds in it; `start` is where the region begins.

    Most views are never asked where something is: what it takes to answer is made when the first question comes.
    """

    def __init__(self, region: bytes, left_out: re.Pattern[bytes], start: int) -> None:
        self._region, self._left_out, self._start = region, left_out, start
        self._pieces: Pieces | None = None

    def _made(self) -> Pieces:
        pieces, size, position = Pieces(), 0, 0
        ends = ((found.start(), found.end()) for found in self._left_out.finditer(self._region))
        for end, following in itertools.chain(ends, [(len(self._region), 0)]):
            if end > position:
                pieces.add(size, self._start + position, end - position)
                size += end - position
            position = following
        return pieces

    def __call__(self, offset: int) -> int:
        if self._pieces is None:
            self._pieces = self._made()
        return self._pieces(offset)


class Wide:
    """The map of text in `width` bytes a character, `decoded` as UTF-8; `start` is where it begins."""

    def __init__(self, decoded: bytes, start: int, width: int) -> None:
        self._decoded, self._start, self._width = decoded, start, width
        self._inner = array("Q")  # how many bytes begin no character, up to each block

    def __call__(self, offset: int) -> int:
        if not self._inner:
            blocks = (self._decoded[at : at + BLOCK] for at in range(0, len(self._decoded), BLOCK))
            self._inner.extend(itertools.accumulate((_inner(block) for block in blocks), initial=0))
        block = offset // BLOCK
        inner = self._inner[block] + _inner(self._decoded[block * BLOCK : offset + 1])
        return self._start + self._width * (offset - inner)
