"""Reading a catalog back: everything of a standard that OSCAL can hold."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING, Any

from socap.clauses.clause import Clause
from socap.clauses.requirement import (
    Aspect,
    Basis,
    Grade,
    Obligation,
    Phase,
    Provenance,
    Verification,
)
from socap.errors import Text
from socap.oscal.pieces import Piece, opened, refuse
from socap.rules.vocabulary import Parameter

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Control:
    """A requirement without its rules; every field is as in `Requirement`."""

    id: str
    clause: str
    title: Text
    statement: Text
    obligation: Obligation
    aspect: Aspect
    pdca: Phase
    severity: Grade
    prerequisites: tuple[str, ...]
    refines: tuple[str, ...]
    mirrors: tuple[str, ...]
    provenance: Provenance
    supports: tuple[str, ...]
    verification: Verification | None
    typical_nonconformities: tuple[Text, ...]


@dataclass(frozen=True, eq=False, slots=True)
class Catalog:
    """A standard as a catalog holds it; `title` includes those of its overlays."""

    standard: str
    hash: str
    title: Text
    notice: Text
    headings: dict[str, Clause]
    controls: dict[str, Control]
    parameters: dict[str, Parameter]


def read_catalog(document: str | Path | Mapping[str, Any]) -> Catalog:
    """Return what an OSCAL catalog of `catalog` holds, from a JSON file or a mapping.

    Raises EvidenceError with every problem, each with its line.
    """
    top = opened(document, "catalog")
    head = top.below("metadata")
    headings: dict[str, Clause] = {}
    controls: dict[str, Control] = {}
    for clause, found in _groups(top, None, headings):
        for entry in found:
            made = _control(entry, clause)
            if made.id in controls:
                entry.fault(Text(f"{made.id} 重复", f"{made.id} appears twice"))
            controls[made.id] = made
    parameters = {p.name: p for p in map(_parameter, top.each("params"))}
    refuse(top.fields.problems)
    return Catalog(
        head.prop("standard"),
        head.prop("hash"),
        head.text("title"),
        head.text("remarks", "notice"),
        headings,
        controls,
        parameters,
    )


def _groups(
    above: Piece, parent: str | None, headings: dict[str, Clause]
) -> Iterator[tuple[str, Iterator[Piece]]]:
    for entry in above.each("groups"):
        if entry.string("class") == "own" and parent is not None:
            yield parent, entry.each("controls")
            continue
        name = _label(entry)
        if name in headings:
            entry.fault(Text(f"条款 {name} 重复", f"clause {name} appears twice"))
        title = Text("", "") if entry.props("untitled") else entry.text("title")
        headings[name] = Clause(
            name,
            title,
            int(_number(entry, "page") or 0),
            entry.prop("normative") == "true",
            parent,
            entry.parts("anomaly"),
        )
        yield name, entry.each("controls")
        yield from _groups(entry, name, headings)


def _label(entry: Piece) -> str:
    return entry.one("props", "label").string("value")


def _control(entry: Piece, clause: str) -> Control:
    why = entry.one("parts", "provenance")
    lines = why.props("lines")
    return Control(
        _label(entry),
        clause,
        entry.text("title"),
        entry.part("statement"),
        entry.choice("obligation", Obligation),
        entry.choice("aspect", Aspect),
        entry.choice("pdca", Phase),
        entry.choice("severity", Grade),
        _linked(entry, "required"),
        _linked(entry, "refines"),
        _linked(entry, "mirrors"),
        Provenance(why.choice("basis", Basis), why.text("prose", "provenance"), "".join(lines)),
        entry.props("supports"),
        _verification(entry),
        entry.parts("typical-nonconformity"),
    )


def _linked(entry: Piece, rel: str) -> tuple[str, ...]:
    return tuple(
        link.string("href").removeprefix("#req-")
        for link in entry.each("links")
        if link.string("rel") == rel
    )


def _verification(entry: Piece) -> Verification | None:
    methods = {
        method.one("props", "method").string("value"): method.part("assessment-objects")
        for method in entry.each("parts", "assessment-method")
    }
    if not methods:
        return None
    nothing = Text("", "")
    examine, interview = methods.get("EXAMINE", nothing), methods.get("INTERVIEW", nothing)
    return Verification(examine, interview, entry.part("sample"))


def _parameter(entry: Piece) -> Parameter:
    told = next(entry.each("guidelines"), None)
    other = entry.text("reason") if told is None else None
    reason = other if told is None else _reason(entry, told)
    assert reason is not None
    return Parameter(
        entry.string("id"),
        _number(entry, "default"),
        "".join(entry.props("unit")),
        entry.text("label", "title"),
        reason,
        _number(entry, "minimum"),
        _number(entry, "maximum"),
    )


def _reason(entry: Piece, told: Piece) -> Text:
    own, other = told.markup("prose"), entry.text("reason")
    return Text(own, other.en) if entry.lang == "zh" else Text(other.zh, own)


def _number(entry: Piece, name: str) -> int | float | None:
    told = entry.props(name)
    if not told:
        return None
    try:
        number = int(told[0]) if told[0].lstrip("-").isdecimal() else float(told[0])
    except ValueError:
        number = inf
    if not abs(number) < inf:
        entry.fault(Text(f"{name} 应为数值", f"{name} should be a number"), "props")
        return None
    return number
