"""Credentials beside what says that they are an index's: user `__token__`, keyring calls, HTTP, netrc, `.pypirc` lines."""
from __future__ import annotations

import binascii
import functools
import itertools
import re
from collections.abc import Iterator
from typing import NamedTuple

from pypi_token_hooks import late
from pypi_token_hooks import literals
from pypi_token_hooks import places
from pypi_token_hooks import traces
from pypi_token_hooks.detectors.index_credential import urls
from pypi_token_hooks.detectors.index_credential import values
from pypi_token_hooks.detectors.index_credential.values import Value
from pypi_token_hooks.model import Match

_SERVICES = (b"pypi", b"/simple", b"/legacy", b"poetry-repository", b"pdm-repository")  # of a keyring
SIGNS = (*_SERVICES, b"PYPI", b"twine")
NEAR = 400  # bytes around a word in which the rest of a call, command or block stands
# in front of the user in a URL
_SLASHES = (b"://", b":\\/\\/", b"%3A//", *(slash * 2 for slash in (b"%2F", b"%2f", b"&#x2F;", b"&#x2f;", b"&#47;")))
_USER, _FILE, _TWINE = b"__token__", b"pypirc", b"twine"
_Q = rb"\\?[\"'`]"
# `("__token__", "…")`, `-u __token__ -p …`, `-u __token__:…`
_PAIRED = late.compiled(
    rb":(?!//|\s)|(?:" + _Q + rb")?[\s,]{1,40}(?:" + _Q + rb")?"
    rb"(?:(?:-p|--password)(?:" + traces.EQUALS + rb"|(?:" + _Q + rb")?[\s,]{1,40})|-p(?=[^\s=]))"
    rb"|" + _Q + rb"\s{0,40},\s{0,40}(?:password[ \t]*=[ \t]*|(?P<listed>))(?=[bBrRfFuU]{0,2}" + _Q + rb"[^-])"
)
# What is in a list with the user and no password: another user, a word, a variable with its value, a hash.
_USERS = frozenset(user.encode() for user in places.PUBLIC_USERS)
_NO_PASSWORD = late.compiled(rb"[A-Za-z]+|[A-Z][A-Z0-9_]+=.*|(?:sha|md|crc)-?\d+", re.DOTALL)
_OF_KEY = late.compiled(_Q + rb"\s{0,9}(?:=>|:)")  # a quote that ends the key of a mapping
_PASSWORD_KEY = late.compiled(rb"(?:password|passwd|PASSWORD)(?:" + _Q + rb")?\]?[ \t]*(?:" + traces.EQUALS + rb"(?!=)|:(?![:=])|=>)[ \t]*")
# Beside what is plainly a user name the key may be `token`, no part of another one.
_IS_USER = late.compiled(rb"\buser(?:[_-]?name)?(?:" + _Q + rb")?[ \t]{0,9}(?:=>|[:=])[ \t]{0,9}(?:" + _Q + rb")?\Z", re.IGNORECASE)
_TOKEN_KEY = late.compiled(rb"(?:^|(?<=[\s\"'{,(]))token(?:" + _Q + rb")?[ \t]*(?:" + traces.EQUALS + rb"(?!=)|:(?![:=])|=>)[ \t]*")
_BEFORE_KEY = b" \t\n\r\f\v\"'{,(._-"
_FROM_LITERAL = b"--from-literal="  # of kubectl, before a key and its value


class _Form(NamedTuple):
    """What is looked for, and the literals of which it begins with one."""

    pattern: re.Pattern[bytes]
    signs: tuple[bytes, ...]


def _form(expression: bytes, *signs: bytes, flags: int = 0) -> _Form:
    return _Form(late.compiled(expression, flags), signs)


_KEYRING = _form(
    rb"set_password\s*\(\s*(?:\w+\s*=\s*)?(" + _Q + rb"[^\"'\n]{1,200}" + _Q + rb"|[\w.]{1,60})\s*,\s*(?:\w+\s*=\s*)?"
    rb"(" + _Q + rb"[^\"'\n]{1,80}" + _Q + rb"|[\w.]{1,60})\s*,\s*(?:\w+\s*=\s*)?",
    b"set_password",
)
_AUTH = _form(
    rb"auth\s*=\s*(?:[\w.]{0,40}BasicAuth)?\s*\(\s*[bBrRfFuU]{0,2}" + _Q + rb"[^\"'\n]{1,80}" + _Q + rb"\s*,\s*",
    b"auth=", b"auth =",
)
_SETTINGS = _form(rb"Settings\s*\((?:[^()]|\([^()]{0,200}\)){0,600}?\bpassword\s*=\s*", b"Settings(")
_ADDRESS = rb"https?://(?:[^\s/\"'<>@]{1,200}@)?([^\s/\"'<>@:]+)(?::\d+)?((?:/[^\s\"'<>]{0,300})?)"
_URL = late.compiled(_ADDRESS)
_HOST = late.compiled(rb"\b[Hh]ost(?:" + _Q + rb")?[ \t]*[:=,][ \t]*(?:" + _Q + rb")?([\w.-]{4,200})")
_ASSET = b"pypi.asset"  # a field in which Nexus takes a package
_ON = rb"(?:[^\n]|(?<=[\\^`])\n|(?<=[\\^`]\r)\n){0,300}?"  # a line of a shell, and the lines it goes on in
_CURL = _form(
    rb"(?:curl|https?)\b" + _ON + rb"[\s\"'](?:-u|--user|-a|--auth)(?:[ \t]*=|[ \t]*)[\"']?([^\s:\"']{1,80}):",
    b"curl ", b"http ", b"https ",
)
_WGET = _form(rb"wget\b" + _ON + rb"[ \t]--(?:http-)?password[= \t]{1,9}(?=\S)", b"wget ")
_HEADER = _form(
    rb"(?:(X-Devpi-Auth)|(Authorization))(?:" + _Q + rb")?\]?\s*[:=,]\s*(?:" + _Q + rb"value" + _Q + rb"\s*:\s*)?"
    rb"(?:-[ \t]+|\[\s{0,40})?(?:[bBrRfFuU]{0,2}" + _Q + rb")?(?:(Basic)[ \t]+|(?:token|bearer)[ \t]+)?",
    b"Authorization", b"authorization", b"AUTHORIZATION", b"X-Devpi-Auth", flags=re.IGNORECASE,
)
_RECORDED = late.compiled(rb"\buri(?:" + _Q + rb")?[ \t]*:[ \t]*(?:" + _Q + rb")?" + _ADDRESS)  # of a request, behind its headers
_BASE64 = late.compiled(rb"[A-Za-z0-9+/_-]{12,}={0,2}")
# between two entries: blanks and comments, or what ends one `echo` into the file and begins the next
_TO_NETRC = rb"(?:\s+(?:#[^\n]{0,200}\n\s*){0,4}|[\"']?[^\n\"']{0,99}(?:\n[^\n\"']{0,40})?\becho[ \t]+[\"'][ \t]*)"
_TO_PASSWORD = _TO_NETRC + rb"(?:(?:login|account)\s+[^\s\"']{1,200}" + _TO_NETRC + rb"){0,2}password\s+"
_NETRC = _form(rb"machine[ \t]+[\"']?([^\s;\"']{1,200})(?![^\s;\"'])[\"';]{0,2}" + _TO_PASSWORD, b"machine ", b"machine\t")
_DEFAULT = late.compiled(rb"[\n\"']default\b" + _TO_PASSWORD)  # behind the entry of an index: it is for each host that has none
# a program that writes the file: `config["pypi"]["password"] =`, `.set("pypi", "password", …)`, Ansible's `ini_file`
_SET = _form(
    rb"pypi(?:" + _Q + rb"\]\[" + _Q + rb"password" + _Q + rb"\]\s{0,40}=\s{0,40}"
    rb"|(?P<call>" + _Q + rb",\s{0,40}" + _Q + rb"password" + _Q + rb",\s{0,40})"
    rb"|(?P<task>(?:" + _Q + rb")?\s{1,40}option[:=][ \t]*(?:" + _Q + rb")?password(?:" + _Q + rb")?\s{1,40}value[:=][ \t]*))",
    b"pypi",
)
_SETTER = late.compiled(rb"\bset\(\s{0,40}" + _Q + rb"(?:test)?\Z")
# what the client of devpi keeps: `"basic_auth": {"https://devpi.corp.io": ["user", "…"]}`
_SESSION = _form(rb"auth" + _Q + rb"\s{0,9}[:=]\s{0,40}\{", b"auth\"", b"auth'", b"auth\\")
_ENTRY = late.compiled(
    rb"(?:" + _Q + rb"\s{0,80}\],)?\s{0,80}" + _Q + _ADDRESS + _Q + rb"\s{0,9}:\s{0,80}\[\s{0,80}" + _Q + rb"[^\"'\n]{1,80}" + _Q
    + rb"\s{0,9},\s{0,80}"
)
_OF_DEVPI = (b"basic_auth", b"devpi", b"pypisubmit")
_PYPIRC = late.compiled(rb"\bpassword[ \t]*(?:" + traces.EQUALS + rb"|:)[ \t]*")
_BEHIND_STRING = late.compiled(rb"([\"'])[ \t]{0,9}(?=[^\s>|&;])")  # the key is all of its string: `echo "password = "$X`
_WRITES = late.compiled(rb">|\btee\b|\b(?i:out-file|(?:add|set)-content)\b")
# behind the name of the file, as PowerShell and Ansible's `lineinfile` have it
_WRITTEN = late.compiled(
    rb"pypirc[\"']?(?:[ \t]+(?i:-value)[ \t]+|[ \t\r]{0,9}\n[ \t]{1,40}(?:(?!path|dest)[a-z_]{1,40}:[^\n]{0,200}\n[ \t]{1,40}){0,3}?"
    rb"line:[ \t]*)[\"']?password[ \t]*[=:][ \t]*"
)
_FORMS = (_KEYRING, _AUTH, _SETTINGS, _CURL, _WGET, _HEADER, _NETRC, _SET, _SESSION)
_TOKEN_USER = traces.JOINT + rb"{2}token" + traces.JOINT + rb"{2}"
# `__token__` and what it is paired with; the others are how the forms above begin
_IN_PAIR = (
    _TOKEN_USER + rb"(?::|" + traces.ESCAPE + rb"|=3A|" + traces.QUOTE + rb"\s*,|" + traces.BLANK + rb"+" + traces.HYPHEN + rb"+p)"
)
_APART = rb"(?:[][:=]|\n[+-]|" + traces.BLANK + rb"|" + traces.ESCAPE + rb")+"
_OPEN = traces.BLANKS + rb"(?:" + traces.QUOTE + rb"|" + traces.ESCAPE + rb"|=22)?"  # of a value
# a line goes on behind a sign of a shell, behind what its escape ends with, and in strings
_LINES = rb"(?:[^\n]|[\\^`;cCeE0]\r?\n|n\",?\r?\n)*"
_SERVED = rb"(?i)devpi|pypi|/simple|/legacy"
TRACES = tuple(map(traces.Trace, (
    (_IN_PAIR,),
    (rb"pypi(?:" + traces.QUOTE + rb"|" + traces.ESCAPE + rb"|=2[27])" + _APART + rb"password",),
    (rb"pypi" + _APART + rb"option" + _APART + rb"password",),
    (rb"option:[ \t]*password", rb"pypi"),  # on lines with margins
    (traces.PASSWORD, _TOKEN_USER),
    (traces.ASSIGNED + _OPEN + _TOKEN_USER, rb"token" + traces.CLOSED),
    (traces.PASSWORD, _FILE),
    (
        rb"set" + traces.JOINT + rb"password\s*" + traces.OPENED
        + rb"[^)]*(?i:pypi|/legacy|/simple|(?:poetry|pdm)" + traces.JOINT + rb"repository)",
    ),
    (rb"auth\s*" + traces.ASSIGNED + rb"\s*(?:[\w.]*BasicAuth)?\s*" + traces.OPENED, traces.INDEX),
    (rb"Settings\s*" + traces.OPENED, _TWINE),
    (rb"(?:curl|https?)" + traces.BLANK + rb"(?:" + _LINES + traces.BLANK + rb")?" + traces.HYPHEN + rb"+[ua]", traces.INDEX),
    (rb"wget" + traces.BLANK + _LINES + traces.HYPHEN + rb"(?:http" + traces.HYPHEN + rb")?password", traces.INDEX),
    (rb"(?i)(?:x-devpi-auth|authorization)(?:" + _Q + rb")?\]?\s*(?:,|" + traces.ASSIGNED + rb")", traces.INDEX),
    (rb"auth(?:" + traces.QUOTE + rb"|" + traces.ESCAPE + rb"|=2[27])" + traces.BLANKS + traces.ASSIGNED, _SERVED),
    (rb"machine" + traces.BLANK + rb"+\S+(?:[+-]?" + traces.BLANK + rb"+)+(?:login|account|password|#|=23|" + traces.ESCAPE + rb")",),
    (rb"machine[ \t]+\S+\.\S+[ \t]*[\r\n]", rb"(?:login|account|password)[ \t]+\S+[ \t]*[\r\n]"),  # on lines with margins
    (rb"machine" + traces.BLANK + rb"+\S", rb"echo" + traces.BLANK, rb"password"),
)))
_find_words = literals.finder(*SIGNS, _USER, _FILE, *(sign for form in _FORMS for sign in form.signs))


def _of(form: _Form, data: bytes, here: literals.Found) -> Iterator[re.Match[bytes]]:
    """Yields what has the form in the data."""
    for position in literals.of(here, form.signs):
        found = form.pattern.match(data, position)
        if found:
            yield found


def _index_near(data: bytes, start: int, end: int) -> bool:
    """Tells whether a URL of an index, or a header with its host, stands near the stretch."""
    window = data[max(0, start - NEAR) : end + NEAR]
    return _ASSET in window or any(urls.is_index(found[1], found[2]) for found in _URL.finditer(window)) or any(
        urls.is_index(found[1]) for found in _HOST.finditer(window)
    )


def _is_of_index(data: bytes, start: int, end: int) -> bool:
    """Tells whether the header between the offsets is sent to an index: a recorded request says so itself."""
    recorded = _RECORDED.search(data, end, end + NEAR)
    return urls.is_index(recorded[1], recorded[2]) if recorded else _index_near(data, start, end)


def _password_keys(data: bytes, first: int, last: int) -> Iterator[tuple[int, int]]:
    """Yields the keys of a password between the offsets, each with the sign before it."""
    for found in _PASSWORD_KEY.finditer(data, first, last):
        start = max(found.start() - 1, 0)
        is_begun = data[start] in _BEFORE_KEY or data.endswith(_FROM_LITERAL, 0, found.start())
        if not found.start() or (start >= first and is_begun):
            yield start, found.end()
            first = found.end()


def _paired(data: bytes, start: int, end: int) -> Value | None:
    """Returns the value that the user between the offsets is paired with; what shares a list with it is rarely one."""
    paired = _PAIRED.match(data, end)
    beside = values.value_at(data, paired.end()) if paired else None
    if not beside or not paired or paired["listed"] is None:
        return beside
    if data[start - 1 : start] not in values.QUOTES or beside.text.lower() in _USERS or _NO_PASSWORD.fullmatch(beside.text):
        return None
    return None if _OF_KEY.match(data, beside.end) else beside


def _token_users(data: bytes, here: literals.Found) -> Iterator[Match]:
    """What stands beside the user `__token__`, in a pair or as `password` a few lines off."""
    done = 0
    for start in here.get(_USER, ()):
        end = start + len(_USER)
        if start < done or data[end : end + 1] == b"@" or data[max(0, start - 12) : start].endswith(_SLASHES):
            continue  # in the value of another one, or a URL
        beside = _paired(data, start, end)
        done = beside.end if beside else done
        value = values.literal(beside, words=False)
        if value:
            yield values.match(value, "password of __token__")
            continue
        keys = _password_keys(data, max(0, start - NEAR), end + NEAR)
        if _IS_USER.search(data, max(0, start - 40), start):
            tokens = _TOKEN_KEY.finditer(data, max(0, start - NEAR), end + NEAR)
            keys = itertools.chain(keys, (found.span() for found in tokens))
        for key, key_end in keys:
            between = data[min(key, start) : max(key_end, end)]
            if b"\n\n" in between or between.count(b"\n") > 6:
                continue
            candidate = values.value_at(data, key_end, scalar=True)
            is_word = data.endswith(_FROM_LITERAL, 0, key + 1)
            if candidate and not (candidate.quoted or is_word or values.ends_line(data, candidate)):
                continue
            value = values.literal(candidate, words=False)
            if value:
                yield values.match(value, "password of __token__")


def _calls(data: bytes, here: literals.Found) -> Iterator[Match]:
    """keyring.set_password, requests' auth and twine's Settings."""
    for found in _of(_KEYRING, data, here):
        service = found[1].strip(b"\\\"'`").lower()
        if any(word in service for word in _SERVICES):
            value = values.literal(values.quoted_at(data, found.end()))
            if value:
                yield values.match(value, "keyring.set_password")
    for found in _of(_AUTH, data, here):
        value = values.literal(values.quoted_at(data, found.end()))
        if value and _index_near(data, found.start(), value.end):
            yield values.match(value, "auth of a request to an index")
    if _TWINE in here:
        for found in _of(_SETTINGS, data, here):
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


def _requests(data: bytes, here: literals.Found) -> Iterator[Match]:
    """Authorization headers and `curl -u` for index hosts."""
    for found in _of(_HEADER, data, here):
        value = values.bare_at(data, found.end())
        if value is None or not (found[1] or _is_of_index(data, found.start(), found.end())):
            continue
        if found[1] or found[3]:
            password = _basic(value.text)
            if password and values.is_credential(password):
                yield values.match(value, "Basic header for an index")
        elif values.literal(value, words=False) and len(value.text) > 11:
            yield values.match(value, "Authorization header for an index")
    for found in itertools.chain(_of(_CURL, data, here), _of(_WGET, data, here)):
        value = values.literal(values.value_behind(data, found.start(1) if found.re.groups else found.end(), found.end()))
        line_end = data.find(b"\n", found.end(), found.end() + NEAR)
        if value and _index_near(data, found.start(), line_end if line_end >= 0 else found.end()):
            yield values.match(value, "password for an index")


def _sessions(data: bytes, here: literals.Found) -> Iterator[Match]:
    """What the client of devpi keeps for each server."""
    for found in _of(_SESSION, data, here):
        around = data[max(0, found.start() - NEAR) : found.end() + NEAR]
        is_devpi = any(word in around for word in _OF_DEVPI)
        entry = _ENTRY.match(data, found.end())
        while entry and (kept := values.quoted_at(data, entry.end())):
            value = values.literal(kept)
            if value and (is_devpi or urls.is_index(entry[1], entry[2])):
                yield values.match(value, "session of devpi")
            entry = _ENTRY.match(data, kept.end)


def _netrc(data: bytes, here: literals.Found) -> Iterator[Match]:
    for found in _of(_NETRC, data, here):
        if not (urls.is_index(found[1]) or b"__token__" in found[0]):
            continue
        default = _DEFAULT.search(data, found.end(), found.end() + NEAR)
        for entry in (found, default) if default else (found,):
            value = values.literal(values.value_at(data, entry.end(), scalar=True))
            if value:
                yield values.match(value, "netrc entry of an index")


def _echoed(data: bytes, key: int, start: int) -> Value | None:
    """Returns the value of the key at the offset: the rest of the string, or what follows a string that ends there."""
    closing = _BEHIND_STRING.match(data, start)
    is_all = closing and data[max(0, key - 1) : key] == closing[1]
    return values.value_at(data, closing.end()) if closing and is_all else values.value_behind(data, key, start)


def _written(data: bytes, here: literals.Found) -> Iterator[Match]:
    """`echo "password = …" >> ~/.pypirc`, and programs that set it: the file itself is another rule's."""
    for found in _of(_SET, data, here):
        if found["call"] and not _SETTER.search(data, max(0, found.start() - NEAR), found.start()):
            continue
        value = values.literal(values.value_at(data, found.end(), scalar=True) if found["task"] else values.quoted_at(data, found.end()))
        if value:
            yield values.match(value, "password set in .pypirc")
    # many names of files may stand behind one
    literal_of = functools.cache(lambda key, start: values.literal(_echoed(data, key, start)))
    for position in here.get(_FILE, ()):
        start = max(0, position - NEAR)
        start = max(data.rfind(b"\n", start, position) + 1, start)
        for found in _PYPIRC.finditer(data, start, position):
            value = literal_of(*found.span())
            if value and value.end <= position and _WRITES.search(data, value.end, position):
                yield values.match(value, "password written to .pypirc")
        behind = _WRITTEN.match(data, position)
        value = values.literal(values.value_at(data, behind.end())) if behind else None
        if value:
            yield values.match(value, "password written to .pypirc")


def find(data: bytes) -> Iterator[Match]:
    """Yields the literals in calls, requests and files that are an index's."""
    here = _find_words(data)
    yield from _token_users(data, here)
    if any(sign in here for sign in SIGNS):
        yield from _calls(data, here)
        yield from _requests(data, here)
    yield from _written(data, here)
    yield from _sessions(data, here)
    yield from _netrc(data, here)
