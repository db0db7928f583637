"""What the solver proves about a pack is what the readers see, and every kind is found."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from socap.assessment import Assessment, assess
from socap.documents import parse_document
from socap.errors import EvidenceError
from socap.organisation import from_document
from socap.proving.prover import _checks, prove
from socap.proving.report import Kind, ProofFinding, ProofReport
from socap.proving.solver import Claim
from socap.proving.witness import company as written
from socap.standard import Standard, load

if TYPE_CHECKING:
    from collections.abc import Callable

HERE = Path(__file__).parent
TINY = HERE / "packs" / "tiny"
DAY = date(2026, 11, 1)
ALWAYS = "always"
ITO = {"item": "profile.types", "includes_any": ["ITO"]}
SUPPLIERS = {"item": "profile.uses_external_suppliers", "is": True}
NO_SUPPLIERS = {"item": "profile.uses_external_suppliers", "is": False}


SHARE = (
    "  supplier_share.critical_pct:\n    type: percent\n"
    "    question: {zh: 占比, en: share}\n    evidence: {zh: 表, en: list}\n"
    "    computed: {record: supplier, satisfies: {item: supplier.critical, is: true}}\n"
    "  supplier_share.dated_count:\n    type: integer\n    unit: count\n"
    "    question: {zh: 数量, en: count}\n    evidence: {zh: 表, en: list}\n"
    "    computed: {record: supplier, satisfies: {item: supplier.evaluated_on, within: 30}}\n"
)


def at_least(share: float) -> dict[str, Any]:
    return {"item": "test.pass_pct", "at_least": share}


def at_most(share: float) -> dict[str, Any]:
    return {"item": "test.pass_pct", "at_most": share}


def rule(identifier: str, satisfied: Any, applies: Any = ALWAYS, **more: Any) -> dict[str, Any]:
    words = {"zh": "甲", "en": identifier}
    return {
        "id": identifier,
        "clause": identifier.split("-", maxsplit=1)[0],
        "title": words,
        "statement": words,
        "obligation": "shall",
        "aspect": "quality",
        "pdca": "do",
        "severity": "major",
        "applies_when": applies,
        "satisfied_when": satisfied,
        "prerequisites": [],
        "provenance": {"basis": "domain-practice", "reason": words},
        **more,
    }


@pytest.fixture
def pack(tmp_path: Path) -> Callable[..., Standard]:
    """Return the tiny pack with other requirements (and parameters, items or disputes)."""

    def build(*rules: dict[str, Any], items: str = "", **files: str) -> Standard:
        folder = tmp_path / "pack"
        shutil.copytree(TINY, folder)
        content = json.dumps({"requirements": list(rules)}, ensure_ascii=False)
        (folder / "06_service.yaml").write_text(content, encoding="utf-8")
        words = (folder / "vocabulary.yaml").read_text(encoding="utf-8")
        words = words.replace("records:", f"{items}records:")
        (folder / "vocabulary.yaml").write_text(words, encoding="utf-8")
        for name, text in files.items():
            with (folder / f"{name}.yaml").open("a", encoding="utf-8") as file:
                file.write(text)
        return load(folder)

    return build


def judged(found: ProofFinding, standard: Standard, reader: str = "reference") -> Assessment:
    document = parse_document(found.company.encode(), "witness.yaml", EvidenceError)
    organisation = from_document(document, standard)
    values = dict(found.parameters)
    assessment = assess(organisation, standard, as_of=DAY, parameters=values, reader=reader)
    assert not assessment.disputed
    return assessment


def told(report: ProofReport) -> list[tuple[str, tuple[str, ...]]]:
    return [(f.kind.value, f.requirements) for f in report.findings]


def outcomes(found: ProofFinding, standard: Standard) -> list[str]:
    by_reader = [
        [judged(found, standard, reader).findings[r].outcome.value for r in found.requirements]
        for reader in ("reference", "durable")
    ]
    assert by_reader[0] == by_reader[1]
    return by_reader[0]


def test_a_condition_that_cannot_hold(pack: Callable[..., Standard]) -> None:
    standard = pack(rule("6.1-a", at_least(90), {"all": [SUPPLIERS, NO_SUPPLIERS]}))
    report = prove(standard)
    assert told(report) == [("never_applies", ("6.1-a",))]
    assert outcomes(report.findings[0], standard) == ["not_applicable"]


@pytest.mark.parametrize(
    "condition",
    [
        {"any": [SUPPLIERS, NO_SUPPLIERS]},
        {"item": "profile.types", "includes_any": ["ITO", "BPO", "KPO"]},
    ],
)
def test_a_condition_that_cannot_fail(pack: Callable[..., Standard], condition: Any) -> None:
    standard = pack(rule("6.1-a", at_least(90), condition))
    report = prove(standard)
    assert told(report) == [("always_applies_though_conditional", ("6.1-a",))]
    assert outcomes(report.findings[0], standard) == ["conforming"]


@pytest.mark.parametrize(
    "satisfied",
    [
        {"item": "test.pass_pct", "more_than": 100},
        {"all": [at_least(90), at_most(80)]},
        {"item": "plan.parts", "size_at_least": 3},
        {"item": "audit.last_date", "not_before": "2026-11-02"},
        {"all": [{"item": "plan.state", "is": "draft"}, {"item": "plan.state", "is": "approved"}]},
        {
            "all": [
                {"item": "change.late_count", "more_than": 5},
                {"item": "change.total_count", "at_most": 5},
            ]
        },
        {
            "all": [
                {"every": {"record": "supplier", "satisfies": ALWAYS}},
                {"not": {"every": {"record": "supplier", "satisfies": ALWAYS}}},
            ]
        },
    ],
)
def test_a_requirement_nobody_can_meet(pack: Callable[..., Standard], satisfied: Any) -> None:
    standard = pack(rule("6.1-a", satisfied))
    report = prove(standard)
    assert told(report) == [("never_satisfiable", ("6.1-a",))]
    assert outcomes(report.findings[0], standard) == ["nonconforming"]


@pytest.mark.parametrize(
    "satisfied",
    [
        at_least(0),
        {"any": [at_least(50), {"item": "test.pass_pct", "less_than": 60}]},
        {"item": "change.total_count", "at_least": {"item": "change.late_count"}},
        {"item": "plan.kept", "present": True},
        {"at_least": {"record": "supplier", "share": 0, "satisfies": ALWAYS}},
    ],
)
def test_a_requirement_nobody_can_fail(pack: Callable[..., Standard], satisfied: Any) -> None:
    standard = pack(rule("6.1-a", satisfied))
    report = prove(standard)
    assert told(report) == [("always_satisfied", ("6.1-a",))]
    assert "6.1-a" in report.findings[0].text.zh


def test_a_dispute_can_leave_nothing_that_meets(pack: Callable[..., Standard]) -> None:
    listed = {"some": {"record": "supplier", "satisfies": ALWAYS}}
    standard = pack(rule("6.1-a", listed, NO_SUPPLIERS))
    assert told(prove(standard)) == [("never_satisfiable", ("6.1-a",))]


def test_a_dispute_never_needs_an_answer_that_makes_no_sense(pack: Callable[..., Standard]) -> None:
    """An event date cannot be answered with `none`; leaving it open is no dispute."""
    dated = (
        "  - id: audited\n    flag: uses_external_suppliers\n"
        "    contradicted_when: {all: [{item: profile.uses_external_suppliers, is: false},"
        " {item: audit.last_date, not_after: as_of}]}\n    message: {zh: 甲, en: a}\n"
    )
    standard = pack(rule("6.1-a", at_least(90), SUPPLIERS), consistency=dated)
    assert prove(standard).passed


def test_never_satisfiable_under_one_profile_only(pack: Callable[..., Standard]) -> None:
    satisfied = {"any": [SUPPLIERS, {"all": [at_least(90), at_most(80)]}]}
    standard = pack(rule("6.1-a", satisfied))
    report = prove(standard)
    assert told(report) == [("never_satisfiable", ("6.1-a",))]
    assert "it is not the case that" in report.findings[0].text.en
    profile = judged(report.findings[0], standard).organisation.profile
    assert not profile.flags["uses_external_suppliers"]


def test_redundant_requirements(pack: Callable[..., Standard]) -> None:
    standard = pack(rule("6.1-a", at_least(90), ITO), rule("6.1-b", at_least(95)))
    report = prove(standard)
    assert told(report) == [("implied_by", ("6.1-a", "6.1-b"))]
    assert outcomes(report.findings[0], standard) == ["conforming", "conforming"]


def test_a_share_of_records_follows_from_every_record(pack: Callable[..., Standard]) -> None:
    kept = {"item": "supplier.critical", "is": True}
    standard = pack(
        rule("6.1-a", {"at_least": {"record": "supplier", "share": 99.5, "satisfies": kept}}),
        rule("6.1-b", {"every": {"record": "supplier", "satisfies": kept}}),
        rule("6.1-c", {"at_least": {"record": "supplier", "count": 40, "satisfies": kept}}),
    )
    assert told(prove(standard)) == [("implied_by", ("6.1-a", "6.1-b"))]


def test_a_figure_follows_from_the_records_it_is_computed_from(
    pack: Callable[..., Standard],
) -> None:
    every = {
        "every": {"record": "supplier", "satisfies": {"item": "supplier.critical", "is": True}}
    }
    some = {"some": {"record": "supplier", "satisfies": ALWAYS}}
    standard = pack(
        rule("6.1-a", {"item": "supplier_share.critical_pct", "at_least": 90}),
        rule("6.1-b", {"all": [every, some]}),
        items=SHARE,
    )
    assert told(prove(standard)) == [("implied_by", ("6.1-a", "6.1-b"))]
    solver = _checks(standard, DAY).solver
    first, second = (r.satisfied_when for r in standard.requirements.values())
    assert solver.ask(Claim(first), Claim(second, holds=False))


@pytest.mark.parametrize(
    "changes",
    [
        {"applies_when": ITO},
        {"severity": "minor"},
        {"exclusion": {"allowed_when": NO_SUPPLIERS, "reason": {"zh": "甲", "en": "a"}}},
        {"satisfied_when": at_least(89)},
    ],
)
def test_what_is_narrower_lighter_or_excludable_makes_nothing_redundant(
    pack: Callable[..., Standard], changes: dict[str, Any]
) -> None:
    stricter = {**rule("6.1-b", at_least(95)), **changes}
    standard = pack(rule("6.1-a", at_least(90)), stricter)
    assert ("implied_by", ("6.1-a", "6.1-b")) not in told(prove(standard))


def test_two_that_contradict_under_a_profile(pack: Callable[..., Standard]) -> None:
    standard = pack(rule("6.1-a", at_least(95), ITO), rule("6.1-b", at_most(50), SUPPLIERS))
    report = prove(standard)
    assert told(report) == [("contradicts", ("6.1-a", "6.1-b"))]
    assert outcomes(report.findings[0], standard) == ["conforming", "nonconforming"]
    assert "include ITO" in report.findings[0].text.en


def test_three_that_contradict_only_together(pack: Callable[..., Standard]) -> None:
    standard = pack(
        rule("6.1-a", {"item": "change.late_count", "at_least": {"item": "change.total_count"}}),
        rule("6.1-b", {"item": "change.late_count", "at_most": 2}),
        rule("6.1-c", {"item": "change.total_count", "at_least": 3}),
    )
    report = prove(standard)
    assert told(report) == [("contradicts", ("6.1-a", "6.1-b", "6.1-c"))]
    assert outcomes(report.findings[0], standard) == ["conforming", "conforming", "nonconforming"]


def test_two_that_contradict_through_a_circumstance(pack: Callable[..., Standard]) -> None:
    """They share no answer; the dispute over one circumstance links them."""
    listed = {"some": {"record": "supplier", "satisfies": ALWAYS}}
    disputed = (
        "  - id: passed\n    flag: uses_external_suppliers\n"
        "    contradicted_when: {all: [{item: profile.uses_external_suppliers, is: true},"
        " {item: test.pass_pct, more_than: 0}]}\n    message: {zh: 甲, en: a}\n"
    )
    standard = pack(rule("6.1-a", listed), rule("6.2-a", at_least(1)), consistency=disputed)
    assert ("contradicts", ("6.1-a", "6.2-a")) in told(prove(standard))


def test_exclusions_that_empty_a_clause(pack: Callable[..., Standard]) -> None:
    allowed = {"allowed_when": NO_SUPPLIERS, "reason": {"zh": "甲", "en": "a"}}
    standard = pack(
        rule("6.1-a", at_least(90), exclusion=allowed),
        rule("6.1-b", {"item": "plan.kept", "is": True}, SUPPLIERS),
        rule("6.2-a", {"item": "plan.parts", "includes": ["risk"]}, exclusion=allowed),
        rule("6.2-b", {"item": "plan.state", "is": "draft"}),
    )
    report = prove(standard)
    assert told(report) == [("exclusion_empties_clause", ("6.1-a", "6.1-b"))]
    assert outcomes(report.findings[0], standard) == ["excluded", "not_applicable"]


@pytest.mark.parametrize(
    ("satisfied", "expected"),
    [
        ({"item": "test.pass_pct", "at_least": {"parameter": "wide_pct"}}, {0: "is", 200: "not"}),
        ({"item": "test.pass_pct", "at_most": {"parameter": "wide_pct"}}, {200: "is"}),
        (
            {
                "all": [
                    {"item": "test.pass_pct", "at_least": {"parameter": "wide_pct"}},
                    {"item": "test.pass_pct", "less_than": 90},
                ]
            },
            {200: "not"},
        ),
    ],
)
def test_parameters_with_a_range_too_wide(
    pack: Callable[..., Standard], satisfied: Any, expected: dict[int, str]
) -> None:
    wide = (
        "  wide_pct: {default: 50, unit: percent, title: {zh: 甲, en: a}, reason: {zh: 甲, en: a},"
        " minimum: 0, maximum: 200}\n"
    )
    standard = pack(rule("6.1-a", satisfied), parameters=wide)
    report = prove(standard)
    assert [dict(f.parameters)["wide_pct"] for f in report.findings] == list(expected)
    for found in report.findings:
        assert (found.kind, found.parameter) == (Kind.PARAMETER_RANGE, "wide_pct")
        met = expected[int(dict(found.parameters)["wide_pct"])] == "is"
        assert outcomes(found, standard) == ["conforming" if met else "nonconforming"]


def test_a_parameter_that_a_dispute_reads_too(pack: Callable[..., Standard]) -> None:
    limit = {"parameter": "pass_min_pct"}
    disputed = (
        "  - id: passed\n    flag: uses_external_suppliers\n"
        "    contradicted_when: {all: [{item: profile.uses_external_suppliers, is: true},"
        " {item: test.pass_pct, less_than: {parameter: pass_min_pct}}]}\n"
        "    message: {zh: 甲, en: a}\n"
    )
    passed = {"item": "test.pass_pct", "at_most": limit}
    standard = pack(rule("6.1-a", passed, SUPPLIERS), consistency=disputed)
    report = prove(standard)
    assert [f.parameters for f in report.findings] == [(("pass_min_pct", 100),)]
    assert outcomes(report.findings[0], standard) == ["conforming"]


def test_a_parameter_without_default_stands_in_the_middle(pack: Callable[..., Standard]) -> None:
    unset = (
        "  open_pct: {default: null, unit: percent, title: {zh: 甲, en: a}, reason: {zh: 甲, en: a},"
        " minimum: 20, maximum: 40}\n"
    )
    limit = {"item": "test.pass_pct", "at_least": {"parameter": "open_pct"}}
    standard = pack(rule("6.1-a", {"all": [limit, at_most(10)]}), parameters=unset)
    (found,) = [f for f in prove(standard).findings if f.kind is Kind.NEVER_SATISFIABLE]
    assert found.parameters == (("open_pct", 30),)
    assert outcomes(found, standard) == ["nonconforming"]


def test_no_company_at_all(pack: Callable[..., Standard]) -> None:
    disputed = (
        "  - id: all\n    flag: uses_external_suppliers\n"
        "    contradicted_when: {any: [{item: profile.uses_external_suppliers, is: true},"
        " {item: profile.uses_external_suppliers, is: false}]}\n    message: {zh: 甲, en: a}\n"
    )
    report = prove(pack(rule("6.1-a", at_least(90)), consistency=disputed))
    assert told(report) == [("never_applies", ("6.1-a",))]
    assert report.findings[0].company == ""


@pytest.mark.parametrize(
    ("item", "low", "high", "possible"),
    [
        ("supplier_share.critical_pct", 33, 34, True),
        ("supplier_share.critical_pct", 0.1, 1, True),
        ("supplier_share.dated_count", 7, 7, True),
        ("supplier_share.dated_count", 20_001, 30_000, False),
    ],
)
def test_figures_and_records_of_one_company_agree(
    pack: Callable[..., Standard], item: str, low: float, high: float, possible: bool
) -> None:
    """The list has to be there, so each figure has to be what the list gives."""
    between = [{"item": item, "at_least": low}, {"item": item, "at_most": high}]
    satisfied = {"all": [*between, {"some": {"record": "supplier", "satisfies": ALWAYS}}]}
    standard = pack(rule("6.1-a", satisfied), items=SHARE)
    asked = standard.requirements["6.1-a"].satisfied_when
    found = _checks(standard, DAY).solver.find(Claim(asked))
    assert (found is not None) is possible
    if found is not None:
        document = parse_document(written(found, standard, [asked]).encode(), "w", EvidenceError)
        company = from_document(document, standard)
        assert not company.evidence
        outcome = assess(company, standard, as_of=DAY).findings["6.1-a"].outcome
        assert outcome.value == "conforming"
