"""A portfolio's summary in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from socap.errors import Text
from socap.findings import OUTCOME_TITLES, Outcome
from socap.reports.wording import plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from socap.errors import Lang
    from socap.portfolio.summary import Summary


def text(made: Summary, lang: Lang) -> str:
    """Return a summary as text, a line a statement."""
    return "".join(plain(line.in_language(lang)) + "\n" for line in _lines(made))


def counts(outcomes: dict[str, int]) -> Text:
    """Return counts by outcome in words, those that are 0 left out."""
    kept = [(OUTCOME_TITLES[Outcome(name)], n) for name, n in outcomes.items() if n]
    return Text(
        "，".join(f"{title.zh} {n:,}" for title, n in kept) or "无",
        ", ".join(f"{title.en} {n:,}" for title, n in kept) or "none",
    )


def _lines(made: Summary) -> Iterator[Text]:
    by, as_of = made.options["by"], made.options["as_of"]
    title, statuses, outcomes = made.standard_title, counts(made.statuses), counts(made.outcomes)
    yield Text(
        f"{title.zh}：共评价 {made.organisations:,} 家，评价日 {as_of}",
        f"{title.en}: {made.organisations:,} assessed as of {as_of}",
    )
    yield from _faults(made)
    yield Text(f"总体结论：{statuses.zh}", f"Status: {statuses.en}")
    yield Text(f"审核发现：{outcomes.zh}", f"Findings: {outcomes.en}")
    clauses = {row.id: row for row in made.by_clause}
    if made.worst_clauses:
        yield Text("存在不符合的组织最多的条款：", "Clauses in which most have a nonconformity:")
    for name in made.worst_clauses:
        row = clauses[name]
        share = 100 * (row.affected or 0) / made.organisations
        yield Text(
            f"  {row.id} {row.title.zh}：{row.affected:,} 家（{share:.1f}%）",
            f"  {row.id} {row.title.en}: {row.affected:,} ({share:.1f}%)",
        )
    asked = {row.id: row for row in made.requirements}
    if made.worst_requirements:
        yield Text("不符合最多的要求：", "Requirements most often unmet:")
    for name in made.worst_requirements:
        requirement = asked[name]
        unmet = requirement.outcomes[Outcome.NONCONFORMING]
        yield Text(
            f"  {name} {requirement.title.zh}：{unmet:,} 家（已判定者的 {requirement.unmet_pct}%）",
            f"  {name} {requirement.title.en}: {unmet:,} ({requirement.unmet_pct}% of those decided)",
        )
    if made.groups:
        yield Text(
            f"按 {by} 分组（每家不符合项的平均数）：", f"By {by} (mean nonconformities each):"
        )
    for group in made.groups:
        name = group.name or "—"
        worst = "" if group.worst_clause is None else f" {group.worst_clause}"
        zh = f"；最突出的条款{worst}，高出 {group.above_pct} 个百分点" if worst else ""
        en = f"; stands out in{worst}, {group.above_pct} points above all" if worst else ""
        yield Text(
            f"  {name}：{group.organisations:,} 家，平均 {group.mean}{zh}",
            f"  {name}: {group.organisations:,} assessed, mean {group.mean}{en}",
        )
    if made.pairs:
        yield Text("常同时出现的不符合：", "Nonconformities that come together:")
    for pair in made.pairs:
        yield Text(
            f"  {pair.first} 与 {pair.second}：{pair.organisations:,} 家，为随机情形的 {pair.lift} 倍",
            f"  {pair.first} and {pair.second}: {pair.organisations:,}, {pair.lift} times chance",
        )
    if made.outliers:
        yield Text("与所在组差距最大的组织：", "Furthest from their group:")
    for one in made.outliers:
        place = f" {one.group}" if one.group else ""
        yield Text(
            f"  {one.id}{place}：不符合 {one.nonconformities} 项，组平均 {one.mean}（{one.deviations:+} 个标准差）",
            f"  {one.id}{place}: {one.nonconformities} nonconformities, mean {one.mean} ({one.deviations:+} deviations)",
        )


def _faults(made: Summary) -> Iterator[Text]:
    if not made.faulty:
        return
    yield Text(
        f"另有 {made.faulty:,} 行数据有误，未作评价：",
        f"{made.faulty:,} more rows have faults and were not assessed:",
    )
    for kind in made.faults["kinds"]:
        message, rows = kind["message"], kind["rows"]
        zh = "、".join(f"第 {entry['row']} 行（{entry['id']}）" for entry in kind["first"])
        en = ", ".join(f"row {entry['row']} ({entry['id']})" for entry in kind["first"])
        yield Text(
            f"  {kind['column']}：{message['zh']}，共 {rows:,} 行，如{zh}",
            f"  {kind['column']}: {message['en']}, in {rows:,} rows, such as {en}",
        )
    if made.faults["other_rows"]:
        n = made.faults["other_rows"]
        yield Text(f"  其他错误 {n:,} 处", f"  other faults: {n:,}")
