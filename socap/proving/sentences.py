"""What a proof says, as one sentence in both languages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from socap.errors import Text
from socap.rules import expressions as x
from socap.rules.prose import amount, describe

if TYPE_CHECKING:
    from collections.abc import Sequence

    from socap.clauses.requirement import Requirement
    from socap.proving.solver import Claim
    from socap.rules.vocabulary import Parameter, Vocabulary


def never_applies(r: Requirement) -> Text:
    """The condition under which it applies can never hold."""
    return Text(
        f"{r.id} 的适用条件永远不会成立", f"the condition under which {r.id} applies can never hold"
    )


def always_applies(r: Requirement) -> Text:
    """It has a condition that cannot fail."""
    return Text(
        f"{r.id} 写有适用条件，但任何组织都符合该条件",
        f"{r.id} has a condition for applying, yet every company meets it",
    )


def never_satisfiable(r: Requirement, told: Text | None = None) -> Text:
    """Nobody to whom it applies can meet it (under a profile)."""
    if told:
        return Text(
            f"{told.zh}时，{r.id} 适用，却没有任何组织能够满足",
            f"where {told.en}, {r.id} applies and no company can meet it",
        )
    return Text(f"{r.id} 没有任何组织能够满足", f"no company to which {r.id} applies can meet it")


def always_satisfied(r: Requirement) -> Text:
    """Everybody meets it."""
    return Text(
        f"{r.id} 适用时没有任何组织会不满足，该要求不起作用",
        f"no company to which {r.id} applies can fail it: it asks nothing",
    )


def implied(a: Requirement, b: Requirement) -> Text:
    """Whoever meets the one meets the other."""
    return Text(
        f"{a.id} 适用时 {b.id} 也适用，满足 {b.id} 就必然满足 {a.id}：{a.id} 没有增加内容",
        f"where {a.id} applies so does {b.id}, and whoever meets {b.id} meets {a.id}: "
        f"{a.id} adds nothing",
    )


def conflict(core: Sequence[Requirement], told: Text) -> Text:
    """They cannot be met together under a profile."""
    zh, en = "、".join(r.id for r in core), ", ".join(r.id for r in core)
    if not told:
        return Text(f"{zh} 不可能同时满足", f"{en} cannot be met together")
    return Text(
        f"{told.zh}时，{zh} 不可能同时满足", f"where {told.en}, {en} cannot be met together"
    )


def emptied(clause: str, excluded: Sequence[str]) -> Text:
    """Nothing of a clause is left to audit."""
    zh, en = "、".join(excluded), ", ".join(excluded)
    return Text(
        f"删减 {zh} 后，{clause} 的要求可能一条不剩（其余均不适用）",
        f"with {en} excluded, nothing of {clause} may be left (the rest does not apply)",
    )


def out_of_range(r: Requirement, p: Parameter, value: int | float, effect: Text) -> Text:
    """A value within a parameter's range makes a requirement idle or impossible."""
    told = amount(value, p.unit)
    return Text(
        f"参数 {p.name} 取 {told.zh}（允许 {p.minimum}–{p.maximum}）时，{r.id} {effect.zh}",
        f"with {p.name} at {told.en} (allowed: {p.minimum} to {p.maximum}) {r.id} {effect.en}",
    )


def profile(claims: Sequence[Claim], words: Vocabulary) -> Text:
    """The circumstances, in words; empty for none."""
    if not claims:
        return Text("", "")
    parts = tuple(c.expression if c.holds else x.Not(c.expression) for c in claims)
    return describe(x.All(parts), words)
