"""JSON for programs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from socap.applicability_matrix import Matrix
    from socap.assessment import Assessment
    from socap.errors import Lang


def assessment_report(assessment: Assessment, lang: Lang) -> str:  # noqa: ARG001  both languages are in the data
    """Return the whole result; both languages are in it."""
    return json.dumps(assessment.to_dict(), ensure_ascii=False, indent=2) + "\n"


def matrix_report(matrix: Matrix, lang: Lang) -> str:  # noqa: ARG001  both languages are in the data
    """Return the whole matrix; both languages are in it."""
    return json.dumps(matrix.to_dict(), ensure_ascii=False, indent=2) + "\n"
