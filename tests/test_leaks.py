"""Two thousand leaks and more: shapes of tokens, readings, containers and what is glued to them, in all mixtures.

Each is minted when the test runs, scanned as the hooks scan it, and is to be found once, whole and in its right place.
"""
from __future__ import annotations

import itertools
import json
import pathlib
import random
from collections.abc import Iterator
from collections.abc import Sequence
from typing import NamedTuple

import pytest

from pypi_token_hooks import anchors
from pypi_token_hooks import examination
from pypi_token_hooks import pieces
from pypi_token_hooks import pipeline
from pypi_token_hooks.model import Blob
from pypi_token_hooks.model import Finding
from pypi_token_hooks.model import Place
from tests import hiding
from tests import mint
from tests import packing
from tests.hiding import Hiding
from tests.machine import Machine
from tests.scanning import place

KNOWN = examination.settings((), None, False)
SHAPES = mint.every_shape(77)
LONGER = SHAPES[:-1]  # devpi's tokens are shorter: in several readings one may escape the sample
USUAL = ("zip stored", "zip deflate", "zip behind a shell header", "tar pax", "gzip", "bzip2", "xz -6", "zstd -3")
CONTAINERS = [None, *(way for way in packing.ALL if way.name in USUAL)]
GLUE = ((b"", b""), (b"\n\nkey = ", b" # old\n"), ("caf\u00e9 {".encode(), b"}\n" * 5), (b"\0\x01\xff", b"\xfe\x80\0"))
CUTS = ("joined", "quoted-printable", "invisible")  # readings that join what was cut
MARGIN = 60  # characters: the glue and what begins a line


class Leak(NamedTuple):
    """A token that is hidden, and what is to be told of it."""

    name: str
    sample: str
    data: bytes
    line: int
    column: int
    members: tuple[str, ...]


def leak(shape: str, sample: str, ways: Sequence[Hiding], container: packing.Packing | None, glue: tuple[bytes, bytes]) -> Leak:
    """Returns a leak of the token, which has the shape."""
    held, at = hiding.chained(ways)(sample.encode())
    data = glue[0] + held + glue[1]
    name = " in ".join((shape, *(way.name for way in ways), container.name if container else "a file"))
    line, column = place(data, len(glue[0]) + at[0])
    if container is None:
        return Leak(name, sample, data, line, column, ())
    return Leak(name, sample, container.pack(data), line, column, (container.member_of(packing.OUTER),))


def holds(ways: Sequence[Hiding]) -> bool:
    """Tells whether somebody could have made that: text is cut once, and what is no text is not written as text."""
    if sum(way.reading in CUTS or "mime" in way.name for way in ways) > 1:
        return False
    hidden = [hiding.chained(ways[:number])(b"x" * 200)[0] for number in range(1, len(ways))]
    return all(
        (held.isascii() and b"\0" not in held) or way.reading not in (*CUTS, "html", "escapes", "utf-16-le")
        for held, way in zip(hidden, ways[1:], strict=True)
    )


def single() -> Iterator[Leak]:
    """Yields each reading in each container, with and without glue."""
    glued, shapes = itertools.cycle(GLUE), itertools.cycle(SHAPES)
    for way, container in itertools.product(hiding.ALL, CONTAINERS):
        around = next(glued)
        if way.reading.startswith("utf") and around[0].endswith(b"\n"):
            around = (b"\x80" * (len(way.name) % 4), b"\x80")  # at an odd offset
        yield leak(*next(shapes), [way], container, around)


def several(depth: int, most: int) -> Iterator[Leak]:
    """Yields readings in each other."""
    mixed = [ways for ways in itertools.product(hiding.REALISTIC, repeat=depth) if holds(ways)]
    random.Random(depth).shuffle(mixed)
    for number, (ways, (shape, sample)) in enumerate(zip(mixed[:most], itertools.cycle(LONGER), strict=False)):
        yield leak(shape, sample, ways, CONTAINERS[number % len(CONTAINERS)], (b"", b""))


def told(findings: Sequence[Finding]) -> list[tuple[object, ...]]:
    return [(f.rule, f.confidence, f.line, f.column, f.place.members) for f in findings]


def wrong(leaks: Iterator[Leak]) -> list[object]:
    """Returns what is not told as it is, of leaks that are found by scanning each."""
    result: list[object] = []
    for one in leaks:
        findings = pipeline.scan([Blob(one.data, Place(packing.OUTER))], KNOWN).findings
        expected = [("pypi-token", "certain", one.line, one.column, one.members)]
        bodies = (one.sample, one.sample.partition("-")[2] if " in prefix " in one.name else one.sample)
        secrets = [finding.secret.reveal().decode() for finding in findings if finding.secret]
        if told(findings) != expected or secrets[0] not in bodies or not anchors.worth_reading(one.data):
            result.append((one.name, expected, told(findings)))
    return result


def test_there_are_two_thousand() -> None:
    count = len(hiding.ALL) * len(CONTAINERS) + sum(1 for _ in several(2, 500)) + sum(1 for _ in several(3, 700))
    assert count >= 2000


def test_each_reading_in_each_container() -> None:
    assert wrong(single()) == []


@pytest.mark.parametrize(("depth", "most"), [(2, 500), (3, 700)])
def test_readings_in_each_other(depth: int, most: int) -> None:
    assert wrong(several(depth, most)) == []


@pytest.mark.parametrize("way", [None, *hiding.REALISTIC], ids=lambda way: way.name if way else "plain")
def test_a_leak_at_the_border_of_the_windows_of_a_big_file(way: Hiding | None) -> None:
    sample = mint.token(seed=78)
    held, at = way.hide(sample.encode()) if way else (sample.encode(), list(range(len(sample))))
    line = b"a line of a log that nobody reads\n"
    step = pieces.WINDOW - pieces.OVERLAP
    starts = [step - 90, step + pieces.OVERLAP // 2 - 90, pieces.WINDOW - 90, 2 * step - 1]
    data = bytearray(line * (pieces.MAX_WHOLE // len(line) + 200))
    for start in starts:
        around = b"\n" + b"\0" * (2 - start % 2) + held + b"\n"
        data[start - len(around) : start] = around
    found = [finding for finding in scanned_big(bytes(data)) if finding.rule == "pypi-token"]
    expected = [place(bytes(data), start - len(held) - 1 + at[0]) for start in starts]
    assert [(finding.line, finding.column) for finding in found] == expected


def scanned_big(data: bytes) -> list[Finding]:
    """Returns the findings in something that is read by window."""
    from pypi_token_hooks.sources import windows

    chunks = (data[at : at + pieces.CHUNK] for at in range(0, len(data), pieces.CHUNK))
    return pipeline.scan([windows.Big(chunks, Place("big"))], KNOWN).findings


def test_two_readings_of_one_secret_are_one_finding_and_two_places_are_two() -> None:
    sample = mint.token(seed=79).encode()
    escaped = sample.replace(b"-", b"\\x2d")  # without its prefix it can be read as it stands
    assert len(pipeline.scan([Blob(escaped, Place("f"))], KNOWN).findings) == 1
    assert len(pipeline.scan([Blob(sample + b"\n" + sample.hex().encode(), Place("f"))], KNOWN).findings) == 2
    assert len(pipeline.scan([Blob(sample + sample, Place("f"))], KNOWN).findings) == 2
    three = b"".join(mint.token(host, seed=80).encode() for host in mint.HOSTS[:3])
    assert len(pipeline.scan([Blob(b"x" + three + b"y", Place("f"))], KNOWN).findings) == 3


def test_the_process_tells_what_the_scan_tells(machine: Machine, tmp_path: pathlib.Path) -> None:
    leaks = [*itertools.islice(single(), 0, None, 37), *itertools.islice(several(3, 700), 0, None, 41)]
    for number, one in enumerate(leaks):
        (tmp_path / f"{number:03}").mkdir()
        (tmp_path / f"{number:03}" / packing.OUTER).write_bytes(one.data)
    done = machine.hook("detect-pypi-token", "--format=json", "--no-own", ".", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (1, b"")
    found = {pathlib.Path(f["path"]).parent.name: f for f in json.loads(done.stdout)["findings"]}
    assert [(f["line"], f["column"], tuple(f["members"])) for _, f in sorted(found.items())] == [
        (one.line, one.column, one.members) for one in leaks
    ]
    assert not any(one.sample[MARGIN : MARGIN + 8].encode() in done.stdout for one in leaks)
