"""The schema of a mapping file."""

from __future__ import annotations

from socap.clauses.pack import Subject
from socap.identifiers import KEY, NAME
from socap.mapping.mapping_file import OPTIONS, Encoding, Kind, OnReject
from socap.schemas.shapes import DATE, STRING, YES, Schema, mapping, named, one_of

_OPTIONS: Schema = {
    "encoding": one_of(Encoding),
    "delimiter": {"type": "string", "minLength": 1, "maxLength": 1},
    "at": STRING,
    "query": STRING,
    "table": STRING,
}


def mapping_file() -> Schema:
    """Return the schema of a mapping file.

    Which conversions an item or a field takes depends on its type: the loader checks that.
    """
    backing = mapping({}, {"source": STRING, "collected_on": _day(), "valid_until": _day()})
    conversions: Schema = {
        "values": named({"type": ["boolean", "number", "string", "null", "object"]}),
        "format": STRING,
        "unit": STRING,
        "thousands": YES,
        "separator": STRING,
    }
    column = {"anyOf": [STRING, mapping({"column": STRING}, conversions)]}
    record = mapping(
        {"source": STRING, "id": STRING, "fields": named(column, NAME)},
        {"where": column, "backing": backing, "may_be_empty": YES},
    )
    item = mapping(
        {"source": STRING, "column": STRING},
        {**conversions, "row": named(STRING), "backing": backing},
    )
    return mapping(
        {"sources": named({"anyOf": [_source(kind) for kind in Kind]})},
        {
            "records": named(record, NAME),
            "evidence": named(item, KEY),
            "reject": one_of(OnReject),
            **{subject.value: {"type": "object"} for subject in Subject},
            "profile": {"type": "object"},
        },
    )


def _source(kind: Kind) -> Schema:
    return mapping({kind.value: STRING}, {name: _OPTIONS[name] for name in OPTIONS[kind]})


def _day() -> Schema:
    return {
        "anyOf": [
            DATE,
            mapping({"column": STRING}, {"format": STRING, "values": {"type": "object"}}),
        ]
    }
