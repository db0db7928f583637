"""OSCAL documents read back: what OSCAL can hold comes back equal, what was tampered with is refused."""

from __future__ import annotations

import json
from copy import deepcopy
from dataclasses import fields, replace
from datetime import date
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import jsonschema_rs
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from oscal_validation import complaints
from random_companies import organisation

from socap.assessment import assess
from socap.company_file import read
from socap.errors import EvidenceError, Text, UsageError
from socap.oscal.catalog import catalog
from socap.oscal.catalog_reading import Control, read_catalog
from socap.oscal.document import plain, prop, prose, tidy, write
from socap.oscal.results import assessment_results
from socap.oscal.results_reading import read_results
from socap.packs import BUNDLED
from socap.standard import load

if TYPE_CHECKING:
    from collections.abc import Callable

    from socap.assessment import Assessment
    from socap.errors import Lang
    from socap.organisation import Organisation
    from socap.oscal.results_reading import Results
    from socap.standard import Standard

TESTS = Path(__file__).parent
EXAMPLES = TESTS.parent / "examples"
AS_OF = date(2026, 11, 1)
LANGS: tuple[Lang, ...] = ("zh", "en")
BODY = """profile: {types: [BPO], uses_external_suppliers: true}
evidence:
  audit.last_date: {value: 2026-01-05, source: "a\\n*b*\\t", note: "- <i>"}
  change.late_count: {no_case: " none_ "}
records:
  supplier: [{id: " acme\\u2028 "}, {id: b, critical: {value: true, source: x}, status: rejected}]
exclusions: [{requirement: 6.1-b, justification: "`why` \\\\ {{ insert: param, x }}"}]
"""


def same(back: Results, made: Assessment) -> None:
    """Refuse a difference between what came back and what went in."""
    given_, standard = made.organisation, made.standard
    assert (back.standard, back.hash, back.seal) == (
        standard.id,
        standard.hash,
        made.to_dict()["seal"],
    )
    assert (back.organisation, back.name, back.as_of) == (given_.id, given_.name, made.as_of)
    assert (back.assurance, back.use_credit) == (made.assurance, made.use_credit)
    assert (back.status, back.recommendation) == (made.status, made.recommendation.id)
    assert list(back.findings) == list(made.findings)
    for name, found in made.findings.items():
        held = back.findings[name]
        assert (held.outcome, held.grade, held.reasons) == (
            found.outcome,
            found.grade,
            found.reasons,
        )
    assert (back.profile, back.evidence, back.records) == (
        given_.profile,
        given_.evidence,
        given_.records,
    )


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("pack", [*BUNDLED, str(TESTS / "packs" / "tiny")])
def test_a_catalog_gives_back_all_but_the_rules(pack: str, lang: Lang, tmp_path: Path) -> None:
    standard = load(pack)
    file = tmp_path / "c.json"
    file.write_text(write(catalog(standard, lang)), encoding="utf-8")
    back = read_catalog(file)
    assert (back.standard, back.hash) == (standard.id, standard.hash)
    assert (back.title, back.notice) == (standard.title, standard.pack.notice)
    assert list(back.headings.items()) == list(standard.headings.items())
    assert back.parameters == standard.vocabulary.parameters
    assert set(back.controls) == set(standard.requirements)
    names = [field.name for field in fields(Control)]
    for name, held in back.controls.items():
        told = standard.requirements[name]
        assert [getattr(held, n) for n in names] == [getattr(told, n) for n in names]


@pytest.mark.parametrize(("assurance", "lang"), [("declared", "zh"), ("verified", "en")])
@pytest.mark.parametrize("name", [file.stem for file in sorted(EXAMPLES.glob("*.yaml"))])
def test_results_give_back_findings_and_answers(name: str, assurance: str, lang: Lang) -> None:
    company = read(EXAMPLES / f"{name}.yaml")
    made = assess(company, as_of=AS_OF, reader="reference", assurance=assurance)
    same(read_results(assessment_results(made, lang)), made)


@pytest.mark.parametrize("seed", range(40))
def test_random_companies_come_back(tiny: Standard, seed: int, tmp_path: Path) -> None:
    made = assess(
        organisation(Random(seed), tiny, AS_OF),
        tiny,
        as_of=AS_OF,
        reader="reference",
        assurance=("declared", "verified")[seed % 2],
    )
    document = assessment_results(made, LANGS[seed // 2 % 2])
    assert judged(document, tmp_path) == []
    same(read_results(document), made)


def judged(document: dict[str, Any], folder: Path) -> list[str]:
    file = folder / "results.json"
    file.write_text(write(document), encoding="utf-8")
    return complaints("assessment-results", file)


@pytest.mark.parametrize("lang", LANGS)
def test_hostile_wording_comes_back(
    tiny: Standard, company: Callable[[str], Organisation], lang: Lang, tmp_path: Path
) -> None:
    for name in (Text("\ufeff a\n", " "), Text("<script>\u2028</script>", "\\*\x00\x85")):
        made = assess(replace(company(BODY), name=name), tiny, as_of=AS_OF, reader="reference")
        document = assessment_results(made, lang)
        assert judged(document, tmp_path) == []
        same(read_results(document), made)


@given(st.text())
@example("\\-")
@example("- a\n+ b")
@example("__init__ _x_ a_b")
def test_prose_and_properties_lose_nothing(text: str) -> None:
    assert plain(prose(text)) == text
    held = prop("x", text)
    assert (plain(held["remarks"]) if "remarks" in held else held["value"]) == text
    assert string_schema.is_valid(held["value"])
    assert string_schema.is_valid(tidy(text))


string_schema = jsonschema_rs.Draft7Validator({"type": "string", "pattern": r"^\S(.*\S)?$"})


def test_a_lone_surrogate_is_replaced(
    tiny: Standard, company: Callable[[str], Organisation]
) -> None:
    made = assess(
        replace(company(BODY), id="\ud800x", name=Text("\udc00", "A")),
        tiny,
        as_of=AS_OF,
        reader="reference",
    )
    document = assessment_results(made)
    assert read_results(json.loads(write(document).encode())).name == Text("\ufffd", "A")


def result(document: dict[str, Any]) -> dict[str, Any]:
    (found,) = document["assessment-results"]["results"]
    assert isinstance(found, dict)
    return found


def make_satisfied(document: dict[str, Any]) -> None:
    for found in result(document)["findings"]:
        found["target"]["status"] = {"state": "satisfied", "reason": "pass"}


def repeat(document: dict[str, Any]) -> None:
    result(document)["findings"] *= 2


def drop(document: dict[str, Any]) -> None:
    result(document)["findings"].pop()


def swap_target(document: dict[str, Any]) -> None:
    result(document)["findings"][0]["target"]["target-id"] = "req-6.9-z_smt"


def other_outcome(document: dict[str, Any]) -> None:
    for entry in result(document)["findings"][0]["props"]:
        if entry["name"] == "outcome":
            entry["value"] = "splendid"


def set_aside(document: dict[str, Any]) -> None:
    for entry in result(document)["findings"][0]["props"]:
        if entry["name"] == "outcome":
            entry["value"] = "not_applicable"


def other_namespace(document: dict[str, Any]) -> None:
    for entry in result(document)["findings"][0]["props"]:
        entry["ns"] = "urn:other"


def other_type(document: dict[str, Any]) -> None:
    for entry in result(document)["observations"]:
        for held in entry.get("relevant-evidence", ()):
            for told in held["props"]:
                if told["name"] == "value":
                    told["value"] = "NaN"


def older(document: dict[str, Any]) -> None:
    document["assessment-results"]["metadata"]["oscal-version"] = "1.1.2"


def no_language(document: dict[str, Any]) -> None:
    document["assessment-results"]["metadata"]["props"].pop(0)


def two_results(document: dict[str, Any]) -> None:
    document["assessment-results"]["results"] *= 2


def endless_id(document: dict[str, Any]) -> None:
    for entry in result(document)["findings"][0]["props"]:
        if entry["name"] == "requirement":
            entry["value"] = "9" * 5000 + "-a"


def not_a_list(document: dict[str, Any]) -> None:
    result(document)["findings"] = "all fine"


@pytest.mark.parametrize(
    ("tamper", "said"),
    [
        (make_satisfied, "the state satisfied of 6.1-c contradicts its outcome undetermined"),
        (repeat, "6.1-a appears twice"),
        (drop, "req-6.2-b has no outcome"),
        (swap_target, "contradicts its outcome"),
        (other_outcome, "splendid should be one of: conforming"),
        (set_aside, "disagrees with the controls reviewed"),
        (other_namespace, "there should be one property outcome, not 0"),
        (other_type, "this is no value of the type"),
        (older, "the OSCAL version should be 1.2.1, not 1.1.2"),
        (no_language, "there should be one property language, not 0"),
        (two_results, "there should be one result"),
        (endless_id, "this is no requirement's id"),
        (not_a_list, "this should be a list"),
    ],
)
def test_a_changed_document_is_refused(
    tiny: Standard,
    company: Callable[[str], Organisation],
    tamper: Callable[[dict[str, Any]], None],
    said: str,
) -> None:
    body = "profile: {types: [ITO]}\nevidence: {audit.last_date: 2026-01-05, plan.kept: true}\n"
    made = assess(company(body), tiny, as_of=AS_OF, reader="reference")
    document = deepcopy(assessment_results(made))
    tamper(document)
    with pytest.raises(EvidenceError, match=said):
        read_results(document)


def test_what_is_no_document_is_refused(tiny: Standard, tmp_path: Path) -> None:
    file = tmp_path / "x.json"
    for content in ("[]", "{", "null", '{"catalog": []}', '{"catalog": {}}', '{"a": 1}', "7"):
        file.write_text(content, encoding="utf-8")
        for reader in (read_catalog, read_results):
            with pytest.raises(EvidenceError, match=r"x\.json"):
                reader(file)
    with pytest.raises(EvidenceError, match="assessment-results is missing"):
        read_results(catalog(tiny))
    with pytest.raises(UsageError, match="does not have"):
        read_catalog({"catalog": {1, 2}})


@pytest.mark.parametrize("page", ["inf", "nan", "1" * 5000, "one"])
def test_a_page_is_a_number(tiny: Standard, page: str) -> None:
    document = catalog(tiny)
    document["catalog"]["groups"][0]["props"][1]["value"] = page
    with pytest.raises(EvidenceError, match="page should be a number"):
        read_catalog(document)


def test_an_error_names_the_line(tiny: Standard, tmp_path: Path) -> None:
    document = catalog(tiny, "en")
    document["catalog"]["groups"][0]["groups"][0]["controls"][0]["props"][2]["value"] = "must"
    file = tmp_path / "c.json"
    file.write_text(write(document), encoding="utf-8")
    with pytest.raises(EvidenceError) as raised:
        read_catalog(file)
    (problem,) = raised.value.problems
    assert problem.message.en == "must should be one of: shall, should"
    assert problem.path == "catalog.groups[0].groups[0].controls[0].props"
    assert problem.line is not None
