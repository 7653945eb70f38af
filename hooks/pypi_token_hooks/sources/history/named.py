"""The content of a tree, commit or tag in; out: the names, messages and people in it."""
from __future__ import annotations

import re
from collections.abc import Iterator

from pypi_token_hooks.model import TAGS
from pypi_token_hooks.model import Blob
from pypi_token_hooks.model import Part
from pypi_token_hooks.model import Place

_LOWER = bytes(range(256)).lower()
_HIGH = bytes(range(128, 256))
_PEOPLE: dict[bytes, Part] = {b"author": "author", b"committer": "committer", b"tagger": "tagger"}
_PLUMBING = re.compile(rb"(tree|parent|object) [0-9a-f]*|type [a-z]{,6}")  # headers that hold nothing but names and kinds of objects


def may_name_pypirc(tree: bytes) -> bool:
    """Tells whether the tree may contain a name like `.pypirc`, in any letter case, with invisible characters or without."""
    return b"pypirc" in tree.translate(_LOWER, _HIGH)


def entries(tree: bytes, oid: str) -> list[tuple[bytes, bytes]]:
    """Returns the mode and name of each entry of a tree. `oid`, the name of any object, tells how long such names are."""
    return re.findall(rb"([0-7]+) ([^\0]+)\0.{%d}" % (len(oid) // 2), tree, re.DOTALL)


def parts(data: bytes, oid: str, kind: str) -> Iterator[Blob]:
    """Yields the people, the other headers, if there are any, and the message of a commit or tag."""
    head, _, message = data.partition(b"\n\n")
    lines = [line for line in head.split(b"\n") if not _PLUMBING.fullmatch(line)]
    place = Place("", commit=oid, part="message")
    is_tag, name = kind == "tag", next((line for line in lines if line.startswith(b"tag ")), b"")
    if is_tag:
        place = Place("", commit=oid, ref=TAGS + text(name[4:]), part="tag")
    others = []
    for line in lines:
        word, _, value = line.partition(b" ")
        if word in _PEOPLE:
            yield Blob(value, place._replace(part=_PEOPLE[word]))
        elif is_tag and line == name:
            yield Blob(line, place._replace(part="tag name"))
        else:
            others.append(line)
    if others:  # signatures, tags that a merge brought in
        yield Blob(b"\n".join(others), place._replace(part="tag header" if is_tag else "header"))
    yield Blob(message, place)


def text(name: bytes) -> str:
    """Returns a path or ref as text, from which `data_of` recovers every byte."""
    return name.decode("utf-8", "surrogateescape")


def data_of(name: str) -> bytes:
    """Returns the bytes of a path or ref."""
    return name.encode("utf-8", "surrogateescape")


def path_blob(path: bytes) -> Blob:
    """Returns a file's path as a blob."""
    return Blob(path, Place(text(path), part="name"))
