"""Audit days: from effective personnel and factors to the days of each audit of the cycle."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import TYPE_CHECKING

from socap.auditing.figures import stated
from socap.rules.vocabulary import TYPES_KEY

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from socap.auditing.figures import Chosen, Factor
    from socap.errors import Text
    from socap.rules.facts import Facts

HALF = Fraction(1, 2)


class FactorState(StrEnum):
    """Whether a factor applies; open where the company file does not say."""

    APPLIES = "applies"
    DOES_NOT_APPLY = "does_not_apply"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class FactorResult:
    """One factor: its percentage, how often it applies, and whether it does."""

    name: str
    title: Text
    percent: Fraction
    times: int
    state: FactorState


@dataclass(frozen=True, slots=True)
class AuditDays:
    """The days of a certification cycle, and every step on the way to them.

    `initial_if_open` are the initial days if every open factor that adds days applied.
    """

    employees: int
    repetitive: tuple[int, ...]
    effective: int
    base: Fraction
    factors: tuple[FactorResult, ...]
    sum_pct: Fraction
    limited_pct: Fraction
    initial: Fraction
    initial_if_open: Fraction
    stage_1: Fraction
    stage_2: Fraction
    surveillance: Fraction
    recertification: Fraction
    on_site: Fraction
    remote: Fraction


def halves(days: Fraction) -> Fraction:
    """Round to half days, a quarter upwards.

    >>> [str(halves(Fraction(n, 100))) for n in (274, 275, 299, 325)]
    ['5/2', '3', '3', '7/2']
    """
    return Fraction(math.floor(days * 2 + HALF), 2)


def effective_personnel(employees: int, repetitive: Sequence[int]) -> int:
    """Return the personnel that count; posts of one same task count as the root of their number.

    >>> effective_personnel(900, [800, 16]), effective_personnel(1, [1]), effective_personnel(7, ())
    (117, 1, 7)
    """
    reduced = sum(math.isqrt(posts - 1) + 1 for posts in repetitive if posts > 0)
    return max(1, employees - sum(repetitive) + reduced)


def base_days(effective: int) -> Fraction:
    """Return the days of the table; it goes on in steps beyond its last row.

    >>> [int(base_days(n)) for n in (1, 10, 11, 1175, 1176, 1775, 1776)]
    [2, 2, 3, 13, 14, 14, 15]
    """
    table, (persons, step) = stated().table, stated().beyond
    for up_to, days in table:
        if effective <= up_to:
            return days
    last, days = table[-1]
    return days + step * math.ceil(Fraction(effective - last, persons))


def factor_results(
    facts: Facts, chosen: Chosen, claims: Mapping[str, bool]
) -> tuple[FactorResult, ...]:
    """Return every factor; `claims` are those that a caller states."""
    figures = stated().figures
    found = []
    for factor in stated().factors:
        times, state = _applies(factor, facts, chosen, claims)
        percent = chosen[factor.name]
        found.append(FactorResult(factor.name, figures[factor.name].title, percent, times, state))
    return tuple(found)


def _applies(
    factor: Factor, facts: Facts, chosen: Chosen, claims: Mapping[str, bool]
) -> tuple[int, FactorState]:
    yes, no = FactorState.APPLIES, FactorState.DOES_NOT_APPLY
    if factor.stated:
        return (1, yes) if claims.get(factor.stated, False) else (0, no)
    if factor.per_type:
        types = facts.get(TYPES_KEY).value
        further = len(types) - 1 if isinstance(types, frozenset) else 0
        return (further, yes) if further > 0 else (0, no)
    flag = facts.get(f"profile.{factor.flag}")
    if factor.record:
        listed = len(facts.records.get(factor.record, ()))
        if listed > chosen["supplier_limit"]:
            return 1, yes
        if flag.value is False or factor.record in facts.records:
            return 0, no
        return 1, FactorState.OPEN
    if flag.unknown is not None:
        return 1, FactorState.OPEN
    return (1, yes) if flag.value is True else (0, no)


def audit_days(
    employees: int, repetitive: tuple[int, ...], factors: tuple[FactorResult, ...], chosen: Chosen
) -> AuditDays:
    """Return the days of each audit. Rounded to half days; no audit takes less than one."""
    effective = effective_personnel(employees, repetitive)
    base = base_days(effective)
    total = sum(
        (f.percent * f.times for f in factors if f.state is FactorState.APPLIES), Fraction()
    )
    more = sum(
        (f.percent * f.times for f in factors if f.state is FactorState.OPEN and f.percent > 0),
        Fraction(),
    )
    limited = _limited(total, chosen)
    initial = _at_least_one(base * (100 + limited) / 100)
    stage_1 = max(HALF, halves(initial * chosen["stage_1_pct"] / 100))
    return AuditDays(
        employees,
        repetitive,
        effective,
        base,
        factors,
        total,
        limited,
        initial,
        _at_least_one(base * (100 + _limited(total + more, chosen)) / 100),
        stage_1,
        initial - stage_1,
        _at_least_one(initial * chosen["surveillance_pct"] / 100),
        _at_least_one(initial * chosen["recertification_pct"] / 100),
        initial * chosen["on_site_pct"] / 100,
        initial * chosen["remote_pct"] / 100,
    )


def _limited(total: Fraction, chosen: Chosen) -> Fraction:
    return min(max(total, chosen["least_sum_pct"]), chosen["greatest_sum_pct"])


def _at_least_one(days: Fraction) -> Fraction:
    return max(Fraction(1), halves(days))
