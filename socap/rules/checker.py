"""The static check of a condition against the vocabulary: names, types and units."""

from __future__ import annotations

from typing import TYPE_CHECKING

from socap.errors import Text, did_you_mean
from socap.rules.expressions import (
    AsOf,
    Condition,
    ItemRef,
    Literal,
    Members,
    Operator,
    ParameterRef,
)
from socap.rules.vocabulary import NUMERIC, EvidenceItem, ValueType, Vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterator

Fault = tuple[Text, Text | None]

_NUMBER_OPERATORS = frozenset(
    {Operator.AT_LEAST, Operator.AT_MOST, Operator.MORE_THAN, Operator.LESS_THAN}
)
_ACCEPTED: dict[Operator, frozenset[ValueType]] = {
    Operator.IS: frozenset(ValueType) - {ValueType.SET},
    Operator.ONE_OF: frozenset({ValueType.ENUM}),
    **dict.fromkeys(_NUMBER_OPERATORS, NUMERIC),
    Operator.INCLUDES: frozenset({ValueType.SET}),
    Operator.INCLUDES_ANY: frozenset({ValueType.SET}),
    Operator.SIZE_AT_LEAST: frozenset({ValueType.SET}),
    Operator.WITHIN: frozenset({ValueType.DATE}),
    Operator.NOT_AFTER: frozenset({ValueType.DATE}),
    Operator.NOT_BEFORE: frozenset({ValueType.DATE}),
    Operator.PRESENT: frozenset(ValueType),
    Operator.NO_CASE: frozenset(ValueType),
}


def lookup(key: str, vocabulary: Vocabulary, record: str | None) -> EvidenceItem | None:
    """Return what a key means here."""
    return vocabulary.in_record(record, key) if record else vocabulary.outside_records(key)


def unknown_key(key: str, vocabulary: Vocabulary, record: str | None) -> Fault:
    """Return the fault of a key that the vocabulary does not hold."""
    return (
        Text(f"词汇表中没有 {key[:80]}", f"{key[:80]} is not in the vocabulary"),
        did_you_mean(key, vocabulary.names(record)),
    )


def check_condition(
    condition: Condition, item: EvidenceItem, vocabulary: Vocabulary, record: str | None
) -> Iterator[Fault]:
    """Yield what is wrong with a condition on an item that exists."""
    operator = condition.operator
    if item.type not in _ACCEPTED[operator]:
        yield (
            Text(
                f"{operator.value} 不能用于 {item.type.value} 类型的 {item.key}",
                f"{operator.value} cannot be asked of {item.key}, which is of type {item.type.value}",
            ),
            None,
        )
        return
    if operator is Operator.WITHIN and not item.event:
        yield (
            Text(
                f"within 只能用于已发生事件的日期，{item.key} 未标为 event",
                f"within needs the date of a past event; {item.key} is not marked as an event",
            ),
            None,
        )
    match condition.operand:
        case Members(values):
            for member in values:
                if member not in item.members:
                    yield (
                        Text(f"{item.key} 没有成员 {member}", f"{item.key} has no member {member}"),
                        did_you_mean(member, item.members),
                    )
        case ParameterRef(name):
            yield from _check_parameter(name, operator, item, vocabulary)
        case ItemRef(key):
            yield from _check_other(key, item, vocabulary, record)
        case Literal(value):
            if (
                operator is Operator.IS
                and item.type is ValueType.ENUM
                and value not in item.members
            ):
                yield (
                    Text(f"{item.key} 没有成员 {value}", f"{item.key} has no member {value}"),
                    did_you_mean(str(value), item.members),
                )
        case AsOf():
            pass


def _check_parameter(
    name: str, operator: Operator, item: EvidenceItem, vocabulary: Vocabulary
) -> Iterator[Fault]:
    parameter = vocabulary.parameters.get(name)
    if parameter is None:
        yield (
            Text(f"没有参数 {name[:80]}", f"there is no parameter {name[:80]}"),
            did_you_mean(name, vocabulary.parameters),
        )
        return
    wanted = "days" if operator is Operator.WITHIN else unit_of(item)
    if operator is not Operator.SIZE_AT_LEAST and parameter.unit != wanted:
        yield _unit_fault(item.key, wanted, name, parameter.unit)


def _check_other(
    key: str, item: EvidenceItem, vocabulary: Vocabulary, record: str | None
) -> Iterator[Fault]:
    other = lookup(key, vocabulary, record)
    if other is None:
        yield unknown_key(key, vocabulary, record)
    elif other.type is not item.type and not {other.type, item.type} <= NUMERIC:
        yield (
            Text(
                f"{item.key}（{item.type.value}）与 {key}（{other.type.value}）类型不同",
                f"{item.key} ({item.type.value}) and {key} ({other.type.value}) differ in type",
            ),
            None,
        )
    elif unit_of(item) != unit_of(other):
        yield _unit_fault(item.key, unit_of(item), key, unit_of(other))


def unit_of(item: EvidenceItem) -> str:
    """Return the unit of an item; a percentage has its own."""
    return "percent" if item.type is ValueType.PERCENT else item.unit


def _unit_fault(left: str, left_unit: str, right: str, right_unit: str) -> Fault:
    return (
        Text(
            f"单位不同：{left} 为 {left_unit or '无'}，{right} 为 {right_unit or '无'}",
            f"units differ: {left} is in {left_unit or 'none'}, {right} in {right_unit or 'none'}",
        ),
        None,
    )
