"""A whole history: the hook, git's own read of every object, and scanners with one rule each, in one run.

Usage: python bench/history.py REPOSITORY [--write]. Scanners are taken from the folders named by SCANNERS, from the
environment that runs this, or from PATH; one that is not there is left out. With --write the table goes into
bench/README.md.
"""
from __future__ import annotations

import os
import pathlib
import subprocess
import sys
import tempfile
import time
from typing import NamedTuple

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))

from bench import tables
from bench.compare import tool

GIT = "git cat-file --batch-all-objects --batch --unordered --buffer"
_PATTERN = "pypi-AgE[A-Za-z0-9_-]{50,1000}"
_RULES = {  # the same one for each
    "gitleaks.toml": f"[[rules]]\nid = 'pypi'\nregex = '{_PATTERN}'\nkeywords = ['pypi-age']\n",
    "kingfisher.yml": f"rules:\n  - name: PyPI\n    id: custom.pypi\n    pattern: '({_PATTERN})'\n    examples: []\n",
}


class Cost(NamedTuple):
    """What one command took: seconds that pass, seconds of processor time, and the most memory of one process."""

    passed: float
    taken: float
    megabytes: float


def commands(folder: pathlib.Path) -> dict[str, list[str]]:
    """Returns the command lines that can be run here; writes the scanners' rule into the folder."""
    for name, text in _RULES.items():
        (folder / name).write_text(text, encoding="utf-8")
    scanners = {
        "detect-pypi-token-in-history": ["--no-own", "--format", "json"],
        "gitleaks": ["git", ".", "--no-banner", "--config", str(folder / "gitleaks.toml")],
        "kingfisher": ["scan", ".", "--load-builtins", "false", "--rules-path", str(folder / "kingfisher.yml"), "--no-validate",
                       "--no-update-check", "--git-history", "full"],
    }
    found = {name: [tool(name) or "", *arguments] for name, arguments in scanners.items() if tool(name)}
    return {GIT: GIT.split(), **found}


def cost(command: list[str], repository: str) -> Cost:
    """Runs the command in the repository; 0 and a scanner's findings are both fine, a failure is not."""
    began = time.perf_counter()
    process = subprocess.Popen(command, cwd=repository, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    assert process.stderr
    said = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    passed = time.perf_counter() - began
    if os.waitstatus_to_exitcode(status) not in (0, 1, 200, 205):  # the last two are kingfisher's for findings
        raise SystemExit(f"{command[0]} failed: {said.decode(errors='replace')[-500:]}")
    unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
    return Cost(passed, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / unit)


def size(repository: str) -> tuple[int, int]:
    """Returns how many blobs the repository has, and their bytes."""
    listed = subprocess.run(
        ["git", "cat-file", "--batch-all-objects", "--unordered", "--batch-check=%(objecttype) %(objectsize)"],
        cwd=repository, capture_output=True, text=True, check=True,
    )
    sizes = [int(line.split()[1]) for line in listed.stdout.splitlines() if line.startswith("blob ")]
    return len(sizes), sum(sizes)


def table(repository: str) -> str:
    """Runs every command once and returns the table, with what was measured on."""
    with tempfile.TemporaryDirectory() as folder:
        costs = {name: cost(command, repository) for name, command in commands(pathlib.Path(folder)).items()}
    base = costs[GIT]
    lines = [
        [f"`{name}`", f"{one.passed:.1f}", f"{one.passed / base.passed:.2f}", f"{one.taken:.1f}", f"{one.taken / base.taken:.2f}",
         f"{one.megabytes:.0f}"]
        for name, one in costs.items()
    ]
    head = ["command", "seconds that pass", "ratio", "seconds of processor time", "ratio", "MB of the largest process"]
    count, total = size(repository)
    return tables.table(head, lines, f"{count:,} blobs, {total / 1e6:,.0f} MB unpacked, one run")


def main() -> None:
    given = [argument for argument in sys.argv[1:] if not argument.startswith("-")]
    if len(given) != 1:
        raise SystemExit(__doc__)
    made = table(given[0])
    if "--write" in sys.argv:
        tables.write(tables.PAGE, "history", made)
    print(made)


if __name__ == "__main__":
    main()
