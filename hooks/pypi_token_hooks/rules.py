"""The table of rules, one row each. Text, JSON, SARIF and the docs take a rule's name, title and page from here."""
from __future__ import annotations

from typing import NamedTuple

DOCS = "https://github.com/pypi-token-hooks/pypi-token-hooks/blob/main/docs/"


class Rule(NamedTuple):
    id: str
    title: str
    help: str
    page: str  # below DOCS

    @property
    def url(self) -> str:
        return DOCS + self.page


RULES = (
    Rule(
        "pypi-token", "API token of a Python package index",
        "A macaroon that uploads releases for as long as nobody revokes it.", "rules.md#pypi-token",
    ),
    Rule(
        "pypirc-file", "a .pypirc file",
        "The file in which upload tools keep passwords and tokens; it belongs in the home folder only.",
        "rules.md#pypirc-file",
    ),
    Rule(
        "pypirc-password", "password in .pypirc form",
        "A literal password in a section that upload tools would read.", "rules.md#pypirc-password",
    ),
    Rule(
        "own-credential", "credential that this machine holds",
        "A password or token from this machine's own environment or configuration.",
        "rules.md#own-credential",
    ),
    Rule(
        "index-credential", "password or token in a packaging tool's setting",
        "A literal value where a packaging tool's variable, key, flag or index URL holds a credential.",
        "rules.md#index-credential",
    ),
)
BY_ID = {rule.id: rule for rule in RULES}
# A place gets one finding: that of the rule which comes first here.
PRECEDENCE = ("pypi-token", "own-credential", "pypirc-password", "index-credential", "pypirc-file")
