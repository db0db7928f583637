"""Answers of a company file: typed values with source, dates and status."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from socap.errors import Text, did_you_mean
from socap.rules.facts import MISSING, NO_CASE, Fact, Value, known
from socap.rules.vocabulary import EvidenceItem, ValueType

if TYPE_CHECKING:
    from socap.loading import Fields

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")
NUMBER_LIMIT = 10**12
EARLIEST, LATEST = date(1900, 1, 1), date(2200, 12, 31)


class Status(StrEnum):
    """Who stands behind an answer."""

    DECLARED = "declared"
    VERIFIED = "verified"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Backing:
    """Where an answer or record comes from and how long it counts."""

    source: str = ""
    collected_on: date | None = None
    valid_until: date | None = None
    status: Status = Status.DECLARED
    verified_by: str = ""
    note: str = ""

    def to_dict(self) -> dict[str, str]:
        """Return what is stated, in the shape of a company file."""
        told: dict[str, str] = {}
        for key in BACKING_KEYS:
            value = getattr(self, key)
            if isinstance(value, date):
                told[key] = value.isoformat()
            elif value and value is not Status.DECLARED:
                told[key] = str(value)
        return told


BACKING_KEYS = ("source", "collected_on", "valid_until", "status", "verified_by", "note")


UNBACKED = Backing()


@dataclass(frozen=True, slots=True)
class Answer:
    """One value of one item, or `no_case` with its reason.

    `fact` is what it states, before anybody asks whether it counts.
    """

    value: Value | None
    no_case: str
    backing: Backing
    fact: Fact = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        fact = NO_CASE if self.no_case else MISSING if self.value is None else known(self.value)
        object.__setattr__(self, "fact", fact)

    def to_dict(self) -> dict[str, Any]:
        """Return the answer in full form, in the shape of a company file."""
        told: dict[str, Any] = {}
        if self.no_case:
            told["no_case"] = self.no_case
        elif isinstance(self.value, frozenset):
            told["value"] = sorted(self.value)
        elif self.value is not None:
            told["value"] = self.value.isoformat() if isinstance(self.value, date) else self.value
        return told | self.backing.to_dict()


def read_backing(fields: Fields) -> Backing:
    """Return what stands behind an answer or record."""
    if fields.raw.keys().isdisjoint(BACKING_KEYS):
        return UNBACKED
    backing = Backing(
        fields.string("source"),
        read_date(fields, "collected_on"),
        read_date(fields, "valid_until"),
        fields.choice("status", Status) if "status" in fields.raw else Status.DECLARED,
        fields.string("verified_by"),
        fields.string("note"),
    )
    if backing.status is Status.VERIFIED and not backing.verified_by.strip():
        message = Text("已核实的证据应写明 verified_by", "verified evidence names who verified it")
        fields.fault(message, "status", hint=Text("补上 verified_by", "add verified_by"))
    return backing


def read_date(fields: Fields, key: str) -> date | None:
    """Return a date written YYYY-MM-DD, or None where the key is absent."""
    raw = fields.raw.get(key)
    if raw is None:
        return None
    found = parse_date(raw)
    if found is None:
        fields.fault(_date_fault(raw), key)
    return found


def parse_date(raw: Any) -> date | None:
    """Return the date of `YYYY-MM-DD`, or None for anything else.

    >>> parse_date("2026-02-29") is None
    True
    """
    if not isinstance(raw, str) or not _DATE.match(raw):
        return None
    try:
        found = date.fromisoformat(raw)
    except ValueError:
        return None
    return found if EARLIEST <= found <= LATEST else None


def _date_fault(raw: Any) -> Text:
    shown = str(raw)[:40]
    return Text(
        f"{shown} 不是有效日期，应形如 2026-03-31",
        f"{shown} is not a date that exists, written like 2026-03-31",
    )


def read_answers(group: Fields, key: str, item: EvidenceItem) -> tuple[Answer, ...]:
    """Return the answers under a key: short form, full form or a list of sources."""
    raw = group.raw[key]
    if isinstance(raw, list) and (item.type is not ValueType.SET or _is_sources(raw)):
        if not raw:
            group.fault(Text("来源列表为空", "the list of sources is empty"), key)
        return tuple(read_answer(entry, item) for entry in group.listed(key))
    if isinstance(raw, dict):
        return (read_answer(group.below(key), item),)
    value = read_value(group, key, item)
    return () if value is None else (Answer(value, "", UNBACKED),)


def _is_sources(raw: list[Any]) -> bool:
    return bool(raw) and all(isinstance(entry, dict) for entry in raw)


def read_answer(fields: Fields, item: EvidenceItem) -> Answer:
    """Return one answer in full form."""
    case = "no_case" in fields.raw
    fields.only(["no_case"] if case else ["value"], BACKING_KEYS)
    reason = ""
    if case:
        reason = fields.string("no_case")
        if not item.accepts_no_case:
            message = Text(
                f"{item.key} 不接受 no_case：没有规则说明其含义",
                f"{item.key} does not take no_case: no rule says what it would mean",
            )
            fields.fault(message, "no_case", hint=Text("请给出值", "give a value"))
        elif not reason.strip():
            fields.fault(Text("no_case 应写明理由", "no_case needs a reason"), "no_case")
    value = None if case or "value" not in fields.raw else read_value(fields, "value", item)
    return Answer(value, reason, read_backing(fields))


def read_value(fields: Fields, key: str, item: EvidenceItem) -> Value | None:
    """Return a typed value; note a problem and return None where it has another type."""
    raw = fields.raw[key]
    match item.type:
        case ValueType.BOOLEAN:
            if isinstance(raw, bool):
                return raw
            message = Text("应为 true 或 false", "this should be true or false")
        case ValueType.DATE:
            found = parse_date(raw)
            if found is not None:
                return found
            message = _date_fault(raw)
        case ValueType.ENUM:
            if isinstance(raw, str) and raw in item.members:
                return raw
            message = _member_fault(raw, item)
        case ValueType.SET:
            return _read_set(fields, key, item)
        case ValueType.INTEGER:
            if type(raw) is int and abs(raw) <= NUMBER_LIMIT:
                return raw
            message = Text("应为整数", "this should be a whole number")
        case ValueType.NUMBER | ValueType.PERCENT:
            if type(raw) in (int, float) and abs(raw) <= NUMBER_LIMIT:
                number: int | float = raw
                return number
            message = Text("应为数值", "this should be a number")
    fields.fault(message, key, hint=_value_hint(raw, item))
    return None


def _member_fault(raw: Any, item: EvidenceItem) -> Text:
    shown, members = str(raw)[:40], ", ".join(item.members)
    return Text(f"{shown} 不在可选值之内：{members}", f"{shown} is not one of: {members}")


def _read_set(fields: Fields, key: str, item: EvidenceItem) -> frozenset[str] | None:
    raw = fields.raw[key]
    if not isinstance(raw, list):
        fields.fault(
            Text("应为列表", "this should be a list"), key, hint=Text("写成 [a, b]", "write [a, b]")
        )
        return None
    for index, member in enumerate(raw):
        if not isinstance(member, str) or member not in item.members:
            hint = did_you_mean(str(member), item.members)
            fields.fault(_member_fault(member, item), key, index, hint=hint)
        elif member in raw[:index]:
            fields.fault(Text(f"{member} 重复", f"{member} is repeated"), key, index)
    return frozenset(member for member in raw if isinstance(member, str))


def _value_hint(raw: Any, item: EvidenceItem) -> Text | None:
    if not isinstance(raw, str):
        return None
    plain = unicodedata.normalize("NFKC", raw).strip().rstrip("%")
    if item.type is ValueType.ENUM:
        return did_you_mean(plain, item.members)
    if item.type is ValueType.BOOLEAN:
        guess = {"yes": "true", "是": "true", "no": "false", "否": "false"}.get(plain.lower())
        return Text(f"写成 {guess}", f"write {guess}") if guess else None
    if item.type is ValueType.DATE:
        guess = plain.replace("/", "-").replace(".", "-")
        return Text(f"写成 {guess}", f"write {guess}") if parse_date(guess) else None
    return (
        Text(f"写成 {plain}", f"write {plain}") if plain.replace(".", "", 1).isdecimal() else None
    )
