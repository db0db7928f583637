"""The table of formats; each is loaded on first use."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from importlib import import_module
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from socap.errors import Problem, Text, UsageError, unknown_name

if TYPE_CHECKING:
    from socap.applicability_matrix import Matrix
    from socap.assessment import Assessment
    from socap.errors import Lang


class Reads(Enum):
    """What a format is made from."""

    RESULT = "the assessment itself"
    FINDINGS = "a record without detail"
    EVERYTHING = "a record with evidence, crosswalk, forecast and credit"


@dataclass(frozen=True, slots=True)
class Format:
    """One format: the suffix of its files, what it reads, whether it also shows a matrix."""

    suffix: str
    reads: Reads
    matrix: bool = False
    binary: bool = False


FORMATS = {
    "text": Format(".txt", Reads.FINDINGS, matrix=True),
    "json": Format(".json", Reads.RESULT, matrix=True),
    "markdown": Format(".md", Reads.FINDINGS, matrix=True),
    "csv": Format(".csv", Reads.FINDINGS, matrix=True),
    "html": Format(".html", Reads.EVERYTHING),
    "xlsx": Format(".xlsx", Reads.EVERYTHING, matrix=True, binary=True),
    "docx": Format(".docx", Reads.EVERYTHING, binary=True),
    "junit": Format(".xml", Reads.RESULT),
    "sarif": Format(".sarif", Reads.RESULT),
}
MATRIX_FORMATS = tuple(name for name, form in FORMATS.items() if form.matrix)


def render_assessment(
    assessment: Assessment, form: str, lang: Lang, *, colour: bool = False, width: int = 80
) -> bytes:
    """Return an assessment in a format; colour and width (in columns) are for text on a terminal.

    Raises UsageError for an unknown format.
    """
    make = _module(form, FORMATS).assessment_report
    match FORMATS[form].reads:
        case Reads.RESULT:
            return _bytes(make(assessment, lang))
        case Reads.FINDINGS:
            made = _records().record(assessment, detail=False)
            terminal = {"colour": colour, "width": width} if form == "text" else {}
            return _bytes(make(made, lang, **terminal))
        case Reads.EVERYTHING:
            return _bytes(make(_records().complete_record(assessment), lang))


def render_matrix(matrix: Matrix, form: str, lang: Lang, *, width: int = 80) -> bytes:
    """Return a matrix in a format. Raises UsageError for an unknown one."""
    terminal = {"width": width} if form == "text" else {}
    return _bytes(_module(form, MATRIX_FORMATS).matrix_report(matrix, lang, **terminal))


def named(form: str | None, output: str, default: str = "text") -> str:
    """Return the format asked for, else the one an output file's name ends with.

    A name without a suffix, like standard output, gets the default. Raises UsageError for a suffix
    that no format has.

    >>> named(None, "report.md"), named(None, "-"), named("csv", "report.txt")
    ('markdown', 'text', 'csv')
    """
    suffix = PurePath(output).suffix.lower()
    if form is not None or output == "-" or not suffix:
        return form or default
    found = next((name for name, one in FORMATS.items() if one.suffix == suffix), None)
    if found is None:
        known = "、".join(one.suffix for one in FORMATS.values())
        message = Text(
            f"从文件名看不出格式：{suffix}",
            f"the file name does not tell the format: {suffix}",
        )
        hint = Text(
            f"用 {known} 结尾，或写明 --format",
            f"end it with {known.replace('、', ', ')}, or give --format",
        )
        raise UsageError([Problem(message, file=output, hint=hint)])
    return found


def _records() -> Any:
    return import_module("socap.reports.record")


def _bytes(content: str | bytes) -> bytes:
    return content.encode("utf-8", "replace") if isinstance(content, str) else content


def _module(form: str, known: Any) -> Any:
    if form not in known:
        raise unknown_name(Text("格式", "format"), form, known)
    return import_module(f"socap.reports.{form}")
