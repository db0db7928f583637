"""A workbook in the making: texts that never run, real dates, tables, and how it prints.

The format is Office Open XML, SpreadsheetML (ISO/IEC 29500-1, 18).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from io import BytesIO
from typing import TYPE_CHECKING, Any

from rich.cells import cell_len

from socap.errors import MissingExtraError, Problem, Text, UsageError
from socap.reports.wording import plain
from socap.reports.wrapping import wrapped

if TYPE_CHECKING:
    from collections.abc import Mapping

    from socap.errors import Lang

CELL_LIMIT = 32_767  # UTF-16 units a cell holds
LINE_LIMIT = 250  # a cell holds 253 line breaks
ROW_LIMIT, COLUMN_LIMIT = 1_048_576, 16_384
FIRST_YEAR = 1900  # a sheet has no dates before it, and a wrong leap day in it
FOOTER_LIMIT = 90  # a footer holds 255, and & counts twice
TALLEST = 409  # points, the highest a row can be
CUT = Text("……（过长，已截断）", "… (cut: too long for a cell)")
NEVER = datetime(1980, 1, 1)  # noqa: DTZ001  a workbook without a date of its own gets this one
_PAGES = Text("第 &P 页，共 &N 页", "Page &P of &N")
_NOT_XML = str.maketrans(dict.fromkeys("\ufffe\uffff", " "))
HEAD = {"bold": True, "bg_color": "#1F3864", "font_color": "#FFFFFF", "border": 1}
BODY = {"border": 1, "border_color": "#BFBFBF"}

Words = Text | str
Value = Words | int | date | tuple[Words, ...] | None


@dataclass(frozen=True, slots=True)
class Colour:
    """How a word is shown: the fill of its cell, its ink, and the fill of its bar in a chart."""

    fill: str
    ink: str
    bar: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table: its title, its width in characters, and the words that are coloured.

    A cell is coloured where it begins with one of the words.
    """

    title: Words
    width: int
    colours: Mapping[Text, Colour] = field(default_factory=dict)


def cell_text(value: Words | tuple[Words, ...], lang: Lang) -> str:
    r"""Return what a cell shows: printable, one line a part, and marked where it is cut.

    >>> cell_text(("a\x07b", Text("甲", "A")), "en")
    'a b\nA'
    """
    parts = value if isinstance(value, tuple) else (value,)
    told = (p if isinstance(p, str) else p.in_language(lang) for p in parts[:LINE_LIMIT])
    text = "\n".join(plain(part[: CELL_LIMIT + 1]) for part in told).translate(_NOT_XML)
    units = text.encode("utf-16-le")
    if len(parts) <= LINE_LIMIT and len(units) <= 2 * CELL_LIMIT:
        return text
    mark = CUT.in_language(lang)
    return units[: 2 * (CELL_LIMIT - len(mark))].decode("utf-16-le", "ignore") + mark


class Book:
    """A workbook in one language; its subject stands in every footer.

    Raises MissingExtraError without its library.
    """

    def __init__(self, lang: Lang, title: Text, subject: Text, made_on: date | None) -> None:
        try:
            from xlsxwriter import Workbook  # noqa: PLC0415  an extra, and heavy
        except ImportError:
            raise MissingExtraError("xlsx") from None
        self.lang: Lang = lang
        self.subject = cell_text(subject, lang)
        font = {"zh": "Microsoft YaHei", "en": "Arial"}[lang]
        self.line_height = {"zh": 15, "en": 13}[lang]
        options = {
            "in_memory": True,
            "default_format_properties": {"font_name": font, "font_size": 10},
        }
        self._out = BytesIO()
        self._made: Any = Workbook(self._out, options)
        created = NEVER if made_on is None else datetime(made_on.year, made_on.month, made_on.day)  # noqa: DTZ001
        self._made.set_properties(
            {
                "title": title.in_language(lang),
                "subject": self.subject[:250],
                "author": "socap",
                "created": created,
            }
        )
        self.format = cache(self._format)

    def _format(self, **properties: Any) -> Any:
        return self._made.add_format({"valign": "top", **properties})

    def sheet(self, name: Text, columns: Sequence[Column], *, across: int = 1) -> Sheet:
        """Return a new sheet with these columns, printed A4 landscape, so many pages wide."""
        made = self._made.add_worksheet(name.in_language(self.lang))
        made.set_landscape()
        made.set_paper(9)
        made.fit_to_pages(across, 0)
        made.print_across()
        made.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.7)
        made.hide_gridlines(2)
        left = self.subject[:FOOTER_LIMIT].replace("&G", "＆G").replace("&[", "＆[")
        pages = _PAGES.in_language(self.lang)
        made.set_footer(f"&L{left.replace('&', '&&')}&R&A  {pages}")
        for number, column in enumerate(columns):
            made.set_column(number, number, column.width)
        return Sheet(self, made, tuple(columns))

    def bars(self) -> Any:
        """Return an empty chart of stacked bars."""
        return self._made.add_chart({"type": "bar", "subtype": "percent_stacked"})

    def content(self) -> bytes:
        """Return the finished workbook."""
        self._made.close()
        return self._out.getvalue()


class Sheet:
    """A sheet that is written from top to bottom; `row` is the next one, counted from 0."""

    def __init__(self, book: Book, made: Any, columns: tuple[Column, ...]) -> None:
        self._book, self.made, self._columns = book, made, columns
        self.row = 0

    def heading(self, title: Text) -> None:
        """Write the title of the sheet."""
        self.made.set_row(self.row, 24)
        self._put(self.row, 0, title, bold=True, font_size=14, text_wrap=False)
        self.row += 2

    def note(self, text: Words) -> None:
        """Write a paragraph across the sheet."""
        self._across(0, text, italic=True)

    def line(self, label: Text, value: Value, *, bold: bool = False) -> None:
        """Write a label and its value, the value across the other columns."""
        self._put(self.row, 0, label, font_color="#595959")
        self._across(1, value, bold=bold)

    def _across(self, first: int, value: Value, **look: Any) -> None:
        last, row = len(self._columns) - 1, self.row
        self.made.merge_range(row, first, row, last, "", self._book.format(**look, text_wrap=True))
        width = sum(column.width for column in self._columns[first:])
        self._height(row, self._put(row, first, value, width, **look))
        self.row += 1

    def _height(self, row: int, lines: int) -> None:
        """Set the height of a row: not every program fits it to wrapped texts."""
        self.made.set_row(row, min(self._book.line_height * lines + 3, TALLEST))

    def _put(self, row: int, column: int, value: Value, width: int = 0, **look: Any) -> int:
        """Write a value and return how many lines it takes at this width."""
        form = self._book.format
        if isinstance(value, int):
            self.made.write_number(row, column, value, form(**look))
            return 1
        if isinstance(value, date):
            if value.year > FIRST_YEAR:
                dated = form(**look, num_format="yyyy-mm-dd", align="left")
                self.made.write_datetime(row, column, value, dated)
                return 1
            value = value.isoformat()
        text = cell_text(value or "", self._book.lang)
        look = {"text_wrap": True, **look}
        if text.lstrip()[:1] in ("=", "+", "-", "@"):
            look["quote_prefix"] = True  # or the cell becomes a formula when it is edited
        if text:
            self.made.write_string(row, column, text, form(**look))
        else:
            self.made.write_blank(row, column, None, form(**look))
        return _lines(text, width)

    def paint(self, first: int, column: int, last: int, words: Mapping[Text, Colour]) -> None:
        """Colour the cells of a column that begin with one of these words."""
        for word, colour in words.items():
            rule = {
                "type": "text",
                "criteria": "begins with",
                "value": word.in_language(self._book.lang),
                "format": self._book.format(bg_color=colour.fill, font_color=colour.ink),
            }
            self.made.conditional_format(first, column, last, column, rule)

    def table(
        self,
        name: str,
        rows: Sequence[Sequence[Value]],
        *,
        frozen: int = 0,
        indents: Sequence[int] = (),
    ) -> None:
        """Write a table with filters, in the columns of the sheet, its head on every page.

        Without a name it is plain cells under a filter, whose titles may be alike. `frozen` columns
        and the head stay in view and are repeated on paper. `indents` shifts the first column, row by row. Raises UsageError
        where a sheet does not hold the table.
        """
        top, across = self.row, len(self._columns)
        last = top + len(rows)
        if last >= ROW_LIMIT or across > COLUMN_LIMIT:
            message = Text(
                f"工作表放不下 {len(rows)} 行、{across} 列",
                f"a sheet does not hold {len(rows)} rows and {across} columns",
            )
            hint = Text("可改用 JSON 格式", "the JSON format holds them")
            raise UsageError([Problem(message, hint=hint)])
        if name and rows:
            titles = [cell_text(column.title, self._book.lang) for column in self._columns]
            head = self._book.format(**HEAD, text_wrap=True)
            named = [{"header": title, "header_format": head} for title in titles]
            options = {"name": name, "columns": named, "style": None}
            self.made.add_table(top, 0, last, across - 1, options)
        else:
            self.made.autofilter(top, 0, last, across - 1)
        self._line(top, [column.title for column in self._columns], HEAD, 0)
        for number, row in enumerate(rows, start=top + 1):
            self._line(number, row, BODY, indents[number - top - 1] if indents else 0)
        for number, column in enumerate(self._columns):
            if rows:
                self.paint(top + 1, number, last, column.colours)
        self.made.ignore_errors({"number_stored_as_text": f"A1:{_letters(across)}{last + 1}"})
        self.made.freeze_panes(top + 1, frozen)
        self.made.repeat_rows(top)
        if frozen:
            self.made.repeat_columns(0, frozen - 1)
        self.row = last + 2

    def _line(self, row: int, values: Sequence[Value], look: dict[str, Any], indent: int) -> None:
        lines = 1
        for place, value in enumerate(values):
            shift = {"indent": indent} if indent and place == 0 else {}
            width = self._columns[place].width
            lines = max(lines, self._put(row, place, value, width, **look, **shift))
        self._height(row, lines)


def _lines(text: str, width: int) -> int:
    """Return how many lines a text takes; a word wider than the column is broken."""
    if width == 0:
        return 1
    room = int(width * 1.1)  # a letter is narrower than the digit a column is measured in
    seen = text[: room * TALLEST // 10]  # a row gets no higher for what follows
    shown = (line for part in seen.split("\n") for line in wrapped(part, room))
    return sum(max(1, -(-cell_len(line) // room)) for line in shown)


def _letters(number: int) -> str:
    """Return the letters of a column counted from 1."""
    before, rest = divmod(number - 1, 26)
    return (_letters(before) if before else "") + chr(65 + rest)
