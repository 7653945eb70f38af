"""Draws docs/output.svg anew, from a real commit that the hooks stop: `python docs/make_picture.py [--check]`.

The commit holds a token minted for the run; what is drawn holds none.
"""
from __future__ import annotations

import argparse
import html
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "hooks")]

from tests import mint  # noqa: E402

PICTURE = ROOT / "docs" / "output.svg"
TITLE = "git commit is stopped by detect-pypi-token"
HOOKS = {
    "detect-pypi-token": "detect PyPI tokens",
    "forbid-pypirc": "forbid .pypirc",
    "check-pypirc-ignored": "check that git ignores .pypirc",
}
COMMIT = ("git", "commit", "-m", "Upload on every tag")

COLUMNS = 114
WIDTH, HEIGHT, SIZE, MARGIN = 8, 19, 13, 20  # of a character, a line, the letters and the frame, in pixels
PAPER, INK = "#0d1117", "#d0d7de"
COLOURS = {"30": PAPER, "31": "#ff7b72", "32": "#7ee787", "33": "#e3b341", "36": "#79c0ff", "37": INK}
GROUNDS = {"41": "#da3633", "42": "#238636", "43": "#9e6a03", "46": "#1f6feb"}
_ORDER = re.compile(r"\x1b\[([\d;]*)m")
_LINK = re.compile(r"\x1b\]8;[^\x1b]*\x1b\\")


class Look(NamedTuple):
    """How characters look, as a terminal was told."""

    ink: str = INK
    ground: str = ""
    bold: bool = False
    dim: bool = False


def _environment(home: Path) -> dict[str, str]:
    keep = {key: os.environ[key] for key in ("PATH", "SYSTEMROOT", "TEMP") if key in os.environ}
    return {
        **keep, "HOME": str(home), "USERPROFILE": str(home), "PYTHONPATH": str(ROOT / "hooks"),
        "GIT_CONFIG_NOSYSTEM": "1", "COLUMNS": str(COLUMNS), "PYTHONIOENCODING": "utf-8",
        "GIT_AUTHOR_NAME": "A", "GIT_AUTHOR_EMAIL": "a@example.org", "GIT_COMMITTER_NAME": "A",
        "GIT_COMMITTER_EMAIL": "a@example.org", "PRE_COMMIT_COLOR": "always", "FORCE_COLOR": "1",
    }


def _configuration() -> str:
    """Returns the entry of the README, with the hooks of this checkout in the place of a release."""
    hooks = [
        {
            "id": hook, "name": name, "language": "system", "types_or": ["file", "symlink"],
            "pass_filenames": hook != "check-pypirc-ignored",
            "entry": f"{shlex.quote(sys.executable)} -m pypi_token_hooks.{hook.replace('-', '_')}",
        }
        for hook, name in HOOKS.items()
    ]
    return json.dumps({"repos": [{"repo": "local", "hooks": hooks}]})  # JSON is YAML


def run() -> str:
    """Commits a token in a repository of its own, under pre-commit; returns what the terminal was told."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        work, environ = folder / "work", _environment(folder)
        (folder / ".config" / "git").mkdir(parents=True)
        (folder / ".config" / "git" / "ignore").write_text(".pypirc\n")
        (work / "tools").mkdir(parents=True)
        (work / ".pre-commit-config.yaml").write_text(_configuration())
        begin = ("git", "init", "-q"), ("git", "add", "."), ("git", "commit", "-q", "-m", "Begin")
        install = (sys.executable, "-m", "pre_commit", "install")
        for command in (*begin, install):
            subprocess.run(command, cwd=work, env=environ, check=True, stdout=subprocess.DEVNULL)  # noqa: S603
        token = mint.token(caveats=mint.shapes(1)["user"], seed=1)
        (work / "tools" / "release.sh").write_text(f"#!/bin/sh -e\ntwine upload -u __token__ -p {token} dist/*\n")
        subprocess.run(("git", "add", "."), cwd=work, env=environ, check=True)
        done = subprocess.run(  # noqa: S603
            COMMIT, cwd=work, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", check=False
        )
    if done.returncode != 1 or token in done.stdout or "Traceback" in done.stdout:
        raise SystemExit(f"the commit was not stopped as it is to be (exit code {done.returncode})")
    return f"\x1b[1m$ {shlex.join(COMMIT)}\x1b[0m\n{_LINK.sub('', done.stdout)}"


def _told(look: Look, order: str) -> Look:
    """Returns the look after an order to the terminal."""
    for number in (order or "0").split(";"):
        if number in ("", "0"):
            look = Look()
        elif number in COLOURS:
            look = look._replace(ink=COLOURS[number])
        elif number in GROUNDS:
            look = look._replace(ground=GROUNDS[number])
        elif number in "12":
            look = look._replace(bold=number == "1", dim=number == "2")
    return look


def _run_of(text: str, look: Look, column: int, row: int) -> str:
    """Returns the SVG of characters of one look; their width is fixed, whatever the font."""
    x, y, width = MARGIN + column * WIDTH, MARGIN + row * HEIGHT, len(text) * WIDTH
    ground = f'<rect x="{x}" y="{y}" width="{width}" height="{HEIGHT}" fill="{look.ground}"/>\n' if look.ground else ""
    if not text.strip():
        return ground
    style = ' font-weight="bold"' if look.bold else ""
    style += ' opacity="0.6"' if look.dim else ""
    return (
        f'{ground}<text x="{x}" y="{y + 14}" textLength="{width}" fill="{look.ink}"{style}>{html.escape(text)}</text>\n'
    )


def svg(output: str) -> str:
    """Returns the picture of what a terminal was told."""
    body, look, rows = [], Look(), output.rstrip("\n").split("\n")
    for row, line in enumerate(rows):
        column = 0
        for number, part in enumerate(_ORDER.split(line)):
            if number % 2:
                look = _told(look, part)
            elif part:
                blanks = len(part) - len(part.lstrip(" ")) if not look.ground else 0
                body.append(_run_of(part[blanks:], look, column + blanks, row))
                column += len(part)
    width, height = 2 * MARGIN + COLUMNS * WIDTH, 2 * MARGIN + len(rows) * HEIGHT
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'role="img" font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" font-size="{SIZE}" '
        f'xml:space="preserve">\n<title>{TITLE}</title>\n'
        f'<rect width="{width}" height="{height}" rx="8" fill="{PAPER}"/>\n{"".join(body)}</svg>\n'
    )


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; 1 if the picture is not current")
    options = parser.parse_args(argv)
    new = svg(run())
    if PICTURE.exists() and PICTURE.read_text(encoding="utf-8") == new:
        return 0
    if not options.check:
        PICTURE.write_text(new, encoding="utf-8", newline="\n")
    return int(options.check)


if __name__ == "__main__":
    raise SystemExit(main())
