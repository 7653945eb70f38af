from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import jsonschema
import pytest

from pypi_token_hooks import model
from pypi_token_hooks import rules
from pypi_token_hooks.model import Finding
from pypi_token_hooks.model import Report
from pypi_token_hooks.model import Unread
from pypi_token_hooks.reports import sarif
from tests import mint
from tests import reporting
from tests.reporting import CHECKING
from tests.reporting import DETECTING
from tests.reporting import HOSTILE
from tests.reporting import hostile_report

SCHEMA = json.loads((Path(__file__).parent / "data" / "sarif-schema-2.1.0.json").read_text(encoding="utf-8"))
VALIDATOR = jsonschema.Draft4Validator(SCHEMA, format_checker=jsonschema.FormatChecker())


def rendered(hook: str, report: Report) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads("".join(sarif.render(hook, report, reporting.options("sarif"))))
    return loaded


def results(*findings: Finding) -> list[dict[str, Any]]:
    report = model.empty_report()
    report.findings.extend(findings)
    made: list[dict[str, Any]] = rendered("detect-pypi-token", report)["runs"][0]["results"]
    return made


@pytest.mark.parametrize("hook", [*DETECTING, *CHECKING])
def test_it_is_valid_by_the_published_schema(hook: str) -> None:
    document = rendered(hook, reporting.report(hook))
    VALIDATOR.validate(document)
    assert document["version"] == "2.1.0"
    assert len(document["runs"][0]["results"]) == len(reporting.report(hook).findings or "12")


def test_a_check_that_could_not_be_made_is_valid_too() -> None:
    report = model.empty_report()
    report.failures.append(Unread(model.CHECK, "failed", "git is missing", expected=False))
    VALIDATOR.validate(rendered("detect-pypi-token", report))


def test_the_schema_is_not_asleep() -> None:
    document = rendered("detect-pypi-token", reporting.report("detect-pypi-token"))
    document["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"]["startLine"] = 0
    with pytest.raises(jsonschema.ValidationError):
        VALIDATOR.validate(document)


@pytest.mark.parametrize("text", HOSTILE)
def test_it_is_valid_whatever_was_scanned(text: str) -> None:
    document = rendered("detect-pypi-token", hostile_report("detect-pypi-token", text))
    VALIDATOR.validate(document)
    json.dumps(document, ensure_ascii=False).encode("utf-8")  # no lone surrogate in it
    for result in document["runs"][0]["results"]:
        assert "](" not in result["message"]["text"]


@pytest.mark.parametrize("hook", [*DETECTING, *CHECKING])
def test_an_independent_reader_accepts_it(hook: str) -> None:
    from sarif_pydantic import Sarif

    report = reporting.report(hook)
    read = Sarif.model_validate(rendered(hook, report))
    (run,) = read.runs
    found = [(result.rule_id, result.level.value if result.level else None) for result in run.results or []]
    if hook in CHECKING:
        assert found == [("permissions", "error"), ("account-wide", "warning")]
    else:
        levels = {"certain": "error", "probable": "warning"}
        assert found == [(finding.rule, levels[finding.confidence]) for finding in report.findings]


def test_sarif_tools_reads_the_same_places(tmp_path: Path) -> None:
    loader = pytest.importorskip("sarif.loader")
    report = reporting.report("detect-pypi-token")
    path = tmp_path / "x.sarif"
    path.write_text("".join(sarif.render("detect-pypi-token", report, reporting.options("sarif"))), encoding="utf-8")
    records = loader.load_sarif_file(str(path)).get_records()
    assert [record["Code"] for record in records] == [finding.rule for finding in report.findings]
    assert records[0]["Location"] == "src/settings.py"
    assert (records[0]["Line"], records[0]["Severity"]) == (3, "error")


def test_the_rules_are_those_of_the_table_with_help_and_page() -> None:
    run = rendered("detect-pypi-token", reporting.report("detect-pypi-token"))["runs"][0]
    known = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in known] == [rule.id for rule in rules.RULES]
    for rule, row in zip(known, rules.RULES, strict=True):
        assert (rule["helpUri"], rule["shortDescription"]["text"]) == (row.url, row.title)
        assert row.help in rule["help"]["text"] and row.url in rule["help"]["markdown"]
        assert 0.0 < float(rule["properties"]["security-severity"]) <= 10.0
    for result in run["results"]:
        assert known[result["ruleIndex"]]["id"] == result["ruleId"]


def test_fingerprints_survive_a_moved_line_and_tell_findings_apart() -> None:
    token, other = (reporting.of_token(mint.token(seed=seed)) for seed in (1, 2))
    password = reporting.of_password()
    before = [token, other, password, password._replace(line=90)]
    after = [finding._replace(line=finding.line + 40, column=finding.column + 4) for finding in before]
    first, second = (
        [result["partialFingerprints"][sarif.FINGERPRINT] for result in results(*found)]
        for found in (before, after)
    )
    assert first == second
    assert len(set(first)) == len(first)
    moved = results(token._replace(place=token.place._replace(path="b.py")))
    assert moved[0]["partialFingerprints"][sarif.FINGERPRINT] not in first


def test_no_fingerprint_of_a_password_depends_on_it() -> None:
    first, second = (results(reporting.of_password(password=p)) for p in ("one-password-1", "two-password-2"))
    assert first == second


def test_a_position_is_told_only_where_it_is_one_in_the_file() -> None:
    plain, member, name = results(
        reporting.of_token(mint.token(seed=1)),
        reporting.of_token(mint.token(seed=1), members=("a.zip", "b/c.py")),
        reporting.of_token(mint.token(seed=1), part="name"),
    )
    assert plain["locations"][0]["physicalLocation"]["region"] == {"startLine": 3, "startColumn": 9}
    assert "region" not in member["locations"][0]["physicalLocation"]
    (logical,) = member["locations"][0]["logicalLocations"]
    assert logical == {"fullyQualifiedName": "a.zip › b/c.py", "kind": "member"}
    assert "region" not in name["locations"][0]["physicalLocation"]


@pytest.mark.parametrize(
    "path, uri",
    [
        ("src/a.py", "src/a.py"), ("a b%.py", "a%20b%25.py"), ("a:b.py", "a%3Ab.py"), ("ü.py", "%C3%BC.py"),
        ("\udcff.py", "%FF.py"), ("a#b?c", "a%23b%3Fc"), ("\ud800", "%5Cud800"),
    ],
)
def test_paths_become_relative_addresses(path: str, uri: str) -> None:
    (result,) = results(reporting.of_password(path))
    location = result["locations"][0]["physicalLocation"]["artifactLocation"]
    assert location == {"uri": uri, "uriBaseId": "%SRCROOT%"}


def test_absolute_paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    names = (os.path.join(os.getcwd(), "src", "a.py"), str(tmp_path / "b.py"))
    below, outside = results(*map(reporting.of_password, names))
    assert below["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "src/a.py"
    uri = outside["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert uri.startswith("file:///") and unquote(uri).endswith("/b.py")


def test_what_was_not_read_is_a_notification() -> None:
    run = rendered("detect-pypi-token", reporting.report("detect-pypi-token"))["runs"][0]
    (invocation,) = run["invocations"]
    assert invocation["executionSuccessful"] is False
    assert [note["level"] for note in invocation["toolExecutionNotifications"]] == ["error", "warning"]
    clean = rendered("detect-pypi-token", model.empty_report())["runs"][0]
    assert clean["invocations"] == [{"executionSuccessful": True, "toolExecutionNotifications": []}]
    assert clean["results"] == []
