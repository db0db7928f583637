"""From YAML mappings to typed nodes, with every problem located."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from socap.documents import Document, Step
from socap.errors import Problem, Text, did_you_mean
from socap.rules import expressions as x
from socap.rules.checker import check_condition, lookup, unknown_key
from socap.rules.expressions import Operator
from socap.rules.vocabulary import NUMERIC, EvidenceItem, ValueType, Vocabulary

if TYPE_CHECKING:
    from collections.abc import Callable

_QUANTIFIERS = ("every", "some", "at_least")
_SHAPES = ("all", "any", "not", *_QUANTIFIERS)
_OPERATORS = {operator.value: operator for operator in Operator}
_LISTS = frozenset({Operator.ONE_OF, Operator.INCLUDES, Operator.INCLUDES_ANY})
_FLAGS = frozenset({Operator.PRESENT, Operator.NO_CASE})
Path = tuple[Step, ...]


class RuleParser:
    """Parses the rules of one document; `problems` collects what is wrong with them."""

    def __init__(self, document: Document, vocabulary: Vocabulary) -> None:
        self.document = document
        self.vocabulary = vocabulary
        self.problems: list[Problem] = []

    def parse(self, raw: Any, path: Path, record: str | None = None) -> x.Expression:
        """Return the expression; on a fault record it and return `Always()` in its place."""
        if raw == "always":
            return x.Always()
        if not isinstance(raw, dict):
            return self._fault(
                path,
                Text("规则应为映射或 always", "a rule is a mapping, or always"),
            )
        if "item" in raw:
            return self._condition(raw, path, record)
        if len(raw) == 1:
            (name, value), inner = next(iter(raw.items())), None
            if name in ("all", "any"):
                inner = self._junction(name, value, (*path, name), record)
            elif name == "not":
                inner = x.Not(self.parse(value, (*path, name), record))
            elif name in _QUANTIFIERS:
                inner = self._quantified(name, value, (*path, name), record)
            if inner is not None:
                return inner
        unknown = next((str(k) for k in raw if k not in _SHAPES), None)
        hint = did_you_mean(unknown, (*_SHAPES, "item")) if unknown else None
        shapes = ", ".join(_SHAPES)
        return self._fault(
            path,
            Text(
                f"规则应含 item，或只含以下之一：{shapes}",
                f"a rule has item, or just one of: {shapes}",
            ),
            hint,
        )

    def _fault(self, path: Path, message: Text, hint: Text | None = None) -> x.Expression:
        self.problems.append(self.document.problem(path, message, hint))
        return x.Always()

    def _junction(self, name: str, raw: Any, path: Path, record: str | None) -> x.Expression:
        if not isinstance(raw, list) or not raw:
            return self._fault(
                path, Text(f"{name} 应为非空列表", f"{name} takes a list that is not empty")
            )
        parts = tuple(self.parse(part, (*path, i), record) for i, part in enumerate(raw))
        return x.All(parts) if name == "all" else x.Any(parts)

    def _quantified(self, name: str, raw: Any, path: Path, record: str | None) -> x.Expression:
        if record is not None:
            return self._fault(path, Text("量词不能嵌套", "quantifiers cannot be nested"))
        allowed = {"record", "where", "satisfies"} | (
            {"count", "share"} if name == "at_least" else set()
        )
        if not isinstance(raw, dict) or not {"record", "satisfies"} <= set(raw) <= allowed:
            keys = ", ".join(sorted(allowed))
            return self._fault(
                path, Text(f"{name} 可用的键：{keys}", f"{name} takes the keys {keys}")
            )
        kind = raw["record"]
        if kind not in self.vocabulary.records:
            return self._fault(
                (*path, "record"),
                Text(f"没有记录类型 {kind}", f"there is no record type {kind}"),
                did_you_mean(str(kind), self.vocabulary.records),
            )
        where = self.parse(raw.get("where", "always"), (*path, "where"), kind)
        satisfies = self.parse(raw["satisfies"], (*path, "satisfies"), kind)
        if name != "at_least":
            return x.Quantified(x.Quantity(name), kind, satisfies, where)
        if ("count" in raw) == ("share" in raw):
            return self._fault(
                path, Text("count 与 share 应有且只有一个", "give either count or share")
            )
        quantity = x.Quantity.COUNT if "count" in raw else x.Quantity.SHARE
        limit = self._limit(raw[quantity.value], quantity, (*path, quantity.value))
        return x.Quantified(quantity, kind, satisfies, where, limit)

    def _limit(self, raw: Any, quantity: x.Quantity, path: Path) -> x.Literal | x.ParameterRef:
        wanted = "percent" if quantity is x.Quantity.SHARE else "count"
        if isinstance(raw, dict) and set(raw) == {"parameter"}:
            parameter = self.vocabulary.parameters.get(str(raw["parameter"]))
            if parameter is None or (wanted == "percent" and parameter.unit != wanted):
                self._fault(
                    path,
                    Text(
                        f"没有单位为 {wanted} 的参数 {raw['parameter']}",
                        f"no parameter {raw['parameter']} in {wanted}",
                    ),
                    did_you_mean(str(raw["parameter"]), self.vocabulary.parameters),
                )
            return x.ParameterRef(str(raw["parameter"]))
        if not _is_number(raw) or raw < 0 or (wanted == "percent" and raw > 100):
            self._fault(
                path, Text("应为非负数", "this takes a number, 0 or more (a share: up to 100)")
            )
            return x.Literal(0)
        return x.Literal(raw)

    def _condition(self, raw: dict[str, Any], path: Path, record: str | None) -> x.Expression:
        names = [name for name in raw if name != "item"]
        if len(names) != 1 or names[0] not in _OPERATORS:
            wrong = next((n for n in names if n not in _OPERATORS), "")
            shown = ", ".join(_OPERATORS)
            return self._fault(
                path,
                Text(
                    f"条件应有且只有一个运算：{shown}",
                    f"a condition takes one operator of: {shown}",
                ),
                did_you_mean(wrong, _OPERATORS),
            )
        key, operator = str(raw["item"]), _OPERATORS[names[0]]
        item = lookup(key, self.vocabulary, record)
        if item is None:
            return self._fault((*path, "item"), *unknown_key(key, self.vocabulary, record))
        operand = self._operand(raw[operator.value], operator, item, (*path, operator.value))
        if operand is None:
            return x.Always()
        condition = x.Condition(key, operator, operand)
        for message, hint in check_condition(condition, item, self.vocabulary, record):
            self._fault((*path, operator.value), message, hint)
        return condition

    def _operand(
        self, raw: Any, operator: Operator, item: EvidenceItem, path: Path
    ) -> x.Operand | None:
        if isinstance(raw, dict) and operator not in _LISTS | _FLAGS:
            if set(raw) == {"parameter"} and operator is not Operator.IS:
                return x.ParameterRef(str(raw["parameter"]))
            if set(raw) == {"item"} and operator not in (Operator.WITHIN, Operator.SIZE_AT_LEAST):
                return x.ItemRef(str(raw["item"]))
        if operator in _LISTS:
            names = isinstance(raw, list) and all(isinstance(v, str) for v in raw)
            if names and raw and len(set(raw)) == len(raw):
                return x.Members(tuple(raw))
            self._fault(path, Text("应为不重复的成员列表", "this takes a list of distinct members"))
            return None
        accepted, wording = _literal_test(operator, item)
        if isinstance(raw, str) and item.type is ValueType.DATE and operator is not Operator.WITHIN:
            if raw == "as_of":
                return x.AsOf()
            try:
                return x.Literal(date.fromisoformat(raw))
            except ValueError:
                pass
        elif accepted(raw):
            return x.Literal(raw)
        self._fault(path, wording)
        return None


def _is_number(raw: Any) -> bool:
    return isinstance(raw, (int, float)) and not isinstance(raw, bool)


def _literal_test(operator: Operator, item: EvidenceItem) -> tuple[Callable[[Any], bool], Text]:
    if operator in _FLAGS:
        return (lambda raw: raw is True), Text("只能写 true", "only true can be written here")
    if operator in (Operator.WITHIN, Operator.SIZE_AT_LEAST):
        return (lambda raw: type(raw) is int and raw >= 0), Text(
            "应为非负整数或参数", "this takes a whole number, 0 or more, or a parameter"
        )
    if item.type in NUMERIC:
        return _is_number, Text(
            "应为数值、参数或证据项", "this takes a number, a parameter or an item"
        )
    if item.type is ValueType.BOOLEAN:
        return (lambda raw: isinstance(raw, bool)), Text(
            "应为 true 或 false", "this takes true or false"
        )
    if item.type is ValueType.DATE:
        return (lambda _raw: False), Text(
            "应为日期（年-月-日）、as_of 或证据项",
            "this takes a date (YYYY-MM-DD), as_of or an item",
        )
    return (lambda raw: isinstance(raw, str)), Text("应为文字", "this takes a member name")
