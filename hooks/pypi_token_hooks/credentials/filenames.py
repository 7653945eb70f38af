"""The name of a file in; out: whether it is a `.pypirc` or a copy of one."""
from __future__ import annotations

NAME = ".pypirc"
# what programs put before the name: Emacs' locks and autosaves, macOS' resource forks, Office's locks, copies; a point comes from
# vim's undo files, Kate's swap files and the files that rsync has not yet brought to their end
_BEFORE = ("#", ".#", "._", "~", "~$", "copy of ", "backup of ", ".")
TEMPLATES = (
    ".example", ".sample", ".template", ".tmpl", ".j2", ".in", ".dist",
    ".jinja", ".jinja2", ".tpl", ".erb", ".mustache",
    *(sign + word for sign in "-_" for word in ("example", "sample", "template", "tmpl", "tpl")),
)
KINDS = (".ini", ".cfg", ".conf", ".txt")  # what may follow one of these, so that editors show it as what it is
ENCRYPTED = (".gpg", ".asc", ".age", ".enc", ".vault", ".sops")
# marks that are invisible, and printable to Python: a name with one looks the same
_UNSEEN = "\u034f" + "".join(map(chr, range(0xFE00, 0xFE10)))


def is_pypirc(path: str) -> bool:
    """Tells whether the file at this path is called `.pypirc`, in any letter case, or begins with that name, as a backup does.

    Not so templates and encrypted files. The path may be one of any system.
    """
    name = path.replace("\\", "/").rpartition("/")[2]
    plain = "".join(c for c in name.casefold() if c.isprintable() and c not in _UNSEEN).strip().rstrip(".")
    for before in _BEFORE:
        if plain.startswith(before + NAME):
            plain = plain[len(before) :]
    if not plain.startswith(NAME):
        return False
    rest = plain[len(NAME) :].partition(":")[0]  # an NTFS stream is a part of the file
    kind = next((kind for kind in KINDS if rest.endswith(kind)), "")
    if rest.removesuffix(kind).endswith(TEMPLATES):
        return False
    return not any(rest.endswith(kind) or kind + "." in rest for kind in ENCRYPTED)
