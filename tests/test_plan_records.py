"""Plans through records: computed shares and counts, lists, and answers that do not count."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from itertools import combinations, product
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import pytest

from socap.assessment import Assessment, assess
from socap.company_file import read
from socap.documents import parse_document
from socap.errors import EvidenceError, MissingExtraError, UsageError
from socap.organisation import from_document
from socap.planning import plan as planning
from socap.planning import solving
from socap.planning.applying import reached, reassess
from socap.planning.plan import Plan, plan
from socap.planning.solving import Change, Solution
from socap.rules.facts import Fact, known
from socap.rules.implicant import FactRef
from socap.standard import load

if TYPE_CHECKING:
    from socap.standard import Standard

pytest.importorskip("pysat")
TINY = Path(__file__).parent / "packs" / "tiny"
AS_OF = date(2026, 3, 1)
GOOD, BAD = date(2026, 1, 1), date(2020, 1, 1)
REQUIREMENT = """
    - id: {id}
      clause: '6.2'
      title: {{zh: 占比, en: Share}}
      statement: {{zh: 组织应评价供方。, en: The organisation shall evaluate suppliers.}}
      obligation: shall
      aspect: security
      pdca: check
      severity: minor
      applies_when: always
      satisfied_when: {rule}
      prerequisites: []
      provenance: {{basis: domain-practice, reason: {{zh: 惯例, en: practice}}}}
"""
OVERLAY = """
overlay: {id: shares, title: {zh: 占比, en: Shares}, pack: tiny}
add:
  items:
    supplied.evaluated_pct:
      type: percent
      question: {zh: 已评价供方占比?, en: Share of suppliers evaluated?}
      evidence: {zh: 名录, en: Register}
      computed:
        record: supplier
        where: {item: supplier.critical, is: true}
        satisfies: {item: supplier.evaluated_on, within: 365}
    supplied.critical_count:
      type: integer
      unit: count
      question: {zh: 关键供方数?, en: How many are critical?}
      evidence: {zh: 名录, en: Register}
      computed: {record: supplier, satisfies: {item: supplier.critical, is: true}}
  requirements:""" + "".join(
    REQUIREMENT.format(id=name, rule=rule)
    for name, rule in (
        ("6.2-y", "{item: supplied.evaluated_pct, at_least: 60}"),
        ("6.2-z", "{item: supplied.critical_count, at_least: 1}"),
    )
)


@pytest.fixture(scope="module")
def shares(tmp_path_factory: pytest.TempPathFactory) -> Standard:
    file = tmp_path_factory.mktemp("overlay") / "shares.yaml"
    file.write_text(OVERLAY, encoding="utf-8")
    return load(TINY, overlays=[file])


def assessed(standard: Standard, suppliers: list[str] | None, answers: str = "") -> Assessment:
    body = "organisation: {id: t, name: {zh: 甲, en: A}}\nprofile: {types: [ITO]}\n"
    if suppliers is not None:
        listed = ", ".join(f"{{id: s{i}{s}}}" for i, s in enumerate(suppliers))
        body += f"records: {{supplier: [{listed}]}}\n"
    body += f"evidence: {{{answers}}}\n"
    document = parse_document(body.encode(), "c.yaml", EvidenceError)
    return assess(from_document(document, standard), standard, as_of=AS_OF, reader="reference")


def moves(made: Plan) -> dict[str, tuple[str, str]]:
    told = (step.move for step in made.steps)
    return {f"{m.key} {m.record}".strip(): (m.before.en, m.after.en) for m in told}


YES, NO = ", critical: true, evaluated_on: 2026-01-01", ", critical: true, evaluated_on: 2020-01-01"


@pytest.mark.parametrize(
    ("suppliers", "answers", "expected"),
    [
        ([YES, YES, NO], "", {}),
        ([YES, NO, NO], "", {"supplier.evaluated_on s1": ("2020-01-01", "2026-03-01")}),
        (None, "supplied.evaluated_pct: 20", {"supplied.evaluated_pct": ("20%", "60%")}),
        (None, "", {"supplied.evaluated_pct": ("missing", "60%")}),
        (
            [YES, YES, NO],
            "supplied.evaluated_pct: 90",
            {"supplied.evaluated_pct": ("sources disagree", "66.6667% (as the records say)")},
        ),
        (
            [YES, NO, NO],
            "supplied.evaluated_pct: 33.3",
            {
                "supplied.evaluated_pct": ("33.3333%", "66.6667% (as the records say)"),
                "supplier.evaluated_on s1": ("2020-01-01", "2026-03-01"),
            },
        ),
        (
            [YES, NO, NO],
            "supplied.evaluated_pct: 66.7",
            {"supplier.evaluated_on s1": ("2020-01-01", "2026-03-01")},
        ),
        (
            [],
            "",
            {
                "records.supplier new-1": ("not listed", "listed"),
                "supplier.evaluated_on new-1": ("missing", "2026-03-01"),
            },
        ),
    ],
)
def test_a_share_is_reached_through_its_records(
    shares: Standard,
    suppliers: list[str] | None,
    answers: str,
    expected: dict[str, tuple[str, str]],
) -> None:
    assert moves(plan(assessed(shares, suppliers, answers), target="6.2-y")) == expected


def trials(made: Assessment, listed: int) -> list[tuple[FactRef, list[Fact | None]]]:
    """Every change a plan may make here, written down without the planner's help."""
    found: list[tuple[FactRef, list[Fact | None]]] = []
    for number in range(listed):
        name = f"s{number}"
        now = made.facts.records["supplier"][number].fields
        dates: list[Fact | None] = [known(GOOD), known(BAD)]
        found.append((FactRef("supplier.evaluated_on", name), dates))
        if now["supplier.critical"].value is None:
            found.append(
                (FactRef("supplier.critical", name), [known(value=True), known(value=False)])
            )
        else:
            other = not now["supplier.critical"].value
            found.append((FactRef("supplier.critical", name), [known(other)]))
    found += [(FactRef(key), [None]) for key in sorted(made.organisation.evidence)]
    return found


def least(made: Assessment, listed: int, wanted: list[str]) -> int | None:
    for size in range(4):
        for subset in combinations(trials(made, listed), size):
            for values in product(*(pool for _, pool in subset)):
                pairs = zip(subset, values, strict=True)
                changes = [Change(ref, fact, Fraction(1)) for (ref, _), fact in pairs]
                if reached(reassess(made, changes), wanted) == set(wanted):
                    return size
    return None


@pytest.mark.parametrize("seed", range(24))
def test_computed_items_cost_what_trying_finds(shares: Standard, seed: int) -> None:
    rng = Random(seed)
    suppliers = [
        rng.choice(["", ", critical: true", ", critical: false"])
        + rng.choice(["", ", evaluated_on: 2026-01-01", ", evaluated_on: 2020-01-01"])
        for _ in range(rng.choice([1, 2, 3]))
    ]
    told = [
        f"supplied.evaluated_pct: {rng.choice([0, 33.3, 50, 66.7, 70, 100])}",
        f"supplied.critical_count: {rng.choice([0, 1, 2, 3])}",
    ]
    made = assessed(shares, suppliers, ", ".join(t for t in told if rng.random() < 0.6))
    wanted = ["6.2-y", "6.2-z"]
    planned = plan(made, target=wanted)
    tried = least(made, len(suppliers), wanted)
    if tried is None:
        assert planned.conflict is not None or planned.cost >= 4
    else:
        assert planned.cost == tried


def test_a_rejected_record_is_shown_anew_field_by_field(shares: Standard) -> None:
    made = assessed(shares, [", status: rejected" + YES])
    planned = plan(made, target="6.2-y")
    assert moves(planned) == {
        "supplier.evaluated_on s0": ("rejected by an auditor", "2026-03-01"),
    }


def test_a_known_answer_is_not_changed_just_to_be_counted_no_more(tiny: Standard) -> None:
    body = """
organisation: {id: t, name: {zh: 甲, en: A}}
profile: {types: [BPO], uses_external_suppliers: true}
records: {supplier: [{id: a, critical: true, evaluated_on: 2020-01-01}]}
"""
    document = parse_document(body.encode(), "c.yaml", EvidenceError)
    made = assess(from_document(document, tiny), tiny, as_of=AS_OF, reader="reference")
    planned = plan(made, target="6.2-a", costs={"supplier.evaluated_on": 5})
    assert moves(planned) == {"supplier.evaluated_on a": ("2020-01-01", "2026-03-01")}
    assert planned.unique
    locked = plan(made, target="6.2-a", locked=["supplier.evaluated_on"])
    assert locked.conflict is not None
    assert locked.conflict.locks == ("supplier.evaluated_on",)


def test_an_item_that_follows_from_records_cannot_be_locked(shares: Standard) -> None:
    with pytest.raises(UsageError, match="it follows from records"):
        plan(assessed(shares, [YES]), locked=["supplied.evaluated_pct"])


def test_a_long_list(shares: Standard) -> None:
    days = (
        f", critical: true, evaluated_on: 20{n // 12 + 10}-{n % 12 + 1:02}-02" for n in range(120)
    )
    made = assessed(shares, list(days))
    planned = plan(made, target="6.2-y")
    assert planned.cost == 72
    assert planned.more


def test_a_part_is_not_planned_above_its_total(tiny: Standard) -> None:
    made = assessed(tiny, None, "change.late_count: 3, change.total_count: 2")
    planned = plan(made, target="6.1-c")
    assert moves(planned) == {"change.late_count": ("implausible", "0")}


def test_a_wrong_solution_is_never_returned(
    shares: Standard, monkeypatch: pytest.MonkeyPatch
) -> None:
    nothing = (Solution((), Fraction(0)),)
    monkeypatch.setattr(planning, "solve", lambda _: nothing)
    with pytest.raises(RuntimeError, match="internal error"):
        plan(assessed(shares, [NO]), target="6.2-y")


def test_a_missing_solver_is_named(shares: Standard, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(_: str) -> None:
        raise ImportError

    monkeypatch.setattr(solving, "import_module", missing)
    with pytest.raises(MissingExtraError, match="plan"):
        plan(assessed(shares, [NO]), target="6.2-y")


def test_more_records_than_a_plan_takes_are_refused(tmp_path: Path) -> None:
    listed = "".join(f"  - {{id: s{i}, approved: false}}\n" for i in range(301))
    file = tmp_path / "c.yaml"
    file.write_text(
        "organisation: {id: t, name: {zh: 甲, en: A}}\n"
        "profile: {types: [ITO], uses_external_suppliers: true}\n"
        f"records:\n  supplier:\n{listed}",
        encoding="utf-8",
    )
    made = assess(read(file), as_of=date(2026, 11, 1), reader="reference")
    with pytest.raises(UsageError, match="the target reads 301 records; a plan takes up to 300"):
        plan(made, target=["6.6-a"])
