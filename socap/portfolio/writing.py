"""What a run leaves: findings and faults as Parquet, each file whole or not there at all."""

from __future__ import annotations

import json
import os
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from socap.clauses.requirement import Grade
from socap.errors import Problem, Text, UsageError
from socap.findings import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from socap.portfolio.faults import Fault
    from socap.standard import Standard

KINDS = 100  # of faults that are told; the others are counted
SHOWN = 5
_SLICE = 2048
_OUTCOME = pa.dictionary(pa.int8(), pa.string())
_LONG = pa.schema(
    [
        ("id", pa.string()),
        ("requirement", pa.dictionary(pa.int16(), pa.string())),
        ("outcome", _OUTCOME),
        ("grade", _OUTCOME),
    ]
)
_FAULTS = pa.schema(
    [
        ("row", pa.int64()),
        ("id", pa.string()),
        ("column", pa.string()),
        ("problem_zh", pa.string()),
        ("problem_en", pa.string()),
    ]
)


@contextmanager
def whole(target: Path) -> Iterator[Path]:
    """Give a path to write to; what is there takes the target's place when all went well.

    Raises UsageError where the file cannot be written; nothing is left then.
    """
    temporary = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        yield temporary
        with temporary.open("rb") as file:
            os.fsync(file.fileno())
        temporary.replace(target)
    except OSError as cause:
        raise cannot_write(cause, target) from None
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def cannot_write(cause: OSError, target: Path) -> UsageError:
    """Return the error for a file or folder that the system does not take."""
    reason = os.strerror(cause.errno) if cause.errno else str(cause).splitlines()[0][:200]
    message = Text(f"无法写入：{reason}", f"cannot write: {reason}")
    return UsageError([Problem(message, file=str(target))])


def write_json(target: Path, told: Any, *, compact: bool = False) -> None:
    """Write plain values, on one line where nobody reads them. Raises UsageError where it cannot."""
    # The compact form is written in C, ten times as fast.
    text = json.dumps(told, ensure_ascii=False, indent=None if compact else 1) + "\n"
    with whole(target) as temporary:
        temporary.write_text(text, encoding="utf-8")


@dataclass(slots=True)
class FaultKind:
    """Rows of one column with the same fault: how many, and the first of them with their ids."""

    column: str
    message: Text
    rows: int
    first: list[tuple[int, str]]

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        first = [{"row": row, "id": name} for row, name in self.first]
        told = {"column": self.column, "message": self.message.to_dict()}
        return {**told, "rows": self.rows, "first": first}


@dataclass(slots=True)
class FaultKinds:
    """The faults of a portfolio by kind, and how many rows have one of a kind that is not told."""

    kinds: dict[tuple[str, str], FaultKind] = field(default_factory=dict)
    others: int = 0

    def add(self, given: FaultKind) -> None:
        """Count rows; first rows are kept in the order in which they come."""
        found = self.kinds.get((given.column, given.message.en))
        if found is not None:
            found.rows += given.rows
            found.first = [*found.first, *given.first][:SHOWN]
        elif len(self.kinds) < KINDS:
            self.kinds[given.column, given.message.en] = given
        else:
            self.others += given.rows

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return {"kinds": [k.to_dict() for k in self.kinds.values()], "other_rows": self.others}

    def merge(self, told: dict[str, Any]) -> None:
        """Add what `to_dict` told of the rows that follow."""
        for kind in told["kinds"]:
            first = [(entry["row"], entry["id"]) for entry in kind["first"]]
            self.add(FaultKind(kind["column"], Text(**kind["message"]), kind["rows"], first))
        self.others += told["other_rows"]


class PartWriter:
    """Writes the findings of a part, and its faults where there are any.

    Everything appears when the `with` block ends without an error.
    """

    def __init__(self, folder: Path, number: int, standard: Standard, *, long: bool) -> None:
        name = f"part-{number:05}.parquet"
        self._findings, self._faults = folder / "findings" / name, folder / "faults" / name
        self._standard, self._long = standard, long
        self._stack = ExitStack()
        self._writers: dict[Path, pq.ParquetWriter] = {}
        self.kinds = FaultKinds()

    def __enter__(self) -> PartWriter:
        return self

    def __exit__(self, *error: Any) -> None:
        self._stack.__exit__(*error)

    def _writer(self, target: Path, schema: pa.Schema) -> pq.ParquetWriter:
        if target not in self._writers:
            target.parent.mkdir(exist_ok=True)
            place = self._stack.enter_context(whole(target))
            writer = pq.ParquetWriter(place, schema, compression="zstd", write_statistics=False)
            self._writers[target] = self._stack.enter_context(writer)
        return self._writers[target]

    def findings(self, outcomes: pa.RecordBatch) -> None:
        """Write the findings of a batch, wide or long."""
        if not self._long:
            self._writer(self._findings, outcomes.schema).write_batch(outcomes)
            return
        for rows in long(outcomes, self._standard):
            self._writer(self._findings, _LONG).write_batch(rows)

    def faults(self, found: Sequence[Fault], ids: pa.Array, before: int) -> None:
        """Write what is wrong with the rows of a batch that `before` rows stand in front of."""
        for fault in found:
            names = ids.take(pa.array(fault.rows)).cast(pa.string())
            rows = fault.rows + before + 1
            first = list(zip(rows[:SHOWN].tolist(), names[:SHOWN].to_pylist(), strict=True))
            told = [(row, name or "") for row, name in first]
            self.kinds.add(FaultKind(fault.column, fault.message, len(rows), told))
            texts = (fault.column, fault.message.zh, fault.message.en)
            told_of = [pa.repeat(pa.scalar(text), len(rows)) for text in texts]
            columns = [pa.array(rows), names, *told_of]
            batch = pa.RecordBatch.from_arrays(columns, schema=_FAULTS)
            self._writer(self._faults, _FAULTS).write_batch(batch)


def long(outcomes: pa.RecordBatch, standard: Standard) -> Iterator[pa.RecordBatch]:
    """Yield a row a finding: organisations in order, requirements in the standard's."""
    names, grades = list(standard.requirements), [grade.value for grade in Grade]
    severity = [grades.index(r.severity.value) for r in standard.requirements.values()]
    told = [outcome.value for outcome in Outcome]
    for start in range(0, outcomes.num_rows, _SLICE):
        rows = outcomes.slice(start, _SLICE)
        count = rows.num_rows
        missing = np.repeat(
            rows.column("status").is_null().to_numpy(zero_copy_only=False), len(names)
        )
        codes = np.stack(
            [rows.column(n).indices.fill_null(0).to_numpy(zero_copy_only=False) for n in names], 1
        ).ravel()
        unmet = codes == told.index(Outcome.NONCONFORMING.value)
        places = np.tile(np.arange(len(names), dtype=np.int16), count)
        graded = np.tile(np.array(severity, np.int8), count)
        ids = rows.column("id").take(pa.array(np.repeat(np.arange(count), len(names))))
        dictionary = pa.DictionaryArray.from_arrays
        columns = [
            ids,
            dictionary(pa.array(places), pa.array(names)),
            dictionary(pa.array(codes, mask=missing), pa.array(told)),
            dictionary(pa.array(graded, mask=missing | ~unmet), pa.array(grades)),
        ]
        yield pa.RecordBatch.from_arrays(columns, schema=_LONG)
