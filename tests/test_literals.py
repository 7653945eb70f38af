"""Literals: all at once they stand where they stand one by one, however they lie over each other."""
from __future__ import annotations

import importlib.util
import sys
import types
from collections.abc import Iterator
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pypi_token_hooks import literals
from pypi_token_hooks.detectors.index_credential import calls
from pypi_token_hooks.detectors.index_credential import sections
from pypi_token_hooks.detectors.index_credential import settings

SETS = (
    (b"pypi", b"pypi-token", b"pypi.", b"[pypi", b"image", b"token"),
    (b"ab", b"ba", b"aab", b"bb", b"abab"),
    settings.SIGNS,
    tuple(b"%03d" % number for number in range(70)) + tuple(b"%04d" % number for number in range(70)),
    (*sections.SIGNS, *sections.STEPS, b"pypi"),
    (*calls.SIGNS, b"https ", b"http ", b"__token__", b"pypirc"),
)


@pytest.fixture(autouse=True, scope="module")
def at_once() -> Iterator[None]:
    """Has the search of the libraries for the smallest data, too, and several stretches of it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(literals, "ENOUGH", -1)
        patch.setattr(literals, "_STRETCH", 3)
        yield


def expected(data: bytes, words: Sequence[bytes]) -> dict[bytes, list[int]]:
    found = {word: [at for at in range(len(data)) if data.startswith(word, at)] for word in words}
    return {word: starts for word, starts in found.items() if starts}


@st.composite
def cases(draw: st.DrawFn) -> tuple[Sequence[bytes], bytes]:
    words = draw(st.sampled_from(SETS))
    cut = st.builds(lambda word, start, end: word[start:][: end or None], st.sampled_from(words), st.integers(0, 2), st.integers(0, 6))
    return words, b"".join(draw(st.lists(st.one_of(st.sampled_from(words), cut, st.binary(max_size=2)), max_size=12)))


@given(cases())
def test_at_once_as_one_by_one(case: tuple[Sequence[bytes], bytes]) -> None:
    words, data = case
    finders = [literals.finder(*words), literals._one_by_one(words)]
    for find in (*finders, *([literals._scanned(words)] if literals.hyperscan() else ())):
        assert find(data) == expected(data, words)
    assert literals.asker(*words)(data) is bool(expected(data, words))


@pytest.mark.parametrize("trouble", [ImportError, RuntimeError])
def test_a_library_that_does_not_work_here_is_left_out(monkeypatch: pytest.MonkeyPatch, trouble: type[Exception]) -> None:
    def fail(**options: object) -> None:
        raise trouble("not on this processor")

    broken = types.ModuleType("hyperscan")
    broken.__dict__.update(Database=fail, HS_MODE_BLOCK=1)
    monkeypatch.setitem(sys.modules, "hyperscan", broken)
    monkeypatch.setitem(sys.modules, "ahocorasick_rs", None)
    spec = importlib.util.spec_from_file_location("literals_again", literals.__file__)
    assert spec and spec.loader
    again = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(again)
    assert again.hyperscan() is None and again.ahocorasick_rs() is None
    monkeypatch.setattr(again, "ENOUGH", -1)
    assert again.finder(b"ab", b"c")(b"xabab") == {b"ab": [1, 3]} and again.asker(b"ab")(b"xab")


@pytest.mark.skipif(not literals.hyperscan(), reason="it is what looks")
def test_more_than_the_library_can_count_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(literals, "_MOST", 9)
    assert literals.scanner((b"ab",))(b"123456ab9") == [(0, 8)]
    with pytest.raises(ValueError, match="too much"):
        literals.scanner((b"ab",))(b"1234567890")


@pytest.mark.parametrize("words", SETS)
def test_every_two_that_overlap(words: Sequence[bytes]) -> None:
    find = literals.finder(*words)
    for data in {one[:size] + other for one in words for other in words for size in range(len(one) + 1)}:
        assert find(data) == expected(data, words), data
