"""What some revisions reach and others do not: names of objects in, blobs of all their contents, names and messages out.

Every object is read once, and again for each of its paths if something is found in it. Until `trace` has run, `commit` in the place of
a finding is the name of the object it was found in.
"""
from __future__ import annotations

from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Iterable
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

LEFT = "the remote may lack it: fetch from there first, or bring it here (`git fetch --refetch --no-filter`)"
Question = Callable[[bytes], bool]
Look = Callable[[Iterable[Blob | windows.Big]], Report]
File = tuple[str, bytes]  # the name of an object, and a path that it has in a commit


def _lacking(oid: str, is_partial: bool) -> Unread:
    """Returns the failure for an object that is not here: one for all that a partial clone left, which may be most of them."""
    if is_partial:
        return Unread(Place("what this partial clone did not download"), "git", LEFT, expected=False)
    return Unread(Place(f"object {oid}"), "git", "the repository lacks it", expected=False)


def _named(met: git.Met, suspect: Question) -> Iterator[Blob]:
    """Yields the names in a tree. Their paths are no better than what git tells of a folder, without blanks at the ends and the like."""
    folder = met.path + b"/" if met.path else b""
    for mode, name in named.entries(met.data, met.oid) if suspect(met.data) or named.may_name_pypirc(met.data) else ():
        if mode == git.FOLDER and not suspect(name):
            continue  # a folder, which may be called `.pypirc`: only files of that name are forbidden
        yield Blob(name, Place(text(folder + name), commit=met.oid, part="name"))


class Walk:
    """A walk over the objects that `tips` reach and `known` do not, and the counts of what it has met."""

    def __init__(self, tips: Sequence[str], known: Sequence[str], promised: bool = False) -> None:
        self._revisions = [*tips, *("^" + oid for oid in known)]
        # `promised`: what a partial clone lacks is at the remote anyway; otherwise a missing object is a failure
        self._arguments = ("--missing=allow-promisor" if promised else "--missing=print",)
        self._is_partial = cache(git.is_partial)
        self._lacking = set[Unread]()
        self.begun = set[bytes]()  # names of folders with which a token may begin that has slashes
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
            unread = _lacking(met.oid, self._is_partial())
            if unread not in self._lacking:
                self._lacking.add(unread)
                yield unread
        elif met.kind == "blob":
            place = Place(text(met.path) or met.oid, commit=met.oid)
            yield windows.item(met, place)
        else:
            whole = met if met.chunks is None else met._replace(data=b"".join(met.chunks))
            self.size += len(whole.data)
            self.commits += met.kind == "commit"
            if met.kind == "tree":
                for name in _named(whole, suspect):
                    if b"AgE" in name.data:
                        self.begun.add(name.data)
                    yield name
            elif suspect(whole.data):
                for part in named.parts(whole.data, whole.oid, whole.kind):
                    self.size -= len(part.data)
                    yield part


def _changes(
    revisions: Sequence[str], objects: Collection[str] = (), keep: Question = bool, folders: bool = False
) -> list[origins.Change]:
    """Returns the changes of the commits, the oldest first: to and from these objects, to each of the parents; or those of paths."""
    listed = git.lines(git.run(("rev-list", "--topo-order", "--reverse", "--stdin"), feed=git.fed(revisions)))
    changes, failures = origins.changes(listed, sorted(objects), keep, by_parent=bool(objects), folders=folders)
    if failures:
        raise CheckFailed(failures[0])
    return changes


def _is_held(place: Place) -> bool:
    """Tells whether it was found in the content of an object, which may have any path; archives belong to the content."""
    return place.part == "content" or place.is_in_archive


def _is_path(place: Place) -> bool:
    """Tells whether it was found in the name of a file or folder of a commit, and not of an archive."""
    return place.part == "name" and not place.is_in_archive


def _first(findings: Sequence[Finding], revisions: Sequence[str]) -> dict[File, origins.Change]:
    """Returns the first change that brought in each object in which something was found, at each path.

    That of a merge has in `before` what each of its parents has at the path.
    """
    objects = {finding.place.commit or "" for finding in findings if _is_held(finding.place)}
    brought = dict[File, origins.Change]()
    for change in _changes(revisions, objects) if objects else ():
        if change.after in objects:
            file = change.after, change.path
            first = brought.setdefault(file, change)
            if first is not change and first.commit == change.commit:
                brought[file] = first._replace(before=(*first.before, *change.before))
    return brought


def _in_path(path: bytes, is_folder: bool, look: Look, report: Report) -> list[Finding]:
    """Returns what is found in the path of a file or folder, but for what is in that of the folder that it is in."""
    above, _, name = path.rpartition(b"/")
    place = Place(text(path), part="name")
    for data in (path, name):  # a folder's name may be what makes the name no finding
        one = look((Blob(data, place),))
        report.allowed["baseline"] += one.allowed["baseline"]
        found = [finding for finding in one.findings if not (is_folder and finding.secret is None)]
        if found or one.allowed["baseline"]:
            break
    if not found or not above:
        return found
    told = {(finding.rule, finding.secret) for finding in look((named.path_blob(above),)).findings if finding.secret}
    return [finding for finding in found if (finding.rule, finding.secret) not in told]


def _in_paths(
    report: Report, begun: set[bytes], revisions: Sequence[str], tips: Mapping[str, str], look: Look
) -> Iterator[tuple[Finding, str]]:
    """Yields what is found in the paths that the commits bring in, with no tip; and in those of tips without a commit, with the tip.

    The walk tells the names alone. What remote and parents have at a path is no news. `begun` are names of folders whose rest may
    be below.
    """
    names = {data_of(one.place.path).rpartition(b"/")[2] for one in report.findings if _is_path(one.place)}
    if not names and not begun:
        return

    def is_kept(path: bytes) -> bool:
        *folders, name = path.split(b"/")
        return name in names or not begun.isdisjoint(folders)

    told = set[tuple[bytes, bool]]()  # a folder may become a file, whose name alone can be forbidden
    for change in _changes(revisions, keep=is_kept, folders=True):
        what = change.path, change.mode == git.FOLDER
        if change.is_new and what not in told:
            told.add(what)
            for finding in _in_path(*what, look, report):
                yield finding._replace(place=finding.place._replace(commit=change.commit)), ""
    for tree, tip in origins.trees([*tips]).items():
        for path, mode, _ in origins.paths(tree):
            for finding in _in_path(path, mode == git.FOLDER, look, report) if is_kept(path) else ():
                yield finding, tip


def _key(file: File, finding: Finding) -> tuple[object, ...]:
    """Returns what identifies a finding in a file, on whatever line it is."""
    return file, finding.rule, finding.place.part, finding.place.members, finding.secret


def _of_files(report: Report, brought: Mapping[File, origins.Change], look: Look) -> dict[File, list[Finding]]:
    """Returns what is found in the objects in which something was found, as the file that each is at each of its paths.

    Comments and baselines allow findings by path. An object that no change brought, as a tag may name it, has the path of its finding.
    """
    held = dict.fromkeys((one.place.commit or "", data_of(one.place.path)) for one in report.findings if _is_held(one.place))
    reached = {oid for oid, _ in brought}
    found = dict[File, list[Finding]]()
    with git.objects() as repository:
        for oid, path in [*brought, *(file for file in held if file[0] not in reached)]:
            met = repository.meet(oid, MAX_WHOLE)
            if met is None:  # it was read a moment ago: `git gc` may be running
                raise CheckFailed(f"the repository lacks the object {oid}")
            is_link = (oid, path) in brought and brought[oid, path].is_link
            place = Place(text(path), commit=oid, part="link target" if is_link else "content")
            one = look((windows.item(met, place),))
            found[oid, path] = one.findings
            report.allowed["baseline"] += one.allowed["baseline"]
    return found


def _in_files(found: Mapping[File, Sequence[Finding]], brought: Mapping[File, origins.Change]) -> Iterator[Finding]:
    """Yields what is found in files, without what a parent of the commit has in an older version of the file that is found as well.

    Only the version that came first in the push tells that. So every secret is told, even where versions return.
    """
    keys = {_key(file, finding) for file, findings in found.items() for finding in findings}
    order = {file: number for number, file in enumerate(found)}
    for file, findings in found.items():
        befores = [(before, file[1]) for before in (brought[file].before if file in brought else ())]
        older = [before for before in befores if order.get(before, len(order)) < order[file]]
        yield from (finding for finding in findings if not any(_key(before, finding) in keys for before in older))


def _sources(revisions: Sequence[str]) -> dict[str, str]:
    """Returns for each commit a tip that leads to it."""
    return origins.sources(git.run(("log", "--stdin", *origins.WITH_SOURCES), feed=git.fed(revisions)))


def _traced(
    report: Report, begun: set[bytes], tips: Mapping[str, str], known: Sequence[str], here: Mapping[str, str], look: Look
) -> Iterator[Finding]:
    """Yields the findings with the commits that brought them in, and the refs (of `tips`, and those `here`) that lead there."""
    revisions = [*tips, *("^" + oid for oid in known)]  # of tips that lead to one commit git tells the first
    brought = _first(report.findings, revisions)
    others = [(one, "") for one in report.findings if not _is_held(one.place) and not _is_path(one.place)]
    in_files = [(one, "") for one in _in_files(_of_files(report, brought, look), brought)]
    sources = _sources(revisions)
    only = next(iter(tips.values())) if len(tips) == 1 else None
    beside = cache(partial(origins.beside_commits, tips))
    told = set[tuple[object, ...]]()
    for finding, named_by in (*in_files, *_in_paths(report, begun, revisions, tips, look), *others):
        place, oid = finding.place, finding.place.commit or ""
        if _is_held(place) or place.part == "link target":
            change = brought.get((oid, data_of(place.path)))  # none if no commit has it: a tag names it directly
            place = place._replace(commit=change.commit if change else None)
        elif place.part not in ("name", "message", "author", "committer", "header"):
            place = place._replace(commit=None)
        tip = named_by or (sources.get(place.commit, "") if place.commit else beside().get(oid, ""))
        ref = place.ref or tips.get(tip) or only or None
        key: tuple[object, ...] = ()
        if _is_path(place):
            key = (finding.rule, finding.secret, place.commit, place.path)
        elif place.part in ("ref", "tag name"):
            key = (finding.rule, finding.secret, place.ref)  # a tag has its name within it, too
        if key not in told:
            yield finding._replace(place=place._replace(ref=ref), holder=here.get(tip, ""))
        if key:
            told.add(key)


def trace(
    report: Report, begun: set[bytes], tips: Mapping[str, str], known: Sequence[str], here: Mapping[str, str], look: Look
) -> None:
    """Replaces, in the places of the report, the objects in which something was found by the commits that brought it in.

    `tips` are the pushed objects, each with the remote's ref, and `here` the same with what names them in this repository. `look`
    scans a file, and heeds the baseline by its path, so that the report is to hold all findings whatever a baseline allows. `begun`
    are the names of folders that the walk found to be the beginning of a token, perhaps.
    """
    try:
        if report.findings or begun:
            report.findings[:] = list(_traced(report, begun, tips, known, here, look))
    except CheckFailed as error:
        report.failures.append(Unread(Place("the commits of what was found"), "git", str(error), expected=False))
        report.findings[:] = [one._replace(place=one.place._replace(commit=None)) for one in report.findings]
    for unread in (report.skipped, report.failures):
        unread[:] = [one._replace(place=one.place._replace(commit=None)) for one in unread]
