"""A query on a DuckDB file, read only and without access to anything else."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from socap.errors import EvidenceError, MissingExtraError, Problem, Text
from socap.mapping.databases import LOCKED
from socap.portfolio.columns import ID
from socap.portfolio.csv import even
from socap.portfolio.reading import BATCH, Portion, Wanted, fingerprint, reporting

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pyarrow as pa

    from socap.standard import Standard


@dataclass(frozen=True, slots=True)
class Rows:
    """Some rows of the result."""

    number: int
    before: int
    batch: pa.RecordBatch

    @property
    def ids(self) -> pa.Array:
        """The ids, for a query may give other rows when it is asked again."""
        return self.batch.column(ID)

    def portions(self, _standard: Standard) -> Iterator[Portion]:
        """Return the rows."""
        yield Portion(self.batch)


class Query:
    """The rows of one SELECT statement; give it an ORDER BY where a run may be resumed."""

    def __init__(self, place: Path, query: str, wanted: Wanted) -> None:
        self.fingerprint = [fingerprint(place), query]
        self.rows = 0
        self._place, self._query = place, query
        with self._opened() as reader:
            wanted.check(reader.schema, str(place))
            self._names = wanted.names(reader.schema.names)

    @contextmanager
    def _opened(self) -> Iterator[pa.RecordBatchReader]:
        try:
            import duckdb  # noqa: PLC0415  an extra
        except ImportError:
            raise MissingExtraError("sql") from None
        try:
            statements = duckdb.extract_statements(self._query)
            if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
                message = Text("只接受一条 SELECT 语句", "this takes one SELECT statement")
                raise EvidenceError([Problem(message, file=str(self._place))])
            with (
                reporting(str(self._place)),
                duckdb.connect(str(self._place), read_only=True, config=LOCKED) as connection,
            ):
                yield connection.sql(self._query).to_arrow_reader(BATCH)
        except duckdb.Error as cause:
            reason = str(cause).splitlines()[0][:200]
            message = Text(f"查询失败：{reason}", f"the query fails: {reason}")
            raise EvidenceError([Problem(message, file=str(self._place))]) from None

    def parts(self) -> Iterator[Rows]:
        """Return the rows in parts of BATCH."""
        before = 0
        with self._opened() as reader:
            for number, batch in enumerate(even(b.select(self._names) for b in reader)):
                yield Rows(number, before, batch)
                before += batch.num_rows
