"""The push being made: git's pre-push lines or pre-commit's variables in; what it publishes, and what the remote has, out."""
from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from typing import NamedTuple

from pypi_token_hooks import git
from pypi_token_hooks.model import STASHES
from pypi_token_hooks.model import TAGS
from pypi_token_hooks.model import Blob
from pypi_token_hooks.model import CheckFailed
from pypi_token_hooks.model import Place

FROM, TO = "PRE_COMMIT_FROM_REF", "PRE_COMMIT_TO_REF"
REMOTE, URL = "PRE_COMMIT_REMOTE_NAME", "PRE_COMMIT_REMOTE_URL"
LOCAL_BRANCH, REMOTE_BRANCH = "PRE_COMMIT_LOCAL_BRANCH", "PRE_COMMIT_REMOTE_BRANCH"
REFS, TRACKING = "refs/", "refs/remotes/"
PORTS = {"ssh": "22", "https": "443", "http": "80", "git": "9418"}  # the usual ones
MOVED = "The remote has not what was last seen there: all that it may lack was read. `git fetch --prune` brings that up to date."
_HEX = frozenset("0123456789abcdef")

Config = Mapping[str, Sequence[str]]


class Line(NamedTuple):
    """One line that git gives to a pre-push hook."""

    ref: str  # its name at the remote
    oid: str  # the object that it will name
    there: str  # the object that it names at the remote now
    here: str = ""  # what names the object here: the full name of a ref, or an expression


class Push(NamedTuple):
    """What has to be scanned."""

    tips: dict[str, str]  # objects to be pushed, each with a ref that will name it (empty if that is not known), branches before tags
    known: list[str]  # objects that the remote has, together with everything that they reach
    refs: list[str]  # names of refs that are new at the remote
    asked: int  # refs that the push updates, or may update
    promised: bool  # whether this is a partial clone of the remote, which has the missing objects
    messages: list[str]  # for the report
    here: dict[str, str]  # the same objects, each with the full name of a local ref, or the stash, that names it, if one does


def standard_input() -> bytes | None:
    """Returns what is on standard input; None if that is a terminal, /dev/null or closed, so that nobody writes to it."""
    try:
        descriptor = sys.stdin.fileno()
        if stat.S_ISCHR(os.fstat(descriptor).st_mode):
            return None
        return sys.stdin.buffer.read()
    except (AttributeError, OSError, ValueError):
        return None


def lines(data: bytes) -> list[Line]:
    """Parses git's lines, and leaves out deletions. Raises CheckFailed for anything else.

    The local ref may be an expression with blanks in it, as `HEAD@{1 day ago}`.
    """
    found = []
    for row in data.decode("utf-8", "surrogateescape").split("\n"):
        if not row.strip():
            continue
        fields = row.rsplit(" ", 3)
        if len(fields) != 4 or not all(name and _HEX.issuperset(name) for name in (fields[1], fields[3])):
            raise CheckFailed("standard input does not hold git's pre-push lines (local ref, object, remote ref, object)")
        if not git.is_none(fields[1]):
            found.append(Line(fields[2], fields[1], fields[3], fields[0]))
    return found


def _config() -> dict[str, list[str]]:
    """Returns git's settings of all remotes, and those of git-svn."""
    code, out, err = git.ask(("config", "-z", "--get-regexp", r"^(svn-)?remote\."))
    if code > 1:
        raise CheckFailed(git.sentence(("config",), err))
    found: dict[str, list[str]] = {}
    for entry in out.decode("utf-8", "surrogateescape").split("\0"):
        name, _, value = entry.partition("\n")
        found.setdefault(name, []).append(value)
    return found


class _Address(NamedTuple):
    """Where a repository is, however it is spelled and whoever asks."""

    protocol: str
    port: str  # "" for the usual one
    repository: str  # host and path

    def is_same(self, other: _Address) -> bool:
        """Tells whether it is the same repository. Of one server each protocol has a port of its own."""
        return self.repository == other.repository and (self.protocol != other.protocol or self.port == other.port)


def _address(url: str) -> _Address:
    protocol, has_scheme, rest = url.partition("://")
    port = ""
    if has_scheme:
        host, _, path = rest.partition("/")
        host = host.rpartition("@")[2]
        name, _, end = host.rpartition(":")
        if name and not end.strip("0123456789"):  # otherwise it is the end of an address of IPv6
            host, port = name, end if end != PORTS.get(protocol) else ""
    else:
        host, colon, path = url.partition(":")
        protocol, host, path = ("ssh", host.rpartition("@")[2], path) if colon and "/" not in host else ("", "", url)
    return _Address(protocol, port, f"{host.lower()}/{path.strip('/').removesuffix('.git')}")


def _addresses(name: str, *options: str) -> list[_Address]:
    """Returns where git fetches from, or with `--push` pushes to; nothing if it knows no such remote."""
    _, out, _ = git.ask(("remote", "get-url", *options, "--", name))
    return [_address(url) for url in git.lines(out)]


def _remote(name: str, url: str, config: Config) -> str | None:
    """Returns the remote whose tracking refs tell what the repository at `url` has; None if no remote's do.

    A remote can push to another repository than the one from which it fetches its tracking refs.
    """
    there = _address(url)
    if f"remote.{name}.url" not in config and f"remote.{name}.fetch" not in config:
        same = [key[7:-4] for key, urls in config.items()
                if key.startswith("remote.") and key.endswith(".url") and url and there.is_same(_address(urls[0]))]
        return same[0] if same else name
    pushed = [there] if url and url != name else _addresses(name, "--push", "--all")
    fetched = _addresses(name)
    return name if all(any(one.is_same(other) for other in fetched) for one in pushed) else None


class _Refspec(NamedTuple):
    """What a fetch from a remote stores where: one ref, or all refs that match a pattern with a `*`."""

    remote: str  # the section of its settings, as `remote.origin`
    there: str  # the name at the remote
    here: str  # the name of the remote-tracking ref

    def source(self, name: str) -> str | None:
        """Returns the remote's ref that the remote-tracking ref of this name follows; None if this refspec does not store it."""
        start, star, end = self.here.partition("*")
        if not star:
            return self.there if name == start else None
        is_ours = name.startswith(start) and name.endswith(end) and len(name) > len(start) + len(end)
        return self.there.replace("*", name[len(start) : len(name) - len(end)]) if is_ours else None


def _refspecs(config: Config) -> list[_Refspec]:
    """Returns the refspecs that store remote-tracking refs. A mirror has none: it fetches into the local refs themselves.

    git-svn stores what it imports below `refs/remotes/origin/`, too, though no git remote has it before the first push.
    """
    found = []
    for key, values in config.items():
        remote, _, what = key.rpartition(".")
        for there, colon, here in (value.lstrip("+").partition(":") for value in values if what in ("fetch", "branches", "tags")):
            if colon and here.startswith(TRACKING):
                found.append(_Refspec(remote, there, here))
    return found


def _tracking(remote: str | None, config: Config) -> list[tuple[str, str]]:
    """Returns the refs that the remote had when it was last seen, each with its object; those of all remotes if it is None."""
    out = git.run(("for-each-ref", "--format=%(objectname) %(refname)", TRACKING))
    rows = [line.split(" ", 1) for line in git.lines(out)]
    if remote is None:
        return [("refs/heads/" + name.split("/", 3)[-1], oid) for oid, name in rows]
    found, specs = [], _refspecs(config)
    for oid, name in rows:
        fitting = [(len(spec.here), spec.remote, ref) for spec in specs if (ref := spec.source(name))]
        # a remote whose name has a slash can have its refs below those of another remote: the longest pattern is the right one
        nearest = [(whose, ref) for length, whose, ref in fitting if length == max(fitting)[0]]
        if {whose for whose, _ in nearest} == {f"remote.{remote}"}:
            found.append((nearest[0][1], oid))
    return found


def _has_moved(told_lines: Iterable[Line], tracking: Iterable[tuple[str, str]]) -> bool:
    """Tells whether a ref of the remote names another object than when it was last seen.

    Then somebody moved or deleted it, or this is another repository (`git remote set-url`), and the other tracking refs may be
    wrong as well.
    """
    seen = dict(tracking)
    return any(seen.get(line.ref, line.there) != line.there for line in told_lines)


def _kinds(oids: Sequence[str]) -> dict[str, str]:
    """Returns the kinds of those of the objects that this repository has."""
    out = git.run(("cat-file", "--batch-check=%(objectname) %(objecttype)"), feed=git.fed(oids))
    rows = [line.split(" ") for line in git.lines(out)]
    return {oid: kind for oid, kind in rows if kind != "missing"}


def _has_promised(remote: str | None, config: Config) -> bool:
    return "true" in config.get(f"remote.{remote}.promisor", ())


def _firsts(refs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Returns each object with the first of its refs, in order."""
    found: dict[str, str] = {}
    for oid, ref in refs:
        found.setdefault(oid, ref)
    return found


def by_lines(told_lines: Sequence[Line], name: str, url: str) -> Push:
    """Returns what the push that git's lines describe publishes. Raises CheckFailed if an object is missing, or git fails."""
    config = _config()
    remote = _remote(name, url, config)
    tracking = _tracking(remote, config) if remote is not None else []
    has_moved = _has_moved(told_lines, tracking)
    here = _kinds([oid for line in told_lines for oid in (line.oid, line.there)])
    for line in told_lines:
        if line.oid not in here:
            raise CheckFailed(f"the repository lacks the object {line.oid}, which is to be pushed")
    branches_first = sorted(told_lines, key=lambda line: line.ref.startswith(TAGS))
    tips = _firsts((line.oid, line.ref) for line in branches_first)
    promised = remote is not None and _has_promised(remote, config)
    there = [line.there for line in told_lines if line.there in here]
    # git leaves out the trees of the parents of new commits by itself; after a forced update the old tip is none, so name its tree
    may_lack = any(key.endswith(".promisor") for key in config)  # a partial clone, of whatever remote: the tree may not be here
    trees = [oid + "^{tree}" for oid in there if here[oid] == "commit" and not may_lack]
    refs = [line.ref for line in told_lines if git.is_none(line.there)]
    messages = [MOVED] if has_moved else []
    if remote is None:
        messages.append("The remote pushes to another repository than it fetches from: what that one has is not known here.")
    seen = [] if has_moved else [oid for _, oid in tracking]
    local = _firsts((line.oid, line.here) for line in branches_first if line.here.startswith((REFS, STASHES)))
    asked = len({line.ref for line in told_lines})
    return Push(tips, sorted({*seen, *there, *trees}), refs, asked, promised, messages, local)


def _object(revision: str) -> str:
    """Returns the name of the object that a revision means. Raises CheckFailed if there is none."""
    code, out, _ = git.ask(("rev-parse", "--verify", "--quiet", "--end-of-options", revision))
    if code or not out.strip():
        raise CheckFailed(f"there is no object {revision} in the repository")
    return out.decode("ascii").strip()


def by_variables(environ: Mapping[str, str], name: str, url: str) -> Push:
    """Returns what a push may publish if there are no lines of git: everything that the remote is not known to have.

    A range without a remote (`pre-commit run --from-ref --to-ref`) is scanned as it is.
    """
    start = environ.get(FROM, "")
    local = environ.get(LOCAL_BRANCH, "")
    end = environ.get(TO) or local  # pre-commit tells no range that starts at a root commit
    known = [_object(start)] if start and not git.is_none(start) else []
    branch = environ.get(REMOTE_BRANCH, "")
    first = {_object(end): branch or (end if end.startswith(REFS) else "")} if end else {}
    if first and not name:
        return Push(first, known, [], 1, False, [], {})
    config = _config()
    remote = _remote(name, url, config) if name else None
    tracking = _tracking(remote, config) if remote is not None or not name else []
    has_moved = bool(start) and _has_moved([Line(branch, "", known[0] if known else start)], tracking)
    if has_moved:
        tracking = []
    out = git.run(("for-each-ref", "--format=%(objectname) %(refname)", "refs/heads/", "refs/tags/"))
    rows = [(line[: line.index(" ")], line[line.index(" ") + 1 :]) for line in git.lines(out)]
    tips = _firsts((*first.items(), *rows))  # git tells branches first
    there = {ref for ref, _ in tracking}
    asked = [ref for ref in dict.fromkeys((branch, *(ref for _, ref in rows))) if ref]
    refs = [ref for ref in asked if ref not in there]
    whom = f"the remote {remote}" if remote and f"remote.{remote}.url" in config else "the remote"
    why = "pre-commit and prek tell a hook only the first ref of a push" if name else "Nobody tells which refs are to be pushed"
    messages = [f"{why}: every local branch and tag that {whom} lacks was checked, as far as remote-tracking branches tell."]
    if has_moved:
        messages.append(MOVED)
    there_now = sorted({*(oid for _, oid in tracking), *known})
    here = {**_firsts(rows), **dict.fromkeys(first if local.startswith(REFS) else (), local)}
    return Push(tips, there_now, refs, len(asked), _has_promised(remote, config), messages, here)


def is_nothing(data: bytes | None, environ: Mapping[str, str]) -> bool:
    """Tells whether nothing is pushed, or refs are only deleted. Raises CheckFailed for lines that are not git's."""
    if data and data.strip():
        return not lines(data)
    return data is not None and not any(variable in environ for variable in ("PRE_COMMIT", REMOTE, TO))


def of(data: bytes | None, environ: Mapping[str, str], name: str, url: str) -> Push:
    """Returns what has to be scanned, by git's lines or else by pre-commit's variables. Raises CheckFailed."""
    if is_nothing(data, environ):
        return Push({}, [], [], 0, False, [], {})
    if data and data.strip():
        return by_lines(lines(data), name, url)
    return by_variables(environ, name or environ.get(REMOTE, ""), url or environ.get(URL, ""))


def names(push: Push) -> Iterator[Blob]:
    """Yields the names of the refs that are new to the remote."""
    for ref in push.refs:
        yield Blob(ref.encode("utf-8", "surrogateescape"), Place("", ref=ref, part="ref"))
