"""From the cell of a source to the value a company file holds, and nothing guessed."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import TypeAlias
from uuid import UUID

from socap.answers import parse_date
from socap.errors import Text
from socap.rules.vocabulary import NUMERIC, EvidenceItem, ValueType

Plain: TypeAlias = "bool | int | float | str | list[Plain] | dict[str, Plain] | None"

# What a unit is worth in the unit of an evidence item.
UNITS: dict[str, dict[str, Fraction]] = {
    "percent": {"percent": Fraction(1), "fraction": Fraction(100)},
    "hours": {
        "seconds": Fraction(1, 3600),
        "minutes": Fraction(1, 60),
        "hours": Fraction(1),
        "days": Fraction(24),
    },
    "days": {
        "seconds": Fraction(1, 86400),
        "minutes": Fraction(1, 1440),
        "hours": Fraction(1, 24),
        "days": Fraction(1),
    },
}
DATE_FORMAT = re.compile(
    r"(?=.*%Y)(?=.*%m)(?=.*%d)(?!.*(%[YmdHMS]).*\1)([^%]|%[YmdHMS])*\Z", re.DOTALL
)
_NARROW = {0x3000: " ", **{wide: chr(wide - 0xFEE0) for wide in range(0xFF01, 0xFF5F)}}
_ADJACENT = re.compile(r"%[YmdHMS]%")
_NUMBER = re.compile(r"[+-]?([0-9]{1,18}(\.[0-9]{0,30})?|\.[0-9]{1,30})([eE][+-]?[0-9]{1,3})?\Z")
_GROUPED = re.compile(r"[+-]?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]*)?\Z")
_DIGITS = 15  # what a number holds exactly; beyond, a share just under a limit could reach it
_SHOWN = 40


@dataclass(frozen=True, slots=True)
class Column:
    """A column and how its cells are read; `values` says what cells stand for."""

    name: str
    format: str = ""
    values: dict[str, Plain] = field(default_factory=dict)
    unit: str = ""
    thousands: bool = False
    separator: str = ""


class Unreadable(Exception):
    """A cell that is not what its column is said to hold."""

    def __init__(self, message: Text, hint: Text | None = None) -> None:
        self.message, self.hint = message, hint
        super().__init__(message.en)


def units(item: EvidenceItem) -> dict[str, Fraction]:
    """Return what each unit that a column may be in is worth in the unit of an item."""
    unit = "percent" if item.type is ValueType.PERCENT else item.unit
    return UNITS.get(unit, {unit: Fraction(1)} if unit else {})


def on_one_line(text: str) -> str:
    """Return text with its white space, line ends too, as single spaces.

    >>> on_one_line(" 评价  日期 ")
    '评价 日期'
    """
    return " ".join(text.split())


def as_text(cell: object) -> str:
    """Return a cell as text without the white space around it, "" where it is empty.

    Raises Unreadable for what has no text of its own, like bytes.

    >>> as_text(" 有\u3000"), as_text(None), as_text(True), as_text(2.50)
    ('有', '', 'true', '2.5')
    """
    if cell is None:
        return ""
    if isinstance(cell, str):
        if not cell.isascii() and any("\ud800" <= sign <= "\udfff" for sign in cell):
            message = Text("文字中有不完整的字符", "the text holds half a character")
            raise Unreadable(message)
        return cell.strip()
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, (int, float, Decimal, UUID)):
        return str(cell)
    if isinstance(cell, date):
        return cell.isoformat()
    kind = type(cell).__name__
    message = Text(f"不能读取类型为 {kind} 的值", f"a value of the type {kind} cannot be read")
    raise Unreadable(message, Text("请在查询中转换为文字", "turn it into text in the query"))


def converted(cell: object, column: Column, item: EvidenceItem) -> Plain:
    """Return a cell as a company file holds it, or None where it gives no answer.

    Raises Unreadable. Members, whole numbers and limits are for `socap.answers` to check.

    >>> share = EvidenceItem("x", ValueType.PERCENT, Text("", ""), Text("", ""), unit="percent")
    >>> converted("０.２９", Column("c", unit="fraction"), share)
    29
    """
    if item.type is ValueType.SET:
        return _members(cell, column)
    text = as_text(cell)
    if text in column.values:
        return column.values[text]
    if not text:
        return None
    if item.type is ValueType.DATE:
        return _day(cell, text, column)
    if item.type in NUMERIC:
        return _number(text, column, item)
    if item.type is ValueType.BOOLEAN:
        if text.lower() in ("true", "false"):
            return text.lower() == "true"
        message = Text(
            f"{text[:_SHOWN]} 既不是 true 也不是 false",
            f"{text[:_SHOWN]} is neither true nor false",
        )
        raise Unreadable(message, _listed(text))
    return text


def _listed(text: str) -> Text:
    shown = text[:_SHOWN]
    return Text(f"在 values 中写明“{shown}”的含义", f'say in values what "{shown}" stands for')


def _members(cell: object, column: Column) -> Plain:
    if isinstance(cell, (list, tuple)):
        parts = [as_text(part) for part in cell]
    else:
        text = as_text(cell)
        whole = column.values.get(text, text or None)
        if not isinstance(whole, str):
            return whole
        parts = text.split(column.separator) if column.separator else [text]
        parts = [part.strip() for part in parts]
    return [column.values.get(part, part) for part in parts]


def _day(cell: object, text: str, column: Column) -> str:
    if isinstance(cell, datetime):
        if cell.tzinfo is not None:
            message = Text("带时区的时刻不是日期", "a moment with a time zone is not a date")
            hint = Text("请在查询中转换为日期", "turn it into a date in the query")
            raise Unreadable(message, hint)
        return cell.date().isoformat()
    plain = text.translate(_NARROW)
    form = (column.format or "%Y-%m-%d").translate(_NARROW)
    try:
        found = datetime.strptime(plain, form)  # noqa: DTZ007  a day has no time zone
    except ValueError:
        found = None
    strict = not column.format or _ADJACENT.search(form)
    if found is not None and (not strict or found.strftime(form) == plain):
        return found.date().isoformat()
    shown = text[:_SHOWN]
    if column.format:
        raise Unreadable(
            Text(
                f"{shown} 不是按 {column.format} 书写的日期",
                f"{shown} is not a date written as {column.format}",
            )
        )
    message = Text(
        f"{shown} 不是有效日期，应形如 2026-03-31",
        f"{shown} is not a date that exists, written like 2026-03-31",
    )
    hint = Text(
        '其他写法请在映射中写明 format，如 "%Y/%m/%d"',
        'for another way of writing give the column a format, like "%Y/%m/%d"',
    )
    raise Unreadable(message, hint)


def _number(text: str, column: Column, item: EvidenceItem) -> int | float:
    plain = text.translate(_NARROW)
    hint = None
    if item.type is ValueType.PERCENT and column.unit == "percent":
        plain = plain.removesuffix("%").rstrip()
    if _GROUPED.match(plain):
        if column.thousands:
            plain = plain.replace(",", "")
        else:
            hint = Text(
                "逗号是千位分隔符时，写 thousands: true",
                "where the comma groups thousands, write thousands: true",
            )
    if not _NUMBER.match(plain):
        shown = text[:_SHOWN]
        raise Unreadable(Text(f"{shown} 不是数值", f"{shown} is not a number"), hint)
    if len(plain.lower().partition("e")[0].replace(".", "").lstrip("+-0")) > _DIGITS:
        shown = text[:_SHOWN]
        message = Text(
            f"{shown} 超过 {_DIGITS} 位有效数字",
            f"{shown} has more than {_DIGITS} significant digits",
        )
        raise Unreadable(message, Text("请在来源中取舍", "round it where it comes from"))
    value = Fraction(plain) * units(item).get(column.unit, Fraction(1))
    if item.type is ValueType.PERCENT and not 0 <= value <= 100:
        message = Text(
            f"{text[:_SHOWN]}（{column.unit}）不在 0 到 100% 之间",
            f"{text[:_SHOWN]} ({column.unit}) is not between 0 and 100 per cent",
        )
        raise Unreadable(
            message, Text("请核对数值及映射中的 unit", "check it, and the unit of the column")
        )
    return int(value) if value.denominator == 1 else float(value)


def checked_day(cell: object, column: Column, item: EvidenceItem) -> str | None:
    """Return the day a cell holds, within the range of dates that a company file takes."""
    found = converted(cell, column, item)
    if found is not None and parse_date(found) is None:
        message = Text(f"{found} 超出日期范围", f"{found} is out of the range of dates")
        raise Unreadable(message)
    return str(found) if found is not None else None
