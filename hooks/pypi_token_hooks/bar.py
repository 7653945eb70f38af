"""A progress bar on standard error, if that is a terminal. Its library is loaded only then."""
from __future__ import annotations

import sys
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def progress() -> Iterator[Callable[[int, int], None] | None]:
    """Gives out a function that takes how many parts are done and how many there are; None if there is no bar to show."""
    if not (sys.stderr and sys.stderr.isatty()):
        yield None
        return
    try:
        from tqdm import tqdm
    except ImportError:  # the check matters, the bar does not
        yield None
        return
    tqdm.monitor_interval = 0  # no thread of its own: this process will fork
    with tqdm(desc="history", unit="part", leave=False, file=sys.stderr) as shown:

        def show(done: int, total: int) -> None:
            shown.total = total
            shown.update(done - shown.n)

        yield show
