"""A report in, a SARIF 2.1.0 log out, as GitHub's code scanning and other tools read it."""
from __future__ import annotations

import hashlib
import itertools
import os
from argparse import Namespace
from collections import Counter
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from pypi_token_hooks import __version__
from pypi_token_hooks import rules
from pypi_token_hooks.model import CHECK
from pypi_token_hooks.model import Check
from pypi_token_hooks.model import Finding
from pypi_token_hooks.model import Report
from pypi_token_hooks.model import Unread
from pypi_token_hooks.model import as_text
from pypi_token_hooks.reports import facts
from pypi_token_hooks.reports import words
from pypi_token_hooks.reports.documents import HERE
from pypi_token_hooks.reports.documents import pieces
from pypi_token_hooks.reports.scrub import Scrubber
from pypi_token_hooks.reports.scrub import decodable
from pypi_token_hooks.reports.scrub import printable

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
HOME = "https://github.com/pypi-token-hooks/pypi-token-hooks"
FINGERPRINT = "pypiTokenHooks/v1"
LEVELS = {"error": "error", "warning": "warning", "info": "note"}
PYPIRC = "~/.pypirc"


def _text(text: str) -> dict[str, str]:
    """Returns a message. SARIF reads `[text](1)` as a link, which a path must not make."""
    return {"text": text.replace("](", "] (")}


def _quoted(path: str) -> str:
    try:
        return quote(path.replace(os.sep, "/").encode("utf-8", "surrogateescape"))
    except UnicodeError:
        return quote(decodable(path))


def _artifact(path: str) -> dict[str, str]:
    """Returns the address of a file: relative to the working directory where it is below it."""
    if os.path.isabs(path):
        try:
            below = os.path.relpath(path, as_text(os.getcwd()))
        except (OSError, ValueError):  # the working directory is gone, or the path is on another drive
            below = os.pardir
        if below.split(os.sep)[0] == os.pardir:
            return {"uri": "file://" + "/" * (path[0] != "/") + _quoted(path)}
        path = below
    return {"uri": _quoted(path), "uriBaseId": "%SRCROOT%"}


def _rule(rule: rules.Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "name": "".join(word.capitalize() for word in rule.id.split("-")),
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.help},
        "help": {
            "text": f"{rule.help} What to do: {rule.url}",
            "markdown": f"{rule.help} [What to do]({rule.url})",
        },
        "helpUri": rule.url,
        "defaultConfiguration": {"level": "error"},
        "properties": {
            "tags": ["security", "secret"],
            "precision": rule.precision,
            "security-severity": rule.severity,
        },
    }


def _locations(finding: Finding, shown: Finding) -> list[dict[str, Any]]:
    physical: dict[str, Any] = {"artifactLocation": _artifact(words.path_of(shown.place))}
    location: dict[str, Any] = {"physicalLocation": physical}
    if shown.place.members:
        # no region: line and column are those of the member, not of the archive
        chain = " › ".join(decodable(member) for member in shown.place.members)
        location["logicalLocations"] = [{"fullyQualifiedName": chain, "kind": "member"}]
    elif shown.place.part == "content":
        physical["region"] = {"startLine": finding.line, "startColumn": finding.column}
    return [location]


def _fingerprint(shown: Finding, told: dict[str, Any], seen: Counter[str]) -> str:
    """Returns an identifier that does not change when the line moves: it has neither line nor column, nor a hash of a password."""
    place = [told["path"], *told["members"], shown.place.part]
    parts = [shown.rule, *place, shown.what, told["fingerprint"] or ""]
    name = hashlib.sha256("\0".join(parts).encode("utf-8", "backslashreplace")).hexdigest()
    seen[name] += 1
    return f"{name}:{seen[name]}"


def _result(
    hook: str, finding: Finding, clean: Scrubber, order: list[str], seen: Counter[str]
) -> dict[str, Any]:
    shown, told = facts.with_remedy(hook, finding, clean)
    said = [told["message"] + ".", *(f"{text}." for text in words.inside(shown))]
    if told["token"] is not None:
        said.append(f"It can {words.power(told['token'])}.")
    if words.left(hook, shown):
        said.append(f"Left this machine: {words.left(hook, shown)}.")
    if shown.note:
        said.append(f"{printable(shown.note[:1].upper() + shown.note[1:])}.")
    kept = ("confidence", "members", "readings", "commit", "ref", "token", "fingerprint", "redacted")
    return {
        "ruleId": finding.rule,
        "ruleIndex": order.index(finding.rule),
        "level": "error" if finding.confidence == "certain" else "warning",
        "message": _text("\n".join([" ".join(said), told["remedy"]])),
        "locations": _locations(finding, shown),
        "partialFingerprints": {FINGERPRINT: _fingerprint(shown, told, seen)},
        "properties": {key: told[key] for key in kept},
    }


def _check_rules(hook: str, checks: list[Check]) -> list[dict[str, Any]]:
    names = dict.fromkeys(check.id for check in checks)
    return [
        {"id": name, "shortDescription": {"text": f"{hook}: {name}"}, "helpUri": f"{rules.DOCS}{hook}.md"}
        for name in names
    ]


def _check_result(check: Check, order: list[str], path: str) -> dict[str, Any]:
    locations = []
    if path:
        physical: dict[str, Any] = {"artifactLocation": {"uri": PYPIRC} if _quoted(path) == PYPIRC else _artifact(path)}
        if check.line:
            physical["region"] = {"startLine": check.line}
        locations.append({"physicalLocation": physical})
    return {
        "ruleId": check.id,
        "ruleIndex": order.index(check.id),
        "level": LEVELS.get(check.severity, "warning"),
        "message": _text(f"{check.message}\n{check.remedy}"),
        "locations": locations,
    }


def _notification(item: Unread, level: str, clean: Scrubber) -> dict[str, Any]:
    file = {"physicalLocation": {"artifactLocation": _artifact(clean(words.path_of(item.place)))}}
    return {
        "level": level,
        "message": _text(words.unread(item, clean)),
        "locations": [] if item.place == CHECK else [file],
    }


def _document(hook: str, report: Report, known: list[dict[str, Any]], clean: Scrubber) -> dict[str, Any]:
    """Returns the log: one run of one hook, and HERE for its results."""
    notes = [_notification(item, "error", clean) for item in report.failures]
    notes += [_notification(item, "warning", clean) for item in report.skipped]
    driver = {
        "name": "pypi-token-hooks", "version": __version__, "semanticVersion": __version__,
        "informationUri": HOME, "rules": known,
    }
    run = {
        "tool": {"driver": driver},
        "automationDetails": {"id": f"{hook}/"},
        "columnKind": "unicodeCodePoints",
        "invocations": [{"executionSuccessful": not report.failures, "toolExecutionNotifications": notes}],
        "results": [HERE],
        "properties": {"scanned": report.scanned, "allowed": report.allowed},
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def render(hook: str, report: Report, options: Namespace) -> Iterator[str]:
    """Yields the text of the log."""
    clean = facts.scrubber(report, options)
    checks = [facts.cleaned_check(check, clean) for check in report.checks]
    known = [*map(_rule, rules.RULES), *_check_rules(hook, checks)]
    order = [rule["id"] for rule in known]
    seen: Counter[str] = Counter()
    results = (_result(hook, finding, clean, order, seen) for finding in report.findings)
    file = clean(report.extra.get("file", ""))
    failed = (_check_result(check, order, file) for check in checks)
    return pieces(_document(hook, report, known, clean), itertools.chain(results, failed))
