"""The only reader of YAML and JSON: plain values, with the file and line of each."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from math import isfinite
from pathlib import Path
from typing import Any

import yaml

from socap.errors import Problem, SocapError, Text

SIZE_LIMIT = 16 * 1024 * 1024
DEPTH_LIMIT = 40
NODE_LIMIT = 1_000_000

Step = str | int
_INT = re.compile(r"[-+]?(0|[1-9][0-9]{0,17})\Z")
_FLOAT = re.compile(
    r"[-+]?([0-9]{1,18}\.[0-9]{0,30}|\.[0-9]{1,30}|[0-9]{1,18}(?=[eE]))([eE][-+]?[0-9]{1,3})?\Z"
)
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F][0-9a-fA-F]{2}")
_UNPRINTABLE = re.compile("[\x7f-\x84\x86-\x9f\ufffe\uffff]")
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Document:
    """Parsed values of one file and the line on which each begins, or the cell that holds it.

    `patches` says which values come from another document instead, and from where in it.
    """

    file: str
    data: Any
    lines: Mapping[tuple[Step, ...], int]
    patches: dict[tuple[Step, ...], tuple[Document, tuple[Step, ...]]] = field(default_factory=dict)
    cells: dict[tuple[Step, ...], str] = field(default_factory=dict)

    def place(self, path: tuple[Step, ...]) -> tuple[str, int | None]:
        """Return the file and 1-based line of a value, or of the nearest enclosing one."""
        starts = _enclosing(path)
        patched = next((start for start in starts if start in self.patches), None)
        if patched is not None:
            other, origin = self.patches[patched]
            return other.place((*origin, *path[len(patched) :]))
        line = next((self.lines[start] for start in starts if start in self.lines), None)
        return self.file, line

    def problem(self, path: tuple[Step, ...], message: Text, hint: Text | None = None) -> Problem:
        """Return a problem at the place of a value."""
        file, line = self.place(path)
        cell = next((self.cells[start] for start in _enclosing(path) if start in self.cells), "")
        return Problem(message, show_path(path), file, line, hint, cell)


def _enclosing(path: tuple[Step, ...]) -> list[tuple[Step, ...]]:
    return [path[:end] for end in range(len(path), -1, -1)]


def show_path(path: tuple[Step, ...]) -> str:
    """Return `a.b[2].c`."""
    shown = ""
    for step in path:
        shown += f"[{step}]" if isinstance(step, int) else f".{step[:80]}" if shown else step[:80]
    return shown


class Positions(Mapping[tuple[Step, ...], int]):
    """The lines of a file whose values are known already; it is parsed when a line is asked for."""

    def __init__(self, content: bytes, file: str) -> None:
        self._content, self._file = content, file

    @cached_property
    def _lines(self) -> Mapping[tuple[Step, ...], int]:
        return parse_document(self._content, self._file, SocapError).lines

    def __getitem__(self, path: tuple[Step, ...]) -> int:
        return self._lines[path]

    def __iter__(self) -> Iterator[tuple[Step, ...]]:
        return iter(self._lines)

    def __len__(self) -> int:
        return len(self._lines)


class _Refusal(Exception):
    def __init__(self, message: Text, line: int | None = None, hint: Text | None = None) -> None:
        self.problem = (message, line, hint)
        super().__init__(message.en)


def read_bytes(path: Path, error: type[SocapError]) -> bytes:
    """Return the content of a file within the size limit; raise `error` for anything else."""
    file = str(path)
    try:
        if path.is_dir():
            raise error(
                [Problem(Text("这是目录，不是文件", "this is a directory, not a file"), file=file)]
            )
        if not path.exists():
            raise error([Problem(Text("文件不存在", "the file does not exist"), file=file)])
        if not path.is_file():
            raise error([Problem(Text("不是普通文件", "this is not a regular file"), file=file)])
        size = path.stat().st_size
        if size <= SIZE_LIMIT:
            return path.read_bytes()
    except (OSError, ValueError) as cause:
        reason = getattr(cause, "strerror", None) or str(cause)
        raise error(
            [Problem(Text(f"无法读取文件：{reason}", f"cannot read the file: {reason}"), file=file)]
        ) from None
    megabytes, limit = size // 1024 // 1024, SIZE_LIMIT // 1024 // 1024
    raise error(
        [
            Problem(
                Text(f"文件过大：{megabytes} MB", f"the file is too large: {megabytes} MB"),
                file=file,
                hint=Text(f"上限为 {limit} MB", f"the limit is {limit} MB"),
            )
        ]
    )


def read_document(path: Path, error: type[SocapError]) -> Document:
    """Read a .yaml, .yml or .json file. Raises `error` with every problem found in it."""
    return parse_document(
        read_bytes(path, error), str(path), error, json_only=path.suffix == ".json"
    )


def parse_document(
    content: bytes, file: str, error: type[SocapError], *, json_only: bool = False
) -> Document:
    """Parse YAML (or JSON) bytes. Aliases, tags, duplicate keys and huge inputs are refused."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as cause:
        line = content.count(b"\n", 0, cause.start) + 1
        message = Text("文件不是 UTF-8 编码", "the file is not encoded in UTF-8")
        hint = Text("请另存为 UTF-8", "save it as UTF-8")
        raise error([Problem(message, file=file, line=line, hint=hint)]) from None
    lines: dict[tuple[Step, ...], int] = {}
    try:
        if not json_only:
            return Document(file, _Builder(lines).build(text), lines)
        data = _read_json(text)
        # The second reading is for lines and duplicates only: raw tabs are white space in JSON, and
        # what YAML does not know, surrogate escapes and control characters, keeps its length.
        plain = _UNPRINTABLE.sub("?", text.replace("\t", " "))
        _Builder(lines).build(_SURROGATE.sub("\\\\u003f", plain))
        return Document(file, data, lines)
    except _Refusal as refusal:
        message, where, hint_or_none = refusal.problem
        raise error([Problem(message, file=file, line=where, hint=hint_or_none)]) from None
    except _Refusals as refusals:
        raise error(
            [Problem(m, file=file, line=w, hint=h) for m, w, h in refusals.problems]
        ) from None
    except yaml.YAMLError as cause:
        mark = getattr(cause, "problem_mark", None)
        detail = str(getattr(cause, "problem", None) or "unreadable")[:200]
        if "nesting depth" in detail:
            raise error([Problem(_too_deep(), file=file, line=1)]) from None
        message = Text(f"不是有效的 YAML：{detail}", f"not valid YAML: {detail}")
        raise error([Problem(message, file=file, line=mark.line + 1 if mark else None)]) from None
    except RecursionError:
        raise error([Problem(_too_deep(), file=file)]) from None


class _Refusals(Exception):
    def __init__(self, problems: list[tuple[Text, int | None, Text | None]]) -> None:
        self.problems = problems
        super().__init__()


def _too_deep() -> Text:
    return Text(f"嵌套超过 {DEPTH_LIMIT} 层", f"nested deeper than {DEPTH_LIMIT} levels")


def _read_json(text: str) -> Any:
    def finite(number: str) -> float:
        value = float(number)
        if not isfinite(value):
            raise _Refusal(_out_of_range(number))
        return value

    try:
        return json.loads(text, parse_constant=finite, parse_float=finite)
    except json.JSONDecodeError as cause:
        raise _Refusal(
            Text(f"不是有效的 JSON：{cause.msg}", f"not valid JSON: {cause.msg}"), cause.lineno
        ) from None
    except (RecursionError, ValueError):
        raise _Refusal(_too_deep()) from None


def _out_of_range(number: str) -> Text:
    return Text(f"数值 {number[:30]} 超出范围", f"the number {number[:30]} is out of range")


class _Builder:
    """Build values from parser events, so that nothing is composed before it is checked."""

    def __init__(self, lines: dict[tuple[Step, ...], int]) -> None:
        self.lines = lines
        self.nodes = 0
        self.problems: list[tuple[Text, int | None, Text | None]] = []

    def build(self, text: str) -> Any:
        loader = _Loader(text)
        try:
            loader.get_event()
            if isinstance(loader.peek_event(), yaml.StreamEndEvent):
                return None
            loader.get_event()
            value = self._value(loader, ())
            loader.get_event()
            extra = loader.peek_event()
            if not isinstance(extra, yaml.StreamEndEvent):
                raise _Refusal(
                    Text("一个文件只能有一个 YAML 文档", "a file holds one YAML document only"),
                    extra.start_mark.line + 1,
                )
        finally:
            loader.dispose()
        if self.problems:
            raise _Refusals(self.problems)
        return value

    def _value(self, loader: Any, path: tuple[Step, ...]) -> Any:
        event = loader.get_event()
        line = event.start_mark.line + 1
        self.nodes += 1
        if self.nodes > NODE_LIMIT:
            raise _Refusal(Text("文件中的值过多", "the file holds too many values"), line)
        if len(path) > DEPTH_LIMIT:
            raise _Refusal(_too_deep(), line)
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise _Refusal(
                Text("不接受 YAML 锚点和别名", "YAML anchors and aliases are not accepted"),
                line,
                Text("请写出完整的值", "write the value out"),
            )
        tag = getattr(event, "tag", None)
        if tag not in (None, "!"):
            raise _Refusal(
                Text(f"不接受 YAML 标签 {tag[:60]}", f"the YAML tag {tag[:60]} is not accepted"),
                line,
                Text("请写普通的值", "write a plain value"),
            )
        self.lines[path] = line
        if isinstance(event, yaml.ScalarEvent):
            if not event.style:
                return self._plain(event.value, line)
            return event.value
        if isinstance(event, yaml.SequenceStartEvent):
            items: list[Any] = []
            while not isinstance(loader.peek_event(), yaml.SequenceEndEvent):
                items.append(self._value(loader, (*path, len(items))))
            loader.get_event()
            return items
        return self._mapping(loader, path)

    def _mapping(self, loader: Any, path: tuple[Step, ...]) -> dict[str, Any]:
        mapping: dict[str, Any] = {}
        while not isinstance(loader.peek_event(), yaml.MappingEndEvent):
            event = loader.get_event()
            line = event.start_mark.line + 1
            if (
                not isinstance(event, yaml.ScalarEvent)
                or event.anchor
                or event.tag not in (None, "!")
            ):
                raise _Refusal(Text("键必须是普通文字", "a key must be plain text"), line)
            key = event.value
            if key in mapping:
                self.problems.append(
                    (
                        Text(f"键 {key[:80]} 重复", f"the key {key[:80]} appears twice"),
                        line,
                        Text(
                            f"首次出现在第 {self.lines[(*path, key)]} 行",
                            f"first on line {self.lines[(*path, key)]}",
                        ),
                    )
                )
            mapping[key] = self._value(loader, (*path, key))
            self.lines[(*path, key)] = line
        loader.get_event()
        return mapping

    def _plain(self, value: str, line: int) -> Any:
        if value in ("", "~", "null"):
            return None
        if value in ("true", "True"):
            return True
        if value in ("false", "False"):
            return False
        if _INT.match(value):
            return int(value)
        if _FLOAT.match(value):
            number = float(value)
            if isfinite(number):
                return number
        if value.lower() in (".inf", "-.inf", "+.inf", ".nan") or re.match(
            r"[-+]?[0-9]{19,}\Z", value
        ):
            raise _Refusal(_out_of_range(value), line)
        return value
