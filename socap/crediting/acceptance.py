"""The stated terms on which a certificate is accepted, and the names under which it is known."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from socap.documents import read_document
from socap.errors import PackError, Problem, Text, did_you_mean
from socap.loading import Fields

if TYPE_CHECKING:
    from collections.abc import Iterable

_PAIRED = re.compile(r"\b(ISO|GB)\s*/?\s*(?:IEC|T)(?![A-Z])")
_SEPARATOR = re.compile(r"[/,;、&+()]|\bIDT\b")
_DASH = re.compile("[‐‑‒–—−]")
_EDITION = re.compile(
    r"(?:[:\s-]\s*(?P<year>(?:19|20)\d\d)|\s*V?(?P<version>\d+\.\d+)|\s*V(?P<major>\d+))\Z"
)


@dataclass(frozen=True, slots=True)
class Designation:
    """A standard's name and edition; the edition is empty where none is written."""

    name: str
    edition: str


def designations(written: str) -> tuple[Designation, ...]:
    """Return the standards that a text names, spelling variants made alike.

    >>> designations("gb/t 19001—2016 / ISO9001：2015")
    (Designation(name='GB19001', edition='2016'), Designation(name='ISO9001', edition='2015'))
    >>> designations("CMMI V2.0/V3.0")[1]
    Designation(name='CMMI', edition='3.0')
    """
    plain = _DASH.sub("-", unicodedata.normalize("NFKC", written)).upper()
    found: list[Designation] = []
    for part in _SEPARATOR.split(_PAIRED.sub(r"\1", plain)):
        text = part.strip()
        if not text:
            continue
        match = _EDITION.search(text)
        edition = ""
        if match is not None:
            year, version, major = match.group("year", "version", "major")
            edition = year or version or f"{major}.0"
            text = text[: match.start()]
        name = re.sub(r"\s+|(?<=[A-Z])-(?=\d)", "", text)
        if not name and found:
            name = found[-1].name
        found.append(Designation(name, edition))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Condition:
    """What credit rests on though a company file cannot show it; for one standard or for all."""

    standard: str
    text: Text


@dataclass(frozen=True, slots=True)
class Acceptance:
    """The terms of acceptance.yaml."""

    minimum_level: int
    level_basis: Text
    adoptions: tuple[tuple[str, str], ...]
    conditions: tuple[Condition, ...]

    def identify(self, written: str, standards: Iterable[str]) -> tuple[str | None, Text | None]:
        """Return the crosswalk standard that a certificate is of, or why none can be told.

        Another edition than the crosswalk's, or none, is not taken for it: nothing is assumed.
        """
        known = {identifier: designations(identifier) for identifier in standards}
        table = {d: identifier for identifier, forms in known.items() for d in forms}
        for name, identifier in self.adoptions:
            if identifier in known:
                table.update(dict.fromkeys(designations(name), identifier))
        shown = written.strip()[:80]
        asked = designations(written)
        told = {table[d] for d in asked if d in table}
        if asked and len(told) == 1 and all(d in table for d in asked):
            return told.pop(), None
        if len(told) > 1:
            return None, Text(
                f"“{shown}”同时写了几项标准，请分开列出",
                f"“{shown}” names several standards; list each of them by itself",
            )
        for one in asked:
            right = ", ".join(sorted({i for d, i in table.items() if d.name == one.name}))
            if one in table or not right:
                continue
            if not one.edition:
                return None, Text(
                    f"“{shown}”未写版本，不作推定；对照表的版本为 {right}",
                    f"“{shown}” names no edition and none is assumed; the crosswalk is for {right}",
                )
            return None, Text(
                f"“{shown}”的版本不是对照表的版本（{right}）",
                f"“{shown}” is of another edition than the crosswalk's ({right})",
            )
        hint = did_you_mean(written, known)
        return None, Text(
            f"对照表不认识“{shown}”" + (f"；{hint.zh}" if hint else ""),
            f"the crosswalk does not know “{shown}”" + (f"; {hint.en}" if hint else ""),
        )

    def conditions_of(self, standard: str) -> tuple[Text, ...]:
        """Return what an auditor has to confirm before relying on a certificate."""
        return tuple(c.text for c in self.conditions if c.standard in ("", standard))


@lru_cache(maxsize=1)
def acceptance() -> Acceptance:
    """Return the terms, read once. Raises PackError where the file is wrong."""
    document = read_document(Path(__file__).parent / "data" / "acceptance.yaml", PackError)
    problems: list[Problem] = []
    top = Fields(document, (), document.data, problems)
    top.only(["minimum_level", "adoptions", "conditions"])
    level = top.below("minimum_level")
    level.only(["level", "basis"])
    adoptions = []
    for entry in top.listed("adoptions"):
        entry.only(["name", "standard", "basis"])
        entry.text("basis")
        adoptions.append((entry.string("name"), entry.string("standard")))
    conditions = []
    for entry in top.listed("conditions"):
        entry.only(["text"], ["standard"])
        conditions.append(Condition(entry.string("standard"), entry.text("text")))
    made = Acceptance(
        level.integer("level") or 0, level.text("basis"), tuple(adoptions), tuple(conditions)
    )
    if problems:
        raise PackError(problems)
    return made
