"""The records that travel down the pipeline, and the exit codes it ends in. No I/O, no logic of a stage."""
from __future__ import annotations

import errno
import os
from collections.abc import Callable
from typing import Any
from typing import NamedTuple

CLEAN = 0  # nothing found
FOUND = 1  # something found, or mended by --fix
FAILED = 2  # the check could not be made
UNHEARD = 141  # nobody reads the output any more: what a shell makes of a broken pipe


def is_broken_pipe(error: OSError) -> bool:
    """Tells whether nobody reads what was to be written. Windows calls that an invalid argument."""
    return isinstance(error, BrokenPipeError) or (os.name == "nt" and error.errno == errno.EINVAL)


def bug(error: Exception) -> str:
    """Returns what is said of an error that nobody expected: its type alone, for its message may hold what was read."""
    return f"internal error ({type(error).__name__}); please report it"


class CheckFailed(Exception):
    """The check could not be made. The message is for people and never holds a secret."""


class Secret:
    """The bytes of a credential. It prints as `***`: only `reveal()` gives them back."""

    __slots__ = ("_value",)

    def __init__(self, value: bytes) -> None:
        self._value = value

    def reveal(self) -> bytes:
        return self._value

    def __repr__(self) -> str:
        return "Secret(***)"

    def __format__(self, _spec: str) -> str:
        return "***"

    __str__ = __repr__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)


class Place(NamedTuple):
    """Where bytes come from: what a finding points at."""

    path: str  # as the user or git named it
    members: tuple[str, ...] = ()  # names inside of archives, outermost first
    commit: str | None = None
    ref: str | None = None
    part: str = "content"  # or: name, link target, comment (of an archive), message, author, committer, tagger, tag, header, ref

    @property
    def is_in_archive(self) -> bool:
        """Whether it is in a member of an archive, or in what that says of itself."""
        return bool(self.members) or self.part == "comment"


class Blob(NamedTuple):
    """Bytes to look at, and where they come from."""

    data: bytes
    place: Place
    readings: tuple[str, ...] = ()  # how it was read to get here: an archive inside base64
    # where `data` is a window of something big: its offset there, the line and column at which it begins, and
    # the stretch of it whose findings are its own (what begins elsewhere, the window beside it reports)
    base: int = 0
    line: int = 1
    column: int = 1
    own: tuple[int, int] | None = None
    covered: tuple[tuple[int, int], ...] = ()  # stretches that come again, as what a member of an archive holds


class Unread(NamedTuple):
    """Something that was not looked at, and why.

    `expected` tells a limit, damage or encryption (reported under `skipped`; fails under --strict) from
    a failure (unreadable file, git error), which ends in exit code 2.
    """

    place: Place
    reason: str  # one word of: limit, damaged, encrypted, unsupported, unreadable, git
    detail: str
    expected: bool = True


class View(NamedTuple):
    """One reading of a blob: bytes to give to the detectors, with the way back to the blob's offsets."""

    data: bytes
    readings: tuple[str, ...]  # outermost first; () is the plain reading
    at: Callable[[int], int]  # offset in `data` -> offset in the blob
    step: Callable[[int], int] = int  # offset in `data` -> offset in what the last reading was made of


class Token(NamedTuple):
    """What an API token says of itself. Times are seconds since the epoch; None is unknown or unlimited."""

    prefix: str  # "pypi-", "devpi-" or ""
    host: str
    identifier: str
    scope: str  # account, projects, publisher, unknown
    projects: tuple[str, ...] = ()
    project_ids: tuple[str, ...] = ()
    user_id: str | None = None
    publisher_id: str | None = None
    not_before: int | None = None
    expires: int | None = None
    is_regular: bool = True  # whether the identifier is a UUID and every caveat JSON, as PyPI issues them


class Match(NamedTuple):
    """What a detector found in one view."""

    rule: str
    confidence: str  # certain, probable
    start: int  # offsets in the view's bytes
    end: int
    secret: Secret
    token: Token | None = None
    what: str = ""  # the setting, variable, section or place on this machine that tells what it is
    readings: tuple[str, ...] = ()  # how the detector itself read the view to find it


class Finding(NamedTuple):
    """One credential (or forbidden file) at one place: what every report is made from."""

    rule: str
    confidence: str
    place: Place
    line: int  # from 1
    column: int  # from 1, in characters of the text (bytes where it is no text)
    readings: tuple[str, ...]
    secret: Secret | None
    token: Token | None = None
    what: str = ""
    own: str | None = None  # where this machine itself holds it
    remote: bool | None = None  # whether a remote already has it; None: not known
    note: str = ""  # a sentence of the hook's own (the commit that removed it, ...)
    written: Secret | None = None  # the secret as it stands in a name, if that is in an encoding


class Check(NamedTuple):
    """A failed check of the machine's own `.pypirc`."""

    id: str
    severity: str  # error, warning, info
    section: str | None
    line: int | None
    message: str
    remedy: str


class Report(NamedTuple):
    """All that one run has to say."""

    findings: list[Finding]
    skipped: list[Unread]
    failures: list[Unread]
    scanned: dict[str, int]  # files, bytes, members, commits, refs
    allowed: dict[str, int]  # inline, baseline
    checks: list[Check]
    messages: list[str]  # plain sentences: what --fix did, on which refs the push was judged
    extra: dict[str, Any]  # `mended`: --fix changed something; `file`: which file of the machine the checks are of


def empty_report() -> Report:
    """Returns a report of a run that has looked at nothing yet."""
    scanned = dict.fromkeys(("files", "bytes", "members", "commits", "refs"), 0)
    return Report([], [], [], scanned, {"inline": 0, "baseline": 0}, [], [], {})
