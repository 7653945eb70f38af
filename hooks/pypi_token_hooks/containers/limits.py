"""What one file may cost to open: the one table of limits, and the account that is kept of them."""
from __future__ import annotations

import time

MAX_DEPTH = 8  # archives inside each other; people nest two or three
MAX_BYTES = 1 << 30  # unpacked from one file in all: the largest wheels unpack to that
MAX_MEMBERS = 100_000  # of one file in all: twenty times the files of a large wheel
MAX_RATIO = 250  # unpacked to packed; text reaches 20, logs 100, only bombs more
RATIO_FROM = 16 << 20  # bytes unpacked before the ratio counts: small things may be mostly zeros
MAX_SECONDS = 60.0  # for one file
MAX_DICTIONARY = 128 << 20  # bytes of memory an xz stream may ask for: what `xz -9` does, and as much again


class OverLimit(Exception):
    """A limit was reached; the message says which."""


class Budget:
    """The account of one file: every member draws on it."""

    def __init__(self) -> None:
        self.bytes = MAX_BYTES
        self.members = MAX_MEMBERS
        self.until = time.monotonic() + MAX_SECONDS

    def draw(self, size: int, unpacked: int, packed: int) -> None:
        """Counts `size` more bytes of a member that is `unpacked` bytes so far, from `packed` ones."""
        self.bytes -= size
        if self.bytes < 0:
            raise OverLimit(f"unpacks to more than {MAX_BYTES >> 20} MiB in all")
        if unpacked > RATIO_FROM and unpacked > packed * MAX_RATIO:
            raise OverLimit(f"unpacks to more than {MAX_RATIO} times its size")
        if time.monotonic() > self.until:
            raise OverLimit(f"takes more than {MAX_SECONDS:.0f} seconds to unpack")

    def member(self) -> None:
        """Counts one more member."""
        self.members -= 1
        if self.members < 0:
            raise OverLimit(f"holds more than {MAX_MEMBERS:,} members")
        self.draw(0, 0, 0)
