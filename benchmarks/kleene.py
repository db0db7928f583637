"""Rules as expressions with null for unknown: SQL and polars have strong Kleene logic themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from dialects import Arrays, place
from translation import SYMBOLS, Field, comparison

from socap.rules import expressions as x
from socap.rules.expressions import Operator, Quantity

if TYPE_CHECKING:
    from translation import Terms


class Sql(Arrays):
    """DuckDB."""

    true, false, null = "TRUE", "FALSE", "NULL::BOOLEAN"
    also, either, no = " AND ", " OR ", "(NOT {})"
    outer, inner, length = '"{}"', 'r."{}"', "bit_count({})"
    value = "CASE {} ELSE {} END"
    when = "WHEN {} THEN {}"
    unknown = "({} IS NULL)"
    any = "len(list_filter({l}, lambda r: {b})) > 0"
    total = "len(list_filter({l}, lambda r: {b}))"
    surely, maybe = "({}) IS TRUE", "({}) IS NOT FALSE"

    def compared(self, field: Field, symbol: str, value: float | bool | str) -> str:
        """Write a comparison with a value."""
        return super().compared(field, "=" if symbol == "==" else symbol, value)

    def holds(self, field: Field, names: tuple[str, ...], every: bool) -> str:
        """Write that a set has all or one of these members."""
        return super().holds(field, names, every).replace("!=", "<>").replace("==", "=")

    def one_of(self, field: Field, names: tuple[str, ...]) -> str:
        """Write that an enum is one of these members."""
        return f"({self.named(field)} IN ({', '.join(place(field, name) for name in names)}))"

    def known(self, field: Field) -> str:
        """Write that a variable has a value."""
        return f"({self.named(field)} IS NOT NULL)"

    def case(self, branches: list[tuple[str, str]], otherwise: str) -> str:
        """Write a case distinction."""
        return self.value.format(" ".join(self.when.format(*b) for b in branches), otherwise)

    def listed(self, record: str) -> str:
        """Write that a list of records is known."""
        return f"({self.outer.format(record)} IS NOT NULL)"


class Polars(Sql):
    """Expressions of polars."""

    true, false, null = "pl.lit(True)", "pl.lit(False)", "pl.lit(None, pl.Boolean)"
    also, either, no = " & ", " | ", "(~{})"
    outer, inner = 'pl.col("{}")', 'pl.element().struct.field("{}")'
    length = "{}.bitwise_count_ones()"
    any = "{l}.list.eval({b}).list.any()"
    total = "{l}.list.eval({b}).list.sum().cast(pl.Float64)"
    surely, maybe = "({}).fill_null(False)", "({}).fill_null(True)"

    def compared(self, field: Field, symbol: str, value: float | bool | str) -> str:
        """Write a comparison with a value."""
        return Arrays.compared(self, field, symbol, value)

    def holds(self, field: Field, names: tuple[str, ...], every: bool) -> str:
        """Write that a set has all or one of these members."""
        return Arrays.holds(self, field, names, every)

    def one_of(self, field: Field, names: tuple[str, ...]) -> str:
        """Write that an enum is one of these members."""
        return f"{self.named(field)}.is_in([{', '.join(place(field, name) for name in names)}])"

    def known(self, field: Field) -> str:
        """Write that a variable has a value."""
        return f"{self.named(field)}.is_not_null()"

    def case(self, branches: list[tuple[str, str]], otherwise: str) -> str:
        """Write a case distinction."""
        chain = ".".join(f"when({condition}).then({then})" for condition, then in branches)
        return f"pl.{chain}.otherwise({otherwise})"

    def listed(self, record: str) -> str:
        """Write that a list of records is known."""
        return f"{self.outer.format(record)}.is_not_null()"


class Kleene:
    """Writes an expression as one value: true, false or null."""

    def __init__(self, writer: Sql, terms: Terms, *, records: bool) -> None:
        self.writer, self.terms, self.records = writer, terms, records

    def text(self, node: x.Expression, inside: bool = False) -> str:
        """Write an expression."""
        w = self.writer
        match node:
            case x.Always():
                return w.true
            case x.All(parts):
                return w.every(*(self.text(part, inside) for part in parts))
            case x.Any(parts):
                return w.some(*(self.text(part, inside) for part in parts))
            case x.Not(part):
                return w.inverse(self.text(part, inside))
            case x.Condition():
                return self._condition(node, inside)
            case x.Quantified():
                return self._quantified(node)
        assert_never(node)

    def _condition(self, node: x.Condition, inside: bool) -> str:
        w = self.writer
        left = self.terms.field(node.item, inside)
        none = w.no_case(left)
        if node.operator is Operator.PRESENT:
            there = w.some(w.known(left), none) if left.can_be_no_case else w.known(left)
            return w.case([(there, w.true)], w.null)
        if node.operator is Operator.NO_CASE:
            branches = [(none, w.true)] if left.can_be_no_case else []
            return w.case([*branches, (w.known(left), w.false)], w.null)
        if isinstance(node.operand, x.ItemRef):
            right = self.terms.field(node.operand.key, inside)
            symbol = SYMBOLS[node.operator]
            return self._between(left, right, w.between(left, symbol, right))
        found = comparison(w, self.terms, node, left)
        if found is None:
            return w.null
        return w.case([(none, w.false)], found) if left.can_be_no_case else found

    def _between(self, left: Field, right: Field, held: str) -> str:
        w = self.writer
        none = [w.no_case(f) for f in (left, right) if f.can_be_no_case]
        if not none:
            return held
        settled = [
            w.some(w.known(f), w.no_case(f)) if f.can_be_no_case else w.known(f)
            for f in (left, right)
        ]
        return w.case([(w.inverse(w.every(*settled)), w.null), (w.some(*none), w.false)], held)

    def _quantified(self, node: x.Quantified) -> str:
        w = self.writer
        limit = self.terms.limit(node)
        if not self.records or limit is None:
            return w.null
        counts, passes = self.text(node.where, True), self.text(node.satisfies, True)
        list_ = w.outer.format(node.record)
        good, bad = w.every(counts, passes), w.every(counts, w.inverse(passes))
        nothing = (w.inverse(w.listed(node.record)), w.null)

        def some(body: str) -> str:
            return w.any.format(l=list_, b=body)

        def number(body: str) -> str:
            return w.total.format(l=list_, b=body)

        passed, failed = w.surely.format(good), w.surely.format(bad)
        may_pass, may_fail = w.maybe.format(good), w.maybe.format(bad)
        match node.quantity:
            case Quantity.EVERY:
                no, yes = some(failed), w.inverse(f"({some(may_fail)})")
            case Quantity.SOME:
                yes, no = some(passed), w.inverse(f"({some(may_pass)})")
            case Quantity.COUNT:
                yes = f"({number(passed)} >= {limit})"
                no = f"({number(may_pass)} < {limit})"
            case Quantity.SHARE:
                total = f"({number(passed)} + {number(may_fail)})"
                most = f"({number(may_pass)} + {number(failed)})"
                yes = f"({number(passed)} * 100.0 >= {limit} * {total})"
                no = f"({number(may_pass)} * 100.0 < {limit} * {most})"
            case _:
                assert_never(node.quantity)
        return w.case([nothing, (yes, w.true), (no, w.false)], w.null)


def columns(writer: Sql, applies: list[str], satisfied: list[str]) -> str:
    """Write the whole decision: two columns a rule, `a0` whether it applies, `s0` whether it is met."""
    pairs = [
        pair
        for place, (a, s) in enumerate(zip(applies, satisfied, strict=True))
        for pair in ((f"a{place}", a), (f"s{place}", s))
    ]
    if isinstance(writer, Polars):
        return "dict(" + ", ".join(f"{name}={text}" for name, text in pairs) + ")"
    wanted = ",\n".join(f"{text} AS {name}" for name, text in pairs)
    return f'SELECT {wanted} FROM "rows"'  # noqa: S608  our own translation, no input of anybody
