"""The origin of what was found in a history: names of objects in, findings with commit, path, ref and dates out."""
from __future__ import annotations

import functools
import itertools
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from contextlib import suppress
from typing import NamedTuple
from typing import TypeVar

from pypi_token_hooks import git
from pypi_token_hooks import model
from pypi_token_hooks import parallel
from pypi_token_hooks import pipeline
from pypi_token_hooks.containers import streams
from pypi_token_hooks.examination import Settings
from pypi_token_hooks.model import Blob
from pypi_token_hooks.model import CheckFailed
from pypi_token_hooks.model import Finding
from pypi_token_hooks.model import Place
from pypi_token_hooks.model import Report
from pypi_token_hooks.model import Unread
from pypi_token_hooks.model import as_text
from pypi_token_hooks.sources import windows
from pypi_token_hooks.sources.history import named
from pypi_token_hooks.sources.history import origins
from pypi_token_hooks.sources.history import whole

BEHIND = "which commit brought it in is not known: git failed on the way to it"
ORPHAN = "no branch, tag or stash leads to it, at most a reflog"
APART = (model.STASHES, model.STASH, model.NOTES, model.BACKUPS)  # beginnings of what has remedies of its own: a clone has none of it
FEW = 8  # files: for fewer a second process costs more than it saves
Key = tuple[object, ...]
Answer = TypeVar("Answer")
File = tuple[str, bytes, bool]  # the name of an object, the path it has in a commit, and whether it is a link there


class Origin(NamedTuple):
    """A finding, the commit that brought it in, and the one that took it out."""

    finding: Finding
    brought: str
    removed: str | None


def _key(finding: Finding) -> Key:
    """Returns what identifies a finding while the rest of its file changes: everything but line and column."""
    secret = finding.secret.reveal() if finding.secret else None
    return finding.rule, finding.place.path, finding.place.part, finding.place.members, secret


def _as_file(place: Place, oid: str, path: str) -> Place | None:
    """Returns the place in an object as a place in the file of this path.

    The first member of a compressed file is named after it. None where a later one is, too: then the file has to be read again.
    """
    members = place.members
    if members and members[0] == streams.unpacked_name(oid):
        members = (streams.unpacked_name(path), *members[1:])
    return None if any(oid in member for member in members) else place._replace(path=path, members=members)


class Attribution:
    """Turns objects that hold something into findings in files of commits, and adds them to the report."""

    def __init__(self, ways: origins.Ways, known: Settings, report: Report) -> None:
        self._ways, self._commits = ways, list(ways.commits)
        self._branches = [name for name in ways.refs if name.startswith(("refs/heads/", "refs/remotes/"))] + ["HEAD"]
        self._known, self._report = known, report
        self._seen: dict[File, list[Finding]] = {}
        self._keyed: dict[tuple[str, bytes], frozenset[Key]] = {}  # by the name of an object and its path
        self._held: Mapping[str, Report] = {}  # what was found in the blobs, whatever their paths
        self._holders = origins.Holders(ways)
        self._dates: dict[str, str] = {}  # authors' dates of commits
        self._tips: dict[bytes, list[tuple[str, str]]] = {}  # by path: the branches that have it, and its object there
        self._has_failed = False  # whether git failed, so that origins may be unknown
        self._fail(ways.failures)

    def _fail(self, reasons: Sequence[str]) -> None:
        """Reports, once, that not every way to the objects is known, and why. Damaged objects were reported before."""
        if reasons and not self._has_failed:
            self._has_failed = True
            self._report.failures.append(Unread(Place("the commits of what was found"), "git", reasons[0], expected=False))

    def _asked(self, question: Callable[[], Answer], otherwise: Answer) -> Answer:
        """Returns the answer to a question that git is asked; where it fails, which is reported, the other one."""
        try:
            return question()
        except CheckFailed as error:
            self._fail([str(error)])
            return otherwise

    def _changes(
        self, objects: Sequence[str] = (), keep: Callable[[bytes], bool] = bool, paths: Sequence[bytes] = (), is_lost: bool = False,
        folders: bool = False,
    ) -> list[origins.Change]:
        """Returns the changes of the commits; with `is_lost` of those that no ref reaches, with `folders` those of folders too."""
        which = self._lost_commits if is_lost else self._commits
        changes, failures = origins.changes(which, objects, keep, paths, folders=folders)
        self._fail(failures)
        return changes

    def _scan(self, items: Iterator[Blob | windows.Big]) -> list[Finding]:
        """Returns the findings that are not allowed, and counts the others."""
        one = pipeline.scan(items, self._known)
        self._allow(one)
        return one.findings

    def _hold(self, file: File, repository: git.Objects) -> Report:
        """Returns what is found in an object as the file that it is in a commit."""
        oid, path, is_link = file
        if oid in self._held and not is_link and not self._known.baseline:  # a baseline allows findings by path
            held = self._held[oid]
            places = [_as_file(one.place, oid, named.text(path)) for one in held.findings]
            if all(places):
                findings = [one._replace(place=place) for one, place in zip(held.findings, places, strict=True) if place]
                return model.empty_report()._replace(findings=findings, allowed=held.allowed)
        place = Place(named.text(path), part="link target" if is_link else "content")
        met = repository.meet(oid, windows.MAX_WHOLE)
        if met is None:  # it was read a moment ago: `git gc` may be running
            return model.empty_report()._replace(failures=[whole.unreadable(oid)])
        return pipeline.scan((windows.item(met, place),), self._known)

    def _look_at(self, files: Iterable[File]) -> None:
        """Scans those of the files that were not scanned yet; many of them on all cores."""
        new = [file for file in dict.fromkeys(files) if file not in self._seen]
        if not new:
            return

        def work(numbers: Iterator[int]) -> list[tuple[File, Report]]:
            with git.objects() as repository:
                return [(new[number], self._hold(new[number], repository)) for number in numbers]

        for part in parallel.over_cores(len(new), work, None if len(new) >= FEW else 1):
            for file, report in part:
                self._seen[file] = report.findings
                self._report.failures.extend(report.failures)
                self._allow(report)

    def _allow(self, report: Report) -> None:
        """Adds how much was allowed."""
        for key, count in report.allowed.items():
            self._report.allowed[key] += count

    def _in_object(self, oid: str, path: bytes, is_link: bool) -> list[Finding]:
        """Returns the findings in the object as a file of that path."""
        file = (oid, path, is_link)
        self._look_at((file,))
        return self._seen[file]

    def _seen_in(self, oid: str, path: bytes) -> Iterator[Finding]:
        """Yields what was found in an object at a path, be it a file or a link there."""
        for is_link in (False, True):
            yield from self._seen.get((oid, path, is_link), ())

    @functools.cached_property
    def _stash_parts(self) -> dict[str, str]:
        return origins.stash_parts()

    @functools.cached_property
    def _odd_refs(self) -> dict[str, str]:
        return self._asked(origins.odd_refs, {})

    def _removes(self, commit: str) -> bool:
        """Tells whether what the commit lacks is removed. What one part of a stash lacks, another has, or the branch still does."""
        return commit not in self._stash_parts

    def _stashes_last(self, changes: Iterable[origins.Change]) -> list[origins.Change]:
        """Returns the changes with those of stashes behind all others: what a branch has too came from there."""
        return sorted(changes, key=lambda change: change.commit in self._stash_parts)

    def _origins(self, changes: Sequence[origins.Change], objects: frozenset[str]) -> list[Origin]:
        """Returns each secret at each path once, with the commit that brought it in and, if it is gone, the one that removed it.

        `changes` are in the order of their commits, and `objects` are those in which something was found.
        """
        self._look_at((change.after, change.path, change.is_link) for change in changes if change.after in objects)
        known: dict[Key, Origin] = {}
        for change in self._stashes_last(changes):
            after = self._in_object(change.after, change.path, change.is_link) if change.after in objects else []
            now = {_key(finding): finding for finding in reversed(after)}  # of several places in a file the first one
            before = {_key(finding) for oid in change.before if oid in objects for finding in self._seen_in(oid, change.path)}
            for key in before - now.keys():
                if key in known and self._removes(change.commit):
                    known[key] = known[key]._replace(removed=change.commit)
            for key, finding in now.items():
                if key not in known:
                    known[key] = Origin(finding, change.commit, None)
                elif key not in before and self._removes(change.commit):
                    known[key] = known[key]._replace(removed=None)
        return list(known.values())

    def _keys(self, oid: str, path: bytes) -> frozenset[Key]:
        """Returns what identifies the findings in an object at a path. It is kept, since each of thousands may be looked for there."""
        if (oid, path) not in self._keyed:
            self._keyed[oid, path] = frozenset(map(_key, self._seen_in(oid, path)))
        return self._keyed[oid, path]

    def _is_in(self, oid: str, finding: Finding) -> bool:
        """Tells whether an object, which is zeros if there is none, has the finding at its path."""
        if finding.place.part == "name":
            return not git.is_none(oid)
        return _key(finding) in self._keys(oid, named.data_of(finding.place.path))

    def _holder(self, finding: Finding) -> str | None:
        """Returns a branch that has the finding at its tip; None if none has."""
        tips = self._tips.get(named.data_of(finding.place.path), ())
        return next((ref for ref, oid in tips if self._is_in(oid, finding)), None)

    def _look_at_tips(self, found: Iterable[Origin], refs: Sequence[str]) -> None:
        """Finds out what these branches have at the paths of the findings."""
        paths = {named.data_of(origin.finding.place.path) for origin in found}
        with suppress(CheckFailed):  # damage, which is told elsewhere; then nobody says which commit removed it
            self._tips.update(origins.at_tips(refs, sorted(paths)) if paths else {})

    def _dropped(self, found: list[Origin]) -> list[Origin]:
        """Returns the origins, also with the merge that removed a secret by taking the side without it.

        git counts that as no change. It is asked only for what no branch has any more, though no commit took it out.
        """
        left = [origin for origin in found if not origin.removed]
        for refs in (["HEAD"], self._branches):  # the first has most of it
            self._look_at_tips(left, refs)
            left = [origin for origin in left if not self._holder(origin.finding)]
        by_path: dict[bytes, list[Origin]] = {}
        for origin in left:
            by_path.setdefault(named.data_of(origin.finding.place.path), []).append(origin)
        paths, removed = sorted(by_path), dict[Key, str | None]()
        some = (paths[at : at + origins.MANY] for at in range(0, len(paths), origins.MANY))
        for change in itertools.chain.from_iterable(self._changes(paths=few) for few in some):
            for origin in by_path[change.path]:
                if self._is_in(change.after, origin.finding):
                    removed[_key(origin.finding)] = None
                elif any(self._is_in(oid, origin.finding) for oid in change.before) and self._removes(change.commit):
                    removed[_key(origin.finding)] = change.commit
        return [origin._replace(removed=origin.removed or removed.get(_key(origin.finding))) for origin in found]

    def _ref(self, commit: str) -> str | None:
        """Returns a ref that leads to the commit, or the name of a stash if nothing else does."""
        ref = self._holders.ref(commit)
        if ref and ref != model.STASH:
            return ref
        return self._stash_parts.get(commit) or self._stash_parts.get(self._ways.commits.get(commit, "")) or ref

    def _finding(self, origin: Origin) -> Finding:
        brought, removed = origin.brought, origin.removed
        note = f"brought in on {self._dates.get(brought, 'an unknown day')}"
        if removed and named.data_of(origin.finding.place.path) in self._tips:
            holder = self._holder(origin.finding)
            rest = f", but {holder} still has it" if holder else ": still in the history"
            note += f", removed by {removed[:12]} on {self._dates.get(removed, 'an unknown day')}{rest}"
        ref = self._ref(brought)
        place, apart = origin.finding.place._replace(commit=brought, ref=ref), ref if ref and ref.startswith(APART) else ""
        return origin.finding._replace(place=place, remote=self._holders.remote(brought), note=note, holder=apart)

    def _add(self, found: Sequence[Origin]) -> None:
        commits = [origin.brought for origin in found] + [origin.removed for origin in found if origin.removed]
        with suppress(CheckFailed):  # then the day is unknown, which the note says
            self._dates.update(origins.author_dates(set(commits) - self._dates.keys()))
        self._look_at_tips([origin for origin in found if origin.removed], self._branches)
        self._report.findings.extend(self._finding(origin) for origin in found)

    @functools.cached_property
    def _staged(self) -> dict[str, tuple[bytes, str]]:
        return origins.staged()

    def _without_ref(self, finding: Finding) -> Finding:
        """Returns a finding to which no ref is known to lead, with a note that says so."""
        note, holder = (BEHIND, "") if self._has_failed else (ORPHAN, model.LOST)
        return finding._replace(note=note, holder=holder)

    @functools.cached_property
    def _lost_commits(self) -> list[str]:
        return self._asked(lambda: origins.unreached(self._ways.commits), [])

    @functools.cached_property
    def _reached(self) -> dict[str, bytes]:
        """The objects to which refs lead, each with a path, which tells it for those that no commit brought in."""
        reached, failures = origins.reached(self._ways.revisions)
        self._fail(failures)
        return reached

    def _is_told(self, path: bytes | None, orphans: bool) -> bool:
        """Tells whether an object with this path is reported: one that no ref reaches only on demand, or if git failed to tell."""
        return path is not None or orphans or self._has_failed

    def _orphan(self, oid: str, path: bytes | None) -> None:
        """Adds the findings in an object that no commit brought in. Its path is empty if a tag or other ref names it directly."""
        ref = None if path is None else self._odd_refs.get(oid)
        nowhere = (b"", "")
        staged, folder = self._staged.get(oid, nowhere) if path is None and not self._has_failed else nowhere
        is_lost = not staged and (path is None or (path and self._has_failed))
        for finding in self._in_object(oid, path or staged or oid.encode("ascii"), is_link=False):
            holder = model.STAGED if staged else ref or ""
            one = finding._replace(place=finding.place._replace(ref=ref), holder=holder, work_tree=as_text(folder))
            self._report.findings.append(self._without_ref(one) if is_lost else one)

    def blobs(self, held: Mapping[str, Report], orphans: bool) -> None:
        """Adds the findings in these blobs; with `orphans` also in those that no ref reaches."""
        if not held:
            return
        self._held, objects = held, frozenset(held)
        changes = self._changes(sorted(objects))
        self._add(self._dropped(self._origins(changes, objects)))
        paths = {oid: self._reached.get(oid) for oid in sorted(objects - {change.after for change in changes})}
        lost = frozenset(oid for oid, path in paths.items() if path is None) if orphans else frozenset()
        in_lost = self._changes(sorted(lost), is_lost=True) if lost else []
        for finding, commit, _ in self._origins(in_lost, lost):
            self._report.findings.append(self._without_ref(finding._replace(place=finding.place._replace(commit=commit))))
        for change in in_lost:
            paths.pop(change.after, None)
        for oid, path in paths.items():
            if self._is_told(path, orphans):
                self._orphan(oid, path)

    def parts(self, oids: Sequence[str], orphans: bool) -> None:
        """Adds the findings in the messages and headers of these commits and tags; with `orphans` as above."""
        if not oids:
            return
        with git.objects() as repository:
            for oid in sorted(oids):
                path = b"" if oid in self._ways.commits else self._reached.get(oid)
                if not self._is_told(path, orphans):
                    continue
                content = repository.read(oid)
                if content is None:
                    self._report.failures.append(whole.unreadable(oid))
                    continue
                found = self._scan(named.parts(content.data, oid, content.kind))
                if path is not None and content.kind == "commit":
                    self._add([Origin(finding, oid, None) for finding in found])
                else:
                    self._loose_parts(found, oid, content.kind, is_reached=path is not None)

    def _loose_parts(self, found: Iterable[Finding], oid: str, kind: str, is_reached: bool) -> None:
        """Adds the findings in a tag, or in a commit that no ref reaches. A tag is no commit: without a ref its path names it."""
        for finding in found:
            place = finding.place
            if place.part == "tag name" and is_reached and origins.ALL in self._ways.revisions and place.ref in self._ways.refs:
                continue  # `refs` tells it
            if kind == "tag":
                place = place._replace(commit=None, path="" if is_reached else oid)
            one = finding._replace(place=place)
            self._report.findings.append(one if is_reached else self._without_ref(one))

    @functools.cached_property
    def _empty(self) -> str:
        return self._asked(git.empty_tree, "")

    def _has_path(self, mode: bytes, oid: str) -> bool:
        """Tells whether something with a path of its own is there: a file, or a folder without any."""
        return not git.is_none(oid) and (mode != git.FOLDER or oid == self._empty)

    def _paths_apart(
        self, keep: Callable[[bytes], bool], orphans: bool
    ) -> Iterator[tuple[bytes, str | None, str | None]]:
        """Yields paths to keep that are not from commits of this history: each with the ref that names its tree, if one does.

        With `orphans` also those from commits that no ref reaches, each with its commit.
        """
        revisions = self._ways.refs if origins.ALL in self._ways.revisions else self._ways.revisions
        try:
            for tree in origins.trees(revisions):
                listed = ((path, self._has_path(mode, oid)) for path, mode, oid in origins.paths(tree))
                yield from ((path, None, self._odd_refs.get(tree)) for path, is_told in listed if is_told and keep(path))
            if orphans:
                changes = self._changes(keep=keep, is_lost=True, folders=True)
                yield from ((change.path, change.commit, None) for change in changes if self._has_path(change.mode, change.after))
        except CheckFailed as error:
            self._fail([str(error)])

    def names(self, names: set[bytes], orphans: bool) -> None:
        """Adds the findings in paths that contain one of these names of files and folders; with `orphans` as above."""
        if not names:
            return

        def is_kept(path: bytes) -> bool:
            return not names.isdisjoint(path.split(b"/"))

        changes = self._changes(keep=is_kept, folders=True)
        left = set(names)
        found: dict[bytes, list[Origin]] = {}
        for change in self._stashes_last(changes):
            left.difference_update(change.path.split(b"/"))
            is_there = self._has_path(change.mode, change.after)
            if change.path in found:
                if is_there or self._removes(change.commit):
                    removed = None if is_there else change.commit
                    found[change.path] = [one._replace(removed=removed) for one in found[change.path]]
            elif is_there:
                findings = self._scan(iter((named.path_blob(change.path),)))
                found[change.path] = [Origin(finding, change.commit, None) for finding in findings]
        self._add(self._dropped(list(itertools.chain(*found.values()))))
        for path, commit, ref in self._paths_apart(is_kept, orphans):
            left.difference_update(path.split(b"/"))
            for finding in self._scan(iter((named.path_blob(path),))) if path not in found else ():
                one = finding._replace(place=finding.place._replace(commit=commit, ref=ref), holder=ref or "")
                self._report.findings.append(self._without_ref(one) if commit else one)
            found.setdefault(path, [])
        for name in sorted(left) if self._is_told(None, orphans) else ():
            for finding in self._scan(iter((named.path_blob(name),))):
                self._report.findings.append(self._without_ref(finding))

    def refs(self) -> None:
        """Adds the findings in the names of refs."""
        self._report.scanned["refs"] += len(self._ways.refs)
        if not self._known.ask.worth_reading(named.data_of("\n".join(self._ways.refs))):
            return
        for name in self._ways.refs:
            data = named.data_of(name)
            if self._known.ask.worth_reading(data):
                self._report.findings.extend(self._scan(iter((Blob(data, Place("", ref=name, part="ref")),))))
