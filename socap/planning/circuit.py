"""Logic as clauses: gates that hold both ways, and counts of how many of some literals hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

TRUE, FALSE = 1, -1


class Circuit:
    """Numbered variables and the clauses that bind them; variable 1 is true.

    A gate is equivalent to what it stands for (G. S. Tseitin, 1968), so that its literal may be
    used in either sign; equal gates are one.
    """

    def __init__(self) -> None:
        self.clauses: list[tuple[int, ...]] = [(TRUE,)]
        self._top = TRUE
        self._gates: dict[tuple[int, ...], int] = {}
        self._counts: dict[tuple[int, ...], Count] = {}

    def variable(self) -> int:
        """Return a new variable."""
        self._top += 1
        return self._top

    def require(self, *literals: int) -> None:
        """Demand that one of the literals holds."""
        if TRUE not in literals:
            self.clauses.append(tuple(n for n in dict.fromkeys(literals) if n != FALSE))

    def both(self, literals: Iterable[int]) -> int:
        """Return the literal of a conjunction.

        >>> circuit = Circuit()
        >>> a, b = circuit.variable(), circuit.variable()
        >>> circuit.both([a, TRUE, b]) == circuit.both([b, a]), circuit.both([a, -a]) == FALSE
        (True, True)
        """
        kept = tuple(sorted({n for n in literals if n != TRUE}))
        if FALSE in kept or any(-n in kept for n in kept if n > 0):
            return FALSE
        if len(kept) < 2:
            return kept[0] if kept else TRUE
        if kept not in self._gates:
            gate = self._gates[kept] = self.variable()
            self.clauses.extend((-gate, n) for n in kept)
            self.clauses.append((gate, *(-n for n in kept)))
        return self._gates[kept]

    def either(self, literals: Iterable[int]) -> int:
        """Return the literal of a disjunction."""
        return -self.both(-n for n in literals)

    def either_of(self, literals: Sequence[int]) -> int:
        """Return the literal of a disjunction, built step by step from the longer run of literals.

        Disjunctions that grow along the same sequence share their steps.
        """
        held = [index for index, literal in enumerate(literals) if literal != FALSE]
        if not held:
            return FALSE
        backward = len(literals) - held[-1] < held[0] + 1
        made = FALSE
        for index in reversed(held) if backward else held:
            made = self.either([made, literals[index]])
        return made

    def one_of(self, literals: Sequence[int]) -> None:
        """Demand that exactly one of the literals holds."""
        self.require(*literals)
        self.at_most_one(literals)

    def at_most_one(self, literals: Sequence[int]) -> None:
        """Demand that no two of the literals hold (ladder encoding)."""
        before = FALSE
        for literal in literals:
            self.require(-literal, -before)
            before = self.either([before, literal])

    def count(self, literals: Sequence[int]) -> Count:
        """Return how many of the literals hold, as something to ask of."""
        key = tuple(literals)
        if key not in self._counts:
            self._counts[key] = Count(self, key)
        return self._counts[key]

    def ratio(self, good: Count, bad: Count, enough: Callable[[int, int], bool]) -> int:
        """Return whether `enough(good, bad)` holds, which more good only helps and more bad harms."""
        parts, need = [], 0
        for harm in range(bad.low, bad.high + 1):
            while need <= good.high and not enough(need, harm):
                need += 1
            parts.append(self.either([-bad.at_least(harm), good.at_least(need)]))
            if need > good.high:
                break
        return self.both(parts)


class Count:
    """How many of some literals hold: between `low` and `high`.

    A sequential counter (C. Sinz, 2005), built column by column as far as it is asked for, on the
    literals or on their negations, whichever is shorter.
    """

    def __init__(self, circuit: Circuit, literals: tuple[int, ...]) -> None:
        self._circuit = circuit
        self._free = [n for n in literals if n not in (TRUE, FALSE)]
        self._columns: dict[bool, list[list[int]]] = {
            sign: [[TRUE] * (len(self._free) + 1)] for sign in (True, False)
        }
        self.low = sum(n == TRUE for n in literals)
        self.high = self.low + len(self._free)

    def at_least(self, number: int) -> int:
        """Return the literal that at least so many hold."""
        need, size = number - self.low, len(self._free)
        if need <= 0:
            return TRUE
        if need > size:
            return FALSE
        if 2 * need > size + 1:
            return -self._column(size - need + 1, positive=False)
        return self._column(need, positive=True)

    def exactly(self, number: int) -> int:
        """Return the literal that just so many hold."""
        return self._circuit.both([self.at_least(number), -self.at_least(number + 1)])

    def _column(self, number: int, *, positive: bool) -> int:
        columns, gate = self._columns[positive], self._circuit
        while len(columns) <= number:
            before, column = columns[-1], [FALSE]
            for index, literal in enumerate(self._free):
                taken = gate.both([literal if positive else -literal, before[index]])
                column.append(gate.either([column[index], taken]))
            columns.append(column)
        return columns[number][-1]
