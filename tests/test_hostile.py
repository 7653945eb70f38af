"""Hostile text: whatever it repeats, twice as much takes about twice as long, and nothing raises or is found in it."""
from __future__ import annotations

import base64
import random
import subprocess
import sys
import time
from collections.abc import Callable

import pytest

from pypi_token_hooks import examination
from pypi_token_hooks import pipeline
from pypi_token_hooks import readings
from pypi_token_hooks import reports
from pypi_token_hooks.credentials import macaroon
from pypi_token_hooks.model import Blob
from pypi_token_hooks.model import Place
from pypi_token_hooks.model import View
from tests import mint
from tests.machine import ROOT

KNOWN = examination.settings((), None, False)
SIZE = 60_000  # bytes of the smaller text
MOST = 3.0  # times as long for twice as much: what is quadratic takes four times as long
SHORT = 0.3  # seconds below which nothing is measured
GUARD = 120  # seconds that nothing takes: against hanging, not a measurement
SAMPLES = [mint.token(seed=seed).encode() for seed in range(60)]
START = SAMPLES[0][:22]


def packed(*fields: tuple[int, bytes]) -> bytes:
    """Returns base64 of packets, with whatever lengths they say."""
    raw = b"\x02"
    for kind, value in fields:
        size, length = len(value), bytearray()
        while size > 127:
            length.append(size & 127 | 128)
            size >>= 7
        raw += bytes((kind, *length, size)) + value if kind else b"\0"
    return base64.urlsafe_b64encode(raw).rstrip(b"=")


HEADER = ((1, b"pypi.org"), (2, b"i" * 36), (0, b""))
SIGNATURE = random.Random(7).randbytes(32)
ASKING = packed(*HEADER, (2, b"x" * 90_000))[:72]  # says that 90,000 bytes follow
ASKING_LITTLE = packed(*HEADER, (2, b"x" * 90))[:72]
# A caveat that begins a macaroon of its own, which goes on with the next caveat but one.
CAVEAT = b"\2\x12\2\1\x08pypi.org\2\2ii\0\2\x15\0"
REPEATED = {
    "starts": b"pypi-AgE",
    "starts on lines": b"pypi-AgE\n",
    "starts of long hosts": b"pypi-AgH\n",
    "starts that end early": b'"' + START + b'" +\n',
    "starts that ask for much": b"pypi-" + ASKING + b"\n",
    "starts that ask for much, glued": b"pypi-" + ASKING,
    "starts without prefix": b"AgF_",
    "macaroons that share caveats": base64.urlsafe_b64encode(CAVEAT[2:] + CAVEAT[:2]),
    "prefixes": b"pypi-",
    "prefixes that are added": b'"pypi-" +\n',
    "starts behind quotes": b'""x""pypi-AgEIcHlwaS5vcmcC\n',
    "prefixes on lines": b"pypi-\n",
    "one run of base64": b"QUFB",
    "lines of base64": b"QWxhZGRpbjpv\n",
    "nested percent": b"%25",
    "nested escapes": b"\\u005c",
    "backslashes": b"\\",
    "nested references": b"&#38;#38;",
    "references": b"&amp;",
    "hexadecimal": b"41674569",
    "lines of hexadecimal": b"a tale of two words, no more".hex().encode() + b"\n",
    "runs of base64": base64.b64encode(b"a tale of three words, and no more") + b"! ",
    "rows of escapes": b"%61" * 20 + b" and more ",
    "URLs whose signs are references": b"https://a&#64;b ",
    "nothing but zeros": b"\0",
    "every other zero": b"a\0",
    "every fourth": b"a\0\0\0",
    "invisible": "a\u200b".encode(),
    "quotes, signs, lines": b'"+"\n',
    "quotes": b"\"'`",
    "lines": b"\n",
    "returns": b"\r",
    "open tags": b"<a ",
    "numbers": b"103, ",
    "a patch": b"\n@@ \n+a",
    "equal signs": b"=\n",
    "dashes": b"-",
    "assignments": b"TWINE_PASSWORD=",
    "sections": b"[pypi]\npassword\n",
    "addresses": b"https://a:",
    "at signs": b"://@",
    # what may join two pieces of text in many ways, and does not
    "blank lines": b"AgE a\n" + (b" " * 40 + b"\n") * 40 + b"!\n",
    "lines of few blanks": b"AgE a\n" + b"    \n" * 40 + b"!\n",
    "quotes of a shell": b"AgE a" + b"'\\''" * 40 + b"!\n",
    "quotes on lines": b"AgE a\n" + b"' \"\n" * 40 + b"!\n",
    "signs of lines that go on": b"AgE a" + b"`\n" * 40 + b"!\n",
    "empty comments": b"AgE \n" + b"# \n" * 400,
    "signs of comments": b"/",
    "sections in comments": b"# [pypi]\n# password\n",
    "offsets of a dump": b"00000010: 41\n",
    "a dump on one line": b"\n00000010: ",
    "dumps of one line": b"00000000: 4167\n00000010: \n",
    "words before lines": b"12: a\n12: aaaaaaaaaaaaaaaaaaaaaaaa\n",
    "times": b"12:34:56 x\n",
    "short texts": b"a" * 24 + b"\x80" * 8,
}


def seconds(data: bytes) -> float:
    begun = time.process_time()
    assert pipeline.scan([Blob(data, Place("f"))], KNOWN).findings == []
    return time.process_time() - begun


def assert_linear(made: Callable[[int], bytes]) -> None:
    """Asserts that twice as much does not take much more than twice as long; noise gets a second try."""
    for _ in range(3):
        once, twice = seconds(made(SIZE)), seconds(made(2 * SIZE))
        if twice < SHORT or twice < MOST * once:
            return
    raise AssertionError((once, twice))


@pytest.mark.parametrize("name", REPEATED)
def test_repetition_takes_linear_time(name: str) -> None:
    part = REPEATED[name]
    assert_linear(lambda size: part * (size // len(part)))


def test_text_with_escapes_of_every_kind_is_read_in_a_bounded_number_of_ways() -> None:
    line = (
        b"2026-01-02T03:04:05.1234567Z \x1b[32mINFO\x1b[0m {\"a\": \"b\\\"c\\n\"} x%%2Fy=3D &amp; ''q'' +\xe2\x80\x8b <%d>"
        b" '\"'\"'z'\"'\"' a+%%20b\n@@ -1 +1 @@\n+x\n"
    )
    data, seen = b"".join(line % number for number in range(400)), list[int]()

    def look(view: View) -> bool:
        seen.append(len(view.data))
        return False

    unread = readings.each(data, look, lambda _: True, lambda _: True)
    assert set(unread) == {readings.UNFINISHED}
    # once the limit is reached, each reading of what is being read is looked at, and not read further
    assert sum(seen) < (readings.VIEWS + readings.DEPTH * len(readings.STEPS)) * len(data) + readings.SOME_VIEWS


def test_what_starts_ask_for_is_looked_at_once() -> None:
    for _ in range(3):
        little, much = (seconds((b"pypi-" + start) * (3 * SIZE // 77)) for start in (ASKING_LITTLE, ASKING))
        if much < SHORT + MOST * little:
            return
    raise AssertionError((little, much))


def test_one_line_without_an_end() -> None:
    noise = random.Random(1).randbytes(SIZE * 2)
    assert_linear(lambda size: base64.b64encode(noise[: size * 3 // 4]))
    assert_linear(lambda size: b"x = " + noise[: size // 2].hex().encode())
    assert_linear(lambda size: noise[:size])


@pytest.mark.parametrize("form", ["plain", "base64", "split", "wide", "one line"])
def test_many_tokens_in_one_file_take_linear_time(form: str) -> None:
    forms: dict[str, Callable[[bytes], bytes]] = {
        "plain": lambda token: token + b"\n",
        "base64": lambda token: base64.b64encode(token) + b"\n",
        "split": lambda token: b'"' + token[:60] + b'" + "' + token[60:] + b'"\n',
        "wide": lambda token: token.decode().encode("utf-16-le") + b"\n\0",
        "one line": lambda token: token + b" ",
    }

    def spent(count: int) -> float:
        data = b"".join(forms[form](SAMPLES[number % len(SAMPLES)]) for number in range(count))
        begun = time.process_time()
        assert len(pipeline.scan([Blob(data, Place("f"))], KNOWN).findings) == count
        return time.process_time() - begun

    for _ in range(3):
        once, twice = spent(500), spent(1000)
        if twice < MOST * once:
            return
    raise AssertionError((once, twice))


@pytest.mark.parametrize(
    "fields",
    [
        (*HEADER, (2, b"[" * 30_000), (0, b""), (0, b""), (6, SIGNATURE)),
        (*HEADER, *((2, b"[9]"), (0, b"")) * 4_000, (0, b""), (6, SIGNATURE)),
        (*HEADER, (2, b'{"a":' * 5_000), (0, b""), (0, b""), (6, SIGNATURE)),
        (*HEADER, (2, b"[0," + b"9" * 9_000 + b",1]"), (0, b""), (0, b""), (6, SIGNATURE)),
    ],
    ids=["deep", "many", "deeper", "long number"],
)
def test_a_macaroon_with_hostile_caveats_is_a_token_all_the_same(fields: tuple[tuple[int, bytes], ...]) -> None:
    begun = time.process_time()
    (finding,) = pipeline.scan([Blob(b"pypi-" + packed(*fields), Place("f"))], KNOWN).findings
    assert finding.token and finding.token.scope == "unknown"
    assert time.process_time() - begun < GUARD


@pytest.mark.parametrize("size", [1, 5, 9, 90])
def test_lengths_without_an_end(size: int) -> None:
    text = base64.urlsafe_b64encode(b"\x02\x01" + b"\xff" * size + b"\x00" * 200)
    with pytest.raises((macaroon.EndsEarly, macaroon.NotAMacaroon)):
        macaroon.decode(text)


# Prints the MiB that a scan takes at most; then for each format those that the scan and a report take. Each report is made by a fork
# of the process that has scanned, whose memory begins with what is held: none is measured by what another has left.
CHILD = r"""
import argparse, contextlib, os, re, sys
from pypi_token_hooks import examination, pipeline, reports
from pypi_token_hooks.model import Blob, Place
part, count, forms = eval(sys.argv[1])
def told(kind):  # of this process alone: what `resource` tells begins with what its parent had
    return int(re.search(kind + r":\s+(\d+)", open("/proc/self/status").read())[1])
before = told("VmHWM")
report = pipeline.scan([Blob(part * count, Place("f"))], examination.settings((), None, False))
scanned, held = told("VmHWM"), told("VmRSS")
print((scanned - before) >> 10, flush=True)
for form in forms:
    if not os.fork():
        forked = told("VmHWM")  # without those pages of libraries that it has not used yet
        with open("/dev/null", "w") as nowhere, contextlib.redirect_stdout(nowhere):
            reports.emit("detect-pypi-token", report, argparse.Namespace(format=form))
        print((max(scanned, held + told("VmHWM") - forked) - before) >> 10, flush=True)
        os._exit(0)
    assert os.wait()[1] == 0
"""


def memory_of(part: bytes, count: int, *forms: str) -> list[int]:
    """Returns the MiB that a scan of the part, so many times, takes; and those that it takes with a report in each format."""
    done = subprocess.run(
        (sys.executable, "-c", CHILD, repr((part, count, forms))), cwd=ROOT / "hooks", capture_output=True, text=True, check=False,
        timeout=GUARD,
    )
    assert done.returncode == 0, done.stderr
    return [int(line) for line in done.stdout.split()]


@pytest.mark.skipif(sys.platform != "linux", reason="memory is measured in other units elsewhere")
@pytest.mark.parametrize(
    ("part", "count"),
    [(b"pypi-AgE", 300_000), (b"A", 5_000_000), (b'"pypi-" +\n', 200_000), (b"a" * 1024, 15_000), (b"%25", 150_000), (b"%61", 1_500_000),
     (b"https://bob:k7Rq2mVx9@x/simple " * 1800 + b"\n", 6), ("pypi-AgE, a tale\n".encode("utf-16-le"), 180_000),
     ("pypi-AgE, a tale\n".encode("utf-32-be"), 90_000)],
    ids=["starts", "one run", "added prefixes", "one line", "escapes", "escaped letters", "findings on long lines", "wide text",
         "wider text"],
)
def test_much_of_it_takes_bounded_memory(part: bytes, count: int) -> None:
    (most,) = memory_of(part, count)
    assert most < 60 + 30 * (len(part) * count >> 20)  # MiB


@pytest.mark.skipif(sys.platform != "linux", reason="memory is measured in other units elsewhere")
def test_a_report_of_many_findings_is_no_larger_than_these() -> None:
    taken = memory_of(b"TWINE_PASSWORD=kQ9vZhT7x\nPYPI_TOKEN=b7Rq2mVx9\n", 10_000, *reports.FORMATS)
    assert len(taken) == 1 + len(reports.FORMATS)
    assert max(taken) < 40, taken  # MiB: as one text SARIF alone has 50
