"""The reference reader compiled: the rules as one Python function, parameters and limits bound once.

It means what `reference` means; that one is written to be read, this one to be quick. An expression
becomes two tests: whether it is surely true, and whether it is surely false. The text that Python
compiles holds nothing out of a rule, only names numbered here: the keys, limits and members that a
rule speaks of are values bound to those names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias, assert_never

from socap.rules import expressions as x
from socap.rules.counting import concluded
from socap.rules.expressions import Operator
from socap.rules.facts import MISSING, Facts
from socap.rules.interpreter import Decision, Rule, decision
from socap.rules.truth import Truth

Decide: TypeAlias = Callable[[Facts], dict[str, Decision]]

_GIVEN = {
    "MISSING": MISSING,
    "TRUE": Truth.TRUE,
    "FALSE": Truth.FALSE,
    "UNKNOWN": Truth.UNKNOWN,
    "NOT_APPLICABLE": decision(Truth.FALSE, Truth.UNKNOWN),
    "OPEN": decision(Truth.UNKNOWN, Truth.UNKNOWN),
    "MET": decision(Truth.TRUE, Truth.TRUE),
    "UNMET": decision(Truth.TRUE, Truth.FALSE),
    "UNSETTLED": decision(Truth.TRUE, Truth.UNKNOWN),
    "concluded": concluded,
}
_DECISION = (
    "{name}: (MET if {met.true} else UNMET if {met.false} else UNSETTLED) "
    "if {due.true} else NOT_APPLICABLE if {due.false} else OPEN"
)
_DECIDING = """
def decide(facts):
    get, as_of = facts.items.get, facts.as_of
    {counts}
    {reads}
    return {{{decisions}}}
"""
_COUNTING = """
def {name}(facts):
    records = facts.records.get({record})
    if records is None:
        return UNKNOWN
    get, as_of = facts.items.get, facts.as_of
    {counts}
    passed = failed = may_pass = may_fail = 0
    for record in records:
        own = record.fields.get
        {reads}
        if {where.false}:
            continue
        if {met.true}:
            if {where.true}:
                passed += 1
            else:
                may_pass += 1
        elif {met.false}:
            if {where.true}:
                failed += 1
            else:
                may_fail += 1
        else:
            may_pass += 1
            may_fail += 1
    return concluded({quantity}, {limit}, passed, failed, may_pass, may_fail)
"""
_COMPARED = {
    Operator.IS: "{left} == {right}",
    Operator.ONE_OF: "{left} in {right}",
    Operator.AT_LEAST: "{left} >= {right}",
    Operator.AT_MOST: "{left} <= {right}",
    Operator.MORE_THAN: "{left} > {right}",
    Operator.LESS_THAN: "{left} < {right}",
    Operator.INCLUDES: "{left} >= {right}",
    Operator.INCLUDES_ANY: "not {left}.isdisjoint({right})",
    Operator.SIZE_AT_LEAST: "len({left}) >= {right}",
    Operator.WITHIN: "0 <= (as_of - {left}).days <= {right}",
    Operator.NOT_AFTER: "{left} <= {right}",
    Operator.NOT_BEFORE: "{left} >= {right}",
}


class _Tests(NamedTuple):
    """The text that asks whether an expression is surely true, and whether it is surely false."""

    true: str
    false: str


_ALWAYS, _NEVER_SETTLED = _Tests("True", "False"), _Tests("False", "False")


@dataclass(frozen=True, slots=True)
class _Scope:
    """What the tests of one function read: items, and how many records satisfy."""

    read: str
    items: dict[str, int] = field(default_factory=dict)
    counts: dict[str, None] = field(default_factory=dict)

    def item(self, key: str) -> int:
        """Return the number of an item in this function."""
        return self.items.setdefault(key, len(self.items))

    def reads(self, named: Callable[[Any], str]) -> str:
        """Write the statements that read the items."""
        lines = [
            f"f{n} = {self.read.format(named(key))}; v{n} = f{n}.value"
            for key, n in self.items.items()
        ]
        return "; ".join(lines) or "pass"

    def counted(self) -> str:
        """Write the statement that leaves every count to be made when it is asked for."""
        return " = ".join([*self.counts, "None"]) if self.counts else "pass"


class _Writer:
    """Writes rules as text; what the text names is in `bound`."""

    def __init__(self, parameters: Mapping[str, int | float]) -> None:
        self.bound: dict[str, Any] = dict(_GIVEN)
        self.functions: list[str] = []
        self._parameters = parameters
        self._names: dict[tuple[type, Any], str] = {}
        self._counts: dict[x.Quantified, str] = {}

    def deciding(self, rules: Sequence[Rule]) -> str:
        """Write the function that decides rules."""
        scope = _Scope("get({}, MISSING)")
        decisions = [
            _DECISION.format(
                name=self._name(rule.id),
                due=self._tests(rule.applies, scope),
                met=self._tests(rule.satisfied, scope),
            )
            for rule in rules
        ]
        return _DECIDING.format(
            counts=scope.counted(), reads=scope.reads(self._name), decisions=", ".join(decisions)
        )

    def _name(self, value: Any) -> str:
        """Return the name to which a value is bound."""
        key = (type(value), value)
        if key not in self._names:
            self._names[key] = f"c{len(self._names)}"
            self.bound[self._names[key]] = value
        return self._names[key]

    def _tests(self, node: x.Expression, scope: _Scope) -> _Tests:
        match node:
            case x.Always():
                return _ALWAYS
            case x.Condition():
                return self._condition(node, scope)
            case x.All(parts) | x.Any(parts):
                tests = [self._tests(part, scope) for part in parts]
                join, join_false = ("and", "or") if isinstance(node, x.All) else ("or", "and")
                true = _joined(join, (t.true for t in tests))
                return _Tests(true, _joined(join_false, (t.false for t in tests)))
            case x.Not(part):
                true, false = self._tests(part, scope)
                return _Tests(false, true)
            case x.Quantified():
                return self._quantified(node, scope)
        assert_never(node)

    def _condition(self, node: x.Condition, scope: _Scope) -> _Tests:
        number = scope.item(node.item)
        value, settled, no_case = f"v{number}", f"f{number}.unknown is None", f"f{number}.no_case"
        if node.operator is Operator.PRESENT:
            return _Tests(settled, "False")
        if node.operator is Operator.NO_CASE:
            return _Tests(no_case, f"({settled} and not {no_case})")
        right = self._right(node.operand, scope)
        if right is None:
            return _NEVER_SETTLED
        held = _COMPARED[node.operator].format(left=value, right=right)
        if isinstance(node.operand, x.ItemRef):
            true = f"({value} is not None and {right} is not None and {held})"
            both = f"{settled} and f{scope.item(node.operand.key)}.unknown is None"
            return _Tests(true, f"({both} and not {true})")
        if right in (self._name(True), self._name(False)):
            held = f"{value} is {right}"
        false = f"(not {held} if {value} is not None else {settled})"
        return _Tests(f"({value} is not None and {held})", false)

    def _right(self, operand: x.Operand, scope: _Scope) -> str | None:
        """Return the name of what an item is compared with; None for a parameter not set."""
        match operand:
            case x.Literal(value):
                return self._name(value)
            case x.Members(names):
                return self._name(frozenset(names))
            case x.ItemRef(key):
                return f"v{scope.item(key)}"
            case x.AsOf():
                return "as_of"
            case x.ParameterRef(name):
                number = self._parameters.get(name)
                return None if number is None else self._name(number)
        assert_never(operand)

    def _quantified(self, node: x.Quantified, scope: _Scope) -> _Tests:
        limit = self._right(node.limit or x.Literal(0), scope)
        if limit is None:
            return _NEVER_SETTLED
        if node not in self._counts:
            inner = _Scope("own({0}) or get({0}, MISSING)")
            name = self._counts[node] = f"count{len(self._counts)}"
            where, met = self._tests(node.where, inner), self._tests(node.satisfies, inner)
            text = _COUNTING.format(
                name=name,
                record=self._name(node.record),
                counts=inner.counted(),
                reads=inner.reads(self._name),
                where=where,
                met=met,
                quantity=self._name(node.quantity),
                limit=limit,
            )
            self.functions.append(text)
        count = self._counts[node]
        scope.counts[f"{count}_told"] = None
        told = f"({count}_told or ({count}_told := {count}(facts)))"
        return _Tests(f"{told} is TRUE", f"{told} is FALSE")


def _joined(word: str, tests: Iterable[str]) -> str:
    return f"({f' {word} '.join(tests)})"


def _compiled(rules: Sequence[Rule], parameters: Mapping[str, int | float]) -> Decide:
    writer = _Writer(parameters)
    deciding = writer.deciding(rules)
    # Only this module's own words and numbers are in the text; see the head of it.
    exec("".join([*writer.functions, deciding]), writer.bound)  # noqa: S102
    made: Decide = writer.bound["decide"]
    return made


class CompiledReader:
    """Decides rules by calling their function; it keeps no facts, so an open session is itself."""

    def __init__(self, rules: tuple[Rule, ...], parameters: Mapping[str, int | float]) -> None:
        self._rules, self._parameters = {rule.id: rule for rule in rules}, parameters
        self._names = tuple(self._rules)
        self._all = _compiled(rules, parameters)
        self._each: dict[str, Decide] = {}

    def decide(self, facts: Facts, chosen: Iterable[str] | None = None) -> Mapping[str, Decision]:
        """Return the decision on the chosen rules, or on all."""
        names = self._names if chosen is None else tuple(chosen)
        if names == self._names:
            return self._all(facts)
        decisions: dict[str, Decision] = {}
        for name in names:
            if name not in self._each:
                self._each[name] = _compiled((self._rules[name],), self._parameters)
            decisions |= self._each[name](facts)
        return decisions

    def open(self, _facts: Facts) -> CompiledReader:
        """Return this reader."""
        return self

    def close(self) -> None:
        """Give back nothing."""


def build(rules: tuple[Rule, ...], parameters: Mapping[str, int | float]) -> CompiledReader:
    """Return the reader; the parameters are bound in it."""
    return CompiledReader(rules, parameters)
