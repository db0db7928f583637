"""Facts of many organisations as columns, and parts of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from socap.rules.planes import Counts, Lists, Plane

if TYPE_CHECKING:
    from numpy.typing import NDArray

Values: TypeAlias = "NDArray[Any]"
EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class Column:
    """One item of many organisations: `known` where it has a value, `no_case` where that is stated.

    `values` holds, by type: a boolean as a plane (`packed`), a number as it is, a date as days since
    1970, an enum as the index of its member, a set as one bit a member. What stands where the item
    is not known is not read, but has to be an index of a member, or -1.
    """

    values: Values
    known: Plane
    no_case: Plane
    members: tuple[str, ...] = ()
    packed: bool = False

    def part(self, start: int, stop: int) -> Column:
        """Return the entries from `start`, a multiple of 8, to `stop`, without copying them.

        The last byte of a plane holds bits of entries that follow, if `stop` is no multiple of 8.
        """
        held = slice(start // 8, (stop + 7) // 8)
        values = self.values[held] if self.packed else self.values[start:stop]
        return Column(values, self.known[held], self.no_case[held], self.members, self.packed)


@dataclass(frozen=True)
class RecordColumns:
    """The records of many organisations, one after another: those of i from offset i to i + 1.

    `listed` is where an organisation's list is known, be it empty. Records in front of the first
    offset, and bits after the last, are nobody's.
    """

    offsets: Counts
    listed: Plane
    fields: dict[str, Column]

    @cached_property
    def lists(self) -> Lists:
        """The offsets, ready for counting."""
        return Lists(self.offsets)

    @cached_property
    def shares(self) -> Counts:
        """How many records lie with each organisation; the first has those that are nobody's too."""
        made = np.diff(self.offsets)
        made[:1] += self.offsets[0]
        return made

    def part(self, start: int, stop: int) -> RecordColumns:
        """Return the lists of the organisations from `start` to `stop`, as of a batch."""
        offsets = self.offsets[start : stop + 1]
        first, last = int(offsets[0]) // 8 * 8, int(offsets[-1])
        fields = {key: column.part(first, last) for key, column in self.fields.items()}
        listed = self.listed[start // 8 : (stop + 7) // 8]
        return RecordColumns(offsets - first, listed, fields)


@dataclass(frozen=True, slots=True)
class Batch:
    """The facts of `count` organisations on a date; an item that is absent is unknown for all."""

    count: int
    as_of: date
    items: dict[str, Column]
    records: dict[str, RecordColumns] = field(default_factory=dict)
    parameters: dict[str, int | float] = field(default_factory=dict)

    def part(self, start: int, stop: int) -> Batch:
        """Return the organisations from `start` to `stop`, multiples of 8, or to the end."""
        stop = min(stop, self.count)
        if not start and stop == self.count:
            return self
        items = {key: column.part(start, stop) for key, column in self.items.items()}
        records = {name: lists.part(start, stop) for name, lists in self.records.items()}
        return Batch(stop - start, self.as_of, items, records, self.parameters)
