"""What this commit changes: the index in, one blob for each changed content and name out, as the index has it.

The blobs are read by their object names, so no attribute, filter, textconv or work tree stands in between.
"""
from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from pypi_token_hooks import git
from pypi_token_hooks.model import Blob
from pypi_token_hooks.model import CheckFailed
from pypi_token_hooks.model import Place
from pypi_token_hooks.model import Unread
from pypi_token_hooks.sources import windows

LINK, SUBMODULE, NOTHING = "120000", "160000", "000000"
CONFLICT = "U"  # how git marks a path of which the index holds several versions
STDIN = "-"  # what a file of that name would be taken for


class Change(NamedTuple):
    """One path that the index holds otherwise than HEAD does; without a mode where a conflict is not solved."""

    path: str
    mode: str
    oid: str


def _base() -> str:
    """Returns HEAD, or the empty tree of the repository's own hash where there is no commit yet."""
    code, out, _ = git.ask(("rev-parse", "--verify", "--quiet", "HEAD^{commit}"))
    if code == 0:
        return out.decode("ascii").strip()
    return git.run(("hash-object", "-t", "tree", "--stdin")).decode("ascii").strip()


def _note_folder() -> None:
    """Leaves the folder that we are in, seen from the top, where git leaves it for a hook: paths begin at the top.

    Raises CheckFailed where nobody commits anything: a bare repository has neither a work tree nor an index.
    """
    bare, _, folder = git.text(git.run(("rev-parse", "--is-bare-repository", "--show-prefix"))).partition("\n")
    if bare == "true" and "GIT_INDEX_FILE" not in os.environ:
        raise CheckFailed(git.NO_WORK_TREE)
    folder = folder.removesuffix("\n")
    if folder:
        os.environ["GIT_PREFIX"] = folder


def changes(paths: Sequence[str] = ()) -> Iterator[Change]:
    """Yields what the index adds or alters; a deletion is nothing to look at."""
    _note_folder()  # says it best where there is no repository
    # `-r`, since newer versions of git tell a folder of a sparse index by its name alone
    arguments = ("diff-index", "--cached", "-r", "--raw", "-z", "--no-renames", "--no-abbrev", "--ignore-submodules=none",
                 _base(), "--", *(f":(literal){path}" for path in paths))  # fmt: skip
    fields = git.run(arguments).split(b"\0")
    for head, path in zip(fields[::2], fields[1::2], strict=False):
        _, mode, _, oid, status = head.decode("ascii").split(" ")
        if status == CONFLICT:
            yield Change(git.text(path), "", oid)
        elif mode not in (NOTHING, SUBMODULE):
            yield Change(git.text(path), mode, oid)


def _has_promises() -> bool:
    """Tells whether what is missing may be with the remote: as git has it, the settings say so and a pack came with promises."""
    from pypi_token_hooks.sources.history import packs  # what reads packs takes its time to load

    return git.is_partial() and bool(packs.files(git.location("objects"), ".promisor"))


def _lacking(path: str, has_promises: bool) -> Unread:
    """Returns what to tell of a content that is not here: a partial clone left it with its remote, or it got lost."""
    if has_promises:
        return Unread(Place(path), "limit", git.PARTIAL)
    return Unread(Place(path), "git", "the repository lacks this object", expected=False)


def blobs(paths: Sequence[str] = ()) -> Iterator[Blob | windows.Big | Unread]:
    """Yields the name and the content, or the link's target, of all that this commit adds or alters."""
    found, has_promises = list(changes(paths)), cache(_has_promises)
    if not found:
        return
    with git.objects() as repository:
        for change in found:
            yield Blob(os.fsencode(change.path), Place(change.path, part="name"))
            if not change.mode:
                yield Unread(Place(change.path), "git", "its conflict is not solved, and git commits nothing of it")
                continue
            if not change.oid.strip("0"):
                continue  # added with --intent-to-add: nothing of it is committed
            content = repository.meet(change.oid, windows.MAX_WHOLE)
            place = Place(change.path, part="link target" if change.mode == LINK else "content")
            if content is None:
                yield _lacking(change.path, has_promises())
            elif content.chunks:
                yield windows.Big(content.chunks, place)
            else:
                yield Blob(content.data, place)


def _is_behind_link(path: str, known: dict[str, bool]) -> bool:
    """Tells whether a folder above the path is a link: then git takes the file for deleted. `known` are folders, and whether."""
    folders = []
    folder = os.path.dirname(path)
    while folder not in known:
        folders.append(folder)
        folder = os.path.dirname(folder)
    is_linked = known[folder]
    for folder in reversed(folders):
        is_linked = known[folder] = is_linked or os.path.islink(folder)
    return is_linked


def _is_there(path: str) -> bool:
    """Tells whether there is something to read; what the system keeps from us is said when it is read."""
    try:
        return not stat.S_ISDIR(os.lstat(path).st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True


def tracked() -> list[str]:
    """Goes to the top of the work tree, and returns every tracked file of it that is there.

    A folder among them is a submodule: what is in it belongs to another repository.
    """
    top = git.text(git.run(("rev-parse", "--show-toplevel"))).removesuffix("\n")
    if not top:
        raise CheckFailed(git.NO_WORK_TREE)
    _note_folder()
    listed = dict.fromkeys(git.names(("ls-files", "-z", "--full-name", ":/")))
    os.chdir(top)  # last: what the environment tells git of its folders can begin where we were
    if STDIN in listed:
        listed[os.path.join(os.curdir, STDIN)] = listed.pop(STDIN)
    known = {"": False}
    return [path for path in listed if _is_there(path) and not _is_behind_link(path, known)]
