"""Truth of many organisations at once: two bit planes, definitely true and definitely false."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

Plane: TypeAlias = "NDArray[np.uint8]"
Flags: TypeAlias = "NDArray[np.bool_]"
Counts: TypeAlias = "NDArray[np.int64]"


class Planes(NamedTuple):
    """One bit an organisation, least significant first; where neither is set it is unknown."""

    true: Plane
    false: Plane


def pack(flags: Flags) -> Plane:
    """Return one bit an entry; the bits after the last one are 0.

    >>> pack(np.array([True, False, True])).tolist()
    [5]
    """
    return np.packbits(flags, bitorder="little")


def unpack(plane: Plane, count: int) -> Flags:
    """Return one flag an entry."""
    return np.unpackbits(plane, count=count, bitorder="little").view(np.bool_)


def zeros(count: int) -> Plane:
    """Return a plane without a bit set."""
    return np.zeros((count + 7) // 8, np.uint8)


def ones(count: int) -> Plane:
    """Return a plane with a bit set for each of `count` entries."""
    return pack(np.ones(count, np.bool_))


def conjunction(parts: Sequence[Planes], count: int) -> Planes:
    """Return where all parts are true, and where one is false."""
    return Planes(_all((p.true for p in parts), count), _any((p.false for p in parts), count))


def disjunction(parts: Sequence[Planes], count: int) -> Planes:
    """Return where one part is true, and where all are false."""
    return Planes(_any((p.true for p in parts), count), _all((p.false for p in parts), count))


def _all(planes: Iterable[Plane], count: int) -> Plane:
    made = ones(count)
    for plane in planes:
        made &= plane
    return made


def _any(planes: Iterable[Plane], count: int) -> Plane:
    made = zeros(count)
    for plane in planes:
        made |= plane
    return made


def among(plane: Plane, offsets: Counts) -> Counts:
    """Return how many bits are set from each offset to the next.

    >>> among(pack(np.array([True, True, False, True])), np.array([0, 3, 3, 4])).tolist()
    [2, 0, 1]
    """
    flags = unpack(plane, int(offsets[-1]))
    sums = np.zeros(len(flags) + 1, np.int64)
    np.cumsum(flags, out=sums[1:])
    return np.diff(sums[offsets])
