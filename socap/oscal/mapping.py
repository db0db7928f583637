"""The crosswalk as an OSCAL mapping collection: one mapping for each other standard.

Sources: NIST OSCAL 1.2.1, control mapping model; NIST IR 8477, section 4.3. The relation is read
from the requirement to the reference. Requirements and references without any relation are the
gaps of each mapping. Strength and uncovered evidence are properties: OSCAL's `coverage` and
`confidence-score` mean something else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from socap.crosswalk.relation import Rationale, SetRelation
from socap.errors import Problem, Text, UsageError
from socap.oscal import identifiers as ids
from socap.oscal.document import (
    UNDATED,
    Json,
    line,
    metadata,
    named,
    prop,
    prose,
    translated,
    version,
)
from socap.oscal.profile import catalog_resource

if TYPE_CHECKING:
    from collections.abc import Iterable

    from socap.crosswalk.relation import ReferenceStandard, Relation
    from socap.errors import Lang
    from socap.standard import Standard

RELATIONSHIPS = {
    SetRelation.EQUAL: "equal-to",
    SetRelation.SUBSET_OF: "subset-of",
    SetRelation.SUPERSET_OF: "superset-of",
    SetRelation.INTERSECTS_WITH: "intersects-with",
    SetRelation.NO_RELATIONSHIP: "no-relationship",
}
_CLAIM = Text(
    "关系自要求指向对照条款；每个对照标准的编号如何核对、关系如何判断，见各映射自己的说明。",
    "Each relation is read from the requirement to the reference; how the references of a standard were checked and the "
    "relations judged stands in the description of its mapping.",
)


def mapping_collection(standard: Standard, lang: Lang = "zh") -> Json:
    """Return the crosswalk of a standard. Raises UsageError for a standard that has none."""
    walk = standard.crosswalk
    if not walk.relations:
        message = Text(
            f"{standard.title.zh}没有与其他标准的对照",
            f"{standard.title.en} has no relations to other standards",
        )
        raise UsageError([Problem(message)])
    title = Text(
        f"{named(standard).zh}：与其他标准的对照",
        f"{named(standard).en}: relations to other standards",
    )
    by_standard = [(other, _relations(standard, other)) for other in walk.standards.values()]
    related = [(other, found) for other, found in by_standard if found]
    return {
        "mapping-collection": {
            "uuid": ids.identify("mapping", *ids.edition(standard), lang),
            "metadata": metadata(
                standard, title, lang, modified=UNDATED, version=version(standard)
            ),
            "provenance": {
                "method": "human",
                "matching-rationale": Rationale.FUNCTIONAL.value,
                "status": "draft",
                "mapping-description": prose(_CLAIM.in_language(lang)),
                "props": translated("mapping-description", _CLAIM, lang),
            },
            "mappings": [_mapping(standard, other, found, lang) for other, found in related],
            "back-matter": {
                "resources": [
                    catalog_resource(standard, lang),
                    *(_resource(other, lang) for other, _ in related),
                ]
            },
        }
    }


def _relations(standard: Standard, other: ReferenceStandard) -> list[Relation]:
    return [r for r in standard.crosswalk.relations if r.standard == other.id]


def _mapping(
    standard: Standard, other: ReferenceStandard, found: list[Relation], lang: Lang
) -> Json:
    names = ("mapping", *ids.edition(standard), lang, other.id)
    made: Json = {
        "uuid": ids.identify(*names),
        "source-resource": {
            "type": "catalog",
            "href": f"#{ids.identify('catalog file', *ids.edition(standard))}",
        },
        "target-resource": {"type": "catalog", "href": f"#{ids.identify('reference', other.id)}"},
        "maps": [_map(names, relation, other, lang) for relation in found],
        "mapping-description": prose(other.verified.in_language(lang)),
        "props": [
            prop("reference-standard", other.id),
            prop("kind", other.kind.value),
            *translated("mapping-description", other.verified, lang),
        ],
    }
    sources = {r.requirement for r in found}
    targets = {r.reference for r in found}
    left = [ids.control(name) for name in standard.requirements if name not in sources]
    open_references = [name for name in other.references if name not in targets]
    made |= _gap("source-gap-summary", names, left)
    return made | _gap("target-gap-summary", names, [ids.reference(n) for n in open_references])


def _gap(side: str, names: tuple[str, ...], left: Iterable[str]) -> Json:
    found = list(left)
    if not found:
        return {}
    gap = {"uuid": ids.identify(*names, side), "unmapped-controls": [{"with-ids": found}]}
    return {side: gap}


def _map(names: tuple[str, ...], relation: Relation, other: ReferenceStandard, lang: Lang) -> Json:
    label = other.references[relation.reference]
    target: Json = {
        "type": "control",
        "id-ref": ids.reference(relation.reference),
        "props": [
            prop("reference", relation.reference),
            *translated("remarks", label, lang),
        ],
        "remarks": prose(label.in_language(lang)),
    }
    return {
        "uuid": ids.identify(*names, relation.requirement, relation.reference),
        "matching-rationale": relation.rationale.value,
        "relationship": RELATIONSHIPS[relation.relation],
        "sources": [{"type": "control", "id-ref": ids.control(relation.requirement)}],
        "targets": [target],
        "props": [
            prop("strength", str(relation.strength)),
            *(prop("uncovered", key) for key in relation.uncovered),
        ],
    }


def _resource(other: ReferenceStandard, lang: Lang) -> Json:
    told = f"{other.id} {other.title.in_language(lang)}"
    return {
        "uuid": ids.identify("reference", other.id),
        "title": line(told),
        "props": [prop("reference-standard", other.id), *translated("title", other.title, lang)],
        "citation": {"text": line(told)},
    }
