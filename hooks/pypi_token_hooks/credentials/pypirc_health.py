"""A parsed `.pypirc` in, the failed checks out, in the order of its lines. No I/O.

A server is judged by what twine would use for it: the entries of its own section, those of [DEFAULT], and the user and password of
[server-login]. Sections that twine does not read are judged too, since flit, hatch and maturin read them.
"""
from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from pypi_token_hooks.credentials import pypirc
from pypi_token_hooks.credentials import pypirc_address
from pypi_token_hooks.credentials import pypirc_value
from pypi_token_hooks.credentials.pypirc import Entry
from pypi_token_hooks.credentials.pypirc import Pypirc
from pypi_token_hooks.credentials.pypirc_value import FOR_THE_USER
from pypi_token_hooks.credentials.pypirc_value import INDENTED
from pypi_token_hooks.credentials.pypirc_value import PRIVATE
from pypi_token_hooks.credentials.pypirc_value import UNKNOWN_KEY
from pypi_token_hooks.credentials.pypirc_value import Problem
from pypi_token_hooks.model import Check

USER = "__token__"
WARNINGS = ("account-wide", "unknown-server", "placeholder")
MOST_NAMES = 20  # of sections in one remedy
MOST_FAULTS = 8
_OTHERS = (pypirc.DEFAULT, pypirc.DISTUTILS, pypirc.SERVER_LOGIN)  # sections that are no servers
_RUN = 8  # a name with so many characters in a row of a password is not shown
_LONGEST = 40  # characters: a longer name is not shown either

# What configparser refuses -> what it is, and the edit that mends it.
FAULTS = {
    pypirc.NO_SECTION: ("this line stands before any [section]", "Put the line `[pypi]` above it, or whose section it is."),
    pypirc.NO_VALUE: ("this line is neither a [section] nor a `key = value`", "Make it a comment with `#`, or delete it."),
    pypirc.NO_END: ("this line begins like a [section] and does not end like one", "Write it as `[name]`."),
    pypirc.NO_KEY: ("there is no key before the sign", "Write the key before it, or delete the line."),
    pypirc.TWICE_SECTION: ("this section stands twice", "Put all that belongs to it under one header."),
    pypirc.TWICE_KEY: ("this key stands twice in its section", "Delete the line that no longer holds."),
    pypirc.MARK: ("the file begins with a byte-order mark", "Save it as UTF-8 without a byte-order mark."),
    pypirc.ENCODING: ("the file is not text in UTF-8 or this system's encoding", "Save it as UTF-8."),
}


class Server(NamedTuple):
    """One server, and the entries that twine uses for it, whichever section they are in."""

    name: str
    username: Entry | None
    password: Entry | None
    repository: Entry | None


class _File:
    """A parsed file, with what the checks ask of it."""

    def __init__(self, parsed: Pypirc) -> None:
        self.faults = parsed.faults
        self.lines = parsed.headers
        self.get, self.own = parsed.get, parsed.own
        self.listing = self.get(pypirc.DISTUTILS, "index-servers")
        self.listed = dict.fromkeys(self.listing.value.split() if self.listing else pypirc.USUAL)
        # the sections of servers: those with a key that twine reads
        self.sections = [
            name for name in self.lines if name not in _OTHERS and not parsed.own(name).keys().isdisjoint(pypirc.KEYS)
        ]
        values = [entry.value for entry in parsed.entries if entry.key == "password"]
        passwords = {value for value in values if len(value) >= _RUN // 2}
        self.runs = {value[at : at + _RUN] for value in passwords for at in range(max(1, len(value) - _RUN + 1))}

    def servers(self) -> Iterator[Server]:
        """Yields every server that has a section, or that may use [server-login]."""
        listed = (name for name in self.listed if self.listing or name == "pypi" or name in self.lines)
        for name in dict.fromkeys((*listed, *self.sections)):
            known = name in self.listed
            username, password = (
                self.get(name, key) or (self.get(pypirc.SERVER_LOGIN, key) if known else None)
                for key in ("username", "password")
            )
            yield Server(name, username, password, self.get(name, "repository"))

    def told(self, name: str) -> str:
        """Returns the name of a section as it may be shown: `***` if it could be a misplaced piece of a secret."""
        if name in (*_OTHERS, *pypirc.USUAL):
            return name
        plain = name.strip().replace("-", "").replace("_", "").replace(".", "")
        mixed = len(name) > 2 * _RUN and any(map(str.isdigit, name)) and name != name.lower() != name.upper()
        secret = any(name[at : at + size] in self.runs for size in range(_RUN // 2, _RUN + 1) for at in range(len(name) - size + 1))
        return name if plain.isalnum() and len(name) <= _LONGEST and not mixed and not secret else "***"


def _check(identifier: str, section: str | None, line: int | None, message: str, remedy: str) -> Check:
    return Check(identifier, "warning" if identifier in WARNINGS else "error", section, line, message, remedy)


def _at(entry: Entry, problem: Problem) -> Check:
    return _check(problem.id, entry.section, entry.line, problem.message, problem.remedy)


def _syntax(file: _File) -> Iterator[Check]:
    """Yields what configparser refuses: one fault for each line, and only the first MOST_FAULTS."""
    faults = list({fault.line: fault for fault in reversed(file.faults)}.values())[::-1]
    left = len(faults) - MOST_FAULTS
    for number, fault in enumerate(faults[:MOST_FAULTS], 1):
        what, remedy = FAULTS[fault.kind]
        more = f"; so it is with {left} lines more" if left > 0 and number == MOST_FAULTS else ""
        yield _check("syntax", fault.section, fault.line, f"{what}, so twine refuses the whole file{more}", remedy)


def _username(server: Server, indexes: tuple[str, ...], beside_token: bool) -> Iterator[Check]:
    """Yields what is wrong with the user name. Beside a token only USER is right."""
    entry, password = server.username, server.password
    if password is None:
        return
    if not beside_token:
        if entry is not None and PRIVATE in indexes:
            head, has_comment = pypirc_value.without_comment(entry.value)
            if has_comment:
                yield _at(entry, pypirc_value.commented("user name"))
            if pypirc_value.is_framed(head):
                yield _at(entry, pypirc_value.framed(head, "user name"))
    elif entry is None:
        message = f"no user name stands beside the token, and not every tool takes {USER} by itself"
        yield _check("username", password.section, password.line, message, f"add above line {password.line}: username = {USER}")
    elif entry.value != USER:
        why = "quotes, blanks or a comment are a part of it" if USER in entry.value else "this is another one"
        message = f"beside a token the user name is exactly {USER}, and {why}"
        yield _check("username", entry.section, entry.line, message, f"write line {entry.line} as: username = {USER}")


def _unlisted(file: _File, name: str) -> Check:
    """Returns the check for a section that twine does not read."""
    listing, message = file.listing, "index-servers does not list this section, so twine does not read it"
    if name.strip() != name:
        message = "blanks are a part of the section's name, so twine does not read it"
        remedy = "Take the blanks out of its brackets."
    elif name.lower() in pypirc.USUAL and name not in pypirc.USUAL:
        remedy = f"write line {file.lines[name]} as: [{name.lower()}]"
    elif name not in pypirc.USUAL and file.get(name, "repository") is None:
        remedy = "Put the line `repository = https://...` below it and its name into index-servers, or delete it."
    elif listing is None:
        names = [file.told(section) for section in file.sections[:MOST_NAMES]] + ["..."] * (len(file.sections) > MOST_NAMES)
        remedy = f"put at the top of the file: [distutils], and below it: index-servers = {' '.join(names)}"
    elif name in listing.value.replace(",", " ").split():
        remedy = f"Take the commas out of index-servers in line {listing.line}: blanks stand between the names."
    else:
        remedy = f"add to index-servers in line {listing.line}: {file.told(name)}"
    return _check("unknown-server", name, file.lines[name], message, remedy)


def _unknown(file: _File) -> Iterator[Check]:
    """Yields what twine does not find: sections that are not listed, names without a section or an address."""
    yield from (_unlisted(file, name) for name in file.sections if name not in file.listed)
    if file.listing is None:
        return
    for name in file.listed:
        if name.strip(",") in pypirc.USUAL:
            continue
        line = file.lines.get(name)
        if line is not None and file.get(name, "repository") is None:
            message = "this section has no repository, so twine does not know where to upload"
            remedy = "Put the line `repository = https://...` with the server's address below it."
            yield _check("unknown-server", name, line, message, remedy)
        elif line is None and name.strip(",") not in file.lines:
            message = "index-servers lists a server that has no section"
            yield _check(
                "unknown-server", file.listing.section, file.listing.line, message,
                "Give it a section with its repository, or take its name off the list.",
            )


def _of_server(server: Server) -> Iterator[Check]:
    """Yields what is wrong with the address, the password and the user name of a server."""
    if server.repository is not None and not pypirc.inner_passwords(server.repository):
        value, line = server.repository.value, server.repository.line
        yield from (_at(server.repository, problem) for problem in pypirc_address.judge(server.name, value, line))
    indexes = pypirc_address.indexes(server.name, server.repository.value if server.repository else None)
    beside_token = False
    if server.password is not None:
        token, problems = pypirc_value.judge(server.password.value, indexes)
        yield from (_at(server.password, problem) for problem in problems)
        beside_token = any(problem.id == "truncated" for problem in problems)
        if token is not None and token.prefix != "devpi-":
            beside_token = PRIVATE not in indexes or all(problem.id != "index-mismatch" for problem in problems)
    yield from _username(server, indexes, beside_token)


def _without_header(file: _File) -> Iterator[Check]:
    """Yields what is wrong with a user name and a password in [distutils]: the header above them is missing."""
    own = file.own(pypirc.DISTUTILS)
    if "username" not in own and "password" not in own:
        return
    line = min(own[key].line for key in ("username", "password") if key in own)
    name = next((usual for usual in pypirc.USUAL if usual in file.listed and usual not in file.lines), "")
    yield _check(
        "unknown-server", pypirc.DISTUTILS, line, "twine reads no user name and no password in [distutils]: a header is missing",
        f"add above line {line}: [{name}]" if name else "Move them below the header of the section that they belong to.",
    )
    if "password" in own:
        problems = pypirc_value.judge(own["password"].value, pypirc_address.indexes(name, None)).problems
        yield from (_at(own["password"], problem) for problem in problems)


def _misplaced(file: _File, section: str) -> Iterator[Check]:
    """Yields what is wrong in a section in which twine finds no password, though it holds one, or a token."""
    password = file.get(section, "password")
    if password is not None and password.value:
        return
    address = file.get(section, "repository")
    indexes = pypirc_address.indexes(section, address.value if address else None)
    for entry in file.own(section).values():
        passwords = pypirc.inner_passwords(entry)
        for password in passwords:
            yield from (_at(password, problem) for problem in (INDENTED, *pypirc_value.judge(password.value, indexes).problems))
        # some other servers take the token as the user name
        if not passwords and (entry.key not in pypirc.KEYS or (entry.key == "username" and PRIVATE not in indexes)):
            token, problems = pypirc_value.judge(entry.value, indexes)
            what = FOR_THE_USER if entry.key == "username" else UNKNOWN_KEY
            yield from (_at(entry, problem) for problem in (what, *problems) if token is not None)


def read(data: bytes, encoding: str) -> Pypirc:
    """Parses the file as twine does; a file that twine refuses, as far as that is possible."""
    text = pypirc.decoded_strictly(data, encoding)
    if text is not None and not data.startswith(b"\xef\xbb\xbf"):
        return pypirc.parse(text)
    parsed = pypirc.parse(pypirc.decoded(data))
    if text is None:
        parsed.faults.insert(0, pypirc.Fault(pypirc.ENCODING, 1))
    return parsed


def checks(parsed: Pypirc) -> list[Check]:
    """Returns the failed checks, each once, in the order of the lines."""
    file = _File(parsed)
    found = [*_syntax(file), *_unknown(file)]
    for server in file.servers():
        found += _of_server(server)
    found += _without_header(file)
    for section in file.lines:
        found += _misplaced(file, section)
    told = (check._replace(section=check.section and file.told(check.section)) for check in found)
    return sorted(dict.fromkeys(told), key=lambda check: check.line or 0)
