"""Values as cells show them, and what a cell is understood to say: one place for both ways."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, TypeAlias

from socap.errors import Text, did_you_mean
from socap.rules.vocabulary import ValueType
from socap.workbook import cleaning
from socap.workbook.layout import NO, NONE, YES, refused

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from socap.errors import Lang
    from socap.rules.facts import Value
    from socap.rules.vocabulary import EvidenceItem
    from socap.workbook.opening import Cell

Plain: TypeAlias = bool | int | float | str | list[str]
Shown: TypeAlias = int | float | str | date
_SEPARATOR = re.compile(r"[、,，;；\n]")
_NUMBER = re.compile(r"[-+]?[0-9]+(?P<rest>(\.[0-9]+)?([eE][-+]?[0-9]+)?)\Z")
# Programs count the days before March 1900 differently, so such a date is held as text.
_FIRST_SAFE_DAY = date(1900, 3, 1)
BOOLEAN = {"true": YES, "false": NO}


@dataclass(frozen=True, slots=True)
class Misread:
    """Why a cell is not understood, and what would be."""

    message: Text
    hint: Text | None = None


def folded(text: str) -> str:
    """Return a text as choices are compared: width, case and outer blanks aside."""
    return unicodedata.normalize("NFKC", text).strip().casefold()


class Choices:
    """The members of a closed set, named by id or by the label of either language."""

    def __init__(self, members: Mapping[str, Text], *, several: bool = False) -> None:
        self.members, self.several = dict(members), several
        self.known: dict[str, set[str]] = {}
        for name, label in members.items():
            for text in filter(None, (name, label.zh, label.en)):
                self.known.setdefault(folded(text), set()).add(name)

    def understood(self, text: str) -> str | Misread:
        """Return the member a text names."""
        found = self.known.get(folded(text), set())
        if len(found) == 1:
            return next(iter(found))
        if found:
            names = ", ".join(sorted(found))
            return Misread(
                Text(f"{text[:40]} 有歧义：{names}", f"{text[:40]} is ambiguous: {names}"),
                Text("请写标识", "write the id"),
            )
        zh = "、".join(label.zh for label in self.members.values())
        en = ", ".join(label.en for label in self.members.values())
        return Misread(
            Text(f"{text[:40]} 不在可选值之内：{zh}", f"{text[:40]} is not one of: {en}"),
            did_you_mean(text, [w for t in self.members.values() for w in (t.zh, t.en)]),
        )

    def shown(self, name: str, lang: Lang) -> str:
        """Return the label of a member, its id where the label would not be understood alone."""
        label = " ".join(self.members[name].in_language(lang).split())
        # Where several may be named, a label such as "a, b" would read as two members.
        divided = self.several and _SEPARATOR.search(label) is not None
        alone = self.known.get(folded(label)) == {name} and not divided
        return label if alone else name


def shown(value: Value, item: EvidenceItem, lang: Lang) -> Shown:
    """Return what the answer cell holds. Raises UsageError for what would read differently."""
    match value:
        case bool():
            return (YES if value else NO).in_language(lang)
        case int():
            return value
        case float():
            return shown_number(value, item)
        case date():
            return shown_date(value)
        case str():
            return Choices(item.members).shown(value, lang)
        case _:
            chosen = Choices(item.members, several=True)
            ordered = [name for name in item.members if name in value]
            text = ("、" if lang == "zh" else ", ").join(chosen.shown(n, lang) for n in ordered)
            if members(text, item) != ordered and ordered:
                raise refused(
                    item.key,
                    Text("成员名称含有分隔符", "the name of a member holds a separator"),
                )
            return text or NONE.in_language(lang)


def shown_number(value: float, item: EvidenceItem) -> int | float | str:
    """Return a number as a cell holds it.

    A cell cannot tell 95.0 from 95, nor 0.5 % from 50 %: such a value is held as text.
    """
    if value == int(value):
        return repr(value)
    if item.type is ValueType.PERCENT and abs(value) < 1:
        return f"{value!r}%"
    return value


def shown_date(value: date) -> date | str:
    """Return a date as a cell holds it."""
    return value if value >= _FIRST_SAFE_DAY else value.isoformat()


def understood(cell: Cell, item: EvidenceItem) -> Plain | Misread:
    """Return the value a filled answer cell states, as a company file writes it."""
    match item.type:
        case ValueType.BOOLEAN:
            return truth(cell)
        case ValueType.DATE:
            return day(cell)
        case ValueType.ENUM:
            text = _word(cell)
            return text if isinstance(text, Misread) else Choices(item.members).understood(text)
        case ValueType.SET:
            text = _word(cell)
            return text if isinstance(text, Misread) else members(text, item)
        case ValueType.INTEGER | ValueType.NUMBER | ValueType.PERCENT:
            return number(cell, percent=item.type is ValueType.PERCENT)


def truth(cell: Cell) -> bool | Misread:
    """Return yes or no."""
    if isinstance(cell.value, bool):
        return cell.value
    found = Choices(BOOLEAN).understood(str(cell.value))
    if isinstance(found, Misread):
        message = Text(
            f"应为“是”或“否”，而不是 {str(cell.value)[:40]}",
            f"this should be yes or no, not {str(cell.value)[:40]}",
        )
        return Misread(message)
    return found == "true"


def members(text: str, item: EvidenceItem) -> list[str] | Misread:
    """Return the members a text names, separated by commas, semicolons or line ends."""
    if folded(text) in (folded(NONE.zh), folded(NONE.en)):
        return []
    chosen = Choices(item.members)
    whole = chosen.understood(text)
    if not isinstance(whole, Misread):
        return [whole]
    found = []
    for part in _SEPARATOR.split(text):
        if part.strip():
            member = chosen.understood(part.strip())
            if isinstance(member, Misread):
                return member
            found.append(member)
    return found or whole


def number(cell: Cell, *, percent: bool) -> int | float | Misread:
    """Return the number of a cell; for a percentage 97 means 97 %, and so does 97 % as Excel has it.

    What could be meant as either 0.97 % or 97 % is refused, never guessed.
    """
    value = cell.value
    if isinstance(value, (bool, date)):
        return Misread(Text("应为数值", "this should be a number"))
    if isinstance(value, str):
        return _number_of_text(value, percent=percent)
    assert value is not None
    if cell.percent and not percent:
        return Misread(
            Text(
                "此处不是百分比，单元格却是百分比格式",
                "this is no share, yet the cell is formatted as a percentage",
            ),
            Text("请把格式改为常规后重新填写", "set the format to General and enter it again"),
        )
    if cell.percent:
        scaled = Decimal(repr(value)) * 100
        if abs(scaled) > 100:
            return Misread(
                Text(
                    f"百分比格式的单元格显示为 {scaled.normalize():f}%",
                    f"formatted as a percentage, this reads {scaled.normalize():f} %",
                ),
                Text("请填 0 至 100 之间的百分比", "enter a percentage from 0 to 100"),
            )
        return int(scaled) if scaled == int(scaled) else float(scaled)
    if percent and 0 < abs(value) < 1:
        hundred = Decimal(repr(value)) * 100
        return Misread(
            Text(
                f"{value} 可能指 {value}%，也可能指 {hundred.normalize():f}%",
                f"{value} could mean {value} % or {hundred.normalize():f} %",
            ),
            Text(
                f"请写 {hundred.normalize():f}，或以文字写 '{value}%",
                f"write {hundred.normalize():f}, or, as text, '{value}%",
            ),
        )
    return value


def _number_of_text(text: str, *, percent: bool) -> int | float | Misread:
    plain = text.strip()
    signed = plain.endswith(("%", "％"))
    bare = plain[:-1].rstrip() if signed else plain
    wrong = Misread(
        Text(f"{text[:40]} 不是数值", f"{text[:40]} is not a number"),
        Text("只填数字", "enter digits only"),
    )
    if signed and not percent:
        return Misread(
            Text(f"{text[:40]}：此处不是百分比", f"{text[:40]}: this is no share"), wrong.hint
        )
    exact = _NUMBER.match(bare)
    if exact is None:
        found = cleaning.number(bare)
    elif len(bare) > 400:
        return wrong
    else:
        found = float(bare) if exact["rest"] else int(bare)
    if found is None or not abs(found) < 1e300:
        return wrong
    if percent and not signed and 0 < abs(found) < 1:
        return Misread(
            Text(
                f"{text[:40]} 可能指 {found}%，也可能指 {found * 100:g}%",
                f"{text[:40]} could mean {found} % or {found * 100:g} %",
            ),
            Text("请写明 %", "write the % sign"),
        )
    return found


def day(cell: Cell) -> str | Misread:
    """Return a date as YYYY-MM-DD."""
    value = cell.value
    if isinstance(value, datetime):
        return Misread(
            Text(f"{value} 带有时刻", f"{value} has a time of day"),
            Text(f"只填日期 {value.date()}", f"enter the date {value.date()} alone"),
        )
    if isinstance(value, date):
        return value.isoformat()
    found = None
    if isinstance(value, str) or type(value) is int:
        found = cleaning.day(str(value))
    if found is None:
        return Misread(
            Text(f"{str(value)[:40]} 不是明确的日期", f"{str(value)[:40]} is no unambiguous date"),
            Text("形如 2026-03-31", "written like 2026-03-31"),
        )
    return found.isoformat()


def words(cell: Cell) -> str | Misread:
    """Return the text of a cell, unchanged."""
    if isinstance(cell.value, str):
        return cell.value
    return _word(cell)


def _word(cell: Cell) -> str | Misread:
    if isinstance(cell.value, str):
        return cell.value
    if type(cell.value) is int and not cell.percent:
        return str(cell.value)
    return Misread(
        Text(
            f"应为文字，而不是 {str(cell.value)[:40]}",
            f"this should be text, not {str(cell.value)[:40]}",
        ),
        Text(
            "请把单元格格式设为文本后重新填写", "set the cell's format to Text and enter it again"
        ),
    )


def listed(text: str) -> list[str]:
    r"""Return free names: one a line, or separated by 、 or ; on a single line.

    >>> listed("昆山、上海"), listed("Kunshan; Osaka"), listed("a; b\n")
    (['昆山', '上海'], ['Kunshan', 'Osaka'], ['a; b'])
    """
    parts = text.split("\n") if "\n" in text else re.split(r"[、;；]", text)
    return [part.strip() for part in parts if part.strip()]


def shown_list(names: Sequence[str], name: str) -> str:
    """Return free names as one cell. Raises UsageError for one that would read differently."""
    text = "\n".join(names)
    if len(names) == 1 and listed(text) != list(names):
        text += "\n"
    if listed(text) != list(names):
        message = Text(
            "名称为空、含换行或首尾空格", "a name is empty, or has a line break or outer blanks"
        )
        raise refused(name, message, Text("请改用 YAML、JSON", "use YAML or JSON"))
    return text
