"""From rows to records and evidence: every cell read, checked and either taken or rejected."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from socap.answers import read_value
from socap.documents import Document, Step
from socap.errors import EvidenceError, Problem, Text
from socap.loading import Fields
from socap.mapping.conversions import (
    Column,
    Plain,
    Unreadable,
    as_text,
    checked_day,
    converted,
    on_one_line,
)
from socap.mapping.mapping_file import DAY, KEPT, Backed, ItemMap, RecordMap, Source
from socap.organisation import RECORD_LIMIT

if TYPE_CHECKING:
    from socap.mapping.rows import Row
    from socap.rules.vocabulary import EvidenceItem, RecordType

SHOWN_LIMIT = 50
Path = tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Rejection:
    """Why a row was not accepted; `column` is "" where the whole row is at fault.

    Row 1 of a CSV file is the heading, as in a spreadsheet; elsewhere row 1 is the first row.
    """

    source: str
    row: int
    column: str
    problem: Problem


@dataclass(slots=True)
class Rejections:
    """The first rejections of a source, how many there are and how many of its rows have any."""

    source: Source
    lines: dict[int, int] = field(default_factory=dict)
    first: list[Rejection] = field(default_factory=list)
    faults: int = 0
    rows: int = 0
    _last: int = 0

    def add(self, row: Row, column: str, path: Path, message: Text, hint: Text | None) -> None:
        """Note one fault of a row."""
        self.faults += 1
        if row.number != self._last:
            self._last, self.rows = row.number, self.rows + 1
        if len(self.first) < SHOWN_LIMIT:
            problem = self.place(row, column).problem(path, _flat(message), hint and _flat(hint))
            problem = replace(problem, line=self.lines.get(row.number))
            self.first.append(Rejection(self.source.name, row.number, column, problem))

    def place(self, row: Row, column: str) -> Document:
        """Return what a value of a row is read from, so that problems name row and column."""
        cell = f"#{row.number} {column}".rstrip()
        return Document(self.source.shown, None, {}, cells={(): cell})


def _flat(text: Text) -> Text:
    return Text(on_one_line(text.zh), on_one_line(text.en))


def answer(
    row: Row, column: Column, item: EvidenceItem, path: Path, rejections: Rejections
) -> Plain:
    """Return what a cell answers, or None where it answers nothing or is rejected."""
    try:
        value = converted(row.cells.get(column.name), column, item)
    except Unreadable as fault:
        rejections.add(row, column.name, path, fault.message, fault.hint)
        return None
    if value is None or isinstance(value, dict):
        return value
    problems: list[Problem] = []
    key = str(path[-1])
    fields = Fields(rejections.place(row, column.name), path[:-1], {key: value}, problems)
    read_value(fields, key, item)
    for problem in problems:
        rejections.add(row, column.name, path, problem.message, problem.hint)
    return None if problems else value


def backing(row: Row, backed: Backed, path: Path, rejections: Rejections) -> dict[str, Plain]:
    """Return what stands behind the answers of a row."""
    told: dict[str, Plain] = {"source": backed.source}
    for key, day in backed.days.items():
        found: str | None
        if isinstance(day, str):
            found = day
        else:
            try:
                found = checked_day(row.cells.get(day.name), day, DAY)
            except Unreadable as fault:
                rejections.add(row, day.name, (*path, key), fault.message, fault.hint)
                continue
        if found is not None:
            told[key] = found
    return told


class RecordRows:
    """Takes the rows of one record list."""

    def __init__(self, spec: RecordMap, kind: RecordType, rejections: Rejections) -> None:
        self.spec, self.rejections = spec, rejections
        self.items = {k.removeprefix(f"{kind.name}."): item for k, item in kind.fields.items()}
        self.path: Path = ("records", spec.record)
        self.key = f"records.{spec.record}"
        self.clean = True
        self.found: list[Plain] = []
        self.left_out = 0
        self._rows_by_id: dict[str, int] = {}

    def columns(self) -> list[tuple[Path, str]]:
        """Return the columns needed, each with the place in the mapping file that names it."""
        spec = self.spec
        named = [((*self.path, "id"), spec.id.name)]
        named += [((*self.path, "fields", k), c.name) for k, c in spec.fields.items()]
        if spec.where is not None:
            named.append(((*self.path, "where"), spec.where.name))
        return named + _day_columns(self.path, spec.backed)

    def take(self, row: Row) -> None:
        """Take a row that can be read. Raises EvidenceError where there are too many records."""
        spec, rejections = self.spec, self.rejections
        before = rejections.faults
        if spec.where is not None and not self._is_kept(row, spec.where):
            return
        record: dict[str, Plain] = {"id": self._id(row)}
        for key, column in spec.fields.items():
            value = answer(row, column, self.items[key], (*self.path, key), rejections)
            if value is not None:
                record[key] = value
        record |= backing(row, spec.backed, self.path, rejections)
        if rejections.faults == before:
            self.found.append(record)

    def _is_kept(self, row: Row, where: Column) -> bool:
        before = self.rejections.faults
        kept = answer(row, where, KEPT, (*self.path, "where"), self.rejections)
        if kept is None and self.rejections.faults == before:
            message = Text("空白无法判断是否计入", "a blank does not say whether this row counts")
            hint = Text('在 values 中写明 ""', 'say in values what "" stands for')
            self.rejections.add(row, where.name, (*self.path, "where"), message, hint)
        elif kept is False:
            self.left_out += 1
        return kept is True

    def _id(self, row: Row) -> str:
        path, name = (*self.path, "id"), self.spec.id.name
        try:
            found = as_text(row.cells.get(name))
        except Unreadable as fault:
            self.rejections.add(row, name, path, fault.message, fault.hint)
            return ""
        first = self._rows_by_id.setdefault(found, row.number)
        if len(self._rows_by_id) > RECORD_LIMIT:
            message = Text(
                f"记录超过 {RECORD_LIMIT} 条", f"there are more than {RECORD_LIMIT} records"
            )
            raise EvidenceError([self.rejections.place(row, name).problem(self.path, message)])
        if not found:
            self.rejections.add(row, name, path, Text("id 为空", "the id is empty"), None)
        elif first != row.number:
            message = Text(f"id {found[:80]} 重复", f"the id {found[:80]} is repeated")
            hint = Text(f"首次出现在第 {first} 行", f"first in row {first}")
            self.rejections.add(row, name, path, message, hint)
        return found


class ItemRows:
    """Takes the one row that answers an evidence item."""

    def __init__(self, spec: ItemMap, rejections: Rejections) -> None:
        self.spec, self.rejections = spec, rejections
        self.path: Path = ("evidence", spec.item.key)
        self.key = spec.item.key
        self.clean = True
        self.found: Plain = None
        self.matches = 0

    def columns(self) -> list[tuple[Path, str]]:
        """Return the columns needed, each with the place in the mapping file that names it."""
        named = [((*self.path, "column"), self.spec.column.name)]
        named += [((*self.path, "row", name), name) for name in self.spec.row]
        return named + _day_columns(self.path, self.spec.backed)

    def take(self, row: Row) -> None:
        """Take a row that can be read."""
        for name, wanted in self.spec.row.items():
            try:
                if as_text(row.cells.get(name)) != wanted:
                    return
            except Unreadable as fault:
                self.rejections.add(row, name, self.path, fault.message, fault.hint)
                return
        self.matches += 1
        if self.matches > 1:
            return
        value = answer(row, self.spec.column, self.spec.item, self.path, self.rejections)
        told = backing(row, self.spec.backed, self.path, self.rejections)
        if value is not None:
            self.found = (value if isinstance(value, dict) else {"value": value}) | told


def _day_columns(path: Path, backed: Backed) -> list[tuple[Path, str]]:
    return [
        ((*path, "backing", key), day.name)
        for key, day in backed.days.items()
        if isinstance(day, Column)
    ]
