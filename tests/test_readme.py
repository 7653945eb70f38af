"""The README: its two commands, its entry, its picture; and this repository's own configuration of the hooks."""
from __future__ import annotations

import configparser
import re
import shlex
import xml.etree.ElementTree
from typing import Any

import pytest
import yaml

from tests import pages
from tests.machine import ROOT
from tests.machine import Machine

README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)
SHELL = [text for language, text in BLOCKS if language == "sh"]
MANIFEST = {entry["id"]: entry for entry in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())}
OWN: dict[str, Any] = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())
OWN_HOOKS = OWN["repos"][0]["hooks"]


@pytest.mark.parametrize("number", [0, 1])
def test_the_first_two_commands_are_one_line_that_needs_only_git_and_python(number: int) -> None:
    (line,) = SHELL[number].splitlines()
    first, *rest = line.split(" && ")
    assert first == "python3 -m venv .venv", "the system's Python may be marked as not to be installed into"
    assert rest and all(shlex.split(command)[0].startswith(".venv/bin/") for command in rest)


def test_the_first_command_runs_the_hooks_and_the_second_the_tests() -> None:
    hooks, tests = (block.strip().split(" && ")[-1] for block in SHELL[:2])
    assert hooks == ".venv/bin/pre-commit run --all-files"
    assert shlex.split(tests)[:3] == [".venv/bin/python", "-m", "pytest"]
    assert sum("pytest" in line for block in SHELL for line in block.splitlines()) == 1, ".ci/run takes the one line"


def test_the_commands_are_near_the_top() -> None:
    assert README.index(SHELL[1]) < 2500 and README.count("\n", 0, README.index(SHELL[1])) < 40


def test_what_the_commands_install_is_what_they_run() -> None:
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg", encoding="utf-8")
    dev = setup["options.extras_require"]["dev"].split()
    assert {"pytest", "pytest-xdist", "pre-commit", "prek"} <= {re.split(r"[<>=;]", name)[0] for name in dev}
    assert "'.[dev]'" in SHELL[1] and "-n auto" in SHELL[1]
    needed = [line for line in setup["options"]["install_requires"].strip().splitlines() if ";" not in line]  # the others are for speed
    assert all(hook["additional_dependencies"] == needed for hook in OWN_HOOKS)


def test_this_repository_runs_the_hooks_as_the_manifest_has_them() -> None:
    for hook in OWN_HOOKS:
        entry = MANIFEST[hook["id"]]
        module = hook["id"].replace("-", "_")
        assert f"from pypi_token_hooks.{module} import main" in hook["entry"]
        for key in ("name", "language", "types", "types_or", "always_run", "pass_filenames"):
            assert hook.get(key) == entry.get(key), (hook["id"], key)


def test_what_the_first_command_looks_at_is_clean_to_its_end(machine: Machine) -> None:
    """The hooks' own verdict on this checkout, without the time that a runner takes to install them."""
    names = machine.git(ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard").decode().split("\0")
    looked_at = [name for name in names if name and not re.match(OWN["exclude"], name)]
    done = machine.hook("detect-pypi-token", "--strict", *looked_at, cwd=ROOT)
    assert (done.returncode, done.stderr) == (0, b""), done.stdout.decode()
    assert machine.hook("forbid-pypirc", *looked_at, cwd=ROOT).returncode == 0


def test_the_entry_the_picture_and_this_repository_have_the_same_hooks() -> None:
    entry, _ = (yaml.safe_load(text) for language, text in BLOCKS if language == "yaml")
    ids = [hook["id"] for hook in entry["repos"][0]["hooks"]]
    assert ids == [hook["id"] for hook in OWN_HOOKS] == list(pages.script("make_picture").HOOKS)
    assert {hook: MANIFEST[hook]["name"] for hook in ids} == pages.script("make_picture").HOOKS


def test_what_the_readme_installs_and_runs_by_hand_is_what_its_entries_have() -> None:
    _, more = (yaml.safe_load(text) for language, text in BLOCKS if language == "yaml")
    added = [hook["id"] for hook in more]
    assert {MANIFEST[hook]["stages"][0] for hook in added} == {*re.findall(r"-t ([\w-]+)", README), "manual"}
    assert set(re.findall(r"--hook-stage manual --all-files ([\w-]+)", README)) <= set(added)


def test_the_picture_is_current() -> None:
    picture = pages.script("make_picture")
    assert picture.svg(picture.run()) == picture.PICTURE.read_text(encoding="utf-8"), "run: python docs/make_picture.py"


def test_the_picture_loads_nothing_and_shows_no_token() -> None:
    text = (ROOT / "docs" / "output.svg").read_text(encoding="utf-8")
    tags = {element.tag.rpartition("}")[2] for element in xml.etree.ElementTree.fromstring(text).iter()}
    assert tags == {"svg", "title", "rect", "text"}
    assert not re.search(r"href|url\(|@import|@font-face|style=", text)
    assert not re.search(r"(pypi|devpi)-Ag[A-Za-z0-9_-]{20,}", text)
    assert "docs/output.svg" in README


def test_the_rows_of_the_table_are_the_manifest_in_its_order() -> None:
    rows = re.findall(r"^\| \[`([\w-]+)`\]\(docs/\1\.md\) \| ([\w ,]+) \|", README, re.MULTILINE)
    stages = {"pre-commit": "commit", "commit-msg": "commit message", "pre-push": "push", "manual": "by hand"}
    assert [(hook, when.partition(",")[0]) for hook, when in rows] == [
        (hook, stages[entry["stages"][0]]) for hook, entry in MANIFEST.items()
    ]


def test_the_readme_is_short() -> None:
    assert len(README.split()) < 900
