"""TOML by lines: it reads what tomllib reads where tools keep credentials, and it never raises."""
from __future__ import annotations

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pypi_token_hooks.credentials import toml

SAMPLES = {
    "section": '[http-basic.corp]\nusername = "bob"\npassword = \'a"b\'\n',
    "quoted section": '[http-basic."my.corp"]\npassword = "x"\n',
    "inline table": '[http-basic]\ncorp = { username = "bob", password = "p#w" } # why\n',
    "array of tables": '[[credential]]\nservice = "https://x"\ntoken = "t"\n[[credential]]\npassword = "p"\n',
    "dotted": 'a.b."c d".e = "x"\n',
    "spaced dots": '[ a . b ]\nc . d = "x"\n',
    "array": 'index-url = ["a", "b"]\nnext = "c"\n',
    "array of lines": 'index-url = [\n  "a",  # one\n  "b",\n]\nnext = "c"\n',
    "escapes": 'a = "x\\"y\\\\z"\nb = \'x\\y\'\n',
    "long string": 'a = """x"""\nb = \'\'\'y\'\'\'\n',
    "escapes in a long string": 'a = """x\\"y\\\\z"""\n',
    "quotes in a long string": 'a = """x"y""z"""\nb = \'\'\'x\'y"z\'\'\'\nc = """x"""""\nd = """"x"""\n',
    "a string of lines": 'a.b = """\nx"""\nc = \'\'\'\ny\n\'\'\'\nd = """x\ny""" # e\n[f]\ng = "h"\n',
    "a string over lines": 'a = """\\\n  x\\\n  y"""\nb = """x\\ \n y"""\n',
    "escaped letters": 'a = "stra\\u00dfe\\U0001F600"\nb = \'\\u00df\'\n',
    "comment": '# a = "b"\nc = "d" # e = "f"\n',
    "other values": "a = 1\nb = true\nc = 1979-05-27\nd = []\ne = {}\n",
}


def test_a_long_string_without_an_end_hides_nothing() -> None:
    text = 'a = """\n[http-basic.corp]\npassword = "pw"\n' + "x\n" * 9 + '"""\n'
    assert ("http-basic.corp.password", "pw") in [(entry.key, entry.value) for entry in toml.parse(text)]


@pytest.mark.parametrize("value", ["{{ lookup('a', 'b=c') }}", '{{ with secret "a" }}b{{ end }}', '{% if a %}"b"{% endif %}'])
def test_a_template_is_no_table(value: str) -> None:
    assert [(e.key, e.value) for e in toml.parse(f'[pypi]\npassword = {value}\nurl = "c"\n')] == [("pypi.url", "c")]


@pytest.mark.parametrize("escape", ["\\ud800", "\\U00110000", "\\u12", "\\u"])
def test_an_escape_that_stands_for_no_letter_stays(escape: str) -> None:
    assert [e.value for e in toml.parse(f'a = "x{escape}"\n')] == [f"x{escape}"]


def _flat(value: object, key: str = "") -> list[tuple[str, str]]:
    if isinstance(value, dict):
        return [pair for name, inner in value.items() for pair in _flat(inner, f"{key}.{name}".lstrip("."))]
    if isinstance(value, list):
        return [pair for inner in value for pair in _flat(inner, key)]
    return [(key, value)] if isinstance(value, str) else []


@pytest.mark.skipif(sys.version_info < (3, 11), reason="tomllib is the oracle")
@pytest.mark.parametrize("name", SAMPLES)
def test_reads_what_tomllib_reads(name: str) -> None:
    import tomllib

    text = SAMPLES[name]
    read = toml.parse(text)
    assert sorted((entry.key, entry.value) for entry in read) == sorted(_flat(tomllib.loads(text)))
    lines = text.split("\n")
    for entry in read:
        if "\\" not in lines[entry.line]:
            assert "\n".join(lines[entry.line :])[entry.column :].startswith(entry.value)


@pytest.mark.parametrize(
    "text",
    [
        'junk\n[http-basic.corp\npassword = "pw"\n', '[a]\nx = ["1",\n[http-basic.corp]\npassword = "pw"\n',
        'x = "open\n[http-basic.corp]\npassword = "pw"\n', '[http-basic.corp]\npassword = "pw"\npassword = "pw2"\n',
        '[http-basic.corp]\r\npassword = "pw"\r\n', '[http-basic.corp]\npassword = "pw',
    ],
)
def test_reads_broken_files_too(text: str) -> None:
    assert ("http-basic.corp.password", "pw") in [(entry.key, entry.value) for entry in toml.parse(text)]


@pytest.mark.parametrize(
    "line", ["assert a.password == 'x'", 'a = f(["x"])', "if x: a = b['c']", 'print("a = b")', "a = b = 'c'"]
)
def test_code_is_no_toml(line: str) -> None:
    assert not toml.parse(line)


@given(st.text(alphabet="ab.[]{}=\"'\\#,- \n\r\t") | st.text())
def test_never_raises(text: str) -> None:
    for entry in toml.parse(text):
        assert "***" in repr(entry)


def test_patterns() -> None:
    assert toml.matches("http-basic.my.corp.password", "http-basic.*.password")
    assert not toml.matches("http-basic.password", "http-basic.*.password")
    assert toml.matches("pypi-token.x", "pypi-token.*") and not toml.matches("pypi-token", "pypi-token.*")
