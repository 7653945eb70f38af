"""Zip files, and all that is one: bytes in, the members out, read from their local headers.

The central directory is not asked: what it leaves out, what stands before or after it and what is left of a
truncated file are members all the same. Names and comments stand in the archive as they are.
"""
from __future__ import annotations

import struct
from typing import NamedTuple

from pypi_token_hooks.containers import streams
from pypi_token_hooks.containers.streams import Bytes

MAGIC = b"PK\x03\x04"
_HEADER = struct.Struct("<4sHHHHHIIIHH")
STORED, DEFLATED, BZIP2, XZ, ZSTD = 0, 8, 12, 95, 93
_OTHERS = (1, 2, 3, 4, 5, 6, 9, 10, 14, 18, 19, 20, 94, 96, 97, 98, 99)
_DECOMPRESSORS = {DEFLATED: streams.Inflate, BZIP2: streams.bzip2, XZ: streams.xz, ZSTD: streams.zstd}
_ENCRYPTED, _DESCRIPTOR = 1, 8  # flags


class Entry(NamedTuple):
    """One local header."""

    name: str
    method: int
    encrypted: bool
    crc: int | None  # None: told behind the data
    size: int  # packed; 0 where it is told behind the data
    start: int  # of the data
    known: bool  # whether crc and size are told in the header


def entry(data: Bytes, at: int) -> Entry | None:
    """Returns the entry whose header is at `at`, or None where these bytes are no header."""
    raw = data[at : at + _HEADER.size]
    if len(raw) < _HEADER.size:
        return None
    _, version, flags, method, _, _, crc, packed, _, name_size, extra_size = _HEADER.unpack(raw)
    if (version & 0xFF) > 63 or not 0 < name_size <= 4096 or method not in (STORED, *_DECOMPRESSORS, *_OTHERS):
        return None
    name = data[at + _HEADER.size : at + _HEADER.size + name_size]
    if len(name) < name_size or b"\0" in name:
        return None
    start = at + _HEADER.size + name_size + extra_size
    known = not flags & _DESCRIPTOR
    if packed == 0xFFFFFFFF:
        packed, known = _zip64(data[start - extra_size : start]), known
    text = name.decode("utf-8" if flags & 0x800 else "cp437", "replace")
    return Entry(text, method, bool(flags & _ENCRYPTED), crc if known else None, packed, start, known)


def _zip64(extra: bytes) -> int:
    """Returns the packed size that the extra field tells."""
    while len(extra) >= 4:
        kind, size = struct.unpack_from("<HH", extra)
        if kind == 1 and size >= 16 and len(extra) >= 20:
            return int.from_bytes(extra[12:20], "little")
        extra = extra[4 + size :]
    return 0


def decompressor(method: int) -> object | None:
    """Returns what unpacks the method, or None where nothing here does."""
    make = _DECOMPRESSORS.get(method)
    try:
        return make() if make else None
    except ImportError:
        return None
