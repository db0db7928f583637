"""Rules as numbered steps: what several rules have in common is one step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, assert_never

from socap.rules import expressions as x

if TYPE_CHECKING:
    from collections.abc import Iterable


class Step(NamedTuple):
    """One node of a rule, with the steps below it; inside a list of records `record` names it.

    A node that is the same for all records of an organisation is a step outside, `spread` here.
    """

    node: x.Expression
    record: str | None
    parts: tuple[int, ...] = ()
    spread: bool = False


class Program:
    """Expressions compiled to steps."""

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self._places: dict[Any, int] = {}

    def add(self, node: x.Expression, record: str | None = None) -> int:
        """Return the number of the step that an expression comes to, adding what is not there."""
        match node:
            case x.Always():
                return self._step(Step(node, record), "always")
            case x.Condition():
                outer = record is not None and not _reads_record(node, record)
                parts = (self.add(node),) if outer else ()
                return self._step(Step(node, record, parts, outer), node)
            case x.Not(part):
                return self._step(Step(node, record, (self.add(part, record),)), "not")
            case x.All(below) | x.Any(below):
                places = tuple(sorted({self.add(part, record) for part in below}))
                if len(places) == 1:
                    return places[0]
                return self._step(Step(node, record, places), type(node))
            case x.Quantified():
                judged = (self.add(node.where, node.record), self.add(node.satisfies, node.record))
                counted = (node.quantity, node.record, node.limit)
                return self._step(Step(node, record, judged), counted)
        assert_never(node)

    def _step(self, step: Step, kind: object) -> int:
        key = (kind, step.record, step.parts)
        if key not in self._places:
            self._places[key] = len(self.steps)
            self.steps.append(step)
        return self._places[key]

    def uses(self, wanted: Iterable[int]) -> list[int]:
        """Return how often the truth of each step is used, by other steps and where it is wanted."""
        made = [0] * len(self.steps)
        for place in (*wanted, *(part for step in self.steps for part in step.parts)):
            made[place] += 1
        return made

    def conditions(self) -> list[int]:
        """Return the steps that compare, those on one column together."""
        found = [
            (step.record or "", step.node.item, place)
            for place, step in enumerate(self.steps)
            if isinstance(step.node, x.Condition) and not step.spread
        ]
        return [place for _, _, place in sorted(found)]


def _reads_record(condition: x.Condition, record: str) -> bool:
    read = [condition.item]
    if isinstance(condition.operand, x.ItemRef):
        read.append(condition.operand.key)
    return any(key.startswith(f"{record}.") for key in read)
