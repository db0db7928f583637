"""The deciding readers agree on every input, and knowing more never changes a decision."""

from __future__ import annotations

import subprocess
import sys
import threading
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from random import Random

import generation as made
import pytest

from socap.documents import DEPTH_LIMIT
from socap.rules.expressions import (
    All,
    Always,
    Any,
    Condition,
    Expression,
    Literal,
    Members,
    Not,
    Operator,
    ParameterRef,
    Quantified,
    Quantity,
    walk,
)
from socap.rules.facts import NO_CASE, Fact, Facts, RecordFacts, known, unknown
from socap.rules.interpreter import Rule, interpreter
from socap.rules.reference import evaluate
from socap.rules.residual import residual
from socap.rules.simplify import simplify
from socap.rules.truth import Truth, UnknownReason
from socap.rules.vocabulary import TYPES_KEY, EvidenceItem, ValueType
from socap.standard import load

PACKS, RULES, STATES = 24, 25, 40


def _decide(facts: Facts, node: Expression) -> Truth:
    return evaluate(node, facts)


def test_reference_and_durable_agree_on_generated_rules() -> None:
    cases, decided = 0, 0
    for seed in range(PACKS):
        rng = Random(seed)
        rules = tuple(
            Rule(f"r{i}", made.expression(rng, 1), made.expression(rng)) for i in range(RULES)
        )
        readers = [interpreter(name, rules, made.VALUES) for name in ("reference", "durable")]
        for _ in range(STATES):
            facts = made.facts(rng)
            expected, found = (reader.decide(facts) for reader in readers)
            for rule in rules:
                assert found[rule.id] == expected[rule.id], (seed, rule, facts)
                decided += expected[rule.id].satisfied is not Truth.UNKNOWN
            cases += len(rules)
    assert cases >= 20_000
    assert decided >= cases // 10, "the generated cases hardly ever decide anything"


def _shipped_fact(rng: Random, item: EvidenceItem, gaps: float, as_of: date) -> Fact:
    draw = rng.random()
    if draw < gaps:
        return unknown(rng.choice(list(UnknownReason)))
    if draw < gaps + 0.05:
        return NO_CASE
    match item.type:
        case ValueType.BOOLEAN:
            return known(rng.random() < 0.8)
        case ValueType.DATE:
            days = rng.choice(
                [-1, 0, 1, 30, 31, 32, 89, 90, 91, 92, 93, 179, 180, 181, 364, 365, 366, 551]
            )
            return known(as_of - timedelta(days=days))
        case ValueType.ENUM:
            return known(rng.choice(list(item.members)))
        case ValueType.SET:
            return known(frozenset(m for m in item.members if rng.random() < 0.85))
        case _:
            return known(rng.choice([0, 1, 2, 3, 5, 24, 30, 80, 90, 94.99, 95, 95.0, 99, 100]))


def test_reference_and_durable_agree_on_the_shipped_standard() -> None:
    standard, rng = load(), Random(20261101)
    words, values = standard.vocabulary, standard.parameters()
    readers = [standard.reader(name, values) for name in ("reference", "durable")]
    cases = 0
    for _ in range(60):
        gaps, as_of = (
            rng.choice([0, 0.05, 0.3, 0.8]),
            rng.choice([date(2024, 2, 29), date(2026, 3, 1)]),
        )
        items = {key: _shipped_fact(rng, item, gaps, as_of) for key, item in words.items.items()}
        items[TYPES_KEY] = known(frozenset(rng.sample(list(words.types), rng.randint(1, 3))))
        for flag in words.flags:
            if rng.random() > gaps:
                items[f"profile.{flag}"] = known(rng.random() < 0.6)
        records = {
            name: tuple(
                RecordFacts(
                    f"r{i}",
                    {k: _shipped_fact(rng, f, gaps / 4, as_of) for k, f in kind.fields.items()},
                )
                for i in range(rng.choice([0, 1, 2, 6]))
            )
            for name, kind in words.records.items()
            if rng.random() > gaps / 3
        }
        facts = Facts(as_of, items, records, values)
        expected, found = (reader.decide(facts) for reader in readers)
        assert found == expected
        cases += len(expected)
    assert cases >= 9_000


def test_one_more_answer_never_changes_a_decision() -> None:
    rng, changed = Random(5), 0
    for _ in range(4_000):
        rule, facts = made.expression(rng), made.facts(rng)
        before = evaluate(rule, facts)
        key = rng.choice(list(made.VOCABULARY.items))
        if facts.get(key).unknown is None:
            continue
        more = replace(
            facts, items={**facts.items, key: made.fact(rng, made.VOCABULARY.items[key], 0)}
        )
        after = evaluate(rule, more)
        if before is not Truth.UNKNOWN:
            assert after is before, (rule, facts, key)
        changed += after is not before
    assert changed >= 50


@pytest.mark.parametrize("seed", range(20))
def test_what_is_left_of_a_rule_means_the_same(seed: int) -> None:
    rng = Random(seed)
    for _ in range(100):
        rule, facts = made.expression(rng), made.facts(rng)
        left = residual(rule, partial(_decide, facts))
        assert evaluate(left, facts) is evaluate(rule, facts)
        full = Facts(
            facts.as_of,
            {
                key: made.fact(rng, item, 0) if facts.get(key).unknown else facts.get(key)
                for key, item in made.VOCABULARY.items.items()
            },
            facts.records,
            facts.parameters,
        )
        assert evaluate(left, full) is evaluate(rule, full)
        small = simplify(rule)
        assert evaluate(small, full) is evaluate(rule, full)
        assert len(list(walk(small))) <= len(list(walk(rule))) + 1


def test_the_engine_starts_no_thread_and_refuses_other_parameters() -> None:
    reader = interpreter(
        "durable", (Rule("r", made.expression(Random(1)), made.expression(Random(2))),), made.VALUES
    )
    reader.decide(made.facts(Random(3)))
    assert threading.active_count() == 1
    with pytest.raises(ValueError, match="other parameters"):
        reader.decide(replace(made.facts(Random(3)), parameters={}))


def test_a_session_in_which_no_rule_fires_does_not_crash_the_engine() -> None:
    code = (
        "from datetime import date\n"
        "from socap.rules.expressions import Always, Condition, Operator, ParameterRef\n"
        "from socap.rules.facts import Facts\n"
        "from socap.rules.interpreter import Rule, interpreter\n"
        "never = Condition('top.count', Operator.AT_LEAST, ParameterRef('unset'))\n"
        "reader = interpreter('durable', (Rule('r', never, Always()),), {})\n"
        "for _ in range(30): print(reader.decide(Facts(date(2024, 1, 1), {}))['r'].applies.value)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "unknown\n" * 30)


def test_compiled_is_reference_on_generated_rules() -> None:
    cases = 0
    for seed in range(60):
        rng = Random(seed)
        rules = tuple(
            Rule(f"r{i}", made.expression(rng, 1), made.expression(rng)) for i in range(40)
        )
        plain, quick = (interpreter(name, rules, made.VALUES) for name in ("reference", "compiled"))
        for _ in range(60):
            facts = made.facts(rng)
            expected = plain.decide(facts)
            assert quick.decide(facts) == expected, (seed, facts)
            cases += len(expected)
    assert cases == 60 * 40 * 60


def test_compiled_decides_chosen_rules_as_it_decides_all() -> None:
    for seed in range(12):
        rng = Random(seed)
        rules = tuple(
            Rule(f"r{i}", made.expression(rng, 1), made.expression(rng)) for i in range(12)
        )
        reader = interpreter("compiled", rules, made.VALUES)
        for _ in range(20):
            facts = made.facts(rng)
            live, expected = reader.open(facts), reader.decide(facts)
            chosen = rng.sample([rule.id for rule in rules], rng.randint(1, len(rules)))
            assert live.decide(facts, chosen) == {name: expected[name] for name in chosen}


def test_compiled_takes_rules_as_deep_as_a_pack_may_nest_them() -> None:
    rng = Random(3)
    deep = made.expression(rng, 1)
    for level in range(DEPTH_LIMIT):
        match level % 3:
            case 0:
                deep = All((made.expression(rng, 1), deep))
            case 1:
                deep = Not(deep)
            case _:
                deep = Any((deep, made.expression(rng, 1)))
    rules = (Rule("r", Always(), deep),)
    plain, quick = (interpreter(name, rules, made.VALUES) for name in ("reference", "compiled"))
    for _ in range(200):
        facts = made.facts(rng)
        assert quick.decide(facts) == plain.decide(facts)


@pytest.mark.parametrize(
    "hostile",
    ["');__import__('os')._exit(9)#", '"""', "{facts}\n    raise SystemExit", "c0", "MET"],
)
def test_nothing_that_a_rule_says_is_in_the_compiled_text(hostile: str) -> None:
    within = Quantified(
        Quantity.EVERY,
        hostile,
        Condition(f"{hostile}.field", Operator.IS, Literal(hostile)),
        Condition(hostile, Operator.ONE_OF, Members((hostile,))),
    )
    above = Condition(hostile, Operator.IS, ParameterRef(hostile))
    rules = (Rule(hostile, Always(), All((within, Not(above)))),)
    records: dict[str, tuple[RecordFacts, ...]] = {
        hostile: (RecordFacts(hostile, {f"{hostile}.field": known(hostile)}),)
    }
    facts = Facts(date(2026, 1, 1), {hostile: known(hostile)}, records, {hostile: 1})
    plain, quick = (
        interpreter(name, rules, facts.parameters) for name in ("reference", "compiled")
    )
    assert quick.decide(facts) == plain.decide(facts)
    assert quick.decide(facts)[hostile].satisfied is Truth.TRUE


def test_durable_shares_many_rules_among_rule_sets() -> None:
    rng = Random(7)
    rules = tuple(Rule(f"r{i}", made.expression(rng, 1), made.expression(rng)) for i in range(400))
    plain, engine = (interpreter(name, rules, made.VALUES) for name in ("reference", "durable"))
    for _ in range(4):
        facts = made.facts(rng)
        expected = plain.decide(facts)
        assert engine.decide(facts) == expected
        live = engine.open(facts)
        chosen = [f"r{i}" for i in range(0, 400, 7)]
        assert live.decide(facts, chosen) == {name: expected[name] for name in chosen}
        live.close()
