"""Text for the terminal: readable at 80 columns, in both languages."""

from __future__ import annotations

from io import StringIO
from typing import TYPE_CHECKING

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text as Line

from socap.applicability_matrix import Applicability
from socap.clauses.requirement import Grade
from socap.findings import GRADE_TITLES, OUTCOME_TITLES, Outcome, ReasonKind
from socap.reports.wording import COUNTS, TITLES, plain, row_title
from socap.reports.wrapping import wrapped

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from socap.applicability_matrix import Matrix
    from socap.errors import Lang
    from socap.reports.record import FindingRow, GroupRow, ReportRecord

WIDTH = 80
_STYLE = {
    Outcome.CONFORMING: "green",
    Outcome.NONCONFORMING: "bold red",
    Outcome.UNDETERMINED: "yellow",
    Outcome.NOT_APPLICABLE: "dim",
    Outcome.EXCLUDED: "dim",
}


def assessment_report(
    made: ReportRecord, lang: Lang, *, colour: bool = False, width: int = WIDTH
) -> str:
    """Return the report; colour and another width are for terminals only."""
    console = _console(colour, width)
    _head(console, made, lang)
    for name, rows in (
        ("by_clause", made.by_clause),
        ("by_aspect", made.by_aspect),
        ("by_pdca", made.by_pdca),
    ):
        _table(console, name, rows, lang)
    for grade in Grade:
        graded = [f for f in made.findings if f.grade is grade]
        _findings(console, GRADE_TITLES[grade].in_language(lang), graded, lang)
    for name, chosen, full in (
        ("undetermined", made.having(Outcome.UNDETERMINED), False),
        ("excluded", made.having(Outcome.EXCLUDED), True),
    ):
        _findings(console, TITLES[name].in_language(lang), chosen, lang, full=full)
    _findings(
        console,
        TITLES["refused"].in_language(lang),
        made.refused(),
        lang,
        full=False,
        kinds=frozenset({ReasonKind.EXCLUSION_REFUSED}),
    )
    return _written(console)


def _console(colour: bool, width: int) -> Console:
    return Console(
        file=StringIO(),
        width=width,
        force_terminal=colour,
        color_system="standard" if colour else None,
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
    )


def _written(console: Console) -> str:
    file = console.file
    assert isinstance(file, StringIO)
    return "\n".join(line.rstrip() for line in file.getvalue().split("\n"))


def _head(console: Console, made: ReportRecord, lang: Lang) -> None:
    console.print(Line(TITLES["assessment"].in_language(lang), style="bold"))
    grid = Table.grid(padding=(0, 2))
    for line in made.head:
        style = {"status": _STYLE[made.status], "recommendation": "bold"}.get(line.name, "")
        label, value = line.label.in_language(lang), plain(line.value.in_language(lang))
        grid.add_row(Line(label, style="dim"), Line(value, style=style))
    console.print(grid)
    console.print()
    _paragraph(console, made.notice.in_language(lang), style="italic")


def _table(console: Console, name: str, rows: Iterable[GroupRow], lang: Lang) -> None:
    table = Table(box=SIMPLE_HEAD, pad_edge=False, padding=(0, 1))
    table.add_column(TITLES[name].in_language(lang), overflow="fold")
    table.add_column(TITLES["outcome"].in_language(lang), no_wrap=True)
    for text in COUNTS.values():
        table.add_column(text.in_language(lang), justify="right", no_wrap=True)
    for row in rows:
        outcome = row.counts.status
        status = Line(OUTCOME_TITLES[outcome].in_language(lang), style=_STYLE[outcome])
        title = "  " * row.depth + row_title(row, lang)
        table.add_row(Line(title), status, *(str(getattr(row.counts, n)) for n in COUNTS))
    console.print()
    console.print(table)


def _findings(
    console: Console,
    title: str,
    findings: Sequence[FindingRow],
    lang: Lang,
    *,
    full: bool = True,
    kinds: frozenset[ReasonKind] | None = None,
) -> None:
    if not findings:
        return
    console.print()
    console.print(Line(f"{title} ({len(findings)})", style="bold underline"))
    for finding in findings:
        name = f"{finding.requirement}  {finding.title.in_language(lang)}"
        console.print(Line(name, style="bold"))
        if full:
            _paragraph(console, finding.statement.in_language(lang), "  ")
        for reason in finding.reasons:
            if kinds is None or reason.kind in kinds:
                _paragraph(console, plain(reason.text.in_language(lang)), "  - ", "    ")
        if full and finding.unmet_prerequisites:
            note = (
                "先决要求尚未符合："
                if lang == "zh"
                else "rests on requirements not yet conforming: "
            )
            _paragraph(console, note + ", ".join(finding.unmet_prerequisites), "    ")


def _paragraph(
    console: Console, text: str, first: str = "", following: str | None = None, style: str = ""
) -> None:
    lines = wrapped(text, console.width, first, following)
    console.print(Line("\n".join(lines), no_wrap=True, overflow="ignore"), style=style)


def matrix_report(matrix: Matrix, lang: Lang, *, colour: bool = False, width: int = WIDTH) -> str:
    """Return the matrix with numbered conditions below it."""
    console = _console(colour, width)
    console.print(Line(TITLES["matrix"].in_language(lang), style="bold"))
    for note in matrix.notes:
        _paragraph(console, note.in_language(lang), style="italic")
    table = Table(box=SIMPLE_HEAD, pad_edge=False, padding=(0, 1))
    table.add_column(TITLES["requirement"].in_language(lang), overflow="fold")
    for column in matrix.columns:
        table.add_column("\n".join(column), justify="center", no_wrap=True)
    notes: dict[str, int] = {}
    for row in matrix.rows:
        marks = []
        for cell in row.cells:
            if cell.decision is Applicability.APPLIES_IF and cell.condition is not None:
                number = notes.setdefault(cell.condition.in_language(lang), len(notes) + 1)
                marks.append(f"?{number}")
            else:
                marks.append("●" if cell.decision is Applicability.APPLIES else "–")
        table.add_row(Line(f"{row.requirement} {row.title.in_language(lang)}"), *marks)
    console.print(table)
    console.print(
        "● 适用  – 不适用  ?n 有条件适用"
        if lang == "zh"
        else "● applies  – does not apply  ?n applies if:"
    )
    for told, number in notes.items():
        _paragraph(console, f"?{number} {told}", "  ", "     ")
    return _written(console)
