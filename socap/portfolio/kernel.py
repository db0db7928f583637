"""Assesses a batch of organisations at once: what `socap.assess` finds, as columns."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from socap.clauses.requirement import Grade, Obligation
from socap.evidence import Assurance, asked_for
from socap.findings import Outcome
from socap.portfolio import columns
from socap.portfolio.computing import above_total, computed, without
from socap.portfolio.decoding import decode
from socap.portfolio.settling import Moment, Settled, answered, record_columns
from socap.rules.batch import Batch, Column
from socap.rules.columnar import Evaluation
from socap.rules.planes import ones, pack, unpack, zeros
from socap.rules.program import Program
from socap.rules.vocabulary import TYPES_KEY

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import date

    from numpy.typing import NDArray

    from socap.portfolio.decoding import Rows
    from socap.portfolio.faults import Fault
    from socap.rules.planes import Plane
    from socap.standard import Standard

OUTCOMES = tuple(outcome.value for outcome in Outcome)
COUNTS = (*OUTCOMES, *(grade.value for grade in Grade))
_SCORES = ("score_passed", "score_failed", "score_open")
_CODES = np.arange(len(OUTCOMES), dtype=np.uint8)[:, np.newaxis]
_CONFORMING, _NONCONFORMING, _UNDETERMINED, _NOT_APPLICABLE, _EXCLUDED = range(5)


@dataclass(frozen=True, slots=True)
class Asked:
    """One requirement, as far as its outcome goes; its rules are steps of the kernel's program."""

    id: str
    applies: int
    satisfied: int
    allowed: int | None
    severity: Grade
    shall: bool


class Kernel:
    """Assesses batches against one standard, as of one date."""

    def __init__(
        self,
        standard: Standard,
        *,
        as_of: date,
        assurance: Assurance | str = Assurance.DECLARED,
        parameters: Mapping[str, int | float] | None = None,
        ignore: Collection[str] = (),
    ) -> None:
        self.moment = Moment(as_of, asked_for(as_of, assurance))
        self.parameters = standard.parameters(parameters)
        self.ignore = frozenset(ignore)
        self.layout = columns.layout(standard)
        words = standard.vocabulary
        self._rules, self._counted, self._contradicted = Program(), Program(), Program()
        self._grading = Program()
        add = self._rules.add
        self.requirements = tuple(
            Asked(
                r.id,
                add(r.applies_when),
                add(r.satisfied_when),
                add(r.exclusion.allowed_when) if r.exclusion is not None else None,
                r.severity,
                r.obligation is Obligation.SHALL,
            )
            for r in standard.requirements.values()
        )
        self._conditions = self._rules.conditions()
        self._computed = {
            key: tuple(
                self._counted.add(rule, item.computed.record)
                for rule in (item.computed.where, item.computed.satisfies)
            )
            for key, item in words.items.items()
            if item.computed is not None
        }
        self._contradictions = tuple(
            (f"profile.{rule.flag}", self._contradicted.add(rule.contradicted_when))
            for rule in standard.consistency
        )
        self._status = tuple(
            (self._grading.add(rule), outcome) for rule, outcome in standard.grading.status
        )
        self._items = {q.item.key: q.item for q in self.layout.items}
        self._asked = {q.item.key: q.item for q in (*self.layout.flags, *self.layout.items)}
        self._fields = {
            listing.record: {q.item.key: q.item for q in listing.fields}
            for listing in self.layout.records
        }

    @property
    def schema(self) -> pa.Schema:
        """The columns of `outcomes`."""
        outcome = pa.dictionary(pa.int8(), pa.string())
        counts = [(name, pa.int16()) for name in COUNTS]
        found = [(asked.id, outcome) for asked in self.requirements]
        return pa.schema([("id", pa.string()), ("status", outcome), *counts, *found])

    def faults(self, batch: pa.RecordBatch) -> tuple[Fault, ...]:
        """Return what is wrong with the rows of a batch; those are the ones without outcomes.

        Raises EvidenceError for columns that are missing, unknown or of a wrong type.
        """
        return tuple(self._decoded(batch).faults.found)

    def _decoded(self, batch: pa.RecordBatch) -> Rows:
        columns.refuse(self.layout.problems(batch.schema, self.ignore))
        return decode(columns.without(batch, self.ignore), self.layout)

    def outcomes(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Return the outcome of every requirement for every row, with the roll-up and counts.

        A row with a fault has nulls only, beside its id. Raises EvidenceError for columns that are
        missing, unknown or of a wrong type.
        """
        rows = self._decoded(batch)
        sound = pack(~rows.faults.bad)
        scope = self._facts(rows, sound)
        tallies = np.zeros((len(COUNTS), rows.count), np.int16)
        open_shall = np.zeros(rows.count, np.int16)
        codes = []
        for asked in self.requirements:
            found = self._concluded(asked, scope, rows)
            codes.append(found)
            tallies[: len(OUTCOMES)] += found == _CODES
            tallies[COUNTS.index(asked.severity)] += found == _NONCONFORMING
            if asked.shall:
                open_shall += found == _UNDETERMINED
        status = self._rolled_up(dict(zip(COUNTS, tallies, strict=True)), open_shall, rows.count)
        valid = None if not rows.faults.found else pa.py_buffer(sound)
        ids = batch.column(batch.schema.get_field_index(columns.ID))
        made = [_text(ids), _outcome(status, valid)]
        made += [_array(pa.int16(), row, valid) for row in tallies]
        made += [_outcome(found, valid) for found in codes]
        return pa.RecordBatch.from_arrays(made, schema=self.schema)

    def _facts(self, rows: Rows, sound: Plane) -> Evaluation:
        found = answered(rows, self._asked, self._items, self.moment, sound)
        records = {
            name: record_columns(listed, self._fields[name], self.moment, sound)
            for name, listed in rows.records.items()
        }
        told = Batch(rows.count, self.moment.as_of, {}, records, self.parameters)
        judging = Evaluation(self._counted, told)
        for key, (where, satisfies) in self._computed.items():
            item = self._items[key]
            assert item.computed is not None
            listed = records.get(item.computed.record)
            if listed is not None:
                judged = judging.judged(item.computed.record, where, satisfies)
                found[key] = computed(found.get(key), item, judged, listed)
        found = above_total(self._items, found)
        items = {key: made.column for key, made in found.items()}
        types = np.zeros(rows.count, np.uint8) if rows.types is None else rows.types.values
        members = () if self.layout.types is None else tuple(self.layout.types.members)
        items[TYPES_KEY] = Column(types, sound, zeros(rows.count), members)
        batch = Batch(rows.count, self.moment.as_of, items, records, self.parameters)
        circumstances = Evaluation(self._contradicted, batch)
        disputed: dict[str, Plane] = {}
        for flag, contradicted in self._contradictions:
            against = circumstances.truth(contradicted).true
            disputed[flag] = disputed[flag] | against if flag in disputed else against
        flags = {
            flag: without(Settled(items[flag]), against).column
            for flag, against in disputed.items()
            if flag in items
        }
        scope = Evaluation(self._rules, replace(batch, items=items | flags))
        scope.take(self._conditions)
        return scope

    def _concluded(self, asked: Asked, scope: Evaluation, rows: Rows) -> NDArray[np.uint8]:
        """Return the outcomes of a requirement; `socap.grounds.outcome`, column by column."""
        applies, (met, unmet) = scope.decision(asked.applies, asked.satisfied)
        none, excluded = applies.false, None
        left_out = rows.exclusions.get(asked.id)
        if left_out is not None and asked.allowed is not None:
            allowed = scope.truth(asked.allowed)
            asked_for = left_out & ~none
            excluded = asked_for & allowed.true
            undecided = asked_for & ~allowed.true & ~allowed.false
            met, unmet = met & ~excluded, unmet & ~excluded & ~undecided
        count = rows.count
        codes = np.full(count, _UNDETERMINED, np.uint8)
        codes -= 2 * unpack(met, count).view(np.uint8) + unpack(unmet, count)
        codes += unpack(none, count)
        if excluded is not None:
            codes[unpack(excluded, count)] = _EXCLUDED
        return codes

    def _rolled_up(
        self, counts: dict[str, NDArray[np.int16]], open_shall: NDArray[np.int16], count: int
    ) -> NDArray[np.uint8]:
        every = ones(count)
        items = {
            f"findings.{name}": Column(values, every, zeros(count))
            for name, values in (*counts.items(), ("undetermined_shall", open_shall))
        }
        nothing = np.zeros(count, np.int16)  # a status is asked for before any score is known
        items |= {f"findings.{name}": Column(nothing, every, zeros(count)) for name in _SCORES}
        scope = Evaluation(self._grading, Batch(count, self.moment.as_of, items))
        status = np.zeros(count, np.uint8)
        for step, outcome in reversed(self._status):
            status[unpack(scope.truth(step).true, count)] = OUTCOMES.index(outcome)
        return status


def _text(ids: pa.Array) -> pa.Array:
    return (ids.dictionary_decode() if pa.types.is_dictionary(ids.type) else ids).cast(pa.string())


def _array(kind: pa.DataType, values: NDArray[Any], valid: pa.Buffer | None) -> pa.Array:
    return pa.Array.from_buffers(kind, len(values), [valid, pa.py_buffer(values)])


def _outcome(codes: NDArray[np.uint8], valid: pa.Buffer | None) -> pa.Array:
    indices = _array(pa.int8(), codes, valid)
    return pa.DictionaryArray.from_arrays(indices, pa.array(OUTCOMES))
