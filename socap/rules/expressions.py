"""The typed, frozen nodes of a rule."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator

Scalar: TypeAlias = bool | int | float | str | date


class Operator(StrEnum):
    """What a condition asks of an item."""

    IS = "is"
    ONE_OF = "one_of"
    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    MORE_THAN = "more_than"
    LESS_THAN = "less_than"
    INCLUDES = "includes"
    INCLUDES_ANY = "includes_any"
    SIZE_AT_LEAST = "size_at_least"
    WITHIN = "within"
    NOT_AFTER = "not_after"
    NOT_BEFORE = "not_before"
    PRESENT = "present"
    NO_CASE = "no_case"


@dataclass(frozen=True, slots=True)
class Literal:
    """A value written in the rule."""

    value: Scalar


@dataclass(frozen=True, slots=True)
class Members:
    """The members that `one_of`, `includes` and `includes_any` name."""

    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ParameterRef:
    """A named number that the standard leaves to judgement."""

    name: str


@dataclass(frozen=True, slots=True)
class ItemRef:
    """Another evidence item or profile field, compared with."""

    key: str


@dataclass(frozen=True, slots=True)
class AsOf:
    """The date of the assessment."""


Operand: TypeAlias = Literal | Members | ParameterRef | ItemRef | AsOf


@dataclass(frozen=True, slots=True)
class Always:
    """The rule that holds in every circumstance."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One comparison on one item."""

    item: str
    operator: Operator
    operand: Operand


@dataclass(frozen=True, slots=True)
class All:
    """True when every part is."""

    parts: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Any:
    """True when one part is."""

    parts: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """True when the part is false."""

    part: Expression


class Quantity(StrEnum):
    """How many records have to satisfy a rule."""

    EVERY = "every"
    SOME = "some"
    COUNT = "count"
    SHARE = "share"


@dataclass(frozen=True, slots=True)
class Quantified:
    """A rule over the records of one type; `limit` is a count or a percentage."""

    quantity: Quantity
    record: str
    satisfies: Expression
    where: Expression
    limit: Literal | ParameterRef | None = None


Expression: TypeAlias = Always | Condition | All | Any | Not | Quantified


def walk(expression: Expression) -> Iterator[Expression]:
    """Yield the node and all below it, records' conditions included, parents first."""
    yield expression
    match expression:
        case All(parts) | Any(parts):
            for part in parts:
                yield from walk(part)
        case Not(part):
            yield from walk(part)
        case Quantified():
            yield from walk(expression.where)
            yield from walk(expression.satisfies)
        case Always() | Condition():
            pass


def keys_read(expression: Expression) -> tuple[str, ...]:
    """Return the items, fields and `records.<type>` a rule reads, in order, once each."""
    found: dict[str, None] = {}
    for node in walk(expression):
        if isinstance(node, Condition):
            found[node.item] = None
            if isinstance(node.operand, ItemRef):
                found[node.operand.key] = None
        elif isinstance(node, Quantified):
            found[f"records.{node.record}"] = None
    return tuple(found)


def parameters_read(expression: Expression) -> tuple[str, ...]:
    """Return the parameters a rule reads, in order, once each."""
    found: dict[str, None] = {}
    for node in walk(expression):
        operand = node.operand if isinstance(node, Condition) else None
        if isinstance(node, Quantified):
            operand = node.limit
        if isinstance(operand, ParameterRef):
            found[operand.name] = None
    return tuple(found)
