"""Questions put to the solver: is there a company of which all of this holds?"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING, TypeAlias, assert_never

import z3

from socap.errors import Problem, Text, UsageError
from socap.proving.encoding import Encoding, exact
from socap.rules import expressions as x

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from socap.rules.vocabulary import Vocabulary

Values: TypeAlias = "Mapping[str, int | float]"
EFFORT = 50_000_000
"""How much the solver may work on one question, in its own units, so that no clock decides."""
FEW = (3, 12)
"""How many records a company that is shown to people should have, if that is enough."""


@dataclass(frozen=True, slots=True)
class Claim:
    """That an expression is definitely true, or definitely false."""

    expression: x.Expression
    holds: bool = True


@dataclass(frozen=True, eq=False, slots=True)
class Found:
    """A company of which every claim holds, as the solver holds it."""

    world: World
    model: z3.ModelRef

    def told(self, formula: z3.ExprRef) -> bool | Fraction:
        """Return the value of a formula; what does not matter is made up."""
        value = self.model.eval(formula, model_completion=True)
        if z3.is_bool(value):
            return bool(z3.is_true(value))
        return Fraction(str(value))

    def holds(self, expression: x.Expression) -> bool:
        """Return whether an expression is definitely true of the company."""
        return self.told(self.world.encoding.rail(expression).true) is True


class World:
    """One solver with the circumstances undisputed, to which claims are added as they come."""

    def __init__(self, encoding: Encoding, disputes: Iterable[x.Expression]) -> None:
        self.encoding = encoding
        self.solver = z3.SolverFor("ALL", ctx=encoding.context)
        self.solver.set("rlimit", EFFORT)
        self._names: dict[Claim, z3.BoolRef] = {}
        for dispute in disputes:
            self.solver.add(z3.Not(encoding.rail(dispute).true))

    def clash(self, claims: Sequence[Claim]) -> tuple[int, ...] | None:
        """Return the positions of claims that cannot hold together; None where all can."""
        names = [self._name(claim) for claim in claims]
        self.solver.add(*self.encoding.constraints)
        self.encoding.constraints.clear()
        outcome = self.solver.check(*names)
        if outcome == z3.sat:
            return None
        if outcome != z3.unsat:
            message = Text("求解器未能得出结论", "the solver came to no conclusion")
            raise UsageError([Problem(message)])
        core = {str(name) for name in self.solver.unsat_core()}
        return tuple(i for i, name in enumerate(names) if str(name) in core)

    def found(self) -> Found:
        """Return the company that the last question found."""
        return Found(self, self.solver.model())

    def plainest(self, claims: Sequence[Claim]) -> Found:
        """Return a company, known to exist, with few records and modest numbers if there is one."""
        names = [self._name(claim) for claim in claims]
        for most in FEW:
            if self.solver.check(*names, self._plain(most)) == z3.sat:
                return self.found()
        self.clash(claims)
        return self.found()

    def _plain(self, most: int) -> z3.BoolRef:
        modest = self.encoding.modest
        name = z3.Bool(f"modest {len(modest)}, at most {most}", self.encoding.context)
        sizes = [s for made in self.encoding.listings.values() for s in made.sizes]
        few = [z3.Sum(sizes) <= most] if sizes else []
        self.solver.add(z3.Implies(name, z3.And(*few, *modest, self.encoding.yes)))
        return name

    def _name(self, claim: Claim) -> z3.BoolRef:
        name = self._names.get(claim)
        if name is None:
            rail = self.encoding.rail(claim.expression)
            name = z3.Bool(f"claim {len(self._names)}", self.encoding.context)
            self.solver.add(z3.Implies(name, rail.true if claim.holds else rail.false))
            self._names[claim] = name
        return name


class Solver:
    """Answers questions about all companies; keeps one world for each choice of record types."""

    def __init__(
        self,
        words: Vocabulary,
        disputes: Sequence[x.Expression],
        day: date,
        parameters: Values,
        rules: Iterable[x.Expression] = (),
    ) -> None:
        self.words, self.disputes, self.day = words, tuple(disputes), day
        self.parameters = dict(parameters)
        written = [n for rule in (*rules, *disputes) for n in _numbers(rule)]
        for p in words.parameters.values():
            written += [end for end in (p.minimum, p.maximum) if end is not None]
        self._places = max(map(_places, written), default=0)
        made = [item.computed for item in words.items.values() if item.computed is not None]
        shared = [*disputes, *(rule for c in made for rule in (c.where, c.satisfies))]
        self._shared = frozenset(n for rule in shared for n in x.parameters_read(rule))
        self.asked = 0
        self._worlds: dict[tuple[object, ...], World] = {}

    def ask(self, *claims: Claim, parameters: Values | None = None) -> bool:
        """Return whether there is a company of which every claim holds."""
        return not isinstance(self._settle(claims, parameters), tuple)

    def clash(self, claims: Sequence[Claim]) -> tuple[int, ...] | None:
        """Return the positions of claims that no company meets together; None where one does."""
        found = self._settle(claims, None)
        return found if isinstance(found, tuple) else None

    def find(
        self, *claims: Claim, parameters: Values | None = None, plain: bool = True
    ) -> Found | None:
        """Return a company of which every claim holds, or None where there is none.

        `plain` asks for one with few records and modest numbers, as it is shown to people.
        """
        world = self._settle(claims, parameters)
        if isinstance(world, tuple):
            return None
        return world.plainest(self._with(claims, parameters)) if plain else world.found()

    def _with(self, claims: Sequence[Claim], parameters: Values | None) -> list[Claim]:
        return [Claim(_standing(c.expression, parameters or {}), c.holds) for c in claims]

    def _settle(
        self, claims: Sequence[Claim], parameters: Values | None
    ) -> World | tuple[int, ...]:
        """Return the world in which the claims hold, or the positions of those that clash.

        Raises UsageError where the solver gives up.
        """
        self.asked += 1
        over = {n: v for n, v in (parameters or {}).items() if n in self._shared}
        claims = self._with(claims, parameters)
        kinds = self.kinds([claim.expression for claim in claims])
        # A company with two kinds of records is one with more: only its absence has to be proved.
        small = {name: min(number, 2) for name, number in kinds.items()}
        world = self._world(small, over)
        clash = world.clash(claims)
        if clash is not None and small != kinds:
            world = self._world(kinds, over)
            clash = world.clash(claims)
        return world if clash is None else clash

    def kinds(self, read: Sequence[x.Expression]) -> dict[str, int]:
        """Return how many kinds of records each record type needs that the expressions read.

        One for each quantifier, share or count over the type that is in play, and one more: a
        quantifier puts one linear condition on the numbers of each kind, and a solution of n such
        conditions needs no more than n kinds.
        """
        needed: Counter[str] = Counter()
        for expression in read:
            needed.update(_quantifiers(expression))
        types = frozenset(needed)
        rules = [*read, *self.disputes]
        for dispute in self.disputes:
            needed.update({n: c for n, c in _quantifiers(dispute).items() if n in types})
        keys = {key for rule in rules for key in x.keys_read(rule)}
        for item in self.words.items.values():
            if item.key in keys and item.computed is not None and item.computed.record in types:
                needed[item.computed.record] += 1
        return {name: needed[name] + 1 for name in sorted(types)}

    def _world(self, kinds: Mapping[str, int], over: Values) -> World:
        values = {**self.parameters, **over}
        place = (tuple(kinds.items()), tuple(sorted(over.items())))
        if place not in self._worlds:
            places = max([self._places, *map(_places, values.values())])
            encoding = Encoding(self.words, self.day, values, kinds, places + 2)
            world = World(encoding, self.disputes)
            if over:
                return world
            self._worlds[place] = world
        return self._worlds[place]


def _quantifiers(expression: x.Expression) -> Counter[str]:
    return Counter(n.record for n in x.walk(expression) if isinstance(n, x.Quantified))


def _places(value: int | float) -> int:
    number, places = exact(value), 0
    while number.denominator != 1 and places < 9:
        number, places = number * 10, places + 1
    return places


def _numbers(expression: x.Expression) -> Iterable[int | float]:
    for node in x.walk(expression):
        operand = node.operand if isinstance(node, x.Condition) else None
        if isinstance(operand, x.Literal) and type(operand.value) in (int, float):
            assert isinstance(operand.value, (int, float))
            yield operand.value


def _standing(node: x.Expression, values: Values) -> x.Expression:
    """Return the expression with values in the place of parameters."""
    if not values:
        return node
    match node:
        case x.Condition(operand=x.ParameterRef(name)) if name in values:
            return replace(node, operand=x.Literal(values[name]))
        case x.All(parts) | x.Any(parts):
            return replace(node, parts=tuple(_standing(part, values) for part in parts))
        case x.Not(part):
            return x.Not(_standing(part, values))
        case x.Quantified():
            limit = node.limit
            if isinstance(limit, x.ParameterRef) and limit.name in values:
                limit = x.Literal(values[limit.name])
            where, satisfies = (_standing(e, values) for e in (node.where, node.satisfies))
            return replace(node, where=where, satisfies=satisfies, limit=limit)
        case x.Always() | x.Condition():
            return node
    assert_never(node)
