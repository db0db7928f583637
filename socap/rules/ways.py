"""Ways in which answers could settle an open rule: what has to be asked, and with what chance."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING

from socap.rules import expressions as x
from socap.rules.counting import reaches
from socap.rules.expressions import Operator, Quantity
from socap.rules.facts import Facts
from socap.rules.implicant import FactRef, Literal, settling
from socap.rules.reference import compare, evaluate, judge
from socap.rules.truth import Truth

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from socap.rules.vocabulary import RecordType

HOLDS = 0.8
NEVER = x.Not(x.Always())


@dataclass(frozen=True, slots=True)
class Way:
    """Open facts, `size` of which settle a rule one way; they come out so with `chance`.

    A field whose record is not listed yet has an empty record.
    """

    refs: frozenset[FactRef]
    size: int
    chance: float


SETTLED = Way(frozenset(), 0, 1.0)


def joined(ways: Iterable[Way]) -> Way:
    """Return the way that takes several at once; facts they share are asked once."""
    told = tuple(ways)
    refs = frozenset[FactRef]().union(*(way.refs for way in told))
    return Way(refs, min(len(refs), sum(w.size for w in told)), prod(w.chance for w in told))


def ways(
    expression: x.Expression, facts: Facts, records: Mapping[str, RecordType], *, to: bool
) -> tuple[Way, ...]:
    """Return the smallest ways to make a rule true (or false), one for each set of `settling`.

    Each open condition is taken to hold with probability 0.8, independently; what is merely asked
    for (`present`) holds once it is answered. A rule settled so already has one way that asks
    nothing; one that answers cannot bring there has none: a parameter not set stays unknown.
    """
    value = evaluate(expression, facts)
    if value is not Truth.UNKNOWN:
        return (SETTLED,) if (value is Truth.TRUE) is to else ()
    open_to_answers = _without_unset(expression, facts, to)
    found: dict[Way, None] = {}
    for literals in settling(open_to_answers, facts, to=to):
        parts = [_way(literal, facts, records) for literal in literals]
        if None not in parts:
            found[joined(part for part in parts if part is not None)] = None
    return tuple(found)


def _without_unset(node: x.Expression, facts: Facts, to: bool) -> x.Expression:
    """Take what reads a parameter not set as never coming out the way that is asked for."""
    if all(name in facts.parameters for name in x.parameters_read(node)):
        return node
    match node:
        case x.Not(part):
            return x.Not(_without_unset(part, facts, not to))
        case x.All(parts):
            return x.All(tuple(_without_unset(part, facts, to) for part in parts))
        case x.Any(parts):
            return x.Any(tuple(_without_unset(part, facts, to) for part in parts))
        case x.Quantified(limit=limit) if limit is None or facts.number(limit) is not None:
            return node
        case _ if evaluate(node, facts) is not Truth.UNKNOWN:
            return node
    return NEVER if to else x.Always()


def _way(literal: Literal, facts: Facts, records: Mapping[str, RecordType]) -> Way | None:
    node = literal.node
    if isinstance(node, x.Quantified):
        if facts.records.get(node.record) is None:
            return _unlisted(node, literal.holds, facts, records[node.record])
        return _listed(node, literal.holds, facts)
    refs = frozenset(FactRef(k) for k in x.keys_read(node) if facts.get(k).unknown is not None)
    return Way(refs, len(refs), _chance(literal))


def _chance(literal: Literal) -> float:
    if isinstance(literal.node, x.Condition) and literal.node.operator is Operator.PRESENT:
        return 1.0
    return HOLDS if literal.holds else 1 - HOLDS


def _unlisted(node: x.Quantified, holds: bool, facts: Facts, kind: RecordType) -> Way:
    """Take a list not given yet as one record, none of whose fields is known."""
    listed = FactRef(f"records.{node.record}")
    keys = (*x.keys_read(node.where), *x.keys_read(node.satisfies))
    refs = frozenset(FactRef(k) for k in keys if k in kind.fields or facts.get(k).unknown)
    return Way(refs | {listed}, len(refs | {listed}), HOLDS if holds else 1 - HOLDS)


def _listed(node: x.Quantified, holds: bool, facts: Facts) -> Way | None:
    """Choose as many open records as have to come out so, the cheapest of them."""
    alike: dict[tuple[object, ...], Way] = {}
    judged: list[tuple[Truth, Truth]] = []
    found: list[Way] = []
    keys = (*x.keys_read(node.where), *x.keys_read(node.satisfies))
    leaves = [
        n for n in (*x.walk(node.where), *x.walk(node.satisfies)) if isinstance(n, x.Condition)
    ]
    for record in facts.records[node.record]:
        judged.append(judge(node, facts, record))
        if Truth.UNKNOWN not in judged[-1]:
            continue
        local = {key: facts.get(key, record) for key in keys}
        pattern = (
            *(compare(leaf, facts, record) for leaf in leaves),
            *(fact.unknown is None for fact in local.values()),
        )
        if pattern not in alike:
            alike[pattern] = _one(node, holds, Facts(facts.as_of, local, {}, facts.parameters))
        one = alike[pattern]
        if one.refs:
            named = (FactRef(r.key, record.id if r.key in record.fields else "") for r in one.refs)
            found.append(Way(frozenset(named), one.size, one.chance))
    needed = _needed(node, holds, facts, judged)
    if needed is None or not 0 < needed <= len(found):
        return None
    chosen = sorted(found, key=lambda way: way.size / way.chance)[:needed]
    refs = frozenset[FactRef]().union(*(way.refs for way in found))
    return Way(
        refs, min(len(refs), sum(way.size for way in chosen)), prod(way.chance for way in chosen)
    )


def _one(node: x.Quantified, holds: bool, local: Facts) -> Way:
    """Return the open keys of one record, how few settle it so, and with what chance."""
    within: x.Expression = x.Any((x.Not(node.where), node.satisfies))
    if node.quantity in (Quantity.SOME, Quantity.COUNT):
        within = x.All((node.where, node.satisfies))
    told = ways(within, local, {}, to=holds)
    if node.quantity is Quantity.SHARE:
        # A record that satisfies but may not count still moves the share.
        told += ways(node.where, local, {}, to=True) + ways(node.where, local, {}, to=False)
    told = tuple(way for way in told if way.refs)
    if not told:
        return SETTLED
    best = max(told, key=lambda way: (way.chance / way.size, -way.size))
    return Way(frozenset[FactRef]().union(*(w.refs for w in told)), best.size, best.chance)


def _needed(
    node: x.Quantified, holds: bool, facts: Facts, judged: Sequence[tuple[Truth, Truth]]
) -> int | None:
    """Return the fewest open records that have to come out so, all others staying open."""
    limit = 1 if node.limit is None else facts.number(node.limit)
    if limit is None:
        return None
    counted = [pair for pair in judged if pair[0] is not Truth.FALSE]
    passed = counted.count((Truth.TRUE, Truth.TRUE))
    failed = counted.count((Truth.TRUE, Truth.FALSE))
    may_pass = sum(s is not Truth.FALSE for _, s in counted) - passed
    may_fail = sum(s is not Truth.TRUE for _, s in counted) - failed
    steps = range(1, len(counted) + 1)
    match node.quantity:
        case Quantity.EVERY:
            return may_fail if holds else 1
        case Quantity.SOME | Quantity.COUNT:
            enough = (
                n
                for n in steps
                if (passed + n >= limit if holds else passed + may_pass - n < limit)
            )
        case Quantity.SHARE if holds:
            enough = (n for n in steps if reaches(passed + n, failed + max(may_fail - n, 0), limit))
        case _:
            enough = (
                n for n in steps if not reaches(passed + max(may_pass - n, 0), failed + n, limit)
            )
    return next(enough, 1)
