"""pytest shows a company's conformity, item by item, and says nothing where none is named."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
import tiny_companies

import socap.assessment
import socap.testing  # noqa: F401  loaded once here, not again in every inner run

pytest_plugins = ["pytester"]

ROOT = Path(__file__).parents[1]
TINY = ROOT / "tests" / "packs" / "tiny"
AS_OF = ("--socap-as-of=2026-11-01",)
MIXED = "\norganisation: {id: t, name: {zh: 甲, en: A}}" + tiny_companies.MIXED
GOOD = MIXED.replace("2025-01-01", "2026-01-01").replace("suppliers: true", "suppliers: false")
PACK = (f"--socap-pack={TINY}",)
PLAIN = ("-p", "no:cacheprovider", "-p", "no:hypothesispytest")


@pytest.fixture
def place(pytester: pytest.Pytester) -> Path:
    (pytester.path / "company.yaml").write_text(MIXED, encoding="utf-8")
    (pytester.path / "test_other.py").write_text("def test_it(): pass\n", encoding="utf-8")
    return pytester.path


def outcomes(result: pytest.RunResult) -> dict[str, str]:
    told = re.findall(r"^(\S+::\S+) (PASSED|FAILED|SKIPPED)", result.stdout.str(), re.M)
    return {name: outcome.lower() for name, outcome in told}


@pytest.mark.usefixtures("place")
def test_each_finding_is_an_item(pytester: pytest.Pytester) -> None:
    result = pytester.runpytest(*PLAIN, "-v", "--socap=company.yaml", *AS_OF, *PACK)
    assert outcomes(result) == {
        "company.yaml::status": "failed",
        "company.yaml::6.1-a": "failed",
        "company.yaml::6.1-b": "skipped",
        "company.yaml::6.1-c": "skipped",
        "company.yaml::6.2-a": "failed",
        "company.yaml::6.2-b": "passed",
        "test_other.py::test_it": "passed",
    }
    assert result.ret == 1


@pytest.mark.usefixtures("place")
def test_undetermined_can_be_skipped_and_nonconforming_cannot(pytester: pytest.Pytester) -> None:
    options = ("--socap=company.yaml", *AS_OF, *PACK, "--socap-undetermined=skip")
    found = outcomes(pytester.runpytest(*PLAIN, "-v", *options))
    assert found["company.yaml::6.2-a"] == "skipped"
    assert found["company.yaml::6.1-a"] == "failed"
    assert found["company.yaml::status"] == "failed"


@pytest.mark.parametrize(
    ("lang", "failed", "skipped"),
    [
        ("zh", "未满足：“最近审核日期”距评价日不超过 365 天", "6.1-b | 不适用 | 由组织情形决定"),
        (
            "en",
            "not met: “Date of the last audit” lies within 365 days",
            "6.1-b | not applicable | decided by",
        ),
    ],
)
def test_reasons_are_told_without_a_traceback(
    pytester: pytest.Pytester, place: Path, lang: str, failed: str, skipped: str
) -> None:
    assert (place / "company.yaml").exists()
    options = ("--socap=company.yaml", *AS_OF, *PACK, f"--socap-lang={lang}")
    told = pytester.runpytest(*PLAIN, "-rs", *options).stdout.str()
    assert failed in told
    assert f"company.yaml: {skipped}" in told
    assert "Traceback" not in told
    assert "pytest_plugin.py" not in told
    notice = {"zh": "测试用标准。", "en": "A standard for tests."}[lang]
    assert notice in told


def test_a_conforming_company_passes(pytester: pytest.Pytester, place: Path) -> None:
    (place / "company.yaml").write_text(GOOD, encoding="utf-8")
    result = pytester.runpytest(*PLAIN, "--socap=company.yaml", *AS_OF, *PACK)
    result.assert_outcomes(passed=4, skipped=3)
    assert result.ret == 0


def test_configuration_alone_is_enough_and_counts_each_file_once(
    pytester: pytest.Pytester, place: Path
) -> None:
    shutil.copy(place / "company.yaml", place / "company-2.yaml")
    pytester.makeini(
        f"[pytest]\nsocap_files = company*.yaml\nsocap_as_of = 2026-11-01\nsocap_pack = {TINY}\n"
    )
    for paths in ((), (".",), (".", "company.yaml")):
        result = pytester.runpytest(*PLAIN, *paths)
        result.assert_outcomes(failed=6, passed=3, skipped=4)
    pytester.runpytest(*PLAIN, "test_other.py").assert_outcomes(passed=1)
    pytester.runpytest(*PLAIN, "company.yaml::6.1-a").assert_outcomes(failed=1)
    away = place / "below"
    away.mkdir()
    (away / "company.yaml").write_text(GOOD, encoding="utf-8")
    options = ("--socap=below/company.yaml", "test_other.py")
    pytester.runpytest(*PLAIN, *options).assert_outcomes(passed=4, skipped=3)


@pytest.mark.usefixtures("place")
def test_workers_share_the_items(pytester: pytest.Pytester) -> None:
    options = ("--socap=company.yaml", *AS_OF, *PACK)
    result = pytester.runpytest_subprocess(*PLAIN, "-n", "2", *options)
    result.assert_outcomes(failed=3, passed=2, skipped=2)


def test_a_wrong_company_file_is_one_error_with_every_problem(
    pytester: pytest.Pytester, place: Path
) -> None:
    wrong = MIXED.replace("audit.last_date", "audit.lst_date").replace("true", "maybe")
    (place / "company.yaml").write_text(wrong, encoding="utf-8")
    options = ("--socap=company.yaml", *AS_OF, *PACK, "--socap-lang=en")
    result = pytester.runpytest(*PLAIN, *options)
    result.assert_outcomes(errors=1)
    assert [line for line in result.outlines if line.startswith("company.yaml:")] == [
        "company.yaml:3: profile.uses_external_suppliers: this should be true or false",
        "company.yaml:5: evidence.audit.lst_date: there is no evidence item audit.lst_date"
        " (did you mean audit.last_date?)",
        "company.yaml:9: evidence.plan.kept: this should be true or false",
    ]
    assert result.ret == 2


@pytest.mark.parametrize(
    ("options", "zh", "en"),
    [
        (["--socap=company.yaml"], "给出评价日", "give the date of the assessment"),
        (
            ["--socap=company.yaml", "--socap-as-of=2026-02-30"],
            "应为有效日期，形如 2026-11-01：2026-02-30",
            "needs a date that exists, written like 2026-11-01: 2026-02-30",
        ),
        (
            ["--socap=nobody.yaml", *AS_OF],
            "没有这个企业信息文件：nobody.yaml",
            "no such company file: nobody.yaml",
        ),
        (
            ["--socap=company.yaml", *AS_OF, "--socap-undetermined=pass"],
            "应为 fail 或 skip：pass",
            "is fail or skip: pass",
        ),
        (["-o", "socap_files=nobody*.yaml", *AS_OF], "没有匹配到文件", "matches nothing"),
        (
            ["--socap=company.yaml", *AS_OF, "--socap-pack=nothing"],
            "nothing",
            "nothing: this is neither a bundled pack nor a pack folder",
        ),
        (
            ["--socap=company.yaml", *AS_OF, "--socap-overlay=nobody.yaml"],
            "nobody.yaml: 文件不存在",
            "nobody.yaml: the file does not exist",
        ),
    ],
)
@pytest.mark.usefixtures("place")
def test_a_wrong_setting_is_a_usage_error(
    pytester: pytest.Pytester, options: list[str], zh: str, en: str
) -> None:
    for lang, told in (("zh", zh), ("en", en)):
        result = pytester.runpytest(*PLAIN, *options, f"--socap-lang={lang}")
        assert result.ret == pytest.ExitCode.USAGE_ERROR
        assert told in result.stderr.str()


@pytest.mark.usefixtures("place")
def test_an_unknown_language_is_a_usage_error(pytester: pytest.Pytester) -> None:
    result = pytester.runpytest(*PLAIN, "--socap=company.yaml", *AS_OF, "--socap-lang=fr")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "--socap-lang 应为 zh 或 en：fr" in result.stderr.str()


@pytest.mark.usefixtures("place")
def test_an_older_pytest_is_a_usage_error(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pytest, "version_tuple", (8, 4, 2))
    result = pytester.runpytest(*PLAIN, "--socap=company.yaml", *AS_OF, *PACK, "--socap-lang=en")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "the plugin of socap needs pytest 9" in result.stderr.str()
    pytester.runpytest(*PLAIN).assert_outcomes(passed=1)


def test_an_overlay_is_laid_over_the_pack(pytester: pytest.Pytester, place: Path) -> None:
    (place / "lenient.yaml").write_text(
        "overlay: {id: lenient, title: {zh: 宽, en: Lenient}, pack: tiny}\n"
        "change: {parameters: {audit_interval_days: {default: 1000}}}\n",
        encoding="utf-8",
    )
    pytester.makeini("[pytest]\nsocap_overlay = lenient.yaml\n")
    options = ("--socap=company.yaml", *AS_OF, *PACK)
    found = outcomes(pytester.runpytest(*PLAIN, "-v", *options))
    assert found["company.yaml::6.1-a"] == "passed"


def test_it_is_silent_and_loads_nothing_when_it_is_not_used(
    pytester: pytest.Pytester, place: Path
) -> None:
    (place / "test_other.py").write_text(
        "import sys\n"
        "def test_it():\n"
        "    loaded = {m for m in sys.modules if m.partition('.')[0] in ('socap', 'yaml', 'durable')}\n"
        "    assert loaded == {'socap', 'socap.pytest_plugin'}\n",
        encoding="utf-8",
    )
    result = pytester.runpytest_subprocess(*PLAIN)
    result.assert_outcomes(passed=1)
    assert "socap" not in re.sub(r"plugins: .*|rootdir: .*", "", result.stdout.str())
