"""Work over all cores: numbered tasks in, one result for each process out."""
from __future__ import annotations

import itertools
import os
import pickle  # between a process and its own children only
import signal
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Sequence
from typing import Any
from typing import TypeVar

from pypi_token_hooks.model import CheckFailed
from pypi_token_hooks.model import bug

Result = TypeVar("Result")
_NUMBER = 4  # bytes of a number in a pipe: so short a read is whole or not at all
_MOST = 1 << 10  # numbers in a pipe: one page of memory, which it holds even where its user has too many of them


def cores() -> int:
    """Returns how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _numbers(queues: Sequence[int], count: int, step: int) -> Iterator[int]:
    """Yields the tasks for which the numbers in the queues stand, each for so many of the `count`."""
    for queue in queues:
        while number := os.read(queue, _NUMBER):
            start = int.from_bytes(number, "big") * step
            yield from range(start, min(start + step, count))


def _queue(numbers: range) -> int:
    """Returns the reading end of a pipe that holds the numbers."""
    reading, writing = os.pipe()
    os.write(writing, b"".join(number.to_bytes(_NUMBER, "big") for number in numbers))
    os.close(writing)
    return reading


def _queues(count: int, processes: int) -> list[int]:
    """Returns a queue for each process with its share of the numbers below `count`, which follow each other."""
    bounds = [count * process // processes for process in range(processes + 1)]
    return [_queue(range(start, end)) for start, end in itertools.pairwise(bounds)]


def _while_there_is(parent: int, numbers: Iterator[int]) -> Iterator[int]:
    """Yields the numbers; ends this process where its parent is gone, which may not even have had the time to end it."""
    for number in numbers:
        if os.getppid() != parent:
            os._exit(1)
        yield number


def _child(numbers: Iterator[int], answer: int, work: Callable[[Iterator[int]], Any]) -> None:
    """The life of a child process: it never returns."""
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


def _answer(reading: int, child: int) -> Any:
    with os.fdopen(reading, "rb") as stream:
        data = stream.read()
    _, status = os.waitpid(child, 0)
    if status:
        raise CheckFailed("a worker process ended before its work was done; nothing is known of its part")
    result = pickle.loads(data)  # noqa: S301 - written by our own child a moment ago
    if isinstance(result, CheckFailed):
        raise result
    return result


def over_cores(
    count: int, work: Callable[[Iterator[int]], Result], processes: int | None = None
) -> list[Result]:
    """Calls `work` with an iterator of task numbers in each of `processes` processes; returns what they return.

    Every number below `count` goes to exactly one of them: first each takes what is its own share, one after the other,
    then what others have left.
    Where the system cannot fork, one process does it all; where it does not let us, those that there are.
    """
    wanted = min(cores() if processes is None else processes, count)
    if wanted < 2 or not hasattr(os, "fork"):
        return [work(iter(range(count)))]
    step = -(-count // (wanted * _MOST))
    queues = _queues(-(-count // step), wanted)
    parent = os.getpid()
    children = []
    try:
        for own in range(1, wanted):
            reading, writing = os.pipe()
            try:
                child = os.fork()
            except OSError:  # this user may have no more of them
                os.close(reading)
                os.close(writing)
                break
            if child == 0:
                os.close(reading)
                _child(_while_there_is(parent, _numbers(queues[own:] + queues[:own], count, step)), writing, work)
            os.close(writing)
            children.append((reading, child))
        results = [work(_numbers(queues, count, step))]
        while children:
            results.append(_answer(*children.pop(0)))
        return results
    finally:
        for queue in queues:
            os.close(queue)
        for reading, child in children:
            os.close(reading)
            os.kill(child, signal.SIGTERM)
            os.waitpid(child, 0)
