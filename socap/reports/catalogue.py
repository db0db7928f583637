"""The standard itself in words: lists and single entries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from socap.clauses.requirement import BASIS_TITLES
from socap.errors import Text, unknown_name
from socap.findings import GRADE_TITLES
from socap.packs import BUNDLED
from socap.reports.wording import GROUPS, OBLIGATIONS, RELATIONS, SUBJECTS
from socap.rules.expressions import keys_read
from socap.rules.prose import describe
from socap.standard import load

if TYPE_CHECKING:
    from collections.abc import Iterator

    from socap.clauses.requirement import Requirement
    from socap.errors import Lang
    from socap.rules.vocabulary import EvidenceItem, Parameter
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
    "unset": Text("尚未设定", "not set"),
    "definition": Text("含义", "Meaning"),
    "computed": Text("可由记录算出", "Computed from records"),
    "examine": Text("查阅", "Examine"),
    "interview": Text("询问", "Interview"),
    "sample": Text("抽样", "Sample"),
    "typical": Text("典型不符合", "Typical nonconformity"),
    "supports": Text("支撑的主标准要求", "Supports in the main standard"),
    "mirrors": Text("对应", "Mirrors"),
    "crosswalk": Text("标准对照", "Crosswalk"),
    "uncovered": Text("未覆盖", "not covered"),
}


def listing(standard: Standard, kind: str, lang: Lang) -> str:
    """Return one line an entry: requirements, clauses, items, records, parameters or flags."""
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
            (p.name, f"{_default(p, lang)}  {p.title.in_language(lang)}")
            for p in words.parameters.values()
        ]
    elif kind == "flags":
        rows = [(f.name, f.question.in_language(lang)) for f in words.flags.values()]
    else:
        rows = [
            (f.key, f.question.in_language(lang))
            for r in words.records.values()
            for f in r.fields.values()
        ]
    return _table(rows)


def packs(lang: Lang) -> str:
    """Return one line a bundled pack: name, whom it assesses, number of requirements, title."""
    rows = []
    for name in BUNDLED:
        made = load(name)
        count = Text(f"{len(made.requirements)} 项", f"{len(made.requirements)} requirements")
        subject = SUBJECTS[made.pack.subject].in_language(lang)
        rows.append((name, f"{subject}, {count.in_language(lang)}  {made.title.in_language(lang)}"))
    return _table(rows)


def _table(rows: list[tuple[str, str]]) -> str:
    width = min(max((len(name) for name, _ in rows), default=0), 44)
    return "".join(f"{name:{width}}  {title}".rstrip() + "\n" for name, title in rows)


def _default(parameter: Parameter, lang: Lang) -> str:
    if parameter.default is None:
        return f"{_WORDS['unset'].in_language(lang)} ({parameter.unit})"
    return f"{parameter.default} {parameter.unit}".rstrip()


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
        lines = [f"{p.name}  {p.title.in_language(lang)}", _default(p, lang)]
        lines += [f"{_WORDS['range'].in_language(lang)}: {p.minimum} … {p.maximum}"]
        lines += [f"{_WORDS['reason'].in_language(lang)}: {p.reason.in_language(lang)}"]
    elif identifier in words.flags:
        flag = words.flags[identifier]
        lines = [f"{flag.name}  {flag.question.in_language(lang)}"]
        lines.append(_line("definition", flag.definition.in_language(lang), lang))
        key = f"profile.{identifier}"
        readers = [r.id for r in standard.requirements.values() if key in keys_read(r.applies_when)]
        lines.append(_line("used", ", ".join(readers), lang))
    else:
        known = [
            *standard.requirements,
            *words.flags,
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
    grade = GRADE_TITLES[r.severity].in_language(lang)
    aspect, phase = GROUPS[r.aspect.value], GROUPS[r.pdca.value]
    yield _line("obligation", OBLIGATIONS[r.obligation].in_language(lang), lang)
    yield _line("aspect", f"{aspect.in_language(lang)} / {phase.in_language(lang)}", lang)
    yield _line("applies", describe(r.applies_when, words).in_language(lang), lang)
    yield _line("satisfied", describe(r.satisfied_when, words).in_language(lang), lang)
    yield _line("severity", grade, lang)
    for name in ("prerequisites", "refines", "mirrors", "supports"):
        others: tuple[str, ...] = getattr(r, name)
        if others:
            yield _line(name, ", ".join(others), lang)
    if r.exclusion is not None:
        yield _line("exclusion", describe(r.exclusion.allowed_when, words).in_language(lang), lang)
    yield _line("evidence", words.usual_evidence(r.evidence_keys).in_language(lang), lang)
    yield _line("keys", ", ".join(words.expanded(r.evidence_keys)), lang)
    if r.verification is not None:
        for name in ("examine", "interview", "sample"):
            text: Text = getattr(r.verification, name)
            yield _line(name, text.in_language(lang), lang)
    for text in r.typical_nonconformities:
        yield _line("typical", text.in_language(lang), lang)
    for relation in standard.crosswalk.of(r.id):
        told = f"{relation.standard} {relation.reference}"
        told = f"{RELATIONS[relation.relation].in_language(lang)} {told}"
        if relation.uncovered:
            told += f" ({_WORDS['uncovered'].in_language(lang)}: {', '.join(relation.uncovered)})"
        yield _line("crosswalk", told, lang)
    basis, origin = BASIS_TITLES[r.provenance.basis].in_language(lang), r.provenance
    lines = f" ({origin.lines})" if origin.lines else ""
    yield _line("provenance", f"{basis}{lines}, {origin.reason.in_language(lang)}", lang)


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
    if item.computed is not None:
        yield _line("computed", ", ".join(item.computed.keys), lang)
    yield _line("evidence", item.evidence.in_language(lang), lang)
    readers = [r.id for r in standard.requirements.values() if item.key in r.evidence_keys]
    yield _line("used", ", ".join(readers), lang)
