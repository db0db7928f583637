"""The cover: what the workbook is, how it is filled in, and what it contains."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from openpyxl.worksheet.hyperlink import Hyperlink

from socap.errors import Text
from socap.findings import OUTCOME_TITLES
from socap.workbook import styles
from socap.workbook.layout import PACK, say
from socap.workbook.page import MARKS, put

if TYPE_CHECKING:
    from collections.abc import Sequence

    from socap.workbook.page import Page
    from socap.workbook.scope import Scope


@dataclass(frozen=True, slots=True)
class Content:
    """One sheet in the list of contents; `answered` is the formula that counts the answers."""

    identity: str
    sheet: str
    title: str
    questions: int | None = None
    answered: str = ""


_SUBTITLE = Text("符合性评价问卷", "Questionnaire for conformity assessment")
_HOW_TITLE = Text("怎样填写", "How to fill it in")
_HOW = (
    Text(
        "先填“基本信息与情形”：外包类型和情形决定哪些要求适用，与之无关的问题会自动变灰，变灰的可以不填。",
        "Begin with the sheet “About and circumstances”: types and circumstances decide what applies; questions that "
        "cannot matter turn grey and may be left out.",
    ),
    Text(
        "只填黄色单元格。不知道的留空：没有回答的问题既不判不符合，也不判符合，只会使结论待定；不要填 0 或 100 代替。",
        "Fill in the yellow cells only. Leave blank what is not known: a missing answer neither fails nor passes "
        "anything. Do not enter 0 or 100 instead.",
    ),
    Text(
        "期内确实没有发生的，答案留空，把理由写在“期内无此情形的理由”栏（仅限黄色的格子）。",
        "Where the period had no case, leave the answer blank and give the reason in “No case: reason” (where that "
        "cell is yellow).",
    ),
    Text(
        "百分比填 0 至 100 的数：97 即 97%。不足 1% 的写成文字（先输入英文单引号），如 '0.5%。日期形如 2026-03-31。",
        "Percentages are numbers from 0 to 100: 97 is 97 %. Below one per cent write text (begin with an apostrophe), "
        "such as '0.5%. Dates are written like 2026-03-31.",
    ),
    Text(
        "多选题的各项写在同一单元格，以顿号、逗号或分号分隔；一项也没有的填“（无）”。",
        "Several choices go in one cell, separated by commas or semicolons; write (none) where there is none.",
    ),
    Text(
        "答案格中不要写公式，不要合并单元格；可以移动列、插入行、排序、改表名，也可以另加自己的工作表。",
        "No formulas and no merged cells where answers go. Columns may be moved, rows inserted or sorted, sheets "
        "renamed, and sheets of your own added.",
    ),
    Text(
        "同一问题有几个来源的，插入一行，把该题最右边的“键”复制过去；来源相互矛盾时结论待定。工作表保护没有密码。",
        "Where a question has several sources, insert a row and copy the key at the far right into it; sources that "
        "disagree leave the finding open. Sheets are protected without a password.",
    ),
    Text(
        "供方、服务、人员等逐条填在各自的表中；确实一条也没有的，在“基本信息与情形”中声明。",
        "Suppliers, services, people and the like go one a row in tables of their own; where there is none at all, "
        "state it on “About and circumstances”.",
    ),
)
_NOTICE_TITLE = Text("说明", "What it rests on")
_LEGEND_TITLE = Text("图例", "Legend")
_LEGEND = (
    ("text", Text("填写", "to be filled in")),
    ("told", Text("受保护，不必填写", "protected, nothing to fill in")),
    ("closed", Text("此题不接受“期内无此情形”", "this question does not take “no case”")),
)
_IDLE = Text("按所填情形不影响任何要求", "cannot matter in the circumstances given")
_CONTENTS = Text("目录", "Contents")


def cover(page: Page, asked: Scope, contents: Sequence[Content]) -> None:
    """Write the cover."""
    _Cover(page, asked).write(contents)


class _Cover:
    def __init__(self, page: Page, asked: Scope) -> None:
        self.page, self.asked, self.lang = page, asked, asked.lang
        self.row = 1

    def _line(self, text: str, style: str = "plain") -> None:
        self.row += 1
        self.page.line(self.row, text, style)

    def write(self, contents: Sequence[Content]) -> None:
        standard, organisation = self.asked.standard, self.asked.organisation
        self._line(say(standard.title, self.lang), "title")
        put(self.page.sheet.cell(self.row, MARKS), PACK + standard.id, "machine", "")
        self._line(say(_SUBTITLE, self.lang), "subtitle")
        if organisation is not None:
            self._line(say(organisation.name, self.lang), "subtitle")
        self.row += 1
        self._line(say(_HOW_TITLE, self.lang), "subtitle")
        for number, text in enumerate(_HOW, 1):
            self._line(f"{number}. {say(text, self.lang)}")
        self.row += 1
        self._line(say(_NOTICE_TITLE, self.lang), "subtitle")
        self._line(say(standard.pack.notice, self.lang), "notice")
        self._line(say(Text(f"标准标识：{standard.id}", f"Standard: {standard.id}"), self.lang))
        self._line(
            say(
                Text(
                    f"标准文件指纹（SHA-256）：{standard.hash}",
                    f"Hash of its files (SHA-256): {standard.hash}",
                ),
                self.lang,
            )
        )
        for overlay in standard.overlays:
            told = Text(
                f"叠加：{overlay.id}《{overlay.title.zh}》，指纹 {overlay.hash}",
                f"Overlay: {overlay.id} ({overlay.title.en}), hash {overlay.hash}",
            )
            self._line(say(told, self.lang))
        self._line(
            say(
                Text(
                    "语言：中文（英文标签亦可识别）",
                    "Language: English (Chinese labels are read as well)",
                ),
                self.lang,
            )
        )
        self._legend()
        self._contents(contents)

    def _legend(self) -> None:
        self.row += 1
        self._line(say(_LEGEND_TITLE, self.lang), "subtitle")
        for style, text in _LEGEND:
            self._line(say(text, self.lang), style)
            self.page.sheet.cell(self.row, 2).protection = styles.LOCKED_CELL
        self._line(say(_IDLE, self.lang), "told")
        styles.grey_out(self.page.sheet, f"B{self.row}", "TRUE")
        for outcome, fill in styles.OUTCOME_FILLS.items():
            self._line(say(OUTCOME_TITLES[outcome], self.lang), "outcome")
            self.page.sheet.cell(self.row, 2).fill = styles.filled(fill)

    def _contents(self, contents: Sequence[Content]) -> None:
        self.row += 1
        self._line(say(_CONTENTS, self.lang), "subtitle")
        self.row += 1
        self.page.head(self.row)
        for content in contents:
            self.row += 1
            sheet = content.sheet.replace("'", "''")
            self.page.put(self.row, "title", content.title, "link")
            cell = self.page.sheet.cell(self.row, 2)
            cell.hyperlink = Hyperlink(ref=cell.coordinate, location=f"'{sheet}'!A1")
            cell.style = styles.name("link")
            self.page.put(self.row, "count", content.questions, "told")
            self.page.put(self.row, "answered", None, "told")
            if content.answered:
                self.page.sheet.cell(self.row, 4).value = f"={content.answered}"
            self.page.put(self.row, "key", content.identity, "key")
        self.page.finish(
            last=self.row,
            repeat="2:2",
            freeze="A2",
            footer=say(self.asked.standard.title, self.lang),
        )
        for large in (2, 3):
            self.page.sheet.row_dimensions[large].height = 36 - 6 * large
        styles.protect(self.page.sheet)
