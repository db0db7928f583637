"""Credit for the certificates held: what is covered, what is left to be shown, what would help most."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from socap.answers import Backing
from socap.crediting.coverage import Covered, combine
from socap.crediting.holdings import holdings
from socap.crediting.wording import credit_text
from socap.crosswalk.relation import Coverage
from socap.errors import Problem, Text, UsageError
from socap.evidence import Assurance, resolve
from socap.findings import KIND_TITLES, Outcome, ReasonKind
from socap.rules.reference import evaluate
from socap.rules.truth import Truth

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from socap.assessment import Assessment
    from socap.clauses.requirement import Requirement
    from socap.crediting.holdings import Holding
    from socap.crosswalk.relation import Relation
    from socap.errors import Lang
    from socap.organisation import Organisation
    from socap.rules.facts import Facts
    from socap.standard import Standard

_NOT_SHOWN = frozenset({ReasonKind.MISSING, ReasonKind.EXPIRED})


@dataclass(frozen=True, slots=True)
class CreditedReference:
    """A relation that gives credit, and the number of the certificate it belongs to."""

    certificate: int
    relation: Relation


@dataclass(frozen=True, slots=True)
class RequirementCredit:
    """How far the certificates held cover one applicable requirement.

    `residual` are the evidence items its rule reads that are still to be shown, `settled` those
    that are not. `withheld` says why evidence bars credit, if it does.
    """

    requirement: str
    coverage: Coverage
    residual: tuple[str, ...]
    settled: tuple[str, ...]
    by: tuple[CreditedReference, ...]
    withheld: Text | None


@dataclass(frozen=True, slots=True)
class Prospect:
    """What a certificate of one standard, not validly held today, would add.

    `covered` counts requirements it would cover, `partly` those it would partly cover or leave
    fewer items of, `items` the evidence items that would no longer have to be shown.
    """

    standard: str
    title: Text
    covered: int
    partly: int
    items: int


@dataclass(frozen=True, eq=False)
class Credit:
    """What the certificates of one organisation give, as of a date.

    `undecided` are requirements that may apply or not; they get no credit and are not counted.
    """

    organisation: Organisation
    standard: Standard
    as_of: date
    holdings: tuple[Holding, ...]
    requirements: dict[str, RequirementCredit]
    undecided: tuple[str, ...]
    most_settling: tuple[Prospect, ...]

    def having(self, coverage: Coverage) -> tuple[RequirementCredit, ...]:
        """Return the applicable requirements with this coverage, in order."""
        return tuple(r for r in self.requirements.values() if r.coverage is coverage)

    @cached_property
    def residual(self) -> dict[str, tuple[str, ...]]:
        """Each evidence item still to be shown, and the applicable requirements that need it."""
        found: dict[str, list[str]] = {}
        for one in self.requirements.values():
            for key in one.residual:
                found.setdefault(key, []).append(one.requirement)
        return {key: tuple(found[key]) for key in sorted(found)}

    @cached_property
    def items_settled(self) -> tuple[str, ...]:
        """The evidence items that no applicable requirement needs to be shown any more."""
        settled = {key for one in self.requirements.values() for key in one.settled}
        return tuple(sorted(settled - set(self.residual)))

    def to_dict(self) -> dict[str, Any]:
        """Return the credit as plain JSON values."""
        return {
            "standard": {"id": self.standard.id, "hash": self.standard.hash},
            "organisation": self.organisation.id,
            "as_of": self.as_of.isoformat(),
            "certificates": [
                {
                    "number": h.number,
                    **h.certificate.to_dict(),
                    "counts_as": h.standard if h.counts else None,
                    "refused": [reason.to_dict() for reason in h.refused],
                    "to_confirm": [condition.to_dict() for condition in h.conditions],
                }
                for h in self.holdings
            ],
            "summary": self._summary(),
            "requirements": [
                {
                    "requirement": r.requirement,
                    "coverage": r.coverage.value,
                    "residual": list(r.residual),
                    "settled": list(r.settled),
                    "withheld": None if r.withheld is None else r.withheld.to_dict(),
                    "by": [
                        {
                            "certificate": b.certificate,
                            "standard": b.relation.standard,
                            "reference": b.relation.reference,
                            "relation": b.relation.relation.value,
                            "uncovered": list(b.relation.uncovered),
                        }
                        for b in r.by
                    ],
                }
                for r in self.requirements.values()
            ],
            "undecided": list(self.undecided),
            "residual": [
                {"item": key, "requirements": list(names)} for key, names in self.residual.items()
            ],
            "most_settling": [
                {
                    "standard": p.standard,
                    "title": p.title.to_dict(),
                    "covered": p.covered,
                    "partly_covered": p.partly,
                    "items": p.items,
                }
                for p in self.most_settling
            ],
        }

    def _summary(self) -> dict[str, int]:
        return {
            "covered": len(self.having(Coverage.FULL)),
            "partly_covered": len(self.having(Coverage.PARTIAL)),
            "not_covered": len(self.having(Coverage.NONE)),
            "undecided": len(self.undecided),
            "items": len(self.items_settled) + len(self.residual),
            "items_no_longer_to_be_shown": len(self.items_settled),
        }

    def to_text(self, lang: Lang = "zh") -> str:
        """Return the credit as plain text."""
        return credit_text(self, lang)


def credit(assessment: Assessment) -> Credit:
    """Return what the certificates of an assessed organisation cover, statement by statement.

    Only requirements that certainly apply and are not excluded are told of. Where the evidence
    speaks against a requirement no certificate covers it: evidence beats a certificate. Raises
    PackError where the standard's crosswalk is wrong.
    """
    standard, crosswalk = assessment.standard, assessment.standard.crosswalk
    held = holdings(assessment.organisation, crosswalk, assessment.as_of, assessment.assurance)
    barred = _against(assessment)
    applies = {
        r.id: evaluate(r.applies_when, assessment.facts) for r in standard.requirements.values()
    }
    told = {}
    for asked in standard.requirements.values():
        excluded = assessment.findings[asked.id].outcome is Outcome.EXCLUDED
        if applies[asked.id] is not Truth.TRUE or excluded:
            continue
        relations = [
            CreditedReference(h.number, relation)
            for h in held
            if h.counts and asked.id not in barred
            for relation in crosswalk.of(asked.id, h.standard)
            if relation.coverage is not Coverage.NONE
        ]
        covered = _combined(asked, [r.relation for r in relations], standard)
        told[asked.id] = RequirementCredit(
            asked.id,
            covered.coverage,
            tuple(k for k in asked.evidence_keys if k in covered.residual),
            tuple(k for k in asked.evidence_keys if k not in covered.residual),
            tuple(relations),
            barred.get(asked.id),
        )
    made = Credit(
        assessment.organisation,
        standard,
        assessment.as_of,
        held,
        told,
        tuple(name for name, truth in applies.items() if truth is Truth.UNKNOWN),
        (),
    )
    return replace(made, most_settling=_prospects(made))


def _combined(asked: Requirement, relations: Iterable[Relation], standard: Standard) -> Covered:
    kinds = standard.crosswalk.standards
    return combine(
        [(relation, kinds[relation.standard].kind) for relation in relations],
        asked,
        standard.vocabulary,
    )


def _against(assessment: Assessment) -> dict[str, Text]:
    """Return the requirements that evidence speaks against, with the reason.

    Evidence that is rejected, disputed, contradictory or implausible has to be cleared first, an
    exclusion asked for settled; evidence merely missing or out of date bars nothing, unless what
    was last shown would have failed the requirement. A threshold changed for this assessment is
    not the one that the crosswalk was judged on.
    """
    last_shown = _as_last_shown(assessment)
    found = {}
    for finding in assessment.findings.values():
        if finding.outcome is Outcome.NONCONFORMING:
            found[finding.requirement] = Text(
                "现有证据表明不符合，证书不能抵消", "the evidence shows that it is not met"
            )
        elif finding.outcome is Outcome.UNDETERMINED:
            kinds = {r.kind for r in finding.reasons} - _NOT_SHOWN
            heads = [KIND_TITLES[kind] for kind in ReasonKind if kind in kinds]
            asked = assessment.standard.requirements[finding.requirement]
            changed = [n for n in asked.parameter_names if n in assessment.overridden]
            if heads:
                found[finding.requirement] = Text(
                    f"须先澄清：{'、'.join(h.zh for h in heads)}",
                    f"to be cleared first: {', '.join(h.en for h in heads)}",
                )
            elif not all(r.evidence for r in finding.reasons):
                found[finding.requirement] = Text(
                    "判定所需的参数尚未设定", "a parameter that it needs is not set"
                )
            elif changed:
                found[finding.requirement] = Text(
                    f"参数已调整，对照关系未按此判断：{'、'.join(changed)}",
                    f"parameters changed, on which no relation was judged: {', '.join(changed)}",
                )
            elif evaluate(asked.satisfied_when, last_shown) is Truth.FALSE:
                found[finding.requirement] = Text(
                    "最近一次证据虽已过期，但表明不符合",
                    "the evidence last shown, though out of date, fails it",
                )
    return found


def _as_last_shown(assessment: Assessment) -> Facts:
    organisation = assessment.organisation

    def undated(backing: Backing) -> Backing:
        return replace(backing, collected_on=None, valid_until=None)

    shown = replace(
        organisation,
        evidence={
            key: tuple(replace(a, backing=undated(a.backing)) for a in answers)
            for key, answers in organisation.evidence.items()
        },
        records={
            kind: tuple(
                replace(
                    record,
                    answers={
                        k: replace(a, backing=undated(a.backing)) for k, a in record.answers.items()
                    },
                    backing=undated(record.backing),
                )
                for record in records
            )
            for kind, records in organisation.records.items()
        },
    )
    facts, _ = resolve(
        shown,
        assessment.standard,
        assessment.as_of,
        Assurance.DECLARED,
        assessment.parameters,
    )
    return facts


def _prospects(made: Credit) -> tuple[Prospect, ...]:
    crosswalk = made.standard.crosswalk
    held = {h.standard for h in made.holdings if h.counts}
    found = []
    for identifier, other in crosswalk.standards.items():
        if identifier in held:
            continue
        covered = partly = 0
        residual: set[str] = set()
        for now in made.requirements.values():
            asked = made.standard.requirements[now.requirement]
            more = () if now.withheld else crosswalk.of(now.requirement, identifier)
            then = _combined(asked, [*(b.relation for b in now.by), *more], made.standard)
            residual |= then.residual
            if then.coverage is Coverage.FULL:
                covered += now.coverage is not Coverage.FULL
            elif then.coverage is Coverage.PARTIAL:
                none_yet = now.coverage is Coverage.NONE
                partly += none_yet or then.residual < frozenset(now.residual)
        items = len(set(made.residual) - residual)
        found.append(Prospect(identifier, other.title, covered, partly, items))
    return tuple(sorted(found, key=lambda p: (-p.covered, -p.partly, -p.items, p.standard)))


def credited(assessment: Assessment, made: Credit) -> dict[str, Text]:
    """Return the requirements that certificates may turn from undetermined into conforming.

    Each comes with the sentence that names certificates and references. Only full coverage by
    certificates counts (an appraisal never gives it), and only where nothing speaks against the
    requirement. Raises UsageError for the credit of another assessment.
    """
    if made.organisation is not assessment.organisation or made.as_of != assessment.as_of:
        message = Text("该采信结果属于另一次评价", "this credit is of another assessment")
        raise UsageError([Problem(message)])
    return {
        one.requirement: _sentence(one, made)
        for one in made.having(Coverage.FULL)
        if assessment.finding(one.requirement).outcome is Outcome.UNDETERMINED
    }


def _sentence(one: RequirementCredit, made: Credit) -> Text:
    by: dict[int, list[str]] = {}
    for reference in one.by:
        by.setdefault(reference.certificate, []).append(reference.relation.reference)
    named = [(made.holdings[number - 1], references) for number, references in by.items()]
    zh = "；".join(
        f"{h.certificate.standard} 第 {h.number} 项证书（有效期至 {_until(h)}）的 {'、'.join(refs)} "
        for h, refs in named
    )
    en = "; ".join(
        f"{', '.join(refs)} of {h.certificate.standard} (certificate {h.number}, valid until {_until(h)})"
        for h, refs in named
    )
    conditions = dict.fromkeys(c for h, _ in named for c in h.conditions)
    return Text(
        f"采信：由 {zh}覆盖；尚待审核员确认：{'；'.join(c.zh for c in conditions)}",
        f"credit: covered by {en}; for an auditor to confirm: {'; '.join(c.en for c in conditions)}",
    )


def _until(held: Holding) -> str:
    assert held.certificate.valid_until is not None
    return held.certificate.valid_until.isoformat()
