"""The audit plan of an assessed organisation: days, sites, samples and programme."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from socap.auditing.days import audit_days, factor_results
from socap.auditing.figures import Override, choose, stated
from socap.auditing.programme import programme
from socap.auditing.sampling import SITE, Need, ranking, record_samples, site_sample
from socap.auditing.wording import notes, plan_text, step_dict
from socap.clauses.pack import Subject
from socap.crediting.credit import credit
from socap.crosswalk.relation import ReferenceKind
from socap.errors import Problem, Text, UsageError, unknown_name

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from socap.assessment import Assessment
    from socap.auditing.days import AuditDays
    from socap.auditing.figures import Chosen, Number
    from socap.auditing.programme import Step
    from socap.auditing.sampling import RecordSample, Sample, SiteSample
    from socap.errors import Lang
    from socap.organisation import Organisation
    from socap.standard import Standard

MOST_EMPLOYEES = 10_000_000
MOST_SITES = 100_000
_KEYWORDS = (
    "employees sites repetitive_posts central_site floor_sites mature combined single_process "
    "remote_reason by"
).split()


@dataclass(frozen=True, eq=False)
class AuditPlan:
    """One certification cycle planned: how long, where, what to look at, in which order.

    `chosen` holds every figure with its value; `overrides` says which were replaced, and by whom.
    """

    organisation: Organisation
    standard: Standard
    as_of: date
    days: AuditDays
    sites: SiteSample
    records: tuple[RecordSample, ...]
    programme: tuple[Step, ...]
    chosen: Chosen
    overrides: tuple[Override, ...]
    remote_reason: str
    notes: tuple[Text, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the plan as plain JSON values; days are numbers, exact to the half day."""
        d, figures = self.days, stated()
        return {
            "standard": {"id": self.standard.id, "hash": self.standard.hash},
            "organisation": self.organisation.id,
            "as_of": self.as_of.isoformat(),
            "statement": figures.statement.to_dict(),
            "notes": [note.to_dict() for note in self.notes],
            "days": {
                "employees": d.employees,
                "repetitive_posts": list(d.repetitive),
                "effective_personnel": d.effective,
                "base": float(d.base),
                "factors": [
                    {
                        "name": f.name,
                        "title": f.title.to_dict(),
                        "percent": float(f.percent),
                        "times": f.times,
                        "state": f.state.value,
                    }
                    for f in d.factors
                ],
                "sum_pct": float(d.sum_pct),
                "limited_pct": float(d.limited_pct),
                "initial": float(d.initial),
                "initial_if_open_factors_apply": float(d.initial_if_open),
                "stage_1": float(d.stage_1),
                "stage_2": float(d.stage_2),
                "surveillance": float(d.surveillance),
                "recertification": float(d.recertification),
                "least_on_audit_work": float(d.on_site),
                "remote": float(d.remote),
                "remote_reason": self.remote_reason,
            },
            "figures": [
                {
                    "name": name,
                    "value": float(self.chosen[name]),
                    "default": float(figure.default),
                    "minimum": float(figure.minimum),
                    "maximum": float(figure.maximum),
                    "title": figure.title.to_dict(),
                    "basis": figure.basis.to_dict(),
                }
                for name, figure in figures.figures.items()
            ],
            "overrides": [
                {"name": o.name, "default": o.default, "value": o.value, "by": o.by}
                for o in self.overrides
            ],
            "sites": {
                "rule": figures.site_rule.to_dict(),
                "central": self.sites.central,
                "always": list(self.sites.always),
                "initial": _sample(self.sites.initial),
                "surveillance": _sample(self.sites.surveillance),
            },
            "records": {
                "rule": figures.record_rule.to_dict(),
                "types": [
                    {
                        "record": r.record,
                        **_sample(r.sample),
                        "failing": list(r.failing),
                        "open": list(r.open),
                        "requirements": list(r.requirements),
                        "spared_by_certificates": list(r.spared),
                    }
                    for r in self.records
                ],
            },
            "programme": [step_dict(step) for step in self.programme],
        }

    def to_text(self, lang: Lang = "zh") -> str:
        """Return the plan as plain text."""
        return plan_text(self, lang)


def _sample(sample: Sample) -> dict[str, Any]:
    return {
        "population": sample.population,
        "size": sample.size,
        "named": list(sample.named),
        "unnamed": sample.unnamed,
    }


def audit_plan(
    assessment: Assessment,
    *,
    employees: int | None = None,
    sites: int | None = None,
    repetitive_posts: Sequence[int] = (),
    central_site: str | None = None,
    floor_sites: Sequence[str] = (),
    mature: bool = False,
    combined: bool = False,
    single_process: bool = False,
    remote_reason: str = "",
    by: str = "",
    **figures: Number,
) -> AuditPlan:
    """Plan the audits of a certification cycle.

    `employees` (full-time equivalents in scope) and `sites` replace what the company file says;
    `repetitive_posts` are the numbers of posts with one same task each. `floor_sites` are the
    sites with a data centre or payment floor, `central_site` is the first one listed where nothing
    else is said. `mature`, `combined` and `single_process` are for the auditor to state. Any other
    figure of the plan is replaced by its name (`stage_1_pct=30`), within its range. `by` names who
    answers for all that is replaced or stated.

    The figures are socap's own, in the style of IAF MD 5; the day table is not that of MD 5.
    Raises UsageError for an unknown name, a value out of range, or contradicting input.
    """
    organisation, facts = assessment.organisation, assessment.facts
    if assessment.standard.pack.subject is not Subject.ORGANISATION:
        raise _wrong(
            "该标准评价的是人员，没有审核计划", "this pack assesses persons: there is no plan"
        )
    persons = _employees(organisation, employees)
    posts = _posts(repetitive_posts, persons)
    listed = [record.id for record in organisation.records.get(SITE, ())]
    total = _sites(listed, sites)
    claims = {"mature": mature, "combined": combined, "single_process": single_process}
    for name, claim in claims.items():
        if not isinstance(claim, bool):
            raise _wrong(f"{name} 应为 true 或 false", f"{name} should be true or false")
    if not (isinstance(by, str) and isinstance(remote_reason, str)):
        raise _wrong("by 与 remote_reason 应为文字", "by and remote_reason should be text")
    chosen = choose(figures, by, _KEYWORDS)
    if chosen["remote_pct"] > 0 and not remote_reason.strip():
        raise _wrong("远程审核须写明理由（remote_reason）", "a remote audit needs remote_reason")
    held = credit(assessment)
    kinds = assessment.standard.crosswalk.standards
    certified = any(
        h.counts and h.standard and kinds[h.standard].kind is ReferenceKind.CERTIFICATE
        for h in held.holdings
    )
    if combined and not certified:
        raise _wrong(
            "没有有效证书可供结合审核", "there is no valid certificate to combine the audit with"
        )
    floors = (floor_sites,) if isinstance(floor_sites, str) else tuple(floor_sites)
    for site in (*floors, *(() if central_site is None else (central_site,))):
        if site not in listed:
            raise unknown_name(Text("场所", "site"), str(site), listed)
    central = central_site or (listed[0] if listed else "")
    steps = programme(assessment, held)
    asked, words = assessment.standard.requirements, assessment.standard.vocabulary
    rules = [asked[s.requirement].satisfied_when for s in steps]
    needs = [
        Need(s.requirement, rule, s.items, s.settled) for s, rule in zip(steps, rules, strict=True)
    ]
    ranked, _, _ = ranking(facts, words, SITE, rules)
    visited = site_sample(facts, words, ranked, total, central, floors, chosen)
    days = audit_days(persons, posts, factor_results(facts, chosen, claims), chosen)
    replaced = [
        Override(name, str(default), str(value), by)
        for name, default, value in (
            ("employees", organisation.employees, employees),
            ("sites", len(listed), sites),
        )
        if value is not None and default is not None and default != value
    ]
    replaced += [
        Override(name, "-", ", ".join(str(v) for v in values), by)
        for name, values in (
            ("repetitive_posts", posts),
            ("central_site", () if central_site is None else (central_site,)),
            ("floor_sites", floors),
        )
        if values
    ]
    replaced += [Override(n, "false", "true", by) for n, claim in claims.items() if claim]
    return AuditPlan(
        organisation,
        assessment.standard,
        assessment.as_of,
        days,
        visited,
        tuple(record_samples(facts, words, needs, chosen)),
        steps,
        chosen,
        (*replaced, *chosen.overrides),
        remote_reason,
        notes(organisation, employees, sites, visited, central_site, days, steps),
    )


def _wrong(zh: str, en: str) -> UsageError:
    return UsageError([Problem(Text(zh, en))])


def _count(name: str, value: object, most: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= most:
        shown = str(value)[:40]
        raise _wrong(
            f"{name} 应为 1 到 {most} 的整数，不能是 {shown}",
            f"{name} should be a whole number from 1 to {most}, not {shown}",
        )
    return value


def _employees(organisation: Organisation, given: int | None) -> int:
    found = organisation.employees if given is None else given
    if found is None:
        raise _wrong(
            "企业文件未写人数，请给出 employees",
            "the company file gives no number of employees; say employees",
        )
    return _count("employees", found, MOST_EMPLOYEES)


def _posts(given: Sequence[int], employees: int) -> tuple[int, ...]:
    if not isinstance(given, (list, tuple)):
        raise _wrong(
            "repetitive_posts 应为整数列表", "repetitive_posts should be a list of whole numbers"
        )
    posts = tuple(_count("repetitive_posts", value, MOST_EMPLOYEES) for value in given)
    if sum(posts) > employees:
        raise _wrong(
            f"同一工作的岗位合计 {sum(posts)} 人，超过总人数 {employees}",
            f"{sum(posts)} posts of one same task are more than {employees} employees",
        )
    return posts


def _sites(listed: list[str], given: int | None) -> int:
    if given is None:
        return max(1, len(listed))
    found = _count("sites", given, MOST_SITES)
    if found < len(listed):
        raise _wrong(
            f"企业文件列有 {len(listed)} 个场所，sites 不能少于此数",
            f"the company file lists {len(listed)} sites; sites cannot be fewer",
        )
    return found
