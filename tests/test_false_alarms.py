"""What is no token is none: random bytes, lock files, minified code, other systems' macaroons, and the code installed here."""
from __future__ import annotations

import base64
import json
import os
import random
import sysconfig
import time

import pytest
from pymacaroons import Macaroon

from pypi_token_hooks import examination
from pypi_token_hooks import pipeline
from pypi_token_hooks.model import Blob
from pypi_token_hooks.model import Finding
from pypi_token_hooks.model import Place
from tests import mint

KNOWN = examination.settings((), None, False)
SECONDS = 8.0  # of looking at what is installed
PROSE = b"and so on, as the manual of the index says it\nof every other project that uploads there\n"


def alarms(data: bytes, rule: str = "pypi-token") -> list[Finding]:
    found = pipeline.scan([Blob(data, Place("f"))], KNOWN).findings
    return [finding for finding in found if finding.rule == rule]


@pytest.mark.parametrize("seed", range(4))
def test_random_bytes_and_what_encodes_them(seed: int) -> None:
    noise = random.Random(seed).randbytes(400_000)
    encoded = (noise, base64.b64encode(noise), base64.encodebytes(noise), base64.urlsafe_b64encode(noise), noise.hex().encode())
    for data in (*encoded, b"pypi-".join(base64.b64encode(noise[at : at + 300]) for at in range(0, 90_000, 300))):
        assert alarms(data) == []


@pytest.mark.parametrize("location", ["http://api.snapcraft.io", "lnd", "minio", "", "pypi.org.example.com", "mypi.org"])
@pytest.mark.parametrize("version", [1, 2])
def test_macaroons_of_other_systems(location: str, version: int) -> None:
    for seed in range(30):
        key = random.Random(seed).randbytes(16).hex()
        minted = Macaroon(location=location, identifier=f"id-{key}", key=key, version=version)
        minted.add_first_party_caveat("account = 3735928559")
        text = str(minted.serialize())
        for data in (text, f"MACAROON={text}\n", json.dumps({"root": text}), f"pypi-publish {text}", f'"{text[:50]}" + "{text[50:]}"'):
            assert alarms(data.encode()) == []
            assert alarms(base64.b64encode(data.encode())) == []


@pytest.mark.parametrize("joint", [b"\n", b"...\n", b'"\n', b" ", b'", "', b"' + '", b"\\\n", b"`\n\n", b"|\n| "])
@pytest.mark.parametrize("missing", [6, 7, 12, 20, 30, 43, 60, 90, 140])
def test_what_stands_beside_a_truncated_example_does_not_complete_it(joint: bytes, missing: int) -> None:
    for seed in range(6):
        cut = mint.token(seed=seed).encode()[:-missing]
        assert alarms(b"TOKEN=" + cut + joint + PROSE * 3) == []
        assert alarms(b'"' + cut + joint + b'OTHER_SETTING_NAME = "anything_else_that_is_here"\n' * 4) == []


@pytest.mark.parametrize("joint", ["\n", " ", "\t", "</td><td>", "</td>\n  <td>", " <b>"])
@pytest.mark.parametrize("missing", [6, 7, 12, 20, 30, 42])
def test_the_words_behind_a_wrapped_example_that_is_truncated_do_not_complete_it(joint: str, missing: int) -> None:
    """Some of them end where the token would, others are cut."""
    words = ["deployment-configuration-of-the-whole-company"] if joint == "\n" else ["is", "an", "example", "of", "a", "b", "c", "d", "ef"]
    for seed in range(6):
        cut = mint.token(seed=seed)[:-missing]
        for width in (40, 64, 76):
            lines = [cut[at : at + width] for at in range(0, len(cut), width)]
            if len(lines[-1]) not in (1, width):  # in lines of one width those below may be the rest, as far as anyone can tell
                assert alarms(joint.join(["\n".join(lines), *words * 3]).encode()) == [], (seed, width)


@pytest.mark.parametrize("value", ["", "xxx", "changeme"])
def test_the_lines_below_a_setting_are_no_part_of_its_value_where_a_truncated_example_stands_too(value: str) -> None:
    below = "DATABASE_HOST=localhost\nDATABASE_PORT=5432\nTITLE=one\\ntwo%20three\nDEBUG=true\nLOG_LEVEL=INFO\nWITH_DOCS=yes\n"
    example = f"TOKEN={mint.token(seed=2)[:30]}...\n"
    for text in (f"TWINE_PASSWORD={value}\n{below}{example}", f"{example}UV_PUBLISH_TOKEN={value}\n\n{below}"):
        assert alarms(text.encode(), "index-credential") == []


def test_lock_files_and_minified_code() -> None:
    rng = random.Random(5)
    hashes = [rng.randbytes(32) for _ in range(3000)]
    lock = "".join(f'    {{file = "pypi-{n}.whl", hash = "sha256:{value.hex()}"}},\n' for n, value in enumerate(hashes))
    npm = "".join(f'"integrity": "sha512-{base64.b64encode(value * 2).decode()}",\n' for value in hashes)
    words = ["pypi-AgE", "function", "AgE", "return", "pypi-", "t.exports=", "e=>{", "Ag", "\\u0041"]
    code = ";".join("".join(rng.choices(words, k=6)) for _ in range(2500))
    for data in (lock, npm, code, "requirements \\\n" + "".join(f"    --hash=sha256:{value.hex()} \\\n" for value in hashes)):
        assert alarms(data.encode()) == []


def test_a_picture() -> None:
    rng = random.Random(6)
    chunks = [b"\x89PNG\r\n\x1a\n", b"\0\0\0\rIHDR", rng.randbytes(17), b"\0\x03\0\0IDAT", rng.randbytes(200_000), b"\0\0\0\0IEND"]
    assert alarms(b"".join(chunks)) == []


def test_the_code_that_is_installed_here() -> None:
    """As much of the interpreter's own library and of what is installed beside it as the time allows, in no order."""
    walks = [os.walk(sysconfig.get_path(name)) for name in ("stdlib", "purelib", "platlib")]
    paths = sorted({os.path.join(folder, name) for walk in walks for folder, _, names in walk for name in names})
    random.Random(len(paths)).shuffle(paths)
    assert len(paths) > 1000
    begun, looked_at = time.process_time(), 0
    while paths and time.process_time() - begun < SECONDS:
        report = pipeline.scan_files(paths[:200], KNOWN)
        paths = paths[200:]
        looked_at += report.scanned["files"]
        assert [finding.place for finding in report.findings if finding.rule == "pypi-token"] == []
    assert looked_at >= 200
