"""What is new in a text: many versions of a file in, the stretches of each that no earlier one had out.

A history is the same lines again and again. A line is remembered, as a hash, once nothing was found in it. What may be
a credential only together with other lines (a section's header, a name whose value may follow, a wrapped run) is never
remembered: the stretch around it is looked at whenever that has changed.
"""
from __future__ import annotations

import re
from collections.abc import Callable
from collections.abc import Iterator
from itertools import accumulate
from typing import NamedTuple

from pypi_token_hooks import anchors
from pypi_token_hooks.engine import Question

MOST = 1 << 19  # hashes that are kept of each kind: 32 MB; beyond it all is new again
AROUND = 512  # bytes beside new lines that are worth reading
WHOLE = 1 << 40
COLUMN = 1  # the reach of what counts only between lines of its kind
FAR, STEP, COMMAND, NEAR = 8448, 4352, 1408, 640  # bytes: more than any rule looks from there

_HEADER = re.compile(rb"^\W*\[{1,2}[\w.\-\"' *:/@]{1,120}\]{1,2}\s*(?:[#;<>&|\"'`\\].*)?$")
_STEP = re.compile(rb"\b(?:uses|provider|image)\b.{0,120}pypi")
_USERINFO = re.compile(rb"://\S{0,2048}@|://[^\s/:]{1,80}:(?!\d{1,5}\b)[^\s/]*[\"'`\\][\s+\\,]*$")
# a name whose value is not on its line, or that is alone on it; what names a tool too counts wherever it stands
_NAME = rb"%s[\w.\-]*[^\w\s]{0,6}\s*[=:>]\W{0,8}$|^\W*[\w.\-]*%s[\w.\-]*\W*$"
_OF_TOOL = re.compile(
    rb"(?:pypi|twine|uv|poetry|pdm|hatch|flit|maturin|fury|devpi|codeartifact|artifacts|repository|input|pyx)[_-]?[\w-]{0,60}"
    rb"(?:pass|pwd|token|secret|key|auth)|(?:tok|token|password)_pypi"
)
# a line of wrapped base64, hexadecimal or escapes: what it belongs to may be longer than any reach
_WRAPPED = re.compile(rb"(?=.{0,80}?\d)[A-Za-z0-9+/=_%\\;&-]{32,}")
# a byte or two of a column of them; alone it is the year in a heading
_DIGITS = re.compile(rb"(?:0[xX]|\\[xu])?[0-9A-Fa-f]{1,4}")
_BESIDE = b" \t\r>#*|\"'`+/,;\\"


class _Sign(NamedTuple):
    """A word in small letters, what more the line must have of it, and how far from it stands what belongs to it."""

    word: bytes
    form: re.Pattern[bytes] | None
    reach: int


_SIGNS = (
    _Sign(b"index-servers", None, WHOLE),
    _Sign(b"distutils", None, FAR),
    _Sign(b"[", _HEADER, FAR),
    _Sign(b"pypi", _STEP, STEP),
    *(
        _Sign(word, re.compile(rb"\b" + word + rb"\b"), COMMAND)
        for word in (b"twine", b"uv", b"poetry", b"pdm", b"hatch", b"maturin", b"fury", b"devpi")
    ),
    *(
        _Sign(word, None, NEAR)
        for word in (b"__token__", b"set_password", b"settings(", b"authorization", b"x-devpi", b"machine ", b"curl ", b".pypirc")
    ),
    _Sign(b"://", _USERINFO, NEAR),
    *(_Sign(word, re.compile(_NAME % (word, word)), NEAR) for word in (b"pass", b"pwd", b"token", b"secret", b"key", b"auth")),
    *(_Sign(word, _OF_TOOL, NEAR) for word in (b"pass", b"pwd", b"token", b"secret", b"key", b"auth")),
)  # fmt: skip


def reach(line: bytes) -> int:
    """Returns how far from the line that may stand which is a credential together with it; 0 where it stands alone."""
    small = line.lower()
    far = 0
    for word, form, bound in _SIGNS:
        if word in small and bound > far and (form is None or form.search(small)):
            far = bound
    if far < FAR and any(core in line for core in anchors.CORES):
        far = FAR
    bare = line.strip(_BESIDE)
    if b" " not in bare and _WRAPPED.fullmatch(bare):
        return WHOLE
    if not line.isascii() and any(mark in line for mark in anchors.ARCHIVES):
        return WHOLE
    return COLUMN if not far and _DIGITS.fullmatch(bare) else far


def _is_in_column(data: bytes, start: int, end: int) -> bool:
    """Tells whether the lines before and after the one between the offsets are digits, too."""
    above = data[max(0, data.rfind(b"\n", 0, max(0, start - 1)) + 1) : max(0, start - 1)]
    following = data.find(b"\n", end + 1)
    below = data[end + 1 : following if following >= 0 else len(data)]
    return all(_DIGITS.fullmatch(line.strip(_BESIDE)) for line in (above, below))


class Novelty:
    """Remembers what was seen and held nothing. `look` tells whether a stretch holds something."""

    def __init__(self, worth_reading: Question, look: Callable[[bytes], bool]) -> None:
        self._worth_reading, self._look = worth_reading, look
        self._paragraphs: set[int] = set()
        self._lines: set[int] = set()
        self._reaches: dict[bytes, int] = {}  # of the lines that are never remembered
        self._answers: dict[int, bool] = {}  # of stretches

    def _fresh(self, data: bytes) -> Iterator[tuple[int, bytes, int]]:
        """Yields the lines that are not remembered: offset, text and hash."""
        paragraphs = data.split(b"\n\n")
        names = list(map(hash, paragraphs))
        if self._paragraphs.issuperset(names):
            return
        starts = accumulate(map(len, paragraphs), lambda at, size: at + size + 2, initial=0)
        for start, text, name in zip(starts, paragraphs, names):  # noqa: B905 - the last offset is the end
            if name in self._paragraphs:
                continue
            lines = text.split(b"\n")
            keys = list(map(hash, lines))
            if self._lines.issuperset(keys):
                self._paragraphs.add(name)
                continue
            offsets = accumulate(map(len, lines), lambda at, size: at + size + 1, initial=start)
            for at, line, key in zip(offsets, lines, keys):  # noqa: B905
                if key not in self._lines:
                    yield at, line, key

    def _reach(self, line: bytes) -> int:
        known = self._reaches.get(line)
        if known is None:
            known = reach(line)
            if known:
                self._reaches[line] = known
        return known

    def _holds(self, stretch: bytes) -> bool:
        name = hash(stretch)
        answer = self._answers.get(name)
        if answer is None:
            answer = self._answers[name] = self._worth_reading(stretch) and self._look(stretch)
        return answer

    def _trim(self) -> None:
        for known in (self._paragraphs, self._lines, self._reaches, self._answers):
            if len(known) > MOST:
                known.clear()

    def holds(self, data: bytes) -> bool:
        """Tells whether anything is found in what is new in the data, or was found in what is not."""
        if b"\0" in data:  # lines say nothing of it
            return self._worth_reading(data) and self._look(data)
        self._trim()
        alone, stretches = [], set()
        for at, line, key in self._fresh(data):
            far = self._reach(line)
            if far == COLUMN:
                far = WHOLE if _is_in_column(data, at, at + len(line)) else COLUMN
            if far == COLUMN:
                continue
            if far:
                stretches.add((max(0, at - far), min(len(data), at + len(line) + far)))
            else:
                alone.append((at, line, key))
        found = self._together(data, {data[start:end] for start, end in stretches})
        return self._alone(data, alone) or found

    def _together(self, data: bytes, stretches: set[bytes]) -> bool:
        """Tells whether the stretches hold something; where they are more than the data, of which they are parts, by that."""
        new = [stretch for stretch in stretches if hash(stretch) not in self._answers]
        if sum(map(len, new)) > len(data) and not (self._worth_reading(data) and self._look(data)):
            self._answers.update(dict.fromkeys(map(hash, new), False))
        return any(self._holds(stretch) for stretch in stretches)

    def _alone(self, data: bytes, lines: list[tuple[int, bytes, int]]) -> bool:
        """Tells whether new lines hold something, and remembers those that do not."""
        found = False
        if lines and self._worth_reading(b"\n".join([line for _, line, _ in lines])):
            for start, end, keys in _groups(lines):
                if self._worth_reading(data[start:end]) and self._holds(data[max(0, start - AROUND) : end + AROUND]):
                    found = True
                else:
                    self._lines.update(keys)
        else:
            self._lines.update([key for _, _, key in lines])
        return found


def _groups(lines: list[tuple[int, bytes, int]]) -> Iterator[tuple[int, int, list[int]]]:
    """Yields the lines that follow each other as one: where they begin and end, and their hashes."""
    start, end, keys = -2, -2, list[int]()
    for at, line, key in lines:
        if at != end + 1:
            if keys:
                yield start, end, keys
            start, keys = at, []
        end = at + len(line)
        keys.append(key)
    if keys:
        yield start, end, keys
