"""Where objects come from: their names in, the commits and paths that brought them in or took them out, out."""
from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import suppress
from typing import NamedTuple

from pypi_token_hooks import git
from pypi_token_hooks import parallel
from pypi_token_hooks.model import STASH
from pypi_token_hooks.model import STASHES
from pypi_token_hooks.model import CheckFailed
from pypi_token_hooks.pieces import MAX_WHOLE
from pypi_token_hooks.sources.history import listing
from pypi_token_hooks.sources.history import named

MANY = 200  # paths, or names of objects, that fit on a command line; for more objects, all changes are read
SHARE = 4000  # commits whose changes one git process is asked for
PATIENCE = 32  # commits at which git may fail before the rest of a share is given up
WITH_SOURCES = ("--source", "--no-show-signature", "--format=%H %S")  # of `git log`: each commit, and a ref that leads to it
ALL = "--all"
_REMOTES = "--glob=refs/remotes/*"


class Ways(NamedTuple):
    """The ways to the objects of a repository."""

    revisions: Sequence[str]
    commits: dict[str, str]  # the commits that they reach, the oldest first, each with a revision or ref that leads to it
    refs: list[str]  # the name of every ref
    failures: Sequence[str] = ()  # why some commits may be missing here


class Change(NamedTuple):
    """A path that a commit changes, and the objects there: before it, one for each parent, and after it."""

    commit: str
    path: bytes
    before: tuple[str, ...]
    after: str
    mode: bytes  # of what is there after it; empty if nothing is

    @property
    def is_link(self) -> bool:
        return self.mode == git.LINK

    @property
    def is_new(self) -> bool:
        """Whether none of the commit's parents has anything at the path."""
        return not git.is_none(self.after) and all(map(git.is_none, self.before))


def stashes() -> list[str]:
    """Returns the commits of every stash. The ref leads only to the last one; the others are in its reflog."""
    code, out, _ = git.ask(("rev-list", "--walk-reflogs", "--end-of-options", STASH, "--"))
    return out.decode("ascii").split() if code == 0 else []


def lost_stashes() -> list[str]:
    """Returns the commits of stashes that the repository lacks. git passes them over without a word: only the reflog's file tells."""
    try:
        with open(git.location(f"logs/{STASH}"), "rb") as file:
            named_there = [line.split(b" ", 2)[1].decode("ascii", "replace") for line in file if line.count(b" ") > 1]
    except OSError:
        return []  # there is no stash, or the refs are not in files
    return sorted({*named_there} - {*stashes()})  # listed anew, behind the file: some may have been made since the scan began


def stash_parts() -> dict[str, str]:
    """Returns the commits that the stashes are made of: of each its own, and those of the index and of the untracked files.

    Each has the name of its stash, as has the ref. The copy that a clone made has no reflog: there the ref is all its name.
    """
    found: dict[str, str] = {}
    for which, form in (("--walk-reflogs", "%gD"), ("--no-walk", STASH)):
        _, out, _ = git.ask(("log", which, "--no-show-signature", f"--format={form} %H %P", STASH, "--"))
        for line in git.lines(out):
            name, commit, _, *others = line.split(" ")  # the first parent is the commit on which it was made
            for one in (STASH, commit, *others):
                found.setdefault(one, name.replace("refs/" + STASHES, STASHES))
    return found


def all_refs() -> list[str]:
    """Returns arguments with which `git rev-list` reaches everything in any ref, work tree or stash."""
    return [ALL, *stashes()]


def sources(out: bytes) -> dict[str, str]:
    """Parses the output of `git log` with WITH_SOURCES: commits, each with the revision or ref that leads to it."""
    return {commit: source for commit, _, source in (line.partition(" ") for line in git.lines(out))}


def commits(revisions: Sequence[str]) -> tuple[dict[str, str], list[str]]:
    """Returns the commits that the revisions reach, the oldest first, each with a revision or ref that leads to it; and failures.

    If git fails, these are only the newest commits, up to where the repository is damaged.
    """
    which = (*WITH_SOURCES, *listing.selected(revisions))
    try:
        return sources(git.run(("log", "--topo-order", "--reverse", *which))), []
    except CheckFailed as error:  # git prints nothing if it fails while it sorts; unsorted, it prints commits until it fails
        _, out, _ = git.ask(("log", "--ignore-missing", *which))
        return dict(reversed(sources(out).items())), [str(error)]


def parsed(out: bytes) -> Iterator[Change]:
    """Parses the output of `git diff-tree --stdin --raw -z`: the name of a commit, then its changes, each followed by its path."""
    commit = ""
    fields = iter(out.split(b"\0"))
    for field in fields:
        if not field.startswith(b":"):
            commit = field.decode("ascii", "replace").strip()
            continue
        parents = len(field) - len(field.lstrip(b":"))
        columns = field.lstrip(b":").split(b" ")
        objects = [name.decode("ascii") for name in columns[parents + 1 : 2 * parents + 2]]
        yield Change(commit, next(fields), tuple(objects[:-1]), objects[-1], columns[parents].lstrip(b"0"))


def _answered(arguments: Sequence[str], commits: Sequence[str], wanted: Sequence[str] = ()) -> tuple[bytes, list[str]]:
    """Returns what git prints of the commits, and why it fails at some of them.

    git ends at the first failure. Then it is asked for either half of the commits, and so on.
    """
    code, out, err = git.ask((*arguments, *wanted), feed=git.fed(commits))
    if not code:
        return out, []
    if wanted:  # `--find-object` makes git read contents, some of which a partial clone lacks
        return _answered(arguments, commits)
    if len(commits) == 1:
        return b"", [git.sentence(arguments, err)]
    half = len(commits) // 2
    out, failures = _answered(arguments, commits[:half])
    if len(failures) < PATIENCE:
        more, others = _answered(arguments, commits[half:])
        out, failures = out + more, failures + others
    return out, failures


def changes(
    commits: Sequence[str], objects: Sequence[str] = (), keep: Callable[[bytes], bool] = bool, paths: Sequence[bytes] = (),
    by_parent: bool = False, folders: bool = False,
) -> tuple[list[Change], list[str]]:
    """Returns the changes of the commits, in the order of these, and why git fails at some commits, if it does.

    They are the changes to or from one of the objects, or if none are given those of paths for which `keep` is true. A merge changes
    what differs from all of its parents; `by_parent`, and with `paths`, of which there may be MANY, what differs from any one of
    them, once for each. With `paths` only these count. With `folders` those of folders count, too.
    """
    wanted = [f"--find-object={oid}" for oid in objects[:MANY]] if len(objects) <= MANY else []
    below = ["--", *(f":(top,literal){git.fsdecode(path)}" for path in paths)] if paths else []
    merges = "-m" if paths or by_parent else "-c"
    # a setting, or .gitmodules, may tell to ignore submodules, whose paths are names like any other
    arguments = ("diff-tree", "--stdin", "-r", merges, "--root", "--raw", "-z", "--no-abbrev", "--no-renames",
                 "--ignore-submodules=none", *(["-t"] if folders else []), *below)
    chosen, there = frozenset(objects), frozenset(paths)

    def is_kept(change: Change) -> bool:
        if objects:
            return change.after in chosen or not chosen.isdisjoint(change.before)
        return change.path in there if paths else keep(change.path)

    def of(share: int) -> tuple[list[Change], list[str]]:
        out, failures = _answered(arguments, commits[share * SHARE : (share + 1) * SHARE], wanted)
        return [*filter(is_kept, parsed(out))], failures

    shares = parallel.over_cores(-(-len(commits) // SHARE), lambda numbers: [(number, *of(number)) for number in numbers])
    told = sorted(itertools.chain(*shares))
    return [change for _, some, _ in told for change in some], [why for _, _, failures in told for why in failures]


def _moment(seconds: int) -> str:
    """Returns the time as RFC 3339 in UTC. Clocks can be set to any year, also to one that has no such form."""
    try:
        return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))
    except (OverflowError, ValueError, OSError):
        return "an unknown day"


def author_dates(commits: Iterable[str]) -> dict[str, str]:
    """Returns the author's date of each commit, as RFC 3339 in UTC."""
    names = sorted(set(commits))
    if not names:
        return {}
    out = git.run(("log", "--no-walk=unsorted", "--stdin", "--no-show-signature", "--format=%H %at"), feed=git.fed(names))
    rows = [line.split() for line in git.lines(out)]
    return {row[0]: _moment(int(row[1])) for row in rows if len(row) == 2}


def refs() -> list[str]:
    """Returns the name of every ref."""
    return git.lines(git.run(("for-each-ref", "--format=%(refname)")))


def ways(revisions: Sequence[str]) -> Ways:
    """Returns the commits that the revisions reach, and all refs."""
    found, failures = commits(revisions)
    return Ways(revisions, found, refs(), failures)


def reached(revisions: Sequence[str]) -> tuple[dict[str, bytes], list[str]]:
    """Returns every object that the revisions reach, with a path on which git came to it; and why git fails, if it does."""
    arguments = ("rev-list", "--ignore-missing", "--objects", "--missing=allow-any", *listing.selected(revisions))
    code, out, err = git.ask(arguments)
    paths = {line[:64].split(b" ")[0].decode("ascii"): line.partition(b" ")[2] for line in out.split(b"\n") if line}
    return paths, [git.sentence(arguments, err)] if code else []


def beside_commits(tips: Collection[str]) -> dict[str, str]:
    """Returns the objects to which tips lead without a commit, each with its tip: tags, and what is tagged that is no commit."""
    found = {tip: tip for tip in tips}
    with git.objects() as repository:
        for tip in tips:
            met = repository.meet(tip, MAX_WHOLE)
            while met and met.kind == "tag":
                found.setdefault(met.oid, tip)
                met = repository.meet(named.text(met.data[len(b"object ") :].partition(b"\n")[0]), MAX_WHOLE)
            if met and met.kind != "commit":
                _, listed, _ = git.ask(("rev-list", "--objects", "--no-object-names", "--missing=allow-any", met.oid))
                found.update((oid, found.get(oid, tip)) for oid in git.lines(listed))
    return found


def odd_refs() -> dict[str, str]:
    """Returns the objects that refs lead to without a commit, each with the name of such a ref."""
    rows = git.lines(git.run(("for-each-ref", "--format=%(objecttype) %(objectname) %(refname)")))
    tips = {oid: ref for kind, oid, ref in (row.split(" ", 2) for row in reversed(rows)) if kind != "commit"}
    return {oid: tips[tip] for oid, tip in beside_commits(tips).items()}


def _told(expressions: Iterable[bytes], what: str) -> list[str]:
    """Returns what git tells of the object that each expression means; for one that means none it ends in ` missing`."""
    return git.lines(git.run(("cat-file", "--buffer", f"--batch-check={what}"), feed=b"".join([one + b"\n" for one in expressions])))


def trees(revisions: Sequence[str]) -> dict[str, str]:
    """Returns the trees to which revisions lead without a commit, each with the first of these."""
    told = _told((named.data_of(revision) + b"^{}" for revision in revisions), "%(objecttype) %(objectname)")
    found: dict[str, str] = {}
    for line, revision in zip(told, revisions, strict=True):
        if line.startswith("tree "):
            found.setdefault(line.removeprefix("tree "), revision)
    return found


def paths(tree: str) -> Iterator[tuple[bytes, bytes, str]]:
    """Yields the path of every file and folder in a tree, its mode, and the name of its object."""
    for row in git.run(("ls-tree", "-r", "-t", "-z", "--full-tree", tree)).split(b"\0")[:-1]:
        head, _, path = row.partition(b"\t")
        mode, _, oid = head.split(b" ")
        yield path, mode.lstrip(b"0"), oid.decode("ascii")


def _listed(tree: str, wanted: Collection[bytes]) -> list[tuple[bytes, str]] | None:
    """Returns those of the paths that a tree has, each with its object there; None if the tree cannot be listed as a whole.

    For many paths that is fast: asked for one, git reads the folders on it from their beginnings.
    """
    try:
        there = [(path, oid) for path, _, oid in paths(tree) if path in wanted]
    except CheckFailed:  # a folder is missing
        return None
    told = _told((oid.encode("ascii") for _, oid in there), "%(objectname)")
    return [one for one, oid in zip(there, told, strict=True) if " " not in oid]


def unreached(reached_commits: Collection[str]) -> list[str]:
    """Returns the commits that are in the repository and not among these, the oldest first."""
    which = ("cat-file", "--batch-all-objects", "--buffer", "--batch-check=%(objecttype) %(objectname)")
    rows = (line.split(" ") for line in git.lines(git.run(which)))
    names = [row[1] for row in rows if row[0] == "commit" and row[1] not in reached_commits]
    return git.lines(git.run(("rev-list", "--no-walk=sorted", "--reverse", "--stdin"), feed=git.fed(names)))


def staged() -> dict[str, tuple[bytes, str]]:
    """Returns the objects in the index of each work tree, each with a path of it, and with the work tree if it is not this one."""
    question = ("ls-files", "--stage", "--full-name", "-z", ":/")
    _, listed, _ = git.ask(("worktree", "list", "--porcelain"))
    others = [line.removeprefix("worktree ") for line in git.fsdecode(listed).split("\n") if line.startswith("worktree ")]
    found: dict[str, tuple[bytes, str]] = {}
    for folder in ("", *others):
        out = b""
        with suppress(CheckFailed):  # the folder may be gone
            _, out, _ = git.ask(question, folder or None, elsewhere=bool(folder))  # a bare repository has no index
        for head, _, path in (row.partition(b"\t") for row in out.split(b"\0")[:-1]):
            found.setdefault(head.split(b" ")[1].decode("ascii"), (path, folder))
    return found


def at_tips(refs: Sequence[str], paths: Sequence[bytes]) -> dict[bytes, list[tuple[str, str]]]:
    """Returns for each path the refs that have it now, each with its object there. Of refs with the same files only the first counts.

    Raises CheckFailed where git fails.
    """
    tips: dict[str, str] = {}
    for ref, tree in zip(refs, _told((named.data_of(ref) + b"^{tree}" for ref in refs), "%(objectname)"), strict=True):
        if " " not in tree:  # otherwise it is `… missing`
            tips.setdefault(tree, ref)
    found: dict[bytes, list[tuple[str, str]]] = {path: [] for path in paths}
    left: list[str] = []  # trees that are asked for each path
    for tree in tips:
        there = _listed(tree, found) if len(found) > MANY else None
        if there is None:
            left.append(tree)
        for path, oid in there or ():
            found[path].append((tips[tree], oid))
    asked = [(path, tree) for path in paths if b"\n" not in path for tree in left]
    told = _told((tree.encode("ascii") + b":" + path for path, tree in asked), "%(objectname)")
    for (path, tree), oid in zip(asked, told, strict=True):
        if " " not in oid:
            found[path].append((tips[tree], oid))
    others = [f":(literal){git.fsdecode(path)}" for path in paths if b"\n" in path]  # which only a command line can hold
    for tree, at in itertools.product(left, range(0, len(others), MANY)):
        for row in git.run(("ls-tree", "-z", "--full-tree", tree, "--", *others[at : at + MANY])).split(b"\0")[:-1]:
            head, _, path = row.partition(b"\t")
            found.setdefault(path, []).append((tips[tree], head.split(b" ")[2].decode("ascii")))
    return found


class Holders:
    """Tells which refs lead to a commit. git is asked once for all commits, which takes no longer than for one."""

    def __init__(self, ways: Ways) -> None:
        self._commits = ways.commits
        self._knows_remotes = any(name.startswith("refs/remotes/") for name in ways.refs)
        self._sources: dict[str, dict[str, str]] = {}
        self._incomplete: set[str] = set()  # options at which git failed: it may not have come to every commit

    def _source(self, commit: str, which: str) -> str | None:
        """Returns a ref that leads to the commit, among those that an option of `git log` selects; None if there is none."""
        if which not in self._sources:
            code, out, _ = git.ask(("log", "--ignore-missing", which, *WITH_SOURCES))
            self._sources[which] = sources(out)
            if code:
                self._incomplete.add(which)
        return self._sources[which].get(commit)

    def ref(self, commit: str) -> str | None:
        """Returns a ref that leads to the commit, a branch if possible."""
        known = self._commits.get(commit, "")
        if known.startswith("refs/heads/"):
            return known
        branch = self._source(commit, "--glob=refs/heads/*")
        return branch or (known if known.startswith("refs/") else self._source(commit, "--glob=refs/*"))

    def remote(self, commit: str) -> bool | None:
        """Tells whether a remote-tracking ref leads to the commit; None where there are none, or git failed on the way."""
        if not self._knows_remotes:
            return None
        if self._source(commit, _REMOTES) is not None:
            return True
        return None if _REMOTES in self._incomplete else False
