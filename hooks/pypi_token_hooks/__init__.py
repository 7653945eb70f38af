"""Hooks that stop credentials for Python package indexes from leaving a machine through git."""
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
