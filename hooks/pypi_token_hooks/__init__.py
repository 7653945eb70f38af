"""Hooks that stop credentials for Python package indexes from leaving a machine through git."""
import os
import sys

__version__ = "1.0.0"


def say(line: str) -> bool:
    """Prints the line that ends a clean run; false where it cannot be written: the full check then tells why.

    It stands here because a clean run loads no module for it.
    """
    try:
        if sys.stdout is not None:
            sys.stdout.write(line)
            sys.stdout.flush()
    except OSError:
        return False
    return True


def leave(code: int) -> None:
    """Ends the process at once: taking the interpreter apart would cost more than a clean check does."""
    try:
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                stream.flush()
    except (OSError, ValueError):
        pass  # nobody reads any more; what there was to tell was told
    os._exit(code)
