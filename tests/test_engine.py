"""The engine: the same answer with each of its libraries and without, of bytes and of a view of a buffer."""
from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from pypi_token_hooks import anchors
from pypi_token_hooks import engine
from pypi_token_hooks import literals
from tests.test_anchors import GLUE
from tests.test_anchors import HIDDEN
from tests.test_anchors import OWN_ANCHORS
from tests.test_anchors import hide

LIBRARIES = ("ahocorasick_rs", "stringzilla")


def without(*libraries: str) -> engine.Questions:
    """Returns the questions as they are answered where these are not installed."""
    with pytest.MonkeyPatch.context() as patch:
        for library in libraries:
            patch.setattr(literals, library, None)
        return engine.questions(OWN_ANCHORS)


FAST = engine.questions(OWN_ANCHORS)
LITERALS = tuple(
    dict.fromkeys((*anchors.CORES, *anchors.ARCHIVES, *anchors.BASE64_ARCHIVES, *anchors.ESCAPED_ARCHIVES, *anchors.WORDS))
)
COMPANIONS = [other for others in anchors.COMPANIONS for other in others]
PIECES = st.sampled_from([*LITERALS, *COMPANIONS, b"@", b"pw:", b"\0", b"\n", b" "])


PLAIN = without(*LIBRARIES)
ALL = (PLAIN, FAST, *map(without, LIBRARIES))


def assert_same(data: bytes) -> None:
    answer, places, hides = PLAIN.worth_reading(data), list(PLAIN.places(data)), PLAIN.hides(data)
    buffer = bytearray(b"?" * (len(data) + 9))
    buffer[: len(data)] = data
    for ask in ALL:
        assert list(ask.places(data)) == places
        assert ask.hides(data) is hides
        for view in (data, memoryview(data), memoryview(buffer)[: len(data)]):
            assert ask.worth_reading(view) is answer


@pytest.mark.skipif(not literals.is_fast(), reason="nothing is there but the plain way")
def test_they_are_not_the_same() -> None:
    assert FAST.worth_reading.__code__ is not PLAIN.worth_reading.__code__


@settings(max_examples=500, deadline=None)
@given(st.lists(st.one_of(PIECES, st.binary(max_size=12)), max_size=30).map(b"".join))
def test_the_same_answer_on_anything_made_of_literals(data: bytes) -> None:
    assert_same(data)


@settings(max_examples=200, deadline=None)
@given(hidden=HIDDEN, before=GLUE, after=GLUE)
def test_the_same_answer_on_what_hides_a_secret(hidden: tuple[str, tuple[str, ...]], before: bytes, after: bytes) -> None:
    assert_same(before + hide(hidden) + after)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=4000))
def test_the_same_answer_on_any_bytes(data: bytes) -> None:
    assert_same(data)


@settings(max_examples=500, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 4)), max_size=12))
@pytest.mark.skipif(not literals.stringzilla, reason="it is what finds them")
def test_the_same_lines(lengths: list[tuple[int, int]]) -> None:
    image = b"".join(b"a" * line + b"." * between for line, between in lengths)
    assert list(engine.lines_in(image)) == list(anchors.lines_in(image))
    assert list(engine.lines_in(image.rstrip(b"."))) == list(anchors.lines_in(image.rstrip(b".")))


def test_literals_that_share_bytes_are_both_found() -> None:
    shared = [
        one + other[size:]
        for one, other in itertools.permutations(LITERALS, 2)
        for size in range(1, len(other))
        if one.endswith(other[:size])
    ]
    assert shared and not any(one in other for one, other in itertools.permutations(LITERALS, 2))
    for data in shared:
        assert_same(data)
        assert_same(b"twine " + data + b" --password")


def test_the_searches_are_small_enough_to_be_fast() -> None:
    assert len(LITERALS) <= literals.FEW
    assert max(map(len, anchors.COMPANIONS)) <= literals.FEW


def test_the_room_around_a_place_holds_the_longest_section() -> None:
    from pypi_token_hooks.detectors.index_credential import sections

    assert anchors.SECTION >= sections.MAX_SECTION + sections.MAX_STEP
