"""What trees, commits and tags hold besides contents: names, messages, people."""
from __future__ import annotations

import re
from collections.abc import Iterator

from pypi_token_hooks.model import Blob
from pypi_token_hooks.model import Place

_LOWER = bytes(range(256)).lower()
_HIGH = bytes(range(128, 256))
_PEOPLE = (b"author", b"committer", b"tagger")
_PLUMBING = (b"tree", b"parent", b"object", b"type")  # headers that hold names of objects alone


def may_name_pypirc(tree: bytes) -> bool:
    """Tells whether a name in the tree may be one like `.pypirc`, in any letter case."""
    return b"pypirc" in tree.translate(_LOWER, _HIGH)


def entries(tree: bytes, oid: str) -> list[tuple[bytes, bytes]]:
    """Returns modes and names in a tree; `oid` tells how long the names of objects are."""
    return re.findall(rb"([0-7]+) ([^\0]+)\0.{%d}" % (len(oid) // 2), tree, re.DOTALL)


def parts(data: bytes, oid: str, kind: str) -> Iterator[Blob]:
    """Yields the people, the message and the other headers of a commit or tag, where it has any."""
    head, _, message = data.partition(b"\n\n")
    lines = [line for line in head.split(b"\n") if line.partition(b" ")[0] not in _PLUMBING]
    place = Place("", commit=oid, part="message")
    if kind == "tag":
        name = next((line[4:] for line in lines if line.startswith(b"tag ")), b"")
        place = Place("", commit=oid, ref="refs/tags/" + text(name), part="tag")
    others = []
    for line in lines:
        word, _, value = line.partition(b" ")
        if word in _PEOPLE:
            yield Blob(value, place._replace(part=word.decode("ascii")))
        else:
            others.append(line)
    if others:  # the name of a tag, signatures, tags that were merged
        yield Blob(b"\n".join(others), place._replace(part="tag" if kind == "tag" else "header"))
    yield Blob(message, place)


def text(name: bytes) -> str:
    """Returns a path or ref as text, from which `data_of` gets every byte back."""
    return name.decode("utf-8", "surrogateescape")


def data_of(name: str) -> bytes:
    """Returns the bytes of a path or ref."""
    return name.encode("utf-8", "surrogateescape")


def path_blob(path: bytes) -> Blob:
    """Returns a file's path as something to read."""
    return Blob(path, Place(text(path), part="name"))
