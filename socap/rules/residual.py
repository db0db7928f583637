"""Partial evaluation: what is left of a rule when only some facts are known."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from socap.rules import expressions as x
from socap.rules.simplify import simplify
from socap.rules.truth import Truth

if TYPE_CHECKING:
    from collections.abc import Callable

NEVER = x.Not(x.Always())


def residual(expression: x.Expression, decide: Callable[[x.Expression], Truth]) -> x.Expression:
    """Return the part of a rule that the known facts leave open.

    `decide` gives the truth of a condition or quantifier on those facts. The result is `Always()`
    where the rule holds already, and `Not(Always())` where it cannot hold any more.
    """
    return simplify(_open(expression, decide))


def _open(node: x.Expression, decide: Callable[[x.Expression], Truth]) -> x.Expression:
    match node:
        case x.Always():
            return node
        case x.Not(part):
            return x.Not(_open(part, decide))
        case x.All(parts):
            return x.All(tuple(_open(part, decide) for part in parts))
        case x.Any(parts):
            return x.Any(tuple(_open(part, decide) for part in parts))
        case x.Condition() | x.Quantified():
            truth = decide(node)
            if truth is Truth.UNKNOWN:
                return node
            return x.Always() if truth is Truth.TRUE else NEVER
    assert_never(node)
