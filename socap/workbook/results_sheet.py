"""Outcomes and remarks put into an existing workbook, and its sheet of results."""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING, Any

from openpyxl import load_workbook
from openpyxl.cell import Cell
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.dimensions import ColumnDimension

from socap.clauses.requirement import Grade
from socap.errors import EvidenceError, Problem, Text
from socap.findings import GRADE_TITLES, OUTCOME_TITLES, Outcome
from socap.workbook import styles
from socap.workbook.layout import (
    ABOUT,
    ITEMS,
    OUTCOME,
    RECORDS,
    REMARKS,
    RESULTS,
    Column,
    SheetNames,
    mark,
    say,
)
from socap.workbook.page import put
from socap.workbook.scope import scope

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

    from socap.errors import Lang
    from socap.standard import Standard
    from socap.workbook.marks import Marked, Row

_WORST = (
    Outcome.NONCONFORMING,
    Outcome.UNDETERMINED,
    Outcome.CONFORMING,
    Outcome.EXCLUDED,
    Outcome.NOT_APPLICABLE,
)
_OPEN = (Outcome.NONCONFORMING, Outcome.UNDETERMINED)
COLUMNS = (
    Column("requirement", Text("要求", "Requirement"), 12),
    Column("title", Text("名称", "Title"), 34),
    Column("outcome", Text("结论", "Outcome"), 24),
    Column("reasons", Text("理由", "Reasons"), 88),
    Column("evidence", Text("证据项", "Evidence"), 36),
)
_TITLE = Text("评价结果", "Results")
_HEAD = 9


def filled(
    path: Path, found: Sequence[Marked], told: dict[str, Any], standard: Standard, lang: Lang
) -> bytes:
    """Return the bytes of the workbook, filled. Raises EvidenceError where it cannot be kept whole."""
    try:
        book = load_workbook(path, rich_text=True)
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, OSError) as cause:
        message = Text(
            "工作簿可以读取，却无法原样写回",
            "the workbook can be read, but not written back as it is",
        )
        hint = Text(
            "请用电子表格程序另存一份再试", "save it once with a spreadsheet program and try again"
        )
        raise EvidenceError([Problem(message, file=str(path), hint=hint)]) from cause
    styles.add_styles(book, lang)
    return styles.packed(_Filling(str(path), book, told, standard, lang).fill(found))


class _Filling:
    def __init__(
        self, file: str, book: Workbook, told: dict[str, Any], standard: Standard, lang: Lang
    ) -> None:
        self.file, self.book, self.told, self.standard, self.lang = file, book, told, standard, lang
        self.findings: dict[str, dict[str, Any]] = {f["requirement"]: f for f in told["findings"]}
        self.readers = scope(standard, (), lang).readers
        self.problems: list[Problem] = []

    def fill(self, found: Sequence[Marked]) -> Workbook:
        for sheet in found:
            kinds = {ABOUT: self._circumstance, ITEMS: self._item, RECORDS: self._record}
            write = kinds.get(sheet.kind)
            if write is None:
                continue
            page = self.book[sheet.title]
            for column in (OUTCOME, REMARKS):
                if column.code in sheet.columns:
                    _show(page, sheet.columns[column.code] + 1, column.width)
            for row in sheet.rows:
                write(page, sheet, row)
        if self.problems:
            raise EvidenceError(self.problems)
        self._results()
        return self.book

    def _put(
        self, page: Worksheet, sheet: Marked, row: Row, code: str, text: str, fill: str = ""
    ) -> None:
        if code not in sheet.columns:
            return
        cell = page.cell(row.number, sheet.columns[code] + 1)
        if not isinstance(cell, Cell):
            message = Text(
                "写结论的单元格被合并", "the cell for the outcome is merged into another"
            )
            hint = Text("请取消合并", "unmerge it")
            self.problems.append(
                Problem(message, file=self.file, hint=hint, cell=row.places[code].at)
            )
            return
        put(cell, text or None, "outcome", row.places[code].at)
        if not text:
            cell.value = None
        if fill:
            cell.fill = styles.filled(fill)
        styles.fit_rows(page, row.number, row.number)

    def _key(self, row: Row) -> str:
        place = row.places.get("key")
        return str(place.cell.value).strip() if place is not None and place.cell.value else ""

    def _item(self, page: Worksheet, sheet: Marked, row: Row) -> None:
        key = self._key(row)
        if key:
            self._beside(page, sheet, row, key, (key,))

    def _circumstance(self, page: Worksheet, sheet: Marked, row: Row) -> None:
        group, _, name = self._key(row).partition(".")
        if group == "none":
            key = f"records.{name}"
            fields = tuple(self.standard.vocabulary.records[name].fields)
            self._beside(page, sheet, row, key, (key, *fields))
        elif group == "flag":
            self._put(
                page, sheet, row, "remarks", self._remarks(self.findings, (f"profile.{name}",))
            )

    def _beside(
        self, page: Worksheet, sheet: Marked, row: Row, key: str, keys: tuple[str, ...]
    ) -> None:
        served = [r.id for r in self.readers.get(key, ()) if r.id in self.findings]
        outcomes = [Outcome(self.findings[name]["outcome"]) for name in served]
        told = "\n".join(f"{name} {self._outcome(self.findings[name])}" for name in served)
        worst = next((o for o in _WORST if o in outcomes), None)
        fill = styles.OUTCOME_FILLS[worst] if worst is not None else ""
        self._put(page, sheet, row, "outcome", told, fill)
        self._put(page, sheet, row, "remarks", self._remarks(served, keys))

    def _record(self, page: Worksheet, sheet: Marked, row: Row) -> None:
        identity = row.places["id"].cell.value
        told = [
            f"{name} {self._outcome(finding)}"
            for name, finding in self.findings.items()
            if Outcome(finding["outcome"]) in _OPEN
            and any(_concerns(reason, sheet.name, str(identity)) for reason in finding["reasons"])
        ]
        fill = styles.OUTCOME_FILLS[Outcome.NONCONFORMING] if told else ""
        if identity is not None:
            self._put(page, sheet, row, "remarks", "\n".join(told), fill)

    def _outcome(self, finding: dict[str, Any]) -> str:
        told = say(OUTCOME_TITLES[Outcome(finding["outcome"])], self.lang)
        if finding["grade"] is None:
            return told
        grade = say(GRADE_TITLES[Grade(finding["grade"])], self.lang)
        return Text(f"{told}（{grade}）", f"{told} ({grade})").in_language(self.lang)

    def _remarks(self, names: Iterable[str], keys: tuple[str, ...]) -> str:
        told = [
            f"{name} {reason['text'][self.lang]}"
            for name in names
            if Outcome(self.findings[name]["outcome"]) in (*_OPEN, Outcome.EXCLUDED)
            for reason in self.findings[name]["reasons"]
            if set(keys) & set(reason["evidence"]) or reason["kind"].startswith("exclusion")
        ]
        return _within("\n".join(dict.fromkeys(told)))

    def _results(self) -> None:
        place = len(self.book.sheetnames)
        for index, sheet in enumerate(self.book.worksheets):
            if sheet.cell(1, 1).value == mark(RESULTS):
                place = index
                self.book.remove(sheet)
                break
        names = SheetNames()
        names.taken |= {title.casefold() for title in self.book.sheetnames}
        sheet = self.book.create_sheet(names.name(say(_TITLE, self.lang)), place)
        put(sheet.cell(1, 1), mark(RESULTS), "machine", "")
        sheet.row_dimensions[1].hidden = True
        sheet.column_dimensions["A"].hidden = True
        for row, (text, style) in enumerate(self._head(), 2):
            put(sheet.cell(row, 2), text, style, sheet.title)
        sheet.row_dimensions[2].height = 28
        worst = styles.filled(styles.OUTCOME_FILLS[Outcome(self.told["status"])])
        for column in range(2, 2 + len(COLUMNS)):
            sheet.cell(5, column).fill = worst
        for column, shown in enumerate(COLUMNS, 2):
            put(sheet.cell(_HEAD, column), say(shown.title, self.lang), "head", sheet.title)
        last = _HEAD
        for last, finding in enumerate(self.told["findings"], _HEAD + 1):
            self._finding(sheet, last, finding)
        sheet.auto_filter.ref = f"B{_HEAD}:{get_column_letter(1 + len(COLUMNS))}{last}"
        footer = f"{say(self.standard.title, self.lang)} · {say(_TITLE, self.lang)}"
        repeat, freeze = f"{_HEAD}:{_HEAD}", f"C{_HEAD + 1}"
        styles.set_up(sheet, COLUMNS, first=2, repeat=repeat, freeze=freeze, footer=footer)
        sheet.print_area = f"B2:{get_column_letter(1 + len(COLUMNS))}{last}"
        styles.fit_rows(sheet, _HEAD)
        styles.protect(sheet)

    def _head(self) -> list[tuple[str, str]]:
        told, lang = self.told, self.lang
        name = told["given"]["organisation"]["name"]
        as_of, pack = told["as_of"], say(self.standard.title, lang)
        counted = told["summary"] if isinstance(told["summary"], dict) else {}
        counts = [
            f"{say(title, lang)} {counted.get(outcome.value, '?')}"
            for outcome, title in OUTCOME_TITLES.items()
        ]
        recommended = told["recommendation"]
        return [
            (f"{say(_TITLE, lang)} · {name[lang]}", "title"),
            (say(Text(f"《{pack}》，评价日 {as_of}", f"{pack}, as of {as_of}"), lang), "subtitle"),
            (recommended["title"][lang], "subtitle"),
            (
                _joined(
                    [
                        say(OUTCOME_TITLES[Outcome(told["status"])], lang),
                        recommended["reason"][lang],
                    ],
                    lang,
                ),
                "line",
            ),
            ("；".join(counts) if lang == "zh" else "; ".join(counts), "line"),
            (say(self.standard.pack.notice, lang), "line"),
        ]

    def _finding(self, sheet: Worksheet, row: int, finding: dict[str, Any]) -> None:
        name = finding["requirement"]
        known = self.standard.requirements.get(name)
        evidence = dict.fromkeys(key for reason in finding["reasons"] for key in reason["evidence"])
        texts = (
            name,
            say(known.title, self.lang) if known is not None else "",
            self._outcome(finding),
            _within("\n".join(reason["text"][self.lang] for reason in finding["reasons"])),
            _within(", ".join(evidence)),
        )
        for column, text in enumerate(texts, 2):
            put(sheet.cell(row, column), text, "told", f"{sheet.title} {name}")
        fill = styles.OUTCOME_FILLS[Outcome(finding["outcome"])]
        sheet.cell(row, 4).fill = styles.filled(fill)


def _joined(parts: list[str], lang: Lang) -> str:
    return ("：" if lang == "zh" else ": ").join(parts)


def _concerns(reason: dict[str, Any], kind: str, identity: str) -> bool:
    about = any(key.removeprefix("records.").split(".")[0] == kind for key in reason["evidence"])
    return about and identity in reason["records"]


def _within(text: str) -> str:
    """Return a text cut to what a cell takes; the result file has the whole."""
    while len(text.encode("utf-16-le")) // 2 > 32_000:
        text = text[: len(text) * 9 // 10] + "…"
    return text


def _show(sheet: Worksheet, column: int, width: float) -> None:
    """Unhide one column; programs save neighbours that look alike as one entry."""
    dimensions = sheet.column_dimensions
    for letter, held in list(dimensions.items()):
        held.reindex()
        first, last = held.min or 0, held.max or 0
        if not (first <= column <= last):
            continue
        del dimensions[letter]
        for low, high in ((first, column - 1), (column, column), (column + 1, last)):
            if low <= high:
                part = copy(held)
                part.index, part.min, part.max = get_column_letter(low), low, high
                dimensions[get_column_letter(low)] = part
        break
    letter = get_column_letter(column)
    if letter not in dimensions:
        dimensions[letter] = ColumnDimension(sheet, index=letter)
    dimensions[letter].hidden = False
    dimensions[letter].width = width
