"""The token format: base64url text in, the decoded version-2 macaroon and its length in the text out.

The layout is libmacaroons' binary version 2 as pymacaroons writes it and PyPI issues it (warehouse,
`macaroons/services.py`): the byte 2, packets of `type, length, value` with base-128 varints, a zero byte after
the header, after each caveat and after the last one, and a 32-byte HMAC-SHA256 signature.
"""
from __future__ import annotations

import binascii
import re
from typing import NamedTuple

from pypi_token_hooks.model import Scope
from pypi_token_hooks.model import Token

Span = tuple[int, int]  # of bytes
ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+/"
INDEXES = {"pypi.org": "PyPI", "test.pypi.org": "TestPyPI", "upload.pypi.org": "PyPI"}  # what a token names -> its index
KNOWN_HOSTS = tuple(INDEXES)
# base64 of `2, 1, length, host, 2`: the constant start of a token of each of them
KNOWN_STARTS = (b"AgEIcHlwaS5vcmcC", b"AgENdGVzdC5weXBpLm9yZwI", b"AgEPdXBsb2FkLnB5cGkub3JnAi")
UUID = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")  # the form of PyPI's identifiers
MAX_CHARACTERS = 1 << 17  # of a token: room for 2,500 project ids. PyPI sets no bound; this one keeps hostile input linear
FIRST_READ = 384  # characters decoded at a time: nearly every token is shorter
LEAPS_FROM = 16  # after every so many caveats the offset is remembered: no real token has so many

_TO_STANDARD = bytes.maketrans(b"-_", b"+/")
_LOCATION, _IDENTIFIER, _VERIFICATION, _SIGNATURE = 1, 2, 4, 6
_SIGNATURE_SIZE = 32
_END_OF_SECTION = 0
_BEFORE_SIGNATURE = bytes((_END_OF_SECTION, _SIGNATURE, _SIGNATURE_SIZE))
_PRINTABLE = bytes(range(32, 127))


class Macaroon(NamedTuple):
    """A whole macaroon: its fields, and its length in base64 characters."""

    location: str
    identifier: str
    caveats: tuple[bytes, ...]
    length: int


class EndsEarly(Exception):
    """The text ends before the signature does: a truncated example. `offset` is the decoded byte from which on something is missing."""

    def __init__(self, offset: int) -> None:
        super().__init__("breaks off")
        self.offset = offset


class NotAMacaroon(Exception):
    """The packets do not follow the format. `offset` is the decoded byte at which they fail to."""

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
    """A text in which macaroons may begin. It keeps what one attempt to decode has shown, so that the next need not repeat it.

    Hostile text has a beginning everywhere; without this, decoding from each would read all that follows.
    """

    def __init__(self, text: bytes) -> None:
        self.text = text
        self._start = self._end = 0  # bounds of a run of base64, as far as it is known
        self._goes_on = True  # whether the run may be longer
        self._leaps: dict[int, int] = {}  # offsets in bits: from the end of a caveat to the end of a later one

    def end(self, start: int, limit: int) -> int:
        """Returns where the run of base64 characters that begins at `start` ends, at most at `limit`."""
        if not self._start <= start < self._end:
            self._start, self._end, self._goes_on = start, start, True
        if self._goes_on and self._end < limit:
            self._end = run_end(self.text, self._end, limit)
            self._goes_on = self._end == limit
        return min(self._end, limit)

    def decode(self, start: int) -> Macaroon:
        """Returns the macaroon whose base64 text begins at `start`. Raises what `decode` raises."""
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
        if caveats is None:  # it is a macaroon, and some of its caveats were leapt over: now read all of them
            packets = _Packets(self, start, begin)
            caveats = _caveats(packets, {}) or []
        raw = _decoded(self.text[start : start + length])
        values = tuple(raw[first:last] for first, last in caveats)
        return Macaroon(_text(raw[slice(*location)]), _text(raw[slice(*identifier)]), values, length)


def _decoded(chars: bytes) -> bytes:
    """Returns the bytes that base64 of either alphabet stands for."""
    if len(chars) % 4 == 1:  # a single character of a group stands for no whole byte
        chars = chars[:-1]
    return binascii.a2b_base64(chars.translate(_TO_STANDARD) + b"=" * (-len(chars) % 4))


class _Packets:
    """Reads varints and fields from base64 text, and decodes no more of it than is asked for.

    `at` is the offset reached, in decoded bytes.
    """

    def __init__(self, runs: Runs, start: int, at: int = 0) -> None:
        self.runs, self.start, self.at = runs, start, at
        self._raw, self._first, self._known = b"", 0, 0  # the bytes decoded last, and the offsets at which they begin and end

    def _read(self) -> None:
        """Decodes the text from the group at `at` on. Raises EndsEarly if there is none."""
        self._first = self.at // 3 * 3
        begin = self.start + self._first // 3 * 4
        end = self.runs.end(self.start, min(begin + FIRST_READ, self.start + MAX_CHARACTERS))
        self._raw = _decoded(self.runs.text[begin:end])
        self._known = self._first + len(self._raw)
        if self.at >= self._known:
            raise EndsEarly(self.at)

    def byte(self) -> int:
        if self.at >= self._known:
            self._read()
        self.at += 1
        return self._raw[self.at - 1 - self._first]

    def skip(self, size: int) -> Span:
        """Skips `size` bytes and returns their span. Raises EndsEarly if the text ends before them."""
        first, self.at = self.at, self.at + size
        if self.at > self._known:
            end = self.start + (self.at * 4 + 2) // 3
            if end > self.start + MAX_CHARACTERS or self.runs.end(self.start, end) < end:
                raise EndsEarly(first)
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
    """Returns the spans of the fields of a section by their types, which must ascend and be among `allowed`."""
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
    """Returns the spans of the caveats; None if `leaps` led over some of them.

    If this turns out to be no macaroon, leaps over its caveats are added to `leaps`: many beginnings may lead to the same ones.
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

    Raises EndsEarly if the text ends before the macaroon does, and NotAMacaroon if its packets do not follow the format; nothing
    else, whatever the text.
    """
    return Runs(text).decode(start)


def is_garbled(text: bytes, offset: int) -> bool:
    """Tells whether the field that begins at the offset of an EndsEarly is no text, of which only a signature is none.

    Then the text does not end early: a character before is missing or too many, which shifts the bits of what follows.
    """
    raw = _decoded(text)
    return not raw.endswith(_BEFORE_SIGNATURE, 0, offset) and bool(raw[offset:].translate(None, _PRINTABLE))


def _strings(value: object) -> tuple[str, ...]:
    return tuple(v for v in value if isinstance(v, str)) if isinstance(value, list) else ()


def _moment(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _parsed(caveat: bytes) -> object:
    """Returns the JSON value of the caveat; None if it is not JSON. A caveat `null` says nothing either."""
    import json  # only for a token: importing it takes longer than scanning most files

    try:
        return json.loads(caveat)
    except (ValueError, RecursionError):
        return None


def _as_fields(value: object) -> dict[str, object]:
    """Returns what a caveat of any era says, under the keys of the oldest one.

    Since 2022-08 caveats are arrays (warehouse `caveats/__init__.py`): 0 expiry, 1 project names, 2 project ids, 3 user,
    4 publisher. Before, they were objects, which PyPI still verifies (`caveats/_legacy.py`).
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
    """Returns what the token can do: only what all of its caveats allow, since each of them can only restrict it."""
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
        scope: Scope = "publisher"
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
