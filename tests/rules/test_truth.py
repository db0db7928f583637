"""The truth tables, written out. Source: Kleene's strong logic of three values."""

from __future__ import annotations

import pytest

from socap.rules.truth import Truth, both, either, negated

T, F, U = Truth.TRUE, Truth.FALSE, Truth.UNKNOWN


@pytest.mark.parametrize(
    ("left", "right", "conjunction", "disjunction"),
    [
        (T, T, T, T),
        (T, F, F, T),
        (T, U, U, T),
        (F, T, F, T),
        (F, F, F, F),
        (F, U, F, U),
        (U, T, U, T),
        (U, F, F, U),
        (U, U, U, U),
    ],
)
def test_junctions(left: Truth, right: Truth, conjunction: Truth, disjunction: Truth) -> None:
    assert both([left, right]) is conjunction
    assert either([left, right]) is disjunction


def test_negation_and_empty_junctions() -> None:
    assert [negated(v) for v in (T, F, U)] == [F, T, U]
    assert both([]) is T
    assert either([]) is F
