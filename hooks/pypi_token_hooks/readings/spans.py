"""Pieces of a token, as spans of the data, in; out: whether they belong together."""
from __future__ import annotations

import itertools
from collections.abc import Iterable
from collections.abc import Sequence

from pypi_token_hooks import late
from pypi_token_hooks.credentials import macaroon
from pypi_token_hooks.model import View
from pypi_token_hooks.readings.offsets import Pieces

Span = tuple[int, int]

# the first bytes of a macaroon: its version, its first field, a location of up to 127 characters, or of more
BEGINNING = late.compiled(rb"Ag[E-H]")
_PREFIXES = (b"pypi-", b"devpi-")
_SIGNATURE = 43  # characters of base64 of a signature
_SHORT = 4  # characters: if no more than these are missing, it is a leak whatever they are
_LONG = 20  # characters: a longer text must be more varied to count as random
_WIDEST = 4096  # characters of the longest line that counts as wrapped
# What joins two strings in a program: an operator, or a sign that continues a line. Blanks are taken all or not at all, so that
# there is only one way to match them.
_ADDED = late.compiled(
    rb"\\?[\"'`]\s*(?!\s)(?:(?:[+.&~]|\.\.|\|\||<>)[ \t]*(?![ \t]))?[\\_]?\s*(?!\s)[bBrRfFuU]{0,2}\\?[\"'`]"
    rb"|[\\^`][ \t]{0,8}\r?\n[ \t]*"
)
_KEY = late.compiled(rb"\\?[\"'`][ \t]{0,8}:")  # behind a string that is the key of a mapping
_KINDS = bytes.maketrans(
    b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", b"a" * 26 + b"A" * 26 + b"0" * 10
)


def _is_random(text: bytes) -> bool:
    """Tells whether the text may be random base64: varied, with small letters, capitals and digits in turn.

    In random text 64 of 100 neighbours are of different kinds, in names like `getValueOf` 40.
    """
    kinds = text.translate(_KINDS, b"-_+/")
    if len(text) <= _SHORT:
        return True
    if len(kinds) * 2 < len(text) or len(set(text)) * 2 < len(text):
        return False
    changes = sum(one != other for one, other in itertools.pairwise(kinds))
    if len(kinds) <= _LONG:
        return changes * 3 >= len(kinds) - 1
    return changes * 12 >= (len(kinds) - 1) * 5 and b"0" in kinds


def cut(spans: Iterable[Span], length: int) -> list[Span]:
    """Returns the spans of the first `length` characters."""
    kept = []
    for start, end in spans:
        kept.append((start, min(end, start + length)))
        length -= kept[-1][1] - start
        if not length:
            break
    return kept


def _is_one_text(data: bytes, spans: Sequence[Span]) -> bool:
    """Tells whether the pieces are written as one text: joined by operators, on continued lines, or in lines of one width."""
    if all(_ADDED.fullmatch(data, one[1], other[0]) for one, other in itertools.pairwise(spans)):
        return True
    widths = {end - data.rfind(b"\n", max(0, end - _WIDEST), end) for _, end in spans[:-1]}
    return len(spans) > 2 and len(widths) == 1


def _begin_with_signs(data: bytes, spans: Sequence[Span]) -> bool:
    """Tells whether the pieces behind the first begin with the sign of a patch, with which the line of the first one begins too."""
    first = spans[0][0]
    line = data.rfind(b"\n", max(0, first - _WIDEST), first) + 1
    sign = data[line : line + 1]
    return sign in (b"+", b"-") and all(data[start - 1 : start + 1] == b"\n" + sign for start, _ in spans[1:])


def prefix_before(data: bytes, start: int) -> bytes:
    """Returns the prefix of a token that ends at the offset; b"" if none does."""
    return next((prefix for prefix in _PREFIXES if data.endswith(prefix, 0, start)), b"")


def _may_be_glued(data: bytes, spans: Sequence[Span]) -> bool:
    """Tells whether the token surely ends within a word: with the same between all pieces, and more than a signature in the further ones.

    All of these but the last are of one size, no shorter than the first one, unless the whole signature is in the last one: a token
    that breaks off in its signature, in a shorter line, would be completed by any words below it. They do not all begin with a sign
    either, which may be that of a patch: with four of those a wrong text decodes, too.
    """
    joints = {data[one[1] : other[0]] for one, other in itertools.pairwise(spans)}
    has_signs = all(data[start - 1 : start + 1] in (b"\n+", b"\n-") for start, _ in spans[1:])
    first, *further, last = [end - start for start, end in spans]
    first += len(prefix_before(data, spans[0][0]))
    is_even = last >= _SIGNATURE or (len({*further}) == 1 and further[0] >= first)
    return len(joints) == 1 and not has_signs and is_even and sum(further) + last > _SIGNATURE


def is_sound(data: bytes, spans: Sequence[Span]) -> bool:
    """Tells whether pieces that decode together belong together.

    If the first piece ends before its signature begins, decoding proves it: the rest has to fit. The rest of a signature can be any
    text. So a piece must end where the signature does, and the pieces must be written as one text, or look random and be no keys.
    """
    rest = data[spans[-1][1] : macaroon.run_end(data, spans[-1][1], spans[-1][1] + _WIDEST)]
    if (rest[:1].isalnum() and not _may_be_glued(data, spans)) or _begin_with_signs(data, spans):
        return False
    joined = b"".join(data[start:end] for start, end in spans[1:])
    if len(joined) > _SIGNATURE or _is_one_text(data, spans):
        return True
    if rest.strip(b"-_+/") or any(_KEY.match(data, end) for _, end in spans[1:]):
        return False
    return _is_random(joined)


def view(data: bytes, spans: Sequence[Span], prefix: bytes = b"") -> View:
    """Returns the view of the pieces as the one text that they are.

    The text may begin with a prefix that stands elsewhere: it is mapped to the offset at which the first piece begins.
    """
    pieces, size = Pieces(), len(prefix)
    if prefix:
        pieces.add(0, spans[0][0], 0)
    for start, end in spans:
        pieces.add(size, start, end - start)
        size += end - start
    return View(prefix + b"".join(data[start:end] for start, end in spans), ("joined",), pieces)
