"""A file's name in, whether it is a `.pypirc` or a copy of one out."""
from __future__ import annotations

NAME = ".pypirc"
# what editors and copies put before the name: Emacs locks and autosaves, macOS' resource forks
_BEFORE = ("#", ".#", "._", "~", "~$", "copy of ", "backup of ")
TEMPLATES = (".example", ".sample", ".template", ".tmpl", ".j2", ".in", ".dist")
ENCRYPTED = (".gpg", ".asc", ".age", ".enc", ".vault", ".sops")
_UNSEEN = "\u200b\u200c\u200d\u2060\ufeff\u00ad"  # they make another name that looks the same


def is_pypirc(path: str) -> bool:
    """Tells whether the file at this path, of any system, may hold what `.pypirc` holds: the name itself in any letter case,
    or what begins with it. Templates and encrypted files are let through."""
    name = path.replace("\\", "/").rpartition("/")[2]
    plain = "".join(c for c in name.casefold() if c not in _UNSEEN).strip().rstrip(".")
    for before in _BEFORE:
        if plain.startswith(before + NAME):
            plain = plain[len(before) :]
    if not plain.startswith(NAME):
        return False
    rest = plain[len(NAME) :].partition(":")[0]  # an NTFS stream is a part of the file
    if rest.endswith(TEMPLATES):
        return False
    return not any(rest.endswith(kind) or kind + "." in rest for kind in ENCRYPTED)
