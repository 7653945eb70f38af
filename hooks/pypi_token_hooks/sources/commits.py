"""What some revisions reach and others do not: names of objects in, blobs of all their contents, names and messages out.

Every object is read once. Until `trace` has run, `commit` in the place of a finding is the name of the object it was found in.
"""
from __future__ import annotations

from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from functools import cache
from functools import partial

from pypi_token_hooks import git
from pypi_token_hooks.model import Blob
from pypi_token_hooks.model import CheckFailed
from pypi_token_hooks.model import Finding
from pypi_token_hooks.model import Place
from pypi_token_hooks.model import Report
from pypi_token_hooks.model import Unread
from pypi_token_hooks.pieces import MAX_WHOLE
from pypi_token_hooks.sources import windows
from pypi_token_hooks.sources.history import named
from pypi_token_hooks.sources.history import origins
from pypi_token_hooks.sources.history.named import data_of
from pypi_token_hooks.sources.history.named import text

Question = Callable[[bytes], bool]


def _named(met: git.Met, suspect: Question) -> Iterator[Blob]:
    """Yields the names in a tree; if its own path is worth reading, as that of a folder in a token may be, the whole paths."""
    whole = bool(met.path) and suspect(met.path)
    folder = met.path + b"/" if met.path else b""
    for mode, name in named.entries(met.data, met.oid) if whole or suspect(met.data) or named.may_name_pypirc(met.data) else ():
        if mode == git.FOLDER and not (whole or suspect(name)):
            continue  # a folder, which may be called `.pypirc`: only files of that name are forbidden
        place = Place(text(folder + name), commit=met.oid, part="name")
        yield Blob(folder + name if whole else name, place)


class Walk:
    """A walk over the objects that `tips` reach and `known` do not, and the counts of what it has met."""

    def __init__(self, tips: Sequence[str], known: Sequence[str], promised: bool = False) -> None:
        self._revisions = [*tips, *("^" + oid for oid in known)]
        # `promised`: what a partial clone lacks is at the remote anyway; otherwise a missing object is a failure
        self._arguments = ("--missing=allow-promisor" if promised else "--missing=print",)
        self.commits = 0
        self.size = 0  # bytes of commits, tags and trees, without those of the parts that are yielded

    def blobs(self, suspect: Question) -> Iterator[Blob | windows.Big | Unread]:
        """Yields contents, names, messages and people. Of trees, commits and tags only those that `suspect` finds worth reading."""
        if not self._revisions or self._revisions[0].startswith("^"):
            return
        try:
            for met in git.walk(self._arguments, self._revisions, MAX_WHOLE):
                yield from self._blobs(met, suspect)
        except CheckFailed as error:
            yield Unread(Place("what is to be pushed"), "git", str(error), expected=False)

    def _blobs(self, met: git.Met, suspect: Question) -> Iterator[Blob | windows.Big | Unread]:
        if not met.kind:
            yield Unread(Place(f"object {met.oid}"), "git", "the repository lacks it", expected=False)
        elif met.kind == "blob":
            place = Place(text(met.path) or met.oid, commit=met.oid)
            yield Blob(met.data, place) if met.chunks is None else windows.Big(met.chunks, place)
        else:
            whole = met if met.chunks is None else met._replace(data=b"".join(met.chunks))
            self.size += len(whole.data)
            self.commits += met.kind == "commit"
            if met.kind == "tree":
                yield from _named(whole, suspect)
            elif suspect(whole.data):
                for part in named.parts(whole.data, whole.oid, whole.kind):
                    self.size -= len(part.data)
                    yield part


def _asked(revisions: Sequence[str]) -> bytes:
    """Returns the revisions as `--stdin` of git's commands takes them."""
    return "".join([revision + "\n" for revision in revisions]).encode("ascii")


def _changes(revisions: Sequence[str], objects: Collection[str]) -> Iterator[origins.Change]:
    """Returns the changes of the commits to each of their parents, the oldest first. If `objects` are few, only those of these."""
    listed = git.run(("rev-list", "--topo-order", "--reverse", "--stdin"), feed=_asked(revisions))
    wanted = [f"--find-object={oid}" for oid in objects] if len(objects) <= origins.MANY else []
    arguments = ("diff-tree", "--stdin", "-r", "-m", "--root", "--raw", "-z", "--no-abbrev", "--no-renames")
    code, out, _ = git.ask((*arguments, *wanted), feed=listed)
    if code:  # `--find-object` makes git read contents, some of which a partial clone lacks
        out = git.run(arguments, feed=listed)
    return origins.parsed(out)


def _is_held(place: Place) -> bool:
    """Tells whether it was found in the content of an object, which may have any path; archives belong to the content."""
    return place.part == "content" or place.is_in_archive


def _first(findings: Sequence[Finding], revisions: Sequence[str]) -> dict[str | bytes, origins.Change]:
    """Returns the first change that brought in each object in which something was found, and each path that is a finding itself.

    That of a merge has in `before` what each of its parents has at the path.
    """
    objects = {finding.place.commit or "" for finding in findings if _is_held(finding.place)}
    paths = {data_of(finding.place.path) for finding in findings if finding.place.part == "name" and not _is_held(finding.place)}
    found: dict[str | bytes, origins.Change] = {}
    for change in _changes(revisions, () if paths else objects) if objects or paths else ():
        if change.after in objects:
            first = found.setdefault(change.after, change)
            if first is not change and (first.commit, first.path) == (change.commit, change.path):
                found[change.after] = first._replace(before=(*first.before, *change.before))
        for path in paths if change.after.strip("0") else ():
            if change.path == path or change.path.startswith(path + b"/"):
                found.setdefault(path, change)
    return found


def _key(oid: str, finding: Finding) -> tuple[object, ...]:
    """Returns what identifies a finding in an object, on whatever line it is."""
    return oid, finding.rule, finding.place.part, finding.place.members, finding.secret


def _older(findings: Sequence[Finding], found: Mapping[str | bytes, origins.Change]) -> set[tuple[object, ...]]:
    """Returns the keys of findings in versions of a file of which a parent of the commit had one that is found as well.

    Only the version that came first in the push tells those. So every secret is told, even where versions return.
    """
    keys = {_key(finding.place.commit or "", finding): finding for finding in findings if _is_held(finding.place)}
    order = {oid: number for number, oid in enumerate(found)}

    def is_older(oid: str, finding: Finding) -> bool:
        befores = found[oid].before if oid in found else ()
        return any(order.get(before, len(order)) < order[oid] and _key(before, finding) in keys for before in befores)

    return {key for key, finding in keys.items() if is_older(finding.place.commit or "", finding)}


def _sources(revisions: Sequence[str]) -> dict[str, str]:
    """Returns for each commit a tip that leads to it."""
    return origins.sources(git.run(("log", "--stdin", *origins.WITH_SOURCES), feed=_asked(revisions)))


def _origin(finding: Finding, found: Mapping[str | bytes, origins.Change]) -> Place:
    """Returns the place of a finding with the commit that brought it in, and the path that it has there."""
    place = finding.place
    if _is_held(place):
        change = found.get(place.commit or "")
        if change is None:  # no commit has it: a tag names it directly
            return place._replace(commit=None)
        part = "link target" if change.is_link else place.part
        return place._replace(path=text(change.path), commit=change.commit, part=part)
    if place.part == "name":
        change = found.get(data_of(place.path))
        return place._replace(commit=change.commit if change else None)
    return place._replace(commit=None) if place.part in ("tag", "tagger", "tag name") else place


def _traced(
    findings: Sequence[Finding], tips: Mapping[str, str], known: Sequence[str], here: Mapping[str, str]
) -> Iterator[Finding]:  # fmt: skip
    """Yields the findings with the commits that brought them in, and the refs (of `tips`, and those `here`) that lead there."""
    revisions = [*tips, *("^" + oid for oid in known)]
    found = _first(findings, revisions)
    sources = _sources(revisions)
    only = next(iter(tips.values())) if len(tips) == 1 else None
    beside = cache(partial(origins.beside_commits, tips))
    older, told = _older(findings, found), set[tuple[object, ...]]()
    for finding in findings:
        if _key(finding.place.commit or "", finding) in older:
            continue
        place = _origin(finding, found)
        tip = sources.get(place.commit, "") if place.commit else beside().get(finding.place.commit or "", "")
        ref = place.ref or tips.get(tip) or only or None
        if place.part == "name" and not place.is_in_archive:
            # a secret in the name of a folder is in every path below it, and in every later tree: one finding for each commit
            key: tuple[object, ...] = (finding.rule, finding.secret, place.commit, finding.secret or place.path)
            if key in told or not (place.commit or tip):
                continue  # no commit of the push brought the name in: the remote has it, and only its tree has changed
            told.add(key)
        if place.part in ("ref", "tag name"):
            key = (finding.rule, finding.secret, place.ref)  # a tag has its name within it, too
            if key in told:
                continue
            told.add(key)
        yield finding._replace(place=place._replace(ref=ref), holder=here.get(tip, ""))


def trace(report: Report, tips: Mapping[str, str], known: Sequence[str], here: Mapping[str, str]) -> None:
    """Replaces, in the places of the report, the objects in which something was found by the commits that brought it in.

    `tips` are the pushed objects, each with the remote's ref, and `here` the same with what names them in this repository.
    """
    try:
        if report.findings:
            report.findings[:] = list(_traced(report.findings, tips, known, here))
    except CheckFailed as error:
        report.failures.append(Unread(Place("the commits of what was found"), "git", str(error), expected=False))
        report.findings[:] = [one._replace(place=one.place._replace(commit=None)) for one in report.findings]
    for unread in (report.skipped, report.failures):
        unread[:] = [one._replace(place=one.place._replace(commit=None)) for one in unread]
