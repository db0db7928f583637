"""Sheets of a workbook found by their machine marks: the cells of each row by column code."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from socap.errors import Problem, Text
from socap.workbook.layout import (
    ABOUT,
    BACKING,
    CERTIFICATES,
    COLUMNS,
    COVER,
    DETAILS,
    EXCLUSIONS,
    FIELD,
    HEAD,
    IGNORED,
    MARK,
    PACK,
    RECORD_ID,
    RECORDS,
)
from socap.workbook.opening import Cell, address

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from socap.standard import Standard
    from socap.workbook.opening import Sheet

EMPTY = Cell(None, formula=False)
# What tells one row of data from another; above the header row there is none of it.
_NAMING = ("key", "id", "standard", "requirement", "record")
_TOLD = {
    "serves",
    "question",
    "kind",
    "unit",
    "usual",
    "outcome",
    "remarks",
    "title",
    "count",
    "answered",
}


@dataclass(frozen=True, slots=True)
class Place:
    """A cell with where it stands, as `sheet!F12`."""

    cell: Cell
    at: str


@dataclass(frozen=True, slots=True)
class Row:
    """One row of data: its cells by column code, and its number."""

    number: int
    places: dict[str, Place]

    def filled(self, *, but: Iterable[str] = ()) -> bool:
        """Return whether any cell that is filled in holds something."""
        left_out = {*_TOLD, *but}
        return any(holds(p.cell) for code, p in self.places.items() if code not in left_out)


@dataclass(frozen=True, slots=True)
class Marked:
    """One sheet of the questionnaire: its kind, its name in marks, the sheet, and its data."""

    kind: str
    name: str
    title: str
    rows: tuple[Row, ...]
    columns: dict[str, int]
    pack: str = ""


def holds(cell: Cell) -> bool:
    """Return whether a cell holds anything, be it a formula, an error or part of a merge."""
    blank = cell.value is None or (isinstance(cell.value, str) and not cell.value.strip())
    return not blank or cell.formula or cell.merged or bool(cell.error)


def marked(
    sheets: Iterable[Sheet], standard: Standard, problems: list[Problem], file: str
) -> list[Marked]:
    """Return the sheets that carry a mark; others are the user's own. Notes every problem."""
    found: list[Marked] = []
    seen: dict[tuple[str, str], str] = {}
    for sheet in sheets:
        made = _marked(sheet, standard, problems, file)
        if made is None:
            continue
        key = (made.kind, made.name)
        if key in seen:
            message = Text(
                f"与工作表“{seen[key]}”重复：同一张表有两份", f"this repeats the sheet {seen[key]}"
            )
            hint = Text("请删去其中一份", "delete one of the two")
            problems.append(Problem(message, file=file, cell=sheet.name, hint=hint))
            continue
        seen[key] = sheet.name
        found.append(made)
    _refuse_missing(found, problems, file)
    return found


def _marked(sheet: Sheet, standard: Standard, problems: list[Problem], file: str) -> Marked | None:
    rows = iter(sheet.rows)
    head = next(((number, cells) for number, cells in rows if _identity(cells)), None)
    identity = MARK.match(_identity(head[1])) if head is not None else None
    if head is None or identity is None or identity["kind"] in IGNORED:
        return None
    kind, name = identity["kind"], identity["name"] or ""

    def fault(message: Text, column: int | None = None) -> None:
        place = head[0] if column is None else address(head[0], column + 1)
        cell = f"{sheet.name}!{place}"
        problems.append(Problem(message, file=file, cell=cell, hint=_MARKS_HINT))

    columns = _columns(head[1], kind, name, standard, fault)
    pack, begun = "", False
    data: list[Row] = []
    for row, found in rows:
        texts = [c.value for c in found if isinstance(c.value, str) and not c.formula]
        if not begun:
            pack = next((t.removeprefix(PACK) for t in texts if t.startswith(PACK)), pack)
            begun = HEAD in texts
            named = [i for code, i in columns.items() if i < len(found) and holds(found[i])]
            if not begun and len(named) > 1 and any(columns.get(c) in named for c in _NAMING):
                fault(Text(f"第 {row} 行在表头之上", f"row {row} stands above the header row"))
            continue
        places = {
            code: Place(
                found[i] if i < len(found) else EMPTY, f"{sheet.name}!{address(row, i + 1)}"
            )
            for code, i in columns.items()
        }
        data.append(Row(row, places))
    if not begun:
        fault(Text("表头行的标记不见了", "the mark of the header row is gone"))
    return Marked(kind, name, sheet.name, tuple(data), columns, pack)


def _columns(
    cells: tuple[Cell, ...],
    kind: str,
    name: str,
    standard: Standard,
    fault: Callable[[Text, int | None], None],
) -> dict[str, int]:
    """Return the column of each code; note codes that are missing, repeated or not known."""
    wanted, allowed = _codes(kind, name, standard)
    columns: dict[str, int] = {}
    if not allowed:
        told = f"{kind}:{name}"[:40]
        fault(Text(f"此标准没有 {told} 这张表", f"this standard has no sheet {told}"), None)
        return {}
    for index, cell in enumerate(cells):
        code = cell.value
        if cell.formula or not isinstance(code, str) or MARK.match(code):
            continue
        if code in columns:
            message = Text(f"列标记 {code[:60]} 重复", f"the column mark {code[:60]} is repeated")
            fault(message, index)
        elif code in allowed:
            columns[code] = index
        else:
            message = Text(f"不认识的列标记 {code[:60]}", f"unknown column mark {code[:60]}")
            fault(message, index)
    for code in allowed:
        if code in wanted and code not in columns:
            title = _title(code, kind)
            message = Text(
                f"缺少“{title.zh}”列（标记 {code}）",
                f"the column “{title.en}” (mark {code}) is missing",
            )
            fault(message, None)
    return columns


def _identity(cells: tuple[Cell, ...]) -> str:
    for cell in cells:
        if isinstance(cell.value, str) and not cell.formula and MARK.match(cell.value):
            return cell.value
    return ""


def _codes(kind: str, name: str, standard: Standard) -> tuple[set[str], list[str]]:
    """Return the column codes a sheet has to have, and those it may have."""
    if kind == RECORDS:
        record = standard.vocabulary.records.get(name)
        if record is None:
            return set(), []
        fields = [FIELD + key.removeprefix(f"{name}.") for key in record.fields]
        needed = [RECORD_ID.code, *(c.code for c in BACKING)]
        return set(needed), [*needed, *fields, "remarks"]
    known = [c.code for c in COLUMNS.get(kind, ())]
    return set(known) - _TOLD, known


def _title(code: str, kind: str) -> Text:
    columns = (*COLUMNS.get(kind, ()), RECORD_ID, *BACKING)
    return next((c.title for c in columns if c.code == code), Text(code, code))


def _refuse_missing(found: list[Marked], problems: list[Problem], file: str) -> None:
    front = next((m for m in found if m.kind == COVER), None)
    if front is None:
        message = Text(
            "这不是 socap 问卷：没有封面的标记",
            "this is no socap questionnaire: the cover's mark is not there",
        )
        hint = Text(
            "请用 socap init -o company.xlsx 生成问卷", "make one with socap init -o company.xlsx"
        )
        problems.append(Problem(message, file=file, hint=hint))
        return
    there = {(m.kind, m.name) for m in found}
    listed = Counter[tuple[str, str]]()
    for row in front.rows:
        key = row.places.get("key")
        identity = MARK.match(key.cell.value) if key and isinstance(key.cell.value, str) else None
        if identity is not None:
            listed[identity["kind"], identity["name"] or ""] += 1
            if (identity["kind"], identity["name"] or "") not in there:
                title = str(row.places["title"].cell.value if "title" in row.places else "")[:60]
                message = Text(
                    f"缺少工作表“{title}”，或其隐藏的第一行已被删去",
                    f"the sheet “{title}” is missing, or its hidden first row is gone",
                )
                problems.append(Problem(message, file=file, hint=_SHEET_HINT))
    for kind in (ABOUT, CERTIFICATES, EXCLUSIONS, DETAILS):
        if (kind, "") not in there and (kind, "") not in listed:
            message = Text(f"缺少工作表（标记 {kind}）", f"a sheet (mark {kind}) is missing")
            problems.append(Problem(message, file=file, hint=_SHEET_HINT))


_MARKS_HINT = Text(
    "请从原问卷恢复隐藏的标记，或重新生成问卷",
    "restore the hidden marks from the original, or make a new questionnaire",
)
_SHEET_HINT = Text("工作表可以改名，不能删除", "sheets may be renamed, not deleted")
