"""The fewest facts that force a rule's truth, and the fewest answers that would settle it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from itertools import combinations, product
from math import ceil
from typing import TYPE_CHECKING, assert_never

from socap.rules import expressions as x
from socap.rules import truth
from socap.rules.facts import MISSING, Facts, RecordFacts
from socap.rules.reference import evaluate, judge
from socap.rules.residual import residual
from socap.rules.truth import Truth

if TYPE_CHECKING:
    from collections.abc import Iterable
    from collections.abc import Set as AbstractSet

SEARCHED = 14
MINIMISED = 300
TRIALS = 6_000
ALTERNATIVES = 200


@dataclass(frozen=True, slots=True, order=True)
class FactRef:
    """One fact: an item, a list of records (`records.<type>`), or a field of one record."""

    key: str
    record: str = ""


def only(facts: Facts, kept: Iterable[FactRef]) -> Facts:
    """Return the facts as they would be if nothing but these were known."""
    held: defaultdict[str, set[str]] = defaultdict(set)
    for ref in kept:
        held[ref.record].add(ref.key)
    items = {key: facts.items[key] for key in held[""] if key in facts.items}
    records = {
        name: tuple(_with_fields(record, held[record.id]) for record in listed)
        for name, listed in facts.records.items()
        if f"records.{name}" in held[""]
    }
    return replace(facts, items=items, records=records)


def _with_fields(record: RecordFacts, keys: AbstractSet[str]) -> RecordFacts:
    fields = {key: fact if key in keys else MISSING for key, fact in record.fields.items()}
    return RecordFacts(record.id, fields)


def implicant(expression: x.Expression, facts: Facts) -> tuple[FactRef, ...]:
    """Return a prime implicant: facts that alone give the expression its truth, none of them idle.

    The smallest set is found by trial where few facts are read (up to 14), else one from which
    nothing can be left out; a set of more than 300 facts (long lists of records) is given as it is.
    Empty where the truth is unknown, or holds without any fact.
    """
    value = evaluate(expression, facts)
    if value is Truth.UNKNOWN:
        return ()
    found = sorted(_witness(expression, facts, None))
    if evaluate(expression, only(facts, found)) is not value:
        found = sorted(set(_known(expression, facts)))
    for ref in tuple(found) if len(found) <= MINIMISED else ():
        rest = [other for other in found if other != ref]
        if evaluate(expression, only(facts, rest)) is value:
            found = rest
    if len(found) < 2:
        return tuple(found)
    pool = sorted(set(_known(expression, facts)))
    trials = 0
    # Where all that is known is needed, as was just tried, no smaller set can do.
    if len(found) < len(pool) <= SEARCHED:
        for size in range(1, len(found)):
            for chosen in combinations(pool, size):
                trials += 1
                if trials > TRIALS:
                    return tuple(found)
                if evaluate(expression, only(facts, chosen)) is value:
                    return chosen
    return tuple(found)


def _known(expression: x.Expression, facts: Facts) -> Iterable[FactRef]:
    for node in x.walk(expression):
        if isinstance(node, x.Quantified):
            for record in facts.records.get(node.record, ()):
                for key in (*x.keys_read(node.where), *x.keys_read(node.satisfies)):
                    if facts.get(key, record).unknown is None:
                        yield _ref(key, record)
            if node.record in facts.records:
                yield FactRef(f"records.{node.record}")
    for key in x.keys_read(expression):
        if key in facts.items and facts.items[key].unknown is None:
            yield FactRef(key)


def _ref(key: str, record: RecordFacts | None) -> FactRef:
    return FactRef(key, record.id if record is not None and key in record.fields else "")


Refs = frozenset[FactRef]


def _witness(node: x.Expression, facts: Facts, record: RecordFacts | None) -> Refs:
    """Return facts that give a decided node its truth, few of them."""
    value = evaluate(node, facts, record)
    match node:
        case x.Always():
            return frozenset()
        case x.Condition():
            keys = [node.item]
            if isinstance(node.operand, x.ItemRef):
                keys.append(node.operand.key)
            return frozenset(_ref(key, record) for key in keys)
        case x.Not(part):
            return _witness(part, facts, record)
        case x.All(parts) | x.Any(parts):
            one_is_enough = (value is Truth.FALSE) == isinstance(node, x.All)
            deciding = [p for p in parts if evaluate(p, facts, record) is value]
            told = [_witness(part, facts, record) for part in deciding]
            return min(told, key=_size) if one_is_enough else frozenset().union(*told)
        case x.Quantified():
            return _quantified(node, value, facts)
    assert_never(node)


def _size(refs: AbstractSet[FactRef]) -> tuple[int, list[FactRef]]:
    return len(refs), sorted(refs)


def _quantified(node: x.Quantified, value: Truth, facts: Facts) -> Refs:
    listed: Refs = frozenset({FactRef(f"records.{node.record}")})
    passing: list[Refs] = []
    failing: list[Refs] = []
    others: list[Refs] = []
    for record in facts.records[node.record]:
        where, satisfies = judge(node, facts, record)
        if where is Truth.FALSE:
            others.append(_witness(node.where, facts, record))
        elif satisfies is not Truth.UNKNOWN:
            told = _witness(node.satisfies, facts, record)
            if where is Truth.UNKNOWN:
                others.append(told)
                continue
            told |= _witness(node.where, facts, record)
            (passing if satisfies is Truth.TRUE else failing).append(told)
    if node.quantity is x.Quantity.EVERY and value is Truth.FALSE:
        return listed | min(failing, key=_size)
    if node.quantity is x.Quantity.SOME and value is Truth.TRUE:
        return listed | min(passing, key=_size)
    return listed.union(*_enough(node, value, facts, passing, failing, others))


def _enough(
    node: x.Quantified,
    value: Truth,
    facts: Facts,
    passing: list[Refs],
    failing: list[Refs],
    others: list[Refs],
) -> list[Refs]:
    """Return as many records as a count or share needs, those with the fewest facts first."""
    limit = facts.number(node.limit) if node.limit is not None else None
    if limit is None:
        return [*passing, *failing, *others]
    total = len(facts.records[node.record])
    if node.quantity is x.Quantity.COUNT:
        if value is Truth.TRUE:
            return sorted(passing, key=_size)[: ceil(limit)]
        return sorted([*failing, *others], key=_size)[: total - ceil(limit) + 1]
    counted = total - len(others)
    if value is Truth.TRUE:
        return [*others, *sorted(passing, key=_size)[: ceil(limit * counted / 100)]]
    return [*others, *sorted(failing, key=_size)[: counted - ceil(limit * counted / 100) + 1]]


@dataclass(frozen=True, slots=True)
class Literal:
    """One thing that an answer would have to show: a condition or quantifier, held or not."""

    node: x.Condition | x.Quantified
    holds: bool


def settling(
    expression: x.Expression, facts: Facts, *, to: bool
) -> tuple[tuple[Literal, ...], ...]:
    """Return the smallest sets of findings that would make an open rule true (or false).

    Each set is enough by itself and none of it is idle; sets that need fewer answers come first.
    Empty where the rule cannot come out so any more, or is decided already.
    """
    left = residual(expression, lambda node: evaluate(node, facts))
    if evaluate(expression, facts) is not Truth.UNKNOWN:
        return ()
    consistent = [s for s in _alternatives(left, to) if len({one.node for one in s}) == len(s)]
    sets = {_without_idle(left, facts, s, truth.of(to)) for s in consistent}
    smallest = [s for s in sets if not any(other < s for other in sets)]
    told = [tuple(sorted(s, key=repr)) for s in smallest]
    return tuple(sorted(told, key=lambda s: (len(s), repr(s))))


def _without_idle(
    rule: x.Expression, facts: Facts, chosen: frozenset[Literal], wanted: Truth
) -> frozenset[Literal]:
    for one in sorted(chosen, key=repr):
        if assumed(rule, facts, chosen - {one}) is wanted:
            chosen -= {one}
    return chosen


def assumed(node: x.Expression, facts: Facts, given: AbstractSet[Literal]) -> Truth:
    """Return the truth of a rule if some of its conditions and quantifiers came out as given."""
    for one in given:
        if one.node == node:
            return truth.of(one.holds)
    match node:
        case x.All(parts):
            return truth.both(assumed(part, facts, given) for part in parts)
        case x.Any(parts):
            return truth.either(assumed(part, facts, given) for part in parts)
        case x.Not(part):
            return truth.negated(assumed(part, facts, given))
        case x.Always() | x.Condition() | x.Quantified():
            return evaluate(node, facts)
    assert_never(node)


def _alternatives(node: x.Expression, to: bool) -> set[frozenset[Literal]]:
    match node:
        case x.Always():
            return {frozenset()} if to else set()
        case x.Condition(operator=x.Operator.PRESENT):
            return {frozenset({Literal(node, holds=True)})} if to else set()
        case x.Condition() | x.Quantified():
            return {frozenset({Literal(node, holds=to)})}
        case x.Not(part):
            return _alternatives(part, not to)
        case x.All(parts) | x.Any(parts):
            told = [_alternatives(part, to) for part in parts]
            if to is not isinstance(node, x.All):
                return set().union(*told)
            if any(not sets for sets in told):
                return set()
            size = 1
            for sets in told:
                size *= len(sets)
            if size > ALTERNATIVES:
                told = [
                    {min(sets, key=lambda s: (len(s), repr(sorted(s, key=repr))))} for sets in told
                ]
            return {frozenset().union(*chosen) for chosen in product(*told)}
    assert_never(node)
