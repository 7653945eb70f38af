"""Ways to hide text in bytes: text in, the bytes that hold it and where in them each byte of it stands out."""
from __future__ import annotations

import base64
from collections.abc import Callable
from collections.abc import Iterable
from typing import NamedTuple

Held = tuple[bytes, list[int]]  # bytes, and the offset in them of each byte of the text


class Hiding(NamedTuple):
    """One way: what it is called here, what the readings call it, and how it is done."""

    name: str
    reading: str
    hide: Callable[[bytes], Held]
    realistic: bool = False  # whether people make it, so that it is combined with the others


def each(form: Callable[[int], bytes], lead: bytes = b"") -> Callable[[bytes], Held]:
    """Returns what writes each byte of the text in a form of its own."""

    def hide(text: bytes) -> Held:
        parts, at = [lead], []
        size = len(lead)
        for byte in text:
            part = form(byte)
            at.append(size)
            parts.append(part)
            size += len(part)
        return b"".join(parts), at

    return hide


def followed_by(mark: str) -> Callable[[int], bytes]:
    """Returns what writes a mark after each byte."""
    return lambda byte: bytes((byte,)) + mark.encode()


def some(form: Callable[[int], bytes], step: int) -> Callable[[bytes], Held]:
    """Returns what writes every so many bytes of the text in another form."""

    def hide(text: bytes) -> Held:
        parts, at = [], []
        size = 0
        for number, byte in enumerate(text):
            part = form(byte) if number % step == step - 1 else bytes((byte,))
            at.append(size)
            parts.append(part)
            size += len(part)
        return b"".join(parts), at

    return hide


def cut(width: int, joint: bytes, first: bytes = b"", last: bytes = b"") -> Callable[[bytes], Held]:
    """Returns what puts something in between every so many bytes of the text, before and after it."""

    def hide(text: bytes) -> Held:
        lines = [text[at : at + width] for at in range(0, len(text), width)]
        at = [len(first) + n + n // width * len(joint) for n in range(len(text))]
        return first + joint.join(lines) + last, at

    return hide


def in_base64(
    lead: bytes = b"", url: bool = False, width: int = 0, joint: bytes = b"\n", first: bytes = b"", pad: bool = True
) -> Callable[[bytes], Held]:
    """Returns what writes base64 of the text, with other bytes before it in the same run, on lines."""

    def hide(text: bytes) -> Held:
        encoded = (base64.urlsafe_b64encode if url else base64.b64encode)(lead + text)
        encoded = encoded if pad else encoded.rstrip(b"=")
        at = [(len(lead) + n) // 3 * 4 + (len(lead) + n) % 3 for n in range(len(text))]
        if width:
            encoded, wrapped = cut(width, joint)(encoded)
            at = [wrapped[n] for n in at]
        return first + encoded, [len(first) + n for n in at]

    return hide


def wide(name: str, mark: bool) -> Callable[[bytes], Held]:
    """Returns what writes the text in two or four bytes a character."""
    return each(lambda byte: chr(byte).encode(name), "\ufeff".encode(name) if mark else b"")


def turned(joint: bytes, first: bytes, last: bytes) -> Callable[[bytes], Held]:
    """Returns what writes the second half of the text before the first one."""

    def hide(text: bytes) -> Held:
        half = len(text) // 2
        begun = len(first) + len(text) - half + len(joint)
        at = [begun + n for n in range(half)] + [len(first) + n for n in range(len(text) - half)]
        return first + text[half:] + joint + text[:half] + last, at

    return hide


def apart(prefix_first: bool, between: bytes) -> Callable[[bytes], Held]:
    """Returns what holds the prefix of a token in a string of its own."""

    def hide(text: bytes) -> Held:
        size = text.index(b"-") + 1
        prefix, rest = b'"' + text[:size] + b'"', b'"' + text[size:] + b'"'
        body = len(prefix) + len(between) + 1 if prefix_first else 1
        whole = prefix + between + rest if prefix_first else rest + between + prefix
        # what is told of a token in two parts is where the secret one stands
        return whole, [body] * size + [body + n for n in range(len(text) - size)]

    return hide


def in_turn(*hides: Callable[[bytes], Held]) -> Callable[[bytes], Held]:
    """Returns what hides the text in one way, the outcome in the next, and so on."""

    def hide(text: bytes) -> Held:
        at = list(range(len(text)))
        for one in hides:
            text, outer = one(text)
            at = [outer[n] for n in at]
        return text, at

    return hide


def dump(first: bytes = b"$ xxd x\n", joint: bytes = b"\n", last: bytes = b"\n", form: bytes = b"") -> Callable[[bytes], Held]:
    """Returns what writes the text as `xxd` dumps it or, with a form for the offsets, `od -t x1`.

    `first` is before it, `joint` between its lines, and `last` behind it.
    """
    lead, digits = (form + b" ", 3.0) if form else (b"%08x: ", 2.5)  # what each byte takes

    def hide(text: bytes) -> Held:
        lines, at = first, []
        for start in range(0, len(text), 16):
            row = text[start : start + 16]
            lines += (joint if start else b"") + lead % start
            at += [len(lines) + int(n * digits) for n in range(len(row))]
            lines += row.hex(" ").encode() if form else b"%-39b  %b" % (row.hex(" ", -2).encode(), row)
        return lines + (joint + form % len(text) if form else b"") + last, at

    return hide


def chained(ways: Iterable[Hiding]) -> Callable[[bytes], Held]:
    """Returns what `in_turn` does, of ways."""
    return in_turn(*(way.hide for way in ways))


def in_words(way: Callable[[bytes], Held], kind: bytes, width: int, joint: bytes = b"\n ") -> Callable[[bytes], Held]:
    """Returns what writes the text, in so many bytes of it at a time, as the words of a header of a mail."""

    def hide(text: bytes) -> Held:
        held, at = b"Subject: caf=?utf-8?q?=C3=A9?=", []
        for start in range(0, len(text), width):
            word, inner = way(text[start : start + width])
            first = joint + b"=?UTF-8?%b?" % kind
            at += [len(held) + len(first) + n for n in inner]
            held += first + word + b"?="
        return held + b"\n", at

    return hide


def zeros(written: bytes) -> Callable[[bytes], Held]:
    """Returns what writes wide text with its zeros in another form."""
    return in_turn(wide("utf-16-le", False), each(lambda byte: bytes((byte,)) if byte else written))


_to_hex = each(lambda byte: b"%02x" % byte)
# how base64 and hexadecimal are wrapped: what is between lines, before the first and after the last
WRAPS = {
    "JSON": (b"\\n", b'{"data": "', b'\\n"}'),
    "JSON in JSON": (b"\\\\r\\\\n", b'{\\"data\\": \\"', b'\\"}'),
    "strings": (b'"\n    "', b'DATA = (\n    "', b'"\n)\n'),
    "strings of bytes": (b"\\n'\n  b'", b"DATA = (b'", b"\\n')\n"),
    "strings in a list": (b"',\n '", b"['", b"'].join('')"),
    "plus": (b'" +\n    "', b'var data = "', b'";\n'),
    "patch": (b"\n+    ", b"@@ -0,0 +1,9 @@\n+data: |\n+    ", b"\n"),
    "patch undone": (b"\n-", b"@@ -1,9 +0,0 @@\n-", b"\n x = 1\n"),
    "patch added": (b"\r\n+", b"@@ -0,0 +1,9 @@\r\n+", b"\r\n-- \r\n"),
    "comment": (b"\n# ", b"# ", b"\n"),
}
COMMENTS = {
    f"comment {lead.decode()}": (b"\n" + lead, lead, b"\n")
    for lead in (b"/// ", b"//! ", b"#' ", b";; ", b"% ", b"! ", b'" ', b"' ", b"REM ", b".. ", b"dnl ", b"--- ", b":: ")
}
_WIDE = [
    Hiding(f"{name}{'+mark' if mark else ''}", name, wide(name, mark), name == "utf-16-le" and mark)
    for name in ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")
    for mark in (False, True)
]
_ESCAPED_WIDE = [
    Hiding(f"utf-16 as {written.decode()}", "utf-16-le", zeros(written)) for written in (b"\\u0000", b"\\x00", b"%00", b"=00")
]
_BASE64 = [
    *(
        Hiding(f"base64{'-url' if url else ''}+{size}", "base64", in_base64(b"u:p"[:size], url), size == 0 and not url)
        for url in (False, True)
        for size in range(3)
    ),
    Hiding("base64 without padding", "base64", in_base64(b"ab", True, pad=False)),
    Hiding("base64 mime 76", "base64", in_base64(b"user:", False, 76, b"\r\n"), True),
    Hiding("base64 pem 64", "base64", in_base64(b"", False, 64)),
    Hiding("base64 manifest", "base64", in_base64(b"[pypi]\npassword=", False, 60, b"\n    ", b"data: |\n    ")),
    Hiding("base64 indented crlf", "base64", in_base64(b"x", False, 76, b"\r\n\t")),
    Hiding("basic", "base64", in_base64(b"__token__:", first=b"Authorization: Basic ")),
]
_WRAPPED = [
    Hiding(f"{name} in {wrap}", reading, in_turn(*inner, cut(64, *around)))
    for wrap, around in (WRAPS | COMMENTS).items()
    for name, reading, *inner in (
        ("hex", "hex", _to_hex),
        ("base64 of hex", "hex", _to_hex, in_base64()),
        ("base64 of utf-16", "utf-16-le", wide("utf-16-le", True), in_base64()),
    )
]
_HEX = [
    Hiding("hex", "hex", _to_hex, True),
    Hiding("HEX", "hex", each(lambda byte: b"%02X" % byte)),
    Hiding("hex spaced", "hex", each(lambda byte: b"%02x " % byte)),
    Hiding("hex colons", "hex", each(lambda byte: b"%02X:" % byte)),
    Hiding("hex hyphens", "hex", each(lambda byte: b"%02X-" % byte)),
    Hiding("hex array", "hex", each(lambda byte: b"%02x, 0x" % byte, b"0x")),
    Hiding("HEX array", "hex", each(lambda byte: b"%02X,0X" % byte, b"{0X")),
    Hiding("numbers", "numbers", each(lambda byte: b"%d, " % byte, b"[")),
    Hiding("numbers on lines", "numbers", each(lambda byte: b"%d,\n    " % byte, b"[\n    ")),
    Hiding("hex spaced in a URL", "hex", each(lambda byte: b"%02x%%20" % byte)),
    Hiding("hex colons in a URL", "hex", each(lambda byte: b"%02x%%3A" % byte)),
    Hiding("hex array in a URL", "hex", each(lambda byte: b"%02x%%2C%%200x" % byte, b"0x")),
    Hiding("hex odd", "hex", each(lambda byte: b"%02x" % byte, b"f")),
]
_ESCAPED = [
    Hiding("percent", "percent", each(lambda byte: b"%%%02X" % byte), True),
    Hiding("percent lower", "percent", each(lambda byte: b"%%%02x" % byte)),
    Hiding("percent partial", "percent", some(lambda byte: b"%%%02X" % byte, 5)),
    Hiding("percent once", "percent", some(lambda byte: b"%%%02X" % byte, 100)),
    Hiding("\\u", "escapes", each(lambda byte: b"\\u%04x" % byte), True),
    Hiding("\\U", "escapes", each(lambda byte: b"\\U%08X" % byte)),
    Hiding("\\x", "escapes", each(lambda byte: b"\\x%02x" % byte)),
    Hiding("\\u{}", "escapes", each(lambda byte: b"\\u{%x}" % byte)),
    Hiding("\\x{}", "escapes", each(lambda byte: b"\\x{%02x}" % byte)),
    Hiding("\\uu", "escapes", each(lambda byte: b"\\uu%04x" % byte)),
    Hiding("octal", "escapes", each(lambda byte: b"\\%03o" % byte)),
    Hiding("\\u partial", "escapes", some(lambda byte: b"\\u%04X" % byte, 3)),
    Hiding("html decimal", "html", each(lambda byte: b"&#%d;" % byte), True),
    Hiding("html hex", "html", each(lambda byte: b"&#x%X;" % byte)),
    Hiding("html open", "html", each(lambda byte: b"&#%d" % byte)),
    Hiding("html zeros", "html", each(lambda byte: b"&#x%08x;" % byte)),
    Hiding("html in html", "html", each(lambda byte: b"&amp;#%d;" % byte)),
    Hiding("html partial", "html", some(lambda byte: b"&#%d;" % byte, 4)),
    Hiding("quoted soft", "quoted-printable", cut(75, b"=\r\n")),
    Hiding("quoted soft lf", "quoted-printable", cut(40, b"=\n"), True),
    Hiding("quoted answered", "quoted-printable", cut(60, b"=\r\n> ", b"> ")),
    Hiding("words in base64", "encoded-word", in_words(in_base64(), b"B", 43)),
    Hiding("words on a line", "encoded-word", in_words(in_base64(), b"b", 45, b" ")),
    Hiding("word in base64", "base64", in_words(in_base64(b"token "), b"b", 4000)),
    Hiding("words quoted", "encoded-word", in_words(each(lambda byte: b"=5F" if byte == 95 else b"%c" % byte), b"q", 30, b"\r\n ")),
    Hiding("word quoted", "quoted-printable", in_words(some(lambda byte: b"=%02x" % byte, 100), b"Q", 4000)),
    Hiding("quoted whole", "quoted-printable", each(lambda byte: b"=%02X" % byte)),
]
_INVISIBLE = [
    *(
        Hiding(f"invisible {ord(mark):04x}", "invisible", each(followed_by(mark)))
        for mark in "\u200b\u200c\u200d\u2060\ufeff\xad\u200e\u202a\u2063\u034f\ufe0e\ufe0f"
    ),
    Hiding("invisible in a URL", "invisible", each(lambda byte: b"%c%%E2%%80%%8B" % byte)),
    Hiding("invisible after two", "invisible", cut(2, "\u200b".encode())),
    Hiding("invisible after three", "invisible", cut(3, "\xad\u2060".encode())),
    Hiding("invisible single", "invisible", cut(90, "\u200b".encode()), True),
]
_JOINED = [
    Hiding("adjacent", "joined", cut(40, b'" "', b'"', b'"')),
    Hiding("adjacent lines", "joined", cut(60, b'"\n    "', b'("', b'")'), True),
    Hiding("adjacent bytes", "joined", cut(30, b"'\n b'", b"(b'", b"')")),
    Hiding("plus", "joined", cut(50, b'" + "', b'"', b'"'), True),
    Hiding("plus lines", "joined", cut(25, b'" +\n  "', b'"', b'"')),
    Hiding("plus leading", "joined", cut(25, b"'\r\n  + '", b"'", b"'")),
    Hiding("plus backslash", "joined", cut(25, b'" + \\\n  "', b'"', b'"')),
    Hiding("backslash", "joined", cut(60, b"\\\n"), True),
    Hiding("backslash indented", "joined", cut(60, b"\\\r\n      ")),
    Hiding("caret", "joined", cut(60, b"^\r\n")),
    Hiding("yaml folded", "joined", cut(60, b"\n    ", b">-\n    ", b"\n"), True),
    Hiding("quoted mail", "joined", cut(70, b"\n> ", b"> ", b"\n"), True),
    Hiding("quoted mail twice", "joined", cut(70, b"\r\n>> ", b">> ", b"\r\n")),
    Hiding("comment #", "joined", cut(70, b"\n# ", b"# ", b"\n")),
    Hiding("comment //", "joined", cut(50, b"\n    // ", b"// ", b"\n")),
    Hiding("comment *", "joined", cut(50, b"\n * ", b" * ", b"\n")),
    Hiding("array", "joined", cut(33, b'", "', b'["', b'"].join("")')),
    Hiding("array lines", "joined", cut(33, b"',\n        '", b"''.join(['", b"'])")),
    Hiding("php dots", "joined", cut(33, b"' . '", b"'", b"'")),
    Hiding("vb &", "joined", cut(33, b'" & _\r\n   "', b'"', b'"')),
    Hiding("lua ..", "joined", cut(33, b'" .. "', b'"', b'"')),
    Hiding("ini continued", "joined", cut(64, b"\n\t")),
    *(Hiding(f"wrapped at {width}", "joined", cut(width, b"\n")) for width in range(20, 81, 5)),
    *(Hiding(f"wrapped at {width} crlf", "joined", cut(width, b"\r\n")) for width in (21, 43, 79)),
    Hiding("prefix apart", "joined", apart(True, b"\nREST = ")),
    Hiding("prefix behind", "joined", apart(False, b" # after ")),
    Hiding("prefix formatted", "joined", apart(True, b".format(")),
    Hiding("prefix comma", "joined", apart(True, b", user, host, ")),
]
_PIECED = [
    Hiding("comments between", "joined", cut(50, b'"  # and so on\n    "', b'("', b'")')),
    Hiding("comments of C", "joined", cut(50, b'" /* and */ "', b'"', b'"')),
    Hiding("plus equals", "joined", cut(50, b"'\nT += '", b"T = '", b"'\n")),
    Hiding("refers to itself", "joined", cut(50, b"\"; t=\"${t}", b"t=\"", b"\"\n")),
    Hiding("variables", "joined", cut(100, b'"\nother = 3\nPART = "', b'PART = "', b'"\n')),
    Hiding("values of a mapping", "joined", cut(100, b'",\n  "second": "', b'{"first": "', b'"}')),
    Hiding("method", "joined", cut(100, b'".concat("', b'"', b'")')),
    Hiding("string marks", "joined", cut(60, b'" @"', b'@"', b'"')),
    Hiding("cell of a notebook", "joined", cut(60, b"' \\\\\\n\",\n    \"    '", b"\"t = '", b"'\\n\"")),
    Hiding("cell of a notebook quoted", "joined", cut(60, b'\\"\\n",\n    "    \\"', b'"t = (\\"', b'\\")\\n"')),
    Hiding("turned", "joined", turned(b"'\na = '", b"b = '", b"'\nt = a + b\n")),
    Hiding("spaces", "joined", cut(40, b" ")),
    Hiding("cells", "joined", cut(60, b",")),
    Hiding("tabs", "joined", cut(60, b"\t")),
    Hiding("quotes of a shell", "joined", cut(60, b"'\"", b"'", b"'")),
    Hiding("broken by tags", "joined", cut(60, b"<br/>\n", b"<code>", b"</code>")),
    Hiding("parted by tags", "joined", cut(60, b"</code><code class='s1'>", b"<code class='s1'>", b"</code>")),
    Hiding("highlighted", "html", cut(60, b"</span><span class='s1'>", b"<span class='s1'>", b"</span>")),
    Hiding("colours", "invisible", cut(60, b"\x1b[0m\x1b[1;31m")),
    Hiding("clock", "joined", cut(60, b"\n2026-05-01T12:00:01.123Z ", b"2026-05-01T12:00:01.123Z ", b"\n")),
    Hiding("clock coloured", "joined", cut(60, b"\x1b[0m\n[12:00:01] INFO \x1b[36;1m", b"[12:00:01] INFO \x1b[36;1m", b"\x1b[0m\n")),
    Hiding("numbered lines", "joined", cut(60, b"\n 12 | ", b" 11 | ", b"\n")),
    Hiding("service", "joined", cut(60, b"\r\nweb_1  | ", b"web_1  | ", b"\r\n")),
    Hiding("table", "joined", cut(60, b" | note |\n| ", b"| ", b" | note |\n")),
    Hiding("box", "joined", cut(60, " │\n│ ".encode(), "│ ".encode(), " │\n".encode())),
    Hiding("dump", "joined", cut(16, b"|\n00000010  61 62 63 64  |", b"00000000  70 79 70 69  |", b"|\n")),
    Hiding("patch", "joined", cut(60, b"\n+", b"+")),
    Hiding("patch continued", "joined", cut(60, b"\\\n+", b"+")),
    Hiding("yaml quoted", "joined", cut(60, b'\\\n   \\', b'k: "', b'"\n')),
]
_COLUMNS = [
    Hiding("base64 behind a clock", "base64", in_turn(in_base64(), cut(76, b"\n12:00:01 web  | ", b"12:00:01 web  | ", b"\n"))),
    Hiding(
        "base64 in numbered lines", "base64",
        in_turn(in_base64(b"__token__:", first=b"Authorization: Basic "), cut(64, b"\n  12 | ", b"  11 | ", b"\n")),
    ),
    Hiding("base64 in a dump", "hex", in_turn(in_base64(b"__token__:"), dump())),
    *(
        Hiding(f"base64 in a dump in {name}", "hex", in_turn(in_base64(b"__token__:"), dump(*around)))
        for name, around in {
            "a page": (b'<p>That is:</p><pre><code class="x">', b"\n", b"</code></pre>\n"),
            "a comment": (b"# ", b"\n# ", b"\n"),
            "an answer": (b"> ", b"\r\n> ", b"\r\n"),
            "a log": (b"2026-05-01T12:00:01.123Z ", b"\n2026-05-01T12:00:01.123Z ", b"\n"),
            "JSON": (b'{"id": 1, "out": "', b"\\n", b'\\n"}'),
            "a cell of a notebook": (b'[\n  "', b'\\n",\n  "', b'"\n]'),
        }.items()
    ),
    *(
        Hiding(f"dump of od in {name}", "hex", dump(*around))
        for name, around in {
            "a page": (b"<pre>", b"\n", b"\n</pre>\n", b"%07o"),
            "decimal numbers": (b"$ od -A d -t x1 x\n", b"\n", b"\n", b"%07d"),
            "hexadecimal numbers in JSON": (b'{"id": 1, "out": "', b"\\n", b'\\n"}', b"%06x"),
            "a list": (b'["', b'",\n "', b'"]', b"%07o"),
            "a comment": (b"// ", b"\n// ", b"\n", b"%06x"),
        }.items()
    ),
    Hiding("hex behind a step", "hex", in_turn(_to_hex, cut(64, b"\n#12 0.345 ", b"#12 0.345 ", b"\n"))),
]
ALL = (*_WIDE, *_ESCAPED_WIDE, *_BASE64, *_WRAPPED, *_HEX, *_ESCAPED, *_INVISIBLE, *_COLUMNS, *_JOINED, *_PIECED)
REALISTIC = tuple(way for way in ALL if way.realistic)
