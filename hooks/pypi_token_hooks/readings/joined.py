"""Readings that put text together again: split strings, wrapped lines, a prefix apart."""
from __future__ import annotations

import re
from collections.abc import Iterator

from pypi_token_hooks.credentials import macaroon
from pypi_token_hooks.model import View
from pypi_token_hooks.readings.offsets import Pieces

MIN_JOINED = 80  # bytes of the whole: shorter ones are no token
MAX_JOINTS = 4096  # in one view: the matcher holds all of them in memory
APART = 4096  # bytes between a prefix and the rest of a token

_RUN = rb"[A-Za-z0-9+/_=%&#;\\-]"
# the end of a line, perhaps with a sign that it goes on, and what begins a line of a mail or a comment
_WRAP = rb"[\\^`]?[ \t]{0,8}\r?\n[ \t]*(?:(?:>|(?:[#*;|]|//|--)[ \t])[ \t]*){0,4}"
# a string ends, signs that join, another string begins; an escaped newline may end the first
_QUOTE = rb"\\?[\"'`]"
_STRINGS = rb"(?:\\[nr]){0,2}" + _QUOTE + rb"[\s\\+.&|,()<>~#$%_]{0,200}[bBrRfFuU]{0,2}" + _QUOTE
# from the beginning of a run, so that a long one without a joint is tried once
_CHAIN = re.compile(rb"(?<!" + _RUN + rb")" + _RUN + rb"+(?:(?:" + _STRINGS + rb"|" + _WRAP + rb")+" + _RUN + rb"+){1,%d}" % MAX_JOINTS)
_JOINT = re.compile(_STRINGS + rb"|" + _WRAP)
_PREFIX = re.compile(rb"(?:pypi|devpi)-(?=[\"'`])")
_BODY = re.compile(rb"(?<!pypi-)Ag[E-H]")


def _chains(data: bytes) -> Iterator[View]:
    """Yields each chain of runs without its joints; a very long one in views that overlap by a quarter."""
    start = 0
    while found := _CHAIN.search(data, start):
        start = found.end()
        if len(found[0]) < MIN_JOINED:
            continue
        pieces, parts, size, position, joints = Pieces(), [], 0, found.start(), 0
        for joint in _JOINT.finditer(data, found.start(), found.end()):
            joints += 1
            if joint.start() > position:
                pieces.add(size, position, joint.start() - position)
                parts.append(data[position : joint.start()])
                size += joint.start() - position
            position = joint.end()
        pieces.add(size, position, found.end() - position)
        parts.append(data[position : found.end()])
        yield View(b"".join(parts), ("joined",), pieces)
        if joints >= MAX_JOINTS:
            start -= len(found[0]) // 4


def _apart(data: bytes) -> Iterator[View]:
    """Yields whole macaroons near which a token's prefix stands in a string of its own."""
    if not _PREFIX.search(data):
        return
    for body in _BODY.finditer(data):
        try:
            decoded = macaroon.decode(data, body.start())
        except (macaroon.EndsEarly, macaroon.NotAMacaroon):
            continue
        end = body.start() + decoded.length
        prefix = _PREFIX.search(data, max(0, body.start() - APART), end + APART)
        if prefix:
            pieces = Pieces()
            pieces.add(0, body.start(), 0)
            pieces.add(len(prefix[0]), body.start(), decoded.length)
            yield View(prefix[0] + data[body.start() : end], ("joined",), pieces)


def joined(data: bytes) -> Iterator[View]:
    """Reads strings that are concatenated and lines that are wrapped as the one text they stand for."""
    yield from _chains(data)
    yield from _apart(data)
