"""Credentials beside what says that they are an index's: user `__token__`, keyring calls, HTTP, netrc, `.pypirc` lines."""
from __future__ import annotations

import binascii
import itertools
import re
from collections.abc import Iterator

from pypi_token_hooks.detectors.index_credential import urls
from pypi_token_hooks.detectors.index_credential import values
from pypi_token_hooks.model import Match

SIGNS = (b"pypi", b"/simple", b"/legacy", b"twine", b"poetry-repository")
NEAR = 400  # bytes around a word in which the rest of a call, command or block stands
_Q = rb"\\?[\"'`]"
_TOKEN_USER = re.compile(rb"__token__(?!@)")
# `("__token__", "…")`, `-u __token__ -p …`, `-u __token__:…`
_PAIRED = re.compile(
    rb":(?!//)|(?:" + _Q + rb")?[\s,]{1,40}(?:" + _Q + rb")?(?:-p|--password)(?:=|(?:" + _Q + rb")?[\s,]{1,40}|(?=[^\s=]))"
    rb"|" + _Q + rb"\s{0,40},\s{0,40}(?:password[ \t]*=[ \t]*)?(?=[bBrRfFuU]{0,2}" + _Q + rb"[^-])"
)
_PASSWORD_KEY = re.compile(
    rb"(?:^|[\s\"'{,(._-])(?:password|passwd|PASSWORD)(?:" + _Q + rb")?\]?[ \t]*(?:=(?!=)|:(?![:=])|=>)[ \t]*"
)
_KEYRING = re.compile(
    rb"set_password\s*\(\s*(?:\w+\s*=\s*)?(" + _Q + rb"[^\"'\n]{1,200}" + _Q + rb"|[\w.]{1,60})\s*,\s*(?:\w+\s*=\s*)?"
    rb"(" + _Q + rb"[^\"'\n]{1,80}" + _Q + rb"|[\w.]{1,60})\s*,\s*(?:\w+\s*=\s*)?"
)
_AUTH = re.compile(
    rb"auth\s*=\s*(?:[\w.]{0,40}BasicAuth)?\s*\(\s*[bBrRfFuU]{0,2}" + _Q + rb"[^\"'\n]{1,80}" + _Q + rb"\s*,\s*"
)
_SETTINGS = re.compile(rb"Settings\s*\([^()]{0,600}?\bpassword\s*=\s*")
_URL = re.compile(rb"https?://(?:[^\s/\"'<>@]{1,200}@)?([^\s/\"'<>@:]+)(?::\d+)?((?:/[^\s\"'<>]{0,300})?)")
_HOST = re.compile(rb"\b[Hh]ost(?:" + _Q + rb")?[ \t]*[:=,][ \t]*(?:" + _Q + rb")?([\w.-]{4,200})")
_CURL = re.compile(rb"(?:curl|https?)\b[^\n]{0,300}?[\s\"'](?:-u|--user|-a|--auth)(?:[ \t]*=|[ \t]*)[\"']?([^\s:\"']{1,80}):")
_WGET = re.compile(rb"wget\b[^\n]{0,300}?[ \t]--(?:http-)?password[= \t]{1,9}(?=\S)")
_HEADER = re.compile(
    rb"(?:(X-Devpi-Auth)|(Authorization))(?:" + _Q + rb")?\]?\s*[:=,]\s*(?:[bBrRfFuU]{0,2}" + _Q
    + rb")?(?:(Basic)[ \t]+|(?:token|bearer)[ \t]+)?", re.IGNORECASE,
)
_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{12,}={0,2}")
_NETRC = re.compile(rb"machine[ \t]+(\S{1,200})\s+(?:(?:login|account)\s+\S{1,200}\s+){0,2}password\s+")
_PYPIRC = re.compile(rb"\bpassword[ \t]*[=:][ \t]*")


def _at(data: bytes, pattern: re.Pattern[bytes], *signs: bytes) -> Iterator[re.Match[bytes]]:
    """Yields the matches of the pattern that begin where one of the signs stands."""
    for position in values.occurrences(data, *signs):
        found = pattern.match(data, position)
        if found:
            yield found


def _index_near(data: bytes, start: int, end: int) -> bool:
    """Tells whether a URL of an index, or a header with its host, stands near the stretch."""
    window = data[max(0, start - NEAR) : end + NEAR]
    return any(urls.is_index(found[1], found[2]) for found in _URL.finditer(window)) or any(
        urls.is_index(found[1]) for found in _HOST.finditer(window)
    )


def _token_users(data: bytes) -> Iterator[Match]:
    """What stands beside the user `__token__`, in a pair or as `password` a few lines off."""
    done = 0
    for found in _TOKEN_USER.finditer(data):
        if found.start() < done or data[max(0, found.start() - 3) : found.start()] == b"://":
            continue  # in the value of another one, or a URL
        paired = _PAIRED.match(data, found.end())
        beside = values.value_at(data, paired.end()) if paired else None
        done = beside.end if beside else done
        value = values.literal(beside, words=False)
        if value:
            yield values.match(value, "password of __token__")
            continue
        for key in _PASSWORD_KEY.finditer(data, max(0, found.start() - NEAR), found.end() + NEAR):
            between = data[min(key.start(), found.start()) : max(key.end(), found.end())]
            if b"\n\n" in between or between.count(b"\n") > 6:
                continue
            candidate = values.value_at(data, key.end(), scalar=True)
            if candidate and not candidate.quoted and not values.ends_line(data, candidate):
                continue
            value = values.literal(candidate, words=False)
            if value:
                yield values.match(value, "password of __token__")


def _calls(data: bytes) -> Iterator[Match]:
    """keyring.set_password, requests' auth and twine's Settings."""
    for found in _at(data, _KEYRING, b"set_password"):
        service = found[1].strip(b"\\\"'`").lower()
        if b"pypi" in service or b"/legacy" in service or b"/simple" in service or b"poetry-repository" in service:
            value = values.literal(values.quoted_at(data, found.end()))
            if value:
                yield values.match(value, "keyring.set_password")
    for found in _at(data, _AUTH, b"auth=", b"auth ="):
        value = values.literal(values.quoted_at(data, found.end()))
        if value and _index_near(data, found.start(), value.end):
            yield values.match(value, "auth of a request to an index")
    if b"twine" in data:
        for found in _at(data, _SETTINGS, b"Settings("):
            value = values.literal(values.quoted_at(data, found.end()))
            if value:
                yield values.match(value, "twine Settings(password=)")


def _basic(text: bytes) -> bytes | None:
    """Returns the password in a Basic header's base64, or None."""
    run = _BASE64.match(text)
    if not run:
        return None
    body = run[0].rstrip(b"=").replace(b"-", b"+").replace(b"_", b"/")
    try:
        _, colon, password = binascii.a2b_base64(body + b"=" * (-len(body) % 4)).partition(b":")
    except ValueError:
        return None
    return password if colon and password.isascii() else None


def _requests(data: bytes) -> Iterator[Match]:
    """Authorization headers and `curl -u` for index hosts."""
    for found in _at(data, _HEADER, b"Authorization", b"authorization", b"AUTHORIZATION", b"X-Devpi-Auth"):
        value = values.bare_at(data, found.end())
        if value is None or not (found[1] or _index_near(data, found.start(), found.end())):
            continue
        if found[1] or found[3]:
            password = _basic(value.text)
            if password and values.is_credential(password):
                yield values.match(value, "Basic header for an index")
        elif values.literal(value, words=False) and len(value.text) > 11:
            yield values.match(value, "Authorization header for an index")
    for found in itertools.chain(_at(data, _CURL, b"curl ", b"http ", b"https "), _at(data, _WGET, b"wget ")):
        value = values.literal(values.value_at(data, found.end()))
        line_end = data.find(b"\n", found.end(), found.end() + NEAR)
        if value and _index_near(data, found.start(), line_end if line_end >= 0 else found.end()):
            yield values.match(value, "password for an index")


def _netrc(data: bytes) -> Iterator[Match]:
    for found in _at(data, _NETRC, b"machine "):
        value = values.literal(values.bare_at(data, found.end(), scalar=True))
        if value and urls.is_index(found[1].strip(b"\"'")):
            yield values.match(value, "netrc entry of an index")


def _written(data: bytes) -> Iterator[Match]:
    """`echo "password = …" >> ~/.pypirc`: the file itself is another rule's."""
    position = data.find(b"pypirc")
    while position >= 0:
        start = max(0, position - NEAR)
        start = max(data.rfind(b"\n", start, position) + 1, start)
        for found in _PYPIRC.finditer(data, start, position):
            value = values.literal(values.value_at(data, found.end()))
            if value and value.end <= position and b">" in data[value.end : position]:
                yield values.match(value, "password written to .pypirc")
        position = data.find(b"pypirc", position + 6)


def find(data: bytes) -> Iterator[Match]:
    """Yields the literals in calls, requests and files that are an index's."""
    if b"__token__" in data:
        yield from _token_users(data)
    if any(sign in data for sign in SIGNS):
        yield from _calls(data)
        yield from _requests(data)
        yield from _written(data)
    yield from _netrc(data)
