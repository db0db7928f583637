"""Verbs on many organisations at once: portfolio and sensitivity."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from socap.errors import MissingExtraError, Problem, Text, UsageError
from socap.verbs.options import Options, combined, standard
from socap.verbs.output import day, numbers, plain, write
from socap.verbs.progress import progress, working

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


def add(group: click.Group, o: Options) -> None:
    """Add these verbs to the command line."""
    source = click.argument("source", type=click.Path())
    assuming = combined(
        o.assurance,
        click.option(
            "--ignore",
            multiple=True,
            metavar="COLUMN",
            help=o.say("不读的列，可重复", "a column not to be read; repeatable"),
        ),
        click.option(
            "--query",
            metavar="SQL",
            help=o.say("在 DuckDB 文件上执行的查询", "the query on a DuckDB file"),
        ),
    )

    @group.command(
        "portfolio",
        help=o.say(
            "评价许多组织：Parquet、CSV、DuckDB 查询或企业信息文件夹。结果写入新文件夹，中断后重复同一命令即可续做。"
            "退出码：0 全部评价，3 有数据有误而未评价的组织，2 错误。\n\n"
            "示例：socap portfolio firms.parquet --as-of 2026-11-01 -o findings --overview overview.html",
            "Assess many organisations: Parquet, CSV, a DuckDB query or a folder of company files. Findings go to a new "
            "folder; the same command goes on after an interruption. Exits 0 all assessed, 3 some could not be, 2 error.\n\n"
            "Example: socap portfolio firms.parquet --as-of 2026-11-01 -o findings --overview overview.html",
        ),
    )
    @source
    @click.option(
        "-o", "--output", required=True, help=o.say("结果文件夹", "the folder of findings")
    )
    @click.option(
        "--by", metavar="COLUMN", help=o.say("按此列分组比较", "compare groups by a column")
    )
    @click.option("--long", is_flag=True, help=o.say("一行一条审核发现", "one row a finding"))
    @click.option(
        "--workers", type=int, default=1, show_default=True, help=o.say("进程数", "processes")
    )
    @o.parameters
    @click.option(
        "--overview", metavar="FILE", help=o.say("另写网页概览", "also write an overview in HTML")
    )
    @combined(assuming, o.as_of, o.pack, o.usual)
    def portfolio_command(
        source: str,
        output: str,
        as_of: str | None,
        parameters: tuple[str, ...],
        overview: str | None,
        pack: str | None,
        overlays: tuple[str, ...],
        **options: Any,
    ) -> int:
        _needed()
        from socap.portfolio.overview import overview as drawn  # noqa: PLC0415
        from socap.portfolio.running import run  # noqa: PLC0415

        when, values = day(as_of, o.lang), numbers(parameters)
        made = standard(pack, overlays)
        with progress(o.lang, "正在评价", "assessing") as told:
            found = run(
                source, output, made, as_of=when, parameters=values, progress=told, **options
            )
        if overview is not None:
            write(overview, drawn(found, o.lang))
        write("-", "".join(f"{plain(line)}\n" for line in found.to_text(o.lang).split("\n")))
        return found.exit_code

    @group.command(
        "sensitivity",
        help=o.say(
            "参数或某项答案若不同，有多少组织的结论会变。不指定时逐一试所有参数与证据项。\n\n"
            "示例：socap sensitivity firms.parquet --as-of 2026-11-01 --vary training_hours_min=20,30,40",
            "How many organisations would come out otherwise if a parameter or an answer were another. All are tried "
            "where none is named.\n\n"
            "Example: socap sensitivity firms.parquet --as-of 2026-11-01 --vary training_hours_min=20,30,40",
        ),
    )
    @source
    @click.option(
        "--vary",
        multiple=True,
        metavar="NAME=V1,V2",
        help=o.say("一个参数的取值，可重复", "values of a parameter; repeatable"),
    )
    @click.option(
        "--grid",
        multiple=True,
        metavar="NAME=V1,V2",
        help=o.say("两个参数的全部组合，写两次", "all combinations of two parameters; given twice"),
    )
    @click.option(
        "--item",
        "items",
        multiple=True,
        metavar="KEY",
        help=o.say("一个证据项，可重复", "an evidence item; repeatable"),
    )
    @o.formats("text", "json", "csv")
    @combined(assuming, o.as_of, o.output, o.pack, o.usual)
    def sensitivity_command(
        source: str,
        vary: tuple[str, ...],
        grid: tuple[str, ...],
        items: tuple[str, ...],
        form: str,
        output: str,
        as_of: str | None,
        pack: str | None,
        overlays: tuple[str, ...],
        query: str | None,
        **options: Any,
    ) -> None:
        _needed()
        from socap.portfolio.sensitivity import sensitivity_of  # noqa: PLC0415

        when = day(as_of, o.lang)
        chosen = dict(_values("--vary", vary)), dict(_values("--grid", grid))
        named = bool(vary or grid or items)
        with working(o.lang, "正在计算", "computing"):
            found = sensitivity_of(
                Path(source),
                standard(pack, overlays),
                as_of=when,
                query=query,
                vary=chosen[0] if named else None,
                combine=chosen[1] or None,
                items=dict.fromkeys(items, ()) if named else None,
                **options,
            )
        if form == "json":
            write(output, json.dumps(found.to_dict(), ensure_ascii=False, indent=2) + "\n")
        else:
            write(output, found.to_csv() if form == "csv" else found.to_text(o.lang))


def _needed() -> None:
    try:
        import pyarrow  # noqa: F401, PLC0415  only for portfolios
    except ImportError:
        raise MissingExtraError("portfolio") from None


def _values(option: str, pairs: Iterable[str]) -> Iterator[tuple[str, tuple[int | float, ...]]]:
    """Yield each parameter of `NAME=V1,V2` with its values; `NAME` alone goes through its range."""
    for pair in pairs:
        name, _, listed = pair.partition("=")
        parts = [part for part in listed.split(",") if part]
        try:
            yield name, tuple(int(p) if p.lstrip("-").isdecimal() else float(p) for p in parts)
        except ValueError:
            message = Text(
                f"{option} 应写作 名称=数值,数值：{pair}", f"{option} takes NAME=V1,V2: {pair}"
            )
            raise UsageError([Problem(message)]) from None
