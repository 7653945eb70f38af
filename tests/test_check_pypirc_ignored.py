"""Hook `check-pypirc-ignored` against git's own verdict, and its `--fix`."""
from __future__ import annotations

import contextlib
import errno
import os
import pathlib
import subprocess
import sys
import tempfile
from collections.abc import Callable

import pytest

from pypi_token_hooks import check_pypirc_ignored
from pypi_token_hooks import excludes
from pypi_token_hooks import git
from tests.machine import Machine

HOOK = "check-pypirc-ignored"
FIX = (sys.executable, "-m", "pypi_token_hooks.check_pypirc_ignored", "--fix")
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


def is_root() -> bool:
    return os.name != "nt" and os.geteuid() == 0


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
    "set to a missing folder": set_to("HOME/missing/", None),
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


def written(name: str, text: str | bytes, rules: bytes = b".pypirc\n") -> Setup:
    """A file of git's configuration as it stands, below the home folder or (with `.git/`) in the repository."""

    def setup(machine: Machine, repository: pathlib.Path) -> None:
        (machine.home / "ignored").write_bytes(rules)
        data = text if isinstance(text, bytes) else text.encode()
        path = (repository if name.startswith(".git/") else machine.home) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab") as stream:
            stream.write(data.replace(b"HOME", str(machine.home).encode()).replace(b"HERE", str(repository).encode()))

    return setup


def all_of(*setups: Setup) -> Setup:
    def setup(machine: Machine, repository: pathlib.Path) -> None:
        for each in setups:
            each(machine, repository)

    return setup


def given_by(**names: str) -> Setup:
    """Variables of the environment."""

    def setup(machine: Machine, repository: pathlib.Path) -> None:
        (machine.home / "ignored").write_bytes(b".pypirc\n")
        machine.env |= {name: value.replace("HOME", str(machine.home)) for name, value in names.items()}

    return setup


def without(*names: str) -> Setup:
    def setup(machine: Machine, repository: pathlib.Path) -> None:
        for name in names:
            machine.env.pop(name)

    return setup


def system(text: str) -> Setup:
    """A system-wide file of configuration."""
    named = variable("GIT_CONFIG_SYSTEM", "HOME/system", written("system", text))
    return all_of(named, without("GIT_CONFIG_NOSYSTEM"))


def at_top(content: bytes) -> Setup:
    """A relative path, which git seeks at the top of the work tree."""

    def setup(machine: Machine, repository: pathlib.Path) -> None:
        (repository / "rules").mkdir()
        (repository / "rules" / "ignored").write_bytes(content)
        machine.git(repository, "config", "--global", "core.excludesFile", "rules/ignored")

    return setup


def relative_xdg(machine: Machine, repository: pathlib.Path) -> None:
    (repository / "conf" / "git").mkdir(parents=True)
    (repository / "conf" / "git" / "ignore").write_text(".pypirc\n")
    machine.env["XDG_CONFIG_HOME"] = "conf"


def worktree_conf(machine: Machine, repository: pathlib.Path) -> None:
    machine.git(repository, "config", "extensions.worktreeConfig", "true")
    set_to("HOME/ignored", scope="--worktree")(machine, repository)


def onbranch(name: str) -> Setup:
    return written(".gitconfig", f'[includeIf "onbranch:{name}"]\n\tpath = HOME/more\n')


def hidden(machine: Machine, repository: pathlib.Path) -> None:
    default(b".pypirc\n")(machine, repository)
    (machine.home / ".config" / "git" / "ignore").chmod(0)


def pipe(machine: Machine, repository: pathlib.Path) -> None:
    (machine.home / ".config" / "git").mkdir(parents=True)
    os.mkfifo(machine.home / ".config" / "git" / "ignore")


def links(*steps: tuple[str, str]) -> Setup:
    """Links below the home folder, from the file in force on."""

    def setup(machine: Machine, repository: pathlib.Path) -> None:
        (machine.home / ".config" / "git").mkdir(parents=True)
        (machine.home / "real").write_text(".pypirc\n")
        for name, target in steps:
            (machine.home / name).symlink_to(machine.home / target)

    return setup


def foreign(machine: Machine, repository: pathlib.Path) -> None:
    """A repository of somebody else that git is told to trust."""
    default(b".pypirc\n")(machine, repository)
    machine.git(repository, "config", "--global", "safe.directory", "*")
    if is_root():
        os.chown(repository, 12345, 12345)
        os.chown(repository / ".git", 12345, 12345)


MORE = written("more", "[core]\n\texcludesFile = HOME/ignored\n")
OTHER = written("other", "[core]\n\texcludesFile = HOME/nothing\n")
IGNORE = ".config/git/ignore"
SETUPS |= {
    "GIT_CONFIG_GLOBAL with a setting": variable("GIT_CONFIG_GLOBAL", "HOME/conf", global_conf),
    "GIT_CONFIG_GLOBAL to nothing": variable("GIT_CONFIG_GLOBAL", "/dev/null", set_to("~/ignored")),
    "GIT_CONFIG_GLOBAL, default file": variable("GIT_CONFIG_GLOBAL", "/dev/null", default(b".pypirc\n")),
    "GIT_CONFIG_COUNT with a setting": given_by(
        GIT_CONFIG_COUNT="1", GIT_CONFIG_KEY_0="core.excludesFile", GIT_CONFIG_VALUE_0="HOME/ignored"),
    "GIT_CONFIG_COUNT with a tilde": given_by(
        GIT_CONFIG_COUNT="1", GIT_CONFIG_KEY_0="core.excludesfile", GIT_CONFIG_VALUE_0="~/ignored"),
    "GIT_CONFIG_COUNT over the others": all_of(set_to("HOME/ignored"), given_by(
        GIT_CONFIG_COUNT="1", GIT_CONFIG_KEY_0="CORE.EXCLUDESFILE", GIT_CONFIG_VALUE_0="HOME/none")),
    "git -c": given_by(GIT_CONFIG_PARAMETERS="'core.excludesfile'='HOME/ignored'"),
    "GIT_CONFIG, which holds for `git config` alone": variable("GIT_CONFIG", "HOME/conf", set_to("HOME/ignored")),
    "system": system("[core]\n\texcludesFile = HOME/ignored\n"),
    "system, and git is told not to read it": all_of(
        system("[core]\n\texcludesFile = HOME/ignored\n"), given_by(GIT_CONFIG_NOSYSTEM="1")),
    "global over system": all_of(system("[core]\n\texcludesFile = HOME/ignored\n"), set_to("HOME/none", None)),
    "local over global": all_of(set_to("HOME/ignored"), set_to("HOME/none", None, "--local")),
    "local over a bad global": all_of(set_to("HOME/none"), set_to("HOME/ignored", scope="--local")),
    "local to nothing": all_of(set_to("HOME/ignored"), set_to("", None, "--local")),
    "local to nothing, with a default file": all_of(default(b".pypirc\n"), set_to("", None, "--local")),
    "worktree": worktree_conf,
    "the last of two": written(".gitconfig", "[core]\n\texcludesFile = HOME/none\n\texcludesFile = HOME/ignored\n"),
    "the last of two is the wrong one": written(".gitconfig", "[core]\n\texcludesFile = ~/ignored\n\texcludesFile = ~/none\n"),
    "two files of the global scope": all_of(
        written(".config/git/config", "[core]\n\texcludesFile = ~/none\n"), written(".gitconfig", "[core]\n\texcludesFile=~/ignored\n")),
    "in the global file of XDG": all_of(
        given_by(XDG_CONFIG_HOME="HOME/xdg"), written("xdg/git/config", "[core]\n\texcludesFile = ~/ignored\n")),
    "another letter case": written(".gitconfig", "[CORE]\n\tEXCLUDESFILE = ~/ignored\n"),
    "configuration with crlf": written(".gitconfig", "[core]\r\n\texcludesFile = ~/ignored\r\n"),
    "configuration with a byte-order mark": written(".gitconfig", b"\xef\xbb\xbf[core]\n\texcludesFile = ~/ignored\n"),
    "a comment behind it": written(".gitconfig", "[core]\n\texcludesFile = ~/ignored ; mine\n"),
    "a comment before it": written(".gitconfig", "[core]\n#\texcludesFile = ~/ignored\n"),
    "quoted": written(".gitconfig", '[core]\n\texcludesFile = "HOME/ignored"\n'),
    "in another section": written(".gitconfig", '[core "x"]\n\texcludesFile = ~/ignored\n'),
    "the home folder of a user": written(".gitconfig", "[core]\n\texcludesFile = ~nobody-has-this-name/ignored\n"),
    "include of an include": all_of(MORE, written("between", "[include]\n\tpath = more\n"),
        written(".gitconfig", "[include]\n\tpath = between\n")),
    "include with a tilde": all_of(MORE, written(".gitconfig", "[include]\n\tpath = ~/more\n")),
    "include of a missing file": written(".gitconfig", "[include]\n\tpath = missing\n"),
    "include, then another": all_of(MORE, OTHER, written(".gitconfig", "[include]\n\tpath = more\n\tpath = other\n")),
    "include in the repository": all_of(MORE, written(".git/config", "[include]\n\tpath = HOME/more\n")),
    "includeIf gitdir with a tilde": all_of(MORE, written(".gitconfig", '[includeIf "gitdir:~/"]\n\tpath = more\n')),
    "includeIf gitdir/i": all_of(MORE, written(".gitconfig", '[includeIf "gitdir/i:HERE/.GIT"]\n\tpath = more\n')),
    "includeIf the branch": all_of(MORE, onbranch("main")),
    "includeIf another branch": all_of(MORE, onbranch("other")),
    "includeIf a remote": all_of(MORE, written(".git/config", '[remote "o"]\n\turl = https://example.org/x\n'),
        written(".gitconfig", '[includeIf "hasconfig:remote.*.url:https://example.org/**"]\n\tpath = more\n')),
    "relative": at_top(b".pypirc\n"),
    "relative, wrong rules": at_top(b"/.pypirc\n"),
    "xdg relative": relative_xdg,
    "xdg, and a setting": all_of(variable("XDG_CONFIG_HOME", "HOME/xdg", xdg), set_to("HOME/none", None)),
    "no home folder": all_of(default(b".pypirc\n"), without("HOME")),
    "no home folder, but xdg": all_of(variable("XDG_CONFIG_HOME", "HOME/xdg", xdg), without("HOME")),
    "no home folder, and a setting": all_of(set_to("HOME/ignored", scope="--local"), without("HOME")),
    "home is empty": all_of(default(b".pypirc\n"), given_by(HOME="")),
    "unreadable": hidden,
    "a pipe": pipe,
    "a device": set_to("/dev/null", None),
    "a device without end": set_to("/dev/zero", None),
    "two links": links((IGNORE, "second"), ("second", "real")),
    "a link to nothing": links((IGNORE, "missing")),
    "links in a circle": links((IGNORE, "second"), ("second", IGNORE)),
    "a link to a folder": links((IGNORE, ".config")),
    "the folder is a link": links((".config/git2", ".config/git"), ("xdg", ".config")),
    "a repository of somebody else": foreign,
    "only blanks": default(b"  \n\t\n"),
    "carriage returns alone": default(b"a\r.pypirc\r"),
    "a nul byte before": default(b"a\0b\n.pypirc\n"),
    "in a folder that is ignored and taken back": default(b"sub/\n!sub/\n!sub/.pypirc\n.pypirc\n"),
    "negated for all dotfiles": default(b".pypirc\n!.*\n"),
    "negated by a wildcard, then again": default(b".pypirc\n!.py*\n.pypirc*\n"),
    "everything but one kind": default(b"*\n!*.py\n!*/\n"),
    "everything but dotfiles": default(b"*\n!.*\n"),
    "a negated class": default(b".pypir[!x]\n"),
    "stars in the middle": default(b"**/sub/.pypirc\n/.pypirc\n"),
    "escaped": default(b"\\.pypirc\n"),
    "an escaped exclamation mark": default(b"\\!.pypirc\n"),
    "slash at both ends": default(b"/.pypirc/\n"),
    "a broken class": default(b".pypir[c\n"),
    "a bad name for the first branch": all_of(default(b".pypirc\n"), written(".gitconfig", "[init]\n\tdefaultBranch = a b\n")),
    "no name for the first branch": all_of(default(b".pypirc\n"), written(".gitconfig", "[init]\n\tdefaultBranch =\n")),
    "very many rules": default(b"*.x\n" * 50_000 + b".pypirc\n"),
    "an endless line": default(b"x" * 1_000_000 + b"\n.pypirc\n"),
}
NO_FILE = ("set to nothing", "set to a folder", "set to a missing folder", "a folder in its place", "local to nothing",
           "local to nothing, with a default file", "no home folder", "a pipe", "a device", "a device without end", "a link to a folder")
HARDER: dict[str, Setup] = {
    "GIT_CONFIG_COUNT to nothing": given_by(GIT_CONFIG_COUNT="1", GIT_CONFIG_KEY_0="core.excludesFile", GIT_CONFIG_VALUE_0=""),
    "twice to nothing": written(".git/config", "[core]\n\texcludesFile =\n\texcludesFile =\n"),
    "to nothing in an included file": all_of(
        written("more", "[core]\n\texcludesFile =\n"), written(".gitconfig", "[include]\n\tpath = more\n")),
    "to a device in the repository": set_to("/dev/null", None, "--local"),
    "to nothing in the repository, and a folder": all_of(folder, set_to("", None, "--local")),
    "a link into a missing folder": links((IGNORE, "nowhere/missing")),
    "below a file": written(".config", "x"),
    "below a file that a setting names": all_of(written("file", "x"), set_to("~/file/ignored", None)),
}
BY_HAND = {
    "no home folder": "Set the variable HOME to your home folder: git looks for its settings there.",
    "GIT_CONFIG_COUNT to nothing": "Where the command line or the environment sets core.excludesFile, let it name a file, or take it out.",
}
UNFIXABLE = (*NO_FILE, "utf-16", "the home folder of a user", "links in a circle", "home is empty", "unreadable")


def verdict(machine: Machine, repository: pathlib.Path) -> bool | None:
    """Returns what git itself says, in the same repository without its own rules; None where git fails."""
    for rules in (repository / ".gitignore", repository / ".git" / "info" / "exclude"):
        rules.unlink(missing_ok=True)
    (repository / "sub").mkdir()
    for name in (".pypirc", "sub/.pypirc"):
        (repository / name).write_text("")
    command = ("git", "status", "--porcelain", "-z", "-uall")
    try:
        done = subprocess.run(command, cwd=repository, env=machine.env, capture_output=True, check=False, timeout=2)
    except subprocess.TimeoutExpired:
        return False  # git waits for somebody to write into the pipe
    if done.returncode:
        return None  # git cannot use its configuration or the excludes file at all
    return not any(line.endswith(".pypirc") for line in done.stdout.decode().split("\0"))


@pytest.mark.parametrize("name", SETUPS)
def test_it_agrees_with_git(name: str, machine: Machine, tmp_path: pathlib.Path) -> None:
    repository = machine.repository(tmp_path / "repository")
    SETUPS[name](machine, repository)
    done = machine.hook(HOOK, cwd=repository)
    expected = verdict(machine, repository)
    if expected is None and done.returncode == 2:
        assert done.stderr.startswith(b"check-pypirc-ignored: git config failed: ")
        return
    assert done.stderr == b""
    assert done.returncode == (0 if expected else 1), done.stdout.decode()
    assert (b".pypirc" in done.stdout) is not expected


def test_git_takes_the_set_ups_as_they_are_meant(machine: Machine, tmp_path: pathlib.Path) -> None:
    """The set-ups are of both kinds, each many times: else their names would say nothing."""
    said = []
    for number, setup in enumerate(SETUPS.values()):
        each = Machine(tmp_path / str(number))
        repository = each.repository(tmp_path / str(number) / "repository")
        setup(each, repository)
        said.append(verdict(each, repository))
    assert min(said.count(True), said.count(False)) > 40


@pytest.mark.parametrize("name", [name for name in SETUPS if name not in UNFIXABLE])
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


@pytest.mark.parametrize("name", NO_FILE)
def test_what_cannot_be_fixed_is_told_with_the_command(name: str, machine: Machine, tmp_path: pathlib.Path) -> None:
    repository = machine.repository(tmp_path / "repository")
    SETUPS[name](machine, repository)
    done = machine.hook(HOOK, "--fix", cwd=repository)
    assert done.returncode == 2
    told = machine.hook(HOOK, cwd=repository).stdout.decode().split("do now ")[1].split()
    assert " ".join(told) in " ".join(done.stderr.decode().split())


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"*.pyc\n", b"*.pyc\n.pypirc\n"),
        (b"*.pyc", b"*.pyc\n.pypirc\n"),
        (b"*.pyc\r\n", b"*.pyc\r\n.pypirc\r\n"),
        (b"a\r\nb", b"a\r\nb\r\n.pypirc\r\n"),
        (b"caf\xe9\n\xff\xfe\n", b"caf\xe9\n\xff\xfe\n.pypirc\n"),
        (b".pypirc\n!.pypirc\n", b".pypirc\n!.pypirc\n.pypirc\n"),
        (b"a\r\nb\nc", b"a\r\nb\nc\n.pypirc\n"),
        (b"a\nb\r\n", b"a\nb\r\n.pypirc\r\n"),
        (b"", b".pypirc\n"),
        (b"\n\n", b"\n\n.pypirc\n"),
        (b"\xef\xbb\xbf*.pyc", b"\xef\xbb\xbf*.pyc\n.pypirc\n"),
        (b"a\0b\r", b"a\0b\r\n.pypirc\n"),
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
    runs = [subprocess.Popen(FIX, cwd=repository, env=machine.env, stdout=subprocess.DEVNULL) for _ in range(6)]
    assert sorted(run.wait() for run in runs) == [0] * 5 + [1]
    assert (machine.home / ".config" / "git" / "ignore").read_bytes() == b".pypirc\n"


def test_a_run_that_is_killed_leaves_the_file_with_the_line_or_without(machine: Machine, tmp_path: pathlib.Path) -> None:
    repository = machine.repository(tmp_path / "repository")
    default(b"*.pyc")(machine, repository)
    path = machine.home / ".config" / "git" / "ignore"
    for number in range(12):
        run = subprocess.Popen(FIX, cwd=repository, env=machine.env, stdout=subprocess.DEVNULL)
        with contextlib.suppress(subprocess.TimeoutExpired):
            run.wait(0.02 * number)
        run.kill()
        run.wait()
        assert path.read_bytes() in (b"*.pyc", b"*.pyc\n.pypirc\n")
        assert [entry.name for entry in path.parent.iterdir()] == ["ignore"]
    assert machine.hook(HOOK, "--fix", cwd=repository).returncode in (0, 1), "no lock is left behind"
    assert path.read_bytes() == b"*.pyc\n.pypirc\n"


@pytest.mark.skipif(sys.platform == "win32", reason="no such limit there")
def test_a_full_disk_leaves_the_file_as_it_was(machine: Machine, tmp_path: pathlib.Path) -> None:
    repository = machine.repository(tmp_path / "repository")
    default(b"*.pyc\n")(machine, repository)
    command = ("sh", "-c", 'ulimit -f 0; exec "$0" "$@"', *FIX)
    path = machine.home / ".config" / "git" / "ignore"
    done = subprocess.run(command, cwd=repository, env=machine.env, capture_output=True, check=False)
    assert (done.returncode, path.read_bytes()) == (2, b"*.pyc\n")
    assert done.stderr.count(b"\n") == 1
    path.write_bytes(b"x" * 509 + b"\n")  # room for two bytes more
    done = subprocess.run((*command[:2], command[2].replace("0;", "1;"), *command[3:]), cwd=repository, env=machine.env,
                          capture_output=True, check=False)
    assert (done.returncode, path.read_bytes()) == (2, b"x" * 509 + b"\n")


@pytest.mark.parametrize("kind", ["read-only", "below a file", "utf-16", "links in a circle"])
def test_what_cannot_be_written_is_told_in_one_line(kind: str, machine: Machine, tmp_path: pathlib.Path) -> None:
    repository = machine.repository(tmp_path / "repository")
    path = machine.home / ".config" / "git" / "ignore"
    if kind == "below a file":
        (machine.home / ".config").write_text("x")
    elif kind == "links in a circle":
        SETUPS[kind](machine, repository)
    else:
        default("*.pyc\n".encode("utf-16") if kind == "utf-16" else b"*.pyc\n")(machine, repository)
    if kind == "read-only":
        if is_root():
            pytest.skip("nothing is read-only for root")
        path.chmod(0o444)
    before = path.read_bytes() if path.is_file() else b""
    done = machine.hook(HOOK, "--fix", cwd=repository)
    assert (done.returncode, done.stdout, done.stderr.count(b"\n")) == (2, b"", 1)
    assert str(path).encode() in done.stderr
    assert (path.read_bytes() if path.is_file() else b"") == before


@pytest.mark.skipif(os.name == "nt", reason="the command is one of sh")
@pytest.mark.parametrize("name", [*SETUPS, *HARDER])
def test_the_command_it_names_mends_it(name: str, machine: Machine, tmp_path: pathlib.Path) -> None:
    repository = machine.repository(tmp_path / "repository")
    {**SETUPS, **HARDER}[name](machine, repository)
    below = repository / "below"
    below.mkdir()
    done = machine.hook(HOOK, cwd=below)
    if done.returncode != 1:
        return
    command = done.stdout.decode().split("do now ")[1].strip()
    if name in BY_HAND:
        assert " ".join(command.split()).endswith(BY_HAND[name])
        return
    subprocess.run(["sh", "-c", command], cwd=below, env=machine.env, check=True, timeout=9)
    assert machine.hook(HOOK, cwd=below).returncode == 0
    assert verdict(machine, repository)


@pytest.mark.skipif(os.name == "nt", reason="no such names there")
@pytest.mark.parametrize(("name", "encoding"), [(b"h\xff", "utf-8"), (b"h\nx", "utf-8"), ("h\u00e9".encode(), "ascii")])
def test_no_command_has_a_name_that_is_not_shown_as_it_is(
    name: bytes, encoding: str, machine: Machine, tmp_path: pathlib.Path
) -> None:
    env = {"HOME": os.fsdecode(bytes(tmp_path) + b"/" + name), "PYTHONIOENCODING": encoding}
    done = machine.hook(HOOK, cwd=tmp_path, env=env)
    assert (done.returncode, done.stderr) == (1, b"")
    assert done.stdout.endswith(b"  do now     mkdir -p <its folder> && printf '\\n.pypirc\\n' >> <the file>\n\n")
    done = machine.hook(HOOK, "--fix", cwd=tmp_path, env={**env, "HOME": env["HOME"] + "/x", "XDG_CONFIG_HOME": "/dev/null"})
    assert done.returncode == 2 and b"\0" not in done.stderr


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


def test_no_room_for_the_question_is_told(
    machine: Machine, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(machine.repository(tmp_path / "repository"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nothing"))
    monkeypatch.setenv("HOME", str(machine.home))
    assert check_pypirc_ignored.main(["--in-ci"]) == 2
    said = f"{HOOK}: no temporary folder can be made in which to ask git: {os.strerror(errno.ENOENT)}\n"
    assert capsys.readouterr() == ("", said)


@pytest.mark.skipif(os.name == "nt", reason="it is simulated")
def test_the_home_folder_is_that_of_git_on_windows_too(
    machine: Machine, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where HOME is not set git takes HOMEDRIVE and HOMEPATH, or USERPROFILE, which need not be the same folder."""
    program, environment = git.program(), {**machine.env, "HOME": "/drive/home"}
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("HOME", raising=False)
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    monkeypatch.setenv("USERPROFILE", str(machine.home))
    monkeypatch.setattr(git, "program", lambda: program)
    monkeypatch.setattr(git, "environment", lambda *_: environment)
    with monkeypatch.context() as system:
        system.setattr(os, "name", "nt")
        found = excludes.in_force()
    assert found.path == "/drive/home/.config/git/ignore"


def test_git_understands_the_files_that_it_is_told_to_use() -> None:
    """A tilde and then a slash, on every system: behind a backslash git would look for a user of that name."""
    assert all(other.startswith("~/") and "\\" not in other for other in excludes.OTHERS)
