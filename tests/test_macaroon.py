"""The token format against pymacaroons, the library that PyPI mints its tokens with."""
from __future__ import annotations

import base64
import json
import random
import string

import pytest
from hypothesis import HealthCheck
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
from pymacaroons import Macaroon

from pypi_token_hooks.credentials import macaroon
from pypi_token_hooks.model import Token
from tests import mint

ALPHABET = string.ascii_letters + string.digits + "-_"
texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=1, max_size=60)
hosts = st.one_of(st.sampled_from(mint.HOSTS), texts, st.text(string.ascii_lowercase + ".-", min_size=64, max_size=253))
json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=20)), lambda inner: st.lists(inner, max_size=4)
)
caveats = st.lists(st.one_of(json_values.map(json.dumps), texts), max_size=5)
glue = st.text(ALPHABET, max_size=40)


def assert_decoded(host: str, identifier: str, said: list[str], before: str, after: str) -> None:
    """Mints a macaroon, and decodes it between other text."""
    minted = Macaroon(location=host, identifier=identifier, key="k", version=2)
    for caveat in said:
        minted.add_first_party_caveat(caveat)
    text = minted.serialize()
    decoded = macaroon.decode((before + text + after).encode(), len(before))
    assert decoded == macaroon.Macaroon(host, identifier, tuple(c.encode() for c in said), len(text))


@settings(max_examples=1_000, deadline=None, suppress_health_check=list(HealthCheck))
@given(hosts, texts, caveats, glue, glue)
def test_a_macaroon_is_decoded_and_cut_at_its_end_whatever_it_says(
    host: str, identifier: str, said: list[str], before: str, after: str
) -> None:
    assert_decoded(host, identifier, said, before, after)


def _text(rng: random.Random, most: int) -> str:
    """Returns a text of one script, or of all."""
    first, last = rng.choice(((32, 127), (1, 0x250), (0x370, 0x600), (0x3040, 0xA000), (0x1F300, 0x1FA00), (0xE000, 0x110000)))
    return "".join(chr(rng.randrange(first, last)) for _ in range(rng.randint(1, most)))


def test_every_minted_macaroon_is_decoded_and_cut_at_its_end() -> None:
    """Ten thousand at random: to have them drawn one by one takes ten times as long."""
    rng = random.Random(3)
    for _ in range(10_000):
        host = rng.choice((*mint.HOSTS, _text(rng, 60), _text(rng, 253)))
        said = [rng.choice((_text(rng, 60), json.dumps([rng.randrange(1 << 40), _text(rng, 20), None]))) for _ in range(rng.randrange(6))]
        before, after = ("".join(rng.choices(ALPHABET, k=rng.randrange(41))) for _ in range(2))
        assert_decoded(host, _text(rng, 60), said, before, after)


@settings(max_examples=500, deadline=None)
@given(st.integers(0, 10_000), st.data())
def test_every_shorter_beginning_ends_early(seed: int, data: st.DataObject) -> None:
    text = mint.token(seed=seed, prefix="").encode()
    cut = data.draw(st.integers(0, len(text) - 1))
    with pytest.raises(macaroon.EndsEarly):
        macaroon.decode(text[:cut])


@settings(max_examples=1000, deadline=None)
@given(st.one_of(st.binary(max_size=400), st.text(ALPHABET, max_size=400).map(str.encode)), st.integers(0, 20))
def test_decoding_is_total(text: bytes, start: int) -> None:
    try:
        decoded = macaroon.decode(text, min(start, len(text)))
    except (macaroon.EndsEarly, macaroon.NotAMacaroon):
        return
    macaroon.describe(decoded, "pypi-")


@pytest.mark.parametrize("packed", [b"\x02", b"\x02\x01", b"\x01" * 80, b"\x02\x01\xff\xff\xff\xff\xff\xff" + b"\x00" * 90])
def test_hostile_lengths_are_no_macaroon(packed: bytes) -> None:
    with pytest.raises((macaroon.EndsEarly, macaroon.NotAMacaroon)):
        macaroon.decode(base64.urlsafe_b64encode(packed))


@pytest.mark.parametrize("size", [0, 16, 31, 33, 64])
@pytest.mark.parametrize("kind", [6, 5])
def test_a_signature_has_32_bytes(size: int, kind: int) -> None:
    packed = b"\2\1\x08pypi.org\2\5abcde\0\0" + bytes((kind, size)) + b"s" * 90
    with pytest.raises(macaroon.NotAMacaroon):
        macaroon.decode(base64.urlsafe_b64encode(packed))
    assert macaroon.decode(base64.urlsafe_b64encode(packed.replace(bytes((0, kind, size)), b"\0\6\x20", 1)))


def described(caveats: list[object]) -> Token:
    text = mint.token(caveats=caveats, prefix="", seed=1).encode()
    return macaroon.describe(macaroon.decode(text), "pypi-")


@pytest.mark.parametrize(
    ("caveats", "scope", "projects", "ids"),
    [
        ([], "unknown", (), ()),
        (['{"permissions": "user", "version": 1}'], "account", (), ()),
        (['{"version": 1, "permissions": {"projects": ["a", "b"]}}'], "projects", ("a", "b"), ()),
        (['{"permissions": {"projects": ["a"]}, "version": 1}', {"project_ids": ["i"]}], "projects", ("a",), ("i",)),
        ([[3, "user-id"]], "account", (), ()),
        (["[3, \"user-id\"]", "[0, 5, 1]"], "account", (), ()),
        ([[1, ["a"]], [2, ["i", "j"]]], "projects", ("a",), ("i", "j")),
        ([[4, "publisher-id"], [2, ["i"]]], "publisher", (), ("i",)),
        ([[4, "publisher-id", {"ref": "r", "sha": "s"}]], "publisher", (), ()),
        ([[4, "publisher-id", None]], "publisher", (), ()),
        ([[3, "u"], [1, ["a"]]], "projects", ("a",), ()),
        (["not json", "{", "[", "[0", "[99]", "[]", "null"], "unknown", (), ()),
        ([[1, "no list"], [2, 7], [3, None]], "unknown", (), ()),
    ],
)
def test_scope_of_every_era(
    caveats: list[object], scope: str, projects: tuple[str, ...], ids: tuple[str, ...]
) -> None:
    token = described(caveats)
    assert (token.scope, token.projects, token.project_ids) == (scope, projects, ids)


def test_times_narrow_to_what_all_caveats_allow() -> None:
    token = described([[0, 50, 10], {"nbf": 20, "exp": 40}, [0, 45, 5], [0, True, "x"]])
    assert (token.not_before, token.expires) == (20, 40)


def test_names_of_two_project_caveats_narrow_to_what_both_allow() -> None:
    assert described([[1, ["a", "b"]], [1, ["b", "c"]]]).projects == ("b",)
    assert described([[1, ["c", "b", "c", "a"]], [1, ["a", "b", "c"]]]).projects == ("c", "b", "a")


def test_user_and_publisher_are_told() -> None:
    assert described([[3, "u-1"]]).user_id == "u-1"
    assert described([[4, "p-1", None]]).publisher_id == "p-1"
