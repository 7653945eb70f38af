"""Findings, reports and options as the pipeline makes them, for the tests of what is printed."""
from __future__ import annotations

import base64
from argparse import Namespace
from typing import Any

from pypi_token_hooks import model
from pypi_token_hooks import reports
from pypi_token_hooks.detectors import token as token_detector
from pypi_token_hooks.model import Check
from pypi_token_hooks.model import Finding
from pypi_token_hooks.model import Place
from pypi_token_hooks.model import Report
from pypi_token_hooks.model import Secret
from pypi_token_hooks.model import Unread
from tests import mint

FORMATS = tuple(reports.FORMATS)
DETECTING = (
    "detect-pypi-token", "forbid-pypirc", "detect-pypi-token-in-message", "detect-pypi-token-in-push",
    "detect-pypi-token-in-history", "detect-pypi-token-in-dist",
)
CHECKING = ("check-pypirc", "check-pypirc-ignored")
NOW = 1_790_000_000  # 2026-09-21: between the starts and ends of the minted tokens
PASSWORD = "Tr0ub4dor&3-correct-horse"
# names that a terminal, a runner of CI or a page could take for more than text
HOSTILE = [
    "::error::x", "  ::error::x", "a\n::error file=b::x", "a\r\n::set-output name=x::y", "##[add-mask]x",
    "a ##[error]x", "##vso[task.setvariable variable=x]y", "##teamcity[x]", "\x1b[2J\x1b]0;title\x07",
    "\x9b31m", "a\u202eyp.exe", "\u2066x\u2069", "\u200bx", "x\u2028y", "\x00", "\x7f", "\udcff\udc80",
    "\ud800", ":", "::",
    ": ::error::x", "%0A::error::x", "a,b:c%25", "\t::x", "\x0b::x", "\x85::x", "section_start:1:x\r\x1b[0K",
    "](javascript:alert(1))", "\U000e0041",
]
ENCODINGS = ("base64", "urlsafe", "hex", "HEX", "percent")


def encoded(form: str, text: bytes) -> str:
    """Returns the text in one of the encodings in which a path can hold it."""
    return {
        "base64": base64.b64encode(text), "urlsafe": base64.urlsafe_b64encode(text),
        "hex": text.hex().encode(), "HEX": text.hex().upper().encode(),
        "percent": b"".join(b"%%%02X" % byte for byte in text),
    }[form].decode()


def options(form: str = "text", **given: Any) -> Namespace:
    return Namespace(
        **{"format": form, "color": "auto", "quiet": False, "verbose": False, "strict": False, **given}
    )


def of_token(token: str, path: str = "src/settings.py", **given: Any) -> Finding:
    """Returns the finding of a token, with the fields given for it and its place."""
    (match,) = token_detector.find(token.encode())
    made = Finding(match.rule, match.confidence, Place(path), 3, 9, (), match.secret, match.token)
    return _placed(made, given)


def of_password(path: str = "deploy/upload.ini", password: str = PASSWORD, **given: Any) -> Finding:
    secret = Secret(password.encode())
    made = Finding("pypirc-password", "certain", Place(path), 4, 12, (), secret, None, "section [priv]")
    return _placed(made, given)


def of_file(path: str = ".pypirc", **given: Any) -> Finding:
    return _placed(Finding("pypirc-file", "certain", Place(path), 1, 1, (), None), given)


def _placed(finding: Finding, given: dict[str, Any]) -> Finding:
    place = {key: value for key, value in given.items() if key in Place._fields}
    rest = {key: value for key, value in given.items() if key not in Place._fields}
    return finding._replace(place=finding.place._replace(**place), **rest)


def minted(kind: str, seed: int, host: str = "pypi.org") -> str:
    return mint.token(host, mint.shapes()[kind], seed=seed)


def findings(hook: str) -> list[Finding]:
    """Returns one finding of each kind that the hook can have."""
    if hook == "forbid-pypirc":
        return [of_file(), of_file("home/.pypirc.bak", part="link target")]
    commit: dict[str, Any] = {}
    if hook in ("detect-pypi-token-in-push", "detect-pypi-token-in-history"):
        commit = {"commit": "4b825dc642cb6eb9a060e54bf8d69288fbee4904", "ref": "refs/heads/main"}
    made = [
        of_token(minted("user", 1), own="~/.pypirc, section [pypi]", **commit),
        of_token(minted("project", 2), "dist/data.zip", members=("pkg.tar.gz", "pkg/conf.py"), **commit),
        of_token(minted("user-expiring", 3, "test.pypi.org"), "n.ipynb", readings=("hex", "json"), **commit),
        of_token(minted("publisher", 4, "upload.pypi.org"), ".github/release.log", **commit),
        of_token(minted("ten-ids", 5), "a folder/ü.env", remote=True, note="Gone since 1f3870be.", **commit),
        of_token(mint.token("pypi.example.com", [], "devpi-", 6), "notes.txt", part="name", **commit),
        of_token(mint.token("pypi.org", [[3, "u"], [0, NOW - 60, NOW - 960]], seed=7), "old.cfg", **commit),
        of_password(**commit),
        Finding(
            "index-credential", "probable", Place("Dockerfile"), 7, 30, (), Secret(b"s3cr3t-of-the-index"),
            what="PIP_INDEX_URL",
        ),
        Finding(
            "own-credential", "certain", Place("run.sh"), 2, 8, ("percent",), Secret(PASSWORD.encode()),
            what="the variable TWINE_PASSWORD", own="the variable TWINE_PASSWORD",
        ),
        Finding(
            "pypi-token", "probable", Place("cut.txt"), 1, 1, (), Secret(minted("user", 9)[:100].encode())
        ),
    ]
    if hook == "detect-pypi-token-in-message":
        return [
            of_token(minted("user", 1), ".git/COMMIT_EDITMSG", part=part)
            for part in ("message", "author", "committer", "ref")
        ]
    if hook == "detect-pypi-token-in-push":
        made += [
            of_token(minted("user", 1), "", part="message", **commit),
            of_token(minted("user", 1), "", part="tag", commit=None, ref="refs/tags/v1", holder="refs/tags/v1"),
            of_token(minted("user", 1), "", part="ref", commit=None, ref="refs/heads/" + minted("user", 1)),
        ]
    if hook == "detect-pypi-token-in-dist":
        made.append(of_file("dist/pkg.tar.gz", members=("pkg-1.0/.pypirc",)))
    return made


def report(hook: str) -> Report:
    """Returns a report with all there can be in one of this hook's."""
    made = model.empty_report()
    made.scanned.update(files=12, bytes=34_567, members=8)
    if hook in CHECKING:
        made.checks.extend(
            (
                Check("permissions", "error", None, None, "Others can read it.", "chmod 600 ~/.pypirc"),
                Check("account-wide", "warning", "pypi", 3, "It works for all projects.", "Make another."),
            )
        )
        made.extra.update({"file": "~/.pypirc"} if hook == "check-pypirc" else {})
        return made
    made.findings.extend(findings(hook))
    made.skipped.append(Unread(Place("big.zip", ("bomb.gz",)), "limit", "more than 1 GB of content"))
    made.failures.append(Unread(Place("locked.txt"), "unreadable", "Permission denied", expected=False))
    made.messages.append("Checked every local branch that the remote lacks.")
    made.allowed.update(inline=2, baseline=1)
    return made


def hostile_report(hook: str, text: str) -> Report:
    """Returns a report that has the text in every field that something scanned can get into."""
    report = model.empty_report()
    token = model.Token("pypi-", text, text, "projects", (text,), (text,), text, text, None, None)
    secret = Secret(mint.token(seed=1).encode())
    place = Place(text, (text, text), None, text)
    report.findings.append(
        Finding("pypi-token", "certain", place, 1, 1, (text,), secret, token, text, text, True, text)
    )
    report.findings.append(Finding("pypirc-file", "certain", Place(text), 1, 1, (), None))
    report.skipped.append(Unread(place, "damaged", text))
    report.failures.append(Unread(place, "unreadable", text, expected=False))
    report.messages.append(text)
    if hook in CHECKING:
        report.checks.append(Check("syntax", "error", text, 1, text, text))
    return report
