"""The clean path: file names in, True out if no file is worth reading. Loads no more than the anchors and the harvest."""
import os
import stat

from pypi_token_hooks import harvest
from pypi_token_hooks import say
from pypi_token_hooks.anchors import worth_reading

MAX_BYTES = 16 << 20  # as `pieces.MAX_WHOLE`: a file of this size is left to the full scan, which reads it in windows
_FLAGS = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
OPTIONS = ("--no-own", "--quiet", "--strict")  # with any other option, except a baseline, the full scan runs
BASELINE = "--baseline"


def _content(path: str) -> "bytes | None":
    """Returns the bytes of a small regular file, or the target of a link; None for what is left to the full scan."""
    status = os.lstat(path)
    if stat.S_ISLNK(status.st_mode):
        return None if os.path.isabs(path) else os.fsencode(os.readlink(path))  # `/dev/stdin` is a link to a pipe
    if not stat.S_ISREG(status.st_mode) or status.st_size >= MAX_BYTES:
        return None
    descriptor = os.open(path, _FLAGS)
    try:
        data = os.read(descriptor, status.st_size + 1)
    finally:
        os.close(descriptor)
    return data if len(data) == status.st_size else None


def receipt(hook: str, files: int, size: int) -> str:
    """Returns the line that ends a clean run, word for word the one of the full report (`reports.words.receipt`)."""
    many = "" if files == 1 else "s"
    return f"{hook}: read {files:,} file{many}, {size:,} byte{'' if size == 1 else 's'}; nothing found\n"


def _is_sound(baseline: str) -> bool:
    """Tells whether the baseline can be read; its content does not matter where nothing is found."""
    from pypi_token_hooks.model import CheckFailed
    from pypi_token_hooks.policy import baseline as baselines

    try:
        baselines.read(baseline)
    except CheckFailed:
        return False
    return True


def _without_baseline(arguments: "list[str]") -> "list[str] | None":
    """Returns the arguments without `--baseline FILE`; None if that file is no sound baseline, or may be meant otherwise."""
    for at, argument in enumerate(arguments):
        name, is_joined, path = argument.partition("=")
        if name == BASELINE:
            end = at + 1 if is_joined else at + 2
            path = path if is_joined else "".join(arguments[at + 1 : end])
            is_plain = path[:1] != "-" and not os.path.lexists(argument)
            return arguments[:at] + arguments[end:] if is_plain and _is_sound(path) else None
    return arguments


def clean(hook: str, arguments: "list[str]") -> bool:
    """Tells whether no file among the arguments is worth reading, and prints the receipt then.

    False for anything else, such as a directory, a file that cannot be read, an anchor or most options: the full scan decides.
    """
    given = _without_baseline(arguments) or []
    options = [argument for argument in given if argument[:1] == "-"]
    paths = list(dict.fromkeys(argument for argument in given if argument[:1] != "-"))  # the full scan reads each once, too
    if not paths or any(option not in OPTIONS or os.path.lexists(option) for option in options):
        return False  # a file may be named like an option
    size = 0
    try:
        own = () if "--no-own" in options else harvest.quick_anchors(os.environ, os.path.expanduser("~"))
        if worth_reading(os.fsencode("\n".join(paths)), own):
            return False
        for path in paths:
            data = _content(path)
            if data is None or worth_reading(data, own):
                return False
            size += len(data)
    except Exception:  # unreadable, or a bug: the full scan meets it again and reports it
        return False
    return "--quiet" in options or say(receipt(hook, len(paths), size))


def clean_bytes(hook: str, pieces: "list[bytes]") -> bool:
    """Tells whether none of the pieces of one file (or of none) is worth reading, and prints the receipt then."""
    own = harvest.quick_anchors(os.environ, os.path.expanduser("~"))
    for data in pieces:
        if worth_reading(data, own):
            return False
    return say(receipt(hook, bool(pieces), sum(len(data) for data in pieces)))
