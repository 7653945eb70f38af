"""Is a piece of bytes worth reading? Literal search alone: all that a clean commit ever loads."""

# Each row: what it stands for, the literals. A literal is as rare in real files and stands for as many
# hiding places as can be; tests prove that whatever a detector finds in any reading holds one of them.
TABLE = (
    ("a token, in one piece or with its prefix apart", (b"AgE", b"pi-Ag")),
    ("base64 of `pypi`: the host of a token, or a whole file in base64", (b"cHlwa", b"B5cGk", b"weXBp")),
    ("hexadecimal of `pypi`", (b"70797069",)),
)
LITERALS = tuple(literal for _, literals in TABLE for literal in literals)


def worth_reading(data: bytes, own: tuple[bytes, ...] = ()) -> bool:
    """Tells whether any reading of `data` may hold a credential; `own` are this machine's own anchors."""
    for literal in LITERALS:
        if literal in data:
            return True
    for literal in own:
        if literal in data:
            return True
    return False
