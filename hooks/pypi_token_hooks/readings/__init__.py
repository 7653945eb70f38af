"""Other readings of the same bytes: a blob in, its views out, each with a map back to the blob's offsets."""
from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from typing import NamedTuple

from pypi_token_hooks import anchors
from pypi_token_hooks.model import View
from pypi_token_hooks.pieces import INNER
from pypi_token_hooks.readings import columns
from pypi_token_hooks.readings import encoded
from pypi_token_hooks.readings import joined
from pypi_token_hooks.readings import margins
from pypi_token_hooks.readings import pieced
from pypi_token_hooks.readings import substituted
from pypi_token_hooks.readings.offsets import composed
from pypi_token_hooks.readings.offsets import shifted

Question = Callable[[bytes], bool]
Look = Callable[[View], bool]
DEPTH = 3  # readings on top of each other
MOST = 1 << 18  # hashes that are kept: about 20 MB
# Bytes of views, for each byte of the data and of any data: beyond them views are not read further. Logs with escapes of many kinds
# have 60 for each byte.
VIEWS, SOME_VIEWS = 96, 256 << 10
UNFINISHED = "it can be read in so many ways that not all of them were tried"


class Reading(NamedTuple):
    """One step: bytes in, views out. Without the bytes `sign` it has nothing to read.

    A `light` step reads visible text, in which single characters are escaped; any other one encoded text, or text in pieces.
    """

    sign: bytes
    read: Callable[[bytes], Iterator[View]]
    light: bool = False


STEPS = (
    Reading(b"", encoded.base64),
    Reading(b"", encoded.hexadecimal),
    *(Reading(code, encoded.numbers) for code in encoded.OF_ARRAYS),
    Reading(b"0000", columns.dumped),
    Reading(b"\n", columns.logged),
    Reading(b"\0", encoded.utf16),
    Reading(b"\0", encoded.utf32),
    Reading(b"%", substituted.percent, light=True),
    Reading(b"+", substituted.form, light=True),
    Reading(b"=%5", substituted.form, light=True),
    Reading(b"\\", substituted.escapes, light=True),
    Reading(b'""', substituted.quotes, light=True),
    Reading(b"''", substituted.quotes, light=True),
    Reading(b"'\"'\"'", substituted.quotes, light=True),
    Reading(b"&", substituted.references, light=True),
    Reading(b"=", substituted.quoted_printable, light=True),
    Reading(b"=?", substituted.words, light=True),
    Reading(b"\n", joined.joined),
    Reading(b'"', joined.joined),
    Reading(b"'", joined.joined),
    Reading(b"\r", substituted.line_ends, light=True),
    Reading(b"\n@@ ", substituted.patch, light=True),
    Reading(b"\n", margins.margins, light=True),
    Reading(b"", substituted.invisible, light=True),
    Reading(b"\x1b[", substituted.colours, light=True),
    Reading(b"</span>", substituted.highlighted, light=True),
    Reading(b"Ag", pieced.pieced),
)
_SHORTEST = b"a" * 24  # the shortest stretch of text: random bytes have one in ten million
_MARGIN = 128  # bytes before and after a stretch that are read with it: the last piece of a token may be short
_GAP = 1024  # bytes: stretches that are closer are read as one, since text may have letters beyond ASCII in between


def _is_text(data: bytes) -> bool:
    """Tells whether the data is text. It may begin and end within a character, as a region does."""
    if data.isascii():
        return True
    try:
        data.lstrip(INNER).decode("utf-8")
    except UnicodeDecodeError as error:
        return error.end == len(error.object) and error.reason == "unexpected end of data"
    return True


def _stretches(data: bytes) -> Iterator[tuple[int, int]]:
    """Yields the stretches of text in the data. Reading the rest would be a waste of time."""
    if _is_text(data):
        if len(data) >= len(_SHORTEST):
            yield 0, len(data)
        return
    image = data.translate(anchors.PLAIN)
    start = image.find(_SHORTEST)
    while start >= 0:
        end = start
        following = start
        while 0 <= following <= end + _GAP:
            end = image.find(b".", following)
            end = len(data) if end < 0 else end
            following = image.find(_SHORTEST, end)
        yield max(0, start - _MARGIN), min(len(data), end + _MARGIN)
        start = following


def _steps(data: bytes, light: bool) -> Iterator[Callable[[bytes], Iterator[View]]]:
    """Yields the readings whose sign is in the data, each once."""
    return iter(dict.fromkeys(step.read for step in STEPS if step.light >= light and step.sign in data))


def _is_light(view: View) -> bool:
    """Tells whether the view is read lightly, whatever it hides.

    What is encoded or split over lines with margins is read with these: without them any words could go on with it.
    """
    return view.readings[-1] == margins.NAME


class _Reader:
    """Reads one blob, and keeps account of it."""

    def __init__(self, look: Look, worth_reading: Question, hides: Question, idle: set[int], size: int) -> None:
        """`idle` are hashes of views in which nothing was found; `size` is that of the blob, in bytes."""
        self._look, self._worth_reading, self._hides, self._idle = look, worth_reading, hides, idle
        self._left = VIEWS * size + SOME_VIEWS  # bytes of views that may be looked at before none is read further
        self._has_broken_off = False  # whether more tokens break off than could be tried
        self.unread: list[str] = []  # reasons why not all was read

    def _views(self, stretch: bytes, light: bool) -> Iterator[View]:
        """Yields the views of a stretch."""
        for read in _steps(stretch, light):
            if self._has_broken_off and read is pieced.pieced:
                continue
            try:
                yield from read(stretch)
            except pieced.UnfinishedError as error:
                self.unread.append(str(error))
                self._left, self._has_broken_off = 0, True  # in readings of the same text as many tokens break off

    def within(self, view: View, depth: int, light: bool) -> bool:
        """Looks at the views of a view, and recursively at theirs, up to `depth`. Tells whether anything was found in them."""
        has_found = False
        for start, end in _stretches(view.data):
            stretch = view.data[start:end]
            at = composed(shifted(start), view.at)
            for inner in self._views(stretch, light):
                name = hash((inner.data, depth, _is_light(inner)))
                if name not in self._idle and encoded.is_promising(inner.data):
                    whole = View(inner.data, view.readings + inner.readings, composed(inner.at, at), inner.at)
                    before = len(self.unread)
                    if self._has(whole, depth) or len(self.unread) > before:
                        has_found = True
                    else:
                        remember(self._idle, name)
        return has_found

    def _has(self, view: View, depth: int) -> bool:
        """Tells whether anything was found in the view, or in the views of it."""
        self._left -= len(view.data)
        is_worth = view.data.startswith(encoded.ARCHIVES) or self._worth_reading(view.data)
        has_found = is_worth and self._look(view)
        if depth == 1:
            return has_found
        if self._left <= 0:
            self.unread.append(UNFINISHED)
            return has_found
        # a view that is not worth reading hides nothing, except a token that is split within its core
        light = not (is_worth or anchors.CUT_CORE in view.data) or not self._hides(view.data)
        light = light or _is_light(view)
        return self.within(view, depth - 1, light) or has_found


def remember(idle: set[int], name: int) -> None:
    """Adds the hash of data in which nothing was found. Once there are MOST hashes, all are dropped."""
    if len(idle) >= MOST:
        idle.clear()
    idle.add(name)


def each(
    data: bytes, look: Look, worth_reading: Question = anchors.worth_reading, hides: Question = anchors.hides,
    idle: set[int] | None = None,
) -> list[str]:
    """Calls `look` with the bytes as they are, and then with each other reading that is worth it, up to DEPTH deep.

    `look` returns whether it found anything. `idle` are hashes of views in which it found nothing, with the same questions: these
    are not read again, and new ones are added. Returns the reasons why not all was read; only hostile text gives any.
    """
    reader = _Reader(look, worth_reading, hides, set() if idle is None else idle, len(data))
    plain = View(data, (), int)
    look(plain)
    reader.within(plain, DEPTH, not hides(data))
    return reader.unread
