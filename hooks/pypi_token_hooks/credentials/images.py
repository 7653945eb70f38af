"""What a value looks like in other readings: values in, short literals out that any file with one of them holds."""
TYPE_CHECKING = False  # a type checker takes it for true
if TYPE_CHECKING:
    from collections.abc import Iterable
    from collections.abc import Iterator
    from typing import Literal

CORE = 12  # bytes of a literal: rare enough, and it stands for every value that goes on differently
HALF = 5  # bytes of a literal that stands for one part of a split password: shorter ones are in every file
MIN_RUN = 6  # letters and digits in a row that no encoder touches
FEW = 3  # characters of an escaped image: each takes up to ten bytes
_PLAIN = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


def _longest(value: bytes, alphabet: bytes) -> bytes:
    """Returns the longest run of characters of the alphabet in the value."""
    blanked = bytes(character if character in alphabet else 32 for character in value)
    return max(blanked.split(b" "), key=len)


def _percent(value: bytes, safe: bytes, digits: str) -> bytes:
    return b"".join(bytes((c,)) if c in safe else (b"%" + format(c, digits).encode("ascii")) for c in value)


def _halves(text: bytes) -> "tuple[bytes, bytes]":
    """Returns two parts of the text that follow each other: a string or a line may end within one of them."""
    half = min(len(text) // 2, CORE)
    return text[:half], text[half : 2 * half]


def _written(value: bytes) -> "Iterator[bytes]":
    """Yields the value as it stands and as encoders write it that escape only what they must."""
    run = _longest(value, _PLAIN)
    if len(run) >= 2 * HALF:
        yield from _halves(run)
        return
    yield from _halves(value) if len(value) >= 2 * HALF else (value,)
    if len(run) >= MIN_RUN:
        yield run
        return
    for safe in (_PLAIN + b"_.-~", _PLAIN + b"_.-~!*'()", _PLAIN + b"_.-~!*'()$&+,;=:@"):
        for digits in ("02X", "02x"):
            yield _percent(value, safe, digits)[:CORE]
    escaped = value.replace(b"\\", b"\\\\")
    yield escaped.replace(b'"', b'\\"')[:CORE]
    yield escaped.replace(b'"', b'\\"').replace(b"/", b"\\/")[:CORE]
    yield escaped.replace(b"'", b"\\'")[:CORE]
    html = value.replace(b"&", b"&amp;").replace(b"<", b"&lt;")
    yield html[:CORE]
    html = html.replace(b">", b"&gt;")
    yield html[:CORE]
    yield html.replace(b'"', b"&quot;").replace(b"'", b"&#x27;")[:CORE]
    yield html.replace(b'"', b"&#34;").replace(b"'", b"&#39;")[:CORE]
    yield value.replace(b"=", b"=3D")[:CORE]
    if not value.isascii():
        yield from _halves(_percent(value, bytes(range(33, 127)), "02X").replace(b"%", b"="))
        for escape in ("\\u", "\\\\u"):
            yield "".join(c if c.isascii() else f"{escape}{ord(c):04x}" for c in value.decode("utf-8", "replace")).encode("ascii")[:CORE]


def in_base64(value: bytes) -> "Iterator[bytes]":
    """Yields what of the value's base64 stays the same whatever stands around it, at each alignment and in both alphabets."""
    import binascii

    for skipped in range(3):
        chars = binascii.b2a_base64(b"\0" * skipped + value, newline=False)
        inner = chars[(skipped * 8 + 5) // 6 : (skipped + len(value)) * 8 // 6]
        yield inner
        yield inner.replace(b"+", b"-").replace(b"/", b"_")


def _base64(value: bytes) -> "Iterator[bytes]":
    """Yields two halves of each of `in_base64`."""
    for inner in in_base64(value):
        yield from _halves(inner)


def _escaped(value: bytes) -> "Iterator[bytes]":
    """Yields the beginning of the value with every character escaped."""
    first = [ord(character) for character in value.decode("utf-8", "replace")[:FEW]]
    for digits in ("x", "X"):
        for sign in ("%", "\\x"):
            yield "".join(f"{sign}{byte:02{digits}}" for byte in value[:FEW]).encode("ascii")
        yield "".join(f"\\u{code:04{digits}}" for code in first).encode("ascii")
        yield "".join(f"&#x{code:{digits}};" for code in first).encode("ascii")
    yield "".join(f"&#{code};" for code in first).encode("ascii")


def _wide(text: str, width: int, order: "Literal['little', 'big']" = "little") -> bytes:
    """Returns the text in UTF-16 or UTF-32; Python's own codecs take milliseconds to load."""
    if width == 2 and max(text) > "\uffff":
        return text.encode(f"utf-16-{order[0]}e")
    return b"".join(ord(character).to_bytes(width, order) for character in text)


def _images(value: bytes) -> "Iterator[bytes]":
    yield from _written(value)
    yield from _base64(value)
    digits = value[: CORE // 2].hex()
    yield digits.encode("ascii")
    yield digits.upper().encode("ascii")
    core = value.decode("utf-8", "replace")[:MIN_RUN]
    for width in (2, 4):
        yield _wide(core, width).rstrip(b"\0")  # without the odd end it is part of the other byte order too, if it is ASCII
        if not core.isascii():
            yield _wide(core, width, "big")
    yield from _base64(_wide(core, 2))  # as PowerShell takes its commands
    yield from _escaped(value)


def literals(values: "Iterable[bytes]") -> "tuple[bytes, ...]":
    """Returns the literals of all the values, each once, of one value none that holds another one."""
    found: dict[bytes, None] = {}
    for value in values:
        kept: list[bytes] = []
        for image in sorted(_images(value), key=len):
            if not any(shorter in image for shorter in kept):
                kept.append(image)
        found.update(dict.fromkeys(kept))
    return tuple(found)
