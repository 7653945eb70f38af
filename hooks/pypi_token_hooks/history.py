"""The scan of a whole history: a repository in; what its objects hold, and where that came from, out."""
from __future__ import annotations

import errno
import functools
import os
from collections import defaultdict
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
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
from pypi_token_hooks.sources import windows
from pypi_token_hooks.sources.history import listing
from pypi_token_hooks.sources.history import named
from pypi_token_hooks.sources.history import origins
from pypi_token_hooks.sources.history import packs
from pypi_token_hooks.sources.history import whole

TOGETHER = 64  # small objects
FEW = 2  # times as many objects as are wanted: a pack that has more is left to git
PARTS = 24  # for each core: small enough that all of them end at the same time
Progress = Callable[[int, int], None]  # parts that are done, parts in all


class Objects(NamedTuple):
    """What is looked at: the entries, of which most are in the packs; with `everything` all that is in the packs, too."""

    packs: Sequence[packs.Pack]
    entries: Sequence[listing.Entry]
    everything: bool


class Found(NamedTuple):
    """What one process found: names of objects that hold something, by what they are."""

    report: Report
    blobs: dict[str, Report]  # with what was found in each
    parts: list[str]  # commits and tags
    names: set[bytes]  # in trees
    harmless: set[int]  # as in the settings: who looks again need not look at these


def _has_findings(one: Report, report: Report) -> bool:
    """Tells whether one report has findings, allowed or not; what it left aside goes into the other."""
    report.skipped.extend(one.skipped)
    report.scanned["members"] += one.scanned["members"]
    return bool(one.findings) or any(one.allowed.values())


def _holds(blobs: Iterator[Blob | windows.Big], known: Settings, report: Report) -> bool:
    """Tells whether anything is found in the blobs."""
    return _has_findings(pipeline.scan(blobs, known), report)


class _Search:
    """What one process does: looks at each object, and keeps the names of those that hold something."""

    def __init__(self, known: Settings) -> None:
        self._known = known
        self._names: dict[bytes, bool] = {}
        self.found = Found(model.empty_report(), {}, [], set(), known.harmless)
        self._small = defaultdict[str, list[whole.Content]](list)  # by kind
        self._seen: dict[str, engine.Look] = {}

    def _tree(self, oid: str, data: bytes) -> None:
        if not (self._known.ask.worth_reading(data) or named.may_name_pypirc(data)):
            return
        for _, name in named.entries(data, oid):
            if name not in self._names:
                # a token with slashes in it becomes folders: what begins like one is looked at as a path
                self._names[name] = b"AgE" in name or _holds(
                    iter((named.path_blob(name),)), self._known, model.empty_report()
                )
            if self._names[name]:
                self.found.names.add(name)

    def _look(self, content: whole.Content) -> Report:
        """Returns what is found in an object that is worth reading."""
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
        """Looks at small objects of one kind, of which most have nothing."""
        data = [content.data for content in contents]
        if self._known.ask.any_worth_reading(data) or (contents[0].kind == "tree" and named.may_name_pypirc(b"".join(data))):
            for content in contents:
                self._one(content)
        contents.clear()

    def take(self, content: whole.Content) -> None:
        """Looks at one object; at a small one when there are more of its kind, or at the end."""
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
        """Looks at the objects of one part, which may differ from each other but from no others."""
        for content in contents:
            self.take(content)
        self._seen.clear()

    def end(self) -> Found:
        """Looks at what is left, and returns what was found."""
        for small in self._small.values():
            if small:
                self._together(small)
        return self.found


def search(objects: Objects, known: Settings, cwd: str | None = None, progress: Progress | None = None) -> Found:
    """Looks at the objects on every core."""
    portions, others = packs.portions(objects.packs, objects.entries, PARTS * parallel.cores(), objects.everything)
    parts = [functools.partial(portion.read, cwd) for portion in portions]
    for some in listing.parts(others, PARTS * parallel.cores()):
        parts.append(functools.partial(whole.read, [entry.oid for entry in some], cwd))

    def work(numbers: Iterator[int]) -> Found:
        one, here = _Search(known), os.getpid() == parent
        for done, number in enumerate(numbers):
            if progress and here:  # the others are about as far
                progress(min(done * parallel.cores(), len(parts)), len(parts))
            one.take_all(parts[number]())
        return one.end()

    parent = os.getpid()
    total = Found(model.empty_report(), {}, [], set(), known.harmless)
    for found in parallel.over_cores(len(parts), work):
        examination.merge(total.report, found.report)
        total.blobs.update(found.blobs)
        total.parts.extend(found.parts)
        total.names.update(found.names)
        total.harmless.update(found.harmless)
    return total


def _closed(folder: str, cwd: str | None) -> list[Unread]:
    """Returns the folders of objects and refs that may not be read."""
    paths = [*listing.closed(folder), *listing.closed(git.location("refs", cwd))]
    return [Unread(Place(path), "unreadable", os.strerror(errno.EACCES), expected=False) for path in paths]


def _is_partial(folder: str, cwd: str | None) -> bool:
    """Tells whether the repository was cloned without some of its objects: by its settings, or by a mark at its packs."""
    return git.is_partial(cwd) or bool(packs.files(folder, ".promisor"))


def _aside(report: Report, lacking: Callable[[], list[str]], is_partial: bool, cwd: str | None) -> None:
    """Adds what is not here: on purpose, as a shallow or partial clone has it, or because it got lost."""
    if git.run(("rev-parse", "--is-shallow-repository"), cwd).strip() == b"true":
        detail = "this clone is shallow: what is older was not looked at; `git fetch --unshallow` brings it"
        report.skipped.append(Unread(Place("the history before this clone"), "limit", detail))
    if is_partial:
        report.skipped.append(Unread(Place("the objects that stayed with the remote"), "limit", git.PARTIAL))
    told = {failure.place.path for failure in report.failures}
    try:
        report.failures.extend(whole.unreadable(oid) for oid in lacking() if oid not in told)
    except CheckFailed as error:
        report.failures.append(Unread(Place("the objects that are missing"), "git", str(error), expected=False))


def scan(
    revisions: Sequence[str], everything: bool, known: Settings, cwd: str | None = None, progress: Progress | None = None
) -> Report:
    """Returns what the history of the revisions holds, or of all refs; with `everything` what no ref reaches too."""
    folder = git.location("objects", cwd)  # says it best where there is no repository
    is_partial = _is_partial(folder, cwd)
    limited = bool(revisions) and not everything
    chosen = revisions if limited else origins.all_refs(cwd)
    with ThreadPoolExecutor(2) as pool:  # meanwhile; it is over before processes are made
        listed, _ = pool.submit(origins.ways, chosen, cwd), pool.submit(known.ask.prepare)
        if limited:
            entries = listing.of(revisions, cwd)
            objects = Objects(packs.opened(folder, FEW * len(entries)), entries, False)
        elif stock := packs.stock(folder):
            objects = Objects(*stock, True)
        else:
            objects = Objects(packs.opened(folder), listing.everything(cwd), False)
        ways = listed.result()
    found = search(objects, known, cwd, progress)
    report = found.report
    with nullcontext(list) if is_partial else listing.missing(chosen, cwd) as lacking:
        origin = attribution.Attribution(ways, known, cwd, report)
        origin.blobs(found.blobs, everything)
        origin.parts(found.parts, everything)
        origin.names(found.names, everything)
        _aside(report, lacking, is_partial, cwd)
    if not limited:
        origin.refs()
        report.failures.extend(_closed(folder, cwd))
    report.findings.sort(key=lambda one: (one.place.path, one.place.commit or "", one.line, one.column))
    return report
