"""Zip files (wheels, eggs, jars, ...): a reader at one of their records in, the members out.

They are read by their local headers, from front to back. So entries that the central directory leaves out, entries before or behind
it, and the rest of a truncated file are members, too.
"""
from __future__ import annotations

import bz2
import lzma
import struct
import zlib
from collections.abc import Callable
from collections.abc import Iterator
from typing import Any
from typing import NamedTuple

from pypi_token_hooks.containers import streams
from pypi_token_hooks.containers import zstds
from pypi_token_hooks.containers.inside import SURE
from pypi_token_hooks.containers.inside import Damaged
from pypi_token_hooks.containers.inside import Inside
from pypi_token_hooks.containers.inside import Item
from pypi_token_hooks.containers.inside import NoArchive
from pypi_token_hooks.containers.inside import content
from pypi_token_hooks.containers.inside import stored
from pypi_token_hooks.containers.reader import Reader
from pypi_token_hooks.model import Blob
from pypi_token_hooks.pieces import CHUNK

ENTRY, LISTED, END = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"
_DESCRIPTOR = b"PK\x07\x08"
_LOCAL = struct.Struct("<4sHHHHHIIIHH")
_CENTRAL = struct.Struct("<4sHHHHHHIIIHHHHHII")
_TAIL = struct.Struct("<4sHHHHIIH")
_STORED, _DEFLATED, _BZIP2, _LZMA, _XZ = 0, 8, 12, 14, 95
_ZSTD = (20, 93)
_ENCRYPTED, _SIZES_FOLLOW = 1, 8  # flags
_USUAL_FLAGS = 0x086F
_METHODS = (*range(21), 93, 94, 95, 96, 97, 98, 99)
_HUGE = 0xFFFFFFFF
_CONTROLS = bytes((*range(32), 127))


class Header(NamedTuple):
    """One local header."""

    raw: bytes  # the name, as it stands there
    method: int
    encrypted: bool
    follows: bool  # whether checksum and sizes are in a descriptor behind the data
    crc: int
    packed: int  # bytes of the data
    size: int  # bytes of the header
    strict: bool  # whether every field is valid, as in no header that chance makes

    @property
    def name(self) -> str:
        try:
            return self.raw.decode("utf-8")
        except UnicodeDecodeError:
            return self.raw.decode("cp437")


class State:
    """What is known of the zip file whose records are being read."""

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """Forgets what is known: another zip file begins."""
        self.sure = False  # whether an entry was found
        self.found: set[int] = set()  # what `_traits` says of the entries found
        self.listed = self.missing = 0  # entries that the directory lists, and those of them that were not found as it says
        self.behind = 0  # the offset behind the last record of the directory


def _printable(name: bytes) -> bool:
    return bool(name) and len(name.translate(None, _CONTROLS)) == len(name)


def _moment(time: int, date: int) -> bool:
    """Tells whether an MS-DOS time and date are valid, or absent (zero)."""
    month, day, hour, minute = date >> 5 & 15, date & 31, time >> 11, time >> 5 & 63
    return date == 0 or (1 <= month <= 12 and day > 0 and hour < 24 and minute < 60)


def _zip64(extra: bytes, packed: int) -> int:
    """Returns the packed size; the one in the zip64 extra field if the header's own field is too small for it."""
    while packed == _HUGE and len(extra) >= 4:
        kind, size = struct.unpack_from("<HH", extra)
        if kind == 1 and len(extra) >= 20 and size >= 16:
            return int.from_bytes(extra[12:20], "little")
        extra = extra[4 + size :]
    return packed


def _header(reader: Reader) -> Header | None:
    """Returns the local header at the reader's position; None if there is none."""
    head = reader.peek(_LOCAL.size)
    if len(head) < _LOCAL.size:
        return None
    _, version, flags, method, time, date, crc, packed, unpacked, name_size, extra_size = _LOCAL.unpack(head)
    size = _LOCAL.size + name_size + extra_size
    rest = reader.peek(size)[_LOCAL.size :]
    name, extra = rest[:name_size], rest[name_size:]
    if not name or len(rest) < name_size + extra_size or method not in _METHODS:
        return None
    follows = bool(flags & _SIZES_FOLLOW)
    strict = (
        version <= 63 and not flags & ~_USUAL_FLAGS and _moment(time, date)
        and name_size <= 1024 and _printable(name)
        and (method != _STORED or follows or packed == unpacked or bool(flags & _ENCRYPTED))
    )
    packed = _zip64(extra, packed)
    return Header(name, method, bool(flags & _ENCRYPTED), follows, crc, packed, size, strict)


def _traits(name: bytes, method: int, packed: int, sized: bool = True) -> int:
    """Returns a hash of what an entry's local header, by which it is read here, and the directory, by which tools read it, both say.

    Where compressed data end, they tell themselves. Without `sized` the header does not tell where stored ones end.
    """
    return hash((name, method, packed if method == _STORED and sized else None))


def _take_lzma(reader: Reader) -> Any:
    """Reads the properties before the data and returns them as a filter of `lzma`."""
    head = reader.peek(9)
    if len(head) < 9 or head[2:4] != b"\x05\0" or head[4] >= 225:
        raise Damaged("it is damaged")
    reader.position += 9
    rest, lc = divmod(head[4], 9)
    pb, lp = divmod(rest, 5)
    if lc + lp > 4:
        raise Damaged("it is damaged")
    return {
        "id": lzma.FILTER_LZMA1, "lc": lc, "lp": lp, "pb": pb,
        "dict_size": max(4096, int.from_bytes(head[5:9], "little")),
    }


def _lzma(inside: Inside, reader: Reader, begun: int, _packed: int) -> Iterator[bytes]:
    settings = _take_lzma(reader)

    def make(_memory: int) -> Any:
        return lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=[settings])

    yield from streams.lease(inside, reader, begun, 0, make, settings["dict_size"] + (1 << 20))


def _xz(inside: Inside, reader: Reader, begun: int, _packed: int) -> Iterator[bytes]:
    need = streams.lzma_need(reader.peek(streams.XZ_HEADERS), streams.xz_decompressor)
    yield from streams.lease(inside, reader, begun, 0, streams.xz_decompressor, need)


def _zstd(inside: Inside, reader: Reader, begun: int, _packed: int) -> Iterator[bytes]:
    frame = zstds.frame(reader.peek(18))
    if frame is None or frame.skip:
        raise Damaged("it is damaged")
    yield from streams.lease(inside, reader, begun, 0, zstds.decompressor, frame.memory)


def _deflated(inside: Inside, reader: Reader, begun: int, packed: int) -> Iterator[bytes]:
    # most members are small, so no more than the member is copied
    at_once = min(packed, streams.READ) or streams.READ
    yield from streams.unpacked(inside, reader, streams.Inflate(), begun, at_once=at_once)


def _bzip2(inside: Inside, reader: Reader, begun: int, _packed: int) -> Iterator[bytes]:
    yield from streams.unpacked(inside, reader, bz2.BZ2Decompressor(), begun)


_UNPACK: dict[int, Callable[[Inside, Reader, int, int], Iterator[bytes]]] = {
    _DEFLATED: _deflated, _BZIP2: _bzip2, _LZMA: _lzma, _XZ: _xz, **dict.fromkeys(_ZSTD, _zstd),
}


def _stored_until_told(inside: Inside, reader: Reader) -> Iterator[bytes]:
    """Yields stored bytes whose size is given only by the descriptor behind them."""
    begun, descriptor = reader.position, (_DESCRIPTOR,)
    while True:
        held, here = CHUNK, reader.look(descriptor)
        if not here:  # what is held is copied only now: hostile bytes have a descriptor in every four
            held = len(reader.peek(CHUNK))
            here = reader.look(descriptor)
        if here:
            yield from stored(inside, reader, here[0] - reader.position)
            told = reader.peek(16)
            if len(told) == 16 and int.from_bytes(told[8:12], "little") == (reader.position - begun) & _HUGE:
                return
            yield from stored(inside, reader, 1)
        elif held < CHUNK:
            yield from stored(inside, reader, held)
            raise Damaged("it breaks off")
        else:
            yield from stored(inside, reader, held - 16)  # the beginning of a descriptor may be held


def _checked(inside: Inside, reader: Reader, header: Header, begun: int) -> Iterator[bytes]:
    """Yields what an entry unpacks to. Raises Damaged at its end if the checksum is wrong."""
    reader.position += header.size
    if header.method != _STORED:
        chunks = _UNPACK[header.method](inside, reader, begun, header.packed)
    elif header.follows:
        chunks = _stored_until_told(inside, reader)
    else:
        chunks = stored(inside, reader, header.packed)
    crc = 0
    for chunk in chunks:
        crc = zlib.crc32(chunk, crc)
        yield chunk
    told = (header.crc, header.crc)
    if header.follows:
        behind = reader.peek(8)
        told = (int.from_bytes(behind[:4], "little"), int.from_bytes(behind[4:], "little"))
    if crc not in told:
        raise Damaged("its checksum is wrong")


def entry(inside: Inside, reader: Reader, state: State) -> Iterator[Item]:
    """Opens the entry whose local header is at the reader's position."""
    start = reader.position
    header = _header(reader)
    known = state.sure or (start == 0 and not inside.guessed)
    if header is None:
        if known:
            yield from inside.unread(None, "damaged", "an entry of it breaks off, or its header is wrong")
        raise NoArchive
    sure = known or header.strict
    traits = _traits(header.raw, header.method, header.packed, not header.follows)
    if known:
        inside = inside._replace(guessed=False)
    empty = header.raw.endswith(b"/") and not header.packed and not header.follows
    if empty and header.method != _STORED:  # the directory may tell that there is data all the same
        empty = reader.peek(header.size + 2)[header.size :] in (b"PK", b"")

    def begun() -> Iterator[Blob]:
        state.sure = True
        state.found.add(traits)
        if not empty:
            at = start + _LOCAL.size
            inside.cover.add(at, at + len(header.raw))
            yield from inside.text(header.raw, header.name, "name")

    lacking = None
    if header.method not in _UNPACK and header.method != _STORED:
        lacking = f"nothing here unpacks zip method {header.method}"
    elif header.method in _ZSTD and not zstds.library():
        lacking = streams.NO_ZSTD
    if header.encrypted or lacking or empty:
        if not sure:
            raise NoArchive
        yield from begun()
        if header.encrypted:
            yield from inside.unread(header.name, "encrypted", "it cannot be read without its password")
        elif lacking:
            yield from inside.unread(header.name, "unsupported", lacking)
        reader.position = start + header.size + (not empty)  # by one byte into the data, so that nothing is opened at its beginning
        return
    plausible = SURE if sure else streams.PLAUSIBLE
    if not sure and header.method == _STORED:
        state.found.add(traits)
        raise NoArchive  # stored bytes are scanned where they are anyway
    chunks = _checked(inside, reader, header, start)
    yield from content(inside, reader, header.name, chunks, plausible, begun())


def listed(inside: Inside, reader: Reader, state: State) -> Iterator[Item]:
    """Reads an entry of the central directory at the reader's position."""
    head = reader.peek(_CENTRAL.size)
    if len(head) < _CENTRAL.size:
        raise NoArchive
    record = _CENTRAL.unpack(head)
    name_size, extra_size, comment_size = record[10:13]
    if record[4] not in _METHODS:
        raise NoArchive
    inside.budget.check()
    size = _CENTRAL.size + name_size + extra_size + comment_size
    body = reader.peek(size)[_CENTRAL.size :]
    name, comment = body[:name_size], body[name_size + extra_size :]
    if len(body) < size - _CENTRAL.size:
        raise NoArchive
    if reader.position != state.behind and not state.sure:
        state.listed = state.missing = 0  # another directory
    state.listed += 1
    at = reader.position + _CENTRAL.size
    packed = _zip64(body[name_size : name_size + extra_size], record[8])
    if not state.found.isdisjoint((_traits(name, record[4], packed), _traits(name, record[4], packed, sized=False))):
        inside.cover.add(at, at + name_size)
    else:
        state.missing += 1
    state.behind = reader.position + size
    if not state.sure:
        reader.position = at  # something else may begin in what is no record
        return
    if comment:
        inside.cover.add(at + name_size + extra_size, at + len(body))
        yield from inside.text(comment, name.decode("utf-8", "replace"), "comment")
    reader.position = state.behind


def end(inside: Inside, reader: Reader, state: State) -> Iterator[Item]:
    """Reads the record that ends a zip file, and reports entries that the directory lists and that were not found."""
    head = reader.peek(_TAIL.size)
    if len(head) < _TAIL.size:
        raise NoArchive
    told, size = _TAIL.unpack(head)[4], _TAIL.unpack(head)[7]
    if not state.sure and not (state.listed > 0 and (told == state.listed & 0xFFFF or reader.position == state.behind)):
        raise NoArchive
    comment = reader.peek(_TAIL.size + size)[_TAIL.size :]
    if len(comment) < size:
        raise NoArchive
    if state.missing:
        yield from inside.unread(
            None, "damaged", f"{state.missing:,} of the {state.listed:,} entries that it lists are not there, or not as it says"
        )
    at = reader.position + _TAIL.size
    inside.cover.add(at, at + size)
    yield from inside.text(comment, None, "comment")
    reader.position = at + size
    state.begin()
