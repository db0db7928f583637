"""What rules may speak of: evidence items, record types, profile fields and parameters."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from socap.errors import Text

TYPES_KEY = "profile.types"


class ValueType(StrEnum):
    """The type of an answer."""

    BOOLEAN = "boolean"
    INTEGER = "integer"
    NUMBER = "number"
    PERCENT = "percent"
    DATE = "date"
    SET = "set"
    ENUM = "enum"


NUMERIC = frozenset({ValueType.INTEGER, ValueType.NUMBER, ValueType.PERCENT})


@dataclass(frozen=True, slots=True)
class EvidenceItem:
    """One typed question of the catalogue."""

    key: str
    type: ValueType
    question: Text
    evidence: Text
    unit: str = ""
    members: dict[str, Text] = field(default_factory=dict)
    event: bool = False
    part_of: str | None = None
    validity_days: int | None = None
    accepts_no_case: bool = False


@dataclass(frozen=True, slots=True)
class RecordType:
    """Something repeated (suppliers, services …); fields are keyed `<record>.<field>`."""

    name: str
    title: Text
    fields: dict[str, EvidenceItem]


@dataclass(frozen=True, slots=True)
class Flag:
    """A circumstance of the organisation, answered yes or no."""

    name: str
    question: Text
    definition: Text


@dataclass(frozen=True, slots=True)
class Parameter:
    """A number that the standard leaves to judgement."""

    name: str
    default: int | float
    unit: str
    title: Text
    reason: Text
    minimum: int | float | None = None
    maximum: int | float | None = None


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Everything a rule may name."""

    items: dict[str, EvidenceItem]
    records: dict[str, RecordType]
    flags: dict[str, Flag]
    types: dict[str, Text]
    parameters: dict[str, Parameter]

    def outside_records(self, key: str) -> EvidenceItem | None:
        """Return the item or profile field of a key, or None."""
        if key == TYPES_KEY:
            title = Text("外包类型", "Outsourcing types")
            return EvidenceItem(key, ValueType.SET, title, title, members=self.types)
        if key.startswith("profile."):
            flag = self.flags.get(key.removeprefix("profile."))
            return (
                EvidenceItem(key, ValueType.BOOLEAN, flag.question, flag.definition)
                if flag
                else None
            )
        return self.items.get(key)

    def in_record(self, record: str, key: str) -> EvidenceItem | None:
        """Return the record's field of a key, else what the key means outside records."""
        return self.records[record].fields.get(key) or self.outside_records(key)

    def names(self, record: str | None = None) -> tuple[str, ...]:
        """Return every key a condition may name, for did-you-mean."""
        flags = tuple(f"profile.{name}" for name in self.flags)
        fields = tuple(self.records[record].fields) if record else ()
        return (*fields, *self.items, *flags, TYPES_KEY)
