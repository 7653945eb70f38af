"""What a pattern matches, made from its parsed form: no search is needed to know that it does."""
from __future__ import annotations

import functools
import importlib
import random
import re
import sys
from typing import Any

_SINCE_3_11 = sys.version_info >= (3, 11)
constants: Any = importlib.import_module("re._constants" if _SINCE_3_11 else "sre_constants")
parser: Any = importlib.import_module("re._parser" if _SINCE_3_11 else "sre_parse")
LONG = (0, 1, 2, 31, 33, 64, 90)  # times of what repeats without end: libraries go through it by 16, 32 or 64 bytes at a time
_ANY = b"zyx 5\n\0\xe2"
_CLASSES = {name: frozenset(b"".join(re.findall(rb"\%c" % letter, bytes(range(256))))) for name, letter in (
    ("CATEGORY_SPACE", b"s"), ("CATEGORY_NOT_SPACE", b"S"), ("CATEGORY_WORD", b"w"), ("CATEGORY_DIGIT", b"d"),
)}


def _members(items: Any, folded: bool) -> list[int]:
    """Returns the bytes of a class; of one that leaves letters out, it does so in both cases."""
    found: set[int] = set()
    for kind, value in items:
        if kind is constants.LITERAL:
            found.add(value)
        elif kind is constants.RANGE:
            found.update(range(value[0], value[1] + 1))
        elif kind is constants.CATEGORY:
            found |= _CLASSES[str(value)]
    if folded:
        found.update(*(bytes((byte,)).swapcase() for byte in tuple(found)))
    return [byte for byte in range(256) if (byte in found) is (items[0][0] is not constants.NEGATE)]


def _is_anchored(tree: Any) -> bool:
    return any(kind is constants.AT for kind, _ in tree)


def _matched(tree: Any, rng: random.Random, folded: bool) -> bytes:
    made = bytearray()
    for kind, value in tree:
        if kind in (constants.LITERAL, constants.NOT_LITERAL, constants.IN, constants.ANY):
            if kind is constants.ANY:
                choice = list(_ANY)
            elif kind is constants.IN:
                choice = _members(value, folded)
            else:
                choice = [byte for byte in range(256) if (byte == value) is (kind is constants.LITERAL)]
            byte = bytes((rng.choice([byte for byte in choice if 32 <= byte < 127] or choice if rng.random() < 0.8 else choice),))
            made += rng.choice((byte.lower(), byte.upper())) if folded else byte
        elif kind is constants.BRANCH:
            made += _matched(rng.choice([branch for branch in value[1] if not _is_anchored(branch)]), rng, folded)
        elif kind is constants.SUBPATTERN:
            made += _matched(value[3], rng, folded or bool(value[1] & re.IGNORECASE))
        elif kind in (constants.MAX_REPEAT, constants.MIN_REPEAT):
            least, most, inner = value
            times = least + (rng.choice(LONG) if most is constants.MAXREPEAT else rng.randint(0, min(most - least, 3)))
            one = [_matched(inner, rng, folded) for _ in range(3)]
            made += b"".join([rng.choice(one) for _ in range(times)])
        else:
            raise NotImplementedError(kind)
    return bytes(made)


@functools.cache
def _parsed(pattern: bytes) -> Any:
    return parser.parse(pattern, re.DOTALL)


def matched(pattern: bytes, rng: random.Random) -> bytes:
    """Returns bytes that the pattern matches, wherever they stand; what repeats without end may be long."""
    tree = _parsed(pattern)
    return _matched(tree, rng, bool(tree.state.flags & re.IGNORECASE))
