"""The command line: exit codes, languages, formats, and errors without a traceback."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
EXAMPLES = ROOT / "examples"
DAY = ("--as-of", "2026-11-01")


def socap(*arguments: str, locale: str = "C") -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "LC_ALL": locale, "PYTHONPATH": str(ROOT)}
    environment.pop("SOCAP_DEBUG", None)
    return subprocess.run(
        [sys.executable, "-m", "socap", *arguments],
        capture_output=True,
        encoding="utf-8",
        env=environment,
        check=False,
    )


@pytest.mark.parametrize(
    ("file", "code"), [("huaqiao-software.yaml", 1), ("new-start.yaml", 3), ("no-such.yaml", 2)]
)
def test_assess_exits_by_its_status(file: str, code: int) -> None:
    done = socap("assess", str(EXAMPLES / file), *DAY)
    assert done.returncode == code
    assert "Traceback" not in done.stderr
    assert (done.stdout == "") == (code == 2)


def test_a_conforming_company_exits_0(tmp_path: Path) -> None:
    text = (EXAMPLES / "suzhou-analytics.yaml").read_text(encoding="utf-8")
    file = tmp_path / "c.yaml"
    file.write_text(
        text.replace("tools.licensed_count: 6", "tools.licensed_count: 9"), encoding="utf-8"
    )
    done = socap("assess", str(file), *DAY)
    assert done.returncode == 0
    assert "Certification recommended" in done.stdout


def test_text_fits_80_columns_in_both_languages() -> None:
    from rich.cells import cell_len

    for lang, words in (("zh", "严重不符合"), ("en", "major nonconformity")):
        done = socap("assess", str(EXAMPLES / "delta-group.yaml"), *DAY, "--lang", lang)
        assert words in done.stdout
        assert "\x1b" not in done.stdout
        assert max(map(cell_len, done.stdout.splitlines())) <= 80


def test_json_holds_the_contract() -> None:
    done = socap("assess", str(EXAMPLES / "huaqiao-software.yaml"), *DAY, "--format", "json")
    result = json.loads(done.stdout)
    assert {"standard", "overlays", "as_of", "organisation", "recommendation", "findings"} <= set(
        result
    )
    assert len(result["findings"]) >= 150
    for finding in result["findings"]:
        assert {"requirement", "outcome", "grade", "proof", "reasons"} == set(finding)
        assert all({"kind", "evidence"} <= set(reason) for reason in finding["reasons"])


def test_the_locale_chooses_the_language_and_lang_overrides_it() -> None:
    assert "用法错误" in socap("assess", locale="zh_CN.UTF-8").stderr
    assert "评价" in socap("--help", locale="zh_CN.UTF-8").stdout
    assert "Assess" in socap("--help", "--lang", "en", locale="zh_CN.UTF-8").stdout


def test_today_is_said_when_no_date_is_given() -> None:
    assert "as of:" in socap("explain", str(EXAMPLES / "new-start.yaml"), "4.1-a").stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("assess", "{dir}"), "directory"),
        (("assess", "{file}", "--as-of", "2026-02-30"), "date that exists"),
        (("assess", "{file}", *DAY, "--parameter", "x"), "NAME=NUMBER"),
        (
            ("assess", "{file}", *DAY, "--parameter", "satisfaction_min_pc=3"),
            "did you mean satisfaction_min_pct",
        ),
        (("assess", "{file}", *DAY, "--reader", "oracle"), "no rule reader"),
        (("assess", "{file}", *DAY, "-o", "{dir}"), "cannot write"),
        (("assess", "{file}", *DAY, "-o", "{dir}/none/x.txt"), "cannot write"),
        (("explain", "{file}", "6.3-zz", *DAY), "no requirement named 6.3-zz"),
        (("matrix", "--types", "ITX"), "no outsourcing type"),
        (("show", "cms.documentd"), "did you mean cms.documented"),
        (("init", "--types", ","), "at least one"),
        (("init", "--types", "ITO", "-o", "{file}"), "not overwritten"),
        (("nonsense",), "usage error"),
    ],
)
def test_a_wrong_call_exits_2_with_one_clear_line(
    arguments: tuple[str, ...], words: str, tmp_path: Path
) -> None:
    file = EXAMPLES / "new-start.yaml"
    before = file.read_bytes()
    filled = [a.format(dir=tmp_path, file=file) for a in arguments]
    done = socap(*filled)
    assert done.returncode == 2
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    assert list(tmp_path.iterdir()) == []
    assert file.read_bytes() == before


def test_an_output_file_is_written_whole(tmp_path: Path) -> None:
    target = tmp_path / "matrix.csv"
    assert socap("matrix", "--format", "csv", "-o", str(target)).returncode == 0
    assert target.read_text(encoding="utf-8").startswith("\ufeffRequirement")
    assert [f.name for f in tmp_path.iterdir()] == ["matrix.csv"]


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("types", ["ITO", "BPO", "KPO", "ITO,BPO"])
def test_an_empty_questionnaire_reads_back_as_undetermined(
    types: str, lang: str, tmp_path: Path
) -> None:
    target = tmp_path / "company.yaml"
    assert socap("init", "--types", types, "--lang", lang, "-o", str(target)).returncode == 0
    assert socap("assess", str(target), *DAY).returncode == 3
    text = target.read_text(encoding="utf-8")
    assert ("ito.test_pass_pct" in text) == ("ITO" in types)
    assert ("bpo.accuracy_pct" in text) == ("BPO" in types)


@pytest.mark.parametrize(
    "arguments",
    [
        ("list", "requirements"),
        ("list", "clauses"),
        ("list", "items"),
        ("list", "records"),
        ("list", "parameters"),
        ("show", "6.6-d"),
        ("show", "A.1"),
        ("show", "supplier.evaluated_on"),
        ("show", "satisfaction_min_pct"),
        ("graph", "--format", "graphml"),
        ("graph", "--format", "mermaid"),
        ("graph", "--format", "dot"),
        ("matrix", "--format", "markdown"),
        ("matrix", "--format", "json"),
    ],
)
def test_every_other_verb_answers_in_both_languages(arguments: tuple[str, ...]) -> None:
    for lang in ("zh", "en"):
        done = socap(*arguments, "--lang", lang)
        assert done.returncode == 0, done.stderr
        assert done.stdout


def test_a_hostile_name_does_not_reach_the_terminal_or_a_spreadsheet(tmp_path: Path) -> None:
    file = tmp_path / "c.yaml"
    file.write_text(
        'organisation: {id: x, name: {zh: "甲\\e[31m", en: "=cmd()\\e]0;x\\a"}}\n'
        "profile: {types: [ITO]}\n"
        'exclusions: [{requirement: 4.1-a, justification: "\\u202e=1+1"}]\n',
        encoding="utf-8",
    )
    for form in ("text", "markdown", "csv"):
        done = socap("assess", str(file), *DAY, "--format", form)
        assert done.returncode == 3
        assert not set(done.stdout) & set("\x1b\x07\u202e")
