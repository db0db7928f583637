"""Portfolios as parts that are read one after another, or by several processes at once."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from socap.company_file import read
from socap.errors import EvidenceError, Problem, SocapError, Text, UsageError, did_you_mean
from socap.organisation import Organisation, Profile
from socap.portfolio.columns import ID, layout
from socap.portfolio.companies import from_organisations
from socap.portfolio.faults import Fault

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from socap.standard import Standard

BATCH = 65_536
PART = 4 * BATCH
SMALL = BATCH // 4
FILES = 64
COMPANY_FILES = (".yaml", ".yml", ".json", ".xlsx")
DATABASES = (".duckdb", ".db", ".ddb")


@dataclass(frozen=True, slots=True)
class Portion:
    """Some rows, and what is wrong in them that their columns no longer show."""

    batch: pa.RecordBatch
    faults: tuple[Fault, ...] = ()


class Part(Protocol):
    """Rows that are assessed and written together."""

    @property
    def number(self) -> int:
        """Its place among the parts, from 0."""
        ...

    @property
    def before(self) -> int:
        """How many rows stand in front of it."""
        ...

    @property
    def ids(self) -> pa.Array | None:
        """The ids, where the input's fingerprint does not pin which rows come in which order."""
        ...

    def portions(self, standard: Standard) -> Iterator[Portion]:
        """Read the rows. Raises EvidenceError where they cannot be read."""
        ...


class Source(Protocol):
    """A portfolio, in parts."""

    @property
    def rows(self) -> int:
        """How many rows it has, 0 where nobody knows."""
        ...

    @property
    def fingerprint(self) -> list[str]:
        """What changes when the input does."""
        ...

    def parts(self) -> Iterator[Part]:
        """Return the parts in order, the same ones each time."""
        ...


@dataclass(frozen=True)
class Wanted:
    """Which columns are read: those of the layout, and one to group by."""

    standard: Standard
    by: str | None
    ignore: tuple[str, ...]

    @cached_property
    def known(self) -> dict[str, pa.DataType]:
        """The columns of the layout."""
        return layout(self.standard).columns()

    def check(self, given: pa.Schema, file: str) -> None:
        """Raise EvidenceError, with every problem, where columns do not fit."""
        ignored = {*self.ignore, *([self.by] if self.by and self.by not in self.known else [])}
        problems = [
            Problem(p.message, p.path, file, hint=p.hint)
            for p in layout(self.standard).problems(given, ignored)
        ]
        if self.by is not None and self.by not in given.names:
            message = Text(f"没有分组列 {self.by}", f"there is no column {self.by} to group by")
            problems.append(Problem(message, "", file, hint=did_you_mean(self.by, given.names)))
        elif self.by is not None and pa.types.is_nested(given.field(self.by).type):
            message = Text("不能按此列分组", "this column cannot be grouped by")
            problems.append(Problem(message, self.by, file))
        if problems:
            raise EvidenceError(problems)

    def names(self, given: Iterable[str]) -> list[str]:
        """Return the columns to be read."""
        return [name for name in given if name not in self.ignore or name == self.by]


def fingerprint(place: Path) -> str:
    """Return name, size and time of change of a file, with the hash of its last kilobytes."""
    told = place.stat()
    with place.open("rb") as file:
        file.seek(-min(told.st_size, 65_536), 2)
        end = sha256(file.read()).hexdigest()[:16]
    return f"{place.name} {told.st_size} {told.st_mtime_ns} {end}"


@contextmanager
def reporting(file: str) -> Iterator[None]:
    """Turn what Arrow says about a file that cannot be read into EvidenceError."""
    try:
        yield
    except (pa.ArrowException, OSError) as cause:
        reason = (str(cause).splitlines() or [type(cause).__name__])[0][:200]
        message = Text(f"无法读取：{reason}", f"cannot be read: {reason}")
        raise EvidenceError([Problem(message, file=file)]) from None


@dataclass(frozen=True, slots=True)
class RowGroups:
    """Some row groups of one Parquet file."""

    number: int
    before: int
    file: str
    groups: tuple[int, ...]
    columns: tuple[str, ...]
    words: tuple[str, ...]  # paths read as dictionaries: none where row groups are small
    ids: None = None

    def portions(self, _standard: Standard) -> Iterator[Portion]:
        """Read the rows in batches."""
        with reporting(self.file):
            if not self.words:
                yield from self._read(list(self.groups), ())
            for group in self.groups if self.words else ():
                done = 0
                try:
                    for portion in self._read([group], self.words):
                        yield portion
                        done += portion.batch.num_rows
                except pa.ArrowNotImplementedError:  # too many different texts for a dictionary
                    for portion in self._read([group], ()):
                        rows = portion.batch.slice(min(done, portion.batch.num_rows))
                        done -= portion.batch.num_rows - rows.num_rows
                        if rows.num_rows:
                            yield Portion(rows)

    def _read(self, groups: list[int], words: tuple[str, ...]) -> Iterator[Portion]:
        columns = list(self.columns)
        with pq.ParquetFile(self.file, read_dictionary=list(words)) as opened:
            for batch in opened.iter_batches(BATCH, groups, columns):
                yield Portion(batch.select(columns))


def _words(opened: pq.ParquetFile) -> tuple[str, ...]:
    """Return the paths of text other than ids: read as dictionaries it costs a tenth."""
    schema = opened.schema
    columns = (schema.column(i) for i in range(len(schema)))
    return tuple(
        column.path
        for column in columns
        if column.physical_type == "BYTE_ARRAY" and ID not in (column.name, column.path)
    )


class Parquet:
    """One Parquet file or several; a row group is read by one process."""

    def __init__(self, files: Sequence[Path], wanted: Wanted) -> None:
        self.fingerprint = [fingerprint(file) for file in files]
        self.rows = 0
        self._parts: list[RowGroups] = []
        for file in files:
            with reporting(str(file)), pq.ParquetFile(file) as opened:
                names, words = opened.schema_arrow, _words(opened)
                sizes = [
                    opened.metadata.row_group(i).num_rows for i in range(opened.num_row_groups)
                ]
            wanted.check(names, str(file))
            columns = tuple(wanted.names(names.names))
            held: list[int] = []
            for group, _ in enumerate(sizes):
                held.append(group)
                size = sum(sizes[i] for i in held)
                if size >= PART or group == len(sizes) - 1:
                    number = len(self._parts)
                    wide = words if size >= len(held) * SMALL else ()
                    part = RowGroups(number, self.rows, str(file), tuple(held), columns, wide)
                    self._parts.append(part)
                    self.rows += size
                    held = []

    def parts(self) -> Iterator[RowGroups]:
        """Return the parts in order."""
        return iter(self._parts)


@dataclass(frozen=True, slots=True)
class CompanyFiles:
    """Some company files, a row each; a file with a problem is a row with a fault."""

    number: int
    before: int
    files: tuple[str, ...]
    ids: None = None

    def portions(self, standard: Standard) -> Iterator[Portion]:
        """Read the files."""
        made, faults = [], []
        for row, file in enumerate(self.files):
            try:
                made.append(read(file, standard))
            except SocapError as error:
                types = frozenset(list(standard.vocabulary.types)[:1])
                made.append(
                    Organisation(
                        Path(file).name, Text("", ""), None, Profile(types, {}), {}, {}, (), ()
                    )
                )
                told = error.problems[0]
                message = Text(told.render("zh"), told.render("en"))
                faults.append(Fault(Path(file).name, np.array([row]), message))
        yield Portion(from_organisations(made, standard), tuple(faults))


class Folder:
    """A folder of company files, in the order of their names."""

    def __init__(self, files: Sequence[Path]) -> None:
        self.fingerprint = [fingerprint(file) for file in files]
        self.rows = len(files)
        self._files = [str(file) for file in files]

    def parts(self) -> Iterator[CompanyFiles]:
        """Return the parts in order."""
        for before in range(0, self.rows, FILES):
            files = tuple(self._files[before : before + FILES])
            yield CompanyFiles(before // FILES, before, files)


def open_source(
    place: Path, standard: Standard, *, by: str | None, ignore: Iterable[str], query: str | None
) -> Source:
    """Return a portfolio: Parquet files, CSV, a query on DuckDB, or a folder of company files.

    Raises EvidenceError for what cannot be read as one, and UsageError for options that do not fit.
    """
    wanted = Wanted(standard, by, tuple(ignore))
    suffix = place.suffix.lower()
    if (query is not None) != (suffix in DATABASES):
        message = Text(
            "--query 只与 DuckDB 文件同用，且必须给出",
            "--query goes with a DuckDB file, and only there",
        )
        raise UsageError([Problem(message, file=str(place))])
    files = _files(place)
    kinds = {file.suffix.lower() for file in files}
    if kinds == {".parquet"}:
        return Parquet(files, wanted)
    if suffix == ".csv":
        from socap.portfolio.csv import Csv  # noqa: PLC0415  only for CSV

        return Csv(place, wanted)
    if query is not None:
        from socap.portfolio.database import Query  # noqa: PLC0415  only for a database

        return Query(place, query, wanted)
    if place.is_dir() and files and kinds <= set(COMPANY_FILES):
        if by is not None:
            message = Text("公司文件没有可分组的列", "company files have no column to group by")
            raise UsageError([Problem(message, file=str(place))])
        return Folder(files)
    message = Text("不是可读的组合数据", "this is not a portfolio that can be read")
    hint = Text(
        "请给出 Parquet 文件或文件夹、CSV、DuckDB 文件加 --query，或公司文件夹",
        "give Parquet files, a CSV file, a DuckDB file with --query, or a folder of company files",
    )
    raise EvidenceError([Problem(message, file=str(place), hint=hint)])


def _files(place: Path) -> list[Path]:
    """Return the file, or those of a folder that are not hidden; Parquet also from below."""
    if not place.exists():
        message = Text("没有此文件或文件夹", "there is no such file or folder")
        raise EvidenceError([Problem(message, file=str(place))])
    if not place.is_dir():
        return [place]
    below = [p for p in place.rglob("*.parquet") if p.is_file()]
    files = {*below, *(p for p in place.iterdir() if p.is_file())}
    seen = (p for p in files if not any(part[0] in "._" for part in p.relative_to(place).parts))
    return sorted(seen)
