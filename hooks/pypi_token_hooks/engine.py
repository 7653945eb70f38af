"""`anchors.worth_reading` for much data: the same answer, by `ahocorasick_rs` where it is installed."""
from __future__ import annotations

from collections.abc import Callable
from collections.abc import Sequence

from pypi_token_hooks import anchors

Data = bytes | memoryview
Question = Callable[[Data], bool]
Search = Callable[[Data], list[tuple[int, int, int]]]
FEW = 60  # literals of one automaton: up to 64 the library looks for them all at once, beyond it is 20 times slower


def _search(literals: Sequence[bytes]) -> Search:
    """Returns a function that returns which literals stand where; leftmost-first has the fast search."""
    import ahocorasick_rs

    kind = ahocorasick_rs.MatchKind.LeftmostFirst
    return ahocorasick_rs.BytesAhoCorasick(literals, matchkind=kind).find_matches_as_indexes


def _sample(data: Data) -> bytes | bytearray:
    """Returns every seventh byte: from the buffer under a view, since views are slow at it."""
    if isinstance(data, memoryview) and isinstance(data.obj, bytearray):
        return data.obj[: len(data) : anchors.STRIDE]
    return bytes(data)[:: anchors.STRIDE]


def question(own: tuple[bytes, ...] = ()) -> Question:
    """Returns a function that answers as `worth_reading(data, own)` does, as fast as this machine can."""
    literals = (*anchors.CORES, *anchors.ARCHIVES, *anchors.WORDS)
    try:
        search = _search(literals)
    except ImportError:
        return lambda data: anchors.worth_reading(bytes(data), own)
    # apart from the others: of literals that overlap, leftmost-first tells one alone
    tools = _search((*anchors.SMALL_TOOLS, *anchors.LARGE_TOOLS, *anchors.REQUESTS, *anchors.PYPIRC))
    searches_for_own = [_search(own[start : start + FEW]) for start in range(0, len(own), FEW)]

    def worth_reading(data: Data) -> bool:
        found = {literals[match[0]] for match in search(data)}
        if not found.isdisjoint(anchors.CORES) or any(search_for_own(data) for search_for_own in searches_for_own):
            return True
        words = [word for word in anchors.WORDS if word in found]
        if words not in ([], [anchors.URL]) and not tools(data):
            words = [word for word in words if word in (*anchors.ENOUGH, anchors.URL)]
        if words and anchors.is_setting(bytes(data), words):
            return True
        if not found.isdisjoint(anchors.ARCHIVES) and anchors.is_binary(bytes(data)):
            return True
        return anchors.is_hidden(data, _sample(data))

    return worth_reading
