"""The stream and the options in; out: how text looks there, that is its colours, links and width."""
from __future__ import annotations

import functools
import os
import shutil
import sys
from typing import NamedTuple
from typing import TextIO

MIN_WIDTH = 50
MAX_WIDTH = 110
INDENT = 13  # columns that labels take
CODES = {"path": "1", "certain": "1;31", "probable": "1;33", "label": "36", "good": "32", "dim": "2"}


@functools.lru_cache(256)  # most findings have the same things said of them
def _lines(text: str, width: int, hanging: str) -> list[str]:
    """Returns the lines of a text, wrapped between words only."""
    import textwrap  # only where there is something to tell

    wrapper = textwrap.TextWrapper(width, subsequent_indent=hanging, break_long_words=False, break_on_hyphens=False)
    return wrapper.wrap(text) or [""]


class Style(NamedTuple):
    """What the stream can show."""

    colours: bool
    links: bool
    width: int
    terminal: bool = False

    def paint(self, kind: str, text: str) -> str:
        return f"\x1b[{CODES[kind]}m{text}\x1b[0m" if self.colours else text

    def link(self, text: str, url: str) -> str:
        return f"\x1b]8;;{url}\x1b\\{text}\x1b]8;;\x1b\\" if self.links else text

    def wrapped(self, kind: str, head: str, text: str) -> list[str]:
        """Returns the lines of a sentence with a painted head: wrapped on a terminal, elsewhere one line, as is easily searched."""
        sentence = f"{head} {text}"
        first, *rest = _lines(sentence, self.width, "  ") if self.terminal else [sentence]
        return [self.paint(kind, first[: len(head)]) + first[len(head) :], *rest]

    def field(self, label: str, text: str, hanging: str = "") -> list[str]:
        """Returns the lines of a labelled text, wrapped between words only."""
        lines = _lines(text, self.width - INDENT, hanging)
        head = self.paint("label", f"  {label}".ljust(INDENT)) + lines[0]
        return [head, *(" " * INDENT + line for line in lines[1:])]

    def whole(self, label: str, text: str) -> str:
        """Returns a labelled command, on one line however long it is."""
        return self.paint("label", f"  {label}".ljust(INDENT)) + self.paint("path", text)

    def command(self, text: str) -> str:
        """Returns the line of a command or an address, unbroken so that it can be copied."""
        shown = self.link(text, text) if text.startswith("https://") else text
        return " " * (INDENT + 3) + self.paint("path", shown)


def _is_terminal(stream: TextIO) -> bool:
    try:
        return stream.isatty() and os.environ.get("TERM") != "dumb"
    except (AttributeError, ValueError):
        return False


def _shows_colours(choice: str, terminal: bool) -> bool:
    if choice != "auto":
        return choice == "always"
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return os.environ["FORCE_COLOR"] != "0"
    modern = sys.platform != "win32" or any(
        os.environ.get(name) for name in ("WT_SESSION", "TERM", "ANSICON", "TERM_PROGRAM")
    )
    return terminal and modern


def of(stream: TextIO, choice: str) -> Style:
    """Returns the style for `stream` under `--color choice`."""
    terminal = _is_terminal(stream)
    colours = _shows_colours(choice, terminal)
    width = min(MAX_WIDTH, max(MIN_WIDTH, shutil.get_terminal_size((80, 24)).columns))
    return Style(colours, terminal and colours, width, terminal)
