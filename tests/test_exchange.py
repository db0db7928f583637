"""Data comes in and goes out by the command line: init, convert, collect, fill and oscal."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import pytest

import socap
from socap.cli import run

ROOT = Path(__file__).parents[1]
EXAMPLES = sorted((ROOT / "examples").glob("*.yaml"))
COMPANY = ROOT / "examples" / "huaqiao-software.yaml"
MAPPINGS = ROOT / "examples" / "mappings"
DAY = ("--as-of", "2026-11-01", "--lang", "en")


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda f: f.stem)
def test_a_company_goes_round_yaml_xlsx_and_json(file: Path, tmp_path: Path) -> None:
    steps = [
        file,
        tmp_path / "a.xlsx",
        tmp_path / "b.json",
        tmp_path / "c.xlsx",
        tmp_path / "d.yaml",
    ]
    for before, after in pairwise(steps):
        assert run(["convert", str(before), "-o", str(after), "--lang", "zh"]) == 0
    assert socap.read(steps[-1]).to_dict() == socap.read(file).to_dict()
    assert steps[1].read_bytes() == steps[3].read_bytes()


def test_convert_overwrites_nothing_and_knows_its_formats(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    there = tmp_path / "there.yaml"
    there.write_text("mine", encoding="utf-8")
    assert run(["convert", str(COMPANY), "-o", str(there), "--lang", "en"]) == 2
    assert "exists" in capsys.readouterr().err
    assert there.read_text(encoding="utf-8") == "mine"
    assert run(["convert", str(COMPANY), "-o", str(tmp_path / "a.ods"), "--lang", "en"]) == 2
    assert "not written as .ods" in capsys.readouterr().err


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_questionnaire_is_made_assessed_and_filled(
    lang: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    empty, result, filled = tmp_path / "q.xlsx", tmp_path / "r.json", tmp_path / "f.xlsx"
    assert run(["init", "--types", "ITO,BPO", "--lang", lang, "-o", str(empty)]) == 0
    assert run(["assess", str(empty), "--as-of", "2026-11-01", "-o", str(result)]) == 3
    assert run(["fill", str(empty), str(result), "--lang", lang, "-o", str(filled)]) == 0
    assert socap.read(filled).to_dict() == socap.read(empty).to_dict()
    told = json.loads(result.read_text(encoding="utf-8"))
    told["given"]["profile"]["remote_work"] = True
    result.write_text(json.dumps(told), encoding="utf-8")
    capsys.readouterr()
    assert (
        run(["fill", str(empty), str(result), "--lang", "en", "-o", str(tmp_path / "g.xlsx")]) == 2
    )
    assert not (tmp_path / "g.xlsx").exists()


def test_evidence_is_collected_into_a_company_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, made = tmp_path / "mappings", tmp_path / "collected.yaml"
    shutil.copytree(MAPPINGS, folder)
    with closing(sqlite3.connect(folder / "tickets.db")) as tickets:
        tickets.executescript((folder / "tickets.sql").read_text(encoding="utf-8"))
    mapping, company = str(folder / "mapping.yaml"), str(folder / "company.yaml")
    code = run(["collect", mapping, "--into", company, "-o", str(made), "--lang", "en"])
    assert code == 0, capsys.readouterr().err
    found = socap.read(made)
    assert set(found.records) == {"supplier", "person", "service_issue"}
    assert found.id == "yangcheng-data"
    (folder / "suppliers.csv").write_bytes(b"a,b\n1,2\n")
    assert run(["collect", mapping, "--into", company, "-o", str(tmp_path / "x.yaml")]) == 2
    assert not (tmp_path / "x.yaml").exists()


@pytest.mark.parametrize("kind", ["catalog", "profile", "mapping", "results"])
def test_oscal_documents_are_written(kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    more = [str(COMPANY)] if kind in ("profile", "results") else []
    assert run(["oscal", kind, *more, *DAY]) == 0
    root = {"mapping": "mapping-collection", "results": "assessment-results"}.get(kind, kind)
    assert list(json.loads(capsys.readouterr().out)) == [root]


def test_oscal_results_need_a_company(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["oscal", "results", "--lang", "en"]) == 2
    assert "needs a company file" in capsys.readouterr().err
