"""A portfolio's sensitivity is what assessing every organisation again gives, trial by trial."""

from __future__ import annotations

import io
import json
from collections import Counter
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import random_companies as made
import synthetic

import socap
from socap.assessment import Assessment, assess
from socap.errors import EvidenceError, SocapError
from socap.evidence import Assurance, settled
from socap.monitoring import changed
from socap.portfolio.companies import from_organisations
from socap.portfolio.kernel import Kernel
from socap.portfolio.layout import schema
from socap.portfolio.sensitivity import sensitivity, sensitivity_of
from socap.portfolio.trials import Like, steps, written
from socap.rules.expressions import keys_read

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from socap.organisation import Organisation
    from socap.portfolio.effects import Effect, Sensitivity
    from socap.portfolio.trials import Trial
    from socap.standard import Standard

Moves = Counter[tuple[str, str, str]]


class Oracle:
    """Assesses organisations one by one, before and after a trial."""

    def __init__(
        self,
        organisations: list[Organisation],
        standard: Standard,
        as_of: date,
        assurance: Assurance = Assurance.DECLARED,
        parameters: dict[str, int | float] | None = None,
    ) -> None:
        self.organisations, self.standard, self.as_of = organisations, standard, as_of
        self.assurance, self.parameters = assurance, parameters or {}
        self.before = [self._assessed(one, {}) for one in organisations]

    def _assessed(self, one: Organisation, parameters: dict[str, int | float]) -> Assessment:
        return assess(
            one,
            self.standard,
            as_of=self.as_of,
            assurance=self.assurance,
            parameters=self.parameters | parameters,
            reader="reference",
        )

    def expected(self, trial: Trial) -> tuple[int, Moves]:
        touched, moves = 0, Moves()
        for organisation, before in zip(self.organisations, self.before, strict=True):
            if trial.item:
                raw = self._raw(trial, organisation)
                organisation = changed(organisation, {trial.item: raw}, self.standard)  # noqa: PLW2901
            after = self._assessed(organisation, trial.parameters)
            moved = [
                (name, was.outcome.value, after.findings[name].outcome.value)
                for name, was in before.findings.items()
                if was.outcome is not after.findings[name].outcome
            ]
            touched += bool(moved)
            if before.status is not after.status:
                moved.append(("status", before.status.value, after.status.value))
            moves.update(moved)
        return touched, moves

    def _raw(self, trial: Trial, organisation: Organisation) -> Any:
        answer = trial.answer
        if isinstance(answer, Like):
            answer = self._alone(organisation, answer.key)
        if answer.value is None and not answer.no_case:
            return None
        if trial.item not in self.standard.vocabulary.items:
            return answer.value
        full = {"no_case": "none"} if answer.no_case else {"value": written(answer)}
        return {**full, "status": "verified", "verified_by": "L. Chen"}

    def _alone(self, organisation: Organisation, key: str) -> Any:
        """Return what an item is known to be, whatever it is compared with; no case is not told."""
        words = self.standard.vocabulary
        only = replace(words, items={key: words.items[key]})
        evidence = {k: v for k, v in organisation.evidence.items() if k == key}
        facts = settled(
            replace(organisation, evidence=evidence),
            replace(self.standard, vocabulary=only),
            self.as_of,
            self.assurance,
            self.standard.parameters(self.parameters),
        )
        return replace(facts.get(key), no_case=False)


def moves(effect: Effect) -> Moves:
    found = Moves()
    for name, listed in (("status", effect.status), *effect.requirements.items()):
        for move in listed:
            found[name, move.before.value, move.after.value] += move.organisations
    return found


def companies(rng: Random, standard: Standard, as_of: date, count: int) -> list[Organisation]:
    listed = [made.organisation(rng, standard, as_of) for _ in range(count)]
    return [replace(one, id=f"r{place}") for place, one in enumerate(listed)]


def check(oracle: Oracle, effects: Iterable[Effect]) -> int:
    compared = 0
    for effect in effects:
        assert (effect.organisations, moves(effect)) == oracle.expected(effect.trial), effect.trial
        compared += len(oracle.organisations)
    return compared


def _delicate(rng: Random, standard: Standard) -> list[str]:
    """Return items that can dispute a circumstance, and some that excludable requirements read."""
    disputing = [rule.contradicted_when for rule in standard.consistency]
    excludable = [r.satisfied_when for r in standard.requirements.values() if r.exclusion]
    found = []
    for rules in (disputing, excludable):
        read = sorted(
            {key for rule in rules for key in keys_read(rule)} & {*standard.vocabulary.items}
        )
        found += rng.sample(read, min(8, len(read)))
    return found


PACKS = [
    ("services-outsourcing-capabilities", 9, 6, 4),
    ("post-specification-3", 15, 13, 31),
    ("it-outsourcing-assessment", 15, 19, 20),
    ("municipal-recognition", 15, 10, 27),
]


@pytest.mark.parametrize(("pack", "rows", "some_parameters", "some_items"), PACKS)
@pytest.mark.parametrize("assurance", list(Assurance))
def test_each_trial_equals_assessing_again(
    pack: str, rows: int, some_parameters: int, some_items: int, assurance: Assurance
) -> None:
    standard = socap.load(pack)
    words = standard.vocabulary
    rng = Random(f"{pack} {assurance}")
    as_of = made.DATES[1]
    base: dict[str, int | float] = {
        name: p.maximum for name, p in words.parameters.items() if p.maximum and rng.random() < 0.2
    }
    listed = companies(rng, standard, as_of, rows)
    oracle = Oracle(listed, standard, as_of, assurance, base)
    keys = rng.sample(list(words.items), some_items) + _delicate(rng, standard)
    keys += [f"profile.{name}" for name in rng.sample(list(words.flags), min(4, len(words.flags)))]
    found = sensitivity(
        [from_organisations(listed[:5], standard), from_organisations(listed[5:], standard)],
        standard,
        as_of=as_of,
        assurance=assurance,
        parameters=base,
        vary=dict.fromkeys(rng.sample(list(words.parameters), some_parameters), ()),
        items=dict.fromkeys(sorted({*keys}), ()),
    )
    assert (found.organisations, found.faulty) == (rows, 0)
    assert Counter({k: v for k, v in found.status.items() if v}) == Counter(
        one.status for one in oracle.before
    )
    assert check(oracle, found.effects) > 300


PAIRS = [
    ("services-outsourcing-capabilities", "training_hours_min", "training_completion_min_pct"),
    ("services-outsourcing-capabilities", "on_time_min_pct", "satisfaction_min_pct"),
    ("post-specification-3", "supervision_interval_days", "contact_interval_days"),
    ("post-specification-1", "appraisal_interval_days", "appraisal_pass_pct"),
]


@pytest.mark.parametrize(("pack", "first", "second"), PAIRS)
def test_each_pair_of_a_grid_equals_assessing_again(pack: str, first: str, second: str) -> None:
    standard = socap.load(pack)
    as_of = made.DATES[2]
    listed = companies(Random(first), standard, as_of, 9)
    oracle = Oracle(listed, standard, as_of)
    values = {name: steps(standard.vocabulary.parameters[name]) for name in (first, second)}
    values = {name: (*these[:3], standard.parameters()[name]) for name, these in values.items()}
    found = sensitivity(
        [from_organisations(listed, standard)], standard, as_of=as_of, combine=values
    )
    assert [e.trial.parameters for e in found.effects] == [
        {first: one, second: other} for one in values[first] for other in values[second]
    ]
    assert check(oracle, found.effects) == 16 * 9
    assert found.effects[-1].organisations == 0


def _replaced(batch: pa.RecordBatch, key: str, raw: Any) -> pa.RecordBatch:
    """Return a portfolio in which everybody gives one answer to an item, with nothing beside it."""
    kept = [name for name in batch.schema.names if name.split("#")[0] != key]
    kind = schema(socap.load()).field(key).type
    arrays = [batch.column(name) for name in kept]
    arrays.append(pa.array([raw] * batch.num_rows, kind))
    return pa.RecordBatch.from_arrays(arrays, names=[*kept, key])


def test_a_portfolio_in_blocks_equals_the_kernel_on_it(monkeypatch: pytest.MonkeyPatch) -> None:
    standard = socap.load()
    as_of = synthetic.AS_OF
    (batch,) = synthetic.generate(501, standard, seed=3, records=2, park=False)
    monkeypatch.setattr("socap.portfolio.sensitivity.BLOCK", 200)
    items: dict[str, list[Any]] = {
        "delivery.accepted_count": [3, None],
        "training.completion_pct": [100, 33.3],
        "objectives.measurable_count": [2],
        "plan.elements": [[]],
        "profile.uses_external_suppliers": [False, None],
    }
    vary = {"training_hours_min": [5, 40], "change_success_min_pct": [100]}
    found = sensitivity([batch], standard, as_of=as_of, vary=vary, items=items)
    before = Kernel(standard, as_of=as_of).outcomes(batch).to_pylist()
    trials: list[Any] = [*({"parameters": {n: v}} for n, values in vary.items() for v in values)]
    changed_batches = [batch] * 3 + [
        _replaced(batch, key, raw) for key, values in items.items() for raw in values
    ]
    trials += [{}] * (len(changed_batches) - 3)
    for effect, options, other in zip(found.effects, trials, changed_batches, strict=True):
        after = Kernel(standard, as_of=as_of, **options).outcomes(other).to_pylist()
        names = ("status", *standard.requirements)
        expected = Moves(
            (name, was[name], now[name])
            for was, now in zip(before, after, strict=True)
            for name in names
            if was[name] != now[name]
        )
        assert moves(effect) == expected, effect.trial
        assert effect.organisations == sum(
            any(was[name] != now[name] for name in standard.requirements)
            for was, now in zip(before, after, strict=True)
        )
    assert found.organisations == 501
    assert Counter(row["status"] for row in before) == Counter(
        {outcome.value: number for outcome, number in found.status.items() if number}
    )


def test_faulty_rows_are_counted_and_left_out() -> None:
    standard = socap.load()
    listed = companies(Random(5), standard, made.DATES[1], 6)
    batch = from_organisations(listed, standard)
    names = pa.array([*batch.column("id").to_pylist()[:4], "", None])
    spoilt = batch.set_column(batch.schema.get_field_index("id"), "id", names)
    options: dict[str, Any] = {"as_of": made.DATES[1], "vary": {"training_hours_min": [1, 60]}}
    found = sensitivity([spoilt], standard, **options)
    assert (found.organisations, found.faulty) == (4, 2)
    assert found.effects == sensitivity([batch.slice(0, 4)], standard, **options).effects


def test_answers_as_a_company_file_writes_them() -> None:
    standard = socap.load()
    as_of = made.DATES[1]
    listed = companies(Random(8), standard, as_of, 20)
    oracle = Oracle(listed, standard, as_of)
    asked: dict[str, list[Any]] = {
        "plan.elements": [["objectives"], None],
        "incident.count_12m": [{"no_case": "none"}, 0, {"value": 4, "valid_until": "2020-01-01"}],
        "training.completion_pct": [{"value": 90, "status": "rejected"}, 250, 95.0],
        "management_review.last_date": ["2026-10-31", "2027-01-01"],
    }
    batch = from_organisations(listed, standard)
    found = sensitivity([batch], standard, as_of=as_of, items=asked)
    pairs = [(key, raw) for key, raws in asked.items() for raw in raws]
    for effect, (key, raw) in zip(found.effects, pairs, strict=True):
        again = [changed(one, {key: raw}, standard) for one in listed]
        after = Oracle(again, standard, as_of).before
        expected = Moves()
        for was, now in zip(oracle.before, after, strict=True):
            expected.update(
                (name, f.outcome.value, now.findings[name].outcome.value)
                for name, f in was.findings.items()
                if f.outcome is not now.findings[name].outcome
            )
            if was.status is not now.status:
                expected["status", was.status.value, now.status.value] += 1
        assert moves(effect) == expected, (key, raw)


BAD: list[tuple[dict[str, Any], str]] = [
    ({"vary": {"training_hours_min": [5]}}, "no organisation"),
    ({"vary": {"training_hour_min": [1]}}, "training_hours_min"),
    ({"vary": {"training_hours_min": [-1, 3, 10**6]}}, "-1"),
    ({"vary": {"audit_interval": []}}, "audit_interval"),
    (
        {
            "combine": {
                "on_time_min_pct": range(51, 99),
                "training_hours_min": range(1, 201),
                "x": [],
            }
        },
        "two",
    ),
    (
        {
            "combine": {
                "training_hours_min": range(1, 201),
                "log_retention_min_days": range(30, 130),
            }
        },
        "10000",
    ),
    ({"items": {"training.completion": []}}, "training.completion_pct"),
    ({"items": {"profile.types": []}}, "profile.types"),
    ({"items": {"training.completion_pct": ["many"]}}, "number"),
    ({"items": {"training.completion_pct": [{"no_case": "none"}]}}, "no_case"),
    ({"items": {"records.supplier": []}}, "records.supplier"),
]


@pytest.mark.parametrize(("options", "told"), BAD)
def test_what_cannot_be_tried_is_refused(options: dict[str, Any], told: str) -> None:
    with pytest.raises(SocapError) as caught:
        sensitivity([], socap.load(), as_of=made.DATES[1], **options)
    assert told in " ".join(problem.render("en") for problem in caught.value.problems)


EXAMPLES = sorted((Path(__file__).parent.parent / "examples").glob("*.yaml"))
MOVED: dict[str, Any] = {
    "vary": {"training_hours_min": [1, 16, 200], "ito_code_review_min_pct": [80]},
    "items": {"training.completion_pct": (), "bc.exercise_rto_hours": ()},
}


def _examples() -> Sensitivity:
    standard = socap.load()
    batch = from_organisations([socap.read(path) for path in EXAMPLES], standard)
    return sensitivity([batch], standard, as_of=made.DATES[1], **MOVED)


EN = """\
Sensitivity: Services Outsourcing Capabilities – Requirements, as of 2026-11-01
6 organisations; status now: nonconforming 5, undetermined 1
best, worst: of all answers that the rules tell apart, the one with which most findings conform, \
and the one with which most do not

training.completion_pct (the share of training sessions due so far that were completed)
  best 90: no change
  worst 0: status changes in 1 (undetermined → nonconforming 1); findings change in 6 (5.2-c 6)
  unknown: status unchanged; findings change in 5 (5.2-c 5)

training_hours_min (Minimum training hours per person per year, now 16 hours)
  1: no change
  16: no change
  200: status unchanged; findings change in 5 (5.2-c 5)

bc.exercise_rto_hours (the recovery time measured in the exercise)
  best 0: status unchanged; findings change in 1 (C.8-c 1)
  worst 1000000000000: status unchanged; findings change in 4 (C.8-c 4)
  unknown: status unchanged; findings change in 5 (C.8-c 5)

No finding changes with: ito_code_review_min_pct
"""
ZH = """\
敏感性：服务外包能力要求，评价日 2026-11-01
组织 6 家；目前结论：不符合 5，待定 1
最好、最差：在规则能区分的答案中，使符合的审核发现最多、不符合的最多者

training.completion_pct（到期培训项目的完成率）
  最好 90：无变化
  最差 0：结论变化 1 家（待定 → 不符合 1）；审核发现变化 6 家（5.2-c 6）
  未知：结论不变；审核发现变化 5 家（5.2-c 5）

training_hours_min（人均年培训学时下限，现值 16 小时）
  1：无变化
  16：无变化
  200：结论不变；审核发现变化 5 家（5.2-c 5）

bc.exercise_rto_hours（演练实测的恢复时间）
  最好 0：结论不变；审核发现变化 1 家（C.8-c 1）
  最差 1000000000000：结论不变；审核发现变化 4 家（C.8-c 4）
  未知：结论不变；审核发现变化 5 家（C.8-c 5）

不改变任何审核发现：ito_code_review_min_pct
"""
CSV = """\
parameter,value,second_parameter,second_value,item,answer,role,finding,before,after,organisations
training_hours_min,1.0,,,,,,any,,,0
training_hours_min,16.0,,,,,,any,,,0
training_hours_min,200.0,,,,,,any,,,5
training_hours_min,200.0,,,,,,5.2-c,conforming,nonconforming,5
ito_code_review_min_pct,80.0,,,,,,any,,,0
,,,,training.completion_pct,90,best,any,,,0
,,,,training.completion_pct,0,worst,any,,,6
,,,,training.completion_pct,0,worst,status,undetermined,nonconforming,1
,,,,training.completion_pct,0,worst,5.2-c,conforming,nonconforming,5
,,,,training.completion_pct,0,worst,5.2-c,undetermined,nonconforming,1
,,,,training.completion_pct,-,unknown,any,,,5
,,,,training.completion_pct,-,unknown,5.2-c,conforming,undetermined,5
"""


def test_texts_and_tables() -> None:
    found = _examples()
    assert found.to_text("en") == EN
    assert found.to_text("zh") == ZH
    assert found.to_csv().replace("\r\n", "\n").startswith(CSV)
    assert pq.read_table(io.BytesIO(found.to_parquet())).equals(found.to_table())
    told = found.to_dict()
    assert json.loads(json.dumps(told)) == told
    assert told["effects"][2] == {
        "parameters": {"training_hours_min": 200},
        "organisations": 5,
        "status": [],
        "requirements": {
            "5.2-c": [{"before": "conforming", "after": "nonconforming", "organisations": 5}]
        },
    }
    assert told["effects"][5]["role"] == "worst"


def test_sources_and_repeated_ids(tmp_path: Path) -> None:
    standard = socap.load()
    (batch,) = synthetic.generate(40, standard, seed=4, records=1, park=False)
    options: dict[str, Any] = {"as_of": synthetic.AS_OF, "vary": {"training_hours_min": [1, 60]}}
    pq.write_table(pa.Table.from_batches([batch]), tmp_path / "a.parquet")
    expected = sensitivity([batch], standard, **options)
    assert expected.organisations == 40
    assert sensitivity_of(tmp_path, standard, **options).to_dict() == expected.to_dict()

    pq.write_table(pa.Table.from_batches([batch.slice(30)]), tmp_path / "b.parquet")
    found = sensitivity_of(tmp_path, standard, **options)
    assert (found.organisations, found.faulty) == (30, 20)
    assert found.effects == sensitivity([batch.slice(0, 30)], standard, **options).effects
    with pytest.raises(EvidenceError, match="10 ids"):
        sensitivity([batch, batch.slice(30)], standard, **options)


def test_a_folder_of_company_files_with_one_that_cannot_be_read(tmp_path: Path) -> None:
    for path in EXAMPLES:
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / "x.yaml").write_text("organisation: 1\n")
    found = sensitivity_of(tmp_path, socap.load(), as_of=made.DATES[1], **MOVED)
    assert (found.organisations, found.faulty) == (6, 1)
    assert found.effects == _examples().effects
    assert "Faulty rows left out: 1\n" in found.to_text("en")
    assert "数据有误而未计入：1 行\n" in found.to_text("zh")
