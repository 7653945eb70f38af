"""Rule `pypirc-password`: every wrapping in which text of the `.pypirc` form is found, and what is none."""
from __future__ import annotations

import base64
import json
import marshal
import pathlib
import pickle
import plistlib
import sqlite3

import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from pypi_token_hooks import anchors
from pypi_token_hooks import examination
from pypi_token_hooks import model
from pypi_token_hooks.credentials import macaroon
from pypi_token_hooks.credentials import placeholders
from pypi_token_hooks.credentials import pypirc
from pypi_token_hooks.detectors import pypirc_password
from tests import credential_media as media
from tests import mint

WORD = "hT7x-kQ9vZ"  # stands for a password in the samples below
PYPI = f"[pypi]\nusername = __token__\npassword = {WORD}\n"
PRIVATE = (
    "[distutils]\nindex-servers =\n    pypi\n    private\n\n"
    f"[private]\nrepository = https://host/simple\nusername = me\npassword = {WORD}\n"
)


def found(text: str | bytes) -> list[bytes]:
    data = text.encode() if isinstance(text, str) else text
    return [match.secret.reveal() for match in pypirc_password.find(data)]


@pytest.mark.parametrize("others", ["", "OTHER = 'one more'\n", "def call(): return 'one more', None\n"])
def test_a_string_of_compiled_code_is_read(others: str) -> None:
    assert found(marshal.dumps(compile(f"import os\n{others}TEXT = {PYPI!r}\n{others}", "m.py", "exec"))) == [WORD.encode()]


def test_a_token_of_any_known_host_is_left_to_its_own_rule() -> None:
    for host in macaroon.KNOWN_HOSTS:
        assert found(PYPI.replace(WORD, mint.token(host).removeprefix("pypi-"))) == []


def indented(text: str, by: str = "    ") -> str:
    return "".join(by + line for line in text.splitlines(keepends=True))


def in_one_line(text: str) -> str:
    return text.replace("\n", "\\n")


LEAKS = {
    "the file": PYPI,
    "private server": PRIVATE,
    "colon": f"[pypi]\nusername:me\npassword:{WORD}\n",
    "capital key": f"[pypi]\nPASSWORD = {WORD}\n",
    "capital section": PYPI.replace("[pypi]", "[PyPI]"),
    "no end of line": PYPI.rstrip(),
    "windows": PYPI.replace("\n", "\r\n"),
    "old mac": PYPI.replace("\n", "\r"),
    "byte-order mark": "\ufeff" + PYPI,
    "blank behind header": PYPI.replace("[pypi]", "[pypi]  "),
    "remark behind header": PYPI.replace("[pypi]", "[pypi] # the real one"),
    "server-login": f"[server-login]\nusername:me\npassword:{WORD}\n",
    "server-login, far from its password": "[server-login]\nusername:me\n" + "# for all of them\n" * 40 + f"password:{WORD}\n",
    "distutils": f"[distutils]\nusername = me\npassword = {WORD}\n",
    "default": f"[distutils]\nindex-servers = pypi\n[DEFAULT]\npassword = {WORD}\n",
    "default, beside a server": f"[DEFAULT]\npassword = {WORD}\n[pypi]\nusername = me\n",
    "beside distutils": f"[distutils]\n\n[unlisted]\nusername = me\npassword = {WORD}\n",
    "before distutils": f"[unlisted]\nrepository = https://h/\npassword = {WORD}\n[distutils]\nindex-servers=a\n",
    "listed": f"[x]\npassword = {WORD}\n[distutils]\nindex-servers = pypi x\n",
    "listed with comma": f"[distutils]\nindex-servers = pypi, x\n[x]\npassword = {WORD}\n",
    "quoted": f'[pypi]\npassword = "{WORD}"\n',
    "quoted with remark": f"[pypi]\npassword = '{WORD}'  # old\n",
    "remark": f"[pypi]\npassword = {WORD}  # note\n",
    "next line": f"[pypi]\npassword =\n    {WORD}\n",
    "next line with a sign": "[pypi]\npassword =\n    hT7x=kQ9vZ\n",
    "next line windows": f"[pypi]\r\npassword:\r\n\t{WORD}\r\n",
    "commented key": f"[pypi]\nusername = a\n# password = {WORD}\n",
    "commented all": "".join(f"# {line}\n" for line in PYPI.splitlines()),
    "commented with slashes": "".join(f"// {line}\n" for line in PYPI.splitlines()),
    "commented with stars": "/**\n" + "".join(f" * {line}\n" for line in PYPI.splitlines()) + " */\n",
    "semicolon": f"[pypi]\n;password = {WORD}\n",
    "duplicate key": PYPI + f"password = {WORD}\n",
    "key without value before": f"[pypi]\nnonsense\npassword = {WORD}\n",
    "patch": "".join(f"+{line}\n" for line in PYPI.splitlines()),
    "mail": "".join(f"> {line}\n" for line in PYPI.splitlines()),
    "here-document": f"cat > ~/.pypirc <<EOF\n{PYPI}EOF\n",
    "here-document quoted": f"cat <<'EOF' | tee ~/.pypirc\n{PRIVATE}EOF\n",
    "here-document indented": f"cat > ~/.pypirc <<-EOF\n{indented(PYPI, chr(9))}\tEOF\n",
    "here-string": f'cat > ~/.pypirc <<< "{PYPI.rstrip()}"\n',
    "printf": f"printf '{in_one_line(PYPI)}' > ~/.pypirc\n",
    "printf double": f'printf "{in_one_line(PRIVATE)}" > ~/.pypirc\n',
    "printf of words": f"printf '%s\\n' '[pypi]' 'username = me' 'password = {WORD}' > ~/.pypirc\n",
    "echo -e": f'RUN echo -e "{in_one_line(PYPI)}" > /root/.pypirc\n',
    "echo over lines": f'echo "{PYPI.rstrip()}" > ~/.pypirc\n',
    "echo over lines single": f"echo '{PYPI.rstrip()}' >> ~/.pypirc && true\n",
    "echoes": f'echo "[pypi]" >> ~/.pypirc\necho "username = a" >> ~/.pypirc\necho "password = {WORD}" >> ~/.pypirc\n',
    "echoes in yaml": "  script:\n" + indented(
        f'- echo "[pypi]" >> ~/.pypirc\n- echo "username=a" >> ~/.pypirc\n- echo "password={WORD}" >> ~/.pypirc\n'
    ),
    "echoes bare": f"echo [pypi]>>~/.pypirc\necho username=a>>~/.pypirc\necho password={WORD}>>~/.pypirc\n",
    "echoes in one line": f"RUN echo '[pypi]' > .pypirc && echo 'password: {WORD}' >> .pypirc\n",
    "echoes with backslash": f"RUN echo '[pypi]' > a && \\\n    echo 'password: {WORD}' >> a\n",
    "cmd": f"(echo [pypi]& echo username = a& echo password = {WORD}) > %USERPROFILE%\\.pypirc\r\n",
    "powershell": f'"[pypi]`nusername = a`npassword = {WORD}`n" | Out-File ~/.pypirc\n',
    "powershell here-string": f"@'\r\n{PYPI}'@ | Set-Content ~/.pypirc\r\n",
    "yaml block": f"content: |\n{indented(PYPI, '  ')}",
    "kubernetes": f"stringData:\n  .pypirc: |-\n{indented(PRIVATE)}",
    "yaml quoted": f'pypirc: "{in_one_line(PYPI)}"\n',
    "json": json.dumps({".pypirc": PYPI}),
    "json in json": json.dumps(json.dumps({".pypirc": PYPI})),
    "notebook": json.dumps({"source": PYPI.splitlines(keepends=True)}, indent=1),
    "python triple quotes": f'text = """\\\n{PYPI}"""\n',
    "python triple quotes tight": f"text = '''{PYPI.rstrip()}'''\n",
    "python in a row": f'w("[pypi]\\n"\n  "username = a\\n"\n  "password = {WORD}\\n")\n',
    "python writes": f'f.write("[pypi]\\n")\nf.write("password={WORD}\\n")\n',
    "python list": f"lines = ['[pypi]', 'password = {WORD}']\n",
    "python bytes": f"b'{in_one_line(PYPI)}'",
    "groovy": f"writeFile file: '.pypirc', text: '''{PYPI}'''\n",
    "template literal": f"fs.writeFileSync(p, `{PYPI}`)\n",
    "sh in groovy": f"sh 'echo \"[pypi]\\npassword = {WORD}\" > ~/.pypirc'\n",
    "markdown": f"Put this there:\n\n```ini\n{PYPI}```\n\nThat is all.\n",
    "html": f"<pre>{PYPI}</pre>\n",
    "html in one line": f"<code>[pypi]<br>username = a<br>password = {WORD}</code>\n",
    "restructured text": f"::\n\n{indented(PRIVATE)}\nText.\n",
    "default in a reference": "[pypi]\npassword = ${PYPI_TOKEN:-" + WORD + "}\n",
    "default in jinja": "[pypi]\npassword = {{ x | default('" + WORD + "') }}\n",
    "dollar inside": "[pypi]\npassword = hT7x$kQ9vZ\n",
    "passphrase": "[pypi]\npassword = purple monkeys dishwasher\n",
    "weak": "[pypi]\npassword = Winter2024!\n",
    "backslash n in a plain value": "[pypi]\npassword = hT\\nx-kQ9vZ\n",
    "capital key of the obsolete section": f"[server-login]\nUSERNAME:me\nPASSWORD:{WORD}\n",
    "value below an empty line": f"[pypi]\npassword =\n\n    {WORD}\n",
    "value below a remark": f"[pypi]\npassword =\n    # mine\n    {WORD}\n",
    "no-break spaces": f"[pypi]\npassword\u00a0=\u00a0{WORD}\n",
    "sign of a remark in front": f"[pypi]\npassword = #{WORD}\n",
    "variable": f"PATH=/bin\nPYPIRC=[pypi]\npassword = {WORD}\nHOME=/home/me\n",
    "form field": f"a=b&file=[pypi]\npassword = {WORD}\n",
    "second server": f"[pypi]\npassword = ${{X}}\n\n[testpypi]\nusername = a\npassword = {WORD}\n",
}
SECRETS = {
    "next line with a sign": "hT7x=kQ9vZ", "dollar inside": "hT7x$kQ9vZ", "passphrase": "purple monkeys dishwasher", "weak": "Winter2024!",
    "backslash n in a plain value": "hT\\nx-kQ9vZ", "sign of a remark in front": "#" + WORD,
}


@pytest.mark.parametrize("name", LEAKS)
def test_a_password_is_found(name: str) -> None:
    times = 2 if name == "duplicate key" else 1
    assert found(LEAKS[name]) == [SECRETS.get(name, WORD).encode()] * times
    assert anchors.worth_reading(LEAKS[name].encode())


SAFE_VALUES = [
    "${{ secrets.PYPI_PASSWORD }}", "$PYPI_TOKEN", "${PYPI_TOKEN}", "$(cat ~/token)", "`cat ~/token`", "%PYPI_TOKEN%",
    "%(password)s", "%s", "{password}", "{0}", "{}", "{{ pypi_password }}", "<%= token %>", "@TOKEN@", "<your-token>",
    "<PyPI token>", "your-api-token", "YOUR_TOKEN_HERE", "pypi-...", "pypi-…", "pypi-xxxx", "pypi-<token>", "pypi-",
    "pypi-AgEIcHlwaS5vcmc...", "pypi-AgEIcHlwaS5vcmcCJDAw", "****", "xxxx", "[redacted]", '""', "''", "", "password",
    "changeme", "secret", "<password>", "your password", "# the token", "${PYPI_TOKEN}  # from the vault",
    "Your PyPI API token, including the pypi- prefix", "!vault |", "$env:PYPI_TOKEN", "${X:-}", "pypi-$TOKEN", "*",
    "CODEARTIFACT_AUTH_TOKEN", "JFROG_API_KEY", "ldap-password", "expired_token", "cached_password", "TOKEN_FROM_STEP_1",
    "the token you copied in step 2", "mi-token-secreto", "PASSWORD_OF_VAULT", "corp access key",
    "prodpass", "stevespassword",
]


@pytest.mark.parametrize("value", SAFE_VALUES)
@pytest.mark.parametrize("wrap", ["{}", "printf '{}' > x\n", 'echo "{}" > ~/.pypirc\n', '"""{}"""', "# {}"])
def test_a_safe_value_is_none(value: str, wrap: str) -> None:
    text = f"[pypi]\nusername = __token__\npassword = {value}\n"
    if "printf" in wrap:
        text = in_one_line(text)
    assert found(wrap.replace("{}", text)) == []


OTHERS = {
    "no section": f"password = {WORD}\n",
    "section of something else": f"[database]\nusername = a\npassword = {WORD}\n",
    "section after it": f"[pypi]\nusername = a\n[database]\npassword = {WORD}\n",
    "toml of poetry": f'[http-basic.private]\nusername = "a"\npassword = "{WORD}"\n',
    "a word before the key": f"[pypi]\nthe password = {WORD}\n",
    "another key": f"[pypi]\nmy_password = {WORD}\n",
    "a word before the header": f"see [pypi]\npassword = {WORD}\n",
    "prose": f"In the [pypi] section comes the text.\nThe password: {WORD}\n",
    "markdown link": f"[pypi]: https://pypi.org\npassword: {WORD}\n",
    "far away": PYPI.replace("password", "a = b\n" * 2000 + "password"),
    "after the here-document": f"cat > x <<EOF\n[pypi]\nusername = a\nEOF\npassword={WORD}\n",
    "after the fence": f"```\n[pypi]\nusername = a\n```\n\npassword = {WORD}\n",
    "after text": f"[pypi]\nusername = a\n\nAll of it\nis described\nin the manual\npassword: {WORD}\n",
    "distutils far away": "[distutils]\n" + "# filling\n" * 2000 + f"[a]\nusername = a\npassword = {WORD}\n",
    "concatenated": '"[pypi]\\npassword = " + token + "\\n"',
    "concatenated subscript": "w('[pypi]\npassword = ' + os.environ['PYPI_TOKEN'] + '\n')\n",
    "concatenated call": 'w("[pypi]\npassword = " + os.environ.get("PYPI_TOKEN") + "\n")\n',
    "concatenated in PHP": "w('[pypi]\npassword = ' . $config['pypi'] . '\n');\n",
    "command with quotes": 'echo -e "[pypi]\\npassword = $(cat "$TOKEN_FILE")" > ~/.pypirc\n',
    "command with quotes and a pipe": 'echo -e "[pypi]\\npassword = $(echo "$B64" | base64 -d)" > ~/.pypirc\n',
    "command in an echo of its own": 'echo "[pypi]" > f\necho "password = $(cat "$TOKEN_FILE")" >> f\n',
    "remark as a value": "[pypi]\npassword = #todo\n",
    "formatted": '"[pypi]\\npassword = %s\\n" % token',
    "empty in a row": 'w("[pypi]\\n"\n  "password = \\n"\n  "username = a\\n")\n',
    "key below an empty one": "[pypi]\npassword =\nusername = peterpan\n",
    "indented key below an empty one": "[pypi]\n  password =\n  username = peterpan\n",
    "python list": f"x[pypi]\npassword = {WORD}\n",
    "template in compiled code": "[distutils]\nindex-servers = mine\n\n[mine]\npassword: {token}Nc\x08\0\0\0",
    "empty": "",
}


@pytest.mark.parametrize("name", OTHERS)
def test_other_text_is_none(name: str) -> None:
    assert found(OTHERS[name]) == []


@pytest.mark.parametrize("protocol", range(1, 6))
@pytest.mark.parametrize("before", ["", "\n", "# mine\n"])
def test_a_file_in_a_pickle_is_found(protocol: int, before: str) -> None:
    (secret,) = found(pickle.dumps(["x", before + PYPI], protocol))
    assert secret == WORD.encode()


@pytest.mark.parametrize("before", [".pypirc", "", "/root/.pypirc 0600 "])
def test_a_file_in_a_record_is_found(before: str, tmp_path: pathlib.Path) -> None:
    database = sqlite3.connect(tmp_path / "files.db")
    database.execute("create table files(name, content)")
    database.execute("insert into files values(?, ?)", (before, PYPI))
    database.commit()
    database.close()
    data = (tmp_path / "files.db").read_bytes()
    assert found(data) == found(plistlib.dumps({before: PYPI}, fmt=plistlib.FMT_BINARY)) == [WORD.encode()]
    assert anchors.worth_reading(data)


@pytest.mark.parametrize("end", ["</PRE>\\t\\N", "<\\/pre>\", \"version\": \"1.2\"", "<br />\\nand so on"])
@pytest.mark.parametrize("value", [WORD, "&lt;&lt;&gt;&gt;", "<your password>", "changeme"])
def test_a_value_in_a_string_ends_where_its_element_ends(value: str, end: str) -> None:
    text = f"<PRE>\\n    [pypi]\\n    username: bob\\n    password: {value}{end}"
    assert found(f'"{text}"\n') == found(f"1\t{text}\n") == [WORD.encode()] * (value == WORD)


@pytest.mark.parametrize("value", [WORD, *SAFE_VALUES])
def test_a_string_of_a_pickle_ends_where_it_ends(value: str) -> None:
    text = f"[pypi]\nusername = __token__\npassword = {value}"
    held = pickle.dumps([text, {"language": "ini"}, text + "\n", bytes((65,))], 5)
    assert found(held) == [WORD.encode()] * 2 * (value == WORD)


@pytest.mark.parametrize(
    "password", ["bluemonday", "purple-monkeys-dishwasher", "Swordfish", "key-to-heaven", "corp-token-x7Kd9", "secretgarden"]
)
def test_a_weak_password_is_one(password: str) -> None:
    assert found(PYPI.replace(WORD, password)) == [password.encode()]
@pytest.mark.parametrize("cut", [0, -20])
def test_a_token_is_left_to_its_own_rule(cut: int) -> None:
    token = mint.token()
    assert found(f"[pypi]\npassword = {token[: cut or None]}\n") == []


def test_the_place_is_the_value() -> None:
    data = PRIVATE.encode()
    (match,) = pypirc_password.find(data)
    assert data[match.start : match.end] == WORD.encode() == match.secret.reveal()
    assert (match.rule, match.confidence, match.what) == ("pypirc-password", "certain", "section [private]")
    assert WORD not in repr(match)


@settings(max_examples=300, deadline=None)
@given(value=st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=24))
def test_what_twine_would_send_is_found(value: str) -> None:
    """Of any password that twine reads in a whole file, what is found is it or the most of it."""
    text = f"[pypi]\nusername = me\npassword = {value}\n"
    entry = pypirc.parse(text).get("pypi", "password")
    if entry is None or any(sign in value for sign in "\"'`#;<") or placeholders.is_safe(value) or placeholders.is_example(value):
        return
    assert found(text) == [value.encode()]


@settings(max_examples=300, deadline=None)
@given(data=st.one_of(st.binary(max_size=200), st.text(max_size=200).map(str.encode)))
def test_nothing_raises(data: bytes) -> None:
    for text in (data, PYPI.encode() + data, data + PRIVATE.encode(), b"[pypi]\npassword = " + data):
        for match in pypirc_password.find(text):
            assert text[match.start : match.end] == match.secret.reveal()
            assert anchors.worth_reading(text)


@pytest.mark.parametrize(
    "data",
    [
        b"[" * 200_000, b"[a]" * 70_000, b"[a]\n" * 50_000 + b"password = x", b"password = " * 20_000,
        PYPI.encode() * 3_000, b"[pypi]\n" + b"index-servers =" * 10_000 + b"password=a", b"\\" * 200_000,
        b'[pypi]\npassword = "' + b'"' * 200_000, b"[pypi]\npassword = " + b"'" * 200_000, b"echo " * 40_000,
    ],
    ids=range(10),
)
def test_hostile_text_ends(data: bytes) -> None:
    assert len(list(pypirc_password.find(data + b"password = "))) >= 0


def test_base64_of_a_file_is_found_by_the_reading() -> None:
    data = base64.b64encode(PRIVATE.encode())
    assert found(base64.b64decode(data)) == [WORD.encode()]
    assert anchors.worth_reading(data)


@pytest.mark.parametrize("name", [name for name, text in LEAKS.items() if WORD in text])
def test_passwords_of_every_sort(name: str) -> None:
    """Where nothing around the text gives a sign a meaning of its own, the password may have it."""
    plain = name in ("the file", "private server", "colon", "windows", "here-document quoted", "next line", "yaml block")
    for sort, password in media.PASSWORDS.items():
        signs = set(password) & set("'\"`\\ #;<>&|$(){}[]%")
        if not password.startswith("pypi-") and (not signs or (plain and not signs & set("'\"`"))):
            sign = "#" if name == "sign of a remark in front" else ""
            expected = [(sign + password).encode()] * (2 if name == "duplicate key" else 1)
            assert found(LEAKS[name].replace(WORD, password)) == expected, sort


@pytest.mark.parametrize("name", [name for name, text in LEAKS.items() if WORD in text and not name.startswith("default in")])
def test_safe_forms_in_every_wrapping(name: str) -> None:
    for value in (*SAFE_VALUES, *media.SAFE):
        if "'" not in value and '"' not in value:
            assert found(LEAKS[name].replace(WORD, value)) == [], value


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "utf-8-sig"])
@pytest.mark.parametrize("text", [f"[pypi]\npassword={WORD}\n", PYPI, PRIVATE], ids=["short", "pypi", "private"])
def test_a_file_in_wide_text_is_found_however_small(text: str, encoding: str) -> None:
    report = model.empty_report()
    known = examination.settings((), None, file_names=False)
    data = text.encode(encoding)
    assert known.ask.worth_reading(data) and anchors.worth_reading(data)
    examination.examine(model.Blob(data, model.Place("a file")), known, report)
    assert [finding.secret for finding in report.findings] == [model.Secret(WORD.encode())]
