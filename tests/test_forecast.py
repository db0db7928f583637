"""The days solved for are those on which findings really change, compared with trying every day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from every_day import assert_exact, seen
from tiny_companies import GOOD

from socap.assessment import assess
from socap.company_file import read
from socap.documents import parse_document
from socap.errors import EvidenceError
from socap.forecast import forecast
from socap.organisation import Certificate, from_document
from socap.standard import load

if TYPE_CHECKING:
    from collections.abc import Callable

    from socap.organisation import Organisation
    from socap.standard import Standard

    Company = Callable[[str], Organisation]


EXAMPLES = Path(__file__).parent.parent / "examples"
TINY = Path(__file__).parent / "packs" / "tiny"
AS_OF = date(2026, 11, 1)
HEAD = "organisation: {id: t, name: {zh: 甲, en: A}}\n"
ONE_DAY = timedelta(days=1)


@pytest.mark.parametrize("file", sorted(f.name for f in EXAMPLES.glob("*.yaml")))
def test_three_years_of_an_example_equal_trying_every_day(file: str) -> None:
    start = assess(read(EXAMPLES / file), as_of=AS_OF, reader="reference")
    made = assert_exact(start, date(2029, 11, 1))
    assert bool(made.days) is (file != "new-start.yaml")


def test_credit_ends_with_its_certificate() -> None:
    company = read(EXAMPLES / "huaqiao-software.yaml")
    sites, services = (tuple(r.id for r in company.records[k]) for k in ("site", "service"))
    held = Certificate("ISO 9001:2015", True, sites, services, date(2026, 12, 31), None)
    company = replace(company, certificates=(held,), evidence={})
    start = assess(company, as_of=AS_OF, reader="reference", use_credit=True)
    made = assert_exact(start, date(2027, 1, 31))
    assert seen(made) == [
        (
            "2026-11-17",
            "6.3-d",
            "undetermined > nonconforming",
            [("overdue", "service.report_sent_on", ("port-logistics",))],
        ),
        (
            "2027-01-01",
            "6.3-f",
            "conforming > undetermined",
            [("expired", "certificates", ("1",))],
        ),
        (
            "2027-01-25",
            "C.3-c",
            "conforming > nonconforming",
            [("overdue", "person.security_trained_on", ("qa-008",))],
        ),
    ]
    assert made.changes[1].causes[0].text.en == (
        "certificate 1 (ISO 9001:2015): it counts up to 2026-12-31"
    )
    plain = forecast(assess(company, as_of=AS_OF), until=date(2027, 1, 31))
    assert [change.requirement for change in plain.changes] == ["6.3-d", "C.3-c"]


SCORED = """evidence:
  project.milestones_on_time_pct: 100
  project.goals_reached: true
  project.cost_overrun_pct: 0
  project.acceptance_met_pct: 100
  project.severe_defects_open: 0
  client.satisfaction_pct: 90
  technical.team_score_pct: {value: 90, valid_until: 2027-02-28}
  technical.architecture_score_pct: 90
  technical.solution_score_pct: 90
  data.protections: [backup, access_control, disaster_recovery]
  data.restored_on: 2026-08-01
  security.network_protected: true
  security.scanned_on: 2026-10-02
  security.audited_on: 2026-10-01
  compliance.system_operating: true
  compliance.violations_count: 0
  response.first_hours: 2
  response.effective_pct: 95
  cooperation.communication_score_pct: 90
  cooperation.cooperation_score_pct: 90
"""


def test_the_recommendation_of_a_scored_pack_follows_its_score() -> None:
    scored = load("it-outsourcing-assessment")
    document = parse_document((HEAD + SCORED).encode(), "c.yaml", EvidenceError)
    start = assess(from_document(document, scored), scored, as_of=AS_OF, reader="reference")
    made = assert_exact(start, date(2027, 3, 31))
    assert [(str(d.date), d.before.id, d.after.id) for d in made.days] == [
        ("2027-01-01", "passed", "passed"),
        ("2027-01-29", "passed", "failed"),
        ("2027-03-01", "failed", "failed"),
    ]
    assert made.certification_lost == date(2027, 1, 29)


def test_an_example_tells_the_days_and_the_loss() -> None:
    start = assess(read(EXAMPLES / "suzhou-analytics.yaml"), as_of=AS_OF, reader="reference")
    made = forecast(start, until=date(2026, 12, 31))
    assert seen(made) == [
        (
            "2026-11-09",
            "6.3-d",
            "conforming > nonconforming",
            [("overdue", "service.report_sent_on", ("credit-models",))],
        ),
        (
            "2026-12-10",
            "5.1-h",
            "conforming > nonconforming",
            [("overdue", "knowledge.last_update_date", ())],
        ),
        (
            "2026-12-12",
            "C.5-c",
            "conforming > nonconforming",
            [("overdue", "access.privileged_review_last_date", ())],
        ),
        (
            "2026-12-13",
            "C.7-f",
            "conforming > nonconforming",
            [("overdue", "vuln.last_scan_date", ())],
        ),
    ]
    assert made.recommendation.id == "recommended_with_plan"
    assert made.next_change == date(2026, 11, 9)
    assert made.certification_lost == date(2026, 12, 13)
    assert [day.after.id for day in made.days] == ["recommended_with_plan"] * 3 + ["deferred"]
    zh, en = made.to_text("zh"), made.to_text("en")
    assert "认证建议变差：2026-12-13 起为“暂缓推荐认证”\n" in zh
    assert "  6.3-d 服务报告：由符合变为不符合（一般不符合）\n" in zh
    assert "The recommendation gets worse: from 2026-12-13 on, Certification deferred\n" in en
    assert "(service.report_sent_on), of credit-models: 2026-10-08 is more than 31 days ago" in en


@pytest.mark.parametrize(
    ("answer", "as_of", "changes"),
    [
        # within 365 days: the last day counts, the next does not; a leap day makes it a day shorter
        ("2026-08-01", "2026-11-01", {"2027-08-02": "nonconforming"}),
        ("2027-08-01", "2027-11-01", {"2028-08-01": "nonconforming"}),
        ("2028-02-29", "2028-02-29", {"2029-03-01": "nonconforming"}),
        ("2027-02-28", "2027-03-01", {"2028-02-29": "nonconforming"}),
        ("2026-01-31", "2027-01-31", {"2027-02-01": "nonconforming"}),
        ("2026-01-30", "2027-01-31", {}),
        # an event in the future becomes plausible on its day
        ("2026-11-02", "2026-11-01", {"2026-11-02": "conforming", "2027-11-03": "nonconforming"}),
        # validity: the last day is included
        ("{value: 2026-10-01, valid_until: 2026-11-01}", "2026-11-01", {"2026-11-02": "undetermined"}),
        ("{value: 2026-10-01, valid_until: 2026-10-31}", "2026-11-01", {}),
        ("{value: 2028-01-01, valid_until: 2028-02-28}", "2028-02-01", {"2028-02-29": "undetermined"}),
        ("{value: 2028-01-01, valid_until: 2028-02-29}", "2028-02-01", {"2028-03-01": "undetermined"}),
        # both on one day
        ("{value: 2025-11-02, valid_until: 2026-11-02}", "2026-11-01", {"2026-11-03": "undetermined"}),
        # evidence that is collected later, and never counts
        (
            "{value: 2026-10-01, collected_on: 2026-11-05, valid_until: 2026-11-05}",
            "2026-11-01",
            {"2026-11-05": "conforming", "2026-11-06": "undetermined"},
        ),
        ("{value: 2026-10-01, collected_on: 2026-11-05, valid_until: 2026-11-04}", "2026-11-01", {}),
        ("{value: 2026-10-01, status: rejected, valid_until: 2026-11-05}", "2026-11-01", {}),
        # one source of two runs out; two that disagree until one has run out
        ("[{value: 2026-10-01, valid_until: 2026-11-05}, {value: 2026-10-01}]", "2026-11-01", {"2027-10-02": "nonconforming"}),
        (
            "[{value: 2020-10-01, valid_until: 2026-11-05}, {value: 2026-10-01}]",
            "2026-11-01",
            {"2026-11-06": "conforming", "2027-10-02": "nonconforming"},
        ),
        ("2200-12-31", "2199-12-31", {"2200-12-31": "conforming"}),
    ],
)  # fmt: skip
def test_dates_turn_on_their_day(
    company: Company, tiny: Standard, answer: str, as_of: str, changes: dict[str, str]
) -> None:
    body = f"profile: {{types: [ITO]}}\nevidence: {{audit.last_date: {answer}}}\n"
    day = date.fromisoformat(as_of)
    start = assess(company(body), tiny, as_of=day, reader="reference")
    until = min(day + timedelta(days=800), date(2200, 12, 31))
    made = assert_exact(start, until)
    assert {str(c.date): c.after.outcome.value for c in made.changes} == changes
    assert {c.requirement for c in made.changes} <= {"6.1-a"}


def test_until_is_included(company: Company, tiny: Standard) -> None:
    body = GOOD.replace("2026-12-31", "2026-11-01")
    start = assess(company(body), tiny, as_of=AS_OF)
    made = forecast(start, until=AS_OF + ONE_DAY)
    assert [str(day.date) for day in made.days] == ["2026-11-02"]
    assert made.certification_lost == date(2026, 11, 2)
    later = GOOD.replace("2026-12-31", "2026-11-02")
    made = forecast(assess(company(later), tiny, as_of=AS_OF), until=AS_OF + ONE_DAY)
    assert (made.days, made.next_change, made.certification_lost) == ((), None, None)
    assert "Next change: none up to 2026-11-02\n" in made.to_text("en")
    assert "认证建议在 2026-11-02 之前不会变差\n" in made.to_text("zh")


def test_parameters_and_assurance_are_those_of_the_assessment(
    company: Company, tiny: Standard
) -> None:
    until = date(2027, 3, 1)
    start = assess(company(GOOD), tiny, as_of=AS_OF, parameters={"audit_interval_days": 100})
    made = assert_exact(start, until)
    assert [str(c.date) for c in made.changes] == ["2026-11-10", "2027-01-01"]
    assert "2026-08-01 is more than 100 days ago" in made.changes[0].causes[0].text.en
    verified = assess(company(GOOD), tiny, as_of=AS_OF, assurance="verified")
    assert assert_exact(verified, until).changes == ()


def test_records_run_out_one_by_one_and_together(company: Company, tiny: Standard) -> None:
    body = """
profile: {types: [BPO], uses_external_suppliers: true}
records:
  supplier:
    - {id: a, critical: true, evaluated_on: 2026-02-01, valid_until: 2026-12-31}
    - {id: b, critical: {value: true, valid_until: 2026-12-31}, evaluated_on: 2026-02-01}
    - {id: c, critical: {value: true, valid_until: 2027-01-31}, evaluated_on: 2026-02-01}
    - {id: d, critical: false, evaluated_on: {value: 2026-02-01, valid_until: 2026-12-31}}
"""
    made = assert_exact(
        assess(company(body), tiny, as_of=AS_OF, reader="reference"), date(2028, 1, 1)
    )
    assert seen(made) == [
        (
            "2027-01-01",
            "6.2-a",
            "conforming > undetermined",
            [("expired", "records.supplier", ("a",)), ("expired", "supplier.critical", ("b",))],
        )
    ]  # fmt: skip
    assert [cause.text.en for cause in made.changes[0].causes] == [
        "suppliers (a): it counts up to 2026-12-31",
        "“Is it critical” (supplier.critical), of b: it counts up to 2026-12-31",
    ]
    steady = body.replace(", valid_until: 2026-12-31", "").replace(", valid_until: 2027-01-31", "")
    made = assert_exact(
        assess(company(steady), tiny, as_of=AS_OF, reader="reference"), date(2028, 1, 1)
    )
    assert seen(made) == [
        (
            "2027-02-02",
            "6.2-a",
            "conforming > nonconforming",
            [("overdue", "supplier.evaluated_on", ("a", "b", "c"))],
        )
    ]


def test_an_exclusion_holds_as_long_as_its_condition(company: Company, tiny: Standard) -> None:
    body = """
profile: {types: [ITO]}
evidence:
  test.pass_pct: 50
  plan.state: {value: draft, valid_until: 2026-12-31}
exclusions: [{requirement: 6.1-b, justification: the plan is a draft}]
"""
    made = assert_exact(
        assess(company(body), tiny, as_of=AS_OF, reader="reference"), date(2027, 3, 1)
    )
    assert seen(made) == [
        ("2027-01-01", "6.1-b", "excluded > undetermined", [("expired", "plan.state", ())]),
        ("2027-01-01", "6.2-b", "nonconforming > undetermined", [("expired", "plan.state", ())]),
    ]  # fmt: skip


def test_a_dispute_begins_and_ends_with_its_evidence(tmp_path: Path, company: Company) -> None:
    overlay = tmp_path / "audited.yaml"
    overlay.write_text(
        """
overlay: {id: audited, title: {zh: 叠加, en: Overlay}, pack: tiny}
change:
  consistency:
    suppliers-listed:
      contradicted_when:
        all:
          - {item: profile.uses_external_suppliers, is: false}
          - some: {record: supplier, satisfies: {item: supplier.evaluated_on, within: 30}}
""",
        encoding="utf-8",
    )
    body = """
profile: {types: [BPO], uses_external_suppliers: false}
records: {supplier: [{id: a, evaluated_on: 2026-11-10}, {id: b, evaluated_on: 2026-09-01}]}
"""
    start = assess(company(body), load(TINY, overlays=[overlay]), as_of=AS_OF, reader="reference")
    made = assert_exact(start, date(2027, 3, 1))
    assert seen(made) == [
        (
            "2026-11-10",
            "6.2-a",
            "not_applicable > undetermined",
            [("happened", "supplier.evaluated_on", ("a",))],
        ),
        (
            "2026-12-11",
            "6.2-a",
            "undetermined > not_applicable",
            [("overdue", "supplier.evaluated_on", ("a",))],
        ),
    ]
