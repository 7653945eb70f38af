"""The lists that exist more than once are equal: hooks, rules, and what git and the runners are told of them."""
from __future__ import annotations

import ast
import configparser
import pathlib
import re
import shutil
import subprocess
import sys
import sysconfig
from typing import Any

import pytest
import yaml
from pre_commit.clientlib import load_manifest

from pypi_token_hooks import __version__
from pypi_token_hooks import rules
from pypi_token_hooks.model import empty_report
from pypi_token_hooks.reports import sarif
from tests import reporting
from tests.machine import ROOT

MANIFEST = ROOT / ".pre-commit-hooks.yaml"
PACKAGE = ROOT / "hooks" / "pypi_token_hooks"
HEADINGS = ["Stops", "Lets pass", "Options", "Example", "Remedy", "Limits"]
ENTRIES: list[dict[str, Any]] = yaml.safe_load(MANIFEST.read_text(encoding="utf-8"))
IDS = sorted(entry["id"] for entry in ENTRIES)


def headings(page: pathlib.Path) -> list[str]:
    return re.findall(r"^## (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)


def setup() -> configparser.ConfigParser:
    parser = configparser.ConfigParser()
    parser.read(ROOT / "setup.cfg", encoding="utf-8")
    return parser


def scripts() -> dict[str, str]:
    """Returns the console scripts and what they call."""
    lines = setup()["options.entry_points"]["console_scripts"].strip().splitlines()
    pairs = (line.partition("=") for line in lines)
    return {name.strip(): called.strip() for name, _, called in pairs}


def constant(path: pathlib.Path, name: str) -> object:
    """Returns the value of a constant of a module, which is not imported for it."""
    for statement in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(statement, ast.Assign) and getattr(statement.targets[0], "id", None) == name:
            return ast.literal_eval(statement.value)
    return None


def module_of(hook: str) -> str:
    return hook.replace("-", "_")


def test_pre_commit_accepts_the_manifest() -> None:
    assert sorted(entry["id"] for entry in load_manifest(str(MANIFEST))) == IDS


def test_pre_commits_own_command_accepts_the_manifest() -> None:
    command = (sys.executable, "-m", "pre_commit", "validate-manifest", str(MANIFEST))
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_prek_accepts_the_manifest() -> None:
    prek = shutil.which("prek", path=sysconfig.get_path("scripts")) or shutil.which("prek")
    assert prek, "prek is in the dev extra"
    done = subprocess.run((prek, "validate-manifest", str(MANIFEST)), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_an_id_is_its_own_entry() -> None:
    assert [entry["entry"] for entry in ENTRIES] == [entry["id"] for entry in ENTRIES]
    assert len(set(IDS)) == len(IDS) == 8


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: str(entry["id"]))
def test_every_entry_says_when_it_runs_and_on_what(entry: dict[str, Any]) -> None:
    (stage,) = entry["stages"]
    assert entry["language"] == "python" and entry["name"] and entry["description"].endswith(".")
    if stage == "commit-msg":
        assert not entry.get("always_run") and entry.get("pass_filenames", True), "it is given the message's file"
    elif "types_or" in entry:
        assert sorted(entry["types_or"]) == ["file", "symlink"], "files of every kind, and links"
        assert entry["types"] == [], "left out, it is [file], and no link would ever be looked at"
        assert not {"files", "exclude", "exclude_types"} & set(entry), "no file is passed over"
    else:
        assert entry["always_run"] is True and entry["pass_filenames"] is False


def test_an_entry_has_a_command() -> None:
    assert scripts() == {hook: f"pypi_token_hooks.{module_of(hook)}:script" for hook in IDS}


def test_a_command_has_a_module_and_a_module_a_command() -> None:
    named = {path.stem: constant(path, "HOOK") for path in PACKAGE.glob("*.py")}
    assert {stem: hook for stem, hook in named.items() if hook} == {module_of(hook): hook for hook in IDS}


@pytest.mark.parametrize("hook", IDS)
def test_a_module_answers_under_its_name(hook: str) -> None:
    command = (sys.executable, "-m", f"pypi_token_hooks.{module_of(hook)}", "--version")
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{hook} {__version__}\n", "")


def test_the_version_is_told_once_for_all() -> None:
    assert setup()["metadata"]["version"] in (__version__, "attr: pypi_token_hooks.__version__")


def test_a_hook_has_a_test_file() -> None:
    assert [hook for hook in IDS if not (ROOT / "tests" / f"test_{module_of(hook)}.py").is_file()] == []


def test_a_hook_has_a_page_with_the_same_headings() -> None:
    pages = {page.stem: headings(page) for page in (ROOT / "docs").glob("*.md")}
    ours = {stem: heads for stem, heads in pages.items() if "Stops" in heads or stem in IDS}
    assert ours == dict.fromkeys(IDS, HEADINGS)


def test_a_hook_has_a_row_in_the_readme() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\|\s*\[`([a-z-]+)`\]\(docs/([a-z-]+)\.md\)\s*\|", text, re.MULTILINE)
    assert sorted(rows) == [(hook, hook) for hook in IDS]


def test_the_tests_of_reports_know_every_hook() -> None:
    assert sorted((*reporting.DETECTING, *reporting.CHECKING)) == IDS


def test_rules_are_the_same_in_the_table_the_page_and_sarif(capsys: pytest.CaptureFixture[str]) -> None:
    told = [rule.id for rule in rules.RULES]
    assert sorted(headings(ROOT / "docs" / "rules.md")) == sorted(told) == sorted(rules.PRECEDENCE)
    shown = "".join(sarif.render("detect-pypi-token", empty_report(), reporting.options("sarif")))
    listed = yaml.safe_load(shown)["runs"][0]["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in listed] == told
    assert [rule["helpUri"] for rule in listed] == [f"{rules.DOCS}rules.md#{rule}" for rule in told]


def test_every_folder_of_the_package_is_installed() -> None:
    assert setup()["options.packages.find"]["where"] == "hooks"
    lacking = {path.parent for path in PACKAGE.rglob("*.py")} - {path.parent for path in PACKAGE.rglob("__init__.py")}
    assert lacking == set()
