"""A rule as a sentence, in Chinese and in English."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from socap.errors import Text
from socap.rules import expressions as x
from socap.rules.expressions import Operator
from socap.rules.vocabulary import TYPES_KEY, EvidenceItem, ValueType, Vocabulary

if TYPE_CHECKING:
    from collections.abc import Mapping


_UNITS = {
    "days": Text("天", "days"),
    "working days": Text("个工作日", "working days"),
    "working_days": Text("个工作日", "working days"),
    "hours": Text("小时", "hours"),
    "percent": Text("%", "%"),
}
_ORDER = {
    Operator.AT_LEAST: Text("不低于", "is at least"),
    Operator.AT_MOST: Text("不超过", "is at most"),
    Operator.MORE_THAN: Text("大于", "is more than"),
    Operator.LESS_THAN: Text("小于", "is less than"),
    Operator.NOT_AFTER: Text("不晚于", "is not after"),
    Operator.NOT_BEFORE: Text("不早于", "is not before"),
}


def describe(
    expression: x.Expression,
    vocabulary: Vocabulary,
    parameters: Mapping[str, int | float] | None = None,
    record: str | None = None,
) -> Text:
    """Return the rule in words; parameters are shown by value, their defaults where none is given.

    `record` names the record type of a rule that speaks of one record.

    >>> from socap.rules.vocabulary import Vocabulary
    >>> describe(x.Always(), Vocabulary({}, {}, {}, {}, {})).en
    'always'
    """
    return _Writer(vocabulary, parameters).write(expression, record)


class _Writer:
    def __init__(
        self, vocabulary: Vocabulary, parameters: Mapping[str, int | float] | None
    ) -> None:
        self.vocabulary = vocabulary
        self.parameters = parameters or {}

    def write(self, node: x.Expression, record: str | None, *, nested: bool = False) -> Text:
        match node:
            case x.Always():
                return Text("任何情况", "always")
            case x.Condition():
                return self.condition(node, record)
            case x.Not(part):
                inner = self.write(part, record, nested=True)
                return Text(f"并非{inner.zh}", f"it is not the case that {inner.en}")
            case x.All(parts):
                return self.join(parts, record, Text("且", "and"), nested=nested)
            case x.Any(parts):
                return self.join(parts, record, Text("或", "or"), nested=nested)
            case x.Quantified():
                return self.quantified(node)
        assert_never(node)

    def join(
        self, parts: tuple[x.Expression, ...], record: str | None, word: Text, *, nested: bool
    ) -> Text:
        told = [self.write(part, record, nested=True) for part in parts]
        if len(told) == 1:
            return told[0]
        zh = f"，{word.zh}".join(t.zh for t in told)
        en = f"; {word.en} ".join(t.en for t in told)
        return Text(f"({zh})", f"({en})") if nested else Text(zh, en)

    def item(self, key: str, record: str | None) -> EvidenceItem | None:
        if record is not None:
            return self.vocabulary.in_record(record, key)
        return self.vocabulary.outside_records(key)

    def name(self, key: str, record: str | None) -> Text:
        item = self.item(key, record)
        if item is None:
            return Text(key, key)
        if item.title:
            return item.title
        return Text(f"“{_untold(item.question.zh)}”", f"“{_untold(item.question.en)}”")

    def condition(self, node: x.Condition, record: str | None) -> Text:
        item = self.item(node.item, record)
        if node.item.startswith("profile."):
            return self.circumstance(node)
        name = self.name(node.item, record)
        operator, operand = node.operator, node.operand
        if operator is Operator.PRESENT:
            return Text(f"{name.zh}已有证据", f"{name.en} is shown")
        if operator is Operator.NO_CASE:
            if item is not None and item.type is ValueType.BOOLEAN:
                return Text(f"期内无此情形（{name.zh}）", f"there was no case for this ({name.en})")
            return Text(f"{name.zh}期内未发生", f"{name.en} had no case")
        if isinstance(operand, x.Members):
            return self.members(name, item, operator, operand)
        value = self.operand(operand, item, operator, record)
        if operator is Operator.WITHIN:
            return Text(
                _after(f"{name.zh}距评价日不超过", value.zh),
                f"{name.en} lies within {value.en} before the assessment",
            )
        if operator is Operator.SIZE_AT_LEAST:
            return Text(f"{name.zh}至少有 {value.zh} 项", f"{name.en} names at least {value.en}")
        if isinstance(operand, x.Literal) and isinstance(operand.value, bool):
            return self.statement(name, item, holds=operand.value)
        if operator is Operator.IS:
            return Text(f"{name.zh}为{value.zh}", f"{name.en} is {value.en}")
        order = _ORDER[operator]
        zh = _after(f"{name.zh}{order.zh}", value.zh)
        return Text(zh, f"{name.en} {order.en} {value.en}")

    def statement(self, name: Text, item: EvidenceItem | None, *, holds: bool) -> Text:
        if item is None or not item.title:
            answer = Text("是", "yes") if holds else Text("否", "no")
            return Text(f"{name.zh}为{answer.zh}", f"{name.en} is {answer.en}")
        return name if holds else Text(f"并非{name.zh}", f"it is not so that {name.en}")

    def circumstance(self, node: x.Condition) -> Text:
        if node.item == TYPES_KEY and isinstance(node.operand, x.Members):
            both = node.operator is Operator.INCLUDES
            names = node.operand.values
            return Text(
                f"外包类型包括 {('、' if both else ' 或 ').join(names)}",
                f"the outsourcing types include {(' and ' if both else ' or ').join(names)}",
            )
        flag = self.vocabulary.flags.get(node.item.removeprefix("profile."))
        told = Text(node.item, node.item) if flag is None else flag.title or flag.definition
        zh, en = told.zh.rstrip("。"), told.en.rstrip(".")
        if isinstance(node.operand, x.Literal) and node.operand.value is False:
            return Text(f"并非“{zh}”", f"it is not so that {en}")
        return Text(zh, en)

    def members(
        self, name: Text, item: EvidenceItem | None, operator: Operator, operand: x.Members
    ) -> Text:
        labels = item.members if item is not None else {}
        told = [labels.get(member, Text(member, member)) for member in operand.values]
        zh, en = "、".join(t.zh for t in told), ", ".join(t.en for t in told)
        if operator is Operator.INCLUDES:
            return Text(f"{name.zh}包括：{zh}", f"{name.en} includes {en}")
        if operator is Operator.INCLUDES_ANY:
            return Text(f"{name.zh}至少包括其一：{zh}", f"{name.en} includes one of {en}")
        return Text(f"{name.zh}为其中之一：{zh}", f"{name.en} is one of {en}")

    def operand(
        self, operand: x.Operand, item: EvidenceItem | None, operator: Operator, record: str | None
    ) -> Text:
        unit = ""
        if operator is Operator.WITHIN:
            unit = "days"
        elif item is not None and operator is not Operator.SIZE_AT_LEAST:
            unit = "percent" if item.type is ValueType.PERCENT else item.unit
        match operand:
            case x.AsOf():
                return Text("评价日", "the assessment date")
            case x.ItemRef(key):
                return self.name(key, record)
            case x.ParameterRef(name):
                return self.parameter(name)
            case x.Literal(value):
                if isinstance(value, bool):
                    return Text("是", "yes") if value else Text("否", "no")
                if isinstance(value, (int, float)):
                    return amount(value, unit)
                if isinstance(value, str) and item is not None:
                    return item.members.get(value, Text(value, value))
                return Text(str(value), str(value))
            case x.Members(values):
                return Text("、".join(values), ", ".join(values))
        assert_never(operand)

    def parameter(self, name: str) -> Text:
        parameter = self.vocabulary.parameters.get(name)
        if parameter is None:
            return Text(name, name)
        value = self.parameters.get(name, parameter.default)
        if value is None:
            zh, en = parameter.title.zh, parameter.title.en
            return Text(f"（{zh}，尚未设定）", f"({en}, not set)")
        told = amount(value, parameter.unit)
        return Text(f"{told.zh}（{parameter.title.zh}）", f"{told.en} ({parameter.title.en})")

    def quantified(self, node: x.Quantified) -> Text:
        title = self.vocabulary.records[node.record].title
        zh, en = title.zh, title.en
        if not isinstance(node.where, x.Always):
            where = self.write(node.where, node.record, nested=True)
            zh, en = f"{zh}（限于{where.zh}）", f"{en} (of those where {where.en})"
        what = self.write(node.satisfies, node.record, nested=True)
        if isinstance(node.satisfies, x.Always):
            what = Text("列入清单", "it is listed")
        match node.quantity:
            case x.Quantity.EVERY:
                return Text(
                    f"每一条{zh}记录均满足：{what.zh}", f"for every entry of the {en}, {what.en}"
                )
            case x.Quantity.SOME:
                return Text(
                    f"至少一条{zh}记录满足：{what.zh}",
                    f"for at least one entry of the {en}, {what.en}",
                )
            case x.Quantity.COUNT:
                limit = self.limit(node.limit, "")
                return Text(
                    f"至少 {limit.zh} 条{zh}记录满足：{what.zh}",
                    f"for at least {limit.en} entries of the {en}, {what.en}",
                )
            case x.Quantity.SHARE:
                limit = self.limit(node.limit, "percent")
                return Text(
                    f"不低于 {limit.zh} 的{zh}记录满足：{what.zh}",
                    f"for at least {limit.en} of the {en}, {what.en}",
                )
        assert_never(node.quantity)

    def limit(self, limit: x.Literal | x.ParameterRef | None, unit: str) -> Text:
        if isinstance(limit, x.ParameterRef):
            return self.parameter(limit.name)
        value = limit.value if limit is not None else 0
        assert isinstance(value, (int, float))
        return amount(value, unit)


def _after(words: str, value: str) -> str:
    """Return Chinese words and a value, with a space before figures and Latin letters."""
    return f"{words} {value}" if value[:1].isascii() else words + value


def _untold(question: str) -> str:
    return question.removesuffix("?").removesuffix("\uff1f")


def amount(value: int | float, unit: str) -> Text:
    """Return a number with its unit."""
    number = f"{value:g}" if isinstance(value, float) else str(value)
    shown = _UNITS.get(unit)
    if shown is None:
        return Text(number, number)
    return Text(
        f"{number} {shown.zh}" if unit != "percent" else f"{number}%",
        f"{number} {shown.en}" if unit != "percent" else f"{number}%",
    )
