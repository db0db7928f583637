"""An empty company file that holds only the questions that can matter."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from socap.clauses.pack import Subject
from socap.errors import Problem, Text, UsageError, unknown_name
from socap.rules.expressions import keys_read
from socap.rules.facts import Facts, known
from socap.rules.reference import evaluate
from socap.rules.truth import Truth
from socap.rules.vocabulary import TYPES_KEY, EvidenceItem, ValueType

if TYPE_CHECKING:
    from collections.abc import Iterable

    from socap.errors import Lang
    from socap.standard import Standard

_HEAD: dict[Lang, tuple[str, ...]] = {
    "zh": (
        "socap 企业信息文件。把 null 换成答案；不知道的保留 null 或删去该行，缺少的答案只会使结论待定。",
        "完整写法：{value: 2026-03-02, source: 记录编号, collected_on: 2026-04-01, valid_until: 2027-03-02}",
        "期内确实没有发生的，写 {no_case: 理由}（仅限注明可用的问题）。",
        "情形（是 true，否 false）",
        "可写 no_case",
        "每条记录一行，去掉行首的 # 后填写；确实没有的写 []",
    ),
    "en": (
        "socap company file. Replace null by the answer; leave what you do not know. Nothing missing ever fails.",
        "In full: {value: 2026-03-02, source: record number, collected_on: 2026-04-01, valid_until: 2027-03-02}",
        "Where the period had no case, write {no_case: reason} (only where a question says so).",
        "circumstances (true or false)",
        "no_case possible",
        "one entry a record: remove the # and fill in; write [] where there is none",
    ),
}


def relevant_keys(standard: Standard, types: Iterable[str]) -> tuple[str, ...]:
    """Return, in order, the keys that some requirement may read for these types."""
    facts = Facts(date.min, {TYPES_KEY: known(frozenset(types))})
    found: dict[str, None] = {}
    for requirement in standard.requirements.values():
        if evaluate(requirement.applies_when, facts) is Truth.FALSE:
            continue
        for expression in (requirement.applies_when, requirement.satisfied_when):
            read = standard.vocabulary.expanded(keys_read(expression))
            found.update(dict.fromkeys(read))
    return tuple(found)


def template(standard: Standard, types: Iterable[str], lang: Lang) -> str:
    """Return an empty company file in YAML. Raises UsageError for an unknown type."""
    chosen = tuple(dict.fromkeys(types))
    words = standard.vocabulary
    for name in chosen:
        if name not in words.types:
            raise unknown_name(Text("外包类型", "outsourcing type"), name, words.types)
    if words.types and not chosen:
        raise UsageError(
            [Problem(Text("至少写一种外包类型", "name at least one outsourcing type"))]
        )
    keys = relevant_keys(standard, chosen)
    head = _HEAD[lang]
    lines = [f"# {line}" for line in head[:3]]
    lines += _about(standard, chosen, keys, lang)
    lines.append("evidence:")
    for key in keys:
        if key in words.items:
            lines += [f"  # {_question(words.items[key], lang)}", f"  {key}: null"]
    lines += _record_lists(standard, keys, lang)
    return "\n".join(lines) + "\n"


def _about(
    standard: Standard, types: tuple[str, ...], keys: tuple[str, ...], lang: Lang
) -> list[str]:
    words = standard.vocabulary
    if standard.pack.subject is Subject.PERSON:
        lines = ["person:", "  id: staff-1", "  name: {zh: 姓名, en: Name}"]
    else:
        lines = ["organisation:", "  id: my-company", "  name: {zh: 我的公司, en: My company}"]
        lines.append("  employees: null")
    if words.types or words.flags:
        lines.append("profile:")
    if words.types:
        lines.append(f"  types: [{', '.join(types)}]")
    if words.flags:
        lines.append(f"  # {_HEAD[lang][3]}")
    for name, flag in words.flags.items():
        if f"profile.{name}" in keys:
            lines += [f"  # {flag.question.in_language(lang)}", f"  {name}: null"]
    return lines


def _record_lists(standard: Standard, keys: tuple[str, ...], lang: Lang) -> list[str]:
    names = [key.removeprefix("records.") for key in keys if key.startswith("records.")]
    lines = [f"# {_HEAD[lang][5]}", "records:"] if names else []
    for name in names:
        kind = standard.vocabulary.records[name]
        lines += [f"  # {kind.title.in_language(lang)}", f"  {name}: null", "  #  - id: example"]
        for key, item in kind.fields.items():
            if key in keys:
                field = key.removeprefix(f"{name}.")
                lines.append(f"  #    {field}:   # {_question(item, lang)}")
    return lines


def _question(item: EvidenceItem, lang: Lang) -> str:
    notes = []
    if item.members:
        notes.append(" | ".join(item.members))
    elif item.type is ValueType.DATE:
        notes.append("YYYY-MM-DD")
    elif item.type is ValueType.BOOLEAN:
        notes.append("true | false")
    elif item.type is ValueType.PERCENT:
        notes.append("0–100 %")
    elif item.unit:
        notes.append(item.unit)
    if item.accepts_no_case:
        notes.append(_HEAD[lang][4])
    noted = f" [{'; '.join(notes)}]" if notes else ""
    return item.question.in_language(lang).replace("\n", " ") + noted
