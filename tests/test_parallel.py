"""Work over all cores: every task exactly once, whatever happens to a process."""
from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from pypi_token_hooks import parallel
from pypi_token_hooks.model import CheckFailed


def numbers(given: Iterator[int]) -> list[int]:
    return list(given)


@pytest.mark.parametrize("count", [0, 1, 2, 3, 1000, 5000, 300_001])
@pytest.mark.parametrize("processes", [1, 2, 5])
def test_every_number_goes_to_exactly_one_process(count: int, processes: int) -> None:
    parts = parallel.over_cores(count, numbers, processes)
    assert sorted(number for part in parts for number in part) == list(range(count))


def test_without_fork_one_process_does_it_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "fork")
    assert parallel.over_cores(5, numbers, 4) == [[0, 1, 2, 3, 4]]


def test_large_answers_come_back_whole() -> None:
    def work(given: Iterator[int]) -> bytes:
        return b"x" * 3_000_000 + bytes(len(list(given)) > 1000)

    assert sum(map(len, parallel.over_cores(64, work, 3))) >= 9_000_000


def test_a_child_that_dies_is_told() -> None:
    parent = os.getpid()

    def work(given: Iterator[int]) -> int:
        if os.getpid() != parent:
            os._exit(3)
        return len(list(given))

    with pytest.raises(CheckFailed, match="worker process"):
        parallel.over_cores(100, work, 2)


def test_a_child_that_raises_is_told(capfd: pytest.CaptureFixture[str]) -> None:
    parent = os.getpid()

    def work(given: Iterator[int]) -> int:
        if os.getpid() != parent:
            raise ValueError("what it read")
        return len(list(given))

    with pytest.raises(CheckFailed, match="worker process"):
        parallel.over_cores(100, work, 2)
    assert "what it read" not in capfd.readouterr().err


def test_a_check_that_fails_in_a_child_is_told_in_its_own_words() -> None:
    parent = os.getpid()

    def work(given: Iterator[int]) -> int:
        if os.getpid() != parent:
            raise CheckFailed("the baseline is broken")
        return len(list(given))

    with pytest.raises(CheckFailed, match="the baseline is broken"):
        parallel.over_cores(100, work, 2)


def test_an_error_in_the_parent_leaves_no_child_behind() -> None:
    parent = os.getpid()

    def work(given: Iterator[int]) -> int:
        if os.getpid() == parent:
            raise KeyboardInterrupt
        return sum(given)

    with pytest.raises(KeyboardInterrupt):
        parallel.over_cores(100, work, 3)
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)
