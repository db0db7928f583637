"""Reading assessment results back: the findings, and the answers they rest on.

A document whose parts contradict one another is refused: a state that is not that of the outcome,
a finding on a control that was not reviewed, a requirement found twice. Whether the outcomes
follow from the answers is for `socap verify` to say, of the result as JSON.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from math import isfinite
from typing import TYPE_CHECKING, Any

from socap.answers import Answer, Backing, Status, parse_date
from socap.clauses.requirement import Grade
from socap.errors import Text
from socap.evidence import Assurance
from socap.findings import Outcome, Reason, ReasonKind
from socap.identifiers import REQUIREMENT, sort_key
from socap.organisation import Profile, Record
from socap.oscal import identifiers as ids
from socap.oscal.pieces import Piece, opened, refuse
from socap.oscal.results import STATES
from socap.rules.vocabulary import NUMERIC, TYPES_KEY, ValueType

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from socap.rules.facts import Value

ID_LIMIT = 100


@dataclass(frozen=True, slots=True)
class FoundOutcome:
    """One requirement's outcome as it was found; every field is as in `Finding`."""

    requirement: str
    outcome: Outcome
    grade: Grade | None
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, eq=False, slots=True)
class Results:
    """An assessment as OSCAL holds it; `seal` is that of the result as JSON."""

    standard: str
    hash: str
    seal: str
    organisation: str
    name: Text
    as_of: date
    assurance: Assurance
    use_credit: bool
    status: Outcome
    recommendation: str
    findings: dict[str, FoundOutcome]
    profile: Profile
    evidence: dict[str, tuple[Answer, ...]]
    records: dict[str, tuple[Record, ...]]


def read_results(document: str | Path | Mapping[str, Any]) -> Results:
    """Return what the document of `assessment_results` holds, from a JSON file or a mapping.

    Raises EvidenceError with every problem, each with its line.
    """
    top = opened(document, "assessment-results")
    head, results = top.below("metadata"), list(top.each("results"))
    parties = [p for p in head.each("parties") if p.props("id")]
    if len(results) != 1 or len(parties) != 1:
        message = Text(
            "应恰有一个结果和一个被评价方", "there should be one result and one party assessed"
        )
        top.fault(message)
        refuse(top.fields.problems)
    result, party = results[0], parties[0]
    findings = _findings(result)
    profile, evidence, records = _given(result)
    made = Results(
        head.prop("standard"),
        head.prop("hash"),
        head.string("version"),
        party.prop("id"),
        Text(party.prop("name", kind="zh"), party.prop("name", kind="en")),
        _date(result, result.prop("as-of")) or date.min,
        result.choice("assurance", Assurance),
        result.prop("use-credit") == "true",
        result.choice("status", Outcome),
        result.prop("recommendation"),
        findings,
        profile,
        evidence,
        records,
    )
    refuse(top.fields.problems)
    return made


def _findings(result: Piece) -> dict[str, FoundOutcome]:
    selection = next(result.below("reviewed-controls").each("control-selections"), result)
    reviewed = {c.string("control-id") for c in selection.each("include-controls")}
    left_out = {c.string("control-id") for c in selection.each("exclude-controls")}
    aside = [o for o in result.each("observations") if "applicability" in o.fields.strings("types")]
    found: dict[str, FoundOutcome] = {}
    for entry in (*result.each("findings"), *aside):
        made = _outcome(entry)
        if made.requirement in found:
            entry.fault(Text(f"{made.requirement} 重复", f"{made.requirement} appears twice"))
        assessed = "target" in entry.fields.raw
        controls = reviewed if assessed else left_out
        if (made.outcome in STATES) != assessed or ids.control(made.requirement) not in controls:
            message = Text(
                f"{made.requirement} 的结果与评审范围不一致",
                f"the outcome of {made.requirement} disagrees with the controls reviewed",
            )
            entry.fault(message)
        if assessed:
            _refuse_other_state(entry, made)
        found[made.requirement] = made
    missing = {ids.control(name) for name in found} ^ (reviewed | left_out)
    for name in sorted(missing & (reviewed | left_out)):
        selection.fault(Text(f"{name} 没有结果", f"{name} has no outcome"))
    refuse(result.fields.problems)
    return dict(sorted(found.items(), key=lambda pair: sort_key(pair[0])))


def _refuse_other_state(entry: Piece, made: FoundOutcome) -> None:
    target = entry.below("target")
    status = target.below("status")
    told = (status.string("state"), status.string("reason"))
    if told != STATES.get(made.outcome, told) or target.string("target-id") != ids.statement(
        made.requirement
    ):
        message = Text(
            f"{made.requirement} 的状态 {told[0]} 与结果 {made.outcome.value} 矛盾",
            f"the state {told[0]} of {made.requirement} contradicts its outcome {made.outcome.value}",
        )
        target.fault(message)


def _outcome(entry: Piece) -> FoundOutcome:
    grade, requirement = entry.props("grade"), entry.prop("requirement")
    if not REQUIREMENT.match(requirement[:ID_LIMIT]):
        message = Text("不是要求的编号", "this is no requirement's id")
        entry.fault(message, "props")
    groups = [p.string("group") for p in entry.each("props", "reason")]
    return FoundOutcome(
        requirement[:ID_LIMIT],
        entry.choice("outcome", Outcome),
        entry.member(grade[0], Grade) if grade else None,
        tuple(_reason(entry, group) for group in groups),
    )


def _reason(entry: Piece, group: str) -> Reason:
    return Reason(
        entry.choice("reason", ReasonKind, group=group),
        entry.props("evidence", group=group),
        entry.props("record", group=group),
        Text(
            entry.prop("text", kind="zh", group=group), entry.prop("text", kind="en", group=group)
        ),
    )


def _given(
    result: Piece,
) -> tuple[Profile, dict[str, tuple[Answer, ...]], dict[str, tuple[Record, ...]]]:
    types: frozenset[str] = frozenset()
    flags: dict[str, bool] = {}
    evidence: dict[str, tuple[Answer, ...]] = {}
    records: dict[str, tuple[Record, ...]] = {}
    for entry in result.each("observations"):
        kind = "".join(entry.fields.strings("types"))
        if kind == "applicability":
            continue
        key = entry.prop("key")
        answers = [(e.prop("key"), _answer(e)) for e in entry.each("relevant-evidence")]
        if kind == "list":
            records.setdefault(key.removeprefix("records."), ())
        elif kind == "record":
            name = key.removeprefix("records.")
            made = Record(entry.prop("record"), dict(answers), _backing(entry))
            records[name] = (*records.get(name, ()), made)
        elif len(answers) != 1:
            entry.fault(Text("应恰有一个值", "there should be one value"), "relevant-evidence")
        elif kind == "evidence":
            evidence[key] = (*evidence.get(key, ()), answers[0][1])
        elif key == TYPES_KEY and isinstance(answers[0][1].value, frozenset):
            types = answers[0][1].value
        else:
            flags[key.removeprefix("profile.")] = answers[0][1].value is True
    return Profile(types, flags), evidence, records


def _answer(entry: Piece) -> Answer:
    no_case = "".join(entry.props("no-case"))
    value = None if no_case else _value(entry)
    return Answer(value, no_case, _backing(entry))


def _value(entry: Piece) -> Value | None:
    kind = entry.choice("type", ValueType)
    try:
        raw = json.loads(entry.prop("value"))
    except (ValueError, RecursionError):
        raw = None
    if kind is ValueType.BOOLEAN and isinstance(raw, bool):
        return raw
    number = isinstance(raw, (int, float)) and not isinstance(raw, bool)
    if kind in NUMERIC and number and isfinite(raw):
        return float(raw) if isinstance(raw, float) else int(raw)
    if kind is ValueType.DATE:
        return _date(entry, str(raw))
    if kind is ValueType.SET and isinstance(raw, list) and all(isinstance(v, str) for v in raw):
        return frozenset(raw)
    if kind is ValueType.ENUM and isinstance(raw, str):
        return raw
    message = Text(f"不是 {kind.value} 类型的值", f"this is no value of the type {kind.value}")
    entry.fault(message, "props")
    return None


def _backing(entry: Piece) -> Backing:
    def told(name: str) -> str:
        return "".join(entry.props(name))

    def day(name: str) -> date | None:
        return _date(entry, told(name)) if told(name) else None

    return Backing(
        told("source"),
        day("collected-on"),
        day("valid-until"),
        entry.member(told("status") or Status.DECLARED.value, Status),
        told("verified-by"),
        entry.markup("remarks"),
    )


def _date(entry: Piece, told: str) -> date | None:
    found = parse_date(told)
    if found is None:
        entry.fault(Text("应为日期", "this should be a date"), "props")
    return found
