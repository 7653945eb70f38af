"""Objects read whole through git: names in, each content in one buffer that is used again out."""
from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Sequence
from typing import IO
from typing import NamedTuple

from pypi_token_hooks import git
from pypi_token_hooks.pieces import CHUNK
from pypi_token_hooks.pieces import MAX_WHOLE

FIRST = 1 << 20  # bytes of the buffer at first; it grows up to MAX_WHOLE


class Content(NamedTuple):
    """One object. The view is good until the next one is asked for; what is too big for one comes in chunks.

    Without a kind git could not read it.
    """

    oid: str
    kind: str
    view: memoryview
    chunks: Iterator[bytes] | None = None


class _DamagedError(Exception):
    """git ended in the middle of its answer for the object of this name."""


def _fill(stream: IO[bytes], view: memoryview) -> bool:
    while len(view):
        got: int = stream.readinto(view)  # type: ignore[attr-defined]
        if not got:
            return False
        view = view[got:]
    return True


def _chunks(stream: IO[bytes], size: int) -> Iterator[bytes]:
    while size and (chunk := stream.read(min(size, CHUNK))):
        size -= len(chunk)
        yield chunk


class Reader:
    """Reads objects, one call after the other, into one buffer."""

    def __init__(self, cwd: str | None = None) -> None:
        self._cwd = cwd
        self._buffer = bytearray(FIRST)

    def _view(self, size: int) -> memoryview:
        if size > len(self._buffer):
            self._buffer = bytearray(min(2 * size, MAX_WHOLE))
        return memoryview(self._buffer)[:size]

    def _content(self, stream: IO[bytes], oid: str, kind: str, size: int) -> Iterator[Content]:
        if size < MAX_WHOLE:
            view = self._view(size + 1)  # a line feed ends the content
            if not _fill(stream, view):
                raise _DamagedError(oid)
            yield Content(oid, kind, view[:size])
            return
        chunks = _chunks(stream, size)
        yield Content(oid, kind, memoryview(b""), chunks)
        for _ in chunks:
            pass  # who asked for it did not want it all
        if stream.read(1) != b"\n":
            raise _DamagedError(oid)

    def _answers(self, stream: IO[bytes], oids: Sequence[str]) -> Iterator[Content]:
        for oid in oids:
            head = stream.readline().split()
            if not head:
                raise _DamagedError(oid)
            if len(head) == 3:
                yield from self._content(stream, oid, head[1].decode("ascii"), int(head[2]))
            else:
                yield Content(oid, "", memoryview(b""))

    def read(self, oids: Sequence[str]) -> Iterator[Content]:
        """Yields the objects in this order. Where git ends at a damaged one, another git goes on behind it."""
        while oids:
            with git.contents(oids, self._cwd) as stream:
                try:
                    yield from self._answers(stream, oids)
                    return
                except _DamagedError as error:
                    damaged = str(error)
            yield Content(damaged, "", memoryview(b""))
            oids = oids[oids.index(damaged) + 1 :]
