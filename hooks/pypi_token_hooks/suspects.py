"""Where in much data something may be hidden. `hyperscan` tells, so that `anchors` has to look only there."""
from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from collections.abc import Set
from functools import cache

from pypi_token_hooks import anchors
from pypi_token_hooks import literals

Spans = Sequence[tuple[int, int]]
Kind = bytes | tuple[tuple[bytes, bytes, tuple[bytes, ...], int], ...]  # RUNS, ESCAPES and the others of `anchors`
# Matches that are followed up one by one: so many, and one more for each so many bytes. If there are more, it may be anywhere.
_FEW, _DENSE = 16, 128
# Bytes, and samples, that are searched at a time: only those with a match are looked at more closely.
_STRETCH, _PIECE = 64 << 10, 2 << 10
# Escapes of characters that need none; of escapes with any number of digits only the beginning.
_LETTER = rb"(?:2[56bdfBDF]|3[0-9]|4[1-9a-fA-F]|5[0-9aAcCfF]|6[1-9a-fA-F]|7[0-9aA])"
_ESCAPES = (
    rb"%" + _LETTER, rb"\\x" + _LETTER, rb"\\u00" + _LETTER, rb"\\(?:0[4-7]|1[0-7])[0-7]", rb"\\[ux]\{", rb"\\uu",
    rb"\\U0000", rb"&(?:amp;){0,2}#", rb"\\x00", rb"\\u0000", rb"%00", rb"%[eE]2%80", b"=00",
)


@cache
def _class(table: bytes, letter: int = ord("a")) -> bytes:
    """Returns the pattern for the bytes that the table maps to the letter."""
    return b"[%b]" % b"".join(literals.quoted(bytes((byte,))) for byte in range(256) if table[byte] == letter)


def _row(table: bytes, row: bytes) -> bytes:
    """Returns the pattern for what the table maps to the row."""
    return b"".join(_class(table, letter) for letter in row)


def _turns(tables: Sequence[bytes], times: int) -> bytes:
    """Returns the pattern for bytes that have the classes in turn, so many times."""
    return b"(?:%b){%d}" % (b"".join(map(_class, tables)), times)


_UNBROKEN = b"[A-Za-z0-9]{%d}" % anchors.UNBROKEN
_BETWEEN = b"[%b]" % literals.quoted(anchors.BETWEEN_NUMBERS)
_DECIMAL_CORES = [b" +".join([b"%d" % byte for byte in core]) for core in anchors.CORES]
_CORE_IN_NUMBERS = b"(?:%b)" % b"|".join([*_DECIMAL_CORES, b"41 *67 *45", b"41 +0[xX]67 +0[xX]45"]).replace(b" ", _BETWEEN)
DUMPED = b"|".join(map(literals.quoted, anchors.SECOND_ROWS))


def _divided(begin: bytes, among: Iterable[bytes]) -> bytes:
    """Returns the pattern for those of the literals that begin so, with either letter of a token's core behind that."""
    ends = [one.removeprefix(begin + b"A") for one in among if one.startswith(begin + b"A")]
    return literals.quoted(begin) + b"[Ag](?:%b)" % b"|".join(map(literals.quoted, ends))


# Text that joints or invisible characters divide, and wide text: of the last two a little more than `anchors` asks for, which looks again.
_WIDE, _OTHER = ([one for one in anchors.divided() if (b"\0" in one) is is_wide] for is_wide in (True, False))
DIVIDED = anchors.PARTED, _divided(b"", _OTHER), _divided(b"", _WIDE) + b"|" + _divided(b"\0", _WIDE)
# patterns to be looked for in all of the data, besides base64 of the marks of archives
MARKS = (_UNBROKEN, _CORE_IN_NUMBERS, DUMPED, *DIVIDED, *_ESCAPES)
_see_unbroken, _see_escapes = literals.scanner((_UNBROKEN,)), literals.scanner(_ESCAPES, len(_ESCAPES))
_see_divided = literals.scanner(DIVIDED, len(DIVIDED))
_LONGEST_DIVIDED = 128  # bytes: more than PARTED can match
# By sign what begins one, to be counted. A pattern that tells many of them was tried: Vectorscan 5.4.12, of hyperscan 0.7.23 to
# 0.9.1, misses what two classes of bytes after `.*` should find.
_LEADS = (rb"%[02-7eE]", rb"\\[uUx01]", rb"&(?:amp;){0,2}#", b"=00")
_see_leads = {pattern[:1]: literals.scanner((pattern,), 1) for pattern in _LEADS}
# What is looked for in a sample: a row of escapes; wide text, whose bytes it meets in reverse order; spread text.
_OF_SAMPLE: tuple[Kind, ...] = (anchors.ESCAPES, *anchors.WIDES)
_IN_SAMPLE = (
    (_row(anchors.ESCAPES, b"a" * anchors.LONG),),
    tuple(_row(anchors.WIDE, row) for row, *_ in anchors.WIDE_ROWS),
    tuple(_turns((turns[0], *turns[:0:-1]), 2) for _, _, turns, _ in anchors.SPREAD_WIDE_ROWS),
    tuple(_row(anchors.SPREAD, row) for row, *_ in anchors.SPREAD_ROWS),
)
_see_in_text = literals.scanner(_IN_SAMPLE[0])
_see_in_sample = literals.scanner(tuple(map(b"|".join, _IN_SAMPLE)))
_FEWEST = 12  # samples of the shortest row


def _has_many_escapes(data: bytes, marks: Set[bytes]) -> bool:
    """Tells whether the data has as many escapes with one sign as `anchors` requires in one stretch."""
    signs = {pattern[:1] for pattern in _ESCAPES if pattern in marks}
    return any(len(_see_leads[sign](data, anchors.MANY)) == anchors.MANY for sign in signs)


def _most(data: bytes) -> int:
    """Returns how many matches in the data are too many to be followed up one by one."""
    return _FEW + len(data) // _DENSE


def _ends(scan: literals.Scan, data: bytes) -> literals.Hits | None:
    """Returns the hits of a scan; None if they are too many to be followed up one by one."""
    most = _most(data)
    hits = scan(data, most)
    return None if len(hits) == most else hits


def _unbroken_in(data: bytes) -> Iterator[tuple[int, int]]:
    """Yields where the data may be hexadecimal or base64 of text; all of it if there are too many such places."""
    most = _most(data)
    found = list(itertools.islice(anchors.unbroken_in(data), most))
    yield from ((0, len(data)),) if len(found) == most else found


def _unbroken(data: bytes) -> Iterator[tuple[int, int]]:
    """Yields where the data, which has a match of _UNBROKEN, may be hexadecimal or base64 of text."""
    for begin in range(0, len(data), _STRETCH):
        stretch = data[begin : begin + _STRETCH + anchors.UNBROKEN]
        if len(stretch) == len(data) or _see_unbroken(stretch):
            yield from ((begin + start, begin + end) for start, end in _unbroken_in(stretch))


def _has_escapes(data: bytes, sample: bytes, start: int) -> bool:
    """Tells whether the part of the sample that begins at `start` has a row of escapes or numbers: more than the hashes of a lock file."""
    for before, behind in anchors.rows_in(sample.translate(anchors.ESCAPES)):
        if not anchors.are_hashes(data[max(0, start + before) * anchors.STRIDE : (start + behind) * anchors.STRIDE]):
            return True
    return False


def _in_sample(data: bytes) -> Iterator[tuple[Kind, int, int]]:
    """Yields the kinds of rows in the sample of the data, each with the bounds in the sample near which it is."""
    sample = data[:: anchors.STRIDE]
    is_text = b"\0" not in sample
    see = _see_in_text if is_text and sample.isascii() else _see_in_sample
    if len(sample) < _FEWEST or (is_text and not see(sample)):  # as in most text
        return
    for start in range(0, len(sample), _PIECE):
        end = start + _PIECE + anchors.LONG
        part = sample[start:end]
        for number, _ in see(part):
            kind = _OF_SAMPLE[number]
            if kind != anchors.ESCAPES or _has_escapes(data, part, start):
                yield kind, start, end


def near(data: bytes, marks: Set[bytes]) -> Mapping[Kind, Spans]:
    """Returns for each class of `anchors` near which samples there may be something of it.

    `marks` are those of MARKS and of the base64 of marks of archives that the data contains.
    """
    everywhere = [(0, len(data))]
    unbroken = [*_unbroken(data)] if _UNBROKEN in marks else []
    escapes: list[tuple[int, int]] = []
    if _has_many_escapes(data, marks):
        hits = _ends(_see_escapes, data)
        escapes = everywhere if hits is None else [(end - anchors.STRIDE, end) for _, end in hits]
    archives = [] if marks.isdisjoint(anchors.BASE64_ARCHIVES) else everywhere
    suspects = defaultdict[Kind, list[tuple[int, int]]](list)
    of_kinds = (anchors.SHORT_RUNS, unbroken), (anchors.SHORT_ESCAPES, escapes), (anchors.RUNS, unbroken + escapes + archives)
    for one, spans in of_kinds:
        for start, end in sorted(spans):
            suspects[one].append((start // anchors.STRIDE, end // anchors.STRIDE + 1))
    if _CORE_IN_NUMBERS in marks:
        suspects[anchors.NUMBERS] += everywhere
    if DUMPED in marks:
        suspects[anchors.DUMPED] += everywhere
    if not marks.isdisjoint(DIVIDED):
        hits = _ends(_see_divided, data)
        found = everywhere if hits is None else [(end - _LONGEST_DIVIDED, end) for _, end in hits]
        suspects[anchors.INVISIBLE] += [(max(0, start) // anchors.STRIDE, end // anchors.STRIDE + 1) for start, end in found]
    for kind, start, end in _in_sample(data):
        suspects[kind].append((start, end))
    return suspects
