"""What to ask next: the open facts that can still decide findings, best first."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from socap.clauses.requirement import Obligation
from socap.errors import Problem, Text, UsageError
from socap.evidence import set_aside
from socap.explanation import some
from socap.findings import KIND_TITLES, Outcome, ReasonKind
from socap.rules.expressions import keys_read
from socap.rules.implicant import FactRef
from socap.rules.truth import UnknownReason
from socap.rules.ways import Way, joined, ways

if TYPE_CHECKING:
    from collections.abc import Iterable

    from socap.assessment import Assessment
    from socap.clauses.requirement import Requirement
    from socap.errors import Lang
    from socap.rules.expressions import Expression
    from socap.rules.facts import Facts, RecordFacts
    from socap.rules.vocabulary import ValueType
    from socap.standard import Standard

COMBINED = 400
SHOULD = 0.5


class QuestionKind(StrEnum):
    """What an answer gives."""

    ITEM = "item"
    CIRCUMSTANCE = "circumstance"
    RECORDS = "records"
    FIELD = "field"
    RECORD = "record"


@dataclass(frozen=True, slots=True)
class Question:
    """One open fact. `reason` says why it is open; `again` says it in words where it was answered.

    A list of records has no type. `waits_for` names what else has to be known before an answer
    decides a finding, where one answer is not enough. A question of kind `record` is about a
    record that does not count as a whole; no answer about a field mends that.
    """

    key: str
    record: str
    kind: QuestionKind
    question: Text
    type: ValueType | None
    unit: str
    members: dict[str, Text]
    score: float
    requirements: tuple[str, ...]
    evidence: Text
    accepts_no_case: bool
    waits_for: tuple[str, ...]
    reason: ReasonKind
    again: Text

    @property
    def ref(self) -> FactRef:
        """The fact that is asked for."""
        return FactRef(self.key, self.record)

    def to_dict(self) -> dict[str, Any]:
        """Return the question as plain JSON values."""
        return {
            "key": self.key,
            "record": self.record,
            "kind": self.kind.value,
            "question": self.question.to_dict(),
            "type": None if self.type is None else self.type.value,
            "unit": self.unit,
            "members": {name: title.to_dict() for name, title in self.members.items()},
            "score": self.score,
            "requirements": list(self.requirements),
            "evidence": self.evidence.to_dict(),
            "accepts_no_case": self.accepts_no_case,
            "waits_for": list(self.waits_for),
            "reason": self.reason.value,
            "again": self.again.to_dict(),
        }

    def to_text(self, lang: Lang) -> str:
        """Return the question on one line, with its key and what it can decide."""
        place = f"{self.record}: " if self.record else ""
        again = f" [{self.again.in_language(lang)}]" if self.again else ""
        asked = f"{place}{self.question.in_language(lang)} ({self.key}){again}"
        number = len(self.requirements)
        if lang == "zh":
            return f"{self.score:.2f}  {asked} 关系到 {number} 项要求"
        return f"{self.score:.2f}  {asked} bears on {number} requirement{'s' if number > 1 else ''}"


def questions(assessment: Assessment, *, limit: int | None = None) -> tuple[Question, ...]:
    """Return the open facts that can still decide a finding, in the order that settles most.

    For each undetermined finding the smallest sets of open facts are worked out that would decide
    it: those that make it not apply, allow its exclusion, or make it apply and be satisfied or
    fail. Assumption: each open condition holds with probability 0.8, independently of all others,
    so that a set S of |S| questions decides the finding with P(S), the product over its
    conditions; asking one question of S is worth P(S)/|S| of the finding. Then

        score(q) = sum over open findings f of w(f) * min(1, sum over sets S of f with q of P(S)/|S|)
        w(f)     = (1 + requirements that rest on f / all requirements) * (1 if shall, 1/2 if should)

    A list of records not given yet counts as one record; ties keep the order of the catalogue.
    An item that records could answer too is asked directly. Nothing is asked for a decided
    finding. What was answered but does not count (expired, conflicting, rejected, disputed …) is
    asked again, and says why. Raises UsageError for a limit that is not a whole number above 0.
    """
    if limit is not None and (type(limit) is not int or limit < 1):
        message = Text("limit 应为正整数", "limit should be a whole number above 0")
        raise UsageError([Problem(message)])
    standard, facts = assessment.standard, assessment.facts
    stated = {exclusion.requirement for exclusion in assessment.organisation.exclusions}
    about = _Askable(assessment)
    scores: dict[FactRef, float] = {}
    bears_on: dict[FactRef, dict[str, None]] = {}
    smallest: dict[FactRef, Way] = {}
    for requirement in standard.requirements.values():
        if assessment.findings[requirement.id].outcome is not Outcome.UNDETERMINED:
            continue
        found = deciding(requirement, facts, standard, stated=requirement.id in stated)
        for open_ref, share in shares(found).items():
            ref = about.asked(open_ref)
            scores[ref] = scores.get(ref, 0.0) + weights(standard)[requirement.id] * share
            bears_on.setdefault(ref, {})[requirement.id] = None
        for way in found:
            for open_ref in way.refs:
                ref = about.asked(open_ref)
                if ref not in smallest or way.size < smallest[ref].size:
                    smallest[ref] = way
    order = positions(standard)
    chosen = sorted(scores, key=lambda ref: (-round(scores[ref], 6), order[ref.key], about.at(ref)))
    askable = [ref for ref in chosen if ref.record or not _is_field(ref.key, standard)]
    return tuple(
        about.question(ref, round(scores[ref], 6), tuple(bears_on[ref]), smallest[ref])
        for ref in askable[:limit]
    )


def deciding(
    requirement: Requirement, facts: Facts, standard: Standard, *, stated: bool
) -> list[Way]:
    """Return the ways to decide a finding; `stated` where its exclusion is asked for."""
    records = standard.vocabulary.records

    def to(expression: Expression, truth: bool) -> tuple[Way, ...]:
        return ways(expression, facts, records, to=truth)

    applies, satisfied = requirement.applies_when, requirement.satisfied_when
    found = [*to(applies, False)]
    failing = to(satisfied, False)
    if stated and requirement.exclusion is not None:
        allowed = requirement.exclusion.allowed_when
        found += to(allowed, True)
        failing = _both_of(failing, to(allowed, False))
    found += _both_of(to(applies, True), (*to(satisfied, True), *failing))
    return found


def _both_of(left: tuple[Way, ...], right: tuple[Way, ...]) -> tuple[Way, ...]:
    if len(left) * len(right) > COMBINED:
        left = left[:1]
    return tuple(joined((a, b)) for a in left for b in right)


def shares(found: Iterable[Way]) -> dict[FactRef, float]:
    """Return what asking each open fact is worth of one finding: min(1, sum of P(S) / |S|)."""
    worth: dict[FactRef, float] = {}
    for way in found:
        for ref in way.refs:
            worth[ref] = worth.get(ref, 0.0) + way.chance / way.size
    return {ref: min(1.0, share) for ref, share in worth.items()}


@lru_cache(maxsize=8)
def weights(standard: Standard) -> dict[str, float]:
    """Return how much each finding counts: more where others rest on it, half for a should."""
    graph, total = standard.graph, len(standard.requirements)
    return {
        r.id: (1 + len(graph.dependents(r.id)) / total)
        * (1.0 if r.obligation is Obligation.SHALL else SHOULD)
        for r in standard.requirements.values()
    }


@lru_cache(maxsize=8)
def positions(standard: Standard) -> dict[str, int]:
    """Return the place of each key in the order in which the catalogue reads them."""
    asked = standard.requirements.values()
    rules = [rule for r in asked for rule in (r.applies_when, r.satisfied_when)]
    rules += [r.exclusion.allowed_when for r in asked if r.exclusion is not None]
    found = dict.fromkeys(key for rule in rules for key in keys_read(rule))
    return {key: index for index, key in enumerate(found)}


class _Askable:
    """What an assessment's open facts are called, and in which state they are."""

    def __init__(self, assessment: Assessment) -> None:
        self.words = assessment.standard.vocabulary
        self.facts = assessment.facts
        self.disputed = assessment.disputed
        self.keys: dict[Way, Counter[str]] = {}
        self.fields: dict[tuple[str, str], RecordFacts] = {}
        self.place: dict[tuple[str, str], int] = {}
        for name, records in assessment.facts.records.items():
            for index, record in enumerate(records):
                self.fields[name, record.id] = record
                self.place[name, record.id] = index
        self.aside: dict[tuple[str, str], UnknownReason] = {}
        for name, told in assessment.organisation.records.items():
            for one in told:
                why = set_aside(one.backing, None, assessment.as_of, assessment.assurance)
                if why is not None:
                    self.aside[name, one.id] = why

    def asked(self, ref: FactRef) -> FactRef:
        """Return what is asked for a fact: the whole record where that does not count."""
        name = ref.key.split(".", maxsplit=1)[0]
        return FactRef(f"records.{name}", ref.record) if (name, ref.record) in self.aside else ref

    def at(self, ref: FactRef) -> int:
        return self.place.get((_type_of(ref.key), ref.record), 0)

    def question(
        self, ref: FactRef, score: float, requirements: tuple[str, ...], way: Way
    ) -> Question:
        waits = self._waits_for(ref, way)
        if ref.key.startswith("records."):
            return self._of_records(ref, score, requirements, waits)
        item = self.words.everywhere(ref.key)
        assert item is not None
        kind = QuestionKind.FIELD if ref.record else QuestionKind.ITEM
        if ref.key.startswith("profile."):
            kind = QuestionKind.CIRCUMSTANCE
        fact = self.facts.get(ref.key, self.fields.get((_type_of(ref.key), ref.record)))
        reason = ReasonKind((fact.unknown or UnknownReason.MISSING).value)
        return Question(
            ref.key,
            ref.record,
            kind,
            item.question,
            item.type,
            item.unit,
            item.members,
            score,
            requirements,
            Text("", "") if kind is QuestionKind.CIRCUMSTANCE else item.evidence,
            item.accepts_no_case,
            waits,
            reason,
            self._again(ref, reason),
        )

    def _waits_for(self, ref: FactRef, way: Way) -> tuple[str, ...]:
        if way.size == 1:
            return ()
        if way not in self.keys:
            self.keys[way] = Counter(other.key for other in {self.asked(r) for r in way.refs})
        keys = self.keys[way]
        return tuple(sorted(key for key in keys if key != ref.key or keys[key] > 1))

    def _of_records(
        self, ref: FactRef, score: float, requirements: tuple[str, ...], waits: tuple[str, ...]
    ) -> Question:
        name = _type_of(ref.key)
        kind = self.words.records[name]
        reason, asked = (
            ReasonKind.MISSING,
            Text(f"有哪些{kind.title.zh}？", f"Which {kind.title.en}?"),
        )
        if ref.record:
            reason = ReasonKind(self.aside[name, ref.record].value)
            asked = Text(
                f"{kind.title.zh}记录现在是否仍可计入？",
                f"Can this entry of the {kind.title.en} count now?",
            )
        return Question(
            ref.key,
            ref.record,
            QuestionKind.RECORD if ref.record else QuestionKind.RECORDS,
            asked,
            None,
            "",
            {},
            score,
            requirements,
            self.words.usual_evidence(kind.fields),
            False,
            waits,
            reason,
            self._again(ref, reason),
        )

    def _again(self, ref: FactRef, reason: ReasonKind) -> Text:
        if reason is ReasonKind.MISSING:
            return Text("", "")
        told = [KIND_TITLES[reason]]
        told += [rule.message for rule in self.disputed if ref.key == f"profile.{rule.flag}"]
        failing = self.facts.failing.get(ref.key, ())
        if failing:
            told.append(Text(f"记录：{some(failing, 'zh')}", f"records: {some(failing, 'en')}"))
        return Text("；".join(t.zh for t in told), "; ".join(t.en for t in told))


def _is_field(key: str, standard: Standard) -> bool:
    return any(key in kind.fields for kind in standard.vocabulary.records.values())


def _type_of(key: str) -> str:
    return key.removeprefix("records.").split(".", maxsplit=1)[0]
