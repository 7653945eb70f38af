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
from functools import cache
from itertools import chain
from typing import NamedTuple

from pypi_token_hooks import anchors
from pypi_token_hooks import literals
from pypi_token_hooks import suspects
from pypi_token_hooks.traces import Trace

Question = Callable[[bytes | memoryview], bool]
ENOUGH = 1 << 21  # bytes: less is answered by `anchors` before the patterns are made
SMALL = 8 << 10  # bytes: of what is smaller, each question costs more than the look
AROUND = (2 << 10) + 256  # bytes before and after a change: as much as a user in a URL may have, and what is around it
# what stands between parts that are asked as one, by the rest of a part's size; and what means more at the beginning of data
_APART = [b"\n" + b"~" * (anchors.STRIDE * (anchors.GAP + 3) - 1 - rest) for rest in range(anchors.STRIDE)]
_FIRST = frozenset((*anchors.WIDE_MARKS, anchors.GZIP[:2], anchors.ZSTD[:2]))

# A user before the host of a URL; in braces there may be a slash.
_URL = rb"://[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f/@{(]*[@{(]"
# Literals that hardly stand anywhere: `hyperscan` looks for more of them another way, which is faster than for as many as ours.
_PADDING = tuple(literals.quoted(bytes(range(first, first - 8, -1))) for first in range(255, 191, -1))


class Look(NamedTuple):
    """What a look at data has shown: whether it is worth reading, and what stands in it, for a look at what differs from it."""

    is_worth: bool
    marks: frozenset[bytes] | None = None  # where nobody looked for them


class Questions(NamedTuple):
    """Each of the first three answers as the function of that name in `anchors` does."""

    worth_reading: Question
    places: Callable[[bytes], Iterator[tuple[int, int]]]
    hides: Callable[[bytes], bool]
    # data, a look at what it was made of, and where it is not as there, be it that it begins or ends elsewhere
    look: Callable[[bytes, Look | None, suspects.Spans], Look]
    # makes at once, in a thread for instance, what else is made when there is much data
    prepare: Callable[[], object] = lambda: None

    def any_worth_reading(self, parts: Collection[bytes]) -> bool:
        """Tells whether one of the parts may be worth reading: one question about many small ones, of which only a no is sure."""
        return any(part[:2] in _FIRST for part in parts) or self.worth_reading(together(parts))


class _Seen(NamedTuple):
    """What stands in data: whether that alone makes it worth reading, where archives may begin, and what may be hidden where."""

    is_worth: bool
    found: literals.Found
    suspects: Mapping[suspects.Kind, suspects.Spans] | None  # None where it may be anywhere
    marks: frozenset[bytes] = frozenset()


def together(parts: Iterable[bytes]) -> bytes:
    """Returns the parts as one, each beginning where the sample does, and so far apart that no row or line goes over two."""
    return b"".join([piece for part in parts for piece in (part, _APART[len(part) % anchors.STRIDE])])


def _around(changed: suspects.Spans, size: int) -> Iterator[tuple[int, int]]:
    """Yields what is near the changes, each beginning where the sample of the data does."""
    start = end = 0
    for first, last in changed:
        begin = (first - AROUND) // anchors.STRIDE * anchors.STRIDE
        if begin > end:
            if end:
                yield start, end
            start = begin
        end = max(end, min(size, last + AROUND))
    if end:
        yield start, end


def _plain(own: tuple[bytes, ...]) -> Questions:
    """Returns the questions as `anchors` answers them."""
    return Questions(
        lambda data: anchors.worth_reading(bytes(data), own),
        lambda data: anchors.places(data, own),
        lambda data: anchors.hides(data, own),
        lambda data, before, changed: Look(anchors.worth_reading(data, own)),
    )


class _Fast:
    """What the fast ways to answer share: literals found all at once, and one look at data of which several questions are asked."""

    def __init__(self, own: tuple[bytes, ...]) -> None:
        self._own = own
        self._at_once = (*anchors.ESCAPED_ARCHIVES, *anchors.BASE64_PASSWORDS, *own)
        self._find = literals.finder(*anchors.CORES, *self._at_once, *anchors.ARCHIVES, *anchors.WORDS)
        self._askers = {others: literals.asker(*others) for others in anchors.COMPANIONS}
        self._holds_core = literals.asker(*anchors.CORES, anchors.CUT_CORE, *anchors.BASE64_PASSWORDS, *own)
        self._before, self._seen = b"", _Seen(False, {}, None)

    def _any_of(self, text: bytes, others: tuple[bytes, ...]) -> bool:
        return self._askers[others](text)

    def _is_enough(self, data: bytes, found: literals.Found) -> bool:
        """Tells whether what was found makes the data worth reading, whatever is hidden in it."""
        if not found.keys().isdisjoint(self._at_once):
            return True
        return any(True for _ in chain(anchors.cores_in(data, found), anchors.settings_in(data, found, self._any_of)))

    def _look(self, data: bytes) -> _Seen:
        """Looks for literals."""
        found = self._find(data)
        return _Seen(self._is_enough(data, found), found, None)

    def _seen_in(self, data: bytes) -> _Seen:
        if data is not self._before:
            self._before, self._seen = data, self._look(data)
        return self._seen

    def prepare(self) -> None:
        """Literals need no time to be made ready."""

    def worth_reading(self, view: bytes | memoryview) -> bool:
        data = bytes(view)
        seen = self._seen_in(data)
        if seen.is_worth or (not seen.found.keys().isdisjoint(anchors.ARCHIVES) and anchors.has_archive(data, seen.found)):
            return True
        return any(True for _ in anchors.hidden_in(data, self._own, suspects=seen.suspects))

    def look(self, data: bytes, before: Look | None, changed: suspects.Spans) -> Look:
        """Looks at all of the data."""
        return Look(self.worth_reading(data))

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
        firsts = dict.fromkeys(trace[0] for trace in traces)
        self._others = tuple(dict.fromkeys(pattern for trace in traces for pattern in trace if pattern not in firsts))
        self._leads = frozenset(trace[0] for trace in traces if len(trace) > 1)
        words = () if traces else tuple(word for word in anchors.WORDS if word != anchors.URL)  # that is in every other file
        self._placed = (*anchors.CORES, *words, *anchors.ARCHIVES)
        marks = dict.fromkeys((*self._placed, *self._at_once, *anchors.BASE64_ARCHIVES))
        self._names = (*marks, *firsts, _URL, *suspects.MARKS, *(_PADDING if traces else ()))  # they take time to be made
        self._see = literals.scanner((*map(literals.quoted, marks), *self._names[len(marks) :]), len(self._placed))
        self._see_others = literals.scanner(self._others)

    def _stands_in(self, data: bytes, before: frozenset[bytes] = frozenset()) -> tuple[frozenset[bytes], dict[bytes, list[int]]]:
        """Returns what stands in the data, and where those stand that have places.

        What a trace has besides its first pattern is looked for if that is here, or was before.
        """
        names, placed, hits = self._names, len(self._placed), self._see(data)
        found = defaultdict[bytes, list[int]](list)
        for number, end in hits:
            if number < placed:
                found[names[number]].append(end - len(names[number]))
        marks = frozenset([names[number] for number, _ in hits])
        if not (self._leads.isdisjoint(marks) and self._leads.isdisjoint(before)):
            marks |= {self._others[number] for number, _ in self._see_others(data)}
        return marks, found

    def _are_enough(self, data: bytes, marks: frozenset[bytes], found: dict[bytes, list[int]]) -> bool:
        """Tells whether the marks, or what was found in the data, make it worth reading, whatever is hidden in it."""
        if not marks.isdisjoint(self._at_once) or any(map(marks.issuperset, self._traces)):
            return True
        if _URL in marks:
            found[anchors.URL] = [*literals.places(data, anchors.URL)]
        return self._is_enough(data, found)

    def prepare(self) -> None:
        """Makes the patterns."""
        self._stands_in(b"", self._leads)

    def _look(self, data: bytes) -> _Seen:
        marks, found = self._stands_in(data)
        return _Seen(self._are_enough(data, marks, found), found, suspects.near(data, marks), marks)

    def _marks_after(self, data: bytes, marks: frozenset[bytes], changed: suspects.Spans) -> frozenset[bytes] | None:
        """Returns what may stand in data of which only what has changed may be worth reading; None where that may be."""
        parts = list(_around(changed, len(data)))
        if not self._traces or sum([end - start for start, end in parts]) * 2 > len(data):
            return None
        text = together([data[start:end] for start, end in parts])
        here, found = self._stands_in(text, marks)
        if not here & self._leads <= marks:
            return None  # what else the trace has may be where nothing has changed
        marks = marks | here
        if not marks.isdisjoint(anchors.ARCHIVES) or self._are_enough(text, marks, found):
            return None
        samples = [(start // anchors.STRIDE, end // anchors.STRIDE) for start, end in parts]
        hidden = dict.fromkeys(suspects.near(text, here), samples)
        return None if any(True for _ in anchors.hidden_in(data, self._own, suspects=hidden)) else marks

    def look(self, data: bytes, before: Look | None, changed: suspects.Spans) -> Look:
        """Looks at what has changed; at all of the data where that, or what it was before, may be worth reading."""
        if before and before.marks is not None and not before.is_worth:
            marks = self._marks_after(data, before.marks, changed)
            if marks is not None:
                return Look(False, marks)
        return Look(self.worth_reading(data), self._seen_in(data).marks)


def questions(own: tuple[bytes, ...] = (), traces: Sequence[Trace] = ()) -> Questions:
    """Returns the questions about data in which `own` counts too, as fast as this machine can answer them.

    With `traces`, which are those of the rules for settings, less is worth reading; they take longer to be made.
    """
    plain = _plain(own)
    if not literals.is_fast():
        return plain
    asked = 0

    @cache  # only now: most commits have less than it is made for
    def fast() -> _Fast:
        return _ByPatterns(own, traces) if literals.hyperscan else _Fast(own)

    def by(data: bytes | memoryview) -> Questions | _Fast:
        nonlocal asked
        asked += len(data)
        return fast() if asked > ENOUGH else plain

    return Questions(
        lambda data: by(data).worth_reading(data), lambda data: by(data).places(data), lambda data: by(data).hides(data),
        lambda data, before, changed: by(data).look(data, before, changed), lambda: fast().prepare(),
    )  # fmt: skip
