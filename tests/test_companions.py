"""Every companion document assesses its example, links to the main standard, and says its limits."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from socap.applicability_matrix import matrix
from socap.assessment import Assessment, assess
from socap.clauses.pack import Subject
from socap.company_file import read
from socap.documents import read_document
from socap.errors import PackError, UsageError
from socap.organisation import from_document
from socap.packs import BUNDLED, MAIN
from socap.standard import load

ROOT = Path(__file__).parents[1]
COMPANIONS = [name for name in BUNDLED if name != MAIN]
EXPECTED = read_document(Path(__file__).parent / "expectations.yaml", PackError).data["companions"]
SEED_LINES = {
    "post-specification-1": (9, 51),
    "post-specification-2": (151, 191),
    "post-specification-3": (239, 283),
    "bpo-post-competencies": (63, 101),
    "staff-duties": (107, 145),
    "it-outsourcing-assessment": (197, 233),
    "municipal-recognition": (289, 323),
}


def judged(pack: str, reader: str = "reference", **options: Any) -> Assessment:
    standard = load(pack)
    subject = read(ROOT / "examples" / "companions" / f"{pack}.yaml", standard)
    return assess(subject, standard, as_of=date(2026, 11, 1), reader=reader, **options)


@pytest.mark.parametrize("reader", ["reference", "durable"])
@pytest.mark.parametrize("pack", COMPANIONS)
def test_each_assesses_its_example(pack: str, reader: str) -> None:
    result, expected = judged(pack, reader), EXPECTED[pack]
    found = {name: getattr(result.summary, name) for name in expected["counts"]}
    assert found == expected["counts"]
    assert result.status.value == expected["status"]
    assert result.recommendation.id == expected["recommendation"]


@pytest.mark.parametrize("pack", COMPANIONS)
def test_each_rests_on_lines_of_the_source_and_supports_the_main_standard(pack: str) -> None:
    first, last = SEED_LINES[pack]
    standard = load(pack)
    for requirement in standard.requirements.values():
        assert requirement.provenance.basis.value == "companion-text"
        lines = [
            int(n) for part in requirement.provenance.lines.split(",") for n in part.split("-")
        ]
        assert lines
        assert all(first <= line <= last for line in lines), requirement.id
    supported = {name for r in standard.requirements.values() for name in r.supports}
    assert supported
    assert supported <= set(load().requirements)
    assert "official standing" in standard.pack.notice.en


@pytest.mark.parametrize("pack", COMPANIONS)
def test_a_matrix_is_there_just_where_types_are_told_apart(pack: str) -> None:
    standard = load(pack)
    if not standard.vocabulary.types:
        with pytest.raises(UsageError, match="does not tell types apart"):
            matrix(standard)
        return
    made = matrix(standard)
    told = {cell.decision for row in made.rows for cell in row.cells}
    assert len(told) > 1


def test_persons_and_organisations_begin_their_files_differently(tmp_path: Path) -> None:
    assert load("staff-duties").pack.subject is Subject.PERSON
    file = tmp_path / "p.yaml"
    file.write_text("organisation: {id: a, name: {zh: 甲, en: A}}\n", encoding="utf-8")
    with pytest.raises(Exception, match="person is missing"):
        read(file, load("staff-duties"))


def test_the_score_is_weighted_explained_and_open_where_answers_are() -> None:
    made = judged("it-outsourcing-assessment").score
    assert made is not None
    assert (made.low, made.high, made.passed) == (78.125, 78.125, True)
    assert made.band is not None
    assert made.band.id == "C"
    assert "weight 25%" in made.reason.en
    assert [d.clause for d in made.dimensions] == ["1", "2", "3", "4"]
    heavier = judged("it-outsourcing-assessment", parameters={"weight_risk": 100}).score
    assert heavier is not None
    expected = (25 * 71.5 + 25 * 82.666667 + 100 * 66.666667 + 25 * 91.666667) / 175
    assert heavier.low == pytest.approx(expected, abs=1e-4)
    standard = load("it-outsourcing-assessment")
    file = ROOT / "examples" / "companions" / "it-outsourcing-assessment.yaml"
    document = read_document(file, PackError)
    assert standard.scoring is not None
    requirement, key = next(iter(standard.scoring.points.items()))
    document.data["evidence"].pop(key)
    open_one = assess(
        from_document(document, standard), standard, as_of=date(2026, 11, 1), reader="reference"
    ).score
    assert open_one is not None
    assert open_one.low < made.low < open_one.high
    clause = standard.requirements[requirement].clause
    inside = sum(r.clause == clause for r in standard.requirements.values())
    assert open_one.high - open_one.low == pytest.approx(25 / inside, abs=1e-4)


def test_recognition_needs_all_five_conditions_and_the_local_figures() -> None:
    made = judged("municipal-recognition")
    assert made.recommendation.id == "open"
    told = [r.text.en for f in made.findings.values() for r in f.reasons]
    assert any("is not set" in text for text in told)
    generous = {
        name: parameter.maximum if parameter.unit == "days" else parameter.minimum or 0
        for name, parameter in made.standard.vocabulary.parameters.items()
        if parameter.default is None
    }
    assert judged("municipal-recognition", parameters=generous).recommendation.id == "recognised"
    failing = {**generous, "registered_capital_min": 1_000_000}
    assert judged("municipal-recognition", parameters=failing).recommendation.id == "not_recognised"
