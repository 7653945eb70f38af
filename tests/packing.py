"""Ways to pack a file: its bytes in, an archive or a compressed stream out, and what its member is called then."""
from __future__ import annotations

import bz2
import gzip
import io
import lzma
import re
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from collections.abc import Sequence
from typing import Any
from typing import NamedTuple

from pypi_token_hooks.containers import zstds

OUTER = "kept.bin"  # what the packed file is called
INNER = "pkg/settings.py"
UNPACKED = OUTER + " (unpacked)"
LONG = "a-long-folder/" * 16 + "settings.py"
SHELL = b"#!/bin/sh\nexec python3 \"$0\" \"$@\"\n"


class Packing(NamedTuple):
    """One way: what it is called here, how it is done, what its member is called."""

    name: str
    pack: Callable[[bytes], bytes]
    member: str = INNER

    def member_of(self, outer: str) -> str:
        """Returns what the member is called in a file or a member of this name."""
        return self.member if self.member != UNPACKED else re.split(r"[\\/]", outer)[-1] + " (unpacked)"


class _Stream(io.RawIOBase):
    """Somewhere that is written to and never goes back: what stands behind a pipe."""

    def __init__(self) -> None:
        self.data = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.data += data
        return len(data)


def zipped(
    data: bytes, name: str = INNER, method: int = zipfile.ZIP_DEFLATED, extra: bytes = b"", comment: bytes = b"",
    before: Sequence[str] = (), zip64: bool = False,
) -> bytes:
    """Returns a zip file with the data as one member, other members before it."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", method) as archive:
        for other in before:
            archive.writestr(other, b"nothing of interest\n" * 30)
        info = zipfile.ZipInfo(name, (2024, 2, 29, 12, 30, 58))
        info.compress_type, info.extra = method, extra
        with archive.open(info, "w", force_zip64=zip64) as member:
            member.write(data)
        archive.comment = comment
    return held.getvalue()


def zipped_into_a_pipe(data: bytes, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Returns a zip file whose sizes stand behind each member."""
    held = _Stream()
    with zipfile.ZipFile(held, "w", method) as archive:
        archive.writestr("first.txt", b"nothing\n" * 9)
        archive.writestr(INNER, data)
    return bytes(held.data)


def zipped_by(method: int, packed: Callable[[bytes], bytes]) -> Callable[[bytes], bytes]:
    """Returns what packs by a method that `zipfile` does not know."""

    def pack(data: bytes) -> bytes:
        body, name = packed(data), INNER.encode()
        fields = (63, 0, method, 0x6000, 0x5862, zlib.crc32(data), len(body), len(data), len(name), 0)
        local = struct.pack("<4sHHHHHIIIHH", b"PK\x03\x04", *fields) + name
        central = struct.pack("<4sHHHHHHIIIHHHHHII", b"PK\x01\x02", 63, *fields, 0, 0, 0, 0, 0) + name
        tail = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, 1, 1, len(central), len(local) + len(body), 0)
        return local + body + central + tail

    return pack


def unlisted(data: bytes) -> bytes:
    """Returns a zip file that still holds a member which its directory no longer lists."""
    whole = zipped(data)
    return whole[: whole.index(b"PK\x01\x02")] + zipped(b"print()\n", "other.py")


def nothing_but_entries(data: bytes) -> bytes:
    """Returns a zip file that was cut before its directory."""
    whole = zipped(data)
    return whole[: whole.index(b"PK\x01\x02")]


def tarred(
    data: bytes, name: str = INNER, form: int = tarfile.PAX_FORMAT, others: Sequence[tarfile.TarInfo] = (), mode: str = "w"
) -> bytes:
    """Returns a tar file with the data as one member, empty ones before it."""
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode=mode, format=form) as archive:  # type: ignore[call-overload]
        for other in others:
            archive.addfile(other)
        info = tarfile.TarInfo(name)
        info.size, info.mtime = len(data), 1_700_000_000
        archive.addfile(info, io.BytesIO(data))
    return held.getvalue()


def link(kind: bytes, name: str, target: str) -> tarfile.TarInfo:
    """Returns a link in a tar file."""
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


def oldest_tar(data: bytes) -> bytes:
    """Returns a tar file of Unix version 7, from before there was a magic."""
    block = bytearray(tarfile.TarInfo(INNER).tobuf(tarfile.USTAR_FORMAT))
    block[124:136] = b"%011o\0" % len(data)
    block[257:] = bytes(512 - 257)
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block) + data + bytes(-len(data) % 512 + 1024)


def gzipped(data: bytes, name: bytes = b"", comment: bytes = b"", extra: bytes = b"", level: int = 6) -> bytes:
    """Returns a gzip file with a header that holds all of that, and a checksum of its own."""
    flags = 2 | (4 if extra else 0) | (8 if name else 0) | (16 if comment else 0)
    head = b"\x1f\x8b\x08" + bytes((flags, 1, 2, 3, 4, 0, 3))
    if extra:
        head += len(extra).to_bytes(2, "little") + extra
    head += (name + b"\0" if name else b"") + (comment + b"\0" if comment else b"")
    head += (zlib.crc32(head) & 0xFFFF).to_bytes(2, "little")
    made = zlib.compressobj(level, zlib.DEFLATED, -zlib.MAX_WBITS)
    body = made.compress(data) + made.flush()
    return head + body + struct.pack("<II", zlib.crc32(data), len(data))


def in_two(pack: Callable[[bytes], bytes]) -> Callable[[bytes], bytes]:
    """Returns what packs each half on its own, one after the other."""
    return lambda data: pack(data[: len(data) // 2]) + pack(data[len(data) // 2 :])


def compressed(level: int = 3, **options: int) -> Callable[[bytes], bytes]:
    """Returns what packs by zstd."""
    zstd = zstds.library()
    given = {zstd.CompressionParameter.compression_level: level}
    given |= {getattr(zstd.CompressionParameter, name): value for name, value in options.items()}
    return lambda data: bytes(zstd.compress(data, options=given))


def xz(**options: Any) -> Callable[[bytes], bytes]:
    """Returns what packs by xz."""
    return lambda data: lzma.compress(data, **options)


def _zstd_in_pieces(data: bytes) -> bytes:
    made = zstds.library().ZstdCompressor()
    return bytes(made.compress(data[:90], made.FLUSH_BLOCK) + made.compress(data[90:]) + made.flush())


_BCJ = [{"id": lzma.FILTER_X86}, {"id": lzma.FILTER_LZMA2, "preset": 6}]
_SKIPPED = b"\x53\x2a\x4d\x18" + (5).to_bytes(4, "little") + b"hello"

ZIPS = (
    Packing("zip stored", lambda data: zipped(data, method=zipfile.ZIP_STORED)),
    Packing("zip deflate", zipped),
    Packing("zip bzip2", lambda data: zipped(data, method=zipfile.ZIP_BZIP2)),
    Packing("zip lzma", lambda data: zipped(data, method=zipfile.ZIP_LZMA)),
    Packing("zip xz", zipped_by(95, lzma.compress)),
    Packing("zip zstd", zipped_by(93, compressed())),
    Packing("zip zstd, first number", zipped_by(20, compressed(19))),
    Packing("zip64", lambda data: zipped(data, zip64=True)),
    Packing("zip64 stored", lambda data: zipped(data, zip64=True, method=zipfile.ZIP_STORED)),
    Packing("zip from a pipe", zipped_into_a_pipe),
    Packing("zip from a pipe, stored", lambda data: zipped_into_a_pipe(data, zipfile.ZIP_STORED)),
    Packing("zip from a pipe, bzip2", lambda data: zipped_into_a_pipe(data, zipfile.ZIP_BZIP2)),
    Packing("zip behind a shell header", lambda data: SHELL + zipped(data)),
    Packing("zip behind a shell header, stored", lambda data: SHELL + zipped(data, method=zipfile.ZIP_STORED)),
    Packing("zip with bytes behind it", lambda data: zipped(data) + b"\0signature\xff" * 40),
    Packing("zip with a comment", lambda data: zipped(data, comment=b"made by hand")),
    Packing("zip with extra fields", lambda data: zipped(data, extra=b"UT\x05\0\x03abcd" + b"ux\x04\0wxyz")),
    Packing("zip with many members", lambda data: zipped(data, before=[f"{n}.txt" for n in range(70)])),
    Packing("zip with a name in cp437", lambda data: zipped(data, "a.py").replace(b"a.py", b"\x81.py"), "ü.py"),
    Packing("zip with a name in UTF-8", lambda data: zipped(data, "été/☃.py"), "été/☃.py"),
    Packing("zip with a name of Windows", lambda data: zipped(data, "a.py").replace(b"a.py", b"a\\py"), "a\\py"),
    Packing("zip with a name out of the folder", lambda data: zipped(data, "../../etc/passwd"), "../../etc/passwd"),
    Packing("zip with an unlisted member", unlisted),
    Packing("zip without a directory", nothing_but_entries),
    Packing("zip split in volumes", lambda data: b"PK\x07\x08" + zipped(data)),
    Packing("zip with an empty one before it", lambda data: b"PK\x05\x06" + bytes(18) + zipped(data)),
    Packing("zip after zip", lambda data: zipped(b"1\n", "one.py") + zipped(data)),
)
TARS = (
    Packing("tar v7", oldest_tar),
    Packing("tar ustar", lambda data: tarred(data, form=tarfile.USTAR_FORMAT)),
    Packing("tar gnu", lambda data: tarred(data, form=tarfile.GNU_FORMAT)),
    Packing("tar pax", tarred),
    Packing("tar ustar, long name", lambda data: tarred(data, LONG, tarfile.USTAR_FORMAT), LONG),
    Packing("tar gnu, long name", lambda data: tarred(data, LONG, tarfile.GNU_FORMAT), LONG),
    Packing("tar pax, long name", lambda data: tarred(data, LONG * 3), LONG * 3),
    Packing("tar pax, name in UTF-8", lambda data: tarred(data, "☃/a.py"), "☃/a.py"),
    Packing("tar with a name out of the folder", lambda data: tarred(data, "/etc/passwd"), "/etc/passwd"),
    Packing(
        "tar with links before it",
        lambda data: tarred(data, others=[link(tarfile.SYMTYPE, "s", "t"), link(tarfile.LNKTYPE, "h", "t" * 180)]),
    ),
    Packing("tar behind other bytes", lambda data: b"\x7fELF\0\0" + tarred(data)),
    Packing("tar without its end", lambda data: tarred(data, form=tarfile.USTAR_FORMAT)[: 512 - -len(data) // 512 * 512]),
    Packing("tar after tar", lambda data: tarred(b"1\n", "one.py") + tarred(data)),
)
STREAMS = (
    Packing("gzip", gzip.compress, UNPACKED),
    Packing("gzip with a name", lambda data: gzipped(data, b"settings.py"), "settings.py"),
    Packing("gzip with all of it", lambda data: gzipped(data, b"s\xe9.py", b"c", b"extra"), "sé.py"),
    Packing("gzip, not compressed", lambda data: gzip.compress(data, 0), UNPACKED),
    Packing("gzip, two members", in_two(gzip.compress), UNPACKED),
    Packing("gzip, zeros behind it", lambda data: gzip.compress(data) + bytes(512), UNPACKED),
    Packing("bzip2", bz2.compress, UNPACKED),
    Packing("bzip2, level 1", lambda data: bz2.compress(data, 1), UNPACKED),
    Packing("bzip2, two streams", in_two(bz2.compress), UNPACKED),
    *(Packing(f"xz -{level}", xz(preset=level), UNPACKED) for level in (0, 3, 6, 9)),
    Packing("xz -9e", xz(preset=9 | lzma.PRESET_EXTREME), UNPACKED),
    Packing("xz with sha256", xz(check=lzma.CHECK_SHA256), UNPACKED),
    Packing("xz without a checksum", xz(check=lzma.CHECK_NONE), UNPACKED),
    Packing("xz with a filter", xz(filters=_BCJ), UNPACKED),
    Packing("xz, two streams", lambda data: xz()(data[:50]) + bytes(8) + xz()(data[50:]), UNPACKED),
    *(Packing(f"zstd -{level}", compressed(level), UNPACKED) for level in (-5, 1, 3, 19)),
    Packing("zstd with a checksum", compressed(checksum_flag=1), UNPACKED),
    Packing("zstd without its size", compressed(content_size_flag=0), UNPACKED),
    Packing("zstd in pieces", _zstd_in_pieces, UNPACKED),
    Packing("zstd, two frames", in_two(compressed()), UNPACKED),
    Packing("zstd behind a frame to skip", lambda data: _SKIPPED + compressed()(data), UNPACKED),
    Packing("zstd before a frame to skip", lambda data: compressed()(data) + _SKIPPED, UNPACKED),
)
ALL = (*ZIPS, *TARS, *STREAMS)
