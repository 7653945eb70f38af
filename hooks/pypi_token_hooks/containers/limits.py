"""What one file may cost to open: the one table of limits, and the account that is kept of them."""
from __future__ import annotations

import time

from pypi_token_hooks.model import Place

MAX_DEPTH = 8  # archives inside each other; people nest two or three
MAX_BYTES = 2 << 30  # unpacked from one file in all: more than all but the very largest wheels unpack to
MAX_MEMBER = 1 << 30  # unpacked from one member
MAX_MEMBERS = 200_000  # of one file in all: more than a zip without extensions can hold, thrice over
MAX_RATIO = 250  # unpacked to packed; text reaches 20, logs 100, only bombs and empty disks more
RATIO_FROM = 16 << 20  # bytes unpacked before the ratio counts: small things may be mostly zeros
MAX_SECONDS = 12.0  # of the processor for one file, whatever it holds: a busy machine finds no less
MAX_DICTIONARIES = 136 << 20  # memory that the decompressors open at once may take; one `zstd --ultra -22` takes 129 MiB
MAX_NAME = 1 << 16  # bytes of a name, of a comment, of one pax header

# A big file may cost more than a small one: what it has itself adds to what may be spent.
BYTES_A_BYTE = 8
SECONDS_A_BYTE = 1 / (2 << 20)


class OverLimit(Exception):
    """One member reached a limit; the message says which. What comes after it can still be read."""


class Exhausted(OverLimit):
    """The whole file reached a limit: nothing more of it is opened."""


def depth(place: Place) -> int:
    """Returns how many archives were opened to get to the place."""
    return len(place.members)


class Budget:
    """The account of one file, whatever lies inside of it: every member draws on it."""

    def __init__(self) -> None:
        self.told: set[tuple[Place, str]] = set()  # what was said already: a file is read in many ways
        self.memory = MAX_DICTIONARIES
        self._bytes, self._limit = 0, MAX_BYTES
        self._members = 0
        self._begun, self._seconds = 0.0, MAX_SECONDS  # from the first member on: most of what is read has none

    def feed(self, size: int) -> None:
        """Counts what is read of the file itself."""
        self._limit += size * BYTES_A_BYTE
        self._seconds += size * SECONDS_A_BYTE

    def draw(self, size: int, unpacked: int, packed: int) -> None:
        """Counts `size` more bytes of a member that is `unpacked` bytes so far, from `packed` ones."""
        self._bytes += size
        self.check()
        if unpacked > MAX_MEMBER:
            raise OverLimit(f"a member of more than {MAX_MEMBER >> 20:,} MiB: the rest was not unpacked")
        if unpacked > RATIO_FROM and unpacked > packed * MAX_RATIO:
            raise OverLimit(f"it unpacks to more than {MAX_RATIO} times its size")

    def member(self) -> None:
        """Counts one more member."""
        self._members += 1
        self.check()

    def check(self) -> None:
        """Raises Exhausted where the whole file is over a limit."""
        if self._members > MAX_MEMBERS:
            raise Exhausted(f"more than {MAX_MEMBERS:,} members in all: the rest was not read")
        if self._bytes > self._limit:
            most = self._limit >> 20
            raise Exhausted(f"it unpacks to more than {most:,} MiB in all: the rest was not read")
        self._begun = self._begun or time.process_time()
        if time.process_time() - self._begun > self._seconds:
            raise Exhausted(f"it takes more than {self._seconds:.0f} seconds of work: the rest was not read")
