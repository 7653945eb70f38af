"""What trees, commits and tags hold besides contents: names, messages, people."""
from __future__ import annotations

import re
from collections.abc import Iterator

from pypi_token_hooks.model import Blob
from pypi_token_hooks.model import Place

_LOWER = bytes(range(256)).lower()
_HIGH = bytes(range(128, 256))
_PARTS = {b"author": "author", b"committer": "committer", b"tagger": "author"}


def may_name_pypirc(tree: bytes) -> bool:
    """Tells whether a name in the tree may be one like `.pypirc`, in any letter case."""
    return b"pypirc" in tree.translate(_LOWER, _HIGH)


def entries(tree: bytes, oid: str) -> list[tuple[bytes, bytes]]:
    """Returns modes and names in a tree; `oid` tells how long the names of objects are."""
    return re.findall(rb"([0-7]+) ([^\0]+)\0.{%d}" % (len(oid) // 2), tree, re.DOTALL)


def parts(data: bytes, oid: str, kind: str) -> Iterator[Blob]:
    """Yields the people and the message of a commit or tag; other headers, which may hold text, as message."""
    head, _, message = data.partition(b"\n\n")
    rest = []
    for line in head.split(b"\n"):
        word, _, value = line.partition(b" ")
        if word in _PARTS:
            yield Blob(value, Place("", commit=oid, part=_PARTS[word]))
        elif word not in (b"tree", b"parent", b"object", b"type"):
            rest.append(line)
    yield Blob(b"\n".join(rest), Place("", commit=oid, part="tag" if kind == "tag" else "message"))
    yield Blob(message, Place("", commit=oid, part="tag" if kind == "tag" else "message"))


def text(name: bytes) -> str:
    """Returns a path or ref as text, from which `data_of` gets every byte back."""
    return name.decode("utf-8", "surrogateescape")


def data_of(name: str) -> bytes:
    """Returns the bytes of a path or ref."""
    return name.encode("utf-8", "surrogateescape")


def path_blob(path: bytes) -> Blob:
    """Returns a file's path as something to read."""
    return Blob(path, Place(text(path), part="name"))
