"""The schema of a company or person file against one standard."""

from __future__ import annotations

from typing import TYPE_CHECKING

from socap.answers import Status
from socap.clauses.pack import Subject
from socap.rules.vocabulary import EvidenceItem, RecordType, ValueType
from socap.schemas.shapes import (
    DATE,
    NUMBER,
    STRING,
    TEXT,
    WHOLE,
    YES,
    Schema,
    listed,
    mapping,
    one_of,
    ref,
)

if TYPE_CHECKING:
    from socap.standard import Standard


BACKING: Schema = {
    "source": STRING,
    "collected_on": DATE,
    "valid_until": DATE,
    "status": one_of(Status),
    "verified_by": STRING,
    "note": STRING,
}
_SHARED = {
    ValueType.BOOLEAN: ("boolean", YES),
    ValueType.INTEGER: ("whole", WHOLE),
    ValueType.NUMBER: ("number", NUMBER),
    ValueType.PERCENT: ("number", NUMBER),
    ValueType.DATE: ("date", DATE),
}


def company(standard: Standard) -> Schema:
    """Return the schema of what is answered against a standard."""
    words, subject = standard.vocabulary, standard.pack.subject
    head: Schema = {"id": STRING, "name": TEXT}
    employees: Schema = {"employees": {"type": ["integer", "null"], "minimum": 0}}
    required: Schema = {
        subject.value: mapping(head, employees if subject is Subject.ORGANISATION else None)
    }
    types = {"types": {"type": "array", "items": {"enum": list(words.types)}, "minItems": 1}}
    flags = {
        name: {"type": ["boolean", "null"], "description": flag.question.en}
        for name, flag in words.flags.items()
    }
    if words.types or words.flags:
        required["profile"] = mapping(types if words.types else {}, flags)
    certificate = {"accredited": YES, "sites": listed(STRING), "services": listed(STRING)}
    certificate |= {"valid_until": DATE, "level": WHOLE}
    excluded: Schema = {"enum": list(standard.requirements)}
    optional: Schema = {
        "evidence": mapping({}, {k: _answer(i, sources=True) for k, i in words.items.items()}),
        "records": mapping({}, {kind.name: _records(kind) for kind in words.records.values()}),
        "certificates": listed(mapping({"standard": STRING}, certificate)),
        "exclusions": listed(mapping({"requirement": excluded, "justification": STRING})),
    }
    return {**mapping(required, optional), "$defs": _definitions()}


def _records(kind: RecordType) -> Schema:
    fields = {
        key.removeprefix(f"{kind.name}."): _answer(field, sources=False)
        for key, field in kind.fields.items()
    }
    record = mapping({"id": STRING}, {**fields, **BACKING})
    return {"anyOf": [{"type": "null"}, listed(record)]}


def _definitions() -> Schema:
    """Return the forms of answer that many items share."""
    return {
        _name(name, case=case, sources=sources): _forms(value, case=case, sources=sources)
        for name, value in dict(_SHARED.values()).items()
        for case in (False, True)
        for sources in (False, True)
    }


def _name(value: str, *, case: bool, sources: bool) -> str:
    return f"{value}{'_or_no_case' if case else ''}{'_by_source' if sources else ''}"


def _forms(value: Schema, *, case: bool, sources: bool) -> Schema:
    forms = [mapping({"value": value}, BACKING)]
    if case:
        forms.append(mapping({"no_case": STRING}, BACKING))
    full = {"anyOf": forms}
    made: list[Schema] = [{"type": "null"}, value, full]
    if sources:
        made.append({"type": "array", "items": full, "minItems": 1})
    return {"anyOf": made}


def _answer(item: EvidenceItem, *, sources: bool) -> Schema:
    told: Schema = {"description": item.question.en}
    case = item.accepts_no_case
    if item.type in _SHARED:
        return told | ref(_name(_SHARED[item.type][0], case=case, sources=sources))
    members: Schema = {"enum": list(item.members)}
    if item.type is ValueType.SET:
        members = {"type": "array", "items": members, "uniqueItems": True}
    return told | _forms(members, case=case, sources=sources)
