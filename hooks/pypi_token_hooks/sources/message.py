"""The commit being made: the file with its message in, blobs of what git will record out.

Comment lines, and everything below the scissors line, are left out of the message where it is certain that git drops them.
"""
from __future__ import annotations

import os
import re
import stat
from array import array
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from typing import NamedTuple

from pypi_token_hooks import git
from pypi_token_hooks.model import Blob
from pypi_token_hooks.model import CheckFailed
from pypi_token_hooks.model import Part
from pypi_token_hooks.model import Place
from pypi_token_hooks.model import Unread
from pypi_token_hooks.model import as_text
from pypi_token_hooks.sources.history.named import data_of
from pypi_token_hooks.sources.history.named import text

HASH = b"#"
CANDIDATES = b"#;@!$%^&|:"  # git chooses one of these if core.commentChar is `auto`
SCISSORS = b" ------------------------ >8 ------------------------\n"
EXPLAINED = b" Do not modify or remove the line above.\n"  # git's own words below the scissors line, in English
DIFF = (b"diff --", b"Submodule ", b"* Unmerged path ")  # first lines of the diff that `git commit --verbose` adds
_PEOPLE: dict[Part, bytes] = {"author": b"GIT_AUTHOR_IDENT", "committer": b"GIT_COMMITTER_IDENT"}  # -> how git names it
_NO_EDITOR = ":"  # GIT_EDITOR as git sets it for a hook if the message comes from the command line
_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)

Config = Mapping[bytes, bytes]


class Message(NamedTuple):
    """What git will record, and for each line of it the number of the line in the file."""

    text: bytes
    lines: Sequence[int]


def read(path: str) -> bytes:
    """Returns the content of a regular file; a pipe could keep the commit waiting. Raises CheckFailed."""
    try:
        with open(os.open(path, _FLAGS), "rb") as stream:
            if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
                raise CheckFailed(f"{as_text(path)}: not a regular file")
            return stream.read()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not a file name"
        raise CheckFailed(f"{as_text(path)}: {reason or 'cannot be read'}") from None


def config() -> dict[bytes, bytes]:
    """Returns the last value of each of git's settings, and the identities that it will record (GIT_AUTHOR_IDENT, ...)."""
    said = {}
    for line in git.run(("var", "-l")).split(b"\n"):
        name, is_set, value = line.partition(b"=")
        said[name] = value if is_set else b"true"
    return said


def comment_signs(known: Config) -> list[bytes]:
    """Returns the signs that may begin a comment line of the message, by git's settings: one, or several for `auto`."""
    set_to = [known[name] for name in (b"core.commentchar", b"core.commentstring") if name in known]
    if b"auto" in set_to:
        return [bytes((character,)) for character in CANDIDATES]
    if not set_to:
        return [HASH]
    return [git.run(("stripspace", "--comment-lines"), feed=b"x\n").removesuffix(b" x\n") or HASH]


def _hint(data: bytes, signs: tuple[bytes, ...]) -> re.Match[bytes] | None:
    """Returns git's own sentence, in English, on what begins a comment line and whether such lines are ignored or kept.

    It is the last one in the file: the user may have written one before it.
    """
    words = b"|".join(re.escape(sign) for sign in signs)
    return max(re.finditer(rb"^(%s) with '\1' will be (ignored|kept)" % words, data, re.MULTILINE), key=re.Match.start, default=None)


def _is_gits(below: bytes, sign: bytes, signs: tuple[bytes, ...]) -> bool:
    """Tells whether git wrote what is below a scissors line: comments, and then at most a diff.

    It writes its sentence on comments above that line, never below.
    """
    if _hint(below, signs):
        return False
    lines = [line for line in below.split(b"\n") if line.strip()]
    number = next((number for number, line in enumerate(lines) if not line.startswith(sign)), len(lines))
    return number == len(lines) or (number > 0 and lines[number].startswith(DIFF) and not lines[-1].startswith(signs))


def _end(data: bytes, signs: tuple[bytes, ...], are_kept: bool, is_always: bool) -> int:
    """Returns where git cuts the message off: at the first scissors line if the last one is git's own, else at its end.

    Where comments are kept (`are_kept`), they prove nothing below a line: it is git's own only if EXPLAINED follows. Where git always
    writes such a line (`is_always`), one that EXPLAINED follows is its own whatever the user wrote below.
    """
    for sign in signs:
        line = b"\n" + sign + SCISSORS
        if is_always and line + sign + EXPLAINED in b"\n" + data:
            return (b"\n" + data).find(line)
        last = (b"\n" + data).rfind(line)
        below = data[last + len(line) - 1 :]
        if last >= 0 and _is_gits(below, sign, signs) and (not are_kept or below.startswith(sign + EXPLAINED)):
            return (b"\n" + data).find(line)
    return len(data)


def recorded(data: bytes, known: Config) -> Message:
    """Returns the message as git will record it, except that blanks at the ends of lines stay.

    The settings do not tell what git drops, since the command line can override each. What git wrote into the file for the user
    does. If it wrote nothing, or no editor was opened, nothing is left out.
    """
    sign, end = None, len(data)
    if os.environ.get("GIT_EDITOR") != _NO_EDITOR:
        signs = tuple(comment_signs(known))
        hint = _hint(data, signs)
        sign = hint[1] if hint and hint[2] == b"ignored" else None
        is_always = not hint and known.get(b"commit.cleanup") == b"scissors"  # an option that overrides it makes git write a hint
        end = _end(data, signs, bool(hint) and not sign, is_always)
    if sign is None:
        return Message(data[:end], range(1, data.count(b"\n", 0, end) + 2))
    kept, numbers = bytearray(), array("L")
    for number, line in enumerate(data[:end].split(b"\n"), 1):
        if not line.startswith(sign):
            kept += line + b"\n"
            numbers.append(number)
    return Message(bytes(kept[:-1]), numbers)


def branch() -> str:
    """Returns the full name of the current branch, with or without commits; "" if there is none. Raises CheckFailed."""
    question = ("symbolic-ref", "--quiet", "HEAD")
    code, out, err = git.ask(question)
    said = git.sentence(question, err) if code > 1 else git.NO_REPOSITORY
    if said != git.NO_REPOSITORY:
        raise CheckFailed(said)
    return "" if code else text(out.rstrip(b"\n"))


def blobs(path: str, message: Message, known: Config) -> Iterator[Blob | Unread]:
    """Yields the message, the author, the committer, and the name of the branch that the commit will be on."""
    yield Blob(message.text, Place(as_text(path), part="message"))
    for part, name in _PEOPLE.items():
        yield Blob(known.get(name, b""), Place("", part=part))
    try:
        ref = branch()
    except CheckFailed as error:
        yield Unread(Place("the branch's name"), "git", str(error), expected=False)
        return
    if ref:
        yield Blob(data_of(ref), Place("", ref=ref, part="ref"))
