"""Tar files: a reader at the first header in, the members out. A header that lies about its size costs no more than a true one."""
from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from pypi_token_hooks.containers.inside import SURE
from pypi_token_hooks.containers.inside import Inside
from pypi_token_hooks.containers.inside import Item
from pypi_token_hooks.containers.inside import NoArchive
from pypi_token_hooks.containers.inside import content
from pypi_token_hooks.containers.inside import stored
from pypi_token_hooks.containers.limits import MAX_NAME
from pypi_token_hooks.containers.reader import Reader
from pypi_token_hooks.model import Blob
from pypi_token_hooks.model import Part

MAGIC = b"ustar"
MAGIC_AT = 257
BLOCK = 512
_LINKS = b"12"
_ZEROS = b"\0" * BLOCK
_BESIDE = 8  # bytes of the field behind a name
_BREAKS_OFF = "a header in the tar file is wrong, or it breaks off"
_NAMES = ((0, 100), (157, 100), (345, 155))  # offsets and sizes of the fields for a name, a link's target, a name's first part


class Text(NamedTuple):
    """A name or the target of a link, and the stretches of the archive that contain it."""

    data: bytes
    at: tuple[tuple[int, int], ...]


def _number(field: bytes) -> int | None:
    """Returns the number in a field: octal text, or big-endian bytes if the first bit is set. None if it is neither."""
    if field[:1] >= b"\x80":
        return int.from_bytes(bytes((field[0] & 0x7F,)) + field[1:], "big")
    text = field.partition(b"\0")[0].strip(b" ")
    if not text:
        return 0
    if text.strip(b"01234567"):
        return None
    return int(text, 8)


def is_header(block: bytes) -> bool:
    """Tells whether the block has the right checksum, be it the sum of unsigned or of signed bytes."""
    told = _number(block[148:156])
    if len(block) < BLOCK or not told or told > BLOCK * 0xFF:
        return False
    summed = sum(block) - sum(block[148:156]) + 8 * 32
    if told == summed:
        return True
    high = sum(byte >= 0x80 for byte in block) - sum(byte >= 0x80 for byte in block[148:156])
    return told == summed - 256 * high


def _field(block: bytes, at: int, start: int, size: int) -> Text:
    data = block[start : start + size].partition(b"\0")[0]
    return Text(data, ((at + start, at + start + len(data)),))


def _pax(records: bytes, at: int) -> dict[bytes, Text]:
    """Returns the `key=value` records of a pax header at an offset; each record begins with its own length in decimal."""
    result = {}
    while records:
        digits = records[:12].partition(b" ")[0]
        if not digits.isdigit() or not len(digits) < int(digits) <= len(records):
            break
        size = int(digits)
        key, _, value = records[len(digits) + 1 : size].removesuffix(b"\n").partition(b"=")
        start = at + len(digits) + 1 + len(key) + 1
        result[key] = Text(value, ((start, start + len(value)),))
        records, at = records[size:], at + size
    return result


class Told:
    """What extension headers say of the member whose own header follows them."""

    def __init__(self) -> None:
        self.name: Text | None = None
        self.target: Text | None = None
        self.size: int | None = None
        self.is_mapped = False  # whether the data of a sparse file begin with its map

    def read(self, kind: bytes, data: bytes, at: int) -> None:
        if kind in b"LK":
            text = _field(data, at, 0, len(data))
            self.name, self.target = (text, self.target) if kind == b"L" else (self.name, text)
            return
        records = _pax(data, at)
        self.name = records.get(b"GNU.sparse.name") or records.get(b"path") or self.name
        self.target = records.get(b"linkpath") or self.target
        major = records.get(b"GNU.sparse.major")
        self.is_mapped = major is not None and major.data == b"1"
        size = records.get(b"size")
        if size and size.data.isdigit() and len(size.data) < 20:
            self.size = int(size.data)


def _name(block: bytes, at: int) -> Text:
    """Returns the name in the header; POSIX headers have the first part of a long name in a field of its own."""
    name = _field(block, at, 0, 100)
    prefix = _field(block, at, 345, 155)
    if prefix.data and block[MAGIC_AT : MAGIC_AT + 6] == b"ustar\0":
        return Text(prefix.data + b"/" + name.data, prefix.at + name.at)
    return name


def _text(inside: Inside, text: Text, name: str, part: Part) -> Iterator[Blob]:
    for start, end in text.at:
        inside.cover.add(start, end)
    yield from inside.text(text.data, name, part)


def _cover_cut(inside: Inside, block: bytes, at: int, told: Told) -> None:
    """Covers the names in a header that are only the beginnings of names which an extension header gave in full.

    A name that fills its field runs into the number or mark behind it, which is covered with it.
    """
    whole = b"\0".join(text.data for text in (told.name, told.target) if text)
    for start, size in _NAMES:
        last = block[start : start + size].partition(b"\0")[0].rpartition(b"/")[2]
        if last and last in whole:
            inside.cover.add(at + start, at + start + size + _BESIDE)


def _skip(inside: Inside, reader: Reader, size: int) -> Iterator[Item]:
    for _ in reader.take(size):
        inside.budget.check()
        yield None


def _sparse_map(reader: Reader, block: bytes) -> None:
    """Skips the blocks in which the map of a sparse file, in GNU's old format, continues."""
    more = block[482]
    while more and len(block := reader.peek(BLOCK)) == BLOCK:
        reader.position += BLOCK
        more = block[504]


def _mapped(inside: Inside, reader: Reader, size: int) -> int:
    """Skips the map with which the data of a sparse file begin in GNU's format 1.0, and returns how many bytes of the data are left.

    It is the number of stretches, and the offset and size of each, in lines that fill whole blocks.
    """
    number = reader.peek(BLOCK).partition(b"\n")[0]
    lines = 1 + 2 * int(number) if number.isdigit() and len(number) < 20 else 0
    while lines > 0 and size >= BLOCK and len(block := reader.peek(BLOCK)) == BLOCK:
        inside.budget.check()
        lines -= block.count(b"\n")
        reader.position += BLOCK
        size -= BLOCK
    return size


def _member(inside: Inside, reader: Reader, block: bytes, told: Told, start: int) -> Iterator[Item]:
    """Reads a member whose header was read, and leaves the reader behind its last block."""
    kind = block[156:157]
    _cover_cut(inside, block, start, told)
    text = told.name or _name(block, start)
    name = text.data.decode("utf-8", "surrogateescape")
    size = told.size if told.size is not None else _number(block[124:136]) or 0
    if kind == b"5":
        return
    yield from _text(inside, text, name, "name")
    if kind in _LINKS:
        target = told.target or _field(block, start, 157, 100)
        yield from _text(inside, target, name, "link target")
        return
    if kind == b"S":
        _sparse_map(reader, block)
    begun = reader.position
    size = _mapped(inside, reader, size) if told.is_mapped else size
    yield from content(inside, reader, name, stored(inside, reader, size), SURE, iter(()))
    yield from _skip(inside, reader, -(reader.position - begun) % BLOCK)


def archive(inside: Inside, reader: Reader) -> Iterator[Item]:
    """Opens the tar file whose first header is at the reader's position."""
    told = Told()
    if not is_header(reader.peek(BLOCK)):
        raise NoArchive
    inside = inside._replace(guessed=False)  # chance makes no right checksum
    while is_header(block := reader.peek(BLOCK)):
        start, kind = reader.position, block[156:157]
        reader.position += BLOCK
        inside.budget.member()
        if kind in b"LKxg" and kind:
            size = _number(block[124:136]) or 0
            data = reader.peek(min(size, MAX_NAME))
            if kind != b"g":
                told.read(kind, data, reader.position)
                _cover_cut(inside, block, start, told)  # some programs repeat a part of the member's name in this header
            behind = reader.position + size
            yield from _skip(inside, reader, size + -size % BLOCK)
            if reader.position < behind:
                yield from inside.unread(None, "damaged", _BREAKS_OFF)
            continue
        yield from _member(inside, reader, block, told, start)
        told = Told()
    if block and block != _ZEROS:
        yield from inside.unread(None, "damaged", _BREAKS_OFF)
