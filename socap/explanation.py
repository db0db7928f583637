"""Why a finding came out as it did: the conditions that decide it, in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from socap.errors import Text
from socap.findings import KIND_TITLES, Reason, ReasonKind
from socap.rules import expressions as x
from socap.rules.facts import Fact, Facts, RecordFacts
from socap.rules.prose import describe
from socap.rules.reference import evaluate, judge
from socap.rules.truth import Truth
from socap.rules.vocabulary import EvidenceItem, Vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterator

SHOWN_RECORDS = 5


@dataclass(frozen=True, slots=True)
class Leaf:
    """A condition or quantifier that helps decide an expression."""

    node: x.Condition | x.Quantified
    truth: Truth


def decisive(
    expression: x.Expression, facts: Facts, record: RecordFacts | None = None
) -> Iterator[Leaf]:
    """Yield the leaves that make an expression true, false or unknown.

    A conjunction is false because of its false parts and unknown because of its unknown ones; a
    disjunction the other way round.
    """
    value = evaluate(expression, facts, record)
    match expression:
        case x.Condition() | x.Quantified():
            yield Leaf(expression, value)
        case x.Not(part):
            yield from decisive(part, facts, record)
        case x.All(parts) | x.Any(parts):
            for part in parts:
                if evaluate(part, facts, record) is value:
                    yield from decisive(part, facts, record)
        case x.Always():
            pass


def reasons(
    expression: x.Expression, facts: Facts, words: Vocabulary, kind: ReasonKind
) -> tuple[Reason, ...]:
    """Return why an expression has its truth, `kind` naming what a decided leaf means."""
    found: dict[Reason, None] = {}
    for leaf in decisive(expression, facts):
        if isinstance(leaf.node, x.Quantified):
            made = _quantified_reasons(leaf.node, leaf.truth, facts, words, kind)
        elif leaf.truth is Truth.UNKNOWN:
            made = _unknown_reasons(leaf.node, facts, words)
        else:
            made = iter([_decided_reason(leaf.node, facts, words, kind)])
        found.update(dict.fromkeys(made))
    return tuple(found)


def _keys(condition: x.Condition) -> tuple[str, ...]:
    other = (condition.operand.key,) if isinstance(condition.operand, x.ItemRef) else ()
    return (condition.item, *other)


def _decided_reason(
    condition: x.Condition, facts: Facts, words: Vocabulary, kind: ReasonKind
) -> Reason:
    asked = describe(condition, words, facts.parameters)
    shown = [(key, show(facts.get(key), words.outside_records(key))) for key in _keys(condition)]
    if len(shown) == 1:
        zh, en = shown[0][1].zh, shown[0][1].en
    else:
        zh = "；".join(f"{key} 为 {value.zh}" for key, value in shown)
        en = "; ".join(f"{key} is {value.en}" for key, value in shown)
    head = KIND_TITLES[kind]
    failing = _failing(condition, facts) if kind is ReasonKind.UNMET else ()
    if failing:
        zh, en = (
            f"{zh}，未满足的记录：{some(failing, 'zh')}",
            f"{en}; failing: {some(failing, 'en')}",
        )
    text = Text(f"{head.zh}：{asked.zh}；实际：{zh}", f"{head.en}: {asked.en}; found: {en}")
    return Reason(kind, _keys(condition), failing, text)


def _failing(condition: x.Condition, facts: Facts) -> tuple[str, ...]:
    ids = [i for key in _keys(condition) for i in facts.failing.get(key, ())]
    return tuple(dict.fromkeys(ids))


def _unknown_reasons(
    condition: x.Condition, facts: Facts, words: Vocabulary, record: RecordFacts | None = None
) -> Iterator[Reason]:
    for key in _keys(condition):
        state = facts.get(key, record)
        if state.unknown is None:
            continue
        kind = ReasonKind(state.unknown.value)
        item = words.outside_records(key)
        if item is None:
            item = next((r.fields[key] for r in words.records.values() if key in r.fields), None)
        question = item.question if item is not None else Text(key, key)
        head = KIND_TITLES[kind]
        open_records = facts.failing.get(key, ())
        zh, en = f"{head.zh}：{question.zh}（{key}）", f"{head.en}: {question.en} ({key})"
        if open_records:
            zh, en = (
                f"{zh}；记录：{some(open_records, 'zh')}",
                f"{en}; records: {some(open_records, 'en')}",
            )
        yield Reason(kind, (key,), open_records, Text(zh, en))
    yield from _unset_parameters((condition.operand,), facts, words)


def _unset_parameters(
    operands: tuple[object, ...], facts: Facts, words: Vocabulary
) -> Iterator[Reason]:
    for operand in operands:
        if isinstance(operand, x.ParameterRef) and operand.name not in facts.parameters:
            title, head = words.parameters[operand.name].title, KIND_TITLES[ReasonKind.MISSING]
            zh = f"{head.zh}：参数“{title.zh}”尚未设定（{operand.name}）"
            en = f"{head.en}: the parameter “{title.en}” is not set ({operand.name})"
            yield Reason(ReasonKind.MISSING, (), (), Text(zh, en))


def _quantified_reasons(
    node: x.Quantified, value: Truth, facts: Facts, words: Vocabulary, kind: ReasonKind
) -> Iterator[Reason]:
    list_key = f"records.{node.record}"
    title = words.records[node.record].title
    asked = describe(node, words, facts.parameters)
    records = facts.records.get(node.record)
    if records is None:
        text = Text(
            f"缺少证据：{title.zh}清单（{list_key}）",
            f"missing: the list of {title.en} ({list_key})",
        )
        yield Reason(ReasonKind.MISSING, (list_key,), (), text)
        return
    yield from _unset_parameters((node.limit,), facts, words)
    judged = [(record, *judge(node, facts, record)) for record in records]
    counted = [(r, w, s) for r, w, s in judged if w is not Truth.FALSE]
    keys = tuple(k for k in x.keys_read(node) if k != list_key)
    if value is not Truth.UNKNOWN:
        wrong = tuple(r.id for r, w, s in counted if w is Truth.TRUE and s is Truth.FALSE)
        head = KIND_TITLES[kind]
        total = len(counted)
        listed = wrong if value is Truth.FALSE else ()
        zh, en = f"{head.zh}：{asked.zh}；共 {total} 条", f"{head.en}: {asked.en}; {total} records"
        if listed:
            zh, en = f"{zh}，不满足：{some(listed, 'zh')}", f"{en}, failing: {some(listed, 'en')}"
        yield Reason(kind, (list_key, *keys), listed, Text(zh, en))
        return
    open_records = [r for r, w, s in counted if Truth.UNKNOWN in (w, s)]
    grouped: dict[tuple[ReasonKind, tuple[str, ...]], dict[str, None]] = {}
    for record in open_records:
        for part in (node.where, node.satisfies):
            if evaluate(part, facts, record) is not Truth.UNKNOWN:
                continue
            for leaf in decisive(part, facts, record):
                assert isinstance(leaf.node, x.Condition)
                for reason in _unknown_reasons(leaf.node, facts, words, record):
                    grouped.setdefault((reason.kind, reason.evidence), {})[record.id] = None
    for (why, key), ids in grouped.items():
        head = KIND_TITLES[why]
        item = words.in_record(node.record, key[0])
        question = item.question if item is not None else Text(key[0], key[0])
        text = Text(
            f"{head.zh}：{question.zh}（{key[0]}）；{title.zh}：{some(tuple(ids), 'zh')}",
            f"{head.en}: {question.en} ({key[0]}); {title.en}: {some(tuple(ids), 'en')}",
        )
        yield Reason(why, key, tuple(ids), text)


def some(ids: tuple[str, ...], lang: str) -> str:
    """Return the first few ids, and how many more there are."""
    shown = "、".join(ids[:SHOWN_RECORDS]) if lang == "zh" else ", ".join(ids[:SHOWN_RECORDS])
    more = len(ids) - SHOWN_RECORDS
    if more <= 0:
        return shown
    return f"{shown} 等 {len(ids)} 条" if lang == "zh" else f"{shown} and {more} more"


def show(fact: Fact, item: EvidenceItem | None) -> Text:
    """Return a fact's value in words."""
    if fact.unknown is not None:
        return KIND_TITLES[ReasonKind(fact.unknown.value)]
    if fact.no_case:
        return Text("期内未发生", "no case in the period")
    value = fact.value
    if isinstance(value, bool):
        return Text("是", "yes") if value else Text("否", "no")
    members = item.members if item is not None else {}
    if isinstance(value, frozenset):
        names = [members.get(name, Text(name, name)) for name in sorted(value)]
        if not names:
            return Text("无", "none")
        return Text("、".join(n.zh for n in names), ", ".join(n.en for n in names))
    if isinstance(value, date):
        return Text(value.isoformat(), value.isoformat())
    if isinstance(value, str):
        return members.get(value, Text(value, value))
    plain = f"{value:g}" if isinstance(value, float) else str(value)
    if item is not None and item.type.value == "percent":
        plain += "%"
    return Text(plain, plain)
