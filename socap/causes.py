"""Which dates made a requirement come out otherwise, from one day to a later one."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, assert_never

from socap.errors import Text
from socap.evidence import settled
from socap.explanation import some
from socap.findings import ReasonKind
from socap.moments import CERTIFICATES, Turn
from socap.rules import expressions as x
from socap.rules.expressions import keys_read
from socap.rules.implicant import FactRef
from socap.rules.reference import evaluate
from socap.rules.truth import Truth

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import date

    from socap.assessment import Assessment
    from socap.clauses.requirement import Requirement
    from socap.moments import Moment
    from socap.rules.facts import Facts, RecordFacts
    from socap.standard import Standard

Pair = tuple["RecordFacts", "RecordFacts"]
Trace = tuple[FactRef, x.Condition | None]


@dataclass(frozen=True, slots=True)
class Cause:
    """One date of the evidence that turns a finding: what it is of, and what happens to it.

    `key` is an item, a field of `records`, `records.<type>` for whole records, or `certificates`,
    whose numbers then stand in `records`.
    """

    turn: Turn
    key: str
    records: tuple[str, ...]
    date: date
    text: Text


@dataclass(frozen=True, eq=False)
class Step:
    """Two assessments of one organisation by one standard, on a day and on a later one."""

    earlier: Assessment
    later: Assessment

    def causes(self, asked: Requirement, turns: Sequence[Moment]) -> tuple[Cause, ...]:
        """Return those of the day's turns that made a requirement come out otherwise.

        Each lies on a path of its rules along which every node changed its truth: a turn without
        effect is left out, and none that would have to be averted is missing. Where credit came or
        went with the rules' truth unchanged, all that bears on the requirement is told.
        """
        made = self.earlier
        traces = set(self._states.rule(asked.applies_when))
        applied, allowed = evaluate(asked.applies_when, made.facts), Truth.FALSE
        left_out = any(e.requirement == asked.id for e in made.organisation.exclusions)
        if left_out and asked.exclusion is not None and applied is not Truth.FALSE:
            traces.update(self._states.rule(asked.exclusion.allowed_when))
            allowed = evaluate(asked.exclusion.allowed_when, made.facts)
        if applied is Truth.TRUE and allowed is not Truth.TRUE:
            traces.update(self._states.rule(asked.satisfied_when))
        real = [turn for turn in turns if (turn.ref, turn.condition) in traces]
        if made.use_credit:
            real = real or [turn for turn in turns if turn.ref.key in self._bearing(asked)]
            real += [turn for turn in turns if self._credits(asked, turn)]
        return tuple(_causes(real, made))

    def _credits(self, asked: Requirement, turn: Moment) -> bool:
        """Whether the requirement conformed by credit for the certificate of a turn."""
        reasons = self.earlier.findings[asked.id].reasons
        if turn.ref.key != CERTIFICATES or all(r.kind is not ReasonKind.CREDIT for r in reasons):
            return False
        given = self.earlier.credit().requirements[asked.id].by
        return turn.ref.record in {str(one.certificate) for one in given}

    def _bearing(self, asked: Requirement) -> frozenset[str]:
        """Return every key a requirement reads, with what these are computed or checked from."""
        words, states = self.earlier.standard.vocabulary, self._states
        keys = list(keys_read(x.All((asked.applies_when, asked.satisfied_when))))
        for key in keys:
            linked = words.expanded(states.parts(key))
            rules = [r for r in self.earlier.standard.consistency if f"profile.{r.flag}" == key]
            more = [*linked, *(k for rule in rules for k in keys_read(rule.contradicted_when))]
            keys += [k for k in dict.fromkeys(more) if k not in keys]
        records = {f"records.{key.split('.')[0]}" for key in keys}
        return frozenset(keys) | records

    @cached_property
    def _states(self) -> States:
        standard, told = self.earlier.standard, (self.earlier, self.later)
        return States(
            standard, self.earlier.facts, self.later.facts, lambda: [_stated(a) for a in told]
        )


def _stated(made: Assessment) -> Facts:
    """Return the facts of an assessment, each circumstance taken as the organisation states it."""
    return settled(made.organisation, made.standard, made.as_of, made.assurance, made.parameters)


@dataclass(frozen=True, eq=False)
class States:
    """Two states of the same facts; `stated` gives both again with no circumstance disputed."""

    standard: Standard
    before: Facts
    after: Facts
    stated: Callable[[], list[Facts]]

    @cached_property
    def _undisputed(self) -> States:
        before, after = self.stated()
        return States(self.standard, before, after, self.stated)

    def rule(self, node: x.Expression, pair: Pair | None = None) -> Iterator[Trace]:
        """Yield what gave a rule another truth (for a pair of records, inside a quantifier)."""
        old, new = pair or (None, None)
        if evaluate(node, self.before, old) is evaluate(node, self.after, new):
            return
        match node:
            case x.Always():
                pass
            case x.Condition():
                yield self._ref(node.item, pair), node
                yield from self._fact(node.item, pair)
                if isinstance(node.operand, x.ItemRef):
                    yield from self._fact(node.operand.key, pair)
            case x.Not(part):
                yield from self.rule(part, pair)
            case x.All(parts) | x.Any(parts):
                for part in parts:
                    yield from self.rule(part, pair)
            case x.Quantified():
                yield from self._records(node.record, node.where, node.satisfies)
            case _:
                assert_never(node)

    def _records(self, name: str, where: x.Expression, satisfies: x.Expression) -> Iterator[Trace]:
        before, after = self.before.records.get(name, ()), self.after.records.get(name, ())
        for old, new in zip(before, after, strict=True):
            counts = [evaluate(where, f, r) for f, r in ((self.before, old), (self.after, new))]
            yield from self.rule(where, (old, new))
            if counts != [Truth.FALSE, Truth.FALSE]:
                yield from self.rule(satisfies, (old, new))

    def _ref(self, key: str, pair: Pair | None) -> FactRef:
        inside = pair is not None and key in pair[0].fields
        return FactRef(key, pair[0].id if pair is not None and inside else "")

    def _fact(self, key: str, pair: Pair | None) -> Iterator[Trace]:
        old, new = pair or (None, None)
        if self.before.get(key, old) == self.after.get(key, new):
            return
        ref = self._ref(key, pair)
        yield ref, None
        if ref.record:
            yield FactRef(f"records.{key.split('.', maxsplit=1)[0]}", ref.record), None
        elif key.startswith("profile."):
            for rule in self.standard.consistency:
                if f"profile.{rule.flag}" == key:
                    yield from self._undisputed.rule(rule.contradicted_when)
        else:
            for name in self.parts(key):
                yield FactRef(name), None
                computed = self.standard.vocabulary.items[name].computed
                if computed is not None:
                    yield from self._records(computed.record, computed.where, computed.satisfies)

    def parts(self, key: str) -> tuple[str, ...]:
        """Return an item and those it is checked against as a part or total, however far."""
        items = self.standard.vocabulary.items
        found = [key] if key in items else []
        for name in found:
            whole = items[name].part_of
            linked = [k for k, item in items.items() if item.part_of == name or k == whole]
            found += [k for k in linked if k not in found]
        return tuple(found)


def _causes(turns: Iterable[Moment], made: Assessment) -> Iterator[Cause]:
    """Yield the causes, records that share one of them joined."""
    grouped: dict[tuple[Turn, str, date, int | float | None], list[str]] = {}
    for moment in turns:
        shared = (moment.turn, moment.ref.key, moment.basis, moment.limit)
        grouped.setdefault(shared, []).append(moment.ref.record)
    for (turn, key, basis, limit), ids in grouped.items():
        records = tuple(i for i in dict.fromkeys(ids) if i)
        yield Cause(
            turn, key, records, basis, _sentence(turn, _of(key, records, made), basis, limit)
        )


def _of(key: str, records: tuple[str, ...], made: Assessment) -> Text:
    words, zh_ids, en_ids = made.standard.vocabulary, some(records, "zh"), some(records, "en")
    if key == CERTIFICATES:
        held = dict.fromkeys(made.organisation.certificates[int(i) - 1].standard for i in records)
        named = ", ".join(held)
        return Text(f"第 {zh_ids} 项证书（{named}）", f"certificate {en_ids} ({named})")
    if key.startswith("records."):
        title = words.records[key.removeprefix("records.")].title
        return Text(f"记录“{title.zh}”（{zh_ids}）", f"{title.en} ({en_ids})")
    item = words.everywhere(key)
    name = (item.title or item.question) if item is not None else Text(key, key)
    zh, en = f"“{name.zh}”（{key}）", f"“{name.en}” ({key})"
    return Text(f"{zh}，记录 {zh_ids}", f"{en}, of {en_ids}") if records else Text(zh, en)


def _sentence(turn: Turn, of: Text, basis: date, limit: int | float | None) -> Text:
    zh, en = of.zh, of.en
    match turn:
        case Turn.COLLECTED:
            return Text(
                f"{zh}：证据收集于 {basis}，自当日起计入",
                f"{en}: collected on {basis}, it counts from that day",
            )
        case Turn.EXPIRED:
            return Text(f"{zh}：有效期至 {basis}", f"{en}: it counts up to {basis}")
        case Turn.HAPPENED:
            return Text(
                f"{zh}：日期为 {basis}，自当日起计入",
                f"{en}: dated {basis}, it counts from that day",
            )
        case Turn.OVERDUE:
            return Text(
                f"{zh}：{basis}，已超过 {limit} 天", f"{en}: {basis} is more than {limit} days ago"
            )
        case Turn.REACHED:
            return Text(f"{zh}：所定日期 {basis} 已到", f"{en}: its day, {basis}, is reached")
        case Turn.PASSED:
            return Text(f"{zh}：所定日期 {basis} 已过", f"{en}: its day, {basis}, has passed")
