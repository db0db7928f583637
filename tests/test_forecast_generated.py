"""Generated standards and companies: trying every day finds no more and no less than solving."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from random import Random

import every_day
import generation
import pytest

from socap.answers import Answer, Backing, Status
from socap.assessment import assess
from socap.clauses.requirement import ExclusionRule
from socap.errors import Text
from socap.organisation import Exclusion, Organisation, Profile, Record
from socap.rules import expressions as x
from socap.rules.expressions import Operator
from socap.rules.vocabulary import Computed, EvidenceItem, Flag, ValueType, Vocabulary
from socap.standard import ConsistencyRule, Standard

AS_OF: date = generation.AS_OF
UNTIL = AS_OF + timedelta(days=75)
NOTHING = Text("", "")
CASES = 120


def vocabulary(rng: Random) -> Vocabulary:
    """Return the generated words with validity, a part of a total, and shares from records."""
    words: Vocabulary = generation.VOCABULARY
    spans = (None, None, 0, 30)

    def aged(items: dict[str, EvidenceItem]) -> dict[str, EvidenceItem]:
        return {k: replace(i, validity_days=rng.choice(spans)) for k, i in items.items()}

    def counted(quantity: x.Quantity) -> Computed:
        return Computed(quantity, "unit", of_record(rng), of_record(rng))

    items = aged(words.items)
    items["top.total"] = EvidenceItem("top.total", ValueType.INTEGER, NOTHING, NOTHING)
    items["top.count"] = replace(
        items["top.count"],
        part_of="top.total",
        computed=counted(x.Quantity.COUNT) if rng.random() < 0.3 else None,
    )
    share = rng.random() < 0.7
    items["top.share"] = replace(
        items["top.share"], computed=counted(x.Quantity.SHARE) if share else None
    )
    unit = words.records["unit"]
    flags = {"remote": Flag("remote", NOTHING, NOTHING)}
    return replace(
        words, items=items, records={"unit": replace(unit, fields=aged(unit.fields))}, flags=flags
    )


def of_record(rng: Random) -> x.Expression:
    """Return a rule that reads nothing but the record's own fields."""
    while True:
        made: x.Expression = generation.expression(rng, 1, inside=True)
        if all(key.startswith("unit.") for key in x.keys_read(made)):
            return made


def standard(rng: Random, tiny: Standard) -> Standard:
    asked = {}
    for number in range(8):
        applies: list[x.Expression] = [
            x.Always(),
            x.Condition("profile.remote", Operator.IS, x.Literal(True)),
            generation.expression(rng, 1),
        ]
        exclusion = ExclusionRule(generation.expression(rng, 1), NOTHING)
        name = f"6.1-{'abcdefgh'[number]}"
        asked[name] = replace(
            tiny.requirements["6.1-b"],
            id=name,
            applies_when=rng.choice(applies),
            satisfied_when=generation.expression(rng),
            exclusion=exclusion if rng.random() < 0.5 else None,
            prerequisites=(),
        )
    stated = x.Condition("profile.remote", Operator.IS, x.Literal(False))
    against = x.All((stated, generation.expression(rng, 1)))
    rule = ConsistencyRule("remote", "remote", against, NOTHING)
    return replace(tiny, requirements=asked, vocabulary=vocabulary(rng), consistency=(rule,))


def near(rng: Random) -> date:
    return AS_OF + timedelta(days=rng.choice([-365, -30, -1, 0, 0]) + rng.randint(-5, 70))


def backing(rng: Random) -> Backing:
    collected = near(rng) if rng.random() < 0.3 else None
    until = near(rng) if rng.random() < 0.3 else None
    return Backing("", collected, until, rng.choice([*[Status.DECLARED] * 8, *Status]))


def answer(rng: Random, item: EvidenceItem) -> Answer:
    fact = generation.fact(rng, item, 0)
    value = fact.value
    if item.type is ValueType.DATE and value is not None:
        value = near(rng)
    elif item.type is ValueType.INTEGER and value is not None:
        value = rng.choice([0, 1, 2, 3])
    return Answer(value, "none" if fact.no_case else "", backing(rng))


def organisation(rng: Random, made: Standard) -> Organisation:
    words = made.vocabulary
    evidence = {
        key: tuple(answer(rng, item) for _ in range(rng.choice([1, 1, 1, 2])))
        for key, item in words.items.items()
        if rng.random() < 0.85
    }
    records = {}
    size = rng.choice([None, 0, 1, 2, 4])
    if size is not None:
        fields = words.records["unit"].fields
        records["unit"] = tuple(
            Record(
                f"u{i}",
                {k: answer(rng, item) for k, item in fields.items() if rng.random() < 0.9},
                backing(rng),
            )
            for i in range(size)
        )
    flags = {} if rng.random() < 0.2 else {"remote": rng.random() < 0.4}
    left_out = tuple(Exclusion(n, "why") for n in made.requirements if rng.random() < 0.3)
    return Organisation(
        "g", Text("甲", "A"), None, Profile(frozenset({"ITO"}), flags), evidence, records, (), left_out
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(CASES))
def test_solving_equals_trying_every_day(tiny: Standard, seed: int) -> None:
    rng = Random(seed)
    made = standard(rng, tiny)
    start = assess(
        organisation(rng, made),
        made,
        as_of=AS_OF,
        assurance=rng.choice(["declared"] * 4 + ["verified"]),
        parameters={"days": rng.choice([0, 1, 30, 40])},
        reader="reference",
    )
    found = every_day.assert_exact(start, UNTIL)
    assert found.to_text("zh")
