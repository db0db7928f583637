"""A numbered heading, exactly as printed."""

from __future__ import annotations

from dataclasses import dataclass

from socap.errors import Text


@dataclass(frozen=True, slots=True)
class Clause:
    """One heading of the table of contents, with whatever is irregular about it."""

    id: str
    title: Text
    page: int
    normative: bool
    parent: str | None
    anomalies: tuple[Text, ...] = ()
