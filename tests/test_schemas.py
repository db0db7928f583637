"""The schemas accept what the loader accepts, refuse what it refuses, and are the shipped ones."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import generate
import jsonschema_rs
import pytest

from socap.documents import parse_document, read_document
from socap.errors import EvidenceError, PackError, SocapError, UsageError
from socap.organisation import from_document
from socap.packs import BUNDLED, OPTIONAL, REQUIRED
from socap.schemas.catalogue import KINDS, schema
from socap.standard import load

ROOT = Path(__file__).parents[1]
HEAD = "organisation: {id: t, name: {zh: 甲, en: A}}\nprofile: {types: [ITO]}\n"


def validator(kind: str, pack: str | None = None) -> Any:
    return jsonschema_rs.validator_for(json.dumps(schema(kind, load(pack))))


def faults(kind: str, data: Any, pack: str | None = None) -> list[str]:
    found = validator(kind, pack).iter_errors(data)
    return [f"{list(e.instance_path)}: {str(e.message)[:120]}" for e in found]


@pytest.mark.parametrize("pack", BUNDLED)
def test_every_shipped_file_fits_its_schema(pack: str) -> None:
    for folder in BUNDLED[pack]:
        for file in sorted(folder.glob("*.yaml")):
            kind = file.stem if file.stem in (*REQUIRED, *OPTIONAL) else "requirements"
            assert faults(kind, read_document(file, PackError).data) == [], file.name


def test_crosswalks_cases_and_examples_fit_theirs() -> None:
    for file in (ROOT / "socap" / "crosswalk" / "data").glob("*.yaml"):
        assert faults("crosswalk", read_document(file, PackError).data) == [], file.name
    for file in (ROOT / "tests" / "cases").rglob("*.yaml"):
        kind = "survivors" if file.stem == "survivors" else "cases"
        assert faults(kind, read_document(file, PackError).data) == [], str(file)
    for file in (ROOT / "examples").glob("*.yaml"):
        assert faults("company", read_document(file, EvidenceError).data) == [], file.name
    for file in (ROOT / "examples" / "companions").glob("*.yaml"):
        data = read_document(file, EvidenceError).data
        assert faults("company", data, file.stem) == [], file.name


@pytest.mark.parametrize(
    "body",
    [
        "evidence: {cms.documented: 1}",
        "evidence: {cms.documentd: true}",
        "evidence: {cms.aspects_covered: [quality, speed]}",
        "evidence: {cms.documented: {value: true, valid_until: tomorrow}}",
        "evidence: {cms.documented: {value: true, status: approved}}",
        "evidence: {cms.documented: {no_case: none}}",
        "evidence: {cms.documented: []}",
        "records: {supplier: {id: a}}",
        "records: {supplier: [{approved: true}]}",
        "records: {suppliers: []}",
        "exclusions: [{requirement: 4.1-a}]",
        "exclusions: [{requirement: 9.9-a, justification: none}]",
        "certificates: [{standard: ISO 9001:2015, accredited: maybe}]",
    ],
)
def test_schema_and_loader_refuse_the_same_company_files(body: str) -> None:
    document = parse_document((HEAD + body).encode(), "c.yaml", EvidenceError)
    with pytest.raises(SocapError):
        from_document(document, load())
    assert faults("company", document.data)


def test_schema_and_loader_accept_the_same_forms_of_answer() -> None:
    body = (
        "evidence:\n"
        "  cms.documented: null\n"
        "  cms.aspects_covered: [quality]\n"
        "  management_review.last_date:\n"
        "    - {value: 2026-01-02, source: minutes, status: verified, verified_by: Chen}\n"
        "    - {value: 2026-01-02, collected_on: 2026-02-01}\n"
        "records: {supplier: [{id: a, approved: true, note: register}], service: null}\n"
    )
    document = parse_document((HEAD + body).encode(), "c.yaml", EvidenceError)
    from_document(document, load())
    assert faults("company", document.data) == []


def test_the_shipped_schemas_and_handbooks_are_the_generated_ones() -> None:
    for file, content in generate.generated():
        assert file.read_text(encoding="utf-8") == content, f"run docs/generate.py: {file.name}"


def test_an_unknown_kind_is_refused_with_the_closest_one() -> None:
    with pytest.raises(UsageError, match="did you mean vocabulary"):
        schema("vocabulery", load())
    assert len(KINDS) == len(set(KINDS))
