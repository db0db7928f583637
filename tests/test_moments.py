"""Each kind of date turns its finding on its day, alone and through what is computed from records."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from every_day import assert_exact, seen

from socap.assessment import assess
from socap.documents import parse_document
from socap.errors import EvidenceError
from socap.organisation import from_document
from socap.standard import load

if TYPE_CHECKING:
    from socap.assessment import Assessment


TINY = Path(__file__).parent / "packs" / "tiny"
AS_OF = date(2026, 11, 1)
HEAD = "organisation: {id: t, name: {zh: 甲, en: A}}\n"
ONE_EACH = "{record: job, satisfies: always}"
DATED = """
overlay: {id: dated, title: {zh: 日期, en: Dates}, pack: tiny}
add:
  items:
    licence.day: {type: date, question: {zh: 执照日期?, en: Day of the licence?}}
    report.shown: {type: boolean, validity_days: 30, question: {zh: 报告?, en: Report?}}
    jobs.done_pct: {type: percent, question: {zh: 占比?, en: Share?}, computed: COMPUTED}
  records:
    job:
      title: {zh: 任务, en: jobs}
      fields:
        made_on: {type: date, event: true, question: {zh: 完成日期?, en: Made on?}}
        due_on: {type: date, question: {zh: 期限?, en: Due?}}
        good: {type: boolean, question: {zh: 合格?, en: Good?}}
  requirements:
    - id: 6.1-x
      clause: '6.1'
      title: {zh: 日期, en: Date}
      statement: {zh: 组织应持有执照。, en: The organisation shall hold a licence.}
      obligation: shall
      aspect: quality
      pdca: do
      severity: minor
      applies_when: APPLIES
      satisfied_when: RULE
      prerequisites: []
      provenance: {basis: domain-practice, reason: {zh: 惯例, en: practice}}
"""


def with_rule(
    tmp_path: Path, rule: str, evidence: str, computed: str = ONE_EACH, applies: str = "always"
) -> Assessment:
    overlay = tmp_path / "dated.yaml"
    text = DATED.replace("RULE", rule.replace("\n", " ")).replace("COMPUTED", computed)
    text = text.replace("APPLIES", applies)
    overlay.write_text(text, encoding="utf-8")
    made = load(TINY, overlays=[overlay])
    body = f"{HEAD}profile: {{types: [BPO]}}\nevidence:{evidence}\n"
    company = from_document(parse_document(body.encode(), "c.yaml", EvidenceError), made)
    return assess(company, made, as_of=AS_OF, reader="reference")


@pytest.mark.parametrize(
    ("rule", "answer", "changes"),
    [
        ("{item: licence.day, not_before: as_of}", "2026-11-30", [("2026-12-01", "passed")]),
        ("{item: licence.day, not_before: as_of}", "2026-11-01", [("2026-11-02", "passed")]),
        ("{item: licence.day, not_before: as_of}", "2026-10-31", []),
        ("{item: licence.day, not_after: as_of}", "2026-11-30", [("2026-11-30", "reached")]),
        ("{item: licence.day, not_after: as_of}", "2026-11-01", []),
        (
            "{item: licence.day, is: as_of}",
            "2028-02-29",
            [("2028-02-29", "reached"), ("2028-03-01", "passed")],
        ),
        ("{item: licence.day, is: as_of}", "2026-11-01", [("2026-11-02", "passed")]),
        ("{item: audit.last_date, within: 0}", "2026-11-01", [("2026-11-02", "overdue")]),
        (
            "{item: audit.last_date, within: 0}",
            "2026-11-05",
            [("2026-11-05", "happened"), ("2026-11-06", "overdue")],
        ),
        ("{item: audit.last_date, within: 99999999999}", "2026-11-01", []),
        (
            "{item: report.shown, is: true}",
            "{value: true, collected_on: 2026-10-10}",
            [("2026-11-10", "expired")],
        ),
        (
            "{item: report.shown, is: true}",
            "{value: true, collected_on: 2026-10-10, valid_until: 2026-11-08}",
            [("2026-11-09", "expired")],
        ),
        (
            "{item: report.shown, is: true}",
            "{value: true, collected_on: 2028-01-30}",
            [("2028-01-30", "collected"), ("2028-03-01", "expired")],
        ),
    ],
)
def test_each_kind_of_date_turns_on_its_day(
    tmp_path: Path, rule: str, answer: str, changes: list[tuple[str, str]]
) -> None:
    key = rule.removeprefix("{item: ").split(",")[0]
    found = assert_exact(with_rule(tmp_path, rule, f" {{{key}: {answer}}}"), date(2028, 3, 5))
    turns = [
        (str(c.date), cause.turn.value)
        for c in found.changes
        if c.requirement == "6.1-x"
        for cause in c.causes
    ]
    assert turns == changes


IDLE = """
{all: [{item: audit.last_date, within: 365},
  {any: [{item: plan.kept, is: true}, {item: plan.state, is: approved}]}]}
"""


def test_a_date_on_a_branch_that_decides_nothing_is_no_cause(tmp_path: Path) -> None:
    evidence = """
  audit.last_date: 2025-12-31
  plan.kept: {value: true, valid_until: 2026-12-31}
  plan.state: {value: approved, valid_until: 2027-12-31}
"""
    made = assert_exact(with_rule(tmp_path, IDLE, evidence), date(2028, 3, 1))
    assert [told for told in seen(made) if told[1] == "6.1-x"] == [
        (
            "2027-01-01",
            "6.1-x",
            "conforming > nonconforming",
            [("overdue", "audit.last_date", ())],
        )
    ]


def test_a_source_that_another_one_replaces_is_no_cause(tmp_path: Path) -> None:
    evidence = """
  audit.last_date:
    - {value: 2026-01-01, valid_until: 2027-01-01}
    - {value: 2026-01-01, collected_on: 2026-02-01}
    - {value: 2025-01-01, valid_until: 2027-01-01, status: rejected}
"""
    rule = "{item: audit.last_date, within: 365}"
    made = assert_exact(with_rule(tmp_path, rule, evidence), date(2027, 3, 1))
    assert [told for told in seen(made) if told[1] == "6.1-x"] == [
        (
            "2027-01-02",
            "6.1-x",
            "conforming > nonconforming",
            [("overdue", "audit.last_date", ())],
        )
    ]


@pytest.mark.parametrize(
    ("applies", "change", "causes"),
    [
        # both would have to be put off for it to stay conforming
        (
            "{item: licence.day, not_before: as_of}",
            "conforming > not_applicable",
            [("passed", "licence.day", ()), ("expired", "report.shown", ())],
        ),
        # it would still not apply, whatever becomes of the report
        (
            "{not: {item: licence.day, not_before: as_of}}",
            "not_applicable > undetermined",
            [("passed", "licence.day", ())],
        ),
    ],
)
def test_applicability_that_turns_with_the_rule(
    tmp_path: Path, applies: str, change: str, causes: list[tuple[str, str, tuple[str, ...]]]
) -> None:
    evidence = """
  licence.day: 2026-12-31
  report.shown: {value: true, valid_until: 2026-12-31}
"""
    rule = "{item: report.shown, is: true}"
    start = with_rule(tmp_path, rule, evidence, applies=applies)
    assert seen(assert_exact(start, date(2027, 3, 1))) == [("2027-01-01", "6.1-x", change, causes)]


@pytest.mark.parametrize(
    ("computed", "changes"),
    [
        (
            "{record: job, satisfies: {item: job.made_on, within: 100}}",
            [
                ("2026-12-11", "conforming > nonconforming", [("overdue", "job.made_on", ("a", "b"))]),
                ("2026-12-21", "nonconforming > undetermined", [("expired", "records.job", ("c",))]),
            ],
        ),
        (
            "{record: job, where: {item: job.due_on, not_after: as_of}, satisfies: {item: job.good, is: true}}",
            [
                ("2026-11-20", "conforming > nonconforming", [("reached", "job.due_on", ("a",))]),
                ("2026-11-25", "nonconforming > conforming", [("reached", "job.due_on", ("b",))]),
                ("2026-12-21", "conforming > undetermined", [("expired", "records.job", ("c",))]),
            ],
        ),
    ],
)  # fmt: skip
def test_a_share_of_records_changes_with_them(
    tmp_path: Path,
    computed: str,
    changes: list[tuple[str, str, list[tuple[str, str, tuple[str, ...]]]]],
) -> None:
    records = """
  job:
    - {id: a, made_on: 2026-09-01, due_on: 2026-11-20, good: false}
    - {id: b, made_on: 2026-09-01, due_on: 2026-11-25, good: true}
    - {id: c, made_on: 2026-10-01, due_on: 2026-10-01, good: true, valid_until: 2026-12-20}
    - {id: d, made_on: 2026-10-15, due_on: 2026-10-01, good: true}
"""
    rule = "{item: jobs.done_pct, at_least: 75}"
    start = with_rule(tmp_path, rule, " {}\nrecords:" + records, computed)
    made = assert_exact(start, date(2027, 1, 1))
    assert [
        (d, change, causes) for d, name, change, causes in seen(made) if name == "6.1-x"
    ] == changes
