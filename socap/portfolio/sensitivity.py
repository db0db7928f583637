"""How far the outcomes of a portfolio hang on its parameters and on single answers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from socap.errors import EvidenceError, Problem, Text
from socap.evidence import Assurance
from socap.portfolio.columns import ID, refuse
from socap.portfolio.comparing import OUTCOMES, SIZE, Compared
from socap.portfolio.decoding import decode
from socap.portfolio.effects import Effect, Move, Sensitivity, with_roles
from socap.portfolio.faults import Fault
from socap.portfolio.kernel import Kernel
from socap.portfolio.reading import Portion, open_source
from socap.portfolio.repeats import REPEATED, digests
from socap.portfolio.revisions import Reach, Revisions, parameter
from socap.portfolio.trials import Trial, exchanged, grid, item_trials, steps
from socap.rules.planes import unpack

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from numpy.typing import NDArray

    from socap.portfolio.revisions import Outcomes, State, Touched
    from socap.standard import Standard

    Matrix = NDArray[np.int64]

BLOCK = 65_536
_NONE = np.zeros(0, np.uint64)


@dataclass(frozen=True, slots=True)
class Subject:
    """Trials of one item, or of one or two parameters: a row a value of the first."""

    rows: tuple[tuple[Trial, ...], ...]
    touched: tuple[Touched, ...]


def sensitivity(
    portions: Iterable[pa.RecordBatch | Portion],
    standard: Standard,
    *,
    as_of: date,
    assurance: Assurance | str = Assurance.DECLARED,
    parameters: Mapping[str, int | float] | None = None,
    ignore: Collection[str] = (),
    vary: Mapping[str, Sequence[int | float]] | None = None,
    combine: Mapping[str, Sequence[int | float]] | None = None,
    items: Mapping[str, Sequence[Any]] | None = None,
) -> Sensitivity:
    """Return what changes in a portfolio when a parameter or an answer is another.

    `vary` moves parameters to values one by one, `combine` one or two of them together, `items`
    exchanges the answer to an item (or `profile.<flag>`) in every organisation; what is moved to
    no values goes through the steps of its range (`trials.steps`), or to its best and worst value
    and to no answer. Where nothing is named, every parameter and every item is moved. Each figure
    is what assessing every organisation again would give; faulty rows are counted and left out.
    Raises EvidenceError for columns or values that cannot be, no rows, or an id in two portions,
    UsageError for unknown names or values outside their range.
    """
    kernel = Kernel(
        standard, as_of=as_of, assurance=assurance, parameters=parameters, ignore=ignore
    )
    if not (vary or combine or items):
        words = standard.vocabulary
        vary = {name: () for name, asked in words.parameters.items() if steps(asked)}
        items = dict.fromkeys((*words.items, *(f"profile.{name}" for name in words.flags)), ())
    reach = Reach(standard)
    grids = [grid(standard, {name: values}) for name, values in (vary or {}).items()]
    grids += [grid(standard, combine)] if combine else []
    subjects = [_subject(reach, rows) for rows in grids]
    for key, values in (items or {}).items():
        trials = item_trials(standard, key, values, kernel.parameters, as_of)
        touched = reach.touched(frozenset({key}))
        subjects.append(Subject(tuple((trial,) for trial in trials), (touched,)))
    sums = _Sums(standard, subjects)
    marks = [_NONE]
    for given in portions:
        portion = given if isinstance(given, Portion) else Portion(given)
        refuse(kernel.layout.problems(portion.batch.schema, kernel.ignore))
        for start in range(0, portion.batch.num_rows, BLOCK):
            batch = portion.batch.slice(start, BLOCK)
            rows = decode(batch, kernel.layout)
            rows.faults.found.extend(_within(portion.faults, start))
            sums.add(Compared(Revisions(rows, reach, kernel.moment, kernel.parameters), standard))
            ids = batch.column(batch.schema.get_field_index(ID)).cast(pa.string())
            marks.append(digests(ids)[~rows.faults.bad])
    twice = len(_repeated(marks))
    if twice:
        message = Text(f"{twice} 个 id 重复出现", f"{twice} ids appear more than once")
        raise EvidenceError([Problem(message, ID)])
    if not sums.organisations + sums.faulty:
        raise EvidenceError([Problem(Text("其中没有任何组织", "there is no organisation in it"))])
    return sums.told(kernel, as_of)


def sensitivity_of(
    source: str | Path,
    standard: Standard,
    *,
    query: str | None = None,
    ignore: Collection[str] = (),
    **options: Any,
) -> Sensitivity:
    """Return the sensitivity of a portfolio that `reading.open_source` reads.

    The other options are those of `sensitivity`. It is read twice: rows that share an id are
    faulty, as they are to `running.run`.
    """
    opened = open_source(Path(source), standard, by=None, ignore=ignore, query=query)

    def portions() -> Iterator[Portion]:
        for part in opened.parts():
            yield from part.portions(standard)

    def ids(portion: Portion) -> NDArray[np.uint64]:
        place = portion.batch.schema.get_field_index(ID)
        return digests(portion.batch.column(place).cast(pa.string()))

    twice = _repeated([_NONE, *(ids(portion) for portion in portions())])

    def marked() -> Iterator[Portion]:
        for portion in portions():
            rows = np.flatnonzero(np.isin(ids(portion), twice))
            yield replace(portion, faults=(*portion.faults, Fault(ID, rows, REPEATED)))

    return sensitivity(marked() if len(twice) else portions(), standard, **options)


def _repeated(marks: Sequence[NDArray[np.uint64]]) -> NDArray[np.uint64]:
    found, counts = np.unique(np.concatenate(marks), return_counts=True)
    twice: NDArray[np.uint64] = found[(counts > 1) & (found != 0)]
    return twice


def _within(faults: Iterable[Fault], start: int) -> Iterator[Fault]:
    for fault in faults:
        rows = fault.rows[(fault.rows >= start) & (fault.rows < start + BLOCK)] - start
        if len(rows):
            yield replace(fault, rows=rows)


def _subject(reach: Reach, rows: tuple[tuple[Trial, ...], ...]) -> Subject:
    names = rows[0][0].parameters
    return Subject(rows, tuple(reach.touched(frozenset({parameter(name)})) for name in names))


class _Sums:
    """The sums over all blocks, a place for each trial."""

    def __init__(self, standard: Standard, subjects: Sequence[Subject]) -> None:
        self.standard, self.subjects = standard, subjects
        self.organisations = self.faulty = 0
        self.base = np.zeros(SIZE, np.int64)
        trials = [trial for s in subjects for row in s.rows for trial in row]
        self.any = np.zeros(len(trials), np.int64)
        self.status = np.zeros((len(trials), SIZE, SIZE), np.int64)
        self.moves: list[dict[str, Matrix]] = [{} for _ in trials]

    def add(self, compared: Compared) -> None:
        """Add one block."""
        self.organisations += compared.sound
        self.faulty += compared.count - compared.sound
        sound = unpack(compared.revisions.sound, compared.count)
        self.base += np.bincount(compared.status[sound], minlength=SIZE)
        made = (
            found for subject in self.subjects for found in _outcomes(subject, compared.revisions)
        )
        for place, found in enumerate(made):
            number, status, moves = compared.changed(found)
            self.any[place] += number
            self.status[place] += status
            for name, matrix in moves.items():
                held = self.moves[place]
                held[name] = held[name] + matrix if name in held else matrix

    def told(self, kernel: Kernel, as_of: date) -> Sensitivity:
        """Return the sums in words."""
        effects: list[Effect] = []
        place = 0
        for subject in self.subjects:
            mine = []
            for trial in (trial for row in subject.rows for trial in row):
                moves = self.moves[place]
                order = [name for name in self.standard.requirements if name in moves]
                found = {name: _moves(moves[name]) for name in order}
                status = _moves(self.status[place])
                mine.append(Effect(trial, None, int(self.any[place]), status, found))
                place += 1
            effects += with_roles(mine)
        return Sensitivity(
            self.standard,
            as_of,
            kernel.moment.assurance,
            kernel.parameters,
            self.organisations,
            self.faulty,
            {outcome: int(number) for outcome, number in zip(OUTCOMES, self.base, strict=True)},
            tuple(effects),
        )


def _moves(matrix: Matrix) -> tuple[Move, ...]:
    return tuple(
        Move(OUTCOMES[before], OUTCOMES[after], int(matrix[before, after]))
        for before, after in zip(*np.nonzero(matrix), strict=True)
    )


def _outcomes(subject: Subject, revisions: Revisions) -> Iterator[dict[str, Outcomes]]:
    """Yield the outcomes that each trial touches, row by row.

    What depends on one parameter of two is decided once for each of its values, not for each pair.
    """
    base, reached = revisions.base, subject.touched

    def found(state: State, names: Iterable[str]) -> dict[str, Outcomes]:
        return {name: revisions.outcomes(name, state) for name in names}

    if len(reached) == 1:
        for (trial,) in subject.rows:
            yield found(_state(trial, base, reached[0], revisions), reached[0].requirements)
        return
    first, second = reached
    both = [name for name in first.requirements if name in second.requirements]
    other = list(subject.rows[0][0].parameters)[1]
    columns = []
    for trial in subject.rows[0]:
        alone = Trial({other: trial.parameters[other]})
        columns.append(found(_state(alone, base, second, revisions), second.requirements))
    for row in subject.rows:
        name, value = next(iter(row[0].parameters.items()))
        state = _state(Trial({name: value}), base, first, revisions)
        mine = found(state, first.requirements)
        for trial, column in zip(row, columns, strict=True):
            joint = {}
            if both:
                joint = found(_state(trial, state, second, revisions), both)
            yield mine | column | joint


def _state(trial: Trial, before: State, touched: Touched, revisions: Revisions) -> State:
    answers = {}
    if trial.item:
        item = revisions.reach.asked[trial.item]
        answers[trial.item] = exchanged(
            trial, item, revisions.sound, revisions.count, before.answered
        )
    return revisions.revised(before, trial.parameters, answers, touched)
