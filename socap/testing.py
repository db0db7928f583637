"""Assertions for tests of a company's data, a pack or an overlay; a failure explains itself."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from socap.cases import failures, read_cases
from socap.errors import Problem, Text, UsageError, unknown_name
from socap.findings import OUTCOME_TITLES, Outcome
from socap.reports.checks import checks_report
from socap.reports.wording import plain
from socap.standard import load
from socap.verdicts import Verdict, verdict

if TYPE_CHECKING:
    from socap.assessment import Assessment
    from socap.errors import Lang
    from socap.findings import Finding
    from socap.standard import Standard


def assert_conforming(assessment: Assessment, *requirements: str, lang: Lang = "zh") -> None:
    """Assert that each requirement conforms; without any, that the status is conforming.

    The failure message explains each one that does not. Raises UsageError for an unknown one.

    >>> from datetime import date
    >>> import socap
    >>> company = socap.read("examples/almost-there.yaml")
    >>> assert_conforming(socap.assess(company, as_of=date(2026, 11, 1)), "6.3-a", "6.3-b")
    """
    __tracebackhide__ = True
    if not requirements and assessment.status is not Outcome.CONFORMING:
        raise AssertionError(status_told(assessment, lang))
    findings = [assessment.finding(name) for name in requirements]
    wrong = [f.requirement for f in findings if f.outcome is not Outcome.CONFORMING]
    if wrong:
        raise AssertionError("\n\n".join(finding_told(assessment, n, lang) for n in wrong))


def assert_outcome(
    assessment: Assessment, requirement: str, outcome: Outcome | str, *, lang: Lang = "zh"
) -> None:
    """Assert that a requirement came out so; the failure message is its explanation.

    Raises UsageError for an unknown requirement or outcome.
    """
    __tracebackhide__ = True
    known = [one.value for one in Outcome]
    if outcome not in known:
        raise unknown_name(Text("结论", "outcome"), str(outcome), known)
    expected = Outcome(outcome)
    if assessment.finding(requirement).outcome is not expected:
        title = OUTCOME_TITLES[expected]
        head = Text(f"预期：{title.zh}", f"expected: {title.en}").in_language(lang)
        raise AssertionError(f"{head}\n{finding_told(assessment, requirement, lang)}")


def assert_cases(
    folder: str | Path, standard: Standard | None = None, *, lang: Lang = "zh"
) -> None:
    """Assert that every case in a folder of case files comes out as it says, on this standard.

    For an overlay, `standard` is the pack loaded with it. Raises PackError for a malformed case
    file, UsageError for a folder without any case: nothing tested is nothing shown.
    """
    __tracebackhide__ = True
    made = standard or load()
    cases = read_cases(Path(folder), made)
    if not cases:
        message = Text("目录中没有案例", "there is no case in this folder")
        raise UsageError([Problem(message, file=str(folder))])
    failed = list(failures(cases, made))
    if failed:
        raise AssertionError(checks_report(failed, lang).rstrip())


def finding_told(assessment: Assessment, requirement: str, lang: Lang) -> str:
    """Return the explanation of one finding, safe to show in a terminal."""
    told = assessment.explain(requirement, lang).to_text(lang)
    return "\n".join(plain(line) for line in told.rstrip().split("\n"))


def in_short(finding: Finding, lang: Lang) -> str:
    """Return which finding came out how, and its reasons, on one line."""
    told = [finding.told, *(reason.text for reason in finding.reasons)]
    return " | ".join([finding.requirement, *(plain(text.in_language(lang)) for text in told)])


def status_told(assessment: Assessment, lang: Lang) -> str:
    """Return the status and its reason, then one line each finding that stands in its way."""
    advice = assessment.recommendation
    lines = [OUTCOME_TITLES[assessment.status], advice.title, advice.reason]
    for finding in assessment.findings.values():
        if verdict(assessment, finding) in (Verdict.FAILED, Verdict.OPEN):
            title, told = assessment.standard.requirements[finding.requirement].title, finding.told
            name = finding.requirement
            lines.append(Text(f"{name} {title.zh}：{told.zh}", f"{name} {title.en}: {told.en}"))
    return "\n".join(plain(line.in_language(lang)) for line in lines)
