"""OSCAL documents judged by others: NIST's metaschema, and NIST's JSON schemas where they are at hand.

`SOCAP_OSCAL_SCHEMAS` names a folder with the JSON schemas of the release (1.2.1) to check against.
"""

from __future__ import annotations

import json
import os
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs
from oscal import OSCAL


@cache
def _schema(kind: str) -> jsonschema_rs.Draft7Validator | None:
    folder = os.environ.get("SOCAP_OSCAL_SCHEMAS")
    if folder is None:
        return None
    text = Path(folder, f"oscal_{kind}_schema.json").read_text(encoding="utf-8")
    return jsonschema_rs.Draft7Validator(json.loads(text), validate_formats=True)


def complaints(kind: str, file: Path) -> list[str]:
    """Return what is wrong with a document of this kind."""
    document: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    found = []
    schema = _schema(kind)
    if schema is not None:
        found += [error.message for error in schema.iter_errors(document)]
    made = OSCAL.load(str(file))
    if not made.validate():
        found += [str(error) for error in made.validation_errors] or ["not valid"]
    return found
