"""Credit: which certificates count, what they leave to be shown, and what evidence bars."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import product
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import pytest

from socap.assessment import assess
from socap.company_file import read
from socap.crediting.coverage import closed, combine
from socap.crediting.credit import Credit, credit, credited
from socap.crosswalk.relation import Coverage, Rationale, ReferenceKind, Relation, SetRelation
from socap.documents import parse_document
from socap.errors import EvidenceError, UsageError
from socap.findings import Outcome
from socap.organisation import Certificate, from_document
from socap.rules import expressions as x
from socap.standard import load

if TYPE_CHECKING:
    from socap.assessment import Assessment
    from socap.standard import Standard

ROOT = Path(__file__).parent.parent
AS_OF = date(2026, 11, 1)
HEAD = "organisation: {id: t, name: {zh: 甲, en: A}}\nprofile: {types: [ITO], offshore: true}\n"
SCOPE = "records: {site: [{id: k1}, {id: k2}], service: [{id: s1}]}\n"
ISO = "{standard: 'ISO 9001:2015', accredited: true, sites: [k1, k2], services: [s1], valid_until: 2026-11-01}"
SECURITY = "{standard: 'ISO/IEC 27001:2022', accredited: true, sites: [k2, k1], services: [s1, other], valid_until: 2030-01-01}"
CMMI = "{standard: CMMI V2.0, accredited: true, sites: [k1, k2], services: [s1], valid_until: 2027-02-28, level: 3}"


@pytest.fixture(scope="module")
def pack() -> Standard:
    return load(Path(__file__).parent / "packs" / "credited")


def judged(pack: Standard, body: str, *held: str, assurance: str = "declared") -> Assessment:
    text = HEAD + body
    if held:
        text += "certificates:\n" + "".join(f"- {one}\n" for one in held)
    organisation = from_document(parse_document(text.encode(), "c.yaml", EvidenceError), pack)
    return assess(organisation, pack, as_of=AS_OF, assurance=assurance, reader="reference")


def told(made: Credit) -> dict[str, tuple[str, tuple[str, ...]]]:
    return {r.requirement: (r.coverage.value, r.residual) for r in made.requirements.values()}


def refusals(pack: Standard, certificate: str, body: str = SCOPE) -> list[str]:
    (held,) = credit(judged(pack, body, certificate)).holdings
    assert held.counts == (not held.refused)
    return [reason.en for reason in held.refused]


def test_one_certificate_covers_statement_by_statement(pack: Standard) -> None:
    made = credit(judged(pack, SCOPE, ISO))
    assert told(made) == {
        "6.1-a": ("full", ()),
        "6.1-b": ("partial", ("b.z",)),  # [b.y b.z] and [b.x b.z]; the intersection adds nothing
        "6.1-c": ("partial", ("supplier_approved.pct",)),
        "6.2-a": ("none", ("b.z",)),
        "6.2-b": ("full", ()),
        "6.2-c": ("full", ()),
    }
    assert made.residual == {
        "b.z": ("6.1-b", "6.2-a"),
        "supplier_approved.pct": ("6.1-c",),
    }
    assert made.items_settled == ("audit.last_date", "b.x", "b.y", "post.filled", "records.post")
    references = [(b.certificate, b.relation.reference) for b in made.requirements["6.1-b"].by]
    assert references == [(1, "2"), (1, "3")]


def test_several_certificates_combine_as_sets(pack: Standard) -> None:
    made = credit(judged(pack, SCOPE, ISO, SECURITY))
    assert told(made) == {
        "6.1-a": ("full", ()),
        "6.1-b": ("full", ()),
        "6.1-c": ("partial", ("supplier_approved.pct",)),  # the same gap in two wordings
        "6.2-a": ("full", ()),
        "6.2-b": ("full", ()),
        "6.2-c": ("full", ()),
    }
    assert {b.certificate for b in made.requirements["6.1-b"].by} == {1, 2}


def test_an_appraisal_never_covers_in_full(pack: Standard) -> None:
    assert told(credit(judged(pack, SCOPE, CMMI))) == {
        "6.1-a": ("partial", ("b.x",)),
        "6.1-b": ("partial", ("b.x", "b.y", "b.z")),
        "6.1-c": ("none", ("supplier_approved.pct", "b.y")),
        "6.2-a": ("none", ("b.z",)),
        "6.2-b": ("none", ("audit.last_date",)),
        "6.2-c": ("none", ("records.post", "post.filled")),
    }
    # ISO leaves b.z, which the appraisal may not take away
    assert told(credit(judged(pack, SCOPE, CMMI, ISO)))["6.1-b"] == ("partial", ("b.z",))
    assert told(credit(judged(pack, SCOPE, CMMI, ISO)))["6.1-a"] == ("full", ())


def test_what_a_certificate_would_add_best_first(pack: Standard) -> None:
    def prospects(*held: str) -> list[tuple[str, int, int, int]]:
        made = credit(judged(pack, SCOPE, *held)).most_settling
        return [(p.standard, p.covered, p.partly, p.items) for p in made]

    assert prospects() == [
        ("ISO 9001:2015", 3, 2, 5),
        ("ISO/IEC 27001:2022", 1, 2, 2),
        ("CMMI V2.0/V3.0", 0, 2, 0),
    ]
    assert prospects(ISO) == [("ISO/IEC 27001:2022", 2, 0, 1), ("CMMI V2.0/V3.0", 0, 0, 0)]
    assert prospects(ISO.replace("2026-11-01", "2026-10-31")) == prospects()


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("valid_until: 2026-11-01", "valid_until: 2026-10-31", "it expired on 2026-10-31"),
        ("valid_until: 2026-11-01", "valid_until: 2024-02-29", "it expired on 2024-02-29"),
        (", valid_until: 2026-11-01", "", "valid_until is not stated"),
        ("accredited: true", "accredited: false", "not stated to be accredited"),
        ("accredited: true, ", "", "not stated to be accredited"),
        ("[k1, k2]", "[k1]", "leaves out the site k2"),
        ("[k1, k2]", "[K1, k2 ]", "leaves out the site k1"),
        ("[k1, k2]", "[]", "it names no sites"),
        ("sites: [k1, k2], ", "", "it names no sites"),
        ("services: [s1]", "services: [s2]", "leaves out the service s1"),
        (", services: [s1]", "", "it names no services"),
        ("ISO 9001:2015", "ISO 9001:2008", "another edition"),
        ("ISO 9001:2015", "ISO 9001", "names no edition and none is assumed"),
        ("ISO 9001:2015", "GB/T 19001-2008", "another edition"),
        ("ISO 9001:2015", "ISO 9001:2015/ISO 27001:2022", "names several standards"),
        ("ISO 9001:2015", "ISO 9001:2015 draft", "did you mean ISO 9001:2015"),
        ("ISO 9001:2015", "ISO 9001:2015/Amd 1:2024", "does not know"),
        ("ISO 9001:2015", "IATF 16949", "does not know"),
        ("ISO 9001:2015", "", "does not know"),
    ],
)
def test_a_certificate_that_gives_none_says_why(
    pack: Standard, old: str, new: str, words: str
) -> None:
    assert old in ISO
    broken = ISO.replace(old, new)
    (reason,) = refusals(pack, broken)
    assert words in reason
    made = credit(judged(pack, SCOPE, broken))
    assert {r.coverage for r in made.requirements.values()} == {Coverage.NONE}


@pytest.mark.parametrize(
    ("level", "words"),
    [
        ("", "the level of the appraisal is not stated"),
        (", level: 2", "level 2 is below 3"),
        (", level: 0", "there is no level 0"),
        (", level: 99", "there is no level 99"),
    ],
)
def test_an_appraisal_needs_a_level(pack: Standard, level: str, words: str) -> None:
    (reason,) = refusals(pack, CMMI.replace(", level: 3", level))
    assert words in reason


def test_scope_cannot_be_checked_without_records(pack: Standard) -> None:
    assert refusals(pack, ISO, "") == [
        "its scope cannot be checked: the company file lists no site (records.site)",
        "its scope cannot be checked: the company file lists no service (records.service)",
    ]
    assert len(refusals(pack, ISO, "records: {site: [], service: [{id: s1}]}\n")) == 1


def test_every_reason_is_given_at_once(pack: Standard) -> None:
    bare = "{standard: ISO 14001}"
    assert len(refusals(pack, bare)) == 5


def test_only_verified_evidence_leaves_declared_certificates_out(pack: Standard) -> None:
    (held,) = credit(judged(pack, SCOPE, ISO, assurance="verified")).holdings
    assert [r.en for r in held.refused] == [
        "only verified evidence counts, and a certificate is only declared"
    ]


def test_an_impossible_date_is_refused_at_reading(pack: Standard) -> None:
    with pytest.raises(EvidenceError, match="2026-02-29 is not a date that exists"):
        judged(pack, SCOPE, ISO.replace("2026-11-01", "2026-02-29"))


def test_evidence_against_beats_a_certificate(pack: Standard) -> None:
    failing = judged(pack, SCOPE + "evidence: {b.x: false}\n", ISO)
    made = credit(failing)
    assert failing.findings["6.1-a"].outcome is Outcome.NONCONFORMING
    assert told(made)["6.1-a"] == ("none", ("b.x",))
    assert sorted(credited(failing, made)) == ["6.2-b", "6.2-c"]


@pytest.mark.parametrize(
    ("answer", "turns"),
    [
        ("{value: true, valid_until: 2026-10-31}", True),
        ("{value: false, valid_until: 2026-10-31}", False),
        ("[{value: true}, {value: false}]", False),
        ("{value: true, status: rejected}", False),
        ("{value: true, collected_on: 2026-11-02}", False),
        ("{value: true}", False),  # conforming already: nothing to turn
    ],
)
def test_only_what_is_missing_or_out_of_date_is_credited(
    pack: Standard, answer: str, turns: bool
) -> None:
    found = judged(pack, SCOPE + f"evidence: {{b.x: {answer}}}\n", ISO)
    assert ("6.1-a" in credited(found, credit(found))) == turns


def test_a_changed_threshold_is_not_what_the_crosswalk_judged(pack: Standard) -> None:
    company = judged(pack, SCOPE, ISO).organisation
    for changed, turns in ({}, True), ({"audit_interval_days": 90}, False):
        found = assess(company, pack, as_of=AS_OF, parameters=changed)
        assert ("6.2-b" in credited(found, credit(found))) == turns


def test_an_exclusion_asked_for_is_settled_first(pack: Standard) -> None:
    body = SCOPE + "exclusions: [{requirement: 6.1-a, justification: not done here}]\n"
    found = judged(pack, body, ISO)
    assert found.findings["6.1-a"].outcome is Outcome.UNDETERMINED
    assert "6.1-a" not in credited(found, credit(found))


def test_what_is_excluded_is_not_told_of() -> None:
    found = assess(read(ROOT / "examples" / "suzhou-analytics.yaml"), as_of=AS_OF)
    assert found.findings["6.1-e"].outcome is Outcome.EXCLUDED
    assert "6.1-e" not in credit(found).requirements


def test_a_threshold_nobody_has_set_bars_credit(pack: Standard) -> None:
    found = judged(pack, SCOPE, ISO)
    found.facts.parameters.pop("audit_interval_days")
    withheld = credit(found).requirements["6.2-b"].withheld
    assert withheld is not None
    assert withheld.en == "a parameter that it needs is not set"


def test_what_may_not_apply_gets_no_credit(pack: Standard) -> None:
    found = judged(pack, SCOPE, SECURITY)
    found.facts.items.pop("profile.offshore")
    made = credit(found)
    assert made.undecided == ("6.2-a",)
    assert "6.2-a" not in made.requirements


def test_the_sentence_names_certificate_reference_and_what_to_confirm(pack: Standard) -> None:
    found = judged(pack, SCOPE, ISO, SECURITY)
    text = credited(found, credit(found))["6.1-b"]
    for part in ("2, 3 of ISO 9001:2015 (certificate 1, valid until 2026-11-01)", "A.5.1 of"):
        assert part in text.en
    assert "statement of applicability" in text.en
    assert "ISO 9001:2015 第 1 项证书（有效期至 2026-11-01）的 2、3" in text.zh


def test_credit_of_another_assessment_is_refused(pack: Standard) -> None:
    with pytest.raises(UsageError, match="another assessment"):
        credited(judged(pack, SCOPE, ISO), credit(judged(pack, SCOPE, ISO)))


def test_the_residual_is_what_every_reference_leaves() -> None:
    made = load(Path(__file__).parent / "packs" / "credited")
    asked, words = made.requirements["6.1-b"], made.vocabulary
    items, seeded = asked.evidence_keys, Random(7)
    for _ in range(2_000):
        relations = []
        for _ in range(seeded.randrange(5)):
            kind = seeded.choice(list(ReferenceKind))
            how = seeded.choice(
                [SetRelation.SUBSET_OF, SetRelation.SUPERSET_OF, SetRelation.INTERSECTS_WITH]
            )
            left = [k for k in items if seeded.random() < 0.5] or [items[0]]
            gap = () if how is SetRelation.SUBSET_OF else tuple(left)
            relations.append((Relation("6.1-b", "s", "1", how, Rationale.SEMANTIC, 5, gap), kind))
        found = combine(relations, asked, words)
        certain = [
            r
            for r, k in relations
            if k is ReferenceKind.CERTIFICATE and r.relation is not SetRelation.INTERSECTS_WITH
        ]
        shown = {k for k in items if any(k not in r.uncovered for r in certain)}
        assert (found.coverage is Coverage.FULL) == (shown == set(items))
        assert (found.coverage is Coverage.FULL) == (not found.residual)
        assert found.residual == set(items) - shown
        more = combine(
            [
                *relations,
                (
                    Relation(
                        "6.1-b",
                        "s",
                        "2",
                        SetRelation.INTERSECTS_WITH,
                        Rationale.SEMANTIC,
                        9,
                        items[:1],
                    ),
                    ReferenceKind.CERTIFICATE,
                ),
            ],
            asked,
            words,
        )
        assert more == found


def test_an_appraisal_does_not_cover_a_rule_that_reads_nothing(pack: Standard) -> None:
    asked = replace(pack.requirements["6.1-a"], satisfied_when=x.Always())
    whole = Relation("6.1-a", "s", "1", SetRelation.EQUAL, Rationale.SEMANTIC, 9, ())
    for kind, expected in (("appraisal", Coverage.PARTIAL), ("certificate", Coverage.FULL)):
        found = combine([(whole, ReferenceKind(kind))], asked, pack.vocabulary)
        assert found.coverage is expected


def test_a_gap_is_the_same_gap_in_any_wording(pack: Standard) -> None:
    asked, words = pack.requirements["6.1-c"], pack.vocabulary
    for gap in ("supplier.approved", "records.supplier", "supplier_approved.pct"):
        assert closed((gap,), asked, words) == {"supplier_approved.pct"}
    approved = x.Condition("supplier.approved", x.Operator.IS, x.Literal(True))
    every = x.Quantified(x.Quantity.EVERY, "supplier", approved, x.Always())
    listed = replace(asked, satisfied_when=every)
    assert closed(("supplier_approved.pct",), listed, words) == set(listed.evidence_keys)
    people = load().requirements["C.3-a"]
    assert closed(("records.person",), people, load().vocabulary) == {
        "records.person",
        "person.screened",
    }


@pytest.mark.parametrize("file", sorted((ROOT / "examples").glob("*.yaml")), ids=lambda f: f.stem)
def test_the_examples_are_told_in_both_languages(file: Path) -> None:
    found = assess(read(file), as_of=AS_OF)
    made = credit(found)
    covered = {r.requirement: r.coverage.value for r in made.requirements.values()}
    given = {name: told for name, told in covered.items() if told != "none"}
    assert any(h.counts for h in made.holdings) == (file.stem == "huaqiao-software")
    assert given == (
        {
            "7.1-c": "partial",
            "C.3-a": "full",
            "C.3-d": "partial",
            "C.6-a": "partial",
            "C.10-b": "full",
        }
        if file.stem == "huaqiao-software"
        else {}
    )
    assert credited(found, made) == {}
    assert made.to_text("zh") != made.to_text("en")
    held = {"ISO/IEC 27001:2022"} if file.stem == "huaqiao-software" else set()
    assert {p.standard for p in made.most_settling} == set(load().crosswalk.standards) - held


def test_a_company_with_four_certificates() -> None:
    company = read(ROOT / "examples" / "suzhou-analytics.yaml")
    sites, services = (tuple(r.id for r in company.records[kind]) for kind in ("site", "service"))
    names = ["ISO 9001:2015", "ISO 27001:2022", "ISO/IEC 20000-1:2018", "CMMI V3.0"]
    held = tuple(Certificate(n, True, sites, services, AS_OF, 5) for n in names)
    bare = replace(company, certificates=held, evidence={}, exclusions=())
    found = assess(bare, as_of=AS_OF)
    made = credit(found)
    assert made.most_settling == ()
    turned = credited(found, made)
    crosswalk = found.standard.crosswalk
    for name, text in turned.items():
        assert found.findings[name].outcome is Outcome.UNDETERMINED
        assert text.zh and "V3.0" not in text.en.split("for an auditor")[0]
    certain = {
        r.requirement
        for r in crosswalk.relations
        if r.coverage is Coverage.FULL
        and crosswalk.standard(r.standard).kind is ReferenceKind.CERTIFICATE
    }
    undetermined = {n for n in certain if found.findings[n].outcome is Outcome.UNDETERMINED}
    assert undetermined & set(made.requirements) <= set(turned)
    for name in set(turned) - certain:
        related = [r for r in crosswalk.of(name) if r.coverage is Coverage.PARTIAL]
        left = [set(r.uncovered) for r in related if "CMMI" not in r.standard]
        assert not set.intersection(*left)


def test_every_combination_of_certificates_is_monotone(pack: Standard) -> None:
    order = [Coverage.NONE, Coverage.PARTIAL, Coverage.FULL]
    seen = {}
    for chosen in product((False, True), repeat=3):
        held = [c for c, take in zip((ISO, SECURITY, CMMI), chosen, strict=True) if take]
        seen[chosen] = credit(judged(pack, SCOPE, *held)).requirements
    for less, more in product(seen, seen):
        if all(a <= b for a, b in zip(less, more, strict=True)):
            for name, one in seen[less].items():
                other = seen[more][name]
                assert order.index(one.coverage) <= order.index(other.coverage)
                assert set(other.residual) <= set(one.residual)


def test_an_assessment_counts_full_coverage_only_when_asked_and_says_so() -> None:
    company = read(ROOT / "examples" / "huaqiao-software.yaml")
    records = {k: v for k, v in company.records.items() if k != "person"}
    company = replace(company, records=records)
    plain = assess(company, as_of=AS_OF)
    counted = assess(company, as_of=AS_OF, use_credit=True)
    assert plain.findings["C.3-a"].outcome.value == "undetermined"
    finding = counted.findings["C.3-a"]
    assert finding.outcome.value == "conforming"
    assert finding.reasons[0].kind.value == "credit"
    assert "A.6.1" in finding.reasons[0].text.en
    assert counted.to_dict()["use_credit"] is True
    moved = {
        name
        for name in plain.findings
        if plain.findings[name].outcome is not counted.findings[name].outcome
    }
    assert moved == {"C.3-a", "C.3-b"}
