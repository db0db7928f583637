from __future__ import annotations

import random
import shutil
import struct
import subprocess
import tracemalloc
import zipfile
from datetime import date, datetime, time, timedelta
from io import BytesIO
from typing import TYPE_CHECKING

import openpyxl
import pytest
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.utils.datetime import MAC_EPOCH

from socap.errors import EvidenceError, SocapError, UsageError
from socap.workbook import container, opening, parts
from socap.workbook.opening import Cell, Sheet, address, sheets

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import ModuleType

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
SHEET = "xl/worksheets/sheet1.xml"
TYPES = "[Content_Types].xml"
RELATIONS = "xl/_rels/workbook.xml.rels"


def _plain(*values: str | float | date | None) -> tuple[Cell, ...]:
    return tuple(Cell(value, formula=False) for value in values)


def _good() -> openpyxl.Workbook:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "回答"
    sheet.append(["文字", 97, 97.0, 0.5, True, False, date(2026, 3, 2)])
    sheet["H1"] = datetime.fromisoformat("2026-03-02T14:30")
    sheet["A3"] = 0.97
    sheet["A3"].number_format = "0.0%"
    sheet["B3"] = "=SUM(B1:C1)"
    sheet["C3"] = "#REF!"
    sheet["C3"].data_type = "e"
    sheet["D3"] = date(2026, 3, 2)
    sheet["D3"].number_format = 'yyyy"年"m"月"d"日"'
    sheet["E3"] = time(6, 0)
    sheet["F3"] = timedelta(hours=36)
    sheet["G3"] = "two\nlines <&> 😀"
    sheet["A5"] = "merged"
    sheet.merge_cells("A5:B6")
    sheet["D5"], sheet["C6"] = 5, 6
    book.create_sheet("empty")
    hidden = book.create_sheet("hidden")
    hidden.sheet_state = "hidden"
    hidden["B2"] = "there"
    return book


COVERED = Cell(None, formula=False, merged=True)
NONE = Cell(None, formula=False)
GOOD = (
    Sheet(
        "回答",
        (
            (
                1,
                _plain(
                    "文字",
                    97,
                    97,
                    0.5,
                    True,
                    False,
                    date(2026, 3, 2),
                    datetime.fromisoformat("2026-03-02T14:30"),
                ),
            ),
            (
                3,
                (
                    Cell(0.97, formula=False, percent=True),
                    Cell("=SUM(B1:C1)", formula=True),
                    Cell(None, formula=False, error="#REF!"),
                    *_plain(date(2026, 3, 2), 0.25, 1.5, "two\nlines <&> 😀"),
                ),
            ),
            (5, (Cell("merged", formula=False), COVERED, NONE, Cell(5, formula=False))),
            (6, (COVERED, COVERED, Cell(6, formula=False))),
        ),
    ),
    Sheet("empty", ()),
    Sheet("hidden", ((2, _plain(None, "there")),)),
)


@pytest.fixture(scope="module")
def good() -> bytes:
    kept = BytesIO()
    _good().save(kept)
    return kept.getvalue()


@pytest.fixture
def read(tmp_path: Path) -> Callable[[bytes], tuple[Sheet, ...]]:
    def reading(content: bytes) -> tuple[Sheet, ...]:
        path = tmp_path / "book.xlsx"
        path.write_bytes(content)
        return sheets(path)

    return reading


def _rebuilt(
    content: bytes, parts: dict[str, bytes | None], infos: tuple[zipfile.ZipInfo, ...] = ()
) -> bytes:
    """Return the workbook with parts replaced, added or (None) left out."""
    kept = BytesIO()
    with (
        zipfile.ZipFile(BytesIO(content)) as old,
        zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            if name not in parts:
                new.writestr(name, old.read(name))
        for name, part in parts.items():
            if part is not None:
                new.writestr(name, part)
        for info in infos:
            new.writestr(info, b"../../etc/passwd")
    return kept.getvalue()


def _part(content: bytes, name: str) -> bytes:
    with zipfile.ZipFile(BytesIO(content)) as archive:
        return archive.read(name)


def _grid(rows: str, tail: str = "") -> bytes:
    xml = f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData>{tail}</worksheet>'
    return xml.encode()


def test_a_workbook_of_openpyxl_reads_as_written(
    good: bytes, read: Callable[[bytes], tuple[Sheet, ...]]
) -> None:
    assert read(good) == GOOD


def test_a_workbook_resaved_by_libreoffice_reads_the_same(good: bytes, tmp_path: Path) -> None:
    office = shutil.which("soffice")
    assert office, "install libreoffice-calc"
    source = tmp_path / "book.xlsx"
    source.write_bytes(good)
    subprocess.run(
        [
            office,
            f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}",
            "--headless",
            "--convert-to",
            "xlsx",
            "--outdir",
            str(tmp_path / "resaved"),
            str(source),
        ],
        check=True,
        capture_output=True,
        timeout=120,
    )
    assert sheets(tmp_path / "resaved" / "book.xlsx") == GOOD


def test_the_strict_form_reads_the_same(
    good: bytes, read: Callable[[bytes], tuple[Sheet, ...]]
) -> None:
    with zipfile.ZipFile(BytesIO(good)) as archive:
        changed: dict[str, bytes | None] = {
            name: archive.read(name)
            .replace(MAIN.encode(), b"http://purl.oclc.org/ooxml/spreadsheetml/main")
            .replace(
                b"http://schemas.openxmlformats.org/officeDocument/2006/relationships",
                b"http://purl.oclc.org/ooxml/officeDocument/relationships",
            )
            for name in archive.namelist()
        }
    assert read(_rebuilt(good, changed)) == GOOD


def test_the_1904_system_names_the_same_days(
    read: Callable[[bytes], tuple[Sheet, ...]],
) -> None:
    book = openpyxl.Workbook()
    book.epoch = MAC_EPOCH
    assert book.active is not None
    book.active.append(
        [date(2026, 3, 2), datetime.fromisoformat("2026-03-02T00:00:01"), date(1904, 1, 2)]
    )
    kept = BytesIO()
    book.save(kept)
    assert b"44621" in _part(kept.getvalue(), SHEET)
    row = _plain(date(2026, 3, 2), datetime.fromisoformat("2026-03-02T00:00:01"), date(1904, 1, 2))
    assert read(kept.getvalue()) == (Sheet("Sheet", ((1, row),)),)


def test_rich_text_is_joined(read: Callable[[bytes], tuple[Sheet, ...]]) -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active["A1"] = CellRichText("a ", TextBlock(InlineFont(b=True), "粗"), " z")
    kept = BytesIO()
    book.save(kept)
    assert read(kept.getvalue())[0].rows == ((1, _plain("a 粗 z")),)


# Style 1 of the good workbook is a date, 3 a percentage; see `_good`.
STORED = [
    ('<c r="A1"><v>3.0</v></c>', Cell(3, formula=False)),
    ('<c r="A1"><v>1E3</v></c>', Cell(1000, formula=False)),
    ('<c r="A1"><v>-2.5e-1</v></c>', Cell(-0.25, formula=False)),
    ('<c r="A1"><v>1E+300</v></c>', Cell(1e300, formula=False)),
    ("<c><v>7</v></c>", Cell(7, formula=False)),
    ('<c r="A1" t="b"><f aca="false">TRUE()</f><v>1</v></c>', Cell(True, formula=False)),
    ('<c r="A1" s="1"><v>61</v></c>', Cell(date(1900, 3, 1), formula=False)),
    ('<c r="A1" s="1"><v>60</v></c>', Cell(60, formula=False)),
    ('<c r="A1" s="1"><v>45</v></c>', Cell(45, formula=False)),
    ('<c r="A1" s="1"><v>0</v></c>', Cell(0, formula=False)),
    ('<c r="A1" s="1"><v>-1</v></c>', Cell(-1, formula=False)),
    ('<c r="A1" s="1"><v>2958465</v></c>', Cell(date(9999, 12, 31), formula=False)),
    ('<c r="A1" s="1"><v>2958466</v></c>', Cell(2958466, formula=False)),
    ('<c r="A1" t="d"><v>2026-03-02</v></c>', Cell(date(2026, 3, 2), formula=False)),
    (
        '<c r="A1" t="d"><v>2026-03-02T08:00:00</v></c>',
        Cell(datetime.fromisoformat("2026-03-02T08:00"), formula=False),
    ),
    ('<c r="A1" t="b"><v>1</v></c>', Cell(True, formula=False)),
    ('<c r="A1" t="e"><v>#N/A</v></c>', Cell(None, formula=False, error="#N/A")),
    ('<c r="A1" t="e"><f>#N/A</f><v>#N/A</v></c>', Cell(None, formula=False, error="#N/A")),
    ('<c r="A1" t="e"><f>1/0</f><v>#DIV/0!</v></c>', Cell("=1/0", formula=True, error="#DIV/0!")),
    ('<c r="A1"><f t="shared" si="0"/><v>8</v></c>', Cell("=", formula=True)),
    ('<c r="A1" t="str"><f>A2</f><v>yes</v></c>', Cell("=A2", formula=True)),
    ('<c r="A1"><f>[1]Other!$A$1</f><v>8</v></c>', Cell("=[1]Other!$A$1", formula=True)),
    ('<c r="A1" t="str"><v>a_x000D_b_x005F_x000D_</v></c>', Cell("a\rb_x000D_", formula=False)),
    ('<c r="A1" t="str"><v>_xD83D__x0000_</v></c>', Cell("_xD83D__x0000_", formula=False)),
    (
        '<c r="A1" t="inlineStr"><is><r><t>a</t></r><r><t> b</t></r>'
        "<rPh sb='0' eb='1'><t>phonetic</t></rPh></is></c>",
        Cell("a b", formula=False),
    ),
    ('<c r="A1" t="inlineStr"><is><t>=1+1</t></is></c>', Cell("=1+1", formula=False)),
]


@pytest.mark.parametrize(("stored", "meant"), STORED)
def test_what_is_stored_reads_as_what_is_meant(
    good: bytes, read: Callable[[bytes], tuple[Sheet, ...]], stored: str, meant: Cell
) -> None:
    content = _rebuilt(good, {SHEET: _grid(f'<row r="1">{stored}</row>')})
    assert read(content)[0].rows == ((1, (meant,)),)


def _with_strings(good: bytes, count: int) -> bytes:
    """Return the workbook with shared strings, which openpyxl does not write."""
    text = "<si><r><t>a</t></r><r><t xml:space='preserve'> 粗</t></r><rPh sb='0' eb='1'><t>x</t></rPh></si>"
    relations = _part(good, RELATIONS).decode()
    relation = '<Relationship Id="s" Type="http://x/sharedStrings" Target="Strings.xml"/>'
    return _rebuilt(
        good,
        {
            "xl/strings.xml": f'<sst xmlns="{MAIN}">{text}{"<si/>" * (count - 1)}</sst>'.encode(),
            RELATIONS: relations.replace(
                "</Relationships>", f"{relation}</Relationships>"
            ).encode(),
        },
    )


def test_shared_strings_are_found_in_any_case_and_joined(
    good: bytes, read: Callable[[bytes], tuple[Sheet, ...]]
) -> None:
    row = '<row><c t="s"><v>0</v></c><c t="s"><v>1</v></c><c t="s"><v>0</v></c></row>'
    content = _rebuilt(_with_strings(good, 2), {SHEET: _grid(row)})
    assert read(content)[0].rows == ((1, _plain("a 粗", None, "a 粗")),)


@pytest.mark.parametrize("number", [*range(14, 18), 22, *range(27, 37), *range(50, 59)])
def test_formats_named_by_number_only_are_dates(
    good: bytes, read: Callable[[bytes], tuple[Sheet, ...]], number: int
) -> None:
    styles = f'<styleSheet xmlns="{MAIN}"><cellXfs><xf numFmtId="{number}"/></cellXfs></styleSheet>'
    grid = _grid('<row r="1"><c r="A1"><v>46083</v></c></row>')
    content = _rebuilt(good, {SHEET: grid, "xl/styles.xml": styles.encode()})
    assert read(content)[0].rows == ((1, _plain(date(2026, 3, 2))),)


def test_the_farthest_cell_takes_no_room(
    good: bytes, read: Callable[[bytes], tuple[Sheet, ...]]
) -> None:
    content = _rebuilt(
        good,
        {
            SHEET: _grid(
                '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
                '<mergeCells><mergeCell ref="A1:XFD1048575"/></mergeCells>',
            )
        },
    )
    tracemalloc.start()
    ((number, cells),) = read(content)[0].rows
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (number, len(cells), cells[-1].value) == (1_048_576, 16_384, 1)
    assert peak < 5_000_000


def _encrypted_entry(content: bytes) -> bytes:
    """Set the encryption flag of every entry in the directory."""
    changed = bytearray(content)
    start = 0
    while (start := content.find(b"PK\x01\x02", start)) >= 0:
        changed[start + 8] |= 1
        start += 4
    return bytes(changed)


def _overlapping(content: bytes) -> bytes:
    """Let a second directory entry name the data of the first (a bomb by quotation)."""
    kept = BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as new:
        with zipfile.ZipFile(BytesIO(content)) as old:
            for name in old.namelist():
                new.writestr(name, old.read(name))
        twin = zipfile.ZipInfo("xl/twin.xml")
        first = new.infolist()[0]
        twin.header_offset, twin.compress_size = first.header_offset, first.compress_size
        twin.file_size, twin.CRC = first.file_size, first.CRC
        twin.compress_type = zipfile.ZIP_DEFLATED
        new.filelist.append(twin)
    return kept.getvalue()


def _lying(content: bytes) -> bytes:
    """Declare a small size for a part that inflates to far more."""
    bomb = _rebuilt(content, {"xl/a.xml": None, SHEET: _bomb()})
    size = struct.pack("<I", len(_bomb()))
    assert bomb.count(size) == 2
    return bomb.replace(size, struct.pack("<I", 1000))


def _bomb() -> bytes:
    return _grid("", f"<x>{' ' * (20 * container.MEGABYTE)}</x>")


def _symlink() -> zipfile.ZipInfo:
    link = zipfile.ZipInfo("xl/link.xml")
    link.external_attr = 0o120777 << 16
    return link


DOCTYPE = '<!DOCTYPE w [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>'
EXTERNAL = '<!DOCTYPE w [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
DTD = '<!DOCTYPE w SYSTEM "http://example.invalid/w.dtd">'


def _with_sheet(rows: str, tail: str = "") -> Callable[[bytes], bytes]:
    return lambda good: _rebuilt(good, {SHEET: _grid(rows, tail)})


def _prefixed(declared: str) -> Callable[[bytes], bytes]:
    return lambda good: _rebuilt(good, {SHEET: declared.encode() + _grid("")})


def _replaced(part: str, old: str, new: str) -> Callable[[bytes], bytes]:
    def change(good: bytes) -> bytes:
        before = _part(good, part)
        assert old.encode() in before
        return _rebuilt(good, {part: before.replace(old.encode(), new.encode())})

    return change


SHEET_TYPE = "spreadsheetml.sheet.main+xml"
OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504
HOSTILE: dict[str, tuple[Callable[[bytes], bytes], str, str]] = {
    "password": (
        lambda _: OLE2 + "EncryptedPackage".encode("utf-16-le"),
        "工作簿有密码保护",
        "the workbook is protected by a password",
    ),
    "old xls": (
        lambda _: OLE2 + "Workbook".encode("utf-16-le"),
        "旧式 .xls",
        "an old .xls",
    ),
    "empty": (lambda _: b"", "不是 .xlsx", "not an .xlsx workbook"),
    "html": (lambda _: b"<html><table>", "不是 .xlsx", "not an .xlsx workbook"),
    "empty zip": (lambda _: b"PK\x05\x06" + b"\0" * 18, "不是 .xlsx", "not an .xlsx workbook"),
    "truncated": (lambda good: good[:-100], "压缩包不完整", "zip archive is not complete"),
    "no workbook": (
        lambda good: _rebuilt(good, {TYPES: None}),
        "没有工作簿",
        "holds no workbook",
    ),
    "document": (
        _replaced(TYPES, SHEET_TYPE, "wordprocessingml.document.main+xml"),
        "没有工作簿",
        "holds no workbook",
    ),
    "xlsb": (
        lambda good: _rebuilt(good, {"xl/workbook.bin": b"x"}),
        ".xlsb",
        ".xlsb",
    ),
    "ods": (lambda good: _rebuilt(good, {"mimetype": b"x"}), ".ods", ".ods"),
    "macros": (
        lambda good: _rebuilt(good, {"xl/vbaProject.bin": b"x"}),
        "工作簿含宏",
        "contains macros",
    ),
    "xlsm": (
        _replaced(
            TYPES,
            "application/vnd.openxmlformats-officedocument." + SHEET_TYPE,
            "application/vnd.ms-excel.sheet.macroEnabled.main+xml",
        ),
        "工作簿含宏",
        "contains macros",
    ),
    "macro sheet": (
        lambda good: _rebuilt(good, {"xl/macrosheets/sheet1.xml": b"x"}),
        "工作簿含宏",
        "contains macros",
    ),
    "encrypted entry": (_encrypted_entry, "密码保护", "protected by a password"),
    "bomb": (
        lambda good: _rebuilt(good, {SHEET: _bomb()}),
        "压缩比超过 200",
        "more than 200 to 1",
    ),
    "lying size": (_lying, "sheet1.xml 无法读取", "sheet1.xml cannot be read"),
    "overlap": (_overlapping, "重叠", "overlap"),
    "twice": (
        lambda good: _rebuilt(good, {"xl/A.xml": b"1", "xl/a.xml": b"2"}),
        "xl/a.xml 重复",
        "xl/a.xml is in the archive twice",
    ),
    "up": (lambda good: _rebuilt(good, {"xl/../../a": b"x"}), "路径可疑", "suspicious path"),
    "root": (lambda good: _rebuilt(good, {"/etc/a": b"x"}), "路径可疑", "suspicious path"),
    "drive": (lambda good: _rebuilt(good, {"C:\\a": b"x"}), "路径可疑", "suspicious path"),
    "link": (lambda good: _rebuilt(good, {}, (_symlink(),)), "符号链接", "symbolic link"),
    "entities": (_prefixed(DOCTYPE), "实体声明", "declares an XML document type"),
    "external entity": (_prefixed(EXTERNAL), "实体声明", "declares an XML document type"),
    "dtd": (_prefixed(DTD), "实体声明", "declares an XML document type"),
    "utf-16 entities": (
        lambda good: _rebuilt(
            good,
            {SHEET: f'<?xml version="1.0" encoding="UTF-16"?>{DOCTYPE}<w/>'.encode("utf-16")},
        ),
        "实体声明",
        "declares an XML document type",
    ),
    "endless tag": (
        lambda good: _rebuilt(
            good, {SHEET: b"<a b='" + random.Random(1).randbytes(4_000_000).hex().encode()}
        ),
        "标记过长",
        "tag is too long",
    ),
    "long rich text": (
        _with_sheet(
            '<row><c t="inlineStr"><is>' + f"<r><t>{'长' * 60_000}</t></r>" * 2 + "</is></c></row>"
        ),
        "超过 100000 字",
        "more than 100000 characters",
    ),
    "long format": (
        _replaced("xl/styles.xml", 'formatCode="0.0%"', f'formatCode="{"[" * 1001}"'),
        "数字格式过长",
        "a number format is too long",
    ),
    "large small part": (
        lambda good: _rebuilt(good, {"_rels/.rels": b"<Relationships>" + b"<x/>" * 5_000_000}),
        "解压后超过 16 MB",
        "more than 16 MB when inflated",
    ),
    "deep": (_with_sheet("", "<a>" * 101 + "</a>" * 101), "嵌套过深", "nested too deeply"),
    "not xml": (
        lambda good: _rebuilt(good, {SHEET: b"hello"}),
        "无法读取",
        "cannot be read",
    ),
    "another root": (
        lambda good: _rebuilt(good, {SHEET: b"<html/>"}),
        "意外的内容 html",
        "unexpected content html",
    ),
    "unknown encoding": (_prefixed('<?xml version="1.0" encoding="zz"?>'), "无法读取", "cannot be"),
    "sheet missing": (lambda good: _rebuilt(good, {SHEET: None}), "缺少", "is missing"),
    "sheet outside": (
        _replaced(
            RELATIONS,
            'Target="/xl/worksheets/sheet1.xml"',
            'Target="http://example.invalid/sheet1.xml" TargetMode="External"',
        ),
        "找不到工作表 回答",
        "sheet 回答 is not there",
    ),
    "one name": (
        _replaced("xl/workbook.xml", 'name="empty"', 'name="HIDDEN"'),
        "重名",
        "have the same",
    ),
    "row order": (
        _with_sheet('<row r="2"/><row r="2"/>'),
        "回答!A2: 工作簿已损坏：行号 2 有误",
        "回答!A2: the workbook is damaged: wrong row 2",
    ),
    "no such row": (_with_sheet('<row r="1048577"/>'), "行号 1048577", "wrong row 1048577"),
    "no such column": (_with_sheet('<row r="1"><c r="XFE1"/></row>'), "XFE1", "XFE1"),
    "cell twice": (_with_sheet('<row r="1"><c r="B1"/><c r="A1"/></row>'), "A1 有误", "cell A1"),
    "cell of another row": (_with_sheet('<row r="1"><c r="A2"/></row>'), "A2 有误", "cell A2"),
    "no such format": (_with_sheet('<row r="1"><c r="A1" s="99"/></row>'), "格式不", "format of"),
    "no such text": (
        _with_sheet('<row r="1"><c r="A1" t="s"><v>99</v></c></row>'),
        "内容 99 与其类型不符",
        "99 does not fit",
    ),
    "no number": (
        _with_sheet('<row r="3"><c r="B3"><v>many</v></c></row>'),
        "回答!B3",
        "回答!B3: the workbook is damaged: many does not fit",
    ),
    "infinite": (_with_sheet('<row r="1"><c r="A1"><v>1e999</v></c></row>'), "1e999", "1e999"),
    "no boolean": (_with_sheet('<row><c t="b"><v>2</v></c></row>'), "内容 2", "2 does not fit"),
    "no type": (_with_sheet('<row><c t="x"><v>2</v></c></row>'), "内容 2", "2 does not fit"),
    "wrong merge": (
        _with_sheet("", '<mergeCells><mergeCell ref="C3:A1"/></mergeCells>'),
        "合并区域 C3:A1",
        "wrong merge C3:A1",
    ),
    "huge merge": (
        _with_sheet(
            "<row><c><v>1</v></c></row>" * 200,
            '<mergeCells><mergeCell ref="A1:XFD200000"/></mergeCells>',
        ),
        "超过 3000000 个单元格",
        "more than 3000000 cells",
    ),
    "wide rows": (
        _with_sheet(
            "".join(f'<row r="{n}"><c r="XFD{n}"><v>1</v></c></row>' for n in range(1, 200))
        ),
        "超过 3000000 个单元格",
        "more than 3000000 cells",
    ),
    "long text": (
        _with_sheet(f'<row><c t="str"><v>{"长" * 100_001}</v></c></row>'),
        "超过 100000 字",
        "more than 100000 characters",
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_are_refused_in_both_languages(
    good: bytes, read: Callable[[bytes], tuple[Sheet, ...]], name: str
) -> None:
    build, zh, en = HOSTILE[name]
    with pytest.raises(EvidenceError) as refused:
        read(build(good))
    (problem,) = refused.value.problems
    assert zh in problem.render("zh")
    assert en in problem.render("en")
    assert problem.file.endswith("book.xlsx")
    assert problem.hint


LIMITS = [
    (opening, "ROW_LIMIT", 4, "more than 4 rows"),
    (opening, "CELL_LIMIT", 23, "more than 23 cells"),
    (opening, "MERGE_LIMIT", 0, "more than 0 merges"),
    (parts, "STRING_LIMIT", 4, "more than 4 shared strings"),
    (parts, "SHEET_LIMIT", 2, "more than 2 sheets"),
    (container, "INFLATED_LIMIT", 4096, "when inflated"),
    (container, "MARKUP_LIMIT", 100, "too many XML elements"),
    (container, "ENTRY_LIMIT", 10, "more than 10 zip entries"),
]


@pytest.mark.parametrize(("module", "limit", "value", "message"), LIMITS)
def test_each_limit_is_counted(
    good: bytes,
    read: Callable[[bytes], tuple[Sheet, ...]],
    monkeypatch: pytest.MonkeyPatch,
    module: ModuleType,
    limit: str,
    value: int,
    message: str,
) -> None:
    monkeypatch.setattr(module, limit, value)
    good = _with_strings(good, 5)
    with pytest.raises(EvidenceError, match=message):
        read(good)


def test_the_caller_names_the_error_and_a_missing_file_is_one(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="does not exist"):
        sheets(tmp_path / "none.xlsx", UsageError)


def test_damage_anywhere_gives_a_result_or_an_error_of_ours(
    good: bytes, read: Callable[[bytes], tuple[Sheet, ...]]
) -> None:
    chance = random.Random(6)
    refused = 0
    for _ in range(400):
        changed = bytearray(good)
        if chance.random() < 0.2:
            del changed[chance.randrange(len(changed)) :]
        for _ in range(chance.choice([1, 1, 3, 20])):
            if changed:
                changed[chance.randrange(len(changed))] = chance.randrange(256)
        try:
            read(bytes(changed))
        except SocapError:
            refused += 1
    assert refused > 200


def test_damage_inside_parts_gives_a_result_or_an_error_of_ours(
    good: bytes, read: Callable[[bytes], tuple[Sheet, ...]]
) -> None:
    chance = random.Random(7)
    with zipfile.ZipFile(BytesIO(good)) as archive:
        whole = {name: archive.read(name) for name in archive.namelist()}
    names = [name for name in whole if not name.startswith(("docProps", "xl/theme"))]
    refused = 0
    for _ in range(400):
        name = chance.choice(names)
        changed = bytearray(whole[name])
        for _ in range(chance.choice([1, 1, 3])):
            place = chance.randrange(len(changed))
            if chance.random() < 0.3:
                end = place + chance.randrange(30)
                changed[place:end] = changed[end : end + chance.randrange(30)]
            else:
                changed[place] = chance.choice(b'0159<>"/=&-AZaz\x00\xff')
        try:
            read(_rebuilt(good, {name: bytes(changed)}))
        except SocapError:
            refused += 1
    assert 50 < refused < 400


def test_addresses() -> None:
    names = [address(1, column) for column in (1, 26, 27, 702, 703, 16_384)]
    assert names == ["A1", "Z1", "AA1", "ZZ1", "AAA1", "XFD1"]
