"""Compressed streams: an offset in bytes to search in, the unpacked chunks out."""
from __future__ import annotations

import bz2
import lzma
import zlib
from collections.abc import Iterator
from typing import Any
from typing import Protocol

from pypi_token_hooks.containers.limits import MAX_DICTIONARY
from pypi_token_hooks.containers.limits import Budget

CHUNK = 1 << 20  # bytes unpacked at a time
_READ = 1 << 18  # packed bytes read at a time


class Bytes(Protocol):
    """Bytes, or a big file that can be sliced and searched like bytes."""

    def __len__(self) -> int: ...
    def __getitem__(self, part: slice, /) -> bytes: ...
    def find(self, sub: bytes, start: int = ..., stop: int = ..., /) -> int: ...


class Damaged(Exception):
    """The stream breaks off or contradicts itself."""


class Inflate:
    """zlib's decompressor with the interface of those of bz2 and lzma."""

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


def xz() -> Any:
    return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=MAX_DICTIONARY)


def zstd() -> Any:
    """Returns a decompressor for zstd, or raises ImportError where this interpreter has none."""
    try:
        from compression import zstd as library  # type: ignore[import-not-found,unused-ignore] # Python 3.14
    except ImportError:
        from backports import zstd as library  # type: ignore[import-not-found,unused-ignore,no-redef]
    return library.ZstdDecompressor()


class Stream:
    """One compressed stream that begins at `start`; after `chunks()` is through, `end` is where it ends."""

    def __init__(self, data: Bytes, start: int, decompressor: Any) -> None:
        self.data, self.start, self.end = data, start, start
        self.size = 0
        self.crc = 0
        self._decompressor = decompressor

    def chunks(self, budget: Budget) -> Iterator[bytes]:
        """Yields what the stream unpacks to. Raises Damaged, or OverLimit, after what could be read."""
        unpack = self._decompressor
        position = self.start
        try:
            while not unpack.eof:
                more = b""
                if unpack.needs_input:
                    more = self.data[position : position + _READ]
                    position += len(more)
                chunk = unpack.decompress(more, CHUNK)
                if not chunk and not more and not unpack.eof:
                    raise Damaged("it breaks off")
                self.size += len(chunk)
                self.crc = zlib.crc32(chunk, self.crc)
                budget.draw(len(chunk), self.size, position - self.start)
                if chunk:
                    yield chunk
        except (zlib.error, OSError, EOFError, ValueError, lzma.LZMAError) as error:
            limit = "memory" in str(error).lower()
            raise Damaged("it asks for too much memory" if limit else "it is damaged") from None
        finally:
            self.end = position - len(unpack.unused_data)


def bzip2() -> Any:
    return bz2.BZ2Decompressor()
