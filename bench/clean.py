"""A clean commit of ten files, as a whole process against `python -c pass` of the same environment.

And the same with an eleventh that is worth a look, as a workflow is that takes its password from a secret: then all is loaded.

Usage: python bench/clean.py [RUNS] [--write]. Prints the median milliseconds of each, in turn, and the ratio; with
--write, also into bench/README.md and the README.
"""
from __future__ import annotations

import os
import pathlib
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))

from bench import tables

HOOKS = ("detect-pypi-token", "forbid-pypirc")
WORKFLOW = "      - run: twine upload dist/*\n        env:\n          TWINE_PASSWORD: ${{ secrets.PYPI_TOKEN }}\n"
RUNS = 40
NOTHING = "python -c pass"


def files(folder: pathlib.Path) -> list[str]:
    """Writes ten ordinary source files of 1 to 20 KB and returns their paths."""
    source = pathlib.Path(os.__file__).parent
    names = sorted(p for p in source.glob("*.py") if 1_000 < p.stat().st_size < 20_000)[:10]
    paths = [folder / name.name for name in names]
    for path, name in zip(paths, names, strict=True):
        path.write_bytes(name.read_bytes())
    return [str(path) for path in paths]


def milliseconds(command: list[str], home: str) -> float:
    env = {**os.environ, "HOME": home}
    began = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=env)
    return (time.perf_counter() - began) * 1000


def measured(runs: int) -> dict[str, float]:
    """Returns the median milliseconds of each command; they are run in turn, so that all meet the same noise."""
    scripts = pathlib.Path(sysconfig.get_path("scripts"))
    with tempfile.TemporaryDirectory() as folder:
        paths = files(pathlib.Path(folder))
        commands = {NOTHING: [sys.executable, "-c", "pass"]}
        workflow = pathlib.Path(folder, "release.yml")
        workflow.write_text(WORKFLOW, encoding="utf-8")
        commands |= {hook: [str(scripts / hook), *paths] for hook in HOOKS}
        commands[f"{HOOKS[0]}, with a workflow"] = [*commands[HOOKS[0]], str(workflow)]
        times: dict[str, list[float]] = {name: [] for name in commands}
        for _ in range(runs):
            for name, command in commands.items():
                times[name].append(milliseconds(command, folder))
    return {name: statistics.median(taken) for name, taken in times.items()}


def main() -> None:
    given = [argument for argument in sys.argv[1:] if argument.isdigit()]
    runs = int(given[0]) if given else RUNS
    taken = measured(runs)
    base = taken[NOTHING]
    rows = [(f"`{name}`", f"{time:.1f}", f"{time / base:.2f}") for name, time in taken.items()]
    made = tables.table(("command", "milliseconds", "ratio"), rows, f"median of {runs} runs")
    if "--write" in sys.argv:
        tables.write(tables.PAGE, "clean", made)
        tables.write(tables.README, "clean", f"{taken[HOOKS[0]] / base:.1f}")
    print(made)


if __name__ == "__main__":
    main()
