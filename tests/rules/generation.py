"""Random rules and facts over a vocabulary, from a seeded generator."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from socap.errors import Text
from socap.rules import expressions as x
from socap.rules.expressions import Operator
from socap.rules.facts import NO_CASE, Fact, Facts, RecordFacts, known, unknown
from socap.rules.truth import UnknownReason
from socap.rules.vocabulary import (
    NUMERIC,
    EvidenceItem,
    Parameter,
    RecordType,
    ValueType,
    Vocabulary,
)

if TYPE_CHECKING:
    from random import Random

AS_OF = date(2024, 2, 29)
NOTHING = Text("", "")
MEMBERS = dict.fromkeys("abcdefghijklmnopq", NOTHING)
LIMITS = (0, 1, 2, 3, 29, 30, 31, 89.5, 90, 90.5, 95, 365, 366, 100)


def _items(prefix: str) -> dict[str, EvidenceItem]:
    kinds = {
        "flag": ValueType.BOOLEAN,
        "mark": ValueType.BOOLEAN,
        "count": ValueType.INTEGER,
        "level": ValueType.NUMBER,
        "share": ValueType.PERCENT,
        "day": ValueType.DATE,
        "end": ValueType.DATE,
        "parts": ValueType.SET,
        "state": ValueType.ENUM,
    }
    return {
        f"{prefix}.{name}": EvidenceItem(
            f"{prefix}.{name}",
            kind,
            NOTHING,
            NOTHING,
            members=MEMBERS if kind in (ValueType.SET, ValueType.ENUM) else {},
            event=True,
        )
        for name, kind in kinds.items()
    }


PARAMETERS = {
    "limit": Parameter("limit", 90, "", NOTHING, NOTHING),
    "days": Parameter("days", 30, "days", NOTHING, NOTHING),
    "unset": Parameter("unset", None, "", NOTHING, NOTHING),
    "unset_days": Parameter("unset_days", None, "days", NOTHING, NOTHING),
}
VOCABULARY = Vocabulary(
    _items("top"), {"unit": RecordType("unit", NOTHING, _items("unit"))}, {}, {}, PARAMETERS
)
VALUES: dict[str, int | float] = {
    name: p.default for name, p in PARAMETERS.items() if p.default is not None
}


def condition(rng: Random, *, inside: bool) -> x.Condition:
    """Return one well-typed condition."""
    pool = {**VOCABULARY.items, **(VOCABULARY.records["unit"].fields if inside else {})}
    item = rng.choice(list(pool.values()))
    if rng.random() < 0.1:
        return x.Condition(
            item.key, rng.choice([Operator.PRESENT, Operator.NO_CASE]), x.Literal(True)
        )
    same = [other.key for other in pool.values() if other.type is item.type and other is not item]
    if item.type in NUMERIC:
        same = [other.key for other in pool.values() if other.type in NUMERIC]
        order = rng.choice(
            [
                Operator.AT_LEAST,
                Operator.AT_MOST,
                Operator.MORE_THAN,
                Operator.LESS_THAN,
                Operator.IS,
            ]
        )
        return x.Condition(item.key, order, _number(rng, same, order))
    if item.type is ValueType.DATE:
        order = rng.choice([Operator.WITHIN, Operator.NOT_AFTER, Operator.NOT_BEFORE])
        if order is Operator.WITHIN:
            days = (
                x.ParameterRef(rng.choice(["days", "days", "days", "unset_days"]))
                if rng.random() < 0.5
                else x.Literal(rng.choice([0, 1, 365]))
            )
            return x.Condition(item.key, order, days)
        others: list[x.Operand] = [x.AsOf(), x.Literal(_day(rng)), x.ItemRef(rng.choice(same))]
        other = rng.choice(others)
        return x.Condition(item.key, order, other)
    if item.type is ValueType.SET:
        if rng.random() < 0.2:
            return x.Condition(
                item.key, Operator.SIZE_AT_LEAST, x.Literal(rng.choice([0, 1, 2, 3]))
            )
        chosen = rng.choice([Operator.INCLUDES, Operator.INCLUDES_ANY])
        return x.Condition(item.key, chosen, _members(rng))
    if item.type is ValueType.ENUM and rng.random() < 0.5:
        return x.Condition(item.key, Operator.ONE_OF, _members(rng))
    if same and rng.random() < 0.2:
        return x.Condition(item.key, Operator.IS, x.ItemRef(rng.choice(same)))
    literal = rng.random() < 0.5 if item.type is ValueType.BOOLEAN else rng.choice(list(MEMBERS))
    return x.Condition(item.key, Operator.IS, x.Literal(literal))


def _number(rng: Random, same: list[str], order: Operator) -> x.Operand:
    draw = rng.random()
    if draw < 0.2:
        return x.ItemRef(rng.choice(same))
    if draw < 0.4 and order is not Operator.IS:
        return x.ParameterRef(rng.choice(["limit", "limit", "limit", "unset"]))
    return x.Literal(rng.choice(LIMITS))


def _members(rng: Random) -> x.Members:
    size = rng.choice([1, 1, 2, 3, 5, 16])
    return x.Members(tuple(rng.sample(list(MEMBERS), size)))


def _day(rng: Random) -> date:
    return AS_OF - timedelta(days=rng.choice([-1, 0, 1, 29, 30, 31, 364, 365, 366, 900]))


def expression(rng: Random, depth: int = 3, *, inside: bool = False) -> x.Expression:
    """Return a random rule; records' rules hold no quantifier and stay small."""
    draw = rng.random()
    if depth == 0 or draw < 0.3:
        return x.Always() if draw < 0.02 else condition(rng, inside=inside)
    if draw < 0.4:
        return x.Not(expression(rng, depth - 1, inside=inside))
    if draw < 0.55 and not inside:
        quantity = rng.choice(list(x.Quantity))
        limit: x.Literal | x.ParameterRef | None = None
        if quantity is x.Quantity.COUNT:
            limit = x.Literal(rng.choice([0, 1, 2, 3]))
        elif quantity is x.Quantity.SHARE:
            limit = x.Literal(rng.choice([0, 33.3, 50, 90, 100]))
            if rng.random() < 0.1:
                limit = x.ParameterRef("unset")
        where = x.Always() if rng.random() < 0.4 else expression(rng, 1, inside=True)
        return x.Quantified(quantity, "unit", expression(rng, 1, inside=True), where, limit)
    size = rng.choice([1, 2, 2, 3] if inside else [2, 2, 3, 4, 6, 14])
    parts = tuple(expression(rng, depth - 1, inside=inside) for _ in range(size))
    return x.All(parts) if rng.random() < 0.5 else x.Any(parts)


def fact(rng: Random, item: EvidenceItem, share_unknown: float) -> Fact:
    """Return a random state of an item, near the limits that rules use."""
    draw = rng.random()
    if draw < share_unknown:
        return unknown(rng.choice(list(UnknownReason)))
    if draw < share_unknown + 0.08:
        return NO_CASE
    match item.type:
        case ValueType.BOOLEAN:
            return known(rng.random() < 0.6)
        case ValueType.DATE:
            return known(_day(rng))
        case ValueType.SET:
            return known(frozenset(m for m in MEMBERS if rng.random() < rng.choice([0.2, 0.8])))
        case ValueType.ENUM:
            return known(rng.choice(list(MEMBERS)))
        case _:
            value = rng.choice(LIMITS)
            return known(float(value) if rng.random() < 0.3 else value)


def facts(rng: Random) -> Facts:
    """Return random facts: records are unknown, none, one or many."""
    gaps = rng.choice([0, 0.1, 0.4, 0.9])
    items = {
        key: fact(rng, item, gaps)
        for key, item in VOCABULARY.items.items()
        if rng.random() > gaps / 4
    }
    records = {}
    size = rng.choice([None, 0, 1, 2, 7])
    if size is not None:
        fields = VOCABULARY.records["unit"].fields
        records["unit"] = tuple(
            RecordFacts(f"u{i}", {key: fact(rng, item, gaps / 2) for key, item in fields.items()})
            for i in range(size)
        )
    return Facts(AS_OF, items, records, VALUES)
