"""Files as they are on disk: paths in, one blob for each content, name and link target out."""
from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterable
from collections.abc import Iterator

from pypi_token_hooks.model import Blob
from pypi_token_hooks.model import Place
from pypi_token_hooks.model import Unread
from pypi_token_hooks.sources import windows

STDIN = "-"
_FLAGS = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


def paths_below(folder: str) -> Iterator[str | Unread]:
    """Yields every entry below `folder` that is no folder, whatever its name; links are not followed."""
    waiting = [folder]
    while waiting:
        current = waiting.pop()
        try:
            with os.scandir(current) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
                    else:
                        yield entry.path
        except OSError as error:
            yield unreadable(current, error)


def unreadable(path: str, error: OSError) -> Unread:
    """Returns the failure to read `path`, in the system's words."""
    return Unread(Place(path), "unreadable", error.strerror or type(error).__name__, expected=False)


def expand(names: Iterable[str | Unread]) -> Iterator[str | Unread]:
    """Yields the files that the names stand for: a folder is walked."""
    for name in names:
        if isinstance(name, Unread):
            yield name
            continue
        try:
            is_folder = name != STDIN and stat.S_ISDIR(os.lstat(name).st_mode)
        except (OSError, ValueError):
            is_folder = False  # said when it is read
        if is_folder:
            yield from paths_below(name)
        else:
            yield name


class Reader:
    """Reads small regular files into one buffer that is used again: twice as fast as new bytes for each.

    Called with a path it returns the content, valid until the next call, or None where the file is big, is no
    regular file or cannot be read: `blobs` then says what it is.
    """

    def __init__(self) -> None:
        self._buffer = bytearray(windows.MAX_WHOLE)
        self._view = memoryview(self._buffer)

    def __call__(self, path: str) -> memoryview | None:
        try:
            descriptor = os.open(path, _FLAGS)
        except (OSError, ValueError):
            return None
        try:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                return None
            size = 0
            while got := os.readv(descriptor, (self._view[size:],)):
                size += got
            return self._view[:size] if size < len(self._buffer) else None
        except OSError:
            return None
        finally:
            os.close(descriptor)


def _special(path: str) -> Unread:
    return Unread(Place(path), "unsupported", "a pipe, device or socket is not read")


def blobs(path: str) -> Iterator[Blob | windows.Big | Unread]:
    """Yields the name of one file and its content, or its target where it is a link."""
    if path == STDIN:
        yield from windows.blobs(sys.stdin.buffer, Place("<stdin>"))
        return
    yield Blob(os.fsencode(path), Place(path, part="name"))
    try:
        mode = os.lstat(path).st_mode
        if stat.S_ISLNK(mode):
            yield Blob(os.fsencode(os.readlink(path)), Place(path, part="link target"))
        elif stat.S_ISDIR(mode):
            return  # a submodule: its files belong to another repository
        elif not stat.S_ISREG(mode):
            yield _special(path)
        else:
            with open(os.open(path, _FLAGS), "rb", buffering=0) as stream:
                yield from windows.blobs(stream, Place(path))
    except (OSError, ValueError) as error:
        yield unreadable(path, error if isinstance(error, OSError) else OSError(0, "not a file name"))
