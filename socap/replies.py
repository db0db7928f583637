"""What a person typed, read as an answer to one question."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING

from socap.answers import NUMBER_LIMIT, parse_date
from socap.errors import Problem, Text, UsageError
from socap.evidence import plausible
from socap.questions import Question, QuestionKind
from socap.rules.vocabulary import EvidenceItem, ValueType

if TYPE_CHECKING:
    from socap.rules.facts import Value

LONGEST = 2_000
LISTED = 500
_WHOLE = re.compile(r"[+-]?([0-9]{1,13}|[0-9]{1,3}(,[0-9]{3}){1,4})\Z")
_NUMBER = re.compile(r"[+-]?([0-9]{1,13}|[0-9]{1,3}(,[0-9]{3}){1,4})?(\.[0-9]{1,9})?\Z")
_YES = {"yes", "y", "true", "t", "是", "有", "对", "是的"}
_NO = {"no", "n", "false", "f", "否", "不", "不是", "没有", "无", "none"}


class Command(StrEnum):
    """What a person may type instead of an answer."""

    SKIP = "skip"
    NONE = "none"
    NO_CASE = "no_case"
    BACK = "back"
    HELP = "help"
    QUIT = "quit"


_COMMANDS = {
    "skip": Command.SKIP,
    "跳过": Command.SKIP,
    "none": Command.NONE,
    "没有": Command.NONE,
    "无": Command.NONE,
    "no_case": Command.NO_CASE,
    "未发生": Command.NO_CASE,
    "back": Command.BACK,
    "返回": Command.BACK,
    "?": Command.HELP,
    "help": Command.HELP,
    "帮助": Command.HELP,
    "quit": Command.QUIT,
    "exit": Command.QUIT,
    "退出": Command.QUIT,
}


@dataclass(frozen=True, slots=True)
class Names:
    """The ids of a list of records."""

    ids: tuple[str, ...]


def cleaned(text: str) -> str:
    """Return typed text in its plain form: full-width letters and digits narrow, no control signs.

    >>> cleaned("　９５％ ")
    '95%'
    """
    plain = unicodedata.normalize("NFKC", text[: LONGEST + 1])
    kept = "".join(" " if c.isspace() else c for c in plain if c.isspace() or c.isprintable())
    return kept.strip()


def command(text: str) -> Command | None:
    """Return the command that cleaned text is, or None."""
    return _COMMANDS.get(text.lower())


def refused(zh: str, en: str) -> UsageError:
    """Return the error for an answer, saying what would be right."""
    return UsageError([Problem(Text(zh, en))])


def numbered(members: dict[str, Text]) -> bool:
    """Return whether choices can be picked by number: not where a choice is itself a number."""
    return not any(name.isdecimal() for name in members)


def read_reply(
    text: str, question: Question, item: EvidenceItem | None, as_of: date
) -> Value | Names:
    """Return the value (or record ids) that cleaned text gives. Raises UsageError, saying what is right."""
    if len(text) > LONGEST:
        raise refused("回答过长", "this answer is too long")
    if not text:
        raise refused("没有内容；不想回答请输入 跳过", "nothing typed; type skip to pass")
    if question.kind is QuestionKind.RECORDS or item is None:
        return _names(text, question)
    value = _value(text, item)
    if not plausible(value, item, as_of):
        if isinstance(value, date):
            raise refused(
                f"{value} 在评价日 {as_of} 之后",
                f"{value} is after the day of the assessment, {as_of}",
            )
        most = " 100" if item.type is ValueType.PERCENT else ""
        raise refused(
            f"应为 0{' 至' + most if most else ' 或以上'}",
            f"this should be 0{' to' + most if most else ' or more'}",
        )
    return value


def _value(text: str, item: EvidenceItem) -> Value:
    match item.type:
        case ValueType.BOOLEAN:
            word = text.lower()
            if word in _YES or word in _NO:
                return word in _YES
            raise refused("请答 是 或 否", "answer yes or no")
        case ValueType.DATE:
            found = parse_date(text)
            if found is not None:
                return found
            raise _date_refused(text)
        case ValueType.ENUM:
            return _member(text, item)
        case ValueType.SET:
            return _members(text, item)
        case ValueType.INTEGER:
            if _WHOLE.match(text) and abs(whole := int(text.replace(",", ""))) <= NUMBER_LIMIT:
                return whole
            raise refused("应为整数，如 12", "this should be a whole number, such as 12")
        case ValueType.NUMBER | ValueType.PERCENT:
            bare = text.removesuffix("%").strip() if item.type is ValueType.PERCENT else text
            if _NUMBER.match(bare) and any(c.isdecimal() for c in bare):
                number = float(bare.replace(",", ""))
                if abs(number) <= NUMBER_LIMIT:
                    return int(number) if _WHOLE.match(bare) else number
            raise refused("应为数值，如 95 或 4.5", "this should be a number, such as 95 or 4.5")


def _date_refused(text: str) -> UsageError:
    parts = [part for part in re.split(r"[^0-9]+", text) if part]
    guess = None
    if len(parts) == 3 and len(parts[0]) == 4:
        guess = parse_date("-".join((parts[0], parts[1].zfill(2), parts[2].zfill(2))))
    if guess is not None:
        return refused(f"日期请写成 {guess}", f"write the date as {guess}")
    return refused(
        f"{text[:40]} 不是有效日期，请写成 2026-03-31 的样子",
        f"{text[:40]} is not a date that exists; write it like 2026-03-31",
    )


def _member(text: str, item: EvidenceItem) -> str:
    word, names = text.lower(), list(item.members)
    for name, title in item.members.items():
        if word in (name.lower(), cleaned(title.zh).lower(), cleaned(title.en).lower()):
            return name
    if numbered(item.members) and text.isascii() and text.isdecimal():
        index = int(text[:9])
        if 1 <= index <= len(names):
            return names[index - 1]
        raise refused(
            f"没有第 {index} 项，共 {len(names)} 项",
            f"there is no choice {index}; there are {len(names)}",
        )
    raise refused(f"没有 {text[:40]} 这一项", f"{text[:40]} is not one of the choices")


def _members(text: str, item: EvidenceItem) -> frozenset[str]:
    if text == "0" and "0" not in item.members:
        return frozenset()
    try:
        return frozenset({_member(text, item)})
    except UsageError:
        parts = [part.strip() for part in re.split(r"[,;、。]", text) if part.strip()]
        if not parts or parts == [text]:
            raise
    return frozenset(_member(part, item) for part in parts)


def _names(text: str, question: Question) -> Names:
    kind = question.key.removeprefix("records.")
    if text.isascii() and text.isdecimal():
        number = int(text[:9])
        if number > LISTED:
            raise refused(f"一次最多 {LISTED} 条", f"at most {LISTED} at once")
        return Names(tuple(f"{kind}-{index + 1}" for index in range(number)))
    ids = [part.strip() for part in re.split(r"[,;、]", text) if part.strip()]
    repeated = next((name for index, name in enumerate(ids) if name in ids[:index]), None)
    answered = any(name.lower() in _YES | _NO for name in ids)
    if not ids or answered or len(ids) > LISTED or repeated is not None:
        shown = repeated or ""
        raise refused(
            f"请输入条数，或以逗号分隔、互不相同的名称 {shown}",
            f"type how many there are, or names separated by commas, each once {shown}",
        )
    return Names(tuple(ids))
