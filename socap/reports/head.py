"""What stands at the head of every report, line by line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from socap.clauses.pack import Subject
from socap.findings import OUTCOME_TITLES
from socap.reports.wording import ASSURANCE, TITLES
from socap.scoring import shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from socap.assessment import Assessment
    from socap.errors import Lang


def head(assessment: Assessment, lang: Lang) -> Iterator[tuple[str, str, str]]:
    """Yield name, label and value of each line; the names are those of `TITLES`."""
    for name, value in _lines(assessment, lang):
        yield name, TITLES[name].in_language(lang), value


def _lines(assessment: Assessment, lang: Lang) -> Iterator[tuple[str, str]]:
    standard, organisation = assessment.standard, assessment.organisation
    person = standard.pack.subject is Subject.PERSON
    yield "person" if person else "organisation", organisation.name.in_language(lang)
    types = standard.vocabulary.types
    if types:
        chosen = [name for name in types if name in organisation.profile.types]
        yield "types", ", ".join(f"{name} {types[name].in_language(lang)}" for name in chosen)
    yield "standard", standard.title.in_language(lang)
    for overlay in standard.overlays:
        yield "overlay", f"{overlay.title.in_language(lang)} ({overlay.id}, {overlay.hash[:12]})"
    yield "as_of", assessment.as_of.isoformat()
    yield "assurance", ASSURANCE[assessment.assurance.value].in_language(lang)
    for name in assessment.overridden:
        yield "parameters", f"{name} = {assessment.parameters[name]}"
    for rule in assessment.disputed:
        yield "disputed", rule.message.in_language(lang)
    score = assessment.score
    if score is not None:
        band = f" ({score.band.title.in_language(lang)})" if score.band is not None else ""
        yield "score", shown(score.low, score.high) + band
        yield "score_reason", score.reason.in_language(lang)
    advice = assessment.recommendation
    yield "status", OUTCOME_TITLES[assessment.status].in_language(lang)
    yield "recommendation", advice.title.in_language(lang)
    yield "recommendation_reason", advice.reason.in_language(lang)
