"""The `.pypirc` format, held to what twine and configparser make of the same file."""
from __future__ import annotations

import configparser
import io
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
from twine import exceptions
from twine import utils

from pypi_token_hooks.credentials import pypirc

NAMES = ("pypi", "testpypi", "PyPI", "server-login", "distutils", "DEFAULT", "default", "private", "a]b")
KEYS = ("password", "PASSWORD", "username", "repository", "index-servers", "client_cert", "client-cert")
VALUES = (
    "abc", "a b", "%(x)s", "%%", "100%", "x  # note", "x ; note", '"quoted"', "a=b:c", "pypi private",
    "a\nb", "pypi, private", "pypi\n  private\n\ttestpypi", "\n  next line", "a\n  # comment\n  b",
    "a\n\n  b", "[pypi]", "\x0bx", "\xa0y\xa0", "https://upload.pypi.org/legacy/", "ü", "",
    "\n  [pypi]\n  password = deep",
)
BLANKS = ("", " ", "  ", "\t", "\xa0", "\x1c")


def config(parsed: pypirc.Pypirc) -> dict[str, dict[str, str | None]]:
    """Returns what twine gets of a file without faults: for each server that it knows, what is set."""
    servers: dict[str, dict[str, str | None]] = {}
    login = [parsed.get(pypirc.SERVER_LOGIN, key) for key in ("username", "password")]
    username, password = (entry.value if entry else None for entry in login)

    def server(name: str) -> dict[str, str | None]:
        return servers.setdefault(name, {"username": username, "password": password})

    listed = parsed.servers()
    server("pypi")["repository"] = pypirc.URLS["pypi"]
    if "testpypi" in listed:
        server("testpypi")["repository"] = pypirc.URLS["testpypi"]
    for name in listed:
        for key in pypirc.KEYS:
            entry = parsed.get(name, key)
            if entry is not None:
                server(name)[key] = entry.value
    return servers


def entry_lines() -> st.SearchStrategy[str]:
    blanks = st.sampled_from(BLANKS)
    return st.builds(
        lambda a, key, b, sign, c, value: f"{a}{key}{b}{sign}{c}{value}",
        blanks, st.sampled_from(KEYS), blanks, st.sampled_from("=:"), blanks, st.sampled_from(VALUES),
    )


def whole() -> st.SearchStrategy[str]:
    """Returns texts that follow the format, however oddly: no section and no key twice."""
    keys = st.lists(st.sampled_from(KEYS), unique_by=str.lower, max_size=4)
    indent = st.sampled_from(("", "", "  ", "\t"))
    entry = st.tuples(indent, st.sampled_from("=:"), st.sampled_from(BLANKS), st.sampled_from(VALUES))
    between = st.sampled_from(("", "# x = y\n", "\n", "  ; note\n\n"))

    def section(name: str, keys: list[str], entries: list[tuple[str, str, str, str]], note: str) -> str:
        rows = [f"{a}{key}{sign}{b}{value}" for key, (a, sign, b, value) in zip(keys, entries, strict=False)]
        return "\n".join([f"[{name}]", *rows, note])

    body = st.tuples(keys, st.lists(entry, min_size=4, max_size=4), between)
    return st.builds(
        lambda names, bodies, end: "".join(
            section(name, *body) for name, body in zip(names, bodies, strict=False)
        ).replace("\n", end),
        st.lists(st.sampled_from(NAMES), unique=True, min_size=1, max_size=5),
        st.lists(body, min_size=5, max_size=5),
        st.sampled_from(("\n", "\r\n", "\r")),
    )


def texts() -> st.SearchStrategy[str]:
    return st.one_of(whole(), near())


def near() -> st.SearchStrategy[str]:
    """Returns texts near the format: headers, entries, comments, and any other line between them."""
    line = st.one_of(
        st.sampled_from(NAMES).map(lambda name: f"[{name}]"),
        entry_lines(), entry_lines(), entry_lines(),
        st.sampled_from(("", "  ", "# x = y", "  ; note", "  [indented]", "[pypi] tail", "# no", "  deeper")),
        st.sampled_from(("", "novalue", "= nokey", "[]", "  a = b")),
        st.text(st.characters(codec="utf-8"), max_size=8).map(lambda text: "# " + text),
    )
    ends = st.sampled_from(("\n", "\r\n", "\r", "\n\n"))
    start = st.sampled_from(("", "[distutils]\n", "[pypi]\n", "\ufeff", "\n", "x = y\n"))
    return st.builds(
        lambda begin, rows: begin + "".join(row + end for row, end in rows),
        start, st.lists(st.tuples(line, ends), max_size=14),
    )


def by_twine(path: Path) -> dict[str, dict[str, str | None]] | None:
    try:
        return utils.get_config(str(path))
    except (configparser.Error, exceptions.UnableToReadConfigurationFile):
        return None


def by_us(path: Path) -> dict[str, dict[str, str | None]] | None:
    text = pypirc.decoded_strictly(path.read_bytes(), io.TextIOWrapper(io.BytesIO()).encoding)
    parsed = None if text is None else pypirc.parse(text)
    return None if parsed is None or parsed.faults else config(parsed)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home") / ".pypirc"


@settings(max_examples=1500, deadline=None, suppress_health_check=list(HealthCheck))
@given(text=texts())
def test_twine_gets_the_same(path: Path, text: str) -> None:
    path.write_bytes(text.encode())
    assert by_us(path) == by_twine(path)


@settings(max_examples=300, deadline=None)
@given(data=st.one_of(st.binary(max_size=80), texts().map(lambda text: text.encode("utf-16"))))
def test_twine_gets_the_same_of_any_bytes(path: Path, data: bytes) -> None:
    path.write_bytes(data)
    assert by_us(path) == by_twine(path)


@settings(max_examples=500, deadline=None)
@given(text=texts())
def test_every_section_and_value_is_configparsers(path: Path, text: str) -> None:
    parsed = pypirc.parse(text)
    if parsed.faults:
        return
    path.write_bytes(text.encode())
    parser = configparser.RawConfigParser()
    parser.read(path, encoding="utf-8")
    names = [name for name in parsed.headers if name != pypirc.DEFAULT]
    ours = {name: parsed.own(name) for name in names}
    assert list(ours) == parser.sections()
    for section in ours:
        entries = {**parsed.own(pypirc.DEFAULT), **ours[section]}
        assert {key: entry.value for key, entry in entries.items()} == dict(parser.items(section))


@settings(max_examples=500, deadline=None)
@given(text=texts())
def test_the_lines_are_those_of_the_text(text: str) -> None:
    parsed = pypirc.parse(text)
    lines = io.StringIO(text, newline=None).read().split("\n")
    for name, number in parsed.headers.items():
        assert f"[{name}]" in lines[number - 1]
    for entry in parsed.entries:
        assert lines[entry.line - 1].lstrip("\ufeff").strip().lower().startswith(entry.key)


@settings(max_examples=500, deadline=None)
@given(text=st.one_of(st.text(max_size=200), texts()))
def test_nothing_raises(text: str) -> None:
    parsed = pypirc.parse(text)
    config(parsed)
    pypirc.passwords(pypirc.parse(text))
    parsed.servers()
    assert pypirc.parse(pypirc.decoded(text.encode("utf-8", "surrogatepass"))) is not None


@given(data=st.binary(max_size=60))
def test_every_file_has_a_text(data: bytes) -> None:
    assert isinstance(pypirc.decoded(data), str)


GOOD = "[pypi]\nusername = __token__\npassword = Xk39fj2!!\n"


@pytest.mark.parametrize(
    ("text", "kind", "line"),
    [
        ("password = Xk39fj2!!\n", pypirc.NO_SECTION, 1),
        ("\ufeff" + GOOD, pypirc.MARK, 1),
        (GOOD + "password = Xk39fj2!!\n", pypirc.TWICE_KEY, 4),
        (GOOD + "\n[pypi]\n", pypirc.TWICE_SECTION, 5),
        (GOOD + "and so on\n", pypirc.NO_VALUE, 4),
        (GOOD + "= and so on\n", pypirc.NO_KEY, 4),
        ("[distutils]\n[pypi\n" + GOOD[7:], pypirc.NO_END, 2),
        (GOOD + "[]\n", pypirc.NO_END, 4),
        ("[DEFAULT]\na = 1\n[DEFAULT]\na = 2\n" + GOOD, pypirc.TWICE_KEY, 4),
    ],
)
def test_a_leak_in_a_broken_file_is_a_leak(path: Path, text: str, kind: str, line: int) -> None:
    path.write_bytes(text.encode())
    assert by_twine(path) is None
    assert [(fault.kind, fault.line) for fault in pypirc.parse(text).faults] == [(kind, line)]
    assert "Xk39fj2!!" in {value for value, _ in pypirc.passwords(pypirc.parse(text))}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[pypi]\npassword = Xk39fj2!!  # old one\n", "Xk39fj2!!"),
        ("[pypi]\npassword = Xk39fj2!!  ; old one\n", "Xk39fj2!!"),
        ("[pypi]\npassword = 'Xk39fj2!!'\n", "Xk39fj2!!"),
        ("[pypi]\npassword = Xk%%39\n", "Xk%39"),
        ("[pypi]\npassword =\n    Xk39fj2!!\n", "Xk39fj2!!"),
        ("[pypi]\nusername = me\n  password = Xk39fj2!!\n", "Xk39fj2!!"),
        ("[unlisted]\nPassWord: Xk39fj2!!\n", "Xk39fj2!!"),
        ("[DEFAULT]\npassword: Xk39fj2!!\n", "Xk39fj2!!"),
    ],
)
def test_passwords_as_people_read_them(text: str, expected: str) -> None:
    assert expected in {value for value, _ in pypirc.passwords(pypirc.parse(text))}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "latin-1"])
def test_any_encoding_is_read(encoding: str) -> None:
    text = "[pypi]\npassword = Xkü39fj2\n"
    assert "Xkü39fj2" in {value for value, _ in pypirc.passwords(pypirc.parse(pypirc.decoded(text.encode(encoding))))}


def test_the_locale_comes_before_utf_8() -> None:
    assert pypirc.decoded_strictly("ü".encode(), "latin-1") == "Ã¼"
    assert pypirc.decoded_strictly("ü".encode(), "ascii") == "ü"
    assert pypirc.decoded_strictly(b"\xfc", "ascii") is None
    assert pypirc.decoded_strictly(b"\xfc", "no such encoding") is None


def test_no_value_shows_in_a_repr() -> None:
    parsed = pypirc.parse(GOOD + "password = Xk39fj2!!\n")
    assert "Xk39fj2" not in repr(parsed.entries) + repr(parsed.faults) + repr(parsed)


def test_it_loads_nothing() -> None:
    root = Path(pypirc.__file__).parents[2]
    code = (
        "import sys; before = set(sys.modules)\n"
        "from pypi_token_hooks.credentials import pypirc, placeholders\n"
        "print(*sorted(set(sys.modules) - before))"
    )
    environ = {**os.environ, "PYTHONPATH": str(root)}
    out = subprocess.run([sys.executable, "-c", code], env=environ, capture_output=True, check=True).stdout
    loaded = out.decode().split()
    assert "pypi_token_hooks.credentials.pypirc" in loaded
    assert [name for name in loaded if not name.startswith("pypi_token_hooks")] == []


def test_the_generated_texts_are_read_often_enough(path: Path) -> None:
    """The properties above say nothing of a text that twine refuses: enough of them must be read."""
    read = []

    @settings(max_examples=300, deadline=None, database=None)
    @given(text=texts())
    def count(text: str) -> None:
        path.write_bytes(text.encode())
        read.append(by_us(path) is not None)

    count()
    assert sum(read) > len(read) / 5
