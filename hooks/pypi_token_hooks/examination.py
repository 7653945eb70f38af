"""One blob that is worth reading, taken through containers, readings, detectors and policy: findings out."""
from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from typing import NamedTuple

from pypi_token_hooks import containers
from pypi_token_hooks import engine
from pypi_token_hooks import policy
from pypi_token_hooks import readings
from pypi_token_hooks.detectors import index_credential
from pypi_token_hooks.detectors import own_credential
from pypi_token_hooks.detectors import pypirc_password
from pypi_token_hooks.detectors import token
from pypi_token_hooks.model import Blob
from pypi_token_hooks.model import Finding
from pypi_token_hooks.model import Match
from pypi_token_hooks.model import Report
from pypi_token_hooks.model import Unread
from pypi_token_hooks.model import View
from pypi_token_hooks.rules import PRECEDENCE
from pypi_token_hooks.sources import harvest

DETECTORS = (token.find, pypirc_password.find, index_credential.find)


class Settings(NamedTuple):
    """What a scan needs to know besides the bytes."""

    own: tuple[harvest.Own, ...]
    baseline: str | None
    worth_reading: Callable[[bytes], bool]


class Hit(NamedTuple):
    """A match, with the stretch of the blob that it stands for."""

    start: int
    end: int
    readings: tuple[str, ...]
    match: Match


def settings(own: tuple[harvest.Own, ...], baseline: str | None) -> Settings:
    """Returns the settings of a scan that looks for `own` and allows what the baseline file lists."""
    return Settings(own, baseline, engine.question(harvest.anchors_of(own)))


def _matches(data: bytes, own: tuple[harvest.Own, ...]) -> Iterator[Match]:
    for find in DETECTORS:
        yield from find(data)
    if own:
        yield from own_credential.find(data, own)


def _hits(view: View, known: Settings) -> Iterator[Hit]:
    for match in _matches(view.data, known.own):
        yield Hit(view.at(match.start), view.at(match.end - 1) + 1, view.readings, match)


def _rank(hit: Hit) -> tuple[int, bool, int, int]:
    rule = PRECEDENCE.index(hit.match.rule)
    return rule, hit.match.confidence != "certain", len(hit.readings), hit.start


def one_a_place(hits: list[Hit]) -> list[Hit]:
    """Returns the hits without those that overlap a better one: one place gets one finding."""
    kept: list[Hit] = []
    for hit in sorted(hits, key=_rank):
        if not any(hit.start < other.end and other.start < hit.end for other in kept):
            kept.append(hit)
    return sorted(kept)


def position(blob: Blob, start: int) -> tuple[int, int]:
    """Returns line and column of the offset, from 1; columns count characters.

    Text in two or four bytes a character is counted as such by leaving out its zero bytes.
    """
    line_start = blob.data.rfind(b"\n", 0, start) + 1
    before = blob.data[line_start:start].replace(b"\0", b"").removeprefix(b"\xff\xfe").removeprefix(b"\xef\xbb\xbf")
    columns = len(before.decode("utf-8", "replace"))
    lines = blob.data.count(b"\n", 0, start)
    return blob.line + lines, columns + (1 if lines else blob.column)


def _lines(blob: Blob, start: int) -> tuple[bytes, bytes]:
    """Returns the line of the offset, and the one before it."""
    line_start = blob.data.rfind(b"\n", 0, start) + 1
    line_end = blob.data.find(b"\n", start)
    line = blob.data[line_start : len(blob.data) if line_end < 0 else line_end]
    before = blob.data[blob.data.rfind(b"\n", 0, max(0, line_start - 1)) + 1 : max(0, line_start - 1)]
    return line, before


def _finding(blob: Blob, hit: Hit, known: Settings) -> Finding:
    line, column = position(blob, hit.start)
    match = hit.match
    held = next((own.where for own in known.own if own.secret == match.secret), None)
    return Finding(
        match.rule, match.confidence, blob.place, line, column, blob.readings + hit.readings,
        match.secret, match.token, match.what, held,
    )


def _members(blob: Blob, views: list[View], budget: containers.Budget) -> Iterator[Blob | Unread]:
    """Yields the members of every archive in the blob, as it stands or in another reading of it."""
    yield from containers.unpack(blob, budget)
    for view in views:
        if view.readings:
            decoded = Blob(view.data, blob.place, blob.readings + view.readings)
            yield from containers.unpack(decoded, budget)


def _examine_one(blob: Blob, known: Settings, report: Report, budget: containers.Budget) -> set[object]:
    """Adds the findings in the blob and its members to the report; returns the secrets in the members."""
    views = list(readings.views(blob.data))
    below: set[object] = set()
    for member in _members(blob, views, budget):
        if isinstance(member, Unread):
            report.skipped.append(member)
            continue
        report.scanned["members"] += 1
        if known.worth_reading(member.data):
            before = len(report.findings)
            _examine_one(member, known, report, budget)
            below.update(finding.secret for finding in report.findings[before:])
    hits = one_a_place([hit for view in views for hit in _hits(view, known)])
    # a stored member stands in the archive as it is: the finding in the member says more
    hits = [hit for hit in hits if hit.match.secret not in below]
    source = {}
    for hit in hits:
        found = _finding(blob, hit, known)
        source[found] = _lines(blob, hit.start)
        report.findings.append(found)
    return below


def examine(blob: Blob, known: Settings, report: Report) -> None:
    """Adds to the report what is found in the blob, in any reading and any member of it."""
    _examine_one(blob, known, report, containers.Budget())
