"""The plugin in detect-secrets itself: its three commands, run as processes in a repository."""
from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import pypi_token_hooks
from pypi_token_hooks import policy
from pypi_token_hooks.model import Finding
from pypi_token_hooks.model import Place
from pypi_token_hooks.model import Secret
from tests import mint

PLUGIN = Path(pypi_token_hooks.__file__).parent / "detect_secrets_plugin.py"
TOKEN = mint.token(seed=11)
PASSWORD = "Tr0ub4dor-3-correct-horse"
PYPIRC = (
    "[distutils]\nindex-servers = priv\n\n"
    f"[priv]\nrepository = https://h/\nusername = u\npassword = {PASSWORD}\n"
)


def sha1(text: str) -> str:
    return hashlib.sha1(text.encode()).hexdigest()


@pytest.fixture()
def repo(tmp_path: Path) -> Path:
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    return tmp_path


def run(repo: Path, module: str, *args: str, given: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", module, *args]
    return subprocess.run(command, cwd=repo, input=given, capture_output=True, text=True, check=False)


def scan(repo: Path, *args: str) -> dict[str, Any]:
    done = run(repo, "detect_secrets", "scan", *args)
    assert done.returncode == 0, done.stderr
    loaded: dict[str, Any] = json.loads(done.stdout)
    return loaded


OTHERS = ("KeywordDetector", "Base64HighEntropyString", "HexHighEntropyString", "BasicAuthDetector")
ALONE = [option for name in OTHERS for option in ("--disable-plugin", name)]


def only_ours(repo: Path, *names: str) -> dict[str, list[tuple[str, int, str]]]:
    """Returns what our detector found, by file: type, line, hash."""
    results = scan(repo, "-p", str(PLUGIN), *ALONE, *names)["results"]
    return {
        path: [(item["type"], item["line_number"], item["hashed_secret"]) for item in items]
        for path, items in results.items()
    }


@pytest.mark.parametrize(
    "host, prefix",
    [("pypi.org", "pypi-"), ("upload.pypi.org", "pypi-"), ("pypi.example.com", "pypi-"), ("h", "devpi-")],
)
def test_scan_finds_tokens_of_every_host_cut_where_they_end(repo: Path, host: str, prefix: str) -> None:
    token = mint.token(host, prefix=prefix, seed=12)
    (repo / "a.py").write_text(f"x = 1\nproject_id = '{token}glued'\n")
    assert only_ours(repo, "a.py") == {"a.py": [("PyPI Token", 2, sha1(token))]}


@pytest.mark.parametrize(
    "text",
    [TOKEN[:100], "pypi-AgEIcHlwaS5vcmc" + "x" * 100, "pypi-AgEIcHlwaS5vcmc" + "A" * 100, "pypi-AgEI..."],
)
def test_scan_leaves_the_examples_alone_that_the_built_in_detector_stops(repo: Path, text: str) -> None:
    (repo / "a.md").write_text(f"Write `{text}` here.\n")
    assert only_ours(repo, "a.md") == {}


def test_the_built_in_detector_is_replaced_not_joined(repo: Path) -> None:
    (repo / "a.md").write_text(f"TWINE_PASSWORD {TOKEN}\n")
    document = scan(repo, "-p", str(PLUGIN), "a.md")
    used = [plugin for plugin in document["plugins_used"] if plugin["name"] == "PypiTokenDetector"]
    assert used == [{"name": "PypiTokenDetector", "path": f"file://{PLUGIN}"}]
    tokens = [item for item in document["results"]["a.md"] if item["type"] == "PyPI Token"]
    assert len(tokens) == 1
    built_in = [item for item in scan(repo, "a.md")["results"]["a.md"] if item["type"] == "PyPI Token"]
    assert tokens == built_in, "the same entry: a baseline of either is valid for both"


@pytest.mark.parametrize("name", [".pypirc", "upload.txt", "upload.ini", "x.cfg"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_scan_finds_the_password_of_a_pypirc(repo: Path, name: str, end: str) -> None:
    (repo / name).write_bytes(PYPIRC.replace("\n", end).encode())
    assert only_ours(repo, name) == {name: [("Secret Keyword", 7, sha1(PASSWORD))]}


def test_a_token_as_the_password_is_one_finding(repo: Path) -> None:
    (repo / "p.txt").write_text(PYPIRC.replace(PASSWORD, TOKEN))
    assert only_ours(repo, "p.txt") == {"p.txt": [("PyPI Token", 7, sha1(TOKEN))]}


def test_a_password_in_another_file_is_none(repo: Path) -> None:
    (repo / "p.txt").write_text(f"[mysql]\nuser = u\npassword = {PASSWORD}\n")
    assert only_ours(repo, "p.txt") == {}


def test_the_hook_stops_both_and_a_baseline_lets_them_pass(repo: Path) -> None:
    (repo / "a.md").write_text(f"x {TOKEN}\n")
    (repo / "p.txt").write_text(PYPIRC)
    done = run(repo, "detect_secrets.pre_commit_hook", "-p", str(PLUGIN), "a.md", "p.txt")
    assert done.returncode == 1
    assert "PyPI Token" in done.stdout and "a.md:1" in done.stdout
    assert "Secret Keyword" in done.stdout and "p.txt:7" in done.stdout
    assert TOKEN[30:] not in done.stdout and PASSWORD not in done.stdout
    (repo / ".secrets.baseline").write_text(json.dumps(scan(repo, "-p", str(PLUGIN), "a.md", "p.txt")))
    subprocess.run(["git", "add", ".secrets.baseline"], cwd=repo, check=True)
    done = run(repo, "detect_secrets.pre_commit_hook", "--baseline", ".secrets.baseline", "a.md", "p.txt")
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_hook_heeds_a_pragma(repo: Path) -> None:
    (repo / "a.py").write_text(f"x = '{TOKEN}'  # pragma: allowlist secret\n")
    assert run(repo, "detect_secrets.pre_commit_hook", "-p", str(PLUGIN), "a.py").returncode == 0


@pytest.mark.parametrize("name", [".pypirc", "p.ini", "p.txt"])
def test_audit_finds_its_secrets_again(repo: Path, name: str) -> None:
    (repo / "a.md").write_text(f"x {TOKEN}\n")
    (repo / name).write_text(PYPIRC)
    baseline = repo / ".secrets.baseline"
    document = scan(repo, "-p", str(PLUGIN), "a.md", name)
    types = {item["type"] for items in document["results"].values() for item in items}
    assert {"PyPI Token", "Secret Keyword"} <= types
    baseline.write_text(json.dumps(document))
    done = run(repo, "detect_secrets", "audit", str(baseline), given="n\n" * 10)
    assert done.returncode == 0, done.stderr
    assert "not found" not in done.stdout.lower() + done.stderr.lower()
    judged = json.loads(baseline.read_text())["results"]
    assert all(item["is_secret"] is True for items in judged.values() for item in items)


@pytest.mark.parametrize("plugin", [[], ["-p", str(PLUGIN)]])
@pytest.mark.parametrize("glued", ["", "glued"])
def test_a_baseline_made_by_detect_secrets_is_valid_for_our_hooks(
    repo: Path, plugin: list[str], glued: str
) -> None:
    line = f"x {TOKEN}{glued}"
    (repo / "a.md").write_text(line + "\n")
    (repo / "baseline").write_text(json.dumps(scan(repo, *plugin, "a.md")))
    found = Finding("pypi-token", "certain", Place("a.md"), 1, 3, (), Secret(TOKEN.encode()))
    kept, counts = policy.allow([found], lambda _: (line.encode(), b"", b""), str(repo / "baseline"))
    assert (kept, counts["baseline"]) == ([], 1)
    other = found._replace(secret=Secret(mint.token(seed=99).encode()))
    assert policy.allow([other], lambda _: (line.encode(), b"", b""), str(repo / "baseline"))[0] == [other]


def test_a_file_of_the_repository_can_bring_the_plugin(repo: Path) -> None:
    """As docs/detect-secrets.md tells it for pre-commit, where the installed file's place is not known."""
    (repo / "pypi_plugin.py").write_text(
        "from pypi_token_hooks.detect_secrets_plugin import PypiTokenDetector  # noqa: F401\n"
    )
    (repo / "p.txt").write_text(PYPIRC.replace("username = u", f"username = {TOKEN}"))
    done = run(repo, "detect_secrets.pre_commit_hook", "-p", "pypi_plugin.py", "p.txt")
    assert done.returncode == 1
    assert "PyPI Token" in done.stdout and "Secret Keyword" in done.stdout


def test_scan_of_a_string(repo: Path) -> None:
    done = run(repo, "detect_secrets", "scan", "-p", str(PLUGIN), "--string", TOKEN)
    assert any(line.startswith("PypiTokenDetector") and "True" in line for line in done.stdout.splitlines())
