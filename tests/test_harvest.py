"""This machine's own credentials: every place of the table, on every system; light, silent and without a prompt."""
from __future__ import annotations

import base64
import json
import netrc
import os
import random
import string
import subprocess
import sys
import tempfile
import urllib.parse
import uuid
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from pypi_token_hooks import anchors
from pypi_token_hooks import harvest
from pypi_token_hooks import places
from pypi_token_hooks import readings
from pypi_token_hooks.credentials import placeholders
from pypi_token_hooks.detectors import own_credential
from pypi_token_hooks.harvest import Own
from pypi_token_hooks.model import Match
from pypi_token_hooks.model import Secret
from pypi_token_hooks.model import View
from tests import credential_corpus as corpus
from tests import mint

PASSWORD = corpus.password(21)
OTHER = corpus.password(22)
CONTENT = {
    "pypirc": "[pypi]\nusername = bob\npassword = {}\n",
    "toml": '[http-basic.corp]\nusername = "bob"\npassword = "{}"\n',
    "ini": "[global]\nextra-index-url =\n    https://pypi.org/simple\n    https://bob:{}@corp.io/python\n",
    "netrc": "machine pypi.corp.io\nlogin bob\npassword {}\n",
}
FILES = [(file, system) for tool in places.TOOLS for file in tool.files for system in file.systems]


def _held(environ: dict[str, str], home: Path | str, on: str = "linux") -> list[tuple[str, str]]:
    return [(own.secret.reveal().decode("utf-8", "surrogateescape"), own.where) for own in harvest.own_credentials(environ, str(home), on)]


def _content(form: str, password: str) -> str:
    if form == "keyring":
        wrapped = base64.encodebytes(password.encode()).decode().strip().replace("\n", "\n\t")
        return f"[https_3A_2F_2Fpypi_2Ecorp_2Eio_2Fsimple]\nbob = \n\t{wrapped}\n"
    return CONTENT[form].format(password)


@pytest.mark.parametrize(("file", "system"), FILES, ids=[f"{file.path} on {system}" for file, system in FILES])
def test_every_file_is_read(file: places.File, system: str, tmp_path: Path) -> None:
    home = tmp_path / "home"
    if file.path[0] not in "~{":
        pytest.skip("a file of the whole system")
    environ = {}
    template = file.path
    if template[0] == "{":
        name, _, rest = template[1:].partition("}")
        default = places.DEFAULTS.get(name, "")
        if default[:1] == "~":
            template = default + rest
        else:
            environ[name] = str(tmp_path / "elsewhere" / ("" if rest else "file"))
            template = environ[name] + rest
    path = Path(str(home) + template[1:] if template[0] == "~" else template)
    path.parent.mkdir(parents=True)
    path.write_text(_content(file.form, PASSWORD))
    ((value, where),) = _held(environ, home, system)
    assert value == PASSWORD
    assert where.startswith("~/" if path.is_relative_to(home) else str(path))


@pytest.mark.parametrize("spelling", ['"""\n{}"""', "'''\n{}\n'''", '"""\\\n  {}\\\n  """'])
def test_a_string_of_several_lines_holds_a_password(spelling: str, tmp_path: Path) -> None:
    path = tmp_path / ".config" / "pypoetry" / "auth.toml"
    path.parent.mkdir(parents=True)
    path.write_text(f"[http-basic.corp]\nusername = 'bob'\npassword = {spelling.format(PASSWORD)}\n")
    assert [value for value, _ in _held({}, tmp_path)] == [PASSWORD]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("POETRY_PYPI_TOKEN_MY_CORP", PASSWORD), ("UV_INDEX_MY_CORP_PASSWORD", PASSWORD),
        ("MY_PYPI_TOKEN", PASSWORD), ("TEST_PYPI_API_TOKEN", PASSWORD), ("PIP_INDEX_URL", f"https://{PASSWORD}@h/x"),
        ("PIP_EXTRA_INDEX_URL", f"https://pypi.org/simple https://bob:{PASSWORD}@h/x"),
        ("PYPI_TOKEN_CORP", PASSWORD), ("CORP_PYPI_PASSWORD", "company-7"), ("MY_PYPI_PASSWORD_2", f"{PASSWORD}!"),
        ("UV_INDEX", f"corp=https://bob:{PASSWORD}@h/x"), ("POETRY_REPOSITORIES_CORP_URL", f"https://b:{PASSWORD}@h"),
    ],
)
def test_environment(name: str, value: str) -> None:
    held = value if "PYPI_PASSWORD" in name else PASSWORD
    assert _held({name: value, "PATH": "/bin"}, "/nowhere") == [(held, f"the environment variable {name}")]


@pytest.mark.parametrize(
    "user",
    [
        corpus.password(41, 16), corpus.password(42, 20), corpus.password(43, 40, "0123456789abcdef"), "ghp_" + corpus.password(44, 36),
        "glpat-" + corpus.password(45, 20), str(uuid.UUID(int=random.Random(46).getrandbits(128))), "AKCp" + corpus.password(47, 69),
        corpus.password(48, 52, string.ascii_lowercase + string.digits), base64.b64encode(corpus.password(49, 40).encode()).decode(),
    ],
)
@pytest.mark.parametrize("form", ["https://{}@h/simple", "https://{}:@h/simple", "https://{}:X-OAuth-Basic@h/simple"])
def test_a_token_in_the_place_of_a_user(user: str, form: str) -> None:
    value = form.format(urllib.parse.quote(user, safe=""))
    assert _held({"PIP_INDEX_URL": value}, "/nowhere") == [(user, "the environment variable PIP_INDEX_URL")]


@pytest.mark.parametrize(
    "user",
    [
        "jsmith1984", "firstname.lastname2", "svc-build-01", "jane.doe-2024", "svc_pypi_readonly_2", "k8s-production-deployer",
        "oauth2accesstoken", "VssSessionToken", "jsmith1984-contractor", "svcPyPIReadOnlyUser01", "DEPLOY-BOT-EUROPE-01",
        "CORP%5Cfirstname.lastname2", "firstname.lastname2%40corp.io", "robot$publisher+ci2", "deploy-user-20240131",
        "web3team-publisher", "u01234567", "s3-eu-west-1-reader",
    ],
)
@pytest.mark.parametrize("form", ["https://{}@h/simple", "https://{}:@h/simple"])
def test_an_account_for_whose_password_a_keyring_is_asked(user: str, form: str) -> None:
    assert not _held({"PIP_INDEX_URL": form.format(user)}, "/nowhere")

@pytest.mark.parametrize("prefix", ["pypi-", "devpi-"])
def test_a_token_counts_in_any_variable(prefix: str) -> None:
    token = mint.token(prefix=prefix, seed=3)
    assert _held({"SOMETHING": token}, "/nowhere") == [(token, "the environment variable SOMETHING")]


def test_of_a_variable_that_holds_more_only_the_token_counts() -> None:
    token = mint.token(seed=3)
    for value in (f"user={token}; x", f"/x/{token}\n", f'{{"t": "{token}"}}'):
        assert _held({"SOMETHING": value}, "/nowhere") == [(token, "the environment variable SOMETHING")]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PWD", "/home/ann/pypi-Agent7"), ("GITHUB_REPOSITORY", "acme/pypi-Agent"), ("IMAGE", "registry.corp.io/pypi-AgE:1.2"),
        ("PRE_COMMIT_LOCAL_BRANCH", "refs/heads/fix-pypi-Agent7-docs"), ("PYPI_TOKEN_EXPIRES", "2027-03-01"),
        ("PYPI_TOKEN_NAME", "release-2024"), ("MY_PYPI_TOKEN_FILE", "ci/pypi-7"), ("PYPI_PASSWORD_ENTRY", "pypi/release-bot"),
        ("PYPI_TOKEN_COMMAND", "pass show pypi/token2"), ("PYPI_TOKEN_VAR", "MY_RELEASE_VAR2"), ("PYPI_TOKEN_ENV", "production2"),
        ("PYPI_TOKEN_SECRET", "myteam-release2"), ("PYPI_TOKEN_SOURCE", "keyring-backend3"), ("PYPI_TOKEN_VAULT", PASSWORD),
        ("PYPI_TOKEN_ISSUER", "accounts.corp1.com"), ("PYPI_TOKEN_AUDIENCE", "testpypi-audience7"), ("PYPI_TOKEN_ITEM", PASSWORD),
        ("PYPI_TOKEN_CREATED", "2024-05-01T10:00:00+01:00"), ("PYPI_TOKEN_CREATED", "1764460800"), ("USE_PYPI_TOKEN", "repository1"),
        ("HAS_PYPI_PASSWORD", "repository1"), ("PYPI_TOKEN_SHA256", PASSWORD), ("PYPI_PASSWORD_PROMPT", "Password for release-7:"),
    ],
)
def test_a_variable_that_only_speaks_of_tokens_holds_none(name: str, value: str) -> None:
    assert not _held({name: value}, "/nowhere")


@pytest.mark.parametrize("name", ["GIT_AUTHOR_NAME", "PRE_COMMIT_LOCAL_BRANCH"])
def test_what_git_tells_a_hook_is_nothing_that_the_machine_holds(name: str) -> None:
    assert not _held({name: f"refs/heads/{mint.token(seed=3)}"}, "/nowhere")


@pytest.mark.parametrize(
    "value",
    [
        "short77", "aaaabbbbcccc", "changeme", "password", "${PYPI_TOKEN}", "your-token-here", "", "********", "$(cat x)",
        "$PYPI_TOKEN2", "${Token2024}", "%PYPI_TOKEN_2%", "$pypiToken", "{{ Token2024 }}", "<Token 2024>", "secrets.PYPI_TOKEN2",
        "${{ secrets.Token2024 }}", "op://Vault1/Item/pw", "12345678", "xxxxxxxx12", "TOKEN2024...", "/run/secrets/token2",
        "~/.secrets/pypi2", "./secrets/token-7",
    ],
)
def test_what_is_not_looked_for(value: str, tmp_path: Path) -> None:
    (tmp_path / ".pypirc").write_text(_content("pypirc", value))
    assert not _held({"TWINE_PASSWORD": value}, tmp_path)


@pytest.mark.parametrize(
    "value", ["MyPassword2024!", "P@ssw0rd!2024", "s3cr3t/Key+9=", "hello world pass9", "company-password-7", "correct horse battery",
              "Token2024!", "your-token-1", "123456789a", "p4ssw0rd"]
)
def test_a_weak_password_is_looked_for(value: str) -> None:
    assert _held({"TWINE_PASSWORD": value}, "/nowhere") == [(value, "the environment variable TWINE_PASSWORD")]


@pytest.mark.parametrize(
    "form", ["$9{}", "$2b$12${}", "!{}!", "%{}%", "{{{}}}", "os.{}", "#{}", "@{}@", "${}", "{}$", "({})"]
)
def test_what_only_looks_like_a_reference_is_looked_for(form: str, tmp_path: Path) -> None:
    value = form.format(corpus.password(23, 10))
    (tmp_path / ".pypirc").write_text(_content("pypirc", value))
    assert value in [held for held, _ in _held({}, tmp_path)]
    assert _held({"TWINE_PASSWORD": value}, "/nowhere") == [(value, "the environment variable TWINE_PASSWORD")]


@given(st.text(alphabet="%+4a5F_ ") | st.text(st.characters(max_codepoint=0x7FF)))
def test_percent_escapes_are_undone_as_pip_does(text: str) -> None:
    assert harvest._unquoted(text) == urllib.parse.unquote(text, errors="surrogateescape")


def test_percent_encoded_password_is_held_decoded() -> None:
    password = PASSWORD + "/@:%"
    url = f"https://bob:{urllib.parse.quote(password, safe='')}@corp.io/simple"
    assert [value for value, _ in _held({"PIP_INDEX_URL": url}, "/nowhere")] == [password]


def test_every_section_and_every_way_to_read_a_pypirc(tmp_path: Path) -> None:
    (tmp_path / ".pypirc").write_text(
        f"[DEFAULT]\npassword: {PASSWORD}\n[server-login]\npassword = \"{OTHER}\"\n"
        f"[unlisted]\nrepository = https://bob:{OTHER}x@corp.io/\npassword =\n  {OTHER}y  # note\n"
        f"[broken]\npassword = {OTHER}z%%\npassword = {OTHER}z%%\n"
    )
    values = {value for value, _ in _held({}, tmp_path)}
    assert {PASSWORD, OTHER, OTHER + "x", OTHER + "y", OTHER + "z%"} <= values


def test_netrc_holds_only_indexes(tmp_path: Path) -> None:
    (tmp_path / ".netrc").write_text(
        f"machine github.com login bob password {OTHER}\nmachine corp.io login bob password {PASSWORD}\n"
        f"default login bob password {OTHER}z\n"
    )
    assert not _held({}, tmp_path)
    assert _held({"PIP_INDEX_URL": "https://corp.io/python"}, tmp_path) == [(PASSWORD, "~/.netrc (machine corp.io)")]


WORDS_OF_NETRC = st.text(alphabet=string.ascii_letters + string.digits + " \\\"'#", min_size=1, max_size=12)


@pytest.mark.skipif(sys.version_info < (3, 11), reason="its netrc reads quotes in another way")
@settings(max_examples=300)
@given(password=WORDS_OF_NETRC | WORDS_OF_NETRC.map(lambda text: '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'))
def test_netrc_is_read_as_python_reads_it(password: str) -> None:
    line = f"machine pypi.corp.io login bob password {password}"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "netrc"
        path.write_text(line + "\n")
        try:
            held = netrc.netrc(str(path)).authenticators("pypi.corp.io")
        except netrc.NetrcParseError:
            return
    words = [word for _, word in harvest._words_of_netrc(line)]
    assert held and (held[2] in words or not held[2] or "\n" in held[2])


@pytest.mark.parametrize(
    ("written", "values"),
    [
        ('"Zq7 mK2x Vb9w"', ["Zq7 mK2x Vb9w"]), ("pa\\ssWord99", ["pa\\ssWord99", "passWord99"]),
        ('"Zq7\\"mK2x"', ['Zq7\\"mK2x', 'Zq7"mK2x']),
        ("'Zq7mK2xVb9w'", ["Zq7mK2xVb9w"]), ('"Zq7mK2xVb9w', ["Zq7mK2xVb9w"]), ('Zq7"mK2x', ['Zq7"mK2x']),
    ],
)
def test_quotes_and_backslashes_of_netrc(written: str, values: list[str], tmp_path: Path) -> None:
    (tmp_path / ".netrc").write_text(f"machine pypi.corp.io\n\tlogin bob # mine\n\tpassword {written} account x\n")
    assert [value for value, _ in _held({}, tmp_path)] == values


def test_keyring_holds_only_indexes(tmp_path: Path) -> None:
    path = tmp_path / ".local/share/python_keyring/keyring_pass.cfg"
    path.parent.mkdir(parents=True)
    path.write_text(f"[system]\nbob = \n\t{base64.b64encode(OTHER.encode()).decode()}\n" + _content("keyring", PASSWORD))
    assert [value for value, _ in _held({}, tmp_path)] == [PASSWORD]


def test_each_value_once_and_the_first_place_stays(tmp_path: Path) -> None:
    (tmp_path / ".pypirc").write_text(_content("pypirc", PASSWORD))
    assert _held({"TWINE_PASSWORD": PASSWORD}, tmp_path) == [(PASSWORD, "the environment variable TWINE_PASSWORD")]


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"[", b"\xef\xbb\xbf[pypi]\npassword\n", b"=\n" * 9, b"\x00" * 99])
def test_broken_files_are_no_failure(content: bytes, tmp_path: Path) -> None:
    for name in (".pypirc", ".netrc", ".config/pip/pip.conf", ".config/pypoetry/auth.toml"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    assert not _held({}, tmp_path)


def test_a_file_in_a_western_code_page_holds_the_same_password_as_one_in_utf_8(tmp_path: Path) -> None:
    """twine reads its file in the encoding of the machine first; a source file that holds the password is in UTF-8."""
    password = "kT9-stra\xdfe\u20ac"
    (tmp_path / ".pypirc").write_bytes(_content("pypirc", password).encode("cp1252"))
    held = [value for value, _ in _held({}, tmp_path)]
    assert held == [password.encode("cp1252").decode("utf-8", "surrogateescape"), password]
    (tmp_path / ".pypirc").write_text(_content("pypirc", password), encoding="utf-8")
    assert [value for value, _ in _held({}, tmp_path)] == [password]


@pytest.mark.skipif(os.name == "nt" or not os.geteuid(), reason="needs a file that its owner may not read")
def test_an_unreadable_file_is_no_failure(tmp_path: Path) -> None:
    (tmp_path / ".pypirc").write_text(_content("pypirc", PASSWORD))
    (tmp_path / ".pypirc").chmod(0)
    assert not _held({}, tmp_path)


def test_only_what_is_below_the_home_folder_is_shown_so(tmp_path: Path) -> None:
    neighbour = tmp_path / "adam" / "pip.conf"
    neighbour.parent.mkdir()
    neighbour.write_text(_content("ini", PASSWORD))
    ((_, where),) = _held({"PIP_CONFIG_FILE": str(neighbour)}, tmp_path / "ada")
    assert where.startswith(str(neighbour).replace("\\", "/"))


def test_a_folder_of_that_name_is_no_failure(tmp_path: Path) -> None:
    (tmp_path / ".pypirc").mkdir()
    assert not _held({}, tmp_path)


LIGHT = """
import sys
before = set(sys.modules)
from pypi_token_hooks import harvest
assert not harvest.own_credentials({"PATH": "/bin", "HOME": "/nowhere"}, "/nowhere")
assert not harvest.quick_anchors({"PATH": "/bin"}, "/nowhere")
print(*sorted(name for name in set(sys.modules) - before))
"""


def test_loads_nothing_heavy() -> None:
    done = subprocess.run([sys.executable, "-c", LIGHT], capture_output=True, text=True, check=True,
                          env={**os.environ, "PYTHONPATH": str(Path(harvest.__file__).parents[1])})
    assert done.stdout.split() == ["pypi_token_hooks", "pypi_token_hooks.harvest", "pypi_token_hooks.places"]


def test_shows_no_value_and_no_length() -> None:
    short, long = (harvest.own_credentials({"TWINE_PASSWORD": corpus.password(5, size)}, "/nowhere") for size in (9, 90))
    for show in (repr, str, "{}".format):
        assert show(short) == show(long)
        assert "***" in show(short)


def test_it_takes_as_much_for_a_token_as_the_token_rule() -> None:
    """The number stands twice: the clean path is not to load the other module for it."""
    assert harvest.MIN_TOKEN == placeholders.MIN_TOKEN


def test_tokens_need_no_anchors_and_passwords_do() -> None:
    own = harvest.own_credentials({"TWINE_PASSWORD": mint.token(seed=1)}, "/nowhere")
    assert own and harvest.anchors_of(own) == ()
    assert harvest.anchors_of(()) == ()
    environ = {"TWINE_PASSWORD": PASSWORD}
    assert harvest.quick_anchors(environ, "/nowhere") == harvest.anchors_of(harvest.own_credentials(environ, "/nowhere"))


def _images(value: bytes) -> dict[str, bytes]:
    text = value.decode()
    return {
        "plain": value,
        "percent": urllib.parse.quote(text, safe="").encode(),
        "percent all": "".join(f"%{byte:02X}" for byte in value).encode(),
        "percent small": "".join(f"%{byte:02x}" for byte in value).encode(),
        "json": json.dumps(text).encode(),
        "shell": text.replace("'", "'\\''").encode() if "'" not in text else value,
        "base64": base64.b64encode(value),
        "base64 1": base64.b64encode(b"x" + value + b"yz"),
        "base64 2": base64.b64encode(b"xy" + value + b"z"),
        "base64 url": base64.urlsafe_b64encode(b"xy" + value),
        "base64 wrapped": base64.encodebytes(b"u" * 45 + value + b"v" * 45),
        "basic": base64.b64encode(b"bob:" + value),
        "hex": value.hex().encode(),
        "hex capitals": value.hex().upper().encode(),
        "utf-16": text.encode("utf-16-le"),
        "utf-16 big": text.encode("utf-16-be"),
        "utf-32": text.encode("utf-32-le"),
        "utf-32 big": text.encode("utf-32-be"),
        "u": "".join(f"\\u{byte:04x}" for byte in value).encode(),
        "x": "".join(f"\\x{byte:02x}" for byte in value).encode(),
        "html": "".join(f"&#{byte};" for byte in value).encode(),
        "html x": "".join(f"&#x{byte:X};" for byte in value).encode(),
        "hex with colons": value.hex(":").encode(),
        "hex with blanks": value.hex(" ").upper().encode(),
        "hex with dashes": value.hex("-").upper().encode(),
        "hex of words": value.hex(" ", -2).encode(),
        "hex of words 1": (b"x" + value).hex(" ", -2).encode(),
        "hex of C": ", ".join(f"0x{byte:02x}" for byte in value).encode(),
        "numbers": str(list(value)).encode(),
        "octal": "".join(f"\\{byte:03o}" for byte in value).encode(),
        "path": urllib.parse.quote(text).encode(),
        "html signs": "".join(c if c.isalnum() else f"&#{ord(c)};" for c in text).encode(),
        "quotes of a shell": "".join("\\" + c if c in '"$`\\' else c for c in text).encode(),
        "make": text.replace("$", "$$").encode(),
        "html some": text.replace("&", "&amp;").replace("<", "&lt;").encode(),
    }


VALUES = st.text(alphabet=st.characters(min_codepoint=33, max_codepoint=126), min_size=8, max_size=60).filter(
    lambda value: len(set(value)) >= 5
)


@settings(max_examples=200)
@given(value=VALUES, before=st.binary(max_size=3), after=st.binary(max_size=3))
def test_no_image_is_without_an_anchor(value: str, before: bytes, after: bytes) -> None:
    own = (Own(Secret(value.encode()), "here"),)
    anchors = harvest.anchors_of(own)
    for name, image in _images(value.encode()).items():
        data = before + image + after
        assert any(anchor in data for anchor in anchors), name


@pytest.mark.parametrize("name", _images(b"x" * 8))
def test_every_image_is_found(name: str) -> None:
    own = harvest.own_credentials({"TWINE_PASSWORD": PASSWORD}, "/nowhere")
    data = b"some text\nkey: " + _images(PASSWORD.encode())[name] + b"\nmore text\n"
    if name.startswith("utf"):
        data = _images(PASSWORD.encode())[name]
    literals = harvest.anchors_of(own)
    found = list[Match]()

    def look(view: View) -> bool:
        found.extend(own_credential.find(view.data, own))
        return bool(found)

    readings.each(data, look, lambda view: anchors.worth_reading(view, literals), lambda view: anchors.hides(view, literals))
    assert found and found[0].what == "the environment variable TWINE_PASSWORD"
