"""Records read from their tables, and the details laid over them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from socap.errors import Text
from socap.workbook import values
from socap.workbook.layout import FIELD
from socap.workbook.marks import holds
from socap.workbook.taking import answer_to
from socap.workbook.values import Choices, Misread

if TYPE_CHECKING:
    from socap.rules.vocabulary import RecordType, Vocabulary
    from socap.workbook.marks import Marked, Row
    from socap.workbook.taking import At, Mapping, Plain, Taker


def fields(kind: RecordType) -> Choices:
    """Return the fields of a record type, to be named by code or title."""
    prefix = f"{kind.name}."
    return Choices({key.removeprefix(prefix): item.title for key, item in kind.fields.items()})


class RecordRows:
    """The records of a workbook."""

    def __init__(self, taker: Taker, words: Vocabulary) -> None:
        self.taker, self.words = taker, words

    def read(self, tables: list[Marked], details: list[Marked], none: dict[str, str]) -> Mapping:
        """Return the records by type, their details laid over them."""
        records: Mapping = {name: [] for name in none}
        for sheet in tables:
            if sheet.name not in self.words.records:
                continue
            kind = self.words.records[sheet.name]
            filled = [row for row in sheet.rows if row.filled()]
            if filled and kind.name in none:
                message = Text(
                    f"此处声明没有任何{kind.title.zh}，工作表“{sheet.title}”却填了 {len(filled)} 条",
                    f"none are stated here, yet the sheet “{sheet.title}” holds {len(filled)}",
                )
                self.taker.fault(
                    none[kind.name], message, Text("请删去其一", "remove one of the two")
                )
            if filled:
                records[kind.name] = [self._record(row, kind, i) for i, row in enumerate(filled)]
        for sheet in details:
            for row in sheet.rows:
                if row.filled():
                    self._detail(row, records)
        return records

    def _record(self, row: Row, kind: RecordType, index: int) -> Mapping:
        path: At = ("records", kind.name, index)
        made: Mapping = {}
        identity = row.places.get("id")
        shown = f"records.{kind.name}[{index}]"
        if identity is not None:
            self.taker.cells[path] = self.taker.cells[(*path, "id")] = identity.at
            told = self.taker.text(identity, f"{shown}.id")
            if told:
                made["id"] = told
        for code, place in row.places.items():
            field = code.removeprefix(FIELD)
            item = kind.fields.get(f"{kind.name}.{field}") if code.startswith(FIELD) else None
            if item is None:
                continue
            value = self.taker.value(place, answer_to(item), f"{shown}.{field}")
            if value is not None:
                made[field] = value
            self.taker.cells[(*path, field)] = place.at
        self.taker.backing(row, path, made, shown)
        return made

    def _detail(self, row: Row, records: Mapping) -> None:
        """Lay a detail over the field of the record it belongs to."""
        kinds = Choices({name: kind.title for name, kind in self.words.records.items()})
        told: list[str] = []
        for code in ("record", "id", "field"):
            place = row.places.get(code)
            if place is None or self.taker.refused(place) or not holds(place.cell):
                at = place.at if place is not None else next(iter(row.places.values())).at
                if place is not None and self.taker.refused(place):
                    self.taker.value(place, values.words)
                else:
                    self.taker.fault(at, _INCOMPLETE)
                return
            text = self.taker.text(place)
            told.append(text)
        name = kinds.understood(told[0])
        if isinstance(name, Misread):
            self.taker.fault(row.places["record"].at, name.message, name.hint)
            return
        kind = self.words.records[name]
        field = fields(kind).understood(told[2])
        if isinstance(field, Misread):
            self.taker.fault(row.places["field"].at, field.message, field.hint)
            return
        entries = records.get(name)
        entries = entries if isinstance(entries, list) else []
        index = next(
            (i for i, r in enumerate(entries) if isinstance(r, dict) and r.get("id") == told[1]),
            None,
        )
        if index is None:
            message = Text(
                f"没有编号为 {told[1][:40]} 的记录", f"there is no record {told[1][:40]}"
            )
            self.taker.fault(row.places["id"].at, message)
            return
        self._lay(row, entries[index], ("records", name, index), field)

    def _lay(self, row: Row, record: Plain, path: At, field: str) -> None:
        assert isinstance(record, dict)
        if isinstance(record.get(field), dict):
            message = Text(
                "这条记录的这一栏已有补充信息", "this field of this record has its details already"
            )
            self.taker.fault(row.places["field"].at, message)
            return
        made: Mapping = {"value": record[field]} if field in record else {}
        below = (*path, field)
        shown = f"records.{path[1]}[{path[2]}].{field}"
        if below in self.taker.cells:
            self.taker.cells[(*below, "value")] = self.taker.cells[below]
        else:
            self.taker.cells[below] = row.places["field"].at
        self.taker.case(row, made, below, shown)
        if not made:
            self.taker.nothing(row.places["field"].at, shown)
            return
        self.taker.backing(row, below, made, shown)
        record[field] = made


_INCOMPLETE = Text(
    "记录类型、编号、栏目都要填写", "record type, record id and field are all needed"
)
