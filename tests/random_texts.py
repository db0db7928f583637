"""Random companies whose texts are what spreadsheets trip over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import random_companies

from socap.documents import Document
from socap.organisation import from_document

if TYPE_CHECKING:
    from datetime import date
    from random import Random

    from socap.organisation import Organisation
    from socap.standard import Standard

TEXTS = (
    "=1+1",
    "+1",
    "-2",
    "@SUM(A1)",
    '=HYPERLINK("x")',
    "#REF!",
    "'quoted",
    "两行\n文字",
    "tab\tand  two blanks",
    " led and trailed ",
    "\n",
    "007",
    "1e5",
    "2026-03-02",
    "是",
    "true",
    "😀 𠮷野家",
    "a、b；c, d; e",
    "<b>&amp;</b> ]]>",
    "a\r\nb",
    "\u2028 \x85 \ufeff",
    "（无）",
    "socap-workbook-1:items:4",
)


def company(rng: Random, standard: Standard, as_of: date) -> dict[str, Any]:
    """Return a company file as plain values, with texts in every place that takes one."""
    made = random_companies.company(rng, standard, as_of)
    head = made[standard.pack.subject.value]
    head["id"], head["name"] = _solid(rng), {"zh": _solid(rng), "en": _solid(rng)}
    for answers in made["evidence"].values():
        for answer in answers:
            _back(rng, answer)
    for records in made["records"].values():
        for number, record in enumerate(records):
            record["id"] = f"{_solid(rng)}{number}"
            _back(rng, record)
            for answer in record.values():
                if isinstance(answer, dict):
                    _back(rng, answer)
    made["certificates"] = [
        {
            "standard": _solid(rng),
            "accredited": rng.random() < 0.5,
            "sites": rng.sample(["昆山", "Suzhou; Wuxi", "=A1", "a、b"], rng.randint(0, 4)),
            "services": rng.sample(["-x", "软件", "b, c"], rng.randint(0, 3)),
            "valid_until": rng.choice(["1900-01-01", "1900-02-28", "2200-12-31", "2026-02-28"]),
            **({"level": 3} if rng.random() < 0.5 else {}),
        }
        for _ in range(rng.randint(0, 3))
    ]
    for exclusion in made["exclusions"]:
        exclusion["justification"] = _solid(rng)
    return made


def organisation(rng: Random, standard: Standard, as_of: date) -> Organisation:
    """Return such a company, read and typed."""
    return from_document(Document("random", company(rng, standard, as_of), {}), standard)


def _solid(rng: Random) -> str:
    return rng.choice([text for text in TEXTS if text.strip()])


def _back(rng: Random, answer: dict[str, Any]) -> None:
    if "no_case" in answer:
        answer["no_case"] = _solid(rng)
    for name in ("source", "note"):
        if rng.random() < 0.3:
            answer[name] = rng.choice(TEXTS)
