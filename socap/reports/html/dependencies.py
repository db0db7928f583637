"""Where each open requirement stands in the picture of what rests on what."""

from __future__ import annotations

from dataclasses import dataclass
from graphlib import TopologicalSorter
from typing import TYPE_CHECKING

from socap.findings import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from socap.reports.record import FindingRow, ReportRecord

DRAWN = 200
_TITLED = 40
_WIDTH = 870


@dataclass(frozen=True, slots=True)
class Node:
    """One open requirement, by column and row."""

    finding: FindingRow
    column: int
    row: int


@dataclass(frozen=True, slots=True)
class Drawing:
    """The nodes, the edges from prerequisite to dependent, and how many are left out.

    The flag of an edge is true for the branches of the tree, the others are drawn faintly. `titled` says whether there is room for titles; `pitch` is the width of a column in pixels.
    """

    nodes: tuple[Node, ...]
    edges: tuple[tuple[Node, Node, bool], ...]
    left_out: int
    titled: bool
    pitch: int
    columns: int
    rows: int


@dataclass(frozen=True, slots=True)
class OpenRow:
    """One open requirement of the table: what it rests on and what it holds up, both open."""

    finding: FindingRow
    holds_up: tuple[str, ...]


def open_rows(made: ReportRecord) -> tuple[OpenRow, ...]:
    """Return the open requirements, root causes first, then those that hold up most."""
    found = made.having(Outcome.NONCONFORMING, Outcome.UNDETERMINED)
    held: dict[str, list[str]] = {f.requirement: [] for f in found}
    for one in found:
        for needed in one.prerequisites:
            if needed in held:
                held[needed].append(one.requirement)
    rows = (OpenRow(f, tuple(held[f.requirement])) for f in found)
    return tuple(sorted(rows, key=_rank))


def _rank(row: OpenRow) -> tuple[bool, bool, int]:
    decided = row.finding.outcome is Outcome.NONCONFORMING
    return not row.finding.root_cause, not decided, -len(row.holds_up)


def drawing(rows: Sequence[OpenRow]) -> Drawing:
    """Return the picture of the first `DRAWN` open requirements.

    A requirement stands one column right of its deepest prerequisite, level with it or below, as
    the branches of a tree; other lines are drawn faintly; requirements without any connection fill a grid underneath.
    """
    chosen = {r.finding.requirement: r.finding for r in rows[:DRAWN]}
    needs = {name: [p for p in f.prerequisites if p in chosen] for name, f in chosen.items()}
    column: dict[str, int] = {}
    for name in TopologicalSorter(needs).static_order():
        column[name] = max((column[p] + 1 for p in needs[name]), default=0)
    parent: dict[str, str] = {}
    branches: dict[str, list[str]] = {name: [] for name in chosen}
    for name, prerequisites in needs.items():
        if prerequisites:
            parent[name] = max(prerequisites, key=lambda p: column[p])
            branches[parent[name]].append(name)
    starts = [name for name in chosen if not needs[name]]
    trees = [name for name in starts if branches[name]]
    row, taken = _grown(trees, branches)
    titled = len(chosen) <= _TITLED
    pitch = 216 if titled else 108
    columns = max(_WIDTH // pitch, *(c + 1 for c in column.values()), 1)
    alone = [name for name in starts if not branches[name]]
    for i, name in enumerate(alone):
        row[name], column[name] = taken + i // columns, i % columns
    nodes = {name: Node(f, column[name], row[name]) for name, f in chosen.items()}
    return Drawing(
        tuple(nodes.values()),
        tuple(
            (nodes[p], nodes[name], parent[name] == p)
            for name, before in needs.items()
            for p in before
        ),
        len(rows) - len(chosen),
        titled,
        pitch,
        columns,
        taken + -(-len(alone) // columns),
    )


def _grown(trees: Iterable[str], branches: dict[str, list[str]]) -> tuple[dict[str, int], int]:
    """Return the row of every node of some trees, and how many rows they take."""
    row: dict[str, int] = {}
    taken = 0

    def grow(name: str) -> None:
        nonlocal taken
        row[name] = taken
        for i, branch in enumerate(branches[name]):
            taken += i > 0
            grow(branch)

    for name in trees:
        grow(name)
        taken += 1
    return row, taken
