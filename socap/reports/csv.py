"""CSV for spreadsheets: one row a requirement, no cell that a program would run."""

from __future__ import annotations

import csv
from io import StringIO
from typing import TYPE_CHECKING

from socap.applicability_matrix import APPLICABILITY_TITLES
from socap.findings import GRADE_TITLES, OUTCOME_TITLES
from socap.reports.wording import TITLES, plain

if TYPE_CHECKING:
    from collections.abc import Iterable

    from socap.applicability_matrix import Matrix
    from socap.errors import Lang
    from socap.reports.record import ReportRecord

BYTE_ORDER_MARK = "\ufeff"


def assessment_report(made: ReportRecord, lang: Lang) -> str:
    """Return one row a finding."""
    names = "requirement clause title outcome grade reasons evidence records statement".split()
    rows = [[TITLES[name].in_language(lang) for name in names]]
    for finding in made.findings:
        reasons = finding.reasons
        rows.append(
            [
                finding.requirement,
                finding.clause,
                finding.title.in_language(lang),
                OUTCOME_TITLES[finding.outcome].in_language(lang),
                GRADE_TITLES[finding.grade].in_language(lang) if finding.grade else "",
                " | ".join(reason.text.in_language(lang) for reason in reasons),
                " ".join(dict.fromkeys(key for reason in reasons for key in reason.evidence)),
                ", ".join(dict.fromkeys(r for reason in reasons for r in reason.records)),
                finding.statement.in_language(lang),
            ]
        )
    return _table(rows)


def matrix_report(matrix: Matrix, lang: Lang) -> str:
    """Return one row a requirement, one column a combination of types."""
    head = [TITLES[name].in_language(lang) for name in ("requirement", "title")]
    rows = [[*head, *("+".join(column) for column in matrix.columns)]]
    for row in matrix.rows:
        cells = []
        for cell in row.cells:
            shown = cell.condition or APPLICABILITY_TITLES[cell.decision]
            prefix = {"zh": "有条件：", "en": "if "}[lang] if cell.condition else ""
            cells.append(prefix + shown.in_language(lang))
        rows.append([row.requirement, row.title.in_language(lang), *cells])
    return _table(rows)


def _table(rows: Iterable[Iterable[str]]) -> str:
    out = StringIO()
    csv.writer(out, lineterminator="\r\n").writerows(
        [_cell(value) for value in row] for row in rows
    )
    return BYTE_ORDER_MARK + out.getvalue()


def _cell(value: str) -> str:
    shown = plain(value)
    return f"'{shown}" if shown.lstrip()[:1] in ("=", "+", "-", "@") else shown
