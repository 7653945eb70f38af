"""Rule `index-credential`: every leak of the corpus is found whole, every look-alike stays silent."""
from __future__ import annotations

import base64
import html
import itertools
import json
import marshal
import pickle
import random
import re
import string
from collections.abc import Callable

import pytest

from pypi_token_hooks import anchors
from pypi_token_hooks import examination
from pypi_token_hooks import model
from pypi_token_hooks import places
from pypi_token_hooks.detectors import index_credential
from pypi_token_hooks.detectors.index_credential import urls
from tests import credential_corpus as corpus
from tests import credential_media as media
from tests import mint

KINDS = {
    "letters and digits": corpus.password(1),
    "long": corpus.password(2, 64),
    "short": corpus.password(3, 12),
    "signs": corpus.password(4, 9) + "!_.-" + corpus.password(5, 6),
}
_ARCHIVE_OF_REQUESTS = '{"url": "https://pypi.corp.io/simple/", "headers": [{"name": "Authorization", "value": "Basic @@"}]}'
_HEADER_OF_DEVPI = 'requests.get("https://devpi.corp.io/root/pypi/", headers={"X-Devpi-Auth": "@@"})\n'
_RECORDINGS = (
    "- request:\n    headers:\n      Authorization:\n      - Basic @@\n    method: GET\n    uri: https://pypi.corp.io/simple/\n",
    "- request:\n    headers:\n      authorization:\n        - 'Basic @@'\n    method: POST\n    uri: https://upload.pypi.org/legacy/\n",
    '{"request": {"headers": {"Authorization": ["Basic @@"], "Host": ["pypi.corp.io"]}, "uri": "https://pypi.corp.io/simple/"}}',
    '{\n "headers": {\n  "Authorization": [\n   "Basic @@"\n  ]\n },\n "uri": "https://pypi.corp.io/simple/"\n}\n',
)


def _found(text: str) -> list[str]:
    """Returns what is found in the text, by whichever rule and in whichever reading."""
    return _found_in(text.encode())


def _found_in(data: bytes) -> list[str]:
    report = model.empty_report()
    known = examination.settings((), None, file_names=False)
    if known.ask.worth_reading(data):
        examination.examine(model.Blob(data, model.Place("a file")), known, report)
    return [finding.secret.reveal().decode() for finding in report.findings if finding.secret]


# rows of names and values, and rows that hold something else
TABLES = (
    "| TWINE_PASSWORD | @@ |\n", "| `PYPI_TOKEN` | `@@` | for uploads |\r\n", "|UV_PUBLISH_TOKEN|@@|", "| **PYPI_TOKEN** | **@@** |",
    "PYPI_TOKEN,@@\n", '"TWINE_PASSWORD","@@"\r\n', "name\tvalue\nTWINE_PASSWORD\t@@\n",
    "<tr><td>TWINE_PASSWORD</td><td>@@</td></tr>", '<td><code>PYPI_TOKEN</code></td>\n  <td class="x"><code>@@</code></td>\n',
    "<dt>UV_PUBLISH_TOKEN</dt>\n<dd>@@</dd>", "<si><t>PYPI_TOKEN</t></si><si><t xml:space='preserve'>@@</t></si>",
)
NO_TABLES = (
    "| TWINE_PASSWORD | required | x |", "| PYPI_TOKEN | the token of 2024 | x |", "| PYPI_TOKEN | PyPI-token |",
    "| TWINE_PASSWORD | TWINE_USERNAME2 |", "| PYPI_TOKEN | ${{secrets.PYPI_TOKEN1}} |", "| PYPI_TOKEN | secrets.PYPI_TOKEN1 |",
    "| PYPI_TOKEN | v1.2.3-beta4 |", "| PYPI_TOKEN | https://pypi.org/x1 |", "| PYPI_TOKEN | `pypi-...` |", "| PYPI_TOKEN | string256 |",
    "| TWINE_PASSWORD | 2024-01-01T12:00:00Z |", "| `PYPI_TOKEN` | user1@example.org |", "$TWINE_PASSWORD |base64encode2\n",
    "| PYPI_TOKEN | anna-team-2@corp.io |", "| PYPI_TOKEN | OPS-12345 |", "| PYPI_TOKEN | 30-Jun-2025 |", "| PYPI_TOKEN | ubuntu-22.04 |",
    "| PYPI_TOKEN | pypa/gh-action-pypi-publish@release/v1 |", "| PYPI_TOKEN | release.yml#L42 |", "| PYPI_TOKEN | python3.12-slim |",
    "| PYPI_TOKEN | char(64)/null |", "| PYPI_TOKEN | poetry1.2+ |", "<td>PYPI_TOKEN</td><td>line-42a</td>",
    "TWINE_PASSWORD,TWINE_USERNAME,x1234567\n", "TWINE_PASSWORD,2024-01-01\n", "name,TWINE_PASSWORD,kQ9vZhT7x\n",
    "<td>PYPI_TOKEN</td><td>string256</td>", "<td>PYPI_TOKEN</td><td><a href='x'>link2here</a></td>", "<b>PYPI_TOKEN</b> kQ9vZhT7x <b>",
)


@pytest.mark.parametrize("address", ["https://corp.jfrog.io/pypi/?key=@@", "https://bob:@@@pypi.corp.io/simple", "pypi.corp.io/@@/"])
def test_of_an_address_the_host_alone_is_told(address: str) -> None:
    secret = KINDS["long"]
    for key in ("matchHost", "image"):
        data = json.dumps({key: address.replace(corpus.MARK, secret), "password": KINDS["short"]}).encode()
        told = [match.what for match in index_credential.find(data)]
        assert "password for " in "".join(told) or key == "image"
        assert not any(secret[at : at + 8] in what for what in told for at in range(0, len(secret), 4))


@pytest.mark.parametrize("table", TABLES)
def test_the_value_beside_a_name_in_a_table_is_found(table: str) -> None:
    for password in KINDS.values():
        data = table.replace(corpus.MARK, password).encode()
        assert _found_in(data) == [password]
        assert examination.settings((), None, False, versions=True).ask.worth_reading(data)
    assert not _found(table.replace(corpus.MARK, "your-token-here"))


@pytest.mark.parametrize("table", NO_TABLES)
def test_what_else_stands_beside_a_name_in_a_table_is_left(table: str) -> None:
    assert not _found(table)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", corpus.LEAKS)
def test_leak_is_found_whole(name: str, kind: str) -> None:
    password = KINDS[kind]
    if kind == "signs" and ("://@@" in corpus.LEAKS[name] or name.startswith("poetry, token and")):
        pytest.skip("a token that stands alone holds no such signs")
    data = corpus.LEAKS[name].replace(corpus.MARK, password).encode()
    matches = list(index_credential.find(data))
    assert [match.secret.reveal().decode() for match in matches] == [password], matches
    (match,) = matches
    assert data[match.start : match.end] == password.encode()
    assert (match.rule, match.confidence) == ("index-credential", "probable")
    assert match.what and password not in match.what
    assert anchors.worth_reading(data)


@pytest.mark.parametrize("name", corpus.LOOKALIKES)
def test_lookalike_is_silent(name: str) -> None:
    found = list(index_credential.find(corpus.LOOKALIKES[name].encode()))
    assert not found, [(match.what, match.secret.reveal()) for match in found]
    assert not _found(corpus.LOOKALIKES[name])


@pytest.mark.parametrize("sign", ["# ", "+", "-", "> ", "// ", " * ", "| "])
def test_the_password_of_the_next_step_is_none_of_an_index_behind_the_sign_of_each_line(sign: str) -> None:
    steps = (
        "  - uses: pypa/gh-action-pypi-publish@v1", "    with:", f"      password: {KINDS['long']}",
        "  - uses: docker/login-action@v3", "    with:", "      username: ada", "      password: Xk29fqPlw8s",
    )
    head = f"--- a/x.yml\n+++ b/x.yml\n@@ -1,{len(steps)} +1,{len(steps)} @@\n" if sign in "+-" else ""
    assert _found(head + "".join(f"{sign}{line}\n" for line in steps)) == [KINDS["long"]]


def _each(form: str) -> Callable[[str], bytes]:
    return lambda text: "".join(form % byte for byte in text.encode()).encode()


def _mended(text: str) -> str:
    return text.replace("\r\n", "\n")


def _with_references(text: str, colon: str, slash: str, at: str) -> bytes:
    """Returns the text with the signs of its URLs up to the host as references of HTML."""
    def escaped(found: re.Match[str]) -> str:
        return found[0].replace(":", colon).replace("/", slash).replace("@", at)

    return re.sub(r"://[^\s/]*@", escaped, text).encode()


# what a file with one short setting is encoded as, and the ends of lines that it may have
WHOLE: dict[str, Callable[[str], bytes]] = {
    "hex": _each("%02x"), "hex, large": _each("%02X"), "hex, colons": _each("%02x:"), "hex, blanks": _each("%02x "),
    "C": lambda text: _each("0x%02x, ")("# words\n" + text),
    "base64": lambda text: base64.b64encode(text.encode()),
    "base64, lines": lambda text: base64.encodebytes(b"some words in front\n" + text.encode()),
    "base64, twice": lambda text: base64.b64encode(base64.b64encode(b"# words\n" + text.encode())),
    "base64, hex": lambda text: base64.b64encode(b"# words\n" + text.encode()).hex().encode(),
    "percent": _each("%%%02X"), "quoted-printable": _each("=%02X"), "octal": _each("\\%03o"),
    "\\x": _each("\\x%02x"), "\\u": _each("\\u%04x"),
    "UTF-16": lambda text: (text + "\n").encode("utf-16-le"), "UTF-16, big": lambda text: (text + "\n").encode("utf-16-be"),
    "returns": lambda text: _mended(text).replace("\n", "\r").encode(),
    "returns, twice": lambda text: _mended(text).replace("\n", "\r\r\n").encode(),
    "HTML, at": lambda text: text.replace("@", "&#64;").encode(), "HTML, at by name": lambda text: text.replace("@", "&commat;").encode(),
    "HTML, slashes": lambda text: text.replace("://", ":&#x2F;&#x2F;").encode(),
    "HTML, signs": lambda text: _with_references(text, "&#58;", "&#47;", "&#64;"),
    "HTML, small hexadecimal": lambda text: _with_references(text, "&#x3a;", "&#x2f;", "&#x40;"),
}


@pytest.mark.parametrize("way", WHOLE)
def test_every_leak_is_found_however_short_the_file_is_that_is_encoded(way: str) -> None:
    password = KINDS["letters and digits"]
    encoded = {name: WHOLE[way](text.replace(corpus.MARK, password)) for name, text in corpus.LEAKS.items()}
    assert not [name for name, data in encoded.items() if len(data) >= anchors.UNBROKEN and password not in _found_in(data)]


@pytest.mark.parametrize("text", ["/__token__ -p @@", "pypi.org/__token__:@@", "vault kv put secret/__token__ password=@@"])
def test_a_slash_alone_makes_no_url_of_a_user(text: str) -> None:
    password = KINDS["letters and digits"]
    assert _found(text.replace(corpus.MARK, password)) == [password]


def test_short_wide_text_in_base64_is_found_beside_other_base64() -> None:
    password = KINDS["short"]
    wide = base64.b64encode(f"https://bob:{password}@x.io/simple/".encode("utf-16-le"))
    other = base64.b64encode(b"words that are no setting, in another line of the same file")
    assert password in _found_in(b"x = " + wide + (b"\ny = " + other) * 20 + b"\n")


@pytest.mark.parametrize("name", corpus.LEAKS)
def test_leak_with_a_dummy_is_silent(name: str) -> None:
    for dummy in ("changeme", "password", "your-token", "<token>", "xxxxxxxxxxxx", "********"):
        data = corpus.LEAKS[name].replace(corpus.MARK, dummy).encode()
        assert not list(index_credential.find(data)), dummy


@pytest.mark.parametrize("medium", media.MEDIA)
def test_passwords_of_every_sort_in_every_medium(medium: str) -> None:
    form = media.MEDIA[medium]
    values = {sort: value for sort, value in media.PASSWORDS.items() if form.holds(value)}
    assert len(values) > 12
    for sort, value in values.items():
        found = _found(form.of("TWINE_PASSWORD", value))
        assert len(found) == 1, sort
        assert found[0] == value or (found[0] in form.written(value) and len(found[0]) >= len(value)), sort


@pytest.mark.parametrize("sign", ["-", ".", "_", ",", " "])
def test_a_passphrase_in_quotes_or_a_url_may_have_any_sign_between_its_words(sign: str) -> None:
    """As password managers make them; without quotes one with full stops or underscores is rather the name of something in code."""
    passphrase = sign.join(("carve", "dapple", "soonish", "tundra"))
    url = f"PIP_INDEX_URL=https://bob:{passphrase}@pypi.corp.io/simple\n"
    for text in (f'TWINE_PASSWORD: "{passphrase}"\n', f"twine upload -u bob -p '{passphrase}' x\n", *([] if sign == " " else [url])):
        assert _found(text) == [passphrase]
    assert bool(_found(f"TWINE_PASSWORD = {passphrase}\n")) is (sign not in "._")
    for named in ("team release password", "set by pipeline secret", "carve token dapple") if sign != "," else ():
        assert not _found(f'TWINE_PASSWORD: "{named.replace(" ", sign)}"\n')


@pytest.mark.parametrize("medium", [name for name in media.MEDIA if name != "notebook"])
def test_variables_of_every_tool_in_every_medium(medium: str) -> None:
    form = media.MEDIA[medium]
    value = corpus.password(31)
    for name in media.named(places.SECRET):
        assert _found(form.of(name, value)) in ([value], [form.written(value)]), name
    for name in media.named(places.URL):
        url = f"https://bob:{value}@nexus.corp.io/repository/all/"
        if form.holds(url) and form.written is not media.encoded:
            assert _found(form.of(name, url)) in ([value], [form.written(url)]), name


@pytest.mark.parametrize("medium", media.MEDIA)
def test_safe_forms_in_every_medium(medium: str) -> None:
    form = media.MEDIA[medium]
    for value in media.SAFE:
        if form.written is not media.raw or not set(value) & set("'\""):
            assert _found(form.of("TWINE_PASSWORD", value)) == [], value


@pytest.mark.parametrize("name", [name for name in media.named(places.SECRET) if "PASSWORD" in name or "_TOKEN" in name])
def test_a_short_setting_in_base64_is_found_at_every_alignment(name: str) -> None:
    """As a secret of Kubernetes holds a file with variables."""
    for before in ("", "A", "AB", "\n\n\n"):
        encoded = base64.b64encode(f"{before} {name}={KINDS['short']}\n".encode()).decode()
        assert _found(f"kind: Secret\ndata:\n  .env: {encoded}\n") == [KINDS["short"]]


def test_a_random_password_with_a_dot_is_hardly_ever_taken_for_an_attribute() -> None:
    drawn = random.Random(1)
    made = ["".join(drawn.choices(string.ascii_letters + string.digits, k=15)) for _ in range(500)]
    passwords = [text[: 1 + at % 14] + "." + text[1 + at % 14 :] for at, text in enumerate(made)]
    assert sum(_found(f"TWINE_PASSWORD={password}\n") != [password] for password in passwords) < 500 // 40


TOMLS = (
    '[http-basic.corp]\nusername = "bob"\npassword = "@@"\n', '[pypi-token]\npypi = "@@"\n', "[publish.index]\r\nauth = '@@'\r\n",
    '[[credential]]\nservice = "https://corp.io"\npassword = "@@"\n', '["repository.corp"]\npassword = "@@"\n',
)


@pytest.mark.parametrize("toml", TOMLS)
@pytest.mark.parametrize("written", [json.dumps, repr])
def test_toml_in_a_string(toml: str, written: Callable[[str], str]) -> None:
    text = toml.replace(corpus.MARK, KINDS["short"])
    assert _found('{"content": ' + written(text) + "}\n") == [KINDS["short"]]


PAGES = ("<p>so:</p><pre>@@</pre><p>and</p>", "<p>so:<br>\n@@<br>\nand</p>\n", "<pre>x = 1\n@@</span></code></pre>\n<p>and</p>")
SET = (
    "export TWINE_PASSWORD=@@", "TWINE_PASSWORD: @@", "TWINE_PASSWORD=\"@@\" twine upload dist/*", "uv publish --token @@",
    "pypi-token: '@@'",
)
SAFE = ("$PYPI_TOKEN", "${PYPI_TOKEN}", "<your token>", "<token>", "%(token)s", "changeme", "my-token", "pypi-0a1b2c", "SecretStr;")


@pytest.mark.parametrize("quote", [True, False])
@pytest.mark.parametrize("text", SET)
@pytest.mark.parametrize("page", PAGES)
def test_a_value_ends_where_its_element_ends(page: str, text: str, quote: bool) -> None:
    for value in (corpus.password(81), "hT7x-kQ9vZ", *SAFE):
        held = html.escape(text.replace(corpus.MARK, value), quote)
        found = _found(page.replace(corpus.MARK, held))
        assert [html.unescape(secret) for secret in found] == ([] if value in SAFE else [value]), value


PICKLED = ("export TWINE_PASSWORD=@@", "TWINE_PASSWORD: @@", "# the release\ntwine upload -u bob -p @@", "# it\nuv publish --token=@@")


@pytest.mark.parametrize("protocol", range(4, 6))
@pytest.mark.parametrize("text", PICKLED)
def test_a_string_of_a_pickle_ends_where_it_ends(text: str, protocol: int) -> None:
    password = corpus.password(71)
    for value in (password, "<your token>", "${PYPI_TOKEN}", "kä" + password + "Ô7"):
        held = pickle.dumps([text.replace(corpus.MARK, value), {"and": [1, "so on"]}], protocol)
        expected = [value] if password in value else []
        assert _found_in(held) == expected


def test_there_are_enough_samples() -> None:
    assert len(corpus.LEAKS) + len(media.MEDIA) >= 300
    assert len(corpus.LOOKALIKES) >= 150


@pytest.mark.parametrize("user", ["bob", "__token__"])
@pytest.mark.parametrize(
    "text",
    ["Authorization: Basic @@\nPOST https://upload.pypi.org/legacy/\n", _ARCHIVE_OF_REQUESTS, _HEADER_OF_DEVPI, *_RECORDINGS],
)
def test_basic_header_of_an_index(text: str, user: str) -> None:
    header = base64.b64encode(f"{user}:{KINDS['letters and digits']}".encode()).decode()
    data = text.replace(corpus.MARK, header).encode()
    (match,) = index_credential.find(data)
    assert match.what == "Basic header for an index"
    assert data[match.start : match.end] == header.encode()
    assert _found(data.decode()) == [header]


@pytest.mark.parametrize("text", _RECORDINGS)
def test_a_recorded_header_for_something_else_is_none(text: str) -> None:
    header = base64.b64encode(f"bob:{KINDS['short']}".encode()).decode()
    other = text.replace("pypi.corp.io/simple/", "api.corp.io/x").replace("upload.pypi.org/legacy/", "api.corp.io/x")
    assert _found(other.replace(corpus.MARK, header) + "\n# recorded while https://pypi.org/simple/ was down\n") == []
    dummy = base64.b64encode(b"user:password").decode()
    assert _found(text.replace(corpus.MARK, dummy)) == []


@pytest.mark.parametrize("alphabet", [string.ascii_letters, string.ascii_letters + string.digits])
@pytest.mark.parametrize("length", [20, 26, 40])
def test_a_token_alone_before_a_host_is_found_whatever_it_is_made_of(length: int, alphabet: str) -> None:
    rng = random.Random(length)
    tokens = ["".join(rng.choices(alphabet, k=length)) for _ in range(200)]
    for url in ("https://%s@pypi.fury.io/corp/", "https://%s:@nexus.corp.io/python", "git+https://%s@git.corp.io/t/mylib.git"):
        assert sum(_found(f"pip install --extra-index-url {url % token}\n") == [token] for token in tokens) >= 180


@pytest.mark.parametrize("user", ["jane.doe", "janedoe42", "corp-ci-user-2024", "dev2thepeople", "JanVanDerBerg", "McDonald_IT"])
@pytest.mark.parametrize("host", ["bitbucket.org", "dev.azure.com"])
def test_a_user_alone_in_a_url_of_git_is_no_token(user: str, host: str) -> None:
    assert _found(f"pip install git+https://{user}@{host}/corp/mylib.git\n") == []


@pytest.mark.parametrize("escaped", ["\\u20ac", "\\U0001F600"])
def test_what_toml_escapes_may_be_any_character(escaped: str) -> None:
    password = KINDS["short"]
    beside = f'[tool.poetry]\ndescription = "wait{escaped}"\n[http-basic.corp]\nusername = "bob{escaped}"\npassword = "{password}"\n'
    assert _found(beside) == [password]
    assert len(_found_in(f'[http-basic.corp]\nusername = "bob"\npassword = "{password}{escaped}x"\n'.encode())) == 1


def test_a_url_with_escaped_slashes_is_found() -> None:
    password = corpus.password(51)
    for url in (f"bob:{password}@nexus.corp.io", f"{password}@nexus.corp.io"):
        assert _found(f'{{"PIP_INDEX_URL":"https:\\/\\/{url}\\/repository\\/all\\/"}}\n') == [password]
    assert not anchors.worth_reading(b'{"page":"https:\\/\\/medium.com\\/@corp","mail":"bob@corp.io"}\n')


def test_a_cut_token_is_none_and_a_damaged_one_is() -> None:
    for seed in range(4):
        token = mint.token(seed=seed)
        for setting in ("TWINE_PASSWORD=%s\n", "twine upload -p %s dist/*\n", "https://bob:%s@pypi.corp.io/simple\n"):
            assert not [_found(setting % token[:cut]) for cut in (60, 84, 85, 100, 140, -1) if _found(setting % token[:cut])]
            for mark in ("...", "<snip>", "[snip]"):
                assert _found(setting % f"{token[:90]}{mark}{token[-30:]}") == []
            damaged = token[:40] + "!!" + token[42:]
            assert _found(setting % damaged) == [damaged]


@pytest.mark.parametrize("medium", [name for name, form in media.MEDIA.items() if form.written is not media.encoded])
@pytest.mark.parametrize("trap", media.TRAPS)
def test_what_a_reference_falls_back_to_is_found(trap: str, medium: str) -> None:
    form, password = media.MEDIA[medium], corpus.password(41, 12)
    value = trap.replace(corpus.MARK, password)
    signs = set(value) & set("'\"\\")
    if signs & set(form.cannot) or (signs and form.written not in (media.plain, media.quoted)):
        return  # it would have to be written in another way there
    assert _found(form.of("TWINE_PASSWORD", value)) == [password]


@pytest.mark.parametrize("setting", ['{"TWINE_PASSWORD": "@@"}\n', "TWINE_PASSWORD='@@'\n", "[pypi]\nusername = bob\npassword = @@\n"])
@pytest.mark.parametrize("password", ["\\u003chT7x-kQ9vZ", "hT7x\\x3ekQ9vZ", "hT7x&lt;kQ9vZ", "%3ChT7x-kQ9vZ", "%24Kx7mQ9pWv2L"])
def test_a_password_in_which_signs_are_escaped_is_one(setting: str, password: str) -> None:
    assert len(_found(setting.replace(corpus.MARK, password))) == 1
    if "%" in password:
        assert _found(f"--extra-index-url https://bob:{password}@pypi.corp.io/simple\n") == [password]


def assert_any_may_be_within(signs: str, text: str, password: str) -> None:
    """`password` has a `+` where each of the signs is put."""
    for sign in signs:
        held = password.replace("+", sign)
        assert _found(text.replace(corpus.MARK, held)) == [held], sign


def test_a_default_ends_the_name_of_a_variable() -> None:
    password = "pypi-" + corpus.password(62, 20)
    assert _found(f"TWINE_PASSWORD=${{TWINE_PASSWORD-{password}}}\n") == [password]
def test_an_identifier_that_begins_like_a_token_is_none_and_a_drawn_password_is() -> None:
    drawn = corpus.password(61, 20).lower()
    for setting in ("TWINE_PASSWORD=pypi-%s\n", "[pypi]\nusername = bob\npassword = pypi-%s\n"):
        assert _found(setting % "upload7x") == [] and _found(setting % drawn) == ["pypi-" + drawn]


SHELLS = (
    "twine upload -u bob -p @@ dist/*\n", "TWINE_PASSWORD=@@ twine upload dist/*\n", 'docker run -e "TWINE_PASSWORD=@@" image\n',
    'echo "password = @@" >> ~/.pypirc\n', 'echo "TWINE_PASSWORD=@@" >> $GITHUB_ENV\n', "uv publish --token=@@\n",
)


@pytest.mark.parametrize("text", SHELLS)
def test_a_sign_behind_a_backslash_does_not_end_a_value_of_a_shell(text: str) -> None:
    assert_any_may_be_within("$&;!|()*?#", text, "hT7xkQ9\\+vZ")
    assert _found(text.replace(corpus.MARK, "\\$PYPI_TOKEN9")) == []


IN_QUOTES = (
    "curl -u 'bob:@@' https://pypi.corp.io/simple/\n", "twine upload '--password=@@' dist/*\n",
    '["twine", "upload", "--password=@@"]\n', "echo 'password = @@' >> ~/.pypirc\n",
)


@pytest.mark.parametrize("text", IN_QUOTES)
def test_an_option_in_quotes_ends_with_them(text: str) -> None:
    assert_any_may_be_within("$&;!|()*?#<>`{}[]", text, "hT7x+kQ9vZ")


STEPS = (
    "- uses: pypa/gh-action-pypi-publish@v1\n  with:\n    password: @@\n", "deploy:\n  provider: pypi\n  user: b\n  password: @@ # x\n",
)


@pytest.mark.parametrize("text", STEPS)
def test_a_plain_scalar_of_a_step_may_hold_any_sign(text: str) -> None:
    assert_any_may_be_within("$&;!|()*?#<>`{}[]'\"\\", text, "hT7x+kQ9vZm4pL2")


def test_a_string_of_an_expression_of_github_may_hold_braces() -> None:
    for password in ("hT7x{kQ9vZm", "hT7x}kQ9vZm", "hT7x}}kQ9{{vZm"):
        assert _found(f"TWINE_PASSWORD: ${{{{ secrets.X || '{password}' }}}}\n") == [password]


DASHED = (
    "poetry config -- http-basic.pypi bob @@\n", "poetry config pypi-token.pypi -- @@\n", "twine upload -u bob --password=@@ dist/*\n",
    '["poetry", "config", "http-basic.pypi", "bob", "--", "@@"]\n',
)


@pytest.mark.parametrize("command", DASHED)
def test_a_password_may_begin_with_a_dash(command: str) -> None:
    password = "-" + KINDS["short"]
    assert _found(command.replace(corpus.MARK, password)) == [password]


def test_what_begins_with_a_dash_is_an_option_elsewhere() -> None:
    option = "-x" + KINDS["short"]
    assert _found(f"poetry config http-basic.pypi bob {option}\n") == []
    assert _found(f"twine upload --password {option} dist/*\n") == []


def test_one_of_the_words_by_which_a_setting_is_ruled_out_is_in_the_name_of_each() -> None:
    for name in itertools.chain(*urls._setting_names()):
        assert any(word.decode() in name.lower() for word in urls._OF_NAMES), name


@pytest.mark.parametrize("password", ["Kx7m@9Q2pWv8", "p@ss@Kx7m9Q2", "@Kx7m9Q2pWv8"])
@pytest.mark.parametrize("user", ["bob", "bob.smith@corp.io", "bob@x"])
@pytest.mark.parametrize("form", ["PIP_INDEX_URL=https://{}:{}@nexus.corp.io/simple\n", "pip install -i http://{}:{}@corp.io:8080 x\n"])
def test_the_host_of_a_url_is_behind_the_last_of_its_at_signs(form: str, user: str, password: str) -> None:
    """As requests and pip split it."""
    assert _found(form.format(user, password)) == [password]


URLS = (
    "--extra-index-url {}\n", "[global]\nindex-url = {}\n", '[[tool.uv.index]]\nurl = "{}"\n', "PIP_INDEX_URL={}\n",
    "env:\n  PIP_INDEX_URL: {}\n", 'pip install -i "{}" flask\n', '"text": ["Looking in indexes: {}\\n"]\n',
)


@pytest.mark.parametrize("sign", "'(),;{}|<>`!*&=+~[]^%?#")
@pytest.mark.parametrize("form", URLS)
def test_a_password_in_a_url_may_hold_any_sign(form: str, sign: str) -> None:
    """Those of RFC 3986, which `encodeURIComponent` and others leave, and those that nobody has encoded."""
    for password in (f"hT7xWq2nB{sign}kQ9vZm4", f"{sign}hT7xkQ9vZm4", f"hT7xkQ9vZm4{sign}", f"hT7{sign}xkQ{sign}9vZm4"):
        assert _found(form.format(f"https://bob:{password}@nexus.corp.io/x")) == [password]


@pytest.mark.parametrize("quote", "'`")
def test_a_quote_that_is_open_before_a_url_ends_it(quote: str) -> None:
    for form in ("PIP_INDEX_URL={q}https://bob:{p}@nexus.corp.io/x{q}\n", "sh -c {q}pip install -i https://bob@corp.io:{p}@nexus.corp.io/x{q}\n"):
        assert _found(form.format(q=quote, p="hT7x,kQ9(vZm4")) == ["hT7x,kQ9(vZm4"]
        assert _found(form.format(q=quote, p=f"hT7x{quote}kQ9vZm4")) == []


@pytest.mark.parametrize("path", ["simple", "repository/pypi", "x/simple/"])
@pytest.mark.parametrize("code", ["INDEX = {!r}\n", "def f():\n    return {!r}, None\n"])
def test_a_url_in_compiled_code_ends_where_its_string_does(code: str, path: str) -> None:
    password = corpus.password(8)
    compiled = marshal.dumps(compile(code.format(f"https://bob:{password}@nexus.corp.io/{path}"), "x.py", "exec"))
    assert _found_in(b"\xa7\r\r\n" + bytes(12) + compiled) == [password]


@pytest.mark.parametrize("password", ["Company@2024", "N3xus@Corp2021", "Bobby1987!", "Pypi!Upload#2021", "Nexus2019!"])
def test_words_that_follow_the_rules_for_passwords_are_one(password: str) -> None:
    assert _found(f"TWINE_PASSWORD={password}\n") == _found(f"[pypi]\nusername = bob\npassword = {password}\n") == [password]


@pytest.mark.parametrize("alphabet", [string.ascii_letters, string.ascii_letters + string.digits])
@pytest.mark.parametrize("sign", ".-_")
def test_a_drawn_password_in_quotes_is_no_name(sign: str, alphabet: str) -> None:
    rng = random.Random(sign)
    drawn = ["".join(rng.choices(alphabet, k=8)) + sign + "".join(rng.choices(alphabet, k=10)) for _ in range(200)]
    assert sum(_found(f"TWINE_PASSWORD = '{password}'\n") == [password] for password in drawn) >= 160


NAMES = (
    "twine.password.v2", "myVault.pypiToken2", "Constants.MY_PyPi_Token", "getPyPIAPIToken.asText", "io.AWS.S3.myPyPiToken",
    "svc_PyPiRW-id", "os.Db.Id.pypiToken",
)


@pytest.mark.parametrize("name", NAMES)
def test_a_name_in_quotes_is_none(name: str) -> None:
    assert _found(f"TWINE_PASSWORD = '{name}'\nPYPI_TOKEN: \"{name}\"\n") == []


@pytest.mark.parametrize(
    "dummy", ["Password2024!", "P@ssw0rd2024!", "Test@2024", "Your@2024", "My_Key2023", "T3st@2024", "Company2024", "company@2024"]
)
def test_words_that_say_what_they_are_are_none(dummy: str) -> None:
    assert _found(f"TWINE_PASSWORD={dummy}\n") == _found(f"[pypi]\nusername = bob\npassword = {dummy}\n") == []
