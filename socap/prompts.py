"""A question as a person reads it in a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from socap.errors import Text
from socap.questions import QuestionKind
from socap.replies import numbered
from socap.rules.prose import amount
from socap.rules.vocabulary import ValueType

if TYPE_CHECKING:
    from collections.abc import Mapping

    from socap.clauses.requirement import Requirement
    from socap.errors import Lang
    from socap.questions import Question

SHOWN = 3
_TYPES = {
    ValueType.BOOLEAN: Text("是 / 否", "yes / no"),
    ValueType.INTEGER: Text("整数", "a whole number"),
    ValueType.NUMBER: Text("数值", "a number"),
    ValueType.PERCENT: Text("百分比，0 至 100", "per cent, 0 to 100"),
    ValueType.DATE: Text("日期，YYYY-MM-DD", "a date, YYYY-MM-DD"),
    ValueType.SET: Text(
        "可多选，用逗号分隔；都没有则答 0", "any of these, separated by commas; 0 if none"
    ),
    ValueType.ENUM: Text("选一项", "one of these"),
}
_LIST = Text(
    "条数，或以逗号分隔的名称；确实没有则答 没有",
    "how many, or their names separated by commas; none if there are none",
)
_HELP = Text(
    "直接输入答案。跳过：以后再答；没有：期内无此情况，或清单为空；退出：停止（已答的都已保存）",
    "Type the answer. skip: leave it for later; none: no case in the period, or an empty list; "
    "quit: stop (all answers so far are kept)",
)


def safe(text: str) -> str:
    """Return text in which no sign can steer a terminal."""
    return "".join(c if c.isprintable() or c == "\n" else "\ufffd" for c in text)


def question_text(
    question: Question,
    list_title: Text | None,
    requirements: Mapping[str, Requirement],
    progress: tuple[int, int],
    left: int,
    lang: Lang,
) -> str:
    """Return the lines of one question; `list_title` names the list of a record's field."""
    decided, total = progress
    asked = question.question
    if question.record and list_title is not None:
        asked = Text(
            f"{list_title.zh} {question.record}：{asked.zh}",
            f"{list_title.en}, {question.record}: {asked.en}",
        )
    named = [
        f"{r} {requirements[r].title.in_language(lang)}" for r in question.requirements[:SHOWN]
    ]
    why = ("、" if lang == "zh" else ", ").join(named)
    more = len(question.requirements) - SHOWN
    if more > 0:
        why += f" 等 {more + SHOWN} 项" if lang == "zh" else f" and {more} more"
    lines = [
        Text(
            f"\n[已判定 {decided}/{total}，未答 {left}]",
            f"\n[{decided}/{total} decided, {left} open]",
        ),
        asked,
    ]
    if question.again:
        lines.append(
            Text(f"  再次询问：{question.again.zh}", f"  asked again: {question.again.en}")
        )
    lines.append(_answered_by(question))
    pick = numbered(question.members)
    for index, (name, title) in enumerate(question.members.items(), start=1):
        head = str(index) if pick else name
        lines.append(Text(f"    {head} {title.zh}", f"    {head} {title.en}"))
    if question.accepts_no_case:
        lines.append(_no_case(question))
    if question.evidence:
        lines.append(
            Text(f"  常见证据：{question.evidence.zh}", f"  usual evidence: {question.evidence.en}")
        )
    told = [line.in_language(lang) for line in lines]
    return safe("\n".join([*told, f"  {'关系到：' if lang == 'zh' else 'bears on: '}{why}"]))


def _answered_by(question: Question) -> Text:
    if question.kind is QuestionKind.RECORDS or question.type is None:
        return Text(f"  {_LIST.zh}", f"  {_LIST.en}")
    kind, unit = _TYPES[question.type], Text("", "")
    if question.unit and question.type in (ValueType.INTEGER, ValueType.NUMBER):
        told = amount(0, question.unit)
        unit = Text(told.zh.removeprefix("0"), told.en.removeprefix("0"))
    return Text(
        f"  {kind.zh}" + (f"，单位：{unit.zh.strip()}" if unit.zh else ""),
        f"  {kind.en}" + (f", in {unit.en.strip()}" if unit.en else ""),
    )


def help_text(question: Question, lang: Lang) -> str:
    """Return what may be typed."""
    lines = [_HELP, _answered_by(question)]
    if question.accepts_no_case:
        lines.append(_no_case(question))
    return "\n".join(line.in_language(lang) for line in lines)


def _no_case(question: Question) -> Text:
    plain = question.type not in (ValueType.BOOLEAN, ValueType.SET)
    zh, en = ("没有", "none") if plain else ("未发生", "no_case")
    return Text(f"  期内没有这种情况则答 {zh}", f"  {en} if there was no case in the period")
