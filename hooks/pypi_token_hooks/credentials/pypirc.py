"""The `.pypirc` format: text in, sections and entries with their lines out. Imports nothing, never raises.

It is read as twine does (twine/utils.py, with configparser.RawConfigParser): no interpolation, no comments behind a value, keys in
any case, `=` or `:`, values continued on deeper indented lines. What configparser refuses is read all the same and listed in
`Pypirc.faults`: twine reads nothing of such a file, but a leak in it is a leak.
"""

DEFAULT = "DEFAULT"
DISTUTILS = "distutils"
SERVER_LOGIN = "server-login"
USUAL = ("pypi", "testpypi")  # the servers if there is no `index-servers`
URLS = {"pypi": "https://upload.pypi.org/legacy/", "testpypi": "https://test.pypi.org/legacy/"}
KEYS = ("username", "repository", "password", "ca_cert", "client_cert")  # what twine reads of a server
COMMENTS = ("#", ";")

# Kinds of faults: what configparser calls MissingSectionHeader, Parsing, DuplicateSection, DuplicateOption.
NO_SECTION, NO_VALUE, NO_KEY, NO_END = "no-section", "no-value", "no-key", "no-end"
TWICE_SECTION, TWICE_KEY, MARK, ENCODING = "duplicate-section", "duplicate-key", "byte-order-mark", "encoding"

_MARKS = (
    (b"\xff\xfe\0\0", "utf-32"), (b"\0\0\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"),
)


class Fault:
    """Something that configparser refuses, and its line and section."""

    __slots__ = ("kind", "line", "section")

    def __init__(self, kind: str, line: int, section: str | None = None) -> None:
        self.kind, self.line, self.section = kind, line, section

    def __repr__(self) -> str:
        return f"Fault({self.kind!r}, {self.line})"


class Entry:
    """A `key = value`, and the line of the key. The value is what twine gets: stripped lines, joined by newlines."""

    __slots__ = ("key", "line", "lines", "section", "value")

    def __init__(self, section: str | None, key: str, line: int, value: str = "") -> None:
        self.section, self.key, self.line, self.value = section, key, line, value
        self.lines = [line]  # the numbers of the value's lines

    def __repr__(self) -> str:
        return f"Entry({self.section!r}, {self.key!r}, {self.line})"


class Pypirc:
    """A parsed text: its sections and entries in order, and what is wrong with its syntax."""

    __slots__ = ("_own", "entries", "faults", "headers")

    def __init__(self) -> None:
        self.headers: dict[str, int] = {}  # names of sections, and the line of the first header of each
        self.entries: list[Entry] = []
        self.faults: list[Fault] = []
        self._own: dict[str, dict[str, Entry]] = {}

    def add(self, entry: Entry) -> None:
        self.entries.append(entry)
        if entry.section is not None:
            self._own.setdefault(entry.section, {})[entry.key] = entry

    def own(self, section: str) -> dict[str, Entry]:
        """Returns the entries of the section itself by their keys; of a repeated key the last."""
        return self._own.get(section, {})

    def get(self, section: str, key: str) -> Entry | None:
        """Returns the entry that applies in a section: its own, or that of [DEFAULT]."""
        if section != DEFAULT and section not in self.headers:
            return None
        return self.own(section).get(key) or self.own(DEFAULT).get(key)

    def servers(self) -> list[str]:
        """Returns the names that `index-servers` lists, or the usual ones."""
        listed = self.get(DISTUTILS, "index-servers")
        return listed.value.split() if listed else list(USUAL)


def decoded(data: bytes) -> str:
    """Returns the text of a file in any encoding: by its byte-order mark, else as UTF-8, else one byte a character."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data.decode(encoding, "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def decoded_strictly(data: bytes, encoding: str) -> str | None:
    """Returns the text as twine decodes it: in the locale's `encoding`, or else in UTF-8. None if it is neither."""
    for name in (encoding, "utf-8"):
        try:
            return data.decode(name)
        except (UnicodeDecodeError, LookupError):
            continue
    return None


def _lines(text: str) -> list[str]:
    """Returns the lines as a file opened in text mode has them."""
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def header_name(line: str) -> str | None:
    """Returns the name of the section that a stripped line opens, which reaches to the last bracket; else None."""
    end = line.rfind("]")
    return line[1:end] if line[:1] == "[" and end > 1 else None


def _sign(line: str) -> int:
    """Returns the offset of the sign between key and value, or -1."""
    signs = [at for at in (line.find("="), line.find(":")) if at >= 0]
    return min(signs) if signs else -1


class _Reader:
    """The state of the reader: the section, the entry that deeper indented lines belong to, and its indentation."""

    def __init__(self) -> None:
        self.result = Pypirc()
        self.section: str | None = None
        self.entry: Entry | None = None
        self.indent = 0
        self.lines: list[str] = []  # of the entry's value
        self.seen: set[tuple[str | None, str]] = set()

    def fault(self, kind: str, number: int) -> None:
        self.result.faults.append(Fault(kind, number, self.section))

    def close(self) -> None:
        """Ends the entry."""
        if self.entry is not None:
            self.entry.value = "\n".join(self.lines).rstrip()
        self.entry = None

    def open_section(self, name: str, number: int) -> None:
        self.close()
        self.section = name
        if name != DEFAULT and name in self.result.headers:
            self.fault(TWICE_SECTION, number)
        self.result.headers.setdefault(name, number)

    def open_entry(self, text: str, number: int) -> None:
        at = _sign(text)
        if at < 0 and text[0] == "[":
            self.fault(NO_END, number)
            return
        if self.section is None:
            self.fault(NO_SECTION, number)
        if at < 0:
            self.fault(NO_VALUE, number)
            return
        self.close()
        key = text[:at].rstrip().lower()
        if not key:
            self.fault(NO_KEY, number)
        if (self.section, key) in self.seen:
            self.fault(TWICE_KEY, number)
        self.seen.add((self.section, key))
        self.entry, self.lines = Entry(self.section, key, number), [text[at + 1 :].lstrip()]
        self.result.add(self.entry)

    def go_on(self, text: str, number: int) -> None:
        """Adds a line to the entry's value."""
        self.lines.append(text)
        if self.entry is not None:
            self.entry.lines.append(number)

    def line(self, line: str, number: int) -> None:
        text = line.strip()
        if not text:
            self.go_on("", number)
            return
        if text.startswith(COMMENTS):
            return
        indent = len(line) - len(line.lstrip())
        if self.entry is not None and self.entry.key and indent > self.indent:
            self.go_on(text, number)
            return
        self.indent = indent
        name = header_name(text)
        if name is not None:
            self.open_section(name, number)
        else:
            self.open_entry(text, number)


def parse(text: str) -> Pypirc:
    """Returns what the text says, and what is wrong with it."""
    reader = _Reader()
    marked = text.startswith("\ufeff")
    if marked:
        reader.fault(MARK, 1)
    for number, line in enumerate(_lines(text[marked:]), 1):
        reader.line(line, number)
    reader.close()
    return reader.result


def inner_passwords(entry: Entry) -> list[Entry]:
    """Returns the passwords that people mean by further lines of a value, to which twine adds what is indented deeper than its key."""
    found = []
    for text, number in zip(entry.value.split("\n")[1:], entry.lines[1:], strict=False):
        at = max(_sign(text), 0)
        if text[:at].strip().lower() == "password":
            found.append(Entry(entry.section, "password", number, text[at + 1 :].strip()))
    return found


def passwords(parsed: Pypirc) -> list[tuple[str, Entry]]:
    """Returns every value that may be meant as a password, with its entry: as twine reads it, and as people do.

    For people a comment or a quote ends the value, and an indented line that twine adds to the value above is an entry of its own.
    hatch reads `%%` as `%`.
    """
    found = []
    for entry in parsed.entries:
        told = [entry.value, *entry.value.split("\n")] if entry.key == "password" else []
        for value in (*told, *(inner.value for inner in inner_passwords(entry))):
            short = value.replace("\t", " ").partition(" #")[0].partition(" ;")[0].strip()
            forms = {value, short, value.replace("%%", "%"), value.strip("\"'"), short.strip("\"'")}
            found += [(form, entry) for form in sorted(forms) if form]
    return found
