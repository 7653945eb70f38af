from __future__ import annotations

import json
import os
import pathlib
import subprocess
import sys
import textwrap
import tracemalloc

import pytest

from pypi_token_hooks.sources import message
from tests import mint
from tests.machine import Machine

HOOK = "detect-pypi-token-in-message"
TOKEN = mint.token(seed=1)
CUT = "------------------------ >8 ------------------------"
TEMPLATE = (
    "# Please enter the commit message for your changes. Lines starting\n"
    "# with '#' will be ignored, and an empty message aborts the commit.\n#\n# On branch main\n#\n"
)
KEPT = TEMPLATE.replace("ignored, and an", "kept; you may remove them yourself if you want to.\n# An")
EXPLAINED = f"# {CUT}\n# Do not modify or remove the line above.\n# Everything below it will be ignored.\n"
DIFF = f"{EXPLAINED}diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-{TOKEN}\n+none\n"


@pytest.fixture
def repository(machine: Machine, tmp_path: pathlib.Path) -> pathlib.Path:
    return machine.repository(tmp_path / "repository")


def check(
    machine: Machine, repository: pathlib.Path, text: str | bytes, *options: str, **env: str
) -> subprocess.CompletedProcess[bytes]:
    """Runs the hook over a message as git does; no secret is ever shown."""
    data = text if isinstance(text, bytes) else text.encode()
    (repository / "MESSAGE").write_bytes(data)
    done = machine.hook(HOOK, "MESSAGE", *options, cwd=repository, env=env)
    assert b"Traceback" not in done.stderr
    assert TOKEN[20:28].encode() not in done.stdout + done.stderr
    return done


def set_config(machine: Machine, repository: pathlib.Path, **settings: str) -> None:
    for name, value in settings.items():
        machine.git(repository, "config", name.replace("_", "."), value)


def install(repository: pathlib.Path) -> None:
    script = repository / ".git" / "hooks" / "commit-msg"
    script.parent.mkdir(exist_ok=True)
    script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m pypi_token_hooks.detect_pypi_token_in_message "$@"\n')
    script.chmod(0o755)


def commit(
    machine: Machine, repository: pathlib.Path, *options: str, message: str | None = None, **env: str
) -> subprocess.CompletedProcess[bytes]:
    """Commits with the hook in place; with `message` an editor writes it before what git put into the file."""
    install(repository)
    given = {**machine.env, **env}
    if message is not None:
        editor = repository.parent / "editor.py"
        editor.write_text(
            "import sys\npath = sys.argv[1]\ngiven = open(path).read()\n"
            f"open(path, 'w').write({message!r} + given)\n"
        )
        given["GIT_EDITOR"] = f'"{sys.executable}" "{editor}"'
    return subprocess.run(
        ("git", "commit", "--allow-empty", *options), cwd=repository, env=given, capture_output=True, check=False
    )


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (f"Upload with {TOKEN}\n", 1),
        (f"Subject\n\nbody\n{TOKEN}\n", 4),
        (f"Subject\n\n# a comment\n# another\nuse {TOKEN} now\n{TEMPLATE}", 5),
        (TOKEN, 1),
        (f" # {TOKEN}\n", 1),  # no comment: it does not begin the line
        (f"#{TOKEN}\n{TOKEN}\n{TEMPLATE}", 2),
        ("Subject\n\n" + "\n".join(textwrap.wrap(TOKEN, 60)) + "\n", 3),
        ("Subject\n\n" + "\n# in between\n".join(textwrap.wrap(TOKEN, 72)) + f"\n{TEMPLATE}", 3),
        (f"Subject\r\n\r\n{TOKEN}\r\n", 3),
        (f"Subject\n{CUT}\n{TOKEN}\n", 3),  # no scissors: the sign of a comment is missing
        (f"Subject\n# {CUT} \n{TOKEN}\n", 3),
        # git drops the line alone: it has not written it
        (f"Subject\n# {CUT}\n{TOKEN}\n", 3),
        (f"Subject\n# {CUT}\n{TOKEN}\n{TEMPLATE}", 3),
        (f"Subject\n# {CUT}\n# a comment\n{TOKEN}\n", 3 + 1),
        (f"Subject\n# {CUT}\n# a comment\n{TOKEN}\n{TEMPLATE}", 4),
        ("Subject\n" + DIFF + TEMPLATE, 9),  # the text of a commit --verbose that failed
        # nothing tells that git drops comments: it may have been asked not to
        (f"Subject\n# {TOKEN}\n", 2),
        (f"Subject\n# {TOKEN}\n{KEPT}", 2),
        (f"Subject\n{TEMPLATE}# {TOKEN}\n{KEPT}", 7),
        (f"Subject\n# {CUT}\n# {TOKEN}\n\n{KEPT}", 3),  # and what is kept is kept below scissors that git has not written
        (f"Subject\n{KEPT}# {CUT}\n# {TOKEN}\n", 9),
        (f"Subject\n# {CUT}\n{TOKEN}\n# {CUT}\n# a comment\n{TEMPLATE}", 3),
        (f"Subject\n# {TOKEN}\n{EXPLAINED}#\n# On branch main\n", 2),
        (f"Merge\n# {TOKEN}\n# Lines starting with '#' will be ignored, and an empty message aborts\n# the commit.\n", 2),
    ],
)
def test_what_git_records_is_read_with_the_lines_of_the_file(
    machine: Machine, repository: pathlib.Path, text: str, line: int
) -> None:
    done = check(machine, repository, text, "--format", "json")
    findings = json.loads(done.stdout)["findings"]
    assert done.returncode == 1, done.stderr
    assert [(found["rule"], found["path"], found["line"]) for found in findings] == [("pypi-token", "MESSAGE", line)]
    assert "in the commit message" in findings[0]["message"]


@pytest.mark.parametrize(
    "text",
    ["", "\n", "Subject\n", f"Subject\n# {TOKEN}\n{TEMPLATE}", f"{TEMPLATE}Subject\n#{TOKEN}", f"Subject\n{KEPT}#{TOKEN}\n{TEMPLATE}",
     f"Subject\n{TEMPLATE}{DIFF}", DIFF, f"Subject\n{KEPT}{DIFF}", f"Subject\n{DIFF}{TEMPLATE}{DIFF}",
     f"Subject\n# {CUT}\n{TOKEN}\n{TEMPLATE}{DIFF}", f"Subject\n{EXPLAINED}#\n# {TOKEN}\n\n#\n# On branch main\n",
     f"Subject\n{EXPLAINED}#\n# {TOKEN}\n#\n{DIFF.removeprefix(EXPLAINED)}", f"Betreff\n# '#' werden ignoriert\n# Auf Branch x\n{DIFF}",
     "Subject\n\npypi-AgEIcHlwaS5vcmcCJ… is how they begin\n"],
)
def test_what_git_leaves_out_is_no_finding(machine: Machine, repository: pathlib.Path, text: str) -> None:
    done = check(machine, repository, text)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.startswith(b"detect-pypi-token-in-message: read 1 file, ")


AUTO = {"core_commentChar": "auto"}


@pytest.mark.parametrize(
    ("settings", "text", "code"),
    [
        ({"core_commentChar": ";"}, f"Subject\n; {TOKEN}\n{TEMPLATE.replace('#', ';')}", 0),
        ({"core_commentChar": ";"}, f"Subject\n# {TOKEN}\n{TEMPLATE.replace('#', ';')}", 1),
        ({"core_commentChar": ";"}, f"Subject\n; {TOKEN}\n{TEMPLATE}", 1),
        ({"core_commentChar": ";"}, f"Subject\n{DIFF.replace('#', ';')}", 0),
        ({"core_commentChar": ";"}, f"Subject\n{DIFF}", 1),
        (AUTO, f"# Title\n# {TOKEN}\n{TEMPLATE.replace('#', ';')}", 1),
        (AUTO, f"# Title\n; {TOKEN}\n{TEMPLATE.replace('#', ';')}", 0),
        (AUTO, f"Title\n# {TOKEN}\n{TEMPLATE}", 0),
        (AUTO, f"# Title\n{DIFF.replace('#', ';')}", 0),
        (AUTO, f"# {TOKEN}\nlast\n", 1),
        (AUTO, f"Title\n\n%t={TOKEN}\n", 1),  # no template is left, and it may be text
        (AUTO, f"Title\n{DIFF}{TEMPLATE.replace('#', ';')}", 1),
        *(({"commit_cleanup": mode}, f"Subject\n# {TOKEN}\n", 1) for mode in ("verbatim", "whitespace", "scissors", "strip", "default")),
        ({"commit_verbose": "true"}, f"Subject\n# {CUT}\n{TOKEN}\n", 1),
        ({"commit_cleanup": "verbatim"}, f"Subject\n{DIFF}", 0),
        ({"commit_cleanup": "scissors"}, f"Subject\n{EXPLAINED}#\n# On branch main\n\n{TOKEN}\n", 0),
        ({"commit_cleanup": "scissors"}, f"Subject\n# {CUT}\n{TOKEN}\n{EXPLAINED}#\n{TOKEN}\n# {CUT}\n{TOKEN}\n", 0),
        ({"commit_cleanup": "scissors"}, f"Subject\n{TOKEN}\n{EXPLAINED}#\n", 1),
        ({"commit_cleanup": "scissors"}, f"Subject\n# {CUT}\n{TOKEN}\n", 1),
        ({"commit_cleanup": "scissors"}, f"Subject\n{EXPLAINED}{TOKEN}\n{TEMPLATE}", 1),
        ({"commit_cleanup": "strip"}, f"Subject\n{EXPLAINED}{TOKEN}\n", 1),
    ],
)
def test_the_settings_of_the_repository_hold(
    machine: Machine, repository: pathlib.Path, settings: dict[str, str], text: str, code: int
) -> None:
    set_config(machine, repository, **settings)
    assert check(machine, repository, text).returncode == code


@pytest.mark.parametrize("settings", [{}, {"commit_cleanup": "scissors"}, {"commit_cleanup": "strip"}, {"commit_verbose": "1"}])
@pytest.mark.parametrize("text", [f"# {TOKEN}\n", f"Subject\n# {CUT}\n{TOKEN}\n", f"Subject\n# {TOKEN}\n{TEMPLATE}", f"Subject\n{DIFF}"])
def test_without_an_editor_git_may_record_it_all(
    machine: Machine, repository: pathlib.Path, settings: dict[str, str], text: str
) -> None:
    set_config(machine, repository, **settings)
    assert check(machine, repository, text, GIT_EDITOR=":").returncode == 1


@pytest.mark.parametrize(
    ("env", "part"),
    [
        ({"GIT_AUTHOR_NAME": TOKEN}, "author"),
        ({"GIT_AUTHOR_EMAIL": f"{TOKEN}@example.org"}, "author"),
        ({"GIT_COMMITTER_NAME": f"A {TOKEN}"}, "committer"),
        ({"GIT_COMMITTER_EMAIL": TOKEN}, "committer"),
    ],
)
def test_who_makes_the_commit_is_read(
    machine: Machine, repository: pathlib.Path, env: dict[str, str], part: str
) -> None:
    for name in ("text", "sarif", "github"):
        assert check(machine, repository, "Subject\n", "--format", name, **env).returncode == 1
    done = check(machine, repository, "Subject\n", "--format", "json", **env)
    (found,) = json.loads(done.stdout)["findings"]
    assert f"in the {part}'s name or address" in found["message"]
    assert found["line"] == 1


def test_an_identity_from_the_configuration_is_read(machine: Machine, repository: pathlib.Path) -> None:
    set_config(machine, repository, user_name=TOKEN, user_email="a@example.org")
    for name in ("GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL"):
        machine.env.pop(name)
    done = check(machine, repository, "Subject\n", "--format", "json")
    assert [f["message"].rsplit(", ")[-1] for f in json.loads(done.stdout)["findings"]] == [
        "in the author's name or address", "in the committer's name or address",
    ]


def test_the_name_of_an_unborn_branch_is_read(machine: Machine, repository: pathlib.Path) -> None:
    machine.git(repository, "symbolic-ref", "HEAD", f"refs/heads/{TOKEN}")
    done = check(machine, repository, "Subject\n", "--format", "json")
    (found,) = json.loads(done.stdout)["findings"]
    assert done.returncode == 1
    assert "in the ref's name" in found["message"]
    assert found["ref"].startswith("refs/heads/pypi-AgE")


def test_a_detached_head_has_no_name(machine: Machine, repository: pathlib.Path) -> None:
    machine.git(repository, "commit", "--quiet", "--allow-empty", "-m", "x")
    machine.git(repository, "branch", TOKEN)
    machine.git(repository, "checkout", "--quiet", "--detach")
    assert check(machine, repository, "Subject\n").returncode == 0
    machine.git(repository, "checkout", "--quiet", TOKEN)
    assert check(machine, repository, "Subject\n").returncode == 1


def test_outside_of_a_repository_the_message_is_read_all_the_same(machine: Machine, tmp_path: pathlib.Path) -> None:
    env = {"GIT_CEILING_DIRECTORIES": str(tmp_path.parent)}
    assert check(machine, tmp_path, "Subject\n", **env).returncode == 0
    assert check(machine, tmp_path, TOKEN, **env).returncode == 1


def test_a_branch_of_which_git_tells_nothing_is_a_failure(machine: Machine, repository: pathlib.Path) -> None:
    set_config(machine, repository, core_repositoryformatversion="99")  # made by a git that is not known yet
    done = check(machine, repository, "Subject\n")
    assert done.returncode == 2
    assert done.stderr.startswith(b"detect-pypi-token-in-message: failed: the branch's name: git: git symbolic-ref failed: ")
    done = check(machine, repository, TOKEN)
    assert done.returncode == 1 and b"failed: the branch's name" in done.stderr


@pytest.mark.parametrize("name", ["missing", "folder", "pipe", "a\0b"][: 3 if os.name == "posix" else 2])
def test_a_bad_file_is_one_line_and_two(machine: Machine, repository: pathlib.Path, name: str) -> None:
    (repository / "folder").mkdir()
    if name == "pipe":
        os.mkfifo(repository / "pipe")
    done = machine.hook(HOOK, name, cwd=repository)
    assert done.returncode == 2
    assert done.stdout == b""
    assert done.stderr.decode().startswith(f"{HOOK}: {name}: ")
    assert done.stderr.count(b"\n") == 1


def test_no_file_is_a_wrong_use(machine: Machine, repository: pathlib.Path) -> None:
    done = machine.hook(HOOK, cwd=repository)
    assert done.returncode == 2
    assert b"FILE" in done.stderr


def test_git_that_fails_is_two(machine: Machine, repository: pathlib.Path) -> None:
    (repository / ".git" / "config").write_text("[core\n")
    done = check(machine, repository, "Subject\n")
    assert done.returncode == 2
    assert done.stderr.startswith(b"detect-pypi-token-in-message: git ")
    machine.env["PATH"] = str(repository)
    done = check(machine, repository, "Subject\n")
    assert (done.returncode, done.stderr) == (2, b"detect-pypi-token-in-message: git is not on the PATH\n")


def test_own_credentials_and_pragmas_hold(machine: Machine, repository: pathlib.Path) -> None:
    env = {"TWINE_PASSWORD": "correct-horse-battery"}
    assert check(machine, repository, "log in with correct-horse-battery\n", **env).returncode == 1
    assert check(machine, repository, "log in with correct-horse-battery\n", "--no-own", **env).returncode == 0
    assert check(machine, repository, f"{TOKEN} # pragma: allowlist secret\n").returncode == 0


def test_the_quick_path_says_what_the_full_one_says(machine: Machine, repository: pathlib.Path) -> None:
    quick = check(machine, repository, "Subject\n\nbody ä\n")
    full = check(machine, repository, "Subject\n\nbody ä\n", "--color", "never")
    assert (quick.returncode, quick.stdout) == (full.returncode, full.stdout)
    assert check(machine, repository, "Subject\n", "--quiet").stdout == b""


def test_the_quick_path_loads_no_options_and_no_rules(machine: Machine, repository: pathlib.Path) -> None:
    (repository / "MESSAGE").write_text("Subject\n")
    script = (
        "import sys\nfrom pypi_token_hooks import detect_pypi_token_in_message as hook\n"
        "assert hook.main(['MESSAGE']) == 0\nprint(*sys.modules)"
    )
    done = subprocess.run((sys.executable, "-c", script), cwd=repository, env=machine.env, capture_output=True, check=True)
    loaded = done.stdout.decode().split()
    assert {"argparse", "json", "pypi_token_hooks.pipeline", "pypi_token_hooks.readings"}.isdisjoint(loaded)
    assert "pypi_token_hooks.sources.message" in loaded


@pytest.mark.parametrize(
    ("options", "message", "code"),
    [
        (["-m", "Subject"], None, 0),
        (["-m", f"Subject {TOKEN}"], None, 1),
        (["-m", f"# {TOKEN}"], None, 1),
        (["-m", "Subject", f"--author={TOKEN} <a@example.org>"], None, 1),
        ([], f"Subject\n\n# {TOKEN}\n", 0),
        ([], f"Subject\n\n{TOKEN}\n", 1),
        (["-v"], "Subject\n", 0),
        (["-v"], f"Subject\n{TOKEN}\n", 1),
        (["--cleanup=verbatim"], f"Subject\n# {TOKEN}\n", 1),
        (["--cleanup=scissors"], f"Subject\n# {TOKEN}\n", 1),
        (["--cleanup=scissors", "-v"], "Subject\n", 0),
        (["-vv"], f"Subject\n# {TOKEN}\n", 0),
        ([], f"Subject\n# {CUT}\n{TOKEN}\n", 1),
        (["-v"], f"Subject\n# {CUT}\n{TOKEN}\n", 0),
        (["--cleanup=scissors"], f"Subject\n# {CUT}\n# {TOKEN}\n", 0),
        (["--cleanup=whitespace"], f"Subject\n# {CUT}\n# {TOKEN}\n", 1),
        (["--cleanup=whitespace", "-v"], f"Subject\n# {CUT}\n# {TOKEN}\n", 0),
        (["--cleanup=verbatim"], f"Subject\n# {CUT}\n# {TOKEN}\n", 1),
        (["--cleanup=verbatim", "--no-status"], f"Subject\n# {TOKEN}\n", 1),
        (["--cleanup=verbatim", "-v"], f"Subject\n# {TOKEN}\n", 1),
    ],
)
def test_real_commits(
    machine: Machine, repository: pathlib.Path, options: list[str], message: str | None, code: int
) -> None:
    (repository / "settings").write_text(TOKEN)
    machine.git(repository, "add", "settings")
    machine.git(repository, "commit", "--quiet", "-m", "first")
    (repository / "settings").write_text("none")  # `commit -v` shows the token in the lines that go
    machine.git(repository, "add", "settings")
    done = commit(machine, repository, *options, message=message)
    recorded = machine.git(repository, "cat-file", "commit", "HEAD")
    assert done.returncode == code, done.stderr
    assert (b"first" in recorded) == bool(code)
    assert TOKEN.encode() not in recorded


@pytest.mark.parametrize("options", [[], ["-v"], ["--cleanup=strip"], ["--cleanup=whitespace"], ["--cleanup=verbatim"], ["--no-status"]])
def test_what_is_written_below_gits_own_scissors_is_dropped(machine: Machine, repository: pathlib.Path, options: list[str]) -> None:
    set_config(machine, repository, commit_cleanup="scissors")
    machine.git(repository, "commit", "--quiet", "--allow-empty", "-m", "first")
    given = ["-m", "Subject", "-e", *options]
    editor = {"GIT_EDITOR": f"printf '%s\\n' {TOKEN} >>"}
    code = commit(machine, repository, *given, **editor).returncode
    machine.git(repository, "commit", "--quiet", "--allow-empty", "--no-verify", *given, env=editor)
    assert code == int(TOKEN.encode() in machine.git(repository, "cat-file", "commit", "HEAD")) == int(options[:1] not in ([], ["-v"]))


@pytest.mark.parametrize(
    ("settings", "options", "text"),
    [
        ({}, ["--cleanup=verbatim", "-e"], f"Subject\n# {TOKEN}\n"),
        ({"commit_cleanup": "strip"}, ["--cleanup=verbatim", "-F"], f"Subject\n# {TOKEN}\n"),
        ({"core_commentChar": "auto"}, ["-e"], f"Subject\n\n%t={TOKEN}\n"),
        ({}, ["-e"], f"Subject\n# {CUT}\n# a comment\n{TOKEN}\n"),
        ({}, ["-e", "-F"], f"Subject\n{DIFF}"),  # the text of a commit --verbose that failed
        ({"core_commentChar": "auto"}, ["-e", "-F"], f"Subject\n{DIFF}"),
        ({}, ["-F"], f"Subject\n{TEMPLATE}{DIFF}"),
    ],
)
def test_real_commits_of_what_looks_like_comments(
    machine: Machine, repository: pathlib.Path, settings: dict[str, str], options: list[str], text: str
) -> None:
    """With `-F` the text is there before git adds its own; else it takes the place of that."""
    set_config(machine, repository, **settings)
    (repository / "TEXT").write_text(text)
    given = [*options, "TEXT"] if "-F" in options else options
    editor = "true" if "-F" in options else f'cp "{repository / "TEXT"}"'
    assert commit(machine, repository, *given, GIT_EDITOR=editor).returncode == 1
    machine.git(repository, "commit", "--quiet", "--allow-empty", "--no-verify", *given, env={"GIT_EDITOR": editor})
    assert TOKEN.encode() in machine.git(repository, "cat-file", "commit", "HEAD"), "git records it"


def test_a_merge_that_was_stopped_is_gone_on_with(machine: Machine, repository: pathlib.Path) -> None:
    """Its message is in a file of its own: what the commit before it said is no part of it."""
    for branch in ("main", "side"):
        machine.git(repository, "checkout", "--quiet", "-B", branch)
        machine.git(repository, "commit", "--quiet", "--allow-empty", "-m", f"on {branch}")
    machine.git(repository, "checkout", "--quiet", "main")
    install(repository)
    merge = ("git", "merge", "--no-ff", "-m", f"Merge {TOKEN}", "side")
    done = subprocess.run(merge, cwd=repository, env=machine.env, capture_output=True, check=False)
    (command,) = [line.strip() for line in (done.stdout + done.stderr).decode().splitlines() if line.strip().startswith("git ")]
    assert done.returncode and command == "git commit"
    machine.run(repository, "sh", "-c", command, env={"GIT_EDITOR": "sed -i.old s/pypi-[^[:space:]]*/it/"})
    assert machine.git(repository, "log", "-1", "--format=%s %p").split()[:2] == [b"Merge", b"it"]
    assert len(machine.git(repository, "log", "-1", "--format=%p").split()) == 2


@pytest.mark.parametrize(("part", "named"), [("author", "--author"), ("committer", "GIT_COMMITTER_NAME")])
def test_what_is_to_do_about_a_name_tells_where_names_come_from(
    machine: Machine, repository: pathlib.Path, part: str, named: str
) -> None:
    done = check(machine, repository, "Subject\n", "--format", "json", **{f"GIT_{part.upper()}_NAME": TOKEN})
    assert named in json.loads(done.stdout)["findings"][0]["remedy"]


def test_no_command_is_told_that_would_make_another_commit(machine: Machine, repository: pathlib.Path) -> None:
    (found,) = json.loads(check(machine, repository, TOKEN, "--format", "json").stdout)["findings"]
    assert "Commit again in the same way" in found["remedy"]
    assert "git commit" not in found["remedy"]


@pytest.mark.parametrize(
    ("data", "numbers"),
    [(b"\n" * 500_000, range(1, 500_002)), (b"\n" * 500_000 + b"# with '#' will be ignored\nx", [*range(1, 500_001), 500_002])],
    ids=["all of it", "without comments"],
)
def test_lines_of_a_message_take_bounded_memory(data: bytes, numbers: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GIT_EDITOR", raising=False)
    tracemalloc.start()
    try:
        made = message.recorded(data, {})
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert list(made.lines) == list(numbers)
    assert peak < 40 * len(data)
