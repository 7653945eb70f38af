"""zstd (RFC 8878): the head of a frame in, what it needs out; and the library that unpacks it, if any."""
from __future__ import annotations

import functools
from typing import Any
from typing import NamedTuple

MAGIC = b"\x28\xb5\x2f\xfd"
LOOK = 1 << 18  # bytes in which the blocks of a frame are followed
PLAUSIBLE = 1 << 18  # bytes that no chance unpacks to: more than one block
_MAX_BLOCK = 1 << 17
_SKIPPABLE = b"\x2a\x4d\x18"
_PIECE = 128  # bytes: a library that cannot stop early gets no more at once; they unpack to 4 MiB at most


class Frame(NamedTuple):
    """What the header of a frame says."""

    size: int  # of the header
    memory: int  # that it needs
    skip: int = 0  # bytes of a frame that holds nothing to unpack
    checksum: int = 0  # bytes of it at the end


def frame(head: bytes) -> Frame | None:
    """Returns what the frame that begins here says, or None where none does."""
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


def likely(head: bytes) -> bool:
    """Tells whether the blocks follow each other as they must: after a magic by chance they do not."""
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


class _Pieces:
    """`zstandard`'s decompressor with the interface of the standard library's."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner
        self._waiting = b""
        self.needs_input = True

    @property
    def eof(self) -> bool:
        return bool(self._inner.eof)

    @property
    def unused_data(self) -> bytes:
        return bytes(self._inner.unused_data) + self._waiting

    def decompress(self, data: bytes, _max_length: int) -> bytes:
        self._waiting += data
        piece, self._waiting = self._waiting[:_PIECE], self._waiting[_PIECE:]
        result = bytes(self._inner.decompress(piece))
        self.needs_input = not self._waiting
        return result


@functools.cache
def _library() -> tuple[Any, bool] | None:
    """Returns the library, and whether it has the standard library's interface."""
    try:
        from compression import zstd  # type: ignore[import-not-found,unused-ignore] # Python 3.14

        return zstd, True
    except ImportError:
        pass
    try:
        from backports import zstd  # type: ignore[import-not-found,import-untyped,unused-ignore,no-redef]

        return zstd, True
    except ImportError:
        pass
    try:
        import zstandard  # type: ignore[import-not-found,unused-ignore]

        return zstandard, False
    except ImportError:
        return None


def known() -> bool:
    """Tells whether anything here unpacks zstd."""
    return _library() is not None


def errors() -> type[Exception]:
    """Returns what the library raises."""
    library = _library()
    return OSError if library is None else library[0].ZstdError


def decompressor(memory: int) -> Any:
    """Returns a decompressor that takes no more than so much memory."""
    library = _library()
    if library is None:
        raise ValueError("nothing here unpacks zstd")
    module, standard = library
    if standard:
        bits = min(27, max(10, (memory - 1).bit_length()))
        return module.ZstdDecompressor(options={module.DecompressionParameter.window_log_max: bits})
    return _Pieces(module.ZstdDecompressor(max_window_size=max(1 << 10, memory)).decompressobj())
