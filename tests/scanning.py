"""Scans of bytes as the tests make them: data in, the report or the findings out; and where in the data something stands."""
from __future__ import annotations

import codecs
import io
import re
from collections.abc import Iterator

from pypi_token_hooks import engine
from pypi_token_hooks import examination
from pypi_token_hooks import harvest
from pypi_token_hooks import pipeline
from pypi_token_hooks.model import Blob
from pypi_token_hooks.model import Finding
from pypi_token_hooks.model import Place
from pypi_token_hooks.model import Report
from pypi_token_hooks.model import Secret
from pypi_token_hooks.sources import windows
from tests.packing import OUTER

KNOWN = examination.settings((), None, file_names=False)
OWN = (harvest.Own(Secret(b"correct-horse-battery"), "the environment variable TWINE_PASSWORD"),)
OWN_ANCHORS = harvest.anchors_of(OWN)
EVERYTHING = examination.settings(OWN, None, False)
YES = engine.Questions(lambda data: True, lambda data: iter([(0, len(data))]), lambda data: True, lambda *of: engine.Look(True))
MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"), (codecs.BOM_UTF32_BE, "utf-32-be"), (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def scan(data: bytes, name: str = OUTER) -> Report:
    """Returns what is found in a file that holds the data."""
    return pipeline.scan(windows.blobs(io.BytesIO(data), Place(name)), KNOWN)


def scan_in_chunks(data: bytes, size: int) -> Report:
    """Returns what is found in the data as if they were too big for one blob, and came in chunks of so many bytes."""

    def chunks() -> Iterator[bytes]:
        for at in range(0, len(data), size):
            yield data[at : at + size]

    return pipeline.scan([windows.Big(chunks(), Place(OUTER))], KNOWN)


def leaking(sample: str) -> bytes:
    """Returns a file that holds the token in line 3, column 11."""
    return b"# settings\nname = \xe2\x98\x83\n  TOKEN = " + sample.encode() + b"\n" + b"x = 1\n" * 20


def found_in(report: Report) -> list[tuple[tuple[str, ...], str, int, int]]:
    return [(one.place.members, one.place.part, one.line, one.column) for one in report.findings]


def found(data: bytes, ask: engine.Questions = YES) -> list[Finding]:
    """Returns what a scan finds that reads everything, whatever the anchors say, or what another question says."""
    known = EVERYTHING._replace(ask=ask, harmless=set())  # what is harmless by one question may not be so by another
    return pipeline.scan([Blob(data, Place("f"))], known).findings


def place(data: bytes, start: int) -> tuple[int, int]:
    """Returns the line and the column of an offset, as an editor tells them; a character of wide text is one, and so is a zero."""
    for mark, encoding in MARKS:
        if data.startswith(mark):
            lines = data[len(mark) : start].decode(encoding).split("\n")
            return len(lines), len(lines[-1]) + 1
    before = data[:start].split(b"\n")
    narrow = re.sub(rb"\0?(?:[ -~]\0(?:\0\0)?){3,}", lambda wide: wide[0].replace(b"\0", b""), before[-1])
    text = narrow.replace(b"\xff\xfe\0\0", b"\xff\xfe").removeprefix(b"\xff\xfe").removeprefix(b"\xef\xbb\xbf")
    return len(before), len(text.decode("utf-8", "replace")) + 1
