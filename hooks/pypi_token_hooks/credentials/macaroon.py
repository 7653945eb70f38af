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

Span = tuple[int, int]  # of bytes
ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+/"
INDEXES = {"pypi.org": "PyPI", "test.pypi.org": "TestPyPI", "upload.pypi.org": "PyPI"}  # what a token names -> its index
KNOWN_HOSTS = tuple(INDEXES)
# base64 of `2, 1, length, host, 2`: the constant start of a token of each of them
KNOWN_STARTS = (b"AgEIcHlwaS5vcmcC", b"AgENdGVzdC5weXBpLm9yZwI", b"AgEPdXBsb2FkLnB5cGkub3JnAi")
UUID = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")  # what PyPI takes for an identifier
MAX_CHARACTERS = 1 << 17  # 2,500 project ids; PyPI sets no bound, a bound keeps hostile input linear
FIRST_READ = 384  # characters: nearly every token; more is decoded only where the packets ask for it
LEAPS_FROM = 16  # every so manieth caveat is kept in mind: no token has so many

_TO_STANDARD = bytes.maketrans(b"-_", b"+/")
_LOCATION, _IDENTIFIER, _VERIFICATION, _SIGNATURE = 1, 2, 4, 6
_SIGNATURE_SIZE = 32
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


class Runs:
    """Text in which macaroons may begin. What the decoding of one tells of the text is not looked at again for the next.

    Hostile text has a beginning everywhere, each of which may ask for all that follows.
    """

    def __init__(self, text: bytes) -> None:
        self.text = text
        self._start = self._end = 0  # a run of base64, as far as it was looked at
        self._goes_on = True
        self._leaps: dict[int, int] = {}  # from behind a caveat to behind a later one, in bits

    def end(self, start: int, limit: int) -> int:
        """Returns where the run of base64 characters that begins at `start` ends, at most at `limit`."""
        if not self._start <= start < self._end:
            self._start, self._end, self._goes_on = start, start, True
        if self._goes_on and self._end < limit:
            self._end = run_end(self.text, self._end, limit)
            self._goes_on = self._end == limit
        return min(self._end, limit)

    def decode(self, start: int) -> Macaroon:
        """Returns the macaroon whose base64 text begins at `start`; raises what `decode` raises."""
        packets = _Packets(self, start)
        if packets.byte() != 2:
            raise NotAMacaroon(0)
        header = _fields(packets, (_LOCATION, _IDENTIFIER))
        location, identifier = header.get(_LOCATION, (0, 0)), header.get(_IDENTIFIER, (0, 0))
        if identifier[0] == identifier[1]:
            raise NotAMacaroon(packets.at - 1)
        begin = packets.at
        caveats = _caveats(packets, self._leaps)
        if packets.byte() != _SIGNATURE or packets.varint() != _SIGNATURE_SIZE:
            raise NotAMacaroon(packets.at - 1)
        packets.skip(_SIGNATURE_SIZE)
        length = (packets.at * 4 + 2) // 3
        if caveats is None:  # some were leapt over: this time all are wanted
            packets = _Packets(self, start, begin)
            caveats = _caveats(packets, {}) or []
        raw = _decoded(self.text[start : start + length])
        values = tuple(raw[first:last] for first, last in caveats)
        return Macaroon(_text(raw[slice(*location)]), _text(raw[slice(*identifier)]), values, length)


def _decoded(chars: bytes) -> bytes:
    """Returns the bytes that base64 of either alphabet holds."""
    if len(chars) % 4 == 1:  # no byte ends within a lone last character
        chars = chars[:-1]
    return binascii.a2b_base64(chars.translate(_TO_STANDARD) + b"=" * (-len(chars) % 4))


class _Packets:
    """Reads varints and fields off base64 text, decoding no more of it than asked for."""

    def __init__(self, runs: Runs, start: int, at: int = 0) -> None:
        self.runs, self.start, self.at = runs, start, at
        self._raw, self._first, self._known = b"", 0, 0  # what is decoded, and where it begins and ends

    def _read(self) -> None:
        """Decodes what stands at the place that is reached."""
        self._first = self.at // 3 * 3
        begin = self.start + self._first // 3 * 4
        end = self.runs.end(self.start, min(begin + FIRST_READ, self.start + MAX_CHARACTERS))
        self._raw = _decoded(self.runs.text[begin:end])
        self._known = self._first + len(self._raw)
        if self.at >= self._known:
            raise EndsEarly

    def byte(self) -> int:
        if self.at >= self._known:
            self._read()
        self.at += 1
        return self._raw[self.at - 1 - self._first]

    def skip(self, size: int) -> Span:
        """Goes over so many bytes; returns where they are."""
        first, self.at = self.at, self.at + size
        if self.at > self._known:
            end = self.start + (self.at * 4 + 2) // 3
            if end > self.start + MAX_CHARACTERS or self.runs.end(self.start, end) < end:
                raise EndsEarly
        return first, self.at

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

    def field(self) -> Span:
        size = self.varint()
        if size > MAX_CHARACTERS:
            raise NotAMacaroon(self.at)
        return self.skip(size)


def _fields(packets: _Packets, allowed: tuple[int, ...]) -> dict[int, Span]:
    """Returns where the fields up to the end of the section are: types ascend and are among `allowed`."""
    fields: dict[int, Span] = {}
    last = 0
    while True:
        kind = packets.byte()
        if kind == _END_OF_SECTION:
            return fields
        if kind not in allowed or kind <= last:
            raise NotAMacaroon(packets.at - 1)
        fields[kind] = packets.field()
        last = kind


def _caveats(packets: _Packets, leaps: dict[int, int]) -> list[Span] | None:
    """Returns where the caveats are; None where leaps led over some of them.

    Where the text is none of a macaroon, `leaps` are added: many beginnings may lead to the same caveats.
    """
    caveats, passed, offset, has_leapt = list[Span](), list[int](), packets.start * 6, False
    here = offset + packets.at * 8
    try:
        while caveat := _fields(packets, (_LOCATION, _IDENTIFIER, _VERIFICATION)):
            if _IDENTIFIER not in caveat:
                raise NotAMacaroon(packets.at - 1)
            caveats.append(caveat[_IDENTIFIER])
            here = offset + packets.at * 8
            if here in leaps or len(caveats) % LEAPS_FROM == 0:
                passed.append(here)
            if here in leaps:
                here, has_leapt = leaps[here], True
                packets.at = (here - offset) // 8
    except (EndsEarly, NotAMacaroon):
        leaps.update(dict.fromkeys(passed, here))
        raise
    return None if has_leapt else caveats


def _text(value: bytes) -> str:
    return value.decode("utf-8", "backslashreplace")


def decode(text: bytes, start: int = 0) -> Macaroon:
    """Returns the macaroon whose base64 text begins at `start`.

    Raises EndsEarly where the text ends before the macaroon does, and NotAMacaroon where its packets do not
    follow the format; nothing else, whatever the text.
    """
    return Runs(text).decode(start)


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
