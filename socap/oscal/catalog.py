"""A standard as an OSCAL catalog: clauses are groups, requirements controls, limits parameters.

Source: NIST OSCAL 1.2.1, catalog model. What it holds of a requirement is in `reading.Control`.
A group of OSCAL has either groups or controls: where a clause has both, its own requirements stand
in a group of class `own` below it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from socap.errors import Text
from socap.oscal import identifiers as ids
from socap.oscal.document import (
    UNDATED,
    Json,
    line,
    metadata,
    named,
    own_part,
    part,
    prop,
    prose,
    translated,
    version,
)
from socap.rules.prose import describe

if TYPE_CHECKING:
    from socap.clauses.clause import Clause
    from socap.clauses.requirement import Requirement
    from socap.errors import Lang
    from socap.rules.vocabulary import Parameter
    from socap.standard import Standard

_RMF = "http://csrc.nist.gov/ns/rmf"


def catalog(standard: Standard, lang: Lang = "zh") -> Json:
    """Return a standard as an OSCAL catalog; `version` is its hash, for packs bear no date."""
    head = metadata(standard, named(standard), lang, modified=UNDATED, version=version(standard))
    made: Json = {"uuid": ids.catalog_uuid(standard, lang), "metadata": head}
    params = [_parameter(p, lang) for p in standard.vocabulary.parameters.values()]
    if params:
        made["params"] = params
    return {"catalog": made | _below(standard, None, lang)}


def _below(standard: Standard, parent: str | None, lang: Lang) -> Json:
    groups = [_group(standard, c, lang) for c in standard.headings.values() if c.parent == parent]
    return {"groups": groups} if groups else {}


def _group(standard: Standard, clause: Clause, lang: Lang) -> Json:
    made: Json = {
        "id": ids.group(clause.id),
        "class": "clause",
        "title": _title(clause, lang),
        "props": [
            {"name": "label", "value": clause.id},
            prop("page", str(clause.page)),
            prop("normative", "true" if clause.normative else "false"),
            *([] if clause.title else [prop("untitled", "true")]),
            *translated("title", clause.title, lang),
        ],
    }
    if clause.anomalies:
        made["parts"] = [own_part("anomaly", text, lang) for text in clause.anomalies]
    below = _below(standard, clause.id, lang)
    controls = [
        _control(r, standard, lang) for r in standard.requirements.values() if r.clause == clause.id
    ]
    if controls and below:
        own = {"id": f"{ids.group(clause.id)}_own", "class": "own", "title": made["title"]}
        below["groups"].insert(0, own | {"controls": controls})
    elif controls:
        made["controls"] = controls
    return made | below


def _title(clause: Clause, lang: Lang) -> str:
    return line(clause.title.in_language(lang) or clause.id)


def _control(r: Requirement, standard: Standard, lang: Lang) -> Json:
    words = standard.vocabulary
    defaults = standard.parameters()
    parts = [
        part("statement", r.statement, lang, id=ids.statement(r.id)),
        own_part("applies-when", describe(r.applies_when, words, defaults), lang),
        part(
            "assessment-objective",
            describe(r.satisfied_when, words, defaults),
            lang,
            id=f"{ids.control(r.id)}_obj",
        ),
    ]
    if r.exclusion is not None:
        allowed = describe(r.exclusion.allowed_when, words, defaults)
        parts.append(own_part("excluded-when", allowed, lang))
    if r.verification is not None:
        parts += [
            _method("EXAMINE", r.verification.examine, lang),
            _method("INTERVIEW", r.verification.interview, lang),
            own_part("sample", r.verification.sample, lang),
        ]
    parts += [own_part("typical-nonconformity", text, lang) for text in r.typical_nonconformities]
    basis = [prop("basis", r.provenance.basis.value)]
    if r.provenance.lines:
        basis.append(prop("lines", r.provenance.lines))
    parts.append(own_part("provenance", r.provenance.reason, lang, props=basis))
    made: Json = {
        "id": ids.control(r.id),
        "class": "requirement",
        "title": line(r.title.in_language(lang)),
        "props": [
            {"name": "label", "value": r.id},
            *translated("title", r.title, lang),
            prop("obligation", r.obligation.value),
            prop("aspect", r.aspect.value),
            prop("pdca", r.pdca.value),
            prop("severity", r.severity.value),
            *(prop("parameter", name) for name in r.parameter_names),
            *(prop("supports", name) for name in r.supports),
        ],
    }
    links = [
        {"href": f"#{ids.control(name)}", "rel": rel}
        for rel, names in (
            ("required", r.prerequisites),
            ("refines", r.refines),
            ("mirrors", r.mirrors),
        )
        for name in names
    ]
    if links:
        made["links"] = links
    return made | {"parts": parts}


def _method(name: str, text: Text, lang: Lang) -> Json:
    return {
        "name": "assessment-method",
        "props": [{"name": "method", "ns": _RMF, "value": name}],
        "parts": [part("assessment-objects", text, lang)],
    }


def _parameter(p: Parameter, lang: Lang) -> Json:
    bounds = (("default", p.default), ("minimum", p.minimum), ("maximum", p.maximum))
    made: Json = {
        "id": p.name,
        "props": [
            *([prop("unit", p.unit)] if p.unit else []),
            *(prop(name, str(value)) for name, value in bounds if value is not None),
            *translated("title", p.title, lang),
            *translated("reason", p.reason, lang),
        ],
        "label": line(p.title.in_language(lang)),
    }
    if p.reason:
        made["guidelines"] = [{"prose": prose(p.reason.in_language(lang))}]
    if p.default is not None:
        made["values"] = [str(p.default)]
    return made
