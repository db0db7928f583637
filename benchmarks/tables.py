"""A table, as text for a terminal and as Markdown."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from timing import Timing


@dataclass
class Table:
    """A titled table with a note below it."""

    title: str
    columns: tuple[str, ...]
    note: str = ""
    rows: list[tuple[str, ...]] = field(default_factory=list)

    def add(self, *cells: str) -> None:
        """Append a row; cells that are not given are empty."""
        self.rows.append((*cells, *("",) * (len(self.columns) - len(cells))))

    def markdown(self) -> str:
        """Return the table in Markdown."""
        lines = [f"### {self.title}", "", _line(self.columns)]
        lines.append(_line(("---", *("---:",) * (len(self.columns) - 1))))
        lines += [_line(row) for row in self.rows]
        return "\n".join([*lines, *(["", self.note] if self.note else []), ""])

    def text(self) -> str:
        """Return the table in columns."""
        every = [self.columns, *self.rows]
        wide = [max(len(row[place]) for row in every) for place in range(len(self.columns))]
        lines = [
            "  ".join(
                cell.ljust(width) if place == 0 else cell.rjust(width)
                for place, (cell, width) in enumerate(zip(row, wide, strict=True))
            ).rstrip()
            for row in every
        ]
        rule = "-" * max(map(len, lines))
        note = [self.note] if self.note else []
        return "\n".join([self.title, rule, lines[0], rule, *lines[1:], *note, ""])


def _line(cells: tuple[str, ...]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def duration(seconds: float) -> str:
    """Return a time with three figures and its unit.

    >>> duration(0.00123)
    '1.23 ms'
    """
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= size:
            return f"{figures(seconds / size)} {unit}"
    return f"{figures(seconds * 1e9)} ns"


def figures(number: float) -> str:
    """Return a number with three figures.

    >>> figures(12.345), figures(1234.5)
    ('12.3', '1234')
    """
    return f"{number:.{2 if number < 10 else 1 if number < 100 else 0}f}"


def times(timing: Timing, base: Timing | None) -> str:
    """Return how many times longer than the base."""
    return "" if base is None else f"{figures(timing.seconds / base.seconds)}×"


def spread(timing: Timing) -> str:
    """Return the noise of a timing."""
    return f"±{100 * timing.noise:.0f} %"
