"""What a target makes a plan look at: the rules that count and every condition in them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from math import ceil
from typing import TYPE_CHECKING

from socap.rules import expressions as x
from socap.rules.expressions import Operator

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from socap.clauses.requirement import Requirement
    from socap.rules.facts import Facts
    from socap.rules.vocabulary import Vocabulary
    from socap.standard import Standard


class Wish(Enum):
    """Which truth of a condition a rule asks for."""

    TRUE = 1
    FALSE = -1
    EITHER = 0


@dataclass(frozen=True, slots=True)
class Reading:
    """One condition in a rule that counts, inside records of a type or outside them.

    `selects` marks a condition that says which records are counted; `alone`, one that sees nothing
    but the record it is asked of.
    """

    condition: x.Condition
    wish: Wish
    record: str | None = None
    selects: bool = False
    alone: bool = False
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Scope:
    """The requirements to reach and the conditions read on the way.

    `lists` gives, for each record type, the most records that a count in it asks for.
    """

    requirements: tuple[Requirement, ...]
    readings: tuple[Reading, ...]
    lists: dict[str, int]

    @property
    def keys(self) -> tuple[str, ...]:
        """Every key a plan may look at, record lists as `records.<type>`, sorted."""
        found = {f"records.{name}" for name in self.lists}
        for reading in self.readings:
            found.update(_keys(reading.condition))
        return tuple(sorted(found))

    @property
    def measures(self) -> frozenset[str]:
        """The keys that other answers are measured against."""
        operands = (r.condition.operand for r in self.readings)
        return frozenset(operand.key for operand in operands if isinstance(operand, x.ItemRef))


def scope(standard: Standard, wanted: Iterable[str], facts: Facts) -> Scope:
    """Return what has to be looked at for the wanted requirements to conform."""
    requirements = tuple(standard.requirements[name] for name in wanted)
    rules: list[tuple[x.Expression, Wish]] = []
    for r in requirements:
        rules += [(r.applies_when, Wish.EITHER), (r.satisfied_when, Wish.TRUE)]
        if r.exclusion is not None:
            rules.append((r.exclusion.allowed_when, Wish.TRUE))
    lists: dict[str, int] = {}
    readings = [one for rule, wish in rules for one in _readings(rule, wish, facts, lists)]
    for check in standard.consistency:
        found = _readings(check.contradicted_when, Wish.FALSE, facts, lists)
        readings += [replace(one, rule=check.id) for one in found]
    seen: set[str] = set()
    queue = [key for one in readings for key in _keys(one.condition)]
    while queue:
        key = queue.pop()
        if key not in seen:
            seen.add(key)
            more = list(_behind(key, standard.vocabulary, readings, facts, lists))
            readings += more
            queue += [k for one in more for k in _keys(one.condition)]
            queue += _parts(key, standard.vocabulary)
    readings += [Reading(_shown(key), Wish.EITHER) for key in sorted(seen) if _top(key, standard)]
    return Scope(requirements, tuple(readings), lists)


def _shown(key: str) -> x.Condition:
    return x.Condition(key, Operator.PRESENT, x.Literal(value=True))


def _top(key: str, standard: Standard) -> bool:
    return standard.vocabulary.outside_records(key) is not None


def _keys(condition: x.Condition) -> tuple[str, ...]:
    other = (condition.operand.key,) if isinstance(condition.operand, x.ItemRef) else ()
    return (condition.item, *other)


def _parts(key: str, words: Vocabulary) -> Iterator[str]:
    for name, item in words.items.items():
        if item.part_of is not None and key in (name, item.part_of):
            yield from (name, item.part_of)


def _readings(
    node: x.Expression, wish: Wish, facts: Facts, lists: dict[str, int]
) -> Iterator[Reading]:
    match node:
        case x.Condition():
            yield Reading(node, wish)
        case x.All(parts) | x.Any(parts):
            for part in parts:
                yield from _readings(part, wish, facts, lists)
        case x.Not(part):
            yield from _readings(part, Wish(-wish.value), facts, lists)
        case x.Quantified():
            limit = facts.number(node.limit) if node.limit is not None else None
            asked = {x.Quantity.SOME: 1, x.Quantity.COUNT: ceil(limit or 0)}.get(node.quantity, 0)
            lists[node.record] = max(lists.get(node.record, 0), asked)
            for part, own, selects in (
                (node.where, Wish.EITHER, True),
                (node.satisfies, wish, False),
            ):
                for one in _readings(part, own, facts, lists):
                    yield Reading(one.condition, one.wish, node.record, selects)
        case x.Always():
            pass


def _behind(
    key: str, words: Vocabulary, readings: list[Reading], facts: Facts, lists: dict[str, int]
) -> Iterator[Reading]:
    item = words.items.get(key)
    if item is None or item.computed is None:
        return
    rule = item.computed
    asked = 1
    for one in readings:
        if one.condition.item == key and rule.quantity is x.Quantity.COUNT:
            operand = one.condition.operand
            limit = (
                facts.number(operand) if isinstance(operand, (x.Literal, x.ParameterRef)) else None
            )
            asked = max(asked, ceil(limit or 0) + (one.condition.operator is Operator.MORE_THAN))
    lists[rule.record] = max(lists.get(rule.record, 0), asked)
    for part, selects in ((rule.where, True), (rule.satisfies, False)):
        for one in _readings(part, Wish.EITHER, facts, lists):
            yield Reading(one.condition, Wish.EITHER, rule.record, selects, alone=True)
