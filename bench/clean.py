"""A clean commit of ten files, as a whole process against `python -c pass` of the same environment.

Usage: python bench/clean.py [RUNS]. Prints the median milliseconds of each, in turn, and the ratio.
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

HOOKS = ("detect-pypi-token", "forbid-pypirc")


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


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 40
    scripts = pathlib.Path(sysconfig.get_path("scripts"))
    with tempfile.TemporaryDirectory() as folder:
        paths = files(pathlib.Path(folder))
        commands = {"python -c pass": [sys.executable, "-c", "pass"]}
        commands |= {hook: [str(scripts / hook), *paths] for hook in HOOKS}
        times: dict[str, list[float]] = {name: [] for name in commands}
        for _ in range(runs):
            for name, command in commands.items():
                times[name].append(milliseconds(command, folder))
    base = statistics.median(times["python -c pass"])
    print("| command | median ms | ratio |\n|---|---|---|")
    for name, taken in times.items():
        print(f"| `{name}` | {statistics.median(taken):.1f} | {statistics.median(taken) / base:.2f} |")


if __name__ == "__main__":
    main()
