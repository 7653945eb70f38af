"""Compressed streams (gzip, bzip2, xz, zstd): a reader at the beginning of one in, the unpacked content out."""
from __future__ import annotations

import bz2
import lzma
import os
import re
import zlib
from collections.abc import Callable
from collections.abc import Iterator
from typing import Any
from typing import NamedTuple

from pypi_token_hooks.containers import zstds
from pypi_token_hooks.containers.inside import SURE
from pypi_token_hooks.containers.inside import WORTH
from pypi_token_hooks.containers.inside import Damaged
from pypi_token_hooks.containers.inside import Inside
from pypi_token_hooks.containers.inside import Item
from pypi_token_hooks.containers.inside import NoArchive
from pypi_token_hooks.containers.inside import content
from pypi_token_hooks.containers.limits import MAX_DICTIONARIES
from pypi_token_hooks.containers.limits import MAX_NAME
from pypi_token_hooks.containers.limits import OverLimit
from pypi_token_hooks.containers.reader import Reader
from pypi_token_hooks.model import Blob
from pypi_token_hooks.model import Part
from pypi_token_hooks.pieces import CHUNK

GZIP, XZ, ZSTD = b"\x1f\x8b\x08", b"\xfd7zXZ\x00", zstds.MAGIC
BZIP2 = b"1AY&SY"  # the beginning of a block, which follows `BZh` and a digit
_ASCII = 64  # bytes: in so many of a compressed block at least one is not ASCII
NO_ZSTD = "this Python unpacks zstd only with the extra `zstd` (3.14 does without)"
READ = 1 << 16  # packed bytes that a decompressor is given at a time
PLAUSIBLE = 1024  # bytes to which random data hardly ever inflates
# amounts of memory that are tried for xz: what its presets need
_TIERS = tuple(size << 20 for size in (1, 4, 10, 20, 36, 68, MAX_DICTIONARIES >> 20))
XZ_HEADERS = 1100  # bytes: the header of the stream (12) and the longest header of a block (1024)
_ENDINGS = re.compile(r"(?i)\.(?:gz|bz2|xz|zst|zstd)$")


class Inflate:
    """zlib's decompressor for raw deflate data, with the interface of those of `bz2` and `lzma`."""

    def __init__(self) -> None:
        self._inner = zlib.decompressobj(-zlib.MAX_WBITS)
        self.needs_input = True

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data

    def decompress(self, data: bytes, max_length: int) -> bytes:
        result = self._inner.decompress(self._inner.unconsumed_tail + data, max_length)
        self.needs_input = not self._inner.unconsumed_tail and len(result) < max_length
        return result


def unpacked(
    inside: Inside, reader: Reader, decompressor: Any, begun: int, size: int = 0, at_once: int = READ
) -> Iterator[bytes]:
    """Yields what one stream unpacks to, and leaves the reader at its end. Raises Damaged or OverLimit.

    `begun` is the offset of the member, `size` how much it has unpacked to before this stream; they count for its limits.
    """
    piece = b""
    start = done = reader.position
    try:
        while not decompressor.eof:
            more = b""
            if asks := decompressor.needs_input:
                done = reader.position  # everything before it has been unpacked
                inside.cover.add(start, done)  # now: of big data this may be the last chance before a window of it is given out
                more = piece = reader.peek(at_once)
                reader.position += len(more)
            chunk = decompressor.decompress(more, CHUNK)
            size += len(chunk)
            inside.budget.draw(len(chunk), size, reader.position - begun)
            if asks and not more and not chunk and not decompressor.eof:
                raise Damaged("it breaks off")
            yield chunk
        reader.position -= len(decompressor.unused_data)
        done = reader.position
    except (zlib.error, OSError, EOFError, ValueError, lzma.LZMAError, zstds.errors()) as error:
        reader.position -= len(piece)  # other archives in it are still to be found
        if "memory" in str(error).lower():
            raise OverLimit(_too_big()) from None
        raise Damaged("it is damaged") from None
    finally:
        inside.cover.add(start, done)  # what cannot be compressed is stored in the stream as it is


def _too_big() -> str:
    return f"it needs more than {MAX_DICTIONARIES >> 20} MiB of memory to unpack"


def lease(
    inside: Inside, reader: Reader, begun: int, size: int, make: Callable[[int], Any], need: int
) -> Iterator[bytes]:
    """Yields what a stream unpacks to whose decompressor needs `need` bytes of memory, and takes them from the budget meanwhile."""
    if need > inside.budget.memory:
        raise OverLimit(_too_big())
    inside.budget.memory -= need
    try:
        yield from unpacked(inside, reader, make(need), begun, size)
    finally:
        inside.budget.memory += need


def lzma_need(head: bytes, make: Callable[[int], Any]) -> int:
    """Returns the memory that a stream needs: the smallest of the tiers with which its header can be read."""
    for tier in _TIERS:
        try:
            make(tier).decompress(head, 1)  # the limit is checked only when a byte is asked for
        except lzma.LZMAError as error:
            if "memory" in str(error).lower():
                continue
        return tier
    return MAX_DICTIONARIES + 1


def xz_decompressor(memory: int) -> Any:
    return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=memory)


def unpacked_name(outer: str) -> str:
    """Returns the name of a compressed file once it is unpacked."""
    base = os.path.basename(outer.replace("\\", "/"))
    if base.lower().endswith((".tgz", ".tbz", ".txz", ".tzst")):
        return base.rpartition(".")[0] + ".tar"
    return _ENDINGS.sub("", base) if _ENDINGS.search(base) else base + " (unpacked)"


def own_name(inside: Inside) -> str:
    """Returns the name of what is being opened, once it is unpacked."""
    return unpacked_name(inside.place.members[-1] if inside.place.members else inside.place.path)


class _Head(NamedTuple):
    """The header of a gzip member (RFC 1952): its size, and the spans of the name and the comment in it."""

    size: int
    name: tuple[int, int] = (0, 0)
    comment: tuple[int, int] = (0, 0)


def _gzip_head(reader: Reader) -> _Head | None:
    """Returns the header at the reader's position; None if there is none."""
    head = reader.peek(10)
    if len(head) < 10 or not head.startswith(GZIP) or head[3] & 0xE0:
        return None
    size, texts = 10, [(0, 0), (0, 0)]
    if head[3] & 4:
        size += 2 + int.from_bytes(reader.peek(size + 2)[size:], "little")
    for number, flag in enumerate((8, 16)):
        if head[3] & flag:
            end = reader.peek(size + MAX_NAME).find(b"\0", size)
            if end < 0:
                return None
            texts[number] = size, end
            size = end + 1
    return _Head(size + (2 if head[3] & 2 else 0), *texts)


def _gzip_members(inside: Inside, reader: Reader, whole: list[int]) -> Iterator[bytes]:
    """Yields what adjacent gzip members unpack to; together they are one content. Adds to `whole` the size of the first."""
    begun, size = reader.position, 0
    while reader.peek(len(GZIP)) == GZIP:
        head = _gzip_head(reader)
        if head is None:
            raise Damaged("its header is wrong")
        reader.position += head.size
        crc = total = 0
        for chunk in unpacked(inside, reader, Inflate(), begun, size):
            crc = zlib.crc32(chunk, crc)
            total += len(chunk)
            yield chunk
        told = reader.peek(8)
        if len(told) < 8:
            raise Damaged("it breaks off")
        if told != crc.to_bytes(4, "little") + (total & 0xFFFFFFFF).to_bytes(4, "little"):
            raise Damaged("its checksum is wrong")
        reader.position += 8
        size += total
        if not whole:
            whole.append(size)


def gzip(inside: Inside, reader: Reader) -> Iterator[Item]:
    """Opens the gzip file at the reader's position."""
    head = _gzip_head(reader)
    if head is None:
        if reader.position == 0 and not inside.guessed:
            yield from inside.unread(own_name(inside), "damaged", "its header is wrong")
        raise NoArchive
    start, held = reader.position, reader.peek(head.size)
    name, comment = held[slice(*head.name)], held[slice(*head.comment)]
    shown = name.decode("latin-1") or own_name(inside)

    def begun() -> Iterator[Blob]:
        texts: dict[Part, tuple[bytes, tuple[int, int]]] = {"name": (name, head.name), "comment": (comment, head.comment)}
        for part, (text, (begin, end)) in texts.items():
            inside.cover.add(start + begin, start + end)
            yield from inside.text(text, shown, part)

    plausible = SURE if reader.position == 0 else PLAUSIBLE
    whole: list[int] = []  # a right checksum is no chance; without it, many small members were tried again from each on
    yield from content(inside, reader, shown, _gzip_members(inside, reader, whole), plausible, begun(), whole)


def _bzip2_streams(inside: Inside, reader: Reader) -> Iterator[bytes]:
    begun = reader.position
    size = 0
    while reader.peek(3) == b"BZh":
        for chunk in unpacked(inside, reader, bz2.BZ2Decompressor(), begun, size):
            size += len(chunk)
            yield chunk


def bzip2(inside: Inside, reader: Reader) -> Iterator[Item]:
    """Opens the bzip2 file whose first block is at the reader's position. Ten bytes of magic leave no doubt, except in text."""
    start = reader.position - 4
    if start < reader.floor or not re.fullmatch(rb"BZh[1-9]", reader.behind(start, reader.position)):
        raise NoArchive
    head = reader.peek(_ASCII)
    if len(head) == _ASCII and head.isascii():
        raise NoArchive  # the beginning of one in a string, whose further bytes are written as escapes
    reader.position = start
    chunks = _bzip2_streams(inside, reader)
    yield from content(inside, reader, own_name(inside), chunks, SURE, iter(()))


def _xz_streams(inside: Inside, reader: Reader) -> Iterator[bytes]:
    begun = reader.position
    size = 0
    while reader.peek(6) == XZ:
        need = lzma_need(reader.peek(XZ_HEADERS), xz_decompressor)
        for chunk in lease(inside, reader, begun, size, xz_decompressor, need):
            size += len(chunk)
            yield chunk
        while reader.peek(4) == b"\0\0\0\0":
            reader.position += 4
            yield b""


def xz(inside: Inside, reader: Reader) -> Iterator[Item]:
    """Opens the xz file at the reader's position. The checksum of its header must fit, except at the beginning of a file."""
    head = reader.peek(12)
    if (reader.position or inside.guessed) and zlib.crc32(head[6:8]).to_bytes(4, "little") != head[8:]:
        raise NoArchive
    chunks = _xz_streams(inside, reader)
    yield from content(inside, reader, own_name(inside), chunks, SURE, iter(()))


def _zstd_frames(inside: Inside, reader: Reader) -> Iterator[bytes]:
    begun = reader.position
    size = 0
    while frame := zstds.frame(reader.peek(18)):
        if frame.skip:
            if frame.skip <= WORTH:  # too short for a credential; covered, so that the cover has no gap between two frames
                inside.cover.add(reader.position, reader.position + frame.skip)
            for _ in reader.take(frame.skip):
                yield b""
            continue
        for chunk in lease(inside, reader, begun, size, zstds.decompressor, frame.memory):
            size += len(chunk)
            yield chunk


def zstd(inside: Inside, reader: Reader) -> Iterator[Item]:
    """Opens the zstd file at the reader's position. Its four bytes of magic are in programs too, so more of it must fit."""
    start, name = reader.position, own_name(inside)
    if not zstds.frame(reader.peek(18)) or ((start or inside.guessed) and not zstds.likely(reader.peek(zstds.LOOK))):
        if start == 0 and not inside.guessed:
            yield from inside.unread(name, "damaged", "its header is wrong")
        raise NoArchive
    if not zstds.library():
        yield from inside.unread(name, "unsupported", NO_ZSTD)
        raise NoArchive
    chunks = _zstd_frames(inside, reader)
    yield from content(inside, reader, name, chunks, zstds.PLAUSIBLE if start else SURE, iter(()))
