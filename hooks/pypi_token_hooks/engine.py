"""`anchors.worth_reading` for much data: the same answer, by `ahocorasick_rs` where it is installed."""
from __future__ import annotations

from collections.abc import Callable

from pypi_token_hooks import anchors

Data = bytes | memoryview
Question = Callable[[Data], bool]


def question(own: tuple[bytes, ...] = ()) -> Question:
    """Returns a function that answers as `worth_reading(data, own)` does, as fast as this machine can."""
    try:
        import ahocorasick_rs
    except ImportError:
        return lambda data: anchors.worth_reading(bytes(data), own)
    # leftmost-first lets the library use its SIMD prefilter: 15 times faster than the standard kind
    automaton = ahocorasick_rs.BytesAhoCorasick(
        [*anchors.LITERALS, *own], matchkind=ahocorasick_rs.MatchKind.LeftmostFirst
    )
    return lambda data: bool(automaton.find_matches_as_indexes(data))
