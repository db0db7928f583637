"""durable_rules used naively: everything a message, every verdict a rule; see `chaining`."""

from __future__ import annotations

import json
from importlib import import_module
from itertools import count
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def durable(source: Any) -> Callable[[Any], list[int]]:
    """Compile one rule set: a rule a verdict, keyed by the requirement; a message a requirement."""
    native = import_module("durable_rules_engine")
    fired: set[tuple[str, int]] = set()
    numbers = count(1)

    def consequent(name: str, side: int) -> Callable[[Any], None]:
        return lambda _: fired.add((name, side))

    # Deleting the state of a session in which no rule has fired ends the process: one always does.
    opening = {"all": [{"m": {"opening": 1}}], "run": lambda _: None}
    rules: dict[str, Any] = {"opening": opening}
    reads: dict[str, set[str]] = {}
    always: set[tuple[str, int]] = set()
    for name, *sides in source:
        reads[name] = {word for side in sides for word in _properties(side)}
        for side, condition in enumerate(sides):
            if condition is True:
                always.add((name, side))
            elif condition is not False:
                when = {"$and": [{"requirement": name}, condition]}
                run = consequent(name, side)
                rules[f"r{len(rules)}"] = {"all": [{"m": when}], "run": run}
    engine = import_module("durable.engine").Ruleset("naive", object(), rules)

    def decide(row: Any) -> list[int]:
        fired.clear()
        session = f"s{next(numbers)}"
        told = _told(row, reads)
        messages: list[dict[str, Any]] = [{"sid": session, "id": next(numbers), "opening": 1}]
        messages += [
            {"sid": session, "id": next(numbers), "requirement": name}
            | {word: told[word] for word in words if word in told}
            for name, words in reads.items()
        ]
        _, state = native.assert_facts(engine._handle, json.dumps(messages))  # noqa: SLF001
        failures: list[Any] = []
        engine.do_actions(state, lambda error, _: failures.append(error))
        if any(failures):
            raise RuntimeError(str(failures))
        engine.delete_state(session)
        held = fired | always
        return [_verdict([(name, side) in held for side in range(4)]) for name in reads]

    return decide


def _properties(condition: Any) -> Iterator[str]:
    if isinstance(condition, dict):
        for word, inside in condition.items():
            if not word.startswith("$"):
                yield word
            for part in inside if isinstance(inside, list) else [inside]:
                yield from _properties(part)


def _told(row: Any, reads: dict[str, set[str]]) -> dict[str, Any]:
    """Return the properties of a row: members of sets, sizes and differences spelled out."""
    told: dict[str, Any] = {}
    for word in set().union(*reads.values()):
        if word in row:
            told[word] = row[word]
        elif word.startswith("known_"):
            told[word] = True if row[word.removeprefix("known_")] is not None else None
        elif "/" in word:
            name, _, member = word.partition("/")
            told[word] = None if row[name] is None else member in row[name]
        elif word.endswith("#"):
            told[word] = None if row[word[:-1]] is None else len(row[word[:-1]])
        else:
            left, right = (row[name] for name in word.split("-"))
            told[word] = None if left is None or right is None else left - right
    return {word: value for word, value in told.items() if value is not None}


def _verdict(held: list[bool]) -> int:
    applies, not_applies, met, unmet = held
    if applies:
        return 3 if met else 4 if unmet else 2
    return 1 if not_applies else 0
