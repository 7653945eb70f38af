"""Files on disk: paths in, one blob for each content, name and link target out."""
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
from pypi_token_hooks.model import as_text
from pypi_token_hooks.sources import windows

STDIN = "-"
SYSTEM = ("/dev/", "/proc/")  # a link there may lead to an open pipe: `/dev/stdin`, or what a shell makes of `<(...)`
JUNCTIONS = os.name == "nt"  # whether a folder may be a junction, which is a link to another folder (pnpm makes them)
_JUNCTION = 0xA0000003  # IO_REPARSE_TAG_MOUNT_POINT of Windows
_FLAGS = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


def unreadable(path: str, error: OSError) -> Unread:
    """Returns the failure to read `path`, with the system's message."""
    return Unread(Place(as_text(path)), "unreadable", error.strerror or type(error).__name__, expected=False)


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
    """Tells whether the entry is a folder and no junction. On some file systems that takes another system call, which may fail."""
    try:
        is_folder = entry.is_dir(follow_symlinks=False)
        if not (is_folder and JUNCTIONS):
            return is_folder
        return getattr(entry.stat(follow_symlinks=False), "st_reparse_tag", 0) != _JUNCTION
    except OSError:
        return False  # said when it is read


def _walk(folders: deque[str], until: int | None = None) -> Iterator[str | Unread]:
    """Yields every entry below the folders that is no folder, whatever its name. Links are not followed.

    With `until` it stops as soon as so many folders wait to be walked. Those are then left in `folders`.
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
    """Yields the names, and in place of each that is a folder the files below it."""
    for name in names:
        if not isinstance(name, Unread) and _is_folder(name):
            yield from _walk(deque((name,)))
        else:
            yield name


def portions(names: Iterable[str | Unread], size: int, folders: int) -> list[list[str | Unread]]:
    """Returns the names, each once, in portions that can be expanded independently: each has `size` files, or one folder.

    Folders are walked only until there are `folders` of them to hand out.
    """
    found: list[str | Unread] = []
    waiting: deque[str] = deque()
    for name in dict.fromkeys(names):
        if not isinstance(name, Unread) and _is_folder(name):
            waiting.append(name)
        else:
            found.append(name)
    found.extend(_walk(waiting, folders))
    return [found[at : at + size] for at in range(0, len(found), size)] + [[folder] for folder in waiting]


def content(path: str) -> bytes | None:
    """Returns the content of a small regular file; None for anything else, which `blobs` then reads or reports.

    Nothing else is opened: a pipe would get a reader for a moment, and a device may act on being opened.
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
        return data if len(data) == status.st_size else None  # it grows or shrinks meanwhile
    except OSError:
        return None
    finally:
        os.close(descriptor)


def _special(path: str) -> Unread:
    return Unread(Place(as_text(path)), "unsupported", "a pipe, device or socket is not read")


def _linked(path: str) -> Iterator[Blob | windows.Big | Unread]:
    """Yields the content of the file to which a link leads."""
    if not os.path.isfile(path):
        yield Unread(Place(as_text(path)), "unsupported", "a link that leads to no file")
        return
    with open(path, "rb", buffering=0) as stream:
        yield from windows.blobs(stream, Place(as_text(path)))


def blobs(path: str, follow: bool = False) -> Iterator[Blob | windows.Big | Unread]:
    """Yields the name of a file and its content. Of a link it yields the target, or with `follow` the content of the file there."""
    if path == STDIN:
        try:
            if sys.stdin is None:
                raise OSError(0, "it is closed")
            yield from windows.blobs(sys.stdin.buffer, Place("<stdin>"))
        except OSError as error:
            yield unreadable("<stdin>", error)
        return
    yield Blob(os.fsencode(path), Place(as_text(path), part="name"))
    try:
        mode = os.lstat(path).st_mode
        if stat.S_ISLNK(mode) and path.startswith(SYSTEM):
            yield _special(path)
        elif stat.S_ISLNK(mode) and follow:
            yield from _linked(path)
        elif stat.S_ISLNK(mode):
            yield Blob(os.fsencode(os.readlink(path)), Place(as_text(path), part="link target"))
        elif stat.S_ISDIR(mode):
            return  # a submodule: its files belong to another repository
        elif not stat.S_ISREG(mode):
            yield _special(path)
        else:
            with open(os.open(path, _FLAGS), "rb", buffering=0) as stream:
                yield from windows.blobs(stream, Place(as_text(path)))
    except (OSError, ValueError) as error:
        yield unreadable(path, error if isinstance(error, OSError) else OSError(0, "not a file name"))
