"""TOML, read line by line: text in, its strings with their dotted keys out. Reads broken files too.

`tomllib` exists only from Python 3.11 on, and refuses a file for one bad line; but a leak in a broken file is a leak. The clean
path loads this module where a tool's file exists, so it imports nothing.
"""
_BARE = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"
_BLANKS = " \t"
_MOST_PARTS, _LONGEST = 16, 256  # parts and characters of a key: nobody writes more
_MOST_LINES = 4  # of a string that is read whole: a credential is on one, which a backslash may break
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\", "b": "\b", "f": "\f"}
_DIGITS, _HEX = {"u": 4, "U": 8}, "0123456789abcdefABCDEF"


def _unescaped(line: str, at: int) -> "tuple[str, int]":
    """Returns what the escape stands for whose backslash is before `at`, and where it ends."""
    sign = line[at]
    if sign in _BLANKS + "\n" and line.startswith("\n", _behind(line, at, _BLANKS)):
        return "", _behind(line, at, _BLANKS + "\n")
    digits = line[at + 1 : at + 1 + _DIGITS.get(sign, 0)]
    if digits and not digits.strip(_HEX) and len(digits) == _DIGITS[sign]:
        code = int(digits, 16)
        if code < 0xD800 or 0xE000 <= code <= 0x10FFFF:  # not half of a letter, as JSON has them
            return chr(code), at + 1 + len(digits)
    return _ESCAPES.get(sign, "\\" + sign), at + 1


def _string(line: str, at: int) -> "tuple[str, int]":
    """Returns the text of the string whose opening quote is at `at`, and where it ends."""
    quote = line[at]
    closing = quote * 3 if line[at : at + 3] == quote * 3 else quote
    text, position = [], at + len(closing)
    while position < len(line) and not line.startswith(closing, position):
        if line[position] == "\\" and quote == '"' and position + 1 < len(line):
            read, position = _unescaped(line, position + 1)
            text.append(read)
        else:
            text.append(line[position])
            position += 1
    position += len(closing)
    while len(closing) == 3 and line[position : position + 1] == quote:  # the last quotes are the closing ones
        text.append(quote)
        position += 1
    return "".join(text), position


def _behind(line: str, at: int, characters: str) -> int:
    """Returns where the run of these characters that begins at `at` ends."""
    while at < len(line) and line[at] in characters:
        at += 1
    return at


def _dotted(*keys: str) -> str:
    """Returns the keys as one."""
    return ".".join([key for key in keys if key])[:_LONGEST]


def _key(line: str, at: int) -> "tuple[str, int]":
    """Returns the dotted key at `at`, and where it ends."""
    parts: list[str] = []
    while at < len(line) and len(parts) < _MOST_PARTS:
        if parts:
            dot = _behind(line, at, _BLANKS)
            if line[dot : dot + 1] != ".":
                break
            at = dot + 1
        at = _behind(line, at, _BLANKS)
        if line[at : at + 1] in ("'", '"'):
            text, at = _string(line, at)
            parts.append(text)
        elif line[at : at + 1] and line[at] in _BARE:
            start, at = at, _behind(line, at, _BARE)
            parts.append(line[start:at])
        else:
            break
    return _dotted(*parts), at


def _long_string(lines: "list[str]", at: int) -> "tuple[str, int, int] | None":
    """Returns the text of a string in triple quotes that begins at `at` in the first line, and on which line below and column it begins.

    None if it does not end in these lines.
    """
    whole = "\n".join(lines)
    text, end = _string(whole, at)
    if end > len(whole):
        return None
    return (text[1:], 1, 0) if text[:1] == "\n" else (text, 0, at + 3)  # a line feed at the beginning is no part of it


class Entry:
    """A string, its dotted key, and the line and column, from 0, at which its text begins."""

    __slots__ = ("column", "key", "line", "value")

    def __init__(self, key: str, value: str, line: int, column: int) -> None:
        self.key, self.value, self.line, self.column = key, value, line, column

    def __repr__(self) -> str:
        return f"Entry({self.key!r}, ***)"


class _Reader:
    """The state of the reader: the section, and the inline tables and arrays that are open."""

    def __init__(self, text: str) -> None:
        self.lines = [line.rstrip("\r") for line in text.split("\n")]
        self.entries: list[Entry] = []
        self.section = ""
        self.base = ""  # the key of the innermost table or array that is open
        self.open: list[tuple[str, str]] = []  # closing bracket, the base outside of it

    def _opens_section(self, line: str) -> bool:
        """Tells whether the line is the header of a section. While an array is open, it is one only if it can be nothing else."""
        text = line.strip()
        return text[:1] == "[" and (not self.open or (text.lstrip("[")[:1] in _BARE and "," not in text))

    def line(self, line: str, number: int) -> None:
        at = len(line) - len(line.lstrip())
        if self._opens_section(line):
            self.section = self.base = _key(line, at + 1 + (line[at + 1 : at + 2] == "["))[0]
            self.open = []
            return
        key = ""
        if not self.open:
            key, at = _key(line, at)
            rest = line[at:].lstrip()
            text = rest[1:].lstrip()
            # a brace that is doubled, or has a `%`, is one of a template and not of TOML
            if rest[:1] != "=" or text[:1] not in ("'", '"', "{", "[") or text.startswith(("{{", "{%")):
                return
        while at < len(line):
            character = line[at]
            if character == "#":
                break
            if character in "{[":
                self.open.append(("}" if character == "{" else "]", self.base))
                self.base, key, at = _dotted(self.base, key), "", at + 1
            elif character in "}]" and self.open:
                self.base = self.open.pop()[1]
                key, at = "", at + 1
            elif character in _BARE or character in "\"'":
                name, end = _key(line, at)
                if self._is_named(line, end):
                    key, at = name, end
                elif character in _BARE:
                    at = end
                else:
                    text, end = _string(line, at)
                    below, column = 0, at + (3 if line[at : at + 3] == character * 3 else 1)
                    if end > len(line) and column == at + 3:
                        text, below, column = _long_string(self.lines[number : number + _MOST_LINES], at) or (text, below, column)
                    self.entries.append(Entry(_dotted(self.base, key), text, number + below, column))
                    at = end
            else:
                at += 1
        if self.open and not line.strip() and self.open[-1][0] == "}":
            self.base, self.open = self.section, []  # an inline table ends on its line: this one is broken

    @staticmethod
    def _is_named(line: str, end: int) -> bool:
        """Tells whether a `=` follows what ends at `end`, so that it is a key."""
        sign = _behind(line, end, _BLANKS)
        return line[sign : sign + 1] == "=" and line[sign + 1 : sign + 2] != "="


def parse(text: str) -> "list[Entry]":
    """Returns the strings in the text, with their keys in full, sections included. Never raises."""
    reader = _Reader(text)
    for number, line in enumerate(reader.lines):
        reader.line(line, number)
    return reader.entries


def matches(key: str, pattern: str) -> bool:
    """Tells whether the dotted key matches the pattern, in which `*` stands for a name, which may have dots itself."""
    before, star, after = pattern.partition("*")
    if not star:
        return key == pattern
    return len(key) > len(before) + len(after) and key.startswith(before) and key.endswith(after)
