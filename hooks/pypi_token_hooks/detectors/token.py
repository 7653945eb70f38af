"""Rule `pypi-token`: the bytes of a view in, one match for each API token out."""
from __future__ import annotations

import re
from collections.abc import Iterator

from pypi_token_hooks.credentials import macaroon
from pypi_token_hooks.credentials.placeholders import is_filled
from pypi_token_hooks.model import Match
from pypi_token_hooks.model import Secret

RULE = "pypi-token"
MIN_DAMAGED = 85  # characters; the bound of PyPI's published pattern (docs.pypi.org/api/secrets)

# base64 of `2, 1, length, host, 2`, the constant start of a token of each host that PyPI runs
KNOWN_STARTS = (b"AgEIcHlwaS5vcmcC", b"AgENdGVzdC5weXBpLm9yZwI", b"AgEPdXBsb2FkLnB5cGkub3JnAi")
_CANDIDATE = re.compile(rb"(pypi-|devpi-|)(?:(?<=i-)Ag|" + b"|".join(KNOWN_STARTS) + rb")")


def _match(confidence: str, data: bytes, start: int, body: int, end: int) -> Match:
    return Match(RULE, confidence, start, end, Secret(data[start:end]))


def _damaged(data: bytes, start: int, body: int) -> Match | None:
    """Returns a probable match where the text begins like a known host's token and is no mere filling."""
    known = next((k for k in KNOWN_STARTS if data.startswith(k, body)), None)
    if known is None:
        return None
    end = macaroon.run_end(data, body, body + macaroon.MAX_CHARACTERS)
    following = data.find(b"pypi-Ag", body, end)
    end = following if following >= 0 else end
    if end - start < MIN_DAMAGED or is_filled(data[body + len(known) : end]):
        return None
    return _match("probable", data, start, body, end)


def find(data: bytes) -> Iterator[Match]:
    """Yields the tokens in `data`, each cut where its macaroon ends."""
    position = 0
    while found := _CANDIDATE.search(data, position):
        start, body = found.start(), found.end(1)
        position = body + 2
        try:
            decoded = macaroon.decode(data, body)
        except macaroon.EndsEarly:
            continue
        except macaroon.NotAMacaroon:
            damaged = _damaged(data, start, body)
            if damaged:
                yield damaged
                position = damaged.end
            continue
        position = body + decoded.length
        prefix = found[1].decode("ascii")
        token = macaroon.describe(decoded, prefix)
        yield _match("certain", data, start, body, position)._replace(token=token)
