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
    given: str = ""


def _nothing(folder: Path) -> None:
    assert folder.is_dir()


def _settings(folder: Path) -> None:
    token = mint.token(caveats=mint.shapes(1)["user"], seed=1)
    (folder / "settings.py").write_text(f'DEBUG = True\nPYPI_TOKEN = "{token}"\n')


def _pypirc(folder: Path) -> None:
    (folder / ".pypirc").write_text("[pypi]\nusername = __token__\n")


def _message(folder: Path) -> None:
    token = mint.token("test.pypi.org", mint.shapes(2)["project"], seed=2)
    (folder / "MESSAGE").write_text(f"Upload with {token}\n")


def _manifest(folder: Path) -> None:
    token = mint.token(caveats=mint.shapes(4)["project"], seed=4)
    encoded = base64.b64encode(f"TWINE_PASSWORD={token}\n".encode()).decode()
    (folder / "deploy").mkdir()
    (folder / "deploy" / "secret.yaml").write_text(f"kind: Secret\ndata:\n  release.env: {encoded}\n")
    subprocess.run(["git", "add", "."], cwd=folder, check=True)


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
    "message": Example(_message, ("detect-pypi-token-in-message", "MESSAGE")),
    "manifest": Example(_manifest, ("detect-pypi-token",)),
    "dist": Example(_dist, ("detect-pypi-token-in-dist",)),
}


def run(example: Example) -> str:
    """Runs the command in a repository of its own, away from this machine's settings; returns its output."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        work = folder / "work"
        work.mkdir()
        keep = {key: os.environ[key] for key in ("PATH", "SYSTEMROOT", "TEMP") if key in os.environ}
        environ = {
            **keep, "HOME": str(folder), "USERPROFILE": str(folder), "PYTHONPATH": str(ROOT / "hooks"),
            "GIT_CONFIG_NOSYSTEM": "1", "COLUMNS": "80", "PYTHONIOENCODING": "utf-8",
        }
        subprocess.run(["git", "init", "-q"], cwd=work, env=environ, check=True)
        example.files(work)
        module = "pypi_token_hooks." + example.command[0].replace("-", "_")
        done = subprocess.run(  # noqa: S603 - the table's own commands
            [sys.executable, "-m", module, *example.command[1:]], cwd=work, env=environ, input=example.given,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", check=False,
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
