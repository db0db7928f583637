"""What a finding means to a pipeline: it passes, it stops the run, or it is set aside and said so."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from socap.clauses.requirement import Grade, Obligation
from socap.findings import Outcome

if TYPE_CHECKING:
    from socap.assessment import Assessment
    from socap.findings import Finding


class Verdict(StrEnum):
    """How a finding, or an assessment as a whole, counts as a test."""

    PASSED = "passed"
    FAILED = "failed"
    OPEN = "open"
    SKIPPED = "skipped"


def verdict(assessment: Assessment, finding: Finding) -> Verdict:
    """Return how one finding counts.

    What grading.yaml keeps out of the status stops no run either: an unmet or open `should` is set
    aside, never passed.
    """
    match finding.outcome:
        case Outcome.CONFORMING:
            return Verdict.PASSED
        case Outcome.NONCONFORMING:
            return Verdict.SKIPPED if finding.grade is Grade.OPPORTUNITY else Verdict.FAILED
        case Outcome.UNDETERMINED:
            asked = assessment.standard.requirements[finding.requirement]
            return Verdict.OPEN if asked.obligation is Obligation.SHALL else Verdict.SKIPPED
        case Outcome.NOT_APPLICABLE | Outcome.EXCLUDED:
            return Verdict.SKIPPED


def overall(assessment: Assessment) -> Verdict:
    """Return how the status counts; it passes just where `socap assess` exits with 0.

    A company to which nothing applies has no finding that fails, and no reason to pass.
    """
    told = {Outcome.CONFORMING: Verdict.PASSED, Outcome.NONCONFORMING: Verdict.FAILED}
    return told.get(assessment.status, Verdict.OPEN)
