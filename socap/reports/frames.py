"""Findings and matrices as data frames, by pandas or polars."""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from socap.errors import MissingExtraError, Text, unknown_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from socap.applicability_matrix import Matrix
    from socap.assessment import Assessment
    from socap.errors import Lang

LIBRARIES = ("pandas", "polars")


def assessment_frame(assessment: Assessment, lang: Lang, *, library: str | None = None) -> Any:
    """Return one row a finding: a `pandas.DataFrame` or a `polars.DataFrame`.

    Closed sets are their machine words, texts are in the language asked for; `as_of` is a date,
    `evidence` and `records` are lists of keys and ids. `library` names one of the two; without it
    an imported one is used before one that is only installed, and pandas before polars. Raises
    UsageError for another library, MissingExtraError where none of those wanted is installed.
    """
    findings = assessment.findings.values()
    asked = [assessment.standard.requirements[finding.requirement] for finding in findings]
    keys = [[key for reason in f.reasons for key in reason.evidence] for f in findings]
    records = [[name for reason in f.reasons for name in reason.records] for f in findings]
    columns: dict[str, list[Any]] = {
        "organisation": [assessment.organisation.id for _ in findings],
        "as_of": [assessment.as_of for _ in findings],
        "requirement": [r.id for r in asked],
        "clause": [r.clause for r in asked],
        "title": [r.title.in_language(lang) for r in asked],
        "statement": [r.statement.in_language(lang) for r in asked],
        "aspect": [r.aspect.value for r in asked],
        "pdca": [r.pdca.value for r in asked],
        "obligation": [r.obligation.value for r in asked],
        "outcome": [f.outcome.value for f in findings],
        "grade": [f.grade.value if f.grade is not None else None for f in findings],
        "reasons": ["\n".join(r.text.in_language(lang) for r in f.reasons) for f in findings],
        "evidence": [list(dict.fromkeys(found)) for found in keys],
        "records": [list(dict.fromkeys(found)) for found in records],
    }
    return _frame(columns, library, dates=("as_of",), lists=("evidence", "records"))


def matrix_frame(matrix: Matrix, lang: Lang, *, library: str | None = None) -> Any:
    """Return one row a requirement and combination of types; see `assessment_frame`.

    `types` is a list; `condition` is null except where a requirement applies under a condition.
    """
    cells = [
        (row, types, cell)
        for row in matrix.rows
        for types, cell in zip(matrix.columns, row.cells, strict=True)
    ]
    columns: dict[str, list[Any]] = {
        "requirement": [row.requirement for row, _, _ in cells],
        "title": [row.title.in_language(lang) for row, _, _ in cells],
        "types": [list(types) for _, types, _ in cells],
        "decision": [cell.decision.value for _, _, cell in cells],
        "condition": [
            None if cell.condition is None else cell.condition.in_language(lang)
            for _, _, cell in cells
        ],
        "why": [cell.why.in_language(lang) for _, _, cell in cells],
    }
    return _frame(columns, library, lists=("types",))


def _frame(
    columns: Mapping[str, list[Any]],
    library: str | None,
    *,
    dates: Sequence[str] = (),
    lists: Sequence[str] = (),
) -> Any:
    chosen = _library(library)
    made = import_module(chosen)
    if chosen == "polars":
        kinds = dict.fromkeys(columns, made.String)
        kinds |= dict.fromkeys(dates, made.Date) | dict.fromkeys(lists, made.List(made.String))
        return made.DataFrame(columns, schema=kinds)
    kinds = dict.fromkeys(columns, "string")
    kinds |= dict.fromkeys(dates, "datetime64[s]") | dict.fromkeys(lists, "object")
    return made.DataFrame(
        {name: made.Series(values, dtype=kinds[name]) for name, values in columns.items()}
    )


def _library(wanted: str | None) -> str:
    if wanted is not None and wanted not in LIBRARIES:
        raise unknown_name(Text("数据框程序库", "data frame library"), wanted, LIBRARIES)
    names = LIBRARIES if wanted is None else (wanted,)
    for name in sorted(names, key=lambda name: name not in sys.modules):
        if find_spec(name) is not None:
            return name
    raise MissingExtraError("frame")
