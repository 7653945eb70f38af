"""Searches bytes for many literals or patterns: at once with `ahocorasick_rs` or `hyperscan`, otherwise one after the other.

The libraries are imported, and searches made, when there is much to search: for the few files of a commit that takes longer than
it saves.
"""
from __future__ import annotations

import importlib
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from functools import lru_cache
from typing import Any
from typing import Protocol
from typing import TypeVar

from pypi_token_hooks import anchors

Found = Mapping[bytes, Sequence[int]]
Finder = Callable[[bytes], Found]
Asker = Callable[[bytes], bool]
Search = Callable[[bytes], list[tuple[int, int, int]]]
Hits = list[tuple[int, int]]  # the number of a pattern, and where it ends
Answer = TypeVar("Answer")


class Scan(Protocol):
    """Returns the matches in the bytes, in the order of their ends; if `most` is not 0, no more than so many."""

    def __call__(self, data: bytes, most: int = 0) -> Hits: ...


SHORT = 3  # bytes: a literal of no more makes the search for all of them three times slower
FEW = 64  # literals in one automaton: for more than 64 `ahocorasick_rs` has only a search that is 20 times slower
ENOUGH = 1 << 16  # bytes that are searched before it pays to make a search for many literals at once
_STRETCH = 1 << 18  # bytes that are searched at a time where one match is enough: `ahocorasick_rs` tells all that it finds
_MOST = 1 << 31  # bytes: `hyperscan` counts with 32 bits
_DATABASES = 32  # compiled patterns that are kept for whoever asks for the same ones again


@cache
def ahocorasick_rs() -> Any:
    """Returns the library; None if it is not installed."""
    with suppress(ImportError):
        return importlib.import_module("ahocorasick_rs")
    return None


@cache
def hyperscan() -> Any:
    """Returns the library; None if it is not installed, or does not support this processor."""
    with suppress(Exception):
        library = importlib.import_module("hyperscan")
        library.Database(mode=library.HS_MODE_BLOCK).compile(expressions=[b"a"])
        return library
    return None


def _one_by_one(literals: Sequence[bytes]) -> Finder:
    return lambda data: {literal: [*anchors.all_of(data, literal)] for literal in literals if literal in data}


@lru_cache(_DATABASES)
def _database(patterns: tuple[bytes, ...], always: int) -> Any:
    library = hyperscan()
    once = library.HS_FLAG_DOTALL | library.HS_FLAG_SINGLEMATCH
    flags = [library.HS_FLAG_DOTALL if number < always else once for number in range(len(patterns))]
    made = library.Database(mode=library.HS_MODE_BLOCK)
    made.compile(expressions=patterns, ids=[*range(len(patterns))], elements=len(patterns), flags=flags)
    made.scratch = library.Scratch(made)
    return made


def scanner(patterns: Sequence[bytes], always: int = 0) -> Scan:
    """Returns a scan for patterns. Of each it reports one match, of the first `always` patterns every match."""

    @cache  # compiled at first use
    def database() -> Any:
        return _database(tuple(patterns), always)

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

        with suppress(hyperscan().ScanTerminated):
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
    library = ahocorasick_rs()
    kind = library.MatchKind.LeftmostFirst  # the kind with the fast search
    search: Search = library.BytesAhoCorasick(literals, matchkind=kind).find_matches_as_indexes
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
    """Yields the literals in groups: one whose search is fast, and what is left, with the short ones, whose search is slow anyway."""
    ordered = sorted(dict.fromkeys(literals), key=len, reverse=True)  # of two at one offset the search reports the longer one
    fast = [one for one in ordered if len(one) > SHORT][:FEW]
    for group in (fast, ordered[len(fast) :]):
        for start in range(0, len(group), FEW):
            yield group[start : start + FEW]


def _at_once(literals: Sequence[bytes]) -> Finder:
    groups = [
        (group, _search(group), [_begin_in(literal, group) for literal in group])
        for group in _groups(literals)
    ]

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


def _in_time(plain: Callable[[bytes], Answer], make: Callable[[], Callable[[bytes], Answer]]) -> Callable[[bytes], Answer]:
    """Returns what answers as `plain` does, once it was asked about much data by what `make` returns."""
    asked, made = 0, cache(make)

    def answer(data: bytes) -> Answer:
        nonlocal asked
        asked += len(data)
        return (made() if asked > ENOUGH else plain)(data)

    return answer


def finder(*literals: bytes) -> Finder:
    """Returns a function that returns all offsets, in order, of those of the literals that the data contains."""
    literals = tuple(dict.fromkeys(literals))
    plain = _one_by_one(literals)
    return _in_time(plain, lambda: _at_once(literals) if ahocorasick_rs() else _scanned(literals) if hyperscan() else plain)


def _stretches(data: bytes, overlap: int) -> Iterator[bytes]:
    """Yields the data in stretches."""
    if len(data) <= _STRETCH:
        yield data
        return
    for start in range(0, len(data), _STRETCH):
        yield data[start : start + _STRETCH + overlap]


def asker(*literals: bytes) -> Asker:
    """Returns a function that tells whether the data contains one of the literals."""

    def plain(data: bytes) -> bool:
        return any(literal in data for literal in literals)

    def make() -> Asker:
        if ahocorasick_rs():
            searches, longest = [_search(group) for group in _groups(literals)], max(map(len, literals), default=0)
            return lambda data: any(search(stretch) for stretch in _stretches(data, longest) for search in searches)
        if hyperscan() and literals:
            scan = scanner([*map(quoted, literals)])
            return lambda data: bool(scan(data))
        return plain

    return _in_time(plain, make)
