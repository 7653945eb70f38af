"""A blob that is worth reading in; out: its findings, after containers, readings, detectors and policy."""
from __future__ import annotations

import bisect
import itertools
import re
from collections.abc import Iterable
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import NamedTuple

from pypi_token_hooks import containers
from pypi_token_hooks import engine
from pypi_token_hooks import harvest
from pypi_token_hooks import model
from pypi_token_hooks import readings
from pypi_token_hooks.credentials import filenames
from pypi_token_hooks.credentials import macaroon
from pypi_token_hooks.detectors import index_credential
from pypi_token_hooks.detectors import own_credential
from pypi_token_hooks.detectors import pypirc_password
from pypi_token_hooks.detectors import token
from pypi_token_hooks.model import Blob
from pypi_token_hooks.model import Finding
from pypi_token_hooks.model import Match
from pypi_token_hooks.model import Part
from pypi_token_hooks.model import Place
from pypi_token_hooks.model import Report
from pypi_token_hooks.model import Secret
from pypi_token_hooks.model import Unread
from pypi_token_hooks.model import View
from pypi_token_hooks.pieces import INNER
from pypi_token_hooks.pieces import OVERLAP
from pypi_token_hooks.pieces import is_text
from pypi_token_hooks.pieces import narrow
from pypi_token_hooks.readings.offsets import composed
from pypi_token_hooks.readings.offsets import shifted
from pypi_token_hooks.rules import PRECEDENCE
from pypi_token_hooks.sources import windows

BINARY = ("base64", "hex")  # readings of what was written for the sake of bytes that are no text
AT_ONCE = 1024  # hits that are judged together
HEAD = 24  # bytes: no more than the head of an archive, which alone says how it was written
MAX_LINE = 64 << 10  # bytes: on a longer line nobody writes a comment
NAMES: tuple[Part, ...] = ("name", "link target", "tag name", "ref")  # parts of a place that reports print
_REST = re.compile(rb"[#A-Za-z0-9+/_-]{0,5};?")  # the rest of the encoding of the last character
DETECTORS = (token.find, pypirc_password.find, index_credential.find)
TRACES = (*pypirc_password.TRACES, *index_credential.TRACES)


class Settings(NamedTuple):
    """What a scan needs besides the bytes."""

    own: tuple[harvest.Own, ...]  # the credentials of this machine to look for
    baseline: str | None
    file_names: bool  # whether a file named like `.pypirc` is a finding
    ask: engine.Questions
    harmless: set[int]  # hashes of stretches in which nothing was found: copies and versions of a file share most of them


class Hit(NamedTuple):
    """A match, and the stretch of the blob that it was read from."""

    start: int
    end: int
    readings: tuple[str, ...]
    match: Match


class TextArchive(NamedTuple):
    """An archive in a reading, and the offset in the blob at which its text begins."""

    at: int
    view: View


class Opened(NamedTuple):
    """The archives in a reading, opened: what was found in them, and the stretches of the blob that members were read from.

    `told` is what the budget had as told by then.
    """

    view: View
    report: Report
    covered: list[tuple[int, int]]
    told: set[tuple[Place, str]]


def merge(report: Report, other: Report) -> None:
    """Adds to `report` what another part of the same scan reports: no part has checks or messages."""
    report.findings.extend(other.findings)
    report.skipped.extend(other.skipped)
    report.failures.extend(other.failures)
    for counts, more in ((report.scanned, other.scanned), (report.allowed, other.allowed)):
        for key, value in more.items():
            counts[key] += value


def settings(own: tuple[harvest.Own, ...], baseline: str | None, file_names: bool, versions: bool = False) -> Settings:
    """Returns the settings of a scan that looks for `own` and allows what the baseline file lists.

    With `versions` files are read in many versions. Then it pays to compile the rules' traces too.
    """
    ask = engine.questions(harvest.anchors_of(own), TRACES if versions else ())
    return Settings(own, baseline, file_names, ask, set())


def _matches(data: bytes, own: tuple[harvest.Own, ...]) -> Iterator[Match]:
    for find in DETECTORS:
        yield from find(data)
    if own:
        yield from own_credential.find(data, own)


def _merged(spans: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yields the spans, with each that overlaps the one before it joined to that.

    It runs before sorting as well as after: hostile text has millions of spans that are one.
    """
    first = last = -1
    for start, end in spans:
        if first <= start <= last:
            last = max(last, end)
        else:
            if last >= 0:
                yield first, last
            first, last = start, end
    if last >= 0:
        yield first, last


def _regions(data: bytes, known: Settings) -> list[tuple[int, int]]:
    """Returns the stretches of the data that are worth reading, in order. None ends within a run of base64."""
    found = [(max(0, start), min(end, len(data))) for start, end in _merged(sorted(_merged(known.ask.places(data))))]
    # a token for a thousand projects is longer than the surroundings of an anchor
    return [(start, macaroon.run_end(data, end, end + macaroon.MAX_CHARACTERS)) for start, end in found]


def _rank(hit: Hit) -> tuple[int, bool, bool, bool, int, int]:
    """Returns the key by which hits at one place are ordered, the best first."""
    rule, token = PRECEDENCE.index(hit.match.rule), hit.match.token
    # a wrong reading of a token may decode as well, but not to a UUID as its identifier
    is_garbled = token is not None and not token.is_regular
    # with an escape in its prefix, the plain text shows only the rest of a token, whose hash is another one
    is_rest = token is not None and not token.prefix
    return rule, hit.match.confidence != "certain", is_garbled, is_rest, len(hit.readings), hit.start


def _start(hit: Hit) -> int:
    return hit.start


def one_a_place(hits: list[Hit]) -> list[Hit]:
    """Returns the hits, sorted by offset, without those that overlap a better one."""
    kept: list[Hit] = []  # in order and without overlaps, so that a new one can only overlap its neighbours
    for hit in sorted(hits, key=_rank):
        at = bisect.bisect_left(kept, hit.start, key=_start)
        if (at == len(kept) or kept[at].start >= hit.end) and (not at or kept[at - 1].end <= hit.start):
            kept.insert(at, hit)
    return kept


def outside(spans: Iterable[tuple[int, int]], covered: list[tuple[int, int]]) -> list[bool]:
    """Returns for each span whether it is outside, that is within none of the covered stretches."""
    covered = sorted(covered)
    ends = list(itertools.accumulate((end for _, end in covered), max))
    befores = ((bisect.bisect_right(covered, start, key=lambda stretch: stretch[0]), end) for start, end in spans)
    return [not before or ends[before - 1] < end for before, end in befores]


def _wide(blob: Blob, at: int) -> tuple[str, int]:
    """Returns the encoding of the blob up to the letter at the offset, if that is UTF-16 or UTF-32, and its bytes a character.

    Such data begins with a byte-order mark, or with a character of ASCII or Latin-1. For any other it is "" and 1.
    """
    data = blob.data
    for width, order in ((4, "le"), (4, "be"), (2, "le"), (2, "be")):
        begin, high = at - at % width, -1 if order == "le" else 0
        first, letters = data[:width], data[begin : begin + 2 * width]
        zeros = letters[1:width] + letters[width + 1 :] if order == "le" else letters[: width - 1] + letters[width:-1]
        encoding = f"utf-{8 * width}-{order}"
        if len(letters) == 2 * width and letters.count(0) == len(zeros) == zeros.count(0):
            if encoding == blob.encoding:
                return encoding, width
            if first == "\ufeff".encode(encoding) or not first[high]:
                return (encoding, width) if is_text(data[:begin], encoding) else ("", 1)
    return "", 1


def positions(blob: Blob, starts: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Yields line and column, from 1, of the offsets, which ascend. Columns count characters.

    The zero bytes of wide text do not count, also where that is among other bytes.
    """
    line, column, at, encoding, width = blob.line, blob.column, 0, "", 1
    for start in starts:
        if not at:
            encoding, width = _wide(blob, start)
        start -= start % width
        piece = blob.data[at:start]
        if encoding:
            text = piece.decode(encoding, "replace")
            lines, text = text.count("\n"), text.rpartition("\n")[2]
        else:
            piece = piece if at or not blob.base else piece.lstrip(INNER)  # the rest of a character that the window before counts
            rest = narrow(piece.rpartition(b"\n")[2]).removeprefix(b"\xff\xfe")
            rest = rest.rstrip(b"\0") if blob.data[start + 1 : start + 2] == b"\0" else rest  # of the first letter, if that is wide
            lines, text = piece.count(b"\n"), rest.decode("utf-8", "replace")
        if lines:
            line, column = line + lines, 1
        column, at = column + len(text.removeprefix("\ufeff")), start
        yield line, column


def _line(data: bytes, at: int) -> tuple[int, bytes]:
    """Returns the line at an offset and where it begins; an empty line instead of one that is too long."""
    first, last = max(0, at - MAX_LINE), min(len(data), at + MAX_LINE)
    start, end = data.rfind(b"\n", first, at) + 1, data.find(b"\n", at, last)
    if (not start and first) or (end < 0 and last < len(data)):
        return start, b""
    return start, data[start : last if end < 0 else end]


def _lines(blob: Blob, hit: Hit) -> tuple[bytes, bytes, bytes]:
    """Returns the first line of the hit, the line before that, and the last of the hit; empty where nobody can write a comment."""
    if blob.place.is_in_archive or blob.readings or blob.place.part in NAMES:
        return b"", b"", b""
    start, first = _line(blob.data, hit.start)
    before = _line(blob.data, start - 1)[1] if start else b""
    return first, before, first if hit.end <= start + len(first) else _line(blob.data, hit.end - 1)[1]


def _encoded_form(blob: Blob, hit: Hit) -> Secret | None:
    """Returns the encoded form of the secret, if it is encoded in a name: reports print that name, and have to hide it there."""
    if blob.place.part not in NAMES or blob.data[hit.start : hit.end] == hit.match.secret.reveal():
        return None
    rest = _REST.match(blob.data, hit.end)
    return Secret(blob.data[hit.start : rest.end() if rest else hit.end])


def _finding(blob: Blob, hit: Hit, position: tuple[int, int], known: Settings) -> Finding:
    match = hit.match
    held = next((own.where for own in known.own if own.secret == match.secret), None)
    return Finding(
        match.rule, match.confidence, blob.place, *position, blob.readings + hit.readings,
        match.secret, match.token, match.what, held, encoded=_encoded_form(blob, hit),
    )


def _report(blob: Blob, hits: list[Hit], known: Settings, report: Report) -> None:
    """Adds to the report the hits that neither a comment nor the baseline allows; takes them out of their list, to need no room twice."""
    from pypi_token_hooks import policy  # only now: most files that are worth reading hold nothing

    places = positions(blob, [hit.start for hit in hits])
    hits.reverse()
    while hits:
        found = {_finding(blob, hit, next(places), known): hit for hit in (hits.pop() for _ in hits[-AT_ONCE:])}
        # one after the other: thousands may stand on one long line, which nobody can keep for each of them
        kept, allowed = policy.allow(list(found), lambda finding: _lines(blob, found[finding]), known.baseline)  # noqa: B023 - called at once
        report.findings.extend(kept)
        for key, count in allowed.items():
            report.allowed[key] += count


def _place(view: View, start: int) -> int:
    """Returns where in the blob the archive is that begins at an offset of the view; the same in all readings of it.

    It is the place of the third byte: the `/` with which base64 of xz begins may be escaped, so that readings differ there.
    """
    return view.at(min(start + 2, len(view.data) - 1))


def _is_in_text(view: View, start: int) -> bool:
    """Tells whether the archive that begins at an offset of the view was written in the blob as text, so that it is to be opened.

    Then its text is clearly longer than the archive. A reading that only replaces a few bytes of a plain archive damages it.
    """
    size = min(HEAD, len(view.data) - start)
    return view.readings[-1] in BINARY or view.step(start + size - 1) - view.step(start) > size * 3 // 2


def _is_joined(view: View) -> bool:
    """Tells whether the view is text that was joined from pieces, and not bytes for which they stand together."""
    names = view.readings
    return "joined" in names and not any(name in BINARY for name in names[names.index("joined") :])


def _look(offset: int, known: Settings, hits: list[Hit], archives: list[TextArchive], one: View) -> bool:
    """Adds the hits and archives in a view of a region of the blob; `offset` is where the region begins.

    Returns whether there was anything in it, even if it does not count here: in a view of the same bytes by other readings it may.
    """
    view = one._replace(at=composed(one.at, shifted(offset)))
    matches = [*_matches(view.data, known.own)]
    for match in matches:
        is_example = "joined" in view.readings and token.begins(match.secret.reveal())
        if match.confidence != "certain" and (is_example or _is_joined(view)):
            continue  # what is joined from pieces counts only if it is proven: anything may stand beside an example, or below a setting
        hits.append(Hit(view.at(match.start), view.at(match.end - 1) + 1, view.readings + match.readings, match))
    beginnings = containers.beginnings(view.data) if view.readings else []
    at = next((_place(view, start) for start in beginnings if _is_in_text(view, start)), None)
    if at is not None:
        archives.append(TextArchive(at, view))
    return bool(matches or beginnings)


def _read(data: bytes, known: Settings) -> tuple[list[Hit], list[TextArchive], list[str]]:
    """Returns the hits in all readings of the data, the archives written in it as text, and the reasons why not all was read."""
    hits, archives, unread = list[Hit](), list[TextArchive](), list[str]()
    for start, end in _regions(data, known):
        region = data[start:end]
        if (name := hash(region)) in known.harmless:
            continue
        before = len(hits), len(archives), len(unread)
        # the region was chosen by words; the traces may still tell that no rule finds anything in it
        if len(region) == len(data) or known.ask.worth_reading(region):
            look = partial(_look, start, known, hits, archives)
            unread += readings.each(region, look, known.ask.worth_reading, known.ask.hides, known.harmless)
        if (len(hits), len(archives), len(unread)) == before:
            readings.remember(known.harmless, name)
    return hits, archives, unread


def _opened(blob: Blob, view: View, known: Settings, budget: containers.Budget) -> Opened:
    """Opens the archives in a reading of the blob, and returns what is found in their members."""
    report, inner = model.empty_report(), list[tuple[int, int]]()
    begins = partial(_is_in_text, view)
    members = containers.unpack(view.data, blob.place, budget, blob.readings + view.readings, inner, begins)
    _examine_members(members, known, report, budget)
    return Opened(view, report, [(view.at(start), view.at(end - 1) + 1) for start, end in inner], budget.told)


def _is_whole(report: Report) -> bool:
    """Tells whether an archive was opened and read to its end."""
    return bool(report.scanned["members"] or report.skipped) and all(
        unread.reason not in ("damaged", "limit") for unread in report.skipped
    )


def _best(blob: Blob, views: Iterable[View], known: Settings, budget: containers.Budget) -> Opened:
    """Returns the first of the readings in which the archive is whole; if there is none, the one in which most was found."""
    tries, told = list[Opened](), budget.told
    for view in views:
        budget.told = set(told)  # what was unreadable in another reading does not count in this one
        tries.append(_opened(blob, view, known, budget))
        if _is_whole(tries[-1].report):
            return tries[-1]
    best = max(tries, key=lambda one: (len(one.report.findings), one.report.scanned["members"]))
    budget.told = best.told
    return best


def _examine_archives(
    blob: Blob, archives: list[TextArchive], known: Settings, report: Report, budget: containers.Budget
) -> list[tuple[int, int]]:
    """Adds the findings in archives that are written in the blob as text; returns the stretches that they were read from.

    Several readings may lead to the archive at one place, some of them only to a part of it: an escape ends a run of base64.
    """
    covered, opened = list[tuple[int, int]](), set[int]()
    ordered = sorted(archives, key=lambda archive: (archive.at, len(archive.view.readings)))
    for at, same in itertools.groupby(ordered, key=lambda archive: archive.at):
        if at not in opened:
            best = _best(blob, (archive.view for archive in same), known, budget)
            opened.update(_place(best.view, start) for start in containers.beginnings(best.view.data))
            covered.extend(best.covered)
            merge(report, best.report)
    return covered


def examine_name(blob: Blob, report: Report) -> None:
    """Adds a finding if the file's name is that of a `.pypirc` or of a copy of one."""
    if filenames.is_pypirc(blob.data.decode("utf-8", "replace")):
        report.findings.append(Finding("pypirc-file", "certain", blob.place, 1, 1, blob.readings, None))


def _examine_one(blob: Blob, known: Settings, report: Report, budget: containers.Budget) -> None:
    """Adds the findings in the blob and its members to the report."""
    hits, archives, unread = _read(blob.data, known)
    report.skipped.extend(Unread(blob.place, "limit", why) for why in dict.fromkeys(unread))
    covered = list(blob.covered)
    hits = one_a_place(hits)
    if blob.own is None:
        _examine_members(containers.unpack(blob.data, blob.place, budget, blob.readings, covered), known, report, budget)
    else:  # a window holds no whole archive; `examine_big` opens archives in big data
        hits = [hit for hit in hits if blob.own[0] <= hit.start < blob.own[1]]
        archives = [archive for archive in archives if blob.own[0] <= archive.at < blob.own[1]]
    # an archive written as text within a stored member is opened when that member is examined
    are_new = outside(((archive.at, archive.at + 1) for archive in archives), covered)
    covered += _examine_archives(blob, list(itertools.compress(archives, are_new)), known, report, budget)
    # a hit in a stored member, which stands in the archive as it is, is reported with the member's name
    if hits := list(itertools.compress(hits, outside(((hit.start, hit.end) for hit in hits), covered))):
        _report(blob, hits, known, report)


def _count(member: Blob, report: Report) -> None:
    """Counts a member, or a window of a big file, for the receipt."""
    if member.place.members:
        report.scanned["members"] += member.base == 0
    else:
        report.scanned["files"] += member.base == 0
        report.scanned["bytes"] += len(member.data) - (OVERLAP if member.base else 0)


@contextmanager
def _contained(place: Place, report: Report) -> Iterator[None]:
    """Adds an unexpected error to the failures of the report: a bug that one file meets is not to hide what others hold."""
    try:
        yield
    except model.CheckFailed:
        raise
    except Exception as error:
        report.failures.append(Unread(place, "failed", model.bug(error), expected=False))


def _examine_members(
    members: Iterator[Blob | Unread], known: Settings, report: Report, budget: containers.Budget
) -> None:
    """Examines the members (and windows) that are worth reading; adds what was not read to the report."""
    for member in members:
        if isinstance(member, Unread):
            (report.skipped if member.expected else report.failures).append(member)
            continue
        if member.place.part == "content":
            _count(member, report)
        elif member.place.part == "name" and known.file_names:
            examine_name(member, report)
        if known.ask.worth_reading(member.data):
            with _contained(member.place, report):
                _examine_one(member, known, report, budget)


def examine(blob: Blob, known: Settings, report: Report) -> None:
    """Adds to the report what is found in the blob, in every reading and every member of it."""
    budget = containers.Budget()
    budget.feed(len(blob.data))
    with _contained(blob.place, report):
        _examine_one(blob, known, report, budget)


def examine_big(big: windows.Big, known: Settings, report: Report) -> None:
    """Adds to the report what is found in data too big for one blob, window by window, and in the archives in it."""
    budget = containers.Budget()
    with _contained(big.place, report):
        _examine_members(containers.stream(big.chunks, big.place, budget), known, report, budget)
