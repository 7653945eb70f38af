"""Rule `own-credential`: the bytes of a view and this machine's credentials in, the places that hold them out."""
from __future__ import annotations

from collections.abc import Iterator

from pypi_token_hooks.harvest import Own
from pypi_token_hooks.model import Match

RULE = "own-credential"


def find(data: bytes, own: tuple[Own, ...]) -> Iterator[Match]:
    """Yields each place of each credential, whatever is glued to it."""
    for held in own:
        value = held.secret.reveal()
        position = data.find(value)
        while position >= 0:
            end = position + len(value)
            yield Match(RULE, "certain", position, end, held.secret, what=held.where)
            position = data.find(value, end)
