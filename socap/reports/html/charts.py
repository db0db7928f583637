"""The pictures of the HTML report, drawn by Vega-Lite as SVG without scripts or styles."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any, TypeVar

from rich.cells import chop_cells

from socap.errors import MissingExtraError
from socap.findings import Outcome
from socap.reports.html.words import WORDS
from socap.reports.wording import plain

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from socap.errors import Lang
    from socap.reports.html.dependencies import Drawing, Node
    from socap.reports.record import Timeline

INK, MUTED, PAPER = "#17212b", "#55616e", "#ffffff"
GRID = "#e6eaef"


@dataclass(frozen=True, slots=True)
class Paint:
    """The fill of a mark and the colour of text on it."""

    fill: str
    text: str


PAINTS = {
    Outcome.NONCONFORMING: Paint("#a8261d", PAPER),
    Outcome.UNDETERMINED: Paint("#f0b94d", INK),
    Outcome.CONFORMING: Paint("#2f7f66", PAPER),
    Outcome.EXCLUDED: Paint("#9aa5b4", INK),
    Outcome.NOT_APPLICABLE: Paint("#dbe1e8", INK),
}
COVERED = {"covered": Paint("#2f7f66", PAPER), "partly": Paint("#a9d3c3", INK)}
_SHAPES = {
    Outcome.NONCONFORMING: "square",
    Outcome.UNDETERMINED: "diamond",
    Outcome.CONFORMING: "circle",
    Outcome.EXCLUDED: "triangle-up",
    Outcome.NOT_APPLICABLE: "triangle-down",
}
_NARROW, _WIDE, _STEP = 330, 860, 42
_BUCKETS = 60
_TAG = re.compile(r"<[^>]+>")
_CLUTTER = re.compile(
    r' (?:aria-[a-z]+|role|class|pointer-events|font-family|xmlns:xlink|target)="[^"]*"'
)
_LINK = re.compile(r'<a xlink:href="[^"#]*#')  # Vega puts an address of its own before a fragment
_UNSEEN = re.compile(r'<path[^>]* (?:display="none"|d="M0,0h0v0h0Z")/>|<g></g>')

Spec = dict[str, Any]
_Kind = TypeVar("_Kind", bound=str)


def bars(
    rows: Sequence[tuple[str, Mapping[_Kind, int]]], paints: Mapping[_Kind, Paint], told: str
) -> str:
    """Return stacked bars, one a row, with its label above and its total at the right.

    `told` is the text alternative.
    """
    kinds = list(paints)
    values = [
        {"row": i, "kind": kind, "order": kinds.index(kind), "n": counts[kind]}
        for i, (_, counts) in enumerate(rows)
        for kind in kinds
        if counts[kind]
    ]
    totals = [sum(counts[kind] for kind in kinds) for _, counts in rows]
    most = max(totals, default=0)
    labels = [
        {"row": i, "label": _short(label, 42), "total": str(total)}
        for i, ((label, _), total) in enumerate(zip(rows, totals, strict=True))
    ]
    y = {"field": "row", "type": "ordinal", "axis": None, "scale": {"paddingInner": 0}}
    x: Spec = {"field": "n", "type": "quantitative", "stack": "zero", "axis": None}
    x["scale"] = {"domain": [0, most], "nice": False}
    order = {"field": "order", "type": "quantitative"}
    head = {"y": y, "color": {"value": INK}}
    fits = f"datum.n >= {most * 0.022} * length('' + datum.n)"
    spec = {
        "width": _NARROW,
        "height": {"step": _STEP},
        "data": {"values": values},
        "layer": [
            {
                "mark": {"type": "bar", "height": 18, "yOffset": 8, "stroke": PAPER},
                "encoding": {"y": y, "x": x, "order": order, "color": _colour(paints, "fill")},
            },
            {
                "mark": {"type": "text", "dy": 8, "fontSize": 12},
                "encoding": {
                    "y": y,
                    "x": {**x, "bandPosition": 0.5},
                    "order": order,
                    "text": {"condition": {"test": fits, "field": "n"}, "value": ""},
                    "color": _colour(paints, "text"),
                },
            },
            {
                "data": {"values": labels},
                "mark": {"type": "text", "align": "left", "dy": -11, "fontSize": 13},
                "encoding": {**head, "x": {"value": 0}, "text": {"field": "label"}},
            },
            {
                "data": {"values": labels},
                "mark": {"type": "text", "align": "right", "dy": -11, "fontSize": 13},
                "encoding": {**head, "x": {"value": _NARROW}, "text": {"field": "total"}},
            },
        ],
        "resolve": {"scale": {"color": "independent"}},
    }
    return _svg(spec, told)


def _colour(paints: Mapping[_Kind, Paint], part: str) -> Spec:
    colours = [getattr(paint, part) for paint in paints.values()]
    return {
        "field": "kind",
        "type": "nominal",
        "legend": None,
        "scale": {"domain": list(paints), "range": colours},
    }


def timeline(
    made: Timeline,
    since: int,
    lanes: Mapping[str, str],
    of: Mapping[str, str],
    told: str,
    lang: Lang,
) -> str:
    """Return the changes, of which there is at least one, on a time axis, in one lane a top clause.

    Changes close to each other share a mark, which stands at the first of them.
    `since` is the ordinal of the day of the assessment, `lanes` the titles of the top clauses, and
    `of` the lane of each requirement.
    """
    span = made.until.toordinal() - since
    width = max(1, -(-span // _BUCKETS))
    names = list(dict.fromkeys(of[c.requirement] for c in made.changes))
    names.sort(key=list(lanes).index)
    marks: dict[tuple[int, str, Outcome], list[int]] = {}
    for change in made.changes:
        day = change.date.toordinal()
        place = (day - since) // width, of[change.requirement], change.after
        marks.setdefault(place, []).append(day)
    values = [
        {"at": _moment(min(days)), "row": names.index(lane), "kind": kind, "n": len(days)}
        for (_, lane, kind), days in sorted(marks.items())
    ]
    most = max(len(days) for days in marks.values())
    labels = [{"row": i, "label": _short(lanes[name], 80)} for i, name in enumerate(names)]
    x: Spec = {
        "field": "at",
        "type": "temporal",
        "scale": {"type": "utc", "domain": [_moment(since), _moment(since + span)], "nice": False},
        "axis": {
            "title": None,
            "format": "%Y-%m-%d",
            "tickCount": 7,
            "labelFontSize": 12,
            "labelColor": MUTED,
            "gridColor": GRID,
            "domainColor": "#9aa5b4",
            "ticks": False,
            "labelPadding": 8,
            "labelFlush": True,
            "labelOverlap": False,
        },
    }
    y = {"field": "row", "type": "ordinal", "axis": None}
    kinds = {kind.value: paint for kind, paint in PAINTS.items()}
    shape = {**_colour(kinds, "fill"), "scale": {"domain": list(kinds)}}
    shape["scale"]["range"] = [_SHAPES[Outcome(kind)] for kind in kinds]
    layer: list[Spec] = [
        {
            "data": {"values": labels},
            "mark": {"type": "text", "align": "left", "dy": -11, "fontSize": 13},
            "encoding": {
                "y": y,
                "x": {"value": 0},
                "text": {"field": "label"},
                "color": {"value": INK},
            },
        },
        {
            "data": {"values": labels},
            "mark": {"type": "rule", "yOffset": 9},
            "encoding": {"y": y, "color": {"value": GRID}},
        },
        {
            "mark": {"type": "point", "filled": True, "opacity": 1, "yOffset": 9, "stroke": PAPER},
            "encoding": {
                "x": x,
                "y": y,
                "color": _colour(kinds, "fill"),
                "shape": shape,
                "size": {
                    "field": "n",
                    "type": "quantitative",
                    "legend": None,
                    "scale": {"domain": [1, most + 1], "range": [90, 420]},
                },
            },
        },
    ]
    if made.certification_lost is not None:
        layer += _lost(made.certification_lost.toordinal(), x, since + span // 2, lang)
    spec = {
        "width": _WIDE,
        "height": {"step": _STEP},
        "padding": {"left": 8, "right": 8, "top": 22, "bottom": 30},
        "data": {"values": values},
        "layer": layer,
        "resolve": {"scale": {"color": "independent"}},
    }
    return _svg(spec, told)


def _moment(ordinal: int) -> int:
    """Return a day as the milliseconds since 1970 that Vega counts in."""
    return (ordinal - 719163) * 86_400_000


def _lost(day: int, x: Spec, middle: int, lang: Lang) -> list[Spec]:
    data = {
        "values": [{"at": _moment(day), "label": WORDS["certification_lost"].in_language(lang)}]
    }
    red = PAINTS[Outcome.NONCONFORMING].fill
    align, dx = ("left", 6) if day < middle else ("right", -6)
    return [
        {
            "data": data,
            "mark": {"type": "rule", "strokeDash": [5, 3], "strokeWidth": 1.5},
            "encoding": {"x": x, "color": {"value": red}},
        },
        {
            "data": data,
            "mark": {"type": "text", "align": align, "dx": dx, "fontSize": 13, "fontWeight": 600},
            "encoding": {
                "x": x,
                "y": {"value": -10},
                "text": {"field": "label"},
                "color": {"value": red},
            },
        },
    ]


def graph(made: Drawing, told: str, lang: Lang) -> str:
    """Return the picture of what rests on what; each box leads to its finding."""
    box, tall, step = made.pitch - 30, 22, 28
    left = {id(node): 2 + node.column * made.pitch for node in made.nodes}
    middle = {id(node): 2 + tall / 2 + node.row * step for node in made.nodes}
    bends: list[Spec] = []
    for i, (before, after, main) in enumerate(made.edges):
        x, y = left[id(before)] + box, middle[id(before)]
        to_x, to_y = left[id(after)], middle[id(after)]
        half = to_x - (made.pitch - box) / 2
        bends += [
            {"edge": i, "i": n, "x": at, "y": level, "kind": str(main).lower()}
            for n, (at, level) in enumerate(((x, y), (half, y), (half, to_y), (to_x, to_y)))
        ]
    values = [
        {
            "x": left[id(node)],
            "x2": left[id(node)] + box,
            "y": middle[id(node)] - tall / 2,
            "y2": middle[id(node)] + tall / 2,
            "middle": middle[id(node)],
            "kind": node.finding.outcome,
            "root": node.finding.root_cause,
            "label": _label(node, made, lang),
            "to": f"#{node.finding.requirement}",
        }
        for node in made.nodes
    ]
    kinds = {kind.value: PAINTS[kind] for kind in (Outcome.NONCONFORMING, Outcome.UNDETERMINED)}
    spec = {
        "width": made.columns * made.pitch - made.pitch + box + 4,
        "height": made.rows * step,
        "layer": [
            {
                "data": {"values": bends},
                "mark": {"type": "line", "interpolate": "basis", "strokeWidth": 1.25},
                "encoding": {
                    **_raw("x", "y"),
                    "detail": {"field": "edge", "type": "nominal"},
                    "order": {"field": "i", "type": "quantitative"},
                    "color": _colour(
                        {"true": Paint("#8794a2", ""), "false": Paint("#c6ced7", "")}, "fill"
                    ),
                },
            },
            {
                "data": {"values": values},
                "mark": {"type": "rect", "cornerRadius": 4},
                "encoding": {
                    **_raw("x", "x2", "y", "y2"),
                    "color": _colour(kinds, "fill"),
                    "stroke": {
                        "condition": {"test": "datum.root", "value": INK},
                        "value": PAPER,
                    },
                    "strokeWidth": {"value": 2.5},
                    "href": {"field": "to"},
                },
            },
            {
                "data": {"values": values},
                "mark": {"type": "text", "align": "left", "dx": 8, "fontSize": 12},
                "encoding": {
                    **_raw("x"),
                    "y": {**_raw("y")["y"], "field": "middle"},
                    "text": {"field": "label"},
                    "color": _colour(kinds, "text"),
                    "href": {"field": "to"},
                },
            },
        ],
        "resolve": {"scale": {"color": "independent"}},
    }
    return _svg(spec, told)


def _raw(*channels: str) -> Spec:
    made: Spec = {}
    for name in channels:
        made[name] = {"field": name}
        if not name.endswith("2"):
            made[name] |= {"type": "quantitative", "scale": None, "axis": None}
    return made


def _label(node: Node, made: Drawing, lang: Lang) -> str:
    mark = "◆ " if node.finding.root_cause else ""
    title = f" {node.finding.title.in_language(lang)}" if made.titled else ""
    return _short(f"{mark}{node.finding.requirement}{title}", 28)


def _short(text: str, width: int) -> str:
    """Return text cut to a number of columns, full-width characters counting two."""
    first, *more = chop_cells(plain(text), width) or [""]
    return f"{first.rstrip()}…" if more else first


def _svg(spec: Spec, told: str) -> str:
    """Return a specification as SVG: no styles, no fonts, described for who does not see it.

    Raises MissingExtraError without the `html` extra.
    """
    try:
        import vl_convert  # noqa: PLC0415  an extra
    except ImportError as error:
        raise MissingExtraError("html") from error
    whole = {
        "autosize": "none",
        "padding": 2,
        "background": None,
        **spec,
        "config": {"view": {"stroke": None}, "font": "sans-serif"},
    }
    drawn = vl_convert.vegalite_to_svg(whole, allowed_base_urls=[])
    drawn = _TAG.sub(lambda tag: _CLUTTER.sub("", tag[0]), drawn)
    drawn = _UNSEEN.sub("", _UNSEEN.sub("", drawn))
    drawn = _LINK.sub('<a tabindex="-1" href="#', drawn)
    label = escape(told, quote=True)
    return drawn.replace("<svg ", f'<svg role="img" aria-label="{label}" ', 1)
