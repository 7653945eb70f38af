"""A plugin for detect-secrets: its lines in, API tokens and `.pypirc` passwords out.

Used by path, as detect-secrets wants it: `detect-secrets scan -p <this file>`. The detector has the name of
the built-in one and takes its place, and it gives only types that detect-secrets has itself: baselines of
either are valid for both, and `detect-secrets audit` works, which fails on other types (its issue 611).
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

PASSWORD_TYPE = "Secret Keyword"  # noqa: S105 - the name detect-secrets has for passwords


def _passwords(data: bytes) -> Iterator[tuple[int, str]]:
    """Yields the passwords in a text, each with its line, from 1; a token there is the other detector's."""
    for match in pypirc_password.find(data):
        secret = match.secret.reveal()
        if next(token.find(secret), None) is None:
            yield data.count(b"\n", 0, match.start) + 1, secret.decode("utf-8", "replace")


@lru_cache(maxsize=1)
def _passwords_of_file(path: str, _changed: int) -> tuple[tuple[int, str], ...]:
    """Returns the passwords of a file: whether a line is a password depends on the section it is in."""
    with open(path, "rb") as stream:
        return tuple(_passwords(stream.read().replace(b"\r\n", b"\n").replace(b"\r", b"\n")))


class PypiTokenDetector(RegexBasedDetector):
    """Finds API tokens by decoding them, and passwords in `.pypirc` sections, whatever the file is called."""

    secret_type = "PyPI Token"  # noqa: S105 - the name that the built-in detector has
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
