"""Assertions pass where they should and explain where they do not."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from socap.assessment import assess
from socap.errors import PackError, UsageError
from socap.findings import Outcome
from socap.standard import load
from socap.testing import assert_cases, assert_conforming, assert_outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from socap.assessment import Assessment
    from socap.errors import Lang
    from socap.organisation import Organisation
    from socap.standard import Standard

DAY = date(2026, 11, 1)
GOOD = """
profile: {types: [BPO], uses_external_suppliers: false}
evidence:
  audit.last_date: 2026-09-01
  plan.parts: [scope, risk]
  plan.kept: true
  plan.state: approved
"""
CASES = """
cases:
  - requirement: 6.1-a
    given: {evidence: {audit.last_date: 2026-10-01}}
    variations:
      - {expect: conforming}
      - {expect: EXPECTED, evidence: {audit.last_date: 2020-01-01}, name: long ago}
"""


@pytest.fixture
def good(tiny: Standard, company: Callable[[str], Organisation]) -> Assessment:
    return assess(company(GOOD), tiny, as_of=DAY)


@pytest.fixture
def bad(tiny: Standard, company: Callable[[str], Organisation]) -> Assessment:
    body = GOOD.replace("2026-09-01", "2020-09-01").replace("plan.kept: true", "plan.kept: null")
    return assess(company(body), tiny, as_of=DAY)


def test_what_conforms_passes(good: Assessment) -> None:
    assert_conforming(good)
    assert_conforming(good, "6.1-a", "6.2-b")
    assert_outcome(good, "6.1-b", "not_applicable")
    assert_outcome(good, "6.1-c", Outcome.UNDETERMINED)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_requirement_that_does_not_conform_is_explained(bad: Assessment, lang: Lang) -> None:
    with pytest.raises(AssertionError) as raised:
        assert_conforming(bad, "6.1-a", "6.2-b", lang=lang)
    expected = [bad.explain(name, lang).to_text().rstrip() for name in ("6.1-a", "6.2-b")]
    assert str(raised.value) == "\n\n".join(expected)


def test_the_status_names_what_stands_in_its_way(bad: Assessment) -> None:
    with pytest.raises(AssertionError) as raised:
        assert_conforming(bad, lang="en")
    lines = str(raised.value).split("\n")
    assert lines[:2] == ["nonconforming", "Certification deferred"]
    assert lines[3:] == [
        "6.1-a Audit: nonconforming (major nonconformity)",
        "6.2-b Plan: undetermined",
    ]


def test_not_applicable_is_not_conforming(good: Assessment) -> None:
    with pytest.raises(AssertionError, match=r"^6\.1-b  测试"):
        assert_conforming(good, "6.1-b")


def test_another_outcome_is_explained(bad: Assessment) -> None:
    with pytest.raises(AssertionError) as raised:
        assert_outcome(bad, "6.1-a", "conforming", lang="en")
    told = bad.explain("6.1-a", "en").to_text().rstrip()
    assert str(raised.value) == f"expected: conforming\n{told}"


@pytest.mark.parametrize(
    ("requirement", "outcome", "hint"),
    [("6.1-z", "conforming", "6.1-"), ("6.1-a", "conform", "did you mean conforming")],
)
def test_an_unknown_name_is_no_failure_but_an_error(
    bad: Assessment, requirement: str, outcome: str, hint: str
) -> None:
    with pytest.raises(UsageError, match=hint):
        assert_outcome(bad, requirement, outcome)
    with pytest.raises(UsageError):
        assert_conforming(bad, "6.1-z")


def test_control_characters_do_not_reach_the_terminal(
    tiny: Standard, company: Callable[[str], Organisation]
) -> None:
    body = GOOD + 'exclusions: [{requirement: 6.1-a, justification: "a\\x1b[31mb"}]\n'
    made = assess(company(body.replace("2026-09-01", "2020-09-01")), tiny, as_of=DAY)
    with pytest.raises(AssertionError) as raised:
        assert_conforming(made, "6.1-a", lang="en")
    assert "a [31mb" in str(raised.value)
    assert "\x1b" not in str(raised.value)


def test_cases_of_a_folder(tiny: Standard, tmp_path: Path) -> None:
    file = tmp_path / "6.1.yaml"
    file.write_text(CASES.replace("EXPECTED", "nonconforming"), encoding="utf-8")
    assert_cases(tmp_path, tiny)
    file.write_text(CASES.replace("EXPECTED", "conforming"), encoding="utf-8")
    with pytest.raises(AssertionError) as raised:
        assert_cases(tmp_path, tiny, lang="en")
    told = f"{file}:7: 6.1-a long ago: expected conforming, found nonconforming"
    assert str(raised.value) == told
    file.write_text(CASES, encoding="utf-8")
    with pytest.raises(PackError, match="one of: conforming"):
        assert_cases(tmp_path, tiny)


def test_cases_of_an_overlay_run_on_the_pack_with_it(tmp_path: Path) -> None:
    overlay = tmp_path / "strict.yaml"
    overlay.write_text(
        "overlay: {id: strict, title: {zh: 严, en: Strict}, pack: tiny}\n"
        "change: {parameters: {audit_interval_days: {default: 20}}}\n",
        encoding="utf-8",
    )
    folder = tmp_path / "cases"
    folder.mkdir()
    (folder / "6.1.yaml").write_text(CASES.replace("EXPECTED", "nonconforming"), encoding="utf-8")
    tiny = Path(__file__).parent / "packs" / "tiny"
    assert_cases(folder, load(tiny))
    with pytest.raises(AssertionError, match="预期 conforming，实际 nonconforming"):
        assert_cases(folder, load(tiny, overlays=[overlay]))


def test_a_folder_without_cases_shows_nothing(tiny: Standard, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no case"):
        assert_cases(tmp_path, tiny)
