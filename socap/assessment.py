"""An assessment: every requirement against the evidence, as of a date."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from socap.clauses.requirement import Aspect, Phase
from socap.errors import Text, unknown_name
from socap.evidence import Assurance, asked_for, resolve
from socap.findings import Finding, Outcome, Reason, ReasonKind
from socap.grading import count
from socap.grounds import Grounds
from socap.standard import load

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from socap.audit_plan import AuditPlan
    from socap.crediting.credit import Credit
    from socap.errors import Lang
    from socap.findings import Recommendation, RollUp
    from socap.forecast import Forecast
    from socap.impact import Impact, WhatIf
    from socap.organisation import Organisation
    from socap.planning.plan import Plan
    from socap.proof import Explanation
    from socap.questions import Question
    from socap.rules.facts import Facts
    from socap.rules.implicant import FactRef
    from socap.scoring import Score
    from socap.standard import ConsistencyRule, Standard


@dataclass(frozen=True, eq=False)
class Assessment:
    """All findings on one organisation, as of a date."""

    organisation: Organisation
    standard: Standard
    as_of: date
    assurance: Assurance
    parameters: dict[str, int | float]
    overridden: tuple[str, ...]
    findings: dict[str, Finding]
    facts: Facts
    disputed: tuple[ConsistencyRule, ...]
    use_credit: bool = False

    @cached_property
    def summary(self) -> RollUp:
        """The counts over all findings."""
        return self._roll_up(self.findings.values())

    @property
    def status(self) -> Outcome:
        """Nonconforming where any mandatory requirement is unmet; else undetermined or conforming."""
        return self.summary.status

    @cached_property
    def recommendation(self) -> Recommendation:
        """The certification recommendation, by grading.yaml."""
        counts = count(self.findings.values(), self.standard.requirements)
        if self.score is not None:
            told = {True: "score_passed", False: "score_failed", None: "score_open"}
            counts[told[self.score.passed]] = 1
        return self.standard.grading.recommend(counts)

    @cached_property
    def score(self) -> Score | None:
        """The weighted score, where the pack has one."""
        made = self.standard
        if made.scoring is None:
            return None
        from socap.scoring import score  # noqa: PLC0415  few packs have one

        return score(made.scoring, made.headings, made.requirements, self.findings, self.facts)

    @cached_property
    def by_clause(self) -> dict[str, RollUp]:
        """Roll-ups of every heading with requirements at or below it, in printed order."""
        groups: dict[str, list[Finding]] = {heading: [] for heading in self.standard.headings}
        for finding in self.findings.values():
            clause: str | None = self.standard.requirements[finding.requirement].clause
            while clause is not None:
                groups[clause].append(finding)
                clause = self.standard.headings[clause].parent
        return {clause: self._roll_up(group) for clause, group in groups.items() if group}

    @cached_property
    def by_aspect(self) -> dict[str, RollUp]:
        """Roll-ups by quality, security and capability."""
        return {a.value: self._where(lambda r, a=a: r.aspect is a) for a in Aspect}

    @cached_property
    def by_pdca(self) -> dict[str, RollUp]:
        """Roll-ups by PDCA phase."""
        return {p.value: self._where(lambda r, p=p: r.pdca is p) for p in Phase}

    def _where(self, chosen: Any) -> RollUp:
        wanted = self.standard.requirements
        return self._roll_up(f for f in self.findings.values() if chosen(wanted[f.requirement]))

    def _roll_up(self, findings: Iterable[Finding]) -> RollUp:
        return self.standard.grading.roll_up(count(findings, self.standard.requirements))

    def finding(self, requirement: str) -> Finding:
        """Return one finding. Raises UsageError, with the closest id, for an unknown one."""
        if requirement not in self.findings:
            raise unknown_name(Text("要求", "requirement"), requirement, self.findings)
        return self.findings[requirement]

    def unmet_prerequisites(self, requirement: str) -> tuple[str, ...]:
        """Return the direct prerequisites that are not conforming, though they apply."""
        needed = self.standard.requirement(requirement).prerequisites
        bad = (Outcome.NONCONFORMING, Outcome.UNDETERMINED)
        return tuple(p for p in needed if self.findings[p].outcome in bad)

    def explain(self, requirement: str, lang: Lang = "zh") -> Explanation:
        """Return why a requirement came out as it did; printed, it is in the language asked for."""
        from socap.proof import explain  # noqa: PLC0415  only when somebody asks

        finding = self.finding(requirement)
        before = self.unmet_prerequisites(requirement)
        return explain(finding, self.facts, self.standard, before, lang)

    def credit(self) -> Credit:
        """Return what the certificates held cover, and what is left to be shown."""
        return _from("crediting.credit").credit(self)  # type: ignore[no-any-return]

    def audit_plan(self, **options: Any) -> AuditPlan:
        """Return an audit programme; the options are those of `socap.audit_plan.audit_plan`."""
        return _from("audit_plan").audit_plan(self, **options)  # type: ignore[no-any-return]

    def questions(self, limit: int | None = None) -> tuple[Question, ...]:
        """Return the unanswered questions that can still matter, those that settle most first."""
        return _from("questions").questions(self, limit=limit)  # type: ignore[no-any-return]

    def forecast(self, *, until: date) -> Forecast:
        """Return every date up to `until` on which a finding changes if nothing is done."""
        return _from("forecast").forecast(self, until=until)  # type: ignore[no-any-return]

    def plan(self, **options: Any) -> Plan:
        """Return the cheapest way to a target; the options are those of `socap.planning.plan.plan`."""
        return _from("planning.plan").plan(self, **options)  # type: ignore[no-any-return]

    def impact(self, key: str) -> Impact:
        """Return the findings that one fact bears on. Raises UsageError for an unknown key."""
        return _from("impact").impact(self, key)  # type: ignore[no-any-return]

    def what_if(self, changes: Mapping[str, Any]) -> WhatIf:
        """Return what this would be with some answers changed; see `socap.session`."""
        return _from("impact").what_if(self, changes)  # type: ignore[no-any-return]

    def root_causes(self) -> tuple[str, ...]:
        """Return the nonconforming requirements that rest on no other nonconforming one."""
        return _from("impact").root_causes(self)  # type: ignore[no-any-return]

    def to_dict(self) -> dict[str, Any]:
        """Return the result as plain JSON values; the same input gives the same result."""
        from socap.results import as_dict  # noqa: PLC0415  only when a result is written

        return as_dict(self)

    def render(self, form: str, lang: Lang = "zh") -> bytes:
        """Return a report; the formats are those of `socap assess --format`."""
        return _from("reports.formats").render_assessment(self, form, lang)  # type: ignore[no-any-return]

    def document(self, kind: str, lang: Lang = "zh", **options: Any) -> bytes:
        """Return an audit document in DOCX; see `socap.reports.docx.document`."""
        return _from("reports.docx").document(kind, self, lang, **options)  # type: ignore[no-any-return]

    def to_html(self, file: str | Path, lang: Lang = "zh") -> None:
        """Write the report that a browser opens, in both languages, `lang` shown first."""
        Path(file).write_bytes(self.render("html", lang))

    def to_frame(self, lang: Lang = "zh", *, library: str | None = None) -> Any:
        """Return one row a finding, as a pandas or polars DataFrame, whichever is there."""
        return _from("reports.frames").assessment_frame(self, lang, library=library)

    def _repr_html_(self) -> str:
        return _from("reports.notebook").assessment_html(self, "zh")  # type: ignore[no-any-return]


def _from(module: str) -> Any:
    """Return a module that stands on assessments; it is loaded when it is first needed."""
    return import_module(f"socap.{module}")


def assess(
    organisation: Organisation,
    standard: Standard | None = None,
    *,
    as_of: date,
    assurance: Assurance | str = Assurance.DECLARED,
    parameters: Mapping[str, int | float] | None = None,
    reader: str = "durable",
    use_credit: bool = False,
) -> Assessment:
    """Assess an organisation against a standard, as of a date.

    `assurance="verified"` counts only evidence that an auditor has verified. `parameters` replaces
    defaults by name. With `use_credit` an undetermined requirement that valid certificates cover
    wholly conforms, and its finding says so. Raises UsageError for an unknown parameter, assurance
    or reader.
    """
    standard = standard or load()
    level = asked_for(as_of, assurance)
    values = standard.parameters(parameters)
    facts, disputed = resolve(organisation, standard, as_of, level, values, reader)
    decisions = standard.reader(reader, values).decide(facts)
    excluded = {e.requirement: e for e in organisation.exclusions}
    grounds = Grounds(facts, standard, decisions, excluded, disputed)
    findings = {name: grounds.finding(name) for name in standard.requirements}
    known = standard.vocabulary.parameters
    overridden = tuple(sorted(n for n in parameters or () if values[n] != known[n].default))
    made = Assessment(
        organisation, standard, as_of, level, values, overridden, findings, facts, disputed
    )
    return _with_credit(made) if use_credit else made


def _with_credit(made: Assessment) -> Assessment:
    given = made.credit()
    found = dict(made.findings)
    for name, text in _from("crediting.credit").credited(made, given).items():
        reason = Reason(ReasonKind.CREDIT, given.requirements[name].settled, (), text)
        found[name] = Finding(name, Outcome.CONFORMING, None, _Credited(found[name], reason))
    return replace(made, findings=found, use_credit=True)


@dataclass(frozen=True, eq=False, slots=True)
class _Credited:
    """The grounds of a finding that stands on credit."""

    before: Finding
    why: Reason

    def reasons(self, _name: str) -> tuple[Reason, ...]:
        return (self.why, *self.before.reasons)

    def proof(self, _name: str) -> tuple[FactRef, ...]:
        return ()
