"""A mapping file: which columns of which sources give records and evidence."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from socap.answers import BACKING_KEYS, parse_date, read_answer, read_value
from socap.documents import read_document
from socap.errors import EvidenceError, Problem, Text, did_you_mean
from socap.loading import Fields
from socap.mapping.conversions import DATE_FORMAT, Column, Plain, on_one_line, units
from socap.rules.vocabulary import NUMERIC, EvidenceItem, ValueType

if TYPE_CHECKING:
    from pathlib import Path

    from socap.documents import Document
    from socap.standard import Standard

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}\Z")
_NOTHING = Text("", "")
KEPT = EvidenceItem("where", ValueType.BOOLEAN, _NOTHING, _NOTHING)
DAY = EvidenceItem("day", ValueType.DATE, _NOTHING, _NOTHING)
DAYS = ("collected_on", "valid_until")


class Kind(StrEnum):
    """What holds the rows of a source."""

    CSV = "csv"
    JSON = "json"
    SQLITE = "sqlite"
    DUCKDB = "duckdb"
    POSTGRESQL = "postgresql"


class Encoding(StrEnum):
    """How the text of a CSV file is encoded."""

    UTF8 = "utf-8"
    GB18030 = "gb18030"


class OnReject(StrEnum):
    """What a rejected row does: everything fails, or what rests on its source is left out."""

    FAIL = "fail"
    REPORT = "report"


OPTIONS = {
    Kind.CSV: ("encoding", "delimiter"),
    Kind.JSON: ("at",),
    Kind.SQLITE: ("query", "table"),
    Kind.DUCKDB: ("query", "table"),
    Kind.POSTGRESQL: ("query", "table"),
}


@dataclass(frozen=True, slots=True)
class Source:
    """Rows to be read. `shown` names the file, or the variable that holds the DSN."""

    name: str
    kind: Kind
    shown: str
    path: Path
    encoding: Encoding = Encoding.UTF8
    delimiter: str = ","
    at: str = ""
    query: str = ""


@dataclass(frozen=True, slots=True)
class Backed:
    """What stands behind the answers: a text, and days that are fixed or in a column."""

    source: str
    days: dict[str, str | Column]


@dataclass(frozen=True, slots=True)
class RecordMap:
    """A record list, one record a row; `where` says which rows are records at all.

    An empty list is an answer, and rules over it hold: it has to be expected (`may_be_empty`).
    """

    record: str
    source: str
    id: Column
    fields: dict[str, Column]
    where: Column | None
    backed: Backed
    may_be_empty: bool


@dataclass(frozen=True, slots=True)
class ItemMap:
    """An evidence item, from the one row that holds the texts of `row`."""

    item: EvidenceItem
    source: str
    column: Column
    row: dict[str, str]
    backed: Backed


@dataclass(frozen=True, slots=True)
class Mapping:
    """A mapping file, read and checked against a standard."""

    document: Document
    sources: dict[str, Source]
    records: tuple[RecordMap, ...]
    items: tuple[ItemMap, ...]
    on_reject: OnReject
    head: dict[str, Plain] = field(default_factory=dict)


def read_mapping(path: Path, standard: Standard) -> Mapping:
    """Read a mapping file. Raises EvidenceError with every problem in it, each with its line."""
    document = read_document(path, EvidenceError)
    problems: list[Problem] = []
    top = Fields(document, (), document.data, problems)
    if problems:
        raise EvidenceError(problems)
    words, subject = standard.vocabulary, standard.pack.subject.value
    top.only(["sources"], ["records", "evidence", "reject", subject, "profile"])
    sources = {name: _source(name, f, path) for name, f in top.each("sources")}
    records = []
    for name, entry in top.each("records"):
        kind = words.records.get(name)
        if kind is None:
            message = Text(f"没有记录类型 {name[:80]}", f"there is no record type {name[:80]}")
            top.below("records").fault(message, name, hint=did_you_mean(name, words.records))
        else:
            items = {key.removeprefix(f"{name}."): item for key, item in kind.fields.items()}
            records.append(_record_map(entry, name, items, sources))
    found = []
    for key, entry in top.each("evidence"):
        item = words.items.get(key)
        if item is None:
            message = Text(f"没有证据项 {key[:80]}", f"there is no evidence item {key[:80]}")
            top.below("evidence").fault(message, key, hint=did_you_mean(key, words.items))
        else:
            found.append(_item_map(entry, item, sources))
    on_reject = top.choice("reject", OnReject)
    if not problems and not (records or found):
        top.fault(Text("没有 records 也没有 evidence", "there are neither records nor evidence"))
    elif not problems:
        used = {r.source for r in records} | {i.source for i in found}
        for name in sorted(sources.keys() - used):
            top.below("sources").fault(Text("没有用到此来源", "nothing uses this source"), name)
    if problems:
        raise EvidenceError(sorted(problems, key=lambda p: p.line or 0))
    head = {key: top.raw[key] for key in (subject, "profile") if key in top.raw}
    return Mapping(document, sources, tuple(records), tuple(found), on_reject, head)


def _source(name: str, fields: Fields, mapping: Path) -> Source:
    kinds = [kind for kind in Kind if kind.value in fields.raw]
    if len(kinds) != 1:
        known = ", ".join(Kind)
        message = Text(f"应写明其中之一：{known}", f"this takes one of: {known}")
        fields.fault(message, hint=did_you_mean(next(iter(fields.raw), ""), Kind))
        return Source(name, Kind.CSV, "", mapping)
    kind = kinds[0]
    fields.only([kind.value], OPTIONS[kind])
    where = fields.string(kind.value)
    encoding = fields.choice("encoding", Encoding) if "encoding" in fields.raw else Encoding.UTF8
    delimiter = fields.string("delimiter", ",")
    if len(delimiter) != 1 or delimiter in '"\r\n\0':
        fields.fault(Text("分隔符应为一个字符", "the delimiter is one character"), "delimiter")
    made = Source(name, kind, where, mapping, encoding, delimiter, fields.string("at"))
    if "query" in OPTIONS[kind]:
        made = replace(made, query=_query(fields))
    if kind is not Kind.POSTGRESQL:
        path = _inside(fields, kind.value, where, mapping)
        return replace(made, shown=str(mapping.parent / where), path=path)
    if not _VARIABLE.match(where):
        message = Text("应为环境变量的名称", "this takes the name of an environment variable")
        hint = Text("把连接串放在环境变量中", "put the connection string in that variable")
        fields.fault(message, kind.value, hint=hint)
    return made


def _inside(fields: Fields, key: str, where: str, mapping: Path) -> Path:
    """Return the path of a file that lies with the mapping file, links followed."""
    folder = mapping.parent
    try:
        path, home = (folder / where).resolve(), folder.resolve()
    except (OSError, RuntimeError, ValueError):
        fields.fault(Text("不是文件名", "this is not the name of a file"), key)
        return folder
    if not where or "://" in where or path == home or not path.is_relative_to(home):
        message = Text(
            "应为映射文件所在目录内的文件", "this takes a file in the folder of the mapping file"
        )
        fields.fault(message, key)
    return path


def _query(fields: Fields) -> str:
    query, table = fields.string("query"), fields.string("table")
    if bool(query.strip()) == bool(table.strip()) or "\0" in query + table:
        fields.fault(Text("应写明 query 或 table 之一", "this takes either query or table"))
    if query.strip():
        return query.strip().removesuffix(";")
    quoted = ".".join('"' + part.replace('"', '""') + '"' for part in table.split("."))
    return f"select * from {quoted}"  # noqa: S608  a quoted name cannot end its quotes


def _known_source(fields: Fields, sources: dict[str, Source]) -> str:
    name = fields.string("source")
    if "source" in fields.raw and name not in sources:
        message = Text(f"没有来源 {name[:80]}", f"there is no source {name[:80]}")
        fields.fault(message, "source", hint=did_you_mean(name, sources))
    return name


def _record_map(
    fields: Fields, record: str, items: dict[str, EvidenceItem], sources: dict[str, Source]
) -> RecordMap:
    fields.only(["source", "id", "fields"], ["where", "backing", "may_be_empty"])
    source = _known_source(fields, sources)
    group = fields.below("fields")
    for name in sorted(group.raw.keys() - items.keys()):
        message = Text(f"{record} 没有字段 {name[:80]}", f"{record} has no field {name[:80]}")
        group.fault(message, name, hint=did_you_mean(name, items))
    columns = {name: _column(group, name, items[name]) for name in group.raw if name in items}
    where = _column(fields, "where", KEPT) if "where" in fields.raw else None
    identifier = fields.string("id")
    if "id" in fields.raw and not identifier.strip():
        fields.fault(Text("应为列名", "this takes a column"), "id")
    return RecordMap(
        record,
        source,
        Column(on_one_line(identifier)),
        columns,
        where,
        _backed(fields, sources),
        fields.boolean("may_be_empty"),
    )


def _item_map(fields: Fields, item: EvidenceItem, sources: dict[str, Source]) -> ItemMap:
    extra = ("source", "row", "backing")
    source = _known_source(fields, sources)
    if "source" not in fields.raw:
        fields.fault(Text("缺少 source", "source is missing"))
    row = fields.below("row")
    for name, text in row.raw.items():
        if not isinstance(text, str) or not text.strip():
            hint = Text("单元格中的文字，请加引号", "the text of the cell, in quotes")
            row.fault(Text("应为文字", "this should be text"), name, hint=hint)
    column = _column_of(fields, item, extra)
    wanted = {on_one_line(name): str(text).strip() for name, text in row.raw.items()}
    return ItemMap(item, source, column, wanted, _backed(fields, sources))


def _backed(fields: Fields, sources: dict[str, Source]) -> Backed:
    backing = fields.below("backing")
    backing.only([], ["source", *DAYS])
    days: dict[str, str | Column] = {}
    for key in DAYS:
        raw = backing.raw.get(key)
        if isinstance(raw, dict):
            days[key] = _column(backing, key, DAY)
        elif raw is not None:
            days[key] = str(raw)
            if parse_date(raw) is None:
                message = Text(
                    "应为日期（如 2026-10-31）或 {column: 列名}",
                    "this takes a date (like 2026-10-31) or {column: a column}",
                )
                backing.fault(message, key)
    source = sources.get(str(fields.raw.get("source")))
    named = source.shown.replace("\\", "/").rpartition("/")[2] if source else ""
    return Backed(backing.string("source", named), days)


def _column(fields: Fields, key: str, item: EvidenceItem) -> Column:
    """Return a column, written as its name or as a mapping with conversions."""
    raw = fields.raw[key]
    if isinstance(raw, str):
        short = Fields(fields.document, (*fields.path, key), {"column": raw}, fields.problems)
        return _column_of(short, item)
    return _column_of(fields.below(key), item)


def _column_of(fields: Fields, item: EvidenceItem, extra: tuple[str, ...] = ()) -> Column:
    allowed = ["values"]
    if item.type is ValueType.DATE:
        allowed.append("format")
    elif item.type is ValueType.SET:
        allowed.append("separator")
    elif item.type in NUMERIC:
        allowed += ["unit", "thousands"]
    fields.only(["column"], [*allowed, *extra])
    name, form = fields.string("column"), fields.string("format")
    if "column" in fields.raw and not name.strip():
        fields.fault(Text("应为列名", "this takes a column"), "column")
    if "format" in fields.raw and not DATE_FORMAT.match(form):
        message = Text("应各含一次 %Y、%m、%d", "this takes %Y, %m and %d, once each")
        hint = Text('例如 "%Y/%m/%d"；时间可用 %H %M %S', 'like "%Y/%m/%d"; %H %M %S for a time')
        fields.fault(message, "format", hint=hint)
    return Column(
        on_one_line(name),
        form,
        _values(fields.below("values"), item),
        _unit(fields, item),
        fields.boolean("thousands"),
        fields.string("separator"),
    )


def _values(fields: Fields, item: EvidenceItem) -> dict[str, Plain]:
    """Return what cells stand for: a value, null for no answer, or `{no_case: reason}`."""
    kind = replace(item, type=ValueType.ENUM) if item.type is ValueType.SET else item
    found: dict[str, Plain] = {}
    for text, target in fields.raw.items():
        if isinstance(target, dict):
            entry = fields.below(text)
            if BACKING_KEYS[0] in target or "value" in target:
                entry.only(["no_case"])
            else:
                read_answer(entry, kind)
        elif target is not None:
            read_value(fields, text, kind)
        if text.strip() in found:
            fields.fault(Text("与另一个值相同", "this repeats another value"), text)
        found[text.strip()] = target
    return found


def _unit(fields: Fields, item: EvidenceItem) -> str:
    """Return the unit of the column. It has to be said where several are possible."""
    known = tuple(units(item)) if item.type in NUMERIC else ()
    unit = fields.string("unit")
    listed = Text(f"可选：{'、'.join(known)}", f"one of: {', '.join(known)}") if known else None
    if unit and unit not in known:
        message = Text(
            f"{unit[:40]} 不能换算为此项的单位",
            f"{unit[:40]} cannot be converted to this item's unit",
        )
        fields.fault(message, "unit", hint=listed)
    elif not unit and len(known) > 1:
        message = Text("应写明列中数值的 unit", "the unit of the column has to be stated")
        fields.fault(message, hint=listed)
    return unit
