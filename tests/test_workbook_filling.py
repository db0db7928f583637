"""A result written into the workbook it rests on, and into no other."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from openpyxl import load_workbook

import socap
from socap.errors import EvidenceError, UsageError
from socap.organisation import from_document
from socap.result_file import seal
from socap.workbook.filling import fill
from socap.workbook.reading import read
from socap.workbook.writing import workbook

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

AS_OF = date(2026, 11, 1)


def result(name: str) -> dict[str, Any]:
    made = socap.assess(socap.read(f"examples/{name}.yaml"), as_of=AS_OF).to_dict()
    plain: dict[str, Any] = json.loads(json.dumps(made))
    return plain


@pytest.fixture(scope="module")
def delta() -> dict[str, Any]:
    return result("delta-group")


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("fill") / "company.xlsx"
    path.write_bytes(workbook(socap.read("examples/delta-group.yaml"), socap.load(), "zh"))
    return path


@pytest.fixture(scope="module")
def filled(company: Path, delta: dict[str, Any]) -> Path:
    path = company.with_name("filled.xlsx")
    path.write_bytes(fill(company, delta, "zh"))
    return path


def row_of(page: Worksheet, text: str) -> list[Any]:
    return next(list(row) for row in page.iter_rows() if any(c.value == text for c in row))


def test_outcomes_and_remarks_stand_beside_the_answers(filled: Path) -> None:
    book = load_workbook(filled)
    row = row_of(book["B 业务流程外包（BPO）服务实现"], "bpo.reconciliation_overdue")
    assert row[14].value == "B.1.3-d 不符合（严重不符合）"
    assert row[14].fill.fgColor.rgb == "00F8D3D0"
    assert row[15].value == "B.1.3-d 未满足：到期未对账或未对平的账目数不超过 0；实际：2"
    suppliers = book["外部供方"]
    assert row_of(suppliers, "cebu-voice")[19].value == "C.10-b 不符合（严重不符合）"
    assert row_of(suppliers, "nanjing-dc")[19].value is None
    remote = row_of(book["基本信息与情形"], "flag.remote_work")
    assert "情形存在争议" in remote[5].value
    assert not book["外部供方"].column_dimensions["T"].hidden


def test_the_sheet_of_results_has_every_finding(filled: Path, delta: dict[str, Any]) -> None:
    page = load_workbook(filled)["评价结果"]
    told = [row[1].value for row in page.iter_rows(min_row=10) if row[1].value]
    assert told == [finding["requirement"] for finding in delta["findings"]]
    assert page["B4"].value == "暂缓推荐认证"


def test_nothing_entered_changes_and_filling_again_gives_the_same(
    company: Path, filled: Path, delta: dict[str, Any]
) -> None:
    standard = socap.load()
    before, after = (from_document(read(p, standard), standard) for p in (company, filled))
    assert after.to_dict() == before.to_dict()
    assert fill(filled, delta, "zh") == filled.read_bytes()
    old, new = load_workbook(company), load_workbook(filled)
    for sheet in old.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                twin = new[sheet.title][cell.coordinate]
                if cell.style not in ("socap outcome",):
                    assert (twin.value, twin.style, twin.number_format) == (
                        cell.value,
                        cell.style,
                        cell.number_format,
                    )


def test_the_result_of_another_organisation_is_refused(company: Path) -> None:
    with pytest.raises(
        UsageError, match="the result of new-start, the workbook is that of delta-group"
    ):
        fill(company, result("new-start"), "en")


def test_a_result_of_other_answers_is_refused_by_name(
    company: Path, delta: dict[str, Any], tmp_path: Path
) -> None:
    book = load_workbook(company)
    row_of(book["4 服务能力管理（总要求）"], "cms.documented")[6].value = "否"
    path = tmp_path / "changed.xlsx"
    book.save(path)
    with pytest.raises(
        UsageError, match=r"other answers than the workbook's: evidence.cms.documented \("
    ):
        fill(path, delta, "en")


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"status": "conforming"}, "seal"),
        ({"schema_version": "1"}, "schema_version"),
        ({"findings": [{"requirement": 1}]}, "findings[0].outcome"),
        ({"recommendation": None}, "recommendation"),
    ],
)
def test_a_damaged_result_is_refused(
    change: dict[str, Any], place: str, company: Path, delta: dict[str, Any]
) -> None:
    with pytest.raises(EvidenceError) as raised:
        fill(company, delta | change, "en")
    assert place in [problem.path for problem in raised.value.problems]


def test_an_unknown_outcome_is_refused_even_when_sealed(
    company: Path, delta: dict[str, Any]
) -> None:
    odd = delta | {"status": "splendid"}
    odd["seal"] = seal(odd)
    with pytest.raises(EvidenceError, match="splendid is not known"):
        fill(company, odd, "en")


def test_another_edition_is_refused(company: Path, delta: dict[str, Any]) -> None:
    other = delta | {"standard": delta["standard"] | {"hash": "0" * 64}}
    other["seal"] = seal(other)
    with pytest.raises(UsageError, match="another edition of services-outsourcing-capabilities"):
        fill(company, other, "en")
