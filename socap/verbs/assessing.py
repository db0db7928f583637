"""Verbs on a company file: assess, explain, matrix and init."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from socap.reports.formats import (
    FORMATS,
    MATRIX_FORMATS,
    named,
    render_assessment,
    render_matrix,
)
from socap.verbs.options import Options, combined, standard
from socap.verbs.output import (
    ExitCode,
    coloured,
    columns,
    day,
    names,
    numbers,
    plain,
    refuse_existing,
    write,
)
from socap.verbs.progress import working

if TYPE_CHECKING:
    from socap.assessment import Assessment
    from socap.errors import Lang


def assessed(file: str, as_of: str | None, lang: Lang, options: dict[str, Any]) -> Assessment:
    """Read and assess a company file with the shared options; `options` is emptied of them."""
    from socap.assessment import assess  # noqa: PLC0415
    from socap.company_file import read  # noqa: PLC0415

    parameters = numbers(options.pop("parameters"))
    when = day(as_of, lang)
    chosen = standard(options.pop("pack"), options.pop("overlays"))
    with working(lang, "正在评价", "assessing"):
        return assess(read(file, chosen), chosen, as_of=when, parameters=parameters, **options)


def add(group: click.Group, o: Options) -> None:
    """Add these verbs to the command line."""
    shared = combined(o.as_of, o.output, o.pack, o.assessing, o.usual)

    @group.command(
        "assess",
        help=o.say(
            "评价一份企业信息文件。退出码：0 符合，1 不符合，3 待定，2 错误。\n\n"
            "示例：socap assess company.yaml --as-of 2026-11-01",
            "Assess a company file. Exits 0 conforming, 1 nonconforming, 3 undetermined, 2 error.\n\n"
            "Example: socap assess company.yaml --as-of 2026-11-01",
        ),
    )
    @o.file()
    @o.formats(*FORMATS, by_suffix=True)
    @shared
    def assess_command(
        file: str, as_of: str | None, form: str | None, output: str, **options: Any
    ) -> int:
        chosen = named(form, output)
        result = assessed(file, as_of, o.lang, options)
        shown = render_assessment(
            result, chosen, o.lang, colour=coloured(output), width=columns(output)
        )
        write(output, shown)
        known = ExitCode.__members__
        return known.get(result.status.name, ExitCode.UNDETERMINED)

    @group.command(
        "explain",
        help=o.say(
            "说明一项要求的结论及理由。\n\n示例：socap explain company.yaml 6.3-d --as-of 2026-11-01",
            "Say how one requirement came out, and why.\n\n"
            "Example: socap explain company.yaml 6.3-d --as-of 2026-11-01",
        ),
    )
    @o.file()
    @o.identifier("requirement", "requirement")
    @o.formats("text", "json", "markdown")
    @shared
    def explain_command(
        file: str, requirement: str, as_of: str | None, form: str, output: str, **options: Any
    ) -> None:
        result = assessed(file, as_of, o.lang, options)
        made = result.explain(requirement, o.lang)
        if form == "json":
            told = json.dumps(made.to_dict(), ensure_ascii=False, indent=2) + "\n"
        else:
            told = made.to_markdown() if form == "markdown" else made.to_text()
            told = "\n".join(plain(line) for line in told.split("\n"))
        write(output, told)

    @group.command(
        "matrix",
        help=o.say(
            "适用性矩阵；给出企业信息文件时按其情形判定。\n\n"
            "示例：socap matrix --types ITO,BPO -o matrix.xlsx",
            "The applicability matrix; decided by the circumstances of a company file where one is given.\n\n"
            "Example: socap matrix --types ITO,BPO -o matrix.xlsx",
        ),
    )
    @o.file(required=False)
    @click.option(
        "--types", help=o.say("外包类型，逗号分隔", "outsourcing types, separated by commas")
    )
    @o.formats(*MATRIX_FORMATS, by_suffix=True)
    @combined(o.as_of, o.output, o.pack, o.usual)
    def matrix_command(
        file: str | None,
        types: str | None,
        as_of: str | None,
        form: str | None,
        output: str,
        **of: Any,
    ) -> None:
        from socap.applicability_matrix import matrix  # noqa: PLC0415

        shown = named(form, output)
        chosen = standard(**of)
        if file is None:
            made = matrix(chosen, None if types is None else names(types))
        else:
            from socap.company_file import read  # noqa: PLC0415

            made = matrix(chosen, organisation=read(file, chosen), as_of=day(as_of, o.lang))
        write(output, render_matrix(made, shown, o.lang, width=columns(output)))

    @group.command(
        "init",
        help=o.say(
            "生成空白企业信息文件（YAML，或 .xlsx 问卷），只含所选类型可能用到的问题。\n\n"
            "示例：socap init --types ITO,BPO -o company.xlsx",
            "Write an empty company file (YAML, or a questionnaire in .xlsx) with only the questions that can matter.\n\n"
            "Example: socap init --types ITO,BPO -o company.xlsx",
        ),
    )
    @click.option(
        "--types",
        default="",
        help=o.say("外包类型，逗号分隔", "outsourcing types, separated by commas"),
    )
    @combined(o.output, o.pack, o.usual)
    def init_command(types: str, output: str, **of: Any) -> None:
        from socap.questionnaire import template  # noqa: PLC0415

        refuse_existing(output)
        made = standard(**of)
        if output.lower().endswith(".xlsx"):
            from socap.workbook.writing import questionnaire  # noqa: PLC0415

            write(output, questionnaire(made, names(types), o.lang))
        else:
            write(output, template(made, names(types), o.lang))
