"""Shortest reasons force the truth alone and hold nothing idle; settling answers settle it."""

from __future__ import annotations

from itertools import combinations
from random import Random

import generation as made
import pytest

from socap.rules import expressions as x
from socap.rules import truth
from socap.rules.facts import Facts, RecordFacts, known
from socap.rules.implicant import FactRef, Literal, implicant, only, settling
from socap.rules.reference import evaluate
from socap.rules.truth import Truth


def test_a_shortest_reason_alone_forces_the_truth_and_holds_nothing_idle() -> None:
    decided = smallest = 0
    for seed in range(2_000):
        rng = Random(seed)
        rule, facts = made.expression(rng), made.facts(rng)
        value = evaluate(rule, facts)
        found = implicant(rule, facts)
        if value is Truth.UNKNOWN:
            assert found == ()
            continue
        decided += 1
        assert evaluate(rule, only(facts, found)) is value, (seed, found)
        for ref in found:
            rest = [other for other in found if other != ref]
            assert evaluate(rule, only(facts, rest)) is not value, (seed, found, ref)
        pool = [FactRef(k) for k in x.keys_read(rule) if facts.get(k).unknown is None]
        if not facts.records and len(pool) <= 8:
            smallest += 1
            for size in range(len(found)):
                for fewer in combinations(pool, size):
                    assert evaluate(rule, only(facts, fewer)) is not value, (seed, found, fewer)
    assert decided >= 1_000
    assert smallest >= 100


def _assume(node: x.Expression, facts: Facts, given: dict[x.Expression, bool]) -> Truth:
    if node in given:
        return truth.of(given[node])
    match node:
        case x.All(parts):
            return truth.both(_assume(part, facts, given) for part in parts)
        case x.Any(parts):
            return truth.either(_assume(part, facts, given) for part in parts)
        case x.Not(part):
            return truth.negated(_assume(part, facts, given))
        case _:
            return evaluate(node, facts)


def _given(chosen: tuple[Literal, ...]) -> dict[x.Expression, bool]:
    return {one.node: one.holds for one in chosen}


@pytest.mark.parametrize("to", [True, False])
def test_settling_answers_settle_the_rule_and_none_of_them_is_idle(to: bool) -> None:
    sets = 0
    for seed in range(1_500):
        rng = Random(seed)
        rule, facts = made.expression(rng), made.facts(rng)
        for chosen in settling(rule, facts, to=to)[:10]:
            given = _given(chosen)
            assert len(given) == len(chosen)
            sets += 1
            assert evaluate(rule, facts) is Truth.UNKNOWN
            assert _assume(rule, facts, given) is truth.of(to), (seed, chosen)
            for one in chosen:
                rest = {n: h for n, h in given.items() if n != one.node}
                assert _assume(rule, facts, rest) is not truth.of(to), (seed, chosen, one)
    assert sets >= 500


def test_long_lists_of_records_do_not_take_long() -> None:
    condition = x.Condition("unit.count", x.Operator.AT_LEAST, x.Literal(1))
    records = tuple(RecordFacts(f"u{i}", {"unit.count": known(i % 10)}) for i in range(20_000))
    facts = Facts(made.AS_OF, {}, {"unit": records}, made.VALUES)
    for quantity, limit, size in (
        (x.Quantity.EVERY, None, 2),
        (x.Quantity.SOME, None, 2),
        (x.Quantity.COUNT, x.Literal(5), 6),
        (x.Quantity.COUNT, x.Literal(18_001), 2_001),
        (x.Quantity.SHARE, x.Literal(91), 1_802),
    ):
        rule = x.Quantified(quantity, "unit", condition, x.Always(), limit)
        assert len(implicant(rule, facts)) == size
