"""A whole tree of files: the hook as installed, with the extra `fast` and bare, against `rg` for one literal.

Usage: python bench/tree.py FOLDER [RUNS] [--write]. All are run in turn, once before it counts, so that each finds the files
in memory. Prints the median seconds, of the clock and of the processors, and the ratio to `rg`; with --write, also into
bench/README.md.
"""
from __future__ import annotations

import os
import pathlib
import resource
import shutil
import statistics
import subprocess
import sys
import time
from typing import NamedTuple

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))

from bench import tables

RUNS = 5
RG = "rg -uuu -lF pypi-AgE"
# what a console script does, also as if the libraries were not there
HOOK = "import sys; from pypi_token_hooks.detect_pypi_token import main; sys.exit(main())"
WITHOUT = "import sys; sys.modules.update(ahocorasick_rs=None); "
BARE = "import sys; sys.modules.update(ahocorasick_rs=None, hyperscan=None); "
COMMANDS = {
    RG: RG.split(),
    "detect-pypi-token": [sys.executable, "-c", WITHOUT + HOOK],
    "detect-pypi-token, with the extra `fast`": [sys.executable, "-c", HOOK],
    "detect-pypi-token, where no library can be had": [sys.executable, "-c", BARE + HOOK],
}


class Taken(NamedTuple):
    """Seconds of one run."""

    clock: float
    processors: float


def run(command: list[str], folder: str) -> Taken:
    """Runs the command on the folder. It may say that it found something, or that it found nothing."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    options = ["--no-own", "--quiet"] if command[0] == sys.executable else []
    done = subprocess.run([*command, *options, folder], stdout=subprocess.DEVNULL, check=False)
    clock, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode not in (0, 1):
        raise SystemExit(f"{command[0]} failed")
    return Taken(clock, after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime)


def measured(folder: str, runs: int) -> dict[str, Taken]:
    """Returns the medians for each command."""
    for command in COMMANDS.values():
        run(command, folder)
    taken: dict[str, list[Taken]] = {name: [] for name in COMMANDS}
    for _ in range(runs):
        for name, command in COMMANDS.items():
            taken[name].append(run(command, folder))
    return {name: Taken(*map(statistics.median, zip(*times, strict=True))) for name, times in taken.items()}


def size(folder: str) -> str:
    """Returns how many files there are in the folder, and how large they are together."""
    sizes = [os.lstat(os.path.join(at, name)).st_size for at, _, names in os.walk(folder) for name in names]
    return f"{len(sizes):,} files of {sum(sizes) / 1e9:.2f} GB"


def main() -> None:
    given = [argument for argument in sys.argv[1:] if argument != "--write"]
    if not given or not shutil.which("rg"):
        raise SystemExit("usage: python bench/tree.py FOLDER [RUNS] [--write], with rg on the PATH")
    folder, runs = given[0], int(given[1]) if len(given) > 1 else RUNS
    taken = measured(folder, runs)
    base = taken[RG]
    rows = [
        (f"{name if '`' in name else f'`{name}`'}", f"{one.clock:.1f}", f"{one.processors:.1f}",
         f"{one.clock / base.clock:.1f}", f"{one.processors / base.processors:.1f}")
        for name, one in taken.items()
    ]
    head = ("command", "seconds", "seconds of all cores", "ratio", "ratio of all cores")
    made = tables.table(head, rows, f"{size(folder)}, median of {runs} runs")
    if "--write" in sys.argv:
        tables.write(tables.PAGE, "tree", made)
    print(made)


if __name__ == "__main__":
    main()
