"""Text from outside in, text to show out: nothing of a secret in it, nothing that a terminal obeys."""
from __future__ import annotations

import re
from collections.abc import Iterable
from collections.abc import Iterator

HIDDEN = "***"
WINDOW = 8  # characters: a run of a secret this long is never shown
SHORTEST = 4  # characters: a shorter "secret" would hide half of every path
MARKS = 1 << 23
CONFIRMED = 1 << 22  # characters of secrets

# base64 of `2, 1, length, host`: all of a token that is the same for everybody
CONSTANTS = ("AgEIcHlwaS5vcmc", "AgENdGVzdC5weXBpLm9yZw", "AgEPdXBsb2FkLnB5cGkub3Jn")
_KNOWN = "|".join(CONSTANTS)
_CONSTANT = re.compile(rf"(?:pypi-|devpi-)?(?:{_KNOWN})|(?:pypi|devpi)-(?!{_KNOWN})AgE")
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
    import base64

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
    """Hides every run of eight characters of the secrets, and whatever looks like a token, in any text.

    A table of marks answers for each run of eight characters whether it can be one of a secret; the secrets
    themselves confirm it, unless there are so many that hiding a little more is the better choice.
    """

    def __init__(self, secrets: Iterable[tuple[bytes, bool]]) -> None:
        """`secrets` are values, each with whether its encodings are to be hidden too."""
        forms: dict[str, None] = {}
        for value, encoded in set(secrets):
            text = value.decode("utf-8", "surrogateescape")
            body = text[len(constant_prefix(text)) :]
            forms[body] = None
            if encoded:
                forms.update(dict.fromkeys(_encodings(body.encode("utf-8", "surrogateescape"))))
        self._short = [form for form in forms if SHORTEST <= len(form) < WINDOW]
        self._all = "\0".join(forms)
        self._marks = bytearray(MARKS if forms else 0)
        for form in forms:
            for at in range(len(form) - WINDOW + 1):
                self._marks[hash(form[at : at + WINDOW]) % MARKS] = 1

    def _runs(self, text: str) -> Iterator[tuple[int, int]]:
        """Yields the stretches of `text` that are stretches of a secret too, in order."""
        confirm = len(self._all) <= CONFIRMED
        for at in range(len(text) - WINDOW + 1 if self._marks else 0):
            window = text[at : at + WINDOW]
            if self._marks[hash(window) % MARKS] and (not confirm or window in self._all):
                yield at, at + WINDOW

    def __call__(self, text: str) -> str:
        text = _TOKEN_SHAPED.sub(rf"\1{HIDDEN}", text)
        shown = []
        position = 0
        for start, end in self._runs(text):
            if start >= position:
                shown += [text[position:start], HIDDEN]
            position = end
        shown.append(text[position:])
        result = "".join(shown)
        for short in self._short:
            result = result.replace(short, HIDDEN)
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
