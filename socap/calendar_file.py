"""A forecast as an iCalendar file: the one file that knows the format."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

from socap.errors import MissingExtraError, Text

if TYPE_CHECKING:
    from icalendar import Event

    from socap.errors import Lang
    from socap.forecast import Day, Forecast


def calendar(forecast: Forecast, lang: Lang) -> str:
    """Return the file (RFC 5545): one all-day event for each day of changes.

    The UID names organisation, standard and day, so that a later forecast updates the event of an
    earlier one, in either language; DTSTAMP is the start of the day of the assessment, so that the
    same forecast gives the same file. Raises MissingExtraError without the extra `calendar`.
    """
    try:
        from icalendar import Calendar  # noqa: PLC0415
    except ImportError:
        raise MissingExtraError("calendar") from None
    name = printable(forecast.name.in_language(lang))
    made = Calendar()
    made.add("prodid", "-//socap//forecast//EN")
    made.add("version", "2.0")
    made.add("x-wr-calname", Text(f"{name}：符合性预测", f"{name}: forecast").in_language(lang))
    for day in forecast.days:
        made.add_component(_event(forecast, day, lang))
    text: str = made.to_ical().decode("utf-8")
    return text


def _event(forecast: Forecast, day: Day, lang: Lang) -> Event:
    from icalendar import Event  # noqa: PLC0415

    start = forecast.as_of
    named = "\n".join((forecast.organisation, forecast.standard, day.date.isoformat()))
    made = Event()
    made.add("uid", f"{sha256(named.encode(errors='surrogatepass')).hexdigest()[:32]}@socap")
    made.add("dtstamp", datetime(start.year, start.month, start.day, tzinfo=UTC))
    made.add("dtstart", day.date)
    made.add("dtend", day.date + timedelta(days=1))
    made.add("summary", printable(_summary(forecast, day).in_language(lang)))
    made.add("description", "\n".join(day.lines(lang)))
    made.add("transp", "TRANSPARENT")
    return made


def _summary(forecast: Forecast, day: Day) -> Text:
    if day.date == forecast.certification_lost:
        return forecast.loss
    if len(day.changes) == 1:
        return day.changes[0].text
    if not day.changes:
        before, after = day.before.title, day.after.title
        return Text(
            f"认证建议：{before.zh} → {after.zh}", f"Recommendation: {before.en} → {after.en}"
        )
    number = len(day.changes)
    return Text(f"{number} 项审核发现变化", f"{number} findings change")


def printable(line: str) -> str:
    r"""Return text without control and direction characters, on one line.

    >>> printable("a\x1b[31m\nb")
    'a [31m b'
    """
    return "".join(c if c.isprintable() or c == "\u3000" else " " for c in line)
