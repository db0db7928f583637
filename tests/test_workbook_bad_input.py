"""What people do to a workbook: read as it was meant, or refused with sheet and cell."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from openpyxl import load_workbook
from openpyxl.cell import Cell
from openpyxl.utils.cell import coordinate_to_tuple

import socap
from socap.errors import EvidenceError
from socap.organisation import from_document
from socap.workbook.reading import read
from socap.workbook.writing import workbook

if TYPE_CHECKING:
    from collections.abc import Callable

    from openpyxl import Workbook

SHEETS = {
    "items": "4 Service capability management",
    "about": "About and circumstances",
    "supplier": "external suppliers",
    "details": "Record details",
    "certificates": "Certificates",
}
BEGIN, SHARE, DAY, SET, COUNT = "G5", "G13", "G7", "G6", "G15"


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A filled questionnaire of few sheets, so that each case is quick."""
    path = tmp_path_factory.mktemp("workbook") / "original.xlsx"
    path.write_bytes(workbook(socap.read("examples/delta-group.yaml"), socap.load(), "en"))
    book = load_workbook(path)
    kept = {*SHEETS.values(), "Cover", "Exclusions", "Choices"}
    for page in [page for page in book.worksheets if page.title not in kept]:
        identity = page["A1"].value
        book.remove(page)
        for row in book["Cover"].iter_rows():
            for found in row:
                if found.value == identity:
                    found.value = None
    book.save(path)
    return path


def cell(book: Workbook, sheet: str, place: str) -> Cell:
    row, column = coordinate_to_tuple(place)
    found = book[SHEETS[sheet]].cell(row, column)
    assert isinstance(found, Cell)
    return found


def edited(original: Path, tmp_path: Path, edit: Callable[[Workbook], Any]) -> Path:
    book = load_workbook(original)
    edit(book)
    path = tmp_path / "edited.xlsx"
    book.save(path)
    return path


def put(sheet: str, place: str, value: Any, form: str = "") -> Callable[[Workbook], None]:
    def edit(book: Workbook) -> None:
        found = cell(book, sheet, place)
        found.value = value
        if form:
            found.number_format = form

    return edit


READ: tuple[tuple[str, Any, str, str, Any], ...] = (
    (SHARE, 97, "", "policy.staff_aware_pct", 97),
    (SHARE, 0.97, "0%", "policy.staff_aware_pct", 97),
    (SHARE, 0.07, "0.00%", "policy.staff_aware_pct", 7),
    (SHARE, 1, "0%", "policy.staff_aware_pct", 100),
    (SHARE, "97%", "@", "policy.staff_aware_pct", 97),
    (SHARE, "９７．５％", "@", "policy.staff_aware_pct", 97.5),
    (SHARE, "0.97%", "@", "policy.staff_aware_pct", 0.97),
    (DAY, "2026年3月2日", "@", "cms.effective_date", "2026-03-02"),
    (DAY, "2026/3/2", "@", "cms.effective_date", "2026-03-02"),
    (DAY, "２０２６－０３－０２", "@", "cms.effective_date", "2026-03-02"),
    (DAY, 20260302, "General", "cms.effective_date", "2026-03-02"),
    (BEGIN, "是", "", "cms.documented", True),
    (BEGIN, " NO ", "", "cms.documented", False),
    (BEGIN, True, "", "cms.documented", True),
    (
        SET,
        "质量；security\ncapability",
        "",
        "cms.aspects_covered",
        ["quality", "security", "capability"],
    ),
    (SET, "(none)", "", "cms.aspects_covered", []),
    (SET, "   ", "", "cms.aspects_covered", None),
    (COUNT, "１，２３４", "@", "objectives.measurable_count", 1234),
)


@pytest.mark.parametrize(("place", "value", "form", "key", "expected"), READ)
def test_what_has_one_meaning_is_read(
    place: str, value: Any, form: str, key: str, expected: Any, original: Path, tmp_path: Path
) -> None:
    path = edited(original, tmp_path, put("items", place, value, form))
    assert read(path, socap.load()).data["evidence"].get(key) == expected


def merge(area: str) -> Callable[[Workbook], None]:
    return lambda book: book[SHEETS["items"]].merge_cells(area)


def drop(sheet: str) -> Callable[[Workbook], None]:
    return lambda book: book.remove(book[SHEETS[sheet]])


def twice(book: Workbook) -> None:
    book[SHEETS["items"]].title = "four"
    book.copy_worksheet(book["four"]).title = "copy"


def above(book: Workbook) -> None:
    for place, value in (("Q3", "cms.documented"), ("G3", "no")):
        put("items", place, value)(book)


REFUSED: tuple[tuple[Callable[[Workbook], Any], str, str], ...] = (
    (put("items", SHARE, 0.97), f"items!{SHARE}", "0.97 could mean 0.97 % or 97 %"),
    (put("items", SHARE, "0.97", "@"), f"items!{SHARE}", "0.97 could mean 0.97 % or 97 %"),
    (put("items", SHARE, 97, "0%"), f"items!{SHARE}", "this reads 9700 %"),
    (put("items", SHARE, "about 90"), f"items!{SHARE}", "about 90 is not a number"),
    (put("items", COUNT, 0.5, "0%"), f"items!{COUNT}", "this is no share"),
    (put("items", COUNT, "5%"), f"items!{COUNT}", "5%: this is no share"),
    (put("items", COUNT, 1.5), f"items!{COUNT}", "this should be a whole number"),
    (put("items", COUNT, True), f"items!{COUNT}", "this should be a number"),
    (put("items", DAY, "03/02/2026"), f"items!{DAY}", "03/02/2026 is no unambiguous date"),
    (put("items", DAY, 46083, "General"), f"items!{DAY}", "46083 is no unambiguous date"),
    (
        put(
            "items",
            DAY,
            datetime(2026, 3, 2, 8, 30, tzinfo=UTC).replace(tzinfo=None),
            "yyyy-mm-dd hh:mm",
        ),
        f"items!{DAY}",
        "has a time of day",
    ),
    (put("items", BEGIN, "maybe"), f"items!{BEGIN}", "this should be yes or no, not maybe"),
    (put("items", BEGIN, "=1=1"), f"items!{BEGIN}", "a formula stands where an answer goes"),
    (put("items", BEGIN, "#REF!"), f"items!{BEGIN}", "the cell holds the error #REF!"),
    (put("items", SET, "quality, secrecy"), f"items!{SET}", "secrecy is not one of"),
    (put("items", SET, "quality, quality"), f"items!{SET}", "quality is repeated"),
    (put("items", SET, 4.5), f"items!{SET}", "this should be text, not 4.5"),
    (put("items", "H5", "nothing"), "items!H5", "there is an answer, and a reason"),
    (put("items", BEGIN, None), "", ""),
    (put("items", "I8", 2.5), "items!I8", "this should be text, not 2.5"),
    (put("items", "L5", "checked"), "items!L5", "checked is not one of"),
    (put("items", "L5", "verified"), "items!L5", "names who verified it"),
    (put("items", "Q5", None), "items!G5", "has no key"),
    (put("items", "Q5", "cms.documentd"), "items!Q5", "there is no key cms.documentd"),
    (merge("G5:G6"), "items!G6", "the cell is merged into another"),
    (put("items", "G1", None), "items!1", "the column “Answer” (mark answer) is missing"),
    (put("items", "C1", "answer"), "items!G1", "the column mark answer is repeated"),
    (put("items", "C1", "antwort"), "items!C1", "unknown column mark antwort"),
    (put("items", "A4", None), "items!1", "the mark of the header row is gone"),
    (
        put("items", "A1", None),
        "",
        "the sheet “4 Service capability management (general requirements)” is missing",
    ),
    (
        drop("items"),
        "",
        "the sheet “4 Service capability management (general requirements)” is missing",
    ),
    (drop("supplier"), "", "the sheet “external suppliers” is missing"),
    (lambda book: book.remove(book["Cover"]), "", "this is no socap questionnaire"),
    (twice, "copy", "this repeats the sheet"),
    (put("about", "D6", None), "about!D6", "the id is empty"),
    (put("about", "D8", None), "about!D7", "both zh and en"),
    (put("about", "D9", "many"), "about!D9", "many is not a number"),
    (put("supplier", "B9", "nanjing-dc"), "supplier!B9", "the id nanjing-dc is repeated"),
    (put("supplier", "B9", None), "supplier!B9", "id is missing"),
    (put("details", "B5", "supplier"), "details!C5", "are all needed"),
    (put("certificates", "C5", "perhaps"), "certificates!C5", "this should be yes or no"),
)


@pytest.mark.parametrize(("edit", "place", "message"), REFUSED)
def test_what_is_wrong_is_named_with_its_cell(
    edit: Callable[[Workbook], Any], place: str, message: str, original: Path, tmp_path: Path
) -> None:
    path, standard = edited(original, tmp_path, edit), socap.load()
    if not message:
        assert "cms.documented" not in read(path, standard).data["evidence"]
        return
    with pytest.raises(EvidenceError) as raised:
        from_document(read(path, standard), standard)
    sheet, mark, rest = place.partition("!")
    wanted = f"{SHEETS.get(sheet, sheet)}{mark}{rest}"
    told = [(p.cell, p.message.en) for p in raised.value.problems]
    assert any(at == wanted and message in text for at, text in told), told
    assert all(problem.file == str(path) for problem in raised.value.problems)


def test_all_problems_are_told_at_once(original: Path, tmp_path: Path) -> None:
    def edit(book: Workbook) -> None:
        put("items", BEGIN, "maybe")(book)
        put("items", COUNT, 1.5)(book)
        put("about", "D9", "many")(book)
        put("supplier", "B9", "nanjing-dc")(book)

    path, standard = edited(original, tmp_path, edit), socap.load()
    with pytest.raises(EvidenceError) as raised:
        read(path, standard)
    assert sorted(p.cell for p in raised.value.problems) == [
        "4 Service capability management!G15",
        "4 Service capability management!G5",
        "About and circumstances!D9",
        "external suppliers!B9",
    ]


def test_none_stated_beside_records_is_a_contradiction(original: Path, tmp_path: Path) -> None:
    def edit(book: Workbook) -> None:
        page = book[SHEETS["about"]]
        row = next(r for r in page.iter_rows() if r[6].value == "none.supplier")
        row[3].value = "yes"

    path, standard = edited(original, tmp_path, edit), socap.load()
    with pytest.raises(
        EvidenceError, match="none are stated here, yet the sheet “external suppliers” holds 4"
    ):
        read(path, standard)


def test_the_questionnaire_of_another_pack_is_refused(original: Path) -> None:
    with pytest.raises(EvidenceError, match="a questionnaire of services-outsourcing-capabilities"):
        read(original, socap.load("staff-duties"))


def test_a_workbook_that_is_no_questionnaire_is_refused(tmp_path: Path) -> None:
    from openpyxl import Workbook as Empty

    path = tmp_path / "other.xlsx"
    Empty().save(path)
    with pytest.raises(EvidenceError, match="this is no socap questionnaire"):
        read(path, socap.load())
