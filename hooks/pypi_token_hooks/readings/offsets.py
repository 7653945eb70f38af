"""Maps from offsets in a view to offsets in the bytes that it was read from."""
from __future__ import annotations

import itertools
import re
from array import array
from bisect import bisect_right
from collections.abc import Callable

BLOCK = 1 << 12  # bytes: counts are kept for whole blocks, and taken anew within one
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
    """The map of a view that is composed of pieces: some are the original bytes, some were decoded."""

    def __init__(self) -> None:
        self._view, self._original = array("Q"), array("Q")
        self._sizes = array("Q")  # bytes of a piece of the original; 0 for a decoded piece

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
    """The map of a view that is `region` without the matches of a pattern; `start` is the offset of the region.

    It is computed at the first question, since most views are never asked for an offset.
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
    """The map of text with `width` bytes a character, of which `decoded` is the UTF-8; `start` is the offset of the text."""

    def __init__(self, decoded: bytes, start: int, width: int) -> None:
        self._decoded, self._start, self._width = decoded, start, width
        self._inner = array("Q")  # for each block, how many bytes before it begin no character

    def __call__(self, offset: int) -> int:
        if not self._inner:
            blocks = (self._decoded[at : at + BLOCK] for at in range(0, len(self._decoded), BLOCK))
            self._inner.extend(itertools.accumulate((_inner(block) for block in blocks), initial=0))
        block = offset // BLOCK
        inner = self._inner[block] + _inner(self._decoded[block * BLOCK : offset + 1])
        return self._start + self._width * (offset - inner)
