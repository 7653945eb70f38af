"""Is a piece of bytes worth reading? Literal search alone: all that a clean commit ever loads.

Three questions. Does a literal stand in the bytes to which every reading of a token leads? Do words stand in them
that make up a setting with a password? Or, in a sample of every seventh byte, is there a stretch that only encoded
or escaped text makes? The sample is a seventh of the work, and what it points to is decoded and asked again.
"""

TYPE_CHECKING = False  # a type checker takes it for true
if TYPE_CHECKING:
    from collections.abc import Iterator
    from collections.abc import Sequence

    Words = Sequence[bytes]
    Data = bytes | memoryview

# The first characters of a token, and base64 of `pypi` (in a token's prefix or host, in a `.pypirc`) in its three
# alignments: what is too short for the sample.
CORES = (b"AgE", b"cHlwa", b"B5cG", b"weXBp")
# The marks of archives and compressed streams; none is plain text.
ARCHIVES = (b"PK\x03\x04", b"ustar", b"\x1f\x8b\x08", b"1AY&SY", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd")

# Words of which every setting with a password or token has one: rare ones that are enough, and common ones that say
# it only with the name of a tool near them.
ENOUGH = (b"pypi", b"PYPI", b"INDEX_AUTH", b"http-basic", b"twine reg")
SMALL = (b"assword", b"oken", b"publish", b"upload")
LARGE = (b"ASSWORD", b"OKEN", b"_API_KEY")
SIMPLE, URL = b"/simple", b"://"  # beside a request with a password; with a password of its own
WORDS = (*ENOUGH, *SMALL, *LARGE, SIMPLE, URL)
SMALL_TOOLS = (
    b"twine", b"uv_", b"uv ", b"uv\"", b"uv'", b"poetry", b"pdm", b"hatch", b"flit_", b"maturin", b"input_pass", b"azure_art", b"codeart",
    b"fury", b"evpi", b"repository_pass", b"[repository.", b"__token__", b"PyPI", b"Pypi", b"[credential]", b"publish.index", SIMPLE,
    b"/legacy", b".pkg.dev", b"pkgs.", b"jfrog", b"cloudsmith", b"server-login",
)  # fmt: skip
LARGE_TOOLS = (
    b"TWINE", b"UV_", b"PYX_", b"POETRY", b"PDM_", b"HATCH", b"FLIT", b"MATURIN", b"INPUT_PASS", b"AZURE_ART", b"CODEART", b"FURY",
    b"DEVPI", b"REPOSITORY_PASS", b"PyPI",
)  # fmt: skip
REQUESTS = (b"uthorization", b"auth=", b"auth =", b"curl ", b"http ")
PYPIRC = (b"distutils", b"index-servers")  # wherever they stand beside a password
NEAR = 400  # bytes before and after a word in which the tool's name stands

STRIDE = 7  # prime to the length of every escape and every wide character: a sample sees each part of them
LONG = 24  # samples: 168 bytes; base64 of base64 of the shortest token has 213, an escaped one 238
DEPTH = 3  # encodings on top of each other
_MAX_USERINFO = 2048  # bytes between `://` and `@`


def _classes(**members: bytes) -> bytes:
    """Returns a table that maps the bytes to the letter of their class, and all others to a full stop."""
    table = bytearray(b"." * 256)
    for letter, characters in members.items():
        for character in characters:
            table[character] = ord(letter)
    return bytes(table)


_ALNUM = bytes(c for c in range(128) if chr(c).isalnum())
_DIGITS = b"0123456789abcdefABCDEF"
# the bytes of the characters that take no room
INVISIBLE = b"\xe2\x80\x81\x84\xb8\xef\xbb\xbf\xc2\xad\xcd\xe1\xf3" + bytes((*range(0x8B, 0x90), *range(0xA0, 0xB0)))
# An encoding of an encoding, or of an archive, in one piece or in lines; escapes add their signs.
RUNS = _classes(a=_ALNUM + b"\r\n+/_-#;{}%\\&")
# Hexadecimal or decimal, with or without signs between the digits, and text escaped throughout; in strings that are added, too.
ESCAPES = _classes(a=_DIGITS + b"xuXU=#;{},: \t\r\n%\\&\"'+")
# Wide text has one letter, then one zero byte or three; spread text has an invisible character after each letter.
WIDE = _classes(a=bytes(range(1, 128)), z=INVISIBLE, n=b"\0")
# The last row has both, two bytes each. With each row go the bytes that are left out.
_SPREAD = b"\0" + INVISIBLE
WIDE_ROWS = (
    (b"an" * 6, _SPREAD), (b"annn" * 3, _SPREAD), (b"azzz" * 3, _SPREAD), (b"azz" * 4, _SPREAD),
    (b"aaan" * 3, _SPREAD + bytes(range(0x21)) + b"`"),
)  # fmt: skip
# What every fourth character of text in base64 is, and every second digit of text in hexadecimal; of wide text too.
_OF_TEXT = _classes(a=b"ACDIJKLMNOPQRSTUVWXYZabcdef")
_OF_LETTERS = _classes(a=b"0234567")
_TEXT = b"a" * 16
_TO_RUN = bytes(byte if byte in _ALNUM else {45: 43, 95: 47}.get(byte, 32) for byte in range(256))  # -_ are +/ here
_NO_DIGITS = bytes(byte for byte in range(256) if byte not in _DIGITS)
# base64 and hexadecimal of the marks of archives, which stand at the beginning of what is encoded
_ENCODED_ARCHIVES = (b"H4sI", b"UEsDB", b"/Td6W", b"_Td6W", b"QlpoO", b"KLUv/", b"KLUv_")
_HEX_ARCHIVES = (b"1f8b08", b"1F8B08", b"504b0304", b"504B0304", b"fd377a58", b"FD377A58", b"425a68", b"425A68", b"28b52ffd")
_SIGNS = (b"%", b"\\", b"&")  # each escape begins with one of them
_MANY = 8  # escapes in one stretch
_NUMBERS = b"65 103 69"  # `AgE` in an array of numbers


def _has_escapes(stretch: bytes) -> bool:
    return any(stretch.count(sign) >= _MANY for sign in _SIGNS)


def _is_encoded(stretch: bytes, depth: int) -> bool:
    """Tells whether the stretch has escapes, or base64 that leads to something in one of its alignments."""
    if _has_escapes(stretch) or b"pi-Ag" in stretch:
        return True
    for mark in _ENCODED_ARCHIVES:
        if mark in stretch:
            return True
    chars = stretch.translate(None, b"\r\n")
    if not any(_TEXT in chars[skipped::4].translate(_OF_TEXT) for skipped in range(4)):
        return False
    import binascii

    for run in chars.translate(_TO_RUN).split():
        for skipped in range(4) if len(run) >= 4 * len(_TEXT) else ():
            usable = (len(run) - skipped) // 4 * 4
            if worth_reading(binascii.a2b_base64(run[skipped : skipped + usable]), (), depth):
                return True
    return False


def _is_escaped(stretch: bytes, depth: int) -> bool:
    """Tells whether the stretch has escapes, or numbers or hexadecimal that lead to something."""
    if _has_escapes(stretch) or _NUMBERS in b" ".join(stretch.replace(b",", b" ").split()):
        return True
    digits = stretch.replace(b"0x", b"").replace(b"0X", b"").translate(None, _NO_DIGITS)
    if any(mark in digits for mark in _HEX_ARCHIVES):
        return True
    import binascii

    for skipped in range(2):
        if _TEXT in digits[skipped::2].translate(_OF_LETTERS):
            usable = (len(digits) - skipped) // 2 * 2
            if worth_reading(binascii.a2b_hex(digits[skipped : skipped + usable]), (), depth):
                return True
    return False


def _stretches(image: "bytes | bytearray", row: bytes) -> "Iterator[tuple[int, int]]":
    """Yields where the sample, as classes, holds the row, up to where the class ends, as offsets in the data."""
    at = image.find(row)
    while at >= 0:
        end = image.find(b".", at)
        end = len(image) if end < 0 else end
        yield max(0, at - 1) * STRIDE, (end + 1) * STRIDE
        at = image.find(row, end)


def is_hidden(data: "Data", sample: "bytes | bytearray", depth: int = DEPTH - 1) -> bool:
    """Tells whether a stretch of the data, which only encoded, escaped or wide text makes, leads to something.

    `sample` is every seventh byte of the data; of the data itself only slices are taken.
    """
    row = b"a" * LONG
    for start, end in _stretches(sample.translate(RUNS), row):
        if _is_encoded(bytes(data[start:end]), depth):
            return True
    for start, end in _stretches(sample.translate(ESCAPES), row):
        if _is_escaped(bytes(data[start:end]), depth):
            return True
    if sample.isascii() and b"\0" not in sample:
        return False
    image = sample.translate(WIDE)
    for row, left_out in WIDE_ROWS:
        for start, end in _stretches(image, row):
            stretch = bytes(data[max(0, start - 2 * STRIDE) : end + 2 * STRIDE])
            if worth_reading(stretch.translate(None, left_out), (), depth):
                return True
    return False


def is_binary(data: bytes) -> bool:
    """Tells whether the data has bytes that plain text lacks."""
    return b"\0" in data or not data.isascii()


def _has_userinfo(data: bytes) -> bool:
    """Tells whether a URL in the data has something before an `@`."""
    at = data.find(URL) if b"@" in data else -1
    while at >= 0:
        end = data.find(b"@", at, at + _MAX_USERINFO)
        if end >= 0:
            part = data[at + 3 : end]
            if len(part.split()) == 1 and (b"/" not in part or b"{" in part or b"(" in part):
                return True
        at = data.find(URL, at + 3)
    return False


def _around(data: bytes, word: bytes) -> "Iterator[bytes]":
    """Yields what stands near the word in the data, wherever it occurs; stretches that overlap as one."""
    at = data.find(word)
    while at >= 0:
        start, end = max(0, at - NEAR), at + NEAR
        at = data.find(word, at + 1)
        while 0 <= at < end:
            end = at + NEAR
            at = data.find(word, at + 1)
        yield data[start:end]


def _stands_near(data: bytes, words: "Words", present: "Words", others: "Words") -> bool:
    """Tells whether one of the others stands near one of the words that are present."""
    near = b"\n".join([stretch for word in words if word in present for stretch in _around(data, word)])
    if near:
        for other in others:
            if other in near:
                return True
    return False


def is_setting(data: bytes, present: "Words") -> bool:
    """Tells whether what is present of WORDS in the data may make up a setting with a password or token."""
    for word in present:
        if word in ENOUGH or (word == URL and _has_userinfo(data)):
            return True
    if (
        _stands_near(data, SMALL, present, SMALL_TOOLS)
        or _stands_near(data, LARGE, present, LARGE_TOOLS)
        or _stands_near(data, (SIMPLE,), present, REQUESTS)
    ):
        return True
    if b"assword" in present or b"ASSWORD" in present:
        for name in PYPIRC:
            if name in data:
                return True
    return False


def has_archive(data: bytes) -> bool:
    """Tells whether the data may hold an archive or a compressed stream."""
    return is_binary(data) and any(literal in data for literal in ARCHIVES)


def leads_on(data: bytes, own: "tuple[bytes, ...]" = (), depth: int = DEPTH) -> bool:
    """Tells whether any reading of `data`, up to `depth` deep, may hold a credential; `own` are this machine's anchors."""
    for literal in CORES:
        if literal in data:
            return True
    for literal in own:
        if literal in data:
            return True
    if is_setting(data, [word for word in WORDS if word in data]):
        return True
    return depth > 0 and is_hidden(data, data[::STRIDE], depth - 1)


def worth_reading(data: bytes, own: "tuple[bytes, ...]" = (), depth: int = DEPTH) -> bool:
    """Tells whether any reading of `data`, up to `depth` deep, may hold a credential, or an archive that may."""
    return leads_on(data, own, depth) or has_archive(data)
