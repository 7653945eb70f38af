"""A commit about to be made: the message's file in, blobs of what git will record out.

Lines that git takes for comments, and what stands below the scissors line, are no part of the message.
"""
from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from collections.abc import Mapping
from typing import NamedTuple

from pypi_token_hooks import git
from pypi_token_hooks.model import Blob
from pypi_token_hooks.model import CheckFailed
from pypi_token_hooks.model import Place

HASH = b"#"
CANDIDATES = b"#;@!$%^&|:"  # of which git takes one where core.commentChar is `auto`
SCISSORS = b" ------------------------ >8 ------------------------\n"
KEPT = b" will be kept; you may remove them yourself"  # git's template says so where comments are recorded
STATUS = 5  # lines of comment below the scissors: more than explain them, so the template's own place is there
NO_EDITOR = ":"  # what GIT_EDITOR is for a hook when the message comes from the command line
_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)

Config = Mapping[bytes, bytes]


class Message(NamedTuple):
    """What git will record, and the lines of the file from which it comes."""

    text: bytes
    lines: tuple[int, ...]


def read(path: str) -> bytes:
    """Returns what the file holds; it must be a regular one, so that nobody waits for a pipe."""
    try:
        with open(os.open(path, _FLAGS), "rb") as stream:
            if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
                raise CheckFailed(f"{path}: not a regular file")
            return stream.read()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not a file name"
        raise CheckFailed(f"{path}: {reason or 'cannot be read'}") from None


def config() -> dict[bytes, bytes]:
    """Returns git's settings, the last value of each, and the identities that it will record."""
    said = {}
    for line in git.run(("var", "-l")).split(b"\n"):
        name, is_set, value = line.partition(b"=")
        said[name] = value if is_set else b"true"
    return said


def _is_on(value: bytes) -> bool:
    return value.lower() not in (b"", b"0", b"false", b"no", b"off")


def _scissors(data: bytes, sign: bytes) -> int:
    """Returns where the scissors line begins, or -1."""
    line = sign + SCISSORS
    return 0 if data.startswith(line) else data.find(b"\n" + line) + 1 or -1


def _chosen(data: bytes) -> bytes:
    """Returns the character that git chose by itself: it begins the block with which git ends the file.

    Empty where no such block is left: then nothing passes for a comment.
    """
    signs = [bytes((character,)) for character in CANDIDATES]
    cut = next((sign for sign in signs if _scissors(data, sign) >= 0), b"")
    last = next((line[:1] for line in reversed(data.split(b"\n")) if line.strip()), b"")
    return cut or (last if last in signs else b"")


def comment_sign(data: bytes, known: Config) -> bytes:
    """Returns what begins a comment line of the message, as this git and its settings have it."""
    set_to = [known[name] for name in (b"core.commentchar", b"core.commentstring") if name in known]
    if not set_to:
        return HASH
    if b"auto" in set_to:
        return _chosen(data)
    return git.run(("stripspace", "--comment-lines"), feed=b"x\n").removesuffix(b" x\n") or HASH


def _comments(data: bytes, sign: bytes) -> int:
    """Returns how many lines below the first one are comments, one after the other."""
    lines = data.split(b"\n")[1:]
    return next((number for number, line in enumerate(lines) if not line.startswith(sign)), len(lines))


def recorded(data: bytes, known: Config, editor: bool) -> Message:
    """Returns the message as git will record it, but for blanks at the ends of lines."""
    sign = comment_sign(data, known)
    mode = known.get(b"commit.cleanup", b"default")
    if mode not in (b"verbatim", b"whitespace", b"strip", b"scissors"):
        mode = b"strip" if editor else b"whitespace"
    end = _scissors(data, sign) if sign else -1
    explained = _comments(data[end:], sign) if end >= 0 else 0
    if editor and explained >= STATUS:
        mode = b"scissors"  # asked for on the command line
    asked = _is_on(known.get(b"commit.verbose", b"")) or (mode == b"scissors" and editor)
    if end >= 0 and (asked or (editor and (mode == b"strip" or explained))):
        data = data[:end]
    lines = data.split(b"\n")
    keep = mode != b"strip" or not sign or any(line.startswith(sign) and KEPT in line for line in lines)
    numbers = [number for number, line in enumerate(lines) if keep or not line.startswith(sign)]
    return Message(b"\n".join(lines[number] for number in numbers), tuple(number + 1 for number in numbers))


def branch() -> str:
    """Returns the full name of the branch on which we are, born or not; empty for none."""
    code, out, _ = git.ask(("symbolic-ref", "--quiet", "HEAD"))
    return "" if code else os.fsdecode(out.rstrip(b"\n"))


def blobs(path: str, message: Message, known: Config) -> Iterator[Blob]:
    """Yields the message, who makes the commit, and the name of the branch that will have it."""
    yield Blob(message.text, Place(path, part="message"))
    for part, name in (("author", b"GIT_AUTHOR_IDENT"), ("committer", b"GIT_COMMITTER_IDENT")):
        yield Blob(known.get(name, b""), Place("", part=part))
    ref = branch()
    if ref:
        yield Blob(os.fsencode(ref), Place("", ref=ref, part="ref"))
