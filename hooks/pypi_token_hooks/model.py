"""The records that the stages hand on, and the exit codes. No I/O, and no stage's logic."""
from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable
from typing import Any
from typing import Literal
from typing import NamedTuple

CLEAN = 0  # nothing found
FOUND = 1  # something found, or mended by --fix
FAILED = 2  # the check could not be made
UNHEARD = 141  # nobody reads the output any more: a shell's code for a program that SIGPIPE ended

# which part of what a place names; a comment is an archive's
Part = Literal[
    "content", "name", "link target", "comment", "message", "author", "committer", "tagger", "tag", "tag name", "tag header",
    "header", "ref",
]
Confidence = Literal["certain", "probable"]
Reason = Literal["limit", "damaged", "encrypted", "unsupported", "unreadable", "git", "failed"]  # failed, if it is the CHECK itself
Severity = Literal["error", "warning", "info"]
Scope = Literal["account", "projects", "publisher", "unknown"]


def is_broken_pipe(error: OSError) -> bool:
    """Tells whether the error of a write means that nobody reads. Windows calls that an invalid argument."""
    return isinstance(error, BrokenPipeError) or (os.name == "nt" and error.errno == errno.EINVAL)


def bug(error: Exception) -> str:
    """Returns the sentence for an unexpected error. It names the type alone: the message could quote what was read."""
    return f"internal error ({type(error).__name__}); please report it"


class CheckFailed(Exception):
    """The check could not be made. The message is a sentence for the user and never contains a secret."""


class Secret:
    """The bytes of a credential. It prints as `***`; only `reveal()` returns them."""

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


def as_text(path: str) -> str:
    """Returns a path of the system as text: its bytes are taken for UTF-8 whatever the locale says, and what is none is surrogates.

    Paths of the system open files; text is what is compared and reported.
    """
    if os.name == "nt" or sys.getfilesystemencoding() == "utf-8":
        return path
    return os.fsencode(path).decode("utf-8", "surrogateescape")


def named(path: str, magic: str = "", stand_in: str = "<the file>") -> str:
    """Returns a path as commands hold it until they are printed: then it is quoted, or the stand-in takes its place.

    So it is for a path that cannot be shown as it is. `magic` is what git wants before the path.
    """
    return stand_in if "\0" in path else f"\0{magic}\0{stand_in}\0{path}\0"


# how the names of refs begin that have remedies of their own; the ref of the last stash, and how the name of each begins
TAGS, NOTES = "refs/tags/", "refs/notes/"
STASH, STASHES = "refs/stash", "stash@{"
BACKUPS = "refs/original/"  # of `git filter-branch`
# stand in a finding for the ref that leads to it, if there is none, or only an index does
LOST, STAGED = "lost", "staged"


class Place(NamedTuple):
    """Where bytes come from, and so where a finding is."""

    path: str  # as the user or git named it; text (`as_text`), which opens no file
    members: tuple[str, ...] = ()  # names within archives, outermost first
    commit: str | None = None
    ref: str | None = None
    part: Part = "content"

    @property
    def is_in_archive(self) -> bool:
        """Whether it is in a member of an archive, or in an archive's own comment."""
        return bool(self.members) or self.part == "comment"


CHECK = Place("")  # stands for the place of what was not read if that is all: the check could not be made


class Blob(NamedTuple):
    """Bytes to scan, and where they come from."""

    data: bytes
    place: Place
    readings: tuple[str, ...] = ()  # the readings that led to it, as to an archive in base64
    # If `data` is a window of something bigger: its offset there, the line and column at which it begins, and the stretch of it
    # whose findings it reports. What begins outside of that stretch, the window before or after reports.
    base: int = 0
    line: int = 1
    column: int = 1
    own: tuple[int, int] | None = None
    covered: tuple[tuple[int, int], ...] = ()  # stretches that are scanned a second time, as the content of an archive's member
    encoding: str = ""  # of all of it, if it is wide text with a byte-order mark, which only the first window has


class Unread(NamedTuple):
    """Something that was not scanned, and why.

    `expected` is True for a limit, damage or encryption, which is reported under `skipped` and fails under --strict. It is False
    for a failure, such as an unreadable file or an error of git, which makes the exit code 2.
    """

    place: Place
    reason: Reason
    detail: str
    expected: bool = True


class View(NamedTuple):
    """One reading of a blob: bytes for the detectors, and the map back to the blob's offsets."""

    data: bytes
    readings: tuple[str, ...]  # outermost first; () is the plain reading
    at: Callable[[int], int]  # offset in `data` -> offset in the blob
    step: Callable[[int], int] = int  # offset in `data` -> offset in the view that the last reading was applied to


class Token(NamedTuple):
    """What an API token says of itself. Times are seconds since the epoch; None means that it does not say."""

    prefix: str  # "pypi-", "devpi-" or ""
    host: str
    identifier: str
    scope: Scope
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
    confidence: Confidence
    start: int  # offsets in the view's bytes
    end: int
    secret: Secret
    token: Token | None = None
    what: str = ""  # the setting, variable, section or place on this machine that it belongs to
    readings: tuple[str, ...] = ()  # further readings, which the detector itself applied to the view


class Finding(NamedTuple):
    """One credential, or forbidden file, at one place. Every report is made of findings."""

    rule: str
    confidence: Confidence
    place: Place
    line: int  # from 1
    column: int  # from 1, in characters; a byte that belongs to none counts as one
    readings: tuple[str, ...]
    secret: Secret | None
    token: Token | None = None
    what: str = ""
    own: str | None = None  # where this machine itself holds the same credential
    remote: bool | None = None  # whether a remote already has it; None if that is not known
    note: str = ""  # a remark of the hook, such as the commit that removed it
    holder: str = ""  # the full name of the local ref, or the stash, that leads to it, LOST or STAGED, for a remedy; empty if not known
    work_tree: str = ""  # the folder of the work tree in whose index it is STAGED, if that is another one
    encoded: Secret | None = None  # the encoded form in which it stands in a name that reports show
    below: bool = False  # whether the path starts at the top of the work tree, and the hook was started in a folder below


class Check(NamedTuple):
    """A failed check of the machine's own `.pypirc`."""

    id: str
    severity: Severity
    section: str | None
    line: int | None
    message: str
    remedy: str  # a sentence that ends with a full stop, or a command, in which paths are `named`


class Report(NamedTuple):
    """Everything that one run reports."""

    findings: list[Finding]
    skipped: list[Unread]
    failures: list[Unread]
    scanned: dict[str, int]  # files, bytes, members, commits, refs
    allowed: dict[str, int]  # inline, baseline
    checks: list[Check]
    messages: list[str]  # sentences, such as what --fix did or which refs of a push were checked
    extra: dict[str, Any]  # `mended`: --fix changed something; `file`: the file of this machine that was checked, `held`: what it holds


def empty_report() -> Report:
    """Returns the report of a run that has scanned nothing yet."""
    scanned = dict.fromkeys(("files", "bytes", "members", "commits", "refs"), 0)
    return Report([], [], [], scanned, {"inline": 0, "baseline": 0}, [], [], {})
