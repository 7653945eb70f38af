"""The questions of `anchors` for much data: the same answers, sooner, by `hyperscan` where it is installed.

It is asked for less than `anchors` looks for: what must be there, and near where. Only there `anchors` looks itself. Of
settings it can tell more than `anchors`: whether the traces of a rule stand in the data, which words alone do not make.
"""
from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from typing import NamedTuple

from pypi_token_hooks import anchors
from pypi_token_hooks import literals
from pypi_token_hooks import suspects
from pypi_token_hooks.traces import Trace

Question = Callable[[bytes | memoryview], bool]
ENOUGH = 1 << 21  # bytes: less is answered by `anchors` before the patterns are made
SMALL = 8 << 10  # bytes: of what is smaller, each question costs more than the look
# what stands between parts that are asked as one, by the rest of a part's size; and what means more at the beginning of data
_APART = [b"\n" + b"~" * (anchors.STRIDE * (anchors.GAP + 3) - 1 - rest) for rest in range(anchors.STRIDE)]
_FIRST = frozenset((*anchors.WIDE_MARKS, anchors.GZIP[:2]))

# A user before the host of a URL; in braces there may be a slash.
_URL = rb"://[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f/@{(]*[@{(]"
class Questions(NamedTuple):
    """Each answers as the function of that name in `anchors` does."""

    worth_reading: Question
    places: Callable[[bytes], Iterator[tuple[int, int]]]
    hides: Callable[[bytes], bool]

    def any_worth_reading(self, parts: Collection[bytes]) -> bool:
        """Tells whether one of the parts may be worth reading: one question about many small ones, of which only a no is sure."""
        return any(part[:2] in _FIRST for part in parts) or self.worth_reading(together(parts))


class _Seen(NamedTuple):
    """What stands in data: whether that alone makes it worth reading, where archives may begin, and what may be hidden where."""

    is_worth: bool
    found: literals.Found
    suspects: Mapping[suspects.Kind, suspects.Spans] | None  # None where it may be anywhere


def together(parts: Iterable[bytes]) -> bytes:
    """Returns the parts as one, each beginning where the sample does, and so far apart that no row or line goes over two."""
    return b"".join([piece for part in parts for piece in (part, _APART[len(part) % anchors.STRIDE])])


def _plain(own: tuple[bytes, ...]) -> Questions:
    """Returns the questions as `anchors` answers them."""
    return Questions(
        lambda data: anchors.worth_reading(bytes(data), own),
        lambda data: anchors.places(data, own),
        lambda data: anchors.hides(data, own),
    )


class _Fast:
    """What the fast ways to answer share: literals found all at once, and one look at data of which several questions are asked."""

    def __init__(self, own: tuple[bytes, ...]) -> None:
        self._own = own
        self._at_once = (*anchors.CORES, *anchors.ESCAPED_ARCHIVES, *own)
        self._find = literals.finder(*self._at_once, *anchors.ARCHIVES, *anchors.WORDS)
        self._askers = {others: literals.asker(*others) for others in anchors.COMPANIONS}
        self._holds_core = literals.asker(*anchors.CORES, anchors.CUT_CORE, *own)
        self._before, self._seen = b"", _Seen(False, {}, None)

    def _any_of(self, text: bytes, others: tuple[bytes, ...]) -> bool:
        return self._askers[others](text)

    def _has_setting(self, data: bytes, found: literals.Found) -> bool:
        return any(True for _ in anchors.settings_in(data, found, self._any_of))

    def _look(self, data: bytes) -> _Seen:
        """Looks for literals."""
        found = self._find(data)
        return _Seen(not found.keys().isdisjoint(self._at_once) or self._has_setting(data, found), found, None)

    def _seen_in(self, data: bytes) -> _Seen:
        if data is not self._before:
            self._before, self._seen = data, self._look(data)
        return self._seen

    def worth_reading(self, view: bytes | memoryview) -> bool:
        data = bytes(view)
        seen = self._seen_in(data)
        if seen.is_worth or (not seen.found.keys().isdisjoint(anchors.ARCHIVES) and anchors.has_archive(data, seen.found)):
            return True
        return any(True for _ in anchors.hidden_in(data, self._own, suspects=seen.suspects))

    def places(self, data: bytes) -> Iterator[tuple[int, int]]:
        clues = self._find(data), self._seen_in(data).suspects
        return anchors.places(data, self._own, anchors.DEPTH, clues, self._any_of)

    def hides(self, data: bytes) -> bool:
        return self._holds_core(data) or any(
            True for _ in anchors.hidden_in(data, self._own, suspects=self._seen_in(data).suspects)
        )


class _ByPatterns(_Fast):
    """The same by `hyperscan`, which sees traces too; without any it looks for words."""

    def __init__(self, own: tuple[bytes, ...], traces: Sequence[Trace]) -> None:
        super().__init__(own)
        self._traces = [frozenset(trace) for trace in traces]
        words = () if traces else tuple(word for word in anchors.WORDS if word != anchors.URL)  # that is in every other file
        self._placed = (*words, *anchors.ARCHIVES)
        marks = dict.fromkeys((*self._placed, *self._at_once, *anchors.BASE64_ARCHIVES))
        patterns = dict.fromkeys(pattern for trace in traces for pattern in trace)
        self._names = (*marks, *patterns, _URL, *suspects.MARKS)
        self._see = literals.scanner((*map(literals.quoted, marks), *self._names[len(marks) :]), len(self._placed))

    def _look(self, data: bytes) -> _Seen:
        names, placed, hits = self._names, len(self._placed), self._see(data)
        marks, found = {names[number] for number, _ in hits}, defaultdict[bytes, list[int]](list)
        for number, end in hits:
            if number < placed:
                found[names[number]].append(end - len(names[number]))
        is_worth = not marks.isdisjoint(self._at_once) or any(map(marks.issuperset, self._traces))
        if _URL in marks and not is_worth:
            found[anchors.URL] = [*literals.places(data, anchors.URL)]
        is_worth = is_worth or self._has_setting(data, found)
        return _Seen(is_worth, found, suspects.near(data, marks))


def questions(own: tuple[bytes, ...] = (), traces: Sequence[Trace] = ()) -> Questions:
    """Returns the questions about data in which `own` counts too, as fast as this machine can answer them.

    With `traces`, which are those of the rules for settings, less is worth reading; they take longer to be made.
    """
    plain = _plain(own)
    if not literals.is_fast():
        return plain
    fast, asked = _ByPatterns(own, traces) if literals.hyperscan else _Fast(own), 0

    def by(data: bytes | memoryview) -> Questions | _Fast:
        nonlocal asked
        asked += len(data)
        return fast if asked > ENOUGH else plain

    return Questions(
        lambda data: by(data).worth_reading(data), lambda data: by(data).places(data), lambda data: by(data).hides(data)
    )
