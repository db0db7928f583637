"""What every deciding reader offers, and the table from which they are loaded on first use."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Protocol

from socap.errors import Text, unknown_name
from socap.rules.truth import Truth

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from socap.rules.expressions import Expression
    from socap.rules.facts import Facts


@dataclass(frozen=True, slots=True)
class Rule:
    """What one requirement asks: when it applies and when it is satisfied."""

    id: str
    applies: Expression
    satisfied: Expression


@dataclass(frozen=True, slots=True)
class Decision:
    """How one rule came out; `satisfied` is only decided where the rule may apply."""

    applies: Truth
    satisfied: Truth


def decision(applies: Truth, satisfied: Truth) -> Decision:
    """Return the decision, with satisfaction left open where applicability is not true."""
    return Decision(applies, satisfied if applies is Truth.TRUE else Truth.UNKNOWN)


class Live(Protocol):
    """A session that stays open and re-decides the rules it is asked for."""

    def decide(self, facts: Facts, chosen: Iterable[str]) -> Mapping[str, Decision]:
        """Return the decisions on the chosen rules, on these facts."""

    def close(self) -> None:
        """Give back what the session holds."""


class Interpreter(Protocol):
    """A reader that decides rules."""

    def decide(self, facts: Facts) -> Mapping[str, Decision]:
        """Return the decision on every rule, in the order of the rules."""

    def open(self, facts: Facts) -> Live:
        """Return a session that stays open for facts with these parameters."""


READERS = ("durable", "reference", "compiled")


def interpreter(
    name: str, rules: Sequence[Rule], parameters: Mapping[str, int | float]
) -> Interpreter:
    """Return the reader of that name for these rules. Raises UsageError for an unknown name."""
    if name not in READERS:
        raise unknown_name(Text("规则解释器", "rule reader"), name, READERS)
    build = import_module(f"socap.rules.{name}").build
    reader: Interpreter = build(tuple(rules), dict(parameters))
    return reader
