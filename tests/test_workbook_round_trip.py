"""A company written to a workbook and read again is the same company."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import pytest
import random_texts

import socap
from socap.company_file import as_json, as_yaml
from socap.documents import Document, parse_document
from socap.errors import EvidenceError, UsageError
from socap.organisation import from_document
from socap.packs import BUNDLED
from socap.workbook.reading import read
from socap.workbook.writing import questionnaire, workbook

if TYPE_CHECKING:
    from socap.errors import Lang
    from socap.organisation import Organisation
    from socap.standard import Standard

AS_OF = date(2026, 11, 1)
EXAMPLES = sorted(Path("examples").glob("*.yaml"))
LANGUAGES: tuple[Lang, Lang] = ("zh", "en")


def exactly(organisation: Organisation) -> str:
    """Tell 95.0 from 95, which compare equal."""
    return json.dumps(organisation.to_dict(), sort_keys=True, ensure_ascii=False)


def read_again(content: bytes, folder: Path, standard: Standard) -> Organisation:
    path = folder / "company.xlsx"
    path.write_bytes(content)
    return from_document(read(path, standard), standard)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_is_assessed_from_its_workbook_as_from_its_yaml(
    example: Path, lang: Lang, tmp_path: Path
) -> None:
    standard, organisation = socap.load(), socap.read(example)
    again = read_again(workbook(organisation, standard, lang), tmp_path, standard)
    assert exactly(again) == exactly(organisation)
    assert (
        socap.assess(again, as_of=AS_OF).to_dict()
        == socap.assess(organisation, as_of=AS_OF).to_dict()
    )


@pytest.mark.parametrize("pack", BUNDLED)
def test_random_companies_survive_xlsx_yaml_and_json(pack: str, tmp_path: Path) -> None:
    standard = socap.load(pack)
    rng = Random(pack)
    for turn in range(4):
        organisation = random_texts.organisation(rng, standard, AS_OF)
        again = read_again(
            workbook(organisation, standard, LANGUAGES[turn % 2]), tmp_path, standard
        )
        assert exactly(again) == exactly(organisation)
        for text, plain in ((as_yaml(again, standard), False), (as_json(again, standard), True)):
            document = parse_document(text.encode(), "again", EvidenceError, json_only=plain)
            assert exactly(from_document(document, standard)) == exactly(organisation)


@pytest.mark.parametrize("pack", BUNDLED)
def test_an_empty_questionnaire_reads_as_no_answers(pack: str, tmp_path: Path) -> None:
    standard = socap.load(pack)
    for lang in LANGUAGES:
        made = questionnaire(standard, standard.vocabulary.types, lang)
        assert made == questionnaire(standard, standard.vocabulary.types, lang)
        told = read_again(made, tmp_path, standard).to_dict()
        assert (told["evidence"], told["records"], told["certificates"]) == ({}, {}, [])
        assert told["profile"] == {"types": sorted(standard.vocabulary.types)}


def test_the_data_is_that_of_a_company_file_with_the_cell_of_each_value(tmp_path: Path) -> None:
    standard = socap.load()
    organisation = socap.read("examples/delta-group.yaml")
    path = tmp_path / "company.xlsx"
    path.write_bytes(workbook(organisation, standard, "zh"))
    document = read(path, standard)
    again: Any = parse_document(
        as_json(organisation, standard).encode(), "json", EvidenceError
    ).data
    assert document.data["evidence"].keys() == again["evidence"].keys()
    assert document.data["evidence"]["cms.documented"] is True
    assert document.data["evidence"]["cms.effective_date"] == "2026-07-27"
    assert (
        document.data["evidence"]["ito.availability_pct"]
        == again["evidence"]["ito.availability_pct"]
    )
    assert document.data["organisation"] == again["organisation"]
    assert document.cells["evidence", "cms.documented"] == "4 服务能力管理（总要求）!G5"
    assert document.cells["records", "supplier", 3, "security_agreement_signed"] == "外部供方!M11"


VALUES: tuple[tuple[str, object], ...] = (
    ("ito.test_pass_pct", 0.5),
    ("ito.test_pass_pct", -0.97),
    ("ito.test_pass_pct", 0.0),
    ("ito.test_pass_pct", 1),
    ("ito.test_pass_pct", 97.0),
    ("ito.test_pass_pct", 0.1 + 0.2),
    ("finance.current_ratio", 1e-7),
    ("finance.current_ratio", -0.0),
    ("finance.current_ratio", 10**12),
    ("cms.effective_date", "1900-01-01"),
    ("cms.effective_date", "1900-02-28"),
    ("cms.effective_date", "2200-12-31"),
    ("cms.scope_elements", []),
    ("cms.scope_elements", ["sites"]),
    ("pii.cross_border_mechanism", "exempt_recorded"),
    ("internal_audit.clauses_covered", ["4"]),
)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_kind_of_value_survives(lang: Lang, tmp_path: Path) -> None:
    standard = socap.load()
    evidence: dict[str, list[dict[str, object]]] = {}
    for key, value in VALUES:
        evidence.setdefault(key, []).append({"value": value, "source": "a\x7fb"})
    data = {
        "organisation": {"id": "a", "name": {"zh": "甲", "en": "A"}},
        "profile": {"types": ["ITO"]},
        "evidence": evidence,
        "records": {"supplier": []},
    }
    organisation = from_document(Document("made", data, {}), standard)
    again = read_again(workbook(organisation, standard, lang), tmp_path, standard)
    assert exactly(again) == exactly(organisation)


UNHOLDABLE: tuple[tuple[str, str], ...] = (
    ("x" * 32_768, "holds 32767"),
    ("😀" * 16_384, "holds 32767"),
    ("a\x00b", "cannot hold U+0000"),
    ("a\ud800", "cannot hold U+D800"),
    ("a_x000D_", "cannot hold _x000D_"),
    ("\ufffe", "cannot hold U+FFFE"),
)


@pytest.mark.parametrize(("text", "message"), UNHOLDABLE)
def test_a_text_that_no_cell_holds_is_refused_by_name(text: str, message: str) -> None:
    standard = socap.load()
    data = {
        "organisation": {"id": "a", "name": {"zh": "甲", "en": "A"}},
        "profile": {"types": ["ITO"]},
        "evidence": {"cms.documented": {"value": True, "note": text}},
        "exclusions": [{"requirement": "4.1-a", "justification": text}],
    }
    organisation = from_document(Document("made", data, {}), standard)
    with pytest.raises(UsageError) as raised:
        workbook(organisation, standard, "en")
    paths = [problem.path for problem in raised.value.problems]
    assert paths == ["evidence.cms.documented[0].note", "exclusions[0].justification"]
    assert all(message in problem.message.en for problem in raised.value.problems)


def test_a_workbook_edited_with_openpyxl_reads_as_edited(tmp_path: Path) -> None:
    from openpyxl import load_workbook

    standard = socap.load()
    organisation = random_texts.organisation(Random(8), standard, AS_OF)
    path = tmp_path / "company.xlsx"
    path.write_bytes(workbook(organisation, standard, "en"))
    book = load_workbook(path)
    page = book["About and circumstances"]
    cell = next(c for row in page.iter_rows() for c in row if c.value == "Number of employees")
    page.cell(cell.row, cell.column + 2).value = 77
    book.create_sheet("my own notes")["A1"] = "=1+1"
    for sheet in book.worksheets:
        if sheet.max_column > 8 and not sheet.tables:
            sheet.title = sheet.title[:20] + " renamed"
    book.save(path)
    again = from_document(read(path, standard), standard).to_dict()
    expected: dict[str, Any] = organisation.to_dict()
    expected["organisation"]["employees"] = 77
    assert json.dumps(again, sort_keys=True) == json.dumps(expected, sort_keys=True)


def test_moved_columns_inserted_and_sorted_rows_read_the_same(tmp_path: Path) -> None:
    from openpyxl import load_workbook

    standard = socap.load()
    organisation = socap.read("examples/huaqiao-software.yaml")
    path = tmp_path / "company.xlsx"
    path.write_bytes(workbook(organisation, standard, "zh"))
    book = load_workbook(path)
    page = next(s for s in book.worksheets if s.title.startswith("5 "))
    rows: list[list[Any]] = [[c.value for c in row] for row in page.iter_rows()]
    head, body = rows[:4], rows[4:]
    moved = [[row[-1], *row[:-1]] for row in [*head, [None for _ in head[0]], *body[::-1]]]
    page.delete_rows(1, page.max_row)
    for number, row in enumerate(moved, 3):
        for column, value in enumerate(row, 1):
            page.cell(number, column, None if str(value).startswith("=") else value)
    book.save(path)
    assert exactly(from_document(read(path, standard), standard)) == exactly(organisation)


def test_an_unknown_type_or_none_is_refused() -> None:
    for types in ((), ("XXO",)):
        with pytest.raises(UsageError):
            questionnaire(socap.load(), types, "en")
