"""CSV portfolios: every cell is read as text and typed by the standard, never by a guess.

A cell that is empty is unanswered; a set is written `a;b` and the empty set `[]`. Record lists and
several sources of an answer do not fit in a cell: Parquet holds them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pv

from socap.errors import EvidenceError, Problem, Text
from socap.portfolio.columns import layout
from socap.portfolio.faults import Fault
from socap.portfolio.reading import BATCH, Portion, Wanted, fingerprint, reporting

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from socap.standard import Standard

_BLOCK = 1 << 22
_WHOLE = r"^-?[0-9]{1,18}$"
_NUMBER = r"^-?[0-9]{1,18}(\.[0-9]{1,15})?$"
_DAY = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
_TOLD = {
    "bool": Text("应为 true 或 false", "this should be true or false"),
    "int64": Text("应为整数", "this should be a whole number"),
    "double": Text("应为数值", "this should be a number"),
    "date32[day]": Text("应为日期，形如 2026-11-01", "this should be a date like 2026-11-01"),
}


@dataclass(frozen=True, slots=True)
class Rows:
    """Some lines of the file, as text; the first has the number `before` + 1 without the header."""

    number: int
    before: int
    batch: pa.RecordBatch
    ids: None = None

    def portions(self, standard: Standard) -> Iterator[Portion]:
        """Type the cells."""
        kinds = layout(standard).columns()
        columns, faults = [], []
        for name in self.batch.schema.names:
            column = self.batch.column(name)
            if name in kinds:
                column, wrong = _typed(column, kinds[name])
                if wrong.any():
                    told = _TOLD[str(kinds[name])]
                    faults.append(Fault(name, np.flatnonzero(wrong), told))
            columns.append(column)
        batch = pa.RecordBatch.from_arrays(columns, names=self.batch.schema.names)
        yield Portion(batch, tuple(faults))


class Csv:
    """One CSV file in UTF-8 with a header."""

    def __init__(self, place: Path, wanted: Wanted) -> None:
        self.fingerprint = [fingerprint(place)]
        self.rows = 0
        self._place, self._wanted = place, wanted
        kinds = wanted.known
        with reporting(str(place)), self._opened() as reader:
            names = reader.schema.names
        given = pa.schema([(n, kinds.get(n, pa.string())) for n in names])
        wanted.check(given, str(place))
        nested = [n for n in wanted.names(names) if n in kinds and _is_nested(kinds[n])]
        if nested:
            message = Text("CSV 的单元格放不下此列", "a CSV cell cannot hold this column")
            hint = Text("请用 Parquet", "use Parquet")
            raise EvidenceError([Problem(message, n, str(place), hint=hint) for n in nested])
        self._names = wanted.names(names)

    def _opened(self) -> pv.CSVStreamingReader:
        with self._place.open("rb") as file:
            header = file.readline(1 << 20).decode("utf-8-sig", errors="replace")
        # Every column is named as text, or Arrow would guess.
        names = [name.strip().strip('"') for name in header.strip().split(",")]
        return pv.open_csv(
            self._place,
            pv.ReadOptions(block_size=_BLOCK),
            pv.ParseOptions(newlines_in_values=True),
            pv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()),
                strings_can_be_null=True,
                null_values=[""],
            ),
        )

    def parts(self) -> Iterator[Rows]:
        """Return the lines in parts of BATCH, the same ones each time."""
        before = 0
        with reporting(str(self._place)), self._opened() as reader:
            for number, batch in enumerate(even(b.select(self._names) for b in reader)):
                yield Rows(number, before, batch)
                before += batch.num_rows


def even(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Return the same rows in batches of BATCH rows each, but for the last."""
    held: list[pa.RecordBatch] = []
    count = 0
    for given in batches:
        batch = given
        while count + batch.num_rows >= BATCH:
            left = BATCH - count
            yield pa.concat_batches([*held, batch.slice(0, left)])
            held, count, batch = [], 0, batch.slice(left)
        if batch.num_rows:
            held.append(batch)
            count += batch.num_rows
    if count:
        yield pa.concat_batches(held)


def _is_nested(kind: pa.DataType) -> bool:
    return bool(pa.types.is_list(kind) and pa.types.is_struct(kind.value_type))


def _typed(column: pa.Array, kind: pa.DataType) -> tuple[pa.Array, np.ndarray]:
    """Return a column of text as values of a type, and where a cell is none."""
    if pa.types.is_string(kind):
        return column, np.zeros(len(column), np.bool_)
    if pa.types.is_list(kind):
        empty = pc.equal(column, "[]")
        parts = pc.split_pattern(pc.if_else(empty, None, column), ";")
        nothing = pa.array([[]], kind)[0]
        return pc.if_else(empty, nothing, parts), np.zeros(len(column), np.bool_)
    if pa.types.is_boolean(kind):
        lowered = pc.utf8_lower(column)
        fits = pc.is_in(lowered, value_set=pa.array(["true", "false"]))
        wrong = pc.and_(column.is_valid(), pc.invert(fits))
        return pc.if_else(wrong, None, pc.equal(lowered, "true")), _flags(wrong)
    pattern = _DAY if pa.types.is_date(kind) else _WHOLE if pa.types.is_integer(kind) else _NUMBER
    fits = pc.match_substring_regex(column, pattern)
    kept = pc.if_else(fits, column, None)
    if not pa.types.is_date(kind):
        return kept.cast(kind), _flags(pc.invert(fits))
    days = pc.strptime(kept, format="%Y-%m-%d", unit="s", error_is_null=True).cast(pa.date32())
    exists = pc.equal(pc.strftime(days, format="%Y-%m-%d"), kept)
    wrong = pc.and_(column.is_valid(), pc.invert(pc.fill_null(exists, False)))
    return pc.if_else(wrong, None, days), _flags(wrong)


def _flags(wrong: pa.Array) -> np.ndarray:
    return np.asarray(pc.fill_null(wrong, False).to_numpy(zero_copy_only=False))
