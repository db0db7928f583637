"""Items that records answer too, totals that their parts exceed, circumstances in dispute."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from socap.portfolio.settling import Settled
from socap.rules.batch import Column
from socap.rules.expressions import Quantity
from socap.rules.planes import pack, unpack, zeros

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from socap.rules.batch import RecordColumns
    from socap.rules.columnar import Judged
    from socap.rules.planes import Counts, Flags, Plane
    from socap.rules.vocabulary import EvidenceItem

    Numbers = NDArray[np.float64]

HALVES = np.array([0.5 * 10.0**-digits for digits in range(20)])


def spans(quantity: Quantity, judged: Judged) -> tuple[Numbers, Numbers, Flags | None]:
    """Return the least and greatest figure that records allow, and where there is none at all."""
    least, most = judged.range(judged.passed, judged.may_pass)
    if quantity is Quantity.COUNT:
        low = least.astype(np.float64)
        return low, low if most is least else most.astype(np.float64), None
    failed_least, failed_most = judged.range(judged.failed, judged.may_fail)
    low = _percent(least, failed_most)
    if most is least and failed_least is failed_most:
        return low, low, least + failed_least == 0
    high = _percent(most, failed_least)
    low[least + failed_most == 0], high[most + failed_least == 0] = 100.0, 0.0
    crossed = low > high
    low[crossed], high[crossed] = 0.0, 100.0
    return low, high, judged.lists.tally(judged.may_count) == 0


def _percent(passed: Counts, failed: Counts) -> Numbers:
    made: Numbers = 100.0 * passed / np.maximum(passed + failed, 1)
    return made


def computed(
    direct: Settled | None, item: EvidenceItem, judged: Judged, records: RecordColumns
) -> Settled:
    """Return an item with what its records say; where they contradict an answer it is unknown."""
    assert item.computed is not None
    count, listed = judged.lists.count, records.listed
    low, high, none = spans(item.computed.quantity, judged)
    if item.accepts_no_case:
        empty = np.diff(records.offsets) == 0
        none = empty if none is None else none | empty
    spanned = np.ones(count, np.bool_) if none is None else ~none
    told = unpack(listed, count)
    fixed = told & spanned
    if high is not low:
        fixed &= low == high
    if direct is None:
        known = pack(fixed)
        return Settled(Column(low, known, zeros(count)), exact=known)
    values = direct.column.values.astype(np.float64)
    barred = (
        unpack(direct.barred, count) if direct.barred is not None else np.zeros(count, np.bool_)
    )
    given, no_case = unpack(direct.column.known, count), unpack(direct.column.no_case, count)
    asked = np.flatnonzero(told & given & spanned)
    half = HALVES[_digits(values[asked], direct, asked)]
    agree = np.zeros(count, np.bool_)
    agree[asked] = (low[asked] - half <= values[asked]) & (values[asked] <= high[asked] + half)
    agree |= ~spanned & (no_case | (given & (values == 0)))
    clash = told & ~barred & (given | no_case) & ~agree
    taken = fixed & ~barred & ~clash
    values = np.where(taken, low, values)
    exact = unpack(direct.exact, count) if direct.exact is not None else np.zeros(count, np.bool_)
    return Settled(
        Column(values, pack((given & ~clash) | taken), pack(no_case & ~clash & ~taken)),
        pack(barred | clash),
        pack(np.where(taken, np.rint(low) == low, exact)),
    )


def _digits(values: Numbers, direct: Settled, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return to how many decimals each number was given."""
    made = digits(values)
    if direct.decimals is not None:
        given = unpack(direct.decimals.valid, len(direct.decimals.values))[rows]
        made = np.where(given, direct.decimals.values[rows], made)
    if direct.exact is not None:
        made[unpack(direct.exact, int(rows.max(initial=0)) + 1)[rows]] = 0
    return made


def digits(values: Numbers) -> NDArray[np.int64]:
    """Return how many decimals each number has when it is written out in full.

    >>> digits(np.array([95, 66.7, 33.333, 1e-7])).tolist()
    [1, 1, 3, 0]
    """
    made = np.ones(len(values), np.int64)
    left = np.arange(len(values))
    for places in range(1, 5):
        rest = (np.round(values[left], places) != values[left]) | _tiny(values[left])
        made[left[~rest]] = places
        left = left[rest]
    for index in left:
        made[index] = min(len(str(float(values[index])).partition(".")[2]), len(HALVES) - 1)
    return made


def _tiny(values: Numbers) -> Flags:
    tiny: Flags = (np.abs(values) < 1e-4) & (values != 0)
    return tiny


def above_total(items: dict[str, EvidenceItem], found: dict[str, Settled]) -> dict[str, Settled]:
    """Return what is found with every part that exceeds its total unknown, and the total too."""
    doubted: dict[str, Plane] = {}
    for key, made in found.items():
        item = items.get(key)
        total = found.get(item.part_of) if item is not None and item.part_of is not None else None
        if item is None or total is None or made.exact is None or total.exact is None:
            continue
        both = made.exact & made.column.known & total.exact & total.column.known
        above = pack(made.column.values > total.column.values) & both
        if above.any():
            for name in (key, str(item.part_of)):
                doubted[name] = doubted[name] | above if name in doubted else above
    return found | {name: without(found[name], where) for name, where in doubted.items()}


def without(made: Settled, where: Plane) -> Settled:
    """Return an item unknown where told."""
    column = made.column
    return replace(made, column=replace(column, known=column.known & ~where))
