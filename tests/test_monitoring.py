"""A live session gives what a fresh assessment gives, after any sequence of updates."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from socap.assessment import assess
from socap.company_file import read
from socap.errors import EvidenceError
from socap.monitoring import Session, changed
from socap.rules.vocabulary import EvidenceItem, ValueType
from socap.standard import load

ROOT = Path(__file__).parents[1]
AS_OF = date(2026, 11, 1)
STEPS = 5_000


def answer(rng: Random, item: EvidenceItem) -> Any:
    if rng.random() < 0.2:
        return None
    if item.accepts_no_case and rng.random() < 0.1:
        return {"no_case": "none in the period"}
    value: Any
    match item.type:
        case ValueType.BOOLEAN:
            value = rng.random() < 0.7
        case ValueType.DATE:
            value = (
                AS_OF - timedelta(days=rng.choice([-1, 0, 30, 180, 365, 366, 700]))
            ).isoformat()
        case ValueType.ENUM:
            value = rng.choice(list(item.members))
        case ValueType.SET:
            value = [member for member in item.members if rng.random() < 0.8]
        case _:
            value = rng.choice([0, 1, 2, 5, 30, 90, 95, 100])
    if rng.random() < 0.1:
        return [{"value": value}, {"value": value, "valid_until": "2026-10-31"}]
    return value


def change(rng: Random) -> dict[str, Any]:
    words = load().vocabulary
    draw = rng.random()
    if draw < 0.7:
        item = rng.choice(list(words.items.values()))
        return {item.key: answer(rng, item)}
    if draw < 0.85:
        flag = rng.choice(list(words.flags))
        return {f"profile.{flag}": rng.choice([True, False, None])}
    if draw < 0.9:
        return {"profile.types": rng.sample(list(words.types), rng.randint(1, 3))}
    kind = rng.choice(list(words.records.values()))
    listed = [
        {
            "id": f"r{i}",
            **{
                key.removeprefix(f"{kind.name}."): value
                for key, field in kind.fields.items()
                if not isinstance(value := answer(rng, field), list)
            },
        }
        for i in range(rng.choice([0, 1, 3]))
    ]
    return {f"records.{kind.name}": rng.choice([listed, listed, None])}


def test_after_any_updates_a_session_equals_a_fresh_assessment() -> None:
    rng, told = Random(20261101), 0
    with Session(read(ROOT / "examples" / "delta-group.yaml"), as_of=AS_OF) as live:
        for step in range(STEPS):
            before = {k: (f.outcome, f.grade) for k, f in live.assessment.findings.items()}
            moved = live.update(change(rng))
            fresh = assess(live.assessment.organisation, as_of=AS_OF, reader="reference")
            after = {k: (f.outcome, f.grade) for k, f in fresh.findings.items()}
            found = {k: (f.outcome, f.grade) for k, f in live.assessment.findings.items()}
            assert found == after, step
            assert {m.requirement for m in moved} == {k for k in after if before[k] != after[k]}
            told += len(moved)
            if step % 250 == 0:
                assert live.assessment.to_dict() == fresh.to_dict()
    assert told > STEPS / 2


def test_a_session_does_not_grow() -> None:
    rng = Random(1)
    statm = Path("/proc/self/statm")
    if not statm.exists():
        pytest.skip("the system does not say how much memory is used")
    with Session(read(ROOT / "examples" / "delta-group.yaml"), as_of=AS_OF) as live:
        for _ in range(300):
            live.update(change(rng))
        before = int(statm.read_text(encoding="ascii").split()[1])
        for _ in range(1_500):
            live.update(change(rng))
        after = int(statm.read_text(encoding="ascii").split()[1])
    assert after - before < 4_000, "more than 16 MB for 1,500 updates"


def test_two_sessions_of_one_standard_do_not_meet() -> None:
    company = read(ROOT / "examples" / "new-start.yaml")
    with Session(company, as_of=AS_OF) as one, Session(company, as_of=AS_OF) as two:
        (moved,) = one.update({"docs.record_retention_defined": False})
        assert (moved.requirement, moved.after.outcome.value) == ("4.1-f", "nonconforming")
        assert two.assessment.findings["4.1-f"].outcome.value == "undetermined"
        assert two.update({"docs.record_retention_defined": None}) == ()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"docs.record_retention_defind": True}, "did you mean docs.record_retention_defined"),
        ({"docs.record_retention_defined": "yes"}, "true or false"),
        ({"profile.types": None}, "cannot be changed"),
        ({"profile.types": ["XTO"]}, "no outsourcing type"),
        ({"records.suppliers": []}, "did you mean records.supplier"),
        ({"records.supplier": [{"approved": True}]}, "id is missing"),
        ({"supplier.approved": True}, "cannot be changed"),
    ],
)
def test_a_wrong_update_is_refused_and_nothing_of_it_accepted(
    changes: dict[str, Any], words: str
) -> None:
    company = read(ROOT / "examples" / "new-start.yaml")
    with Session(company, as_of=AS_OF) as live:
        before = live.assessment
        with pytest.raises(EvidenceError, match=words):
            live.update({"network.segmented": False, **changes})
        assert live.assessment is before
    with pytest.raises(EvidenceError, match=words):
        changed(company, changes, load())
