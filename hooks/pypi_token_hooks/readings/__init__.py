"""Other ways to read the same bytes: one blob into views, each with the map back to its offsets."""
from __future__ import annotations

import re
from collections.abc import Callable
from collections.abc import Iterator
from typing import NamedTuple

from pypi_token_hooks.anchors import worth_reading
from pypi_token_hooks.model import View
from pypi_token_hooks.readings import encoded
from pypi_token_hooks.readings import joined
from pypi_token_hooks.readings import substituted
from pypi_token_hooks.readings.offsets import composed

DEPTH = 3  # readings on top of each other


class Reading(NamedTuple):
    """One step: bytes into views. `sign` are bytes without which there is nothing to read."""

    sign: bytes
    read: Callable[[bytes], Iterator[View]]


STEPS = (
    Reading(b"", encoded.base64),
    Reading(b"", encoded.hexadecimal),
    Reading(b"\0", encoded.utf16),
    Reading(b"\0", encoded.utf32),
    Reading(b"%", substituted.percent),
    Reading(b"\\", substituted.escapes),
    Reading(b"&", substituted.references),
    Reading(b"=", substituted.quoted_printable),
    Reading(b"\n", joined.joined),
    Reading(b'"', joined.joined),
    Reading(b"'", joined.joined),
    Reading(b"\xe2", substituted.invisible),
    Reading(b"\xef\xbb\xbf", substituted.invisible),
    Reading(b"\xc2\xad", substituted.invisible),
    Reading(b"\xcd\x8f", substituted.invisible),
    Reading(b"\xe1\xa0\x8e", substituted.invisible),
)
# what an archive or a compressed stream begins with: the containers look further
ARCHIVES = (b"PK\x03\x04", b"\x1f\x8b\x08", b"BZh", b"\xfd7zXZ\x00", b"\x28\xb5\x2f\xfd")
# letters, perhaps wide ones, perhaps with invisible ones between
_TEXT = re.compile(rb"(?:[\t\n\r\x20-\x7e\0]|[\xe2\xef][\x80\x81\xbb][\x80-\xbf]|\xc2\xad){24}|(?:[\x0b-\x7e]\0?[\0\x0b-\x60] ?){12}")


def _steps(data: bytes) -> Iterator[Callable[[bytes], Iterator[View]]]:
    """Yields the readings whose sign is in the data, each once."""
    return iter(dict.fromkeys(step.read for step in STEPS if step.sign in data))


def _decoded(view: View, depth: int) -> Iterator[View]:
    """Yields the views of a view, those of theirs too, that are worth reading."""
    for read in _steps(view.data):
        for inner in read(view.data):
            if not _TEXT.search(inner.data) and not inner.data.startswith(ARCHIVES):
                continue  # a run that was no encoding, or not at this alignment
            whole = View(inner.data, view.readings + inner.readings, composed(inner.at, view.at))
            if worth_reading(whole.data) or whole.data.startswith(ARCHIVES):
                yield whole
            if depth > 1:
                yield from _decoded(whole, depth - 1)


def views(data: bytes) -> Iterator[View]:
    """Yields the bytes as they are, then each other reading of them that is worth it, up to three deep."""
    plain = View(data, (), int)
    yield plain
    yield from _decoded(plain, DEPTH)
