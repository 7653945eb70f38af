"""Big things in pieces: chunks of bytes in, windows that overlap out, each a blob of its own."""
from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Iterator

from pypi_token_hooks.model import Blob
from pypi_token_hooks.model import Place

MAX_WHOLE = 16 << 20  # bytes that make one blob; more is read by window
WINDOW = 8 << 20  # bytes of a window
OVERLAP = 256 << 10  # a token, three readings deep and wrapped, takes up 40 KiB; half of it is on either side
CHUNK = 1 << 20  # bytes read at a time
# bytes that begin no character: the second and later ones of UTF-8, and the zeros of wide text
_INNER = bytes((0, *range(0x80, 0xC0)))


def _characters(data: bytes) -> int:
    """Returns how many characters the text has; adds up, wherever it is cut."""
    return len(data.translate(None, _INNER))


class Cover:
    """The stretches of something, in order, that are given out a second time: as what a member holds."""

    def __init__(self) -> None:
        self.stretches: list[tuple[int, int]] = []

    def add(self, start: int, end: int) -> None:
        if start >= end:
            return
        if self.stretches and self.stretches[-1][0] <= start <= self.stretches[-1][1]:
            start, end = self.stretches[-1][0], max(end, self.stretches.pop()[1])
        self.stretches.append((start, end))

    def within(self, start: int, end: int) -> tuple[tuple[int, int], ...]:
        """Returns the stretches between two offsets, counted from the first; forgets what lies before it."""
        self.stretches = [(a, b) for a, b in self.stretches if b > start]
        return tuple((max(a, start) - start, min(b, end) - start) for a, b in self.stretches if a < end)


class Cutter:
    """Cuts what flows through it into windows. Each reports what begins in its own middle."""

    def __init__(self, place: Place, readings: tuple[str, ...] = ()) -> None:
        self.place, self.readings = place, readings
        self.cover = Cover()
        self._held = bytearray()
        self._base, self._first = 0, 0
        self._line, self._column = 1, 1

    def through(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """Yields the chunks as they are."""
        for chunk in chunks:
            self._held += chunk
            yield chunk

    def _window(self, size: int, last: bool) -> Blob:
        data = bytes(memoryview(self._held)[:size])
        own = (self._first, size + 1 if last else size - OVERLAP // 2)
        covered = self.cover.within(self._base, self._base + size)
        return Blob(data, self.place, self.readings, self._base, self._line, self._column, own, covered)

    def _advance(self, data: bytes) -> None:
        step = WINDOW - OVERLAP
        newline = data.rfind(b"\n", 0, step)
        if newline < 0:
            self._column += _characters(data[:step])
        else:
            self._line += data.count(b"\n", 0, step)
            self._column = 1 + _characters(data[newline + 1 : step])
        del self._held[:step]
        self._base, self._first = self._base + step, OVERLAP // 2

    def ready(self, until: int) -> Iterator[Blob]:
        """Yields the windows that are full and end before the offset: up to there the cover is known."""
        while len(self._held) > WINDOW and self._base + WINDOW <= until:
            window = self._window(WINDOW, last=False)
            self._advance(window.data)
            yield window

    def rest(self) -> Iterator[Blob]:
        """Yields the windows that are left, once everything has flowed through."""
        yield from self.ready(self._base + len(self._held))
        yield self._window(len(self._held), last=True)
