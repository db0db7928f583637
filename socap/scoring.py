"""A weighted score over the headings of a pack, where the pack asks for one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from socap.errors import Problem, Text, did_you_mean
from socap.findings import Finding, Outcome
from socap.loading import Fields

if TYPE_CHECKING:
    from collections.abc import Mapping

    from socap.clauses.clause import Clause
    from socap.clauses.requirement import Requirement
    from socap.documents import Document
    from socap.rules.facts import Facts
    from socap.rules.vocabulary import Vocabulary

FULL = 100.0


@dataclass(frozen=True, slots=True)
class Band:
    """A range of scores with a name, from its lower limit up."""

    id: str
    title: Text
    at_least: str | None


@dataclass(frozen=True, slots=True)
class Scoring:
    """What a pack says on scores; weights and limits are parameters, so that users set them."""

    weights: dict[str, str]
    points: dict[str, str]
    bands: tuple[Band, ...]
    pass_total: str
    pass_dimension: str


@dataclass(frozen=True, slots=True)
class DimensionScore:
    """The score of one heading: from `low` to `high` points of 100, as answers are still open."""

    clause: str
    weight: float
    low: float
    high: float
    criteria: tuple[tuple[str, float, float], ...]


@dataclass(frozen=True, slots=True)
class Score:
    """The weighted score; `band` and `passed` are None while open answers can still change them."""

    low: float
    high: float
    band: Band | None
    passed: bool | None
    dimensions: tuple[DimensionScore, ...]
    reason: Text


def read_scoring(
    document: Document,
    headings: Mapping[str, Clause],
    asked: Mapping[str, Requirement],
    words: Vocabulary,
    problems: list[Problem],
) -> Scoring:
    """Return the scoring of a pack, noting every name it uses that does not exist."""
    top = Fields(document, (), document.data, problems)
    top.only(["weights", "bands", "pass_total", "pass_dimension"], ["points"])

    def named(fields: Fields, key: str, known: Mapping[str, object], what: Text) -> str:
        name = fields.string(key)
        if name not in known:
            message = Text(f"没有{what.zh} {name[:80]}", f"there is no {what.en} {name[:80]}")
            fields.fault(message, key, hint=did_you_mean(name, known))
        return name

    parameter, item = Text("参数", "parameter"), Text("证据项", "evidence item")
    weights, points = top.below("weights"), top.below("points")
    for clause in weights.raw:
        if clause not in headings:
            weights.fault(Text(f"没有条款 {clause}", f"there is no clause {clause}"), clause)
    for requirement in points.raw:
        if requirement not in asked:
            message = Text(f"没有要求 {requirement}", f"there is no requirement {requirement}")
            points.fault(message, requirement)
    bands = []
    for entry in top.listed("bands"):
        entry.only(["id", "title"], ["at_least"])
        limit = (
            named(entry, "at_least", words.parameters, parameter)
            if "at_least" in entry.raw
            else None
        )
        bands.append(Band(entry.string("id"), entry.text("title"), limit))
    if not bands or bands[-1].at_least is not None:
        top.fault(Text("最后一档不设下限", "the last band has no lower limit"), "bands")
    return Scoring(
        {c: named(weights, c, words.parameters, parameter) for c in weights.raw},
        {r: named(points, r, words.items, item) for r in points.raw},
        tuple(bands),
        named(top, "pass_total", words.parameters, parameter),
        named(top, "pass_dimension", words.parameters, parameter),
    )


def score(
    scoring: Scoring,
    headings: Mapping[str, Clause],
    asked: Mapping[str, Requirement],
    findings: Mapping[str, Finding],
    facts: Facts,
) -> Score:
    """Return the weighted score of an assessment.

    A criterion counts 100 points where it conforms and 0 where it does not; one that rests on a
    rated item counts that rating. An open criterion counts from 0 to 100, so that the total is an
    interval; one that does not apply is left out, and so is a dimension without criteria.
    """
    made = []
    for clause, name in scoring.weights.items():
        inside = [r.id for r in asked.values() if r.clause == clause]
        criteria = [
            (r, *_points(scoring, r, findings[r], facts)) for r in inside if _counts(findings[r])
        ]
        if criteria:
            low = sum(c[1] for c in criteria) / len(criteria)
            high = sum(c[2] for c in criteria) / len(criteria)
            made.append(DimensionScore(clause, facts.parameters[name], low, high, tuple(criteria)))
    total = sum(d.weight for d in made)
    if not total:
        nothing = Text("没有可计分的考核项。", "There is no criterion to score.")
        return Score(0.0, FULL, None, None, tuple(made), nothing)
    low = sum(d.weight * d.low for d in made) / total
    high = sum(d.weight * d.high for d in made) / total
    lowest, highest = _band(scoring, low, facts), _band(scoring, high, facts)
    need, each = facts.parameters[scoring.pass_total], facts.parameters[scoring.pass_dimension]
    passed: bool | None = None
    if low >= need and all(d.low >= each for d in made):
        passed = True
    elif high < need or any(d.high < each for d in made):
        passed = False
    reason = _reason(headings, tuple(made), low, high, need, each)
    band = lowest if lowest is highest else None
    return Score(round(low, 6), round(high, 6), band, passed, tuple(made), reason)


def _counts(finding: Finding) -> bool:
    return finding.outcome not in (Outcome.NOT_APPLICABLE, Outcome.EXCLUDED)


def _points(
    scoring: Scoring, requirement: str, finding: Finding, facts: Facts
) -> tuple[float, float]:
    if finding.outcome is Outcome.UNDETERMINED:
        return 0.0, FULL
    key = scoring.points.get(requirement)
    value = facts.get(key).value if key is not None else None
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        points = min(max(float(value), 0.0), FULL)
    else:
        points = FULL if finding.outcome is Outcome.CONFORMING else 0.0
    return points, points


def _band(scoring: Scoring, value: float, facts: Facts) -> Band:
    for band in scoring.bands:
        if band.at_least is None or value >= facts.parameters[band.at_least]:
            return band
    return scoring.bands[-1]


def shown(low: float, high: float) -> str:
    """Return a score, or the interval it lies in.

    >>> shown(80, 80), shown(62.5, 87.5)
    ('80.0', '62.5–87.5')
    """
    return f"{low:.1f}" if low == high else f"{low:.1f}–{high:.1f}"


def _reason(
    headings: Mapping[str, Clause],
    made: tuple[DimensionScore, ...],
    low: float,
    high: float,
    need: float,
    each: float,
) -> Text:
    total = sum(d.weight for d in made)
    parts_zh, parts_en = [], []
    for d in made:
        share, points, title = (
            100 * d.weight / total,
            shown(d.low, d.high),
            headings[d.clause].title,
        )
        parts_zh.append(f"{title.zh} {points} 分（权重 {share:.0f}%）")
        parts_en.append(f"{title.en} {points} (weight {share:.0f}%)")
    return Text(
        f"加权总分 {shown(low, high)}：{'；'.join(parts_zh)}。合格线：总分 {need:g}，各维度 {each:g}。",
        f"Weighted total {shown(low, high)}: {'; '.join(parts_en)}. "
        f"Pass marks: total {need:g}, each dimension {each:g}.",
    )
