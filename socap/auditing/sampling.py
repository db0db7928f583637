"""Which sites to visit and which records to look at: stated rules, highest risk first."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from socap.rules import expressions as x
from socap.rules.reference import judge
from socap.rules.truth import Truth, negated

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from fractions import Fraction

    from socap.auditing.figures import Chosen
    from socap.errors import Text
    from socap.rules.facts import Facts
    from socap.rules.vocabulary import Vocabulary

SITE = "site"
_FLOORS = ("profile.operates_data_centre", "profile.processes_financial_transactions")


@dataclass(frozen=True, slots=True)
class Sample:
    """How many of a population to look at, and which first.

    `named` are the ids chosen, `unnamed` how many more to choose among those not listed.
    """

    population: int
    named: tuple[str, ...]
    unnamed: int

    @property
    def size(self) -> int:
        """How many there are in the sample."""
        return len(self.named) + self.unnamed


@dataclass(frozen=True, slots=True)
class SiteSample:
    """The sites of each audit; `always` are visited every time, whatever the sample."""

    central: str
    always: tuple[str, ...]
    initial: Sample
    surveillance: Sample
    floor_unnamed: bool


@dataclass(frozen=True, slots=True)
class RecordSample:
    """The records of one type, failing and open ones first.

    `requirements` are those the sample serves, `spared` those that read the type though
    certificates show all that it would; where it serves none, nothing is sampled.
    """

    record: str
    title: Text
    sample: Sample
    failing: tuple[str, ...]
    open: tuple[str, ...]
    requirements: tuple[str, ...]
    spared: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Need:
    """A requirement's rule, the evidence items to be shown for it, and those settled otherwise."""

    requirement: str
    rule: x.Expression
    items: tuple[str, ...]
    settled: tuple[str, ...]


def root(population: int, times: Fraction) -> int:
    """Return `times` the square root of a population, rounded up, exactly.

    >>> from fractions import Fraction
    >>> [root(n, Fraction(1)) for n in (0, 1, 2, 4, 5, 9)], root(25, Fraction(3, 5))
    ([0, 1, 2, 2, 3, 3], 3)
    """
    square = times * times * population
    low = math.isqrt(math.floor(square))
    return min(population, low if low * low == square else low + 1)


def site_sample(
    facts: Facts,
    words: Vocabulary,
    risks: Sequence[str],
    total: int,
    central: str,
    floors: tuple[str, ...],
    chosen: Chosen,
) -> SiteSample:
    """Return which sites are visited; `risks` are the listed ids, highest risk first.

    Where the organisation has, or may have, a data centre or payment floor and nobody has said at
    which site, every listed site is visited: the one that matters might be any.
    """
    may = [key for key in _FLOORS if key.removeprefix("profile.") in words.flags]
    unsaid = not floors and total > 1 and any(facts.get(k).value is not False for k in may)
    fixed = {central, *floors} if central else set(floors)
    always = tuple(s for s in risks if s in fixed or unsaid)
    others = [s for s in risks if s not in always]
    like = total - len(always) - (not risks)

    def take(times: Fraction) -> Sample:
        size = root(like, times)
        named = (*always, *others[:size])
        return Sample(total, named, len(always) + size + (not risks) - len(named))

    return SiteSample(
        central, always, take(chosen["site_root"]), take(chosen["surveillance_site_root"]), unsaid
    )


def record_samples(
    facts: Facts, words: Vocabulary, needs: Sequence[Need], chosen: Chosen
) -> Iterator[RecordSample]:
    """Yield the sample of every record type that a requirement reads and the company lists."""
    for name, kind in words.records.items():
        listed = facts.records.get(name, ())
        if name == SITE or not listed:
            continue
        serves = [n for n in needs if _read(n.items, name, words)]
        spared = [n for n in needs if n not in serves and _read(n.settled, name, words)]
        if not (serves or spared):
            continue
        ranked, failing, unsettled = ranking(facts, words, name, [n.rule for n in serves])
        size = max(root(len(listed), chosen["record_root"]), math.ceil(chosen["least_records"]))
        named = ranked[:size] if serves else ()
        yield RecordSample(
            name,
            kind.title,
            Sample(len(listed), named, 0),
            failing,
            unsettled,
            tuple(n.requirement for n in serves),
            tuple(n.requirement for n in spared),
        )


def _read(items: Iterable[str], record: str, words: Vocabulary) -> bool:
    behind = words.expanded(items)
    return any(key == f"records.{record}" or key.startswith(f"{record}.") for key in behind)


def ranking(
    facts: Facts, words: Vocabulary, record: str, rules: Iterable[x.Expression]
) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Return all ids of a record type by risk, then those that fail and those that are open.

    A record fails a rule where it counts against it, and is open where that is not known; both are
    counted over all rules. Ids of equal risk are in order.
    """
    listed = facts.records.get(record, ())
    failing = {one.id: 0 for one in listed}
    unsettled = dict(failing)
    counted = [pair for rule in rules for pair in _counted(rule, record, words, wanted=Truth.TRUE)]
    for node, wanted in dict.fromkeys(counted):
        for one in listed:
            where, satisfies = judge(node, facts, one)
            if where is Truth.FALSE or satisfies is wanted:
                continue
            known = Truth.UNKNOWN not in (where, satisfies)
            (failing if known else unsettled)[one.id] += 1
    ranked = sorted(failing, key=lambda i: (-failing[i], -unsettled[i], i))
    return (
        tuple(ranked),
        tuple(i for i in ranked if failing[i]),
        tuple(i for i in ranked if unsettled[i] and not failing[i]),
    )


_MORE_IS_BETTER = frozenset({x.Operator.AT_LEAST, x.Operator.MORE_THAN})
_LESS_IS_BETTER = frozenset({x.Operator.AT_MOST, x.Operator.LESS_THAN})


def _counted(
    node: x.Expression, record: str, words: Vocabulary, *, wanted: Truth
) -> Iterator[tuple[x.Quantified, Truth]]:
    """Yield how records are counted, and whether a rule wants them to satisfy that or not."""
    match node:
        case x.All(parts) | x.Any(parts):
            for part in parts:
                yield from _counted(part, record, words, wanted=wanted)
        case x.Not(part):
            yield from _counted(part, record, words, wanted=negated(wanted))
        case x.Quantified() if node.record == record:
            yield node, wanted
        case x.Condition():
            item = words.items.get(node.item)
            made = item.computed if item is not None else None
            if made is None or made.record != record:
                return
            none = node.operator is x.Operator.IS and node.operand == x.Literal(0)
            how = x.Quantified(made.quantity, record, made.satisfies, made.where)
            if node.operator in _LESS_IS_BETTER or none:
                yield how, negated(wanted)
            elif node.operator in _MORE_IS_BETTER or node.operator is x.Operator.IS:
                yield how, wanted
        case x.Always() | x.Quantified():
            pass
