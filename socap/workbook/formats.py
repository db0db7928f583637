"""Number formats of a workbook: which show a date or a percentage, and what date a number is."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from enum import Enum

# Formats that a workbook names by number only. 27-36 and 50-58 are the East Asian ones, which
# Chinese Excel uses for 2026年3月2日.
_DATES = frozenset({*range(14, 18), 22, *range(27, 37), *range(50, 59)})
_PERCENTS = frozenset({9, 10})
_LITERAL = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]')
_ELAPSED = re.compile(r"\[(h+|m+|s+)\]", re.IGNORECASE)


class Shown(Enum):
    """How a cell shows the number it holds."""

    PLAIN = "plain"
    PERCENT = "percent"
    DATE = "date"


def shown(number: int, code: str | None) -> Shown:
    r"""Return how a format shows a number, from its id and its code where the workbook has one.

    Sources: ISO/IEC 29500-1, 18.8.30 (ids) and 18.8.31 (codes). Time of day and elapsed time are
    plain: they name no day.

    >>> shown(164, r'yyyy"年"m"月"d"日";@').name, shown(58, None).name, shown(164, "0.0%").name
    ('DATE', 'DATE', 'PERCENT')
    >>> shown(164, "[h]:mm").name, shown(164, '0.0"day"').name
    ('PLAIN', 'PLAIN')
    """
    if code is None:
        if number in _PERCENTS:
            return Shown.PERCENT
        return Shown.DATE if number in _DATES else Shown.PLAIN
    if _ELAPSED.search(code):
        return Shown.PLAIN
    letters = _LITERAL.sub("", code).split(";")[0].lower()
    if "%" in letters:
        return Shown.PERCENT
    month = "m" in letters and not set("hs") & set(letters)
    return Shown.DATE if month or set("yd") & set(letters) else Shown.PLAIN


def dated(serial: float, *, since_1904: bool) -> date | datetime | None:
    """Return the day a serial number stands for, with its time if it has one, or None.

    In the 1900 system the days before 1 March 1900 are None: Excel counts a 29 February 1900
    that never was, LibreOffice does not, so which day is meant depends on who saved the file.
    Numbers below 1 are a time of day. Source: ISO/IEC 29500-1, 18.17.4.1.

    >>> dated(46083, since_1904=False), dated(44621.5, since_1904=True)
    (datetime.date(2026, 3, 2), datetime.datetime(2026, 3, 2, 12, 0))
    >>> dated(60, since_1904=False) is None
    True
    """
    first, start = (1, date(1904, 1, 1)) if since_1904 else (61, date(1899, 12, 30))
    if not first <= serial < date.max.toordinal() - start.toordinal() + 1:
        return None
    days = int(serial)
    seconds = round((serial - days) * 86_400, 3)
    try:
        moment = datetime.combine(start, time.min) + timedelta(days, seconds)
    except OverflowError:
        return None
    return moment if moment.time() != time.min else moment.date()
