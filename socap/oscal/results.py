"""An assessment as OSCAL assessment results: one result with observations and findings.

Source: NIST OSCAL 1.2.1, assessment results model. OSCAL knows two states of a finding. Only a
conforming requirement is `satisfied`; the property `outcome` has what exactly it is:

| outcome        | OSCAL                                                                     |
| -------------- | ------------------------------------------------------------------------- |
| conforming     | finding, `satisfied`, reason `pass`                                       |
| nonconforming  | finding, `not-satisfied`, reason `fail`, grade as a property              |
| undetermined   | finding, `not-satisfied`, reason `other`                                  |
| not_applicable | no finding: excluded from the reviewed controls, an observation says why  |
| excluded       | the same, with the organisation's justification                           |

So neither reads as satisfied, and what was not assessed does not read as failed either.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from socap.clauses.pack import Subject
from socap.errors import Text
from socap.evidence import Assurance
from socap.findings import Finding, Outcome, ReasonKind
from socap.oscal import identifiers as ids
from socap.oscal.document import (
    Json,
    line,
    metadata,
    midnight,
    named,
    prop,
    prose,
    tidy,
    translated,
)
from socap.oscal.observations import Observations
from socap.oscal.profile import catalog_resource

if TYPE_CHECKING:
    from socap.assessment import Assessment
    from socap.errors import Lang
    from socap.findings import Reason

STATES = {
    Outcome.CONFORMING: ("satisfied", "pass"),
    Outcome.NONCONFORMING: ("not-satisfied", "fail"),
    Outcome.UNDETERMINED: ("not-satisfied", "other"),
}
_GROUNDS = {
    Assurance.DECLARED: Text(
        "依据组织自述的证据，未要求审核员核实",
        "on evidence as the organisation declares it; no auditor need have verified it",
    ),
    Assurance.VERIFIED: Text(
        "只依据审核员已核实的证据", "on evidence that an auditor has verified only"
    ),
}
_CREDITED = Text("采信所持证书", "on credit for certificates held")
_OPEN = Text(
    "OSCAL 没有“待定”一档：not-satisfied 在此只表示尚未确定，不表示不符合",
    "OSCAL has no state for this: not-satisfied says here that it is not established, not that it is unmet",
)


def assessment_results(made: Assessment, lang: Lang = "zh") -> Json:
    """Return an assessment as an OSCAL document; every time in it is midnight UTC of a given day.

    `version` is the seal of the result as JSON: it changes with anything that was given or found.
    """
    names = (*ids.edition(made.standard), made.organisation.id, made.as_of.isoformat())
    root = ids.identify("results", *names, made.assurance.value, str(made.use_credit), lang)
    seen = Observations(made, root, lang)
    name = made.organisation.name
    title = Text(
        f"{name.zh}：对照《{named(made.standard).zh}》的评价",
        f"{name.en}: assessment against {named(made.standard).en}",
    )
    person = made.standard.pack.subject is Subject.PERSON
    party: Json = {
        "uuid": seen.party,
        "type": "person" if person else "organization",
        "name": tidy(name.in_language(lang)),
        "props": [
            prop("id", made.organisation.id),
            prop("name", name.zh, kind="zh"),
            prop("name", name.en, kind="en"),
        ],
    }
    head = metadata(
        made.standard,
        title,
        lang,
        modified=midnight(made.as_of),
        version=made.to_dict()["seal"],
        parties=[party, *seen.people],
    )
    criteria = ids.identify("catalog file", *ids.edition(made.standard))
    return {
        "assessment-results": {
            "uuid": root,
            "metadata": head,
            "import-ap": {
                "href": f"#{criteria}",
                "remarks": prose(
                    Text(
                        "没有单独的评价计划：依据即所指标准的全部要求",
                        "there is no assessment plan of its own: the criteria are all requirements of the standard referred to",
                    ).in_language(lang)
                ),
            },
            "results": [_result(made, root, seen, title, lang)],
            "back-matter": {"resources": [catalog_resource(made.standard, lang)]},
        }
    }


def _result(made: Assessment, root: str, seen: Observations, title: Text, lang: Lang) -> Json:
    told = made.recommendation
    description = Text(f"{told.title.zh}。{told.reason.zh}", f"{told.title.en}. {told.reason.en}")
    tool = ids.identify(root, "tool")
    assessed = [f for f in made.findings.values() if f.outcome in STATES]
    aside = [f for f in made.findings.values() if f.outcome not in STATES]
    result: Json = {
        "uuid": ids.identify(root, "result"),
        "title": line(title.in_language(lang)),
        "description": prose(description.in_language(lang)),
        "start": midnight(made.as_of),
        "end": midnight(made.as_of),
        "props": [
            prop("as-of", made.as_of.isoformat()),
            prop("assurance", made.assurance.value),
            prop("use-credit", "true" if made.use_credit else "false"),
            prop("status", made.status.value),
            prop("recommendation", told.id),
            *translated("description", description, lang),
            *(prop("parameter", str(made.parameters[n]), kind=n) for n in made.overridden),
        ],
        "local-definitions": {"assessment-assets": _assets(root, tool, lang)},
        "reviewed-controls": {"control-selections": [_selection(assessed, aside)]},
    }
    observations = [*seen.all, *(_set_aside(made, root, tool, f, lang) for f in aside)]
    if observations:
        result["observations"] = observations
    if assessed:
        result["findings"] = [_finding(made, root, tool, f, seen, lang) for f in assessed]
    return result


def _assets(root: str, tool: str, lang: Lang) -> Json:
    told = Text("按规则评价证据的程序", "the program that judges evidence by rules")
    component = {
        "uuid": tool,
        "type": "software",
        "title": "socap",
        "description": prose(told.in_language(lang)),
        "status": {"state": "operational"},
    }
    platform = ids.identify(root, "platform")
    uses = [{"component-uuid": tool}]
    return {
        "components": [component],
        "assessment-platforms": [{"uuid": platform, "uses-components": uses}],
    }


def _selection(assessed: list[Finding], aside: list[Finding]) -> Json:
    made: Json = {}
    if assessed:
        made["include-controls"] = [{"control-id": ids.control(f.requirement)} for f in assessed]
    else:
        made["include-all"] = {}
    if aside:
        made["exclude-controls"] = [{"control-id": ids.control(f.requirement)} for f in aside]
    return made


def _told(made: Assessment, finding: Finding, lang: Lang) -> Json:
    """Return title, description and properties of a finding or of what stands for one."""
    requirement = made.standard.requirements[finding.requirement]
    reasons = [prose(reason.text.in_language(lang)) for reason in finding.reasons]
    return {
        "title": line(f"{requirement.id} {requirement.title.in_language(lang)}"),
        "description": "\n\n".join(reasons) or prose(finding.told.in_language(lang)),
        "props": [
            prop("requirement", requirement.id),
            prop("outcome", finding.outcome.value),
            *([] if finding.grade is None else [prop("grade", finding.grade.value)]),
            prop("assurance", made.assurance.value),
            *(p for n, r in enumerate(finding.reasons, 1) for p in _reason(r, f"reason-{n}")),
        ],
    }


def _reason(reason: Reason, group: str) -> list[Json]:
    """Return a reason as properties of one group."""
    return [
        prop("reason", reason.kind.value, group=group),
        prop("text", reason.text.zh, kind="zh", group=group),
        prop("text", reason.text.en, kind="en", group=group),
        *(prop("evidence", key, group=group) for key in reason.evidence),
        *(prop("record", record, group=group) for record in reason.records),
    ]


def _finding(
    made: Assessment, root: str, tool: str, finding: Finding, seen: Observations, lang: Lang
) -> Json:
    state, reason = STATES[finding.outcome]
    remarks = [finding.told.in_language(lang), _GROUNDS[made.assurance].in_language(lang)]
    if any(r.kind is ReasonKind.CREDIT for r in finding.reasons):
        remarks.append(_CREDITED.in_language(lang))
    if finding.outcome is Outcome.UNDETERMINED:
        remarks.append(_OPEN.in_language(lang))
    behind = dict.fromkeys(u for r in finding.reasons for u in seen.behind(r.evidence, r.records))
    related = [{"observation-uuid": uuid} for uuid in behind]
    joined = "；".join(remarks) if lang == "zh" else "; ".join(remarks)
    return {
        "uuid": ids.identify(root, "finding", finding.requirement),
        **_told(made, finding, lang),
        "origins": [{"actors": [{"type": "tool", "actor-uuid": tool}]}],
        "target": {
            "type": "statement-id",
            "target-id": ids.statement(finding.requirement),
            "status": {"state": state, "reason": reason, "remarks": prose(joined)},
        },
        **({"related-observations": related} if related else {}),
    }


def _set_aside(made: Assessment, root: str, tool: str, finding: Finding, lang: Lang) -> Json:
    return {
        "uuid": ids.identify(root, "set aside", finding.requirement),
        **_told(made, finding, lang),
        "methods": ["DECLARED"],
        "types": ["applicability"],
        "origins": [{"actors": [{"type": "tool", "actor-uuid": tool}]}],
        "collected": midnight(made.as_of),
    }
