"""What trials change in a portfolio: sums over all organisations, told in words or as a table."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from io import BytesIO, StringIO
from typing import TYPE_CHECKING, Any

from socap.errors import Text
from socap.findings import OUTCOME_TITLES, Outcome
from socap.portfolio.trials import Like, Trial, written
from socap.rules.prose import amount

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    import pyarrow as pa

    from socap.errors import Lang
    from socap.evidence import Assurance
    from socap.standard import Standard

SHOWN = 5


class Role(StrEnum):
    """What an answer is among all those that the rules tell apart."""

    BEST = "best"
    WORST = "worst"
    UNKNOWN = "unknown"


ROLE_TITLES = {
    Role.BEST: Text("最好", "best"),
    Role.WORST: Text("最差", "worst"),
    Role.UNKNOWN: Text("未知", "unknown"),
}


@dataclass(frozen=True, slots=True)
class Move:
    """How many organisations come from one outcome to another."""

    before: Outcome
    after: Outcome
    organisations: int

    def in_language(self, lang: Lang) -> str:
        """Return the move in words."""
        was, now = (OUTCOME_TITLES[o].in_language(lang) for o in (self.before, self.after))
        return f"{was} → {now} {self.organisations:,}"


@dataclass(frozen=True, slots=True)
class Effect:
    """What one trial changes; `organisations` have a finding that comes out differently."""

    trial: Trial
    role: Role | None
    organisations: int
    status: tuple[Move, ...]
    requirements: dict[str, tuple[Move, ...]]

    @property
    def statuses(self) -> int:
        """How many organisations have another status."""
        return sum(move.organisations for move in self.status)

    def gain(self, outcome: Outcome) -> int:
        """Return how many more findings have an outcome."""
        moves = [move for found in self.requirements.values() for move in found]
        gained = sum(m.organisations for m in moves if m.after is outcome)
        return gained - sum(m.organisations for m in moves if m.before is outcome)

    def told(self, lang: Lang) -> str:
        """Return the parameter values, or the answer."""
        answer = self.trial.answer
        if not self.trial.item:
            return " × ".join(map(str, self.trial.parameters.values()))
        if isinstance(answer, Like):
            return Text(f"同 {answer.key}", f"same as {answer.key}").in_language(lang)
        return _plain(written(answer))

    def to_dict(self) -> dict[str, Any]:
        """Return the effect as plain JSON values."""
        about: dict[str, Any] = {"parameters": self.trial.parameters}
        if self.trial.item:
            about = {
                "item": self.trial.item,
                "role": None if self.role is None else self.role.value,
                "answer": {"same_as": self.trial.answer.key}
                if isinstance(self.trial.answer, Like)
                else written(self.trial.answer),
            }
        return {
            **about,
            "organisations": self.organisations,
            "status": _listed(self.status),
            "requirements": {name: _listed(moves) for name, moves in self.requirements.items()},
        }


def _plain(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, list):
        return f"[{', '.join(value)}]"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _listed(moves: Iterable[Move]) -> list[dict[str, Any]]:
    return [
        {"before": m.before.value, "after": m.after.value, "organisations": m.organisations}
        for m in moves
    ]


@dataclass(frozen=True, eq=False)
class Sensitivity:
    """The effects of all trials on one portfolio.

    `faulty` rows were left out; `status` counts the organisations as they are.
    """

    standard: Standard
    as_of: date
    assurance: Assurance
    parameters: dict[str, int | float]
    organisations: int
    faulty: int
    status: dict[Outcome, int]
    effects: tuple[Effect, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain JSON values."""
        return {
            "standard": {"id": self.standard.id, "hash": self.standard.hash},
            "as_of": self.as_of.isoformat(),
            "assurance": self.assurance.value,
            "parameters": dict(sorted(self.parameters.items())),
            "organisations": self.organisations,
            "faulty": self.faulty,
            "status": {outcome.value: number for outcome, number in self.status.items()},
            "effects": [effect.to_dict() for effect in self.effects],
        }

    def to_text(self, lang: Lang) -> str:
        """Return one line a trial, what changes most statuses first; then what changes nothing."""
        say = _Words(lang)
        title = self.standard.title.in_language(lang)
        lines = [
            say(
                f"敏感性：{title}，评价日 {self.as_of}", f"Sensitivity: {title}, as of {self.as_of}"
            )
        ]
        now = say.joined(
            f"{OUTCOME_TITLES[outcome].in_language(lang)} {number:,}"
            for outcome, number in self.status.items()
            if number
        )
        total = f"{self.organisations:,}"
        lines.append(
            say(f"组织 {total} 家；目前结论：{now}", f"{total} organisations; status now: {now}")
        )
        if self.faulty:
            faulty = f"{self.faulty:,}"
            lines.append(say(f"数据有误而未计入：{faulty} 行", f"Faulty rows left out: {faulty}"))
        if any(effect.role is not None for effect in self.effects):
            lines.append(
                say(
                    "最好、最差：在规则能区分的答案中，使符合的审核发现最多、不符合的最多者",
                    "best, worst: of all answers that the rules tell apart, the one with which most "
                    "findings conform, and the one with which most do not",
                )
            )
        idle = []
        groups: dict[tuple[str, ...], list[Effect]] = {}
        for effect in self.effects:
            subject = (effect.trial.item,) if effect.trial.item else tuple(effect.trial.parameters)
            groups.setdefault(subject, []).append(effect)
        for subject, effects in sorted(groups.items(), key=lambda group: _weight(group[1])):
            if any(effect.organisations for effect in effects):
                lines += ["", self._headed(subject, lang)]
                lines += [_line(effect, say) for effect in effects]
            else:
                idle.append(" × ".join(subject))
        if idle:
            lines += [
                "",
                say("不改变任何审核发现：", "No finding changes with: ") + say.joined(idle),
            ]
        return "\n".join(lines) + "\n"

    def _headed(self, subject: tuple[str, ...], lang: Lang) -> str:
        say, words = _Words(lang), self.standard.vocabulary
        heads = []
        for name in subject:
            item = words.outside_records(name)
            if item is not None:
                heads.append(say(f"{name}（{item.title.zh}）", f"{name} ({item.title.en})"))
                continue
            asked, value = words.parameters[name], self.parameters.get(name)
            now = Text("未设", "not set") if value is None else amount(value, asked.unit)
            zh, en = f"{asked.title.zh}，现值 {now.zh}", f"{asked.title.en}, now {now.en}"
            heads.append(say(f"{name}（{zh}）", f"{name} ({en})"))
        return " × ".join(heads)

    def to_table(self) -> pa.Table:
        """Return an Arrow table, one row a move; the row of `any` says how many have one at all."""
        import pyarrow as pa  # noqa: PLC0415  an extra, and only when a table is asked for

        text, number = pa.string(), pa.float64()
        names = {"parameter": text, "value": number, "second_parameter": text}
        names |= {"second_value": number, "item": text, "answer": text, "role": text}
        names |= {"finding": text, "before": text, "after": text, "organisations": pa.int64()}
        rows = [dict(zip(names, row, strict=True)) for e in self.effects for row in _rows(e)]
        return pa.Table.from_pylist(rows, pa.schema(list(names.items())))

    def to_parquet(self) -> bytes:
        """Return the table as a Parquet file."""
        import pyarrow.parquet as pq  # noqa: PLC0415  as above

        out = BytesIO()
        pq.write_table(self.to_table(), out)
        return out.getvalue()

    def to_csv(self) -> str:
        """Return the table as CSV."""
        import csv  # noqa: PLC0415  only when it is asked for

        table, out = self.to_table(), StringIO()
        writer = csv.writer(out, lineterminator="\r\n")
        writer.writerow(table.column_names)
        writer.writerows(row.values() for row in table.to_pylist())
        return out.getvalue()


class _Words:
    def __init__(self, lang: Lang) -> None:
        self.lang = lang

    def __call__(self, zh: str, en: str) -> str:
        return zh if self.lang == "zh" else en

    def joined(self, parts: Iterable[str]) -> str:
        return self("，", ", ").join(parts)


def _weight(effects: list[Effect]) -> tuple[int, int]:
    return -max(e.statuses for e in effects), -max(e.organisations for e in effects)


def _line(effect: Effect, say: _Words) -> str:
    head = effect.told(say.lang)
    if effect.role is not None:
        role = ROLE_TITLES[effect.role].in_language(say.lang)
        head = role if effect.role is Role.UNKNOWN else f"{role} {head}"
    if not effect.organisations:
        return say(f"  {head}：无变化", f"  {head}: no change")
    moves = say.joined(move.in_language(say.lang) for move in effect.status)
    status = say("结论不变", "status unchanged")
    if moves:
        status = say(
            f"结论变化 {effect.statuses:,} 家（{moves}）",
            f"status changes in {effect.statuses:,} ({moves})",
        )
    sums = {
        name: sum(m.organisations for m in found) for name, found in effect.requirements.items()
    }
    most = sorted(sums, key=lambda name: -sums[name])
    shown = [f"{name} {sums[name]:,}" for name in most[:SHOWN]]
    if len(most) > SHOWN:
        shown.append(say(f"另 {len(most) - SHOWN} 项", f"{len(most) - SHOWN} more"))
    found = say(
        f"审核发现变化 {effect.organisations:,} 家（{say.joined(shown)}）",
        f"findings change in {effect.organisations:,} ({say.joined(shown)})",
    )
    return say(f"  {head}：{status}；{found}", f"  {head}: {status}; {found}")


def _rows(effect: Effect) -> Iterator[tuple[Any, ...]]:
    pairs: list[Any] = [part for pair in effect.trial.parameters.items() for part in pair]
    pairs += [None] * (4 - len(pairs))
    about: list[str | None] = [None, None, None]
    if effect.trial.item:
        role = None if effect.role is None else effect.role.value
        about = [effect.trial.item, effect.told("en"), role]
    yield (*pairs, *about, "any", None, None, effect.organisations)
    for name, moves in (("status", effect.status), *effect.requirements.items()):
        for move in moves:
            yield (*pairs, *about, name, move.before.value, move.after.value, move.organisations)


def with_roles(effects: list[Effect]) -> list[Effect]:
    """Return the effects of one item with only the best, the worst and no answer of those searched.

    Best is the answer with which most findings conform, and of these fewest are nonconforming;
    worst that with which most are nonconforming, and of these fewest conform. Of equals the first
    counts.
    """
    searched = [e for e in effects if e.trial.searched]
    if not searched:
        return effects
    unknown, *rest = searched

    def gains(effect: Effect) -> tuple[int, int]:
        return effect.gain(Outcome.CONFORMING), effect.gain(Outcome.NONCONFORMING)

    best = max(rest, key=lambda e: (gains(e)[0], -gains(e)[1]))
    worst = max(rest, key=lambda e: (gains(e)[1], -gains(e)[0]))
    roles = {Role.BEST: best, Role.WORST: worst, Role.UNKNOWN: unknown}
    return [replace(effect, role=role) for role, effect in roles.items()]
