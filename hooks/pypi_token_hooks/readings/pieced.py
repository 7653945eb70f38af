"""Tokens in pieces: text in which one breaks off in, a view of it put together out. It counts only if it decodes."""
from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from typing import NamedTuple

from pypi_token_hooks import late
from pypi_token_hooks.credentials import macaroon
from pypi_token_hooks.model import View
from pypi_token_hooks.readings.offsets import Pieces
from pypi_token_hooks.readings.spans import BEGINNING
from pypi_token_hooks.readings.spans import Span
from pypi_token_hooks.readings.spans import cut
from pypi_token_hooks.readings.spans import is_sound
from pypi_token_hooks.readings.ways import SPAN
from pypi_token_hooks.readings.ways import onwards

NEAR = 4096  # bytes between a prefix and the rest of a token
FIRST_TRY = 96  # characters: hardly a token is shorter
ELLIPSES = (b"...", "\u2026".encode())  # an example says itself that it breaks off
EFFORT = 8  # bytes looked at for each byte of the data: hostile text has a beginning everywhere

_PREFIXES = (b"pypi-", b"devpi-")
# a prefix at which the rest is added: a string or a tag ends, a variable or a format follows, or nothing more on the line
_LONE = late.compiled(rb"(pypi-|devpi-)(?=\\?[\"'`]|[{$]|#\{|\\\(|</|%[sv({A-Z_]|[ \t]*(?:\r?\n|$)|[ \t]+Ag[E-H])")


class UnfinishedError(Exception):
    """Not all was read, for the reason that the message tells."""


class _Whole(NamedTuple):
    """A macaroon in pieces, as spans of the data."""

    decoded: macaroon.Macaroon
    spans: list[Span]


def _joined(data: bytes, first: Span, others: Iterator[Span]) -> _Whole | None:
    """Returns the macaroon that the first span and those that follow hold, if they hold one."""
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
    """Returns the view of a token; a prefix that stands apart is told to be where the rest begins."""
    body, size = whole.spans[0][0], len(prefix)
    pieces, parts = Pieces(), [prefix]
    pieces.add(0, body - size, size) if data.endswith(prefix, 0, body) else pieces.add(0, body, 0)
    for start, end in whole.spans:
        pieces.add(size, start, end - start)
        parts.append(data[start:end])
        size += end - start
    return View(b"".join(parts), ("joined",), pieces)


class _Prefixes:
    """Where in the data a prefix stands apart."""

    def __init__(self, data: bytes) -> None:
        found = list(_LONE.finditer(data))
        self._starts, self._words = [one.start() for one in found], [one[1] for one in found]

    def near(self, whole: _Whole) -> bytes:
        """Returns the prefix that is meant for a macaroon, or nothing; one like PyPI's may be far from it."""
        if not self._starts:
            return b""
        start, end = whole.spans[0][0], whole.spans[-1][1]
        index = bisect_left(self._starts, start)
        near = [i for i in (index - 1, index) if 0 <= i < len(self._starts)]
        best = min(near, key=lambda i: abs(self._starts[i] - start))
        is_near = start - NEAR <= self._starts[best] <= end + NEAR
        return self._words[best] if is_near or macaroon.UUID.fullmatch(whole.decoded.identifier) else b""


def _completed(data: bytes, body: int, end: int) -> _Whole | None:
    """Returns the macaroon of which the beginning stands between two offsets, if a way leads on to the rest."""
    ways = (_joined(data, (body, end), way) for way in onwards(data, body, end))
    return next((whole for whole in ways if whole), None)


def pieced(data: bytes) -> Iterator[View]:
    """Reads each token that breaks off with its rest, and each macaroon whose prefix stands apart from it.

    Raises UnfinishedError at the end if more of them break off than can be tried.
    """
    prefixes: _Prefixes | None = None
    effort = (1 << 20) + EFFORT * len(data)
    runs, following = macaroon.Runs(data), 0
    for found in BEGINNING.finditer(data):
        body = found.start()
        if body < following:
            continue  # within a macaroon
        prefix = next((word for word in _PREFIXES if data.endswith(word, 0, body)), b"")
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
