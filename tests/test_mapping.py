"""Evidence collected from files: what is taken, what is rejected, and where it says so."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import jsonschema_rs
import pytest

from socap.documents import read_document
from socap.errors import EvidenceError
from socap.mapping import rows
from socap.mapping.collecting import Collected, collect
from socap.schemas.mapping_file import mapping_file

if TYPE_CHECKING:
    from socap.standard import Standard

HEAD = "organisation: {id: t, name: {zh: 甲, en: A}}\nprofile: {types: [ITO]}\n"
CSV = HEAD + "sources: {s: {csv: s.csv}}\n"
SUPPLIERS = CSV + (
    "records: {supplier: {source: s, id: 编号, fields: {evaluated_on: 日期, "
    "critical: {column: 关键, values: {是: true, 否: false}}}}}\n"
)
PASS = CSV + "evidence: {test.pass_pct: {source: s, column: p, unit: fraction}}\n"


def gather(
    folder: Path, standard: Standard, mapping: str, content: str | bytes, name: str = "s.csv"
) -> Collected:
    data = content.encode() if isinstance(content, str) else content
    (folder / name).write_bytes(data)
    (folder / "m.yaml").write_text(mapping, encoding="utf-8")
    return collect(folder / "m.yaml", None, standard)


def faults(
    folder: Path, standard: Standard, mapping: str, content: str | bytes, name: str = "s.csv"
) -> list[str]:
    with pytest.raises(EvidenceError) as caught:
        gather(folder, standard, mapping, content, name)
    zh = caught.value.render("zh").replace(f"{folder}/", "")
    assert zh.count("\n") == caught.value.render("en").count("\n")
    return caught.value.render("en").replace(f"{folder}/", "").split("\n")


def taken(found: Collected) -> list[dict[str, object]]:
    told: list[dict[str, object]] = found.organisation.to_dict()["records"]["supplier"]
    return told


def test_rows_become_records(tmp_path: Path, tiny: Standard) -> None:
    content = '\ufeff编号,日期,关键,备注\r\nA,2026-03-01,是,"一,\n二"\r\n\r\n,,,\r\nB,,否,\r\n'
    found = gather(tmp_path, tiny, SUPPLIERS, content)
    assert taken(found) == [
        {
            "id": "A",
            "evaluated_on": {"value": "2026-03-01"},
            "critical": {"value": True},
            "source": "s.csv",
        },
        {"id": "B", "critical": {"value": False}, "source": "s.csv"},
    ]
    assert (found.rejected, found.rejected_rows, found.withheld) == ((), 0, ())
    assert found.left_out == {"supplier": 0}


@pytest.mark.parametrize(
    ("column", "item", "cell", "value"),
    [
        ("unit: fraction", "test.pass_pct", "0.29", 29),
        ("unit: fraction", "test.pass_pct", "０．９７５", 97.5),
        ("unit: fraction", "test.pass_pct", "1e-2", 1),
        ("unit: percent", "test.pass_pct", "97.5％", 97.5),
        ("unit: percent", "test.pass_pct", " 97 ", 97),
        ("thousands: true", "change.total_count", '"12,345"', 12345),
        ("unit: count", "change.total_count", "7.0", 7),
        ('format: "%Y年%m月%d日"', "audit.last_date", "２０２６年3月1日", "2026-03-01"),
        ('format: "%Y%m%d"', "audit.last_date", "20261101", "2026-11-01"),
        ('format: "%d.%m.%Y %H:%M"', "audit.last_date", "01.02.2026 23:59", "2026-02-01"),
        ("values: {}", "audit.last_date", "2026-03-01", "2026-03-01"),
        ("values: {已批: approved}", "plan.state", "已批", "approved"),
        ("values: {已批: approved}", "plan.state", "draft", "draft"),
        ('separator: "、", values: {范围: scope}', "plan.parts", "范围、 risk", ["risk", "scope"]),
        ("values: {}", "plan.kept", "TRUE", True),
    ],
)
def test_cells_are_converted(
    tmp_path: Path, tiny: Standard, column: str, item: str, cell: str, value: object
) -> None:
    mapping = CSV + f"evidence: {{{item}: {{source: s, column: p, {column}}}}}"
    found = gather(tmp_path, tiny, mapping, f"p,q\n{cell},x\n")
    assert found.organisation.to_dict()["evidence"] == {item: [{"value": value, "source": "s.csv"}]}


@pytest.mark.parametrize(
    ("column", "item", "cell", "message"),
    [
        ("unit: fraction", "test.pass_pct", "97", "97 (fraction) is not between 0 and 100"),
        ("unit: fraction", "test.pass_pct", "97%", "97% is not a number"),
        ("unit: fraction", "test.pass_pct", "0.949999999999999999", "more than 15 significant"),
        ("unit: percent", "test.pass_pct", "-1", "-1 (percent) is not between 0 and 100"),
        ("unit: percent", "test.pass_pct", "NaN", "NaN is not a number"),
        ("unit: percent", "test.pass_pct", "１/２", "１/２ is not a number"),
        ("unit: percent", "test.pass_pct", "9²", "9² is not a number"),
        ("unit: percent", "test.pass_pct", "①", "① is not a number"),
        ("unit: percent", "test.pass_pct", "1_0", "1_0 is not a number"),
        ("unit: count", "change.total_count", "1e999", "this should be a whole number"),
        ("unit: count", "change.total_count", "1e9999", "1e9999 is not a number"),
        ("unit: count", "change.total_count", '"1,234"', "(where the comma groups thousands"),
        ("thousands: true", "change.total_count", '"1,23"', "1,23 is not a number"),
        ("unit: count", "change.total_count", "1.5", "this should be a whole number"),
        ("unit: count", "change.total_count", "一", "一 is not a number"),
        ("values: {}", "audit.last_date", "2026/3/1", "give the column a format"),
        ("values: {}", "audit.last_date", "2026-3-1", "2026-3-1 is not a date that exists"),
        ("values: {}", "audit.last_date", "2026-02-29", "2026-02-29 is not a date that exists"),
        ("values: {}", "audit.last_date", "46082", "46082 is not a date that exists"),
        ("values: {}", "audit.last_date", "1066-01-01", "1066-01-01 is not a date that exists"),
        ('format: "%Y%m%d"', "audit.last_date", "2026111", "not a date written as %Y%m%d"),
        ('format: "%m/%d/%Y"', "audit.last_date", "31/12/2026", "written as %m/%d/%Y"),
        ("values: {}", "plan.state", "approvd", "approvd is not one of: draft, approved"),
        ("values: {}", "plan.parts", "scope、risk", "scope、risk is not one of: scope, risk"),
        ("values: {}", "plan.kept", "1", '(say in values what "1" stands for)'),
        ("values: {有: true}", "plan.kept", "有?", "有? is neither true nor false"),
    ],
)
def test_cells_are_rejected_by_row_and_column(
    tmp_path: Path, tiny: Standard, column: str, item: str, cell: str, message: str
) -> None:
    mapping = CSV + f"evidence: {{{item}: {{source: s, column: p, {column}}}}}"
    [fault] = faults(tmp_path, tiny, mapping, f"q,p\nx,{cell}\n")
    assert fault.startswith(f"s.csv: #2 p: evidence.{item}")
    assert message in fault


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", ["s.csv: sources.s: the file is empty"]),
        (b"\n", ["s.csv: sources.s: row 1 should name the columns"]),
        (b"\xef\xbb\xbf", ["s.csv: sources.s: row 1 should name the columns"]),
        (
            "编号,日期,日期,关键\n",
            ["s.csv: sources.s: columns share a name: 日期"],
        ),
        (
            "编号,评价日,关键\n",
            [
                "m.yaml:4: records.supplier.fields.evaluated_on: s has no column 日期 (it has: 编号, 评价日, 关键)"
            ],
        ),
        (
            ' 编号 ,"日\n期",关建\nA,,\n',
            [
                "m.yaml:4: records.supplier.fields.evaluated_on: s has no column 日期 (did you mean 日 期?)",
                "m.yaml:4: records.supplier.fields.critical: s has no column 关键 (it has: 编号, 日 期, 关建)",
            ],
        ),
        (
            "编号,日期,关键\nA,2026-01-01\nB,,,\nC,,是\n",
            [
                "s.csv: #2: sources.s: this row has 2 cells, the heading 3",
                "s.csv: #3: sources.s: this row has 4 cells, the heading 3",
            ],
        ),
        (
            "编号,日期,关键\nA,,是\nA,,是\n,,是\n",
            [
                "s.csv: #3 编号: records.supplier.id: the id A is repeated (first in row 2)",
                "s.csv: #4 编号: records.supplier.id: the id is empty",
            ],
        ),
        (
            "编号,日期,关键\nA,昨天,大概\n",
            [
                "s.csv: #2 日期: records.supplier.evaluated_on: 昨天 is not a date that exists, written "
                'like 2026-03-31 (for another way of writing give the column a format, like "%Y/%m/%d")',
                "s.csv: #2 关键: records.supplier.critical: 大概 is neither true nor false "
                '(say in values what "大概" stands for)',
            ],
        ),
        (
            "编号,日期,关键\n\n,,\n" + 'A,,"x\ny"\nB,,不详\n',
            [
                "s.csv: #4 关键: records.supplier.critical: x y is neither true nor false "
                '(say in values what "x y" stands for)',
                "s.csv: #5 关键: records.supplier.critical: 不详 is neither true nor false "
                '(say in values what "不详" stands for)',
            ],
        ),
        (
            "编号,日期,关键\n",
            [
                "m.yaml:4: records.supplier: no row is a record "
                "(if there really are none write may_be_empty: true)"
            ],
        ),
        (
            "a," * 10_001,
            ["s.csv: sources.s: there are more than 10000 columns"],
        ),
        (
            "编号,日期,关键\nA,,\0\n",
            ["s.csv: sources.s: line 2 of the file holds a NUL character"],
        ),
        (
            "编号,日期,关键\n".encode() + "A,,是\n".encode("gb18030"),
            [
                "s.csv: sources.s: line 2 of the file is not encoded in utf-8 "
                "(if the whole file is in gb18030, write encoding: gb18030)"
            ],
        ),
        (
            "编号,日期,关键\n".encode("utf-16"),
            [
                "s.csv: sources.s: line 1 of the file is not encoded in utf-8 "
                "(if the whole file is in gb18030, write encoding: gb18030)"
            ],
        ),
        (
            '编号,日期,关键\nA,,"是"x\n',
            ["s.csv: #2: sources.s: not valid CSV: ',' expected after '\"'"],
        ),
        (
            '编号,日期,关键\nA,,"是\n' + "B,,否\n" * 5,
            ["s.csv: #2: sources.s: not valid CSV: unexpected end of data"],
        ),
        (
            "编号,日期,关键\nA,," + "是" * 200_000 + "\n",
            ["s.csv: #2: sources.s: not valid CSV: field larger than field limit (131072)"],
        ),
        (
            b"x" * 1_000_001,
            ["s.csv: #1: sources.s: a line is too long, or a quote never ends"],
        ),
    ],
    ids=lambda v: "" if isinstance(v, (bytes, str)) else v[0][:70],
)
def test_a_file_that_is_wrong_says_where(
    tmp_path: Path, tiny: Standard, content: str | bytes, expected: list[str]
) -> None:
    assert faults(tmp_path, tiny, SUPPLIERS, content) == expected


def test_chinese_wording(tmp_path: Path, tiny: Standard) -> None:
    with pytest.raises(EvidenceError) as caught:
        gather(tmp_path, tiny, SUPPLIERS, "编号,日期,关键\nA,昨天,大概\n")
    assert caught.value.render("zh").replace(f"{tmp_path}/", "") == (
        "s.csv: #2 日期: records.supplier.evaluated_on: 昨天 不是有效日期，应形如 2026-03-31 "
        '(其他写法请在映射中写明 format，如 "%Y/%m/%d")\n'
        "s.csv: #2 关键: records.supplier.critical: 大概 既不是 true 也不是 false "
        "(在 values 中写明“大概”的含义)"
    )


def test_gb18030_is_read_and_utf8_is_not_taken_for_it(tmp_path: Path, tiny: Standard) -> None:
    mapping = SUPPLIERS.replace("csv: s.csv", "csv: s.csv, encoding: gb18030, delimiter: ;")
    content = "编号;日期;关键\n𠮷;2026-01-01;是\n"
    assert taken(gather(tmp_path, tiny, mapping, content.encode("gb18030")))[0]["id"] == "𠮷"
    [fault] = faults(tmp_path, tiny, mapping, content.encode("utf-8-sig"))
    assert "line 1 of the file is not encoded in gb18030 (if the whole file is in utf-8" in fault


def test_where_says_of_every_row_whether_it_counts(tmp_path: Path, tiny: Standard) -> None:
    mapping = SUPPLIERS.replace(
        "id: 编号", "id: 编号, where: {column: 状态, values: {在用: true, 停用: false}}"
    )
    found = gather(tmp_path, tiny, mapping, "编号,日期,关键,状态\nA,,是,在用\nA,坏,坏,停用\n")
    assert [record["id"] for record in taken(found)] == ["A"]
    assert found.left_out == {"supplier": 1}
    assert faults(tmp_path, tiny, mapping, "编号,日期,关键,状态\nA,,是,在 用\nB,,是,\n") == [
        "s.csv: #2 状态: records.supplier.where: 在 用 is neither true nor false "
        '(say in values what "在 用" stands for)',
        "s.csv: #3 状态: records.supplier.where: a blank does not say whether this row counts "
        '(say in values what "" stands for)',
    ]


def test_backing_comes_from_the_file_or_a_column(tmp_path: Path, tiny: Standard) -> None:
    mapping = SUPPLIERS.replace(
        "id: 编号",
        "id: 编号, backing: {source: 台账, valid_until: 2027-01-31, "
        'collected_on: {column: 登记, format: "%Y/%m/%d"}}',
    )
    found = gather(tmp_path, tiny, mapping, "编号,日期,关键,登记\nA,,,2026/9/1\nB,,,\n")
    assert taken(found) == [
        {"id": "A", "source": "台账", "collected_on": "2026-09-01", "valid_until": "2027-01-31"},
        {"id": "B", "source": "台账", "valid_until": "2027-01-31"},
    ]
    [fault] = faults(tmp_path, tiny, mapping, "编号,日期,关键,登记\nA,,,0900/9/1\n")
    assert fault.startswith("s.csv: #2 登记: records.supplier.collected_on: 0900-09-01 is out of")


def test_an_empty_list_is_an_answer_where_it_is_expected(tmp_path: Path, tiny: Standard) -> None:
    mapping = SUPPLIERS.replace("id: 编号", "id: 编号, may_be_empty: true")
    found = gather(tmp_path, tiny, mapping, "编号,日期,关键\n")
    assert found.organisation.records == {"supplier": ()}


def test_an_item_needs_exactly_one_row(tmp_path: Path, tiny: Standard) -> None:
    for content, count in (("p\n", 0), ("p\n0.9\n0.9\n", 2)):
        [fault] = faults(tmp_path, tiny, PASS, content)
        assert fault == (
            f"m.yaml:4: evidence.test.pass_pct: exactly one row is needed, there are {count} "
            "(choose one with row, or in the query)"
        )
    chosen = PASS.replace("column: p", 'column: p, row: {指标: 通过率, 月: "10"}')
    content = "指标,月,p\n通过率,9,0.8\n通过率,10,0.9\n准时率,10,x\n"
    found = gather(tmp_path, tiny, chosen, content)
    assert found.organisation.to_dict()["evidence"]["test.pass_pct"][0]["value"] == 90


def test_an_empty_cell_is_no_answer_unless_the_mapping_says_what_it_means(
    tmp_path: Path, tiny: Standard
) -> None:
    body = "evidence: {change.late_count: {source: s, column: p%s}}"
    assert not gather(tmp_path, tiny, CSV + body % "", "p,q\n,x\n").organisation.evidence
    case = body % ', values: {"": {no_case: none due}, 无记录: null}'
    found = gather(tmp_path, tiny, CSV + case, "p,q\n,x\n").organisation.to_dict()["evidence"]
    assert found == {"change.late_count": [{"no_case": "none due", "source": "s.csv"}]}
    assert not gather(tmp_path, tiny, CSV + case, "p,q\n无记录,x\n").organisation.evidence


JSON = HEAD + (
    "sources: {s: {json: s.json, at: a.b}}\n"
    "records: {supplier: {source: s, id: n, fields: {critical: c, evaluated_on: d}}}\n"
)


def test_json_values_keep_their_types(tmp_path: Path, tiny: Standard) -> None:
    content = '{"a": {"b": [{"n": 7, "c": true, "d": null}, {"n": "8", "d": "2026-01-01"}]}}'
    found = gather(tmp_path, tiny, JSON, content, "s.json")
    assert taken(found) == [
        {"id": "7", "critical": {"value": True}, "source": "s.json"},
        {"id": "8", "evaluated_on": {"value": "2026-01-01"}, "source": "s.json"},
    ]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("", "s.json:1: not valid JSON: Expecting value"),
        ('{"a": {"c": []}}', "s.json:1: a: there is no b"),
        ('{"a": {"b": {}}}', "s.json:1: a.b: this should be a list (at leads to a list)"),
        (
            '{"a": {"b": [{"n": 1, "c": 1, "d": 2}]}}',
            "s.json:1: #1 c: records.supplier.critical: 1 is",
        ),
        (
            '{"a": {"b": [\n{"n": 1, "c": [], "d": 2}]}}',
            "s.json:2: #1 c: records.supplier.critical: a ",
        ),
        (
            '{"a": {"b": [{"n": {}, "c": true, "d": null}]}}',
            "s.json:1: #1 n: records.supplier.id: a v",
        ),
        (
            '{"a": {"b": [{"n": 1, "c": true, "d": null},\n 5]}}',
            "s.json:2: #2: sources.s: this should",
        ),
        ('{"a": {"b": [{"n": 1, "c": NaN, "d": 2}]}}', "s.json: the number NaN is out of range"),
        (
            '{"a": {"b": [{"n": 1, "n": 2, "c": true, "d": 2}]}}',
            "s.json:1: the key n appears twice",
        ),
        (
            '{"a": {"b": [{"n": 1, "n ": 2, "c": true, "d": 2}]}}',
            "s.json: sources.s: columns share",
        ),
    ],
)
def test_json_that_is_wrong_says_where(
    tmp_path: Path, tiny: Standard, content: str, expected: str
) -> None:
    found = faults(tmp_path, tiny, JSON, content, "s.json")
    assert found[0].startswith(expected)


@pytest.mark.parametrize(
    ("mapping", "expected"),
    [
        ("[]", ["m.yaml:1: this should be a mapping"]),
        (
            "sources: {s: {csv: s.csv}}",
            ["m.yaml:1: there are neither records nor evidence"],
        ),
        (
            "sources: {s: {cvs: s.csv}}\nevidence: {plan.kept: {source: t, column: p}}",
            [
                "m.yaml:1: sources.s: this takes one of: csv, json, sqlite, duckdb, postgresql "
                "(did you mean csv?)",
                "m.yaml:2: evidence.plan.kept.source: there is no source t",
            ],
        ),
        (
            PASS.replace("}\nev", ", t: {csv: t.csv}}\nev"),
            ["m.yaml:3: sources.t: nothing uses this source"],
        ),
        (
            PASS.replace("csv: s.csv", "csv: s.csv, delimeter: x"),
            ["m.yaml:3: sources.s.delimeter: unknown key delimeter (did you mean delimiter?)"],
        ),
        (
            PASS.replace("csv: s.csv", "csv: ../s.csv"),
            ["m.yaml:3: sources.s.csv: this takes a file in the folder of the mapping file"],
        ),
        (
            PASS.replace("csv: s.csv", "csv: /etc/passwd"),
            ["m.yaml:3: sources.s.csv: this takes a file in the folder of the mapping file"],
        ),
        (
            PASS.replace("csv: s.csv", "csv: 'https://example.org/s.csv'"),
            ["m.yaml:3: sources.s.csv: this takes a file in the folder of the mapping file"],
        ),
        (
            PASS.replace("csv: s.csv", 'csv: "s\\0.csv"'),
            ["m.yaml:3: sources.s.csv: this is not the name of a file"],
        ),
        (
            PASS.replace("csv: s.csv", "csv: s.csv, encoding: gbk"),
            ["m.yaml:3: sources.s.encoding: this should be one of: utf-8, gb18030"],
        ),
        (
            PASS.replace("csv: s.csv", "sqlite: s.csv"),
            ["m.yaml:3: sources.s: this takes either query or table"],
        ),
        (
            PASS.replace("csv: s.csv", "postgresql: 'host=h password=secret', table: t"),
            [
                "m.yaml:3: sources.s.postgresql: this takes the name of an environment variable "
                "(put the connection string in that variable)"
            ],
        ),
        (
            PASS.replace(", unit: fraction", ""),
            [
                "m.yaml:4: evidence.test.pass_pct: the unit of the column has to be stated "
                "(one of: percent, fraction)"
            ],
        ),
        (
            PASS.replace("unit: fraction", "unit: seconds"),
            [
                "m.yaml:4: evidence.test.pass_pct.unit: seconds cannot be converted to this item's "
                "unit (one of: percent, fraction)"
            ],
        ),
        (
            PASS.replace("unit: fraction", "unit: fraction, format: '%Y%m%d'"),
            ["m.yaml:4: evidence.test.pass_pct.format: unknown key format"],
        ),
        (
            PASS.replace("test.pass_pct", "test.pas_pct"),
            [
                "m.yaml:4: evidence.test.pas_pct: there is no evidence item test.pas_pct "
                "(did you mean test.pass_pct?)"
            ],
        ),
        (
            CSV + "records: {supplier: {source: s, id: n, fields: {evaluated: d}}}",
            [
                "m.yaml:4: records.supplier.fields.evaluated: supplier has no field evaluated "
                "(did you mean evaluated_on?)"
            ],
        ),
        (
            CSV + "records: {suplier: {source: s, id: n, fields: {}}}",
            [
                "m.yaml:4: records.suplier: there is no record type suplier (did you mean supplier?)",
            ],
        ),
        (
            CSV
            + "evidence: {plan.kept: {source: s, column: p, values: {有: ture, 无: {no_case: x}}}}",
            [
                "m.yaml:4: evidence.plan.kept.values.有: this should be true or false",
                "m.yaml:4: evidence.plan.kept.values.无.no_case: plan.kept does not take no_case: "
                "no rule says what it would mean (give a value)",
            ],
        ),
        (
            CSV + "evidence: {audit.last_date: {source: s, column: p, format: '%y-%m-%d'}}",
            [
                "m.yaml:4: evidence.audit.last_date.format: this takes %Y, %m and %d, once each "
                '(like "%Y/%m/%d"; %H %M %S for a time)'
            ],
        ),
        (
            PASS.replace("unit: fraction", "unit: fraction, backing: {collected_on: heute}"),
            [
                "m.yaml:4: evidence.test.pass_pct.backing.collected_on: this takes a date "
                "(like 2026-10-31) or {column: a column}"
            ],
        ),
        (PASS + "reject: ignore", ["m.yaml:5: reject: this should be one of: fail, report"]),
        (
            PASS.removeprefix(HEAD),
            [
                "m.yaml:1: there is no organisation "
                "(name a company file, or state organisation and profile in the mapping file)"
            ],
        ),
        (
            PASS.replace("types: [ITO]", "types: [ITA]"),
            [
                "m.yaml:2: profile.types[0]: there is no outsourcing type ITA; known: ITO, BPO, KPO "
                "(did you mean ITO?)"
            ],
        ),
    ],
)
def test_a_mapping_file_that_is_wrong_says_where(
    tmp_path: Path, tiny: Standard, mapping: str, expected: list[str]
) -> None:
    assert faults(tmp_path, tiny, mapping, "p\n0.9\n") == expected


def test_links_that_lead_out_pipes_and_folders_are_refused(tmp_path: Path, tiny: Standard) -> None:
    inside = tmp_path / "in"
    inside.mkdir()
    (tmp_path / "secret.csv").write_text("p\n0.9\n")
    (inside / "m.yaml").write_text(PASS, encoding="utf-8")
    source = inside / "s.csv"

    def refused() -> str:
        with pytest.raises(EvidenceError) as caught:
            collect(inside / "m.yaml", None, tiny)
        return caught.value.render("en").partition("sources.s")[2]

    assert refused() == ": the file does not exist"
    source.symlink_to(tmp_path / "secret.csv")
    assert refused() == ".csv: this takes a file in the folder of the mapping file"
    source.unlink()
    source.symlink_to(source)
    assert "cannot be read" in refused() or "not the name of a file" in refused()
    source.unlink()
    os.mkfifo(source)
    assert refused() == ": this is not a regular file"
    source.unlink()
    source.mkdir()
    assert refused() == ": this is not a regular file"


def test_all_rejected_rows_are_counted_and_the_first_fifty_shown(
    tmp_path: Path, tiny: Standard
) -> None:
    content = "编号,日期,关键\n" + "".join(f"{n},x,y\n" for n in range(20_000))
    found = faults(tmp_path, tiny, SUPPLIERS, content)
    assert len(found) == 51
    assert found[-1] == "20000 rows were rejected; these are the first 50 faults"


def test_long_files_are_read_row_by_row(
    tmp_path: Path, tiny: Standard, monkeypatch: pytest.MonkeyPatch
) -> None:
    mapping = SUPPLIERS.replace(
        "id: 编号", "id: 编号, where: {column: 关键, values: {是: true, 否: false}}"
    )
    content = "编号,日期,关键\n" + "".join(f"{n},,{'是否'[n % 10 > 0]}\n" for n in range(100_000))
    (tmp_path / "s.csv").write_text(content, encoding="utf-8")
    (tmp_path / "m.yaml").write_text(mapping, encoding="utf-8")
    told: list[tuple[int, int]] = []
    found = collect(
        tmp_path / "m.yaml", None, tiny, progress=lambda done, total: told.append((done, total))
    )
    assert len(found.organisation.records["supplier"]) == 10_000
    assert found.left_out == {"supplier": 90_000}
    assert (told[0], told[-1], len(told)) == ((1000, 0), (100_000, 0), 101)
    monkeypatch.setattr(rows, "ROW_LIMIT", 1000)
    [fault] = faults(tmp_path, tiny, mapping, content)
    assert fault == "s.csv: sources.s: there are more than 1000 rows"


def test_more_records_than_a_company_file_holds_are_refused(tmp_path: Path, tiny: Standard) -> None:
    content = "编号,日期,关键\n" + "".join(f"{n},,是\n" for n in range(20_001))
    [fault] = faults(tmp_path, tiny, SUPPLIERS, content)
    assert fault == "s.csv: #20002 编号: records.supplier: there are more than 20000 records"
    assert len(taken(gather(tmp_path, tiny, SUPPLIERS, content.rpartition("20000")[0]))) == 20_000


def test_schema_takes_what_the_loader_takes(tmp_path: Path) -> None:
    root = Path(__file__).parents[1] / "examples" / "mappings"
    validator = jsonschema_rs.validator_for(json.dumps(mapping_file()))
    data = read_document(root / "mapping.yaml", EvidenceError).data
    assert validator.is_valid(data)
    (tmp_path / "m.yaml").write_text(SUPPLIERS + "reject: report", encoding="utf-8")
    data = read_document(tmp_path / "m.yaml", EvidenceError).data
    assert validator.is_valid(data)
    for key, value in (
        ("sources", {"s": {"csv": "s.csv", "query": "select 1"}}),
        ("records", {"supplier": {"source": "s", "fields": {}}}),
        ("evidence", {"plan.kept": {"source": "s"}}),
        ("reject", "ignore"),
    ):
        assert not validator.is_valid({**data, key: value}), key
