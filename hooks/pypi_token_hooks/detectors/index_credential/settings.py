"""Values of the tools' variables, whatever the syntax: the bytes of a view in, matches out."""
from __future__ import annotations

import re
from collections.abc import Iterator

from pypi_token_hooks import places
from pypi_token_hooks.detectors.index_credential import values
from pypi_token_hooks.detectors.index_credential.values import Value
from pypi_token_hooks.model import Match

_WORD_CHARACTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_"
# every variable holds one of these; the smaller letters are those of inputs, keywords and attributes
SIGNS = (b"_PASSWORD", b"_TOKEN", b"_API_KEY", b"INDEX_AUTH", b"PYPI", b"_password", b"_token", b"pypi", b"index_auth")
_SUFFIX = rb"(?:[_-](?:TEST|TESTPYPI|TEST_PYPI|PROD|PRODUCTION|STAGING|DEV|MAIN|RELEASE|PYPI|\d{1,3}))?"
_BEFORE = 96  # bytes that tell how a name is used
_ALONG = 320  # bytes in which a pair of name and value, or a declaration, holds its value


def _pattern(name: str) -> bytes:
    """Returns the expression for one variable; `pypiToken` and `pypi-token` are `PYPI_TOKEN` too."""
    between = "[_-]?" if name.startswith("PYPI") else "[_-]"
    parts = [between.join(part.split("_")) for part in name.split("<NAME>")]
    return "[A-Z0-9_-]{1,40}?".join(parts).encode("ascii")


_NAMES = [v.name for tool in places.TOOLS for v in tool.variables if v.kind == places.SECRET]
_NAME = re.compile(
    rb"[A-Z0-9_-]{0,40}?((?:" + b"|".join(map(_pattern, _NAMES)) + rb")" + _SUFFIX + rb")(?![A-Za-z0-9_])",
    re.IGNORECASE,
)
_HEADS = tuple({name.partition("_")[0].encode("ascii") for name in _NAMES} - {b"TOK", b"TOKEN", b"PASSWORD"})

_CLOSING = rb"(?:\\{0,3}[\"'`])?(?:\\?\])?(?:[ \t]*\))?"
_ASSIGNED = re.compile(
    _CLOSING + rb"(?P<left>[ \t]{0,40})"
    rb"(?:(?P<typed>:[ \t]*[A-Za-z_][\w.\[\], |]{0,40}=(?!=))|(?P<op>::?:?=|[?+!]=|=>|=(?![=~>])|:(?![:/?+-])))"
    rb"(?P<right>[ \t]{0,40})"
)
_NEXT_LINE = re.compile(rb"(?:[|>][-+0-9]{0,2}[ \t]*(?:#[^\n]*)?|\\)?\r?\n[ \t]+(?![#\-\[])")
_TAG = re.compile(rb"(?:!!str|!unsafe|&[A-Za-z0-9_-]{1,40})[ \t]+")
_CALL = re.compile(rb"\\{0,3}[\"'`][ \t]*,\s{0,40}(?=[bBrRuUfF@$]{0,2}\\{0,3}[\"'`])")
_CALLED = re.compile(rb"[\w\])!][ \t]*\(\s{0,40}[bBrRuUfF@$]{0,2}\\{0,3}[\"'`]$")
_OTHERWISE = re.compile(
    _CLOSING + rb"[ \t]*(?:\bor\b|\|\||\?\?|\?:|\|[ \t]*(?:default|d)[ \t]*\()\s{0,40}(?=\\{0,3}[\"'`])"
)
_FALLBACK = re.compile(rb":?[-=](?=[^\s}])")
_SPACED = re.compile(
    rb"(?:^|[\s\"'`;&|@(])(?:ENV|set(?:[ \t]+-\S+){1,3}|setx|setenv|env[ \t]+set|"
    rb"(?:secret|variable|config)[ \t]+set)[ \t]+[\"']?$",
    re.IGNORECASE,
)
_SPACES = re.compile(rb"[\"']?[ \t]+(?![=:?+-])")
_DECLARED = re.compile(
    rb"(?:\bname\\?[\"']?[ \t]*[:=][ \t]*|\bvariable[ \t]+|\bsecret[ \t]+set[ \t]+|[(\[]\s{0,40})\\?[\"'`]?(?:--)?$"
)
_KEY_ABOVE = re.compile(rb":[ \t]*\r?\n[ \t]+(?=[a-z_]+:)")
_HELD = re.compile(
    rb"[\s\"',{(-](?:(?:value|default|default_?value|body)\\?[\"']?[ \t]*(?:[:=][ \t]*|[ \t])|b[ \t]+)", re.IGNORECASE
)
_NEXT_ENTRY = re.compile(rb"\}|\n[ \t]*\r?\n|[\s\"'{-]name\\?[\"']?[ \t]*[:=]|\n[ \t]*- ", re.IGNORECASE)
_HELD_BEFORE = re.compile(
    rb"\bvalue\\?[\"']?[ \t]*[:=][ \t]*(?=\\?[\"'])[^\n{}]{1,200}?,[ \t]*\\?[\"']?name\\?[\"']?[ \t]*[:=][ \t]*\\?[\"']?$",
    re.IGNORECASE,
)


def _names(data: bytes) -> Iterator[re.Match[bytes]]:
    """Yields each name of a variable in the data once, in order of the signs."""
    seen = set()
    for position in values.occurrences(data, *SIGNS):
        before = data[max(0, position - 60) : position]
        start = position - (len(before) - len(before.rstrip(_WORD_CHARACTERS + b"-")))
        word = data[start : position + 80].upper()
        if start in seen or not any(head in word for head in _HEADS):
            continue
        found = _NAME.match(data, start, position + 80)
        if found:
            seen.add(start)
            yield found


def _fallback(data: bytes, start: int) -> Value | None:
    """Returns what `${NAME:-…}` falls back to: up to its own brace."""
    depth, position = 1, start
    while position < len(data) and position < start + values.MAX_LENGTH:
        character = data[position : position + 1]
        if character == b"\n":
            break
        depth += (character == b"{") - (character == b"}")
        if not depth:
            text = data[start:position].strip(b"\"'")
            at = data.find(text, start)
            return values.literal(Value(at, at + len(text), text, True))
        position += 1
    return None


def _assigned(data: bytes, found: re.Match[bytes], before: bytes) -> Value | None:
    """Returns the literal that is assigned to the name: `=`, `:`, `=>`, `?=`, … and what follows."""
    sign = _ASSIGNED.match(data, found.end())
    if not sign:
        return None
    start = sign.end()
    below = _NEXT_LINE.match(data, start)
    if below:
        start = below.end()
    tag = _TAG.match(data, start)
    if tag:
        start = tag.end()
    tight = sign["op"] == b"=" and not sign["left"] and not sign["right"]
    value = values.value_at(data, start, scalar=not tight)
    if value is None or value.quoted:
        return values.literal(value)
    if before[-1:] in (b"$", b"{") or sign["typed"]:
        return None  # a use of the variable, not its value
    shouted = found[1].isupper()
    if tight:
        return values.literal(value, words=shouted and before[-1:] not in (b"(", b",", b"."))
    if not values.ends_line(data, value):
        return None
    return values.literal(value, words=shouted and sign["op"] != b"=")


def _elsewhere(data: bytes, found: re.Match[bytes], before: bytes) -> Value | None:
    """Returns the literal that a pair of name and value, or a declaration, holds for the name."""
    above = _KEY_ABOVE.match(data, found.end())
    if not above and not _DECLARED.search(before):
        return None
    window = data[found.end() : found.end() + _ALONG]
    last = _NEXT_ENTRY.search(window)
    held = _HELD.search(window, 0, last.start() if last else len(window))
    if not held:
        return None
    start = found.end() + held.end()
    value = values.value_at(data, start, scalar=True)
    if value and not value.quoted and not values.ends_line(data, value):
        return None
    return values.literal(value)


def _value_of(data: bytes, found: re.Match[bytes]) -> Value | None:
    """Returns the literal credential that belongs to the name, whatever the syntax."""
    before = data[max(0, found.start(1) - _BEFORE) : found.start(1)]
    end = found.end()
    if before.endswith(b"${"):
        given = _FALLBACK.match(data, end)
        return _fallback(data, given.end()) if given else None
    otherwise = _OTHERWISE.match(data, end)
    if otherwise:
        return values.literal(values.quoted_at(data, otherwise.end()))
    called = _CALL.match(data, end)
    if called and _CALLED.search(before):
        value = values.literal(values.quoted_at(data, called.end()))
        if value:
            return value
    spaces = _SPACES.match(data, end)
    if spaces and _SPACED.search(before):
        value = values.value_at(data, spaces.end())
        if value and (value.quoted or values.ends_line(data, value)):
            return values.literal(value)
    if data[end : end + 1] == b">" and before[-1:] == b"<":
        return values.literal(values.bare_at(data, end + 1, scalar=True))
    earlier = _HELD_BEFORE.search(before)
    if earlier:
        at = found.start(1) - len(before) + earlier.start()
        return values.literal(values.quoted_at(data, data.find(b"\"", at + 6)))
    return _assigned(data, found, before) or _elsewhere(data, found, before)


def find(data: bytes) -> Iterator[Match]:
    """Yields the literals that the tools' variables are given."""
    for found in _names(data):
        value = _value_of(data, found)
        if value:
            yield values.match(value, found[1].decode("ascii"))
