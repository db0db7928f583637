"""Rows of CSV and JSON files, one after the other, numbered as a spreadsheet shows them."""

from __future__ import annotations

import csv
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from socap.documents import Step, parse_document, read_bytes
from socap.errors import EvidenceError, Problem, Text, did_you_mean
from socap.mapping.conversions import on_one_line
from socap.mapping.mapping_file import Encoding, Source

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

ROW_LIMIT = 1_000_000
COLUMN_LIMIT = 10_000
_LINE_LIMIT = 1_000_000
_REASON_LIMIT = 300


@dataclass(frozen=True, slots=True)
class Row:
    """One row by column; `fault` says why it cannot be read at all."""

    number: int
    cells: dict[str, object]
    fault: Text | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """The columns of a source and its rows; `total` is 0 where it is not known beforehand.

    `lines` holds the line on which a row begins, where rows have lines of their own.
    """

    columns: tuple[str, ...]
    rows: Iterator[Row]
    total: int = 0
    lines: dict[int, int] = field(default_factory=dict)


def refusal(
    source: Source, message: Text, hint: Text | None = None, row: int | None = None
) -> EvidenceError:
    """Return the error of a source that cannot be read."""
    cell = f"#{row}" if row is not None else ""
    return EvidenceError(
        [Problem(message, f"sources.{source.name}", source.shown, None, hint, cell)]
    )


def failed(source: Source, cause: Exception) -> EvidenceError:
    """Return the error of a source that something outside refused to read."""
    reason = on_one_line(getattr(cause, "strerror", None) or str(cause))[:_REASON_LIMIT]
    reason = reason or type(cause).__name__
    return refusal(source, Text(f"无法读取：{reason}", f"cannot be read: {reason}"))


def too_many(source: Source) -> EvidenceError:
    """Return the error of a source with more rows than are read."""
    message = Text(f"超过 {ROW_LIMIT} 行", f"there are more than {ROW_LIMIT} rows")
    return refusal(source, message)


def named(source: Source, columns: list[str]) -> tuple[str, ...]:
    """Return the names of columns. Raises EvidenceError where one is there twice or they are too many."""
    names = tuple(map(on_one_line, columns))
    if len(names) > COLUMN_LIMIT:
        message = Text(f"超过 {COLUMN_LIMIT} 列", f"there are more than {COLUMN_LIMIT} columns")
        raise refusal(source, message)
    twice = sorted(name for name, count in Counter(names).items() if name and count > 1)
    if twice:
        shown = "、".join(twice)[:200]
        message = Text(f"列名重复：{shown}", f"columns share a name: {', '.join(twice)[:200]}")
        raise refusal(source, message)
    return names


def check_regular(source: Source) -> None:
    """Raise EvidenceError where a source is not a file with something in it."""
    try:
        if not source.path.exists():
            raise refusal(source, Text("文件不存在", "the file does not exist"))
        if not source.path.is_file():
            raise refusal(source, Text("不是普通文件", "this is not a regular file"))
        if not source.path.stat().st_size:
            raise refusal(source, Text("文件是空的", "the file is empty"))
    except OSError as cause:
        raise failed(source, cause) from None


@contextmanager
def open_csv(source: Source) -> Iterator[Table]:
    """Open a CSV file (RFC 4180) whose first row names the columns; memory does not grow with it.

    Raises EvidenceError, also while rows are taken, with the row where reading ends.
    """
    check_regular(source)
    try:
        with source.path.open("rb") as file:
            reader = csv.reader(_decoded(source, file), delimiter=source.delimiter, strict=True)
            rows = _numbered(source, reader)
            _, heading = next(rows, (1, []))
            columns = named(source, heading)
            if not any(columns):
                message = Text("第 1 行应为列名", "row 1 should name the columns")
                raise refusal(source, message)
            yield Table(columns, _fitted(rows, columns))
    except OSError as cause:
        raise failed(source, cause) from None


def _decoded(source: Source, file: BinaryIO) -> Iterator[str]:
    other = Encoding.GB18030 if source.encoding is Encoding.UTF8 else Encoding.UTF8
    number = 0
    while line := file.readline(_LINE_LIMIT + 1):
        number += 1
        if len(line) > _LINE_LIMIT:
            message = Text("行过长，或引号没有结束", "a line is too long, or a quote never ends")
            raise refusal(source, message, row=number)
        if number == 1 and line.startswith(b"\xef\xbb\xbf"):
            line = line[3:] if source.encoding is Encoding.UTF8 else b"\xff"
        try:
            text = line.decode(source.encoding)
        except UnicodeDecodeError:
            message = Text(
                f"文件第 {number} 行不是 {source.encoding} 编码",
                f"line {number} of the file is not encoded in {source.encoding}",
            )
            hint = Text(
                f"若整个文件是 {other}，请写 encoding: {other}",
                f"if the whole file is in {other}, write encoding: {other}",
            )
            raise refusal(source, message, hint) from None
        if "\0" in text:
            message = Text(
                f"文件第 {number} 行含 NUL 字符", f"line {number} of the file holds a NUL character"
            )
            raise refusal(source, message)
        yield text


def _numbered(source: Source, reader: Iterator[list[str]]) -> Iterator[tuple[int, list[str]]]:
    number = 0
    while True:
        number += 1
        try:
            row = next(reader, None)
        except csv.Error as cause:
            message = Text(f"不是有效的 CSV：{cause}", f"not valid CSV: {cause}")
            raise refusal(source, message, row=number) from None
        if row is None:
            return
        if number > ROW_LIMIT:
            raise too_many(source)
        yield number, row


def _fitted(rows: Iterator[tuple[int, list[str]]], columns: tuple[str, ...]) -> Iterator[Row]:
    for number, row in rows:
        if not any(cell.strip() for cell in row):
            continue
        fault = None
        if len(row) != len(columns):
            fault = Text(
                f"此行有 {len(row)} 个单元格，列名有 {len(columns)} 个",
                f"this row has {len(row)} cells, the heading {len(columns)}",
            )
        yield Row(number, dict(zip(columns, row, strict=False)), fault)


@contextmanager
def open_json(source: Source) -> Iterator[Table]:
    """Open a list of mappings in a JSON file; `at` leads to it through the keys of mappings.

    Raises EvidenceError.
    """
    document = parse_document(
        read_bytes(source.path, EvidenceError), source.shown, EvidenceError, json_only=True
    )
    found: object = document.data
    steps: tuple[Step, ...] = ()
    for step in source.at.split(".") if source.at else ():
        if not isinstance(found, dict) or step not in found:
            hint = did_you_mean(step, found) if isinstance(found, dict) else None
            message = Text(f"没有 {step[:80]}", f"there is no {step[:80]}")
            raise EvidenceError([document.problem(steps, message, hint)])
        found, steps = found[step], (*steps, step)
    if not isinstance(found, list):
        hint = Text("at 应指向列表", "at leads to a list")
        message = Text("应为列表", "this should be a list")
        raise EvidenceError([document.problem(steps, message, hint)])
    columns = dict.fromkeys(key for entry in found if isinstance(entry, dict) for key in entry)
    lines = {i: document.place((*steps, i - 1))[1] or 1 for i in range(1, len(found) + 1)}
    yield Table(named(source, list(columns)), _entries(found), len(found), lines)


def _entries(found: list[object]) -> Iterator[Row]:
    for number, entry in enumerate(found, 1):
        if isinstance(entry, dict):
            yield Row(number, {on_one_line(key): value for key, value in entry.items()})
        else:
            yield Row(number, {}, Text("应为映射", "this should be a mapping"))
