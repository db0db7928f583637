from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from socap.workbook.cleaning import day, number

NUMBERS: list[tuple[str, int | float | None]] = [
    ("97", 97),
    (" 97 ", 97),
    ("　９７％", 97),
    ("97.0", 97),
    ("97.50 %", 97.5),
    ("１２，３４５．６", 12345.6),
    ("1,234,567", 1234567),
    ("-3", -3),
    ("−3", -3),
    ("+3", 3),
    ("0", 0),
    ("0.0", 0),
    ("007", 7),
    ("123456789012345678", 123456789012345678),
    ("", None),
    ("-", None),
    ("%", None),
    ("%97", None),
    ("97%%", None),
    ("12,5", None),
    ("0,123", None),
    ("1,23,456", None),
    ("1234,567", None),
    ("1,234,56", None),
    ("1.234.567", None),
    ("1 234", None),
    ("1e5", None),
    ("0x10", None),
    ("1_000", None),
    ("nan", None),
    ("inf", None),
    ("5²", None),
    ("½", None),
    ("①", None),
    ("٣", None),
    ("三", None),
    ("3万", None),
    ("约30", None),
    ("30-40", None),
    (">90", None),
    ("(5)", None),
    ("5.", None),
    (".5", None),
    ("5\n6", None),
    ("9" * 41, None),
]


@pytest.mark.parametrize(("text", "meant"), NUMBERS)
def test_a_number_is_read_where_only_one_is_meant(text: str, meant: float | None) -> None:
    found = number(text)
    assert (found, type(found)) == (meant, type(meant))


THE_DAY = date(2026, 3, 2)
DAYS: list[tuple[str, date | None]] = [
    ("2026-03-02", THE_DAY),
    ("2026-3-2", THE_DAY),
    ("2026/3/2", THE_DAY),
    ("2026.3.2", THE_DAY),
    ("2026年3月2日", THE_DAY),
    ("2026年03月02日", THE_DAY),
    ("2026 年 3 月 2 日", THE_DAY),
    ("2026年3月2号", THE_DAY),
    ("20260302", THE_DAY),
    ("２０２６－０３－０２", THE_DAY),
    ("２０２６／３／２", THE_DAY),
    ("　2026-03-02\n", THE_DAY),
    ("2028-02-29", date(2028, 2, 29)),
    ("1900-01-01", date(1900, 1, 1)),
    ("2200-12-31", date(2200, 12, 31)),
    ("2026-02-29", None),
    ("1900-02-29", None),
    ("2100年2月29日", None),
    ("1899-12-31", None),
    ("2201-01-01", None),
    ("03/02/2026", None),
    ("3-2-26", None),
    ("26-3-2", None),
    ("02.03.2026", None),
    ("2026-13-02", None),
    ("2026-02-13-1", None),
    ("2026-3/2", None),
    ("2026-03", None),
    ("2026年3月", None),
    ("2026年3月2", None),
    ("3月2日", None),
    ("202632", None),
    ("2026302", None),
    ("2026-03-02 08:00", None),
    ("2026-03-0²", None),
    ("٢٠٢٦-٠٣-٠٢", None),
    ("46083", None),
    ("", None),
    ("2 March 2026", None),
]


@pytest.mark.parametrize(("text", "meant"), DAYS)
def test_a_day_is_read_where_only_one_is_meant(text: str, meant: date | None) -> None:
    assert day(text) == meant


@given(st.integers(0, 109_937))
def test_every_day_is_read_back_from_every_form(offset: int) -> None:
    meant = date(1900, 1, 1) + timedelta(offset)
    year, month, of_month = meant.year, meant.month, meant.day
    forms = [
        meant.isoformat(),
        f"{year}/{month}/{of_month}",
        f"{year}.{month}.{of_month}",
        f"{year}年{month}月{of_month}日",
        meant.strftime("%Y%m%d"),
    ]
    assert [day(form) for form in forms] == [meant] * 5


@given(st.integers(-(10**12), 10**12))
def test_every_whole_number_is_read_back(meant: int) -> None:
    wide = str(meant).translate({ord("0") + n: 0xFF10 + n for n in range(10)})
    assert number(str(meant)) == number(f"{meant:,}") == number(wide) == meant


@given(st.text("0123456789０２，．-/.%年月日², "))
def test_digits_of_any_text_survive_unchanged(text: str) -> None:
    found = number(text)
    if found is not None:
        narrow = text.translate({0xFF10: "0", 0xFF12: "2", 0xFF0C: ",", 0xFF0E: "."})
        assert float(narrow.strip().rstrip("% ").replace(",", "")) == float(found)
