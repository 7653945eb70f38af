"""What the index holds of a commit is read, whatever attributes, filters and the work tree say."""
from __future__ import annotations

import json
import os
import pathlib
import random
import re
import stat
import sys
from collections.abc import Callable

import pytest

from pypi_token_hooks import git
from pypi_token_hooks.model import Blob
from pypi_token_hooks.sources import staged
from tests import mint
from tests.machine import Machine

HOOK = "detect-pypi-token"
TOKEN = mint.token(seed=40)
LEAK = f"TOKEN = '{TOKEN}'\n"
CLEAN = "TOKEN = None\n"
posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no such files")


class Work:
    """A repository, and what the hook says of its index."""

    def __init__(self, machine: Machine, folder: pathlib.Path, *options: str) -> None:
        self.machine, self.folder = machine, machine.repository(folder, *options)

    def git(self, *arguments: str) -> str:
        return self.machine.git(self.folder, *arguments).decode()

    def add(self, name: str, content: str = LEAK) -> pathlib.Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
        self.git("add", "--", name)
        return path

    def commit(self, *arguments: str) -> None:
        self.git("commit", "--quiet", "--no-verify", "--message=change", *arguments)

    def start(self) -> None:
        """Makes a first commit, of a clean file."""
        self.add("settings.py", CLEAN)
        self.commit()

    def found(self, *arguments: str, below: str = "") -> list[str]:
        """Returns the paths of the findings in the index, or as the arguments say."""
        done = self.machine.hook(HOOK, "--format=json", *(arguments or ("--staged",)), cwd=self.folder / below)
        told = json.loads(done.stdout)
        assert done.stderr == b"" and done.returncode == (1 if told["findings"] else 0), done.stderr
        assert {finding["rule"] for finding in told["findings"]} <= {"pypi-token"}
        return [finding["path"] for finding in told["findings"]]


@pytest.fixture
def work(machine: Machine, tmp_path: pathlib.Path) -> Work:
    return Work(machine, tmp_path / "work")


def test_before_the_first_commit(work: Work) -> None:
    work.add("settings.py")
    assert work.found() == ["settings.py"]


@pytest.mark.parametrize("ref", ["refs/heads/HEAD", "refs/tags/HEAD"])
def test_before_the_first_commit_of_a_branch_beside_a_ref_called_head(work: Work, ref: str) -> None:
    work.add("a")
    work.commit()
    work.git("update-ref", ref, "HEAD")
    work.git("checkout", "--quiet", "--orphan", "other")
    assert work.found() == ["a"]


def test_an_empty_index(work: Work) -> None:
    assert work.found() == []
    work.start()
    assert work.found() == []


def test_the_index_alone_counts(work: Work) -> None:
    work.start()
    path = work.add("settings.py", LEAK)
    path.write_text(CLEAN)
    assert work.found() == ["settings.py"]
    path.unlink()
    assert work.found() == ["settings.py"]
    work.add("settings.py", CLEAN)
    path.write_text(LEAK)
    assert work.found() == []


def test_no_option_at_all_is_the_index(work: Work) -> None:
    work.add("settings.py").unlink()
    done = work.machine.hook(HOOK, cwd=work.folder)
    assert done.returncode == 1 and done.stdout.startswith(b"settings.py:1:10: pypi-token:")


def test_files_that_are_named_with_staged_are_those_of_the_index(work: Work) -> None:
    work.add("a.py").write_text(CLEAN)
    work.add("b.py")
    work.add("c[ab].py")
    assert work.found("--staged", "a.py") == ["a.py"]
    assert work.found("--staged", "c[ab].py") == ["c[ab].py"]


@pytest.mark.parametrize("is_first", [False, True], ids=["later", "first commit"])
def test_a_name_that_nobody_knows_is_a_failure_and_the_rest_is_read(work: Work, is_first: bool) -> None:
    """A slip of the pen must not pass for a clean file."""
    if not is_first:
        work.start()
    work.add("below/a.py")
    for below, named, path in (("", "typo.txt", "below/a.py"), ("below", "ty[p]o.txt", "a.py"), ("", "nowhere/a.py", "below/a.py")):
        done = work.machine.hook(HOOK, "--staged", named, cwd=work.folder / below)
        assert done.returncode == 2, done.stderr
        said = f"{HOOK}: failed: {named}: git: it is neither in the index nor in HEAD nor on disk\n".encode()
        assert done.stderr == said and b"1 failed: the check is not complete" in done.stdout
        done = work.machine.hook(HOOK, "--staged", "--quiet", named, path, cwd=work.folder / below)
        assert done.returncode == 1 and done.stdout.startswith(b"below/a.py:1:10: ") and done.stderr == said


def test_a_name_that_the_commit_deletes_or_does_not_touch_is_no_failure(work: Work) -> None:
    for name in ("deleted.py", "folder/deleted.py", "unchanged.py", "gone.py", "a[1].py"):
        work.add(name, CLEAN)
    work.commit()
    work.git("rm", "--quiet", "-r", "deleted.py", "folder", "a[1].py")
    (work.folder / "gone.py").unlink()  # the index has it
    (work.folder / "untracked.py").write_text(LEAK)
    work.add("new.py", CLEAN).unlink()
    names = ("deleted.py", "folder/deleted.py", "folder", "unchanged.py", "./unchanged.py", "gone.py", "a[1].py", "untracked.py",
             "new.py", ".")
    assert work.found("--staged", *names) == []
    for name in names:
        assert work.found("--staged", name) == []
    (work.folder / "below").mkdir()
    assert work.found("--staged", "../deleted.py", "../gone.py", below="below") == []


def test_what_was_committed_before_is_not_told_again(work: Work) -> None:
    work.add("old.py")
    work.commit()
    work.add("new.py", CLEAN)
    assert work.found() == []


@pytest.mark.parametrize(
    "attributes",
    ["-diff", "binary", "-text", "text eol=crlf", "diff=mine", "filter=mine", "ident", "export-ignore", "merge=binary",
     "working-tree-encoding=UTF-16LE", "linguist-generated"],
)
def test_attributes_hide_nothing(work: Work, attributes: str) -> None:
    work.start()
    program = work.folder.parent / "hide"
    program.write_text("#!/bin/sh\necho hidden\n")
    program.chmod(0o755)
    work.add(".gitattributes", f"*.py {attributes}\n")
    path = work.folder / "settings.py"
    path.write_text(LEAK, encoding="utf-16-le" if "encoding" in attributes else "utf-8")
    work.git("add", "settings.py")
    for setting in ("diff.mine.textconv", "diff.mine.command", "filter.mine.clean", "filter.mine.smudge"):
        work.git("config", setting, program.as_posix())
    path.write_text(CLEAN)
    assert work.found() == ["settings.py"]


def test_a_filter_decides_what_is_committed(work: Work) -> None:
    work.git("config", "filter.mine.clean", "sed s/pypi-.*/hidden/")
    work.add(".gitattributes", "* filter=mine\n")
    path = work.add("settings.py", LEAK)
    assert path.read_text() == LEAK
    assert work.found() == [], "the index holds what is committed"


@pytest.mark.parametrize("renames", ["true", "copies", "false"])
def test_a_file_that_was_moved_or_copied_is_read(work: Work, renames: str) -> None:
    work.git("config", "diff.renames", renames)
    work.git("config", "status.renames", renames)
    work.add("old.py")
    work.commit()
    work.git("mv", "old.py", "new.py")
    work.add("copy.py")
    assert work.found() == ["copy.py", "new.py"]


def test_a_change_of_the_mode_alone_is_a_change(work: Work) -> None:
    work.add("run.sh")
    work.commit()
    work.git("update-index", "--chmod=+x", "run.sh")
    assert work.found() == ["run.sh"]


def test_a_deletion_is_nothing_to_look_at(work: Work) -> None:
    work.add("old.py")
    work.commit()
    work.git("rm", "--quiet", "old.py")
    assert work.found() == []


@posix
def test_links_are_their_targets(work: Work, tmp_path: pathlib.Path) -> None:
    (tmp_path / "outside").write_text(LEAK)
    (work.folder / "out").symlink_to(tmp_path / "outside")
    (work.folder / "zero").symlink_to("/dev/zero")
    (work.folder / "loop").symlink_to("loop")
    (work.folder / "leak").symlink_to(TOKEN)
    work.git("add", ".")
    assert work.found() == ["leak"]


@posix
def test_a_file_becomes_a_link_and_a_link_a_file(work: Work) -> None:
    path = work.add("a", CLEAN)
    (work.folder / "b").symlink_to("a")
    work.git("add", ".")
    work.commit()
    path.unlink()
    path.symlink_to(TOKEN)
    (work.folder / "b").unlink()
    (work.folder / "b").write_text(LEAK)
    work.git("add", ".")
    assert work.found() == ["a", "b"]


def test_only_the_name_of_what_is_to_be_added_later(work: Work) -> None:
    work.start()
    (work.folder / "later.py").write_text(LEAK)
    work.git("add", "--intent-to-add", "later.py")
    assert work.found() == []
    work.git("add", "later.py")
    assert work.found() == ["later.py"]


@pytest.mark.parametrize("flag", ["--assume-unchanged", "--skip-worktree"])
def test_flags_of_the_index_hide_nothing(work: Work, flag: str) -> None:
    work.start()
    path = work.add("settings.py", LEAK)
    work.git("update-index", flag, "settings.py")
    path.write_text(CLEAN)
    assert work.found() == ["settings.py"]
    assert work.found("--staged", "settings.py") == ["settings.py"], "as the page advises for a runner that passes names"


def test_a_sparse_index(work: Work) -> None:
    work.add("in/a.py", CLEAN)
    work.add("out/deep/b.py", CLEAN)
    work.commit()
    work.add("out/deep/b.py", LEAK)
    work.commit()
    work.git("sparse-checkout", "set", "--cone", "--sparse-index", "in")
    assert not (work.folder / "out").exists()
    assert work.found() == []
    work.git("reset", "--quiet", "--soft", "HEAD~1")
    assert work.found() == ["out/deep/b.py"]


def test_a_split_index(work: Work) -> None:
    work.start()
    work.git("update-index", "--split-index")
    work.add("settings.py", LEAK)
    assert work.found() == ["settings.py"]


def test_a_linked_worktree(work: Work, tmp_path: pathlib.Path) -> None:
    work.start()
    work.git("worktree", "add", "--quiet", str(tmp_path / "linked"))
    linked = Work.__new__(Work)
    linked.machine, linked.folder = work.machine, tmp_path / "linked"
    linked.add("settings.py", LEAK)
    assert linked.found() == ["settings.py"]
    assert work.found() == []
    assert linked.found("--all-files") == ["settings.py"]


def test_a_submodule_is_another_repository(work: Work, machine: Machine, tmp_path: pathlib.Path) -> None:
    other = Work(machine, tmp_path / "other")
    other.add("leak.py")
    other.commit()
    work.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(other.folder), "sub")
    assert work.found() == []
    work.commit()
    assert work.found("--all-files") == []
    (work.folder / "sub" / "more").write_text(CLEAN)
    machine.git(work.folder / "sub", "add", ".")
    machine.git(work.folder / "sub", "commit", "--quiet", "--message=more")
    work.git("add", "sub")
    assert work.found() == []


def test_the_path_of_a_submodule_is_read_and_nothing_of_it(work: Work, machine: Machine) -> None:
    name = f"modules/s-{TOKEN}"
    other = Work(machine, work.folder / name)
    other.add("leak.py")
    other.commit()
    work.git("add", name)
    assert len(work.found()) == len(work.found("--all-files")) == 1
    done = work.machine.hook(HOOK, cwd=work.folder)
    assert b", in the file's name" in done.stdout and b"read 0 files, 0 bytes; 1 finding" in done.stdout
    assert done.stderr == b"" and TOKEN[20:28].encode() not in done.stdout
    work.add("z.py")
    work.add("a.py")
    assert [path[:3] for path in work.found()] == [path[:3] for path in work.found("--all-files")] == ["a.p", "mod", "z.p"]
    work.commit()
    assert work.found() == []
    (other.folder / "more").write_text(CLEAN)
    other.git("add", ".")
    other.commit()
    work.git("add", name)
    assert len(work.found()) == 1, "a change is told as that of any file with such a name"
    work.git("rm", "--quiet", "--cached", "--force", name)
    assert work.found() == [] and len(work.found("--all-files")) == 2


@pytest.mark.parametrize("state", ["not cloned", "gone", "a file", "a link"])
def test_the_path_of_a_submodule_that_is_not_there(work: Work, state: str) -> None:
    oid = work.machine.git(work.folder, "hash-object", "-w", "--stdin").decode().strip()
    work.git("update-index", "--add", "--cacheinfo", f"160000,{oid},s-{TOKEN}")
    path = work.folder / f"s-{TOKEN}"
    if state == "not cloned":
        path.mkdir()
    elif state == "a file":
        path.write_text(CLEAN)
    elif state == "a link":
        path.symlink_to("nowhere")
    assert len(work.found()) == 1
    assert len(work.found("--all-files")) == (state != "gone")


def test_git_is_asked_for_no_content_where_only_a_submodule_changes(work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    work.start()
    work.git("update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},module")
    monkeypatch.chdir(work.folder)
    monkeypatch.setattr(git, "objects", None)
    (blob,) = staged.blobs()
    assert isinstance(blob, Blob) and (blob.data, blob.place.part) == (b"module", "name")


ODD = ["-x.txt", "-", "--version", "two\nlines", "tab\there", "quote\"'", "back\\slash", "\udcff\udcfe", "ü", "*", ":(top)a",
       " ", "$(touch x)", "a" * 255]


@posix
@pytest.mark.parametrize("name", ODD, ids=range(len(ODD)))
def test_odd_names(work: Work, name: str) -> None:
    if sys.platform == "darwin" and "\udcff" in name:
        pytest.skip("no such name there")
    work.start()
    work.machine.git(work.folder, "config", "core.quotePath", "true")
    (work.folder / name).write_text(LEAK)
    work.git("add", ".")
    shown = "\\xff\\xfe" if "\udcff" in name else name
    assert work.found() in ([name], [shown]), "as git has it, or escaped"
    assert len(work.found("--staged", "--", name)) == 1
    assert len(work.found("--all-files")) == 1


def test_what_is_gone_from_the_work_tree_is_no_failure(work: Work) -> None:
    work.add("gone.py").unlink()
    work.add("folder/file.py").unlink()
    (work.folder / "folder").rmdir()
    (work.folder / "folder").write_text(CLEAN)
    assert work.found("--all-files") == []


@posix
def test_what_cannot_be_reached_is_a_failure(work: Work) -> None:
    oid = work.machine.git(work.folder, "hash-object", "-w", "--stdin").decode().strip()
    name = "far" * 100  # longer than the system takes
    work.git("update-index", "--add", "--cacheinfo", f"100644,{oid},{name}")
    done = work.machine.hook(HOOK, "--all-files", cwd=work.folder)
    assert done.returncode == 2
    assert done.stderr == f"detect-pypi-token: failed: {name}: unreadable: File name too long\n".encode()


@posix
@pytest.mark.parametrize("target", ["outside", "../outside", "far", "near"])
def test_a_tracked_folder_that_became_a_link_is_gone(work: Work, target: str) -> None:
    """As git sees it: what is behind the link is no file of the work tree, or another one."""
    work.add("far/a/settings.py", CLEAN)
    work.add("near/a/settings.py", CLEAN)
    for folder in (work.folder, work.folder.parent):
        (folder / "outside" / "a").mkdir(parents=True)
        (folder / "outside" / "a" / "settings.py").write_text(LEAK)
    (work.folder / "far" / "a" / "settings.py").unlink()
    (work.folder / "far" / "a").rmdir()
    (work.folder / "far").rmdir()
    (work.folder / "far").symlink_to(target)
    assert work.found("--all-files") == []
    (work.folder / "near" / "a" / "settings.py").write_text(LEAK)
    assert work.found("--all-files") == ["near/a/settings.py"]


def test_the_work_tree_can_be_elsewhere(work: Work, tmp_path: pathlib.Path) -> None:
    (tmp_path / "tree" / "below").mkdir(parents=True)
    (tmp_path / "tree" / "below" / "settings.py").write_text(LEAK)
    work.git("config", "core.worktree", str(tmp_path / "tree"))
    work.machine.git(work.folder, "--work-tree", str(tmp_path / "tree"), "add", "--all")
    assert work.found() == work.found("--all-files") == ["below/settings.py"]


def test_the_environment_says_where_the_repository_is(work: Work) -> None:
    work.add("below/settings.py")
    work.machine.env |= {"GIT_DIR": os.path.join("..", ".git"), "GIT_WORK_TREE": ".."}
    assert work.found(below="below") == work.found("--all-files", below="below") == ["below/settings.py"]


def test_a_repository_of_sha256(machine: Machine, tmp_path: pathlib.Path) -> None:
    work = Work(machine, tmp_path / "work", "--object-format=sha256")
    work.add("settings.py")
    assert work.found() == ["settings.py"]
    work.commit()
    work.add("more.py")
    assert work.found() == ["more.py"]


def test_a_merge_is_read_where_it_changes_the_branch(work: Work) -> None:
    work.start()
    work.git("switch", "--quiet", "--create", "other")
    work.add("leak.py")
    work.commit()
    work.git("switch", "--quiet", "main")
    work.add("mine.py", CLEAN)
    work.commit()
    work.git("merge", "--quiet", "--no-commit", "--no-ff", "other")
    assert work.found() == ["leak.py"]


def conflict(work: Work) -> None:
    work.start()
    work.git("switch", "--quiet", "--create", "other")
    work.add("settings.py", LEAK)
    work.commit()
    work.git("switch", "--quiet", "main")
    work.add("settings.py", "TOKEN = 1\n")
    work.commit()
    done = work.machine.env | {"LC_ALL": "C"}
    with pytest.raises(AssertionError):
        work.machine.git(work.folder, "merge", "--quiet", "other", env=done)


def test_a_conflict_that_was_solved_is_read(work: Work) -> None:
    conflict(work)
    work.add("settings.py", LEAK)
    assert work.found() == ["settings.py"]


def test_a_conflict_that_is_not_solved_does_not_hide_the_rest(work: Work) -> None:
    conflict(work)
    work.add("more.py", LEAK)
    done = work.machine.hook(HOOK, "--staged", cwd=work.folder)
    assert done.returncode == 1 and done.stdout.startswith(b"more.py:1:10: ")


def test_a_conflict_that_is_not_solved_is_told(work: Work) -> None:
    conflict(work)
    done = work.machine.hook(HOOK, "--staged", cwd=work.folder)
    assert done.returncode == 0
    assert done.stderr == b"detect-pypi-token: not read: settings.py: git: its conflict is not solved, and git commits nothing of it\n"
    assert work.machine.hook(HOOK, "--staged", "--strict", cwd=work.folder).returncode == 1


@pytest.mark.parametrize("hook", [(HOOK,), (HOOK, "--all-files"), ("forbid-pypirc",)], ids=" ".join)
def test_a_bare_repository_has_no_commit_to_be_made(machine: Machine, tmp_path: pathlib.Path, hook: tuple[str, ...]) -> None:
    folder = machine.repository(tmp_path / "bare.git", "--bare")
    done = machine.hook(*hook, cwd=folder)
    assert done.returncode == 2
    assert done.stderr.startswith(f"{hook[0]}: there is no work tree here; ".encode())


def test_there_are_no_files_of_the_work_tree_in_gits_own_folder(work: Work) -> None:
    done = work.machine.hook(HOOK, "--all-files", cwd=work.folder / ".git")
    assert done.returncode == 2 and done.stderr.startswith(f"{HOOK}: there is no work tree here; ".encode())


def test_replaced_objects_hide_nothing(work: Work) -> None:
    work.add("settings.py")
    clean = work.add("clean.py", CLEAN)
    bad, good = (work.git("rev-parse", f":{name}").strip() for name in ("settings.py", clean.name))
    work.git("replace", bad, good)
    assert work.git("cat-file", "blob", bad) == CLEAN
    assert work.found() == ["settings.py"]


def test_from_a_folder_below_the_top(work: Work) -> None:
    work.start()
    work.add("settings.py")
    work.add("below/more.py")
    for arguments in ((), ("--all-files",)):
        assert work.found(*arguments, below="below") == ["below/more.py", "settings.py"]


RUNNER = {"GIT_PREFIX": "below/"}  # what git tells its hooks, which start at the top, of where the commit was made


@posix
@pytest.mark.parametrize(
    ("hook", "arguments", "env"),
    [
        ("detect-pypi-token", (), None), ("detect-pypi-token", ("--all-files",), None), ("detect-pypi-token", ("more.py",), None),
        ("detect-pypi-token", ("below/more.py",), RUNNER), ("forbid-pypirc", (), None), ("forbid-pypirc", (".pypirc",), None),
        ("forbid-pypirc", ("below/.pypirc",), RUNNER),
    ],
)
def test_what_is_advised_can_be_pasted_in_a_folder_below_the_top(
    work: Work, hook: str, arguments: tuple[str, ...], env: dict[str, str] | None
) -> None:
    work.start()
    path = work.add("below/more.py" if hook == HOOK else "below/.pypirc")
    done = work.machine.hook(hook, *arguments, cwd=work.folder if env else path.parent, env=env)
    (command,) = re.findall(r"git (?:rm|add) .*", done.stdout.decode())
    assert (":/" in command) is (arguments != (path.name,)), "the plain path where it begins where we are"
    if hook == HOOK:
        path.write_text(CLEAN)
    work.machine.run(path.parent, "sh", "-c", command)
    assert work.found() == []


def test_a_baseline_holds_in_every_folder(work: Work) -> None:
    work.start()
    work.add("below/more.py")
    made = work.machine.run(work.folder, sys.executable, "-m", "detect_secrets", "scan")
    (work.folder / "base.json").write_bytes(made)
    for arguments in (("--staged",), ("--all-files",)):
        assert work.found(*arguments, "--baseline", os.path.join("..", "base.json"), below="below") == []


def damage(work: Work, how: Callable[[pathlib.Path], None]) -> None:
    work.start()
    work.add("settings.py", LEAK)
    work.add("more.py", LEAK + CLEAN)
    oid = work.git("rev-parse", ":settings.py").strip()
    path = work.folder / ".git" / "objects" / oid[:2] / oid[2:]
    path.chmod(stat.S_IWUSR | stat.S_IRUSR)
    how(path)


def cut(path: pathlib.Path) -> None:
    path.write_bytes(path.read_bytes()[:20])


def garble(path: pathlib.Path) -> None:
    path.write_bytes(b"\x78\x9c" + bytes(40))


@pytest.mark.parametrize("how", [pathlib.Path.unlink, cut, garble], ids=["missing", "cut", "garbled"])
def test_an_object_that_cannot_be_read_is_told_and_the_rest_is_read(
    work: Work, how: Callable[[pathlib.Path], None]
) -> None:
    damage(work, how)
    done = work.machine.hook(HOOK, "--staged", "--quiet", cwd=work.folder)
    assert done.returncode == 1 and b"more.py:1:10: pypi-token:" in done.stdout
    assert done.stderr == b"detect-pypi-token: failed: settings.py: git: the repository lacks this object\n"
    work.git("rm", "--quiet", "--cached", "--force", "more.py")
    done = work.machine.hook(HOOK, "--staged", cwd=work.folder)
    assert done.returncode == 2 and done.stderr.count(b"\n") == 1


@pytest.mark.parametrize("size", [1000, 20 << 20], ids=["small", "big"])
def test_an_object_that_breaks_off_takes_no_finding_away(work: Work, size: int) -> None:
    """Git tells how long it is, and then ends."""
    work.add("a.py")
    (work.folder / "b").write_bytes(random.Random(size).randbytes(size))
    work.git("add", "b")
    work.add("c.py", LEAK + CLEAN)
    oid = work.git("rev-parse", ":b").strip()
    path = work.folder / ".git" / "objects" / oid[:2] / oid[2:]
    path.chmod(stat.S_IWUSR | stat.S_IRUSR)
    with path.open("r+b") as stream:
        stream.truncate(path.stat().st_size * 3 // 4)
    done = work.machine.hook(HOOK, "--staged", "--quiet", cwd=work.folder)
    assert done.returncode == 1 and b"a.py:1:10: pypi-token:" in done.stdout and b"c.py:1:10: pypi-token:" in done.stdout
    ended = b"git cat-file ended before its answer did: the repository is damaged"
    assert done.stderr == b"detect-pypi-token: failed: b: git: " + ended + b"\n"


def test_a_big_blob_is_read_to_its_end(work: Work) -> None:
    (work.folder / "big").write_bytes(b"some text, and more of it\n" * 800_000 + TOKEN.encode())
    work.git("add", "big")
    assert work.found() == ["big"]


def as_hook(work: Work) -> None:
    """Makes the check git's own pre-commit hook."""
    path = work.folder / ".git" / "hooks" / "pre-commit"
    path.parent.mkdir(exist_ok=True)
    path.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m pypi_token_hooks.detect_pypi_token --staged --quiet\n')
    path.chmod(0o755)


@pytest.mark.parametrize(
    "arguments", [(), ("--all",), ("--only", "settings.py"), ("--include", "settings.py"), ("--amend",)]
)
def test_in_every_way_of_committing(work: Work, arguments: tuple[str, ...]) -> None:
    """Git gives its hook an index of its own for some of them."""
    work.start()
    as_hook(work)
    path = work.add("settings.py", LEAK)
    if arguments:
        work.git("reset", "--quiet")
        work.add("settings.py", LEAK if arguments == ("--amend",) else "other\n")
    path.write_text(LEAK)
    with pytest.raises(AssertionError) as refused:
        work.git("commit", "--message=change", *arguments)
    assert TOKEN not in str(refused.value)
    work.git("reset", "--quiet", "--hard")
    path.write_text("harmless\n")
    work.git("commit", "--quiet", "--all", "--message=change")


def test_what_stayed_with_the_remote_of_a_partial_clone_is_told_and_does_not_hinder(work: Work, tmp_path: pathlib.Path) -> None:
    """A merge outside of what is checked out brings in what was never downloaded."""
    work.git("config", "uploadpack.allowFilter", "true")
    work.add("in/a.py", CLEAN)
    work.commit()
    work.git("switch", "--quiet", "--create", "other")
    work.add("out/b.py", "other\n")
    work.commit()
    clone = tmp_path / "clone"
    address = f"file://{work.folder}"
    work.git("clone", "--quiet", "--filter=blob:none", "--sparse", "--branch=main", address, str(clone))
    git = work.machine.git
    git(clone, "read-tree", "origin/other")
    done = work.machine.hook(HOOK, "--staged", cwd=clone)
    assert done.returncode == 0 and done.stderr.startswith(b"detect-pypi-token: not read: out/b.py: limit: ")
    assert work.machine.hook(HOOK, "--staged", "--strict", cwd=clone).returncode == 1
    git(clone, "config", "--unset", "remote.origin.promisor")
    git(clone, "config", "--unset", "remote.origin.partialclonefilter")
    git(clone, "config", "--unset-all", "extensions.partialclone") if b"partialclone" in git(clone, "config", "--list") else None
    done = work.machine.hook(HOOK, "--staged", cwd=clone)
    assert done.returncode == 2 and b"the repository lacks this object" in done.stderr
