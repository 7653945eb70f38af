"""What is about to be uploaded: wheels, sdists and whatever else is in dist/, with every member."""
from __future__ import annotations

import io
import json
import pathlib
import py_compile
import random
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Mapping
from typing import Any

import pytest

from tests import mint
from tests import packing
from tests.machine import Machine

HOOK = "detect-pypi-token-in-dist"
TOKEN = mint.token(seed=1)
PYPIRC = f"[pypi]\nusername = __token__\npassword = {TOKEN}\n"
WHEEL, SDIST = "example-1.0-py3-none-any.whl", "example-1.0.tar.gz"


NONE: Mapping[str, str | bytes] = {}


class Project:
    """A folder with a dist/, and the hook that is run in it."""

    def __init__(self, machine: Machine, folder: pathlib.Path) -> None:
        self.machine, self.folder, self.dist = machine, folder, folder / "dist"
        self.dist.mkdir(parents=True)

    def wheel(
        self, files: Mapping[str, str | bytes] = NONE, name: str = WHEEL, method: int = zipfile.ZIP_DEFLATED
    ) -> None:
        """Builds a wheel with the usual members, and these."""
        usual = {"example/__init__.py": "x = 1\n", "example-1.0.dist-info/METADATA": "Name: example\n",
                 "example-1.0.dist-info/RECORD": "example/__init__.py,,\n"}
        with zipfile.ZipFile(self.dist / name, "w", method) as archive:
            for path, content in {**usual, **files}.items():
                archive.writestr(path, content)

    def sdist(self, files: Mapping[str, str | bytes] = NONE, name: str = SDIST, mode: str = "w:gz") -> None:
        """Builds an sdist with these members."""
        with tarfile.open(self.dist / name, mode) as archive:  # type: ignore[call-overload]
            for path, content in {"PKG-INFO": "Name: example\n", **files}.items():
                data = content if isinstance(content, bytes) else content.encode()
                info = tarfile.TarInfo(f"example-1.0/{path}")
                info.size = len(data)
                archive.addfile(info, io.BytesIO(data))

    def check(self, *arguments: str) -> tuple[int, Any]:
        """Returns the exit code and the report; no secret is ever in it."""
        done = self.machine.hook(HOOK, "--format", "json", *arguments, cwd=self.folder)
        assert TOKEN[20:28].encode() not in done.stdout + done.stderr
        assert b"Traceback" not in done.stderr
        return done.returncode, json.loads(done.stdout)

    def found(self, *arguments: str) -> list[tuple[str, str, list[str], int]]:
        """Returns rule, file, members and line of each finding."""
        code, report = self.check(*arguments)
        found = [(one["rule"], one["path"], one["members"], one["line"]) for one in report["findings"]]
        assert code == bool(found)
        return sorted(found)


@pytest.fixture
def project(machine: Machine, tmp_path: pathlib.Path) -> Project:
    return Project(machine, tmp_path / "project")


def in_dist(name: str) -> str:
    return str(pathlib.Path("dist") / name)


def test_a_clean_release_passes_with_a_receipt(project: Project) -> None:
    project.wheel()
    project.sdist()
    code, report = project.check("--strict")
    assert (code, report["findings"], report["skipped"]) == (0, [], [])
    assert report["scanned"]["files"] == 2
    assert report["scanned"]["members"] == 3 + 1 + 1  # the tar file in the sdist is one, too


@pytest.mark.parametrize("member", ["example/.pypirc", ".pypirc", "example\\.pypirc"])
def test_a_pypirc_in_any_folder_of_a_wheel(project: Project, member: str) -> None:
    project.wheel({member: "[pypi]\n"})
    assert project.found() == [("pypirc-file", in_dist(WHEEL), [member], 1)]


@pytest.mark.parametrize(
    "member",
    [
        "example/upload.py", "example-1.0.dist-info/METADATA", "example-1.0.dist-info/RECORD", "example/data/settings.json",
        "example-1.0.data/scripts/release", "example-1.0.dist-info/direct_url.json", "example/__pycache__/x.cpython-311.pyc",
    ],
)
@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED])
def test_a_token_in_any_member_of_a_wheel(project: Project, member: str, method: int) -> None:
    project.wheel({member: f"one\ntwo {TOKEN}\n"}, method=method)
    assert project.found() == [("pypi-token", in_dist(WHEEL), [member], 2)]


@pytest.mark.parametrize(
    ("name", "mode"),
    [(SDIST, "w:gz"), ("example-1.0.tar.bz2", "w:bz2"), ("example-1.0.tar.xz", "w:xz")],
)
def test_a_token_in_a_member_of_an_sdist(project: Project, name: str, mode: str) -> None:
    project.sdist({"tools/release.sh": f"twine upload -p {TOKEN}\n"}, name, mode)
    assert project.found() == [("pypi-token", in_dist(name), ["example-1.0.tar", "example-1.0/tools/release.sh"], 1)]


def test_eggs_and_sdists_that_are_zip_files(project: Project) -> None:
    project.wheel({"EGG-INFO": f"{TOKEN}\n"}, "example-1.0-py3.11.egg")
    project.wheel({"README": f"{TOKEN}\n"}, "example-1.0.zip")
    assert [path for _, path, _, _ in project.found()] == [in_dist("example-1.0-py3.11.egg"), in_dist("example-1.0.zip")]


def test_compiled_code_holds_what_its_source_held(project: Project, tmp_path: pathlib.Path) -> None:
    (tmp_path / "x.py").write_text(f"TOKEN = {TOKEN!r}\n")
    py_compile.compile(str(tmp_path / "x.py"), str(tmp_path / "x.pyc"))
    project.wheel({"example/x.pyc": (tmp_path / "x.pyc").read_bytes()})
    assert [(rule, members) for rule, _, members, _ in project.found()] == [("pypi-token", ["example/x.pyc"])]


@pytest.mark.parametrize("name", [".pypirc", "sub/.pypirc", ".pypirc.bak", ".PYPIRC", ".pypirc~", ".pypirc (1)"])
def test_a_packed_pypirc_is_named_as_such_whatever_it_holds(project: Project, name: str) -> None:
    project.sdist({name: "[distutils]\n"})
    project.wheel({name: "[distutils]\n"})
    inner = ["example-1.0.tar", f"example-1.0/{name}"]
    assert project.found() == sorted(
        [("pypirc-file", in_dist(WHEEL), [name], 1), ("pypirc-file", in_dist(SDIST), inner, 1)]
    )


def test_a_packed_pypirc_with_a_token_is_two_findings(project: Project) -> None:
    project.sdist({".pypirc": PYPIRC})
    assert [(rule, line) for rule, _, _, line in project.found()] == [("pypi-token", 3), ("pypirc-file", 1)]


@pytest.mark.parametrize("name", [".pypirc.example", ".pypirc.j2", ".pypirc.gpg", "pypirc.md"])
def test_templates_and_encrypted_ones_pass(project: Project, name: str) -> None:
    project.sdist({name: "[pypi]\nusername = __token__\npassword = <your token>\n"})
    assert project.found() == []


def test_a_link_to_a_pypirc_and_one_of_that_name(project: Project) -> None:
    links = [packing.link(tarfile.SYMTYPE, "example-1.0/.pypirc", "/home/me/.pypirc")]
    (project.dist / SDIST).write_bytes(packing.tarred(b"", others=links, mode="w:gz"))
    assert ("pypirc-file", in_dist(SDIST), ["example-1.0.tar", "example-1.0/.pypirc"], 1) in project.found()


def test_files_beside_the_archives_are_read_too(project: Project) -> None:
    project.wheel()
    (project.dist / ".pypirc").write_text("[distutils]\n")
    (project.dist / "notes.txt").write_text(f"upload with\n{TOKEN}\n")
    (project.dist / "old").mkdir()
    (project.dist / "old" / "x.txt").write_text(TOKEN)
    assert project.found() == sorted(
        [
            ("pypirc-file", in_dist(".pypirc"), [], 1),
            ("pypi-token", in_dist("notes.txt"), [], 2),
            ("pypi-token", str(pathlib.Path("dist", "old", "x.txt")), [], 1),
        ]
    )


def test_named_files_and_folders_instead_of_dist(project: Project) -> None:
    project.wheel({"a.py": TOKEN})
    other = project.folder / "out"
    other.mkdir()
    (project.dist / WHEEL).rename(other / WHEEL)
    project.sdist()
    assert project.found() == []
    assert [path for _, path, _, _ in project.found("out")] == [str(pathlib.Path("out", WHEEL))]
    assert len(project.found(str(pathlib.Path("out", WHEEL)), "dist")) == 1
    assert len(project.found(*[str(pathlib.Path("out", WHEEL))] * 2)) == len(project.found("out", "out")) == 1


@pytest.mark.parametrize("arguments", [(), ("empty",), ("missing.whl",)])
def test_nothing_to_check_is_exit_code_2_and_says_so(machine: Machine, tmp_path: pathlib.Path, arguments: tuple[str, ...]) -> None:
    (tmp_path / "empty").mkdir()
    done = machine.hook(HOOK, *arguments, cwd=tmp_path)
    assert done.returncode == 2
    words = {(): b"there is no folder dist/", ("empty",): b"there is no file to check", ("missing.whl",): b"missing.whl"}
    assert words[arguments] in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_an_empty_dist_is_exit_code_2(project: Project) -> None:
    done = project.machine.hook(HOOK, cwd=project.folder)
    assert (done.returncode, b"build first" in done.stderr) == (2, True)


def test_a_dist_with_nothing_but_a_gitignore_is_empty(project: Project) -> None:
    (project.folder / "dist" / ".gitignore").write_text("*\n")
    done = project.machine.hook(HOOK, cwd=project.folder)
    assert (done.returncode, b"build first" in done.stderr) == (2, True)
    project.wheel({"a.py": b"x = 1\n"})
    assert project.machine.hook(HOOK, cwd=project.folder).returncode == 0


def test_a_damaged_wheel_passes_only_without_strict(project: Project) -> None:
    project.wheel({"data.bin": random.Random(1).randbytes(9000)})
    path = project.dist / WHEEL
    path.write_bytes(path.read_bytes()[:4000])
    code, report = project.check()
    assert (code, [one["reason"] for one in report["skipped"]]) == (0, ["damaged"])
    assert project.check("--strict")[0] == 1


@pytest.mark.parametrize("name", [WHEEL, SDIST, "example-1.0.ZIP"])
@pytest.mark.parametrize("content", [b"", b"<html>404</html>\n", b"version https://git-lfs.github.com/spec/v1\n"])
def test_a_distribution_that_is_no_archive_passes_only_without_strict(project: Project, name: str, content: bytes) -> None:
    (project.dist / name).write_bytes(content)
    (project.dist / "README.md").write_bytes(content)
    code, report = project.check()
    assert (code, [(one["path"], one["reason"]) for one in report["skipped"]]) == (0, [(in_dist(name), "damaged")])
    assert project.check("--strict")[0] == 1


def test_a_wheel_and_an_sdist_that_setuptools_built(project: Project) -> None:
    package = project.folder / "example"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "release.py").write_text(f"import os\n\nTOKEN = '{TOKEN}'\n")
    (project.folder / ".pypirc").write_text(PYPIRC)
    (project.folder / "MANIFEST.in").write_text("include .pypirc\n")
    (project.folder / "setup.py").write_text("from setuptools import setup\nsetup(name='example', version='1.0', packages=['example'])\n")
    command = (sys.executable, "-c", "import setuptools; exec(open('setup.py').read())", "-q", "sdist", "bdist_wheel")
    subprocess.run(command, cwd=project.folder, env=project.machine.env, capture_output=True, check=True)
    found = [(rule, path.rpartition(".")[2], members[-1]) for rule, path, members, _ in project.found()]
    assert sorted(found) == [
        ("pypi-token", "gz", "example-1.0/.pypirc"), ("pypi-token", "gz", "example-1.0/example/release.py"),
        ("pypi-token", "whl", "example/release.py"), ("pypirc-file", "gz", "example-1.0/.pypirc"),
    ]


def test_a_link_is_what_it_leads_to(project: Project) -> None:
    """An upload takes what a link leads to."""
    project.wheel({"example/a.py": f"x = '{TOKEN}'\n"})
    there = project.folder / "built"
    project.dist.rename(there)
    project.dist.mkdir()
    try:
        (project.dist / WHEEL).symlink_to(pathlib.Path("..") / "built" / WHEEL)
    except OSError:
        pytest.skip("no links here")
    found = [("pypi-token", in_dist(WHEEL), ["example/a.py"], 1)]
    assert project.found() == project.found(in_dist(WHEEL)) == found
    (project.dist / WHEEL).unlink()
    project.dist.rmdir()
    project.dist.symlink_to(there, target_is_directory=True)
    assert project.found() == project.found("dist") == found


def test_a_link_that_leads_to_no_file_is_told(project: Project) -> None:
    project.wheel()
    try:
        (project.dist / "gone.whl").symlink_to("nowhere")
        (project.dist / "folder").symlink_to(project.folder, target_is_directory=True)
    except OSError:
        pytest.skip("no links here")
    code, report = project.check("dist")
    assert code == 0 and report["scanned"]["files"] == 1
    assert sorted(one["path"] for one in report["skipped"]) == [in_dist("folder"), in_dist("gone.whl")]
    assert project.check("--strict", "dist")[0] == 1
