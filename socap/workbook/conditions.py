"""Circumstances as spreadsheet formulas: when no requirement that reads an answer can apply."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from socap.rules import expressions as x
from socap.rules.expressions import Operator
from socap.rules.vocabulary import TYPES_KEY
from socap.workbook.layout import NO, YES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from socap.errors import Lang

TRUE, FALSE = "TRUE", "FALSE"
FORMULA_LIMIT = 8_000
DEPTH_LIMIT = 50


class Circumstances:
    """The cells that hold types and flags, and the words they are answered with.

    `types` and `flags` map names to absolute cell references, such as `'Company'!$E$9`.
    """

    def __init__(self, types: Mapping[str, str], flags: Mapping[str, str], lang: Lang) -> None:
        self.types, self.flags = types, flags
        self.yes, self.no = f'"{YES.in_language(lang)}"', f'"{NO.in_language(lang)}"'

    def idle(self, rules: Iterable[x.Expression], *, open_flag: str = "") -> str:
        """Return the formula that is TRUE where none of the rules can hold any more.

        What is not answered leaves a rule open (strong Kleene), as does `open_flag`, which is the
        flag whose own row asks. FALSE where it can never be TRUE, or would be too long to hold.
        """
        sound = [_never(rule, lambda c: self._pair(c, open_flag)) for rule in rules]
        made = _conjunction(sound) if sound else FALSE
        depth = most = 0
        for sign in made:
            depth += (sign == "(") - (sign == ")")
            most = max(most, depth)
        return made if len(made) <= FORMULA_LIMIT and most <= DEPTH_LIMIT else FALSE

    def _pair(self, condition: x.Condition, open_flag: str) -> tuple[str, str]:
        operand = condition.operand
        if condition.item == TYPES_KEY and isinstance(operand, x.Members):
            pairs = [self._type(name) for name in operand.values]
            holds, fails = [p[0] for p in pairs], [p[1] for p in pairs]
            if condition.operator is Operator.INCLUDES:
                return _conjunction(holds), _disjunction(fails)
            if condition.operator is Operator.INCLUDES_ANY:
                return _disjunction(holds), _conjunction(fails)
        flag = condition.item.removeprefix("profile.")
        if flag in self.flags and flag != open_flag and isinstance(operand, x.Literal):
            cell = self.flags[flag]
            if condition.operator is Operator.IS and isinstance(operand.value, bool):
                yes, no = f"{cell}={self.yes}", f"{cell}={self.no}"
                return (yes, no) if operand.value else (no, yes)
        return FALSE, FALSE

    def _type(self, name: str) -> tuple[str, str]:
        if name not in self.types:
            return FALSE, FALSE
        cell = self.types[name]
        chosen = _disjunction([f"{c}={self.yes}" for c in self.types.values()])
        left_out = _disjunction([f'{cell}=""', f"{cell}={self.no}"])
        return f"{cell}={self.yes}", _conjunction([left_out, chosen])


Pair = tuple[str, str]


def _never(rule: x.Expression, pair: Callable[[x.Condition], Pair]) -> str:
    return _both_ways(rule, pair)[1]


def _both_ways(node: x.Expression, pair: Callable[[x.Condition], Pair]) -> Pair:
    """Return the formulas that are TRUE where a rule certainly holds, and certainly does not."""
    match node:
        case x.Always():
            return TRUE, FALSE
        case x.Condition():
            return pair(node)
        case x.Not(part):
            holds, fails = _both_ways(part, pair)
            return fails, holds
        case x.All(parts) | x.Any(parts):
            below = [_both_ways(part, pair) for part in parts]
            holding, failing = [p[0] for p in below], [p[1] for p in below]
            if isinstance(node, x.All):
                return _conjunction(holding), _disjunction(failing)
            return _disjunction(holding), _conjunction(failing)
        case x.Quantified():
            return FALSE, FALSE
    assert_never(node)


def _conjunction(parts: Iterable[str]) -> str:
    return _joined(parts, "AND", neutral=TRUE, absorbing=FALSE)


def _disjunction(parts: Iterable[str]) -> str:
    return _joined(parts, "OR", neutral=FALSE, absorbing=TRUE)


def _joined(parts: Iterable[str], name: str, *, neutral: str, absorbing: str) -> str:
    kept = [part for part in dict.fromkeys(parts) if part != neutral]
    if absorbing in kept:
        return absorbing
    if len(kept) > 250:
        return FALSE
    return f"{name}({','.join(kept)})" if len(kept) > 1 else kept[0] if kept else neutral
