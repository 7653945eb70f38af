"""What opening one file may cost: the table of limits, and the account that is kept of it."""
from __future__ import annotations

import time

from pypi_token_hooks.model import Place

MAX_DEPTH = 8  # archives inside each other; people nest two or three
MAX_BYTES = 2 << 30  # bytes unpacked from one file in all: only the very largest wheels unpack to more
MAX_MEMBER = 1 << 30  # bytes unpacked from one member
MAX_MEMBERS = 200_000  # of one file in all: three times what a zip without extensions can have
MAX_RATIO = 250  # unpacked to packed bytes: text reaches 20, logs 100, only bombs and empty disks more
RATIO_FROM = 16 << 20  # bytes unpacked before the ratio counts: small files may be mostly zeros
MAX_SECONDS = 12.0  # of processor time for one file: so the limit does not depend on how busy the machine is
MAX_DICTIONARIES = 136 << 20  # bytes of memory for all decompressors that are open; one of `zstd --ultra -22` takes 129 MiB
MAX_NAME = 1 << 16  # bytes of a name, of a comment, of one pax header

# Each byte of the file itself adds so much to what it may unpack to, and to the time that it may take.
BYTES_A_BYTE = 8
SECONDS_A_BYTE = 1 / (2 << 20)


class OverLimit(Exception):
    """A member reached a limit, which the message names. What comes after it can still be read."""


class Exhausted(OverLimit):
    """The whole file reached a limit: nothing more of it is opened."""


class Budget:
    """The account of one file, on which everything inside of it draws."""

    def __init__(self) -> None:
        self.told: set[tuple[Place, str]] = set()  # what was reported as unread: different readings may meet it again
        self.memory = MAX_DICTIONARIES  # bytes that are left for decompressors
        self._bytes, self._limit = 0, MAX_BYTES
        self._members = 0
        self._begun, self._seconds = 0.0, MAX_SECONDS  # the clock starts with the first member: most files have none

    def feed(self, size: int) -> None:
        """Counts bytes of the file itself, which raise the limits."""
        self._limit += size * BYTES_A_BYTE
        self._seconds += size * SECONDS_A_BYTE

    def draw(self, size: int, unpacked: int, packed: int) -> None:
        """Counts `size` more bytes of a member, of which `packed` bytes have unpacked to `unpacked` so far. Raises OverLimit."""
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
        """Raises Exhausted if the whole file is over a limit."""
        if self._members > MAX_MEMBERS:
            raise Exhausted(f"more than {MAX_MEMBERS:,} members in all: the rest was not read")
        if self._bytes > self._limit:
            most = self._limit >> 20
            raise Exhausted(f"it unpacks to more than {most:,} MiB in all: the rest was not read")
        self._begun = self._begun or time.process_time()
        if time.process_time() - self._begun > self._seconds:
            raise Exhausted(f"it takes more than {self._seconds:.0f} seconds of work: the rest was not read")
