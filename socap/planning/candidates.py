"""The values an answer may be changed to: enough of them that no cheaper change is overlooked."""

from __future__ import annotations

import itertools
from datetime import date, timedelta
from fractions import Fraction
from math import ceil, floor
from typing import TYPE_CHECKING

from socap.answers import EARLIEST, LATEST, NUMBER_LIMIT
from socap.evidence import plausible
from socap.rules import expressions as x
from socap.rules.expressions import Operator
from socap.rules.facts import Fact, Facts, known
from socap.rules.implicant import FactRef
from socap.rules.vocabulary import NUMERIC, EvidenceItem, ValueType, Vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from socap.planning.scope import Reading

Number = int | float | Fraction


class Candidates:
    """Values at, between and beyond everything an answer is compared with.

    Conditions see an answer only through its order to literals, parameters, the assessment date
    and other answers. Answers compared with each other share one line of cuts; between two
    neighbouring cuts it has as many points as there are answers, so any order among them can be
    had. Whole numbers and days are as dense as they can be.
    """

    def __init__(
        self,
        words: Vocabulary,
        facts: Facts,
        current: Mapping[FactRef, Fact],
        readings: Iterable[Reading],
        computed: Mapping[FactRef, Iterable[Number]],
    ) -> None:
        self._words, self._facts, self._current = words, facts, current
        self._root: dict[FactRef, FactRef] = {}
        self._cuts: dict[str, set[Number]] = {}
        self._ids: dict[str, list[str]] = {}
        for ref in current:
            if ref.record:
                self._ids.setdefault(ref.key.split(".")[0], []).append(ref.record)
        self._ids = {name: list(dict.fromkeys(ids)) for name, ids in self._ids.items()}
        for reading in readings:
            self._read(reading)
        for key, item in words.items.items():
            if item.part_of is not None:
                self._join(FactRef(key), FactRef(item.part_of))
        self._members: dict[FactRef, list[FactRef]] = {}
        for ref in sorted({*self._root, *current, *computed}):
            self._members.setdefault(self._find(ref), []).append(ref)
        self._computed = computed
        self._lines: dict[FactRef, list[Number]] = {}

    def of(self, ref: FactRef) -> tuple[Fact, ...]:
        """Return the facts an answer may be changed to, the nearest to what it is now first."""
        item = self._words.everywhere(ref.key)
        assert item is not None
        now = self._current[ref].value
        match item.type:
            case ValueType.BOOLEAN:
                return tuple(known(v) for v in (True, False) if v is not now)
            case ValueType.ENUM:
                return tuple(known(v) for v in item.members if v != now)
            case ValueType.SET:
                return ()
            case ValueType.DATE:
                return self._dates(ref, item, now)
            case ValueType.INTEGER | ValueType.NUMBER | ValueType.PERCENT:
                return self._numbers(ref, item, now)

    def _dates(self, ref: FactRef, item: EvidenceItem, now: object) -> tuple[Fact, ...]:
        today = self._facts.as_of
        days = [date.fromordinal(int(day)) for day in self._line(ref)]
        kept = [d for d in days if d != now and plausible(d, item, today)]
        origin = now if isinstance(now, date) and not item.event else today
        kept.sort(key=lambda d: (abs((d - origin).days), d))
        return tuple(known(day) for day in kept)

    def _numbers(self, ref: FactRef, item: EvidenceItem, now: object) -> tuple[Fact, ...]:
        whole = item.type is ValueType.INTEGER
        found: dict[int | float, None] = {}
        for point in self._line(ref):
            if whole and point != floor(point):
                continue
            value = int(point) if point == floor(point) else float(point)
            if value != now and abs(value) <= NUMBER_LIMIT and plausible(value, item, self._day):
                found[value] = None
        thresholds = self._cuts.get(ref.key, set())
        if isinstance(now, (int, float)):
            near = now
            return tuple(known(v) for v in sorted(found, key=lambda v: (abs(v - near), v)))
        return tuple(known(v) for v in sorted(found, key=lambda v: (v not in thresholds, v)))

    @property
    def _day(self) -> date:
        return self._facts.as_of

    def _line(self, ref: FactRef) -> list[Number]:
        root = self._find(ref)
        if root not in self._lines:
            self._lines[root] = self._drawn(self._members[root])
        return self._lines[root]

    def _drawn(self, refs: list[FactRef]) -> list[Number]:
        items = [item for item in (self._words.everywhere(r.key) for r in refs) if item]
        dates = items[0].type is ValueType.DATE
        cuts: set[Number] = set()
        for ref, item in zip(refs, items, strict=True):
            cuts |= self._cuts.get(ref.key, set())
            cuts |= set(self._computed.get(ref, ()))
            value = self._current[ref].value if ref in self._current else None
            if isinstance(value, date):
                cuts.add(value.toordinal())
            elif isinstance(value, (int, float)):
                cuts.add(value)
            cuts |= {0, 100} if item.type is ValueType.PERCENT else set()
        size = len(refs)
        if dates:
            cuts |= {self._day.toordinal()}
            low, high = EARLIEST.toordinal(), LATEST.toordinal()
            points = _whole(sorted(cuts), size)
            return [p for p in points if low <= p <= high]
        cuts |= {0}
        whole = sum(item.type is ValueType.INTEGER for item in items)
        points = _whole(sorted(cuts), whole) if whole else sorted(cuts)
        return points if whole == size else _between(points, size - whole)

    def _read(self, reading: Reading) -> None:
        condition, operand = reading.condition, reading.condition.operand
        if isinstance(operand, x.ItemRef):
            ids = self._ids.get(reading.record, []) if reading.record else [""]
            for name in ids:
                left = self._resolve(condition.item, name, reading)
                right = self._resolve(operand.key, name, reading)
                if left is not None and right is not None:
                    self._join(left, right)
            return
        found = self._cuts.setdefault(condition.item, set())
        if isinstance(operand, x.AsOf):
            found.add(self._day.toordinal())
        elif isinstance(operand, (x.Literal, x.ParameterRef)):
            value = (
                self._facts.parameters.get(operand.name)
                if isinstance(operand, x.ParameterRef)
                else operand.value
            )
            if condition.operator is Operator.WITHIN and isinstance(value, (int, float)):
                reach = min(floor(value), (self._day - EARLIEST).days + 1)
                found |= {self._day.toordinal(), (self._day - timedelta(days=reach)).toordinal()}
            elif isinstance(value, date):
                found.add(value.toordinal())
            elif isinstance(value, (int, float)) and not isinstance(value, bool):
                found.add(value)

    def _resolve(self, key: str, record: str, reading: Reading) -> FactRef | None:
        if record and reading.record and key in self._words.records[reading.record].fields:
            return FactRef(key, record)
        return None if reading.alone else FactRef(key)

    def _find(self, ref: FactRef) -> FactRef:
        while ref in self._root and self._root[ref] != ref:
            ref = self._root[ref]
        return ref

    def _join(self, one: FactRef, other: FactRef) -> None:
        item = self._words.everywhere(one.key)
        if item is None or (item.type not in NUMERIC and item.type is not ValueType.DATE):
            return
        for ref in (one, other):
            self._root.setdefault(ref, ref)
        self._root[self._find(other)] = self._find(one)


def _whole(line: list[Number], size: int) -> list[Number]:
    """Return the cuts, up to `size` whole numbers in each gap between them, and as many beyond."""
    points: set[Number] = set(line)
    for low, high in itertools.pairwise(line):
        first = floor(low) + 1
        points |= set(range(first, min(first + size, ceil(high))))
    points |= {floor(line[0]) - n for n in range(size + 1)}
    points |= {ceil(line[-1]) + n for n in range(size + 1)}
    return sorted(points)


def _between(line: list[Number], size: int) -> list[Number]:
    """Return the points, `size` more in each gap between them, and as many beyond."""
    points: list[Number] = [line[0] - n for n in range(size, 0, -1)]
    for low, high in itertools.pairwise(line):
        step = (Fraction(high) - Fraction(low)) / (size + 1)
        points += [low, *(float(Fraction(low) + n * step) for n in range(1, size + 1))]
    return [*points, *(line[-1] + n for n in range(size + 1))]
