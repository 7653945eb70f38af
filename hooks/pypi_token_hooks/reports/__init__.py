"""Findings in, text out: one module for each format. Nothing else prints, except for the last line of a clean run (`say`)."""
from __future__ import annotations

import itertools
import os
import sys
from argparse import Namespace
from contextlib import suppress
from importlib import import_module
from typing import TextIO

from pypi_token_hooks.model import CHECK
from pypi_token_hooks.model import CheckFailed
from pypi_token_hooks.model import Report
from pypi_token_hooks.model import Unread
from pypi_token_hooks.model import empty_report
from pypi_token_hooks.model import is_broken_pipe
from pypi_token_hooks.reports.scrub import Scrubber
from pypi_token_hooks.reports.scrub import encoding_of
from pypi_token_hooks.reports.scrub import of_machine
from pypi_token_hooks.reports.scrub import printable

FORMATS = {"text": "text", "json": "json_", "sarif": "sarif", "github": "github"}  # `--format` -> module
TOLD = 100  # lines on standard error about what was not read; the receipt counts them all
AT_ONCE = 256  # pieces of a report that are written together: hostile text has a million findings
PLAIN = str.maketrans({"…": "...", "›": ">"})  # for a terminal that has only ASCII


def _write(stream: TextIO | None, text: str) -> None:
    """Writes text in the encoding of the stream. Raises BrokenPipeError if nobody reads, CheckFailed for any other error."""
    if stream is None:
        return
    encoding = encoding_of(stream)
    try:
        text.encode(encoding)
    except UnicodeError:
        text = text.translate(PLAIN).encode(encoding, "backslashreplace").decode(encoding)
    try:
        stream.write(text)
        stream.flush()
    except OSError as error:
        _silence(stream)
        if is_broken_pipe(error):
            raise BrokenPipeError from None
        raise CheckFailed(f"the output cannot be written: {error.strerror}") from None


def _silence(stream: TextIO) -> None:
    """Redirects the stream to nowhere: at exit Python would complain of the text that is still in its buffer."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)


def say(text: str) -> None:
    """Prints text that holds nothing of what was scanned: the help, the version."""
    _write(sys.stdout, text)


def complain(hook: str, sentence: str, own: bool = True) -> None:
    """Says on standard error, in one line, why the check could not be made; with `own` this machine's credentials are hidden."""
    clean = Scrubber(of_machine() if own else (), encoding_of(sys.stderr))
    with suppress(BrokenPipeError, CheckFailed):  # where nobody reads, the exit code says it
        _write(sys.stderr, f"{hook}: {clean.command(sentence)}\n")


def _tell_aside(hook: str, report: Report, messages: list[str], options: Namespace) -> None:
    """Writes what was not looked at, and the messages, to standard error."""
    from pypi_token_hooks.reports import facts
    from pypi_token_hooks.reports import words

    clean = facts.scrubber(report, options, sys.stderr)
    lines = [f"{hook}: failed: {words.unread(item, clean)}\n" for item in report.failures]
    lines += [f"{hook}: not read: {words.unread(item, clean)}\n" for item in report.skipped]
    if len(lines) > TOLD:
        lines[TOLD:] = [f"{hook}: and {len(lines) - TOLD} more; --format json lists them all\n"]
    lines += [f"{hook}: {printable(clean(message))}\n" for message in messages]
    _write(sys.stderr, "".join(lines))


def _print(hook: str, report: Report, options: Namespace) -> None:
    chosen = import_module(f"pypi_token_hooks.reports.{FORMATS[options.format]}")
    pieces = chosen.render(hook, report, options)
    while text := "".join(itertools.islice(pieces, AT_ONCE)):
        _write(sys.stdout, text)


def emit(hook: str, report: Report, options: Namespace) -> None:
    """Prints the report in the format that the options ask for. Raises BrokenPipeError or CheckFailed."""
    messages = report.messages if options.format in ("json", "sarif") else []  # these two have no place for them
    if report.failures or report.skipped or messages:
        _tell_aside(hook, report, messages, options)
    _print(hook, report, options)


def emit_failure(hook: str, sentence: str, options: Namespace, own: bool) -> None:
    """Prints why there is no report in place of one, for the programs that read it; nothing as text, since people are told aside."""
    if options.format == "text":
        return
    report = empty_report()
    report.failures.append(Unread(CHECK, "failed", sentence, expected=False))
    with suppress(BrokenPipeError, CheckFailed):  # where nobody reads, the exit code says it
        _print(hook, report, Namespace(**{**vars(options), "no_own": not own}))
