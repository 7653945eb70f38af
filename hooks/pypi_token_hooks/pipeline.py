"""The order of the stages, and the error boundary: blobs in, an exit code out."""
from __future__ import annotations

import os
from argparse import Namespace
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator

from pypi_token_hooks import engine
from pypi_token_hooks import examination
from pypi_token_hooks import harvest
from pypi_token_hooks import model
from pypi_token_hooks import reports
from pypi_token_hooks.examination import Settings
from pypi_token_hooks.model import Blob
from pypi_token_hooks.model import Report
from pypi_token_hooks.model import Unread
from pypi_token_hooks.sources import files
from pypi_token_hooks.sources import windows

BATCH = 64  # files that a process takes at a time: few, so that all cores finish together
FOLDERS = 2048  # folders, of which each is walked by the process that reads it: many, so that none is a large part of the work
FORK_FROM = 256  # files: for fewer a second process costs more than it saves


def settings(options: Namespace, file_names: bool = False, versions: bool = False) -> Settings:
    """Returns the settings of a scan, with this machine's own credentials unless `--no-own`. Raises CheckFailed for a bad baseline.

    With `file_names` a file named like `.pypirc` is a finding whatever it contains. With `versions` the scan is one of a history,
    which has many versions of each file.
    """
    listed = None
    if options.baseline is not None:
        from pypi_token_hooks.policy import baseline

        baseline.read(options.baseline)  # a broken one is reported even where nothing is found
        listed = os.path.realpath(options.baseline)  # a scan of all files leaves this working directory
    own = () if options.no_own else harvest.own_credentials(os.environ, os.path.expanduser("~"))
    return examination.settings(own, listed, file_names, versions)


def scan(blobs: Iterable[Blob | windows.Big | Unread], known: Settings) -> Report:
    """Scans blobs one after the other; only those with an anchor are examined."""
    report = model.empty_report()
    for item in blobs:
        if isinstance(item, Unread):
            (report.skipped if item.expected else report.failures).append(item)
            continue
        if isinstance(item, windows.Big):
            examination.examine_big(item, known, report)
            continue
        if item.place.part in ("content", "link target"):
            report.scanned["files"] += 1
        if item.place.part != "name":
            report.scanned["bytes"] += len(item.data)
        if known.file_names and item.place.part == "name":
            examination.examine_name(item, report)
        if known.ask.worth_reading(item.data):
            examination.examine(item, known, report)
    return report


def _count(data: bytes, report: Report) -> None:
    """Counts a file that is not worth reading."""
    report.scanned["files"] += 1
    report.scanned["bytes"] += len(data)


def _scan_batch(paths: list[str], known: Settings, report: Report, follow: bool) -> None:
    """Scans files; one without an anchor in its name and content is only counted."""
    worth_reading, small = known.ask.worth_reading, dict[str, bytes]()
    names_are_clean = not known.file_names and not worth_reading(os.fsencode("\0".join(paths)))
    for path in paths:
        is_clean = names_are_clean or not (known.file_names or worth_reading(os.fsencode(path)))
        data = files.content(path) if is_clean else None
        if data is not None and len(data) < engine.SMALL:
            small[path] = data
        elif data is None or worth_reading(data):
            examination.merge(report, scan(files.blobs(path, follow), known))
        else:
            _count(data, report)
    are_clean = not known.ask.any_worth_reading(small.values())
    for path, data in small.items():
        if are_clean or not worth_reading(data):
            _count(data, report)
        else:
            examination.merge(report, scan(files.blobs(path, follow), known))


def _scan_portion(portion: list[str | Unread], known: Settings, report: Report, follow: bool) -> None:
    """Scans the files of a portion, and those in its folders."""
    batch: list[str] = []
    for path in files.expand(portion):
        if isinstance(path, Unread):
            report.failures.append(path)
            continue
        batch.append(path)
        if len(batch) == BATCH:
            _scan_batch(batch, known, report, follow)
            batch.clear()
    if batch:
        _scan_batch(batch, known, report, follow)


def scan_files(
    paths: Iterable[str | Unread], known: Settings, follow: bool = False, names: Iterable[Blob] = ()
) -> Report:
    """Scans files and folders on all cores; the findings are sorted by path. With `follow`, what links to files lead to, too.

    `names` are those of things of which nothing else is to be read.
    """
    portions = files.portions(paths, BATCH, FOLDERS)

    def work(numbers: Iterator[int]) -> Report:
        report = model.empty_report()
        for number in numbers:
            _scan_portion(portions[number], known, report, follow)
        return report

    if len(portions) * BATCH < FORK_FROM:
        report = work(iter(range(len(portions))))
    else:
        from pypi_token_hooks import parallel  # slow to import, and not needed for a commit

        report = model.empty_report()
        for part in parallel.over_cores(len(portions), work):
            examination.merge(report, part)
    examination.merge(report, scan(names, known))
    report.findings.sort(key=lambda finding: (finding.place.path, finding.line, finding.column))
    return report


def exit_code(report: Report, strict: bool) -> int:
    """Returns 1 for findings, failed checks or mends, 2 for failures alone, else 0. `strict` counts what was skipped, too."""
    if report.findings or any(check.severity == "error" for check in report.checks):
        return model.FOUND
    if strict and (report.skipped or report.checks):
        return model.FOUND
    if report.failures:
        return model.FAILED
    return model.FOUND if report.extra.get("mended") else model.CLEAN


def run(hook: str, options: Namespace, work: Callable[[], Report]) -> int:
    """Does the work, prints the report and returns the exit code. Any error becomes one line on standard error and exit code 2."""
    report = None
    try:
        report = work()
        reports.emit(hook, report, options)
        return exit_code(report, options.strict)
    except model.CheckFailed as error:
        sentence, own = str(error), not getattr(options, "no_own", False)
    except BrokenPipeError:  # nobody reads the report any more: end quietly
        return model.UNHEARD
    except Exception as error:  # the error boundary: a bug must neither pass for a clean run nor print what was read
        sentence, own = model.bug(error), False
    reports.complain(hook, sentence, own)
    if report is None:
        reports.emit_failure(hook, sentence, options, own)
    return model.FAILED
