"""A plan: the cheapest way to conformity, or why there is none."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from math import ceil
from typing import TYPE_CHECKING, Any

from socap.planning.applying import reached, reassess
from socap.planning.problem import problem
from socap.planning.request import request
from socap.planning.schedule import place
from socap.planning.solving import SHOWN_ALTERNATIVES, Clash, solve
from socap.planning.steps import Move, Step, move, number, step
from socap.planning.telling import told, values

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from socap.assessment import Assessment
    from socap.errors import Lang
    from socap.planning.solving import Solution


@dataclass(frozen=True, slots=True)
class Conflict:
    """The fewest requirements, locks and consistency rules that cannot hold together.

    `circumstances` are those that no plan may settle: left open by the organisation, though
    requirements of the target turn on them.
    """

    requirements: tuple[str, ...]
    locks: tuple[str, ...]
    rules: tuple[str, ...]
    circumstances: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """The cheapest changes that reach the target, in the order in which to make them.

    `cost` is the effort in days; `finish` the earliest day on which everything is done. `unique`
    says that no other set of answers could be changed at the same cost; otherwise `alternatives`
    holds up to 3 other sets, and `more` says that there are further ones. `broken` names
    requirements outside the target that conform now and would not after the plan. Where the target
    cannot be reached, `conflict` says why and there are no steps.
    """

    target: tuple[str, ...]
    as_of: date
    start: date
    steps: tuple[Step, ...]
    cost: int | float
    finish: date
    alternatives: tuple[tuple[Move, ...], ...]
    more: bool
    broken: tuple[str, ...]
    conflict: Conflict | None

    @property
    def unique(self) -> bool:
        """Whether the steps are the only optimal set."""
        return self.conflict is None and not self.alternatives

    def to_dict(self) -> dict[str, Any]:
        """Return the plan as plain JSON values."""
        return values(self)

    def to_text(self, lang: Lang = "zh") -> str:
        """Return the plan as text, one step a paragraph."""
        return told(self, lang)


def plan(
    assessment: Assessment,
    *,
    costs: Mapping[str, int | float] | None = None,
    locked: Iterable[str] = (),
    target: str | Iterable[str] = "conforming",
    start: date | None = None,
) -> Plan:
    """Return the provably cheapest set of evidence changes that reaches a target.

    `costs` gives the effort in days (1 if not given) of changing an evidence item, a record's field
    (each record anew), or of adding a record (`records.<type>`). `locked` keys keep their answers;
    circumstances and the assessment date always do. `target` is "conforming", every mandatory
    requirement, or a list of requirements and clauses (a clause stands for the mandatory
    requirements below it). `start` defaults to the assessment date; steps take calendar days, and
    those that do not wait for each other are made side by side.

    A plan never claims that there was no case, never empties or leaves empty a list that was
    missing, and never takes a record out of what is counted just to leave it out. What it proposes
    is carried out and assessed anew before it is returned.

    Raises UsageError with every problem in the request; MissingExtraError without extra `plan`.
    """
    asked = request(assessment, costs, locked, target, start)
    made = problem(assessment, asked.wanted, asked.costs, asked.locked)
    solved = solve(made)
    if isinstance(solved, Clash):
        open_now = tuple(
            key
            for key in made.locks
            if key.startswith("profile.") and key not in assessment.facts.items
        )
        conflict = Conflict(solved.requirements, solved.locks, solved.rules, open_now)
        return Plan(
            asked.wanted, assessment.as_of, asked.start, (), 0, asked.start, (), False, (), conflict
        )
    after = [_proved(assessment, solution, asked.wanted) for solution in solved]
    moves = [
        {change: move(assessment, then, change, made.scope) for change in solution.changes}
        for solution, then in zip(solved, after, strict=True)
    ]
    placed = place(assessment, after[0], solved[0].changes, asked.wanted)
    longest = max((p.finish for p in placed), default=Fraction(0))
    return Plan(
        asked.wanted,
        assessment.as_of,
        asked.start,
        tuple(step(p, moves[0][p.change], asked.start) for p in placed),
        number(solved[0].cost),
        asked.start + timedelta(days=ceil(longest)),
        tuple(tuple(one.values()) for one in moves[1 : SHOWN_ALTERNATIVES + 1]),
        len(solved) > SHOWN_ALTERNATIVES + 1,
        _broken(assessment, after[0], asked.wanted),
        None,
    )


def _proved(before: Assessment, solution: Solution, wanted: tuple[str, ...]) -> Assessment:
    """Return the assessment after a solution; a solution that does not hold is a fault of ours."""
    after = reassess(before, solution.changes)
    missed = set(wanted) - reached(after, wanted)
    disputed = {rule.id for rule in after.disputed} - {rule.id for rule in before.disputed}
    if missed or disputed:
        raise RuntimeError(
            f"internal error: plan misses {sorted(missed)}, disputes {sorted(disputed)}"
        )
    return after


def _broken(before: Assessment, after: Assessment, wanted: tuple[str, ...]) -> tuple[str, ...]:
    others = [r for r in before.findings if r not in wanted]
    lost = reached(before, others) - reached(after, others)
    return tuple(r for r in others if r in lost)
