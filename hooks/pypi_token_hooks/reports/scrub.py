"""Text from outside in, text to print out: no part of a secret is left in it, and nothing that a terminal would interpret."""
from __future__ import annotations

import binascii
import os
import re
from array import array
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from functools import cached_property
from functools import lru_cache
from typing import TYPE_CHECKING
from typing import NamedTuple
from typing import TextIO

from pypi_token_hooks import late

if TYPE_CHECKING:
    from pypi_token_hooks.harvest import Own

HIDDEN = "***"
WINDOW = 8  # characters: no run of a secret of this length is ever printed
SHORTEST = 4  # characters: to hide anything shorter would hide half of every path
KEPT = 256  # texts that are kept with what was left of them: findings share the path of their file, and most other texts

# base64 of `2, 1, length, host`: all of a token that is the same for everybody
CONSTANTS = ("AgEIcHlwaS5vcmc", "AgENdGVzdC5weXBpLm9yZw", "AgEPdXBsb2FkLnB5cGkub3Jn")
_KNOWN = "|".join(CONSTANTS)
_BEGINNING = rf"(?:pypi-|devpi-)?(?:{_KNOWN})|(?:pypi|devpi)-(?!{_KNOWN})AgE"
_CONSTANT = late.compiled(_BEGINNING)
# In the standard alphabet a token may have slashes; in a path it may be followed by one. Where a capital or digit follows soon, it
# counts as one of the token: rather a folder is hidden than half of a token shown.
_TOKEN_SHAPED = late.compiled(rf"({_BEGINNING})(?:[A-Za-z0-9_+=-]|/(?=[A-Za-z0-9/_+=-]{{0,11}}[A-Z0-9+])){{{WINDOW},}}")
_USERINFO = late.compiled(r"(?<=://)[^/?#\s]+(?=@)")  # up to the last `@`: a password may contain one
# runs long enough for an encoding of the shortest secret
_HEX = late.compiled(rf"[0-9A-Fa-f]{{{2 * SHORTEST},}}")
# in a URL, in a string, in HTML; in the octal digits of git, which quotes paths
_ESCAPED = late.compiled(r"(?:%|\\+(?:x|u00))([0-9A-Fa-f]{2})|&#[Xx]0*([0-9A-Fa-f]{2});|\\+([0-3][0-7]{2})|&#0*([0-9]{2,3});")
_BASES = (16, 16, 8, 10)
_QUOTED_PRINTABLE = late.compiled(r"=([0-9A-F]{2})")  # apart from the others: a `=` also stands before a value
_MARKED = late.compiled(r"\\([^A-Za-z0-9])")  # in a string that is quoted in a sentence, in a pattern of git
_DEEPER = late.compiled(rf"[A-Za-z0-9+/_%=\\-]{{{4 * WINDOW // 3 + 1},}}")  # long enough to encode the shortest run that is hidden of most
_DEEP = 2  # encodings of an encoding that are undone
_BASE64 = late.compiled(rf"[A-Za-z0-9+/_-]{{{4 * SHORTEST // 3 + 1},}}")
_TO_STANDARD = str.maketrans("-_", "+/")
_MARK = 0xFFFFFFFF
_SURROGATE = late.compiled("[\ud800-\udfff]")
_NAMED = late.compiled("\0([^\0]*)\0([^\0]*)\0([^\0]*)\0")  # `model.named`
_RUNNER_COMMAND = late.compiled(r"(?:^|(?<=\s)):|#(?=#[a-z]*\[)")


def constant_prefix(value: str) -> str:
    """Returns the beginning of the token that all tokens of its index share; "" if it is no token."""
    found = _CONSTANT.match(value)
    return found[0] if found else ""


def of_machine() -> Iterator[bytes]:
    """Yields this machine's own credentials for a Scrubber, in each way of writing: paths and command lines may hold them."""
    from pypi_token_hooks import harvest

    try:
        found = harvest.own_credentials(os.environ, os.path.expanduser("~"))
    except Exception:
        return  # it may be the very failure that is being reported
    yield from in_each_way(found)


def in_each_way(held: Iterable[Own]) -> Iterator[bytes]:
    """Yields credentials in each way of writing."""
    from pypi_token_hooks.credentials import images

    for own in held:
        yield from images.whole(own.secret.reveal())


class _HashSet:
    """A compact set of many short texts: it keeps 32 bits of the hash of each, in a table with open addressing.

    About one text in 10^9 is taken for a member and is none.
    """

    def __init__(self, texts: Iterable[str], most: int) -> None:
        """`most` is an upper bound on the number of texts."""
        self._size = 2 * most + 1
        self._marks = array("I", [0]) * self._size
        for text in texts:
            place, mark = self._place(text)
            self._marks[place] = mark

    def _place(self, text: str) -> tuple[int, int]:
        """Returns the mark of the text, which is never 0, and the place in the table where it is or would be."""
        marks, size = self._marks, self._size
        rest, place = divmod(hash(text), size)
        mark = rest & _MARK or 1
        while marks[place] and marks[place] != mark:
            place = (place + 1) % size
        return place, mark

    def __contains__(self, text: str) -> bool:
        return self._marks[self._place(text)[0]] != 0

    def stretches(self, text: str, first: int, last: int, size: int) -> Iterator[tuple[int, int]]:
        """Yields where members of `size` characters stand between the two offsets of the text, those that overlap as one stretch."""
        marks, count = self._marks, self._size
        start = end = 0
        for at in range(first, last - size + 1):
            part = text[at : at + size]
            if marks[hash(part) % count] and part in self:  # most of the others need no more than this
                if at >= end:
                    if end:
                        yield start, end
                    start = at
                end = at + size
        if end:
            yield start, end


class _View(NamedTuple):
    """A text, or a stretch of it decoded, which begins at `start`: `wide` characters of it encode `many` bytes."""

    text: str
    start: int = 0
    wide: int = 1
    many: int = 1
    places: Sequence[int] = ()  # where each character begins, and the last one ends, if some are encoded and others are not

    def span(self, first: int, last: int) -> tuple[int, int]:
        """Returns where the characters between two offsets of the view stand."""
        if self.places:
            return self.places[first], self.places[min(last, len(self.places) - 1)]
        return max(self.start + first * self.wide // self.many, 0), self.start - (-last * self.wide // self.many)


def _undone(escape: re.Pattern[str], text: str, meant: Callable[[re.Match[str]], str]) -> _View:
    """Returns the text with its escapes undone: any of the characters of a secret may be escaped, and others not."""
    shown, places, position = list[str](), list[int](), 0
    for found in escape.finditer(text):
        shown += [text[position : found.start()], meant(found)]
        places += [*range(position, found.start()), found.start()]
        position = found.end()
    return _View("".join([*shown, text[position:]]), places=[*places, *range(position, len(text) + 1)])


def _and_narrow(view: _View) -> Iterator[_View]:
    """Yields what was decoded, and the same read as wide text, of which each other byte is zero."""
    yield view
    if "\0" in view.text:
        for first in range(2):
            text = view.text[first::2]
            starts = [view.span(at, at)[0] for at in range(first, len(view.text), 2)]
            yield _View(text, places=[*starts, view.span(0, len(view.text))[1]])


def _of_digits(escape: re.Match[str]) -> str:
    which = escape.lastindex or 1
    return chr(int(escape[which], _BASES[which - 1]))


def _decoded(text: str) -> Iterator[_View]:
    """Yields the decoded stretches of a path or name, in each encoding and alignment in which a secret can be in it."""
    for run in _HEX.finditer(text):
        for skipped in range(2):
            digits = run[0][skipped:]
            yield from _and_narrow(_View(bytes.fromhex(digits[: len(digits) // 2 * 2]).decode("latin-1"), run.start() + skipped, 2))
    for escape in (_ESCAPED, _QUOTED_PRINTABLE):
        if escape.search(text):
            yield _undone(escape, text, _of_digits)
    if "+" in text:  # a blank in a form
        yield _undone(_ESCAPED, text.replace("+", " "), _of_digits)
    if _MARKED.search(text):
        yield _undone(_MARKED, text, lambda found: found[1])
    for run in _BASE64.finditer(text):
        for before in range(4):
            padded = "A" * before + run[0].translate(_TO_STANDARD)
            padded += "A" * (-len(padded) % 4)
            yield from _and_narrow(_View(binascii.a2b_base64(padded).decode("latin-1"), run.start() - before, 4, 3))


def _windows(form: str) -> Iterator[str]:
    """Yields each run of WINDOW characters of the text; a shorter text as it is."""
    size = min(len(form), WINDOW)
    return (form[at : at + size] for at in range(len(form) - size + 1))


class _Pieces(NamedTuple):
    """The runs of the secrets that no text may have."""

    sizes: list[int]
    kept: _HashSet
    stretch: re.Pattern[str]  # characters of the secrets in a row


def _pieces(secrets: Iterable[bytes]) -> _Pieces:
    forms: set[str] = set()
    for value in set(secrets):
        text = value.decode("utf-8", "surrogateescape")
        body = text[len(constant_prefix(text)) :]
        forms |= {body, body.encode("utf-8", "surrogateescape").decode("latin-1")}
    forms = {form for form in forms if len(form) >= SHORTEST}
    kept = _HashSet((window for form in forms for window in _windows(form)), sum(map(len, forms)))
    characters = re.escape("".join(set().union(*forms)))
    stretch = re.compile(f"[{characters}]{{{SHORTEST},}}" if forms else "(?!)")
    return _Pieces(sorted({min(len(form), WINDOW) for form in forms}), kept, stretch)


class Scrubber:
    """Hides every run of WINDOW characters of the secrets, and whatever looks like a token, in any text.

    Encodings of a secret are found by decoding the text, not by encoding the secret: so only the secret itself has to be kept,
    whatever the encodings.
    """

    def __init__(self, secrets: Iterable[bytes], encoding: str = "utf-8") -> None:
        """`encoding` is what the output can show."""
        self._secrets = secrets
        self._encoding = encoding
        self._kept = lru_cache(KEPT)(self._scrubbed)

    @cached_property
    def _pieces(self) -> _Pieces:
        return _pieces(self._secrets)  # only now: most runs find nothing, and have no text to clean

    def _spans(self, text: str, deep: int = _DEEP) -> Iterator[tuple[int, int]]:
        """Yields the stretches of `text` that are, or encode, a part of a secret or what looks like a token."""
        pieces = self._pieces
        for token in _TOKEN_SHAPED.finditer(text):
            yield token.end(1), token.end()
        for stretch in pieces.stretch.finditer(text):
            for size in pieces.sizes:
                yield from pieces.kept.stretches(text, *stretch.span(), size)
        if deep == _DEEP or (deep and _DEEPER.search(text)):
            for view in _decoded(text):
                for first, last in self._spans(view.text, deep - 1):
                    yield view.span(first, last)

    def __call__(self, text: str) -> str:
        return self._kept(text)

    def _scrubbed(self, text: str) -> str:
        shown = []
        position = 0
        for start, end in sorted(self._spans(text)):
            if start >= position:
                shown += [text[position:start], HIDDEN]
            position = max(position, end)
        result = "".join([*shown, text[position:]])
        return _USERINFO.sub(HIDDEN, result) if "://" in result else result

    def _argument(self, magic: str, stand_in: str, path: str) -> str:
        """Returns a path, with `magic` before it, to be pasted into a shell; the stand-in if it cannot be shown as it is."""
        import shlex  # only for a finding

        is_shown = HIDDEN not in path and printable(self(path)) == path and _fits(path, self._encoding)
        return shlex.quote(magic + path) if is_shown else stand_in

    def filled(self, text: str, others: Callable[[str], str] = str) -> str:
        """Returns a command or a sentence in which the paths that are `named` can be pasted; what is between them goes to `others`."""
        shown = []
        position = 0
        for found in _NAMED.finditer(text):
            shown += [others(text[position : found.start()]), self._argument(*found.groups())]
            position = found.end()
        return "".join([*shown, others(text[position:])])

    def command(self, text: str) -> str:
        """Returns a command or a sentence to print, on one line; the paths that are `named` in it can be pasted."""
        return self.filled(text, lambda part: printable(self(part)))


def encoding_of(stream: TextIO | None) -> str:
    return getattr(stream, "encoding", None) or "utf-8"


def _fits(text: str, encoding: str) -> bool:
    """Tells whether the text can be written in the encoding."""
    try:
        text.encode(encoding)
    except UnicodeError:
        return False
    return True


def _surrogate(found: re.Match[str]) -> str:
    code = ord(found[0])
    return f"\\x{code - 0xDC00:02x}" if 0xDC80 <= code <= 0xDCFF else f"\\u{code:04x}"


def decodable(text: str) -> str:
    r"""Returns the text with bytes of a file's name that could not be decoded written as `\xNN`."""
    return _SURROGATE.sub(_surrogate, text)


def _escaped(character: str) -> str:
    if character == "\n":
        return "\\n"
    if character == "\r":
        return "\\r"
    if character == "\t":
        return "\\t"
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def printable(text: str) -> str:
    r"""Returns the text on one line, with nothing in it that a terminal or a CI runner would interpret.

    It escapes control characters, invisible characters and those that change the direction of writing, undecodable bytes, and what
    GitHub, Azure and TeamCity read as a command in a log: `::...`, `##[...]`, `##vso[...]`.
    """
    if not (text.isprintable() and ":" not in text and "#" not in text):
        text = "".join(c if c.isprintable() else _escaped(c) for c in decodable(text))
        text = _RUNNER_COMMAND.sub(lambda found: f"\\x{ord(found[0]):02x}", text)
    return text
