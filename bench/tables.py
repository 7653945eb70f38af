"""Tables of benches: figures in, put between the marks of a page."""
from __future__ import annotations

import os
import pathlib
import platform
import re
from collections.abc import Iterable

PAGE = pathlib.Path(__file__).parent / "README.md"
README = pathlib.Path(__file__).parent.parent / "README.md"


def machine(note: str) -> str:
    """Returns the sentence that tells what was measured on."""
    return f"Python {platform.python_version()}, {platform.system()}, {os.cpu_count()} cores, {note}."


def lines(head: Iterable[str], rows: Iterable[Iterable[str]]) -> list[str]:
    """Returns the lines of a table as Markdown."""
    head = list(head)
    first, *others = ("| " + " | ".join(cells) + " |" for cells in (head, *rows))
    return [first, "|---" * len(head) + "|", *others]


def table(head: Iterable[str], rows: Iterable[Iterable[str]], note: str) -> str:
    """Returns a table as Markdown, and what was measured on."""
    return "\n".join((*lines(head, rows), "", machine(note), ""))


def write(page: pathlib.Path, name: str, made: str) -> None:
    """Puts what was made between the marks of that name on a page."""
    marked = re.compile(rf"(<!-- {name} -->\n?).*?(<!-- end -->)", re.DOTALL)
    text = page.read_text(encoding="utf-8")
    if not marked.search(text):
        raise SystemExit(f"{page}: there are no marks of {name}")
    page.write_text(marked.sub(lambda found: found[1] + made + found[2], text), encoding="utf-8", newline="\n")
