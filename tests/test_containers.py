"""Archives and compressed streams: whatever a leak is packed in, it is found once, with its member and its place."""
from __future__ import annotations

import base64
import functools
import gzip
import io
import os
import pathlib
import random
import shutil
import struct
import subprocess
import tarfile
import unittest.mock
import zipapp
import zipfile
import zlib
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from pypi_token_hooks import containers
from pypi_token_hooks import pipeline
from pypi_token_hooks.anchors import worth_reading
from pypi_token_hooks.containers import FORMATS
from pypi_token_hooks.containers import reader
from pypi_token_hooks.containers import zstds
from pypi_token_hooks.model import Finding
from pypi_token_hooks.model import Place
from pypi_token_hooks.model import Report
from tests import mint
from tests import packing
from tests.packing import INNER
from tests.packing import OUTER
from tests.packing import UNPACKED
from tests.packing import Packing
from tests.scanning import found_in
from tests.scanning import leaking
from tests.scanning import scan
from tests.scanning import scan_in_chunks

IDS = [way.name for way in packing.ALL]
USUAL = tuple(
    way for way in packing.ALL
    if way.name in ("zip deflate", "zip stored", "tar gnu", "tar pax", "gzip", "bzip2", "xz -6", "zstd -3", "zip lzma")
)


def assert_found(report: Report, sample: str, *members: str) -> Finding:
    """Asserts that the token is the one finding, in this member and at its place."""
    assert found_in(report) == [(members, "content", 3, 11)]
    (finding,) = report.findings
    assert finding.place.path == OUTER
    assert finding.secret and finding.secret.reveal() == sample.encode()
    return finding


@pytest.mark.parametrize("way", packing.ALL, ids=IDS)
def test_a_packed_leak_is_found_once_with_its_member_and_its_place(way: Packing) -> None:
    for _, sample in mint.every_shape():
        data = way.pack(leaking(sample))
        report = scan(data)
        assert_found(report, sample, way.member)
        assert report.skipped == report.failures == []
        assert worth_reading(data)


@pytest.mark.parametrize("way", packing.ALL, ids=IDS)
@pytest.mark.parametrize("size", [1, 511, 4096])
def test_the_same_in_chunks(way: Packing, size: int) -> None:
    sample = mint.token(seed=2)
    report = scan_in_chunks(way.pack(leaking(sample)), size)
    assert_found(report, sample, way.member)
    assert report.skipped == report.failures == []


@pytest.mark.parametrize("outer", packing.ALL, ids=IDS)
def test_one_archive_in_another(outer: Packing) -> None:
    sample = mint.token(seed=3)
    for inner in USUAL:
        report = scan(outer.pack(inner.pack(leaking(sample))))
        assert_found(report, sample, outer.member, inner.member_of(outer.member))
        assert report.skipped == []


@given(st.lists(st.sampled_from(USUAL), min_size=1, max_size=8))
@settings(max_examples=60, deadline=None)
def test_any_eight_of_them_inside_each_other(ways: list[Packing]) -> None:
    sample = mint.token(seed=4)
    data = functools.reduce(lambda held, way: way.pack(held), reversed(ways), leaking(sample))
    members = [OUTER]
    for way in ways:
        members.append(way.member_of(members[-1]))
    report = scan(data)
    assert_found(report, sample, *members[1:])
    assert report.skipped == []


@pytest.mark.parametrize("way", USUAL, ids=[way.name for way in USUAL])
def test_nine_deep_is_told_as_a_limit(way: Packing) -> None:
    data = leaking(mint.token(seed=5))
    for _ in range(9):
        data = way.pack(data)
    report = scan(data)
    (skipped,) = report.skipped
    assert (skipped.reason, len(skipped.place.members)) == ("limit", 8)
    assert "8 archives" in skipped.detail


def test_what_stands_in_the_ninth_archive_as_it_is_is_found_all_the_same() -> None:
    sample = mint.token(seed=6)
    data = leaking(sample)
    for _ in range(9):
        data = packing.zipped(data, method=zipfile.ZIP_STORED)
    (finding,) = scan(data).findings
    assert finding.place.members == (INNER,) * 8


@pytest.mark.parametrize("way", packing.ALL, ids=IDS)
def test_bytes_before_and_after_are_read_as_well(way: Packing) -> None:
    one, two, three = (mint.token(seed=7 + number) for number in range(3))
    if "without" in way.name and way.name.startswith(("tar", "zip")):
        pytest.skip("it has no end: what follows belongs to it")
    before, after = b"\0\xff\nA = " + one.encode() + b"\n\0", b"\n\xfe\nB = " + three.encode() + b"\n"
    if way.name == "tar v7":  # without a magic it is known at the beginning of a file alone
        before = b""
    data = before + way.pack(leaking(two)) + after
    for report in (scan(data), scan_in_chunks(data, 1000)):
        members = [place for place, *_ in found_in(report)]
        expected = {one, two, three} if before else {two, three}
        assert {finding.secret.reveal().decode() for finding in report.findings if finding.secret} == expected
        assert len(members) == len(expected)
        assert sum(place == () for place in members) == len(expected) - 1
        assert report.skipped == []


@pytest.mark.parametrize("way", USUAL, ids=[way.name for way in USUAL])
def test_several_archives_after_each_other(way: Packing) -> None:
    samples = [mint.token(seed=10 + number) for number in range(5)]
    report = scan(b"\0--".join(way.pack(leaking(sample)) for sample in samples))
    assert [finding.secret.reveal().decode() for finding in report.findings if finding.secret] == samples
    assert report.skipped == []


@pytest.mark.parametrize("pack", [packing.zipped, packing.tarred, gzip.compress])
def test_the_same_token_beside_the_archive_is_a_finding_of_its_own(pack: Callable[[bytes], bytes]) -> None:
    sample = mint.token(seed=15)
    line = b"\nT = " + sample.encode() + b"\n"
    for packed in (pack(leaking(sample)), packing.zipped(leaking(sample), method=zipfile.ZIP_STORED)):
        assert len(scan(b"\0" + line + packed + line).findings) == 3


def test_a_token_in_every_text_of_a_zip_file() -> None:
    name, comment, note, extra = (mint.token(seed=20 + number) for number in range(4))
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        info = zipfile.ZipInfo(f"logs/{name}.txt")
        info.comment, info.compress_type = note.encode(), zipfile.ZIP_DEFLATED
        info.extra = b"zz" + len(extra).to_bytes(2, "little") + extra.encode()
        archive.writestr(info, b"nothing\n" * 50)
        archive.comment = b"built with " + comment.encode()
    for report in (scan(held.getvalue()), scan_in_chunks(held.getvalue(), 333)):
        told = {(one.secret.reveal().decode(), one.place.part) for one in report.findings if one.secret}
        # an extra field has no name of its own: it stands in the archive, once in each of its two headers
        assert told == {(name, "name"), (note, "comment"), (comment, "comment"), (extra, "content")}
        assert len(report.findings) == 5


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_a_token_in_every_text_of_a_tar_file(form: int) -> None:
    caveats: list[object] = [] if form == tarfile.USTAR_FORMAT else [[3, "x" * 90]]
    name, soft, hard = (mint.token("a.io", caveats, seed=30 + number) for number in range(3))
    links = [packing.link(tarfile.SYMTYPE, "s", soft[:100]), packing.link(tarfile.LNKTYPE, "h", hard)]
    if form == tarfile.USTAR_FORMAT:  # too short for a token
        links, hard, soft = [], "", ""
    data = packing.tarred(b"nothing\n", f"folder/{name}/a.txt", form, links)
    for report in (scan(data), scan(gzip.compress(data)), scan_in_chunks(data, 333)):
        told = [(one.secret.reveal().decode(), one.place.part) for one in report.findings if one.secret]
        assert told[-1] == (name, "name")
        assert [text for text, part in told if part == "link target"] == ([hard] if hard else [])


@pytest.mark.parametrize("form", [tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
@pytest.mark.parametrize("beginning", ["", "d/", "folder/" * 3])
def test_what_a_header_of_a_tar_file_has_room_for_is_no_second_token(form: int, beginning: str) -> None:
    caveats: list[object] = [[3, "x" * 90]]
    name, target, folder = (mint.token("pypi.org", caveats, seed=60 + number) for number in range(3))
    others = [packing.link(tarfile.SYMTYPE, "s", beginning + target), packing.link(tarfile.DIRTYPE, beginning + folder, "")]
    data = packing.tarred(b"nothing\n", f"{beginning}{name}.txt", form, others)
    for report in (scan(data), scan(gzip.compress(data)), scan_in_chunks(data, 333)):
        told = [(one.secret.reveal().decode(), one.confidence) for one in report.findings if one.secret]
        assert sorted(told) == sorted((token, "certain") for token in (name, target, folder))


@pytest.mark.skipif(not shutil.which("tar"), reason="needs tar")
@pytest.mark.parametrize("form", ["gnu", "pax"])
def test_a_long_name_in_a_tar_file_of_the_program_is_told_once(form: str, tmp_path: pathlib.Path) -> None:
    token = mint.token(seed=63)
    (tmp_path / token).write_text("nothing\n")
    data = subprocess.run(("tar", "-cf", "-", f"--format={form}", token), cwd=tmp_path, capture_output=True, check=False).stdout
    if not data:
        pytest.skip("this tar writes no such format")
    (finding,) = scan(data).findings
    assert (finding.confidence, finding.place.part) == ("certain", "name")


def test_a_token_in_every_text_of_a_gzip_file() -> None:
    name, comment, extra = (mint.token(seed=40 + number) for number in range(3))
    report = scan(packing.gzipped(b"nothing\n" * 9, name.encode(), comment.encode(), extra.encode()))
    told = {(one.secret.reveal().decode(), one.place.part) for one in report.findings if one.secret}
    assert told == {(name, "name"), (comment, "comment"), (extra, "content")}
    assert len(report.findings) == 3


def test_a_folder_and_an_empty_member_have_names_too() -> None:
    one, two = mint.token(seed=45), mint.token(seed=46)
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr(f"{one}/", b"")
        archive.writestr(two, b"")
    assert {finding.secret.reveal().decode() for finding in scan(held.getvalue()).findings if finding.secret} == {one, two}


def in_a_string(data: bytes, form: str) -> bytes:
    """Returns the data as a program in C has them: escapes of that form for what cannot be printed."""
    return b"".join(bytes((byte,)) if 32 <= byte < 127 and byte not in b"\"\\" else (form % byte).encode() for byte in data)


WRITTEN: dict[str, Callable[[bytes], bytes]] = {
    "base64": base64.b64encode,
    "base64, lines": base64.encodebytes,
    "base64, url": base64.urlsafe_b64encode,
    "hex": lambda data: data.hex().encode(),
    "percent": lambda data: b"".join(b"%%%02x" % byte for byte in data),
    "escapes, Python": lambda data: repr(data)[2:-1].encode(),
    "escapes, C": lambda data: in_a_string(data, "\\x%02X"),
    "escapes, octal": lambda data: in_a_string(data, "\\%03o"),
}


@pytest.mark.parametrize("written", WRITTEN)
@pytest.mark.parametrize("way", USUAL, ids=[way.name for way in USUAL])
def test_an_archive_that_is_written_as_text(way: Packing, written: str) -> None:
    sample = mint.token(seed=50)
    data = b"payload = '" + WRITTEN[written](way.pack(leaking(sample))) + b"'\n"
    report = scan(data)
    finding = assert_found(report, sample, way.member)
    assert finding.readings == (written.partition(",")[0],)
    assert report.skipped == []
    assert worth_reading(data)


def in_lines(joint: bytes, first: bytes = b"", last: bytes = b"") -> Callable[[bytes], bytes]:
    """Returns what writes base64 in lines, with that between them, before the first and after the last."""
    return lambda data: first + base64.encodebytes(data).strip().replace(b"\n", joint) + last


def base64_with(*signs: tuple[bytes, bytes]) -> Callable[[bytes], bytes]:
    """Returns what writes base64 with escapes for some of its signs."""
    return lambda data: functools.reduce(lambda text, sign: text.replace(*sign), signs, base64.b64encode(data))


def in_strings(form: bytes, joint: bytes) -> Callable[[bytes], bytes]:
    """Returns what writes every byte as an escape, sixteen of them in a string."""
    return lambda data: joint.join(b"".join(form % byte for byte in data[at : at + 16]) for at in range(0, len(data), 16))


# texts in which one reading alone leads to a part of the archive
INTERRUPTED: dict[str, Callable[[bytes], bytes]] = {
    "JSON of PHP": base64_with((b"/", b"\\/")),
    "JSON of .NET": base64_with((b"+", b"\\u002B")),
    "an attribute": base64_with((b"+", b"&#43;"), (b"=", b"&#61;")),
    "a query": base64_with((b"+", b"%2B"), (b"/", b"%2F"), (b"=", b"%3D")),
    "lines in JSON": in_lines(b"\\n", b'"', b'\\n"'),
    "a comment": in_lines(b"\n# ", b"\n# "),
    "strings": in_lines(b"'\n    '"),
    "lines that go on": in_lines(b"\\\n"),
    "strings of C": in_strings(b"\\x%02x", b'"\n    "'),
    "strings of C, octal": in_strings(b"\\%03o", b'"\n    "'),
    "a string that goes on": in_strings(b"\\x%02x", b"\\\n"),
    "bytes that are added": in_strings(b"\\x%02x", b"' +\n    b'"),
    "a list": in_strings(b"\\x%02x", b"',\n    '"),
}


@pytest.mark.parametrize("written", INTERRUPTED)
@pytest.mark.parametrize("way", USUAL, ids=[way.name for way in USUAL])
def test_an_archive_is_read_where_all_of_it_is(way: Packing, written: str) -> None:
    for seed in range(4):
        sample = mint.token(seed=seed)
        text = INTERRUPTED[written](way.pack(leaking(sample) + random.Random(seed).randbytes(300).hex().encode()))
        quote = b'"' if b'"' in text else b"'"
        data = b"payload = " + quote + text + quote + b"\n"
        report = scan(data)
        assert_found(report, sample, way.member)
        assert report.skipped == []
        assert worth_reading(data)


@pytest.mark.parametrize("lead", [b"#", b"#!", b"\0\1\2\3", b"#!/bin/sh\nexit\n", bytes(range(250, 0, -1)) * 2])
@pytest.mark.parametrize("way", [*USUAL, *(way for way in packing.ALL if way.name == "bzip2, level 1")], ids=lambda way: way.name)
def test_an_archive_behind_other_bytes_in_base64(way: Packing, lead: bytes) -> None:
    sample = mint.token(seed=51)
    data = b"payload = '" + base64.b64encode(lead + way.pack(leaking(sample))) + b"'\n"
    report = scan(data)
    assert_found(report, sample, way.member)
    assert report.skipped == []
    assert worth_reading(data)


def pages(**others: bytes) -> dict[str, bytes]:
    """Returns files that a reading of single escapes would make shorter."""
    page = b"<p>Tom &amp; Jerry, caf%C3%A9, a=3Db, \\u0041</p>\n"
    return {"read.me": b"x = 1\n" * 90, "page.html": page * 3, **others, "z.txt": b"end\n"}


def several(kind: str, files: dict[str, bytes]) -> bytes:
    """Returns a zip file that holds the files as they are, or a tar file."""
    held = io.BytesIO()
    if kind == "zip":
        with zipfile.ZipFile(held, "w") as archive:
            for name, data in files.items():
                archive.writestr(name, data)
        return held.getvalue()
    with tarfile.open(fileobj=held, mode="w") as tar:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return held.getvalue()


ARRAY = b"{%b}"
FORMS: dict[str, Callable[[bytes], bytes]] = {
    **{name: WRITTEN[name] for name in ("base64", "hex", "escapes, Python", "escapes, octal")},
    "hex, array": lambda data: ARRAY % b", ".join(b"0x%02x" % byte for byte in data),
    "base64, armoured": lambda data: b"\n-----BEGIN BACKUP-----\n%b-----END BACKUP-----\n" % base64.encodebytes(data),
    "base64, ruled": lambda data: b"\n--------------------\n%b--------------------\n" % base64.encodebytes(data),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("kind", ["zip", "tar"])
def test_an_archive_as_text_is_not_told_as_damaged_for_what_its_members_hold(kind: str, form: str) -> None:
    report = scan(b"x = '" + FORMS[form](several(kind, pages())) + b"'\n")
    assert (report.findings, report.skipped) == ([], [])
    sample = mint.token(seed=52)
    report = scan(b"x = '" + FORMS[form](several(kind, pages(leak=leaking(sample)))) + b"'\n")
    assert_found(report, sample, "leak")
    assert (report.skipped, report.scanned["members"]) == ([], 4)


def test_archives_in_strings_side_by_side_are_each_read_once() -> None:
    samples = [mint.token(seed=seed) for seed in range(3)]
    for pack in (packing.zipped, gzip.compress):
        texts = [b"'%b'" % base64.b64encode(pack(leaking(sample))) for sample in samples]
        report = scan(b"x = [" + b",\n  ".join(texts) + b"]\n")
        assert sorted(finding.secret.reveal().decode() for finding in report.findings if finding.secret) == sorted(samples)
        assert report.skipped == []


def test_an_archive_of_which_no_reading_has_all_is_told_as_damaged_once() -> None:
    packed = gzip.compress(leaking(mint.token(seed=53)) + random.Random(53).randbytes(900).hex().encode())[:-200]
    report = scan(b'{"file": "' + INTERRUPTED["JSON of PHP"](packed) + b'"}\n')
    assert [(unread.reason, unread.detail) for unread in report.skipped] == [("damaged", "it breaks off")]
    assert len(report.findings) == 1


# What programs that know archives have in their sources: no archive, but what one begins with.
MARKS = {
    "a list": rb"""MAGICS = [b"\x1f\x8b\x08", b"\x42\x5a\x68", b"PK\x03\x04", b"\xfd7zXZ\x00", b"(\xb5/\xfd"]""",
    "a header of gzip": rb"""HEAD = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff" + zlib.compress(data)[2:-4]""",
    "a header of zip": rb"""HEAD = b"PK\x03\x04\x14\x00\x00\x00\x08\x00" """,
    "a header of xz": rb"""HEAD = b"\xfd7zXZ\x00\x00\x04\xe6\xd6\xb4F\x02\x00!\x01" """,
    "a header of bzip2": rb"""HEAD = b"BZh91AY&SY\xd4\x09\x88\x00\xff" """,
    "base64": b"""MAGICS = ["H4sI", "H4sIAAAAAAAAAAAAAAAA", "UEsDBBQAAAAIAAAAAAAA", "/Td6WFoAAATm1rRGAAAA", "KLUv/QBYAAAAAAAAAAAA"]""",
    "hex": b"""MAGICS = ["1f8b0808", "1f8b08%b", "504b0304%b", "fd377a585a00%b", "28b52ffd%b"]""" % ((b"0" * 90,) * 4),
    "an array": b"""MAGICS = {0x1f, 0x8b, 0x08, 0x00%b}, {0x50, 0x4b, 0x03, 0x04%b}""" % ((b", 0x00" * 40,) * 2),
    "numbers": b"""MAGICS = [31, 139, 8, 103%b], [80, 75, 3, 4, 103%b]""" % ((b", 0" * 60,) * 2),
    "percent": b"""MAGIC = unquote_to_bytes("%1f%8b%08%00%00%00%00%00%00%03")""",
}


@pytest.mark.parametrize("pack", [bytes, packing.tarred, packing.zipped, gzip.compress], ids=["plain", "tar", "zip", "gzip"])
@pytest.mark.parametrize("marks", MARKS)
def test_a_source_that_has_marks_of_archives_is_no_damaged_archive(marks: str, pack: Callable[[bytes], bytes]) -> None:
    for rest in (b"", b"x = 1\n" * 200, b"\n# Q!q#+3m\n" * 99, b"# pypi password\n"):
        report = scan(pack(b"# uploads to pypi with TWINE_PASSWORD\n" + MARKS[marks] + b"\n" + rest))
        assert (report.findings, report.skipped) == ([], [])
    report = scan(several("tar", {"magic.py": MARKS[marks] + b"\n" * 300, **pages(), "two.py": MARKS[marks]}))
    assert (report.findings, report.skipped, report.scanned["members"]) == ([], [], 5)


@pytest.mark.parametrize("written", WRITTEN)
@pytest.mark.parametrize("kind", ["zip", "tar", "gzip"])
def test_an_archive_as_text_that_breaks_off_behind_what_was_read_is_told(kind: str, written: str) -> None:
    files = {"a.txt": b"nothing\n" * 200, "b.txt": random.Random(1).randbytes(2000), "c.txt": random.Random(2).randbytes(4000)}
    packed = gzip.compress(files["c.txt"]) if kind == "gzip" else several(kind, files)
    for size in (2000, 3500):
        data = b"# TWINE_PASSWORD for pypi\npayload = '" + WRITTEN[written](packed[:size]) + b"'\n"
        assert [unread.reason for unread in scan(data).skipped] == ["damaged"]


@pytest.mark.parametrize("written", WRITTEN)
def test_an_archive_as_text_in_a_member_that_is_stored_is_read_once(written: str) -> None:
    sample = mint.token(seed=54)
    packed = gzip.compress(leaking(sample) + random.Random(54).randbytes(4000))
    for data, count in ((packed, 0), (packed[:-200], 1)):
        text = b"# TWINE_PASSWORD for pypi\npayload = '" + WRITTEN[written](data) + b"'\n"
        for kind in ("tar", "zip"):
            report = scan(several(kind, pages(leak=text)))
            assert_found(report, sample, "leak", "leak (unpacked)")
            assert (len(report.skipped), report.scanned["members"]) == (count, 5)


def test_a_short_frame_of_zstd_that_is_skipped_does_not_part_what_is_around_it() -> None:
    frame = packing.compressed()(b"nothing")
    for size, parts in ((4, 1), (4000, 2)):
        covered: list[tuple[int, int]] = []
        skipped = b"\x50\x2a\x4d\x18" + size.to_bytes(4, "little") + b"x" * size
        list(containers.unpack(frame + skipped + frame, Place(OUTER), containers.Budget(), (), covered))
        assert len(covered) == parts and covered[0][0] == 0


def test_what_lz4_writes_behind_a_frame_to_skip_is_no_damaged_zstd() -> None:
    assert scan(b"\x50\x2a\x4d\x18\4\0\0\0abcd\x04\x22\x4d\x18" + os.urandom(500)).skipped == []


def test_a_header_of_a_tar_file_that_breaks_off_is_told() -> None:
    named = tarfile.TarInfo("folder/" * 40)
    for header in (named.tobuf(tarfile.PAX_FORMAT), named.tobuf(tarfile.GNU_FORMAT)):
        (skipped,) = scan(gzip.compress(header[: tarfile.BLOCKSIZE + 12])).skipped
        assert skipped.reason == "damaged"


def test_a_folder_of_a_zip_file_that_has_content_all_the_same() -> None:
    sample = mint.token(seed=83)
    data = bytearray(packing.zipped(leaking(sample), "folder/"))
    data[14:26] = bytes(12)  # checksum and sizes; the directory tells the true ones
    assert zipfile.ZipFile(io.BytesIO(data)).read("folder/") == leaking(sample)
    (finding,) = scan(bytes(data)).findings
    assert finding.place.members == ("folder/",)


def test_a_later_member_of_gzip_whose_header_cannot_be_read_is_told() -> None:
    first, sample = gzip.compress(b"nothing\n" * 20), mint.token(seed=87)
    reserved = bytearray(gzip.compress(leaking(sample)))
    reserved[3] = 0x80
    for second in (bytes(reserved), packing.gzipped(leaking(sample), comment=b"c" * 70_000)):
        assert leaking(sample) in gzip.decompress(first + second)
        assert [(skipped.reason, skipped.detail) for skipped in scan(first + second).skipped] == [("damaged", "its header is wrong")]


@pytest.mark.parametrize("before", [b"", b"#!/bin/sh\n"])
@pytest.mark.parametrize("size", [0, 9, None])
def test_an_entry_of_which_its_own_header_does_not_say_what_the_directory_says_is_told(before: bytes, size: int | None) -> None:
    sample = mint.token(seed=84)
    data = bytearray(packing.zipped(leaking(sample)))
    packed = int.from_bytes(data[18:22], "little") if size is None else size
    held = bytes(data[30 + len(INNER) :][:packed])
    data[8:10] = bytes(2)  # stored, it says
    data[14:26] = struct.pack("<III", zlib.crc32(held), packed, packed)
    data[:0] = before
    assert zipfile.ZipFile(io.BytesIO(data)).read(INNER) == leaking(sample)
    assert [(skipped.reason, "not as it says" in skipped.detail) for skipped in scan(bytes(data)).skipped] == [("damaged", True)]


@pytest.mark.parametrize(("at", "value"), [(4, b"\x40\0"), (8, b"\xff\xff"), (10, b"\xff\xff\xff\xff")])
@pytest.mark.parametrize("before", [b"#!/bin/sh\n", b"PK\x01\x02" + bytes(42), b"PK\x05\x06" + bytes(18)])
def test_an_entry_behind_other_bytes_whose_own_header_is_odd_is_found_or_told(before: bytes, at: int, value: bytes) -> None:
    sample = mint.token(seed=85)
    for method in (zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA):
        data = bytearray(packing.zipped(leaking(sample), method=method))
        data[at : at + len(value)] = value
        data[:0] = before
        assert zipfile.ZipFile(io.BytesIO(data)).read(INNER) == leaking(sample)
        report = scan(bytes(data))
        assert [finding.place.members for finding in report.findings] == [(INNER,)] or report.skipped


def test_what_looks_like_a_record_of_a_directory_hides_nothing_behind_it() -> None:
    sample = mint.token(seed=88)
    record = b"PK\x01\x02" + bytes(26) + b"\x90\x01" + bytes(14)  # 400 bytes of an extra field, it says
    for pack in (gzip.compress, packing.zipped, packing.tarred):
        data = record + pack(leaking(sample) * 9)
        assert len(scan(data).findings) == 9


def test_stored_entries_behind_other_bytes_are_there_though_their_headers_are_odd() -> None:
    data = bytearray(packing.zipped(leaking(mint.token(seed=86)), method=zipfile.ZIP_STORED))
    data[4] = 0x40  # the version that unpacks it
    report = scan(b"#!/bin/sh\n" + bytes(data))
    assert (len(report.findings), report.skipped) == (1, [])


def test_what_readings_make_of_an_archive_is_told_of_no_second_time() -> None:
    data = b"".join(packing.zipped(b"%41=41&#65;\\x41\n" * 20 + os.urandom(99), f"%70=71{n}.txt") for n in range(50))
    report = scan(data)
    assert (report.findings, report.skipped) == ([], [])
    assert report.scanned["members"] == 50


@pytest.mark.parametrize("seed", range(3))
def test_a_leak_behind_the_header_of_a_zipapp(tmp_path: pathlib.Path, seed: int) -> None:
    sample = mint.token(seed=60 + seed)
    folder = tmp_path / "app"
    folder.mkdir()
    (folder / "__main__.py").write_bytes(leaking(sample))
    target = tmp_path / "app.pyz"
    zipapp.create_archive(folder, target, "/usr/bin/env python3", compressed=bool(seed))
    assert_found(scan(target.read_bytes()), sample, "__main__.py")


@pytest.mark.parametrize(
    "command",
    [
        "zip -q - leak.py", "zip -q -0 - leak.py", "zip -q -Z bzip2 - leak.py", "cat leak.py | zip -q - -",
        "tar -cf - --format=v7 leak.py", "tar -cf - --format=oldgnu leak.py", "tar -cf - --format=gnu -S holes",
        "tar -cf - --format=pax -S --sparse-version=0.0 holes", "tar -cf - --format=pax -S --sparse-version=0.1 holes",
        "tar -cf - --format=pax -S --sparse-version=1.0 holes", "tar -cf - -b 1 leak.py", "tar -cf - -V label leak.py",
        "tar -cf - leak.py leak.py", "gzip -c leak.py", "gzip -c -n < leak.py", "bzip2 -c leak.py", "xz -c leak.py",
        "xz -c -T2 --block-size=64 leak.py", "xz -c -9e leak.py", "xz -c --delta --lzma2 leak.py",
        "zstd -q -c leak.py", "zstd -q -c -19 --no-check leak.py", "cat leak.py | zstd -q -c --ultra -22",
        "zstd -q -c --long=26 leak.py",
    ],
)
def test_archives_made_by_the_tools_themselves(command: str, tmp_path: pathlib.Path) -> None:
    if os.name == "nt" or not all(shutil.which(part.split()[0]) for part in command.split("|")):
        pytest.skip("this machine lacks the tool")
    sample = mint.token(seed=70)
    (tmp_path / "leak.py").write_bytes(leaking(sample))
    with open(tmp_path / "holes", "wb") as stream:
        stream.seek(300_000)
        stream.write(b"\n\n  TOKEN = " + sample.encode() + b"\n")
        stream.truncate(900_000)
    made = subprocess.run(command, shell=True, cwd=tmp_path, capture_output=True, check=True)
    for report in (scan(made.stdout), scan_in_chunks(made.stdout, 5000)):
        expected = 2 if command.endswith("leak.py leak.py") and " -h" not in command else 1
        found = found_in(report)
        assert len(found) in (1, expected)
        assert all(len(members) == 1 for members, *_ in found)
        assert found[0][2:] == (3, 11)
        assert report.skipped == []


def locked(flag_of: int, method: int | None = None) -> bytes:
    """Returns a zip file whose member has a flag set in both of its headers, and another method."""
    data = bytearray(packing.zipped(leaking(mint.token(seed=80))))
    for magic, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.index(magic) + flags
        data[at] |= flag_of
        if method is not None:
            data[at + 2] = method
    return bytes(data)


@pytest.mark.parametrize(
    ("data", "reason", "words"),
    [
        (locked(1), "encrypted", "password"), (locked(1, 99), "encrypted", "password"),
        (locked(0, 9), "unsupported", "zip method 9"), (locked(0, 98), "unsupported", "zip method 98"),
    ],
)
def test_what_cannot_be_read_is_told_and_its_name_is_read(data: bytes, reason: str, words: str) -> None:
    report = scan(data)
    (skipped,) = report.skipped
    assert (skipped.place.members, skipped.reason) == ((INNER,), reason)
    assert words in skipped.detail
    assert skipped.expected
    assert pipeline.exit_code(report, strict=False) == 0
    assert pipeline.exit_code(report, strict=True) == 1
    sample = mint.token(seed=81)
    named = locked(1).replace(INNER.encode(), sample[: len(INNER)].encode())
    assert scan(named).skipped[0].place.members == (sample[: len(INNER)],)


@pytest.mark.parametrize("pack", [packing.compressed(), packing.zipped_by(93, packing.compressed())])
def test_without_a_library_zstd_is_told(pack: Callable[[bytes], bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    sample = mint.token(seed=82)
    data = pack(leaking(sample))
    monkeypatch.setattr(zstds, "library", lambda: None)
    report = scan(data)
    (skipped,) = report.skipped
    assert (skipped.reason, skipped.place.members) == ("unsupported", (UNPACKED if data[:2] != b"PK" else INNER,))
    assert "extra" in skipped.detail


def test_members_are_counted() -> None:
    held = packing.zipped(b"x", before=["a", "b"])
    assert scan(held).scanned["members"] == 3
    assert scan(gzip.compress(held)).scanned["members"] == 4


def test_no_name_is_used_as_a_path_and_nothing_is_written(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    names = ("../out", "/tmp/x", "C:\\x", "a/../../b", "\0", "con", "x" * 900)
    data = b"".join(packing.zipped(b"text\n", name) + packing.tarred(b"text\n", name.strip("\0") or "n") for name in names)

    def forbidden(*_arguments: object, **_options: object) -> None:
        raise AssertionError("a file is opened")

    monkeypatch.setattr("builtins.open", forbidden)
    monkeypatch.setattr(os, "open", forbidden)
    assert scan(data).scanned["members"] >= 2 * len(names) - 1
    monkeypatch.undo()
    assert os.listdir(tmp_path) == []


MAGICS = tuple(row.magic for row in FORMATS)


@settings(max_examples=300, deadline=None)
@given(
    pieces=st.lists(st.sampled_from([*MAGICS, *(magic[:-1] for magic in MAGICS), b"\0", b"\0" * 700, b"\xff"]), max_size=30),
    size=st.integers(1, 900),
    at_once=st.integers(1, 900),
)
def test_a_reader_sees_every_magic_once_however_the_bytes_come(pieces: list[bytes], size: int, at_once: int) -> None:
    data = b"\0".join([b"", *pieces, b""])
    bytes_read, seen = reader.Reader(data[at : at + size] for at in range(0, len(data), size)), []
    with unittest.mock.patch.object(reader, "_AT_ONCE", at_once):
        while True:
            if place := bytes_read.look(MAGICS):
                seen.append(place)
                bytes_read.position = place[0] + 1
            elif not bytes_read.more():
                break
    assert seen == [(at, magic) for at in range(len(data)) for magic in MAGICS if data.startswith(magic, at)]
