"""Big things in windows: chunks of bytes in, blobs that overlap out; and random access to a big file."""
from __future__ import annotations

import os
from collections.abc import Iterable
from collections.abc import Iterator
from typing import BinaryIO
from typing import NamedTuple

from pypi_token_hooks.model import Blob
from pypi_token_hooks.model import Place

MAX_WHOLE = 16 << 20  # bytes that make one blob; more is cut into windows of this size
OVERLAP = 256 << 10  # a token, three readings deep and wrapped, takes up 40 KiB; half of it on either side
_CHUNK = 1 << 20


class FileBytes:
    """A file as something to slice and to search, of which no more than a chunk is ever in memory."""

    def __init__(self, stream: BinaryIO) -> None:
        self._descriptor = stream.fileno()
        self._stream = stream  # keeps the descriptor open
        self._size = os.fstat(self._descriptor).st_size

    def __len__(self) -> int:
        return self._size

    def __getitem__(self, part: slice) -> bytes:
        start, stop, _ = part.indices(self._size)
        pieces = []
        os.lseek(self._descriptor, start, os.SEEK_SET)
        while start < stop and (piece := os.read(self._descriptor, stop - start)):
            pieces.append(piece)
            start += len(piece)
        return b"".join(pieces)

    def find(self, sub: bytes, start: int = 0, stop: int | None = None) -> int:
        end = self._size if stop is None else min(stop, self._size)
        while start < end:
            chunk = self[start : min(end, start + _CHUNK + len(sub) - 1)]
            found = chunk.find(sub)
            if found >= 0:
                return start + found
            start += _CHUNK
        return -1


class Big(NamedTuple):
    """A file too big for one blob, to be opened where it is an archive. Its windows are blobs of their own."""

    data: FileBytes
    place: Place


def _after(window: bytes, line: int, column: int) -> tuple[int, int]:
    """Returns line and column at the end of the window that begins at the given ones."""
    last = window.rfind(b"\n")
    if last < 0:
        return line, column + len(window.decode("utf-8", "replace"))
    return line + window.count(b"\n"), 1 + len(window[last + 1 :].decode("utf-8", "replace"))


def cut(chunks: Iterable[bytes], place: Place, readings: tuple[str, ...] = ()) -> Iterator[Blob]:
    """Yields the chunks as one blob, or where they are more than MAX_WHOLE bytes as windows that overlap."""
    held, base, line, column = bytearray(), 0, 1, 1
    first = 0
    for chunk in chunks:
        held += chunk
        while len(held) > MAX_WHOLE:
            window = bytes(held[:MAX_WHOLE])
            yield Blob(window, place, readings, base, line, column, (first, MAX_WHOLE - OVERLAP // 2))
            step = MAX_WHOLE - OVERLAP
            line, column = _after(window[:step], line, column)
            del held[:step]
            base, first = base + step, OVERLAP // 2
    own = (first, len(held) + 1) if base else None
    yield Blob(bytes(held), place, readings, base, line, column, own)


def _chunks(stream: BinaryIO) -> Iterator[bytes]:
    while chunk := stream.read(_CHUNK):
        yield chunk


def blobs(stream: BinaryIO, place: Place) -> Iterator[Blob | Big]:
    """Yields what an open file holds, and where that is big and can be searched the file itself."""
    big = False
    for blob in cut(_chunks(stream), place):
        big = big or blob.base > 0
        yield blob
    if big and stream.seekable():
        yield Big(FileBytes(stream), place)
