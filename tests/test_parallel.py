"""Work over all cores: every task exactly once, whatever happens to a process."""
from __future__ import annotations

import os
import pathlib
import signal
import time
from collections.abc import Callable
from collections.abc import Iterator

import pytest

from pypi_token_hooks import parallel
from pypi_token_hooks.model import CheckFailed


def numbers(given: Iterator[int]) -> list[int]:
    return list(given)


def is_childless() -> bool:
    try:
        os.waitpid(-1, os.WNOHANG)
    except ChildProcessError:
        return True
    return False


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

    with pytest.raises(CheckFailed, match=r"^internal error \(ValueError\); please report it$"):
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
    assert is_childless()


@pytest.mark.parametrize("made", [0, 2])
def test_where_no_more_processes_may_be_made_those_that_there_are_do_it_all(made: int, monkeypatch: pytest.MonkeyPatch) -> None:
    fork, left = os.fork, [None] * made

    def refused() -> int:
        if not left:
            raise BlockingIOError(11, "Resource temporarily unavailable")
        left.pop()
        return fork()

    monkeypatch.setattr(os, "fork", refused)
    parts = parallel.over_cores(1000, numbers, 5)
    assert len(parts) == made + 1 and sorted(number for part in parts for number in part) == list(range(1000))


@pytest.mark.parametrize("is_refused", [False, True])
def test_what_is_done_meanwhile_comes_back_whole(is_refused: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if is_refused:
        monkeypatch.setattr(os, "fork", lambda: (_ for _ in ()).throw(BlockingIOError(11, "Resource temporarily unavailable")))
    with parallel.meanwhile(lambda: (os.getpid(), b"x" * 3_000_000)) as done:
        pid, data = done()
    assert len(data) == 3_000_000 and (pid == os.getpid()) is is_refused and is_childless()


def test_without_fork_it_is_done_when_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "fork")
    with parallel.meanwhile(os.getpid) as done:
        assert done() == os.getpid()


def test_what_fails_meanwhile_is_told_when_it_is_asked_for() -> None:
    def work() -> None:
        raise CheckFailed("the repository is broken")

    with parallel.meanwhile(work) as done, pytest.raises(CheckFailed, match="the repository is broken"):
        done()
    assert is_childless()


def test_what_nobody_waits_for_is_ended() -> None:
    begun = time.monotonic()
    with pytest.raises(KeyboardInterrupt), parallel.meanwhile(lambda: time.sleep(60)):
        raise KeyboardInterrupt
    assert time.monotonic() - begun < 30 and is_childless()


def test_a_child_ends_when_its_parent_is_gone(tmp_path: pathlib.Path) -> None:
    """Whoever ends a check ends but the process that he knows."""
    begun = tmp_path / "begun"

    def work(given: Iterator[int]) -> int:
        for _ in given:
            begun.write_text(str(os.getpid())) if os.getpid() != parent else None
            time.sleep(0.05)
        return 0

    pid = os.fork()
    if pid == 0:
        parent = os.getpid()
        parallel.over_cores(100_000, work, 2)
        os._exit(0)
    parent = pid
    wait_until(begun.exists)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    begun.unlink(missing_ok=True)
    time.sleep(0.5)
    begun.unlink(missing_ok=True)
    time.sleep(0.5)
    assert not begun.exists()


def wait_until(happened: Callable[[], bool]) -> None:
    for _ in range(600):
        if happened():
            return
        time.sleep(0.05)
    raise AssertionError("it never happened")
