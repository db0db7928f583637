"""The relation of a requirement to a clause, control or practice area of another standard."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from socap.errors import Text, unknown_name

if TYPE_CHECKING:
    from collections.abc import Iterator


class SetRelation(StrEnum):
    """How a requirement, as a set, relates to a reference. Source: NIST IR 8477, section 4.3."""

    EQUAL = "equal"
    SUBSET_OF = "subset_of"
    SUPERSET_OF = "superset_of"
    INTERSECTS_WITH = "intersects_with"
    NO_RELATIONSHIP = "no_relationship"

    @property
    def inverse(self) -> SetRelation:
        """The same relation, read from the reference to the requirement.

        >>> SetRelation.SUBSET_OF.inverse.value
        'superset_of'
        """
        return _INVERSES.get(self, self)


_INVERSES = {
    SetRelation.SUBSET_OF: SetRelation.SUPERSET_OF,
    SetRelation.SUPERSET_OF: SetRelation.SUBSET_OF,
}


class Rationale(StrEnum):
    """Why the relation holds. Source: NIST IR 8477, section 4.3."""

    FUNCTIONAL = "functional"
    SEMANTIC = "semantic"
    SYNTACTIC = "syntactic"


class ReferenceKind(StrEnum):
    """What shows conformity to the other standard; an appraisal is not a certificate."""

    CERTIFICATE = "certificate"
    APPRAISAL = "appraisal"


class Coverage(StrEnum):
    """What evidence for a reference shows of a requirement."""

    FULL = "full"
    PARTIAL = "partial"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Relation:
    """One requirement against one reference, with the evidence items left to be shown."""

    requirement: str
    standard: str
    reference: str
    relation: SetRelation
    rationale: Rationale
    strength: int
    uncovered: tuple[str, ...]

    @property
    def coverage(self) -> Coverage:
        """Full where the reference contains the requirement; an intersection alone gives nothing."""
        if self.relation in (SetRelation.EQUAL, SetRelation.SUBSET_OF):
            return Coverage.FULL
        return Coverage.PARTIAL if self.relation is SetRelation.SUPERSET_OF else Coverage.NONE


@dataclass(frozen=True, slots=True)
class ReferenceStandard:
    """Another standard: its numbered references under our own labels, and what checked them."""

    id: str
    title: Text
    kind: ReferenceKind
    verified: Text
    references: dict[str, Text]


@dataclass(frozen=True, eq=False)
class Crosswalk:
    """All relations of a pack."""

    standards: dict[str, ReferenceStandard]
    relations: tuple[Relation, ...]

    def standard(self, identifier: str) -> ReferenceStandard:
        """Return a reference standard. Raises UsageError, with the closest id, for another."""
        if identifier not in self.standards:
            kind = Text("对照标准", "reference standard")
            raise unknown_name(kind, identifier, self.standards)
        return self.standards[identifier]

    def of(self, requirement: str, standard: str | None = None) -> tuple[Relation, ...]:
        """Return the relations of a requirement, to one standard or to all."""
        return tuple(
            r
            for r in self.relations
            if r.requirement == requirement and standard in (None, r.standard)
        )

    def to(self, standard: str, reference: str) -> Iterator[tuple[str, SetRelation]]:
        """Yield the requirements related to a reference, with the relation read from there."""
        for r in self.relations:
            if (r.standard, r.reference) == (standard, reference):
                yield r.requirement, r.relation.inverse
