"""Random company files for any pack, from a seeded generator: every state an answer can have."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from socap.clauses.pack import Subject
from socap.documents import Document
from socap.organisation import from_document
from socap.rules.vocabulary import ValueType

if TYPE_CHECKING:
    from random import Random

    from socap.organisation import Organisation
    from socap.rules.vocabulary import EvidenceItem
    from socap.standard import Standard

DATES = (date(2024, 2, 29), date(2026, 11, 1), date(2025, 3, 31))
AGES = (-1, 0, 1, 29, 30, 31, 89, 90, 91, 179, 180, 181, 364, 365, 366, 730, 900)
NUMBERS = (0, 1, 2, 3, 4, 5, 24, 30, 50, 80, 90, 95, 98, 99, 100)


def value(rng: Random, item: EvidenceItem, as_of: date, mess: float) -> Any:
    """Return a value as a company file writes it, now and then one that cannot be."""
    match item.type:
        case ValueType.BOOLEAN:
            return rng.random() < 0.85
        case ValueType.DATE:
            return (
                as_of - timedelta(days=rng.choice(AGES if rng.random() < 0.5 else (5, 60)))
            ).isoformat()
        case ValueType.ENUM:
            return rng.choice(list(item.members))
        case ValueType.SET:
            return [member for member in item.members if rng.random() < 0.9]
        case ValueType.INTEGER:
            return -1 if rng.random() < mess / 4 else rng.choice(NUMBERS)
        case _:
            if rng.random() < mess / 4:
                return rng.choice([-0.5, 100.5, 250])
            return rng.choice([*NUMBERS, 94.99, 95.0, 66.7, 33.3, 100, 99])


def backing(rng: Random, as_of: date, mess: float) -> dict[str, str]:
    """Return what stands behind an answer; little, the less mess there is."""
    made: dict[str, str] = {}
    if rng.random() < mess:
        made["collected_on"] = (as_of - timedelta(days=rng.choice(AGES))).isoformat()
    if rng.random() < mess / 2:
        made["valid_until"] = (as_of + timedelta(days=rng.choice((-1, 0, 1, 300)))).isoformat()
    if rng.random() < mess:
        made |= {"status": "verified", "verified_by": "L. Chen"}
    elif rng.random() < mess / 3:
        made["status"] = "rejected"
    return made


def answer(rng: Random, item: EvidenceItem, as_of: date, mess: float) -> dict[str, Any]:
    """Return one answer in full form."""
    if item.accepts_no_case and rng.random() < 0.15:
        return {"no_case": "none in the period", **backing(rng, as_of, mess)}
    return {"value": value(rng, item, as_of, mess), **backing(rng, as_of, mess)}


def answers(rng: Random, item: EvidenceItem, as_of: date, mess: float) -> list[dict[str, Any]]:
    """Return one source or several, which often agree."""
    made = [answer(rng, item, as_of, mess)]
    while rng.random() < mess / 2:
        again = answer(rng, item, as_of, mess)
        if "value" in again and "value" in made[0] and rng.random() < 0.6:
            again["value"] = made[0]["value"]
        made.append(again)
    return made


def company(rng: Random, standard: Standard, as_of: date) -> dict[str, Any]:
    """Return a company file as plain values."""
    words = standard.vocabulary
    gaps, mess = rng.choice([0, 0.02, 0.2, 0.7]), rng.choice([0, 0.1, 0.5])
    evidence = {
        key: answers(rng, item, as_of, mess)
        for key, item in words.items.items()
        if rng.random() > (gaps if item.computed is None else 0.6)
    }
    if rng.random() < 0.3:
        evidence = dict(rng.sample(list(evidence.items()), len(evidence)))
    records = {}
    for name, kind in words.records.items():
        if rng.random() < gaps / 2:
            continue
        records[name] = [
            {
                "id": f"{name}-{index}",
                **{
                    key.removeprefix(f"{name}."): answer(rng, item, as_of, mess / 2)
                    for key, item in kind.fields.items()
                    if rng.random() > gaps / 4
                },
                **backing(rng, as_of, mess / 3),
            }
            for index in range(rng.choice([0, 1, 1, 2, 3, 7]))
        ]
    able = [r.id for r in standard.requirements.values() if r.exclusion is not None]
    left_out = set(rng.sample(able, rng.randint(0, len(able))))
    left_out |= set(rng.sample(list(standard.requirements), rng.choice([0, 0, 3])))
    made: dict[str, Any] = {
        standard.pack.subject.value: {"id": "r", "name": {"zh": "甲", "en": "A"}},
        "evidence": evidence,
        "records": records,
        "exclusions": [{"requirement": r, "justification": "none"} for r in sorted(left_out)],
    }
    if standard.pack.subject is Subject.ORGANISATION and rng.random() < 0.5:
        made["organisation"]["employees"] = rng.choice([0, 1, 180])
    if words.types or words.flags:
        flags = {name: rng.random() < 0.6 for name in words.flags if rng.random() > gaps}
        made["profile"] = dict(flags)
    if words.types:
        made["profile"]["types"] = rng.sample(list(words.types), rng.randint(1, len(words.types)))
    return made


def organisation(rng: Random, standard: Standard, as_of: date) -> Organisation:
    """Return a random company, read and typed."""
    return from_document(Document("random", company(rng, standard, as_of), {}), standard)
