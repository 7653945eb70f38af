"""Rule `own-credential`: the bytes of a view and this machine's credentials in, the places that hold them out."""
from __future__ import annotations

import re
from collections.abc import Iterator

from pypi_token_hooks.credentials import images
from pypi_token_hooks.harvest import Own
from pypi_token_hooks.model import Match

RULE = "own-credential"
SHORT = 16  # bytes of ASCII; the readings pass over runs that hold less
LONG = 256  # bytes; nobody splits by hand what is longer
_WIDE = ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")
# what may part a password: a string that ends and one that begins, a line that goes on
_JOINT = rb"(?:[\"'`][\s\\+.&|,()]{0,40}[bBrRfFuU]{0,2}[\"'`]|[\\^`][ \t]{0,8}\r?\n[ \t]{0,40})?"


def _places(data: bytes, value: bytes) -> Iterator[tuple[int, int]]:
    """Yields where the value stands in the data."""
    position = data.find(value)
    while position >= 0:
        yield position, position + len(value)
        position = data.find(value, position + len(value))


def _encoded(data: bytes, value: bytes) -> Iterator[tuple[int, int]]:
    """Yields where the value stands in base64, in hexadecimal or as wide text, as the readings may not tell."""
    text, digits = value.decode("utf-8", "replace"), value.hex()
    wide = {text.encode(encoding) for encoding in _WIDE} if b"\0" in data or not text.isascii() else ()
    for image in {digits.encode("ascii"), digits.upper().encode("ascii"), *images.in_base64(value), *wide}:
        yield from _places(data, image)


def _split(data: bytes, value: bytes) -> Iterator[tuple[int, int]]:
    """Yields where the value stands in parts."""
    half = len(value) // 2
    if len(value) <= LONG and (value[:half] in data or value[half:] in data):
        pattern = _JOINT.join(re.escape(bytes((character,))) for character in value)
        for found in re.finditer(pattern, data):
            if len(found[0]) > len(value):
                yield found.span()


def find(data: bytes, own: tuple[Own, ...]) -> Iterator[Match]:
    """Yields each place of each credential, whatever is glued to it."""
    for held in own:
        value = held.secret.reveal()
        found = [*_places(data, value), *_split(data, value)]
        if len(value) < SHORT or not value.isascii():
            found += _encoded(data, value)
        for start, end in sorted(found):
            yield Match(RULE, "certain", start, end, held.secret, what=held.where)
