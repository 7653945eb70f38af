"""The samples that every scanner is given: leaks, one a file, and texts that look like one and are none.

Each has a token or password of its own, minted for the run, so that no scanner takes two of them for one.
"""
from __future__ import annotations

import base64
import gzip
import io
import itertools
import json
import pathlib
import quopri
import random
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from typing import NamedTuple

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))

from tests import mint

SEED = 7


class Sample(NamedTuple):
    """What it is, the name of its file, and what the file holds."""

    family: str
    name: str
    content: bytes


def _zipped(content: bytes, name: str = "settings.py") -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return stream.getvalue()


def _tarred(content: bytes) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as archive:
        member = tarfile.TarInfo("settings.py")
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))
    return stream.getvalue()


def _tokens() -> Iterator[str]:
    """Yields account-wide tokens of PyPI, all different."""
    return (mint.token(seed=SEED + number) for number in itertools.count())


def _plain() -> Iterator[Sample]:
    """Yields tokens as they stand, of every kind and index."""
    for number, (kind, caveats) in enumerate(mint.shapes(SEED).items()):
        token = mint.token("pypi.org", caveats, seed=1000 + number)
        yield Sample(f"token of pypi.org, {kind}", f"{kind}.py", f"PYPI_TOKEN = '{token}'\n".encode())
    for number, host in enumerate(mint.HOSTS[1:]):
        text = f"PYPI_TOKEN = '{mint.token(host, seed=2000 + number)}'\n"
        yield Sample(f"token of {host}", f"{host}.py", text.encode())
    devpi = mint.token("devpi.example.com", [], "devpi-", 3000)
    yield Sample("token of devpi", "devpi.py", f"TOKEN = '{devpi}'\n".encode())


def _files(token: Iterator[str]) -> Iterator[Sample]:
    """Yields tokens as they stand in files of many kinds."""
    yield Sample("without its prefix", "bare.py", f"PYPI_TOKEN = '{next(token)[5:]}'\n".encode())
    glued = f"twine upload -p{next(token)}xyz\n"  # pragma: allowlist secret
    yield Sample("other text glued to it", "glued.sh", glued.encode())
    yield Sample("in a lock file", "poetry.lock", f"# {next(token)}\n".encode())
    image = b"\x89PNG\r\n\x1a\n\0\0\0\0" + next(token).encode() + b"\0\xff\xfe"
    yield Sample("in an image", "logo.png", image)
    compiled = b"\xa7\r\r\n\0\0\0\0\0\0\xe3\0" + next(token).encode() + b"\xa9\0\xfa"
    yield Sample("in compiled Python", "cached.pyc", compiled)
    yield Sample("in minified JavaScript", "app.min.js", b"var a=1;" * 3000 + f"t='{next(token)}'".encode())
    cells = {"cells": [{"source": [f'token = "{next(token)}"\n']}]}
    yield Sample("in a notebook", "run.ipynb", json.dumps(cells).encode())


def _encoded(token: Iterator[str]) -> Iterator[Sample]:
    yield Sample("UTF-16", "utf16.txt", f"token = {next(token)}\r\n".encode("utf-16"))
    yield Sample("UTF-32", "utf32.txt", f"token = {next(token)}\r\n".encode("utf-32"))
    manifest = b"data:\n  token: " + base64.b64encode(b"t=" + next(token).encode()) + b"\n"
    yield Sample("base64", "secret.yaml", manifest)
    yield Sample("base64, wrapped", "mail.txt", base64.encodebytes(b"password = " + next(token).encode()))
    yield Sample("base64 of base64", "twice.txt", base64.b64encode(base64.b64encode(next(token).encode())))
    basic = base64.b64encode(b"__token__:" + next(token).encode()).decode()
    yield Sample("HTTP Basic header", "curl.sh", f"curl -H 'Authorization: Basic {basic}'\n".encode())
    yield Sample("hexadecimal", "hex.txt", next(token).encode().hex().encode())
    yield Sample("percent-encoding", "url.txt", "".join(f"%{ord(c):02X}" for c in next(token)).encode())
    escaped = "".join(f"\\u{ord(c):04x}" for c in next(token))
    yield Sample("\\u escapes", "escaped.json", f'"{escaped}"'.encode())
    yield Sample("HTML references", "page.html", "".join(f"&#{ord(c)};" for c in next(token)).encode())
    yield Sample("quoted-printable", "mail.eml", quopri.encodestring(b"x" * 40 + b"=" + next(token).encode()))


def _split(token: Iterator[str]) -> Iterator[Sample]:
    first, second, third, fourth = (next(token) for _ in range(4))
    half = len(first) // 2
    yield Sample("two string literals", "split.py", f't = "{first[:half]}" "{first[half:]}"\n'.encode())
    yield Sample("joined with a plus sign", "plus.js", f't = "{second[:5]}" +\n  "{second[5:]}";\n'.encode())
    yield Sample("backslash at the end of a line", "cont.sh", f"T={third[:60]}\\\n{third[60:]}\n".encode())
    lines = [fourth[i : i + 60] for i in range(0, len(fourth), 60)]
    yield Sample("wrapped at 60 columns", "wrap.log", "\n".join(lines).encode())


def _packed(token: Iterator[str]) -> Iterator[Sample]:
    yield Sample("in a wheel", "demo-1.0-py3-none-any.whl", _zipped(f"T = '{next(token)}'\n".encode()))
    yield Sample("in an sdist", "demo-1.0.tar.gz", _tarred(f"T = '{next(token)}'\n".encode()))
    yield Sample("in gzip", "upload.log.gz", gzip.compress(f"T = '{next(token)}'\n".encode()))
    inner = _zipped(f"T = '{next(token)}'\n".encode())
    yield Sample("in a zip in a zip", "outer.zip", _zipped(inner, "inner.zip"))


def _passwords() -> Iterator[Sample]:
    letters = random.Random(SEED)
    signs = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
    word = ("".join(letters.choices(signs, k=14)) for _ in itertools.count())
    yield Sample("a .pypirc under another name", "release.cfg", f"[pypi]\nusername = me\npassword = {next(word)}\n".encode())
    line = f"--extra-index-url https://ci:{next(word)}@pypi.corp.net/simple\n"
    yield Sample("index URL in requirements", "requirements.txt", line.encode())
    line = f'source = {{ registry = "https://ci:{next(word)}@pypi.corp.net/simple" }}\n'
    yield Sample("index URL in uv.lock", "uv.lock", line.encode())
    yield Sample("a variable in YAML", "ci.yml", f"env:\n  TWINE_PASSWORD: {next(word)}\n".encode())
    yield Sample("ENV of a Dockerfile", "Dockerfile", f"ENV UV_INDEX_CORP_PASSWORD={next(word)}\n".encode())


def leaks() -> list[Sample]:
    """Returns the leaks: a scanner is to name each file."""
    token = _tokens()
    groups = (
        ("plain", _plain()), ("file", _files(token)), ("encoded", _encoded(token)), ("split", _split(token)),
        ("packed", _packed(token)), ("password", _passwords()),
    )
    return [made._replace(family=f"{group}: {made.family}") for group, samples in groups for made in samples]


def lookalikes() -> list[Sample]:
    """Returns what is no leak: a scanner is to name none of these files."""
    token = mint.token(seed=4000)
    return [
        Sample("a token cut short, as in docs", "docs.md", f"password = {token[:60]}...\n".encode()),
        Sample("a token cut short, its end missing", "cut.txt", f"TOKEN={token[:-20]}\n".encode()),
        Sample("a beginning, then a placeholder", "env.example", f"PYPI_TOKEN={token[:21]}{'X' * 140}\n".encode()),
        Sample("a secret of the CI system", "publish.yml", b"TWINE_PASSWORD: ${{ secrets.PYPI_API_TOKEN }}\n"),
        Sample("a variable with a dummy", "tox.ini", b"TWINE_PASSWORD = ${TWINE_PASSWORD:-changeme}\n"),
        Sample("a pattern that finds tokens", "rule.toml", token[:16].encode() + rb"[A-Za-z0-9\-_]{50,1000}" + b"\n"),
        Sample("a dummy in an index URL", "readme.rst", b"pip install -i https://user:password@pypi.example.com/simple\n"),
    ]
