"""The outcomes of a batch once a parameter or an answer is another; the rest is kept as it was."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias, TypeVar

import numpy as np

from socap.portfolio.computing import above_total, computed, without
from socap.portfolio.settling import Settled, answered, record_columns
from socap.rules import expressions as x
from socap.rules.batch import Batch, Column
from socap.rules.columnar import Evaluation
from socap.rules.planes import pack, zeros
from socap.rules.program import Program
from socap.rules.vocabulary import TYPES_KEY

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from socap.portfolio.decoding import Rows
    from socap.portfolio.settling import Moment
    from socap.rules.batch import RecordColumns
    from socap.rules.planes import Plane, Planes
    from socap.standard import Standard

    Keys: TypeAlias = frozenset[str]
    Steps: TypeAlias = frozenset[int]
    Outcomes: TypeAlias = tuple[Plane, ...]

_PARAMETER = "parameter "
Kept = TypeVar("Kept")


def parameter(name: str) -> str:
    """Return how a parameter is named among the things that can move."""
    return _PARAMETER + name


def dependents(program: Program, moved: Keys) -> Steps:
    """Return the steps that read something that moved, or stand on one that does."""
    found: set[int] = set()
    for place, step in enumerate(program.steps):
        operand = None
        if isinstance(step.node, x.Condition):
            operand = step.node.operand
        elif isinstance(step.node, x.Quantified):
            operand = step.node.limit
        reads = {step.node.item} if isinstance(step.node, x.Condition) else set()
        if isinstance(operand, x.ItemRef):
            reads.add(operand.key)
        elif isinstance(operand, x.ParameterRef):
            reads.add(parameter(operand.name))
        if not moved.isdisjoint(reads) or not found.isdisjoint(step.parts):
            found.add(place)
    return frozenset(found)


class Revised(Evaluation):
    """An evaluation in which some steps are taken again, and the others as they were before."""

    def __init__(self, program: Program, batch: Batch, before: Evaluation, again: Steps) -> None:
        super().__init__(program, batch)
        self._before, self._again = before, again

    def truth(self, place: int) -> Planes:
        """Return the truth of a step for each organisation (or each record)."""
        return super().truth(place) if place in self._again else self._before.truth(place)


@dataclass(frozen=True, slots=True)
class Touched:
    """What has to be worked out again once something moved.

    `answered` are the items that it answers, directly or through records; `stated` also those that
    share a total with them; `flags` the circumstances that may be disputed otherwise;
    `requirements` all whose outcome can differ. Then the steps of each program of `Reach`.
    """

    answered: Keys
    stated: Keys
    flags: Keys
    requirements: tuple[str, ...]
    counted: Steps
    contradicted: Steps
    rules: Steps


class Reach:
    """The rules of a standard as programs, and what bears on what in them; made once."""

    def __init__(self, standard: Standard) -> None:
        words = standard.vocabulary
        self.items, self.types = words.items, tuple(words.types)
        self.fields = {name: kind.fields for name, kind in words.records.items()}
        self.asked = dict(words.items)
        for key in (f"profile.{name}" for name in words.flags):
            flag = words.outside_records(key)
            assert flag is not None
            self.asked[key] = flag
        self.counted, self.contradicted, self.rules = Program(), Program(), Program()
        self.grading = Program()
        self.computed = {
            key: (
                self.counted.add(rule.where, rule.record),
                self.counted.add(rule.satisfies, rule.record),
            )
            for key, item in words.items.items()
            if (rule := item.computed) is not None
        }
        self.contradictions = tuple(
            (f"profile.{rule.flag}", self.contradicted.add(rule.contradicted_when))
            for rule in standard.consistency
        )
        self.requirements = {
            r.id: (
                self.rules.add(r.applies_when),
                self.rules.add(r.satisfied_when),
                *(() if r.exclusion is None else (self.rules.add(r.exclusion.allowed_when),)),
            )
            for r in standard.requirements.values()
        }
        self.status = tuple(
            (self.grading.add(rule), outcome) for rule, outcome in standard.grading.status
        )
        self._sharing: dict[str, set[str]] = {}
        for key, item in words.items.items():
            if item.part_of is not None:
                self._sharing.setdefault(key, set()).add(item.part_of)
                self._sharing.setdefault(item.part_of, set()).add(key)

    def sharing(self, keys: Iterable[str]) -> Keys:
        """Return items with their totals and their parts."""
        return frozenset(k for key in keys for k in (key, *self._sharing.get(key, ())))

    def touched(self, moved: Keys) -> Touched:
        """Return what has to be worked out again once parameters or items moved."""
        counted = dependents(self.counted, moved)
        answered = moved & self.asked.keys()
        answered |= {k for k, steps in self.computed.items() if not counted.isdisjoint(steps)}
        stated = self.sharing(answered)
        contradicted = dependents(self.contradicted, moved | stated)
        flags = {flag for flag, step in self.contradictions if step in contradicted}
        flags |= {key for key in stated if key not in self.items}
        rules = dependents(self.rules, moved | stated | flags)
        found = tuple(r for r, steps in self.requirements.items() if not rules.isdisjoint(steps))
        return Touched(answered, stated, frozenset(flags), found, counted, contradicted, rules)

    def everything(self) -> Touched:
        """Return what has to be worked out at first."""
        keys = frozenset(self.asked)
        programs = (self.counted, self.contradicted, self.rules)
        steps = (frozenset(range(len(program.steps))) for program in programs)
        return Touched(keys, keys, keys, tuple(self.requirements), *steps)


@dataclass(frozen=True, slots=True)
class State:
    """The facts of a batch, stage by stage, and the truth of rules on them.

    `told` judges records, `stated` sees all answers, and circumstances as they are claimed, `facts`
    sees them as far as they are undisputed.
    """

    direct: dict[str, Settled]
    answered: dict[str, Settled]
    told: Evaluation
    stated: Evaluation
    facts: Evaluation


class Revisions:
    """One batch, assessed as it is, and again under changes."""

    def __init__(
        self, rows: Rows, reach: Reach, moment: Moment, parameters: Mapping[str, int | float]
    ) -> None:
        self.reach, self._exclusions = reach, rows.exclusions
        self.count, self.sound = rows.count, pack(~rows.faults.bad)
        direct = answered(rows, reach.asked, reach.items, moment, self.sound)
        self._records: dict[str, RecordColumns] = {
            name: record_columns(listed, reach.fields[name], moment, self.sound)
            for name, listed in rows.records.items()
        }
        held = np.zeros(rows.count, np.uint8) if rows.types is None else rows.types.values
        types = {TYPES_KEY: Column(held, self.sound, zeros(rows.count), reach.types)}
        batch = Batch(rows.count, moment.as_of, types, self._records, dict(parameters))
        nothing = State(
            {},
            {},
            Evaluation(reach.counted, replace(batch, items={})),
            Evaluation(reach.contradicted, batch),
            Evaluation(reach.rules, batch),
        )
        self.base = self._derived(nothing, direct, batch.parameters, reach.everything())
        self.base.facts.take(reach.rules.conditions())

    def revised(
        self,
        before: State,
        parameters: Mapping[str, int | float],
        answers: Mapping[str, Settled],
        touched: Touched,
    ) -> State:
        """Return the state with some parameters and direct answers other than before."""
        numbers = before.facts.batch.parameters | dict(parameters)
        return self._derived(before, before.direct | dict(answers), numbers, touched)

    def _derived(
        self,
        before: State,
        direct: dict[str, Settled],
        parameters: dict[str, int | float],
        touched: Touched,
    ) -> State:
        reach = self.reach
        batch = replace(before.told.batch, parameters=parameters)
        told = Revised(reach.counted, batch, before.told, touched.counted)
        answered = dict(before.answered)
        for key in touched.answered:
            _put(answered, key, self._answered(key, direct.get(key), told))
        nearby = reach.sharing(touched.stated)
        checked = above_total(reach.items, {k: answered[k] for k in nearby if k in answered})
        columns = dict(before.stated.batch.items)
        facts = dict(before.facts.batch.items)
        for key in touched.stated:
            for found in (columns, facts):
                _put(found, key, checked[key].column if key in checked else None)
        claimed = replace(batch, items=columns)
        stated = Revised(reach.contradicted, claimed, before.stated, touched.contradicted)
        for flag in touched.flags & columns.keys():
            against = zeros(self.count)
            for disputed, step in reach.contradictions:
                if disputed == flag:
                    against = against | stated.truth(step).true
            facts[flag] = without(Settled(columns[flag]), against).column
        final = Revised(reach.rules, replace(batch, items=facts), before.facts, touched.rules)
        return State(direct, answered, told, stated, final)

    def _answered(self, key: str, direct: Settled | None, told: Evaluation) -> Settled | None:
        item = self.reach.asked[key]
        records = self._records.get(item.computed.record) if item.computed is not None else None
        if item.computed is None or records is None:
            return direct
        judged = told.judged(item.computed.record, *self.reach.computed[key])
        return computed(direct, item, judged, records)

    def outcomes(self, requirement: str, state: State) -> Outcomes:
        """Return where a requirement has each outcome, in the order of `Outcome`."""
        applies, satisfied, *allowing = self.reach.requirements[requirement]
        due, (met, unmet) = state.facts.decision(applies, satisfied)
        none, met, unmet = due.false & self.sound, met & self.sound, unmet & self.sound
        excluded = zeros(self.count)
        left_out = self._exclusions.get(requirement)
        if left_out is not None and allowing:
            allowed = state.facts.truth(allowing[0])
            claimed = left_out & self.sound & ~none
            excluded = claimed & allowed.true
            undecided = claimed & ~(allowed.true | allowed.false)
            met, unmet = met & ~excluded, unmet & ~(excluded | undecided)
        undetermined = self.sound & ~(met | unmet | none | excluded)
        return met, unmet, undetermined, none & ~excluded, excluded


def _put(found: dict[str, Kept], key: str, made: Kept | None) -> None:
    if made is None:
        found.pop(key, None)
    else:
        found[key] = made
