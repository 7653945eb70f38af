"""The only module that starts a program: git, asked in such a way that no repository can run code or open a connection."""
from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import contextmanager
from contextlib import suppress
from typing import IO
from typing import NamedTuple

from pypi_token_hooks.model import CheckFailed
from pypi_token_hooks.model import is_broken_pipe

# Variables of git that are handed on: they tell a hook which repository and commit it is called for, and who commits.
_KEPT = (
    "GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY", "GIT_QUARANTINE_PATH",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_NAMESPACE", "GIT_CEILING_DIRECTORIES", "GIT_PREFIX",
    "GIT_DISCOVERY_ACROSS_FILESYSTEM", "GIT_EXEC_PATH",
)
_KEPT_BEGINNINGS = ("GIT_CONFIG_", "GIT_AUTHOR_", "GIT_COMMITTER_")  # not GIT_CONFIG itself: it affects `git config` alone
_SET = {"GIT_NO_LAZY_FETCH": "1", "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C",
        "GIT_NO_REPLACE_OBJECTS": "1", "GIT_PROTOCOL_FROM_USER": "0", "GIT_ALLOW_PROTOCOL": "",
        "GIT_GRAFT_FILE": "/dev/null/none"}  # a path at which no file can be: git warns of one that exists
# switches off the settings by which a repository can name a program or open a connection; and asks git for UTF-8, and for dates
# that no setting changes, or makes it fail at
_SAFE = ("-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-c", "core.untrackedCache=false",
         "-c", "protocol.allow=never", "-c", "i18n.logOutputEncoding=UTF-8", "-c", "log.date=default")
FOLDER, LINK, SUBMODULE = b"40000", b"120000", b"160000"  # modes of entries in trees and in the index
NO_REPOSITORY = "this is not a git repository"
NO_WORK_TREE = "there is no work tree here; name a folder, or use detect-pypi-token-in-history"
PARTIAL = "this clone is partial: what was not downloaded was not looked at"
_PIPE = 1 << 20  # bytes of a pipe on Linux, whose default is 64 KiB: fewer switches between git and this process
# Bounds on git's memory, part of which are mapped packs. There may be one process of the first kind on each core.
_SMALL = ("-c", "core.deltaBaseCacheLimit=48m", "-c", "core.packedGitWindowSize=8m", "-c", "core.packedGitLimit=32m")
_ALONE = ("-c", "core.deltaBaseCacheLimit=48m", "-c", "core.packedGitWindowSize=1m", "-c", "core.packedGitLimit=128m")


# A parent that ignores the end of its children hands that down. The system then keeps no exit codes, and all of git's read as 0.
if hasattr(signal, "SIGCHLD") and signal.getsignal(signal.SIGCHLD) is signal.SIG_IGN:
    with suppress(ValueError):  # in a thread that is not the main one
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)


class Met(NamedTuple):
    """One object that git was asked for, or met on a walk."""

    oid: str
    kind: str  # blob, tree, commit, tag; empty where the repository lacks it
    path: bytes = b""  # on which the walk first came to it
    data: bytes = b""
    chunks: Iterator[bytes] | None = None  # the content if it is too big for `data`; to be read before the next object


def environment(elsewhere: bool = False) -> dict[str, str]:
    """Returns the environment for git: ours without those GIT_* variables that would change its answers.

    With `elsewhere` it does not name the repository that a hook was called for either.
    """
    names = () if elsewhere else _KEPT
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("GIT_") or name in names or name.startswith(_KEPT_BEGINNINGS)
    }
    return {**kept, **_SET}


def sentence(arguments: Sequence[str], stderr: bytes) -> str:
    """Returns one sentence on a failure of git: its first error message, or a clearer one for a known failure."""
    lines = [line for line in stderr.decode("utf-8", "replace").splitlines() if line.strip()]
    said = next((line for line in lines if line.startswith(("fatal:", "error:"))), lines[0] if lines else "")
    if "not a git repository" in said:
        return NO_REPOSITORY
    if "must be run in a work tree" in said:
        return NO_WORK_TREE
    if "dubious ownership" in said:
        trust = "".join(f"; if you do: {line.strip()}" for line in lines if line.strip().startswith("git config "))
        return f"git does not trust this repository, which belongs to somebody else (git: dubious ownership){trust}"
    if "unknown option" in said or said.startswith(("usage: ", "fatal: unrecognized argument")):
        return f"git {arguments[0]} does not know an option that is needed here: a newer git does"
    if said.endswith(":"):  # what it speaks of is on the lines below, as the extension of a repository that git does not know
        said = " ".join([said, *(line.strip() for line in lines[lines.index(said) + 1 :])])
    return f"git {arguments[0]} failed: {said.removeprefix('fatal: ').removeprefix('error: ') or 'no reason given'}"


def program() -> str:
    """Returns the path of git, found in the folders of the PATH and never in the working directory.

    A repository may contain a program called `git`, which Windows would take first. Raises CheckFailed.
    """
    name = "git.exe" if os.name == "nt" else "git"
    for folder in os.get_exec_path():
        path = os.path.join(folder, name)
        if os.path.isabs(path) and os.access(path, os.X_OK) and os.path.isfile(path):
            return path
    raise CheckFailed("git is not on the PATH")


def _start(
    arguments: Sequence[str], cwd: str | None = None, elsewhere: bool = False, stderr: int = subprocess.PIPE,
    stdin: int | IO[bytes] | None = subprocess.PIPE, memory: Sequence[str] = _SMALL,
) -> subprocess.Popen[bytes]:
    """Starts git. Raises CheckFailed where it cannot be started."""
    try:
        return subprocess.Popen(  # noqa: S603 - a fixed program, and no shell
            (program(), *_SAFE, *memory, *arguments), cwd=cwd, env=environment(elsewhere), bufsize=-1,
            stdin=stdin, stdout=subprocess.PIPE, stderr=stderr,
        )
    except FileNotFoundError:
        if cwd is not None and not os.path.isdir(cwd):
            raise CheckFailed("there is no such folder") from None
        raise CheckFailed("git is not where it was a moment ago") from None
    except OSError as error:
        raise CheckFailed(f"git cannot be started: {error.strerror}") from None


def ask(
    arguments: Sequence[str], cwd: str | None = None, feed: bytes = b"", elsewhere: bool = False
) -> tuple[int, bytes, bytes]:
    """Returns git's exit code, standard output and standard error, whatever they are. `feed` goes to its standard input.

    With `elsewhere` it runs in the repository of `cwd`, and not in the one that a hook was called for.
    """
    process = _start(arguments, cwd, elsewhere, memory=_ALONE)
    out, err = process.communicate(feed)
    return process.returncode, out, err


def run(arguments: Sequence[str], feed: bytes = b"") -> bytes:
    """Returns what git prints. Raises CheckFailed with git's own message where it fails."""
    code, out, err = ask(arguments, feed=feed)
    if code:
        raise CheckFailed(sentence(arguments, err))
    return out


def fsdecode(name: bytes) -> str:
    """Returns a path that git printed as a path of the system, as `os.fsdecode` does.

    On Windows bytes that are not UTF-8 cannot name a file, but git may list such a name: they become surrogates, as elsewhere.
    """
    try:
        return os.fsdecode(name)
    except UnicodeDecodeError:
        return name.decode("utf-8", "surrogateescape")


def location(name: str) -> str:
    """Returns the path of `name` within the repository's own folder, as `git rev-parse --git-path` prints it."""
    return fsdecode(run(("rev-parse", "--git-path", name))).rstrip("\n")


def ignores_all(paths: Sequence[str], cwd: str, *options: str, settings: Sequence[str] = (), elsewhere: bool = False) -> bool:
    """Tells whether git ignores all the paths in the work tree at `cwd`. Raises CheckFailed where git fails.

    `options` are those of `git check-ignore`, `settings` hold for this one question; with `elsewhere` see `ask`.
    """
    question = (*settings, "check-ignore", "--verbose", *options, "-z", "--stdin")
    code, out, err = ask(question, cwd, b"".join([os.fsencode(path) + b"\0" for path in paths]), elsewhere)
    if code > 1:
        raise CheckFailed(sentence(("check-ignore",), err))
    # git before 2.26 also lists what a rule takes back: for each path comes the last rule that matches, third of four fields
    return sum(not rule.startswith(b"!") for rule in out.split(b"\0")[2::4]) == len(paths)


def is_partial() -> bool:
    """Tells whether this is a partial clone, so that objects which it lacks may be at its remote.

    As for git, that takes both the setting and a pack with a `.promisor` file.
    """
    if ask(("config", "--get-regexp", r"^(extensions\.partialclone|remote\..*\.promisor)$"))[0]:
        return False
    with suppress(OSError):
        return any(name.endswith(".promisor") for name in os.listdir(location("objects/pack")))
    return False


@contextmanager
def meanwhile(arguments: Sequence[str]) -> Iterator[Callable[[], bytes]]:
    """Starts git, and gives out a function that waits for it and returns what it printed. git is ended when the block is left."""
    process = _start(arguments, stdin=subprocess.DEVNULL, memory=_ALONE)

    def result() -> bytes:
        out, err = process.communicate()
        if process.returncode:
            raise CheckFailed(sentence(arguments, err))
        return out

    try:
        yield result
    finally:
        if process.poll() is None:
            process.terminate()
            process.communicate()


def lines(out: bytes) -> list[str]:
    """Returns the lines that git printed. `str.splitlines` would also split at other characters, which names of refs may have."""
    return [line for line in out.decode("utf-8", "surrogateescape").split("\n") if line]


def names(arguments: Sequence[str]) -> list[str]:
    """Returns the names that git lists, separated by zero bytes (`-z`)."""
    return [fsdecode(name) for name in run(arguments).split(b"\0") if name]


def _pieces(stream: IO[bytes], size: int) -> Iterator[bytes]:
    """Yields the next `size` bytes of git's answer. Raises CheckFailed where it ends before."""
    while size:
        chunk = stream.read(min(size, _PIPE))
        if not chunk:
            raise CheckFailed("git cat-file ended before its answer did: the repository is damaged")
        size -= len(chunk)
        yield chunk


class Objects:
    """Asks `git cat-file --batch` for one object after the other; a new process goes on where one ended at a damaged object."""

    def __init__(self) -> None:
        self._chunks: Iterator[bytes] = iter(())
        self._start()

    def _start(self) -> None:
        self._process = _start(("cat-file", "--batch"), stderr=subprocess.DEVNULL)
        assert self._process.stdin and self._process.stdout
        self._questions, self._answers = self._process.stdin, self._process.stdout

    def close(self) -> None:
        """Ends the process."""
        self._answers.close()
        with suppress(OSError):
            self._questions.close()
        self._process.wait()

    def _head(self, name: str) -> list[bytes]:
        """Asks for an object; returns the fields of the line before its content, none where git has ended."""
        try:
            self._questions.write(name.encode("ascii") + b"\n")
            self._questions.flush()
            return self._answers.readline().split()
        except OSError as error:
            if not is_broken_pipe(error):
                raise
            return []

    def meet(self, name: str, most: int) -> Met | None:
        """Returns the object, in chunks if it has `most` bytes or more; None if the repository has none of that name.

        None also if git ends at the question, as it does at what a partial clone left at the remote. Raises CheckFailed, as the
        chunks do, if git ends in the middle of the object.
        """
        for _ in self._chunks:
            pass  # the rest of the object before, if it was not read to its end
        head = self._head(name)
        if not head:  # git ended at the object before
            self.close()
            self._start()
            head = self._head(name)
        if len(head) != 3:
            return None
        oid, kind, size = head[0].decode("ascii"), head[1].decode("ascii"), int(head[2])
        self._chunks = self._content(size)
        return Met(oid, kind, chunks=self._chunks) if size >= most else Met(oid, kind, data=b"".join(self._chunks))

    def read(self, name: str) -> Met | None:
        """Returns the object whole, however big; otherwise as `meet`."""
        return self.meet(name, sys.maxsize)

    def _content(self, size: int) -> Iterator[bytes]:
        yield from _pieces(self._answers, size)
        self._answers.read(1)  # the line feed behind it


@contextmanager
def objects() -> Iterator[Objects]:
    """Gives out an `Objects` and closes it at the end."""
    opened = Objects()
    try:
        yield opened
    finally:
        opened.close()


def _widen(pipe: IO[bytes]) -> None:
    """Makes the pipe bigger, where the system can."""
    try:
        import fcntl

        fcntl.fcntl(pipe.fileno(), fcntl.F_SETPIPE_SZ, _PIPE)
    except (ImportError, AttributeError, OSError):
        pass  # not Linux, or the user's quota for pipes is used up: it works all the same, slower


def empty_tree() -> str:
    """Returns the name of the folder without anything in it, in the repository's own hash."""
    return run(("hash-object", "-t", "tree", "--stdin")).decode("ascii").strip()


def is_none(oid: str) -> bool:
    """Tells whether the name of an object is all zeros, with which git says that there is none, in any hash."""
    return not oid.strip("0")


def fed(names: Iterable[str]) -> bytes:
    """Returns names of objects, or revisions, as git's commands take them from standard input."""
    return "".join([name + "\n" for name in names]).encode("ascii")


def _feed(questions: IO[bytes], oids: Sequence[str]) -> None:
    """What a thread does: it writes the names of objects while their contents are being read."""
    try:
        with questions:
            questions.write(fed(oids))
    except OSError:
        pass  # git ended, which the reader of its answers notices


@contextmanager
def contents(oids: Sequence[str]) -> Iterator[IO[bytes]]:
    """Gives out the stream of what `git cat-file --batch` prints of the objects. git is ended when the block is left."""
    process = _start(("cat-file", "--batch", "--buffer"), stderr=subprocess.DEVNULL)
    assert process.stdin and process.stdout
    _widen(process.stdout)
    feeder = threading.Thread(target=_feed, args=(process.stdin, oids), daemon=True)
    feeder.start()
    try:
        yield process.stdout
    finally:
        process.stdout.close()
        if process.poll() is None:
            process.terminate()
        process.wait()
        feeder.join()


def _met(answers: IO[bytes], most: int) -> Iterator[Met]:
    """Yields the objects from the answers of `git cat-file --batch`, in the format that `walk` asks for."""
    while head := answers.readline():
        fields = head.rstrip(b"\n").split(b" ", 3)
        oid = fields[0].lstrip(b"?").decode("ascii", "replace")
        if len(fields) != 4:
            yield Met(oid, "")
            continue
        kind, size, path = fields[1].decode("ascii"), int(fields[2]), fields[3]
        pieces = _pieces(answers, size)
        if size < most:
            yield Met(oid, kind, path, b"".join(pieces))
        else:
            yield Met(oid, kind, path, chunks=pieces)
        for _ in pieces:
            pass  # the rest, if it was not read to its end
        answers.read(1)  # the line feed behind it


def walk(arguments: Sequence[str], revisions: Sequence[str], most: int) -> Iterator[Met]:
    """Yields every object that the revisions reach, and those with a `^` before them do not: `git rev-list` feeds `git cat-file`.

    An object of `most` bytes or more comes in chunks. Raises CheckFailed at the end if one of the two failed.
    """
    lister = _start(("rev-list", "--objects", "--stdin", *arguments))
    reader = _start(("cat-file", "--batch=%(objectname) %(objecttype) %(objectsize) %(rest)", "--buffer"),
                    stderr=subprocess.DEVNULL, stdin=lister.stdout)
    assert lister.stdin and lister.stdout and lister.stderr and reader.stdout
    lister.stdout.close()  # ours: the reader has its own
    _widen(reader.stdout)
    said: list[bytes] = []
    listener = threading.Thread(target=lambda stream: said.append(stream.read()), args=(lister.stderr,), daemon=True)
    listener.start()
    try:
        _feed(lister.stdin, revisions)
        yield from _met(reader.stdout, most)
        codes = lister.wait(), reader.wait()
    finally:
        for process in (lister, reader):
            if process.poll() is None:
                process.terminate()
            process.wait()
        reader.stdout.close()
        listener.join()
        lister.stderr.close()
    if codes[1]:
        raise CheckFailed("git cat-file failed: the repository is damaged; `git fsck` tells more")
    if codes[0]:
        raise CheckFailed(sentence(("rev-list",), said[0]))
