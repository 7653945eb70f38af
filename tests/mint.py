"""Mints sample tokens with pymacaroons, as PyPI does: no token-shaped string is ever kept in the repository."""
from __future__ import annotations

import json
import random
import uuid
from collections.abc import Sequence
from typing import Any

from pymacaroons import Macaroon

HOSTS = ("pypi.org", "test.pypi.org", "upload.pypi.org", "pypi.example.com")


def token(
    host: str = "pypi.org", caveats: Sequence[Any] | None = None, prefix: str = "pypi-", seed: int | None = None
) -> str:
    """Returns a token with these caveats (JSON values, or text as it is); without any given, a user token."""
    rng = random.Random(seed)
    given = caveats if caveats is not None else [[3, str(uuid.UUID(int=rng.getrandbits(128)))]]
    minted = Macaroon(
        location=host, identifier=str(uuid.UUID(int=rng.getrandbits(128))), key=rng.randbytes(32), version=2
    )
    for caveat in given:
        minted.add_first_party_caveat(
            caveat if isinstance(caveat, str) else json.dumps(caveat, separators=(",", ":"))
        )
    return prefix + str(minted.serialize())


def _uuid(rng: random.Random) -> str:
    return str(uuid.UUID(int=rng.getrandbits(128)))


def shapes(seed: int = 0) -> dict[str, list[Any]]:
    """Returns the caveats of every kind of token that PyPI ever issued or accepted, by name."""
    rng = random.Random(seed)
    legacy = '{"permissions": "user", "version": 1}'
    return {
        "none": [],
        "user": [[3, _uuid(rng)]],
        "project": [[1, ["example-lib"]], [2, [_uuid(rng)]]],
        "projects": [[1, ["a", "b" * 64]], [2, [_uuid(rng), _uuid(rng)]]],
        "user-expiring": [[3, _uuid(rng)], [0, 1800000000, 1700000000]],
        "publisher": [[4, _uuid(rng), None], [2, [_uuid(rng)]], [0, 1800000900, 1800000000]],
        "publisher-claims": [[4, _uuid(rng), {"ref": "refs/heads/main", "sha": "0" * 40}], [2, [_uuid(rng)]]],
        "ten-ids": [[2, [_uuid(rng) for _ in range(10)]]],
        "legacy-user": [legacy],
        "legacy-project": ['{"permissions": {"projects": ["example-lib"]}, "version": 1}'],
        "legacy-ids": ['{"permissions": {"projects": ["example-lib"]}, "version": 1}', {"project_ids": [_uuid(rng)]}],
        "legacy-expiry": [legacy, {"nbf": 1700000000, "exp": 1800000000}],
        "unknown": [[9, "something new"]],
    }


def every_shape(seed: int = 0) -> list[tuple[str, str]]:
    """Returns (name, token) for every kind of token on every kind of host, and devpi's."""
    made = [
        (f"{kind}@{host}", token(host, caveats, seed=seed + number))
        for host in HOSTS
        for number, (kind, caveats) in enumerate(shapes(seed).items())
    ]
    return [*made, ("devpi", token("devpi.example.com", [], "devpi-", seed))]
