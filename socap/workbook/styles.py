"""How cells look, which of them may be edited, and how sheets are printed."""

from __future__ import annotations

import re
import unicodedata
import zipfile
from io import BytesIO
from math import ceil
from typing import TYPE_CHECKING

from openpyxl.formatting.rule import Rule
from openpyxl.styles import Alignment, Border, Font, NamedStyle, PatternFill, Protection, Side
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.utils import column_index_from_string, get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties

from socap.findings import Outcome

if TYPE_CHECKING:
    from collections.abc import Sequence

    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

    from socap.errors import Lang
    from socap.workbook.layout import Column

INK, GREY, RULE, BAND = "1F2933", "8A939C", "C9D1D9", "1F4E79"
ENTRY, PALE = "FFFBE6", "E8EEF4"
LOCKED_CELL = Protection(locked=True)
OUTCOME_FILLS = {
    Outcome.CONFORMING: "D8EFDD",
    Outcome.NONCONFORMING: "F8D3D0",
    Outcome.UNDETERMINED: "FFE9B8",
    Outcome.NOT_APPLICABLE: "E9ECEF",
    Outcome.EXCLUDED: "DCE3F5",
}
FONTS: dict[str, str] = {"zh": "Microsoft YaHei", "en": "Calibri"}
_EPOCH = (1980, 1, 1, 0, 0, 0)
_STAMP = re.compile(rb"(<dcterms:(created|modified)[^>]*>)[^<]*")


def add_styles(book: Workbook, lang: Lang) -> None:
    """Add the named styles that every sheet uses."""
    for style in _styles(FONTS[lang]):
        if style.name not in book.named_styles:
            book.add_named_style(style)


def name(style: str) -> str:
    """Return the name under which a style is kept in the workbook."""
    return f"socap {style}"


def _styles(font: str) -> list[NamedStyle]:
    thin = Side(style="thin", color=RULE)
    box = Border(left=thin, right=thin, top=thin, bottom=thin)

    def made(
        style: str,
        *,
        fill: str = "",
        form: str = "General",
        entry: bool = False,
        bold: bool = False,
        size: int = 10,
        colour: str = INK,
        border: Border | None = box,
        centre: bool = False,
        wrap: bool = True,
    ) -> NamedStyle:
        return NamedStyle(
            name=name(style),
            font=Font(name=font, size=size, bold=bold, color=colour),
            fill=PatternFill("solid", fgColor=fill) if fill else PatternFill(),
            border=border or Border(),
            alignment=Alignment(
                wrap_text=wrap,
                vertical="center",
                horizontal="center" if centre else None,
            ),
            number_format=form,
            protection=Protection(locked=not entry),
        )

    told = [
        made("title", size=18, bold=True, colour=BAND, border=None, wrap=False),
        made("subtitle", size=12, bold=True, colour=BAND, border=None, wrap=False),
        made("plain", border=None),
        made("line", border=None, wrap=False),
        made("link", border=None, colour="0563C1"),
        made("notice", fill="FFF4E5"),
        made("told"),
        made("faint", colour="5B6670", size=9, fill=PALE),
        made("outcome"),
        made("band", fill=PALE, bold=True),
        made("head", fill=BAND, bold=True, colour="FFFFFF", centre=True),
        made("closed", fill="E3E6E9"),
        made("machine", colour=GREY, size=8, border=None),
    ]
    entries = [
        made("key", colour=GREY, size=8, entry=True, wrap=False),
        made("text", fill=ENTRY, form="@", entry=True),
        made("choice", fill=ENTRY, entry=True, centre=True),
        made("number", fill=ENTRY, entry=True, centre=True),
        # Nothing is scaled here: 97 shows as 97%.
        made("percent", fill=ENTRY, form='General"%"', entry=True, centre=True),
        made("date", fill=ENTRY, form="yyyy\\-mm\\-dd", entry=True, centre=True),
    ]
    return [*told, *entries]


def set_up(
    sheet: Worksheet,
    columns: Sequence[Column],
    *,
    first: int,
    repeat: str,
    freeze: str,
    footer: str,
) -> None:
    """Set widths, frozen heads, print set-up and the footer with page numbers."""
    for offset, column in enumerate(columns):
        dimension = sheet.column_dimensions[get_column_letter(first + offset)]
        dimension.width, dimension.hidden = column.width, column.hidden
    sheet.freeze_panes = freeze
    sheet.sheet_view.showGridLines = False
    sheet.sheet_view.zoomScale = 100
    page = sheet.page_setup
    page.orientation, page.paperSize, page.fitToWidth, page.fitToHeight = "landscape", 9, 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_title_rows = repeat
    margins = sheet.page_margins
    margins.left = margins.right = 0.4
    margins.top, margins.bottom, margins.footer = 0.5, 0.8, 0.35
    quiet = footer.replace("&", "&&")[:120]
    foot = sheet.oddFooter
    assert foot is not None and foot.left is not None and foot.right is not None
    foot.left.text, foot.right.text = quiet, "&P / &N"
    foot.left.size = foot.right.size = 8


def protect(sheet: Worksheet) -> None:
    """Protect what is not to be filled in, without a password; sizes, rows and filters stay free."""
    sheet.protection.sheet = True
    for allowed in (
        "formatCells formatColumns formatRows insertRows insertHyperlinks deleteRows sort autoFilter"
    ).split():
        setattr(sheet.protection, allowed, False)


def grey_out(sheet: Worksheet, area: str, formula: str) -> None:
    """Grey an area where a formula says that its questions cannot matter."""
    pale = PatternFill("solid", bgColor="E6E9EC", fgColor="E6E9EC")
    look = DifferentialStyle(font=Font(color="A3ABB3"), fill=pale)
    rule = Rule(type="expression", dxf=look, formula=[formula], stopIfTrue=True)
    sheet.conditional_formatting.add(area, rule)


def filled(colour: str) -> PatternFill:
    """Return a plain fill."""
    return PatternFill("solid", fgColor=colour)


def fit_rows(sheet: Worksheet, first: int, last: int | None = None) -> None:
    """Give rows the height that their wrapped text needs; none becomes lower than it was set."""
    room = {
        number: max(dimension.width - 1.5, 4)
        for letter, dimension in sheet.column_dimensions.items()
        if not dimension.hidden and (number := column_index_from_string(letter))
    }
    for row in sheet.iter_rows(min_row=first, max_row=last):
        needed = 1
        for cell in row:
            text = cell.value
            wraps = isinstance(text, str) and cell.data_type != "f" and cell.alignment.wrap_text
            if isinstance(text, str) and wraps and cell.column in room:
                width = room[cell.column]
                lines = (max(1, ceil(_width(line) / width)) for line in text.split("\n"))
                needed = max(needed, sum(lines))
        dimensions = sheet.row_dimensions[row[0].row or 1]
        dimensions.height = max(dimensions.height or 0, min(409, 13.5 * needed + 4))


def _width(text: str) -> float:
    return sum(1.85 if unicodedata.east_asian_width(c) in "WFA" else 0.93 for c in text)


def packed(book: Workbook, *, growing_rows: bool = False) -> bytes:
    """Return the bytes of a workbook without the time of writing: the same content, the same file.

    With `growing_rows` the heights of rows are a beginning, and follow what is typed later.
    """
    written = BytesIO()
    book.save(written)
    made = BytesIO()
    with zipfile.ZipFile(written) as source, zipfile.ZipFile(made, "w") as target:
        for entry in source.infolist():
            content = source.read(entry)
            if entry.filename == "docProps/core.xml":
                content = _STAMP.sub(rb"\g<1>1980-01-01T00:00:00Z", content)
            if growing_rows and entry.filename.startswith("xl/worksheets/sheet"):
                content = content.replace(b' customHeight="1"', b"")
            fixed = zipfile.ZipInfo(entry.filename, _EPOCH)
            fixed.compress_type, fixed.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
            target.writestr(fixed, content)
    return made.getvalue()
