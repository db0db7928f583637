"""What LibreOffice makes of the workbook: converted, edited and recalculated."""

from __future__ import annotations

import json
import subprocess
from datetime import date
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import pytest
import random_texts
from openpyxl import load_workbook

import socap
from socap.organisation import from_document
from socap.rules.facts import Facts, known
from socap.rules.reference import evaluate
from socap.rules.truth import Truth
from socap.rules.vocabulary import TYPES_KEY
from socap.workbook.reading import read
from socap.workbook.scope import scope
from socap.workbook.writing import questionnaire, workbook

if TYPE_CHECKING:
    from socap.organisation import Organisation
    from socap.standard import Standard

AS_OF = date(2026, 11, 1)
PACKS = ("services-outsourcing-capabilities", "staff-duties", "it-outsourcing-assessment")
NAME = "三角洲集团"
XLSX = "xlsx:Calc MS Excel 2007 XML"
# Types and circumstances; what is not named is not answered.
PROFILES: tuple[tuple[tuple[str, ...], dict[str, bool]], ...] = (
    ((), {}),
    (("BPO",), {"develops_software": False, "handles_personal_information": False}),
    (("ITO", "BPO"), {"handles_client_confidential": False, "uses_external_suppliers": True}),
    (
        ("KPO",),
        {
            "handles_client_confidential": False,
            "handles_personal_information": False,
            "offshore": False,
        },
    ),
    (("ITO", "BPO", "KPO"), dict.fromkeys(socap.load().vocabulary.flags, False)),
)


def convert(form: str, files: list[Path], into: Path) -> None:
    profile = into.parent / "profile"
    subprocess.run(
        [  # noqa: S607  the program of the machine is meant
            "soffice",
            f"-env:UserInstallation={profile.as_uri()}",
            "--headless",
            "--convert-to",
            form,
            "--outdir",
            str(into),
            *map(str, files),
        ],
        check=True,
        capture_output=True,
        timeout=500,
    )


def exactly(organisation: Organisation) -> str:
    return json.dumps(organisation.to_dict(), sort_keys=True, ensure_ascii=False)


def asked(types: tuple[str, ...], flags: dict[str, bool], path: Path, standard: Standard) -> None:
    """Save a questionnaire with a profile filled in."""
    path.write_bytes(questionnaire(standard, standard.vocabulary.types, "en"))
    book = load_workbook(path)
    page = book["About and circumstances"]
    for row in page.iter_rows(min_row=5):
        key = str(row[6].value)
        if key.startswith("type."):
            row[3].value = "yes" if key.removeprefix("type.") in types else None
        elif key.startswith("flag.") and key.removeprefix("flag.") in flags:
            row[3].value = "yes" if flags[key.removeprefix("flag.")] else "no"
    book.save(path)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Everything LibreOffice has to do, in as few sessions as it takes."""
    root = tmp_path_factory.mktemp("office")
    made = root / "made"
    made.mkdir()
    for pack in PACKS:
        standard = socap.load(pack)
        organisation = random_texts.organisation(Random(pack), standard, AS_OF)
        (made / f"{pack}.xlsx").write_bytes(workbook(organisation, standard, "zh"))
    delta = socap.read("examples/delta-group.yaml")
    (made / "delta.xlsx").write_bytes(workbook(delta, socap.load(), "zh"))
    for number, (types, flags) in enumerate(PROFILES):
        asked(types, flags, made / f"profile{number}.xlsx", socap.load())
    convert(XLSX, sorted(made.glob("*.xlsx")), root / "converted")
    kept = [made / f"{pack}.xlsx" for pack in PACKS]
    convert("fods", [made / "delta.xlsx", *kept], root / "flat")
    flat = root / "flat" / "delta.fods"
    text = flat.read_text(encoding="utf-8")
    assert f"<text:p>{NAME}</text:p>" in text
    flat.write_text(
        text.replace(f"<text:p>{NAME}</text:p>", "<text:p>新名称</text:p>"), encoding="utf-8"
    )
    convert(XLSX, sorted((root / "flat").glob("*.fods")), root / "back")
    return root


@pytest.mark.parametrize("stage", ["converted", "back"])
@pytest.mark.parametrize("pack", PACKS)
def test_a_converted_workbook_reads_the_same(pack: str, stage: str, folder: Path) -> None:
    standard = socap.load(pack)
    organisation = random_texts.organisation(Random(pack), standard, AS_OF)
    again = from_document(read(folder / stage / f"{pack}.xlsx", standard), standard)
    expected = exactly(organisation).replace(r"\r\n", r"\n")
    if stage == "back":
        expected = expected.replace(r"\t", "")
    # LibreOffice itself makes one character of a two-character line end, and drops tabs in its
    # own format; nothing else may change.
    assert exactly(again) == expected


def test_an_edit_in_the_format_of_libreoffice_is_read_and_nothing_else_changes(
    folder: Path,
) -> None:
    standard = socap.load()
    expected = socap.read("examples/delta-group.yaml").to_dict()
    expected["organisation"]["name"]["zh"] = "新名称"
    told = from_document(read(folder / "back" / "delta.xlsx", standard), standard).to_dict()
    assert json.dumps(told, sort_keys=True) == json.dumps(expected, sort_keys=True)


@pytest.mark.parametrize("number", range(len(PROFILES)))
def test_what_turns_grey_is_what_cannot_apply(number: int, folder: Path) -> None:
    standard = socap.load()
    types, flags = PROFILES[number]
    items = {f"profile.{name}": known(value) for name, value in flags.items()}
    if types:
        items[TYPES_KEY] = known(frozenset(types))
    facts = Facts(AS_OF, items)
    of = scope(standard, standard.vocabulary.types, "en")
    idle = {
        key
        for key in standard.vocabulary.items
        if all(evaluate(r.applies_when, facts) is Truth.FALSE for r in of.serving(key))
    }
    book = load_workbook(folder / "converted" / f"profile{number}.xlsx", data_only=True)
    grey, seen = set(), set()
    for page in book.worksheets:
        for row in page.iter_rows(min_row=5, max_col=17):
            key = str(row[-1].value) if len(row) == 17 else ""
            if key in standard.vocabulary.items:
                seen.add(key)
                if row[0].value is True or row[0].value == 1:
                    grey.add(key)
    assert seen == set(standard.vocabulary.items)
    assert grey == idle
    assert bool(types) == bool(grey)
