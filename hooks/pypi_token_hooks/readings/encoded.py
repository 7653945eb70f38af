"""Readings of whole runs: base64, hexadecimal and arrays of numbers, UTF-16 and UTF-32."""
from __future__ import annotations

import binascii
import re
from collections.abc import Iterator

from pypi_token_hooks.model import View
from pypi_token_hooks.readings.offsets import Kept
from pypi_token_hooks.readings.offsets import Map
from pypi_token_hooks.readings.offsets import Pieces
from pypi_token_hooks.readings.offsets import Wide
from pypi_token_hooks.readings.offsets import shifted

MIN_BASE64 = 16  # characters: a password of eight bytes with `user:` before it
SHORT = 64  # characters: a run of letters of one case alone is a name; one of so many that is base64 has both
_BLANKS = b" \t\r\n"
# a run, or lines of a run with nothing but blanks between them
_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{16,}(?:={0,2}[ \t]*\r?\n[ \t]*[A-Za-z0-9+/_-]+)*")
MIN_HEX = 32  # digits
_HEX = re.compile(rb"[0-9A-Fa-fxX\s,:;]{32,}")
_HEX_MARKS = re.compile(rb"0[xX](?=[0-9A-Fa-f])")
_NOT_HEX = b" \t\r\n\f\v,:;xX"
_OF_NUMBERS = re.compile(rb"[0-9\s,]{97,}")
# an array of bytes as Node, Go or a C file prints it
_ARRAY = re.compile(rb"(?<![0-9.])(?:[0-9]{1,3}[\s,]{1,40}){48,}[0-9]{1,3}")
_NUMBER = re.compile(rb"[0-9]+")
_TO_STANDARD = bytes.maketrans(b"-_", b"+/")
# Latin letters and what is invisible between them: other scripts end a stretch, no credential holds them
_WIDE = {
    "utf-16-le": re.compile(rb"(?:[\x01-\xff]\0|[\x00-\x6f]\x20|\xff\xfe){8,}"),
    "utf-16-be": re.compile(rb"(?:\0[\x01-\xff]|\x20[\x00-\x6f]|\xfe\xff){8,}"),
    "utf-32-le": re.compile(rb"(?:[\x01-\xff]\0\0\0|[\x00-\x6f]\x20\0\0|\xff\xfe\0\0){8,}"),
    "utf-32-be": re.compile(rb"(?:\0\0\0[\x01-\xff]|\0\0\x20[\x00-\x6f]|\0\0\xfe\xff){8,}"),
}


def _base64_map(chars: Map, skipped: int) -> Map:
    """Returns the map from bytes to the characters that hold them: 3 bytes stand in 4 characters."""
    return lambda offset: chars(skipped + offset // 3 * 4 + offset % 3)


def base64(data: bytes) -> Iterator[View]:
    """Reads every run of base64, in either alphabet, at each of the four ways it can be aligned."""
    for found in _BASE64.finditer(data):
        region = found[0]
        if len(region) < SHORT and (region.islower() or region.isupper()):
            continue
        chars = region.translate(_TO_STANDARD, _BLANKS + b"=")
        at = shifted(found.start()) if len(chars) == len(region) else Kept(region, _BLANKS + b"=", found.start())
        for skipped in range(4):
            usable = len(chars) - skipped
            usable -= usable % 4 == 1
            body = chars[skipped : skipped + usable]
            decoded = binascii.a2b_base64(body + b"=" * (-usable % 4))
            yield View(decoded, ("base64",), _base64_map(at, skipped))


def _hex_map(at: Map, skipped: int) -> Map:
    return lambda offset: at(skipped + 2 * offset)


def hexadecimal(data: bytes) -> Iterator[View]:
    """Reads every run of hexadecimal digits, in lines or with separators, whichever digit comes first."""
    for found in _HEX.finditer(data):
        region = _HEX_MARKS.sub(b"  ", found[0])
        digits = region.translate(None, _NOT_HEX)
        if len(digits) < MIN_HEX:
            continue
        at = Kept(region, _NOT_HEX, found.start())
        for skipped in range(2):
            usable = (len(digits) - skipped) // 2 * 2
            decoded = binascii.a2b_hex(digits[skipped : skipped + usable])
            yield View(decoded, ("hex",), _hex_map(at, skipped))


def _arrays(data: bytes) -> Iterator[re.Match[bytes]]:
    """Yields the arrays of numbers that hold the `g` of every token."""
    for run in _OF_NUMBERS.finditer(data):
        if b"103" in run[0]:
            yield from (found for found in _ARRAY.finditer(data, *run.span()) if b"103" in found[0])


def numbers(data: bytes) -> Iterator[View]:
    """Reads `112, 121, 112, 105` as `pypi`."""
    for found in _arrays(data):
        pieces, decoded = Pieces(), bytearray()
        for number in _NUMBER.finditer(data, found.start(), found.end()):
            pieces.add(len(decoded), number.start(), 0)
            decoded.append(min(int(number[0]), 255))
        yield View(bytes(decoded), ("numbers",), pieces)


def _wide(data: bytes, name: str, width: int) -> Iterator[View]:
    for found in _WIDE[name].finditer(data):
        decoded = found[0].decode(name, "ignore").encode("utf-8", "ignore")
        # text of either order can be read in the other one, too: both tell the byte that is the letter
        letter = width - 1 if name.endswith("be") else 0
        yield View(decoded, (name,), Wide(decoded, found.start() + letter, width))


def utf16(data: bytes) -> Iterator[View]:
    """Reads text in two bytes a character, of either order, at any offset."""
    yield from _wide(data, "utf-16-le", 2)
    yield from _wide(data, "utf-16-be", 2)


def utf32(data: bytes) -> Iterator[View]:
    """Reads text in four bytes a character, of either order, at any offset."""
    yield from _wide(data, "utf-32-le", 4)
    yield from _wide(data, "utf-32-be", 4)
