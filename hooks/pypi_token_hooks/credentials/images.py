"""What values look like in other readings: values in; out: short literals, one of which is in any data with one of the values."""
TYPE_CHECKING = False  # a type checker takes it for true
if TYPE_CHECKING:
    from collections.abc import Iterable
    from collections.abc import Iterator
    from typing import Literal

CORE = 12  # bytes of a literal: long enough to be rare, short enough to be in images that differ further on
HALF = 5  # bytes of a literal for one part of a split password: shorter ones are in every file
MIN_RUN = 6  # letters and digits in a row, which no encoder changes, that are rare enough for a literal
MIN_PARTED = 8  # letters and digits in a row, of which then parts are looked for
FEW = 3  # characters of which each is escaped: an escape has up to ten bytes
_HEX = b"0123456789abcdefABCDEF"
_PLAIN = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
# what percent-encoders leave as it is: strict ones, those for paths, JavaScript's for parts and for whole addresses
_SAFE = tuple(_PLAIN + b"_.-~" + more for more in (b"", b"/", b"!*'()", b"!*'()$&+,;=:@", b"!*'()$&+,;=:@/?#"))
# the signs that are escaped, and the mark before them: in strings and words of shells, in PowerShell and cmd; or, without a mark,
# the signs that are doubled, as in compose and make, in CSV, ...
_MARKS = (
    (b'"$`\\', b"\\"), (b'"$`\\!', b"\\"), (b" !\"#$&'()*;<>?[\\]^`{|}~", b"\\"), (b'"$`', b"`"), (b"&<>|^", b"^"),
    (b"$", b""), (b"%", b""), (b'"', b""), (b"'", b""),
)


def longest(value: bytes) -> bytes:
    """Returns the longest run of letters and digits in the value. It is in everything that `escaped` yields."""
    blanked = bytes(character if character in _PLAIN else 32 for character in value)
    return max(blanked.split(b" "), key=len)


def _is_telling(run: bytes) -> bool:
    """Tells whether a run of letters and digits is rare enough to be looked for alone."""
    return len(run) >= MIN_RUN or (len(run) >= HALF and not run.isalpha() and not run.isdigit())


def _percent(value: bytes, safe: bytes, digits: str) -> bytes:
    return b"".join(bytes((c,)) if c in safe else (b"%" + format(c, digits).encode("ascii")) for c in value)


def _halves(text: bytes) -> "tuple[bytes, bytes]":
    """Returns two adjacent parts of the text: if a string or a line ends within one of them, the other is whole."""
    half = min(len(text) // 2, CORE)
    return text[:half], text[half : 2 * half]


def _is_rare(part: bytes) -> bool:
    """Tells whether a short part of a run is rare: neither a number nor hexadecimal, and letters alone only in an odd case."""
    if not part.strip(_HEX):
        return False
    return not part.isalpha() or not (part.islower() or part.isupper() or part.istitle())


def _rare_part(run: bytes, at: int) -> bytes:
    """Returns the shortest part from `at` on that is rare or as long as a literal is to be; empty if the run ends before."""
    for size in range(HALF, CORE + 1):
        part = run[at : at + size]
        if len(part) == size and (size == CORE or _is_rare(part)):
            return part
    return b""


def _parts(run: bytes) -> "tuple[bytes, ...]":
    """Returns parts of a run of letters and digits, one of which is whole if the run is split, or some of its letters are escaped.

    The first begins with the run, the second behind its first letter, which may be one of the escaped. If the run is split
    within these two, the third is whole.
    """
    first = _rare_part(run, 0)
    parts = (first, _rare_part(run, 1), _rare_part(run, min(len(first), len(run) - HALF)))
    if all(parts):
        return parts
    return _halves(run) if len(run) >= 2 * HALF else (run,)


def _marked(value: bytes, signs: bytes, mark: bytes) -> bytes:
    """Returns the value with the mark before each of the signs, or with each twice if there is no mark."""
    return b"".join((mark or bytes((c,))) + bytes((c,)) if c in signs else bytes((c,)) for c in value)


def _referred(value: bytes, form: str) -> bytes:
    """Returns the value with every sign as a reference of HTML."""
    return b"".join(bytes((c,)) if c in _PLAIN or c > 127 else f"&#{format(c, form)};".encode("ascii") for c in value)


def _of_html(value: bytes) -> "Iterator[bytes]":
    html = value.replace(b"&", b"&amp;").replace(b"<", b"&lt;")
    yield html
    html = html.replace(b">", b"&gt;")
    yield html
    yield html.replace(b'"', b"&quot;").replace(b"'", b"&#x27;")
    yield html.replace(b'"', b"&#34;").replace(b"'", b"&#39;")
    yield _referred(value, "d")
    for form in ("x", "X"):
        yield _referred(value, form).replace(b"&#", b"&#x")


def _of_strings(value: bytes) -> "Iterator[bytes]":
    """Yields the value as programs, shells and settings have it in a string."""
    escaped = value.replace(b"\\", b"\\\\")
    yield escaped.replace(b'"', b'\\"')
    yield escaped.replace(b'"', b'\\"').replace(b"/", b"\\/")
    yield escaped.replace(b"'", b"\\'")
    for signs, mark in _MARKS:
        yield _marked(value, signs, mark)
    yield value.replace(b"'", b"'\\''")
    yield value.replace(b"'", b"'\"'\"'")


def _units(text: str, form: str) -> "Iterator[str]":
    """Yields the hexadecimal of each unit of UTF-16: `\\u` takes such a one, and two for an emoji."""
    wide = _wide(text, 2, "big")
    return (format(wide[at] << 8 | wide[at + 1], form) for at in range(0, len(wide), 2))


def _of_letters(value: bytes) -> "Iterator[bytes]":
    """Yields the value with escapes for all that is not ASCII."""
    text = value.decode("utf-8", "replace")
    for escape in ("\\u", "\\\\u"):
        for form in ("04x", "04X"):
            yield "".join(c if c.isascii() else "".join(escape + unit for unit in _units(c, form)) for c in text).encode("ascii")
    yield "".join(map(_of_python, text)).encode("ascii")


def _of_python(letter: str) -> str:
    code = ord(letter)
    if code < 128:
        return letter
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def escaped(value: bytes) -> "Iterator[tuple[str, bytes]]":
    """Yields the value as encoders write it that escape no more than they must, each with the reading that decodes it."""
    for safe in _SAFE:
        for digits in ("02X", "02x"):
            image = _percent(value, safe, digits)
            yield "percent", image
            if b" " in value:
                yield "percent", image.replace(b"%20", b"+")  # in a form
    yield from (("escapes", image) for image in _of_strings(value))
    yield from (("html", image) for image in _of_html(value))
    yield "quoted-printable", value.replace(b"=", b"=3D")
    if not value.isascii():
        yield from (("escapes", image) for image in _of_letters(value))


def in_latin(value: bytes) -> bytes:
    """Returns the value in Latin-1; as it is where it cannot be written so."""
    text = value.decode("utf-8", "replace")
    return text.encode("latin-1") if max(text) < "\u0100" else value


def _written(value: bytes) -> "Iterator[bytes]":
    """Yields literals for the value as it is, and as encoders write it that escape no more than they must."""
    run = longest(value)
    if len(run) >= MIN_PARTED:
        yield from _parts(run)
        return
    yield from _halves(value) if len(value) >= 2 * HALF else (value,)
    if _is_telling(run):
        yield run
        return
    for _, image in escaped(value):
        yield image[:CORE]
    if not value.isascii():
        yield in_latin(value)[:CORE]
        yield from _halves(_percent(value, bytes(range(33, 127)), "02X").replace(b"%", b"="))


def separated(value: bytes) -> "Iterator[tuple[str, bytes]]":
    """Yields the value as a dump of bytes with separators, as tools print it, each with the reading that decodes it."""
    digits = value.hex()
    for sign in (":", " ", "-", ", 0x"):
        image = sign.join(digits[at : at + 2] for at in range(0, len(digits), 2))
        yield "hex", image.encode("ascii")
        yield "hex", image.upper().replace("X", "x").encode("ascii")
    for first in (2, 4):  # two bytes a word; it begins with either of them
        words = [digits[:first], *(digits[at : at + 4] for at in range(first, len(digits), 4))]
        yield "hex", " ".join(words).encode("ascii")
    for sign in (", ", ","):
        yield "numbers", sign.join(map(str, value)).encode("ascii")


def in_base64(value: bytes) -> "Iterator[tuple[int, bytes]]":
    """Yields the part of the value's base64 that does not depend on the bytes around it, at each alignment and in both alphabets.

    With each comes the number of characters before it that encode a part of the value.
    """
    import binascii

    for skipped in range(3):
        chars = binascii.b2a_base64(b"\0" * skipped + value, newline=False)
        begin = (skipped * 8 + 5) // 6
        inner = chars[begin : (skipped + len(value)) * 8 // 6]
        for image in dict.fromkeys((inner, inner.replace(b"+", b"-").replace(b"/", b"_"))):
            yield begin - skipped, image


def _base64(value: bytes) -> "Iterator[bytes]":
    """Yields two halves of each of `in_base64`."""
    for _, inner in in_base64(value):
        yield from _halves(inner)


def _spelled(value: bytes, text: str) -> "Iterator[bytes]":
    """Yields the value with every character escaped. `text` is the value as text, which may have been cut elsewhere."""
    codes = [ord(character) for character in text]
    for digits in ("x", "X"):
        for sign in ("%", "\\x", "="):
            yield "".join(f"{sign}{byte:02{digits}}" for byte in value).encode("ascii")
        yield "".join("\\u" + unit for unit in _units(text, f"04{digits}")).encode("ascii")
        yield "".join(f"&#x{code:{digits}};" for code in codes).encode("ascii")
    yield "".join(f"&#{code};" for code in codes).encode("ascii")
    yield "".join(f"\\{byte:03o}" for byte in value).encode("ascii")


def whole(value: bytes) -> "Iterator[bytes]":
    """Yields the value as it is, and in every way of writing that is none of base64, hexadecimal and percent-encoding of another."""
    text = value.decode("utf-8", "replace")
    yield value
    yield in_latin(value)
    yield "".join(chr(byte) if byte < 128 else f"\\udc{byte:02x}" for byte in value).encode("ascii")  # as Python quotes it in the C locale
    yield from (_wide(text, 2, "little"), _wide(text, 2, "big"))
    yield from _spelled(value, text)
    yield from (image for _, image in escaped(value))
    yield from (image for _, image in separated(value))


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
    yield from _spelled(value[:FEW], value.decode("utf-8", "replace")[:FEW])
    yield from (image for _, image in separated(value[:FEW]))


def literals(values: "Iterable[bytes]") -> "tuple[bytes, ...]":
    """Returns the literals of all values, each once; of the literals of a value none that contains another of them."""
    found: dict[bytes, None] = {}
    for value in values:
        kept: list[bytes] = []
        for image in sorted(_images(value), key=len):
            if not any(shorter in image for shorter in kept):
                kept.append(image)
        found.update(dict.fromkeys(kept))
    return tuple(found)
