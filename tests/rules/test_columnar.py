"""The columnar reader agrees with the reference on every row."""

from __future__ import annotations

from random import Random

import generation as made

from socap.rules.columnar import decide
from socap.rules.gathering import gather
from socap.rules.interpreter import Decision, Rule, interpreter
from socap.rules.planes import Planes, unpack
from socap.rules.truth import Truth


def truths(planes: Planes, count: int) -> list[Truth]:
    true, false = unpack(planes.true, count), unpack(planes.false, count)
    assert not (true & false).any()
    return [
        Truth.TRUE if t else Truth.FALSE if f else Truth.UNKNOWN
        for t, f in zip(true, false, strict=True)
    ]


def test_generated_rules() -> None:
    compared = 0
    for seed in range(60):
        rng = Random(seed)
        rules = tuple(
            Rule(f"r{i}", made.expression(rng, 1), made.expression(rng)) for i in range(40)
        )
        rows = [made.facts(rng) for _ in range(rng.choice([1, 7, 8, 9, 64, 200]))]
        reader = interpreter("reference", rules, made.VALUES)
        expected = [reader.decide(facts) for facts in rows]
        found = decide(rules, gather(rows, made.VOCABULARY))
        for rule in rules:
            columns = zip(
                truths(found[rule.id].applies, len(rows)),
                truths(found[rule.id].satisfied, len(rows)),
                strict=True,
            )
            for row, (applies, satisfied) in enumerate(columns):
                assert Decision(applies, satisfied) == expected[row][rule.id], (
                    seed,
                    row,
                    rule,
                    rows[row],
                )
                compared += 1
    assert compared > 100_000
