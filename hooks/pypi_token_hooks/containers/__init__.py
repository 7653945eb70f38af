"""Archives and compressed streams: bytes in, the blobs of their members out, within limits."""
from __future__ import annotations

import os
import re
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
    """What is being opened: the bytes, where they come from, and what it may still cost."""

    data: Bytes
    place: Place
    readings: tuple[str, ...]
    budget: Budget

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
    yield from _slice(inside, entry.name, entry.start, (stop if stop >= 0 else len(inside.data)) - entry.start)


def _zip(inside: Inside) -> Iterator[Blob | Unread]:
    for entry, end in zips.entries(inside.data):
        yield from _zip_entry(inside, entry, end)


def _tar(inside: Inside) -> Iterator[Blob | Unread]:
    for end in tars.starts(inside.data):
        for entry in tars.archive(inside.data, end[0]):
            if isinstance(entry, int):
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
    at = inside.data.find(b"\x1f\x8b\x08")
    while at >= 0:
        body = _gzip_body(inside.data, at)
        following = at + 3
        if body:
            inside.budget.member()
            start, name = body
            stream = Stream(inside.data, start, streams.Inflate())
            yield from _read(inside, name or _own_name(inside), stream, sure=at == 0)
            following = max(following, stream.end if stream.size >= PLAUSIBLE or stream.end > start + 8 else 0)
        at = inside.data.find(b"\x1f\x8b\x08", following)


def _streams(magic: bytes, make: Callable[[], object]) -> Callable[[Inside], Iterator[Blob | Unread]]:
    """Returns what reads the streams that begin with `magic`."""

    def read(inside: Inside) -> Iterator[Blob | Unread]:
        at = inside.data.find(magic)
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
            at = inside.data.find(magic, following)

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


def unpack(
    data: Bytes, place: Place, budget: Budget, readings: tuple[str, ...] = ()
) -> Iterator[Blob | Unread]:
    """Yields the members of every archive that stands anywhere in the bytes, and what could not be read."""
    inside = Inside(data, place, readings, budget)
    found = [row.read for row in FORMATS if data.find(row.magic) >= 0]
    if _tar not in found and tars.is_header(data[: tars.BLOCK]):  # older than its magic
        found.append(_tar)
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
