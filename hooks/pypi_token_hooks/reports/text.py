"""A report in, text for people out: a block for each finding, and a last line on what was read."""
from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Iterator

from pypi_token_hooks import rules
from pypi_token_hooks.model import Check
from pypi_token_hooks.model import Finding
from pypi_token_hooks.model import Report
from pypi_token_hooks.reports import facts
from pypi_token_hooks.reports import steps
from pypi_token_hooks.reports import style
from pypi_token_hooks.reports import words
from pypi_token_hooks.reports.scrub import Scrubber
from pypi_token_hooks.reports.scrub import printable
from pypi_token_hooks.reports.style import Style

SEVERITIES = {"error": "certain", "warning": "probable", "info": "dim"}


def _headline(finding: Finding, said: str, look: Style) -> str:
    place = look.paint("path", f"{printable(words.path_of(finding.place))}:{finding.line}:{finding.column}:")
    rule = look.link(look.paint(finding.confidence, f"{finding.rule}:"), rules.BY_ID[finding.rule].url)
    return f"{place} {rule} {said}"


def _block(hook: str, finding: Finding, clean: Scrubber, look: Style) -> list[str]:
    """Returns the lines of one finding."""
    shown, told = facts.of_finding(finding, clean)
    token = told["token"]
    lines = [_headline(shown, told["message"], look)]
    if told["redacted"]:
        doubt = "" if finding.confidence == "certain" else "  (probable)"
        lines += look.field("secret", told["redacted"] + doubt)
    for text in words.inside(shown):
        lines += look.field("inside", text)
    what, name = words.commit(shown)
    if name:
        lines += look.field(what, name)
    if token is not None:
        lines += look.field("can do", words.power(token))
        lines += look.field("identifier", words.brief(token["identifier"]))
    if words.left(hook, shown):
        lines += look.field("leaked", words.left(hook, shown))
    if shown.note:
        lines += look.field("note", printable(shown.note))
    todo = steps.steps(hook, shown, token, clean)
    for number, step in enumerate(todo):
        text = f"{number + 1}. {step.text}" if len(todo) > 1 else step.text
        lines += look.field("do now" if number == 0 else "", text, "   " if len(todo) > 1 else "")
        if step.do:
            lines.append(look.command(step.do))
    return [*lines, ""]


def _check(check: Check, look: Style) -> list[str]:
    """Returns the lines of one failed check of the machine's own file."""
    lines = look.wrapped(SEVERITIES.get(check.severity, "dim"), f"{check.severity}: {check.id}:", words.checked(check))
    # a command stays whole, to be copied; a sentence is wrapped
    todo = look.field("do now", check.remedy) if check.remedy.endswith(".") else [look.whole("do now", check.remedy)]
    return [*lines, *todo, ""]


def _allowed(report: Report) -> str:
    inline, baseline = report.allowed["inline"], report.allowed["baseline"]
    return f"allowed: {inline} by a pragma in the text, {baseline} by the baseline"


def render(hook: str, report: Report, options: Namespace) -> Iterator[str]:
    """Yields the text of the report."""
    look = style.of(sys.stdout, getattr(options, "color", "auto"))
    clean = facts.scrubber(report, options, sys.stdout)
    for finding in report.findings:
        yield "\n".join(_block(hook, finding, clean, look)) + "\n"
    yield from (line + "\n" for line in _rest(hook, report, clean, look, options))


def _rest(hook: str, report: Report, clean: Scrubber, look: Style, options: Namespace) -> list[str]:
    """Returns the lines below the findings."""
    lines = []
    if report.findings:
        lines.append(f"What the rules mean, and how to allow a dummy: {rules.DOCS}rules.md")
    for check in report.checks:
        lines += _check(facts.cleaned_check(check, clean), look)
    lines += [printable(clean(message)) for message in report.messages]
    if hook in facts.CHECKING:
        return lines
    if getattr(options, "verbose", False):
        lines.append(_allowed(report))
    if not getattr(options, "quiet", False):
        skipped, failed = len(report.skipped), len(report.failures)
        lines.append(words.receipt(hook, report.scanned, len(report.findings), skipped, failed))
    return lines
