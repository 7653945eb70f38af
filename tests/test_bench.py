"""The pages that benches write: the samples they were made of are those of today, and the hook still does what they say."""
from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from bench import leaks
from bench.leaks import Sample

from tests.machine import ROOT
from tests.machine import Machine

COMPARISON = (ROOT / "docs" / "comparison.md").read_text(encoding="utf-8")
BENCHES = (ROOT / "bench" / "README.md").read_text(encoding="utf-8")


def rows(heading: str) -> list[list[str]]:
    """Returns the rows of the table below a heading of the comparison, its head first."""
    section = COMPARISON.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    lines = [line.strip("| ").split(" | ") for line in section.splitlines() if line.startswith("|")]
    return [lines[0], *lines[2:]]


def found(machine: Machine, folder: Path, samples: list[Sample]) -> set[str]:
    """Returns which of the samples the hook names."""
    folder.mkdir()
    for sample in samples:
        (folder / sample.name).write_bytes(sample.content)
    done = machine.hook("detect-pypi-token", "--format", "json", "--no-own", ".", cwd=folder)
    return {Path(finding["path"]).name for finding in json.loads(done.stdout)["findings"]}


@pytest.mark.parametrize(("heading", "samples"), [("Leaks", leaks.leaks()), ("No leaks", leaks.lookalikes())])
def test_the_tables_have_a_row_for_each_sample(heading: str, samples: list[Sample]) -> None:
    head, *lines, total = rows(heading)
    assert head[0] == "detect-pypi-token"
    assert [line[0] for line in lines] == [sample.family for sample in samples]
    names = [sample.name for sample in samples]
    assert len(set(names)) == len(names), "two samples cannot have one file"
    for column in range(1, len(head) + 1):
        yes = sum(line[column] != "–" for line in lines)
        assert total[column] == f"**{yes} of {len(lines)}**"


def test_every_leak_is_found_and_nothing_else(machine: Machine, tmp_path: Path) -> None:
    samples = leaks.leaks()
    assert found(machine, tmp_path / "leaks", samples) == {sample.name for sample in samples}
    assert found(machine, tmp_path / "none", leaks.lookalikes()) == set()


def test_no_two_leaks_share_a_secret() -> None:
    tokens = re.findall(r"pypi-Ag[\w-]{60,}", "\n".join(s.content.decode("latin-1") for s in leaks.leaks()))
    assert len(tokens) > 15 and len(set(tokens)) == len(tokens)


def test_every_bench_is_told() -> None:
    scripts = {path.stem for path in (ROOT / "bench").glob("*.py")} - {"leaks", "tables", "__init__"}
    assert {head.partition(":")[0] for head in re.findall(r"^## (.+)$", BENCHES, re.MULTILINE)} == scripts


def test_the_speed_in_the_readme_is_that_of_the_bench() -> None:
    (ratio,) = re.findall(r"^\| `detect-pypi-token` \| [\d.]+ \| ([\d.]+) \|$", BENCHES, re.MULTILINE)
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (told,) = re.findall(r"<!-- clean -->([\d.]+)<!-- end -->", readme)
    assert abs(float(told) - float(ratio)) <= 0.05 + 1e-9
    assert not re.search(r"\d\s*(ms|milliseconds?|seconds?|MB/s|GB/s|times as fast)\b", readme)
