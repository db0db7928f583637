"""Evidence from sources beside what the company file states, and rows that are rejected."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from socap.assessment import assess
from socap.company_file import as_yaml, read
from socap.errors import EvidenceError
from socap.findings import Outcome
from socap.mapping.collecting import Collected, collect
from socap.standard import load

if TYPE_CHECKING:
    from socap.standard import Standard

EXAMPLE = Path(__file__).parents[1] / "examples" / "mappings"
HEAD = "organisation: {id: t, name: {zh: 甲, en: A}}\nprofile: {types: [ITO]%s}\n"
MAPPING = """sources: {s: {csv: s.csv}, m: {csv: m.csv}}
records: {supplier: {source: s, id: id, fields: {critical: c, evaluated_on: d}}}
evidence:
  test.pass_pct: {source: m, row: {k: pass}, column: v, unit: percent}
  change.late_count: {source: m, row: {k: late}, column: v}
"""
REPORT = MAPPING + "reject: report\n"
GOOD_ROWS = "id,c,d\na,true,2026-10-01\nb,true,2026-10-01\n"
GOOD_FIGURES = "k,v\npass,97\nlate,0\n"


def gather(
    folder: Path,
    standard: Standard,
    mapping: str,
    *,
    profile: str = "",
    stated: str = "",
    rows: str = GOOD_ROWS,
    figures: str = GOOD_FIGURES,
) -> Collected:
    (folder / "s.csv").write_text(rows, encoding="utf-8")
    (folder / "m.csv").write_text(figures, encoding="utf-8")
    (folder / "m.yaml").write_text(mapping, encoding="utf-8")
    (folder / "c.yaml").write_text(HEAD % profile + stated, encoding="utf-8")
    return collect(folder / "m.yaml", folder / "c.yaml", standard)


def faults(folder: Path, standard: Standard, mapping: str, **parts: str) -> list[str]:
    with pytest.raises(EvidenceError) as caught:
        gather(folder, standard, mapping, **parts)
    return caught.value.render("en").replace(f"{folder}/", "").split("\n")


def test_the_company_file_is_added_to(tmp_path: Path, tiny: Standard) -> None:
    stated = "evidence: {plan.kept: true}\nrecords: {}\nexclusions: []\n"
    found = gather(tmp_path, tiny, MAPPING, stated=stated)
    assert as_yaml(found.organisation, tiny).split("\n")[5:] == [
        "evidence:",
        "  plan.kept: true",
        "  test.pass_pct: {value: 97, source: m.csv}",
        "  change.late_count: {value: 0, source: m.csv}",
        "records:",
        "  supplier:",
        "    - {id: a, evaluated_on: 2026-10-01, critical: true, source: s.csv}",
        "    - {id: b, evaluated_on: 2026-10-01, critical: true, source: s.csv}",
        "",
    ]


def test_the_result_read_and_collected_again_is_the_same(tmp_path: Path, tiny: Standard) -> None:
    first = as_yaml(gather(tmp_path, tiny, MAPPING).organisation, tiny)
    (tmp_path / "c.yaml").write_text(first, encoding="utf-8")
    again = collect(tmp_path / "m.yaml", tmp_path / "c.yaml", tiny).organisation
    assert as_yaml(again, tiny) == first


def test_what_both_state_differently_is_a_conflict(tmp_path: Path, tiny: Standard) -> None:
    stated = "evidence: {test.pass_pct: 98}\nrecords: {supplier: [{id: a}]}\n"
    assert faults(tmp_path, tiny, MAPPING, stated=stated) == [
        "c.yaml: evidence.test.pass_pct: the company file and the sources state different things "
        "(take it out of one of them)",
        "c.yaml: records.supplier: the company file and the sources state different things "
        "(take it out of one of them)",
    ]


def test_the_head_is_stated_once(tmp_path: Path, tiny: Standard) -> None:
    assert faults(tmp_path, tiny, HEAD % "" + MAPPING) == [
        "m.yaml:1: organisation: the company file states this already",
        "m.yaml:2: profile: the company file states this already",
    ]


def test_a_rejected_row_makes_everything_fail(tmp_path: Path, tiny: Standard) -> None:
    assert faults(tmp_path, tiny, MAPPING, rows=GOOD_ROWS + "c,true,10/1\n", figures="k,v\n") == [
        "m.yaml:4: evidence.test.pass_pct: exactly one row is needed, there are 0 "
        "(choose one with row, or in the query)",
        "m.yaml:5: evidence.change.late_count: exactly one row is needed, there are 0 "
        "(choose one with row, or in the query)",
        "s.csv: #4 d: records.supplier.evaluated_on: 10/1 is not a date that exists, written like "
        '2026-03-31 (for another way of writing give the column a format, like "%Y/%m/%d")',
    ]


def test_a_list_with_a_rejected_row_is_left_unanswered(tmp_path: Path, tiny: Standard) -> None:
    """The rejected supplier is the one never evaluated: without it all would conform."""
    profile = ", uses_external_suppliers: true"
    late = GOOD_ROWS + "c,true,2024-10-01\n"
    spoilt = GOOD_ROWS + "c,yes,2024-10-01\n"
    outcomes = {}
    for name, rows in (("good", GOOD_ROWS), ("late", late), ("spoilt", spoilt)):
        found = gather(tmp_path, tiny, REPORT, profile=profile, rows=rows)
        result = assess(found.organisation, tiny, as_of=date(2026, 11, 1))
        outcomes[name] = result.findings["6.2-a"].outcome
    assert outcomes == {
        "good": Outcome.CONFORMING,
        "late": Outcome.NONCONFORMING,
        "spoilt": Outcome.UNDETERMINED,
    }
    assert found.withheld == ("records.supplier",)
    assert found.rejected_rows == 1
    assert [(r.source, r.row, r.column) for r in found.rejected] == [("s", 4, "c")]
    assert "test.pass_pct" in found.organisation.evidence


def test_only_the_item_of_a_rejected_cell_is_left_unanswered(
    tmp_path: Path, tiny: Standard
) -> None:
    found = gather(tmp_path, tiny, REPORT, figures="k,v\npass,N/A\nlate,0\n")
    assert found.withheld == ("test.pass_pct",)
    assert sorted(found.organisation.evidence) == ["change.late_count"]


def test_a_row_that_cannot_be_read_may_be_anybodys(tmp_path: Path, tiny: Standard) -> None:
    found = gather(tmp_path, tiny, REPORT, figures="k,v\npass,97\nlate,0,\n")
    assert found.withheld == ("test.pass_pct", "change.late_count")
    assert found.organisation.evidence == {}
    assert [(r.source, r.row, r.column) for r in found.rejected] == [("m", 3, "")]


@pytest.mark.parametrize(
    ("parts", "last"),
    [
        (
            {"profile": ", uses_external_suppliers: false", "rows": "id,c,d\na,maybe,\n"},
            "c.yaml: profile.uses_external_suppliers: records.supplier has rejected rows and "
            "cannot be left out: it may contradict this",
        ),
        (
            {"stated": "evidence: {change.total_count: 1}", "figures": "k,v\npass,97\nlate,?\n"},
            "c.yaml: evidence.change.total_count: change.late_count has rejected rows and "
            "cannot be left out: it may contradict this",
        ),
        (
            {"stated": "records: {supplier: []}", "rows": "id,c,d\na,maybe,\n"},
            "c.yaml: records.supplier: the company file and the sources state different things "
            "(take it out of one of them)",
        ),
    ],
)
def test_nothing_is_left_out_that_may_contradict_the_company(
    tmp_path: Path, tiny: Standard, parts: dict[str, str], last: str
) -> None:
    found = faults(tmp_path, tiny, REPORT, **parts)
    assert found[-1] == last


@pytest.mark.parametrize(
    ("flag", "rows", "kept"),
    [
        ("true", "a,true\nb,maybe\n", True),  # not empty, whatever the second row says
        ("true", "b,maybe\n", False),  # may be empty, which would contradict it
        ("false", "a,true\nb,maybe\n", False),
        ("false", "b,maybe\n", False),
    ],
)
def test_a_list_may_be_left_out_where_it_cannot_contradict(
    tmp_path: Path, flag: str, rows: str, kept: bool
) -> None:
    mapping = """sources: {s: {csv: s.csv}}
records: {supplier: {source: s, id: id, fields: {approved: c}}}
reject: report
"""
    parts = {"profile": f", uses_external_suppliers: {flag}", "rows": "id,c\n" + rows}
    if kept:
        assert gather(tmp_path, load(), mapping, **parts).withheld == ("records.supplier",)
    else:
        assert faults(tmp_path, load(), mapping, **parts)[-1].startswith(
            "c.yaml: profile.uses_external_suppliers: records.supplier has rejected rows"
        )


def test_a_direct_share_needs_the_list_that_could_contradict_it(tmp_path: Path) -> None:
    standard = load()
    mapping = """sources: {s: {csv: s.csv}}
records: {person: {source: s, id: id, fields: {policy_asked: c, policy_explained: c}}}
reject: report
"""
    stated = "evidence: {policy.staff_aware_pct: 95}\n"
    assert standard.vocabulary.items["policy.staff_aware_pct"].computed is not None
    found = faults(tmp_path, standard, mapping, stated=stated, rows="id,c\na,true\nb,no\n")
    assert found == [
        "s.csv: #3 c: records.person.policy_asked: no is neither true nor false "
        '(say in values what "no" stands for)',
        "s.csv: #3 c: records.person.policy_explained: no is neither true nor false "
        '(say in values what "no" stands for)',
        "c.yaml: evidence.policy.staff_aware_pct: records.person has rejected rows and "
        "cannot be left out: it may contradict this",
    ]


def test_the_example_works_as_it_is_described(tmp_path: Path) -> None:
    folder = tmp_path / "mappings"
    shutil.copytree(EXAMPLE, folder)
    with closing(sqlite3.connect(folder / "tickets.db")) as made:
        made.executescript((folder / "tickets.sql").read_text(encoding="utf-8"))
    standard = load()
    found = collect(folder / "mapping.yaml", folder / "company.yaml", standard)
    told = found.organisation.to_dict()
    assert found.left_out == {"supplier": 1, "person": 0, "service_issue": 0}
    assert [r["id"] for r in told["records"]["supplier"]] == ["S-001", "S-002", "S-004"]
    assert told["records"]["supplier"][2]["evaluated_on"] == {"value": "2026-03-18"}
    assert told["records"]["person"][2] == {
        "id": "Y-051",
        "screened": {"value": True},
        "confidentiality_signed": {"value": False},
        "source": "staff.json",
    }
    assert [r["closed_on_time"]["value"] for r in told["records"]["service_issue"]] == [
        True,
        True,
        False,
        False,
        False,
    ]
    assert told["evidence"]["complaint.first_response_hours"] == [
        {"value": 2.5, "source": "工单系统", "collected_on": "2026-10-31"}
    ]
    (tmp_path / "again.yaml").write_text(as_yaml(found.organisation, standard), encoding="utf-8")
    assert read(tmp_path / "again.yaml", standard).to_dict() == told
