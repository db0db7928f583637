"""The command line: parse, call one public function, print, exit code."""

from __future__ import annotations

import gc
import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

import click

from socap.errors import SocapError
from socap.verbs import assessing, deciding, exchanging, portfolios, reading
from socap.verbs.options import Options
from socap.verbs.output import ExitCode, plain, say
from socap.verbs.page import Verbs, complaint, pages

if TYPE_CHECKING:
    from collections.abc import Sequence

    from socap.errors import Lang

OBJECTS_BEFORE_COLLECTING = 200_000


def language(arguments: Sequence[str], environment: dict[str, str]) -> Lang:
    """Return the language asked for by --lang, else by the locale."""
    for index, argument in enumerate(arguments):
        value = argument.partition("=")[2] if argument.startswith("--lang=") else ""
        if argument == "--lang" and index + 1 < len(arguments):
            value = arguments[index + 1]
        if value in ("zh", "en"):
            return "zh" if value == "zh" else "en"
    locale = (
        environment.get("LC_ALL") or environment.get("LC_MESSAGES") or environment.get("LANG", "")
    )
    return "zh" if locale.lower().startswith("zh") else "en"


def main() -> None:
    """Run the command line; most commands end before a collection of garbage would find any."""
    gc.set_threshold(OBJECTS_BEFORE_COLLECTING)
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        with suppress(AttributeError, ValueError):
            stream.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
    code = run(sys.argv[1:])
    gc.freeze()
    sys.exit(code)


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code; nothing but results goes to standard output."""
    lang = language(arguments, dict(os.environ))
    try:
        result = commands(lang).main(list(arguments), prog_name="socap", standalone_mode=False)
        return int(result or 0)
    except SocapError as error:
        for line in error.render(lang).split("\n"):
            click.echo(f"{say(lang, '错误', 'error')}: {plain(line)}", err=True)
        return ExitCode.ERROR
    except click.ClickException as error:
        told = plain(complaint(error, lang))
        click.echo(f"{say(lang, '用法错误', 'usage error')}: {told}", err=True)
        click.echo(say(lang, "用 socap --help 查看用法", "see socap --help"), err=True)
        return ExitCode.ERROR
    except (KeyboardInterrupt, click.Abort):
        click.echo(say(lang, "已中断", "interrupted"), err=True)
        return ExitCode.ERROR
    except BrokenPipeError:
        # The reader has gone: what is left in the buffer must not fail again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.ERROR
    except Exception as error:
        if os.environ.get("SOCAP_DEBUG"):
            raise
        told = say(lang, "socap 内部错误，请报告", "a fault in socap, please report it")
        click.echo(f"{told}: {type(error).__name__}", err=True)
        return ExitCode.BUG


def commands(lang: Lang) -> click.Group:
    """Return all commands, with help in one language."""
    options = Options(lang)
    settings = {"help_option_names": ["-h", "--help"], "max_content_width": 80}

    @click.group(
        cls=Verbs,
        context_settings=settings,
        help=options.say(
            "对照《服务外包能力要求》评价服务外包企业。\n\n"
            "示例：\n\nsocap init --types ITO -o company.xlsx\n\nsocap assess company.xlsx -o report.html",
            "Assess outsourcing providers against the Services Outsourcing Capabilities requirements.\n\n"
            "Examples:\n\nsocap init --types ITO -o company.xlsx\n\nsocap assess company.xlsx -o report.html",
        ),
    )
    @click.version_option(package_name="socap", help=options.say("显示版本", "show the version"))
    @options.usual
    def group() -> None:
        pass

    assert isinstance(group, Verbs)
    sections = []
    for title, module in (
        (options.say("评价", "Assess"), assessing),
        (options.say("决策", "Decide"), deciding),
        (options.say("数据与文档", "Data and documents"), exchanging),
        (options.say("多家组织", "Many organisations"), portfolios),
        (options.say("标准", "The standard"), reading),
    ):
        before = set(group.commands)
        module.add(group, options)
        sections.append((title, tuple(name for name in group.commands if name not in before)))
    group.sections = sections
    for command in (group, *group.commands.values()):
        command.context_class = pages(lang)
    return group
