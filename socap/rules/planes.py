"""Truth of many organisations at once: two bit planes, definitely true and definitely false."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

Plane: TypeAlias = "NDArray[np.uint8]"
Flags: TypeAlias = "NDArray[np.bool_]"
Counts: TypeAlias = "NDArray[np.integer[Any]]"
REACH = 9  # a window of two bytes holds as many records, wherever in the first byte they begin


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
    """Return a plane with a bit set for each of `count` entries.

    >>> ones(11).tolist()
    [255, 7]
    """
    made = np.full((count + 7) // 8, 255, np.uint8)
    if count % 8:
        made[-1] = (1 << count % 8) - 1
    return made


def conjunction(parts: Sequence[Planes], out: Planes) -> Planes:
    """Write where all parts are true, and where one is false; there are two parts at least."""
    _joined(np.bitwise_and, [part.true for part in parts], out.true)
    _joined(np.bitwise_or, [part.false for part in parts], out.false)
    return out


def disjunction(parts: Sequence[Planes], out: Planes) -> Planes:
    """Write where one part is true, and where all are false; there are two parts at least."""
    _joined(np.bitwise_or, [part.true for part in parts], out.true)
    _joined(np.bitwise_and, [part.false for part in parts], out.false)
    return out


def _joined(join: np.ufunc, planes: Sequence[Plane], out: Plane) -> None:
    join(planes[0], planes[1], out)
    for plane in planes[2:]:
        join(out, plane, out)


class Lists:
    """Where the records of each organisation lie in a plane of records, ready for counting.

    The first records of a list are read through a window of two bytes; a longer list has more
    windows, which are added up afterwards.
    """

    def __init__(self, offsets: Counts) -> None:
        starts, lengths = offsets[:-1].astype(np.int64), np.diff(offsets)
        self.count, self.records = len(lengths), int(offsets[-1])
        self._windows_in_byte = np.bincount(starts >> 3, minlength=self.records // 8 + 1)
        self._masks = _masks(starts, np.minimum(lengths, REACH))
        more = np.maximum(lengths - 1, 0) // REACH
        self._owners = np.repeat(np.arange(self.count), more)
        turn = np.arange(len(self._owners)) - np.repeat(np.cumsum(more) - more, more) + 1
        begin = starts[self._owners] + turn * REACH
        left = lengths[self._owners] - turn * REACH
        self._more_bytes, self._more_masks = begin >> 3, _masks(begin, np.minimum(left, REACH))

    def _bits(self, plane: Plane) -> tuple[NDArray[np.uint16], NDArray[np.uint16]]:
        """Return the records of each list as bits of a number, and those of further windows."""
        size = self.records // 8 + 1
        padded = np.zeros(size + 2, np.uint8)
        padded[: len(plane)] = plane
        windows = np.ndarray((size,), "<u2", padded.data, 0, (1,)).copy()
        first = np.repeat(windows, self._windows_in_byte)
        first &= self._masks
        return first, windows[self._more_bytes] & self._more_masks

    def some(self, plane: Plane) -> Plane:
        """Return which organisations have a record whose bit is set.

        >>> Lists(np.array([0, 3, 3, 4])).some(pack(np.array([False, True, False, True]))).tolist()
        [5]
        """
        if not plane.any():
            return zeros(self.count)
        bits, more = self._bits(plane)
        found = bits != 0
        found[self._owners[more != 0]] = True
        return pack(found)

    def tally(self, plane: Plane) -> Counts:
        """Return how many records of each organisation have their bit set.

        >>> Lists(np.array([0, 3, 3, 4])).tally(pack(np.array([True, True, False, True]))).tolist()
        [2, 0, 1]
        """
        bits, more = self._bits(plane)
        found = _popcount(bits)
        if not len(more):
            return found
        made = found.astype(np.int64)
        np.add.at(made, self._owners, _popcount(more))
        return made


def _masks(starts: NDArray[np.int64], lengths: NDArray[np.int64]) -> NDArray[np.uint16]:
    return (((1 << lengths) - 1) << (starts & 7)).astype("<u2")


def _popcount(words: NDArray[np.uint16]) -> NDArray[np.uint16]:
    """Return how many bits of each word are set; numpy is quick at bytes only."""
    pairs = np.bitwise_count(words.view(np.uint8)).view("<u2")
    return (pairs & 255) + (pairs >> 8)
