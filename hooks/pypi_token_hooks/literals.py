"""Where several literals stand in bytes: all at once by `ahocorasick_rs`, else one by one, soonest by `stringzilla`."""
from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence

__all__ = ("FEW", "Asker", "Finder", "Found", "ahocorasick_rs", "asker", "finder", "is_fast", "of", "stringzilla")

try:
    import ahocorasick_rs
except ImportError:
    ahocorasick_rs = None  # type: ignore[assignment]
try:
    import stringzilla
except ImportError:
    stringzilla = None

Found = Mapping[bytes, Sequence[int]]
Finder = Callable[[bytes], Found]
Asker = Callable[[bytes], bool]
Search = Callable[[bytes], list[tuple[int, int, int]]]
SHORT = 3  # bytes: one literal as short as that makes the search for all of them three times slower
FEW = 60  # literals of one automaton: up to 64 the library looks for them all at once, beyond it is 20 times slower


def places(data: bytes, literal: bytes, at: int) -> Iterator[int]:
    """Yields where the literal stands, of which `at` is the first place, or -1."""
    while at >= 0:
        yield at
        at = data.find(literal, at + 1)


def _one_by_one(literals: Sequence[bytes]) -> Finder:
    find_one = stringzilla.find if stringzilla else bytes.find

    def find(data: bytes) -> Found:
        first = [(literal, at) for literal in literals if (at := find_one(data, literal)) >= 0]
        return {literal: [*places(data, literal, at)] for literal, at in first}

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
    return bool(ahocorasick_rs or stringzilla)


def finder(*literals: bytes) -> Finder:
    """Returns a function that returns where which of the literals stand in the data: every place, in order."""
    return _at_once(literals) if ahocorasick_rs else _one_by_one(literals)


def asker(*literals: bytes) -> Asker:
    """Returns a function that tells whether one of the literals stands in the data."""
    if not ahocorasick_rs:
        find_one = stringzilla.find if stringzilla else bytes.find
        return lambda data: any(find_one(data, literal) >= 0 for literal in literals)
    searches = [_search(group) for group in _groups(literals)]
    return lambda data: any(search(data) for search in searches)
