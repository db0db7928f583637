"""Assessments and matrices as small pieces of HTML, for notebooks: no script, nothing fetched."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from socap.applicability_matrix import APPLICABILITY_TITLES, Applicability
from socap.errors import Text
from socap.findings import OUTCOME_TITLES, Outcome
from socap.reports.head import head
from socap.reports.wording import TITLES, plain

if TYPE_CHECKING:
    from collections.abc import Iterable

    from socap.applicability_matrix import Cell, Matrix
    from socap.assessment import Assessment
    from socap.errors import Lang
    from socap.findings import Finding

_LISTED = 200
_LEFT = 'style="text-align:left;vertical-align:top"'
_TOLD = (Outcome.NONCONFORMING, Outcome.UNDETERMINED)


def assessment_html(assessment: Assessment, lang: Lang) -> str:
    """Return the head, the counts, and what is nonconforming or undetermined with its reasons."""
    rows = "".join(
        f"<tr><th {_LEFT}>{_shown(line.label.in_language(lang))}</th>"
        f"<td {_LEFT}>{_shown(line.value.in_language(lang))}</td></tr>"
        for line in head(assessment)
    )
    names = "".join(f"<th>{_shown(t.in_language(lang))}</th>" for t in OUTCOME_TITLES.values())
    counts = "".join(f"<td>{getattr(assessment.summary, name)}</td>" for name in OUTCOME_TITLES)
    parts = [
        f"<table>{rows}</table>",
        f"<table><tr>{names}</tr><tr>{counts}</tr></table>",
        *(_findings(assessment, outcome, lang) for outcome in _TOLD),
        f"<p><small>{_shown(assessment.standard.pack.notice.in_language(lang))}</small></p>",
    ]
    return _whole(TITLES["assessment"].in_language(lang), parts, lang)


def matrix_html(matrix: Matrix, lang: Lang) -> str:
    """Return the matrix as a table; conditions open at a click."""
    columns = "".join(f"<th>{_shown('+'.join(column))}</th>" for column in matrix.columns)
    rows = "".join(
        f"<tr><th {_LEFT}>{_shown(f'{row.requirement} {row.title.in_language(lang)}')}</th>"
        + "".join(f"<td {_LEFT}>{_cell(cell, lang)}</td>" for cell in row.cells)
        + "</tr>"
        for row in matrix.rows
    )
    notes = [f"<p><small>{_shown(note.in_language(lang))}</small></p>" for note in matrix.notes]
    label = _shown(TITLES["requirement"].in_language(lang))
    table = f"<table><tr><th {_LEFT}>{label}</th>{columns}</tr>{rows}</table>"
    return _whole(TITLES["matrix"].in_language(lang), [table, *notes], lang)


def _whole(title: str, parts: Iterable[str], lang: Lang) -> str:
    return f'<div lang="{lang}"><p><strong>{_shown(title)}</strong></p>{"".join(parts)}</div>'


def _shown(text: str) -> str:
    return escape(plain(text))


def _findings(assessment: Assessment, outcome: Outcome, lang: Lang) -> str:
    found = [f for f in assessment.findings.values() if f.outcome is outcome]
    if not found:
        return ""
    title = _shown(f"{OUTCOME_TITLES[outcome].in_language(lang)} ({len(found)})")
    more = len(found) - _LISTED
    rest = Text(f"另有 {more} 项未列出", f"{more} more are not listed").in_language(lang)
    return (
        f"<details><summary><strong>{title}</strong></summary>"
        + "".join(_finding(finding, assessment, lang) for finding in found[:_LISTED])
        + (f"<p>{_shown(rest)}</p>" if more > 0 else "")
        + "</details>"
    )


def _finding(finding: Finding, assessment: Assessment, lang: Lang) -> str:
    asked = assessment.standard.requirements[finding.requirement]
    told = f"{asked.id} {asked.title.in_language(lang)} — {finding.told.in_language(lang)}"
    lines = "".join(f"<li>{_shown(r.text.in_language(lang))}</li>" for r in finding.reasons)
    statement = _shown(asked.statement.in_language(lang))
    return (
        f'<details style="margin-left:1em"><summary>{_shown(told)}</summary>'
        f"<p>{statement}</p><ul>{lines}</ul></details>"
    )


def _cell(cell: Cell, lang: Lang) -> str:
    told = _shown(APPLICABILITY_TITLES[cell.decision].in_language(lang))
    if cell.decision is not Applicability.APPLIES_IF or cell.condition is None:
        return told
    condition = _shown(cell.condition.in_language(lang))
    return f"<details><summary>{told}</summary>{condition}</details>"
