"""A progress bar: shown on a terminal, and nowhere else; its library is loaded only there."""
from __future__ import annotations

import sys
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def progress() -> Iterator[Callable[[int, int], None] | None]:
    """Gives out a function that takes what is done and what is to do; None where nobody watches."""
    if not (sys.stderr and sys.stderr.isatty()):
        yield None
        return
    try:
        from tqdm import tqdm
    except ImportError:  # a hook without its bar is better than none
        yield None
        return
    tqdm.monitor_interval = 0  # its thread would be there while processes are made
    with tqdm(desc="history", unit="part", leave=False, file=sys.stderr) as shown:

        def show(done: int, total: int) -> None:
            shown.total = total
            shown.update(done - shown.n)

        yield show
