"""The three speeds of the hooks, by what they load: the clean path next to nothing, the found path everything."""
from __future__ import annotations

import json
import pathlib
import subprocess
import sys
from typing import NamedTuple

import pytest

from pypi_token_hooks import check_pypirc
from pypi_token_hooks import disk
from pypi_token_hooks import pieces
from pypi_token_hooks import quick
from tests import mint
from tests.machine import Machine

HEAVY = {"argparse", "re", "json", "subprocess", "identify", "detect_secrets", "configparser", "typing", "dataclasses"}
AT_MOST = 6  # modules of a clean run over those of an interpreter that does nothing
NOTHING = "import sys\n"
# what a console script does, and then what was loaded
CALL = """import sys
from pypi_token_hooks.{module} import main
try:
    code = main()
except SystemExit as error:
    code = error.code
"""
TELL = """loaded = sorted(sys.modules)
import json
json.dump(loaded, open({out!r}, "w"))
"""


class Run(NamedTuple):
    code: int
    output: str
    loaded: set[str]


def run(machine: Machine, folder: pathlib.Path, script: str, *arguments: str) -> Run:
    """Runs the script with these arguments in `folder`, in an interpreter of its own."""
    out = machine.home / "loaded.json"
    whole = script + TELL.format(out=str(out)) + ("sys.exit(code)\n" if "code" in script else "")
    done = subprocess.run(
        (sys.executable, "-c", whole, *arguments), cwd=folder, env=machine.env, capture_output=True, text=True,
        check=False, timeout=60,
    )
    assert not done.stderr, done.stderr
    return Run(done.returncode, done.stdout, set(json.loads(out.read_text())))


def hook(machine: Machine, folder: pathlib.Path, name: str, *arguments: str) -> Run:
    return run(machine, folder, CALL.format(module=name.replace("-", "_")), *arguments)


def test_what_the_clean_path_has_a_copy_of_not_to_load_more_is_the_same() -> None:
    assert quick.MAX_BYTES == pieces.MAX_WHOLE
    assert check_pypirc.OWNER_ONLY == disk.OWNER_ONLY


@pytest.fixture
def files(tmp_path: pathlib.Path) -> list[str]:
    """Ten files as a commit has them."""
    folder = tmp_path / "files"
    (folder / "src").mkdir(parents=True)
    names = [f"src/module{number}.py" for number in range(7)] + ["README.md", "logo.png", "link"]
    for name in names[:8]:
        (folder / name).write_text("def add(a: int, b: int) -> int:\n    return a + b\n" * 40)
    (folder / "logo.png").write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(256)) * 8)
    try:
        (folder / "link").symlink_to("README.md")
    except OSError:  # Windows without the privilege
        (folder / "link").write_text("README.md")
    return names


@pytest.mark.parametrize("name", ["detect-pypi-token", "forbid-pypirc"])
def test_a_clean_commit_loads_next_to_nothing(
    machine: Machine, tmp_path: pathlib.Path, files: list[str], name: str
) -> None:
    idle = run(machine, tmp_path / "files", NOTHING)
    clean = hook(machine, tmp_path / "files", name, *files)
    assert clean.code == 0 and "10 files" in clean.output
    more = clean.loaded - idle.loaded
    assert len(more) <= AT_MOST, sorted(more)
    assert not more & HEAVY


def test_credentials_of_this_machine_cost_a_clean_commit_little(
    machine: Machine, tmp_path: pathlib.Path, files: list[str]
) -> None:
    machine.env["TWINE_PASSWORD"] = mint.token(seed=30)
    machine.env["UV_PUBLISH_PASSWORD"] = "correct-horse-battery"
    (machine.home / ".pypirc").write_text(f"[pypi]\nusername = __token__\npassword = {mint.token(seed=31)}\n")
    idle = run(machine, tmp_path / "files", NOTHING)
    clean = hook(machine, tmp_path / "files", "detect-pypi-token", *files)
    assert clean.code == 0 and "10 files" in clean.output
    assert not (clean.loaded - idle.loaded) & (HEAVY - {"re"})


@pytest.mark.parametrize("given", [("--baseline", "base.json"), ("--baseline=base.json", "--strict")], ids=" ".join)
def test_a_baseline_costs_a_clean_commit_no_more_than_to_read_it(
    machine: Machine, tmp_path: pathlib.Path, files: list[str], given: tuple[str, ...]
) -> None:
    (tmp_path / "files" / "base.json").write_text('{"results": {}}')
    clean = hook(machine, tmp_path / "files", "detect-pypi-token", *given, *files)
    assert clean.code == 0 and "10 files" in clean.output
    assert not clean.loaded & {"argparse", "subprocess", "identify", "detect_secrets", "hyperscan", "pypi_token_hooks.engine"}


@pytest.mark.parametrize(
    "text",
    [
        "TOKEN=pypi-AgEIcHlwaS5vcmc...\n",
        "password: ${{ secrets.PYPI_API_TOKEN }} # for pypi\n",
        "[pypi]\nusername = __token__\npassword = changeme\n",
    ],
    ids=["truncated", "reference", "dummy"],
)
def test_a_suspect_is_read_without_detect_secrets(machine: Machine, tmp_path: pathlib.Path, text: str) -> None:
    (tmp_path / "README.md").write_text(text)
    suspect = hook(machine, tmp_path, "detect-pypi-token", "README.md")
    assert suspect.code == 0 and "nothing found" in suspect.output
    assert "pypi_token_hooks.detectors.token" in suspect.loaded, "it was not suspect at all"
    loaded = {module.partition(".")[0] for module in suspect.loaded}
    assert not loaded & {"detect_secrets", "identify", "requests", "yaml"}
    assert "pypi_token_hooks.policy" not in suspect.loaded


def test_a_finding_is_judged_by_the_policy_and_reported(machine: Machine, tmp_path: pathlib.Path) -> None:
    (tmp_path / "settings.py").write_text(f"TOKEN = '{mint.token(seed=32)}'\n")
    found = hook(machine, tmp_path, "detect-pypi-token", "settings.py")
    assert found.code == 1 and found.output.startswith("settings.py:1:10: pypi-token:")
    assert {"pypi_token_hooks.policy", "pypi_token_hooks.reports.text"} <= found.loaded


def test_a_forbidden_name_is_told_without_reading_anything(machine: Machine, tmp_path: pathlib.Path) -> None:
    found = hook(machine, tmp_path, "forbid-pypirc", ".pypirc")
    assert found.code == 1 and found.output.startswith(".pypirc:1:1: pypirc-file:")
    assert "detect_secrets" not in found.loaded


@pytest.mark.parametrize("name", ["detect-pypi-token", "forbid-pypirc"])
def test_help_needs_no_detect_secrets(machine: Machine, tmp_path: pathlib.Path, name: str) -> None:
    shown = hook(machine, tmp_path, name, "--help")
    assert shown.code == 0 and f"usage: {name}" in shown.output
    assert "detect_secrets" not in shown.loaded
