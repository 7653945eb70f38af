"""The sentences of every report: a scrubbed finding and its token's facts in, what is said of it out."""
from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import Any

from pypi_token_hooks.model import Finding
from pypi_token_hooks.model import Unread
from pypi_token_hooks.reports.scrub import HIDDEN
from pypi_token_hooks.reports.scrub import printable

NAMED = 5  # projects named in a sentence; the others are counted
INDEXES = {"pypi.org": "PyPI", "upload.pypi.org": "PyPI", "test.pypi.org": "TestPyPI"}
PARTS = {
    "name": "in the file's name", "link target": "in the target of a symbolic link",
    "message": "in the commit message", "author": "in the author's name or address",
    "committer": "in the committer's name or address", "tag": "in a tag's message",
    "ref": "in the ref's name",
}
READINGS = {
    "joined": "put together again", "zero-width": "with invisible characters in between",
    "basic": "an HTTP Basic header",
}
# hooks whose findings are in commits or built files: those may have left the machine
LEFT = ("detect-pypi-token-in-push", "detect-pypi-token-in-history", "detect-pypi-token-in-dist")

Facts = dict[str, Any]


def several(texts: Sequence[str]) -> str:
    """Returns the first few of the texts in a row, and how many more there are."""
    shown = ", ".join(printable(text) for text in texts[:NAMED])
    return f"{shown} and {len(texts) - NAMED} more" if len(texts) > NAMED else shown


def counted(number: int, one: str, many: str = "") -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def index_name(host: str) -> str:
    return INDEXES.get(host) or printable(host) or "an index it does not name"


def _reach(token: Facts) -> str:
    """Returns, in a few words, what the token may upload to."""
    projects, ids = token["projects"], token["project_ids"]
    if token["scope"] == "account":
        return "the whole account"
    if token["scope"] == "publisher":
        return f"Trusted Publishing of {counted(len(ids) or len(projects), 'project')}"
    if token["scope"] != "projects":
        return "a scope it does not tell"
    if len(projects) == 1:
        return f"the project {printable(projects[0])}"
    return f"{len(projects)} projects" if projects else counted(len(ids), "project")


def message(finding: Finding, token: Facts | None) -> str:
    """Returns the headline: what was found, in one short sentence."""
    where = PARTS.get(finding.place.part, "")
    if finding.rule == "pypirc-file":
        said = "a .pypirc file, in which upload tools keep passwords and tokens"
        return said if finding.place.part != "link target" else said + " (a symbolic link)"
    if token is not None:
        said = f"API token of {index_name(token['index'])} for {_reach(token)}"
        said = f"expired {said}" if token["expired"] else said
    elif finding.rule == "pypi-token":
        said = "what looks like an API token with a damaged middle"
    elif finding.rule == "pypirc-password":
        said = "password in .pypirc form"
    elif finding.rule == "own-credential":
        said = "a credential that this machine holds"
    else:
        said = "password or token of a package index"
    said = f"{said} {where}".rstrip()
    return f"{said} ({printable(finding.what)})" if finding.what else said


def inside(finding: Finding) -> list[str]:
    """Returns where in the file the finding is: members outermost first, readings, the part of a commit."""
    said = []
    if finding.place.members:
        said.append(" › ".join(printable(member) for member in finding.place.members))
    if finding.readings:
        names = [READINGS.get(name, printable(name)) for name in finding.readings]
        said.append("read as " + ", then ".join(names))
    return said


def commit(finding: Finding) -> str:
    """Returns the commit and the ref on which the finding is."""
    said = (finding.place.commit or "")[:12]
    if finding.place.ref is not None:
        said = f"{said} on {printable(finding.place.ref)}" if said else printable(finding.place.ref)
    return said


def _span(token: Facts) -> str:
    def day(time: str) -> str:
        return f"{time[:10]} {time[11:16]} UTC"

    if token["expired"]:
        return f"expired on {day(token['expires'])}: it uploads no more"
    start = f"from {day(token['not_before'])} " if token["not_before"] else ""
    end = day(token["expires"]) if token["expires"] else "somebody revokes it"
    return f"{start}until {end}"


def power(token: Facts) -> str:
    """Returns what the token can do, and for how long."""
    projects, ids = token["projects"], token["project_ids"]
    if token["scope"] == "account":
        what = "upload to every project of its account"
    elif token["scope"] == "publisher":
        what = f"upload to {counted(len(ids) or len(projects), 'project')} through Trusted Publishing"
    elif token["scope"] != "projects":
        what = "upload; it does not say to what: take it for the whole account"
    elif projects:
        what = f"upload to {'the project' if len(projects) == 1 else 'the projects'} {several(projects)}"
    else:
        what = f"upload to {counted(len(ids), 'project')}, told by id only ({several(ids)})"
    return f"{what}; {_span(token)}" if token["expired"] else f"{what}, {_span(token)}"


def _argument(path: str) -> str:
    """Returns a path to paste into a shell, or a stand-in where that would not be the path."""
    odd = HIDDEN in path or printable(path) != path
    return "<the file>" if odd else shlex.quote(path)


def _revoke(finding: Finding, token: Facts | None) -> str:
    """Returns the sentence that makes the credential worthless."""
    if finding.rule == "pypirc-file":
        return "Replace every password and token in it: revoke the old ones at their index."
    if token is None:
        if finding.rule == "pypi-token":
            return "If it was a real token, revoke it in the account settings of its index."
        return "Change the password (or revoke the token) at its index: whoever has a copy can use it."
    if token["expired"]:
        return "It has expired: there is nothing to revoke."
    if token["scope"] == "publisher":
        return "It comes from Trusted Publishing: nobody can revoke it, it ends by itself within 15 minutes."
    if token["revoke_url"]:
        return f"Revoke it now, at {printable(token['revoke_url'])}"
    name, identifier = index_name(token["index"]), printable(token["identifier"])
    return f"Revoke it now at {name}; its identifier is {identifier}."


def _before_the_commit(finding: Finding) -> list[str]:
    path, part = _argument(finding.place.path), finding.place.part
    if finding.rule == "pypirc-file":
        return [
            f"Take it out of the commit: git rm --cached -- {path}",
            "Keep the file in your home folder only: `check-pypirc-ignored --fix` makes git ignore it.",
        ]
    if part == "name":
        return ["Give the file another name, and stage it again."]
    if part == "link target":
        return ["Let the link point elsewhere, and stage it again."]
    remedy = "Remove it from the file" if not finding.place.members else "Make the archive again without it"
    return [f"{remedy}, then stage the file again: git add -- {path}"]


def _message(finding: Finding) -> list[str]:
    if finding.place.part in ("author", "committer"):
        return ["Set a name and an address without it: git config user.name and user.email."]
    if finding.place.part == "ref":
        return ["Give the branch another name: git branch -m <name>"]
    return ["Nothing was committed: write the message again without it."]


def _push(finding: Finding) -> list[str]:
    if finding.place.part == "ref":
        return ["The push was stopped. Give the branch or tag another name, then push."]
    if finding.place.part == "tag":
        return ["The push was stopped. Make the tag again without it (git tag -f -a <tag>), then push."]
    sha = printable(finding.place.commit or "<commit>")[:12]
    edit = f"git rebase -i {sha}~1, mark it `edit`"
    return [f"The push was stopped. Take it out of the commit that brought it ({edit}), then push."]


def _history(finding: Finding) -> list[str]:
    if finding.rule == "pypirc-file":
        path = _argument(finding.place.path)
        return [f"Then take the file out of every commit: git filter-repo --invert-paths --path {path}"]
    return ["Then, to clean the commits too, rewrite them: git filter-repo --replace-text <list of secrets>"]


def _dist(finding: Finding) -> list[str]:
    return [
        "Delete the built files, take it out of the source or out of the build, and build again.",
        "A release that is uploaded already is copied within minutes: deleting it brings nothing back.",
    ]


REST = {
    "detect-pypi-token-in-message": _message,
    "detect-pypi-token-in-push": _push,
    "detect-pypi-token-in-history": _history,
    "detect-pypi-token-in-dist": _dist,
}


def steps(hook: str, finding: Finding, token: Facts | None) -> list[str]:
    """Returns what to do now, in order: revoking first where the credential may have left the machine."""
    rest = REST.get(hook, _before_the_commit)(finding)
    if finding.remote:
        first = "A remote has it already. " + _revoke(finding, token)
    elif hook in LEFT:
        first = _revoke(finding, token)
    else:
        rest.append(_pushed_before(finding, token))
        return rest
    return [first, *rest]


def _pushed_before(finding: Finding, token: Facts | None) -> str:
    """Returns the sentence for the case that this is not the credential's first commit."""
    told = _revoke(finding, token)
    if token is not None and token["expired"]:
        return told
    return "If it was ever pushed, mailed or uploaded, that comes first: " + told[0].lower() + told[1:]


def unread(item: Unread, clean: Any) -> str:
    """Returns the line that tells what was not looked at, and why."""
    chain = " › ".join(printable(clean(name)) for name in (item.place.path, *item.place.members))
    where = f"{chain} (commit {item.place.commit[:12]})" if item.place.commit else chain
    return f"{where}: {item.reason}: {printable(clean(item.detail))}"


def receipt(hook: str, scanned: dict[str, int], found: int, skipped: int, failed: int) -> str:
    """Returns the line that ends a run: what was looked at."""
    looked = [counted(scanned["files"], "file")]
    if scanned["members"]:
        looked.append(counted(scanned["members"], "archive member"))
    if scanned["commits"]:
        looked.append(counted(scanned["commits"], "commit"))
    if scanned["refs"]:
        looked.append(counted(scanned["refs"], "ref"))
    looked.append(counted(scanned["bytes"], "byte"))
    ended = counted(found, "finding") if found else "nothing found"
    if skipped:
        ended += f"; {skipped} not read"
    if failed:
        ended += f"; {failed} failed: the check is not complete"
    return f"{hook}: read {', '.join(looked)}; {ended}"
