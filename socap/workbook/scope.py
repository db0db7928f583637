"""What a workbook asks: the questions that can matter, and every one that is answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from socap.questionnaire import relevant_keys
from socap.rules.expressions import keys_read

if TYPE_CHECKING:
    from collections.abc import Iterable

    from socap.clauses.requirement import Requirement
    from socap.errors import Lang
    from socap.organisation import Organisation
    from socap.rules.vocabulary import EvidenceItem, RecordType
    from socap.standard import Standard


@dataclass(frozen=True, eq=False)
class Scope:
    """A standard, the types chosen, the answers given (none for an empty questionnaire)."""

    standard: Standard
    lang: Lang
    types: frozenset[str]
    organisation: Organisation | None
    keys: frozenset[str]
    readers: dict[str, tuple[Requirement, ...]]

    def serving(self, key: str) -> tuple[Requirement, ...]:
        """Return the requirements that read a key, in order."""
        return self.readers.get(key, ())

    def groups(self) -> dict[str, list[EvidenceItem]]:
        """Return the questions by top-level clause; under "" those that no requirement reads."""
        words, clauses = self.standard.vocabulary, self.standard.headings
        found: dict[str, list[EvidenceItem]] = {}
        for key in dict.fromkeys((*self.readers, *words.items)):
            if key not in words.items or key not in self.keys:
                continue
            serving = self.serving(key)
            top = serving[0].clause if serving else ""
            while top in clauses and clauses[top].parent is not None:
                top = clauses[top].parent or ""
            found.setdefault(top, []).append(words.items[key])
        order = [*clauses, ""]
        return {
            top: found[top]
            for top in sorted(found, key=lambda t: order.index(t) if t in order else len(order))
        }

    def record_types(self) -> list[RecordType]:
        """Return the record types to ask for."""
        return [
            kind
            for name, kind in self.standard.vocabulary.records.items()
            if f"records.{name}" in self.keys
        ]

    def fields(self, kind: RecordType) -> list[EvidenceItem]:
        """Return the fields to ask for."""
        return [item for key, item in kind.fields.items() if key in self.keys]


def scope(
    standard: Standard, types: Iterable[str], lang: Lang, organisation: Organisation | None = None
) -> Scope:
    """Return what to ask, given the types, and the answers of an organisation."""
    chosen = frozenset(types)
    keys = set(relevant_keys(standard, chosen))
    if organisation is not None:
        keys |= set(organisation.evidence)
        keys |= {f"profile.{name}" for name in organisation.profile.flags}
        for name, records in organisation.records.items():
            keys |= {f"records.{name}"}
            keys |= {key for record in records for key in record.answers}
    readers: dict[str, dict[str, Requirement]] = {}
    for requirement in standard.requirements.values():
        rules = (requirement.applies_when, requirement.satisfied_when)
        read = dict.fromkeys(key for rule in rules for key in keys_read(rule))
        for key in standard.vocabulary.expanded(read):
            readers.setdefault(key, {})[requirement.id] = requirement
    return Scope(
        standard,
        lang,
        chosen,
        organisation,
        frozenset(keys),
        {key: tuple(found.values()) for key, found in readers.items()},
    )
