"""Where many literals, or patterns, stand in bytes: all at once by `ahocorasick_rs` or `hyperscan`, else one by one."""
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
except Exception:  # it is not there, or this processor is none of its own
    hyperscan = None  # type: ignore[assignment]

Found = Mapping[bytes, Sequence[int]]
Finder = Callable[[bytes], Found]
Asker = Callable[[bytes], bool]
Search = Callable[[bytes], list[tuple[int, int, int]]]
Hits = list[tuple[int, int]]  # the number of a pattern, and where it ends


class Scan(Protocol):
    """Tells which patterns stand in the bytes, in order of their ends; no more than `most` of them where that is not 0."""

    def __call__(self, data: bytes, most: int = 0) -> Hits: ...


SHORT = 3  # bytes: one literal as short as that makes the search for all of them three times slower
FEW = 60  # literals of one automaton: up to 64 the library looks for them all at once, beyond it is 20 times slower
_MOST = 1 << 31  # bytes: `hyperscan` counts in 32 bits


def places(data: bytes, literal: bytes) -> Iterator[int]:
    """Yields where the literal stands."""
    at = data.find(literal)
    while at >= 0:
        yield at
        at = data.find(literal, at + 1)


def _one_by_one(literals: Sequence[bytes]) -> Finder:
    return lambda data: {literal: [*places(data, literal)] for literal in literals if literal in data}


def scanner(patterns: Sequence[bytes], always: int = 0) -> Scan:
    """Returns a scan for patterns: each is told once, the first `always` of them every time."""

    @cache  # what is never asked is not compiled
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
    """Returns the pattern of the literal."""
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
    kind = ahocorasick_rs.MatchKind.LeftmostFirst  # which has the fast search
    search: Search = ahocorasick_rs.BytesAhoCorasick(literals, matchkind=kind).find_matches_as_indexes
    return search


def _begin_in(literal: bytes, others: Sequence[bytes]) -> list[tuple[int, bytes]]:
    """Returns which others may begin in the literal, and where: the search tells the first of two alone."""
    shorter = [(0, other) for other in others if literal.startswith(other) and other != literal]
    return shorter + [
        (offset, other)
        for offset in range(1, len(literal))
        for other in others
        if literal.startswith(other, offset) or other.startswith(literal[offset:])
    ]


def _groups(literals: Sequence[bytes]) -> Iterator[Sequence[bytes]]:
    """Yields the literals in groups for each of which the search is fast."""
    ordered = sorted(dict.fromkeys(literals), key=len, reverse=True)  # of two that begin at one place it tells the longer one
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
    """Returns where the literals stand, one literal after the other."""
    return [at for literal in literals for at in found.get(literal, ())]


def is_fast() -> bool:
    """Tells whether one of the two libraries is installed."""
    return bool(ahocorasick_rs or hyperscan)


def finder(*literals: bytes) -> Finder:
    """Returns a function that returns where which of the literals stand in the data: every place, in order."""

    @cache  # what is never asked is not made
    def find() -> Finder:
        return (_at_once if ahocorasick_rs else _scanned if hyperscan else _one_by_one)(literals)

    return lambda data: find()(data)


def asker(*literals: bytes) -> Asker:
    """Returns a function that tells whether one of the literals stands in the data."""
    if ahocorasick_rs:

        @cache
        def searches() -> list[Search]:
            return [_search(group) for group in _groups(literals)]

        return lambda data: any(search(data) for search in searches())
    if hyperscan and literals:
        scan = scanner([*map(quoted, literals)])
        return lambda data: bool(scan(data))
    return lambda data: any(literal in data for literal in literals)
