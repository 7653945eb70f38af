"""Where things come from: names of objects in, the commits and paths that brought them in and took them out."""
from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from typing import NamedTuple

from pypi_token_hooks import git
from pypi_token_hooks import parallel

MANY = 200  # names of objects on one command line
SHARE = 4000  # commits of which one git tells the changes
_LINK = b"120000"


class Ways(NamedTuple):
    """How things are reached: revisions, the commits to which they lead, each with one of them, and the name of every ref."""

    revisions: Sequence[str]
    commits: dict[str, str]  # the oldest first
    refs: list[str]


class Change(NamedTuple):
    """One path that one commit changes: what it held before (for each parent), and what after."""

    commit: str
    path: bytes
    before: tuple[str, ...]
    after: str
    is_link: bool


def stashes(cwd: str | None = None) -> list[str]:
    """Returns the commits of every stash: a ref leads to the last one alone."""
    code, out, _ = git.ask(("rev-list", "--walk-reflogs", "--end-of-options", "refs/stash"), cwd)
    return out.decode("ascii").split() if code == 0 else []


def all_refs(cwd: str | None = None) -> list[str]:
    """Returns what leads `git rev-list` to everything that any ref, work tree or stash holds."""
    return ["--all", *stashes(cwd)]


def commits(revisions: Sequence[str], cwd: str | None = None) -> dict[str, str]:
    """Returns the commits that the revisions reach, the oldest first, each with a revision or ref that leads to it."""
    plain = [revision for revision in revisions if revision != "--all"]
    every = ["--all"] if "--all" in revisions else []
    arguments = ("log", "--source", "--topo-order", "--reverse", "--no-show-signature", "--format=%H %S", *every, "--end-of-options")
    lines = git.lines(git.run((*arguments, *plain, "--"), cwd))
    return {commit: source for commit, _, source in (line.partition(" ") for line in lines)}


def _changes(fields: Iterator[bytes]) -> Iterator[Change]:
    """Reads `git diff-tree --stdin --raw -z`: a commit's name, then its changes, each followed by the path."""
    commit = ""
    for field in fields:
        if not field.startswith(b":"):
            commit = field.decode("ascii", "replace").strip()
            continue
        parents = len(field) - len(field.lstrip(b":"))
        columns = field.lstrip(b":").split(b" ")
        objects = [name.decode("ascii") for name in columns[parents + 1 : 2 * parents + 2]]
        yield Change(commit, next(fields), tuple(objects[:-1]), objects[-1], columns[parents] == _LINK)


def changes(
    commits: Sequence[str], cwd: str | None = None, objects: Sequence[str] = (), keep: Callable[[bytes], bool] = bool
) -> list[Change]:
    """Returns what the commits change, in their order: to or from one of the objects, or of the paths to keep."""
    wanted = [f"--find-object={oid}" for oid in objects[:MANY]] if len(objects) <= MANY else []
    arguments = ("diff-tree", "--stdin", "-r", "-c", "--root", "--raw", "-z", "--no-abbrev", "--no-renames", *wanted)
    chosen = frozenset(objects)

    def of(share: int) -> list[Change]:
        feed = "".join([commit + "\n" for commit in commits[share * SHARE : (share + 1) * SHARE]]).encode("ascii")
        return [
            change
            for change in _changes(iter(git.run(arguments, cwd, feed).split(b"\0")))
            if (change.after in chosen or not chosen.isdisjoint(change.before) if objects else keep(change.path))
        ]

    shares = parallel.over_cores(-(-len(commits) // SHARE), lambda numbers: [(number, of(number)) for number in numbers])
    return [change for _, some in sorted(itertools.chain(*shares)) for change in some]


def _moment(seconds: int) -> str:
    """Returns the time as RFC 3339 in UTC; people set clocks to any year."""
    try:
        return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))
    except (OverflowError, ValueError, OSError):
        return "an unknown day"


def author_dates(commits: Iterable[str], cwd: str | None = None) -> dict[str, str]:
    """Returns the author's date of each commit, in RFC 3339 and UTC."""
    names = sorted(set(commits))
    if not names:
        return {}
    out = git.run(("log", "--no-walk=unsorted", "--stdin", "--no-show-signature", "--format=%H %at"), cwd,
                  "".join([name + "\n" for name in names]).encode("ascii"))  # fmt: skip
    rows = [line.split() for line in git.lines(out)]
    return {row[0]: _moment(int(row[1])) for row in rows if len(row) == 2}


def refs(cwd: str | None = None) -> list[str]:
    """Returns the name of every ref."""
    return git.lines(git.run(("for-each-ref", "--format=%(refname)"), cwd))


def ways(revisions: Sequence[str], cwd: str | None = None) -> Ways:
    """Returns the commits and refs."""
    return Ways(revisions, commits(revisions, cwd), refs(cwd))


def reached(revisions: Sequence[str], cwd: str | None = None) -> dict[str, bytes]:
    """Returns every object that the revisions reach, with the path on which git came to it."""
    plain = [revision for revision in revisions if revision != "--all"]
    every = ["--all"] if "--all" in revisions else []
    out = git.run(("rev-list", "--objects", "--missing=allow-any", *every, "--end-of-options", *plain), cwd)
    return {line[:64].split(b" ")[0].decode("ascii"): line.partition(b" ")[2] for line in out.split(b"\n") if line}


class Holders:
    """Tells which refs lead to a commit. Git is asked once for all commits: of one alone it takes as long."""

    def __init__(self, ways: Ways, cwd: str | None = None) -> None:
        self._commits, self._cwd = ways.commits, cwd
        self._knows_remotes = any(name.startswith("refs/remotes/") for name in ways.refs)
        self._sources: dict[str, dict[str, str]] = {}

    def _source(self, commit: str, which: str) -> str | None:
        """Returns a ref, of those that an option of `git log` names, that leads to the commit."""
        if which not in self._sources:
            _, out, _ = git.ask(("log", which, "--source", "--no-show-signature", "--format=%H %S"), self._cwd)
            rows = [line.split(" ") for line in git.lines(out)]
            self._sources[which] = {row[0]: row[1] for row in rows if len(row) == 2}
        return self._sources[which].get(commit)

    def ref(self, commit: str) -> str | None:
        """Returns a ref that leads to the commit, a branch if there is one."""
        known = self._commits.get(commit, "")
        if known.startswith("refs/heads/"):
            return known
        branch = self._source(commit, "--glob=refs/heads/*")
        return branch or (known if known.startswith("refs/") else self._source(commit, "--glob=refs/*"))

    def remote(self, commit: str) -> bool | None:
        """Tells whether a remote has it, as far as it was fetched or pushed; None: there is none to know of."""
        return self._source(commit, "--glob=refs/remotes/*") is not None if self._knows_remotes else None
