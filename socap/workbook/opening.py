"""Any .xlsx a stranger hands in, opened safely: its sheets as plain cells."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from functools import lru_cache
from math import isfinite
from typing import TYPE_CHECKING

from socap.documents import read_bytes
from socap.errors import EvidenceError, SocapError
from socap.workbook.container import (
    INFLATED_LIMIT,
    Refusal,
    damaged,
    joined,
    open_container,
    too_large,
)
from socap.workbook.formats import Shown, dated
from socap.workbook.parts import Book, unescaped

if TYPE_CHECKING:
    from pathlib import Path

ROW_LIMIT = 200_000
CELL_LIMIT = 3_000_000
MERGE_LIMIT = 100_000
LAST_ROW, LAST_COLUMN = 1_048_576, 16_384

_NUMBER = re.compile(r"[-+]?([0-9]{1,310}(\.[0-9]{0,400})?|\.[0-9]{1,400})([eE][-+]?[0-9]{1,3})?\Z")
_RANGE = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})(?::([A-Z]{1,3})([1-9][0-9]{0,6}))?\Z")

_ROW = "worksheet/sheetData/row"
_CELL, _VALUE, _FORMULA = f"{_ROW}/c", f"{_ROW}/c/v", f"{_ROW}/c/f"
_INLINE, _RICH = f"{_ROW}/c/is/t", f"{_ROW}/c/is/r/t"
_MERGE = "worksheet/mergeCells/mergeCell"
# LibreOffice saves a typed TRUE as a formula, and an error value likewise as =#REF!.
_TYPED = {"=TRUE()": True, "=FALSE()": False}


@dataclass(frozen=True, slots=True)
class Cell:
    """What one cell holds.

    A `formula` has its text, starting with `=`, as value (`=` alone where it repeats the formula
    of another cell); its computed result is not trusted and not kept. `error` is an Excel error
    such as #REF!. `merged` says that a merge covers the cell, which is not the one on show.
    `percent` says that the number format is a percentage: 97% typed there is stored as 0.97.
    """

    value: str | int | float | bool | date | datetime | None
    formula: bool
    merged: bool = False
    error: str = ""
    percent: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet: 1-based row numbers, each with its cells from column A.

    Empty rows and the empty cells at the end of a row are left out.
    """

    name: str
    rows: tuple[tuple[int, tuple[Cell, ...]], ...]


EMPTY = Cell(None, formula=False)
_COVERED = Cell(None, formula=False, merged=True)


def sheets(path: Path, error: type[SocapError] = EvidenceError) -> tuple[Sheet, ...]:
    """Return the sheets of an .xlsx file in order, hidden ones too; charts are passed over.

    Source of the format: ISO/IEC 29500-1, clause 18, transitional and strict. Nothing is
    computed, followed or run. A date before 1 March 1900 and a time without a day stay numbers.
    Raises `error` for any other file, one that is locked, damaged or carries macros, and one
    beyond the limits of this module and of `container`.
    """
    content = read_bytes(path, error)
    try:
        book, room = Book(open_container(content)), _Room()
        return tuple(_Grid(book, name, room).read(part) for name, part in book.sheets())
    except Refusal as refusal:
        raise error([refusal.problem(str(path))]) from None


def address(row: int, column: int) -> str:
    """Return the name of a cell from its 1-based row and column.

    >>> address(12, 6), address(1, 28)
    ('F12', 'AB1')
    """
    letters = ""
    while column:
        column, letter = divmod(column - 1, 26)
        letters = chr(65 + letter) + letters
    return f"{letters}{row}"


@lru_cache(maxsize=LAST_COLUMN)
def _column(letters: str) -> int | None:
    column = 0
    if not 1 <= len(letters) <= 3:
        return None
    for letter in letters:
        if not "A" <= letter <= "Z":
            return None
        column = column * 26 + ord(letter) - 64
    return column if column <= LAST_COLUMN else None


@dataclass(slots=True)
class _Room:
    """What the sheets of one workbook take up together."""

    rows: int = 0
    cells: int = 0

    def take(self, cells: int, rows: int = 0) -> None:
        self.rows += rows
        self.cells += cells
        if self.rows > ROW_LIMIT:
            raise too_large(f"超过 {ROW_LIMIT} 行", f"more than {ROW_LIMIT} rows")
        if self.cells > CELL_LIMIT:
            raise too_large(f"超过 {CELL_LIMIT} 个单元格", f"more than {CELL_LIMIT} cells")


class _Grid:
    """The cells of one sheet, filled as its XML streams by."""

    def __init__(self, book: Book, name: str, room: _Room) -> None:
        self.book, self.name, self.room = book, name, room
        self.rows: list[tuple[int, list[Cell]]] = []
        self.merges: list[str] = []
        self.row, self.column = 0, 0
        self.cells: list[Cell] = []
        self.kind, self.style = "n", "0"
        self.raw, self.formula = "", ""
        self.inline: list[str] = []
        # Most cells repeat another one: a date, a category, yes.
        self.plain = lru_cache(maxsize=65_536)(self._plain)

    def read(self, part: str) -> Sheet:
        paths = (_VALUE, _FORMULA, _INLINE, _RICH, _MERGE)
        self.book.container.scan(part, paths, self._opened, self._closed, INFLATED_LIMIT)
        for reference in self.merges:
            self._cover(reference)
        return Sheet(self.name, tuple((row, tuple(cells)) for row, cells in self.rows))

    def _damaged(self, zh: str, en: str) -> Refusal:
        return damaged(zh, en, f"{self.name[:40]}!{address(self.row, self.column or 1)}")

    def _opened(self, path: str, attributes: dict[str, str]) -> None:
        if path == _CELL:
            self.kind, self.style = attributes.get("t", "n"), attributes.get("s", "0")
            self.raw, self.formula = "", ""
            self.inline = []
            self._place(attributes.get("r", ""))
        elif path == _ROW:
            self._start_row(attributes.get("r"))
        elif path == _FORMULA:
            self.formula = "="
        elif path == _MERGE:
            self.merges.append(attributes.get("ref", ""))
            if len(self.merges) > MERGE_LIMIT:
                raise too_large(f"合并区域超过 {MERGE_LIMIT} 个", f"more than {MERGE_LIMIT} merges")

    def _closed(self, path: str, text: str) -> None:
        if path == _VALUE:
            self.raw = text
        elif path == _CELL:
            self._end_cell()
        elif path == _ROW:
            if self.cells:
                self.room.take(len(self.cells), rows=1)
                self.rows.append((self.row, self.cells))
        elif path == _FORMULA:
            self.formula = "=" + text
        elif path in {_INLINE, _RICH}:
            self.inline.append(text)

    def _start_row(self, number: str | None) -> None:
        before, self.cells, self.column = self.row, [], 0
        if number is None:
            self.row += 1
        elif number.isdecimal() and len(number) <= 7:
            self.row = int(number)
        if not before < self.row <= LAST_ROW:
            raise self._damaged(
                f"行号 {(number or '')[:20]} 有误", f"wrong row {(number or '')[:20]}"
            )

    def _place(self, reference: str) -> None:
        before = self.column
        if not reference:
            self.column += 1
        else:
            row = str(self.row)
            found = _column(reference[: -len(row)]) if reference.endswith(row) else None
            self.column = found or 0
        if not before < self.column <= LAST_COLUMN:
            raise self._damaged(
                f"单元格位置 {reference[:20]} 有误", f"wrong place of a cell {reference[:20]}"
            )

    def _end_cell(self) -> None:
        raw = joined(self.inline) if self.kind == "inlineStr" else self.raw
        cell = self.plain(self.kind, self.style, raw)
        if self.formula in _TYPED:
            cell = Cell(_TYPED[self.formula], formula=False, percent=cell.percent)
        elif self.formula and not (cell.error and self.formula == f"={cell.error}"):
            cell = Cell(self.formula, formula=True, error=cell.error, percent=cell.percent)
        elif cell is EMPTY:
            return
        # The gap is paid for when the row ends; a row is never wider than a sheet.
        if self.column > len(self.cells) + 1:
            self.cells.extend([EMPTY] * (self.column - 1 - len(self.cells)))
        self.cells.append(cell)

    def _plain(self, kind: str, style: str, raw: str) -> Cell:
        """Return the cell that a stored text stands for, whatever formula gave it."""
        formats = self.book.formats
        if not (style.isdecimal() and len(style) <= 6 and int(style) < len(formats)):
            raise self._damaged("单元格格式不存在", "the format of a cell does not exist")
        look = formats[int(style)]
        percent = look is Shown.PERCENT
        if kind == "e":
            return Cell(None, formula=False, error=raw or "#N/A", percent=percent)
        value = self._value(kind, raw, look) if raw else None
        return EMPTY if value is None else Cell(value, formula=False, percent=percent)

    def _value(self, kind: str, raw: str, look: Shown) -> str | float | date | None:
        match kind:
            case "n":
                number = _number(raw)
                if number is not None:
                    day = look is Shown.DATE and dated(number, since_1904=self.book.since_1904)
                    return day or number
            case "s":
                if raw.isdecimal() and len(raw) <= 8 and int(raw) < len(self.book.strings):
                    return self.book.strings[int(raw)] or None
            case "str" | "inlineStr":
                return unescaped(raw)
            case "b":
                known = {"0": False, "1": True, "false": False, "true": True}
                if raw in known:
                    return known[raw]
            case "d":
                moment = _moment(raw)
                if moment is not None:
                    return moment
            case _:
                pass
        raise self._damaged(
            f"单元格内容 {raw[:20]} 与其类型不符", f"{raw[:20]} does not fit the type of its cell"
        )

    def _cover(self, reference: str) -> None:
        found = _RANGE.match(reference)
        left = _column(found[1]) if found else None
        right = _column(found[3] or found[1]) if found else None
        top, bottom = (int(found[2]), int(found[4] or found[2])) if found else (0, 0)
        if left is None or right is None or left > right or top > bottom:
            shown = reference[:20]
            raise damaged(f"合并区域 {shown} 有误", f"wrong merge {shown}", self.name[:40])
        start = bisect_left(self.rows, top, key=lambda row: row[0])
        for index in range(start, len(self.rows)):
            number, cells = self.rows[index]
            if number > bottom:
                break
            self.room.take(right - left + 1)
            cells.extend([EMPTY] * (right - len(cells)))
            for column in range(left, right + 1):
                if (number, column) != (top, left):
                    cell = cells[column - 1]
                    cells[column - 1] = _COVERED if cell is EMPTY else replace(cell, merged=True)


def _number(raw: str) -> int | float | None:
    if not _NUMBER.match(raw):
        return None
    number = float(raw)
    if not isfinite(number):
        return None
    return int(number) if number.is_integer() and abs(number) < 10**15 else number


def _moment(raw: str) -> date | datetime | None:
    try:
        moment = datetime.fromisoformat(raw)
    except ValueError:
        return None
    return moment if moment.time() != time.min else moment.date()
