"""A plan as plain values and as text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from socap.errors import Text

if TYPE_CHECKING:
    from socap.errors import Lang
    from socap.planning.plan import Conflict, Plan
    from socap.planning.steps import Move, Step

ASSUMPTION = Text(
    "排程假设：每步所用为自然日；若某要求的前置要求（直接或间接）还有待办步骤，服务于该要求的步骤须等其完成后开始，其余步骤同时进行；总工作量为各步之和",
    "Scheduling: days are calendar days; a step starts once the steps are finished that serve a prerequisite (direct or not) of the first requirement it serves; all others go side by side; the total effort is the sum over all steps",
)


def values(plan: Plan) -> dict[str, Any]:
    """Return a plan as plain JSON values."""
    return {
        "reached": plan.conflict is None,
        "target": list(plan.target),
        "as_of": plan.as_of.isoformat(),
        "start": plan.start.isoformat(),
        "cost": plan.cost,
        "finish": plan.finish.isoformat(),
        "scheduling": ASSUMPTION.to_dict(),
        "steps": [_step(one) for one in plan.steps],
        "unique": plan.unique,
        "alternatives": [[_move(move) for move in one] for one in plan.alternatives],
        "more_alternatives": plan.more,
        "broken": list(plan.broken),
        "conflict": None if plan.conflict is None else _conflict(plan.conflict),
    }


def _move(move: Move) -> dict[str, Any]:
    return {
        "key": move.key,
        "record": move.record or None,
        "title": move.title.to_dict(),
        "from": move.before.to_dict(),
        "to": move.after.to_dict(),
        "condition": move.condition.to_dict(),
        "cost": move.cost,
    }


def _step(step: Step) -> dict[str, Any]:
    return _move(step.move) | {
        "serves": list(step.serves),
        "unlocks": list(step.unlocks),
        "finish_days": step.finish_days,
        "finish": step.finish.isoformat(),
    }


def _conflict(conflict: Conflict) -> dict[str, Any]:
    return {
        "requirements": list(conflict.requirements),
        "locks": list(conflict.locks),
        "rules": list(conflict.rules),
        "circumstances": list(conflict.circumstances),
    }


def told(plan: Plan, lang: Lang) -> str:
    """Return a plan as text."""
    lines = _unreachable(plan.conflict) if plan.conflict is not None else _steps(plan)
    return "\n".join(line.in_language(lang) for line in lines) + "\n"


def _unreachable(conflict: Conflict) -> list[Text]:
    lines = [
        Text(
            "目标无法达到。以下各项不能同时成立：",
            "The target cannot be reached. These cannot hold together:",
        )
    ]
    for names, zh, en in (
        (conflict.requirements, "满足要求", "requirement conforms:"),
        (conflict.locks, "保持不变", "stays as it is:"),
        (conflict.rules, "不违反一致性规则", "consistency rule is kept:"),
    ):
        lines += [Text(f"  - {zh} {name}", f"  - {en} {name}") for name in names]
    if conflict.circumstances:
        names_told = ", ".join(conflict.circumstances)
        lines.append(
            Text(
                f"尚未回答的组织情形，请先回答：{names_told}",
                f"Circumstances not stated yet; answer these first: {names_told}",
            )
        )
    return lines


def _steps(plan: Plan) -> list[Text]:
    if not plan.steps:
        return [
            Text("目标已经达到，无需改动", "The target is reached already; nothing has to change")
        ]
    count, cost, finish = len(plan.steps), plan.cost, plan.finish.isoformat()
    lines = [
        Text(
            f"最省方案：{count} 步，共 {cost} 天工作量，最早于 {finish} 完成",
            f"Cheapest plan: {_many(count, 'step')}, {_many(cost, 'day')} of effort, done on {finish} at the earliest",
        ),
        ASSUMPTION,
    ]
    for index, step in enumerate(plan.steps, start=1):
        lines += [Text(f"{index}. {t.zh}", f"{index}. {t.en}") for t in [_line(step.move)]]
        if step.move.condition:
            asked = step.move.condition
            lines.append(Text(f"   须使：{asked.zh}", f"   so that {asked.en}"))
        serves, unlocks = ", ".join(step.serves) or "-", ", ".join(step.unlocks) or "-"
        lines.append(
            Text(
                f"   {step.move.cost} 天，最早于 {step.finish} 完成；服务于 {serves}；完成后符合：{unlocks}",
                f"   {_many(step.move.cost, 'day')}, done on {step.finish} at the earliest; serves {serves}; then conforming: {unlocks}",
            )
        )
    if plan.unique:
        lines.append(Text("此方案是唯一的最省方案", "No other set of changes costs as little"))
    for index, other in enumerate(plan.alternatives, start=1):
        lines.append(Text(f"同等成本的其他方案 {index}：", f"Other set at equal cost, {index}:"))
        known = {(s.move.key, s.move.record) for s in plan.steps}
        for move in other:
            if (move.key, move.record) not in known:
                lines += [Text(f"   + {t.zh}", f"   + {t.en}") for t in [_line(move)]]
        kept = {(m.key, m.record) for m in other}
        for step in plan.steps:
            if (step.move.key, step.move.record) not in kept:
                lines += [Text(f"   - {t.zh}", f"   - {t.en}") for t in [_line(step.move)]]
    if plan.more:
        lines.append(Text("还有更多同等成本的方案", "There are further sets at equal cost"))
    if plan.broken:
        names = ", ".join(plan.broken)
        lines.append(
            Text(
                f"注意：目标之外，以下要求将不再符合：{names}",
                f"Outside the target, these would no longer conform: {names}",
            )
        )
    return lines


def _line(move: Move) -> Text:
    record = (
        f" [{move.record if move.record.isprintable() else ascii(move.record)}]"
        if move.record
        else ""
    )
    place = move.key + record
    return Text(
        f"{place} {move.title.zh}：{move.before.zh} → {move.after.zh}",
        f"{place} {move.title.en}: {move.before.en} → {move.after.en}",
    )


def _many(number: int | float, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
