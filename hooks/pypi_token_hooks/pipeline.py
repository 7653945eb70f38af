"""The order of the stages, and the one error boundary: blobs in, an exit code out."""
from __future__ import annotations

import os
import sys
from argparse import Namespace
from collections.abc import Callable
from collections.abc import Iterable

from pypi_token_hooks import model
from pypi_token_hooks import reports
from pypi_token_hooks import scanner
from pypi_token_hooks.model import Blob
from pypi_token_hooks.model import Report
from pypi_token_hooks.model import Unread


def exit_code(report: Report, strict: bool = False) -> int:
    """Returns 1 for findings, failed checks or mends, 2 for what could not be looked at, else 0."""
    if report.findings or any(check.severity == "error" for check in report.checks):
        return model.FOUND
    if strict and (report.skipped or report.checks):
        return model.FOUND
    if report.failures:
        return model.FAILED
    return model.FOUND if report.extra.get("mended") else model.CLEAN


def detect(hook: str, options: Namespace, blobs: Iterable[Blob | Unread]) -> Report:
    """Scans the blobs, drops what is allowed and returns the report."""
    return scanner.scan(blobs, scanner.settings(options))


def run(hook: str, options: Namespace, work: Callable[[], Report]) -> int:
    """Does the work, reports on it and returns the exit code; whatever goes wrong becomes one line and 2."""
    try:
        report = work()
        code = exit_code(report, options.strict)
        reports.emit(hook, report, options)
        return code
    except model.CheckFailed as error:
        reports.complain(hook, str(error))
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115 - nothing more can be said; keep the exit quiet
        return 141
    except Exception as error:  # the boundary: a bug must never pass for a clean run, nor print what it read
        reports.complain(hook, f"internal error ({type(error).__name__}); please report it")
    return model.FAILED
