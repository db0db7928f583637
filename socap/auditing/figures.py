"""The stated figures of an audit plan, and overriding them with a range check."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from socap.crosswalk.relation import Coverage
from socap.documents import read_document
from socap.errors import PackError, Problem, Text, UsageError, unknown_name
from socap.loading import Fields

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Number = int | float | Fraction
FACTOR_LIMIT = 50


@dataclass(frozen=True, slots=True)
class Figure:
    """One number that a plan rests on, with its range and basis."""

    name: str
    default: Fraction
    minimum: Fraction
    maximum: Fraction
    title: Text
    basis: Text


@dataclass(frozen=True, slots=True)
class Factor:
    """A circumstance that adds or takes a percentage of the days; its figure has the same name.

    It is read from a flag (and a number of records), from the outsourcing types, or stated by the
    caller under the name `stated`.
    """

    name: str
    flag: str
    record: str
    per_type: bool
    stated: str


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything that the data files state."""

    statement: Text
    table: tuple[tuple[int, Fraction], ...]
    beyond: tuple[int, Fraction]
    figures: dict[str, Figure]
    factors: tuple[Factor, ...]
    site_rule: Text
    record_rule: Text
    credit_rules: dict[Coverage, Text]
    stage_1_items: tuple[str, ...]
    stage_1_basis: Text
    surveillance_basis: Text


@dataclass(frozen=True, slots=True)
class Override:
    """One figure that a caller replaced, and who; `by` is empty where nobody is named."""

    name: str
    default: str
    value: str
    by: str


def written(value: Number) -> str:
    """Return a number as people write it.

    >>> written(Fraction(100, 3)), written(Fraction(5, 2)), written(7)
    ('100/3', '2.5', '7')
    """
    exact = Fraction(value)
    if exact.denominator == 1:
        return str(exact.numerator)
    short = f"{float(exact):g}"
    return short if Fraction(short) == exact else str(exact)


@dataclass(frozen=True, slots=True)
class Chosen:
    """The figures of one plan: the defaults, or what replaced them."""

    values: dict[str, Fraction]
    overrides: tuple[Override, ...]

    def __getitem__(self, name: str) -> Fraction:
        return self.values[name]


def choose(overrides: Mapping[str, Number], by: str, also: Iterable[str] = ()) -> Chosen:
    """Return every figure's value; `also` are names a hint may give though they are no figures.

    Raises UsageError for an unknown name and for every value out of its range.
    """
    known = stated().figures
    problems = []
    values = {name: figure.default for name, figure in known.items()}
    told = []
    for name, value in overrides.items():
        if name not in known:
            raise unknown_name(
                Text("审核计划数值", "figure of an audit plan"), name, (*known, *also)
            )
        figure = known[name]
        number = _exact(value)
        if number is None or not figure.minimum <= number <= figure.maximum:
            low, high = written(figure.minimum), written(figure.maximum)
            message = Text(
                f"{name} 不能取 {str(value)[:40]}，范围 {low} … {high}（{figure.title.zh}）",
                f"{name} cannot be {str(value)[:40]}; its range is {low} … {high} ({figure.title.en})",
            )
            problems.append(Problem(message))
            continue
        values[name] = number
        told.append(Override(name, written(figure.default), written(number), by))
    if problems:
        raise UsageError(problems)
    return Chosen(values, tuple(sorted(told, key=lambda o: o.name)))


def _exact(value: object) -> Fraction | None:
    if isinstance(value, bool) or not isinstance(value, (int, float, Fraction)):
        return None
    if isinstance(value, float):
        return Fraction(str(value)) if math.isfinite(value) else None
    return Fraction(value)


@lru_cache(maxsize=1)
def stated() -> Figures:
    """Return what the data files state, read once. Raises PackError where one is wrong."""
    folder = Path(__file__).parent / "data"
    problems: list[Problem] = []
    days, sampling = (
        Fields(document, (), document.data, problems)
        for document in (
            read_document(folder / "days.yaml", PackError),
            read_document(folder / "sampling.yaml", PackError),
        )
    )
    days.only(["statement", "table", "beyond", "figures", "factors"])
    sampling.only(["figures", "rules", "programme"])
    figures = {name: _figure(name, entry) for name, entry in days.each("figures")}
    figures |= {name: _figure(name, entry) for name, entry in sampling.each("figures")}
    factors = []
    for name, entry in days.each("factors"):
        entry.only(["percent", "title"], ["flag", "record", "per", "stated"])
        limit = Fraction(FACTOR_LIMIT)
        default = Fraction(entry.integer("percent") or 0)
        house = Text("本项目默认值", "house default")
        figures[name] = Figure(name, default, -limit, limit, entry.text("title"), house)
        factors.append(
            Factor(
                name,
                entry.string("flag"),
                entry.string("record"),
                entry.string("per") == "type",
                entry.string("stated"),
            )
        )
    table = tuple(
        (entry.integer("up_to") or 0, Fraction(entry.integer("days") or 0))
        for entry in days.listed("table")
    )
    beyond, rules = days.below("beyond"), sampling.below("rules")
    credit = rules.below("credit")
    stage_1 = sampling.below("programme").below("stage_1")
    made = Figures(
        days.text("statement"),
        table,
        (beyond.integer("persons") or 1, Fraction(beyond.integer("days") or 0)),
        figures,
        tuple(factors),
        rules.text("sites"),
        rules.text("records"),
        {coverage: credit.text(coverage.value) for coverage in Coverage},
        stage_1.strings("items"),
        stage_1.text("basis"),
        sampling.below("programme").below("surveillance").text("basis"),
    )
    if problems:
        raise PackError(problems)
    return made


def _figure(name: str, entry: Fields) -> Figure:
    entry.only(["default", "minimum", "maximum", "title", "basis"])
    low, default, high = (
        Fraction(str(entry.raw.get(key, 0))) for key in ("minimum", "default", "maximum")
    )
    return Figure(name, default, low, high, entry.text("title"), entry.text("basis"))
