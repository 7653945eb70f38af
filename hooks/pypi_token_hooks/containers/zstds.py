"""zstd (RFC 8878): the header of a frame in, what it needs out; and the library that unpacks it, if there is one."""
from __future__ import annotations

import functools
import importlib
from typing import Any
from typing import NamedTuple

MAGIC = b"\x28\xb5\x2f\xfd"
LOOK = 1 << 18  # bytes of a frame in which its chain of blocks is checked
PLAUSIBLE = 1 << 18  # bytes to which random data never unpacks: more than one block
_MAX_BLOCK = 1 << 17
_SKIPPABLE = b"\x2a\x4d\x18"


class Frame(NamedTuple):
    """What the header of a frame says."""

    size: int  # bytes of the header
    memory: int  # bytes needed to unpack it
    skip: int = 0  # bytes of a skippable frame, which has nothing to unpack
    checksum: int = 0  # bytes of the checksum at its end


def frame(head: bytes) -> Frame | None:
    """Returns the header of the frame that begins here; None if none does."""
    if head[1:4] == _SKIPPABLE and head[0] & 0xF0 == 0x50 and len(head) >= 8:
        return Frame(8, 0, 8 + int.from_bytes(head[4:8], "little"))
    if len(head) < 6 or not head.startswith(MAGIC) or head[4] & 8:
        return None
    flags = head[4]
    single = bool(flags & 0x20)
    at = 5 + (not single) + (0, 1, 2, 4)[flags & 3]
    told = (1 if single else 0, 2, 4, 8)[flags >> 6]
    if len(head) < at + told:
        return None
    if single:
        window = int.from_bytes(head[at : at + told], "little") + (256 if told == 2 else 0)
    else:
        base = 1 << (10 + (head[5] >> 3))
        window = base + base // 8 * (head[5] & 7)
    return Frame(at + told, window + (1 << 20), 0, 4 if flags & 4 else 0)


def is_skipped(head: bytes) -> bool:
    """Tells whether a frame to skip begins here, as parallel compressors write them. LZ4 has the same ones."""
    begun = frame(head)
    return begun is not None and begun.skip > 0


def leads_on(head: bytes) -> bool:
    """Tells whether a frame to unpack is behind those to skip with which this begins; LZ4 has its own there."""
    at = 0
    while (begun := frame(head[at : at + 18])) and begun.skip:
        at += begun.skip
    return head.startswith(MAGIC, at)


def likely(head: bytes) -> bool:
    """Tells whether the headers of the blocks are valid one after the other, as they hardly are behind a magic by chance."""
    begun = frame(head)
    if begun is None or begun.skip:
        return False
    at, blocks = begun.size, 0
    while at + 3 <= len(head):
        block = int.from_bytes(head[at : at + 3], "little")
        kind, size = block >> 1 & 3, block >> 3
        if kind == 3 or size > _MAX_BLOCK or (kind == 2 and size < 3):
            return False
        at += 3 + (1 if kind == 1 else size)
        blocks += 1
        if block & 1:
            return at + begun.checksum <= len(head) or len(head) == LOOK
    return blocks > 1 and len(head) == LOOK


@functools.cache
def library() -> Any:
    """Returns the module that unpacks zstd, or None."""
    for name in ("compression.zstd", "backports.zstd"):  # the standard library's, from Python 3.14 on, and its backport
        try:
            return importlib.import_module(name)
        except ImportError:
            continue
    return None


def errors() -> type[Exception]:
    """Returns the exception that the library raises."""
    error: type[Exception] = library().ZstdError if library() else OSError
    return error


def decompressor(memory: int) -> Any:
    """Returns a decompressor that needs no more than `memory` bytes."""
    zstd = library()
    bits = min(27, max(10, (memory - 1).bit_length()))
    return zstd.ZstdDecompressor(options={zstd.DecompressionParameter.window_log_max: bits})
