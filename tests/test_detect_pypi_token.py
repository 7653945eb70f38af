"""The hook `detect-pypi-token` from a shell: what its command line reads, what it tells and how it ends."""
from __future__ import annotations

import contextlib
import errno
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import time
import types
from collections.abc import Iterator
from typing import Any

import pytest

from pypi_token_hooks import detect_pypi_token
from pypi_token_hooks import quick
from pypi_token_hooks.sources import files
from tests import mint
from tests.machine import ROOT
from tests.machine import Machine

HOOK = "detect-pypi-token"
TOKEN = mint.token(seed=90)
LEAK = f"TOKEN = '{TOKEN}'\n"
COMMAND = (sys.executable, "-m", "pypi_token_hooks.detect_pypi_token")
posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no such files")
user = pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="nothing is unreadable to root")


class Folder:
    """A folder, and what the hook says in it."""

    def __init__(self, machine: Machine, path: pathlib.Path) -> None:
        self.machine, self.path = machine, path
        path.mkdir()

    def write(self, name: str, content: str = LEAK) -> pathlib.Path:
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
        return path

    def run(self, *arguments: str, feed: bytes = b"", env: dict[str, str] | None = None) -> subprocess.CompletedProcess[bytes]:
        done = self.machine.hook(HOOK, *arguments, cwd=self.path, feed=feed, env=env)
        assert b"Traceback" not in done.stderr and TOKEN[60:68].encode() not in done.stdout + done.stderr
        return done

    def told(self, *arguments: str, feed: bytes = b"") -> dict[str, Any]:
        """Returns the JSON of a run that reads everything."""
        done = self.run("--format=json", *arguments, feed=feed)
        told: dict[str, Any] = json.loads(done.stdout)
        assert done.stderr == b"" and done.returncode == (1 if told["findings"] else 0), done.stderr
        return told

    def found(self, *arguments: str, feed: bytes = b"") -> list[str]:
        return [finding["path"] for finding in self.told(*arguments, feed=feed)["findings"]]

    def start(self, *names: str) -> None:
        """Makes a repository of the folder, with a commit of these files."""
        self.machine.repository(self.path)
        self.machine.git(self.path, "add", "--", *names)
        self.machine.git(self.path, "commit", "--quiet", "--no-verify", "--message=first")


@pytest.fixture
def folder(machine: Machine, tmp_path: pathlib.Path) -> Folder:
    return Folder(machine, tmp_path / "folder")


def test_files_are_read_as_they_are_on_disk(folder: Folder) -> None:
    folder.write("a.py")
    folder.write("b.py", "TOKEN = None\n")
    assert folder.found("a.py", "b.py") == ["a.py"]
    assert folder.found("b.py") == []


def test_a_folder_is_walked_whatever_is_in_it(folder: Folder) -> None:
    names = ["d/x.py", "d/.hidden", "d/.git/config", "d/node_modules/a.min.js", "d/deep/er/poetry.lock", "d/logo.svg"]
    for name in names:
        folder.write(name)
    assert sorted(pathlib.PurePath(path).as_posix() for path in folder.found("d")) == sorted(names)
    assert len(folder.found(str(folder.path))) == len(names)


def test_standard_input(folder: Folder) -> None:
    assert folder.found("-", feed=LEAK.encode()) == ["<stdin>"]
    folder.write("a.py")
    assert sorted(folder.found("-", "a.py", feed=LEAK.encode())) == ["<stdin>", "a.py"]
    assert folder.found("-") == []


def test_a_file_of_that_name_does_not_take_the_place_of_standard_input(folder: Folder) -> None:
    folder.write("-", "nothing\n")
    assert folder.found("-", feed=LEAK.encode()) == ["<stdin>"]
    assert folder.told("-", feed=b"nothing\n")["scanned"]["files"] == 2
    folder.write("-")
    assert folder.found("-", feed=b"nothing\n") == [os.path.join(os.curdir, "-")]


def test_what_came_from_standard_input_is_nothing_to_stage(folder: Folder) -> None:
    said = folder.run("-", feed=LEAK.encode()).stdout
    assert b"Remove it where it comes from.\n" in said and b"git add" not in said


@posix
@pytest.mark.parametrize("redirection", ["<&-", "0>/dev/null"])
def test_standard_input_that_cannot_be_read_is_told_in_one_sentence(folder: Folder, redirection: str) -> None:
    command = ("sh", "-c", f'exec "$@" - {redirection}', "sh", *COMMAND)
    done = subprocess.run(command, cwd=folder.path, env=folder.machine.env, capture_output=True, check=False)
    assert (done.returncode, done.stderr.count(b"\n")) == (2, 1), done.stderr
    assert done.stderr.startswith(b"detect-pypi-token: failed: <stdin>: unreadable: ")


def test_every_tracked_file_of_the_work_tree(folder: Folder) -> None:
    folder.write("tracked.py", "TOKEN = None\n")
    folder.start("tracked.py")
    folder.write("untracked.py")
    assert folder.found("--all-files") == []
    folder.write("tracked.py")
    assert folder.found("--all-files") == ["tracked.py"]
    assert folder.found("--staged") == [], "the index holds the clean one"


def test_all_files_reads_the_work_tree_whatever_the_index_marks(folder: Folder) -> None:
    names = ["kept.py", "skipped.py", "assumed.py"]
    for name in names:
        folder.write(name, "TOKEN = None\n")
    folder.start(*names)
    folder.machine.git(folder.path, "update-index", "--skip-worktree", "skipped.py")
    folder.machine.git(folder.path, "update-index", "--assume-unchanged", "assumed.py")
    for name in names:
        folder.write(name)
    assert sorted(folder.found("--all-files")) == sorted(names)


def test_what_a_sparse_checkout_leaves_out_is_no_failure(folder: Folder) -> None:
    for name in ("in/a.py", "out/b.py"):
        folder.write(name)
    folder.start("in/a.py", "out/b.py")
    folder.machine.git(folder.path, "sparse-checkout", "set", "in")
    assert not (folder.path / "out").exists()
    assert folder.found("--all-files") == ["in/a.py"]


def test_names_and_targets_of_links_are_read_and_no_link_is_followed(folder: Folder) -> None:
    folder.write(TOKEN, "nothing\n")
    assert len(folder.found(TOKEN)) == 1
    (folder.path / TOKEN).unlink()
    behind = folder.write("behind.py")
    try:
        (folder.path / "followed").symlink_to(behind)
        (folder.path / "target").symlink_to(TOKEN)
        (folder.path / "folder").symlink_to(folder.path, target_is_directory=True)
    except OSError:
        pytest.skip("no links here")
    assert folder.found("followed", "target", "folder") == ["target"]
    assert sorted(pathlib.PurePath(path).name for path in folder.found(".")) == ["behind.py", "target"]


@posix
def test_what_is_no_file_is_not_read(folder: Folder) -> None:
    os.mkfifo(folder.path / "pipe")
    (folder.path / "endless").symlink_to("/dev/zero")
    with socket.socket(socket.AF_UNIX) as listening:
        old = os.getcwd()
        os.chdir(folder.path)  # the name of a socket is short
        try:
            listening.bind("socket")
        finally:
            os.chdir(old)
        for arguments in (("pipe", "socket", "endless", "/dev/zero"), (".",)):
            done = folder.run(*arguments)
            assert done.returncode == 0 and b"a pipe, device or socket is not read" in done.stderr
            assert folder.run("--strict", *arguments).returncode == 1


@posix
def test_a_link_is_not_followed_where_the_system_cannot_be_told_not_to(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on Windows."""
    monkeypatch.delattr(os, "O_NOFOLLOW")
    monkeypatch.setattr(files, "_FLAGS", os.O_RDONLY)
    folder.write("a.py", "nothing\n")
    (folder.path / "link").symlink_to("a.py")
    assert files.content(str(folder.path / "link")) is None
    assert files.content(str(folder.path / "a.py")) == b"nothing\n"


def test_a_junction_is_not_followed(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows' links between folders look like folders; those of node_modules lead back to where they are."""
    folder.write("a/b/c.py")
    real = os.scandir

    class Entry:
        def __init__(self, entry: os.DirEntry[str]) -> None:
            self.entry, self.path = entry, entry.path

        def is_dir(self, *, follow_symlinks: bool) -> bool:
            return self.entry.is_dir(follow_symlinks=follow_symlinks)

        def stat(self, *, follow_symlinks: bool) -> types.SimpleNamespace:
            return types.SimpleNamespace(st_reparse_tag=0xA0000003 if self.entry.name == "b" else 0)

    @contextlib.contextmanager
    def scandir(path: str) -> Iterator[Iterator[Entry]]:
        with real(path) as entries:
            yield map(Entry, entries)

    monkeypatch.setattr(os, "scandir", scandir)
    monkeypatch.setattr(files, "JUNCTIONS", True)
    top = str(folder.path)
    assert [os.path.relpath(str(name), top) for name in files.expand([top])] == [os.path.join("a", "b")]


@pytest.mark.skipif(not os.path.exists("/proc/self/environ"), reason="a file of Linux")
def test_a_file_that_tells_no_size_is_read_to_its_end(folder: Folder) -> None:
    done = folder.run("/proc/self/environ", env={"LEAK": TOKEN})
    assert done.returncode == 1 and b"/proc/self/environ:1:" in done.stdout


def test_the_receipt_counts_what_the_files_hold(folder: Folder) -> None:
    """Whichever way it was read: what is worth a closer look goes another one."""
    folder.write("clean.py", "nothing\n")
    folder.write("leak.py")
    for names, size in ((["clean.py"], 8), (["leak.py"], len(LEAK)), (["clean.py", "leak.py"], 8 + len(LEAK))):
        assert folder.told(*names)["scanned"]["bytes"] == size


def test_the_receipt_of_a_quick_run_is_that_of_a_full_one(folder: Folder) -> None:
    folder.write("clean.py", "nothing\n")
    names = ["clean.py", "clean.py"]
    with contextlib.suppress(OSError):  # no links here
        (folder.path / "link").symlink_to("clean.py")
        names.append("link")
    full = folder.run("--color=never", *names)
    assert full.returncode == 0 and folder.run(*names).stdout == full.stdout


@posix
@pytest.mark.parametrize("arguments", [("pipe",), ("pipe", "a.py"), (".",)])
def test_who_writes_to_a_pipe_goes_on_waiting(folder: Folder, arguments: tuple[str, ...]) -> None:
    """A pipe is not even opened: else who waits for its reader would write, to nobody."""
    folder.write("a.py", "nothing\n")
    os.mkfifo(folder.path / "pipe")
    with subprocess.Popen(("sh", "-c", "echo text > pipe"), cwd=folder.path) as writer:
        time.sleep(0.3)
        folder.run(*arguments)
        time.sleep(0.3)
        has_ended = writer.poll() is not None
        writer.kill()
    assert not has_ended


@posix
@pytest.mark.skipif(not os.path.islink("/dev/stdin"), reason="no link there")
def test_a_link_of_the_system_to_a_pipe_is_told(folder: Folder) -> None:
    """As a shell hands over the output of a command."""
    done = folder.run("/dev/stdin", feed=LEAK.encode())
    assert done.returncode == 0 and done.stderr.startswith(b"detect-pypi-token: not read: /dev/stdin: unsupported: ")
    assert folder.run("--strict", "/dev/stdin", feed=LEAK.encode()).returncode == 1


@posix
def test_in_a_folder_that_was_deleted(folder: Folder) -> None:
    for arguments in ((), ("--all-files",), ("--all-files", "--baseline", "b")):
        command = 'mkdir gone && cd gone && rmdir ../gone && exec "$@"'
        done = subprocess.run(("sh", "-c", command, "sh", *COMMAND, *arguments), cwd=folder.path, env=folder.machine.env,
                              capture_output=True, check=False)
        assert (done.returncode, done.stdout, done.stderr.count(b"\n")) == (2, b"", 1), done.stderr
        assert b"internal error" not in done.stderr


@posix
@pytest.mark.parametrize("option", ["--format=text", "--format=json", "--format=sarif", "--format=github", "--baseline"])
def test_a_file_elsewhere_is_read_in_a_folder_that_was_deleted(folder: Folder, option: str) -> None:
    leak, baseline = folder.write("a.py"), folder.write("b.json", '{"results": {"x": [{"hashed_secret": "0"}]}}')
    arguments = [option, *([str(baseline)] if option == "--baseline" else []), str(leak)]
    command = 'mkdir gone && cd gone && rmdir ../gone && exec "$@"'
    done = subprocess.run(("sh", "-c", command, "sh", *COMMAND, *arguments), cwd=folder.path, env=folder.machine.env,
                          capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (1, b"") and b"pypi-token" in done.stdout


@posix
def test_a_tracked_file_that_became_a_pipe_is_not_read(folder: Folder) -> None:
    folder.write("a.py", "nothing\n")
    folder.start("a.py")
    (folder.path / "a.py").unlink()
    os.mkfifo(folder.path / "a.py")
    done = folder.run("--all-files")
    assert done.returncode == 0 and b"not read: a.py" in done.stderr


@pytest.mark.parametrize("name", ["missing.py", "no/folder/at.all", "nul\x01l", "x" * 300])
def test_what_is_missing_is_a_failure(folder: Folder, name: str) -> None:
    done = folder.run(name)
    assert (done.returncode, done.stderr.count(b"\n")) == (2, 1)


@posix
@user
def test_what_is_unreadable_is_a_failure(folder: Folder) -> None:
    folder.write("a.py").chmod(0)
    closed = folder.path / "closed"
    closed.mkdir(mode=0)
    try:
        for name in ("a.py", "closed", "."):
            done = folder.run(name)
            assert done.returncode == 2 and b"ermission denied" in done.stderr
    finally:
        closed.chmod(0o700)


def test_what_does_not_tell_its_kind_is_a_failure(
    folder: Folder, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As in a folder that may be listed and not entered, where the file system has to be asked for the kind of each."""

    class Entry:
        path = str(folder.path / "unknown")

        def is_dir(self, *, follow_symlinks: bool) -> bool:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(files, "_entries", lambda _: iter((Entry(),)))
    assert detect_pypi_token.main(["--no-own", str(folder.path)]) == 2
    assert capsys.readouterr().err.startswith(f"detect-pypi-token: failed: {Entry.path}: unreadable: ")


def test_a_finding_beside_a_failure_is_1_and_both_are_told(folder: Folder) -> None:
    folder.write("a.py")
    done = folder.run("a.py", "missing.py")
    assert done.returncode == 1 and b"a.py:1:10: pypi-token:" in done.stdout and b"missing.py" in done.stderr


@pytest.mark.parametrize("arguments", [(), ("--staged",), ("--all-files",)])
def test_where_there_is_no_repository(folder: Folder, arguments: tuple[str, ...]) -> None:
    done = folder.run(*arguments, env={"GIT_CEILING_DIRECTORIES": str(folder.path.parent)})
    assert (done.returncode, done.stdout, done.stderr.count(b"\n")) == (2, b"", 1)
    assert b"not a git repository" in done.stderr


def test_where_there_is_no_git(folder: Folder, tmp_path: pathlib.Path) -> None:
    folder.write("a.py")
    empty = tmp_path / "empty"
    empty.mkdir()
    done = folder.run("--staged", env={"PATH": str(empty)})
    assert (done.returncode, done.stdout, done.stderr.count(b"\n")) == (2, b"", 1) and b"git" in done.stderr
    assert folder.run("a.py", env={"PATH": str(empty)}).returncode == 1, "files need no git"


@pytest.mark.parametrize("arguments", [("--unknown",), ("--format=xml",), ("--staged", "--all-files"), ("--baseline",)])
def test_wrong_usage(folder: Folder, arguments: tuple[str, ...]) -> None:
    done = folder.run(*arguments)
    assert (done.returncode, done.stdout, done.stderr.count(b"\n")) == (2, b"", 1)


@posix
def test_odd_names(folder: Folder) -> None:
    names = [b"with\nnewline.py", b"--leading", b"-x", b"sp ace", b"caf\xe9.py", b"\x1b[31mred", "☃".encode()]
    for name in names:
        path = os.path.join(os.fsencode(folder.path), name)
        with open(path, "wb") as stream:
            stream.write(LEAK.encode())
    assert len(folder.found(".")) == len(names)
    command = [*map(os.fsencode, COMMAND), b"--format=json", b"--", *names]
    done = subprocess.run(command, cwd=folder.path, env=folder.machine.env, capture_output=True, check=False)
    assert done.returncode == 1 and len(json.loads(done.stdout)["findings"]) == len(names)
    shown = folder.run(".").stdout
    assert b"\x1b" not in shown and b"with\\nnewline.py:1:10:" in shown


@pytest.mark.parametrize("arguments", [("--", "b.py"), ("b.py", "--"), ("--", "--", "b.py"), ("--",), ("--", "--"), ("-x", "--")])
def test_a_file_that_is_called_like_the_end_of_the_options(folder: Folder, arguments: tuple[str, ...]) -> None:
    """A runner gives its name like any other."""
    folder.write("b.py", "nothing\n")
    folder.write("-x", "nothing\n")
    folder.write("--")
    assert [os.path.normpath(path) for path in folder.found(*arguments)] == ["--"]


@posix
@pytest.mark.parametrize("arguments", [("--format=json", "."), (".",), ("clean.py",)])
def test_nobody_listens_any_more(folder: Folder, arguments: tuple[str, ...]) -> None:
    folder.write("clean.py", "nothing\n")
    for number in range(400):
        folder.write(f"{number}.py") if len(arguments) > 1 or arguments == (".",) else None
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = subprocess.run(
            (*COMMAND, *arguments), cwd=folder.path, env=folder.machine.env, stdout=writing, stderr=subprocess.PIPE, check=False
        )
    finally:
        os.close(writing)
    assert b"Traceback" not in done.stderr and b"Error" not in done.stderr


@posix
def test_an_interrupt_ends_quietly(folder: Folder) -> None:
    env = folder.machine.env
    with subprocess.Popen(
        (*COMMAND, "-"), cwd=folder.path, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # what is started in the background ignores it
    ) as running:
        time.sleep(1.5)  # it waits for what never comes
        running.send_signal(signal.SIGINT)
        out, err = running.communicate(timeout=60)
    assert (running.returncode, out, err) == (130, b"", b"")


def test_quiet_leaves_out_the_receipt(folder: Folder) -> None:
    folder.write("clean.py", "nothing\n")
    folder.write("a.py")
    assert folder.run("clean.py").stdout == b"detect-pypi-token: read 1 file, 8 bytes; nothing found\n"
    assert folder.run("--quiet", "clean.py").stdout == b""
    assert b"read 1 file" in folder.run("a.py").stdout and b"read 1 file" not in folder.run("--quiet", "a.py").stdout


def test_colour(folder: Folder) -> None:
    folder.write("a.py")
    assert b"\x1b[" not in folder.run("a.py").stdout
    assert b"\x1b[" in folder.run("--color=always", "a.py").stdout
    assert b"\x1b[" in folder.run("a.py", env={"FORCE_COLOR": "1"}).stdout
    assert b"\x1b[" not in folder.run("a.py", env={"FORCE_COLOR": "1", "NO_COLOR": "1"}).stdout


@pytest.mark.parametrize("name", ["text", "json", "sarif", "github"])
def test_every_format(folder: Folder, name: str) -> None:
    folder.write("a.py")
    folder.write("clean.py", "nothing\n")
    assert folder.run(f"--format={name}", "a.py").returncode == 1
    clean = folder.run(f"--format={name}", "clean.py")
    assert clean.returncode == 0 and clean.stderr == b""


def test_the_same_answer_over_many_files_and_cores(folder: Folder) -> None:
    for number in range(300):
        folder.write(f"d/{number}.py", LEAK if number % 60 == 7 else f"number = {number}\n")
    told = folder.told("d")
    assert [pathlib.PurePath(f["path"]).name for f in told["findings"]] == sorted(f"{n}.py" for n in range(7, 300, 60))
    assert told["scanned"]["files"] == 300


def test_the_command_that_is_installed(folder: Folder) -> None:
    folder.write("a.py")
    script = pathlib.Path(sys.executable).parent / HOOK
    if not script.exists():
        pytest.skip("run from a checkout that is not installed")
    done = subprocess.run((script, "a.py"), cwd=folder.path, env=folder.machine.env, capture_output=True, check=False)
    assert done.returncode == 1 and (ROOT / "hooks").exists()


def test_named_files_beside_all_files_are_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        detect_pypi_token.main(["--all-files", "untracked.py"])
    assert ended.value.code == 2
    assert "name none beside it" in capsys.readouterr().err


def test_a_bug_before_the_full_scan_is_told_by_it(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(data: bytes, own: tuple[bytes, ...] = ()) -> bool:
        raise ValueError("a bug")

    monkeypatch.setattr(quick, "worth_reading", broken)
    file = tmp_path / "x.py"
    file.write_text(f"token = {mint.token()!r}\n")
    assert detect_pypi_token.main([str(file)]) == 1
    assert "pypi-token" in capsys.readouterr().out
