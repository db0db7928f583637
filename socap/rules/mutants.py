"""Rules changed in one place, to see whether anybody would notice."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from socap.rules import expressions as x
from socap.rules.expressions import Operator
from socap.rules.simplify import simplify
from socap.rules.vocabulary import ValueType, Vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True)
class Mutant:
    """A changed rule; `name` says what was done and to what, the same in every run."""

    name: str
    rule: x.Expression


_BOUNDARY = {
    Operator.AT_LEAST: Operator.MORE_THAN,
    Operator.MORE_THAN: Operator.AT_LEAST,
    Operator.AT_MOST: Operator.LESS_THAN,
    Operator.LESS_THAN: Operator.AT_MOST,
}
_TURNED = {
    Operator.AT_LEAST: Operator.AT_MOST,
    Operator.AT_MOST: Operator.AT_LEAST,
    Operator.MORE_THAN: Operator.LESS_THAN,
    Operator.LESS_THAN: Operator.MORE_THAN,
    Operator.NOT_AFTER: Operator.NOT_BEFORE,
    Operator.NOT_BEFORE: Operator.NOT_AFTER,
    Operator.INCLUDES: Operator.INCLUDES_ANY,
    Operator.INCLUDES_ANY: Operator.INCLUDES,
}
_COUNTED = (*_BOUNDARY, Operator.WITHIN, Operator.SIZE_AT_LEAST)


def mutants(rule: x.Expression, words: Vocabulary) -> tuple[Mutant, ...]:
    """Return every single change of a rule, each once; changes that leave it as it was are left out.

    Comparisons are turned round and moved over their boundary, limits shifted by one, parts of a
    junction dropped, all and any swapped, nodes negated, members of sets dropped and exchanged,
    quantifiers swapped and their selections dropped.
    """
    found: dict[x.Expression, str] = {}
    original = simplify(rule)
    for name, changed in _changes(rule, words, None):
        small = simplify(changed)
        if small != original:
            found.setdefault(small, name)
    return tuple(Mutant(name, changed) for changed, name in found.items())


def _changes(
    node: x.Expression, words: Vocabulary, record: str | None
) -> Iterator[tuple[str, x.Expression]]:
    if not isinstance(node, x.Always):
        yield f"negate {_label(node)}", x.Not(node)
    match node:
        case x.Always():
            return
        case x.Condition():
            yield from _conditions(node, words, record)
        case x.Not(part):
            yield f"drop not before {_label(part)}", part
            for name, changed in _changes(part, words, record):
                yield name, x.Not(changed)
        case x.All(parts) | x.Any(parts):
            yield from _junctions(node, parts, words, record)
        case x.Quantified():
            yield from _quantifiers(node, words)


def _junctions(
    node: x.All | x.Any, parts: tuple[x.Expression, ...], words: Vocabulary, record: str | None
) -> Iterator[tuple[str, x.Expression]]:
    kind, other = (x.All, x.Any) if isinstance(node, x.All) else (x.Any, x.All)
    if len(parts) > 1:
        yield f"swap all and any of {_label(node)}", other(parts)
    for index, part in enumerate(parts):
        before, after = parts[:index], parts[index + 1 :]
        if len(parts) > 1:
            yield f"drop {_label(part)}", kind((*before, *after))
        for name, changed in _changes(part, words, record):
            yield name, kind((*before, changed, *after))


def _conditions(
    node: x.Condition, words: Vocabulary, record: str | None
) -> Iterator[tuple[str, x.Expression]]:
    operator, label = node.operator, _label(node)
    for table in (_BOUNDARY, _TURNED):
        if operator in table and not _single(node):
            yield f"{label}: {table[operator].value}", replace(node, operator=table[operator])
    match node.operand:
        case x.Members(values):
            yield from _members(node, values, words, record)
        case x.ParameterRef(name):
            value = words.parameters[name].default
            if value is not None and operator in _COUNTED:
                yield from _shifted(node, value)
        case x.Literal(value):
            yield from _literals(node, value, words, record)
        case x.ItemRef() | x.AsOf():
            pass


def _literals(
    node: x.Condition, value: x.Scalar, words: Vocabulary, record: str | None
) -> Iterator[tuple[str, x.Expression]]:
    label = _label(node)
    if isinstance(value, date):
        for days in (-1, 1):
            moved = x.Literal(value + timedelta(days=days))
            yield f"{label}: {days:+d} day", replace(node, operand=moved)
    elif node.operator in _COUNTED and isinstance(value, (int, float)):
        yield from _shifted(node, value)
    elif node.operator is Operator.IS and isinstance(value, str):
        item = words.in_record(record, node.item) if record else words.items.get(node.item)
        for member in item.members if item is not None else ():
            if member != value:
                yield f"{label}: {member}", replace(node, operand=x.Literal(member))


def _single(node: x.Condition) -> bool:
    return isinstance(node.operand, x.Members) and len(node.operand.values) == 1


def _shifted(node: x.Condition, value: int | float) -> Iterator[tuple[str, x.Expression]]:
    for step in (-1, 1):
        if node.operator in (Operator.WITHIN, Operator.SIZE_AT_LEAST) and value + step < 0:
            continue
        yield f"{_label(node)}: limit {step:+d}", replace(node, operand=x.Literal(value + step))


def _members(
    node: x.Condition, values: tuple[str, ...], words: Vocabulary, record: str | None
) -> Iterator[tuple[str, x.Expression]]:
    label = _label(node)
    item = words.in_record(record, node.item) if record else words.outside_records(node.item)
    assert item is not None and item.type in (ValueType.SET, ValueType.ENUM)
    others = [member for member in item.members if member not in values]
    for index, value in enumerate(values):
        rest = (*values[:index], *values[index + 1 :])
        if rest:
            yield f"{label}: without {value}", replace(node, operand=x.Members(rest))
        if others:
            exchanged = x.Members((*values[:index], others[0], *values[index + 1 :]))
            yield f"{label}: {others[0]} for {value}", replace(node, operand=exchanged)


def _quantifiers(node: x.Quantified, words: Vocabulary) -> Iterator[tuple[str, x.Expression]]:
    label = _label(node)
    every, some, count = x.Quantity.EVERY, x.Quantity.SOME, x.Quantity.COUNT
    if node.quantity in (every, some):
        other = some if node.quantity is every else every
        yield f"{label}: {other.value}", replace(node, quantity=other)
    elif node.limit is not None:
        limit = node.limit
        value = (
            words.parameters[limit.name].default
            if isinstance(limit, x.ParameterRef)
            else limit.value
        )
        if isinstance(value, (int, float)):
            for step in (-1, 1):
                if value + step < 0:
                    continue
                changed = replace(node, limit=x.Literal(value + step))
                yield f"{label}: limit {step:+d}", changed
        other = every if node.quantity is count else some
        yield f"{label}: {other.value}", replace(node, quantity=other, limit=None)
    if not isinstance(node.where, x.Always):
        yield f"{label}: without where", replace(node, where=x.Always())
        for name, part in _changes(node.where, words, node.record):
            yield f"{label} where {name}", replace(node, where=part)
    if not isinstance(node.satisfies, x.Always):
        yield f"{label}: satisfied by being listed", replace(node, satisfies=x.Always())
        for name, part in _changes(node.satisfies, words, node.record):
            yield f"{label} {name}", replace(node, satisfies=part)


def _label(node: x.Expression) -> str:
    match node:
        case x.Condition():
            return f"{node.item} {node.operator.value}{_operand(node.operand)}"
        case x.Quantified():
            return f"{node.quantity.value} {node.record}"
        case x.Not(part):
            return f"not {_label(part)}"
        case x.All(parts):
            return f"all({', '.join(map(_label, parts))})"
        case x.Any(parts):
            return f"any({', '.join(map(_label, parts))})"
        case x.Always():
            return "always"


def _operand(operand: x.Operand) -> str:
    match operand:
        case x.Literal(value):
            return f" {str(value).lower() if isinstance(value, bool) else value}"
        case x.Members(values):
            return f" {'+'.join(values)}"
        case x.ParameterRef(name):
            return f" {name}"
        case x.ItemRef(key):
            return f" {key}"
        case x.AsOf():
            return " as_of"
