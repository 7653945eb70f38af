"""The changes of the commit being made: the index in, one blob for each changed content and name out.

Contents are read by the names of their objects, so no attribute, filter, textconv or work tree stands in between.
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
from pypi_token_hooks.model import as_text
from pypi_token_hooks.sources import windows
from pypi_token_hooks.sources.history.named import data_of
from pypi_token_hooks.sources.history.named import text

NOTHING = b"000000"  # the mode of a path that is deleted
CONFLICT = b"U"  # the status of a path of which the index holds several versions
STDIN = "-"  # the argument for standard input, for which a file of that name must not be taken


class Change(NamedTuple):
    """A path at which the index differs from HEAD. Its mode is empty where a conflict is not resolved."""

    path: str
    mode: bytes
    oid: str


def _base() -> str:
    """Returns the commit at HEAD, or where there is none yet the empty tree, in the repository's own hash."""
    # `git rev-parse` would take a branch or tag of that name where there is none yet
    code, out, _ = git.ask(("show-ref", "--verify", "--hash", "HEAD"))
    if code == 0:
        return out.decode("ascii").strip()
    return git.empty_tree()


def is_below() -> bool:
    """Tells whether the working directory is below the top of the work tree, where the paths here start.

    Raises CheckFailed in a bare repository, which has neither a work tree nor an index. Of all calls of git it is to be the first:
    it says it best where there is no repository.
    """
    bare, _, folder = git.fsdecode(git.run(("rev-parse", "--is-bare-repository", "--show-prefix"))).partition("\n")
    if bare == "true" and "GIT_INDEX_FILE" not in os.environ:
        raise CheckFailed(git.NO_WORK_TREE)
    return bool(folder.removesuffix("\n"))


def _literal(paths: Sequence[str]) -> Iterator[str]:
    """Yields the paths as pathspecs in which no sign is a pattern."""
    return (f":(literal){path}" for path in paths)


def changes(paths: Sequence[str] = ()) -> Iterator[Change]:
    """Yields the paths, those of submodules too, that the index adds or changes, not those that it deletes."""
    # `-r`, since newer versions of git tell a folder of a sparse index by its name alone
    arguments = ("diff-index", "--cached", "-r", "--raw", "-z", "--no-renames", "--no-abbrev", "--ignore-submodules=none",
                 _base(), "--", *_literal(paths))
    fields = git.run(arguments).split(b"\0")
    for head, path in zip(fields[::2], fields[1::2], strict=False):
        _, mode, _, oid, status = head.split(b" ")
        if status == CONFLICT:
            yield Change(text(path), b"", oid.decode("ascii"))
        elif mode != NOTHING:
            yield Change(text(path), mode, oid.decode("ascii"))


def _unknown(paths: Sequence[str]) -> Iterator[Unread]:
    """Yields the failure for each of these names that is a mistake: neither the disk, nor the index, nor HEAD has such a path.

    A runner may also name what the commit deletes or does not touch.
    """
    gone = [path for path in paths if not os.path.lexists(path)]
    if not gone:
        return
    which = ("ls-files", "-z", "--error-unmatch", f"--with-tree={_base()}", "--")

    def is_unknown(*paths: str) -> bool:
        code, _, err = git.ask((*which, *_literal(paths)))
        if code > 1:
            raise CheckFailed(git.sentence(which, err))
        return code == 1

    for path in gone if is_unknown(*gone) else ():  # mostly one question for all of them
        if is_unknown(path):
            yield Unread(Place(as_text(path)), "git", "it is neither in the index nor in HEAD nor on disk", expected=False)


def _lacking(path: str, is_partial: bool) -> Unread:
    """Returns what to report of a missing content: a partial clone left it at its remote, or it got lost."""
    if is_partial:
        return Unread(Place(path), "limit", git.PARTIAL)
    return Unread(Place(path), "git", "the repository lacks this object", expected=False)


def _name(path: str) -> Blob:
    return Blob(data_of(path), Place(path, part="name"))


def blobs(paths: Sequence[str] = ()) -> Iterator[Blob | windows.Big | Unread]:
    """Yields the name and the content (of a link the target) of everything that this commit adds or changes."""
    found, is_partial = list(changes(paths)), cache(git.is_partial)
    yield from _unknown(paths)
    if all(change.mode == git.SUBMODULE for change in found):  # or there is none: git is asked for no content
        yield from (_name(change.path) for change in found)
        return
    with git.objects() as repository:
        for change in found:
            yield _name(change.path)
            if change.mode == git.SUBMODULE:
                continue  # its files belong to another repository
            if not change.mode:
                yield Unread(Place(change.path), "git", "its conflict is not solved, and git commits nothing of it")
                continue
            if git.is_none(change.oid):
                continue  # added with --intent-to-add: its content is not committed
            try:
                content = repository.meet(change.oid, windows.MAX_WHOLE)
            except CheckFailed as error:
                yield Unread(Place(change.path), "git", str(error), expected=False)
                continue
            place = Place(change.path, part="link target" if change.mode == git.LINK else "content")
            yield _lacking(change.path, is_partial()) if content is None else windows.item(content, place)


def _is_behind_link(path: str, known: dict[str, bool]) -> bool:
    """Tells whether a folder above the path is a link; git takes such a file for deleted. `known` caches what folders are."""
    folders = []
    folder = os.path.dirname(path)
    while folder not in known:
        folders.append(folder)
        folder = os.path.dirname(folder)
    is_linked = known[folder]
    for folder in reversed(folders):
        is_linked = known[folder] = is_linked or os.path.islink(folder)
    return is_linked


def _kind(path: str) -> str:
    """Returns whether there is a `file` or a `folder`, or nothing. What the system does not tell, the attempt to read it will."""
    try:
        return "folder" if stat.S_ISDIR(os.lstat(path).st_mode) else "file"
    except (FileNotFoundError, NotADirectoryError):
        return ""
    except OSError:
        return "file"


def tracked() -> tuple[list[str], list[Blob]]:
    """Changes to the top of the work tree and returns every tracked file that exists there, and the names of the submodules.

    These are the folders among what is tracked: their files belong to another repository.
    """
    top = git.fsdecode(git.run(("rev-parse", "--show-toplevel"))).removesuffix("\n")
    if not top:
        raise CheckFailed(git.NO_WORK_TREE)
    listed = dict.fromkeys(git.names(("ls-files", "-z", "--full-name", ":/")))
    os.chdir(top)  # only after the calls of git: paths in GIT_* variables may be relative to the old working directory
    if STDIN in listed:
        listed[os.path.join(os.curdir, STDIN)] = listed.pop(STDIN)
    found: dict[str, list[str]] = {"file": [], "folder": []}
    known = {"": False}
    for path in listed:
        if (kind := _kind(path)) and not _is_behind_link(path, known):
            found[kind].append(path)
    return found["file"], [_name(as_text(path)) for path in found["folder"]]
