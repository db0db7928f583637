"""What is tried on a portfolio: parameters with other values, one answer exchanged for everybody."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import lru_cache
from math import floor, prod
from typing import TYPE_CHECKING, Any

import numpy as np

from socap.answers import EARLIEST, LATEST, NUMBER_LIMIT, read_answers
from socap.documents import Document
from socap.errors import EvidenceError, Problem, Text, UsageError, unknown_name
from socap.evidence import Assurance, plausible, settle
from socap.loading import Fields
from socap.portfolio.settling import ANSWERABLE, Settled
from socap.rules import expressions as x
from socap.rules.expressions import Operator
from socap.rules.facts import MISSING, Fact, known
from socap.rules.gathering import column
from socap.rules.planes import zeros
from socap.rules.vocabulary import TYPES_KEY, EvidenceItem, Parameter, ValueType

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from socap.company_file import Plain
    from socap.rules.planes import Plane
    from socap.standard import Standard

POINT_LIMIT = 10_000


@dataclass(frozen=True, slots=True)
class Like:
    """The answer that equals, in each organisation, what another item is known to be there."""

    key: str


@dataclass(frozen=True, slots=True)
class Trial:
    """One what-if: parameters with other values, or the answer to one item exchanged.

    `searched` where the answer is one of those among which the best and the worst are found; a
    circumstance has no better side.
    """

    parameters: dict[str, int | float] = field(default_factory=dict)
    item: str = ""
    answer: Fact | Like = MISSING
    searched: bool = False


def steps(asked: Parameter) -> tuple[int | float, ...]:
    """Return both ends of a parameter's range and the middles between them and the default.

    Without a default it is the middle of the range; the default itself is no step.

    >>> from socap.standard import load
    >>> steps(load().vocabulary.parameters["training_completion_min_pct"])
    (50, 70, 95, 100)
    """
    low, high, default = asked.minimum, asked.maximum, asked.default
    ends = [end for end in (low, high) if end is not None]
    if default is None:
        middle = [sum(ends) / 2] if len(ends) == 2 else []
    else:
        middle = [(end + default) / 2 for end in ends]
    made: set[int | float] = {*ends, *middle}
    if not any(isinstance(value, float) for value in (low, high, default)):
        made = {floor(value) for value in made}
    return tuple(sorted(value for value in made if value != default))


def grid(
    standard: Standard, values: Mapping[str, Sequence[int | float]]
) -> tuple[tuple[Trial, ...], ...]:
    """Return every combination of the values of one or two parameters, a row a first value.

    No values stand for the steps of the range. Raises UsageError for what is no parameter, a value
    it cannot take, more than two parameters or more than POINT_LIMIT combinations.
    """
    if not 1 <= len(values) <= 2:
        message = Text("网格只取一个或两个参数", "a grid takes one or two parameters")
        raise UsageError([Problem(message)])
    lists = [_values(standard, name, given) for name, given in values.items()]
    if prod(len(one) for one in lists) > POINT_LIMIT:
        message = Text(
            f"组合超过 {POINT_LIMIT} 个", f"there are more than {POINT_LIMIT} combinations"
        )
        raise UsageError([Problem(message)])
    return tuple(
        tuple(
            Trial(dict(zip(values, (first, *rest), strict=True)))
            for rest in itertools.product(*lists[1:])
        )
        for first in lists[0]
    )


def _values(standard: Standard, name: str, given: Sequence[int | float]) -> tuple[int | float, ...]:
    parameters = standard.vocabulary.parameters
    if name not in parameters:
        raise unknown_name(Text("参数", "parameter"), name, parameters)
    made = tuple(dict.fromkeys(given)) or steps(parameters[name])
    problems: list[Problem] = []
    for value in made:
        try:
            standard.parameters({name: value})
        except UsageError as error:
            problems += error.problems
    if not made:
        message = Text(f"参数 {name} 没有范围，请给出取值", f"{name} has no range: give values")
        problems.append(Problem(message))
    if problems:
        raise UsageError(problems)
    return made


def item_trials(
    standard: Standard,
    key: str,
    given: Sequence[Any],
    parameters: Mapping[str, int | float],
    as_of: date,
) -> tuple[Trial, ...]:
    """Return what an answer is exchanged for: the values given, else no answer and every value.

    `key` is an evidence item or `profile.<flag>`. Values are written as in a company file, None is
    no answer; all count as evidence of the assurance asked for. Every value means one each side of,
    and at, everything that rules compare the answer with, numbers from 0 on (of a set: all members,
    none, those that a rule names, the others). Raises UsageError for an unknown key, EvidenceError for a value that a company file could not hold.
    """
    words = standard.vocabulary
    item = words.outside_records(key) if key != TYPES_KEY else None
    if item is None:
        names = [*words.items, *(f"profile.{name}" for name in words.flags)]
        raise unknown_name(Text("证据项", "evidence item"), key, names)
    if given:
        return tuple(Trial(item=key, answer=_read(item, raw, as_of)) for raw in given)
    found = [MISSING, *_candidates(standard, item, parameters, as_of)]
    searched = key in words.items
    return tuple(Trial(item=key, answer=answer, searched=searched) for answer in found)


def _read(item: EvidenceItem, raw: Any, as_of: date) -> Fact:
    if raw is None:
        return MISSING
    problems: list[Problem] = []
    top = Fields(Document("", {item.key: raw}, {}), (), {item.key: raw}, problems)
    answers = read_answers(top, item.key, item)
    if problems:
        raise EvidenceError(problems)
    return settle(answers, item, as_of, Assurance.DECLARED)


def _candidates(
    standard: Standard, item: EvidenceItem, parameters: Mapping[str, int | float], as_of: date
) -> Iterator[Fact | Like]:
    match item.type:
        case ValueType.BOOLEAN:
            yield from (known(True), known(False))
        case ValueType.ENUM:
            yield from map(known, item.members)
        case ValueType.SET:
            yield from map(known, _sets(standard, item))
        case ValueType.DATE:
            yield from map(known, _dates(standard, item, parameters, as_of))
        case _:
            others = _others(standard, item)
            yield from map(known, _numbers(standard, item, parameters, bool(others)))
            yield from map(Like, others)


@lru_cache(maxsize=1)
def _conditions(standard: Standard) -> tuple[x.Condition, ...]:
    rules = [rule.contradicted_when for rule in standard.consistency]
    for requirement in standard.requirements.values():
        rules += [requirement.applies_when, requirement.satisfied_when]
        if requirement.exclusion is not None:
            rules.append(requirement.exclusion.allowed_when)
    return tuple(n for rule in rules for n in x.walk(rule) if isinstance(n, x.Condition))


def _sets(standard: Standard, item: EvidenceItem) -> list[frozenset[str]]:
    every = frozenset(item.members)
    found = [every, frozenset[str]()]
    for node in _conditions(standard):
        if node.item == item.key and isinstance(node.operand, x.Members):
            named = frozenset(node.operand.values) & every
            found += [named, every - named]
    return list(dict.fromkeys(found))


def _operands(
    standard: Standard, item: EvidenceItem, parameters: Mapping[str, int | float], as_of: date
) -> Iterator[tuple[Operator, x.Scalar]]:
    for node in _conditions(standard):
        if node.item != item.key:
            continue
        match node.operand:
            case x.Literal(value):
                yield node.operator, value
            case x.ParameterRef(name) if name in parameters:
                yield node.operator, parameters[name]
            case x.AsOf():
                yield node.operator, as_of
            case _:
                continue


def _others(standard: Standard, item: EvidenceItem) -> tuple[str, ...]:
    """Return the numbers of its kind that an item is compared with, its total and parts too."""
    words = standard.vocabulary
    found = [item.part_of] if item.part_of is not None else []
    found += [key for key, other in words.items.items() if other.part_of == item.key]
    for node in _conditions(standard):
        if isinstance(node.operand, x.ItemRef):
            pair = (node.item, node.operand.key)
            found += [key for key in pair if item.key in pair and key != item.key]
    alike = {key for key, other in words.items.items() if other.type is item.type}
    return tuple(dict.fromkeys(key for key in found if key in alike))


def _dates(
    standard: Standard, item: EvidenceItem, parameters: Mapping[str, int | float], as_of: date
) -> list[date]:
    cuts = {as_of}
    for operator, value in _operands(standard, item, parameters, as_of):
        if isinstance(value, date):
            cuts.add(value)
        elif operator is Operator.WITHIN and isinstance(value, (int, float)):
            reach = min(floor(value), (as_of - EARLIEST).days)
            cuts.add(as_of - timedelta(days=max(reach, 0)))
    days = sorted({cut.toordinal() + step for cut in cuts for step in (-1, 0, 1)})
    low, high = EARLIEST.toordinal(), LATEST.toordinal()
    made = [date.fromordinal(day) for day in days if low <= day <= high]
    return [day for day in made if plausible(day, item, as_of)]


def _numbers(
    standard: Standard, item: EvidenceItem, parameters: Mapping[str, int | float], compared: bool
) -> list[int | float]:
    cuts: set[int | float] = {0}
    for _, value in _operands(standard, item, parameters, date.min):
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            cuts.add(value)
    if item.type is ValueType.PERCENT:
        cuts.add(100)
    ordered = sorted(cuts)
    points: set[int | float]
    if item.type is ValueType.INTEGER:
        points = {floor(cut) + step for cut in cuts for step in (-1, 0, 1)}
    else:
        points = {*cuts, ordered[-1] + 1}
        points |= {(low + high) / 2 for low, high in itertools.pairwise(ordered)}
    if compared and item.type is not ValueType.PERCENT:
        points.add(NUMBER_LIMIT)
    kept = sorted(point for point in points if ordered[0] <= point <= NUMBER_LIMIT)
    return [point for point in kept if plausible(point, item, date.min)]


def exchanged(
    trial: Trial, item: EvidenceItem, sound: Plane, count: int, current: Mapping[str, Settled]
) -> Settled:
    """Return the answer of a trial to its item as a column: the same in every sound row.

    `current` are the items as they are answered, by the organisation or its records.
    """
    if isinstance(trial.answer, Like):
        other = current.get(trial.answer.key)
        if other is not None:
            return replace(other, column=replace(other.column, no_case=zeros(count)), barred=None)
        return exchanged(replace(trial, answer=MISSING), item, sound, count, current)
    fact, nowhere = trial.answer, zeros(count)
    one = column([fact], item)
    values = np.repeat(one.values, count)
    if one.packed:
        values = sound if fact.value is True else nowhere
    made = replace(
        one,
        values=values,
        known=nowhere if fact.value is None else sound,
        no_case=sound if fact.no_case else nowhere,
    )
    barred = fact.unknown not in (None, *ANSWERABLE)
    return Settled(made, sound if barred else None, made.known if type(fact.value) is int else None)


def written(fact: Fact) -> Plain:
    """Return an answer as a company file writes it."""
    if fact.no_case:
        return "no_case"
    value = fact.value
    if isinstance(value, frozenset):
        return [*sorted(value)]
    return value.isoformat() if isinstance(value, date) else value
