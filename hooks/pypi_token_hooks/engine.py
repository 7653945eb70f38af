"""The questions of `anchors` for much data: the same answers, by `ahocorasick_rs` and `stringzilla` where they are installed."""
from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from typing import NamedTuple

from pypi_token_hooks import anchors
from pypi_token_hooks import literals

Question = Callable[[bytes | memoryview], bool]
_NEAR_BREAK = anchors.LINE + b"." + anchors.LINE
_FAR_BREAK = anchors.LINE + b"." * anchors.GAP + anchors.LINE
_BREAK, _TO_NEXT = len(_NEAR_BREAK), anchors.GAP + len(anchors.LINE)


class Questions(NamedTuple):
    """Each answers as the function of that name in `anchors` does."""

    worth_reading: Question
    places: Callable[[bytes], Iterator[tuple[int, int]]]
    hides: Callable[[bytes], bool]


def lines_in(image: bytes) -> Iterator[tuple[int, int]]:
    """Does as the function in `anchors`: what `stringzilla` finds soonest is where one line ends and the next begins."""
    find, find_here, line, long = literals.stringzilla.find, image.find, anchors.LINE, anchors.LONG_LINES
    near, far = find(image, _NEAR_BREAK), find(image, _FAR_BREAK)
    while near >= 0 or far >= 0:
        at = far if near < 0 or 0 <= far < near else near
        following = at + _BREAK
        while following >= 0:
            end = find_here(b".", following)
            if end < 0:
                end = len(image)
            following = find_here(line, end, end + _TO_NEXT)
        start = image.rfind(b".", 0, at) + 1
        if end - start >= long:
            yield max(0, start - 1) * anchors.STRIDE, (end + anchors.REST) * anchors.STRIDE
        if 0 <= near < end:
            near = find(image, _NEAR_BREAK, end)
        if 0 <= far < end:
            far = find(image, _FAR_BREAK, end)


def _hidden_in(
    data: bytes, own: tuple[bytes, ...], depth: int = anchors.DEPTH - 1, marks: tuple[bytes, ...] = anchors.BASE64_ARCHIVES
) -> Iterator[tuple[int, int]]:
    """Does as the function in `anchors`, by `stringzilla`."""
    return anchors.hidden_in(data, own, depth, literals.stringzilla.translate, literals.stringzilla.find, lines_in, marks)


def _plain(own: tuple[bytes, ...]) -> Questions:
    """Returns the questions as `anchors` answers them."""
    return Questions(
        lambda data: anchors.worth_reading(bytes(data), own),
        lambda data: anchors.places(data, own),
        lambda data: anchors.hides(data, own),
    )


def questions(own: tuple[bytes, ...] = ()) -> Questions:
    """Returns the questions about data in which `own` counts too, as fast as this machine can answer them."""
    if not literals.is_fast():
        return _plain(own)
    found_in = literals.finder(
        *anchors.CORES, *anchors.ARCHIVES, *anchors.BASE64_ARCHIVES, *anchors.ESCAPED_ARCHIVES, *anchors.WORDS
    )
    at_once = frozenset((*anchors.CORES, *anchors.ESCAPED_ARCHIVES))
    hidden_in = _hidden_in if literals.stringzilla else anchors.hidden_in
    archives, base64_archives = frozenset(anchors.ARCHIVES), frozenset(anchors.BASE64_ARCHIVES)
    askers = {others: literals.asker(*others) for others in anchors.COMPANIONS}
    holds_own, holds_core = literals.asker(*own), literals.asker(*anchors.CORES, anchors.CUT_CORE, *own)

    def any_of(text: bytes, others: tuple[bytes, ...]) -> bool:
        return askers[others](text)

    def worth_reading(view: bytes | memoryview) -> bool:
        data = bytes(view)
        found = found_in(data)
        if found:
            if not at_once.isdisjoint(found):
                return True
            for _ in anchors.settings_in(data, found, any_of):
                return True
            if not archives.isdisjoint(found) and anchors.has_archive(data):
                return True
        if holds_own(data):
            return True
        for _ in hidden_in(data, own, marks=tuple(base64_archives.intersection(found))):
            return True
        return False

    def places(data: bytes) -> Iterator[tuple[int, int]]:
        return anchors.places(data, own, anchors.DEPTH, found_in(data), any_of, hidden_in)

    def hides(data: bytes) -> bool:
        return holds_core(data) or any(True for _ in hidden_in(data, own))

    return Questions(worth_reading, places, hides)
