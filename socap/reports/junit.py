"""JUnit XML for pipelines: one suite a clause, one test case a requirement.

Source of the format: `junit-10.xsd` of the Jenkins xUnit plugin.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from socap.findings import OUTCOME_TITLES
from socap.reports.head import head
from socap.reports.wording import TITLES, plain
from socap.verdicts import Verdict, overall, verdict

if TYPE_CHECKING:
    from collections.abc import Iterable

    from socap.assessment import Assessment
    from socap.errors import Lang

# What is undetermined could not be tested. JUnit calls that an error, and it stops a pipeline as a
# failure does; skipped, a requirement nobody has answered would look as good as one that is met.
_TAGS = {Verdict.FAILED: "failure", Verdict.OPEN: "error", Verdict.SKIPPED: "skipped"}
_NEVER_IN_XML = str.maketrans("", "", "\ufffe\uffff")


def assessment_report(assessment: Assessment, lang: Lang) -> str:
    """Return the findings as test suites; the first one holds the status of the whole.

    A failure is of type `major` or `minor`, an error of type `undetermined`. An unmet or open
    `should`, which no certificate depends on, is skipped with its reasons.
    """
    made = assessment.standard
    whole = Element("testsuite", name=_clean(made.title.in_language(lang)))
    properties = SubElement(whole, "properties")
    for line in head(assessment):
        value = _clean(line.value.in_language(lang))
        SubElement(properties, "property", name=line.name, value=value)
    SubElement(
        properties, "property", name="notice", value=_clean(made.pack.notice.in_language(lang))
    )
    case = SubElement(whole, "testcase", classname=made.id, name=TITLES["status"].in_language(lang))
    advice, status = assessment.recommendation, assessment.status
    told = [advice.title.in_language(lang), advice.reason.in_language(lang)]
    _tell(case, overall(assessment), status, OUTCOME_TITLES[status].in_language(lang), told)
    suites = {"": whole}
    for finding in assessment.findings.values():
        asked = made.requirements[finding.requirement]
        if asked.clause not in suites:
            name = f"{asked.clause} {made.headings[asked.clause].title.in_language(lang)}"
            suites[asked.clause] = Element("testsuite", name=_clean(name))
        name = _clean(f"{asked.id} {asked.title.in_language(lang)}")
        case = SubElement(suites[asked.clause], "testcase", classname=asked.clause, name=name)
        _tell(
            case,
            verdict(assessment, finding),
            finding.grade or finding.outcome,
            finding.told.in_language(lang),
            [reason.text.in_language(lang) for reason in finding.reasons],
            asked.statement.in_language(lang),
        )
    root = Element("testsuites", name=_clean(assessment.organisation.name.in_language(lang)))
    root.extend(suites.values())
    for element in (root, *suites.values()):
        for name, tag in (("tests", "testcase"), ("failures", "failure"), ("errors", "error")):
            element.set(name, str(sum(1 for _ in element.iter(tag))))
    for suite in suites.values():
        suite.set("skipped", str(sum(1 for _ in suite.iter("skipped"))))
    indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{tostring(root, encoding="unicode")}\n'


def _tell(
    case: Element, found: Verdict, kind: str, told: str, reasons: Iterable[str], *before: str
) -> None:
    """Say why a case did not pass: in short for viewers that show one line, and in full."""
    if found is Verdict.PASSED:
        return
    shown = [_clean(reason) for reason in reasons]
    message = " | ".join([_clean(told), *shown])
    below = SubElement(case, _TAGS[found], type=kind, message=message)
    below.text = "\n".join([*(_clean(line) for line in before), *(f"- {line}" for line in shown)])


def _clean(text: str) -> str:
    return plain(text).translate(_NEVER_IN_XML)
