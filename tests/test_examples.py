"""Each example gives what its story says, by both readers."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from socap.assessment import assess
from socap.company_file import read
from socap.documents import read_document
from socap.errors import PackError

ROOT = Path(__file__).parent.parent
EXPECTED = read_document(Path(__file__).parent / "expectations.yaml", PackError).data
AS_OF = date.fromisoformat(EXPECTED["as_of"])


def test_every_example_has_an_expectation() -> None:
    files = {file.name for file in (ROOT / "examples").glob("*.yaml")}
    assert files == {case["file"] for case in EXPECTED["examples"]}
    assert len(files) >= 6


@pytest.mark.parametrize("reader", ["reference", "durable"])
@pytest.mark.parametrize("case", EXPECTED["examples"], ids=lambda case: case["file"])
def test_an_example_gives_what_is_expected(case: dict[str, Any], reader: str) -> None:
    result = assess(read(ROOT / "examples" / case["file"]), as_of=AS_OF, reader=reader)
    assert result.status.value == case["status"]
    assert result.recommendation.id == case["recommendation"]
    assert {name: getattr(result.summary, name) for name in case["counts"]} == case["counts"]
    for requirement, expected in case["findings"].items():
        finding = result.findings[requirement]
        grade = f"/{finding.grade.value}" if finding.grade else ""
        assert finding.outcome.value + grade == expected, requirement
    for requirement, kinds in case.get("reasons", {}).items():
        found = {reason.kind.value for reason in result.findings[requirement].reasons}
        assert sorted(found) == kinds, requirement
    for requirement, records in case.get("records", {}).items():
        named = {i for reason in result.findings[requirement].reasons for i in reason.records}
        assert sorted(named) == records, requirement
