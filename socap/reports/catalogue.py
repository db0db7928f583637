"""The standard itself in words: lists and single entries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from socap.errors import Text, unknown_name
from socap.rules.prose import describe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from socap.clauses.requirement import Requirement
    from socap.errors import Lang
    from socap.rules.vocabulary import EvidenceItem
    from socap.standard import Standard

_WORDS = {
    "statement": Text("要求", "Statement"),
    "obligation": Text("约束程度", "Obligation"),
    "aspect": Text("方面", "Aspect"),
    "applies": Text("适用条件", "Applies when"),
    "satisfied": Text("判定条件", "Satisfied when"),
    "prerequisites": Text("前置要求", "Prerequisites"),
    "refines": Text("细化", "Refines"),
    "evidence": Text("通常证据", "Usual evidence"),
    "keys": Text("读取的证据项", "Evidence items read"),
    "severity": Text("未满足时的分级", "Grade if unmet"),
    "exclusion": Text("可删减的条件", "May be excluded when"),
    "provenance": Text("依据", "Provenance"),
    "page": Text("页码", "Page"),
    "anomaly": Text("异常", "Anomaly"),
    "requirements": Text("要求", "Requirements"),
    "type": Text("类型", "Type"),
    "members": Text("可选值", "Members"),
    "used": Text("用于", "Read by"),
    "reason": Text("理由", "Reason"),
    "range": Text("范围", "Range"),
}


def listing(standard: Standard, kind: str, lang: Lang) -> str:
    """Return one line an entry: requirements, clauses, items, records or parameters."""
    words = standard.vocabulary
    rows: list[tuple[str, str]]
    if kind == "requirements":
        rows = [(r.id, r.title.in_language(lang)) for r in standard.requirements.values()]
    elif kind == "clauses":
        rows = [(c.id, c.title.in_language(lang)) for c in standard.headings.values()]
    elif kind == "items":
        rows = [(i.key, i.question.in_language(lang)) for i in words.items.values()]
    elif kind == "parameters":
        rows = [
            (p.name, f"{p.default} {p.unit}  {p.title.in_language(lang)}")
            for p in words.parameters.values()
        ]
    else:
        rows = [
            (f.key, f.question.in_language(lang))
            for r in words.records.values()
            for f in r.fields.values()
        ]
    width = min(max(len(name) for name, _ in rows), 44)
    return "".join(f"{name:{width}}  {title}".rstrip() + "\n" for name, title in rows)


def entry(standard: Standard, identifier: str, lang: Lang) -> str:
    """Return everything about one requirement, clause, evidence item or parameter."""
    words = standard.vocabulary
    fields = {k: f for r in words.records.values() for k, f in r.fields.items()}
    if identifier in standard.requirements:
        lines = list(_requirement(standard.requirements[identifier], standard, lang))
        lines += ["", standard.pack.notice.in_language(lang)]
    elif identifier in standard.headings:
        lines = list(_clause(standard, identifier, lang))
    elif identifier in words.items or identifier in fields:
        lines = list(_item(words.items.get(identifier) or fields[identifier], standard, lang))
    elif identifier in words.parameters:
        p = words.parameters[identifier]
        lines = [f"{p.name}  {p.title.in_language(lang)}", f"{p.default} {p.unit}"]
        lines += [f"{_WORDS['range'].in_language(lang)}: {p.minimum} … {p.maximum}"]
        lines += [f"{_WORDS['reason'].in_language(lang)}: {p.reason.in_language(lang)}"]
    else:
        known = [
            *standard.requirements,
            *standard.headings,
            *words.items,
            *fields,
            *words.parameters,
        ]
        raise unknown_name(Text("条目", "entry"), identifier, known)
    return "\n".join(lines) + "\n"


def _line(name: str, value: str, lang: Lang) -> str:
    return f"{_WORDS[name].in_language(lang)}: {value}"


def _requirement(r: Requirement, standard: Standard, lang: Lang) -> Iterator[str]:
    words = standard.vocabulary
    yield f"{r.id}  {r.title.in_language(lang)}"
    yield r.statement.in_language(lang)
    yield _line("obligation", r.obligation.value, lang)
    yield _line("aspect", f"{r.aspect.value} / {r.pdca.value}", lang)
    yield _line("applies", describe(r.applies_when, words).in_language(lang), lang)
    yield _line("satisfied", describe(r.satisfied_when, words).in_language(lang), lang)
    yield _line("severity", r.severity.value, lang)
    if r.prerequisites:
        yield _line("prerequisites", ", ".join(r.prerequisites), lang)
    if r.refines:
        yield _line("refines", ", ".join(r.refines), lang)
    if r.exclusion is not None:
        yield _line("exclusion", describe(r.exclusion.allowed_when, words).in_language(lang), lang)
    yield _line("evidence", words.usual_evidence(r.evidence_keys).in_language(lang), lang)
    yield _line("keys", ", ".join(r.evidence_keys), lang)
    yield _line(
        "provenance", f"{r.provenance.basis.value}, {r.provenance.reason.in_language(lang)}", lang
    )


def _clause(standard: Standard, identifier: str, lang: Lang) -> Iterator[str]:
    clause = standard.headings[identifier]
    yield f"{clause.id}  {clause.title.in_language(lang)}".rstrip()
    yield _line("page", str(clause.page), lang)
    for anomaly in clause.anomalies:
        yield _line("anomaly", anomaly.in_language(lang), lang)
    below = [r.id for r in standard.requirements.values() if r.clause == identifier]
    if below:
        yield _line("requirements", ", ".join(below), lang)


def _item(item: EvidenceItem, standard: Standard, lang: Lang) -> Iterator[str]:
    yield f"{item.key}  {item.question.in_language(lang)}"
    yield _line("type", f"{item.type.value} {item.unit}".rstrip(), lang)
    if item.members:
        told = (f"{name} ({text.in_language(lang)})" for name, text in item.members.items())
        yield _line("members", ", ".join(told), lang)
    yield _line("evidence", item.evidence.in_language(lang), lang)
    readers = [r.id for r in standard.requirements.values() if item.key in r.evidence_keys]
    yield _line("used", ", ".join(readers), lang)
