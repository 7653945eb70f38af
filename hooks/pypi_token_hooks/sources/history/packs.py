"""git's packs in, the objects in them out, read without git: each entry is inflated once, and each delta applied to its base.

The formats are those of gitformat-pack(5). Whatever is unusual is left to git: other versions, SHA-256, big objects, loose objects,
and damage. Without the compiled part of `dulwich` everything is.
"""
from __future__ import annotations

import bisect
import functools
import glob
import hashlib
import mmap
import os
import struct
import sys
import zlib
from array import array
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import suppress
from types import BuiltinFunctionType
from typing import Any
from typing import NamedTuple
from typing import cast

from pypi_token_hooks import engine
from pypi_token_hooks.pieces import MAX_WHOLE
from pypi_token_hooks.sources.history import listing
from pypi_token_hooks.sources.history import whole
from pypi_token_hooks.sources.history.listing import COST
from pypi_token_hooks.sources.history.listing import Entry
from pypi_token_hooks.sources.history.whole import Content

try:
    from dulwich.errors import ApplyDeltaError
    from dulwich.pack import apply_delta
except ImportError:
    ApplyDeltaError, apply_delta = ValueError, None  # type: ignore[assignment, misc]

_inflater: Callable[[], Any] = zlib.decompressobj
_damage: tuple[type[Exception], ...] = (zlib.error,)
with suppress(ImportError):
    from isal import igzip_lib
    from isal import isal_zlib

    _inflater, _damage = isal_zlib.decompressobj, (zlib.error, cast(Any, igzip_lib).IsalError)  # twice as fast

_KINDS = {1: "commit", 2: "tree", 3: "blob", 4: "tag"}
_BY_OFFSET, _BY_NAME = 6, 7  # kinds of deltas: they name their base by its offset, or by its name
_NAME = 20  # bytes of a name
_MAGIC, _INDEX_MAGIC, _INDEX_VERSION = b"PACK", b"\xfftOc", 2
_FIRST = 12  # bytes before the first entry
_TABLE = 8 + 256 * 4  # bytes of an index before its names
_FAR = 1 << 31  # an offset with this bit set is an index into the table of large offsets
_HELD = 64 << 20  # bytes of objects that are kept at a time because deltas are still to be applied to them
_KEPT = 32 << 20  # bytes of a mapped pack that may count as our memory before they are given back
_AT_ONCE = 64 << 10  # bytes that a system maps around one that is read
_FEW = 64  # entries whose headers are read before the bytes are counted
_NEAR = 2 * engine.AROUND  # bytes between changes: those closer to each other are one, since what is around them is looked at too
_LONG = 16 << 10  # bytes of one change: an object with a longer one, such as a translation, has mostly changed throughout
_MUCH = 16  # an object is so many times as big as its delta if it pays to look only where it differs
_SHIFTS = [[8 * byte for byte in range(4) if bits >> byte & 1] for bits in range(16)]  # of the bytes of a number that are there
_NEVER = -1  # an offset that no copy continues at
_MET, _WANTED = 1, 2  # states of an entry


class _UnusualError(Exception):
    """Something that is left to git."""


_ERRORS: tuple[type[Exception], ...] = (_UnusualError, OSError, ValueError, IndexError, struct.error, ApplyDeltaError, *_damage)


def _number(data: bytes, at: int) -> tuple[int, int]:
    """Returns the number at the offset, seven bits a byte with the lowest first, and the offset behind it."""
    number = shift = 0
    while True:
        byte = data[at]
        number |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return number, at


def _changed(delta: bytes) -> Iterator[tuple[int, int]]:
    """Yields the spans of an object that differ from its base, by the delta between them.

    They are the new bytes, and the (empty) places at which stretches meet that are apart in the base. The beginning or end of the
    object counts as well, if the base does not begin or end with it. Changes near each other are one span; where one gets long, the
    rest of the object counts as changed.
    """
    base_size, at = _number(delta, 0)
    size_after, at = _number(delta, at)
    place = follows = 0  # the offset reached in the object; the one in the base behind the last copy
    start = end = _NEVER
    while at < len(delta):
        what, at = delta[at], at + 1
        size = offset = 0
        if what < 128:  # so many new bytes follow
            at, new = at + what, what
        else:
            for shift in _SHIFTS[what & 15]:
                offset, at = offset | delta[at] << shift, at + 1
            for shift in _SHIFTS[what >> 4 & 7]:
                size, at = size | delta[at] << shift, at + 1
            size, new = size or 1 << 16, 0
        if new or offset != follows:
            if start == _NEVER:
                start = place
            elif place > end + _NEAR:
                yield start, end
                start = place
            elif place - start > _LONG:
                yield start, size_after
                return
            end = place + new
        place, follows = place + new + size, _NEVER if new else offset + size
    if follows != base_size:
        if start != _NEVER and place > end + _NEAR:
            yield start, end
            start = _NEVER
        start, end = place if start == _NEVER else start, place
    if start != _NEVER:
        yield start, end


def _indexed(path: str) -> tuple[bytes, list[int]]:
    """Returns the names in a pack's index, one behind the other, and their offsets. Raises one of _ERRORS."""
    with open(path, "rb") as stream:
        data = stream.read()
    if hashlib.sha1(data[:-_NAME], usedforsecurity=False).digest() != data[-_NAME:]:
        raise _UnusualError
    if len(data) < _TABLE or struct.unpack_from(">4sI", data) != (_INDEX_MAGIC, _INDEX_VERSION):
        raise _UnusualError
    (count,) = struct.unpack_from(">I", data, _TABLE - 4)
    offsets_at = _TABLE + count * (_NAME + 4)
    large_at = offsets_at + count * 4
    offsets = list(struct.unpack_from(f">{count}I", data, offsets_at))
    many = sum([offset >= _FAR for offset in offsets]) if count and max(offsets) >= _FAR else 0
    if len(data) != large_at + many * 8 + 2 * _NAME:  # an index with the longer names of SHA-256 has another length
        raise _UnusualError
    large = struct.unpack_from(f">{many}Q", data, large_at)
    offsets = [large[offset - _FAR] if offset >= _FAR else offset for offset in offsets] if many else offsets
    return data[_TABLE : _TABLE + count * _NAME], offsets


class Pack:
    """A pack, mapped into memory. Its entries are numbered in the order of their offsets."""

    def __init__(self, path: str, most: int) -> None:
        """Raises one of _ERRORS for a pack that is left to git; so is one with more than `most` objects."""
        names, offsets = _indexed(path + ".idx")
        if not 0 < len(offsets) <= most:
            raise _UnusualError
        order = sorted(range(len(offsets)), key=offsets.__getitem__)
        self._names, self._order = names, array("I", order)
        with open(path + ".pack", "rb") as stream:
            self._data = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
        self.size = len(self._data)  # bytes of the file
        self._offsets = array("Q", [*map(offsets.__getitem__, order), len(self._data) - _NAME])
        if self._data[: len(_MAGIC)] != _MAGIC or self._offsets[0] < _FIRST or self._offsets[-2] >= self._offsets[-1]:
            raise _UnusualError
        self._kinds, self._states = bytearray(len(offsets)), bytearray(len(offsets))
        self._starts, self._sizes = (array("Q", bytes(8 * len(offsets))) for _ in range(2))  # offset of the stream, size inflated
        # The deltas on an entry, as a linked list: the last of them, and for each the one before. Numbers plus 1; 0 ends the list.
        self._last, self._before = (array("I", bytes(4 * len(offsets))) for _ in range(2))
        self._read = 0  # bytes read since memory was last given back
        self._read_heads()

    def _name(self, number: int) -> bytes:
        at = self._order[number] * _NAME
        return self._names[at : at + _NAME]

    def _read_heads(self) -> None:
        """Reads the header of each entry: its kind, its size, and the base if it is a delta."""
        data, names = self._data, dict[bytes, int]()
        kinds, starts, sizes, last, before = self._kinds, self._starts, self._sizes, self._last, self._before
        offsets, count = self._offsets, len(kinds)
        for number in range(count):
            offset = offsets[number]
            byte, at = data[offset], offset + 1
            kind, size, shift = byte >> 4 & 7, byte & 15, 4
            while byte > 127:
                byte, at = data[at], at + 1
                size, shift = size | (byte & 127) << shift, shift + 7
            base: int | None = None
            if kind == _BY_OFFSET:
                byte, at = data[at], at + 1
                back = byte & 127
                while byte > 127:
                    byte, at = data[at], at + 1
                    back = back + 1 << 7 | byte & 127
                place = bisect.bisect_left(offsets, offset - back, 0, number)
                base = place if offsets[place] == offset - back else None
            elif kind == _BY_NAME:
                names = names or {self._name(one): one for one in range(count)}
                base = names.get(data[at : at + _NAME])
                at += _NAME
            if base is not None:
                before[number], last[base] = last[base], number + 1
            kinds[number], starts[number], sizes[number] = kind, at, size if size < MAX_WHOLE else MAX_WHOLE
            if not number % _FEW:
                self._count(_FEW * _AT_ONCE)

    def _count(self, size: int) -> None:
        """Counts bytes that were read, and gives their memory back to the system once they are many."""
        self._read += size
        if self._read > _KEPT and hasattr(self._data, "madvise"):
            self._data.madvise(mmap.MADV_DONTNEED)
            self._read = 0

    def _deltas_on(self, number: int) -> list[int]:
        """Returns the deltas whose base is this entry."""
        found = []
        one = self._last[number]
        while one:
            found.append(one - 1)
            one = self._before[one - 1]
        return found

    def _family(self, root: int) -> list[int]:
        """Returns an entry, the deltas on it, the deltas on these, and so on."""
        found = [root]
        for number in found:  # the list grows meanwhile
            found += self._deltas_on(number)
        return found

    def families(self, is_wanted: Callable[[bytes], bool] | None) -> Iterator[tuple[int, int]]:
        """Yields each entry that is no delta and has a wanted entry in its family, with the cost of these. None: all are wanted.

        Marks what it meets.
        """
        for root, kind in enumerate(self._kinds):
            if kind not in _KINDS:
                continue
            family = self._family(root)
            wanted = [number for number in family if is_wanted(self._name(number))] if is_wanted else family
            for number in family:
                self._states[number] = _MET
            for number in wanted:
                self._states[number] = _WANTED
            if wanted:
                yield root, len(wanted) * (self._sizes[root] + COST)  # most objects are about as big as their base

    def others(self) -> Iterator[bytes]:
        """Yields the names of deltas that `families` did not meet: their base is not in this pack."""
        for number, state in enumerate(self._states):
            if not state:
                yield self._name(number)

    def _left(self, number: int) -> Iterator[str]:
        """Yields the names of the wanted entries in the family of an entry."""
        return (self._name(one).hex() for one in self._family(number) if self._states[one] == _WANTED)

    def _object(self, number: int, base: bytes | None) -> tuple[bytes, bytes]:
        """Returns the content of an object, and its delta, which is empty if it has no base. Raises one of _ERRORS."""
        size, stream = self._sizes[number], _inflater()
        if size >= MAX_WHOLE:
            raise _UnusualError
        start, end = self._starts[number], self._offsets[number + 1]
        self._count(end - start + _AT_ONCE)
        data: bytes = stream.decompress(self._data[start:end], size + 1)
        if len(data) != size or not stream.eof:
            raise _UnusualError
        if base is None:
            return data, b""
        before, at = _number(data, 0)
        after, _ = _number(data, at)
        if before != len(base) or after >= MAX_WHOLE:
            raise _UnusualError
        return b"".join(apply_delta(base, data)), data

    def contents(self, root: int, left: list[str]) -> Iterator[Content]:
        """Yields the wanted objects of the family of `root`. The names of those that git has to read are added to `left`."""
        kind, held = _KINDS[self._kinds[root]], 0
        # an entry, its base, and how many bytes need not be kept any longer after it: those of the base, at its last delta
        waiting: list[tuple[int, Content | None, int]] = [(root, None, 0)]
        while waiting:
            number, base, given_up = waiting.pop()
            held -= given_up
            try:
                data, delta = self._object(number, base.data if base else None)
            except _ERRORS:
                left.extend(self._left(number))
                continue
            if base and len(delta) * _MUCH < len(data):
                content = Content(self._name(number).hex(), kind, data, None, base.oid, functools.partial(_changed, delta))
            else:
                content = Content(self._name(number).hex(), kind, data)
            above = self._deltas_on(number)
            if above and held + len(data) > _HELD:
                for one in above:
                    left.extend(self._left(one))
            elif above:
                held += len(data)
                waiting.extend((one, content, 0 if place else len(data)) for place, one in enumerate(above))
            if self._states[number] == _WANTED:
                yield content


class Portion(NamedTuple):
    """Some entries of a pack that are no deltas, and their families."""

    pack: Pack
    roots: list[int]

    def read(self) -> Iterator[Content]:
        """Yields the wanted objects; in the end those that are left to git."""
        left: list[str] = []
        for root in self.roots:
            yield from self.pack.contents(root, left)
        yield from whole.read(left)


def files(folder: str, ending: str) -> list[str]:
    """Returns the files beside the packs with this ending, in the folder of the objects; their paths without the ending."""
    return sorted(path.removesuffix(ending) for path in glob.glob(os.path.join(glob.escape(folder), "pack", "*" + ending)))


def opened(folder: str, most: int = sys.maxsize) -> list[Pack]:
    """Returns the packs, in the folder of the objects, that need not be left to git and have no more than `most` objects."""
    found = []
    for path in files(folder, ".idx") if isinstance(apply_delta, BuiltinFunctionType) else ():
        with suppress(*_ERRORS):
            found.append(Pack(path, most))
    return found


def stock(folder: str) -> tuple[list[Pack], list[Entry]] | None:
    """Returns all packs and all loose objects; None if there may be more, or if a pack is left to git.

    Loose objects are listed first, so that one which is packed meanwhile is not missed.
    """
    if os.path.exists(os.path.join(folder, "info", "alternates")) or "GIT_ALTERNATE_OBJECT_DIRECTORIES" in os.environ:
        return None
    loose = listing.loose(folder)
    packs = opened(folder)
    return (packs, loose) if len(packs) == len(files(folder, ".idx")) else None


def portions(
    packs: Sequence[Pack], entries: Sequence[Entry], count: int, everything: bool = False
) -> tuple[list[Portion], list[Entry]]:
    """Returns those of the entries that are in the packs, in about `count` portions of equal cost, and the other entries.

    With `everything` the portions have all objects in the packs (one in several packs once), and the entries are further ones.
    """
    left, met = {bytes.fromhex(oid): size for oid, size in entries}, set[bytes]()

    def is_new(name: bytes) -> bool:
        left.pop(name, None)
        is_new = name not in met
        met.add(name)
        return is_new

    def is_wanted(name: bytes) -> bool:
        return left.pop(name, None) is not None

    alone = everything and len(packs) == 1 and not left
    wanted = None if alone else is_new if everything else is_wanted
    families = [(pack, root, cost) for pack in packs for root, cost in pack.families(wanted)]
    if everything:
        left.update((name, 0) for pack in packs for name in pack.others() if name not in met)
    share = sum([cost for _, _, cost in families]) // count + 1
    found: list[Portion] = []
    room = 0
    for pack, root, cost in families:
        if room <= 0 or found[-1].pack is not pack:
            found.append(Portion(pack, []))
            room = share
        found[-1].roots.append(root)
        room -= cost
    return found, [Entry(name.hex(), size) for name, size in left.items()]
