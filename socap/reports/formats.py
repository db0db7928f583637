"""The table of formats, loaded on first use."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from socap.errors import Text, unknown_name

if TYPE_CHECKING:
    from socap.applicability_matrix import Matrix
    from socap.assessment import Assessment
    from socap.errors import Lang

FORMATS = ("text", "json", "markdown", "csv")


def render_assessment(assessment: Assessment, form: str, lang: Lang) -> str:
    """Return an assessment in a format. Raises UsageError for an unknown one."""
    shown: str = _module(form).assessment_report(assessment, lang)
    return shown


def render_matrix(matrix: Matrix, form: str, lang: Lang) -> str:
    """Return a matrix in a format. Raises UsageError for an unknown one."""
    shown: str = _module(form).matrix_report(matrix, lang)
    return shown


def _module(form: str) -> Any:
    if form not in FORMATS:
        raise unknown_name(Text("格式", "format"), form, FORMATS)
    return import_module(f"socap.reports.{form}")
