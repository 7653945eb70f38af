"""`anchors.worth_reading` for much data: the same answer, by `ahocorasick_rs` where it is installed."""
from __future__ import annotations

from collections.abc import Callable
from collections.abc import Sequence

from pypi_token_hooks import anchors

Data = bytes | memoryview
Question = Callable[[Data], bool]
FEW = 60  # literals of one automaton: up to 64 the library looks for them all at once, beyond it is 20 times slower


def _searches(literals: Sequence[bytes]) -> list[Callable[[Data], list[tuple[int, int, int]]]]:
    """Returns a function for every few literals that returns where they stand."""
    import ahocorasick_rs

    return [
        ahocorasick_rs.BytesAhoCorasick(  # leftmost-first: the standard kind does without the fast search
            literals[start : start + FEW], matchkind=ahocorasick_rs.MatchKind.LeftmostFirst
        ).find_matches_as_indexes
        for start in range(0, len(literals), FEW)
    ]


def question(own: tuple[bytes, ...] = ()) -> Question:
    """Returns a function that answers as `worth_reading(data, own)` does, as fast as this machine can."""
    try:
        certain = _searches((*anchors.CORES, *own))
    except ImportError:
        return lambda data: anchors.worth_reading(bytes(data), own)
    return lambda data: any(search(data) for search in certain) or anchors.worth_reading_besides(bytes(data))
