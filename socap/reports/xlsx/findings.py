"""The findings as a workbook: summary with a chart, clauses, findings, evidence, what lies ahead."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from socap.answers import parse_date
from socap.errors import Text
from socap.findings import GRADE_TITLES, OUTCOME_TITLES, Outcome
from socap.reports.wording import GROUPS, TITLES, row_title
from socap.reports.xlsx.book import Book, Column
from socap.reports.xlsx.colours import BY_OUTCOME, DOUBTS, GRADES, OUTCOMES, findings_legend

if TYPE_CHECKING:
    from collections.abc import Iterator

    from socap.errors import Lang
    from socap.findings import RollUp
    from socap.reports.record import (
        CertificateRow,
        EvidenceRow,
        FindingRow,
        GroupRow,
        RelationRow,
        ReportRecord,
        Timeline,
    )
    from socap.reports.xlsx.book import Sheet, Value

_SUMMARY = Text("摘要", "Summary")
_CLAUSES = Text("条款汇总", "Clauses")
_FINDINGS = Text("审核发现", "Findings")
_EVIDENCE = Text("证据", "Evidence")
_FORECAST = Text("预测", "Forecast")
_CREDIT = Text("证书采信", "Credit")
_TOTAL = Text("合计", "Total")
_EVERY = Text("全部要求", "All requirements")
_GROUPED = Text("汇总方式", "Grouped by")
_GROUP = Text("分组", "Group")
_ASPECT = Text("方面", "Aspect")
_PHASE = Text("PDCA 阶段", "PDCA phase")
_CHART = Text("各结论占比（条内为要求项数）", "Share of outcomes (bars show how many requirements)")
_YES, _NO = Text("是", "yes"), Text("否", "no")
_COUNTED = (*OUTCOME_TITLES.items(), *GRADE_TITLES.items())


def assessment_report(made: ReportRecord, lang: Lang) -> bytes:
    """Return the workbook of an assessment, with forecast and credit where the record has them.

    Raises MissingExtraError without the extra `xlsx`, UsageError where a sheet cannot hold it.
    """
    name, standard = made.name, made.standard_title
    zh, en = f"{made.as_of}｜{name.zh}｜{standard.zh}", f"{made.as_of} | {name.en} | {standard.en}"
    book = Book(lang, TITLES["assessment"], Text(zh, en), made.as_of)
    _summary(book, made)
    _clauses(book, made)
    _findings(book, made)
    _evidence(book, made)
    if made.timeline is not None:
        _forecast(book, made.timeline)
    if made.certificates is not None:
        _credit(book, made.certificates)
    findings_legend(book)
    return book.content()


def _begun(book: Book, name: Text, columns: list[Column], across: int = 1) -> Sheet:
    sheet = book.sheet(name, columns, across=across)
    sheet.heading(name)
    return sheet


def _counts(counts: RollUp) -> Iterator[int]:
    for member, _ in _COUNTED:
        yield getattr(counts, member.value)


def _count_columns() -> list[Column]:
    return [
        Column(TITLES["outcome"], 15, OUTCOMES),
        *(Column(title, 14) for _, title in _COUNTED),
    ]


def _summary(book: Book, made: ReportRecord) -> None:
    columns = [Column(_GROUPED, 18), Column(_GROUP, 44), *_count_columns()]
    sheet = book.sheet(_SUMMARY, columns)
    sheet.heading(TITLES["assessment"])
    for line in made.head:
        value: Value = made.as_of if line.name == "as_of" else line.value
        if line.name == "status":
            sheet.paint(sheet.row, 1, sheet.row, OUTCOMES)
        sheet.line(line.label, value, bold=line.name in ("status", "recommendation"))
    sheet.row += 1
    sheet.note(made.notice)
    sheet.row += 1
    chapters = [row for row in made.by_clause if row.depth == 0]
    grouped = [
        (_TOTAL, _EVERY, made.summary),
        *((TITLES["clause"], _numbered(row), row.counts) for row in chapters),
        *((_ASPECT, row.title, row.counts) for row in made.by_aspect),
        *((_PHASE, row.title, row.counts) for row in made.by_pdca),
    ]
    rows: list[tuple[Value, ...]] = [
        (kind, title, OUTCOME_TITLES[counts.status], *_counts(counts))
        for kind, title, counts in grouped
    ]
    top = sheet.row
    sheet.table("summary", rows)
    sheet.made.fit_to_pages(1, 1)
    width = sum(7 * column.width + 5 for column in columns)
    sheet.made.insert_chart(sheet.row, 0, _chart(book, top, top + len(rows), width))


def _numbered(row: GroupRow) -> Text:
    return Text(row_title(row, "zh"), row_title(row, "en"))


def _chart(book: Book, top: int, last: int, width: int) -> Any:
    """Return bars of the groups in the rows after `top` up to `last`, one colour an outcome."""
    name = _SUMMARY.in_language(book.lang)
    chart = book.bars()
    for column, (outcome, colour) in enumerate(BY_OUTCOME.items(), start=3):
        white = outcome in (Outcome.CONFORMING, Outcome.NONCONFORMING)
        label = {"color": "#FFFFFF" if white else "#000000", "size": 8}
        chart.add_series(
            {
                "name": [name, top, column],
                "categories": [name, top + 1, 1, last, 1],
                "values": [name, top + 1, column, last, column],
                "fill": {"color": colour.bar},
                "gap": 40,
                "data_labels": {"value": True, "num_format": "0;;", "font": label},
            }
        )
    chart.set_title({"name": _CHART.in_language(book.lang), "name_font": {"size": 12}})
    chart.set_y_axis({"reverse": True, "num_font": {"size": 9}})
    chart.set_x_axis({"visible": False, "major_gridlines": {"visible": False}})
    chart.set_legend({"position": "bottom"})
    chart.set_size({"width": width, "height": 100 + 20 * (last - top)})
    return chart


def _clauses(book: Book, made: ReportRecord) -> None:
    columns = [Column(TITLES["clause"], 14), Column(TITLES["title"], 46), *_count_columns()]
    rows: list[tuple[Value, ...]] = [
        (row.id, row.title, OUTCOME_TITLES[row.counts.status], *_counts(row.counts))
        for row in made.by_clause
    ]
    sheet = _begun(book, _CLAUSES, columns)
    sheet.table("clauses", rows, frozen=2, indents=[row.depth for row in made.by_clause])


def _findings(book: Book, made: ReportRecord) -> None:
    columns = [
        Column(TITLES["clause"], 8),
        Column(TITLES["requirement"], 13),
        Column(TITLES["title"], 18),
        Column(TITLES["outcome"], 15, OUTCOMES),
        Column(TITLES["grade"], 13, GRADES),
        Column(Text("根本原因", "Root cause"), 8),
        Column(TITLES["statement"], 36),
        Column(TITLES["reasons"], 44),
        Column(_EVIDENCE, 36),
        Column(Text("尚未符合的先决要求", "Prerequisites not yet met"), 16),
        Column(Text("约束程度", "Obligation"), 11),
        Column(_ASPECT, 11),
        Column(_PHASE, 12),
        Column(Text("对应的其他标准条款", "Crosswalk"), 44),
        Column(Text("依据", "Provenance"), 44),
    ]
    sheet = _begun(book, _FINDINGS, columns, across=2)
    rows = [_finding(f) for f in made.findings]
    sheet.table("findings", rows, frozen=3)


def _finding(made: FindingRow) -> tuple[Value, ...]:
    return (
        made.clause,
        made.requirement,
        made.title,
        OUTCOME_TITLES[made.outcome],
        GRADE_TITLES[made.grade] if made.grade else "",
        _YES if made.root_cause else "",
        made.statement,
        tuple(reason.text for reason in made.reasons),
        tuple(_backed(answer) for answer in made.evidence),
        made.unmet_prerequisites,
        made.obligation,
        GROUPS[made.aspect],
        GROUPS[made.pdca],
        tuple(_related(one) for one in made.crosswalk),
        made.provenance,
    )


def _backed(made: EvidenceRow) -> Text:
    state = Text(f"（{made.state.zh}）", f" ({made.state.en})") if made.state else made.state
    zh = f"{made.title.zh}：{made.value.zh}{state.zh}"
    return Text(zh, f"{made.title.en}: {made.value.en}{state.en}")


def _related(made: RelationRow) -> Text:
    to, strength = f"{made.standard} {made.reference}", f"{made.strength}/10"
    zh = f"{made.relation.zh} {to}（{strength}）"
    return Text(zh, f"{made.relation.en} {to} ({strength})")


def _evidence(book: Book, made: ReportRecord) -> None:
    columns = [
        Column(TITLES["requirement"], 13),
        Column(TITLES["outcome"], 15, OUTCOMES),
        Column(TITLES["evidence"], 30),
        Column(TITLES["title"], 36),
        Column(Text("答案", "Answer"), 22, DOUBTS),
        Column(Text("不予计入的原因", "Why it does not count"), 18, DOUBTS),
        Column(Text("来源", "Source"), 22),
        Column(Text("采集日期", "Collected on"), 12),
        Column(Text("有效期至", "Valid until"), 12),
        Column(Text("核实状态", "Status"), 12),
        Column(Text("核实人", "Verified by"), 14),
        Column(Text("备注", "Note"), 22),
    ]
    rows: list[tuple[Value, ...]] = [
        (
            finding.requirement,
            OUTCOME_TITLES[finding.outcome],
            one.key,
            one.title,
            parse_date(one.value.zh) or one.value,
            one.state,
            one.source,
            one.collected_on,
            one.valid_until,
            one.status,
            one.verified_by,
            one.note,
        )
        for finding in made.findings
        for one in finding.evidence
    ]
    _begun(book, _EVIDENCE, columns).table("evidence", rows, frozen=1)


def _forecast(book: Book, timeline: Timeline) -> None:
    columns = [
        Column(Text("日期", "Date"), 12),
        Column(TITLES["requirement"], 13),
        Column(Text("此前", "Before"), 15, OUTCOMES),
        Column(Text("此后", "After"), 15, OUTCOMES),
        Column(Text("变化", "Change"), 50),
        Column(Text("原因", "Why"), 80),
    ]
    rows: list[tuple[Value, ...]] = [
        (
            change.date,
            change.requirement,
            OUTCOME_TITLES[change.before],
            OUTCOME_TITLES[change.after],
            change.text,
            change.causes,
        )
        for change in timeline.changes
    ]
    sheet = _begun(book, _FORECAST, columns)
    sheet.note(timeline.loss)
    sheet.row += 1
    sheet.table("forecast", rows, frozen=2)


def _credit(book: Book, certificates: tuple[CertificateRow, ...]) -> None:
    columns = [
        Column(Text("序号", "No."), 8),
        Column(TITLES["standard"], 28),
        Column(Text("有效期至", "Valid until"), 12),
        Column(Text("予以采信", "Counts"), 10),
        Column(Text("完全覆盖的要求", "Requirements covered"), 14),
        Column(Text("部分覆盖的要求", "Partly covered"), 14),
        Column(Text("不予采信的原因", "Why it gives no credit"), 50),
        Column(Text("须由审核员确认", "For an auditor to confirm"), 60),
    ]
    rows: list[tuple[Value, ...]] = [
        (
            held.number,
            held.standard,
            held.valid_until,
            _YES if held.counts else _NO,
            held.covered,
            held.partly,
            held.refused,
            held.to_confirm,
        )
        for held in certificates
    ]
    _begun(book, _CREDIT, columns).table("credit", rows)
