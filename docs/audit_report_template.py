"""The template of the audit report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from document_blocks import (
    GRADE,
    NO,
    OUTCOME,
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
from document_parts import Cell

from socap.errors import Text

if TYPE_CHECKING:
    from document_parts import Sheet


def audit_report(s: Sheet) -> None:
    """Write the audit report. Source of its contents: ISO 19011, 6.5.1."""
    head(s)
    s.heading("1 审核结论", "1 Conclusion")
    s.paragraph("{{ recommendation.title }}", "Lead")
    s.paragraph("{{ recommendation.reason }}")
    s.paragraph(Text(
        "共 {{ findings|length }} 项要求：符合 {{ summary.conforming }} 项，严重不符合 {{ summary.major }} 项，一般不符合 {{ summary.minor }} 项，改进机会 {{ summary.opportunity }} 项，待定 {{ summary.undetermined }} 项，不适用 {{ summary.not_applicable }} 项，删减 {{ summary.excluded }} 项。",
        "Requirements: {{ findings|length }}. Conforming: {{ summary.conforming }}; major nonconformities: {{ summary.major }}; minor nonconformities: {{ summary.minor }}; opportunities for improvement: {{ summary.opportunity }}; undetermined: {{ summary.undetermined }}; not applicable: {{ summary.not_applicable }}; excluded: {{ summary.excluded }}.",
    ))  # fmt: skip
    s.paragraph(Text(
        "这是建议，不是认证决定：是否认证由认证机构决定。",
        "This is a recommendation, not a certification decision, which rests with a certification body.",
    ))  # fmt: skip
    s.heading("2 目的、范围与准则", "2 Objectives, scope and criteria")
    s.form([
        (Text("审核目的", "Objectives"), s.say(Text(
            "依据所提供的证据，判定截至评价日组织符合审核准则的程度，列明不符合项、待定事项和改进机会。",
            "To determine, from the evidence provided, to what extent the organisation meets the audit criteria as of the assessment date, and to list nonconformities, open points and opportunities for improvement.",
        )), 0),
        (Text("审核范围", "Scope"), s.say(Text(
            "{{ name }}{% for x in head %}{% if x.name == 'types' and x.value %}（{{ x.value }}）{% endif %}{% endfor %}；各项要求是否适用，见附录 A。",
            "{{ name }}{% for x in head %}{% if x.name == 'types' and x.value %} ({{ x.value }}){% endif %}{% endfor %}; Annex A shows which requirements apply.",
        )), 0),
        (Text("审核准则", "Criteria"), "{{ standard_title }}", 0),
        (Text("方法", "Method"), s.say(Text(
            "由软件按公开的规则对所提供的证据逐项判定；软件不到现场，不作访谈，不抽样。缺少的证据既不判为符合，也不判为不符合。",
            "Software judged each requirement by published rules from the evidence provided. It visited no site, interviewed nobody and drew no sample. Where evidence is missing, a requirement neither conforms nor fails.",
        )), 0),
        (Text("审核委托方", "Audit client"), "", 0.8),
        (Text("审核组", "Audit team"), "", 0.8),
        (Text("受审核方代表", "Participants of the auditee"), "", 0.8),
        (Text("现场审核的日期与地点", "Dates and places of on-site audit"), "", 0.8),
    ])  # fmt: skip
    s.heading("3 汇总", "3 Summary")
    label = "{{ g.id }} {{ g.title }}"
    counts(s, Text("条款", "Clause"), "by_clause", label)
    counts(s, Text("方面", "Aspect"), "by_aspect", "{{ g.title }}")
    counts(s, Text("PDCA 阶段", "PDCA phase"), "by_pdca", "{{ g.title }}")
    s.heading("4 不符合项", "4 Nonconformities")
    either(s, "nonconformities", Text(
        "截至评价日未发现不符合项。待定的要求不在此列，见第 6 章。",
        "No nonconformity was found as of the assessment date. Undetermined requirements are not judged here; see section 6.",
    ))  # fmt: skip
    s.table(
        [4.6, s.width - 8.6, 4],
        [NO, REQUIREMENT, GRADE],
        ["{%tr for f in nonconformities %}", ("{{ f.number }}", TITLED, "{{ f.grade.title }}"), "{%tr endfor %}"],
    )  # fmt: skip
    s.paragraph("{%p for f in nonconformities %}")
    s.paragraph(
        Text(TITLED + "（{{ f.grade.title }}）", TITLED + " ({{ f.grade.title }})"), "Heading 2"
    )
    s.paragraph(Text("要求：{{ f.statement }}", "Requirement: {{ f.statement }}"))
    s.paragraph("{%p for r in f.reasons %}")
    s.paragraph("{{ r.text }}", "List Bullet")
    s.paragraph("{%p endfor %}")
    s.paragraph(rests_on(s))
    evidence(s)
    s.paragraph("{%p endfor %}")
    end(s)
    s.heading("5 改进机会", "5 Opportunities for improvement")
    either(s, "opportunities", Text("无。", "None."))
    s.table(
        [6, s.width - 6],
        [REQUIREMENT, REASONS],
        ["{%tr for f in opportunities %}", (TITLED, Cell(WHY)), "{%tr endfor %}"],
    )
    end(s)
    s.heading("6 待定的要求及所缺证据", "6 Undetermined, and what is missing")
    either(s, "undetermined", Text("无。", "None."))
    s.table(
        [6, s.width - 6],
        [REQUIREMENT, Text("所缺或有疑问的证据", "Evidence missing or in doubt")],
        ["{%tr for f in undetermined %}", (TITLED, Cell(WHY)), "{%tr endfor %}"],
    )
    end(s)
    s.heading("7 删减", "7 Exclusions")
    for values, none, title in (
        ("excluded", Text("没有删减任何要求。", "No requirement is excluded."), Text("已接受的删减", "Excluded")),
        ("refused", None, Text("不予接受的删减", "Exclusions refused")),
    ):  # fmt: skip
        if none is None:
            s.paragraph(f"{{%p if {values} %}}")
        else:
            either(s, values, none)
        s.table(
            [6, s.width - 6],
            [title, REASONS],
            [f"{{%tr for f in {values} %}}", (TITLED, Cell(WHY)), "{%tr endfor %}"],
        )
        end(s)
    _outlook(s)
    s.heading("10 限制与声明", "10 Limits and statements")
    for text in (
        Text("本报告只依据组织提供的证据；证据的真实性与完整性由提供者负责，须由审核员核实。", "This report rests on the evidence that the organisation provided; whoever provided it answers for its truth and completeness, and an auditor has to verify it."),
        Text("审核受证据数量与时间所限，未列出不符合项不等于不存在不符合。", "An audit is bounded by the evidence and time available: that no nonconformity is listed does not mean that there is none."),
        Text("本报告不是认证证书，不得作为已获认证的凭据。", "This report is not a certificate and must not be used as proof of certification."),
    ):  # fmt: skip
        s.paragraph(text, "List Bullet")
    s.form([
        (Text("未解决的分歧意见", "Unresolved diverging opinions"), "", 1.4),
        (Text("商定的后续措施", "Agreed follow-up"), "", 1.4),
        (Text("保密与分发范围", "Confidentiality, distribution"), "", 1.0),
    ])  # fmt: skip
    s.heading("11 签署", "11 Signatures")
    signatures(s, Text("审核组长", "Audit team leader"), Text("受审核方代表", "For the auditee"))
    s.heading("附录 A 按条款列出的审核发现", "Annex A  Findings by clause")
    s.table(
        [s.width - 4.4, 4.4],
        [REQUIREMENT, OUTCOME],
        [
            "{%tr for c in by_clause %}",
            (Cell(("{{ c.id }} {{ c.title }}",), style="Cell Group"),),
            "{%tr for f in c.findings %}",
            (TITLED, Cell(("{{ f.told }}",), fill="f.outcome.colour")),
            "{%tr endfor %}",
            "{%tr endfor %}",
        ],
    )


def _outlook(s: Sheet) -> None:
    s.heading("8 已有证书", "8 Certificates held")
    either(s, "certificates", Text("未申报任何证书。", "No certificate is stated."))
    s.table(
        [4.4, 2.4, 3.2, s.width - 10],
        [
            Text("标准", "Standard"),
            Text("有效期至", "Valid until"),
            Text("全部 / 部分覆盖", "Covers wholly / in part"),
            Text("是否采信及原因", "Accepted, and why not"),
        ],
        [
            "{%tr for c in certificates %}",
            (
                "{{ c.standard }}",
                "{{ c.valid_until }}",
                "{{ c.covered }} / {{ c.partly }}",
                Cell(
                    (
                        s.say(
                            Text(
                                "{% if c.counts %}采信{% else %}不采信{% endif %}",
                                "{% if c.counts %}accepted{% else %}not accepted{% endif %}",
                            )
                        ),
                        "{%p for r in c.refused %}",
                        "{{ r }}",
                        "{%p endfor %}",
                        "{%p for r in c.to_confirm %}",
                        s.say(Text("待确认：{{ r }}", "to be confirmed: {{ r }}")),
                        "{%p endfor %}",
                    )
                ),
            ),
            "{%tr endfor %}",
        ],
    )
    end(s)
    s.heading("9 到期前瞻", "9 Outlook if nothing is done")
    s.paragraph("{%p if timeline %}")
    s.paragraph("{{ timeline.loss }}")
    s.paragraph("{%p if timeline.changes %}")
    s.table(
        [2.6, 6.4, s.width - 9],
        [Text("日期", "Date"), Text("变化", "Change"), Text("原因", "Cause")],
        [
            "{%tr for c in timeline.changes %}",
            (
                "{{ c.date }}",
                "{{ c.text }}",
                Cell(("{%p for k in c.causes %}", "{{ k }}", "{%p endfor %}")),
            ),
            "{%tr endfor %}",
        ],
    )
    end(s)
    s.paragraph("{%p else %}")
    s.paragraph(Text("本报告未作前瞻。", "No forecast was made for this report."))
    end(s)
