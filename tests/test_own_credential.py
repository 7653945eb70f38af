"""Rule `own-credential`: exact values, anywhere, however much is glued to them."""
from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pypi_token_hooks.detectors import own_credential
from pypi_token_hooks.harvest import Own
from pypi_token_hooks.model import Secret
from tests import credential_corpus as corpus

PASSWORD = corpus.password(31).encode()
OWN = (Own(Secret(PASSWORD), "~/.netrc (machine pypi.corp.io)"),)


@given(before=st.binary(max_size=40), after=st.binary(max_size=40))
def test_found_whatever_is_glued_to_it(before: bytes, after: bytes) -> None:
    (match,) = own_credential.find(before + PASSWORD + after, OWN)
    assert (match.start, match.end) == (len(before), len(before) + len(PASSWORD))
    assert (match.rule, match.confidence, match.what) == ("own-credential", "certain", OWN[0].where)
    assert match.secret == OWN[0].secret


def test_every_place_of_every_value() -> None:
    second = Own(Secret(PASSWORD[::-1]), "~/.pypirc [pypi]")
    data = PASSWORD + PASSWORD + b" " + PASSWORD[::-1]
    found = [(match.start, match.what) for match in own_credential.find(data, (*OWN, second))]
    size = len(PASSWORD)
    assert found == [(0, OWN[0].where), (size, OWN[0].where), (2 * size + 1, second.where)]


def test_other_case_or_a_part_is_not_it() -> None:
    for data in (PASSWORD.swapcase(), PASSWORD[:-1], PASSWORD[1:], b""):
        assert not list(own_credential.find(data, OWN))
