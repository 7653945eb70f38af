"""An open stream in; out: one blob, or the chunks of a big stream, to be read in windows."""
from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING
from typing import BinaryIO
from typing import NamedTuple

from pypi_token_hooks.model import Blob
from pypi_token_hooks.model import Place
from pypi_token_hooks.pieces import CHUNK
from pypi_token_hooks.pieces import MAX_WHOLE

if TYPE_CHECKING:  # files are scanned without git
    from pypi_token_hooks import git

__all__ = ["MAX_WHOLE", "Big", "blobs", "item"]


class Big(NamedTuple):
    """Data too big for one blob. The chunks, from a file, a pipe or git, can be read once, in order."""

    chunks: Iterator[bytes]
    place: Place


def item(met: git.Met, place: Place) -> Blob | Big:
    """Returns the content of an object of git, to be scanned as what is at the place."""
    return Blob(met.data, place) if met.chunks is None else Big(met.chunks, place)


def _chunks(head: list[bytes], stream: BinaryIO) -> Iterator[bytes]:
    while head:
        yield head.pop(0)
    while chunk := stream.read(CHUNK):
        yield chunk


def blobs(stream: BinaryIO, place: Place) -> Iterator[Blob | Big]:
    """Yields the content of a file, pipe or other stream, which must stay open until the content has been read."""
    head: list[bytes] = []
    size = 0
    while size < MAX_WHOLE and (chunk := stream.read(CHUNK)):
        head.append(chunk)
        size += len(chunk)
    if size < MAX_WHOLE:
        yield Blob(b"".join(head), place)
    else:
        yield Big(_chunks(head, stream), place)
