"""Archives and compressed streams: bytes in, the blobs of their members out, within limits."""
from __future__ import annotations

import os
import re
from bisect import bisect_right
from bisect import insort
from collections.abc import Callable
from collections.abc import Iterator
from typing import NamedTuple

from pypi_token_hooks.containers import limits
from pypi_token_hooks.containers import streams
from pypi_token_hooks.containers import tars
from pypi_token_hooks.containers import zips
from pypi_token_hooks.containers.limits import Budget
from pypi_token_hooks.containers.limits import OverLimit
from pypi_token_hooks.containers.streams import Bytes
from pypi_token_hooks.containers.streams import Damaged
from pypi_token_hooks.containers.streams import Stream
from pypi_token_hooks.model import Blob
from pypi_token_hooks.model import Place
from pypi_token_hooks.model import Unread
from pypi_token_hooks.sources import windows

__all__ = ["Budget", "is_archive", "unpack"]

PLAUSIBLE = 1024  # bytes unpacked before damage: chance does not make a stream that long
_ENDINGS = re.compile(r"(?i)\.(?:gz|bz2|xz|zst|zstd)$")


class Inside(NamedTuple):
    """What is being opened: the bytes, where they come from, what it may still cost, and which stretches of it
    are members already, in which no other format looks for archives of its own."""

    data: Bytes
    place: Place
    readings: tuple[str, ...]
    budget: Budget
    taken: list[tuple[int, int]]

    def take(self, start: int, end: int) -> None:
        insort(self.taken, (start, end))

    def past(self, at: int) -> int:
        """Returns where the member that holds this offset ends, or 0."""
        before = bisect_right(self.taken, (at, len(self.data))) - 1
        return self.taken[before][1] if before >= 0 and self.taken[before][1] > at else 0

    def find(self, magic: bytes, at: int) -> int:
        """Returns the next offset of the bytes outside of what is taken, or -1."""
        at = self.data.find(magic, at)
        while at >= 0 and (end := self.past(at)):
            at = self.data.find(magic, end)
        return at

    def member(self, name: str) -> Place:
        return self.place._replace(members=(*self.place.members, name), part="content")

    def unread(self, name: str, reason: str, detail: str) -> Unread:
        return Unread(self.member(name) if name else self.place, reason, detail)


def _named(inside: Inside, name: str) -> Iterator[Blob]:
    """Yields a member's name as a blob of its own."""
    text = name.encode("utf-8", "surrogateescape")
    yield Blob(text, inside.member(name)._replace(part="name"), inside.readings)


def _read(inside: Inside, name: str, stream: Stream, sure: bool) -> Iterator[Blob | Unread]:
    """Yields what a stream unpacks to, and what stopped it. Unless `sure`, early damage says it was none."""
    trouble: Unread | None = None

    def chunks() -> Iterator[bytes]:
        nonlocal trouble
        try:
            yield from stream.chunks(inside.budget)
        except Damaged as error:
            trouble = inside.unread(name, "damaged", str(error))
        except OverLimit as error:
            trouble = inside.unread(name, "limit", str(error))

    blobs = windows.cut(chunks(), inside.member(name), inside.readings)
    if not sure:
        first = next(blobs)
        if trouble and trouble.reason == "damaged" and stream.size < PLAUSIBLE:
            return
        yield first
    yield from blobs
    if trouble:
        yield trouble


def _zip_entry(inside: Inside, entry: zips.Entry, end: list[int]) -> Iterator[Blob | Unread]:
    inside.budget.member()
    if entry.name.endswith("/"):
        return
    yield from _named(inside, entry.name)
    if entry.known:
        end[0] = min(len(inside.data), entry.start + entry.size)
        inside.take(entry.start, end[0])
    if entry.encrypted:
        yield inside.unread(entry.name, "encrypted", "it cannot be read without its password")
    elif entry.method == zips.STORED:
        yield from _zip_stored(inside, entry)
    elif (unpacker := zips.decompressor(entry.method)) is None:
        yield inside.unread(entry.name, "unsupported", f"nothing here unpacks zip method {entry.method}")
    else:
        stream = Stream(inside.data, entry.start, unpacker)
        broken = False
        for item in _read(inside, entry.name, stream, sure=True):
            broken = broken or isinstance(item, Unread)
            yield item
        if not entry.known:
            end[0] = max(entry.start, stream.end)
            inside.take(entry.start, end[0])
        elif not broken and entry.crc is not None and stream.crc != entry.crc:
            yield inside.unread(entry.name, "damaged", "its checksum is wrong")


def _slice(inside: Inside, name: str, start: int, size: int) -> Iterator[Blob | Unread]:
    """Yields bytes that stand in the archive as they are."""
    stop = min(len(inside.data), start + size)
    inside.budget.draw(max(0, stop - start), 0, 0)
    step = streams.CHUNK
    pieces = (inside.data[at : min(stop, at + step)] for at in range(start, stop, step))
    yield from windows.cut(pieces, inside.member(name), inside.readings)
    if start + size > len(inside.data):
        yield inside.unread(name, "damaged", "it breaks off")


def _zip_stored(inside: Inside, entry: zips.Entry) -> Iterator[Blob | Unread]:
    if entry.known:
        yield from _slice(inside, entry.name, entry.start, entry.size)
        return
    following = inside.data.find(b"PK\x07\x08", entry.start)  # the data descriptor, or what comes next
    stop = following if following >= 0 else inside.data.find(b"PK\x01\x02", entry.start)
    stop = stop if stop >= 0 else len(inside.data)
    inside.take(entry.start, stop)
    yield from _slice(inside, entry.name, entry.start, stop - entry.start)


def _zip(inside: Inside) -> Iterator[Blob | Unread]:
    at = inside.find(zips.MAGIC, 0)
    while at >= 0:
        entry = zips.entry(inside.data, at)
        end = [entry.start if entry else at + len(zips.MAGIC)]
        if entry:
            yield from _zip_entry(inside, entry, end)
        at = inside.find(zips.MAGIC, max(end[0], at + len(zips.MAGIC)))


def _tar(inside: Inside) -> Iterator[Blob | Unread]:
    for end in tars.starts(inside.data):
        if inside.past(end[0]):
            end[0] = inside.past(end[0])
            continue
        for entry in tars.archive(inside.data, end[0]):
            if isinstance(entry, int):
                inside.take(end[0], entry)
                end[0] = max(end[0] + 1, entry)
                continue
            inside.budget.member()
            yield from _named(inside, entry.name)
            if entry.target is not None:
                target = entry.target.encode("utf-8", "surrogateescape")
                yield Blob(target, inside.member(entry.name)._replace(part="link target"), inside.readings)
            else:
                yield from _slice(inside, entry.name, entry.start, entry.size)


def _own_name(inside: Inside) -> str:
    """Returns what a compressed file is called once it is unpacked."""
    outer = inside.place.members[-1] if inside.place.members else inside.place.path
    base = os.path.basename(outer.replace("\\", "/"))
    if base.lower().endswith(".tgz"):
        return base[:-4] + ".tar"
    return _ENDINGS.sub("", base) if _ENDINGS.search(base) else base + " (unpacked)"


def _gzip_body(data: Bytes, at: int) -> tuple[int, str] | None:
    """Returns where the deflated data of a gzip member begins, and the name that it carries (RFC 1952)."""
    head = data[at : at + 10]
    if len(head) < 10 or head[3] & 0xE0 or head[8] not in (0, 2, 4) or not (head[9] <= 13 or head[9] == 255):
        return None
    flags, start, name = head[3], at + 10, ""
    if flags & 4:
        start += 2 + int.from_bytes(data[start : start + 2], "little")
    for flag in (8, 16):  # the name, the comment
        if flags & flag:
            end = data.find(b"\0", start, start + 65536)
            if end < 0:
                return None
            name = data[start:end].decode("latin-1") if flag == 8 else name
            start = end + 1
    return start + (2 if flags & 2 else 0), name


def _gzip(inside: Inside) -> Iterator[Blob | Unread]:
    at = inside.find(b"\x1f\x8b\x08", 0)
    while at >= 0:
        body = _gzip_body(inside.data, at)
        following = at + 3
        if body:
            inside.budget.member()
            start, name = body
            stream = Stream(inside.data, start, streams.Inflate())
            yield from _read(inside, name or _own_name(inside), stream, sure=at == 0)
            following = max(following, stream.end if stream.size >= PLAUSIBLE or stream.end > start + 8 else 0)
        at = inside.find(b"\x1f\x8b\x08", following)


def _streams(magic: bytes, make: Callable[[], object]) -> Callable[[Inside], Iterator[Blob | Unread]]:
    """Returns what reads the streams that begin with `magic`."""

    def read(inside: Inside) -> Iterator[Blob | Unread]:
        at = inside.find(magic, 0)
        while at >= 0:
            following = at + len(magic)
            inside.budget.member()
            name = _own_name(inside)
            try:
                stream = Stream(inside.data, at, make())
            except ImportError:
                if at == 0:
                    yield inside.unread(name, "unsupported", "this Python cannot unpack zstd (3.14 can)")
            else:
                yield from _read(inside, name, stream, sure=at == 0)
                following = max(following, stream.end if stream.size >= PLAUSIBLE else 0)
            at = inside.find(magic, following)

    return read


class Format(NamedTuple):
    """One row: the bytes without which there is nothing to open, and what opens it."""

    magic: bytes
    read: Callable[[Inside], Iterator[Blob | Unread]]


FORMATS = (
    Format(zips.MAGIC, _zip),
    Format(tars.MAGIC, _tar),
    Format(b"\x1f\x8b\x08", _gzip),
    *(Format(b"BZh%d1AY&SY" % level, _streams(b"BZh%d1AY&SY" % level, streams.bzip2)) for level in range(1, 10)),
    Format(b"\xfd7zXZ\x00", _streams(b"\xfd7zXZ\x00", streams.xz)),
    Format(b"\x28\xb5\x2f\xfd", _streams(b"\x28\xb5\x2f\xfd", streams.zstd)),
)


def is_archive(data: bytes) -> bool:
    """Tells whether bytes begin like something that `unpack` opens."""
    return data.startswith(tuple(row.magic for row in FORMATS)) or tars.is_header(data[: tars.BLOCK])


def _signs(data: Bytes) -> Iterator[tuple[int, Callable[[Inside], Iterator[Blob | Unread]]]]:
    """Yields each format of which there is a sign, with the offset of the first one."""
    if tars.is_header(data[: tars.BLOCK]):  # some are older than their magic
        yield -1, _tar
    for row in FORMATS:
        at = data.find(row.magic)
        if at >= 0 and (row.read is not _tar or not tars.is_header(data[: tars.BLOCK])):
            yield at, row.read


def unpack(
    data: Bytes, place: Place, budget: Budget, readings: tuple[str, ...] = ()
) -> Iterator[Blob | Unread]:
    """Yields the members of every archive that stands anywhere in the bytes, and what could not be read."""
    inside = Inside(data, place, readings, budget, [])
    # what begins first holds the others
    found = [read for at, read in sorted(_signs(data), key=lambda sign: sign[0])]
    if found and len(place.members) >= limits.MAX_DEPTH:
        if is_archive(data[: tars.BLOCK]):
            yield inside.unread("", "limit", f"more than {limits.MAX_DEPTH} archives inside each other")
        return
    for read in found:
        try:
            yield from read(inside)
        except OverLimit as error:
            yield inside.unread("", "limit", str(error))
            return
