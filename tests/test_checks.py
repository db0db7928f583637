"""The checks of a pack: each thing they look for is found, with file and line."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from socap.cases import failures, read_cases
from socap.errors import PackError
from socap.lint import Level, lint
from socap.mutation import mutate
from socap.packs import BUNDLED, MAIN
from socap.standard import load

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[1]
TINY = ROOT / "tests" / "packs" / "tiny"
CASES = """
cases:
- requirement: 6.1-a
  given: {evidence: {audit.last_date: 2026-11-01}}
  variations:
  - {expect: conforming, name: on the day}
  - {expect: conforming, name: last day, evidence: {audit.last_date: 2025-11-01}}
  - {expect: nonconforming, name: day after, evidence: {audit.last_date: 2025-10-31}}
  - {expect: undetermined, name: no answer, evidence: {audit.last_date: null}}
"""


@pytest.fixture
def changed(tmp_path: Path) -> Callable[..., Path]:
    def build(file: str = "", old: str = "", new: str = "", cases: str = "") -> Path:
        for source in TINY.glob("*.yaml"):
            text = source.read_text(encoding="utf-8")
            if source.name == file:
                assert old in text
                text = text.replace(old, new, 1)
            (tmp_path / source.name).write_text(text, encoding="utf-8")
        if cases:
            (tmp_path / "cases").mkdir(exist_ok=True)
            (tmp_path / "cases" / "6.1.yaml").write_text(cases, encoding="utf-8")
        return tmp_path

    return build


@pytest.mark.parametrize("pack", BUNDLED)
def test_the_shipped_packs_are_clean(pack: str) -> None:
    found = [f.problem.render("en") for f in lint(load(pack))]
    assert found == []


@pytest.mark.parametrize(
    ("file", "old", "new", "words", "level"),
    [
        (
            "06_service.yaml",
            "satisfied_when: {item: audit.last_date, within: {parameter: audit_interval_days}}",
            "satisfied_when: always",
            "anybody would conform",
            Level.ERROR,
        ),
        ("06_service.yaml", "{item: plan.kept, is: true}, ", "", "no rule reads it", Level.ERROR),
        (
            "parameters.yaml",
            "parameters:\n",
            "parameters:\n  idle: {default: 1, unit: days, title: {zh: 闲, en: Idle}, reason: {zh: 无, en: none}}\n",
            "no rule reads it",
            Level.ERROR,
        ),
        (
            "profile.yaml",
            "flags:\n",
            "flags:\n  idle: {question: {zh: 闲?, en: Idle?}, definition: {zh: 闲, en: idle}}\n",
            "no rule reads it",
            Level.ERROR,
        ),
        (
            "06_service.yaml",
            "zh: 组织应测试。",
            "zh: test",
            "Chinese wording is missing",
            Level.ERROR,
        ),
        (
            "06_service.yaml",
            "en: The organisation shall test.",
            "en: 组织应测试",
            "holds Chinese",
            Level.ERROR,
        ),
        (
            "06_service.yaml",
            "zh: 组织应测试。, en: The organisation shall test.",
            "zh: 组织应审核。, en: The organisation shall test.",
            "says the same as 6.1-a",
            Level.ERROR,
        ),
        (
            "06_service.yaml",
            "title: {zh: 测试, en: Test}",
            "title: {zh: 测试, en: Test}\n    supports: [9.9-z]",
            "no requirement 9.9-z",
            Level.ERROR,
        ),
        (
            "06_service.yaml",
            "title: {zh: 计划, en: Plan}\n    statement: {zh: 组织应计划。, en: The organisation shall plan.}",
            "title: {zh: 钥匙, en: Keys}\n    statement: {zh: 组织应锁门。, en: The organisation shall lock doors.}",
            "shares no word with its text",
            Level.WARNING,
        ),
    ],
)
def test_each_fault_is_found_with_its_line(
    changed: Callable[..., Path], file: str, old: str, new: str, words: str, level: Level
) -> None:
    found = [f for f in lint(load(changed(file, old, new))) if words in f.problem.message.en]
    assert found
    assert all(f.level is level for f in found)
    assert all(f.problem.file.endswith(".yaml") and f.problem.line for f in found)


def test_cases_come_out_or_are_named(changed: Callable[..., Path]) -> None:
    folder = changed(cases=CASES)
    standard = load(folder)
    assert list(failures(read_cases(folder / "cases", standard), standard)) == []
    wrong = CASES.replace("expect: nonconforming", "expect: conforming")
    folder = changed(cases=wrong)
    ((case, found),) = failures(read_cases(folder / "cases", standard), standard)
    assert (case.name, found.value) == ("day after", "nonconforming")
    assert case.line


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("requirement: 6.1-a", "requirement: 6.1-q", "there is no 6.1-q"),
        ("expect: conforming", "expect: conform", "did you mean conforming"),
        ("expect: conforming", "expect: disputed", "this kind of case"),
        ("audit.last_date: 2025-10-31", "audit.last_date: soon", "is not a date"),
        ("audit.last_date: 2025-10-31", "audit.last_dat: 2025-10-31", "did you mean audit.last"),
        ("given:", "giben:", "did you mean given"),
    ],
)
def test_a_wrong_case_file_is_refused_with_its_line(
    changed: Callable[..., Path], old: str, new: str, words: str
) -> None:
    folder = changed(cases=CASES.replace(old, new, 1))
    with pytest.raises(PackError) as caught:
        read_cases(folder / "cases", load(folder))
    assert words in str(caught.value)
    assert all(problem.line for problem in caught.value.problems)


def test_mutants_are_killed_survive_or_are_accepted_with_a_reason(
    changed: Callable[..., Path],
) -> None:
    folder = changed(cases=CASES)
    standard = load(folder)
    made = mutate(standard, folder / "cases")
    alive = {(s.of, s.mutant) for s in made.survivors}
    assert not any(of == "6.1-a" for of, _ in alive)
    assert ("6.1-b", "negate test.pass_pct at_least pass_min_pct") in alive
    assert made.killed + len(made.survivors) == made.mutants
    assert not made.passed
    weaker = CASES.replace("2025-11-01}", "2026-01-01}").replace("2025-10-31}", "2020-01-01}")
    told = mutate(standard, changed(cases=weaker) / "cases")
    assert {s.mutant for s in told.survivors if s.of == "6.1-a"} == {
        "audit.last_date within audit_interval_days: limit -1",
        "audit.last_date within audit_interval_days: limit +1",
    }
    (folder / "cases" / "survivors.yaml").write_text(
        "survivors:\n- {of: 6.1-b, rule: satisfied_when, mutant: gone, reason: means the same}\n",
        encoding="utf-8",
    )
    assert [s.mutant for s in mutate(standard, folder / "cases").idle] == ["gone"]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "socap", *arguments, "--lang", "en"],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def test_check_exits_1_where_something_is_wrong(changed: Callable[..., Path]) -> None:
    folder = str(changed(cases=CASES))
    done = run("check", folder, "--mutation")
    assert done.returncode == 1
    assert "every case comes out as expected" in done.stdout
    assert "mutants of the rules" in done.stdout
    assert "Traceback" not in done.stderr
    assert run("check", folder, "--cases", "nowhere").returncode == 2
    assert run("check", "no-such-pack").returncode == 2


@pytest.mark.parametrize("pack", BUNDLED)
def test_the_cases_of_a_shipped_pack_kill_the_mutants_of_its_rules(pack: str) -> None:
    folder = ROOT / "tests" / "cases"
    if pack != MAIN:
        folder = folder / "companions" / pack
    standard = load(pack)
    cases = read_cases(folder, standard)
    assert [f"{c.file}:{c.line} {c.of}: {o.value}" for c, o in failures(cases, standard)] == []
    wanted = {"conforming", "nonconforming", "undetermined"}
    for requirement in standard.requirements:
        told = {case.expected.value for case in cases if case.of == requirement}
        assert wanted <= told, requirement
    made = mutate(standard, folder)
    assert made.passed, [f"{s.of} {s.rule}: {s.mutant}" for s in (*made.survivors, *made.idle)]


def test_diff_and_handbook_and_schema_answer_in_both_languages() -> None:
    for lang in ("zh", "en"):
        for arguments in (
            ("diff", MAIN, MAIN),
            ("diff", MAIN, MAIN, "--format", "json"),
            ("handbook",),
            ("schema", "company"),
            ("list", "packs"),
            ("list", "flags"),
            ("check",),
        ):
            done = subprocess.run(
                [sys.executable, "-m", "socap", *arguments, "--lang", lang],
                cwd=ROOT,
                capture_output=True,
                encoding="utf-8",
                check=False,
            )
            assert done.returncode == 0, (arguments, done.stderr, done.stdout[-500:])
            assert done.stdout
            if "json" in arguments or "schema" in arguments:
                json.loads(done.stdout)
