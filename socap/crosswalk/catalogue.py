"""Reading relations from the files of a crosswalk, and what is inconsistent in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from socap.crosswalk.relation import (
    Crosswalk,
    Rationale,
    ReferenceKind,
    ReferenceStandard,
    Relation,
    SetRelation,
)
from socap.errors import Text, did_you_mean
from socap.loading import Fields

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from socap.clauses.requirement import Requirement
    from socap.documents import Document
    from socap.errors import Problem
    from socap.rules.vocabulary import Vocabulary

STRENGTHS = range(1, 11)
_CONTAINED = (SetRelation.EQUAL, SetRelation.SUBSET_OF)


def crosswalk(
    documents: Iterable[Document],
    asked: Mapping[str, Requirement],
    retired: Iterable[str],
    words: Vocabulary,
    problems: list[Problem],
) -> Crosswalk:
    """Return the crosswalk of these files; relations of retired requirements are left out."""
    standards: dict[str, ReferenceStandard] = {}
    relations: list[Relation] = []
    gone = frozenset(retired)
    for document in documents:
        top = Fields(document, (), document.data, problems)
        top.only(
            ["id", "title", "kind", "verified", "references", "relations"], ["no_relationship"]
        )
        other = _standard(top)
        standards[other.id] = other
        found = [
            relation
            for entry in top.listed("relations")
            if entry.raw.get("requirement") not in gone
            for relation in _relation(entry, other, asked, words)
        ]
        relations += found
        _complete(top, found, asked, gone)
    return Crosswalk(standards, tuple(relations))


def _standard(top: Fields) -> ReferenceStandard:
    references = top.below("references")
    labels = {name: references.text(name) for name in references.raw}
    return ReferenceStandard(
        top.string("id"),
        top.text("title"),
        top.choice("kind", ReferenceKind),
        top.text("verified"),
        labels,
    )


def _relation(
    entry: Fields, other: ReferenceStandard, asked: Mapping[str, Requirement], words: Vocabulary
) -> Iterable[Relation]:
    entry.only(["requirement", "reference", "relation", "rationale", "strength"], ["uncovered"])
    name, reference = entry.string("requirement"), entry.string("reference")
    kind, uncovered = entry.choice("relation", SetRelation), entry.strings("uncovered")
    if reference not in other.references:
        message = Text(
            f"{other.id} 的编号清单中没有 {reference}", f"{other.id} has no reference {reference}"
        )
        entry.fault(message, "reference", hint=did_you_mean(reference, other.references))
    strength = entry.integer("strength") or 0
    if strength not in STRENGTHS:
        entry.fault(Text("strength 应为 1 到 10", "strength goes from 1 to 10"), "strength")
    if kind is SetRelation.NO_RELATIONSHIP:
        message = Text(
            "没有关系的要求写入 no_relationship", "list the requirement in no_relationship"
        )
        entry.fault(message, "relation")
    elif (kind in _CONTAINED) == bool(uncovered):
        message = Text(
            "equal 与 subset_of 不留未覆盖项，其余关系须列出未覆盖的证据项",
            "equal and subset_of leave nothing uncovered; any other relation lists what is left",
        )
        entry.fault(message, "uncovered")
    if name not in asked:
        message = Text(f"没有要求 {name[:80]}", f"there is no requirement {name[:80]}")
        entry.fault(message, "requirement", hint=did_you_mean(name, asked))
        return
    read = words.expanded(asked[name].evidence_keys)
    for index, key in enumerate(uncovered):
        if key not in read:
            message = Text(f"{name} 的判定不读取 {key}", f"the rule of {name} does not read {key}")
            entry.fault(message, "uncovered", index, hint=did_you_mean(key, read))
    rationale = entry.choice("rationale", Rationale)
    yield Relation(name, other.id, reference, kind, rationale, strength, uncovered)


def _complete(
    top: Fields, found: list[Relation], asked: Mapping[str, Requirement], gone: frozenset[str]
) -> None:
    unrelated = set(top.strings("no_relationship")) - gone
    related = {relation.requirement for relation in found}
    for name in sorted(unrelated - set(asked)):
        message = Text(f"没有要求 {name}", f"there is no requirement {name}")
        top.fault(message, "no_relationship", hint=did_you_mean(name, asked))
    for name in sorted(unrelated & related):
        message = Text(
            f"{name} 既列出关系又列为无关系", f"{name} has relations and is listed without"
        )
        top.fault(message, "no_relationship")
    equal: dict[str, str] = {}
    pairs: set[tuple[str, str]] = set()
    for index, relation in enumerate(found):
        pair = (relation.requirement, relation.reference)
        if pair in pairs:
            message = Text(f"{' / '.join(pair)} 重复", f"{' / '.join(pair)} appears twice")
            top.fault(message, "relations", index)
        pairs.add(pair)
        if relation.relation is SetRelation.EQUAL:
            other = equal.setdefault(relation.reference, relation.requirement)
            if other != relation.requirement:
                message = Text(
                    f"{other} 与 {relation.requirement} 不能都与 {relation.reference} 等同",
                    f"{other} and {relation.requirement} cannot both equal {relation.reference}",
                )
                top.fault(message, "relations", index)
    for relation in found:
        whole = equal.get(relation.reference)
        if whole not in (None, relation.requirement) and relation.relation in _CONTAINED:
            inside = asked[relation.requirement]
            if whole not in (*inside.refines, *inside.mirrors):
                message = Text(
                    f"{relation.requirement} 含于 {relation.reference}，而后者等同于 {whole}："
                    f"{relation.requirement} 须细化 {whole}",
                    f"{relation.requirement} lies inside {relation.reference}, which equals {whole}: "
                    f"then it has to refine {whole}",
                )
                top.fault(message, "relations")


def unmapped(made: Crosswalk, document: Document, asked: Iterable[str]) -> Iterable[str]:
    """Return the requirements on which a file of the crosswalk says nothing."""
    told = {r.requirement for r in made.relations if r.standard == document.data["id"]}
    told |= set(document.data.get("no_relationship", []))
    return (name for name in asked if name not in told)
