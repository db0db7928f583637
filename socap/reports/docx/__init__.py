"""Audit documents as DOCX, from templates that a user can replace."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from socap.errors import MissingExtraError, Text, unknown_name
from socap.reports.docx.context import applicability, clean, plan_context, record_context
from socap.reports.docx.template_file import read_template
from socap.reports.record import complete_record

if TYPE_CHECKING:
    from socap.assessment import Assessment
    from socap.errors import Lang
    from socap.planning.plan import Plan
    from socap.reports.record import ReportRecord


class DocumentKind(StrEnum):
    """The documents of an audit. Source: ISO 19011, 6.5.1 and ISO/IEC 17021-1, 9.4.5 to 9.4.9."""

    AUDIT_REPORT = "audit-report"
    CORRECTIVE_ACTION_REQUESTS = "corrective-action-requests"
    APPLICABILITY_STATEMENT = "applicability-statement"
    REMEDIATION_PLAN = "remediation-plan"


DOCUMENT_TITLES = {
    DocumentKind.AUDIT_REPORT: Text("审核报告", "Audit report"),
    DocumentKind.CORRECTIVE_ACTION_REQUESTS: Text("纠正措施要求", "Corrective action requests"),
    DocumentKind.APPLICABILITY_STATEMENT: Text("适用性声明", "Statement of applicability"),
    DocumentKind.REMEDIATION_PLAN: Text("整改计划", "Remediation plan"),
}


def assessment_report(made: ReportRecord, lang: Lang) -> bytes:
    """Return the audit report of a record. Raises MissingExtraError without extra `docx`."""
    return _filled(DocumentKind.AUDIT_REPORT, record_context(made, lang), made, lang, None)


def document(
    kind: DocumentKind | str,
    assessment: Assessment,
    lang: Lang = "zh",
    *,
    template: Path | str | None = None,
    plan: Plan | None = None,
) -> bytes:
    """Return one document of an audit as DOCX, by the bundled template or a user's own.

    `plan` is the plan that a remediation plan shows; without it every change counts as one day of
    effort. Raises UsageError for an unknown kind and for a template that cannot be used, with every
    problem found in it; MissingExtraError without extra `docx`, or `plan` where that is needed.
    """
    known = [one.value for one in DocumentKind]
    if kind not in known:
        raise unknown_name(Text("文件", "document"), str(kind), known)
    kind = DocumentKind(kind)
    made = complete_record(assessment)
    context = record_context(made, lang)
    if kind is DocumentKind.APPLICABILITY_STATEMENT:
        context["applicability"] = applicability(assessment, lang)
    if kind is DocumentKind.REMEDIATION_PLAN:
        shown = assessment.plan() if plan is None else plan
        context["plan"] = plan_context(shown, assessment, lang)
    return _filled(kind, context, made, lang, template)


def bundled_template(kind: DocumentKind, lang: Lang) -> Path:
    """Return the template that comes with socap; a copy of it is where one's own begins."""
    return Path(__file__).parent / "templates" / f"{kind}.{lang}.docx"


def _filled(
    kind: DocumentKind,
    context: dict[str, object],
    made: ReportRecord,
    lang: Lang,
    template: Path | str | None,
) -> bytes:
    try:
        # the extra's packages are needed here only
        from socap.reports.docx.rendering import fill_in  # noqa: PLC0415
    except ImportError as error:
        raise MissingExtraError("docx") from error
    file = bundled_template(kind, lang) if template is None else Path(template)
    title = clean(f"{DOCUMENT_TITLES[kind].in_language(lang)} {made.name.in_language(lang)}")
    return fill_in(read_template(file), file.name, context, title, made.as_of)
