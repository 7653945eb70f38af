"""The same leaks for every scanner: who finds which? Writes the table of docs/comparison.md.

Usage: python bench/compare.py [--write]. Scanners are taken from PATH or from the folder named by SCANNERS:
`betterleaks`, `kingfisher`, `gitleaks`, `detect-secrets`; one that is not there is left out. Each is run with
its own defaults, every validation over the network switched off. Samples are minted for the run.
"""
from __future__ import annotations

import base64
import gzip
import io
import json
import os
import pathlib
import quopri
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import tempfile
import zipfile
from collections.abc import Callable

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))

from tests import mint

PAGE = pathlib.Path(__file__).parent.parent / "docs" / "comparison.md"
PASSWORD = "-".join(("vT4rk", "82mQx", "Lw9sp"))  # for the leaks that are no token


def zipped(content: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("settings.py", content)
    return stream.getvalue()


def tarred(content: bytes) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as archive:
        member = tarfile.TarInfo("settings.py")
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))
    return stream.getvalue()


def samples() -> list[tuple[str, str, bytes]]:
    """Returns (family, file name, content): one leak each."""
    shapes = mint.shapes(7)
    user = mint.token(seed=7)
    plain = user.encode()
    half = len(user) // 2
    result = [(f"plain: {kind}, pypi.org", f"{kind}.py", f"T = '{mint.token('pypi.org', caveats, seed=n)}'\n".encode())
              for n, (kind, caveats) in enumerate(shapes.items())]
    result += [(f"plain: user token of {host}", f"{host}.py", f"T = '{mint.token(host, seed=9)}'\n".encode())
               for host in mint.HOSTS[1:]]
    result += [
        ("plain: devpi token", "devpi.py", mint.token("devpi.example.com", [], "devpi-", 9).encode()),
        ("plain: without its prefix", "bare.py", b"BODY = '" + plain[5:] + b"'\n"),
        ("plain: glued to other text", "glued.sh", b"twine upload -p" + plain + b"xyz\n"),
        ("file: poetry.lock", "poetry.lock", b"# " + plain + b"\n"),
        ("file: an image", "logo.png", b"\x89PNG\r\n\x1a\n\0\0\0\0" + plain + b"\0\xff\xfe"),
        ("file: compiled Python", "cached.pyc", b"\xa7\r\r\n\0\0\0\0\0\0\xe3\0" + plain + b"\xa9\0\xfa"),
        ("file: minified JavaScript", "app.min.js", b"var a=1;" * 3000 + b"t='" + plain + b"'"),
        ("file: notebook", "run.ipynb", json.dumps({"cells": [{"source": [f"t = \"{user}\"\n"]}]}).encode()),
        ("encoded: UTF-16", "utf16.txt", f"token = {user}\r\n".encode("utf-16")),
        ("encoded: UTF-32", "utf32.txt", f"token = {user}\r\n".encode("utf-32")),
        ("encoded: base64", "secret.yaml", b"data:\n  token: " + base64.b64encode(b"t=" + plain) + b"\n"),
        ("encoded: base64, wrapped", "mail.txt", base64.encodebytes(b"password = " + plain)),
        ("encoded: base64 of base64", "twice.txt", base64.b64encode(base64.b64encode(plain))),
        ("encoded: HTTP Basic header", "curl.sh",
         b"curl -H 'Authorization: Basic " + base64.b64encode(b"__token__:" + plain) + b"'\n"),
        ("encoded: hexadecimal", "hex.txt", plain.hex().encode()),
        ("encoded: percent", "url.txt", ("".join(f"%{c:02X}" for c in plain)).encode()),
        ("encoded: \\u escapes", "escaped.json", ("\"" + "".join(f"\\u{c:04x}" for c in plain) + "\"").encode()),
        ("encoded: HTML references", "page.html", "".join(f"&#{c};" for c in plain).encode()),
        ("encoded: quoted-printable", "mail.eml", quopri.encodestring(b"x" * 40 + b"=" + plain)),
        ("split: two string literals", "split.py", f't = "{user[:half]}" "{user[half:]}"\n'.encode()),
        ("split: with a plus sign", "plus.js", f't = "{user[:5]}" +\n  "{user[5:]}";\n'.encode()),
        ("split: backslash at the end of line", "cont.sh", f"T={user[:60]}\\\n{user[60:]}\n".encode()),
        ("split: wrapped at 60 columns", "wrap.log",
         "\n".join(user[i : i + 60] for i in range(0, len(user), 60)).encode()),
        ("archive: wheel", "demo-1.0-py3-none-any.whl", zipped(plain)),
        ("archive: sdist", "demo-1.0.tar.gz", tarred(plain)),
        ("archive: gzip", "log.gz", gzip.compress(plain)),
        ("archive: zip in zip", "outer.zip", zipped(zipped(plain))),
        ("a password: .pypirc", "pypirc", f"[pypi]\nusername = me\npassword = {PASSWORD}\n".encode()),
        ("a password: index URL in requirements", "requirements.txt",
         f"--extra-index-url https://ci:{PASSWORD}@pypi.corp.net/simple\n".encode()),
        ("a password: index URL in uv.lock", "uv.lock",
         f'source = {{ registry = "https://ci:{PASSWORD}@pypi.corp.net/simple" }}\n'.encode()),
        ("a password: TWINE_PASSWORD in YAML", "ci.yml", f"env:\n  TWINE_PASSWORD: {PASSWORD}\n".encode()),
        ("a password: Dockerfile ENV", "Dockerfile", f"ENV UV_INDEX_CORP_PASSWORD={PASSWORD}\n".encode()),
    ]  # fmt: skip
    return result


def tool(name: str) -> str | None:
    folders = [os.environ.get("SCANNERS", ""), sysconfig.get_path("scripts"), os.environ.get("PATH", "")]
    return shutil.which(name, path=os.pathsep.join(folders))


def output(*command: str, cwd: str) -> bytes:
    return subprocess.run(command, cwd=cwd, capture_output=True, check=False).stdout


def ours(folder: str) -> set[str]:
    program = tool("detect-pypi-token") or "detect-pypi-token"
    document = json.loads(output(program, "--format", "json", "--no-own", ".", cwd=folder))
    return {os.path.basename(finding["path"]) for finding in document["findings"]}


def betterleaks(folder: str) -> set[str]:
    program = tool("betterleaks") or ""
    lines = output(program, "dir", ".", "--jsonl", "--no-banner", "-o", "-", cwd=folder).splitlines()
    return {name for line in lines for name in names_in(line)}


def kingfisher(folder: str) -> set[str]:
    program = tool("kingfisher") or ""
    return names_in(output(program, "scan", ".", "--no-validate", "--format", "json", cwd=folder))


def detect_secrets(folder: str) -> set[str]:
    program = tool("detect-secrets") or ""
    return set(json.loads(output(program, "scan", "--all-files", ".", cwd=folder))["results"])


def gitleaks(folder: str) -> set[str]:
    program = tool("gitleaks") or ""
    command = (program, "dir", ".", "--report-format", "json", "--report-path", "-", "--max-archive-depth", "8")
    return names_in(output(*command, cwd=folder))


def names_in(text: bytes) -> set[str]:
    """Returns which of the sample files a report names."""
    said = text.decode("utf-8", "replace")
    return {name for _, name, _ in samples() if f"/{name}" in said or f'"{name}"' in said or f"{name}!" in said}


SCANNERS: dict[str, Callable[[str], set[str]]] = {
    "detect-pypi-token": ours,
    "betterleaks": betterleaks,
    "kingfisher": kingfisher,
    "gitleaks": gitleaks,
    "detect-secrets": detect_secrets,
}
VERSION = {"betterleaks": "--version", "kingfisher": "--version", "gitleaks": "version"}


def table() -> str:
    """Runs every scanner that is there over the samples and returns the table as Markdown."""
    leaks = samples()
    with tempfile.TemporaryDirectory() as folder:
        for _, name, content in leaks:
            pathlib.Path(folder, name).write_bytes(content)
        found = {name: scan(folder) for name, scan in SCANNERS.items() if tool(name)}
    rows = ["| leak | " + " | ".join(found) + " |", "|---|" + "---|" * len(found)]
    for family, name, _ in leaks:
        rows.append(f"| {family} | " + " | ".join("yes" if name in seen else "–" for seen in found.values()) + " |")
    rows.append("| **found** | " + " | ".join(f"**{len(seen)} of {len(leaks)}**" for seen in found.values()) + " |")
    return "\n".join(rows) + "\n"


def main() -> None:
    made = table()
    if "--write" in sys.argv:
        head, _, _ = PAGE.read_text().partition("<!-- table -->\n")
        PAGE.write_text(head + "<!-- table -->\n" + made)
    print(made)


if __name__ == "__main__":
    main()
