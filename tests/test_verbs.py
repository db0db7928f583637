"""Every verb answers on every example company, in both languages, as text and as JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from socap.cli import run

ROOT = Path(__file__).parents[1]
EXAMPLES = sorted((ROOT / "examples").glob("*.yaml"))
DAY = ("--as-of", "2026-11-01")
VERBS = {
    "assess": (),
    "explain": ("6.6-d",),
    "questions": ("--limit", "5"),
    "plan": (),
    "forecast": ("--until", "2027-11-01"),
    "credit": (),
    "audit-plan": ("--employees", "120"),
    "what-if": ("training.completion_pct=10", "profile.remote_work="),
    "impact": ("profile.uses_external_suppliers",),
}


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda f: f.stem)
@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_answers(verb: str, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = {}
    for lang in ("zh", "en"):
        code = run([verb, str(file), *VERBS[verb], *DAY, "--lang", lang])
        shown = capsys.readouterr()
        assert code in (0, 1, 3), shown.err
        told[lang] = shown.out
    assert told["zh"].endswith("\n") or not told["zh"]
    assert (told["zh"] == told["en"]) == (told["zh"] == "")
    assert told["zh"] or verb == "questions"
    assert run([verb, str(file), *VERBS[verb], *DAY, "--format", "json"]) in (0, 1, 3)
    json.loads(capsys.readouterr().out)


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda f: f.stem)
def test_a_result_is_verified_and_a_calendar_written(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    result = str(tmp_path / "result.json")
    assert run(["assess", str(file), *DAY, "--format", "json", "-o", result]) in (0, 1, 3)
    assert run(["verify", result, "--lang", "en"]) == 0
    assert "agrees: 166 findings" in capsys.readouterr().out
    text = Path(result).read_text(encoding="utf-8")
    lighter = text.replace('"grade": "major"', '"grade": "minor"', 1)
    Path(result).write_text(lighter, encoding="utf-8")
    assert run(["verify", result]) == (1 if lighter != text else 0)
    capsys.readouterr()
    forecast = ["forecast", str(file), "--until", "2028-11-01", *DAY, "--format", "ics"]
    assert run(forecast) == 0
    assert capsys.readouterr().out.startswith("BEGIN:VCALENDAR")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("plan", "--cost", "cms.documented=-1"), "0"),
        (("plan", "--cost", "cms.documentd=1"), "did you mean cms.documented"),
        (("plan", "--lock", "cms.documentd"), "did you mean cms.documented"),
        (("plan", "--target", "6.3-zz"), "6.3-zz"),
        (("forecast", "--until", "2026-10-31"), "past"),
        (("forecast", "--until", "2026-02-30"), "--until needs a date that exists"),
        (("audit-plan", "--employees", "-3"), "employees"),
        (("audit-plan", "--figure", "stage_9_pct=3"), "stage_9_pct"),
        (("what-if", "cms.documented"), "KEY=VALUE"),
        (("what-if", "cms.documented=[1"), "not valid YAML"),
        (("what-if", "cms.documentd=true"), "did you mean cms.documented"),
        (("impact", "cms.documentd"), "did you mean cms.documented"),
        (("questions", "--limit", "-1"), "limit"),
        (("explain", "6.3-zz"), "no requirement named 6.3-zz"),
    ],
)
def test_bad_input_is_one_clear_error(
    arguments: tuple[str, ...], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    verb, *rest = arguments
    file = str(ROOT / "examples" / "huaqiao-software.yaml")
    assert run([verb, file, *rest, *DAY, "--lang", "en"]) == 2
    shown = capsys.readouterr()
    assert words in shown.err
    assert shown.out == ""


def test_verify_of_what_is_no_result_is_an_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for content in ("", "[]", "{", '{"a": 1}'):
        file = tmp_path / "r.json"
        file.write_text(content, encoding="utf-8")
        assert run(["verify", str(file), "--lang", "en"]) in (1, 2)
        shown = capsys.readouterr()
        assert shown.err or "disagreement" in shown.out
    assert run(["verify", str(tmp_path / "none.json")]) == 2
