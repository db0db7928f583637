"""The checker agrees with socap on everything it is given, and with nobody who changed a result."""

from __future__ import annotations

import ast
import json
from collections import Counter
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import generation as generated
import pytest
import random_companies as made

from socap import kernel
from socap.assessment import assess
from socap.company_file import read
from socap.errors import SocapError, UsageError
from socap.packs import BUNDLED, MAIN
from socap.result_file import seal
from socap.rules import expressions as x
from socap.rules.reference import evaluate
from socap.rules.truth import Truth
from socap.standard import Standard, load
from socap.verification import raw_pack, verify

if TYPE_CHECKING:
    from socap.assessment import Assessment
    from socap.findings import Finding, Reason
    from socap.rules.facts import Fact
    from socap.rules.implicant import FactRef

    Result = dict[str, Any]

ROOT = Path(__file__).parent.parent
EXAMPLES = sorted((ROOT / "examples").glob("*.yaml"))
AS_OF = date(2026, 3, 1)


def sealed(result: Result) -> Result:
    return {**result, "seal": seal(result)}


def places(result: Result, standard: Standard | None = None) -> set[str]:
    return {d.place for d in verify(sealed(result), standard).disagreements}


def test_the_kernel_is_small_and_stands_alone() -> None:
    source = (ROOT / "socap" / "kernel.py").read_text(encoding="utf-8")
    assert len(source.splitlines()) < 250
    nodes = ast.walk(ast.parse(source))
    imported = {n.module for n in nodes if isinstance(n, ast.ImportFrom)}
    assert imported == {
        "__future__",
        "collections.abc",
        "dataclasses",
        "datetime",
        "enum",
        "operator",
        "typing",
    }


@pytest.mark.parametrize("assurance", ["declared", "verified"])
@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.stem)
def test_every_example_agrees(file: Path, assurance: str, tmp_path: Path) -> None:
    result = sealed(assess(read(file), as_of=date(2026, 11, 1), assurance=assurance).to_dict())
    place = tmp_path / "result.json"
    place.write_text(json.dumps(result, ensure_ascii=False, indent=2), encoding="utf-8")
    found = verify(place)
    assert found.disagreements == ()
    assert found == verify(str(place)) == verify(result)
    assert (found.standard, found.organisation, found.findings) == (
        MAIN,
        file.stem,
        len(load().requirements),
    )


def test_findings_that_rest_on_certificates_are_counted_apart() -> None:
    company = read(ROOT / "examples" / "huaqiao-software.yaml")
    records = {kind: listed for kind, listed in company.records.items() if kind != "person"}
    company = replace(company, records=records)
    result = assess(company, as_of=date(2026, 11, 1), use_credit=True).to_dict()
    result = json.loads(json.dumps(result))
    rows = {f["requirement"]: f for f in result["findings"]}
    named = [k for k, f in rows.items() if any(r["kind"] == "credit" for r in f["reasons"])]
    found = verify(sealed(result))
    assert found.agrees
    assert found.by_certificate == len(named) > 0
    assert "certificates held" in found.to_text("en")
    assert {f"findings.{k}.outcome" for k in named} <= places({**result, "use_credit": False})
    result["given"]["certificates"] = []
    assert {f"findings.{k}.reasons" for k in named} <= places(result)


@pytest.mark.parametrize("file", EXAMPLES[:3], ids=lambda file: file.stem)
def test_examples_with_other_parameters_agree(file: Path) -> None:
    limits = load().vocabulary.parameters.values()
    least = {p.name: p.minimum for p in limits if p.minimum not in (None, p.default)}
    result = assess(read(file), as_of=date(2026, 11, 1), parameters=least).to_dict()
    assert len(result["parameters"]) == len(least) > 10
    assert places(result) == set()


def _random(rng: Random, standard: Standard) -> Assessment:
    as_of = rng.choice(made.DATES)
    values = {
        p.name: rng.choice([p.minimum, p.maximum])
        for p in standard.vocabulary.parameters.values()
        if rng.random() < 0.1 and p.minimum is not None and p.maximum is not None
    }
    level = rng.choice(["declared", "declared", "verified"])
    company = made.organisation(rng, standard, as_of)
    return assess(
        company, standard, as_of=as_of, assurance=level, parameters=values, reader="reference"
    )


@pytest.mark.parametrize("name", BUNDLED)
def test_random_companies_agree(name: str) -> None:
    standard = load(name)
    for seed in range(25 if name == MAIN else 12):
        result = _random(Random(seed), standard).to_dict()
        assert verify(sealed(result)).to_text("en").startswith("agrees"), seed


def written(node: x.Expression) -> Any:
    """Return an expression as a pack writes it."""
    match node:
        case x.Always():
            return "always"
        case x.Not(part):
            return {"not": written(part)}
        case x.All(parts):
            return {"all": [written(part) for part in parts]}
        case x.Any(parts):
            return {"any": [written(part) for part in parts]}
        case x.Quantified(quantity, record, satisfies, where, limit):
            body = {"record": record, "satisfies": written(satisfies), "where": written(where)}
            if limit is None:
                return {quantity.value: body}
            return {"at_least": {**body, quantity.value: operand(limit)}}
        case x.Condition(item, operator, other):
            return {"item": item, operator.value: operand(other)}


def operand(node: x.Operand) -> Any:
    match node:
        case x.Literal(value):
            return value.isoformat() if isinstance(value, date) else value
        case x.Members(values):
            return list(values)
        case x.ParameterRef(name):
            return {"parameter": name}
        case x.ItemRef(key):
            return {"item": key}
        case x.AsOf():
            return "as_of"


def plain(fact: Fact) -> Any:
    if fact.unknown is not None:
        return kernel.UNKNOWN
    return kernel.NO_CASE if fact.no_case else fact.value


def test_the_kernel_agrees_with_the_reference_on_generated_rules() -> None:
    rng, truths = Random(7), {Truth.TRUE: True, Truth.FALSE: False, Truth.UNKNOWN: None}
    seen = Counter[bool | None]()
    for _ in range(6_000):
        rule, facts = generated.expression(rng), generated.facts(rng)
        world = kernel.World(
            facts.as_of,
            items={key: plain(fact) for key, fact in facts.items.items()},
            records={
                kind: [(r.id, {k: plain(f) for k, f in r.fields.items()}) for r in listed]
                for kind, listed in facts.records.items()
            },
            parameters=facts.parameters,
        )
        found = world.truth(written(rule))
        assert found is truths[evaluate(rule, facts)], (rule, facts)
        seen[found] += 1
    assert min(seen[True], seen[False], seen[None]) >= 1_000


def test_random_companies_agree_where_answers_lose_their_validity(tmp_path: Path) -> None:
    tiny = Path(__file__).parent / "packs" / "tiny"
    keys = load(tiny).vocabulary.items
    lines = "".join(f"    {key}: {{validity_days: 30}}\n" for key in keys)
    file = tmp_path / "validity.yaml"
    head = "overlay: {id: validity, title: {zh: 有效期, en: Validity}, pack: tiny}\n"
    file.write_text(f"{head}change:\n  items:\n{lines}", encoding="utf-8")
    standard = load(tiny, overlays=[file])
    for seed in range(300):
        assert verify(sealed(_random(Random(seed), standard).to_dict()), standard).agrees, seed


@dataclass(frozen=True)
class _Unexplained:
    """Grounds without reasons, which take most of the time here."""

    proved: Finding | None

    def reasons(self, _name: str) -> tuple[Reason, ...]:
        return ()

    def proof(self, _name: str) -> tuple[FactRef, ...]:
        return () if self.proved is None else self.proved.proof


def test_kernel_and_readers_derive_the_same_for_hundreds_of_companies() -> None:
    standard, seen = load(), Counter[str]()
    pack = raw_pack(standard)
    for seed in range(400):
        assessment = _random(Random(10_000 + seed), standard)
        proved = seed % 10 == 0
        short = {
            k: replace(f, _why=_Unexplained(f if proved else None))
            for k, f in assessment.findings.items()
        }
        result = replace(assessment, findings=short).to_dict()
        faults = [f for f in kernel.check(pack, result) if proved or f[2] != '"no proof"']
        assert faults == [], seed
        seen.update(f["outcome"] for f in result["findings"])
        seen["disputed"] += len(result["disputed"])
    assert min(seen.values()) >= 50, seen
    assert len(seen) == 6


def test_a_score_is_worked_out_again() -> None:
    standard = load("it-outsourcing-assessment")
    result = json.loads(json.dumps(_random(Random(3), standard).to_dict()))
    assert result["score"]["low"] > 0
    assert places(result) == set()
    for path, value in {
        "score/low": 99.0,
        "score/passed": "yes",
        "score/band": {"id": "A"},
        "score/dimensions/0/weight": 99,
        "score/dimensions/0/criteria/0/low": 55.5,
        "score": None,
    }.items():
        changed = deepcopy(result)
        *steps, last = path.split("/")
        at: Any = changed
        for step in steps:
            at = at[int(step) if step.isdecimal() else step]
        at[last] = value
        assert places(changed) == {"score"}, path


class Strange:
    pass


def _deep(levels: int) -> Any:
    value: Any = []
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize(
    "value",
    [float("nan"), float("inf"), 10**30, 10**5000, Strange(), {1: 2}, (1,), b"x", _deep(50), _deep(100_000)],
    ids=["nan", "inf", "big", "huge", "object", "key", "tuple", "bytes", "deep", "deeper"],
)  # fmt: skip
def test_what_json_cannot_hold_is_refused(value: Any) -> None:
    result = {"schema_version": "2", "given": value}
    with pytest.raises(UsageError):
        verify(result)
    with pytest.raises(UsageError):
        seal(result)


def test_a_mapping_that_holds_itself_is_refused() -> None:
    wheel: Result = {}
    wheel["wheel"] = [wheel, wheel]
    with pytest.raises(UsageError):
        verify(wheel)


@pytest.mark.parametrize(
    "content",
    ["", "[]", "null", "{", '{"a": NaN}', '{"a": 1e999}', '{"a": 1, "a": 2}', "[" * 9999, "9" * 9999, "a: 1"],
    ids=["empty", "list", "null", "open", "nan", "overflow", "twice", "deep", "long", "yaml"],
)  # fmt: skip
def test_a_file_that_is_no_result_is_refused(content: str, tmp_path: Path) -> None:
    file = tmp_path / "result.json"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(SocapError):
        verify(file)
    with pytest.raises(SocapError):
        verify(tmp_path / "nowhere.json")


def test_a_mapping_that_is_no_result_disagrees() -> None:
    assert [d.place for d in verify({}).disagreements] == ["schema_version"]
    missing = {d.place for d in verify({"schema_version": "2"}).disagreements}
    assert {"given", "findings", "seal", "standard"} <= missing
    with pytest.raises(UsageError):
        verify([])  # type: ignore[arg-type]
