"""The command line: parse, call one public function, print, exit code."""

from __future__ import annotations

import os
import sys
import tempfile
from contextlib import suppress
from datetime import date
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from socap.errors import Problem, SocapError, Text, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from socap.assessment import Assessment
    from socap.errors import Lang
    from socap.organisation import Organisation


class ExitCode(IntEnum):
    """What the command line exits with."""

    CONFORMING = 0
    NONCONFORMING = 1
    ERROR = 2
    UNDETERMINED = 3
    BUG = 70


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
    """Run the command line."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError, ValueError):
            stream.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code; nothing but results goes to standard output."""
    lang = language(arguments, dict(os.environ))
    try:
        result = commands(lang).main(list(arguments), prog_name="socap", standalone_mode=False)
        return int(result or 0)
    except SocapError as error:
        for line in error.render(lang).split("\n"):
            click.echo(f"{_say(lang, '错误', 'error')}: {_plain(line)}", err=True)
        return ExitCode.ERROR
    except click.ClickException as error:
        click.echo(
            f"{_say(lang, '用法错误', 'usage error')}: {_plain(error.format_message())}", err=True
        )
        click.echo(_say(lang, "用 socap --help 查看用法", "see socap --help"), err=True)
        return ExitCode.ERROR
    except (KeyboardInterrupt, click.Abort):
        click.echo(_say(lang, "已中断", "interrupted"), err=True)
        return ExitCode.ERROR
    except BrokenPipeError:
        # The reader has gone: what is left in the buffer must not fail again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.ERROR
    except Exception as error:
        if os.environ.get("SOCAP_DEBUG"):
            raise
        told = _say(lang, "socap 内部错误,请报告", "a fault in socap, please report it")
        click.echo(f"{told}: {type(error).__name__}", err=True)
        return ExitCode.BUG


def _say(lang: Lang, zh: str, en: str) -> str:
    return zh if lang == "zh" else en


def _plain(text: str) -> str:
    from socap.reports.wording import plain  # noqa: PLC0415  only when something is printed

    return plain(text)


def write(output: str, content: str) -> None:
    """Write to standard output for `-`, else to a file, whole or not at all."""
    if output == "-":
        click.echo(content, nl=False)
        return
    target = Path(output)
    temporary = ""
    try:
        if target.is_dir():
            raise IsADirectoryError(None, os.strerror(21))
        handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(content)
        mask = os.umask(0)
        os.umask(mask)
        Path(temporary).chmod(0o666 & ~mask)
        Path(temporary).replace(target)
    except (OSError, ValueError) as cause:
        if temporary:
            with suppress(OSError):
                Path(temporary).unlink()
        reason = getattr(cause, "strerror", None) or str(cause)
        message = Text(f"无法写入:{reason}", f"cannot write: {reason}")
        raise UsageError([Problem(message, file=output)]) from None


def _day(value: str | None, lang: Lang) -> date:
    if value is None:
        today = date.today()  # noqa: DTZ011  the day on the user's wall, and it is said
        click.echo(_say(lang, f"评价日:{today}(今天)", f"as of: {today} (today)"), err=True)
        return today
    from socap.answers import parse_date  # noqa: PLC0415

    found = parse_date(value)
    if found is None:
        message = Text(
            f"--as-of 应为有效日期:{value}", f"--as-of needs a date that exists: {value}"
        )
        raise UsageError(
            [Problem(message, hint=Text("形如 2026-11-01", "written like 2026-11-01"))]
        )
    return found


def _parameters(pairs: tuple[str, ...]) -> dict[str, int | float]:
    found: dict[str, int | float] = {}
    for pair in pairs:
        name, _, value = pair.partition("=")
        try:
            found[name] = int(value) if value.lstrip("-").isdecimal() else float(value)
        except ValueError:
            message = Text(
                f"--parameter 应写作 名称=数值:{pair}", f"--parameter takes NAME=NUMBER: {pair}"
            )
            raise UsageError([Problem(message)]) from None
    return found


def commands(lang: Lang) -> click.Group:  # noqa: PLR0915  one short closure a command
    """Return all commands, with help in one language."""

    def say(zh: str, en: str) -> str:
        return _say(lang, zh, en)

    def with_options(*options: Callable[[Any], Any]) -> Callable[[Any], Any]:
        def wrap(function: Any) -> Any:
            for option in reversed(options):
                function = option(function)
            return function

        return wrap

    o_lang = click.option(
        "--lang", type=click.Choice(["zh", "en"]), expose_value=False, help=say("语言", "language")
    )
    o_as_of = click.option(
        "--as-of",
        metavar="YYYY-MM-DD",
        help=say("评价日,默认今天", "date of the assessment; today by default"),
    )
    o_output = click.option(
        "-o",
        "--output",
        default="-",
        help=say("输出文件,- 为标准输出", "output file; - for standard output"),
    )
    o_format = click.option(
        "--format",
        "form",
        type=click.Choice(["text", "json", "markdown", "csv"]),
        default="text",
        show_default=True,
        help=say("输出格式", "output format"),
    )
    o_assess = with_options(
        click.option(
            "--assurance",
            type=click.Choice(["declared", "verified"]),
            default="declared",
            show_default=True,
            help=say("计入哪些证据", "which evidence counts"),
        ),
        click.option(
            "--parameter",
            "parameters",
            multiple=True,
            metavar="NAME=VALUE",
            help=say("调整参数,可重复", "replace a parameter; repeatable"),
        ),
        click.option(
            "--reader",
            default="durable",
            show_default=True,
            help=say("规则解释器:durable 或 reference", "rule reader: durable or reference"),
        ),
    )
    settings = {"help_option_names": ["-h", "--help"], "max_content_width": 80}

    @click.group(
        context_settings=settings,
        help=say(
            "对照《服务外包能力要求》评价服务外包企业。\n\n示例:socap assess company.yaml --as-of 2026-11-01",
            "Assess outsourcing providers against the Services Outsourcing Capabilities requirements.\n\n"
            "Example: socap assess company.yaml --as-of 2026-11-01",
        ),
    )
    @click.version_option(package_name="socap", help=say("显示版本", "show the version"))
    @o_lang
    def group() -> None:
        pass

    def assessed(
        file: str, as_of: str | None, options: dict[str, Any]
    ) -> tuple[Organisation, Assessment]:
        from socap.assessment import assess  # noqa: PLC0415
        from socap.organisation import read  # noqa: PLC0415

        parameters = _parameters(options.pop("parameters"))
        day = _day(as_of, lang)
        organisation = read(file)
        return organisation, assess(organisation, as_of=day, parameters=parameters, **options)

    @group.command(
        "assess",
        help=say(
            "评价一份企业信息文件。退出码:0 符合,1 不符合,3 待定,2 错误。",
            "Assess a company file. Exits 0 conforming, 1 nonconforming, 3 undetermined, 2 error.",
        ),
    )
    @click.argument("file")
    @with_options(o_as_of, o_format, o_output, o_assess, o_lang)
    def assess_command(file: str, as_of: str | None, form: str, output: str, **options: Any) -> int:
        from socap.reports.formats import render_assessment  # noqa: PLC0415

        _, result = assessed(file, as_of, options)
        if (
            form == "text"
            and output == "-"
            and sys.stdout.isatty()
            and not os.environ.get("NO_COLOR")
        ):
            from socap.reports.text import assessment_report  # noqa: PLC0415

            write(output, assessment_report(result, lang, colour=True))
        else:
            write(output, render_assessment(result, form, lang))
        return (
            ExitCode[result.status.name]
            if result.status.name in ExitCode.__members__
            else ExitCode.UNDETERMINED
        )

    @group.command(
        "explain",
        help=say("说明一项要求的结论及理由。", "Say how one requirement came out, and why."),
    )
    @click.argument("file")
    @click.argument("requirement")
    @with_options(o_as_of, o_output, o_assess, o_lang)
    def explain_command(
        file: str, requirement: str, as_of: str | None, output: str, **options: Any
    ) -> None:
        _, result = assessed(file, as_of, options)
        write(
            output,
            "\n".join(_plain(line) for line in result.explain(requirement, lang).split("\n")),
        )

    @group.command(
        "matrix",
        help=say(
            "适用性矩阵;给出企业信息文件时按其情形判定。",
            "The applicability matrix; decided by the circumstances of a company file where one is given.",
        ),
    )
    @click.argument("file", required=False)
    @click.option(
        "--types",
        default="ITO,BPO,KPO",
        show_default=True,
        help=say("外包类型,逗号分隔", "outsourcing types, separated by commas"),
    )
    @with_options(o_as_of, o_format, o_output, o_lang)
    def matrix_command(
        file: str | None, types: str, as_of: str | None, form: str, output: str
    ) -> None:
        from socap.applicability_matrix import matrix  # noqa: PLC0415
        from socap.reports.formats import render_matrix  # noqa: PLC0415

        if file is None:
            made = matrix(types=[t.strip() for t in types.split(",") if t.strip()])
        else:
            from socap.organisation import read  # noqa: PLC0415

            made = matrix(organisation=read(file), as_of=_day(as_of, lang))
        write(output, render_matrix(made, form, lang))

    @group.command(
        "list",
        help=say(
            "列出要求、条款、证据项、记录或参数。",
            "List requirements, clauses, evidence items, records or parameters.",
        ),
    )
    @click.argument(
        "kind", type=click.Choice(["requirements", "clauses", "items", "records", "parameters"])
    )
    @with_options(o_output, o_lang)
    def list_command(kind: str, output: str) -> None:
        from socap.reports.catalogue import listing  # noqa: PLC0415
        from socap.standard import load  # noqa: PLC0415

        write(output, listing(load(), kind, lang))

    @group.command(
        "show",
        help=say(
            "显示一项要求、条款、证据项或参数。",
            "Show a requirement, clause, evidence item or parameter.",
        ),
    )
    @click.argument("identifier")
    @with_options(o_output, o_lang)
    def show_command(identifier: str, output: str) -> None:
        from socap.reports.catalogue import entry  # noqa: PLC0415
        from socap.standard import load  # noqa: PLC0415

        write(output, entry(load(), identifier, lang))

    @group.command("graph", help=say("导出依赖关系图。", "Export the dependency graph."))
    @click.option(
        "--format",
        "form",
        type=click.Choice(["graphml", "mermaid", "dot"]),
        default="graphml",
        show_default=True,
        help=say("图格式", "graph format"),
    )
    @with_options(o_output, o_lang)
    def graph_command(form: str, output: str) -> None:
        from socap.standard import load  # noqa: PLC0415

        write(output, load().graph.export(form))

    @group.command(
        "init",
        help=say(
            "生成空白企业信息文件,只含所选类型可能用到的问题。",
            "Write an empty company file with only the questions that can matter.",
        ),
    )
    @click.option(
        "--types",
        required=True,
        help=say("外包类型,逗号分隔", "outsourcing types, separated by commas"),
    )
    @with_options(o_output, o_lang)
    def init_command(types: str, output: str) -> None:
        from socap.questionnaire import template  # noqa: PLC0415
        from socap.standard import load  # noqa: PLC0415

        if output != "-" and Path(output).exists():
            message = Text("文件已存在,不予覆盖", "the file exists and is not overwritten")
            raise UsageError([Problem(message, file=output)])
        write(output, template(load(), [t.strip() for t in types.split(",") if t.strip()], lang))

    return group
