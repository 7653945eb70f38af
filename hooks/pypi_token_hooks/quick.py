"""The clean path: named files in, `True` out if nothing in them is worth reading. Loads the anchors and the harvest."""
import os
import stat

from pypi_token_hooks import harvest
from pypi_token_hooks import say
from pypi_token_hooks.anchors import worth_reading

MAX_BYTES = 1 << 24  # a bigger file is left to the full scan, which reads it by window
_FLAGS = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
OPTIONS = ("--no-own", "--quiet", "--strict")  # any other, but a baseline, is left to the full scan
BASELINE = "--baseline"


def _content(path: str) -> "bytes | None":
    """Returns the bytes of a small regular file, or the target of a link; None leaves it to the full scan."""
    status = os.lstat(path)
    if stat.S_ISLNK(status.st_mode):
        return None if os.path.isabs(path) else os.fsencode(os.readlink(path))  # the system has links to pipes
    if not stat.S_ISREG(status.st_mode) or status.st_size >= MAX_BYTES:
        return None
    descriptor = os.open(path, _FLAGS)
    try:
        data = os.read(descriptor, status.st_size + 1)
    finally:
        os.close(descriptor)
    return data if len(data) == status.st_size else None


def receipt(hook: str, files: int, size: int) -> str:
    """Returns the line that ends a clean run, word for word as the full report's."""
    many = "" if files == 1 else "s"
    return f"{hook}: read {files:,} file{many}, {size:,} byte{'' if size == 1 else 's'}; nothing found\n"


def _is_sound(baseline: str) -> bool:
    """Tells whether the baseline can be read: where nothing is found, there is nothing that it could allow."""
    from pypi_token_hooks.model import CheckFailed
    from pypi_token_hooks.policy import baseline as baselines

    try:
        baselines.read(baseline)
    except CheckFailed:
        return False
    return True


def _without_baseline(arguments: "list[str]") -> "list[str] | None":
    """Returns the arguments without a sound baseline; None where it is not, or is no baseline at all."""
    for at, argument in enumerate(arguments):
        name, is_joined, path = argument.partition("=")
        if name == BASELINE:
            end = at + 1 if is_joined else at + 2
            path = path if is_joined else "".join(arguments[at + 1 : end])
            is_plain = path[:1] != "-" and not os.path.lexists(argument)
            return arguments[:at] + arguments[end:] if is_plain and _is_sound(path) else None
    return arguments


def clean(hook: str, arguments: "list[str]") -> bool:
    """Tells whether all arguments are files without an anchor; then the receipt is printed.

    Anything else (a directory, a file that cannot be read, an anchor, most options) is False: the full scan decides.
    """
    given = _without_baseline(arguments) or []
    options = [argument for argument in given if argument[:1] == "-"]
    paths = [argument for argument in given if argument[:1] != "-"]
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
    except Exception:  # unreadable, or a bug: the full scan tells either
        return False
    return "--quiet" in options or say(receipt(hook, len(paths), size))


def clean_bytes(hook: str, pieces: "list[bytes]") -> bool:
    """Tells whether nothing in the pieces of one file, or of none, is worth reading; then the receipt is printed."""
    own = harvest.quick_anchors(os.environ, os.path.expanduser("~"))
    for data in pieces:
        if worth_reading(data, own):
            return False
    return say(receipt(hook, bool(pieces), sum(len(data) for data in pieces)))
