"""A repository in, the names and sizes of its objects out, in the order of storage and in parts of equal cost."""
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

COST = 512  # bytes: the cost of an object besides its content, in the unit of that
_FIRSTS = [f"{number:02x}" for number in range(256)]  # folders of loose objects
_REST = re.compile(r"[0-9a-f]{38}([0-9a-f]{24})?")
_FORMAT = "--batch-check=%(objectname) %(objectsize)"


class Entry(NamedTuple):
    """The name of an object, and the size of its content in bytes (of a loose one, that of its file)."""

    oid: str
    size: int


def _entries(listed: bytes) -> list[Entry]:
    fields = listed.decode("ascii", "replace").split()
    # a missing or damaged object has no size here; it is reported when its content is asked for
    sizes = [int(field) if field.isdigit() else 0 for field in fields[1::2]]
    return list(map(Entry, fields[::2], sizes))


def everything() -> list[Entry]:
    """Returns every object of the repository, reachable or not; those of one pack are neighbours."""
    return _entries(git.run(("cat-file", "--batch-all-objects", "--unordered", "--buffer", _FORMAT)))


def _size(file: os.DirEntry[str]) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return 0  # it cannot be read, which is reported when its content is asked for


def loose(folder: str) -> list[Entry]:
    """Returns the loose objects below the folder of the objects. Folders that cannot be listed are left to `closed`."""
    found = []
    for first in _FIRSTS:
        with suppress(OSError), os.scandir(os.path.join(folder, first)) as files:
            found += [Entry(first + file.name, _size(file)) for file in files if _REST.fullmatch(file.name)]
    return found


def closed(folder: str) -> list[str]:
    """Returns those of this folder and the folders below that this user may not read. git silently skips such folders."""
    folders = [folder, *(os.path.join(above, name) for above, names, _ in os.walk(folder) for name in names)]
    return [path for path in folders if os.path.isdir(path) and not os.access(path, os.R_OK | os.X_OK)]


def of(revisions: Sequence[str]) -> list[Entry]:
    """Returns the objects that the revisions reach, as `git rev-list` understands them, except those that are missing."""
    arguments = ("rev-list", "--objects", "--no-object-names", "--missing=allow-any", "--end-of-options", *revisions, "--")
    return _entries(git.run(("cat-file", "--buffer", _FORMAT), feed=git.run(arguments)))


def selected(revisions: Sequence[str]) -> list[str]:
    """Returns the revisions as arguments of git. `--all` stays an option; any other is a revision, however it looks."""
    every = [revision for revision in revisions if revision == "--all"]
    return [*every, "--end-of-options", *(revision for revision in revisions if revision != "--all"), "--"]


@contextmanager
def missing(revisions: Sequence[str], is_partial: bool) -> Iterator[Callable[[], list[str]]]:
    """Lets git look, in the background, for missing objects that the revisions reach; gives out a function that waits for them.

    In a partial clone that function raises CheckFailed for an object that the remote does not have either.
    """
    how = "--missing=allow-promisor" if is_partial else "--missing=print"
    with git.meanwhile(("rev-list", "--objects", "--quiet", how, *selected(revisions))) as printed:
        yield lambda: [line[1:] for line in printed().decode("ascii").split() if line.startswith("?")]


def parts(entries: Sequence[Entry], count: int) -> list[Sequence[Entry]]:
    """Returns the entries in at most `count` runs of neighbours, of about equal cost."""
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
