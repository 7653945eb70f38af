"""A report in, one JSON document out, in schema 1, which docs/formats.md describes."""
from __future__ import annotations

import json
from argparse import Namespace
from typing import Any

from pypi_token_hooks import __version__
from pypi_token_hooks.model import Report
from pypi_token_hooks.reports import facts

SCHEMA = 1


def document(hook: str, report: Report) -> dict[str, Any]:
    """Returns the document, with every key the schema has."""
    clean = facts.scrubber(report)
    result: dict[str, Any] = {
        "schema": SCHEMA, "tool": {"name": "pypi-token-hooks", "version": __version__}, "hook": hook
    }
    if hook in facts.CHECKING:
        result["checks"] = [facts.of_check(check, clean) for check in report.checks]
    else:
        result["findings"] = [facts.of_finding(hook, finding, clean) for finding in report.findings]
    result["skipped"] = [facts.of_unread(unread, clean) for unread in (*report.skipped, *report.failures)]
    result["scanned"] = {key: report.scanned[key] for key in ("files", "bytes", "members", "commits", "refs")}
    result["allowed"] = {key: report.allowed[key] for key in ("inline", "baseline")}
    return result


def render(hook: str, report: Report, options: Namespace) -> str:
    """Returns the document as text; in ASCII, and with nothing in it that a CI runner takes for a command."""
    return json.dumps(document(hook, report), indent=2).replace("##", "#\\u0023") + "\n"
