"""How each engine spells the two booleans of `translation`: infix text, or JSON logic."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, TypeAlias

from translation import Field, UnsupportedError, Writer

if TYPE_CHECKING:
    from collections.abc import Sequence

Json: TypeAlias = "Any"  # a rule of JSON logic is any JSON


class Infix(Writer[str]):
    """CEL; the others say only what they spell otherwise."""

    true, false = "true", "false"
    also, either, no = " && ", " || ", "!({})"
    outer, inner, absent = "{}", "r.{}", "null"
    member, length = "({m} in {s})", "size({})"
    each, one = "{l}.all(r, {b})", "{l}.exists(r, {b})"
    count = "double({l}.filter(r, {b}).size())"
    choice = "({c} ? {a} : {b})"

    def named(self, field: Field) -> str:
        """Write a variable."""
        return (self.inner if field.inside else self.outer).format(field.name)

    def joined(self, parts: Sequence[str], every: bool) -> str:
        """Write a conjunction or disjunction."""
        return "(" + (self.also if every else self.either).join(parts) + ")"

    def negated(self, part: str) -> str:
        """Write a negation."""
        return self.no.format(part)

    def known(self, field: Field) -> str:
        """Write that a variable has a value."""
        return f"({self.named(field)} != {self.absent})"

    def no_case(self, field: Field) -> str:
        """Write that no case in the period is stated."""
        return self.named(field._replace(name=f"nc_{field.name}"))

    def literal(self, value: float | bool | str, _field: Field) -> str:
        """Write a value."""
        if isinstance(value, bool):
            return self.true if value else self.false
        return json.dumps(value)

    def compared(self, field: Field, symbol: str, value: float | bool | str) -> str:
        """Write a comparison with a value."""
        return f"({self.named(field)} {symbol} {self.literal(value, field)})"

    def between(self, left: Field, symbol: str, right: Field) -> str:
        """Write a comparison of two variables."""
        return f"({self.named(left)} {symbol} {self.named(right)})"

    def holds(self, field: Field, names: tuple[str, ...], every: bool) -> str:
        """Write that a set has all or one of these members."""
        s = self.named(field)
        parts = [self.member.format(m=json.dumps(name), s=s) for name in names]
        return self.every(*parts) if every else self.some(*parts)

    def one_of(self, field: Field, names: tuple[str, ...]) -> str:
        """Write that an enum is one of these members."""
        return self.member.format(m=self.named(field), s=json.dumps(list(names)))

    def size(self, field: Field, number: float) -> str:
        """Write that a set has at least so many members."""
        return f"({self.length.format(self.named(field))} >= {int(number)})"

    def listed(self, record: str) -> str:
        """Write that a list of records is known."""
        return f"({self.outer.format(record)} != {self.absent})"

    def quantified(self, record: str, body: str, every: bool) -> str:
        """Write that every or some record of a list is so."""
        form = self.each if every else self.one
        return form.format(l=self.outer.format(record), b=body)

    def number(self, record: str, body: str) -> str:
        """Write how many records are so."""
        return self.count.format(l=self.outer.format(record), b=body)

    def enough(self, record: str, passed: str, others: str | None, limit: float) -> str:
        """Write that records reach a count, or a share."""
        have = self.number(record, passed)
        if others is None:
            return f"({have} >= {float(limit)})"
        total = f"({have} + {self.number(record, others)})"
        return f"({have} * 100.0 >= {float(limit)} * {total})"

    def chosen(self, applies: tuple[str, str], satisfied: tuple[str, str]) -> str:
        """Write the code of a decision."""
        inner = self.choose(satisfied[0], "3", self.choose(satisfied[1], "4", "2"))
        return self.choose(applies[0], inner, self.choose(applies[1], "1", "0"))

    def choose(self, condition: str, then: str, other: str) -> str:
        """Write a conditional, simplified."""
        if condition in (self.true, self.false):
            return then if condition == self.true else other
        return self.choice.format(c=condition, a=then, b=other)


class Zen(Infix):
    """The expressions of zen-engine."""

    also, either, no = " and ", " or ", "not ({})"
    inner, length = "#.{}", "len({})"
    each, one, count = "all({l}, {b})", "some({l}, {b})", "count({l}, {b})"


class RuleEngine(Infix):
    """The expressions of rule-engine."""

    also, either, no = " and ", " or ", "not ({})"
    inner, length = 'r["{}"]', "{}.length"
    each, one = "$all([{b} for r in {l}])", "$any([{b} for r in {l}])"
    count = "[r for r in {l} if {b}].length"


class PlainPython(Infix):
    """Python, as a person would write it."""

    true, false = "True", "False"
    also, either, no = " and ", " or ", "(not {})"
    outer, inner, absent, length = 'f["{}"]', 'r["{}"]', "None", "len({})"
    each, one = "all({b} for r in {l})", "any({b} for r in {l})"
    count, choice = "sum(1 for r in {l} if {b})", "({a} if {c} else {b})"


class Arrays(Infix):
    """NumPy inside formulas of OpenFisca; sets are bit masks, enums places."""

    true, false = "True", "False"
    also, either, no = " & ", " | ", "(~{})"
    outer, length = 'o("{}", p)', "np.bitwise_count({})"
    choice = "np.where({c}, {a}, {b})"

    def known(self, field: Field) -> str:
        """Write that a variable has a value."""
        return self.named(field._replace(name=f"known_{field.name}"))

    def literal(self, value: float | bool | str, field: Field) -> str:
        """Write a value."""
        return place(field, value) if isinstance(value, str) else super().literal(value, field)

    def compared(self, field: Field, symbol: str, value: float | bool | str) -> str:
        """Write a comparison with a value."""
        if isinstance(value, bool):
            return self.named(field) if value else self.negated(self.named(field))
        return super().compared(field, symbol, value)

    def holds(self, field: Field, names: tuple[str, ...], every: bool) -> str:
        """Write that a set has all or one of these members."""
        bits = mask(field, names)
        return f"(({self.named(field)} & {bits}) {f'== {bits}' if every else '!= 0'})"

    def one_of(self, field: Field, names: tuple[str, ...]) -> str:
        """Write that an enum is one of these members."""
        return self.some(*(f"({self.named(field)} == {place(field, name)})" for name in names))

    def listed(self, record: str) -> str:
        """Refuse: a model has one kind of members, the standard has dozens."""
        raise UnsupportedError(record)


class JsonLogic(Writer[Json]):
    """JSON logic, in the operations that every implementation has."""

    true, false = True, False

    def joined(self, parts: Sequence[Json], every: bool) -> Json:
        """Write a conjunction or disjunction."""
        return {"and" if every else "or": list(parts)}

    def negated(self, part: Json) -> Json:
        """Write a negation."""
        return {"!": [part]}

    def known(self, field: Field) -> Json:
        """Write that a variable has a value."""
        return {"!==": [{"var": field.name}, None]}

    def no_case(self, field: Field) -> Json:
        """Write that no case in the period is stated."""
        return {"var": f"nc_{field.name}"}

    def compared(self, field: Field, symbol: str, value: float | bool | str) -> Json:
        """Write a comparison with a value."""
        if isinstance(value, bool):
            return {"var": field.name} if value else {"!": [{"var": field.name}]}
        return {"===" if symbol == "==" else symbol: [{"var": field.name}, value]}

    def between(self, left: Field, symbol: str, right: Field) -> Json:
        """Write a comparison of two variables."""
        return {"===" if symbol == "==" else symbol: [{"var": left.name}, {"var": right.name}]}

    def holds(self, field: Field, names: tuple[str, ...], every: bool) -> Json:
        """Write that a set has all or one of these members."""
        parts = [{"in": [name, {"var": field.name}]} for name in names]
        return self.every(*parts) if every else self.some(*parts)

    def one_of(self, field: Field, names: tuple[str, ...]) -> Json:
        """Write that an enum is one of these members."""
        return {"in": [{"var": field.name}, list(names)]}

    def size(self, field: Field, number: float) -> Json:
        """Write that a set has at least so many members."""
        return {">=": [self.length({"var": field.name}), number]}

    def length(self, listed: Json) -> Json:
        """Write how long a list is."""
        return {"reduce": [listed, {"+": [{"var": "accumulator"}, 1]}, 0]}

    def listed(self, record: str) -> Json:
        """Write that a list of records is known."""
        return {"!==": [{"var": record}, None]}

    def quantified(self, record: str, body: Json, every: bool) -> Json:
        """Write that every or some record is so; `all` says no to an empty list, `none` does not."""
        if every:
            return {"none": [{"var": record}, self.inverse(body)]}
        return {"some": [{"var": record}, body]}

    def enough(self, record: str, passed: Json, others: Json | None, limit: float) -> Json:
        """Write that records reach a count, or a share."""
        have = self.length({"filter": [{"var": record}, passed]})
        if others is None:
            return {">=": [have, limit]}
        total = {"+": [have, self.length({"filter": [{"var": record}, others]})]}
        return {">=": [{"*": [have, 100]}, {"*": [limit, total]}]}

    def chosen(self, applies: tuple[Json, Json], satisfied: tuple[Json, Json]) -> Json:
        """Write the code of a decision."""
        inner = [satisfied[0], 3, satisfied[1], 4, 2]
        if applies[0] is True:
            return {"if": inner}
        return {"if": [applies[0], {"if": inner}, applies[1], 1, 0]}


def mask(field: Field, names: tuple[str, ...]) -> int:
    """Return the bits of members."""
    return sum(1 << field.members.index(name) for name in names)


def place(field: Field, name: str) -> str:
    """Return the place of a member of an enum."""
    return str(field.members.index(name) if name in field.members else -2)
