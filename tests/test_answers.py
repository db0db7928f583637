"""How several answers of one item settle into a fact."""

from __future__ import annotations

from datetime import date

import pytest

from socap.answers import Answer, Backing, Status, parse_date
from socap.errors import Text
from socap.evidence import Assurance, settle
from socap.rules.facts import Value
from socap.rules.truth import UnknownReason
from socap.rules.vocabulary import EvidenceItem, ValueType

AS_OF = date(2024, 2, 29)
NOTHING = Text("", "")
SHARE = EvidenceItem("a.share", ValueType.PERCENT, NOTHING, NOTHING)
EVENT = EvidenceItem("a.day", ValueType.DATE, NOTHING, NOTHING, event=True)
AGED = EvidenceItem("a.aged", ValueType.INTEGER, NOTHING, NOTHING, validity_days=365)


def answer(value: Value, **backing: object) -> Answer:
    return Answer(value, "", Backing(**backing))  # type: ignore[arg-type]


def why(*answers: Answer, item: EvidenceItem = SHARE, verified: bool = False) -> object:
    level = Assurance.VERIFIED if verified else Assurance.DECLARED
    fact = settle(answers, item, AS_OF, level)
    return fact.unknown or fact.value


@pytest.mark.parametrize(
    ("last", "expected"),
    [(date(2024, 2, 28), UnknownReason.EXPIRED), (date(2024, 2, 29), 90), (date(2024, 3, 1), 90)],
)
def test_evidence_counts_through_its_last_day(last: date, expected: object) -> None:
    assert why(answer(90, valid_until=last)) == expected


def test_evidence_ages_by_its_items_validity() -> None:
    assert why(answer(1, collected_on=date(2023, 3, 1)), item=AGED) == 1
    assert why(answer(1, collected_on=date(2023, 2, 28)), item=AGED) == UnknownReason.EXPIRED


def test_disagreeing_sources_conflict_and_never_the_last_one_wins() -> None:
    assert why(answer(90), answer(91)) == UnknownReason.CONFLICTING
    assert why(answer(91), answer(90)) == UnknownReason.CONFLICTING
    assert why(answer(90), answer(90.0)) == 90


def test_an_expired_source_does_not_conflict() -> None:
    assert why(answer(90, valid_until=date(2024, 1, 1)), answer(91)) == 91


def test_a_rejected_value_does_not_come_back_by_another_source() -> None:
    rejected = answer(90, status=Status.REJECTED)
    assert why(rejected) == UnknownReason.REJECTED
    assert why(rejected, answer(90)) == UnknownReason.REJECTED
    assert why(rejected, answer(85)) == 85


def test_only_verified_evidence_counts_when_asked() -> None:
    verified = answer(90, status=Status.VERIFIED)
    assert why(answer(95), verified, verified=True) == 90
    assert why(answer(95), verified=True) == UnknownReason.UNVERIFIED


@pytest.mark.parametrize(("value", "expected"), [(-0.1, None), (0, 0), (100, 100), (100.1, None)])
def test_a_share_lies_between_0_and_100(value: float, expected: object) -> None:
    assert why(answer(value)) == (UnknownReason.IMPLAUSIBLE if expected is None else expected)


def test_an_event_cannot_lie_in_the_future() -> None:
    assert why(answer(AS_OF), item=EVENT) == AS_OF
    assert why(answer(date(2024, 3, 1)), item=EVENT) == UnknownReason.IMPLAUSIBLE


def test_evidence_collected_after_the_date_does_not_count() -> None:
    assert why(answer(90, collected_on=date(2024, 3, 1))) == UnknownReason.IMPLAUSIBLE


def test_nothing_is_missing() -> None:
    assert why() == UnknownReason.MISSING


@pytest.mark.parametrize(
    "raw",
    [
        "2026-02-29",
        "2026-2-1",
        "20260201",
        "2026-13-01",
        "1899-12-31",
        20260101,
        None,
        "2026-W01-1",
    ],
)
def test_what_is_no_date_is_not_read_as_one(raw: object) -> None:
    assert parse_date(raw) is None
