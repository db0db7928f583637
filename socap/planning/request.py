"""What a plan is asked for, checked: costs, locks, the target and the day it starts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from typing import TYPE_CHECKING

from socap.answers import LATEST
from socap.clauses.requirement import Obligation
from socap.errors import Problem, Text, UsageError, did_you_mean
from socap.rules.truth import UnknownReason

if TYPE_CHECKING:
    from socap.assessment import Assessment

COST_LIMIT = 3650
RECORDS = 300
CONFORMING = "conforming"


@dataclass(frozen=True, slots=True)
class Request:
    """The requirements to reach, the price of changes in days, what may not change, and the start."""

    wanted: tuple[str, ...]
    costs: dict[str, Fraction]
    locked: tuple[str, ...]
    start: date


def request(
    assessment: Assessment,
    costs: object,
    locked: object,
    target: object,
    start: object,
) -> Request:
    """Return a checked request. Raises UsageError with every problem in it."""
    problems: list[Problem] = []
    keys = _keys(assessment)
    priced = _costs(costs, keys, problems)
    kept = _locked(assessment, locked, keys, problems)
    wanted = _wanted(assessment, target, problems)
    first = assessment.as_of if start is None else start
    if not isinstance(first, date) or isinstance(first, datetime):
        message = Text("开始日期应为日期", "start should be a date")
        problems.append(Problem(message, path="start"))
        first = assessment.as_of
    elif not assessment.as_of <= first <= LATEST:
        message = Text(
            f"开始日期 {first} 早于评价日 {assessment.as_of} 或过远",
            f"the start {first} lies before the assessment date {assessment.as_of}, or too far off",
        )
        problems.append(Problem(message, path="start"))
    problems += _too_many_records(assessment, wanted)
    if problems:
        raise UsageError(problems)
    return Request(wanted, priced, kept, first)


def _too_many_records(assessment: Assessment, wanted: tuple[str, ...]) -> Iterator[Problem]:
    asked, words = assessment.standard.requirements, assessment.standard.vocabulary
    read = {key for name in wanted for key in words.expanded(asked[name].evidence_keys)}
    facts = assessment.facts
    number = sum(len(facts.records[n]) for n in facts.records if f"records.{n}" in read)
    if number > RECORDS:
        message = Text(
            f"目标涉及 {number} 条记录，超过规划上限 {RECORDS} 条",
            f"the target reads {number} records; a plan takes up to {RECORDS}",
        )
        hint = Text(
            "请缩小目标，或只列出有问题的记录", "narrow the target, or list only what is amiss"
        )
        yield Problem(message, path="target", hint=hint)


def _keys(assessment: Assessment) -> tuple[str, ...]:
    words = assessment.standard.vocabulary
    fields = [key for kind in words.records.values() for key in kind.fields]
    return (*words.items, *fields, *(f"records.{name}" for name in words.records))


def _costs(costs: object, keys: tuple[str, ...], problems: list[Problem]) -> dict[str, Fraction]:
    if costs is None:
        return {}
    if not isinstance(costs, Mapping):
        message = Text("应为“键：天数”的映射", "this should map keys to days")
        problems.append(Problem(message, path="costs"))
        return {}
    found = {}
    for key, days in costs.items():
        name = str(key)
        if name not in keys:
            problems.append(_unknown(Text("证据项", "evidence key"), name, keys, "costs"))
        elif _is_cost(days):
            found[name] = Fraction(str(days))
        else:
            shown = str(days)[:40]
            message = Text(f"{name} 的成本不能是 {shown}", f"the cost of {name} cannot be {shown}")
            hint = Text(
                f"应为 0 到 {COST_LIMIT} 天之间的数，至多四位小数",
                f"give days between 0 and {COST_LIMIT}, with at most four decimals",
            )
            problems.append(Problem(message, path="costs", hint=hint))
    return found


def _is_cost(days: object) -> bool:
    if isinstance(days, bool) or not isinstance(days, (int, float)):
        return False
    return 0 <= days <= COST_LIMIT and round(days, 4) == days


def _locked(
    assessment: Assessment, locked: object, keys: tuple[str, ...], problems: list[Problem]
) -> tuple[str, ...]:
    words, facts = assessment.standard.vocabulary, assessment.facts
    found = []
    for name in _names(locked, "locked", problems):
        item = words.items.get(name)
        if name not in keys and words.outside_records(name) is None:
            known = (*keys, *words.names())
            problems.append(_unknown(Text("证据项", "evidence key"), name, known, "locked"))
        elif facts.get(name).unknown in (UnknownReason.CONFLICTING, UnknownReason.IMPLAUSIBLE):
            message = Text(
                f"{name} 不能锁定：现有证据自相矛盾或不合理，没有可保持的答案",
                f"{name} cannot be locked: its evidence disagrees or is implausible, so there is no answer to keep",
            )
            problems.append(Problem(message, path="locked"))
        elif (
            item is not None and item.computed is not None and item.computed.record in facts.records
        ):
            fields = ", ".join(item.computed.keys)
            message = Text(
                f"{name} 不能锁定：它由记录计算得出",
                f"{name} cannot be locked: it follows from records",
            )
            hint = Text(f"请锁定 {fields}", f"lock {fields}")
            problems.append(Problem(message, path="locked", hint=hint))
        else:
            found.append(name)
    return tuple(sorted(set(found)))


def _wanted(assessment: Assessment, target: object, problems: list[Problem]) -> tuple[str, ...]:
    standard = assessment.standard
    asked = [r.id for r in standard.requirements.values() if r.obligation is Obligation.SHALL]
    if target == CONFORMING:
        return tuple(asked)
    found: set[str] = set()
    names = _names(target, "target", problems)
    for name in names:
        if name in standard.requirements:
            found.add(name)
        elif name in standard.headings:
            below = {r for r in asked if _is_below(assessment, r, name)}
            found |= below
            if not below:
                message = Text(
                    f"条款 {name} 之下没有必须满足的要求",
                    f"there is no mandatory requirement under clause {name}",
                )
                problems.append(Problem(message, path="target"))
        else:
            known = (*standard.requirements, *standard.headings, CONFORMING)
            kind = Text("要求或条款", "requirement or clause")
            problems.append(_unknown(kind, name, known, "target"))
    if not names and not problems:
        problems.append(Problem(Text("目标为空", "the target is empty"), path="target"))
    return tuple(r for r in standard.requirements if r in found)


def _is_below(assessment: Assessment, requirement: str, heading: str) -> bool:
    clause: str | None = assessment.standard.requirements[requirement].clause
    while clause is not None and clause != heading:
        clause = assessment.standard.headings[clause].parent
    return clause == heading


def _names(given: object, path: str, problems: list[Problem]) -> list[str]:
    if isinstance(given, str):
        return [given]
    if not isinstance(given, Iterable):
        message = Text("应为名称列表", "this should be a list of names")
        problems.append(Problem(message, path=path))
        return []
    return [str(name) for name in given]


def _unknown(kind: Text, name: str, known: Iterable[str], path: str) -> Problem:
    shown = name[:100]
    message = Text(f"没有名为 {shown} 的{kind.zh}", f"there is no {kind.en} named {shown}")
    return Problem(message, path=path, hint=did_you_mean(name, known))
