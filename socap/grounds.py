"""From decisions to findings: exclusions are considered, reasons and proofs found when asked for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from socap.errors import Text
from socap.explanation import reasons
from socap.findings import Finding, Outcome, Reason, ReasonKind
from socap.rules.implicant import implicant
from socap.rules.prose import describe
from socap.rules.reference import evaluate
from socap.rules.truth import Truth

if TYPE_CHECKING:
    from collections.abc import Mapping

    from socap.clauses.requirement import Requirement
    from socap.organisation import Exclusion
    from socap.rules.facts import Facts
    from socap.rules.implicant import FactRef
    from socap.rules.interpreter import Decision
    from socap.standard import ConsistencyRule, Standard

TRUE, FALSE, UNKNOWN = Truth.TRUE, Truth.FALSE, Truth.UNKNOWN
CONFORMING, NONCONFORMING = Outcome.CONFORMING, Outcome.NONCONFORMING
UNDETERMINED, NOT_APPLICABLE = Outcome.UNDETERMINED, Outcome.NOT_APPLICABLE


def outcome(
    requirement: Requirement, decision: Decision, facts: Facts, exclusion: Exclusion | None
) -> Outcome:
    """Return how a decided requirement comes out, its exclusion considered."""
    if decision.applies is not TRUE:
        made = NOT_APPLICABLE if decision.applies is FALSE else UNDETERMINED
    elif decision.satisfied is TRUE:
        made = CONFORMING
    else:
        made = NONCONFORMING if decision.satisfied is FALSE else UNDETERMINED
    if exclusion is None or made is NOT_APPLICABLE:
        return made
    allowed = _allowed(requirement, facts)
    if allowed is TRUE:
        return Outcome.EXCLUDED
    return UNDETERMINED if allowed is UNKNOWN and made is NONCONFORMING else made


def _allowed(requirement: Requirement, facts: Facts) -> Truth:
    rule = requirement.exclusion
    return FALSE if rule is None else evaluate(rule.allowed_when, facts)


@dataclass(frozen=True, eq=False, slots=True)
class Grounds:
    """What findings rest on: the facts, what was decided on them, exclusions claimed, disputes."""

    facts: Facts
    standard: Standard
    decisions: Mapping[str, Decision]
    exclusions: Mapping[str, Exclusion] = field(default_factory=dict)
    disputed: tuple[ConsistencyRule, ...] = ()

    def finding(self, name: str) -> Finding:
        """Return the finding on a decided requirement."""
        requirement = self.standard.requirements[name]
        made = outcome(requirement, self.decisions[name], self.facts, self.exclusions.get(name))
        grade = requirement.severity if made is NONCONFORMING else None
        return Finding(name, made, grade, self)

    def reasons(self, name: str) -> tuple[Reason, ...]:
        """Return why a requirement comes out as it does."""
        requirement, decision = self.standard.requirements[name], self.decisions[name]
        claim = self._claim(requirement)
        if claim is not None and claim.kind is ReasonKind.EXCLUSION:
            return (claim,)
        if decision.applies is not TRUE:
            rule, kind = requirement.applies_when, ReasonKind.CIRCUMSTANCE
        else:
            met = decision.satisfied is TRUE
            rule, kind = requirement.satisfied_when, ReasonKind.MET if met else ReasonKind.UNMET
        words = self.standard.vocabulary
        found = reasons(rule, self.facts, words, kind)
        if claim is not None and claim.kind is ReasonKind.EXCLUSION_OPEN:
            assert requirement.exclusion is not None
            allowed = requirement.exclusion.allowed_when
            found += reasons(allowed, self.facts, words, ReasonKind.MISSING)
        told = tuple(self._with_dispute(reason) for reason in found)
        return told if claim is None else (*told, claim)

    def proof(self, name: str) -> tuple[FactRef, ...]:
        """Return the fewest facts that force an outcome; none for an open or excluded one."""
        requirement, decision = self.standard.requirements[name], self.decisions[name]
        made = outcome(requirement, decision, self.facts, self.exclusions.get(name))
        if made in (UNDETERMINED, Outcome.EXCLUDED):
            return ()
        applies = implicant(requirement.applies_when, self.facts)
        if made is NOT_APPLICABLE:
            return applies
        return tuple(sorted({*applies, *implicant(requirement.satisfied_when, self.facts)}))

    def _with_dispute(self, reason: Reason) -> Reason:
        if reason.kind is not ReasonKind.DISPUTED:
            return reason
        rules = [rule for rule in self.disputed if f"profile.{rule.flag}" in reason.evidence]
        zh = reason.text.zh + "".join(f"；{rule.message.zh}" for rule in rules)
        en = reason.text.en + "".join(f"; {rule.message.en}" for rule in rules)
        return Reason(reason.kind, reason.evidence, reason.records, Text(zh, en))

    def _claim(self, requirement: Requirement) -> Reason | None:
        """Return what becomes of an exclusion that is claimed."""
        exclusion = self.exclusions.get(requirement.id)
        if exclusion is None or self.decisions[requirement.id].applies is FALSE:
            return None
        rule = requirement.exclusion
        why = exclusion.justification
        if rule is None:
            text = Text(
                f"删减不予接受：{requirement.id} 为必须满足的要求，不得删减（所述理由：{why}）",
                f"exclusion refused: {requirement.id} is mandatory and cannot be left out (stated: {why})",
            )
            return Reason(ReasonKind.EXCLUSION_REFUSED, (), (), text)
        allowed = _allowed(requirement, self.facts)
        if allowed is TRUE:
            text = Text(f"删减：{why}", f"excluded: {why}")
            return Reason(ReasonKind.EXCLUSION, (), (), text)
        asked = describe(rule.allowed_when, self.standard.vocabulary, self.facts.parameters)
        if allowed is UNKNOWN:
            text = Text(
                f"删减条件待定：仅当{asked.zh}时可删减，证据尚不足以判断（所述理由：{why}）",
                f"exclusion open: it is allowed only when {asked.en}, which is not known yet (stated: {why})",
            )
            return Reason(ReasonKind.EXCLUSION_OPEN, (), (), text)
        text = Text(
            f"删减不予接受：仅当{asked.zh}时可删减（{rule.reason.zh}；所述理由：{why}）",
            f"exclusion refused: it is allowed only when {asked.en} ({rule.reason.en}; stated: {why})",
        )
        return Reason(ReasonKind.EXCLUSION_REFUSED, (), (), text)
