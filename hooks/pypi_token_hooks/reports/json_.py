"""A report in, one JSON document out, in schema 1, which docs/formats.md describes."""
from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator
from typing import Any

from pypi_token_hooks import __version__
from pypi_token_hooks.model import Finding
from pypi_token_hooks.model import Report
from pypi_token_hooks.reports import facts
from pypi_token_hooks.reports import words
from pypi_token_hooks.reports.documents import HERE
from pypi_token_hooks.reports.documents import pieces
from pypi_token_hooks.reports.scrub import Scrubber
from pypi_token_hooks.reports.scrub import printable

SCHEMA = 1


def _document(hook: str, report: Report, clean: Scrubber) -> dict[str, Any]:
    """Returns the document, with every key the schema has, and HERE for the findings."""
    result: dict[str, Any] = {
        "schema": SCHEMA, "tool": {"name": "pypi-token-hooks", "version": __version__}, "hook": hook
    }
    if hook in facts.CHECKING:
        result["checks"] = [facts.of_check(check, clean) for check in report.checks]
    else:
        result["findings"] = [HERE]
    result["skipped"] = [facts.of_unread(unread, clean) for unread in (*report.skipped, *report.failures)]
    result["scanned"] = {key: report.scanned[key] for key in ("files", "bytes", "members", "commits", "refs")}
    result["allowed"] = {key: report.allowed[key] for key in ("inline", "baseline")}
    return result


def _finding(hook: str, finding: Finding, clean: Scrubber) -> dict[str, Any]:
    """Returns the facts of a finding. The message also has those that have no key of their own: the note, and whether a remote has it."""
    shown, told = facts.with_remedy(hook, finding, clean)
    said = (told["message"], printable(shown.note), words.at_remote(shown))
    return {**told, "message": "; ".join(filter(None, said))}


def render(hook: str, report: Report, options: Namespace) -> Iterator[str]:
    """Yields the text of the document."""
    clean = facts.scrubber(report, options)
    return pieces(_document(hook, report, clean), (_finding(hook, finding, clean) for finding in report.findings))
