"""Comparisons on columns: where each holds; where an item is not known it does not matter."""

from __future__ import annotations

from datetime import date
from math import ceil, floor
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from socap.rules.expressions import Operator
from socap.rules.planes import pack, zeros

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from socap.rules import expressions as x
    from socap.rules.batch import Column, Values
    from socap.rules.planes import Flags, Plane

Test: TypeAlias = "Callable[[Column], Plane]"

_ORDERED = {
    Operator.IS: np.equal,
    Operator.AT_LEAST: np.greater_equal,
    Operator.NOT_BEFORE: np.greater_equal,
    Operator.AT_MOST: np.less_equal,
    Operator.NOT_AFTER: np.less_equal,
    Operator.MORE_THAN: np.greater,
    Operator.LESS_THAN: np.less,
}
_EPOCH = date(1970, 1, 1).toordinal()


def against(operator: Operator, like: Column, value: x.Scalar, as_of: date) -> Test:
    """Return what tells where a comparison with one value holds in a column of this kind."""
    if like.packed:
        return _stated if value is True else _denied
    if like.members and operator is Operator.IS:
        return _ordered(np.equal, like.members.index(value) if value in like.members else -2)
    if isinstance(value, date):
        return _ordered(_ORDERED[operator], _days(value))
    assert isinstance(value, (int, float))
    if operator is Operator.WITHIN:
        return _within(_days(as_of), floor(value))
    if operator is Operator.SIZE_AT_LEAST:
        return lambda left: pack(np.bitwise_count(left.values) >= value)
    if like.values.dtype.kind == "i" and isinstance(value, float):
        value = _whole(operator, value)
    return _ordered(_ORDERED[operator], value)


def _stated(left: Column) -> Plane:
    return left.values


def _denied(left: Column) -> Plane:
    plane: Plane = np.bitwise_not(left.values)
    return plane


def _ordered(compare: np.ufunc, value: float) -> Test:
    return lambda left: pack(compare(left.values, value))


def _within(today: int, days: int) -> Test:
    def held(left: Column) -> Plane:
        recent = left.values >= today - days
        recent &= left.values <= today
        return pack(recent)

    return held


def _whole(operator: Operator, limit: float) -> int | float:
    """Return the whole number that divides whole numbers as a limit does."""
    if limit.is_integer() or operator is Operator.IS:
        return limit
    up = operator in (Operator.AT_LEAST, Operator.LESS_THAN)
    return ceil(limit) if up else floor(limit)


def between(operator: Operator, left: Column, right: Column) -> Plane:
    """Return where a comparison of two columns holds."""
    if left.packed:
        same: Plane = np.bitwise_not(left.values ^ right.values)
        return same
    if left.members:
        index = {member: place for place, member in enumerate(left.members)}
        table = np.array([index.get(member, -2) for member in right.members] or [-2])
        return pack(left.values == table[right.values])
    return pack(_ORDERED[operator](left.values, right.values))


def members(operator: Operator, like: Column, names: tuple[str, ...]) -> Test:
    """Return what tells where a comparison with some members holds in a column of this kind."""
    wanted = [place for place, member in enumerate(like.members) if member in names]
    if operator is Operator.ONE_OF:
        return lambda left: pack(_one_of(left.values, wanted))
    mask = like.values.dtype.type(sum(1 << place for place in wanted))
    if operator is Operator.INCLUDES_ANY:
        return lambda left: pack((left.values & mask) != 0)
    if any(name not in like.members for name in names):
        return lambda left: zeros(len(left.values))
    return lambda left: pack((left.values & mask) == mask)


def _one_of(values: Values, places: Sequence[int]) -> Flags:
    held = np.zeros(len(values), np.bool_)
    for place in places:
        held |= values == place
    return held


def _days(day: date) -> int:
    return day.toordinal() - _EPOCH
