"""What a fact bears on, what a change would do, and where nonconformities begin."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from socap.assessment import Assessment, assess
from socap.company_file import read
from socap.errors import EvidenceError, UsageError
from socap.impact import impact, root_causes, what_if

EXAMPLES = Path(__file__).parents[1] / "examples"


def judged(name: str = "delta-group", **options: Any) -> Assessment:
    company = read(EXAMPLES / f"{name}.yaml")
    return assess(company, as_of=date(2026, 11, 1), reader="reference", **options)


@pytest.mark.parametrize("file", sorted(EXAMPLES.glob("*.yaml")), ids=lambda f: f.stem)
def test_a_decisive_fact_is_one_without_which_the_finding_would_not_stand(file: Path) -> None:
    before = judged(file.stem)
    for key in list(before.organisation.evidence)[::7]:
        if before.standard.vocabulary.items[key].part_of is not None:
            continue
        touched = {t.requirement for t in impact(before, key).touches if t.decisive}
        moved = {c.requirement for c in what_if(before, {key: None}).changes}
        disputed_before = {rule.id for rule in before.disputed}
        disputed_after = {rule.id for rule in what_if(before, {key: None}).after.disputed}
        if disputed_before == disputed_after:
            assert moved <= touched, key


def test_a_circumstance_bears_on_applicability() -> None:
    made = impact(judged(), "profile.uses_external_suppliers")
    assert {t.bearing.value for t in made.touches} == {"applicability"}
    assert "6.6-a" in {t.requirement for t in made.touches}
    assert "适用与否" in made.to_text("zh")


def test_a_record_field_bears_on_what_reads_it_directly_or_as_a_share() -> None:
    assert {
        t.requirement for t in impact(judged(), "supplier.security_agreement_signed").touches
    } == {"C.10-b"}
    with pytest.raises(UsageError, match="did you mean"):
        impact(judged(), "supplier.security_agreement_sined")


def test_what_if_shows_the_difference_and_leaves_the_assessment_alone() -> None:
    before = judged()
    suppliers = before.organisation.to_dict()["records"]["supplier"]
    mended = [{**s, "security_agreement_signed": True} for s in suppliers]
    made = what_if(before, {"records.supplier": mended})
    assert [c.requirement for c in made.changes] == ["C.10-b"]
    assert "不符合（严重不符合） → 符合" in made.to_text("zh")
    assert before.findings["C.10-b"].outcome.value == "nonconforming"
    assert what_if(before, {}).changes == ()
    with pytest.raises(EvidenceError, match="true or false"):
        what_if(before, {"cms.documented": "maybe"})


def test_what_if_keeps_parameters_and_assurance() -> None:
    before = judged(parameters={"training_hours_min": 40}, assurance="verified")
    after = what_if(before, {}).after
    assert after.to_dict() == before.to_dict()


def test_root_causes_rest_on_no_other_nonconformity() -> None:
    made = judged("huaqiao-software")
    wrong = {n for n, f in made.findings.items() if f.outcome.value == "nonconforming"}
    roots = set(root_causes(made))
    assert roots
    assert roots <= wrong
    graph = made.standard.graph
    for requirement in wrong:
        assert (requirement in roots) == wrong.isdisjoint(graph.prerequisites(requirement))
