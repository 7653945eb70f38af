"""Whether text shows a secret: a secret and what was printed in; it asserts that no eight characters of it are to be read there."""
from __future__ import annotations

import binascii
import json
import re
from collections.abc import Iterator
from urllib.parse import unquote

CONSTANTS = (
    "pypi-AgEIcHlwaS5vcmc", "pypi-AgENdGVzdC5weXBpLm9yZw", "pypi-AgEPdXBsb2FkLnB5cGkub3Jn", "pypi-AgE",
    "devpi-AgE",
)
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{11,}")
_HEX = re.compile(r"[0-9A-Fa-f]{16,}")


def body_of(secret: str) -> str:
    """Returns the secret without what all tokens begin with."""
    return secret[len(next((c for c in CONSTANTS if secret.startswith(c)), "")) :]


def shown_of(body: str, view: str) -> set[str]:
    """Returns every eight characters of the secret that stand in the view."""
    # eight of them hold five that begin at a multiple of four, which are looked for sooner
    if not any(body[at : at + 5] in view for at in range(0, len(body) - 4, 4)):
        return set()
    return {body[at : at + 8] for at in range(len(body) - 7) if body[at : at + 8] in view}


def views(text: str) -> Iterator[str]:
    """The text as it stands and as a reader may decode it: also what wrapped lines, base64 and hexadecimal hold."""
    yield text
    yield unquote(text)
    yield "".join(text.split())
    yield re.sub(r"\\u(00[0-9a-f]{2})", lambda found: chr(int(found[1], 16)), text)
    runs = [found[start:] for found in _BASE64.findall(text.translate({45: 43, 95: 47})) for start in range(4)]
    yield "\0".join(binascii.a2b_base64(run[: len(run) // 4 * 4]).decode("latin-1") for run in runs)
    runs = [found[start:] for found in _HEX.findall(text) for start in range(2)]
    yield "\0".join(bytes.fromhex(run[: len(run) // 2 * 2]).decode("latin-1") for run in runs)
    try:
        yield json.dumps(json.loads(text), ensure_ascii=False)
    except ValueError:
        return


def assert_hidden(secret: str, text: str) -> None:
    """Asserts that the text shows no eight characters of the secret, as it stands or decoded."""
    body = body_of(secret)
    for view in views(text):
        shown = shown_of(body, view)
        assert not shown, shown
