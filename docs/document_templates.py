"""Write the templates of the audit documents that come with socap, the same bytes each time.

Sources of what they hold: audit report, ISO 19011, 6.5.1; corrective action requests, ISO/IEC
17021-1, 9.4.5.3 and 9.4.9 to 9.4.10; their wording is socap's own.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from audit_report_template import audit_report
from document_blocks import (
    GRADE,
    NO,
    REASONS,
    REQUIREMENT,
    TITLED,
    WHY,
    counts,
    either,
    end,
    evidence,
    head,
    rests_on,
    signatures,
)
from document_parts import Cell, Sheet

from socap.errors import Text
from socap.reports.docx import DOCUMENT_TITLES, DocumentKind, bundled_template

if TYPE_CHECKING:
    from collections.abc import Iterator

    from socap.errors import Lang

ROOT = Path(__file__).parents[1]


def templates() -> Iterator[tuple[Path, bytes]]:
    """Yield each bundled template: where it belongs and its bytes."""
    makers = {
        DocumentKind.AUDIT_REPORT: audit_report,
        DocumentKind.CORRECTIVE_ACTION_REQUESTS: corrective_action_requests,
        DocumentKind.APPLICABILITY_STATEMENT: applicability_statement,
        DocumentKind.REMEDIATION_PLAN: remediation_plan,
    }
    langs: tuple[Lang, ...] = ("zh", "en")
    for kind, make in makers.items():
        landscape = kind in (DocumentKind.APPLICABILITY_STATEMENT, DocumentKind.REMEDIATION_PLAN)
        for lang in langs:
            sheet = Sheet(lang, DOCUMENT_TITLES[kind], landscape=landscape)
            make(sheet)
            yield bundled_template(kind, lang), sheet.content()
    for lang in langs:
        sheet = Sheet(lang, Text("一页摘要", "One-page summary"))
        one_page_summary(sheet)
        yield ROOT / "examples" / "templates" / f"one-page-summary.{lang}.docx", sheet.content()


def corrective_action_requests(s: Sheet) -> None:
    """Write the requests. Source of their contents: ISO/IEC 17021-1, 9.4.5.3, 9.4.9 and 9.4.10."""
    head(s)
    either(s, "nonconformities", Text(
        "截至 {{ as_of }} 未发现不符合项，不提出纠正措施要求；另有 {{ undetermined|length }} 项要求待定，尚不能判为符合。",
        "No nonconformity was found as of {{ as_of }}, so no corrective action is requested. {{ undetermined|length }} requirements are undetermined and cannot be called conforming yet.",
    ))  # fmt: skip
    s.paragraph(Text(
        "共 {{ nonconformities|length }} 项，每项一页。组织填写原因分析、纠正和纠正措施；审核员填写验证结果。",
        "{{ nonconformities|length }} in all, one a page. The organisation fills in causes, correction and corrective action; the auditor, the verification.",
    ))  # fmt: skip
    s.table(
        [4.6, s.width - 11, 3.6, 2.8],
        [NO, REQUIREMENT, GRADE, Text("关闭日期", "Closed on")],
        ["{%tr for f in nonconformities %}", ("{{ f.number }}", TITLED, "{{ f.grade.title }}", ""), "{%tr endfor %}"],
    )  # fmt: skip
    s.paragraph("{%p for f in nonconformities %}")
    s.paragraph("{{ f.number }}", "Request")
    s.form([
        (Text("组织", "Organisation"), "{{ name }}", 0),
        (Text("准则与要求", "Criteria and requirement"), "{{ standard_title }}, " + TITLED, 0),
        (Text("要求内容", "What is required"), "{{ f.statement }}", 0),
        (Text("不符合陈述", "Statement of nonconformity"), Cell((s.say(Text(
            "截至 {{ as_of }}，所提供的证据表明上述要求没有得到满足：",
            "As of {{ as_of }} the evidence provided shows that this requirement is not met:",
        )), *WHY)), 0),
        (Text("分级", "Grade"), "{{ f.grade.title }}", 0),
        (Text("关联", "Connections"), rests_on(s), 0),
        (Text("通常证据", "Usual evidence"), "{{ f.usual_evidence }}", 0),
    ])  # fmt: skip
    evidence(s)
    by = Text("责任人、计划完成日期：", "Responsible, due on: ")
    s.form([
        (Text("纠正（立即处置）", "Correction"), Cell(("", "", s.say(by))), 1.8),
        (Text("原因分析", "Analysis of causes"), "", 2.4),
        (Text("纠正措施", "Corrective action"), Cell(("", "", "", s.say(by))), 2.3),
        (Text("受审核方代表签名、日期", "For the auditee: signature, date"), "", 0.9),
        (Text("措施计划评审", "Review of the planned action"), s.say(Text(
            "□ 接受　□ 不接受，理由：", "□ accepted   □ not accepted, because:"
        )), 0.9),
        (Text("有效性验证", "Verification of effectiveness"), Cell((s.say(Text(
            "□ 有效　□ 无效　验证方式与证据：", "□ effective   □ not effective   How verified, evidence:"
        )), "", "")), 2.0),
        (Text("审核员签名、关闭日期", "Auditor: signature, closed on"), "", 0.9),
    ])  # fmt: skip
    s.paragraph("{%p endfor %}")
    end(s)


def applicability_statement(s: Sheet) -> None:
    """Write the statement: each requirement, whether it applies, why, and how it is met."""
    head(s)
    s.heading("1 删减及其理由", "1 Exclusions and their justification")
    either(s, "excluded", Text("没有删减任何要求。", "No requirement is excluded."))
    s.table(
        [7, 8.5, s.width - 15.5],
        [REQUIREMENT, Text("组织陈述的理由", "Justification given"), Text("准予删减的条件", "May be excluded when")],
        [
            "{%tr for f in excluded %}",
            (TITLED, "{{ applicability[f.requirement].justification }}", "{{ applicability[f.requirement].excludable }}"),
            "{%tr endfor %}",
        ],
    )  # fmt: skip
    end(s)
    s.paragraph("{%p if refused %}")
    s.table(
        [7, s.width - 7],
        [Text("不予接受或待定的删减", "Exclusions refused"), REASONS],
        ["{%tr for f in refused %}", (TITLED, Cell(WHY)), "{%tr endfor %}"],
    )
    end(s)
    s.heading("2 各项要求的适用性与实施情况", "2 Requirements: applicability and implementation")
    s.table(
        [6.4, 2.2, 5.6, 2.6, s.width - 16.8],
        [
            REQUIREMENT,
            Text("是否适用", "Applies"),
            Text("理由", "Why"),
            Text("实施状态", "Status"),
            Text("实施证据", "How it is met: evidence"),
        ],
        [
            "{%tr for c in by_clause %}",
            (Cell(("{{ c.id }} {{ c.title }}",), style="Cell Group"),),
            "{%tr for f in c.findings %}",
            (
                Cell((TITLED, "{{ f.statement }}"), first="Cell Head"),
                "{{ applicability[f.requirement].applies.title }}",
                Cell((
                    "{%p for w in applicability[f.requirement].why %}", "{{ w }}", "{%p endfor %}",
                    "{%p if applicability[f.requirement].justification %}",
                    s.say(Text("删减理由：", "Justification of the exclusion: ")) + "{{ applicability[f.requirement].justification }}",
                    "{%p endif %}",
                )),
                Cell(("{{ f.told }}",), fill="f.outcome.colour"),
                Cell((
                    "{%p if applicability[f.requirement].applies.id != 'no' %}",
                    "{%p for e in f.evidence %}",
                    s.say(Text(
                        "{{ e.title }}：{{ e.value }}{% if e.state %}（{{ e.state }}）{% endif %}{% if e.source %}；{{ e.source }}{% endif %}",
                        "{{ e.title }}: {{ e.value }}{% if e.state %} ({{ e.state }}){% endif %}{% if e.source %}; {{ e.source }}{% endif %}",
                    )),
                    "{%p endfor %}",
                    "{%p endif %}",
                )),
            ),
            "{%tr endfor %}",
            "{%tr endfor %}",
        ],
    )  # fmt: skip
    s.heading("3 批准", "3 Approval")
    signatures(s, Text("编制", "Prepared by"), Text("批准", "Approved by"))


def remediation_plan(s: Sheet) -> None:
    """Write the plan: its steps with dates, effort and what they serve, or why there is none."""
    head(s)
    s.heading("1 结论", "1 Result")
    s.paragraph("{%p if plan.conflict %}")
    s.paragraph(
        Text("以现有情形，目标无法达到", "The target cannot be reached as things stand"), "Lead"
    )
    s.paragraph(Text("以下各项不能同时成立：", "These cannot hold together:"))
    for values, text in (
        ("requirements", Text("满足要求：{{ x.id }} {{ x.title }}", "the requirement conforms: {{ x.id }} {{ x.title }}")),
        ("locks", Text(
            "{% if x.open %}尚未回答{% else %}保持不变{% endif %}：{{ x.title }}（{{ x.id }}）",
            "{% if x.open %}not answered yet{% else %}stays as it is{% endif %}: {{ x.title }} ({{ x.id }})",
        )),
        ("rules", Text("不再出现矛盾：{{ x.title }}", "this contradiction is gone: {{ x.title }}")),
    ):  # fmt: skip
        s.paragraph(f"{{%p for x in plan.conflict.{values} %}}")
        s.paragraph(text, "List Bullet")
        s.paragraph("{%p endfor %}")
    s.paragraph("{%p if plan.conflict.circumstances %}")
    s.paragraph(
        Text(
            "须先回答以下组织情形，计划不能代为决定：",
            "Answer these circumstances first; a plan may not settle them:",
        )
    )
    s.table(
        [s.width - 15, 8, 7],
        [Text("情形", "Circumstance"), Text("答复", "Answer"), Text("答复人、日期", "Answered by, on")],
        ["{%tr for x in plan.conflict.circumstances %}", (Cell(("{{ x.title }}", "{{ x.id }}"), last="Cell Key"), "", ""), "{%tr endfor %}"],
    )  # fmt: skip
    end(s)
    s.paragraph("{%p elif not plan.steps %}")
    s.paragraph(
        Text(
            "目标已经达到，没有需要整改的事项",
            "The target is reached already; nothing has to be done",
        ),
        "Lead",
    )
    s.paragraph(Text(
        "目标为满足全部适用的“应”类要求；改进机会 {{ opportunities|length }} 项不在其内。",
        "The target is that every mandatory requirement that applies conforms; {{ opportunities|length }} opportunities for improvement are outside it.",
    ))  # fmt: skip
    s.paragraph("{%p else %}")
    s.paragraph(Text(
        "{{ plan.steps|length }} 步，工作量 {{ plan.cost }} 天，最早于 {{ plan.finish }} 完成",
        "{{ plan.steps|length }} step{% if plan.steps|length != 1 %}s{% endif %}, {{ plan.cost }} day{% if plan.cost != 1 %}s{% endif %} of effort, done on {{ plan.finish }} at the earliest",
    ), "Lead")  # fmt: skip
    s.paragraph(Text(
        "这是使全部适用的“应”类要求符合的最省改动。每一步是指实际做到并留下证据，不是改写答案；消除矛盾的步骤须先查明事实，再确定改哪一方。没有给出工作量的步骤各按一天计。",
        "This is the set of changes, cheapest by effort, after which every mandatory requirement that applies conforms. A step means doing it and keeping the evidence, not rewriting an answer; where a step clears a contradiction, establish first which side is true. A step whose effort is not given counts one day.",
    ))  # fmt: skip
    s.paragraph("{{ plan.scheduling }}", "Note")
    s.heading("2 步骤", "2 Steps")
    s.table(
        [1, 6.6, 4.6, 1.6, 2.4, 4.3, 2.6, s.width - 23.1],
        [
            Text("序", "#"),
            Text("须做到", "To be done"),
            Text("由 → 至", "From → to"),
            Text("天数", "Days"),
            Text("最早完成", "Earliest"),
            Text("服务的要求", "Serves"),
            Text("责任人", "Who"),
            Text("期限、完成", "Due, done"),
        ],
        [
            "{%tr for x in plan.steps %}",
            (
                "{{ x.number }}",
                Cell((
                    "{{ x.title }}{% if x.record %} [{{ x.record }}]{% endif %}",
                    "{% if x.condition %}" + s.say(Text("须使：{{ x.condition }}", "so that {{ x.condition }}")) + "{% endif %}",
                )),
                "{{ x.before }} → {{ x.after }}",
                "{{ x.cost }}",
                "{{ x.finish }}",
                Cell(("{%p for r in x.serves %}", "{{ r.id }} {{ r.title }}", "{%p endfor %}")),
                "",
                "",
            ),
            "{%tr endfor %}",
        ],
    )  # fmt: skip
    s.heading("3 其他做法", "3 Other ways")
    s.paragraph("{%p if plan.unique %}")
    s.paragraph(
        Text("没有工作量同样少的其他做法。", "No other set of changes takes as little effort.")
    )
    s.paragraph("{%p else %}")
    s.paragraph(Text("以下做法工作量相同：", "These take the same effort:"))
    s.paragraph("{%p for other in plan.alternatives %}")
    s.paragraph(Text(
        "不做第 {{ other.dropped|join('、') }} 步，改为：{% for m in other.instead %}{{ m.title }}{% if m.record %} [{{ m.record }}]{% endif %}：{{ m.before }} → {{ m.after }}{% if not loop.last %}；{% endif %}{% endfor %}",
        "Instead of step {{ other.dropped|join(', ') }}: {% for m in other.instead %}{{ m.title }}{% if m.record %} [{{ m.record }}]{% endif %}: {{ m.before }} → {{ m.after }}{% if not loop.last %}; {% endif %}{% endfor %}",
    ), "List Bullet")  # fmt: skip
    s.paragraph("{%p endfor %}")
    s.paragraph("{%p if plan.more %}")
    s.paragraph(Text("此外还有工作量相同的做法。", "There are further ones."))
    end(s)
    end(s)
    s.paragraph("{%p if plan.broken %}")
    s.paragraph(
        Text(
            "注意：目标之外，以下要求将不再符合：",
            "Note: outside the target, these would no longer conform:",
        )
    )
    s.paragraph("{%p for x in plan.broken %}")
    s.paragraph("{{ x.id }} {{ x.title }}", "List Bullet")
    s.paragraph("{%p endfor %}")
    end(s)
    s.heading("4 批准", "4 Approval")
    signatures(s, Text("编制", "Prepared by"), Text("批准", "Approved by"))
    end(s)


def one_page_summary(s: Sheet) -> None:
    """Write an example of a template that a user might bring: a page for the management."""
    s.paragraph("{{ name }}", "Heading 1")
    s.paragraph("{{ recommendation.title }}", "Lead")
    s.paragraph("{{ recommendation.reason }}")
    counts(s, Text("方面", "Aspect"), "by_aspect", "{{ g.title }}")
    s.paragraph("{%p for f in nonconformities %}")
    s.paragraph(TITLED + " ({{ f.grade.title }})", "List Bullet")
    s.paragraph("{%p endfor %}")
    s.paragraph("{{ notice }}", "Note")


if __name__ == "__main__":
    for target, content in templates():
        target.parent.mkdir(exist_ok=True, parents=True)
        target.write_bytes(content)
