"""Real `git push` to a bare repository, with the hook under pre-commit, under prek, and as git's own pre-push script."""
from __future__ import annotations

import io
import pathlib
import re
import sys
import tarfile

import pytest

from tests.machine import ROOT
from tests.machine import Machine
from tests.pushing import HOOK
from tests.pushing import MODULE
from tests.pushing import TOKEN
from tests.pushing import Pusher
from tests.runners import RUNNERS
from tests.runners import Source
from tests.runners import command_of
from tests.runners import configuration
from tests.runners import settle

pytestmark = pytest.mark.runner
PLAIN = "git alone"
DOORS = (*RUNNERS, PLAIN)
ONLY_FIRST = "tell a hook only the first ref of a push"


def by_the_page(machine: Machine, pusher: Pusher, folder: pathlib.Path) -> None:
    """Puts the script of the hook's page in place, and the command that it calls on the PATH."""
    page = (ROOT / "docs" / f"{HOOK}.md").read_text(encoding="utf-8")
    (script,) = re.findall(r"^```sh\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)
    pusher.install(script)
    command = folder / "bin" / HOOK
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m pypi_token_hooks.{MODULE} "$@"\n')
    command.chmod(0o755)
    machine.env["PATH"] = f"{command.parent}:{machine.env['PATH']}"


def made(door: str, folder: pathlib.Path, source: Source, *options: str) -> Pusher:
    """Returns a repository in which the hook stands before each push."""
    machine = Machine(folder)
    pusher = Pusher(machine, folder / "repositories", *options)
    if door == PLAIN:
        by_the_page(machine, pusher, folder)
        return pusher
    settle(machine, source)
    pusher.first = pusher.commit({".pre-commit-config.yaml": configuration(source, HOOK)})
    pusher.git("push", "--quiet", "origin", "main")
    machine.run(pusher.work, *command_of(door), "install", "--hook-type=pre-push")
    return pusher


@pytest.fixture(scope="module", params=DOORS)
def template(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, source: Source) -> tuple[str, Pusher]:
    return request.param, made(request.param, tmp_path_factory.mktemp("template"), source)


@pytest.fixture
def door(template: tuple[str, Pusher]) -> str:
    return template[0]


@pytest.fixture
def pusher(template: tuple[str, Pusher], tmp_path: pathlib.Path) -> Pusher:
    return template[1].copied(tmp_path / "repositories")


def stopped(pusher: Pusher, *push: str) -> str:
    """Asserts that the push is stopped, that nothing of it arrives and no secret is shown; returns what is said."""
    before = pusher.there()
    done = pusher.push(*push)
    said = (done.stdout + done.stderr).decode()
    assert done.returncode == 1, said
    assert pusher.there() == before
    assert "pypi-token: API token of PyPI" in said and "failed to push some refs" in said
    body = TOKEN[len("pypi-AgEIcHlwaS5vcmc") :]
    assert not any(body[at : at + 8] in said for at in range(len(body) - 7))
    return said


def passed(pusher: Pusher, *push: str) -> None:
    """Asserts that the push goes through, and changes what the remote has."""
    before = pusher.there()
    done = pusher.push(*push)
    assert done.returncode == 0, done.stdout + done.stderr
    assert pusher.there() != before


def test_what_one_commit_brings_and_the_next_takes_out(pusher: Pusher) -> None:
    bad = pusher.commit({"settings.py": f"A = 1\nTOKEN = '{TOKEN}'\n"})
    pusher.commit({"settings.py": "A = 1\n"})
    said = stopped(pusher, "origin", "main")
    assert "settings.py:2:10: pypi-token:" in said
    assert bad[:12] in said and "refs/heads/main" in said


def test_the_resolution_of_a_merge(pusher: Pusher) -> None:
    pusher.git("checkout", "--quiet", "-b", "side")
    pusher.commit({"a": "side\n"})
    pusher.git("checkout", "--quiet", "main")
    pusher.commit({"a": "main\n"})
    pusher.git("merge", "--quiet", "--no-commit", "--strategy=ours", "side")
    merge = pusher.commit({"a": f"resolved {TOKEN}\n"})
    assert merge[:12] in stopped(pusher, "origin", "main")


def test_the_message_of_a_tag(pusher: Pusher) -> None:
    pusher.commit({"a": "clean\n"})
    pusher.git("tag", "--annotate", "--message", f"Release\n\ntwine upload -p {TOKEN}", "v1")
    assert "refs/tags/v1" in stopped(pusher, "origin", "v1")
    assert "refs/tags/v1" in stopped(pusher, "--follow-tags", "origin", "main")
    pusher.git("tag", "--force", "--annotate", "--message", "Release", "v1")
    passed(pusher, "origin", "v1")


def test_an_archive(pusher: Pusher) -> None:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        info = tarfile.TarInfo("home/settings")
        info.size = len(TOKEN)
        tar.addfile(info, io.BytesIO(TOKEN.encode()))
    pusher.commit({"backup.bin": packed.getvalue()})
    assert "home/settings" in stopped(pusher, "origin", "main")


def test_the_message_of_a_commit_and_the_name_of_a_branch(pusher: Pusher) -> None:
    pusher.commit({}, f"Upload with {TOKEN}")
    assert "in the commit message" in stopped(pusher, "origin", "main")
    pusher.git("commit", "--quiet", "--allow-empty", "--amend", "--message", "Upload")
    assert "in the ref's name" in stopped(pusher, "origin", f"main:refs/heads/{TOKEN}")


def test_a_ref_without_a_new_commit_is_seen_where_git_asks_the_hook_itself(
    pusher: Pusher, door: str, tmp_path: pathlib.Path
) -> None:
    """pre-commit and prek run no hook for such a push, but they run a script that was there before them."""
    pusher.git("tag", "--annotate", "--message", TOKEN, "v1")
    if door != PLAIN:
        passed(pusher, "origin", "v1")  # what the hook's page warns of
        pusher.git("push", "--quiet", "--no-verify", "origin", ":v1")
        by_the_page(pusher.machine, pusher, tmp_path)
        pusher.machine.run(pusher.work, *command_of(door), "install", "--hook-type=pre-push")
    assert "refs/tags/v1" in stopped(pusher, "origin", "v1")
    assert "in the ref's name" in stopped(pusher, "origin", f"main:refs/heads/{TOKEN}")
    pusher.commit({"a": "clean\n"})
    pusher.git("tag", "--delete", "v1")
    passed(pusher, "origin", "main")


def test_the_second_ref_of_the_same_push(pusher: Pusher, door: str) -> None:
    pusher.commit({"a": "clean\n"})
    pusher.git("checkout", "--quiet", "-b", "side", pusher.first)
    bad = pusher.commit({"b": TOKEN})
    said = stopped(pusher, "origin", "main", "side")
    assert bad[:12] in said and "refs/heads/side" in said
    assert (ONLY_FIRST in said) == (door != PLAIN)


def test_a_clean_push_a_new_branch_and_a_deletion(pusher: Pusher) -> None:
    pusher.commit({"a": "clean\n"})
    passed(pusher, "origin", "main")
    pusher.git("checkout", "--quiet", "-b", "side")
    pusher.commit({"b": "clean\n"})
    passed(pusher, "origin", "side")
    pusher.commit({"b": TOKEN})
    passed(pusher, "origin", ":side")


def test_a_forced_update(pusher: Pusher) -> None:
    pusher.commit({"a": "clean\n"})
    passed(pusher, "origin", "main")
    pusher.git("commit", "--quiet", "--amend", "--message", "said otherwise")
    passed(pusher, "--force", "origin", "main")
    (pusher.work / "a").write_text(TOKEN)
    pusher.git("commit", "--quiet", "--amend", "--all", "--message", "done otherwise")
    stopped(pusher, "--force", "origin", "main")


def test_the_first_push_to_a_remote_publishes_the_whole_history(pusher: Pusher) -> None:
    bad = pusher.commit({"a": TOKEN})
    pusher.commit({"a": None})
    pusher.git("remote", "remove", "origin")
    pusher.git("init", "--quiet", "--bare", str(pusher.folder / "new.git"))
    pusher.remote = pusher.folder / "new.git"
    pusher.git("remote", "add", "new", str(pusher.remote))
    assert bad[:12] in stopped(pusher, "new", "main")
    pusher.git("reset", "--quiet", "--hard", pusher.first)
    passed(pusher, "new", "main")


@pytest.mark.parametrize("door", DOORS)
def test_a_repository_with_sha256(door: str, tmp_path: pathlib.Path, source: Source) -> None:
    pusher = made(door, tmp_path, source, "--object-format=sha256")
    bad = pusher.commit({"a": TOKEN})
    assert len(bad) == 64
    assert bad[:12] in stopped(pusher, "origin", "main")
    pusher.git("reset", "--quiet", "--hard", pusher.first)
    pusher.commit({"a": "clean\n"})
    passed(pusher, "origin", "main")
