"""A push about to be made: git's pre-push lines or pre-commit's variables in; what it publishes, and what is known, out."""
from __future__ import annotations

import os
import stat
import sys
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


def _remote(name: str, url: str, config: Config) -> str | None:
    """Returns the remote whose tracking refs tell what is there; None where no remote's do.

    A remote can push to another repository than the one from which its tracking refs come.
    """
    fetched = config.get(f"remote.{name}.url", ())
    if not fetched and f"remote.{name}.fetch" not in config:
        same = [key[7:-4] for key, urls in config.items()
                if key.endswith(".url") and url and _repository(urls[0]) == _repository(url)]  # fmt: skip
        return same[0] if same else name
    others = {_repository(other) for other in (*fetched[1:], *config.get(f"remote.{name}.pushurl", ()))}
    ours = {_repository(other) for other in fetched[:1]}
    pushed = {_repository(url)} if url and url != name else others
    return None if pushed & (others - ours) else name


def _tracking(remote: str | None, config: Config) -> dict[str, str]:
    """Returns the remote-tracking refs of the remote, each with its object; of every remote where none is named."""
    out = git.run(("for-each-ref", "--format=%(objectname) %(refname)", TRACKING))
    rows = [line.split(" ", 1) for line in git.lines(out)]
    if remote is None:
        return {name: oid for oid, name in rows}
    fetched = [spec.rpartition(":")[2] for spec in config.get(f"remote.{remote}.fetch", ()) if ":" in spec]
    ours = [spec for spec in fetched or [f"{TRACKING}{remote}/*"] if spec.startswith(TRACKING)]  # a mirror has none
    wanted = [spec.partition("*") for spec in ours]
    return {
        name: oid
        for oid, name in rows
        if any(name.startswith(start) and name.endswith(end) if star else name == start for start, star, end in wanted)
    }


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
    tracking = _tracking(remote, config) if remote is not None else {}
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
    messages = []
    if remote is None:
        messages.append("The remote pushes to another repository than it fetches from: what that one has is not known here.")
    return Push(tips, sorted({*tracking.values(), *there, *trees}), refs, promised, messages)


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
    start, end = environ.get(FROM, ""), environ.get(TO, "")
    known = [_object(start)] if start and not is_none(start) else []
    first = {_object(end): environ.get(REMOTE_BRANCH) or end} if end else {}
    if first and not name:
        return Push(first, known, [], False, [])
    config = _config()
    remote = _remote(name, url, config) if name else None
    tracking = _tracking(remote, config) if remote is not None or not name else {}
    out = git.run(("for-each-ref", "--format=%(objectname) %(refname)", "refs/heads/", "refs/tags/"))
    rows = [(line[: line.index(" ")], line[line.index(" ") + 1 :]) for line in git.lines(out)]
    tips = dict(reversed(rows))
    ends = {ref.removeprefix(f"{TRACKING}{remote}/") if remote else ref.split("/", 3)[-1] for ref in tracking}
    branch = [environ[REMOTE_BRANCH]] if environ.get(REMOTE_BRANCH) else []
    refs = [ref for ref in dict.fromkeys((*branch, *(ref for _, ref in rows))) if ref.removeprefix("refs/heads/") not in ends]
    whom = f"the remote {remote}" if remote and f"remote.{remote}.url" in config else "the remote"
    why = "pre-commit tells a hook only the first ref of a push" if name else "Nobody tells which refs are to be pushed"
    messages = [f"{why}: every local branch and tag that {whom} lacks was checked, as far as remote-tracking branches tell."]
    return Push({**tips, **first}, sorted({*tracking.values(), *known}), refs, _has_promised(remote, config), messages)


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
