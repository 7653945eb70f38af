"""Rule `index-credential`: every leak of the corpus is found whole, every look-alike stays silent."""
from __future__ import annotations

import base64

import pytest

from pypi_token_hooks.detectors import index_credential
from tests import credential_corpus as corpus

KINDS = {
    "letters and digits": corpus.password(1),
    "long": corpus.password(2, 64),
    "short": corpus.password(3, 12),
    "signs": corpus.password(4, 9) + "!_.-" + corpus.password(5, 6),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", corpus.LEAKS)
def test_leak_is_found_whole(name: str, kind: str) -> None:
    password = KINDS[kind]
    if kind == "signs" and "://@@" in corpus.LEAKS[name]:
        pytest.skip("a token that stands alone holds no such signs")
    data = corpus.LEAKS[name].replace(corpus.MARK, password).encode()
    matches = list(index_credential.find(data))
    assert [match.secret.reveal().decode() for match in matches] == [password], matches
    (match,) = matches
    assert data[match.start : match.end] == password.encode()
    assert (match.rule, match.confidence) == ("index-credential", "probable")
    assert match.what and password not in match.what


@pytest.mark.parametrize("name", corpus.LOOKALIKES)
def test_lookalike_is_silent(name: str) -> None:
    found = list(index_credential.find(corpus.LOOKALIKES[name].encode()))
    assert not found, [(match.what, match.secret.reveal()) for match in found]


@pytest.mark.parametrize("name", corpus.LEAKS)
@pytest.mark.parametrize("dummy", ["changeme", "password", "your-token", "<token>", "xxxxxxxxxxxx", "********"])
def test_leak_with_a_dummy_is_silent(name: str, dummy: str) -> None:
    data = corpus.LEAKS[name].replace(corpus.MARK, dummy).encode()
    assert not list(index_credential.find(data))


def test_there_are_enough_samples() -> None:
    assert len(corpus.LEAKS) >= 100
    assert len(corpus.LOOKALIKES) >= 100


def test_basic_header_of_an_index() -> None:
    password = KINDS["letters and digits"]
    header = base64.b64encode(f"bob:{password}".encode()).decode()
    data = f"Authorization: Basic {header}\nPOST https://upload.pypi.org/legacy/\n".encode()
    (match,) = index_credential.find(data)
    assert match.what == "Basic header for an index"
    assert data[match.start : match.end] == header.encode()
