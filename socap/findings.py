"""What an assessment finds: outcomes, their grades and their reasons."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from socap.clauses.requirement import Grade
from socap.errors import Text

if TYPE_CHECKING:
    from socap.rules.implicant import FactRef


class Outcome(StrEnum):
    """How one requirement came out. Source: ISO 19011, 3.10 and ISO/IEC 17021-1, 9.4.5."""

    CONFORMING = "conforming"
    NONCONFORMING = "nonconforming"
    UNDETERMINED = "undetermined"
    NOT_APPLICABLE = "not_applicable"
    EXCLUDED = "excluded"


OUTCOME_TITLES = {
    Outcome.CONFORMING: Text("符合", "conforming"),
    Outcome.NONCONFORMING: Text("不符合", "nonconforming"),
    Outcome.UNDETERMINED: Text("待定", "undetermined"),
    Outcome.NOT_APPLICABLE: Text("不适用", "not applicable"),
    Outcome.EXCLUDED: Text("删减", "excluded"),
}
GRADE_TITLES = {
    Grade.MAJOR: Text("严重不符合", "major nonconformity"),
    Grade.MINOR: Text("一般不符合", "minor nonconformity"),
    Grade.OPPORTUNITY: Text("改进机会", "opportunity for improvement"),
}


class ReasonKind(StrEnum):
    """What a reason says about the evidence it rests on."""

    MET = "met"
    UNMET = "unmet"
    MISSING = "missing"
    EXPIRED = "expired"
    CONFLICTING = "conflicting"
    REJECTED = "rejected"
    IMPLAUSIBLE = "implausible"
    UNVERIFIED = "unverified"
    DISPUTED = "disputed"
    CIRCUMSTANCE = "circumstance"
    CREDIT = "credit"
    EXCLUSION = "exclusion"
    EXCLUSION_REFUSED = "exclusion_refused"
    EXCLUSION_OPEN = "exclusion_open"


KIND_TITLES = {
    ReasonKind.MET: Text("满足", "met"),
    ReasonKind.UNMET: Text("未满足", "not met"),
    ReasonKind.MISSING: Text("缺少证据", "missing"),
    ReasonKind.EXPIRED: Text("证据已过期", "expired"),
    ReasonKind.CONFLICTING: Text("来源相互矛盾", "sources disagree"),
    ReasonKind.REJECTED: Text("被审核员否决", "rejected by an auditor"),
    ReasonKind.IMPLAUSIBLE: Text("数据不合理", "implausible"),
    ReasonKind.UNVERIFIED: Text("尚未核实", "not verified"),
    ReasonKind.DISPUTED: Text("情形存在争议", "disputed circumstance"),
    ReasonKind.CIRCUMSTANCE: Text("由组织情形决定", "decided by the circumstances"),
    ReasonKind.CREDIT: Text("采信", "credit"),
    ReasonKind.EXCLUSION: Text("删减", "excluded"),
    ReasonKind.EXCLUSION_REFUSED: Text("删减不予接受", "exclusion refused"),
    ReasonKind.EXCLUSION_OPEN: Text("删减条件待定", "exclusion open"),
}


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason: its kind, the evidence keys and records it rests on, and a sentence."""

    kind: ReasonKind
    evidence: tuple[str, ...]
    records: tuple[str, ...]
    text: Text


class Why(Protocol):
    """What findings rest on."""

    def reasons(self, name: str, /) -> tuple[Reason, ...]:
        """Return why a requirement comes out as it does."""

    def proof(self, name: str, /) -> tuple[FactRef, ...]:
        """Return the fewest facts that alone force the outcome."""


@dataclass(frozen=True)
class Finding:
    """One requirement's outcome; `grade` is set just where it is unmet.

    The reasons and the proof are worked out when they are first read, from the facts of the same
    assessment.
    """

    requirement: str
    outcome: Outcome
    grade: Grade | None
    _why: Why = field(repr=False, compare=False)

    @property
    def told(self) -> Text:
        """The outcome in words, with its grade."""
        outcome = OUTCOME_TITLES[self.outcome]
        if self.grade is None:
            return outcome
        grade = GRADE_TITLES[self.grade]
        return Text(f"{outcome.zh}（{grade.zh}）", f"{outcome.en} ({grade.en})")

    @cached_property
    def reasons(self) -> tuple[Reason, ...]:
        """Why the requirement came out so."""
        return self._why.reasons(self.requirement)

    @cached_property
    def proof(self) -> tuple[FactRef, ...]:
        """The fewest facts that alone force a decided outcome; empty for an open or excluded one."""
        return self._why.proof(self.requirement)


@dataclass(frozen=True, slots=True)
class RollUp:
    """How many findings of each kind a clause, an aspect, a phase or the whole has."""

    status: Outcome
    conforming: int
    nonconforming: int
    undetermined: int
    not_applicable: int
    excluded: int
    major: int
    minor: int
    opportunity: int


@dataclass(frozen=True, slots=True)
class Recommendation:
    """What socap recommends on certification; a person decides."""

    id: str
    title: Text
    reason: Text
