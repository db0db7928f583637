"""The workbooks read back as what was found; no text runs, and other programs open them."""

from __future__ import annotations

import csv
import subprocess
from dataclasses import replace
from datetime import date, datetime
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import ZipFile

import pytest
import yaml
from openpyxl import load_workbook

from socap.applicability_matrix import APPLICABILITY_TITLES, Applicability, matrix
from socap.assessment import assess
from socap.company_file import read
from socap.errors import MissingExtraError, Text, UsageError
from socap.findings import GRADE_TITLES, OUTCOME_TITLES, Outcome
from socap.reports.record import record
from socap.reports.xlsx import assessment_report, book, matrix_report
from socap.reports.xlsx.book import CELL_LIMIT, CUT, Book, Colour, Column, cell_text
from socap.reports.xlsx.colours import APPLICABILITY, BY_OUTCOME, DOUBTS, GRADES, OUTCOMES
from socap.standard import load

if TYPE_CHECKING:
    from collections.abc import Callable

    from socap.errors import Lang
    from socap.organisation import Organisation
    from socap.reports.record import ReportRecord
    from socap.standard import Standard

    Rows = list[tuple[Any, ...]]

EXAMPLES = Path(__file__).parent.parent / "examples"
GOLDEN = Path(__file__).parent / "golden" / "xlsx_reports.yaml"
AS_OF, UNTIL = date(2026, 11, 1), date(2027, 11, 1)
LANGS: tuple[Lang, ...] = ("zh", "en")
SHEETS = {
    "zh": ["摘要", "条款汇总", "审核发现", "证据", "预测", "证书采信", "图例"],
    "en": ["Summary", "Clauses", "Findings", "Evidence", "Forecast", "Credit", "Legend"],
}
TINY = """
profile: {types: [ITO], uses_external_suppliers: true}
evidence:
  audit.last_date: [{value: 2026-09-01, collected_on: 2026-10-10, valid_until: 2026-12-31, status: verified, verified_by: L, source: minutes}]
  test.pass_pct: 94
  plan.kept: true
  plan.state: draft
records:
  supplier: [{id: a, critical: true, evaluated_on: 2026-01-01}, {id: b, critical: false}]
"""


def made(file: str, pack: str | None = None) -> ReportRecord:
    standard = load(pack)
    found = assess(read(EXAMPLES / file, standard), standard, as_of=AS_OF)
    return record(found, forecast=found.forecast(until=UNTIL), credit=found.credit())


@pytest.fixture(scope="module")
def software() -> ReportRecord:
    return made("huaqiao-software.yaml")


@pytest.fixture
def small(company: Callable[[str], Organisation], tiny: Standard) -> ReportRecord:
    found = assess(company(TINY), tiny, as_of=AS_OF)
    return record(found, forecast=found.forecast(until=UNTIL), credit=found.credit())


def opened(content: bytes) -> Any:
    return load_workbook(BytesIO(content))


def table(sheet: Any) -> Rows:
    """Return the rows of the table of a sheet, its head first."""
    return [tuple(c.value for c in row) for row in sheet[sheet.auto_filter.ref or named(sheet)]]


def named(sheet: Any) -> str:
    (one,) = sheet.tables.values()
    reference: str = one.ref
    return reference


@pytest.mark.parametrize("lang", LANGS)
def test_the_findings_read_back_as_what_was_found(software: ReportRecord, lang: Lang) -> None:
    book = opened(assessment_report(software, lang))
    assert book.sheetnames == SHEETS[lang]
    head, *rows = table(book[SHEETS[lang][2]])
    assert len(head) == len(set(head)) == 15
    assert len(rows) == len(software.findings)
    for row, finding in zip(rows, software.findings, strict=True):
        assert row[:4] == (
            finding.clause,
            finding.requirement,
            finding.title.in_language(lang),
            OUTCOME_TITLES[finding.outcome].in_language(lang),
        )
        assert row[4] == (GRADE_TITLES[finding.grade].in_language(lang) if finding.grade else None)
        assert bool(row[5]) is finding.root_cause
        assert row[6] == finding.statement.in_language(lang)
        assert row[7] == "\n".join(r.text.in_language(lang) for r in finding.reasons)
        assert (row[8] or "").count("\n") == max(len(finding.evidence) - 1, 0)
        assert row[9] == ("\n".join(finding.unmet_prerequisites) or None)
        assert (row[13] or "").count("\n") == max(len(finding.crosswalk) - 1, 0)
        assert row[14] == finding.provenance.in_language(lang)


@pytest.mark.parametrize("lang", LANGS)
def test_the_counts_are_those_of_the_record(software: ReportRecord, lang: Lang) -> None:
    book = opened(assessment_report(software, lang))
    groups = (software.by_clause, software.by_aspect, software.by_pdca)
    top = [row for group in groups for row in group if row.depth == 0]
    counts = [software.summary, *(row.counts for row in top)]
    for rows, wanted in (
        (table(book[SHEETS[lang][0]])[1:], counts),
        (table(book[SHEETS[lang][1]])[1:], [row.counts for row in software.by_clause]),
    ):
        assert len(rows) == len(wanted)
        for row, one in zip(rows, wanted, strict=True):
            told = OUTCOME_TITLES[one.status].in_language(lang)
            outcomes = (one.conforming, one.nonconforming, one.undetermined)
            others = (one.not_applicable, one.excluded, one.major, one.minor, one.opportunity)
            assert row[2:] == (told, *outcomes, *others)
    indents = [cell.alignment.indent for cell in book[SHEETS[lang][1]]["A"][3:]]
    assert indents == [row.depth for row in software.by_clause]


def test_dates_are_dates(small: ReportRecord) -> None:
    book = opened(assessment_report(small, "en"))
    audit = next(row for row in table(book["Evidence"]) if row[2] == "audit.last_date")
    assert audit[4] == datetime(2026, 9, 1)  # noqa: DTZ001
    assert audit[6:11] == (
        "minutes",
        datetime(2026, 10, 10),  # noqa: DTZ001
        datetime(2026, 12, 31),  # noqa: DTZ001
        "verified",
        "L",
    )
    assert small.timeline is not None
    changes = table(book["Forecast"])[1:]
    assert [row[0].date() for row in changes] == [c.date for c in small.timeline.changes]
    assert [row[1] for row in changes] == [c.requirement for c in small.timeline.changes]
    summary = {row[0].value: row[1].value for row in book["Summary"].iter_rows(max_row=12)}
    assert summary["As of"] == datetime(2026, 11, 1)  # noqa: DTZ001


def test_a_date_that_a_sheet_does_not_know_is_a_text(small: ReportRecord) -> None:
    old = replace(small.findings[0].evidence[0], collected_on=date(1899, 12, 31))
    changed = replace(small, findings=(replace(small.findings[0], evidence=(old,)),))
    assert table(opened(assessment_report(changed, "en"))["Evidence"])[1][7] == "1899-12-31"


def everything(content: bytes) -> dict[str, list[list[str]]]:
    """Return every text and number of a workbook, sheet by sheet."""
    return {
        sheet.title: [
            [str(c.value) for c in row if c.value is not None] for row in sheet.iter_rows()
        ]
        for sheet in opened(content)
    }


@pytest.mark.parametrize("lang", LANGS)
def test_a_whole_workbook_is_the_golden_one(
    small: ReportRecord, tiny: Standard, lang: Lang
) -> None:
    golden = yaml.safe_load(GOLDEN.read_text(encoding="utf-8"))[lang]
    assert everything(assessment_report(small, lang)) == golden["assessment"]
    assert everything(matrix_report(matrix(tiny), lang)) == golden["matrix"]


@pytest.mark.parametrize("lang", LANGS)
def test_the_same_input_gives_the_same_bytes(
    small: ReportRecord, lang: Lang, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = assessment_report(small, lang), matrix_report(matrix(), lang)
    monkeypatch.setattr("time.localtime", lambda *_: pytest.fail("the clock was asked"))
    assert (assessment_report(small, lang), matrix_report(matrix(), lang)) == first
    with ZipFile(BytesIO(first[0])) as parts:
        assert {part.date_time[:3] for part in parts.infolist()} == {(1980, 1, 1)}
        core = parts.read("docProps/core.xml").decode()
    assert core.count("2026-11-01T00:00:00Z") == core.count("dcterms:W3CDTF") == 2
    with ZipFile(BytesIO(first[1])) as parts:
        assert parts.read("docProps/core.xml").decode().count("1980-01-01T00:00:00Z") == 2


HOSTILE = {
    '=cmd|"/c calc"!A1': '=cmd|"/c calc"!A1',
    "+1+1": "+1+1",
    "-2+3": "-2+3",
    "@SUM(A1)": "@SUM(A1)",
    "\t=1+1": " =1+1",
    "\r\n=1+1": "  =1+1",
    "{=1+1}": "{=1+1}",
    "http://example.com/": "http://example.com/",
    "<b>&amp;</b>]]>": "<b>&amp;</b>]]>",
    "_x0041_": "_x0041_",
    "a\x00\x08\x1b[31mb": "a   [31mb",
    "a\u202eb\u2028c\ud800d\ufffee\uffff": "a b c d e ",
    "R&D &G &[Picture] &P": "R&D &G &[Picture] &P",
    "𠀀" * 40: "𠀀" * 40,
    "&" * 300: "&" * 300,
    "0012": "0012",
    "": None,
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.filterwarnings("error")
def test_a_hostile_text_is_shown_as_it_is_and_never_runs(small: ReportRecord, name: str) -> None:
    both = Text(name, name)
    first = small.findings[0]
    answer = replace(first.evidence[0], source=name, verified_by=name, note=name, value=both)
    lines = tuple(
        replace(one, value=both) if one.name == "organisation" else one for one in small.head
    )
    finding = replace(first, evidence=(answer,), title=both)
    changed = replace(small, name=both, head=lines, findings=(finding,))
    for lang in LANGS:
        content = assessment_report(changed, lang)
        book = opened(content)
        wanted = HOSTILE[name]
        assert book[SHEETS[lang][0]]["B3"].value == wanted
        row = table(book[SHEETS[lang][3]])[1]
        assert (row[4], row[6], row[10], row[11]) == (wanted,) * 4
        kinds = {c.data_type for sheet in book for line in sheet.iter_rows() for c in line}
        assert kinds <= {"s", "n", "d"}, "no formula, no error value"
        assert all(sheet.oddFooter.right.text for sheet in book)
        with ZipFile(BytesIO(content)) as parts:
            sheets = [n for n in parts.namelist() if n.startswith("xl/worksheets/sheet")]
            assert not any(b"<f>" in parts.read(part) for part in sheets)
            assert not any("external" in part or "hyperlink" in part for part in parts.namelist())


def test_a_text_that_would_run_when_edited_is_marked_as_text(small: ReportRecord) -> None:
    title = Text("=1+1", "=1+1")
    changed = replace(small, findings=(replace(small.findings[0], title=title),))
    book = opened(assessment_report(changed, "en"))
    assert [book["Findings"][cell].quotePrefix for cell in ("C4", "B4")] == [True, False]


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("a" * CELL_LIMIT, CELL_LIMIT),
        ("a" * (CELL_LIMIT + 1), CELL_LIMIT - len(CUT.en)),
        ("𠀀" * (CELL_LIMIT // 2), CELL_LIMIT // 2),
        ("𠀀" * CELL_LIMIT, (CELL_LIMIT - len(CUT.en)) // 2),
    ],
    ids=["just", "one too many", "astral", "astral, too many"],
)
def test_a_text_too_long_for_a_cell_is_cut_with_a_mark(given: str, kept: int) -> None:
    told = cell_text(given, "en")
    assert told == given[:kept] + (CUT.en if kept < len(given) else "")
    assert len(told.encode("utf-16-le")) // 2 <= CELL_LIMIT


def test_too_many_lines_are_cut_with_a_mark(small: ReportRecord) -> None:
    reason = small.findings[0].reasons[0]
    finding = replace(small.findings[0], reasons=(reason,) * 300)
    told = table(opened(assessment_report(replace(small, findings=(finding,)), "zh"))["审核发现"])
    assert told[1][7].count("\n") == 249
    assert told[1][7].endswith(CUT.zh)


def test_more_than_a_sheet_holds_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(book, "ROW_LIMIT", 4)
    columns = [Column("a", 5)]
    sheet = Book("zh", Text("a", "a"), Text("a", "a"), None).sheet(Text("a", "a"), columns)
    sheet.table("t", [("1",)] * 3)
    sheet.row = 0
    with pytest.raises(UsageError, match="does not hold 4 rows and 1 columns"):
        sheet.table("u", [("1",)] * 4)


def test_five_thousand_findings_fit(small: ReportRecord) -> None:
    many = tuple(replace(f, requirement=f"9.{n}-a") for n in range(1000) for f in small.findings)
    content = assessment_report(replace(small, findings=many), "en")
    assert len(many) == 5000
    assert len(content) < 2_000_000
    sheet = load_workbook(BytesIO(content), read_only=True)["Findings"]
    assert sheet.max_row == 5003


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("pack", ["post-specification-1", "it-outsourcing-assessment"])
def test_other_packs_have_their_head_and_findings(pack: str, lang: Lang) -> None:
    told = made(f"companions/{pack}.yaml", pack)
    found = opened(assessment_report(told, lang))
    lines = {c[0].value: c[1].value for c in found[SHEETS[lang][0]].iter_rows(max_row=20)}
    for line in told.head:
        if line.name not in ("as_of", "overlay", "parameters", "disputed"):
            assert lines[line.label.in_language(lang)] == line.value.in_language(lang)
    assert len(table(found[SHEETS[lang][2]])) == len(told.findings) + 1


def test_a_record_without_forecast_and_credit_has_no_such_sheets(small: ReportRecord) -> None:
    bare = replace(small, timeline=None, certificates=None)
    assert opened(assessment_report(bare, "en")).sheetnames == [*SHEETS["en"][:4], "Legend"]


def test_an_empty_table_keeps_its_head(small: ReportRecord) -> None:
    assert small.timeline is not None
    bare = replace(
        small, timeline=replace(small.timeline, changes=()), certificates=(), findings=()
    )
    found = opened(assessment_report(bare, "en"))
    for name in ("Findings", "Evidence", "Forecast", "Credit"):
        assert len(table(found[name])) == 1


def painted(sheet: Any) -> dict[str, set[str]]:
    """Return the words that are coloured in each range of a sheet, with their fills."""
    return {
        str(area.sqref): {f"{r.text} {r.dxf.fill.bgColor.rgb[2:]}" for r in area.rules}
        for area in sheet.conditional_formatting
    }


def words(colours: dict[Text, Colour], lang: Lang) -> set[str]:
    return {f"{w.in_language(lang)} {c.fill[1:].upper()}" for w, c in colours.items()}


@pytest.mark.parametrize("lang", LANGS)
def test_outcomes_and_grades_are_coloured_and_the_legend_says_so(
    small: ReportRecord, lang: Lang
) -> None:
    found = opened(assessment_report(small, lang))
    last = 3 + len(small.findings)
    findings, legend = painted(found[SHEETS[lang][2]]), found[SHEETS[lang][6]]
    assert findings == {f"D4:D{last}": words(OUTCOMES, lang), f"E4:E{last}": words(GRADES, lang)}
    (coloured,) = painted(legend).values()
    assert coloured == words({**OUTCOMES, **GRADES, **DOUBTS}, lang)
    explained = {row[1]: row[2] for row in table(legend)}
    assert all(explained[word.in_language(lang)] for word in {**OUTCOMES, **GRADES, **DOUBTS})


@pytest.mark.parametrize("lang", LANGS)
def test_no_word_is_coloured_like_another_that_it_begins_with(lang: Lang) -> None:
    for group in (OUTCOMES, GRADES, DOUBTS, APPLICABILITY):
        told = [word.in_language(lang) for word in group]
        assert not [(a, b) for a in told for b in told if a != b and a.startswith(b)]


def luminance(colour: str) -> float:
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_every_colour_can_be_read() -> None:
    for colour in {*OUTCOMES.values(), *GRADES.values(), *DOUBTS.values()}:
        light, dark = sorted((luminance(colour.fill), luminance(colour.ink)), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 4.5, "WCAG 2.1, 1.4.3"


@pytest.mark.parametrize("lang", LANGS)
def test_the_chart_draws_the_counts(small: ReportRecord, lang: Lang) -> None:
    summary = opened(assessment_report(small, lang))[SHEETS[lang][0]]
    (chart,) = summary._charts
    top, last = (int(part[1:]) for part in named(summary).replace("K", "A").split(":"))
    name = SHEETS[lang][0]
    assert len(chart.series) == len(BY_OUTCOME)
    for column, series in zip("DEFGH", chart.series, strict=True):
        assert series.tx.strRef.f == f"{name}!${column}${top}"
        assert series.val.numRef.f == f"{name}!${column}${top + 1}:${column}${last}"
        assert series.cat.strRef.f == f"{name}!$B${top + 1}:$B${last}"


@pytest.mark.parametrize("lang", LANGS)
def test_every_sheet_prints_on_a4_landscape_with_its_head(small: ReportRecord, lang: Lang) -> None:
    whole = matrix_report(matrix(), lang), assessment_report(small, lang)
    for sheet in (sheet for content in whole for sheet in opened(content)):
        assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        reference = sheet.auto_filter.ref or named(sheet)
        head = int("".join(c for c in reference.split(":")[0] if c.isdigit()))
        assert sheet.print_title_rows == f"${head}:${head}"
        assert sheet.freeze_panes.endswith(str(head + 1))
        assert "&P" in sheet.oddFooter.right.text
        assert sheet.oddFooter.left.text


@pytest.mark.parametrize("lang", LANGS)
def test_the_matrix_reads_back_as_what_applies(lang: Lang) -> None:
    told = matrix()
    head, *rows = table(opened(matrix_report(told, lang)).worksheets[0])
    assert head[3:] == tuple("+".join(types) for types in told.columns)
    assert [row[1] for row in rows] == [row.requirement for row in told.rows]
    for cells, row in zip(rows, told.rows, strict=True):
        for shown, cell in zip(cells[3:], row.cells, strict=True):
            if cell.decision is Applicability.APPLIES_IF:
                assert cell.condition is not None
                prefix = {"zh": "若：", "en": "if "}[lang]
                assert shown == prefix + cell.condition.in_language(lang)
            else:
                assert shown == APPLICABILITY_TITLES[cell.decision].in_language(lang)


@pytest.mark.parametrize("lang", LANGS)
def test_the_matrix_is_coloured_and_explained(lang: Lang) -> None:
    sheet, legend = opened(matrix_report(matrix(), lang)).worksheets
    told = painted(sheet)
    assert len(told) == 7
    assert all(shown == words(APPLICABILITY, lang) for shown in told.values())
    (coloured,) = painted(legend).values()
    assert len(coloured) == 3


def test_a_company_matrix_says_why() -> None:
    organisation = read(EXAMPLES / "huaqiao-software.yaml")
    told = matrix(organisation=organisation, as_of=AS_OF)
    head, *rows = table(opened(matrix_report(told, "en")).worksheets[0])
    assert head[3:] == ("ITO", "Why")
    assert [row[4] for row in rows] == [row.cells[0].why.en for row in told.rows]


def test_types_whose_names_differ_by_case_alone_keep_their_columns() -> None:
    told = replace_columns((("ITO",), ("ito",)))
    assert table(opened(matrix_report(told, "en")).worksheets[0])[0][3:] == ("ITO", "ito")


def replace_columns(columns: tuple[tuple[str, ...], ...]) -> Any:
    told = matrix(types=["ITO", "BPO"])
    rows = tuple(replace(row, cells=row.cells[:2]) for row in told.rows)
    return replace(told, columns=columns, rows=rows)


def test_without_the_library_the_extra_is_named(
    small: ReportRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "xlsxwriter", None)
    with pytest.raises(MissingExtraError, match=r"socap\[xlsx\]"):
        assessment_report(small, "en")


@pytest.fixture(scope="module")
def converted(software: ReportRecord, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder where LibreOffice has opened, calculated and rendered the workbooks."""
    person = made("companions/post-specification-1.yaml", "post-specification-1")
    first = replace(software.findings[0], title=Text("=1+1", "=1+1"))
    company = replace(software, findings=(first, *software.findings[1:]))
    folder = tmp_path_factory.mktemp("office")
    sources = []
    for lang in LANGS:
        for name, content in (
            ("findings", assessment_report({"zh": company, "en": person}[lang], lang)),
            ("matrix", matrix_report(matrix(), lang)),
        ):
            sources.append(folder / f"{name}-{lang}.xlsx")
            sources[-1].write_bytes(content)
    every_sheet = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1"
    for form in ("pdf", every_sheet):
        command = ["soffice", f"-env:UserInstallation=file://{folder}/profile", "--headless"]
        command += ["--convert-to", form, "--outdir", str(folder), *map(str, sources)]
        subprocess.run(command, check=True, capture_output=True, timeout=300)
    return folder


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("name", ["findings", "matrix"])
def test_libreoffice_reads_the_same_values(converted: Path, name: str, lang: Lang) -> None:
    for sheet in load_workbook(converted / f"{name}-{lang}.xlsx"):
        file = converted / f"{name}-{lang}-{sheet.title}.csv"
        with file.open(encoding="utf-8", newline="") as content:
            read_back = [[cell for cell in row if cell] for row in csv.reader(content)]
        wanted = [[text(c.value) for c in row if c.value is not None] for row in sheet.iter_rows()]
        assert read_back == wanted


def text(value: object) -> str:
    return value.date().isoformat() if isinstance(value, datetime) else str(value)


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("findings", {"zh": ["花桥软件", "第 1 页，共"], "en": ["Gu Xiaolan", "Page 1 of"]}),
        ("matrix", {"zh": ["适用性矩阵", "若：多场所"], "en": ["Applicability matrix", "applies"]}),
    ],
)
def test_it_prints_on_a4_landscape(
    converted: Path, name: str, told: dict[str, list[str]], lang: Lang
) -> None:
    file = converted / f"{name}-{lang}.pdf"
    info = subprocess.run(["pdfinfo", file], check=True, capture_output=True, text=True).stdout  # noqa: S607
    (size,) = (line for line in info.splitlines() if line.startswith("Page size"))
    assert [round(float(part)) for part in size.split()[2:5:2]] == [842, 595]
    command = ["pdftotext", "-l", "3", str(file), "-"]
    shown = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    for words_shown in told[lang]:
        assert words_shown in shown


def test_an_open_finding_is_told_in_words_as_well(small: ReportRecord) -> None:
    assert small.having(Outcome.UNDETERMINED)
    rows = table(opened(assessment_report(small, "zh"))["审核发现"])
    assert "待定" in {row[3] for row in rows}
