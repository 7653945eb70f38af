"""The questions of `anchors` about much data: the same answers, sooner, with `hyperscan` if it is installed.

hyperscan looks for weaker conditions than `anchors` does: for what must be there, and near which offsets. `anchors` itself then
looks only there. About settings hyperscan can tell more than `anchors`: whether the traces of a rule match, where `anchors` knows
only words.
"""
from __future__ import annotations

import bisect
from collections import defaultdict
from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from functools import cache
from itertools import chain
from typing import NamedTuple

from pypi_token_hooks import anchors
from pypi_token_hooks import late
from pypi_token_hooks import literals
from pypi_token_hooks import suspects
from pypi_token_hooks.traces import HIGHLIGHTED
from pypi_token_hooks.traces import SPAN
from pypi_token_hooks.traces import Trace

Question = Callable[[bytes | memoryview], bool]
ENOUGH = 1 << 21  # bytes that are asked about before it pays to compile the patterns; until then `anchors` answers
SMALL = 8 << 10  # bytes: for smaller data the overhead of a question is more than the search
AROUND = (2 << 10) + 256  # bytes before and after a change that are looked at: the longest user in a URL, and a margin
# beginnings of data that mean something only there
_FIRST = frozenset((*anchors.WIDE_MARKS, anchors.GZIP[:2], anchors.ZSTD[:2]))

# A URL with a user before the host; braces, in which there may be a slash, are enough.
_URL = rb"://[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f/@{(]*[@{(]"
_SIGNS = (*anchors.ESCAPED_URLS, *anchors.AT_SIGNS)  # what else may stand between a scheme and a user, or before a host
# Where text is coloured, a setting may be in pieces that no trace knows: there words lead to it, as they do in `anchors`. The output
# in a notebook or a report has escapes of the colours. What erases a line, or moves the cursor, is left out by the readings as well.
_COLOURED = rb"(?i)(?:\x1b|\\+(?:x1b|u001b|u\{0*1b\}|033|e)|&#(?:27|x1b);|[%=]1b)(?:\[|%5b|\\+u005b)[ -?]*[@-~]"
_FAR_APART = (suspects.DUMPED, _COLOURED, HIGHLIGHTED)
_SPAN, _BEGIN_OF_SPAN = late.compiled(SPAN), b"<span class="
_ESCAPED_SIGNS = rb"[^\r\n]{%d}[!-<>-~]=\r?\n[!-<>-~]|" % (anchors.SOFT_LINE - 1) + b"|".join([
    (rb"%b" if lead == b"=" else rb"(?i:%b)") % literals.quoted(escape)
    for lead, row in anchors.sign_escapes().items() for escape in sorted(row)
])
# Literals that hardly occur: with more of them `hyperscan` chooses another algorithm, which is faster for patterns like ours.
_PADDING = tuple(literals.quoted(bytes(range(first, first - 8, -1))) for first in range(255, 191, -1))


class Look(NamedTuple):
    """What a look at data has shown. It is kept for looking at data that differs from it."""

    is_worth: bool  # whether the data is worth reading
    marks: frozenset[bytes] | None = None  # the patterns that match in it; None if they were not looked for


class Questions(NamedTuple):
    """The first three answer as the functions of the same names in `anchors` do, with traces only for what these leave of settings."""

    worth_reading: Question
    places: Callable[[bytes], Iterator[tuple[int, int]]]
    hides: Callable[[bytes], bool]
    # takes data, the look at similar data, and all spans in which the two differ, their beginnings and ends included
    look: Callable[[bytes, Look | None, suspects.Spans], Look]
    # compiles at once what is otherwise compiled when there is much data
    prepare: Callable[[], object] = lambda: None

    def any_worth_reading(self, parts: Collection[bytes]) -> bool:
        """Tells whether one of the parts may be worth reading. It is one question about many small parts; only a no is certain."""
        return any(part[:2] in _FIRST or anchors.is_short_and_hides(part) for part in parts) or self.worth_reading(anchors.together(parts))


class _Seen(NamedTuple):
    """What one search of data has shown."""

    is_worth: bool  # whether that alone makes it worth reading
    found: literals.Found  # offsets of literals
    suspects: Mapping[suspects.Kind, suspects.Spans] | None  # near which samples something may be hidden; None: anywhere
    marks: frozenset[bytes]  # the patterns that match, among them marks of archives


def _around(changed: suspects.Spans, size: int) -> Iterator[tuple[int, int]]:
    """Yields the spans around the changes, each beginning at a sample of the data."""
    aligned = (((first - AROUND) // anchors.STRIDE * anchors.STRIDE + AROUND, last) for first, last in changed)
    for start, end in anchors.around(aligned, AROUND):
        yield start, min(end, size)


def _plain(own: tuple[bytes, ...]) -> Questions:
    """Returns the questions, answered by `anchors` alone."""
    return Questions(
        lambda data: anchors.worth_reading(bytes(data), own),
        lambda data: anchors.places(data, own),
        lambda data: anchors.hides(data, own),
        lambda data, before, changed: Look(anchors.worth_reading(data, own)),
    )


class _Fast:
    """Answers by one search for all literals at once, whose result serves several questions about the same data."""

    def __init__(self, own: tuple[bytes, ...]) -> None:
        self._own = own
        self._at_once = (*anchors.ESCAPED_ARCHIVES, *anchors.BASE64_NAMES, *own)
        self._find = literals.finder(*anchors.CORES, *self._at_once, *anchors.ARCHIVES, *anchors.WORDS)
        self._askers = {others: literals.asker(*others) for others in anchors.COMPANIONS}
        self._holds_core = literals.asker(*anchors.CORES, anchors.CUT_CORE, *anchors.BASE64_NAMES, *own)
        self._before, self._seen = b"", _Seen(False, {}, None, frozenset())
        self._has_hidden: bool | None = None  # whether something is hidden in what was seen; None: nobody has asked

    def _any_of(self, text: bytes, others: tuple[bytes, ...]) -> bool:
        return self._askers[others](text)

    def _is_enough(self, data: bytes, found: literals.Found) -> bool:
        """Tells whether the literals that were found make the data worth reading, whatever may be hidden in it."""
        if not found.keys().isdisjoint(self._at_once):
            return True
        return any(True for _ in chain(anchors.cores_in(data, found), anchors.settings_in(data, found, self._any_of)))

    def _look(self, data: bytes) -> _Seen:
        """Looks for literals."""
        found = {**self._find(data), **anchors.escaped_signs_in(data)}
        return _Seen(self._is_enough(data, found), found, None, frozenset(found))

    def _seen_in(self, data: bytes) -> _Seen:
        if data is not self._before:
            self._before, self._seen, self._has_hidden = data, self._look(data), None
        return self._seen

    def _hides_any(self, data: bytes) -> bool:
        """Tells whether something that is worth reading is hidden in the data: two questions ask it about the same data."""
        seen = self._seen_in(data)
        if self._has_hidden is None:
            self._has_hidden = any(True for _ in anchors.hidden_in(data, self._own, suspects=seen.suspects))
        return self._has_hidden

    def prepare(self) -> None:
        """There is nothing to compile."""

    def worth_reading(self, view: bytes | memoryview) -> bool:
        data = bytes(view)
        seen = self._seen_in(data)
        if seen.is_worth or (not seen.marks.isdisjoint(anchors.ARCHIVES) and anchors.has_archive(data, seen.marks)):
            return True
        return self._hides_any(data)

    def look(self, data: bytes, before: Look | None, changed: suspects.Spans) -> Look:
        """Looks at all of the data."""
        return Look(self.worth_reading(data))

    def places(self, data: bytes) -> Iterator[tuple[int, int]]:
        seen = self._seen_in(data)
        return anchors.places(data, self._own, anchors.DEPTH, (seen.found, seen.suspects), self._any_of)

    def hides(self, data: bytes) -> bool:
        return self._holds_core(data) or self._hides_any(data)


class _ByPatterns(_Fast):
    """Answers by `hyperscan`: with traces it looks for these, otherwise for words."""

    def __init__(self, own: tuple[bytes, ...], traces: Sequence[Trace]) -> None:
        super().__init__(own)
        self._traces = [frozenset(trace.patterns) for trace in traces]
        self._by_reach = {
            reach: [trace.patterns for trace in traces if trace.is_of_section is is_of_section]
            for is_of_section, reach in ((False, anchors.REACH), (True, anchors.SECTION))
        }
        self._firsts = tuple(dict.fromkeys(trace.patterns[0] for trace in traces))
        self._others = tuple(dict.fromkeys(one for trace in traces for one in trace.patterns if one not in self._firsts))
        self._leads = frozenset(trace.patterns[0] for trace in traces if len(trace.patterns) > 1)
        words = () if traces else tuple(word for word in anchors.WORDS if word != anchors.URL)  # that is in every other file
        placed = (*anchors.CORES, *words)
        self._placed = (*placed, anchors.ESCAPED_SIGNS)
        marks = dict.fromkeys((*self._at_once, *anchors.ARCHIVES, *anchors.BASE64_ARCHIVES, *(_SIGNS if traces else ())))
        further = (_URL, *suspects.MARKS, *((_COLOURED, HIGHLIGHTED, *_PADDING) if traces else ()))  # the padding takes time to compile
        self._names = (*self._placed, *self._firsts, *marks, *further)
        # from where a match counts to where it ends
        self._lengths = (*map(len, placed), 0, *(0 for _ in self._firsts))
        patterns = (*map(literals.quoted, placed), _ESCAPED_SIGNS, *self._firsts, *map(literals.quoted, marks), *further)
        self._see = literals.scanner(patterns, len(self._lengths))
        self._see_others = literals.scanner(self._others)

    def _stands_in(self, data: bytes, before: frozenset[bytes] = frozenset()) -> tuple[frozenset[bytes], dict[bytes, list[int]]]:
        """Returns the patterns that match in the data; and where literals begin, and the first patterns of traces end.

        The further patterns of a trace are looked for only if the first of one matches, here or `before`.
        """
        names, lengths, hits = self._names, self._lengths, self._see(data)
        found = defaultdict[bytes, list[int]](list)
        for number, end in hits:
            if number < len(lengths):
                found[names[number]].append(end - lengths[number])
        marks = frozenset([names[number] for number, _ in hits])
        if not (self._leads.isdisjoint(marks) and self._leads.isdisjoint(before)):
            marks |= {self._others[number] for number, _ in self._see_others(data)}
        return marks, found

    def _is_traced(self, marks: frozenset[bytes]) -> bool:
        """Tells whether all patterns of a trace are among those that match."""
        return any(map(marks.issuperset, self._traces))

    def _words_apart(self, data: bytes, marks: frozenset[bytes]) -> literals.Found:
        """Returns the offsets of the words in data whose settings may leave no trace: where it is coloured.

        In pages with code, of which there are many, those near code that has a trace without what colours it.
        """
        if _COLOURED in marks:
            return anchors.words_in(data)
        found = defaultdict[bytes, list[int]](list)
        spans = [(at, at) for at in anchors.all_of(data, _BEGIN_OF_SPAN)] if HIGHLIGHTED in marks else []
        for start, end in anchors.around(spans, anchors.NEAR):
            stretch = data[start:end]
            if self._is_traced(self._stands_in(_SPAN.sub(b"", stretch))[0]):
                for word, ats in anchors.words_in(stretch).items():
                    found[word] += [start + at for at in ats]
        return found

    def _are_enough(self, data: bytes, marks: frozenset[bytes], found: literals.Found) -> bool:
        """Tells whether the patterns and literals that were found make the data worth reading, whatever may be hidden in it."""
        if not marks.isdisjoint(self._at_once) or self._is_traced(marks):
            return True
        signs = [sign for sign in _SIGNS if sign in marks]
        urls = {literal: [*anchors.all_of(data, literal)] for literal in (anchors.URL, *signs)} if signs or _URL in marks else {}
        return self._is_enough(data, {**found, **urls, **self._words_apart(data, marks)})

    def places(self, data: bytes) -> Iterator[tuple[int, int]]:
        """Yields the places as `anchors` does, but with traces of settings those of these, which are fewer than those of words."""
        seen = self._seen_in(data)
        once = (literal for literal in (*self._at_once, *_SIGNS) if literal in seen.marks)
        found = {literal: seen.found[literal] for literal in self._placed if literal in seen.found}
        found |= {literal: [*anchors.all_of(data, literal)] for literal in (*once, anchors.URL)}
        clues = {**found, **self._words_apart(data, seen.marks)}, seen.suspects
        return chain(self._traced(data, seen), anchors.places(data, self._own, anchors.DEPTH, clues, self._any_of))

    def _traced(self, data: bytes, seen: _Seen) -> Iterator[tuple[int, int]]:
        """Yields what is around each match of the first pattern of a trace, if a whole trace is there."""
        for reach, alike in self._by_reach.items():
            ends = sorted({end for first, *_ in alike for end in seen.found.get(first, ())})
            at = 0
            while at < len(ends):
                last = bisect.bisect_right(ends, ends[at] + reach)
                start, end = ends[at] - reach, ends[last - 1] + reach
                is_all = start <= 0 and end >= len(data)
                marks = seen.marks if is_all else self._stands_in(data[max(0, start) : end])[0]
                if any(map(marks.issuperset, alike)):
                    yield start, end
                at = last

    def prepare(self) -> None:
        """Compiles the patterns."""
        self._stands_in(b"", self._leads)

    def _look(self, data: bytes) -> _Seen:
        marks, found = self._stands_in(data)
        return _Seen(self._are_enough(data, marks, found), found, suspects.near(data, marks), marks)

    def _marks_after(self, data: bytes, marks: frozenset[bytes], changed: suspects.Spans) -> frozenset[bytes] | None:
        """Returns the patterns that may match in data that differs, only in `changed`, from data that is not worth reading.

        That data has `marks`. None if the changes may have made it worth reading.
        """
        parts = list(_around(changed, len(data)))
        if not self._traces or sum([end - start for start, end in parts]) * 2 > len(data):
            return None
        text = anchors.together([data[start:end] for start, end in parts])
        here, found = self._stands_in(text, marks)
        if not here & self._leads <= marks:
            return None  # the further patterns of a new trace may match where nothing has changed
        marks = marks | here
        if not marks.isdisjoint(_FAR_APART):
            return None  # the lines of a dump that tell what is in it may be far from the change, and so may words
        if not marks.isdisjoint(anchors.ARCHIVES) or self._are_enough(text, marks, found):
            return None
        samples = [(start // anchors.STRIDE, end // anchors.STRIDE) for start, end in parts]
        hidden = dict.fromkeys(suspects.near(text, here), samples)
        return None if any(True for _ in anchors.hidden_in(data, self._own, suspects=hidden)) else marks

    def look(self, data: bytes, before: Look | None, changed: suspects.Spans) -> Look:
        """Looks at the changes only; at all of the data if these, or the data before, may be worth reading."""
        if before and before.marks is not None and not before.is_worth:
            marks = self._marks_after(data, before.marks, changed)
            if marks is not None:
                return Look(False, marks)
        return Look(self.worth_reading(data), self._seen_in(data).marks)


def questions(own: tuple[bytes, ...], traces: Sequence[Trace]) -> Questions:
    """Returns the questions, answered as fast as this machine can. `own` are the anchors of this machine's credentials.

    With `traces`, those of the rules for settings, less data is worth reading, but they take longer to compile.
    """
    plain, asked = _plain(own), 0

    @cache  # at first use: most commits have too little data for it
    def fast() -> Questions | _Fast:
        if literals.hyperscan():
            return _ByPatterns(own, traces)
        return _Fast(own) if literals.ahocorasick_rs() else plain

    def by(data: bytes | memoryview) -> Questions | _Fast:
        nonlocal asked
        asked += len(data)
        return fast() if asked > ENOUGH else plain

    return Questions(
        lambda data: by(data).worth_reading(data), lambda data: by(data).places(data), lambda data: by(data).hides(data),
        lambda data, before, changed: by(data).look(data, before, changed), lambda: fast().prepare(),
    )
