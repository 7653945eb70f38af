"""Objects read whole through git: names in, contents out."""
from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from typing import IO
from typing import NamedTuple

from pypi_token_hooks import git
from pypi_token_hooks.model import Place
from pypi_token_hooks.model import Unread
from pypi_token_hooks.pieces import CHUNK
from pypi_token_hooks.pieces import MAX_WHOLE


class Content(NamedTuple):
    """One object; what is too big for one piece comes in chunks. Without a kind git could not read it."""

    oid: str
    kind: str
    data: bytes
    chunks: Iterator[bytes] | None = None
    base: str = ""  # an object of the same portion, met before, from which it differs
    changed: Callable[[], Iterable[tuple[int, int]]] = tuple  # where it differs, and only there; of most nobody asks


def unreadable(oid: str) -> Unread:
    """Returns the failure to read an object."""
    return Unread(Place(oid), "git", "this object is missing or damaged; `git fsck` tells more", expected=False)


class _DamagedError(Exception):
    """git ended in the middle of its answer for the object of this name."""


def _chunks(stream: IO[bytes], size: int) -> Iterator[bytes]:
    while size and (chunk := stream.read(min(size, CHUNK))):
        size -= len(chunk)
        yield chunk


def _content(stream: IO[bytes], oid: str, kind: str, size: int) -> Iterator[Content]:
    """Yields the object of which the stream tells; a line feed ends its content."""
    if size < MAX_WHOLE:
        data = stream.read(size)
        if len(data) < size or stream.read(1) != b"\n":
            raise _DamagedError(oid)
        yield Content(oid, kind, data)
        return
    chunks = _chunks(stream, size)
    yield Content(oid, kind, b"", chunks)
    for _ in chunks:
        pass  # who asked for it did not want it all
    if stream.read(1) != b"\n":
        raise _DamagedError(oid)


def _answers(stream: IO[bytes], oids: Sequence[str]) -> Iterator[Content]:
    for oid in oids:
        head = stream.readline().split()
        if not head:
            raise _DamagedError(oid)
        if len(head) == 3:
            yield from _content(stream, oid, head[1].decode("ascii"), int(head[2]))
        else:
            yield Content(oid, "", b"")


def read(oids: Sequence[str], cwd: str | None = None) -> Iterator[Content]:
    """Yields the objects in this order. Where git ends at a damaged one, another git goes on behind it."""
    while oids:
        with git.contents(oids, cwd) as stream:
            try:
                yield from _answers(stream, oids)
                return
            except _DamagedError as error:
                damaged = str(error)
        yield Content(damaged, "", b"")
        oids = oids[oids.index(damaged) + 1 :]
