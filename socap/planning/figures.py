"""Shares and counts that follow from records, as the facts they amount to."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import ceil, floor
from typing import TYPE_CHECKING

from socap.planning.circuit import FALSE, Circuit, Count
from socap.rules.expressions import Quantity
from socap.rules.facts import NO_CASE, Fact, known
from socap.rules.truth import UnknownReason

if TYPE_CHECKING:
    from socap.planning.choices import Choice


@dataclass(frozen=True, slots=True)
class Judged:
    """For each record: does it count, and does it satisfy, for certain or possibly."""

    counted: list[int] = field(default_factory=list)
    passed: list[int] = field(default_factory=list)
    failed: list[int] = field(default_factory=list)
    may_pass: list[int] = field(default_factory=list)
    not_met: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Span:
    """Each exact figure with its literal, and the literal that there is no figure at all."""

    exact: dict[int | float, int]
    none: int


def figures(
    circuit: Circuit, choice: Choice, given: int, judged: Judged
) -> tuple[tuple[Fact, int], ...]:
    """Return the facts of an item computed from records, with the literal of each.

    Without the list the direct answer counts. With it the records count, and a direct answer that
    they do not allow leaves the item unknown until it is withdrawn.
    """
    assert choice.item.computed is not None
    now, keep = choice.current, choice.keep
    found: list[tuple[Fact, int]] = list(choice.options)
    if now.unknown is None:
        found.append((now, circuit.both([keep, -given])))
    if given == FALSE:
        return tuple(found)
    share = choice.item.computed.quantity is Quantity.SHARE
    span = _share(circuit, judged) if share else _count(circuit, judged)
    open_now = now.unknown is not None and now.unknown is not UnknownReason.REJECTED
    free = circuit.both([given, circuit.either([choice.withdrawn, keep if open_now else FALSE])])
    held = circuit.both([given, keep if now.unknown is None else FALSE])
    for value, literal in span.exact.items():
        agreed = held if _agrees(now, value) else FALSE
        exact = known(int(value) if value == int(value) else value)
        found.append((exact, circuit.both([literal, circuit.either([free, agreed])])))
    if choice.item.accepts_no_case:
        found.append((NO_CASE, circuit.both([free, span.none])))
    if now.no_case:
        found.append((NO_CASE, circuit.both([held, span.none])))
    elif now.unknown is None:
        loose = circuit.both([held, -span.none, *(-one for one in span.exact.values())])
        found.append((now, circuit.both([loose, _allowed(circuit, judged, now, share=share)])))
    return tuple((fact, literal) for fact, literal in found if literal != FALSE)


def _half(direct: Fact) -> float:
    """Return half of the last digit in which a direct answer was given."""
    digits = len(str(direct.value).partition(".")[2]) if isinstance(direct.value, float) else 0
    return float(0.5 * 10.0**-digits)


def _agrees(direct: Fact, figure: int | float) -> bool:
    value, half = direct.value, _half(direct)
    return isinstance(value, (int, float)) and figure - half <= value <= figure + half


def _allowed(circuit: Circuit, judged: Judged, direct: Fact, *, share: bool) -> int:
    """Return whether a direct answer lies between the least and greatest figure of open records."""
    value, half = direct.value, _half(direct)
    assert isinstance(value, (int, float))
    passed, may_pass = circuit.count(judged.passed), circuit.count(judged.may_pass)
    if not share:
        least, most = floor(value + half) + 1, ceil(value - half)
        return circuit.both([-passed.at_least(least), may_pass.at_least(most)])
    not_met, failed = circuit.count(judged.not_met), circuit.count(judged.failed)
    above = circuit.ratio(passed, not_met, lambda p, q: _percent(p, q, 100.0) - half > value)
    reached = circuit.ratio(may_pass, failed, lambda p, q: _percent(p, q, 0.0) + half >= value)
    return circuit.both([-above, reached])


def _percent(good: int, bad: int, nothing: float) -> float:
    return 100 * good / (good + bad) if good + bad else nothing


def _count(circuit: Circuit, judged: Judged) -> _Span:
    passed = circuit.count(judged.passed)
    pairs = zip(judged.may_pass, judged.passed, strict=True)
    closed = circuit.both(circuit.either([-may, sure]) for may, sure in pairs)
    numbers = range(passed.low, passed.high + 1)
    return _Span({n: circuit.both([closed, passed.exactly(n)]) for n in numbers}, FALSE)


def _share(circuit: Circuit, judged: Judged) -> _Span:
    """Return the exact shares: all or none satisfy, or every record is settled."""
    counted: Count = circuit.count(judged.counted)
    some = counted.at_least(1)
    exact: dict[int | float, list[int]] = {
        100: [circuit.both([some, *(-n for n in judged.not_met)])],
        0: [circuit.both([some, *(-n for n in judged.may_pass)])],
    }
    triples = zip(judged.counted, judged.passed, judged.failed, strict=True)
    closed = circuit.both(circuit.either([-c, p, f]) for c, p, f in triples)
    passed = circuit.count(judged.passed)
    for size in range(max(counted.low, 1), counted.high + 1):
        whole = circuit.both([closed, counted.exactly(size)])
        for good in range(max(passed.low, 1), min(passed.high, size - 1) + 1):
            literal = circuit.both([whole, passed.exactly(good)])
            exact.setdefault(100 * good / size, []).append(literal)
    return _Span({value: circuit.either(ways) for value, ways in exact.items()}, -some)
