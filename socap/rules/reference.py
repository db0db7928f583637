"""The plain tree walk, written to be read: it defines what the language means."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, assert_never

from socap.rules import expressions as x
from socap.rules import truth
from socap.rules.counting import quantify
from socap.rules.expressions import Operator
from socap.rules.facts import MISSING, Fact, Facts, RecordFacts, Value
from socap.rules.interpreter import Decision, Rule, decision
from socap.rules.truth import Truth

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

UNKNOWN = Truth.UNKNOWN


def evaluate(expression: x.Expression, facts: Facts, record: RecordFacts | None = None) -> Truth:
    """Return the truth of an expression on these facts (and this record, inside a quantifier)."""
    match expression:
        case x.Always():
            return Truth.TRUE
        case x.Condition():
            return compare(expression, facts, record)
        case x.All(parts):
            return truth.both(evaluate(part, facts, record) for part in parts)
        case x.Any(parts):
            return truth.either(evaluate(part, facts, record) for part in parts)
        case x.Not(part):
            return truth.negated(evaluate(part, facts, record))
        case x.Quantified():
            records = facts.records.get(expression.record)
            if records is None:
                return UNKNOWN
            judged = [judge(expression, facts, r) for r in records]
            limit = facts.number(expression.limit) if expression.limit is not None else 0
            if limit is None:
                return UNKNOWN
            return quantify(expression.quantity, limit, judged)
    assert_never(expression)


def judge(expression: x.Quantified, facts: Facts, record: RecordFacts) -> tuple[Truth, Truth]:
    """Return whether a record counts at all, and whether it satisfies."""
    selected = evaluate(expression.where, facts, record)
    return selected, Truth.FALSE if selected is Truth.FALSE else evaluate(
        expression.satisfies, facts, record
    )


def compare(condition: x.Condition, facts: Facts, record: RecordFacts | None) -> Truth:
    """Return the truth of one comparison; an unknown on either side leaves it unknown."""
    left = facts.get(condition.item, record)
    operator = condition.operator
    if left.unknown is not None:
        return UNKNOWN
    if operator is Operator.PRESENT:
        return Truth.TRUE
    if operator is Operator.NO_CASE:
        return truth.of(left.no_case)
    right = operand_fact(condition.operand, facts, record)
    if right is not None and right.unknown is not None:
        return UNKNOWN
    if left.no_case or (right is not None and right.no_case):
        return Truth.FALSE
    return truth.of(holds(operator, left, condition.operand, right, facts.as_of))


def operand_fact(operand: x.Operand, facts: Facts, record: RecordFacts | None) -> Fact | None:
    """Return what a condition compares with; None where it names members."""
    match operand:
        case x.Literal(value):
            return Fact(value)
        case x.ParameterRef(name):
            number = facts.parameters.get(name)
            return MISSING if number is None else Fact(number)
        case x.AsOf():
            return Fact(facts.as_of)
        case x.ItemRef(key):
            return facts.get(key, record)
        case x.Members():
            return None
    assert_never(operand)


def holds(
    operator: Operator, left: Fact, operand: x.Operand, right: Fact | None, as_of: date
) -> bool:
    """Return whether a comparison of two known values holds."""
    value = left.value
    if isinstance(operand, x.Members):
        if operator is Operator.ONE_OF:
            return value in operand.values
        assert isinstance(value, frozenset)
        member = [name in value for name in operand.values]
        return all(member) if operator is Operator.INCLUDES else any(member)
    other = right.value if right is not None else None
    if operator is Operator.IS:
        return value == other
    if operator is Operator.WITHIN:
        assert isinstance(value, date) and isinstance(other, (int, float))
        return 0 <= (as_of - value).days <= other
    if operator is Operator.SIZE_AT_LEAST:
        assert isinstance(value, frozenset) and isinstance(other, (int, float))
        return len(value) >= other
    if operator in (Operator.NOT_AFTER, Operator.NOT_BEFORE):
        assert isinstance(value, date) and isinstance(other, date)
        return value <= other if operator is Operator.NOT_AFTER else value >= other
    return _ordered(operator, value, other)


def _ordered(operator: Operator, value: Value | None, other: Value | None) -> bool:
    assert isinstance(value, (int, float)) and isinstance(other, (int, float))
    if operator is Operator.AT_LEAST:
        return value >= other
    if operator is Operator.AT_MOST:
        return value <= other
    if operator is Operator.MORE_THAN:
        return value > other
    assert operator is Operator.LESS_THAN
    return value < other


class ReferenceReader:
    """Decides rules by walking their trees; it keeps nothing, so an open session is itself."""

    def __init__(self, rules: tuple[Rule, ...]) -> None:
        self._rules = {rule.id: rule for rule in rules}

    def decide(self, facts: Facts, chosen: Iterable[str] | None = None) -> Mapping[str, Decision]:
        """Return the decision on the chosen rules, or on all."""
        decisions = {}
        for name in self._rules if chosen is None else chosen:
            rule = self._rules[name]
            applies = evaluate(rule.applies, facts)
            satisfied = evaluate(rule.satisfied, facts) if applies is Truth.TRUE else UNKNOWN
            decisions[name] = decision(applies, satisfied)
        return decisions

    def open(self, _facts: Facts) -> ReferenceReader:
        """Return this reader."""
        return self

    def close(self) -> None:
        """Give back nothing."""


def build(rules: tuple[Rule, ...], _parameters: Mapping[str, int | float]) -> ReferenceReader:
    """Return the reader; parameters are read from the facts."""
    return ReferenceReader(rules)
