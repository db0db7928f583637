"""From the facts of organisations, one by one, to the columns of a batch."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np

from socap.rules.batch import EPOCH, Batch, Column, RecordColumns
from socap.rules.facts import MISSING, Fact, Facts
from socap.rules.planes import pack
from socap.rules.vocabulary import EvidenceItem, ValueType, Vocabulary

if TYPE_CHECKING:
    from collections.abc import Sequence


def gather(rows: Sequence[Facts], words: Vocabulary) -> Batch:
    """Return the facts of some organisations as one batch; all are of one date and its parameters.

    `rows` may not be empty.
    """
    keys = sorted({key for facts in rows for key in facts.items})
    items = {}
    for key in keys:
        item = words.outside_records(key)
        if item is not None:
            items[key] = column([facts.get(key) for facts in rows], item)
    records = {
        name: _records([facts.records.get(name) for facts in rows], kind.fields)
        for name, kind in words.records.items()
    }
    first = rows[0]
    return Batch(len(rows), first.as_of, items, records, first.parameters)


def _records(lists: Sequence[Any], fields: dict[str, EvidenceItem]) -> RecordColumns:
    lengths = [0 if one is None else len(one) for one in lists]
    entries = [entry for one in lists for entry in one or ()]
    return RecordColumns(
        np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)]).astype(np.int64),
        pack(np.array([one is not None for one in lists])),
        {
            key: column([entry.fields.get(key, MISSING) for entry in entries], item)
            for key, item in fields.items()
        },
    )


def column(facts: Sequence[Fact], item: EvidenceItem) -> Column:
    """Return the facts of one item as a column."""
    known = [fact.value is not None for fact in facts]
    no_case = pack(np.array([fact.no_case for fact in facts], np.bool_))
    plane = pack(np.array(known, np.bool_))
    values = [fact.value for fact in facts]
    members = tuple(item.members)
    match item.type:
        case ValueType.BOOLEAN:
            held = pack(np.array([value is True for value in values], np.bool_))
            return Column(held, plane, no_case, packed=True)
        case ValueType.DATE:
            days = [(v - EPOCH).days if isinstance(v, date) else 0 for v in values]
            return Column(np.array(days, np.int32), plane, no_case)
        case ValueType.ENUM:
            index = {member: place for place, member in enumerate(members)}
            return Column(
                np.array([index.get(str(v), -1) for v in values], np.int16), plane, no_case, members
            )
        case ValueType.SET:
            masks = [mask(v, members) if isinstance(v, frozenset) else 0 for v in values]
            return Column(np.array(masks, np.uint64), plane, no_case, members)
        case _:
            numbers = [v if isinstance(v, (int, float)) else 0 for v in values]
            return Column(np.array(numbers, np.float64), plane, no_case)


def mask(value: frozenset[str], members: tuple[str, ...]) -> int:
    """Return a set as one bit a member, the first member lowest.

    >>> mask(frozenset({"b", "c"}), ("a", "b", "c"))
    6
    """
    return sum(1 << place for place, member in enumerate(members) if member in value)
