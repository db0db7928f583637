"""The crosswalk: references exist, relations agree with their inverses, nothing is credited idly."""

from __future__ import annotations

from pathlib import Path

import pytest

from socap.crosswalk.relation import Coverage, Rationale, Relation, SetRelation
from socap.errors import PackError, UsageError
from socap.lint import lint
from socap.standard import load

TINY = Path(__file__).parent / "packs" / "tiny"
HEAD = """
id: Other 1
title: {zh: 另一标准, en: Another standard}
kind: certificate
verified: {zh: 未核对, en: not checked}
references: {'1': {zh: 审核, en: audits}, '2': {zh: 测试, en: tests}}
no_relationship: [6.1-c, 6.2-a, 6.2-b]
relations:
"""
GOOD = [
    "{requirement: 6.1-a, reference: '1', relation: subset_of, rationale: functional, strength: 9}",
    "{requirement: 6.1-b, reference: '2', relation: superset_of, rationale: semantic, strength: 3, uncovered: [test.pass_pct]}",
]


def pack(tmp_path: Path, relations: list[str], head: str = HEAD) -> Path:
    for file in TINY.glob("*.yaml"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / "crosswalk").mkdir()
    body = head + "".join(f"  - {relation}\n" for relation in relations)
    (tmp_path / "crosswalk" / "other.yaml").write_text(body, encoding="utf-8")
    return tmp_path


def test_relations_read_from_both_sides(tmp_path: Path) -> None:
    made = load(pack(tmp_path, GOOD)).crosswalk
    (relation,) = made.of("6.1-a", "Other 1")
    assert relation.coverage is Coverage.FULL
    assert list(made.to("Other 1", "1")) == [("6.1-a", SetRelation.SUPERSET_OF)]
    assert list(made.to("Other 1", "2")) == [("6.1-b", SetRelation.SUBSET_OF)]
    assert made.of("6.1-c") == ()
    with pytest.raises(UsageError, match="did you mean Other 1"):
        made.standard("Other 2")


@pytest.mark.parametrize("relation", list(SetRelation))
def test_the_inverse_of_the_inverse_is_the_relation(relation: SetRelation) -> None:
    assert relation.inverse.inverse is relation
    assert (relation.inverse is relation) == (relation.value[:3] not in ("sub", "sup"))


def test_an_intersection_alone_covers_nothing() -> None:
    made = Relation("r", "s", "1", SetRelation.INTERSECTS_WITH, Rationale.FUNCTIONAL, 10, ("k",))
    assert made.coverage is Coverage.NONE


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("reference: '1'", "reference: '9'", "has no reference 9"),
        ("requirement: 6.1-a", "requirement: 6.1-x", "there is no requirement 6.1-x"),
        ("strength: 9", "strength: 11", "1 to 10"),
        ("relation: subset_of", "relation: part_of", "this should be one of"),
        ("relation: subset_of", "relation: no_relationship", "in no_relationship"),
        ("strength: 9", "strength: 9, uncovered: [audit.last_date]", "leave nothing uncovered"),
        (", uncovered: [test.pass_pct]", "", "lists what is left"),
        ("uncovered: [test.pass_pct]", "uncovered: [plan.kept]", "does not read plan.kept"),
        ("[6.1-c, ", "[6.1-a, 6.1-c, ", "has relations and is listed without"),
        ("[6.1-c, ", "[6.9-c, ", "there is no requirement 6.9-c"),
    ],
)
def test_what_does_not_agree_is_refused_with_its_line(
    tmp_path: Path, old: str, new: str, words: str
) -> None:
    text = HEAD + "".join(f"  - {relation}\n" for relation in GOOD)
    assert old in text
    broken = text.replace(old, new, 1)
    head, _, relations = broken.partition("relations:\n")
    listed = [line.removeprefix("  - ") for line in relations.splitlines()]
    made = load(pack(tmp_path, listed, head + "relations:\n"))
    with pytest.raises(PackError) as caught:
        _ = made.crosswalk
    assert words in str(caught.value)
    assert all(problem.line for problem in caught.value.problems)


def test_two_requirements_cannot_equal_one_reference(tmp_path: Path) -> None:
    both = [
        f"{{requirement: {r}, reference: '1', relation: equal, rationale: functional, strength: 9}}"
        for r in ("6.1-a", "6.1-b")
    ]
    with pytest.raises(PackError, match="cannot both equal 1"):
        _ = load(pack(tmp_path, both)).crosswalk


def test_a_part_of_what_equals_another_requirement_has_to_refine_it(tmp_path: Path) -> None:
    both = [
        "{requirement: 6.1-a, reference: '1', relation: equal, rationale: functional, strength: 9}",
        "{requirement: 6.1-b, reference: '1', relation: subset_of, rationale: functional, strength: 9}",
    ]
    with pytest.raises(PackError, match=r"then it has to refine 6\.1-a"):
        _ = load(pack(tmp_path, both)).crosswalk


def test_a_requirement_left_out_is_a_lint_error(tmp_path: Path) -> None:
    made = load(pack(tmp_path, GOOD[:1]))
    told = [f.problem.message.en for f in lint(made)]
    assert "the crosswalk to Other 1 leaves out 6.1-b" in told


def test_the_shipped_crosswalk_names_every_requirement_and_every_annex_a_control() -> None:
    standard = load()
    made = standard.crosswalk
    assert set(made.standards) == {
        "ISO 9001:2015",
        "ISO/IEC 27001:2022",
        "ISO/IEC 20000-1:2018",
        "CMMI V2.0/V3.0",
    }
    controls = [r for r in made.standards["ISO/IEC 27001:2022"].references if r.startswith("A.")]
    printed = {5: 37, 6: 8, 7: 14, 8: 34}
    assert controls == [
        f"A.{part}.{n}" for part, last in printed.items() for n in range(1, last + 1)
    ]
    assert not [f for f in lint(standard) if "crosswalk" in f.problem.message.en]
    kinds = {r.relation for r in made.relations}
    assert kinds >= {SetRelation.SUBSET_OF, SetRelation.SUPERSET_OF, SetRelation.INTERSECTS_WITH}
