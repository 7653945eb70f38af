"""Bytes that are read forward, once: chunks in; bytes to peek at, take and search out, with a way back to a mark."""
from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from pypi_token_hooks import literals
from pypi_token_hooks.pieces import CHUNK

LOOKBACK = 512  # bytes before the position that are kept: the magic of a tar is not at the beginning of its header
_AT_ONCE = 1 << 13  # bytes searched for magics at a time: hostile bytes have so many that the results of more would fragment memory
_finder = cache(literals.finder)


class Reader:
    """Chunks as one run of bytes, of which only what is being looked at is kept."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self.position = 0
        self.floor = 0  # everything before this offset was read as a part of something
        self._chunks = chunks
        self._buffer, self._start = b"", 0
        self._is_text = True
        self._mark: int | None = None
        self._ended = False
        # by the magics: the offset up to which they were searched for, and those found and not yet passed, in descending order
        self._known: dict[tuple[bytes, ...], tuple[int, list[tuple[int, bytes]]]] = {}

    def _fill(self, until: int) -> None:
        while self._start + len(self._buffer) < until and not self._ended:
            chunk = next(self._chunks, None)
            if chunk is None:
                self._ended = True
                return
            wanted = self.position if self._mark is None else min(self._mark, self.position)
            drop = max(0, wanted - LOOKBACK - self._start)
            self._buffer = self._buffer[drop:] + chunk
            self._start += drop
            self._is_text = self._buffer.isascii() and b"\0" not in self._buffer

    def mark(self) -> None:
        """Keeps everything from this position on, until `back` or `release`."""
        self._mark = self.position

    def release(self) -> None:
        self._mark = None

    def back(self, position: int) -> None:
        """Goes back to a position that is not before the mark."""
        self.position, self._mark = position, None

    def peek(self, size: int) -> bytes:
        """Returns the next bytes without moving on; fewer at the end."""
        self._fill(self.position + size)
        at = self.position - self._start
        return self._buffer[at : at + size]

    def behind(self, start: int, end: int) -> bytes:
        """Returns bytes between two offsets near the position; none if they are no longer kept."""
        self._fill(end)
        return self._buffer[start - self._start : end - self._start] if start >= self._start else b""

    def take(self, size: int) -> Iterator[bytes]:
        """Yields the next bytes in chunks and moves on; fewer at the end."""
        while size > 0 and (chunk := self.peek(min(size, CHUNK))):
            self.position += len(chunk)
            size -= len(chunk)
            yield chunk

    def look(self, magics: tuple[bytes, ...]) -> tuple[int, bytes] | None:
        """Returns the first of the magics, with its offset, in what is held from the position on. No magic is text."""
        if self._is_text:
            return None  # one that begins at its end is found once more bytes are held
        end, rest = self._start + len(self._buffer), max(map(len, magics)) - 1
        begin, known = self._known.get(magics, (0, []))
        while known and known[-1][0] < self.position:
            known.pop()
        begin = max(self.position, begin)
        while not known and begin < end:
            stop = min(end, begin + _AT_ONCE + rest)
            found = _finder(*magics)(self._buffer[begin - self._start : stop - self._start])
            known = sorted(((begin + at, magic) for magic, places in found.items() for at in places), reverse=True)
            begin = max(begin, stop - rest)  # a magic that begins there may end beyond what was searched
            if stop == end:
                break
        self._known[magics] = begin, known
        return known[-1] if known else None

    def more(self) -> bool:
        """Moves to the end of what is held and reads on; tells whether there was more."""
        end = self._start + len(self._buffer)
        self.position = max(self.position, end - LOOKBACK // 2)
        self._fill(end + 1)
        return self._start + len(self._buffer) > end
