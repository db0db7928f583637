"""Rules and facts as JSON: a process that starts with finished rules, as other engines do."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from datetime import date
from enum import Enum
from typing import TYPE_CHECKING, Any

from socap.rules import expressions as x
from socap.rules.facts import Fact, Facts
from socap.rules.interpreter import Rule
from socap.rules.reference import ReferenceReader
from socap.rules.truth import UnknownReason

if TYPE_CHECKING:
    from collections.abc import Iterable

_NODES = (x.Always, x.Condition, x.All, x.Any, x.Not, x.Quantified)
_OPERANDS = (x.Literal, x.Members, x.ParameterRef, x.ItemRef, x.AsOf)
_KINDS: dict[str, Any] = {
    kind.__name__: kind
    for kind in (*_NODES, *_OPERANDS, x.Operator, x.Quantity, Rule, Fact, UnknownReason)
}
_KINDS["tuple"] = lambda *values: values
_KINDS["set"] = lambda *values: frozenset(values)
_KINDS["date"] = date.fromisoformat


def written(value: Any) -> Any:
    """Return a value as JSON: what is not plain is a list that begins with its kind."""
    if isinstance(value, Enum):
        return [type(value).__name__, value.value]
    if isinstance(value, tuple):
        return ["tuple", *map(written, value)]
    if isinstance(value, frozenset):
        return ["set", *sorted(value)]
    if isinstance(value, date):
        return ["date", value.isoformat()]
    if is_dataclass(value):
        return [type(value).__name__, *(written(getattr(value, f.name)) for f in fields(value))]
    return value


def read(told: Any) -> Any:
    """Return what `written` made JSON of."""
    if not isinstance(told, list):
        return told
    kind, *parts = told
    return _KINDS[kind](*map(read, parts))


def question(rules: Iterable[Rule], facts: Facts) -> dict[str, Any]:
    """Return rules and settled facts, records left out, as JSON."""
    return {
        "rules": [written(rule) for rule in rules],
        "as_of": facts.as_of.isoformat(),
        "items": {key: written(fact) for key, fact in facts.items.items()},
        "parameters": facts.parameters,
    }


def answer(told: dict[str, Any]) -> list[list[str]]:
    """Return what the reference decides on a question: applies, satisfied, rule by rule."""
    items = {key: read(fact) for key, fact in told["items"].items()}
    facts = Facts(date.fromisoformat(told["as_of"]), items, {}, told["parameters"])
    return decided(tuple(read(rule) for rule in told["rules"]), facts)


def decided(rules: tuple[Rule, ...], facts: Facts) -> list[list[str]]:
    """Return the reference's decisions as JSON."""
    decisions = ReferenceReader(rules).decide(facts).values()
    return [[d.applies.value, d.satisfied.value] for d in decisions]
