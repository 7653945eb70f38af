"""The token format: base64url text in, the decoded version-2 macaroon and the offset where it ends out.

The layout is libmacaroons' binary version 2 as pymacaroons writes it and PyPI issues it (warehouse,
`macaroons/services.py`): the byte 2, packets of `type, length, value` with base-128 varints, a zero byte after
the header, after each caveat and after the last one, and a 32-byte HMAC-SHA256 signature.
"""
from __future__ import annotations

import binascii
import json
import re
from typing import NamedTuple

from pypi_token_hooks.model import Token

ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+/"
INDEXES = {"pypi.org": "PyPI", "test.pypi.org": "TestPyPI", "upload.pypi.org": "PyPI"}  # what a token names -> its index
KNOWN_HOSTS = tuple(INDEXES)
# base64 of `2, 1, length, host, 2`: the constant start of a token of each of them
KNOWN_STARTS = (b"AgEIcHlwaS5vcmcC", b"AgENdGVzdC5weXBpLm9yZwI", b"AgEPdXBsb2FkLnB5cGkub3JnAi")
UUID = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")  # what PyPI takes for an identifier
MAX_CHARACTERS = 1 << 17  # 2,500 project ids; PyPI sets no bound, a bound keeps hostile input linear
FIRST_READ = 384  # characters: nearly every token; more is decoded only where the packets ask for it

_TO_STANDARD = bytes.maketrans(b"-_", b"+/")
_LOCATION, _IDENTIFIER, _VERIFICATION, _SIGNATURE = 1, 2, 4, 6
_END_OF_SECTION = 0


class Macaroon(NamedTuple):
    """A whole macaroon: its fields, and its length in base64 characters."""

    location: str
    identifier: str
    caveats: tuple[bytes, ...]
    length: int


class EndsEarly(Exception):
    """The text ends before the signature does: a truncated example."""


class NotAMacaroon(Exception):
    """The packets do not follow the format. `offset` is the byte at which that shows."""

    def __init__(self, offset: int) -> None:
        super().__init__("not a version-2 macaroon")
        self.offset = offset


def run_end(text: bytes, start: int, limit: int) -> int:
    """Returns where the run of base64 characters that begins at `start` ends, at most at `limit`."""
    window = text[start:limit]
    return start + len(window) - len(window.lstrip(ALPHABET))


def run_start(text: bytes, end: int, limit: int) -> int:
    """Returns where the run of base64 characters that ends at `end` begins, at least at `limit`."""
    window = text[limit:end]
    return end - len(window) + len(window.rstrip(ALPHABET))


class _Packets:
    """Reads varints and fields off base64 text, decoding no more of it than asked for."""

    def __init__(self, text: bytes, start: int) -> None:
        self.text, self.start = text, start
        self.end = run_end(text, start, start + FIRST_READ)
        self.more = self.end == start + FIRST_READ
        self.raw = self._decoded()
        self.at = 0

    def _decoded(self) -> bytes:
        chars = self.text[self.start : self.end].translate(_TO_STANDARD)
        if len(chars) % 4 == 1:  # no byte ends within a lone last character
            chars = chars[:-1]
        return binascii.a2b_base64(chars + b"=" * (-len(chars) % 4))

    def take(self, size: int) -> bytes:
        if self.at + size > len(self.raw) and self.more:
            limit = self.start + min(MAX_CHARACTERS, (self.at + size + 2) // 3 * 4 + FIRST_READ)
            self.end = run_end(self.text, self.start, limit)
            self.more = self.end == limit and limit < self.start + MAX_CHARACTERS
            self.raw = self._decoded()
        if self.at + size > len(self.raw):
            raise EndsEarly
        self.at += size
        return self.raw[self.at - size : self.at]

    def byte(self) -> int:
        return self.take(1)[0]

    def varint(self) -> int:
        value = shift = 0
        while True:
            byte = self.byte()
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value
            if shift > 28:
                raise NotAMacaroon(self.at)

    def field(self) -> bytes:
        size = self.varint()
        if size > MAX_CHARACTERS:
            raise NotAMacaroon(self.at)
        return self.take(size)


def _fields(packets: _Packets, allowed: tuple[int, ...]) -> dict[int, bytes]:
    """Returns the fields up to the end of the section: types ascend and are among `allowed`."""
    fields: dict[int, bytes] = {}
    last = 0
    while True:
        kind = packets.byte()
        if kind == _END_OF_SECTION:
            return fields
        if kind not in allowed or kind <= last:
            raise NotAMacaroon(packets.at - 1)
        fields[kind] = packets.field()
        last = kind


def _text(value: bytes) -> str:
    return value.decode("utf-8", "backslashreplace")


def decode(text: bytes, start: int = 0) -> Macaroon:
    """Returns the macaroon whose base64 text begins at `start`.

    Raises EndsEarly where the text ends before the macaroon does, and NotAMacaroon where its packets do not
    follow the format; nothing else, whatever the text.
    """
    packets = _Packets(text, start)
    if packets.byte() != 2:
        raise NotAMacaroon(0)
    header = _fields(packets, (_LOCATION, _IDENTIFIER))
    if not header.get(_IDENTIFIER):
        raise NotAMacaroon(packets.at - 1)
    caveats = []
    while True:
        caveat = _fields(packets, (_LOCATION, _IDENTIFIER, _VERIFICATION))
        if not caveat:
            break
        if _IDENTIFIER not in caveat:
            raise NotAMacaroon(packets.at - 1)
        caveats.append(caveat[_IDENTIFIER])
    if packets.byte() != _SIGNATURE or packets.varint() != 32:
        raise NotAMacaroon(packets.at - 1)
    packets.take(32)
    length = (packets.at * 4 + 2) // 3
    return Macaroon(_text(header.get(_LOCATION, b"")), _text(header[_IDENTIFIER]), tuple(caveats), length)


def _strings(value: object) -> tuple[str, ...]:
    return tuple(v for v in value if isinstance(v, str)) if isinstance(value, list) else ()


def _moment(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _parsed(caveat: bytes) -> object:
    """Returns the JSON value that the caveat is, or None: what is null says nothing either."""
    try:
        return json.loads(caveat)
    except (ValueError, RecursionError):
        return None


def _as_fields(value: object) -> dict[str, object]:
    """Returns what one caveat says, whatever its era, in the words of the oldest one.

    Compact arrays since 2022-08 (warehouse `caveats/__init__.py`): 0 expiry, 1 project names, 2 project ids,
    3 user, 4 publisher. Objects before, which PyPI still verifies (`caveats/_legacy.py`).
    """
    if isinstance(value, dict):
        permissions = value.get("permissions")
        return {**value, "projects": permissions.get("projects") if isinstance(permissions, dict) else None}
    match value:
        case [0, expires, not_before, *_]:
            return {"exp": expires, "nbf": not_before}
        case [1, list(projects), *_]:
            return {"projects": projects}
        case [2, list(ids), *_]:
            return {"project_ids": ids}
        case [3, str(user), *_]:
            return {"permissions": "user", "user_id": user}
        case [4, str(publisher), *_]:
            return {"publisher_id": publisher}
    return {}


def describe(macaroon: Macaroon, prefix: str) -> Token:
    """Returns what the token can do. Caveats only ever narrow: what all of them allow holds."""
    values = [_parsed(caveat) for caveat in macaroon.caveats]
    said = [_as_fields(value) for value in values]

    def every(key: str) -> list[object]:
        return [fields[key] for fields in said if fields.get(key) is not None]

    def narrowed(key: str) -> tuple[str, ...]:
        first, *others = [_strings(value) for value in every(key)] or [()]
        common = frozenset(first).intersection(*others)
        return tuple(name for name in dict.fromkeys(first) if name in common)

    projects, ids = narrowed("projects"), narrowed("project_ids")
    publisher = next((p for p in every("publisher_id") if isinstance(p, str)), None)
    user = next((u for u in every("user_id") if isinstance(u, str)), None)
    starts = [m for m in map(_moment, every("nbf")) if m is not None]
    ends = [m for m in map(_moment, every("exp")) if m is not None]
    if publisher is not None:
        scope = "publisher"
    elif every("projects") or every("project_ids"):  # lists that exclude each other allow nothing
        scope = "projects"
    elif "user" in every("permissions"):
        scope = "account"
    else:
        scope = "unknown"
    return Token(
        prefix, macaroon.location, macaroon.identifier, scope, projects, ids, user, publisher,
        max(starts, default=None), min(ends, default=None),
        is_regular=bool(UUID.fullmatch(macaroon.identifier)) and None not in values,
    )
