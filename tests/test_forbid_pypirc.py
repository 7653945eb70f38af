"""Hook `forbid-pypirc`: which names it stops, whether they are given, in a folder or staged."""
from __future__ import annotations

import json
import os
import pathlib
import re
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pypi_token_hooks.credentials import filenames
from tests.machine import Machine

HOOK = "forbid-pypirc"
STOPPED = (
    ".pypirc", ".PYPIRC", ".PyPiRc", ".pypirc.bak", ".PYPIRC.BAK", ".pypirc~", ".pypirc.~1~", ".pypirc.orig", ".pypirc.old",
    ".pypirc.save", ".pypirc.swp", ".pypirc (1)", ".pypirc - Copy", ".pypirc.txt", ".pypirc_backup", ".pypirc-2024", ".pypirc2",
    ".pypirc.ini", ".pypirc.local", ".pypirc.prod", ".pypirc.tmp", ".pypirc.rej", ".pypirc.d", ".pypircs", "#.pypirc#",
    ".#.pypirc", "._.pypirc", "~.pypirc", "~$.pypirc", "Copy of .pypirc", "copy of .pypirc.bak", ".pypirc.", ".pypirc ", " .pypirc",
    ".pypirc::$DATA", ".pypirc.example.bak", ".pypirc.template~", ".pypirc.gpg~", ".pypirc.aged", ".pypirc.inc", ".pypirc.dist.old",
    ".pypirc.gz", ".pypirc.zip", ".pypirc.b64", ".pypirc-README.md", ".pypirc-checked-in", ".pypirc.examples", ".pypirc.bak.txt",
    ".pyp\u200birc", "\ufeff.pypirc", ".pypirc.enc2",
    "#.pypirc.j2#", ".pypirc\ud800", "..pypirc.un~", "..pypirc.swp", "..pypirc.kate-swp", "..pypirc.AbC123", ".\u200epypirc",
    "\u202e.pypirc", ".py\u206apirc", ".pypir\u2066c", ".py\u034fpirc", ".pypi\ufe0frc", ".pypirc\u2069.bak",
)
PASSED = (
    *(".pypirc" + kind for kind in (*filenames.TEMPLATES, *filenames.ENCRYPTED)),
    *(".PyPIrc" + kind.upper() for kind in (*filenames.TEMPLATES, *filenames.ENCRYPTED)),
    *(f".pypirc.local{template}{kind}" for template in filenames.TEMPLATES for kind in filenames.KINDS),
    *(f".pypirc{kind}.yml" for kind in filenames.ENCRYPTED), ".pypirc.bak.gpg", ".pypirc.local.example",
    "pypirc", "_pypirc", "pypirc.py", ".pypir", ".pypi", ".pypi.rc", ".pipyrc", "my.pypirc", "test.pypirc.txt", ".condarc",
    "a .pypirc", "check_pypirc_ignored.py", "",
)
ON_DISK = [name for name in STOPPED if name.isprintable() and not (os.name == "nt" and (":" in name or name[-1] in ". "))]


def found(machine: Machine, cwd: pathlib.Path, *arguments: str, code: int | None = None) -> list[dict[str, Any]]:
    """Returns the findings of a run; its exit code is the one that fits them, or `code`."""
    done = machine.hook(HOOK, "--format", "json", *arguments, cwd=cwd)
    assert done.stderr == b"" or code == 2
    findings: list[dict[str, Any]] = json.loads(done.stdout)["findings"]
    assert done.returncode == ((1 if findings else 0) if code is None else code)
    return findings


def paths(findings: list[dict[str, Any]]) -> list[str]:
    assert {finding["rule"] for finding in findings} <= {"pypirc-file"}
    return sorted(finding["path"].replace("\\", "/") for finding in findings)


# --- names -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", STOPPED, ids=ascii)
def test_what_it_stops(name: str) -> None:
    assert filenames.is_pypirc(name)


@pytest.mark.parametrize("name", PASSED, ids=ascii)
def test_what_it_lets_pass(name: str) -> None:
    assert not filenames.is_pypirc(name)


@given(st.lists(st.booleans(), min_size=7, max_size=7), st.text(st.characters(exclude_characters=".:/\\"), max_size=9))
def test_no_letter_case_and_no_ending_hides_it(upper: list[bool], ending: str) -> None:
    name = "".join(c.upper() if is_upper else c for c, is_upper in zip(".pypirc", upper, strict=True))
    assert filenames.is_pypirc(name + ending)


@given(st.text(max_size=40))
def test_any_name_is_judged(name: str) -> None:
    assert filenames.is_pypirc(name) in (True, False)


# --- names that are given, as by a runner ----------------------------------------------------------------------------


def test_every_name_at_once_with_what_to_do(machine: Machine, tmp_path: pathlib.Path) -> None:
    repository = machine.repository(tmp_path / "r")
    for name in (*ON_DISK, *(name for name in PASSED if name)):
        (repository / name).write_text("x")
    given = [name for name in (*PASSED, *ON_DISK) if name]
    findings = found(machine, repository, "--", *given)
    assert paths(findings) == sorted(ON_DISK)
    assert {(one["line"], one["column"], one["confidence"]) for one in findings} == {(1, 1, "certain")}
    assert all(one["message"] and one["remedy"].startswith("Take it out of the commit") for one in findings)
    assert all(one["fingerprint"] is one["token"] is one["commit"] is None for one in findings)


@pytest.mark.parametrize("name", [".pypirc", "deep/er/.PYPIRC", "a b/.pypirc.bak", "./.pypirc", "../r/.pypirc"])
@pytest.mark.parametrize("exists", [True, False])
@pytest.mark.parametrize("in_git", [True, False])
def test_the_name_counts_wherever_it_is_and_whatever_is_there(
    machine: Machine, tmp_path: pathlib.Path, name: str, exists: bool, in_git: bool
) -> None:
    folder = machine.repository(tmp_path / "r") if in_git else tmp_path / "r"
    folder.mkdir(exist_ok=True)
    if exists:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"")
    assert paths(found(machine, folder, name)) == [name]


def test_other_names_cost_no_git_and_need_no_file(machine: Machine, tmp_path: pathlib.Path) -> None:
    done = machine.hook(HOOK, "setup.py", "missing", "a/b.pypi", cwd=tmp_path, env={"PATH": str(tmp_path)})
    assert (done.returncode, done.stdout) == (0, b"forbid-pypirc: read the names of 3 files; nothing found\n")


@pytest.mark.skipif(os.name == "nt", reason="no such names there")
@pytest.mark.parametrize("folder", ["-x", "line\nbreak", "\udcff", "--version", "tab\tü", "back\\slash"])
def test_odd_folders_hide_nothing(machine: Machine, tmp_path: pathlib.Path, folder: str) -> None:
    if sys.platform == "darwin" and folder == "\udcff":
        pytest.skip("no such name there")
    repository = machine.repository(tmp_path / "r")
    (repository / folder).mkdir()
    (repository / folder / ".pypirc").write_text("x")
    (shown,) = found(machine, repository, "--", f"{folder}/.pypirc")
    assert shown["path"].endswith("/.pypirc")
    machine.git(repository, "add", "--force", ".")
    assert len(found(machine, repository)) == 1


@pytest.mark.skipif(os.name == "nt", reason="a separator there")
def test_a_backslash_hides_nothing(machine: Machine, tmp_path: pathlib.Path) -> None:
    assert paths(found(machine, tmp_path, "home\\.pypirc")) == ["home/.pypirc"]


def test_a_file_that_is_named_like_an_option_does_not_switch_it_off(machine: Machine, tmp_path: pathlib.Path) -> None:
    for name in ("--quiet", "-h", "--format=json", ".pypirc"):
        (tmp_path / name).write_text("x")
    for name in ("--quiet", "-h", "--format=json"):
        assert machine.hook(HOOK, name, ".pypirc", cwd=tmp_path).returncode == 2
        assert machine.hook(HOOK, "--", name, ".pypirc", cwd=tmp_path).returncode == 1


def test_the_same_name_without_a_minus_sign_is_no_standard_input(machine: Machine, tmp_path: pathlib.Path) -> None:
    assert machine.hook(HOOK, "-", cwd=tmp_path, feed=b".pypirc").returncode == 0


# --- folders ---------------------------------------------------------------------------------------------------------


def test_a_folder_is_walked_and_a_link_to_one_is_not(machine: Machine, tmp_path: pathlib.Path) -> None:
    (tmp_path / "home" / ".pypirc").mkdir(parents=True)  # a folder of that name is no such file
    (tmp_path / "home" / ".pypirc" / "a").write_text("x")
    (tmp_path / "home" / "old").mkdir()
    (tmp_path / "home" / "old" / ".pypirc.bak").write_text("x")
    assert paths(found(machine, tmp_path, "home")) == ["home/old/.pypirc.bak"]
    if os.name != "nt":
        (tmp_path / "link").symlink_to("home")
        assert found(machine, tmp_path, "link") == []


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="everything can be read")
def test_a_folder_that_cannot_be_read_is_a_failure(machine: Machine, tmp_path: pathlib.Path) -> None:
    (tmp_path / "closed").mkdir(mode=0)
    found(machine, tmp_path, ".", code=2)


# --- what is staged --------------------------------------------------------------------------------------------------


@pytest.fixture
def repository(machine: Machine, tmp_path: pathlib.Path) -> pathlib.Path:
    """A repository whose first commit has a `.pypirc` already."""
    made = machine.repository(tmp_path / "r")
    for name in ("sub/.pypirc", "a.py"):
        (made / name).parent.mkdir(exist_ok=True)
        (made / name).write_text("x")
    machine.git(made, "add", ".")
    machine.git(made, "commit", "-qm", "before the hook was there")
    return made


def test_what_is_staged_is_read_from_the_index(machine: Machine, repository: pathlib.Path) -> None:
    assert found(machine, repository) == [], "an older commit's is another hook's"
    (repository / ".pypirc").write_text("x")
    (repository / ".pypirc.example").write_text("x")
    assert found(machine, repository) == [], "not staged"
    machine.git(repository, "add", ".")
    (repository / ".pypirc").unlink()
    assert paths(found(machine, repository)) == [".pypirc"], "the work tree does not count"
    assert paths(found(machine, repository / "sub")) == [".pypirc"]


def test_the_first_commit_has_no_head(machine: Machine, tmp_path: pathlib.Path) -> None:
    repository = machine.repository(tmp_path / "r")
    assert found(machine, repository) == []
    (repository / ".pypirc").write_text("x")
    machine.git(repository, "add", ".")
    assert paths(found(machine, repository)) == paths(found(machine, repository, ".pypirc")) == [".pypirc"]


@pytest.mark.parametrize("command", ["rm", "rm --cached", "mv"])
def test_a_deletion_is_welcome(machine: Machine, repository: pathlib.Path, command: str) -> None:
    words = command.split()
    machine.git(repository, words[0], "-q" if words[0] == "rm" else "-v", *words[1:], "sub/.pypirc",
                *(["sub/settings.ini"] if words[0] == "mv" else []))
    assert found(machine, repository) == found(machine, repository, "sub/.pypirc") == []
    machine.git(repository, "commit", "-qm", "gone")
    assert found(machine, repository) == []


@pytest.mark.parametrize("name", [".pypirc", "sub/.pypirc.old"])
def test_a_rename_or_copy_brings_it(machine: Machine, repository: pathlib.Path, name: str) -> None:
    machine.git(repository, "mv", "sub/.pypirc", name)
    assert paths(found(machine, repository)) == paths(found(machine, repository, name)) == [name]


def test_a_change_to_a_tracked_one_is_stopped(machine: Machine, repository: pathlib.Path) -> None:
    (repository / "sub" / ".pypirc").write_text("another\n")
    assert paths(found(machine, repository, "sub/.pypirc")) == ["sub/.pypirc"], "a runner names it: it is still tracked"
    machine.git(repository, "add", ".")
    assert paths(found(machine, repository)) == ["sub/.pypirc"]


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege there")
def test_a_link_of_that_name_is_stopped_and_not_followed(machine: Machine, repository: pathlib.Path) -> None:
    (repository / ".pypirc").symlink_to("/nowhere")
    (repository / "settings").symlink_to(".pypirc")
    machine.git(repository, "add", ".")
    (shown,) = found(machine, repository)
    assert shown["path"] == ".pypirc" and "symbolic link" in shown["message"]
    assert found(machine, repository, ".pypirc", "settings") == [shown]


def test_letter_case_is_no_way_around(machine: Machine, repository: pathlib.Path) -> None:
    oid = machine.git(repository, "rev-parse", "HEAD:a.py").decode().strip()
    machine.git(repository, "update-index", "--add", "--cacheinfo", f"100644,{oid},x/.PYPIRC")
    machine.git(repository, "update-index", "--add", "--cacheinfo", f"160000,{oid},y/.pypirc")  # a submodule is a folder
    assert paths(found(machine, repository)) == ["x/.PYPIRC"]


def test_intent_to_add_counts(machine: Machine, repository: pathlib.Path) -> None:
    (repository / ".pypirc").write_text("x")
    machine.git(repository, "add", "--intent-to-add", ".pypirc")
    assert paths(found(machine, repository)) == [".pypirc"]


@pytest.mark.skipif(os.name == "nt", reason="the command is one of sh")
@pytest.mark.parametrize("state", ["first commit", "new", "tracked", "intent to add", "gone from the disk"])
@pytest.mark.parametrize("is_partly_staged", [False, True])
def test_the_command_takes_it_out_of_the_commit_and_leaves_it_on_disk(
    machine: Machine, tmp_path: pathlib.Path, state: str, is_partly_staged: bool
) -> None:
    repository = machine.repository(tmp_path / "r")
    path = repository / ".pypirc"
    if state != "first commit":
        path.write_text("one\n" if state == "tracked" else "")
        machine.git(repository, "add", *(["."] if state == "tracked" else []))
        machine.git(repository, "commit", "--quiet", "--allow-empty", "--message=first")
    path.write_text("two\n")
    machine.git(repository, "add", *(["--intent-to-add"] if state == "intent to add" else []), ".")
    if is_partly_staged:
        path.write_text("two\nthree\n")
    if state == "gone from the disk":
        path.unlink()
    content = path.read_text() if path.exists() else None
    (command,) = re.findall(r"(?m)^ +(git rm .*)$", machine.hook(HOOK, cwd=repository).stdout.decode())
    machine.run(repository, "sh", "-c", command)
    assert found(machine, repository) == [] and machine.git(repository, "ls-files") == b""
    assert (path.read_text() if path.exists() else None) == content


@pytest.mark.skipif(os.name == "nt", reason="the command is one of sh")
@pytest.mark.parametrize("setting", ["", "~/ignored"])
@pytest.mark.parametrize("config", ["", "an other's/folder"])
def test_the_command_that_lets_git_ignore_it_needs_no_hook_on_the_path(
    machine: Machine, tmp_path: pathlib.Path, config: str, setting: str
) -> None:
    if config:
        machine.env["XDG_CONFIG_HOME"] = str(tmp_path / config)
    if setting:
        machine.git(tmp_path, "config", "--global", "core.excludesFile", setting)
    command = re.findall(r"(?m)^ +(mkdir .*)$", machine.hook(HOOK, ".pypirc", cwd=tmp_path).stdout.decode())
    assert machine.hook("check-pypirc-ignored", cwd=tmp_path).returncode == 1
    machine.run(tmp_path, "sh", "-c", *command)
    assert machine.hook("check-pypirc-ignored", cwd=tmp_path).returncode == 0


# --- failures --------------------------------------------------------------------------------------------------------


def test_what_is_staged_needs_a_repository_and_git(machine: Machine, tmp_path: pathlib.Path) -> None:
    done = machine.hook(HOOK, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (2, b"forbid-pypirc: this is not a git repository\n")
    done = machine.hook(HOOK, cwd=tmp_path, env={"PATH": str(tmp_path)})
    assert (done.returncode, done.stderr) == (2, b"forbid-pypirc: git is not on the PATH\n")
    assert machine.hook(HOOK, ".pypirc", cwd=tmp_path, env={"PATH": str(tmp_path)}).returncode == 1


def test_a_baseline_allows_no_name_and_a_broken_one_is_told(machine: Machine, tmp_path: pathlib.Path) -> None:
    (tmp_path / "good").write_text(json.dumps({"results": {".pypirc": [{"hashed_secret": "0" * 40}]}}))
    (tmp_path / "bad").write_text("{")
    assert machine.hook(HOOK, "--baseline", "good", ".pypirc", cwd=tmp_path).returncode == 1
    assert machine.hook(HOOK, "--baseline", "bad", ".pypirc", cwd=tmp_path).returncode == 2
    assert machine.hook(HOOK, "--baseline", "bad", "a.py", cwd=tmp_path).returncode == 2


def test_a_folder_that_is_called_like_the_end_of_the_options(machine: Machine, tmp_path: pathlib.Path) -> None:
    (tmp_path / "--").mkdir()
    (tmp_path / "--" / ".pypirc").write_text("")
    for arguments in (("--", "b.py"), ("b.py", "--"), ("--",)):
        assert machine.hook("forbid-pypirc", *arguments, cwd=tmp_path).returncode == 1
