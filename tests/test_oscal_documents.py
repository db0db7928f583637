"""OSCAL documents: valid by NIST's metaschema, loaded by compliance-trestle, and never too kind."""

from __future__ import annotations

import json
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from oscal_validation import complaints
from trestle.core.catalog.catalog_interface import CatalogInterface
from trestle.core.profile_resolver import ProfileResolver
from trestle.oscal.assessment_results import AssessmentResults
from trestle.oscal.catalog import Catalog
from trestle.oscal.mapping import MappingCollection
from trestle.oscal.profile import Profile

from socap.applicability_matrix import Applicability, matrix
from socap.assessment import assess
from socap.company_file import read
from socap.crosswalk.relation import SetRelation
from socap.documents import parse_document
from socap.errors import EvidenceError, UsageError
from socap.organisation import from_document
from socap.oscal.catalog import catalog
from socap.oscal.document import plain, write
from socap.oscal.identifiers import catalog_file
from socap.oscal.mapping import RELATIONSHIPS, mapping_collection
from socap.oscal.profile import profile
from socap.oscal.results import assessment_results
from socap.packs import BUNDLED, MAIN
from socap.standard import load

if TYPE_CHECKING:
    from collections.abc import Callable

    from socap.assessment import Assessment
    from socap.errors import Lang
    from socap.organisation import Organisation
    from socap.standard import Standard

TESTS = Path(__file__).parent
EXAMPLES = TESTS.parent / "examples"
AS_OF = date(2026, 11, 1)
LANGS: tuple[Lang, ...] = ("zh", "en")
MODELS: dict[str, Any] = {
    "catalog": Catalog,
    "profile": Profile,
    "mapping": MappingCollection,
    "assessment-results": AssessmentResults,
}
OUTSIDE = """profile: {types: [BPO], uses_external_suppliers: true}
evidence:
  audit.last_date: {value: 2026-01-05, source: "<b>*AR*</b> _1_", collected_on: 2026-02-01, valid_until: 2026-11-01, status: verified, verified_by: 陈}
  change.late_count: 1
  change.total_count: 3
  plan.parts: [scope, risk]
  plan.kept: true
records:
  supplier: [{id: " acme\\t1 ", critical: true, evaluated_on: 2020-01-01}]
"""


def accepted(kind: str, document: dict[str, Any], folder: Path) -> Any:
    """Return trestle's model of a document that NIST's metaschema and trestle accept."""
    uuids = [v for k, v in pairs(document) if k == "uuid"]
    assert len(uuids) == len(set(uuids))
    file = folder / f"{kind}.json"
    file.write_text(write(document), encoding="utf-8")
    assert complaints(kind, file) == []
    return MODELS[kind].oscal_read(file)


def pairs(value: Any) -> list[tuple[str, Any]]:
    """Return every key with its value, however deep."""
    if isinstance(value, list):
        return [pair for entry in value for pair in pairs(entry)]
    if isinstance(value, dict):
        return [*value.items(), *(pair for entry in value.values() for pair in pairs(entry))]
    return []


@cache
def example(name: str, assurance: str = "declared") -> Assessment:
    company = read(EXAMPLES / f"{name}.yaml")
    return assess(company, as_of=AS_OF, reader="reference", assurance=assurance)


def props(entry: dict[str, Any], name: str) -> list[str]:
    return [p["value"] for p in entry["props"] if p["name"] == name]


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("pack", BUNDLED)
def test_every_pack_is_a_valid_catalog(pack: str, lang: Lang, tmp_path: Path) -> None:
    standard = load(pack)
    made = accepted("catalog", catalog(standard, lang), tmp_path)
    held = list(CatalogInterface(made).get_control_ids())
    assert sorted(held) == sorted(f"req-{name}" for name in standard.requirements)
    assert made.metadata.title == standard.title.in_language(lang)


def test_a_control_reads_as_the_requirement(tiny: Standard) -> None:
    top = catalog(tiny, "en")["catalog"]
    assert top["metadata"]["last-modified"] == "1970-01-01T00:00:00Z"
    assert top["metadata"]["version"] == tiny.hash
    control = top["groups"][0]["groups"][0]["controls"][1]
    assert (control["id"], control["title"]) == ("req-6.1-b", "Test")
    assert control["links"] == [{"href": "#req-6.1-a", "rel": "required"}]
    said = {part["name"]: plain(part["prose"]) for part in control["parts"]}
    assert said == {
        "statement": "The organisation shall test.",
        "applies-when": "the outsourcing types include ITO",
        "assessment-objective": "“Test pass rate” is at least 95% (Minimum pass rate)",
        "excluded-when": "“State of the plan” is draft",
        "provenance": "Practice",
    }
    assert props(control["parts"][0], "statement") == ["组织应测试。"]


@pytest.mark.parametrize("types", [["ITO"], ["BPO"], ["KPO"], ["ITO", "BPO", "KPO"]])
def test_trestle_resolves_a_profile_to_what_may_apply(
    types: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    standard = load()
    (tmp_path / ".trestle").mkdir()
    accepted("profile", profile(standard, types, lang="en"), tmp_path)
    (tmp_path / catalog_file(standard)).write_text(write(catalog(standard, "en")), "utf-8")
    monkeypatch.chdir(tmp_path)
    resolved = ProfileResolver.get_resolved_profile_catalog(
        tmp_path, str(tmp_path / "profile.json")
    )
    cells = {r.requirement: r.cells[-1] for r in matrix(standard, types).rows}
    wanted = {n: c for n, c in cells.items() if c.decision is not Applicability.DOES_NOT_APPLY}
    assert set(CatalogInterface(resolved).get_control_ids()) == {f"req-{n}" for n in wanted}
    control = CatalogInterface(resolved).get_control("req-4.3-h")
    assert control is not None
    (part,) = [p for p in control.parts or () if p.name == "applies-if"]
    assert part.prose == "services are provided from several sites"


def test_a_profile_of_a_company_follows_its_circumstances(tmp_path: Path) -> None:
    company = example("huaqiao-software").organisation
    made = profile(load(), organisation=company, as_of=AS_OF, lang="zh")
    accepted("profile", made, tmp_path)
    chosen = made["profile"]["imports"][0]["include-controls"][0]["with-ids"]
    outcomes = {
        f"req-{n}": f.outcome.value for n, f in example("huaqiao-software").findings.items()
    }
    assert set(chosen) == {n for n, o in outcomes.items() if o != "not_applicable"}
    assert made["profile"]["metadata"]["last-modified"] == "2026-11-01T00:00:00Z"


def test_a_profile_is_refused_where_it_means_nothing(tiny: Standard) -> None:
    with pytest.raises(UsageError, match="no outsourcing type named XPO"):
        profile(tiny, ["XPO"])
    with pytest.raises(UsageError, match="does not tell types apart"):
        profile(load("staff-duties"))
    with pytest.raises(UsageError, match="not both"):
        profile(load(), ["ITO"], organisation=example("new-start").organisation, as_of=AS_OF)


@pytest.mark.parametrize("lang", LANGS)
def test_the_crosswalk_is_a_valid_mapping_collection(lang: Lang, tmp_path: Path) -> None:
    standard = load(MAIN)
    document = mapping_collection(standard, lang)
    accepted("mapping", document, tmp_path)
    back = {relationship: relation for relation, relationship in RELATIONSHIPS.items()}
    found = [
        (
            entry["sources"][0]["id-ref"].removeprefix("req-"),
            props(mapping, "reference-standard")[0],
            props(entry["targets"][0], "reference")[0],
            back[entry["relationship"]],
            entry["matching-rationale"],
            int(props(entry, "strength")[0]),
            tuple(props(entry, "uncovered")),
        )
        for mapping in document["mapping-collection"]["mappings"]
        for entry in mapping["maps"]
    ]
    assert found == [
        (
            r.requirement,
            r.standard,
            r.reference,
            r.relation,
            r.rationale.value,
            r.strength,
            r.uncovered,
        )
        for r in standard.crosswalk.relations
    ]
    for mapping in document["mapping-collection"]["mappings"]:
        name = props(mapping, "reference-standard")[0]
        gap = mapping["source-gap-summary"]["unmapped-controls"][0]["with-ids"]
        mapped = {r.requirement for r in standard.crosswalk.relations if r.standard == name}
        assert gap == [f"req-{n}" for n in standard.requirements if n not in mapped]


def test_every_relation_has_its_own_word() -> None:
    assert set(RELATIONSHIPS) == set(SetRelation)
    assert len(set(RELATIONSHIPS.values())) == len(SetRelation)


def test_a_standard_without_crosswalk_has_no_mapping() -> None:
    with pytest.raises(UsageError, match="has no relations to other standards"):
        mapping_collection(load("staff-duties"))


@pytest.mark.parametrize("assurance", ["declared", "verified"])
@pytest.mark.parametrize("name", [file.stem for file in sorted(EXAMPLES.glob("*.yaml"))])
def test_every_example_is_a_valid_result_and_only_conforming_is_satisfied(
    name: str, assurance: str, tmp_path: Path
) -> None:
    made = example(name, assurance)
    document = assessment_results(made, "en")
    model = accepted("assessment-results", document, tmp_path)
    result = model.results[0]
    states = {
        f.target.target_id: (f.target.status.state.value, f.target.status.reason)
        for f in result.findings
    }
    wanted = {
        "conforming": ("satisfied", "pass"),
        "nonconforming": ("not-satisfied", "fail"),
        "undetermined": ("not-satisfied", "other"),
    }
    outcomes = {n: f.outcome.value for n, f in made.findings.items()}
    assert states == {f"req-{n}_smt": wanted[o] for n, o in outcomes.items() if o in wanted}
    selection = document["assessment-results"]["results"][0]["reviewed-controls"]
    (told,) = selection["control-selections"]
    excluded = [c["control-id"] for c in told["exclude-controls"]]
    assert excluded == [f"req-{n}" for n, o in outcomes.items() if o not in wanted]


def test_companions_about_persons_are_valid_too(tmp_path: Path) -> None:
    standard = load("staff-duties")
    person = read(EXAMPLES / "companions" / "staff-duties.yaml", standard)
    made = assess(person, standard, as_of=AS_OF, reader="reference")
    document = assessment_results(made, "zh")
    accepted("assessment-results", document, tmp_path)
    assert document["assessment-results"]["metadata"]["parties"][0]["type"] == "person"


def judged(tiny: Standard, company: Callable[[str], Organisation], lang: Lang = "en") -> Any:
    made = assess(company(OUTSIDE), tiny, as_of=AS_OF, reader="reference")
    return assessment_results(made, lang)


def test_an_observation_says_who_when_and_until(
    tiny: Standard, company: Callable[[str], Organisation], tmp_path: Path
) -> None:
    document = judged(tiny, company)
    accepted("assessment-results", document, tmp_path)
    top = document["assessment-results"]
    whose, who = top["metadata"]["parties"]
    assert (whose["name"], who["name"], who["type"]) == ("A", "陈", "person")
    by_key = {o["title"]: o for o in top["results"][0]["observations"]}
    audit, late = by_key["audit.last_date"], by_key["change.late_count"]
    # An answer counts on its last day: it expires when that day is over.
    assert (audit["collected"], audit["expires"]) == (
        "2026-02-01T00:00:00Z",
        "2026-11-02T00:00:00Z",
    )
    assert audit["methods"] == ["EXAMINE"]
    actors = [a["actor-uuid"] for a in audit["origins"][0]["actors"]]
    assert actors == [whose["uuid"], who["uuid"]]
    assert audit["description"] == (
        "Date of the last audit 2026-01-05 "
        "(\\<b\\>\\*AR\\*\\</b\\> \\_1\\_; verified by an auditor)"
    )
    assert (late["methods"], "expires" in late) == (["DECLARED"], False)
    assert late["collected"] == "2026-11-01T00:00:00Z"
    assert props(late["relevant-evidence"][0], "collected-on") == []


def test_a_finding_points_at_what_it_rests_on(
    tiny: Standard, company: Callable[[str], Organisation]
) -> None:
    result = judged(tiny, company)["assessment-results"]["results"][0]
    titles = {o["uuid"]: (o["types"][0], o["title"]) for o in result["observations"]}
    findings = {props(f, "requirement")[0]: f for f in result["findings"]}
    related = {
        name: [titles[o["observation-uuid"]] for o in f.get("related-observations", [])]
        for name, f in findings.items()
    }
    assert related == {
        "6.1-a": [("evidence", "audit.last_date")],
        "6.1-c": [("evidence", "change.late_count")],
        "6.2-a": [("list", "records.supplier"), ("record", "records.supplier")],
        "6.2-b": [],  # what is missing has no observation
    }
    assert [props(f, "grade") for f in findings.values()] == [[], ["opportunity"], ["major"], []]
    (aside,) = [o for o in result["observations"] if o["types"] == ["applicability"]]
    assert (props(aside, "requirement"), props(aside, "outcome")) == (["6.1-b"], ["not_applicable"])


def test_an_open_finding_says_that_it_is_open() -> None:
    document = assessment_results(example("new-start"), "zh")
    findings = document["assessment-results"]["results"][0]["findings"]
    found = next(f for f in findings if props(f, "outcome") == ["undetermined"])
    assert found["target"]["status"]["remarks"] == (
        "待定；依据组织自述的证据，未要求审核员核实；"
        "OSCAL 没有“待定”一档：not-satisfied 在此只表示尚未确定，不表示不符合"
    )


def test_conformity_on_credit_says_so(tmp_path: Path) -> None:
    standard = load(TESTS / "packs" / "credited")
    body = (
        "organisation: {id: t, name: {zh: 甲, en: A}}\n"
        "profile: {types: [ITO], offshore: true}\n"
        "records: {site: [{id: k1}], service: [{id: s1}]}\n"
        "certificates: [{standard: 'ISO 9001:2015', accredited: true, sites: [k1], services: [s1], valid_until: 2026-11-01}]\n"
    )
    company = from_document(parse_document(body.encode(), "c.yaml", EvidenceError), standard)
    made = assess(company, standard, as_of=AS_OF, reader="reference", use_credit=True)
    document = assessment_results(made, "en")
    accepted("assessment-results", document, tmp_path)
    findings = document["assessment-results"]["results"][0]["findings"]
    status = next(f["target"]["status"] for f in findings if props(f, "requirement") == ["6.1-a"])
    assert status == {
        "state": "satisfied",
        "reason": "pass",
        "remarks": "conforming; on evidence as the organisation declares it; no auditor need have verified it; "
        "on credit for certificates held",
    }


def test_the_same_input_gives_the_same_bytes_and_the_languages_differ() -> None:
    company = read(EXAMPLES / "huaqiao-software.yaml")
    again = assess(company, as_of=AS_OF, reader="reference")
    first = write(assessment_results(example("huaqiao-software"), "zh"))
    assert write(assessment_results(again, "zh")) == first
    other = json.loads(write(assessment_results(again, "en")))
    assert json.loads(first)["assessment-results"]["uuid"] != other["assessment-results"]["uuid"]
