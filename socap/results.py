"""A result as plain JSON values: what was given, what was found, and the proof of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from socap.result_file import seal

if TYPE_CHECKING:
    from socap.assessment import Assessment
    from socap.findings import RollUp
    from socap.scoring import Score

SCHEMA_VERSION = "2"


def as_dict(made: Assessment) -> dict[str, Any]:
    """Return an assessment as plain JSON values; the same input gives the same result.

    `seal` is the SHA-256 over the canonical JSON of everything else: it shows a change of what
    cannot be derived again, such as a source or a number that decides nothing.
    """
    told = {
        "schema_version": SCHEMA_VERSION,
        "standard": {
            "id": made.standard.id,
            "hash": made.standard.hash,
            "title": made.standard.title.to_dict(),
        },
        "overlays": [
            {"id": o.id, "title": o.title.to_dict(), "hash": o.hash} for o in made.standard.overlays
        ],
        "as_of": made.as_of.isoformat(),
        "assurance": made.assurance.value,
        "use_credit": made.use_credit,
        "organisation": {
            "id": made.organisation.id,
            "name": made.organisation.name.to_dict(),
            "employees": made.organisation.employees,
            "types": sorted(made.organisation.profile.types),
        },
        "given": made.organisation.to_dict(),
        "notice": made.standard.pack.notice.to_dict(),
        "parameters": {n: made.parameters[n] for n in made.overridden},
        "status": made.status.value,
        "recommendation": {
            "id": made.recommendation.id,
            "title": made.recommendation.title.to_dict(),
            "reason": made.recommendation.reason.to_dict(),
        },
        "score": None if made.score is None else _score(made.score),
        "disputed": [
            {"id": d.id, "flag": d.flag, "message": d.message.to_dict()} for d in made.disputed
        ],
        "summary": _counts(made.summary),
        "by_clause": {k: _counts(v) for k, v in made.by_clause.items()},
        "by_aspect": {k: _counts(v) for k, v in made.by_aspect.items()},
        "by_pdca": {k: _counts(v) for k, v in made.by_pdca.items()},
        "findings": [
            {
                "requirement": f.requirement,
                "outcome": f.outcome.value,
                "grade": f.grade.value if f.grade is not None else None,
                "proof": [{"key": p.key, "record": p.record} for p in f.proof],
                "reasons": [
                    {
                        "kind": r.kind.value,
                        "evidence": list(r.evidence),
                        "records": list(r.records),
                        "text": r.text.to_dict(),
                    }
                    for r in f.reasons
                ],
            }
            for f in made.findings.values()
        ],
    }
    return {**told, "seal": seal(told)}


def _score(made: Score) -> dict[str, Any]:
    return {
        "low": made.low,
        "high": made.high,
        "band": None
        if made.band is None
        else {"id": made.band.id, "title": made.band.title.to_dict()},
        "passed": made.passed,
        "reason": made.reason.to_dict(),
        "dimensions": [
            {
                "clause": d.clause,
                "weight": d.weight,
                "low": d.low,
                "high": d.high,
                "criteria": [
                    {"requirement": name, "low": low, "high": high}
                    for name, low, high in d.criteria
                ],
            }
            for d in made.dimensions
        ],
    }


def _counts(roll_up: RollUp) -> dict[str, str | int]:
    names = roll_up.__slots__
    return {name: getattr(roll_up, name) for name in names}
