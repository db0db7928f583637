"""Comparisons on columns: where each holds; where an item is not known it does not matter."""

from __future__ import annotations

from datetime import date
from math import ceil, floor
from typing import TYPE_CHECKING, Any

import numpy as np

from socap.rules.expressions import Operator
from socap.rules.planes import pack, zeros

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from socap.rules import expressions as x
    from socap.rules.columnar import Column
    from socap.rules.planes import Plane

    Values = NDArray[Any]

_EPOCH = date(1970, 1, 1).toordinal()


def against(operator: Operator, left: Column, value: x.Scalar, as_of: date) -> Plane:
    """Return where a comparison with one value holds."""
    if left.packed:
        bits: Plane = left.values
        return bits if value is True else np.bitwise_not(bits)
    values = left.values
    if left.members and operator is Operator.IS:
        return pack(values == (left.members.index(value) if value in left.members else -2))
    if isinstance(value, date):
        return _ordered(operator, values, _days(value))
    assert isinstance(value, (int, float))
    if operator is Operator.WITHIN:
        today = _days(as_of)
        return pack(values <= today) & pack(values >= today - floor(value))
    if operator is Operator.SIZE_AT_LEAST:
        return pack(np.bitwise_count(values) >= value)
    if values.dtype.kind == "i" and isinstance(value, float):
        return _ordered(operator, values, *_whole(operator, value))
    return _ordered(operator, values, value)


def _whole(operator: Operator, limit: float) -> tuple[int | float]:
    """Return the whole number that divides whole numbers as a limit does."""
    if limit.is_integer() or operator is Operator.IS:
        return (limit,)
    up = operator in (Operator.AT_LEAST, Operator.LESS_THAN)
    return (ceil(limit) if up else floor(limit),)


def between(operator: Operator, left: Column, right: Column) -> Plane:
    """Return where a comparison of two columns holds."""
    if left.packed:
        same: Plane = np.bitwise_not(left.values ^ right.values)
        return same
    if left.members:
        index = {member: place for place, member in enumerate(left.members)}
        table = np.array([index.get(member, -2) for member in right.members] or [-2])
        return pack(left.values == table[right.values])
    return _ordered(operator, left.values, right.values)


def members(operator: Operator, left: Column, names: tuple[str, ...]) -> Plane:
    """Return where a comparison with some members holds."""
    wanted = [place for place, member in enumerate(left.members) if member in names]
    if operator is Operator.ONE_OF:
        held = np.zeros(len(left.values), np.bool_)
        for place in wanted:
            held |= left.values == place
        return pack(held)
    mask = left.values.dtype.type(sum(1 << place for place in wanted))
    both = left.values & mask
    if operator is Operator.INCLUDES_ANY:
        return pack(both != 0)
    missing = any(name not in left.members for name in names)
    return zeros(len(left.values)) if missing else pack(both == mask)


def _ordered(operator: Operator, left: Values, right: Values | float) -> Plane:
    match operator:
        case Operator.IS:
            return pack(left == right)
        case Operator.AT_LEAST | Operator.NOT_BEFORE:
            return pack(left >= right)
        case Operator.AT_MOST | Operator.NOT_AFTER:
            return pack(left <= right)
        case Operator.MORE_THAN:
            return pack(left > right)
        case _:
            assert operator is Operator.LESS_THAN
            return pack(left < right)


def _days(day: date) -> int:
    return day.toordinal() - _EPOCH
