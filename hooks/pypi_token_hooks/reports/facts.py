"""A finding in, its facts out: scrubbed, under the names of the JSON schema. Every format is made from them."""
from __future__ import annotations

import itertools
import time
from argparse import Namespace
from typing import Any
from typing import TextIO

from pypi_token_hooks.model import Check
from pypi_token_hooks.model import Finding
from pypi_token_hooks.model import Report
from pypi_token_hooks.model import Token
from pypi_token_hooks.model import Unread
from pypi_token_hooks.reports import steps
from pypi_token_hooks.reports import words
from pypi_token_hooks.reports.scrub import HIDDEN
from pypi_token_hooks.reports.scrub import Scrubber
from pypi_token_hooks.reports.scrub import constant_prefix
from pypi_token_hooks.reports.scrub import decodable
from pypi_token_hooks.reports.scrub import encoding_of
from pypi_token_hooks.reports.scrub import in_each_way
from pypi_token_hooks.reports.scrub import of_machine
from pypi_token_hooks.reports.scrub import printable

# hosts of PyPI's own tokens -> the site on which they are revoked
SITES = {"pypi.org": "pypi.org", "upload.pypi.org": "pypi.org", "test.pypi.org": "test.pypi.org"}
LONGEST_IDENTIFIER = 100  # characters; those of PyPI have 36
CHECKING = ("check-pypirc", "check-pypirc-ignored")  # hooks that report checks, not findings
_TO_URL_ALPHABET = bytes.maketrans(b"+/", b"-_")


def moment(seconds: int | None) -> str | None:
    """Returns the time as RFC 3339 in UTC; a time beyond the calendar becomes its last or first second."""
    if seconds is None:
        return None
    from datetime import datetime  # only for a token with a date
    from datetime import timedelta
    from datetime import timezone

    try:
        value = datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta(seconds=seconds)
    except OverflowError:
        return "9999-12-31T23:59:59Z" if seconds > 0 else "0001-01-01T00:00:00Z"
    return value.strftime("%Y-%m-%dT%H:%M:%SZ").rjust(20, "0")


def revoke_url(token: Token) -> str | None:
    """Returns the page on which a token of PyPI or TestPyPI is revoked."""
    from urllib.parse import quote

    site = SITES.get(token.host)
    if site is None or len(token.identifier) > LONGEST_IDENTIFIER:
        return None
    return f"https://{site}/manage/account/#remove-API-token--{quote(decodable(token.identifier), safe='')}"


def is_token(finding: Finding) -> bool:
    return finding.token is not None or finding.rule == "pypi-token"


def fingerprint(finding: Finding) -> str | None:
    """Returns a hash by which tokens can be compared: of the token as PyPI issued it, in whatever alphabet it was found.

    None for a password: the hash of a weak secret gives it away.
    """
    import hashlib  # only for a finding: importing it takes longer than scanning most files

    if finding.secret is None or not is_token(finding):
        return None
    value = finding.secret.reveal().rstrip(b"=").translate(_TO_URL_ALPHABET)
    if not value.startswith((b"pypi-", b"devpi-")):
        value = b"pypi-" + value
    return "sha256:" + hashlib.sha256(value).hexdigest()


def redacted(finding: Finding) -> str:
    """Returns what may be shown of the secret: of a token its constant prefix, of a password nothing."""
    if finding.secret is None:
        return ""
    if not is_token(finding):
        return HIDDEN
    return constant_prefix(finding.secret.reveal().decode("utf-8", "replace")) + "…"


def scrubber(report: Report, options: Namespace, stream: TextIO | None = None) -> Scrubber:
    """Returns the function that hides every secret of the report, and of this machine unless `--no-own`, in text for the stream.

    Without a stream it is text that any can show.
    """
    found = [finding for finding in report.findings if finding.secret]
    held = (secret.reveal() for finding in found for secret in (finding.secret, finding.encoded) if secret)
    own = () if getattr(options, "no_own", False) else of_machine()
    checked = in_each_way(report.extra.get("held", ()))  # it need not be the file that the machine's tools read
    return Scrubber(itertools.chain(held, own, checked), encoding_of(stream))


def _token(token: Token, clean: Scrubber) -> dict[str, Any]:
    def shown(text: str) -> str:
        return decodable(clean(text))

    def each(texts: tuple[str, ...]) -> list[str]:
        return [shown(text) for text in texts]

    return {
        "index": shown(token.host),
        "identifier": shown(token.identifier),
        "scope": token.scope,
        "projects": each(token.projects),
        "project_ids": each(token.project_ids),
        "user_id": None if token.user_id is None else shown(token.user_id),
        "publisher_id": None if token.publisher_id is None else shown(token.publisher_id),
        "not_before": moment(token.not_before),
        "expires": moment(token.expires),
        "expired": token.expires is not None and token.expires <= time.time(),
        "revoke_url": revoke_url(token._replace(identifier=clean(token.identifier))),
    }


def cleaned(finding: Finding, clean: Scrubber) -> Finding:
    """Returns the finding without its secret, and without any piece of a secret in its texts."""
    place = finding.place._replace(
        path=clean(finding.place.path),
        members=tuple(clean(member) for member in finding.place.members),
        ref=None if finding.place.ref is None else clean(finding.place.ref),
    )
    return finding._replace(
        place=place, secret=None, what=clean(finding.what), note=clean(finding.note),
        own=None if finding.own is None else clean(finding.own), holder=clean(finding.holder),
        work_tree=clean(finding.work_tree),
    )


def of_finding(finding: Finding, clean: Scrubber) -> tuple[Finding, dict[str, Any]]:
    """Returns the finding cleaned, and its facts, with the keys and in the order of the JSON schema, but no remedy."""
    shown = cleaned(finding, clean)
    token = None if finding.token is None else _token(finding.token, clean)
    return shown, {
        "rule": finding.rule,
        "confidence": finding.confidence,
        "path": decodable(shown.place.path),
        "line": finding.line,
        "column": finding.column,
        "members": [decodable(member) for member in shown.place.members],
        "readings": [decodable(clean(name)) for name in finding.readings],
        "commit": finding.place.commit,
        "ref": None if shown.place.ref is None else decodable(shown.place.ref),
        "token": token,
        "fingerprint": fingerprint(finding),
        "redacted": redacted(finding),
        "message": words.message(shown, token),
    }


def with_remedy(hook: str, finding: Finding, clean: Scrubber) -> tuple[Finding, dict[str, Any]]:
    """Returns the same, with the remedy as one text."""
    shown, told = of_finding(finding, clean)
    return shown, {**told, "remedy": steps.remedy(hook, shown, told["token"], clean)}


def of_unread(unread: Unread, clean: Scrubber) -> dict[str, Any]:
    """Returns the facts of something that was not looked at."""
    return {
        "path": decodable(clean(unread.place.path)),
        "members": [decodable(clean(member)) for member in unread.place.members],
        "reason": unread.reason,
        "detail": decodable(clean(unread.detail)),
    }


def cleaned_check(check: Check, clean: Scrubber) -> Check:
    """Returns the check without any piece of a secret in its texts, and without anything that a terminal would interpret."""
    return check._replace(
        section=None if check.section is None else printable(clean(check.section)),
        message=printable(clean(check.message)),
        remedy=clean.command(check.remedy),
    )


def of_check(check: Check, clean: Scrubber) -> dict[str, Any]:
    """Returns the facts of a failed check."""
    return dict(cleaned_check(check, clean)._asdict())
