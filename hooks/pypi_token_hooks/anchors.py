"""Is a piece of bytes worth reading? Literal search alone: all that a clean commit ever loads.

Two questions. Does one of a few literals stand in the bytes, or, in a sample of every seventh byte, is there a
stretch that only encoded or escaped text makes? The sample is a seventh of the work, so the second costs little.
"""

# What the readings lead to: the first characters of a token, base64 of `pypi` (the host in a token, and a token
# or a whole file in base64) in its three alignments, hexadecimal of `pypi`.
CORES = (b"AgE", b"pi-Ag", b"cHlwa", b"B5cGk", b"weXBp", b"70797069")
# The marks of archives and compressed streams; none is plain text.
ARCHIVES = (b"PK\x03\x04", b"ustar", b"\x1f\x8b\x08", b"1AY&SY", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd")

STRIDE = 7  # prime to the length of every escape and every wide character: a sample sees each part of them
_DIGITS = b"0123456789abcdefABCDEF"


def _classes(**members):  # type: ignore[no-untyped-def]
    """Returns a table that maps the bytes to the letter of their class, and all others to a full stop."""
    table = bytearray(b"." * 256)
    for letter, characters in members.items():
        for character in characters:
            table[character] = ord(letter)
    return bytes(table)


_ALNUM = bytes(c for c in range(128) if chr(c).isalnum())
_NOT_ASCII = b"\xe2\x80\x81\x8b\x8c\x8d\xa0\xef\xbb\xbf\xc2\xad"  # the bytes of characters that take no room
# An encoding of an encoding is letters and digits alone, in one piece or in lines.
RUNS = _classes(a=_ALNUM + b"\r\n")
# A text escaped throughout, or in hexadecimal, is digits and the signs of the escapes.
ESCAPES = _classes(a=_DIGITS + b"%\\xuXU=&#;{}\r\n")
# Wide text has one letter, then one zero byte or three; spread text has an invisible character after each letter.
WIDE = _classes(a=bytes(range(1, 128)), z=_NOT_ASCII, n=b"\0")
WIDE_ROWS = (b"an" * 6, b"annn" * 3, b"azzz" * 3, b"azz" * 4)
LONG = 24  # samples: 168 bytes; base64 of base64 of the shortest token has 213, an escaped one 238
_WINDOW = 64  # characters that are decoded to see whether text comes out


def _is_text(decoded):  # type: ignore[no-untyped-def]
    return decoded.isascii() or decoded.translate(None, _NOT_ASCII).isascii()


def _is_encoded(stretch):  # type: ignore[no-untyped-def]
    """Tells whether some window of the stretch decodes to text, in one of base64's alignments."""
    import binascii

    text = stretch.translate(None, b"\r\n")
    for at in range(0, len(text) - _WINDOW + 1, _WINDOW // 2):
        window = text[at : at + _WINDOW]
        if window.translate(None, _ALNUM):
            continue
        for skipped in range(4):
            if _is_text(binascii.a2b_base64(window[skipped : skipped + _WINDOW - 4])):
                return True
    return False


def _is_escaped(stretch):  # type: ignore[no-untyped-def]
    """Tells whether the stretch is more than digits or a ruled line: hexadecimal, or escapes in a row."""
    digits = len(stretch) - len(stretch.translate(None, _DIGITS))
    signs = len(stretch) - digits
    return digits * 4 > len(stretch) and (signs * 8 > len(stretch) or stretch.count(b"6") + stretch.count(b"7") > 9)


def _stretches(sample, table, row):  # type: ignore[no-untyped-def]
    """Yields where the classes of the sample hold the row, as offsets in the data, up to where the class ends."""
    image = sample.translate(table)
    at = image.find(row)
    while at >= 0:
        end = image.find(b".", at)
        end = len(image) if end < 0 else end
        yield at * STRIDE, end * STRIDE
        at = image.find(row, end)


def _is_hidden(data):  # type: ignore[no-untyped-def]
    """Tells whether the data has a stretch that only encoded, escaped or wide text makes."""
    sample = data[::STRIDE]
    row = b"a" * LONG
    for start, end in _stretches(sample, RUNS, row):
        if _is_encoded(data[start:end]):
            return True
    for start, end in _stretches(sample, ESCAPES, row):
        if _is_escaped(data[start:end]):
            return True
    if sample.isascii() and b"\0" not in sample:
        return False
    image = sample.translate(WIDE)
    for row in WIDE_ROWS:
        at = image.find(row)
        while at >= 0:
            end = image.find(b".", at)
            end = len(image) if end < 0 else end
            stretch = data[max(0, (at - 3) * STRIDE) : (end + 3) * STRIDE]
            if worth_reading(stretch.translate(None, b"\0" + _NOT_ASCII)):
                return True
            at = image.find(row, end)
    return False


def worth_reading_besides(data: bytes) -> bool:
    """Tells what `worth_reading` asks of data in which none of the literals stands."""
    if b"\0" in data or not data.isascii():
        for literal in ARCHIVES:
            if literal in data:
                return True
    return _is_hidden(data)


def worth_reading(data: bytes, own: "tuple[bytes, ...]" = ()) -> bool:
    """Tells whether any reading of `data` may hold a credential; `own` are this machine's own anchors."""
    for literal in CORES:
        if literal in data:
            return True
    for literal in own:
        if literal in data:
            return True
    return worth_reading_besides(data)
