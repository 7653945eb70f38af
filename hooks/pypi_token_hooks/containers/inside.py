"""What is being opened, and what all formats share: how names, contents and what could not be read become blobs and Unreads."""
from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Sequence
from typing import NamedTuple

from pypi_token_hooks.containers.limits import MAX_NAME
from pypi_token_hooks.containers.limits import Budget
from pypi_token_hooks.containers.limits import Exhausted
from pypi_token_hooks.containers.limits import OverLimit
from pypi_token_hooks.containers.reader import Reader
from pypi_token_hooks.model import Blob
from pypi_token_hooks.model import Part
from pypi_token_hooks.model import Place
from pypi_token_hooks.model import Reason
from pypi_token_hooks.model import Unread
from pypi_token_hooks.pieces import MAX_WHOLE
from pypi_token_hooks.pieces import Cover

Item = Blob | Unread | None  # None: nothing new yet, but enough was read that a window may be complete
SURE = 0  # bytes to unpack before something counts as an archive, if it certainly is one
WORTH = 64  # bytes unpacked before damage that are worth scanning: few credentials are shorter
MAX_PROBE = 1 << 20  # packed bytes: what has not unpacked to enough by then is no archive
_GATHER = 1 << 16  # unpacked bytes that are handed on at a time
_MAX_IDLE = 4 << 20  # packed bytes in a row that may unpack to nothing


class Damaged(Exception):
    """The archive breaks off or contradicts itself."""


class NoArchive(Exception):
    """What looked like the beginning of an archive is none."""


def anywhere(_start: int) -> bool:
    """Says for any offset that an archive may begin there, as in bytes that are no reading."""
    return True


class Inside(NamedTuple):
    """What is being opened."""

    place: Place
    readings: tuple[str, ...]
    budget: Budget
    cover: Cover  # the stretches of it that are given out again as members
    deeper: Callable[[Iterator[bytes], Inside], Iterator[Item]]  # opens a member too big for one blob
    guessed: bool = False  # whether it is a reading, in which an archive may appear by chance
    begins: Callable[[int], bool] = anywhere  # whether an archive may begin at an offset

    def member(self, name: str, part: Part = "content") -> Place:
        return self.place._replace(members=(*self.place.members, name), part=part)

    def unread(self, name: str | None, reason: Reason, detail: str) -> Iterator[Unread]:
        """Yields the Unread for a member, or for all of it, unless that was yielded before."""
        place = self.place._replace(part="content") if name is None else self.member(name)
        if (place, detail) not in self.budget.told:
            self.budget.told.add((place, detail))
            yield Unread(place, reason, detail)

    def text(self, data: bytes, name: str | None, part: Part) -> Iterator[Blob]:
        """Yields a name, a link target or a comment."""
        place = self.place._replace(part=part) if name is None else self.member(name, part)
        if data:
            yield Blob(data[:MAX_NAME], place, self.readings)


def stored(inside: Inside, reader: Reader, size: int) -> Iterator[bytes]:
    """Yields stored bytes and covers them. Raises Damaged if they break off."""
    for chunk in reader.take(size):
        inside.budget.check()
        inside.cover.add(reader.position - len(chunk), reader.position)
        size -= len(chunk)
        yield chunk
    if size:
        raise Damaged("it breaks off")


class Flow:
    """The chunks of a member. They end where a decompressor raises; `trouble` then has the exception.

    An empty chunk says that packed bytes were read which have not unpacked to a whole chunk yet.
    """

    def __init__(self, reader: Reader, chunks: Iterator[bytes]) -> None:
        self.trouble: Exception | None = None
        self.size = 0
        self.begun = reader.position
        self.reader = reader
        self._chunks = chunks

    def __iter__(self) -> Iterator[bytes]:
        held: list[bytes] = []
        size, heard = 0, self.begun
        try:
            for chunk in self._chunks:
                if chunk:
                    held.append(chunk)
                    size += len(chunk)
                    heard = self.reader.position
                elif self.reader.position - heard > _MAX_IDLE:
                    raise OverLimit(f"{_MAX_IDLE >> 20} MiB unpack to nothing: the rest was not unpacked")
                if size >= _GATHER:
                    self.size += size
                    yield b"".join(held)
                    held, size = [], 0
                else:
                    yield b""
        except (Damaged, OverLimit) as error:
            self.trouble = error.with_traceback(None)  # which leads back to us, and to the memory of the decompressor
            error.__context__ = None  # and so does that of the library's own error
        if held:
            self.size += size
            yield b"".join(held)


def _whole(inside: Inside, name: str, chunks: Iterator[bytes]) -> Iterator[Item]:
    """Yields the chunks as one blob; a member too big for that as windows, and the members of archives in it."""
    head: deque[bytes] = deque()
    size = 0
    for chunk in chunks:
        if chunk:
            head.append(chunk)
            size += len(chunk)
        if size >= MAX_WHOLE:
            break
        yield None
    else:
        if head:
            data = b"".join(head)
            head.clear()
            yield Blob(data, inside.member(name), inside.readings)
        return
    begun = (head.popleft() for _ in range(len(head)))
    nested = inside._replace(place=inside.member(name), cover=Cover(), guessed=False, begins=anywhere)
    yield from inside.deeper(itertools.chain(begun, chunks), nested)


def _told(inside: Inside, name: str, trouble: Exception | None) -> Iterator[Unread]:
    if isinstance(trouble, Exhausted):
        raise trouble
    if trouble:
        reason: Reason = "limit" if isinstance(trouble, OverLimit) else "damaged"
        yield from inside.unread(name, reason, str(trouble))


def content(
    inside: Inside, reader: Reader, name: str, chunks: Iterator[bytes], plausible: int, begun: Iterator[Blob],
    proof: Sequence[int] = (),
) -> Iterator[Item]:
    """Yields `begun`, which is the name, and then the content of a member that begins at the reader's mark.

    By chance bytes may look like the beginning of an archive. They are one if they unpack without damage, or to at least
    `plausible` bytes before it, or if there is `proof`, which may come while they do. Otherwise it raises NoArchive: nothing is
    reported, and the reader goes back.
    """
    flow = Flow(reader, chunks)
    stream = iter(flow)
    if inside.guessed:
        plausible = max(plausible, WORTH)
    if plausible == SURE:
        reader.release()
    first: list[bytes] = []
    size = 0
    start = reader.position
    while size < plausible and not proof and reader.position - start <= MAX_PROBE:
        chunk = next(stream, None)
        if chunk is None:
            break
        first.append(chunk)
        size += len(chunk)
    if size < plausible and not proof and (flow.trouble or reader.position - start > MAX_PROBE):
        if size >= WORTH:
            yield Blob(b"".join(first), inside.member(name), inside.readings)
        if isinstance(flow.trouble, OverLimit):
            yield from _told(inside, name, flow.trouble)
            return
        raise NoArchive
    reader.release()
    yield from begun
    yield from _whole(inside, name, itertools.chain(first, stream))
    yield from _told(inside, name, flow.trouble)
