"""The HTML report: one file that needs no network and no scripts."""

from __future__ import annotations

from socap.reports.html.page import assessment_report

__all__ = ["assessment_report"]
