"""From judged records to the truth of a quantifier: the arithmetic that readers share."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from socap.rules.expressions import Quantity
from socap.rules.truth import Truth

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

TRUE, FALSE, UNKNOWN = Truth.TRUE, Truth.FALSE, Truth.UNKNOWN


def quantify(
    quantity: Quantity, limit: int | float, judged: Sequence[tuple[Truth, Truth]]
) -> Truth:
    """Return the truth of a quantifier; each pair says whether a record counts and satisfies.

    A share is decided only when every way of settling the open records gives the same answer.
    Where no record counts, `every` and a share are true and `some` is false.
    """
    return concluded(quantity, limit, *tally(judged))


def tally(judged: Iterable[tuple[Truth, Truth]]) -> tuple[int, int, int, int]:
    """Return how many records pass and fail surely, and how many more may pass and may fail.

    >>> tally([(Truth.TRUE, Truth.TRUE), (Truth.UNKNOWN, Truth.TRUE), (Truth.TRUE, Truth.UNKNOWN)])
    (1, 0, 2, 1)
    """
    passed = failed = may_pass = may_fail = 0
    for where, satisfies in judged:
        if where is FALSE:
            continue
        if satisfies is UNKNOWN:
            may_pass += 1
            may_fail += 1
        elif satisfies is TRUE:
            passed += where is TRUE
            may_pass += where is UNKNOWN
        else:
            failed += where is TRUE
            may_fail += where is UNKNOWN
    return passed, failed, may_pass, may_fail


def concluded(
    quantity: Quantity,
    limit: int | float,
    passed: int,
    failed: int,
    may_pass: int,
    may_fail: int,
) -> Truth:
    """Return the truth of a quantifier from how many records pass and fail, surely and besides."""
    match quantity:
        case Quantity.EVERY:
            return Truth.FALSE if failed else Truth.UNKNOWN if may_fail else Truth.TRUE
        case Quantity.SOME:
            return at_least(1, passed, may_pass)
        case Quantity.COUNT:
            return at_least(limit, passed, may_pass)
        case Quantity.SHARE:
            if reaches(passed, failed + may_fail, limit):
                return Truth.TRUE
            return Truth.UNKNOWN if reaches(passed + may_pass, failed, limit) else Truth.FALSE
    assert_never(quantity)


def bounds(quantity: Quantity, judged: Sequence[tuple[Truth, Truth]]) -> tuple[float, float] | None:
    """Return the least and greatest share (in per cent) or count that open records allow.

    None for the share of no records at all.

    >>> yes, no = Truth.TRUE, Truth.FALSE
    >>> bounds(Quantity.SHARE, [(yes, yes), (yes, no), (yes, Truth.UNKNOWN)])
    (33.333333333333336, 66.66666666666667)
    >>> bounds(Quantity.COUNT, [(yes, yes), (Truth.UNKNOWN, yes), (no, yes)])
    (1, 2)
    """
    passed, failed, may_pass, may_fail = tally(judged)
    most_passed, most_failed = passed + may_pass, failed + may_fail
    if quantity is Quantity.COUNT:
        return passed, most_passed
    if not most_passed + most_failed:
        return None
    low = 100 * passed / (passed + most_failed) if passed + most_failed else 100.0
    high = 100 * most_passed / (most_passed + failed) if most_passed + failed else 0.0
    return (low, high) if low <= high else (0.0, 100.0)


def at_least(limit: int | float, passed: int, may_pass: int) -> Truth:
    """Return whether enough records pass."""
    if passed >= limit:
        return Truth.TRUE
    return Truth.UNKNOWN if passed + may_pass >= limit else Truth.FALSE


def reaches(passed: int, failed: int, limit: int | float) -> bool:
    """Return whether passed / (passed + failed) is at least `limit` per cent.

    >>> reaches(9, 1, 90), reaches(8, 1, 90), reaches(0, 0, 90)
    (True, False, True)
    """
    return passed * 100 >= limit * (passed + failed)
