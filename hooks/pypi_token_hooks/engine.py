"""`anchors.worth_reading` for much data: the same answer, by `ahocorasick_rs` where it is installed."""
from __future__ import annotations

from collections.abc import Callable
from collections.abc import Sequence
from typing import NamedTuple

from pypi_token_hooks import anchors

Data = bytes | memoryview
Question = Callable[[Data], bool]
Search = Callable[[Data], list[tuple[int, int, int]]]
FEW = 60  # literals of one automaton: up to 64 the library looks for them all at once, beyond it is 20 times slower


def _search(literals: Sequence[bytes]) -> Search:
    """Returns a function that returns which literals stand where; leftmost-first has the fast search."""
    import ahocorasick_rs

    kind = ahocorasick_rs.MatchKind.LeftmostFirst
    search: Search = ahocorasick_rs.BytesAhoCorasick(literals, matchkind=kind).find_matches_as_indexes
    return search


def _sample(data: Data) -> bytes | bytearray:
    """Returns every seventh byte: from the buffer under a view, since views are slow at it."""
    if isinstance(data, memoryview) and isinstance(data.obj, bytearray):
        return data.obj[: len(data) : anchors.STRIDE]
    return bytes(data)[:: anchors.STRIDE]


class Questions(NamedTuple):
    """Each answers as the function of that name in `anchors` does, of bytes or of a view of a buffer."""

    worth_reading: Question
    leads_on: Question


def questions(own: tuple[bytes, ...] = ()) -> Questions:
    """Returns the questions about data in which `own` counts too, as fast as this machine can answer them."""
    literals = (*anchors.CORES, *anchors.ARCHIVES, *anchors.WORDS)
    try:
        search = _search(literals)
    except ImportError:
        return Questions(
            lambda data: anchors.worth_reading(bytes(data), own), lambda data: anchors.leads_on(bytes(data), own)
        )
    tools = _search((*anchors.SMALL_TOOLS, *anchors.LARGE_TOOLS, *anchors.REQUESTS, *anchors.PYPIRC))
    # apart from the others: of literals that overlap, leftmost-first tells one alone
    searches_for_own = [_search(own[start : start + FEW]) for start in range(0, len(own), FEW)]

    def leads_on(data: Data, found: set[bytes] | None = None) -> bool:
        found = {literals[match[0]] for match in search(data)} if found is None else found
        if not found.isdisjoint(anchors.CORES) or any(search_for_own(data) for search_for_own in searches_for_own):
            return True
        words = [word for word in anchors.WORDS if word in found]
        if words not in ([], [anchors.URL]) and not tools(data):
            words = [word for word in words if word in (*anchors.ENOUGH, anchors.URL)]
        if words and anchors.is_setting(bytes(data), words):
            return True
        return anchors.is_hidden(data, _sample(data))

    def worth_reading(data: Data) -> bool:
        found = {literals[match[0]] for match in search(data)}
        is_archive = not found.isdisjoint(anchors.ARCHIVES) and anchors.is_binary(bytes(data))
        return is_archive or leads_on(data, found)

    return Questions(worth_reading, leads_on)
