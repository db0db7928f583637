"""One answer put into the text of a company file, all other lines kept as they are."""

from __future__ import annotations

import json
import os
import tempfile
from contextlib import suppress
from copy import deepcopy
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from socap.company_file import Plain, written
from socap.documents import Step, parse_document, show_path
from socap.errors import EvidenceError, Problem, Text, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def with_answer(content: bytes, file: str, path: tuple[Step, ...], value: Plain) -> bytes:
    """Return a company file with one value put in place, or added at the end of its mapping.

    `path` leads through mappings and lists to the key; mappings on the way that are not there or
    `null` are made. All other lines stay as they are. The result is read back: it has to hold the
    old values, in their order, and the new one. Raises EvidenceError where the file cannot be
    read, and UsageError, with the line to write by hand, where the value cannot be put in.
    """
    old = parse_document(content, file, EvidenceError)
    wanted = _put(deepcopy(old.data), path, value)
    text = content.decode("utf-8-sig")
    end = "\r\n" if "\r\n" in text else "\n"
    try:
        changed = _edited(text, path, value, end)
        made = changed.encode()
        if content.startswith(b"\xef\xbb\xbf"):
            made = b"\xef\xbb\xbf" + made
        if json.dumps(parse_document(made, file, EvidenceError).data) == json.dumps(wanted):
            return made
    except (EvidenceError, yaml.YAMLError, ValueError):
        pass
    line = f"{path[-1]}: {written(value)}"
    message = Text(
        "无法把答案写入此处，文件未改动", "the answer cannot be put in here; the file is unchanged"
    )
    hint = Text(f"请自行写入 {line}", f"write it yourself: {line}")
    raise UsageError([Problem(message, show_path(path), file, hint=hint)])


def _put(data: Any, path: tuple[Step, ...], value: Plain) -> Any:
    step, rest = path[0], path[1:]
    if isinstance(step, str) and data is None:
        data = {}
    if not rest:
        data[step] = json.loads(json.dumps(value, default=str))
    elif isinstance(step, int):
        data[step] = _put(data[step], rest, value)
    else:
        data[step] = _put(data.get(step), rest, value)
    return data


def _edited(text: str, path: tuple[Step, ...], value: Plain, end: str) -> str:
    node: Any = yaml.compose(text, Loader=_Loader)
    column = 0
    block = True
    for depth, step in enumerate(path):
        rest = path[depth + 1 :]
        if isinstance(node, yaml.SequenceNode) and isinstance(step, int):
            block = block and not node.flow_style
            node = node.value[step]
            continue
        if not isinstance(node, yaml.MappingNode):
            raise ValueError(step)
        block = block and not node.flow_style
        column = node.start_mark.column
        entry = next((pair for pair in node.value if pair[0].value == step), None)
        if entry is None:
            return _inserted(text, node, str(step), _layout(rest, value, column, end, block), end)
        key, held = entry
        empty = isinstance(held, yaml.ScalarNode) and held.value in ("", "~", "null")
        hollow = block and isinstance(held, yaml.MappingNode) and not held.value
        if not rest or empty or hollow:
            start = key.end_mark.index
            start += text[start:].index(":") + 1
            told = _layout(rest, value, column, end, block)
            return text[:start] + told + text[max(start, _end(held, text)) :]
        node = held
    raise ValueError(path)


def _layout(rest: Iterable[Step], value: Plain, column: int, end: str, block: bool) -> str:
    """Return what follows `key:`, block style where that is possible."""
    steps = tuple(rest)
    if not block:
        for step in reversed(steps):
            value = {str(step): value}
        return " " + written(value)
    told = ""
    for step in steps:
        column += 2
        told += f"{end}{' ' * column}{written(str(step))}:"
    if isinstance(value, list) and value and all(isinstance(entry, dict) for entry in value):
        column += 2
        return told + "".join(f"{end}{' ' * column}- {written(entry)}" for entry in value)
    return f"{told} {written(value)}"


def _inserted(text: str, node: yaml.MappingNode, key: str, told: str, end: str) -> str:
    last = _end(node.value[-1][1], text) if node.value else node.start_mark.index + 1
    if node.value:
        # An empty value ends where its key does; nothing may slip in before the colon.
        at = node.value[-1][0].end_mark.index
        last = max(last, at + text[at:].index(":") + 1)
    if node.flow_style:
        lead = ", " if node.value else ""
        return f"{text[:last]}{lead}{written(key)}:{told}{text[last:]}"
    stop = text.find("\n", last)
    line = f"{' ' * node.start_mark.column}{written(key)}:{told}{end}"
    if stop < 0:
        return text + end + line
    return text[: stop + 1] + line + text[stop + 1 :]


def _end(node: Any, text: str) -> int:
    """Return where a value really ends: a block node's mark lies behind comments after it."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return _end(last[1] if isinstance(node, yaml.MappingNode) else last, text)
    start: int = node.start_mark.index
    stop: int = node.end_mark.index
    return start + len(text[start:stop].rstrip())


def replace_file(path: Path, content: bytes) -> None:
    """Write a file whole or not at all, keeping its permissions. Raises UsageError."""
    target, temporary = path, ""
    try:
        target = path.resolve()
        mode = target.stat().st_mode & 0o7777
        handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(mode)
        Path(temporary).replace(target)
        temporary = ""
    except (OSError, ValueError) as cause:
        reason = getattr(cause, "strerror", None) or str(cause)
        message = Text(f"无法写入：{reason}", f"cannot write: {reason}")
        raise UsageError([Problem(message, file=str(path))]) from None
    finally:
        if temporary:
            with suppress(OSError):
                Path(temporary).unlink()
