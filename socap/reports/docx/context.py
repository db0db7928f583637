"""What a template can name: the record in one language, and what each kind of document adds.

The names are those of `socap.reports.record`; docs/document-templates.md lists them for authors.
"""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from datetime import date
from types import SimpleNamespace
from typing import TYPE_CHECKING

from socap.clauses.requirement import Grade
from socap.errors import Text
from socap.explanation import reasons
from socap.findings import GRADE_TITLES, KIND_TITLES, OUTCOME_TITLES, Outcome, ReasonKind
from socap.planning.telling import ASSUMPTION
from socap.reports.wording import GROUPS, plain
from socap.rules.prose import describe
from socap.rules.reference import evaluate
from socap.rules.truth import Truth

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from socap.assessment import Assessment
    from socap.errors import Lang
    from socap.findings import Reason
    from socap.planning.plan import Conflict, Plan
    from socap.planning.steps import Move, Step
    from socap.reports.record import EvidenceRow, ReportRecord

COLOURS = {
    Outcome.CONFORMING: "E3F1E6",
    Outcome.NONCONFORMING: "F9DEDC",
    Outcome.UNDETERMINED: "FFF3D1",
    Outcome.NOT_APPLICABLE: "EEEEEE",
    Outcome.EXCLUDED: "E4E7F2",
}
_APPLIES = {
    "yes": Text("适用", "applies"),
    "no": Text("不适用", "does not apply"),
    "undetermined": Text("待定", "undetermined"),
    "excluded": Text("适用，已删减", "applies, excluded"),
}
_DECIDED = (Outcome.CONFORMING, Outcome.NONCONFORMING)
_ALWAYS = Text("在任何情况下均适用", "applies in every case")


def told(value: object, lang: Lang) -> object:
    """Return a value as templates see it: texts in one language, dates as ISO 8601, lists of values.

    Outcomes, grades and kinds of reason become an `id` and a `title`, an outcome also a `colour`.

    >>> told(Outcome.EXCLUDED, "en")
    namespace(id='excluded', title='excluded', colour='E4E7F2')
    """
    match value:
        case Text():
            return clean(value.in_language(lang))
        case Outcome():
            title = OUTCOME_TITLES[value].in_language(lang)
            return SimpleNamespace(id=value.value, title=title, colour=COLOURS[value])
        case Grade():
            return SimpleNamespace(id=value.value, title=GRADE_TITLES[value].in_language(lang))
        case ReasonKind():
            return SimpleNamespace(id=value.value, title=KIND_TITLES[value].in_language(lang))
        case str():
            return clean(value)
        case date():
            return value.isoformat()
        case tuple():
            return [told(one, lang) for one in value]
        case _ if is_dataclass(value):
            return SimpleNamespace(
                **{f.name: told(getattr(value, f.name), lang) for f in fields(value)}
            )
        case _:
            return value


def clean(text: str) -> str:
    r"""Return text without what XML 1.0 (section 2.2) cannot hold, on one line.

    >>> clean("a\x0b\ufffeb")
    'a  b'
    """
    return plain(text).replace("\ufffe", " ").replace("\uffff", " ")


def request_number(as_of: date, requirement: str) -> str:
    """Return the number of a corrective action request: the same finding keeps it from run to run.

    >>> request_number(date(2026, 11, 1), "6.3-d")
    'CAR-20261101-6.3-d'
    """
    return f"CAR-{as_of:%Y%m%d}-{requirement}"


def record_context(made: ReportRecord, lang: Lang) -> dict[str, object]:
    """Return what every document can name."""
    context = {f.name: told(getattr(made, f.name), lang) for f in fields(made)}
    titles = {row.id: row.title.in_language(lang) for row in made.by_clause}
    findings = []
    for row in made.findings:
        finding = told(row, lang)
        assert isinstance(finding, SimpleNamespace)
        finding.clause_title = clean(titles[row.clause])
        for name in ("aspect", "pdca"):
            group = getattr(row, name)
            setattr(finding, name, SimpleNamespace(id=group, title=GROUPS[group].in_language(lang)))
        finding.evidence = [
            answer
            for answer, held in zip(finding.evidence, row.evidence, strict=True)
            if not (row.outcome in _DECIDED and _unlisted(held))
        ]
        finding.number = request_number(made.as_of, row.requirement)
        findings.append((row, finding))
    clauses = context["by_clause"]
    assert isinstance(clauses, list)
    for clause in clauses:
        clause.findings = [f for row, f in findings if row.clause == clause.id]
    refused = {row.requirement for row in made.refused()}
    unmet = (Grade.MAJOR, Grade.MINOR)
    return context | {
        "findings": [f for _, f in findings],
        "nonconformities": [f for row, f in findings if row.grade in unmet],
        "opportunities": [f for row, f in findings if row.grade is Grade.OPPORTUNITY],
        "undetermined": [f for row, f in findings if row.outcome is Outcome.UNDETERMINED],
        "excluded": [f for row, f in findings if row.outcome is Outcome.EXCLUDED],
        "refused": [f for row, f in findings if row.requirement in refused],
    }


def _unlisted(answer: EvidenceRow) -> bool:
    """Return whether this is a list that nobody gave; a direct answer stands in its place."""
    return answer.key.startswith("records.") and answer.value == KIND_TITLES[ReasonKind.MISSING]


def applicability(assessment: Assessment, lang: Lang) -> Mapping[str, SimpleNamespace]:
    """Return, for each requirement, whether it applies, under which condition, why, or why not."""
    made, facts = assessment.standard, assessment.facts
    stated = {e.requirement: clean(e.justification) for e in assessment.organisation.exclusions}
    answers = {}
    for asked in made.requirements.values():
        finding, truth = assessment.findings[asked.id], evaluate(asked.applies_when, facts)
        answer = {Truth.TRUE: "yes", Truth.FALSE: "no", Truth.UNKNOWN: "undetermined"}[truth]
        excluded = finding.outcome is Outcome.EXCLUDED
        why = finding.reasons
        if truth is Truth.TRUE or excluded:
            why = reasons(asked.applies_when, facts, made.vocabulary, ReasonKind.CIRCUMSTANCE)
        answer = "excluded" if excluded else answer
        rule = asked.exclusion
        answers[asked.id] = SimpleNamespace(
            applies=SimpleNamespace(id=answer, title=_APPLIES[answer].in_language(lang)),
            why=[_circumstance(r, lang) for r in why] or [_ALWAYS.in_language(lang)],
            justification=stated.get(asked.id, ""),
            excludable=""
            if rule is None
            else clean(
                describe(rule.allowed_when, made.vocabulary, facts.parameters).in_language(lang)
            ),
        )
    return answers


def _circumstance(reason: Reason, lang: Lang) -> str:
    """Return a reason without the words that all reasons of its kind begin with."""
    head = KIND_TITLES[ReasonKind.CIRCUMSTANCE].in_language(lang)
    return clean(reason.text.in_language(lang)).removeprefix(head).lstrip("：: ")


def plan_context(plan: Plan, assessment: Assessment, lang: Lang) -> SimpleNamespace:
    """Return a plan as templates see it; requirements and circumstances come with their titles."""
    made = assessment.standard

    def named(requirements: Iterable[str]) -> list[SimpleNamespace]:
        asked = (made.requirements[name] for name in requirements)
        return [SimpleNamespace(id=r.id, title=clean(r.title.in_language(lang))) for r in asked]

    steps = []
    for number, step in enumerate(plan.steps, start=1):
        shown = _move(step.move, lang)
        shown.number, shown.finish = number, step.finish.isoformat()
        shown.serves, shown.unlocks = named(step.serves), named(step.unlocks)
        steps.append(shown)
    return SimpleNamespace(
        steps=steps,
        cost=plan.cost,
        start=plan.start.isoformat(),
        finish=plan.finish.isoformat(),
        scheduling=ASSUMPTION.in_language(lang),
        unique=plan.unique,
        alternatives=[_alternative(plan.steps, other, lang) for other in plan.alternatives],
        more=plan.more,
        broken=named(plan.broken),
        conflict=None
        if plan.conflict is None
        else _conflict(plan.conflict, assessment, named(plan.conflict.requirements), lang),
    )


def _move(move: Move, lang: Lang) -> SimpleNamespace:
    shown = told(move, lang)
    assert isinstance(shown, SimpleNamespace)
    return shown


def _alternative(steps: tuple[Step, ...], other: tuple[Move, ...], lang: Lang) -> SimpleNamespace:
    known = {(s.move.key, s.move.record) for s in steps}
    kept = {(m.key, m.record) for m in other}
    return SimpleNamespace(
        instead=[_move(m, lang) for m in other if (m.key, m.record) not in known],
        dropped=[
            number
            for number, s in enumerate(steps, start=1)
            if (s.move.key, s.move.record) not in kept
        ],
    )


def _conflict(
    conflict: Conflict, assessment: Assessment, requirements: list[SimpleNamespace], lang: Lang
) -> SimpleNamespace:
    messages = {rule.id: rule.message for rule in assessment.standard.consistency}

    def titled(keys: Iterable[str]) -> Iterator[SimpleNamespace]:
        words = assessment.standard.vocabulary
        for key in keys:
            name = key.removeprefix("records.")
            item = words.everywhere(key)
            title = Text(key, key)
            if key != name:
                title = words.records[name].title
            elif item is not None:
                title = item.question
            left_open = key in conflict.circumstances
            yield SimpleNamespace(id=key, title=clean(title.in_language(lang)), open=left_open)

    return SimpleNamespace(
        requirements=requirements,
        locks=list(titled(conflict.locks)),
        rules=[
            SimpleNamespace(id=name, title=clean(messages[name].in_language(lang)))
            for name in conflict.rules
        ],
        circumstances=list(titled(conflict.circumstances)),
    )
