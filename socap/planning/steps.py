"""One step of a plan: which answer, from what to what, to what end and until when."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from math import ceil
from typing import TYPE_CHECKING

from socap.errors import Text
from socap.explanation import show
from socap.planning.scope import Scope, Wish
from socap.rules import expressions as x
from socap.rules.expressions import Operator
from socap.rules.facts import MISSING, Fact, Facts
from socap.rules.prose import describe
from socap.rules.reference import evaluate
from socap.rules.truth import Truth

if TYPE_CHECKING:
    from fractions import Fraction

    from socap.assessment import Assessment
    from socap.planning.schedule import Placed
    from socap.planning.solving import Change
    from socap.rules.facts import RecordFacts
    from socap.rules.vocabulary import Vocabulary

_LISTED, _UNLISTED = Text("已列入", "listed"), Text("未列入", "not listed")


@dataclass(frozen=True, slots=True)
class Move:
    """One answer changed: what it is called, its state before and after, and what is asked of it.

    `record` is empty outside records; a record that is added has the key `records.<type>`.
    `condition` says which values would do; empty where only consistency asks for the change.
    """

    key: str
    record: str
    title: Text
    before: Text
    after: Text
    condition: Text
    cost: int | float


@dataclass(frozen=True, slots=True)
class Step:
    """One move, what it is good for, and its earliest finish, in days from the start and as a date.

    `serves` names the requirements that would not be reached without it; `unlocks`, those that
    conform from this step on.
    """

    move: Move
    serves: tuple[str, ...]
    unlocks: tuple[str, ...]
    finish_days: int | float
    finish: date


def step(placed: Placed, move: Move, start: date) -> Step:
    """Return the step that a placed change is, its days rounded up to whole ones."""
    end = start + timedelta(days=ceil(placed.finish))
    return Step(move, placed.serves, placed.unlocks, number(placed.finish), end)


def number(days: Fraction) -> int | float:
    """Return days as they are written."""
    return int(days) if days.denominator == 1 else float(days)


def move(before: Assessment, after: Assessment, change: Change, read: Scope) -> Move:
    """Return a change in words, given the assessments before and after the whole plan."""
    key, record = change.ref.key, change.ref.record
    words, cost = before.standard.vocabulary, number(change.cost)
    if key.startswith("records."):
        title = words.records[key.removeprefix("records.")].title
        return Move(key, record, title, _UNLISTED, _LISTED, Text("", ""), cost)
    item = words.everywhere(key)
    assert item is not None
    facts = tuple(_fact(made.facts, key, record) for made in (before, after))
    old, new = (show(fact, item) for fact in facts)
    if change.fact is None:
        new = Text(f"{new.zh}（以记录为准）", f"{new.en} (as the records say)")
    asked = _condition(before, after, change, read, words)
    return Move(key, record, item.title or item.question, old, new, asked, cost)


def _entry(facts: Facts, key: str, record: str) -> RecordFacts | None:
    listed = facts.records.get(key.split(".", maxsplit=1)[0], ()) if record else ()
    return next((one for one in listed if one.id == record), None)


def _fact(facts: Facts, key: str, record: str) -> Fact:
    entry = _entry(facts, key, record)
    if record and entry is None:
        return MISSING
    return facts.get(key, entry)


def _condition(
    before: Assessment, after: Assessment, change: Change, read: Scope, words: Vocabulary
) -> Text:
    """Return, in words, what is asked of an answer that holds after the plan and did not before."""
    key, record = change.ref.key, change.ref.record
    disputed = {rule.id: rule.message for rule in before.disputed}
    told: dict[Text, None] = {}
    for one in read.readings:
        node, operand = one.condition, one.condition.operand
        other = operand.key if isinstance(operand, x.ItemRef) else ""
        if key not in (node.item, other) or one.selects or node.operator is Operator.PRESENT:
            continue
        truths = [evaluate(node, a.facts, _entry(a.facts, key, record)) for a in (before, after)]
        wished = Truth.FALSE if one.wish is Wish.FALSE else Truth.TRUE
        if truths[1] is not wished or truths[0] is wished:
            continue
        if not one.rule:
            fields = words.records[one.record].fields if one.record else {}
            rule = node if wished is Truth.TRUE else x.Not(node)
            vocabulary = replace(words, items={**words.items, **fields})
            told[describe(rule, vocabulary, after.parameters)] = None
        elif one.rule in disputed:
            message = disputed[one.rule]
            told[Text(f"消除矛盾（{message.zh}）", f"this no longer holds: {message.en}")] = None
    return Text("；".join(t.zh for t in told), "; ".join(t.en for t in told))
