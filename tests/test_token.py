"""Rule `pypi-token` on plain bytes: every shape, every glue, and the look-alikes."""
from __future__ import annotations

import time

import pytest

from pypi_token_hooks import examination
from pypi_token_hooks import model
from pypi_token_hooks.anchors import worth_reading
from pypi_token_hooks.detectors import token
from tests import mint
from tests.credential_media import FILLINGS

SHAPES = mint.every_shape()
GLUE = (("", ""), ("-p", ""), ("\\n", "\\n"), ("secrets.", "}}"), ("x" * 50, "y" * 50), ("_", "-"), ("é", "é"), ("\0", "\0"))


def found(data: bytes) -> list[tuple[str, int, int]]:
    return [(match.confidence, match.start, match.end) for match in token.find(data)]


@pytest.mark.parametrize(("name", "sample"), SHAPES, ids=[name for name, _ in SHAPES])
def test_every_shape_is_found_and_cut_exactly_whatever_is_glued_to_it(name: str, sample: str) -> None:
    for before, after in GLUE:
        data = before.encode() + sample.encode() + after.encode()
        start = len(before.encode())
        assert found(data) == [("certain", start, start + len(sample))]
        assert worth_reading(data)
        (match,) = token.find(data)
        assert match.secret.reveal() == sample.encode()
        assert (match.token is not None and match.token.host == name.rpartition("@")[2]) or name == "devpi"


def test_two_glued_tokens_are_two_findings() -> None:
    first, second = mint.token(seed=1), mint.token("test.pypi.org", seed=2)
    assert found((first + second).encode()) == [
        ("certain", 0, len(first)), ("certain", len(first), len(first) + len(second)),
    ]


@pytest.mark.parametrize("host", ["pypi.org", "test.pypi.org", "upload.pypi.org"])
def test_without_prefix_a_known_host_counts(host: str) -> None:
    bare = mint.token(host, prefix="", seed=3).encode()
    assert found(b"TOKEN=" + bare + b"\n") == [("certain", 6, 6 + len(bare))]


def test_without_prefix_macaroons_of_other_systems_are_not_ours() -> None:
    assert found(mint.token("pypi.example.com", prefix="", seed=4).encode()) == []
    assert found(mint.token("http://api.snapcraft.io", prefix="", seed=4).encode()) == []
    for word in ("api-", "ci-", "vpi-", "i-"):
        assert found(mint.token("pypi.example.com", prefix=word, seed=4).encode()) == []


@pytest.mark.parametrize("alter", [str.upper, str.lower, str.swapcase])
def test_the_letters_case_is_part_of_a_token(alter: object) -> None:
    assert callable(alter)
    assert found(alter(mint.token(seed=5)).encode()) == []


def test_the_standard_alphabet_and_padding_count() -> None:
    for seed in range(30):
        sample = mint.token(seed=seed)
        standard = ("pypi-" + sample[5:].translate(str.maketrans("-_", "+/")) + "==").encode()
        assert found(standard) == [("certain", 0, len(sample))]


@pytest.mark.parametrize("kind", ["user", "project", "publisher", "none"])
def test_a_character_too_many_or_too_few_in_the_middle_is_damage(kind: str) -> None:
    """It shifts the bits of what follows, so that a field may seem to break off."""
    sample = next(token for name, token in mint.every_shape(seed=3) if name == f"{kind}@test.pypi.org")
    for cut in range(30, len(sample) - 46):
        for damaged in (sample[:cut] + sample[cut + 1 :], sample[:cut] + "Q" + sample[cut:]):
            assert found(damaged.encode()) == [("probable", 0, len(damaged))], cut
    assert [cut for cut in range(30, len(sample)) if found(sample[:cut].encode())] == []


def test_damage_in_the_middle_is_probable() -> None:
    sample = mint.token(seed=6)
    damaged = sample[:80] + sample[82:]
    assert found(damaged.encode() + b"Zx3Q") == [("probable", 0, len(damaged) + 4)]


@pytest.mark.parametrize(
    "setting", ["TWINE_PASSWORD={}", "[pypi]\npassword = {}", "twine upload -p {}", "i = https://__token__:{}@h/simple"]
)
def test_damage_in_the_middle_is_the_same_in_a_setting(setting: str) -> None:
    known = examination.settings((), None, file_names=False)
    for name, sample in SHAPES:
        damaged = sample[:80] + sample[82:] + "Zx3Q"
        report = model.empty_report()
        examination.examine(model.Blob(setting.replace("{}", damaged).encode(), model.Place("a file")), known, report)
        told = [(finding.rule, finding.confidence) for finding in report.findings]
        if name.endswith("pypi.org"):
            assert told == [("pypi-token", confidence) for confidence, _, _ in found(damaged.encode())], name


@pytest.mark.parametrize("cut", [12, 22, 40, 84, 85, 100, 150, 178])
def test_truncated_examples_are_none(cut: int) -> None:
    assert found(mint.token(seed=7)[:cut].encode() + b"...") == []


@pytest.mark.parametrize("filling", FILLINGS)
def test_filling_is_none(filling: str) -> None:
    for host in ("pypi.org", "test.pypi.org"):
        start = mint.token(host, seed=8)[:22]
        assert found((start + filling).encode()) == []


@pytest.mark.parametrize(
    "text",
    ["pypi-publish", "pypi-upload-token", "pypi-...", "pypi-xxxx", "pypi-Agent-of-change", "pypi-AgE", "devpi-server",
     r"pypi-AgEIcHlwaS5vcmc[A-Za-z0-9-_]{70,}", "pypi-AgEIcHlwaS5vcmc…", "imAgE", "${{ secrets.PYPI_TOKEN }}"],
)
def test_names_and_patterns_are_none(text: str) -> None:
    assert found(text.encode()) == []


@pytest.mark.parametrize("wrap", ["${{{{ secrets.{} }}}}", "${{VAR:-{}}}", "# old: {}", "`{}`", "<{}>", "https://__token__:{}@x/"])
def test_a_real_token_in_a_reference_is_a_leak(wrap: str) -> None:
    sample = mint.token(seed=9)
    assert len(found(wrap.format(sample).encode())) == 1


@pytest.mark.parametrize(
    "hostile",
    [b"pypi-AgE" * 300_000, b"pypi-AgEIcHlwaS5vcmcCJ" * 100_000, b"A" * 5_000_000, b"AgEIcHlwaS5vcmcC" * 100_000,
     b"pypi-" * 500_000],
    ids=["starts", "known", "run", "bare", "prefixes"],
)
def test_hostile_text_takes_linear_time(hostile: bytes) -> None:
    began = time.monotonic()
    assert found(hostile) == []
    assert time.monotonic() - began < 60  # a guard against hanging, not a measurement
