"""The schema of a company or person file against one standard."""

from __future__ import annotations

from typing import TYPE_CHECKING

from socap.answers import Status
from socap.clauses.pack import Subject
from socap.rules.vocabulary import EvidenceItem, ValueType
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
)

if TYPE_CHECKING:
    from socap.standard import Standard


def company(standard: Standard) -> Schema:
    """Return the schema of what is answered against a standard."""
    words = standard.vocabulary
    backing: Schema = {
        "source": STRING,
        "collected_on": DATE,
        "valid_until": DATE,
        "status": one_of(Status),
        "verified_by": STRING,
        "note": STRING,
    }
    head: Schema = {"id": STRING, "name": TEXT}
    subject = standard.pack.subject
    if subject is Subject.ORGANISATION:
        about = mapping(head, {"employees": {"type": ["integer", "null"], "minimum": 0}})
    else:
        about = mapping(head)
    types = {"types": {"type": "array", "items": {"enum": list(words.types)}, "minItems": 1}}
    flags = {
        name: {"type": ["boolean", "null"], "description": flag.question.en}
        for name, flag in words.flags.items()
    }
    records = {
        name: {
            "anyOf": [
                {"type": "null"},
                listed(
                    mapping(
                        {"id": STRING},
                        {
                            **{
                                key.removeprefix(f"{name}."): _answer(field, backing, sources=False)
                                for key, field in kind.fields.items()
                            },
                            **backing,
                        },
                    )
                ),
            ]
        }
        for name, kind in words.records.items()
    }
    certificate = mapping(
        {"standard": STRING},
        {
            "accredited": YES,
            "sites": listed(STRING),
            "services": listed(STRING),
            "valid_until": DATE,
            "level": WHOLE,
        },
    )
    required: Schema = {subject.value: about}
    profile = mapping(types if words.types else {}, flags)
    optional: Schema = {
        "evidence": mapping(
            {}, {k: _answer(i, backing, sources=True) for k, i in words.items.items()}
        ),
        "records": mapping({}, records),
        "certificates": listed(certificate),
        "exclusions": listed(
            mapping({"requirement": {"enum": list(standard.requirements)}, "justification": STRING})
        ),
    }
    if words.types or words.flags:
        required["profile"] = profile
    return mapping(required, optional)


def _answer(item: EvidenceItem, backing: Schema, *, sources: bool) -> Schema:
    value = _value(item)
    forms: list[Schema] = [mapping({"value": value}, backing)]
    if item.accepts_no_case:
        forms.append(mapping({"no_case": STRING}, backing))
    full = {"anyOf": forms}
    made: list[Schema] = [{"type": "null"}, value, full]
    if sources:
        made.append({"type": "array", "items": full, "minItems": 1})
    return {"description": item.question.en, "anyOf": made}


def _value(item: EvidenceItem) -> Schema:
    match item.type:
        case ValueType.BOOLEAN:
            return YES
        case ValueType.INTEGER:
            return WHOLE
        case ValueType.NUMBER | ValueType.PERCENT:
            return NUMBER
        case ValueType.DATE:
            return DATE
        case ValueType.ENUM:
            return {"enum": list(item.members)}
        case ValueType.SET:
            return {"type": "array", "items": {"enum": list(item.members)}, "uniqueItems": True}
