"""The days on which time alone changes what counts as known, or how a dated condition comes out."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from math import floor
from typing import TYPE_CHECKING

from socap.answers import LATEST, Status
from socap.evidence import expires
from socap.rules.expressions import AsOf, Condition, Literal, Operator, ParameterRef, walk
from socap.rules.implicant import FactRef

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from socap.answers import Answer, Backing
    from socap.organisation import Organisation
    from socap.rules.expressions import Expression
    from socap.rules.vocabulary import EvidenceItem
    from socap.standard import Standard

CERTIFICATES = "certificates"
Timed = dict[str, tuple[Condition, ...]]


class Turn(StrEnum):
    """What happens to a date on the day."""

    COLLECTED = "collected"
    EXPIRED = "expired"
    HAPPENED = "happened"
    OVERDUE = "overdue"
    REACHED = "reached"
    PASSED = "passed"


@dataclass(frozen=True, slots=True, order=True)
class Moment:
    """What one date of the evidence brings on one day.

    `ref` is an item, a field of a record, a whole record (`records.<type>`) or a certificate. `condition` is the
    one that comes out anew, where the fact itself stays; `basis` the date that it is about.
    """

    turn: Turn
    ref: FactRef
    basis: date
    limit: int | float | None = None
    condition: Condition | None = None


def moments(
    organisation: Organisation,
    standard: Standard,
    parameters: Mapping[str, int | float],
    as_of: date,
    until: date,
    *,
    use_credit: bool = False,
) -> dict[date, tuple[Moment, ...]]:
    """Return what happens after `as_of` up to `until`, by day, in order.

    Outside these days neither a fact nor a condition can change: a source counts from
    `collected_on` to its last valid day, an event is plausible from its day on, `within n` of a
    past event holds up to n days after it, and a comparison with the day of the assessment turns on
    the day named or the day after. Shares, consistency rules and exclusions follow from these. With
    `use_credit` certificates run out too; they are numbered from 1 under the key `certificates`.
    """
    timed, words = _timed(standard), standard.vocabulary
    found: dict[date, set[Moment]] = defaultdict(set)

    def note(told: Iterable[tuple[int, Moment]]) -> None:
        for day, moment in told:
            if as_of.toordinal() < day <= until.toordinal():
                found[date.fromordinal(day)].add(moment)

    for key, answers in organisation.evidence.items():
        for answer in answers:
            note(_answer(FactRef(key), answer, words.items[key], timed, parameters))
    for name, records in organisation.records.items():
        fields = words.records[name].fields
        for record in records:
            note(_backing(FactRef(f"records.{name}", record.id), record.backing, None))
            for key, answer in record.answers.items():
                note(_answer(FactRef(key, record.id), answer, fields[key], timed, parameters))
    for number, held in enumerate(organisation.certificates if use_credit else (), 1):
        if held.valid_until is not None:
            ref = FactRef(CERTIFICATES, str(number))
            end = held.valid_until.toordinal() + 1
            note([(end, Moment(Turn.EXPIRED, ref, held.valid_until))])
    return {day: tuple(sorted(found[day], key=_order)) for day in sorted(found)}


def _order(moment: Moment) -> tuple[FactRef, str, date, str]:
    return moment.ref, moment.turn.value, moment.basis, repr(moment.condition)


def _timed(standard: Standard) -> Timed:
    """Return the conditions that read the day of the assessment, by the item they are asked of."""
    found: dict[str, dict[Condition, None]] = defaultdict(dict)
    for rule in _rules(standard):
        for node in walk(rule):
            if isinstance(node, Condition) and (
                node.operator is Operator.WITHIN or isinstance(node.operand, AsOf)
            ):
                found[node.item][node] = None
    return {key: tuple(conditions) for key, conditions in found.items()}


def _rules(standard: Standard) -> Iterator[Expression]:
    for requirement in standard.requirements.values():
        yield requirement.applies_when
        yield requirement.satisfied_when
        if requirement.exclusion is not None:
            yield requirement.exclusion.allowed_when
    for rule in standard.consistency:
        yield rule.contradicted_when
    for item in standard.vocabulary.items.values():
        if item.computed is not None:
            yield item.computed.where
            yield item.computed.satisfies


def _answer(
    ref: FactRef,
    answer: Answer,
    item: EvidenceItem,
    timed: Timed,
    parameters: Mapping[str, int | float],
) -> Iterator[tuple[int, Moment]]:
    yield from _backing(ref, answer.backing, item)
    value = answer.value
    if not isinstance(value, date):
        return
    day = value.toordinal()
    if item.event:
        yield day, Moment(Turn.HAPPENED, ref, value)
    for condition in timed.get(ref.key, ()):
        if condition.operator is Operator.WITHIN:
            limit = _limit(condition, parameters)
            if limit is not None:
                overdue = Moment(Turn.OVERDUE, ref, value, limit, condition)
                yield day + floor(limit) + 1, overdue
            continue
        if condition.operator is not Operator.NOT_BEFORE:
            yield day, Moment(Turn.REACHED, ref, value, None, condition)
        if condition.operator is not Operator.NOT_AFTER:
            yield day + 1, Moment(Turn.PASSED, ref, value, None, condition)


def _limit(condition: Condition, parameters: Mapping[str, int | float]) -> int | float | None:
    limit: object = None
    if isinstance(condition.operand, Literal):
        limit = condition.operand.value
    elif isinstance(condition.operand, ParameterRef):
        limit = parameters.get(condition.operand.name)
    # A limit beyond the calendar (or no number at all) is never overdue.
    return limit if isinstance(limit, (int, float)) and 0 <= limit <= LATEST.toordinal() else None


def _backing(
    ref: FactRef, backing: Backing, item: EvidenceItem | None
) -> Iterator[tuple[int, Moment]]:
    if backing.status is Status.REJECTED:
        return
    if backing.collected_on is not None:
        yield backing.collected_on.toordinal(), Moment(Turn.COLLECTED, ref, backing.collected_on)
    last = expires(backing, item)
    yield last.toordinal() + 1, Moment(Turn.EXPIRED, ref, last)
