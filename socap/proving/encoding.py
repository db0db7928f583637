"""Rules as constraints: every complete company at once, one solver variable an answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING, assert_never

import z3

from socap.answers import EARLIEST, LATEST, NUMBER_LIMIT
from socap.organisation import RECORD_LIMIT
from socap.rules import expressions as x
from socap.rules.expressions import Operator, Quantity
from socap.rules.vocabulary import NUMERIC, TYPES_KEY, EvidenceItem, ValueType

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from socap.rules.vocabulary import Vocabulary

SHARES = (*range(1, 13), 20, 25, 40, 50, 100)
"""How many records may count towards a share that the same company also needs as a number."""


@dataclass(frozen=True, slots=True)
class Rail:
    """When an expression is definitely true, and when definitely false."""

    true: z3.BoolRef
    false: z3.BoolRef


@dataclass(frozen=True, slots=True)
class Cell:
    """One answer: its value (of a set, whether each member is in it), or no case."""

    item: EvidenceItem
    answered: z3.BoolRef
    no_case: z3.BoolRef
    value: z3.ArithRef | z3.BoolRef
    members: dict[str, z3.BoolRef]


@dataclass(frozen=True, slots=True)
class Listing:
    """The records of one type: whether they are listed, and how many there are of each kind."""

    listed: z3.BoolRef
    sizes: tuple[z3.ArithRef, ...]


class Encoding:
    """Constraints over the answers that the expressions handed in read.

    Circumstances and the fields of records are always answered, items may be left open: what is
    decided on some answers is decided on all that add to them, and a question that makes no sense
    for a company need not be answered only to be disputed. `no_case` only where it is accepted;
    values are plausible as `socap.evidence.plausible` says, parts stay within their totals. A
    record type in `kinds` may be listed, as that many kinds of records, each standing for any
    number of equal ones; others are not listed, so that what is computed from them is answered
    directly. Numbers have `decimals` places, two more than any number a rule writes. `direct` says
    when an item that records may answer has to be answered directly, `modest` keeps numbers such as
    a person would write.
    """

    def __init__(
        self,
        words: Vocabulary,
        day: date,
        parameters: Mapping[str, int | float],
        kinds: Mapping[str, int],
        decimals: int = 2,
    ) -> None:
        self.words, self.day, self.parameters = words, day, parameters
        self.places = 10**decimals
        self.context = z3.Context()
        self.yes, self.no = z3.BoolVal(True, self.context), z3.BoolVal(False, self.context)
        self.constraints: list[z3.BoolRef] = []
        self.names: dict[str, int] = {}
        self.cells: dict[tuple[str, int], Cell] = {}
        self.direct: dict[str, z3.BoolRef] = {}
        self.modest: list[z3.BoolRef] = []
        self._rails: dict[tuple[x.Expression, str, int], Rail] = {}
        self.listings = {name: self._listing(name, number) for name, number in kinds.items()}
        if words.types:
            self.cell(TYPES_KEY)

    def _listing(self, name: str, number: int) -> Listing:
        listed = z3.Bool(f"listed {name}", self.context)
        sizes = tuple(z3.Int(f"{name}#{i} size", self.context) for i in range(number))
        self.constraints += [size >= 0 for size in sizes]
        self.constraints.append(z3.Sum(sizes) <= RECORD_LIMIT)
        return Listing(listed, sizes)

    def cell(self, key: str, record: str = "", kind: int = -1) -> Cell:
        """Return the answer of a key, looked up in the kind of record first."""
        if record and key in self.words.records[record].fields:
            item = self.words.records[record].fields[key]
        else:
            found = self.words.outside_records(key)
            assert found is not None
            item, kind = found, -1
        made = self.cells.get((key, kind))
        if made is None:
            made = self._cell(
                item, key if kind < 0 else f"{key}#{kind}", open_=key in self.words.items
            )
            self.cells[key, kind] = made
            if kind < 0:
                self._bind(made)
        return made

    def _cell(self, item: EvidenceItem, name: str, *, open_: bool) -> Cell:
        context, kind = self.context, item.type
        answered = z3.Bool(f"{name} answered", context) if open_ else self.yes
        no_case = self.no
        if item.accepts_no_case:
            no_case = z3.Bool(f"{name} no case", context)
        members: dict[str, z3.BoolRef] = {}
        value: z3.ArithRef | z3.BoolRef = self.no
        if kind is ValueType.SET:
            members = {m: z3.Bool(f"{name} {m}", context) for m in item.members}
            if item.key == TYPES_KEY and members:
                self.constraints.append(z3.Or(*members.values()))
        elif kind is ValueType.BOOLEAN:
            value = z3.Bool(name, context)
        elif kind in (ValueType.NUMBER, ValueType.PERCENT):
            value = z3.Real(name, context)
            low, high = (0, 100) if kind is ValueType.PERCENT else (-NUMBER_LIMIT, NUMBER_LIMIT)
            self.constraints += [value >= low, value <= high]
            if not self._counted(item):
                self.constraints.append(value * self.places == self._whole(name))
        else:
            value = z3.Int(name, context)
            if kind is ValueType.ENUM:
                self.constraints.append(z3.Or(*(value == self._member(m) for m in item.members)))
            elif kind is ValueType.DATE:
                last = self.day if item.event else LATEST
                self.constraints += [
                    value >= (EARLIEST - self.day).days,
                    value <= (last - self.day).days,
                ]
            else:
                self.constraints += [value >= 0, value <= NUMBER_LIMIT]
        if kind is ValueType.DATE:
            self.modest.append(value >= -3650)
        elif kind in NUMERIC:
            self.modest += [value >= 0, value <= 1000]
        return Cell(item, answered, no_case, value, members)

    def _whole(self, name: str) -> z3.ArithRef:
        return z3.ToReal(z3.Int(f"{name} grid", self.context))

    def _member(self, name: str) -> int:
        return self.names.setdefault(name, len(self.names))

    def _counted(self, item: EvidenceItem) -> bool:
        return item.computed is not None and item.computed.record in self.listings

    def _bind(self, cell: Cell) -> None:
        """Tie a part to its total, and a share or count to the records it is computed from."""
        item = cell.item
        if item.part_of is not None:
            total = self.cell(item.part_of)
            if {item.type, total.item.type} <= NUMERIC:
                known = z3.And(_value_known(cell), _value_known(total))
                self.constraints.append(z3.Implies(known, cell.value <= total.value))
        if not self._counted(item):
            return
        rule = item.computed
        assert rule is not None
        listing = self.listings[rule.record]
        counted, passed = self.tally(rule.record, rule.where, rule.satisfies)
        if rule.quantity is Quantity.COUNT:
            none = z3.Sum(listing.sizes) == 0 if item.accepts_no_case else self.no
            figure = cell.value == passed
        else:
            none = counted == 0
            shares = [z3.And(counted == n, cell.value * n == passed * 100) for n in SHARES]
            figure = z3.Or(*shares)
        exact = z3.And(_value_known(cell), figure)
        empty = z3.Or(cell.no_case, cell.value == 0)
        if item.accepts_no_case:
            empty = z3.And(cell.answered, empty)
        self.direct[item.key] = z3.Or(z3.Not(listing.listed), none)
        self.constraints.append(z3.Implies(listing.listed, z3.If(none, empty, exact)))
        if item.type is not ValueType.INTEGER:
            grid = cell.value * self.places == self._whole(item.key)
            self.constraints.append(z3.Or(listing.listed, grid))

    def tally(
        self, record: str, where: x.Expression, satisfies: x.Expression
    ) -> tuple[z3.ArithRef, z3.ArithRef]:
        """Return how many records count, and how many of those satisfy."""
        zero = z3.IntVal(0, self.context)
        counted, passed = [zero], [zero]
        for kind, size in enumerate(self.listings[record].sizes):
            selected = self.rail(where, record, kind).true
            holds = self.rail(satisfies, record, kind).true
            counted.append(z3.If(selected, size, zero))
            passed.append(z3.If(z3.And(selected, holds), size, zero))
        return z3.Sum(counted), z3.Sum(passed)

    def rail(self, node: x.Expression, record: str = "", kind: int = -1) -> Rail:
        """Return when an expression is definitely true and definitely false."""
        made = self._rails.get((node, record, kind))
        if made is None:
            made = self._rails[node, record, kind] = self._rail(node, record, kind)
        return made

    def _rail(self, node: x.Expression, record: str, kind: int) -> Rail:
        match node:
            case x.Always():
                return Rail(self.yes, self.no)
            case x.Condition():
                return self._condition(node, record, kind)
            case x.Not(part):
                inner = self.rail(part, record, kind)
                return Rail(inner.false, inner.true)
            case x.All(parts):
                rails = [self.rail(part, record, kind) for part in parts]
                return Rail(self._all(r.true for r in rails), z3.Or(*(r.false for r in rails)))
            case x.Any(parts):
                rails = [self.rail(part, record, kind) for part in parts]
                return Rail(z3.Or(*(r.true for r in rails)), self._all(r.false for r in rails))
            case x.Quantified():
                if node.record not in self.listings:
                    return Rail(self.no, self.no)
                fields = self.words.records[node.record].fields
                keys = (*x.keys_read(node.where), *x.keys_read(node.satisfies))
                outside = [self.cell(key).answered for key in keys if key not in fields]
                known = [self.listings[node.record].listed, *outside]
                return self._decided(known, self._quantified(node))
        assert_never(node)

    def _quantified(self, node: x.Quantified) -> z3.BoolRef:
        counted, passed = self.tally(node.record, node.where, node.satisfies)
        limit = Fraction(0)
        if isinstance(node.limit, x.ParameterRef):
            limit = exact(self.parameters[node.limit.name])
        elif node.limit is not None:
            assert isinstance(node.limit.value, (int, float))
            limit = exact(node.limit.value)
        match node.quantity:
            case Quantity.EVERY:
                return counted == passed
            case Quantity.SOME:
                return passed >= 1
            case Quantity.COUNT:
                return passed * limit.denominator >= limit.numerator
            case Quantity.SHARE:
                return passed * (100 * limit.denominator) >= counted * limit.numerator
        assert_never(node.quantity)

    def _condition(self, node: x.Condition, record: str, kind: int) -> Rail:
        left = self.cell(node.item, record, kind)
        operator, operand = node.operator, node.operand
        if operator is Operator.PRESENT:
            return Rail(left.answered, self.no)
        if operator is Operator.NO_CASE:
            return self._decided([left.answered], left.no_case)
        right = None
        if isinstance(operand, x.ItemRef):
            right = self.cell(operand.key, record, kind)
        cells = [cell for cell in (left, right) if cell is not None]
        cases = [z3.Not(cell.no_case) for cell in cells if cell.no_case is not self.no]
        holds = self._all([*cases, self._holds(operator, left, operand, right)])
        return self._decided([cell.answered for cell in cells], holds)

    def _decided(self, known: Sequence[z3.BoolRef], holds: z3.BoolRef) -> Rail:
        return Rail(self._all([*known, holds]), self._all([*known, z3.Not(holds)]))

    def _all(self, parts: Iterable[z3.BoolRef]) -> z3.BoolRef:
        left = [part for part in parts if part is not self.yes]
        return left[0] if len(left) == 1 else z3.And(*left, self.yes)

    def _holds(
        self, operator: Operator, left: Cell, operand: x.Operand, right: Cell | None
    ) -> z3.BoolRef:
        if isinstance(operand, x.Members):
            if operator is Operator.ONE_OF:
                return z3.Or(*(left.value == self._member(m) for m in operand.values), self.no)
            chosen = [left.members.get(m, self.no) for m in operand.values]
            return z3.And(*chosen) if operator is Operator.INCLUDES else z3.Or(*chosen)
        other = right.value if right is not None else self._constant(operand)
        match operator:
            case Operator.IS:
                return left.value == other
            case Operator.WITHIN:
                return z3.And(left.value <= 0, -left.value <= other)
            case Operator.SIZE_AT_LEAST:
                return _size(tuple(left.members.values()), self.context) >= other
            case Operator.NOT_AFTER | Operator.AT_MOST:
                return left.value <= other
            case Operator.NOT_BEFORE | Operator.AT_LEAST:
                return left.value >= other
            case Operator.MORE_THAN:
                return left.value > other
            case Operator.LESS_THAN:
                return left.value < other
            case _:
                raise AssertionError(operator)

    def _constant(self, operand: x.Operand) -> z3.ExprRef:
        value: object = None
        if isinstance(operand, x.Literal):
            value = operand.value
        elif isinstance(operand, x.ParameterRef):
            value = self.parameters[operand.name]
        elif isinstance(operand, x.AsOf):
            value = self.day
        if isinstance(value, bool):
            return z3.BoolVal(value, self.context)
        if isinstance(value, date):
            return z3.IntVal((value - self.day).days, self.context)
        if isinstance(value, str):
            return z3.IntVal(self._member(value), self.context)
        assert isinstance(value, (int, float))
        number = exact(value)
        if number.denominator == 1:
            return z3.IntVal(number.numerator, self.context)
        return z3.Q(number.numerator, number.denominator, self.context)


def _value_known(cell: Cell) -> z3.BoolRef:
    return z3.And(cell.answered, z3.Not(cell.no_case))


def exact(number: int | float) -> Fraction:
    """Return a number as it is written.

    >>> exact(33.3)
    Fraction(333, 10)
    """
    return Fraction(str(number))


def _size(members: Sequence[z3.BoolRef], context: z3.Context) -> z3.ArithRef:
    one, zero = z3.IntVal(1, context), z3.IntVal(0, context)
    return z3.Sum([zero, *(z3.If(m, one, zero) for m in members)])
