"""Values that stand apart from the name they belong to: pairs of name and value, declarations, elements of XML."""
from __future__ import annotations

import re

from pypi_token_hooks import late
from pypi_token_hooks import traces
from pypi_token_hooks.detectors.index_credential import values
from pypi_token_hooks.detectors.index_credential.values import Value

_ALONG = 640  # bytes in which a pair of name and value, or a declaration, holds its value
_NAMED = rb"\b(?:(?:secret_|variable_)?name|(?:parameter)?key)\\?[\"']?[ \t]*[:=][ \t]*|--?(?:name|key)(?:[ \t]+|=)"
# a command that puts the name into a store of secrets, and its options
_STORES_IN = rb"\b(?:secret|variable)[ \t]+set[ \t]+(?:--?[\w-]{1,40}(?:[ \t=][^\s-]\S{0,99})?[ \t]+){0,3}"
_OTHER_NAME = rb"\\?[\"']--?[\w-]{1,20}\\?[\"'],\s{1,20}"  # of an option that has several: `"-p", "--pypi-password"`
_DECLARED = late.compiled(
    rb"(?:(?:" + _NAMED + rb")(?:\\?[\"'`]?/(?:[\w.-]{1,40}/){0,5}$)?"
    rb"|\bvariable[ \t]+|" + _STORES_IN + rb"|[(\[]\s{0,40}(?:" + _OTHER_NAME + rb"){0,2})\\?[\"'`]?(?:--|env\.)?$",
    re.IGNORECASE,
)
# the name is the key of a mapping, which holds the value: `TWINE_PASSWORD: {value: "…"}`
_KEY_ABOVE = late.compiled(
    rb":[ \t]*\r?\n[ \t]+(?=[a-z_]+:)"
    rb"|\\?[\"']?\s{0,9}[:=][ \t]*\{\s{0,40}(?=\\?[\"']?(?:type|value|default|description|sensitive)\b)",
    re.IGNORECASE,
)
_HELD = late.compiled(
    rb"[\s\"',{(-](?:(?:(?:plaintext_|parameter|default_?)?value|default|body|secret[_-]string)"
    rb"\\?[\"']?[ \t]*(?:(?::|" + traces.EQUALS + rb")[ \t]*|[ \t])|b(?:[ \t]+|(?=[\"'])))",
    re.IGNORECASE,
)
_NEXT_ENTRY = late.compiled(rb"\}|\n[ \t]*\r?\n|[\s\"'{-](?:name|(?:parameter)?key)\\?[\"']?[ \t]*[:=]|\n[ \t]*- ", re.IGNORECASE)
_NAMED_AFTER = (
    rb"(?:,\s{0,40}|\r?\n[ \t]+|(?<=[\"'])[ \t]+)\\?[\"']?(?:name|key)\\?[\"']?[ \t]*[:=][ \t]*\\?[\"']?(?:env\.)?$"
)
# a secret of GitHub in Terraform, whose keys and state are in order of the alphabet
_STATED_BEFORE = late.compiled(
    rb"\bplaintext_value\\?[\"']?[ \t]*[:=][ \t]*(?P<value>\"[^\"\n]{1,600}\"),?[ \t]*"
    rb"(?:\r?\n[ \t]*\\?[\"']?[a-z_]{1,40}\\?[\"']?[ \t]*[:=][^\n{}]{0,200}){0,4}"
    rb"\r?\n[ \t]*\\?[\"']?secret_name\\?[\"']?[ \t]*[:=][ \t]*\\?[\"']?$"
)
_NAME_BEFORE = 160  # bytes in which that is
_ENDS_IN_NAME = late.compiled(_NAMED_AFTER, re.IGNORECASE)
# the value before the name, in one line or in two: `"value": "…", "name": "…"`
_HELD_BEFORE = late.compiled(
    rb"(?:^|[\s{(,\"'-])(?:default_?)?value\\?[\"']?[ \t]*[:=][ \t]*(?P<value>(?:\"[^\"\n]*\"|'[^'\n]*'|[^\n{}()<>\"']){1,600}?)"
    + _NAMED_AFTER, re.IGNORECASE,
)
# of XML; of a property list; of a parameter in Jenkins
_ELEMENT = late.compiled(
    rb">(?:[ \t]*</key>\s{0,40}<string>)?|</key>\s{0,40}<string>"
    rb"|</name>\s{0,40}(?:<description(?:/>|>[^<]{0,400}</description>)\s{0,40})?<(?:default)?[Vv]alue>"
)
# what stores a secret that another command prints before it, `echo '…' | gh secret set NAME`, or that follows: `gh secret set NAME <<< …`
_PRINTS = late.compiled(rb"\b(?:echo|printf)[ \t]+(?:(?:-[neE]{1,3}|\\?[\"']%s(?:\\{1,2}n)?\\?[\"'])[ \t]+){0,2}")
_PIPED = late.compiled(rb"\\?[\"']?[ \t]*\|[ \t]*[\w./-]{1,40}[ \t]+" + _STORES_IN + rb"\\?[\"']?")
_HERE_STRING = late.compiled(rb"\\?[\"']?(?:[ \t]+[^\s<|;&]{1,99}){0,4}[ \t]*<<<[ \t]*")
_NEXT_OPTION = late.compiled(rb"[ \t]+(?:--?[a-z]|ParameterKey=)")  # of a command, behind the value of one
_STORE = late.compiled(rb"\btype\\?[\"']?[ \t]*[:=][ \t]*\\?[\"']?[\w.]{0,80}(?:SECRETS_MANAGER|PARAMETER_STORE)\b", re.IGNORECASE)
# Keys above names of variables, whose values are names of secrets, or are encrypted: of CodeBuild, sealed secrets, Cloud Build
_STORES = (b"secrets-manager:", b"parameter-store:", b"encryptedData:", b"secretEnv:")
_LINE_SIGN = rb"(?:#{1,3}|//|[>+*;])(?=[ \t])"  # with which each line begins
_SIGN_OF_LINE = late.compiled(rb"[ \t]*" + _LINE_SIGN)
# before a key that is indented in a string, as a notebook has its lines
_IN_STRING = late.compiled(rb"[ \t]*[\"'](?:[ \t]*" + _LINE_SIGN + rb")?[ \t]+")
_BEGINS_ENTRY = late.compiled(rb"[{}]|\n[ \t]*- ")
_ATTRIBUTE = late.compiled(rb"[\"'][^<>\n]{0,80}>(?=[^<>\s])")  # of an element, which holds the value of what it names
# of Azure Pipelines and GitHub Actions, in what a step prints
_COMMAND = late.compiled(rb"(?:;[^\]\n]{0,60})?\](?=\S)|::(?=\S)")
_COMMANDED = (b"setvariable variable=", b"::set-env name=", b"::set-output name=")


def _scalar(data: bytes, start: int) -> Value | None:
    block = values.BLOCK.match(data, start)
    if block:
        line = data[block.end() : block.end() + values.MAX_LENGTH].partition(b"\n")[0].rstrip()
        return values.literal(Value(block.end(), block.end() + len(line), line, b" " in line))
    value = values.value_at(data, start, scalar=True)
    if value and not (value.quoted or values.ends_line(data, value) or _NEXT_OPTION.match(data, value.end)):
        return None
    return values.literal(value)


def _after(data: bytes, end: int) -> Value | None:
    """Returns the literal that follows a declared name, before the next entry begins."""
    window = data[end : end + _ALONG]
    last = _NEXT_ENTRY.search(window)
    held = _HELD.search(window, 0, last.start() if last else len(window))
    return _scalar(data, end + held.end()) if held else None


def _before(data: bytes, start: int) -> Value | None:
    """Returns the literal whose name comes after it."""
    begin = max(0, start - _ALONG)
    above = data[begin:start]
    is_named = _ENDS_IN_NAME.search(above, max(0, len(above) - _NAME_BEFORE))  # which costs less than all that may be a value
    held = (_HELD_BEFORE.search(above) if is_named else None) or _STATED_BEFORE.search(above)
    if not held:
        return None
    at = begin + held.start("value")
    quoted = values.quoted_at(data, at)
    bare = held["value"].strip()
    return values.literal(quoted or Value(at, at + len(bare), bare, b" " not in bare))


def _stored(data: bytes, start: int, end: int) -> Value | None:
    """Returns the literal that the command reads which stores it under the name between the offsets."""
    given = _HERE_STRING.match(data, end)
    if given:
        return values.literal(values.value_at(data, given.end()))
    first = max(0, start - _ALONG)
    for printed in _PRINTS.finditer(data, max(first, data.rfind(b"\n", first, start) + 1), start):
        value = values.value_at(data, printed.end())
        if value and _PIPED.fullmatch(data, value.end, start):
            return values.literal(value)
    return None


def _element(data: bytes, start: int) -> Value | None:
    """Returns the literal that an element holds."""
    end = data.find(b"<", start, start + values.MAX_LENGTH)
    text = data[start:end] if end >= 0 else b""
    bare = text.strip()
    at = start + text.find(bare)
    return values.literal(Value(at, at + len(bare), bare, True))


def _parent(above: bytes) -> bytes:
    """Returns the line that is less indented than the key of YAML which follows the text.

    Each line may be a string of its own, or all a string of JSON; and each may begin with the same sign, as in comments and patches.
    """
    *lines, before = above.split(b"\n")
    if b"\\n" in before:
        *lines, before = before.split(b"\\n")
    elif _IN_STRING.fullmatch(before):
        lines, before = [line.lstrip()[1:].rpartition(b"\\n")[0] for line in lines], before.lstrip()[1:]
    if sign := _SIGN_OF_LINE.match(before):
        lines, before = [line.removeprefix(sign[0]) for line in lines], before[sign.end() :]
    column = len(before) - len(before.lstrip())
    for line in reversed(lines if not before.strip(b" \t\"'") else ()):
        bare = line.lstrip()
        if bare and len(line) - len(bare) < column:
            return bare
    return b""


def is_of_store(data: bytes, start: int, end: int) -> bool:
    """Tells whether what the name between the offsets has is the name of a secret in a store, as CodeBuild writes it."""
    above, below = data[max(0, start - _ALONG) : start], data[end : end + _ALONG]
    if any(store in above for store in _STORES) and _parent(above).startswith(_STORES):
        return True
    last = _NEXT_ENTRY.search(below)
    return bool(_STORE.search(_BEGINS_ENTRY.split(above)[-1] + below[: last.start() if last else None]))


def find(data: bytes, start: int, end: int, before: bytes) -> Value | None:
    """Returns the literal that is paired with the name between the offsets."""
    element = _ELEMENT.match(data, end) if before[-1:] in (b"<", b">") else None
    if element:
        return _element(data, element.end())
    command = _COMMAND.match(data, end) if before.endswith(_COMMANDED) else None
    if command:
        return values.literal(values.value_at(data, command.end()))
    if _DECLARED.search(before):
        attribute = _ATTRIBUTE.match(data, end)
        if attribute:
            return _element(data, attribute.end())
        return _stored(data, start, end) or _after(data, end) or _before(data, start)
    return _after(data, end) if _KEY_ABOVE.match(data, end) else None
