"""The scan of a whole history: a repository in, the findings in its objects with their origin out."""
from __future__ import annotations

import errno
import functools
import os
from collections import defaultdict
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from typing import NamedTuple

from pypi_token_hooks import attribution
from pypi_token_hooks import engine
from pypi_token_hooks import examination
from pypi_token_hooks import git
from pypi_token_hooks import model
from pypi_token_hooks import parallel
from pypi_token_hooks import pipeline
from pypi_token_hooks.examination import Settings
from pypi_token_hooks.model import Blob
from pypi_token_hooks.model import CheckFailed
from pypi_token_hooks.model import Place
from pypi_token_hooks.model import Report
from pypi_token_hooks.model import Unread
from pypi_token_hooks.model import as_text
from pypi_token_hooks.sources import windows
from pypi_token_hooks.sources.history import listing
from pypi_token_hooks.sources.history import named
from pypi_token_hooks.sources.history import origins
from pypi_token_hooks.sources.history import packs
from pypi_token_hooks.sources.history import whole

TOGETHER = 64  # small objects of one kind that are asked about at once
FEW = 2  # a pack with more than so many times the objects that are wanted is not worth reading here: git reads it
RATIO = 8  # of the size of objects to that of a pack, roughly
PARTS = 24  # for each core: many, so that all cores finish together
Progress = Callable[[int, int], None]  # takes how many parts are done, and how many there are


class Objects(NamedTuple):
    """The objects to scan: the entries, most of which are in the packs, and with `everything` all objects in the packs too."""

    packs: Sequence[packs.Pack]
    entries: Sequence[listing.Entry]
    everything: bool

    def packed(self) -> int:
        """Returns how many bytes there are at least, most of them compressed."""
        return sum(pack.size for pack in self.packs) + sum(entry.size for entry in self.entries)


class Found(NamedTuple):
    """The objects in which one process found something. Which findings these are, `attribution` tells."""

    report: Report  # what was counted, skipped or failed
    blobs: dict[str, Report]  # names of blobs, with what was found in each
    parts: list[str]  # names of commits and tags
    names: set[bytes]  # names of files and folders, from trees
    harmless: set[int]  # as in the settings: the second look can leave these out


def _has_findings(one: Report, report: Report) -> bool:
    """Tells whether the report `one` has findings, allowed or not. What it skipped and counted is added to `report`."""
    report.skipped.extend(one.skipped)
    report.scanned["members"] += one.scanned["members"]
    return bool(one.findings) or any(one.allowed.values())


def _holds(blobs: Iterator[Blob | windows.Big], known: Settings, report: Report) -> bool:
    """Tells whether anything is found in the blobs."""
    return _has_findings(pipeline.scan(blobs, known), report)


class _Search:
    """What one process does: it scans objects and keeps the names of those in which it finds something."""

    def __init__(self, known: Settings) -> None:
        self._known = known
        self._names: dict[bytes, bool] = {}  # names in trees, and whether they are to be looked at as paths
        self.found = Found(model.empty_report(), {}, [], set(), known.harmless)
        self._small = defaultdict[str, list[whole.Content]](list)  # by kind
        self._seen: dict[str, engine.Look] = {}  # by the name of an object, to which others of the part may be deltas

    def _tree(self, oid: str, data: bytes) -> None:
        if not (self._known.ask.worth_reading(data) or named.may_name_pypirc(data)):
            return
        for _, name in named.entries(data, oid):
            if name not in self._names:
                # a token with slashes becomes folders: a name that begins like one is looked at with its path
                self._names[name] = b"AgE" in name or _holds(
                    iter((named.path_blob(name),)), self._known, model.empty_report()
                )
            if self._names[name]:
                self.found.names.update(name.split(b"/"))  # a damaged tree may have a path in place of a name

    def _look(self, content: whole.Content) -> Report:
        """Examines an object that is worth reading."""
        one = model.empty_report()
        examination.examine(Blob(content.data, Place(content.oid)), self._known, one)
        return one

    def _content(self, content: whole.Content) -> None:
        one = None
        if content.chunks is not None:
            one = pipeline.scan((windows.Big(content.chunks, Place(content.oid)),), self._known)
            self.found.report.scanned["bytes"] += one.scanned["bytes"]
        elif len(content.data) < engine.SMALL:
            if self._known.ask.worth_reading(content.data):
                one = self._look(content)
        else:
            before = self._seen.get(content.base)
            seen = self._known.ask.look(content.data, before, [*content.changed()] if before else ())
            self._seen[content.oid] = seen
            if seen.is_worth:
                one = self._look(content)
        if one and _has_findings(one, self.found.report):
            self.found.blobs[content.oid] = one

    def _parts(self, content: whole.Content) -> None:
        blobs = named.parts(content.data, content.oid, content.kind)
        if _holds(blobs, self._known, self.found.report):
            self.found.parts.append(content.oid)

    def _one(self, content: whole.Content) -> None:
        if content.kind == "blob":
            self._content(content)
            return
        if content.chunks is not None:
            content = content._replace(data=b"".join(content.chunks), chunks=None)
            self.found.report.scanned["bytes"] += len(content.data)
        if content.kind == "tree":
            self._tree(content.oid, content.data)
        elif self._known.ask.worth_reading(content.data):
            self._parts(content)

    def _together(self, contents: list[whole.Content]) -> None:
        """Scans small objects of one kind. One question about all of them excludes most."""
        data = [content.data for content in contents]
        if self._known.ask.any_worth_reading(data) or (contents[0].kind == "tree" and named.may_name_pypirc(b"".join(data))):
            for content in contents:
                self._one(content)
        contents.clear()

    def take(self, content: whole.Content) -> None:
        """Scans one object. Small ones wait for more of their kind, or for the end."""
        report, small = self.found.report, self._small[content.kind]
        report.scanned["bytes"] += len(content.data)
        report.scanned["files"] += content.kind == "blob"
        report.scanned["commits"] += content.kind == "commit"
        if not content.kind:
            report.failures.append(whole.unreadable(content.oid))
        elif content.chunks is not None or len(content.data) >= engine.SMALL:
            self._one(content)
        else:
            small.append(content)
            if len(small) == TOGETHER:
                self._together(small)

    def take_all(self, contents: Iterable[whole.Content]) -> None:
        """Scans the objects of one part. Those that are known by their differences differ from others of the same part."""
        for content in contents:
            self.take(content)
        self._seen.clear()

    def end(self) -> Found:
        """Scans the small objects that still wait, and returns what was found."""
        for small in self._small.values():
            if small:
                self._together(small)
        return self.found


def search(objects: Objects, known: Settings, progress: Progress | None = None) -> Found:
    """Scans the objects on all cores."""
    portions, others = packs.portions(objects.packs, objects.entries, PARTS * parallel.cores(), objects.everything)
    parts: list[Callable[[], Iterator[whole.Content]]] = [portion.read for portion in portions]
    for some in listing.parts(others, PARTS * parallel.cores()):
        parts.append(functools.partial(whole.read, [entry.oid for entry in some]))

    def work(numbers: Iterator[int]) -> Found:
        one, here = _Search(known), os.getpid() == parent
        for done, number in enumerate(numbers):
            if progress and here:  # only the parent shows progress; the other processes are about as far
                progress(min(done * parallel.cores(), len(parts)), len(parts))
            one.take_all(parts[number]())
        return one.end()

    if objects.packed() > engine.ENOUGH // RATIO:
        known.ask.prepare()  # once: later each process would have to
    parent = os.getpid()
    total = Found(model.empty_report(), {}, [], set(), known.harmless)
    for found in parallel.over_cores(len(parts), work):
        examination.merge(total.report, found.report)
        total.blobs.update(found.blobs)
        total.parts.extend(found.parts)
        total.names.update(found.names)
        total.harmless.update(found.harmless)
    return total


def _closed(folder: str) -> list[Unread]:
    """Returns the folders of objects and refs that this user may not read."""
    paths = [*listing.closed(folder), *listing.closed(git.location("refs"))]
    return [Unread(Place(as_text(path)), "unreadable", os.strerror(errno.EACCES), expected=False) for path in paths]


def _add_missing(report: Report, lacking: Callable[[], list[str]], is_partial: bool) -> None:
    """Adds what the repository lacks: on purpose, if it is a shallow or partial clone, or because it got lost.

    `lacking` returns the names of lost objects.
    """
    if git.run(("rev-parse", "--is-shallow-repository")).strip() == b"true":
        detail = "this clone is shallow: what is older was not looked at; `git fetch --unshallow` brings it"
        report.skipped.append(Unread(Place("the history before this clone"), "limit", detail))
    if is_partial:
        report.skipped.append(Unread(Place("the objects that stayed with the remote"), "limit", git.PARTIAL))
    told = {failure.place.path for failure in report.failures}
    try:
        report.failures.extend(whole.unreadable(oid) for oid in lacking() if oid not in told)
    except CheckFailed as error:
        report.failures.append(Unread(Place("the objects that are missing"), "git", str(error), expected=False))


def scan(revisions: Sequence[str], everything: bool, known: Settings, progress: Progress | None = None) -> Report:
    """Returns what is found in the history of the revisions, or of all refs; with `everything` also in objects no ref reaches.

    Raises CheckFailed where there is no repository, or git fails.
    """
    folder = git.location("objects")  # first: of all calls it fails with the clearest message outside of a repository
    is_partial = git.is_partial()
    limited = bool(revisions) and not everything
    chosen = revisions if limited else origins.all_refs()
    with listing.missing(chosen, is_partial) as lacking, parallel.meanwhile(functools.partial(origins.ways, chosen)) as listed:
        if limited:
            entries = listing.of(revisions)
            objects = Objects(packs.opened(folder, FEW * len(entries)), entries, False)
        elif stock := packs.stock(folder):
            objects = Objects(*stock, True)
        else:
            objects = Objects(packs.opened(folder), listing.everything(), False)
        found = search(objects, known, progress)
        ways = listed()
        report = found.report
        origin = attribution.Attribution(ways, known, report)
        origin.blobs(found.blobs, everything)
        origin.parts(found.parts, everything)
        origin.names(found.names, everything)
        _add_missing(report, lacking, is_partial)
    if not limited:
        origin.refs()
        report.failures.extend(_closed(folder))
        report.failures.extend(map(whole.unreadable, origins.lost_stashes()))
    report.findings.sort(key=lambda one: (one.place.path, one.place.commit or "", one.line, one.column))
    return report
