"""detect-secrets' inline comments: a line and the one before it in; out: whether they allow a secret on the line.

The forms are those of detect-secrets' `filters/allowlist.py`. Its expressions are not used: they take quadratic time on long runs
of blanks, and importing them takes longer than a scan. A test checks that both agree.
"""
from __future__ import annotations

import os
import re
from collections.abc import Iterator

MARKUP = "<!--"
# sign that begins a comment -> what must end it
SIGNS = {"#": "", "//": "", "/*": "*/", "'": "", "--": "", MARKUP: "-->"}
YAML = ("#",)  # the only sign in a file that ends in .yaml
_HERE = re.compile(r"pragma: ?(?:allow|white)list[ -]secret")
_NEXT = re.compile(r"pragma: ?allowlist[ -]nextline[ -]secret")


def _back_over(line: str, end: int, characters: str) -> int:
    """Returns where the run of `characters` that ends at `end` begins."""
    while end > 0 and line[end - 1] in characters:
        end -= 1
    return end


def _openings(line: str, end: int) -> Iterator[tuple[str, int]]:
    """Yields the comment signs that end right before `end`, except for blanks, each with its offset."""
    close = _back_over(line, end, " ")
    for sign in SIGNS:
        at = _back_over(line, close, "# \t") if sign == MARKUP else close
        if line.endswith(sign, 0, at):
            yield sign, at - len(sign)


def _says(pragma: re.Pattern[str], line: str, signs: tuple[str, ...], alone: bool) -> bool:
    """Tells whether the line ends with a comment with the pragma; if `alone`, only where nothing but blanks is before that."""
    last = len(line.rstrip(" \t"))
    first = len(line) - len(line.lstrip(" \t"))
    for found in pragma.finditer(line):
        for sign, at in _openings(line, found.start()):
            closed = line.endswith(SIGNS[sign], found.end(), last) if SIGNS[sign] else True
            if sign in signs and closed and (at == first or not alone):
                return True
    return False


def allows(path: str, line: str, line_before: str) -> bool:
    """Tells whether a comment on the line itself, or alone on the line before it, allows a secret there."""
    signs = YAML if os.path.splitext(path)[1] == ".yaml" else tuple(SIGNS)
    return _says(_HERE, line.rstrip(), signs, False) or _says(_NEXT, line_before, signs, True)
