"""Requirements against outsourcing types: what applies, what does not, and under what condition."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from importlib import import_module
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any

from socap.errors import Problem, Text, UsageError, unknown_name
from socap.evidence import Assurance, resolve
from socap.rules import expressions as x
from socap.rules.facts import Facts, known
from socap.rules.prose import describe
from socap.rules.reference import evaluate
from socap.rules.residual import NEVER, residual
from socap.rules.vocabulary import TYPES_KEY
from socap.standard import load

if TYPE_CHECKING:
    from collections.abc import Iterable

    from socap.errors import Lang
    from socap.organisation import Organisation
    from socap.standard import Standard

SCHEMA_VERSION = "2"


class Applicability(StrEnum):
    """Whether a requirement applies to a type of provider."""

    APPLIES = "applies"
    DOES_NOT_APPLY = "does_not_apply"
    APPLIES_IF = "applies_if"


APPLICABILITY_TITLES = {
    Applicability.APPLIES: Text("适用", "applies"),
    Applicability.DOES_NOT_APPLY: Text("不适用", "does not apply"),
    Applicability.APPLIES_IF: Text("有条件适用", "applies if …"),
}


@dataclass(frozen=True, slots=True)
class Cell:
    """One requirement for one combination of types."""

    decision: Applicability
    condition: Text | None
    why: Text


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """One requirement across all columns."""

    requirement: str
    title: Text
    cells: tuple[Cell, ...]


@dataclass(frozen=True, eq=False)
class Matrix:
    """Requirements × combinations of outsourcing types."""

    standard: Standard
    columns: tuple[tuple[str, ...], ...]
    rows: tuple[MatrixRow, ...]
    notes: tuple[Text, ...]

    def render(self, form: str, lang: Lang = "zh") -> bytes:
        """Return the matrix in a format of `socap matrix --format`."""
        return _reports("formats").render_matrix(self, form, lang)  # type: ignore[no-any-return]

    def to_xlsx(self, file: str | Path, lang: Lang = "zh") -> None:
        """Write the matrix as a workbook."""
        Path(file).write_bytes(self.render("xlsx", lang))

    def to_frame(self, lang: Lang = "zh", *, library: str | None = None) -> Any:
        """Return one row a requirement and combination of types, as a pandas or polars DataFrame."""
        return _reports("frames").matrix_frame(self, lang, library=library)

    def _repr_html_(self) -> str:
        return _reports("notebook").matrix_html(self, "zh")  # type: ignore[no-any-return]

    def to_dict(self) -> dict[str, Any]:
        """Return the matrix as plain JSON values."""
        return {
            "schema_version": SCHEMA_VERSION,
            "standard": {"id": self.standard.id, "hash": self.standard.hash},
            "columns": [list(column) for column in self.columns],
            "notes": [n.to_dict() for n in self.notes],
            "rows": [
                {
                    "requirement": row.requirement,
                    "cells": [
                        {
                            "decision": c.decision.value,
                            "condition": None if c.condition is None else c.condition.to_dict(),
                            "why": c.why.to_dict(),
                        }
                        for c in row.cells
                    ],
                }
                for row in self.rows
            ],
        }


def _reports(name: str) -> Any:
    return import_module(f"socap.reports.{name}")


def matrix(
    standard: Standard | None = None,
    types: Iterable[str] | None = None,
    *,
    organisation: Organisation | None = None,
    as_of: date | None = None,
) -> Matrix:
    """Return what applies to each type, and to each combination of them; all types by default.

    With an organisation the one column is its own, decided by its circumstances; `as_of` is then
    needed, since evidence can dispute them. Raises UsageError for an unknown type, and for a pack
    that does not tell types apart.
    """
    standard = standard or load()
    words = standard.vocabulary
    chosen = tuple(dict.fromkeys(words.types if types is None else types))
    for name in chosen:
        if name not in words.types:
            raise unknown_name(Text("外包类型", "outsourcing type"), name, words.types)
    if organisation is not None:
        if as_of is None:
            raise UsageError(
                [Problem(Text("请给出 as_of", "as_of is needed with an organisation"))]
            )
        facts, _ = resolve(organisation, standard, as_of, Assurance.DECLARED, standard.parameters())
        columns: tuple[tuple[str, ...], ...] = (
            tuple(t for t in words.types if t in organisation.profile.types),
        )
        states = [facts]
    else:
        if not words.types:
            message = Text(
                f"{standard.title.zh}不区分类型，没有适用性矩阵",
                f"{standard.title.en} does not tell types apart, so there is no matrix",
            )
            raise UsageError([Problem(message)])
        if not chosen:
            raise UsageError(
                [Problem(Text("至少写一种外包类型", "name at least one outsourcing type"))]
            )
        sizes = range(1, len(chosen) + 1)
        columns = tuple(group for size in sizes for group in combinations(chosen, size))
        states = [
            Facts(date.min, {TYPES_KEY: known(frozenset(c))}, parameters=standard.parameters())
            for c in columns
        ]
    rows = tuple(
        MatrixRow(r.id, r.title, tuple(_cell(r.applies_when, facts, standard) for facts in states))
        for r in standard.requirements.values()
    )
    shown = {name for column in columns for name in column}
    notes = tuple(note for name, note in standard.pack.type_notes.items() if name in shown)
    return Matrix(standard, columns, rows, (standard.pack.notice, *notes))


def _cell(rule: x.Expression, facts: Facts, standard: Standard) -> Cell:
    left = residual(rule, lambda node: evaluate(node, facts))
    told = describe(rule, standard.vocabulary, facts.parameters)
    if isinstance(rule, x.Always):
        return Cell(
            Applicability.APPLIES, None, Text("适用于所有服务外包组织", "applies to every provider")
        )
    if left == x.Always():
        return Cell(
            Applicability.APPLIES,
            None,
            Text(f"条件成立：{told.zh}", f"the condition holds: {told.en}"),
        )
    if left == NEVER:
        why = Text(f"条件不成立：{told.zh}", f"the condition does not hold: {told.en}")
        return Cell(Applicability.DOES_NOT_APPLY, None, why)
    return Cell(
        Applicability.APPLIES_IF, describe(left, standard.vocabulary, facts.parameters), told
    )
