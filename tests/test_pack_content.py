"""What the bundled standard holds."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from socap.clauses.requirement import Aspect, Obligation, Phase
from socap.errors import PackError
from socap.packs import BUNDLED, MAIN
from socap.rules.expressions import Condition, Operator, Quantified, walk
from socap.standard import load

STANDARD = load()
PRINTED = (
    "1 2 3 3.1 3.2 3.3 3.4 3.5 3.6 3.7 3.8 3.9 4 4.1 4.2 4.3 5 5.1 5.2 6 6.1 6.2 6.3 6.4 6.5 6.6 6.7 "
    "7 7.1 7.2 7.3 A A.1 A.1.1 A.1.2 A.1.3 B B.1.1 B.1.2 B.1.3 C C.1 C.2 C.3 C.4 C.5 C.6 C.7 C.8 C.9 C.10"
).split()
PAGES = (
    "6 6 7 7 7 7 8 8 8 8 9 9 9 9 9 10 12 12 13 16 16 18 19 21 22 22 23 24 24 24 25 "
    "26 26 26 26 27 29 29 30 30 31 31 31 32 32 32 33 33 34 35 35"
).split()


def test_headings_are_the_printed_ones_in_order() -> None:
    assert list(STANDARD.headings) == PRINTED


def test_every_auditable_clause_has_requirements() -> None:
    held = {r.clause for r in STANDARD.requirements.values()}
    leaves = [c for c in PRINTED if re.match(r"[4-7]\.|[ABC]\.", c)]
    assert set(leaves) <= held


def test_there_is_enough_and_of_every_kind() -> None:
    found = list(STANDARD.requirements.values())
    assert len(found) >= 150
    assert {r.aspect for r in found} == set(Aspect)
    assert {r.pdca for r in found} == set(Phase)
    plain = {Operator.IS, Operator.ONE_OF, Operator.PRESENT, Operator.NO_CASE}
    measured = [
        r
        for r in found
        if any(isinstance(n, Condition) and n.operator not in plain for n in walk(r.satisfied_when))
    ]
    assert len(measured) >= 40
    sampled = [r for r in found if any(isinstance(n, Quantified) for n in walk(r.satisfied_when))]
    assert len(sampled) >= 15


def test_statements_say_shall_or_should_as_their_obligation() -> None:
    for r in STANDARD.requirements.values():
        zh, en = ("应", "shall") if r.obligation is Obligation.SHALL else ("宜", "should")
        assert zh in r.statement.zh, r.id
        assert re.search(rf"\b{en}\b", r.statement.en), r.id


def test_pages_are_the_printed_ones() -> None:
    assert [str(c.page) for c in STANDARD.headings.values()] == PAGES


def test_a_broken_pack_is_refused_with_every_problem(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("pack")
    for source in BUNDLED[MAIN]:
        for file in source.glob("*.yaml"):
            text = file.read_text(encoding="utf-8")
            if file.name.startswith("05_"):
                text = text.replace(
                    "tools.licensed_count, at_least", "tools.licenced_count, at_least", 1
                )
                text = text.replace("obligation: shall", "obligation: must", 1)
            (folder / file.name).write_text(text, encoding="utf-8")
    with pytest.raises(PackError) as caught:
        load(folder)
    shown = str(caught.value)
    assert "did you mean tools.licensed_count" in shown
    assert "this should be one of: shall, should" in shown
    assert all(problem.line for problem in caught.value.problems)


def test_a_cycle_of_prerequisites_is_refused(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("cycle")
    for source in BUNDLED[MAIN]:
        for file in source.glob("*.yaml"):
            text = file.read_text(encoding="utf-8")
            if file.name.startswith("04_"):
                text = text.replace("prerequisites: []", "prerequisites: [4.3-h]", 1)
            (folder / file.name).write_text(text, encoding="utf-8")
    with pytest.raises(PackError, match=r"cycle: .*4\.3-h"):
        load(folder)


def test_ids_of_requirements_and_consistency_rules_are_there_once(tmp_path: Path) -> None:
    folder = tmp_path / "pack"
    shutil.copytree(Path(__file__).parent / "packs" / "tiny", folder)
    for name in ("06_service", "consistency"):
        file = folder / f"{name}.yaml"
        head, *entries = file.read_text(encoding="utf-8").splitlines(keepends=True)
        file.write_text(head + "".join(entries) * 2, encoding="utf-8")
    with pytest.raises(PackError) as caught:
        load(folder)
    told = [p.render("en") for p in caught.value.problems]
    assert len([t for t in told if "consistency.yaml:9:" in t and "appears twice" in t]) == 1
    assert len([t for t in told if "06_service.yaml" in t and "appears twice" in t]) >= 1
