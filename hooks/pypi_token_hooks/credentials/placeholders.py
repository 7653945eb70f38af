"""Words that stand where a credential would: is this value an example, filling, or a reference?"""
from __future__ import annotations

_COUNTED = b"0123456789012345678909876543210 abcdefghijklmnopqrstuvwxyz ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_RUN = 8  # characters in a row; a random token holds such a run once in 10^12


def _has_repeated_run(text: bytes) -> bool:
    """Tells whether a unit of one to four characters is repeated over at least eight."""
    return any(
        text[i : i + _RUN] == text[i + unit : i + unit + _RUN]
        for unit in range(1, 5)
        for i in range(len(text) - _RUN - unit + 1)
    )


def _has_counted_run(text: bytes) -> bool:
    return any(text[i : i + _RUN] in _COUNTED for i in range(len(text) - _RUN + 1))


def is_filled(text: bytes) -> bool:
    """Tells whether token-shaped text is filling: repeated, counted, or of too few different characters."""
    return len(set(text)) < 16 or _has_repeated_run(text) or _has_counted_run(text)
