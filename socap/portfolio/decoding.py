"""From a batch of rows to typed answers, with every fault of every row."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from socap.answers import Answer, Backing, Status
from socap.errors import Text, did_you_mean
from socap.organisation import RECORD_LIMIT
from socap.portfolio import columns
from socap.portfolio.cells import (
    NULL_ENTRY,
    Cells,
    choices,
    days,
    holding,
    lists,
    numbers,
    read,
    sets,
    truths,
    validity,
)
from socap.portfolio.faults import Faults
from socap.rules.batch import EPOCH
from socap.rules.planes import Plane, ones, pack, unpack
from socap.rules.vocabulary import TYPES_KEY, EvidenceItem, ValueType

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from socap.portfolio.columns import Layout, Listing, Question
    from socap.portfolio.faults import Note
    from socap.rules.facts import Value
    from socap.rules.planes import Counts

    Arrays: TypeAlias = Mapping[str, pa.Array]
    Noting: TypeAlias = Callable[[str], Note]

_BLANK = Text("id 为空", "the id is empty")
_VALUELESS = Text("来源没有值", "a source has no value")
REPEATED_ID = Text("id 重复", "the id is repeated")


@dataclass(frozen=True, slots=True)
class Backings:
    """What stands behind answers or records: dates where given, and who stands behind them."""

    collected: Cells | None = None
    until: Cells | None = None
    rejected: Plane | None = None
    verified: Plane | None = None


@dataclass(frozen=True, slots=True)
class Answers:
    """The answers to one item; `sources` are those of the rows that have several."""

    cells: Cells
    no_case: Plane | None = None
    backing: Backings = field(default_factory=Backings)
    decimals: Cells | None = None
    sources: dict[int, tuple[Answer, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Listed:
    """The records of one type: those of row i from offset i to i + 1, if it is `listed` at all."""

    offsets: Counts
    listed: Plane
    backing: Backings
    fields: dict[str, Answers]


@dataclass(frozen=True, slots=True)
class Rows:
    """A batch, typed; `items` holds flags too, `exclusions` where a requirement is left out."""

    count: int
    types: Cells | None
    items: dict[str, Answers]
    records: dict[str, Listed]
    exclusions: dict[str, Plane]
    faults: Faults


def decode(batch: pa.RecordBatch, wanted: Layout) -> Rows:
    """Return the answers of a batch whose columns `Layout.problems` has nothing against."""
    given = {
        name: batch.column(place)
        for place, name in enumerate(batch.schema.names)
        if not pa.types.is_null(batch.schema.field(place).type)
    }
    count, faults = batch.num_rows, Faults(batch.num_rows)
    missing = pa.nulls(count, pa.string())
    _identified(given.get(columns.ID, missing), faults.of(columns.ID))
    items = {}
    for question in (*wanted.flags, *wanted.items):
        answers = _answers(given, question, faults.of)
        if answers is not None:
            items[question.item.key] = answers
    records = {}
    for listing in wanted.records:
        if listing.name in given:
            records[listing.record] = _listed(given[listing.name], listing, faults)
    types = None
    if wanted.types is not None:
        types = _types(given.get(TYPES_KEY), wanted.types, count, faults.of(TYPES_KEY))
    left_out = _exclusions(given.get(columns.EXCLUSIONS), wanted.requirements, faults)
    return Rows(count, types, items, records, left_out, faults)


def _identified(ids: pa.Array, note: Note) -> None:
    if pa.types.is_dictionary(ids.type):
        ids = ids.cast(ids.type.value_type)
    blank = pc.fill_null(pc.or_(pc.equal(pc.binary_length(ids), 0), pc.utf8_is_space(ids)), True)
    if blank.true_count:
        note(unpack(truths(blank), len(ids)), _BLANK)
    named = ids.dictionary_encode()
    if len(named.dictionary) + named.null_count < len(ids):
        codes = pc.fill_null(named.indices, len(named.dictionary)).to_numpy()
        often = np.bincount(codes, minlength=len(named.dictionary) + 1) > 1
        often[-1] = False
        note(often[codes], REPEATED_ID)


def _types(array: pa.Array | None, item: EvidenceItem, count: int, note: Note) -> Cells:
    if array is None:
        array = pa.nulls(count, pa.list_(pa.string()))
    cells = sets(array, item, note, repeats=True)
    offsets, _, _ = lists(array)
    none = np.diff(offsets) == 0
    if none.any():
        note(none, Text("至少写一种外包类型", "name at least one outsourcing type"))
    return Cells(cells.values, ones(count))


def _exclusions(
    array: pa.Array | None, requirements: tuple[str, ...], faults: Faults
) -> dict[str, Plane]:
    if array is None or array.null_count == len(array):
        return {}
    note = faults.of(columns.EXCLUSIONS)
    offsets, _, inner = lists(array)
    if pa.types.is_dictionary(inner.type):
        inner = inner.cast(inner.type.value_type)
    named = inner.dictionary_encode()
    words = named.dictionary.to_pylist()
    codes = pc.fill_null(named.indices, len(words)).to_numpy().astype(np.int64)
    rows = np.repeat(np.arange(len(array)), np.diff(offsets))
    found: dict[str, Plane] = {}
    for code, word in enumerate([*words, None]):
        where = np.bincount(rows[codes == code], minlength=len(array))
        if not where.any():
            continue
        if word is None:
            note(where > 0, NULL_ENTRY)
        elif word in requirements:
            found[word] = pack(where > 0)
            note(where > 1, Text(f"{word} 重复删减", f"{word} is excluded twice"))
        else:
            hint = did_you_mean(word, requirements)
            zh, en = (f"，{hint.zh}", f"; {hint.en}") if hint else ("", "")
            shown = word[:80]
            note(
                where > 0,
                Text(f"没有要求 {shown}{zh}", f"there is no requirement {shown}{en}"),
            )
    return found


def _answers(given: Arrays, question: Question, noting: Noting) -> Answers | None:
    name = question.name
    value = _present(given, name)
    case = _present(given, f"{name}#{columns.NO_CASE}")
    sources = _present(given, f"{name}#{columns.SOURCES}")
    example = next((array for array in (value, case, sources) if array is not None), None)
    if example is None:
        return None
    if value is None:
        value = pa.nulls(len(example), columns.plain(question.item.type))
    cells = read(value, question.item, noting(name))
    no_case = None
    if case is not None:
        no_case = _stated(case, noting(f"{name}#{columns.NO_CASE}"))
        both = no_case & cells.valid
        if both.any():
            message = Text("既有值又有 no_case", "there is both a value and no_case")
            noting(name)(unpack(both, len(value)), message)
    decimals = None
    place = f"{name}#{columns.DECIMALS}"
    if place in given:
        decimals = _decimals(given[place], noting(place))
    told = Answers(cells, no_case, _backings(given, f"{name}#", noting), decimals)
    if sources is None:
        return told
    answered = cells.valid if no_case is None else cells.valid | no_case
    note = noting(f"{name}#{columns.SOURCES}")
    several = _sources(sources, question, answered, note)
    return Answers(told.cells, told.no_case, told.backing, told.decimals, several)


def _present(given: Arrays, name: str) -> pa.Array | None:
    array = given.get(name)
    return None if array is None or array.null_count == len(array) else array


def _stated(array: pa.Array, note: Note) -> Plane:
    """Return where `no_case` is stated: true, or a reason."""
    if pa.types.is_boolean(array.type):
        return truths(array) & validity(array)
    if pa.types.is_dictionary(array.type):
        array = array.cast(array.type.value_type)
    blank = pc.or_(pc.equal(pc.binary_length(array), 0), pc.utf8_is_space(array))
    blank = pc.fill_null(blank, False)
    if blank.true_count:
        note(
            unpack(truths(blank), len(array)), Text("no_case 应写明理由", "no_case needs a reason")
        )
    return validity(array)


def _decimals(array: pa.Array, note: Note) -> Cells:
    cells = numbers(array, note, whole=True)
    if cells.low < 0 or cells.high > 15:
        strange = (cells.values < 0) | (cells.values > 15)
        message = Text("小数位数应为 0 至 15", "the number of decimals should be 0 to 15")
        note(strange & unpack(cells.valid, len(array)), message)
    return Cells(np.clip(cells.values, 0, 15).astype(np.int8), cells.valid)


def _backings(given: Arrays, prefix: str, noting: Noting) -> Backings:
    def dates(part: str) -> Cells | None:
        array = _present(given, prefix + part)
        return None if array is None else days(array, noting(prefix + part))

    status = _present(given, prefix + columns.STATUS)
    rejected = verified = None
    if status is not None:
        codes, _ = choices(status, columns.STATES, noting(prefix + columns.STATUS))
        rejected = pack(codes == columns.STATES.index(Status.REJECTED))
        verified = pack(codes == columns.STATES.index(Status.VERIFIED))
    return Backings(dates(columns.COLLECTED), dates(columns.VALID), rejected, verified)


def _sources(
    array: pa.Array, question: Question, answered: Plane, note: Note
) -> dict[int, tuple[Answer, ...]]:
    offsets, valid, inner = lists(array)
    present, item = unpack(valid, len(array)), question.item
    note(
        present & unpack(answered, len(array)),
        Text("来源列表之外另有答案", "there is an answer beside the list of sources"),
    )
    note(present & (np.diff(offsets) == 0), Text("来源列表为空", "the list of sources is empty"))

    def noting(_: str) -> Note:
        return lambda flags, message: note(holding(flags, offsets), message)

    parts = {f"value#{k}".removesuffix("#value"): v for k, v in _fields(inner).items()}
    told = _answers(parts, columns.Question("value", item), noting)
    if told is None:
        note(present & (np.diff(offsets) > 0), _VALUELESS)
        return {}
    cases = unpack(told.no_case, len(inner)) if told.no_case is not None else None
    valued = unpack(told.cells.valid, len(inner))
    answers = [
        _answer(told, item, i) if valued[i] or (cases is not None and cases[i]) else None
        for i in range(len(inner))
    ]
    note(
        holding(np.array([a is None for a in answers], np.bool_), offsets),
        _VALUELESS,
    )
    return {
        int(row): tuple(a for a in answers[offsets[row] : offsets[row + 1]] if a is not None)
        for row in np.flatnonzero(present)
    }


def _answer(told: Answers, item: EvidenceItem, index: int) -> Answer:
    def bit(plane: Plane | None) -> bool:
        return plane is not None and bool(plane[index // 8] >> index % 8 & 1)

    def day(cells: Cells | None) -> int | None:
        return None if cells is None or not bit(cells.valid) else int(cells.values[index])

    collected, until = day(told.backing.collected), day(told.backing.until)
    rejected, verified = bit(told.backing.rejected), bit(told.backing.verified)
    backing = Backing(
        collected_on=None if collected is None else EPOCH + timedelta(days=collected),
        valid_until=None if until is None else EPOCH + timedelta(days=until),
        status=Status.REJECTED if rejected else Status.VERIFIED if verified else Status.DECLARED,
    )
    if bit(told.no_case):
        return Answer(None, "stated", backing)
    if item.type is ValueType.BOOLEAN:
        return Answer(bit(told.cells.values), "", backing)
    value = told.cells.values[index].item()
    whole = item.type is ValueType.INTEGER or day(told.decimals) == 0
    return Answer(_value(int(value) if whole else value, item), "", backing)


def _value(value: int | float, item: EvidenceItem) -> Value:
    members = list(item.members)
    match item.type:
        case ValueType.DATE:
            return EPOCH + timedelta(days=int(value))
        case ValueType.ENUM:
            return members[int(value)] if value >= 0 else ""
        case ValueType.SET:
            return frozenset(m for place, m in enumerate(members) if int(value) >> place & 1)
        case _:
            return value


def _fields(array: pa.Array) -> dict[str, pa.Array]:
    if pa.types.is_null(array.type):
        return {}
    parts = array.flatten() if array.null_count else map(array.field, range(len(array.type)))
    return {
        field.name: column
        for field, column in zip(array.type, parts, strict=True)
        if not pa.types.is_null(field.type)
    }


def _listed(array: pa.Array, listing: Listing, faults: Faults) -> Listed:
    offsets, listed, inner = lists(array)
    note = faults.of(listing.name)
    many = np.diff(offsets) > RECORD_LIMIT
    if many.any():
        note(
            many, Text(f"记录超过 {RECORD_LIMIT} 条", f"there are more than {RECORD_LIMIT} records")
        )
    if inner.null_count:
        note(holding(~unpack(validity(inner), len(inner)), offsets), NULL_ENTRY)

    def noting(name: str) -> Note:
        return faults.of(f"{listing.name}.{name}", offsets)

    given = _fields(inner)
    if columns.ID in given:
        _records_identified(given[columns.ID], offsets, noting(columns.ID))
    fields = {}
    for question in listing.fields:
        answers = _answers(given, question, noting)
        if answers is not None:
            fields[question.item.key] = answers
    return Listed(offsets, listed, _backings(given, "", noting), fields)


def _records_identified(ids: pa.Array, offsets: Counts, note: Note) -> None:
    if not len(ids):
        return
    if pa.types.is_dictionary(ids.type) and len(ids.dictionary.unique()) < len(ids.dictionary):
        ids = ids.cast(ids.type.value_type)
    named = ids if pa.types.is_dictionary(ids.type) else ids.dictionary_encode()
    words = named.dictionary
    blank = pc.or_(pc.equal(pc.binary_length(words), 0), pc.utf8_is_space(words))
    blank = np.append(pc.fill_null(blank, True).to_numpy(zero_copy_only=False), True)
    codes = pc.fill_null(named.indices.cast(pa.int64()), len(words)).to_numpy()
    if blank[:-1].any() or named.null_count:
        note(blank[codes], _BLANK)
    lengths = np.diff(offsets)
    keys = codes + np.repeat(np.arange(len(lengths)) * (len(words) + 1), lengths)
    if _repeat_within(keys, int(lengths.max())):
        _, first, turns = np.unique(keys, return_inverse=True, return_counts=True)
        note(turns[first] > 1, REPEATED_ID)


def _repeat_within(keys: Counts, longest: int) -> bool:
    """Return whether two equal keys are less than the longest list apart."""
    if longest > 16:
        ordered = np.sort(keys)
        return bool((ordered[1:] == ordered[:-1]).any())
    return any(bool((keys[apart:] == keys[:-apart]).any()) for apart in range(1, longest))
