"""The programme: every applicable requirement by process and PDCA phase, with what to do at it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from socap.auditing.figures import stated
from socap.clauses.requirement import Phase
from socap.crosswalk.relation import Coverage
from socap.findings import Outcome
from socap.identifiers import sort_key

if TYPE_CHECKING:
    from socap.assessment import Assessment
    from socap.clauses.requirement import Requirement, Verification
    from socap.crediting.credit import Credit


class Visit(StrEnum):
    """One audit of the cycle; recertification takes every requirement again."""

    STAGE_1 = "stage_1"
    STAGE_2 = "stage_2"
    SURVEILLANCE_1 = "surveillance_1"
    SURVEILLANCE_2 = "surveillance_2"
    RECERTIFICATION = "recertification"


@dataclass(frozen=True, slots=True)
class Step:
    """One requirement at its place in the programme.

    `applies` is false where it is open whether the requirement applies: the audit settles that.
    `items` are the evidence items to be shown, `settled` those that certificates show.
    """

    requirement: str
    clause: str
    phase: Phase
    outcome: Outcome
    applies: bool
    coverage: Coverage
    items: tuple[str, ...]
    settled: tuple[str, ...]
    verification: Verification | None
    visits: tuple[Visit, ...]


def programme(assessment: Assessment, credit: Credit) -> tuple[Step, ...]:
    """Return the steps: clauses in printed order, in each of them plan, do, check, act.

    Stage 1 takes the requirements that read the documented system, internal audit or management
    review. Each surveillance takes them again, and whatever is nonconforming; other clauses take
    turns. Source: ISO/IEC 17021-1, 9.3.1 and 9.6.2.
    """
    phases, headings = list(Phase), list(assessment.standard.headings)
    left_out = (Outcome.NOT_APPLICABLE, Outcome.EXCLUDED)
    asked = [
        r
        for r in assessment.standard.requirements.values()
        if assessment.findings[r.id].outcome not in left_out
    ]
    asked.sort(key=lambda r: (headings.index(r.clause), phases.index(r.pdca), sort_key(r.id)))
    clauses = list(dict.fromkeys(r.clause for r in asked))
    return tuple(_step(r, clauses.index(r.clause), assessment, credit) for r in asked)


def _step(asked: Requirement, turn: int, assessment: Assessment, credit: Credit) -> Step:
    outcome = assessment.findings[asked.id].outcome
    told = credit.requirements.get(asked.id)
    coverage = Coverage.NONE if told is None else told.coverage
    return Step(
        asked.id,
        asked.clause,
        asked.pdca,
        outcome,
        told is not None,
        coverage,
        asked.evidence_keys if told is None else told.residual,
        () if told is None else told.settled,
        asked.verification,
        _visits(asked, turn, outcome),
    )


def _visits(asked: Requirement, turn: int, outcome: Outcome) -> tuple[Visit, ...]:
    readiness = {key.split(".", maxsplit=1)[0] for key in asked.evidence_keys}
    first = bool(readiness & set(stated().stage_1_items))
    every_time = first or outcome is Outcome.NONCONFORMING
    found = [Visit.STAGE_1] if first else []
    found.append(Visit.STAGE_2)
    if every_time or turn % 2 == 0:
        found.append(Visit.SURVEILLANCE_1)
    if every_time or turn % 2 == 1:
        found.append(Visit.SURVEILLANCE_2)
    return (*found, Visit.RECERTIFICATION)
