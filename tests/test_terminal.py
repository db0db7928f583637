"""The terminal: help, complaints, completion, quiet, formats by suffix, and progress."""

from __future__ import annotations

import contextlib
import io
import os
import pty
import subprocess
import sys
from pathlib import Path

import click
import pytest
from rich.cells import cell_len

from socap.cli import commands, run
from socap.reports.formats import FORMATS

ROOT = Path(__file__).parents[1]
COMPANY = str(ROOT / "examples" / "huaqiao-software.yaml")
DAY = ("--as-of", "2026-11-01")
VERBS = sorted(commands("en").commands)


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_help_with_an_example_in_both_languages(
    verb: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for lang, words in (
        ("zh", ("用法：", "示例：socap", "选项：")),
        ("en", ("Usage:", "Example: socap")),
    ):
        assert run([verb, "--help", "--lang", lang]) == 0
        shown = capsys.readouterr().out
        assert all(word in shown for word in words), shown
        assert max(map(cell_len, shown.splitlines())) <= 80
        assert ("Show this message" in shown) == (lang == "en")


def test_the_first_page_names_every_verb_once(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--help", "--lang", "zh"]) == 0
    lines = capsys.readouterr().out.splitlines()
    listed = [
        line.split()[0] for line in lines[lines.index("评价：") :] if line[:2] == "  " < line[2:3]
    ]
    assert sorted(listed) == VERBS


@pytest.mark.parametrize(
    ("arguments", "zh", "en"),
    [
        (
            ["ases"],
            "没有命令 ases (是否应为 assess？)",
            "there is no command ases (did you mean assess?)",
        ),
        (["assess"], "缺少 FILE", "FILE is missing"),
        (
            ["assess", COMPANY, "--fromat", "x"],
            "没有选项 --fromat (是否应为 --format？)",
            "no option --fromat",
        ),
        (
            ["assess", COMPANY, "--format", "x"],
            "--format 应为其中之一：text",
            "'x' is not one of 'text'",
        ),
        (["assess", COMPANY, "y"], "多余的参数：y", "unexpected extra argument (y)"),
        (["audit-plan", COMPANY, "--sites", "a"], "--sites 应为整数", "'a' is not a valid integer"),
        (["plan", COMPANY, "--target"], "选项 --target 缺少值", "'--target' requires an argument"),
        (
            ["assess", COMPANY, "-o", "x.pdf"],
            "从文件名看不出格式：.pdf",
            "does not tell the format: .pdf",
        ),
    ],
)
def test_a_complaint_is_in_the_language_asked_for(
    arguments: list[str], zh: str, en: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for lang, words in (("zh", zh), ("en", en)):
        assert run(["--lang", lang, *arguments]) == 2
        shown = capsys.readouterr()
        assert words in shown.err
        assert shown.out == ""


def test_quiet_leaves_results_only(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["credit", COMPANY, "--lang", "en"]) == 0
    assert "as of:" in capsys.readouterr().err
    assert run(["credit", COMPANY, "--lang", "en", "--quiet"]) == 0
    shown = capsys.readouterr()
    assert shown.err == ""
    assert shown.out


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_completion_script_is_printed(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["completion", shell]) == 0
    assert f"_SOCAP_COMPLETE={shell}_complete" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("socap pl", ["plan"]),
        ("socap explain company.yaml 6.3-", [f"6.3-{letter}" for letter in "abcdefghi"]),
        ("socap impact company.yaml profile.multi", ["profile.multi_site"]),
        ("socap list cl", ["clauses"]),
    ],
)
def test_a_shell_completes(words: str, found: list[str]) -> None:
    environment = {
        **os.environ,
        "_SOCAP_COMPLETE": "bash_complete",
        "COMP_WORDS": words,
        "COMP_CWORD": str(len(words.split()) - 1),
    }
    code = "import sys; sys.argv[0] = 'socap'; from socap.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=False
    )
    assert [line.partition(",")[2] for line in done.stdout.splitlines()] == found


@pytest.mark.parametrize("form", FORMATS)
def test_the_suffix_of_the_output_chooses_the_format(form: str, tmp_path: Path) -> None:
    suffix = FORMATS[form].suffix
    by_name, by_option = tmp_path / f"a{suffix}", tmp_path / "b"
    for output, more in ((by_name, []), (by_option, ["--format", form])):
        assert run(["assess", COMPANY, *DAY, "--lang", "zh", "-o", str(output), *more]) == 1
    assert by_name.read_bytes() == by_option.read_bytes()


MODULE = ("-m", "socap")
IMPATIENT = """
import sys
from socap import cli
from socap.verbs import progress
progress.PATIENCE = 0
sys.exit(cli.run(sys.argv[1:]))
"""


def on_a_terminal(*arguments: str, columns: int, program: tuple[str, str] = MODULE) -> str:
    """Run socap with a terminal of a width as its output and error, and return all it shows."""
    screen, end = pty.openpty()
    environment = {**os.environ, "COLUMNS": str(columns), "LC_ALL": "zh_CN.UTF-8", "TERM": "xterm"}
    with subprocess.Popen(
        [sys.executable, *program, *arguments], stdout=end, stderr=end, env=environment
    ) as started:
        os.close(end)
        told = b""
        while True:
            try:
                part = os.read(screen, 65536)
            except OSError:
                break
            if not part:
                break
            told += part
    os.close(screen)
    assert started.returncode in (0, 1, 3)
    return told.decode()


def test_a_terminal_gets_colour_its_own_width_and_a_word_on_what_is_being_done() -> None:
    shown = on_a_terminal("assess", COMPANY, *DAY, columns=110)
    assert "正在评价 …\r\x1b[2K" in shown
    assert "\x1b[1;31m" in shown
    plain = click.unstyle(shown.rpartition("\x1b[2K")[2])
    widths = [cell_len(line) for line in plain.splitlines()]
    assert 80 < max(widths) <= 110
    quiet = on_a_terminal("assess", COMPANY, *DAY, "--quiet", columns=110)
    assert "正在评价" not in quiet


def test_work_that_takes_its_time_shows_a_bar_and_takes_it_back() -> None:
    shown = on_a_terminal("check", "--mutation", columns=80, program=("-c", IMPATIENT))
    bar, _, result = shown.rpartition("\x1b[2K")
    assert "正在变异规则" in bar
    assert "/2490" in bar
    assert "案例全部符合预期" in result
    assert "正在变异规则" not in result


def test_standard_output_may_be_a_text_stream() -> None:
    shown = io.StringIO()
    with contextlib.redirect_stdout(shown):
        assert run(["assess", COMPANY, *DAY, "--lang", "zh"]) == 1
    assert "符合性评价报告" in shown.getvalue()
