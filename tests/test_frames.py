"""Frames hold one row a finding, typed, in whichever library is there."""

from __future__ import annotations

import subprocess
import sys
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import polars as pl
import pytest

from socap.applicability_matrix import matrix
from socap.assessment import assess
from socap.errors import MissingExtraError, UsageError
from socap.reports.frames import assessment_frame, matrix_frame

if TYPE_CHECKING:
    from collections.abc import Callable

    from socap.organisation import Organisation
    from socap.standard import Standard

DAY = date(2026, 11, 1)
ROOT = Path(__file__).parents[1]
BODY = """
profile: {types: [BPO], uses_external_suppliers: true}
evidence: {audit.last_date: 2025-01-01}
records: {supplier: [{id: a, critical: true, evaluated_on: 2020-01-01}, {id: b}]}
"""
ROW = {
    "organisation": "t",
    "requirement": "6.2-a",
    "clause": "6.2",
    "title": "供方",
    "statement": "组织应评价供方。",
    "aspect": "security",
    "pdca": "check",
    "obligation": "shall",
    "outcome": "nonconforming",
    "grade": "major",
    "evidence": ["records.supplier", "supplier.critical", "supplier.evaluated_on"],
    "records": ["a"],
}


def rows(frame: Any) -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = (
        frame.to_dicts() if isinstance(frame, pl.DataFrame) else frame.to_dict("records")
    )
    return made


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_a_row_holds_the_finding(
    tiny: Standard, company: Callable[[str], Organisation], library: str
) -> None:
    made = assess(company(BODY), tiny, as_of=DAY)
    frame = assessment_frame(made, "zh", library=library)
    assert type(frame).__module__.startswith(library)
    found = {row["requirement"]: row for row in rows(frame)}
    assert list(found) == list(made.findings)
    row = found["6.2-a"]
    assert row["as_of"] == (DAY if library == "polars" else datetime(2026, 11, 1))  # noqa: DTZ001  a day
    assert row["reasons"] == "\n".join(r.text.zh for r in made.findings["6.2-a"].reasons)
    assert {name: row[name] for name in ROW} == ROW
    assert pd.isna(found["6.1-b"]["grade"])
    assert {row["outcome"] for row in found.values()} == {
        "nonconforming",
        "not_applicable",
        "undetermined",
    }


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_columns_are_typed(
    tiny: Standard, company: Callable[[str], Organisation], library: str
) -> None:
    made = assess(company(BODY), tiny, as_of=DAY)
    frame = assessment_frame(made, "en", library=library)
    kinds = {name: str(frame[name].dtype) for name in frame.columns}
    text, day, several = {
        "pandas": ("string", "datetime64[s]", "object"),
        "polars": ("String", "Date", "List(String)"),
    }[library]
    assert kinds.pop("as_of") == day
    assert (kinds.pop("evidence"), kinds.pop("records")) == (several, several)
    assert set(kinds.values()) == {text}


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_a_matrix_has_a_row_a_cell(tiny: Standard, library: str) -> None:
    made = matrix(tiny, ["ITO", "BPO"])
    found = rows(matrix_frame(made, "en", library=library))
    assert len(found) == 5 * 3
    cells = [(r["types"], r["decision"]) for r in found if r["requirement"] == "6.1-b"]
    assert cells == [
        (["ITO"], "applies"),
        (["BPO"], "does_not_apply"),
        (["ITO", "BPO"], "applies"),
    ]
    conditions = {r["condition"] for r in found if r["requirement"] == "6.2-a"}
    assert conditions == {"external suppliers are used"}


@pytest.mark.parametrize(
    ("first", "chosen"),
    [("", "pandas"), ("import polars", "polars"), ("import polars, pandas", "pandas")],
)
def test_the_library_already_imported_is_used(first: str, chosen: str) -> None:
    code = (
        f"{first}\n"
        "import socap\n"
        "from socap.reports.frames import matrix_frame\n"
        "print(type(matrix_frame(socap.matrix(), 'zh')).__module__.partition('.')[0])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.stdout.strip() == chosen, done.stderr


def test_without_a_library_the_extra_is_named(
    tiny: Standard, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = matrix(tiny)
    monkeypatch.setitem(sys.modules, "pandas", None)
    assert isinstance(matrix_frame(made, "zh"), pl.DataFrame)
    with pytest.raises(MissingExtraError, match=r"socap\[frame\]"):
        matrix_frame(made, "zh", library="pandas")
    monkeypatch.setitem(sys.modules, "polars", None)
    with pytest.raises(MissingExtraError, match=r"socap\[frame\]"):
        matrix_frame(made, "zh")


def test_another_library_is_refused(tiny: Standard) -> None:
    with pytest.raises(UsageError, match="did you mean pandas"):
        matrix_frame(matrix(tiny), "zh", library="panda")
