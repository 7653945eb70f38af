"""Files as they are on disk: paths in, one blob for each content, name and link target out."""
from __future__ import annotations

import os
import stat
import sys
from collections import deque
from collections.abc import Iterable
from collections.abc import Iterator

from pypi_token_hooks.model import Blob
from pypi_token_hooks.model import Place
from pypi_token_hooks.model import Unread
from pypi_token_hooks.sources import windows

STDIN = "-"
SYSTEM = ("/dev/", "/proc/")  # a link there can stand for an open pipe, as `/dev/stdin` and what a shell makes of `<(...)`
JUNCTIONS = os.name == "nt"  # whether what is told to be a folder may stand for another one, as pnpm makes them
_JUNCTION = 0xA0000003  # how Windows marks such a one
_FLAGS = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


def unreadable(path: str, error: OSError) -> Unread:
    """Returns the failure to read `path`, in the system's words."""
    return Unread(Place(path), "unreadable", error.strerror or type(error).__name__, expected=False)


def _entries(folder: str) -> Iterator[os.DirEntry[str] | Unread]:
    try:
        with os.scandir(folder) as entries:
            yield from entries
    except OSError as error:
        yield unreadable(folder, error)


def _is_folder(name: str) -> bool:
    try:
        return name != STDIN and stat.S_ISDIR(os.lstat(name).st_mode)
    except (OSError, ValueError):
        return False  # said when it is read


def _goes_deeper(entry: os.DirEntry[str]) -> bool:
    """Tells whether the entry is a folder, and no junction, which is a link; not every file system says so with its name."""
    try:
        is_folder = entry.is_dir(follow_symlinks=False)
        if not (is_folder and JUNCTIONS):
            return is_folder
        return getattr(entry.stat(follow_symlinks=False), "st_reparse_tag", 0) != _JUNCTION
    except OSError:
        return False  # said when it is read


def _walk(folders: deque[str], until: int | None = None) -> Iterator[str | Unread]:
    """Yields every entry below the folders that is no folder, whatever its name; links are not followed.

    It ends early where `until` folders are known that were not looked into: they are left.
    """
    while folders and (until is None or len(folders) < until):
        for entry in _entries(folders.popleft()):
            if isinstance(entry, Unread):
                yield entry
            elif _goes_deeper(entry):
                folders.append(entry.path)
            else:
                yield entry.path


def expand(names: Iterable[str | Unread]) -> Iterator[str | Unread]:
    """Yields the files that the names stand for: a folder is walked."""
    for name in names:
        if not isinstance(name, Unread) and _is_folder(name):
            yield from _walk(deque((name,)))
        else:
            yield name


def portions(names: Iterable[str | Unread], size: int, folders: int) -> list[list[str | Unread]]:
    """Returns the names in portions to be expanded apart: so many files each, or a folder.

    A folder is walked no further than it takes to have that many folders.
    """
    found: list[str | Unread] = []
    waiting: deque[str] = deque()
    for name in names:
        if not isinstance(name, Unread) and _is_folder(name):
            waiting.append(name)
        else:
            found.append(name)
    found.extend(_walk(waiting, folders))
    return [found[at : at + size] for at in range(0, len(found), size)] + [[folder] for folder in waiting]


def content(path: str) -> bytes | None:
    """Returns what a small regular file holds, or None where it is something else: `blobs` then says what it is.

    Nothing else is opened: a pipe would have a reader for a moment, and a device may act on it.
    """
    if path == STDIN:
        return None
    try:
        status = os.lstat(path)
        if not stat.S_ISREG(status.st_mode) or status.st_size >= windows.MAX_WHOLE:
            return None
        descriptor = os.open(path, _FLAGS)
    except (OSError, ValueError):
        return None
    try:
        data = os.read(descriptor, status.st_size + 1)
        return data if len(data) == status.st_size else None  # what grows or shrinks is read anew
    except OSError:
        return None
    finally:
        os.close(descriptor)


def _special(path: str) -> Unread:
    return Unread(Place(path), "unsupported", "a pipe, device or socket is not read")


def _linked(path: str) -> Iterator[Blob | windows.Big | Unread]:
    """Yields the content of the file that a link leads to."""
    if not os.path.isfile(path):
        yield Unread(Place(path), "unsupported", "a link that leads to no file")
        return
    with open(path, "rb", buffering=0) as stream:
        yield from windows.blobs(stream, Place(path))


def blobs(path: str, follow: bool = False) -> Iterator[Blob | windows.Big | Unread]:
    """Yields the name of one file and its content; where it is a link its target, or with `follow` what is there."""
    if path == STDIN:
        try:
            if sys.stdin is None:
                raise OSError(0, "it is closed")
            yield from windows.blobs(sys.stdin.buffer, Place("<stdin>"))
        except OSError as error:
            yield unreadable("<stdin>", error)
        return
    yield Blob(os.fsencode(path), Place(path, part="name"))
    try:
        mode = os.lstat(path).st_mode
        if stat.S_ISLNK(mode) and path.startswith(SYSTEM):
            yield _special(path)
        elif stat.S_ISLNK(mode) and follow:
            yield from _linked(path)
        elif stat.S_ISLNK(mode):
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
