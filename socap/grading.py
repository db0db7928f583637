"""Rolling findings up, by rules written in grading.yaml."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from socap.clauses.requirement import Grade, Obligation
from socap.documents import Document, read_document
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
    from collections.abc import Iterable, Mapping

    from socap.clauses.requirement import Requirement

_COUNTS = (
    "conforming nonconforming undetermined not_applicable excluded major minor opportunity "
    "undetermined_shall score_passed score_failed score_open"
).split()


@dataclass(frozen=True, slots=True)
class Grading:
    """The rules, in the order in which they are read; the last of each list always holds."""

    status: tuple[tuple[Expression, Outcome], ...]
    recommendation: tuple[tuple[Expression, Recommendation], ...]

    def roll_up(self, counts: dict[str, int]) -> RollUp:
        """Return the roll-up of these counts."""
        facts = _facts(counts)
        status = next(o for rule, o in self.status if evaluate(rule, facts) is Truth.TRUE)
        grades = {grade.value: counts[grade.value] for grade in Grade}
        outcomes = {outcome.value: counts[outcome.value] for outcome in Outcome}
        return RollUp(status, **outcomes, **grades)

    def recommend(self, counts: dict[str, int]) -> Recommendation:
        """Return the recommendation that these counts lead to."""
        facts = _facts(counts)
        return next(a for rule, a in self.recommendation if evaluate(rule, facts) is Truth.TRUE)


def count(findings: Iterable[Finding], asked: Mapping[str, Requirement]) -> dict[str, int]:
    """Return how many findings there are of each kind."""
    counts = dict.fromkeys(_COUNTS, 0)
    for finding in findings:
        counts[finding.outcome.value] += 1
        if finding.grade is not None:
            counts[finding.grade.value] += 1
        obligation = asked[finding.requirement].obligation
        if finding.outcome is Outcome.UNDETERMINED and obligation is Obligation.SHALL:
            counts["undetermined_shall"] += 1
    return counts


def _facts(counts: dict[str, int]) -> Facts:
    return Facts(date.min, {f"findings.{name}": known(value) for name, value in counts.items()})


@lru_cache(maxsize=1)
def usual_grading() -> Grading:
    """Return the grading that packs without one of their own use."""
    document = read_document(Path(__file__).parent / "rules" / "grading.yaml", PackError)
    problems: list[Problem] = []
    grading = read_grading(document, problems)
    if problems:
        raise PackError(problems)
    return grading


def read_grading(document: Document, problems: list[Problem]) -> Grading:
    """Return the grading rules of a document, noting what is wrong with them."""
    nothing = Text("", "")
    items = {
        key: EvidenceItem(key, ValueType.INTEGER, nothing, nothing, "findings")
        for key in (f"findings.{name}" for name in _COUNTS)
    }
    parser = RuleParser(document, Vocabulary(items, {}, {}, {}, {}))
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
    for name in ("status", "recommendation"):
        rules = top.raw.get(name)
        if isinstance(rules, list) and (not rules or rules[-1].get("when") != "always"):
            top.fault(Text("最后一条应为 always", "the last rule should be always"), name)
    problems.extend(parser.problems)
    return Grading(tuple(status), tuple(advice))
