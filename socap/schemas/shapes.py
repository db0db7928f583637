"""The building blocks of the schemas, and the rule language as one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from socap.clauses.requirement import Aspect, Basis, Grade, Obligation, Phase
from socap.identifiers import REQUIREMENT
from socap.rules.expressions import Operator
from socap.rules.vocabulary import ValueType

if TYPE_CHECKING:
    from enum import StrEnum
    from re import Pattern

Schema = dict[str, Any]
_LISTS = (Operator.ONE_OF, Operator.INCLUDES, Operator.INCLUDES_ANY)
_FLAGS = (Operator.PRESENT, Operator.NO_CASE)


def mapping(required: Schema, optional: Schema | None = None) -> Schema:
    """Return the schema of a mapping with these keys and no others."""
    return {
        "type": "object",
        "properties": {**required, **(optional or {})},
        "required": list(required),
        "additionalProperties": False,
    }


def named(value: Schema, names: Pattern[str] | None = None) -> Schema:
    """Return the schema of a mapping whose keys are names of one form."""
    made: Schema = {"type": "object", "additionalProperties": value}
    if names is not None:
        made["propertyNames"] = {"pattern": pattern(names)}
    return made


def pattern(names: Pattern[str]) -> str:
    """Return a regular expression in the dialect of JSON Schema."""
    return "^" + names.pattern.replace("(?P<clause>", "(").replace("(?P<letter>", "(").replace(
        "\\Z", "$"
    )


def listed(of: Schema) -> Schema:
    """Return the schema of a list."""
    return {"type": "array", "items": of}


def one_of(members: type[StrEnum]) -> Schema:
    """Return the schema of a closed set."""
    return {"enum": [member.value for member in members]}


def ref(name: str) -> Schema:
    """Return a reference to a shared definition."""
    return {"$ref": f"#/$defs/{name}"}


STRING: Schema = {"type": "string"}
NUMBER: Schema = {"type": "number"}
WHOLE: Schema = {"type": "integer"}
YES: Schema = {"type": "boolean"}
TEXT, RULE = ref("text"), ref("rule")
DATE: Schema = {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}
ID: Schema = {"type": "string", "pattern": pattern(REQUIREMENT)}
IDS = {"type": "array", "items": ID, "uniqueItems": True}


def definitions() -> Schema:
    """Return what the schemas share: texts, rules, items and requirements."""
    text = mapping({"zh": STRING, "en": STRING})
    operand = {
        "anyOf": [
            {"type": ["boolean", "number", "string"]},
            mapping({"parameter": STRING}),
            mapping({"item": STRING}),
        ]
    }
    conditions = []
    for operator in Operator:
        value: Schema = operand
        if operator in _LISTS:
            value = {"type": "array", "items": STRING, "minItems": 1, "uniqueItems": True}
        elif operator in _FLAGS:
            value = {"const": True}
        conditions.append(mapping({"item": STRING, operator.value: value}))
    over: Schema = {"record": STRING, "satisfies": RULE}
    limit = {"anyOf": [NUMBER, mapping({"parameter": STRING})]}
    junction = {"type": "array", "items": RULE, "minItems": 1}
    rule = {
        "anyOf": [
            {"const": "always"},
            *conditions,
            mapping({"all": junction}),
            mapping({"any": junction}),
            mapping({"not": RULE}),
            mapping({"every": mapping(over, {"where": RULE})}),
            mapping({"some": mapping(over, {"where": RULE})}),
            mapping(
                {
                    "at_least": {
                        "anyOf": [
                            mapping({**over, "count": limit}, {"where": RULE}),
                            mapping({**over, "share": limit}, {"where": RULE}),
                        ]
                    }
                }
            ),
        ]
    }
    return {"text": text, "rule": rule, "item": item(), "requirement": requirement()}


def item() -> Schema:
    """Return the schema of an evidence item or record field."""
    computed = mapping({"record": STRING}, {"where": RULE, "satisfies": RULE})
    return mapping(
        {"type": one_of(ValueType), "question": TEXT},
        {
            "title": TEXT,
            "evidence": TEXT,
            "unit": STRING,
            "members": named(TEXT),
            "event": YES,
            "part_of": STRING,
            "validity_days": WHOLE,
            "computed": computed,
        },
    )


def requirement() -> Schema:
    """Return the schema of a requirement."""
    return mapping(
        {
            "id": ID,
            "clause": STRING,
            "title": TEXT,
            "statement": TEXT,
            "obligation": one_of(Obligation),
            "aspect": one_of(Aspect),
            "pdca": one_of(Phase),
            "severity": one_of(Grade),
            "applies_when": RULE,
            "satisfied_when": RULE,
            "prerequisites": IDS,
            "provenance": mapping({"basis": one_of(Basis), "reason": TEXT}, {"lines": STRING}),
        },
        {
            "refines": IDS,
            "mirrors": IDS,
            "supports": IDS,
            "exclusion": mapping({"allowed_when": RULE, "reason": TEXT}),
            "verification": mapping({"examine": TEXT, "interview": TEXT, "sample": TEXT}),
            "typical_nonconformities": listed(TEXT),
        },
    )
