"""What changed between two editions of a pack, and what it does to a company."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from socap.assessment import assess
from socap.company_file import read
from socap.errors import Text
from socap.identifiers import sort_key
from socap.packs import BUNDLED
from socap.rules.prose import describe
from socap.standard import load

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from socap.clauses.requirement import Requirement
    from socap.findings import Finding
    from socap.standard import Standard

_NONE = Text("", "")


class ChangeKind(StrEnum):
    """What kind of change it is."""

    ADDED = "added"
    REMOVED = "removed"
    REWORDED = "reworded"
    RULE = "rule"
    APPLICABILITY = "applicability"
    OBLIGATION = "obligation"
    SEVERITY = "severity"
    PREREQUISITES = "prerequisites"
    EXCLUSION = "exclusion"
    GUIDANCE = "guidance"
    PARAMETER = "parameter"
    ITEM = "item"
    HEADING = "heading"
    CONSISTENCY = "consistency"


@dataclass(frozen=True, slots=True)
class Change:
    """One change of a requirement, parameter, evidence item, heading or consistency rule."""

    kind: ChangeKind
    of: str
    before: Text
    after: Text


@dataclass(frozen=True, slots=True)
class FindingDifference:
    """A requirement that comes out differently; None on the side where it does not exist."""

    requirement: str
    before: Finding | None
    after: Finding | None


@dataclass(frozen=True, eq=False)
class Difference:
    """All changes from edition `a` to edition `b`."""

    a: Standard
    b: Standard
    changes: tuple[Change, ...]

    def findings(self, company: str | Path, as_of: date) -> tuple[FindingDifference, ...]:
        """Return the findings of a company file that change.

        Raises EvidenceError where the file does not fit one of the editions.
        """
        before = assess(read(company, self.a), self.a, as_of=as_of).findings
        after = assess(read(company, self.b), self.b, as_of=as_of).findings
        names = sorted({*before, *after}, key=sort_key)
        return tuple(
            FindingDifference(name, before.get(name), after.get(name))
            for name in names
            if _said(before.get(name)) != _said(after.get(name))
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the changes as plain JSON values."""
        return {
            "a": _edition(self.a),
            "b": _edition(self.b),
            "changes": [
                {
                    "kind": c.kind.value,
                    "of": c.of,
                    "before": c.before.to_dict(),
                    "after": c.after.to_dict(),
                }
                for c in self.changes
            ],
        }


def _said(finding: Finding | None) -> tuple[str, str] | None:
    if finding is None:
        return None
    return finding.outcome.value, finding.grade.value if finding.grade else ""


def _edition(standard: Standard) -> dict[str, Any]:
    overlays = [{"id": o.id, "hash": o.hash} for o in standard.overlays]
    return {"id": standard.id, "hash": standard.hash, "overlays": overlays}


def edition(text: str) -> Standard:
    """Load a pack name, a folder, or overlay files (over the main standard), joined by `+`.

    Raises PackError for what is neither.
    """
    parts = [text] if Path(text).exists() else text.split("+")
    if parts[0] in BUNDLED or Path(parts[0]).is_dir():
        return load(parts[0], overlays=parts[1:])
    if len(parts) == 1 and not Path(text).is_file():
        return load(text)
    return load(overlays=parts)


def diff(a: Standard, b: Standard) -> Difference:
    """Compare two editions: requirements first, then parameters, items, headings, consistency.

    >>> diff(load(), load()).changes
    ()
    """
    changes = [
        *_requirements(a, b),
        *_parameters(a, b),
        *_items(a, b),
        *_headings(a, b),
        *_consistency(a, b),
    ]
    return Difference(a, b, tuple(changes))


def _requirements(a: Standard, b: Standard) -> Iterator[Change]:
    for name in sorted({*a.requirements, *b.requirements}, key=sort_key):
        old, new = a.requirements.get(name), b.requirements.get(name)
        if old is None and new is not None:
            yield Change(ChangeKind.ADDED, name, _NONE, new.statement)
        elif new is None and old is not None:
            yield Change(ChangeKind.REMOVED, name, old.statement, _NONE)
        elif old is not None and new is not None:
            yield from _one(old, new, a, b)


def _one(old: Requirement, new: Requirement, a: Standard, b: Standard) -> Iterator[Change]:
    for before, after in ((old.title, new.title), (old.statement, new.statement)):
        if before != after:
            yield Change(ChangeKind.REWORDED, old.id, before, after)
    for kind, one, two in (
        (ChangeKind.APPLICABILITY, old.applies_when, new.applies_when),
        (ChangeKind.RULE, old.satisfied_when, new.satisfied_when),
    ):
        if one != two:
            before, after = describe(one, a.vocabulary), describe(two, b.vocabulary)
            yield Change(kind, old.id, before, after)
    for kind, first, second in (
        (ChangeKind.OBLIGATION, old.obligation.value, new.obligation.value),
        (ChangeKind.SEVERITY, old.severity.value, new.severity.value),
        (ChangeKind.PREREQUISITES, ", ".join(old.prerequisites), ", ".join(new.prerequisites)),
    ):
        if first != second:
            yield Change(kind, old.id, Text(first, first), Text(second, second))
    if old.exclusion != new.exclusion:
        told = [
            _NONE if r.exclusion is None else describe(r.exclusion.allowed_when, s.vocabulary)
            for r, s in ((old, a), (new, b))
        ]
        yield Change(ChangeKind.EXCLUSION, old.id, *told)
    if (old.verification, old.typical_nonconformities) != (
        new.verification,
        new.typical_nonconformities,
    ):
        told = [r.verification.examine if r.verification else _NONE for r in (old, new)]
        yield Change(ChangeKind.GUIDANCE, old.id, *told)


def _parameters(a: Standard, b: Standard) -> Iterator[Change]:
    ours, theirs = a.vocabulary.parameters, b.vocabulary.parameters
    for name in dict.fromkeys((*ours, *theirs)):
        told = []
        for side in (ours, theirs):
            p = side.get(name)
            value = "" if p is None else f"{p.default} {p.unit} [{p.minimum} … {p.maximum}]"
            told.append(Text(value, value))
        if told[0] != told[1]:
            yield Change(ChangeKind.PARAMETER, name, *told)


def _items(a: Standard, b: Standard) -> Iterator[Change]:
    ours, theirs = _all_items(a), _all_items(b)
    for key in dict.fromkeys((*ours, *theirs)):
        if ours.get(key, _NONE) != theirs.get(key, _NONE):
            yield Change(ChangeKind.ITEM, key, ours.get(key, _NONE), theirs.get(key, _NONE))


def _all_items(standard: Standard) -> dict[str, Text]:
    words = standard.vocabulary
    fields = [f for kind in words.records.values() for f in kind.fields.values()]
    return {
        i.key: Text(
            f"{i.question.zh} [{i.type.value} {i.unit} {' '.join(i.members)}]",
            f"{i.question.en} [{i.type.value} {i.unit} {' '.join(i.members)}]",
        )
        for i in (*words.items.values(), *fields)
    }


def _headings(a: Standard, b: Standard) -> Iterator[Change]:
    for name in dict.fromkeys((*a.headings, *b.headings)):
        old, new = a.headings.get(name), b.headings.get(name)
        if old != new:
            before, after = old.title if old else _NONE, new.title if new else _NONE
            yield Change(ChangeKind.HEADING, name, before, after)


def _consistency(a: Standard, b: Standard) -> Iterator[Change]:
    ours, theirs = {r.id: r for r in a.consistency}, {r.id: r for r in b.consistency}
    for name in dict.fromkeys((*ours, *theirs)):
        told = []
        for side, standard in ((ours, a), (theirs, b)):
            rule = side.get(name)
            told.append(
                _NONE if rule is None else describe(rule.contradicted_when, standard.vocabulary)
            )
        if ours.get(name) != theirs.get(name):
            yield Change(ChangeKind.CONSISTENCY, name, *told)
