"""Hook `check-pypirc-ignored` against git's own verdict, and its `--fix`."""
from __future__ import annotations

import os
import pathlib
import subprocess
import sys
from collections.abc import Callable

import pytest

from tests.machine import Machine

HOOK = "check-pypirc-ignored"
Setup = Callable[[Machine, pathlib.Path], None]


def default(content: bytes) -> Setup:
    """The file that git reads where no setting names one."""

    def setup(machine: Machine, repository: pathlib.Path) -> None:
        path = machine.home / ".config" / "git" / "ignore"
        path.parent.mkdir(parents=True)
        path.write_bytes(content)

    return setup


def set_to(value: str, content: bytes | None = b".pypirc\n", scope: str = "--global") -> Setup:
    """A setting, and the file it names below the home folder."""

    def setup(machine: Machine, repository: pathlib.Path) -> None:
        if content is not None:
            (machine.home / "ignored").write_bytes(content)
        machine.git(repository, "config", scope, "core.excludesFile", value.replace("HOME", str(machine.home)))

    return setup


def variable(name: str, value: str, setup: Setup) -> Setup:
    def both(machine: Machine, repository: pathlib.Path) -> None:
        setup(machine, repository)
        machine.env[name] = value.replace("HOME", str(machine.home))

    return both


def xdg(machine: Machine, repository: pathlib.Path) -> None:
    (machine.home / "xdg" / "git").mkdir(parents=True)
    (machine.home / "xdg" / "git" / "ignore").write_text(".pypirc\n")


def included(machine: Machine, repository: pathlib.Path, condition: str) -> None:
    (machine.home / "ignored").write_text(".pypirc\n")
    (machine.home / "more").write_text(f"[core]\n\texcludesFile = {machine.home}/ignored\n")
    (machine.home / ".gitconfig").write_text(f"[{condition}]\n\tpath = {machine.home}/more\n")


def include_if_here(machine: Machine, repository: pathlib.Path) -> None:
    included(machine, repository, f'includeIf "gitdir:{repository}/"')


def include_if_elsewhere(machine: Machine, repository: pathlib.Path) -> None:
    included(machine, repository, 'includeIf "gitdir:/nowhere/"')


def include(machine: Machine, repository: pathlib.Path) -> None:
    included(machine, repository, "include")


def linked(machine: Machine, repository: pathlib.Path) -> None:
    default(b"")(machine, repository)
    path = machine.home / ".config" / "git" / "ignore"
    path.unlink()
    (machine.home / "real").write_text(".pypirc\n")
    path.symlink_to(machine.home / "real")


def folder(machine: Machine, repository: pathlib.Path) -> None:
    (machine.home / ".config" / "git" / "ignore").mkdir(parents=True)


def own_rules(machine: Machine, repository: pathlib.Path) -> None:
    (repository / ".gitignore").write_text(".pypirc\n")


def own_exclude(machine: Machine, repository: pathlib.Path) -> None:
    (repository / ".git" / "info").mkdir(exist_ok=True)
    (repository / ".git" / "info" / "exclude").write_text(".pypirc\n")


def nothing(machine: Machine, repository: pathlib.Path) -> None:
    return


SETUPS: dict[str, Setup] = {
    "nothing": nothing,
    "empty file": default(b""),
    "plain": default(b".pypirc\n"),
    "no newline at the end": default(b".pypirc"),
    "crlf": default(b".pypirc\r\n"),
    "crlf among others": default(b"*.pyc\r\n.pypirc\r\n*.log\r\n"),
    "byte-order mark": default(b"\xef\xbb\xbf.pypirc\n"),
    "byte-order mark on a line before": default(b"\xef\xbb\xbf*.pyc\n.pypirc\n"),
    "utf-16": default(".pypirc\n".encode("utf-16")),
    "anchored": default(b"/.pypirc\n"),
    "folders only": default(b".pypirc/\n"),
    "in a folder only": default(b"sub/.pypirc\n"),
    "both anchored": default(b"/.pypirc\n/sub/.pypirc\n"),
    "any depth": default(b"**/.pypirc\n"),
    "star": default(b"*\n"),
    "dotfiles": default(b".*\n"),
    "wildcard": default(b".pypi*\n"),
    "question marks": default(b".pypir?\n"),
    "class": default(b".pypir[a-d]\n"),
    "upper case": default(b".PYPIRC\n"),
    "comment": default(b"#.pypirc\n"),
    "escaped hash": default(b"\\#.pypirc\n"),
    "negated after": default(b".pypirc\n!.pypirc\n"),
    "negated before": default(b"!.pypirc\n.pypirc\n"),
    "negated in a folder": default(b".pypirc\n!sub/.pypirc\n"),
    "negated at the top": default(b".pypirc\n!/.pypirc\n"),
    "trailing blanks": default(b".pypirc   \n"),
    "escaped trailing blank": default(b".pypirc\\ \n"),
    "leading blank": default(b" .pypirc\n"),
    "trailing tab": default(b".pypirc\t\n"),
    "folder ignored": default(b"sub/\n"),
    "other names": default(b"pypirc\n.pypirc.bak\n.pypircs\n"),
    "link": linked,
    "a folder in its place": folder,
    "set globally": set_to("HOME/ignored"),
    "set with a tilde": set_to("~/ignored"),
    "set to a missing file": set_to("~/missing", None),
    "set to nothing": set_to("", None),
    "set to a folder": set_to("HOME", None),
    "set in the repository": set_to("HOME/ignored", scope="--local"),
    "set over the default": variable("HOME", "HOME", set_to("~/ignored", b"*.pyc\n")),
    "xdg": variable("XDG_CONFIG_HOME", "HOME/xdg", xdg),
    "xdg empty": variable("XDG_CONFIG_HOME", "", default(b".pypirc\n")),
    "xdg elsewhere": variable("XDG_CONFIG_HOME", "HOME/none", default(b".pypirc\n")),
    "GIT_CONFIG_GLOBAL": variable("GIT_CONFIG_GLOBAL", "HOME/conf", default(b"")),
    "GIT_CONFIG_COUNT": variable("GIT_CONFIG_COUNT", "0", set_to("~/ignored")),
    "include": include,
    "includeIf here": include_if_here,
    "includeIf elsewhere": include_if_elsewhere,
    "the repository's own rules": own_rules,
    "the repository's own exclude": own_exclude,
}


def global_conf(machine: Machine, repository: pathlib.Path) -> None:
    (machine.home / "ignored").write_text(".pypirc\n")
    (machine.home / "conf").write_text(f"[core]\n\texcludesFile = {machine.home}/ignored\n")


SETUPS["GIT_CONFIG_GLOBAL with a setting"] = variable("GIT_CONFIG_GLOBAL", "HOME/conf", global_conf)


def verdict(machine: Machine, repository: pathlib.Path) -> bool:
    """Returns what git itself says, in the same repository without its own rules."""
    for rules in (repository / ".gitignore", repository / ".git" / "info" / "exclude"):
        rules.unlink(missing_ok=True)
    (repository / "sub").mkdir()
    for name in (".pypirc", "sub/.pypirc"):
        (repository / name).write_text("")
    command = ("git", "status", "--porcelain", "-z", "-uall")
    done = subprocess.run(command, cwd=repository, env=machine.env, capture_output=True, check=False)
    if done.returncode:
        return False  # git cannot use the excludes file at all
    return not any(line.endswith(".pypirc") for line in done.stdout.decode().split("\0"))


@pytest.mark.parametrize("name", SETUPS)
def test_it_agrees_with_git(name: str, machine: Machine, tmp_path: pathlib.Path) -> None:
    repository = machine.repository(tmp_path / "repository")
    SETUPS[name](machine, repository)
    done = machine.hook(HOOK, cwd=repository)
    assert done.stderr == b""
    expected = verdict(machine, repository)
    assert done.returncode == (0 if expected else 1), done.stdout.decode()
    assert (b".pypirc" in done.stdout) is not expected


@pytest.mark.parametrize("name", [n for n in SETUPS if n not in ("set to nothing", "set to a folder", "a folder in its place", "utf-16")])
def test_fix_makes_git_ignore_it_and_the_second_run_has_nothing_to_do(
    name: str, machine: Machine, tmp_path: pathlib.Path
) -> None:
    repository = machine.repository(tmp_path / "repository")
    SETUPS[name](machine, repository)
    before = machine.hook(HOOK, cwd=repository).returncode
    first = machine.hook(HOOK, "--fix", cwd=repository)
    assert first.returncode == before, first.stderr.decode()
    assert machine.hook(HOOK, "--fix", cwd=repository).returncode == 0
    assert verdict(machine, repository)


@pytest.mark.parametrize("name", ["set to nothing", "set to a folder", "a folder in its place"])
def test_what_cannot_be_fixed_is_told_with_the_command(name: str, machine: Machine, tmp_path: pathlib.Path) -> None:
    repository = machine.repository(tmp_path / "repository")
    SETUPS[name](machine, repository)
    done = machine.hook(HOOK, "--fix", cwd=repository)
    assert done.returncode == 2
    assert b"git config --global core.excludesFile" in done.stderr


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"*.pyc\n", b"*.pyc\n.pypirc\n"),
        (b"*.pyc", b"*.pyc\n.pypirc\n"),
        (b"*.pyc\r\n", b"*.pyc\r\n.pypirc\r\n"),
        (b"a\r\nb", b"a\r\nb\r\n.pypirc\r\n"),
        (b"caf\xe9\n\xff\xfe\n", b"caf\xe9\n\xff\xfe\n.pypirc\n"),
        (b".pypirc\n!.pypirc\n", b".pypirc\n!.pypirc\n.pypirc\n"),
    ],
)
def test_fix_keeps_every_byte_the_mode_and_the_links(
    before: bytes, after: bytes, machine: Machine, tmp_path: pathlib.Path
) -> None:
    repository = machine.repository(tmp_path / "repository")
    linked(machine, repository)
    real = machine.home / "real"
    real.write_bytes(before)
    real.chmod(0o640)
    os.link(real, machine.home / "hard")
    assert machine.hook(HOOK, "--fix", cwd=repository).returncode == 1
    assert real.read_bytes() == after == (machine.home / "hard").read_bytes()
    assert real.stat().st_mode & 0o777 == 0o640
    assert (machine.home / ".config" / "git" / "ignore").is_symlink()


def test_several_runs_at_once_add_one_line(machine: Machine, tmp_path: pathlib.Path) -> None:
    repository = machine.repository(tmp_path / "repository")
    command = [sys.executable, "-m", "pypi_token_hooks.check_pypirc_ignored", "--fix"]
    runs = [subprocess.Popen(command, cwd=repository, env=machine.env, stdout=subprocess.DEVNULL) for _ in range(6)]
    assert sorted(run.wait() for run in runs) == [0] * 5 + [1]
    assert (machine.home / ".config" / "git" / "ignore").read_bytes() == b".pypirc\n"


def test_the_command_it_names_mends_it(machine: Machine, tmp_path: pathlib.Path) -> None:
    repository = machine.repository(tmp_path / "repository")
    for setup in (default(b"*.pyc"), set_to("~/missing", None), set_to("", None)):
        setup(machine, repository)
        done = machine.hook(HOOK, cwd=repository)
        command = done.stdout.decode().split("do now ")[1].strip()
        subprocess.run(["sh", "-c", command], env=machine.env, check=True)
        assert machine.hook(HOOK, cwd=repository).returncode == 0


def test_in_ci_it_says_so_and_passes_unless_asked(machine: Machine, tmp_path: pathlib.Path) -> None:
    repository = machine.repository(tmp_path / "repository")
    done = machine.hook(HOOK, cwd=repository, env={"CI": "true"})
    assert done.returncode == 0
    assert b"--in-ci" in done.stdout
    assert machine.hook(HOOK, "--in-ci", cwd=repository, env={"CI": "true"}).returncode == 1


def test_outside_of_a_repository_the_global_setting_counts(machine: Machine, tmp_path: pathlib.Path) -> None:
    assert machine.hook(HOOK, cwd=tmp_path).returncode == 1
    default(b".pypirc\n")(machine, tmp_path)
    assert machine.hook(HOOK, cwd=tmp_path).returncode == 0


def test_inside_a_hook_the_environment_of_git_does_not_mislead_it(machine: Machine, tmp_path: pathlib.Path) -> None:
    repository = machine.repository(tmp_path / "repository")
    own_rules(machine, repository)
    env = {"GIT_DIR": str(repository / ".git"), "GIT_INDEX_FILE": str(repository / ".git" / "index"), "GIT_WORK_TREE": str(repository)}
    assert machine.hook(HOOK, cwd=repository, env=env).returncode == 1


def test_no_git_is_told(machine: Machine, tmp_path: pathlib.Path) -> None:
    done = machine.hook(HOOK, cwd=tmp_path, env={"PATH": str(tmp_path)})
    assert done.returncode == 2
    assert b"git is not on the PATH" in done.stderr
