"""The overview of a portfolio: one HTML page that needs no network and no scripts."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from socap.errors import Text
from socap.findings import OUTCOME_TITLES
from socap.reports.html.charts import PAINTS, Paint, bars
from socap.reports.html.templates import environment
from socap.reports.wording import TITLES, plain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from socap.errors import Lang
    from socap.portfolio.summary import Counted, Summary

_TAGS: dict[Lang, str] = {"zh": "zh-CN", "en": "en"}
_ONE = {"organisations": Paint("#4f6d8c", "#ffffff")}
_STEPS = (0, 1, 2, 5, 10, 20, 40, 80, 160, 320)
GROUPS_DRAWN = 40
WORDS = {
    "title": Text("组合概览", "Portfolio overview"),
    "status": Text("各组织的总体结论", "Organisations by status"),
    "faults": Text("未能评价的行", "Rows that could not be assessed"),
    "clauses": Text("审核发现的分布", "Findings by clause"),
    "clauses_how": Text(
        "图中为审核发现的数目：组织数乘以各条款下的要求数。",
        "The bars count findings: organisations times the requirements below the clause.",
    ),
    "worst": Text("最薄弱之处", "Where it is worst"),
    "worst_clauses": Text(
        "存在不符合的组织数（按条款）", "Organisations with a nonconformity, by clause"
    ),
    "worst_requirements": Text(
        "不符合的组织数（按要求）", "Organisations that do not meet a requirement"
    ),
    "spread": Text("每家组织的数目", "How many each has"),
    "spread_how": Text(
        "横条为组织数；不符合只计“应”类要求。",
        "The bars count organisations; nonconformities are those against mandatory requirements.",
    ),
    "nonconformities": Text("不符合项数", "Nonconformities"),
    "undetermined": Text("待定项数", "Undetermined findings"),
    "groups": Text("分组比较", "Groups compared"),
    "groups_how": Text(
        "图中为审核发现的数目。“突出条款”是该组存在不符合的组织占比高出全体最多的条款，以百分点计。",
        "The bars count findings. A group stands out in the clause whose share of organisations with a nonconformity is furthest above that of all, in percentage points.",
    ),
    "patterns": Text("不符合的分布类型", "Where nonconformities lie"),
    "patterns_how": Text(
        "按“在哪些主要条款和附录中存在不符合”归类，列出组织最多的类型。",
        "Organisations sorted by the main clauses and annexes in which they have nonconformities; the most frequent combinations.",
    ),
    "pairs": Text("常同时出现的不符合", "Nonconformities that come together"),
    "pairs_how": Text(
        "“倍数”为同时出现的次数与两者互不相关时应有次数之比；只列至少百分之一的组织同时具有的。",
        "The lift is how often both occur, over how often they would if they had nothing to do with each other; one organisation in a hundred has to have both.",
    ),
    "outliers": Text("与所在组差距最大的组织", "Furthest from their group"),
    "outliers_how": Text(
        "不符合项数与组平均相差两个标准差以上的组织。",
        "Organisations whose nonconformities are two standard deviations or more from the mean of their group.",
    ),
    "column": Text("列", "Column"),
    "fault": Text("问题", "Fault"),
    "rows": Text("行数", "Rows"),
    "row": Text("行", "Row"),
    "first": Text("最先出现的行", "First rows"),
    "group": Text("组", "Group"),
    "organisations": Text("组织数", "Organisations"),
    "organisation": Text("组织", "Organisation"),
    "faulty": Text("未评价", "Not assessed"),
    "mean": Text("平均不符合项数", "Mean nonconformities"),
    "deviation": Text("标准差", "Std deviation"),
    "stands_out": Text("突出条款", "Stands out in"),
    "above": Text("高出（百分点）", "Above all (points)"),
    "first_requirement": Text("要求", "Requirement"),
    "second_requirement": Text("与之同时不符合的要求", "Unmet together with"),
    "lift": Text("倍数", "Lift"),
    "deviations": Text("相差（标准差）", "Std deviations away"),
    "none": Text("没有不符合", "no nonconformity"),
}
_NUMERIC = ("rows", "row", "organisations", "faulty", "mean", "deviation", "above", "lift")


def overview(made: Summary, lang: Lang = "zh") -> str:
    """Return the overview as one HTML page in both languages, the one asked for shown first.

    Raises MissingExtraError without the `html` extra.
    """
    jinja = environment()
    from markupsafe import Markup  # noqa: PLC0415  comes with the extra

    def picture(svg: str) -> Markup:
        return Markup(svg)  # noqa: S704  Vega has escaped every label

    style = files("socap.reports.html").joinpath("report.css").read_text(encoding="utf-8")
    page = files("socap.portfolio").joinpath("overview.html").read_text(encoding="utf-8")
    there = {"faults": made.faulty, "groups": made.groups, "pairs": made.pairs}
    there["outliers"] = made.outliers
    sections = ("faults", "clauses", "worst", "spread", "groups", "patterns", "pairs", "outliers")
    many, bad = f"{made.organisations:,}", f"{made.faulty:,}"
    return jinja.from_string(page).render(
        made=made,
        lang=lang,
        tags=_TAGS,
        titles=TITLES,
        words=WORDS,
        numeric=(*_NUMERIC, "nonconformities", "deviations"),
        outcomes={o: OUTCOME_TITLES[o] for o in PAINTS},
        sections=[name for name in sections if there.get(name, True)],
        clauses={row.id: row.title for row in made.by_clause},
        requirements={row.id: row.title for row in made.requirements},
        assessed=Text(f"共评价 {many} 家", f"{many} organisations assessed"),
        faulty=Text(
            f"有 {bad} 行数据有误，未作评价，不计入以下各数。",
            f"{bad} rows have faults; they were not assessed and are in none of the numbers below.",
        ),
        style=Markup(style),  # noqa: S704  our own file
        style_hash="sha256-" + b64encode(sha256(style.encode()).digest()).decode(),
        charts=_charts(made, picture),
    )


def _charts(made: Summary, picture: Callable[[str], Any]) -> dict[str, dict[str, Any]]:
    charts: dict[str, dict[str, Any]] = {}
    clauses = {row.id: row for row in made.by_clause}
    asked = {row.id: row for row in made.requirements}
    for lang in _TAGS:

        def outcomes(
            name: str, rows: Iterable[tuple[str, dict[str, int]]], lang: Lang = lang
        ) -> None:
            counted = [(label, {o: counts[o.value] for o in PAINTS}) for label, counts in rows]
            title = TITLES[name] if name in TITLES else WORDS[name]
            charts.setdefault(name, {})[lang] = picture(
                bars(counted, PAINTS, title.in_language(lang))
            )

        def many(name: str, rows: Sequence[tuple[str, int]], lang: Lang = lang) -> None:
            counted = [(label, {"organisations": n}) for label, n in rows]
            told = WORDS[name].in_language(lang) + ": "
            told += "; ".join(f"{label}: {n}" for label, n in rows)
            charts.setdefault(name, {})[lang] = picture(bars(counted, _ONE, plain(told)))

        for name, rows in (
            ("by_clause", [row for row in made.by_clause if row.depth == 0]),
            ("by_aspect", made.by_aspect),
            ("by_pdca", made.by_pdca),
        ):
            outcomes(name, [(_label(row, lang), row.outcomes) for row in rows])
        many(
            "worst_clauses",
            [(_label(clauses[c], lang), clauses[c].affected or 0) for c in made.worst_clauses],
        )
        many(
            "worst_requirements",
            [
                (_label(asked[r], lang), asked[r].outcomes["nonconforming"])
                for r in made.worst_requirements
            ],
        )
        many("nonconformities", _buckets(made.nonconformities))
        many("undetermined", _buckets(made.undetermined))
        between = "、" if lang == "zh" else ", "
        many(
            "patterns",
            [
                (between.join(p.clauses) or WORDS["none"].in_language(lang), p.organisations)
                for p in made.patterns
            ],
        )
        charts.setdefault("groups", {})
        if 0 < len(made.groups) <= GROUPS_DRAWN:
            outcomes("groups", [(g.name or "—", g.outcomes) for g in made.groups])
    return charts


def _label(row: Counted, lang: Lang) -> str:
    title = row.title.in_language(lang)
    return f"{row.id} {title}" if row.id[0].isdigit() or row.id[0].isupper() else title


def _buckets(spread: dict[int, int]) -> list[tuple[str, int]]:
    """Return how many organisations have 0, 1, 2–4, 5–9 … of something, up to the last that has."""
    found = []
    for low, high in zip(_STEPS, (*_STEPS[1:], 1 << 62), strict=True):
        label = (
            f"{low}" if high == low + 1 else f"{low}–{high - 1}" if high < 1 << 62 else f"≥ {low}"
        )
        found.append((label, sum(n for value, n in spread.items() if low <= value < high)))
    while len(found) > 1 and not found[-1][1]:
        found.pop()
    return found
