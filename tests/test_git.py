"""Git is asked so that no repository runs code, no caller's leftovers count, and every failure is one line."""
from __future__ import annotations

import os
import pathlib
import shutil
import stat
import subprocess
import sys

import pytest

from pypi_token_hooks import git
from pypi_token_hooks.model import CheckFailed
from tests import mint
from tests.machine import Machine
from tests.machine import write

TOKEN = mint.token(seed=50)
LEAK = f"TOKEN = '{TOKEN}'\n"
# every way in which the hooks of a commit ask git
CALLS = [
    ("detect-pypi-token", "--staged"), ("detect-pypi-token", "--all-files"), ("forbid-pypirc",), ("check-pypirc-ignored",),
]
posix = pytest.mark.skipif(os.name == "nt", reason="needs a shell, links and modes")
each_call = pytest.mark.parametrize("call", CALLS, ids=" ".join)


def leaking(machine: Machine, folder: pathlib.Path) -> pathlib.Path:
    """Returns a repository with a leak in a clean history's next commit."""
    repository = machine.repository(folder)
    (repository / "README.md").write_text("Nothing.\n")
    machine.git(repository, "add", ".")
    machine.git(repository, "commit", "--quiet", "--message=first")
    (repository / "settings.py").write_text(LEAK)
    (repository / ".pypirc").write_text("[pypi]\n")
    machine.git(repository, "add", "--force", ".")
    return repository


@pytest.fixture
def repository(machine: Machine, tmp_path: pathlib.Path) -> pathlib.Path:
    return leaking(machine, tmp_path / "work")


def fails_with(machine: Machine, cwd: pathlib.Path, call: tuple[str, ...], sentence: str) -> None:
    """Asserts exit 2 and one line that says why."""
    done = machine.hook(*call, cwd=cwd)
    assert (done.returncode, done.stdout, done.stderr.decode()) == (2, b"", f"{call[0]}: {sentence}\n")


@each_call
def test_no_git_on_the_path(machine: Machine, repository: pathlib.Path, tmp_path: pathlib.Path, call: tuple[str, ...]) -> None:
    (tmp_path / "empty").mkdir()
    machine.env["PATH"] = str(tmp_path / "empty")
    fails_with(machine, repository, call, "git is not on the PATH")


@each_call
def test_an_empty_path(machine: Machine, repository: pathlib.Path, call: tuple[str, ...]) -> None:
    machine.env["PATH"] = ""
    fails_with(machine, repository, call, "git is not on the PATH")


@posix
@each_call
@pytest.mark.parametrize("path", [".", "", "bin", "::"])
def test_a_program_of_the_repository_is_not_taken_for_git(
    machine: Machine, repository: pathlib.Path, call: tuple[str, ...], path: str
) -> None:
    (repository / "bin").mkdir()
    for name in ("git", "git.exe", "bin/git"):
        (repository / name).write_text("#!/bin/sh\ntouch ran\n")
        (repository / name).chmod(0o755)
    real = machine.env["PATH"]
    machine.env["PATH"] = path
    fails_with(machine, repository, call, "git is not on the PATH")
    machine.env["PATH"] = path + os.pathsep + real
    done = machine.hook(*call, cwd=repository)
    assert done.returncode == 1 and not (repository / "ran").exists()


@posix
def test_a_git_that_cannot_be_started(machine: Machine, repository: pathlib.Path, tmp_path: pathlib.Path) -> None:
    (tmp_path / "git").write_bytes(b"\x7fELF no program\n")
    (tmp_path / "git").chmod(0o755)
    machine.env["PATH"] = str(tmp_path)
    fails_with(machine, repository, CALLS[0], "git cannot be started: Exec format error")


@posix
@pytest.mark.parametrize("last", ["exit 3", "kill -9 $$", "echo 'fatal: out of order' >&2; exit 128", "exit 0"])
def test_a_git_that_fails_never_passes_for_clean(
    machine: Machine, repository: pathlib.Path, tmp_path: pathlib.Path, last: str
) -> None:
    """It fails where the objects are read, after all went well."""
    (tmp_path / "git").write_text(
        f'#!/bin/sh\ncase "$*" in *cat-file*) {last};; esac\nexec {shutil.which("git")} "$@"\n'
    )
    (tmp_path / "git").chmod(0o755)
    machine.env["PATH"] = f"{tmp_path}{os.pathsep}{machine.env['PATH']}"
    done = machine.hook(*CALLS[0], "--quiet", cwd=repository)
    assert (done.returncode, done.stdout) == (2, b"") and done.stderr
    assert b"Traceback" not in done.stderr


@posix
@pytest.mark.parametrize("said", ["error: unknown option z", "fatal: unrecognized argument: -z", "usage: git command [OPTION] ..."])
@each_call
def test_a_git_that_is_too_old(
    machine: Machine, repository: pathlib.Path, tmp_path: pathlib.Path, call: tuple[str, ...], said: str
) -> None:
    refusal = f"echo '{said}' >&2; exit 129"
    (tmp_path / "git").write_text(f'#!/bin/sh\ncase " $* " in *" -z "*) {refusal};; esac\nexec {shutil.which("git")} "$@"\n')
    (tmp_path / "git").chmod(0o755)
    machine.env["PATH"] = f"{tmp_path}{os.pathsep}{machine.env['PATH']}"
    asked = {"--all-files": "ls-files", "check-pypirc-ignored": "config"}.get(call[-1], "diff-index")
    fails_with(machine, repository, call, f"git {asked} does not know an option that is needed here: a newer git does")


@pytest.mark.parametrize("call", CALLS[:3], ids=" ".join)  # `git config`, which the last one asks, answers all the same
def test_a_repository_of_a_newer_git(machine: Machine, repository: pathlib.Path, call: tuple[str, ...]) -> None:
    """git names what it does not know on a line of its own."""
    machine.git(repository, "config", "core.repositoryFormatVersion", "1")
    machine.git(repository, "config", "extensions.fromTheFuture", "true")
    done = machine.hook(*call, cwd=repository)
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.endswith(b"unknown repository extension found: fromthefuture\n")


@posix
@pytest.mark.parametrize("rules", [".pypirc\n", ".pypirc\n!.pypirc\n"])
def test_a_git_that_lists_what_rules_take_back(machine: Machine, tmp_path: pathlib.Path, rules: str) -> None:
    """git before 2.26 does so, unless it is asked for the rules as well."""
    (tmp_path / "git").write_text(
        '#!/bin/sh\ncase " $* " in *" --verbose "*) ;; *" check-ignore "*) printf ".pypirc\\0sub/.pypirc\\0"; exit 0;; esac\n'
        f'exec {shutil.which("git")} "$@"\n'
    )
    (tmp_path / "git").chmod(0o755)
    machine.env["PATH"] = f"{tmp_path}{os.pathsep}{machine.env['PATH']}"
    machine.repository(machine.home)
    write(machine.home, {".config/git/ignore": rules, ".pypirc": "[pypi]\nusername = __token__\n"})
    (machine.home / ".pypirc").chmod(0o600)
    for name in ("check-pypirc-ignored", "check-pypirc"):
        assert machine.hook(name, cwd=machine.home).returncode == ("!" in rules)


@pytest.mark.parametrize("call", CALLS[:3], ids=" ".join)
def test_no_repository(machine: Machine, tmp_path: pathlib.Path, call: tuple[str, ...]) -> None:
    machine.env["GIT_CEILING_DIRECTORIES"] = str(tmp_path)
    (tmp_path / "plain").mkdir()
    fails_with(machine, tmp_path / "plain", call, "this is not a git repository")


def test_no_repository_has_a_global_gitignore_all_the_same(machine: Machine, tmp_path: pathlib.Path) -> None:
    machine.env["GIT_CEILING_DIRECTORIES"] = str(tmp_path)
    (tmp_path / "plain").mkdir()
    assert machine.hook("check-pypirc-ignored", cwd=tmp_path / "plain").returncode == 1


def test_files_need_no_repository_and_no_git(machine: Machine, tmp_path: pathlib.Path) -> None:
    machine.env["PATH"] = ""
    (tmp_path / "settings.py").write_text(LEAK)
    done = machine.hook("detect-pypi-token", "settings.py", cwd=tmp_path)
    assert done.returncode == 1 and done.stderr == b""


@posix
@each_call
def test_a_repository_of_somebody_else(machine: Machine, repository: pathlib.Path, call: tuple[str, ...]) -> None:
    machine.env["GIT_TEST_ASSUME_DIFFERENT_OWNER"] = "1"
    if os.geteuid() != 0:
        pytest.skip("only root can give a folder away")
    for path in (repository, repository / ".git"):
        os.chown(path, 12345, 12345)
    if call[0] == "check-pypirc-ignored":
        return
    what = "git does not trust this repository, which belongs to somebody else (git: dubious ownership)"
    trust = f"git config --global --add safe.directory {repository}"
    fails_with(machine, repository, call, f"{what}; if you do: {trust}")
    machine.run(repository, "sh", "-c", trust)
    assert machine.hook(*call, cwd=repository).returncode == 1


@each_call
@pytest.mark.parametrize("broken", ["config", "HEAD", "index"])
def test_a_broken_repository_is_a_failure(
    machine: Machine, repository: pathlib.Path, call: tuple[str, ...], broken: str
) -> None:
    (repository / ".git" / broken).write_bytes(b"[this is no = \xff")
    done = machine.hook(*call, cwd=repository)
    if call[0] == "check-pypirc-ignored" and broken != "config":
        assert done.returncode == 1, "it asks nothing of the repository but its configuration"
        return
    assert done.returncode == 2 and done.stdout == b"" and done.stderr.count(b"\n") == 1, done.stderr
    assert b"Traceback" not in done.stderr


# settings that name a program which git runs at one command or another
PROGRAMS = (
    "core.fsmonitor", "core.editor", "core.pager", "core.sshCommand", "core.askPass", "core.gitProxy",
    "core.alternateRefsCommand", "diff.external", "diff.mine.command", "diff.mine.textconv", "filter.mine.clean",
    "filter.mine.smudge", "filter.mine.process", "merge.mine.driver", "gpg.program", "credential.helper",
    "pager.diff-index", "pager.ls-files", "uploadpack.packObjectsHook", "interactive.diffFilter", "sequence.editor",
    "alias.diff-index", "alias.ls-files", "alias.cat-file", "alias.rev-parse", "alias.check-ignore",
)


def trap(repository: pathlib.Path, name: str = "trap") -> tuple[pathlib.Path, pathlib.Path]:
    """Makes a program that leaves a mark; returns both paths."""
    mark, program = repository.parent / f"{name}-ran", repository.parent / name
    program.write_text(f"#!/bin/sh\ntouch '{mark}'\ncat\n")
    program.chmod(0o755)
    return program, mark


@posix
@each_call
def test_no_setting_of_the_repository_runs_code(machine: Machine, repository: pathlib.Path, call: tuple[str, ...]) -> None:
    program, mark = trap(repository)
    (repository / ".git" / "info" / "attributes").write_text("* diff=mine filter=mine merge=mine\n")
    os.utime(repository / "settings.py", (1, 1))  # so that git would read the file again
    hooks = repository / ".git" / "hooks"
    shutil.rmtree(hooks, ignore_errors=True)
    hooks.mkdir()
    for hook in ("post-index-change", "reference-transaction", "pre-auto-gc", "post-checkout", "fsmonitor-watchman"):
        shutil.copy(program, hooks / hook)
    for setting in PROGRAMS:
        machine.git(repository, "config", setting, f"!{program}" if setting.startswith("alias") else str(program))
    mark.unlink(missing_ok=True)
    done = machine.hook(*call, cwd=repository)
    assert done.returncode == 1, done.stderr
    assert not mark.exists()


@posix
def test_the_trap_is_not_asleep(machine: Machine, repository: pathlib.Path) -> None:
    program, mark = trap(repository)
    machine.git(repository, "config", "core.fsmonitor", str(program))
    mark.unlink(missing_ok=True)
    machine.git(repository, "status")
    assert mark.exists()


@posix
@pytest.mark.parametrize("url", ["ext::sh -c 'touch {mark}'", "{program}", "ssh://localhost/x"])
def test_a_missing_object_is_not_fetched(machine: Machine, repository: pathlib.Path, url: str) -> None:
    program, mark = trap(repository)
    oid = machine.git(repository, "rev-parse", ":settings.py").decode().strip()
    for setting, value in {
        "extensions.partialClone": "origin", "remote.origin.promisor": "true", "protocol.ext.allow": "always",
        "remote.origin.url": url.format(mark=mark, program=program), "remote.origin.uploadpack": str(program),
        "core.sshCommand": str(program), "core.repositoryFormatVersion": "1",
    }.items():
        machine.git(repository, "config", setting, value)
    (repository / ".git" / "objects" / oid[:2] / oid[2:]).unlink()
    done = machine.hook("detect-pypi-token", "--staged", cwd=repository)
    assert done.returncode == 2 and b"settings.py" in done.stderr
    assert not mark.exists()


def leftovers(folder: pathlib.Path) -> dict[str, str]:
    """Returns variables that change what git says, or where, as a caller may have left them."""
    return {
        "GIT_LITERAL_PATHSPECS": "1", "GIT_ICASE_PATHSPECS": "1", "GIT_EXTERNAL_DIFF": str(folder / "nothing"),
        "GIT_DIFF_OPTS": "--unified=0", "GIT_TRACE": "1", "GIT_TRACE2": str(folder / "trace"), "GIT_TRACE_SETUP": "1",
        "GIT_PAGER": "false", "GIT_PAGER_IN_USE": "1", "GIT_EDITOR": "false", "GIT_ASKPASS": "false",
        "GIT_SSH_COMMAND": "false", "GIT_REPLACE_REF_BASE": "refs/nothing", "GIT_GRAFT_FILE": str(folder / "nothing"),
        "GIT_SHALLOW_FILE": str(folder / "nothing"), "GIT_DEFAULT_HASH": "sha256", "GIT_FLUSH": "0",
        "GIT_ATTR_SOURCE": "nowhere", "GIT_ATTR_NOSYSTEM": "1", "GIT_INDEX_VERSION": "9", "GIT_OPTIONAL_LOCKS": "1",
        "GIT_NO_REPLACE_OBJECTS": "0", "GIT_ALLOW_PROTOCOL": "ext", "LC_ALL": "de_DE.UTF-8", "LANGUAGE": "de",
    }


@each_call
def test_what_a_caller_left_behind_changes_nothing(
    machine: Machine, repository: pathlib.Path, tmp_path: pathlib.Path, call: tuple[str, ...]
) -> None:
    plain = machine.hook(*call, cwd=repository)
    left = machine.hook(*call, cwd=repository, env=leftovers(tmp_path))
    assert plain.returncode == 1
    assert (left.returncode, left.stdout, left.stderr) == (plain.returncode, plain.stdout, plain.stderr)
    assert not (tmp_path / "trace").exists()


def test_the_repository_and_the_index_that_git_names_to_a_hook_hold(
    machine: Machine, repository: pathlib.Path, tmp_path: pathlib.Path
) -> None:
    other = leaking(machine, tmp_path / "other")
    machine.git(other, "rm", "--quiet", "--cached", "settings.py")
    found = machine.hook(*CALLS[0], cwd=repository, env={"GIT_DIR": str(other / ".git"), "GIT_WORK_TREE": str(other)})
    assert found.returncode == 0
    index = tmp_path / "index"
    shutil.copyfile(other / ".git" / "index", index)
    assert machine.hook(*CALLS[0], cwd=repository, env={"GIT_INDEX_FILE": str(index)}).returncode == 0
    assert machine.hook(*CALLS[0], cwd=repository).returncode == 1


def test_nothing_is_written_to_the_repository(machine: Machine, repository: pathlib.Path) -> None:
    def state() -> dict[str, tuple[float, int]]:
        found = [path for path in (repository / ".git").rglob("*") if path.is_file()]
        return {str(path): (path.stat().st_mtime_ns, path.stat().st_size) for path in found}

    os.utime(repository / "settings.py", (1, 1))
    before = state()
    for call in CALLS:
        assert machine.hook(*call, cwd=repository).returncode == 1
    assert state() == before


@posix
def test_a_repository_that_nobody_may_write_to(machine: Machine, repository: pathlib.Path) -> None:
    for path in (*repository.rglob("*"), repository):
        if not path.is_symlink():
            path.chmod(stat.S_IMODE(path.stat().st_mode) & ~0o222)
    try:
        assert machine.hook(*CALLS[0], cwd=repository).returncode == 1
    finally:
        for path in (repository, *repository.rglob("*")):
            path.chmod(stat.S_IMODE(path.stat().st_mode) | 0o200)


def test_a_failure_is_told_in_gits_words(machine: Machine, repository: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in machine.env.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(repository)
    with pytest.raises(CheckFailed, match=r"^git rev-parse failed: Needed a single revision$"):
        git.run(("rev-parse", "--verify", "nowhere"))
    with pytest.raises(CheckFailed, match=r"^there is no such folder$|cannot be started"):
        git.ask(("rev-parse",), cwd=str(repository / "nowhere"))
    with pytest.raises(CheckFailed, match=r"^git cat-file failed: "):
        git.names(("cat-file", "-p", "0" * 40))
    assert git.ask(("rev-parse", "--verify", "--quiet", "nowhere"), cwd=str(repository)) == (1, b"", b"")


def test_objects_are_read_one_after_the_other(
    machine: Machine, repository: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in machine.env.items():
        monkeypatch.setenv(name, value)
    (repository / "big").write_bytes(bytes(range(256)) * 40_000)
    (repository / "empty").write_bytes(b"")
    machine.git(repository, "add", ".")
    names = {name: machine.git(repository, "rev-parse", f":{name}").decode().strip() for name in ("big", "empty", "README.md")}
    monkeypatch.chdir(repository)
    with git.objects() as objects:
        for _ in range(2):
            big, none, empty, text, head = map(
                objects.read, (names["big"], "1" * 40, names["empty"], names["README.md"], "HEAD")
            )
            assert big and big.kind == "blob" and big.oid == names["big"] and big.data == bytes(range(256)) * 40_000
            assert none is None and empty is not None and empty.data == b""
            assert text is not None and text.data == b"Nothing.\n"
            assert head is not None and head.kind == "commit" and head.data.startswith(b"tree ")


def test_the_environment_of_another_repository_has_no_way_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_DIR", "/nowhere/.git")
    monkeypatch.setenv("GIT_INDEX_FILE", "/nowhere/index")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/nowhere/config")
    here, elsewhere = git.environment(), git.environment(elsewhere=True)
    assert here["GIT_DIR"] == "/nowhere/.git" and here["GIT_INDEX_FILE"] == "/nowhere/index"
    assert "GIT_DIR" not in elsewhere and "GIT_INDEX_FILE" not in elsewhere
    assert here["GIT_CONFIG_GLOBAL"] == elsewhere["GIT_CONFIG_GLOBAL"] == "/nowhere/config"


@posix
@each_call
def test_a_git_that_fails_is_heard_where_nobody_waits_for_children(
    machine: Machine, tmp_path: pathlib.Path, call: tuple[str, ...]
) -> None:
    """A program that ignores SIGCHLD hands that down, and the system then keeps no exit code of git."""
    module = "pypi_token_hooks." + call[0].replace("-", "_")
    ignoring = (
        "import os, signal, sys\n"
        "signal.signal(signal.SIGCHLD, signal.SIG_IGN)\n"
        "os.execv(sys.executable, [sys.executable, *sys.argv[1:]])\n"
    )
    command = [sys.executable, "-c", ignoring, "-m", module, *call[1:]]
    env = {**machine.env, "HOME": str(tmp_path / "nowhere"), "GIT_CONFIG_COUNT": "x"}
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, check=False, timeout=60)
    assert done.returncode == 2 and done.stderr.count(b"\n") == 1
