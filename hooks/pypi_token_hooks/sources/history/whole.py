"""Objects read by git: names in, contents out."""
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
    """One object. Its kind is empty if git could not read it."""

    oid: str
    kind: str
    data: bytes
    chunks: Iterator[bytes] | None = None  # the content if it is too big for `data`
    base: str = ""  # the name of an object, met before in the same portion, whose content is nearly the same
    changed: Callable[[], Iterable[tuple[int, int]]] = tuple  # returns all spans of `data` that differ from the base


def unreadable(oid: str) -> Unread:
    """Returns the failure to read an object."""
    return Unread(Place(oid), "git", "this object is missing or damaged; `git fsck` tells more", expected=False)


class _DamagedError(Exception):
    """git ended in the middle of its answer. The message is the name of the object."""


def _chunks(stream: IO[bytes], size: int) -> Iterator[bytes]:
    while size and (chunk := stream.read(min(size, CHUNK))):
        size -= len(chunk)
        yield chunk


def _content(stream: IO[bytes], oid: str, kind: str, size: int) -> Iterator[Content]:
    """Yields the object whose content, and a line feed behind it, come next in the stream."""
    if size < MAX_WHOLE:
        data = stream.read(size)
        if len(data) < size or stream.read(1) != b"\n":
            raise _DamagedError(oid)
        yield Content(oid, kind, data)
        return
    chunks = _chunks(stream, size)
    yield Content(oid, kind, b"", chunks)
    for _ in chunks:
        pass  # the rest, if it was not read to its end
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


def read(oids: Sequence[str]) -> Iterator[Content]:
    """Yields the objects in this order. If git ends at a damaged one, another git goes on with the next."""
    while oids:
        with git.contents(oids) as stream:
            try:
                yield from _answers(stream, oids)
                return
            except _DamagedError as error:
                damaged = str(error)
        yield Content(damaged, "", b"")
        oids = oids[oids.index(damaged) + 1 :]
