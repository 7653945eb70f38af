"""The questions of `anchors` for much data: the same answers, sooner, by `hyperscan` where it is installed.

It is asked for less than `anchors` looks for: what must be there, and near where. Only there `anchors` looks itself.
"""
from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from operator import itemgetter
from typing import NamedTuple

from pypi_token_hooks import anchors
from pypi_token_hooks import literals

Question = Callable[[bytes | memoryview], bool]
Spans = Sequence[tuple[int, int]]
Look = Callable[[bytes], "Clues"]
ENOUGH = 1 << 20  # bytes: less is answered by `anchors` before the patterns are made
# Bytes, and samples, in which a pattern is looked for anew: near one that has it `anchors` looks itself.
_PIECE, _SAMPLES = 8 << 10, 2 << 10

# A user before the host of a URL; in braces there may be a slash.
_URL = rb"://[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f/@{(]*[@{(]"
# The escapes of what needs none; of those with any number of digits the beginning.
_LETTER = rb"(?:2[56bdfBDF]|3[0-9]|4[1-9a-fA-F]|5[0-9aAcCfF]|6[1-9a-fA-F]|7[0-9aA])"
_ESCAPES = (
    rb"%" + _LETTER, rb"\\x" + _LETTER, rb"\\u00" + _LETTER, rb"\\(?:0[4-7]|1[0-7])[0-7]", rb"\\[ux]\{", rb"\\uu",
    rb"\\U0000", rb"&#", rb"\\x00",
)  # fmt: skip


class Questions(NamedTuple):
    """Each answers as the function of that name in `anchors` does."""

    worth_reading: Question
    places: Callable[[bytes], Iterator[tuple[int, int]]]
    hides: Callable[[bytes], bool]


class Clues(NamedTuple):
    """Where literals stand, and near which samples something may be hidden: anywhere, where it is None."""

    found: literals.Found
    suspects: Mapping[bytes, Spans] | None


def _class(table: bytes, letter: int = ord("a")) -> bytes:
    """Returns the pattern of the bytes that the table maps to the letter."""
    return b"[%b]" % b"".join(literals.quoted(bytes((byte,))) for byte in range(256) if table[byte] == letter)


def _row(table: bytes, row: bytes) -> bytes:
    """Returns the pattern of what the table maps to the row."""
    return b"".join(_class(table, letter) for letter in row)


def _turns(tables: Sequence[bytes], times: int) -> bytes:
    """Returns the pattern of what is of the classes in turn."""
    return b"(?:%b){%d}" % (b"".join(map(_class, tables)), times)


_UNBROKEN = b"[A-Za-z0-9]{%d}" % anchors.UNBROKEN
_BETWEEN = b"[%b]" % literals.quoted(anchors.BETWEEN_NUMBERS)
_CORE_IN_NUMBERS = b"(?:65 +103 +69|41 *67 *45|41 +0[xX]67 +0[xX]45)".replace(b" ", _BETWEEN)
_see_unbroken, _see_escapes = literals.scanner((_UNBROKEN,)), literals.scanner(_ESCAPES)
# As many of one sign as `anchors` wants; what would tell more of them takes long to be made.
_see_many = tuple(literals.scanner((b"(?:%b.*){%d}" % (sign, anchors.MANY),)) for sign in (rb"%[2-7]", rb"\\[uUx01]", rb"&#"))
# Of what is unbroken so much that it is there whatever its first class is. Two are faster than one for both.
_see_pairs, _see_quads = literals.scanner((_turns(anchors.PAIR, 16),)), literals.scanner((_turns(anchors.QUAD, 6),))
# In a sample: a row of escapes; wide text, of which it sees the last byte of a character first; invisible characters.
_TABLES = (anchors.ESCAPES, anchors.WIDE, anchors.SPREAD)
_IN_SAMPLE = (
    (_row(anchors.ESCAPES, b"a" * anchors.LONG),),
    (
        *(_row(anchors.WIDE, row) for row, *_ in anchors.WIDE_ROWS),
        *(_turns((turns[0], *turns[:0:-1]), 2) for _, _, turns, _ in anchors.SPREAD_WIDE_ROWS),
    ),
    tuple(_row(anchors.SPREAD, row) for row, *_ in anchors.SPREAD_ROWS),
)
_see_in_text = literals.scanner(_IN_SAMPLE[0])
_see_in_sample = literals.scanner(tuple(map(b"|".join, _IN_SAMPLE)))
_FEWEST = 12  # samples of a row


def _pieces(scan: literals.Scan, data: bytes, size: int, overlap: int) -> Iterator[tuple[int, int, int]]:
    """Yields which pattern is in which piece of the data."""
    view = memoryview(data)
    for start in range(0, len(data), size):
        end = start + size + overlap
        for number, _ in scan(view[start:end]):
            yield number, start, end


def _suspects(data: bytes, found: literals.Found) -> Mapping[bytes, Spans]:
    """Returns near which samples there may be something of which class, where it is known which patterns stand in the data."""
    runs: list[tuple[int, int, int]] = []
    if _UNBROKEN in found:
        runs += _pieces(lambda piece: _see_unbroken(piece) and (_see_pairs(piece) or _see_quads(piece)), data, _PIECE, anchors.UNBROKEN)
    if not found.keys().isdisjoint(_ESCAPES) and any(see(data) for see in _see_many):
        runs += _pieces(_see_escapes, data, _PIECE, anchors.STRIDE)
    if not found.keys().isdisjoint(anchors.BASE64_ARCHIVES):
        runs.append((0, 0, len(data)))
    suspects = defaultdict(list)
    for _, start, end in sorted(runs, key=itemgetter(1)):
        suspects[anchors.RUNS].append((start // anchors.STRIDE, end // anchors.STRIDE + 1))
    if _CORE_IN_NUMBERS in found:
        suspects[anchors.NUMBERS].append((0, len(data)))
    sample = data[:: anchors.STRIDE]
    if len(sample) >= _FEWEST:
        scan = _see_in_text if sample.isascii() and b"\0" not in sample else _see_in_sample
        for number, start, end in _pieces(scan, sample, _SAMPLES, anchors.LONG):
            suspects[_TABLES[number]].append((start, end))
    return suspects


def _by_patterns(own: tuple[bytes, ...]) -> Look:
    words = dict.fromkeys((*anchors.CORES, *anchors.ESCAPED_ARCHIVES, *anchors.ARCHIVES, *anchors.WORDS, *own))
    del words[anchors.URL]  # it is in every other file
    names = (*words, *anchors.BASE64_ARCHIVES, _URL, _UNBROKEN, _CORE_IN_NUMBERS, *_ESCAPES)
    literal = len(words) + len(anchors.BASE64_ARCHIVES)
    see = literals.scanner((*map(literals.quoted, names[:literal]), *names[literal:]), len(words))

    def look(data: bytes) -> Clues:
        found = defaultdict(list)
        for number, end in see(data):
            found[names[number]].append(end - len(names[number]))
        if _URL in found:
            found[anchors.URL] = [*literals.places(data, anchors.URL)]
        return Clues(found, _suspects(data, found))

    return look


def _by_literals(own: tuple[bytes, ...]) -> Look:
    find = literals.finder(*anchors.CORES, *anchors.ARCHIVES, *anchors.ESCAPED_ARCHIVES, *anchors.WORDS, *own)
    return lambda data: Clues(find(data), None)


def _plain(own: tuple[bytes, ...]) -> Questions:
    """Returns the questions as `anchors` answers them."""
    return Questions(
        lambda data: anchors.worth_reading(bytes(data), own),
        lambda data: anchors.places(data, own),
        lambda data: anchors.hides(data, own),
    )


def _fast(look: Look, own: tuple[bytes, ...]) -> Questions:
    """Returns the questions as they are answered by what is seen at once."""
    at_once, archives = frozenset((*anchors.CORES, *anchors.ESCAPED_ARCHIVES, *own)), frozenset(anchors.ARCHIVES)
    askers = {others: literals.asker(*others) for others in anchors.COMPANIONS}
    holds_core = literals.asker(*anchors.CORES, anchors.CUT_CORE, *own)

    def any_of(text: bytes, others: tuple[bytes, ...]) -> bool:
        return askers[others](text)

    before: bytes | None = None
    clues = Clues({}, None)

    def clues_of(data: bytes) -> Clues:
        """Looks at data once, of which two questions are asked, one after the other."""
        nonlocal before, clues
        if data is not before:
            before, clues = data, look(data)
        return clues

    def worth_reading(view: bytes | memoryview) -> bool:
        data = bytes(view)
        found, suspects = clues_of(data)
        if found:
            if not at_once.isdisjoint(found):
                return True
            for _ in anchors.settings_in(data, found, any_of):
                return True
            if not archives.isdisjoint(found) and anchors.has_archive(data, found):
                return True
        for _ in anchors.hidden_in(data, own, suspects=suspects):
            return True
        return False

    def places(data: bytes) -> Iterator[tuple[int, int]]:
        return anchors.places(data, own, anchors.DEPTH, clues_of(data), any_of)

    def hides(data: bytes) -> bool:
        return holds_core(data) or any(True for _ in anchors.hidden_in(data, own, suspects=clues_of(data).suspects))

    return Questions(worth_reading, places, hides)


def questions(own: tuple[bytes, ...] = ()) -> Questions:
    """Returns the questions about data in which `own` counts too, as fast as this machine can answer them."""
    plain = _plain(own)
    if not literals.is_fast():
        return plain
    fast, asked = _fast((_by_patterns if literals.hyperscan else _by_literals)(own), own), 0

    def by(data: bytes | memoryview) -> Questions:
        nonlocal asked
        asked += len(data)
        return fast if asked > ENOUGH else plain

    return Questions(
        lambda data: by(data).worth_reading(data), lambda data: by(data).places(data), lambda data: by(data).hides(data)
    )
