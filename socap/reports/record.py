"""The versioned snapshot of an assessment that every report reads."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from socap.answers import LATEST
from socap.clauses.requirement import BASIS_TITLES
from socap.crosswalk.relation import Coverage
from socap.errors import Text
from socap.evidence import set_aside
from socap.explanation import show
from socap.findings import KIND_TITLES, ReasonKind
from socap.reports.head import Line, head
from socap.reports.wording import GROUPS, OBLIGATIONS, RELATIONS, STATUSES
from socap.rules.expressions import keys_read
from socap.rules.facts import NO_CASE, known
from socap.rules.vocabulary import TYPES_KEY

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from socap.answers import Answer
    from socap.assessment import Assessment
    from socap.clauses.requirement import Grade, Requirement, Verification
    from socap.crediting.credit import Credit
    from socap.findings import Finding, Outcome, Reason, Recommendation, RollUp
    from socap.forecast import Forecast
    from socap.rules.facts import RecordFacts
    from socap.rules.vocabulary import EvidenceItem
    from socap.standard import Standard

RECORD_VERSION = "1"
AHEAD = timedelta(days=365)  # until the next surveillance audit: ISO/IEC 17021-1, 9.1.3.3


@dataclass(frozen=True, slots=True)
class GroupRow:
    """The counts of one clause, aspect or PDCA phase; `depth` is 0 for a top-level clause."""

    id: str
    title: Text
    depth: int
    counts: RollUp


@dataclass(frozen=True, slots=True)
class EvidenceRow:
    """One answer to one item that a requirement reads, or that there is none.

    `state` says why an answer does not count, and is empty for one that does.
    """

    key: str
    title: Text
    value: Text
    state: Text
    source: str
    collected_on: date | None
    valid_until: date | None
    status: Text
    verified_by: str
    note: str


@dataclass(frozen=True, slots=True)
class RelationRow:
    """How a requirement relates to one reference of another standard, strength 0 to 10."""

    standard: str
    reference: str
    title: Text
    relation: Text
    strength: int


@dataclass(frozen=True, slots=True)
class FindingRow:
    """One finding with everything a reader may open it for.

    `root_cause` marks a nonconformity that rests on no other one. Without detail `evidence`,
    `crosswalk` and `root_cause` are empty.
    """

    requirement: str
    clause: str
    title: Text
    statement: Text
    obligation: Text
    aspect: str
    pdca: str
    outcome: Outcome
    grade: Grade | None
    told: Text
    reasons: tuple[Reason, ...]
    evidence: tuple[EvidenceRow, ...]
    usual_evidence: Text
    verification: Verification | None
    crosswalk: tuple[RelationRow, ...]
    provenance: Text
    prerequisites: tuple[str, ...]
    unmet_prerequisites: tuple[str, ...]
    root_cause: bool


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """One requirement that comes out otherwise from a day on, and why."""

    date: date
    requirement: str
    before: Outcome
    after: Outcome
    text: Text
    causes: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class Timeline:
    """What changes up to a day if nothing is done."""

    until: date
    loss: Text
    certification_lost: date | None
    changes: tuple[ChangeRow, ...]


@dataclass(frozen=True, slots=True)
class CertificateRow:
    """What one certificate gives: applicable requirements covered wholly and in part."""

    number: int
    standard: str
    valid_until: date | None
    counts: bool
    covered: int
    partly: int
    refused: tuple[Text, ...]
    to_confirm: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class ReportRecord:
    """An assessment as reports need it: values only, nothing left to work out.

    A template may rely on these names as long as `version` is the same.
    """

    version: str
    organisation: str
    name: Text
    standard: str
    standard_title: Text
    standard_hash: str
    as_of: date
    notice: Text
    status: Outcome
    recommendation: Recommendation
    head: tuple[Line, ...]
    summary: RollUp
    by_clause: tuple[GroupRow, ...]
    by_aspect: tuple[GroupRow, ...]
    by_pdca: tuple[GroupRow, ...]
    findings: tuple[FindingRow, ...]
    timeline: Timeline | None
    certificates: tuple[CertificateRow, ...] | None

    def having(self, *outcomes: Outcome) -> tuple[FindingRow, ...]:
        """Return the findings with one of these outcomes, in order."""
        return tuple(f for f in self.findings if f.outcome in outcomes)

    def refused(self) -> tuple[FindingRow, ...]:
        """Return the findings whose exclusion is refused."""
        kind = ReasonKind.EXCLUSION_REFUSED
        return tuple(f for f in self.findings if any(r.kind is kind for r in f.reasons))


def record(
    assessment: Assessment,
    *,
    detail: bool = True,
    forecast: Forecast | None = None,
    credit: Credit | None = None,
) -> ReportRecord:
    """Return the snapshot of an assessment, with its forecast and credit where they are given.

    Without `detail` the findings come without evidence and crosswalk, which take longer to gather
    than everything else.
    """
    made = assessment.standard
    causes = frozenset(assessment.root_causes()) if detail else None
    clauses = (
        GroupRow(c, made.headings[c].title, _depth(made, c), counts)
        for c, counts in assessment.by_clause.items()
    )
    return ReportRecord(
        RECORD_VERSION,
        assessment.organisation.id,
        assessment.organisation.name,
        made.id,
        made.title,
        made.hash,
        assessment.as_of,
        made.pack.notice,
        assessment.status,
        assessment.recommendation,
        tuple(head(assessment)),
        assessment.summary,
        tuple(clauses),
        tuple(GroupRow(n, GROUPS[n], 0, c) for n, c in assessment.by_aspect.items()),
        tuple(GroupRow(n, GROUPS[n], 0, c) for n, c in assessment.by_pdca.items()),
        tuple(_finding(f, assessment, causes) for f in assessment.findings.values()),
        None if forecast is None else _timeline(forecast),
        None if credit is None else tuple(_certificates(credit)),
    )


def complete_record(assessment: Assessment) -> ReportRecord:
    """Return the snapshot with everything: detail, credit, and the forecast of a year."""
    until = min(assessment.as_of + AHEAD, LATEST)
    ahead = assessment.forecast(until=until) if until > assessment.as_of else None
    return record(assessment, forecast=ahead, credit=assessment.credit())


def _depth(standard: Standard, clause: str) -> int:
    parent = standard.headings[clause].parent
    return 0 if parent is None else 1 + _depth(standard, parent)


def _finding(finding: Finding, assessment: Assessment, causes: frozenset[str] | None) -> FindingRow:
    """Return one row; `causes` are the root causes, None where no detail is wanted."""
    made = assessment.standard
    asked = made.requirements[finding.requirement]
    basis, why = BASIS_TITLES[asked.provenance.basis], asked.provenance.reason
    return FindingRow(
        asked.id,
        asked.clause,
        asked.title,
        asked.statement,
        OBLIGATIONS[asked.obligation],
        asked.aspect.value,
        asked.pdca.value,
        finding.outcome,
        finding.grade,
        finding.told,
        finding.reasons,
        () if causes is None else tuple(_evidence(asked, assessment)),
        made.vocabulary.usual_evidence(asked.evidence_keys),
        asked.verification,
        () if causes is None else tuple(_relations(asked, made)),
        Text(f"{basis.zh}：{why.zh}", f"{basis.en}: {why.en}"),
        asked.prerequisites,
        assessment.unmet_prerequisites(asked.id),
        causes is not None and asked.id in causes,
    )


def _relations(asked: Requirement, standard: Standard) -> Iterator[RelationRow]:
    for one in standard.crosswalk.of(asked.id):
        title = standard.crosswalk.standards[one.standard].references[one.reference]
        yield RelationRow(one.standard, one.reference, title, RELATIONS[one.relation], one.strength)


def _evidence(asked: Requirement, assessment: Assessment) -> Iterator[EvidenceRow]:
    words, facts = assessment.standard.vocabulary, assessment.facts
    read = (*keys_read(asked.applies_when), *asked.evidence_keys)
    for key in words.expanded(dict.fromkeys(read)):
        name = key.removeprefix("records.")
        if key != name:
            yield _unbacked(key, words.records[name].title, _counted(facts.records.get(name)))
            continue
        item = words.outside_records(key)
        if item is None or key == TYPES_KEY:
            continue
        answers = assessment.organisation.evidence.get(key, ())
        yield from (_answer(key, answer, item, assessment) for answer in answers)
        if not answers:
            yield _unbacked(key, item.title, show(facts.get(key), item))


def _unbacked(key: str, title: Text, value: Text) -> EvidenceRow:
    none = Text("", "")
    return EvidenceRow(key, title, value, none, "", None, None, none, "", "")


def _counted(entries: tuple[RecordFacts, ...] | None) -> Text:
    if entries is None:
        return KIND_TITLES[ReasonKind.MISSING]
    return Text(f"{len(entries)} 条", f"{len(entries)} listed")


def _answer(key: str, answer: Answer, item: EvidenceItem, assessment: Assessment) -> EvidenceRow:
    backing = answer.backing
    doubt = set_aside(backing, item, assessment.as_of, assessment.assurance)
    doubt = doubt or assessment.facts.get(key).unknown
    value = show(NO_CASE if answer.value is None else known(answer.value), item)
    if answer.no_case:
        value = Text(f"{value.zh}（{answer.no_case}）", f"{value.en} ({answer.no_case})")
    return EvidenceRow(
        key,
        item.title,
        value,
        Text("", "") if doubt is None else KIND_TITLES[ReasonKind(doubt.value)],
        backing.source,
        backing.collected_on,
        backing.valid_until,
        STATUSES[backing.status],
        backing.verified_by,
        backing.note,
    )


def _timeline(made: Forecast) -> Timeline:
    changes = (
        ChangeRow(
            c.date,
            c.requirement,
            c.before.outcome,
            c.after.outcome,
            c.text,
            tuple(cause.text for cause in c.causes),
        )
        for c in made.changes
    )
    return Timeline(made.until, made.loss, made.certification_lost, tuple(changes))


def _certificates(made: Credit) -> Iterator[CertificateRow]:
    for held in made.holdings:
        given = [
            one.coverage
            for one in made.requirements.values()
            if any(by.certificate == held.number for by in one.by)
        ]
        yield CertificateRow(
            held.number,
            held.certificate.standard,
            held.certificate.valid_until,
            held.counts,
            given.count(Coverage.FULL),
            given.count(Coverage.PARTIAL),
            held.refused,
            held.conditions,
        )
