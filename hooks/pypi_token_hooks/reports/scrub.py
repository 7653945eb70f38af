"""Text from outside in, text to show out: nothing of a secret in it, nothing that a terminal obeys."""
from __future__ import annotations

import base64
import re
from collections.abc import Iterable
from collections.abc import Iterator

HIDDEN = "***"
WINDOW = 8  # characters: a run of a secret this long is never shown
BLOCK = WINDOW // 2  # every run of WINDOW characters holds one aligned block of this length

# base64 of `2, 1, length, host`: all of a token that is the same for everybody
CONSTANTS = ("AgEIcHlwaS5vcmc", "AgENdGVzdC5weXBpLm9yZw", "AgEPdXBsb2FkLnB5cGkub3Jn")
_CONSTANT = re.compile(rf"(?:pypi-|devpi-)?(?:{'|'.join(CONSTANTS)})|(?:pypi|devpi)-AgE")
_TOKEN_SHAPED = re.compile(rf"({_CONSTANT.pattern})[A-Za-z0-9_+=-]{{{WINDOW},}}")
_USERINFO = re.compile(r"(?<=://)[^/?#\s@]+(?=@)")
_SURROGATE = re.compile("[\ud800-\udfff]")
_RUNNER_COMMAND = re.compile(r"(?:^|(?<=\s)):|#(?=#[a-z]*\[)")


def constant_prefix(value: str) -> str:
    """Returns what all tokens of the same index begin with, or nothing."""
    found = _CONSTANT.match(value)
    return found[0] if found else ""


def _encodings(body: bytes) -> Iterator[str]:
    """Yields the encodings in which a path can hold a secret; only characters that are wholly its own."""
    for shift in range(3):
        encoded = base64.b64encode(bytes(shift) + body).decode("ascii")
        inner = encoded[-(-shift * 8 // 6) : (shift + len(body)) * 8 // 6]
        yield inner
        yield inner.replace("+", "-").replace("/", "_")
    yield body.hex()
    yield body.hex().upper()
    yield "".join(f"%{byte:02X}" for byte in body)
    yield "".join(f"%{byte:02x}" for byte in body)


class Scrubber:
    """Hides every run of eight characters of the secrets, and whatever looks like a token, in any text."""

    def __init__(self, secrets: Iterable[tuple[bytes, bool]]) -> None:
        """`secrets` are values, each with whether its encodings are to be hidden too."""
        self._blocks: dict[str, list[tuple[str, int]]] = {}
        for value, encoded in set(secrets):
            text = value.decode("utf-8", "surrogateescape")
            body = text[len(constant_prefix(text)) :]
            self._learn(body)
            if encoded:
                for form in _encodings(body.encode("utf-8", "surrogateescape")):
                    self._learn(form)

    def _learn(self, body: str) -> None:
        for at in range(0, len(body) - BLOCK + 1, BLOCK):
            self._blocks.setdefault(body[at : at + BLOCK], []).append((body, at))

    def _runs(self, text: str) -> Iterator[tuple[int, int]]:
        """Yields the stretches of `text` that are stretches of a secret too."""
        for at in range(len(text) - BLOCK + 1):
            for body, start in self._blocks.get(text[at : at + BLOCK], ()):
                low = 0
                while low < min(at, start) and text[at - low - 1] == body[start - low - 1]:
                    low += 1
                high = BLOCK
                room = min(len(text) - at, len(body) - start)
                while high < room and text[at + high] == body[start + high]:
                    high += 1
                if low + high >= min(WINDOW, len(body)):
                    yield at - low, at + high

    def __call__(self, text: str) -> str:
        text = _TOKEN_SHAPED.sub(rf"\1{HIDDEN}", text)
        shown = []
        position = 0
        for start, end in sorted(self._runs(text)) if self._blocks else ():
            if end <= position:
                continue
            if start >= position:
                shown += [text[position:start], HIDDEN]
            position = end
        shown.append(text[position:])
        result = "".join(shown)
        return _USERINFO.sub(HIDDEN, result) if "://" in result else result


def _surrogate(found: re.Match[str]) -> str:
    code = ord(found[0])
    return f"\\x{code - 0xDC00:02x}" if 0xDC80 <= code <= 0xDCFF else f"\\u{code:04x}"


def decodable(text: str) -> str:
    r"""Returns `text` with the undecodable bytes of a file's name written as `\xNN`."""
    return _SURROGATE.sub(_surrogate, text)


def _escaped(character: str) -> str:
    if character == "\n":
        return "\\n"
    if character == "\r":
        return "\\r"
    if character == "\t":
        return "\\t"
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def printable(text: str) -> str:
    r"""Returns `text` on one line, with nothing in it that a terminal or a CI runner would take for an order.

    Escaped are control characters, everything invisible or turning the direction of writing, undecodable
    bytes, and what GitHub, Azure and TeamCity read as a command of a log: `::...`, `##[...]`, `##vso[...]`.
    """
    if not (text.isprintable() and ":" not in text and "#" not in text):
        text = "".join(c if c.isprintable() else _escaped(c) for c in decodable(text))
        text = _RUNNER_COMMAND.sub(lambda found: f"\\x{ord(found[0]):02x}", text)
    return text
