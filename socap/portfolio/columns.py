"""What a standard asks, as Arrow columns: their names and types, and what else is as good."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pyarrow as pa

from socap.answers import Status
from socap.errors import EvidenceError, Problem, Text, UsageError, did_you_mean
from socap.rules.vocabulary import TYPES_KEY, EvidenceItem, ValueType

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from socap.standard import Standard

ID, EXCLUSIONS = "id", "exclusions"
NO_CASE, COLLECTED, VALID, STATUS = "no_case", "collected_on", "valid_until", "status"
DECIMALS, SOURCES = "decimals", "sources"
STATES = tuple(state.value for state in Status)
MEMBER_LIMIT = 63
_PLAIN = {
    ValueType.BOOLEAN: pa.bool_(),
    ValueType.INTEGER: pa.int64(),
    ValueType.NUMBER: pa.float64(),
    ValueType.PERCENT: pa.float64(),
    ValueType.DATE: pa.date32(),
    ValueType.ENUM: pa.string(),
    ValueType.SET: pa.list_(pa.string()),
}
_BACKING = {COLLECTED: pa.date32(), VALID: pa.date32(), STATUS: pa.string()}


@dataclass(frozen=True, slots=True)
class Question:
    """One item that a column (or a record's field) answers, under the name it has there."""

    name: str
    item: EvidenceItem

    def parts(self, *, inside: bool = False) -> dict[str, pa.DataType]:
        """Return the columns that may stand beside it, by suffix."""
        parts = {NO_CASE: pa.string()} if self.item.accepts_no_case else {}
        parts |= _BACKING
        if not inside:
            if self.item.type in (ValueType.NUMBER, ValueType.PERCENT):
                parts[DECIMALS] = pa.int64()
            parts[SOURCES] = pa.list_(
                pa.struct([("value", _PLAIN[self.item.type]), *parts.items()])
            )
        return parts


@dataclass(frozen=True, slots=True)
class Listing:
    """One record type: its column and the questions about each record."""

    name: str
    record: str
    fields: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """What a standard asks, as columns; `requirements` are what may be excluded."""

    types: EvidenceItem | None
    flags: tuple[Question, ...]
    items: tuple[Question, ...]
    records: tuple[Listing, ...]
    requirements: tuple[str, ...]

    def columns(self) -> dict[str, pa.DataType]:
        """Return every column that may be there, by name, those beside an answer included."""
        made = {ID: pa.string()}
        if self.types is not None:
            made[TYPES_KEY] = pa.list_(pa.string())
        made |= {flag.name: pa.bool_() for flag in self.flags}
        for question in self.items:
            made[question.name] = _PLAIN[question.item.type]
            made |= {f"{question.name}#{s}": t for s, t in question.parts().items()}
        for listing in self.records:
            made[listing.name] = pa.list_(pa.struct(list(_fields(listing).items())))
        made[EXCLUSIONS] = pa.list_(pa.string())
        return made

    def problems(self, given: pa.Schema, ignore: Collection[str] = ()) -> list[Problem]:
        """Return what is wrong with the columns of a portfolio, whatever its rows hold."""
        known = self.columns()
        names = [name for name in given.names if name not in ignore]
        required = [ID] if self.types is None else [ID, TYPES_KEY]
        missing = Text("缺少此列", "this column is missing")
        found = [Problem(missing, name) for name in required if name not in names]
        for name in sorted(set(names)):
            if names.count(name) > 1:
                found.append(Problem(Text("此列出现多次", "this column appears twice"), name))
            elif name not in known:
                hint = did_you_mean(name, known) or Text(
                    "若与评价无关，请列入 ignore",
                    "name it in ignore if it is not about the assessment",
                )
                found.append(Problem(Text("没有此列", "there is no such column"), name, hint=hint))
            else:
                found += _type_problems(name, known[name], given.field(name).type)
        return found


def _fields(listing: Listing) -> dict[str, pa.DataType]:
    made = {ID: pa.string(), **_BACKING}
    for question in listing.fields:
        made[question.name] = _PLAIN[question.item.type]
        made |= {f"{question.name}#{s}": t for s, t in question.parts(inside=True).items()}
    return made


def layout(standard: Standard) -> Layout:
    """Return the columns of a standard. Raises UsageError where columns cannot hold a question."""
    words = standard.vocabulary
    questions = tuple(Question(key, _bare(item)) for key, item in words.items.items())
    listings = tuple(
        Listing(
            f"records.{name}",
            name,
            tuple(Question(k.removeprefix(f"{name}."), _bare(i)) for k, i in kind.fields.items()),
        )
        for name, kind in words.records.items()
    )
    flags = [f"profile.{name}" for name in words.flags]
    types = words.outside_records(TYPES_KEY) if words.types else None
    types = types and _bare(types)
    every = [*(q.item for q in questions), *(q.item for one in listings for q in one.fields)]
    wide = [item.key for item in [*every, *([types] if types else [])] if _too_wide(item)]
    if wide:
        message = Text(
            f"可选值超过 {MEMBER_LIMIT} 个，无法按列评价",
            f"more than {MEMBER_LIMIT} members cannot be assessed as columns",
        )
        raise UsageError([Problem(message, key) for key in wide])
    return Layout(
        types,
        tuple(Question(k, _bare(i)) for k in flags if (i := words.outside_records(k))),
        questions,
        listings,
        tuple(standard.requirements),
    )


def _bare(item: EvidenceItem) -> EvidenceItem:
    """Return an item without its wording, which a portfolio does not need."""
    none = Text("", "")
    members = dict.fromkeys(item.members, none)
    return replace(item, question=none, evidence=none, title=none, members=members)


def _too_wide(item: EvidenceItem) -> bool:
    return item.type is ValueType.SET and len(item.members) > MEMBER_LIMIT


def without(batch: pa.RecordBatch, ignore: Collection[str]) -> pa.RecordBatch:
    """Return a batch without the columns that are about something else."""
    return batch.select([n for n in batch.schema.names if n not in ignore]) if ignore else batch


def plain(kind: ValueType) -> pa.DataType:
    """Return the Arrow type that a value type has in the schema."""
    return _PLAIN[kind]


def refuse(problems: Iterable[Problem]) -> None:
    """Raise EvidenceError where there is a problem."""
    found = list(problems)
    if found:
        raise EvidenceError(found)


def _type_problems(name: str, wanted: pa.DataType, given: pa.DataType) -> list[Problem]:
    """Return what is wrong with a column's type; types that hold the same values are as good."""
    reason = name.endswith((f"#{NO_CASE}", f".{NO_CASE}"))
    if _as_good(wanted, given) or (reason and pa.types.is_boolean(given)):
        return []
    if not (pa.types.is_list(wanted) and pa.types.is_struct(wanted.value_type)) or not (
        _is_list(given) and pa.types.is_struct(given.value_type)
    ):
        message = Text(f"类型不应为 {given}", f"the type should not be {given}")
        hint = Text(f"应为 {_named(wanted)}", f"it should be {_named(wanted)}")
        return [Problem(message, name, hint=hint)]
    found = []
    inner = {field.name: field.type for field in wanted.value_type}
    names = [field.name for field in given.value_type]
    for field in given.value_type:
        place = f"{name}.{field.name}"
        if names.count(field.name) > 1:
            found.append(Problem(Text("此字段出现多次", "this field appears twice"), place))
        elif field.name not in inner:
            close = did_you_mean(field.name, inner)
            found.append(Problem(Text("没有此字段", "there is no such field"), place, hint=close))
        else:
            found += _type_problems(place, inner[field.name], field.type)
    return found


def _as_good(wanted: pa.DataType, given: pa.DataType) -> bool:
    kinds = pa.types
    if kinds.is_null(given):
        return True
    if kinds.is_string(wanted):
        if kinds.is_dictionary(given):
            given = given.value_type
        return bool(kinds.is_string(given) or kinds.is_large_string(given))
    if kinds.is_boolean(wanted):
        return bool(kinds.is_boolean(given))
    if kinds.is_date(wanted):
        stamp = kinds.is_timestamp(given) and given.tz is None
        return bool(kinds.is_date(given) or stamp)
    if kinds.is_list(wanted):
        return _is_list(given) and _as_good(wanted.value_type, given.value_type)
    if kinds.is_struct(wanted):
        return False
    return is_number(given)


def _is_list(given: pa.DataType) -> bool:
    return bool(pa.types.is_list(given) or pa.types.is_large_list(given))


def is_number(given: pa.DataType) -> bool:
    """Return whether values of a type are numbers that can be read exactly."""
    kinds = pa.types
    exact = kinds.is_integer(given) or kinds.is_decimal(given)
    return bool(exact or kinds.is_float32(given) or kinds.is_float64(given))


def _named(wanted: pa.DataType) -> str:
    if pa.types.is_list(wanted) and pa.types.is_struct(wanted.value_type):
        return "list<struct>"
    return "int64 / float64" if is_number(wanted) else str(wanted)
