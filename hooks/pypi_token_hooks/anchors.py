"""The prefilter: can a piece of bytes hold a credential? Every committed byte goes through it, so it imports nothing.

It asks three questions. Do the bytes contain a literal that every reading of a token leads to? Do they contain words, near each
other, of a setting with a password? Do they have a stretch that only encoded or escaped text produces? A sample of every seventh
byte shows a long one, at a seventh of the cost; short ones are looked for apart. What is found so is decoded, and the questions
asked again.
"""

TYPE_CHECKING = False  # a type checker takes it for true
if TYPE_CHECKING:
    from collections.abc import Callable
    from collections.abc import Container
    from collections.abc import Iterable
    from collections.abc import Iterator
    from collections.abc import Mapping
    from collections.abc import Sequence

    Words = tuple[bytes, ...]
    Found = Mapping[bytes, Sequence[int]]
    AnyOf = Callable[[bytes, Words], bool]
    Spans = Iterator[tuple[int, int]]
    Tables = tuple[bytes, ...]
    Parts = list[tuple[int, bytes]]
    Wide = tuple[bytes, bytes, Tables, int]
    Suspects = Mapping[bytes | tuple[Wide, ...], Sequence[tuple[int, int]]]
    Clues = tuple[Found, Suspects | None]

# Cores: the first characters of a token, and base64 of `pypi` (in a token's prefix or host, in a `.pypirc`) in its three
# alignments. They are looked for as literals, because they may stand in text too short for the sample.
_TOKEN = b"AgE"
# for each, the offset of the group of four characters in which `pypi` ends, and how many bytes of that group belong to it
_PYPI = {b"cHlwa": (4, 1), b"B5cG": (2, 2), b"weXBp": (1, 3)}
CORES = (_TOKEN, *_PYPI)
# base64 of `PASSWORD`, `password` and `_TOKEN` in their three alignments: a setting may be too short for the sample
BASE64_NAMES = (
    b"UEFTU1dPUk", b"BBU1NXT1JE", b"QQVNTV09SR", b"cGFzc3dvcm", b"Bhc3N3b3Jk", b"wYXNzd29yZ", b"X1RPS0VO", b"9UT0tFT", b"fVE9LRU",
)
# What tells the core of a token from a part of a hash: the length and the beginning of its host (pypi.org, test.pypi.org,
# upload.pypi.org) behind it, or, for any other host, the prefix `pypi-` or an escape of it before it.
_HOSTS = (b"cHlw", b"dGVz", b"dXBs")
_PREFIX = 12  # bytes: more than the longest escape of its last one, `\U0000002d`
_ARMOUR, _WRAPPED = b"-----", 64  # what is around the base64 of a key or certificate; bytes with one end of a line at most
CUT_CORE = b"pi-A"  # a token may be cut within its core
GZIP, TAR, ZSTD = b"\x1f\x8b\x08", b"ustar", b"\x28\xb5\x2f\xfd"
# The marks of archives and compressed streams; none is plain text.
ARCHIVES = (GZIP, TAR, b"PK\x03\x04", b"1AY&SY", b"\xfd7zXZ", ZSTD)
# The same as a string of Python or C has them, which escapes only what cannot be printed. The keys are parts of all marks of
# their row, and are looked for first.
_ESCAPED_ARCHIVES = {
    b"\\x": (b"\\x1f\\x8b", b"\\x1F\\x8B", b"PK\\x03\\x04", b"(\\xb5/\\xfd", b"(\\xB5/\\xFD"),
    b"\\0": (b"\\037\\213", b"PK\\003\\004"),
    b"7zXZ": (b"7zXZ\\",),
    b"(\\265": (b"(\\265/\\375",),
    b"&": (b"1AY&SY",),
}
ESCAPED_ARCHIVES = tuple(mark for marks in _ESCAPED_ARCHIVES.values() for mark in marks)

# Every setting with a password or token contains one of these words. The key of each row is a part that all its words share in
# lower case; in most files only the keys have to be looked for.
STEMS = {
    b"pypi": (b"pypi", b"PYPI", b"Pypi"),
    b"assword": (b"assword", b"ASSWORD"),
    b"oken": (b"_token", b"-token", b"_TOKEN", b"Token"),
    b"_api_key": (b"_API_KEY",),
    b"index_auth": (b"index_auth", b"INDEX_AUTH"),
    b"http-basic": (b"http-basic",),
    b"credential": (b"credential",),
    b"twine": (b"twine", b"TWINE"),
    b"maturin": (b"maturin",),
    b"publish": (b"publish",),
    b"devpi": (b"devpi",),
    b"login": (b"login",),
    b"simple": (b"/simple", b"%2Fsimple", b"%2fsimple"),
    b"legacy": (b"/legacy",),
}
PYPIRC = (b"distutils", b"index-servers")  # they count with a password anywhere in the data
URL = b"://"
# The same as PHP writes it in JSON, in a string of SQL and in JSON too, percent-encoded, where the slash need not be, and as HTML has
# it; each with the colon, the slash, and the sign before the host.
_OF_URLS = {
    URL: (b":", b"/", b"@"), b":\\/\\/": (b":", b"/", b"@"),
    b":\\\\/\\\\/": (b":", b"/", b"@"), b":\\\\\\/\\\\\\/": (b":", b"/", b"@"),
    b"%3A%2F%2F": (b"%3A", b"%2F", b"%40"), b"%3a%2f%2f": (b"%3a", b"%2f", b"%40"), b"%3A//": (b"%3A", b"/", b"%40"),
    b":&#x2F;&#x2F;": (b":", b"&#x2F;", b"@"), b"&#58;&#47;&#47;": (b"&#58;", b"&#47;", b"&#64;"),
    b"&#x3a;&#x2f;&#x2f;": (b"&#x3a;", b"&#x2f;", b"&#x40;"), b"&#x3A;&#x2F;&#x2F;": (b"&#x3A;", b"&#x2F;", b"&#x40;"),
}
URLS = tuple(_OF_URLS)
ESCAPED_URLS = tuple([sign for sign in URLS if sign.endswith(b"\\/")])
_PLAIN_URLS = {sign: signs for sign, signs in _OF_URLS.items() if b"&" not in sign}
_ESCAPED_AT = b"\\u0040"
AT_SIGNS = (b"&#64;", b"&#x40;", b"&commat;", _ESCAPED_AT)  # what else may stand before a host
WORDS = (*(word for row in STEMS.values() for word in row), *PYPIRC, *URLS, *AT_SIGNS)
# Bytes that occur in no core and no word. With them deleted, half of the data is left to search, and none of these is lost.
_NOT_IN_WORDS = bytes({*range(256)}.difference(*CORES, *STEMS, *[word for row in STEMS.values() for word in row]))
_NOT_IN_ARCHIVES = bytes({*range(256)}.difference(*ARCHIVES))
ENOUGH = frozenset((b"index_auth", b"INDEX_AUTH", b"http-basic"))  # rare, and a password follows: no second word
# The signs behind a short command, on a line and in a list, or before its version; without one, it would be a part of too many words.
_ENDS_COMMAND = (b" ", b"\"", b"'", b",", b"\n", b"\r", b"\\", b"&", b"%", b"+", b"@", b"=", b"\x1b", b"<")
_UV, _RYE = (tuple([name + sign for sign in _ENDS_COMMAND]) for name in (b"uv", b"rye"))
# tools in variables, as a Makefile has them
_UV_VARIABLES = (b"UV)", b"UV}", b"UV%", b"$UV", b"uv)", b"uv}")
_VARIABLES = (*_UV_VARIABLES, b"POETRY", b"PDM", b"HATCH", b"MATURIN", b"RYE)", b"RYE}", b"RYE%", b"$RYE", b"rye)", b"rye}")
_TOOLS = (
    b"twine", b"uv_", *_UV, b"oetry", b"pdm", b"hatch", b"flit_", b"flit-", b"aturin", b"input_pass", b"azure_art", b"azure-art",
    b"flitP", b"FlitP", b"PublishP", b"codeart", b"fury", b"pyx_", b"pyx-", b"evpi", b"repository_pass",
    b"repository.", b"__token__", b"PyPI", b"Pypi", b"/simple", b"/legacy", b".pkg.dev", b"pkgs.", b"jfrog", b"cloudsmith", b"pyx.dev",
    b"pip-config", b"pipc", b"python-index", b"Twine", b"uv-", b"repository-pass", b"DEVPI", b"FURY",
    b"rye.sources", b"[sources]", b"sources%5D", b"ipPass", b"ipIndex", b"pip_pass", b"pip-pass", b"pip_index", b"pip-index",
)
_LARGE_TOOLS = (
    b"TWINE", b"UV_", b"PYX_", b"POETRY", b"PDM_", b"HATCH", b"FLIT", b"MATURIN", b"INPUT_PASS", b"AZURE_ART", b"CODEART", b"FURY",
    b"DEVPI", b"REPOSITORY_PASS", b"PIP_PASS", b"PIP_INDEX_PASS", b"PyPI",
)
_CAMEL_TOKENS = (  # whose first letters may be capital ones
    b"wineToken", b"wineApiToken", b"vPublishToken", b"yxAuthToken", b"zureArtifactsToken", b"odeartifactToken",
    b"odeArtifactToken", b"odeartifactAuthToken", b"odeArtifactAuthToken", b"uryToken", b"uryAuthToken", b"uryApiToken",
    b"uryPushToken", b"evpiToken",
)
_REQUESTS = (
    b"uthorization", b"auth=", b"auth =", b"auth%", b"auth+", b"auth\"", b"auth'", b"auth\\", b"auth&",
    b"curl ", b"curl%", b"curl+", b"curl\x1b", b"curl<", b"curl\\", b"curl=",
    b"wget ", b"wget%", b"wget+", b"wget\x1b", b"wget<", b"wget\\", b"wget=",
    b"http ", b"http%20", b"http+", b"http\x1b", b"http<", b"http\\", b"http=",
    b"https ", b"https%20", b"https+", b"https\x1b", b"https<", b"https\\", b"https=",
    b"Devpi-Auth",
)
# common words, and the words of which a setting has one near them
PAIRS = (
    ((b"assword", b"_token", b"-token"), _TOOLS),
    ((b"ASSWORD", b"_TOKEN", b"_API_KEY"), _LARGE_TOOLS),
    ((b"Token",), _CAMEL_TOKENS),
    ((b"publish",), (*_UV, *_RYE, *_VARIABLES, b"poetry", b"pdm", b"hatch", b"publish.index", b"index.auth")),
    ((b"login",), (*_UV, *_UV_VARIABLES, b"server-login")),
    ((b"credential",), (b"[credential]", b"credential%5")),
    ((b"twine", b"TWINE", b"maturin"), (b"upload", b"register", b"publish", b"twine_p", b"TWINE_P")),
    ((b"devpi",), (b"root-passwd", b"devpi-Ag")),
    ((*STEMS[b"simple"], b"/legacy", b"devpi"), _REQUESTS),
    ((b"%2Fsimple", b"%2fsimple"), (b"%40",)),
)
COMPANIONS: "tuple[Words, ...]" = (_REQUESTS, *(others for _, others in PAIRS))
NEAR = 400  # bytes before and after a word in which the other must stand
# bytes to read before and after a place: of a URL, a call or a step; of a section; of a token in pieces, three readings deep
REACH, SECTION, FAR = 4 << 10, 10 << 10, 48 << 10
_BESIDE = (b"secret", b"pass", b"pw", b"key", b"auth", b"tok")  # in the name of a variable, as in PYPI_PASS
_SECRETS = (b"assword", b"asswd", b"oken")
_ESCAPED_LETTERS = (b"&#", b"\\u00", b"%5", b"%6", b"%7")
_JOINTS = b" \t\r\n\"'`+,.()<>*|^~=&\\#/"  # signs by which strings and lines split a word
_AT = (b"@", b"%40", b"0040", b"x40", b"#64;", b"=40")  # the sign between a password and a host, and its escapes
_SCHEMES = (b"http", b"https", b"ssh", b"ftp")
_AT_ONCE = 64 << 10  # bytes in which escaped signs are decoded, or divided cores looked for, at a time
_MAX_USERINFO = 2048  # bytes between `://` and `@`
_NO_PASSWORD = bytes(range(33)) + b"\"\x7f"
_NO_USER = _NO_PASSWORD + b"'`<>|,"
_MIN_ALONE = 12  # characters: a shorter user without a password is no token
_OF_WRAP = b" \t\r=>"  # what stands at the ends of wrapped lines of quoted-printable text, quoted ones included

STRIDE = 7  # coprime to the length of every escape and wide character, so that a sample meets every byte of them
LONG = 24  # samples, that is 168 bytes: base64 of base64 of the shortest token has 213, an escaped one 238
DEPTH = 3  # encodings on top of each other that are undone
MANY = 8  # escapes that make a stretch suspicious
# `AgE` as decimal and hexadecimal numbers, with a blank for whatever separates them, and base64 of `pypi` as decimal ones
_CORES_IN_NUMBERS = (
    b"65 103 69", b"41 67 45", b"416745", b"41 0x67 0x45", b"41 0X67 0X45", *[b" ".join([b"%d" % byte for byte in core]) for core in _PYPI],
)
_CORES_TOGETHER = tuple([numbers.replace(b" ", b"") for numbers in _CORES_IN_NUMBERS])
BETWEEN_NUMBERS = b" \t\r\n\x0b\x0c,:;="
_TO_BLANKS = bytes(32 if byte in BETWEEN_NUMBERS else byte for byte in range(256))


def classes(**members: bytes) -> bytes:
    """Returns a table for `translate`: each given byte becomes the letter of its class, any other one a full stop."""
    table = bytearray(b"." * 256)
    for letter, characters in members.items():
        for character in characters:
            table[character] = ord(letter)
    return bytes(table)


# The offset of the second line of a dump, as `xxd`, `tcpdump` and `curl` write it, `hexdump` and `od`, and `od` in octal and decimal
# numbers. The first line has zeros alone. The text beside the bytes breaks what the sample would show of these.
DUMPED = b"0000"
SECOND_ROWS = {b"0010: ": b"%0*x", b"00010 ": b"%0*x", b"0000020 ": b"%0*o", b"0000016 ": b"%0*d"}  # with the form of all offsets
_ROW_OF_DUMP, _LINE_OF_DUMP = 32, 160  # digits in a line, and its bytes with the text beside them
_TO_NEXT = 400  # bytes at most between two offsets of a dump that is part of a page, a string, a comment or a log
_BEHIND_BYTE = b"\\\"'<&,"  # what may end a string or line behind its last byte

_ALNUM = bytes(c for c in range(128) if chr(c).isalnum())
_LETTERS = frozenset(bytes((byte,)) for byte in _ALNUM + b"-_+/%\\&")  # with the signs by which escapes begin: those may be escaped
_DIGITS = b"0123456789abcdefABCDEF"
# the UTF-8 bytes of characters that are invisible
INVISIBLE = b"\xe2\x80\x81\x84\xb8\xef\xbb\xbf\xc2\xad\xcd\xe1\xf3" + bytes((*range(0x8B, 0x90), *range(0xA0, 0xB0)))
# What they begin with in UTF-8, and as escapes of JSON or HTML; which of them are in UTF-16, with the low byte first.
_BEGIN_INVISIBLE = (
    *[b"\xe2\x80%c" % last for last in (*range(0x8B, 0x90), *range(0xA8, 0xAF))],
    b"\xe2\x81", b"\xef\xbb", b"\xef\xb8", b"\xef\xbe", b"\xc2\xad", b"\xcd\x8f", b"\xd8\x9c", b"\xe1\x85", b"\xe1\xa0",
    b"\xe3\x85", b"\xf3\xa0",
)
_BEGIN_ESCAPED = {  # by what is looked for first
    b"\\u": (b"\\u200", b"\\u202", b"\\u206", b"\\ufe", b"\\uFE", b"\\u00ad", b"\\u00AD"),
    b"&#": (b"&#82", b"&#83", b"&#6", b"&#17", b"&#x2", b"&#X2", b"&#xf", b"&#xF", b"&#xa", b"&#xA"),
    b"&": (b"&amp;#", b"&shy;", b"&zw", b"&Zero"),
}
_WIDE_INVISIBLE = (b"\x0b\x20", b"\x0c\x20", b"\x0d\x20", b"\x0e\x20", b"\x0f\x20", b"\x60\x20", b"\xff\xfe", b"\xad\0")
_ESCAPED_INVISIBLE = (
    rb"\\+u(?:20(?:0[b-fB-F]|2[a-eA-E]|6[0-9a-fA-F])|[fF][eE](?:0[0-9a-fA-F]|[fF][fF])|00[aA][dD])|&(?:amp;)*(?:"
    rb"#[xX]0*(?:20(?:0[b-fB-F]|2[a-eA-E]|6[0-9a-fA-F])|[fF][eE](?:0[0-9a-fA-F]|[fF][fF])|[aA][dD])"
    rb"|#0*(?:820[3-7]|823[4-8]|82(?:8[89]|9[0-9])|830[0-3]|65279|173)|shy|zwn?j|ZeroWidthSpace);"
)
# The core of a token in strings that are joined, or in lines, as a pattern; and what is no character of a token.
# The sign of a string of bytes may stand before a quote.
PARTED = rb"A[\"'`\r\n\\][^0-9AC-Zac-z]{0,40}g[^0-9AC-Zac-z]{0,40}E|Ag[\"'`\r\n\\][^0-9AC-Zac-z]{0,40}E"
_NO_TOKEN = bytes(range(256)).translate(None, _ALNUM + b"-_")
_BEYOND_ASCII = bytes(range(128, 256))
_divided: "list[bytes]" = []  # made at first use
_BESIDE_INVISIBLE = 1024  # bytes: a token's core and the host behind it, divided by such characters
# Base64 of something encoded or of an archive, in one piece or in lines, and the signs of escapes in it.
RUNS = classes(a=_ALNUM + b"\r\n+/_-#;{}%\\&=")
# Hexadecimal or decimal, with or without separators, and text of which every character is escaped; also in strings that are
# concatenated.
ESCAPES = classes(a=_DIGITS + b"nxuXU=#;{},:- \t\r\n%\\&\"'+")
# Numbers in lines and strings, with everything that separates them.
NUMBERS = classes(a=_DIGITS + b"xX" + BETWEEN_NUMBERS + b"\"'+.&_|>#*/\\")
# Wide text (UTF-16, UTF-32) has one or three zero bytes beside each letter; spread text an invisible character after each letter.
WIDE = classes(a=bytes((*range(32, 127), *b"\t\r\n")), n=b"\0")
SPREAD = classes(a=bytes(range(1, 128)), z=INVISIBLE, n=b"\0")
_ROW = b"a" * LONG
_LINE = b"a" * 6  # the shortest line or string, in samples, that counts as one of several
LONG_LINES = LONG - 4  # samples of all lines together: base64 of the shortest token may end in a line too short to count
GAP = 2  # samples at most between two lines
_NOTHING = b"." * (GAP + 1)  # neither a row nor lines continue over it
_HASH, _HASH_LINE = b"sha", 160  # what each line of a lock file has, and more bytes than such a line, but fewer than any row
# separators between parts that are asked about as one, by the size of the part modulo the stride
_APART = [b"\n" + b"~" * (STRIDE * (GAP + 3) - 1 - rest) for rest in range(STRIDE)]
REST = 8  # samples behind the last line, in which a shorter one may follow
_SPREAD = b"\0" + INVISIBLE
_CONTROLS = bytes({*range(32), 127} - {*b"\t\r\n"})
_BLANKS = bytes(range(33)) + b"`"  # the two bytes of an invisible character in UTF-16
# Classes that the bytes of encoded text take in turn. In base64 of text each of the four characters of a group has one; in
# hexadecimal of text each of the two digits; in UTF-16, UTF-32 and text spread by invisible characters each byte of a character.
UNBROKEN = 40  # bytes of that in one line: quoted-printable breaks lines so early
QUAD = tuple(classes(a=members) for members in (
    b"ACDIJKLMNOPQRSTUVWXYZabcdef", b"ACDEFGHQSTUVWXgijklmnwyz0123", b"ABEFIJMNQRUVYZcdghklopstwx014589", _ALNUM,
))
PAIR = (classes(a=b"0234567"), classes(a=_DIGITS))
# If bytes have two or four classes in turn, then every fourth byte of the data, from some offset on, is of the first class. No byte
# is of both first classes, so that one translation shows either.
_EVERY = 4
_FIRSTS = bytes([ord("b") if pair == ord("a") else quad for quad, pair in zip(QUAD[0], PAIR[0], strict=True)])
_TURNS = ((b"a" * (UNBROKEN // _EVERY), QUAD), (b"b" * (UNBROKEN // _EVERY), PAIR))
_FEWEST = UNBROKEN // 2  # characters that are encoded: so many in hexadecimal are unbroken for long enough, and in escapes as well
_OF_BASE64 = _ALNUM + b"+/-_"
_AROUND_LINE = b" \t\r="
# Base64 in one piece, and rows of escapes: too short for the sample.
SHORT_RUNS, SHORT_ESCAPES = classes(a=_OF_BASE64), b"%\\&"
_LONGEST_SHORT = (LONG + 2) * STRIDE  # bytes: the sample sees what has as many
_ESCAPE = 9  # bytes of the longest escape, without the sign with which it begins
_ZERO, _MARK = classes(a=b"\0"), classes(a=INVISIBLE)
_BLANK, _OF_BLANK = classes(a=b" "), classes(a=bytes((*range(0x0B, 0x10), *range(0x2A, 0x2F), *range(0x60, 0x65))))
# Each row: what it looks like in the sample, the bytes to delete before it can be read, its classes in turn, and how many bytes
# in a row have them.
WIDE_ROWS = (
    (b"an" * 6, _SPREAD, (WIDE, _ZERO), 12),
    (b"annn" * 3, _SPREAD, (WIDE, _ZERO, _ZERO, _ZERO), 64),
)
SPREAD_ROWS = (
    (b"azzz" * 3, _SPREAD, (SPREAD, _MARK, _MARK, _MARK), 12),
    (b"azz" * 4, _SPREAD, (SPREAD, _MARK, _MARK), 12),
)
SPREAD_WIDE_ROWS = (
    (b"aaan" * 3, _SPREAD + _BLANKS, (SPREAD, _ZERO, _OF_BLANK, _BLANK), 12 * STRIDE),
    (b"aaan" * 3, _SPREAD + _BLANKS, (_ZERO, SPREAD, _BLANK, _OF_BLANK), 12 * STRIDE),
)
WIDES: "tuple[tuple[Wide, ...], ...]" = (WIDE_ROWS, SPREAD_WIDE_ROWS, SPREAD_ROWS)
_LETTERS_ROW = b"a" * 32
_SHORT_ROW = b"a" * _FEWEST
_ESCAPES_ROW = b"a" * (_FEWEST - 1)  # the last one is in what goes on behind it
# The bytes of text, of wide text too. What holds no WORD of them is not read any further.
PLAIN = classes(a=bytes(range(32, 127)) + b"\t\n\r\0\x0b\x0c\xfe\xff" + INVISIBLE)
WORD = b"a" * 12  # the shortest password with a user name before it
_OF_WORDS = b"abcdefghijklmnopqrstuvwxyz _/.:=\"'(),<>[]`|\r\n\0"  # most bytes of prose and code, half of those of encoded text
WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff")  # the byte-order marks
_ENDS = (b"\\r", b"\\n")  # ends of lines within a string
_WRAPS = b"\\" + INVISIBLE  # bytes that may stand anywhere between the characters of base64
_SHORTEST = 16  # characters of a line or string of wrapped base64; the words between the lines are shorter
_NULLS = (b"\\x00", b"\\u0000", b"%00", b"=00")  # in the escapes of wide text
_OF_RUNS = _OF_BASE64 + b",;"  # base64, and what is between the numbers of a source map, which are base64 too: it joins no text
_TO_RUN = bytes(byte if byte in _ALNUM + b"+/" else {45: 43, 95: 47}.get(byte, 32) for byte in range(256))  # -_ are +/ here
_ESCAPED_BETWEEN = (b"%20", b"%2C", b"%2c", b"%0A", b"%0a", b"%0D", b"%0d", b"%3A", b"%3a", b"%09")  # what is between digits, in a URL
_NO_DIGITS = bytes(byte for byte in range(256) if byte not in _DIGITS)
# base64 of the marks of archives in its three alignments, and at which of the four characters of a group each begins
BASE64_ARCHIVES = {
    b"H4sI": 0, b"+LCA": 2, b"fiwg": 3, b"UEsDB": 0, b"BLAwQ": 2, b"QSwME": 3, b"MUFZJ": 0, b"FBWSZ": 2, b"xQVkm": 3,
    b"Td6WF": 1, b"03elh": 2, b"9N3pY": 3, b"KLUv": 0, b"i1L/": 2, b"otS/9": 3,
}
_BASE64_HEAD = 28  # characters: the group before the mark, and enough for the ten bytes of the longest header at any alignment
HEX_ARCHIVES = (b"1f8b08", b"504b0304", b"fd377a58", b"425a68", b"28b52ffd")
_ESCAPED = {b"x": 2, b"u": 4, b"U": 8}  # what follows a backslash, and the number of its digits
_OF_ASCII = (b"2", b"3", b"4", b"5", b"6", b"7")  # the first digit, where it is hexadecimal
_INVISIBLE_IN_URL = (b"%E2%80", b"%e2%80")  # zero-width characters and their kin, each a letter apart
# what each escape begins with, and what follows where it stands for a letter
_SIGNS = {
    b"%": _OF_ASCII,
    b"\\": (b"u00", b"uu", b"u{", b"U0000", b"x{", *(b"x" + digit for digit in _OF_ASCII), b"04", b"05", b"06", b"07", b"1"),
    b"&": (b"#", b"amp;#", b"amp;amp;#"),
}
# The same, as far as it is cheap to count: to count each digit behind `%` takes longer than to split at it.
_LEADS = {b"%": (b"%",), b"\\": (b"\\x", b"\\u", b"\\U", b"\\1", b"\\0"), b"&": (b"&#", b"&amp;")}


def _escapes(signs: bytes) -> "dict[bytes, dict[bytes, bytes]]":
    """Returns, by what escapes begin with, the digits of those of the signs, in either case, each with its sign."""
    forms = (
        (b"\\u00", b"%02x"), (b"\\x", b"%02x"), (b"%", b"%02x"), (b"=", b"%02x"), (b"&#x", b"%02x;"), (b"&#X", b"%02x;"),
        (b"&#", b"%02d;"),
    )
    return {
        lead: {digits: bytes((sign,)) for sign in signs for digits in (form % sign, (form % sign).upper())} for lead, form in forms
    }


# Where single signs are escaped, as in a page or script that a template wrote, words are in pieces: `UV\u005fPUBLISH\u005fTOKEN`.
# They are looked for once these are decoded, with what else may stand in words, begin an escape that is escaped, or end a command.
_NAMED_SIGNS = (
    (b"&amp;", b"&"), (b"&AMP;", b"&"), (b"&lowbar;", b"_"), (b"&sol;", b"/"), (b"&colon;", b":"), (b"&period;", b"."), (b"&commat;", b"@"),
)
_SOFT_BREAKS = (b"=\n", b"=\r\n")  # of quoted-printable: they stand within words
SOFT_LINE = 38  # bytes at least of a line that is broken so
_UNSEEN = b"=" + bytes((*range(33), *range(127, 256)))  # what none of the two bytes beside such a break is
_OF_ESCAPES = classes(a=b"\\&%=", b=b"0123456789abcdefABCDEFuUxX#mM")  # the first three bytes of an escape that leads there
ESCAPED_SIGNS = b"%"  # the name under which their offsets are told
_decoded: "dict[bytes, dict[bytes, bytes]]" = {}  # both filled at first use: most commits have no such escape
_sign_escapes: "dict[bytes, Words]" = {}


def sign_escapes() -> "dict[bytes, Words]":
    """Returns the escapes that lead there, by what they begin with; in small letters, but for those of quoted-printable.

    Plain URLs are full of `%2f` and `%3a`: of these only the slashes before a host do. A number may begin with `=2e`.
    """
    if not _sign_escapes:
        _sign_escapes.update({
            **{lead.lower(): tuple({(lead + digits).lower() for digits in row}) for lead, row in _escapes(b"_-./:\\").items()},
            b"%": (b"%5f", b"%2d", b"%2e", b"%2f%2f", b"%3a//", b"%250", b"%252", b"%253a", b"%255f", b"%5cu00", b"%5cx", b"%26%23"),
            b"=": (b"=5F", b"=2D", b"=2E", b"=2F=2F", b"=3A//"),
            b"&amp;": (b"&amp;#", b"&amp;amp;#"), b"&#38;": (b"&#38;",), b"&#x26;": (b"&#x26;",),
            b"\\u0026": (b"\\u0026#", b"\\u0026\\u0023"), b"\\x26": (b"\\x26#", b"\\x26\\x23"),
        })
    return _sign_escapes


def together(parts: "Iterable[bytes]") -> bytes:
    """Returns the parts as one text. The sample of it has the samples of the parts, with gaps that no row and no line spans."""
    return b"".join([piece for part in parts for piece in (part, _APART[len(part) % STRIDE])])


def _any_of(text: bytes, words: "Iterable[bytes]") -> bool:
    """Tells whether one of the words stands in the text."""
    for word in words:  # noqa: SIM110 - half of what `any` costs
        if word in text:
            return True
    return False


def _code(sign: bytes, part: bytes) -> bytes:
    """Returns the character for which an escape stands; empty if it is none. `part` is the text behind the sign."""
    start, end, base = 0, 2, 16
    if part.startswith(b"amp;"):
        return sign
    if sign == b"&":
        start, base = (2, 16) if part[1:2] in (b"x", b"X") else (1, 10)
        end = part.find(b";", start, 12) if b";" in part[:12] else 4
    elif sign == b"\\" and part[1:2] == b"{":
        start, end = 2, part.find(b"}", 2, 9)
    elif part[:1] in _ESCAPED:
        start = len(part) - len(part.lstrip(b"u")) or 1  # Java allows several `u`
        end = start + _ESCAPED[part[:1]]
    elif sign != b"%":
        end, base = 3, 8
    try:
        return bytes((int(part[start:end], base),))
    except ValueError:
        return b""


def _are_letters(sign: bytes, parts: "Sequence[bytes]") -> bool:
    """Tells whether many of the escapes stand for letters and digits; it looks at no more than it takes to know."""
    missing = MANY
    for part in parts:
        if _code(sign, part) in _LETTERS:
            missing -= 1
            if not missing:
                return True
    return False


def _hides_letters(stretch: bytes) -> bool:
    """Tells whether many letters and digits, which need no escape, are escaped in the stretch."""
    for sign, leads in _SIGNS.items():
        if stretch.count(sign) >= MANY:
            parts = [part for part in stretch.split(sign)[1:] if part.startswith(leads)]
            if len(parts) >= MANY and _are_letters(sign, parts):
                return True
            if sign == b"%" and max(map(stretch.count, _INVISIBLE_IN_URL)) >= MANY:
                return True
    return False


def _is_prose(sample: bytes) -> bool:
    """Tells whether the sample is prose or code: in each part of it less than an eighth of the bytes is unusual in words.

    In encoded text half of the bytes are.
    """
    unusual = len(sample.translate(None, _OF_WORDS))
    if unusual * 8 >= len(sample):
        return False
    if sample.count(sample[12:13]) * 3 > len(sample):  # one byte of an escape whose length is a multiple of the stride
        return False
    return unusual * 8 < LONG or all(
        len(sample[start : start + LONG].translate(None, _OF_WORDS)) * 8 < LONG for start in range(0, len(sample), LONG // 2)
    )


def _leads_on(decoded: bytes, depth: int, own: "Words") -> bool:
    """Tells whether decoded bytes are worth reading; those without a word of text, as most are, can only be an archive."""
    if WORD in decoded.translate(PLAIN):
        return worth_reading(decoded, own, depth)
    return has_archive(decoded)


def _is_in_turn(text: bytes, tables: "Tables", first: int, size: int) -> bool:
    """Tells whether `size` bytes in a row have the classes in turn; `first` is an offset at which the first class is due."""
    image, many = bytearray(len(text)), len(tables)
    for number, table in enumerate(tables):
        place = (first + number) % many
        image[place::many] = text[place::many].translate(table)
    return b"a" * size in image


def _turns(text: bytes, tables: "Tables", size: int = UNBROKEN) -> "Iterator[int]":
    """Yields each phase, an offset below the number of classes, at which `size` bytes in a row have the classes in turn."""
    many = len(tables)
    row = b"a" * (size // many)
    for first in range(many):
        places = text[first::many].translate(tables[0])
        at = places.find(row)
        while at >= 0:  # rarely entered, and then mostly once
            end = places.find(b".", at)
            end = len(places) if end < 0 else end
            start = max(0, (at - 1) * many + first + 1)
            if _is_in_turn(text[start : end * many + first], tables, first - start, size):
                yield first
                break
            at = places.find(row, end)


def takes_turns(text: bytes, tables: "Tables", size: int = UNBROKEN) -> bool:
    """Tells whether `size` bytes in a row have the classes in turn, at any phase."""
    for _ in _turns(text, tables, size):
        return True
    return False


def _has_nulls(stretch: bytes) -> bool:
    """Tells whether there are many escapes of zero bytes in the stretch, as in escaped wide text."""
    # to count the first byte is faster, and mostly answers it
    return any(stretch.count(null[:1]) >= MANY and stretch.count(null) >= MANY for null in _NULLS)


def _has_base64_archive(stretch: bytes) -> bool:
    """Tells whether base64 of an archive may begin in the stretch: behind a mark that chance made, no header follows."""
    for mark, skipped in BASE64_ARCHIVES.items():
        for at in all_of(stretch, mark) if mark in stretch else ():
            start = at - skipped - 4
            run = stretch[max(0, start) : at].translate(_TO_RUN)
            run += stretch[at : at + _BASE64_HEAD].translate(_TO_RUN, b"\r\n")[: _BASE64_HEAD - skipped - 4]
            if b" " in run or len(run) < _BASE64_HEAD:
                return True
            import binascii

            if has_archive(binascii.a2b_base64(run)):
                return True
    return False


def _may_be_encoded(stretch: bytes) -> bool:
    """Tells whether the stretch, or a part of it, may be escaped, base64 or lines of hexadecimal. Cheap; False is certain."""
    if _any_of(stretch, BASE64_ARCHIVES) or _hides_letters(stretch) or _has_nulls(stretch):
        return True
    return takes_turns(stretch, QUAD) or takes_turns(stretch, PAIR)


def _unwrapped(stretch: bytes) -> bytes:
    """Returns the lines and strings of base64 in the stretch, joined to one run.

    A `+` at the beginning of a line is the sign of a patch: base64 of text never begins with it.
    """
    for end in _ENDS:
        stretch = stretch.replace(end, b" ")
    words = stretch.translate(_TO_RUN, _WRAPS).split()
    least = min(_SHORTEST, max(map(len, words)) // 2)
    return b"".join([word.lstrip(b"+") for word in words[:-1] if len(word) >= least] + words[-1:])


def _of_base64(run: bytes) -> "Iterator[bytes]":
    """Yields what the run stands for, if it is base64 of text, at each alignment that shows it."""
    import binascii

    for skipped in _turns(run, QUAD):
        usable = (len(run) - skipped) // 4 * 4
        yield binascii.a2b_base64(run[skipped : skipped + usable])


def _is_encoded(stretch: bytes, depth: int, own: "Words") -> bool:
    """Tells whether the stretch has escapes, or base64 at some alignment, of something worth reading."""
    if _has_base64_archive(stretch) or _hides_letters(stretch):
        return True
    for null in _NULLS:
        if stretch.count(null) >= MANY and worth_reading(stretch.replace(null, b""), own, depth):
            return True
    return takes_turns(stretch, QUAD) and any(_leads_on(decoded, depth, own) for decoded in _of_base64(_unwrapped(stretch)))


def _are_a_core(numbers: bytes) -> bool:
    """Tells whether the numbers contain the first characters of a token, as character codes."""
    if not _any_of(numbers.translate(None, BETWEEN_NUMBERS), _CORES_TOGETHER):  # as in most: one pass, where blanks need several
        return False
    row = numbers.translate(_TO_BLANKS)
    while b"  " in row:  # not split: a map has millions of numbers, each of which would be an object
        row = row.replace(b"  ", b" ")
    return _any_of(row, _CORES_IN_NUMBERS)


def _digits(stretch: bytes) -> bytes:
    """Returns the hexadecimal digits of the stretch, without prefixes and separators."""
    for sign in _ESCAPED_BETWEEN if b"%" in stretch else ():
        stretch = stretch.replace(sign, b" ")
    bare = stretch.replace(b"0x", b"").replace(b"0X", b"") if b"0x" in stretch or b"0X" in stretch else stretch
    return bare.translate(None, _NO_DIGITS)


def _is_plain_to_see(stretch: bytes, digits: bytes) -> bool:
    """Tells whether the stretch is worth reading for what shows without decoding: escapes, numbers, the mark of an archive."""
    return _hides_letters(stretch) or _are_a_core(stretch) or _any_of(digits.lower(), HEX_ARCHIVES)


def _may_be_escaped(stretch: bytes) -> bool:
    """Tells whether the stretch, or a part of it, may be escapes, numbers or hexadecimal. Cheap; False is certain."""
    digits = _digits(stretch)
    image = digits.translate(PAIR[0])
    return _LETTERS_ROW in image[::2] or _LETTERS_ROW in image[1::2] or _is_plain_to_see(stretch, digits)


def _of_hex(digits: bytes, row: bytes = _LETTERS_ROW) -> "Iterator[bytes]":
    """Yields what the digits stand for, if they are hexadecimal of text, with the first or the second one as the first of a pair."""
    image = digits.translate(PAIR[0])
    for skipped in range(2):
        if row in image[skipped::2]:
            import binascii

            usable = (len(digits) - skipped) // 2 * 2
            yield binascii.a2b_hex(digits[skipped : skipped + usable])


def _is_escaped(stretch: bytes, depth: int, own: "Words") -> bool:
    """Tells whether the stretch has escapes, numbers or hexadecimal of something worth reading."""
    digits = _digits(stretch)
    return _is_plain_to_see(stretch, digits) or any(_leads_on(decoded, depth, own) for decoded in _of_hex(digits))


def around(spans: "Iterable[tuple[int, int]]", reach: int) -> "Spans":
    """Yields the spans with so many bytes before and after each; they ascend, and those that overlap then are one."""
    start = end = 0
    for first, last in spans:
        if first - reach > end:
            if end:
                yield start, end
            start = max(0, first - reach)
        end = max(end, last + reach)
    if end:
        yield start, end


def _parts(image: bytes, spans: "Iterable[tuple[int, int]]") -> "Parts":
    """Returns parts of a translated sample, each with its offset: every row and line near the spans lies whole in one of them."""
    parts: list[tuple[int, bytes]] = []
    end = 0
    for first, last in spans:
        if last + REST > end:
            start = max(end, image.rfind(_NOTHING, 0, max(0, first - REST)))
            end = image.find(_NOTHING, last + REST)
            end = len(image) if end < 0 else end
            parts.append((start, image[start:end]))
    return parts


def _stretches(parts: "Parts", find: "Callable[[bytes], Spans]") -> "Spans":
    """Yields what `find` finds in the parts, as spans of the data."""
    for at, part in parts:
        for start, end in find(part):
            yield max(0, at + start) * STRIDE, (at + end) * STRIDE


def rows_in(image: bytes, row: bytes = _ROW) -> "Spans":
    """Yields where the translated sample holds the row, up to the end of its class, and one sample on either side."""
    at = image.find(row)
    while at >= 0:
        end = image.find(b".", at)
        end = len(image) if end < 0 else end
        yield at - 1, end + 1
        at = image.find(row, end)


def _lines(image: bytes) -> "Spans":
    """Yields where lines or strings of one class follow each other closely, and are long enough only together."""
    start = at = image.find(_LINE)
    lines = 0
    while at >= 0:
        end = image.find(b".", at)
        end = len(image) if end < 0 else end
        lines += 1
        at = image.find(_LINE, end)
        if not end <= at <= end + GAP:
            if end - start >= LONG_LINES and (lines > 1 or end - start < LONG):  # the sample may skip a gap
                yield start - 1, end + REST
            start, lines = at, 0


def _encoded_in(data: bytes, parts: "Parts", depth: int, own: "Words") -> "Spans":
    """Yields the stretches of base64, escapes or lines of hexadecimal of something worth reading, with what is around them."""
    found = [
        (start, end, stretch)
        for find in (rows_in, _lines)
        for start, end in _stretches(parts, find)
        if not _is_prose((stretch := data[start:end])[::STRIDE])
    ]
    # all at once first: a lock file has thousands of hashes, none of which passes
    if not found or not _may_be_encoded(b".".join([stretch for _, _, stretch in found])):
        return
    for start, end, stretch in found:
        if _is_encoded(stretch, depth, own) or (takes_turns(stretch, PAIR) and _is_escaped(stretch, depth, own)):
            yield start - FAR, len(data) if _has_base64_archive(stretch) else end + FAR


def _takes_turns_at(data: bytes, start: int, end: int, tables: "Tables") -> bool:
    """Tells whether UNBROKEN bytes have the classes in turn, beginning with the first class at `start`."""
    many = len(tables)
    row = b"a" * (UNBROKEN // many - 1)  # one byte of each class may be before the first that was told
    for number, table in enumerate(tables):
        if row not in data[start + number : end : many].translate(table):
            return False
    return takes_turns(data[max(0, start - _EVERY) : end + _EVERY], tables)


def unbroken_in(data: bytes) -> "Spans":
    """Yields where UNBROKEN bytes look like hexadecimal or base64 of text. It does not yield them in order, and some twice."""
    for first in range(_EVERY):
        image = data[first::_EVERY].translate(_FIRSTS)
        for row, tables in _TURNS:
            if first < len(tables):  # of so many classes the first is due at one of so many offsets
                for before, behind in rows_in(image, row):
                    start, end = (before + 1) * _EVERY + first, (behind - 1) * _EVERY + first
                    if _takes_turns_at(data, start, end, tables):
                        yield max(0, start - _EVERY), end


def _with_lines(text: bytes, start: int, end: int) -> bytes:
    """Returns the run between the offsets, with the lines below that may go on with it."""
    first, *others = text[start : start + LONG * STRIDE].split(b"\n")
    parts = [text[start:end]]
    if len(first.rstrip()) == end - start:
        for line in others:
            words = line.lstrip(_AROUND_LINE)
            rest = words.lstrip(_OF_BASE64)
            parts.append(words[: len(words) - len(rest)])
            if rest.strip(_AROUND_LINE):
                break
    return b"".join(parts)


def _runs(text: bytes) -> "Spans":
    """Yields the runs in which there may be hexadecimal or base64 of text."""
    row = b"a" * UNBROKEN
    if row not in text.translate(QUAD[3]):  # letters and digits: as in most
        return
    image, seen = text.translate(SHORT_RUNS), 0
    for start, end in sorted(unbroken_in(text)):
        last = end + 2 * _EVERY
        at = image.find(row, max(start, seen), last)
        while at >= 0:
            seen = image.find(b".", at)
            seen = len(text) if seen < 0 else seen
            first = image.rfind(b".", 0, at) + 1
            # what is beside it may be of the same first class
            if takes_turns(text[first:seen], QUAD) or takes_turns(text[first:seen], PAIR):
                yield first, seen
            at = image.find(row, seen, last)


def _size(parts: "Sequence[bytes]", first: int, last: int) -> int:
    """Returns how many bytes these of the parts take up, with the sign behind each."""
    return sum(map(len, parts[first:last])) + last - first


def _rows_of_escapes(text: bytes) -> "Spans":
    """Yields the rows of escapes of letters that are too short for the sample."""
    for sign, leads in _LEADS.items():
        if text.count(sign) < len(_ESCAPES_ROW) or sum(map(text.count, leads)) < MANY:  # as in most
            continue
        parts, number, at = text.split(sign), 0, 0
        for before, behind in rows_in(bytes([46 if len(part) > _ESCAPE else 97 for part in parts]), _ESCAPES_ROW):
            start = at + _size(parts, number, before + 1)
            number, at = behind - 1, start + _size(parts, before + 1, behind - 1)
            if at - start <= _LONGEST_SHORT and _hides_letters(text[start : at - 1]):
                yield max(0, start - 1), at - 1


def _short_in(data: bytes, spans: "Iterable[tuple[int, int]]", find: "Callable[[bytes], Spans]") -> "Iterator[tuple[int, bytes]]":
    """Yields what `find` finds near the spans, which are those of the sample, and is too short to be seen there; with its offset."""
    for start, end in around(spans, 2 * LONG):
        start, end = start * STRIDE, end * STRIDE
        text = data[start:end]
        for first, last in sorted(find(text)):  # in the same order, whatever the spans are
            # what goes on beyond the text is long, or has other spans
            is_whole = (first > 0 or start == 0) and (last < len(text) or end >= len(data))
            if is_whole and last - first < _LONGEST_SHORT:
                yield start + first, data[start + first : start + last]


def _short_runs_in(data: bytes, spans: "Iterable[tuple[int, int]]", depth: int, own: "Words") -> "Spans":
    """Yields what is around short runs of hexadecimal or base64 of something worth reading."""
    runs = []
    for at, run in _short_in(data, spans, _runs):
        run = _with_lines(data, at, at + len(run))
        runs.append((at, [*_of_base64(run.translate(_TO_RUN)), *_of_hex(_digits(run), _SHORT_ROW)]))
    every = [decoded for _, parts in runs for decoded in parts]
    # all at once first: text in lines of base64 has thousands
    if any(map(is_short_and_hides, every)) or _leads_on(together(every), depth, own):
        for at, parts in runs:
            if any(_leads_on(decoded, depth, own) for decoded in parts):
                yield at - FAR, at + FAR


def _escaped_in(data: bytes, parts: "Parts", depth: int, own: "Words") -> "Spans":
    """Yields the stretches of hexadecimal, numbers or escapes of something worth reading, with what is around them."""
    found = [(start, end, row) for start, end in _stretches(parts, rows_in) if not are_hashes(row := data[start:end])]
    if not found or not _may_be_escaped(b".".join([stretch for _, _, stretch in found])):
        return
    for start, end, stretch in found:
        if _is_escaped(stretch, depth, own):
            yield start - FAR, len(data) if _any_of(stretch, HEX_ARCHIVES) else end + FAR


def _row_of_dump(line: bytes) -> bytes:
    """Returns the digits in a line of a dump, behind its offset."""
    digits = b""
    for word in line.split(None, _ROW_OF_DUMP // 2 + 1)[1:]:
        rest = word.lstrip(_DIGITS)
        if len(digits) == _ROW_OF_DUMP or (len(word) - len(rest)) % 2 or rest[:1] not in _BEHIND_BYTE:
            break
        digits += word[: len(word) - len(rest)]
        if rest:
            break
    return digits


def _rows_of_dump(data: bytes, start: int) -> "tuple[bytes, int]":
    """Returns the digits in the lines of the dump that begins at `start`, and where it ends."""
    rows: list[bytes] = []
    while start < len(data):
        end = data.find(b"\n", start, start + _LINE_OF_DUMP)
        line = data[start : end if end >= 0 else start + _LINE_OF_DUMP]
        row = _row_of_dump(line)
        if not row and line.strip() != b"*":  # which stands for lines that are like the one before
            break
        rows.append(row)
        start += len(line) + 1
    return b"".join(rows), start


def _rows_apart(data: bytes, mark: bytes, at: int) -> "tuple[bytes, int, int]":
    """Returns the digits of the dump whose second line has the mark at `at`, where it begins and ends, whatever is between its lines."""
    number = mark.rstrip(b": ")
    form, behind = SECOND_ROWS[mark], mark[len(number) :]
    head = data[max(0, at - _LINE_OF_DUMP) : at]
    width = len(head) - len(head.rstrip(b"0")) + len(number)
    start = last = data.rfind(form % (width, 0) + behind, max(0, at - _TO_NEXT), at)
    if start < 0:
        return b"", at, at
    step = 8 if form % (width, 8) + behind in data[start:at] else 16
    rows: list[bytes] = []
    while last >= 0:
        end = last + width
        rows.append(_row_of_dump(data[last : last + _LINE_OF_DUMP]))
        last = data.find(form % (width, len(rows) * step) + behind, end, end + _TO_NEXT)
    return b"".join(rows), start, end


def _dumped_in(data: bytes, depth: int, own: "Words") -> "Spans":
    """Yields the dumps of something worth reading, with what is around them."""
    for mark in SECOND_ROWS if DUMPED in data else ():
        last = 0  # of the dumps with this mark: one with another mark may stand before them
        for at in all_of(data, mark):
            first, newline, zeros = data[max(0, at - _LINE_OF_DUMP) : at].rpartition(b"\n")
            if at < last:
                continue
            start = at - len(zeros) - 1 - len(first.rpartition(b"\n")[2])
            digits, last = _rows_of_dump(data, start) if newline and not zeros.strip(b"0x \t") else (b"", at)
            if not digits:
                digits, start, last = _rows_apart(data, mark, at)
            import binascii

            if _leads_on(binascii.a2b_hex(digits), depth, own):
                yield start - FAR, last + FAR


def are_hashes(row: bytes) -> bool:
    """Tells whether what looks like a row in the sample are the hashes of a lock file: the sample can miss the words between them."""
    return max(map(len, row.split(_HASH))) < _HASH_LINE


def _numbers_in(data: bytes, parts: "Parts") -> "Spans":
    """Yields the stretches of numbers that contain the first characters of a token, with what is around them."""
    found = [span for find in (rows_in, _lines) for span in _stretches(parts, find)]
    if not found or not _are_a_core(b".".join([data[start:end] for start, end in found])):
        return
    for start, end in found:
        if _are_a_core(data[start:end]):
            yield start - FAR, end + FAR


def _spread_in(data: bytes, parts: "Parts", rows: "Sequence[Wide]", depth: int, own: "Words") -> "Spans":
    """Yields the stretches of wide or spread text that is worth reading, with what is around them."""
    for row, left_out, turns, size in rows:
        for start, end in _stretches(parts, lambda image: rows_in(image, row)):  # noqa: B023 - it is called at once
            text = data[max(0, start - 6 * STRIDE) : end + 6 * STRIDE]
            if not takes_turns(text, turns, size):
                continue
            text = text.translate(None, left_out)
            if len(text.translate(None, _CONTROLS)) * 8 < len(text) * 7 and _LETTERS_ROW not in text.translate(PLAIN):
                continue  # no text: numbers of two or four bytes
            if worth_reading(text, own, depth):
                yield start - FAR, end + FAR


def divided() -> "Sequence[bytes]":
    """Returns what begins with a letter of a token's core and an invisible character behind it; and the core itself in wide text.

    Characters elsewhere in wide text make it look like none.
    """
    if not _divided:
        begins = sum(_BEGIN_ESCAPED.values(), _BEGIN_INVISIBLE)
        _divided.extend((b"A\0g\0E", b"A\0\0\0g\0\0\0E"))
        for letter in (b"A", b"g"):
            _divided.extend(letter + further + begin for begin in begins for further in (b"", b"\\"))
            for mark in _WIDE_INVISIBLE:
                for further in (b"", b"\0\0"):
                    _divided.extend((letter + b"\0" + further + mark, b"\0" + letter + further + mark[::-1]))
    return _divided


def _undivided(text: bytes) -> "Iterator[bytes]":
    """Yields the text as it may be without what divides words in it: joints, or invisible characters in UTF-8, wide text or escapes."""
    yield text.replace(b'b"', b'"').replace(b"b'", b"'").translate(None, _NO_TOKEN)
    if not text.isascii() or b"\0" in text:
        yield text.translate(None, _BEYOND_ASCII + _BLANKS if b"\0" in text else _BEYOND_ASCII)
    begins = (begin for sign, begins in _BEGIN_ESCAPED.items() if sign in text for begin in begins)
    if any(text[at - 1 : at] in (b"A", b"g", b"\\") for begin in begins for at in all_of(text, begin)):
        import re

        yield re.sub(_ESCAPED_INVISIBLE, b"", text).translate(None, _BEYOND_ASCII)


def _is_parted(text: bytes) -> bool:
    import re

    return bool(re.search(PARTED, text))


def _divided_in(data: bytes, spans: "Sequence[tuple[int, int]]") -> "Spans":
    """Yields the stretches, near the samples in the spans, with a token whose core is divided: by invisible characters, or by joints.

    Pieces of a token that are longer than its core and host leave one of the two to be seen.
    """
    numbers = {
        number for first, last in spans
        for number in range(max(0, first * STRIDE - _BESIDE_INVISIBLE) // _AT_ONCE, min(last * STRIDE, len(data)) // _AT_ONCE + 1)
    }
    for start in (number * _AT_ONCE for number in sorted(numbers)):
        text = data[start : start + _AT_ONCE + _BESIDE_INVISIBLE]
        lefts = _undivided(text)
        has_core = any(left[at - 1 : at] == b"-" or left[at + 4 : at + 8] in _HOSTS for left in lefts for at in all_of(left, _TOKEN))
        if has_core and (_any_of(text, tuple(divided())) or _is_parted(text)):
            yield start - FAR, start + len(text) + FAR


def _short_texts(data: bytes) -> "Iterator[bytes]":
    """Yields what data that is too short for the sample stands for, if it is UTF-16, or hexadecimal with whatever separates it.

    Small files of UTF-16 are what PowerShell writes. Quoted-printable text of which every byte is escaped looks like hexadecimal.
    """
    if len(data) < 2 * LONG * STRIDE:
        if data[:2] in WIDE_MARKS or (data.count(0) >= _FEWEST and takes_turns(data, (WIDE, _ZERO))):
            yield data.translate(None, _SPREAD)
        yield from _of_hex(_digits(data), _SHORT_ROW)


def is_short_and_hides(data: bytes) -> bool:
    """Tells whether the data is text in another form, and too short for the sample."""
    return any(True for _ in _short_texts(data))


def hidden_in(
    data: bytes, own: "tuple[bytes, ...]", depth: int = DEPTH - 1, suspects: "Suspects | None" = None
) -> "Spans":
    """Yields each stretch of encoded, escaped or wide text that leads to something worth reading.

    `suspects` says, by class (RUNS, SHORT_RUNS, SHORT_ESCAPES, ESCAPES, NUMBERS, each of WIDES, DUMPED, INVISIBLE), near which samples
    such a stretch may be; None if it is not known, and all of the data has to be sampled.
    """
    for text in _short_texts(data):
        if data[:2] in WIDE_MARKS or _leads_on(text, depth, own):
            yield 0, len(data)
    if suspects is None:
        suspects = dict.fromkeys((RUNS, SHORT_RUNS, SHORT_ESCAPES, ESCAPES, NUMBERS, *WIDES, DUMPED, INVISIBLE), ((0, len(data)),))
    if not suspects:
        return
    if DUMPED in suspects:
        yield from _dumped_in(data, depth, own)
    if INVISIBLE in suspects:
        yield from _divided_in(data, suspects[INVISIBLE])
    sample = data[::STRIDE]
    if RUNS in suspects:
        yield from _encoded_in(data, _parts(sample.translate(RUNS), suspects[RUNS]), depth, own)
    if SHORT_RUNS in suspects:
        yield from _short_runs_in(data, suspects[SHORT_RUNS], depth, own)
    if SHORT_ESCAPES in suspects:
        for at, row in _short_in(data, suspects[SHORT_ESCAPES], _rows_of_escapes):
            yield at - FAR, at + len(row) + FAR
    if ESCAPES in suspects:
        yield from _escaped_in(data, _parts(sample.translate(ESCAPES), suspects[ESCAPES]), depth, own)
    if NUMBERS in suspects:
        yield from _numbers_in(data, _parts(sample.translate(NUMBERS), suspects[NUMBERS]))
    for rows in WIDES:
        if rows in suspects and (not sample.isascii() if rows is SPREAD_ROWS else b"\0" in sample):
            table = WIDE if rows is WIDE_ROWS else SPREAD
            yield from _spread_in(data, _parts(sample.translate(table), suspects[rows]), rows, depth, own)


def _is_in_certificate(data: bytes, at: int) -> bool:
    """Tells whether the core is within base64 that goes over two lines, or behind the armour of a key, without what goes with a core."""
    _, begun, text = data[max(0, at - _WRAPPED) : at].rpartition(_ARMOUR)
    left, right = text.split(), data[at + 3 : at + 3 + _WRAPPED].split()
    before, host = b"".join(left), b"".join(right)[:5]
    if len(left) > 2 or len(right) > 2 or len(host) < 5 or not (begun or len(before) >= _PREFIX):
        return False  # words, or lines with numbers
    is_run = not (before[-_PREFIX:] + host).translate(None, _OF_RUNS)
    return is_run and not (before.endswith(b"-") or b"pi-" in before or host[1:] in _HOSTS)


def _is_core(data: bytes, core: bytes, at: int) -> bool:
    """Tells whether the core is more than a part of a hash, certificate or source map: runs of base64 without what goes with a core."""
    if core == _TOKEN:
        around = data[max(0, at - _PREFIX) : at + 8]  # so much tells of most, which stand in hashes on one line
        others = around.translate(None, _OF_RUNS)
        if others.strip():
            return True
        if others or len(around) < _PREFIX + 8:
            return not _is_in_certificate(data, at)
        return data[at - 1 : at] == b"-" or data[at + 4 : at + 8] in _HOSTS
    start, skipped = _PYPI[core]
    behind = data[at + start : at + start + 8].translate(_TO_RUN)
    if len(behind) < 8 or b" " in behind:
        return True
    import binascii

    text = binascii.a2b_base64(behind)[skipped : skipped + 3]
    return text.isascii() and len(text.translate(None, _CONTROLS)) == 3


def cores_in(data: bytes, found: "Found") -> "Iterator[int]":
    """Yields the offsets at which a token, or base64 with `pypi` in it, may begin. `found` has the offsets of CORES."""
    for core in CORES:
        for at in found.get(core, ()):
            if _is_core(data, core, at):
                yield at


def all_of(data: bytes, word: bytes) -> "Iterator[int]":
    """Yields where the word stands in the data."""
    at = data.find(word)
    while at >= 0:
        yield at
        at = data.find(word, at + 1)


def _around(found: "Sequence[int]", reach: int) -> "Spans":
    """Yields the spans within reach of the offsets, which ascend; overlapping ones as one."""
    return around(zip(found, found, strict=True), reach)


def _pairs(data: bytes, found: "Sequence[int]", others: "Words", any_of: "AnyOf") -> "Spans":
    """Yields the sections around those of the offsets that have one of the other words near them."""
    near = list(_around(found, NEAR))
    if len(near) > 1 and not any_of(b"\n".join([data[start:end] for start, end in near]), others):
        return
    for start, end in near:
        if any_of(data[start:end], others):
            yield start - SECTION, end + SECTION


def _may_be_userinfo(part: bytes, colon: bytes) -> bool:
    """Tells whether the text may be a user and a password: one word, in which only a reference in braces may hold double quotes.

    Quoted-printable text wraps it, with a `=` at the end of each line.
    """
    if b"\n" in part:
        lines = part.split(b"\n")
        for line in lines[:-1]:
            if not line.rstrip(b" \t\r").endswith(b"="):
                return False
        part = b"".join([line.strip(_OF_WRAP) for line in lines])
    first = min([at for at in (part.find(b"{"), part.find(b"(")) if at >= 0], default=-1)
    last = max(part.rfind(b"}"), part.rfind(b")"))
    if 0 <= first < last and len(part) <= NEAR and b"\n" not in part:
        part = part[:first] + part[last:]
    user, _, password = part.partition(colon)
    return len(user.translate(None, _NO_USER)) == len(user) and len(password.translate(None, _NO_PASSWORD)) == len(password)


def _urls(data: bytes, sign: bytes, found: "Sequence[int]", others: "Sequence[bytes]") -> "Spans":
    """Yields what is around URLs with a user or password before the host.

    `found` has the offsets of their sign (`://`), and `others` those of AT_SIGNS that the data contains.
    """
    colon, slash, host = _OF_URLS[sign]
    end, never = -1, len(data) + _MAX_USERINFO
    for at in found:
        if end < at:
            end = data.find(host, at)
            end = never if end < 0 else end
        if end == never and not others:
            return
        stop = data.find(slash, at + len(sign), at + _MAX_USERINFO)
        if stop < 0 or data.find(b"{", at, stop) >= 0 or data.find(b"(", at, stop) >= 0:
            stop = at + _MAX_USERINFO  # a reference in braces may contain a slash
        if end >= stop and not others:
            continue
        authority = data[at + len(sign) : stop]
        signs = [host] if end < stop else [other for other in others if other in authority]
        if not signs:
            continue
        part = authority[: min(map(authority.find, signs))]
        if colon not in part:  # a user who is a mail address: the password is behind the next sign
            part = authority[: max(map(authority.rfind, signs))]
        scheme = data[max(0, at - 9) : at].lower()
        if not (scheme.translate(None, _JOINTS).endswith(_SCHEMES) or _any_of(scheme, _SIGNS)):
            continue
        if (colon in part or len(part) >= _MIN_ALONE) and _may_be_userinfo(part, colon):
            yield at - REACH, at + len(part) + REACH


def _named(data: bytes, found: "Sequence[int]", any_of: "AnyOf") -> "Spans":
    """Yields what is around `pypi` in the name of a secret, in a host behind an `@`, or near a password or request."""
    for at in found:
        beside = data[max(0, at - 9) : at + 15].lower()
        before = data[max(0, at - 256) : at].rpartition(b"\n")[2].rpartition(b" ")[2]
        if data[at : at + 6] == b"pypi-A" or _any_of(beside, _BESIDE) or _any_of(before, _AT):
            yield at - SECTION, at + SECTION
    yield from _pairs(data, found, _REQUESTS, any_of)
    for start, end in _around(found, REACH):
        near = data[start:end].lower()
        if _any_of(near, _ESCAPED_LETTERS) or _any_of(near.translate(None, _JOINTS), _SECRETS):
            yield start - NEAR, end + NEAR


def settings_in(data: bytes, found: "Found", any_of: "AnyOf") -> "Spans":
    """Yields where words may make up a setting with a password or token. `found` has the offsets of WORDS.

    `any_of` tells whether a text contains one of the words of a row of COMPANIONS.
    """
    for word in STEMS[b"pypi"]:
        if word in found:
            yield from _named(data, found[word], any_of)
    for word in ENOUGH:
        if word in found:
            yield from _around(found[word], SECTION)
    ats = [sign for sign in AT_SIGNS if sign in found]
    for sign in URLS:
        if sign in found:
            yield from _urls(data, sign, found[sign], ats)
    for words, others in PAIRS:
        for word in words:
            if word in found:
                yield from _pairs(data, found[word], others, any_of)
    for word in STEMS[b"assword"] if any(name in found for name in PYPIRC) else ():
        if word in found:
            yield from _around(found[word], SECTION)
    if ESCAPED_SIGNS in found:
        yield from _unescaped_in(data, found[ESCAPED_SIGNS], any_of)


def _with_sign(lead: bytes, part: bytes, signs: "Mapping[bytes, bytes]") -> bytes:
    """Returns the sign for which an escape stands, and what follows. `lead` is what the escape begins with, `part` what is behind it."""
    size = part.find(b";", 0, 4) + 1 if lead[:1] == b"&" else 2
    sign = signs.get(part[:size])
    return sign + part[size:] if sign else lead + part


def _with_signs(text: bytes) -> bytes:
    """Returns the text with the signs for which escapes stand, also where these are escaped themselves."""
    if not _decoded:
        _decoded.update(_escapes(b"_-./:@[](){}$=\"' \n\\&%#;"))
    for _ in range(DEPTH):
        before = text
        for soft in _SOFT_BREAKS:
            text = text.replace(soft, b"")
        while b"\\\\" in text:
            text = text.replace(b"\\\\", b"\\")
        for escape, sign in _NAMED_SIGNS if b"&" in text else ():
            text = text.replace(escape, sign)
        for lead, signs in _decoded.items():
            if lead in text:
                first, *parts = text.split(lead)
                text = first + b"".join([_with_sign(lead, part, signs) for part in parts])
        if text == before:
            break
    return text


def _unescaped_in(data: bytes, found: "Sequence[int]", any_of: "AnyOf") -> "Spans":
    """Yields what is around settings whose words are in pieces. `found` has the offsets behind escapes of signs, which ascend."""
    for first, last in _around(found, _MAX_USERINFO):
        for start in range(first, min(last, len(data)), _AT_ONCE):  # hostile text has nothing but escapes
            end = min(last, start + _AT_ONCE + _MAX_USERINFO)
            text = _with_signs(data[start:end])
            if any(True for _ in settings_in(text, words_in(text), any_of)):
                yield start - SECTION, end + SECTION


def escaped_signs_in(data: bytes) -> "Found":
    """Returns the offsets behind escapes of signs, under the name of ESCAPED_SIGNS, if there are any that may have words in pieces."""
    ends: list[int] = []
    for soft in _SOFT_BREAKS:
        for at in all_of(data, soft):
            line, end = data[max(0, at - SOFT_LINE) : at], at + len(soft) + 1
            is_long = len(line) == SOFT_LINE and b"\n" not in line and b"\r" not in line
            if is_long and len((line[-1:] + data[end - 1 : end]).translate(None, _UNSEEN)) == 2:
                ends.append(end)
    if b"abb" in data.translate(_OF_ESCAPES):
        small = data.lower()
        rows = [row for lead, row in sign_escapes().items() if lead in small]
        ends.extend(at + len(one) for row in rows for one in row for at in all_of(data if one[:1] == b"=" else small, one))
    ends.sort()
    return {ESCAPED_SIGNS: ends} if ends else {}


def words_in(data: bytes) -> "Found":
    """Returns the offsets of those of CORES and WORDS that the data contains."""
    left = data.translate(None, _NOT_IN_WORDS)
    small = left.lower()
    words = [core for core in CORES if core in left]
    words += [word for stem, row in STEMS.items() if stem in small for word in row]
    has_references = b"&" in data  # one byte is looked for fastest, and most data has none
    ats = [sign for sign in AT_SIGNS if (has_references or sign == _ESCAPED_AT) and sign in data]
    urls = _OF_URLS if has_references else _PLAIN_URLS
    words += (*(PYPIRC if b"assword" in small else ()), *ats, *[sign for sign, (*_, host) in urls.items() if ats or host in data])
    return {word: [*all_of(data, word)] for word in words if word in data}


def escaped_archives_in(data: bytes) -> "Found":
    """Returns the first offset of each of ESCAPED_ARCHIVES that the data contains."""
    if b"\\" not in data and b"&" not in data:
        return {}
    marks = [mark for stem, marks in _ESCAPED_ARCHIVES.items() if stem in data for mark in marks]
    return {mark: (data.find(mark),) for mark in marks if mark in data}


def places(
    data: bytes,
    own: "tuple[bytes, ...]" = (),
    depth: int = DEPTH,
    clues: "Clues | None" = None,
    any_of: "AnyOf" = _any_of,
) -> "Spans":
    """Yields the spans of the data in which any reading, up to `depth` deep, may hold a credential. They may reach beyond the data.

    `own` are the anchors of this machine's credentials. `clues`, where they are known, are the offsets of CORES, WORDS,
    BASE64_NAMES, ESCAPED_ARCHIVES and `own`, and the suspects for `hidden_in`.
    """
    if clues is None:
        others = {word: [*all_of(data, word)] for word in (*BASE64_NAMES, *own) if word in data}
        clues = {**words_in(data), **escaped_signs_in(data), **escaped_archives_in(data), **others}, None
    found, suspects = clues
    for mark in ESCAPED_ARCHIVES:
        if mark in found:
            yield found[mark][0] - REACH, len(data)  # only the archive itself tells where it ends
    for at in cores_in(data, found):
        yield at - FAR, at + FAR
    for literal in (*BASE64_NAMES, *own):
        for at in found.get(literal, ()):
            yield at - SECTION, at + SECTION
    yield from settings_in(data, found, any_of)
    if depth > 0:
        yield from hidden_in(data, own, depth - 1, suspects)


def _is_mark(data: bytes, mark: bytes, at: int) -> bool:
    """Tells whether an archive may begin with the mark; where programs contain that too, its header must fit."""
    if mark == TAR:
        return data[at + 5 : at + 8] in (b"\x0000", b"  \0")
    if mark == GZIP and at:  # inside of something else: flags, level and system must have known values (RFC 1952; 19 is macOS)
        head = data[at + 3 : at + 10]
        return len(head) == 7 and head[0] < 32 and head[5] in (0, 2, 4) and (head[6] < 20 or head[6] == 255)
    if mark == ZSTD and at:  # two bits of what follows are 0 (RFC 8878)
        return len(data) == at + 4 or not data[at + 4] & 0x18
    return True


def has_archive(data: bytes, marks: "Container[bytes] | None" = None) -> bool:
    """Tells whether the data may contain an archive or a compressed stream. `marks` has those of ARCHIVES that it contains, if known."""
    if b"\0" not in data and data.isascii():  # plain text
        return False
    if marks is None:
        left = data.translate(None, _NOT_IN_ARCHIVES)
        marks = [mark for mark in ARCHIVES if mark in left]
    for mark in ARCHIVES:
        for at in all_of(data, mark) if mark in marks else ():
            if _is_mark(data, mark, at):
                return True
    return False


def hides(data: bytes, own: "tuple[bytes, ...]" = ()) -> bool:
    """Tells whether the data may hold more than a plainly visible setting: a token, or something encoded."""
    if _any_of(data, (*CORES, CUT_CORE, *BASE64_NAMES, *own)):
        return True
    for _ in hidden_in(data, own):
        return True
    return False


def worth_reading(data: bytes, own: "tuple[bytes, ...]" = (), depth: int = DEPTH) -> bool:
    """Tells whether any reading of the data, up to `depth` deep, may hold a credential, or an archive."""
    for _ in places(data, own, depth):
        return True
    return has_archive(data)
