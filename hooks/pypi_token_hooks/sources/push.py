"""A push about to be made: git's pre-push lines or pre-commit's variables in; what it publishes, and what is known, out."""
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
from pypi_token_hooks.model import Blob
from pypi_token_hooks.model import CheckFailed
from pypi_token_hooks.model import Place

FROM, TO = "PRE_COMMIT_FROM_REF", "PRE_COMMIT_TO_REF"
REMOTE, URL = "PRE_COMMIT_REMOTE_NAME", "PRE_COMMIT_REMOTE_URL"
LOCAL_BRANCH, REMOTE_BRANCH = "PRE_COMMIT_LOCAL_BRANCH", "PRE_COMMIT_REMOTE_BRANCH"
TRACKING = "refs/remotes/"
MOVED = "The remote has not what was last seen there: all that it may lack was read. `git fetch --prune` brings that up to date."
_HEX = frozenset("0123456789abcdef")

Config = Mapping[str, Sequence[str]]


class Line(NamedTuple):
    """One line that git tells a pre-push hook: a ref as it will be called there, its object, and the one that is there."""

    ref: str
    oid: str
    there: str


class Push(NamedTuple):
    """What is to be looked at."""

    tips: dict[str, str]  # objects, with the refs that will lead to them
    known: list[str]  # objects that the remote has, with all that they reach
    refs: list[str]  # names that are new there
    promised: bool  # whether the remote has what a partial clone lacks
    messages: list[str]


def told() -> bytes | None:
    """Returns what stands on standard input; None where nobody tells anything there: a terminal, /dev/null, none."""
    try:
        descriptor = sys.stdin.fileno()
        if stat.S_ISCHR(os.fstat(descriptor).st_mode):
            return None
        return sys.stdin.buffer.read()
    except (AttributeError, OSError, ValueError):
        return None


def is_none(oid: str) -> bool:
    """Tells whether the name is git's for no object: all zeros, in any hash."""
    return not oid.strip("0")


def lines(data: bytes) -> list[Line]:
    """Returns what git's lines tell, deletions left out. A ref may be an expression with blanks in it."""
    found = []
    for row in data.decode("utf-8", "surrogateescape").split("\n"):
        if not row.strip():
            continue
        fields = row.rsplit(" ", 3)
        if len(fields) != 4 or not all(name and _HEX.issuperset(name) for name in (fields[1], fields[3])):
            raise CheckFailed("standard input does not hold git's pre-push lines (local ref, object, remote ref, object)")
        if not is_none(fields[1]):
            found.append(Line(fields[2], fields[1], fields[3]))
    return found


def _config() -> dict[str, list[str]]:
    """Returns the settings of all remotes."""
    code, out, err = git.ask(("config", "-z", "--get-regexp", r"^remote\."))
    if code > 1:
        raise CheckFailed(git.sentence(("config",), err))
    found: dict[str, list[str]] = {}
    for entry in out.decode("utf-8", "surrogateescape").split("\0"):
        name, _, value = entry.partition("\n")
        found.setdefault(name, []).append(value)
    return found


def _repository(url: str) -> str:
    """Returns what two addresses of one repository have in common: host and path, whatever the way there."""
    _, has_scheme, rest = url.partition("://")
    if has_scheme:
        host, _, path = rest.partition("/")
        host = host.rpartition("@")[2].partition(":")[0]
    else:
        host, colon, path = url.partition(":")
        host, path = (host.rpartition("@")[2], path) if colon and "/" not in host else ("", url)
    return f"{host.lower()}/{path.strip('/').removesuffix('.git')}"


def _addresses(name: str, *options: str) -> set[str]:
    """Returns what git fetches from, or pushes to, whatever setting says so; nothing where it knows no such remote."""
    _, out, _ = git.ask(("remote", "get-url", *options, "--", name))
    return {_repository(address) for address in git.lines(out)}


def _remote(name: str, url: str, config: Config) -> str | None:
    """Returns the remote whose tracking refs tell what is there; None where no remote's do.

    A remote can push to another repository than the one from which its tracking refs come.
    """
    if f"remote.{name}.url" not in config and f"remote.{name}.fetch" not in config:
        same = [key[7:-4] for key, urls in config.items()
                if key.endswith(".url") and url and _repository(urls[0]) == _repository(url)]  # fmt: skip
        return same[0] if same else name
    pushed = {_repository(url)} if url and url != name else _addresses(name, "--push", "--all")
    return name if pushed <= _addresses(name) else None


class _Refspec(NamedTuple):
    """What a fetch of a remote puts where: a ref, or all that match a pattern with a `*`."""

    remote: str
    there: str
    here: str

    def source(self, name: str) -> str | None:
        """Returns the ref of the remote of which the remote-tracking ref of this name tells; None where it tells of none."""
        start, star, end = self.here.partition("*")
        if not star:
            return self.there if name == start else None
        is_ours = name.startswith(start) and name.endswith(end) and len(name) > len(start) + len(end)
        return self.there.replace("*", name[len(start) : len(name) - len(end)]) if is_ours else None


def _refspecs(config: Config) -> list[_Refspec]:
    """Returns what the remotes fetch to remote-tracking refs. A mirror has none: its refs are our own."""
    found = []
    for key, values in config.items():
        for there, colon, here in (value.lstrip("+").partition(":") for value in values if key.endswith(".fetch")):
            if colon and here.startswith(TRACKING):
                found.append(_Refspec(key[7:-6], there, here))
    return found


def _tracking(remote: str | None, config: Config) -> list[tuple[str, str]]:
    """Returns what the remote had when it was last seen: refs, and the object of each; of every remote where none is named."""
    out = git.run(("for-each-ref", "--format=%(objectname) %(refname)", TRACKING))
    rows = [line.split(" ", 1) for line in git.lines(out)]
    if remote is None:
        return [("refs/heads/" + name.split("/", 3)[-1], oid) for oid, name in rows]
    found, specs = [], _refspecs(config)
    for oid, name in rows:
        fitting = [(len(spec.here), spec.remote, ref) for spec in specs if (ref := spec.source(name))]
        # below the folder of one remote there can be that of another, whose name has a slash
        nearest = [(whose, ref) for length, whose, ref in fitting if length == max(fitting)[0]]
        if {whose for whose, _ in nearest} == {remote}:
            found.append((nearest[0][1], oid))
    return found


def _has_moved(told_lines: Iterable[Line], tracking: Iterable[tuple[str, str]]) -> bool:
    """Tells whether the remote has a ref elsewhere than where it was last seen.

    Somebody moved or deleted it, or this is another repository (`git remote set-url`): then nothing else may be there either.
    """
    seen = dict(tracking)
    return any(seen.get(line.ref, line.there) != line.there for line in told_lines)


def _kinds(oids: Sequence[str]) -> dict[str, str]:
    """Returns the kinds of those objects that are here."""
    feed = "".join([oid + "\n" for oid in oids]).encode("ascii")
    code, out, err = git.ask(("cat-file", "--batch-check=%(objectname) %(objecttype)"), feed=feed)
    if code:
        raise CheckFailed(git.sentence(("cat-file",), err))
    rows = [line.split(" ") for line in git.lines(out)]
    return {oid: kind for oid, kind in rows if kind != "missing"}


def _has_promised(remote: str | None, config: Config) -> bool:
    return "true" in config.get(f"remote.{remote}.promisor", ())


def by_lines(told_lines: Sequence[Line], name: str, url: str) -> Push:
    """Returns the push that git's lines tell."""
    config = _config()
    remote = _remote(name, url, config)
    tracking = _tracking(remote, config) if remote is not None else []
    has_moved = _has_moved(told_lines, tracking)
    here = _kinds([oid for line in told_lines for oid in (line.oid, line.there)])
    for line in told_lines:
        if line.oid not in here:
            raise CheckFailed(f"the repository lacks the object {line.oid}, which is to be pushed")
    tips = {line.oid: line.ref for line in reversed(told_lines)}
    promised = remote is not None and _has_promised(remote, config)
    there = [line.there for line in told_lines if line.there in here]
    # git leaves out what the parents of new commits hold; what else is there after a forced update, we have to say
    trees = [oid + "^{tree}" for oid in there if here[oid] == "commit" and not promised]
    refs = [line.ref for line in told_lines if is_none(line.there)]
    messages = [MOVED] if has_moved else []
    if remote is None:
        messages.append("The remote pushes to another repository than it fetches from: what that one has is not known here.")
    seen = [] if has_moved else [oid for _, oid in tracking]
    return Push(tips, sorted({*seen, *there, *trees}), refs, promised, messages)


def _object(revision: str) -> str:
    """Returns the object that a revision means."""
    code, out, _ = git.ask(("rev-parse", "--verify", "--quiet", "--end-of-options", revision))
    if code or not out.strip():
        raise CheckFailed(f"there is no object {revision} in the repository")
    return out.decode("ascii").strip()


def by_variables(environ: Mapping[str, str], name: str, url: str) -> Push:
    """Returns what a push may publish of which no lines tell: all that the remote lacks, as far as we know of it.

    A range without a remote (`pre-commit run --from-ref --to-ref`) is looked at as it is.
    """
    start = environ.get(FROM, "")
    end = environ.get(TO) or environ.get(LOCAL_BRANCH, "")  # of what begins with a commit that has no parent no range is told
    known = [_object(start)] if start and not is_none(start) else []
    branch = environ.get(REMOTE_BRANCH, "")
    first = {_object(end): branch or end} if end else {}
    if first and not name:
        return Push(first, known, [], False, [])
    config = _config()
    remote = _remote(name, url, config) if name else None
    tracking = _tracking(remote, config) if remote is not None or not name else []
    has_moved = bool(start) and _has_moved([Line(branch, "", known[0] if known else start)], tracking)
    if has_moved:
        tracking = []
    out = git.run(("for-each-ref", "--format=%(objectname) %(refname)", "refs/heads/", "refs/tags/"))
    rows = [(line[: line.index(" ")], line[line.index(" ") + 1 :]) for line in git.lines(out)]
    tips = dict(reversed(rows))
    there = {ref for ref, _ in tracking}
    refs = [ref for ref in dict.fromkeys((branch, *(ref for _, ref in rows))) if ref and ref not in there]
    whom = f"the remote {remote}" if remote and f"remote.{remote}.url" in config else "the remote"
    why = "pre-commit tells a hook only the first ref of a push" if name else "Nobody tells which refs are to be pushed"
    messages = [f"{why}: every local branch and tag that {whom} lacks was checked, as far as remote-tracking branches tell."]
    if has_moved:
        messages.append(MOVED)
    return Push({**tips, **first}, sorted({*(oid for _, oid in tracking), *known}), refs, _has_promised(remote, config), messages)


def is_nothing(data: bytes | None, environ: Mapping[str, str]) -> bool:
    """Tells whether git says that nothing is pushed, or that refs are deleted alone."""
    if data and data.strip():
        return not lines(data)
    return data is not None and not any(variable in environ for variable in ("PRE_COMMIT", REMOTE, TO))


def of(data: bytes | None, environ: Mapping[str, str], name: str, url: str) -> Push:
    """Returns what is to be looked at."""
    if is_nothing(data, environ):
        return Push({}, [], [], False, [])
    if data and data.strip():
        return by_lines(lines(data), name, url)
    return by_variables(environ, name or environ.get(REMOTE, ""), url or environ.get(URL, ""))


def names(push: Push) -> Iterator[Blob]:
    """Yields the names of the refs that are new to the remote."""
    for ref in push.refs:
        yield Blob(ref.encode("utf-8", "surrogateescape"), Place("", ref=ref, part="ref"))
