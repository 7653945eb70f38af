"""The whole history of real repositories: what is found, which commit brought it in and took it out, what is told."""
from __future__ import annotations

import gzip
import json
import os
import pathlib
import random
import re
import shutil
import stat
import subprocess
import sys
import zipfile
from typing import Any
from unittest import mock

import pytest

from pypi_token_hooks import attribution
from pypi_token_hooks import engine
from pypi_token_hooks import examination
from pypi_token_hooks import git
from pypi_token_hooks import history as search
from pypi_token_hooks import model
from pypi_token_hooks import pipeline
from pypi_token_hooks.model import Blob
from pypi_token_hooks.model import Place
from pypi_token_hooks.sources.history import listing
from pypi_token_hooks.sources.history import origins
from pypi_token_hooks.sources.history import packs
from pypi_token_hooks.sources.history import whole
from tests import mint
from tests import packing
from tests.machine import Machine
from tests.machine import write

HOOK = "detect-pypi-token-in-history"
TOKEN = mint.token(seed=41)
OTHER = mint.token("test.pypi.org", seed=42)
PASSWORD = "tr0ub4dor-and-three"
PYPIRC = f"[pypi]\nusername = ada\npassword = {PASSWORD}\n"
LEAKS = (
    f"TOKEN = '{TOKEN}'", PYPIRC, f"export TWINE_PASSWORD={PASSWORD}", f"https://ada:{PASSWORD}@pypi.example.org/simple/",
    f"- uses: pypa/gh-action-pypi-publish@v1\n  with:\n    password: {PASSWORD}",
    "\n".join(OTHER[at : at + 40] for at in range(0, len(OTHER), 40)), TOKEN.encode().hex(),
    f"machine pypi.org\n  login ada\n  password {PASSWORD}", f"-u __token__\n-p {PASSWORD}",
)
HASHES = ("sha1", "sha256")
posix = pytest.mark.skipif(os.name == "nt", reason="names and modes that Windows does not have")


class History:
    """A repository, its commits a day apart, and what the hook says of it."""

    def __init__(self, machine: Machine, folder: pathlib.Path, *options: str) -> None:
        self.machine, self.folder, self.days = machine, folder, 0
        machine.repository(folder, *options)

    def git(self, *arguments: str, **env: str) -> str:
        return self.machine.git(self.folder, *arguments, env=env).decode("utf-8", "surrogateescape").strip()

    def record(self, message: str = "change") -> str:
        """Commits what the index holds and returns the commit's name."""
        self.days += 1
        date = f"2024-01-{self.days:02}T12:00:00+02:00"
        self.git("commit", "--quiet", "--allow-empty", "-m", message, GIT_AUTHOR_DATE=date, GIT_COMMITTER_DATE=date)
        return self.git("rev-parse", "HEAD")

    def commit(self, files: dict[str, str | bytes | None], message: str = "change") -> str:
        """Commits the files (None: without that one) and returns the commit's name."""
        write(self.folder, files)
        self.git("add", "--all", "--force")
        return self.record(message)

    def run(self, *arguments: str, cwd: pathlib.Path | None = None, **env: str) -> subprocess.CompletedProcess[bytes]:
        """Runs the hook; no secret is ever shown, nor a traceback."""
        done = self.machine.hook(HOOK, *arguments, cwd=cwd or self.folder, env=env)
        assert b"Traceback" not in done.stderr
        for secret in (TOKEN[20:28], OTHER[24:32], PASSWORD[:8]):
            assert secret.encode() not in done.stdout + done.stderr
        return done

    def report(self, *arguments: str, cwd: pathlib.Path | None = None) -> dict[str, Any]:
        """Returns the report, with the exit code under `code` and what is said aside under `said`."""
        done = self.run("--format", "json", *arguments, cwd=cwd)
        result: dict[str, Any] = json.loads(done.stdout)
        return {**result, "code": done.returncode, "said": done.stderr.decode()}

    def found(self, *arguments: str, cwd: pathlib.Path | None = None) -> list[tuple[str, str | None]]:
        """Returns path and commit of each finding; the exit code fits them."""
        report = self.report(*arguments, cwd=cwd)
        assert report["code"] == (1 if report["findings"] else 0), report["said"]
        return [(found["path"], found["commit"]) for found in report["findings"]]

    def text(self, *arguments: str) -> str:
        return self.run(*arguments, COLUMNS="200").stdout.decode("utf-8", "surrogateescape")

    def words(self) -> str:
        """Returns the text, wherever its lines end."""
        return " ".join(self.text().split())


@pytest.fixture
def history(machine: Machine, tmp_path: pathlib.Path) -> History:
    return History(machine, tmp_path / "work")


# --- what is found, and where it came from -----------------------------------------------------------------------------


def test_an_empty_repository_is_clean(history: History) -> None:
    done = history.run()
    assert (done.returncode, done.stderr) == (0, b"")
    assert history.found("--all-objects") == []


def test_a_clean_history_is_clean_and_counted(history: History) -> None:
    history.commit({"a": "one\n", "sub/b": "two\n"})
    history.commit({"a": "three\n"})
    report = history.report()
    assert report["code"] == 0 and report["findings"] == report["skipped"] == []
    assert (report["scanned"]["files"], report["scanned"]["commits"]) == (3, 2)


def test_the_commit_that_brought_it_and_the_one_that_removed_it(history: History) -> None:
    history.commit({"a": "clean\n"})
    brought = history.commit({"a": f"x\n\nTOKEN = '{TOKEN}'\n"})
    history.commit({"a": f"y\n\nz\nTOKEN = '{TOKEN}'\n", "b": "other\n"})
    removed = history.commit({"a": "TOKEN = ''\n"})
    (found,) = history.report()["findings"]
    assert (found["path"], found["commit"], found["line"], found["column"]) == ("a", brought, 3, 10)
    text, when = history.text(), f"brought in on 2024-01-02T10:00:00Z, removed by {removed[:12]} on 2024-01-04T10:00:00Z"
    assert when in text and found["message"].endswith(f"; {when}: still in the history")
    revoke, rewrite = text.index("https://pypi.org/manage/account/#remove"), text.index("git filter-repo --replace-text")
    assert revoke < rewrite, "revoke first, then rewrite"


def test_what_is_still_there_has_no_commit_that_removed_it(history: History) -> None:
    brought = history.commit({"a": TOKEN})
    history.commit({"a": "gone"})
    history.commit({"a": TOKEN})
    assert history.found() == [("a", brought)]
    assert "removed by" not in history.text()


def test_each_secret_at_each_path_is_told_once(history: History) -> None:
    first = history.commit({"a": TOKEN})
    second = history.commit({"a": f"{TOKEN}\n{OTHER}\n", "b/copy": TOKEN})
    history.commit({"a": f"#\n{OTHER}\n{TOKEN}\n"})
    assert sorted(history.found()) == sorted([("a", first), ("a", second), ("b/copy", second)])


def test_of_several_places_in_a_file_the_first_one_is_told(history: History) -> None:
    history.commit({"a": f"1\n{TOKEN}\n{OTHER}\n{TOKEN}\n"})
    assert sorted(found["line"] for found in history.report()["findings"]) == [2, 3]


def test_what_another_branch_removed_is_still_there(history: History) -> None:
    history.commit({"a": TOKEN, f"{OTHER}.txt": "x", "c\nd": TOKEN})
    history.git("checkout", "--quiet", "-b", "topic")
    removed = history.commit({"a": "gone", f"{OTHER}.txt": None, "c\nd": None})
    history.git("checkout", "--quiet", "main")
    said = f"removed by {removed[:12]} on 2024-01-02T10:00:00Z"
    text = history.words()
    assert text.count(f"{said}, but refs/heads/main still has it") == text.count(said) == 3
    history.git("merge", "--quiet", "topic")
    assert history.words().count(f"{said}: still in the history") == 3
    history.git("checkout", "--quiet", "--detach", "HEAD~1")
    assert history.words().count(f"{said}, but HEAD still has it") == 3


def test_what_two_branches_brought_and_one_removed_is_still_there(history: History) -> None:
    history.commit({"b": "clean"})
    for branch in ("one", "two"):
        history.git("checkout", "--quiet", "-b", branch, "main")
        history.commit({"a": f"{branch}\n{TOKEN}\n"})
    history.commit({"a": None})
    assert "but refs/heads/one still has it" in history.words()


@pytest.mark.parametrize(
    ("content", "command"),
    [
        (TOKEN, "--replace-text ../secrets.txt"),
        (TOKEN.encode().hex(), "--replace-text ../secrets.txt"),
        (TOKEN.encode("utf-16"), "--invert-paths --path 'the file'"),
        (gzip.compress(TOKEN.encode()), "--invert-paths --path 'the file'"),
    ],
)
def test_the_advice_fits_what_the_file_is(history: History, content: str | bytes, command: str) -> None:
    history.commit({"the file": content})
    text = history.text()
    assert f"git filter-repo {command}\n" in text
    said = history.words()
    assert ("as it stands there" in said) == (content == TOKEN.encode().hex())
    assert ("a binary file needs --invert-paths" in said) == (content == TOKEN)


def test_a_rename_is_a_path_of_its_own(history: History) -> None:
    first = history.commit({"a": TOKEN + "\n"})
    second = history.commit({"a": None, "b": TOKEN + "\n"})
    assert history.found() == [("a", first), ("b", second)]
    assert f"removed by {second[:12]}" in history.text()


def test_what_only_a_merge_brings(history: History) -> None:
    history.commit({"a": "1\n"})
    history.git("checkout", "--quiet", "-b", "side")
    history.commit({"a": "2\n"})
    history.git("checkout", "--quiet", "main")
    history.commit({"a": "3\n"})
    history.git("merge", "--no-commit", "--strategy=ours", "side")
    merge = history.commit({"a": f"4\n{TOKEN}\n"}, "merge")
    assert history.found() == [("a", merge)]


def test_what_only_a_merge_drops(history: History) -> None:
    """git counts it as no change that a merge takes the side of one parent."""
    history.commit({"a": "1\n", "sub/[x]": "1\n"})
    history.git("checkout", "--quiet", "-b", "side")
    history.commit({"a": f"2\n{TOKEN}\n", "sub/[x]": f"2\n{TOKEN}\n", "c\nd": TOKEN, f"{OTHER}.txt": "x"})
    history.git("checkout", "--quiet", "main")
    history.commit({"b": "3\n"})
    assert "removed by" not in history.text(), "the branch still has it"
    history.git("merge", "--quiet", "--strategy=ours", "-m", "ours", "side")
    merge = history.git("rev-parse", "HEAD").strip()
    assert "removed by" not in history.text(), "the branch still has it"
    history.git("branch", "--quiet", "-D", "side")
    history.commit({"a": "4\n", "e": "5\n"})
    (history.folder / "below").mkdir()
    for cwd in (history.folder, history.folder / "below"):
        said = " ".join(history.run(cwd=cwd, COLUMNS="200").stdout.decode("utf-8", "surrogateescape").split())
        assert said.count(f"removed by {merge[:12]} on ") == said.count("still in the history") == 4
    history.commit({"a": f"2\n{TOKEN}\n"})
    assert history.words().count(f"removed by {merge[:12]} on ") == 3, "it is there again"


def test_names_messages_people_tags_and_links(history: History) -> None:
    (history.folder / "link").symlink_to(TOKEN)
    first = history.commit({f"{OTHER}.txt": "", "plain": "text"}, f"with {TOKEN}")
    history.git("tag", "-a", "-m", f"a tag with {TOKEN}", "v1")
    history.git("update-ref", f"refs/heads/{TOKEN}", "HEAD")
    env = {"GIT_AUTHOR_NAME": TOKEN, "GIT_COMMITTER_EMAIL": OTHER}
    history.git("commit", "--quiet", "--allow-empty", "-m", "fine", **env)
    report = history.report()
    assert report["code"] == 1
    parts = sorted((found["commit"] == first, found["path"]) for found in report["findings"])
    assert len(parts) == 7, parts
    assert sum(is_first for is_first, _ in parts) == 3


def test_a_token_that_is_a_path_of_folders(history: History) -> None:
    with_slashes = next(t for t in (mint.token(seed=seed) for seed in range(500)) if "_" in t).replace("_", "/")
    brought = history.commit({f"{with_slashes}/x": "text"})
    (found,) = history.report()["findings"]
    assert found["commit"] == brought and found["rule"] == "pypi-token"


def test_the_name_of_an_empty_folder_is_read(history: History) -> None:
    """Only plumbing makes one."""
    first = history.commit({"a": "clean"})
    empty = history.git("mktree")
    (history.folder / "listed").write_text(f"040000 tree {empty}\tx-{TOKEN}\n")
    tree = history.machine.run(
        history.folder, "sh", "-c", "git mktree <listed"
    ).decode().strip()
    bad = history.git("commit-tree", "-p", first, "-m", "empty", tree)
    history.git("update-ref", "refs/heads/empty", bad)
    history.git("tag", "plain", tree)
    ((_, commit),) = history.found()
    assert commit == bad


def test_a_path_in_place_of_a_name_in_a_tree_is_read(history: History) -> None:
    """`git fsck` complains of such a tree; git reads it all the same."""
    first = history.commit({"a": "clean"})
    (history.folder / "raw").write_bytes(f"100644 d/x-{TOKEN}\0".encode() + bytes.fromhex(history.git("rev-parse", "HEAD:a")))
    tree = history.git("hash-object", "-t", "tree", "-w", "--literally", "raw")
    bad = history.git("commit-tree", "-p", first, "-m", "odd", tree)
    history.git("update-ref", "refs/heads/odd", bad)
    ((_, commit),) = history.found()
    assert commit == bad


def test_a_pypirc_file_its_password_and_its_content_are_told(history: History) -> None:
    brought = history.commit({"home/.pypirc": PYPIRC, "README": "x"})
    history.commit({"home/.pypirc": None})
    report = history.report()
    assert [(found["rule"], found["path"], found["commit"]) for found in report["findings"]] == [
        ("pypirc-file", "home/.pypirc", brought), ("pypirc-password", "home/.pypirc", brought),
    ]
    assert "git filter-repo --invert-paths --path home/.pypirc" in history.text()


def test_archives_and_readings(history: History) -> None:
    first = history.commit({"a.gz": gzip.compress(b"x" * 1000 + TOKEN.encode()), "b.hex": OTHER.encode().hex()})
    assert history.found() == [("a.gz", first), ("b.hex", first)]


def test_a_member_is_called_after_its_archive(history: History) -> None:
    once = gzip.compress(f"-- {TOKEN}\n".encode())
    history.commit({"dump.sql.gz": once, "same.gz": once, "odd": once, "twice.txt.gz.gz": gzip.compress(once), "z": packing.zipped(once)})
    members = {one["path"]: one["members"] for one in history.report()["findings"]}
    assert members == {
        "dump.sql.gz": ["dump.sql"], "same.gz": ["same"], "odd": ["odd (unpacked)"], "twice.txt.gz.gz": ["twice.txt.gz", "twice.txt"],
        "z": members["z"],
    }
    assert len(members["z"]) == 2 and all(len(name) < 40 for name in members["z"])


def test_the_comment_of_an_archive_goes_with_the_archive(history: History) -> None:
    first = history.commit({"a.zip": packing.zipped(b"clean", comment=TOKEN.encode())})
    (found,) = history.report()["findings"]
    assert (found["path"], found["commit"], found["members"]) == ("a.zip", first, [])
    assert found["remedy"].endswith("git filter-repo --invert-paths --path a.zip")


@posix
def test_all_that_one_path_holds_is_told(history: History) -> None:
    first = history.commit({f"{TOKEN}/{OTHER}": "x", f"{OTHER}/.pypirc": "x"})
    history.commit({f"{OTHER}/.pypirc": None})
    report = history.report()
    assert sorted(found["rule"] for found in report["findings"]) == ["pypi-token"] * 3 + ["pypirc-file"]
    assert {found["commit"] for found in report["findings"]} == {first}
    assert history.words().count("removed by") == 2


def test_what_is_damaged_inside_of_an_object_is_told_with_its_name(history: History) -> None:
    archive = packing.zipped(b"clean" * 20, method=zipfile.ZIP_STORED)
    history.commit({"a.zip": archive.replace(b"clean", b"cleam", 1)})
    (skipped,) = history.report()["skipped"]
    assert (skipped["path"], skipped["reason"]) == (history.git("rev-parse", "HEAD:a.zip"), "damaged")


def test_what_a_comment_or_a_baseline_allows_stays_silent(history: History) -> None:
    history.commit({"a": f"{TOKEN}  # pragma: allowlist secret\n"})
    report = history.report()
    assert report["code"] == 0 and report["allowed"]["inline"] == 1


def test_a_huge_blob_is_read_by_window(history: History) -> None:
    filler = bytes(range(256)) * (20 << 12)
    brought = history.commit({"big": filler + b"\n" + TOKEN.encode() + b"\n" + filler})
    assert history.found() == [("big", brought)]
    assert 2 * len(filler) < history.report()["scanned"]["bytes"] < 2 * len(filler) + 1000


def test_a_huge_commit_and_a_huge_tree_are_read(history: History) -> None:
    (history.folder / "message").write_text("x" * (16 << 20) + f"\n{TOKEN}\n")
    history.git("commit", "--quiet", "--allow-empty", "--file=message")
    (history.folder / "clean").write_text("clean")
    blob = history.git("hash-object", "-w", "clean")
    rows = "".join(f"100644 blob {blob}\t{'n' * 240}{number:06}\n" for number in range(64 << 10))
    (history.folder / "rows").write_text(f"100644 blob {blob}\t.pypirc\n{rows}")
    with (history.folder / "rows").open() as feed:
        made = subprocess.run(("git", "mktree"), cwd=history.folder, env=history.machine.env, stdin=feed, capture_output=True, check=True)
    history.git("update-ref", "HEAD", history.git("commit-tree", "-m", "second", "-p", "HEAD", made.stdout.decode().strip()))
    report = history.report()
    assert [(found["rule"], found["path"]) for found in report["findings"]] == [("pypi-token", ""), ("pypirc-file", ".pypirc")]
    assert 32 << 20 < report["scanned"]["bytes"] < 40 << 20


@posix
def test_odd_names(history: History) -> None:
    names = (b"a\nb", b"\xff\xfe", b"tab\there", b"-rf", "ünï".encode(), b" ", b'"quoted"')
    for name in names:
        with open(os.fsencode(history.folder) + b"/" + name, "wb") as stream:
            stream.write(TOKEN.encode())
    history.git("add", "--all")
    history.record()
    report = history.report()
    assert report["code"] == 1 and len(report["findings"]) == len(names)
    assert "git filter-repo" in history.text()


# --- which objects ------------------------------------------------------------------------------------------------------


def test_every_ref_counts(history: History) -> None:
    start = history.commit({"a": "clean"})
    expected = []
    for number, ref in enumerate(("refs/heads/x", "refs/tags/x", "refs/notes/x", "refs/remotes/o/x", "refs/odd/x")):
        brought = history.commit({f"file{number}": f"{number} {TOKEN}"})
        history.git("update-ref", ref, brought)
        history.git("reset", "--hard", "--quiet", start)
        expected.append((f"file{number}", brought, ref))
    found = [(one["path"], one["commit"], one["ref"]) for one in history.report()["findings"]]
    assert sorted(found) == sorted(expected)


@posix
@pytest.mark.parametrize("name", ["refs/heads/ends\u2028é", "refs/tags/next\x85é", "refs/remotes/o/both\u2029a\x85é"])
def test_a_ref_may_hold_what_ends_a_line_elsewhere(history: History, name: str) -> None:
    start = history.commit({"a": "clean"})
    brought = history.commit({"b": TOKEN})
    history.git("update-ref", name, brought)
    history.git("reset", "--hard", "--quiet", start)
    report = history.report()
    assert [(one["commit"], one["ref"]) for one in report["findings"]] == [(brought, name)]
    assert report["scanned"]["refs"] == 2 and report["code"] == 1


def test_a_branch_is_told_before_any_other_ref(history: History) -> None:
    brought = history.commit({"file": TOKEN})
    history.git("update-ref", "refs/aaa/first", brought)
    branch = history.git("symbolic-ref", "HEAD")
    history.commit({"file": "clean"})
    (found,) = history.report()["findings"]
    assert (found["commit"], found["ref"]) == (brought, branch)


def test_notes_and_every_stash(history: History) -> None:
    history.commit({"a": "clean"})
    history.git("notes", "add", "-m", TOKEN, "HEAD")
    for secret in (TOKEN, OTHER):
        (history.folder / "a").write_text(secret)
        history.git("stash", "--quiet")
    (history.folder / "new").write_text(OTHER)
    history.git("stash", "--quiet", "--include-untracked")
    note = history.git("rev-parse", "HEAD")  # a note's path is the commit that it is about
    assert sorted(path for path, _ in history.found()) == sorted([note, "a", "a", "new"])
    lost = history.git("rev-parse", "stash@{1}")
    (history.folder / ".git/objects" / lost[:2] / lost[2:]).unlink()
    report = history.report()
    assert [one["ref"] for one in report["findings"] if one["path"] == "a"] == ["stash@{2}"]
    assert report["said"].count("failed:") == report["said"].count(lost) == 1


@pytest.mark.parametrize("revisions", [(), ("stash@{1}", "stash@{0}")])
def test_what_a_stash_holds_was_not_removed_by_it(history: History, revisions: tuple[str, ...]) -> None:
    history.commit({"a": "clean", "b": f"{TOKEN}\n", f"{OTHER}.txt": ""})
    write(history.folder, {"new": TOKEN, f"new-{OTHER}": ""})  # only the stash's commit of untracked files has them
    history.git("stash", "--quiet", "--include-untracked")
    write(history.folder, {"a": f"staged {TOKEN}\n", f"staged-{OTHER}": ""})  # only its commit of the index has them
    history.git("add", ".")
    write(history.folder, {"a": "changed again", f"staged-{OTHER}": None, "b": "changed"})
    history.git("rm", "--quiet", "--cached", f"{OTHER}.txt")
    history.git("stash", "--quiet")
    assert len(history.found(*revisions)) == 6
    assert "removed by" not in history.run(*revisions, COLUMNS="200").stdout.decode()
    removed = history.commit({"b": "gone"})
    said = " ".join(history.run(*revisions, "main", COLUMNS="200").stdout.decode().split())
    assert said.count("removed by") == said.count(f"removed by {removed[:12]} on") == 1


def test_the_copy_of_a_stash_without_its_list_is_known_too(history: History, tmp_path: pathlib.Path) -> None:
    history.commit({"a": "clean"})
    write(history.folder, {"new": TOKEN})
    history.git("stash", "--quiet", "--include-untracked")
    history.git("clone", "--quiet", "--mirror", ".", str(tmp_path / "copy"))
    done = history.run(cwd=tmp_path / "copy")
    assert done.stdout.count(b"new:1:1: pypi-token:") == 1 and b"removed by" not in done.stdout
    history.folder = tmp_path / "copy"
    assert [one["ref"] for one in history.report()["findings"]] == ["refs/stash"]
    paste(history)
    assert history.found("--all-objects") == []


def paste(history: History, editor: str = "sed -i.old s/pypi-[^[:space:]]*/it/", **stand_ins: str) -> None:
    """Does what is advised; of the stashes first that with the highest number."""
    commands = dict.fromkeys(re.findall(r"(?m)^ +(git .*)$", history.text()))
    for command in sorted(commands, key=lambda command: command if "stash drop" in command else "", reverse=True):
        for name, value in stand_ins.items():
            command = command.replace(f"<{name}>", value)
        history.machine.run(history.folder, "sh", "-c", command, env={"GIT_EDITOR": editor})


@posix
def test_what_only_a_stash_has_goes_with_it(history: History) -> None:
    history.commit({"a": "clean"})
    for name, content in (("new", TOKEN), ("a", TOKEN), ("a", "fine"), (f"{OTHER}.txt", "x")):
        write(history.folder, {name: content})
        history.git("stash", "--quiet", "--include-untracked")
    history.git("checkout", "--quiet", "--detach")
    below = history.commit({"b": TOKEN})
    write(history.folder, {"a": "also fine"})
    history.git("stash", "--quiet")
    history.git("checkout", "--quiet", "main")
    history.git("reflog", "expire", "--expire=now", "HEAD")
    report = history.report()
    assert sorted((one["path"], one["ref"]) for one in report["findings"] if OTHER[:8] not in one["path"]) == [
        ("a", "stash@{3}"), ("b", "stash@{0}"), ("new", "stash@{4}"),
    ]
    assert {one["ref"] for one in report["findings"]} == {f"stash@{{{number}}}" for number in (0, 1, 3, 4)}
    assert [one["commit"] for one in report["findings"] if one["path"] == "b"] == [below]
    paste(history)
    assert history.found("--all-objects") == []
    assert history.git("stash", "list").count("\n") == 0 and history.git("show", "stash@{0}:a") == "fine"


def test_what_a_branch_has_too_does_not_come_from_a_stash(history: History) -> None:
    history.commit({"a": "clean", "b": "clean"})
    write(history.folder, {"a": TOKEN, f"{OTHER}.txt": "x"})
    history.git("stash", "--quiet", "--include-untracked")
    history.git("stash", "apply", "--quiet")
    bad = history.commit({})
    assert [(one["commit"], one["ref"]) for one in history.report()["findings"]] == [(bad, "refs/heads/main")] * 2
    removed = history.commit({"a": "gone"})
    assert f"removed by {removed[:12]}" in history.words()
    history.git("branch", "kept", "stash@{0}")
    assert {one["ref"] for one in history.report("kept")["findings"]} == {"refs/heads/kept"}


@posix
@pytest.mark.parametrize("part", ["note", "message"])
def test_notes_are_cleaned_where_they_are(history: History, part: str) -> None:
    history.commit({"a": "clean"})
    history.git("notes", "add", "-m", f"good {TOKEN}" if part == "note" else "good", "HEAD")
    if part == "message":
        made = history.git("commit-tree", "-m", TOKEN, "-p", "refs/notes/commits", "refs/notes/commits^{tree}")
        history.git("update-ref", "refs/notes/commits", made)
    (found,) = history.report()["findings"]
    assert found["ref"] == "refs/notes/commits"
    history.git("notes", "append", "-m", "more", "HEAD")
    paste(history)
    assert history.found() == []
    assert history.git("notes", "show", "HEAD") == ("good it\n\nmore" if part == "note" else "good\n\nmore")


@posix
@pytest.mark.parametrize("kind", ["tree", "tag of a tree", "odd"])
@pytest.mark.parametrize("name", [".pypirc", f"{TOKEN}.txt", f"{TOKEN}/x"], ids=["pypirc", "token", "folder"])
def test_names_in_a_tree_that_a_ref_names_are_told(history: History, kind: str, name: str) -> None:
    start = history.commit({"a/.pypirc.in": "clean"})
    history.commit({f"folder/deep/{name}": "x"})
    ref = "refs/odd/it's" if kind == "odd" else "refs/tags/it's"
    if kind == "tag of a tree":
        history.git("tag", "-a", "-m", "fine", "it's", "HEAD:folder")
    else:
        history.git("update-ref", ref, "HEAD:folder")
    history.git("reset", "--hard", "--quiet", start)
    history.git("reflog", "expire", "--expire=now", "--all")
    history.git("gc", "--quiet", "--prune=now")
    assert history.found("main") == []
    for arguments in ((), ("--all-objects",), (ref,)):
        (found,) = history.report(*arguments)["findings"]
        assert (found["commit"], found["ref"]) == (None, ref) and found["path"].startswith("deep/")
    (found,) = history.report(history.git("rev-parse", f"{ref}^{{}}"), "main")["findings"]
    assert found["ref"] == ref
    other = history.commit({f"other/{name}": "y"})
    assert sorted((one["commit"] or "", one["ref"]) for one in history.report()["findings"]) == [("", ref), (other, "refs/heads/main")]
    history.git("reset", "--hard", "--quiet", start)
    paste(history)
    assert history.found() == []


def test_a_name_in_a_dropped_commit_is_told_beside_the_same_elsewhere(history: History) -> None:
    start = history.commit({"README": "x"})
    lost = history.commit({"b/.pypirc": "1", "both/.pypirc": "x", f"b/{TOKEN}": "x"})
    history.git("reset", "--hard", "--quiet", start)
    bad = history.commit({"a/.pypirc": "2", "both/.pypirc": "x", f"a/{TOKEN}": "x"})
    assert {commit for _, commit in history.found()} == {bad}
    report = history.report("--all-objects")
    told = sorted((one["rule"], one["path"].split("/")[0], one["commit"]) for one in report["findings"])
    assert told == [
        ("pypi-token", "a", bad), ("pypi-token", "b", lost),
        ("pypirc-file", "a", bad), ("pypirc-file", "b", lost), ("pypirc-file", "both", bad),
    ]
    assert " ".join(history.text("--all-objects").split()).count("no branch, tag or stash leads to it") == 2


@posix
@pytest.mark.parametrize("kind", ["annotated", "lightweight", "renamed"])
def test_a_tag_with_a_secret_in_its_name_is_told_once(history: History, kind: str) -> None:
    history.commit({"a": "clean"})
    name = f"v-{TOKEN}"
    history.git("tag", *(["-a", "-m", "fine"] if kind != "lightweight" else []), name)
    if kind == "renamed":
        history.git("update-ref", "refs/tags/other", name)
        history.git("tag", "--delete", name)
        name = "other"
    (found,) = history.report()["findings"]
    assert found["message"].endswith("in the tag's name" if kind == "renamed" else "in the ref's name")
    if kind == "annotated":
        (found,) = history.report(f"refs/tags/{name}")["findings"]
        assert found["message"].endswith("in the tag's name")
    paste(history, "echo fine >", name="v1", tag=name)
    assert history.found() == [] and history.git("tag") == "v1"


@pytest.mark.parametrize("setting", ["log.date=bogus", "log.date=relative"])
def test_how_dates_are_shown_changes_nothing(history: History, setting: str) -> None:
    bad = history.commit({"a": TOKEN})
    history.git("config", *setting.split("="))
    assert history.found() == [("a", bad)]


def test_of_branches_with_the_same_files_git_is_asked_once(history: History, monkeypatch: pytest.MonkeyPatch) -> None:
    first = history.commit({f"p{number}": mint.token(seed=100 + number) for number in range(3)})
    history.git("branch", "older", first)
    history.commit({f"p{number}": None for number in range(3)})
    for number in range(5):
        history.git("branch", f"b{number}", "main" if number % 2 else "older")
    monkeypatch.chdir(history.folder)
    ask = mock.Mock(wraps=git.ask)
    monkeypatch.setattr(git, "ask", ask)
    refs = [f"refs/heads/{name}" for name in ("main", *(f"b{number}" for number in range(5)), "older", "nowhere")]
    there = origins.at_tips(refs, [b"p0", b"p1", b"nothing"])
    holders = {path: [ref for ref, _ in tips] for path, tips in there.items()}
    assert holders == {b"p0": ["refs/heads/b0"], b"p1": ["refs/heads/b0"], b"nothing": []}
    assert [call.kwargs["feed"].count(b"\n") for call in ask.call_args_list] == [len(refs), 2 * 3], "for each tree, not for each ref"


@pytest.mark.parametrize("damaged", [False, True])
def test_for_many_paths_trees_are_listed(history: History, damaged: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Asked for one path after the other, git reads a large folder from its beginning each time."""
    names = [f"d/p{number}" for number in range(5)]
    history.commit({name: name for name in names})
    history.git("branch", "older")
    history.commit({**dict.fromkeys(names[:2]), "e/p": "another"})
    monkeypatch.chdir(history.folder)
    if damaged:
        folder = history.git("rev-parse", "HEAD:e")
        (history.folder / ".git/objects" / folder[:2] / folder[2:]).unlink()
    refs, paths = ["refs/heads/main", "refs/heads/older"], [b"d", b"nothing", *map(str.encode, names)]
    one_by_one = origins.at_tips(refs, paths)
    assert [len(one_by_one[path]) for path in paths] == [2, 0, 1, 1, 2, 2, 2]
    monkeypatch.setattr(origins, "MANY", 1)
    ask = mock.Mock(wraps=git.ask)
    monkeypatch.setattr(git, "ask", ask)
    listed = origins.at_tips(refs, paths)
    assert {path: sorted(there) for path, there in listed.items()} == {path: sorted(there) for path, there in one_by_one.items()}
    asked = b"".join([call.kwargs.get("feed") or b"" for call in ask.call_args_list])
    assert asked.count(b":d/") == (len(names) if damaged else 0)


def test_a_detached_head_counts(history: History) -> None:
    history.commit({"a": "clean"})
    history.git("checkout", "--quiet", "--detach")
    brought = history.commit({"a": TOKEN})
    assert history.found() == [("a", brought)]


def test_revisions_limit_what_is_looked_at(history: History) -> None:
    first = history.commit({"a": TOKEN})
    second = history.commit({"a": OTHER})
    assert history.found("HEAD~1") == [("a", first)]
    assert history.found("HEAD~1..HEAD") == [("a", second)]
    assert history.found("^HEAD~1", "main") == [("a", second)]
    assert history.found("HEAD~1..HEAD~1") == []


def test_a_branch_that_is_called_like_a_folder_or_file_is_a_branch(history: History) -> None:
    brought = history.commit({"docs/a": TOKEN, "HEAD": "clean", "refs/stash": "clean"})
    history.git("branch", "docs")
    assert history.found("docs") == history.found("HEAD") == [("docs/a", brought)]
    assert history.found("^docs", "HEAD") == []
    for secret in (OTHER, "clean"):  # no ref leads to the first of two stashes
        (history.folder / "HEAD").write_text(secret)
        history.git("stash", "--quiet")
    assert sorted(path for path, _ in history.found()) == ["HEAD", "docs/a"]


@pytest.mark.parametrize("revisions", [("folder",), ("main", "folder"), ("main", "file")])
def test_a_path_is_no_revision(history: History, revisions: tuple[str, ...]) -> None:
    history.commit({"a": TOKEN, "folder/b": "clean", "file": "clean"})
    done = history.run(*revisions)
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.decode() == f"{HOOK}: git rev-list failed: bad revision '{revisions[-1]}'\n"


@pytest.mark.parametrize("revision", ["nowhere", "--output=x", "0" * 40, ""])
def test_a_revision_that_is_none_is_a_failure(history: History, revision: str) -> None:
    history.commit({"a": TOKEN})
    done = history.run("--", revision)
    assert done.returncode == 2
    if revision != "0" * 40 or not done.stdout:
        assert done.stdout == b"" and done.stderr.count(b"\n") == 1
    else:  # newer versions of git take it for the name of an object that is missing
        assert done.stdout.endswith(b"; nothing found; 2 failed: the check is not complete\n") and done.stderr.count(revision.encode()) == 2
    assert not (history.folder / "x").exists()


def test_what_no_ref_reaches(history: History) -> None:
    """What was dropped with a commit has its path there, so that a baseline can know it; what was only staged has none."""
    start = history.commit({"a": "clean"})
    lost = history.commit({"folder/b": TOKEN}, f"lost {OTHER}")
    history.git("commit", "--quiet", "--amend", "-m", "amended")
    history.commit({"folder/b": f"moved\n{TOKEN}", "folder/c": LEAKS[2]})
    history.git("reset", "--hard", "--quiet", start)
    write(history.folder, {"d": LEAKS[3]})
    history.git("add", "d")
    unnamed = history.git("rev-parse", ":d")
    history.git("reset", "--quiet")
    (history.folder / "d").unlink()
    for number in range(2):
        (history.folder / "a").write_text(f"{number}\n")
        history.git("stash", "--quiet")
    assert history.found() == []
    report = history.report("--all-objects")
    told = {(found["path"], found["commit"] == lost) for found in report["findings"]}
    assert told == {("", True), ("folder/b", True), ("folder/c", False), (unnamed, False)} and len(report["findings"]) == 4
    assert {bool(found["commit"]) for found in report["findings"] if found["path"] != unnamed} == {True}
    (command,) = {found["remedy"].splitlines()[-1].rpartition(": git ")[2] for found in report["findings"]}
    history.git(*command.split(" "))
    assert history.found("--all-objects") == []
    assert len(history.git("stash", "list").splitlines()) == 2


@pytest.mark.parametrize(
    ("name", "tree", "cwd"),
    [("staged", ".", "folder"), ("'it is' [staged]", ".", "folder"), (":staged", ".", "folder"), ("staged", "linked tree", ".")],
)
def test_what_is_only_staged_is_taken_out_before_git_forgets_it(history: History, name: str, tree: str, cwd: str) -> None:
    history.commit({"a": "clean"})
    history.git("worktree", "add", "--quiet", "--detach", "linked tree")
    write(history.folder / tree, {f"folder/{name}": TOKEN})
    history.git("-C", tree, "add", "folder")
    assert history.found() == []
    (found,) = history.report("--all-objects")["findings"]
    assert (found["path"], found["commit"]) == (f"folder/{name}", None)
    assert " rm --cached -f -- " in found["remedy"]
    for line in history.text("--all-objects").splitlines():
        if line.strip().startswith("git "):
            history.machine.run(history.folder / cwd, "sh", "-c", line)
    assert history.found("--all-objects") == []


def test_what_filter_branch_keeps_is_deleted_not_rewritten(history: History) -> None:
    history.commit({"a": TOKEN})
    history.git("filter-branch", "--tree-filter", "echo clean > a", FILTER_BRANCH_SQUELCH_WARNING="1")
    (found,) = history.report()["findings"]
    assert found["ref"] == "refs/original/refs/heads/main"
    (command,) = [line.strip() for line in history.text().splitlines() if line.strip().startswith("git ")]
    history.machine.run(history.folder, "sh", "-c", command)
    assert history.found("--all-objects") == []


def test_a_history_is_clean_once_its_remedies_are_followed(history: History) -> None:
    """The commands of the findings are run as they are printed, in a fresh clone as git filter-repo demands."""
    wrapped, hexed = [TOKEN[at : at + 60] for at in range(0, len(TOKEN), 60)], OTHER.encode().hex()
    history.commit({"a": TOKEN, "wrapped": "\n".join(wrapped), "hex": hexed, "wide": OTHER.encode("utf-16"), "-x/.pypirc": PYPIRC})
    history.commit({"x.zip": packing.zipped(TOKEN.encode())})
    history.commit({"-x/.pypirc": None, f"sub/{OTHER}.txt": "x"}, f"with {TOKEN}")
    history.git("commit", "--quiet", "--allow-empty", "-m", "fine", GIT_AUTHOR_NAME=TOKEN, GIT_COMMITTER_NAME=TOKEN)
    history.git("tag", "-a", "-m", f"with {OTHER}", "v1", GIT_COMMITTER_NAME=TOKEN)
    people = "author A <a@example.org> 1 +0000\ncommitter A <a@example.org> 1 +0000\n"
    (history.folder / "raw").write_text(f"tree {history.git('rev-parse', 'HEAD^{tree}')}\n{people}x-{OTHER} y\n\nheader\n")
    history.git("update-ref", "refs/heads/header", history.git("hash-object", "-t", "commit", "-w", "--literally", "raw"))
    (history.folder / "raw").unlink()
    history.git("clone", "--quiet", "--mirror", ".", "../clone/.git")
    history.folder = history.folder.parent / "clone"
    mailmap = "".join(f"N <n@example.org> {TOKEN} <{who}@example.org>\n" for who in "ac")
    secrets = "\n".join([TOKEN, OTHER, PASSWORD, *wrapped, hexed])
    write(history.folder.parent, {"secrets.txt": secrets, "mailmap.txt": mailmap})
    commands = sorted({line.strip() for line in history.text().splitlines() if line.startswith(" " * 16 + "git ")})
    assert len(commands) == 8
    env = {"PATH": os.pathsep.join((os.path.dirname(sys.executable), history.machine.env["PATH"]))}
    for command in commands:
        command = command.replace("<name>:<other>", f"sub/{OTHER}.txt:sub/other.txt")
        history.machine.run(history.folder, "sh", "-c", command, env=env)
    assert history.found() == []


@pytest.mark.parametrize("ref", ["refs/tags/odd", "refs/replace/" + "1" * 40])
def test_what_a_ref_itself_names_is_no_orphan(history: History, ref: str) -> None:
    history.commit({"a": "clean"})
    (history.folder / "b").write_text(TOKEN)
    blob = history.git("hash-object", "-w", "b")
    history.git("update-ref", ref, blob)
    (found,) = history.report()["findings"]
    assert (found["path"], found["commit"], found["ref"]) == (blob, None, ref)
    assert "no branch, tag or stash" not in history.text()


@posix
@pytest.mark.parametrize("encoding", ["ISO-8859-1", "UTF-16"])
def test_a_repository_that_tells_its_log_in_another_encoding(history: History, encoding: str) -> None:
    history.git("checkout", "--quiet", "-b", "bé")
    brought = history.commit({"a": TOKEN})
    history.git("config", "i18n.logOutputEncoding", encoding)
    assert [(found["commit"], found["ref"]) for found in history.report()["findings"]] == [(brought, "refs/heads/bé")]


def test_a_remote_that_has_it_is_told(machine: Machine, tmp_path: pathlib.Path) -> None:
    history = History(machine, tmp_path / "work")
    remote = machine.repository(tmp_path / "remote.git", "--bare")
    history.git("remote", "add", "origin", str(remote))
    history.commit({"a": TOKEN})
    history.git("push", "--quiet", "origin", "main")
    history.commit({"b": OTHER})
    text = history.text()
    first, second = text.split("b:1:1:")
    assert "yes: a remote has it" in first and "no remote has it" in second
    ends = [found["message"].rpartition("; ")[2] for found in history.report()["findings"]]
    assert ends == ["a remote has it", "no remote has it"]


# --- repositories of every kind -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("hash_", HASHES)
@pytest.mark.parametrize("packed", [False, True])
def test_bare_repositories_of_both_hashes(machine: Machine, tmp_path: pathlib.Path, hash_: str, packed: bool) -> None:
    history = History(machine, tmp_path / "work", f"--object-format={hash_}")
    first = history.commit({"a": f"1\n{TOKEN}\n"}, f"with {OTHER}")
    history.commit({"a": "2\n"})
    if packed:
        history.git("gc", "--quiet")
    bare = tmp_path / "bare.git"
    history.git("clone", "--quiet", "--bare", "--no-local", ".", str(bare))
    assert sorted(history.found(cwd=bare)) == sorted([("", first), ("a", first)])


def test_a_work_tree_beside_another_and_a_folder_inside(history: History) -> None:
    brought = history.commit({"sub/a": TOKEN})
    history.git("worktree", "add", "--quiet", "../beside", "-b", "beside")
    assert history.found(cwd=history.folder.parent / "beside") == [("sub/a", brought)]
    assert history.found(cwd=history.folder / "sub") == [("sub/a", brought)]


def test_a_shallow_clone_says_what_it_lacks(machine: Machine, history: History, tmp_path: pathlib.Path) -> None:
    history.commit({"a": TOKEN})
    history.commit({"a": "gone"})
    last = history.commit({"b": OTHER})
    shallow = tmp_path / "shallow"
    history.git("clone", "--quiet", "--depth=1", f"file://{history.folder}", str(shallow))
    report = history.report(cwd=shallow)
    assert [(found["path"], found["commit"]) for found in report["findings"]] == [("b", last)]
    assert report["code"] == 1 and "--unshallow" in report["skipped"][0]["detail"]


def test_a_partial_clone_says_what_it_lacks_and_fetches_nothing(history: History, tmp_path: pathlib.Path) -> None:
    history.commit({"a": TOKEN, "small": "x"})
    history.git("config", "uploadpack.allowFilter", "true")
    partial = tmp_path / "partial"
    history.git("clone", "--quiet", "--no-checkout", "--filter=blob:none", f"file://{history.folder}", str(partial))
    assert history.report("HEAD", cwd=partial)["code"] == 0
    report = history.report(cwd=partial)
    assert report["findings"] == [] and report["code"] == 0
    assert "partial" in report["skipped"][0]["detail"]
    assert history.run("--strict", cwd=partial).returncode == 1
    missing = history.machine.git(partial, "rev-list", "--objects", "--all", "--missing=print").decode()
    assert missing.count("\n?") == 2, "nothing was downloaded"


def test_a_partial_clone_tells_the_commit_of_what_it_has(history: History, tmp_path: pathlib.Path) -> None:
    for number in range(20):  # of all but the last versions it lacks the content
        history.commit({"b": f"{number}\n"})
    bad = history.commit({"a": TOKEN})
    history.git("config", "uploadpack.allowFilter", "true")
    partial = tmp_path / "partial"
    history.git("clone", "--quiet", "--filter=blob:none", f"file://{history.folder}", str(partial))
    report = history.report(cwd=partial)
    assert [(found["path"], found["commit"]) for found in report["findings"]] == [("a", bad)]
    assert [one["reason"] for one in report["skipped"]] == ["limit"] and "failed" not in report["said"]


def test_an_object_that_no_remote_has_is_lost_in_a_partial_clone_too(history: History, tmp_path: pathlib.Path) -> None:
    history.commit({"a": "clean"})
    history.git("config", "uploadpack.allowFilter", "true")
    partial = tmp_path / "partial"
    history.git("clone", "--quiet", "--no-checkout", "--filter=blob:none", f"file://{history.folder}", str(partial))
    history.folder = partial
    history.git("read-tree", "HEAD")
    write(partial, {"b": "never pushed"})
    history.git("add", "b")
    history.record()
    assert history.report()["code"] == 0
    oid = history.git("rev-parse", "HEAD:b")
    (partial / ".git/objects" / oid[:2] / oid[2:]).unlink()
    for arguments in ((), ("HEAD",)):
        report = history.report(*arguments)
        assert report["code"] == 2 and oid in report["said"] and "partial" in report["skipped"][0]["detail"]


@pytest.mark.parametrize("what", ["setting", "file"])
def test_one_half_of_a_partial_clone_is_none(history: History, what: str) -> None:
    history.commit({"a": "clean"})
    oid = history.git("rev-parse", "HEAD:a")
    (history.folder / ".git/objects" / oid[:2] / oid[2:]).unlink()
    if what == "setting":
        history.git("config", "remote.origin.promisor", "true")
    else:
        (history.folder / ".git/objects/pack/pack-0.promisor").write_text("")
    report = history.report()
    assert report["code"] == 2 and oid in report["said"] and "partial" not in report["said"]


def test_objects_that_another_repository_holds(history: History, tmp_path: pathlib.Path) -> None:
    first = history.commit({"a": TOKEN})
    history.git("gc", "--quiet")
    borrower = tmp_path / "borrower"
    history.git("clone", "--quiet", "--shared", ".", str(borrower))
    assert history.found(cwd=borrower) == [("a", first)]


@pytest.mark.parametrize("packed", [False, True])
def test_a_damaged_object_is_told_and_the_rest_is_found(history: History, packed: bool) -> None:
    history.commit({"a": "a text that will be damaged " + "xyz" * 99})
    brought = history.commit({"b": TOKEN})
    oid = history.git("rev-parse", "HEAD~1:a")
    if packed:
        history.git("gc", "--quiet")
        (pack,) = (history.folder / ".git/objects/pack").glob("*.pack")
        listed = history.git("verify-pack", "-v", str(pack)).splitlines()
        row = next(line.split() for line in listed if line.startswith(oid))
        path, at = pack, int(row[4]) + 6
    else:
        path, at = history.folder / ".git/objects" / oid[:2] / oid[2:], 6
    path.chmod(0o644)
    data = bytearray(path.read_bytes())
    data[at : at + 4] = b"\xff\xff\xff\xff"
    path.write_bytes(bytes(data))
    report = history.report()
    assert report["code"] == 1, "findings together with a failure"
    assert ("b", brought) in [(found["path"], found["commit"]) for found in report["findings"]]
    assert oid in report["said"]


def test_a_missing_object_alone_is_exit_2(history: History) -> None:
    history.commit({"a": "clean"})
    oid = history.git("rev-parse", "HEAD:a")
    (history.folder / ".git/objects" / oid[:2] / oid[2:]).unlink()
    done = history.run()
    assert done.returncode == 2 and oid in done.stderr.decode()
    assert history.run("HEAD").returncode == 2


def test_a_missing_tree_or_commit_is_exit_2(history: History) -> None:
    history.commit({"a": "clean"})
    history.commit({"a": "clean too"})
    oid = history.git("rev-parse", "HEAD~1")
    (history.folder / ".git/objects" / oid[:2] / oid[2:]).unlink()
    assert history.run().returncode == 2


@pytest.mark.parametrize("what", ["HEAD~2", "HEAD~2^{tree}", "HEAD~1", "HEAD~1^{tree}", "HEAD^{tree}", "ref", "lost ref"])
def test_damage_takes_no_finding_away(history: History, what: str) -> None:
    history.commit({"a": "clean", f"{OTHER}.txt": "x"}, f"with {OTHER}")
    first = history.commit({"b": TOKEN}, f"with {TOKEN}")
    history.commit({"c": "clean"})
    expected = {("pypi-token", "", first), ("pypi-token", "b", first)}
    if "ref" in what:
        (history.folder / ".git/refs/heads/broken").write_text("1" * 40 if "lost" in what else "")
    else:
        oid = history.git("rev-parse", what)
        path = history.folder / ".git/objects" / oid[:2] / oid[2:]
        path.chmod(0o644)
        path.write_bytes(b"")
        expected = set()
    report = history.report()
    assert report["code"] == 1 and "failed: the commits of what was found: git: git " in report["said"]
    found = {(found["rule"], found["path"], found["commit"]) for found in report["findings"]}
    assert found >= expected
    messages = sorted(found["message"].split("; ")[0] for found in report["findings"])  # without the note
    lost = {"HEAD~2": "in the commit message", "HEAD~1": "in the commit message"}.get(what)
    assert sum("in the commit message" in message for message in messages) == (1 if lost else 2)
    assert any("in the file's name" in message for message in messages) or what == "HEAD~2^{tree}"
    assert sum(" in " not in message for message in messages) == 1


def test_of_a_damaged_history_nobody_says_that_no_remote_has_it(history: History) -> None:
    history.commit({"a": TOKEN})
    history.git("branch", "old")
    lost = history.commit({"b": "clean"})
    history.git("update-ref", "refs/remotes/origin/main", history.commit({"c": "clean"}))
    assert b"leaked     yes: a remote has it" in history.run("old").stdout
    (history.folder / ".git/objects" / lost[:2] / lost[2:]).unlink()
    done = history.run("old")
    assert done.returncode == 1 and b"leaked     yes, if these commits were ever pushed" in done.stdout


def test_what_goes_away_before_its_origin_is_told_is_a_failure(history: History, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(history.folder)
    history.commit({"a": "clean"})
    (history.folder / "base.json").write_text('{"results": {}}')
    known, report = examination.settings((), str(history.folder / "base.json"), True), model.empty_report()
    origin = attribution.Attribution(origins.ways(["--all"]), known, report)
    origin.blobs({"1" * 40: model.empty_report()}, orphans=True)
    origin.parts(["2" * 40], orphans=True)
    assert [failure.place.path for failure in report.failures] == ["1" * 40, "2" * 40]


@posix
@pytest.mark.parametrize("mode", [0, 0o444])
def test_a_folder_that_cannot_be_read_is_told_and_the_rest_is_found(history: History, mode: int) -> None:
    history.commit({"a.py": LEAKS[0], "b.py": "closed\n"})
    history.git("branch", "x/y")
    closed = [f".git/objects/{history.git('rev-parse', 'main:b.py')[:2]}", ".git/refs/heads/x"]
    for name in closed:
        (history.folder / name).chmod(mode)
    try:
        if os.access(history.folder / closed[0], os.X_OK):
            pytest.skip("nothing is unreadable to root")
        done = history.run()
    finally:
        for name in closed:
            (history.folder / name).chmod(0o755)
    assert (done.returncode, done.stdout.count(b": pypi-token: ")) == (1, 1)
    for name in closed:
        assert f"failed: {name}: unreadable: Permission denied\n" in done.stderr.decode()
    assert b"internal error" not in done.stderr


def test_a_plain_file_in_place_of_a_folder_of_objects_is_nothing(history: History) -> None:
    history.commit({"a.py": "nothing\n"})
    (name, *_) = (name for name in listing._FIRSTS if not (history.folder / ".git" / "objects" / name).exists())
    (history.folder / ".git" / "objects" / name).write_text("")
    done = history.run()
    assert (done.returncode, done.stderr) == (0, b"")


def test_replaced_objects_and_grafts_hide_nothing(history: History) -> None:
    first = history.commit({"a": TOKEN})
    second = history.commit({"a": "clean"})
    history.git("replace", "--graft", second)
    clean = history.git("rev-parse", "HEAD:a")
    history.git("replace", history.git("rev-parse", f"{first}:a"), clean)
    assert history.found() == [("a", first)]
    (history.folder / ".git/info/grafts").write_text(f"{second}\n")
    assert history.found() == [("a", first)]


def test_a_submodule_is_what_its_own_repository_holds(history: History) -> None:
    history.commit({"a": "clean"})
    history.git("update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},module")
    history.record()
    assert history.found() == []


def test_the_path_of_a_submodule_is_read_though_git_is_told_to_ignore_it(history: History) -> None:
    path = f"x-{TOKEN}"
    history.commit({"a": "clean"})
    history.git("update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},{path}")
    bad = history.record()
    for key, value in (("path", path), ("url", "x"), ("ignore", "all")):
        history.git("config", "--file", ".gitmodules", f"submodule.x.{key}", value)
    ((_, commit),) = history.found()
    assert commit == bad


def test_several_packs_and_loose_objects(history: History) -> None:
    expected = []
    for number in range(3):
        expected.append((f"f{number}", history.commit({f"f{number}": f"{number}\n{TOKEN}\n"})))
        if number < 2:
            history.git("repack", "--quiet", "-d")
    assert sorted(history.found()) == sorted(expected)


def edited(text: bytes, rng: random.Random) -> bytes:
    """Returns the text with a change or two: lines in, out or moved, a leak in one of them, letters changed."""
    lines = text.split(b"\n")
    for _ in range(rng.randrange(1, 4)):
        at, kind = rng.randrange(len(lines)), rng.randrange(6)
        if kind == 0:
            lines.insert(at, b"line %d of it" % rng.randrange(10**6))
        elif kind == 1 and len(lines) > 9:
            del lines[at]
        elif kind == 2:
            lines.insert(rng.randrange(len(lines)), lines.pop(at))
        elif kind == 3:
            cut = rng.randrange(len(lines[at]) + 1)
            lines[at] = lines[at][:cut] + rng.choice((b"x", b"", b"7", b"\n")) + lines[at][cut + rng.randrange(2) :]
        elif kind == 4:
            lines[at:at] = rng.choice(LEAKS).encode().split(b"\n")[: rng.randrange(1, 9)]
        else:
            lines[at] = rng.choice((b"[pypi]", b"username = ada", b"# remark", b"password = " + PASSWORD.encode()))
    return b"\n".join(lines)


@pytest.mark.parametrize("size", [60, 4000])  # lines: in small files and in big ones, of which only what has changed is looked at
@pytest.mark.parametrize("seed", range(4))
def test_every_version_is_judged_as_if_each_object_were_read_whole(
    history: History, seed: int, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = random.Random(seed)
    texts = {f"f{number}": b"\n".join(b"line %d" % rng.randrange(999) for _ in range(size)) for number in range(3)}
    first = dict(texts)
    for round_ in range(24):
        for name in texts:
            texts[name] = edited(first[name] if rng.randrange(3) == 0 else texts[name], rng)
        history.commit(dict(texts))
        if round_ in (7, 15):
            history.git("repack", "--quiet", "-d", "--depth=50", "--window=30")
    history.git("repack", "--quiet", "-d", *(("-a",) if seed % 2 else ()), "--depth=50", "--window=30")
    for name, value in history.machine.env.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(engine, "ENOUGH", -1)
    monkeypatch.chdir(history.folder)
    expected = set()
    for content in whole.read([entry.oid for entry in listing.everything()]):
        if content.kind == "blob":
            report = pipeline.scan([Blob(content.data, Place("x"))], examination.settings((), None, True))
            expected |= {content.oid} if report.findings else set()
    known = examination.settings((), None, True, versions=True)
    found = search.search(search.Objects(packs.opened(git.location("objects")), listing.everything(), False), known)
    stock = packs.stock(git.location("objects"))
    assert stock and sorted(search.search(search.Objects(*stock, True), known).blobs) == sorted(found.blobs)
    assert set(found.blobs) == expected and len(expected) > 9


@pytest.mark.parametrize("share", [1, 3])
def test_many_gits_tell_the_changes_as_one_does(history: History, share: int, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(8):
        history.commit({"a": f"{number // 2}", f"b{number}": "b"})
    monkeypatch.chdir(history.folder)
    commits = list(origins.commits(["--all"])[0])
    expected = origins.changes(commits)
    monkeypatch.setattr(origins, "SHARE", share)
    assert origins.changes(commits) == expected and len(expected[0]) == 12


@pytest.mark.parametrize("is_packed", [False, True])
def test_patterns_are_compiled_only_where_there_is_much_to_search(
    history: History, is_packed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That takes three times as long as all else in a small repository."""
    monkeypatch.chdir(history.folder)
    made: list[bool] = []
    known = examination.settings((), None, file_names=True, versions=True)
    known = known._replace(ask=known.ask._replace(prepare=lambda: made.append(True)))
    for content, expected in ((b"x", []), (random.Random(1).randbytes(engine.ENOUGH // search.RATIO), [True])):
        history.commit({"a": content})
        if is_packed:
            history.git("gc", "--quiet")
        search.scan((), False, known)
        assert made == expected


def test_a_git_that_packs_meanwhile_changes_nothing(history: History) -> None:
    first = history.commit({"a": TOKEN})
    for number in range(20):
        history.commit({"b": f"{number}\n" * 50})
    packer = subprocess.Popen(
        ("sh", "-c", "for i in 1 2 3 4 5 6; do git repack -adfq; done"), cwd=history.folder, env=history.machine.env
    )
    try:
        for _ in range(4):
            assert history.found() == [("a", first)]
    finally:
        packer.wait()


def test_no_repository_is_one_line_and_exit_2(machine: Machine, tmp_path: pathlib.Path) -> None:
    done = machine.hook(HOOK, cwd=tmp_path)
    assert done.returncode == 2 and done.stderr.count(b"\n") == 1 and b"not a git repository" in done.stderr


@posix
def test_nothing_is_written_to_the_repository(history: History) -> None:
    history.commit({"a": TOKEN})
    folder = history.folder / ".git"
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    for path in (*folder.rglob("*"), folder):
        path.chmod(stat.S_IMODE(path.stat().st_mode) & ~0o222)
    try:
        assert history.run().returncode == 1
    finally:
        for path in (folder, *folder.rglob("*")):
            path.chmod(stat.S_IMODE(path.stat().st_mode) | 0o200)
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*")} == before


# --- the bar ------------------------------------------------------------------------------------------------------------


@posix
def test_a_bar_is_shown_on_a_terminal_alone(history: History) -> None:
    for number in range(30):
        history.commit({f"f{number}": str(number) * 1000})
    import fcntl
    import pty
    import struct
    import termios

    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    command = (sys.executable, "-m", "pypi_token_hooks.detect_pypi_token_in_history")
    done = subprocess.run(
        command, cwd=history.folder, env={**history.machine.env, "TERM": "xterm"}, stdout=subprocess.PIPE, stderr=theirs, check=False
    )
    os.set_blocking(ours, False)
    shown = os.read(ours, 1 << 16)
    os.close(theirs)
    os.close(ours)
    assert done.returncode == 0 and b"history" in shown
    assert history.run().stderr == b""


def test_without_the_bars_library_the_check_is_made(history: History) -> None:
    history.commit({"a": "clean"})
    script = (
        "import sys\nsys.modules['tqdm'] = None\nsys.stderr.isatty = lambda: True\n"
        "from pypi_token_hooks import detect_pypi_token_in_history as hook\nsys.exit(hook.main([]))\n"
    )
    done = subprocess.run((sys.executable, "-c", script), cwd=history.folder, env=history.machine.env, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


def test_git_is_needed(history: History, tmp_path: pathlib.Path) -> None:
    assert shutil.which("git")
    done = history.run(PATH=str(tmp_path))
    assert done.returncode == 2 and b"git is not on the PATH" in done.stderr


@posix
@pytest.mark.parametrize("kind", ["file", "folder", "tag of a file", "tag of a folder", "tag of a tag", "odd"])
def test_what_a_ref_names_without_a_commit_is_deleted_with_it(history: History, kind: str) -> None:
    start = history.commit({"b": "clean"})
    history.commit({"folder/deep/a": TOKEN})
    what = "HEAD:folder/deep/a" if "file" in kind or kind == "odd" else "HEAD:folder"
    ref = "refs/odd/it's" if kind == "odd" else "refs/tags/it's"
    if "tag" in kind:
        history.git("tag", "-a", "-m", "x", "it's", what)
        if kind == "tag of a tag":
            history.git("tag", "-a", "-m", "y", "outer", "it's")
            history.git("tag", "--delete", "it's")
            ref = "refs/tags/outer"
    else:
        history.git("update-ref", ref, what)
    history.git("reset", "--hard", "--quiet", start)
    history.git("tag", "-a", "-m", "fine", "a-clean-one")
    history.git("reflog", "expire", "--expire=now", "--all")
    (found,) = history.report()["findings"]
    assert (found["commit"], found["ref"]) == (None, ref)
    (command,) = re.findall(r"(?m)^ +(git .*)$", history.text())
    history.machine.run(history.folder, "sh", "-c", command)
    assert history.found() == []


@posix
@pytest.mark.parametrize("kind", ["blob", "tree", "tag"])
def test_damage_where_a_ref_names_no_commit_takes_no_finding_away(history: History, kind: str) -> None:
    history.commit({"a": TOKEN})
    write(history.folder, {"b": OTHER, "big": random.Random(1).randbytes(1000)})
    history.git("update-ref", "refs/tags/found", history.git("hash-object", "-w", "b"))
    history.git("tag", "bad", history.git("hash-object", "-w", "big"))
    if kind != "blob":
        history.git("tag", "--force", *(["-a", "-m", "x"] if kind == "tag" else []), "bad", "HEAD^{tree}")
    oid = history.git("rev-parse", "refs/tags/bad")
    path = history.folder / ".git/objects" / oid[:2] / oid[2:]
    path.chmod(0o644)
    with path.open("r+b") as stream:
        stream.truncate(path.stat().st_size * 3 // 4)
    report = history.report()
    assert report["code"] == 1 and "failed: " in report["said"]
    assert len({one["fingerprint"] for one in report["findings"]}) == len(report["findings"]) == 2


def test_the_message_of_a_tag_is_said_to_be_rewritten_not_a_commit(history: History) -> None:
    history.commit({"a": "clean"})
    history.git("tag", "-a", "-m", f"with {TOKEN}", "v1")
    history.git("tag", "-a", "-m", "around it", "v2", "v1")
    (found,) = history.report()["findings"]
    assert "To clean the tag too, rewrite it" in found["remedy"] and "git filter-repo --replace-message" in found["remedy"]


def test_a_tag_is_no_commit(history: History) -> None:
    """It is told by its name alone, as before a push. One that no ref reaches any more has its object for a path, as a file has."""
    history.commit({"a": "clean"})
    history.git("tag", "-a", "-m", f"with {TOKEN}", "v1")
    history.git("tag", "-a", "-m", "by whom", "v2", GIT_COMMITTER_NAME=OTHER)
    history.git("tag", "-a", "-m", "around it", "v3", "v1")
    found = history.report()["findings"]
    assert [(one["path"], one["commit"], one["ref"]) for one in found] == [("", None, "refs/tags/v2"), ("", None, "refs/tags/v1")]
    assert "\nrefs/tags/v1:1:6: pypi-token: " in history.text()
    oid = history.git("rev-parse", "v1")
    history.git("tag", "--delete", "v1", "v2", "v3")
    assert history.found() == []
    (lost, _) = sorted(history.report("--all-objects")["findings"], key=lambda one: one["path"] != oid)
    assert (lost["path"], lost["commit"], lost["ref"]) == (oid, None, "refs/tags/v1")
    assert history.words().count("no branch, tag or stash leads to it") == 0
    assert "no branch, tag or stash leads to it" in " ".join(history.text("--all-objects").split())


def test_other_headers_of_a_tag_are_read(history: History) -> None:
    first = history.commit({"a": "clean"})
    head = f"object {first}\ntype commit\ntag v1\ntagger A <a@example.org> 1 +0000\n"
    (history.folder / "raw").write_text(f"{head}gpgsig-sha256 {TOKEN}\n\nrelease\n")
    history.git("update-ref", "refs/tags/v1", history.git("hash-object", "-t", "tag", "-w", "--literally", "raw"))
    (found,) = history.report()["findings"]
    assert (found["commit"], found["ref"]) == (None, "refs/tags/v1")
    assert "in a header of the tag" in found["message"] and "--replace" not in found["remedy"]


def test_a_tagger_and_a_header_are_told_as_what_they_are(history: History) -> None:
    first = history.commit({"a": "clean"})
    history.git("tag", "-a", "-m", "by whom", "v1", GIT_COMMITTER_NAME=TOKEN)
    tree = history.git("rev-parse", "HEAD^{tree}")
    people = "author A <a@example.org> 1 +0000\ncommitter A <a@example.org> 1 +0000\n"
    (history.folder / "raw").write_text(f"tree {tree}\nparent {first}\n{people}encoding {OTHER}\n\nsecond\n")
    history.git("update-ref", "HEAD", history.git("hash-object", "-t", "commit", "-w", "--literally", "raw"))
    tagger, header = sorted(history.report()["findings"], key=lambda found: "header" in found["message"])
    assert "in the tagger's name or address" in tagger["message"] and tagger["ref"] == "refs/tags/v1"
    assert "--mailmap" in tagger["remedy"]
    assert "in a header of the commit; " in header["message"] and "--replace" not in header["remedy"]
