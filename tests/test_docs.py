"""The pages: their links, their workflows, their commands and their examples hold."""
from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml

from pypi_token_hooks import __version__
from pypi_token_hooks import model
from pypi_token_hooks import rules
from pypi_token_hooks.policy import pragmas
from pypi_token_hooks.reports import json_
from pypi_token_hooks.reports import words
from tests import hiding
from tests import mint
from tests import reporting
from tests.machine import ROOT
from tests.machine import Machine
from tests.pages import script

PAGES = sorted((*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), *(ROOT / "bench").glob("*.md")))
HOOKS = (*reporting.DETECTING, *reporting.CHECKING)
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"\]\(([^)\s]+)\)")


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def blocks(language: str) -> Iterator[Any]:
    """Yields the blocks of code in that language, each with the page it is on."""
    for page in PAGES:
        for number, found in enumerate(_BLOCK.finditer(page.read_text(encoding="utf-8"))):
            if found[1] == language:
                yield pytest.param(found[2], id=f"{name_of(page)}-{number}")


def anchors(page: Path) -> set[str]:
    """Returns the anchors that GitHub gives the headings of a page."""
    heads = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", head.lower()).replace(" ", "-") for head in heads}


def examples() -> ModuleType:
    return script("make_examples")


def test_every_rule_has_its_anchor_and_every_anchor_its_rule() -> None:
    assert [rule.page for rule in rules.RULES] == [f"rules.md#{rule.id}" for rule in rules.RULES]
    heads = re.findall(r"^## (.+)$", (ROOT / "docs" / "rules.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(heads) == sorted(rules.BY_ID)
    assert set(rules.BY_ID) <= anchors(ROOT / "docs" / "rules.md")


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_between_the_pages_lead_somewhere(page: Path) -> None:
    for link in _LINK.findall(page.read_text(encoding="utf-8")):
        if "://" in link:
            continue
        name, _, anchor = link.partition("#")
        target = page.parent / name if name else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


@pytest.mark.parametrize("text", list(blocks("yaml")))
def test_workflows_are_yaml_and_name_hooks_that_exist(text: str) -> None:
    document = yaml.safe_load(text)
    if isinstance(document, list):  # to be added to the hooks of an entry
        document = {"repos": [{"repo": "…/pypi-token-hooks", "hooks": document}]}
    assert isinstance(document, dict)
    for repository in document.get("repos", ()):
        if repository["repo"].endswith("/pypi-token-hooks"):
            assert {hook["id"] for hook in repository["hooks"]} <= set(HOOKS)
    for name in document.get("ci", {}).get("skip", ()):
        assert name in HOOKS
    for job in document.get("jobs", {}).values():
        assert job["runs-on"] and job["steps"]
        assert all(("uses" in step) != ("run" in step) for step in job["steps"])


@pytest.mark.parametrize("text", [p for p in blocks("yaml") if "repos:" in p.values[0]])
def test_configurations_are_valid_for_pre_commit(text: str, tmp_path: Path) -> None:
    from pre_commit.clientlib import load_config

    path = tmp_path / ".pre-commit-config.yaml"
    path.write_text(text, encoding="utf-8")
    assert load_config(str(path))["repos"]


def commands() -> Iterator[Any]:
    """Yields each command of ours in shell blocks, workflows and examples, with its arguments."""
    seen = set()
    names = "|".join(sorted(HOOKS, key=len, reverse=True))
    for page in PAGES:
        for found in _BLOCK.finditer(page.read_text(encoding="utf-8")):
            if found[1] not in ("sh", "yaml", "console"):
                continue
            for line in found[2].splitlines():
                called = re.search(rf"(?:^|[\s/;])({names})((?: [^>|&]+)?)", line)
                if called and "id:" not in line and "skip:" not in line and not line.strip().endswith(":"):
                    command = (called[1], *called[2].split())
                    if command not in seen:
                        seen.add(command)
                        yield pytest.param(command, id=f"{name_of(page)}-{' '.join(command)}")


@pytest.mark.parametrize("command", list(commands()))
def test_every_command_in_the_pages_is_understood(command: tuple[str, ...], tmp_path: Path) -> None:
    """The command line is parsed by the hook itself and must be no wrong usage."""
    script = (
        "import argparse, importlib, sys\n"
        "parse = argparse.ArgumentParser.parse_args\n"
        "def once(self, *a, **k):\n    parse(self, *a, **k)\n    raise SystemExit(77)\n"
        "argparse.ArgumentParser.parse_args = once\n"
        f"module = importlib.import_module('pypi_token_hooks.{command[0].replace('-', '_')}')\n"
        f"sys.exit(module.main({list(command[1:])!r}))\n"
    )
    python = [sys.executable, "-c", script]
    done = subprocess.run(python, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 77), done.stderr


def test_every_block_is_of_a_kind_that_is_tested() -> None:
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        outside = examples()._EXAMPLE.sub("", text)
        kinds = {found[1] for found in _BLOCK.finditer(outside)}
        assert kinds <= {"yaml", "sh", "python", "ini"}, (page.name, "an output belongs into an example")
        assert text.count("```") == 2 * len(_BLOCK.findall(text)), (page.name, "a block without a language")


@pytest.mark.parametrize("text", list(blocks("python")))
def test_python_blocks_compile(text: str) -> None:
    compile(text, "page", "exec")


@pytest.mark.parametrize("text", list(blocks("ini")))
def test_ini_blocks_are_what_twine_reads(text: str, tmp_path: Path) -> None:
    from twine.utils import get_config

    path = tmp_path / ".pypirc"
    path.write_text(text, encoding="utf-8")
    read = get_config(str(path))
    assert {name: section["username"] for name, section in read.items()} == {
        "pypi": "__token__", "testpypi": "__token__"
    }
    assert all(str(section["password"]).startswith("<") for section in read.values())


@pytest.mark.skipif(shutil.which("bash") is None, reason="the blocks are for a shell")
@pytest.mark.parametrize("text", list(blocks("sh")))
def test_shell_blocks_are_understood_by_the_shell(text: str) -> None:
    done = subprocess.run(["bash", "-n"], input=text, text=True, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_gitlab_report_is_made_of_the_findings(tmp_path: Path) -> None:
    text = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
    (job,) = (p.values[0] for p in blocks("yaml") if "codequality" in p.values[0])
    script = next(step for step in yaml.safe_load(job)["detect-pypi-token"]["script"] if "<<'EOF'" in step)
    assert "gl-code-quality-report.json" in text
    report = reporting.report("detect-pypi-token")
    (tmp_path / "findings.json").write_text("".join(json_.render("detect-pypi-token", report, reporting.options())))
    code = script.split("<<'EOF'\n")[1].split("\nEOF")[0]
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True)
    made = json.loads((tmp_path / "gl-code-quality-report.json").read_text())
    assert len(made) == len(report.findings)
    assert len({item["fingerprint"] for item in made}) == len(made)
    for item, finding in zip(made, report.findings, strict=True):
        assert item["location"] == {"path": finding.place.path, "lines": {"begin": finding.line}}
        assert item["severity"] in ("blocker", "critical") and item["description"] and item["check_name"]


def test_the_comments_in_the_pages_allow() -> None:
    text = (ROOT / "docs" / "detect-secrets.md").read_text(encoding="utf-8")
    block = next(found[2] for found in _BLOCK.finditer(text) if "pragma" in found[2]).splitlines()
    assert pragmas.allows("a.py", block[0], "")
    assert pragmas.allows("a.py", block[3], block[2])


@pytest.mark.skipif(shutil.which("bash") is None, reason="the block is for a shell")
def test_the_commands_for_detect_secrets_work(tmp_path: Path) -> None:
    text = (ROOT / "docs" / "detect-secrets.md").read_text(encoding="utf-8")
    script = next(found[2] for found in _BLOCK.finditer(text) if found[1] == "sh")
    (tmp_path / "README.md").write_text("Nothing here.\n")
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    subprocess.run(["git", "add", "."], cwd=tmp_path, check=True)
    run = f'set -e; python3() {{ "{sys.executable}" "$@"; }};'
    run += ' detect-secrets() { python3 -m detect_secrets "$@"; };'
    run += ' detect-secrets-hook() { git add .; python3 -m detect_secrets.pre_commit_hook "$@"; };' + script
    done = subprocess.run(["bash", "-c", run], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    used = json.loads((tmp_path / ".secrets.baseline").read_text())["plugins_used"]
    assert any(plugin.get("path", "").endswith("/pypi_plugin.py") for plugin in used)


def in_shell(machine: Machine, text: str, cwd: Path, stubs: str = "") -> subprocess.CompletedProcess[bytes]:
    """Runs a block as it stands in a page, with our commands from this checkout and `stubs` for other programs."""
    ours = "".join(
        f'{hook}() {{ "{sys.executable}" -m pypi_token_hooks.{hook.replace("-", "_")} "$@"; }}\n' for hook in HOOKS
    )
    env = {**machine.env, "PATH": os.environ["PATH"]}
    return subprocess.run(["bash", "-c", ours + stubs + text], cwd=cwd, env=env, capture_output=True, check=False)


@pytest.mark.skipif(shutil.which("bash") is None, reason="the block is for a shell")
@pytest.mark.parametrize("leaks", [False, True])
def test_a_release_that_holds_a_token_is_not_uploaded(machine: Machine, tmp_path: Path, leaks: bool) -> None:
    page = (ROOT / "docs" / "detect-pypi-token-in-dist.md").read_text(encoding="utf-8")
    (recipe,) = (found[2] for found in _BLOCK.finditer(page) if found[1] == "sh")
    with zipfile.ZipFile(tmp_path / "demo-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("demo.py", f"T = '{mint.token(seed=3) if leaks else ''}'\n")
    build = 'python3() { mkdir dist && cp *.whl dist/; }\ntwine() { echo "twine $*"; }\n'
    done = in_shell(machine, recipe, tmp_path, build)
    assert (done.returncode, b"twine upload" in done.stdout) == ((1, False) if leaks else (0, True)), done.stderr


@pytest.mark.skipif(shutil.which("bash") is None, reason="the block is for a shell")
def test_the_command_that_lets_git_ignore_pypirc_does(machine: Machine, tmp_path: Path) -> None:
    page = (ROOT / "docs" / "account-setup.md").read_text(encoding="utf-8")
    (command,) = (found[2] for found in _BLOCK.finditer(page) if found[1] == "sh")
    repository = machine.repository(tmp_path / "repository")
    assert [in_shell(machine, command, repository).returncode for _ in range(2)] == [model.FOUND, model.CLEAN]
    assert machine.git(repository, "check-ignore", "--no-index", "sub/.pypirc") == b"sub/.pypirc\n"


@pytest.mark.skipif(os.name == "nt", reason="the scripts are for a shell")
def test_the_scripts_for_git_alone_guard_commits_messages_and_pushes(machine: Machine, tmp_path: Path) -> None:
    page = (ROOT / "docs" / "hook-managers.md").read_text(encoding="utf-8")
    scripts = [found[2] for found in _BLOCK.finditer(page) if found[1] == "sh" and found[2].startswith("#!/bin/sh\n")]
    repository = machine.repository(tmp_path / "repository")
    for name, script_ in zip(("pre-commit", "commit-msg", "pre-push"), scripts, strict=True):
        (repository / ".git" / "hooks").mkdir(exist_ok=True)
        (repository / ".git" / "hooks" / name).write_text(script_)
        (repository / ".git" / "hooks" / name).chmod(0o755)
    for hook in HOOKS:
        command = tmp_path / "bin" / hook
        command.parent.mkdir(exist_ok=True)
        command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m pypi_token_hooks.{hook.replace("-", "_")} "$@"\n')
        command.chmod(0o755)
    machine.env["PATH"] = f"{tmp_path / 'bin'}:{machine.env['PATH']}"

    def code(*arguments: str) -> int:
        return subprocess.run(("git", *arguments), cwd=repository, env=machine.env, capture_output=True, check=False).returncode

    (repository / "a.py").write_text(f"T = '{mint.token(seed=3)}'\n")
    machine.git(repository, "add", ".")
    assert code("commit", "-m", "leak") == 1
    machine.hook("check-pypirc-ignored", "--fix", cwd=repository)
    assert code("commit", "-m", "leak") == 1
    (repository / "a.py").write_text("T = None\n")
    assert (code("commit", "-a", "-m", mint.token(seed=3)), code("commit", "-a", "-m", "clean")) == (1, 0)
    remote = machine.repository(tmp_path / "remote.git", "--bare")
    assert (code("push", str(remote), "main"), code("push", str(remote), f"main:{mint.token(seed=3)}")) == (0, 1)


def test_every_practice_names_the_hook_that_holds_it_and_every_hook_has_one() -> None:
    page = (ROOT / "docs" / "account-setup.md").read_text(encoding="utf-8")
    rows = [line.split("|")[2] for line in page.splitlines() if line.startswith("| ")][2:]
    named = {name for row in rows for name in re.findall(r"`([a-z-]+)`", row) if not name.startswith("--")}
    checks = set(re.findall(r"^\| `([a-z-]+)` \|", (ROOT / "docs" / "check-pypirc.md").read_text(encoding="utf-8"), re.MULTILINE))
    assert checks and named <= {*HOOKS, *rules.BY_ID, *checks}
    assert set(HOOKS) <= named


def test_the_table_of_exit_codes_is_that_of_the_program() -> None:
    text = (ROOT / "docs" / "exit-codes.md").read_text(encoding="utf-8")
    codes = [int(code) for code in re.findall(r"^\| (\d+) \|", text, re.MULTILINE)]
    assert codes == [model.CLEAN, model.FOUND, model.FAILED, 130, model.UNHEARD]


def test_the_readings_are_all_told() -> None:
    page = (ROOT / "docs" / "formats.md").read_text(encoding="utf-8")
    told = set(re.findall(r"`([^`]+)`", page.partition("| `readings` |")[2].partition("\n")[0]))
    assert told == {way.reading for way in hiding.ALL} | {"margin", "patch", "quotes", "line-ends"}
    assert words.READINGS.keys() <= told


def test_the_pages_name_the_version_that_this_is() -> None:
    text = "".join(page.read_text(encoding="utf-8") for page in PAGES)
    named = re.findall(r"\bpypi-token-hooks(?:@|\s+rev: )v(\d+\.\d+\.\d+)", text)
    assert len(named) > 5 and set(named) == {__version__}


def test_the_keys_of_the_json_schema_are_all_told() -> None:
    text = (ROOT / "docs" / "formats.md").read_text(encoding="utf-8")
    hook = "detect-pypi-token"
    document = json.loads("".join(json_.render(hook, reporting.report(hook), reporting.options())))
    keys = {*document, *document["findings"][0], *document["findings"][0]["token"], *document["skipped"][0]}
    keys |= {*document["scanned"], *document["allowed"]}
    assert sorted(key for key in keys if f"`{key}`" not in text) == []


@pytest.mark.parametrize("page", examples().pages(), ids=name_of)
def test_the_examples_are_current(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert examples().renewed(text) == text, "run: python docs/make_examples.py"


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_no_page_holds_a_token(page: Path) -> None:
    assert not re.search(r"(pypi|devpi)-Ag[A-Za-z0-9_-]{30,}", page.read_text(encoding="utf-8"))
