"""Numbers and dates that people typed as text: read where only one reading exists, else not."""

from __future__ import annotations

import re
from datetime import date

from socap.answers import EARLIEST, LATEST

# Only full-width forms are made plain: NFKC as a whole would read 5² as 52 and ① as 1.
_PLAIN = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: " ", 0x2212: "-"}
_LENGTH = 40

_NUMBER = re.compile(r"([-+]?)([0-9]+|[1-9][0-9]{0,2}(?:,[0-9]{3})+)(\.[0-9]+)?(?: *%)?\Z")
_DAYS = (
    re.compile(r"([0-9]{4})([-/.])([0-9]{1,2})\2([0-9]{1,2})\Z"),
    re.compile(r"([0-9]{4}) *(年) *([0-9]{1,2}) *月 *([0-9]{1,2}) *[日号]\Z"),
    re.compile(r"([0-9]{4})()([0-9]{2})([0-9]{2})\Z"),
)


def number(text: str) -> int | float | None:
    """Return the number a text states, or None where it states none or could mean another.

    Full-width digits, thousands separators in groups of three and a trailing % are understood;
    the figure before % is returned as it stands.

    >>> number("１，２３４"), number("97.5 %"), number("97.0")
    (1234, 97.5, 97)
    >>> number("0,5") is None, number("约 30") is None, number("5²") is None
    (True, True, True)
    """
    found = _NUMBER.match(_plain(text))
    if not found:
        return None
    sign, whole, decimals = found.groups()
    digits = sign + whole.replace(",", "")
    if not (decimals or "").strip(".0"):
        return int(digits)
    return float(digits + decimals)


def day(text: str) -> date | None:
    """Return the day a text names, year first, or None where it names none or could be another.

    Days that do not exist and years outside `EARLIEST`..`LATEST` are None.

    >>> day("2026年3月2日") == day("2026/3/2") == day("２０２６．３．２") == date(2026, 3, 2)
    True
    >>> day("03/02/2026") is None, day("3-2-26") is None, day("2026-02-29") is None
    (True, True, True)
    """
    plain = _plain(text)
    for form in _DAYS:
        found = form.match(plain)
        if found:
            try:
                named = date(int(found[1]), int(found[3]), int(found[4]))
            except ValueError:
                return None
            return named if EARLIEST <= named <= LATEST else None
    return None


def _plain(text: str) -> str:
    return text.translate(_PLAIN).strip() if len(text) <= _LENGTH else ""
