"""What is allowed, by a comment or a baseline: findings in, the others and the number of allowed ones out."""
from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from pypi_token_hooks.model import Finding
from pypi_token_hooks.policy import baseline as baselines
from pypi_token_hooks.policy import pragmas

Lines = tuple[bytes, bytes, bytes]  # the first line of a finding, the line before that, and the last line of the finding
_PRAGMA = b"pragma"  # is in every comment that allows something
_allows = lru_cache(maxsize=8)(pragmas.allows)  # all findings of a minified file may be on one long line


@lru_cache(maxsize=8)
def _text(line: bytes) -> str:
    """Returns a line as text. Zero bytes are left out, so that one in UTF-16 or UTF-32 can be read."""
    return line.replace(b"\0", b"").decode("utf-8", "replace").removesuffix("\r")


def _own(lines: Lines) -> tuple[bytes, bytes]:
    """Returns the finding's own line, which is the first, or the last if the comment stands there; and the line before the first."""
    first, before, last = lines
    is_last = last != first and _PRAGMA in last and _PRAGMA not in first + before  # a line is long if somebody has minified it
    return last if is_last else first, before


def _around(own: bytes, above: bytes, column: int) -> tuple[str, str]:
    """Returns the line at the column and the one before it; lone carriage returns end lines, too."""
    line, before = _text(own), _text(above)
    if "\r" not in line:
        return line, before
    start = line.rfind("\r", 0, max(0, column - 1))
    end = line.find("\r", start + 1)
    if start >= 0:
        before = line[line.rfind("\r", 0, start) + 1 : start]
    return line[start + 1 : end if end >= 0 else len(line)], before


def _by_pragma(finding: Finding, own: bytes, above: bytes) -> bool:
    if not any(_PRAGMA in line or b"\0" in line for line in (own, above)):
        return False
    return _allows(finding.place.path, *_around(own, above, finding.column))


def _by_baseline(finding: Finding, line: bytes, listed: baselines.Allowed) -> bool:
    if finding.secret is None:
        return False
    hashes = set(baselines.hashes(finding.secret.reveal(), line))
    return any((path, found) in listed for path in baselines.paths(finding.place.path) for found in hashes)


def allow(
    findings: list[Finding], lines_of: Callable[[Finding], Lines], baseline: str | None
) -> tuple[list[Finding], dict[str, int]]:
    """Returns the findings that are not allowed, and how many are by a comment and by the baseline file.

    `lines_of` returns lines as the file has them; empty ones where nobody can write a comment, as in an archive. Raises CheckFailed
    for a broken baseline.
    """
    listed = baselines.read(baseline) if baseline else frozenset()
    kept = []
    counts = {"inline": 0, "baseline": 0}
    for finding in findings:
        own, above = _own(lines_of(finding))
        if _by_pragma(finding, own, above):
            counts["inline"] += 1
        elif listed and _by_baseline(finding, own, listed):
            counts["baseline"] += 1
        else:
            kept.append(finding)
    return kept, counts
