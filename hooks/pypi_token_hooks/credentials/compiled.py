"""Strings of compiled Python, as `marshal` writes them (CPython's Python/marshal.c): an offset in, the end of the string out."""
from __future__ import annotations

_SHORT = b"zZ\xda\xfa"  # what begins a string of ASCII of less than 256 bytes, with its length in one byte
_CONSTANTS = tuple(bytes((code,)) for code in b"zZNc)(surR\xda\xfa\xe9\xf3\xf5\xa9")  # what begins the next constant


def end_of_string(data: bytes, start: int) -> int:
    """Returns where the string ends that begins at the offset; 0 if none does."""
    size = data[start - 1] if start > 1 and data[start - 2] in _SHORT else 0
    return start + size if size and data[start + size : start + size + 1] in _CONSTANTS else 0
