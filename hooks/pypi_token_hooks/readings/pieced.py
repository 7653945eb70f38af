"""Tokens in pieces: text in which a token breaks off in, a view of the whole token out, if that decodes."""
from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from typing import NamedTuple

from pypi_token_hooks import late
from pypi_token_hooks.credentials import macaroon
from pypi_token_hooks.model import View
from pypi_token_hooks.readings.spans import BEGINNING
from pypi_token_hooks.readings.spans import Span
from pypi_token_hooks.readings.spans import cut
from pypi_token_hooks.readings.spans import is_sound
from pypi_token_hooks.readings.spans import prefix_before
from pypi_token_hooks.readings.spans import view
from pypi_token_hooks.readings.ways import SPAN
from pypi_token_hooks.readings.ways import onwards

NEAR = 4096  # bytes at most between a prefix and the rest of a token
FIRST_TRY = 96  # characters before it is tried to decode: few tokens are shorter
ELLIPSES = (b"...", "\u2026".encode())  # they end an example that was shortened on purpose
EFFORT = 8  # bytes searched for each byte of the data: in hostile text tokens begin everywhere

# a prefix to which the rest is added later: behind it a string or tag or line ends, or a variable or format follows
_LONE = late.compiled(
    rb"(pypi-|devpi-)(?=\\?[\"'`]|[{$]|#\{|\\\(|</|<(?:w?br|b|em|span|text:)\b|%[sv({A-Z_]|[ \t]*(?:\r?\n|$)|[ \t]+Ag[E-H])"
)


class UnfinishedError(Exception):
    """Not everything was read. The message says why."""


class _Whole(NamedTuple):
    """A macaroon in pieces, as spans of the data."""

    decoded: macaroon.Macaroon
    spans: list[Span]


def _joined(data: bytes, first: Span, others: Iterator[Span]) -> _Whole | None:
    """Returns the macaroon that the first span and some of the others make up; None if they make up none."""
    spans, size, tried = [first], first[1] - first[0], FIRST_TRY

    def whole() -> _Whole | None:
        try:
            decoded = macaroon.decode(b"".join(data[start:end] for start, end in spans))
        except macaroon.EndsEarly:
            return None
        return _Whole(decoded, cut(spans, decoded.length))

    try:
        for span in others:
            spans.append(span)
            size += span[1] - span[0]
            if size >= tried:
                tried = size * 3 // 2
                if result := whole():
                    break
        else:
            result = whole() if len(spans) > 1 else None
    except macaroon.NotAMacaroon:
        return None
    return result if result and is_sound(data, result.spans) else None


def _view(prefix: bytes, data: bytes, whole: _Whole) -> View:
    """Returns the view of a token."""
    body = whole.spans[0][0]
    if data.endswith(prefix, 0, body):
        return view(data, [(body - len(prefix), body), *whole.spans])
    return view(data, whole.spans, prefix)


class _Prefixes:
    """The prefixes in the data that are apart from the rest of a token."""

    def __init__(self, data: bytes) -> None:
        found = list(_LONE.finditer(data))
        self._starts, self._words = [one.start() for one in found], [one[1] for one in found]

    def near(self, whole: _Whole) -> bytes:
        """Returns the nearest prefix if it belongs to the macaroon, else b"". If that is like PyPI's, any distance will do."""
        if not self._starts:
            return b""
        start, end = whole.spans[0][0], whole.spans[-1][1]
        index = bisect_left(self._starts, start)
        near = [i for i in (index - 1, index) if 0 <= i < len(self._starts)]
        best = min(near, key=lambda i: abs(self._starts[i] - start))
        is_near = start - NEAR <= self._starts[best] <= end + NEAR
        return self._words[best] if is_near or macaroon.UUID.fullmatch(whole.decoded.identifier) else b""


def _completed(data: bytes, body: int, end: int) -> _Whole | None:
    """Returns the macaroon that begins between two offsets, if one of the ways leads to its rest."""
    ways = (_joined(data, (body, end), way) for way in onwards(data, body, end))
    return next((whole for whole in ways if whole), None)


def pieced(data: bytes) -> Iterator[View]:
    """Reads tokens that break off together with their rest, and macaroons together with a prefix apart from them.

    Raises UnfinishedError at the end if more tokens break off than could be tried.
    """
    prefixes: _Prefixes | None = None
    effort = (1 << 20) + EFFORT * len(data)
    runs, following = macaroon.Runs(data), 0
    for found in BEGINNING.finditer(data):
        body = found.start()
        if body < following:
            continue  # within a macaroon
        prefix = prefix_before(data, body)
        whole = None
        try:
            decoded = runs.decode(body)
            following = body + decoded.length
            if not prefix:
                whole = _Whole(decoded, [(body, body + decoded.length)])
        except macaroon.NotAMacaroon:
            continue
        except macaroon.EndsEarly:
            end = macaroon.run_end(data, body, body + SPAN)
            if not data.startswith(ELLIPSES, end):
                effort -= SPAN
                whole = _completed(data, body, end) if effort > 0 else None
        if whole and not prefix and whole.decoded.location not in macaroon.KNOWN_HOSTS:
            prefixes = prefixes or _Prefixes(data)
            prefix = prefixes.near(whole)
            whole = whole if prefix else None
        if whole and (prefix or len(whole.spans) > 1):
            yield _view(prefix, data, whole)
    if effort <= 0:
        raise UnfinishedError("more tokens break off in it than can be looked for elsewhere in it")
