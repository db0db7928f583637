"""SARIF 2.1.0 for code hosts and editors: one rule a requirement, one result a finding.

Source of the format: OASIS, SARIF Version 2.1.0 (with errata 01); the numbers below are its clauses.
"""

from __future__ import annotations

import json
import os
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from socap.clauses.requirement import Grade
from socap.documents import read_document
from socap.errors import EvidenceError, SocapError
from socap.findings import Outcome
from socap.organisation import from_document
from socap.reports.head import head
from socap.reports.wording import plain
from socap.rules.prose import describe

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from socap.assessment import Assessment
    from socap.clauses.requirement import Requirement
    from socap.documents import Step
    from socap.errors import Lang
    from socap.findings import Finding, Reason
    from socap.standard import Standard

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
LANGUAGES = {"zh": "zh-CN", "en": "en-US"}
# 3.27.9: `open` is a rule that could not be decided, `review` one that waits for a person, as the
# justification of an exclusion does.
_KINDS = {
    Outcome.CONFORMING: "pass",
    Outcome.NONCONFORMING: "fail",
    Outcome.UNDETERMINED: "open",
    Outcome.NOT_APPLICABLE: "notApplicable",
    Outcome.EXCLUDED: "review",
}
_LEVELS = {Grade.MAJOR: "error", Grade.MINOR: "warning", Grade.OPPORTUNITY: "note"}


def assessment_report(assessment: Assessment, lang: Lang) -> str:
    """Return the findings as one SARIF run, its texts in the language asked for.

    A result points at the line of the company file that holds the answer, where there is one and
    the file still says what was assessed; else at the file. An absolute path is told by its name
    alone, so that no report names a machine's folders.
    """
    made, organisation = assessment.standard, assessment.organisation
    lines = _lines(assessment)
    rules = {name: index for index, name in enumerate(made.requirements)}
    driver = {
        "name": "socap",
        "fullName": f"socap: {made.title.in_language(lang)}",
        "language": LANGUAGES[lang],
        "rules": [_rule(asked, made, lang) for asked in made.requirements.values()],
    }
    results = [
        _result(finding, rules[finding.requirement], assessment, lines, lang)
        for finding in assessment.findings.values()
    ]
    properties: dict[str, list[str]] = {"hash": [made.hash]}
    for line in head(assessment):
        properties.setdefault(line.name, []).append(plain(line.value.in_language(lang)))
    run: dict[str, Any] = {
        "tool": {"driver": driver},
        "language": LANGUAGES[lang],
        "automationDetails": {"id": plain(f"socap/{made.id}/{organisation.id}/")},
        "columnKind": "unicodeCodePoints",
        "properties": {**properties, "notice": [made.pack.notice.in_language(lang)]},
        "results": results,
    }
    told = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(told, ensure_ascii=False, indent=2) + "\n"


def _rule(asked: Requirement, made: Standard, lang: Lang) -> dict[str, Any]:
    rule = describe(asked.satisfied_when, made.vocabulary).in_language(lang)
    evidence = made.vocabulary.usual_evidence(asked.evidence_keys).in_language(lang)
    return {
        "id": asked.id,
        "shortDescription": {"text": _message(asked.title.in_language(lang))},
        "fullDescription": {"text": _message(asked.statement.in_language(lang))},
        "help": {"text": f"{_message(rule)}\n{_message(evidence)}"},
        "defaultConfiguration": {"level": _LEVELS[asked.severity]},
        "properties": {"tags": [asked.clause, asked.aspect, asked.pdca, asked.obligation]},
    }


def _result(
    finding: Finding,
    rule: int,
    assessment: Assessment,
    lines: Mapping[tuple[Step, ...], int],
    lang: Lang,
) -> dict[str, Any]:
    told = [finding.told, *(reason.text for reason in finding.reasons)]
    identity = (assessment.standard.id, assessment.organisation.id, finding.requirement)
    result: dict[str, Any] = {
        "ruleId": finding.requirement,
        "ruleIndex": rule,
        "kind": _KINDS[finding.outcome],
        # 3.27.10: what is no failure has no level, not even the rule's own.
        "level": "none" if finding.grade is None else _LEVELS[finding.grade],
        "message": {"text": "\n".join(_message(text.in_language(lang)) for text in told)},
        "partialFingerprints": {"requirement/v1": plain("/".join(identity))},
        "properties": {"outcome": finding.outcome, "grade": finding.grade},
    }
    if assessment.organisation.file:
        place: dict[str, Any] = {"artifactLocation": {"uri": _uri(assessment.organisation.file)}}
        found = (lines[path] for path in _paths(finding, assessment) if path in lines)
        line = next(found, None)
        if line is not None:
            place["region"] = {"startLine": line}
        result["locations"] = [{"physicalLocation": place}]
    return result


def _message(text: str) -> str:
    """Return text that a viewer shows as it is: 3.11.5 and 3.11.6 give braces and links a meaning."""
    return plain(text).replace("{", "{{").replace("}", "}}").replace("](", "] (")


def _uri(file: str) -> str:
    path = PurePath(file)
    return quote(os.fsencode(path.name if path.is_absolute() else path.as_posix()))


def _lines(assessment: Assessment) -> Mapping[tuple[Step, ...], int]:
    """Return the lines of the company file, or none where it is not what was assessed."""
    organisation = assessment.organisation
    if not organisation.file:
        return {}
    try:
        document = read_document(Path(organisation.file), EvidenceError)
        now = from_document(document, assessment.standard)
    except SocapError:
        return {}
    return document.lines if now.to_dict() == organisation.to_dict() else {}


def _paths(finding: Finding, assessment: Assessment) -> Iterator[tuple[Step, ...]]:
    """Yield where in a company file the answers of a finding may stand, the likeliest first."""
    for index, exclusion in enumerate(assessment.organisation.exclusions):
        if exclusion.requirement == finding.requirement:
            yield ("exclusions", index)
    for reason in finding.reasons:
        yield from _record_paths(reason, assessment)
    for reason in finding.reasons:
        for key in reason.evidence:
            yield ("evidence", key)
            yield tuple(key.split(".", maxsplit=1))


def _record_paths(reason: Reason, assessment: Assessment) -> Iterator[tuple[Step, ...]]:
    words, named = assessment.standard.vocabulary, set(reason.records)
    for key in reason.evidence:
        kind, _, field = key.partition(".")
        item = words.items.get(key)
        if kind == "records":
            kind = field
        elif item is not None and item.computed is not None:
            kind = item.computed.record
        for index, record in enumerate(assessment.organisation.records.get(kind, ())):
            if record.id in named:
                yield ("records", kind, index, field)
                yield ("records", kind, index)
