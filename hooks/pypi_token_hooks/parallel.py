"""Work in other processes: numbered tasks in, one result from each of all cores out; or one piece of work that is done meanwhile."""
from __future__ import annotations

import itertools
import os
import pickle  # between a process and its own children only
import signal
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import contextmanager
from typing import Any
from typing import TypeVar

from pypi_token_hooks.model import CheckFailed
from pypi_token_hooks.model import bug

Result = TypeVar("Result")
_NUMBER = 4  # bytes of a number in a pipe: so short a read is never partial
_MOST = 1 << 10  # numbers in a pipe: one page, which Linux grants a pipe even to a user who has used up the quota for pipes


def cores() -> int:
    """Returns how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _numbers(queues: Sequence[int], count: int, step: int) -> Iterator[int]:
    """Yields the tasks that the numbers in the queues stand for: each for `step` tasks in a row, of `count` in all."""
    for queue in queues:
        while number := os.read(queue, _NUMBER):
            start = int.from_bytes(number, "big") * step
            yield from range(start, min(start + step, count))


def _queue(numbers: range) -> int:
    """Returns the reading end of a pipe that contains the numbers and no more."""
    reading, writing = os.pipe()
    os.write(writing, b"".join(number.to_bytes(_NUMBER, "big") for number in numbers))
    os.close(writing)
    return reading


def _queues(count: int, processes: int) -> list[int]:
    """Returns a queue for each process, with its share of the numbers below `count`: neighbours stay together."""
    bounds = [count * process // processes for process in range(processes + 1)]
    return [_queue(range(start, end)) for start, end in itertools.pairwise(bounds)]


def _while_there_is(parent: int, numbers: Iterator[int]) -> Iterator[int]:
    """Yields the numbers as long as the parent lives; then ends this process, which a killed parent could not do."""
    for number in numbers:
        if os.getppid() != parent:
            os._exit(1)
        yield number


def _child(numbers: Iterator[int], answer: int, work: Callable[[Iterator[int]], Any]) -> None:
    """What a child process does: works, writes its result (or a CheckFailed) to the pipe, and exits. It never returns."""
    code = 1
    try:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        try:
            result: Any = work(numbers)
        except CheckFailed as error:
            result = error
        except Exception as error:
            result = CheckFailed(bug(error))
        with os.fdopen(answer, "wb") as stream:
            pickle.dump(result, stream, pickle.HIGHEST_PROTOCOL)
        code = 0
    finally:
        os._exit(code)


def _forked(numbers: Iterator[int], work: Callable[[Iterator[int]], Any]) -> tuple[int, int] | None:
    """Starts a child for the numbers. Returns the reading end of the pipe for its answer, and its process id; None if refused."""
    reading, writing = os.pipe()
    parent = os.getpid()
    try:
        child = os.fork()
    except OSError:  # this user may have no more processes
        os.close(reading)
        os.close(writing)
        return None
    if child == 0:
        os.close(reading)
        _child(_while_there_is(parent, numbers), writing, work)
    os.close(writing)
    return reading, child


def _answer(reading: int, child: int) -> Any:
    """Waits for a child and returns its result. Raises CheckFailed if it failed or was killed."""
    with os.fdopen(reading, "rb") as stream:
        data = stream.read()
    _, status = os.waitpid(child, 0)
    if status:
        raise CheckFailed("a worker process ended before its work was done; nothing is known of its part")
    result = pickle.loads(data)  # noqa: S301 - written by our own child a moment ago
    if isinstance(result, CheckFailed):
        raise result
    return result


def _ended(reading: int, child: int) -> None:
    """Ends a child whose result nobody waits for any more."""
    os.close(reading)
    os.kill(child, signal.SIGTERM)
    os.waitpid(child, 0)


@contextmanager
def meanwhile(work: Callable[[], Result]) -> Iterator[Callable[[], Result]]:
    """Does the work in a process of its own, and gives out a function that waits for the result, to be called once.

    Where no process can be had, that function does the work. It raises CheckFailed if the process failed.
    """
    forked = _forked(iter(()), lambda _: work()) if hasattr(os, "fork") else None
    if forked is None:
        yield work
        return
    waiting = [forked]
    try:
        yield lambda: _answer(*waiting.pop())
    finally:
        for one in waiting:
            _ended(*one)


def over_cores(
    count: int, work: Callable[[Iterator[int]], Result], processes: int | None = None
) -> list[Result]:
    """Calls `work` in each of `processes` processes with an iterator of task numbers; returns what the calls return.

    Every number below `count` goes to exactly one process. Each takes its own share first, in order, then what others have left.
    Without `fork`, as on Windows, this process does all the work. If the system refuses a further process, those that exist do
    it. Raises CheckFailed if a process failed.
    """
    wanted = min(cores() if processes is None else processes, count)
    if wanted < 2 or not hasattr(os, "fork"):
        return [work(iter(range(count)))]
    step = -(-count // (wanted * _MOST))
    queues = _queues(-(-count // step), wanted)
    children = list[tuple[int, int]]()
    try:
        for own in range(1, wanted):
            forked = _forked(_numbers(queues[own:] + queues[:own], count, step), work)
            if forked is None:
                break
            children.append(forked)
        results = [work(_numbers(queues, count, step))]
        while children:
            results.append(_answer(*children.pop(0)))
        return results
    finally:
        for queue in queues:
            os.close(queue)
        for one in children:
            _ended(*one)
