"""Rule `own-credential`: exact values, anywhere, however much is glued to them."""
from __future__ import annotations

import base64
import bz2
import gzip
import html
import io
import json
import lzma
import pathlib
import quopri
import re
import shlex
import tarfile
import urllib.parse
import zipfile
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pypi_token_hooks import examination
from pypi_token_hooks import model
from pypi_token_hooks.detectors import own_credential
from pypi_token_hooks.harvest import Own
from pypi_token_hooks.model import Secret
from tests import credential_corpus as corpus
from tests import mint
from tests.machine import Machine

PASSWORD = corpus.password(31).encode()
OWN = (Own(Secret(PASSWORD), "~/.netrc (machine pypi.corp.io)"),)


@given(before=st.binary(max_size=40), after=st.binary(max_size=40))
def test_found_whatever_is_glued_to_it(before: bytes, after: bytes) -> None:
    (match,) = own_credential.find(before + PASSWORD + after, OWN)
    assert (match.start, match.end) == (len(before), len(before) + len(PASSWORD))
    assert (match.rule, match.confidence, match.what) == ("own-credential", "certain", OWN[0].where)
    assert match.secret == OWN[0].secret


def test_every_place_of_every_value() -> None:
    second = Own(Secret(PASSWORD[::-1]), "~/.pypirc [pypi]")
    data = PASSWORD + PASSWORD + b" " + PASSWORD[::-1]
    found = [(match.start, match.what) for match in own_credential.find(data, (*OWN, second))]
    size = len(PASSWORD)
    assert found == [(0, OWN[0].where), (size, OWN[0].where), (2 * size + 1, second.where)]


def test_how_a_value_may_be_written_is_worked_out_once_however_many_there_are() -> None:
    many = tuple(Own(Secret(corpus.password(seed).encode()), f"$V{seed}") for seed in range(1000))
    own_credential._images.cache_clear()
    for data in (b"one text", b"another"):
        assert not [*own_credential.find(data, many)]
    assert own_credential._images.cache_info().misses == len(many)


def test_other_case_or_a_part_is_not_it() -> None:
    for data in (PASSWORD.swapcase(), PASSWORD[:-1], PASSWORD[1:], b""):
        assert not list(own_credential.find(data, OWN))


PASSWORDS = {
    "letters and digits": PASSWORD, "eight bytes": b"q7Rk2mVx", "digits": b"80264917", "small letters": b"zqkrvtmxwlpyhd",
    "weak": b"Winter2024!", "signs": b"hT7!x-kQ9@vZ", "more signs": b"$kQ9vZ%hT7x==", "quotes": b"a\"b\\c'd/e&f<g>h",
    "unicode": "Käsekuchen7mitÖl".encode(), "umlauts": "gärtnör-früh9".encode(), "cyrillic": "Зелёный-Сад".encode(),
    "japanese": "緑の庭へようこそ".encode(), "passphrase": b"purple monkeys dishwasher",
}


def zipped(name: str, content: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return stream.getvalue()


def tarred(name: str, content: bytes) -> bytes:
    stream = io.BytesIO()
    member = tarfile.TarInfo(name)
    member.size = len(content)
    with tarfile.open(fileobj=stream, mode="w:gz") as archive:
        archive.addfile(member, io.BytesIO(content))
    return stream.getvalue()


def in_text(held: bytes) -> bytes:
    """Returns it among words, as a file has it."""
    return b"# some words that stand before it\nvalue: " + held + b"\n# and some words that follow\n"


def wide(encoding: str) -> Callable[[bytes], bytes]:
    return lambda held: held.decode().encode(encoding)


def each(form: str) -> Callable[[bytes], bytes]:
    return lambda held: in_text("".join(form.format(ord(c)) for c in held.decode()).encode())


HIDDEN: dict[str, Callable[[bytes], bytes]] = {
    "as it stands": in_text,
    "glued": lambda held: in_text(b"zz" + held + b"yy"),
    "base64": lambda held: in_text(base64.b64encode(held)),
    "base64 behind a user": lambda held: in_text(base64.b64encode(b"bob:" + held)),
    "base64 among others": lambda held: in_text(base64.b64encode(b"ab" + held + b"\nmore")),
    "base64 in lines": lambda held: in_text(base64.encodebytes(b"words " * 7 + held + b" words" * 9)),
    "base64 for URLs": lambda held: in_text(base64.urlsafe_b64encode(b"x" + held)),
    "base64 of base64": lambda held: in_text(base64.b64encode(b"words " * 30 + base64.b64encode(b"me:" + held))),
    "base64 of wide text": lambda held: in_text(base64.b64encode(("$password = '" + held.decode() + "'").encode("utf-16-le"))),
    "hexadecimal": lambda held: in_text(held.hex().encode()),
    "hexadecimal in capitals": lambda held: in_text(held.hex().upper().encode()),
    "URL": lambda held: in_text(b"https://bob:" + urllib.parse.quote(held, safe="").encode() + b"@host/"),
    "percent": lambda held: in_text(b"".join(b"%%%02x" % byte for byte in held)),
    "form": lambda held: in_text(urllib.parse.urlencode({"a": held, "b": "c d"}).encode()),
    "CSV": lambda held: in_text(b'1,"' + held.replace(b'"', b'""') + b'",2'),
    "SQL": lambda held: in_text(b"(1, '" + held.replace(b"'", b"''") + b"')"),
    "shell, as Python quotes it": lambda held: in_text(shlex.quote(held.decode()).encode()),
    "JSON": lambda held: in_text(json.dumps({"a": held.decode()}).encode()),
    "JSON in JSON": lambda held: in_text(json.dumps(json.dumps({"a": held.decode()})).encode()),
    "HTML": lambda held: in_text(html.escape(held.decode()).encode()),
    "HTML references": each("&#{};"),
    "escapes": each("\\u{:04x}"),
    "quoted-printable": lambda held: in_text(quopri.encodestring(b"long words " * 6 + held)),
    "wide": wide("utf-16"), "wide, big end first": wide("utf-16-be"), "wider": wide("utf-32"),
    "strings side by side": lambda held: in_text(b'"' + held[:4] + b'" "' + held[4:] + b'"'),
    "strings that are added": lambda held: in_text(b'"' + held[:5] + b'" + "' + held[5:] + b'"'),
    "line that goes on": lambda held: in_text(held[:4] + b"\\\n" + held[4:]),
    "gzip": lambda held: gzip.compress(in_text(held)), "bzip2": lambda held: bz2.compress(in_text(held)),
    "xz": lambda held: lzma.compress(in_text(held)), "zip": lambda held: zipped("a.txt", in_text(held)),
    "tar": lambda held: tarred("a.txt", in_text(held)), "zip in tar": lambda held: tarred("a.zip", zipped("b", held)),
    "name in a zip": lambda held: zipped(held.decode() + ".txt", b"nothing"),
    "hexadecimal with colons": lambda held: in_text(held.hex(":").encode()),
    "hexadecimal with blanks": lambda held: in_text((b"login " + held + b" now").hex(" ").upper().encode()),
    "hexadecimal with dashes": lambda held: in_text(held.hex("-").upper().encode()),
    "hexadecimal of words": lambda held: in_text(held.hex(" ", -2).encode()),
    "hexadecimal of words, among others": lambda held: in_text((b"u:" + held + b" ").hex(" ", -2).encode()),
    "array of C": lambda held: in_text(b"{" + b", ".join(b"0x%02x" % byte for byte in b"a" + held) + b"}"),
    "array of numbers": lambda held: in_text(str(list(b"bob:" + held)).encode()),
    "octal": lambda held: in_text(b"".join(b"\\%03o" % byte for byte in held)),
    "escapes of bytes": lambda held: in_text(b"".join(b"\\x%02x" % byte for byte in held)),
    "path of a URL": lambda held: in_text(urllib.parse.quote(held).encode()),
    "ascii()": lambda held: in_text(ascii(held.decode()).encode()),
    "shell, in quotes": lambda held: in_text(b'"' + re.sub(rb'(["$`\\])', rb"\\\1", held) + b'"'),
    "shell, in a word": lambda held: in_text(re.sub(rb"([^\w.@%+=:,/\x80-\xff-])", rb"\\\1", held)),
    "shell, in single quotes": lambda held: in_text(shlex.quote(held.decode()).replace("'\"'\"'", "'\\''").encode()),
    "PowerShell": lambda held: in_text(b'"' + re.sub(rb'(["$`])', rb"`\1", held) + b'"'),
    "make and compose": lambda held: in_text(held.replace(b"$", b"$$")),
    "HTML references of signs": lambda held: in_text(
        "".join(c if c.isalnum() else f"&#{ord(c)};" for c in held.decode()).encode()
    ),
}


def sixth(form: str) -> Callable[[bytes], bytes]:
    """Returns what escapes the first letter, and each sixth one from there on."""
    return lambda held: "".join(form.format(ord(c)) if at % 6 == 0 else c for at, c in enumerate(held.decode())).encode()


PARTED: dict[str, Callable[[bytes], bytes]] = {
    "an invisible character behind each fifth letter": lambda held: re.sub(rb"(.{5})(?=.)", b"\\1" + "\u200b".encode(), held),
    "an invisible character behind each eighth letter": lambda held: re.sub(rb"(.{8})(?=.)", b"\\1" + "\u2060".encode(), held),
    "strings side by side": lambda held: b'"' + held[:5] + b'" "' + held[5:] + b'"',
    "a line that goes on": lambda held: held[:-5] + b"\\\n" + held[-5:],
    "quoted-printable, each letter": lambda held: b"".join(b"=%02X" % byte for byte in held),
    "some percent-escapes": sixth("%{:02X}"), "some escapes": sixth("\\x{:02x}"), "some references": sixth("&#{};"),
    "some longer escapes": sixth("\\u{:04x}"), "some of quoted-printable": sixth("={:02X}"),
}
SPLIT = ("strings side by side", "strings that are added", "line that goes on")


def _examined(data: bytes, own: tuple[Own, ...]) -> list[model.Finding]:
    report = model.empty_report()
    known = examination.settings(own, None, file_names=False)
    if known.ask.worth_reading(data):
        examination.examine(model.Blob(data, model.Place("a file")), known, report)
    return report.findings


@pytest.mark.parametrize("hidden", HIDDEN)
@pytest.mark.parametrize("sort", PASSWORDS)
def test_found_in_every_reading_and_container(sort: str, hidden: str) -> None:
    if hidden in SPLIT and len(PASSWORDS[sort]) < 10:
        pytest.skip("its parts are too short to be looked for")
    data = HIDDEN[hidden](PASSWORDS[sort])
    found = _examined(data, (Own(Secret(PASSWORDS[sort]), OWN[0].where),))
    assert [(finding.rule, finding.own) for finding in found] == [("own-credential", OWN[0].where)]
    assert not _examined(data, (Own(Secret(b"something else 7"), "~"),))


SIZES = {"short": corpus.password(31, 12).encode(), "long": corpus.password(32, 24).encode()}
SIGNS = b"kT9-fq$2x"
READ: dict[str, tuple[Callable[[bytes], bytes], tuple[str, ...]]] = {
    "hexadecimal": (lambda held: held.hex().encode(), ("hex",)),
    "hexadecimal with colons": (lambda held: (b"user " + held).hex(":").encode(), ("hex",)),
    "base64": (lambda held: base64.b64encode(held), ("base64",)),
    "base64 behind one": (lambda held: base64.b64encode(b"u" + held), ("base64",)),
    "base64 behind two": (lambda held: base64.b64encode(b"u:" + held), ("base64",)),
    "base64 behind three": (lambda held: base64.b64encode(b"me:" + held), ("base64",)),
    "PowerShell's commands": (
        lambda held: base64.b64encode(("$ = " + held.decode()).encode("utf-16-le")), ("base64", "utf-16-le")
    ),
    "wide": (lambda held: ("x = " + held.decode()).encode("utf-16-le"), ("utf-16-le",)),
    "strings that are added": (lambda held: b'"' + held[:5] + b'" + "' + held[5:] + b'"', ("joined",)),
}


@pytest.mark.parametrize("size", [9, 12, 18, 30])
@pytest.mark.parametrize("form", PARTED)
def test_found_where_only_some_letters_follow_each_other(size: int, form: str) -> None:
    for seed in range(20):  # without the letters of hexadecimal, of which a short part is in too many files to be looked for
        held = corpus.password(seed, size, "GHJKLMNPQRSTVWXYZghjkmnpqrstvwxyz23456789").encode()
        written = in_text(PARTED[form](held))
        assert _examined(written, (Own(Secret(held), "~"),)), written


@pytest.mark.parametrize("form", READ)
def test_short_ones_say_how_and_where_they_were_read_as_long_ones_do(form: str) -> None:
    written, readings = READ[form]
    before = b"some words: " if form != "wide" else "some words: ".encode("utf-16-le")
    places = []
    for held in SIZES.values():
        (found,) = _examined(before + written(held), (Own(Secret(held), "~"),))
        assert found.readings == readings
        places.append((found.line, found.column))
    assert len(set(places)) == 1


@pytest.mark.parametrize(
    ("text", "readings"),
    [
        ("see kT9-fq%242x", ("percent",)), ("kT9-fq%242x.txt", ("percent",)), ("kT9&#45;fq&#36;2x", ("html",)),
        ("kT9-fq\\$2x", ("escapes",)), ("kT9-fq`$2x", ("escapes",)), ("kT9-fq$$2x", ("escapes",)), ("kT9-fq$2x", ()),
    ],
)
def test_in_texts_too_short_to_be_read_otherwise(text: str, readings: tuple[str, ...]) -> None:
    (found,) = _examined(text.encode(), (Own(Secret(SIGNS), "~"),))
    assert found.readings == readings
    assert not _examined(text.replace("2x", "3x").encode(), (Own(Secret(SIGNS), "~"),))


def _in_units(text: str, form: str) -> str:
    wide = text.encode("utf-16-be")
    return "".join("\\u" + format(int.from_bytes(wide[at : at + 2], "big"), form) for at in range(0, len(wide), 2))


@pytest.mark.parametrize("held", ["p\xe4$$w\xf6rd 9xy", "e\U0001f600moji\U0001f600pw7", "\u65e5\u672c\u8a9e\U0001f5dd\u30d1\u30b9\u30ef1"])
@pytest.mark.parametrize("form", ["04x", "04X"])
def test_letters_beyond_ascii_are_escaped_as_json_and_python_do(held: str, form: str) -> None:
    own = (Own(Secret(held.encode()), "~"),)
    some = "".join(letter if letter.isascii() else _in_units(letter, form) for letter in held)
    for text in (f'"{some}"', ascii(held), "twine upload\n" * 16 + _in_units(held, form)):
        (found,) = _examined(text.encode(), own)
        assert found.readings == ("escapes",)


def test_a_token_that_this_machine_holds_says_so_and_where() -> None:
    token = mint.token(seed=7)
    (found,) = _examined(in_text(token.encode()), (Own(Secret(token.encode()), "~/.pypirc [pypi]"),))
    assert (found.rule, found.own) == ("pypi-token", "~/.pypirc [pypi]")


def test_a_run_of_the_hook(machine: Machine, tmp_path: pathlib.Path) -> None:
    (machine.home / ".pypirc").write_bytes(b"[corp]\nrepository = https://pypi.corp.io/\npassword = " + PASSWORD + b"\n")
    (tmp_path / "notes.txt").write_bytes(in_text(PASSWORD))
    for form in ("text", "json", "sarif", "github"):
        done = machine.hook("detect-pypi-token", "--format", form, "notes.txt", cwd=tmp_path)
        assert done.returncode == 1 and b"own-credential" in done.stdout and b".pypirc [corp]" in done.stdout
        said = done.stdout + done.stderr
        assert not any(PASSWORD[at : at + 8] in said for at in range(len(PASSWORD) - 7))
    assert machine.hook("detect-pypi-token", "--no-own", "notes.txt", cwd=tmp_path).returncode == 0
    (tmp_path / "MESSAGE").write_bytes(b"Mend the release\n\nIt is " + base64.b64encode(b"me:" + PASSWORD) + b"\n")
    machine.repository(tmp_path)
    assert machine.hook("detect-pypi-token-in-message", "MESSAGE", cwd=tmp_path).returncode == 1
