"""Explanations: the shortest reason in a sentence, the tree below it, what would settle it."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from socap.assessment import Assessment, assess
from socap.company_file import read
from socap.rules.implicant import only
from socap.rules.reference import evaluate
from socap.rules.truth import Truth

if TYPE_CHECKING:
    from collections.abc import Callable

    from socap.errors import Lang
    from socap.organisation import Organisation
    from socap.standard import Standard

EXAMPLES = sorted((Path(__file__).parents[1] / "examples").glob("*.yaml"))
AS_OF = date(2026, 3, 1)
ITO = "profile: {types: [ITO], uses_external_suppliers: true}\n"


@pytest.fixture
def judged(tiny: Standard, company: Callable[[str], Organisation]) -> Callable[[str], Assessment]:
    return lambda body: assess(company(body), tiny, as_of=AS_OF, reader="reference")


def test_the_sentence_gives_the_fewest_facts(judged: Callable[[str], Assessment]) -> None:
    made = judged(f"{ITO}evidence: {{plan.kept: false, plan.state: approved}}\n").explain("6.2-b")
    assert [ref.key for ref in made.because] == ["plan.kept"]
    assert made.sentence.en.startswith("nonconforming, because ")
    assert made.sentence.zh.startswith("不符合，因为")


def test_one_failing_record_is_reason_enough(judged: Callable[[str], Assessment]) -> None:
    suppliers = "records: {supplier: [{id: a, critical: true, evaluated_on: 2026-01-01},"
    suppliers += " {id: b, critical: true, evaluated_on: 2020-01-01}]}\n"
    made = judged(ITO + suppliers).explain("6.2-a", "en")
    assert {ref.record for ref in made.because} == {"", "b"}
    assert "b" in made.sentence.en
    assert "it applies because" in made.sentence.en
    assert "✗ b" in str(made)


def test_an_open_finding_says_what_would_settle_it(judged: Callable[[str], Assessment]) -> None:
    made = judged(f"{ITO}evidence: {{plan.kept: true}}\n").explain("6.2-b", "en")
    assert made.because == ()
    assert [len(chosen) for chosen in made.to_conform] == [2]
    assert [len(chosen) for chosen in made.to_fail] == [1, 1]
    assert "Any one of these would settle it as conforming" in str(made)


def test_what_does_not_apply_says_why(judged: Callable[[str], Assessment]) -> None:
    made = judged("profile: {types: [ITO], uses_external_suppliers: false}\n").explain("6.2-a")
    assert made.outcome.value == "not_applicable"
    assert [ref.key for ref in made.because] == ["profile.uses_external_suppliers"]


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda f: f.stem)
def test_every_finding_of_every_example_is_explained_in_every_form(file: Path) -> None:
    result = assess(read(file), as_of=date(2026, 11, 1), reader="reference")
    languages: tuple[Lang, ...] = ("zh", "en")
    for requirement, finding in result.findings.items():
        made = result.explain(requirement)
        json.dumps(made.to_dict())
        for lang in languages:
            assert made.to_text(lang).count(requirement) >= 1
            assert made.to_markdown(lang).startswith(f"### {requirement} ")
        assert made.sentence.zh
        assert made.sentence.en
        asked = result.standard.requirements[requirement]
        if finding.outcome.value in ("conforming", "nonconforming"):
            alone = only(result.facts, made.because)
            expected = Truth.TRUE if finding.outcome.value == "conforming" else Truth.FALSE
            assert evaluate(asked.satisfied_when, alone) is expected
            assert evaluate(asked.applies_when, alone) is Truth.TRUE
        elif finding.outcome.value == "undetermined":
            assert made.to_conform or made.to_fail or finding.reasons


def test_a_long_list_of_records_is_cut_and_failing_ones_come_first(
    judged: Callable[[str], Assessment],
) -> None:
    listed = ", ".join(
        f"{{id: s{i}, critical: true, evaluated_on: {'2020' if i == 190 else '2026'}-01-01}}"
        for i in range(200)
    )
    shown = str(judged(f"{ITO}records: {{supplier: [{listed}]}}\n").explain("6.2-a", "en"))
    assert "150 more records" in shown
    assert "✗ s190" in shown
    assert len(shown) < 15_000
