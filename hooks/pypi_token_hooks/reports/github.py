"""A report in, workflow commands of GitHub Actions out: for each finding an annotation of its line."""
from __future__ import annotations

import os
import sys
from argparse import Namespace
from collections.abc import Iterator

from pypi_token_hooks.model import Check
from pypi_token_hooks.model import Finding
from pypi_token_hooks.model import Report
from pypi_token_hooks.reports import facts
from pypi_token_hooks.reports import words
from pypi_token_hooks.reports.scrub import Scrubber
from pypi_token_hooks.reports.scrub import printable

LEVELS = {"error": "error", "warning": "warning", "info": "notice"}


def _data(text: str) -> str:
    """Returns text escaped for the message of a command."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    """Returns text escaped for a property of a command."""
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def command(level: str, message: str, **properties: str | int | None) -> str:
    """Returns one workflow command."""
    given = [f"{name}={_property(str(value))}" for name, value in properties.items() if value is not None]
    return f"::{level} {','.join(given)}::{_data(message)}"


def _file(path: str) -> str:
    """Returns a path in the form by which GitHub finds the file of an annotation."""
    return path.replace(os.sep, "/").removeprefix("./")


def _annotation(hook: str, finding: Finding, clean: Scrubber) -> str:
    shown, told = facts.with_remedy(hook, finding, clean)
    about = [told["message"], *words.inside(shown)]
    what, name = words.commit(shown)
    if name:
        about.append(f"{what} {name}")
    if told["token"] is not None:
        about.append("can do: " + words.power(told["token"]))
        about.append("identifier: " + words.brief(told["token"]["identifier"]))
    if words.left(hook, shown):
        about.append("left this machine: " + words.left(hook, shown))
    if shown.note:
        about.append(printable(shown.note))
    whole = bool(shown.place.members) or shown.place.part != "content"  # line and column are not those of the file
    return command(
        "error" if finding.confidence == "certain" else "warning",
        "\n".join([*about, told["remedy"]]),
        file=printable(_file(words.path_of(shown.place))),
        line=None if whole else finding.line,
        col=None if whole else finding.column,
        title=f"{hook}: {finding.rule}",
    )


def _check(hook: str, check: Check) -> str:
    level = LEVELS.get(check.severity, "warning")
    return command(level, f"{words.checked(check)}\n{check.remedy}", title=f"{hook}: {check.id}")


def render(hook: str, report: Report, options: Namespace) -> Iterator[str]:
    """Yields the commands, a line each."""
    clean = facts.scrubber(report, options, sys.stdout)
    for finding in report.findings:
        yield _annotation(hook, finding, clean) + "\n"
    lines = [_check(hook, facts.cleaned_check(check, clean)) for check in report.checks]
    unread = (("error", "failed", report.failures), ("warning", "not read", report.skipped))
    for level, title, items in unread:
        lines += [command(level, words.unread(item, clean), title=f"{hook}: {title}") for item in items]
    lines += [command("notice", printable(clean(text)), title=hook) for text in report.messages]
    yield from (line + "\n" for line in lines)
