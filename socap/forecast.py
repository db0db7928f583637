"""What changes if nothing is done: every day on which a finding comes out otherwise, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from socap.answers import LATEST
from socap.assessment import assess
from socap.calendar_file import calendar, printable
from socap.causes import Cause, Step
from socap.errors import Problem, Text, UsageError
from socap.grading import count
from socap.moments import moments

if TYPE_CHECKING:
    from collections.abc import Sequence

    from socap.assessment import Assessment
    from socap.clauses.requirement import Requirement
    from socap.errors import Lang
    from socap.findings import Finding, Recommendation
    from socap.grading import Grading
    from socap.moments import Moment


@dataclass(frozen=True, slots=True)
class Change:
    """One requirement that comes out otherwise from a day on."""

    date: date
    requirement: str
    before: Finding
    after: Finding
    causes: tuple[Cause, ...]
    text: Text


@dataclass(frozen=True, slots=True)
class Day:
    """A day of changes, and the recommendation until the day before and from the day on.

    Where the pack has a score, the recommendation can change with it though no finding does.
    """

    date: date
    changes: tuple[Change, ...]
    before: Recommendation
    after: Recommendation

    def lines(self, lang: Lang) -> list[str]:
        """Return what the day brings: each change with its causes, then the recommendation."""
        told = [t for c in self.changes for t in (c.text, *(_indented(x.text) for x in c.causes))]
        old, new = self.before.title, self.after.title
        if self.before == self.after:
            told.append(Text(f"认证建议不变：{new.zh}", f"Recommendation unchanged: {new.en}"))
        else:
            zh, en = f"认证建议：{old.zh} → {new.zh}", f"Recommendation: {old.en} → {new.en}"
            told.append(Text(zh, en))
        return [printable(line.in_language(lang)) for line in told]


@dataclass(frozen=True, slots=True)
class Forecast:
    """All changes after `as_of` up to `until`, both the last day included, if nothing is done.

    Between two days of `days` every finding and the recommendation stay as they are. `certification_lost` is the first day
    on which the recommendation is worse than at `as_of`, None where that does not happen.
    """

    organisation: str
    name: Text
    standard: str
    standard_hash: str
    as_of: date
    until: date
    recommendation: Recommendation
    certification_lost: date | None
    days: tuple[Day, ...]

    @property
    def changes(self) -> tuple[Change, ...]:
        """All changes, by day and requirement."""
        return tuple(change for day in self.days for change in day.changes)

    @property
    def next_change(self) -> date | None:
        """The first day on which a finding or the recommendation changes."""
        return self.days[0].date if self.days else None

    def to_dict(self) -> dict[str, Any]:
        """Return the forecast as plain JSON values."""
        return {
            "organisation": {"id": self.organisation, "name": self.name.to_dict()},
            "standard": {"id": self.standard, "hash": self.standard_hash},
            "as_of": self.as_of.isoformat(),
            "until": self.until.isoformat(),
            "recommendation": _advice(self.recommendation),
            "next_change": self.next_change.isoformat() if self.next_change else None,
            "certification_lost": self.certification_lost.isoformat()
            if self.certification_lost
            else None,
            "days": [
                {
                    "date": day.date.isoformat(),
                    "recommendation": {"before": _advice(day.before), "after": _advice(day.after)},
                    "changes": [_told(change) for change in day.changes],
                }
                for day in self.days
            ],
        }

    def to_text(self, lang: Lang = "zh") -> str:
        """Return the days in plain text, each with its changes, their causes and what it means."""
        name, first = self.name.in_language(lang), self.next_change
        last, today = self.until, self.recommendation.title
        told = Text(f"{last} 之前没有变化", f"none up to {last}")
        if first is not None:
            told = Text(str(first), str(first))
        lines = [
            Text(
                f"{name}：{self.as_of} 至 {last} 的预测（不采取任何措施）",
                f"{name}: forecast from {self.as_of} to {last}, if nothing is done",
            ),
            Text(f"当前认证建议：{today.zh}", f"Recommendation today: {today.en}"),
            Text(f"下一次变化：{told.zh}", f"Next change: {told.en}"),
            self.loss,
        ]
        text = [line.in_language(lang) for line in lines]
        for day in self.days:
            text += ["", day.date.isoformat(), *(f"  {line}" for line in day.lines(lang))]
        return "".join(f"{printable(line)}\n" for line in text)

    @property
    def loss(self) -> Text:
        """Say when the recommendation first gets worse than it is today, if it does."""
        for day in self.days:
            if day.date == self.certification_lost:
                to = day.after.title
                return Text(
                    f"认证建议变差：{day.date} 起为“{to.zh}”",
                    f"The recommendation gets worse: from {day.date} on, {to.en}",
                )
        return Text(
            f"认证建议在 {self.until} 之前不会变差",
            f"The recommendation does not get worse up to {self.until}",
        )

    def to_icalendar(self, lang: Lang = "zh") -> str:
        """Return an iCalendar file (RFC 5545) with one all-day event for each day of changes.

        Raises MissingExtraError where the extra `calendar` is not installed.
        """
        return calendar(self, lang)


def _indented(text: Text) -> Text:
    return Text(f"  - {text.zh}", f"  - {text.en}")


def _advice(told: Recommendation) -> dict[str, Any]:
    return {"id": told.id, "title": told.title.to_dict()}


def _finding(told: Finding) -> dict[str, str | None]:
    return {"outcome": told.outcome.value, "grade": told.grade.value if told.grade else None}


def _told(change: Change) -> dict[str, Any]:
    return {
        "requirement": change.requirement,
        "before": _finding(change.before),
        "after": _finding(change.after),
        "causes": [
            {
                "turn": cause.turn.value,
                "key": cause.key,
                "records": list(cause.records),
                "date": cause.date.isoformat(),
                "text": cause.text.to_dict(),
            }
            for cause in change.causes
        ],
        "text": change.text.to_dict(),
    }


def forecast(assessment: Assessment, *, until: date) -> Forecast:
    """Return every day after `as_of` up to `until` on which a finding changes if nothing is done.

    The days are solved for, not tried: only on a day that `moments` names can a fact or a dated
    condition change. On each of them the organisation is assessed again (by the reference reader),
    and what came out otherwise is listed with its causes. Parameters, assurance and credit are
    those of the assessment. Raises UsageError where `until` is no date, not after `as_of`, or
    beyond 2200.
    """
    _check(assessment.as_of, until)
    organisation, standard, days = assessment.organisation, assessment.standard, []
    values = {name: assessment.parameters[name] for name in assessment.overridden}
    turns = moments(
        organisation,
        standard,
        assessment.parameters,
        assessment.as_of,
        until,
        use_credit=assessment.use_credit,
    )
    later = assessment
    for day, told in turns.items():
        earlier = later
        later = assess(
            organisation,
            standard,
            as_of=day,
            assurance=assessment.assurance,
            parameters=values,
            reader="reference",
            use_credit=assessment.use_credit,
        )
        step = Step(earlier, later)
        changes = tuple(
            _change(step, asked, told)
            for name, asked in standard.requirements.items()
            if earlier.findings[name] != later.findings[name]
        )
        if changes or earlier.recommendation != later.recommendation:
            days.append(Day(day, changes, earlier.recommendation, later.recommendation))
    today = assessment.recommendation
    lost = (
        d.date for d in days if _rank(standard.grading, d.after) < _rank(standard.grading, today)
    )
    return Forecast(
        organisation.id,
        organisation.name,
        standard.id,
        standard.hash,
        assessment.as_of,
        until,
        today,
        next(lost, None),
        tuple(days),
    )


def _check(as_of: date, until: date) -> None:
    message = None
    if not isinstance(until, date) or isinstance(until, datetime):
        message = Text("until 应为日期", "until should be a date")
    elif until <= as_of:
        message = Text(
            f"until（{until}）应晚于评价日 {as_of}：不能预测过去",
            f"until ({until}) should be after the assessment, {as_of}: the past is not forecast",
        )
    elif until > LATEST:
        message = Text(
            f"until（{until}）超出范围，最晚为 {LATEST}",
            f"until ({until}) is out of range; the latest is {LATEST}",
        )
    if message is not None:
        raise UsageError([Problem(message)])


def _rank(grading: Grading, told: Recommendation) -> int:
    """Return how good a recommendation is, by the order of the grading rules.

    They are read from the worst on; the best is what an organisation gets that conforms in all. The
    last rule holds where none other did: a recommendation named only there, unless it is the best,
    ranks below all.
    """
    names = [advice.id for _, advice in grading.recommendation]
    best = grading.recommend(count((), {}) | {"conforming": 1, "score_passed": 1}).id
    if told.id == best:
        return len(names)
    place = names.index(told.id)
    return -1 if place == len(names) - 1 else place


def _change(step: Step, asked: Requirement, turns: Sequence[Moment]) -> Change:
    name, title = asked.id, asked.title
    before, after = step.earlier.findings[name], step.later.findings[name]
    old, new = before.told, after.told
    text = Text(
        f"{name} {title.zh}：由{old.zh}变为{new.zh}", f"{name} {title.en}: {old.en} → {new.en}"
    )
    return Change(step.later.as_of, name, before, after, step.causes(asked, turns), text)
