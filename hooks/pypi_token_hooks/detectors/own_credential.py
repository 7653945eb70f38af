"""Rule `own-credential`: the bytes of a view and this machine's credentials in, one match for each place of one out."""
from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from typing import NamedTuple

from pypi_token_hooks.credentials import images
from pypi_token_hooks.harvest import Own
from pypi_token_hooks.model import Match

RULE = "own-credential"
SHORT = 16  # bytes of ASCII: the readings skip shorter encoded runs, so the encodings of shorter values are looked for here
LONG = 256  # bytes: nobody splits a longer value by hand
MANY = 1 << 12  # values whose images are cached: mostly 4 KB each. With fewer than this machine has, none would be met again
_WIDE = ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")
# what may split a password: the end of a string and the beginning of another, a continued line
_JOINT = rb"(?:[\"'`][\s\\+.&|,()]{0,40}[bBrRfFuU]{0,2}[\"'`]|[\\^`][ \t]{0,8}\r?\n[ \t]{0,40})?"


class Image(NamedTuple):
    """A value in an encoding."""

    written: bytes
    readings: tuple[str, ...]
    before: int = 0  # characters before `written` that encode a part of the value, together with what is before it


def _places(data: bytes, value: bytes) -> Iterator[tuple[int, int]]:
    """Yields the spans of the value in the data."""
    position = data.find(value)
    while position >= 0:
        yield position, position + len(value)
        position = data.find(value, position + len(value))


def _encoded(value: bytes) -> Iterator[Image]:
    """Yields the value in hexadecimal, in base64 and as wide text."""
    text = value.decode("utf-8", "replace")
    for digits in (value.hex(), value.hex().upper()):
        yield Image(digits.encode("ascii"), ("hex",))
    for before, image in images.in_base64(value):
        yield Image(image, ("base64",), before)
    for before, image in images.in_base64(text.encode("utf-16-le")):
        yield Image(image, ("base64", "utf-16-le"), before)
    for name in _WIDE:
        # without the zeros at its ends, ASCII text is the same in either byte order
        yield Image(text.encode(name).strip(b"\0"), (name,))


def _once(found: list[Image], value: bytes) -> tuple[Image, ...]:
    """Returns the images that differ from the value itself, each once."""
    return tuple({image.written: image for image in reversed(found) if image.written != value}.values())


@functools.lru_cache(MANY)
def _images(value: bytes) -> tuple[tuple[bytes, tuple[Image, ...]], ...]:
    """Returns the value in those encodings in which the readings may not find it.

    They come in groups: with each group come bytes that are in all images of it.
    """
    escaped = [Image(image, (name,)) for name, image in images.escaped(value)]
    parted = [Image(image, (name,)) for name, image in images.separated(value)]
    if len(value) < SHORT or not value.isascii():
        parted += _encoded(value)
    else:
        parted = [image for image in parted if b"-" in image.written or image.readings != ("hex",)]
    if not value.isascii():
        parted.append(Image(images.in_latin(value), ()))
    return (images.longest(value), _once(escaped, value)), (b"", _once(parted, value))


def _places_of(data: bytes, value: bytes) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    """Yields the spans of the value in the data, as it is, encoded or split, each with the readings that find it."""
    for start, end in _places(data, value):
        yield start, end, ()
    for sign, found in _images(value):
        for image in found if sign in data else ():
            for start, end in _places(data, image.written):
                yield max(0, start - image.before), end, image.readings
    for start, end in _split(data, value):
        yield start, end, ("joined",)


def _split(data: bytes, value: bytes) -> Iterator[tuple[int, int]]:
    """Yields the spans of the value where it is split by joints."""
    half = len(value) // 2
    if len(value) <= LONG and (value[:half] in data or value[half:] in data):
        pattern = _JOINT.join(re.escape(bytes((character,))) for character in value)
        for found in re.finditer(pattern, data):
            if len(found[0]) > len(value):
                yield found.span()


def find(data: bytes, own: tuple[Own, ...]) -> Iterator[Match]:
    """Yields a match for each place of each credential, whatever text is glued to it."""
    for held in own:
        for start, end, readings in sorted(_places_of(data, held.secret.reveal())):
            yield Match(RULE, "certain", start, end, held.secret, what=held.where, readings=readings)
