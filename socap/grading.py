"""Rolling findings up, by the rules written in grading.yaml."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from socap.clauses.requirement import Grade, Obligation
from socap.documents import read_document
from socap.errors import PackError, Problem, Text
from socap.findings import Finding, Outcome, Recommendation, RollUp
from socap.loading import Fields
from socap.rules.expressions import Expression
from socap.rules.facts import Facts, known
from socap.rules.parser import RuleParser
from socap.rules.reference import evaluate
from socap.rules.truth import Truth
from socap.rules.vocabulary import EvidenceItem, ValueType, Vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterable

    from socap.standard import Standard

_COUNTS = (
    "conforming nonconforming undetermined not_applicable excluded major minor opportunity "
    "undetermined_shall"
).split()


@dataclass(frozen=True, slots=True)
class Grading:
    """The rules, in the order in which they are read."""

    status: tuple[tuple[Expression, Outcome], ...]
    recommendation: tuple[tuple[Expression, Recommendation], ...]


def count(findings: Iterable[Finding], standard: Standard) -> dict[str, int]:
    """Return how many findings there are of each kind."""
    counts = dict.fromkeys(_COUNTS, 0)
    for finding in findings:
        counts[finding.outcome.value] += 1
        if finding.grade is not None:
            counts[finding.grade.value] += 1
        obligation = standard.requirements[finding.requirement].obligation
        if finding.outcome is Outcome.UNDETERMINED and obligation is Obligation.SHALL:
            counts["undetermined_shall"] += 1
    return counts


def roll_up(counts: dict[str, int]) -> RollUp:
    """Return the roll-up of these counts."""
    facts = _facts(counts)
    rules = _grading().status
    status = next(outcome for rule, outcome in rules if evaluate(rule, facts) is Truth.TRUE)
    grades = {grade.value: counts[grade.value] for grade in Grade}
    outcomes = {outcome.value: counts[outcome.value] for outcome in Outcome}
    return RollUp(status, **outcomes, **grades)


def recommend(counts: dict[str, int]) -> Recommendation:
    """Return the recommendation that these counts lead to."""
    facts = _facts(counts)
    rules = _grading().recommendation
    return next(advice for rule, advice in rules if evaluate(rule, facts) is Truth.TRUE)


def _facts(counts: dict[str, int]) -> Facts:
    return Facts(date.min, {f"findings.{name}": known(value) for name, value in counts.items()})


@lru_cache(maxsize=1)
def _grading() -> Grading:
    document = read_document(Path(__file__).parent / "rules" / "grading.yaml", PackError)
    nothing = Text("", "")
    items = {
        key: EvidenceItem(key, ValueType.INTEGER, nothing, nothing, "findings")
        for key in (f"findings.{name}" for name in _COUNTS)
    }
    parser = RuleParser(document, Vocabulary(items, {}, {}, {}, {}))
    problems: list[Problem] = []
    top = Fields(document, (), document.data, problems)
    top.only(["status", "recommendation"])
    status = []
    for entry in top.listed("status"):
        entry.only(["is", "when"])
        rule = parser.parse(entry.raw.get("when"), (*entry.path, "when"))
        status.append((rule, entry.choice("is", Outcome)))
    advice = []
    for entry in top.listed("recommendation"):
        entry.only(["id", "when", "title", "reason"])
        rule = parser.parse(entry.raw.get("when"), (*entry.path, "when"))
        advice.append(
            (rule, Recommendation(entry.string("id"), entry.text("title"), entry.text("reason")))
        )
    problems.extend(parser.problems)
    if problems:
        raise PackError(problems)
    return Grading(tuple(status), tuple(advice))
