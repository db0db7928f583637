"""What is known about one organisation when rules are read."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TypeAlias

from socap.rules.expressions import Literal, ParameterRef
from socap.rules.truth import UnknownReason

Value: TypeAlias = bool | int | float | str | date | frozenset[str]


@dataclass(frozen=True, slots=True)
class Fact:
    """The state of one item: a value, no case in the period, or unknown for a reason."""

    value: Value | None = None
    no_case: bool = False
    unknown: UnknownReason | None = None


_UNKNOWN = {reason: Fact(unknown=reason) for reason in UnknownReason}
MISSING = _UNKNOWN[UnknownReason.MISSING]
NO_CASE = Fact(no_case=True)
_YES, _NO = Fact(True), Fact(False)


def known(value: Value) -> Fact:
    """Return the fact of a plain value."""
    return _YES if value is True else _NO if value is False else Fact(value)


def unknown(reason: UnknownReason) -> Fact:
    """Return an unknown fact with its reason."""
    return _UNKNOWN[reason]


@dataclass(frozen=True, slots=True)
class RecordFacts:
    """One record: its id and its fields, keyed `<record>.<field>`."""

    id: str
    fields: dict[str, Fact]


@dataclass(frozen=True, slots=True)
class Facts:
    """All facts of an assessment; a record type absent from `records` is unknown.

    `failing` names, for each item computed from records, the records that do not satisfy.
    """

    as_of: date
    items: dict[str, Fact]
    records: dict[str, tuple[RecordFacts, ...]] = field(default_factory=dict)
    parameters: dict[str, int | float] = field(default_factory=dict)
    failing: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def get(self, key: str, record: RecordFacts | None = None) -> Fact:
        """Return the fact of a key, looked up in the record first."""
        if record is not None and key in record.fields:
            return record.fields[key]
        return self.items.get(key, MISSING)

    def number(self, limit: Literal | ParameterRef) -> int | float | None:
        """Return the number of a literal or parameter operand; None for a parameter not set."""
        if isinstance(limit, ParameterRef):
            return self.parameters.get(limit.name)
        assert isinstance(limit.value, (int, float))
        return limit.value
