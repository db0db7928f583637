"""An empty list never makes a company conform to what its circumstances bring in."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from socap.assessment import assess
from socap.documents import parse_document
from socap.errors import EvidenceError
from socap.organisation import from_document
from socap.standard import load

FLAGS = (
    "uses_external_suppliers",
    "has_terminated_contracts",
    "multi_site",
    "handles_client_confidential",
)


def outcomes(records: str) -> dict[str, Any]:
    flags = "".join(f", {flag}: true" for flag in FLAGS)
    body = (
        "organisation: {id: t, name: {zh: 甲, en: A}}\n"
        f"profile: {{types: [ITO, BPO]{flags}}}\n"
        f"records: {records}\n"
    )
    standard = load()
    company = from_document(parse_document(body.encode(), "c.yaml", EvidenceError), standard)
    return dict(assess(company, standard, as_of=date(2026, 11, 1)).findings)


@pytest.mark.parametrize(
    "records",
    [
        "{supplier: [], service: [], site: [], project: [], person: [], termination: []}",
        "{site: [{id: only}], person: [{id: clerk, operator: false}]}",
    ],
)
def test_nothing_conforms_on_empty_lists(records: str) -> None:
    for requirement, finding in outcomes(records).items():
        assert finding.outcome.value != "conforming", requirement
