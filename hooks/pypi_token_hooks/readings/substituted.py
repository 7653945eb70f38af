"""Readings that replace or leave out single escapes: percent, backslash, HTML, quoted-printable, invisible."""
from __future__ import annotations

import html
import re
from collections.abc import Callable
from collections.abc import Iterator

from pypi_token_hooks.model import View
from pypi_token_hooks.readings.offsets import Pieces

AROUND = 4096  # bytes before the first and after the last escape that belong to the view

_PERCENT = re.compile(rb"%([0-9A-Fa-f]{2})")
_BACKSLASH = re.compile(
    rb"\\(?:u([0-9A-Fa-f]{4})|x([0-9A-Fa-f]{2})|u\{([0-9A-Fa-f]{1,6})\}|U([0-9A-Fa-f]{8})|([0-3][0-7]{2})|([\"'/\\nrt]))"
)
_REFERENCE = re.compile(rb"&(?:#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_QUOTED = re.compile(rb"=(?:([0-9A-Fa-f]{2})|[ \t]{0,8}\r?\n)")
# zero-width spaces and joiners, direction marks, byte-order marks, soft hyphens: what takes no room
_INVISIBLE = re.compile(
    rb"(?:\xe2\x80[\x8b-\x8f\xa8-\xae]|\xe2\x81[\xa0-\xaf]|\xef\xbb\xbf|\xc2\xad|\xcd\x8f|\xe1\xa0\x8e)+"
)
_SIMPLE = {b"n": b"\n", b"r": b"\r", b"t": b"\t"}


def _character(code: int) -> bytes:
    return chr(code).encode("utf-8", "surrogatepass") if code < 0x110000 else b"?"


def _percent(found: re.Match[bytes]) -> bytes:
    return bytes((int(found[1], 16),))


def _backslash(found: re.Match[bytes]) -> bytes:
    if found[6]:
        return _SIMPLE.get(found[6], found[6])
    if found[5]:
        return _character(int(found[5], 8))
    return _character(int(found[1] or found[2] or found[3] or found[4], 16))


def _reference(found: re.Match[bytes]) -> bytes:
    return html.unescape(found[0].decode("ascii")).encode("utf-8", "replace")


def _quoted(found: re.Match[bytes]) -> bytes:
    return bytes((int(found[1], 16),)) if found[1] else b""


def _replaced(
    data: bytes, name: str, pattern: re.Pattern[bytes], decode: Callable[[re.Match[bytes]], bytes]
) -> Iterator[View]:
    """Yields the stretch of `data` that holds escapes, with each replaced by what it stands for."""
    first = pattern.search(data)
    if first is None:
        return
    position = max(0, first.start() - AROUND)
    pieces, parts, size = Pieces(), [], 0
    for found in pattern.finditer(data, first.start()):
        decoded = decode(found)
        if found.start() > position:
            pieces.add(size, position, found.start() - position)
            parts.append(data[position : found.start()])
            size += found.start() - position
        if decoded:
            pieces.add(size, found.start(), 0)
            parts.append(decoded)
            size += len(decoded)
        position = found.end()
    pieces.add(size, position, AROUND)
    parts.append(data[position : position + AROUND])
    yield View(b"".join(parts), (name,), pieces)


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
