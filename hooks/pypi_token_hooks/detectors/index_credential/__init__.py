"""Rule `index-credential`: the bytes of a view in, one match for each literal in a packaging tool's setting out."""
from __future__ import annotations

from collections.abc import Iterator

from pypi_token_hooks.detectors.index_credential import calls
from pypi_token_hooks.detectors.index_credential import commands
from pypi_token_hooks.detectors.index_credential import sections
from pypi_token_hooks.detectors.index_credential import settings
from pypi_token_hooks.detectors.index_credential import urls
from pypi_token_hooks.model import Match

_PARTS = (settings.find, urls.find, commands.find, sections.find, calls.find)


def find(data: bytes) -> Iterator[Match]:
    """Yields the passwords and tokens in settings, flags and index URLs, each place once."""
    kept: list[Match] = []
    for part in _PARTS:
        for match in part(data):
            if not any(match.start < other.end and other.start < match.end for other in kept):
                kept.append(match)
    yield from sorted(kept, key=lambda match: match.start)
