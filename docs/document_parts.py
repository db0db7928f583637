"""What a bundled document template is put together from: page, styles, headings, text and tables."""

# ruff: noqa: SLF001  python-docx has no public way to the XML it wraps

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import TYPE_CHECKING, Any, TypeAlias

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

from socap.errors import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from socap.errors import Lang

EPOCH = (1980, 1, 1, 0, 0, 0)
INK, QUIET, RULE, SHADE = RGBColor(0x1F, 0x2F, 0x46), RGBColor(0x5B, 0x65, 0x73), "C9D0D9", "EDF1F6"
BODY, HEADS = (
    ("Times New Roman", "SimSun"),
    ("Arial", "SimHei"),
)  # each word processor has or replaces them
FONT_TABLE = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    '<w:fonts xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
    + "".join(
        f'<w:font w:name="{name}"><w:altName w:val="{other}"/><w:charset w:val="{charset}"/>'
        f'<w:family w:val="{family}"/></w:font>'
        for name, other, charset, family in (
            ("Times New Roman", "Liberation Serif", "00", "roman"),
            ("Arial", "Liberation Sans", "00", "swiss"),
            ("SimSun", "Noto Serif CJK SC", "86", "roman"),
            ("SimHei", "Noto Sans CJK SC", "86", "swiss"),
        )
    )
    + "</w:fonts>"
)
NOT_A_CERTIFICATE = Text("本文件不是认证证书", "This document is not a certificate")


@dataclass(frozen=True, slots=True)
class Cell:
    """The paragraphs of a cell, the first and the last in styles of their own if these are named.

    `fill` names the value that colours it.
    """

    lines: tuple[str, ...]
    fill: str = ""
    style: str = "Cell"
    first: str = ""
    last: str = ""


Content: TypeAlias = str | Cell
# a text alone is a mark such as {%tr for … %}
Row: TypeAlias = "str | Sequence[Content]"


class Sheet:
    """One template that is being written, in one language."""

    def __init__(self, lang: Lang, title: Text, *, landscape: bool = False) -> None:
        self.lang, self.title = lang, title
        self.made = Document()
        self.width = 25.7 if landscape else 17.0
        self._styles()
        self._page(landscape)
        self.paragraph(title, "Title")

    def say(self, text: Text | str) -> str:
        """Return a text in the language of the template."""
        return text.in_language(self.lang) if isinstance(text, Text) else text

    def paragraph(self, text: Text | str, style: str = "Normal") -> None:
        """Add a paragraph; a mark such as {%p if … %} is one too."""
        self._run(self.made.add_paragraph(style=style), self.say(text))

    def heading(self, zh: str, en: str, level: int = 1) -> None:
        """Add a heading, which word processors navigate by."""
        self.paragraph(Text(zh, en), f"Heading {level}")

    def table(self, widths: Sequence[float], head: Sequence[Text], rows: Sequence[Row]) -> None:
        """Add a table; its head repeats on each page and no row is split."""
        table = self._table(widths)
        if head:
            row = self._row(table, widths)
            for cell, text in zip(row.cells, head, strict=True):
                self._fill(cell, Cell((self.say(text),), style="Cell Group"))
                self._shade(cell, SHADE)
            self._flag(row, "w:tblHeader")
        for content in rows:
            row = self._row(table, widths)
            if isinstance(content, str):
                self._fill(row.cells[0], Cell((content,)))
            elif len(content) < len(widths):
                merged = row.cells[0].merge(row.cells[-1])
                self._fill(merged, content[0])
                self._shade(merged, SHADE)
            else:
                for cell, one in zip(row.cells, content, strict=True):
                    self._fill(cell, one)
        self.made.add_paragraph(style="Gap")

    def form(
        self, rows: Sequence[tuple[Text | str, Content, float] | str], label: float = 4.2
    ) -> None:
        """Add a table of labels and values, each row at least so many centimetres high."""
        widths = (label, self.width - label)
        table = self._table(widths)
        for content in rows:
            row = self._row(table, widths)
            if isinstance(content, str):
                self._fill(row.cells[0], Cell((content,)))
                continue
            name, value, height = content
            self._fill(row.cells[0], Cell((self.say(name),), style="Cell Head"))
            self._shade(row.cells[0], SHADE)
            self._fill(row.cells[1], value)
            if height:
                row.height = Cm(height)
        self.made.add_paragraph(style="Gap")

    def content(self) -> bytes:
        """Return the template as a file, the same bytes each time."""
        properties = self.made.core_properties
        properties.title, properties.author = self.say(self.title), "socap"
        properties.comments = properties.last_modified_by = ""
        properties.created = properties.modified = datetime(*EPOCH)  # noqa: DTZ001  a fixed day
        properties.language = "zh-CN" if self.lang == "zh" else "en-GB"
        package = self.made.part.package
        for key, relation in list(package.rels.items()):
            if relation.reltype.endswith("/thumbnail"):
                del package.rels[key]
        saved, content = BytesIO(), BytesIO()
        self.made.save(saved)
        with zipfile.ZipFile(saved) as before, zipfile.ZipFile(content, "w") as after:
            for name in before.namelist():
                entry = zipfile.ZipInfo(name, EPOCH)
                entry.compress_type = zipfile.ZIP_DEFLATED
                fonts = name == "word/fontTable.xml"
                after.writestr(entry, FONT_TABLE.encode() if fonts else before.read(name))
        return content.getvalue()

    def _run(self, paragraph: Any, text: str, *, bold: bool = False) -> None:
        run = paragraph.add_run(text)
        run.bold = bold or None
        if self.lang == "zh":  # quotation marks and dashes are Chinese ones
            _fonts(run._element.get_or_add_rPr()).set(qn("w:hint"), "eastAsia")

    def _fill(self, cell: Any, content: Content) -> None:
        one = Cell((content,)) if isinstance(content, str) else content
        for index, line in enumerate(one.lines):
            paragraph = cell.paragraphs[0] if index == 0 else cell.add_paragraph()
            ends = one.first if index == 0 else one.last if index == len(one.lines) - 1 else ""
            paragraph.style = ends or one.style
            if index == 0 and one.fill:
                paragraph.add_run(f"{{% cellbg {one.fill} %}}")
            self._run(paragraph, line)

    def _table(self, widths: Sequence[float]) -> Any:
        table = self.made.add_table(rows=0, cols=len(widths))
        table.autofit = False
        properties = table._tbl.tblPr
        borders = _before(properties, "w:tblBorders", "w:shd", "w:tblLayout", "w:tblLook")
        for side in ("top", "left", "bottom", "right", "insideH", "insideV"):
            _set(_child(borders, f"w:{side}"), val="single", sz="4", space="0", color=RULE)
        _set(_before(properties, "w:tblInd", "w:tblBorders"), w="90", type="dxa")
        margins = _before(properties, "w:tblCellMar", "w:tblLook")
        for side, space in (("top", 40), ("left", 90), ("bottom", 40), ("right", 90)):
            _set(_child(margins, f"w:{side}"), w=str(space), type="dxa")
        for column, width in zip(table.columns, widths, strict=True):
            column.width = Cm(width)
        return table

    def _row(self, table: Any, widths: Sequence[float]) -> Any:
        row = table.add_row()
        for cell, width in zip(row.cells, widths, strict=True):
            cell.width = Cm(width)
        self._flag(row, "w:cantSplit")
        return row

    def _flag(self, row: Any, name: str) -> None:
        _child(row._tr.get_or_add_trPr(), name)

    def _shade(self, cell: Any, colour: str) -> None:
        _set(_child(cell._tc.get_or_add_tcPr(), "w:shd"), val="clear", color="auto", fill=colour)

    def _styles(self) -> None:
        styles = self.made.styles
        default = styles.element.find("/".join(map(qn, ("w:docDefaults", "w:rPrDefault", "w:rPr"))))
        latin, east = BODY if self.lang == "zh" else HEADS
        _set_fonts(default, latin, east)
        spoken = default.find(qn("w:lang"))
        _set(spoken, val="en-US" if self.lang == "zh" else "en-GB", eastAsia="zh-CN")
        normal = styles["Normal"]
        _set_fonts(normal.element.get_or_add_rPr(), latin, east)
        normal.font.size = Pt(10.5 if self.lang == "zh" else 10)
        normal.paragraph_format.space_after = Pt(6)
        normal.paragraph_format.line_spacing = 1.25
        for name, size, before in (
            ("Title", 24, 0),
            ("Heading 1", 15, 16),
            ("Heading 2", 12, 12),
            ("Heading 3", 10.5, 8),
        ):
            style = styles[name]
            _set_fonts(style.element.get_or_add_rPr(), *HEADS)
            style.font.size, style.font.bold, style.font.color.rgb = Pt(size), True, INK
            style.paragraph_format.space_before = Pt(before)
            style.paragraph_format.space_after = Pt(6)
            style.paragraph_format.keep_with_next = True
        title = styles["Title"].element.pPr
        title.remove(title.find(qn("w:pBdr")))
        for name, size in (
            ("Cell", 9),
            ("Cell Head", 9),
            ("Cell Key", 7.5),
            ("Cell Number", 9),
            ("Note", 9),
            ("Gap", 4),
            ("Lead", 13),
        ):
            style = styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
            style.base_style, style.font.size = normal, Pt(size)
            style.paragraph_format.space_after = Pt(8 if name in ("Note", "Lead") else 0)
            style.paragraph_format.line_spacing = 1.1
        request = styles.add_style("Request", WD_STYLE_TYPE.PARAGRAPH)
        request.base_style, request.paragraph_format.page_break_before = styles["Heading 1"], True
        request.paragraph_format.space_before = Pt(0)
        for name in ("Cell Head", "Lead"):
            _set_fonts(styles[name].element.get_or_add_rPr(), *HEADS)
            styles[name].font.bold, styles[name].font.color.rgb = True, INK
        group = styles.add_style("Cell Group", WD_STYLE_TYPE.PARAGRAPH)
        group.base_style, group.paragraph_format.keep_with_next = styles["Cell Head"], True
        styles["Cell Number"].paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
        for name in ("Note", "Cell Key"):
            styles[name].font.color.rgb = QUIET
        edge = _child(_border(styles["Note"].element.get_or_add_pPr()), "w:left")
        _set(edge, val="single", sz="18", space="8", color=RULE)
        for name in ("Header", "Footer"):
            styles[name].font.size, styles[name].font.color.rgb = Pt(8.5), QUIET

    def _page(self, landscape: bool) -> None:
        section = self.made.sections[0]
        section.page_width, section.page_height = Cm(21), Cm(29.7)
        if landscape:
            section.orientation = WD_ORIENT.LANDSCAPE
            section.page_width, section.page_height = Cm(29.7), Cm(21)
        section.left_margin = section.right_margin = Cm(2)
        section.top_margin, section.bottom_margin = Cm(2.3), Cm(2)
        section.header_distance = section.footer_distance = Cm(1.1)
        head, foot = section.header.paragraphs[0], section.footer.paragraphs[0]
        for paragraph in (head, foot):
            stops = paragraph.paragraph_format.tab_stops
            stops.add_tab_stop(Cm(self.width), WD_TAB_ALIGNMENT.RIGHT)
        # the header style brings two stops of its own
        for name in ("Header", "Footer"):
            properties = self.made.styles[name].element.pPr
            properties.remove(properties.find(qn("w:tabs")))
        self._run(head, "{{ name }}\t{{ as_of }}")
        edge = _child(_border(head._p.get_or_add_pPr()), "w:bottom")
        _set(edge, val="single", sz="4", space="4", color=RULE)
        self._run(foot, f"{self.say(self.title)} · {self.say(NOT_A_CERTIFICATE)}\t")
        self._field(foot, "PAGE")
        self._run(foot, " / ")
        self._field(foot, "NUMPAGES")

    def _field(self, paragraph: Any, name: str) -> None:
        field = _child(paragraph._p, "w:fldSimple")
        _set(field, instr=name)
        text = _child(_child(field, "w:r"), "w:t")
        text.text = "1"


def _child(parent: Any, name: str) -> Any:
    element = OxmlElement(name)
    parent.append(element)
    return element


def _before(parent: Any, name: str, *successors: str) -> Any:
    element = OxmlElement(name)
    parent.insert_element_before(element, *successors)
    return element


def _border(properties: Any) -> Any:
    """Return a new border of a paragraph, in its place: ECMA-376-1, 17.3.1.26."""
    after = "shd tabs suppressAutoHyphens snapToGrid spacing ind jc outlineLvl rPr sectPr"
    return _before(properties, "w:pBdr", *(f"w:{name}" for name in after.split()))


def _set(element: Any, **values: str) -> None:
    for name, value in values.items():
        element.set(qn(f"w:{name}"), value)


def _fonts(properties: Any) -> Any:
    return properties.get_or_add_rFonts()


def _set_fonts(properties: Any, latin: str, east: str) -> None:
    fonts = _fonts(properties)
    for name in list(fonts.attrib):
        del fonts.attrib[name]
    _set(fonts, ascii=latin, hAnsi=latin, cs=latin, eastAsia=east)
