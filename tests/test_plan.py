"""Plans: the six examples, the tiny pack, what may not change, and bad input."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from socap.assessment import Assessment, assess
from socap.company_file import read
from socap.errors import UsageError
from socap.findings import Outcome
from socap.planning.plan import Plan, plan
from socap.rules.expressions import keys_read
from socap.standard import load

if TYPE_CHECKING:
    from collections.abc import Callable

    from socap.organisation import Organisation
    from socap.standard import Standard

pytest.importorskip("pysat")
EXAMPLES = Path(__file__).parents[1] / "examples"
AS_OF = date(2026, 11, 1)
TINY_DAY = date(2026, 3, 1)


def example(name: str) -> Assessment:
    return assess(read(EXAMPLES / f"{name}.yaml"), as_of=AS_OF, reader="reference")


def moves(made: Plan) -> dict[str, tuple[str, str]]:
    told = (step.move for step in made.steps)
    return {f"{m.key} {m.record}".strip(): (m.before.en, m.after.en) for m in told}


@pytest.mark.parametrize(
    ("name", "expected", "others"),
    [
        (
            "almost-there",
            {
                "management_review.last_date": ("2025-09-15", "2026-11-01"),
                "access.review_last_date": ("expired", "2026-11-01"),
            },
            0,
        ),
        (
            "delta-group",
            {
                "site.audited_on osaka": ("2025-03-01", "2026-11-01"),
                "ito.availability_pct": ("sources disagree", "97%"),
                "bpo.reconciliation_overdue": ("2", "0"),
                "remote.controls": ("multi-factor authentication, VPN", "none"),
                "bc.exercise_rto_hours": ("6", "4"),
                "supplier.security_agreement_signed cebu-voice": ("no", "yes"),
            },
            3,
        ),
        (
            "huaqiao-software",
            {
                "nonconforming.released_without_concession_count": ("1", "0"),
                "supplier.evaluated_on taicang-translation": ("2025-06-30", "2026-11-01"),
                "ito.production_data_in_test_masked": ("no", "yes"),
                "ito.severe_defects_open": ("4", "0"),
                "person.confidentiality_signed qa-008": ("no", "yes"),
            },
            0,
        ),
        (
            "kunshan-contact-centre",
            {
                "person.process_test_passed agent-0548": ("no", "yes"),
                "bpo.accuracy_pct": ("96.5%", "98%"),
            },
            1,
        ),
        ("suzhou-analytics", {"tools.licensed_count": ("6", "9")}, 1),
    ],
)
def test_example(name: str, expected: dict[str, tuple[str, str]], others: int) -> None:
    made = plan(example(name))
    assert moves(made) == expected
    assert made.cost == len(expected)
    assert len(made.alternatives) == others
    assert made.unique is (others == 0)
    assert made.more is False
    assert made.broken == ()
    assert all(step.serves and step.unlocks for step in made.steps)
    text = {lang: made.to_text(lang) for lang in ("zh", "en")}
    for key in expected:
        assert key.split()[0] in text["zh"]
        assert key.split()[0] in text["en"]
    told = json.loads(json.dumps(made.to_dict()))
    assert told["reached"] is True
    assert [step["key"] for step in told["steps"]] == [k.split()[0] for k in expected]


def test_a_company_that_has_answered_next_to_nothing() -> None:
    made = plan(example("new-start"))
    assert made.conflict is not None
    assert made.steps == ()
    (name,), (lock,), rules = (
        made.conflict.requirements,
        made.conflict.locks,
        made.conflict.rules,
    )
    assert rules == ()
    assert lock in keys_read(load().requirements[name].applies_when)
    assert lock in made.conflict.circumstances
    assert len(made.conflict.circumstances) == 12
    assert lock in made.to_text("zh")
    assert made.to_dict()["reached"] is False


def test_the_same_company_with_its_circumstances_stated() -> None:
    standard = load()
    given = read(EXAMPLES / "new-start.yaml")
    flags = {**dict.fromkeys(standard.vocabulary.flags, False), **given.profile.flags}
    stated = replace(given, profile=replace(given.profile, flags=flags))
    before = assess(stated, as_of=AS_OF, reader="reference")
    made = plan(before)
    assert (made.cost, len(made.steps)) == (192, 192)
    assert made.more is True
    assert len(made.alternatives) == 3
    unlocked = [name for step in made.steps for name in step.unlocks]
    open_before = [r for r in made.target if before.findings[r].outcome is Outcome.UNDETERMINED]
    assert sorted(unlocked) == sorted(open_before)
    place = {name: i for i, step in enumerate(made.steps) for name in step.unlocks}
    order = {name: i for i, name in enumerate(standard.graph.order())}
    firsts = [order[step.serves[0]] for step in made.steps]
    assert firsts == sorted(firsts)
    assert place


@pytest.fixture
def build(company: Callable[[str], Organisation], tiny: Standard) -> Callable[[str], Assessment]:
    def make(body: str) -> Assessment:
        return assess(company(body), tiny, as_of=TINY_DAY, reader="reference")

    return make


GOOD = """
profile: {types: [ITO], uses_external_suppliers: true}
evidence:
  audit.last_date: 2026-01-01
  test.pass_pct: 96
  plan.parts: [scope, risk]
  plan.state: approved
  plan.kept: true
records: {supplier: [{id: acme, critical: true, evaluated_on: 2026-01-01}]}
"""


def changed(old: str, new: str) -> str:
    assert old in GOOD
    return GOOD.replace(old, new)


def test_nothing_to_do(build: Callable[[str], Assessment]) -> None:
    made = plan(build(GOOD))
    assert (made.steps, made.cost, made.unique, made.finish) == ((), 0, True, TINY_DAY)
    assert made.to_text("en") == "The target is reached already; nothing has to change\n"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("test.pass_pct: 96", "test.pass_pct: 90", {"test.pass_pct": ("90%", "95%")}),
        ("  test.pass_pct: 96\n", "", {"test.pass_pct": ("missing", "95%")}),
        (
            "test.pass_pct: 96",
            "test.pass_pct: [{value: 96, source: a}, {value: 99, source: b}]",
            {"test.pass_pct": ("sources disagree", "95%")},
        ),
        ("[scope, risk]", "[scope]", {"plan.parts": ("scope", "risk, scope")}),
        ("state: approved", "state: draft", {"plan.state": ("draft", "approved")}),
        (
            "last_date: 2026-01-01",
            "last_date: 2025-02-28",
            {"audit.last_date": ("2025-02-28", "2026-03-01")},
        ),
        ("last_date: 2026-01-01", "last_date: 2025-03-01", {}),
        (
            "on: 2026-01-01}",
            "on: 2020-01-01}",
            {"supplier.evaluated_on acme": ("2020-01-01", "2026-03-01")},
        ),
        ("critical: true, evaluated_on: 2026-01-01", "critical: false", {}),
        ("critical: true", "critical: false", {}),
        ("critical: true, ", "", {}),
        (
            "critical: true, evaluated_on: 2026-01-01",
            "",
            {"supplier.evaluated_on acme": ("missing", "2026-03-01")},
        ),
        (
            "records: {supplier: [{id: acme, critical: true, evaluated_on: 2026-01-01}]}",
            "",
            {
                "records.supplier new-1": ("not listed", "listed"),
                "supplier.evaluated_on new-1": ("missing", "2026-03-01"),
            },
        ),
        (
            "[{id: acme, critical: true, evaluated_on: 2026-01-01}]",
            "[]",
            {
                "records.supplier new-1": ("not listed", "listed"),
                "supplier.evaluated_on new-1": ("missing", "2026-03-01"),
            },
        ),
    ],
)
def test_what_changes(
    build: Callable[[str], Assessment], old: str, new: str, expected: dict[str, tuple[str, str]]
) -> None:
    assert moves(plan(build(changed(old, new)))) == expected


def test_costs_choose(build: Callable[[str], Assessment]) -> None:
    open_record = build(changed("critical: true, evaluated_on: 2026-01-01", ""))
    made = plan(open_record, costs={"supplier.critical": 2.5, "supplier.evaluated_on": 0.25})
    assert moves(made) == {"supplier.evaluated_on acme": ("missing", "2026-03-01")}
    assert (made.cost, made.finish) == (0.25, date(2026, 3, 2))
    either = plan(open_record)
    assert [[m.key for m in other] for other in either.alternatives] == [["supplier.critical"]]
    assert (either.unique, either.more) == (False, False)


def test_a_target_of_requirements_or_clauses(build: Callable[[str], Assessment]) -> None:
    nothing = build("profile: {types: [ITO], uses_external_suppliers: false}\n")
    assert plan(nothing, target="6.1-a").cost == 1
    assert plan(nothing, target="6.1").target == ("6.1-a", "6.1-b")
    assert plan(nothing, target=["6.1", "6.1-c"]).target == ("6.1-a", "6.1-b", "6.1-c")
    assert plan(nothing, target="6").cost == plan(nothing).cost == 5
    assert moves(plan(nothing, target=["6.1-c"])) == {
        "change.late_count": ("missing", "0"),
        "change.total_count": ("missing", "0"),
    }


def test_steps_wait_for_prerequisites(build: Callable[[str], Assessment]) -> None:
    late = build(changed("last_date: 2026-01-01", "last_date: 2020-01-01").replace("96", "9"))
    made = plan(late, costs={"audit.last_date": 1.5, "test.pass_pct": 2}, start=date(2026, 3, 10))
    assert [(s.move.key, s.serves, s.unlocks, s.finish_days, s.finish) for s in made.steps] == [
        ("audit.last_date", ("6.1-a",), ("6.1-a",), 1.5, date(2026, 3, 12)),
        ("test.pass_pct", ("6.1-b",), ("6.1-b",), 3.5, date(2026, 3, 14)),
    ]
    assert (made.cost, made.finish) == (3.5, date(2026, 3, 14))


def test_locks_that_make_it_impossible(build: Callable[[str], Assessment]) -> None:
    made = plan(build(changed("96", "9")), locked=["test.pass_pct", "plan.kept", "audit.last_date"])
    assert made.conflict is not None
    assert made.conflict.requirements == ("6.1-b",)
    assert made.conflict.locks == ("test.pass_pct",)
    assert "6.1-b" in made.to_text("en")
    assert "test.pass_pct" in made.to_text("zh")


def test_a_dispute_is_settled_through_the_evidence_or_not_at_all(
    build: Callable[[str], Assessment],
) -> None:
    contradicted = build(changed("suppliers: true", "suppliers: false"))
    assert [rule.id for rule in contradicted.disputed] == ["suppliers-listed"]
    made = plan(contradicted)
    assert made.conflict is not None
    assert made.conflict.requirements == ("6.2-a",)
    assert made.conflict.locks == ("profile.uses_external_suppliers",)
    assert plan(contradicted, target="6.1").conflict is None


def test_a_plan_does_not_contradict_circumstances(build: Callable[[str], Assessment]) -> None:
    empty = build("profile: {types: [ITO], uses_external_suppliers: false}\n")
    assert not [step for step in plan(empty).steps if "supplier" in step.move.key]


def test_only_verified_evidence(company: Callable[[str], Organisation], tiny: Standard) -> None:
    declared = assess(company(GOOD), tiny, as_of=TINY_DAY, assurance="verified")
    made = plan(declared)
    assert made.cost == 6
    assert {step.move.before.en for step in made.steps} == {"not verified"}


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"costs": {"audit.last": 1}}, "did you mean audit.last_date?"),
        ({"costs": {"audit.last_date": -1}}, "the cost of audit.last_date cannot be -1"),
        ({"costs": {"audit.last_date": float("nan")}}, "cannot be nan"),
        ({"costs": {"audit.last_date": float("inf")}}, "cannot be inf"),
        ({"costs": {"audit.last_date": 10**400}}, "cannot be 1000"),
        ({"costs": {"audit.last_date": True}}, "cannot be True"),
        ({"costs": {"audit.last_date": "2"}}, "cannot be 2"),
        ({"costs": {"audit.last_date": 1e-9}}, "at most four decimals"),
        ({"costs": {"profile.types": 1}}, "no evidence key named profile.types"),
        ({"costs": [1]}, "should map keys to days"),
        ({"locked": ["plan.kep"]}, "did you mean plan.kept?"),
        ({"locked": 3}, "should be a list of names"),
        ({"locked": [None]}, "no evidence key named None"),
        ({"target": "6.1-x"}, "no requirement or clause named 6.1-x"),
        ({"target": "conformin"}, "did you mean conforming?"),
        ({"target": []}, "the target is empty"),
        ({"target": None}, "should be a list of names"),
        ({"start": date(2026, 2, 28)}, "lies before the assessment date"),
        ({"start": date(9999, 12, 31)}, "too far off"),
        ({"start": datetime(2026, 3, 2, tzinfo=UTC)}, "start should be a date"),
        ({"start": "2026-03-02"}, "start should be a date"),
    ],
)
def test_bad_input(build: Callable[[str], Assessment], asked: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError) as caught:
        plan(build(GOOD), **asked)
    assert said in caught.value.render("en")
    assert len(caught.value.problems) == 1
    assert caught.value.render("zh") != caught.value.render("en")


def test_all_problems_are_told_together(build: Callable[[str], Assessment]) -> None:
    with pytest.raises(UsageError) as caught:
        plan(build(GOOD), costs={"x": 1, "plan.kept": -1}, locked=["y"], target=["z"])
    assert len(caught.value.problems) == 4


def test_a_lock_on_evidence_that_contradicts_itself(build: Callable[[str], Assessment]) -> None:
    twice = build(changed("kept: true", "kept: [{value: true}, {value: false}]"))
    with pytest.raises(UsageError, match=r"plan\.kept cannot be locked"):
        plan(twice, locked=["plan.kept"])


def test_the_same_question_has_the_same_answer() -> None:
    first, second = (plan(example("delta-group")).to_dict() for _ in range(2))
    assert first == second
