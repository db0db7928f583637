"""Whether the cases would notice a changed rule: the share of mutants they kill."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from socap.cases import Case, read_cases
from socap.documents import read_document
from socap.errors import PackError, Problem, Text
from socap.loading import Fields
from socap.rules.mutants import Mutant, mutants

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from socap.clauses.requirement import Requirement
    from socap.rules.expressions import Expression
    from socap.standard import ConsistencyRule, Standard

SURVIVORS = "survivors.yaml"
REQUIRED = 97.0


@dataclass(frozen=True, slots=True)
class Survivor:
    """A changed rule that no case notices; `reason` where the pack's owner has accepted it."""

    of: str
    rule: str
    mutant: str
    reason: str


@dataclass(frozen=True, slots=True)
class MutationReport:
    """How many mutants there were, how many the cases killed, and the others."""

    cases: int
    mutants: int
    killed: int
    survivors: tuple[Survivor, ...]
    idle: tuple[Survivor, ...]
    required: float = REQUIRED

    @property
    def share(self) -> float:
        """Killed mutants in per cent of all."""
        return 100 * self.killed / self.mutants if self.mutants else 100.0

    @property
    def passed(self) -> bool:
        """Whether enough mutants are killed, each other has a reason, and no reason is idle."""
        explained = all(survivor.reason for survivor in self.survivors)
        return self.share >= self.required and explained and not self.idle


def mutate(
    standard: Standard, folder: Path, progress: Callable[[int, int], None] | None = None
) -> MutationReport:
    """Run every mutant of every rule against the cases of a folder.

    `progress` is told how many mutants are done, and of how many.

    Accepted survivors are read from `survivors.yaml` in the same folder; those of them that no
    longer survive are reported as idle. Raises PackError where the cases cannot be read.
    """
    cases: dict[str, list[Case]] = {}
    for case in read_cases(folder, standard):
        cases.setdefault(case.of, []).append(case)
    accepted = _accepted(folder)
    killed = 0
    survivors = []
    todo = list(_all(standard))
    for made, (of, name, mutant, asked) in enumerate(todo):
        if progress is not None:
            progress(made, len(todo))
        if any(case.outcome(asked) is not case.expected for case in cases.get(of, ())):
            killed += 1
        else:
            reason = accepted.get((of, name, mutant.name), "")
            survivors.append(Survivor(of, name, mutant.name, reason))
    alive = {(s.of, s.rule, s.mutant) for s in survivors}
    idle = tuple(Survivor(*key, reason) for key, reason in accepted.items() if key not in alive)
    total = sum(map(len, cases.values()))
    return MutationReport(total, len(todo), killed, tuple(survivors), idle)


def _all(
    standard: Standard,
) -> Iterator[tuple[str, str, Mutant, Requirement | ConsistencyRule]]:
    words = standard.vocabulary
    for requirement in standard.requirements.values():
        rules: dict[str, Expression] = {
            "applies_when": requirement.applies_when,
            "satisfied_when": requirement.satisfied_when,
        }
        for name, rule in rules.items():
            for mutant in mutants(rule, words):
                changed = (
                    replace(requirement, applies_when=mutant.rule)
                    if name == "applies_when"
                    else replace(requirement, satisfied_when=mutant.rule)
                )
                yield requirement.id, name, mutant, changed
        if requirement.exclusion is not None:
            for mutant in mutants(requirement.exclusion.allowed_when, words):
                exclusion = replace(requirement.exclusion, allowed_when=mutant.rule)
                yield requirement.id, "exclusion", mutant, replace(requirement, exclusion=exclusion)
    for consistency in standard.consistency:
        for mutant in mutants(consistency.contradicted_when, words):
            other = replace(consistency, contradicted_when=mutant.rule)
            yield consistency.id, "contradicted_when", mutant, other


def _accepted(folder: Path) -> dict[tuple[str, str, str], str]:
    file = folder / SURVIVORS
    if not file.exists():
        return {}
    document = read_document(file, PackError)
    problems: list[Problem] = []
    top = Fields(document, (), document.data, problems)
    top.only(["survivors"])
    found = {}
    for entry in top.listed("survivors"):
        entry.only(["of", "rule", "mutant", "reason"])
        if not entry.string("reason").strip():
            entry.fault(Text("应写明理由", "give the reason"), "reason")
        key = (entry.string("of"), entry.string("rule"), entry.string("mutant"))
        found[key] = entry.string("reason")
    if problems:
        raise PackError(problems)
    return found
