"""One sheet being written: cells by column code, machine marks, validations."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from openpyxl.cell import Cell
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from socap.answers import EARLIEST, LATEST, Status
from socap.errors import Text
from socap.rules.vocabulary import ValueType
from socap.workbook import styles
from socap.workbook.layout import (
    BACKING,
    HEAD,
    LISTS,
    NO,
    STATUSES,
    UNITS,
    YES,
    held,
    mark,
    say,
)
from socap.workbook.values import Choices, shown_date

if TYPE_CHECKING:
    from collections.abc import Sequence

    from openpyxl import Workbook
    from openpyxl.cell import MergedCell
    from openpyxl.worksheet.worksheet import Worksheet

    from socap.answers import Backing
    from socap.errors import Lang
    from socap.rules.vocabulary import EvidenceItem, Vocabulary
    from socap.workbook.layout import Column
    from socap.workbook.values import Shown

MARKS = 1
FIRST = 2
FIT_FROM = 4
_SERIAL_ZERO = date(1899, 12, 30)
STYLES = {
    ValueType.BOOLEAN: "choice",
    ValueType.ENUM: "choice",
    ValueType.SET: "text",
    ValueType.DATE: "date",
    ValueType.INTEGER: "number",
    ValueType.NUMBER: "number",
    ValueType.PERCENT: "percent",
}


def put(cell: Cell | MergedCell, value: Shown | None, style: str, name: str) -> None:
    """Write a value; text stays text, whatever it begins with.

    Raises UsageError, with the name, for a text that a cell cannot hold.
    """
    assert isinstance(cell, Cell)
    cell.style = styles.name(style)
    if isinstance(value, str):
        # What spreadsheet programs write for a carriage return. Source: ISO/IEC 29500-1, 22.9.2.19.
        cell.value = held(value, name).replace("\r", "_x000D_")
        cell.data_type = "s"
        if value[:1] in ("=", "+", "-", "@"):
            cell.quotePrefix = True
    elif value is not None:
        form = cell.number_format
        cell.value = value
        cell.number_format = form


class Lists:
    """The hidden sheet that drop-downs take their choices from."""

    def __init__(self, book: Workbook, title: str) -> None:
        self.sheet = book.create_sheet(title)
        self.sheet.sheet_state = "hidden"
        put(self.sheet.cell(1, 1), mark(LISTS), "machine", title)
        self.known: dict[tuple[str, ...], str] = {}

    def reference(self, choices: Sequence[str]) -> str:
        """Return the range that holds the choices."""
        key = tuple(choices)
        if key not in self.known:
            column = len(self.known) + 2
            for row, choice in enumerate(key, 1):
                put(self.sheet.cell(row, column), choice, "machine", self.sheet.title)
            letter = get_column_letter(column)
            self.known[key] = f"'{self.sheet.title}'!${letter}$1:${letter}${len(key)}"
        return self.known[key]


class Page:
    """A sheet with its hidden machine row and column, filled in by column codes."""

    def __init__(
        self,
        sheet: Worksheet,
        identity: str,
        columns: Sequence[Column],
        lists: Lists,
        lang: Lang,
    ) -> None:
        self.sheet, self.identity, self.columns = sheet, identity, tuple(columns)
        self.lists, self.lang = lists, lang
        self.numbers = {c.code: FIRST + i for i, c in enumerate(self.columns)}
        self.validations: dict[tuple[str, ...], DataValidation] = {}
        put(sheet.cell(1, MARKS), identity, "machine", sheet.title)
        for code, number in self.numbers.items():
            put(sheet.cell(1, number), code, "machine", sheet.title)
        sheet.row_dimensions[1].hidden = True
        sheet.column_dimensions["A"].hidden = True

    @property
    def last(self) -> str:
        """The letter of the last column."""
        return get_column_letter(FIRST + len(self.columns) - 1)

    def letter(self, code: str) -> str:
        """Return the letter of a column."""
        return get_column_letter(self.numbers[code])

    def put(self, row: int, code: str, value: Shown | None, style: str, name: str = "") -> None:
        """Write one cell."""
        put(self.sheet.cell(row, self.numbers[code]), value, style, name or self.sheet.title)

    def head(self, row: int) -> None:
        """Write the visible headers, and the mark that data follows."""
        put(self.sheet.cell(row, MARKS), HEAD, "machine", self.sheet.title)
        for column in self.columns:
            self.put(row, column.code, column.title.in_language(self.lang), "head")

    def line(self, row: int, text: str, style: str = "line") -> None:
        """Write a line of text in the first visible column."""
        put(self.sheet.cell(row, FIRST), text, style, self.sheet.title)

    def accept(self, item: EvidenceItem, area: str) -> None:
        """Let an area take answers of one item only, and say which."""
        choices: tuple[str, ...] = ()
        if item.type is ValueType.BOOLEAN:
            choices = (YES.in_language(self.lang), NO.in_language(self.lang))
        elif item.type is ValueType.ENUM:
            chosen = Choices(item.members)
            choices = tuple(chosen.shown(name, self.lang) for name in item.members)
        self.restrict(item.type, area, choices, prompt(item, self.lang))

    def accept_column(self, column: Column, area: str) -> None:
        """Let an area of backing take what its column is for."""
        if column.style == "date":
            self.restrict(ValueType.DATE, area, (), DATE_PROMPT.in_language(self.lang))
        elif column.code == "status":
            chosen = Choices(STATUSES)
            choices = tuple(chosen.shown(name, self.lang) for name in STATUSES)
            self.restrict(ValueType.ENUM, area, choices, STATUS_PROMPT.in_language(self.lang))

    def restrict(self, kind: ValueType, area: str, choices: Sequence[str], prompted: str) -> None:
        """Add an area to the validation of this kind and prompt."""
        key = (kind.value, *choices, prompted)
        if key not in self.validations:
            self.validations[key] = self._validation(kind, choices, prompted)
            self.sheet.add_data_validation(self.validations[key])
        self.validations[key].add(area)

    def _validation(self, kind: ValueType, choices: Sequence[str], prompted: str) -> DataValidation:
        made = DataValidation(allow_blank=True, showInputMessage=True, showErrorMessage=True)
        made.promptTitle, made.errorTitle = None, None
        made.prompt = made.error = _short(prompted)
        if choices:
            made.type, made.formula1 = "list", self.lists.reference(choices)
            return made
        low, high = ("-1000000000000", "1000000000000")
        match kind:
            case ValueType.DATE:
                made.type = "date"
                low, high = (str((day - _SERIAL_ZERO).days) for day in (EARLIEST, LATEST))
            case ValueType.INTEGER:
                made.type, low = "whole", "0"
            case ValueType.NUMBER:
                made.type = "decimal"
            case ValueType.PERCENT:
                made.type, low, high = "decimal", "0", "100"
                # Below one per cent a text such as 0.5% is what is right.
                made.errorStyle = "warning"
            case _:
                made.showErrorMessage = False
                return made
        made.operator, made.formula1, made.formula2 = "between", low, high
        return made

    def grey(self, row: int, idle: str) -> None:
        """Write the hidden formula that says whether a row's question cannot matter."""
        if idle != "FALSE":
            self.sheet.cell(row, MARKS).value = f"={idle}"

    def finish(self, *, last: int, repeat: str, freeze: str, footer: str) -> None:
        """Set up widths, heads and printing once the cells are there; the key is not printed."""
        styles.set_up(
            self.sheet, self.columns, first=FIRST, repeat=repeat, freeze=freeze, footer=footer
        )
        styles.fit_rows(self.sheet, FIT_FROM)
        printed = [c for c in self.columns if c.code != "key"]
        self.sheet.print_area = f"B2:{get_column_letter(MARKS + len(printed))}{last}"


def _short(text: str) -> str:
    while len(text.encode("utf-16-le")) // 2 > 250:
        text = text[:-2] + "…"
    return text


DATE_PROMPT = Text("日期，形如 2026-03-31", "a date such as 2026-03-31")
STATUS_PROMPT = Text(
    "留空即自行声明；已核实的须写核实人", "blank means declared; who verified it has to be named"
)
_PROMPTS = {
    ValueType.BOOLEAN: Text(
        "选“是”或“否”；不知道的留空", "choose yes or no; leave blank what is not known"
    ),
    ValueType.DATE: DATE_PROMPT,
    ValueType.INTEGER: Text("整数", "a whole number"),
    ValueType.NUMBER: Text("数值", "a number"),
    ValueType.PERCENT: Text(
        "0 至 100 的百分数：97 表示 97%；不足 1% 的写成文字，如 '0.5%",
        "a percentage from 0 to 100: 97 means 97 %; below one per cent write text such as '0.5%",
    ),
}


def prompt(item: EvidenceItem, lang: Lang) -> str:
    """Return what an answer to an item looks like."""
    if item.type in _PROMPTS:
        return say(_PROMPTS[item.type], lang)
    told = prompt_members(item, lang)
    if item.type is ValueType.SET:
        how = Text(
            "以顿号或逗号分隔；一项也没有的填“（无）”。",
            "Separate by commas; (none) where there is none. ",
        )
        return how.in_language(lang) + told
    return told


def prompt_members(item: EvidenceItem, lang: Lang) -> str:
    """Return the members to choose from."""
    chosen = Choices(item.members, several=item.type is ValueType.SET)
    named = ("、" if lang == "zh" else ", ").join(chosen.shown(n, lang) for n in item.members)
    if item.type is ValueType.ENUM:
        return Text(f"单选：{named}", f"one of: {named}").in_language(lang)
    return Text(f"可多选：{named}", f"any of: {named}").in_language(lang)


_BRIEF = {
    ValueType.BOOLEAN: Text("是／否", "yes / no"),
    ValueType.DATE: Text("日期", "date"),
    ValueType.INTEGER: Text("整数", "whole number"),
    ValueType.NUMBER: Text("数值", "number"),
    ValueType.PERCENT: Text("百分比（97 即 97%）", "percentage (97 is 97 %)"),
}


def kind_of_answer(item: EvidenceItem, words: Vocabulary, lang: Lang) -> str:
    """Return the kind of answer, its members, and the records it can be computed from."""
    told = say(_BRIEF[item.type], lang) if item.type in _BRIEF else prompt_members(item, lang)
    if item.computed is not None:
        title = words.records[item.computed.record].title
        hint = Text(
            f"；可由“{title.zh}”表算出", f"; computed where the table “{title.en}” is filled in"
        )
        told += say(hint, lang) if lang == "zh" else f"; {say(hint, lang).removeprefix('; ')}"
    return told


def unit(item: EvidenceItem, lang: Lang) -> str:
    """Return the unit of an item in words."""
    if item.type is ValueType.PERCENT:
        return "%"
    return say(UNITS[item.unit], lang) if item.unit in UNITS else item.unit


def backing_cells(backing: Backing | None, lang: Lang) -> dict[str, Shown | None]:
    """Return the cells of what stands behind an answer; nothing where it is merely declared."""
    if backing is None:
        return {}
    declared = backing.status is Status.DECLARED
    return {
        "source": backing.source or None,
        "collected_on": shown_date(backing.collected_on) if backing.collected_on else None,
        "valid_until": shown_date(backing.valid_until) if backing.valid_until else None,
        "status": None if declared else Choices(STATUSES).shown(backing.status.value, lang),
        "verified_by": backing.verified_by or None,
        "note": backing.note or None,
    }


def put_backing(page: Page, row: int, backing: Backing | None, name: str) -> None:
    """Write what stands behind an answer."""
    told = backing_cells(backing, page.lang)
    for column in BACKING:
        page.put(row, column.code, told.get(column.code), column.style, f"{name}: {column.code}")
