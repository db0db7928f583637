"""Carrying changes out on an organisation, and judging what comes of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from socap.answers import Answer, Backing, Status
from socap.assessment import Assessment, assess
from socap.evidence import Assurance, resolve, set_aside
from socap.findings import Outcome
from socap.grounds import outcome
from socap.organisation import Record
from socap.rules.interpreter import decision
from socap.rules.reference import evaluate

if TYPE_CHECKING:
    from collections.abc import Iterable

    from socap.organisation import Organisation
    from socap.planning.solving import Change
    from socap.standard import ConsistencyRule

REACHED = frozenset({Outcome.CONFORMING, Outcome.NOT_APPLICABLE, Outcome.EXCLUDED})


def carry_out(assessment: Assessment, changes: Iterable[Change]) -> Organisation:
    """Return the organisation as it is after the changes.

    A changed answer takes the place of all sources of its item, shown on the day of the assessment
    and verified where only verified evidence counts. Other answers of a record that did not count
    (expired, rejected, not verified) still do not. A field of a record that is not there is left out.
    """
    given, verified = assessment.organisation, assessment.assurance is Assurance.VERIFIED
    backing = Backing(
        collected_on=assessment.as_of,
        status=Status.VERIFIED if verified else Status.DECLARED,
        verified_by="plan" if verified else "",
    )
    evidence, records = dict(given.evidence), {k: list(v) for k, v in given.records.items()}
    for change in sorted(changes, key=lambda c: not c.ref.key.startswith("records.")):
        key, record = change.ref.key, change.ref.record
        if key.startswith("records."):
            records.setdefault(key.removeprefix("records."), []).append(Record(record, {}, backing))
        elif record:
            listed = records.get(key.split(".", maxsplit=1)[0], [])
            for place, one in enumerate(listed):
                if one.id == record:
                    listed[place] = _with(one, change, backing, assessment)
        elif change.fact is None:
            evidence.pop(key)
        else:
            evidence[key] = (Answer(change.fact.value, "", backing),)
    return replace(given, evidence=evidence, records={k: tuple(v) for k, v in records.items()})


def _with(record: Record, change: Change, backing: Backing, assessment: Assessment) -> Record:
    counts = set_aside(record.backing, None, assessment.as_of, assessment.assurance) is None
    assert change.fact is not None
    kept = record.answers if counts else {}
    answers = {**kept, change.ref.key: Answer(change.fact.value, "", backing)}
    return Record(record.id, answers, record.backing if counts else backing)


def reassess(assessment: Assessment, changes: Iterable[Change]) -> Assessment:
    """Return the assessment of the organisation after the changes, by the reference reader."""
    return assess(
        carry_out(assessment, changes),
        assessment.standard,
        as_of=assessment.as_of,
        assurance=assessment.assurance,
        parameters=assessment.parameters,
        reader="reference",
    )


@dataclass(frozen=True, slots=True)
class State:
    """Which requirements are reached at some point, and which circumstances are in dispute."""

    reached: frozenset[str]
    disputed: tuple[ConsistencyRule, ...]


def follow(
    assessment: Assessment,
    changes: Iterable[Change],
    wanted: frozenset[str],
    touched: frozenset[str],
    near: State,
) -> State:
    """Return the state after the changes.

    It differs from the state nearby in the touched requirements only, unless other circumstances
    come into dispute: then all are judged anew.
    """
    made, given = assessment.standard, carry_out(assessment, changes)
    facts, contradicted = resolve(
        given, made, assessment.as_of, assessment.assurance, assessment.parameters
    )
    judged = touched if contradicted == near.disputed else wanted
    excluded = {e.requirement: e for e in given.exclusions}
    found = set()
    for name in judged:
        asked = made.requirements[name]
        applies, met = (evaluate(e, facts) for e in (asked.applies_when, asked.satisfied_when))
        if outcome(asked, decision(applies, met), facts, excluded.get(name)) in REACHED:
            found.add(name)
    return State((near.reached - judged) | found, contradicted)


def reached(assessment: Assessment, wanted: Iterable[str]) -> frozenset[str]:
    """Return which of the wanted requirements are met, do not apply or are left out."""
    return frozenset(r for r in wanted if assessment.findings[r].outcome in REACHED)
