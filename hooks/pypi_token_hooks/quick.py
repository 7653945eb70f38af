"""The clean path: named files in, `True` out if nothing in them is worth reading. Loads only `anchors`."""
import os
import stat
import sys

from pypi_token_hooks.anchors import worth_reading

MAX_BYTES = 1 << 24  # a bigger file is left to the full scan, which reads it by window


def _content(path):  # type: ignore[no-untyped-def]
    """Returns the bytes of a small regular file, or the target of a link; None leaves it to the full scan."""
    mode = os.lstat(path).st_mode
    if stat.S_ISLNK(mode):
        return os.fsencode(os.readlink(path))
    if not stat.S_ISREG(mode):
        return None
    with open(path, "rb", buffering=0) as stream:
        data = stream.read(MAX_BYTES)
    return data if len(data) < MAX_BYTES else None


def receipt(hook: str, files: int, size: int) -> str:
    """Returns the line that ends a clean run, word for word as the full report's."""
    many = "" if files == 1 else "s"
    return f"{hook}: read {files:,} file{many}, {size:,} byte{'' if size == 1 else 's'}; nothing found\n"


def clean(hook: str, paths: "list[str]") -> bool:
    """Tells whether all `paths` are files without an anchor; then the receipt is printed.

    Anything else (an option, a directory, a file that cannot be read, an anchor) is False: the full scan decides.
    """
    size = 0
    try:
        for path in paths:
            if path[:1] == "-":
                return False
            data = _content(path)
            if data is None or worth_reading(data) or worth_reading(os.fsencode(path)):
                return False
            size += len(data)
    except OSError:
        return False
    if paths:
        sys.stdout.write(receipt(hook, len(paths), size))
    return bool(paths)
