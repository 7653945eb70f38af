"""The text of a `.pypirc` in; out: True if it is plainly in order, as is asked at every commit. Imports nothing heavy.

Only usual files are recognised. Any other is False, and left to the full check. A test checks that the full check finds nothing
wrong where this says True.
"""
from binascii import a2b_base64

from pypi_token_hooks.credentials.pypirc import DISTUTILS
from pypi_token_hooks.credentials.pypirc import KEYS
from pypi_token_hooks.credentials.pypirc import URLS
from pypi_token_hooks.credentials.pypirc import USUAL
from pypi_token_hooks.credentials.pypirc import Entry
from pypi_token_hooks.credentials.pypirc import parse

_USER = "__token__"
_HOSTS = {"pypi": b"pypi.org", "testpypi": b"test.pypi.org"}
_URL_ALPHABET = bytes.maketrans(b"-_", b"+/")
_STRAY = "\"'`#; \t\n"
_OF_PROJECTS = (b"[1,[", b"[2,[")  # beginnings of caveats that name projects: no expiry, and not the whole account


def _after_fields(raw: bytes, at: int) -> int:
    """Returns the offset behind the caveats at `at`; -1 if one of them does not name projects. Raises IndexError if `raw` ends."""
    while raw[at : at + 1] == b"\2":
        size, at = raw[at + 1], at + 2
        if size > 127:  # a varint of two bytes; a longer one makes this fail, and the full check decides
            size, at = (size & 127) | raw[at] << 7, at + 1
        if not raw.startswith(_OF_PROJECTS, at) or raw[at + size : at + size + 1] != b"\0":
            return -1
        at += size + 1
    return at


def _is_token_of(password: str, host: bytes) -> bool:
    """Tells whether the value is a whole token of the index that does not expire and is limited to projects."""
    body = password[5:].encode("ascii")
    if password[:5] != "pypi-" or len(body) % 4 == 1 or not body.translate(None, b"-_").isalnum():
        return False
    raw = a2b_base64(body.translate(_URL_ALPHABET) + b"=" * (-len(body) % 4))
    head = b"\2\1" + bytes((len(host),)) + host + b"\2\x24"  # and a UUID
    if not raw.startswith(head) or raw[len(head) + 36 : len(head) + 37] != b"\0":
        return False
    try:
        end = _after_fields(raw, len(head) + 37)
    except IndexError:
        return False
    return end > 0 and raw[end : end + 3] == b"\0\6\x20" and len(raw) == end + 35


def _is_plain(value: str) -> bool:
    return bool(value) and value.isprintable() and not any(c in value for c in _STRAY)


def _is_private(own: "dict[str, Entry]") -> bool:
    """Tells whether the section of a private index is in order: it needs an address; user and password are optional."""
    address = own["repository"].value.lower() if "repository" in own else ""
    if not address.startswith("https://") or any(site in address for site in ("pypi.org", "python.org", "pypi.io")):
        return False
    if not all(_is_plain(own[key].value) for key in own if key in ("repository", "username", "password")):
        return False
    if "password" not in own:
        return True
    from pypi_token_hooks.credentials.placeholders import is_safe  # not everybody has such a server

    password = own["password"].value
    return "Ag" not in password and "pypi-" not in password.lower() and not is_safe(password)


def _is_server(name: str, own: "dict[str, Entry]") -> bool:
    address = own["repository"].value if "repository" in own else URLS.get(name)
    index = next((usual for usual in USUAL if URLS[usual] == address), None)
    if index is None or (name in USUAL and name != index):
        return name not in USUAL and _is_private(own)
    if "password" not in own:
        return True
    return "username" in own and own["username"].value == _USER and _is_token_of(own["password"].value, _HOSTS[index])


def _may_hide_a_secret(entry: Entry) -> bool:
    """Tells whether a token, or a line that is meant to be an entry of its own, may stand in a value other than a password."""
    has_lines = "\n" in entry.value and (entry.section, entry.key) != (DISTUTILS, "index-servers")
    return entry.key != "password" and (has_lines or "Ag" in entry.value)


def is_sound(text: str) -> bool:
    """Tells whether the file is certainly in order."""
    if not text.isascii():
        return False
    parsed = parse(text)
    if any(map(_may_hide_a_secret, parsed.entries)) or not parsed.own(DISTUTILS).keys().isdisjoint(KEYS):
        return False
    listed = parsed.servers()
    sections = [name for name in parsed.headers if name != DISTUTILS]
    if parsed.faults or any(name not in listed for name in sections):
        return False
    if any(name not in sections and name not in USUAL for name in listed):
        return False
    return all(_is_server(name, parsed.own(name)) for name in sections)
