"""The schemas of what socap writes as JSON: the result of an assessment, and a matrix.

They say what shape a file has; that its content follows from the answers is for `socap verify`.
"""

from __future__ import annotations

from socap.applicability_matrix import Applicability
from socap.clauses.requirement import Aspect, Grade, Phase
from socap.evidence import Assurance
from socap.findings import Outcome, ReasonKind, RollUp
from socap.identifiers import KEY, NAME, PACK
from socap.results import SCHEMA_VERSION
from socap.schemas.company_file import BACKING
from socap.schemas.shapes import (
    DATE,
    ID,
    NUMBER,
    STRING,
    TEXT,
    WHOLE,
    YES,
    Schema,
    listed,
    mapping,
    named,
    one_of,
    pattern,
    ref,
)

_VERSION: Schema = {"const": SCHEMA_VERSION}
_HASH: Schema = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
_PACK: Schema = {"type": "string", "pattern": pattern(PACK)}
_COUNT: Schema = {"type": "integer", "minimum": 0}
_POINTS: Schema = {"type": "number", "minimum": 0, "maximum": 100}
_STRINGS = listed(STRING)


def result_file() -> Schema:
    """Return the schema of a result, as `socap assess --format json` writes it."""
    head: Schema = {"id": STRING, "name": TEXT, "employees": _or_null(_COUNT), "types": _STRINGS}
    title = {"id": STRING, "title": TEXT}
    made = mapping(
        {
            "schema_version": _VERSION,
            "standard": mapping({"id": _PACK, "hash": _HASH, "title": TEXT}),
            "overlays": listed(mapping({"id": _PACK, "title": TEXT, "hash": _HASH})),
            "as_of": DATE,
            "assurance": one_of(Assurance),
            "use_credit": YES,
            "organisation": mapping(head),
            "given": _given(),
            "notice": TEXT,
            "parameters": named(NUMBER, NAME),
            "status": one_of(Outcome),
            "recommendation": mapping({**title, "reason": TEXT}),
            "score": _or_null(_score()),
            "disputed": listed(mapping({"id": STRING, "flag": STRING, "message": TEXT})),
            "summary": ref("counts"),
            "by_clause": named(ref("counts")),
            "by_aspect": mapping({aspect.value: ref("counts") for aspect in Aspect}),
            "by_pdca": mapping({phase.value: ref("counts") for phase in Phase}),
            "findings": listed(_finding()),
            "seal": _HASH,
        }
    )
    counts = mapping({n: one_of(Outcome) if n == "status" else _COUNT for n in RollUp.__slots__})
    return {**made, "$defs": {"counts": counts, "answer": _answer()}}


def matrix_result() -> Schema:
    """Return the schema of a matrix, as `socap matrix --format json` writes it."""
    decision = one_of(Applicability)
    cell = mapping({"decision": decision, "condition": _or_null(TEXT), "why": TEXT})
    cell |= _just_where("decision", Applicability.APPLIES_IF.value, "condition", TEXT)
    row = mapping({"requirement": ID, "cells": listed(cell)})
    return mapping(
        {
            "schema_version": _VERSION,
            "standard": mapping({"id": _PACK, "hash": _HASH}),
            "columns": listed(_STRINGS),
            "notes": listed(TEXT),
            "rows": listed(row),
        }
    )


def _or_null(made: Schema) -> Schema:
    return {"anyOf": [made, {"type": "null"}]}


def _just_where(key: str, value: str, then: str, made: Schema) -> Schema:
    """Return the condition that `then` is something just where `key` has this value."""
    return {
        "if": {"properties": {key: {"const": value}}},
        "then": {"properties": {then: made}},
        "else": {"properties": {then: {"type": "null"}}},
    }


def _finding() -> Schema:
    reason = mapping(
        {"kind": one_of(ReasonKind), "evidence": _STRINGS, "records": _STRINGS, "text": TEXT}
    )
    made = mapping(
        {
            "requirement": ID,
            "outcome": one_of(Outcome),
            "grade": _or_null(one_of(Grade)),
            "proof": listed(mapping({"key": STRING, "record": STRING})),
            "reasons": listed(reason),
        }
    )
    return made | _just_where("outcome", Outcome.NONCONFORMING.value, "grade", one_of(Grade))


def _score() -> Schema:
    criterion = mapping({"requirement": ID, "low": _POINTS, "high": _POINTS})
    dimension = mapping(
        {
            "clause": STRING,
            "weight": NUMBER,
            "low": _POINTS,
            "high": _POINTS,
            "criteria": listed(criterion),
        }
    )
    return mapping(
        {
            "low": _POINTS,
            "high": _POINTS,
            "band": _or_null(mapping({"id": STRING, "title": TEXT})),
            "passed": {"type": ["boolean", "null"]},
            "reason": TEXT,
            "dimensions": listed(dimension),
        }
    )


def _given() -> Schema:
    """Return the schema of what was given, each answer in full form."""
    record = mapping({"id": STRING}, BACKING) | {"additionalProperties": ref("answer")}
    certificate = mapping(
        {"standard": STRING, "accredited": YES, "sites": _STRINGS, "services": _STRINGS},
        {"valid_until": DATE, "level": WHOLE},
    )
    return mapping(
        {
            "organisation": mapping({"id": STRING, "name": TEXT}, {"employees": _COUNT}),
            "profile": mapping({"types": _STRINGS}) | {"additionalProperties": YES},
            "evidence": named(listed(ref("answer")), KEY),
            "records": named(listed(record), NAME),
            "certificates": listed(certificate),
            "exclusions": listed(mapping({"requirement": ID, "justification": STRING})),
        }
    )


def _answer() -> Schema:
    """Return the schema of one answer; an item may be listed without one."""
    plain: Schema = {"type": ["boolean", "number", "string"]}
    value = {"anyOf": [plain, {"type": "array", "items": STRING, "uniqueItems": True}]}
    made = mapping({}, {"value": value, "no_case": STRING, **BACKING})
    return made | {"not": {"required": ["value", "no_case"]}}
