"""The password of a section of a `.pypirc` and the indexes it is for in; out: what is wrong with it. No I/O.

twine sends the value as it is, so blanks, quotes and comments in it are errors. The token inside of them is judged as well, so that
everything wrong is reported at once.
"""
from __future__ import annotations

import time
from collections.abc import Iterator
from typing import NamedTuple

from pypi_token_hooks.credentials import macaroon
from pypi_token_hooks.credentials import placeholders
from pypi_token_hooks.model import Token

PYPI, TESTPYPI, PRIVATE = "PyPI", "TestPyPI", ""
PAGES = {
    PYPI: "https://pypi.org/manage/account/token/", TESTPYPI: "https://test.pypi.org/manage/account/token/",
    PRIVATE: "its index",
}
QUOTES = "\"'`\u201c\u201d\u2018\u2019\u201e\u00ab\u00bb"
_PREFIXES = ("pypi-", "devpi-")
_BEGINNINGS = ("AgEI", "AgEN", "AgEP")  # of tokens without the prefix: for hosts of 8, 13 and 15 characters, which are PyPI's own
_TRIES = 8  # places in a value at which a token is tried to be decoded
_FILLED_FROM = 40  # characters: whether a shorter one is filling cannot be judged


class Problem(NamedTuple):
    """What is wrong with a value, and the edit that mends it."""

    id: str
    message: str
    remedy: str


class Verdict(NamedTuple):
    """What a value turned out to be."""

    token: Token | None  # the whole token in it
    problems: list[Problem]


PLACEHOLDER = Problem(
    "placeholder", "this looks like an example or a variable; the format knows none, the value is sent as it stands",
    "Put the token itself here, or delete the line: then the keyring is asked, or you are.",
)
PREFIX = Problem(
    "prefix", "the value does not begin with `pypi-`, which is a part of the token",
    "Put `pypi-` right before the token, and nothing before that.",
)
TRUNCATED = Problem(
    "truncated", "the value looks like a token and is no whole one: a piece of it is missing or damaged",
    "Put the whole token here, from `pypi-` to its end; if you have it nowhere else, make a new one.",
)
LOGIN = Problem(
    "password-login", "this is no token, and the index takes nothing else for uploads; a password opens the whole account",
    "Make a token in the account settings and put it here, with username = __token__; then change the password.",
)

INDENTED = Problem(
    "whitespace", "the blanks before this password make it a part of the value above, and twine finds no password",
    "Take away the blanks before it, and before what else stands there.",
)
FOR_THE_USER = Problem(
    "username", "the token stands in the place of the user name, and twine finds no password",
    "Put the token on a line of its own behind `password =`, and write __token__ here.",
)
GLUED = Problem(
    "whitespace", "something stands behind the token, and it is taken for a part of it", "Delete what is behind the end of the token.",
)
UNKNOWN_KEY = Problem(
    "syntax", "this key holds a token, and twine does not know it, so it finds no password", "Call the key `password`.",
)


def commented(what: str) -> Problem:
    return Problem(
        "inline-comment", f"the comment behind the {what} is taken for a part of it: comments need lines of their own",
        "Move the comment to a line of its own above.",
    )


def framed(text: str, what: str) -> Problem:
    said = "quotes" if any(c in QUOTES for c in text) else "blanks, line breaks or invisible characters"
    return Problem(
        "whitespace", f"there are {said} in or around the {what}, and they are taken for a part of it",
        "Write the value on the line of its key, with no quotes and no blanks.",
    )


def without_comment(value: str) -> tuple[str, bool]:
    """Returns the value without what is meant as comments behind it, and whether there were any."""
    kept, found = [], False
    for line in value.split("\n"):
        plain = " " + line.replace("\t", " ")
        ends = [at for at in (plain.find(" #"), plain.find(" ;")) if at >= 0]
        # a sign at the very beginning may belong to a password, unless a blank follows it
        if ends and (min(ends) > 0 or plain[2:3] in ("", " ")):
            line, found = line[: max(min(ends) - 1, 0)], True
        kept.append(line)
    return "\n".join(kept).rstrip(), found


def is_stray(character: str) -> bool:
    """Tells whether a character is never part of a token: a blank, a quote, something invisible."""
    return character.isspace() or character in QUOTES or not character.isprintable()


def is_framed(text: str) -> bool:
    """Tells whether the text has quotes or blanks around it, or invisible characters in it. A blank inside may belong to it."""
    body = text.strip()
    quoted = len(body) > 1 and body[0] in QUOTES and body[-1] in QUOTES
    return quoted or body != text or not body.isprintable()


def _decoded(core: str) -> tuple[int, macaroon.Macaroon] | None:
    """Returns the first whole token in the value, and the offset of its base64 text; None if there is none."""
    raw = core.encode("ascii", "replace")
    at = -1
    for _ in range(_TRIES):
        at = raw.find(b"Ag", at + 1)
        if at < 0:
            return None
        try:
            return at, macaroon.decode(raw, at)
        except (macaroon.EndsEarly, macaroon.NotAMacaroon):
            continue
    return None


def _begins_like_a_token(core: str) -> bool:
    return core.casefold().startswith(_PREFIXES) or core.startswith(_BEGINNINGS)


def _is_piece(core: str) -> bool:
    """Tells whether the value is rather a token without its beginning than a password: long, and all base64."""
    raw = core.encode("ascii", "replace")
    return len(raw) >= placeholders.MIN_TOKEN and not raw.strip(macaroon.ALPHABET)


def _is_example(text: str, core: str) -> bool:
    """Tells whether the value is to be replaced yet: a reference, example words, or a shortened token as in a README."""
    if not core:
        return True
    if not _begins_like_a_token(core):
        return placeholders.is_safe(text) and not placeholders.is_chosen(text)
    if placeholders.is_reference(core) or placeholders.is_dummy(core) or "..." in core or "…" in core:
        return True
    body = core.partition("-")[2]
    if len(body) >= _FILLED_FROM and placeholders.is_filled(body.encode("ascii", "replace")):
        return True
    return not body.startswith("Ag") and placeholders.is_truncated_token(core)


def _day(seconds: int) -> str:
    try:
        return time.strftime("%Y-%m-%d", time.gmtime(seconds))
    except (OverflowError, ValueError, OSError):
        return "a day beyond the calendar"


def _of_token(token: Token, indexes: tuple[str, ...]) -> Iterator[Problem]:
    """Yields what is wrong with a token in itself: its index, its expiry, its scope."""
    issuer = macaroon.INDEXES.get(token.host, PRIVATE) if token.prefix != "devpi-" else PRIVATE
    if issuer not in indexes:
        target, whose = indexes[0] or "another server", issuer or "another index"
        yield Problem(
            "index-mismatch", f"the token is one of {whose}, and this section gives it to {target}",
            f"Put a credential of {indexes[0] or 'that server'} here; a token of {whose} needs a section of its own.",
        )
    if token.expires is not None and token.expires <= time.time():
        yield Problem(
            "expired", f"the token expired on {_day(token.expires)}: it uploads no more",
            f"Make a new token at {PAGES[issuer]} and put it here.",
        )
    if token.scope == "account":
        yield Problem(
            "account-wide", "the token works for every project of the account: whoever gets it can release them all",
            f"Make a token for one project at {PAGES[issuer]} and put it here; then remove this one.",
        )


def _of_other(head: str, core: str, private: bool) -> Iterator[Problem]:
    """Yields what is wrong with a value without a whole token. `head` has no comment, `core` no stray characters either."""
    if _is_example(head.strip(), core):
        yield PLACEHOLDER
    elif _begins_like_a_token(core) or (not private and _is_piece(core)):
        if any(is_stray(c) for c in head):
            yield framed(head, "token")
        if core.startswith(_BEGINNINGS):
            yield PREFIX
        yield TRUNCATED
    elif not private:
        yield LOGIN
    elif is_framed(head):
        yield framed(head, "password")


def judge(value: str, indexes: tuple[str, ...]) -> Verdict:
    """Judges the password of a section that uploads to one of these indexes; PRIVATE stands for any other server."""
    private = PRIVATE in indexes
    if private and not value:
        return Verdict(None, [])  # some servers take the token as the user name
    head, has_comment = without_comment(value)
    core = "".join(c for c in head if not is_stray(c))
    found = _decoded(core)
    rest = core[found[0] + found[1].length :] if found else ""
    has_comment |= rest.startswith(("#", ";"))
    problems = [commented("password")] if has_comment else []
    if found is None:
        return Verdict(None, [*problems, *_of_other(head, core, private)])
    prefix = next((prefix for prefix in _PREFIXES if core[: found[0]] == prefix), "")
    token = macaroon.describe(found[1], prefix)
    if private and not prefix and token.host not in macaroon.KNOWN_HOSTS:
        return Verdict(None, problems)  # a macaroon of another system is an ordinary password
    if any(is_stray(c) for c in head):
        problems.append(framed(head, "token"))
    if rest.strip("=") and not has_comment:
        problems.append(GLUED)
    return Verdict(token, [*problems, *(() if prefix else (PREFIX,)), *_of_token(token, indexes)])
