"""Big data in pieces: chunks of bytes in, overlapping windows out, each a blob."""
from __future__ import annotations

import codecs
from collections.abc import Iterable
from collections.abc import Iterator

from pypi_token_hooks import late
from pypi_token_hooks.model import Blob
from pypi_token_hooks.model import Place

MAX_WHOLE = 16 << 20  # bytes: from this size on, data is read in windows
WINDOW = 8 << 20  # bytes of a window
OVERLAP = 256 << 10  # bytes that a window shares with the next: a token, wrapped and encoded three times, takes 40 KiB
CHUNK = 1 << 20  # bytes read at a time
INNER = bytes(range(0x80, 0xC0))  # bytes at which no character of UTF-8 begins
_WIDE = late.compiled(rb"\0{0,3}(?:[^\0]\0{1,3}){3,}")  # each character has one or three zeros
_NO_TEXT = late.compiled(r"[\x00-\x08\x0e-\x1f]")
_ENCODINGS = ("utf-32-le", "utf-32-be", "utf-16-le", "utf-16-be")
_LETTERS = bytes(1) + b"a" * 255
_ROWS = (b"a\0" * 3, b"a\0\0\0" * 3)  # one of which all wide text has; to look for them takes a tenth of the time


def narrow(data: bytes) -> bytes:
    """Returns the data without the zeros of wide text in it. Others are characters, which stand between the variables of a process."""
    image = data.translate(_LETTERS) if b"\0" in data else b""
    return _WIDE.sub(lambda found: found[0].replace(b"\0", b""), data) if any(row in image for row in _ROWS) else data


def is_text(data: bytes, encoding: str) -> bool:
    """Tells whether the data is text in the encoding. It may end within a character."""
    try:
        return not _NO_TEXT.search(codecs.getincrementaldecoder(encoding)().decode(data))
    except UnicodeDecodeError:
        return False


def _marked(data: bytes) -> str:
    """Returns the encoding of wide text that begins with a byte-order mark; "" for any other data."""
    encoding = next((one for one in _ENCODINGS if data.startswith("\ufeff".encode(one))), "")
    return encoding if encoding and is_text(data, encoding) else ""


def _characters(data: bytes) -> int:
    """Returns the number of characters; wherever a text is cut, the numbers of its parts add up, but for a piece of wide text."""
    return len(narrow(data).translate(None, INNER))


class Cover:
    """The stretches of data, in order, that are given out a second time, as the content of a member."""

    def __init__(self) -> None:
        self.stretches: list[tuple[int, int]] = []

    def add(self, start: int, end: int) -> None:
        if start >= end:
            return
        if self.stretches and self.stretches[-1][0] <= start <= self.stretches[-1][1]:
            start, end = self.stretches[-1][0], max(end, self.stretches.pop()[1])
        self.stretches.append((start, end))

    def within(self, start: int, end: int) -> tuple[tuple[int, int], ...]:
        """Returns the stretches between two offsets, relative to the first, and forgets what lies before that."""
        self.stretches = [(a, b) for a, b in self.stretches if b > start]
        return tuple((max(a, start) - start, min(b, end) - start) for a, b in self.stretches if a < end)


class Cutter:
    """Cuts the chunks that pass through it into overlapping windows.

    A window reports what begins between the middles of its two overlaps: so everything is reported once, with context on both
    sides.
    """

    def __init__(self, place: Place, readings: tuple[str, ...] = ()) -> None:
        self.place, self.readings = place, readings
        self.cover = Cover()
        self._held = bytearray()
        self._base, self._first = 0, 0
        self._line, self._column = 1, 1
        self._encoding = ""  # that of wide text, which only the first window tells

    def through(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """Yields the chunks unchanged, and keeps a copy for the windows."""
        for chunk in chunks:
            self._held += chunk
            yield chunk

    def _window(self, size: int, last: bool) -> Blob:
        data = bytes(memoryview(self._held)[:size])
        own = (self._first, size + 1 if last else size - OVERLAP // 2)
        covered = self.cover.within(self._base, self._base + size)
        if not self._base:
            self._encoding = _marked(data)
        return Blob(data, self.place, self.readings, self._base, self._line, self._column, own, covered, self._encoding)

    def _advance(self, data: bytes) -> None:
        step = WINDOW - OVERLAP
        if self._encoding:  # a byte that is a newline elsewhere is a part of letters here
            text = data[:step].decode(self._encoding, "replace")
            lines, size = text.count("\n"), len(text.rpartition("\n")[2].removeprefix("\ufeff"))
        else:
            lines = data.count(b"\n", 0, step)
            size = _characters(data[data.rfind(b"\n", 0, step) + 1 : step].removeprefix(codecs.BOM_UTF8))
        self._line, self._column = self._line + lines, size + (1 if lines else self._column)
        del self._held[:step]
        self._base, self._first = self._base + step, OVERLAP // 2

    def ready(self, until: int) -> Iterator[Blob]:
        """Yields the full windows that end before the offset up to which the cover is known."""
        while len(self._held) > WINDOW and self._base + WINDOW <= until:
            window = self._window(WINDOW, last=False)
            self._advance(window.data)
            yield window

    def rest(self) -> Iterator[Blob]:
        """Yields the remaining windows, after the last chunk."""
        yield from self.ready(self._base + len(self._held))
        yield self._window(len(self._held), last=True)
