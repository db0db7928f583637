"""Exact counts over a portfolio, of a size that does not grow with it; two of them add up."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from socap.clauses.requirement import Grade
from socap.errors import EvidenceError, Problem, Text
from socap.findings import Outcome

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from socap.standard import Standard

OUTCOMES = tuple(Outcome)
GROUP_LIMIT = 1000
EXTREMES = 5
COUNTS = ("findings", "statuses", "unmet", "open", "clauses")
_NONCONFORMITIES = (Grade.MAJOR.value, Grade.MINOR.value)
_BAD = OUTCOMES.index(Outcome.NONCONFORMING)


@dataclass(frozen=True)
class Shape:
    """What is counted: requirements, which of them are mandatory, and which lie below a clause.

    `tops` are the clauses that patterns are made of: the headings at the top.
    """

    requirements: tuple[str, ...]
    mandatory: tuple[int, ...]
    clauses: dict[str, tuple[int, ...]]
    tops: tuple[str, ...]

    @cached_property
    def places(self) -> tuple[tuple[str, NDArray[np.intp]], ...]:
        """The clauses with the places of their mandatory requirements."""
        kept = set(self.mandatory)
        return tuple(
            (clause, np.array([i for i in below if i in kept], np.intp))
            for clause, below in self.clauses.items()
        )


def shape(standard: Standard) -> Shape:
    """Return what there is to count for a standard."""
    below: dict[str, list[int]] = {heading: [] for heading in standard.headings}
    for place, requirement in enumerate(standard.requirements.values()):
        clause: str | None = requirement.clause
        while clause is not None:
            below[clause].append(place)
            clause = standard.headings[clause].parent
    clauses = {clause: tuple(found) for clause, found in below.items() if found}
    mandatory = [
        place
        for place, requirement in enumerate(standard.requirements.values())
        if requirement.severity is not Grade.OPPORTUNITY
    ]
    tops = [clause for clause in clauses if standard.headings[clause].parent is None]
    return Shape(tuple(standard.requirements), tuple(mandatory), clauses, tuple(tops[:16]))


@dataclass(slots=True)
class Group:
    """The counts of one group of organisations; a nonconformity is an unmet mandatory requirement.

    `findings` counts by requirement and outcome, `unmet` and `open` organisations by how many
    nonconformities and undetermined findings they have, `clauses` those with a nonconformity below a
    clause. `most` and `fewest` are the organisations at the ends, as (nonconformities, row, id).
    """

    faulty: int
    findings: NDArray[np.int64]
    statuses: NDArray[np.int64]
    unmet: NDArray[np.int64]
    open: NDArray[np.int64]
    clauses: NDArray[np.int64]
    most: list[tuple[int, int, str]]
    fewest: list[tuple[int, int, str]]

    @classmethod
    def empty(cls, requirements: int, clauses: int) -> Group:
        """Return the counts of no organisation."""
        one, two, three = (np.zeros(n, np.int64) for n in (5, requirements + 1, requirements + 1))
        findings = np.zeros((requirements, len(OUTCOMES)), np.int64)
        return cls(0, findings, one, two, three, np.zeros(clauses, np.int64), [], [])

    @property
    def organisations(self) -> int:
        """How many were assessed."""
        return int(self.statuses.sum())

    def add(self, other: Group) -> None:
        """Add the counts of other organisations."""
        self.faulty += other.faulty
        for name in COUNTS:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.most = sorted([*self.most, *other.most], key=_falling)[:EXTREMES]
        self.fewest = sorted([*self.fewest, *other.fewest])[:EXTREMES]


def _falling(entry: tuple[int, int, str]) -> tuple[int, int]:
    return -entry[0], entry[1]


class Tally:
    """The counts of a portfolio, or of a part of it.

    `pairs` counts organisations in which two mandatory requirements are both unmet, `patterns` by
    which top clauses have a nonconformity (a bit each).
    """

    def __init__(self, shape: Shape) -> None:
        self.shape = shape
        self.groups: dict[str, Group] = {}
        size = len(shape.mandatory)
        self.pairs = np.zeros((size, size), np.int64)
        self.patterns = np.zeros(1 << len(shape.tops), np.int64)

    def _group(self, name: str) -> Group:
        made = self.groups.get(name)
        if made is None:
            if len(self.groups) == GROUP_LIMIT:
                message = Text(
                    f"分组列有超过 {GROUP_LIMIT} 个不同的值",
                    f"the column to group by has more than {GROUP_LIMIT} different values",
                )
                raise EvidenceError([Problem(message)])
            sizes = len(self.shape.requirements), len(self.shape.clauses)
            made = self.groups[name] = Group.empty(*sizes)
        return made

    def add(self, other: Tally) -> None:
        """Add the counts of other organisations. Raises EvidenceError for too many groups."""
        for name, group in other.groups.items():
            self._group(name).add(group)
        self.pairs += other.pairs
        self.patterns += other.patterns

    def count(self, outcomes: pa.RecordBatch, by: pa.Array | None, before: int) -> None:
        """Count a batch of findings, one row an organisation, null where it is faulty.

        `by` names the group of each row, `before` is the number of rows in front of the batch.
        Raises EvidenceError for too many groups.
        """
        names, member = _members(by, outcomes.num_rows)
        good = outcomes.column("status").is_valid().to_numpy(zero_copy_only=False)
        for place, number in enumerate(np.bincount(member[~good], minlength=len(names))):
            self._group(names[place]).faulty += int(number)
        rows = np.flatnonzero(good) + before
        if len(rows) < len(good):
            outcomes, member = outcomes.filter(pa.array(good)), member[good]
        if not len(rows):
            return
        codes = np.empty((len(self.shape.requirements), len(rows)), np.int8)
        for place, name in enumerate(self.shape.requirements):
            codes[place] = _codes(outcomes.column(name))
        base = member * len(OUTCOMES)
        size = len(names) * len(OUTCOMES)
        findings = np.array([np.bincount(base + row, minlength=size) for row in codes])
        statuses = np.bincount(base + _codes(outcomes.column("status")), minlength=size)
        bad = codes[list(self.shape.mandatory)] == _BAD
        unmet = sum(
            outcomes.column(grade).to_numpy(zero_copy_only=False) for grade in _NONCONFORMITIES
        )
        opened = outcomes.column(Outcome.UNDETERMINED.value).to_numpy(zero_copy_only=False)
        below = self._below(codes)
        self._together(bad, below)
        ids = outcomes.column("id")
        for place, name in enumerate(names):
            chosen = np.flatnonzero(member == place) if len(names) > 1 else np.arange(len(rows))
            if len(chosen):
                part = slice(place * len(OUTCOMES), (place + 1) * len(OUTCOMES))
                long = len(self.shape.requirements) + 1
                group = Group(
                    0,
                    findings[:, part],
                    statuses[part],
                    np.bincount(unmet[chosen], minlength=long),
                    np.bincount(opened[chosen], minlength=long),
                    np.count_nonzero(below[:, chosen], axis=1),
                    _ends(-unmet[chosen], unmet, chosen, rows, ids),
                    _ends(unmet[chosen], unmet, chosen, rows, ids),
                )
                self._group(name).add(group)

    def _below(self, codes: NDArray[np.int8]) -> NDArray[np.bool_]:
        """Return, for each clause, which organisations have a nonconformity at or below it."""
        unmet = codes == _BAD
        return np.array([np.logical_or.reduce(unmet[below]) for _, below in self.shape.places])

    def _together(self, bad: NDArray[np.bool_], below: NDArray[np.bool_]) -> None:
        padding = -bad.shape[1] % 64
        words = np.packbits(np.pad(bad, ((0, 0), (0, padding))), axis=1).view(np.uint64)
        for place, row in enumerate(words):
            both = np.bitwise_count(words[place:] & row).sum(axis=1, dtype=np.int64)
            self.pairs[place, place:] += both
        tops = [list(self.shape.clauses).index(clause) for clause in self.shape.tops]
        pattern = np.zeros(bad.shape[1], np.int64)
        for bit, place in enumerate(tops):
            pattern |= below[place].astype(np.int64) << bit
        self.patterns += np.bincount(pattern, minlength=len(self.patterns))

    def to_dict(self) -> dict[str, Any]:
        """Return the counts as plain values, to be stored between two runs."""
        return {
            "groups": {
                name: {f.name: _plain(getattr(group, f.name)) for f in fields(group)}
                for name, group in self.groups.items()
            },
            "pairs": self.pairs.tolist(),
            "patterns": {str(i): int(self.patterns[i]) for i in np.flatnonzero(self.patterns)},
        }

    @classmethod
    def from_dict(cls, told: dict[str, Any], shape: Shape) -> Tally:
        """Return what `to_dict` told."""
        made = cls(shape)
        for name, group in told["groups"].items():
            found = made._group(name)
            found.faulty = group["faulty"]
            for array in COUNTS:
                setattr(found, array, np.array(group[array], np.int64))
            found.most, found.fewest = (
                [(unmet, row, one) for unmet, row, one in group[end]] for end in ("most", "fewest")
            )
        made.pairs += np.array(told["pairs"], np.int64).reshape(made.pairs.shape)
        for place, number in told["patterns"].items():
            made.patterns[int(place)] = number
        return made


def _plain(value: Any) -> Any:
    return value.tolist() if isinstance(value, np.ndarray) else value


def _members(by: pa.Array | None, count: int) -> tuple[list[str], NDArray[np.int64]]:
    """Return the names of groups in order of appearance, and the group of each row."""
    if by is None:
        return [""], np.zeros(count, np.int64)
    coded = pc.fill_null(by.cast(pa.string()), "").dictionary_encode()
    return coded.dictionary.to_pylist(), coded.indices.to_numpy().astype(np.int64)


def _codes(column: pa.DictionaryArray) -> NDArray[Any]:
    """Return outcomes as places in OUTCOMES."""
    given = [Outcome(name) for name in column.dictionary.to_pylist()]
    indices = column.indices.to_numpy(zero_copy_only=False)
    if given == list(OUTCOMES):
        return np.asarray(indices)
    places = np.array([OUTCOMES.index(outcome) for outcome in given], np.int8)
    return np.asarray(places[indices])


def _ends(
    key: NDArray[Any],
    unmet: NDArray[Any],
    chosen: NDArray[np.intp],
    rows: NDArray[np.intp],
    ids: pa.Array,
) -> list[tuple[int, int, str]]:
    """Return those of the chosen organisations whose key is least, earlier rows first."""
    limit = np.partition(key, min(EXTREMES, len(key)) - 1)[min(EXTREMES, len(key)) - 1]
    first = np.concatenate([np.flatnonzero(key < limit), np.flatnonzero(key == limit)[:EXTREMES]])
    places = chosen[first[np.argsort(key[first], kind="stable")][:EXTREMES]]
    return [(int(unmet[p]), int(rows[p]), ids[int(p)].as_py()) for p in places]
