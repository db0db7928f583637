"""Plans on generated rules are cheapest: against exhaustive search and against a second solver."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from itertools import combinations, product
from random import Random
from typing import TYPE_CHECKING, Any

import generation as g
import pytest

from socap.answers import Answer, Backing, Status
from socap.assessment import Assessment, assess
from socap.errors import Text
from socap.evidence import plausible, resolve
from socap.organisation import Organisation, Profile, Record
from socap.planning.applying import carry_out, reached, reassess
from socap.planning.problem import problem
from socap.planning.solving import Change, Clash, solve
from socap.rules import expressions as x
from socap.rules.facts import Fact, known
from socap.rules.reference import evaluate
from socap.rules.truth import Truth
from socap.rules.vocabulary import EvidenceItem, ValueType

if TYPE_CHECKING:
    from socap.planning.problem import Problem
    from socap.standard import Standard


z3 = pytest.importorskip("z3")
pytest.importorskip("pysat")


def answers(rng: Random, item: EvidenceItem) -> tuple[Answer, ...]:
    value = g.fact(rng, item, 0).value
    if value is None:
        return (Answer(None, "none", Backing()),)
    if item.type is ValueType.INTEGER:
        value = int(float(str(value)))
    backing = Backing()
    draw = rng.random()
    if draw < 0.1:
        backing = Backing(valid_until=g.AS_OF - timedelta(days=1))
    elif draw < 0.15:
        backing = Backing(status=Status.REJECTED)
    return (Answer(value, "", backing),)


def company(rng: Random) -> Organisation:
    gaps = rng.choice([0.1, 0.5, 0.9])
    words = g.VOCABULARY
    evidence = {k: answers(rng, i) for k, i in words.items.items() if rng.random() > gaps}
    records: dict[str, tuple[Record, ...]] = {}
    size = rng.choice([None, 0, 1, 2, 2])
    if size is not None:
        fields = words.records["unit"].fields
        records["unit"] = tuple(
            Record(
                f"u{n}",
                {k: answers(rng, i)[0] for k, i in fields.items() if rng.random() > gaps / 2},
                Backing(status=Status.REJECTED) if rng.random() < 0.1 else Backing(),
            )
            for n in range(size)
        )
    nothing = Profile(frozenset(), {})
    return Organisation("t", Text("甲", "A"), None, nothing, evidence, records, (), ())


def generated(tiny: Standard, rng: Random) -> Standard:
    """One to three requirements over the generated vocabulary, under headings of the tiny pack."""
    plain = tiny.requirements["6.1-a"]
    asked = {}
    for letter in "abc"[: rng.choice([1, 2, 3])]:
        applies = x.Always() if rng.random() < 0.7 else g.expression(rng, 1)
        rule = g.expression(rng, 2)
        name = f"6.1-{letter}"
        asked[name] = replace(plain, id=name, applies_when=applies, satisfied_when=rule)
    return replace(tiny, requirements=asked, vocabulary=g.VOCABULARY, consistency=())


def assessed(tiny: Standard, seed: int) -> tuple[Assessment, Problem]:
    rng = Random(seed)
    standard = generated(tiny, rng)
    made = assess(company(rng), standard, as_of=g.AS_OF, reader="reference")
    costs = {k: Fraction(rng.choice([1, 1, 2, 3])) for k in g.VOCABULARY.items}
    return made, problem(made, list(standard.requirements), costs, [])


def cost_by_smt(made: Problem) -> Fraction | None:
    """Return the least cost by an optimiser of another kind, over the same clauses."""
    optimiser = z3.Optimize()
    names: dict[int, Any] = {}

    def literal(number: int) -> Any:
        name = names.setdefault(abs(number), z3.Bool(str(abs(number))))
        return name if number > 0 else z3.Not(name)

    for clause in made.clauses:
        optimiser.add(z3.Or([literal(n) for n in clause]))
    for demands in (made.requirements, made.locks, made.rules):
        optimiser.add([literal(n) for n in demands.values()])
    for option in made.options:
        optimiser.add_soft(literal(-option.literal), str(option.cost))
    if optimiser.check() != z3.sat:
        return None
    model = optimiser.model()
    paid = [o.cost for o in made.options if z3.is_true(model.eval(literal(o.literal)))]
    return sum(paid, Fraction(0))


def values(item: EvidenceItem, made: Assessment, rng: Random) -> list[Fact]:
    """Values near everything the generator compares with, chosen without the planner's help."""
    found: list[Any]
    if item.type is ValueType.BOOLEAN:
        found = [True, False]
    elif item.type is ValueType.ENUM:
        found = list(item.members)
    elif item.type is ValueType.SET:
        named = [frozenset(m) for m in rule_members(made)]
        whole = frozenset(item.members)
        found = [frozenset(), whole, *named, *(whole - m for m in named)]
        found += [a | b for a, b in combinations(named, 2)]
        found += [frozenset(sorted(item.members)[:n]) for n in (1, 2, 3)]
    elif item.type is ValueType.DATE:
        back = (-2, -1, 0, 1, 2, 29, 30, 31, 32, 363, 364, 365, 366, 367, 899, 900, 901)
        found = [g.AS_OF - timedelta(days=n) for n in back]
    else:
        found = sorted({n + d for n in g.LIMITS for d in (-1, -0.25, 0, 0.25, 1)})
        if item.type is ValueType.INTEGER:
            found = sorted({int(n) for n in found if n == int(n)})
    rng.shuffle(found)
    return [known(v) for v in found if plausible(v, item, made.as_of)]


def rule_members(made: Assessment) -> list[tuple[str, ...]]:
    nodes = [
        node
        for r in made.standard.requirements.values()
        for rule in (r.applies_when, r.satisfied_when)
        for node in x.walk(rule)
    ]
    operands = [n.operand for n in nodes if isinstance(n, x.Condition)]
    return [o.values for o in operands if isinstance(o, x.Members)]


def holds(made: Assessment, changes: list[Change]) -> bool:
    facts, _ = resolve(
        carry_out(made, changes), made.standard, made.as_of, made.assurance, made.parameters
    )
    for r in made.standard.requirements.values():
        applies = evaluate(r.applies_when, facts)
        if applies is Truth.UNKNOWN:
            return False
        if applies is Truth.TRUE and evaluate(r.satisfied_when, facts) is not Truth.TRUE:
            return False
    return True


def cheaper(made: Assessment, asked: Problem, limit: Fraction, rng: Random) -> list[Change] | None:
    """Return changes that cost less than the limit and reach the target, by trying."""
    selecting = {key for r in asked.scope.readings if r.selects for key in x.keys_read(r.condition)}
    tried = 0
    for size in range(4):
        for subset in combinations(asked.options, size):
            if sum((o.cost for o in subset), Fraction(0)) >= limit:
                continue
            pools = []
            for option in subset:
                choice = asked.choices.get(option.ref)
                if choice is None:
                    pools.append([Change(option.ref, None, option.cost)])
                    continue
                own = [fact for fact, _ in choice.options]
                frozen = option.ref.record and option.ref.key in selecting
                if not frozen:
                    own += values(choice.item, made, rng)
                now = choice.current
                pools.append(
                    [Change(option.ref, f, option.cost) for f in dict.fromkeys(own) if f != now]
                )
            for changes in product(*pools):
                tried += 1
                if tried > 6_000:
                    return None
                if holds(made, list(changes)):
                    return list(changes)
    return None


@pytest.mark.parametrize("block", range(8))
def test_no_cheaper_changes_are_found_by_trying(tiny: Standard, block: int) -> None:
    planned = 0
    for seed in range(block * 25, block * 25 + 25):
        made, asked = assessed(tiny, seed)
        wanted = list(made.standard.requirements)
        found = solve(asked)
        if isinstance(found, Clash):
            assert cheaper(made, asked, Fraction(5), Random(seed)) is None, seed
            continue
        for one in found:
            assert reached(reassess(made, one.changes), wanted) == set(wanted), seed
            assert one.cost == found[0].cost
        assert cheaper(made, asked, found[0].cost, Random(seed)) is None, seed
        assert (found[0].cost == 0) is holds(made, [])
        planned += found[0].cost > 0
    assert planned >= 5


@pytest.mark.parametrize("block", range(4))
def test_a_solver_of_another_kind_finds_the_same_cost(tiny: Standard, block: int) -> None:
    compared = 0
    for seed in range(1000 + block * 25, 1025 + block * 25):
        _, asked = assessed(tiny, seed)
        if len(asked.clauses) > 5_000:
            continue
        compared += 1
        found = solve(asked)
        assert cost_by_smt(asked) == (None if isinstance(found, Clash) else found[0].cost), seed
    assert compared >= 20
