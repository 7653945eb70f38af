from __future__ import annotations

import base64
import errno
import io
import json
import os
import pathlib
import random
import re
import subprocess
import sys
import uuid
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from pypi_token_hooks import model
from pypi_token_hooks import pipeline
from pypi_token_hooks import reports
from pypi_token_hooks import rules
from pypi_token_hooks.model import Check
from pypi_token_hooks.model import Confidence
from pypi_token_hooks.model import Finding
from pypi_token_hooks.model import Part
from pypi_token_hooks.model import Place
from pypi_token_hooks.model import Report
from pypi_token_hooks.model import Secret
from pypi_token_hooks.model import Unread
from pypi_token_hooks.policy import pragmas
from pypi_token_hooks.reports import documents
from pypi_token_hooks.reports import facts
from pypi_token_hooks.reports import github
from pypi_token_hooks.reports import json_
from pypi_token_hooks.reports import steps
from pypi_token_hooks.reports import style
from pypi_token_hooks.reports import words
from pypi_token_hooks.reports.scrub import WINDOW
from pypi_token_hooks.reports.scrub import Scrubber
from pypi_token_hooks.reports.scrub import constant_prefix
from pypi_token_hooks.reports.scrub import printable
from tests import mint
from tests import reporting
from tests import snapshots
from tests.machine import Machine
from tests.machine import write
from tests.reporting import CHECKING
from tests.reporting import DETECTING
from tests.reporting import FORMATS
from tests.reporting import HOSTILE
from tests.reporting import hostile_report
from tests.reporting import options

KEYS = [
    "rule", "confidence", "path", "line", "column", "members", "readings", "commit", "ref", "token",
    "fingerprint", "redacted", "message", "remedy",
]
TOKEN_KEYS = [
    "index", "identifier", "scope", "projects", "project_ids", "user_id", "publisher_id", "not_before",
    "expires", "expired", "revoke_url",
]
ZERO = dict.fromkeys(("files", "bytes", "members", "commits", "refs"), 0)


@pytest.fixture(autouse=True)
def _plain(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "CI", "TERM", "GIT_PREFIX", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr("pypi_token_hooks.reports.facts.time.time", lambda: float(reporting.NOW))


Capture = pytest.CaptureFixture[str]


def printed(capsys: Capture, hook: str, report: Report, form: str, **given: Any) -> tuple[str, str]:
    reports.emit(hook, report, options(form, **given))
    done = capsys.readouterr()
    return done.out, done.err


def one(finding: Finding) -> Report:
    report = model.empty_report()
    report.findings.append(finding)
    return report


def as_json(capsys: Capture, hook: str, report: Report) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(printed(capsys, hook, report, "json")[0])
    return loaded


# ---------------------------------------------------------------- whole outputs


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("hook", [*DETECTING, *CHECKING])
def test_snapshot(hook: str, form: str, capsys: Capture) -> None:
    out, err = printed(capsys, hook, reporting.report(hook), form, verbose=True)
    snapshots.check(f"reports/{hook}.{form}", out)
    snapshots.check(f"reports/{hook}.{form}.stderr", err)


@pytest.mark.parametrize("form", FORMATS)
def test_snapshot_of_a_clean_run(form: str, capsys: Capture) -> None:
    report = model.empty_report()
    report.scanned.update(files=1, bytes=1)
    out, err = printed(capsys, "detect-pypi-token", report, form)
    snapshots.check(f"reports/clean.{form}", out)
    assert err == ""


def test_the_snapshots_hold_no_token() -> None:
    texts = [path.read_text(encoding="utf-8") for path in sorted((snapshots.FOLDER / "reports").iterdir())]
    assert len(texts) > 30
    for text in texts:
        assert not re.search(r"(pypi|devpi)-Ag[A-Za-z0-9_-]{30,}", text)


# ---------------------------------------------------------------- the JSON schema


@pytest.mark.parametrize("hook", DETECTING)
def test_json_has_every_key_and_no_other(hook: str, capsys: Capture) -> None:
    document = as_json(capsys, hook, reporting.report(hook))
    assert list(document) == ["schema", "tool", "hook", "findings", "skipped", "scanned", "allowed"]
    assert (document["schema"], document["hook"]) == (1, hook)
    assert list(document["tool"]) == ["name", "version"]
    assert list(document["scanned"]) == ["files", "bytes", "members", "commits", "refs"]
    assert document["allowed"] == {"inline": 2, "baseline": 1}
    assert len(document["findings"]) == len(reporting.findings(hook))
    for finding in document["findings"]:
        assert list(finding) == KEYS
        assert finding["token"] is None or list(finding["token"]) == TOKEN_KEYS
    for item in document["skipped"]:
        assert list(item) == ["path", "members", "reason", "detail"]


@pytest.mark.parametrize("hook", CHECKING)
def test_json_of_the_checks(hook: str, capsys: Capture) -> None:
    document = as_json(capsys, hook, reporting.report(hook))
    assert "findings" not in document
    assert [list(check) for check in document["checks"]] == [
        ["id", "severity", "section", "line", "message", "remedy"]
    ] * 2


def test_the_remedy_of_a_check_is_a_command_kept_whole_or_a_sentence_wrapped(capsys: Capture) -> None:
    command = "printf '.pypirc' >> " + "/a/long/path" * 12
    sentence = "Write the value without quotes around it and without a comment behind it. " * 3
    report = model.empty_report()
    for remedy in (command, sentence.strip()):
        report.checks.append(model.Check("whitespace", "error", None, None, "Wrong.", remedy))
    out, _ = printed(capsys, "check-pypirc", report, "text")
    assert f"\n  do now     {command}\n" in out
    lines = out.split(command)[1].splitlines()
    assert max(map(len, lines)) <= 80 and " ".join("".join(lines).split()).endswith("behind it.")


def test_json_of_nothing_is_whole_too(capsys: Capture) -> None:
    document = as_json(capsys, "detect-pypi-token", model.empty_report())
    assert (document["findings"], document["skipped"]) == ([], [])
    assert (document["scanned"], document["allowed"]) == (ZERO, {"inline": 0, "baseline": 0})


def test_failures_are_under_skipped_too_and_on_standard_error(capsys: Capture) -> None:
    out, err = printed(capsys, "detect-pypi-token", reporting.report("detect-pypi-token"), "json")
    assert [item["reason"] for item in json.loads(out)["skipped"]] == ["limit", "unreadable"]
    assert "failed: locked.txt: unreadable: Permission denied" in err
    assert "not read: big.zip › bomb.gz: limit: more than 1 GB of content" in err


@pytest.mark.parametrize(
    "host, site",
    [
        ("pypi.org", "pypi.org"), ("upload.pypi.org", "pypi.org"), ("test.pypi.org", "test.pypi.org"),
        ("pypi.example.com", None),
    ],
)
def test_the_page_to_revoke(host: str, site: str | None, capsys: Capture) -> None:
    document = as_json(capsys, "detect-pypi-token", one(reporting.of_token(mint.token(host, seed=1))))
    token = document["findings"][0]["token"]
    assert token["index"] == host
    expected = site and f"https://{site}/manage/account/#remove-API-token--{token['identifier']}"
    assert token["revoke_url"] == expected


@pytest.mark.parametrize(
    "seconds, text",
    [
        (0, "1970-01-01T00:00:00Z"), (1_800_000_000, "2027-01-15T08:00:00Z"), (-1, "1969-12-31T23:59:59Z"),
        (10**30, "9999-12-31T23:59:59Z"), (-(10**30), "0001-01-01T00:00:00Z"),
        (-62_135_596_800, "0001-01-01T00:00:00Z"),
    ],
)
def test_times_are_rfc_3339(seconds: int, text: str) -> None:
    assert facts.moment(seconds) == text
    datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ")


@pytest.mark.parametrize("end, expired", [(reporting.NOW, True), (reporting.NOW + 1, False), (None, False)])
def test_expired(end: int | None, expired: bool, capsys: Capture) -> None:
    caveats = [] if end is None else [[0, end, 0]]
    finding = reporting.of_token(mint.token(caveats=caveats, seed=1))
    document = as_json(capsys, "detect-pypi-token", one(finding))
    assert document["findings"][0]["token"]["expired"] is expired


def test_the_fingerprint_is_that_of_the_token_however_it_was_written() -> None:
    token = next(t for t in (mint.token(seed=n) for n in range(99)) if "-" in t[5:] and "_" in t)
    forms = [token, token + "=", "pypi-" + token[5:].replace("-", "+").replace("_", "/"), token[5:]]
    made = {
        facts.fingerprint(Finding("pypi-token", "certain", Place("a"), 1, 1, (), Secret(form.encode())))
        for form in forms
    }
    assert len(made) == 1
    assert re.fullmatch("sha256:[0-9a-f]{64}", made.pop() or "")


def test_a_password_has_no_fingerprint_and_shows_nothing(capsys: Capture) -> None:
    (finding,) = as_json(capsys, "detect-pypi-token", one(reporting.of_password()))["findings"]
    assert (finding["fingerprint"], finding["redacted"], finding["token"]) == (None, "***", None)


@pytest.mark.parametrize(
    "token, shown",
    [
        (mint.token("pypi.org", seed=1), "pypi-AgEIcHlwaS5vcmc…"),
        (mint.token("test.pypi.org", seed=1), "pypi-AgENdGVzdC5weXBpLm9yZw…"),
        (mint.token("upload.pypi.org", seed=1), "pypi-AgEPdXBsb2FkLnB5cGkub3Jn…"),
        (mint.token("pypi.example.com", seed=1), "pypi-AgE…"),
        (mint.token("devpi.example.com", [], "devpi-", 1), "devpi-AgE…"),
        (mint.token("pypi.org", [], "", 1), "AgEIcHlwaS5vcmc…"),
    ],
)
def test_the_constant_prefix_is_all_that_is_shown(token: str, shown: str) -> None:
    finding = reporting.of_token(token)
    assert facts.redacted(finding) == shown
    assert token.startswith(shown[:-1])


# ---------------------------------------------------------------- text for people


def blocks(text: str) -> list[str]:
    return text.split("\n\n")


@pytest.mark.parametrize("hook", DETECTING)
def test_a_block_begins_with_the_place_and_the_rule(hook: str, capsys: Capture) -> None:
    out, _ = printed(capsys, hook, reporting.report(hook), "text")
    found = reporting.findings(hook)
    heads = [block.splitlines()[0] for block in blocks(out)[: len(found)]]
    for head, finding in zip(heads, found, strict=True):
        assert re.match(rf".+:{finding.line}:{finding.column}: {finding.rule}: \w", head)
        if finding.place.path:
            assert head.startswith(f"{finding.place.path}:{finding.line}:")


def test_revoking_comes_first_once_it_may_have_left_the_machine() -> None:
    finding = facts.cleaned(reporting.of_token(mint.token(seed=1)), Scrubber(()))
    assert finding.token is not None
    token = facts._token(finding.token, Scrubber(()))
    for hook in DETECTING:
        for remote in (None, False, True):
            todo = steps.steps(hook, finding._replace(remote=remote), token)
            links = [number for number, step in enumerate(todo) if step.do.startswith("https://pypi.org/")]
            left = hook in words.LEFT or remote is True
            assert links == [0 if left else len(todo) - 1], (hook, remote)


def test_in_a_ci_run_revoking_comes_first(monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    monkeypatch.setenv("CI", "true")
    out, _ = printed(capsys, "detect-pypi-token", one(reporting.of_token(mint.token(seed=1))), "text")
    assert "\n  leaked     yes, if this CI run got it from a repository\n" in out
    assert "\n  do now     1. Revoke it:\n" in out


def test_names_without_end_are_cut(capsys: Capture) -> None:
    finding = reporting.of_token(mint.token(caveats=[[1, ["x" * 10_000] * 9]], seed=1))
    assert finding.token is not None
    finding = finding._replace(token=finding.token._replace(identifier="i" * 10_000), what="w" * 10_000)
    for form in ("text", "github"):
        out, _ = printed(capsys, "detect-pypi-token", one(finding), form)
        assert len(out) < 4_000
    token = as_json(capsys, "detect-pypi-token", one(finding))["findings"][0]["token"]
    assert (len(token["identifier"]), token["revoke_url"]) == (10_000, None)


def test_a_dummy_is_allowed_for_a_probable_finding_alone() -> None:
    finding = reporting.of_password()
    allowed: dict[Confidence, bool] = {"certain": False, "probable": True}
    for confidence, told in allowed.items():
        todo = steps.steps("detect-pypi-token", finding._replace(confidence=confidence), None)
        assert any("pragma: allowlist secret" in step.do for step in todo) is told
    comment = steps.steps("", finding._replace(confidence="probable"), None)[1].do
    assert pragmas.allows("a.py", f"x = 1  {comment}", "")


@pytest.mark.parametrize("part", get_args(Part))
@pytest.mark.parametrize("members", [(), ("a.cfg",)])
def test_a_comment_is_advised_only_where_one_can_stand(part: Part, members: tuple[str, ...]) -> None:
    finding = reporting.of_password()._replace(confidence="probable")
    finding = finding._replace(place=finding.place._replace(part=part, members=members))
    todo = steps.steps("detect-pypi-token", finding, None)
    can_stand = part in ("content", "message", "tag") and not members
    assert any("pragma: allowlist secret" in step.do for step in todo) is can_stand


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_says_once_where_this_machine_itself_holds_it(form: str, capsys: Capture) -> None:
    token = reporting.of_token(mint.token(seed=1), own="~/.netrc (machine h)")
    secret = reporting.of_password(rule="own-credential", what="~/.netrc (machine h)", own="~/.netrc (machine h)")
    for finding in (token, secret):
        out, _ = printed(capsys, "detect-pypi-token", one(finding), form)
        assert out.count("~/.netrc (machine h)") == 1


@pytest.mark.parametrize("quiet", [True, False])
def test_quiet_leaves_out_the_receipt_alone(quiet: bool, capsys: Capture) -> None:
    out, _ = printed(capsys, "detect-pypi-token", one(reporting.of_file()), "text", quiet=quiet)
    assert out.startswith(".pypirc:1:1: pypirc-file: ")
    assert ("read 0 files" in out.splitlines()[-1]) is not quiet


def test_the_receipt_of_a_clean_run_is_that_of_the_quick_path(capsys: Capture) -> None:
    from pypi_token_hooks import quick

    report = model.empty_report()
    report.scanned.update(files=3, bytes=99)
    out, _ = printed(capsys, "detect-pypi-token", report, "text")
    assert out == quick.receipt("detect-pypi-token", 3, 99)


@pytest.mark.parametrize("verbose", [True, False])
def test_verbose_tells_what_was_allowed(verbose: bool, capsys: Capture) -> None:
    report = model.empty_report()
    report.allowed.update(inline=2, baseline=1)
    out, _ = printed(capsys, "detect-pypi-token", report, "text", verbose=verbose)
    assert ("allowed: 2 by a pragma in the text, 1 by the baseline" in out) is verbose


@pytest.mark.parametrize("columns", [1, 50, 80, 110, 1000])
def test_lines_fit_the_width_and_commands_stay_whole(
    columns: int, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    out, _ = printed(capsys, "detect-pypi-token", reporting.report("detect-pypi-token"), "text")
    width = min(style.MAX_WIDTH, max(style.MIN_WIDTH, columns))
    for line in out.splitlines():
        if line.startswith("             ") and "https://" not in line and "git " not in line:
            assert len(line) <= width or " " not in line.strip()
    assert "\n                git add -- src/settings.py\n" in out
    assert re.search(r"\n {16}https://pypi\.org/manage/account/#remove-API-token--[0-9a-f-]{36}\n", out)


@pytest.mark.parametrize(
    "path, shown",
    [
        ("a b.py", "git add -- 'a b.py'"), ("x; rm -rf ~", "git add -- 'x; rm -rf ~'"),
        ("-f", "git add -- -f"), ("a\nb", "git add -- <the file>"), ("$(id)", "git add -- '$(id)'"),
        ("\udcff.py", "git add -- <the file>"), ("*.py", "git add -- ':(literal)*.py'"), (":/a", "git add -- <the file>"),
        ("a[1]?", "git add -- ':(literal)a[1]?'"), ("!a", "git add -- '!a'"), ("@a/b", "git add -- @a/b"),
    ],
)
def test_a_command_can_be_pasted_whatever_the_file_is_called(
    path: str, shown: str, capsys: Capture
) -> None:
    out, _ = printed(capsys, "detect-pypi-token", one(reporting.of_password(path)), "text")
    assert shown in [line.strip() for line in out.splitlines()]


@pytest.mark.parametrize(("path", "shown"), [("-x", "--path=-x"), ("a b", "--path 'a b'"), ("a\nb", "--path <the file>")])
def test_a_history_is_rewritten_without_the_file_however_it_is_called(path: str, shown: str) -> None:
    (*_, last) = steps.steps("detect-pypi-token-in-history", reporting.of_file(path), None)
    assert last.do == f"git filter-repo --invert-paths {shown}"


@pytest.mark.parametrize(("encoding", "shown"), [("utf-8", "'caf\u00e9 1.py'"), ("ascii", "<the file>"), ("cp437", "'caf\u00e9 1.py'")])
def test_a_command_has_no_name_that_the_output_cannot_show(encoding: str, shown: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for form in FORMATS:
        raw = io.BytesIO()
        monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding=encoding))
        reports.emit("detect-pypi-token", one(reporting.of_password("caf\u00e9 1.py")), options(form))
        name = json.dumps("'caf\u00e9 1.py'")[1:-1] if form in ("json", "sarif") else shown  # these two are ASCII, and show every name
        assert f"git add -- {name}" in raw.getvalue().decode(encoding)


@pytest.mark.parametrize("prefix", ["below/", ""], ids=["told by git", "found out"])
@pytest.mark.parametrize(
    "path, shown",
    [
        ("a b.py", "':/a b.py'"), (".env", ":/.env"), ("ü.py", "':/ü.py'"), ("@types/a", "':(top,literal)@types/a'"),
        ("_a", "':(top,literal)_a'"), ("a*", "':(top,literal)a*'"), ("a\nb", "<the file>"),
        (os.path.abspath("a.py"), os.path.abspath("a.py")),
    ],
)
def test_below_the_top_a_path_is_told_from_there(path: str, shown: str, prefix: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_PREFIX", prefix)
    (first, *_) = steps.steps("detect-pypi-token", reporting.of_password(path)._replace(below=not prefix), None)
    assert first.do == f"git add -- {shown}"


@pytest.mark.skipif(os.name == "nt", reason="names that Windows does not have")
@pytest.mark.parametrize("prefix", ["", "below"])
@pytest.mark.parametrize(
    "name", [*(f"{sign}x" for sign in "!\"#$%&'()*+,-.;<=>?@[\\]^_`{|}~ "), "x*", "[ab]", "a?", "a\\*", "ü", "@t/a", "~"]
)
def test_the_command_stages_that_file_alone(
    name: str, prefix: str, machine: Machine, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = machine.repository(tmp_path / "repository")
    write(folder, {name: "new", "a": "other", "b": "other", "xy": "other", "below/x": "other", "below/-x": "other"})
    monkeypatch.setenv("GIT_PREFIX", prefix)
    (first, *_) = steps.steps("detect-pypi-token", reporting.of_password(name), None)
    machine.run(folder / prefix, "sh", "-c", first.do)
    assert machine.git(folder, "ls-files", "-z").decode() == name + "\0"
    (first, *_) = steps.steps("forbid-pypirc", reporting.of_file(name), None)
    machine.run(folder / prefix, "sh", "-c", first.do)
    assert machine.git(folder, "ls-files", "-z") == b""


# ---------------------------------------------------------------- colours, links, encodings


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    "choice, environ, terminal, colours, links",
    [
        ("auto", {}, True, True, True),
        ("auto", {}, False, False, False),
        ("auto", {"NO_COLOR": "1"}, True, False, False),
        ("auto", {"NO_COLOR": ""}, True, True, True),
        ("auto", {"FORCE_COLOR": "1"}, False, True, False),
        ("auto", {"FORCE_COLOR": "0"}, True, False, False),
        ("auto", {"NO_COLOR": "1", "FORCE_COLOR": "1"}, True, False, False),
        ("auto", {"TERM": "dumb"}, True, False, False),
        ("always", {"NO_COLOR": "1"}, False, True, False),
        ("always", {}, True, True, True),
        ("never", {"FORCE_COLOR": "1"}, True, False, False),
    ],
)
def test_colours_by_convention(
    choice: str, environ: dict[str, str], terminal: bool, colours: bool, links: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in {"TERM": "xterm", **environ}.items():
        monkeypatch.setenv(name, value)
    look = style.of(Terminal() if terminal else io.StringIO(), choice)
    assert (look.colours, look.links) == (colours, links)


def test_on_a_terminal_the_text_is_the_same_but_for_colours_and_links(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain, _ = printed(capsys, "detect-pypi-token", reporting.report("detect-pypi-token"), "text")
    terminal = Terminal()
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys, "stdout", terminal)
    reports.emit("detect-pypi-token", reporting.report("detect-pypi-token"), options())
    coloured = terminal.getvalue()
    assert "\x1b[1;31mpypi-token:" in coloured
    assert f"\x1b]8;;{rules.BY_ID['pypi-token'].url}\x1b\\" in coloured
    assert "\x1b]8;;https://pypi.org/manage/account/#remove" in coloured
    bare = re.sub(r"\x1b\[[0-9;]*m|\x1b\]8;;[^\x1b]*\x1b\\", "", coloured)
    assert bare == plain
    assert "\x1b" not in plain


@pytest.mark.parametrize("columns", [50, 80, 100])
def test_the_sentence_of_a_check_is_wrapped_on_a_terminal_and_whole_elsewhere(
    columns: int, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    report = model.empty_report()
    said = "the global excludes file " + "/home/ada/" * 12 + "ignore does not make git ignore .pypirc everywhere, so it can slip in"
    report.checks.append(Check("not-ignored", "error", None, None, said, "printf 'a' >> b"))
    out, _ = printed(capsys, "check-pypirc-ignored", report, "text")
    assert f"error: not-ignored: {said}\n" in out
    terminal = Terminal()
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys, "stdout", terminal)
    reports.emit("check-pypirc-ignored", report, options())
    shown = terminal.getvalue()
    assert shown.startswith("\x1b[1;31merror: not-ignored:\x1b[0m the global ")
    lines = re.sub(r"\x1b\[[0-9;]*m", "", shown).splitlines()
    assert all(len(line) <= columns or "/home/ada/" in line for line in lines), "a path is not broken"
    assert " ".join(" ".join(lines).split()) == " ".join(out.split())


@pytest.mark.parametrize("path", [".pypirc", "home/.pypirc.bak"])
def test_a_whole_file_of_credentials_is_taken_out_not_mended(path: str) -> None:
    (first, *_) = steps.steps("detect-pypi-token", reporting.of_password(path), None)
    assert (first.text[:33], first.do) == ("Take the whole file out of the co", f"git rm --cached -f -- {path}")
    for other in (reporting.of_password(f"{path}/a"), reporting.of_password(path, members=("a",))):
        (first, *_) = steps.steps("detect-pypi-token", other, None)
        assert first.do.startswith("git add -- ")


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "latin-1", "utf-8", "utf-16", "shift_jis"])
def test_every_encoding_can_be_written(form: str, encoding: str, monkeypatch: pytest.MonkeyPatch) -> None:
    raw, errors = io.BytesIO(), io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding=encoding))
    monkeypatch.setattr(sys, "stderr", io.TextIOWrapper(errors, encoding=encoding))
    report = reporting.report("detect-pypi-token")
    report.findings.append(reporting.of_password("日本/\udcff\U0001f600 é…"))
    reports.emit("detect-pypi-token", report, options(form))
    reports.complain("detect-pypi-token", "no such file: 日本\udcff")
    assert raw.getvalue().decode(encoding)
    assert errors.getvalue().decode(encoding)


def test_a_pipe_that_nobody_reads_is_told_apart_on_windows_too(monkeypatch: pytest.MonkeyPatch) -> None:
    class Pipe(io.StringIO):
        def flush(self) -> None:
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))

    for name, ends in (("nt", BrokenPipeError), ("posix", model.CheckFailed)):
        monkeypatch.setattr(sys, "stdout", Pipe())
        with monkeypatch.context() as system, pytest.raises(ends):
            system.setattr(os, "name", name)
            reports.say("text")


@pytest.mark.parametrize(("path", "sep"), [("./a/b.py", "/"), ("a\\b.py", "\\"), (".\\a\\b.py", "\\"), ("a/b.py", "/")])
def test_github_finds_the_file_of_an_annotation(path: str, sep: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It knows the file by its path from the top, with slashes; a walk through `.` gives others, and Windows has its own."""
    report = model.empty_report()
    report.findings.append(reporting.of_password(path))
    monkeypatch.setattr(os, "sep", sep)
    assert " file=a/b.py,line=" in "".join(github.render("detect-pypi-token", report, options("github")))


def test_no_stream_is_no_crash(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    monkeypatch.setattr(sys, "stderr", None)
    reports.emit("detect-pypi-token", reporting.report("detect-pypi-token"), options())
    reports.complain("detect-pypi-token", "x")


def test_in_the_c_locale_of_a_real_process() -> None:
    code = (
        "from tests import reporting; from pypi_token_hooks import reports;"
        "reports.emit('detect-pypi-token', reporting.report('detect-pypi-token'), reporting.options())"
    )
    ascii_only = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": "ascii"}
    environ = {**os.environ, **ascii_only}
    done = subprocess.run([sys.executable, "-c", code], env=environ, capture_output=True, check=True)
    assert b"pypi-AgEIcHlwaS5vcmc...\n" in done.stdout
    assert b"a folder/\\xfc.env:3:9:" in done.stdout
    assert done.stdout.isascii() and done.stderr.isascii()


# ---------------------------------------------------------------- hostile names

def as_command(line: str) -> str | None:
    """Returns the command that GitHub's runner takes a line for (ActionCommand.TryParseV2 and TryParse)."""
    stripped = line.lstrip()
    if stripped.startswith("::") and "::" in stripped[2:]:
        return re.split(r"[ :]", stripped[2:], maxsplit=1)[0]
    old = line.find("##[")
    if old >= 0 and "]" in line[old:]:
        return line[old + 3 :]
    return None


def all_output(capsys: Capture, hook: str, text: str, form: str) -> Iterator[str]:
    out, err = printed(capsys, hook, hostile_report(hook, text), form, verbose=True)
    reports.complain(hook, text)
    yield from (*out.split("\n"), *err.split("\n"), *capsys.readouterr().err.split("\n"))


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("hook", ["detect-pypi-token", "detect-pypi-token-in-dist", "check-pypirc"])
@pytest.mark.parametrize("form", FORMATS)
def test_nothing_that_was_scanned_gives_orders(
    form: str, hook: str, text: str, capsys: Capture
) -> None:
    for line in all_output(capsys, hook, text, form):
        assert line.isprintable() or form in ("json", "sarif"), repr(line)
        assert line.isascii() or line.isprintable(), repr(line)
        assert all(c.isprintable() for c in line), repr(line)
        command = as_command(line)
        assert command is None or (form == "github" and command in ("error", "warning", "notice")), repr(line)


@settings(max_examples=300)
@given(st.text())
def test_printable_is_on_one_line_and_visible(text: str) -> None:
    shown = printable(text)
    assert shown.isprintable()
    assert as_command(shown) is None and as_command("x " + shown) is None
    assert as_command(f"  {shown}:1:1: rule: x") is None
    if text.isprintable() and ":" not in text and "#" not in text:
        assert shown == text


def unescaped(text: str, names: str) -> str:
    for code, character in (("%3A", ":"), ("%2C", ","), ("%0A", "\n"), ("%0D", "\r"), ("%25", "%")):
        if code in names:
            text = text.replace(code, character)
    return text


@pytest.mark.parametrize("path", ["a.py", "a,b:c.py", "100%.py", "%0A.py", "ü x.py", "a=b.py"])
def test_workflow_commands_come_back_as_they_were(path: str, capsys: Capture) -> None:
    out, _ = printed(capsys, "detect-pypi-token", one(reporting.of_password(path)), "github")
    (line,) = out.splitlines()
    head, _, data = line[2:].partition("::")
    command, _, properties = head.partition(" ")
    pairs = dict(pair.split("=", 1) for pair in properties.split(","))
    assert command == "error"
    assert list(pairs) == ["file", "line", "col", "title"]
    assert unescaped(pairs["file"], "%3A%2C%0A%0D%25") == path
    assert unescaped(data, "%0A%0D%25").startswith("password in .pypirc form (section [priv])\n")


def test_text_that_only_looks_odd_stays_readable() -> None:
    assert printable("src/a::b.py") == "src/a::b.py"
    assert printable("C:\\a b\\ü.py") == "C:\\a b\\ü.py"
    assert printable("a # b ## c") == "a # b ## c"
    assert printable("日本.py") == "日本.py"


# ---------------------------------------------------------------- scrubbing


@given(st.integers(0, 50), st.integers(0, 150), st.integers(8, 60), st.text(max_size=5), st.text(max_size=5))
@settings(max_examples=300)
def test_any_eight_characters_of_a_secret_are_hidden(seed: int, at: int, size: int, a: str, b: str) -> None:
    token = mint.token(seed=seed)
    body = token[len(constant_prefix(token)) :]
    piece = body[at : at + size]
    shown = Scrubber([token.encode()])(a + piece + b)
    assert not any(body[i : i + 8] in shown for i in range(len(body) - 7))
    if len(piece) >= 8:
        assert shown.count("***") >= 1


@pytest.mark.parametrize("form", reporting.ENCODINGS)
@pytest.mark.parametrize("shift", [0, 1, 2])
def test_encodings_of_a_secret_found_in_them_are_hidden(form: str, shift: int) -> None:
    secret = b"correct horse battery?staple>"
    encoded = reporting.encoded(form, b"x" * shift + secret + b"yy")
    shown = Scrubber([secret])(f"a/{encoded}/b")
    assert encoded[8:24] not in shown
    assert shown.startswith("a/") and shown.endswith("/b") and "***" in shown


@pytest.mark.parametrize(
    "text, shown",
    [
        ("https://user:pw@host/x", "https://***@host/x"),
        ("https://user:p@ss@word@host/x?a@b", "https://***@host/x?a@b"),
        ("https://a@host,https://b@host", "https://***@host,https://***@host"),
        ("fatal: 'https://token@host/' not found", "fatal: 'https://***@host/' not found"),
        ("https://host/a@b", "https://host/a@b"),
        ("pypi-AgEIcHlwaS5vcmc...", "pypi-AgEIcHlwaS5vcmc..."),
        ("src/pypi-agent.py", "src/pypi-agent.py"),
    ],
)
def test_what_is_hidden_in_any_sentence(text: str, shown: str) -> None:
    assert Scrubber(())(text) == shown


@pytest.mark.parametrize("host", mint.HOSTS)
def test_a_token_in_a_sentence_is_hidden_though_nobody_found_it(host: str) -> None:
    token = mint.token(host, seed=1)
    shown = Scrubber(())(f"cannot open 'a/{token}'")
    assert token[len(constant_prefix(token)) :][:8] not in shown
    assert shown == f"cannot open 'a/{constant_prefix(token)}***'"


@pytest.mark.parametrize("form", reporting.ENCODINGS)
def test_an_encoded_token_is_hidden_though_nobody_found_it(form: str) -> None:
    token = mint.token(seed=1)
    encoded = reporting.encoded(form, f"__token__:{token}".encode())
    shown = Scrubber(())(f"bad revision '{encoded}'")
    assert shown.startswith("bad revision '") and shown.endswith("***'")
    prefix = len(reporting.encoded(form, f"__token__:{constant_prefix(token)}".encode()))
    assert not any(encoded[at : at + WINDOW] in shown for at in range(prefix, len(encoded) - WINDOW))


@pytest.mark.parametrize("escape", ["\\x{:02x}", "\\x{:02X}", "\\u{:04x}", "\\\\u{:04x}", "\\{:03o}",
                                    "&#{};", "&#x{:X};", "={:02X}"])
@pytest.mark.parametrize("every", [1, 2, 5])
def test_an_escaped_token_is_hidden_though_nobody_found_it(every: int, escape: str) -> None:
    token = mint.token(seed=1)
    written = [escape.format(ord(c)) if n % every == 0 else c for n, c in enumerate(token)]
    shown = Scrubber(())(f"bad revision 'a/{''.join(written)}/b.txt'")
    assert shown == f"bad revision 'a/{''.join(written[: len(constant_prefix(token))])}***/b.txt'"


@pytest.mark.parametrize("outer", reporting.ENCODINGS)
@pytest.mark.parametrize("inner", reporting.ENCODINGS)
def test_a_token_encoded_twice_is_hidden_though_nobody_found_it(inner: str, outer: str) -> None:
    token = mint.token(seed=1)
    encoded = reporting.encoded(outer, reporting.encoded(inner, token.encode()).encode())
    prefix = reporting.encoded(outer, reporting.encoded(inner, constant_prefix(token).encode()).encode())
    before, hidden, after = Scrubber(())(f"a/{encoded}").removeprefix("a/").partition("***")
    assert hidden and encoded.startswith(before) and len(before) <= len(prefix)
    assert encoded.endswith(after) and len(after) <= len(reporting.encoded(outer, b"=="))  # the padding of the inner encoding


@pytest.mark.parametrize("outer", reporting.ENCODINGS)
@pytest.mark.parametrize("inner", reporting.ENCODINGS)
def test_a_secret_encoded_twice_is_hidden(inner: str, outer: str) -> None:
    secret = b"correct horse battery?staple>"
    encoded = reporting.encoded(outer, reporting.encoded(inner, b"x" + secret + b"yy").encode())
    shown = Scrubber([secret])(f"a/{encoded}/b")
    assert encoded[8:40] not in shown
    assert shown.startswith("a/") and shown.endswith("/b") and "***" in shown


def test_a_password_is_hidden_in_a_path_that_git_quotes() -> None:
    assert Scrubber(["pässwört".encode()])('error: open("a/p\\303\\244ssw\\303\\266rt/b")') == 'error: open("a/***/b")'


@pytest.mark.parametrize("form", ["base64", "urlsafe", "hex", "HEX"])
@pytest.mark.parametrize("order", ["utf-16-le", "utf-16-be"])
def test_an_encoded_token_of_wide_text_is_hidden_though_nobody_found_it(order: str, form: str) -> None:
    token = mint.token(seed=1)
    for shift in range(4):
        encoded = reporting.encoded(form, b"x" * shift + token.encode(order))
        shown = Scrubber(())(f"bad revision '{encoded}'")
        assert shown.startswith("bad revision '") and shown.rstrip("A=0'").endswith("***") and shown.endswith("'")
        prefix = len(reporting.encoded(form, b"x" * shift + constant_prefix(token).encode(order)))
        assert not any(encoded[at : at + WINDOW] in shown for at in range(prefix, len(encoded) - WINDOW))


def test_a_token_in_the_standard_alphabet_is_hidden_behind_its_slashes() -> None:
    for seed in range(50):
        token = mint.token(seed=seed, caveats=[[1, ["a?b>c?" * 3]]]).replace("_", "/")
        assert "/" in token
        shown = Scrubber(())(f"a/{token}")
        assert shown.startswith(f"a/{constant_prefix(token)}***") and len(shown) < len("a/pypi-") + len("AgEIcHlwaS5vcmc***") + WINDOW


def test_what_is_in_a_folder_called_like_a_token_is_shown() -> None:
    token = mint.token(seed=1)
    assert Scrubber(())(f"{token}/tests/test_units.py") == f"{constant_prefix(token)}***/tests/test_units.py"


def test_a_short_password_is_hidden_whole() -> None:
    assert Scrubber([b"hunt2"])("a/hunt2/b") == "a/***/b"
    assert Scrubber([b"hunt2"])("a/hunt/b") == "a/hunt/b"


def test_facts_stay_however_many_secrets_there_are() -> None:
    rng = random.Random(7)
    secrets = [b"pypi-AgEIcHlwaS5vcmc" + base64.urlsafe_b64encode(rng.randbytes(120)) for _ in range(5_000)]
    clean = Scrubber(secrets)
    facts_told = [f"src/sample-{n}/settings_{n * n}.txt" for n in range(1_000)]
    facts_told += [str(uuid.UUID(int=rng.getrandbits(128))) for _ in range(5_000)]
    assert [clean(text) for text in facts_told] == facts_told
    for secret in secrets[:100]:
        assert clean(f"a {secret[60:68].decode()} b") == "a *** b"
        assert clean(f"a/{secret.hex()[-40:]}.b") == "a/***.b"


def test_what_eight_digits_have_in_common_by_chance_is_shown() -> None:
    secret = mint.token(seed=1).encode()
    identifier = f"{secret.hex()[80:88]}-1b2c-4d5e-8f90-a1b2c3d4e5f6"
    assert Scrubber([secret])(identifier) == identifier
    assert Scrubber([secret])(f"{secret.hex()[80:96]}-1b2c") == "***-1b2c"


def test_a_short_password_is_hidden_in_its_encodings() -> None:
    for form in reporting.ENCODINGS:
        shown = Scrubber([b"hunt2"])(f"a/{reporting.encoded(form, b'hunt2').rstrip('=')}.b")
        assert shown == "a/***.b"


def test_many_secrets_and_a_long_text_take_no_time() -> None:
    clean = Scrubber(mint.token(seed=seed).encode() for seed in range(200))
    assert clean("a" * 100_000) == "a" * 100_000
    assert Scrubber([b"a" * 5_000])("a" * 20_000) == "***"


def test_a_flood_of_unread_files_is_counted(capsys: Capture) -> None:
    report = model.empty_report()
    report.skipped.extend(Unread(Place(f"{n}.zip"), "damaged", "cut") for n in range(1000))
    out, err = printed(capsys, "detect-pypi-token", report, "text")
    assert len(err.splitlines()) == reports.TOLD + 1
    assert err.splitlines()[-1].endswith("and 900 more; --format json lists them all")
    assert "1000 not read" in out
    assert len(json.loads("".join(json_.render("detect-pypi-token", report, options("json"))))["skipped"]) == 1000


@pytest.mark.parametrize("error", [model.CheckFailed(f"no file called {mint.token()}"), ValueError(mint.token())])
@pytest.mark.parametrize("hook", ["detect-pypi-token", "check-pypirc"])
def test_why_a_check_could_not_be_made_is_told_in_every_format(hook: str, error: Exception, capsys: Capture) -> None:
    def work() -> Report:
        raise error

    why = "no file called pypi-AgEIcHlwaS5vcmc***" if isinstance(error, model.CheckFailed) else model.bug(error)
    for form in FORMATS:
        assert pipeline.run(hook, options(form), work) == model.FAILED
        out, err = capsys.readouterr()
        assert err == f"{hook}: {why}\n"
        if form == "json":
            told = {"path": "", "members": [], "reason": "failed", "detail": why}
            assert json.loads(out)["skipped"] == [told]
        elif form == "sarif":
            (run,) = json.loads(out)["runs"]
            (invocation,) = run["invocations"]
            (note,) = invocation["toolExecutionNotifications"]
            assert not invocation["executionSuccessful"] and note["message"]["text"] == why
        else:
            assert out == ("" if form == "text" else f"::error title={hook}%3A failed::{why}\n")


@pytest.mark.parametrize("count", [0, 1, 2, 3 * reports.AT_ONCE + 1])
def test_what_is_written_in_pieces_is_one_document(count: int, capsys: Capture) -> None:
    report = model.empty_report()
    report.findings.extend(reporting.of_password(f"{number} ##[a]/{documents.HERE}") for number in range(count))
    for form in ("json", "sarif"):
        out, _ = printed(capsys, "detect-pypi-token", report, form)
        assert out == json.dumps(json.loads(out), indent=2).replace("##", "#\\u0023") + "\n"
        found = json.loads(out)
        assert len(found["findings"] if form == "json" else found["runs"][0]["results"]) == count


def test_a_word_of_a_sentence_is_shown_although_it_is_a_part_of_a_password(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TWINE_PASSWORD", "company-password-7")
    report = model.empty_report()
    report.findings.append(Finding("index-credential", "probable", Place("a.py"), 1, 1, (), Secret(b"correct-horse"), None, "X"))
    reports.emit("detect-pypi-token", report, reporting.options("json"))
    assert "change the password" in capsys.readouterr().out
