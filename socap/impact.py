"""What a fact bears on, what a change would do, and which nonconformities lie at the root."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from socap.assessment import Assessment, assess
from socap.errors import Lang, Text, unknown_name
from socap.findings import OUTCOME_TITLES, Finding, Outcome
from socap.monitoring import FindingChange, changed
from socap.rules.expressions import keys_read
from socap.rules.reference import evaluate
from socap.rules.residual import residual

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from socap.clauses.requirement import Requirement
    from socap.rules.expressions import Expression
    from socap.rules.facts import Facts


class Bearing(StrEnum):
    """What a fact bears on in a requirement."""

    APPLICABILITY = "applicability"
    SATISFACTION = "satisfaction"
    EXCLUSION = "exclusion"


_BEARINGS = {
    Bearing.APPLICABILITY: Text("适用与否", "whether it applies"),
    Bearing.SATISFACTION: Text("是否满足", "whether it is satisfied"),
    Bearing.EXCLUSION: Text("可否删减", "whether it may be excluded"),
}


@dataclass(frozen=True, slots=True)
class Touch:
    """A finding that one fact bears on; `decisive` where it would not stand without the fact."""

    requirement: str
    bearing: Bearing
    outcome: Outcome
    decisive: bool


@dataclass(frozen=True, eq=False)
class Impact:
    """Everything that one fact bears on."""

    key: str
    touches: tuple[Touch, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the impact as plain JSON values."""
        return {
            "key": self.key,
            "touches": [
                {
                    "requirement": t.requirement,
                    "bearing": t.bearing.value,
                    "outcome": t.outcome.value,
                    "decisive": t.decisive,
                }
                for t in self.touches
            ],
        }

    def to_text(self, lang: Lang) -> str:
        """Return one line a finding."""
        lines = [self.key]
        for t in self.touches:
            outcome, bearing = OUTCOME_TITLES[t.outcome], _BEARINGS[t.bearing]
            mark = Text("（起决定作用）", " (decisive)").in_language(lang) if t.decisive else ""
            told = f"{outcome.in_language(lang)}; {bearing.in_language(lang)}"
            lines.append(f"  {t.requirement}: {told}{mark}")
        return "\n".join(lines) + "\n"


def impact(assessment: Assessment, key: str) -> Impact:
    """Return the findings that a fact bears on, decided ones and open ones.

    `key` is an evidence item, a circumstance `profile.<flag>`, a list `records.<type>` or a record
    field. Raises UsageError, with the closest key, for one that no rule reads.
    """
    standard = assessment.standard
    known: dict[str, None] = {}
    touches = []
    for requirement in standard.requirements.values():
        for bearing, rule in _rules(requirement):
            read = standard.vocabulary.expanded(keys_read(rule))
            known.update(dict.fromkeys(read))
            if key in read:
                finding = assessment.findings[requirement.id]
                matters = _matters(assessment, requirement, bearing)
                decisive = matters and _decisive(rule, key, assessment.facts)
                touches.append(Touch(requirement.id, bearing, finding.outcome, decisive))
    if key not in known:
        raise unknown_name(Text("证据项", "evidence item"), key, known)
    return Impact(key, tuple(touches))


def _rules(requirement: Requirement) -> Iterator[tuple[Bearing, Expression]]:
    yield Bearing.APPLICABILITY, requirement.applies_when
    yield Bearing.SATISFACTION, requirement.satisfied_when
    if requirement.exclusion is not None:
        yield Bearing.EXCLUSION, requirement.exclusion.allowed_when


def _matters(assessment: Assessment, requirement: Requirement, bearing: Bearing) -> bool:
    if bearing is Bearing.SATISFACTION:
        return assessment.findings[requirement.id].outcome is not Outcome.NOT_APPLICABLE
    claimed = {e.requirement for e in assessment.organisation.exclusions}
    return bearing is Bearing.APPLICABILITY or requirement.id in claimed


def _decisive(rule: Expression, key: str, facts: Facts) -> bool:
    """Return whether the rule is open on this fact, or would come out open without it."""
    left = residual(rule, lambda node: evaluate(node, facts))
    if key in keys_read(left):
        return True
    items = {k: f for k, f in facts.items.items() if k != key}
    records = {n: r for n, r in facts.records.items() if f"records.{n}" != key}
    records = {
        name: tuple(
            replace(record, fields={k: f for k, f in record.fields.items() if k != key})
            for record in listed
        )
        for name, listed in records.items()
    }
    without = replace(facts, items=items, records=records)
    return evaluate(rule, without) is not evaluate(rule, facts)


@dataclass(frozen=True, eq=False)
class WhatIf:
    """What some changed answers would do."""

    before: Assessment
    after: Assessment
    changes: tuple[FindingChange, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the difference as plain JSON values."""
        return {
            "recommendation": {
                "before": self.before.recommendation.id,
                "after": self.after.recommendation.id,
            },
            "status": {"before": self.before.status.value, "after": self.after.status.value},
            "findings": [
                {
                    "requirement": c.requirement,
                    "before": _outcome(c.before),
                    "after": _outcome(c.after),
                }
                for c in self.changes
            ],
        }

    def to_text(self, lang: Lang) -> str:
        """Return one line a finding that changes, then the recommendation."""
        lines = []
        for c in self.changes:
            title = self.after.standard.requirements[c.requirement].title.in_language(lang)
            was, now = (finding.told.in_language(lang) for finding in (c.before, c.after))
            lines.append(f"{c.requirement} {title}: {was} → {now}")
        if not lines:
            lines.append(Text("没有审核发现变化", "no finding changes").in_language(lang))
        was, now = (a.recommendation.title.in_language(lang) for a in (self.before, self.after))
        head = Text("建议", "Recommendation").in_language(lang)
        lines.append(f"{head}: {was} → {now}" if was != now else f"{head}: {now}")
        return "\n".join(lines) + "\n"


def _outcome(finding: Finding) -> dict[str, str | None]:
    grade = finding.grade.value if finding.grade is not None else None
    return {"outcome": finding.outcome.value, "grade": grade}


def what_if(assessment: Assessment, changes: Mapping[str, Any]) -> WhatIf:
    """Return what the assessment would be with some answers changed (None takes one back).

    Keys and values are those of `Session.update`. Raises EvidenceError for a change that a company
    file could not hold.
    """
    organisation = changed(assessment.organisation, changes, assessment.standard)
    after = assess(
        organisation,
        assessment.standard,
        as_of=assessment.as_of,
        assurance=assessment.assurance,
        parameters={n: assessment.parameters[n] for n in assessment.overridden},
        reader="reference",
    )
    moved = tuple(
        FindingChange(name, before, after.findings[name])
        for name, before in assessment.findings.items()
        if (before.outcome, before.grade)
        != (after.findings[name].outcome, after.findings[name].grade)
    )
    return WhatIf(assessment, after, moved)


def root_causes(assessment: Assessment) -> tuple[str, ...]:
    """Return the nonconforming requirements that rest on no other nonconforming one."""
    wrong = [n for n, f in assessment.findings.items() if f.outcome is Outcome.NONCONFORMING]
    return assessment.standard.graph.root_causes(wrong)
