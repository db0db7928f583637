"""Rules as a rule set of durable_rules, written the way its manual suggests.

One message a requirement, one rule a verdict; `socap.rules.durable` is what it takes to do better.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from translation import Field, UnsupportedError, Writer

if TYPE_CHECKING:
    from collections.abc import Sequence

Json: TypeAlias = "Any"  # a condition of durable_rules is any JSON
_NATIVE = {"<": "$lt", "<=": "$lte", ">": "$gt", ">=": "$gte", "!=": "$neq"}
_OPPOSITE = {
    "$lt": "$gte",
    "$lte": "$gt",
    "$gt": "$lte",
    "$gte": "$lt",
    "$and": "$or",
    "$or": "$and",
}


class Conditions(Writer[Json]):
    """A comparison of a property that is absent never holds, so it needs no guard."""

    true, false = True, False

    def guard(self, field: Field) -> Json:  # noqa: ARG002
        """Write nothing."""
        return True

    def joined(self, parts: Sequence[Json], every: bool) -> Json:
        """Write a conjunction or disjunction."""
        return {"$and" if every else "$or": list(parts)}

    def negated(self, part: Json) -> Json:
        """Write the opposite: there is no negation."""
        ((word, inside),) = part.items()
        if word in ("$and", "$or"):
            return {_OPPOSITE[word]: [self.negated(p) for p in inside]}
        if word == "$neq":
            return inside
        return {_OPPOSITE[word]: inside} if word in _OPPOSITE else {"$neq": part}

    def known(self, field: Field) -> Json:
        """Write that a variable has a value."""
        return {f"known_{field.name}": True}

    def no_case(self, field: Field) -> Json:
        """Write that no case in the period is stated."""
        return {f"nc_{field.name}": True}

    def compared(self, field: Field, symbol: str, value: float | bool | str) -> Json:
        """Write a comparison with a value."""
        native = {field.name: value}
        return native if symbol == "==" else {_NATIVE[symbol]: native}

    def between(self, left: Field, symbol: str, right: Field) -> Json:
        """Write a comparison of two variables, by the difference that the message holds."""
        return self.compared(left._replace(name=f"{left.name}-{right.name}"), symbol, 0)

    def holds(self, field: Field, names: tuple[str, ...], every: bool) -> Json:
        """Write that a set has all or one of these members."""
        parts = [{f"{field.name}/{name}": True} for name in names]
        return self.every(*parts) if every else self.some(*parts)

    def one_of(self, field: Field, names: tuple[str, ...]) -> Json:
        """Write that an enum is one of these members."""
        return self.some(*({field.name: name} for name in names))

    def size(self, field: Field, number: float) -> Json:
        """Write that a set has at least so many members."""
        return {"$gte": {f"{field.name}#": number}}

    def listed(self, record: str) -> Json:
        """Refuse: lists take messages of their own, counted into further facts."""
        raise UnsupportedError(record)

    def quantified(self, record: str, body: Json, every: bool) -> Json:  # noqa: ARG002
        """Refuse."""
        raise UnsupportedError(record)

    def enough(self, record: str, passed: Json, others: Json | None, limit: float) -> Json:  # noqa: ARG002
        """Refuse."""
        raise UnsupportedError(record)

    def chosen(self, applies: tuple[Json, Json], satisfied: tuple[Json, Json]) -> Json:
        """Write four conditions."""
        return [*applies, *satisfied]
