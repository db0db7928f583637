"""The applicability matrix: types, combinations, residual conditions, and a company's own column."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from socap.applicability_matrix import Cell, Matrix, matrix
from socap.company_file import read
from socap.errors import UsageError

EXAMPLES = Path(__file__).parent.parent / "examples"


def cell(made: Matrix, requirement: str, *types: str) -> Cell:
    row = next(row for row in made.rows if row.requirement == requirement)
    return row.cells[made.columns.index(types)]


@pytest.mark.parametrize(
    ("requirement", "types", "decision"),
    [
        ("4.1-a", ("KPO",), "applies"),
        ("4.2-d", ("ITO",), "does_not_apply"),
        ("4.2-d", ("ITO", "KPO"), "applies"),
        ("A.1.1-b", ("ITO",), "applies"),
        ("A.1.1-b", ("BPO",), "does_not_apply"),
        ("A.1.1-b", ("ITO", "BPO"), "applies"),
        ("A.1.2-a", ("ITO",), "applies_if"),
        ("A.1.2-a", ("BPO",), "does_not_apply"),
        ("B.1.3-a", ("ITO", "BPO", "KPO"), "applies"),
        ("6.6-a", ("KPO",), "applies_if"),
    ],
)
def test_a_cell_says_what_applies(requirement: str, types: tuple[str, ...], decision: str) -> None:
    assert cell(matrix(), requirement, *types).decision.value == decision


def test_only_what_is_still_open_is_left_in_the_condition() -> None:
    found = cell(matrix(), "A.1.2-a", "ITO")
    assert found.condition is not None
    assert "software is developed" in found.condition.en
    assert "ITO" not in found.condition.en
    assert "ITO" in found.why.en


def test_columns_are_types_first_then_combinations() -> None:
    assert matrix().columns[:4] == (("ITO",), ("BPO",), ("KPO",), ("ITO", "BPO"))
    assert len(matrix().columns) == 7
    assert matrix(types=["BPO"]).columns == (("BPO",),)


def test_the_missing_annex_for_kpo_is_said() -> None:
    assert any("no annex for KPO" in note.en for note in matrix().notes)
    assert not any("no annex for KPO" in note.en for note in matrix(types=["ITO"]).notes)


@pytest.mark.parametrize("file", sorted(EXAMPLES.glob("*.yaml")), ids=lambda file: file.stem)
def test_a_company_decides_its_cells(file: Path) -> None:
    made = matrix(organisation=read(file), as_of=date(2026, 11, 1))
    open_cells = [
        row.requirement for row in made.rows if row.cells[0].decision.value == "applies_if"
    ]
    expected = {"delta-group": ["B.1.3-e", "C.5-e"], "new-start": None}.get(file.stem, [])
    if expected is None:
        assert len(open_cells) > 5, "a company that has not answered leaves cells open"
    else:
        assert set(open_cells) <= set(expected)


def test_wrong_calls_are_refused() -> None:
    with pytest.raises(UsageError, match="as_of"):
        matrix(organisation=read(EXAMPLES / "new-start.yaml"))
    with pytest.raises(UsageError, match="at least one"):
        matrix(types=[])
