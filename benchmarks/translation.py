"""Rules rewritten for engines without a third truth value: one boolean for true, one for false."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import date
from math import floor
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar, assert_never

from socap.rules import expressions as x
from socap.rules.expressions import Operator, Quantity

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from socap.rules.interpreter import Rule
    from socap.rules.vocabulary import EvidenceItem, Vocabulary

T = TypeVar("T")
EPOCH = date(1970, 1, 1)
SYMBOLS = {
    Operator.AT_LEAST: ">=",
    Operator.NOT_BEFORE: ">=",
    Operator.AT_MOST: "<=",
    Operator.NOT_AFTER: "<=",
    Operator.MORE_THAN: ">",
    Operator.LESS_THAN: "<",
    Operator.IS: "==",
}


class UnsupportedError(Exception):
    """The engine cannot say this."""


class Field(NamedTuple):
    """A variable: of a record where `inside`; `members` are those of an enum or a set."""

    name: str
    inside: bool
    can_be_no_case: bool
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Terms:
    """What rules speak of, and the numbers behind their names."""

    words: Vocabulary
    parameters: Mapping[str, int | float]
    as_of: date

    def item(self, key: str) -> EvidenceItem:
        """Return what a key means; one that ends in ~2 is a copy."""
        found = self.words.everywhere(key.partition("~")[0])
        assert found is not None
        return found

    def field(self, key: str, inside: bool) -> Field:
        """Return the variable that stands for a key."""
        plain = key.partition("~")[0]
        own = inside and plain.split(".")[0] in self.words.records
        name = variable(key.partition(".")[2] if own else key)
        item = self.item(key)
        return Field(name, own, item.accepts_no_case, tuple(item.members))

    def operand(self, operand: x.Operand) -> x.Scalar | None:
        """Return the value of an operand that is neither an item nor members."""
        if isinstance(operand, x.ParameterRef):
            return self.parameters.get(operand.name)
        if isinstance(operand, x.AsOf):
            return self.as_of
        assert isinstance(operand, x.Literal)
        return operand.value

    def limit(self, node: x.Quantified) -> int | float | None:
        """Return the number of a quantifier; 0 where it has none."""
        if node.limit is None:
            return 0
        value = self.operand(node.limit)
        assert value is None or isinstance(value, (int, float))
        return value


def variable(key: str) -> str:
    """Return a key as an identifier.

    >>> variable("ito.test_pass_pct~2")
    'ito_test_pass_pct_v2'
    """
    return key.replace(".", "_").replace("~", "_v")


def days(day: date) -> int:
    """Return a date as days since 1970."""
    return (day - EPOCH).days


class Writer(ABC, Generic[T]):
    """How one engine spells booleans."""

    true: T
    false: T

    @abstractmethod
    def joined(self, parts: Sequence[T], every: bool) -> T:
        """Write a conjunction (`every`) or disjunction of two parts or more."""

    @abstractmethod
    def negated(self, part: T) -> T:
        """Write a negation."""

    @abstractmethod
    def known(self, field: Field) -> T:
        """Write that a variable has a value."""

    def guard(self, field: Field) -> T:
        """Write what makes a comparison of a variable safe: that it has a value."""
        return self.known(field)

    @abstractmethod
    def no_case(self, field: Field) -> T:
        """Write that no case in the period is stated."""

    @abstractmethod
    def compared(self, field: Field, symbol: str, value: float | bool | str) -> T:
        """Write a comparison with a value."""

    @abstractmethod
    def between(self, left: Field, symbol: str, right: Field) -> T:
        """Write a comparison of two variables."""

    @abstractmethod
    def holds(self, field: Field, names: tuple[str, ...], every: bool) -> T:
        """Write that a set has all or one of these members."""

    @abstractmethod
    def one_of(self, field: Field, names: tuple[str, ...]) -> T:
        """Write that an enum is one of these members."""

    @abstractmethod
    def size(self, field: Field, number: float) -> T:
        """Write that a set has at least so many members."""

    @abstractmethod
    def listed(self, record: str) -> T:
        """Write that a list of records is known."""

    @abstractmethod
    def quantified(self, record: str, body: T, every: bool) -> T:
        """Write that every or some record of a list is so."""

    @abstractmethod
    def enough(self, record: str, passed: T, others: T | None, limit: float) -> T:
        """Write that `passed` records reach a count, or a share of `passed` and `others`."""

    @abstractmethod
    def chosen(self, applies: tuple[T, T], satisfied: tuple[T, T]) -> T:
        """Write the code of a decision: see `workload.Code`."""

    def every(self, *parts: T) -> T:
        """Write a conjunction, simplified."""
        if any(part == self.false for part in parts):
            return self.false
        left = [part for part in parts if part != self.true]
        return self.joined(left, True) if len(left) > 1 else left[0] if left else self.true

    def some(self, *parts: T) -> T:
        """Write a disjunction, simplified."""
        if any(part == self.true for part in parts):
            return self.true
        left = [part for part in parts if part != self.false]
        return self.joined(left, False) if len(left) > 1 else left[0] if left else self.false

    def inverse(self, part: T) -> T:
        """Write a negation, simplified."""
        if part in (self.true, self.false):
            return self.false if part == self.true else self.true
        return self.negated(part)


class Translation(Generic[T]):
    """Writes expressions as two booleans: surely true, and surely false."""

    def __init__(self, writer: Writer[T], terms: Terms, *, records: bool) -> None:
        self.writer, self.terms, self.records = writer, terms, records

    def rule(self, rule: Rule) -> T:
        """Write the code of the decision on a rule."""
        return self.writer.chosen(self.sides(rule.applies), self.sides(rule.satisfied))

    def sides(self, node: x.Expression, inside: bool = False) -> tuple[T, T]:
        """Write when an expression is true and when it is false."""
        w = self.writer
        match node:
            case x.Always():
                return w.true, w.false
            case x.All(parts):
                pairs = [self.sides(part, inside) for part in parts]
                return w.every(*(p[0] for p in pairs)), w.some(*(p[1] for p in pairs))
            case x.Any(parts):
                pairs = [self.sides(part, inside) for part in parts]
                return w.some(*(p[0] for p in pairs)), w.every(*(p[1] for p in pairs))
            case x.Not(part):
                true, false = self.sides(part, inside)
                return false, true
            case x.Condition():
                return self._condition(node, inside)
            case x.Quantified():
                return self._quantified(node)
        assert_never(node)

    def _condition(self, node: x.Condition, inside: bool) -> tuple[T, T]:
        w = self.writer
        left = self.terms.field(node.item, inside)
        none = w.no_case(left) if left.can_be_no_case else w.false
        if node.operator is Operator.PRESENT:
            return w.some(w.known(left), none), w.false
        if node.operator is Operator.NO_CASE:
            return none, w.known(left)
        if isinstance(node.operand, x.ItemRef):
            right = self.terms.field(node.operand.key, inside)
            other = w.no_case(right) if right.can_be_no_case else w.false
            held = w.between(left, SYMBOLS[node.operator], right)
            both = w.every(w.guard(left), w.guard(right))
            settled = w.every(w.some(w.known(left), none), w.some(w.known(right), other))
            one = w.some(none, other)
            false = w.some(w.every(both, w.inverse(held)), w.every(settled, one))
            return w.every(both, held), false
        found = comparison(w, self.terms, node, left)
        if found is None:
            return w.false, w.false
        known = w.guard(left)
        return w.every(known, found), w.some(none, w.every(known, w.inverse(found)))

    def _quantified(self, node: x.Quantified) -> tuple[T, T]:
        w = self.writer
        limit = self.terms.limit(node)
        if not self.records or limit is None:
            return w.false, w.false
        counts, skipped = self.sides(node.where, True)
        passes, fails = self.sides(node.satisfies, True)
        passed, failed = w.every(counts, passes), w.every(counts, fails)
        not_passed, not_failed = w.some(skipped, fails), w.some(skipped, passes)
        may_pass, may_fail = w.inverse(not_passed), w.inverse(not_failed)
        list_ = w.listed(node.record)
        match node.quantity:
            case Quantity.EVERY:
                true = w.quantified(node.record, not_failed, True)
                false = w.quantified(node.record, failed, False)
            case Quantity.SOME:
                true = w.quantified(node.record, passed, False)
                false = w.quantified(node.record, not_passed, True)
            case Quantity.COUNT:
                true = w.enough(node.record, passed, None, limit)
                false = w.inverse(w.enough(node.record, may_pass, None, limit))
            case Quantity.SHARE:
                true = w.enough(node.record, passed, may_fail, limit)
                best = w.enough(node.record, may_pass, failed, limit)
                false = w.every(w.inverse(true), w.inverse(best))
            case _:
                assert_never(node.quantity)
        return w.every(list_, true), w.every(list_, false)


def comparison(w: Writer[T], terms: Terms, node: x.Condition, left: Field) -> T | None:
    """Write a comparison of a known variable with a value; None where a parameter is not set."""
    if isinstance(node.operand, x.Members):
        names = node.operand.values
        if node.operator is Operator.ONE_OF:
            return w.one_of(left, names)
        return w.holds(left, names, node.operator is Operator.INCLUDES)
    value = terms.operand(node.operand)
    if value is None:
        return None
    if node.operator is Operator.WITHIN:
        assert isinstance(value, (int, float))
        today = days(terms.as_of)
        since = w.compared(left, ">=", float(today - floor(value)))
        return w.every(w.compared(left, "<=", float(today)), since)
    if node.operator is Operator.SIZE_AT_LEAST:
        assert isinstance(value, (int, float))
        return w.size(left, float(value))
    if isinstance(value, date):
        value = days(value)
    made = value if isinstance(value, (bool, str)) else float(value)
    return w.compared(left, SYMBOLS[node.operator], made)
