"""Whoever changes a result is found out, even with a new seal; no value is a traceback."""

from __future__ import annotations

import json
from copy import deepcopy
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from socap.assessment import assess
from socap.documents import parse_document
from socap.errors import EvidenceError
from socap.organisation import from_document
from socap.result_file import seal
from socap.standard import Standard, load
from socap.verification import verify

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Result = dict[str, Any]

AS_OF = date(2026, 3, 1)


def sealed(result: Result) -> Result:
    return {**result, "seal": seal(result)}


def places(result: Result, standard: Standard | None = None) -> set[str]:
    return {d.place for d in verify(sealed(result), standard).disagreements}


OVERLAY = """
overlay: {id: shares, title: {zh: 占比, en: Shares}, pack: tiny}
add:
  items:
    share.evaluated_pct:
      type: percent
      question: {zh: 已评价供方占比?, en: Share of suppliers evaluated?}
      computed: {record: supplier, satisfies: {item: supplier.evaluated_on, within: 365}}
  requirements:
    - id: 6.2-y
      clause: '6.2'
      title: {zh: 占比, en: Share}
      statement: {zh: 组织应评价供方。, en: The organisation shall evaluate suppliers.}
      obligation: shall
      aspect: security
      pdca: check
      severity: minor
      applies_when: always
      satisfied_when: {any: [{item: share.evaluated_pct, at_least: 60}, {item: share.evaluated_pct, no_case: true}]}
      prerequisites: []
      provenance: {basis: domain-practice, reason: {zh: 惯例, en: practice}}
"""
MIXED = """
organisation: {id: t, name: {zh: 甲, en: A}, employees: 7}
profile: {types: [ITO], uses_external_suppliers: true}
evidence:
  audit.last_date: [{value: 2025-09-01, collected_on: 2026-01-10, valid_until: 2026-12-31, status: verified, verified_by: L}]
  test.pass_pct: 94
  change.late_count: 1
  change.total_count: 4
  plan.parts: [risk, scope]
  plan.kept: true
  plan.state: approved
records:
  supplier: [{id: a, critical: true, evaluated_on: 2026-01-01}, {id: b, critical: false, evaluated_on: 2024-01-01}, {id: c, critical: false, evaluated_on: 2026-01-03}]
"""
DRAFT = MIXED.replace("approved", "draft")
EXCLUDED = DRAFT + "exclusions: [{requirement: 6.1-b, justification: none}]\n"
OPEN = EXCLUDED.replace("  plan.state: draft\n", "")
DISPUTED = MIXED.replace("suppliers: true", "suppliers: false")
OTHER_TYPE = MIXED.replace("ITO", "BPO")
OUTCOMES = {
    MIXED: "CNOCCC",
    EXCLUDED: "CXOCNC",
    OPEN: "CUOCUC",
    DISPUTED: "CNOUCC",
    OTHER_TYPE: "C-OCCC",
}
LETTERS = {"conforming": "C", "undetermined": "U", "not_applicable": "-", "excluded": "X"}


@pytest.fixture(scope="module")
def shares(tmp_path_factory: pytest.TempPathFactory) -> Standard:
    file = tmp_path_factory.mktemp("overlay") / "shares.yaml"
    file.write_text(OVERLAY, encoding="utf-8")
    return load(Path(__file__).parent / "packs" / "tiny", overlays=[file])


def result_of(body: str, standard: Standard, **options: Any) -> Result:
    document = parse_document(body.encode(), "c.yaml", EvidenceError)
    chosen = {"as_of": AS_OF, "reader": "reference", **options}
    told = assess(from_document(document, standard), standard, **chosen).to_dict()
    plain: Result = json.loads(json.dumps(told))
    return plain


@pytest.mark.parametrize("body", OUTCOMES)
def test_the_results_to_be_corrupted_agree_and_show_every_outcome(
    body: str, shares: Standard
) -> None:
    result = result_of(body, shares)
    grades = {"minor": "N", "major": "N", "opportunity": "O"}
    letters = [grades.get(f["grade"]) or LETTERS[f["outcome"]] for f in result["findings"]]
    assert "".join(letters) == OUTCOMES[body]
    assert places(result, shares) == set()


def finding(result: Result, name: str) -> Result:
    found: Result = next(f for f in result["findings"] if f["requirement"] == name)
    return found


def turned(name: str, outcome: str, grade: str | None = None) -> Callable[[Result], object]:
    return lambda r: finding(r, name).update(outcome=outcome, grade=grade)


def put(path: str, value: Any) -> Callable[[Result], object]:
    """Return a corruption that sets the value at a path, steps separated by slashes."""

    def change(result: Result) -> None:
        at: Any = result
        *steps, last = (int(s) if s.isdecimal() and s != "6" else s for s in path.split("/"))
        for step in steps:
            at = at[step]
        at[last] = value

    return change


def drop(path: str, key: str | int) -> Callable[[Result], object]:
    def change(result: Result) -> None:
        at: Any = result
        for step in path.split("/"):
            at = at[int(step) if step.isdecimal() else step]
        del at[key]

    return change


AUDIT, TEST, KEPT = (
    f"given/evidence/{k}" for k in ("audit.last_date", "test.pass_pct", "plan.kept")
)
SUPPLIERS = "given/records/supplier"
LISTED = {"id": "d", "critical": {"value": True}, "evaluated_on": {"value": "2020-01-01"}}
FACT = {"key": "plan.kept", "record": ""}
CORRUPTIONS: dict[str, tuple[str, Callable[[Result], object], str]] = {
    "unmet to conforming": (MIXED, turned("6.1-b", "conforming"), "findings.6.1-b.outcome"),
    "unmet to undetermined": (MIXED, turned("6.1-b", "undetermined"), "findings.6.1-b.outcome"),
    "unmet to not applicable": (MIXED, turned("6.1-b", "not_applicable"), "findings.6.1-b.grade"),
    "unmet to excluded": (MIXED, turned("6.1-b", "excluded"), "findings.6.1-b.outcome"),
    "conforming to unmet": (MIXED, turned("6.1-a", "nonconforming", "major"), "findings.6.1-a.grade"),
    "conforming to open": (MIXED, turned("6.1-a", "undetermined"), "findings.6.1-a.outcome"),
    "open to conforming": (OPEN, turned("6.2-b", "conforming"), "findings.6.2-b.outcome"),
    "disputed to not applicable": (DISPUTED, turned("6.2-a", "not_applicable"), "findings.6.2-a.outcome"),
    "disputed to conforming": (DISPUTED, turned("6.2-a", "conforming"), "findings.6.2-a.outcome"),
    "excluded to conforming": (EXCLUDED, turned("6.1-b", "conforming"), "findings.6.1-b.outcome"),
    "not applicable to conforming": (OTHER_TYPE, turned("6.1-b", "conforming"), "findings.6.1-b.outcome"),
    "an outcome nobody knows": (MIXED, turned("6.1-b", "fine"), "findings.6.1-b.outcome"),
    "a milder grade": (MIXED, turned("6.1-b", "nonconforming", "opportunity"), "findings.6.1-b.grade"),
    "a graver grade": (MIXED, turned("6.1-b", "nonconforming", "major"), "findings.6.1-b.grade"),
    "no grade": (MIXED, turned("6.1-b", "nonconforming"), "findings.6.1-b.grade"),
    "a finding removed": (MIXED, drop("findings", 1), "findings.6.1-b"),
    "a finding twice": (MIXED, lambda r: r["findings"].append(r["findings"][0]), "findings.6.1-a"),
    "findings in another order": (MIXED, lambda r: r["findings"].reverse(), "findings"),
    "a finding on nothing": (MIXED, put("findings/1/requirement", "9.9-z"), "findings.9.9-z"),
    "a value raised": (MIXED, put(f"{TEST}/0/value", 95), "findings.6.1-b.outcome"),
    "a value denied": (MIXED, put(f"{KEPT}/0/value", False), "findings.6.2-b.outcome"),
    "a member lost": (MIXED, put("given/evidence/plan.parts/0/value", ["scope"]), "findings.6.2-b.outcome"),
    "an enum changed": (MIXED, put("given/evidence/plan.state/0/value", "draft"), "findings.6.2-b.outcome"),
    "a part above its total": (MIXED, put("given/evidence/change.total_count/0/value", 0), "findings.6.1-c.outcome"),
    "an answer removed": (MIXED, drop("given/evidence", "test.pass_pct"), "findings.6.1-b.outcome"),
    "a second source": (MIXED, lambda r: r["given"]["evidence"]["test.pass_pct"].append({"value": 99}), "findings.6.1-b.outcome"),
    "no case instead": (MIXED, put("given/evidence/change.late_count", [{"no_case": "none"}]), "findings.6.1-c.outcome"),
    "no case where it means nothing": (MIXED, put(TEST, [{"no_case": "none"}]), "given.evidence.test.pass_pct[0].no_case"),
    "an answer rejected": (MIXED, put(f"{AUDIT}/0/status", "rejected"), "findings.6.1-a.outcome"),
    "a share records rule out": (MIXED, put("given/evidence/share.evaluated_pct", [{"value": 66.4}]), "findings.6.2-y.outcome"),
    "an audit too old": (MIXED, put(f"{AUDIT}/0/value", "2025-02-28"), "findings.6.1-a.outcome"),
    "an audit to come": (MIXED, put(f"{AUDIT}/0/value", "2026-03-02"), "findings.6.1-a.outcome"),
    "collected in the future": (MIXED, put(f"{AUDIT}/0/collected_on", "2026-03-02"), "findings.6.1-a.outcome"),
    "expired": (MIXED, put(f"{AUDIT}/0/valid_until", "2026-02-28"), "findings.6.1-a.outcome"),
    "a record removed": (MIXED, drop(SUPPLIERS, 2), "findings.6.2-y.outcome"),
    "a record added": (MIXED, lambda r: r["given"]["records"]["supplier"].append(LISTED), "findings.6.2-a.outcome"),
    "a record rejected": (MIXED, put(f"{SUPPLIERS}/0/status", "rejected"), "findings.6.2-a.outcome"),
    "a field of a record": (MIXED, put(f"{SUPPLIERS}/1/critical/value", True), "findings.6.2-a.outcome"),
    "no records at all": (MIXED, drop("given/records", "supplier"), "findings.6.2-a.outcome"),
    "an empty list of records": (MIXED, put(SUPPLIERS, []), "findings.6.2-a.outcome"),
    "a circumstance denied": (MIXED, put("given/profile/uses_external_suppliers", False), "disputed"),
    "a circumstance unsaid": (MIXED, drop("given/profile", "uses_external_suppliers"), "findings.6.2-a.outcome"),
    "other types": (MIXED, lambda r: [put("given/profile/types", ["KPO"])(r), put("organisation/types", ["KPO"])(r)], "findings.6.1-b.outcome"),
    "types in the head alone": (MIXED, put("organisation/types", ["KPO"]), "organisation"),
    "another organisation": (MIXED, put("organisation/id", "u"), "organisation"),
    "a later date": (MIXED, put("as_of", "2026-09-02"), "findings.6.1-a.outcome"),
    "no date": (MIXED, put("as_of", "20260301"), "as_of"),
    "verified only": (MIXED, put("assurance", "verified"), "findings.6.1-b.outcome"),
    "an assurance nobody knows": (MIXED, put("assurance", "hoped"), "assurance"),
    "a parameter lowered": (MIXED, put("parameters/pass_min_pct", 90), "findings.6.1-b.outcome"),
    "a parameter out of range": (MIXED, put("parameters/pass_min_pct", -1), "parameters"),
    "a default as a change": (MIXED, put("parameters/pass_min_pct", 95), "parameters.pass_min_pct"),
    "another hash": (MIXED, put("standard/hash", "0" * 64), "standard"),
    "another title": (MIXED, put("standard/title/en", "ISO"), "standard"),
    "an overlay dropped": (MIXED, drop("overlays", 0), "overlays"),
    "another overlay": (MIXED, put("overlays/0/hash", "0" * 64), "overlays"),
    "an exclusion added": (DRAFT, lambda r: r["given"]["exclusions"].append({"requirement": "6.1-b", "justification": "x"}), "findings.6.1-b.outcome"),
    "an exclusion opened": (MIXED, lambda r: [drop("given/evidence", "plan.state")(r), r["given"]["exclusions"].append({"requirement": "6.1-b", "justification": "x"})], "findings.6.1-b.outcome"),
    "an exclusion removed": (EXCLUDED, put("given/exclusions", []), "findings.6.1-b.outcome"),
    "an exclusion without reason": (EXCLUDED, put("given/exclusions/0/justification", " "), "given.exclusions[0].justification"),
    "a dispute removed": (DISPUTED, put("disputed", []), "disputed"),
    "a dispute invented": (MIXED, put("disputed", [{"id": "x"}]), "disputed"),
    "a count of the summary": (MIXED, put("summary/conforming", 5), "summary.conforming"),
    "a count that is true": (MIXED, put("summary/nonconforming", True), "summary.nonconforming"),
    "the status of the summary": (MIXED, put("summary/status", "conforming"), "summary.status"),
    "a count of a clause": (MIXED, put("by_clause/6.2/minor", 1), "by_clause.6.2.minor"),
    "a clause removed": (MIXED, drop("by_clause", "6"), "by_clause.6"),
    "a clause invented": (MIXED, put("by_clause/X", {}), "by_clause.X"),
    "a count of an aspect": (MIXED, put("by_aspect/quality/undetermined", 1), "by_aspect.quality.undetermined"),
    "a count of a phase": (MIXED, put("by_pdca/act/opportunity", 0), "by_pdca.act.opportunity"),
    "the status": (MIXED, put("status", "conforming"), "status"),
    "the recommendation": (MIXED, put("recommendation/id", "recommended"), "recommendation.id"),
    "its words": (MIXED, put("recommendation/title/en", "Certified"), "recommendation.title.en"),
    "the notice": (MIXED, put("notice/en", "official"), "notice"),
    "a score from nowhere": (MIXED, put("score", {"low": 100.0}), "score"),
    "a proof removed": (MIXED, put("findings/0/proof", []), "findings.6.1-a.proof"),
    "a fact of a proof removed": (MIXED, drop("findings/4/proof", 0), "findings.6.2-b.proof"),
    "an idle fact in a proof": (MIXED, lambda r: finding(r, "6.1-a")["proof"].append(FACT), "findings.6.1-a.proof"),
    "a fact twice in a proof": (MIXED, lambda r: finding(r, "6.1-a")["proof"].append(finding(r, "6.1-a")["proof"][0]), "findings.6.1-a.proof"),
    "a fact exchanged": (MIXED, put("findings/0/proof/0", FACT), "findings.6.1-a.proof"),
    "a proof of what is open": (OPEN, lambda r: finding(r, "6.2-b")["proof"].append(FACT), "findings.6.2-b.proof"),
    "another record in a proof": (MIXED, lambda r: finding(r, "6.2-a")["proof"][-1].update(record="z"), "findings.6.2-a.proof"),
    "another format": (MIXED, put("schema_version", "1"), "schema_version"),
    "a key nobody knows": (MIXED, put("certified", True), "certified"),
    "a key of a finding": (MIXED, put("findings/0/approved", True), "findings[0].approved"),
}  # fmt: skip


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_every_corruption_is_caught_though_sealed_anew(name: str, shares: Standard) -> None:
    body, change, place = CORRUPTIONS[name]
    result = result_of(body, shares)
    before = deepcopy(result)
    change(result)
    assert result != before
    found = places(result, shares)
    assert place in found
    assert "seal" not in found


def test_a_change_that_changes_no_outcome_breaks_the_seal(shares: Standard) -> None:
    result = sealed(result_of(MIXED, shares))
    for change in (
        put("given/evidence/test.pass_pct/0/value", 93.5),
        put("given/evidence/test.pass_pct/0/source", "somebody"),
        put("given/exclusions", [{"requirement": "6.2-b", "justification": "x"}]),
        put("findings/0/reasons/0/text/en", "met"),
        put("seal", "0" * 64),
    ):
        changed = deepcopy(result)
        change(changed)
        assert [d.place for d in verify(changed, shares).disagreements] == ["seal"]
    del result["seal"]
    assert [d.place for d in verify(result, shares).disagreements] == ["seal"]


def test_the_seal_is_of_the_content_and_not_of_its_layout() -> None:
    assert seal({"a": 1, "b": ["甲", None]}) == seal({"b": ["甲", None], "a": 1, "seal": "old"})
    assert seal({"a": 1}) != seal({"a": 1.0}) != seal({"a": True})
    assert len(seal({})) == 64


def test_a_result_is_held_against_the_standard_that_made_it(shares: Standard) -> None:
    result = result_of(MIXED, shares)
    assert places(result) == {"standard.id"}
    assert places(result, load()) == {"standard", "overlays"}
    tiny = load(Path(__file__).parent / "packs" / "tiny")
    assert places(result, tiny) == {"standard", "overlays"}
    put("standard/id", "/etc")(result)
    assert places(result) == {"standard.id"}


def test_the_verdict_is_told_in_both_languages(shares: Standard) -> None:
    result = result_of(MIXED, shares)
    good = verify(sealed(result), shares)
    assert good.agrees
    assert good.to_text("zh") == "一致：6 项结论均由原始答案重新推导得出，与结果相同\n"
    turned("6.1-b", "conforming")(result)
    bad = verify(sealed(result), shares)
    assert bad.to_dict() == {
        "organisation": "t",
        "standard": "tiny",
        "findings": 6,
        "by_certificate": 0,
        "agrees": False,
        "disagreements": [
            {
                "place": "findings.6.1-b.grade",
                "message": {
                    "zh": '结果写的是 null，应为 "minor"',
                    "en": 'the result says null; it is "minor"',
                },
            },
            {
                "place": "findings.6.1-b.outcome",
                "message": {
                    "zh": '结果写的是 "conforming"，应为 "nonconforming"',
                    "en": 'the result says "conforming"; it is "nonconforming"',
                },
            },
        ],
    }
    assert bad.to_text("en").endswith("\n2 disagreements: do not rely on this result\n")


HOSTILE: tuple[Any, ...] = (
    None,
    True,
    -1,
    10**18,
    "",
    "x",
    "2024-02-30",
    [],
    {},
    [[]],
    {"a": 1},
    [None],
    1e308,
)


def paths(value: Any, at: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    inside = enumerate(value) if isinstance(value, list) else ()
    for step, below in value.items() if isinstance(value, dict) else inside:
        yield (*at, step)
        yield from paths(below, (*at, step))


@pytest.mark.parametrize("share", range(4))
def test_a_hostile_value_anywhere_is_no_traceback(share: int, shares: Standard) -> None:
    result = result_of(EXCLUDED, shares)
    for index, path in enumerate(paths(result)):
        if index % 4 != share:
            continue
        for value in (*HOSTILE, "delete"):
            changed = deepcopy(result)
            at: Any = changed
            for step in path[:-1]:
                at = at[step]
            if value == "delete":
                del at[path[-1]]
            else:
                at[path[-1]] = value
            found = places(changed, shares)
            # No certificate is held here, so that counting them changes nothing; the seal is anew.
            wording = "reasons" in path or path[0] in ("given", "use_credit", "seal")
            assert found or wording or changed == result, (path, value)
