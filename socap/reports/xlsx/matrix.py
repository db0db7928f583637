"""The applicability matrix as a workbook: requirements against combinations of types."""

from __future__ import annotations

from typing import TYPE_CHECKING

from socap.applicability_matrix import APPLICABILITY_TITLES
from socap.errors import Text
from socap.reports.wording import TITLES
from socap.reports.xlsx.book import Book, Column
from socap.reports.xlsx.colours import APPLICABILITY, IF, matrix_legend

if TYPE_CHECKING:
    from socap.applicability_matrix import Cell, Matrix
    from socap.errors import Lang
    from socap.reports.xlsx.book import Value

_WHY = Text("判定依据", "Why")


def matrix_report(matrix: Matrix, lang: Lang) -> bytes:
    """Return the workbook: one row a requirement, one column a combination of types, a legend.

    A single column says why beside it. Raises MissingExtraError without the extra `xlsx`,
    UsageError where a sheet cannot hold it.
    """
    title, standard = TITLES["matrix"], matrix.standard
    book = Book(lang, title, standard.title, None)
    alone = len(matrix.columns) == 1
    columns = [
        Column(TITLES["clause"], 9),
        Column(TITLES["requirement"], 13),
        Column(TITLES["title"], 32),
        *(Column("+".join(types), 36 if alone else 22, APPLICABILITY) for types in matrix.columns),
        *([Column(_WHY, 80)] if alone else []),
    ]
    rows: list[tuple[Value, ...]] = [
        (
            standard.requirements[row.requirement].clause,
            row.requirement,
            row.title,
            *(_told(cell) for cell in row.cells),
            *([row.cells[0].why] if alone else []),
        )
        for row in matrix.rows
    ]
    sheet = book.sheet(title, columns)
    sheet.heading(title)
    for note in matrix.notes:
        sheet.note(note)
    sheet.row += 1
    sheet.table("", rows, frozen=3)
    matrix_legend(book)
    return book.content()


def _told(cell: Cell) -> Text:
    if cell.condition is None:
        return APPLICABILITY_TITLES[cell.decision]
    return Text(IF.zh + cell.condition.zh, IF.en + cell.condition.en)
