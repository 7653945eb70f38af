"""The table of tools' settings: what every row must be, and what detector and harvest make of it."""
from __future__ import annotations

import pytest

from pypi_token_hooks import harvest
from pypi_token_hooks import places
from pypi_token_hooks.detectors import index_credential
from tests import credential_corpus as corpus

PASSWORD = corpus.password(11)
VARIABLES = [variable for tool in places.TOOLS for variable in tool.variables]
FLAGS = [flag for tool in places.TOOLS for flag in tool.flags if flag.kind == places.SECRET]
KEYS = [key.name for tool in places.TOOLS for key in tool.keys if key.kind == places.SECRET]
FILES = [file for tool in places.TOOLS for file in tool.files]


def _named(pattern: str) -> str:
    return pattern.replace("<NAME>", "CORP").replace("*", "corp")


def test_no_row_stands_there_twice() -> None:
    assert len({variable.name for variable in VARIABLES}) == len(VARIABLES)
    assert len({tool.name for tool in places.TOOLS}) == len(places.TOOLS)
    assert len({(file.path, system) for file in FILES for system in file.systems}) == sum(
        len(file.systems) for file in FILES
    )


@pytest.mark.parametrize("variable", VARIABLES, ids=lambda variable: variable.name)
def test_variable_is_found_in_a_file_and_in_the_environment(variable: places.Variable) -> None:
    name = _named(variable.name)
    value = PASSWORD if variable.kind == places.SECRET else f"https://bob:{PASSWORD}@corp.example.net/python"
    found = [match.secret.reveal() for match in index_credential.find(f"{name}={value}\n".encode())]
    assert found == [PASSWORD.encode()]
    (own,) = harvest.own_credentials({name: value}, "/nowhere")
    assert own.secret.reveal() == PASSWORD.encode()
    assert own.where == f"the environment variable {name}"


@pytest.mark.parametrize("flag", FLAGS, ids=lambda flag: " ".join((*flag.command, *flag.options)))
def test_flag_is_found(flag: places.Flag) -> None:
    for option in flag.options:
        words = [*flag.command, _named(option), *(["bob"] if option.startswith("http-basic") else []), PASSWORD]
        for line in (" ".join(words), str(words)):
            found = [match.secret.reveal() for match in index_credential.find(line.encode())]
            assert found == [PASSWORD.encode()], line


@pytest.mark.parametrize("key", KEYS)
def test_key_is_found(key: str) -> None:
    section, _, name = _named(key).rpartition(".")
    brackets = "[[{}]]" if section == "credential" else "[{}]"
    for quote in ("'", '"'):
        beside = 'url = "https://corp.io"\nusername = "bob"\n'
        data = f"{brackets.format(section)}\n{beside}{name} = {quote}{PASSWORD}{quote}\n".encode()
        assert [match.secret.reveal() for match in index_credential.find(data)] == [PASSWORD.encode()]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.path)
def test_file_has_a_reader_and_a_system(file: places.File) -> None:
    assert file.form in harvest.READERS
    assert set(file.systems) <= {"linux", "macos", "windows"} and file.systems


def test_rows_are_immutable_and_print() -> None:
    row = places.Variable("A_PASSWORD")
    assert row == ("A_PASSWORD", "secret") and row.name == "A_PASSWORD"
    assert repr(row) == "Variable(name='A_PASSWORD', kind='secret')"
    with pytest.raises(AttributeError):
        row.name = "B"  # type: ignore[misc]
    with pytest.raises(TypeError):
        places.Variable()  # type: ignore[call-arg]
    with pytest.raises(TypeError):
        places.Variable("A", "secret", "more")  # type: ignore[call-arg]
    assert row._replace(kind="url").kind == "url"
