"""From Arrow arrays to the columns that rules are read on; what cannot be a value is noted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from socap.answers import EARLIEST, LATEST, NUMBER_LIMIT
from socap.errors import Text, did_you_mean
from socap.rules.batch import EPOCH, Values
from socap.rules.planes import Plane, ones, pack, unpack, zeros
from socap.rules.vocabulary import EvidenceItem, ValueType

if TYPE_CHECKING:
    from collections.abc import Sequence

    from socap.portfolio.faults import Note
    from socap.rules.planes import Counts, Flags

FIRST, LAST = (EARLIEST - EPOCH).days, (LATEST - EPOCH).days
_DAY_IN = {"s": 86_400, "ms": 86_400_000, "us": 86_400_000_000, "ns": 86_400_000_000_000}
NULL_ENTRY = Text("列表中有空值", "a list holds a null")


@dataclass(frozen=True, slots=True)
class Cells:
    """Typed values of one item, `valid` where there is one; numbers and dates lie in [low, high].

    `exact` where integers were given as integers.
    """

    values: Values
    valid: Plane
    low: float = 0
    high: float = 0
    exact: bool = False


def read(array: pa.Array, item: EvidenceItem, note: Note) -> Cells:
    """Return the values of a column of an item's type."""
    match item.type:
        case ValueType.BOOLEAN:
            return Cells(truths(array), validity(array))
        case ValueType.DATE:
            return days(array, note)
        case ValueType.ENUM:
            codes, valid = choices(array, tuple(item.members), note)
            return Cells(codes, valid)
        case ValueType.SET:
            return sets(array, item, note)
        case _:
            return numbers(array, note, whole=item.type is ValueType.INTEGER)


def validity(array: pa.Array) -> Plane:
    """Return where an array has a value."""
    if pa.types.is_null(array.type):
        return zeros(len(array))
    buffer = array.buffers()[0]
    if buffer is None or array.null_count == 0:
        return ones(len(array))
    return _bits(buffer, array.offset, len(array))


def truths(array: pa.BooleanArray) -> Plane:
    """Return where a boolean array is true; what stands where it is null is not read."""
    return _bits(array.buffers()[1], array.offset, len(array))


def _bits(buffer: pa.Buffer | None, offset: int, count: int) -> Plane:
    if buffer is None:
        return ones(0)
    start, shift = divmod(offset, 8)
    found = np.frombuffer(buffer, np.uint8)[start : start + (shift + count + 7) // 8]
    if shift:
        return pack(unpack(found, shift + count)[shift:])
    return found & ones(count) if count % 8 else found


def numbers(array: pa.Array, note: Note, *, whole: bool) -> Cells:
    """Return numbers: whole ones where asked, within the limit of an answer."""
    kind = array.type
    if pa.types.is_decimal(kind):
        array = pc.cast(pc.cast(array, pa.string()), pa.float64())
    valid, exact = validity(array), pa.types.is_integer(kind)
    values = _primitive(array)
    if pa.types.is_float32(kind):
        values = shortest(values)
    low, high = _range(values)
    if not (low >= -NUMBER_LIMIT and high <= NUMBER_LIMIT):
        flags = unpack(valid, len(values))
        wrong = flags & ~(np.abs(values.astype(np.float64)) <= NUMBER_LIMIT)
        note(wrong, Text("不是有限数值或过大", "this is not a number, or too large"))
        values = np.where(flags & ~wrong, values, values.dtype.type(0))
        low, high = _range(values)
    if values.dtype == np.uint64:
        values = values.astype(np.int64)
    if whole and not exact:
        wrong = np.rint(values) != values
        if wrong.any():
            note(
                wrong & unpack(valid, len(values)),
                Text("应为整数", "this should be a whole number"),
            )
    return Cells(values, valid, low, high, exact)


def _range(values: Values) -> tuple[float, float]:
    return (values.min().item(), values.max().item()) if len(values) else (0, 0)


def shortest(values: Values) -> Values:
    """Return single precision numbers as the shortest decimals that they stand for.

    >>> shortest(np.array([66.7, 95], np.float32)).tolist()
    [66.7, 95.0]
    """
    wide = values.astype(np.float64)
    made, left = wide.copy(), np.isfinite(wide)
    for digits in range(8):
        tried = np.round(wide[left], digits)
        made[left] = tried
        left[left] = tried.astype(np.float32) != values[left]
    rest = np.flatnonzero(left)
    made[rest] = [float(str(values[index])) for index in rest]
    return made


def days(array: pa.Array, note: Note) -> Cells:
    """Return dates as days since 1970; a time of day other than midnight is refused."""
    valid, values = validity(array), _primitive(array)
    if not pa.types.is_date32(array.type):
        unit = "ms" if pa.types.is_date64(array.type) else array.type.unit
        values, rest = np.divmod(values, _DAY_IN[unit])
        if rest.any():
            message = Text("日期带有时刻", "a date has a time of day")
            note((rest != 0) & unpack(valid, len(values)), message)
    low, high = _range(values)
    if low < FIRST or high > LAST:
        flags = unpack(valid, len(values))
        wrong = flags & ((values < FIRST) | (values > LAST))
        early, late = EARLIEST.isoformat(), LATEST.isoformat()
        note(
            wrong,
            Text(f"日期不在 {early} 至 {late} 之内", f"a date is not within {early} to {late}"),
        )
        values = np.where(flags & ~wrong, values, 0)
        low, high = _range(values)
    return Cells(values.astype(np.int32, copy=False), valid, low, high)


def _primitive(array: pa.Array) -> Values:
    kind = array.type
    width: Any = np.int32 if pa.types.is_date32(kind) else np.int64
    if is_plain_number(kind):
        width = kind.to_pandas_dtype()
    found: Values = np.frombuffer(array.buffers()[1] or b"", width)
    return found[array.offset : array.offset + len(array)]


def is_plain_number(kind: pa.DataType) -> bool:
    """Return whether numpy has the type of a number."""
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind))


def choices(array: pa.Array, members: Sequence[str], note: Note) -> tuple[Values, Plane]:
    """Return text as the index of its member, and where there is any; -1 stands for none."""
    codes, foreign = _coded(array, members)
    if foreign:
        note(codes == -2, _no_member(foreign, members))
    return np.maximum(codes, -1), pack(codes != -1)


def _coded(array: pa.Array, members: Sequence[str]) -> tuple[Values, str]:
    """Return the index of each member, -1 for null and -2 for what is none, with an example."""
    if pa.types.is_null(array.type):
        array = array.cast(pa.string())
    if not pa.types.is_dictionary(array.type):
        array = array.dictionary_encode()
    place = {member: index for index, member in enumerate(members)}
    words = array.dictionary.to_pylist()
    table = [-1 if word is None else place.get(word, -2) for word in words]
    indices = _primitive(array.indices).astype(np.intp)
    if array.null_count:
        indices[~unpack(validity(array.indices), len(array))] = len(words)
    codes = np.array([*table, -1], np.int8 if len(members) < 128 else np.int16)[indices]
    strange = np.flatnonzero(codes == -2)[:1] if -2 in table else indices[:0]
    return codes, "".join(words[indices[place]] or "''" for place in strange)


def _no_member(shown: str, members: Sequence[str]) -> Text:
    word, listed = shown[:40], ", ".join(members)
    hint = did_you_mean(shown, members)
    zh, en = (f"，{hint.zh}", f"; {hint.en}") if hint else ("", "")
    return Text(f"{word} 不在可选值之内（{listed}）{zh}", f"{word} is not one of {listed}{en}")


def sets(array: pa.Array, item: EvidenceItem, note: Note, *, repeats: bool = False) -> Cells:
    """Return lists of members as one bit a member; a repetition is refused, if not allowed."""
    offsets, valid, inner = lists(array)
    members = tuple(item.members)
    codes, foreign = _coded(inner, members)
    faulty = np.zeros(len(array), np.bool_)
    if len(codes) and codes.min() < 0:
        strange, empty = holding(codes == -2, offsets), holding(codes == -1, offsets)
        if foreign:
            note(strange, _no_member(foreign, members))
        note(empty, NULL_ENTRY)
        faulty = strange | empty
    bits = np.array([*(1 << place for place in range(len(members))), 0, 0], np.int64)[codes]
    sums = np.zeros(len(bits) + 1, np.int64)
    np.cumsum(bits, out=sums[1:])
    masks = np.diff(sums[offsets]).view(np.uint64)
    repeated = (np.bitwise_count(masks) != np.diff(offsets)) & ~faulty
    if repeated.any():
        if repeats:
            for row in np.flatnonzero(repeated):
                masks[row] = np.bitwise_or.reduce(bits[offsets[row] : offsets[row + 1]])
        else:
            note(repeated, Text("列表中有重复", "a list repeats a member"))
    width = next(t for t in (np.uint8, np.uint16, np.uint32, np.uint64) if _fits(t, members))
    return Cells(masks.astype(width), valid)


def holding(flags: Flags, offsets: Counts) -> Flags:
    """Return which lists hold a marked entry.

    >>> holding(np.array([False, True, False]), np.array([0, 2, 2, 3])).tolist()
    [True, False, False]
    """
    marked = np.zeros(len(offsets) - 1, np.bool_)
    marked[np.searchsorted(offsets, np.flatnonzero(flags), side="right") - 1] = True
    return marked


def _fits(width: type[np.unsignedinteger[Any]], members: Sequence[str]) -> bool:
    return np.iinfo(width).bits >= len(members)


def lists(array: pa.Array) -> tuple[Counts, Plane, pa.Array]:
    """Return offsets from 0, where there is a list, and all entries one after another."""
    width = np.int64 if pa.types.is_large_list(array.type) else np.int32
    valid = validity(array)
    buffer = array.buffers()[1]
    raw: Counts = np.frombuffer(buffer, width) if buffer is not None else np.zeros(1, width)
    raw = raw[array.offset : array.offset + len(array) + 1].astype(np.int64)
    if not len(array):
        raw = np.zeros(1, np.int64)
    lengths = np.diff(raw)
    if array.null_count:
        present = unpack(valid, len(array))
        if lengths[~present].any():
            lengths = np.where(present, lengths, 0)
            raw[1:] = np.cumsum(lengths)
            raw[0] = 0
            return raw, valid, array.flatten()
    start, end = int(raw[0]), int(raw[-1])
    return raw - start, valid, array.values.slice(start, end - start)
