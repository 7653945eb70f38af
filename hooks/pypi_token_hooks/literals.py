"""Searches bytes for many literals or patterns: at once with `ahocorasick_rs` or `hyperscan`, otherwise one after the other."""
from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from typing import Protocol

__all__ = ("FEW", "Asker", "Finder", "Found", "ahocorasick_rs", "asker", "finder", "hyperscan", "is_fast", "of", "scanner")

try:
    import ahocorasick_rs
except ImportError:
    ahocorasick_rs = None  # type: ignore[assignment]
try:
    import hyperscan

    hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK).compile(expressions=[b"a"])
except Exception:  # it is not installed, or does not support this processor
    hyperscan = None  # type: ignore[assignment]

Found = Mapping[bytes, Sequence[int]]
Finder = Callable[[bytes], Found]
Asker = Callable[[bytes], bool]
Search = Callable[[bytes], list[tuple[int, int, int]]]
Hits = list[tuple[int, int]]  # the number of a pattern, and where it ends


class Scan(Protocol):
    """Returns the matches in the bytes, in the order of their ends; if `most` is not 0, no more than so many."""

    def __call__(self, data: bytes, most: int = 0) -> Hits: ...


SHORT = 3  # bytes: a literal of no more makes the search for all of them three times slower
FEW = 60  # literals in one automaton: for more than 64 `ahocorasick_rs` has only a search that is 20 times slower
_MOST = 1 << 31  # bytes: `hyperscan` counts with 32 bits


def places(data: bytes, literal: bytes) -> Iterator[int]:
    """Yields the offsets of the literal."""
    at = data.find(literal)
    while at >= 0:
        yield at
        at = data.find(literal, at + 1)


def _one_by_one(literals: Sequence[bytes]) -> Finder:
    return lambda data: {literal: [*places(data, literal)] for literal in literals if literal in data}


def scanner(patterns: Sequence[bytes], always: int = 0) -> Scan:
    """Returns a scan for patterns. Of each it reports one match, of the first `always` patterns every match."""

    @cache  # compiled at first use
    def database() -> hyperscan.Database:
        once = hyperscan.HS_FLAG_DOTALL | hyperscan.HS_FLAG_SINGLEMATCH
        flags = [hyperscan.HS_FLAG_DOTALL if number < always else once for number in range(len(patterns))]
        made = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
        made.compile(expressions=patterns, ids=[*range(len(patterns))], elements=len(patterns), flags=flags)
        made.scratch = hyperscan.Scratch(made)
        return made

    def scan(data: bytes, most: int = 0) -> Hits:
        if len(data) > _MOST:
            raise ValueError("too much to scan at once")
        hits: Hits = []
        if not most:
            database().scan(data, lambda number, start, end, flags, context: hits.append((number, end)))
            return hits

        def keep(number: int, _start: int, end: int, _flags: int, _context: object) -> bool:
            hits.append((number, end))
            return len(hits) == most

        with suppress(hyperscan.ScanTerminated):
            database().scan(data, keep)
        return hits

    return scan


def quoted(literal: bytes) -> bytes:
    """Returns a pattern that matches the literal alone."""
    return b"".join(b"\\x%02x" % byte for byte in literal)


def _scanned(literals: Sequence[bytes]) -> Finder:
    words = [*dict.fromkeys(literals)]
    scan = scanner([*map(quoted, words)], len(words))

    def find(data: bytes) -> Found:
        found: dict[bytes, list[int]] = {}
        for number, end in scan(data):
            found.setdefault(words[number], []).append(end - len(words[number]))
        return found

    return find


def _search(literals: Sequence[bytes]) -> Search:
    kind = ahocorasick_rs.MatchKind.LeftmostFirst  # the kind with the fast search
    search: Search = ahocorasick_rs.BytesAhoCorasick(literals, matchkind=kind).find_matches_as_indexes
    return search


def _begin_in(literal: bytes, others: Sequence[bytes]) -> list[tuple[int, bytes]]:
    """Returns the literals that may begin within this one, with their offsets: the search reports one of overlapping matches."""
    shorter = [(0, other) for other in others if literal.startswith(other) and other != literal]
    return shorter + [
        (offset, other)
        for offset in range(1, len(literal))
        for other in others
        if literal.startswith(other, offset) or other.startswith(literal[offset:])
    ]


def _groups(literals: Sequence[bytes]) -> Iterator[Sequence[bytes]]:
    """Yields the literals in groups, for each of which the search is fast."""
    ordered = sorted(dict.fromkeys(literals), key=len, reverse=True)  # of two at one offset the search reports the longer one
    for group in ([one for one in ordered if len(one) > SHORT], [one for one in ordered if len(one) <= SHORT]):
        for start in range(0, len(group), FEW):
            yield group[start : start + FEW]


def _at_once(literals: Sequence[bytes]) -> Finder:
    groups = [
        (group, _search(group), [_begin_in(literal, group) for literal in group])
        for group in _groups(literals)
    ]  # fmt: skip

    def find(data: bytes) -> Found:
        found: dict[bytes, list[int]] = {}
        for group, search, inner in groups:
            for number, start, _ in search(data):
                found.setdefault(group[number], []).append(start)
                for offset, other in inner[number]:
                    if data.startswith(other, start + offset):
                        found.setdefault(other, []).append(start + offset)
        return found

    return find


def of(found: Found, literals: Sequence[bytes]) -> list[int]:
    """Returns the offsets of the literals, those of one literal after those of another."""
    return [at for literal in literals for at in found.get(literal, ())]


def is_fast() -> bool:
    """Tells whether one of the two libraries is installed."""
    return bool(ahocorasick_rs or hyperscan)


def finder(*literals: bytes) -> Finder:
    """Returns a function that returns all offsets, in order, of those of the literals that the data contains."""

    @cache  # built at first use
    def find() -> Finder:
        return (_at_once if ahocorasick_rs else _scanned if hyperscan else _one_by_one)(literals)

    return lambda data: find()(data)


def asker(*literals: bytes) -> Asker:
    """Returns a function that tells whether the data contains one of the literals."""
    if ahocorasick_rs:

        @cache
        def searches() -> list[Search]:
            return [_search(group) for group in _groups(literals)]

        return lambda data: any(search(data) for search in searches())
    if hyperscan and literals:
        scan = scanner([*map(quoted, literals)])
        return lambda data: bool(scan(data))
    return lambda data: any(literal in data for literal in literals)
