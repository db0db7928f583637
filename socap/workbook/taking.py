"""Cells taken one by one: what each states, or what is wrong with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from socap.documents import Step
from socap.errors import Problem, Text, did_you_mean
from socap.workbook import values
from socap.workbook.layout import BACKING, STATUSES
from socap.workbook.marks import Place, Row, holds
from socap.workbook.values import Choices, Misread

if TYPE_CHECKING:
    from collections.abc import Callable

    from socap.rules.vocabulary import EvidenceItem
    from socap.workbook.opening import Cell

Plain: TypeAlias = "bool | int | float | str | list[Plain] | dict[str, Plain]"
Mapping: TypeAlias = dict[str, Plain]
At: TypeAlias = tuple[Step, ...]


class Taker:
    """Takes values from cells, keeps where each stands, and notes every problem."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []
        self.cells: dict[At, str] = {}

    def fault(self, at: str, message: Text, hint: Text | None = None, path: str = "") -> None:
        """Note a problem at a cell."""
        self.problems.append(Problem(message, path, self.file, None, hint, at))

    def value(
        self, place: Place, take: Callable[[Cell], Plain | Misread], path: str = ""
    ) -> Plain | None:
        """Return what a cell states; None where it is empty, or refused and noted."""
        cell, at = place.cell, place.at
        if cell.merged:
            self.fault(at, _MERGED, _UNMERGE, path)
        elif cell.formula:
            self.fault(at, _FORMULA, _PASTE, path)
        elif cell.error:
            message = Text(
                f"单元格是错误值 {cell.error[:20]}", f"the cell holds the error {cell.error[:20]}"
            )
            self.fault(at, message, _PASTE, path)
        elif holds(cell) or (isinstance(cell.value, str) and take is values.words):
            made = take(cell)
            if not isinstance(made, Misread):
                return made
            self.fault(at, made.message, made.hint, path)
        return None

    def refused(self, place: Place) -> bool:
        """Return whether a cell is one that is never read."""
        return place.cell.merged or place.cell.formula or bool(place.cell.error)

    def text(self, place: Place, path: str = "") -> str:
        """Return a text; a stand-in where it is refused, so that it is not called missing too."""
        known = len(self.problems)
        made = self.value(place, values.words, path)
        if len(self.problems) > known:
            return f"?{place.at}"
        return "" if made is None else str(made)

    def key(self, row: Row) -> str:
        """Return the key of a row, or nothing, noted where the row is answered all the same."""
        place = row.places.get("key")
        if place is None:
            return ""
        if self.refused(place):
            self.value(place, values.words)
            return ""
        key = str(place.cell.value).strip() if place.cell.value is not None else ""
        if not key and row.filled(but=("key",)):
            answered = next(
                p for c, p in row.places.items() if c != "key" and holds(p.cell) and c in _ASKED
            )
            self.fault(answered.at, _KEYLESS, _COPY_KEY)
        return key

    def unknown_key(self, row: Row, key: str, known: tuple[str, ...]) -> None:
        """Note a key that nothing is known of."""
        message = Text(f"没有键 {key[:80]}", f"there is no key {key[:80]}")
        self.fault(row.places["key"].at, message, did_you_mean(key, known))

    def note(self, into: Mapping, path: At, key: str, value: Plain | None, at: str) -> None:
        """Keep a value, where there is one, and its place."""
        if value is not None:
            into[key] = value
        self.cells[(*path, key)] = at

    def backing(self, row: Row, path: At, into: Mapping, shown: str) -> None:
        """Take what stands behind an answer or a record."""
        for column in BACKING:
            place = row.places.get(column.code)
            if place is None:
                continue
            take: Callable[[Cell], Plain | Misread] = values.words
            if column.style == "date":
                take = values.day
            elif column.code == "status":
                take = status
            made = self.value(place, take, f"{shown}.{column.code}")
            if made is not None and made != "":
                into[column.code] = made
                self.cells[(*path, column.code)] = place.at

    def case(self, row: Row, made: Mapping, path: At, shown: str) -> None:
        """Take the reason why there was no case; it stands instead of a value."""
        place = row.places.get("no_case")
        reason = None if place is None else self.value(place, values.words, shown)
        if place is None or reason is None or reason == "":
            return
        if "value" in made:
            self.fault(place.at, _BOTH, _ONE_OF_THEM, shown)
        made["no_case"] = reason
        self.cells[(*path, "no_case")] = place.at

    def nothing(self, at: str, shown: str) -> None:
        """Note that something stands beside an answer that is not there."""
        self.fault(at, _NO_ANSWER, _NO_ANSWER_HINT, shown)


def whole(cell: Cell) -> int | float | Misread:
    """Return the number of a cell that holds no share."""
    return values.number(cell, percent=False)


def status(cell: Cell) -> str | Misread:
    """Return who stands behind an answer."""
    return Choices(STATUSES).understood(str(cell.value))


def names(cell: Cell) -> list[Plain] | Misread:
    """Return free names."""
    text = values.words(cell)
    return text if isinstance(text, Misread) else [*values.listed(text)]


def answer_to(item: EvidenceItem) -> Callable[[Cell], Plain | Misread]:
    """Return what takes the answer to an item from a cell."""

    def take(cell: Cell) -> Plain | Misread:
        made = values.understood(cell, item)
        return [*made] if isinstance(made, list) else made

    return take


_ASKED = ("answer", "no_case", *(column.code for column in BACKING))
_FORMULA = Text("答案格中是公式", "a formula stands where an answer goes")
_PASTE = Text("请复制后以“值”粘贴", "copy it and paste the value")
_MERGED = Text("单元格被合并", "the cell is merged into another")
_UNMERGE = Text("请取消合并，每格各填一项", "unmerge it, and fill in each cell")
_KEYLESS = Text("这一行有内容，却没有键", "this row is filled in, but has no key")
_COPY_KEY = Text("把所答问题的“键”复制到这一行", "copy the key of the question into this row")
_BOTH = Text(
    "既有答案，又写了期内无此情形", "there is an answer, and a reason why there was no case"
)
_ONE_OF_THEM = Text("只留其一", "keep one of the two")
_NO_ANSWER = Text(
    "填了来源、日期等，却没有答案", "source, dates or the like are given, but no answer"
)
_NO_ANSWER_HINT = Text("补上答案，或把这些一并删去", "add the answer, or clear the rest of the row")
