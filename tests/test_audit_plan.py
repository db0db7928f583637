"""The audit plan: days worked out by hand, stated samples, an ordered programme, clear refusals."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from socap.answers import Answer, Backing
from socap.assessment import assess
from socap.audit_plan import AuditPlan, audit_plan
from socap.auditing.days import audit_days
from socap.auditing.figures import stated
from socap.auditing.programme import Visit
from socap.auditing.sampling import ranking
from socap.company_file import read
from socap.documents import parse_document
from socap.errors import EvidenceError, UsageError
from socap.findings import Outcome
from socap.organisation import Certificate, Record, from_document
from socap.rules import expressions as x
from socap.standard import load

if TYPE_CHECKING:
    from socap.assessment import Assessment
    from socap.organisation import Organisation

ROOT = Path(__file__).parent.parent
AS_OF = date(2026, 11, 1)
EXAMPLES = sorted((ROOT / "examples").glob("*.yaml"))


def example(name: str) -> Organisation:
    return read(ROOT / "examples" / f"{name}.yaml")


def judged(organisation: Organisation) -> Assessment:
    return assess(organisation, as_of=AS_OF, reader="reference")


@pytest.fixture(scope="module")
def delta() -> Assessment:
    return judged(example("delta-group"))


@pytest.fixture(scope="module")
def huaqiao() -> Assessment:
    return judged(example("huaqiao-software"))


def days(plan: AuditPlan) -> tuple[float, ...]:
    d = plan.days
    found = (d.base, d.initial, d.stage_1, d.stage_2, d.surveillance, d.recertification)
    return tuple(float(n) for n in found)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("almost-there", (7, 7, 2, 5, 2.5, 4.5)),  # 75 persons, no factor
        ("delta-group", (16, 24, 6, 18, 8, 16)),  # 2600: 13 + 3; 55 % limited to 50 %
        ("huaqiao-software", (9, 9, 2.5, 6.5, 3, 6)),  # 180
        ("kunshan-contact-centre", (13, 14.5, 3.5, 11, 5, 9.5)),  # 900; personal information
        ("new-start", (5, 5, 1.5, 3.5, 1.5, 3.5)),  # 30
        ("suzhou-analytics", (7, 7, 2, 5, 2.5, 4.5)),  # 120
    ],
)
def test_the_days_of_the_examples(name: str, expected: tuple[float, ...]) -> None:
    assert days(audit_plan(judged(example(name)))) == expected


def test_what_is_not_answered_is_not_counted_but_said() -> None:
    plan = audit_plan(judged(example("new-start")))
    # offshore, personal information, data centre and payments: 10 + 10 + 15 + 10
    assert float(plan.days.initial_if_open) == 7.5
    assert any("not answered, so not counted in the days" in n.en for n in plan.notes)
    assert any(n.en == "the company file lists no sites: one is assumed" for n in plan.notes)


def test_an_open_circumstance_never_promises_fewer_days() -> None:
    plan = audit_plan(judged(example("new-start")), offshore_pct=-10)
    assert float(plan.days.initial_if_open) == 7  # 35 % more: 6.75


@pytest.mark.parametrize(("count", "state"), [(10, "does_not_apply"), (11, "applies")])
def test_suppliers_count_above_the_limit(delta: Assessment, count: int, state: str) -> None:
    one = delta.organisation.records["supplier"][0]
    suppliers = tuple(replace(one, id=f"x{n}") for n in range(count))
    company = replace(
        delta.organisation, records={**delta.organisation.records, "supplier": suppliers}
    )
    factors = {f.name: f.state.value for f in audit_plan(judged(company)).days.factors}
    assert factors["suppliers_pct"] == state


def test_repetitive_posts_count_as_their_root(delta: Assessment) -> None:
    plan = audit_plan(delta, repetitive_posts=(2025, 100), floor_sites=["osaka"], by="Li Na")
    assert [(o.name, o.value, o.by) for o in plan.overrides] == [
        ("repetitive_posts", "2025, 100", "Li Na"),
        ("floor_sites", "osaka", "Li Na"),
    ]
    assert plan.days.effective == 530
    assert days(plan)[:2] == (11, 16.5)


def test_stage_1_and_stage_2_are_the_initial_audit(huaqiao: Assessment) -> None:
    plan = audit_plan(huaqiao)
    for employees in (*range(1, 2_000), 10_000_000):
        d = audit_days(employees, (), plan.days.factors, plan.chosen)
        assert d.stage_1 + d.stage_2 == d.initial
        assert d.stage_1 >= Fraction(1, 2)
        assert min(d.initial, d.surveillance, d.recertification) >= 1
        shown = (d.stage_1, d.stage_2, d.surveillance, d.recertification)
        assert all((2 * n).denominator == 1 for n in shown)


def test_what_a_caller_states_takes_days_off(huaqiao: Assessment) -> None:
    plan = audit_plan(huaqiao, mature=True, single_process=True, by="Li Na")
    assert float(plan.days.sum_pct) == -20
    assert days(plan)[:2] == (9, 7)  # 7.2
    assert [(o.name, o.default, o.value, o.by) for o in plan.overrides] == [
        ("mature", "false", "true", "Li Na"),
        ("single_process", "false", "true", "Li Na"),
    ]


def test_the_sum_of_reductions_is_limited(huaqiao: Assessment) -> None:
    plan = audit_plan(huaqiao, mature=True, single_process=True, mature_pct=-40)
    assert (float(plan.days.sum_pct), float(plan.days.limited_pct)) == (-50, -30)
    assert days(plan)[1] == 6.5  # 6.3


def test_a_combined_audit_needs_a_valid_certificate(huaqiao: Assessment) -> None:
    without = judged(replace(huaqiao.organisation, certificates=()))
    with pytest.raises(UsageError, match="no valid certificate to combine the audit with"):
        audit_plan(without, combined=True)
    plan = audit_plan(judged(certified(huaqiao.organisation)), combined=True)
    assert float(plan.days.sum_pct) == -10
    appraised = certified(huaqiao.organisation, "CMMI V2.0")
    with pytest.raises(UsageError, match="no valid certificate"):
        audit_plan(judged(appraised), combined=True)


def certified(company: Organisation, standard: str = "ISO/IEC 27001:2022") -> Organisation:
    sites, services = (tuple(r.id for r in company.records[k]) for k in ("site", "service"))
    return replace(company, certificates=(Certificate(standard, True, sites, services, AS_OF, 5),))


def test_who_replaced_what_is_told_in_both_languages(huaqiao: Assessment) -> None:
    plan = audit_plan(huaqiao, employees=60, sites=3, stage_1_pct=30, site_root=2.5, by="王芳")
    assert [(o.name, o.default, o.value) for o in plan.overrides] == [
        ("employees", "180", "60"),
        ("sites", "1", "3"),
        ("site_root", "1", "2.5"),
        ("stage_1_pct", "25", "30"),
    ]
    assert "stage_1_pct 由 25 改为 30（王芳）" in plan.to_text("zh")
    assert "- replaced: employees was 180, is 60 (王芳)" in plan.to_text("en")
    assert "(nobody named)" in audit_plan(huaqiao, employees=60).to_text("en")
    assert days(plan)[:3] == (5, 5, 1.5)


@pytest.mark.parametrize("name", sorted(stated().figures))
def test_every_figure_has_a_range_and_refuses_what_is_outside(
    name: str, huaqiao: Assessment
) -> None:
    figure = stated().figures[name]
    assert figure.minimum <= figure.default <= figure.maximum
    assert figure.minimum < figure.maximum
    assert figure.title.zh and figure.title.en and figure.basis.zh and figure.basis.en
    for value in (figure.minimum, figure.maximum):
        options: dict[str, Any] = {name: value, "remote_reason": "one site is abroad"}
        assert audit_plan(huaqiao, **options).chosen[name] == value
    outside = (figure.minimum - 1, figure.maximum + 1, math.nan, math.inf, True, "1", None)
    for wrong in outside:
        options = {name: wrong}
        with pytest.raises(UsageError, match=f"{name} cannot be"):
            audit_plan(huaqiao, **options)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"employees": 0}, "employees should be a whole number from 1"),
        ({"employees": -5}, "not -5"),
        ({"employees": 10_000_001}, "not 10000001"),
        ({"employees": 12.5}, "not 12.5"),
        ({"employees": True}, "not True"),
        ({"sites": 0}, "sites should be a whole number"),
        ({"sites": 2}, "the company file lists 3 sites"),
        ({"repetitive_posts": 5}, "a list of whole numbers"),
        ({"repetitive_posts": [-1]}, "not -1"),
        ({"repetitive_posts": [2000, 601]}, "2601 posts of one same task are more than 2600"),
        ({"central_site": "shangai"}, "did you mean shanghai"),
        ({"floor_sites": ["oska"]}, "did you mean osaka"),
        ({"mature": "yes"}, "mature should be true or false"),
        ({"by": 7}, "should be text"),
        ({"employes": 5}, "did you mean employees"),
        ({"stage_pct": 25}, "did you mean stage_1_pct"),
        ({"remote_pct": 20}, "a remote audit needs remote_reason"),
        ({"remote_pct": 20, "remote_reason": " "}, "a remote audit needs remote_reason"),
        ({"stage_1_pct": 31, "on_site_pct": 79}, "on_site_pct cannot be 79"),
    ],
)
def test_bad_input_is_refused(delta: Assessment, options: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError) as caught:
        audit_plan(delta, **options)
    assert words in str(caught.value)
    assert all(p.message.zh for p in caught.value.problems)


def test_no_number_of_employees_is_a_usage_error(delta: Assessment) -> None:
    bare = judged(replace(delta.organisation, employees=None))
    with pytest.raises(UsageError, match="gives no number of employees"):
        audit_plan(bare)
    assert audit_plan(bare, employees=2600).days == audit_plan(delta).days
    with pytest.raises(UsageError, match="not 0"):
        audit_plan(judged(replace(delta.organisation, employees=0)))


def test_a_pack_about_persons_has_no_plan() -> None:
    standard = load("staff-duties")
    text = b"person: {id: p, name: {zh: \xe7\x94\xb2, en: A}}\n"
    person = from_document(parse_document(text, "p.yaml", EvidenceError), standard)
    found = assess(person, standard, as_of=AS_OF, reader="reference")
    with pytest.raises(UsageError, match="assesses persons"):
        audit_plan(found, employees=10)


def with_sites(company: Organisation, count: int) -> Organisation:
    sites = tuple(Record(f"s{n:02}", {}, Backing()) for n in range(count))
    return replace(company, records={**company.records, "site": sites})


def test_sites_are_sampled_by_the_square_root(huaqiao: Assessment) -> None:
    plan = audit_plan(judged(with_sites(huaqiao.organisation, 11)), central_site="s05")
    # huaqiao has neither data centre nor payments: 1 + root of 10, and 1 + 0.6 roots of 10
    assert plan.sites.always == ("s05",)
    assert plan.sites.initial.named == ("s05", "s00", "s01", "s02", "s03")
    assert plan.sites.surveillance.named == ("s05", "s00", "s01")


def test_a_site_with_a_floor_is_always_visited(delta: Assessment) -> None:
    found = judged(with_sites(delta.organisation, 12))
    plan = audit_plan(found, floor_sites=["s11", "s07"])
    assert plan.sites.always == ("s00", "s07", "s11")
    assert plan.sites.initial.size == 3 + 3
    assert plan.sites.surveillance.size == 3 + 2
    assert set(plan.sites.always) <= set(plan.sites.surveillance.named)
    unsaid = audit_plan(found)
    assert unsaid.sites.initial.size == unsaid.sites.surveillance.size == 12
    assert any("floor_sites" in note.en for note in unsaid.notes)


def test_sites_that_are_not_listed_are_to_be_chosen(huaqiao: Assessment) -> None:
    plan = audit_plan(huaqiao, sites=26)
    assert plan.sites.initial.named == ("huaqiao-hq",)
    assert (plan.sites.initial.unnamed, plan.sites.surveillance.unnamed) == (5, 3)
    assert "6/26: huaqiao-hq and 5 to be chosen" in plan.to_text("en")


def test_records_with_failing_facts_come_first(huaqiao: Assessment) -> None:
    samples = {r.record: r for r in audit_plan(huaqiao).records}
    assert samples["person"].sample.named == ("qa-008", "dev-017", "dev-042")
    assert samples["person"].failing == ("qa-008",)
    assert samples["supplier"].sample.named[0] == "taicang-translation"
    assert "site" not in samples
    many = tuple(
        replace(huaqiao.organisation.records["person"][0], id=f"p{n:03}") for n in range(101)
    )
    bad = replace(many[77], answers={**many[77].answers, "person.screened": no()})
    listed = (*many[:77], bad, *many[78:])
    company = replace(
        huaqiao.organisation, records={**huaqiao.organisation.records, "person": listed}
    )
    sample = next(r for r in audit_plan(judged(company)).records if r.record == "person").sample
    assert (sample.size, sample.population) == (11, 101)
    assert sample.named[:3] == ("p077", "p000", "p001")


def no() -> Answer:
    return Answer(False, "", Backing())


def test_a_record_counts_against_a_rule_that_wants_few() -> None:
    standard = load()
    text = """
organisation: {id: t, name: {zh: 甲, en: A}, employees: 5}
profile: {types: [ITO]}
records:
  account: [{id: a, shared: false}, {id: b, shared: true}, {id: c}]
"""
    company = from_document(parse_document(text.encode(), "c.yaml", EvidenceError), standard)
    facts = judged(company).facts
    few = x.Condition("access.shared_accounts_count", x.Operator.AT_MOST, x.Literal(0))
    none = x.Condition("access.shared_accounts_count", x.Operator.IS, x.Literal(0))
    many = x.Condition("access.shared_accounts_count", x.Operator.AT_LEAST, x.Literal(1))
    for rule in (few, none, x.Not(many), x.All((few, none))):
        assert ranking(facts, standard.vocabulary, "account", [rule]) == (
            ("b", "c", "a"),
            ("b",),
            ("c",),
        )
    ranked, failing, unsettled = ranking(facts, standard.vocabulary, "account", [many])
    assert (ranked, failing, unsettled) == (("a", "c", "b"), ("a",), ("c",))


def test_certificates_spare_records_that_nothing_else_needs() -> None:
    standard = load(Path(__file__).parent / "packs" / "credited")
    text = """
organisation: {id: t, name: {zh: 甲, en: A}, employees: 5}
profile: {types: [ITO], offshore: true}
evidence: {supplier_approved.pct: 50}
records:
  site: [{id: k}]
  service: [{id: s}]
  post: [{id: p1}, {id: p2}]
  supplier: [{id: q1, approved: true}, {id: q2, approved: false}, {id: q3, approved: true}, {id: q4}]
certificates:
  - {standard: ISO 9001:2015, accredited: true, sites: [k], services: [s], valid_until: 2026-11-01}
"""

    def planned(body: str) -> AuditPlan:
        company = from_document(parse_document(body.encode(), "c.yaml", EvidenceError), standard)
        return audit_plan(assess(company, standard, as_of=AS_OF, reader="reference"))

    plan = planned(text)
    told = {r.record: r for r in plan.records}
    assert (told["post"].sample.named, told["post"].spared) == ((), ("6.2-c",))
    assert (told["supplier"].sample.named, told["supplier"].requirements) == (
        ("q2", "q4", "q1"),
        ("6.1-c",),
    )
    step = next(s for s in plan.programme if s.requirement == "6.1-b")
    assert (step.coverage.value, step.items, step.settled) == ("partial", ("b.z",), ("b.x", "b.y"))
    assert "certificate evidence replaces sampling" in plan.to_text("en")
    assert any("once an auditor has confirmed" in note.en for note in plan.notes)
    expired = planned(text.replace("2026-11-01", "2026-10-31"))
    assert {r.record: r.sample.named for r in expired.records}["post"] == ("p1", "p2")
    assert not any("once an auditor has confirmed" in note.en for note in expired.notes)


def test_the_programme_takes_every_applicable_requirement_in_order(delta: Assessment) -> None:
    plan = audit_plan(delta)
    left_out = (Outcome.NOT_APPLICABLE, Outcome.EXCLUDED)
    expected = {n for n, f in delta.findings.items() if f.outcome not in left_out}
    assert [s.requirement for s in plan.programme] != sorted(expected)
    assert {s.requirement for s in plan.programme} == expected
    assert len(plan.programme) == len(expected)
    printed = list(delta.standard.headings)
    order = ["plan", "do", "check", "act"]
    places = [(printed.index(s.clause), order.index(s.phase.value)) for s in plan.programme]
    assert places == sorted(places)
    assert [s.requirement for s in plan.programme if not s.applies] == ["C.5-e"]
    assert all(s.verification is not None for s in plan.programme)


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda f: f.stem)
def test_each_cycle_sees_every_requirement_in_every_part(file: Path) -> None:
    found = judged(read(file))
    plan = audit_plan(found)
    for step in plan.programme:
        assert {Visit.STAGE_2, Visit.RECERTIFICATION} <= set(step.visits)
        watched = {Visit.SURVEILLANCE_1, Visit.SURVEILLANCE_2} & set(step.visits)
        assert watched
        if step.outcome is Outcome.NONCONFORMING or Visit.STAGE_1 in step.visits:
            assert len(watched) == 2
    first = {s.requirement for s in plan.programme if Visit.STAGE_1 in s.visits}
    assert {"4.1-a", "4.1-b", "4.3-d", "4.3-e"} <= first
    made = plan.to_dict()
    assert json.loads(json.dumps(made)) == made
    assert json.dumps(made) == json.dumps(audit_plan(judged(read(file))).to_dict())
    assert "不是 MD 5 的表" in plan.to_text("zh")
    assert "it is not the MD 5 table" in plan.to_text("en")
