"""Reading headings, vocabulary and requirements from the files of a pack."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from socap.clauses.clause import Clause
from socap.clauses.pack import Pack, Subject
from socap.clauses.requirement import (
    Aspect,
    Basis,
    ExclusionRule,
    Grade,
    Obligation,
    Phase,
    Provenance,
    Requirement,
    Verification,
)
from socap.errors import Problem, Text, did_you_mean
from socap.identifiers import KEY, NAME, PACK, REQUIREMENT
from socap.loading import Fields
from socap.rules.expressions import Always, Quantity
from socap.rules.parser import RuleParser
from socap.rules.vocabulary import (
    Computed,
    EvidenceItem,
    Flag,
    Parameter,
    RecordType,
    ValueType,
    Vocabulary,
)

if TYPE_CHECKING:
    from socap.documents import Document

_REQUIRED = (
    "id clause title statement obligation aspect pdca severity applies_when satisfied_when "
    "prerequisites provenance"
).split()
_OPTIONAL = "refines mirrors supports exclusion verification typical_nonconformities".split()


def pack(document: Document, problems: list[Problem]) -> Pack:
    """Return the head of a pack."""
    top = Fields(document, (), document.data, problems)
    top.only(["id", "title", "subject", "notice"], ["type_notes"])
    identifier = top.string("id")
    if "id" in top.raw and not PACK.match(identifier):
        top.fault(
            Text("标准编号应为小写字母、数字与连字符", "a pack id is a-z, 0-9 and hyphens"), "id"
        )
    notes = top.below("type_notes")
    return Pack(
        identifier,
        top.text("title"),
        top.choice("subject", Subject),
        top.text("notice"),
        {name: notes.text(name) for name in notes.raw},
    )


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
            entry.fault(Text(f"前缀属于记录：{key}", f"the prefix belongs to records: {key}"))
        catalogue[key] = _item(key, entry)
    for key, item in catalogue.items():
        if item.part_of is not None and item.part_of not in catalogue:
            top.fault(Text("part_of 所指不存在", "part_of names no item"), "items", key, "part_of")
    circumstances = Fields(profile, (), profile.data, problems)
    circumstances.only(["types", "flags"])
    kinds = circumstances.below("types")
    flags = {}
    for name, entry in circumstances.each("flags"):
        entry.only(["question", "definition"], ["title"])
        question, definition = entry.text("question"), entry.text("definition")
        flags[name] = Flag(name, question, definition, entry.text("title"))
    types = {name: kinds.text(name) for name in kinds.raw}
    words = Vocabulary(catalogue, records, flags, types, _parameters(parameters, problems))
    parser = RuleParser(items, words)
    for key, entry in top.each("items"):
        if "computed" in entry.raw:
            catalogue[key] = replace(catalogue[key], computed=_computed(key, entry, parser))
    problems.extend(parser.problems)
    return words


def _computed(key: str, entry: Fields, parser: RuleParser) -> Computed | None:
    inner = entry.below("computed")
    inner.only(["record"], ["where", "satisfies"])
    record, kind = inner.string("record"), entry.raw.get("type")
    quantity = {"percent": Quantity.SHARE, "integer": Quantity.COUNT}.get(str(kind))
    if quantity is None:
        message = Text(
            "只有 percent（占比）和 integer（计数）可由记录算出",
            "only a percent (share) or an integer (count) can be computed from records",
        )
        entry.fault(message, "computed")
        return None
    if record not in parser.vocabulary.records:
        message = Text(f"没有记录类型 {record[:80]}", f"there is no record type {record[:80]}")
        inner.fault(message, "record", hint=did_you_mean(record, parser.vocabulary.records))
        return None
    parts = {}
    for name in ("where", "satisfies"):
        parts[name] = (
            parser.parse(inner.raw[name], (*inner.path, name), record)
            if name in inner.raw
            else Always()
        )
    found = Computed(quantity, record, parts["satisfies"], parts["where"])
    fields = parser.vocabulary.records[record].fields
    outside = [k for k in found.keys if k not in fields and k != f"records.{record}"]
    if outside:
        message = Text(
            f"{key} 只能由 {record} 记录的字段算出，不能读取 {', '.join(outside)}",
            f"{key} can be computed from fields of {record} only, not from {', '.join(outside)}",
        )
        inner.fault(message)
    return found


def _item(key: str, entry: Fields) -> EvidenceItem:
    entry.only(
        ["type", "question"],
        "title evidence unit members event part_of validity_days computed".split(),
    )
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
        title=entry.text("title"),
    )


def _parameters(document: Document, problems: list[Problem]) -> dict[str, Parameter]:
    top = Fields(document, (), document.data, problems)
    top.only(["parameters"])
    found = {}
    for name, entry in top.each("parameters"):
        entry.only(["default", "unit", "title", "reason"], ["minimum", "maximum"])
        default, low, high = (entry.number(key) for key in ("default", "minimum", "maximum"))
        if default is not None and (
            (low is not None and default < low) or (high is not None and default > high)
        ):
            message = Text("默认值超出自身范围", "the default is outside its own range")
            entry.fault(message, "default")
        unit, title, reason = entry.string("unit"), entry.text("title"), entry.text("reason")
        found[name] = Parameter(name, default, unit, title, reason, low, high)
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
    entry.only(_REQUIRED, _OPTIONAL)
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
    origin.only(["basis", "reason"], ["lines"])
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
        Provenance(origin.choice("basis", Basis), origin.text("reason"), origin.string("lines")),
        entry.strings("supports"),
        _verification(entry),
        _texts(entry, "typical_nonconformities"),
    )


def _verification(entry: Fields) -> Verification | None:
    if "verification" not in entry.raw:
        return None
    inner = entry.below("verification")
    inner.only(["examine", "interview", "sample"])
    return Verification(inner.text("examine"), inner.text("interview"), inner.text("sample"))
