"""What a company shows: profile, evidence, records, certificates and exclusions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from socap.answers import (
    BACKING_KEYS,
    UNBACKED,
    Answer,
    Backing,
    read_answer,
    read_answers,
    read_backing,
    read_date,
    read_value,
)
from socap.clauses.pack import Subject
from socap.errors import EvidenceError, Problem, Text, did_you_mean
from socap.loading import Fields

if TYPE_CHECKING:
    from socap.documents import Document
    from socap.rules.vocabulary import RecordType, Vocabulary
    from socap.standard import Standard

RECORD_LIMIT = 20_000


@dataclass(frozen=True, slots=True)
class Profile:
    """Outsourcing types and circumstances; a flag left out is not known."""

    types: frozenset[str]
    flags: dict[str, bool]


@dataclass(frozen=True, slots=True)
class Record:
    """One supplier, service, site …; answers are keyed `<record>.<field>`."""

    id: str
    answers: dict[str, Answer]
    backing: Backing


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate the organisation holds."""

    standard: str
    accredited: bool
    sites: tuple[str, ...]
    services: tuple[str, ...]
    valid_until: date | None
    level: int | None

    def to_dict(self) -> dict[str, Any]:
        """Return the certificate as a company file holds it."""
        told: dict[str, Any] = {
            "standard": self.standard,
            "accredited": self.accredited,
            "sites": list(self.sites),
            "services": list(self.services),
        }
        if self.valid_until is not None:
            told["valid_until"] = self.valid_until.isoformat()
        return told if self.level is None else {**told, "level": self.level}


@dataclass(frozen=True, slots=True)
class Exclusion:
    """A requirement the organisation leaves out, with its justification."""

    requirement: str
    justification: str


@dataclass(frozen=True, eq=False)
class Organisation:
    """One company file, read and typed."""

    id: str
    name: Text
    employees: int | None
    profile: Profile
    evidence: dict[str, tuple[Answer, ...]]
    records: dict[str, tuple[Record, ...]]
    certificates: tuple[Certificate, ...]
    exclusions: tuple[Exclusion, ...]
    file: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return everything as a company file holds it, each answer in full form.

        The mapping under `organisation` (for a pack about persons: `person`) is the caller's to
        name; here it is always `organisation`.
        """
        about: dict[str, Any] = {"id": self.id, "name": self.name.to_dict()}
        if self.employees is not None:
            about["employees"] = self.employees
        return {
            "organisation": about,
            "profile": {"types": sorted(self.profile.types), **self.profile.flags},
            "evidence": {k: [a.to_dict() for a in v] for k, v in self.evidence.items()},
            "records": {k: [_told(r, k) for r in v] for k, v in self.records.items()},
            "certificates": [c.to_dict() for c in self.certificates],
            "exclusions": [
                {"requirement": e.requirement, "justification": e.justification}
                for e in self.exclusions
            ],
        }


def _told(record: Record, kind: str) -> dict[str, Any]:
    answers = {k.removeprefix(f"{kind}."): a.to_dict() for k, a in record.answers.items()}
    return {"id": record.id, **answers, **record.backing.to_dict()}


def from_document(document: Document, standard: Standard) -> Organisation:
    """Return the organisation of a parsed file. Raises EvidenceError with every problem."""
    problems: list[Problem] = []
    top = Fields(document, (), document.data, problems)
    if problems:
        raise EvidenceError(problems)
    words, head = standard.vocabulary, standard.pack.subject.value
    circumstances = bool(words.types or words.flags)
    top.only(
        [head, "profile"] if circumstances else [head],
        ["profile", "evidence", "records", "certificates", "exclusions"],
    )
    about = top.below(head)
    about.only(
        ["id", "name"], ["employees"] if standard.pack.subject is Subject.ORGANISATION else []
    )
    employees = about.integer("employees")
    if employees is not None and not 0 <= employees <= 10_000_000:
        about.fault(Text("人数超出范围", "the number of employees is out of range"), "employees")
    identifier = about.string("id")
    if "id" in about.raw and not identifier.strip():
        about.fault(Text("id 不能为空", "the id is empty"), "id")
    organisation = Organisation(
        identifier,
        about.text("name"),
        employees,
        _profile(top.below("profile"), words),
        _evidence(top.below("evidence"), words),
        _records(top.below("records"), words),
        tuple(_certificate(entry) for entry in top.listed("certificates")),
        _exclusions(top, standard),
        document.file,
    )
    if problems:
        raise EvidenceError(problems)
    return organisation


def _profile(fields: Fields, words: Vocabulary) -> Profile:
    fields.only(["types"] if words.types else [], words.flags)
    types = fields.strings("types")
    for index, name in enumerate(types):
        if name not in words.types:
            known = ", ".join(words.types)
            message = Text(
                f"没有外包类型 {name[:40]}，可选：{known}",
                f"there is no outsourcing type {name[:40]}; known: {known}",
            )
            fields.fault(
                message,
                "types",
                index,
                hint=did_you_mean(name, words.types) or did_you_mean(name.upper(), words.types),
            )
    if "types" in fields.raw and not fields.raw["types"]:
        fields.fault(Text("至少写一种外包类型", "name at least one outsourcing type"), "types")
    flags = {n: fields.boolean(n) for n in words.flags if fields.raw.get(n) is not None}
    return Profile(frozenset(types), flags)


def _evidence(group: Fields, words: Vocabulary) -> dict[str, tuple[Answer, ...]]:
    found = {}
    for key, raw in group.raw.items():
        item = words.items.get(key)
        if item is None:
            hint = did_you_mean(key, words.items)
            if key.removeprefix("profile.") in words.flags or key.split(".")[0] in words.records:
                hint = Text(
                    "情形写在 profile 下，记录写在 records 下",
                    "flags go under profile, fields under records",
                )
            message = Text(f"没有证据项 {key[:80]}", f"there is no evidence item {key[:80]}")
            group.fault(message, key, hint=hint)
        elif raw is not None:
            found[key] = read_answers(group, key, item)
    return found


def _records(group: Fields, words: Vocabulary) -> dict[str, tuple[Record, ...]]:
    found = {}
    for name in group.raw:
        kind = words.records.get(name)
        if kind is None:
            message = Text(f"没有记录类型 {name[:80]}", f"there is no record type {name[:80]}")
            group.fault(message, name, hint=did_you_mean(name, words.records))
            continue
        if group.raw[name] is None:
            continue
        entries = group.listed(name)
        if len(entries) > RECORD_LIMIT:
            message = Text(
                f"记录超过 {RECORD_LIMIT} 条", f"there are more than {RECORD_LIMIT} records"
            )
            group.fault(message, name)
            continue
        seen: set[str] = set()
        found[name] = tuple(_record(entry, kind, seen) for entry in entries)
    return found


def _record(entry: Fields, kind: RecordType, seen: set[str]) -> Record:
    prefix = kind.name + "."
    entry.only(["id"], [*(key.removeprefix(prefix) for key in kind.fields), *BACKING_KEYS])
    identifier = entry.string("id")
    if "id" in entry.raw and not identifier.strip():
        entry.fault(Text("id 不能为空", "the id is empty"), "id")
    elif identifier in seen:
        entry.fault(
            Text(f"id {identifier[:80]} 重复", f"the id {identifier[:80]} is repeated"), "id"
        )
    seen.add(identifier)
    answers = {}
    for key, item in kind.fields.items():
        raw = entry.raw.get(key.removeprefix(prefix))
        if isinstance(raw, dict):
            answers[key] = read_answer(entry.below(key.removeprefix(prefix)), item)
        elif raw is not None:
            value = read_value(entry, key.removeprefix(prefix), item)
            if value is not None:
                answers[key] = Answer(value, "", UNBACKED)
    return Record(identifier, answers, read_backing(entry))


def _certificate(entry: Fields) -> Certificate:
    entry.only(["standard"], ["accredited", "sites", "services", "valid_until", "level"])
    return Certificate(
        entry.string("standard"),
        entry.boolean("accredited"),
        entry.strings("sites"),
        entry.strings("services"),
        read_date(entry, "valid_until"),
        entry.integer("level"),
    )


def _exclusions(top: Fields, standard: Standard) -> tuple[Exclusion, ...]:
    found: dict[str, Exclusion] = {}
    for entry in top.listed("exclusions"):
        entry.only(["requirement", "justification"])
        name, why = entry.string("requirement"), entry.string("justification")
        if name and name not in standard.requirements:
            message = Text(f"没有要求 {name[:80]}", f"there is no requirement {name[:80]}")
            entry.fault(message, "requirement", hint=did_you_mean(name, standard.requirements))
        elif name in found:
            entry.fault(Text(f"{name} 重复删减", f"{name} is excluded twice"), "requirement")
        if "justification" in entry.raw and not why.strip():
            entry.fault(
                Text("删减应写明理由", "an exclusion needs a justification"), "justification"
            )
        found[name] = Exclusion(name, why)
    return tuple(found.values())
