"""From a company file to findings: outcomes, grades, reasons, exclusions and disputes."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest

from socap.assessment import Assessment, assess
from socap.documents import parse_document
from socap.errors import EvidenceError, UsageError
from socap.findings import ReasonKind
from socap.organisation import from_document
from socap.standard import load

if TYPE_CHECKING:
    from collections.abc import Callable

    from socap.organisation import Organisation
    from socap.standard import Standard

AS_OF = date(2026, 3, 1)
ITO = "profile: {types: [ITO], uses_external_suppliers: true}\n"
pytestmark = pytest.mark.parametrize("reader", ["reference", "durable"])


@pytest.fixture
def judged(
    tiny: Standard, company: Callable[[str], Organisation], reader: str
) -> Callable[..., Assessment]:
    def build(body: str, **options: object) -> Assessment:
        chosen = {"as_of": AS_OF, "reader": reader, **options}
        return assess(company(body), tiny, **chosen)  # type: ignore[arg-type]

    return build


def outcome(assessment: Assessment, requirement: str) -> str:
    finding = assessment.findings[requirement]
    return finding.outcome.value + (f"/{finding.grade.value}" if finding.grade else "")


def kinds(assessment: Assessment, requirement: str) -> set[str]:
    return {reason.kind.value for reason in assessment.findings[requirement].reasons}


@pytest.mark.parametrize(
    ("evidence", "requirement", "expected"),
    [
        ("audit.last_date: 2025-03-01", "6.1-a", "conforming"),
        ("audit.last_date: 2025-02-28", "6.1-a", "nonconforming/major"),
        ("audit.last_date: 2026-03-01", "6.1-a", "conforming"),
        ("audit.last_date: 2026-03-02", "6.1-a", "undetermined"),
        ("test.pass_pct: 95", "6.1-b", "conforming"),
        ("test.pass_pct: 94.99", "6.1-b", "nonconforming/minor"),
        ("test.pass_pct: 101", "6.1-b", "undetermined"),
        ("test.pass_pct: [{value: 95}, {value: 96}]", "6.1-b", "undetermined"),
        ("test.pass_pct: {value: 95, valid_until: 2026-02-28}", "6.1-b", "undetermined"),
        ("test.pass_pct: {value: 95, valid_until: 2026-03-01}", "6.1-b", "conforming"),
        ("change.late_count: {no_case: none}", "6.1-c", "conforming"),
        ("change.late_count: 1", "6.1-c", "nonconforming/opportunity"),
        ("{change.late_count: 5, change.total_count: 4}", "6.1-c", "undetermined"),
        ("plan.kept: false", "6.2-b", "nonconforming/minor"),
        ("plan.state: draft", "6.2-b", "nonconforming/minor"),
        ("plan.parts: [risk]", "6.2-b", "nonconforming/minor"),
        ("{plan.kept: true, plan.state: approved}", "6.2-b", "undetermined"),
        (
            "{plan.kept: true, plan.state: approved, plan.parts: [risk, scope]}",
            "6.2-b",
            "conforming",
        ),
    ],
)
def test_evidence_leads_to_the_outcome(
    judged: Callable[..., Assessment], evidence: str, requirement: str, expected: str
) -> None:
    body = evidence if evidence.startswith("{") else "{" + evidence + "}"
    assert outcome(judged(f"{ITO}evidence: {body}\n"), requirement) == expected


@pytest.mark.parametrize(
    ("records", "expected", "failing"),
    [
        ("[{id: a, critical: true, evaluated_on: 2025-06-01}]", "conforming", []),
        (
            "[{id: a, critical: true, evaluated_on: 2024-06-01}, {id: b}]",
            "nonconforming/major",
            ["a"],
        ),
        ("[{id: a, critical: false}]", "conforming", []),
        ("[{id: a, evaluated_on: 2024-06-01}]", "undetermined", ["a"]),
        ("[{id: a, evaluated_on: 2025-06-01}]", "conforming", []),
        ("[]", "nonconforming/major", []),
        ("null", "undetermined", []),
        (
            "[{id: a, critical: true, evaluated_on: 2025-06-01, status: rejected}]",
            "undetermined",
            ["a"],
        ),
    ],
)
def test_records_are_counted_and_the_failing_ones_named(
    judged: Callable[..., Assessment], records: str, expected: str, failing: list[str]
) -> None:
    assessment = judged(f"{ITO}records: {{supplier: {records}}}\n")
    assert outcome(assessment, "6.2-a") == expected
    assert sorted({i for r in assessment.findings["6.2-a"].reasons for i in r.records}) == failing


def test_circumstances_decide_what_applies(judged: Callable[..., Assessment]) -> None:
    assessment = judged("profile: {types: [BPO], uses_external_suppliers: false}\n")
    assert outcome(assessment, "6.1-b") == "not_applicable"
    assert outcome(assessment, "6.2-a") == "not_applicable"
    assert outcome(judged("profile: {types: [BPO]}\n"), "6.2-a") == "undetermined"
    assert kinds(assessment, "6.2-a") == {"circumstance"}


def test_a_contradicted_circumstance_is_disputed(judged: Callable[..., Assessment]) -> None:
    body = (
        "profile: {types: [ITO], uses_external_suppliers: false}\nrecords: {supplier: [{id: a}]}\n"
    )
    assessment = judged(body)
    assert outcome(assessment, "6.2-a") == "undetermined"
    assert kinds(assessment, "6.2-a") == {"disputed"}
    assert "列出了供方" in assessment.findings["6.2-a"].reasons[0].text.zh


@pytest.mark.parametrize(
    ("requirement", "state", "expected", "kind"),
    [
        ("6.1-b", "draft", "excluded", ReasonKind.EXCLUSION),
        ("6.1-b", "approved", "nonconforming/minor", ReasonKind.EXCLUSION_REFUSED),
        ("6.1-a", "draft", "undetermined", ReasonKind.EXCLUSION_REFUSED),
        ("6.1-b", "null", "undetermined", ReasonKind.EXCLUSION_OPEN),
        ("6.1-b", "null", "undetermined", ReasonKind.MISSING),
    ],
)
def test_an_exclusion_is_accepted_or_refused_with_the_reason(
    judged: Callable[..., Assessment], requirement: str, state: str, expected: str, kind: ReasonKind
) -> None:
    assessment = judged(
        f"{ITO}evidence: {{plan.state: {state}, test.pass_pct: 10}}\n"
        f"exclusions: [{{requirement: {requirement}, justification: none held}}]\n"
    )
    assert outcome(assessment, requirement) == expected
    assert kind.value in kinds(assessment, requirement)


def test_only_verified_evidence_counts_when_asked(judged: Callable[..., Assessment]) -> None:
    body = ITO + (
        "evidence:\n  test.pass_pct: 99\n"
        "  audit.last_date: {value: 2026-01-01, status: verified, verified_by: L. Chen}\n"
    )
    assessment = judged(body, assurance="verified")
    assert outcome(assessment, "6.1-a") == "conforming"
    assert outcome(assessment, "6.1-b") == "undetermined"
    assert kinds(assessment, "6.1-b") == {"unverified"}


def test_parameters_can_be_replaced(judged: Callable[..., Assessment]) -> None:
    body = f"{ITO}evidence: {{test.pass_pct: 90}}\n"
    assert outcome(judged(body), "6.1-b") == "nonconforming/minor"
    lowered = judged(body, parameters={"pass_min_pct": 90})
    assert outcome(lowered, "6.1-b") == "conforming"
    assert lowered.to_dict()["parameters"] == {"pass_min_pct": 90}


@pytest.mark.parametrize(
    "options",
    [
        {"parameters": {"pass_min_pc": 90}},
        {"parameters": {"pass_min_pct": 101}},
        {"parameters": {"pass_min_pct": float("nan")}},
        {"parameters": {"audit_interval_days": 30.5}},
        {"assurance": "hearsay"},
        {"reader": "oracle"},
        {"as_of": datetime(2026, 3, 1, tzinfo=UTC)},
        {"as_of": "2026-03-01"},
    ],
)
def test_wrong_options_are_refused(
    judged: Callable[..., Assessment], options: dict[str, object]
) -> None:
    with pytest.raises(UsageError):
        judged(ITO, **options)


FULL = (
    "{audit.last_date: 2026-01-01, test.pass_pct: %s, change.late_count: 0, change.total_count: 3,"
    " plan.kept: true, plan.state: approved, plan.parts: [risk, scope]}"
)


@pytest.mark.parametrize(
    ("body", "status", "recommendation"),
    [
        (f"evidence: {FULL % 96}", "conforming", "recommended"),
        (f"evidence: {FULL % 90}", "nonconforming", "recommended_with_plan"),
        ("evidence: {plan.kept: true}", "undetermined", "incomplete"),
        ("evidence: {test.pass_pct: 10}", "nonconforming", "incomplete"),
        ("evidence: {audit.last_date: 2020-01-01}", "nonconforming", "deferred"),
    ],
)
def test_findings_roll_up_to_status_and_recommendation(
    judged: Callable[..., Assessment], body: str, status: str, recommendation: str
) -> None:
    profile = "profile: {types: [ITO], uses_external_suppliers: false}\n"
    assessment = judged(profile + body + "\n")
    assert assessment.status.value == status
    assert assessment.recommendation.id == recommendation
    assert assessment.by_clause["6"] == assessment.summary
    assert sum(r.conforming for r in assessment.by_aspect.values()) == assessment.summary.conforming
    assert (
        sum(r.undetermined for r in assessment.by_pdca.values()) == assessment.summary.undetermined
    )


def test_the_same_input_gives_the_same_bytes(judged: Callable[..., Assessment]) -> None:
    body = f"{ITO}evidence: {FULL % 90}\nrecords: {{supplier: [{{id: a}}, {{id: b}}]}}\n"
    assert json.dumps(judged(body).to_dict()) == json.dumps(judged(body).to_dict())


def test_an_explanation_names_outcome_rule_and_reason(judged: Callable[..., Assessment]) -> None:
    assessment = judged(f"{ITO}evidence: {{test.pass_pct: 90}}\n")
    for lang, words in (("en", "minor nonconformity"), ("zh", "一般不符合")):
        shown = str(assessment.explain("6.1-b", lang))  # type: ignore[arg-type]
        assert words in shown
        assert "90%" in shown
        assert "6.1-a" in shown
    with pytest.raises(UsageError, match="did you mean"):
        assessment.explain("6.1-bb")


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_every_part_above_its_total_is_implausible_in_any_order(
    order: tuple[int, int, int], reader: str
) -> None:
    answers = (
        "process.register_count: 3",
        "process.owner_assigned_count: 5",
        "process.inputs_outputs_defined_count: 4",
    )
    body = "organisation: {id: t, name: {zh: 甲, en: A}}\nprofile: {types: [ITO]}\n"
    body += f"evidence: {{{', '.join(answers[i] for i in order)}}}\n"
    standard = load()
    company = from_document(parse_document(body.encode(), "c.yaml", EvidenceError), standard)
    result = assess(company, standard, as_of=AS_OF, reader=reader)
    found = {
        key
        for reason in result.findings["4.3-a"].reasons
        if reason.kind is ReasonKind.IMPLAUSIBLE
        for key in reason.evidence
    }
    assert found == {answer.split(":")[0] for answer in answers}
