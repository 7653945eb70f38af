from __future__ import annotations

import gzip
import hashlib
import itertools
import json
import os
import pathlib
import random
import re
import subprocess
import sys

import pytest

from tests import mint
from tests import packing
from tests.machine import Machine
from tests.pushing import HOOK
from tests.pushing import NONE
from tests.pushing import TOKEN
from tests.pushing import Pusher

MAIN = "refs/heads/main"
posix = pytest.mark.skipif(os.name == "nt", reason="names that Windows does not have, and commands of sh")


@pytest.fixture
def pusher(machine: Machine, tmp_path: pathlib.Path) -> Pusher:
    return Pusher(machine, tmp_path)


# --- real pushes -----------------------------------------------------------------------------------------------------


def test_a_real_push_goes_through_or_is_stopped(pusher: Pusher) -> None:
    pusher.install()
    pusher.commit({"a": "clean\n"})
    assert pusher.push("origin", "main").returncode == 0
    before = pusher.there()
    pusher.commit({"a": TOKEN})
    pusher.commit({"a": "taken out\n"})
    done = pusher.push("origin", "main")
    assert done.returncode == 1
    assert b"pypi-token: API token of PyPI" in done.stdout + done.stderr
    assert TOKEN[20:28].encode() not in done.stdout + done.stderr
    assert pusher.there() == before
    assert pusher.push("origin", "HEAD:refs/heads/other", f"{pusher.first}:refs/heads/old").returncode == 1
    assert pusher.push("origin", "HEAD~2:refs/heads/clean").returncode == 0
    assert pusher.push("origin", ":refs/heads/clean").returncode == 0
    pusher.git("reset", "--hard", "--quiet", "HEAD~2")
    assert pusher.push("origin", "main").returncode == 0
    assert pusher.push("--force", "origin", f"{pusher.first}:main").returncode == 0


@pytest.mark.parametrize("what", ["tag", "follow", "all", "mirror"])
def test_real_pushes_of_tags_and_of_everything(pusher: Pusher, what: str) -> None:
    pusher.install()
    options = {"tag": ["v1"], "follow": ["--follow-tags", "main"], "all": ["--all"], "mirror": ["--mirror"]}[what]
    if what == "all":
        pusher.git("branch", "side")
    else:
        pusher.git("tag", "-a", "-m", "fine", "v1")
    assert pusher.push("origin", *options).returncode == 0
    if what == "all":
        pusher.git("checkout", "--quiet", "side")
        pusher.commit({"x": TOKEN})
    else:
        pusher.git("tag", "-f", "-a", "-m", TOKEN, "v1")
        options = ["--force", *options]
    before = pusher.there()
    if what == "follow":  # git does not move a tag that the remote has
        pusher.git("tag", "-a", "-m", TOKEN, "v2")
    assert pusher.push("origin", *options).returncode == 1
    assert pusher.there() == before


# --- what is looked at -----------------------------------------------------------------------------------------------


def test_a_token_added_and_removed_is_named_with_its_commit(pusher: Pusher) -> None:
    pusher.commit({"a": "1"})
    bad = pusher.commit({"deep/er/settings": f"x\ny = {TOKEN}\n"})
    pusher.commit({"deep/er/settings": None})
    report = pusher.report(pusher.line("HEAD"))
    (found,) = report["findings"]
    assert (found["path"], found["line"], found["column"]) == ("deep/er/settings", 2, 5)
    assert (found["commit"], found["ref"], report["code"]) == (bad, MAIN, 1)
    assert report["scanned"]["commits"] == 3
    assert report["scanned"]["refs"] == 1


@pytest.mark.parametrize("kind", ["-a", "--no-sign"])
def test_a_branch_is_named_before_a_tag_at_the_same_commit(pusher: Pusher, kind: str) -> None:
    bad = pusher.commit({"a": TOKEN})
    pusher.git("tag", kind, "-m", "one", "v1") if kind == "-a" else pusher.git("tag", "v1")
    lines = [pusher.line("refs/heads/main"), pusher.line("refs/tags/v1", "refs/tags/v1", NONE)]
    for feed in ("".join(lines), "".join(reversed(lines))):
        assert pusher.found(feed) == [("a", bad, MAIN)]
    env = variables(pusher, PRE_COMMIT_FROM_REF=pusher.first, PRE_COMMIT_TO_REF=bad)
    assert pusher.found("", **env) == [("a", bad, MAIN)]


def test_refs_that_lead_to_one_object_are_counted_each(pusher: Pusher) -> None:
    pusher.git("push", "--quiet", "origin", "main:release")
    pusher.commit({"a": "2"})
    feed = "".join(pusher.line("HEAD", f"refs/heads/{name}", there) for name, there in (("main", None), ("release", None), ("new", NONE)))
    assert pusher.report(feed)["scanned"]["refs"] == 3
    assert pusher.report("", **variables(pusher))["scanned"]["refs"] == 1


def test_the_first_commit_that_brought_it_is_named(pusher: Pusher) -> None:
    first = pusher.commit({"a": TOKEN})
    second = pusher.commit({"b": TOKEN, "a": None})  # the same content under another name
    third = pusher.commit({"a": TOKEN, "c": TOKEN + "\n"})
    assert pusher.found(pusher.line("HEAD")) == [("a", first, MAIN), ("b", second, MAIN), ("c", third, MAIN)]


def test_a_baseline_allows_the_paths_that_it_lists_and_no_others(pusher: Pusher, tmp_path: pathlib.Path) -> None:
    first = pusher.commit({"a": TOKEN, "release": TOKEN, "s.gz": gzip.compress(TOKEN.encode())})
    second = pusher.commit({"a": None, "b": TOKEN, "c": f"1\n{TOKEN}\n"})
    everywhere = [("a", first, MAIN), ("release", first, MAIN), ("s.gz", first, MAIN), ("b", second, MAIN), ("c", second, MAIN)]
    for listed in itertools.chain.from_iterable(itertools.combinations("abc", size) for size in range(4)):
        hashed = hashlib.sha1(TOKEN.encode()).hexdigest()
        results = {path: [{"type": "x", "filename": path, "hashed_secret": hashed}] for path in listed}
        (tmp_path / "baseline.json").write_text(json.dumps({"results": results}))
        report = pusher.report(pusher.line("HEAD"), "--baseline", str(tmp_path / "baseline.json"), "origin", str(pusher.remote))
        told = [(found["path"], found["commit"], found["ref"]) for found in report["findings"]]
        assert sorted(told) == sorted(one for one in everywhere if one[0] not in listed)
        assert report["allowed"]["baseline"] == len(listed)


def test_only_the_version_that_brought_it_tells_it(pusher: Pusher) -> None:
    pusher.commit({"a": "1\n"})
    bad = pusher.commit({"a": f"2\n{TOKEN}\n", "b.gz": gzip.compress(TOKEN.encode())})
    pusher.commit({"a": f"3\n\n{TOKEN}\n", "b.gz": gzip.compress(TOKEN.encode() + b"\n")})
    pusher.git("checkout", "--quiet", "-b", "side")
    pusher.commit({"a": f"4\n\n{TOKEN}\n"})
    pusher.git("checkout", "--quiet", "main")
    pusher.commit({"a": f"5\n{TOKEN}\n"})
    pusher.git("merge", "--quiet", "--no-commit", "--strategy=ours", "side")
    merge = pusher.commit({"a": f"6\n{TOKEN}\n", "c": f"2\n{TOKEN}\n"})
    pusher.commit({"a": f"2\n{TOKEN}\n"})
    places = [("a", bad, MAIN), ("b.gz", bad, MAIN), ("c", merge, MAIN)]
    assert sorted(pusher.found(pusher.line("HEAD"))) == places
    pusher.commit({"a": "out\n"})
    again = pusher.commit({"a": f"7\n{TOKEN}\n"})
    assert sorted(pusher.found(pusher.line("HEAD"))) == sorted([*places, ("a", again, MAIN)])


def test_a_later_version_tells_what_the_one_before_does_not(pusher: Pusher) -> None:
    pusher.commit({"a": f"1\n{TOKEN}  # pragma: allowlist secret\n", "b": TOKEN})
    pusher.git("push", "--quiet", "origin", "main")
    there = pusher.oid("HEAD")
    first = pusher.commit({"a": f"2\n{TOKEN}  # pragma: allowlist secret\n", "b": f"{TOKEN}\n2\n"})  # the remote has one of them
    second = pusher.commit({"a": f"3\n{TOKEN}\n", "b": f"{TOKEN}\n3\n"})
    assert sorted(pusher.found(pusher.line("HEAD", there=there))) == [("a", second, MAIN), ("b", first, MAIN)]


def test_the_resolution_of_a_merge_is_read(pusher: Pusher) -> None:
    pusher.git("checkout", "--quiet", "-b", "side")
    pusher.commit({"b": "side\n"})
    pusher.git("checkout", "--quiet", "main")
    pusher.commit({"a": "main\n"})
    pusher.git("merge", "--quiet", "--no-ff", "--no-commit", "side")
    merge = pusher.commit({"b": f"resolved {TOKEN}\n"})
    assert len(pusher.oid("HEAD^@").split()) == 2
    assert pusher.found(pusher.line("HEAD")) == [("b", merge, MAIN)]


def test_what_a_side_branch_brought_is_its_own(pusher: Pusher) -> None:
    pusher.git("checkout", "--quiet", "-b", "side")
    bad = pusher.commit({"b": TOKEN})
    pusher.git("checkout", "--quiet", "main")
    pusher.commit({"a": "main\n"})
    pusher.git("merge", "--quiet", "--no-ff", "-m", "merge", "side")
    pusher.commit({"b": "out\n"})
    assert pusher.found(pusher.line("HEAD")) == [("b", bad, MAIN)]


def test_archives_and_other_readings_are_opened(pusher: Pusher) -> None:
    bad = pusher.commit({"image.bin": gzip.compress(f"k={TOKEN}".encode()), "wide.txt": TOKEN.encode("utf-16")})
    report = pusher.report(pusher.line("HEAD"))
    assert sorted(found["path"] for found in report["findings"]) == ["image.bin", "wide.txt"]
    assert {found["commit"] for found in report["findings"]} == {bad}
    assert [len(found["members"]) for found in report["findings"] if found["path"] == "image.bin"] == [1]


@pytest.mark.parametrize("place", [0, 9 << 20, 20 << 20])
def test_big_contents_are_read_to_their_end(pusher: Pusher, place: int) -> None:
    data = bytearray(random.Random(1).randbytes(1 << 20) * 20)
    data[place:place] = b"\n" + TOKEN.encode() + b"\n"
    bad = pusher.commit({"big": bytes(data), "small": "x"})
    assert pusher.found(pusher.line("HEAD")) == [("big", bad, MAIN)]


@pytest.mark.skipif(os.name == "nt", reason="needs links")
def test_the_target_of_a_link_is_read(pusher: Pusher) -> None:
    os.symlink(TOKEN, pusher.work / "link")
    bad = pusher.commit({})
    (found,) = pusher.report(pusher.line("HEAD"))["findings"]
    assert (found["path"], found["commit"]) == ("link", bad)
    assert "symbolic link" in found["message"]


@pytest.mark.parametrize(
    "name", [f"x-{TOKEN}", f"{TOKEN}/a", f"deep/{TOKEN}/er/a", f"line\nbreak-{TOKEN}", f"deep/ä {TOKEN}.txt"]
)
def test_names_of_files_and_folders_are_read(pusher: Pusher, name: str) -> None:
    bad = pusher.commit({name: "1", name + "2": "2"} if "/a" in name else {name: "1"})
    (found,) = pusher.report(pusher.line("HEAD"))["findings"]
    assert found["commit"] == bad
    assert "in the file's name" in found["message"]
    before = name.partition(TOKEN)[0]
    assert (found["line"], found["column"]) == (before.count("\n") + 1, len(before.rpartition("\n")[2]) + 1)


def test_a_secret_in_several_names_is_told_for_each(pusher: Pusher) -> None:
    """Whoever renames one of them should not have to push again to learn of the next. What is below a folder has its name, too."""
    hidden = f"{TOKEN[:20]}***"
    first = pusher.commit({f"x-{TOKEN}.txt": "1", f"d/{TOKEN}": "2", f"{TOKEN}/a": "3", f"{TOKEN}/b/c": "4"})
    names = [f"x-{hidden}.txt", f"d/{hidden}", hidden]
    assert sorted(pusher.found(pusher.line("HEAD"))) == sorted((name, first, MAIN) for name in names)
    pusher.commit({f"{TOKEN}/d": "5", f"x-{TOKEN}.txt": "7"})
    assert sorted(pusher.found(pusher.line("HEAD"))) == sorted((name, first, MAIN) for name in names)


@pytest.mark.parametrize("folder", ["a\nb", "\n", "a/b\n/c", "a\nb/c\nd", " a", "  ", "\ta/ b", "a\r", "\r"])
@pytest.mark.parametrize("name", [".pypirc", ".pypirc\n", f"x-{TOKEN}", f"{TOKEN}/x"])
def test_names_below_a_folder_with_an_odd_name_are_read(pusher: Pusher, folder: str, name: str) -> None:
    """Of the path of such a folder git tells no more than the first line, without blanks before and a carriage return behind."""
    bad = pusher.commit({f"{folder}/{name}": "hello\n"})
    pusher.commit({f"{folder}/other": "x\n"})
    (found,) = pusher.report(pusher.line("HEAD"))["findings"]
    assert (found["commit"], found["ref"]) == (bad, MAIN)
    assert found["path"].startswith(f"{folder}/")
    pusher.git("push", "--quiet", "origin", "main")
    there = pusher.oid("HEAD")
    pusher.commit({f"{folder}/other": "y\n"})  # the remote has the name beside it
    assert pusher.found(pusher.line("HEAD", there=there)) == []


@pytest.mark.parametrize("folder", ["", "x-", "a/", "a\nb/", " a/b-", "a\r/"])
def test_a_token_that_is_a_path_of_folders(pusher: Pusher, folder: str) -> None:
    secret = next(t for t in (mint.token(seed=seed) for seed in range(500)) if "_" in t).replace("_", "/")
    bad = pusher.commit({f"{folder}{secret}/x": "text"})
    pusher.commit({f"{folder}{secret}/y": "text"})
    report = pusher.report(pusher.line("HEAD"))
    ((commit, ref),) = [(found["commit"], found["ref"]) for found in report["findings"]]
    assert (commit, ref) == (bad, MAIN)
    assert secret[20:28] not in str(report)


def test_a_name_is_read_though_nothing_below_it_is_new(pusher: Pusher) -> None:
    """git walks over no folder that the remote has, under whatever name."""
    first, _, rest = next(t for t in (mint.token(seed=seed) for seed in range(500)) if "_" in t).partition("_")
    pusher.commit({f"a/{rest.replace('_', '/')}": "text"})
    pusher.git("push", "--quiet", "origin", "main")
    there = pusher.oid("HEAD")
    (pusher.work / "a").rename(pusher.work / first)
    bad = pusher.commit({})
    ((_, commit, _),) = pusher.found(pusher.line("HEAD", there=there))
    assert commit == bad


def test_the_name_of_an_empty_folder_is_read(pusher: Pusher) -> None:
    """Only plumbing makes one."""
    empty = pusher.git("mktree")
    (pusher.work / "listed").write_text(f"040000 tree {empty}\tx-{TOKEN}\n")
    tree = pusher.machine.run(pusher.work, "sh", "-c", "git mktree <listed").decode().strip()
    bad = pusher.git("commit-tree", "-p", pusher.first, "-m", "empty", tree)
    ((_, commit, ref),) = pusher.found(f"x {bad} {MAIN} {pusher.first}\n")
    assert (commit, ref) == (bad, MAIN)


def test_a_name_that_a_merge_brings_from_the_remote_is_no_news(pusher: Pusher) -> None:
    pusher.git("checkout", "--quiet", "-b", "side")
    pusher.commit({"a": "1"})
    pusher.git("checkout", "--quiet", "main")
    pusher.commit({f"x-{TOKEN}": "1", ".pypirc": "2", f"y-{TOKEN}/a": "3"})
    pusher.git("push", "--quiet", "origin", "main")
    pusher.git("checkout", "--quiet", "side")
    pusher.git("merge", "--quiet", "-m", "merge", "main")
    pusher.commit({f"y-{TOKEN}/b": "3"})
    assert pusher.found(pusher.line("HEAD", "refs/heads/side", NONE)) == []


def test_the_path_of_a_submodule_is_read_though_git_is_told_to_ignore_it(pusher: Pusher) -> None:
    path = f"x-{TOKEN}"
    pusher.git("update-index", "--add", "--cacheinfo", f"160000,{pusher.oid('HEAD')},{path}")
    pusher.git("commit", "--quiet", "--message=module")
    for key, value in (("path", path), ("url", "x"), ("ignore", "all")):
        pusher.git("config", "--file", ".gitmodules", f"submodule.x.{key}", value)
    ((_, commit, _),) = pusher.found(pusher.line("HEAD"))
    assert commit == pusher.oid("HEAD")


def test_a_file_that_takes_the_place_of_a_folder_of_the_same_push_is_told(pusher: Pusher) -> None:
    pusher.commit({".pypirc/a": "1"})
    assert pusher.found(pusher.line("HEAD")) == []
    pusher.git("rm", "-r", "--quiet", ".pypirc")
    bad = pusher.commit({".pypirc": "2"})
    assert pusher.found(pusher.line("HEAD")) == [(".pypirc", bad, MAIN)]


def test_a_new_name_for_a_known_content_is_read(pusher: Pusher) -> None:
    bad = pusher.commit({"README": None, f"README-{TOKEN}": "hello\n"})
    ((_, commit, _),) = pusher.found(pusher.line("HEAD"))
    assert commit == bad


def test_messages_and_people_are_read(pusher: Pusher) -> None:
    told = [
        pusher.commit({}, f"Subject\n\nbody {TOKEN}"),
        pusher.commit({}, GIT_AUTHOR_NAME=f"A {TOKEN}"),
        pusher.commit({}, GIT_AUTHOR_EMAIL=TOKEN),
        pusher.commit({}, GIT_COMMITTER_NAME=TOKEN),
        pusher.commit({}, GIT_COMMITTER_EMAIL=TOKEN),
    ]
    pusher.commit({"a": "clean"})
    report = pusher.report(pusher.line("HEAD"))
    assert sorted(found["commit"] for found in report["findings"]) == sorted(told)
    assert {found["ref"] for found in report["findings"]} == {MAIN}
    ends = sorted(found["message"].rsplit(", ")[-1] for found in report["findings"])
    assert ends == (
        ["in the author's name or address"] * 2 + ["in the commit message"] + ["in the committer's name or address"] * 2
    )
    (message,) = (found for found in report["findings"] if found["commit"] == told[0])
    assert (message["line"], message["column"]) == (3, 6)


def test_who_made_a_commit_is_set_anew_as_the_remedy_says(pusher: Pusher) -> None:
    pusher.commit({"a": "clean"}, GIT_AUTHOR_NAME=TOKEN, GIT_COMMITTER_NAME=TOKEN)
    pusher.commit({"b": "clean"})
    remedies = {found["remedy"] for found in pusher.report(pusher.line("HEAD"))["findings"]}
    (amended,), (rebased,) = (
        {found[0] for said in remedies if (found := re.search(rf"git {words} [^`\n]*", said))} for words in ("commit", "rebase -i")
    )
    command = f"{rebased} && {amended} && git rebase --continue"
    pusher.machine.run(pusher.work, "sh", "-c", command, env={"GIT_SEQUENCE_EDITOR": "sed -i s/^pick/edit/"})
    pusher.git("rebase", "--continue")
    assert pusher.report(pusher.line("HEAD"))["findings"] == []


@pytest.mark.parametrize("message", ["", "twine upload -p ${{ secrets.PYPI_PASSWORD }}"], ids=["clean", "worth reading"])
def test_the_bytes_of_a_commit_are_counted_once(pusher: Pusher, message: str) -> None:
    pusher.commit({"a": "1"}, message.ljust(80, "x"))
    listed = pusher.git("rev-list", "--objects", "--no-object-names", f"{pusher.first}..HEAD").split()
    report = pusher.report(pusher.line("HEAD"))
    assert report["scanned"]["bytes"] == sum(int(pusher.git("cat-file", "-s", oid)) for oid in listed)


def test_other_headers_of_a_commit_are_read(pusher: Pusher) -> None:
    tag = f"mergetag object {pusher.first}\n type commit\n tag v1\n tagger A <a> 1 +0000\n \n release {TOKEN[:60]}\n {TOKEN[60:]}"
    parents = f"tree {pusher.oid('HEAD^{tree}')}\nparent {pusher.first}\n"
    people = "author A <a@example.org> 1 +0000\ncommitter A <a@example.org> 1 +0000\n"
    (pusher.work / "raw").write_text(f"{parents}{people}{tag}\n\nmerge\n")
    bad = pusher.git("hash-object", "-t", "commit", "-w", "raw")
    (found,) = pusher.report(f"x {bad} {MAIN} {pusher.first}\n")["findings"]
    assert found["commit"] == bad
    assert "in a header of the commit" in found["message"]


@pytest.mark.parametrize("name", ["tree", "parent", "object", "type"])
def test_a_header_named_like_one_of_git_is_read(pusher: Pusher, name: str) -> None:
    head = f"tree {pusher.oid('HEAD^{tree}')}\nparent {pusher.first}\n"
    people = "author A <a@example.org> 1 +0000\ncommitter A <a@example.org> 1 +0000\n"
    (pusher.work / "raw").write_text(f"{head}{people}{name} {TOKEN}\n\nodd\n")
    bad = pusher.git("hash-object", "-t", "commit", "-w", "--literally", "raw")
    (found,) = pusher.report(f"x {bad} {MAIN} {pusher.first}\n")["findings"]
    assert found["commit"] == bad
    assert "in a header of the commit" in found["message"]


def test_other_headers_of_a_tag_are_read(pusher: Pusher) -> None:
    head = f"object {pusher.first}\ntype commit\ntag v1\ntagger A <a@example.org> 1 +0000\n"
    (pusher.work / "raw").write_text(f"{head}gpgsig-sha256 {TOKEN}\n\nrelease\n")
    bad = pusher.git("hash-object", "-t", "tag", "-w", "--literally", "raw")
    (found,) = pusher.report(f"x {bad} refs/tags/v1 {NONE}\n")["findings"]
    assert (found["commit"], found["ref"]) == (None, "refs/tags/v1")
    assert "in a header of the tag" in found["message"] and "git tag -f -a " in found["remedy"]


def test_annotated_tags_are_read(pusher: Pusher) -> None:
    pusher.git("tag", "-a", "-m", f"release\n\n{TOKEN}", "v1")
    pusher.git("tag", "-a", "-m", "by whom", "v2", GIT_COMMITTER_EMAIL=TOKEN)
    pusher.git("tag", "-a", "-m", "clean", "v3", "v1")  # a tag of a tag
    for name in ("v1", "v2", "v3"):
        report = pusher.report(pusher.line(name, f"refs/tags/{name}", NONE))
        (found,) = report["findings"]
        assert (found["commit"], found["ref"]) == (None, "refs/tags/v2" if name == "v2" else "refs/tags/v1")
        assert report["scanned"]["commits"] == 0
    lightweight = pusher.line("HEAD", "refs/tags/v4", NONE)
    assert pusher.found(lightweight) == []


@pytest.mark.parametrize("kind", ["blob", "tree", "tag of a blob"])
def test_tags_of_no_commit_are_read(pusher: Pusher, kind: str) -> None:
    pusher.commit({"folder/a": TOKEN})
    pusher.git("tag", *(["-a", "-m", "x"] if "tag" in kind else []), "odd", "HEAD:folder" + ("" if kind == "tree" else "/a"))
    pusher.git("reset", "--hard", "--quiet", "HEAD~1")
    ((_, commit, ref),) = pusher.found(pusher.line("odd", "refs/tags/odd", NONE))
    assert (commit, ref) == (None, "refs/tags/odd")


def test_a_pypirc_file_is_told_with_the_commit_that_brought_it(pusher: Pusher) -> None:
    bad = pusher.commit({".pypirc": "[pypi]\nusername = ada\n", "home/.PyPIrc.bak": "x\n", "a.pypirc/b": "x\n", ".pypirc.in": "x\n"})
    pusher.commit({"other": "x\n", "home/other": "x\n"})
    pusher.commit({".pypirc": None, ".pypirc.d/.pypirc.example": "x\n"})  # a folder of that name is none
    report = pusher.report(pusher.line("HEAD"))
    assert [(found["rule"], found["path"], found["commit"], found["ref"]) for found in report["findings"]] == [
        ("pypirc-file", ".pypirc", bad, MAIN), ("pypirc-file", "home/.PyPIrc.bak", bad, MAIN),
    ]
    pusher.git("push", "--quiet", "origin", "main")
    there = pusher.oid("HEAD")
    pusher.commit({"home/other": "y\n"})  # the remote has the file beside it
    assert pusher.found(pusher.line("HEAD", there=there)) == []
    pusher.git("tag", "odd", "HEAD:home")
    assert pusher.found(pusher.line("odd", "refs/tags/odd", NONE)) == [(".PyPIrc.bak", None, "refs/tags/odd")]


def test_a_name_inside_of_an_archive_came_with_the_archive(pusher: Pusher) -> None:
    pusher.commit({"a.zip": packing.zipped(b"clean", name="clean")})
    bad = pusher.commit({"a.zip": packing.zipped(b"clean", name=TOKEN), "b.zip": packing.zipped(b"other", name=TOKEN)})
    assert sorted(pusher.found(pusher.line("HEAD"))) == [("a.zip", bad, MAIN), ("b.zip", bad, MAIN)]


def test_the_comment_of_an_archive_came_with_the_archive(pusher: Pusher) -> None:
    pusher.commit({"a.zip": packing.zipped(b"clean")})
    bad = pusher.commit({"a.zip": packing.zipped(b"clean", comment=TOKEN.encode())})
    later = pusher.commit({"b": "other"})
    (found,) = pusher.report(pusher.line("HEAD"))["findings"]
    assert (found["path"], found["commit"], found["ref"]) == ("a.zip", bad, MAIN) and bad != later
    assert "in a comment of the archive" in found["message"]


@pytest.mark.parametrize("there", ["new", "old"])
def test_names_of_refs_are_read_where_they_are_new(pusher: Pusher, there: str) -> None:
    ref = f"refs/heads/{TOKEN}"
    report = pusher.report(pusher.line("HEAD", ref, NONE if there == "new" else pusher.first))
    assert report["code"] == len(report["findings"]) == int(there == "new")
    if there == "new":
        assert "in the ref's name" in report["findings"][0]["message"]
        assert report["findings"][0]["ref"].startswith("refs/heads/pypi-AgE")
    assert pusher.found(f"refs/heads/{TOKEN} {pusher.first} {MAIN} {pusher.first}\n") == []  # its name here stays here


def test_own_credentials_pragmas_and_baselines_hold(pusher: Pusher) -> None:
    pusher.commit({"a": "log in: correct-horse-battery\n", "b": f"{TOKEN}  # pragma: allowlist secret\n"})
    own = {"TWINE_PASSWORD": "correct-horse-battery"}
    assert [path for path, _, _ in pusher.found(pusher.line("HEAD"), **own)] == ["a"]
    report = pusher.report(pusher.line("HEAD"), "--no-own", "origin", str(pusher.remote), **own)
    assert (report["code"], report["allowed"]["inline"]) == (0, 1)


# --- what to do where no branch brings it ----------------------------------------------------------------------------


def advised(said: str) -> list[str]:
    """Returns the commands of git in a report."""
    return re.findall(r"(?m)^ {12,}(git .*)$", said)


def paste(pusher: Pusher, *push: str) -> None:
    """Pushes, is stopped, does what is advised, as often as that is needed, and pushes again."""
    pusher.install()
    editor = {"GIT_EDITOR": "sed -i.old s/pypi-[^[:space:]]*/it/"}
    for _ in range(2):
        done = pusher.push(*push)
        if not done.returncode:
            break
        commands = advised((done.stdout + done.stderr).decode())
        assert commands
        for command in commands:
            pusher.machine.run(pusher.work, "sh", "-c", command, env=editor)
    assert pusher.push(*push).returncode == 0
    assert TOKEN not in pusher.there()


@posix
@pytest.mark.parametrize("part", ["message", "tagger"])
@pytest.mark.parametrize("what", ["HEAD", "HEAD:folder", "HEAD:folder/a", "inner", "inner-most"])
def test_a_tag_that_is_made_again_names_what_it_did(pusher: Pusher, what: str, part: str) -> None:
    pusher.commit({"folder/a": "clean\n"})
    who = {"GIT_COMMITTER_NAME": TOKEN} if part == "tagger" else {}
    pusher.git("tag", "-a", "-m", f"the first {TOKEN}", "inner-most", **who)
    pusher.git("tag", "-a", "-m", "fine", "inner", "inner-most")
    name = "it's-$(old)-é;"
    pusher.git("tag", "-a", "-m", "hey" if part == "tagger" else f"hey {TOKEN}", name, what, **who)
    named = pusher.oid(f"{name}^{{}}")
    pusher.commit({"folder/a": "later\n"})
    pusher.git("branch", "inner", "HEAD")  # of the same name as a tag
    paste(pusher, "origin", f"refs/tags/{name}:refs/tags/another")
    assert pusher.oid(f"{name}^{{}}") == named != pusher.oid("HEAD")
    assert TOKEN not in pusher.git("cat-file", "-p", name)


def test_the_tag_that_leads_to_another_one_is_named(pusher: Pusher) -> None:
    pusher.git("tag", "-a", "-m", f"hey {TOKEN}", "inner")
    pusher.git("tag", "-a", "-m", "fine", "outer", "inner")
    feed = [pusher.line(f"refs/tags/{name}", f"refs/tags/{name}", NONE) for name in ("outer", "inner")]
    assert advised(pusher.run(feed[0]).stdout.decode()) == ["git tag -f -a outer 'outer^{}'"]
    assert advised(pusher.run("".join(feed)).stdout.decode()) == ["git tag -f -a inner 'inner^{}'"]
    odd = pusher.line("inner", "refs/tags/inner", NONE)  # as nobody's local ref is told
    assert advised(pusher.run(odd).stdout.decode()) == ["git tag -f -a <tag> '<tag>^{}'"]
    pusher.git("tag", "-a", "-m", TOKEN, TOKEN)
    hidden = pusher.run(pusher.line(f"refs/tags/{TOKEN}", f"refs/tags/{TOKEN}", NONE))
    assert "git tag -f -a <tag> '<tag>^{}'" in advised(hidden.stdout.decode())
    pusher.git("tag", "--delete", TOKEN)
    env = variables(pusher, PRE_COMMIT_TO_REF=pusher.oid("HEAD"))
    assert advised(pusher.run("", "--no-own", **env).stdout.decode()) == ["git tag -f -a inner 'inner^{}'"]


@posix
@pytest.mark.parametrize("part", ["note", "author", "message", "removed note"])
@pytest.mark.parametrize("is_there", [False, True], ids=["first push", "the remote has some"])
def test_notes_are_pushed_without_their_history(pusher: Pusher, part: str, is_there: bool) -> None:
    notes = "refs/notes/of-it's"
    pusher.commit({"a": "clean\n"})
    run = ("notes", f"--ref={notes}")
    pusher.git(*run, "add", "-m", "fine", "HEAD~1")
    if is_there:
        pusher.git("push", "--quiet", "origin", notes)
    if part == "message":
        made = pusher.git("commit-tree", "-m", TOKEN, "-p", notes, f"{notes}^{{tree}}")
        pusher.git("update-ref", notes, made)
    else:
        who = {"GIT_AUTHOR_NAME": TOKEN} if part == "author" else {}
        pusher.git(*run, "add", "-m", "good" if who else f"good {TOKEN}", "HEAD", **who)
    pusher.git(*run, "add", "-m", "also fine", pusher.oid("HEAD^{tree}"))
    if part == "removed note":
        pusher.git(*run, "remove", "HEAD")
    main = pusher.oid("HEAD")
    paste(pusher, *(["--force"] if is_there else []), "origin", notes)
    assert pusher.oid("HEAD") == main
    assert pusher.git(*run, "show", "HEAD~1") == "fine" and pusher.git(*run, "show", "HEAD^{tree}") == "also fine"
    if part in ("note", "author"):
        assert pusher.git(*run, "show", "HEAD") == ("good it" if part == "note" else "good")
    assert TOKEN not in pusher.git("log", "-p", "--format=raw", notes)


@posix
@pytest.mark.parametrize("kind", ["blob", "tree", "name", ".pypirc", "archive", "tag of a blob", "tag of a tag", "odd"])
def test_a_tag_of_no_commit_is_deleted(pusher: Pusher, kind: str) -> None:
    files: dict[str, dict[str, str | bytes | None]] = {
        "name": {f"{TOKEN}.txt": "x"}, ".pypirc": {".pypirc": "x"}, "archive": {"a": packing.zipped(TOKEN.encode())},
    }
    pusher.commit({f"folder/{name}": content for name, content in files.get(kind, {"a": TOKEN}).items()})
    what = "HEAD:folder/a" if kind in ("blob", "archive", "tag of a blob", "odd") else "HEAD:folder"
    name = "refs/odd/it's" if kind == "odd" else "refs/tags/it's"
    if kind.startswith("tag of"):
        pusher.git("tag", "-a", "-m", "x", "inner", what)
    if kind == "tag of a tag":
        pusher.git("tag", "-a", "-m", "x", "it's", "inner")
    else:
        pusher.git("update-ref", name, "inner" if "tag" in kind else what)
    pusher.git("reset", "--hard", "--quiet", "HEAD~1")
    pusher.git("tag", "-a", "-m", "fine", "clean")
    pusher.commit({"a": "clean\n"})
    pusher.install()
    done = pusher.push("origin", "main", f"{name}:refs/tags/there", "clean")
    said = (done.stdout + done.stderr).decode()
    assert done.returncode == 1 and "refs/tags/there" in said
    (command,) = set(advised(said))
    pusher.machine.run(pusher.work, "sh", "-c", command)
    assert pusher.push("origin", f"{name}:refs/tags/there").returncode == 1, "there is none any more"
    assert pusher.push("origin", "main", "clean").returncode == 0


@posix
@pytest.mark.parametrize("name", ["refs/stash", "stash@{0}", "stash@{1}"])
def test_a_branch_is_made_of_a_stash(pusher: Pusher, name: str) -> None:
    for number in range(2):
        (pusher.work / "README").write_text(f"{number} {TOKEN}\n")
        (pusher.work / "new").write_text(f"new {TOKEN}\n")
        pusher.git("stash", "--quiet", "--include-untracked")
    pusher.install()
    done = pusher.push("origin", f"{name}:refs/heads/wip")
    (command,) = set(advised((done.stdout + done.stderr).decode()))
    pusher.machine.run(pusher.work, "sh", "-c", command.replace("<branch>", "wip"))
    for path in ("README", "new"):
        content = (pusher.work / path).read_text()
        assert TOKEN in content and content[0] == ("n" if path == "new" else str(int(name != "stash@{1}")))
        (pusher.work / path).write_text(content.replace(TOKEN, "it"))
    pusher.commit({})
    assert pusher.push("origin", "wip").returncode == 0


@posix
@pytest.mark.parametrize("kind", ["annotated", "lightweight", "renamed", "tag of a tag", "pushed as another"])
def test_a_tag_is_made_again_under_another_name(pusher: Pusher, kind: str) -> None:
    name = f"v-{TOKEN}"
    pusher.git("tag", *(["-a", "-m", "fine"] if kind != "lightweight" else []), name)
    if kind == "renamed":
        pusher.git("update-ref", "refs/tags/other", name)
        pusher.git("tag", "--delete", name)
        name = "other"
    elif kind == "tag of a tag":
        pusher.git("tag", "-a", "-m", "fine", "outer", name)
        pusher.git("tag", "--delete", name)
        name = "outer"
    pusher.install()
    done = pusher.push("origin", f"refs/tags/{name}" + (":refs/tags/x" if kind == "pushed as another" else ""))
    said = (done.stdout + done.stderr).decode()
    assert done.returncode == 1 and said.count(": pypi-token: ") == 1
    assert ("in the ref's name" if kind in ("annotated", "lightweight") else "in the tag's name") in said
    (command,) = advised(said)
    made = name if kind in ("renamed", "tag of a tag") else "v1"
    assert command.startswith(f"git tag -f -a {name} " if made == name else "git tag -a <name> ")
    command = command.replace("<name>", made).replace("<tag>", name).replace(" -a ", " " if kind == "lightweight" else " -a ")
    pusher.machine.run(pusher.work, "sh", "-c", command, env={"GIT_EDITOR": "echo fine >"})
    assert pusher.git("tag") == made and pusher.oid(f"{made}^{{}}") == pusher.oid("HEAD")
    assert pusher.push("origin", made).returncode == 0


def test_a_tag_of_a_commit_has_to_be_made_again_too(pusher: Pusher) -> None:
    bad = pusher.commit({"a": TOKEN})
    pusher.git("tag", "-a", "-m", "fine", "v1")
    (found,) = pusher.report(pusher.line("refs/tags/v1", "refs/tags/v1", NONE))["findings"]
    assert "or after `git checkout v1`" in found["remedy"] and f"git rebase -i --rebase-merges {bad[:12]}~1" in found["remedy"]
    assert "Then make the tag v1 again, on the new commit." in found["remedy"]
    (found,) = pusher.report(pusher.line("refs/heads/main"))["findings"]
    assert "tag" not in found["remedy"]


# --- what the remote has ---------------------------------------------------------------------------------------------


def test_what_the_remote_has_is_not_read_again(pusher: Pusher) -> None:
    leaked = pusher.commit({"a": TOKEN})
    pusher.git("push", "--quiet", "origin", "main")
    pusher.commit({"b": "clean\n"})
    report = pusher.report(pusher.line("HEAD", there=leaked))
    assert (report["code"], report["scanned"]["commits"], report["scanned"]["files"]) == (0, 1, 1)
    report = pusher.report(pusher.line("HEAD", "refs/heads/new", NONE))  # by the remote-tracking branch alone
    assert (report["code"], report["scanned"]["commits"]) == (0, 1)


def test_a_push_of_nothing_new_reads_nothing(pusher: Pusher) -> None:
    report = pusher.report(pusher.line("HEAD", "refs/heads/copy", NONE))
    assert (report["code"], report["scanned"]["commits"], report["scanned"]["files"]) == (0, 0, 0)
    done = pusher.run("")
    assert (done.returncode, done.stdout) == (0, b"detect-pypi-token-in-push: read 0 files, 0 bytes; nothing found\n")


def test_a_push_of_nothing_starts_no_git_and_loads_no_rules(pusher: Pusher) -> None:
    script = (
        "import sys\nfrom pypi_token_hooks import detect_pypi_token_in_push as hook\n"
        "assert hook.main(['origin', 'url']) == 0\nprint(*sys.modules)"
    )
    env = {**pusher.machine.env, "PATH": str(pusher.folder)}
    for feed in (b"", f"(delete) {NONE} refs/heads/x {pusher.first}\n".encode()):
        done = subprocess.run((sys.executable, "-c", script), cwd=pusher.work, env=env, input=feed, capture_output=True, check=True)
        loaded = done.stdout.decode().split()
        assert {"argparse", "json", "pypi_token_hooks.pipeline", "pypi_token_hooks.readings"}.isdisjoint(loaded)


@pytest.mark.parametrize("there", ["f" * 40, "a" * 40])
def test_a_commit_that_only_the_remote_has_is_no_hindrance(pusher: Pusher, there: str) -> None:
    bad = pusher.commit({"a": TOKEN})
    assert pusher.found(pusher.line("HEAD", there=there)) == [("a", bad, MAIN)]
    pusher.git("update-ref", "-d", "refs/remotes/origin/main")
    assert pusher.found(pusher.line("HEAD", there=there)) == [("a", bad, MAIN)]
    pusher.git("reset", "--hard", "--quiet", pusher.first)
    assert pusher.report(pusher.line("HEAD", there=there))["scanned"]["commits"] == 1  # all is new


def test_a_forced_update_is_compared_with_what_was_there(pusher: Pusher) -> None:
    old = pusher.commit({"a": TOKEN})
    pusher.git("push", "--quiet", "origin", "main")
    pusher.git("update-ref", "-d", "refs/remotes/origin/main")
    pusher.git("commit", "--quiet", "--amend", "-m", "said otherwise")
    assert pusher.found(pusher.line("HEAD", there=old)) == []  # the remote has that file
    bad = pusher.commit({"b": TOKEN + "\n"})
    assert pusher.found(pusher.line("HEAD", there=old)) == [("b", bad, MAIN)]


def test_several_refs_and_deletions(pusher: Pusher) -> None:
    pusher.git("checkout", "--quiet", "-b", "one")
    one = pusher.commit({"one": TOKEN})
    pusher.git("checkout", "--quiet", "-b", "two", pusher.first)
    two = pusher.commit({"two": TOKEN + "\n"})
    pusher.git("checkout", "--quiet", "-b", "three", pusher.first)
    pusher.commit({"three": "clean\n"})
    feed = (
        f"(delete) {NONE} refs/heads/gone {pusher.first}\n"
        + pusher.line("one", "refs/heads/eins", NONE)
        + pusher.line("three", "refs/heads/drei", NONE)
        + pusher.line("two", "refs/heads/zwei", NONE)
    )
    assert sorted(pusher.found(feed)) == [("one", one, "refs/heads/eins"), ("two", two, "refs/heads/zwei")]
    assert pusher.report(feed)["scanned"]["refs"] == 3
    assert pusher.found(f"(delete) {NONE} refs/heads/{TOKEN} {pusher.first}\n") == []


def test_an_expression_with_blanks_is_a_ref_too(pusher: Pusher) -> None:
    bad = pusher.commit({"a": TOKEN}, "fix it")
    assert pusher.found(f"HEAD^{{/fix it}} {bad} {MAIN} {pusher.first}\n") == [("a", bad, MAIN)]


def test_the_tracking_refs_of_another_remote_do_not_count(pusher: Pusher) -> None:
    pusher.git("remote", "add", "private", "https://example.org/private")
    pusher.git("remote", "add", "origin2", "https://example.org/other")
    bad = pusher.commit({"a": TOKEN})
    for remote in ("private", "origin2"):
        pusher.git("update-ref", f"refs/remotes/{remote}/main", bad)
    feed = pusher.line("HEAD", "refs/heads/new", NONE)
    assert pusher.found(feed) == [("a", bad, "refs/heads/new")]
    assert pusher.found(feed, "private", "https://example.org/private") == []


def test_an_address_without_a_remote_has_nothing_that_is_known(pusher: Pusher) -> None:
    bad = pusher.commit({"a": TOKEN})
    pusher.git("push", "--quiet", "origin", "main")
    feed = pusher.line("HEAD", "refs/heads/new", NONE)
    url = "https://example.org/elsewhere.git"
    assert pusher.found(feed, url, url) == [("a", bad, "refs/heads/new")]
    assert pusher.found(feed, str(pusher.remote), str(pusher.remote)) == []  # that is origin's


@pytest.mark.parametrize(
    ("fetch", "push", "code"),
    [
        ("https://example.org/a/b.git", "git@example.org:a/b", 0),
        ("https://me:pass@example.org/a/b", "ssh://git@example.org:22/a/b.git", 0),
        ("https://example.org/a/b.git", "https://example.org/public/b.git", 1),
        ("https://inner.example.org/a/b", "https://example.org/a/b", 1),
        ("https://example.org:8443/a/b", "https://example.org/a/b", 1),
        ("ssh://git@[2001:db8::1]/a/b", "ssh://git@[2001:db8::2]/a/b", 1),
    ],
)
def test_a_remote_that_pushes_elsewhere_is_not_known(pusher: Pusher, fetch: str, push: str, code: int) -> None:
    bad = pusher.commit({"a": TOKEN})
    pusher.git("update-ref", "refs/remotes/origin/main", bad)
    pusher.git("remote", "set-url", "origin", fetch)
    pusher.git("remote", "set-url", "--push", "origin", push)
    report = pusher.report(pusher.line("HEAD", "refs/heads/new", NONE), "origin", push)
    assert report["code"] == code
    assert ("pushes to another repository" in report["said"]) == bool(code)
    assert "me:pass" not in report["said"]


@pytest.mark.parametrize("kind", ["new", "with a commit of its own", "of an older state"])
def test_a_remote_that_became_another_repository_is_read_for_anew(pusher: Pusher, kind: str) -> None:
    bad = pusher.commit({"a": TOKEN})
    pusher.commit({"a": None})
    pusher.git("push", "--quiet", "origin", "main")
    pusher.remote = pusher.machine.repository(pusher.folder / "public.git", "--bare")
    pusher.git("remote", "set-url", "origin", str(pusher.remote))
    if kind == "of an older state":
        pusher.git("push", "--quiet", str(pusher.remote), f"{pusher.first}:refs/heads/main")
        pusher.git("update-ref", "refs/remotes/origin/main", "HEAD")  # not so after a push to the address alone
    elif kind != "new":
        own = pusher.machine.repository(pusher.folder / "own")
        pusher.machine.git(own, "commit", "--quiet", "--allow-empty", "--message=its own")
        pusher.machine.git(own, "push", "--quiet", str(pusher.remote), "main")
    pusher.install()
    before = pusher.there()
    done = pusher.push("--force", "origin", "main")
    assert done.returncode == 1
    assert bad[:12].encode() in done.stdout + done.stderr
    assert b"has not what was last seen there" in done.stdout + done.stderr
    assert pusher.there() == before


def test_what_somebody_else_deleted_or_moved_is_relied_on_no_more(pusher: Pusher) -> None:
    there = pusher.commit({"a": TOKEN})
    pusher.git("push", "--quiet", "origin", "main", "main:other")
    pusher.commit({"b": "clean\n"})
    assert pusher.found(pusher.line("HEAD", there=there)) == []
    for told in (NONE, pusher.first, "f" * 40):
        assert pusher.found(pusher.line("HEAD", there=told)) == [("a", there, MAIN)]
    assert "has not what" not in pusher.report(pusher.line("HEAD", "refs/heads/new", NONE))["said"]


@pytest.mark.parametrize(("setting", "code"), [("insteadOf", 0), ("pushInsteadOf", 1)])
def test_an_address_that_git_rewrites(pusher: Pusher, setting: str, code: int) -> None:
    bad = pusher.commit({"a": TOKEN})
    pusher.git("update-ref", "refs/remotes/origin/main", bad)
    pusher.git("remote", "set-url", "origin", "short:b")
    pusher.git("config", f"url.https://example.org/a/.{setting}", "short:")
    feed = pusher.line("HEAD", "refs/heads/new", NONE)
    for address in ("https://example.org/a/b", "origin"):  # without an address nobody tells it but git
        report = pusher.report(feed, "origin", address)
        assert report["code"] == code
        assert ("pushes to another repository" in report["said"]) == bool(code)


def test_a_remote_whose_name_begins_with_that_of_another(pusher: Pusher) -> None:
    bad = pusher.commit({"a": TOKEN})
    for remote in ("team", "team/private"):
        pusher.git("config", f"remote.{remote}.url", f"https://example.org/{remote}")
        pusher.git("config", f"remote.{remote}.fetch", f"+refs/heads/*:refs/remotes/{remote}/*")
    pusher.git("update-ref", "refs/remotes/team/private/main", bad)
    feed = pusher.line("HEAD", "refs/heads/new", NONE)
    assert pusher.found(feed, "team/private", "https://example.org/team/private") == []
    assert pusher.found(feed, "team", "https://example.org/team") == [("a", bad, "refs/heads/new")]
    pusher.git("config", "remote.third.fetch", "+refs/heads/*:refs/remotes/team/private/*")  # whose is it?
    assert pusher.found(feed, "team/private", "https://example.org/team/private") == [("a", bad, "refs/heads/new")]


def test_tracking_refs_are_where_the_remote_fetches_to(pusher: Pusher) -> None:
    bad = pusher.commit({"a": TOKEN})
    pusher.git("update-ref", "refs/remotes/elsewhere/main", bad)
    feed = pusher.line("HEAD", "refs/heads/new", NONE)
    assert pusher.found(feed) != []
    pusher.git("config", "remote.origin.fetch", "+refs/heads/*:refs/remotes/elsewhere/*")
    assert pusher.found(feed) == []
    for key, imported in (("fetch", "trunk:refs/remotes/elsewhere/main"), ("branches", "branches/*:refs/remotes/elsewhere/*")):
        pusher.git("config", f"svn-remote.svn.{key}", imported)
        assert pusher.found(feed) != [], "it is from Subversion"
        pusher.git("config", "--remove-section", "svn-remote.svn")
    pusher.git("config", "remote.origin.fetch", "+refs/*:refs/*")  # a mirror: our own branches tell nothing of the remote
    assert pusher.found(feed) != []


# --- under pre-commit ------------------------------------------------------------------------------------------------


def variables(pusher: Pusher, **more: str) -> dict[str, str]:
    return {
        "PRE_COMMIT": "1", "PRE_COMMIT_REMOTE_NAME": "origin", "PRE_COMMIT_REMOTE_URL": str(pusher.remote),
        "PRE_COMMIT_LOCAL_BRANCH": MAIN, "PRE_COMMIT_REMOTE_BRANCH": MAIN, **more,
    }


def test_variables_tell_the_push_and_every_other_branch_and_tag_is_read(pusher: Pusher) -> None:
    pusher.git("checkout", "--quiet", "-b", "side")
    side = pusher.commit({"s": TOKEN})
    pusher.git("tag", "-a", "-m", TOKEN, "v1", pusher.first)
    pusher.git("checkout", "--quiet", "main")
    pusher.commit({"a": "clean"})
    env = variables(pusher, PRE_COMMIT_FROM_REF=pusher.first, PRE_COMMIT_TO_REF=pusher.oid("HEAD"))
    report = pusher.report("", "--no-own", **env)
    assert sorted((found["commit"] or "", found["ref"]) for found in report["findings"]) == [
        ("", "refs/tags/v1"), (side, "refs/heads/side"),
    ]
    assert "pre-commit and prek tell a hook only the first ref of a push" in report["said"]
    assert "the remote origin lacks" in report["said"]
    done = pusher.run("", "--color", "never", **env)
    assert b"pre-commit and prek tell a hook only the first ref" in done.stdout


def test_the_first_push_of_a_branch_has_no_range(pusher: Pusher) -> None:
    pusher.git("update-ref", "-d", "refs/remotes/origin/main")
    bad = pusher.commit({"a": TOKEN})
    report = pusher.report("", "--no-own", **variables(pusher))
    assert [(found["commit"], found["ref"]) for found in report["findings"]] == [(bad, MAIN)]
    assert report["scanned"]["commits"] == 2


def test_what_is_pushed_may_be_no_branch(pusher: Pusher) -> None:
    pusher.git("checkout", "--quiet", "--detach")
    bad = pusher.commit({"a": TOKEN})
    env = variables(pusher, PRE_COMMIT_FROM_REF=pusher.first, PRE_COMMIT_TO_REF=bad, PRE_COMMIT_REMOTE_BRANCH="refs/heads/x")
    report = pusher.report("", "--no-own", **env)
    assert [(found["commit"], found["ref"]) for found in report["findings"]] == [(bad, "refs/heads/x")]


@pytest.mark.parametrize("local", ["refs/notes/commits", "HEAD"])
def test_what_is_pushed_for_the_first_time_may_be_no_branch(pusher: Pusher, local: str) -> None:
    pusher.git("checkout", "--quiet", "--orphan", "new")
    bad = pusher.commit({"a": TOKEN})
    pusher.git("update-ref", "refs/notes/commits", bad)
    pusher.git("checkout", "--quiet", "--detach")
    env = variables(pusher, PRE_COMMIT_LOCAL_BRANCH=local, PRE_COMMIT_REMOTE_BRANCH="refs/x")
    pusher.git("branch", "-D", "new")
    report = pusher.report("", "--no-own", **env)
    assert [(found["commit"], found["ref"]) for found in report["findings"]] == [(bad, "refs/x")]


def test_a_new_branch_name_is_read_under_pre_commit(pusher: Pusher) -> None:
    pusher.git("branch", TOKEN)
    assert [ref for _, _, ref in pusher.found("", "--no-own", **variables(pusher))] != []
    pusher.git("update-ref", f"refs/remotes/origin/{TOKEN}", pusher.first)  # the remote has it
    assert pusher.found("", "--no-own", **variables(pusher)) == []


@pytest.mark.skipif(os.name == "nt", reason="names that Windows does not have")
def test_a_ref_may_hold_what_ends_a_line_elsewhere(pusher: Pusher) -> None:
    name = "refs/heads/ends\u2028a\x85é"
    pusher.git("checkout", "--quiet", "--detach")
    bad = pusher.commit({"a": TOKEN})
    pusher.git("update-ref", name, bad)
    pusher.git("checkout", "--quiet", "main")
    assert pusher.found("", "--no-own", **variables(pusher)) == [("a", bad, name)]
    pusher.git("update-ref", name.replace("heads", "remotes/origin"), bad)  # the remote has it
    assert pusher.found("", "--no-own", **variables(pusher)) == []


def test_nothing_new_is_clean_under_pre_commit(pusher: Pusher) -> None:
    report = pusher.report("", "--no-own", **variables(pusher))
    assert (report["code"], report["scanned"]["commits"], report["scanned"]["files"]) == (0, 0, 0)


def test_a_remote_that_is_not_where_it_was_is_seen_under_pre_commit(pusher: Pusher) -> None:
    bad = pusher.commit({"a": TOKEN})
    pusher.git("push", "--quiet", "origin", "main", "main:other")
    env = variables(pusher, PRE_COMMIT_TO_REF=pusher.oid("HEAD"))
    assert pusher.found("", "--no-own", **env, PRE_COMMIT_FROM_REF=bad) == []
    assert pusher.found("", "--no-own", **env, PRE_COMMIT_FROM_REF=pusher.first) == [("a", bad, MAIN)]
    assert pusher.found("", "--no-own", **env, PRE_COMMIT_FROM_REF=NONE) == [("a", bad, MAIN)]


def test_a_range_without_a_remote_is_read_as_it_is(pusher: Pusher) -> None:
    bad = pusher.commit({"a": TOKEN})
    pusher.commit({"a": "clean"})
    env = {"PRE_COMMIT": "1", "PRE_COMMIT_FROM_REF": pusher.first, "PRE_COMMIT_TO_REF": "HEAD"}
    for end, ref in (("HEAD", None), (pusher.oid("HEAD"), None), (MAIN, MAIN)):  # neither of the first two is a ref
        assert pusher.found("", "--no-own", **{**env, "PRE_COMMIT_TO_REF": end}) == [("a", bad, ref)]
    env["PRE_COMMIT_FROM_REF"] = "HEAD~1"
    assert pusher.found("", "--no-own", **env) == []
    assert pusher.run("", "--no-own", **{**env, "PRE_COMMIT_TO_REF": "nowhere"}).returncode == 2


@pytest.mark.parametrize("how", ["null", "pre-commit", "terminal"])
def test_nobody_tells_anything(pusher: Pusher, how: str) -> None:
    bad = pusher.commit({"a": TOKEN})
    command = (sys.executable, "-m", "pypi_token_hooks.detect_pypi_token_in_push")
    env = {**pusher.machine.env, **({"PRE_COMMIT": "1"} if how == "pre-commit" else {})}
    given: int = subprocess.DEVNULL
    if how == "terminal":
        pty = pytest.importorskip("pty")
        _, given = pty.openpty()  # nobody ever types anything
    elif how == "pre-commit":
        given, end = os.pipe()
        os.close(end)
    done = subprocess.run(command, cwd=pusher.work, env=env, stdin=given, capture_output=True, check=False, timeout=60)
    assert done.returncode == 1, done.stderr
    assert bad[:12].encode() in done.stdout
    assert b"every local branch and tag that the remote lacks was checked" in done.stdout
    pusher.git("update-ref", "refs/remotes/origin/main", bad)
    if how == "null":
        done = subprocess.run(command, cwd=pusher.work, env=env, stdin=given, capture_output=True, check=False, timeout=60)
        assert done.returncode == 0


# --- repositories of every kind, and failures ------------------------------------------------------------------------


def test_sha256(machine: Machine, tmp_path: pathlib.Path) -> None:
    pusher = Pusher(machine, tmp_path, "--object-format=sha256")
    bad = pusher.commit({"a": TOKEN, f"{TOKEN}.txt": "x"}, f"with {TOKEN}")
    found = pusher.found(pusher.line("HEAD", there="0" * 64))
    assert len(bad) == 64
    assert {commit for _, commit, _ in found} == {bad}
    assert len(found) == 3
    pusher.install()
    assert pusher.push("origin", "main").returncode == 1
    assert pusher.push("origin", ":refs/heads/main", "HEAD~1:refs/heads/new").returncode in (0, 1)
    assert pusher.found(f"(delete) {'0' * 64} refs/heads/x {bad}\n") == []


def test_a_bare_repository_pushes_too(pusher: Pusher) -> None:
    bad = pusher.commit({"a": TOKEN})
    bare = pusher.folder / "bare.git"
    pusher.git("clone", "--quiet", "--bare", ".", str(bare))
    feed = f"{MAIN} {bad} {MAIN} {NONE}\n".encode()
    done = pusher.machine.hook(HOOK, "elsewhere", "https://example.org", cwd=bare, feed=feed)
    assert done.returncode == 1
    assert bad[:12].encode() in done.stdout


def test_a_shallow_clone_reads_what_it_has(pusher: Pusher) -> None:
    for number in range(3):
        pusher.commit({"a": str(number)})
    pusher.git("push", "--quiet", "origin", "main")
    pusher.git("clone", "--quiet", "--depth=1", f"file://{pusher.remote}", str(pusher.folder / "shallow"))
    there = pusher.oid("HEAD")
    pusher.work = pusher.folder / "shallow"
    bad = pusher.commit({"b": TOKEN})
    assert pusher.found(pusher.line("HEAD", there=there)) == [("b", bad, MAIN)]
    assert pusher.report(pusher.line("HEAD", there=there))["scanned"]["commits"] == 1


def test_a_partial_clone_lacks_only_what_its_remote_has(pusher: Pusher) -> None:
    pusher.machine.git(pusher.remote, "config", "uploadpack.allowFilter", "true")
    pusher.commit({"old": "content\n", "older": "too\n"})
    pusher.commit({"old": None, "older": None})
    pusher.git("push", "--quiet", "origin", "main")
    there = pusher.oid("HEAD")
    pusher.git("clone", "--quiet", "--filter=blob:none", f"file://{pusher.remote}", str(pusher.folder / "partial"))
    pusher.work = pusher.folder / "partial"
    bad = pusher.commit({"b": TOKEN})
    back = pusher.git("commit-tree", "HEAD~2^{tree}", "-p", "HEAD", "-m", "with a file whose content is not here")
    pusher.git("update-ref", MAIN, back)
    feed = pusher.line("HEAD", there=there)
    assert pusher.found(feed) == [("b", bad, MAIN)]
    elsewhere = ("elsewhere", "https://example.org/elsewhere")
    report = pusher.report(pusher.line("HEAD", there=NONE), *elsewhere)
    assert report["code"] == 1
    assert report["said"].count("failed:") == report["said"].count("git fetch --refetch") == 1, "once, whatever is not here"
    assert pusher.report(pusher.line("HEAD~2", there="f" * 40))["code"] == 0
    missing = pusher.oid("HEAD:old")
    assert pusher.git("cat-file", "--batch-all-objects", "--batch-check").count(missing) == 0  # nothing was fetched
    pusher.git("clone", "--quiet", "--filter=tree:0", f"file://{pusher.remote}", str(pusher.folder / "without trees"))
    pusher.work = pusher.folder / "without trees"
    assert pusher.report(pusher.line("HEAD", there=pusher.oid("HEAD~1")), *elsewhere)["code"] == 0


def test_a_missing_object_is_a_failure(pusher: Pusher) -> None:
    pusher.commit({"a": "missing\n", "b": "here\n"})
    oid = pusher.oid("HEAD:a")
    (pusher.work / ".git" / "objects" / oid[:2] / oid[2:]).unlink()
    report = pusher.report(pusher.line("HEAD"))
    assert report["code"] == 2
    assert f"object {oid}: git: the repository lacks it" in report["said"]
    pusher.commit({"a": TOKEN})
    assert pusher.report(pusher.line("HEAD"))["code"] == 1


def test_a_damaged_object_is_a_failure(pusher: Pusher) -> None:
    pusher.commit({"a": "damaged\n"})
    oid = pusher.oid("HEAD:a")
    path = pusher.work / ".git" / "objects" / oid[:2] / oid[2:]
    path.chmod(0o644)
    path.write_bytes(b"x" * 40)
    report = pusher.report(pusher.line("HEAD"))
    assert report["code"] == 2
    assert "git" in report["said"]


def test_a_big_object_that_breaks_off_takes_no_finding_away(pusher: Pusher) -> None:
    pusher.commit({"a": TOKEN, "b": random.Random(1).randbytes(20 << 20)})
    oid = pusher.oid("HEAD:b")
    path = pusher.work / ".git" / "objects" / oid[:2] / oid[2:]
    path.chmod(0o644)
    with path.open("r+b") as stream:
        stream.truncate(12 << 20)
    report = pusher.report(pusher.line("HEAD"))
    assert report["code"] == 1 and [found["path"] for found in report["findings"]] == ["a"]
    assert "failed: b: git: git cat-file ended before its answer did" in report["said"]


@pytest.mark.parametrize(
    "feed", ["nonsense\n", "a b c\n", "refs/heads/main HEAD refs/heads/main 0\n", f"x {'e' * 40} refs/heads/x {NONE}\n", "\xff\n"]
)
def test_lines_that_are_not_gits_are_a_failure(pusher: Pusher, feed: str) -> None:
    done = pusher.run(feed)
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.startswith(b"detect-pypi-token-in-push: ")
    assert done.stderr.count(b"\n") == 1


def test_git_that_fails_is_two(pusher: Pusher) -> None:
    feed = pusher.line("HEAD")
    bare = {"GIT_DIR": str(pusher.folder / "nowhere")}
    assert pusher.run(feed, **bare).returncode == 2
    done = pusher.run(feed, PATH=str(pusher.folder))
    assert (done.returncode, done.stderr) == (2, b"detect-pypi-token-in-push: git is not on the PATH\n")
    (pusher.work / ".git" / "refs" / "remotes" / "origin" / "other").write_text("e" * 40 + "\n")
    assert pusher.run(feed).returncode == 2


def test_replaced_objects_are_read_as_they_are(pusher: Pusher) -> None:
    bad = pusher.commit({"a": TOKEN})
    pusher.commit({"a": "clean\n"})
    pusher.git("replace", bad, pusher.first)
    assert pusher.found(pusher.line("HEAD")) == [("a", bad, MAIN)]


@pytest.mark.parametrize("name", ["text", "sarif", "github"])
def test_every_format_tells_every_kind_of_finding(pusher: Pusher, name: str) -> None:
    pusher.commit({"a": TOKEN, f"{TOKEN}.txt": "x"}, TOKEN, GIT_AUTHOR_NAME=TOKEN)
    pusher.git("tag", "-a", "-m", TOKEN, "v1")
    feed = pusher.line("v1", f"refs/tags/{TOKEN}", NONE)
    done = pusher.run(feed, "--format", name, "origin", "url")
    assert done.returncode == 1
    assert done.stdout
