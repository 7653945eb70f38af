"""Writes the example outputs in the docs anew, from real runs: `python docs/make_examples.py [--check]`.

An example stands between `<!-- example: name -->` and `<!-- end -->`. Its files hold tokens minted for
the run; what is printed holds none.
"""
from __future__ import annotations

import argparse
import base64
import os
import re
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "hooks")]

from tests import mint  # noqa: E402

PAGES = ("README.md", "docs/*.md")
HOME = "/home/ada"  # what a page shows for the home folder of the run
_EXAMPLE = re.compile(r"(<!-- example: ([\w-]+) -->\n)(.*?)(<!-- end -->)", re.DOTALL)


class Example(NamedTuple):
    """A command, what it finds when it starts, and the language of its output."""

    files: Callable[[Path], None]
    command: tuple[str, ...]
    language: str = "text"


def environment(home: Path) -> dict[str, str]:
    """Returns the environment of a run: nothing of this machine's own settings, and always the same moment."""
    kept = {key: os.environ[key] for key in ("PATH", "SYSTEMROOT", "TEMP") if key in os.environ}
    who = {
        f"GIT_{role}_{key}": value
        for role in ("AUTHOR", "COMMITTER")
        for key, value in (("NAME", "Ada"), ("EMAIL", "ada@example.org"), ("DATE", "2026-01-05T12:00:00Z"))
    }
    return {
        **kept, **who, "HOME": str(home), "USERPROFILE": str(home), "PYTHONPATH": str(ROOT / "hooks"),
        "GIT_CONFIG_NOSYSTEM": "1", "COLUMNS": "80", "PYTHONIOENCODING": "utf-8",
    }


def _git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=folder, env=environment(folder.parent), check=True)  # noqa: S603 - our own


def _nothing(folder: Path) -> None:
    assert folder.is_dir()


def _settings(folder: Path) -> None:
    token = mint.token(caveats=mint.shapes(1)["user"], seed=1)
    (folder / "settings.py").write_text(f'DEBUG = True\nPYPI_TOKEN = "{token}"\n')


def _pypirc(folder: Path) -> None:
    (folder / ".pypirc").write_text("[pypi]\nusername = __token__\n")


def _own(folder: Path) -> None:
    token = mint.token(caveats=mint.shapes(6)["user"], seed=6)
    path = folder.parent / ".pypirc"
    path.write_text(
        "[distutils]\nindex-servers =\n    pypi\n    corp\n\n"
        f"[pypi]\nusername = ada\npassword = {token}  # made in May\n\n"
        "[corp]\nrepository = http://pypi.corp.example/upload/\nusername = ada\n"
    )
    path.chmod(0o644)


def _message(folder: Path) -> None:
    token = mint.token("test.pypi.org", mint.shapes(2)["project"], seed=2)
    said = f"Upload to TestPyPI\n\nIt works with {token[:60]}\n{token[60:]}\n"
    (folder / ".git" / "COMMIT_EDITMSG").write_text(said)


def _manifest(folder: Path) -> None:
    token = mint.token(caveats=mint.shapes(4)["project"], seed=4)
    encoded = base64.b64encode(f"TWINE_PASSWORD={token}\n".encode()).decode()
    (folder / "deploy").mkdir()
    (folder / "deploy" / "secret.yaml").write_text(f"kind: Secret\ndata:\n  release.env: {encoded}\n")
    _git(folder, "add", ".")


def _push(folder: Path) -> None:
    token = mint.token(caveats=mint.shapes(5)["project"], seed=5)
    remote = folder.parent / "example-lib.git"
    _git(folder, "init", "-q", "--bare", str(remote))
    _git(folder, "remote", "add", "origin", str(remote))
    script = folder / "release.sh"
    for said, text in (
        ("Begin", "#!/bin/sh\n"),
        ("Release by script", f"export TWINE_PASSWORD={token}\ntwine upload dist/*\n"),
        ("Take the token out again", "twine upload dist/*\n"),
    ):
        script.write_text(text)
        _git(folder, "add", ".")
        _git(folder, "commit", "-q", "-m", said)
    hook = folder / ".git" / "hooks" / "pre-push"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m pypi_token_hooks.detect_pypi_token_in_push "$@"\n')
    hook.chmod(0o755)


def _history(folder: Path) -> None:
    token = mint.token(caveats=mint.shapes(6)["project"], seed=6)
    settings = folder / "settings.py"
    for said, line in (("Begin", ""), ("Upload", f'PYPI_TOKEN = "{token}"\n'), ("Read the token from a variable", "")):
        settings.write_text("DEBUG = True\n" + line)
        _git(folder, "add", ".")
        _git(folder, "commit", "-q", "-m", said)


def _dist(folder: Path) -> None:
    (folder / "dist").mkdir()
    token = mint.token(caveats=mint.shapes(3)["project"], seed=3)
    with zipfile.ZipFile(folder / "dist" / "example_lib-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("example_lib/upload.py", f"import os\n\nTOKEN = '{token}'\n")
        wheel.writestr("example_lib/__init__.py", "")


EXAMPLES = {
    "text": Example(_settings, ("detect-pypi-token", "settings.py")),
    "json": Example(_settings, ("detect-pypi-token", "--format", "json", "settings.py"), "json"),
    "github": Example(_settings, ("detect-pypi-token", "--format", "github", "settings.py")),
    "forbid-pypirc": Example(_pypirc, ("forbid-pypirc", ".pypirc")),
    "ignored": Example(_nothing, ("check-pypirc-ignored",)),
    "ignored-fix": Example(_nothing, ("check-pypirc-ignored", "--fix")),
    "check-pypirc": Example(_own, ("check-pypirc",)),
    "message": Example(_message, ("detect-pypi-token-in-message", ".git/COMMIT_EDITMSG")),
    "push": Example(_push, ("git", "push", "origin", "main")),
    "manifest": Example(_manifest, ("detect-pypi-token",)),
    "history": Example(_history, ("detect-pypi-token-in-history",)),
    "dist": Example(_dist, ("detect-pypi-token-in-dist",)),
}


def run(example: Example) -> str:
    """Runs the command in a repository of its own, away from this machine's settings; returns its output."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        work = folder / "work"
        work.mkdir()
        _git(work, "init", "-q", "--initial-branch=main")
        example.files(work)
        program, *arguments = example.command
        start = [program] if program == "git" else [sys.executable, "-m", "pypi_token_hooks." + program.replace("-", "_")]
        done = subprocess.run(  # noqa: S603 - the table's own commands
            [*start, *arguments], cwd=work, env=environment(folder), input="", stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, encoding="utf-8", check=False,
        )
        if done.returncode != 1 or "Traceback" in done.stdout:
            raise SystemExit(f"{' '.join(example.command)}: exit code {done.returncode}\n{done.stdout}")
        return done.stdout.replace("\r\n", "\n").replace(str(folder), HOME)


def block(example: Example) -> str:
    """Returns the example as it stands in a page: the command and what it prints."""
    command = " ".join(example.command)
    return f"```console\n$ {command}\n```\n```{example.language}\n{run(example).rstrip()}\n```\n"


def renewed(text: str) -> str:
    """Returns a page's text with its examples made anew."""
    return _EXAMPLE.sub(lambda found: found[1] + block(EXAMPLES[found[2]]) + found[4], text)


def pages() -> list[Path]:
    """Returns the pages that can hold examples."""
    return sorted(path for pattern in PAGES for path in ROOT.glob(pattern))


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; 1 if a page is not current")
    options = parser.parse_args(argv)
    stale = False
    for path in pages():
        text = path.read_text(encoding="utf-8")
        new = renewed(text)
        if new != text:
            stale = True
            if not options.check:
                path.write_text(new, encoding="utf-8", newline="\n")
    return int(stale and options.check)


if __name__ == "__main__":
    raise SystemExit(main())
