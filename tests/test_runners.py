"""The hooks under real pre-commit and real prek, installed from a git repository of this checkout."""
from __future__ import annotations

import os
import pathlib
import subprocess
import sys
import zipfile
from collections.abc import Iterator

import pytest

from tests import mint
from tests.machine import Machine
from tests.runners import PATIENCE
from tests.runners import RUNNERS
from tests.runners import Source
from tests.runners import command_of
from tests.runners import configuration
from tests.runners import settle

pytestmark = pytest.mark.runner
STAGES = ("pre-commit", "commit-msg", "pre-push")
TOKEN = mint.token(seed=20)


class Project:
    """A repository of a user who has the hooks."""

    def __init__(self, machine: Machine, folder: pathlib.Path, runner: tuple[str, ...], source: Source) -> None:
        self.machine, self.runner, self.source = machine, runner, source
        settle(machine, source)
        self.folder = machine.repository(folder)

    def configure(self, *hooks: str, **more: list[str]) -> None:
        """Writes and commits the configuration: these hooks, and with `more` those with their arguments."""
        (self.folder / ".pre-commit-config.yaml").write_text(configuration(self.source, *hooks, **more))
        self.machine.git(self.folder, "add", ".")
        self.machine.git(self.folder, "commit", "--quiet", "--no-verify", "--message=Configure the hooks")
        done = self.call(*self.runner, "install", *(f"--hook-type={stage}" for stage in STAGES))
        assert done.returncode == 0, done.stdout

    def call(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Runs a command in the repository; what it prints to either side is in `stdout`."""
        return subprocess.run(
            command, cwd=self.folder, env=self.machine.env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, errors="backslashreplace", check=False, timeout=PATIENCE,
        )

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return self.call(*self.runner, "run", *arguments)

    def add(self, name: str, content: str | bytes) -> pathlib.Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        self.machine.git(self.folder, "add", "--", name)
        return path

    def commit(self, message: str = "Change something") -> subprocess.CompletedProcess[str]:
        return self.call("git", "commit", f"--message={message}")

    def head(self) -> str:
        return self.machine.git(self.folder, "rev-parse", "HEAD").decode().strip()

    def refused(self, *parts: str) -> str:
        """Asserts that git makes no commit and says why; returns what was said."""
        before = self.head()
        done = self.commit()
        assert done.returncode != 0 and self.head() == before, done.stdout
        assert all(part in done.stdout for part in parts), done.stdout
        assert_redacted(done.stdout)
        return done.stdout

    def accepted(self) -> str:
        """Asserts that git makes the commit; returns what was said."""
        before = self.head()
        done = self.commit()
        assert done.returncode == 0 and self.head() != before, done.stdout
        assert "Failed" not in done.stdout
        return done.stdout


def assert_redacted(output: str) -> None:
    """Asserts that no eight characters of the secret part of TOKEN are in the output."""
    secret = TOKEN[len("pypi-AgEIcHlwaS5vcmc") :]
    shown = [secret[at : at + 8] for at in range(len(secret) - 7) if secret[at : at + 8] in output]
    assert shown == []


@pytest.fixture(params=RUNNERS)
def project(
    request: pytest.FixtureRequest, machine: Machine, tmp_path: pathlib.Path, source: Source
) -> Iterator[Project]:
    made = Project(machine, tmp_path / "project", command_of(request.param), source)
    made.add("README.md", "Nothing to see here.\n")
    yield made


@pytest.fixture
def guarded(project: Project) -> Project:
    """A project with the two hooks that look at the files of a commit."""
    project.configure("detect-pypi-token", "forbid-pypirc")
    return project


def test_a_clean_repository_passes(guarded: Project) -> None:
    done = guarded.run("--all-files", "--verbose")
    assert done.returncode == 0, done.stdout
    assert done.stdout.count("Passed") == 2
    assert "detect-pypi-token: read 2 files, " in done.stdout, "the receipt"


def test_a_repository_that_leaks_fails(guarded: Project) -> None:
    guarded.add("src/settings.py", f"A = 1\nTOKEN = '{TOKEN}'\n")
    done = guarded.run("--all-files")
    assert done.returncode == 1, done.stdout
    assert "src/settings.py:2:10: pypi-token:" in done.stdout
    assert done.stdout.count("Passed") == 1 and done.stdout.count("Failed") == 1
    assert_redacted(done.stdout)


def test_a_commit_that_leaks_is_refused(guarded: Project) -> None:
    guarded.add("src/settings.py", f"TOKEN = '{TOKEN}'\n")
    guarded.refused("src/settings.py:1:10: pypi-token:")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("poetry.lock", TOKEN.encode()),
        ("logo.svg", f"<svg>{TOKEN}</svg>".encode()),
        ("a.bin", b"\0\1" + TOKEN.encode()),
        ("notes.txt", TOKEN.encode("utf-16")),
        ("Makefile", f"x:\n\ttwine upload -p {TOKEN}\n".encode()),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_no_kind_of_file_is_passed_over(guarded: Project, name: str, content: bytes) -> None:
    guarded.add(name, content)
    guarded.refused(f"{name}:", "pypi-token:")


@pytest.mark.parametrize("name", ["-x.txt", "--versions", "two\nlines", "-", "a b'\"$(x).py", "\udcff.py", "ü.py"])
def test_no_name_of_a_file_hides_it(guarded: Project, name: str) -> None:
    if sys.platform in ("win32", "darwin") and name not in ("-x.txt", "--versions", "-"):
        pytest.skip("no such name there")
    guarded.add(name, f"TOKEN = '{TOKEN}'\n")
    fails_itself = name == "\udcff.py" and "pre_commit" in guarded.runner  # it reads names as UTF-8 alone
    guarded.refused("UnicodeDecodeError" if fails_itself else ":1:10: pypi-token:")


@pytest.mark.parametrize("name", ["--version", "--help", "-h", "--no-own", "--all-files", "--format=json"])
def test_no_file_that_is_named_like_an_option_switches_the_check_off(guarded: Project, name: str) -> None:
    guarded.add(name, "nothing\n")
    guarded.add("settings.py", f"TOKEN = '{TOKEN}'\n")
    guarded.refused(f"{name} is an option, and a file here has that name: put -- before the names of files")
    guarded.configure(detect_pypi_token=["--"], forbid_pypirc=["--"])
    guarded.add("more.py", f"TOKEN = '{TOKEN}'\n")
    guarded.refused("more.py:1:10: pypi-token:")


def test_a_commit_that_leaks_in_the_index_alone_is_refused(guarded: Project) -> None:
    path = guarded.add("settings.py", f"TOKEN = '{TOKEN}'\n")
    path.write_text("TOKEN = None\n")
    guarded.refused("settings.py:1:10: pypi-token:")
    assert path.read_text() == "TOKEN = None\n", "what was not staged is back"


def test_what_leaks_in_the_work_tree_alone_is_not_committed_and_not_refused(guarded: Project) -> None:
    path = guarded.add("settings.py", "TOKEN = None\n")
    path.write_text(f"TOKEN = '{TOKEN}'\n")
    guarded.accepted()
    assert TOKEN in path.read_text()


@pytest.mark.parametrize("attribute", ["-diff", "binary", "diff=mine"])
def test_attributes_hide_nothing(guarded: Project, attribute: str) -> None:
    guarded.machine.git(guarded.folder, "config", "diff.mine.textconv", "true")
    guarded.add(".gitattributes", f"* {attribute}\n")
    path = guarded.add("settings.py", f"TOKEN = '{TOKEN}'\n")
    path.write_text("TOKEN = None\n")
    guarded.refused("settings.py:1:10: pypi-token:")


@pytest.mark.parametrize("name", [".pypirc", "deploy/.pypirc", ".pypirc.bak"])
def test_a_commit_of_pypirc_is_refused(guarded: Project, name: str) -> None:
    guarded.add(name, "[pypi]\nusername = __token__\n")
    guarded.refused(f"{name}:1:1: pypirc-file:")


def test_a_commit_that_takes_pypirc_away_is_welcome(guarded: Project) -> None:
    guarded.add(".pypirc", "[pypi]\nusername = __token__\n")
    guarded.machine.git(guarded.folder, "commit", "--quiet", "--no-verify", "--message=Oh no")
    guarded.machine.git(guarded.folder, "rm", "--quiet", ".pypirc")
    guarded.accepted()


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege there")
def test_links_are_looked_at_and_not_followed(guarded: Project, tmp_path: pathlib.Path) -> None:
    outside = tmp_path / "outside"
    outside.write_text(TOKEN)
    (guarded.folder / "innocent").symlink_to(outside)
    guarded.machine.git(guarded.folder, "add", "innocent")
    guarded.accepted()
    (guarded.folder / ".pypirc").symlink_to("nowhere")
    (guarded.folder / "link").symlink_to(TOKEN)
    guarded.machine.git(guarded.folder, "add", ".pypirc", "link")
    guarded.refused(".pypirc:1:1: pypirc-file:", "link:1:1: pypi-token:")


def test_a_clean_commit_is_made(guarded: Project) -> None:
    guarded.add("src/a b.py", "print('hello')\n")
    guarded.add("data.bin", bytes(range(256)))
    guarded.add("empty", b"")
    assert guarded.accepted().count("Passed") == 2


def test_a_commit_without_a_file_is_made(guarded: Project) -> None:
    done = guarded.call("git", "commit", "--allow-empty", "--message=Nothing")
    assert done.returncode == 0, done.stdout


def test_arguments_of_the_configuration_reach_the_hook(project: Project) -> None:
    project.configure(detect_pypi_token=["--format=json", "--strict"])
    project.add("settings.py", f"TOKEN = '{TOKEN}'\n")
    project.refused('"rule": "pypi-token"', '"path": "settings.py"')


def test_a_global_gitignore_without_pypirc_is_told_and_mended(project: Project) -> None:
    project.configure("check-pypirc-ignored")
    done = project.run()
    assert done.returncode == 1 and "Failed" in done.stdout, done.stdout
    project.configure(check_pypirc_ignored=["--fix"])
    done = project.run()
    assert done.returncode == 1, "it says once what it did: " + done.stdout
    ignored = project.machine.home / ".config" / "git" / "ignore"
    assert ignored.read_text() == ".pypirc\n" and str(ignored) in done.stdout.replace("~", str(project.machine.home))
    done = project.run()
    assert done.returncode == 0 and "Passed" in done.stdout, done.stdout
    assert ignored.read_text() == ".pypirc\n"


@pytest.mark.parametrize(
    ("message", "part"),
    [(f"Upload with {TOKEN}", ":1:13:"), (f"Upload\n\n# {TOKEN}", ":3:3:"), (f"Upload\n\n{TOKEN[:60]}\n{TOKEN[60:]}", ":3:1:")],
    ids=["subject", "a line that is no comment without an editor", "wrapped"],
)
def test_a_message_that_leaks_is_refused(project: Project, message: str, part: str) -> None:
    project.configure("detect-pypi-token-in-message")
    project.add("a.py", "A = 1\n")
    before = project.head()
    done = project.commit(message)
    assert done.returncode != 0 and project.head() == before, done.stdout
    assert f"COMMIT_EDITMSG{part} pypi-token:" in done.stdout
    assert_redacted(done.stdout)
    assert "Failed" not in project.accepted()


def test_an_author_and_a_branch_that_leak_are_refused(project: Project) -> None:
    project.configure("detect-pypi-token-in-message")
    project.add("a.py", "A = 1\n")
    project.machine.env["GIT_AUTHOR_NAME"] = TOKEN
    project.refused("in the author's name or address")
    project.machine.env["GIT_AUTHOR_NAME"] = "A"
    project.machine.git(project.folder, "checkout", "--quiet", "-b", TOKEN)
    project.refused("in the ref's name")


def test_the_hooks_by_hand_and_the_health_of_pypirc(project: Project) -> None:
    project.configure("check-pypirc", "detect-pypi-token-in-history", "detect-pypi-token-in-dist")
    project.machine.env.pop("CI", None)
    (project.folder / ".gitignore").write_text("dist/\n")
    path = project.machine.home / ".pypirc"
    path.write_text(f"[pypi]\nusername = __token__\npassword = {TOKEN}\n")
    path.chmod(0o600)
    assert project.run("check-pypirc").returncode == 0, "a warning alone"
    path.write_text(path.read_text().replace("__token__", "me"))
    done = project.run("check-pypirc")
    assert done.returncode == 1 and "error: username:" in done.stdout
    assert_redacted(done.stdout)
    for hook, count in (("detect-pypi-token-in-history", 0), ("detect-pypi-token-in-dist", 2)):
        done = project.run("--hook-stage=manual", "--verbose", hook)
        assert (done.returncode, f"exit code: {count}" in done.stdout) == (min(count, 1), bool(count)), done.stdout
    project.add("settings.py", f"TOKEN = '{TOKEN}'\n")
    project.machine.git(project.folder, "commit", "--quiet", "--no-verify", "--message=Oh no")
    project.machine.git(project.folder, "rm", "--quiet", "settings.py")
    project.machine.git(project.folder, "commit", "--quiet", "--no-verify", "--message=Gone")
    (project.folder / "dist").mkdir()
    with zipfile.ZipFile(project.folder / "dist" / "x-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("x/settings.py", f"TOKEN = '{TOKEN}'\n")
    for hook, part in (("detect-pypi-token-in-history", "settings.py:1:10:"), ("detect-pypi-token-in-dist", "x/settings.py")):
        done = project.run("--hook-stage=manual", hook)
        assert done.returncode == 1 and part in done.stdout, done.stdout
        assert_redacted(done.stdout)
