"""The arithmetic of an audit plan: the table, half days and exact roots."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest

from socap.auditing.days import base_days, effective_personnel, halves
from socap.auditing.sampling import root

EDGES = (1, 10, 11, 25, 26, 65, 66, 125, 126, 275, 276, 625, 626, 1175, 1176, 1775, 1776)


@pytest.mark.parametrize(
    ("effective", "expected"),
    list(zip(EDGES, (2, 2, 3, 3, 5, 5, 7, 7, 9, 9, 11, 11, 13, 13, 14, 14, 15), strict=True)),
)
def test_every_edge_of_the_table(effective: int, expected: int) -> None:
    assert base_days(effective) == expected


def test_more_persons_never_take_fewer_days() -> None:
    found = [base_days(n) for n in range(1, 5_000)]
    assert found == sorted(found)


def test_posts_of_one_task_count_as_their_root() -> None:
    assert effective_personnel(2600, [2025, 100]) == 2600 - 2125 + 45 + 10
    for posts in range(1, 2_000):
        assert effective_personnel(posts, [posts]) == math.ceil(math.sqrt(posts))


def test_half_days_are_the_nearest() -> None:
    for quarter in range(400):
        exact = Fraction(quarter, 16)
        assert abs(halves(exact) - exact) <= Fraction(1, 4)
        assert halves(exact + Fraction(1, 2)) == halves(exact) + Fraction(1, 2)


def test_roots_are_exact() -> None:
    for n in range(1, 2_000):
        assert root(n, Fraction(1)) == math.ceil(math.sqrt(n))
        part = root(n, Fraction(3, 5))
        assert (part - 1) ** 2 < Fraction(9, 25) * n <= part**2
    assert root(10**12, Fraction(1)) == 10**6
    assert root(4, Fraction(100)) == 4
