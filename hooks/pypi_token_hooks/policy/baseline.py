"""detect-secrets' baseline file: its path in, the pairs of path and hash that it allows out. Nothing it names is run."""
from __future__ import annotations

import json
import os
import posixpath
import re
from collections.abc import Iterator
from functools import lru_cache

from pypi_token_hooks.model import CheckFailed
from pypi_token_hooks.model import as_text

# What detect-secrets' own `PyPI Token` detector takes for the token, and hashes. It is longer than the token if text is glued to
# that, and shorter if the token is written in the other alphabet of base64.
BUILT_IN = re.compile(rb"pypi-AgE(?:IcHlwaS5vcmc|NdGVzdC5weXBpLm9yZw)[A-Za-z0-9-_]{70,}")
PLACES = 16  # places of one secret in one line that are looked at
LONG = 1 << 16  # bytes: on a longer line no escaped parts of URLs are looked for
_PIECE = re.compile(rb"[^\s:/@\"'=]+")

Allowed = frozenset[tuple[str, str]]


def one_form(path: str) -> str:
    r"""Returns a path in the one form in which paths are compared: `a\b` is `a/b`, `./a` is `a`."""
    return posixpath.normpath(path.replace("\\", "/"))


def _pairs(results: dict[str, list[dict[str, str]]]) -> Iterator[tuple[str, str]]:
    for path, items in results.items():
        if not isinstance(items, list):
            raise TypeError
        for item in items:
            yield one_form(path), item["hashed_secret"].lower()


@lru_cache(maxsize=4)
def read(path: str) -> Allowed:
    """Returns what the baseline file allows. Only its `results` are read. Raises CheckFailed."""
    if not os.path.isfile(path):
        raise CheckFailed(f"the baseline {as_text(path)} {'is no file' if os.path.lexists(path) else 'does not exist'}")
    try:
        with open(path, "rb") as stream:
            document = json.loads(stream.read())
        return frozenset(_pairs(document["results"]))
    except OSError as error:
        raise CheckFailed(f"the baseline {as_text(path)} cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError):
        raise CheckFailed(f"the baseline {as_text(path)} is not JSON") from None
    except (TypeError, KeyError, AttributeError):
        raise CheckFailed(f"the baseline {as_text(path)} has no results as detect-secrets writes them") from None


def _hash(text: bytes) -> str:
    import hashlib  # only for a finding: every commit with a baseline loads this module

    return hashlib.sha1(text, usedforsecurity=False).hexdigest()


def _places(secret: bytes, line: bytes) -> Iterator[int]:
    """Yields the first few offsets of the secret in the line."""
    at = -1
    for _ in range(PLACES):
        at = line.find(secret, at + 1)
        if at < 0:
            return
        yield at


@lru_cache(maxsize=2)
def _escaped(line: bytes) -> dict[bytes, list[bytes]]:
    """Returns the percent-encoded parts of URLs in the line, by what they decode to."""
    from urllib.parse import unquote_to_bytes

    pieces: dict[bytes, list[bytes]] = {}
    for piece in _PIECE.findall(line):
        if b"%" in piece:
            pieces.setdefault(unquote_to_bytes(piece), []).append(piece)
    return pieces


def hashes(secret: bytes, line: bytes) -> Iterator[str]:
    """Yields the hashes under which a baseline may list the secret found on the line."""
    yield _hash(secret)
    for at in _places(secret, line):
        found = BUILT_IN.match(line, at)
        if found:
            yield _hash(found[0])
    if b"%" in line and len(line) <= LONG:  # detect-secrets hashes a part of a URL as it is written, percent-encoded
        yield from map(_hash, _escaped(line).get(secret, ()))


def paths(path: str) -> Iterator[str]:
    """Yields the forms that the path may have in a baseline made in the working directory."""
    yield one_form(path)
    if os.path.isabs(path):
        try:
            yield one_form(os.path.relpath(path, as_text(os.getcwd())))
        except (OSError, ValueError):  # the working directory is gone, or the path is on another drive
            return
