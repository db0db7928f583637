"""The proof of a finding: the shortest honest reason, and the tree it stands on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, assert_never

from socap.clauses.requirement import BASIS_TITLES
from socap.errors import Lang, Text
from socap.explanation import show, some
from socap.findings import OUTCOME_TITLES, Finding, Outcome
from socap.rules import expressions as x
from socap.rules.implicant import FactRef, Literal, implicant, settling
from socap.rules.prose import describe
from socap.rules.reference import evaluate, judge
from socap.rules.truth import Truth

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from socap.rules.facts import Facts, RecordFacts
    from socap.rules.vocabulary import Vocabulary
    from socap.standard import Standard

SHOWN_SETS = 5
SHOWN_FACTS = 8
SHOWN_IN_TREE = 50
TRUTH_TITLES = {
    Truth.TRUE: Text("成立", "true"),
    Truth.FALSE: Text("不成立", "false"),
    Truth.UNKNOWN: Text("未知", "unknown"),
}
_MARKS = {Truth.TRUE: "✓", Truth.FALSE: "✗", Truth.UNKNOWN: "?"}
_WORDS = {
    "because": Text("最短理由", "Shortest reason"),
    "applies": Text("适用条件", "Applies when"),
    "satisfied": Text("判定条件", "Satisfied when"),
    "settles": Text("只需其一即可判定为符合", "Any one of these would settle it as conforming"),
    "spoils": Text("任一出现即判定为不符合", "Any one of these would settle it as nonconforming"),
    "outcome": Text("结论", "Outcome"),
    "reasons": Text("理由", "Reasons"),
    "before": Text("前置要求尚未符合", "Prerequisites not yet conforming"),
    "provenance": Text("依据", "Provenance"),
}


@dataclass(frozen=True, slots=True)
class ProofNode:
    """One part of a rule: what it says, how it came out, the facts it rests on, its own parts."""

    text: Text
    truth: Truth
    facts: tuple[Text, ...]
    parts: tuple[ProofNode, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the node and all below it as plain JSON values."""
        return {
            "text": self.text.to_dict(),
            "truth": self.truth.value,
            "facts": [fact.to_dict() for fact in self.facts],
            "parts": [part.to_dict() for part in self.parts],
        }

    def lines(self, lang: Lang, depth: int = 0) -> Iterator[tuple[int, str]]:
        """Yield depth and text of this node and of those below it."""
        shown = "; ".join(fact.in_language(lang) for fact in self.facts)
        told = f"{_MARKS[self.truth]} {self.text.in_language(lang)}"
        yield depth, f"{told} [{shown}]" if shown else told
        for part in self.parts:
            yield from part.lines(lang, depth + 1)


@dataclass(frozen=True, eq=False)
class Explanation:
    """Why a requirement came out as it did; as text it is in the language it was asked for in.

    `because` is the smallest set of facts that alone forces the outcome (a prime implicant);
    `to_conform` and `to_fail` are, for an open finding, the smallest sets of answers that would
    settle it.
    """

    requirement: str
    title: Text
    statement: Text
    outcome: Outcome
    as_of: date
    sentence: Text
    because: tuple[FactRef, ...]
    applies: ProofNode
    satisfied: ProofNode
    to_conform: tuple[tuple[Text, ...], ...]
    to_fail: tuple[tuple[Text, ...], ...]
    finding: Finding
    unmet_prerequisites: tuple[str, ...]
    provenance: Text
    lang: Lang = "zh"

    def to_dict(self) -> dict[str, Any]:
        """Return the proof as plain JSON values, in both languages."""
        return {
            "requirement": self.requirement,
            "outcome": self.outcome.value,
            "grade": self.finding.grade.value if self.finding.grade else None,
            "as_of": self.as_of.isoformat(),
            "sentence": self.sentence.to_dict(),
            "because": [{"key": ref.key, "record": ref.record} for ref in self.because],
            "applies": self.applies.to_dict(),
            "satisfied": self.satisfied.to_dict(),
            "to_conform": [[text.to_dict() for text in chosen] for chosen in self.to_conform],
            "to_fail": [[text.to_dict() for text in chosen] for chosen in self.to_fail],
            "reasons": [reason.text.to_dict() for reason in self.finding.reasons],
            "unmet_prerequisites": list(self.unmet_prerequisites),
        }

    def to_text(self, lang: Lang | None = None) -> str:
        """Return the explanation as plain text."""
        chosen = lang or self.lang
        lines = [
            f"{self.requirement}  {self.title.in_language(chosen)}",
            self.statement.in_language(chosen),
        ]
        colon = "：" if chosen == "zh" else ":"
        for name, content in self._sections(chosen):
            if isinstance(content, str):
                lines.append(f"{name}{colon}{content}" if chosen == "zh" else f"{name}: {content}")
            else:
                lines.append(f"{name}{colon}")
                lines += ["  " * (depth + 1) + told for depth, told in content]
        return "\n".join(lines) + "\n"

    def to_markdown(self, lang: Lang | None = None) -> str:
        """Return the explanation as Markdown."""
        chosen = lang or self.lang
        lines = [f"### {self.requirement} {_escaped(self.title.in_language(chosen))}", ""]
        lines += [_escaped(self.statement.in_language(chosen)), ""]
        for name, content in self._sections(chosen):
            if isinstance(content, str):
                lines.append(f"- **{name}**: {_escaped(content)}")
            else:
                lines.append(f"- **{name}**:")
                lines += ["  " * (depth + 1) + f"- {_escaped(told)}" for depth, told in content]
        return "\n".join(lines) + "\n"

    def __str__(self) -> str:
        return self.to_text()

    def _repr_markdown_(self) -> str:
        return self.to_markdown()

    def _sections(self, lang: Lang) -> Iterator[tuple[str, str | list[tuple[int, str]]]]:
        def name(word: str) -> str:
            return _WORDS[word].in_language(lang)

        outcome = self.finding.told.in_language(lang)
        yield name("outcome"), f"{outcome}  [{self.as_of.isoformat()}]"
        yield name("because"), self.sentence.in_language(lang)
        for word, sets in (("settles", self.to_conform), ("spoils", self.to_fail)):
            joined = "；且 " if lang == "zh" else "; and "
            told = [
                joined.join(t.in_language(lang) for t in chosen) for chosen in sets[:SHOWN_SETS]
            ]
            if told:
                yield name(word), [(0, f"- {text}") for text in told]
        yield name("applies"), list(self.applies.lines(lang))
        if self.outcome is not Outcome.NOT_APPLICABLE:
            yield name("satisfied"), list(self.satisfied.lines(lang))
        yield name("reasons"), [(0, f"- {r.text.in_language(lang)}") for r in self.finding.reasons]
        if self.unmet_prerequisites:
            yield name("before"), ", ".join(self.unmet_prerequisites)
        yield name("provenance"), self.provenance.in_language(lang)


def _escaped(text: str) -> str:
    return "".join(f"\\{c}" if c in "\\`*_{}[]<>#|!~&" else c for c in text)


def explain(
    finding: Finding,
    facts: Facts,
    standard: Standard,
    unmet_prerequisites: tuple[str, ...],
    lang: Lang,
) -> Explanation:
    """Return the explanation of a finding from the facts of its assessment."""
    asked, words = standard.requirements[finding.requirement], standard.vocabulary
    brings_in = implicant(asked.applies_when, facts)
    because = finding.proof
    applies, satisfied = asked.applies_when, asked.satisfied_when
    open_rule = satisfied if evaluate(applies, facts) is Truth.TRUE else None
    ways: dict[bool, tuple[tuple[Text, ...], ...]] = {True: (), False: ()}
    if finding.outcome is Outcome.UNDETERMINED:
        rule = open_rule or x.All((applies, satisfied))
        for to in (True, False):
            sets = (
                settling(rule, facts, to=to)
                if open_rule or to
                else settling(satisfied, facts, to=to)
            )
            ways[to] = tuple(tuple(_literal(one, words, facts) for one in s) for s in sets)
    sentence = _sentence(finding, because, brings_in, ways, facts, words)
    basis, source = asked.provenance, BASIS_TITLES[asked.provenance.basis]
    return Explanation(
        asked.id,
        asked.title,
        asked.statement,
        finding.outcome,
        facts.as_of,
        sentence,
        because,
        tree(applies, facts, words),
        tree(satisfied, facts, words),
        ways[True],
        ways[False],
        finding,
        unmet_prerequisites,
        Text(f"{source.zh}，{basis.reason.zh}", f"{source.en}: {basis.reason.en}"),
        lang,
    )


def _literal(one: Literal, words: Vocabulary, facts: Facts) -> Text:
    node: x.Expression = one.node if one.holds else x.Not(one.node)
    return describe(node, words, facts.parameters)


def _sentence(
    finding: Finding,
    because: tuple[FactRef, ...],
    brings_in: tuple[FactRef, ...],
    ways: dict[bool, tuple[tuple[Text, ...], ...]],
    facts: Facts,
    words: Vocabulary,
) -> Text:
    outcome = OUTCOME_TITLES[finding.outcome]
    if finding.outcome is Outcome.EXCLUDED:
        return finding.reasons[0].text
    if finding.outcome is Outcome.UNDETERMINED:
        first = ways[True][0] if ways[True] else ()
        if not first:
            told = finding.reasons[0].text if finding.reasons else outcome
            return Text(f"{outcome.zh}：{told.zh}", f"{outcome.en}: {told.en}")
        zh, en = "，且".join(t.zh for t in first), "; and ".join(t.en for t in first)
        return Text(
            f"{outcome.zh}：只要能证明{zh}，即为符合",
            f"{outcome.en}: it would conform if it were shown that {en}",
        )
    parts = [
        ref for ref in because if finding.outcome is Outcome.NOT_APPLICABLE or ref not in brings_in
    ]
    named = [ref for ref in parts if not ref.key.startswith("records.")]
    main = _some([stated(ref, facts, words) for ref in named or parts or because])
    zh = f"{outcome.zh}，因为{'；'.join(t.zh for t in main)}" if main else outcome.zh
    en = f"{outcome.en}, because {'; '.join(t.en for t in main)}" if main else outcome.en
    if brings_in and finding.outcome is not Outcome.NOT_APPLICABLE:
        cause = _some([stated(ref, facts, words) for ref in brings_in])
        zh += f"（之所以适用：{'；'.join(t.zh for t in cause)}）"
        en += f" (it applies because {'; '.join(t.en for t in cause)})"
    return Text(zh, en)


def _some(told: list[Text]) -> list[Text]:
    more = len(told) - SHOWN_FACTS
    if more <= 0:
        return told
    return [*told[:SHOWN_FACTS], Text(f"另有 {more} 项", f"and {more} more")]


def stated(ref: FactRef, facts: Facts, words: Vocabulary) -> Text:
    """Return a fact in words: what it is about, and its value."""
    if ref.key.startswith("records."):
        kind = ref.key.removeprefix("records.")
        count = len(facts.records.get(kind, ()))
        title = words.records[kind].title
        return Text(f"{title.zh}清单共 {count} 条", f"the list of {title.en} has {count} entries")
    item = words.everywhere(ref.key)
    record = _record(ref, facts)
    fact = facts.get(ref.key, record)
    title = item.title or item.question if item is not None else Text(ref.key, ref.key)
    if isinstance(fact.value, bool) and item is not None and item.title:
        zh, en = (
            (title.zh, title.en)
            if fact.value
            else (f"并非{title.zh}", f"it is not so that {title.en}")
        )
    else:
        value = show(fact, item)
        zh, en = f"{title.zh}：{value.zh}", f"{title.en}: {value.en}"
    if record is not None:
        kind_title = words.records[ref.key.split(".", maxsplit=1)[0]].title
        zh, en = f"{kind_title.zh} {ref.record} {zh}", f"{kind_title.en} {ref.record}: {en}"
    return Text(zh, en)


def _record(ref: FactRef, facts: Facts) -> RecordFacts | None:
    kind = ref.key.split(".", maxsplit=1)[0]
    return next((r for r in facts.records.get(kind, ()) if r.id == ref.record), None)


def tree(
    node: x.Expression,
    facts: Facts,
    words: Vocabulary,
    kind: str | None = None,
    record: RecordFacts | None = None,
) -> ProofNode:
    """Return the proof tree of an expression on these facts (and this record of a kind)."""
    truth = evaluate(node, facts, record)
    text = describe(node, words, facts.parameters, kind)
    match node:
        case x.Always():
            return ProofNode(text, truth, (), ())
        case x.Condition():
            keys = [node.item]
            if isinstance(node.operand, x.ItemRef):
                keys.append(node.operand.key)
            refs = [
                FactRef(key, record.id if record is not None and key in record.fields else "")
                for key in keys
            ]
            return ProofNode(
                text, truth, tuple(_value(ref, facts, words, record) for ref in refs), ()
            )
        case x.Not(part):
            return ProofNode(text, truth, (), (tree(part, facts, words, kind, record),))
        case x.All(parts) | x.Any(parts):
            head = (
                Text("以下全部", "all of")
                if isinstance(node, x.All)
                else Text("以下任一", "any of")
            )
            below = tuple(tree(part, facts, words, kind, record) for part in parts)
            return ProofNode(head, truth, (), below)
        case x.Quantified():
            return ProofNode(text, truth, (), _records(node, facts, words))
    assert_never(node)


def _value(ref: FactRef, facts: Facts, words: Vocabulary, record: RecordFacts | None) -> Text:
    value = show(facts.get(ref.key, record), words.everywhere(ref.key))
    failing = facts.failing.get(ref.key, ())
    if failing:
        value = Text(f"{value.zh}（{some(failing, 'zh')}）", f"{value.en} ({some(failing, 'en')})")
    return Text(f"{ref.key} = {value.zh}", f"{ref.key} = {value.en}")


def _records(node: x.Quantified, facts: Facts, words: Vocabulary) -> tuple[ProofNode, ...]:
    """Return a node a record that counts; of long lists those that do not pass come first."""
    judged = [(r, *judge(node, facts, r)) for r in facts.records.get(node.record, ())]
    counted = [entry for entry in judged if entry[1] is not Truth.FALSE]
    more = len(counted) - SHOWN_IN_TREE
    if more > 0:
        counted.sort(key=lambda entry: (entry[2] is Truth.TRUE, entry[2] is Truth.UNKNOWN))
    made = []
    for record, where, satisfies in counted[:SHOWN_IN_TREE]:
        parts = [tree(node.satisfies, facts, words, node.record, record)]
        if not isinstance(node.where, x.Always):
            parts.insert(0, tree(node.where, facts, words, node.record, record))
        both = satisfies if where is Truth.TRUE else Truth.UNKNOWN
        made.append(ProofNode(Text(record.id, record.id), both, (), tuple(parts)))
    if more > 0:
        rest = Text(f"另有 {more} 条记录", f"{more} more records")
        made.append(ProofNode(rest, evaluate(node, facts), (), ()))
    return tuple(made)
