"""Shares and counts from records: agreement, conflict, open records and empty lists."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from socap.assessment import Assessment, assess
from socap.company_file import read
from socap.errors import PackError
from socap.standard import load

TINY = Path(__file__).parent / "packs" / "tiny"
AS_OF = date(2026, 3, 1)
OVERLAY = """
overlay: {id: shares, title: {zh: 占比, en: Shares}, pack: tiny}
add:
  items:
    supplier_share.evaluated_pct:
      type: percent
      question: {zh: 已评价供方占比?, en: Share of suppliers evaluated?}
      computed: {record: supplier, satisfies: {item: supplier.evaluated_on, within: 365}}
    supplier_share.critical_count:
      type: integer
      unit: count
      question: {zh: 关键供方数?, en: How many are critical?}
      computed: {record: supplier, satisfies: {item: supplier.critical, is: true}}
  requirements:
    - id: 6.2-y
      clause: '6.2'
      title: {zh: 占比, en: Share}
      statement: {zh: 组织应评价供方。, en: The organisation shall evaluate suppliers.}
      obligation: shall
      aspect: security
      pdca: check
      severity: minor
      applies_when: always
      satisfied_when: {item: supplier_share.evaluated_pct, at_least: 60}
      prerequisites: []
      provenance: {basis: domain-practice, reason: {zh: 惯例, en: practice}}
    - id: 6.2-z
      clause: '6.2'
      title: {zh: 数量, en: Count}
      statement: {zh: 组织应限制关键供方。, en: The organisation shall limit critical suppliers.}
      obligation: shall
      aspect: security
      pdca: check
      severity: minor
      applies_when: always
      satisfied_when: {item: supplier_share.critical_count, at_most: 1}
      prerequisites: []
      provenance: {basis: domain-practice, reason: {zh: 惯例, en: practice}}
"""
YES, NO, OPEN = "evaluated_on: 2026-01-01", "evaluated_on: 2020-01-01", "critical: false"


@pytest.fixture
def overlay(tmp_path: Path) -> Path:
    file = tmp_path / "shares.yaml"
    file.write_text(OVERLAY, encoding="utf-8")
    return file


def judged(overlay: Path, suppliers: list[str] | None, answer: str = "") -> Assessment:
    made = load(TINY, overlays=[overlay])
    listed = ", ".join(f"{{id: s{i}, {s}}}" for i, s in enumerate(suppliers or ()))
    body = "organisation: {id: t, name: {zh: 甲, en: A}}\nprofile: {types: [ITO]}\n"
    body += "" if suppliers is None else f"records: {{supplier: [{listed}]}}\n"
    body += f"evidence: {{{answer}}}\n" if answer else ""
    file = overlay.with_name("c.yaml")
    file.write_text(body, encoding="utf-8")
    return assess(read(file, made), made, as_of=AS_OF)


@pytest.mark.parametrize(
    ("suppliers", "answer", "outcome", "kind"),
    [
        ([YES, YES, NO], "", "conforming", "met"),
        ([YES, NO], "", "nonconforming", "unmet"),
        ([YES, OPEN], "", "undetermined", "missing"),
        ([], "", "undetermined", "missing"),
        (None, "supplier_share.evaluated_pct: 60", "conforming", "met"),
        ([YES, YES, NO], "supplier_share.evaluated_pct: 67", "conforming", "met"),
        ([YES, YES, NO], "supplier_share.evaluated_pct: 66.7", "conforming", "met"),
        ([YES, YES, NO], "supplier_share.evaluated_pct: 70", "undetermined", "conflicting"),
        ([YES, NO, OPEN], "supplier_share.evaluated_pct: 67", "conforming", "met"),
        ([YES, NO, OPEN], "supplier_share.evaluated_pct: 100", "undetermined", "conflicting"),
        (
            [YES],
            "supplier_share.evaluated_pct: {value: 100, status: rejected}",
            "undetermined",
            "rejected",
        ),
        (
            [YES],
            "supplier_share.evaluated_pct: [{value: 97}, {value: 92}]",
            "undetermined",
            "conflicting",
        ),
        ([YES], "supplier_share.evaluated_pct: 150", "undetermined", "implausible"),
        (
            [YES],
            "supplier_share.evaluated_pct: {value: 10, valid_until: 2026-01-01}",
            "conforming",
            "met",
        ),
    ],
)
def test_a_share_is_answered_by_records(
    overlay: Path, suppliers: list[str] | None, answer: str, outcome: str, kind: str
) -> None:
    finding = judged(overlay, suppliers, answer).findings["6.2-y"]
    assert finding.outcome.value == outcome
    assert [reason.kind.value for reason in finding.reasons] == [kind]


def test_the_records_that_fail_are_named(overlay: Path) -> None:
    result = judged(overlay, [YES, NO, NO])
    (reason,) = result.findings["6.2-y"].reasons
    assert reason.records == ("s1", "s2")
    assert "failing: s1, s2" in reason.text.en
    assert "未满足的记录：s1、s2" in str(result.explain("6.2-y", lang="zh"))


@pytest.mark.parametrize(
    ("suppliers", "outcome"),
    [
        ([], "conforming"),
        (["critical: true"], "conforming"),
        (["critical: true", "critical: true"], "nonconforming"),
        (["critical: true", YES], "undetermined"),
        (["critical: true", "critical: true", YES], "undetermined"),
    ],
)
def test_a_count_is_answered_by_records(overlay: Path, suppliers: list[str], outcome: str) -> None:
    assert judged(overlay, suppliers).findings["6.2-z"].outcome.value == outcome


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("type: percent", "type: number", "only a percent"),
        ("record: supplier,", "record: suplier,", "did you mean supplier"),
        ("supplier.evaluated_on, within: 365", "test.pass_pct, at_least: 1", "not from test.pass"),
        ("supplier.evaluated_on, within", "supplier.evaluated_on, at_least", "takes a date"),
    ],
)
def test_a_wrong_computation_is_refused(overlay: Path, old: str, new: str, words: str) -> None:
    overlay.write_text(OVERLAY.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(PackError, match=words):
        load(TINY, overlays=[overlay])
