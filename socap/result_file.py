"""A result file: how it is read, the shape it has, and the seal that shows changes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any

from socap.documents import DEPTH_LIMIT, NODE_LIMIT, parse_document, read_bytes
from socap.errors import EvidenceError, Problem, Text, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

SCHEMAS = ("2",)
WHOLE_NUMBER_LIMIT = 10**18
SHOWN = 100
_TEXT = {"zh": str, "en": str}
_REASON = {"kind": str, "evidence": [str], "records": [str], "text": _TEXT}
_FINDING = {
    "requirement": str,
    "outcome": str,
    "grade": object,
    "proof": [{"key": str, "record": str}],
    "reasons": [_REASON],
}
# What is only compared needs no shape: `object` stands for any value.
RESULT = {
    "schema_version": str,
    "standard": {"id": str, "hash": str, "title": _TEXT},
    "overlays": [{"id": str, "title": _TEXT, "hash": str}],
    "as_of": str,
    "assurance": str,
    "use_credit": bool,
    "organisation": object,
    "given": dict,
    "notice": object,
    "parameters": dict,
    "status": object,
    "recommendation": object,
    "score": object,
    "disputed": object,
    "summary": object,
    "by_clause": object,
    "by_aspect": object,
    "by_pdca": object,
    "findings": [_FINDING],
    "seal": str,
}
_SHAPES: dict[type[Any], Text] = {
    str: Text("文字", "text"),
    bool: Text("true 或 false", "true or false"),
    dict: Text("映射", "a mapping"),
    list: Text("列表", "a list"),
}


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Where a result is not what it should be, and how."""

    place: str
    message: Text


def seal(result: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a result without its `seal`, over JSON with sorted keys and no blanks.

    It shows that a result was changed, wordings and idle evidence included. It is no signature:
    whoever changes a result can seal it anew. Raises UsageError for what is not JSON.

    >>> seal({"a": 1, "seal": "x"}) == seal({"a": 1})
    True
    """
    _refuse_what_is_not_json(result)
    return sha256(canonical({k: v for k, v in result.items() if k != "seal"}).encode()).hexdigest()


def read_result(result: str | Path | Mapping[str, Any]) -> dict[str, Any]:
    """Return the content of a result file, or of a mapping that came from one.

    Raises EvidenceError or UsageError for what is no JSON mapping, or one too deep or too large.
    """
    if isinstance(result, (str, Path)):
        content = read_bytes(Path(result), EvidenceError)
        data = parse_document(content, str(result), EvidenceError, json_only=True).data
        if not isinstance(data, dict):
            message = Text("结果文件应为映射", "a result file is a mapping")
            raise EvidenceError([Problem(message, file=str(result))])
        return data
    _refuse_what_is_not_json(result)
    plain: dict[str, Any] = json.loads(canonical(result))
    return plain


def _refuse_what_is_not_json(result: object) -> None:
    if not isinstance(result, Mapping):
        raise UsageError([Problem(Text("结果应为映射", "a result is a mapping"))])
    level: list[Any] = [result]
    nodes = 0
    for _ in range(DEPTH_LIMIT + 1):
        below: list[Any] = []
        for value in level:
            nodes += 1
            if isinstance(value, Mapping) and all(isinstance(key, str) for key in value):
                below.extend(value.values())
            elif isinstance(value, list):
                below.extend(value)
            elif not _is_plain(value):
                message = Text(
                    "结果含有 JSON 以外的值", "the result holds a value JSON does not have"
                )
                raise UsageError([Problem(message)])
            if nodes + len(below) > NODE_LIMIT:
                raise UsageError([Problem(Text("值过多", "the result holds too many values"))])
        level = below
    if level:
        raise UsageError([Problem(Text("结果嵌套过深", "the result is nested too deeply"))])


def _is_plain(value: object) -> bool:
    if type(value) is int:
        return abs(value) <= WHOLE_NUMBER_LIMIT
    if type(value) is float:
        return isfinite(value)
    return value is None or isinstance(value, (str, bool))


def canonical(value: Any) -> str:
    """Return the one way in which a JSON value is written for comparing and sealing."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), default=dict)


def misshapen(place: str, raw: Any, shape: Any = RESULT) -> Iterator[Disagreement]:
    """Yield where a value has another shape: a type, a list of a shape, or a mapping of shapes."""
    kind: type[Any] = shape if isinstance(shape, type) else type(shape)
    if not isinstance(raw, kind):
        wanted = _SHAPES[kind]
        yield Disagreement(place, Text(f"应为{wanted.zh}", f"this should be {wanted.en}"))
    elif isinstance(shape, list):
        for index, entry in enumerate(raw):
            yield from misshapen(f"{place}[{index}]", entry, shape[0])
    elif isinstance(shape, dict):
        for key in (k for k in (*shape, *raw) if (k in shape) != (k in raw)):
            told = Text("缺少", "missing") if key in shape else Text("不认识的键", "unknown key")
            yield Disagreement(f"{place}.{key[:SHOWN]}".lstrip("."), told)
        for key in (k for k in shape if k in raw):
            yield from misshapen(f"{place}.{key}".lstrip("."), raw[key], shape[key])
