"""Rule `pypi-token`: the bytes of a view in, one match for each API token out."""
from __future__ import annotations

import re
from collections.abc import Iterator

from pypi_token_hooks import late
from pypi_token_hooks.credentials import macaroon
from pypi_token_hooks.credentials.macaroon import KNOWN_STARTS
from pypi_token_hooks.credentials.placeholders import MIN_TOKEN
from pypi_token_hooks.credentials.placeholders import is_filled_token
from pypi_token_hooks.model import Match
from pypi_token_hooks.model import Secret

RULE = "pypi-token"
MAX_DAMAGED = 1024  # characters of a damaged token that are taken for it

_CORE = b"Ag"  # the version byte and the type of the first field
_PREFIX_SIZES = (6, 5, 0)  # of `devpi-`, `pypi-` and none
# a prefix and the version byte, or without a prefix a known host; whatever stands before it
_CANDIDATE = late.compiled(rb"(pypi-|devpi-|)(?:(?:(?<=pypi-)|(?<=devpi-))Ag|" + b"|".join(KNOWN_STARTS) + rb")")


def begins(value: bytes) -> bool:
    """Tells whether a value begins as a token does, whole or not."""
    return _CANDIDATE.match(value) is not None


def _damaged(data: bytes, start: int, body: int, unfinished: int | None = None) -> Match | None:
    """Returns a probable match if the text begins like a token of a known host, is as long as one, and is no filling.

    If it breaks off, in the field that begins at the decoded byte `unfinished`, that must show that it is no truncated example.
    """
    if not data.startswith(KNOWN_STARTS, body):
        return None
    end = macaroon.run_end(data, body, body + MAX_DAMAGED)
    glued = _CANDIDATE.search(data, body + 2, end)
    if glued:
        end = glued.start()
    if end - start < MIN_TOKEN or (unfinished is not None and not macaroon.is_garbled(data[body:end], unfinished)):
        return None
    if is_filled_token(data[start:end]):  # last: it takes longest
        return None
    return Match(RULE, "probable", start, end, Secret(data[start:end]))


def _candidate(data: bytes, position: int) -> re.Match[bytes] | None:
    """Returns the next possible beginning of a token. It searches for a literal first: an expression would try at every byte."""
    while (core := data.find(_CORE, position)) >= 0:
        for size in _PREFIX_SIZES:
            found = _CANDIDATE.match(data, core - size) if core - size >= position else None
            if found and found.end(1) == core:
                return found
        position = core + len(_CORE)
    return None


def find(data: bytes) -> Iterator[Match]:
    """Yields the tokens in `data`, each cut where its macaroon ends."""
    runs, position = macaroon.Runs(data), 0
    while found := _candidate(data, position):
        start, body = found.start(), found.end(1)
        position = body + len(_CORE)
        match = None
        try:
            decoded = runs.decode(body)
        except macaroon.EndsEarly as error:
            match = _damaged(data, start, body, error.offset)
        except macaroon.NotAMacaroon:
            match = _damaged(data, start, body)
        else:
            token = macaroon.describe(decoded, found[1].decode("ascii"))
            end = body + decoded.length
            match = Match(RULE, "certain", start, end, Secret(data[start:end]), token)
        if match:
            yield match
            position = match.end
