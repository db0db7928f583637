"""Excel workbooks: the findings of an assessment, and the applicability matrix."""

from __future__ import annotations

from socap.reports.xlsx.findings import assessment_report
from socap.reports.xlsx.matrix import matrix_report

__all__ = ["assessment_report", "matrix_report"]
