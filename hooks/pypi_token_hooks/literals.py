"""Where several literals stand in bytes: all at once by `ahocorasick_rs` where it is installed, else one by one."""
from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence

Found = Mapping[bytes, Sequence[int]]
Finder = Callable[[bytes], Found]
Search = Callable[[bytes], list[tuple[int, int, int]]]


def _places(data: bytes, literal: bytes) -> Iterator[int]:
    at = data.find(literal)
    while at >= 0:
        yield at
        at = data.find(literal, at + 1)


def _one_by_one(literals: Sequence[bytes]) -> Finder:
    return lambda data: {literal: [*_places(data, literal)] for literal in literals if literal in data}


def _search(literals: Sequence[bytes]) -> Search:
    import ahocorasick_rs

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


def _at_once(literals: Sequence[bytes]) -> Finder:
    ordered = sorted(literals, key=len, reverse=True)  # of two that begin at one place it tells the longer one
    search, inner = _search(ordered), [_begin_in(literal, ordered) for literal in ordered]

    def find(data: bytes) -> Found:
        found: dict[bytes, list[int]] = {}
        for number, start, _ in search(data):
            found.setdefault(ordered[number], []).append(start)
            for offset, other in inner[number]:
                if data.startswith(other, start + offset):
                    found.setdefault(other, []).append(start + offset)
        return found

    return find


def of(found: Found, literals: Sequence[bytes]) -> list[int]:
    """Returns where the literals stand, one literal after the other."""
    return [at for literal in literals for at in found.get(literal, ())]


def finder(*literals: bytes) -> Finder:
    """Returns a function that returns where which of the literals stand in the data: every place, in order."""
    distinct = tuple(dict.fromkeys(literals))
    try:
        return _at_once(distinct)
    except ImportError:
        return _one_by_one(distinct)
