"""What is wrong in the rows of a portfolio; a row with a fault is left out as a whole."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from socap.errors import Problem, Text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from socap.rules.planes import Counts, Flags

    Note: TypeAlias = Callable[[Flags, Text], None]

SHOWN = 3


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong in some rows of a column; rows count from 0 within the batch."""

    column: str
    rows: NDArray[np.int64]
    message: Text

    def problem(self, ids: Sequence[str | None], before: int = 0) -> Problem:
        """Return the problem, naming the first few rows by number (from 1) and id.

        `ids` are those of the batch, `before` the number of rows in earlier batches.
        """
        first = [int(row) for row in self.rows[:SHOWN]]
        names = [(before + row + 1, str(ids[row] or "")[:40]) for row in first]
        more = len(self.rows) - len(first)
        zh = "、".join(f"第 {number} 行（{name}）" for number, name in names)
        en = ", ".join(f"row {number} ({name})" for number, name in names)
        if more:
            zh, en = f"{zh}等共 {len(self.rows)} 行", f"{en} and {more} more"
        message = Text(f"{self.message.zh}：{zh}", f"{self.message.en}: {en}")
        return Problem(message, self.column)


class Faults:
    """Collects the faults of one batch."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.found: list[Fault] = []

    @property
    def bad(self) -> Flags:
        """Where a row has a fault."""
        marked = np.zeros(self.count, np.bool_)
        for fault in self.found:
            marked[fault.rows] = True
        return marked

    def of(self, column: str, offsets: Counts | None = None) -> Note:
        """Return what notes faults of a column; with offsets its entries are records of rows."""

        def note(where: Flags, message: Text) -> None:
            rows = np.flatnonzero(where)
            if offsets is not None:
                rows = np.unique(np.searchsorted(offsets, rows, side="right") - 1)
            if len(rows):
                self.found.append(Fault(column, rows.astype(np.int64), message))

        return note
