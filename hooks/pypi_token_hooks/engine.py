"""The questions of `anchors` for much data: the same answers, by `ahocorasick_rs` and `stringzilla` where they are installed."""
from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Sequence
from typing import NamedTuple

from pypi_token_hooks import anchors

try:
    import stringzilla
except ImportError:
    stringzilla = None

Question = Callable[[bytes | memoryview], bool]
Search = Callable[[bytes], list[tuple[int, int, int]]]
FEW = 60  # literals of one automaton: up to 64 the library looks for them all at once, beyond it is 20 times slower
_NEAR_BREAK = anchors.LINE + b"." + anchors.LINE
_FAR_BREAK = anchors.LINE + b"." * anchors.GAP + anchors.LINE
_BREAK, _TO_NEXT = len(_NEAR_BREAK), anchors.GAP + len(anchors.LINE)
SHORT = 3  # bytes: one literal as short as that makes the search for all of them three times slower


def _search(literals: Sequence[bytes]) -> Search:
    """Returns a function that returns which literals stand where; leftmost-first has the fast search."""
    import ahocorasick_rs

    kind = ahocorasick_rs.MatchKind.LeftmostFirst
    search: Search = ahocorasick_rs.BytesAhoCorasick(literals, matchkind=kind).find_matches_as_indexes
    return search


def _overlaps(literals: Sequence[bytes]) -> dict[int, list[tuple[int, bytes]]]:
    """Returns for the literals which others may begin in them, and where: the search tells the first of two alone."""
    found: dict[int, list[tuple[int, bytes]]] = {}
    for number, literal in enumerate(literals):
        for offset in range(1, len(literal)):
            rest = literal[offset:]
            found.setdefault(number, []).extend((offset, other) for other in literals if other.startswith(rest))
    return {number: others for number, others in found.items() if others}


def finder(literals: Sequence[bytes]) -> Callable[[bytes], dict[bytes, list[int]]]:
    """Returns a function that returns where which of the literals stand."""
    groups = ([one for one in literals if len(one) <= SHORT], [one for one in literals if len(one) > SHORT])
    searches = [(group, _search(group), _overlaps(group)) for group in groups]

    def found_in(data: bytes) -> dict[bytes, list[int]]:
        found: dict[bytes, list[int]] = {}
        for group, search, begins_in in searches:
            for number, start, _ in search(data):
                found.setdefault(group[number], []).append(start)
                if number in begins_in:
                    for offset, other in begins_in[number]:
                        if data.startswith(other, start + offset):
                            found.setdefault(other, []).append(start + offset)
        return found

    return found_in


class Questions(NamedTuple):
    """Each answers as the function of that name in `anchors` does."""

    worth_reading: Question
    places: Callable[[bytes], Iterator[tuple[int, int]]]
    hides: Callable[[bytes], bool]


def lines_in(image: bytes) -> Iterator[tuple[int, int]]:
    """Does as the function in `anchors`: what `stringzilla` finds soonest is where one line ends and the next begins."""
    find, find_here, line, long = stringzilla.find, image.find, anchors.LINE, anchors.LONG_LINES
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
    data: bytes, own: tuple[bytes, ...], marks: tuple[bytes, ...] = anchors.BASE64_ARCHIVES
) -> Iterator[tuple[int, int]]:
    """Does as the function in `anchors`, by `stringzilla` where it is installed."""
    if stringzilla is None:
        return anchors.hidden_in(data, own, marks=marks)
    return anchors.hidden_in(data, own, anchors.DEPTH - 1, stringzilla.translate, stringzilla.find, lines_in, marks)


def questions(own: tuple[bytes, ...] = ()) -> Questions:
    """Returns the questions about data in which `own` counts too, as fast as this machine can answer them."""

    def hides(data: bytes) -> bool:
        return anchors.hides(data, own, _hidden_in)

    try:
        found_in = finder((*anchors.CORES, *anchors.ARCHIVES, *anchors.BASE64_ARCHIVES, *anchors.WORDS))
    except ImportError:
        return Questions(
            lambda data: anchors.worth_reading(bytes(data), own), lambda data: anchors.places(data, own), hides
        )
    cores, archives, base64_archives = map(frozenset, (anchors.CORES, anchors.ARCHIVES, anchors.BASE64_ARCHIVES))
    searches = {others: _search(others) for others in anchors.COMPANIONS}
    searches_for_own = [_search(own[start : start + FEW]) for start in range(0, len(own), FEW)]

    def any_of(text: bytes, others: tuple[bytes, ...]) -> bool:
        return bool(searches[others](text))

    def worth_reading(view: bytes | memoryview) -> bool:
        data = bytes(view)
        found = found_in(data)
        if found:
            if not cores.isdisjoint(found):
                return True
            for _ in anchors.settings_in(data, found, any_of):
                return True
            if not archives.isdisjoint(found) and anchors.has_archive(data):
                return True
        for search_for_own in searches_for_own:
            if search_for_own(data):
                return True
        for _ in _hidden_in(data, own, tuple(base64_archives.intersection(found))):
            return True
        return False

    return Questions(worth_reading, lambda data: anchors.places(data, own, found=found_in(data)), hides)
