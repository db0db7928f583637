"""A forecast replayed beside an assessment of every single day, for several tests."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from socap.assessment import assess
from socap.forecast import Forecast, forecast
from socap.moments import Turn

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from socap.answers import Answer, Backing
    from socap.assessment import Assessment
    from socap.causes import Cause
    from socap.organisation import Organisation

ONE_DAY = timedelta(days=1)
Outcomes = dict[str, tuple[str, str]]


def outcomes(assessment: Assessment) -> Outcomes:
    return {
        name: (f.outcome.value, f.grade.value if f.grade else "")
        for name, f in assessment.findings.items()
    }


def put_off(behind: Backing, cause: Cause, validity_days: int | None) -> Backing:
    day, collected, limit = cause.date, behind.collected_on, behind.valid_until
    if cause.turn is Turn.COLLECTED and collected == day:
        return replace(behind, collected_on=day + ONE_DAY)
    if cause.turn is Turn.EXPIRED and limit == day:
        behind = replace(behind, valid_until=day + ONE_DAY)
    if cause.turn is Turn.EXPIRED and collected is not None and validity_days is not None:
        runs_out = collected + timedelta(days=validity_days) == day
        behind = replace(behind, collected_on=collected + ONE_DAY) if runs_out else behind
    return behind


def later(answer: Answer, cause: Cause, validity_days: int | None) -> Answer:
    if cause.turn in (Turn.EXPIRED, Turn.COLLECTED):
        return replace(answer, backing=put_off(answer.backing, cause, validity_days))
    return replace(answer, value=cause.date + ONE_DAY) if answer.value == cause.date else answer


def averted(start: Assessment, causes: Iterable[Cause]) -> Organisation:
    """Return the organisation with each date among the causes put off by a day."""
    made, words = start.organisation, start.standard.vocabulary
    evidence, records = dict(made.evidence), dict(made.records)
    held = list(made.certificates)
    for cause in causes:
        key, kind = cause.key, cause.key.split(".")[0]
        if key == "certificates":
            for number in cause.records:
                one = held[int(number) - 1]
                held[int(number) - 1] = replace(one, valid_until=cause.date + ONE_DAY)
            continue
        if not cause.records:
            days = words.items[key].validity_days
            evidence[key] = tuple(later(a, cause, days) for a in evidence[key])
            continue
        kind = key.removeprefix("records.") if kind == "records" else kind
        field = words.records[kind].fields.get(key)
        told = []
        for record in records[kind]:
            if record.id not in cause.records:
                told.append(record)
            elif field is None:
                told.append(replace(record, backing=put_off(record.backing, cause, None)))
            else:
                answer = later(record.answers[key], cause, field.validity_days)
                told.append(replace(record, answers={**record.answers, key: answer}))
        records[kind] = tuple(told)
    return replace(made, evidence=evidence, records=records, certificates=tuple(held))


def assert_exact(start: Assessment, until: date) -> Forecast:
    """Replay the forecast beside an assessment of every single day.

    Each change has causes, and would not come where the dates among them were a day later.
    """

    def on(day: date, organisation: Organisation) -> Assessment:
        return assess(
            organisation,
            start.standard,
            as_of=day,
            assurance=start.assurance,
            parameters={name: start.parameters[name] for name in start.overridden},
            reader="reference",
            use_credit=start.use_credit,
        )

    made = forecast(start, until=until)
    by_day = {day.date: day for day in made.days}
    current, advice, day = outcomes(start), start.recommendation.id, start.as_of
    assert all(start.as_of < found <= until for found in by_day)
    while day < until:
        day += ONE_DAY
        told = by_day.get(day)
        for change in told.changes if told else ():
            before = (change.before.outcome.value, change.before.grade or "")
            after = (change.after.outcome.value, change.after.grade or "")
            assert before != after
            assert current[change.requirement] == before
            assert change.date == day
            current[change.requirement] = after
            assert change.causes
            without = outcomes(on(day, averted(start, change.causes)))
            assert without[change.requirement] == before, change
        real = on(day, start.organisation)
        assert current == outcomes(real), day
        if told:
            assert told.before.id == advice
            advice = told.after.id
        assert advice == real.recommendation.id, day
    return made


def seen(made: Forecast) -> list[tuple[str, str, str, list[tuple[str, str, tuple[str, ...]]]]]:
    return [
        (
            str(c.date),
            c.requirement,
            f"{c.before.outcome.value} > {c.after.outcome.value}",
            [(cause.turn.value, cause.key, cause.records) for cause in c.causes],
        )
        for c in made.changes
    ]
