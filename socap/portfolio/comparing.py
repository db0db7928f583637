"""Which organisations of a block come out otherwise once some outcomes are others."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from socap.clauses.requirement import Obligation
from socap.findings import Outcome
from socap.portfolio.kernel import COUNTS
from socap.rules.batch import Batch, Column
from socap.rules.columnar import Evaluation
from socap.rules.planes import ones, unpack, zeros

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from socap.portfolio.revisions import Outcomes, Revisions
    from socap.rules.planes import Plane
    from socap.standard import Standard

    Codes = NDArray[np.uint8]
    Matrix = NDArray[np.int64]

OUTCOMES = tuple(Outcome)
SIZE = len(OUTCOMES)
_NONCONFORMING, _UNDETERMINED = (
    OUTCOMES.index(o) for o in (Outcome.NONCONFORMING, Outcome.UNDETERMINED)
)
_COUNTED = (*COUNTS, "undetermined_shall")
_SCORES = ("score_passed", "score_failed", "score_open")


class Compared:
    """One block of rows as it is, with which changed outcomes are compared."""

    def __init__(self, revisions: Revisions, standard: Standard) -> None:
        self.revisions, self.standard = revisions, standard
        self.count = revisions.count
        self.sound = int(np.bitwise_count(revisions.sound).sum())
        self.outcomes = {
            name: revisions.outcomes(name, revisions.base) for name in standard.requirements
        }
        self.codes = {name: _coded(found, self.count) for name, found in self.outcomes.items()}
        self.counts = np.zeros((len(_COUNTED), self.count), np.int16)
        for name, codes in self.codes.items():
            self._add(self.counts, name, codes)
        self.status = self._rolled_up(self.counts)

    def _add(
        self, counts: NDArray[np.int16], name: str, codes: Codes, step: np.ufunc = np.add
    ) -> None:
        made = self.standard.requirements[name]
        for code, row in enumerate(counts[:SIZE]):
            step(row, codes == code, out=row)
        grade = counts[COUNTS.index(made.severity.value)]
        step(grade, codes == _NONCONFORMING, out=grade)
        if made.obligation is Obligation.SHALL:
            step(counts[-1], codes == _UNDETERMINED, out=counts[-1])

    def _rolled_up(self, counts: NDArray[np.int16]) -> Codes:
        count = counts.shape[1]
        every, nowhere = ones(count), zeros(count)
        items = {
            f"findings.{name}": Column(values, every, nowhere)
            for name, values in zip(_COUNTED, counts, strict=True)
        }
        nothing = np.zeros(count, np.int16)
        items |= {f"findings.{name}": Column(nothing, every, nowhere) for name in _SCORES}
        reach = self.revisions.reach
        scope = Evaluation(reach.grading, Batch(count, date.min, items))
        status = np.zeros(count, np.uint8)
        for step, outcome in reversed(reach.status):
            status[unpack(scope.truth(step).true, count)] = OUTCOMES.index(outcome)
        return status

    def changed(self, found: dict[str, Outcomes]) -> tuple[int, Matrix, dict[str, Matrix]]:
        """Return how many rows have another outcome, how the status moves, and each finding."""
        anywhere, moves = zeros(self.count), {}
        for name, after in found.items():
            matrix, differ = _moved(self.outcomes[name], after)
            if matrix.any():
                moves[name] = matrix
                anywhere |= differ
        rows = np.flatnonzero(unpack(anywhere, self.count))
        if not len(rows):
            return 0, np.zeros((SIZE, SIZE), np.int64), {}
        counts = self.counts.take(rows, axis=1)
        for name in moves:
            self._add(counts, name, self.codes[name].take(rows), np.subtract)
            self._add(counts, name, _coded(found[name], self.count).take(rows))
        pairs = self.status[rows].astype(np.int64) * SIZE + self._rolled_up(counts)
        status = np.bincount(pairs, minlength=SIZE * SIZE).reshape(SIZE, SIZE)
        np.fill_diagonal(status, 0)
        return len(rows), status, moves


def _coded(found: Outcomes, count: int) -> Codes:
    codes = np.full(count, _UNDETERMINED, np.int8)
    for code, plane in enumerate(found):
        codes += np.int8(code - _UNDETERMINED) * unpack(plane, count).view(np.int8)
    return codes.view(np.uint8)


def _moved(before: Outcomes, after: Outcomes) -> tuple[Matrix, Plane]:
    matrix, differ = np.zeros((SIZE, SIZE), np.int64), np.zeros_like(before[0])
    for code, plane in enumerate(before):
        left = plane & ~after[code]
        if not left.any():
            continue
        differ |= left
        for other, now in enumerate(after):
            matrix[code, other] = np.bitwise_count(left & now).sum()
    return matrix, differ
