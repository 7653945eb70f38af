"""This machine's own credentials: environment and home folder in, the secrets to look for out.

Nobody is prompted, no keyring is opened, and the values stay in memory. Every commit loads this module: on a machine without
credentials it costs a look at the environment and at some file names, and no heavy import.
"""
import os
import sys

from pypi_token_hooks import places

TYPE_CHECKING = False  # a type checker takes it for true
if TYPE_CHECKING:
    from collections.abc import Callable
    from collections.abc import Iterable
    from collections.abc import Iterator
    from collections.abc import Mapping

    from pypi_token_hooks.model import Secret

MIN_LENGTH = 8  # characters: shorter values occur in any text by chance
MIN_DISTINCT = 5  # different characters: the same
MAX_BYTES = 1 << 20  # read of a file: no tool's configuration is as long
MIN_USER = 16  # characters: tokens that stand in a user's place have as many
MIN_TOKEN = 85  # characters: a shorter value is no whole token (`placeholders.MIN_TOKEN`)
_TOKENS, _IN_TOKENS = ("pypi-Ag", "devpi-Ag"), "pi-Ag"
_OF_TOKENS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+/="
_OF_USERS = _OF_TOKENS + ".~"  # of tokens of any kind
_OF_GIT = ("GIT_", "PRE_COMMIT")  # variables in which git and the runners tell a hook of the commit
# how the name of a variable begins that tells whether there is a secret, and ends that tells which or where: that may look random
_ASKED = ("USE_", "HAS_", "HAVE_", "IS_", "NO_", "NEEDS_", "REQUIRE_", "REQUIRES_", "SKIP_", "CHECK_", "ALLOW_", "ENABLE_", "DISABLE_")
_ABOUT = (
    "_NAME", "_USER", "_USERNAME", "_ID", "_UUID", "_ITEM", "_ENTRY", "_VAULT", "_REF", "_ARN", "_FILE", "_PATH", "_DIR", "_URL", "_URI",
    "_CMD", "_COMMAND", "_HASH", "_DIGEST", "_CHECKSUM", "_SHA256", "_FINGERPRINT",
)
_SIGNS_OF_NAMES = "$%!@{}."  # beside the name in `$x`, `%x%`, `!x!`, `@x@`, `{x}` and `os.x`
_LONE_USER = "x-oauth-basic"  # this password says that the user name is the credential


class Own(places.Record):
    """A credential of this machine, and where it holds it."""

    secret: "Secret"
    where: str


_VARIABLES = {name: places.SECRET for tool in places.TOOLS for name in tool.variable_words[0].split()}  # name -> kind of value
_VARIABLES.update({name: places.URL for tool in places.TOOLS for name in tool.variable_words[1].split()})
_NAMED = tuple((kind, *name.split("<NAME>")) for name, kind in _VARIABLES.items() if "<NAME>" in name)


def _is_token(value: str) -> bool:
    """Tells whether the value is an API token, which the token rule finds by anchors of its own."""
    return len(value) >= MIN_TOKEN and value.startswith(_TOKENS)


def _is_no_name(value: str) -> bool:
    """Tells whether a value of the form of a reference, as `%x%` or `{x}`, is rather a password: no variable is called `x`."""
    text = "".join(c for c in value if c not in _SIGNS_OF_NAMES)
    if "{" in value[1:] or not (text.isalnum() and text.isascii()):
        return False
    return text[0].isdigit() or (any(map(str.isdigit, text)) and any(map(str.isupper, text)) and any(map(str.islower, text)))


def _is_sought(value: str) -> bool:
    """Tells whether the value is worth looking for: neither a reference, a path, filling, nor example words without a digit."""
    from pypi_token_hooks.credentials import placeholders

    if not placeholders.is_safe(value):
        return True
    if placeholders.is_reference(value):
        return _is_no_name(value)
    if placeholders.is_path(value) or placeholders.is_filling(value):
        return False
    return placeholders.is_dummy(value) and any(map(str.isdigit, value))


class Findings:
    """The values found so far with their places, and the hosts of indexes.

    With `passwords` API tokens are left out: the token rule has anchors of its own.
    """

    def __init__(self, passwords: bool = False) -> None:
        self.passwords = passwords
        self.values: dict[str, str] = {}  # value -> the first place where it was found
        self.hosts: set[str] = set()

    def add(self, value: str, where: str) -> None:
        """Notes a value if it is long and varied enough, and worth looking for."""
        value = value.strip()
        if len(value) < MIN_LENGTH or len(set(value)) < MIN_DISTINCT or value in self.values:
            return
        if self.passwords and _is_token(value):
            return
        if _is_sought(value):
            self.values[value] = where

    def add_urls(self, text: str, where: str) -> None:
        """Notes the passwords, the lone tokens and the hosts of the URLs in the text."""
        for part in text.split("://")[1:]:
            authority = part.split()[0].strip("\"'").split("/")[0] if part.strip() else ""
            userinfo, _, host = authority.rpartition("@")
            self.hosts.add(host.partition(":")[0].lower())
            user, _, password = userinfo.partition(":")
            if password and password.lower() != _LONE_USER:
                self.add(_unquoted(password), where)
            elif _is_token_of_user(_unquoted(user)):
                self.add(_unquoted(user), where)


def _is_token_of_user(user: str) -> bool:
    """Tells whether a user without a password is a token, and not an account, for whose password pip asks a keyring."""
    if len(user) < MIN_USER or user.strip(_OF_USERS) or user.lower() in places.PUBLIC_USERS:
        return False
    if not (any(map(str.isdigit, user)) and any(map(str.isalpha, user))):
        return False
    from pypi_token_hooks.credentials import naming

    return not naming.is_name(user)


def _unquoted(text: str) -> str:
    """Returns the text with its percent-escapes decoded; `urllib` takes too long to import here."""
    first, *rest = text.encode("utf-8", "surrogateescape").split(b"%")
    for part in rest:
        try:
            first += bytes.fromhex(part[:2].decode("ascii")) + part[2:] if part[:2].isalnum() else b"%" + part
        except ValueError:
            first += b"%" + part
    return first.decode("utf-8", "surrogateescape")


def _is_index(host: str, found: Findings) -> bool:
    return host in found.hosts or any(sign in host for sign in places.INDEX_HOSTS)


def _tokens_in(value: str) -> "Iterator[str]":
    """Yields the API tokens in the value of a variable, which may hold more: a path, or lines of settings."""
    for start in _TOKENS:
        for rest in value.split(start)[1:]:
            text = start + rest[: len(rest) - len(rest.lstrip(_OF_TOKENS))]
            if _is_token(text):
                yield text


def _is_own(name: str, value: str) -> bool:
    """Tells whether somebody's own variable holds a secret of the index.

    If its name ends with the word for a password, that may be any. Another one may tell something of a secret, and then holds words.
    """
    if "PYPI" not in name or not ("TOKEN" in name or "PASSW" in name) or name.startswith(_ASKED) or name.endswith(_ABOUT):
        return False
    if "TOKEN" not in name and "PASSW" in name.rpartition("_")[2]:
        return True
    from pypi_token_hooks.credentials import naming

    return not naming.is_name(value)


def _from_environment(environ: "Mapping[str, str]", found: Findings) -> None:
    for name, value in environ.items():
        kind = _VARIABLES.get(name)
        if kind == places.SECRET:
            found.add(value, f"the environment variable {name}")
        elif kind == places.URL:
            found.add_urls(value, f"the environment variable {name}")
        elif name.startswith(_OF_GIT):
            continue
        elif _IN_TOKENS in value and (tokens := [*_tokens_in(value)]):
            for token in tokens:
                found.add(token, f"the environment variable {name}")
        elif _is_own(name, value):
            found.add(value, f"the environment variable {name}")
        else:
            for kind, before, after in _NAMED:
                if name.startswith(before) and name.endswith(after) and name != before + after:
                    take = found.add if kind == places.SECRET else found.add_urls
                    take(value, f"the environment variable {name}")


def _from_pypirc(text: str, where: str, found: Findings) -> None:
    """Reads the passwords of every section, in each way in which tools read comments, quotes and `%%`."""
    from pypi_token_hooks.credentials import pypirc

    def place(entry: "pypirc.Entry") -> str:
        return f"{where} [{entry.section}]" if entry.section else where

    parsed = pypirc.parse(text)
    for value, entry in pypirc.passwords(parsed):
        found.add(value, place(entry))
    for entry in parsed.entries:
        if entry.key != "password" and "://" in entry.value:
            found.add_urls(entry.value, place(entry))


def _from_toml(text: str, where: str, found: Findings) -> None:
    from pypi_token_hooks.credentials import toml

    keys = [key.name for tool in places.TOOLS for key in tool.keys if key.kind == places.SECRET]
    for entry in toml.parse(text):
        if any(toml.matches(entry.key, pattern) for pattern in keys):
            found.add(entry.value, f"{where} ({entry.key})")
        elif "://" in entry.value:
            found.add_urls(entry.value, f"{where} ({entry.key})")


def _from_ini(text: str, where: str, found: Findings) -> None:
    found.add_urls(text, where)


def _words_of_netrc(line: str) -> "Iterator[tuple[str, str]]":
    """Yields the words of a line of a netrc file: as they stand, as older tools read them, and as Python's netrc reads them.

    For the latter, double quotes hold a word, blanks and all, and a backslash stands before any sign.
    """
    at = 0
    while at < len(line):
        if line[at].isspace():
            at += 1
            continue
        start, quoted, read = at, line[at] == '"', list[str]()
        at += quoted
        while at < len(line) and (line[at] != '"' if quoted else not line[at].isspace()):
            at += line[at] == "\\" and at + 1 < len(line)
            read.append(line[at])
            at += 1
        if quoted and at == len(line):  # nothing closes the quote: it is a sign like others
            read = [*line[start:].split(None, 1)[0]]
            at = start + len(read)
        elif quoted:
            at += 1
        yield line[start:at], "".join(read)


def _from_netrc(text: str, where: str, found: Findings) -> None:
    """Reads the passwords of package indexes only: those of other machines are none of this program's business."""
    host = ""
    words = [word for line in text.split("\n") for word in _words_of_netrc(line)]
    for (word, _), following in zip(words, words[1:], strict=False):  # noqa: RUF007 - itertools is one module more
        if word in ("machine", "default"):
            host = following[1].lower() if word == "machine" else ""
        elif word == "password" and host and _is_index(host, found):
            for value in following:
                found.add(value.strip("\"'"), f"{where} (machine {host})")


def _unescaped(name: str) -> str:
    """Returns a service or user name as keyring was given it: its file has `_3A` for a colon."""
    return _unquoted(name.replace("_", "%"))


def _from_keyring(text: str, where: str, found: Findings) -> None:
    """Reads the file of keyring's plaintext backend: a section is a service, a key a user, a value a password in wrapped base64."""
    import binascii

    service, user, value = "", "", ""
    for line in [*text.split("\n"), "="]:
        if line[:1] in (" ", "\t"):
            value += line.strip()
            continue
        host = service.partition("://")[2].partition("/")[0] or service
        if value and (_is_index(host, found) or user == "__token__" or service.startswith(("poetry-", "pdm-"))):
            try:  # noqa: SIM105 - contextlib would cost every commit
                found.add(binascii.a2b_base64(value).decode("utf-8"), f"{where} ({service})")
            except ValueError:
                pass  # no base64 of text: the file is not the plaintext backend's
        value = ""
        if line[:1] == "[":
            service = _unescaped(line.strip().strip("[]")).lower()
        else:
            user, _, value = (part.strip() for part in line.partition("="))
            user = _unescaped(user)


READERS: "dict[str, Callable[[str, str, Findings], None]]" = {
    "pypirc": _from_pypirc, "toml": _from_toml, "ini": _from_ini, "netrc": _from_netrc, "keyring": _from_keyring,
}
_ORDER = tuple(READERS)
# The formats that say best what a value is come first: the first place of a value is the one that is shown.
_FILES = sorted([row for tool in places.TOOLS for row in tool.file_rows], key=lambda row: _ORDER.index(row[1]))


def system() -> str:
    """Returns the name of this machine's system in the table: linux, macos or windows."""
    return {"win32": "windows", "cygwin": "windows", "darwin": "macos"}.get(sys.platform, "linux")


def _path(template: str, environ: "Mapping[str, str]", home: str) -> str:
    """Returns the path for a row of the table; empty if its variable is neither set nor has a default."""
    if template[0] == "{":
        name, _, rest = template[1:].partition("}")
        base = environ.get(name) or places.DEFAULTS.get(name)
        if not base:
            return ""
        template = base + rest
    return home + template[1:] if template[0] == "~" else template


def _texts(data: bytes) -> "Iterator[str]":
    """Yields the text of a file; if it is not UTF-8 also the one that tools read on a machine with Windows' western code page."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        yield data.decode("utf-16", "replace")
        return
    try:
        texts = [data.decode("utf-8")]
    except UnicodeDecodeError:
        texts = [data.decode("utf-8", "surrogateescape"), data.decode("cp1252", "replace")]
    yield from (text.lstrip("\ufeff").replace("\r\n", "\n") for text in texts)


def _from_files(environ: "Mapping[str, str]", home: str, on: str, found: Findings) -> None:
    for template, form, systems in _FILES:
        path = _path(template, environ, home) if on in systems else ""
        if not path or not os.path.isfile(path):
            continue
        shown = "~" + path[len(home) :] if home and path.startswith((home + "/", home + os.sep)) else path
        try:
            with open(path, "rb", buffering=0) as stream:
                data = stream.read(MAX_BYTES)
        except OSError:
            continue  # no reason to fail a commit: tools run by this user cannot read it either
        for text in _texts(data):
            READERS[form](text, shown.replace("\\", "/"), found)


def _collected(environ: "Mapping[str, str]", home: str, on: str, passwords: bool = False) -> Findings:
    found = Findings(passwords)
    _from_environment(environ, found)
    _from_files(environ, home, on, found)
    return found


def own_credentials(environ: "Mapping[str, str]", home: str, on: str = "") -> "tuple[Own, ...]":
    """Returns the credentials that this machine holds, each value once. `on` is its system, if not the one this runs on."""
    return _owned(_collected(environ, home, on or system()))


def of_pypirc(data: bytes, where: str) -> "tuple[Own, ...]":
    """Returns the credentials in a file of the `.pypirc` form, wherever it is."""
    found = Findings()
    for text in _texts(data):
        _from_pypirc(text, where, found)
    return _owned(found)


def _owned(found: Findings) -> "tuple[Own, ...]":
    if not found.values:
        return ()
    from pypi_token_hooks.model import Secret

    return tuple(
        Own(Secret(value.encode("utf-8", "surrogateescape")), where) for value, where in found.values.items()
    )


def anchors_of(own: "tuple[Own, ...]") -> "tuple[bytes, ...]":
    """Returns literals, at least one of which is in any data that holds one of the credentials, plainly or in a reading.

    API tokens need none: the anchors of the token rule find them.
    """
    return _anchors(value.decode("utf-8", "surrogateescape") for value in (held.secret.reveal() for held in own)) if own else ()


def _anchors(values: "Iterable[str]") -> "tuple[bytes, ...]":
    passwords = [value.encode("utf-8", "surrogateescape") for value in values if not _is_token(value)]
    if not passwords:
        return ()
    from pypi_token_hooks.credentials import images

    return images.literals(passwords)


def quick_anchors(environ: "Mapping[str, str]", home: str) -> "tuple[bytes, ...]":
    """Returns `anchors_of` this machine's credentials, without loading the modules that a finding needs."""
    return _anchors(_collected(environ, home, system(), passwords=True).values)
