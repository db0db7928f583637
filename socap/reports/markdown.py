"""Markdown for documents and reviews."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from socap.applicability_matrix import APPLICABILITY_TITLES, Applicability
from socap.findings import GRADE_TITLES, OUTCOME_TITLES, Outcome
from socap.reports.wording import COUNTS, TITLES, plain, row_title

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from socap.applicability_matrix import Matrix
    from socap.errors import Lang
    from socap.reports.record import GroupRow, ReportRecord

_STRONG = ("status", "recommendation")


def escaped(text: str) -> str:
    """Return text that Markdown shows as it is."""
    return re.sub(r"([\\`*_{}\[\]<>#|!~&])", r"\\\1", plain(text))


def assessment_report(made: ReportRecord, lang: Lang) -> str:
    """Return the whole report, headings first."""
    lines = [f"# {TITLES['assessment'].in_language(lang)}", ""]
    for line in made.head:
        told = escaped(line.value.in_language(lang))
        strong = f"**{told}**" if line.name in _STRONG else told
        lines.append(f"- {line.label.in_language(lang)}: {strong}")
    lines += ["", f"> {made.notice.in_language(lang)}"]
    for name, rows in (
        ("by_clause", made.by_clause),
        ("by_aspect", made.by_aspect),
        ("by_pdca", made.by_pdca),
    ):
        lines += ["", f"## {TITLES[name].in_language(lang)}", "", *_counts(rows, lang)]
    for outcome in (
        Outcome.NONCONFORMING,
        Outcome.UNDETERMINED,
        Outcome.EXCLUDED,
        Outcome.CONFORMING,
    ):
        chosen = made.having(outcome)
        if not chosen:
            continue
        lines += ["", f"## {OUTCOME_TITLES[outcome].in_language(lang)} ({len(chosen)})"]
        for finding in chosen:
            grade = f" — {GRADE_TITLES[finding.grade].in_language(lang)}" if finding.grade else ""
            title = escaped(finding.title.in_language(lang))
            lines += ["", f"### {finding.requirement} {title}{grade}", ""]
            lines += [escaped(finding.statement.in_language(lang)), ""]
            lines += [f"- {escaped(reason.text.in_language(lang))}" for reason in finding.reasons]
    return "\n".join(lines) + "\n"


def _counts(rows: Iterable[GroupRow], lang: Lang) -> Iterator[str]:
    names = [text.in_language(lang) for text in COUNTS.values()]
    yield f"| | {TITLES['outcome'].in_language(lang)} | {' | '.join(names)} |"
    yield "| --- | --- |" + " ---: |" * len(names)
    for row in rows:
        values = " | ".join(str(getattr(row.counts, name)) for name in COUNTS)
        status = OUTCOME_TITLES[row.counts.status].in_language(lang)
        yield f"| {escaped(row_title(row, lang))} | {status} | {values} |"


def matrix_report(matrix: Matrix, lang: Lang) -> str:
    """Return the matrix as a table, its notes below."""
    columns = ["+".join(column) for column in matrix.columns]
    title = TITLES["requirement"].in_language(lang)
    lines = [f"# {TITLES['matrix'].in_language(lang)}", ""]
    lines += [f"| {title} | {' | '.join(columns)} |", "| --- |" + " --- |" * len(columns)]
    for row in matrix.rows:
        cells = []
        for cell in row.cells:
            if cell.decision is Applicability.APPLIES_IF and cell.condition is not None:
                prefix = "适用条件：" if lang == "zh" else "if "
                cells.append(escaped(prefix + cell.condition.in_language(lang)))
            else:
                cells.append(APPLICABILITY_TITLES[cell.decision].in_language(lang))
        lines.append(
            f"| {row.requirement} {escaped(row.title.in_language(lang))} | {' | '.join(cells)} |"
        )
    lines += ["", *(f"> {note.in_language(lang)}\n" for note in matrix.notes)]
    return "\n".join(lines) + "\n"
