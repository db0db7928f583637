"""What a portfolio amounts to: counts, the worst clauses, groups, patterns and outliers."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from math import sqrt
from typing import TYPE_CHECKING, Any

import numpy as np

from socap.clauses.requirement import Aspect, Phase
from socap.findings import Outcome
from socap.portfolio.tally import OUTCOMES, Group
from socap.reports.wording import GROUPS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from socap.errors import Lang, Text
    from socap.portfolio.tally import Tally
    from socap.portfolio.writing import FaultKinds
    from socap.standard import Standard

SHOWN = 10


@dataclass(frozen=True, slots=True)
class Counted:
    """The findings on one requirement, clause, aspect or phase, over all organisations.

    `affected` are the organisations with a nonconformity (an unmet mandatory requirement) there:
    only clauses have it.
    """

    id: str
    title: Text
    outcomes: dict[str, int]
    depth: int = 0
    affected: int | None = None

    @property
    def unmet_pct(self) -> float | None:
        """The percentage of decided findings that are unmet, or None where none is decided."""
        bad = self.outcomes[Outcome.NONCONFORMING]
        decided = bad + self.outcomes[Outcome.CONFORMING]
        return _percent(bad, decided)


@dataclass(frozen=True, slots=True)
class GroupFigures:
    """One group: its organisations by status, and how many nonconformities they have.

    `mean` and `deviation` are of the nonconformities of an organisation; `worst_clause` is the
    lowest clause whose share of organisations with a nonconformity is furthest above that of all,
    by `above_pct` percentage points.
    """

    name: str
    organisations: int
    faulty: int
    statuses: dict[str, int]
    outcomes: dict[str, int]
    mean: float
    deviation: float
    worst_clause: str | None
    above_pct: float


@dataclass(frozen=True, slots=True)
class Pattern:
    """Organisations that have nonconformities below just these top clauses."""

    clauses: tuple[str, ...]
    organisations: int


@dataclass(frozen=True, slots=True)
class Pair:
    """Two requirements unmet together: how often, and how many times as often as by chance."""

    first: str
    second: str
    organisations: int
    lift: float


@dataclass(frozen=True, slots=True)
class Outlier:
    """An organisation far from its group: `deviations` standard deviations from the mean."""

    group: str
    id: str
    row: int
    nonconformities: int
    mean: float
    deviations: float


@dataclass(frozen=True, slots=True)
class Summary:
    """A portfolio's findings. A nonconformity is an unmet mandatory requirement.

    `nonconformities` and `undetermined` say how many organisations have how many. `exit_code` is 3
    where rows could not be assessed, else 0.
    """

    standard_id: str
    standard_title: Text
    standard_hash: str
    notice: Text
    options: dict[str, Any]
    organisations: int
    faulty: int
    statuses: dict[str, int]
    outcomes: dict[str, int]
    requirements: tuple[Counted, ...]
    by_clause: tuple[Counted, ...]
    by_aspect: tuple[Counted, ...]
    by_pdca: tuple[Counted, ...]
    worst_clauses: tuple[str, ...]
    worst_requirements: tuple[str, ...]
    nonconformities: dict[int, int]
    undetermined: dict[int, int]
    groups: tuple[GroupFigures, ...]
    patterns: tuple[Pattern, ...]
    pairs: tuple[Pair, ...]
    outliers: tuple[Outlier, ...]
    faults: dict[str, Any]

    @property
    def exit_code(self) -> int:
        """3 where a row could not be assessed and the portfolio is therefore not complete, else 0."""
        return 3 if self.faulty else 0

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values; the same input gives the same ones."""
        return {
            "schema_version": "1",
            "standard": {
                "id": self.standard_id,
                "hash": self.standard_hash,
                "title": self.standard_title.to_dict(),
            },
            **self.options,
            "notice": self.notice.to_dict(),
            "organisations": self.organisations,
            "faulty": self.faulty,
            "statuses": self.statuses,
            "outcomes": self.outcomes,
            "by_clause": [_counted(row) for row in self.by_clause],
            "by_aspect": [_counted(row) for row in self.by_aspect],
            "by_pdca": [_counted(row) for row in self.by_pdca],
            "requirements": [_counted(row) for row in self.requirements],
            "worst_clauses": list(self.worst_clauses),
            "worst_requirements": list(self.worst_requirements),
            "nonconformities": {str(n): many for n, many in self.nonconformities.items()},
            "undetermined": {str(n): many for n, many in self.undetermined.items()},
            "groups": [asdict(group) for group in self.groups],
            "patterns": [asdict(p) | {"clauses": list(p.clauses)} for p in self.patterns],
            "pairs": [asdict(pair) for pair in self.pairs],
            "outliers": [asdict(outlier) for outlier in self.outliers],
            "faults": self.faults,
        }

    def to_text(self, lang: Lang = "zh") -> str:
        """Return the summary as text for a terminal."""
        from socap.portfolio.telling import text  # noqa: PLC0415  only for those who read

        return text(self, lang)


def _counted(row: Counted) -> dict[str, Any]:
    told: dict[str, Any] = {"id": row.id, "title": row.title.to_dict(), "outcomes": row.outcomes}
    told["unmet_pct"] = row.unmet_pct
    return told if row.affected is None else {**told, "affected": row.affected}


def summary(
    standard: Standard, tally: Tally, faults: FaultKinds, options: dict[str, Any]
) -> Summary:
    """Return what counts amount to; groups by name, everything else by size, then as printed."""
    names = sorted(tally.groups)
    total = Group.empty(len(tally.shape.requirements), len(tally.shape.clauses))
    for name in names:
        total.add(tally.groups[name])
    asked = list(standard.requirements.values())
    requirements = tuple(
        Counted(r.id, r.title, _outcomes(total.findings[i])) for i, r in enumerate(asked)
    )
    by_clause = tuple(
        Counted(
            clause,
            standard.headings[clause].title,
            _outcomes(total.findings[list(below)].sum(axis=0)),
            _depth(standard, clause),
            int(total.clauses[i]),
        )
        for i, (clause, below) in enumerate(tally.shape.clauses.items())
    )
    lowest = {requirement.clause for requirement in asked}
    ranked = sorted((c for c in by_clause if c.id in lowest), key=lambda c: -(c.affected or 0))
    failing = sorted(requirements, key=lambda r: -r.outcomes[Outcome.NONCONFORMING])
    return Summary(
        standard.id,
        standard.title,
        standard.hash,
        standard.pack.notice,
        options,
        total.organisations,
        total.faulty,
        _outcomes(total.statuses),
        _outcomes(total.findings.sum(axis=0)),
        requirements,
        by_clause,
        _sorted_by(Aspect, [r.aspect for r in asked], total),
        _sorted_by(Phase, [r.pdca for r in asked], total),
        tuple(c.id for c in ranked[:SHOWN] if c.affected),
        tuple(r.id for r in failing[:SHOWN] if r.outcomes[Outcome.NONCONFORMING]),
        _spread(total.unmet),
        _spread(total.open),
        () if options["by"] is None else tuple(_group(n, tally, total, lowest) for n in names),
        _patterns(tally),
        _pairs(tally, total),
        tuple(_outliers(names, tally)),
        faults.to_dict(),
    )


def _outcomes(counts: NDArray[np.int64]) -> dict[str, int]:
    return {outcome.value: int(n) for outcome, n in zip(OUTCOMES, counts, strict=True)}


def _depth(standard: Standard, clause: str) -> int:
    parent = standard.headings[clause].parent
    return 0 if parent is None else 1 + _depth(standard, parent)


def _sorted_by(
    kinds: type[Aspect] | type[Phase], of: list[Any], total: Group
) -> tuple[Counted, ...]:
    return tuple(
        Counted(
            k.value, GROUPS[k.value], _outcomes(total.findings[[o is k for o in of]].sum(axis=0))
        )
        for k in kinds
    )


def _spread(counts: NDArray[np.int64]) -> dict[int, int]:
    return {int(n): int(counts[n]) for n in np.flatnonzero(counts)}


def _mean(unmet: NDArray[np.int64]) -> tuple[float, float]:
    """Return mean and standard deviation of a distribution, 0 for none."""
    many = int(unmet.sum())
    if not many:
        return 0.0, 0.0
    sums = [sum(n**power * int(k) for n, k in enumerate(unmet)) for power in (1, 2)]
    return sums[0] / many, sqrt(max(0, sums[1] * many - sums[0] ** 2)) / many


def _percent(part: int, whole: int) -> float | None:
    return round(100 * part / whole, 2) if whole else None


def _group(name: str, tally: Tally, total: Group, lowest: Iterable[str]) -> GroupFigures:
    group = tally.groups[name]
    mean, deviation = _mean(group.unmet)
    above = [
        (100 * int(group.clauses[i]) / group.organisations, 100 * int(total.clauses[i]), clause)
        for i, clause in enumerate(tally.shape.clauses)
        if clause in lowest and group.organisations
    ]
    excess = [(own - every / total.organisations, clause) for own, every, clause in above]
    worst = max(excess, key=lambda entry: entry[0], default=(0.0, None))
    shown = worst if worst[0] > 0 else (0.0, None)
    return GroupFigures(
        name,
        group.organisations,
        group.faulty,
        _outcomes(group.statuses),
        _outcomes(group.findings.sum(axis=0)),
        round(mean, 2),
        round(deviation, 2),
        shown[1],
        round(shown[0], 2),
    )


def _patterns(tally: Tally) -> tuple[Pattern, ...]:
    found = sorted(np.flatnonzero(tally.patterns).tolist(), key=lambda p: (-tally.patterns[p], p))
    tops = tally.shape.tops
    return tuple(
        Pattern(
            tuple(clause for bit, clause in enumerate(tops) if place >> bit & 1),
            int(tally.patterns[place]),
        )
        for place in found[:SHOWN]
    )


def _pairs(tally: Tally, total: Group) -> tuple[Pair, ...]:
    """Return the pairs with the highest lift among those that one organisation in a hundred has."""
    names, many = tally.shape.mandatory, total.organisations
    least = max(2, many // 100)
    single = tally.pairs.diagonal()
    found = [
        (int(tally.pairs[i, j]) * many / (int(single[i]) * int(single[j])), int(i), int(j))
        for i, j in zip(*np.nonzero(tally.pairs >= least), strict=True)
        if i < j
    ]
    ids = [tally.shape.requirements[place] for place in names]
    return tuple(
        Pair(ids[i], ids[j], int(tally.pairs[i, j]), round(lift, 2))
        for lift, i, j in sorted(found, key=lambda pair: (-pair[0], *pair[1:]))[:SHOWN]
        if lift > 1
    )


def _outliers(names: list[str], tally: Tally) -> list[Outlier]:
    """Return the organisations furthest from the mean of their group, two deviations at least."""
    found = []
    for name in names:
        group = tally.groups[name]
        mean, deviation = _mean(group.unmet)
        for unmet, row, identifier in dict.fromkeys([*group.most, *group.fewest]):
            away = (unmet - mean) / deviation if deviation else 0.0
            if abs(away) >= 2:
                found.append(
                    Outlier(name, identifier, row + 1, unmet, round(mean, 2), round(away, 2))
                )
    return sorted(found, key=lambda o: (-abs(o.deviations), o.row))[: 2 * SHOWN]
