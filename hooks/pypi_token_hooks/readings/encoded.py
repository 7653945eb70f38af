"""Readings of whole runs: base64, hexadecimal and arrays of numbers, UTF-16 and UTF-32."""
from __future__ import annotations

import binascii
import heapq
import re
from collections.abc import Iterator
from functools import lru_cache

from pypi_token_hooks import anchors
from pypi_token_hooks import late
from pypi_token_hooks.credentials import macaroon
from pypi_token_hooks.model import View
from pypi_token_hooks.readings.joined import COMMENT
from pypi_token_hooks.readings.joined import JOINT
from pypi_token_hooks.readings.offsets import Map
from pypi_token_hooks.readings.offsets import Pieces
from pypi_token_hooks.readings.offsets import Replaced
from pypi_token_hooks.readings.offsets import Wide
from pypi_token_hooks.readings.offsets import shifted

Names = tuple[str, ...]
# what an archive or a compressed stream begins with
ARCHIVES = (b"PK\x03\x04", b"\x1f\x8b\x08", b"BZh", b"\xfd7zXZ\x00", b"\x28\xb5\x2f\xfd")
_MANY = 1 << 13  # short runs that are remembered: mostly 3 MB, and no more than 9
SHORT = 64  # characters: a run of letters of one case alone is a name; one of so many that is base64 has both
_LINES = rb"[ \t]*\r?\n[ \t]*"
# what is between the lines of a patch, between those of a string in JSON, and between other lines and strings
_WRAP = rb"[ \t]*\r?\n[+-][ \t]+|" + JOINT + rb"|(?:\\{1,2}[nr])+[ \t]*|" + _LINES
_DIGIT = rb"[A-Za-z0-9+/_-]"
_MIN_BASE64 = 16  # characters: room for a password of eight bytes with `user:` before it
# A run, or lines of a run with nothing but blanks between them; the same however it is wrapped; what is left out of it.
_RUN = _DIGIT + rb"{%d,}" % _MIN_BASE64
_BASE64 = late.compiled(_RUN + rb"(?:={0,2}" + _LINES + _DIGIT + rb"+)*")
_WRAPPED_BASE64 = late.compiled(_RUN + rb"(?:={0,2}(?:" + _WRAP + rb")" + _DIGIT + rb"+)*")
_NOT_BASE64 = late.compiled(rb"(?:" + _WRAP + rb")(?=" + _DIGIT + rb")|=+")  # what is behind it decides which joint it is
# Lines of a patch that begin with nothing but its sign, which is a digit too: base64 of text never begins with it.
_PATCHED = rb"(?<=\n%b)%b{15,}(?:={0,2}\r?\n%b%b+)+"
_PATCHED_BASE64 = [late.compiled(_PATCHED % (sign, _DIGIT, sign, _DIGIT)) for sign in (rb"\+", rb"-")]
_NOT_PATCHED = late.compiled(rb"\r?\n[+-]|=+")
MIN_HEX = 32  # digits, and bytes of a run of them with what separates them
_BETWEEN_BYTES = rb",:;-"  # besides blanks, last the hyphen of .NET's `BitConverter`
_OF_HEX = rb"[0-9A-Fa-fxX\s" + _BETWEEN_BYTES + rb"]"
_HEX_RUN = _OF_HEX + rb"{%d,}" % MIN_HEX
_HEX = late.compiled(_HEX_RUN)
_WRAPPED_HEX = late.compiled(_HEX_RUN + rb"(?:(?:" + _WRAP + rb"|(?<=\s)(?:[+>#*|/-]{1,2}|" + COMMENT + rb"))" + _OF_HEX + rb"+)*")
_NOT_HEX = late.compiled(_WRAP + rb"|(?<=\s)" + COMMENT + rb"|[ xX" + _BETWEEN_BYTES + rb"]+|[^0-9A-Fa-f]")
_SEPARATORS = b" \t\r\n\f\vxX" + _BETWEEN_BYTES  # what of `_OF_HEX` is no digit
_HEX_MARKS = late.compiled(rb"0[xX](?=[0-9A-Fa-f])")
# the end of a word in front of a run, and whole words of letters of hexadecimal
_END_OF_WORD = late.compiled(rb"[0-9A-Fa-fxX]{1,15}(?:[:=]?[ \t]+|:)")
_WORD = late.compiled(rb"\s{0,40}(?:[A-Fa-fxX]{1,15}(?:[:=]?[ \t]+|:)){1,3}")
_HEX_ARCHIVE = late.compiled(rb"(?i)[\s%b]*(?:%b)" % (_BETWEEN_BYTES, b"|".join(anchors.HEX_ARCHIVES)))
_OF_NUMBERS = late.compiled(rb"[0-9\s,]{97,}")
# an array of bytes as Node, Go or a C file prints it
_ARRAY = late.compiled(rb"(?<![0-9.])(?:[0-9]{1,3}[\s,]{1,40}){48,}[0-9]{1,3}")
_NUMBER = late.compiled(rb"[0-9]+")
OF_ARRAYS = (b"103", b"119", b"99")  # one of these is in each array that counts
# For either a table of what its runs consist of, and the shortest run in the letter of that.
_BASE64_ROW = anchors.classes(a=macaroon.ALPHABET), b"a" * _MIN_BASE64
_HEX_ROW = anchors.classes(a=b"0123456789ABCDEFabcdef" + _SEPARATORS), b"a" * MIN_HEX
_TO_STANDARD = bytes.maketrans(b"-_", b"+/")
# Latin letters and what is invisible between them: other scripts end a stretch, no credential holds them. The last letter of text in
# the other order has no zeros behind it where the data ends.
# Characters that are matched at a time: the matcher remembers each.
_AT_ONCE = 1 << 12
_CHARACTERS = {
    "utf-16-le": rb"(?:[\x01-\xff]\0|[\x00-\x6f]\x20|\xff\xfe){%d,%d}(?:[\x01-\x7f]\Z)?",
    "utf-16-be": rb"(?:\0[\x01-\xff]|\x20[\x00-\x6f]|\xfe\xff){%d,%d}",
    "utf-32-le": rb"(?:[\x01-\xff]\0\0\0|[\x00-\x6f]\x20\0\0|\xff\xfe\0\0){%d,%d}(?:[\x01-\x7f]\Z)?",
    "utf-32-be": rb"(?:\0\0\0[\x01-\xff]|\0\0\x20[\x00-\x6f]|\0\0\xfe\xff){%d,%d}",
}
# what wide text begins with, and what it goes on with
_WIDE, _MORE = (
    {name: late.compiled(pattern % (least, _AT_ONCE)) for name, pattern in _CHARACTERS.items()} for least in (8, 1)
)
_OTHER_ORDER = {"utf-16-le": b"\xfe\xff", "utf-16-be": b"\xff\xfe"}  # the mark of the other one


def _base64_map(chars: Map, skipped: int) -> Map:
    """Returns the map from bytes to the characters that hold them: 3 bytes stand in 4 characters."""
    return lambda offset: chars(skipped + offset // 3 * 4 + offset % 3)


def _has_archive(part: bytes) -> bool:
    """Tells whether an archive begins in base64, or hexadecimal with one."""
    return any(mark in part for mark in anchors.BASE64_ARCHIVES) or bool(_HEX_ARCHIVE.match(part))


def _regions(
    data: bytes, row: tuple[bytes, bytes], plain: re.Pattern[bytes], wrapped: re.Pattern[bytes]
) -> Iterator[tuple[re.Match[bytes], Names]]:
    """Yields each part that is plain, and the whole where it is wrapped, with the reading that this takes.

    A part in which an archive begins is left to the whole: alone it would be a damaged one. `row` is a table that maps what a part
    consists of to `a`, and the shortest part in that letter.
    """
    table, shortest = row
    image = data.translate(table)  # it tells where to match: a search for the pattern begins anew at each byte of each word
    at = image.find(shortest)
    while at >= 0 and (whole := wrapped.match(data, at)):
        end = whole.end()
        if image.find(b".", at, end) < 0:  # as most are
            yield whole, ()
        else:
            for part in plain.finditer(data, at, end):
                if part.start() == at and part.end() != end:
                    yield whole, ("joined",)
                if part.end() == end or not _has_archive(part[0]):
                    yield part, ()
        at = image.find(shortest, end)


def is_promising(data: bytes) -> bool:
    """Tells whether decoded bytes contain text or an archive. Most runs that look encoded decode to random bytes."""
    if data.isascii() or anchors.WORD in data.translate(anchors.PLAIN):
        return True
    for mark in ARCHIVES:  # noqa: SIM110 - a generator costs more than what it asks of so few bytes
        if mark in data:
            return True
    return False


def _decoded(chars: bytes) -> Iterator[tuple[int, bytes]]:
    """Yields what base64 stands for, aligned in each of the four ways, where that is promising; and how many characters are before it."""
    for skipped in range(4):
        usable = len(chars) - skipped
        usable -= usable % 4 == 1
        decoded = binascii.a2b_base64(chars[skipped : skipped + usable] + b"=" * (-usable % 4))
        if is_promising(decoded):
            yield skipped, decoded


@lru_cache(_MANY)
def _known(chars: bytes) -> tuple[tuple[int, bytes], ...]:
    """Returns what `_decoded` yields: code has few long names, and each of them many times."""
    return tuple(_decoded(chars))


def _aligned(found: re.Match[bytes], between: re.Pattern[bytes], names: Names) -> Iterator[View]:
    """Yields what base64 stands for, at each of the four ways it can be aligned, where that is promising."""
    region = found[0]
    if len(region) < SHORT and (region.islower() or region.isupper()):
        return
    # most are on one line
    chars = (between.sub(b"", region) if region.translate(None, macaroon.ALPHABET) else region).translate(_TO_STANDARD)
    at = shifted(found.start()) if len(chars) == len(region) else Replaced(region, found.start(), between)
    for skipped, decoded in _known(chars) if len(chars) < SHORT else _decoded(chars):
        yield View(decoded, (*names, "base64"), _base64_map(at, skipped))


def base64(data: bytes) -> Iterator[View]:
    """Reads every run of base64, in either alphabet, on one line or wrapped."""
    for lines in _PATCHED_BASE64 if b"\n+" in data or b"\n-" in data else ():
        for found in lines.finditer(data):
            yield from _aligned(found, _NOT_PATCHED, ())
    for found, names in _regions(data, _BASE64_ROW, _BASE64, _WRAPPED_BASE64):
        yield from _aligned(found, _NOT_BASE64, names)


def _hex_map(at: Map, skipped: int) -> Map:
    return lambda offset: at(skipped + 2 * offset)


def _beginnings(data: bytes, found: re.Match[bytes]) -> Iterator[int]:
    """Yields where the run begins; and where it goes on behind a word, or the end of one, as in `code: 70797069`."""
    start = found.start()
    yield start
    is_within = data[max(0, start - 1) : start].isalnum()
    if word := (_END_OF_WORD.match(data, start, found.end()) if is_within else None) or _WORD.match(data, start, found.end()):
        yield word.end()


def hexadecimal(data: bytes) -> Iterator[View]:
    """Reads every run of hexadecimal digits, in lines or with separators, whichever digit comes first."""
    for found, names in _regions(data, _HEX_ROW, _HEX, _WRAPPED_HEX):
        for start in _beginnings(data, found):
            region = _HEX_MARKS.sub(b"  ", data[start : found.end()])
            digits = _NOT_HEX.sub(b"", region) if names else region.translate(None, _SEPARATORS)
            if len(digits) < MIN_HEX:
                continue
            at = Replaced(region, start, _NOT_HEX)
            for skipped in range(2):
                usable = (len(digits) - skipped) // 2 * 2
                decoded = binascii.a2b_hex(digits[skipped : skipped + usable])
                yield View(decoded, (*names, "hex"), _hex_map(at, skipped))


def _arrays(data: bytes) -> Iterator[re.Match[bytes]]:
    """Yields the arrays of numbers that hold the `g` of every token, or the `w` or `c` of base64 of its prefix."""
    for run in _OF_NUMBERS.finditer(data):
        if any(code in run[0] for code in OF_ARRAYS):
            yield from (found for found in _ARRAY.finditer(data, *run.span()) if any(code in found[0] for code in OF_ARRAYS))


def numbers(data: bytes) -> Iterator[View]:
    """Reads `112, 121, 112, 105` as `pypi`."""
    for found in _arrays(data):
        pieces, decoded = Pieces(), bytearray()
        for number in _NUMBER.finditer(data, found.start(), found.end()):
            pieces.add(len(decoded), number.start(), 0)
            decoded.append(min(int(number[0]), 255))
        yield View(bytes(decoded), ("numbers",), pieces)


def _wide_spans(data: bytes, name: str) -> Iterator[tuple[int, int]]:
    """Yields the spans of wide text."""
    end = 0
    while found := _WIDE[name].search(data, end):
        end = found.end()
        while more := _MORE[name].match(data, end):
            end = more.end()
        yield found.start(), end


def _wide(data: bytes, name: str, width: int) -> Iterator[tuple[int, View]]:
    """Yields the stretches of wide text, each with its offset."""
    is_other = name in _OTHER_ORDER and data.startswith(_OTHER_ORDER[name])
    for start, end in _wide_spans(data, name):
        if is_other and start % width:
            continue  # one half of a character and one of the next: letters beyond Latin would be others
        text = data[start:end] + bytes(-(end - start) % width)
        decoded = text.decode(name, "ignore").encode("utf-8", "ignore")
        # text of either order can be read in the other one, too: both tell the byte that is the letter
        letter = width - 1 if name.endswith("be") else 0
        yield start, View(decoded, (name,), Wide(decoded, start + letter, width))


def _in_either_order(data: bytes, width: int) -> Iterator[View]:
    """Yields the stretches of wide text in the order in which they begin: the wrong order loses the first or the last letter."""
    orders = [_wide(data, f"utf-{8 * width}-{order}", width) for order in ("le", "be")]
    for _, view in heapq.merge(*orders, key=lambda stretch: stretch[0]):
        yield view


def utf16(data: bytes) -> Iterator[View]:
    """Reads text in two bytes a character, of either order, at any offset."""
    return _in_either_order(data, 2)


def utf32(data: bytes) -> Iterator[View]:
    """Reads text in four bytes a character, of either order, at any offset."""
    return _in_either_order(data, 4)
