"""Reading headings, vocabulary and requirements from the files of a pack."""

from __future__ import annotations

from typing import TYPE_CHECKING

from socap.clauses.clause import Clause
from socap.clauses.requirement import (
    Aspect,
    Basis,
    ExclusionRule,
    Grade,
    Obligation,
    Phase,
    Provenance,
    Requirement,
)
from socap.errors import Problem, Text
from socap.identifiers import KEY, NAME, REQUIREMENT
from socap.loading import Fields
from socap.rules.parser import RuleParser
from socap.rules.vocabulary import EvidenceItem, Flag, Parameter, RecordType, ValueType, Vocabulary

if TYPE_CHECKING:
    from socap.documents import Document

_REQUIRED = (
    "id clause title statement obligation aspect pdca severity applies_when satisfied_when "
    "prerequisites evidence provenance"
).split()


def headings(
    document: Document, problems: list[Problem]
) -> tuple[dict[str, Clause], tuple[Text, ...]]:
    """Return the headings as printed and the anomalies of the document as a whole."""
    top = Fields(document, (), document.data, problems)
    top.only(["headings"], ["anomalies"])
    found: dict[str, Clause] = {}
    for entry in top.listed("headings"):
        entry.only(["id", "title", "page", "normative", "parent"], ["anomalies"])
        identifier = entry.string("id")
        if identifier in found:
            entry.fault(Text(f"条款 {identifier} 重复", f"clause {identifier} appears twice"), "id")
        parent = entry.raw.get("parent")
        found[identifier] = Clause(
            identifier,
            entry.text("title", required=False),
            entry.integer("page") or 0,
            entry.boolean("normative"),
            parent if isinstance(parent, str) else None,
            _texts(entry, "anomalies"),
        )
        if parent is not None and parent not in found:
            entry.fault(
                Text(f"没有上级条款 {parent}", f"there is no parent clause {parent}"), "parent"
            )
    return found, _texts(top, "anomalies")


def _texts(fields: Fields, key: str) -> tuple[Text, ...]:
    found = []
    for entry in fields.listed(key):
        entry.only(["zh", "en"])
        found.append(Text(entry.string("zh"), entry.string("en")))
    return tuple(found)


def vocabulary(
    items: Document, profile: Document, parameters: Document, problems: list[Problem]
) -> Vocabulary:
    """Return everything rules may name."""
    top = Fields(items, (), items.data, problems)
    top.only(["items", "records"])
    records = {}
    for name, entry in top.each("records"):
        entry.only(["title", "fields"])
        if not NAME.match(name):
            entry.fault(Text("记录类型名称不合规", "a record type is named in lower case"))
        named = {
            f"{name}.{key}": _item(f"{name}.{key}", field) for key, field in entry.each("fields")
        }
        records[name] = RecordType(name, entry.text("title"), named)
    catalogue = {}
    for key, entry in top.each("items"):
        if key.split(".")[0] in (*records, "profile", "records"):
            entry.fault(Text(f"前缀属于记录:{key}", f"the prefix belongs to records: {key}"))
        catalogue[key] = _item(key, entry)
    for key, item in catalogue.items():
        if item.part_of is not None and item.part_of not in catalogue:
            top.fault(Text("part_of 所指不存在", "part_of names no item"), "items", key, "part_of")
    circumstances = Fields(profile, (), profile.data, problems)
    circumstances.only(["types", "flags"])
    kinds = circumstances.below("types")
    flags = {}
    for name, entry in circumstances.each("flags"):
        entry.only(["question", "definition"])
        flags[name] = Flag(name, entry.text("question"), entry.text("definition"))
    types = {name: kinds.text(name) for name in kinds.raw}
    return Vocabulary(catalogue, records, flags, types, _parameters(parameters, problems))


def _item(key: str, entry: Fields) -> EvidenceItem:
    entry.only(["type", "question"], "evidence unit members event part_of validity_days".split())
    if not KEY.match(key):
        entry.fault(Text("键应形如 group.name", "a key is written group.name in lower case"))
    kind = entry.choice("type", ValueType)
    members = entry.below("members")
    if (kind in (ValueType.SET, ValueType.ENUM)) != bool(members.raw):
        entry.fault(Text("set 与 enum 应列出 members", "just set and enum list their members"))
    return EvidenceItem(
        key,
        kind,
        entry.text("question"),
        entry.text("evidence"),
        entry.string("unit"),
        {name: members.text(name) for name in members.raw},
        entry.boolean("event"),
        entry.string("part_of") or None,
        entry.integer("validity_days"),
    )


def _parameters(document: Document, problems: list[Problem]) -> dict[str, Parameter]:
    top = Fields(document, (), document.data, problems)
    top.only(["parameters"])
    found = {}
    for name, entry in top.each("parameters"):
        entry.only(["default", "unit", "title", "reason"], ["minimum", "maximum"])
        found[name] = Parameter(
            name,
            entry.number("default") or 0,
            entry.string("unit"),
            entry.text("title"),
            entry.text("reason"),
            entry.number("minimum"),
            entry.number("maximum"),
        )
    return found


def requirements(
    document: Document, words: Vocabulary, problems: list[Problem]
) -> list[Requirement]:
    """Return the requirements of one file."""
    top = Fields(document, (), document.data, problems)
    top.only(["requirements"])
    parser = RuleParser(document, words)
    found = [_requirement(entry, parser) for entry in top.listed("requirements")]
    problems.extend(parser.problems)
    return found


def _requirement(entry: Fields, parser: RuleParser) -> Requirement:
    entry.only(_REQUIRED, ["refines", "mirrors", "exclusion"])
    identifier, clause = entry.string("id"), entry.string("clause")
    form = REQUIREMENT.match(identifier)
    if not form or form["clause"] != clause:
        message = Text("编号应为“条款-字母”", "an id is the clause, a hyphen and a letter")
        entry.fault(message, "id")
    obligation = entry.choice("obligation", Obligation)
    severity = entry.choice("severity", Grade)
    if (obligation is Obligation.SHOULD) != (severity is Grade.OPPORTUNITY):
        message = Text("“宜”对应 opportunity", "a should goes with opportunity, a shall does not")
        entry.fault(message, "severity")
    exclusion = None
    if "exclusion" in entry.raw:
        inner = entry.below("exclusion")
        inner.only(["allowed_when", "reason"])
        allowed = parser.parse(inner.raw.get("allowed_when"), (*inner.path, "allowed_when"))
        exclusion = ExclusionRule(allowed, inner.text("reason"))
    origin = entry.below("provenance")
    origin.only(["basis", "reason"])
    return Requirement(
        identifier,
        clause,
        entry.text("title"),
        entry.text("statement"),
        obligation,
        entry.choice("aspect", Aspect),
        entry.choice("pdca", Phase),
        severity,
        parser.parse(entry.raw.get("applies_when"), (*entry.path, "applies_when")),
        parser.parse(entry.raw.get("satisfied_when"), (*entry.path, "satisfied_when")),
        entry.strings("prerequisites"),
        entry.strings("refines"),
        entry.strings("mirrors"),
        exclusion,
        entry.text("evidence"),
        Provenance(origin.choice("basis", Basis), origin.text("reason")),
    )
