"""From a company's answers to facts: what counts as known on a date, and why not."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from socap.answers import UNBACKED, Answer, Backing, Status
from socap.errors import Problem, Text, UsageError, unknown_name
from socap.rules.counting import bounds
from socap.rules.facts import MISSING, Fact, Facts, RecordFacts, Value, known, unknown
from socap.rules.reference import evaluate
from socap.rules.truth import Truth, UnknownReason
from socap.rules.vocabulary import TYPES_KEY, Computed, EvidenceItem, ValueType

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from socap.organisation import Organisation, Record
    from socap.rules.vocabulary import Vocabulary
    from socap.standard import ConsistencyRule, Standard


class Assurance(StrEnum):
    """Which evidence counts: all that is declared, or only what an auditor verified."""

    DECLARED = "declared"
    VERIFIED = "verified"


PLAIN = "reference"
DECLARED = Assurance.DECLARED
DATE, PERCENT, INTEGER = ValueType.DATE, ValueType.PERCENT, ValueType.INTEGER


def asked_for(as_of: date, assurance: Assurance | str) -> Assurance:
    """Return the level of assurance. Raises UsageError for an unknown one, or for no date."""
    if not isinstance(as_of, date) or isinstance(as_of, datetime):
        raise UsageError([Problem(Text("as_of 应为日期", "as_of should be a date"))])
    levels = [level.value for level in Assurance]
    if assurance not in levels:
        raise unknown_name(Text("证据级别", "assurance level"), str(assurance), levels)
    return Assurance(assurance)


def resolve(
    organisation: Organisation,
    standard: Standard,
    as_of: date,
    assurance: Assurance,
    parameters: dict[str, int | float],
    reader: str = PLAIN,
) -> tuple[Facts, tuple[ConsistencyRule, ...]]:
    """Return the facts of an organisation on a date, and the circumstances in dispute."""
    facts = settled(organisation, standard, as_of, assurance, parameters)
    return disputing(facts, standard, reader)


def disputing(
    facts: Facts, standard: Standard, reader: str = PLAIN
) -> tuple[Facts, tuple[ConsistencyRule, ...]]:
    """Return settled facts with contradicted circumstances unknown, and what contradicts them.

    The few rules on consistency are not worth a decision engine: it leaves them to `reference`.
    """
    chosen = PLAIN if reader == "durable" else reader
    told = standard.contradictions(chosen, facts.parameters).decide(facts)
    disputed = tuple(r for r in standard.consistency if told[r.id].satisfied is Truth.TRUE)
    flags = {f"profile.{rule.flag}": unknown(UnknownReason.DISPUTED) for rule in disputed}
    return replace(facts, items=facts.items | flags), disputed


def settled(
    organisation: Organisation,
    standard: Standard,
    as_of: date,
    assurance: Assurance,
    parameters: dict[str, int | float],
) -> Facts:
    """Return the facts of an organisation on a date, its circumstances taken as it states them."""
    words = standard.vocabulary
    items = {
        key: settle(answers, words.items[key], as_of, assurance)
        for key, answers in organisation.evidence.items()
    }
    records = {
        name: tuple(_record(r, words.records[name].fields, as_of, assurance) for r in entries)
        for name, entries in organisation.records.items()
    }
    failing = _compute(words, items, Facts(as_of, {}, records, parameters))
    doubted = {key for part, total in words.parts for key in _above_total(part, total, items)}
    items |= dict.fromkeys(doubted, unknown(UnknownReason.IMPLAUSIBLE))
    items[TYPES_KEY] = known(organisation.profile.types)
    for name, value in organisation.profile.flags.items():
        items[f"profile.{name}"] = known(value)
    return Facts(as_of, items, records, parameters, failing)


def settle(
    answers: Sequence[Answer], item: EvidenceItem, as_of: date, assurance: Assurance
) -> Fact:
    """Return the fact that several sources of one item amount to.

    Rejected, expired and (where asked) unverified answers do not count; those that are left have
    to agree. Nothing is ever decided by which came last.
    """
    if len(answers) == 1:
        return _counted(answers[0], item, as_of, assurance)
    left: list[Answer] = []
    reasons: list[UnknownReason] = []
    for answer in answers:
        reason = set_aside(answer.backing, item, as_of, assurance)
        if reason is None:
            left.append(answer)
        else:
            reasons.append(reason)
    rejected = [a for a in answers if a.backing.status is Status.REJECTED]
    if any(
        (a.value, bool(a.no_case)) == (b.value, bool(b.no_case)) for a in left for b in rejected
    ):
        return unknown(UnknownReason.REJECTED)
    if not left:
        order = (
            UnknownReason.REJECTED,
            UnknownReason.IMPLAUSIBLE,
            UnknownReason.UNVERIFIED,
            UnknownReason.EXPIRED,
        )
        return next((unknown(reason) for reason in order if reason in reasons), MISSING)
    if any((a.value, bool(a.no_case)) != (left[0].value, bool(left[0].no_case)) for a in left[1:]):
        return unknown(UnknownReason.CONFLICTING)
    return _counted(left[0], item, as_of, assurance)


def _counted(answer: Answer, item: EvidenceItem, as_of: date, assurance: Assurance) -> Fact:
    if answer.backing is not UNBACKED or assurance is not DECLARED:
        aside = set_aside(answer.backing, item, as_of, assurance)
        if aside is not None:
            return unknown(aside)
    if answer.value is None or plausible(answer.value, item, as_of):
        return answer.fact
    return unknown(UnknownReason.IMPLAUSIBLE)


def set_aside(
    backing: Backing, item: EvidenceItem | None, as_of: date, assurance: Assurance
) -> UnknownReason | None:
    """Return why an answer does not count on a date, or None where it does."""
    if backing.status is Status.REJECTED:
        return UnknownReason.REJECTED
    if backing.collected_on is not None and backing.collected_on > as_of:
        return UnknownReason.IMPLAUSIBLE
    dated = backing.collected_on is not None or backing.valid_until is not None
    if dated and expires(backing, item) < as_of:
        return UnknownReason.EXPIRED
    if assurance is Assurance.VERIFIED and backing.status is not Status.VERIFIED:
        return UnknownReason.UNVERIFIED
    return None


def expires(backing: Backing, item: EvidenceItem | None) -> date:
    """Return the last day on which an answer counts; the day itself is included."""
    last = backing.valid_until or date.max
    days = item.validity_days if item is not None else None
    if days is not None and backing.collected_on is not None:
        last = min(last, backing.collected_on + timedelta(days=days))
    return last


def plausible(value: Value, item: EvidenceItem, as_of: date) -> bool:
    """Return whether a value can be true at all on the date."""
    kind = item.type
    if kind is DATE:
        assert isinstance(value, date)
        return not item.event or value <= as_of
    if kind is PERCENT:
        assert isinstance(value, (int, float))
        return 0 <= value <= 100
    if kind is INTEGER:
        assert isinstance(value, int)
        return value >= 0
    return True


_ANSWERABLE = (UnknownReason.MISSING, UnknownReason.EXPIRED, UnknownReason.UNVERIFIED)


def _compute(words: Vocabulary, items: dict[str, Fact], told: Facts) -> dict[str, tuple[str, ...]]:
    """Answer items from records; a direct answer that disagrees with them is conflicting."""
    failing = {}
    for item, rule in words.computed:
        key, records = item.key, told.records.get(rule.record)
        if records is None:
            continue
        span, failed = computed(rule, records, told)
        if not records and item.accepts_no_case:
            span = None
        direct = items.get(key, MISSING)
        if direct.unknown not in (None, *_ANSWERABLE):
            continue
        if direct.unknown is None and not _agree(direct, span):
            items[key], failing[key] = unknown(UnknownReason.CONFLICTING), failed
        elif span is None and direct.unknown is not None:
            # That a period had no case is for the organisation to state, with its reason.
            items[key] = MISSING
        elif span is not None and span[0] == span[1]:
            exact = span[0]
            items[key], failing[key] = known(int(exact) if exact == int(exact) else exact), failed
        elif direct.unknown is not None:
            items[key], failing[key] = MISSING, failed
    return failing


def computed(
    rule: Computed, records: Sequence[RecordFacts], told: Facts
) -> tuple[tuple[float, float] | None, tuple[str, ...]]:
    """Return the least and greatest figure that records allow, and which of them do not satisfy."""
    judged = [(evaluate(rule.where, told, r), evaluate(rule.satisfies, told, r)) for r in records]
    failed = tuple(
        r.id
        for r, (where, satisfies) in zip(records, judged, strict=True)
        if where is not Truth.FALSE and satisfies is not Truth.TRUE
    )
    return bounds(rule.quantity, judged), failed


def _agree(direct: Fact, span: tuple[float, float] | None) -> bool:
    """Return whether records allow a direct answer, as exactly as it was given."""
    if span is None:
        return direct.no_case or direct.value == 0
    if direct.no_case:
        return False
    value = direct.value
    assert isinstance(value, (int, float))
    digits = len(str(value).partition(".")[2]) if isinstance(value, float) else 0
    half = 0.5 * 10.0**-digits
    return span[0] - half <= value <= span[1] + half


def _above_total(part: str, total: str, items: dict[str, Fact]) -> Iterator[str]:
    """Yield an item and its total where it is the greater of the two."""
    less, more = items.get(part, MISSING).value, items.get(total, MISSING).value
    if isinstance(less, int) and isinstance(more, int) and less > more:
        yield from (part, total)


def _record(
    record: Record, fields: dict[str, EvidenceItem], as_of: date, assurance: Assurance
) -> RecordFacts:
    reason = set_aside(record.backing, None, as_of, assurance)
    if reason is not None:
        return RecordFacts(record.id, dict.fromkeys(fields, unknown(reason)))
    facts = dict.fromkeys(fields, MISSING)
    for key, answer in record.answers.items():
        facts[key] = _counted(answer, fields[key], as_of, DECLARED)
    return RecordFacts(record.id, facts)
