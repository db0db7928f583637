"""Which answers count on a date, and what they come to: `socap.evidence`, column by column."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from socap.evidence import Assurance, settle
from socap.portfolio.cells import Cells
from socap.rules.batch import EPOCH, Column, RecordColumns
from socap.rules.planes import Plane, ones, pack, unpack, zeros
from socap.rules.truth import UnknownReason
from socap.rules.vocabulary import NUMERIC, ValueType

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import date

    from socap.portfolio.decoding import Answers, Backings, Listed, Rows
    from socap.rules.batch import Values
    from socap.rules.facts import Fact
    from socap.rules.vocabulary import EvidenceItem

ANSWERABLE = (UnknownReason.MISSING, UnknownReason.EXPIRED, UnknownReason.UNVERIFIED)


@dataclass(frozen=True, slots=True)
class Settled:
    """One item settled: `barred` where it is unknown for a reason that records cannot mend.

    `exact` is where a value is an integer; `decimals` how many of a number were given, where told.
    """

    column: Column
    barred: Plane | None = None
    exact: Plane | None = None
    decimals: Cells | None = None


@dataclass(frozen=True, slots=True)
class Moment:
    """As of when answers are settled, and which count."""

    as_of: date
    assurance: Assurance

    @property
    def today(self) -> int:
        """The date in days since 1970."""
        return (self.as_of - EPOCH).days


def settled(answers: Answers, item: EvidenceItem, moment: Moment, sound: Plane) -> Settled:
    """Return what the answers to an item come to; only rows that are `sound` are known."""
    cells = answers.cells
    set_aside, barred = standing(answers.backing, item.validity_days, moment)
    counting = sound if set_aside is None else sound & ~set_aside
    known = cells.valid & counting
    no_case = zeros(len(cells.valid) * 8) if answers.no_case is None else answers.no_case & counting
    impossible = implausible(cells, item, moment)
    if impossible is not None:
        barred = _either(barred, known & impossible)
        known = known & ~impossible
    if barred is not None:
        answered = cells.valid if answers.no_case is None else cells.valid | answers.no_case
        barred = barred & answered & sound
    exact = None
    if item.type is ValueType.INTEGER or cells.exact:
        exact = known
    elif answers.decimals is not None:
        given = unpack(answers.decimals.valid, len(cells.values)) & (answers.decimals.values == 0)
        exact = known & pack(given)
    column = Column(
        cells.values, known, no_case, tuple(item.members), item.type is ValueType.BOOLEAN
    )
    made = Settled(column, barred, exact, answers.decimals)
    return _with_sources(made, answers, item, moment, sound) if answers.sources else made


def standing(
    backing: Backings, validity_days: int | None, moment: Moment
) -> tuple[Plane | None, Plane | None]:
    """Return which answers do not count, and which of them records cannot replace."""
    today, barred = moment.today, backing.rejected
    expired = None
    if backing.collected is not None:
        when = backing.collected
        if when.high > today:
            barred = _either(barred, pack(when.values > today) & when.valid)
        if validity_days is not None and when.low < today - validity_days:
            expired = pack(when.values < today - validity_days) & when.valid
    if backing.until is not None and backing.until.low < today:
        expired = _either(expired, pack(backing.until.values < today) & backing.until.valid)
    aside = barred if expired is None else _either(barred, expired)
    if moment.assurance is Assurance.VERIFIED:
        if backing.verified is None:
            return np.full(1, 255, np.uint8), barred
        aside = _either(aside, ~backing.verified)
    return aside, barred


def _either(one: Plane | None, other: Plane) -> Plane:
    return other if one is None else one | other


def implausible(cells: Cells, item: EvidenceItem, moment: Moment) -> Plane | None:
    """Return where a value cannot be true on the date; None where it can everywhere."""
    values = cells.values
    if item.type is ValueType.DATE:
        if not item.event or cells.high <= moment.today:
            return None
        return pack(values > moment.today)
    if item.type is ValueType.PERCENT:
        if cells.low >= 0 and cells.high <= 100:
            return None
        return pack((values < 0) | (values > 100))
    return pack(values < 0) if item.type is ValueType.INTEGER and cells.low < 0 else None


def _with_sources(
    made: Settled, answers: Answers, item: EvidenceItem, moment: Moment, sound: Plane
) -> Settled:
    """Return the item with the rows that have several sources settled one by one."""
    column, count = made.column, len(sound) * 8
    fine, known = unpack(sound, count), unpack(column.known, count)
    no_case = unpack(column.no_case, count)
    barred = unpack(made.barred, count) if made.barred is not None else np.zeros(count, np.bool_)
    exact = unpack(made.exact, count) if made.exact is not None else np.zeros(count, np.bool_)
    values: Values = unpack(column.values, count) if column.packed else column.values
    values = values.astype(np.float64) if item.type in NUMERIC else values.copy()
    for row, sources in answers.sources.items():
        if not fine[row]:
            continue
        fact = settle(sources, item, moment.as_of, moment.assurance)
        known[row], no_case[row] = fact.value is not None, fact.no_case
        barred[row] = fact.unknown not in (None, *ANSWERABLE)
        exact[row] = type(fact.value) is int
        if fact.value is not None:
            values[row] = _stored(fact, item)
    return Settled(
        Column(
            pack(values) if column.packed else values,
            pack(known),
            pack(no_case),
            column.members,
            column.packed,
        ),
        pack(barred),
        pack(exact),
        made.decimals,
    )


def _stored(fact: Fact, item: EvidenceItem) -> object:
    value, members = fact.value, list(item.members)
    if isinstance(value, frozenset):
        return sum(1 << place for place, member in enumerate(members) if member in value)
    if item.type is ValueType.ENUM:
        return members.index(str(value))
    if item.type is ValueType.DATE:
        assert not isinstance(value, (bool, int, float, str)) and value is not None
        return (value - EPOCH).days
    return value


def answered(
    rows: Rows,
    asked: Mapping[str, EvidenceItem],
    items: Collection[str],
    moment: Moment,
    sound: Plane,
) -> dict[str, Settled]:
    """Return every answer of a batch settled; a circumstance, which is no item, counts as claimed."""
    claimed = replace(moment, assurance=Assurance.DECLARED)
    return {
        key: settled(answers, asked[key], moment if key in items else claimed, sound)
        for key, answers in rows.items.items()
    }


def record_columns(
    listed: Listed, items: dict[str, EvidenceItem], moment: Moment, sound: Plane
) -> RecordColumns:
    """Return the records of a type with their fields settled; lists of sound rows are known."""
    offsets = listed.offsets
    count = int(offsets[-1])
    aside, _ = standing(listed.backing, None, moment)
    every = ones(count)
    counting = every if aside is None else every & ~aside
    inside = replace(moment, assurance=Assurance.DECLARED)
    fields = {
        key: settled(answers, items[key], inside, counting).column
        for key, answers in listed.fields.items()
    }
    return RecordColumns(offsets, listed.listed & sound, fields)
