"""Decides rules for many organisations at once: conditions are columns, their truth bit planes.

Rules are compiled once to numbered steps, a sub-condition of many rules being one step; a batch
takes each step once. Records are judged all together and counted for each organisation. It means
what `reference` means, row by row.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple, assert_never

import numpy as np

from socap.rules import expressions as x
from socap.rules.batch import Batch, Column
from socap.rules.comparing import Test, against, between, members
from socap.rules.expressions import Operator, Quantity
from socap.rules.planes import (
    Counts,
    Lists,
    Plane,
    Planes,
    conjunction,
    disjunction,
    ones,
    pack,
    unpack,
    zeros,
)
from socap.rules.program import Program

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from socap.rules.interpreter import Rule

BLOCK = 262_144  # organisations decided at a time: a multiple of 8


class Decisions(NamedTuple):
    """How one rule came out; `satisfied` is open wherever the rule does not surely apply."""

    applies: Planes
    satisfied: Planes


class Compiled:
    """Rules compiled together, to be decided batch by batch."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._program = Program()
        add = self._program.add
        self._rules = [(rule.id, add(rule.applies), add(rule.satisfied)) for rule in rules]
        self._applying = sorted({applies for _, applies, _ in self._rules})
        satisfied = [place for _, _, place in self._rules]
        self._uses = self._program.uses([*self._applying, *satisfied])

    def decide(self, batch: Batch) -> dict[str, Decisions]:
        """Return the decisions on the rules for every organisation of a batch.

        They are made for `BLOCK` organisations after another; the planes are views of one array.
        """
        due = _planes(len(self._applying), batch.count)
        met = _planes(len(self._rules), batch.count)
        applied = dict(zip(self._applying, map(Planes, *due), strict=True))
        room: list[Planes] = []
        tests: dict[int, Test] = {}
        for start in range(0, batch.count, BLOCK):
            part = batch.part(start, start + BLOCK)
            held = slice(start // 8, (start + part.count + 7) // 8)
            if part.count < min(batch.count, BLOCK):
                room = []
            scope = Evaluation(self._program, part, Spared([*self._uses], room, tests))
            for place, (true, false) in applied.items():
                true[held], false[held] = scope.used(place)
            for (_, applies, place), true, false in zip(self._rules, *met[:, :, held], strict=True):
                due_here = applied[applies].true[held]
                satisfied = scope.used(place)
                np.bitwise_and(satisfied.true, due_here, true)
                np.bitwise_and(satisfied.false, due_here, false)
        return {
            name: Decisions(applied[applies], found)
            for (name, applies, _), found in zip(self._rules, map(Planes, *met), strict=True)
        }


def _planes(number: int, count: int) -> NDArray[np.uint8]:
    """Return planes of `count` organisations, not filled yet: first those of what is true."""
    return np.empty((2, number, (count + 7) // 8), np.uint8)


def decide(rules: Iterable[Rule], batch: Batch) -> dict[str, Decisions]:
    """Return the decisions on rules for one batch; for more of them keep them `Compiled`."""
    return Compiled(rules).decide(batch)


class Spared(NamedTuple):
    """What the evaluations of like batches, one after another, need not do again.

    `uses` says how often each truth is still wanted: planes that are not are written to again, by
    way of `room`. `tests` holds what conditions come to.
    """

    uses: list[int]
    room: list[Planes]
    tests: dict[int, Test]


class Evaluation:
    """One batch with the truth of every step taken so far, or of those still wanted."""

    def __init__(self, program: Program, batch: Batch, spared: Spared | None = None) -> None:
        self.batch, self._steps = batch, program.steps
        self._spared = spared
        self._tests: dict[int, Test] = {} if spared is None else spared.tests
        self._held: dict[int, Planes] = {}
        self._truths: list[Planes | None] = [None] * len(program.steps)
        self._columns: dict[str | tuple[str, str], tuple[Column, Plane] | None] = {}
        self._constants: dict[str | None, tuple[Plane, Plane]] = {}

    def take(self, places: Sequence[int]) -> None:
        """Take some conditions, but not for records that the batch does not have."""
        for place in places:
            record = self._steps[place].record
            if record is None or record in self.batch.records:
                self.truth(place)

    def decision(self, applies: int, satisfied: int) -> Decisions:
        """Return the decision on a rule whose two expressions come to these steps."""
        due, met = self.truth(applies), self.truth(satisfied)
        if isinstance(self._steps[applies].node, x.Always):
            return Decisions(due, met)
        return Decisions(due, Planes(met.true & due.true, met.false & due.true))

    def truth(self, place: int) -> Planes:
        """Return the truth of a step for each organisation (or each record)."""
        found = self._truths[place]
        if found is None:
            found = self._truths[place] = self._taken(place)
        return found

    def used(self, place: int) -> Planes:
        """Return the truth of a step for the last time here; it is gone with the next step taken."""
        found = self.truth(place)
        self._done(place)
        return found

    def _done(self, place: int) -> None:
        if self._spared is None:
            return
        uses, room, _ = self._spared
        uses[place] -= 1
        if uses[place]:
            return
        self._truths[place] = None
        if isinstance(self._steps[place].node, x.Not):
            self._done(self._steps[place].parts[0])
        elif place in self._held:
            room.append(self._held.pop(place))

    def _taken(self, place: int) -> Planes:
        step = self._steps[place]
        match step.node:
            case x.Condition() if step.spread:
                assert step.record is not None
                outer = self.used(step.parts[0])
                return Planes(*(self._spread(plane, step.record) for plane in outer))
            case x.Condition():
                return self._condition(place, step.node, step.record)
            case x.Always():
                none, every = self._constant(step.record)
                return Planes(every, none)
            case x.Not():
                true, false = self.truth(step.parts[0])
                return Planes(false, true)
            case x.All() | x.Any():
                parts = [self.truth(part) for part in step.parts]
                join = conjunction if isinstance(step.node, x.All) else disjunction
                made = join(parts, self._free(place, parts[0].true))
                for part in step.parts:
                    self._done(part)
                return made
            case x.Quantified():
                return self._quantified(step.node, *step.parts)
        assert_never(step.node)

    def _free(self, place: int, like: Plane) -> Planes:
        """Return planes for the truth of a step to be written to."""
        if self._spared is None or self._steps[place].record is not None:
            return Planes(np.empty_like(like), np.empty_like(like))
        room = self._spared.room
        made = room.pop() if room else Planes(np.empty_like(like), np.empty_like(like))
        self._held[place] = made
        return made

    def _constant(self, record: str | None) -> tuple[Plane, Plane]:
        """Return a plane without a bit set and one with all."""
        if record not in self._constants:
            count = self.batch.count
            if record is not None:
                count = self.batch.records[record].lists.records
            self._constants[record] = zeros(count), ones(count)
        return self._constants[record]

    def _spread(self, plane: Plane, record: str) -> Plane:
        """Return a plane of organisations with one bit for each of their records."""
        shares = self.batch.records[record].shares
        return pack(np.repeat(unpack(plane, self.batch.count), shares))

    def _column(self, key: str, record: str | None) -> tuple[Column, Plane] | None:
        """Return a column and where it is not unknown: inside a list the record's own, else spread."""
        place = key if record is None else (key, record)
        if place not in self._columns:
            found = self._found(key, record)
            self._columns[place] = None if found is None else (found, found.known | found.no_case)
        return self._columns[place]

    def _found(self, key: str, record: str | None) -> Column | None:
        if record is None:
            return self.batch.items.get(key)
        records = self.batch.records[record]
        own, outer = records.fields.get(key), self.batch.items.get(key)
        if own is not None or outer is None:
            return own
        known, no_case = self._spread(outer.known, record), self._spread(outer.no_case, record)
        if outer.packed:
            return Column(self._spread(outer.values, record), known, no_case, packed=True)
        return Column(np.repeat(outer.values, records.shares), known, no_case, outer.members)

    def _condition(self, place: int, condition: x.Condition, record: str | None) -> Planes:
        found = self._column(condition.item, record)
        if found is None:
            return self._unknown(record)
        left, settled = found
        test = self._tests.get(place)
        if test is None:
            if condition.operator is Operator.PRESENT:
                return Planes(settled, self._constant(record)[0])
            if condition.operator is Operator.NO_CASE:
                return Planes(left.no_case, left.known)
            if isinstance(condition.operand, x.ItemRef):
                return self._between(condition.operator, found, condition.operand.key, record)
            test = self._test(condition, left)
            if test is None:
                return self._unknown(record)
            self._tests[place] = test
        made = self._free(place, settled)
        np.bitwise_and(test(left), left.known, made.true)
        np.bitwise_xor(settled, made.true, made.false)
        return made

    def _unknown(self, record: str | None) -> Planes:
        none, _ = self._constant(record)
        return Planes(none, none)

    def _between(
        self, operator: Operator, found: tuple[Column, Plane], key: str, record: str | None
    ) -> Planes:
        other = self._column(key, record)
        if other is None:
            return self._unknown(record)
        (left, settled), (right, known) = found, other
        true = between(operator, left, right) & left.known & right.known
        return Planes(true, (settled & known) ^ true)

    def _test(self, condition: x.Condition, left: Column) -> Test | None:
        """Return the test of a condition on one column; None where its parameter has no value."""
        operator, operand, as_of = condition.operator, condition.operand, self.batch.as_of
        match operand:
            case x.ParameterRef(name):
                number = self.batch.parameters.get(name)
                return None if number is None else against(operator, left, number, as_of)
            case x.AsOf():
                return against(operator, left, as_of, as_of)
            case x.Literal(value):
                return against(operator, left, value, as_of)
            case x.Members(names):
                return members(operator, left, names)
            case x.ItemRef():
                raise AssertionError(operand)
        assert_never(operand)

    def _quantified(self, node: x.Quantified, where: int, satisfies: int) -> Planes:
        records = self.batch.records.get(node.record)
        limit: int | float | None = 0
        if isinstance(node.limit, x.ParameterRef):
            limit = self.batch.parameters.get(node.limit.name)
        elif node.limit is not None:
            assert isinstance(node.limit.value, (int, float))
            limit = node.limit.value
        if records is None or limit is None:
            none, _ = self._constant(None)
            return Planes(none, none)
        true, false = _quantify(node.quantity, limit, self.judged(node.record, where, satisfies))
        return Planes(true & records.listed, false & records.listed)

    def judged(self, record: str, where: int, satisfies: int) -> Judged:
        """Return how the records of a type are judged by the steps that select and satisfy."""
        counted, passes = self.truth(where), self.truth(satisfies)
        _, every = self._constant(record)
        return Judged(self.batch.records[record].lists, counted, passes, every & ~counted.false)


class Judged:
    """How records are judged, with what can be counted of it for each organisation."""

    def __init__(self, lists: Lists, counted: Planes, passes: Planes, may_count: Plane) -> None:
        self.lists, self.may_count = lists, may_count
        self.passed, self.failed = counted.true & passes.true, counted.true & passes.false
        self.may_pass, self.may_fail = may_count & ~passes.false, may_count & ~passes.true

    def range(self, least: Plane, most: Plane) -> tuple[Counts, Counts]:
        """Return how many records of each organisation are in two planes, often the same."""
        fewest = self.lists.tally(least)
        return fewest, fewest if np.array_equal(least, most) else self.lists.tally(most)


def _quantify(quantity: Quantity, limit: int | float, judged: Judged) -> tuple[Plane, Plane]:
    """Return where a quantifier is true and where it is false; `counting.quantify` for columns."""
    lists = judged.lists
    match quantity:
        case Quantity.EVERY:
            failed = lists.some(judged.failed)
            same = np.array_equal(judged.failed, judged.may_fail)
            return np.bitwise_not(failed if same else lists.some(judged.may_fail)), failed
        case Quantity.SOME:
            passed = lists.some(judged.passed)
            same = np.array_equal(judged.passed, judged.may_pass)
            return passed, np.bitwise_not(passed if same else lists.some(judged.may_pass))
        case Quantity.COUNT:
            least, most = judged.range(judged.passed, judged.may_pass)
            return pack(least >= limit), pack(most < limit)
        case Quantity.SHARE:
            passed_least, passed_most = (
                count.astype(np.int64) for count in judged.range(judged.passed, judged.may_pass)
            )
            failed_least, failed_most = judged.range(judged.failed, judged.may_fail)
            true = passed_least * 100 >= limit * (passed_least + failed_most)
            false = passed_most * 100 < limit * (passed_most + failed_least)
            return pack(true), pack(false & ~true)
    assert_never(quantity)
