"""What changed between two editions, as text or JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from socap.difference import ChangeKind
from socap.errors import Text
from socap.reports.wording import plain

if TYPE_CHECKING:
    from datetime import date

    from socap.difference import Difference, FindingDifference
    from socap.errors import Lang
    from socap.findings import Finding

_KINDS = {
    ChangeKind.ADDED: Text("新增要求", "added"),
    ChangeKind.REMOVED: Text("删除要求", "removed"),
    ChangeKind.REWORDED: Text("文字改写", "reworded"),
    ChangeKind.RULE: Text("判定规则变更", "rule changed"),
    ChangeKind.APPLICABILITY: Text("适用条件变更", "applicability changed"),
    ChangeKind.OBLIGATION: Text("约束程度变更", "obligation changed"),
    ChangeKind.SEVERITY: Text("不符合分级变更", "grade if unmet changed"),
    ChangeKind.PREREQUISITES: Text("前置要求变更", "prerequisites changed"),
    ChangeKind.EXCLUSION: Text("删减条件变更", "exclusion changed"),
    ChangeKind.GUIDANCE: Text("审核指引变更", "guidance changed"),
    ChangeKind.PARAMETER: Text("参数变更", "parameter changed"),
    ChangeKind.ITEM: Text("证据项变更", "evidence item changed"),
    ChangeKind.HEADING: Text("条款标题变更", "heading changed"),
    ChangeKind.CONSISTENCY: Text("一致性规则变更", "consistency rule changed"),
}
_NOTHING = Text("无", "none")


def difference_report(
    made: Difference, form: str, lang: Lang, company: str | None, as_of: date | None
) -> str:
    """Return the changes, and the findings of a company that change where one is given."""
    moved = made.findings(company, as_of) if company is not None and as_of is not None else None
    if form == "json":
        told = made.to_dict()
        if moved is not None:
            told["findings"] = [_as_dict(change) for change in moved]
        return json.dumps(told, ensure_ascii=False, indent=2) + "\n"
    lines = [_edition(made.a.title, made.a.hash, [o.id for o in made.a.overlays], lang)]
    lines.append(_edition(made.b.title, made.b.hash, [o.id for o in made.b.overlays], lang))
    if not made.changes:
        lines.append(Text("没有差异", "no difference").in_language(lang))
    for change in made.changes:
        lines.append(f"{change.of}  {_KINDS[change.kind].in_language(lang)}")
        before, after = change.before or _NOTHING, change.after or _NOTHING
        same = before.in_language(lang) == after.in_language(lang)
        other: Lang = "en" if lang == "zh" else "zh"
        shown = other if same else lang
        lines += [f"  - {before.in_language(shown)}", f"  + {after.in_language(shown)}"]
    if moved is not None:
        head = Text(f"变化的审核发现：{len(moved)} 项", f"findings that change: {len(moved)}")
        lines.append(head.in_language(lang))
        for one in moved:
            was, now = _told(one.before, lang), _told(one.after, lang)
            lines.append(f"  {one.requirement}: {was} → {now}")
    return "\n".join(plain(line) for line in lines) + "\n"


def _edition(title: Text, digest: str, overlays: list[str], lang: Lang) -> str:
    over = f" + {', '.join(overlays)}" if overlays else ""
    return f"{title.in_language(lang)}{over} ({digest[:12]})"


def _told(finding: Finding | None, lang: Lang) -> str:
    return (_NOTHING if finding is None else finding.told).in_language(lang)


def _as_dict(change: FindingDifference) -> dict[str, object]:
    def side(finding: Finding | None) -> dict[str, str | None] | None:
        if finding is None:
            return None
        return {
            "outcome": finding.outcome.value,
            "grade": finding.grade.value if finding.grade else None,
        }

    return {
        "requirement": change.requirement,
        "before": side(change.before),
        "after": side(change.after),
    }
