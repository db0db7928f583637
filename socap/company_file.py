"""Company files: read from YAML, JSON or XLSX, written as YAML that a person can go on editing, or JSON."""

from __future__ import annotations

import json
import re
import unicodedata
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from socap.documents import read_document
from socap.errors import EvidenceError, Problem, Text
from socap.organisation import from_document
from socap.standard import load

if TYPE_CHECKING:
    from collections.abc import Iterator

    from socap.organisation import Organisation
    from socap.standard import Standard

Plain: TypeAlias = "bool | int | float | str | date | list[Plain] | dict[str, Plain] | None"
_BARE = re.compile(r"[A-Za-z][A-Za-z0-9_.\-]*\Z")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")
_WORDS = {"true", "false", "null", "yes", "no", "on", "off", "y", "n", "nan", "inf"}
_ONE_A_LINE = ("organisation", "person", "profile", "evidence")


def read(path: str | Path, standard: Standard | None = None) -> Organisation:
    """Read a company file (YAML, JSON or XLSX) against a standard's vocabulary.

    Raises EvidenceError with every problem in the file, each with its line, or its sheet and cell.
    """
    standard = standard or load()
    place = Path(path)
    suffix = place.suffix.lower()
    if suffix == ".xlsx" and not place.is_dir():
        document = import_module("socap.workbook.reading").read(place, standard)
    elif suffix in (".yaml", ".yml", ".json") or place.is_dir():
        document = read_document(place, EvidenceError)
    else:
        message = Text("不支持的文件类型", "this kind of file is not read")
        hint = Text("请用 .yaml、.yml、.json 或 .xlsx", "use .yaml, .yml, .json or .xlsx")
        raise EvidenceError([Problem(message, file=str(path), hint=hint)])
    return from_document(document, standard)


def written(value: Plain) -> str:
    """Return a value as YAML on one line, read back the same by any YAML reader.

    >>> written({"value": ["a", "4"], "note": "甲: 乙", "no": True})
    '{value: [a, "4"], note: "甲: 乙", "no": true}'
    """
    if isinstance(value, dict):
        return "{" + ", ".join(f"{written(k)}: {written(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(written, value)) + "]"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str):
        bare = _DATE.match(value) or (_BARE.match(value) and value.lower() not in _WORDS)
        return value if bare else _quoted(value)
    return json.dumps(value)


def _quoted(value: str) -> str:
    told = json.dumps(value, ensure_ascii=False)
    # YAML refuses control characters as they are, and takes the line separators for line ends.
    return "".join(
        f"\\u{ord(c):04x}" if unicodedata.category(c) in ("Cc", "Zl", "Zp") or c == "\ufeff" else c
        for c in told
    )


def as_values(organisation: Organisation, standard: Standard) -> dict[str, Any]:
    """Return a company file as plain JSON values; a bare value where an answer is no more."""
    told = organisation.to_dict()
    head = standard.pack.subject.value
    made: dict[str, Any] = {head: told["organisation"]}
    if standard.vocabulary.types or standard.vocabulary.flags:
        made["profile"] = told["profile"]
    made["evidence"] = {key: _short(answers) for key, answers in told["evidence"].items()}
    made["records"] = {
        name: [{key: _bare(value) for key, value in record.items()} for record in records]
        for name, records in told["records"].items()
    }
    return made | {name: told[name] for name in ("certificates", "exclusions")}


def _short(answers: list[dict[str, Any]]) -> Any:
    return _bare(answers[0]) if len(answers) == 1 else answers


def _bare(value: Any) -> Any:
    return value["value"] if isinstance(value, dict) and set(value) == {"value"} else value


def as_json(organisation: Organisation, standard: Standard) -> str:
    """Return a company file in JSON."""
    return json.dumps(as_values(organisation, standard), ensure_ascii=False, indent=2) + "\n"


def as_yaml(organisation: Organisation, standard: Standard) -> str:
    """Return a company file in YAML, one line an answer and one a record.

    Read again it gives the same organisation.
    """
    return "\n".join(_lines(as_values(organisation, standard))) + "\n"


def _lines(made: dict[str, Any]) -> Iterator[str]:
    for name, held in made.items():
        if not held:
            continue
        yield f"{name}:"
        if name in _ONE_A_LINE:
            yield from (f"  {written(key)}: {written(value)}" for key, value in held.items())
        elif isinstance(held, list):
            yield from (f"  - {written(entry)}" for entry in held)
        else:
            for kind, records in held.items():
                yield f"  {written(kind)}:" + ("" if records else " []")
                yield from (f"    - {written(record)}" for record in records)
