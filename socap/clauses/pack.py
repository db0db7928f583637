"""What a pack is: its name, whom it assesses, and what it does and does not claim."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from socap.errors import Text


class Subject(StrEnum):
    """Whom a pack assesses."""

    ORGANISATION = "organisation"
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class Pack:
    """The head of a pack; `notice` is printed once in every report.

    `type_notes` says what to know about the matrix column of an outsourcing type.
    """

    id: str
    title: Text
    subject: Subject
    notice: Text
    type_notes: dict[str, Text] = field(default_factory=dict)
