"""A filled-in workbook read back: what a company file would hold, and the cell of each value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from socap.clauses.pack import Subject
from socap.documents import Document
from socap.errors import EvidenceError, Problem, Text
from socap.organisation import from_document
from socap.workbook import values
from socap.workbook.layout import ABOUT, CERTIFICATES, COVER, DETAILS, EXCLUSIONS, ITEMS, RECORDS
from socap.workbook.marks import marked
from socap.workbook.opening import sheets
from socap.workbook.record_rows import RecordRows
from socap.workbook.taking import Taker, answer_to, names, whole
from socap.workbook.values import Misread

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from socap.rules.vocabulary import EvidenceItem
    from socap.standard import Standard
    from socap.workbook.marks import Marked, Place, Row
    from socap.workbook.opening import Cell
    from socap.workbook.taking import At, Mapping, Plain


def read(path: Path, standard: Standard) -> Document:
    """Return the content of a workbook as a company file holds it, with the cell of each value.

    Raises EvidenceError with every problem, those of `organisation.from_document` included, each
    with sheet and cell.
    """
    reader = _Reader(str(path), standard)
    document = reader.read(marked(sheets(path), standard, reader.problems, str(path)))
    if reader.problems:
        raise EvidenceError([*reader.problems, *_further(document, standard, reader.problems)])
    return document


def _further(document: Document, standard: Standard, known: list[Problem]) -> list[Problem]:
    """Return what is wrong besides; a cell that is refused already is not named again."""
    if not any(key in document.data for key in ("organisation", "person")):
        return []
    try:
        from_document(document, standard)
    except EvidenceError as error:
        cells = {problem.cell for problem in known}
        return [p for p in error.problems if p.cell and p.cell not in cells]
    return []


@dataclass(frozen=True, slots=True)
class _Who:
    """Who is assessed: what is said of it, its circumstances, and records there are none of."""

    about: Mapping
    name: Mapping
    types: list[Plain]
    flags: Mapping
    none: dict[str, str]


class _Reader(Taker):
    def __init__(self, file: str, standard: Standard) -> None:
        super().__init__(file)
        self.standard, self.words = standard, standard.vocabulary

    def read(self, found: list[Marked]) -> Document:
        of: dict[str, list[Marked]] = {}
        for sheet in found:
            of.setdefault(sheet.kind, []).append(sheet)
        for front in of.get(COVER, []):
            self._refuse_other_pack(front)
        data: Mapping = {}
        stated_none: dict[str, str] = {}
        for sheet in of.get(ABOUT, []):
            data |= self._about(sheet, stated_none)
        data["evidence"] = self._evidence(of.get(ITEMS, []))
        rows = RecordRows(self, self.words)
        data["records"] = rows.read(of.get(RECORDS, []), of.get(DETAILS, []), stated_none)
        data["certificates"] = self._listed(
            of.get(CERTIFICATES, []), "certificates", self._certificate
        )
        data["exclusions"] = self._listed(of.get(EXCLUSIONS, []), "exclusions", self._exclusion)
        return Document(self.file, data, {}, cells=self.cells)

    def _refuse_other_pack(self, front: Marked) -> None:
        if front.pack != self.standard.id:
            shown = front.pack[:60] or "?"
            self.fault(
                front.title,
                Text(
                    f"这是标准 {shown} 的问卷，不是 {self.standard.id} 的",
                    f"this is a questionnaire of {shown}, not of {self.standard.id}",
                ),
                Text("请指定相应的标准", "name that pack"),
            )

    def _about(self, sheet: Marked, none: dict[str, str]) -> Mapping:
        made = _Who({}, {}, [], {}, none)
        seen: dict[str, str] = {}
        for row in sheet.rows:
            key = self.key(row)
            if not key or "answer" not in row.places:
                continue
            if key in seen:
                message = Text(
                    f"键 {key[:60]} 重复，首次在 {seen[key]}",
                    f"the key {key[:60]} is repeated, first at {seen[key]}",
                )
                self.fault(row.places["key"].at, message)
            elif not self._statement(key, row.places["answer"], made):
                self.unknown_key(row, key, (*seen, *(f"flag.{f}" for f in self.words.flags)))
            seen.setdefault(key, row.places["answer"].at)
        data: Mapping = {self.standard.pack.subject.value: {**made.about, "name": made.name}}
        if self.words.types:
            data["profile"] = {"types": made.types, **made.flags}
        elif self.words.flags:
            data["profile"] = made.flags
        return data

    def _statement(self, key: str, place: Place, made: _Who) -> bool:
        """Take one statement on who is assessed; return whether its key is known."""
        head = self.standard.pack.subject.value
        group, _, rest = key.partition(".")
        if key == "id":
            self.cells[head,] = place.at
            self.note(made.about, (head,), "id", self.text(place, f"{head}.id"), place.at)
        elif group == "name" and rest in ("zh", "en"):
            self.cells.setdefault((head, "name"), place.at)
            self.note(made.name, (head, "name"), rest, self.text(place, f"{head}.{key}"), place.at)
        elif key == "employees" and self.standard.pack.subject is Subject.ORGANISATION:
            self.note(made.about, (head,), key, self.value(place, whole, f"{head}.{key}"), place.at)
        elif group == "type" and rest in self.words.types:
            self.cells.setdefault(("profile", "types"), place.at)
            if self.value(place, values.truth, f"profile.types.{rest}") is True:
                made.types.append(rest)
        elif group == "flag" and rest in self.words.flags:
            told = self.value(place, values.truth, f"profile.{rest}")
            self.note(made.flags, ("profile",), rest, told, place.at)
        elif group == "none" and rest in self.words.records:
            if self.value(place, values.truth, f"records.{rest}") is True:
                made.none[rest] = place.at
        else:
            return False
        return True

    def _evidence(self, found: list[Marked]) -> Mapping:
        rows: dict[str, list[Row]] = {}
        for sheet in found:
            for row in sheet.rows:
                key = self.key(row)
                if not key:
                    continue
                if key not in self.words.items:
                    self.unknown_key(row, key, tuple(self.words.items))
                elif "answer" in row.places and row.filled(but=("key",)):
                    rows.setdefault(key, []).append(row)
        evidence: Mapping = {}
        for key, answered in rows.items():
            answers: list[Plain] = []
            for index, row in enumerate(answered):
                single = len(answered) == 1
                path: At = ("evidence", key) if single else ("evidence", key, index)
                made = self._answer(row, path, self.words.items[key])
                if made is not None:
                    answers.append(made)
            if len(answered) > 1 and answers:
                self.cells["evidence", key] = answered[0].places["answer"].at
                evidence[key] = answers
            elif answers:
                only = answers[0]
                bare = isinstance(only, dict) and set(only) == {"value"}
                evidence[key] = only["value"] if bare and isinstance(only, dict) else only
        return evidence

    def _answer(self, row: Row, path: At, item: EvidenceItem) -> Mapping | None:
        """Return an answer in full form; None, and why is noted, where there is none."""
        made: Mapping = {}
        known = len(self.problems)
        answer = row.places["answer"]
        self.cells[path] = answer.at
        value = self.value(answer, answer_to(item), item.key)
        if value is not None:
            made["value"] = value
            self.cells[(*path, "value")] = answer.at
        self.case(row, made, path, item.key)
        if len(self.problems) == known and not made:
            self.nothing(answer.at, item.key)
        self.backing(row, path, made, item.key)
        return None if len(self.problems) > known else made

    def _listed(
        self, found: list[Marked], name: str, take: Callable[[Row, At], Mapping]
    ) -> list[Plain]:
        rows = [row for sheet in found for row in sheet.rows if row.filled()]
        listed: list[Plain] = []
        for index, row in enumerate(rows):
            path: At = (name, index)
            self.cells[path] = next(iter(row.places.values())).at
            for code, place in row.places.items():
                self.cells[(*path, code)] = place.at
            listed.append(take(row, path))
        return listed

    def _certificate(self, row: Row, path: At) -> Mapping:
        made: Mapping = {}
        takes: dict[str, Callable[[Cell], Plain | Misread]] = {
            "accredited": values.truth,
            "sites": names,
            "services": names,
            "valid_until": values.day,
            "level": whole,
        }
        for code, place in row.places.items():
            if code == "standard":
                told = self.text(place, f"certificates[{path[1]}].standard")
                if told:
                    made[code] = told
                continue
            value = self.value(place, takes[code], f"certificates[{path[1]}].{code}")
            if value is not None:
                made[code] = value
        return made

    def _exclusion(self, row: Row, path: At) -> Mapping:
        made: Mapping = {}
        for code, place in row.places.items():
            told = self.text(place, f"exclusions[{path[1]}].{code}")
            if told:
                made[code] = told
        return made
