from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import generation as made
import pytest
import questions as benchmark

from socap.answers import Answer, Backing
from socap.assessment import Assessment, assess
from socap.company_file import read
from socap.documents import parse_document
from socap.errors import EvidenceError, UsageError
from socap.findings import Outcome, ReasonKind
from socap.organisation import Organisation, Record, from_document
from socap.questions import Question, QuestionKind, positions, questions, weights
from socap.rules import expressions as x
from socap.rules.expressions import Condition, Literal, Operator
from socap.rules.facts import MISSING, Facts, RecordFacts, known
from socap.rules.implicant import FactRef
from socap.rules.reference import evaluate
from socap.rules.truth import Truth
from socap.rules.vocabulary import RecordType
from socap.rules.ways import SETTLED, Way, ways
from socap.standard import Standard, load

ROOT = Path(__file__).parents[1]
AS_OF = date(2026, 11, 1)
Build = Callable[[str], Organisation]


def assessed(organisation: Organisation, standard: Standard, **of: Any) -> Assessment:
    return assess(organisation, standard, as_of=AS_OF, reader="reference", **of)


def keys(asked: tuple[Question, ...]) -> list[tuple[str, str]]:
    return [(q.key, q.record) for q in asked]


def test_an_empty_company_is_asked_in_the_order_of_the_formula(
    tiny: Standard, company: Build
) -> None:
    asked = questions(assessed(company("profile: {types: [KPO]}\n"), tiny))
    # plan.*: 0.8 cubed / 3 + 0.2; flag: 0.2 + 0.8 (0.64 / 4 + 0.2 / 2 + 0.2 / 4).
    assert [(q.key, q.score) for q in asked] == [
        ("audit.last_date", 1.2),
        ("change.late_count", 0.5),
        ("profile.uses_external_suppliers", 0.448),
        ("plan.parts", 0.370667),
        ("plan.kept", 0.370667),
        ("plan.state", 0.370667),
        ("records.supplier", 0.248),
        ("change.total_count", 0.17),
    ]
    assert {q.key: q.waits_for for q in asked if q.waits_for} == {
        "records.supplier": ("profile.uses_external_suppliers",),
        "change.total_count": ("change.late_count",),
    }


def answer_of(full: Assessment, ref: FactRef) -> Answer | None:
    name = ref.key.split(".")[0]
    record = None
    if ref.record:
        record = next(r for r in full.facts.records[name] if r.id == ref.record)
    fact = full.facts.get(ref.key, record)
    if fact.unknown is not None:
        return None
    return Answer(fact.value, "none" if fact.no_case else "", Backing())


def answered(now: Organisation, question: Question, full: Assessment) -> Organisation | None:
    """Give the true answer to one question; None where the full company has none either."""
    if question.kind is QuestionKind.RECORDS:
        name = question.key.removeprefix("records.")
        if name not in full.facts.records:
            return None
        listed = tuple(Record(r.id, {}, Backing()) for r in full.facts.records[name])
        return replace(now, records={**now.records, name: listed})
    told = answer_of(full, question.ref)
    if told is None:
        return None
    if question.kind is QuestionKind.CIRCUMSTANCE:
        assert isinstance(told.value, bool)
        flags = {**now.profile.flags, question.key.removeprefix("profile."): told.value}
        return replace(now, profile=replace(now.profile, flags=flags))
    if question.kind is QuestionKind.ITEM:
        return replace(now, evidence={**now.evidence, question.key: (told,)})
    name = question.key.split(".")[0]
    records = tuple(
        replace(r, answers={**r.answers, question.key: told}) if r.id == question.record else r
        for r in now.records[name]
    )
    return replace(now, records={**now.records, name: records})


def interviewed(full: Assessment, rng: Random, batch: int) -> tuple[Assessment, int]:
    """Answer what is asked, several questions at a time, until nothing new is asked."""
    organisation = full.organisation
    now = replace(
        organisation, evidence={}, records={}, profile=replace(organisation.profile, flags={})
    )
    seen: set[FactRef] = set()
    while True:
        assessment = assessed(now, full.standard)
        asked = [q for q in questions(assessment) if q.ref not in seen]
        for question in asked:
            assert question.requirements
            for name in question.requirements:
                assert assessment.findings[name].outcome is Outcome.UNDETERMINED
        if not asked:
            return assessment, len(seen)
        for question in asked[:batch] if rng.random() < 0.7 else rng.sample(asked, 1):
            seen.add(question.ref)
            now = answered(now, question, full) or now


@pytest.mark.parametrize("seed", range(12))
def test_answering_all_that_is_asked_decides_what_all_answers_decide(seed: int) -> None:
    standard, rng = load(), Random(seed)
    full = assessed(benchmark.Generator(standard, AS_OF).company(rng, f"c{seed}"), standard)
    partial, _ = interviewed(full, rng, 25)
    outcomes = {k: f.outcome for k, f in partial.findings.items()}
    assert outcomes == {k: f.outcome for k, f in full.findings.items()}
    for finding in partial.findings.values():
        missing = {k for r in finding.reasons if r.kind is ReasonKind.MISSING for k in r.evidence}
        known_to_full = {k for k in missing if k in full.organisation.evidence}
        if finding.outcome is Outcome.UNDETERMINED:
            assert not known_to_full


@pytest.mark.parametrize("seed", range(30))
def test_tiny_companies_asked_one_by_one(tiny: Standard, seed: int) -> None:
    rng = Random(seed)
    full = assessed(benchmark.Generator(tiny, AS_OF).company(rng, f"c{seed}"), tiny)
    partial, number = interviewed(full, rng, 1)
    assert {k: f.outcome for k, f in partial.findings.items()} == {
        k: f.outcome for k, f in full.findings.items()
    }
    assert number <= len(positions(tiny)) + 2 * len(full.facts.records.get("supplier", ()))


@pytest.mark.parametrize(
    "name",
    ["almost-there", "delta-group", "huaqiao-software", "kunshan-contact-centre", "new-start"],
)
def test_the_example_companies_come_out_as_they_are(name: str) -> None:
    standard = load()
    full = assessed(read(ROOT / "examples" / f"{name}.yaml", standard), standard)
    result = benchmark.run(standard, full.organisation)
    assert result.left[benchmark.Order.SOCAP][-1] <= sum(
        f.outcome is Outcome.UNDETERMINED for f in full.findings.values()
    )
    assert result.reached(benchmark.Order.SOCAP, 1.0) <= result.everything


def revealed(facts: Facts, ref: FactRef, full: Facts) -> Facts:
    name = ref.key.split(".")[0]
    if name == "records":
        kind = ref.key.removeprefix("records.")
        if kind not in full.records:
            return facts
        listed = tuple(
            RecordFacts(r.id, dict.fromkeys(r.fields, MISSING)) for r in full.records[kind]
        )
        return replace(facts, records={**facts.records, kind: listed})
    if not ref.record:
        return replace(facts, items={**facts.items, ref.key: full.items.get(ref.key, MISSING)})
    true = {r.id: r.fields[ref.key] for r in full.records[name]}
    return replace(
        facts,
        records={
            name: tuple(
                RecordFacts(r.id, {**r.fields, ref.key: true[r.id]}) if r.id == ref.record else r
                for r in facts.records[name]
            )
        },
    )


@pytest.mark.parametrize("seed", range(400))
def test_what_ways_ask_for_decides_generated_rules(seed: int) -> None:
    rng = Random(seed)
    rule, full = made.expression(rng), made.facts(rng)
    words: dict[str, RecordType] = made.VOCABULARY.records
    facts, asked = Facts(full.as_of, {}, {}, full.parameters), set[FactRef]()
    while True:
        found = [*ways(rule, facts, words, to=True), *ways(rule, facts, words, to=False)]
        refs = {ref for way in found for ref in way.refs}
        askable = sorted(r for r in refs - asked if r.record or not r.key.startswith("unit."))
        if not askable:
            break
        asked.add(askable[0])
        facts = revealed(facts, askable[0], full)
    assert evaluate(rule, facts) is evaluate(rule, full)


def test_ways_count_shared_facts_once_and_leave_unset_parameters_out() -> None:
    flag = Condition("a.a", Operator.IS, Literal(True))
    same = Condition("a.a", Operator.IS, x.ItemRef("b.b"))
    unset = Condition("c.c", Operator.AT_LEAST, x.ParameterRef("unset"))
    nothing = Facts(AS_OF, {})
    a, b = FactRef("a.a"), FactRef("b.b")
    both = ways(x.All((flag, same)), nothing, {}, to=True)
    assert [(w.refs, w.size) for w in both] == [(frozenset({a, b}), 2)]
    assert both[0].chance == pytest.approx(0.64)
    assert ways(x.All((flag, unset)), nothing, {}, to=True) == ()
    assert [w.refs for w in ways(x.All((flag, unset)), nothing, {}, to=False)] == [frozenset({a})]
    assert ways(flag, Facts(AS_OF, {"a.a": known(True)}), {}, to=True) == (SETTLED,)
    assert ways(Condition("a.a", Operator.PRESENT, Literal(True)), nothing, {}, to=True) == (
        Way(frozenset({a}), 1, 1.0),
    )


def test_a_count_needs_as_many_records_as_are_short() -> None:
    rule = x.Quantified(
        x.Quantity.COUNT, "r", Condition("r.ok", Operator.IS, Literal(True)), x.Always(), Literal(3)
    )
    facts = Facts(
        AS_OF,
        {},
        {
            "r": tuple(
                RecordFacts(f"r{i}", {"r.ok": known(True) if i == 0 else MISSING}) for i in range(4)
            )
        },
    )
    (held,) = ways(rule, facts, {}, to=True)
    assert held.refs == {FactRef("r.ok", f"r{i}") for i in (1, 2, 3)}
    assert held.size == 2
    (failed,) = ways(rule, facts, {}, to=False)
    assert failed.size == 2
    assert evaluate(rule, facts) is Truth.UNKNOWN


def test_what_does_not_apply_or_is_decided_is_not_asked(tiny: Standard, company: Build) -> None:
    body = "profile: {types: [KPO], uses_external_suppliers: false}\nevidence: {plan.kept: false}\n"
    asked = questions(assessed(company(body), tiny))
    assert {q.key for q in asked} == {"audit.last_date", "change.late_count", "change.total_count"}


def test_an_answer_that_does_not_count_is_asked_again(tiny: Standard, company: Build) -> None:
    body = """profile: {types: [ITO], uses_external_suppliers: false}
evidence:
  audit.last_date: {value: 2026-01-01, valid_until: 2026-05-01}
  test.pass_pct: [{value: 90, source: a}, {value: 99, source: b}]
  plan.kept: {value: true, status: rejected}
  plan.parts: [scope, risk]
  plan.state: approved
  change.late_count: 3
  change.total_count: 2
records: {supplier: [{id: acme, critical: true, evaluated_on: 2026-10-01}]}
"""
    asked = {q.key: q for q in questions(assessed(company(body), tiny))}
    assert {key: q.reason.value for key, q in asked.items()} == {
        "audit.last_date": "expired",
        "test.pass_pct": "conflicting",
        "plan.kept": "rejected",
        "change.late_count": "implausible",
        "change.total_count": "implausible",
        "profile.uses_external_suppliers": "disputed",
    }
    assert asked["profile.uses_external_suppliers"].again.en == (
        "disputed circumstance; no external suppliers are declared though some are listed"
    )


def test_a_record_that_does_not_count_is_asked_for_as_a_whole(
    tiny: Standard, company: Build
) -> None:
    body = """profile: {types: [KPO], uses_external_suppliers: true}
records:
  supplier:
    - {id: old, critical: true, evaluated_on: 2026-10-01, valid_until: 2026-10-02}
    - {id: new, critical: true}
"""
    asked = [q for q in questions(assessed(company(body), tiny)) if q.requirements == ("6.2-a",)]
    assert sorted(keys(tuple(asked))) == [
        ("records.supplier", "old"),
        ("supplier.evaluated_on", "new"),
    ]
    (whole,) = [q for q in asked if q.kind is QuestionKind.RECORD]
    assert whole.reason is ReasonKind.EXPIRED


def test_only_verified_evidence_counts_where_asked(tiny: Standard, company: Build) -> None:
    organisation = company("profile: {types: [KPO]}\nevidence: {audit.last_date: 2026-10-01}\n")
    asked = questions(assessed(organisation, tiny, assurance="verified"))
    assert [q.reason.value for q in asked if q.key == "audit.last_date"] == ["unverified"]


def test_the_condition_of_a_stated_exclusion_is_asked(tiny: Standard, company: Build) -> None:
    body = """profile: {types: [ITO], uses_external_suppliers: false}
evidence: {audit.last_date: 2026-10-01, test.pass_pct: 10, change.late_count: {no_case: none}, plan.kept: false}
"""
    assert questions(assessed(company(body), tiny)) == ()
    stated = body + "exclusions: [{requirement: 6.1-b, justification: draft}]\n"
    (asked,) = questions(assessed(company(stated), tiny))
    assert (asked.key, asked.requirements) == ("plan.state", ("6.1-b",))


def test_what_waits_for_an_unset_parameter_is_not_asked() -> None:
    standard = load("municipal-recognition")
    text = "organisation: {id: t, name: {zh: 甲, en: A}}\n"
    organisation = from_document(parse_document(text.encode(), "c.yaml", EvidenceError), standard)
    unset = {n for n, p in standard.vocabulary.parameters.items() if p.default is None}
    plain = {q.key for q in questions(assessed(organisation, standard))}
    with_all = {
        q.key
        for q in questions(assessed(organisation, standard, parameters=dict.fromkeys(unset, 1)))
    }
    assert plain < with_all


def test_weights_follow_the_graph_and_the_obligation(tiny: Standard) -> None:
    assert weights(tiny) == {"6.1-a": 1.2, "6.1-b": 1.0, "6.1-c": 0.5, "6.2-a": 1.0, "6.2-b": 1.0}


@pytest.mark.parametrize("limit", [0, -1, True, 1.5, "3"])
def test_a_limit_is_a_whole_number_above_none(tiny: Standard, company: Build, limit: Any) -> None:
    with pytest.raises(UsageError, match="limit"):
        questions(assessed(company("profile: {types: [KPO]}\n"), tiny), limit=limit)


def test_limit_takes_the_best_and_results_are_plain_data(tiny: Standard, company: Build) -> None:
    assessment = assessed(company("profile: {types: [KPO]}\n"), tiny)
    every = questions(assessment)
    assert questions(assessment, limit=2) == every[:2]
    assert questions(assessment, limit=1000) == every
    told = json.loads(json.dumps(every[0].to_dict()))
    assert told["key"] == "audit.last_date"
    assert told["score"] == 1.2
    assert every[0].to_text("zh") == "1.20  最近审核日期 (audit.last_date) 关系到 1 项要求"
    assert every[0].to_text("en").endswith("bears on 1 requirement")


def test_many_records_are_asked_without_going_through_all_sets(
    tiny: Standard, company: Build
) -> None:
    rows = "".join(f"    - {{id: s{i}, critical: true}}\n" for i in range(2000))
    body = (
        f"profile: {{types: [KPO], uses_external_suppliers: true}}\nrecords:\n  supplier:\n{rows}"
    )
    asked = questions(assessed(company(body), tiny))
    fields = [q.record for q in asked if q.key == "supplier.evaluated_on"]
    assert fields == [f"s{i}" for i in range(2000)]
