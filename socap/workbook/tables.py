"""Sheets of repeated things: records, certificates, exclusions, and details without a column."""

from __future__ import annotations

from typing import TYPE_CHECKING

from openpyxl.worksheet.table import Table, TableStyleInfo

from socap.answers import Backing
from socap.errors import Text
from socap.rules.vocabulary import EvidenceItem, ValueType
from socap.workbook import styles
from socap.workbook.layout import (
    BACKING,
    FIELD,
    NO,
    PREPARED_ROWS,
    RECORD_ID,
    REMARKS,
    YES,
    Column,
    say,
)
from socap.workbook.page import STYLES, backing_cells, kind_of_answer, put_backing
from socap.workbook.record_rows import fields
from socap.workbook.values import Choices, shown, shown_date, shown_list

if TYPE_CHECKING:
    from collections.abc import Sequence

    from socap.errors import Lang
    from socap.organisation import Certificate, Organisation, Record
    from socap.rules.vocabulary import RecordType
    from socap.standard import Standard
    from socap.workbook.conditions import Circumstances
    from socap.workbook.page import Page
    from socap.workbook.scope import Scope
    from socap.workbook.values import Shown

IDLE, QUESTIONS, KINDS, HEAD = 4, 5, 6, 7
_NOTE = Text(
    "一行一条，编号不得重复；表格可向下延长。只对某一栏成立的来源、日期，或某一栏“期内无此情形”的理由，写在“记录补充信息”表。",
    "One a row, each with its own id; the table can grow. A source or date for one field only, or the reason why "
    "it had no case, goes on the sheet of record details.",
)


def record_columns(kind: RecordType, asked: Scope) -> tuple[Column, ...]:
    """Return the columns of a record table; headers are distinct, as a table needs them."""
    taken: set[str] = {say(c.title, asked.lang).casefold() for c in (RECORD_ID, *BACKING, REMARKS)}
    made = []
    for item in asked.fields(kind):
        code = item.key.removeprefix(f"{kind.name}.")
        title = say(item.title, asked.lang)[:120] or code
        if title.casefold() in taken:
            title = f"{title} ({code})"
        taken.add(title.casefold())
        style = STYLES[item.type]
        width = 22 if item.type in (ValueType.SET, ValueType.ENUM) else 18
        made.append(Column(FIELD + code, Text(title, title), width, style))
    return (RECORD_ID, *made, *BACKING, REMARKS)


def record_table(page: Page, kind: RecordType, asked: Scope, circumstances: Circumstances) -> int:
    """Write the table of one record type; return its last row."""
    lang, words = asked.lang, asked.standard.vocabulary
    page.line(3, _NOTE.in_language(lang))
    page.head(HEAD)
    items = {FIELD + i.key.removeprefix(f"{kind.name}."): i for i in asked.fields(kind)}
    organisation = asked.organisation
    records = organisation.records.get(kind.name, ()) if organisation else ()
    last = HEAD + len(records) + PREPARED_ROWS
    page.sheet.row_dimensions[IDLE].hidden = True
    for column in page.columns:
        item = items.get(column.code)
        page.put(QUESTIONS, column.code, say(item.question, lang) if item else None, "faint")
        page.put(KINDS, column.code, kind_of_answer(item, words, lang) if item else None, "faint")
        letter = page.letter(column.code)
        area = f"{letter}{HEAD + 1}:{letter}{last}"
        if item is not None:
            page.accept(item, area)
            serving = [r.applies_when for r in asked.serving(item.key)]
            idle = circumstances.idle(serving)
            if idle != "FALSE":
                page.put(IDLE, column.code, None, "machine")
                page.sheet[f"{letter}{IDLE}"].value = f"={idle}"
                styles.grey_out(
                    page.sheet, f"{letter}{QUESTIONS}:{letter}{last}", f"{letter}${IDLE}"
                )
        else:
            page.accept_column(column, area)
    for row, record in enumerate(records, HEAD + 1):
        _record(page, row, record, items, lang=lang)
    for row in range(HEAD + 1 + len(records), last + 1):
        for column in page.columns:
            page.put(row, column.code, None, column.style)
    made = Table(displayName=f"records_{kind.name}", ref=f"B{HEAD}:{page.last}{last}")
    made.tableStyleInfo = TableStyleInfo(name="TableStyleLight1", showRowStripes=False)
    page.sheet.add_table(made)
    return last


def _record(
    page: Page, row: int, record: Record, items: dict[str, EvidenceItem], *, lang: Lang
) -> None:
    page.put(row, "id", record.id, "text", f"id {record.id}")
    for code, item in items.items():
        answer = record.answers.get(item.key)
        value = None if answer is None or answer.value is None else shown(answer.value, item, lang)
        page.put(row, code, value, STYLES[item.type], f"{item.key} [{record.id}]")
    put_backing(page, row, record.backing, record.id)
    page.put(row, "remarks", None, "outcome")


def certificates(page: Page, _: Standard, organisation: Organisation | None, head: int) -> int:
    """Write the certificates; return the last row."""
    page.line(3, _CERTIFICATES_NOTE.in_language(page.lang))
    held = organisation.certificates if organisation else ()
    rows = [_certificate(c, page.lang) for c in held]
    last = _table(page, rows, head)
    yes_no = EvidenceItem("accredited", ValueType.BOOLEAN, Text("", ""), Text("", ""))
    page.accept(yes_no, _area(page, "accredited", head, last))
    page.restrict(ValueType.INTEGER, _area(page, "level", head, last), (), say(_LEVEL, page.lang))
    return last


def _certificate(held: Certificate, lang: Lang) -> dict[str, Shown | None]:
    name = f"certificate {held.standard}"
    return {
        "standard": held.standard,
        "accredited": (YES if held.accredited else NO).in_language(lang),
        "sites": shown_list(held.sites, name) or None,
        "services": shown_list(held.services, name) or None,
        "valid_until": shown_date(held.valid_until) if held.valid_until else None,
        "level": held.level,
    }


def exclusions(page: Page, standard: Standard, organisation: Organisation | None, head: int) -> int:
    """Write the exclusions; return the last row."""
    page.line(3, _EXCLUSIONS_NOTE.in_language(page.lang))
    left_out = organisation.exclusions if organisation else ()
    rows: list[dict[str, Shown | None]] = [
        {"requirement": e.requirement, "justification": e.justification} for e in left_out
    ]
    last = _table(page, rows, head)
    page.restrict(
        ValueType.ENUM,
        _area(page, "requirement", head, last),
        tuple(standard.requirements),
        say(_EXCLUDED, page.lang),
    )
    return last


def details(page: Page, standard: Standard, organisation: Organisation | None, head: int) -> int:
    """Write what the answer of a record's field has beyond its value; return the last row."""
    page.line(3, _DETAILS_NOTE.in_language(page.lang))
    kinds = Choices({name: kind.title for name, kind in standard.vocabulary.records.items()})
    rows: list[dict[str, Shown | None]] = []
    for name, records in (organisation.records if organisation else {}).items():
        kind = standard.vocabulary.records[name]
        chosen = fields(kind)
        for record in records:
            for key, answer in record.answers.items():
                if answer.no_case or answer.backing != Backing():
                    field = chosen.shown(key.removeprefix(f"{name}."), page.lang)
                    rows.append(
                        {
                            "record": kinds.shown(name, page.lang),
                            "id": record.id,
                            "field": field,
                            "no_case": answer.no_case or None,
                            **backing_cells(answer.backing, page.lang),
                        }
                    )
    last = _table(page, rows, head)
    if kinds.members:
        choices = tuple(kinds.shown(name, page.lang) for name in kinds.members)
        prompted = say(_RECORD_TYPE, page.lang)
        page.restrict(ValueType.ENUM, _area(page, "record", head, last), choices, prompted)
    return last


def _table(page: Page, rows: Sequence[dict[str, Shown | None]], head: int) -> int:
    page.head(head)
    last = head + len(rows) + PREPARED_ROWS
    for row in range(head + 1, last + 1):
        told = rows[row - head - 1] if row - head <= len(rows) else {}
        for column in page.columns:
            page.put(row, column.code, told.get(column.code), column.style)
    for column in page.columns:
        page.accept_column(column, _area(page, column.code, head, last))
    return last


def _area(page: Page, code: str, head: int, last: int) -> str:
    return f"{page.letter(code)}{head + 1}:{page.letter(code)}{last}"


_LEVEL = Text(
    "成熟度或能力等级，整数（如 CMMI 3 级填 3）",
    "level of maturity or capability, a whole number (CMMI: 3)",
)
_EXCLUDED = Text("所删减要求的编号", "the id of the requirement left out")
_RECORD_TYPE = Text("记录类型", "the type of the record")
_CERTIFICATES_NOTE = Text(
    "一行一张证书。场所和服务每行一个（Alt+Enter 换行），只有一行时也可用顿号或分号分隔。",
    "One certificate a row. Sites and services one a line (Alt+Enter), or separated by semicolons on a single line.",
)
_EXCLUSIONS_NOTE = Text(
    "不适用于组织而删减的要求，须写明理由；能否删减由评价判定。",
    "Requirements left out, each with its justification; the assessment decides whether that is allowed.",
)
_DETAILS_NOTE = Text(
    "仅在记录表放不下时使用：某一条记录某一栏自己的来源、日期、状态，或该栏“期内无此情形”的理由（此时记录表中该栏留空）。",
    "Only for what the record tables have no column for: the source, dates or status of one field of one record, or "
    "why that field had no case (then leave it blank in the table).",
)
