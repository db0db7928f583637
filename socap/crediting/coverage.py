"""What relations leave to be shown of a requirement, combined as sets of evidence items."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from socap.crosswalk.relation import Coverage, ReferenceKind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from socap.clauses.requirement import Requirement
    from socap.crosswalk.relation import Relation
    from socap.rules.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True)
class Covered:
    """How far a requirement is covered, and the items its rule reads that are still to be shown."""

    coverage: Coverage
    residual: frozenset[str]


def combine(
    relations: Iterable[tuple[Relation, ReferenceKind]],
    requirement: Requirement,
    words: Vocabulary,
) -> Covered:
    """Return what several references together leave to be shown.

    An item is left when every crediting reference leaves it: the residual is the intersection of
    their uncovered sets, and the requirement is covered when it is empty. NIST IR 8477, section
    4.3, gives the relations their meaning as sets: a reference that contains the requirement
    (equal, subset_of) leaves nothing, one that is contained in it (superset_of) leaves what lies
    outside. Of intersects_with it says only that the two overlap, not which part is shared, so
    such a relation gives nothing, alone or in combination.

    An appraisal rates chosen projects and is not a certificate: it never gives full credit, and
    takes no item away. What it partly covers is still to be shown in full, on a smaller sample.
    """
    left = frozenset(requirement.evidence_keys)
    coverage = Coverage.NONE
    certified = False
    for relation, kind in relations:
        if relation.coverage is Coverage.NONE:
            continue
        coverage = Coverage.PARTIAL
        if kind is ReferenceKind.CERTIFICATE:
            certified = True
            left &= closed(relation.uncovered, requirement, words)
    if certified and not left:
        coverage = Coverage.FULL
    return Covered(coverage, left)


def closed(uncovered: Iterable[str], requirement: Requirement, words: Vocabulary) -> frozenset[str]:
    """Return the items a rule reads that cannot be shown without the uncovered ones.

    An item computed from records and the fields it is computed from stand for one another, and
    nothing can be shown of the fields of records that are not listed. So two relations that name
    the same gap in different words never cancel out.
    """
    found = set()
    for gap in uncovered:
        behind = set(words.expanded((gap,)))
        for key in requirement.evidence_keys:
            within = gap.startswith("records.") and key.startswith(
                gap.removeprefix("records.") + "."
            )
            if key in behind or gap in words.expanded((key,)) or within:
                found.add(key)
    return frozenset(found)
