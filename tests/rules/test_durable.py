"""What the decision engine is asked to do, and what it is spared."""

from __future__ import annotations

from datetime import date

import pytest

from socap.errors import UsageError
from socap.rules import durable
from socap.rules.durable import DurableReader, DurableReaders, build
from socap.rules.expressions import Always, Condition, Literal, Not, Operator, Quantified, Quantity
from socap.rules.facts import Facts, RecordFacts, known
from socap.rules.interpreter import Decision, Rule, interpreter
from socap.rules.truth import Truth

REMOTE = Condition("profile.remote", Operator.IS, Literal(True))
FIRST = Condition("a.first", Operator.IS, Literal(True))
SECOND = Condition("a.second", Operator.IS, Literal(True))
RULES = (Rule("one", REMOTE, FIRST), Rule("two", REMOTE, SECOND))


def facts(**values: bool) -> Facts:
    items = {"profile.remote": known(True), "a.first": known(True), "a.second": known(False)}
    return Facts(
        date(2026, 11, 1), items | {k.replace("_", "."): known(v) for k, v in values.items()}
    )


def test_rules_of_the_same_circumstances_share_what_decides_that_they_apply() -> None:
    reader = build(RULES, {})
    assert isinstance(reader, DurableReader)
    assert reader.applies["one"] is reader.applies["two"]
    assert reader.decide(facts()) == {
        "one": Decision(Truth.TRUE, Truth.TRUE),
        "two": Decision(Truth.TRUE, Truth.FALSE),
    }


def test_an_open_session_decides_one_of_two_that_share_after_a_change() -> None:
    session = build(RULES, {}).open(facts())
    session.decide(facts(), ["one", "two"])
    local = facts(profile_remote=False)
    not_applicable = Decision(Truth.FALSE, Truth.UNKNOWN)
    assert session.decide(local, ["one"]) == {"one": not_applicable}
    assert session.decide(local, ["two"]) == {"two": not_applicable}
    assert session.decide(facts(), ["two"]) == {"two": Decision(Truth.TRUE, Truth.FALSE)}
    session.close()


def test_what_holds_in_every_circumstance_is_not_asked_of_the_engine() -> None:
    anybody = Quantified(Quantity.SOME, "person", satisfies=Always(), where=Always())
    reader = build((Rule("one", Always(), anybody), Rule("two", Not(Always()), FIRST)), {})
    assert isinstance(reader, DurableReader)
    assert not any(block.rules for block in reader.applies["one"].every_block)
    assert not any(block.rules for block in reader.applies["two"].every_block)
    assert not any(block.rules for block in reader.satisfied["one"].blocks.values())
    for records, truth in (((), Truth.FALSE), ((RecordFacts("p1", {}),), Truth.TRUE)):
        given = Facts(date(2026, 11, 1), {}, {"person": records})
        assert reader.decide(given) == {
            "one": Decision(Truth.TRUE, truth),
            "two": Decision(Truth.FALSE, Truth.UNKNOWN),
        }


def test_rules_that_share_are_split_among_rule_sets(monkeypatch: pytest.MonkeyPatch) -> None:
    rules = (*RULES, Rule("three", REMOTE, FIRST), Rule("four", Always(), SECOND))
    monkeypatch.setattr(durable, "KINDS", 3)
    reader = build(rules, {})
    assert isinstance(reader, DurableReaders)
    assert reader.decide(facts()) == interpreter("reference", rules, {}).decide(facts())
    monkeypatch.setattr(durable, "KINDS", 1)
    with pytest.raises(UsageError, match="too large"):
        build(rules, {})
