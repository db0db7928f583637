"""JSON Schemas of every kind of file, for editors; the loader itself checks more."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from socap.errors import Text, unknown_name
from socap.schemas import pack_files as files
from socap.schemas.company_file import company
from socap.schemas.mapping_file import mapping_file
from socap.schemas.result_files import matrix_result, result_file
from socap.schemas.shapes import Schema, definitions

if TYPE_CHECKING:
    from socap.standard import Standard

DRAFT = "https://json-schema.org/draft/2020-12/schema"
MAKERS = {
    "pack": files.pack_file,
    "headings": files.headings_file,
    "vocabulary": files.vocabulary_file,
    "profile": files.profile_file,
    "parameters": files.parameters_file,
    "consistency": files.consistency_file,
    "requirements": files.requirements_file,
    "grading": files.grading_file,
    "scoring": files.scoring_file,
    "crosswalk": files.crosswalk_file,
    "overlay": files.overlay_file,
    "cases": files.cases_file,
    "survivors": files.survivors_file,
    "mapping": mapping_file,
    "result": result_file,
    "matrix": matrix_result,
}
KINDS = (*MAKERS, "company")


def schema(kind: str, standard: Standard) -> Schema:
    """Return the JSON Schema (2020-12) of a kind of file.

    That of a company file names the evidence items, records and circumstances of this standard.
    Raises UsageError for another kind.
    """
    if kind == "company":
        made, title = company(standard), f"{standard.id} {standard.pack.subject.value}"
    elif kind in MAKERS:
        made, title = MAKERS[kind](), kind
    else:
        raise unknown_name(Text("文件种类", "kind of file"), kind, KINDS)
    shared = {**definitions(), **made.pop("$defs", {})}
    needed = _named(made, shared)
    return {
        "$schema": DRAFT,
        "title": f"socap {title}",
        **made,
        "$defs": {name: shared[name] for name in shared if name in needed},
    }


def _named(made: Schema, shared: Schema) -> set[str]:
    """Return the shared definitions that a schema names, directly or not."""
    found: set[str] = set()
    todo: list[object] = [made]
    while todo:
        new = set(re.findall(r'"#/\$defs/(\w+)"', json.dumps(todo.pop()))) - found
        found |= new
        todo += [shared[name] for name in new]
    return found


def as_json(made: Schema) -> str:
    """Return a schema as text."""
    return json.dumps(made, ensure_ascii=False, indent=1) + "\n"
