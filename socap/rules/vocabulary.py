"""What rules may speak of: evidence items, record types, profile fields and parameters."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING

from socap.errors import Text
from socap.rules.expressions import Expression, Quantity, keys_read

if TYPE_CHECKING:
    from collections.abc import Iterable

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
class Computed:
    """How a share (percent of the records that count) or a count follows from records."""

    quantity: Quantity
    record: str
    satisfies: Expression
    where: Expression

    @property
    def keys(self) -> tuple[str, ...]:
        """The record list and the fields it is computed from."""
        keys = (*keys_read(self.where), *keys_read(self.satisfies))
        return tuple(dict.fromkeys((f"records.{self.record}", *keys)))


@dataclass(frozen=True, slots=True)
class EvidenceItem:
    """One typed question of the catalogue; `computed` where records can answer it too.

    `title` names it inside a sentence: a noun phrase, for a boolean the statement itself.
    """

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
    computed: Computed | None = None
    title: Text = field(default_factory=lambda: Text("", ""))


@dataclass(frozen=True, slots=True)
class RecordType:
    """Something repeated (suppliers, services …); fields are keyed `<record>.<field>`."""

    name: str
    title: Text
    fields: dict[str, EvidenceItem]


@dataclass(frozen=True, slots=True)
class Flag:
    """A circumstance of the organisation, answered yes or no; `title` states it in a sentence."""

    name: str
    question: Text
    definition: Text
    title: Text = field(default_factory=lambda: Text("", ""))


@dataclass(frozen=True, slots=True)
class Parameter:
    """A number that the standard leaves to judgement; no default where a local rule has to fill it."""

    name: str
    default: int | float | None
    unit: str
    title: Text
    reason: Text
    minimum: int | float | None = None
    maximum: int | float | None = None


@dataclass(frozen=True)
class Vocabulary:
    """Everything a rule may name."""

    items: dict[str, EvidenceItem]
    records: dict[str, RecordType]
    flags: dict[str, Flag]
    types: dict[str, Text]
    parameters: dict[str, Parameter]

    @cached_property
    def computed(self) -> tuple[tuple[EvidenceItem, Computed], ...]:
        """The items that records answer too, each with how."""
        return tuple((i, i.computed) for i in self.items.values() if i.computed is not None)

    @cached_property
    def parts(self) -> tuple[tuple[str, str], ...]:
        """The items that are part of another, each with its total."""
        return tuple((i.key, i.part_of) for i in self.items.values() if i.part_of is not None)

    def outside_records(self, key: str) -> EvidenceItem | None:
        """Return the item or profile field of a key, or None."""
        if key == TYPES_KEY:
            title = Text("外包类型", "Outsourcing types")
            return EvidenceItem(key, ValueType.SET, title, title, members=self.types)
        if key.startswith("profile."):
            flag = self.flags.get(key.removeprefix("profile."))
            return (
                EvidenceItem(
                    key, ValueType.BOOLEAN, flag.question, flag.definition, title=flag.title
                )
                if flag
                else None
            )
        return self.items.get(key)

    def in_record(self, record: str, key: str) -> EvidenceItem | None:
        """Return the record's field of a key, else what the key means outside records."""
        return self.records[record].fields.get(key) or self.outside_records(key)

    def everywhere(self, key: str) -> EvidenceItem | None:
        """Return the item, profile field or record field of a key, or None."""
        record = self.records.get(key.split(".", maxsplit=1)[0])
        return record.fields.get(key) if record else self.outside_records(key)

    def expanded(self, keys: Iterable[str]) -> tuple[str, ...]:
        """Return keys, each followed by what it can be computed from, once each."""
        found: dict[str, None] = {}
        for key in keys:
            found[key] = None
            item = self.items.get(key)
            if item is not None and item.computed is not None:
                found.update(dict.fromkeys(item.computed.keys))
        return tuple(found)

    def usual_evidence(self, keys: Iterable[str]) -> Text:
        """Return the usual artefacts of some items, once each."""
        items = [self.everywhere(key) for key in keys]
        told = tuple(dict.fromkeys(item.evidence for item in items if item is not None))
        zh = dict.fromkeys(part for text in told for part in text.zh.split("、"))
        return Text("、".join(zh), "; ".join(dict.fromkeys(text.en for text in told)))

    def names(self, record: str | None = None) -> tuple[str, ...]:
        """Return every key a condition may name, for did-you-mean."""
        flags = tuple(f"profile.{name}" for name in self.flags)
        fields = tuple(self.records[record].fields) if record else ()
        return (*fields, *self.items, *flags, TYPES_KEY)
