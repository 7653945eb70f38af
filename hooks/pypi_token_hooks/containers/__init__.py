"""Archives and compressed streams: bytes in, blobs of the members out, within limits.

It is one pass from front to back: what was read as a part of one archive is not searched for another.
"""
from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from typing import NamedTuple

from pypi_token_hooks import literals
from pypi_token_hooks.containers import limits
from pypi_token_hooks.containers import streams
from pypi_token_hooks.containers import tars
from pypi_token_hooks.containers import zips
from pypi_token_hooks.containers import zstds
from pypi_token_hooks.containers.inside import Inside
from pypi_token_hooks.containers.inside import Item
from pypi_token_hooks.containers.inside import NoArchive
from pypi_token_hooks.containers.limits import Budget
from pypi_token_hooks.containers.limits import Exhausted
from pypi_token_hooks.containers.reader import Reader
from pypi_token_hooks.model import Blob
from pypi_token_hooks.model import CheckFailed
from pypi_token_hooks.model import Place
from pypi_token_hooks.model import Unread
from pypi_token_hooks.pieces import CHUNK
from pypi_token_hooks.pieces import Cover
from pypi_token_hooks.pieces import Cutter

__all__ = ["Budget", "beginnings", "is_archive", "stream", "unpack"]


Opener = Callable[[Inside, Reader, zips.State], Iterator[Item]]


class Format(NamedTuple):
    """One kind of record that is looked for."""

    magic: bytes
    offset: int  # of the magic within the record
    read: Opener


def _alone(read: Callable[[Inside, Reader], Iterator[Item]]) -> Opener:
    """Returns an opener for a format that needs no state of records before it."""
    return lambda inside, reader, _: read(inside, reader)


FORMATS = (
    Format(zips.ENTRY, 0, zips.entry),
    Format(zips.LISTED, 0, zips.listed),
    Format(zips.END, 0, zips.end),
    Format(tars.MAGIC, tars.MAGIC_AT, _alone(tars.archive)),
    Format(streams.GZIP, 0, _alone(streams.gzip)),
    Format(streams.BZIP2, 0, _alone(streams.bzip2)),
    Format(streams.XZ, 0, _alone(streams.xz)),
    Format(streams.ZSTD, 0, _alone(streams.zstd)),
)
_BY_MAGIC = {row.magic: row for row in FORMATS}
_ALL = tuple(_BY_MAGIC)
_LISTS = (zips.listed, zips.end)  # the records at the end of a zip file
_BEGINNINGS = tuple(row.magic for row in FORMATS if row.read not in _LISTS)
_find_beginnings, _has_beginning = literals.finder(*_BEGINNINGS), literals.asker(*_BEGINNINGS)


def _is_text(data: bytes) -> bool:
    return data.isascii() and b"\0" not in data


def is_archive(data: bytes) -> bool:
    """Tells whether the bytes may contain, at any offset, something that `unpack` opens."""
    return not _is_text(data) and (_has_beginning(data) or tars.is_header(data[: tars.BLOCK]))


def beginnings(data: bytes) -> list[int]:
    """Returns the offsets at which an archive may begin, in order."""
    if _is_text(data):
        return []
    found = {0} if tars.is_header(data[: tars.BLOCK]) else set[int]()
    for magic, places in _find_beginnings(data).items():
        found.update(at - _BY_MAGIC[magic].offset for at in places)
    return sorted(at for at in found if at >= 0)


def _one(inside: Inside, reader: Reader, row: Format, at: int, state: zips.State) -> Iterator[Item]:
    """Opens the record whose magic is at the offset, if it is one, and leaves the reader behind what was read of it."""
    begun = max(at - row.offset, 0)
    reader.position = begun
    is_first = row.read not in _LISTS
    is_known = at - row.offset < reader.floor or not reader.behind(begun, begun + 1)
    if is_known or (is_first and not inside.begins(begun)):
        reader.position = at + 1
        return
    reader.mark()
    try:
        if is_first:
            inside.budget.member()
        yield from row.read(inside, reader, state)
        reader.release()
        reader.floor = reader.position = max(reader.position, at + 1)
    except NoArchive:
        reader.back(at + 1)


def _opened(inside: Inside, reader: Reader) -> Iterator[Item]:
    """Yields the members of all archives that the reader meets, up to its end."""
    state = zips.State()
    first = reader.peek(tars.BLOCK)
    if first[tars.MAGIC_AT :][:5] != tars.MAGIC and tars.is_header(first) and inside.begins(0):  # older than its magic
        yield from tars.archive(inside, reader)
        reader.floor = reader.position
    elif zstds.is_skipped(first) and zstds.leads_on(reader.peek(CHUNK)):
        yield from _one(inside, reader, _BY_MAGIC[streams.ZSTD], 0, state)
    while True:
        # a reading may lack entries that are in the archive as it stands
        found = reader.look(_ALL if state.sure or not inside.guessed else _BEGINNINGS)
        if found:
            yield from _one(inside, reader, _BY_MAGIC[found[1]], found[0], state)
        elif not reader.more():
            return
        yield None


def _bounded(inside: Inside, reader: Reader) -> Iterator[Item]:
    """Yields what `_opened` yields, up to the limits of the whole file: depth and cost."""
    try:
        inside.budget.check()
        if len(inside.place.members) < limits.MAX_DEPTH:
            yield from _opened(inside, reader)
            return
        shut = inside._replace(cover=Cover())  # its members are not given out, so nothing of it is covered
        if any(item is not None for item in _opened(shut, reader)):
            detail = f"more than {limits.MAX_DEPTH} archives inside each other"
            yield from inside.unread(None, "limit", detail)
    except Exhausted as error:
        yield from inside.unread(None, "limit", str(error))


def _streamed(chunks: Iterator[bytes], inside: Inside) -> Iterator[Item]:
    """Yields the chunks as windows, and between these the members of the archives in them."""
    cutter = Cutter(inside.place, inside.readings)
    inside = inside._replace(cover=cutter.cover)
    reader = Reader(cutter.through(chunks))
    for item in _bounded(inside, reader):
        yield from cutter.ready(reader.position)
        yield item
    while reader.more():
        yield from cutter.ready(reader.position)
        yield None
    yield from cutter.rest()


def stream(chunks: Iterator[bytes], place: Place, budget: Budget) -> Iterator[Blob | Unread]:
    """Yields big data as windows, whose place is `place`, and the members of every archive in it.

    The chunks are read once, in order, and not kept: they may come from a file, a pipe or git. A member too big for one blob comes
    as windows as well, and archives in it are opened here. `own` is set in every window.
    """

    def fed() -> Iterator[bytes]:
        for chunk in chunks:
            budget.feed(len(chunk))
            yield chunk

    try:
        for item in _streamed(fed(), Inside(place, (), budget, Cover(), _streamed)):
            if item is not None:
                yield item
    except OSError as error:
        yield Unread(place, "unreadable", error.strerror or type(error).__name__, expected=False)
    except CheckFailed as error:  # of git, where the chunks come from it
        yield Unread(place, "git", str(error), expected=False)


def unpack(
    data: bytes,
    place: Place,
    budget: Budget,
    readings: tuple[str, ...] = (),
    covered: list[tuple[int, int]] | None = None,
    begins: Callable[[int], bool] | None = None,
) -> Iterator[Blob | Unread]:
    """Yields the members of every archive anywhere in the bytes, and what could not be read.

    `begins` is given if the bytes are a reading, in which an archive may appear by chance. One is then opened only at an offset
    for which `begins` is true, and does not count if nothing can be read from it. At the end the stretches of `data` that were
    given out as they are, such as stored members, are added to `covered`.
    """
    if not is_archive(data):
        return
    cover = Cover()
    inside = Inside(place, readings, budget, cover, _streamed)
    if begins:
        inside = inside._replace(guessed=True, begins=begins)
    for item in _bounded(inside, Reader(iter((data,)))):
        if item is not None:
            yield item
    if covered is not None:
        covered.extend(cover.stretches)
