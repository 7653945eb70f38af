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
        self._is_partial = cache(git.is_partial)
        self._lacking = set[Unread]()
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
                yield from _named(whole, suspect)
            elif suspect(whole.data):
                for part in named.parts(whole.data, whole.oid, whole.kind):
                    self.size -= len(part.data)
                    yield part


def _changes(revisions: Sequence[str], objects: Collection[str]) -> list[origins.Change]:
    """Returns the changes of the commits to each of their parents, the oldest first; with `objects` those to and from these."""
    listed = git.lines(git.run(("rev-list", "--topo-order", "--reverse", "--stdin"), feed=git.fed(revisions)))
    changes, failures = origins.changes(listed, objects=sorted(objects), by_parent=True)
    if failures:
        raise CheckFailed(failures[0])
    return changes


def _is_held(place: Place) -> bool:
    """Tells whether it was found in the content of an object, which may have any path; archives belong to the content."""
    return place.part == "content" or place.is_in_archive


def _as_walked(path: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yields for a path, and each folder of it, how the walk names it: of the path of a folder git tells the first line alone."""
    for end in (*(at for at, byte in enumerate(path) if byte == ord("/")), len(path)):
        folder, _, name = path[:end].rpartition(b"/")
        first = folder.partition(b"\n")[0]
        yield first + b"/" + name if first else name, path[:end]


def _first(findings: Sequence[Finding], revisions: Sequence[str]) -> tuple[dict[File, origins.Change], dict[bytes, origins.Change]]:
    """Returns the first change that brought in each object in which something was found, at each path; and each path that is a finding.

    That of a path has it as it is, which the finding may not have. That of a merge has in `before` what each of its parents has at
    the path.
    """
    objects = {finding.place.commit or "" for finding in findings if _is_held(finding.place)}
    paths = {data_of(finding.place.path) for finding in findings if finding.place.part == "name" and not _is_held(finding.place)}
    brought, named_so = dict[File, origins.Change](), dict[bytes, origins.Change]()
    for change in _changes(revisions, () if paths else objects) if objects or paths else ():
        if change.after in objects:
            file = change.after, change.path
            first = brought.setdefault(file, change)
            if first is not change and first.commit == change.commit:
                brought[file] = first._replace(before=(*first.before, *change.before))
        for walked, path in _as_walked(change.path) if paths and not git.is_none(change.after) else ():
            if walked in paths:
                named_so.setdefault(walked, change._replace(path=path))
    return brought, named_so


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
    report: Report, tips: Mapping[str, str], known: Sequence[str], here: Mapping[str, str], look: Look
) -> Iterator[Finding]:
    """Yields the findings with the commits that brought them in, and the refs (of `tips`, and those `here`) that lead there."""
    revisions = [*tips, *("^" + oid for oid in known)]  # of tips that lead to one commit git tells the first
    brought, named_so = _first(report.findings, revisions)
    others = [finding for finding in report.findings if not _is_held(finding.place)]
    sources = _sources(revisions)
    only = next(iter(tips.values())) if len(tips) == 1 else None
    beside = cache(partial(origins.beside_commits, tips))
    told = set[tuple[object, ...]]()
    for finding in (*_in_files(_of_files(report, brought, look), brought), *others):
        place, oid = finding.place, finding.place.commit or ""
        change = None
        if _is_held(place) or place.part == "link target":
            change = brought.get((oid, data_of(place.path)))  # none if no commit has it: a tag names it directly
        elif place.part == "name":
            change = named_so.get(data_of(place.path))
            place = place._replace(path=text(change.path)) if change else place
        if change or place.part not in ("message", "author", "committer", "header"):
            place = place._replace(commit=change.commit if change else None)
        tip = sources.get(place.commit, "") if place.commit else beside().get(oid, "")
        ref = place.ref or tips.get(tip) or only or None
        key: tuple[object, ...] = ()
        if place.part == "name" and not place.is_in_archive:
            if not (place.commit or tip):
                continue  # no commit of the push brought the name in: the remote has it, and only its tree has changed
            # a secret in the name of a folder is in every path below it, and in every later tree: one finding for each commit
            key = (finding.rule, finding.secret, place.commit, finding.secret or place.path)
        elif place.part in ("ref", "tag name"):
            key = (finding.rule, finding.secret, place.ref)  # a tag has its name within it, too
        if key not in told:
            yield finding._replace(place=place._replace(ref=ref), holder=here.get(tip, ""))
        if key:
            told.add(key)


def trace(report: Report, tips: Mapping[str, str], known: Sequence[str], here: Mapping[str, str], look: Look) -> None:
    """Replaces, in the places of the report, the objects in which something was found by the commits that brought it in.

    `tips` are the pushed objects, each with the remote's ref, and `here` the same with what names them in this repository. `look`
    scans a file, and heeds the baseline by its path, so that the report is to hold all findings whatever a baseline allows.
    """
    try:
        if report.findings:
            report.findings[:] = list(_traced(report, tips, known, here, look))
    except CheckFailed as error:
        report.failures.append(Unread(Place("the commits of what was found"), "git", str(error), expected=False))
        report.findings[:] = [one._replace(place=one.place._replace(commit=None)) for one in report.findings]
    for unread in (report.skipped, report.failures):
        unread[:] = [one._replace(place=one.place._replace(commit=None)) for one in unread]
