"""The whole standard as one Markdown page, requirement by requirement, from the data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from socap.clauses.requirement import BASIS_TITLES
from socap.errors import Text
from socap.findings import GRADE_TITLES
from socap.reports.markdown import escaped
from socap.reports.wording import GROUPS, OBLIGATIONS, RELATIONS
from socap.rules.prose import describe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from socap.clauses.requirement import Requirement
    from socap.errors import Lang
    from socap.standard import Standard

_WORDS = {
    "handbook": Text("逐项说明", "requirement by requirement"),
    "generated": Text(
        "本页由数据生成：`socap handbook --lang zh`。",
        "Generated from the data: `socap handbook --lang en`.",
    ),
    "about": Text("要求", "Requirement"),
    "applies": Text("适用条件", "Applies when"),
    "satisfied": Text("判定规则", "Satisfied when"),
    "evidence": Text("证据项", "Evidence items"),
    "usual": Text("通常证据", "Usual evidence"),
    "examine": Text("查阅", "Examine"),
    "interview": Text("询问", "Interview"),
    "sample": Text("抽样", "Sample"),
    "typical": Text("典型不符合", "Typical nonconformities"),
    "prerequisites": Text("前置要求", "Rests on"),
    "refines": Text("细化", "Refines"),
    "mirrors": Text("对应", "Mirrors"),
    "supports": Text("支撑的主标准要求", "Supports in the main standard"),
    "exclusion": Text("可删减的条件", "May be excluded when"),
    "crosswalk": Text("标准对照", "Crosswalk"),
    "uncovered": Text("未覆盖", "not covered"),
    "provenance": Text("依据", "Provenance"),
    "anomaly": Text("目录异常", "Irregular in the source"),
}


def handbook(standard: Standard, lang: Lang) -> str:
    """Return text, rule in words, evidence, guidance, crosswalk and provenance of everything."""

    def word(name: str) -> str:
        return _WORDS[name].in_language(lang)

    lines = [
        f"# {standard.title.in_language(lang)}: {word('handbook')}",
        "",
        word("generated"),
        "",
        f"> {escaped(standard.pack.notice.in_language(lang))}",
    ]
    by_clause: dict[str, list[Requirement]] = {}
    for requirement in standard.requirements.values():
        by_clause.setdefault(requirement.clause, []).append(requirement)
    for clause in standard.headings.values():
        inside = [c for c in by_clause if c == clause.id or c.startswith(f"{clause.id}.")]
        if not inside:
            continue
        lines += ["", f"## {clause.id} {escaped(clause.title.in_language(lang))}".rstrip()]
        lines += [
            f"\n*{word('anomaly')}: {escaped(text.in_language(lang))}*" for text in clause.anomalies
        ]
        for requirement in by_clause.get(clause.id, ()):
            lines += ["", *_requirement(requirement, standard, lang)]
    return "\n".join(lines) + "\n"


def _requirement(r: Requirement, standard: Standard, lang: Lang) -> Iterator[str]:
    words = standard.vocabulary

    def line(name: str, value: str) -> str:
        return f"- **{_WORDS[name].in_language(lang)}**: {value}"

    yield f"### {r.id} {escaped(r.title.in_language(lang))}"
    yield ""
    yield escaped(r.statement.in_language(lang))
    yield ""
    kinds = (
        OBLIGATIONS[r.obligation],
        GRADE_TITLES[r.severity],
        GROUPS[r.aspect.value],
        GROUPS[r.pdca.value],
    )
    yield line("about", " · ".join(kind.in_language(lang) for kind in kinds))
    yield line("applies", escaped(describe(r.applies_when, words).in_language(lang)))
    yield line("satisfied", escaped(describe(r.satisfied_when, words).in_language(lang)))
    yield line("evidence", ", ".join(f"`{key}`" for key in words.expanded(r.evidence_keys)))
    yield line("usual", escaped(words.usual_evidence(r.evidence_keys).in_language(lang)))
    if r.verification is not None:
        for name in ("examine", "interview", "sample"):
            text: Text = getattr(r.verification, name)
            yield line(name, escaped(text.in_language(lang)))
    if r.typical_nonconformities:
        told = [escaped(t.in_language(lang)) for t in r.typical_nonconformities]
        yield line("typical", "；".join(told) if lang == "zh" else "; ".join(told))
    for name in ("prerequisites", "refines", "mirrors", "supports"):
        others: tuple[str, ...] = getattr(r, name)
        if others:
            yield line(name, ", ".join(others))
    if r.exclusion is not None:
        yield line(
            "exclusion", escaped(describe(r.exclusion.allowed_when, words).in_language(lang))
        )
    yield from _crosswalk(r, standard, lang)
    lines = f" ({r.provenance.lines})" if r.provenance.lines else ""
    basis = BASIS_TITLES[r.provenance.basis].in_language(lang)
    yield line("provenance", f"{basis}{lines}: {escaped(r.provenance.reason.in_language(lang))}")


def _crosswalk(r: Requirement, standard: Standard, lang: Lang) -> Iterator[str]:
    relations = standard.crosswalk.of(r.id)
    if not relations:
        return
    yield f"- **{_WORDS['crosswalk'].in_language(lang)}**:"
    for relation in relations:
        label = standard.crosswalk.standards[relation.standard].references[relation.reference]
        told = (
            f"  - {relation.standard} {relation.reference} ({escaped(label.in_language(lang))}): "
        )
        told += RELATIONS[relation.relation].in_language(lang)
        told += f", {relation.strength}/10"
        if relation.uncovered:
            left = ", ".join(f"`{key}`" for key in relation.uncovered)
            told += f"; {_WORDS['uncovered'].in_language(lang)}: {left}"
        yield told
