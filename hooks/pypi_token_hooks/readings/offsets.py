"""Maps from offsets in a view to offsets in the bytes that it was read from."""
from __future__ import annotations

import itertools
import re
from array import array
from bisect import bisect_right
from collections.abc import Callable
from collections.abc import Sequence

from pypi_token_hooks.pieces import INNER

BLOCK = 1 << 12  # bytes: counts are kept for whole blocks, and taken anew within one

Map = Callable[[int], int]
Decode = Callable[[re.Match[bytes]], bytes]
Places = Callable[[re.Match[bytes]], Sequence[int]]


def _inner(text: bytes) -> int:
    return len(text) - len(text.translate(None, INNER))


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


def nothing(_: re.Match[bytes]) -> bytes:
    """Decodes a match that is left out."""
    return b""


class Replaced:
    """The map of a view that is `text` with the matches of a pattern decoded; `start` is the offset of the text.

    `places` returns where in the text each byte comes from that a match is decoded to; without it all come from where it begins. The
    map is computed at the first question, since most views are never asked for an offset.
    """

    def __init__(
        self, text: bytes, start: int, pattern: re.Pattern[bytes], decode: Decode = nothing, places: Places | None = None
    ) -> None:
        self._text, self._start, self._pattern, self._decode, self._places = text, start, pattern, decode, places
        self._pieces: Pieces | None = None

    def _made(self) -> Pieces:
        pieces, size, position = Pieces(), 0, 0
        for found in self._pattern.finditer(self._text):
            (start, end), by = found.span(), self._decode(found)
            if start > position:
                pieces.add(size, self._start + position, start - position)
                size += start - position
            if by:  # most of what is left out is the sign of a line, of which there are many
                places = self._places(found) if self._places else (start,)
                for at, place in enumerate(places[: len(by)]):
                    pieces.add(size + at, self._start + place, 0)
                size += len(by)
            position = end
        if position < len(self._text):
            pieces.add(size, self._start + position, len(self._text) - position)
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
