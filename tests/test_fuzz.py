"""Mutated bytes through the decoder, each reading and each container: nothing raises, everything points into the bytes.

The corpus is kept as what makes it: forms that hold a minted token, so that no token-shaped text is in the repository.
"""
from __future__ import annotations

import pytest
from hypothesis import HealthCheck
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from pypi_token_hooks import containers
from pypi_token_hooks import examination
from pypi_token_hooks import pipeline
from pypi_token_hooks import readings
from pypi_token_hooks.credentials import macaroon
from pypi_token_hooks.model import Blob
from pypi_token_hooks.model import Place
from pypi_token_hooks.model import Unread
from tests import hiding
from tests import mint
from tests import packing

KNOWN = examination.settings((), None, False)
TOKENS = [token.encode() for _, token in mint.every_shape(5)]
READ = {step.read.__name__: step.read for step in readings.STEPS}
HIDDEN = [way.hide(TOKENS[number % len(TOKENS)])[0] for number, way in enumerate(hiding.ALL)]
PACKED = [way.pack(HIDDEN[number % len(HIDDEN)]) for number, way in enumerate(packing.ALL)]
# what formats are made of: where a mutation puts such a piece, another branch is taken
PIECES = [
    b"pypi-", b"Ag", b"AgE", b"%", b"%2", b"\\", b"\\u", b"\\u{", b"\\x", b"&#", b"&#x", b";", b"=", b"=\n", b"\0",
    b"\xff\xfe", b"\xfe\xff", b'"', b"'", b' + "', b"\\\n", b"\n", b"\r\n> ", b"\n@@ ", b"\xe2\x80\x8b", b"\xef\xb8",
    b"<b>", b"<!--", b"\x1b[0m", b"0x", b"103, ", b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06", b"\x1f\x8b\x08", b"BZh9",
    b"\xfd7zXZ\0", b"\x28\xb5\x2f\xfd", b"ustar\0", b"\xff" * 8, b"0" * 12,
]
fuzz = settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck))


@st.composite
def mutated(draw: st.DrawFn, corpus: list[bytes]) -> bytes:
    """Draws one of the corpus with some of it cut out, doubled, turned over or replaced."""
    data = bytearray(draw(st.sampled_from(corpus)))
    for _ in range(draw(st.integers(0, 6))):
        start = draw(st.integers(0, len(data)))
        end = min(len(data), start + draw(st.integers(0, 24)))
        change = draw(st.sampled_from(("cut", "double", "flip", "piece", "bytes", "end")))
        if change == "cut":
            del data[start:end]
        elif change == "double":
            data[start:start] = data[start:end] * draw(st.integers(1, 8))
        elif change == "flip" and start < len(data):
            data[start] ^= 1 << draw(st.integers(0, 7))
        elif change == "end":
            del data[start:]
        else:
            data[start:end] = draw(st.sampled_from(PIECES) if change == "piece" else st.binary(max_size=12))
    return bytes(data)


@fuzz
@given(mutated(TOKENS + HIDDEN), st.integers(0, 40))
def test_the_decoder(data: bytes, start: int) -> None:
    for text in (data[start:], data.partition(b"-")[2], data):
        try:
            decoded = macaroon.decode(text)
        except (macaroon.EndsEarly, macaroon.NotAMacaroon):
            continue
        assert 0 < decoded.length <= len(text)
        macaroon.describe(decoded, "pypi-")


@pytest.mark.parametrize("name", READ)
@settings(fuzz, max_examples=60)
@given(data=mutated(HIDDEN + PACKED))
def test_each_reading(name: str, data: bytes) -> None:
    for view in READ[name](data):
        places = [view.at(offset) for offset in (0, len(view.data) // 2, len(view.data) - 1) if view.data]
        assert all(0 <= place < len(data) for place in places)
        if name != "pieced":  # its strings may come in any order
            assert places == sorted(places)


@fuzz
@given(mutated(PACKED))
def test_each_container(data: bytes) -> None:
    for member in containers.unpack(data, Place("f"), containers.Budget()):
        assert member.place.path == "f"
        if isinstance(member, Unread):
            assert member.expected and member.detail
        else:
            assert member.place.members or member.place.part != "content"  # or text of the archive's own


@fuzz
@given(mutated(HIDDEN + PACKED))
def test_all_of_it(data: bytes) -> None:
    lines = data.count(b"\n") + 1
    report = pipeline.scan([Blob(data, Place("f"))], KNOWN)
    assert report.failures == []
    for finding in report.findings:
        assert finding.column >= 1 and (finding.place.members or 1 <= finding.line <= lines)
