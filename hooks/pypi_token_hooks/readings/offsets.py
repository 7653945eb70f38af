"""Maps from the offsets of a decoded view back to those of the bytes it was read from."""
from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Callable

Map = Callable[[int], int]


def shifted(start: int) -> Map:
    """Returns the map of a view that is a slice."""
    return lambda offset: start + offset


def composed(inner: Map, outer: Map) -> Map:
    """Returns the map through two readings."""
    return lambda offset: outer(inner(offset))


def kept(region: bytes, dropped: bytes, start: int) -> Map:
    """Returns the map of `region` without the bytes in `dropped`; `start` is where the region begins."""

    def original(offset: int) -> int:
        low, high = offset, len(region) - 1  # the kept byte stands no earlier than its offset
        while low < high:
            middle = (low + high) // 2
            if len(region[: middle + 1].translate(None, dropped)) > offset:
                high = middle
            else:
                low = middle + 1
        return start + low

    return original


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
