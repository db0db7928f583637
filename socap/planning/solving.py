"""The cheapest solutions of a planning problem, and the smallest reason why there is none."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from importlib import import_module
from itertools import combinations, islice
from math import lcm
from typing import TYPE_CHECKING, Any

from socap.errors import MissingExtraError
from socap.planning.problem import chosen
from socap.rules.implicant import FactRef

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from socap.planning.problem import Option, Problem
    from socap.rules.facts import Fact

SHOWN_ALTERNATIVES = 3


@dataclass(frozen=True, slots=True)
class Change:
    """One answer changed to a fact; `fact` is None where it is withdrawn or a record is added."""

    ref: FactRef
    fact: Fact | None
    cost: Fraction


@dataclass(frozen=True, slots=True)
class Solution:
    """Changes that reach the target, and their cost."""

    changes: tuple[Change, ...]
    cost: Fraction


@dataclass(frozen=True, slots=True)
class Clash:
    """Requirements, locks and consistency rules that cannot hold together; none can be left out."""

    requirements: tuple[str, ...]
    locks: tuple[str, ...]
    rules: tuple[str, ...]


def solve(problem: Problem) -> tuple[Solution, ...] | Clash:
    """Return the cheapest solution and up to 4 others that change other answers at equal cost.

    The optimum is proved by core-guided MaxSAT (A. Ignatiev, A. Morgado, J. Marques-Silva: RC2,
    2019). Raises MissingExtraError where python-sat is not installed.
    """
    clauses = [list(clause) for clause in problem.clauses]
    clauses += [[n] for n in _demands(problem)]
    found: list[Solution] = []
    while len(found) <= SHOWN_ALTERNATIVES + 1:
        taken = _cheapest(clauses, problem)
        if taken is None:
            break
        cost = sum((option.cost for option in taken), Fraction(0))
        if found and cost > found[0].cost:
            break
        found.append(Solution(_changes(problem, clauses, taken), cost))
        if not taken:
            break
        clauses.append([-option.literal for option in taken])
    if not found:
        return _clash(problem)
    for solution in list(found):
        wanted = SHOWN_ALTERNATIVES + 2 - len(found)
        found += islice(_swapped(problem, solution, tuple(found)), max(0, wanted))
    return tuple(found[: SHOWN_ALTERNATIVES + 2])


def _swapped(problem: Problem, solution: Solution, found: Sequence[Solution]) -> Iterable[Solution]:
    """Yield solutions that change another record, alike to the one changed."""
    seen = {_changed(one) for one in found}
    for name, *records in problem.alike:
        for one, other in combinations(records, 2):
            swap = {one: other, other: one}
            changes = tuple(
                replace(c, ref=FactRef(c.ref.key, swap.get(c.ref.record, c.ref.record)))
                if c.ref.key.startswith(f"{name}.")
                else c
                for c in solution.changes
            )
            made = Solution(tuple(sorted(changes, key=lambda c: c.ref)), solution.cost)
            if _changed(made) not in seen:
                seen.add(_changed(made))
                yield made


def _changed(solution: Solution) -> frozenset[FactRef]:
    return frozenset(change.ref for change in solution.changes)


def _demands(problem: Problem) -> Iterable[int]:
    for named in (problem.requirements, problem.locks, problem.rules):
        yield from named.values()


def _cheapest(clauses: Sequence[list[int]], problem: Problem) -> list[Option] | None:
    """Return the cheapest changes that satisfy all clauses, fewest and best ranked among equals."""
    options = problem.options
    if not options:
        with _pysat("solvers").Solver(name="g4", bootstrap_with=clauses) as solver:
            return [] if solver.solve() else None
    scale = lcm(*(option.cost.denominator for option in options), 1)
    above = sum(option.rank for option in options) + len(problem.ceasing) + 1
    formula = _pysat("formula").WCNF()
    formula.extend(clauses)
    for option in options:
        weight = int(option.cost * scale) * above + option.rank
        formula.append([-option.literal], weight=weight)
    for literal in problem.ceasing:
        formula.append([-literal], weight=1)
    with _pysat("examples.rc2").RC2Stratified(formula, adapt=True, exhaust=True, minz=True) as rc2:
        model = rc2.compute()
    if model is None:
        return None
    true = frozenset(model)
    return [option for option in options if option.literal in true]


def _changes(
    problem: Problem, clauses: Sequence[list[int]], taken: Sequence[Option]
) -> tuple[Change, ...]:
    """Return the changes with the plainest values: each the first that leaves the rest possible."""
    assumed = [o.literal if o in taken else -o.literal for o in problem.options]
    with _pysat("solvers").Solver(name="g4", bootstrap_with=clauses) as solver:
        solver.solve(assumptions=assumed)
        for option in taken:
            choice = problem.choices.get(option.ref)
            if choice is None:
                continue
            held = choice.current.value
            members = held if isinstance(held, frozenset) else frozenset()
            for name, literal in choice.members.items():
                wish = literal if name in members else -literal
                assumed.append(wish if solver.solve(assumptions=[*assumed, wish]) else -wish)
            for literal in (choice.withdrawn, *(n for _, n in choice.options)):
                if solver.solve(assumptions=[*assumed, literal]):
                    assumed.append(literal)
                    break
        solver.solve(assumptions=assumed)
        model = frozenset(solver.get_model())
    return tuple(
        Change(o.ref, chosen(problem.choices[o.ref], model), o.cost)
        if o.ref in problem.choices
        else Change(o.ref, None, o.cost)
        for o in taken
    )


def _clash(problem: Problem) -> Clash:
    """Return a smallest set of demands that contradict each other.

    By implicit hitting sets (A. Ignatiev and others: Smallest MUS extraction, 2015).
    """
    named = [
        (name, literal)
        for demands in (problem.requirements, problem.locks, problem.rules)
        for name, literal in demands.items()
    ]
    formula = _pysat("formula").WCNF()
    formula.extend([list(clause) for clause in problem.clauses])
    for _, literal in named:
        formula.append([literal], weight=1)
    with _pysat("examples.optux").OptUx(formula, solver="g4", dcalls=True) as optux:
        core = optux.compute()
    names = {named[index - 1][0] for index in core}
    return Clash(
        *(
            tuple(name for name in demands if name in names)
            for demands in (problem.requirements, problem.locks, problem.rules)
        )
    )


def _pysat(module: str) -> Any:
    try:
        return import_module(f"pysat.{module}")
    except ImportError as error:
        raise MissingExtraError("plan") from error
