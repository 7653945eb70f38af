"""Random histories, with merges of every kind, against what the files of each commit say by themselves."""
from __future__ import annotations

import pathlib
import random
import subprocess
from unittest import mock

import pytest

from pypi_token_hooks import attribution
from pypi_token_hooks import examination
from pypi_token_hooks import history
from pypi_token_hooks import outgoing
from pypi_token_hooks.model import Finding
from pypi_token_hooks.sources import push
from pypi_token_hooks.sources.history import origins
from tests import mint
from tests.machine import Machine

TOKENS = [mint.token(seed=70 + number) for number in range(4)]
LINES = ["one", "two", "three", *TOKENS]
PATHS = ["a", "a.b", "folder/a", "folder/deep/b", "z"]
COMMITS = 14
NONE = "0" * 40

Text = tuple[str, ...]  # the lines of a file


class Histories:
    """Commits by number, the oldest first; of each its parents, and its files as they are meant to be."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.parents: list[list[int]] = []
        self.files: list[dict[str, Text]] = []
        for number in range(COMMITS):
            near = range(max(0, number - 6), number)
            self.parents.append(rng.sample(near, min(len(near), rng.choice((0, 1, 1, 1, 1, 2, 2, 3)))))
            self.files.append(self._files(self.parents[-1]))
        self.tips = rng.sample(range(COMMITS), 4)
        self.oids: list[str] = []

    def _files(self, parents: list[int]) -> dict[str, Text]:
        """Returns what a commit has: of each path what one parent has, or nothing, and then some changes."""
        files: dict[str, Text] = {}
        for path in PATHS:
            text = self.files[self.rng.choice(parents)].get(path) if parents else None
            if text:
                files[path] = text
        for _ in range(self.rng.randrange(3)):
            path = self.rng.choice(PATHS)
            if files.pop(path, None) is None or self.rng.randrange(2):
                files[path] = tuple(self.rng.sample(LINES, self.rng.randrange(1, 5)))
        return files

    def write(self, machine: Machine, folder: pathlib.Path) -> None:
        """Puts them into a new repository, the tips as branches."""
        machine.repository(folder)
        stream = []
        for number, (parents, files) in enumerate(zip(self.parents, self.files, strict=True)):
            moment = 1700000000 + self.rng.randrange(900)  # clocks differ
            stream += ["reset refs/heads/all\n", f"commit refs/heads/all\nmark :{number + 1}"]
            stream += [f"committer C <c@example.org> {moment} +0000", f"data <<END\n{number}\nEND"]
            stream += [f"{'merge' if place else 'from'} :{parent + 1}" for place, parent in enumerate(parents)] + ["deleteall"]
            for path, text in files.items():
                stream += [f"M 100644 inline {path}", f"data {len('|'.join(text)) + 1}", *text]
        stream += [f"reset refs/heads/b{tip}\nfrom :{tip + 1}\n" for tip in self.tips]
        command = ("git", "fast-import", "--quiet", "--export-marks=marks")
        subprocess.run(command, cwd=folder, env=machine.env, input="\n".join([*stream, ""]).encode(), check=True)
        machine.git(folder, "update-ref", "-d", "refs/heads/all")
        marks = dict(line.split() for line in (folder / "marks").read_text().splitlines())
        self.oids = [marks[f":{number + 1}"] for number in range(COMMITS)]

    def reached(self, tips: list[int]) -> set[int]:
        found, waiting = set[int](), list(tips)
        while waiting:
            number = waiting.pop()
            waiting += [] if number in found else self.parents[number]
            found.add(number)
        return found

    def before(self, number: int) -> set[int]:
        return self.reached(self.parents[number])

    def has(self, number: int, path: str, token: str) -> bool:
        return token in self.files[number].get(path, ())

    def number(self, finding: Finding) -> int:
        """Returns the commit that is told; the finding is on a line of a file of it."""
        number = self.oids.index(finding.place.commit or "")
        secret = finding.secret.reveal().decode() if finding.secret else ""
        assert self.files[number][finding.place.path][finding.line - 1] == secret
        return number


@pytest.fixture
def here(machine: Machine, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> pathlib.Path:
    for name, value in machine.env.items():
        monkeypatch.setenv(name, value)
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    return tmp_path / "work"


@pytest.mark.parametrize("many", [origins.MANY, 1])
@pytest.mark.parametrize("seed", range(5))
def test_a_history_is_told_as_its_commits_are(
    machine: Machine, here: pathlib.Path, seed: int, many: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(origins, "MANY", many)
    made = Histories(random.Random(seed))
    made.write(machine, here)
    numbers = made.reached(made.tips)
    left = {(path, token) for number in numbers for path, text in made.files[number].items() for token in TOKENS if token in text}
    for finding in history.scan((), False, examination.settings((), None, True, versions=True)).findings:
        number, path = made.number(finding), finding.place.path
        token = finding.secret.reveal().decode() if finding.secret else ""
        left.remove((path, token))
        assert not any(made.has(other, path, token) for other in made.before(number)), "an older one brought it"
        assert number in made.reached([int((finding.place.ref or "").removeprefix("refs/heads/b"))])
        takers = {
            made.oids[other][:12]
            for other in numbers
            if not made.has(other, path, token) and any(made.has(parent, path, token) for parent in made.parents[other])
        }
        is_held = any(made.has(tip, path, token) for tip in made.tips)
        _, _, removed = finding.note.partition("removed by ")
        assert removed[:12] in takers if removed else is_held or not takers
        assert not removed or is_held == ("still has it" in removed)
    assert not left


@pytest.mark.parametrize("is_dropped", [False, True], ids=["held", "dropped"])
def test_the_findings_in_a_file_are_not_compared_with_each_other(
    machine: Machine, here: pathlib.Path, is_dropped: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.git(here, "init", "--quiet", "--initial-branch=main")
    machine.git(here, "commit", "--quiet", "--allow-empty", "-m", "first")
    machine.git(here, "checkout", "--quiet", "-b", "side")
    (here / "many").write_text("".join(mint.token(seed=seed) + "\n" for seed in range(300)))
    machine.git(here, "add", "many")
    machine.git(here, "commit", "--quiet", "-m", "second")
    if is_dropped:
        machine.git(here, "checkout", "--quiet", "main")
        machine.git(here, "merge", "--quiet", "--no-ff", "--strategy=ours", "-m", "third", "side")
        machine.git(here, "branch", "--quiet", "-D", "side")
    key = mock.Mock(wraps=attribution._key)
    monkeypatch.setattr(attribution, "_key", key)
    found = history.scan((), False, examination.settings((), None, True, versions=True)).findings
    assert len(found) == 300 and all(("removed by" in finding.note) == is_dropped for finding in found)
    assert key.call_count <= 300 * 10, "in proportion to the findings, not to their square"


@pytest.mark.parametrize("seed", range(5))
def test_a_push_is_told_as_its_commits_are(machine: Machine, here: pathlib.Path, seed: int) -> None:
    made = Histories(random.Random(seed))
    made.write(machine, here)
    there = made.rng.sample(range(COMMITS), seed % 3)
    machine.git(here, "remote", "add", "origin", "https://example.org/x.git")
    for number in there:
        machine.git(here, "update-ref", f"refs/remotes/origin/{number}", made.oids[number])
    known = examination.settings((), None, True)
    pushed = push.by_lines([push.Line(f"refs/heads/b{tip}", made.oids[tip], NONE) for tip in made.tips], "origin", "")
    report = outgoing.scan(pushed, known)
    old = made.reached(there)
    new = made.reached(made.tips) - old
    public = {text for number in old for text in made.files[number].values()}
    told = set[tuple[Text, str, str]]()
    for finding in report.findings:
        number, path = made.number(finding), finding.place.path
        text, token = made.files[number][path], finding.secret.reveal().decode() if finding.secret else ""
        assert (text, path, token) not in told and number in new
        told.add((text, path, token))
        assert not any(made.files[other].get(path) == text for other in (made.before(number) & new) | {*made.parents[number]})
        has_older = any(made.has(parent, path, token) and made.files[parent][path] not in public for parent in made.parents[number])
        assert not has_older, "a parent that is pushed as well has it there"
        assert number in made.reached([int((finding.place.ref or "").removeprefix("refs/heads/b"))])
    wanted = {(text, path, token) for number in new for path, text in made.files[number].items() for token in TOKENS if token in text}
    left = {one for one in wanted - told if one[0] not in public}
    versions = [
        (path, made.files[number].get(path), made.files[parent].get(path))
        for number in new for path in PATHS for parent in made.parents[number]
    ]
    while left:  # each leads over older versions of its file to one that is told
        found = {one for one in left for path, later, older in versions if (later, path) == one[:2] and (older, path, one[2]) in told}
        assert found, "it gets lost"
        told |= found
        left -= found
