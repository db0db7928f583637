"""Rules as alternatives of plain conjunctions, within the limits of a production engine."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from itertools import product
from typing import TYPE_CHECKING, assert_never

from socap.rules import expressions as x
from socap.rules.expressions import Operator

if TYPE_CHECKING:
    from collections.abc import Mapping

ALTERNATIVES = 24
CONJUNCTION = 26
MEMBERS = 12
PARTS = 12


class Projection(StrEnum):
    """What of a fact a comparison reads."""

    VALUE = "value"
    MEMBER = "member"
    SIZE = "size"
    AGE = "age"
    NONE = "none"
    KNOWN = "known"
    SIGN = "sign"
    EQUAL = "equal"
    DERIVED = "derived"


@dataclass(frozen=True, slots=True)
class Property:
    """A native property of a message: a projection of an item, with a member or another item."""

    projection: Projection
    key: str
    other: str = ""

    @property
    def name(self) -> str:
        """The name the engine knows it by."""
        return f"{self.key}|{self.projection.value}|{self.other}"


@dataclass(frozen=True, slots=True)
class Atom:
    """One native comparison: `==`, `!=`, `<`, `<=`, `>` or `>=` with a constant."""

    property: Property
    operator: str
    constant: bool | int | float | str


Alternatives = list[tuple[Atom, ...]]


@dataclass(frozen=True, slots=True)
class Sides:
    """When an expression is definitely true and when it is definitely false."""

    true: Alternatives
    false: Alternatives

    @property
    def width(self) -> int:
        """The longest conjunction."""
        return max((len(c) for c in (*self.true, *self.false)), default=0)


@dataclass
class Derived:
    """A sub-condition or quantifier that is decided before, and then read as one boolean.

    A sub-condition of a quantifier's rule has a record type and is decided for each record.
    """

    name: str
    level: int
    record: str | None = None
    sides: Sides | None = None
    quantified: x.Quantified | None = None
    where: Sides | None = None
    satisfies: Sides | None = None


@dataclass
class Normaliser:
    """Turns expressions into sides, naming what has to be derived first."""

    name: str
    parameters: Mapping[str, int | float]
    derived: list[Derived] = field(default_factory=list)
    scope: str | None = None

    def sides(self, node: x.Expression) -> Sides:
        """Return both sides of an expression."""
        match node:
            case x.Always():
                return Sides([()], [])
            case x.Not(part):
                inner = self.sides(part)
                return Sides(inner.false, inner.true)
            case x.Condition():
                return self._condition(node)
            case x.Quantified():
                return self._quantified(node)
            case x.All(parts) | x.Any(parts):
                told = self._fitting([self.sides(part) for part in parts], isinstance(node, x.All))
                if isinstance(node, x.All):
                    return Sides(
                        _conjoin([s.true for s in told]), [c for s in told for c in s.false]
                    )
                return Sides([c for s in told for c in s.true], _conjoin([s.false for s in told]))
        assert_never(node)

    def _fitting(self, told: list[Sides], conjunctive: bool) -> list[Sides]:
        """Derive parts, the largest first, until their combination fits the engine."""
        while len(told) > PARTS:
            group = self._fitting(told[:PARTS], conjunctive)
            true, false = [s.true for s in group], [s.false for s in group]
            joined = (
                Sides(_conjoin(true), [c for f in false for c in f])
                if conjunctive
                else Sides([c for t in true for c in t], _conjoin(false))
            )
            told = [*told[PARTS:], self._derive(joined)]
        told = list(told)
        while not _fits(told, conjunctive):
            largest = max(
                range(len(told)),
                key=lambda i: (max(len(told[i].true), len(told[i].false)), told[i].width),
            )
            told[largest] = self._derive(told[largest])
        return told

    def _derive(self, sides: Sides) -> Sides:
        level = self._above((sides.true, sides.false))
        derived = Derived(f"{self.name}/{len(self.derived)}", level, self.scope, sides)
        self.derived.append(derived)
        return _boolean(derived.name)

    def _quantified(self, node: x.Quantified) -> Sides:
        self.scope = node.record
        where, satisfies = self.sides(node.where), self.sides(node.satisfies)
        self.scope = None
        sides = (where.true, where.false, satisfies.true, satisfies.false)
        derived = Derived(
            f"{self.name}/{len(self.derived)}",
            self._above(sides),
            record=node.record,
            quantified=node,
            where=where,
            satisfies=satisfies,
        )
        self.derived.append(derived)
        return _boolean(derived.name)

    def _above(self, sides: tuple[Alternatives, ...]) -> int:
        levels = {d.name: d.level for d in self.derived}
        read = (atom.property.key for side in sides for c in side for atom in c)
        return 1 + max((levels.get(key, 0) for key in read), default=0)

    def _condition(self, node: x.Condition) -> Sides:
        key, operator, operand = node.item, node.operator, node.operand
        known, none = Property(Projection.KNOWN, key), Property(Projection.NONE, key)
        if operator is Operator.PRESENT:
            return Sides([(Atom(known, "==", True),)], [])
        if operator is Operator.NO_CASE:
            return Sides([(Atom(none, "==", True),)], [(Atom(none, "==", False),)])
        without = (Atom(none, "==", True),)
        if isinstance(operand, x.Members):
            return self._members(node, operand.values, without)
        if isinstance(operand, x.ItemRef):
            return _pair(key, operator, operand.key)
        value = Property(Projection.VALUE, key)
        if isinstance(operand, x.AsOf):
            age = Property(Projection.AGE, key)
            return _ordered(
                age,
                ">="
                if operator is Operator.NOT_AFTER
                else "<="
                if operator is Operator.NOT_BEFORE
                else "==",
                0,
                without,
            )
        if isinstance(operand, x.ParameterRef):
            if operand.name not in self.parameters:
                return Sides([], [])
            constant: x.Scalar = self.parameters[operand.name]
        else:
            constant = operand.value
        if operator is Operator.WITHIN:
            assert isinstance(constant, (int, float))
            age = Property(Projection.AGE, key)
            return Sides(
                [(Atom(age, ">=", 0), Atom(age, "<=", constant))],
                [(Atom(age, "<", 0),), (Atom(age, ">", constant),), without],
            )
        if operator is Operator.SIZE_AT_LEAST:
            assert isinstance(constant, (int, float))
            return _ordered(Property(Projection.SIZE, key), ">=", constant, without)
        if not isinstance(constant, (bool, int, float, str)):
            constant = constant.toordinal()
        return _ordered(value, _NATIVE[operator], constant, without)

    def _members(
        self, node: x.Condition, values: tuple[str, ...], without: tuple[Atom, ...]
    ) -> Sides:
        if len(values) > MEMBERS:
            chunks = [values[i : i + MEMBERS] for i in range(0, len(values), MEMBERS)]
            parts = tuple(x.Condition(node.item, node.operator, x.Members(c)) for c in chunks)
            return self.sides(x.All(parts) if node.operator is Operator.INCLUDES else x.Any(parts))
        if node.operator is Operator.ONE_OF:
            value = Property(Projection.VALUE, node.item)
            equal: Alternatives = [(Atom(value, "==", v),) for v in values]
            return Sides(equal, [tuple(Atom(value, "!=", v) for v in values), without])
        held = [Property(Projection.MEMBER, node.item, v) for v in values]
        yes, no = [Atom(p, "==", True) for p in held], [Atom(p, "==", False) for p in held]
        if node.operator is Operator.INCLUDES:
            return Sides([tuple(yes)], [*((a,) for a in no), without])
        return Sides([(a,) for a in yes], [tuple(no), without])


_NATIVE = {
    Operator.IS: "==",
    Operator.AT_LEAST: ">=",
    Operator.AT_MOST: "<=",
    Operator.MORE_THAN: ">",
    Operator.LESS_THAN: "<",
    Operator.NOT_AFTER: "<=",
    Operator.NOT_BEFORE: ">=",
}
_OPPOSITE = {"==": "!=", "!=": "==", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}


def _ordered(
    prop: Property, operator: str, constant: bool | int | float | str, without: tuple[Atom, ...]
) -> Sides:
    return Sides(
        [(Atom(prop, operator, constant),)],
        [(Atom(prop, _OPPOSITE[operator], constant),), without],
    )


def _pair(key: str, operator: Operator, other: str) -> Sides:
    if operator is Operator.IS:
        equal = Property(Projection.EQUAL, key, other)
        true, false = Atom(equal, "==", True), Atom(equal, "==", False)
    else:
        sign = Property(Projection.SIGN, key, other)
        true = Atom(sign, _NATIVE[operator], 0)
        false = Atom(sign, _OPPOSITE[_NATIVE[operator]], 0)
    left, right = Property(Projection.NONE, key), Property(Projection.NONE, other)
    return Sides(
        [(true,)],
        [
            (false,),
            (Atom(left, "==", True), Atom(Property(Projection.KNOWN, other), "==", True)),
            (Atom(right, "==", True), Atom(Property(Projection.KNOWN, key), "==", True)),
        ],
    )


def _boolean(name: str) -> Sides:
    prop = Property(Projection.DERIVED, name)
    return Sides([(Atom(prop, "==", True),)], [(Atom(prop, "==", False),)])


def _conjoin(sides: list[Alternatives]) -> Alternatives:
    return [tuple(dict.fromkeys(a for part in chosen for a in part)) for chosen in product(*sides)]


def _fits(told: list[Sides], conjunctive: bool) -> bool:
    multiplied = [s.true if conjunctive else s.false for s in told]
    added = [s.false if conjunctive else s.true for s in told]
    count = 1
    for side in multiplied:
        count *= max(len(side), 1)
    width = sum(max((len(c) for c in side), default=0) for side in multiplied)
    single = all(len(s.true) <= 1 and len(s.false) <= 1 and s.width <= 1 for s in told)
    return single or (
        count <= ALTERNATIVES and sum(map(len, added)) <= ALTERNATIVES and width <= CONJUNCTION
    )
