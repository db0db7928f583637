"""A forecast as a calendar: read back by the same and by hand."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import icalendar
import pytest

from socap.assessment import assess
from socap.company_file import read
from socap.errors import MissingExtraError, Text
from socap.forecast import Forecast, forecast

if TYPE_CHECKING:
    from collections.abc import Callable

    from icalendar import Component

    from socap.errors import Lang
    from socap.organisation import Organisation
    from socap.standard import Standard

EXAMPLES = Path(__file__).parent.parent / "examples"
AS_OF = date(2026, 11, 1)


@cache
def example(as_of: date = AS_OF, file: str = "suzhou-analytics.yaml") -> Forecast:
    company = read(EXAMPLES / file)
    return forecast(assess(company, as_of=as_of, reader="reference"), until=date(2029, 11, 1))


def events(made: Forecast, lang: Lang = "zh") -> list[Component]:
    found: list[Component] = icalendar.Calendar.from_ical(made.to_icalendar(lang)).walk("VEVENT")
    return found


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("file", sorted(f.name for f in EXAMPLES.glob("*.yaml")))
def test_one_event_a_day_of_changes(file: str, lang: Lang) -> None:
    made = example(file=file)
    found = events(made, lang)
    assert [event.decoded("dtstart") for event in found] == [day.date for day in made.days]
    assert [(e.decoded("dtend") - e.decoded("dtstart")).days for e in found] == [1] * len(found)
    assert {event.decoded("dtstamp") for event in found} <= {datetime(2026, 11, 1, tzinfo=UTC)}
    assert len({str(event["uid"]) for event in found}) == len(found)
    for event, day in zip(found, made.days, strict=True):
        assert str(event["description"]) == "\n".join(day.lines(lang))
        assert all(change.requirement in str(event["description"]) for change in day.changes)


def test_the_file_is_the_same_each_time_and_well_formed() -> None:
    text = example().to_icalendar("zh")
    assert text == example.__wrapped__().to_icalendar("zh")
    assert text.startswith("BEGIN:VCALENDAR\r\n")
    assert text.endswith("END:VCALENDAR\r\n")
    assert text.count("\n") == text.count("\r\n") == text.count("\r")
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    assert text.count("DTSTART;VALUE=DATE:20261213") == 1


def test_an_event_keeps_its_uid_in_a_later_forecast_and_in_either_language() -> None:
    first = {e.decoded("dtstart"): str(e["uid"]) for e in events(example())}
    later = {e.decoded("dtstart"): str(e["uid"]) for e in events(example(date(2027, 1, 1)), "en")}
    assert len(later) > 10
    assert later.items() <= first.items()
    other = {str(e["uid"]) for e in events(example(file="huaqiao-software.yaml"))}
    assert other.isdisjoint(first.values())


def test_the_day_of_the_loss_is_named() -> None:
    named = {e.decoded("dtstart"): str(e["summary"]) for e in events(example(), "en")}
    assert named[date(2026, 12, 13)] == (
        "The recommendation gets worse: from 2026-12-13 on, Certification deferred"
    )
    assert named[date(2026, 12, 12)] == (
        "C.5-c Review rights: conforming → nonconforming (minor nonconformity)"
    )
    assert named[date(2027, 3, 6)] == "2 findings change"


def test_names_cannot_break_the_file(
    company: Callable[[str], Organisation], tiny: Standard
) -> None:
    body = """
profile: {types: [BPO], uses_external_suppliers: true}
records: {supplier: [{id: "x\\r\\nEND:VEVENT;,\\\\n\\e", critical: true, evaluated_on: 2026-02-01}]}
"""
    named = replace(company(body), id="\ud800", name=Text("甲\r\nEND:VCALENDAR", "\ud800"))
    made = forecast(assess(named, tiny, as_of=AS_OF), until=date(2027, 6, 30))
    assert len(events(made, "en")) == 1
    (event,) = events(made)
    assert "x  END:VEVENT;,\\n" in str(event["description"])
    assert "\x1b" not in made.to_icalendar()


def test_nothing_to_tell_is_an_empty_calendar() -> None:
    made = example(file="new-start.yaml")
    assert events(made) == []
    assert "BEGIN:VCALENDAR" in made.to_icalendar("en")


def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "icalendar", None)
    with pytest.raises(MissingExtraError, match=r"socap\[calendar\]"):
        example().to_icalendar()
