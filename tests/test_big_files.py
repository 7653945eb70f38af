"""Files too big for one blob: read by window, in little memory, each leak once and at its place."""
from __future__ import annotations

import base64
import gzip
import json
import os
import pathlib
import random
import subprocess
import sys
import zipfile
from collections.abc import Callable
from collections.abc import Iterator
from typing import Any

import pytest

from pypi_token_hooks import pieces
from pypi_token_hooks.sources import windows
from tests import hiding
from tests import mint
from tests import packing
from tests.machine import Machine
from tests.scanning import found_in
from tests.scanning import scan
from tests.scanning import scan_in_chunks

MIB = 1 << 20
MEMORY = 150 * MIB
TOKEN = mint.token(seed=1)
LINE = b"some words of text, then more of it (and a call), %d\n"
SCRIPT = (
    "import re, sys\n"
    "from pypi_token_hooks.detect_pypi_token import main\n"
    "code = main(['--no-own', '--format', 'json', *sys.argv[1:]])\n"
    "print(re.search(r'VmHWM:\\s+(\\d+)', open('/proc/self/status').read())[1], file=sys.stderr)\n"
    "raise SystemExit(code)\n"
)
BASE64 = next(way for way in hiding.ALL if way.name == "base64+0")


def text(size: int) -> bytes:
    """Returns so many bytes of text, its lines all different."""
    return b"".join(LINE % number for number in range(size // len(LINE) + 1))[:size].ljust(size, b".")


def place_of(data: bytes, at: int) -> tuple[int, int]:
    """Returns line and column of an offset, as an editor counts them."""
    start = data.rfind(b"\n", 0, at) + 1
    return data.count(b"\n", 0, at) + 1, len(data[start:at].decode()) + 1


@pytest.fixture
def small_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "WINDOW", 4096)
    monkeypatch.setattr(pieces, "OVERLAP", 1536)


@pytest.mark.usefixtures("small_windows")
@pytest.mark.parametrize("start", range(0, 2600, 640))
def test_a_token_at_any_offset_of_any_window(start: int) -> None:
    lines = b"".join("zażółć %d\n".encode() % number for number in range(900))
    for at in range(start, start + 640, 7):
        at += 0x80 <= lines[at] < 0xC0  # not within a character
        data = lines[:at] + b" " + TOKEN.encode() + b" " + lines[at:]
        assert found_in(scan_in_chunks(data, 1000)) == [((), "content", *place_of(data, at + 1))]


@pytest.mark.usefixtures("small_windows")
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize("words", ["上上 Њ %d\n", "上上 Њ %d "], ids=["lines", "one line"])
def test_places_in_big_text_behind_a_mark_count_characters(words: str, encoding: str) -> None:
    """The first of these letters has the byte of a newline, and the windows end within letters of UTF-8."""
    before = "".join(words % number for number in range(2000))
    report = scan_in_chunks(f"\ufeff{before}{TOKEN} {words}".encode(encoding), 1000)
    assert found_in(report) == [((), "content", *place_of(before.encode(), len(before.encode())))]


@pytest.mark.usefixtures("small_windows")
@pytest.mark.parametrize("start", range(0, 2600, 650))
def test_an_encoded_token_at_any_offset(start: int) -> None:
    held, _ = BASE64.hide(TOKEN.encode())
    for at in range(start, start + 650, 29):
        data = text(at) + b"\nT: " + held + b"\n" + text(3000)
        assert found_in(scan_in_chunks(data, 999)) == [((), "content", *place_of(data, at + 4))]


@pytest.mark.usefixtures("small_windows")
@pytest.mark.parametrize("start", range(0, 2600, 650))
def test_an_archive_in_base64_at_any_offset(start: int) -> None:
    held = base64.b64encode(gzip.compress(b"T: " + TOKEN.encode()))
    for at in range(start, start + 650, 29):
        data = text(at) + b"\nT: " + held + b"\n" + text(3000)
        assert [place[2:] for place in found_in(scan_in_chunks(data, 999))] == [(1, 4)]


@pytest.mark.usefixtures("small_windows")
def test_every_one_of_many_is_found_once() -> None:
    samples = [mint.token(seed=number) for number in range(80)]
    data = b"".join(text(number * 31 % 900) + b"\n" + sample.encode() for number, sample in enumerate(samples))
    report = scan_in_chunks(data, 4096)
    assert [finding.secret.reveal().decode() for finding in report.findings if finding.secret] == samples


@pytest.mark.usefixtures("small_windows")
@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
@pytest.mark.parametrize("size", [0, 3000, 4000, 9000, 20_000])
def test_members_at_any_place_between_windows(method: int, size: int) -> None:
    inner = text(size) + b"\n" + TOKEN.encode() + b"\n" + text(500)
    data = text(700) + b"\0" + packing.zipped(inner, method=method) + packing.tarred(inner) + b"\n" + TOKEN.encode()
    places = [members for members, *_ in found_in(scan_in_chunks(data, 512))]
    assert sorted(places) == [(), (packing.INNER,), (packing.INNER,)]


@pytest.mark.parametrize("size", [windows.MAX_WHOLE - 1, windows.MAX_WHOLE, 20 * MIB])
def test_sizes_around_the_limit_of_one_blob(size: int) -> None:
    data = text(size - len(TOKEN) - 1) + b"\n" + TOKEN.encode()
    assert len(data) == size
    report = scan(data)
    assert found_in(report) == [((), "content", *place_of(data, size - len(TOKEN)))]
    assert (report.scanned["files"], report.scanned["bytes"]) == (1, size)


def test_one_line_of_many_characters() -> None:
    data = "é".encode() * (9 * MIB) + b" " + TOKEN.encode() + b" " + b"x," * MIB
    assert found_in(scan(data)) == [((), "content", 1, 9 * MIB + 2)]


@pytest.mark.usefixtures("small_windows")
@pytest.mark.parametrize("before", [bytes(90_000), b"ab\0\0\0\0c\0" * 9000, b"HOME=/root\0" * 9000])
def test_zeros_are_characters_however_long_the_line_is(before: bytes) -> None:
    assert found_in(scan_in_chunks(before + TOKEN.encode(), 1000)) == [((), "content", 1, len(before) + 1)]


@pytest.mark.parametrize(
    "pack",
    [
        lambda data: packing.zipped(data, method=zipfile.ZIP_STORED), packing.zipped, packing.tarred,
        lambda data: gzip.compress(data, 1), lambda data: gzip.compress(packing.tarred(data), 1),
        lambda data: packing.zipped(packing.tarred(data), method=zipfile.ZIP_STORED), packing.compressed(1),
        lambda data: gzip.compress(data, 0),  # in which all of it stands as it is
        lambda data: bytes(900_000) + packing.zipped_into_a_pipe(data + text(MIB // 2), zipfile.ZIP_STORED),
    ],
)
def test_a_big_member_is_read_by_window_too(pack: Callable[[bytes], bytes]) -> None:
    noise = random.Random(3).randbytes(MIB)
    lines = text(9 * MIB) + b"\n" + TOKEN.encode() + b"\n" + text(9 * MIB)
    report = scan(pack(lines + noise))
    assert [(line, column) for *_, line, column in found_in(report)] == [place_of(lines, 9 * MIB + 1)]
    assert report.findings[0].place.members
    assert report.skipped == []


def run(machine: Machine, cwd: pathlib.Path, *arguments: str, feed: Iterator[bytes] | None = None) -> tuple[Any, int]:
    """Returns the report and the most memory that the process took."""
    if not os.path.exists("/proc/self/status"):
        pytest.skip("this system does not tell the memory of one process")
    command = (sys.executable, "-c", SCRIPT, *arguments)
    pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    with subprocess.Popen(command, cwd=cwd, env=machine.env, **pipes) as process:  # type: ignore[call-overload]
        for chunk in feed or ():
            process.stdin.write(chunk)
        out, err = process.communicate()
    assert process.returncode == 1, err.decode()
    return json.loads(out), int(err.split()[-1]) * 1024


def big(mebibytes: int) -> Iterator[bytes]:
    block = text(MIB - 1) + b"\n"
    for _ in range(mebibytes):
        yield block
    yield TOKEN.encode()


def assert_found_in_little_memory(report: Any, peak: int, mebibytes: int) -> None:
    (finding,) = report["findings"]
    assert finding["line"] == mebibytes * (text(MIB - 1) + b"\n").count(b"\n") + 1
    assert report["scanned"]["files"] == 1
    assert peak < MEMORY


def test_standard_input_is_read_as_it_comes(machine: Machine, tmp_path: pathlib.Path) -> None:
    report, peak = run(machine, tmp_path, "-", feed=big(100))
    assert_found_in_little_memory(report, peak, 100)


def test_a_big_staged_blob_is_never_held(machine: Machine, tmp_path: pathlib.Path) -> None:
    folder = machine.repository(tmp_path / "repository")
    with open(folder / "big", "wb") as stream:
        stream.writelines(big(100))
    (folder / "small").write_text("x\n")
    machine.git(folder, "add", ".")
    os.remove(folder / "big")
    report, peak = run(machine, folder, "--staged")
    report["scanned"]["files"] -= 1
    assert_found_in_little_memory(report, peak, 100)


@pytest.mark.big
def test_three_gibibytes(machine: Machine, tmp_path: pathlib.Path) -> None:
    with open(tmp_path / "big", "wb") as stream:
        stream.writelines(big(3072))
    report, peak = run(machine, tmp_path, "big")
    os.remove(tmp_path / "big")
    assert_found_in_little_memory(report, peak, 3072)
