"""Hook `check-pypirc`: every identifier failing and passing, the file's place and mode, and no secret in any output."""
from __future__ import annotations

import json
import os
import pathlib
import re
import stat
import subprocess
import sys
from typing import Any
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
from twine import exceptions
from twine import utils

from pypi_token_hooks import check_pypirc
from pypi_token_hooks.credentials import pypirc_health
from pypi_token_hooks.credentials import pypirc_sound
from pypi_token_hooks.credentials import pypirc_value
from pypi_token_hooks.model import Check
from tests import mint
from tests import snapshots
from tests.machine import Machine
from tests.reporting import FORMATS
from tests.secrecy import assert_hidden

HOOK = "check-pypirc"
UUID = "01234567-89ab-4cde-8f01-23456789abcd"
PROJECT = [[1, ["example-lib"]], [2, [UUID]]]
TOKEN = mint.token(caveats=PROJECT, seed=1)
OTHER = mint.token(caveats=PROJECT, seed=2)
TEST_TOKEN = mint.token("test.pypi.org", PROJECT, seed=3)
ACCOUNT = mint.token(seed=4)
OLD = mint.token(caveats=[*PROJECT, [0, 1_600_000_000, 1_500_000_000]], seed=5)
LATER = mint.token(caveats=[*PROJECT, [0, 9_000_000_000, 1_500_000_000]], seed=6)
PRIVATE = mint.token("pypi.example.com", PROJECT, seed=7)
DEVPI = mint.token("devpi.example.com", [], "devpi-", seed=8)
UPLOAD = mint.token("upload.pypi.org", PROJECT, seed=9)
LEGACY = mint.token(caveats=mint.shapes()["legacy-user"], seed=10)
BARE = mint.token(caveats=[], seed=11)
PASSWORD = "Tr0ub4dor&3-correct-horse"
TOKENS = (TOKEN, OTHER, TEST_TOKEN, ACCOUNT, OLD, LATER, PRIVATE, DEVPI, UPLOAD, LEGACY, BARE)


def pypi(password: str = TOKEN, name: str = "pypi", username: str | None = "__token__", **more: str) -> str:
    rows = [f"{key} = {value}" for key, value in more.items()]
    user = [] if username is None else [f"username = {username}"]
    return "\n".join([f"[{name}]", *user, f"password = {password}", *rows, ""])


def private(password: str = PASSWORD, username: str = "bob", url: str = "https://pypi.example.com/legacy/") -> str:
    head = "[distutils]\nindex-servers =\n    pypi\n    company\n\n"
    return f"{head}[company]\nusername = {username}\npassword = {password}\nrepository = {url}\n"


class Case(NamedTuple):
    """A file, and what is wrong in it: (identifier, section, line), in the order of the lines."""

    text: str
    wrong: tuple[tuple[str, str | None, int | None], ...] = ()


def wrong(identifier: str, line: int | None = 3, section: str | None = "pypi") -> tuple[tuple[str, str | None, int | None], ...]:
    return ((identifier, section, line),)


LISTED = "[distutils]\nindex-servers = pypi mine\n"
CASES = {
    # nothing wrong
    "empty": Case(""),
    "comments": Case("# nothing\n; here\n\n"),
    "a project's token": Case(pypi()),
    "both indexes": Case(pypi() + pypi(TEST_TOKEN, "testpypi")),
    "as PyPI prints it": Case(f"[pypi]\n  username = __token__\n  password = {TOKEN}\n"),
    "colons and capitals": Case(f"[pypi]\nUserName:__token__\nPASSWORD:{TOKEN}\n"),
    "carriage returns": Case(pypi().replace("\n", "\r\n")),
    "listed": Case("[distutils]\nindex-servers =\n  pypi\n  testpypi\n" + pypi()),
    "the upload host's token": Case(pypi(UPLOAD)),
    "a token that does not say what for": Case(pypi(BARE)),
    "expires later": Case(pypi(LATER)),
    "the address told": Case(pypi(repository="https://upload.pypi.org/legacy/")),
    "a server for one project": Case(LISTED + pypi(name="mine", repository="https://upload.pypi.org/legacy/")),
    "no password: the keyring": Case("[pypi]\nusername = __token__\n"),
    "a comment of its own": Case("# mine\n[pypi]\nusername = __token__\n# the token\npassword = " + TOKEN),
    "a private password": Case(private()),
    "a private passphrase": Case(private("purple monkeys dishwasher-lamp")),
    "a private password with signs": Case(private("a#b;c=d:e%f")),
    "a private password that begins with a sign": Case(private("#Qx7!aaZ")),
    "a private password, weak": Case(private("hunter2")),
    "a private server's own token": Case(private(PRIVATE, "__token__")),
    "a devpi token": Case(private(DEVPI)),
    "no password at all, the user is the token": Case(private("")),
    "a private server here": Case(private(url="http://localhost:3141/root/dev/")),
    "other sections": Case("[bdist_wheel]\nuniversal = 1\n" + pypi()),
    "server-login": Case(f"[server-login]\nusername = __token__\npassword = {TOKEN}\n"),
    # username
    "another user": Case(pypi(username="bob"), wrong("username", 2)),
    "an old user": Case(pypi(username="@token"), wrong("username", 2)),
    "a user in capitals": Case(pypi(username="__TOKEN__"), wrong("username", 2)),
    "a user in quotes": Case(pypi(username='"__token__"'), wrong("username", 2)),
    "a user with a comment": Case(pypi(username="__token__  # not my name"), wrong("username", 2)),
    "no user": Case(pypi(username=None), wrong("username", 2)),
    "no user in server-login": Case(f"[server-login]\npassword = {TOKEN}\n", wrong("username", 2, "server-login")),
    "the token for a user, and no password": Case(pypi("", username=TOKEN), (*wrong("username", 2), *wrong("placeholder"))),
    "another user beside a private token": Case(private(PRIVATE), wrong("username", 7, "company")),
    # whitespace
    "quotes": Case(pypi(f'"{TOKEN}"'), wrong("whitespace")),
    "single quotes": Case(pypi(f"'{TOKEN}'"), wrong("whitespace")),
    "curly quotes": Case(pypi(f"\u201c{TOKEN}\u201d"), wrong("whitespace")),
    "one quote": Case(pypi(f'{TOKEN}"'), wrong("whitespace")),
    "a blank in it": Case(pypi(f"{TOKEN[:90]} {TOKEN[90:]}"), wrong("whitespace")),
    "a break in it": Case(pypi(f"{TOKEN[:90]}\n  {TOKEN[90:]}"), wrong("whitespace")),
    "on the next line": Case(pypi(f"\n    {TOKEN}"), wrong("whitespace")),
    "a zero-width space": Case(pypi(f"{TOKEN[:60]}\u200b{TOKEN[60:]}"), wrong("whitespace")),
    "the sign of a shell behind it": Case(pypi(f"{TOKEN}%"), wrong("whitespace")),
    "a letter behind it": Case(pypi(f"{TOKEN}x"), wrong("whitespace")),
    "another token behind it": Case(pypi(TOKEN + TEST_TOKEN), wrong("whitespace")),
    "a private password in quotes": Case(private(f'"{PASSWORD}"'), wrong("whitespace", 8, "company")),
    "a private user in quotes": Case(private(username="'bob'"), wrong("whitespace", 7, "company")),
    "an address in quotes": Case(pypi(repository='"https://upload.pypi.org/legacy/"'), wrong("whitespace", 4)),
    # inline-comment
    "a comment": Case(pypi(f"{TOKEN}  # mine"), wrong("inline-comment")),
    "a comment with a semicolon": Case(pypi(f"{TOKEN} ; mine"), wrong("inline-comment")),
    "a comment behind a tab": Case(pypi(f"{TOKEN}\t# mine"), wrong("inline-comment")),
    "a comment right behind": Case(pypi(f"{TOKEN}#mine"), wrong("inline-comment")),
    "a comment behind a private password": Case(private(f"{PASSWORD} # new"), wrong("inline-comment", 8, "company")),
    "a comment behind a private user": Case(private(username="bob # me"), wrong("inline-comment", 7, "company")),
    "a comment behind an address": Case(
        pypi(repository="https://upload.pypi.org/legacy/ # PyPI"), wrong("inline-comment", 4)
    ),
    # prefix
    "no prefix": Case(pypi(TOKEN[5:]), wrong("prefix")),
    "the prefix of 2019": Case(pypi("pypi:" + TOKEN[5:]), wrong("prefix")),
    "the prefix in capitals": Case(pypi("PYPI-" + TOKEN[5:]), wrong("prefix")),
    "words before": Case(pypi("__token__:" + TOKEN), wrong("prefix")),
    # truncated
    "cut off": Case(pypi(TOKEN[:150]), wrong("truncated")),
    "cut off early": Case(pypi(TOKEN[:40]), wrong("truncated")),
    "without its beginning": Case(pypi(TOKEN[9:]), wrong("truncated")),
    "damaged": Case(pypi(TOKEN[:60] + TOKEN[64:]), wrong("truncated")),
    "cut off, of another user": Case(pypi(TOKEN[:150], username="bob"), (*wrong("username", 2), *wrong("truncated"))),
    # index-mismatch
    "of TestPyPI at PyPI": Case(pypi(TEST_TOKEN), wrong("index-mismatch")),
    "of PyPI at TestPyPI": Case(pypi(TOKEN, "testpypi"), wrong("index-mismatch", 3, "testpypi")),
    "of somebody else at PyPI": Case(pypi(PRIVATE), wrong("index-mismatch")),
    "of devpi at PyPI": Case(pypi(DEVPI), wrong("index-mismatch")),
    "of PyPI at a private server": Case(private(TOKEN), wrong("index-mismatch", 8, "company")),
    "of TestPyPI where PyPI's address is": Case(
        LISTED + pypi(TEST_TOKEN, "mine", repository="https://upload.pypi.org/legacy/"), wrong("index-mismatch", 5, "mine")
    ),
    "one token for both": Case(
        f"[distutils]\nindex-servers = pypi testpypi\n[server-login]\nusername = __token__\npassword = {TOKEN}\n",
        wrong("index-mismatch", 5, "server-login"),
    ),
    "one token for both, in DEFAULT": Case(
        f"[DEFAULT]\nusername = __token__\npassword = {TOKEN}\n[pypi]\n[testpypi]\n", wrong("index-mismatch", 3, "DEFAULT")
    ),
    # expired
    "expired": Case(pypi(OLD), wrong("expired")),
    # password-login
    "a password": Case(pypi(PASSWORD, username="bob"), wrong("password-login")),
    "a weak password": Case(pypi("hunter2", username="bob"), wrong("password-login")),
    "a password at TestPyPI": Case(pypi(PASSWORD, "testpypi", "bob"), wrong("password-login", 3, "testpypi")),
    "a password in server-login": Case(
        f"[server-login]\nusername = bob\npassword = {PASSWORD}\n", wrong("password-login", 3, "server-login")
    ),
    "a password in DEFAULT": Case(
        f"[DEFAULT]\npassword = {PASSWORD}\n[pypi]\nusername = bob\n", wrong("password-login", 2, "DEFAULT")
    ),
    "a password at PyPI's address": Case(
        LISTED + pypi(PASSWORD, "mine", "bob", repository="https://upload.pypi.org/legacy/"), wrong("password-login", 5, "mine")
    ),
    # insecure-url
    "http": Case(pypi(repository="http://upload.pypi.org/legacy/"), wrong("insecure-url", 4)),
    "http at a private server": Case(private(url="http://pypi.example.com/"), wrong("insecure-url", 9, "company")),
    "HTTP in capitals": Case(private(url="HTTP://pypi.example.com/"), wrong("insecure-url", 9, "company")),
    # repository-url
    "the site": Case(pypi(repository="https://pypi.org/legacy/"), wrong("repository-url", 4)),
    "the simple index": Case(pypi(repository="https://pypi.org/simple/"), wrong("repository-url", 4)),
    "no slash at the end": Case(pypi(repository="https://upload.pypi.org/legacy"), wrong("repository-url", 4)),
    "the old site": Case(pypi(repository="https://pypi.python.org/pypi"), wrong("repository-url", 4)),
    "the other index": Case(pypi(repository="https://test.pypi.org/legacy/"), wrong("repository-url", 4)),
    "another scheme": Case(pypi(repository="ftp://upload.pypi.org/legacy/"), wrong("repository-url", 4)),
    "a misspelt scheme": Case(pypi(repository="htps://upload.pypi.org/legacy/"), wrong("repository-url", 4)),
    "no scheme": Case(pypi(repository="upload.pypi.org/legacy/"), wrong("repository-url", 4)),
    "a private server called pypi": Case(
        pypi(PASSWORD, username="bob", repository="https://pypi.example.com/"), wrong("repository-url", 4)
    ),
    "a private address without a scheme": Case(private(url="pypi.example.com"), wrong("repository-url", 9, "company")),
    "the old site, and http": Case(
        pypi(repository="http://pypi.python.org/pypi"), (*wrong("insecure-url", 4), *wrong("repository-url", 4))
    ),
    # account-wide
    "the whole account": Case(pypi(ACCOUNT), wrong("account-wide")),
    "the whole account, of old": Case(pypi(LEGACY), wrong("account-wide")),
    # unknown-server
    "not listed": Case(pypi() + pypi(name="mine", repository="https://upload.pypi.org/legacy/"), wrong("unknown-server", 4, "mine")),
    "not listed among others": Case(LISTED + pypi(name="testpypi", password=TEST_TOKEN) + "[mine]\nrepository = https://a.example\n",
                                    wrong("unknown-server", 3, "testpypi")),
    "commas": Case("[distutils]\nindex-servers = pypi, testpypi\n" + pypi(), wrong("unknown-server", 3)),
    "PyPI in capitals": Case(pypi(name="PyPI"), wrong("unknown-server", 1, "PyPI")),
    "blanks around a name": Case(pypi(name=" pypi "), wrong("unknown-server", 1, " pypi ")),
    "listed without a section": Case(LISTED + pypi(), wrong("unknown-server", 2, "distutils")),
    "neither listed nor with an address": Case(pypi() + pypi(OTHER, "mine"), wrong("unknown-server", 4, "mine")),
    "listed without an address": Case(LISTED + pypi(PASSWORD, "mine"), wrong("unknown-server", 3, "mine")),
    # placeholder
    "a variable": Case(pypi("${PYPI_TOKEN}"), wrong("placeholder")),
    "an expression": Case(pypi("{{ pypi_token }}"), wrong("placeholder")),
    "brackets": Case(pypi("<your token>"), wrong("placeholder")),
    "a README's": Case(pypi("pypi-AgEIcHlwaS5vcmc..."), wrong("placeholder")),
    "crosses": Case(pypi("pypi-" + "x" * 120), wrong("placeholder")),
    "a name": Case(pypi("pypi-your-token-here"), wrong("placeholder")),
    "nothing": Case(pypi(""), wrong("placeholder")),
    "a variable at a private server": Case(private("%(company_password)s"), wrong("placeholder", 8, "company")),
    # syntax
    "a key twice": Case(pypi() + f"password = {OTHER}\n", wrong("syntax", 4)),
    "a section twice": Case(pypi() + pypi("", username=None).replace("password = \n", ""), wrong("syntax", 4)),
    "no section": Case(f"password = {TOKEN}\n", wrong("syntax", 1, None)),
    "a line without a sign": Case(pypi() + "password\n", wrong("syntax", 4)),
    "a token on a line of its own": Case(f"[pypi]\nusername = __token__\n{TOKEN}\n", wrong("syntax")),
    "a sign without a key": Case(pypi() + "= x\n", wrong("syntax", 4)),
    "a byte-order mark": Case("\ufeff" + pypi(), wrong("syntax", 1, None)),
    # a token or a password where twine does not look for it
    "a password indented deeper": Case(f"[pypi]\n  username = __token__\n  # mine\n    password = {TOKEN}\n", wrong("whitespace", 4)),
    "all the rest indented deeper": Case(
        f"[pypi]\nrepository = https://upload.pypi.org/legacy/\n  username = __token__\n  password = {OLD}\n",
        (*wrong("whitespace", 4), *wrong("expired", 4)),
    ),
    "a private password indented deeper": Case(
        private().replace("password", "  password"), wrong("whitespace", 8, "company")
    ),
    "a password in another section, and one indented deeper": Case(
        f"[server-login]\nusername = __token__\n  password = {TOKEN}\n", wrong("whitespace", 3, "server-login")
    ),
    "no header": Case(
        f"[distutils]\nindex-servers =\n    pypi\n\nusername = __token__\npassword = {OLD}\n",
        (("unknown-server", "distutils", 5), ("expired", "distutils", 6)),
    ),
    "no header, though all sections are there": Case(
        f"[distutils]\nindex-servers = pypi\npassword = {TOKEN}\n" + pypi(), wrong("unknown-server", 3, "distutils")
    ),
    "a token for the user": Case(f"[pypi]\nusername = {ACCOUNT}\n", (*wrong("username", 2), *wrong("account-wide", 2))),
    "a token behind another key": Case(
        f"[pypi]\nusername = __token__\ntoken = {ACCOUNT}\n", (*wrong("syntax"), *wrong("account-wide"))
    ),
    "another key beside a password": Case(pypi(api_token=OTHER)),
    "another key without a token": Case("[pypi]\nusername = __token__\nrealm = pypi\n"),
    "a private server's token for the user": Case(private("", PRIVATE)),
    # many at once
    "all wrong": Case(
        pypi(f'"{OLD[5:]}"  # old', username="bob", repository="http://test.pypi.org/simple"),
        (
            ("username", "pypi", 2), ("inline-comment", "pypi", 3), ("whitespace", "pypi", 3), ("prefix", "pypi", 3),
            ("expired", "pypi", 3), ("insecure-url", "pypi", 4), ("repository-url", "pypi", 4),
        ),
    ),
}
WARNINGS = {"account-wide", "unknown-server", "placeholder"}
OF_THE_FILE = {"permissions", "tracked"}
IDENTIFIERS = {
    "permissions", "username", "whitespace", "inline-comment", "prefix", "truncated", "index-mismatch", "expired",
    "password-login", "insecure-url", "repository-url", "tracked", "syntax", *WARNINGS,
}


def checks(text: str | bytes) -> list[Check]:
    data = text.encode() if isinstance(text, str) else text
    return pypirc_health.checks(pypirc_health.read(data, "utf-8"))


def write(folder: pathlib.Path, text: str | bytes, mode: int = 0o600, name: str = ".pypirc") -> pathlib.Path:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    path.chmod(mode)
    return path


def called(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """Runs the hook in this process."""
    code = check_pypirc.main(list(arguments))
    done = capsys.readouterr()
    return code, done.out, done.err


# ---------------------------------------------------------------- what the file says


@pytest.mark.parametrize("name", CASES)
def test_what_is_wrong_and_where(name: str) -> None:
    case = CASES[name]
    found = checks(case.text)
    assert [(check.id, check.section, check.line) for check in found] == list(case.wrong)
    assert all(check.severity == ("warning" if check.id in WARNINGS else "error") for check in found)
    assert all(check.message and check.remedy for check in found)


def test_every_identifier_fails_somewhere_and_passes_somewhere() -> None:
    failing = [{identifier for identifier, _, _ in case.wrong} for case in CASES.values()]
    assert set().union(*failing) | OF_THE_FILE == IDENTIFIERS
    assert sum(not identifiers for identifiers in failing) > 20


@pytest.mark.parametrize("name", CASES)
def test_the_exit_code_in_every_format(
    name: str, tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, CASES[name].text)
    identifiers = {identifier for identifier, _, _ in CASES[name].wrong}
    expected = int(bool(identifiers - WARNINGS))
    for form in FORMATS:
        code, out, err = called(capsys, "--config-file", ".pypirc", "--format", form)
        assert (code, err) == (expected, "")
        assert all(identifier in out for identifier in identifiers)
        for token in TOKENS:
            assert_hidden(token, out)
        assert PASSWORD not in out
    assert called(capsys, "--config-file", ".pypirc", "--strict")[0] == int(bool(identifiers))


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case.wrong])
def test_an_edit_that_is_spelled_out_mends_it(name: str) -> None:
    text = CASES[name].text
    for check in checks(text):
        lines = text.splitlines()
        written = re.fullmatch(r"write line (\d+) as: (.*)", check.remedy)
        added = re.fullmatch(r"add above line (\d+): (.*)", check.remedy)
        listed = re.fullmatch(r"add to index-servers in line (\d+): (.*)", check.remedy)
        if written:
            lines[int(written[1]) - 1] = written[2]
        elif added:
            lines.insert(int(added[1]) - 1, added[2])
        elif listed:
            lines[int(listed[1]) - 1] += " " + listed[2]
        elif check.remedy.startswith("put at the top of the file: "):
            lines[:0] = check.remedy.partition(": ")[2].split(", and below it: ")
        else:
            assert check.remedy.endswith("."), "an edit in words is a sentence"
            continue
        left = checks("\n".join(lines))
        assert (check.id, check.section) not in [(other.id, other.section) for other in left]


def test_a_file_in_no_encoding_is_told(tmp_path: pathlib.Path) -> None:
    for data in ("[pypi]\npassword = ü".encode("latin-1"), ("[pypi]\npassword = " + TOKEN).encode("utf-16")):
        first, *_ = checks(data)
        assert (first.id, first.severity, first.line) == ("syntax", "error", 1)


def test_what_is_wrong_in_every_line_is_told_a_few_times() -> None:
    found = checks("rubbish\n" * 5000)
    assert len(found) == pypirc_health.MOST_FAULTS
    assert "with 4992 lines more" in found[-1].message


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("mine", "mine"), ("my-company.internal_2", "my-company.internal_2"), (PASSWORD, "***"), ("x" + PASSWORD, "***"),
        (PASSWORD[3:14], "***"), (TOKEN, "***"), (TOKEN[9:50], "***"), (TOKEN[30:50], "***"), ("a" * 41, "***"),
        ("a b", "***"), ("\x1b[31m", "***"), (" mine ", " mine "), (f" {PASSWORD} ", "***"),
    ],
)
def test_a_section_is_named_only_where_its_name_is_no_secret(name: str, shown: str) -> None:
    for check in checks(f"[{name}]\npassword = {PASSWORD}\nrepository = http://a.example/\n"):
        assert check.section == shown
        assert shown == name or name not in f"{check.message}{check.remedy}"


def test_blanks_around_the_name_of_a_section_are_told() -> None:
    (check,) = checks(pypi(name=" pypi "))
    assert (check.message, check.remedy) == (
        "blanks are a part of the section's name, so twine does not read it", "Take the blanks out of its brackets.",
    )


# ---------------------------------------------------------------- twine says so too


def read_by_twine(folder: pathlib.Path, text: str) -> dict[str, dict[str, str | None]] | None:
    path = folder / "read-by-twine"
    path.write_bytes(text.encode())
    try:
        return utils.get_config(str(path))
    except Exception:  # configparser's, and twine's own
        return None


@pytest.mark.parametrize("name", CASES)
def test_twine_refuses_the_file_where_the_syntax_is_wrong(name: str, tmp_path: pathlib.Path) -> None:
    is_wrong = any(check.id == "syntax" and "refuses" in check.message for check in checks(CASES[name].text))
    assert (read_by_twine(tmp_path, CASES[name].text) is None) is is_wrong


@pytest.mark.parametrize("name", [n for n, c in CASES.items() if all(i != "syntax" for i, _, _ in c.wrong)])
def test_twine_sends_the_token_alone_where_nothing_is_wrong_with_the_value(name: str, tmp_path: pathlib.Path) -> None:
    servers = read_by_twine(tmp_path, CASES[name].text)
    assert servers is not None
    sent = [server.get("password") or "" for server in servers.values()]
    ours = [value for value in sent if any(token[5:] in "".join(value.split()) for token in TOKENS)]
    odd = {identifier for identifier, _, _ in CASES[name].wrong} & {"whitespace", "inline-comment", "prefix"}
    about_the_password = any("password" in CASES[name].text.splitlines()[line - 1] for i, _, line in CASES[name].wrong if line and i in odd)
    assert all(value in TOKENS for value in ours) is not (bool(ours) and about_the_password)


@pytest.mark.parametrize("name", [n for n, c in CASES.items() if all(i != "syntax" for i, _, _ in c.wrong)])
def test_twine_knows_no_server_that_is_told_to_be_unknown(name: str, tmp_path: pathlib.Path) -> None:
    path = tmp_path / "config"
    path.write_bytes(CASES[name].text.encode())
    for identifier, section, _ in CASES[name].wrong:
        if identifier == "unknown-server":
            server = section if section != "distutils" else "mine"
            if server == "pypi":  # twine always knows this one: but nothing that the section says of it
                assert "username" not in {k for k, v in utils.get_config(str(path))["pypi"].items() if v}
                continue
            with pytest.raises((exceptions.InvalidConfiguration, KeyError)):
                utils.get_repository_from_config(str(path), str(server))


@pytest.mark.parametrize("name", [n for n, c in CASES.items() if all(i != "syntax" for i, _, _ in c.wrong)])
def test_twine_uploads_to_the_right_address_where_nothing_is_wrong_with_it(name: str, tmp_path: pathlib.Path) -> None:
    servers = read_by_twine(tmp_path, CASES[name].text) or {}
    identifiers = {identifier for identifier, _, _ in CASES[name].wrong}
    if identifiers & {"repository-url", "whitespace", "inline-comment", "insecure-url"}:
        return
    for server, address in (("pypi", utils.DEFAULT_REPOSITORY), ("testpypi", utils.TEST_REPOSITORY)):
        if server in servers:
            assert utils.normalize_repository_url(str(servers[server]["repository"])) == address


# ---------------------------------------------------------------- the file itself


@pytest.fixture
def home(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> pathlib.Path:
    folder = tmp_path / "home"
    folder.mkdir()
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(folder))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    for name in ("GIT_DIR", "GIT_WORK_TREE", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    return folder


Capture = pytest.CaptureFixture[str]
on_posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no modes")


def test_no_file_is_nothing_to_check(home: pathlib.Path, capsys: Capture) -> None:
    told = "there is no ~/.pypirc: nothing to check\n"
    assert called(capsys) == (0, told, "")
    assert called(capsys, "--strict", "--fix") == (0, told, "")
    assert called(capsys, "--quiet") == (0, "", "")
    assert called(capsys, "--format", "text") == (0, told, "")
    code, out, err = called(capsys, "--format", "json")
    assert (code, json.loads(out)["checks"], err) == (0, [], f"{HOOK}: {told}")
    missing = str(home / "none" / "config")
    assert called(capsys, "--config-file", missing) == (0, f"there is no {missing}: nothing to check\n", "")


@on_posix
def test_where_nobody_can_look_it_is_not_said_that_there_is_no_file(
    home: pathlib.Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "circle").symlink_to("circle")
    monkeypatch.setenv("HOME", str(home / "circle"))
    code, out, err = called(capsys)
    assert (code, out) == (2, "") and err.startswith(f"{HOOK}: ~/.pypirc cannot be read: ")


@on_posix
def test_a_link_to_nothing_is_no_file(home: pathlib.Path, capsys: Capture) -> None:
    link = home / ".pypirc"
    for target in (home / "gone", pathlib.Path(os.devnull)):
        link.symlink_to(target)
        assert called(capsys) == (0, "there is no ~/.pypirc: nothing to check\n", "")
        link.unlink()


def test_a_sound_file_is_passed_in_silence(home: pathlib.Path, capsys: Capture) -> None:
    write(home, pypi())
    assert called(capsys) == (0, "", "")
    assert called(capsys, "--format", "text") == (0, "", "")
    assert called(capsys, "--fix", "--strict") == (0, "", "")


@on_posix
@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o622, 0o660, 0o601, 0o666, 0o700, 0o777, 0o4600])
def test_a_wide_mode_fails_and_fix_narrows_it_once(mode: int, home: pathlib.Path, capsys: Capture) -> None:
    path = write(home, pypi(), mode)
    code, out, _ = called(capsys)
    assert code == 1
    assert out.startswith(f"error: permissions: the permissions of ~/.pypirc, a file for passwords, are {mode:o}: ")
    assert out.endswith("\n  do now     chmod 600 ~/.pypirc\n\n")
    assert stat.S_IMODE(path.stat().st_mode) == mode, "nothing is changed without --fix"
    told = f"narrowed the permissions of ~/.pypirc from {mode:o} to 600\n"
    assert called(capsys, "--fix") == (1, told, "")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_text() == pypi()
    assert called(capsys, "--fix") == (0, "", "")


@on_posix
@pytest.mark.parametrize("mode", [0o600, 0o400])
def test_a_narrow_mode_passes(mode: int, home: pathlib.Path, capsys: Capture) -> None:
    path = write(home, pypi(), mode)
    assert called(capsys, "--fix") == (0, "", "")
    assert stat.S_IMODE(path.stat().st_mode) == mode


@on_posix
def test_fix_tells_what_it_did_and_what_is_left(home: pathlib.Path, capsys: Capture) -> None:
    write(home, pypi(ACCOUNT), 0o644)
    code, out, err = called(capsys, "--fix", "--format", "json")
    assert [check["id"] for check in json.loads(out)["checks"]] == ["account-wide"]
    assert (code, err) == (1, f"{HOOK}: narrowed the permissions of ~/.pypirc from 644 to 600\n")
    assert called(capsys, "--fix")[0] == 0
    assert called(capsys, "--fix", "--strict")[0] == 1


@on_posix
def test_a_link_is_followed_for_the_mode(home: pathlib.Path, capsys: Capture) -> None:
    (home / "kept").mkdir()
    real = write(home / "kept", pypi(), 0o640, "config")
    (home / ".pypirc").symlink_to(real)
    assert called(capsys)[0] == 1
    assert called(capsys, "--fix")[0] == 1
    assert (home / ".pypirc").is_symlink() and stat.S_IMODE(real.stat().st_mode) == 0o600
    assert called(capsys) == (0, "", "")


@on_posix
def test_the_command_for_the_mode_works_on_a_name_with_blanks(home: pathlib.Path, capsys: Capture) -> None:
    path = write(home, pypi(), 0o644, "it's my; config")
    _, out, _ = called(capsys, "--config-file", str(path), "--format", "json")
    (check,) = json.loads(out)["checks"]
    subprocess.run(["sh", "-c", check["remedy"]], check=True)
    assert called(capsys, "--config-file", str(path)) == (0, "", "")


@on_posix
def test_the_commands_work_on_a_name_like_an_option(machine: Machine, tmp_path: pathlib.Path) -> None:
    folder = machine.repository(tmp_path / "r")
    write(folder, pypi(), 0o644, "-x")
    machine.git(folder, "add", "--all")
    done = machine.hook(HOOK, "--config-file=-x", "--format", "json", cwd=folder)
    for check in json.loads(done.stdout)["checks"]:
        subprocess.run(["sh", "-c", check["remedy"]], check=True, cwd=folder, env=machine.env)
    assert machine.hook(HOOK, "--config-file=-x", cwd=folder).returncode == 0


@on_posix
@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("name", [b"n\nl", b"t\tb", b"\xff", "\u202e".encode(), TOKEN.encode()])
def test_no_command_has_a_name_that_is_not_shown_as_it_is(
    name: bytes, form: str, machine: Machine, tmp_path: pathlib.Path
) -> None:
    folder = machine.repository(tmp_path / "r")
    write(folder, pypi(), 0o644, os.fsdecode(name))
    machine.git(folder, "add", "--all")
    done = machine.hook(HOOK, "--config-file", os.fsdecode(name), "--format", form, cwd=folder)
    out = done.stdout.decode()
    assert "chmod 600 <the file>" in out
    assert f"git -C {folder} rm --cached --quiet -- <the file> && printf " in out
    assert f" <its rule> >> {folder}/.gitignore" in out


@on_posix
def test_where_the_mode_cannot_be_narrowed_that_is_told(
    home: pathlib.Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(home, pypi(), 0o644)
    monkeypatch.setattr("pypi_token_hooks.disk.restrict", lambda path: None)
    code, _, err = called(capsys, "--fix")
    assert code == 2 and "this file system keeps none" in err

    def refuse(path: str) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr("pypi_token_hooks.disk.restrict", refuse)
    code, _, err = called(capsys, "--fix")
    assert code == 2 and "the permissions cannot be changed: Operation not permitted" in err
    write(home, pypi(PASSWORD), 0o644)
    code, out, err = called(capsys, "--fix")
    assert code == 1 and "password-login" in out and "cannot be changed" in err


def test_on_windows_the_mode_is_not_judged_and_it_says_so(
    home: pathlib.Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check_pypirc, "JUDGES_MODES", False)
    write(home, pypi(), 0o666)
    told = "the permissions were not judged: Windows has access lists in their place\n"
    for arguments in ((), ("--fix",), ("--format", "text"), ("--fix", "--format", "text")):
        assert called(capsys, *arguments) == (0, told, "")
    write(home, pypi(PASSWORD))
    code, out, _ = called(capsys)
    assert code == 1 and "password-login" in out and told in out


def test_what_cannot_be_read_is_told(home: pathlib.Path, capsys: Capture) -> None:
    (home / ".pypirc").mkdir()
    assert called(capsys) == (2, "", f"{HOOK}: ~/.pypirc is no regular file\n")
    big = write(home, b"#" * (check_pypirc.MAX_BYTES + 1), name="big")
    code, _, err = called(capsys, "--config-file", str(big))
    assert code == 2 and err.endswith("is too big to be a .pypirc\n")
    assert called(capsys, "--config-file", "a\0b")[0] == 2


def test_a_file_without_a_name_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        called(capsys, "--config-file", "")
    assert ended.value.code == 2 and "--config-file needs the name of a file" in capsys.readouterr().err


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_a_pipe_is_not_waited_for(machine: Machine, tmp_path: pathlib.Path) -> None:
    os.mkfifo(machine.home / ".pypirc")
    done = machine.hook(HOOK, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (2, b"check-pypirc: ~/.pypirc is no regular file\n")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root reads everything")
def test_a_file_without_leave_to_read_is_told(home: pathlib.Path, capsys: Capture) -> None:
    write(home, pypi(), 0o000)
    assert called(capsys) == (2, "", f"{HOOK}: ~/.pypirc cannot be read: Permission denied\n")


# ---------------------------------------------------------------- git


def tracked(machine: Machine, cwd: pathlib.Path, **env: str) -> tuple[int, list[dict[str, Any]]]:
    done = machine.hook(HOOK, "--format", "json", cwd=cwd, env=env)
    assert done.stderr == b"" or done.returncode == 2, done.stderr
    return done.returncode, json.loads(done.stdout)["checks"]


def test_in_a_work_tree_that_does_not_ignore_it(machine: Machine, tmp_path: pathlib.Path) -> None:
    write(machine.home, pypi())
    assert tracked(machine, tmp_path) == (0, [])
    machine.repository(machine.home)
    code, (check,) = tracked(machine, tmp_path)
    assert (code, check["id"], check["severity"], check["line"]) == (1, "tracked", "error", None)
    assert "does not ignore .pypirc" in check["message"]
    if os.name != "nt":
        subprocess.run(["sh", "-c", check["remedy"]], check=True, env=machine.env)
        assert tracked(machine, tmp_path) == (0, [])
        assert machine.hook(HOOK, cwd=tmp_path).stdout == b""


@pytest.mark.parametrize("where", [".gitignore", ".git/info/exclude", ".config/git/ignore"])
def test_in_a_work_tree_that_ignores_it(where: str, machine: Machine, tmp_path: pathlib.Path) -> None:
    write(machine.home, pypi())
    machine.repository(machine.home)
    path = machine.home / where
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(".pypirc\n")
    assert tracked(machine, tmp_path) == (0, [])
    path.write_text(".pypirc\n!.pypirc\n")
    assert tracked(machine, tmp_path)[0] == 1


def test_a_tracked_file_is_told_though_it_is_ignored(machine: Machine, tmp_path: pathlib.Path) -> None:
    write(machine.home, pypi())
    machine.repository(machine.home)
    machine.git(machine.home, "add", ".pypirc")
    (machine.home / ".gitignore").write_text(".pypirc\n")
    code, (check,) = tracked(machine, tmp_path)
    assert (code, check["id"]) == (1, "tracked")
    assert "git tracks .pypirc" in check["message"]
    if os.name != "nt":
        subprocess.run(["sh", "-c", check["remedy"]], check=True, env=machine.env)
        assert tracked(machine, tmp_path) == (0, [])
    assert (machine.home / ".pypirc").is_file()


@on_posix
def test_the_file_behind_a_link_counts(machine: Machine, tmp_path: pathlib.Path) -> None:
    dotfiles = machine.repository(machine.home / "dot files")
    real = write(dotfiles, pypi(), name="[p]ypirc*")
    (machine.home / ".pypirc").symlink_to(real)
    code, (check,) = tracked(machine, tmp_path)
    assert (code, check["id"]) == (1, "tracked")
    machine.git(dotfiles, "add", ".")
    _, (check,) = tracked(machine, tmp_path)
    assert "git tracks" in check["message"]
    subprocess.run(["sh", "-c", check["remedy"]], check=True, env=machine.env)
    assert tracked(machine, tmp_path) == (0, [])


def test_a_home_folder_whose_git_folder_is_elsewhere(machine: Machine, tmp_path: pathlib.Path) -> None:
    write(machine.home, pypi())
    store = tmp_path / "dotfiles.git"
    machine.git(tmp_path, "init", "--quiet", "--bare", str(store))
    where = {"GIT_DIR": str(store), "GIT_WORK_TREE": str(machine.home)}
    assert tracked(machine, machine.home) == (0, []), "nothing tells"
    code, (check,) = tracked(machine, machine.home, **where)
    assert (code, check["id"]) == (1, "tracked")
    (machine.home / ".gitignore").write_text(".pypirc\n")
    assert tracked(machine, machine.home, **where) == (0, [])


def test_the_repository_of_the_commit_does_not_mislead_it(machine: Machine, tmp_path: pathlib.Path) -> None:
    write(machine.home, pypi())
    machine.repository(machine.home)
    project = machine.repository(tmp_path / "project")
    (project / ".gitignore").write_text(".pypirc\n")
    where = {"GIT_DIR": str(project / ".git"), "GIT_WORK_TREE": str(project), "GIT_INDEX_FILE": ".git/index"}
    assert tracked(machine, project, **where)[0] == 1
    (machine.home / ".gitignore").write_text(".pypirc\n")
    (project / ".gitignore").unlink()
    assert tracked(machine, project, **where) == (0, [])


@pytest.fixture
def linked(machine: Machine, tmp_path: pathlib.Path) -> tuple[pathlib.Path, dict[str, str]]:
    """A linked work tree, and what git sets for a hook there: no GIT_WORK_TREE, so that any folder may be taken for its top."""
    project = machine.repository(tmp_path / "project")
    machine.git(project, "commit", "--quiet", "--allow-empty", "-m", "first")
    machine.git(project, "worktree", "add", "--quiet", str(tmp_path / "linked"))
    return tmp_path / "linked", {"GIT_DIR": str(project / ".git" / "worktrees" / "linked")}


Linked = tuple[pathlib.Path, dict[str, str]]


def test_a_linked_work_tree_says_nothing_of_another_repository(machine: Machine, linked: Linked) -> None:
    write(machine.home, pypi())
    machine.repository(machine.home)
    (machine.home / ".git" / "info" / "exclude").write_text(".pypirc\n")
    assert tracked(machine, linked[0], **linked[1]) == (0, [])


def test_a_folder_of_a_linked_work_tree(machine: Machine, linked: Linked) -> None:
    folder, where = linked
    path = folder / "deep" / "er" / "pypirc"
    path.parent.mkdir(parents=True)
    path.write_text(pypi())
    path.chmod(0o600)
    (machine.home / ".pypirc").symlink_to(path)
    (folder / ".gitignore").write_text("deep/\n")
    assert tracked(machine, folder, **where) == (0, [])
    machine.git(folder, "add", "--force", "deep")
    code, (check,) = tracked(machine, folder, **where)
    assert code == 1
    assert "git tracks pypirc" in check["message"]


def test_a_folder_below_a_home_folder_whose_git_folder_is_elsewhere(machine: Machine, tmp_path: pathlib.Path) -> None:
    store, path = tmp_path / "dotfiles.git", machine.home / "files" / ".pypirc"
    machine.git(tmp_path, "init", "--quiet", "--bare", str(store))
    path.parent.mkdir()
    path.write_text(pypi())
    path.chmod(0o600)
    (machine.home / ".pypirc").symlink_to(path)
    where = {"GIT_DIR": str(store), "GIT_WORK_TREE": "."}  # as git itself writes it for a hook
    assert tracked(machine, machine.home, **where)[0] == 1
    (machine.home / ".gitignore").write_text("files/\n")
    assert tracked(machine, machine.home, **where) == (0, [])
    machine.git(machine.home, "add", "--force", "files", env=where)
    code, (check,) = tracked(machine, machine.home, **where)
    assert code == 1
    assert "git tracks .pypirc" in check["message"]


def test_a_folder_of_that_name_that_is_no_repository(machine: Machine, tmp_path: pathlib.Path) -> None:
    write(machine.home, pypi())
    (machine.home / ".git").mkdir()
    assert tracked(machine, tmp_path) == (0, [])


def test_a_git_that_fails_is_told_beside_the_rest(machine: Machine, tmp_path: pathlib.Path) -> None:
    write(machine.home, pypi())
    (machine.home / ".git").mkdir()
    done = machine.hook(HOOK, cwd=tmp_path, env={"PATH": str(tmp_path)})
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr == b"check-pypirc: failed: ~/.pypirc: git: git is not on the PATH\n"
    write(machine.home, pypi(PASSWORD))
    done = machine.hook(HOOK, cwd=tmp_path, env={"PATH": str(tmp_path)})
    assert done.returncode == 1 and b"password-login" in done.stdout and b"git is not on the PATH" in done.stderr


# ---------------------------------------------------------------- whole outputs


@pytest.mark.parametrize("form", FORMATS)
def test_snapshot(form: str, home: pathlib.Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    for name in ("FORCE_COLOR", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    text = "[distutils]\nindex-servers = pypi, company\n\n" + CASES["all wrong"].text
    text += private(f"{PASSWORD} # new", url="http://pypi.example.com/").partition("\n\n")[2] + pypi(ACCOUNT, "work")
    write(home, text, 0o600 if os.name == "nt" else 0o644)
    if os.name == "nt":
        pytest.skip("the snapshot has the permissions in it")
    code, out, err = called(capsys, "--format", form)
    assert (code, err) == (1, "")
    snapshots.check(f"check-pypirc.{form}", out)


@pytest.mark.parametrize("name", [".pypirc", "other"])
def test_sarif_names_the_file_that_was_checked(name: str, home: pathlib.Path, capsys: Capture) -> None:
    path = write(home, pypi(PASSWORD, username="bob"), name=name)
    _, out, _ = called(capsys, "--format", "sarif", *([] if name == ".pypirc" else ["--config-file", str(path)]))
    shown = {
        result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for result in json.loads(out)["runs"][0]["results"]
    }
    assert shown == {"~/.pypirc" if name == ".pypirc" else path.as_uri()}


def test_the_json_document(home: pathlib.Path, capsys: Capture) -> None:
    write(home, pypi(PASSWORD, username="bob"))
    code, out, _ = called(capsys, "--format", "json")
    document = json.loads(out)
    assert code == 1
    assert document.pop("tool")["name"] == "pypi-token-hooks"
    assert document.pop("scanned") == {"files": 1, "bytes": len(pypi(PASSWORD, username="bob")), "members": 0, "commits": 0, "refs": 0}
    assert document == {
        "schema": 1, "hook": HOOK, "skipped": [], "allowed": {"inline": 0, "baseline": 0},
        "checks": [{
            "id": "password-login", "severity": "error", "section": "pypi", "line": 3,
            "message": pypirc_value.LOGIN.message, "remedy": pypirc_value.LOGIN.remedy,
        }],
    }


def test_wrong_usage_is_2(capsys: Capture) -> None:
    with pytest.raises(SystemExit) as raised:
        check_pypirc.main(["--config-file"])
    assert raised.value.code == 2


# ---------------------------------------------------------------- what a commit pays


@pytest.mark.parametrize("text", [None, pypi() + pypi(TEST_TOKEN, "testpypi"), private()])
def test_the_healthy_case_loads_next_to_nothing(text: str | None, machine: Machine, tmp_path: pathlib.Path) -> None:
    if text is not None:
        write(machine.home, text)
    script = (
        "import sys; before = set(sys.modules)\n"
        "from pypi_token_hooks.check_pypirc import main\n"
        "code = main([])\n"
        "print(*sorted(set(sys.modules) - before), file=sys.stderr); sys.exit(code)\n"
    )
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, env=machine.env, cwd=tmp_path, capture_output=True, text=True, check=False)
    loaded = done.stderr.split()
    assert done.returncode == 0
    assert "pypi_token_hooks.check_pypirc" in loaded
    assert [name for name in loaded if not name.startswith("pypi_token_hooks")] in ([], ["binascii"])
    assert len(loaded) <= 9


# ---------------------------------------------------------------- whatever the file is

SECRETS = (TOKEN, TEST_TOKEN, ACCOUNT, OLD, PRIVATE, PASSWORD, "s3cr3t-of-the-company", "pässwörd-mit-Umläuten")


def texts() -> st.SearchStrategy[str]:
    """Returns texts near the format, with secrets where people put them and where they do not."""
    secret = st.sampled_from(SECRETS)
    cut = st.builds(lambda text, start, end: text[start:end], secret, st.integers(0, 9), st.integers(12, 300))
    value = st.one_of(
        secret, secret, cut, secret.map(lambda s: f'"{s}"'), secret.map(lambda s: f"{s}  # mine"), secret.map(lambda s: f"\n  {s}"),
        st.builds(lambda a, b: a + b, secret, secret), st.sampled_from(("", "__token__", "${X}", "https://upload.pypi.org/legacy/",
        "http://test.pypi.org/legacy/", "https://a.example/simple", "pypi mine", "pypi, mine", "pypi testpypi", "a ; b")),
        secret.map(lambda s: f"https://bob:{s}@pypi.example.com/"), st.text(max_size=12),
    )
    key = st.sampled_from(("username", "password", "password", "repository", "index-servers", "PASSWORD", "other"))
    name = st.sampled_from(("pypi", "pypi", "testpypi", "mine", "distutils", "server-login", "DEFAULT", "PyPI", "[", ""))
    line = st.one_of(
        st.builds(lambda k, s, v: f"{k}{s}{v}", key, st.sampled_from(("=", " = ", ":", " ")), value),
        name.map(lambda n: f"[{n}]"), name.map(lambda n: f"[{n}]"), secret, secret.map(lambda s: "# " + s),
        secret.map(lambda s: f"{s} = x"), st.text(max_size=12),
    )
    start = st.sampled_from(("", "\ufeff", "[pypi]\n", "[distutils]\nindex-servers = pypi mine\n[mine]\n"))
    end = st.sampled_from(("\n", "\r\n", "\r"))
    return st.builds(lambda head, rows, e: head + e.join(rows), start, st.lists(line, max_size=12), end)


@given(st.one_of(texts().map(lambda t: t.encode("utf-8", "surrogatepass")), texts().map(lambda t: t.encode("utf-16", "surrogatepass")),
                 st.binary(max_size=400)), st.sampled_from(FORMATS))
@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_file_makes_it_raise_or_print_a_secret(
    home: pathlib.Path, capsys: Capture, data: bytes, form: str
) -> None:
    write(home, data)
    for arguments in ((), ("--format", form)):
        code, out, err = called(capsys, *arguments)
        assert code in (0, 1) and "internal error" not in err
        for secret in SECRETS:
            assert_hidden(secret, out)
            assert_hidden(secret, err)


@given(texts())
@settings(max_examples=400, deadline=None)
def test_where_the_quick_look_finds_a_file_sound_the_full_check_finds_nothing(text: str) -> None:
    assert not pypirc_sound.is_sound(text) or checks(text) == []


def sound_texts() -> st.SearchStrategy[str]:
    """Returns texts that are in order, or nearly."""
    odd = (UPLOAD, PASSWORD, "", TOKEN + "A", TOKEN + "=", TOKEN[:-1])
    password = st.sampled_from((TOKEN, TOKEN, TEST_TOKEN, ACCOUNT, OLD, LATER, BARE, *odd))
    user = st.sampled_from(("__token__", "__token__", "bob"))
    address = st.sampled_from((None, None, *utils_addresses()))
    server = st.builds(
        lambda name, p, u, a: pypi(p, name, u) + (f"repository = {a}\n" if a else ""),
        st.sampled_from(("pypi", "testpypi", "mine")), password, user, address,
    )
    listing = st.sampled_from(("", "[distutils]\nindex-servers = pypi testpypi mine\n", "[distutils]\nindex-servers = pypi\n"))
    return st.builds(lambda head, servers: head + "".join(servers), listing, st.lists(server, max_size=3))


def utils_addresses() -> tuple[str, ...]:
    return (utils.DEFAULT_REPOSITORY, utils.TEST_REPOSITORY, "https://pypi.example.com/", "http://pypi.example.com/", "https://pypi.org/")


@given(sound_texts())
@settings(max_examples=600, deadline=None)
def test_so_it_is_for_files_that_are_nearly_sound(text: str) -> None:
    assert not pypirc_sound.is_sound(text) or checks(text) == []


@pytest.mark.parametrize("name", ["a project's token", "both indexes", "listed", "a server for one project", "a private password", "empty",
                                  "a token that does not say what for", "carriage returns", "no password: the keyring"])
def test_the_usual_files_are_found_sound_at_once(name: str) -> None:
    assert pypirc_sound.is_sound(CASES[name].text)


def test_a_list_of_servers_in_another_section_hides_no_password() -> None:
    text = f"[pypi]\nindex-servers = pypi\n  username = bob\n  password = {PASSWORD}\n"
    assert [check.id for check in checks(text)] == ["whitespace", "password-login"]
    assert not pypirc_sound.is_sound(text)


@given(st.sampled_from(TOKENS), st.integers(5, 400), st.integers(0, 255))
@settings(max_examples=300, deadline=None)
def test_a_token_with_one_other_byte_never_makes_it_raise(token: str, at: int, byte: int) -> None:
    text = pypi(token[:at] + chr(byte) + token[at + 1 :])
    assert not pypirc_sound.is_sound(text) or checks(text) == []
