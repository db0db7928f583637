"""One planning problem: everything that may change, what must hold, and what each change costs."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from socap.planning.choices import Choices
from socap.planning.circuit import Circuit
from socap.planning.encoding import Encoder
from socap.planning.scope import Scope, scope
from socap.rules.facts import known
from socap.rules.implicant import FactRef
from socap.rules.vocabulary import ValueType

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from socap.assessment import Assessment
    from socap.planning.choices import Choice
    from socap.rules.facts import Fact

DEFAULT_COST = Fraction(1)


@dataclass(frozen=True, slots=True)
class Option:
    """One change that may be made, the literal that it is, its cost and its rank among equals."""

    ref: FactRef
    literal: int
    cost: Fraction
    rank: int


@dataclass(frozen=True, slots=True)
class Problem:
    """Clauses that hold in any case, named literals that have to, and priced changes.

    `alike` groups records between which no rule sees a difference, each group after its type.
    """

    clauses: tuple[tuple[int, ...], ...]
    requirements: dict[str, int]
    locks: dict[str, int]
    rules: dict[str, int]
    options: tuple[Option, ...]
    ceasing: tuple[int, ...]
    choices: dict[FactRef, Choice]
    alike: tuple[tuple[str, ...], ...]
    scope: Scope


def problem(
    assessment: Assessment,
    wanted: Sequence[str],
    costs: Mapping[str, Fraction],
    locked: Collection[str],
) -> Problem:
    """Return the planning problem of some requirements.

    A change costs what its key costs (1 day if not given); a new record, what its list costs, and
    stating a list that is missing is stating its first record. Among changes of equal cost, those
    are preferred that move fewer answers, and fewer that others are only measured against; then
    those that do something (`true`) over those that stop (`false`).
    """
    standard, circuit = assessment.standard, Circuit()
    read = scope(standard, wanted, assessment.facts)
    choices = Choices(circuit, assessment, read, locked)
    encoder = Encoder(circuit, choices, assessment)
    goals = {r.id: encoder.conforms(r) for r in read.requirements}
    disputed = {rule.id for rule in assessment.disputed}
    rules = {
        rule.id: -encoder.contradicted(rule)
        for rule in standard.consistency
        if rule.id not in disputed
    }
    encoder.require_plausible()
    named = {k: n for k, n in sorted(choices.locks.items()) if _is_named(k, locked, assessment)}
    for key, literal in choices.locks.items():
        if key not in named:
            circuit.require(literal)
    alike = choices.order_alike()
    return Problem(
        tuple(circuit.clauses),
        goals,
        named,
        rules,
        tuple(_options(choices, read, costs)),
        tuple(n for c in choices.made.values() for fact, n in c.options if fact.value is False),
        choices.made,
        alike,
        read,
    )


def _is_named(key: str, locked: Collection[str], assessment: Assessment) -> bool:
    """Return whether a lock can be a reason: asked for, or a circumstance open or in dispute."""
    return key in locked or assessment.facts.get(key).unknown is not None


def _options(choices: Choices, read: Scope, costs: Mapping[str, Fraction]) -> Iterable[Option]:
    measures = read.measures
    for ref in sorted(choices.made):
        if not ref.key.startswith("profile."):
            cost = costs.get(ref.key, DEFAULT_COST)
            yield Option(ref, -choices.made[ref].keep, cost, 2 if ref.key in measures else 1)
    for listing in sorted(choices.listings, key=lambda one: one.name):
        key = f"records.{listing.name}"
        for record, literal in listing.added:
            yield Option(FactRef(key, record), literal, costs.get(key, DEFAULT_COST), 1)


def chosen(choice: Choice, model: frozenset[int]) -> Fact | None:
    """Return the fact a model changes an answer to; None where it is withdrawn."""
    if choice.item.type is ValueType.SET:
        return known(frozenset(n for n, literal in choice.members.items() if literal in model))
    for fact, literal in choice.options:
        if literal in model:
            return fact
    return None
