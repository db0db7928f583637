"""One atomic, auditable sentence under a clause."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from socap.errors import Text
from socap.rules.expressions import Expression, keys_read, parameters_read


class Obligation(StrEnum):
    """Shall (应) or should (宜)."""

    SHALL = "shall"
    SHOULD = "should"


class Aspect(StrEnum):
    """The three things the standard's scope names."""

    QUALITY = "quality"
    SECURITY = "security"
    CAPABILITY = "capability"


class Phase(StrEnum):
    """The PDCA phase of clause 4.3."""

    PLAN = "plan"
    DO = "do"
    CHECK = "check"
    ACT = "act"


class Grade(StrEnum):
    """How an unmet requirement is graded. Source: ISO/IEC 17021-1, 3.12 and 3.13."""

    MAJOR = "major"
    MINOR = "minor"
    OPPORTUNITY = "opportunity"


class Basis(StrEnum):
    """What a requirement rests on."""

    TOC_TITLE = "toc-title"
    SCOPE = "scope"
    DRAFTING_NOTE = "drafting-note"
    DOMAIN_PRACTICE = "domain-practice"
    COMPANION_TEXT = "companion-text"


BASIS_TITLES = {
    Basis.TOC_TITLE: Text("目录标题", "title in the table of contents"),
    Basis.SCOPE: Text("适用范围", "scope"),
    Basis.DRAFTING_NOTE: Text("编制说明", "drafting note"),
    Basis.DOMAIN_PRACTICE: Text("行业通行做法", "practice of the field"),
    Basis.COMPANION_TEXT: Text("配套文件公开文本", "public text of the companion document"),
}


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a requirement comes from, and why it is there; `lines` of the public source text."""

    basis: Basis
    reason: Text
    lines: str = ""


@dataclass(frozen=True, slots=True)
class Verification:
    """How an auditor verifies a requirement. Source: ISO 19011, 6.4.7 and annex A."""

    examine: Text
    interview: Text
    sample: Text


@dataclass(frozen=True, slots=True)
class ExclusionRule:
    """When an organisation may leave a requirement out."""

    allowed_when: Expression
    reason: Text


@dataclass(frozen=True, slots=True)
class Requirement:
    """One requirement with its rules; `supports` names requirements of the main standard."""

    id: str
    clause: str
    title: Text
    statement: Text
    obligation: Obligation
    aspect: Aspect
    pdca: Phase
    severity: Grade
    applies_when: Expression
    satisfied_when: Expression
    prerequisites: tuple[str, ...]
    refines: tuple[str, ...]
    mirrors: tuple[str, ...]
    exclusion: ExclusionRule | None
    provenance: Provenance
    supports: tuple[str, ...] = ()
    verification: Verification | None = None
    typical_nonconformities: tuple[Text, ...] = ()

    @property
    def evidence_keys(self) -> tuple[str, ...]:
        """Items, record fields and `records.<type>` the satisfaction rule reads."""
        return keys_read(self.satisfied_when)

    @property
    def parameter_names(self) -> tuple[str, ...]:
        """Parameters either rule reads."""
        names = (*parameters_read(self.applies_when), *parameters_read(self.satisfied_when))
        return tuple(dict.fromkeys(names))
