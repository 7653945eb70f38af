"""The sentences of every report: a scrubbed finding and the facts of its token in, text out."""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pypi_token_hooks import in_ci
from pypi_token_hooks import rules
from pypi_token_hooks.credentials.macaroon import INDEXES
from pypi_token_hooks.model import CHECK
from pypi_token_hooks.model import Check
from pypi_token_hooks.model import Finding
from pypi_token_hooks.model import Part
from pypi_token_hooks.model import Place
from pypi_token_hooks.model import Unread
from pypi_token_hooks.reports.scrub import Scrubber
from pypi_token_hooks.reports.scrub import printable

LONGEST = 100  # characters shown of a name that somebody else chose
NAMED = 5  # projects that a sentence names; the others are only counted
PARTS: dict[Part, str] = {
    "comment": "in a comment of the archive", "name": "in the file's name", "link target": "in the target of a symbolic link",
    "message": "in the commit message", "author": "in the author's name or address",
    "committer": "in the committer's name or address", "tagger": "in the tagger's name or address", "tag": "in a tag's message",
    "tag name": "in the tag's name",
    "ref": "in the ref's name", "header": "in a header of the commit", "tag header": "in a header of the tag",
}
READINGS = {
    "hex": "hexadecimal", "numbers": "a list of numbers", "percent": "percent-encoding", "escapes": "backslash escapes",
    "html": "HTML references", "encoded-word": "words in a header of a mail", "quotes": "quotes within quotes",
    "joined": "pieces put together", "invisible": "text without invisible signs",
    "margin": "lines of a comment, quote or log", "patch": "lines of a patch", "line-ends": "lines that end in carriage returns",
    "utf-16-le": "UTF-16", "utf-16-be": "UTF-16", "utf-32-le": "UTF-32", "utf-32-be": "UTF-32",
}
# hooks whose findings are in old commits or built files, which may have left the machine
LEFT = ("detect-pypi-token-in-history", "detect-pypi-token-in-dist")
BY_NAME = ("forbid-pypirc",)  # hooks that read only the names of files

Facts = dict[str, Any]


def brief(text: str) -> str:
    """Returns the text on one line, cut to LONGEST characters."""
    shown = printable(text)
    return shown if len(shown) <= LONGEST else shown[:LONGEST] + "…"


def several(texts: Sequence[str]) -> str:
    """Returns the first few of the texts, and how many more there are."""
    shown = ", ".join(brief(text) for text in texts[:NAMED])
    return f"{shown} and {len(texts) - NAMED} more" if len(texts) > NAMED else shown


def counted(number: int, one: str) -> str:
    return f"{number:,} {one}{'' if number == 1 else 's'}"


def index_name(host: str) -> str:
    return INDEXES.get(host) or brief(host) or "an index it does not name"


def _reach(token: Facts) -> str:
    """Returns in a few words what the token may upload to."""
    projects, ids = token["projects"], token["project_ids"]
    if token["scope"] == "account":
        return "for the whole account"
    if token["scope"] == "publisher":
        return "made by Trusted Publishing"
    if token["scope"] != "projects":
        return "of unknown scope"
    if len(projects) == 1:
        return f"for the project {brief(projects[0])}"
    return f"for {counted(len(projects) or len(ids), 'project')}"


def message(finding: Finding, token: Facts | None) -> str:
    """Returns the headline: what was found, in one short sentence."""
    where = PARTS.get(finding.place.part, "")
    said = rules.BY_ID[finding.rule].found
    if finding.rule == "pypirc-file":
        return said if finding.place.part != "link target" else said + " (a symbolic link)"
    if token is not None:
        said = f"API token of {index_name(token['index'])} {_reach(token)}"
        said = f"expired {said}" if token["expired"] else said
    said = f"{said}, {where}" if where else said
    if finding.own and finding.own != finding.what:
        said = f"{said}, held in {brief(finding.own)} on this machine"
    return f"{said} ({brief(finding.what)})" if finding.what else said


def path_of(place: Place) -> str:
    """Returns the path, or what stands for it: the message of a commit and the name of a ref have none."""
    return place.path or place.commit or place.ref or "-"


def inside(finding: Finding) -> list[str]:
    """Returns where in the file the finding is: the chain of archive members, outermost first, and the readings."""
    said = []
    if finding.place.members:
        said.append("archive member " + " › ".join(printable(member) for member in finding.place.members))
    if finding.readings:
        names = [READINGS.get(name, printable(name)) for name in finding.readings]
        said.append("read as " + ", then ".join(names))
    return said


def commit(finding: Finding) -> tuple[str, str]:
    """Returns the label "commit" or "ref", and the name of what the finding is on; that is empty for a file."""
    said, ref = (finding.place.commit or "")[:12], printable(finding.place.ref or "")
    return ("commit", f"{said} on {ref}" if ref else said) if said else ("ref", ref)


def checked(check: Check) -> str:
    """Returns the sentence on a failed check, with its section and line."""
    section = f"section {check.section}" if check.section else ""
    line = f"line {check.line}" if check.line else ""
    where = ", ".join(text for text in (section, line) if text)
    return f"{check.message} ({where})" if where else check.message


def may_have_left(hook: str) -> bool:
    """Tells whether what the hook reads may be elsewhere already. What a CI run reads was pushed."""
    return hook in LEFT or in_ci()


def at_remote(finding: Finding) -> str:
    """Returns a phrase on whether a remote has it; "" if that is not known."""
    if finding.remote is None:
        return ""
    return "a remote has it" if finding.remote else "no remote has it"


def left(hook: str, finding: Finding) -> str:
    """Returns a phrase on whether the credential has left this machine, as far as the hook knows; "" if it knows nothing."""
    if said := at_remote(finding):
        return f"yes: {said}" if finding.remote else f"not by git: {said}"
    if not may_have_left(hook):
        return {
            "detect-pypi-token-in-message": "not with this commit: it was stopped",
            "detect-pypi-token-in-push": "not with this push: it was stopped",
        }.get(hook, "")
    return {
        "detect-pypi-token-in-history": "yes, if these commits were ever pushed",
        "detect-pypi-token-in-dist": "yes, if these files were ever uploaded",
    }.get(hook, "yes, if this CI run got it from a repository")


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


def unread(item: Unread, clean: Scrubber) -> str:
    """Returns the line on something that was not looked at, and why."""
    detail = printable(clean(item.detail))
    if item.place == CHECK:
        return detail
    chain = " › ".join(printable(clean(name)) for name in (item.place.path, *item.place.members))
    where = f"{chain} (commit {item.place.commit[:12]})" if item.place.commit else chain
    return f"{where}: {item.reason}: {detail}"


def receipt(hook: str, scanned: dict[str, int], found: int, skipped: int, failed: int) -> str:
    """Returns the line that ends a run: what was read, and how many findings there are."""
    names = f"the name{'' if scanned['files'] == 1 else 's'} of " if hook in BY_NAME else ""
    looked = [names + counted(scanned["files"], "file")]
    if scanned["members"]:
        looked.append(counted(scanned["members"], "archive member"))
    if scanned["commits"]:
        looked.append(counted(scanned["commits"], "commit"))
    if scanned["refs"]:
        looked.append(counted(scanned["refs"], "ref"))
    if scanned["bytes"] or not names:
        looked.append(counted(scanned["bytes"], "byte"))
    ended = counted(found, "finding") if found else "nothing found"
    if skipped:
        ended += f"; {skipped} not read"
    if failed:
        ended += f"; {failed} failed: the check is not complete"
    return f"{hook}: read {', '.join(looked)}; {ended}"
