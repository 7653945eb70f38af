"""Open files: one blob out, or where the file is big its chunks, to be read by window."""
from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO
from typing import NamedTuple

from pypi_token_hooks.model import Blob
from pypi_token_hooks.model import Place
from pypi_token_hooks.pieces import CHUNK
from pypi_token_hooks.pieces import MAX_WHOLE

__all__ = ["MAX_WHOLE", "Big", "blobs"]


class Big(NamedTuple):
    """Something too big for one blob. The chunks can be read once, in order: from a file, a pipe or git."""

    chunks: Iterator[bytes]
    place: Place


def _chunks(head: list[bytes], stream: BinaryIO) -> Iterator[bytes]:
    while head:
        yield head.pop(0)
    while chunk := stream.read(CHUNK):
        yield chunk


def blobs(stream: BinaryIO, place: Place) -> Iterator[Blob | Big]:
    """Yields what an open file, pipe or other stream holds. The stream stays open until that is read."""
    head: list[bytes] = []
    size = 0
    while size < MAX_WHOLE and (chunk := stream.read(CHUNK)):
        head.append(chunk)
        size += len(chunk)
    if size < MAX_WHOLE:
        yield Blob(b"".join(head), place)
    else:
        yield Big(_chunks(head, stream), place)
