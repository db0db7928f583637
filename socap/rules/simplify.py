"""Smaller rules that mean the same in three-valued logic."""

from __future__ import annotations

from typing import assert_never

from socap.rules import expressions as x


def simplify(node: x.Expression) -> x.Expression:
    """Fold constants, flatten junctions, drop repetitions and double negations.

    >>> simplify(x.All((x.Always(), x.Not(x.Not(x.Always())))))
    Always()
    """
    match node:
        case x.Always() | x.Condition() | x.Quantified():
            return node
        case x.Not(part):
            inner = simplify(part)
            return inner.part if isinstance(inner, x.Not) else x.Not(inner)
        case x.All(parts):
            return _junction(parts, conjunctive=True)
        case x.Any(parts):
            return _junction(parts, conjunctive=False)
    assert_never(node)


def _junction(parts: tuple[x.Expression, ...], *, conjunctive: bool) -> x.Expression:
    always, never = x.Always(), x.Not(x.Always())
    neutral, decisive = (always, never) if conjunctive else (never, always)
    kind = x.All if conjunctive else x.Any
    kept: dict[x.Expression, None] = {}
    for part in map(simplify, parts):
        inner = part.parts if isinstance(part, kind) else (part,)
        kept.update(dict.fromkeys(p for p in inner if p != neutral))
    if decisive in kept:
        return decisive
    left = tuple(kept)
    if not left:
        return neutral
    return left[0] if len(left) == 1 else kind(left)
