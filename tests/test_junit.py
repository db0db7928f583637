"""JUnit XML stands for the same findings, and stops a pipeline where `socap assess` would."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import pytest
from tiny_companies import MIXED

from socap.assessment import assess
from socap.company_file import read
from socap.findings import Outcome
from socap.reports.junit import assessment_report
from socap.standard import load

if TYPE_CHECKING:
    from collections.abc import Callable

    from socap.assessment import Assessment
    from socap.errors import Lang
    from socap.organisation import Organisation
    from socap.standard import Standard

DAY = date(2026, 11, 1)
EXAMPLES = Path(__file__).parents[1] / "examples"
COMPANIES = [
    *((file, None) for file in sorted(EXAMPLES.glob("*.yaml"))),
    *((file, file.stem) for file in sorted((EXAMPLES / "companions").glob("*.yaml"))),
]

# What `junit-10.xsd` of the Jenkins xUnit plugin lets these elements hold: attributes needed,
# attributes allowed beside them, elements below.
FORMAT = {
    "testsuites": (set(), {"name", "tests", "failures", "errors"}, {"testsuite"}),
    "testsuite": (
        {"name", "tests", "failures", "errors"},
        {"skipped"},
        {"properties", "testcase"},
    ),
    "properties": (set(), set(), {"property"}),
    "property": ({"name", "value"}, set(), set()),
    "testcase": ({"name"}, {"classname"}, {"failure", "error", "skipped"}),
    "failure": (set(), {"type", "message"}, set()),
    "error": (set(), {"type", "message"}, set()),
    "skipped": (set(), {"type", "message"}, set()),
}


def suites(assessment: Assessment, lang: Lang = "en") -> ElementTree.Element:
    return ElementTree.fromstring(assessment_report(assessment, lang).encode())  # noqa: S314  our own


def told(root: ElementTree.Element) -> dict[str, tuple[str, str | None]]:
    found = {}
    for case in root.iter("testcase"):
        below = case[0] if len(case) else None
        name = case.attrib["name"].split()[0]
        found[name] = ("passed", None) if below is None else (below.tag, below.get("type"))
    return found


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(("file", "pack"), COMPANIES, ids=lambda v: getattr(v, "stem", ""))
def test_every_example_keeps_the_format_and_the_exit_code(
    file: Path, pack: str | None, lang: Lang
) -> None:
    standard = load(pack)
    made = assess(read(file, standard), standard, as_of=DAY)
    root = suites(made, lang)
    for element in root.iter():
        needed, allowed, below = FORMAT[element.tag]
        assert needed <= set(element.attrib) <= needed | allowed
        assert {child.tag for child in element} <= below
    cases = [c.attrib["name"].split()[0] for c in root.findall("testsuite/testcase")]
    assert sorted(cases[1:]) == sorted(standard.requirements)
    assert root.get("tests") == str(len(standard.requirements) + 1)
    for suite in root.findall("testsuite"):
        for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            assert suite.get(name) == str(len(suite.findall(f"testcase/{tag}")))
    stops = root.get("failures") != "0" or root.get("errors") != "0"
    assert stops == (made.status is not Outcome.CONFORMING)


def test_each_outcome_has_its_element(
    tiny: Standard, company: Callable[[str], Organisation]
) -> None:
    made = assess(company(MIXED), tiny, as_of=DAY)
    assert told(suites(made)) == {
        "Status": ("failure", "nonconforming"),
        "6.1-a": ("failure", "major"),
        "6.1-b": ("skipped", "not_applicable"),
        "6.1-c": ("skipped", "opportunity"),
        "6.2-a": ("error", "undetermined"),
        "6.2-b": ("passed", None),
    }


def test_an_exclusion_is_skipped_with_its_justification(
    tiny: Standard, company: Callable[[str], Organisation]
) -> None:
    body = (
        "profile: {types: [ITO], uses_external_suppliers: false}\n"
        "evidence: {plan.state: draft}\n"
        "exclusions: [{requirement: 6.1-b, justification: no tests}]\n"
    )
    root = suites(assess(company(body), tiny, as_of=DAY))
    (skipped,) = root.findall(".//testcase[@name='6.1-b Test']/skipped")
    assert dict(skipped.attrib) == {"type": "excluded", "message": "excluded | excluded: no tests"}


def test_a_failure_says_why_in_the_language_asked_for(
    tiny: Standard, company: Callable[[str], Organisation]
) -> None:
    made = assess(company(MIXED), tiny, as_of=DAY)
    (failure,) = suites(made, "zh").findall(".//testcase[@name='6.1-a 审核']/failure")
    reason = "未满足：“最近审核日期”距评价日不超过 365 天（审核间隔）；实际：2025-01-01"
    assert failure.get("message") == f"不符合（严重不符合） | {reason}"
    assert failure.text == f"组织应审核。\n- {reason}"


def test_a_company_to_which_nothing_was_answered_does_not_pass(
    tiny: Standard, company: Callable[[str], Organisation]
) -> None:
    body = "profile: {types: [ITO], uses_external_suppliers: false}\n"
    found = told(suites(assess(company(body), tiny, as_of=DAY)))
    assert found["Status"] == ("error", "undetermined")
    assert "passed" not in {tag for tag, _ in found.values()}


def test_text_that_xml_cannot_hold_is_left_out(
    tiny: Standard, company: Callable[[str], Organisation]
) -> None:
    body = (
        "profile: {types: [ITO], uses_external_suppliers: false}\n"
        "evidence: {plan.state: draft}\n"
        'exclusions: [{requirement: 6.1-b, justification: "a\\x01b\\ufffe<c>]]>&\\u202e"}]\n'
    )
    root = suites(assess(company(body), tiny, as_of=DAY))
    (skipped,) = root.findall(".//testcase[@name='6.1-b Test']/skipped")
    assert skipped.get("message") == "excluded | excluded: a b<c>]]>& "


def test_the_same_input_gives_the_same_bytes(
    tiny: Standard, company: Callable[[str], Organisation]
) -> None:
    first, second = (assess(company(MIXED), tiny, as_of=DAY) for _ in range(2))
    assert assessment_report(first, "zh") == assessment_report(second, "zh")
