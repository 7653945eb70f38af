"""TOML, read line by line: text in, its strings with their dotted keys out. Reads broken files too.

`tomllib` exists only from Python 3.11 on, and refuses a file for one bad line; but a leak in a broken file is a leak. The clean
path loads this module where a tool's file exists, so it imports nothing.
"""
_BARE = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\", "b": "\b", "f": "\f"}


def _string(line: str, at: int) -> "tuple[str, int]":
    """Returns the text of the string whose opening quote is at `at`, and where it ends."""
    quote = line[at]
    if line[at : at + 3] == quote * 3:
        end = line.find(quote * 3, at + 3)
        return (line[at + 3 :], len(line)) if end < 0 else (line[at + 3 : end], end + 3)
    text, position = [], at + 1
    while position < len(line) and line[position] != quote:
        if line[position] == "\\" and quote == '"' and position + 1 < len(line):
            position += 1
            text.append(_ESCAPES.get(line[position], "\\" + line[position]))
        else:
            text.append(line[position])
        position += 1
    return "".join(text), position + 1


def _key(line: str, at: int) -> "tuple[list[str], int]":
    """Returns the parts of the dotted key at `at`, and where it ends."""
    parts: list[str] = []
    while at < len(line):
        if parts:
            dot = len(line) - len(line[at:].lstrip(" \t"))
            if line[dot : dot + 1] != ".":
                break
            at = dot + 1
        at = len(line) - len(line[at:].lstrip(" \t"))
        if line[at : at + 1] in ("'", '"'):
            text, at = _string(line, at)
            parts.append(text)
        elif line[at : at + 1] and line[at] in _BARE:
            start = at
            while at < len(line) and line[at] in _BARE:
                at += 1
            parts.append(line[start:at])
        else:
            break
    return parts, at


class Entry:
    """A string, its dotted key, and the line and column, from 0, at which its text begins."""

    __slots__ = ("column", "key", "line", "value")

    def __init__(self, key: str, value: str, line: int, column: int) -> None:
        self.key, self.value, self.line, self.column = key, value, line, column

    def __repr__(self) -> str:
        return f"Entry({self.key!r}, ***)"


class _Reader:
    """The state of the reader: the section, and the inline tables and arrays that are open."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.section: list[str] = []
        self.open: list[tuple[str, list[str]]] = []  # closing bracket, the key before the opening one

    def _opens_section(self, line: str) -> bool:
        """Tells whether the line is the header of a section. While an array is open, it is one only if it can be nothing else."""
        text = line.strip()
        return text[:1] == "[" and (not self.open or (text.lstrip("[")[:1] in _BARE and "," not in text))

    def line(self, line: str, number: int) -> None:
        at = len(line) - len(line.lstrip())
        if self._opens_section(line):
            self.section, self.open = _key(line, at + 1 + (line[at + 1 : at + 2] == "["))[0], []
            return
        base = [*self.section, *(part for _, key in self.open for part in key)]
        key: list[str] = []
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
                self.open.append(("}" if character == "{" else "]", key))
                base, key, at = [*base, *key], [], at + 1
            elif character in "}]" and self.open:
                self.open.pop()
                base = [*self.section, *(part for _, parts in self.open for part in parts)]
                key, at = [], at + 1
            elif character in "\"'" and not self._names(line, at):
                text, end = _string(line, at)
                column = at + (3 if line[at : at + 3] == character * 3 else 1)
                self.entries.append(Entry(".".join([*base, *key]), text, number, column))
                at = end
            elif character in _BARE or character in "\"'":
                named = self._names(line, at)
                parts, at = _key(line, at)
                key = parts if named else key
            else:
                at += 1
        if self.open and not line.strip() and self.open[-1][0] == "}":
            self.open = []  # an inline table ends on its line: this one is broken

    @staticmethod
    def _names(line: str, at: int) -> bool:
        """Tells whether a key begins at `at`, that is, whether a `=` follows it."""
        sign = line[_key(line, at)[1] :].lstrip()[:2]
        return sign[:1] == "=" and sign != "=="


def parse(text: str) -> "list[Entry]":
    """Returns the strings in the text, with their keys in full, sections included. Never raises."""
    reader = _Reader()
    for number, line in enumerate(text.split("\n")):
        reader.line(line.rstrip("\r"), number)
    return reader.entries


def matches(key: str, pattern: str) -> bool:
    """Tells whether the dotted key matches the pattern, in which `*` stands for a name, which may have dots itself."""
    before, star, after = pattern.partition("*")
    if not star:
        return key == pattern
    return len(key) > len(before) + len(after) and key.startswith(before) and key.endswith(after)
