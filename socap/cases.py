"""Cases: what a requirement's outcome has to be on given evidence, read from files."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from socap.answers import parse_date
from socap.documents import Document, read_document
from socap.errors import EvidenceError, PackError, Problem, Text, did_you_mean
from socap.evidence import Assurance, disputing, settled
from socap.grounds import outcome
from socap.loading import Fields
from socap.organisation import Organisation, from_document
from socap.packs import BUNDLED, MAIN
from socap.rules.interpreter import decision
from socap.rules.reference import evaluate
from socap.rules.truth import Truth

if TYPE_CHECKING:
    from collections.abc import Iterable

    from socap.clauses.requirement import Requirement
    from socap.rules.facts import Facts
    from socap.standard import ConsistencyRule, Standard

NOT_CASES = ("survivors.yaml", "waivers.yaml")
USUAL_DAY = date(2026, 11, 1)
_PARTS = ("profile", "evidence", "records")
_CHANGES = (*_PARTS, "exclusions", "parameters", "as_of", "name")


class Expected(StrEnum):
    """What a case may expect: an outcome, or for a consistency rule whether it finds a dispute."""

    CONFORMING = "conforming"
    NONCONFORMING = "nonconforming"
    UNDETERMINED = "undetermined"
    NOT_APPLICABLE = "not_applicable"
    EXCLUDED = "excluded"
    DISPUTED = "disputed"
    UNDISPUTED = "undisputed"


@dataclass(frozen=True, eq=False)
class Case:
    """One company as far as one rule reads it, and what has to come out."""

    of: str
    name: str
    expected: Expected
    organisation: Organisation
    as_of: date
    facts: Facts
    told: Facts
    file: str
    line: int | None

    def outcome(self, asked: Requirement | ConsistencyRule) -> Expected:
        """Return what comes out with this requirement or consistency rule, a changed one too."""
        if hasattr(asked, "contradicted_when"):
            found = evaluate(asked.contradicted_when, self.told) is Truth.TRUE
            return Expected.DISPUTED if found else Expected.UNDISPUTED
        made = decision(
            evaluate(asked.applies_when, self.facts), evaluate(asked.satisfied_when, self.facts)
        )
        left_out = next((e for e in self.organisation.exclusions if e.requirement == self.of), None)
        return Expected(outcome(asked, made, self.facts, left_out).value)


def read_cases(folder: Path, standard: Standard) -> tuple[Case, ...]:
    """Read every case file of a folder. Raises PackError with every problem in them."""
    problems: list[Problem] = []
    if not folder.is_dir():
        message = Text("没有这个案例目录", "there is no such folder of cases")
        hint = Text("用 --cases 指定", "name one with --cases")
        raise PackError([Problem(message, file=str(folder), hint=hint)])
    found: list[Case] = []
    for file in sorted(folder.glob("*.yaml")):
        if file.name in NOT_CASES:
            continue
        document = read_document(file, PackError)
        top = Fields(document, (), document.data, problems)
        top.only(["cases"], ["as_of"])
        day = _day(top, USUAL_DAY)
        for entry in top.listed("cases"):
            found += _entry(entry, day, standard, problems)
    if problems:
        raise PackError(problems)
    return tuple(found)


def find_cases(pack: str | None, folder: str | None) -> Path:
    """Return the folder of cases: the one named, the pack's own, or the project's `tests/cases`."""
    if folder is not None:
        return Path(folder)
    if pack is not None and pack not in BUNDLED:
        return Path(pack) / "cases"
    cases = Path("tests") / "cases"
    return cases if pack in (None, MAIN) else cases / "companions" / str(pack)


def _day(fields: Fields, usual: date) -> date:
    if "as_of" not in fields.raw:
        return usual
    day = parse_date(fields.raw["as_of"])
    if day is None:
        fields.fault(Text("as_of 应为有效日期", "as_of should be a date"), "as_of")
    return day or usual


def _entry(entry: Fields, day: date, standard: Standard, problems: list[Problem]) -> Iterable[Case]:
    rules = {rule.id: rule for rule in standard.consistency}
    kind = "consistency" if "consistency" in entry.raw else "requirement"
    entry.only([kind, "given", "variations"])
    of = entry.string(kind)
    known = rules if kind == "consistency" else standard.requirements
    if of not in known:
        message = Text(f"没有 {of[:80]}", f"there is no {of[:80]}")
        entry.fault(message, kind, hint=did_you_mean(of, known))
        return
    given = entry.below("given")
    given.only([], _PARTS)
    for variation in entry.listed("variations"):
        variation.only(["expect"], _CHANGES)
        expected = variation.choice("expect", Expected)
        disputes = expected in (Expected.DISPUTED, Expected.UNDISPUTED)
        if disputes != (kind == "consistency"):
            message = Text("预期结果与案例种类不符", "this cannot be expected of this kind of case")
            variation.fault(message, "expect")
            continue
        as_of = _day(variation, day)
        try:
            yield _case(of, expected, given.raw, variation, as_of, standard)
        except EvidenceError as error:
            problems.extend(error.problems)


def _case(
    of: str,
    expected: Expected,
    given: dict[str, Any],
    variation: Fields,
    as_of: date,
    standard: Standard,
) -> Case:
    data = _varied(given, variation.raw)
    file, line = variation.document.place(variation.path)
    data[standard.pack.subject.value] = {"id": "case", "name": {"zh": "案例", "en": "case"}}
    if standard.vocabulary.types and "types" not in data["profile"]:
        data["profile"]["types"] = list(standard.vocabulary.types)
    if "exclusions" in variation.raw:
        data["exclusions"] = variation.raw["exclusions"]
    organisation = from_document(Document(file, data, {(): line or 0}), standard)
    parameters = standard.parameters(variation.raw.get("parameters"))
    told = settled(organisation, standard, as_of, Assurance.DECLARED, parameters)
    facts, _ = disputing(told, standard)
    name = variation.string("name")
    return Case(of, name, expected, organisation, as_of, facts, told, file, line)


def _varied(given: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """Return the given company with changes: a null takes an answer away."""
    made: dict[str, Any] = {}
    for part in _PARTS:
        group = dict(deepcopy(given.get(part) or {}))
        for key, value in (changes.get(part) or {}).items():
            if value is None:
                group.pop(key, None)
            else:
                group[key] = deepcopy(value)
        made[part] = group
    return made


def failures(cases: Iterable[Case], standard: Standard) -> Iterable[tuple[Case, Expected]]:
    """Yield each case that does not come out as expected, with what came out."""
    rules = {rule.id: rule for rule in standard.consistency}
    for case in cases:
        asked = rules.get(case.of) or standard.requirements[case.of]
        found = case.outcome(asked)
        if found is not case.expected:
            yield case, found
