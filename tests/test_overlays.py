"""Overlays change, add and retire; they are checked like the pack, and conflicts are errors."""

from __future__ import annotations

from datetime import date
from itertools import permutations
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from socap.assessment import assess
from socap.company_file import read
from socap.difference import diff, edition
from socap.errors import PackError
from socap.standard import load

if TYPE_CHECKING:
    from collections.abc import Callable

    from socap.standard import Standard

TINY = Path(__file__).parent / "packs" / "tiny"
AS_OF = date(2026, 3, 1)

CHANGES = """
change:
  requirements:
    6.1-a: {severity: minor, statement: {en: The organisation shall audit each year.}}
    6.1-b: {satisfied_when: {item: test.pass_pct, at_least: 80}}
  parameters: {audit_interval_days: {default: 400}}
"""
ADDITION = """
add:
  items: {access.reviewed: {type: boolean, question: {zh: 评审?, en: Reviewed?}}}
  requirements:
    - id: 6.1-z
      clause: '6.1'
      title: {zh: 访问, en: Access}
      statement: {zh: 组织应评审访问。, en: The organisation shall review access.}
      obligation: shall
      aspect: security
      pdca: check
      severity: minor
      applies_when: always
      satisfied_when: {item: access.reviewed, is: true}
      prerequisites: [6.1-a]
      provenance: {basis: domain-practice, reason: {zh: 惯例, en: practice}}
"""
RETIREMENT = "retire: {requirements: {6.1-a: {zh: 不再要求, en: no longer asked}}}\n"


@pytest.fixture
def overlay(tmp_path: Path) -> Callable[[str, str], Path]:
    def write(name: str, body: str, pack: str = "tiny") -> Path:
        file = tmp_path / f"{name}.yaml"
        head = f"overlay: {{id: {name}, title: {{zh: 叠加, en: Overlay}}, pack: {pack}}}\n"
        file.write_text(head + body, encoding="utf-8")
        return file

    return write


def refused(*files: Path) -> str:
    with pytest.raises(PackError) as caught:
        load(TINY, overlays=files)
    return str(caught.value)


def test_changes_are_laid_over_word_by_word(overlay: Callable[..., Path]) -> None:
    plain, changed = load(TINY), load(TINY, overlays=[overlay("our", CHANGES)])
    asked = changed.requirements["6.1-a"]
    assert asked.severity.value == "minor"
    assert asked.statement.en == "The organisation shall audit each year."
    assert asked.statement.zh == plain.requirements["6.1-a"].statement.zh
    assert changed.parameters()["audit_interval_days"] == 400
    assert plain.parameters()["audit_interval_days"] != 400
    assert load(TINY).requirements["6.1-a"].severity.value == "major"


def test_additions_and_retirements(overlay: Callable[..., Path]) -> None:
    made = load(TINY, overlays=[overlay("more", ADDITION), overlay("less", RETIREMENT)])
    assert "6.1-a" not in made.requirements
    assert made.requirements["6.1-z"].prerequisites == ()
    assert made.requirements["6.1-b"].prerequisites == ()
    assert made.retired == {"6.1-a": "less"}


def test_the_order_of_overlays_does_not_matter(overlay: Callable[..., Path]) -> None:
    files = [
        overlay("more", ADDITION),
        overlay("our", CHANGES.replace("6.1-a: {", "6.1-z: {")),
        overlay("less", RETIREMENT),
    ]
    made = [load(TINY, overlays=order) for order in permutations(files)]
    for other in made[1:]:
        assert diff(made[0], other).changes == ()
        assert other.overlays == made[0].overlays


def test_results_record_the_overlays_with_their_hashes(
    overlay: Callable[..., Path], tmp_path: Path
) -> None:
    company = tmp_path / "c.yaml"
    company.write_text(
        "organisation: {id: t, name: {zh: 甲, en: A}}\nprofile: {types: [ITO]}\n", encoding="utf-8"
    )
    made = load(TINY, overlays=[overlay("our", CHANGES)])
    result = assess(read(company, made), made, as_of=AS_OF).to_dict()
    assert [o["id"] for o in result["overlays"]] == ["our"]
    assert len(result["overlays"][0]["hash"]) == 64
    assert result["standard"]["hash"] == load(TINY).hash


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("change: {requirements: {6.1-q: {severity: minor}}}", "no 6.1-q to change"),
        ("change: {requirements: {6.1-a: {severity: grave}}}", "one of: major, minor"),
        ("change: {requirements: {6.1-a: {sevrity: minor}}}", "did you mean severity"),
        (
            "change: {requirements: {6.1-b: {satisfied_when: {item: test.pas_pct, at_least: 1}}}}",
            "did you mean test.pass_pct",
        ),
        ("change: {requirements: {6.1-a: 5}}", "should be a mapping"),
        ("change: {requirements: {6.1-a: {id: 6.1-y}}}", "the id cannot be changed"),
        ("add: {requirements: [5, {id: [1]}]}", "should be a mapping"),
        ("add: {requirements: [{id: [1], clause: 3}]}", "id is the clause, a hyphen"),
        ("change: {parameters: {audit_interval_days: {default: -1}}}", "outside its own range"),
        ("change: {parameters: {audit_interval_dys: {default: 1}}}", "did you mean audit"),
        ("add: {items: {test.pass_pct: {type: boolean}}}", "exists already"),
        ("add: {requirements: [{id: 6.1-a}]}", "exists already"),
        ("retire: {requirements: {6.1-q: {zh: 无, en: none}}}", "no 6.1-q to retire"),
        ("retire: {requirements: {6.1-a: null}}", "takes a reason"),
        ("retire: {items: {test.pass_pct: {zh: 无, en: none}}}", "unknown key items"),
        ("chnge: {}", "did you mean change"),
    ],
)
def test_an_overlay_is_checked_like_the_pack(
    overlay: Callable[..., Path], body: str, words: str
) -> None:
    told = refused(overlay("our", body + "\n"))
    assert words in told
    assert "our.yaml:2" in told


def test_conflicts_between_overlays_are_errors(overlay: Callable[..., Path]) -> None:
    minor = overlay("one", "change: {requirements: {6.1-a: {severity: minor}}}\n")
    major = overlay("two", "change: {requirements: {6.1-a: {severity: major}}}\n")
    told = refused(minor, major)
    assert "the overlays one and two set requirements[0].severity differently" in told
    assert "two.yaml:2" in told
    assert "one.yaml:2" in told
    same = overlay("three", "change: {requirements: {6.1-a: {severity: minor}}}\n")
    assert load(TINY, overlays=[minor, same]).requirements["6.1-a"].severity.value == "minor"
    assert "is retired by the overlay less" in refused(minor, overlay("less", RETIREMENT))
    assert "exists already" in refused(overlay("more", ADDITION), overlay("again", ADDITION))
    assert "given twice" in refused(minor, minor)


def test_an_overlay_of_another_pack_is_refused(overlay: Callable[..., Path]) -> None:
    assert "this overlay is for other, not for tiny" in refused(overlay("our", CHANGES, "other"))


def test_diff_tells_what_changed_and_what_it_does(
    overlay: Callable[..., Path], tmp_path: Path
) -> None:
    made = diff(load(TINY), load(TINY, overlays=[overlay("our", CHANGES)]))
    told = {(c.kind.value, c.of): (c.before.en, c.after.en) for c in made.changes}
    assert set(told) == {
        ("severity", "6.1-a"),
        ("reworded", "6.1-a"),
        ("rule", "6.1-b"),
        ("parameter", "audit_interval_days"),
    }
    before, after = told["rule", "6.1-b"]
    assert "95" in before
    assert "80" in after
    company = tmp_path / "c.yaml"
    company.write_text(
        "organisation: {id: t, name: {zh: 甲, en: A}}\nprofile: {types: [ITO]}\n"
        "evidence: {test.pass_pct: 85, audit.last_date: 2025-02-20}\n",
        encoding="utf-8",
    )
    moved = {m.requirement: (m.before, m.after) for m in made.findings(company, AS_OF)}
    assert set(moved) == {"6.1-a", "6.1-b"}
    assert all(b is not None and b.outcome.value == "nonconforming" for b, _ in moved.values())
    assert all(a is not None and a.outcome.value == "conforming" for _, a in moved.values())


def test_an_edition_is_a_pack_a_folder_or_overlays(overlay: Callable[..., Path]) -> None:
    file = overlay("our", CHANGES)
    assert [o.id for o in edition(f"{TINY}+{file}").overlays] == ["our"]
    assert edition(str(TINY)).id == "tiny"
    with pytest.raises(PackError, match="neither a bundled pack nor a pack folder"):
        edition("tinny")


def test_nothing_of_the_pack_itself_is_changed(overlay: Callable[..., Path]) -> None:
    def told(standard: Standard) -> object:
        return standard.files.documents["06_service"].data["requirements"][0]["severity"]

    plain = load(TINY)
    load(TINY, overlays=[overlay("our", CHANGES)])
    assert told(plain) == "major"
