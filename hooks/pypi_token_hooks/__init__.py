"""Hooks that stop credentials for Python package indexes from leaving a machine through git."""
import os
import sys

TYPE_CHECKING = False  # a type checker takes it for true
if TYPE_CHECKING:
    from collections.abc import Callable

__version__ = "1.0.0"
INTERRUPTED = 130  # what a shell makes of a program that Ctrl-C ended


def in_ci() -> bool:
    """Tells whether this runs in CI: CI systems set the variable CI."""
    return os.environ.get("CI", "").lower() not in ("", "0", "false")


def say(line: str) -> bool:
    """Prints the line that ends a clean run. Returns False where it cannot be written: the full check then tells why.

    It stands here so that a clean run loads no further module for it.
    """
    try:
        if sys.stdout is not None:
            sys.stdout.write(line)
            sys.stdout.flush()
    except OSError:
        return False
    return True


def _flush() -> None:
    try:
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                stream.flush()
    except (OSError, ValueError):
        pass  # nobody reads the output any more, and the report was complete


def _tell(error: Exception) -> int:
    """Prints one line on an unexpected error to standard error; returns the exit code."""
    from pypi_token_hooks.model import FAILED
    from pypi_token_hooks.model import bug

    try:
        if sys.stderr is not None:
            sys.stderr.write(f"pypi-token-hooks: {bug(error)}\n")
            sys.stderr.flush()
    except OSError:
        pass  # nobody reads any more
    return FAILED


def leave(main: "Callable[[], int]") -> None:
    """Calls a hook and ends the process with its exit code; after Ctrl-C it ends quietly, with INTERRUPTED.

    `os._exit` skips the interpreter's own shutdown, which takes longer than a clean check. Errors of the full check are handled
    in `pipeline.run`; only those of a quick check arrive here.
    """
    try:
        code = main()
        _flush()
    except KeyboardInterrupt:
        code = INTERRUPTED
    except Exception as error:
        code = _tell(error)
    os._exit(code)
