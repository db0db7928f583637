"""The reference reader compiled: every rule a closure, its parameters and limits bound once.

It means what `reference` means; that one is written to be read, this one to be quick.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import TypeAlias, assert_never

from socap.rules import expressions as x
from socap.rules.counting import concluded
from socap.rules.expressions import Operator
from socap.rules.facts import MISSING, Fact, Facts, RecordFacts, Value
from socap.rules.interpreter import Decision, Rule, decision
from socap.rules.reference import compare
from socap.rules.truth import Truth

TRUE, FALSE, UNKNOWN = Truth.TRUE, Truth.FALSE, Truth.UNKNOWN
Items: TypeAlias = Mapping[str, Fact]
# What is known of the organisation, of the record at hand (outside records: the same), and all.
Judge: TypeAlias = Callable[[Items, Items, Facts], Truth]
Test: TypeAlias = Callable[[Value], bool]

_NOT_APPLICABLE, _OPEN = decision(FALSE, UNKNOWN), decision(UNKNOWN, UNKNOWN)
_MET, _UNMET, _UNSETTLED = (decision(TRUE, met) for met in (TRUE, FALSE, UNKNOWN))


class _Compiler:
    """Turns expressions into closures; equal expressions share one."""

    def __init__(self, parameters: Mapping[str, int | float]) -> None:
        self._parameters = parameters
        self._made: dict[x.Expression, Judge] = {}

    def judge(self, node: x.Expression) -> Judge:
        """Return the closure of an expression."""
        if node not in self._made:
            self._made[node] = self._closure(node)
        return self._made[node]

    def _closure(self, node: x.Expression) -> Judge:
        match node:
            case x.Always():
                return lambda _items, _fields, _facts: TRUE
            case x.Condition():
                return self._condition(node)
            case x.All(parts):
                return _until(FALSE, TRUE, [self.judge(part) for part in parts])
            case x.Any(parts):
                return _until(TRUE, FALSE, [self.judge(part) for part in parts])
            case x.Not(part):
                return _negated(self.judge(part))
            case x.Quantified():
                return self._quantified(node)
        assert_never(node)

    def _condition(self, node: x.Condition) -> Judge:
        operand = node.operand
        if isinstance(operand, x.ParameterRef):
            limit = self._parameters.get(operand.name)
            if limit is None:
                return lambda _items, _fields, _facts: UNKNOWN
            operand = x.Literal(limit)
        if node.operator in (Operator.PRESENT, Operator.NO_CASE) or isinstance(operand, x.ItemRef):
            return _as_reference(node)
        if node.operator is Operator.WITHIN:
            return _within(node.item, operand)
        if isinstance(operand, x.AsOf):
            return _beside_as_of(node.item, node.operator)
        return _tested(node.item, _test(node.operator, operand))

    def _quantified(self, node: x.Quantified) -> Judge:
        record, quantity = node.record, node.quantity
        limit = self._limit(node.limit)
        if limit is None:
            return lambda _items, _fields, _facts: UNKNOWN
        bound = limit
        where, satisfies = self.judge(node.where), self.judge(node.satisfies)

        def judge(items: Items, _fields: Items, facts: Facts) -> Truth:
            records = facts.records.get(record)
            if records is None:
                return UNKNOWN
            passed = failed = may_pass = may_fail = 0
            for entry in records:
                fields = entry.fields
                selected = where(items, fields, facts)
                if selected is FALSE:
                    continue
                found = satisfies(items, fields, facts)
                if found is UNKNOWN:
                    may_pass += 1
                    may_fail += 1
                elif found is TRUE:
                    passed += selected is TRUE
                    may_pass += selected is UNKNOWN
                else:
                    failed += selected is TRUE
                    may_fail += selected is UNKNOWN
            return concluded(quantity, bound, passed, failed, may_pass, may_fail)

        return judge

    def _limit(self, limit: x.Literal | x.ParameterRef | None) -> int | float | None:
        if isinstance(limit, x.ParameterRef):
            return self._parameters.get(limit.name)
        if limit is None:
            return 0
        assert isinstance(limit.value, (int, float))
        return limit.value


def _until(stop: Truth, end: Truth, parts: list[Judge]) -> Judge:
    """Return what is `stop` as soon as one part is, unknown where one is, else `end`."""
    if len(parts) == 1:
        return parts[0]

    def judge(items: Items, fields: Items, facts: Facts) -> Truth:
        told = end
        for part in parts:
            found = part(items, fields, facts)
            if found is stop:
                return stop
            if found is UNKNOWN:
                told = UNKNOWN
        return told

    return judge


def _negated(part: Judge) -> Judge:
    opposite = {TRUE: FALSE, FALSE: TRUE, UNKNOWN: UNKNOWN}
    return lambda items, fields, facts: opposite[part(items, fields, facts)]


def _as_reference(node: x.Condition) -> Judge:
    def judge(items: Items, fields: Items, facts: Facts) -> Truth:
        record = None if fields is items else RecordFacts("", dict(fields))
        return compare(node, facts, record)

    return judge


def _tested(key: str, test: Test) -> Judge:
    def judge(items: Items, fields: Items, _facts: Facts) -> Truth:
        fact = fields.get(key) or items.get(key, MISSING)
        value = fact.value
        if value is None:
            return UNKNOWN if fact.unknown is not None else FALSE
        return TRUE if test(value) else FALSE

    return judge


def _within(key: str, operand: x.Operand) -> Judge:
    assert isinstance(operand, x.Literal)
    days = operand.value
    assert isinstance(days, (int, float))

    def judge(items: Items, fields: Items, facts: Facts) -> Truth:
        fact = fields.get(key) or items.get(key, MISSING)
        value = fact.value
        if value is None:
            return UNKNOWN if fact.unknown is not None else FALSE
        assert isinstance(value, date)
        return TRUE if 0 <= (facts.as_of - value).days <= days else FALSE

    return judge


def _beside_as_of(key: str, operator: Operator) -> Judge:
    def judge(items: Items, fields: Items, facts: Facts) -> Truth:
        return _tested(key, _test(operator, x.Literal(facts.as_of)))(items, fields, facts)

    return judge


def _test(operator: Operator, operand: x.Operand) -> Test:
    """Return the test of a known value against a fixed one."""
    if isinstance(operand, x.Members):
        names = frozenset(operand.values)
        match operator:
            case Operator.ONE_OF:
                return lambda value: value in names
            case Operator.INCLUDES:
                return lambda value: names <= value  # type: ignore[operator]
            case _:
                return lambda value: not names.isdisjoint(value)  # type: ignore[arg-type]
    assert isinstance(operand, x.Literal)
    limit = operand.value
    table: dict[Operator, Test] = {
        Operator.IS: lambda value: value == limit,
        Operator.AT_LEAST: lambda value: value >= limit,  # type: ignore[operator]
        Operator.NOT_BEFORE: lambda value: value >= limit,  # type: ignore[operator]
        Operator.AT_MOST: lambda value: value <= limit,  # type: ignore[operator]
        Operator.NOT_AFTER: lambda value: value <= limit,  # type: ignore[operator]
        Operator.MORE_THAN: lambda value: value > limit,  # type: ignore[operator]
        Operator.LESS_THAN: lambda value: value < limit,  # type: ignore[operator]
        Operator.SIZE_AT_LEAST: lambda value: len(value) >= limit,  # type: ignore[arg-type,operator]
    }
    return table[operator]


class CompiledReader:
    """Decides rules by calling their closures; it keeps nothing, so an open session is itself."""

    def __init__(self, rules: tuple[Rule, ...], parameters: Mapping[str, int | float]) -> None:
        made = _Compiler(parameters)
        self._rules = {r.id: (made.judge(r.applies), made.judge(r.satisfied)) for r in rules}

    def decide(self, facts: Facts, chosen: Iterable[str] | None = None) -> Mapping[str, Decision]:
        """Return the decision on the chosen rules, or on all."""
        items, known = facts.items, self._rules
        decisions = {}
        for name in known if chosen is None else chosen:
            applies, satisfied = known[name]
            applicable = applies(items, items, facts)
            if applicable is not TRUE:
                decisions[name] = _NOT_APPLICABLE if applicable is FALSE else _OPEN
                continue
            met = satisfied(items, items, facts)
            decisions[name] = _MET if met is TRUE else _UNMET if met is FALSE else _UNSETTLED
        return decisions

    def open(self, _facts: Facts) -> CompiledReader:
        """Return this reader."""
        return self

    def close(self) -> None:
        """Give back nothing."""


def build(rules: tuple[Rule, ...], parameters: Mapping[str, int | float]) -> CompiledReader:
    """Return the reader; the parameters are bound in it."""
    return CompiledReader(rules, parameters)
