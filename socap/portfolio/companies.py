"""Company files as rows of a portfolio."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

from socap.answers import Answer, Backing, Status
from socap.portfolio.columns import (
    COLLECTED,
    DECIMALS,
    EXCLUSIONS,
    ID,
    NO_CASE,
    SOURCES,
    STATUS,
    VALID,
    layout,
)
from socap.rules.vocabulary import TYPES_KEY

if TYPE_CHECKING:
    from collections.abc import Iterable

    from socap.organisation import Organisation, Record
    from socap.standard import Standard


def from_organisations(organisations: Iterable[Organisation], standard: Standard) -> pa.RecordBatch:
    """Return organisations as one batch, for `Kernel.outcomes`; nothing is settled beforehand.

    Several sources of one item stay side by side. Credit and certificates have no columns.
    """
    wanted = layout(standard)
    rows = [_row(one) for one in organisations]
    used = {name for row in rows for name, value in row.items() if value is not None}
    kinds = {}
    for name, kind in wanted.columns().items():
        if name in used or name in (ID, TYPES_KEY):
            kinds[name] = _narrowed(kind, [row.get(name) for row in rows])
    arrays = [pa.array([row.get(name) for row in rows], kind) for name, kind in kinds.items()]
    return pa.RecordBatch.from_arrays(arrays, names=list(kinds))


def _narrowed(kind: pa.DataType, values: list[Any]) -> pa.DataType:
    """Return the type of a list of records with the fields that somebody fills."""
    if not (pa.types.is_list(kind) and pa.types.is_struct(kind.value_type)):
        return kind
    used = {name for entries in values for entry in entries or () for name in entry}
    return pa.list_(pa.struct([field for field in kind.value_type if field.name in used]))


def _row(organisation: Organisation) -> dict[str, Any]:
    row: dict[str, Any] = {
        ID: organisation.id,
        TYPES_KEY: sorted(organisation.profile.types),
        EXCLUSIONS: [e.requirement for e in organisation.exclusions] or None,
    }
    for name, value in organisation.profile.flags.items():
        row[f"profile.{name}"] = value
    for key, answers in organisation.evidence.items():
        if len(answers) == 1:
            row |= _columns(key, answers[0])
        elif answers:
            row[f"{key}#{SOURCES}"] = [
                {k.removeprefix("value#"): v for k, v in _columns("value", answer).items()}
                for answer in answers
            ]
    for name, records in organisation.records.items():
        row[f"records.{name}"] = [_record(record, name) for record in records]
    return row


def _record(record: Record, name: str) -> dict[str, Any]:
    made: dict[str, Any] = {ID: record.id, **_backing(record.backing)}
    for key, answer in record.answers.items():
        told = _columns(key.removeprefix(f"{name}."), answer)
        made |= {k: v for k, v in told.items() if not k.endswith(f"#{DECIMALS}")}
    return made


def _columns(name: str, answer: Answer) -> dict[str, Any]:
    value: Any = answer.value
    if answer.no_case:
        made: dict[str, Any] = {f"{name}#{NO_CASE}": answer.no_case}
    else:
        made = {name: sorted(value) if isinstance(value, frozenset) else value}
        if type(value) is int:
            made[f"{name}#{DECIMALS}"] = 0
    return made | {f"{name}#{part}": told for part, told in _backing(answer.backing).items()}


def _backing(backing: Backing) -> dict[str, Any]:
    made: dict[str, Any] = {COLLECTED: backing.collected_on, VALID: backing.valid_until}
    if backing.status is not Status.DECLARED:
        made[STATUS] = backing.status.value
    return {part: told for part, told in made.items() if told is not None}
