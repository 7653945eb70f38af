"""Hostile archives: bounded in time and memory, nothing raises, and what was not read is told."""
from __future__ import annotations

import bz2
import gc
import gzip
import json
import lzma
import os
import pathlib
import struct
import subprocess
import sys
import tarfile
import zipfile
import zlib
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from pypi_token_hooks import pipeline
from pypi_token_hooks.containers import limits
from pypi_token_hooks.containers.reader import Reader
from pypi_token_hooks.model import Report
from tests import mint
from tests import packing
from tests.machine import ROOT
from tests.machine import Machine
from tests.packing import Packing
from tests.scanning import leaking
from tests.scanning import scan
from tests.scanning import scan_in_chunks

MIB = 1 << 20
SECONDS, MEMORY = 30, 300 * MIB  # of the processor: other tests may run beside it
IDS = [way.name for way in packing.ALL]
SAMPLE = mint.token(seed=1)
UNCHECKED = ("tar", "zstd", "xz without")  # they hold no checksum of their content


def reasons(report: Report) -> set[str]:
    return {skipped.reason for skipped in report.skipped}


def details(report: Report) -> str:
    return "\n".join(skipped.detail for skipped in report.skipped)


def repeated(block: bytes, times: int) -> bytes:
    """Returns deflate of a block so many times over, made of one."""
    made = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    one = made.compress(block) + made.flush(zlib.Z_FULL_FLUSH)
    return one * times + zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS).flush()


def entry(name: bytes, body: bytes) -> bytes:
    """Returns a deflated entry of a zip file, whatever its body is."""
    head = struct.pack("<4sHHHHHIIIHH", b"PK\x03\x04", 20, 0, 8, 0x6000, 0x5862, 0, len(body), 0, len(name), 0)
    return head + name + body


def overlapping(count: int, kernel: bytes) -> bytes:
    """Returns a zip file each of whose entries quotes the header of the next one, and all end in the same kernel."""
    parts = [entry(b"%05d" % (count - 1), kernel)]
    packed = len(kernel)
    for number in reversed(range(count - 1)):
        head = parts[-1][:35]
        quote = b"\0" + struct.pack("<HH", 35, 35 ^ 0xFFFF)
        packed += len(quote) + 35
        name = b"%05d" % number
        local = struct.pack("<4sHHHHHIIIHH", b"PK\x03\x04", 20, 0, 8, 0x6000, 0x5862, 0, packed, 0, 5, 0)
        assert len(head) == len(local + name)
        parts.append(local + name + quote)
    return b"".join(reversed(parts))


def of_streams(pack: Callable[[bytes], bytes], size: int = 100 * MIB, times: int = 30) -> bytes:
    return pack(bytes(size)) * times


def within_the_ratio() -> bytes:
    return entry(b"a", repeated(os.urandom(6000) + bytes(MIB - 6000), 3072))


def many_just_below_the_ratio() -> bytes:
    body = repeated(bytes(15 * MIB), 1)
    return b"".join(entry(b"%d" % number, body) for number in range(210))


def nested(times: int) -> bytes:
    data = leaking(SAMPLE)
    for _ in range(times):
        data = packing.zipped(data, "next.zip")
    return data


def broad() -> bytes:
    """Returns a zip file of sixteen zip files of sixteen zip files, five times over."""
    data = bytes(MIB)
    for _ in range(5):
        data = b"".join(entry(b"%d.zip" % number, repeated(data, 1)) for number in range(16))
    return data


def in_itself() -> bytes:
    data = os.urandom(15 * MIB)
    for _ in range(8):
        data = packing.zipped(data, "next.zip", method=zipfile.ZIP_STORED)
    return data


BOMBS: dict[str, tuple[Callable[[], bytes], str]] = {
    "3 GiB of zeros in a zip file": (lambda: entry(b"a", repeated(bytes(MIB), 3072)), "limit"),
    "3 GiB in a zip file, within the ratio": (within_the_ratio, "limit"),
    "3 GiB in a zip file, in small members": (many_just_below_the_ratio, "limit"),
    "gzip": (lambda: gzip.compress(bytes(100 * MIB)) * 30, "limit"),
    "bzip2": (lambda: of_streams(bz2.compress, 20 * MIB, 150), "limit"),
    "xz": (lambda: of_streams(lzma.compress, 50 * MIB, 60), "limit"),
    "zstd": (lambda: of_streams(packing.compressed()), "limit"),
    "40 zip files inside each other": (lambda: nested(40), "limit"),
    "zip files of zip files": (broad, "limit"),
    "entries that overlap": (lambda: overlapping(10_000, repeated(bytes(MIB), 21)), "damaged"),
    "as it stands, eight times": (in_itself, ""),
    "headers of tar without an end": (lambda: (_tar_head(b"p", 600, b"x") + b"20 path=abcdefghijk\n" * 51 + bytes(4)) * 9000, ""),
    "250,000 members of a tar file": (lambda: gzip.compress(_tar_head(b"p", 0) * 250_000), "limit"),
    "beginnings of all kinds": (lambda: b"PK\3\4\x1f\x8b\x08BZh91AY&SY\xfd7zXZ\0\x28\xb5\x2f\xfdustar\0" * 350_000, "damaged"),
    "beginnings of gzip": (lambda: b"\x1f\x8b\x08\0\0\0\0\0\0\3" * 300_000, "damaged"),
    "beginnings of xz": (lambda: (lzma.compress(b"")[:12] + b"\2\0!\1\x16\0\0\0t/\xe5\xa3") * 100_000, "damaged"),
    "empty gzip members": (lambda: gzip.compress(b"") * 250_000, "limit"),
}


def _tar_head(name: bytes, size: int, kind: bytes = b"0") -> bytes:
    info = tarfile.TarInfo(name.decode())
    info.size, info.type = size, kind
    return info.tobuf(tarfile.GNU_FORMAT)


LONG = ("gzip", "3 GiB in a zip file, within the ratio", "3 GiB in a zip file, in small members", "zip files of zip files")


@pytest.mark.parametrize("name", [pytest.param(name, marks=pytest.mark.big if name in LONG else ()) for name in BOMBS])
def test_a_bomb_takes_little_time_and_memory(name: str, machine: Machine, tmp_path: pathlib.Path) -> None:
    if not os.path.exists("/proc/self/status"):
        pytest.skip("this system does not tell the memory of one process")
    make, reason = BOMBS[name]
    path = tmp_path / "bomb"
    path.write_bytes(make())
    script = (
        "import re, sys, time\n"
        "from pypi_token_hooks.detect_pypi_token import main\n"
        "code = main(['--no-own', '--format', 'json', sys.argv[1]])\n"
        "peak = re.search(r'VmHWM:\\s+(\\d+)', open('/proc/self/status').read())[1]\n"
        "print(time.process_time(), peak, file=sys.stderr)\n"
        "raise SystemExit(code)\n"
    )
    done = subprocess.run((sys.executable, "-c", script, path), env=machine.env, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    told = {skipped["reason"] for skipped in json.loads(done.stdout)["skipped"]}
    assert (reason in told) if reason else not told
    seconds, peak = done.stderr.split()[-2:]
    assert float(seconds) < SECONDS
    assert int(peak) * 1024 < MEMORY


def test_what_is_held_is_not_copied_for_each_descriptor_that_a_stored_entry_may_end_in(monkeypatch: pytest.MonkeyPatch) -> None:
    copied = 0
    peek = Reader.peek

    def counted(reader: Reader, size: int) -> bytes:
        nonlocal copied
        result = peek(reader, size)
        copied += len(result)
        return result

    monkeypatch.setattr(Reader, "peek", counted)
    head = struct.pack("<4sHHHHHIIIHH", b"PK\x03\x04", 20, 8, 0, 0x6000, 0x5862, 0, 0, 0, 1, 0) + b"a"
    data = head + b"PK\x07\x08" * 15_000
    assert details(scan(data)) == "it breaks off"
    assert copied < 40 * len(data)


@pytest.mark.parametrize("beginning", [b"BZh91AY&SY", gzip.compress(b"x")[:10], lzma.compress(b"x")[:12]], ids=["bzip2", "gzip", "xz"])
def test_what_is_damaged_leaves_no_memory_to_be_collected(beginning: bytes) -> None:
    """A decompressor takes some MB, and newer versions of Python collect what refers to itself later than others."""
    gc.collect()
    gc.disable()
    try:
        scan((beginning + b"not what follows there ") * 200)
        assert gc.collect() < 200
    finally:
        gc.enable()


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("MAX_BYTES", 20_000, "in all"), ("MAX_MEMBER", 20_000, "a member of more than"),
        ("MAX_MEMBERS", 3, "members in all"), ("MAX_SECONDS", -1.0, "seconds"), ("MAX_DEPTH", 1, "inside each other"),
    ],
)
def test_each_limit_is_told_and_fails_under_strict(
    name: str, value: float, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = gzip.compress(packing.zipped(os.urandom(60_000), before=["a", "b", "c"]))
    assert scan(data).skipped == []
    monkeypatch.setattr(limits, name, value)
    monkeypatch.setattr(limits, "BYTES_A_BYTE", 0)
    report = scan(data)
    assert reasons(report) == {"limit"}
    assert words in details(report)
    assert pipeline.exit_code(report, strict=False) == 0
    assert pipeline.exit_code(report, strict=True) == 1


def test_the_ratio_counts_for_what_is_large_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    data = gzip.compress(bytes(100_000) + b"\n" + leaking(SAMPLE))
    assert len(scan(data).findings) == 1
    monkeypatch.setattr(limits, "RATIO_FROM", 50_000)
    monkeypatch.setattr(limits, "MAX_RATIO", 100)
    report = scan(data)
    assert "100 times" in details(report)


@pytest.mark.parametrize("content", [b"", b"1"])
def test_many_small_members_of_gzip_behind_other_bytes_are_each_unpacked_once(content: bytes) -> None:
    one = packing.gzipped(content, extra=b"e" * 1100)
    report = scan(b"\0" + one * (4 * MIB // len(one)))
    assert (report.skipped, report.scanned["members"]) == ([], len(content))


def test_what_stands_before_a_limit_is_found() -> None:
    data = entry(b"a", repeated(leaking(SAMPLE) + bytes(MIB), 60))
    report = scan(data)
    assert reasons(report) == {"limit"}
    assert report.findings


def test_a_member_that_needs_too_much_memory_is_told_and_the_next_one_is_read() -> None:
    huge = [{"id": lzma.FILTER_LZMA2, "dict_size": 512 * MIB}]
    data = packing.zipped_by(95, packing.xz(filters=huge))(b"x" * 5000) + packing.zipped(leaking(SAMPLE))
    report = scan(data)
    assert "memory" in details(report)
    assert len(report.findings) == 1


def test_a_header_that_asks_for_too_much_memory_gets_none() -> None:
    """The decoder of a zip file's LZMA has no limit of its own."""
    data = packing.zipped(leaking(SAMPLE), method=zipfile.ZIP_LZMA)
    at = data.index(b"\x05\0\x5d") + 3  # behind the size of the properties, and how bits are counted
    assert len(scan(data).findings) == 1
    report = scan(data[:at] + (512 * MIB).to_bytes(4, "little") + data[at + 4 :])
    assert (report.findings, reasons(report)) == ([], {"limit"}) and "memory" in details(report)


@pytest.mark.parametrize("way", packing.ALL, ids=IDS)
@given(number=st.integers(0, 1 << 30))
@settings(max_examples=12, deadline=None)
def test_truncated_anywhere(way: Packing, number: int) -> None:
    whole = way.pack(leaking(SAMPLE) + os.urandom(3000))
    cut = number % len(whole)
    report = scan(whole[:cut])
    assert reasons(report) <= {"damaged"}
    assert len(report.findings) <= 1
    assert report.failures == []
    if way.name != "tar v7":  # without a magic it is worth reading only for what is in it
        assert bool(report.skipped) == bool(scan_in_chunks(whole[:cut], 700).skipped)


@pytest.mark.parametrize("way", packing.ALL, ids=IDS)
@given(number=st.integers(0, 1 << 30), bit=st.integers(0, 7), behind=st.binary(max_size=40))
@settings(max_examples=12, deadline=None)
def test_any_bit_flipped(way: Packing, number: int, bit: int, behind: bytes) -> None:
    data = bytearray(way.pack(leaking(SAMPLE) + os.urandom(500)))
    data[number % len(data)] ^= 1 << bit
    report = scan(bytes(data) + behind)
    assert reasons(report) <= {"damaged", "encrypted", "unsupported", "limit"}
    assert report.failures == []
    if not report.findings and not way.name.startswith(UNCHECKED):
        assert report.skipped or number % len(data) < 600  # no archive any more: its first bytes


@pytest.mark.parametrize("way", packing.ALL, ids=IDS)
def test_what_stands_before_the_damage_is_found(way: Packing) -> None:
    if "bzip2" in way.name and "level 1" not in way.name:
        pytest.skip("its blocks are large, and whole or lost")
    data = way.pack(leaking(SAMPLE) + os.urandom(150_000))
    at = len(data) * 9 // 10 if "level 1" not in way.name else len(data) - 100
    truncated = scan(data[:at])
    assert [finding.line for finding in truncated.findings] == [3]
    assert reasons(truncated) == {"damaged"}
    flipped = scan(data[:at] + bytes((data[at] ^ 0x55,)) + data[at + 1 :])
    assert [finding.line for finding in flipped.findings] == [3]
    if not way.name.startswith(UNCHECKED):
        assert reasons(flipped) == {"damaged"}


@given(st.binary(max_size=3000), st.sampled_from(packing.ALL), st.binary(max_size=300), st.integers(1, 5000))
@settings(max_examples=150, deadline=None)
def test_any_bytes_beside_and_in_an_archive(inner: bytes, way: Packing, beside: bytes, size: int) -> None:
    data = beside + way.pack(inner) + beside
    report = scan(data)
    assert report.findings == report.failures == []  # type: ignore[comparison-overlap]
    assert scan_in_chunks(data, size).findings == []


@pytest.mark.parametrize(
    "size", [b"\xff" * 12, b"\x80" + b"\xff" * 11, b"77777777777\0", b"-0000000001\0", b"9999999999\0\0", b"\0" * 12, b" " * 12]
)
def test_a_tar_header_whose_size_lies(size: bytes) -> None:
    block = bytearray(_tar_head(b"liar", 0))
    block[124:136] = size
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    report = scan(bytes(block) + packing.tarred(leaking(SAMPLE)))
    assert len(report.findings) == 1
    assert reasons(report) <= {"damaged"}


def test_what_is_not_read_is_on_standard_error_and_under_skipped(machine: Machine, tmp_path: pathlib.Path) -> None:
    (tmp_path / "broken.zip").write_bytes(packing.zipped(os.urandom(5000))[:3000])
    plain = machine.hook("detect-pypi-token", "broken.zip", cwd=tmp_path)
    assert (plain.returncode, b"not read: broken.zip" in plain.stderr) == (0, True)
    strict = machine.hook("detect-pypi-token", "--strict", "--format", "json", "broken.zip", cwd=tmp_path)
    assert (strict.returncode, b"not read: broken.zip" in strict.stderr) == (1, True)
    assert b'"reason": "damaged"' in strict.stdout


def test_the_page_tells_the_limits() -> None:
    page = (ROOT / "docs" / "limits.md").read_text(encoding="utf-8")
    rows = dict(line.strip("| \n").split(" | ") for line in page.splitlines() if line.startswith("| ") and " | " in line[2:-2])
    assert rows["archives inside each other"] == str(limits.MAX_DEPTH)
    assert rows["members"] == f"{limits.MAX_MEMBERS:,}"
    assert rows["unpacked in all"] == f"{limits.MAX_BYTES >> 30} GiB, and {limits.BYTES_A_BYTE} times what the file has itself"
    assert rows["unpacked from one member"] == f"{limits.MAX_MEMBER >> 30} GiB"
    assert rows[f"unpacked to packed, after the first {limits.RATIO_FROM >> 20} MiB of a member"] == str(limits.MAX_RATIO)
    each = round(1 / limits.SECONDS_A_BYTE) >> 20
    assert rows["work of the processor"] == f"{limits.MAX_SECONDS:.0f} seconds, and one for every {each} MiB of the file"
    assert rows["memory that a stream needs to be unpacked"] == f"{limits.MAX_DICTIONARIES >> 20} MiB"
