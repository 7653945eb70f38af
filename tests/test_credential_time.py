"""Hostile text: every rule for passwords, and every reader of a tool's file, takes time in proportion to its length."""
from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from pypi_token_hooks import harvest
from pypi_token_hooks.credentials import placeholders
from pypi_token_hooks.credentials import pypirc
from pypi_token_hooks.credentials import pypirc_health
from pypi_token_hooks.credentials import pypirc_sound
from pypi_token_hooks.credentials import toml
from pypi_token_hooks.detectors import index_credential
from pypi_token_hooks.detectors import pypirc_password
from pypi_token_hooks.readings import spans

# what the patterns are made of: text of nothing but one piece keeps them at work to the end, or makes them try again
PIECES = (
    '"password" :', "auth=(", "://", "@", "[a]\n", "curl ", "[pypi]\n", ">[pypi]>", ">password=aQ1x", "password=aQ1x\n",
    "index-servers=", "\\n", "\\", '"', "'", "`", "echo ", "echo password=a", "__token__ ", '__token__", ', "__token__:",
    "set_password(a,", "Settings(a,", "https://a:b@", "https://bob:k7Rq2mVx9@x ", "https://bob:k7Rq2mVx9@x/simple\n",
    "curl -u bob:k7Rq2mVx9 x ", "Authorization: ", "X-Devpi-Auth:", "machine a login ", "machine pypi.org password a ",
    "pypirc", "password = kQ9vZhT7x > pypirc ", "twine upload ", "twine upload -p kQ9vZhT7x ", "twine upload \\\n",
    'poetry config http-basic.x kQ9vZhT7xKq2 "" ', '[http-basic.x]\nusername = "kQ9vZhT7xKq2"\npassword = ""\n', "$(twine) upload -p a ",
    'echo "password=" a > pypirc ', "PYPI_TOKEN string", "PYPI_TOKEN As string = ", "$(PYPI_TOKEN):a ", "extra_index_urls = [",
    "poetry config http-basic.x ", "[http-basic.x]\n", '[http-basic.x]\npassword = "kQ9vZhT7x"\n', "provider: pypi ",
    "provider: pypi password: kQ9vZhT7x ", "uses: x/pypi", "TWINE_PASSWORD", "TWINE_PASSWORD=", "TWINE_PASSWORD=kQ9vZhT7x ",
    "${TWINE_PASSWORD:-", "name: TWINE_PASSWORD ", "value: a, name: TWINE_PASSWORD ", "pypi_token: str = ", "pypi-",
    "index-url =\n", "index-url =\n" + (" " * 30 + "\n") * 3, " " * 40 + "\n", "[[source]]\nurl = ", "registry = [", "(",
    "{", "${", "{{", "[", "<", "$(a)", "{a}", "__a", "'a', ", "a:a.", " ", "\r", "a =\n  b\n", "\n", "/simple", "://{",
    '"[pypi]\n', "index-url: a\r\n" + " a\r\n" * 24 + "b ://", "index-url: a\r\n" + " a\r\n" * 24 + "b https://bob:k7Rq2mVx9@x ",
    "name: TWINE_PASSWORD value=", "value=, name: TWINE_PASSWORD ", "PYPI_PASSWORD", "pypi-__token__", "TOK_PYPIx-", "TWINE_PASSWORD={",
    "echo a | gh secret set ", "secret set --a b PYPI_TOKEN ", "PYPI_TOKEN <<< ", "echo kQ9vZhT7x | gh secret set PYPI_TOKEN ",
    "--name /a/PYPI_TOKEN ", "--from-literal=password=kQ9vZhT7x ", "pypirc line: ", "pypirc\na: b\n", "$(TWINE) upload -p a ",
    "maturin-action@v1 with: ", "maturin-action@v1 with: a: b ", "maturin-action@v1 with: command: publish\nargs: -p\n",
    'auth": {', '"https://a": ["b", "kQ9vZhT7x"], ', 'auth": {"https://a": ["b", "',
    "https://b:c,", "https://b:'c", "- --index\n- a=", "UV_INDEX: >\n a\n", "[[source]]\na = [b]\n", "machine pypi.a # b\n",
    "\ndefault # b\n", "PYPI_TOKEN=('a", '"git": "https://b:kQ9vZhT7x@c",', "index-url=\"\n",
    "twine upload args args=(-p a) ", "args=(-p a\n", "pypi: ", "pypi:\n  user: b\n", "twine: {\n", "pypi.token=a\n", "PYPI_TOKEN,a\n",
    "| PYPI_TOKEN | a |\n", "| PYPI_TOKEN | " + "abcdefghijkl-" * 12 + "K1K1K1 |\n", "| PYPI_TOKEN | " + "-" * 150 + "K1K1K1 |\n",
    "<td>PYPI_TOKEN</td>", "<b>PYPI_TOKEN</b><i>", "hostType: pypi encrypted:{ token:", "matchHost: pypi.a token: ",
    "[[sources]]\nurl = http", "devpi-server --root-passwd ", "pdm config repository.{a}.{{", "{a}.a", '("-p", "--pypi-token", ', '"-p", ',
)
BEFORE = "pypi __token__ /simple twine pypirc [pypi] http-basic\n"  # what makes the rules look at all
SIZE = 4000
MOST = 60e-6  # seconds of a processor for a byte, many times what it takes; a pattern that tries every split takes years


def _sections(text: str) -> object:
    return pypirc_health.checks(pypirc_health.read(text.encode(), "utf-8"))


READERS: dict[str, Callable[[str], object]] = {
    "index-credential": lambda text: list(index_credential.find(text.encode())),
    "pypirc-password": lambda text: list(pypirc_password.find(text.encode())),
    "pypirc": pypirc.parse,
    "health": _sections,
    "sound": pypirc_sound.is_sound,
    "toml": toml.parse,
    "netrc": lambda text: harvest.READERS["netrc"](text, "a file", harvest.Findings()),
    "ini": lambda text: harvest.READERS["ini"](text, "a file", harvest.Findings()),
    "keyring": lambda text: harvest.READERS["keyring"](text, "a file", harvest.Findings()),
    "placeholders": lambda text: [placeholders.is_safe(text[at : at + 2048]) for at in range(0, len(text), 2048)],
}


def _seconds(read: Callable[[str], object], text: str) -> float:
    """Returns what reading takes, the least of two times: the machine has other work, too."""
    taken = []
    for _ in range(2):
        before = time.process_time()
        read(text)
        taken.append(time.process_time() - before)
    return min(taken)


@pytest.mark.parametrize("reader", READERS)
def test_time_is_in_proportion_to_length(reader: str) -> None:
    for piece in PIECES:
        for before in ("", BEFORE):
            text = before + (piece * SIZE)[:SIZE]
            taken = _seconds(READERS[reader], text)
            assert taken < MOST * SIZE, piece
            if taken > 0.02:
                assert _seconds(READERS[reader], before + (piece * SIZE)[: 4 * SIZE]) < 8 * taken, piece


def test_what_stands_between_two_strings_takes_time_in_proportion_to_its_length() -> None:
    ends = ((0, 0), (SIZE, SIZE))
    text = ('"' + " " * SIZE)[: SIZE - 2] + 'x"'
    assert _seconds(lambda text: spans.is_sound(text.encode(), ends), text) < MOST * SIZE


@pytest.mark.parametrize("start", ["a = [", "a." * 9_000 + "a = {", '"' + "a" * 18_000 + '" = {'], ids=["array", "parts", "long key"])
@pytest.mark.parametrize(
    "piece", ["b ", "1, ", "'", '"a".', "'''a''' . ", "[", "{a=", "a.", "{a={b='c',", "b = 'x', ", "[1, 2], ", "a \t"]
)
def test_a_long_line_of_toml_takes_time_in_proportion_to_its_length(start: str, piece: str) -> None:
    few, many = (start + (piece * size)[:size] for size in (20_000, 80_000))
    assert _seconds(toml.parse, many) < 8 * _seconds(toml.parse, few) + 0.02


@pytest.mark.parametrize("body", ["repository=https://h/\n", "password={0}aQ1xB7\n", "password={0}a\n"])
def test_many_sections_of_a_pypirc_take_time_in_proportion_to_their_number(body: str) -> None:
    few, many = ("".join(f"[s{number}]\n" + body.format(number) for number in range(count)) for count in (500, 2000))
    assert _seconds(_sections, many) < 8 * _seconds(_sections, few) + 0.02
