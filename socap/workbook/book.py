"""The workbook put together: cover, company and circumstances, one sheet a clause group."""

from __future__ import annotations

from typing import TYPE_CHECKING

from openpyxl import Workbook

from socap.errors import Text
from socap.workbook import styles
from socap.workbook.about import about
from socap.workbook.cover import Content, cover
from socap.workbook.layout import (
    ABOUT,
    CERTIFICATES,
    COLUMNS,
    COVER,
    DETAILS,
    EXCLUSIONS,
    ITEMS,
    RECORDS,
    SheetNames,
    mark,
    say,
)
from socap.workbook.page import STYLES, Lists, Page, kind_of_answer, put_backing, unit
from socap.workbook.tables import certificates, details, exclusions, record_columns, record_table
from socap.workbook.values import shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from socap.answers import Answer
    from socap.rules.vocabulary import EvidenceItem
    from socap.workbook.conditions import Circumstances
    from socap.workbook.layout import Column
    from socap.workbook.scope import Scope

TITLES = {
    COVER: Text("封面", "Cover"),
    ABOUT: Text("基本信息与情形", "About and circumstances"),
    CERTIFICATES: Text("证书", "Certificates"),
    EXCLUSIONS: Text("删减", "Exclusions"),
    DETAILS: Text("记录补充信息", "Record details"),
    "lists": Text("选项", "Choices"),
    "other": Text("其他问题", "Other questions"),
}
HEAD_ROW = 4


def written(asked: Scope) -> bytes:
    """Return the bytes of a workbook. Raises UsageError for what a cell cannot hold."""
    return styles.packed(_Book(asked).build(), growing_rows=True)


class _Book:
    def __init__(self, asked: Scope) -> None:
        self.asked, self.lang = asked, asked.lang
        self.book = Workbook()
        self.book.remove(self.book.worksheets[0])
        self.names = SheetNames()
        styles.add_styles(self.book, self.lang)
        self.front = self.book.create_sheet(self.names.name(self._title(COVER)))
        self.lists = Lists(self.book, self.names.name(self._title("lists")))
        self.contents: list[Content] = []

    def _title(self, kind: str) -> str:
        return TITLES[kind].in_language(self.lang)

    def _page(self, kind: str, title: str, columns: Sequence[Column], name: str = "") -> Page:
        sheet = self.book.create_sheet(self.names.name(title))
        page = Page(sheet, mark(kind, name), columns, self.lists, self.lang)
        page.line(2, title, "title")
        sheet.row_dimensions[2].height = 28
        return page

    def build(self) -> Workbook:
        standard, organisation = self.asked.standard, self.asked.organisation
        self.book.properties.title = say(standard.title, self.lang)
        self.book.properties.creator = "socap"
        page = self._page(ABOUT, self._title(ABOUT), COLUMNS[ABOUT])
        circumstances, last = about(page, self.asked)
        self._close(page, self._title(ABOUT), HEAD_ROW, last, "C")
        self.contents[-1] = Content(page.identity, page.sheet.title, self._title(ABOUT))
        for top, items in self.asked.groups().items():
            self._items(top, items, circumstances)
        for kind in self.asked.record_types():
            title = say(kind.title, self.lang)
            page = self._page(RECORDS, title, record_columns(kind, self.asked), kind.name)
            last = record_table(page, kind, self.asked, circumstances)
            self._close(page, title, 6, last, "C", locked=False)
            answered = f"COUNTA('{_quoted(page.sheet.title)}'!{page.letter('id')}8:{page.letter('id')}20007)"
            self.contents[-1] = Content(page.identity, page.sheet.title, title, answered=answered)
        tables = ((CERTIFICATES, certificates), (EXCLUSIONS, exclusions), (DETAILS, details))
        for name, write in tables:
            page = self._page(name, self._title(name), COLUMNS[name])
            last = write(page, standard, organisation, HEAD_ROW)
            self._close(page, self._title(name), HEAD_ROW, last, "B", locked=False)
        cover(
            Page(self.front, mark(COVER), COLUMNS[COVER], self.lists, self.lang),
            self.asked,
            self.contents,
        )
        self.book.move_sheet(self.lists.sheet, len(self.book.worksheets))
        self.book.active = 0
        return self.book

    def _close(
        self, page: Page, title: str, head: int, last: int, frozen: str, *, locked: bool = True
    ) -> None:
        page.finish(
            last=last,
            repeat=f"{head}:{head if locked or head == HEAD_ROW else head + 1}",
            freeze=f"{frozen}{(head if head == HEAD_ROW else 7) + 1}",
            footer=f"{say(self.asked.standard.title, self.lang)} · {title}",
        )
        if locked:
            styles.protect(page.sheet)
        self.contents.append(Content(page.identity, page.sheet.title, title))

    def _items(self, top: str, items: list[EvidenceItem], circumstances: Circumstances) -> None:
        clause = self.asked.standard.headings.get(top)
        title = f"{top} {say(clause.title, self.lang)}" if clause else self._title("other")
        page = self._page(ITEMS, title, COLUMNS[ITEMS], top)
        page.line(3, ITEMS_NOTE.in_language(self.lang))
        page.head(HEAD_ROW)
        row = HEAD_ROW
        for item in items:
            idle = circumstances.idle([r.applies_when for r in self.asked.serving(item.key)])
            organisation = self.asked.organisation
            answers = organisation.evidence.get(item.key, ()) if organisation else ()
            for answer in answers or (None,):
                row += 1
                page.grey(row, idle)
                self._item(page, row, item, answer)
        page.sheet.auto_filter.ref = f"B{HEAD_ROW}:{page.last}{row}"
        styles.grey_out(page.sheet, f"B{HEAD_ROW + 1}:{page.last}{row}", f"$A{HEAD_ROW + 1}")
        self._close(page, title, HEAD_ROW, row, "D")
        area = f"'{_quoted(page.sheet.title)}'!{{0}}{HEAD_ROW + 1}:{{0}}{row}"
        answered = "+".join(f"COUNTA({area.format(page.letter(c))})" for c in ("answer", "no_case"))
        self.contents[-1] = Content(
            page.identity, page.sheet.title, title, row - HEAD_ROW, answered
        )

    def _item(self, page: Page, row: int, item: EvidenceItem, answer: Answer | None) -> None:
        words, lang = self.asked.standard.vocabulary, self.lang
        told = {
            "serves": ", ".join(r.id for r in self.asked.serving(item.key)),
            "question": say(item.question, lang),
            "kind": kind_of_answer(item, words, lang),
            "unit": unit(item, lang),
            "usual": say(item.evidence, lang),
        }
        for code, text in told.items():
            page.put(row, code, text, "told", item.key)
        value = None if answer is None or answer.value is None else shown(answer.value, item, lang)
        page.put(row, "answer", value, STYLES[item.type], item.key)
        page.accept(item, f"{page.letter('answer')}{row}")
        style = "text" if item.accepts_no_case else "closed"
        page.put(row, "no_case", (answer and answer.no_case) or None, style, item.key)
        put_backing(page, row, answer.backing if answer else None, item.key)
        for code in ("outcome", "remarks"):
            page.put(row, code, None, "outcome")
        page.put(row, "key", item.key, "key", item.key)


def _quoted(title: str) -> str:
    return title.replace("'", "''")


ITEMS_NOTE = Text(
    "只填黄色单元格，不知道的留空；灰色的行按所填情形不影响任何要求。同一问题有几个来源时，插入一行并把“键”复制过去。",
    "Fill in the yellow cells; leave blank what is not known. Greyed rows cannot matter in the circumstances given. "
    "Where a question has several sources, insert a row and copy the key into it.",
)
