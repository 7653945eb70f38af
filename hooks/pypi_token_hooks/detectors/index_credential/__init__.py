"""Rule `index-credential`: the bytes of a view in, one match for each literal in a packaging tool's setting out."""
from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from operator import attrgetter

from pypi_token_hooks.detectors.index_credential import calls
from pypi_token_hooks.detectors.index_credential import commands
from pypi_token_hooks.detectors.index_credential import sections
from pypi_token_hooks.detectors.index_credential import settings
from pypi_token_hooks.detectors.index_credential import urls
from pypi_token_hooks.model import Match

_start = attrgetter("start")
_PARTS = (settings.find, urls.find, commands.find, sections.find, calls.find)
TRACES = (*settings.TRACES, *urls.TRACES, *commands.TRACES, *sections.TRACES, *calls.TRACES)


def find(data: bytes) -> Iterator[Match]:
    """Yields the passwords and tokens in settings, flags and index URLs, each place once."""
    kept: list[Match] = []  # in order, and apart from each other
    for part in _PARTS:
        for match in part(data):
            at = bisect_left(kept, match.start, key=_start)
            if (at == 0 or kept[at - 1].end <= match.start) and (at == len(kept) or match.end <= kept[at].start):
                kept.insert(at, match)
    yield from kept
