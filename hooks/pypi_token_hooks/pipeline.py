"""The order of the stages, and the one error boundary: blobs in, an exit code out."""
from __future__ import annotations

import os
import sys
from argparse import Namespace
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator

from pypi_token_hooks import examination
from pypi_token_hooks import harvest
from pypi_token_hooks import model
from pypi_token_hooks import parallel
from pypi_token_hooks import reports
from pypi_token_hooks.examination import Settings
from pypi_token_hooks.model import Blob
from pypi_token_hooks.model import Report
from pypi_token_hooks.model import Unread
from pypi_token_hooks.sources import files
from pypi_token_hooks.sources import windows

BATCH = 64  # files a process takes at once: few enough that the cores finish together
MAX_BATCHES = 1 << 14  # what the queue between the processes holds
FORK_FROM = 256  # files: below, a second process costs more than it saves


def settings(options: Namespace, file_names: bool = False) -> Settings:
    """Returns what the scan needs to know: this machine's own credentials, and what is allowed.

    With `file_names` a file named like `.pypirc` is a finding whatever it holds.
    """
    own = () if options.no_own else harvest.own_credentials(os.environ, os.path.expanduser("~"))
    return examination.settings(own, options.baseline, file_names)


def scan(blobs: Iterable[Blob | windows.Big | Unread], known: Settings) -> Report:
    """Examines the blobs one after the other."""
    report = model.empty_report()
    for item in blobs:
        if isinstance(item, Unread):
            (report.skipped if item.expected else report.failures).append(item)
            continue
        if isinstance(item, windows.Big):
            examination.examine_big(item, known, report)
            continue
        if item.place.part == "content" and item.base == 0:
            report.scanned["files"] += 1
        report.scanned["bytes"] += len(item.data)
        if known.file_names and item.place.part == "name":
            examination.examine_name(item, known, report)
        if known.ask.worth_reading(item.data):
            examination.examine(item, known, report)
    return report


def _scan_files(paths: list[str], numbers: Iterator[int], size: int, known: Settings) -> Report:
    """Scans the batches of files whose numbers come in; a file without an anchor is only counted."""
    report = model.empty_report()
    read = files.Reader()
    for number in numbers:
        batch = paths[number * size : (number + 1) * size]
        names_are_clean = not known.ask.worth_reading(os.fsencode("\0".join(batch)))
        for path in batch:
            data = read(path) if names_are_clean else None
            if data is not None and not known.ask.worth_reading(data):
                report.scanned["files"] += 1
                report.scanned["bytes"] += len(data)
            else:
                merge(report, scan(files.blobs(path), known))
    return report


def merge(report: Report, other: Report) -> None:
    """Adds what `other` says to `report`."""
    report.findings.extend(other.findings)
    report.skipped.extend(other.skipped)
    report.failures.extend(other.failures)
    report.checks.extend(other.checks)
    report.messages.extend(other.messages)
    for counts, more in ((report.scanned, other.scanned), (report.allowed, other.allowed)):
        for key, value in more.items():
            counts[key] += value


def scan_files(names: Iterable[str | Unread], known: Settings) -> Report:
    """Scans files and folders on every core; findings come in the order of their paths."""
    report = model.empty_report()
    paths = []
    for name in files.expand(names):
        if isinstance(name, Unread):
            report.failures.append(name)
        else:
            paths.append(name)
    size = max(BATCH, -(-len(paths) // MAX_BATCHES))
    processes = None if len(paths) >= FORK_FROM else 1
    for part in parallel.over_cores(
        -(-len(paths) // size), lambda numbers: _scan_files(paths, numbers, size, known), processes
    ):
        merge(report, part)
    report.findings.sort(key=lambda finding: (finding.place.path, finding.line, finding.column))
    return report


def exit_code(report: Report, strict: bool = False) -> int:
    """Returns 1 for findings, failed checks or mends, 2 for what could not be looked at, else 0."""
    if report.findings or any(check.severity == "error" for check in report.checks):
        return model.FOUND
    if strict and (report.skipped or report.checks):
        return model.FOUND
    if report.failures:
        return model.FAILED
    return model.FOUND if report.extra.get("mended") else model.CLEAN


def run(hook: str, options: Namespace, work: Callable[[], Report]) -> int:
    """Does the work, reports on it and returns the exit code; whatever goes wrong becomes one line and 2."""
    try:
        report = work()
        reports.emit(hook, report, options)
        return exit_code(report, options.strict)
    except model.CheckFailed as error:
        reports.complain(hook, str(error))
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115 - nobody listens any more: end quietly
        return 141
    except Exception as error:  # the boundary: a bug must never pass for a clean run, nor print what it read
        reports.complain(hook, f"internal error ({type(error).__name__}); please report it")
    return model.FAILED


def detect(hook: str, options: Namespace, blobs: Iterable[Blob | windows.Big | Unread]) -> int:
    """Scans the blobs and returns the exit code."""
    return run(hook, options, lambda: scan(blobs, settings(options)))
