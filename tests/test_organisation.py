"""Company files: what is refused, with line and hint, and all of it at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from socap.company_file import read
from socap.errors import EvidenceError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from socap.organisation import Organisation

PROFILE = "profile: {types: [ITO]}\n"


@pytest.mark.parametrize(
    ("body", "line", "words"),
    [
        ("profile: {types: [ITX]}\n", 2, "no outsourcing type ITX"),
        ("profile: {types: [ito]}\n", 2, "did you mean ITO"),
        ("profile: {types: []}\n", 2, "at least one"),
        ("profile: {}\n", 2, "types is missing"),
        ("profile: {types: [ITO], uses_external_supplier: true}\n", 2, "uses_external_suppliers?"),
        ("profile: {types: [ITO], uses_external_suppliers: yes}\n", 2, "true or false"),
        (PROFILE + "evidnce: {}\n", 3, "did you mean evidence"),
        (PROFILE + "evidence:\n  test.pas_pct: 3\n", 4, "did you mean test.pass_pct"),
        (PROFILE + "evidence:\n  test.pass_pct: '97'\n", 4, "write 97"),
        (PROFILE + "evidence:\n  test.pass_pct: \uff19\uff17%\n", 4, "write 97"),
        (PROFILE + "evidence:\n  test.pass_pct: true\n", 4, "number"),
        (PROFILE + "evidence:\n  change.late_count: 1.5\n", 4, "whole number"),
        (PROFILE + "evidence:\n  audit.last_date: 2026-02-29\n", 4, "not a date that exists"),
        (PROFILE + "evidence:\n  audit.last_date: 2026/02/28\n", 4, "write 2026-02-28"),
        (PROFILE + "evidence:\n  plan.parts: [scop]\n", 4, "did you mean scope"),
        (PROFILE + "evidence:\n  plan.parts: scope\n", 4, "should be a list"),
        (PROFILE + "evidence:\n  plan.state: aproved\n", 4, "did you mean approved"),
        (PROFILE + "evidence:\n  plan.kept: 是\n", 4, "write true"),
        (PROFILE + "evidence:\n  plan.kept: {no_case: none}\n", 4, "does not take no_case"),
        (PROFILE + "evidence:\n  change.late_count: {no_case: ''}\n", 4, "needs a reason"),
        (
            PROFILE + "evidence:\n  plan.kept: {value: true, valid_untl: 2026-01-01}\n",
            4,
            "valid_until",
        ),
        (PROFILE + "evidence:\n  plan.kept: {value: true, status: verified}\n", 4, "verified_by"),
        (PROFILE + "evidence:\n  supplier.critical: true\n", 4, "records"),
        (PROFILE + "records:\n  suplier: []\n", 4, "did you mean supplier"),
        (PROFILE + "records:\n  supplier:\n    - {critical: true}\n", 5, "id is missing"),
        (PROFILE + "records:\n  supplier:\n    - {id: a}\n    - {id: a}\n", 6, "repeated"),
        (
            PROFILE + "exclusions:\n  - {requirement: 6.1-z, justification: x}\n",
            4,
            "no requirement",
        ),
        (
            PROFILE + "exclusions:\n  - {requirement: 6.1-b, justification: ' '}\n",
            4,
            "justification",
        ),
        (PROFILE + "exclusions:\n  - {requirement: 6.1-b}\n", 4, "justification is missing"),
    ],
)
def test_a_wrong_entry_is_named_with_line_and_hint(
    company: Callable[[str], Organisation], body: str, line: int, words: str
) -> None:
    with pytest.raises(EvidenceError) as caught:
        company(body)
    assert words in str(caught.value)
    assert line in [problem.line for problem in caught.value.problems]
    assert all(problem.message.zh for problem in caught.value.problems)


def test_all_problems_come_together(company: Callable[[str], Organisation]) -> None:
    body = "profile: {types: [X]}\nevidence: {plan.kept: 1, nope.x: 2}\nrecords: {supplier: [{}]}\n"
    with pytest.raises(EvidenceError) as caught:
        company(body)
    assert len(caught.value.problems) >= 4


def test_a_file_that_is_no_mapping_is_refused(tmp_path: Path) -> None:
    for content in ("", "[1]", "text", "null"):
        file = tmp_path / "c.yaml"
        file.write_text(content)
        with pytest.raises(EvidenceError, match="mapping"):
            read(file)


def test_other_file_types_are_refused(tmp_path: Path) -> None:
    with pytest.raises(EvidenceError, match="kind of file"):
        read(tmp_path / "c.docx")


def test_null_means_not_answered(company: Callable[[str], Organisation]) -> None:
    found = company(PROFILE + "evidence: {plan.kept: null}\nrecords: {supplier: null}\n")
    assert found.evidence == {}
    assert found.records == {}
