"""The schemas of the files of a pack."""

from __future__ import annotations

from socap.cases import Expected
from socap.clauses.pack import Subject
from socap.crosswalk.relation import Rationale, ReferenceKind, SetRelation
from socap.findings import Outcome
from socap.identifiers import KEY, NAME, PACK, REQUIREMENT
from socap.schemas.shapes import (
    DATE,
    ID,
    IDS,
    NUMBER,
    RULE,
    STRING,
    TEXT,
    WHOLE,
    YES,
    Schema,
    item,
    listed,
    mapping,
    named,
    one_of,
    pattern,
    ref,
    requirement,
)


def pack_file() -> Schema:
    """Return the schema of a pack file."""
    return mapping(
        {
            "id": {"type": "string", "pattern": pattern(PACK)},
            "title": TEXT,
            "subject": one_of(Subject),
            "notice": TEXT,
        },
        {"type_notes": named(TEXT)},
    )


def headings_file() -> Schema:
    """Return the schema of a headings file."""
    heading = mapping(
        {
            "id": STRING,
            "title": {"anyOf": [TEXT, {"type": "null"}]},
            "page": WHOLE,
            "normative": YES,
            "parent": {"type": ["string", "null"]},
        },
        {"anomalies": listed(TEXT)},
    )
    return mapping({"headings": listed(heading)}, {"anomalies": listed(TEXT)})


def vocabulary_file() -> Schema:
    """Return the schema of a vocabulary file."""
    record = mapping({"title": TEXT, "fields": named(ref("item"), NAME)})
    return mapping({"items": named(ref("item"), KEY), "records": named(record, NAME)})


def profile_file() -> Schema:
    """Return the schema of a profile file."""
    flag = mapping({"question": TEXT, "definition": TEXT}, {"title": TEXT})
    return mapping({"types": named(TEXT), "flags": named(flag, NAME)})


def parameters_file() -> Schema:
    """Return the schema of a parameters file."""
    parameter = mapping(
        {
            "default": {"type": ["number", "null"]},
            "unit": STRING,
            "title": TEXT,
            "reason": TEXT,
        },
        {"minimum": NUMBER, "maximum": NUMBER},
    )
    return mapping({"parameters": named(parameter, NAME)})


def consistency_file() -> Schema:
    """Return the schema of a consistency file."""
    rule = mapping({"id": STRING, "flag": STRING, "contradicted_when": RULE, "message": TEXT})
    return mapping({"rules": listed(rule)})


def requirements_file() -> Schema:
    """Return the schema of a requirements file."""
    return mapping({"requirements": listed(ref("requirement"))})


def grading_file() -> Schema:
    """Return the schema of a grading file."""
    status = mapping({"is": one_of(Outcome), "when": RULE})
    advice = mapping({"id": STRING, "when": RULE, "title": TEXT, "reason": TEXT})
    return mapping({"status": listed(status), "recommendation": listed(advice)})


def scoring_file() -> Schema:
    """Return the schema of a scoring file."""
    band = mapping({"id": STRING, "title": TEXT}, {"at_least": STRING})
    return mapping(
        {
            "weights": named(STRING),
            "bands": listed(band),
            "pass_total": STRING,
            "pass_dimension": STRING,
        },
        {"points": named(STRING)},
    )


def crosswalk_file() -> Schema:
    """Return the schema of a crosswalk file."""
    relation = mapping(
        {
            "requirement": ID,
            "reference": STRING,
            "relation": one_of(SetRelation),
            "rationale": one_of(Rationale),
            "strength": {"type": "integer", "minimum": 1, "maximum": 10},
        },
        {"uncovered": {"type": "array", "items": STRING, "uniqueItems": True}},
    )
    return mapping(
        {
            "id": STRING,
            "title": TEXT,
            "kind": one_of(ReferenceKind),
            "verified": TEXT,
            "references": named(TEXT),
            "relations": listed(relation),
        },
        {"no_relationship": IDS},
    )


def _partial(made: Schema) -> Schema:
    """Return the schema of an object of which any part may be given."""
    partial: Schema = {**made, "required": []}
    text = {**mapping({"zh": STRING, "en": STRING}), "required": []}
    partial["properties"] = {k: text if v == TEXT else v for k, v in made["properties"].items()}
    return partial


def overlay_file() -> Schema:
    """Return the schema of a overlay file."""
    head = mapping(
        {"id": {"type": "string", "pattern": pattern(PACK)}, "title": TEXT, "pack": STRING}
    )
    heading = headings_file()["properties"]["headings"]["items"]
    parameter = parameters_file()["properties"]["parameters"]["additionalProperties"]
    flag = profile_file()["properties"]["flags"]["additionalProperties"]
    record = vocabulary_file()["properties"]["records"]["additionalProperties"]
    rule = consistency_file()["properties"]["rules"]["items"]
    change = {
        "headings": named(_partial(heading)),
        "requirements": named(_partial(requirement()), REQUIREMENT),
        "items": named(_partial(item())),
        "records": named({"type": "object"}),
        "types": named({**mapping({"zh": STRING, "en": STRING}), "required": []}),
        "flags": named(_partial(flag)),
        "parameters": named(_partial(parameter)),
        "consistency": named(_partial(rule)),
    }
    add = {
        "headings": listed(heading),
        "requirements": listed(ref("requirement")),
        "items": named(ref("item"), KEY),
        "records": named(record, NAME),
        "types": named(TEXT),
        "flags": named(flag, NAME),
        "parameters": named(parameter, NAME),
        "consistency": listed(rule),
    }
    retire = {"requirements": named(TEXT, REQUIREMENT), "consistency": named(TEXT)}
    return mapping(
        {"overlay": head},
        {"change": mapping({}, change), "add": mapping({}, add), "retire": mapping({}, retire)},
    )


def cases_file() -> Schema:
    """Return the schema of a cases file."""
    parts: Schema = {
        "profile": {"type": "object"},
        "evidence": {"type": "object"},
        "records": {"type": "object"},
    }
    variation = mapping(
        {"expect": one_of(Expected)},
        {
            "name": STRING,
            **parts,
            "exclusions": listed(mapping({"requirement": ID, "justification": STRING})),
            "parameters": named(NUMBER),
            "as_of": DATE,
        },
    )
    of = {"given": mapping({}, parts), "variations": listed(variation)}
    entry = {"anyOf": [mapping({"requirement": ID, **of}), mapping({"consistency": STRING, **of})]}
    return mapping({"cases": listed(entry)}, {"as_of": DATE})


def survivors_file() -> Schema:
    """Return the schema of a survivors file."""
    entry = mapping({"of": STRING, "rule": STRING, "mutant": STRING, "reason": STRING})
    return mapping({"survivors": listed(entry)})
