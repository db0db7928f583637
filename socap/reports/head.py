"""What stands at the head of every report, line by line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from socap.clauses.pack import Subject
from socap.errors import Text
from socap.findings import OUTCOME_TITLES
from socap.reports.wording import ASSURANCE, TITLES
from socap.scoring import shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from socap.assessment import Assessment


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a report's head; `name` is that of its label in `TITLES`."""

    name: str
    label: Text
    value: Text


def head(assessment: Assessment) -> Iterator[Line]:
    """Yield the lines of a report's head, in order."""
    for name, value in _lines(assessment):
        yield Line(name, TITLES[name], value)


def _lines(assessment: Assessment) -> Iterator[tuple[str, Text]]:
    standard, organisation = assessment.standard, assessment.organisation
    person = standard.pack.subject is Subject.PERSON
    yield "person" if person else "organisation", organisation.name
    types = standard.vocabulary.types
    if types:
        chosen = [name for name in types if name in organisation.profile.types]
        yield (
            "types",
            Text(
                ", ".join(f"{name} {types[name].zh}" for name in chosen),
                ", ".join(f"{name} {types[name].en}" for name in chosen),
            ),
        )
    yield "standard", standard.title
    for overlay in standard.overlays:
        version = f"({overlay.id}, {overlay.hash[:12]})"
        yield "overlay", Text(f"{overlay.title.zh} {version}", f"{overlay.title.en} {version}")
    yield "as_of", _same(assessment.as_of.isoformat())
    yield "assurance", ASSURANCE[assessment.assurance.value]
    for name in assessment.overridden:
        yield "parameters", _same(f"{name} = {assessment.parameters[name]}")
    for rule in assessment.disputed:
        yield "disputed", rule.message
    score = assessment.score
    if score is not None:
        told = shown(score.low, score.high)
        band = score.band
        yield (
            "score",
            _same(told)
            if band is None
            else Text(f"{told} ({band.title.zh})", f"{told} ({band.title.en})"),
        )
        yield "score_reason", score.reason
    advice = assessment.recommendation
    yield "status", OUTCOME_TITLES[assessment.status]
    yield "recommendation", advice.title
    yield "recommendation_reason", advice.reason


def _same(told: str) -> Text:
    return Text(told, told)
