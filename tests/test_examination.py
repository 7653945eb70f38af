"""Examination: what is read a second time and what is not, and which of several readings of one place is told."""
from __future__ import annotations

import base64
import gzip
import quopri
import uuid
from typing import Any

import pytest

from pypi_token_hooks import examination
from pypi_token_hooks import model
from pypi_token_hooks import readings
from pypi_token_hooks.credentials import macaroon
from pypi_token_hooks.model import Blob
from pypi_token_hooks.model import Place
from pypi_token_hooks.model import Secret
from tests import mint

TOKEN = mint.token(seed=12).encode()
HARMLESS = b"TWINE_PASSWORD=${{ secrets.PYPI }}\n"
ARCHIVE = base64.b64encode(gzip.compress(b"TOKEN = " + TOKEN + b"\n" + b"some text\n" * 40)) + b"\n"


@pytest.fixture(name="read")
def _read(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """The stretches that are read."""
    read, each = list[bytes](), readings.each

    def counted(data: bytes, *rest: Any) -> list[str]:
        read.append(data)
        return each(data, *rest)

    monkeypatch.setattr(readings, "each", counted)
    return read


def scanned(data: bytes, known: examination.Settings) -> model.Report:
    report = model.empty_report()
    examination.examine(Blob(data, Place("f")), known, report)
    return report


def found(data: bytes, known: examination.Settings) -> int:
    return len(scanned(data, known).findings)


@pytest.mark.parametrize(("data", "findings"), [(HARMLESS, 0), (TOKEN, 1), (ARCHIVE, 1)], ids=["harmless", "token", "archive"])
def test_only_what_holds_nothing_is_read_once(data: bytes, findings: int, read: list[bytes]) -> None:
    known = examination.settings((), None, False)
    assert [found(data, known) for _ in range(3)] == [findings] * 3
    assert read.count(data) == (3 if findings else 1)


def test_what_is_harmless_is_known_wherever_it_stands(read: list[bytes]) -> None:
    known = examination.settings((), None, False)
    far = b"x = 1\n" * 20_000
    assert found(HARMLESS + far, known) == found(HARMLESS + far + TOKEN, known) - 1 == 0
    assert len(read) == 2 and TOKEN in read[1]


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readings, "MOST", 5)
    known = examination.settings((), None, False)
    for number in range(30):
        found(HARMLESS + base64.b64encode(b"some text, and a number: %d" % number), known)
        assert 0 < len(known.harmless) <= 5


def test_what_is_encoded_is_read_once_where_it_holds_nothing() -> None:
    known, seen = examination.settings((), None, False), list[bytes]()

    def ask(data: bytes | memoryview) -> bool:
        seen.append(bytes(data))
        return known.ask.worth_reading(data)

    counting = known._replace(ask=known.ask._replace(worth_reading=ask))
    inner = b"Authorization: Basic dGhpcyBpcyBub3RoaW5n pypi password and much other text"
    for number in range(5):
        before = seen.count(inner)
        assert not found(HARMLESS + b"number = %d\n" % number + base64.b64encode(inner), counting)
        assert (seen.count(inner) > before) == (number == 0)


def test_an_encoded_token_is_told_wherever_it_stands() -> None:
    encoded = base64.b64encode(b"the token is " + TOKEN)
    known = examination.settings((), None, False)
    report = scanned(b"a: %b\nb: %b\n" % (encoded, encoded), known)
    assert [(one.line, one.readings) for one in report.findings] == [(1, ("base64",)), (2, ("base64",))]
    assert found(b"c: " + encoded, known) == 1


def test_what_counts_for_nothing_in_one_reading_counts_in_another() -> None:
    """A damaged token counts where it stands in one piece, not where it was put together; the bytes are the same."""
    encoded = base64.b64encode(b"the token is " + TOKEN[:30] + b"Zx3Q" + TOKEN[30:]).decode()
    pieces = f'a: "{encoded[:60]}"\n   "{encoded[60:]}"\n'

    def told(text: str) -> list[tuple[int, str, tuple[str, ...]]]:
        report = scanned(text.encode(), examination.settings((), None, False))
        return [(one.line, one.confidence, one.readings) for one in report.findings]

    assert told(pieces) == []
    assert told(f"{pieces}b: {encoded}\n") == [(3, "probable", ("base64",))]


def test_a_split_token_in_a_mail_is_told_as_what_it_is() -> None:
    """Read without the mail's own encoding, many of its pieces decode too: to an identifier that is none."""
    told = []
    for seed in range(40):
        token = mint.token("pypi.org", seed=seed)
        pieces = "' '".join(token[at : at + 30] for at in range(0, len(token), 30))
        mail = quopri.encodestring(f"{'x' * seed}printf '%s%s%s%s%s%s' '{pieces}'\n".encode())
        report = scanned(mail, examination.settings((), None, file_names=False))
        told.append([one.token.identifier for one in report.findings if one.token] == [macaroon.decode(token.encode(), 5).identifier])
    assert all(told)


@pytest.mark.parametrize("many", [100, 1000, 2400])
def test_a_token_of_many_projects_is_read_to_its_end(many: int) -> None:
    token = mint.token(caveats=[[2, [str(uuid.UUID(int=number)) for number in range(many)]]], seed=1).encode()
    report = scanned(b"token = " + token + b"\n" + b"x = 1\n" * 30_000, examination.settings((), None, file_names=False))
    assert [(one.confidence, one.column, one.secret) for one in report.findings] == [("certain", 9, Secret(token))]


def test_what_is_too_much_to_be_tried_is_told() -> None:
    """Each token that breaks off may go on elsewhere: where there are too many of them, not all can be tried."""
    broken = b"".join(b"a = '%b'\nb = 1\n" % mint.token(seed=number).encode()[:60] for number in range(500))
    known = examination.settings((), None, file_names=False)
    for _ in range(2):  # the second time, too, though nothing was found the first time
        report = scanned(broken, known)
        assert report.findings == []
        assert [(one.place.path, one.reason, one.expected) for one in report.skipped] == [("f", "limit", True)]
    assert scanned(broken[:2000], known).skipped == []


def test_examples_that_break_off_do_not_hide_a_token_in_pieces() -> None:
    examples = b"".join(b"a = '%b...'\n" % mint.token(seed=number).encode()[:40] for number in range(900))
    pieces = b"b = '%b'\n# a remark\nc = '%b'\n" % (TOKEN[:70], TOKEN[70:])
    report = scanned(examples + pieces, examination.settings((), None, file_names=False))
    assert report.skipped == [] and [one.token is not None for one in report.findings] == [True]
