"""The schemas of results accept every result that is written, and refuse what was tampered with."""

from __future__ import annotations

import json
from copy import deepcopy
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema_rs
import pytest
from test_corrupted_results import CORRUPTIONS, DISPUTED, EXCLUDED, MIXED, OPEN, OTHER_TYPE

from socap.applicability_matrix import matrix
from socap.assessment import assess
from socap.company_file import read
from socap.documents import parse_document
from socap.errors import EvidenceError
from socap.organisation import from_document
from socap.schemas.catalogue import DRAFT
from socap.schemas.result_files import matrix_result, result_file
from socap.schemas.shapes import definitions
from socap.standard import load

if TYPE_CHECKING:
    from collections.abc import Callable

    from socap.standard import Standard

EXAMPLES = Path(__file__).parent.parent / "examples"
COMPANIES = sorted(EXAMPLES.glob("*.yaml"))
COMPANIONS = sorted((EXAMPLES / "companions").glob("*.yaml"))
AS_OF = date(2026, 11, 1)
# What a shape cannot show: the content does not follow from the answers, or the hashes do not fit.
SHAPED = {
    "an outcome nobody knows",
    "no grade",
    "no date",
    "an assurance nobody knows",
    "a dispute invented",
    "a count that is true",
    "a clause invented",
    "a score from nowhere",
    "another format",
    "a key nobody knows",
    "a key of a finding",
}


def checker(made: dict[str, Any]) -> Any:
    shared = {**definitions(), **made.get("$defs", {})}
    return jsonschema_rs.validator_for(json.dumps({"$schema": DRAFT, **made, "$defs": shared}))


RESULT, MATRIX = checker(result_file()), checker(matrix_result())


def faults(of: Any, data: Any) -> list[str]:
    plain = json.loads(json.dumps(data))
    return [f"{list(e.instance_path)}: {str(e.message)[:120]}" for e in of.iter_errors(plain)]


def result(file: Path, standard: Standard, **options: Any) -> dict[str, Any]:
    chosen = {"as_of": AS_OF, "reader": "reference", **options}
    return assess(read(file, standard), standard, **chosen).to_dict()


@pytest.mark.parametrize("file", COMPANIES, ids=lambda file: file.stem)
def test_the_result_of_every_example_fits(file: Path) -> None:
    assert faults(RESULT, result(file, load())) == []
    assert faults(RESULT, result(file, load(), assurance="verified", use_credit=True)) == []


@pytest.mark.parametrize("file", COMPANIONS, ids=lambda file: file.stem)
def test_the_result_of_every_other_pack_fits(file: Path) -> None:
    assert faults(RESULT, result(file, load(file.stem))) == []


@pytest.mark.parametrize("overlay", sorted((EXAMPLES / "overlays").glob("*.yaml")), ids=str)
def test_a_result_with_an_overlay_and_parameters_fits(overlay: Path) -> None:
    standard = load(overlays=[overlay])
    name = next(iter(standard.vocabulary.parameters))
    told = result(COMPANIES[0], standard, parameters={name: 1})
    assert told["overlays"]
    assert told["parameters"] == {name: 1}
    assert faults(RESULT, told) == []


def test_matrices_fit(tiny: Standard) -> None:
    for made in (matrix(), matrix(tiny), matrix(types=["BPO"])):
        assert faults(MATRIX, made.to_dict()) == []
    for file in COMPANIES:
        assert faults(MATRIX, matrix(organisation=read(file), as_of=AS_OF).to_dict()) == []


def mixed(body: str, standard: Standard) -> dict[str, Any]:
    document = parse_document(body.encode(), "c.yaml", EvidenceError)
    organisation = from_document(document, standard)
    told = assess(organisation, standard, as_of=date(2026, 3, 1), reader="reference").to_dict()
    plain: dict[str, Any] = json.loads(json.dumps(told))
    return plain


@pytest.mark.parametrize("body", [MIXED, EXCLUDED, OPEN, DISPUTED, OTHER_TYPE])
def test_results_of_every_outcome_fit(body: str, tiny: Standard) -> None:
    assert faults(RESULT, mixed(body, tiny)) == []


def test_it_is_known_which_corruptions_a_shape_shows(tiny: Standard) -> None:
    found = set()
    for name, (body, change, _) in CORRUPTIONS.items():
        told = mixed(body, tiny)
        if "overlay" in name:
            continue
        change(told)
        if faults(RESULT, told):
            found.add(name)
    assert found == SHAPED


def put(value: Any, *path: str | int) -> Callable[[dict[str, Any]], None]:
    def change(told: dict[str, Any]) -> None:
        at: Any = told
        for step in path[:-1]:
            at = at[step]
        at[path[-1]] = value

    return change


ANSWER = ("given", "evidence", "test.pass_pct", 0)
SUPPLIER = ("given", "records", "supplier", 0)
WRONG = {
    "a hash cut short": put("0" * 63, "standard", "hash"),
    "a seal in capitals": put("A" * 64, "seal"),
    "no seal": put(None, "seal"),
    "a date with a time": put("2026-03-01T00:00:00", "as_of"),
    "a count below nothing": put(-1, "summary", "conforming"),
    "half a count": put(0.5, "by_clause", "6", "minor"),
    "an aspect too many": put({}, "by_aspect", "speed"),
    "a text in one language": put({"zh": "甲"}, "notice"),
    "an answer that is a mapping": put({"a": 1}, *ANSWER, "value"),
    "a value and no case": put("none", *ANSWER, "no_case"),
    "a status nobody knows": put("approved", *ANSWER, "status"),
    "an answer that is no list": put({"value": 1}, "given", "evidence", "test.pass_pct"),
    "a record without id": lambda told: told["given"]["records"]["supplier"][0].pop("id"),
    "a bare field of a record": put(True, *SUPPLIER, "critical"),
    "a circumstance that is a number": put(1, "given", "profile", "uses_external_suppliers"),
    "a grade of a conforming finding": put("minor", "findings", 0, "grade"),
    "a reason of no kind": put("because", "findings", 0, "reasons", 0, "kind"),
    "a requirement of no form": put("first", "findings", 0, "requirement"),
    "a parameter in words": put("many", "parameters", "pass_min_pct"),
    "findings by name": put({}, "findings"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_shape_is_refused(name: str, tiny: Standard) -> None:
    told = mixed(MIXED, tiny)
    assert faults(RESULT, told) == []
    WRONG[name](told)
    assert len(faults(RESULT, told)) >= 1


@pytest.mark.parametrize("key", mixed(MIXED, load(Path(__file__).parent / "packs" / "tiny")))
def test_nothing_may_be_left_out(key: str, tiny: Standard) -> None:
    told = mixed(MIXED, tiny)
    del told[key]
    assert faults(RESULT, told) != []


@pytest.mark.parametrize(
    "change",
    [
        put("maybe", "rows", 0, "cells", 0, "decision"),
        put("applies_if", "rows", 0, "cells", 0, "decision"),
        put({"zh": "甲", "en": "a"}, "rows", 0, "cells", 0, "condition"),
        put(None, "rows", 0, "cells", 0, "why"),
        put("ITO", "columns", 0),
        put("1", "schema_version"),
        put([], "certified"),
        put("", "standard", "hash"),
    ],
)
def test_a_wrong_matrix_is_refused(
    change: Callable[[dict[str, Any]], None], tiny: Standard
) -> None:
    told = deepcopy(matrix(tiny).to_dict())
    assert told["rows"][0]["cells"][0]["decision"] == "applies"
    change(told)
    assert faults(MATRIX, told) != []
