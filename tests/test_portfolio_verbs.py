"""Portfolios by the command line: the same findings as one by one, and complaints that help."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from socap.cli import run

ROOT = Path(__file__).parents[1]
EXAMPLES = sorted((ROOT / "examples").glob("*.yaml"))
DAY = ("--as-of", "2026-11-01", "--lang", "en")


@pytest.fixture
def firms(tmp_path: Path) -> Path:
    folder = tmp_path / "firms"
    folder.mkdir()
    for file in EXAMPLES:
        shutil.copy(file, folder)
    return folder


def test_a_folder_of_company_files_is_assessed_as_each_is(
    firms: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output, page = tmp_path / "findings", tmp_path / "overview.html"
    command = ["portfolio", str(firms), *DAY, "-o", str(output), "--overview", str(page)]
    assert run(command) == 0
    assert "6" in capsys.readouterr().out
    assert page.read_text(encoding="utf-8").lower().startswith("<!doctype html>")
    rows = {row["id"]: row for row in pq.read_table(output / "findings").to_pylist()}
    for file in EXAMPLES:
        result = tmp_path / "one.json"
        assert run(["assess", str(file), *DAY, "-o", str(result)]) in (0, 1, 3)
        told = json.loads(result.read_text(encoding="utf-8"))
        row = rows[told["organisation"]["id"]]
        assert row["status"] == told["status"]
        for finding in told["findings"]:
            assert row[finding["requirement"]] == finding["outcome"]
    assert run(command) == 2, "nothing is overwritten"


def test_sensitivity_counts_what_a_parameter_changes(
    firms: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["sensitivity", str(firms), *DAY, "--vary", "training_hours_min=1,200"]
    assert run([*asked, "--format", "json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["organisations"] == 6
    assert run(asked) == 0
    assert "training_hours_min" in capsys.readouterr().out
    grid = ["--grid", "training_hours_min=20,40", "--grid", "staffing_fill_min_pct=80,90"]
    assert run([*asked[:-2], *grid]) == 0
    assert "staffing_fill_min_pct" in capsys.readouterr().out
    assert run([*asked, "--format", "csv"]) == 0
    assert capsys.readouterr().out.count("\n") >= 3


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["portfolio", "none.parquet", "-o", "x"], "no such file"),
        (["portfolio", "README.md", "-o", "x"], "not a portfolio"),
        (["portfolio", "examples", "-o", "x", "--by", "park"], "no column to group by"),
        (["portfolio", "examples", "-o", "x", "--workers", "0"], "workers should be"),
        (["sensitivity", "examples", "--vary", "training_hours_min=a"], "NAME=V1,V2"),
        (["sensitivity", "examples", "--vary", "training_hour_min=1"], "training_hours_min"),
        (["sensitivity", "examples", "--item", "cms.documentd"], "cms.documented"),
    ],
)
def test_bad_input_is_one_clear_error(
    arguments: list[str],
    words: str,
    firms: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.move(firms, "examples")
    Path("README.md").write_text("no portfolio", encoding="utf-8")
    assert run([*arguments, *DAY]) == 2
    assert words in capsys.readouterr().err
    assert not Path("x").exists()
