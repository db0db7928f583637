"""Markdown for documents and reviews."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from socap.applicability_matrix import APPLICABILITY_TITLES, Applicability
from socap.findings import GRADE_TITLES, OUTCOME_TITLES, Outcome
from socap.reports.head import head
from socap.reports.wording import COUNTS, GROUPS, TITLES, plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from socap.applicability_matrix import Matrix
    from socap.assessment import Assessment
    from socap.errors import Lang
    from socap.findings import RollUp


_STRONG = ("status", "recommendation")


def escaped(text: str) -> str:
    """Return text that Markdown shows as it is."""
    return re.sub(r"([\\`*_{}\[\]<>#|!~&])", r"\\\1", plain(text))


def assessment_report(assessment: Assessment, lang: Lang) -> str:
    """Return the whole report, headings first."""

    def word(name: str) -> str:
        return TITLES[name].in_language(lang)

    lines = [f"# {word('assessment')}", ""]
    for name, label, value in head(assessment, lang):
        told = escaped(value)
        lines.append(f"- {label}: {f'**{told}**' if name in _STRONG else told}")
    lines += ["", f"> {assessment.standard.pack.notice.in_language(lang)}"]
    clauses = {
        clause: f"{clause} {assessment.standard.headings[clause].title.in_language(lang)}"
        for clause in assessment.by_clause
    }
    groups = {name: text.in_language(lang) for name, text in GROUPS.items()}
    for name, rows, titles in (
        ("by_clause", assessment.by_clause, clauses),
        ("by_aspect", assessment.by_aspect, groups),
        ("by_pdca", assessment.by_pdca, groups),
    ):
        lines += ["", f"## {word(name)}", "", *_counts(rows, titles, lang)]
    for outcome in (
        Outcome.NONCONFORMING,
        Outcome.UNDETERMINED,
        Outcome.EXCLUDED,
        Outcome.CONFORMING,
    ):
        chosen = [f for f in assessment.findings.values() if f.outcome is outcome]
        if not chosen:
            continue
        lines += ["", f"## {OUTCOME_TITLES[outcome].in_language(lang)} ({len(chosen)})"]
        for finding in chosen:
            asked = assessment.standard.requirements[finding.requirement]
            grade = f" — {GRADE_TITLES[finding.grade].in_language(lang)}" if finding.grade else ""
            lines += ["", f"### {asked.id} {escaped(asked.title.in_language(lang))}{grade}", ""]
            lines += [escaped(asked.statement.in_language(lang)), ""]
            lines += [f"- {escaped(reason.text.in_language(lang))}" for reason in finding.reasons]
    return "\n".join(lines) + "\n"


def _counts(rows: Mapping[str, RollUp], titles: Mapping[str, str], lang: Lang) -> Iterable[str]:
    names = [text.in_language(lang) for text in COUNTS.values()]
    yield f"| | {TITLES['outcome'].in_language(lang)} | {' | '.join(names)} |"
    yield "| --- | --- |" + " ---: |" * len(names)
    for key, row in rows.items():
        values = " | ".join(str(getattr(row, name)) for name in COUNTS)
        yield f"| {escaped(titles[key])} | {OUTCOME_TITLES[row.status].in_language(lang)} | {values} |"


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
