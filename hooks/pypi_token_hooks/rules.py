"""The table of rules, one row each. Reports and docs take what they say of a rule from here."""
from __future__ import annotations

from typing import NamedTuple

DOCS = "https://github.com/pypi-token-hooks/pypi-token-hooks/blob/main/docs/"


class Rule(NamedTuple):
    id: str
    title: str
    help: str
    found: str  # what a finding says it is, if no token says more
    page: str  # below DOCS
    severity: str  # as a score of CVSS: for GitHub, more than 9.0 is critical, from 7.0 on it is high
    precision: str = "very-high"  # in GitHub's words

    @property
    def url(self) -> str:
        return DOCS + self.page


# A place gets one finding: that of the rule which comes first here.
RULES = (
    Rule(
        "pypi-token", "API token of a Python package index",
        "A macaroon that uploads releases for as long as nobody revokes it.",
        "what looks like an API token with a damaged middle", "rules.md#pypi-token", "9.8",
    ),
    Rule(
        "own-credential", "credential that this machine holds",
        "A password or token from this machine's own environment or configuration.",
        "a credential that this machine holds", "rules.md#own-credential", "9.0",
    ),
    Rule(
        "pypirc-password", "password in .pypirc form",
        "A literal password in a section that upload tools would read.",
        "password in .pypirc form", "rules.md#pypirc-password", "8.5",
    ),
    Rule(
        "index-credential", "password or token in a packaging tool's setting",
        "A literal value where a packaging tool's variable, key, flag or index URL holds a credential.",
        "password or token of a package index", "rules.md#index-credential", "7.5", "high",
    ),
    Rule(
        "pypirc-file", "a .pypirc file",
        "The file in which upload tools keep passwords and tokens; it belongs in the home folder only.",
        "a .pypirc file, in which upload tools keep passwords and tokens", "rules.md#pypirc-file", "8.0",
    ),
)
BY_ID = {rule.id: rule for rule in RULES}
PRECEDENCE = tuple(BY_ID)
