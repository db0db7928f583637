"""The page itself: a template filled with a record, its style and script allowed by hash."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING, Any, TypeVar

from socap.findings import GRADE_TITLES, OUTCOME_TITLES, Outcome
from socap.reports.html.charts import COVERED, PAINTS, bars, graph, timeline
from socap.reports.html.dependencies import drawing, open_rows
from socap.reports.html.templates import environment
from socap.reports.html.words import WORDS, left_out
from socap.reports.wording import GROUPS, TITLES, plain, row_title

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from socap.errors import Lang
    from socap.reports.html.dependencies import OpenRow
    from socap.reports.record import CertificateRow, GroupRow, ReportRecord

_Kind = TypeVar("_Kind", bound=str)
_TAGS: dict[Lang, str] = {"zh": "zh-CN", "en": "en"}


def assessment_report(made: ReportRecord, lang: Lang) -> str:
    """Return the whole report as one HTML page in both languages, the one asked for shown first.

    The page asks nothing of the network and reads without scripts. Raises MissingExtraError without
    the `html` extra.
    """
    jinja = environment()
    from markupsafe import Markup  # noqa: PLC0415  comes with the extra

    def picture(svg: str) -> Markup:
        return Markup(svg)  # noqa: S704  Vega has escaped every label

    style, script = _file("report.css"), _file("report.js")
    above = _above(made)
    rows = open_rows(made)
    return jinja.from_string(_file("report.html")).render(
        made=made,
        lang=lang,
        tags=_TAGS,
        titles=TITLES,
        words=WORDS,
        groups=GROUPS,
        outcomes={o: OUTCOME_TITLES[o] for o in PAINTS},
        grades=GRADE_TITLES,
        in_full=(Outcome.NONCONFORMING, Outcome.UNDETERMINED, Outcome.EXCLUDED),
        style=Markup(style),  # noqa: S704  our own file
        script=Markup(script),  # noqa: S704  our own file
        style_hash=_hash(style),
        script_hash=_hash(script),
        above=above,
        rows=rows,
        titled={f.requirement: f.title for f in made.findings},
        **_pictures(made, rows, above, picture),
    )


def _file(name: str) -> str:
    return files("socap.reports.html").joinpath(name).read_text(encoding="utf-8")


def _hash(content: str) -> str:
    return "sha256-" + b64encode(sha256(content.encode()).digest()).decode()


def _above(made: ReportRecord) -> dict[str, tuple[str, ...]]:
    """Return every clause with those it lies under, the top one first, itself last."""
    above: dict[str, tuple[str, ...]] = {}
    path: tuple[str, ...] = ()
    for row in made.by_clause:
        path = (*path[: row.depth], row.id)
        above[row.id] = path
    return above


def _pictures(
    made: ReportRecord,
    rows: Sequence[OpenRow],
    above: dict[str, tuple[str, ...]],
    picture: Callable[[str], Any],
) -> dict[str, Any]:
    """Return every picture by language, and what is said below them."""
    tops = tuple(row for row in made.by_clause if row.depth == 0)
    groups = (("by_clause", tops), ("by_aspect", made.by_aspect), ("by_pdca", made.by_pdca))
    drawn = drawing(rows)
    bar_charts: dict[str, dict[str, Any]] = {name: {} for name, _ in groups}
    others: dict[str, dict[str, Any]] = {"causes": {}, "timeline": {}, "credit": {}}
    for lang in _TAGS:
        for name, chosen in groups:
            bar_charts[name][lang] = picture(_outcomes(name, chosen, lang))
        others["causes"][lang] = picture(graph(drawn, _said("causes", lang), lang))
        if made.timeline is not None and made.timeline.changes:
            lanes = {row.id: row_title(row, lang) for row in tops}
            of = {f.requirement: above[f.clause][0] for f in made.findings}
            since, told = made.as_of.toordinal(), _said("timeline", lang)
            others["timeline"][lang] = picture(
                timeline(made.timeline, since, lanes, of, told, lang)
            )
        if made.certificates:
            others["credit"][lang] = picture(_credit(made.certificates, lang))
    return {
        "bar_charts": bar_charts,
        "pictures": others,
        "covered": COVERED,
        "left_out": left_out(drawn.left_out) if drawn.left_out else None,
    }


def _said(name: str, lang: Lang) -> str:
    """Return the text alternative of a picture whose numbers stand in the table below it."""
    return f"{WORDS[name].in_language(lang)} {WORDS['below'].in_language(lang)}"


def _outcomes(name: str, rows: Sequence[GroupRow], lang: Lang) -> str:
    counted = [
        (row_title(row, lang), {o: getattr(row.counts, o.value) for o in PAINTS}) for row in rows
    ]
    words = {o: OUTCOME_TITLES[o].in_language(lang) for o in PAINTS}
    return bars(counted, PAINTS, _listed(TITLES[name].in_language(lang), counted, words))


def _credit(rows: Sequence[CertificateRow], lang: Lang) -> str:
    counted = [(f"{r.number}  {r.standard}", {k: getattr(r, k) for k in COVERED}) for r in rows]
    words = {name: WORDS[name].in_language(lang) for name in COVERED}
    return bars(counted, COVERED, _listed(WORDS["credit"].in_language(lang), counted, words))


def _listed(
    title: str, counted: Iterable[tuple[str, Mapping[_Kind, int]]], words: Mapping[_Kind, str]
) -> str:
    rows = (
        f"{label}: " + ", ".join(f"{words[kind]} {n}" for kind, n in counts.items() if n)
        for label, counts in counted
    )
    return plain(f"{title}. " + "; ".join(rows))
