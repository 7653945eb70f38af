"""A plugin for detect-secrets: lines of files in, API tokens and `.pypirc` passwords out.

It is used by its path: `detect-secrets scan -p <this file>`. The detector has the name of the built-in one, which it replaces, and
reports only types that detect-secrets itself knows: so a baseline made with or without it is valid for both, and
`detect-secrets audit` works, which fails on other types (its issue 611).
"""
from __future__ import annotations

import os
from collections.abc import Generator
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from detect_secrets.core.potential_secret import PotentialSecret
from detect_secrets.plugins.base import RegexBasedDetector
from detect_secrets.util.code_snippet import CodeSnippet

from pypi_token_hooks.detectors import pypirc_password
from pypi_token_hooks.detectors import token

PASSWORD_TYPE = "Secret Keyword"  # noqa: S105 - detect-secrets' name of the type of passwords


def _passwords(data: bytes) -> Iterator[tuple[int, str]]:
    """Yields the passwords in a text, each with its line, from 1. Tokens are left out: `analyze_string` finds them."""
    for match in pypirc_password.find(data):
        secret = match.secret.reveal()
        if next(token.find(secret), None) is None:
            yield data.count(b"\n", 0, match.start) + 1, secret.decode("utf-8", "replace")


@lru_cache(maxsize=1)
def _passwords_of_file(path: str, _changed: int) -> tuple[tuple[int, str], ...]:
    """Returns the passwords of a file. It is read as a whole: the section above a line decides whether that is a password."""
    with open(path, "rb") as stream:
        return tuple(_passwords(stream.read().replace(b"\r\n", b"\n").replace(b"\r", b"\n")))


class PypiTokenDetector(RegexBasedDetector):
    """Finds API tokens by decoding them, and passwords in `.pypirc` sections, whatever the file is called."""

    secret_type = "PyPI Token"  # noqa: S105 - the built-in detector's type
    denylist = ()

    def analyze_string(self, string: str) -> Generator[str, None, None]:
        for match in token.find(string.encode("utf-8", "replace")):
            yield match.secret.reveal().decode("ascii")

    def analyze_line(
        self, filename: str, line: str, line_number: int = 0, context: CodeSnippet | None = None, **more: Any
    ) -> set[PotentialSecret]:
        found = super().analyze_line(filename, line, line_number, context, **more)  # type: ignore[arg-type,unused-ignore]
        if os.path.isfile(filename):
            for at, password in _passwords_of_file(filename, os.stat(filename).st_mtime_ns):
                if at == line_number:
                    found.add(PotentialSecret(PASSWORD_TYPE, filename, password, line_number))
        return found
