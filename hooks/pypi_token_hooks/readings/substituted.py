"""Readings that replace or leave out single escapes: percent, backslash, HTML, quoted-printable, invisible."""
from __future__ import annotations

import html
import re
from collections.abc import Callable
from collections.abc import Iterator

from pypi_token_hooks.model import View
from pypi_token_hooks.readings.offsets import Pieces

AROUND = 1024  # bytes before the first and after the last escape of a view; twice that apart, they part

_PERCENT = re.compile(rb"%([0-9A-Fa-f]{2})")
_BACKSLASH = re.compile(
    rb"\\(?:u+([0-9A-Fa-f]{4})|[ux]\{([0-9A-Fa-f]{1,6})\}|U([0-9A-Fa-f]{8})|x([0-9A-Fa-f]{2})|([0-3][0-7]{2})|([\"'/\\nrt_-]))"
)
_REFERENCE = re.compile(rb"&(?:#[0-9]{1,9};?|#[xX][0-9A-Fa-f]{1,9};?|[A-Za-z][A-Za-z0-9]{1,31};)")
# a line is joined to the next only where it is long: `--password=` and base64 end in the sign too
_QUOTED = re.compile(rb"=(?:([0-9A-Fa-f]{2})|(?<=[^\r\n]{38}=)[ \t]{0,8}\r?\n(?:>[ \t]?){0,8})")
# zero-width spaces and joiners, direction marks, byte-order marks, soft hyphens, fillers: what takes no room. One at a
# time: a pattern that repeats is tried at every byte
_INVISIBLE = re.compile(
    rb"\xe2\x80[\x8b-\x8f\xa8-\xae]|\xe2\x81[\xa0-\xaf]|\xef\xbb\xbf|\xc2\xad|\xcd\x8f|\xd8\x9c|\xe1\xa0[\x8b-\x8f]"
    rb"|\xe1\x85[\x9f\xa0]|\xe3\x85\xa4|\xef\xbe\xa0|\xef\xb8[\x80-\x8f]|\xf3\xa0[\x80\x81\x84-\x87][\x80-\xbf]"
)
INVISIBLE = (b"\xe2\x80", b"\xe2\x81", b"\xef\xbb\xbf", b"\xc2\xad", b"\xcd\x8f", b"\xd8\x9c", b"\xe1\xa0", b"\xe1\x85",
             b"\xe3\x85\xa4", b"\xef\xbe\xa0", b"\xef\xb8", b"\xf3\xa0")  # fmt: skip
_PATCHED = re.compile(rb"(?<=\n)[+ -]")  # the sign with which a line of a patch begins
_SIMPLE = {b"n": b"\n", b"r": b"\r", b"t": b"\t"}


def _character(code: int) -> bytes:
    return chr(code).encode("utf-8", "surrogatepass") if code < 0x110000 else b"?"


def _percent(found: re.Match[bytes]) -> bytes:
    return bytes((int(found[1], 16),))


def _backslash(found: re.Match[bytes]) -> bytes:
    if found[6]:
        return _SIMPLE.get(found[6], found[6])
    if found[4] or found[5]:  # a byte, as in Python's `b"..."`
        return bytes((int(found[4], 16) if found[4] else int(found[5], 8),))
    return _character(int(found[1] or found[2] or found[3], 16))


def _reference(found: re.Match[bytes]) -> bytes:
    return html.unescape(found[0].decode("ascii")).encode("utf-8", "replace")


def _quoted(found: re.Match[bytes]) -> bytes:
    return bytes((int(found[1], 16),)) if found[1] else b""


class _Stretch:
    """A view in the making: a stretch of `data` in which escapes are replaced one after the other."""

    def __init__(self, data: bytes, start: int) -> None:
        self._data, self.position, self._size = data, start, 0
        self._pieces, self._parts = Pieces(), list[bytes]()

    def _plain(self, stop: int) -> None:
        if stop > self.position:
            self._pieces.add(self._size, self.position, stop - self.position)
            self._parts.append(self._data[self.position : stop])
            self._size += stop - self.position

    def replace(self, start: int, end: int, by: bytes) -> None:
        self._plain(start)
        if by:
            self._pieces.add(self._size, start, 0)
            self._parts.append(by)
            self._size += len(by)
        self.position = end

    def view(self, name: str) -> View:
        self._plain(min(len(self._data), self.position + AROUND))
        return View(b"".join(self._parts), (name,), self._pieces)


def _replaced(
    data: bytes, name: str, pattern: re.Pattern[bytes], decode: Callable[[re.Match[bytes]], bytes]
) -> Iterator[View]:
    """Yields each stretch of `data` that holds escapes, with each replaced by what it stands for."""
    stretch = None
    for found in pattern.finditer(data):
        if stretch is not None and found.start() > stretch.position + 2 * AROUND:
            yield stretch.view(name)
            stretch = None
        if stretch is None:
            stretch = _Stretch(data, max(0, found.start() - AROUND))
        stretch.replace(found.start(), found.end(), decode(found))
    if stretch is not None:
        yield stretch.view(name)


def percent(data: bytes) -> Iterator[View]:
    """Reads `%70%79` as `py`."""
    return _replaced(data, "percent", _PERCENT, _percent)


def escapes(data: bytes) -> Iterator[View]:
    r"""Reads `\u0070`, `\x70`, `\u{70}`, `\160` and JSON's `\"`, `\/`, `\n` as what they stand for."""
    return _replaced(data, "escapes", _BACKSLASH, _backslash)


def references(data: bytes) -> Iterator[View]:
    """Reads HTML's `&#112;`, `&#x70;` and `&amp;` as what they stand for."""
    return _replaced(data, "html", _REFERENCE, _reference)


def quoted_printable(data: bytes) -> Iterator[View]:
    """Reads `=3D` as `=`, and joins lines that end in `=`."""
    return _replaced(data, "quoted-printable", _QUOTED, _quoted)


def invisible(data: bytes) -> Iterator[View]:
    """Reads text without the characters that take no room."""
    return _replaced(data, "invisible", _INVISIBLE, lambda found: b"")


def patch(data: bytes) -> Iterator[View]:
    """Reads the lines of a patch without the signs they begin with."""
    return _replaced(data, "patch", _PATCHED, lambda found: b"")
