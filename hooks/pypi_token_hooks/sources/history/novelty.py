"""What is new in a text: many versions of a file in, the stretches of each that no earlier one had out.

A history is the same lines again and again. A line is remembered, as a hash, once nothing was found in it. What may be
a credential only together with other lines (a section's header, a name whose value may follow, a wrapped run) is never
remembered: the stretch around it is looked at whenever that has changed.
"""
from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from collections.abc import Set
from itertools import accumulate
from typing import NamedTuple

from pypi_token_hooks import anchors
from pypi_token_hooks import literals
from pypi_token_hooks.engine import Question

MOST = 1 << 20  # hashes that are kept of each kind: 80 MB; beyond it all is new again
LONG = 4096  # bytes of a paragraph of which the entries are looked at one by one, as of a lock file
MANY = 64  # times its length: so much of one text, which is about itself all over, is not looked at in stretches
AROUND = 512  # bytes beside new lines that are worth reading
WHOLE = 1 << 40
COLUMN, RUN = 1, 2  # the reach of what counts only between, or beside, lines of its kind
FAR, STEP, COMMAND, NEAR = 8448, 4352, 1408, 640  # bytes: more than any rule looks from there

_HEADER = re.compile(rb"^\W*(?<![})\]])\[{1,2}[\w.\-\"' *:/@]{1,120}\]{1,2}\s*(?:[#;<>&|\"'`\\].*)?$")
# names of sections that hold a password by themselves; others do so only beside `distutils` or `index-servers`
_OF_SECRETS = re.compile(
    _HEADER.pattern.replace(rb"]{1,120}", rb"]{0,60}(?:pypi|server-login|http-basic|repositor|publish|credential)[^\[\]]{0,60}")
)
_STEP = re.compile(rb"\b(?:uses|provider|image)\b.{0,120}pypi")
_USERINFO = re.compile(rb"://\S{0,2048}@|://[^\s/:]{1,80}:(?!\d{1,5}\b)[^\s/]*[\"'`\\][\s+\\,]*$")
_SECRETS = (b"pass", b"pwd", b"token", b"secret", b"key", b"auth")
_SECRET = rb"(?:pass|pwd|token|secret|(?<!mon)key|auth)"  # what every test of Python has is no key
# a name whose value is not on its line, or that is alone on it; what names a tool too counts wherever it stands
_NAME = re.compile(_SECRET + rb"[\w.\-]*[^\w\s]{0,6}\s*[=:>]\W{0,8}$|^\W*[\w.\-]*" + _SECRET + rb"[\w.\-]*\W*$")
_OF_TOOL = re.compile(
    rb"(?:pypi|twine|uv|poetry|pdm|hatch|flit|maturin|fury|devpi|codeartifact|artifacts|repository|input|pyx)[_-]?[\w-]{0,60}"
    + _SECRET + rb"|(?:tok|token|password)_pypi"
)
# a line of wrapped base64, hexadecimal or escapes: what it belongs to goes on as long as there are such lines
_WRAPPED = re.compile(rb"(?=.{0,80}?\d)[A-Za-z0-9+/=_%\\;&-]{32,}")
_LONG_RUN = re.compile(rb"[A-Za-z0-9+/=_%\\;&-]{24,}")
# a byte or two of a column of them; alone it is the year in a heading
_DIGITS = re.compile(rb"(?:0[xX]|\\[xu])?[0-9A-Fa-f]{1,4}")
_BESIDE = b" \t\r>#*|\"'`+/,;\\"

# where an entry begins: at the margin, or behind the end of one in braces
_ENTRIES = re.compile(rb"\n(?:(?=[A-Za-z<@\[])|(?<=},\n))")


class _Sign(NamedTuple):
    """Words in small letters, what more a line with one must have of it, and how far off stands what belongs to it."""

    words: tuple[bytes, ...]
    form: re.Pattern[bytes] | None
    reach: int


_COMMANDS = (b"twine", b"uv", b"poetry", b"pdm", b"hatch", b"maturin", b"fury", b"devpi")
_SIGNS = (
    _Sign((b"index-servers",), None, WHOLE),
    _Sign((b"distutils",), None, FAR),
    _Sign((b"[",), _OF_SECRETS, FAR),
    _Sign((b"pypi",), _STEP, STEP),
    _Sign(_COMMANDS, re.compile(rb"\b(?:" + b"|".join(_COMMANDS) + rb")\b"), COMMAND),
    _Sign((b"__token__", b"set_password", b"settings(", b"authorization", b"x-devpi", b"machine ", b"curl ", b".pypirc"), None, NEAR),
    _Sign((b"[",), _HEADER, NEAR),
    _Sign((b"://",), _USERINFO, NEAR),
    _Sign(_SECRETS, _NAME, NEAR),
    _Sign(_SECRETS, _OF_TOOL, NEAR),
)
_find_words = literals.finder(*(word for sign in _SIGNS for word in sign.words))
_find_marks = literals.finder(*anchors.CORES, *anchors.ARCHIVES)


def _of_words(lines: Sequence[bytes]) -> dict[int, int]:
    """Returns the reaches that words and marks give to the lines, by their numbers: all lines are searched as one text."""
    text = b"\n".join(lines)
    starts = list(accumulate(map(len, lines), lambda at, size: at + size + 1, initial=0))
    words_here, marks_here = _find_words(text.lower()), _find_marks(text)
    found: dict[int, int] = {}

    def numbers(here: literals.Found, words: Sequence[bytes]) -> set[int]:
        return {bisect_right(starts, at) - 1 for at in literals.of(here, words)}

    for words, form, far in _SIGNS:
        for number in numbers(words_here, words):
            if found.get(number, 0) < far and (form is None or form.search(lines[number].lower())):
                found[number] = far
    for number in numbers(marks_here, anchors.CORES):
        found[number] = max(FAR, found.get(number, 0))
    if not text.isascii():
        found.update(dict.fromkeys(numbers(marks_here, anchors.ARCHIVES), WHOLE))
    return found


def reaches(lines: Sequence[bytes]) -> dict[bytes, int]:
    """Returns how far from a line that may stand which is a credential together with it, for lines that have a reach."""
    found = _of_words(lines)
    for number, line in enumerate(lines):
        if b" " in (bare := line.strip(_BESIDE)):
            continue
        if found.get(number, 0) < FAR and _WRAPPED.fullmatch(bare):
            found[number] = RUN
        elif number not in found and _DIGITS.fullmatch(bare):
            found[number] = COLUMN
    return {lines[number]: far for number, far in found.items()}


def _is_digits(line: bytes) -> bool:
    return _DIGITS.fullmatch(line.strip(_BESIDE)) is not None


def _holds_run(line: bytes) -> bool:
    return _LONG_RUN.search(line) is not None


def _extent(data: bytes, start: int, end: int, is_one: Callable[[bytes], bool]) -> tuple[int, int]:
    """Returns where the lines of a kind begin and end around the one between the offsets."""
    while start and is_one(data[(above := data.rfind(b"\n", 0, start - 1) + 1) : start - 1]):
        start = above
    while end < len(data):
        following = data.find(b"\n", end + 1)
        following = len(data) if following < 0 else following
        if not is_one(data[end + 1 : following]):
            break
        end = following
    return start, end


class _Spot(NamedTuple):
    """Where in a text a line with a reach is."""

    start: int
    end: int
    reach: int


class _Unknown(NamedTuple):
    """A paragraph of which not all lines are remembered: where it is, its hash, and those lines with their offsets."""

    start: int
    name: int
    lines: list[tuple[int, bytes]]


class Novelty:
    """Remembers what was seen and held nothing. `look` tells whether a stretch holds something."""

    def __init__(self, worth_reading: Question, look: Callable[[bytes], bool]) -> None:
        self._worth_reading, self._look = worth_reading, look
        self._paragraphs: set[int] = set()  # hashes, as are all the keys below but the lines with a reach
        self._spots: dict[int, tuple[_Spot, ...]] = {}  # of the paragraphs that are never remembered
        self._lines: set[int] = set()
        self._reaches: dict[bytes, int] = {}  # of the lines that are never remembered
        self._answers: dict[int, bool] = {}  # of stretches

    def _holds(self, stretch: bytes) -> bool:
        name = hash(stretch)
        answer = self._answers.get(name)
        if answer is None:
            answer = self._answers[name] = self._look(stretch)
        return answer

    def _trim(self) -> None:
        for known, most in (
            (self._paragraphs, MOST), (self._lines, MOST), (self._answers, MOST), (self._spots, MOST // 8), (self._reaches, MOST // 8),
        ):  # fmt: skip
            if len(known) > most:
                known.clear()

    def holds(self, data: bytes) -> bool:
        """Tells whether anything is found in what is new in the data, or was found in what is not."""
        if b"\0" in data:  # lines say nothing of it
            return self._look(data)
        self._trim()
        spots, unknown = list[_Spot](), list[_Unknown]()
        for start, text, name in self._fresh(data):
            if name in self._spots:
                spots.extend(_shifted(self._spots[name], start))
            elif lines := self._unknown(text):
                unknown.append(_Unknown(start, name, lines))
            else:
                self._paragraphs.add(name)
        self._learn({line for one in unknown for _, line in one.lines})
        alone = list[tuple[int, bytes]]()
        for one in unknown:
            here, others = self._parted(one.lines)
            spots.extend(_shifted(here, one.start))
            alone.extend((one.start + at, line) for at, line in others)
            if here and not others:
                self._spots[one.name] = here
            elif not others:
                self._paragraphs.add(one.name)
        found = self._together(data, set(_stretches(data, sorted(spots))))
        return (bool(alone) and self._alone(data, alone)) or found

    def _fresh(self, data: bytes) -> Iterator[tuple[int, bytes, int]]:
        """Yields the paragraphs that are not remembered, and of a long one such entries: offset, text and hash."""
        paragraphs = data.split(b"\n\n")
        names = list(map(hash, paragraphs))
        if self._paragraphs.issuperset(names):
            return
        start = done = 0
        for number in [number for number, name in enumerate(names) if name not in self._paragraphs]:
            start += sum(map(len, paragraphs[done:number])) + 2 * (number - done)
            done, text, name = number, paragraphs[number], names[number]
            if len(text) < LONG:
                yield start, text, name
                continue
            entries = _ENTRIES.split(text)
            keys = list(map(hash, entries))
            if self._paragraphs.issuperset(keys):
                self._paragraphs.add(name)
            at = start
            for entry, key in zip(entries, keys, strict=True):
                if key not in self._paragraphs:
                    yield at, entry, key
                at += len(entry) + 1

    def _unknown(self, paragraph: bytes) -> list[tuple[int, bytes]]:
        """Returns the lines of the paragraph that are not remembered, with their offsets."""
        lines = paragraph.split(b"\n")
        keys = list(map(hash, lines))
        if self._lines.issuperset(keys):
            return []
        ends = list(accumulate(map(len, lines)))
        return [
            (ends[number] + number - len(lines[number]), lines[number])
            for number, key in enumerate(keys) if key not in self._lines
        ]  # fmt: skip

    def _learn(self, lines: Set[bytes]) -> None:
        """Remembers of new lines which have a reach; the others if all of them together are not worth reading."""
        self._reaches.update(reaches([line for line in lines if line not in self._reaches]))
        new = [line for line in lines if line not in self._reaches]
        if not self._worth_reading(b"\n".join(new)):
            self._lines.update(map(hash, new))

    def _parted(self, lines: Iterable[tuple[int, bytes]]) -> tuple[tuple[_Spot, ...], list[tuple[int, bytes]]]:
        """Returns those of the lines that have a reach, and those of the others that are not remembered."""
        spots, others = [], []
        for at, line in lines:
            if far := self._reaches.get(line):
                spots.append(_Spot(at, at + len(line), far))
            elif hash(line) not in self._lines:
                others.append((at, line))
        return tuple(spots), others

    def _together(self, data: bytes, spans: Set[tuple[int, int]]) -> bool:
        """Tells whether the stretches hold something; where they are more than the data, of which they are parts, by that."""
        if sum(end - start for start, end in spans) > MANY * len(data):
            return self._look(data)
        names = {hash(data[start:end]): (start, end) for start, end in spans}
        new = [name for name in names if name not in self._answers]
        if sum(names[name][1] - names[name][0] for name in new) > len(data) and not self._look(data):
            self._answers.update(dict.fromkeys(new, False))
        return any(self._holds(data[start:end]) for start, end in names.values())

    def _alone(self, data: bytes, lines: Iterable[tuple[int, bytes]]) -> bool:
        """Tells whether new lines without a reach hold something, and remembers those that do not."""
        found = False
        for start, end in self._doubtful(data, list(_groups(lines))):
            if self._holds(data[max(0, start - AROUND) : end + AROUND]):
                found = True
            else:
                self._lines.update(map(hash, data[start:end].split(b"\n")))
        return found

    def _doubtful(self, data: bytes, groups: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
        """Yields the groups that are worth reading, and remembers the lines of the others: half of them at a time."""
        text = b"\n".join([data[start:end] for start, end in groups])
        if not self._worth_reading(text):
            self._lines.update(map(hash, text.split(b"\n")))
        elif len(groups) == 1:
            yield groups[0]
        else:
            half = len(groups) // 2
            yield from self._doubtful(data, groups[:half])
            yield from self._doubtful(data, groups[half:])


def _shifted(spots: Iterable[_Spot], by: int) -> Iterator[_Spot]:
    """Yields the spots of a paragraph as those of the text in which it begins at an offset."""
    for start, end, reach in spots:
        yield _Spot(start + by, end + by, reach)


def _stretches(data: bytes, spots: Iterable[_Spot]) -> Iterator[tuple[int, int]]:
    """Yields what is around the lines that have a reach, which are in order, as far as that goes."""
    done = -1  # the end of lines of a kind that were seen as one
    for start, end, reach in spots:
        first, last, far = start, end, reach
        if reach in (COLUMN, RUN):
            if end <= done:
                continue
            first, last = _extent(data, start, end, _is_digits if reach == COLUMN else _holds_run)
            done = last
            far = FAR if (first, last) != (start, end) else NEAR if reach == RUN else 0
        if far:
            yield max(0, first - far), min(len(data), last + far)


def _groups(lines: Iterable[tuple[int, bytes]]) -> Iterator[tuple[int, int]]:
    """Yields the lines that follow each other as one: where they begin and end."""
    start = end = -2
    for at, line in lines:
        if at != end + 1:
            if end >= 0:
                yield start, end
            start = at
        end = at + len(line)
    if end >= 0:
        yield start, end
