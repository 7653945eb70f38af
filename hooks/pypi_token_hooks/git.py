"""The only subprocess: git's plumbing, asked so that no repository can run code or open a connection."""
from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import contextmanager
from contextlib import suppress
from typing import IO
from typing import NamedTuple

from pypi_token_hooks.model import CheckFailed
from pypi_token_hooks.model import is_broken_pipe

# what a hook is told of its commit, and what says which configuration holds; every other GIT_* goes
_KEPT = (
    "GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY", "GIT_QUARANTINE_PATH",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_NAMESPACE", "GIT_CEILING_DIRECTORIES", "GIT_PREFIX",
    "GIT_DISCOVERY_ACROSS_FILESYSTEM", "GIT_EXEC_PATH",
)  # fmt: skip
_KEPT_BEGINNINGS = ("GIT_CONFIG_", "GIT_AUTHOR_", "GIT_COMMITTER_")  # GIT_CONFIG itself holds for `git config` alone
_SET = {"GIT_NO_LAZY_FETCH": "1", "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C",
        "GIT_NO_REPLACE_OBJECTS": "1", "GIT_PROTOCOL_FROM_USER": "0", "GIT_ALLOW_PROTOCOL": "",
        "GIT_GRAFT_FILE": "/dev/null/none"}  # fmt: skip - nothing can be there: of a file that is, git complains
# settings of a repository that name a program, switched off for our calls; and what git tells is UTF-8
_SAFE = ("-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-c", "core.untrackedCache=false",
         "-c", "protocol.allow=never", "-c", "i18n.logOutputEncoding=UTF-8")  # fmt: skip
NO_REPOSITORY = "this is not a git repository"
NO_WORK_TREE = "there is no work tree here; name a folder, or use detect-pypi-token-in-history"
PARTIAL = "this clone is partial: what was not downloaded was not looked at"  # what is told of it
_PIPE = 1 << 20  # bytes that a pipe holds, where the system lets us choose: fewer turns between git and us
_F_SETPIPE_SZ = 1031
# packs mapped whole would count as our memory; of those that read contents, one on each core shares it
_SMALL = ("-c", "core.deltaBaseCacheLimit=48m", "-c", "core.packedGitWindowSize=8m", "-c", "core.packedGitLimit=32m")
_ALONE = ("-c", "core.deltaBaseCacheLimit=48m", "-c", "core.packedGitWindowSize=1m", "-c", "core.packedGitLimit=128m")


class Object(NamedTuple):
    """One object of the repository."""

    oid: str
    kind: str  # blob, tree, commit, tag
    data: bytes


class Met(NamedTuple):
    """One object that a walk met; without a kind where the repository lacks it."""

    oid: str
    kind: str
    path: bytes = b""  # by which git came to it first
    data: bytes = b""
    chunks: Iterator[bytes] | None = None  # what is too big for `data`; to be read before the next object


def environment(elsewhere: bool = False) -> dict[str, str]:
    """Returns the environment for git: this one without what a caller's git left in it by accident.

    With `elsewhere` nothing in it leads back to the repository that a hook was called for.
    """
    names = () if elsewhere else _KEPT
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("GIT_") or name in names or name.startswith(_KEPT_BEGINNINGS)
    }
    return {**kept, **_SET}


def sentence(arguments: Sequence[str], stderr: bytes) -> str:
    """Returns what git said, in its first line that says something."""
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
    return f"git {arguments[0]} failed: {said.removeprefix('fatal: ').removeprefix('error: ') or 'no reason given'}"


def program() -> str:
    """Returns the path of git: from the folders of the PATH alone, never from the one we are in.

    A repository may hold a program called `git`; Windows would take that first.
    """
    name = "git.exe" if os.name == "nt" else "git"
    for folder in os.get_exec_path():
        path = os.path.join(folder, name)
        if os.path.isabs(path) and os.access(path, os.X_OK) and os.path.isfile(path):
            return path
    raise CheckFailed("git is not on the PATH")


def _start(
    arguments: Sequence[str], cwd: str | None, elsewhere: bool = False, stderr: int = subprocess.PIPE,
    stdin: int | IO[bytes] | None = subprocess.PIPE, memory: Sequence[str] = _SMALL,
) -> subprocess.Popen[bytes]:  # fmt: skip
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
    """Returns git's exit code, output and messages, whatever they are.

    `elsewhere`: not in the repository that a hook was called for, but in the one of `cwd`.
    """
    process = _start(arguments, cwd, elsewhere, memory=_ALONE)
    out, err = process.communicate(feed)
    return process.returncode, out, err


def run(arguments: Sequence[str], cwd: str | None = None, feed: bytes = b"") -> bytes:
    """Returns what git prints. Raises CheckFailed with git's own reason where it fails."""
    code, out, err = ask(arguments, cwd, feed)
    if code:
        raise CheckFailed(sentence(arguments, err))
    return out


def text(name: bytes) -> str:
    """Returns a path or the name of a ref as the system spells it.

    On Windows names are text, and bytes that are no UTF-8 are no name there: they stay what they are on other systems.
    """
    try:
        return os.fsdecode(name)
    except UnicodeDecodeError:
        return name.decode("utf-8", "surrogateescape")


def location(name: str, cwd: str | None = None) -> str:
    """Returns where the repository has what git calls so, as `git rev-parse --git-path` tells it."""
    return os.path.join(cwd or "", text(run(("rev-parse", "--git-path", name), cwd)).rstrip("\n"))


def is_partial(cwd: str | None = None) -> bool:
    """Tells whether the settings say that the repository was cloned without some of its objects."""
    return ask(("config", "--get-regexp", r"^(extensions\.partialclone|remote\..*\.promisor)$"), cwd)[0] == 0


@contextmanager
def meanwhile(arguments: Sequence[str], cwd: str | None = None) -> Iterator[Callable[[], bytes]]:
    """Starts git, and hands out a function that returns what it prints as soon as it has ended. Left early, it ends."""
    process = _start(arguments, cwd, stdin=subprocess.DEVNULL, memory=_ALONE)

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
    """Returns the lines of what git printed. The name of a ref may hold what other systems take for the end of a line."""
    return [line for line in out.decode("utf-8", "surrogateescape").split("\n") if line]


def names(arguments: Sequence[str], cwd: str | None = None) -> list[str]:
    """Returns the names that git lists under `-z`."""
    return [text(name) for name in run(arguments, cwd).split(b"\0") if name]


def _pieces(stream: IO[bytes], size: int) -> Iterator[bytes]:
    while size:
        chunk = stream.read(min(size, _PIPE))
        if not chunk:
            raise CheckFailed("git cat-file ended before its answer did: the repository is damaged")
        size -= len(chunk)
        yield chunk


class Objects:
    """A `git cat-file --batch` that is asked for one object after the other."""

    def __init__(self, questions: IO[bytes], answers: IO[bytes]) -> None:
        self._questions, self._answers = questions, answers
        self._chunks: Iterator[bytes] = iter(())

    def meet(self, name: str, most: int) -> Met | None:
        """Returns the object, in chunks if it has `most` bytes or more; None where the repository has none of that name."""
        for _ in self._chunks:
            pass  # what nobody wanted of the one before
        self._questions.write(name.encode("ascii") + b"\n")
        self._questions.flush()
        head = self._answers.readline().split()
        if len(head) != 3:
            return None
        oid, kind, size = head[0].decode("ascii"), head[1].decode("ascii"), int(head[2])
        self._chunks = self._content(size)
        return Met(oid, kind, chunks=self._chunks) if size >= most else Met(oid, kind, data=b"".join(self._chunks))

    def read(self, name: str) -> Object | None:
        """Returns the object whole, or None where the repository has none of that name."""
        met = self.meet(name, sys.maxsize)
        return met and Object(met.oid, met.kind, met.data)

    def _content(self, size: int) -> Iterator[bytes]:
        yield from _pieces(self._answers, size)
        self._answers.read(1)


@contextmanager
def objects(cwd: str | None = None) -> Iterator[Objects]:
    """Opens one long-lived `git cat-file --batch`."""
    process = _start(("cat-file", "--batch"), cwd, stderr=subprocess.DEVNULL)
    assert process.stdin and process.stdout
    try:
        yield Objects(process.stdin, process.stdout)
    except OSError as error:
        if not is_broken_pipe(error):
            raise
        raise CheckFailed("git cat-file ended: this is no git repository, or it is damaged") from None
    finally:
        process.stdout.close()
        with suppress(OSError):
            process.stdin.close()
        process.wait()


def _widen(pipe: IO[bytes]) -> None:
    try:
        import fcntl

        fcntl.fcntl(pipe.fileno(), _F_SETPIPE_SZ, _PIPE)
    except (ImportError, OSError):
        pass  # no Linux, or no more room for this user: slower, that is all


def _feed(questions: IO[bytes], oids: Sequence[str]) -> None:
    """The life of a thread: asks for the objects while their contents are being read."""
    try:
        with questions:
            questions.write("".join([oid + "\n" for oid in oids]).encode("ascii"))
    except OSError:
        pass  # git ended: who reads its answers sees that


@contextmanager
def contents(oids: Sequence[str], cwd: str | None = None) -> Iterator[IO[bytes]]:
    """Opens what `git cat-file --batch` prints of many objects, one after the other. Left early, it ends."""
    process = _start(("cat-file", "--batch", "--buffer"), cwd, stderr=subprocess.DEVNULL)
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
    """Reads what `git cat-file --batch` answers with the format of `walk`."""
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
            pass  # what nobody wanted
        answers.read(1)


def walk(arguments: Sequence[str], revisions: Sequence[str], most: int, cwd: str | None = None) -> Iterator[Met]:
    """Yields every object that the revisions reach, `^` those of the others: one `git rev-list` feeds one `cat-file`.

    Raises CheckFailed at the end where one of them failed.
    """
    lister = _start(("rev-list", "--objects", "--stdin", *arguments), cwd)
    reader = _start(("cat-file", "--batch=%(objectname) %(objecttype) %(objectsize) %(rest)", "--buffer"), cwd,
                    stderr=subprocess.DEVNULL, stdin=lister.stdout)  # fmt: skip
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
