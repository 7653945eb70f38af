from __future__ import annotations

import base64
import gzip
import hashlib
import json
import os
import subprocess
import sys
import time
import urllib.parse
from pathlib import Path

import pytest
from hypothesis import example
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from pypi_token_hooks import policy
from pypi_token_hooks.detectors import token as token_detector
from pypi_token_hooks.model import CheckFailed
from pypi_token_hooks.model import Finding
from pypi_token_hooks.model import Place
from pypi_token_hooks.model import Secret
from pypi_token_hooks.policy import baseline
from pypi_token_hooks.policy import pragmas
from tests import mint
from tests import packing
from tests.machine import ASCII
from tests.machine import UTF8
from tests.machine import Machine
from tests.reporting import DETECTING

TOKEN = mint.token(seed=1)
NO_LINES = (b"", b"", b"")


def sha1(text: str) -> str:
    return hashlib.sha1(text.encode()).hexdigest()


def finding(path: str = "src/a.py", column: int = 1, secret: str = TOKEN) -> Finding:
    return Finding("pypi-token", "certain", Place(path), 1, column, (), Secret(secret.encode()))


def write_baseline(path: Path, results: object, **more: object) -> str:
    path.write_text(json.dumps({"version": "1.5.0", "plugins_used": [], "results": results, **more}))
    return str(path)


def oracle(path: str, line: str, before: str) -> bool:
    """detect-secrets' own answer."""
    from detect_secrets.filters.allowlist import is_line_allowlisted
    from detect_secrets.util.code_snippet import get_code_snippet

    context = get_code_snippet([before + "\n", line + "\n"], 2)
    return bool(is_line_allowlisted(path, line.rstrip(), context))


PIECES = st.sampled_from(
    [
        "#", "//", "/*", "*/", "'", "--", "<!--", "-->", " ", "\t", "  ", "x = 1", "pragma:", "pragma: ",
        "allowlist", "whitelist", " ", "-", "nextline", "secret", "secrets", "pragma: allowlist secret",
        "pragma:allowlist-secret", "pragma: whitelist secret", "pragma: allowlist nextline secret",
        "pragma: allowlist-nextline-secret", "Pragma: allowlist secret", "[x]", '"', "\u00e9",
    ]
)
LINES = st.lists(PIECES, max_size=8).map("".join)
PATHS = st.sampled_from(["a.py", "a.yaml", "a.yml", ".yaml", "dir.yaml/a", "a.html", "a"])


@settings(max_examples=1000, deadline=None)
@given(PATHS, LINES, LINES)
@example("a.yaml", "x # pragma: allowlist secret", "")
@example("a.html", "<b>x</b> <!-- # pragma: allowlist secret -->", "")
@example("a.html", "", "\t<!-- pragma: allowlist nextline secret -->")
def test_the_pragmas_are_those_of_detect_secrets(path: str, line: str, before: str) -> None:
    assert pragmas.allows(path, line, before) == oracle(path, line, before)


STYLES = [
    "x # pragma: allowlist secret", "x // pragma: allowlist secret", "x /* pragma: allowlist secret */",
    "x ' pragma: allowlist secret", "x -- pragma: allowlist secret", "x <!-- pragma: allowlist secret -->",
    "x # pragma: whitelist secret", "x # pragma:allowlist-secret", "x # pragma: allowlist secret, for a test",
]


@pytest.mark.parametrize("line", STYLES)
def test_each_comment_style_allows_its_line(line: str) -> None:
    assert pragmas.allows("a.py", line, "") and oracle("a.py", line, "")
    assert not pragmas.allows("a.py", "x", line)


@pytest.mark.parametrize(
    "sign, end", [("#", ""), ("//", ""), ("/*", " */"), ("'", ""), ("--", ""), ("<!--", " -->")]
)
def test_each_comment_style_allows_the_next_line(sign: str, end: str) -> None:
    comment = f"  {sign} pragma: allowlist nextline secret{end}"
    assert pragmas.allows("a.py", "x", comment)
    assert not pragmas.allows("a.py", comment, ""), "it speaks of the next line only"
    assert not pragmas.allows("a.py", "x", "y = 1" + comment), "nothing may stand before it"


@pytest.mark.parametrize(
    "line",
    [
        "# " * 200_000, "#" + " " * 400_000 + "pragma: allowlist secret x",
        "pragma: allowlist secret" * 40_000,
        "<!--" + "# " * 200_000 + "pragma: allowlist secret",
    ],
)
def test_a_hostile_line_takes_no_time(line: str) -> None:
    begun = time.process_time()
    pragmas.allows("a.yaml", line, line)
    assert time.process_time() - begun < 5  # a hundred times what it takes; in proportion to the square it takes hours


@pytest.mark.parametrize(
    "line, before, allowed",
    [
        (b"t = 1  # pragma: allowlist secret\r", b"", 1),
        (b"t = 1", b"# pragma: allowlist nextline secret\r", 1),
        ("t = 1  # pragma: allowlist secret".encode("utf-16-le"), b"", 1),
        ("t = 1  # pragma: allowlist secret".encode("utf-32-be"), b"", 1),
        (b"t = 1  # pragma: allowlist", b"", 0),
        (b"t = \xff\xfe # pragma: allowlist secret", b"", 1),
        (b"", b"", 0),
        (b"t = 1\ry = 2 # pragma: allowlist secret", b"", 0),  # the comment is on another line
        (b"t = 1 # pragma: allowlist secret\ry = 2", b"", 1),
    ],
)
def test_pragmas_in_files_of_every_kind(line: bytes, before: bytes, allowed: int) -> None:
    kept, counts = policy.allow([finding(column=5)], lambda _: (line, before, b""), None)
    assert counts == {"inline": allowed, "baseline": 0}
    assert len(kept) == 1 - allowed


def test_a_lone_carriage_return_ends_the_line_before_too() -> None:
    lines = (b"# pragma: allowlist nextline secret\rt = 1\ru = 2", b"", b"")
    assert policy.allow([finding(column=41)], lambda _: lines, None)[0] == []
    assert policy.allow([finding(column=47)], lambda _: lines, None)[0] != []


@pytest.mark.parametrize(
    "listed, found",
    [
        ("src/a.py", "src/a.py"), ("src\\a.py", "src/a.py"), ("./src/a.py", "src/a.py"),
        ("src/a.py", "src\\a.py"), ("src/a.py", "./src/a.py"),
    ],
)
def test_a_baseline_allows_by_path_and_hash(tmp_path: Path, listed: str, found: str) -> None:
    path = write_baseline(tmp_path / "b", {listed: [{"type": "PyPI Token", "hashed_secret": sha1(TOKEN)}]})
    kept, counts = policy.allow([finding(found)], lambda _: NO_LINES, path)
    assert (kept, counts) == ([], {"inline": 0, "baseline": 1})


@pytest.mark.parametrize("listed, text", [("src/b.py", TOKEN), ("src/a.py", TOKEN[:-1]), ("a.py", TOKEN)])
def test_another_path_or_another_secret_is_not_allowed(tmp_path: Path, listed: str, text: str) -> None:
    path = write_baseline(tmp_path / "b", {listed: [{"hashed_secret": sha1(text)}]})
    kept, counts = policy.allow([finding()], lambda _: NO_LINES, path)
    assert (len(kept), counts["baseline"]) == (1, 0)


def test_an_absolute_path_below_the_working_directory_is_the_same_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path = write_baseline(tmp_path / "b", {"src/a.py": [{"hashed_secret": sha1(TOKEN)}]})
    kept, _ = policy.allow([finding(os.path.join(os.getcwd(), "src", "a.py"))], lambda _: NO_LINES, path)
    assert kept == []


def test_a_forbidden_file_is_not_allowed_by_any_baseline(tmp_path: Path) -> None:
    path = write_baseline(tmp_path / "b", {".pypirc": [{"hashed_secret": sha1("")}]})
    file = Finding("pypirc-file", "certain", Place(".pypirc"), 1, 1, (), None)
    assert policy.allow([file], lambda _: NO_LINES, path)[0] == [file]


@pytest.mark.parametrize("glued", ["", "abc", "-x_y", ".rest", "=="])
@pytest.mark.parametrize("host", ["pypi.org", "test.pypi.org"])
def test_what_the_built_in_detector_hashes_is_accepted(host: str, glued: str) -> None:
    from detect_secrets.plugins.pypi_token import PypiTokenDetector

    line = f"x = '{mint.token(host=host, seed=5)}{glued}'"
    built_in = {secret.secret_hash for secret in PypiTokenDetector().analyze_line("f", line, 1)}
    (match,) = token_detector.find(line.encode())
    ours = set(baseline.hashes(match.secret.reveal(), line.encode()))
    assert built_in and built_in <= ours


def test_what_detect_secrets_hashes_of_a_password_in_a_url_is_accepted() -> None:
    from detect_secrets.plugins.basic_auth import BasicAuthDetector

    line = "--index-url https://user:p%40ss-w%3Ard-12@h.example.org/simple"
    built_in = {secret.secret_hash for secret in BasicAuthDetector().analyze_line("f", line, 1)}
    assert built_in and built_in <= set(baseline.hashes(b"p@ss-w:rd-12", line.encode()))
    assert not built_in & set(baseline.hashes(b"p@ss-w:rd-13", line.encode()))


def test_what_the_built_in_detector_hashes_of_another_token_is_not_accepted() -> None:
    first, second = mint.token(seed=5), mint.token(seed=6)
    line = f"{first}xx, {second}".encode()
    assert sha1(first + "xx") not in set(baseline.hashes(second.encode(), line))


@pytest.mark.parametrize(
    "content",
    [
        b"", b"{", b"[]", b"null", b'"x"', b"{}", b'{"results": []}', b'{"results": {"a": {}}}', b"\xff\xfe",
        b'{"results": {"a": [{}]}}', b'{"results": {"a": [{"hashed_secret": 5}]}}', b"[" * 100_000,
        b'{"results": {"a": ["x"]}}', b'{"results": null}',
    ],
)
def test_a_broken_baseline_is_a_failure(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "baseline"
    path.write_bytes(content)
    with pytest.raises(CheckFailed) as caught:
        policy.allow([], lambda _: NO_LINES, str(path))
    assert str(path) in str(caught.value)


def test_a_missing_baseline_and_a_folder_are_failures(tmp_path: Path) -> None:
    for path in (tmp_path / "none", tmp_path):
        with pytest.raises(CheckFailed):
            policy.allow([], lambda _: NO_LINES, str(path))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_baseline_as_any_shell_writes_it(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "b"
    path.write_bytes(json.dumps({"results": {"src/a.py": [{"hashed_secret": sha1(TOKEN)}]}}).encode(encoding))
    assert policy.allow([finding()], lambda _: NO_LINES, str(path))[0] == []


def test_nothing_that_a_baseline_names_is_run(tmp_path: Path) -> None:
    """detect-secrets itself imports the file: that is shown here too, so that the bait is known to work."""
    trace = tmp_path / "it-ran"
    bait = tmp_path / "bait.py"
    bait.write_text(f"open({str(trace)!r}, 'w').close()\n")
    url = bait.as_uri()
    listed = {"type": "PyPI Token", "filename": "src/a.py", "hashed_secret": sha1(TOKEN), "line_number": 1}
    path = write_baseline(
        tmp_path / "baseline", {"src/a.py": [listed]},
        plugins_used=[{"name": "Bait", "path": url}], filters_used=[{"path": f"{url}::bait"}],
    )
    assert policy.allow([finding()], lambda _: NO_LINES, path)[0] == []
    assert not trace.exists()
    (tmp_path / "clean.py").write_text("x = 1\n")
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    subprocess.run(
        [sys.executable, "-m", "detect_secrets.pre_commit_hook", "--baseline", path, "clean.py"],
        cwd=tmp_path, capture_output=True, check=False,
    )
    assert trace.exists(), "the bait no longer works on detect-secrets: choose another"


def test_a_minified_file_with_many_findings_on_its_one_line_takes_no_time(tmp_path: Path) -> None:
    tokens = [mint.token(seed=seed) for seed in range(1000)]
    line = b"%;".join(token.encode() + b"x" * 3000 for token in tokens) + b" pragma: allowlist secret"
    path = write_baseline(tmp_path / "b", {"src/a.py": [{"hashed_secret": sha1(tokens[7])}]})
    found = [finding(secret=token) for token in tokens]
    kept, counts = policy.allow(found, lambda _: (line, line, line), path)
    assert (len(kept), counts) == (999, {"inline": 0, "baseline": 1})


def test_a_line_is_taken_apart_once_for_all_its_findings(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bytes] = []

    def unquoted(piece: bytes) -> bytes:
        asked.append(piece)
        return piece.replace(b"%21", b"!")

    monkeypatch.setattr(urllib.parse, "unquote_to_bytes", unquoted)
    line = " ".join(f"https://bob:k{number}%21@x" for number in range(40)).encode()
    for number in range(40):
        found = [*baseline.hashes(f"k{number}!".encode(), line)]
        assert found == [sha1(f"k{number}!"), sha1(f"k{number}%21")]
    assert len(asked) == 40


def test_policy_loads_no_detect_secrets() -> None:
    code = (
        "import sys; from pypi_token_hooks import policy; policy.allow([], len, None); "
        "print([m for m in sys.modules if m.startswith('detect_secrets')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


# ---------------------------------------------------------------- through the hook itself

B64 = base64.b64encode(TOKEN.encode()).decode()
HERE, NEXT = "pragma: allowlist secret", "pragma: allowlist nextline secret"
URL = "https://__token__:" + "".join(f"%{ord(c):02x}" for c in TOKEN) + "@h.example.org/simple"
ALLOWED: dict[str, tuple[str, str | bytes]] = {
    **{f"after {sign}": ("a.txt", f"t = {TOKEN} {sign} {HERE}{end}\n") for sign, end in pragmas.SIGNS.items()},
    **{f"before, after {sign}": ("a.txt", f"\n  {sign} {NEXT}{end}\nt = {TOKEN}\n") for sign, end in pragmas.SIGNS.items()},
    "yaml": ("a.yaml", f"t: {TOKEN} # {HERE}\n"), "crlf": ("a.py", f"x\r\nt = '{TOKEN}'  # {HERE}\r\ny\r\n"),
    "utf-16": ("a.txt", f"t = '{TOKEN}'  # {HERE}\n".encode("utf-16")),
    "the last line, without an end": ("a.py", f"t = '{TOKEN}'  # {HERE}"),
    "beside base64": ("secret.yaml", f"a: {B64} # {HERE}\n"), "above base64": ("secret.yaml", f"# {NEXT}\na: {B64}\n"),
    "above wrapped base64": ("a", f"# {NEXT}\n{B64[:60]}\n{B64[60:]}\n"), "beside a URL": ("a.txt", f"u={URL} # {HERE}\n"),
    "on the first of two lines": ("a.py", f"t = ('{TOKEN[:60]}'  # {HERE}\n     '{TOKEN[60:]}')\n"),
    "on the last of two lines": ("a.py", f"t = '{TOKEN[:60]}' \\\n    '{TOKEN[60:]}'  # {HERE}\n"),
    "in a notebook": ("a.ipynb", f'{{"source": ["t = \'{TOKEN}\'  # {HERE}\\n"]}}\n'),
    "a password": ("a.ini", f"[distutils]\nindex-servers = x\n[x]\nusername: u\npassword: Tr0ub4dor-correct # {HERE}\n"),
}
NOT_ALLOWED: dict[str, tuple[str, str | bytes]] = {
    "no comment": ("a.py", f"t = {TOKEN}; {HERE}\n"), "another line": ("a.py", f"x = 1  # {HERE}\nt = '{TOKEN}'\n"),
    "two lines before": ("a.py", f"# {NEXT}\n\nt = '{TOKEN}'\n"), "not alone before": ("a.py", f"x = 1  # {NEXT}\nt = '{TOKEN}'\n"),
    "another sign in yaml": ("a.yaml", f"t: {TOKEN} // {HERE}\n"),
    "inside of base64": ("a.txt", base64.b64encode(f"t = '{TOKEN}'  # {HERE}\n".encode())),
    "inside of an archive": ("a.gz", gzip.compress(f"t = '{TOKEN}'  # {HERE}\n".encode())),
    "in a comment of an archive": ("a.zip", packing.zipped(b"clean", comment=f"t = '{TOKEN}'  # {HERE}".encode())),
    "beside an archive": ("a.bin", gzip.compress(TOKEN.encode()) + f"# {HERE}\n".encode()),
    "between": ("a.py", f"t = ('{TOKEN[:40]}'\n  # {HERE}\n  '{TOKEN[40:80]}'\n  '{TOKEN[80:]}')\n"),
    "in its name": (f"# {HERE}.py", f"t = '{TOKEN}'\n"),
}


def judged(machine: Machine, folder: Path, name: str, content: str | bytes, *arguments: str) -> tuple[int, str]:
    """Returns the exit code for one file, and the line that says what was allowed."""
    (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    done = machine.hook("detect-pypi-token", "--verbose", *arguments, "--", name, cwd=folder)
    assert done.stderr == b""
    return done.returncode, done.stdout.decode().splitlines()[-2]


@pytest.mark.parametrize("name", ALLOWED)
def test_the_hook_heeds_a_comment(machine: Machine, tmp_path: Path, name: str) -> None:
    assert judged(machine, tmp_path, *ALLOWED[name]) == (0, "allowed: 1 by a pragma in the text, 0 by the baseline")


@pytest.mark.parametrize("name", NOT_ALLOWED)
def test_the_hook_heeds_no_other_text(machine: Machine, tmp_path: Path, name: str) -> None:
    assert judged(machine, tmp_path, *NOT_ALLOWED[name]) == (1, "allowed: 0 by a pragma in the text, 0 by the baseline")


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege there")
def test_a_name_and_a_link_have_no_line_for_a_comment(machine: Machine, tmp_path: Path) -> None:
    assert judged(machine, tmp_path, f"{TOKEN} # {HERE}", "x")[0] == 1
    (tmp_path / "link").symlink_to(f"{TOKEN} # {HERE}")
    assert machine.hook("detect-pypi-token", "link", cwd=tmp_path).returncode == 1


@pytest.mark.parametrize("plugin", [False, True])
@pytest.mark.parametrize("name", ["a.py", "sub/deep.cfg"])
def test_the_hook_heeds_a_baseline_that_detect_secrets_made(machine: Machine, tmp_path: Path, name: str, plugin: bool) -> None:
    repository = machine.repository(tmp_path / "r")
    (repository / name).parent.mkdir(exist_ok=True)
    (repository / name).write_text(f"t = '{TOKEN}'\n")
    machine.git(repository, "add", ".")
    ours = ("-p", str(Path(policy.__file__).parent.parent / "detect_secrets_plugin.py")) if plugin else ()
    made = machine.run(repository, sys.executable, "-m", "detect_secrets", "scan", *ours)
    (repository / ".secrets.baseline").write_bytes(made)
    allow = ("--baseline", ".secrets.baseline")
    for arguments in ((name,), (), ("--all-files",), ("--staged",), (str(repository / name),)):
        done = machine.hook("detect-pypi-token", "--verbose", *allow, *arguments, cwd=repository)
        assert done.returncode == 0, done.stdout + done.stderr
        assert b"allowed: 0 by a pragma in the text, 1 by the baseline" in done.stdout
    (repository / name).write_text(f"t = '{mint.token(seed=2)}'\n")
    assert machine.hook("detect-pypi-token", *allow, name, cwd=repository).returncode == 1, "another token"
    (repository / "other.py").write_text(f"t = '{TOKEN}'\n")
    assert machine.hook("detect-pypi-token", *allow, "other.py", cwd=repository).returncode == 1, "another file"


@pytest.mark.skipif(os.name == "nt", reason="there names have no locale")
def test_the_hook_heeds_a_baseline_in_any_locale(machine: Machine, tmp_path: Path) -> None:
    repository = machine.repository(tmp_path / "d\u00e9p\u00f4t")
    (repository / "caf\u00e9.py").write_text(f"t = '{TOKEN}'\n")
    machine.git(repository, "add", ".")
    machine.git(repository, "config", "core.quotePath", "false")  # detect-secrets reads no quoted name
    made = json.loads(machine.run(repository, sys.executable, "-m", "detect_secrets", "scan", env=UTF8))
    results = made["results"]
    (repository / "caf\udce9.py").write_text(f"t = '{TOKEN}'\n")  # it fails at such a name
    machine.git(repository, "add", ".")
    (repository / "b").write_text(json.dumps({**made, "results": {**results, "caf\udce9.py": results["caf\u00e9.py"]}}))
    for env in (UTF8, ASCII):
        for arguments in (("caf\u00e9.py", "caf\udce9.py"), (), ("--all-files",), (".",), (str(repository),)):
            done = machine.hook("detect-pypi-token", "--baseline", "b", *arguments, cwd=repository, env=env)
            assert done.returncode == 0, done.stdout


@pytest.mark.skipif(os.name == "nt", reason="there two dots behind a link take the link away")
def test_the_hook_finds_a_baseline_behind_a_link_from_a_folder_below(machine: Machine, tmp_path: Path) -> None:
    repository = machine.repository(tmp_path / "r")
    for folder in ("below", "kept/deep"):
        (repository / folder).mkdir(parents=True)
    (repository / "below" / "link").symlink_to("../kept/deep")
    (repository / "a.py").write_text(f"t = '{TOKEN}'\n")
    write_baseline(repository / "kept" / "b", {"a.py": [{"hashed_secret": sha1(TOKEN)}]})
    machine.git(repository, "add", "a.py")
    for arguments in (("--all-files",), ("--staged",)):
        done = machine.hook("detect-pypi-token", "--baseline", "link/../b", *arguments, cwd=repository / "below")
        assert done.returncode == 0, done.stdout + done.stderr


def test_the_hook_runs_nothing_that_a_baseline_names(machine: Machine, tmp_path: Path) -> None:
    bait = tmp_path / "bait.py"
    bait.write_text(f"open({str(tmp_path / 'it-ran')!r}, 'w').close()\n")
    path = write_baseline(
        tmp_path / "baseline", {"a.py": [{"type": "PyPI Token", "filename": "a.py", "hashed_secret": sha1(TOKEN)}]},
        plugins_used=[{"name": "Bait", "path": bait.as_uri()}], filters_used=[{"path": f"{bait.as_uri()}::bait"}],
    )
    assert judged(machine, tmp_path, "a.py", f"t = '{TOKEN}'\n", "--baseline", path)[0] == 0
    assert judged(machine, tmp_path, "b.py", f"t = '{TOKEN}'\n", "--baseline", path)[0] == 1
    assert not (tmp_path / "it-ran").exists()


@pytest.mark.parametrize("hook", DETECTING)
@pytest.mark.parametrize("state", ["missing", "broken", "unnamed"])
def test_a_baseline_that_cannot_be_read_fails_the_check_whatever_there_is_to_find(
    machine: Machine, tmp_path: Path, hook: str, state: str
) -> None:
    repository = machine.repository(tmp_path / "r")
    (repository / "dist").mkdir()
    for name in ("clean", "dist/clean"):
        (repository / name).write_text("nothing\n")
    machine.git(repository, "add", ".")
    machine.git(repository, "commit", "--quiet", "--message=x")
    (tmp_path / "broken").write_text("no JSON")
    path = "" if state == "unnamed" else str(tmp_path / state)
    given: dict[str, list[tuple[str, ...]]] = {
        "detect-pypi-token": [(), ("clean",), ("--all-files",)],
        "detect-pypi-token-in-message": [("clean",)], "forbid-pypirc": [(), ("clean",)],
    }
    for arguments in given.get(hook, [()]):
        done = machine.hook(hook, "--baseline", path, *arguments, cwd=repository)
        assert (done.returncode, done.stdout, done.stderr.count(b"\n")) == (2, b"", 1), arguments
        assert b"baseline" in done.stderr
