"""The order of a plan's steps: what each is good for, and when it can be done at the earliest."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from socap.planning.applying import State, follow, reached
from socap.rules.expressions import keys_read

if TYPE_CHECKING:
    from collections.abc import Sequence

    from socap.assessment import Assessment
    from socap.planning.solving import Change


@dataclass(frozen=True, slots=True)
class Placed:
    """A change with the requirements that rest on it, those it completes, and its finish in days."""

    change: Change
    serves: tuple[str, ...]
    unlocks: tuple[str, ...]
    finish: Fraction


def place(
    assessment: Assessment,
    after: Assessment,
    changes: Sequence[Change],
    wanted: tuple[str, ...],
) -> tuple[Placed, ...]:
    """Return changes in the order in which to make them, `after` being what comes of them all.

    A change serves the requirements that would not be reached without it. It is taken up once all
    changes are finished that serve a prerequisite, direct or not, of the first requirement it
    serves, and the fields of a new record once it is listed; changes that do not wait for each
    other are made side by side.
    """
    graph = assessment.standard.graph
    order = {name: index for index, name in enumerate(graph.order())}
    trial, end = _Trial(assessment, wanted), State(reached(after, wanted), after.disputed)
    served = {}
    for change in changes:
        left = trial.follow([c for c in changes if c != change], change, end)
        served[change] = tuple(sorted(end.reached - left.reached, key=order.__getitem__))
    ranked = sorted(changes, key=lambda c: (_rank(served[c], order), not _adds(c), c.ref))
    finished: dict[Change, Fraction] = {}
    for change in ranked:
        first = served[change][:1]
        before = {p for name in first for p in graph.prerequisites(name)}
        waits = [
            done
            for other, done in finished.items()
            if before.intersection(served[other])
            or (_adds(other) and _listed(other) == _listed(change))
        ]
        finished[change] = max(waits, default=Fraction(0)) + change.cost
    state = State(reached(assessment, wanted), assessment.disputed)
    placed = []
    for index, change in enumerate(ranked):
        then = trial.follow(ranked[: index + 1], change, state)
        unlocked = sorted(then.reached - state.reached, key=order.__getitem__)
        placed.append(Placed(change, served[change], tuple(unlocked), finished[change]))
        state = then
    return tuple(placed)


class _Trial:
    """Trials of some of the changes; only requirements that a change can touch are judged anew."""

    def __init__(self, assessment: Assessment, wanted: tuple[str, ...]) -> None:
        self._assessment = assessment
        self._all = frozenset(wanted)
        words = assessment.standard.vocabulary
        parts = {k: i.part_of for k, i in words.items.items() if i.part_of is not None}
        self._reads: dict[str, set[str]] = {}
        for name in wanted:
            asked = assessment.standard.requirements[name]
            rules = [asked.applies_when, asked.satisfied_when]
            rules += [asked.exclusion.allowed_when] if asked.exclusion is not None else []
            keys = {key for rule in rules for key in keys_read(rule)}
            for _ in parts:
                keys |= {end for pair in parts.items() if keys.intersection(pair) for end in pair}
            self._reads[name] = set(words.expanded(sorted(keys)))

    def follow(self, changes: Sequence[Change], change: Change, near: State) -> State:
        """Return the state after some changes, given the state with `change` the other way."""
        touched = frozenset(n for n in self._all if change.ref.key in self._reads[n])
        return follow(self._assessment, changes, self._all, touched, near)


def _rank(served: tuple[str, ...], order: dict[str, int]) -> int:
    return order[served[0]] if served else len(order)


def _adds(change: Change) -> bool:
    return change.ref.key.startswith("records.")


def _listed(change: Change) -> tuple[str, str]:
    """Return the list and record that a change belongs to."""
    return change.ref.key.removeprefix("records.").split(".")[0], change.ref.record
