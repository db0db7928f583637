"""Decides rules for many organisations at once: conditions are columns, their truth bit planes.

Every distinct sub-expression is evaluated once a batch; records are judged all together and
counted for each organisation. It means what `reference` means, row by row.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from math import floor
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias, assert_never

import numpy as np

from socap.rules import expressions as x
from socap.rules.expressions import Operator, Quantity
from socap.rules.planes import (
    Counts,
    Flags,
    Plane,
    Planes,
    among,
    conjunction,
    disjunction,
    ones,
    pack,
    unpack,
    zeros,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from socap.rules.interpreter import Rule

Values: TypeAlias = "NDArray[Any]"
EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class Column:
    """One item of many organisations: `known` where it has a value, `no_case` where that is stated.

    `values` holds, by type: a boolean as a plane (`packed`), a number as it is, a date as days since
    1970, an enum as the index of its member, a set as one bit a member. What stands where the item
    is not known is not read, but has to be an index of a member, or -1.
    """

    values: Values
    known: Plane
    no_case: Plane
    members: tuple[str, ...] = ()
    packed: bool = False

    @property
    def settled(self) -> Plane:
        """Where it is not unknown."""
        return self.known | self.no_case


@dataclass(frozen=True, slots=True)
class RecordColumns:
    """The records of many organisations, one after another: those of i from offset i to i + 1.

    `listed` is where an organisation's list is known, be it empty.
    """

    offsets: Counts
    listed: Plane
    fields: dict[str, Column]


@dataclass(frozen=True, slots=True)
class Batch:
    """The facts of `count` organisations on a date; an item that is absent is unknown for all."""

    count: int
    as_of: date
    items: dict[str, Column]
    records: dict[str, RecordColumns] = field(default_factory=dict)
    parameters: dict[str, int | float] = field(default_factory=dict)


class Decisions(NamedTuple):
    """How one rule came out; `satisfied` is open wherever the rule does not surely apply."""

    applies: Planes
    satisfied: Planes


def decide(rules: Iterable[Rule], batch: Batch) -> dict[str, Decisions]:
    """Return the decisions on rules for every organisation of a batch."""
    scope = Evaluation(batch)
    made = {}
    for rule in rules:
        applies, satisfied = scope.truth(rule.applies), scope.truth(rule.satisfied)
        sure = applies.true
        made[rule.id] = Decisions(applies, Planes(satisfied.true & sure, satisfied.false & sure))
    return made


class Evaluation:
    """One batch with the truth of every expression met so far; `record` is the scope inside lists."""

    def __init__(self, batch: Batch, record: str | None = None) -> None:
        self.batch, self.record = batch, record
        self.count = batch.count if record is None else int(batch.records[record].offsets[-1])
        self._unknown = Planes(zeros(self.count), zeros(self.count))
        self._truths: dict[x.Expression, Planes] = {}
        self._columns: dict[str, Column | None] = {}
        self._inside: dict[str, Evaluation] = {}

    def truth(self, expression: x.Expression) -> Planes:
        """Return the truth of an expression for each organisation (or each record)."""
        found = self._truths.get(expression)
        if found is None:
            found = self._truths[expression] = self._evaluated(expression)
        return found

    def _evaluated(self, expression: x.Expression) -> Planes:
        match expression:
            case x.Always():
                return Planes(ones(self.count), zeros(self.count))
            case x.Condition():
                return self._condition(expression)
            case x.All(parts):
                return conjunction([self.truth(part) for part in parts], self.count)
            case x.Any(parts):
                return disjunction([self.truth(part) for part in parts], self.count)
            case x.Not(part):
                true, false = self.truth(part)
                return Planes(false, true)
            case x.Quantified():
                return self._quantified(expression)
        assert_never(expression)

    def column(self, key: str) -> Column | None:
        """Return the column of a key: inside a list the record's, else that of its organisation."""
        if key not in self._columns:
            self._columns[key] = self._found(key)
        return self._columns[key]

    def _found(self, key: str) -> Column | None:
        if self.record is None:
            return self.batch.items.get(key)
        records = self.batch.records[self.record]
        own, outer = records.fields.get(key), self.batch.items.get(key)
        return own if own is not None or outer is None else _spread(outer, records.offsets)

    def _condition(self, condition: x.Condition) -> Planes:
        left = self.column(condition.item)
        if left is None:
            return self._unknown
        if condition.operator is Operator.PRESENT:
            return Planes(left.settled, zeros(self.count))
        if condition.operator is Operator.NO_CASE:
            return Planes(left.no_case, left.known)
        match condition.operand:
            case x.ItemRef(key):
                right = self.column(key)
                if right is None:
                    return self._unknown
                held = _between(condition.operator, left, right)
                true = held & left.known & right.known
                return Planes(true, (left.settled & right.settled) ^ true)
            case x.ParameterRef(name):
                number = self.batch.parameters.get(name)
                if number is None:
                    return self._unknown
                held = _against(condition.operator, left, number, self.batch.as_of)
            case x.AsOf():
                as_of = self.batch.as_of
                held = _against(condition.operator, left, as_of, as_of)
            case x.Literal(value):
                held = _against(condition.operator, left, value, self.batch.as_of)
            case x.Members(names):
                held = _members(condition.operator, left, names)
            case _:
                assert_never(condition.operand)
        true = held & left.known
        return Planes(true, left.settled ^ true)

    def _quantified(self, node: x.Quantified) -> Planes:
        records = self.batch.records.get(node.record)
        limit: int | float | None = 0
        if isinstance(node.limit, x.ParameterRef):
            limit = self.batch.parameters.get(node.limit.name)
        elif node.limit is not None:
            assert isinstance(node.limit.value, (int, float))
            limit = node.limit.value
        if records is None or limit is None:
            return self._unknown
        tally = self.judged(node.record, node.where, node.satisfies)
        true, false = _quantify(node.quantity, limit, tally)
        return Planes(pack(true) & records.listed, pack(false) & records.listed)

    def judged(self, record: str, where: x.Expression, satisfies: x.Expression) -> Tally:
        """Return, for each organisation, how its records are judged."""
        inside = self._inside.get(record)
        if inside is None:
            inside = self._inside[record] = Evaluation(self.batch, record)
        counted, passes = inside.truth(where), inside.truth(satisfies)
        offsets = self.batch.records[record].offsets
        may_count = ones(inside.count) ^ counted.false
        passed = among(counted.true & passes.true, offsets)
        failed = among(counted.true & passes.false, offsets)
        most_passed = among(may_count & ~passes.false, offsets)
        most_failed = among(may_count & ~passes.true, offsets)
        return Tally(passed, failed, most_passed, most_failed, among(may_count, offsets))


class Tally(NamedTuple):
    """How many records surely pass and fail, may pass and fail at most, and may count at all."""

    passed: Counts
    failed: Counts
    most_passed: Counts
    most_failed: Counts
    counted: Counts


def _quantify(quantity: Quantity, limit: int | float, tally: Tally) -> tuple[Flags, Flags]:
    """Return where a quantifier is true and where it is false; `counting.quantify` for columns."""
    passed, failed, most_passed, most_failed, _ = tally
    match quantity:
        case Quantity.EVERY:
            return most_failed == 0, failed > 0
        case Quantity.SOME:
            return passed >= 1, most_passed < 1
        case Quantity.COUNT:
            return passed >= limit, most_passed < limit
        case Quantity.SHARE:
            true = passed * 100 >= limit * (passed + most_failed)
            return true, ~true & (most_passed * 100 < limit * (most_passed + failed))
    assert_never(quantity)


def _spread(column: Column, offsets: Counts) -> Column:
    """Return a column of organisations with one entry for each of their records."""
    lengths = np.diff(offsets)
    count = len(lengths)

    def plane(bits: Plane) -> Plane:
        return pack(np.repeat(unpack(bits, count), lengths))

    values = plane(column.values) if column.packed else np.repeat(column.values, lengths)
    return Column(values, plane(column.known), plane(column.no_case), column.members, column.packed)


def _against(operator: Operator, left: Column, value: x.Scalar, as_of: date) -> Plane:
    """Return where a comparison with one value holds."""
    if left.packed:
        bits: Plane = left.values
        return bits if value is True else np.bitwise_not(bits)
    values = left.values
    if left.members and operator is Operator.IS:
        return pack(values == (left.members.index(value) if value in left.members else -2))
    if isinstance(value, date):
        return _ordered(operator, values, _days(value))
    assert isinstance(value, (int, float))
    if operator is Operator.WITHIN:
        today = _days(as_of)
        return pack((values <= today) & (values >= today - floor(value)))
    if operator is Operator.SIZE_AT_LEAST:
        return pack(np.bitwise_count(values) >= value)
    return _ordered(operator, values, value)


def _between(operator: Operator, left: Column, right: Column) -> Plane:
    """Return where a comparison of two columns holds."""
    if left.packed:
        differ: Plane = left.values ^ right.values
        return np.bitwise_not(differ)
    if left.members:
        index = {member: place for place, member in enumerate(left.members)}
        same = np.array([index.get(member, -2) for member in right.members] or [-2])
        return pack(left.values == same[right.values])
    return _ordered(operator, left.values, right.values)


def _members(operator: Operator, left: Column, names: tuple[str, ...]) -> Plane:
    if operator is Operator.ONE_OF:
        wanted = np.array([member in names for member in left.members] or [False])
        return pack(wanted[left.values])
    mask = np.uint64(sum(1 << place for place, m in enumerate(left.members) if m in names))
    both = left.values & mask
    if operator is Operator.INCLUDES_ANY:
        return pack(both != 0)
    missing = any(name not in left.members for name in names)
    return zeros(len(left.values)) if missing else pack(both == mask)


def _ordered(operator: Operator, left: Values, right: Values | float) -> Plane:
    match operator:
        case Operator.IS:
            return pack(left == right)
        case Operator.AT_LEAST | Operator.NOT_BEFORE:
            return pack(left >= right)
        case Operator.AT_MOST | Operator.NOT_AFTER:
            return pack(left <= right)
        case Operator.MORE_THAN:
            return pack(left > right)
        case _:
            assert operator is Operator.LESS_THAN
            return pack(left < right)


def _days(day: date) -> int:
    return (day - EPOCH).days
