"""Tar files: bytes in, the members out. Read block by block: a header may lie, and costs no more for it."""
from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from pypi_token_hooks.containers.streams import Bytes

MAGIC = b"ustar"
_MAGIC_AT = 257
BLOCK = 512
_MAX_NAME = 1 << 16  # bytes of a long name or of pax headers that are looked at
_FILES = b"0\0007S"
_LINKS = b"12"


class Entry(NamedTuple):
    """One member: its name, where a link points, and where its data is."""

    name: str
    target: str | None
    start: int
    size: int


def _number(field: bytes) -> int | None:
    """Returns a number field: octal text, or base 256 with the first bit set."""
    if field[:1] >= b"\x80":
        return int.from_bytes(bytes((field[0] & 0x7F,)) + field[1:], "big")
    text = field.strip(b" \0")
    if not text:
        return 0
    try:
        return int(text, 8)
    except ValueError:
        return None


def is_header(block: bytes) -> bool:
    """Tells whether the block's checksum is right."""
    told = _number(block[148:156])
    return len(block) == BLOCK and bool(told) and told == sum(block) - sum(block[148:156]) + 8 * 32


def _text(field: bytes) -> str:
    return field.partition(b"\0")[0].decode("utf-8", "surrogateescape")


def _pax(records: bytes) -> dict[str, str]:
    """Returns the `key=value` records; each begins with its own length in decimal."""
    result = {}
    while records:
        size, _, _ = records.partition(b" ")
        if not size.isdigit() or len(size) > 9 or not 0 < int(size) <= len(records):
            break
        key, _, value = records[len(size) + 1 : int(size)].rstrip(b"\n").partition(b"=")
        result[key.decode("utf-8", "replace")] = value.decode("utf-8", "surrogateescape")
        records = records[int(size) :]
    return result


def archive(data: Bytes, at: int) -> Iterator[Entry | int]:
    """Yields the members of the archive whose first header is at `at`, and last where it ends."""
    told: dict[str, str] = {}
    while is_header(block := data[at : at + BLOCK]):
        kind = block[156:157]
        size = _number(block[124:136]) or 0
        if "size" in told and told["size"].isdigit() and len(told["size"]) < 20:
            size = int(told["size"])
        start = at + BLOCK
        at = start + -(-size // BLOCK) * BLOCK
        if kind in b"LK":
            told["path" if kind == b"L" else "linkpath"] = _text(data[start : start + min(size, _MAX_NAME)])
            continue
        if kind in b"xg":
            told.update(_pax(data[start : start + min(size, _MAX_NAME)]))
            continue
        prefix = _text(block[345:500]) if block[_MAGIC_AT : _MAGIC_AT + 8] == b"ustar\x0000" else ""
        name = told.get("path") or (prefix + "/" if prefix else "") + _text(block[:100])
        if kind in _LINKS:
            yield Entry(name, told.get("linkpath") or _text(block[157:257]), start, 0)
        elif kind in _FILES:
            yield Entry(name, None, start, size)
        told = {}
        if at >= len(data):
            break
    yield at


def starts(data: Bytes) -> Iterator[list[int]]:
    """Yields where an archive may begin; the caller puts into the list where it ended."""
    if is_header(data[:BLOCK]):
        end = [0]
        yield end
        at = data.find(MAGIC, end[0])
    else:
        at = data.find(MAGIC)
    while at >= 0:
        end = [at - _MAGIC_AT]
        if end[0] >= 0 and is_header(data[end[0] : end[0] + BLOCK]):
            yield end
        at = data.find(MAGIC, max(at + 1, end[0]))
