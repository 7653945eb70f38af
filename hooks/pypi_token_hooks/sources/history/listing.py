"""The objects of a repository, in the order in which they are stored, cut into parts of equal bytes."""
from __future__ import annotations

import os
import re
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import contextmanager
from contextlib import suppress
from typing import NamedTuple

from pypi_token_hooks import git

COST = 512  # bytes: what an object costs besides its content
_FIRSTS = [f"{number:02x}" for number in range(256)]  # folders of loose objects
_REST = re.compile(r"[0-9a-f]{38}([0-9a-f]{24})?")
_FORMAT = "--batch-check=%(objectname) %(objectsize)"


class Entry(NamedTuple):
    """One object."""

    oid: str
    size: int


def _entries(listed: bytes) -> list[Entry]:
    fields = listed.decode("ascii", "replace").split()
    # what is missing or damaged has no size; that is told when its content is asked for
    sizes = [int(field) if field.isdigit() else 0 for field in fields[1::2]]
    return list(map(Entry, fields[::2], sizes))


def everything(cwd: str | None = None) -> list[Entry]:
    """Returns every object of the repository, reached or not, those of one pack beside each other."""
    return _entries(git.run(("cat-file", "--batch-all-objects", "--unordered", "--buffer", _FORMAT), cwd))


def _size(file: os.DirEntry[str]) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return 0  # that it cannot be read is told when its content is asked for


def loose(folder: str) -> list[Entry]:
    """Returns the objects that are files of their own below the folder of the objects; `closed` tells what cannot be listed."""
    found = []
    for first in _FIRSTS:
        with suppress(OSError), os.scandir(os.path.join(folder, first)) as files:
            found += [Entry(first + file.name, _size(file)) for file in files if _REST.fullmatch(file.name)]
    return found


def closed(folder: str) -> list[str]:
    """Returns this folder, or those below it, that nobody lets us read: git passes over such ones of objects or refs in silence."""
    folders = [folder, *(os.path.join(above, name) for above, names, _ in os.walk(folder) for name in names)]
    return [path for path in folders if os.path.isdir(path) and not os.access(path, os.R_OK | os.X_OK)]


def of(revisions: Sequence[str], cwd: str | None = None) -> list[Entry]:
    """Returns the objects that the revisions reach, as `git rev-list` understands them, and that are here."""
    arguments = ("rev-list", "--objects", "--no-object-names", "--missing=allow-any", "--end-of-options", *revisions, "--")
    return _entries(git.run(("cat-file", "--buffer", _FORMAT), cwd, git.run(arguments, cwd)))


def selected(revisions: Sequence[str]) -> list[str]:
    """Returns the revisions, of which `--all` is an option, as git takes them: one that looks like an option or a file is none."""
    every = [revision for revision in revisions if revision == "--all"]
    return [*every, "--end-of-options", *(revision for revision in revisions if revision != "--all"), "--"]


@contextmanager
def missing(revisions: Sequence[str], cwd: str | None = None) -> Iterator[Callable[[], list[str]]]:
    """Looks, meanwhile, for the objects to which the revisions lead and which the repository lacks; the function waits for them."""
    with git.meanwhile(("rev-list", "--objects", "--quiet", "--missing=print", *selected(revisions)), cwd) as printed:
        yield lambda: [line[1:] for line in printed().decode("ascii").split() if line.startswith("?")]


def parts(entries: Sequence[Entry], count: int) -> list[Sequence[Entry]]:
    """Returns the entries in at most `count` runs of about equal cost."""
    total = sum(entry.size + COST for entry in entries)
    share = total // count + 1
    found, start, cost = [], 0, 0
    for number, entry in enumerate(entries):
        cost += entry.size + COST
        if cost >= share:
            found.append(entries[start : number + 1])
            start, cost = number + 1, 0
    if start < len(entries):
        found.append(entries[start:])
    return found
