"""A document and what was found in, its JSON out, one finding after the other: hostile text has a million."""
from __future__ import annotations

import json
from collections.abc import Iterable
from collections.abc import Iterator
from typing import Any

HERE = "\0"  # stands for what was found in a document: no name or message has it


def _text(document: dict[str, Any]) -> str:
    """Returns a document as text; in ASCII, and with nothing in it that a CI runner takes for a command."""
    return json.dumps(document, indent=2).replace("##", "#\\u0023")


def pieces(document: dict[str, Any], found: Iterable[dict[str, Any]]) -> Iterator[str]:
    """Yields a document as text, in which what was found stands in place of HERE."""
    head, _, tail = _text(document).partition(json.dumps(HERE))
    margin = head[len(head.rstrip()) :]
    before = head.rstrip()
    for one in found:
        yield before + margin + _text(one).replace("\n", margin)
        before = ","
    yield (tail if before == "," else before + tail.lstrip()) + "\n"
