"""Blocks that several document templates share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from document_parts import Cell

from socap.errors import Text

if TYPE_CHECKING:
    from document_parts import Row, Sheet

NO, REQUIREMENT, OUTCOME = Text("编号", "No."), Text("要求", "Requirement"), Text("结论", "Outcome")
REASONS, GRADE, SIGNED = (
    Text("理由", "Reasons"),
    Text("分级", "Grade"),
    Text("签名、日期", "Signature, date"),
)
TITLED = "{{ f.requirement }} {{ f.title }}"
WHY = ("{%p for r in f.reasons %}", "{{ r.text }}", "{%p endfor %}")
COUNTS = (
    ("conforming", Text("符合", "Conf.")),
    ("major", Text("严重", "Major")),
    ("minor", Text("一般", "Minor")),
    ("opportunity", Text("改进", "OFI")),
    ("undetermined", Text("待定", "Undet.")),
    ("not_applicable", Text("不适用", "N/A")),
    ("excluded", Text("删减", "Excl.")),
)


def head(s: Sheet) -> None:
    """Add what every document begins with."""
    edition = Text("标准文件版本", "Edition of the rules")
    s.form(
        [
            "{%tr for line in head %}",
            ("{{ line.label }}", "{{ line.value }}", 0),
            "{%tr endfor %}",
            (edition, "{{ standard }} {{ standard_hash[:12] }}", 0),
        ]
    )
    s.paragraph("{{ notice }}", "Note")


def counts(s: Sheet, title: Text, values: str, label: str) -> None:
    """Add a table of outcomes, one row for each of `values`."""
    each, outcome = (1.4, 2.2) if s.lang == "zh" else (1.25, 2.7)
    cells = [
        Cell(("{{ g.counts." + name + " or '–' }}",), style="Cell Number") for name, _ in COUNTS
    ]
    status = Cell(("{{ g.counts.status.title }}",), fill="g.counts.status.colour")
    s.table(
        [s.width - outcome - each * len(COUNTS), outcome, *[each] * len(COUNTS)],
        [title, OUTCOME, *(text for _, text in COUNTS)],
        [f"{{%tr for g in {values} %}}", (label, status, *cells), "{%tr endfor %}"],
    )


def either(s: Sheet, values: str, none: Text) -> None:
    """Say that there are none; what follows, up to the next mark, is for when there are some."""
    s.paragraph(f"{{%p if not {values} %}}")
    s.paragraph(none)
    s.paragraph("{%p else %}")


def end(s: Sheet) -> None:
    """End what is only there under a condition."""
    s.paragraph("{%p endif %}")


def evidence(s: Sheet) -> None:
    """Add the table of the evidence of finding `f`."""
    s.table(
        [6.2, 3.4, 3.6, s.width - 13.2],
        [
            Text("客观证据", "Objective evidence"),
            Text("实际情况", "Found"),
            Text("状态", "Status"),
            Text("来源与日期", "Source and dates"),
        ],
        [
            "{%tr for e in f.evidence %}",
            (
                Cell(("{{ e.title }}", "{{ e.key }}"), last="Cell Key"),
                "{{ e.value }}",
                Cell(("{{ e.status }}{% if e.verified_by %} ({{ e.verified_by }}){% endif %}", "{{ e.state }}")),
                Cell((s.say(Text(
                    "{{ e.source }}{% if e.collected_on %} 采集：{{ e.collected_on }}{% endif %}{% if e.valid_until %} 有效期至：{{ e.valid_until }}{% endif %}",
                    "{{ e.source }}{% if e.collected_on %} collected: {{ e.collected_on }}{% endif %}{% if e.valid_until %} valid until: {{ e.valid_until }}{% endif %}",
                )), "{{ e.note }}")),
            ),
            "{%tr endfor %}",
        ],
    )  # fmt: skip


def rests_on(s: Sheet) -> str:
    """Return what a nonconformity `f` rests on."""
    return s.say(
        Text(
            "{% if f.unmet_prerequisites %}依赖尚未符合的要求：{{ f.unmet_prerequisites|join('、') }}。{% elif f.root_cause %}不依赖其他不符合项，可直接着手。{% endif %}",
            "{% if f.unmet_prerequisites %}Rests on requirements that do not conform yet: {{ f.unmet_prerequisites|join(', ') }}.{% elif f.root_cause %}Rests on no other nonconformity; it can be taken up directly.{% endif %}",
        )
    )


def signatures(s: Sheet, *roles: Text) -> None:
    """Add a table to be signed."""
    rows: list[Row] = [(role.in_language(s.lang), "", "") for role in roles]
    third = s.width / 3
    s.table([third] * 3, [Text("角色", "Role"), Text("姓名", "Name"), SIGNED], rows)
