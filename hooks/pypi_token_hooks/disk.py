"""The only module that writes to disk: it adds a line to a file, narrows permissions, makes a temporary folder."""
from __future__ import annotations

import codecs
import errno
import os
import tempfile
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from contextlib import suppress

OWNER_ONLY = 0o600


@contextmanager
def _locked(descriptor: int) -> Iterator[None]:
    """Makes other runs of this program wait, on file systems that have locks."""
    try:
        import fcntl
    except ImportError:  # Windows: two runs at once may both add the line there, which does no harm
        yield
        return
    with suppress(OSError):
        fcntl.flock(descriptor, fcntl.LOCK_EX)
    try:
        yield
    finally:
        with suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_UN)


def append_line(path: str, line: str, still_wanted: Callable[[], bool]) -> bool:
    """Adds a line to the end of a text file, with the line ending that the file uses; returns whether it did.

    The file and its folders are created if need be; a link is followed. It is a single write at the end of the file, so every
    byte, the mode, the owner and the links stay, and after a crash the file has the whole line or nothing of it. Of several runs
    at once only one adds the line: `still_wanted` is asked under a lock. Raises OSError.
    """
    path = os.path.realpath(path)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o644)
    with open(descriptor, "r+b", buffering=0) as stream, _locked(descriptor):
        if not still_wanted():
            return False
        text = stream.read()
        if text.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            raise OSError(errno.EILSEQ, "it is UTF-16, which git does not read; save it as UTF-8")
        last = text.rfind(b"\n")
        ending = b"\r\n" if text[:last].endswith(b"\r") else b"\n"
        added = (b"" if last + 1 == len(text) else ending) + line.encode("ascii") + ending
        if stream.write(added) != len(added):  # the disk is full
            stream.truncate(len(text))
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        os.fsync(descriptor)
    return True


def restrict(path: str) -> None:
    """Lets only the owner read and write the file; a link is followed."""
    os.chmod(os.path.realpath(path), OWNER_ONLY)


@contextmanager
def scratch_folder(*files: str) -> Iterator[str]:
    """Makes a temporary folder with these empty files; it is removed at the end."""
    with tempfile.TemporaryDirectory(prefix="pypi-token-hooks-", ignore_cleanup_errors=True) as folder:
        for name in files:
            path = os.path.join(folder, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT, OWNER_ONLY))
        yield folder
