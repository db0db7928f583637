from __future__ import annotations

import re
import shutil
import subprocess
import sys
import zipfile
from dataclasses import fields, replace
from datetime import UTC, date, datetime
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import docx
import pytest
from document_templates import templates
from docx.oxml.ns import qn

from socap.assessment import Assessment, assess
from socap.company_file import read
from socap.errors import MissingExtraError, Text, UsageError
from socap.reports import record as record_module
from socap.reports.docx import (
    DOCUMENT_TITLES,
    DocumentKind,
    assessment_report,
    document,
)
from socap.reports.record import record
from socap.standard import load

if TYPE_CHECKING:
    from socap.errors import Lang
    from socap.standard import Standard

ROOT = Path(__file__).parents[1]
AS_OF = date(2026, 11, 1)
LANGS: tuple[Lang, ...] = ("zh", "en")
NONCONFORMITIES = {
    "almost-there": ["4.3-e"],
    "delta-group": ["4.3-h", "B.1.3-d", "C.8-c", "C.10-b"],
    "huaqiao-software": ["6.3-f", "6.6-d", "A.1.2-e", "A.1.3-c", "C.3-b"],
    "kunshan-contact-centre": ["B.1.3-a", "B.1.3-b"],
    "new-start": [],
    "suzhou-analytics": ["5.1-e"],
}
STEPS = {
    "almost-there": 2,
    "delta-group": 6,
    "huaqiao-software": 5,
    "kunshan-contact-centre": 2,
    "new-start": None,
    "suzhou-analytics": 1,
}
ALL = [(e, k, lang) for e in NONCONFORMITIES for k in DocumentKind for lang in LANGS]


@cache
def assessed(example: str) -> Assessment:
    return assess(read(ROOT / "examples" / f"{example}.yaml"), as_of=AS_OF)


@cache
def made(example: str, kind: DocumentKind, lang: Lang) -> bytes:
    return document(kind, assessed(example), lang)


def opened(content: bytes) -> Any:
    return docx.Document(BytesIO(content))


def paragraphs(content: bytes) -> list[tuple[str, str]]:
    """Return style and text of each paragraph, tables included, in order."""
    found = []
    for paragraph in opened(content).element.body.iter(qn("w:p")):
        style = paragraph.style or "Normal"
        found.append((style, "".join(t.text or "" for t in paragraph.iter(qn("w:t")))))
    return found


def lines(content: bytes) -> list[str]:
    return [text for _, text in paragraphs(content)]


def parts(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def own(*body: str, heading: str = "") -> bytes:
    """Return a template of these paragraphs."""
    template = docx.Document()
    for text in body:
        template.add_paragraph(text)
    if heading:
        template.sections[0].header.paragraphs[0].text = heading
    saved = BytesIO()
    template.save(saved)
    return saved.getvalue()


def filled(tmp_path: Path, template: bytes, kind: str = "audit-report") -> list[str]:
    file = tmp_path / "own.docx"
    file.write_bytes(template)
    return lines(document(kind, assessed("delta-group"), "en", template=file))


@pytest.mark.parametrize(
    ("path", "content"), list(templates()), ids=lambda v: getattr(v, "name", "")
)
def test_a_bundled_template_is_what_its_script_writes(path: Path, content: bytes) -> None:
    assert parts(path.read_bytes()) == parts(content)


@pytest.mark.parametrize(("example", "kind", "lang"), ALL)
def test_a_document_is_whole_and_the_same_each_time(
    example: str, kind: DocumentKind, lang: Lang
) -> None:
    content = made(example, kind, lang)
    if example == "delta-group":
        assert content == document(kind, assessed(example), lang)
    body, text = opened(content), "\n".join(lines(content))
    name = assessed(example).organisation.name.in_language(lang)
    assert lines(content)[0] == DOCUMENT_TITLES[kind].in_language(lang)
    assert body.sections[0].header.paragraphs[0].text == f"{name}\t2026-11-01"
    assert body.core_properties.created == datetime(2026, 11, 1, tzinfo=UTC)
    assert body.core_properties.title == f"{DOCUMENT_TITLES[kind].in_language(lang)} {name}"
    assert body.core_properties.language == {"zh": "zh-CN", "en": "en-GB"}[lang]
    assert assessed(example).standard.pack.notice.in_language(lang) in text
    assert not re.search(r"\{\{|\{%|%\}|\}\}|namespace|None\b(?!\.)|Outcome\.", text)
    sizes = {body.sections[0].page_width.cm, body.sections[0].page_height.cm}
    assert {round(size, 1) for size in sizes} == {21.0, 29.7}


@pytest.mark.parametrize(("example", "kind", "lang"), ALL)
def test_a_document_keeps_to_the_order_word_processors_insist_on(
    example: str, kind: DocumentKind, lang: Lang
) -> None:
    body = opened(made(example, kind, lang)).element.body
    order = [qn(f"w:{n}") for n in ("tcW", "gridSpan", "vMerge", "tcBorders", "shd")]
    for cell in body.iter(qn("w:tc")):
        places = [order.index(one.tag) for one in cell.tcPr]
        assert places == sorted(set(places))
        assert cell[-1].tag == qn("w:p")
    for table in body.iter(qn("w:tbl")):
        rows = table.findall(qn("w:tr"))
        assert rows
        assert all(row.find(f"{qn('w:trPr')}/{qn('w:cantSplit')}") is not None for row in rows)
    heads = [
        r
        for r in body.iter(qn("w:tr"))
        if r.find(f"{qn('w:trPr')}/{qn('w:tblHeader')}") is not None
    ]
    assert heads or (example, kind.value) == ("new-start", "corrective-action-requests")


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("example", NONCONFORMITIES)
def test_there_is_a_request_for_each_nonconformity(example: str, lang: Lang) -> None:
    found = paragraphs(made(example, DocumentKind.CORRECTIVE_ACTION_REQUESTS, lang))
    numbers = [text for style, text in found if style == "Request"]
    assert numbers == [f"CAR-20261101-{name}" for name in NONCONFORMITIES[example]]
    texts = [text for _, text in found]
    for name in NONCONFORMITIES[example]:
        finding = assessed(example).findings[name]
        assert finding.grade is not None
        assert assessed(example).standard.requirements[name].statement.in_language(lang) in texts
        for reason in finding.reasons:
            assert reason.text.in_language(lang) in texts
    none = {
        "zh": "不提出纠正措施要求；另有 139 项要求待定",
        "en": "139 requirements are undetermined",
    }[lang]
    assert (none in " ".join(texts)) == (not numbers)


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("example", NONCONFORMITIES)
def test_the_statement_holds_every_requirement_once(example: str, lang: Lang) -> None:
    content = made(example, DocumentKind.APPLICABILITY_STATEMENT, lang)
    told = {
        "conforming": ("适用", "applies"),
        "nonconforming": ("适用", "applies"),
        "not_applicable": ("不适用", "does not apply"),
        "excluded": ("适用，已删减", "applies, excluded"),
    }
    table = next(t for t in opened(content).tables if len(t.columns) == 5)
    rows = {}
    for row in table._tbl.tr_lst[1:]:
        cells = [
            "\n".join("".join(t.text for t in p.iter(qn("w:t"))) for p in c.p_lst)
            for c in row.tc_lst
        ]
        if len(cells) == 5:
            rows[cells[0].split(" ")[0]] = cells
    assert sorted(rows) == sorted(assessed(example).findings)
    for name, finding in assessed(example).findings.items():
        assert rows[name][3] == finding.told.in_language(lang)
        assert rows[name][2]
        if finding.outcome.value in told:
            assert rows[name][1] == told[finding.outcome.value][lang == "en"]


def test_an_exclusion_shows_its_justification_and_its_condition() -> None:
    found = lines(made("huaqiao-software", DocumentKind.APPLICABILITY_STATEMENT, "zh"))
    at = found.index("A.1.2-c 故障分级与时限")
    assert found[at + 1 : at + 3] == [
        "不提供运行维护服务 / no operations are provided",
        "并非“提供信息系统运行维护”",
    ]
    assert "删减理由：不提供运行维护服务 / no operations are provided" in found


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("example", STEPS)
def test_a_plan_shows_its_steps_or_why_there_is_none(example: str, lang: Lang) -> None:
    content = made(example, DocumentKind.REMEDIATION_PLAN, lang)
    tables = [t for t in opened(content).tables if len(t.columns) == 8]
    count = STEPS[example]
    if count is None:
        assert not tables
        expected = {
            "zh": "以现有情形，目标无法达到",
            "en": "The target cannot be reached as things stand",
        }
        assert expected[lang] in lines(content)
        assert "profile.remote_work" in lines(content)
        return
    (table,) = tables
    assert len(table.rows) == 1 + count
    steps = assessed(example).plan().steps
    for row, step in zip(table.rows[1:], steps, strict=True):
        assert row.cells[4].text == step.finish.isoformat()
        served = [line.split(" ")[0] for line in row.cells[5].text.split("\n")]
        assert served == list(step.serves)


@pytest.mark.parametrize(
    ("lang", "expected"),
    [
        ("zh", "目标已经达到，没有需要整改的事项"),
        ("en", "The target is reached already; nothing has to be done"),
    ],
)
def test_a_plan_says_when_there_is_nothing_to_do(lang: Lang, expected: str) -> None:
    subject = assessed("suzhou-analytics")
    empty = replace(subject.plan(), steps=(), cost=0, alternatives=())
    found = lines(document("remediation-plan", subject, lang, plan=empty))
    assert expected in found
    assert not any("2 步骤" in line or "2 Steps" in line for line in found)


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("example", NONCONFORMITIES)
def test_the_audit_report_says_what_was_found(example: str, lang: Lang) -> None:
    found = paragraphs(made(example, DocumentKind.AUDIT_REPORT, lang))
    texts = [text for _, text in found]
    subject = assessed(example)
    assert ("Lead", subject.recommendation.title.in_language(lang)) in found
    headings = [text for style, text in found if style == "Heading2"]
    assert [h.split(" ")[0] for h in headings] == NONCONFORMITIES[example]
    annex = texts[next(i for i, t in enumerate(texts) if t.startswith(("附录 A", "Annex A"))) :]
    listed = [t.split(" ")[0] for t in annex if t.split(" ")[0] in subject.findings]
    assert sorted(listed) == sorted(subject.findings)
    for finding in subject.findings.values():
        if finding.outcome.value == "undetermined":
            assert all(r.text.in_language(lang) in texts for r in finding.reasons)
    assert len([s for s, _ in found if s == "Heading1"]) == 12


def test_a_record_alone_gives_the_report() -> None:
    found = lines(assessment_report(record(assessed("delta-group")), "en"))
    assert "No forecast was made for this report." in found
    assert "No certificate is stated." in found


PACKS = ["staff-duties", "it-outsourcing-assessment", "municipal-recognition"]


@pytest.mark.parametrize("kind", DocumentKind)
@pytest.mark.parametrize("pack", PACKS)
def test_companion_packs_have_documents_too(pack: str, kind: DocumentKind) -> None:
    standard = load(pack)
    file = ROOT / "examples" / "companions" / f"{pack}.yaml"
    subject = assess(read(file, standard), standard, as_of=AS_OF)
    text = "\n".join(lines(document(kind, subject, "zh")))
    assert subject.organisation.name.zh in text
    assert not re.search(r"\{\{|\{%|namespace|None", text)


def test_a_pack_of_one_s_own_has_documents_too(tiny: Standard, company: Any) -> None:
    subject = assess(company("profile: {types: [ITO]}"), tiny, as_of=AS_OF)
    for kind in DocumentKind:
        assert lines(document(kind, subject, "en"))


NAME = "{{ 7*7 }} {% if %} <w:br/> & \"'\u202e{_{x}_} \x07\ufffe]]> 花"
SHOWN = "{{ 7*7 }} {% if %} <w:br/> & \"' {_{x}_}   ]]> 花"


@pytest.mark.parametrize("kind", DocumentKind)
def test_what_users_write_is_shown_as_text(kind: DocumentKind) -> None:
    subject = assessed("delta-group")
    renamed = replace(subject.organisation, name=Text(NAME, NAME))
    content = document(kind, replace(subject, organisation=renamed), "zh")
    assert SHOWN in lines(content)
    assert opened(content).sections[0].header.paragraphs[0].text == f"{SHOWN}\t2026-11-01"
    assert opened(content).core_properties.title.endswith(SHOWN)


def test_a_user_s_template_is_followed(tmp_path: Path) -> None:
    template = own(
        "{{ name }}: {{ recommendation.title|upper }}",
        "{%p for f in nonconformities %}",
        "{{ loop.index }} {{ f.number }} {% if f.grade.id == 'major' %}!{% endif %}",
        "{%p endfor %}",
        "{{ nonconformities|join(', ', attribute='requirement') }}",
        "{{ timeline.changes[0].date }}{{ findings[0].grade }}.",
        heading="{{ as_of }}",
    )
    assert filled(tmp_path, template) == [
        "Delta Group: CERTIFICATION DEFERRED",
        "1 CAR-20261101-4.3-h ",
        "2 CAR-20261101-B.1.3-d !",
        "3 CAR-20261101-C.8-c !",
        "4 CAR-20261101-C.10-b !",
        "4.3-h, B.1.3-d, C.8-c, C.10-b",
        "2026-11-09.",
    ]


@pytest.mark.parametrize("lang", LANGS)
def test_the_example_of_a_user_s_template_works(lang: Lang) -> None:
    file = ROOT / "examples" / "templates" / f"one-page-summary.{lang}.docx"
    found = lines(document("audit-report", assessed("delta-group"), lang, template=file))
    assert found[1] == {"zh": "三角洲集团", "en": "Delta Group"}[lang]
    assert sum(text.startswith("C.8-c ") for text in found) == 1


LOOPS = "{% for a in findings %}" * 5 + "x" + "{% endfor %}" * 5
REFUSED = {
    "unclosed mark": (["fine", "{{ name"], ["paragraph 2, “{{ name”: {{ should be closed by }} in its paragraph"]),
    "mark across paragraphs": (["{{ name", "}}"], ["{{ should be closed by }}"]),
    "syntax": (["{{ name name }}"], ["paragraph 1, “{{ name name }}”: the marks are wrong: expected token"]),
    "unclosed loop": (["{%p for f in findings %}"], ["the marks are wrong: Unexpected end of template"]),
    "unknown tag": (["{% endfo %}"], ["the marks are wrong: Encountered unknown tag 'endfo'"]),
    "unknown names, all at once": (
        ["{{ nam }} {{ nane }}", "{{ zzz }}"],
        ["no value named nam (did you mean name?)", "no value named nane", "“{{ zzz }}”: there is no value named zzz"],
    ),
    "name of another kind": (["{{ plan.cost }}"], ["there is no value named plan"]),
    "unknown part": (["{{ name }}", "{{ recommendation.titel }}"], ["paragraph 2, “{{ recommendation.titel }}”: there is no value named titel"]),
    "group": (["{{ recommendation }}"], ["a group of values: name one of them"]),
    "list": (["{{ findings }}"], ["a group of values"]),
    "call": (["{{ name.upper() }}"], ["a template may not use Call"]),
    "attribute walk": (["{{ name.__class__.__mro__ }}"], ["there is no value named __class__"]),
    "attribute walk in brackets": (["{{ name['__class__'] }}"], ["__class__"]),
    "attribute walk in join": (["{{ findings|join(attribute='__class__') }}"], ["__class__"]),
    "attr filter": (["{{ name|attr('upper') }}"], ["attr may not be used"]),
    "format": (["{{ '%9999999999s'|format(1) }}"], ["format may not be used"]),
    "the counter": (["{{ findings|socap_counted }}"], ["socap_counted may not be used"]),
    "include": (["{% include '/etc/passwd' %}"], ["a template may not use Include"]),
    "import": (["{% import 'os' as x %}"], ["a template may not use Import"]),
    "assignment": (["{% set x = name ~ name %}"], ["a template may not use Assign"]),
    "macro": (["{% macro m() %}{% endmacro %}"], ["a template may not use Macro"]),
    "power": (["{{ 9**9**9**9 }}"], ["a template may not use Pow"]),
    "product": (["{{ 'x' * 10000000000 }}"], ["a template may not use Mul"]),
    "range": (["{% for x in range(9) %}{% endfor %}"], ["a template may not use Call"]),
    "huge loops": ([LOOPS], ["the document gets larger than 80000000 characters"]),
    "loops in the header": (["x", "HEADER" + LOOPS], ["the document gets larger than"]),
    "recursion": (["{% for x in findings recursive %}{% endfor %}"], ["a template may not use For"]),
    "too many levels": (["{% for x in name %}" * 30 + "{% endfor %}" * 30], ["too many"]),
    "no list": (["{% for x in summary.major %}{% endfor %}"], ["cannot be worked out"]),
    "wrong kinds": (["{{ name + 1 }}"], ["cannot be worked out"]),
    "a run mark": (["{{r name }}"], ["{{r name }} may not be used"]),
    "long mark": (["{{ '" + "x" * 400 + "' }}"], ["a mark is longer than 300 characters"]),
    "blanks without end": (["{% colspan" + " " * 90 + "x %}"], ["may not be used"]),
    "many openings": (["{{p " * 20000], ["{{ should be closed by }}"]),
    "cut across": (["{% if name == '' %}<", "{% else %}", "{% endif %}</w:p></w:body>"], []),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_a_broken_or_hostile_template_is_refused(case: str, tmp_path: Path) -> None:
    body, expected = REFUSED[case]
    head = next((text[6:] for text in body if text.startswith("HEADER")), "")
    template = own(*(text for text in body if not text.startswith("HEADER")), heading=head)
    if case == "cut across":
        assert filled(tmp_path, template)
        return
    with pytest.raises(UsageError) as caught:
        filled(tmp_path, template)
    told = caught.value.render("en")
    for text in expected:
        assert text in told
    assert all(problem.file == "own.docx" for problem in caught.value.problems)
    assert re.search(r"[\u4e00-\u9fff]", caught.value.render("zh"))


def test_marks_that_cut_across_rows_are_refused(tmp_path: Path) -> None:
    template = docx.Document()
    table = template.add_table(rows=2, cols=2)
    table.cell(0, 1).text = "{% for f in findings %}"
    table.cell(1, 0).text = "{% endfor %}{{ name }}"
    template.add_paragraph("{% if name %}{%p endif %}")
    saved = BytesIO()
    template.save(saved)
    with pytest.raises(UsageError, match=r"the template cannot be used|marks"):
        filled(tmp_path, saved.getvalue())


def test_a_cell_that_is_left_empty_stays_a_cell(tmp_path: Path) -> None:
    template = docx.Document()
    cell = template.add_table(rows=1, cols=1).cell(0, 0)
    cell.text = "{%p for f in excluded %}"
    cell.add_paragraph("{{ f.title }}")
    cell.add_paragraph("{%p endfor %}")
    saved = BytesIO()
    template.save(saved)
    assert filled(tmp_path, saved.getvalue()) == [""]


def repacked(change: dict[str, bytes | None]) -> bytes:
    saved = BytesIO()
    with zipfile.ZipFile(saved, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in (parts(own("{{ name }}")) | change).items():
            if content is not None:
                archive.writestr(name, content)
    return saved.getvalue()


DOCTYPE = b'<!DOCTYPE x [<!ENTITY a "b">]>'
NOT_TEMPLATES = {
    "empty": b"",
    "text": b"hello {{ name }}",
    "compound file, as password protection makes it": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600,
    "another zip": repacked({"word/document.xml": None}),
    "a document without its types": repacked({"[Content_Types].xml": None}),
    "broken types": repacked({"[Content_Types].xml": b"<x"}),
    "broken relations": repacked({"_rels/.rels": b"<x"}),
    "broken body": repacked({"word/document.xml": b"<w:document"}),
    "no body": repacked({"word/document.xml": b"<x/>"}),
    "macros": repacked({"word/vbaProject.bin": b"x"}),
    "entities": repacked({"word/document.xml": DOCTYPE + b"<x/>"}),
    "zip bomb": repacked({"word/bomb.bin": b"\0" * 40_000_000}),
    "huge part": repacked({"word/document.xml": b"<x>" + b" " * 4_000_000 + b"</x>"}),
    "truncated": repacked({})[:-300],
    "a spreadsheet": repacked({"[Content_Types].xml": parts(own())["[Content_Types].xml"].replace(b"wordprocessingml.document.main", b"spreadsheetml.sheet.main")}),
}  # fmt: skip


@pytest.mark.parametrize("case", NOT_TEMPLATES)
def test_what_is_not_a_template_is_refused(case: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"own\.docx: .*(not a DOCX|too large|cannot be used)"):
        filled(tmp_path, NOT_TEMPLATES[case])


def test_a_template_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"gone\.docx: cannot be read"):
        document("audit-report", assessed("new-start"), template=tmp_path / "gone.docx")


def test_an_unknown_document_is_refused() -> None:
    with pytest.raises(UsageError, match="did you mean audit-report"):
        document("audit-reprot", assessed("new-start"))


def test_the_extra_is_named_where_it_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "socap.reports.docx.rendering", raising=False)
    monkeypatch.setitem(sys.modules, "docxtpl", None)
    with pytest.raises(MissingExtraError, match=r"socap\[docx\]"):
        document("audit-report", assessed("new-start"))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_name_a_template_may_use_is_documented(lang: Lang) -> None:
    page = (ROOT / "docs" / "document-templates.md").read_text(encoding="utf-8")
    told = page.split("## 中文")[lang == "zh"]
    rows = ("ReportRecord", "FindingRow", "EvidenceRow", "GroupRow", "Timeline", "ChangeRow", "CertificateRow", "RelationRow")  # fmt: skip
    for name in rows:
        for field in fields(getattr(record_module, name)):
            assert f"`{field.name}`" in told, (name, field.name)


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Return the text of every document as LibreOffice prints it, pages parted by form feeds."""
    folder = tmp_path_factory.mktemp("printed")
    office, reader = shutil.which("soffice"), shutil.which("pdftotext")
    assert office, "LibreOffice is needed: Debian package libreoffice-writer"
    assert reader, "pdftotext is needed: Debian package poppler-utils"
    for example, kind, lang in ALL:
        (folder / f"{example}.{kind}.{lang}.docx").write_bytes(made(example, kind, lang))
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    command = [office, profile, "--headless", "--convert-to", "pdf", "--outdir", str(folder)]
    subprocess.run(
        [*command, *sorted(map(str, folder.glob("*.docx")))], check=True, capture_output=True
    )
    texts = {}
    for file in sorted(folder.glob("*.pdf")):
        done = subprocess.run([reader, "-layout", file, "-"], check=True, capture_output=True)
        texts[file.stem] = done.stdout.decode()
    return texts


@pytest.mark.parametrize(("example", "kind", "lang"), ALL)
def test_a_document_prints(
    printed: dict[str, str], example: str, kind: DocumentKind, lang: Lang
) -> None:
    pages = printed[f"{example}.{kind}.{lang}"].split("\f")[:-1]
    assert pages
    name = assessed(example).organisation.name.in_language(lang)
    note = {"zh": "本文件不是认证证书", "en": "This document is not a certificate"}[lang]
    for number, page in enumerate(pages, start=1):
        assert name in page
        assert re.search(rf"\b{number} ?/ ?{len(pages)}\b", page)
        assert note in page
    assert DOCUMENT_TITLES[kind].in_language(lang) in pages[0]
    assert all(sum(map(bool, map(str.strip, page.split("\n")))) > 4 for page in pages)
    if kind is DocumentKind.CORRECTIVE_ACTION_REQUESTS:
        heads = [page.split("\n") for page in pages]
        found = [line.strip() for page in heads for line in page if line.strip() in wanted(example)]
        assert found == wanted(example)
        assert len(pages) == 1 + len(found)


def wanted(example: str) -> list[str]:
    return [f"CAR-20261101-{name}" for name in NONCONFORMITIES[example]]
