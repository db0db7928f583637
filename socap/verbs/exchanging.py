"""Verbs that bring data in and take it elsewhere, as files other people work with."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from socap.errors import Problem, Text, UsageError
from socap.verbs.assessing import assessed
from socap.verbs.options import Options, combined, standard
from socap.verbs.output import day, names, note, plain, refuse_existing, write
from socap.verbs.progress import progress

if TYPE_CHECKING:
    from socap.errors import Lang
    from socap.mapping.collecting import Collected
    from socap.organisation import Organisation
    from socap.standard import Standard

DOCUMENTS = (
    "audit-report",
    "corrective-action-requests",
    "applicability-statement",
    "remediation-plan",
)
OSCAL = ("catalog", "profile", "mapping", "results")


def company_text(
    organisation: Organisation, made: Standard, output: str, lang: Lang
) -> str | bytes:
    """Return a company file in the format that the output's suffix names, YAML by default."""
    from socap.company_file import as_json, as_yaml  # noqa: PLC0415

    suffix = Path(output).suffix.lower() if output != "-" else ".yaml"
    if suffix == ".xlsx":
        from socap.workbook.writing import workbook  # noqa: PLC0415

        return workbook(organisation, made, lang)
    if suffix == ".json":
        return as_json(organisation, made)
    if suffix in (".yaml", ".yml"):
        return as_yaml(organisation, made)
    message = Text(
        f"企业信息文件没有这种格式：{suffix}", f"a company file is not written as {suffix}"
    )
    hint = Text("用 .yaml、.json 或 .xlsx", "use .yaml, .json or .xlsx")
    raise UsageError([Problem(message, file=output, hint=hint)])


def add(group: click.Group, o: Options) -> None:
    """Add these verbs to the command line."""

    @group.command(
        "collect",
        help=o.say(
            "按对应文件从 CSV、JSON 或数据库收集证据，写成企业信息文件。\n\n"
            "示例：socap collect mapping.yaml --into company.yaml -o collected.yaml",
            "Collect evidence from CSV, JSON or databases by a mapping file, into a company file.\n\n"
            "Example: socap collect mapping.yaml --into company.yaml -o collected.yaml",
        ),
    )
    @click.argument("mapping", type=click.Path(path_type=Path))
    @click.option(
        "--into",
        type=click.Path(path_type=Path),
        help=o.say("并入的企业信息文件", "a company file to add to"),
    )
    @combined(o.output, o.pack, o.usual)
    def collect_command(mapping: Path, into: Path | None, output: str, **of: Any) -> None:
        from socap.mapping.collecting import collect  # noqa: PLC0415

        made = standard(**of)
        with progress(o.lang, "正在读取", "reading") as told:
            found = collect(mapping, into, made, progress=told)
        _remark(found, o.lang)
        write(output, company_text(found.organisation, made, output, o.lang))

    @group.command(
        "convert",
        help=o.say(
            "把企业信息文件转成 YAML、JSON 或 XLSX，内容不变。\n\n"
            "示例：socap convert company.yaml -o company.xlsx",
            "Turn a company file into YAML, JSON or XLSX; nothing is lost.\n\n"
            "Example: socap convert company.yaml -o company.xlsx",
        ),
    )
    @o.file()
    @combined(o.output, o.pack, o.usual)
    def convert_command(file: str, output: str, **of: Any) -> None:
        from socap.company_file import read  # noqa: PLC0415

        made = standard(**of)
        refuse_existing(output)
        write(output, company_text(read(file, made), made, output, o.lang))

    @group.command(
        "fill",
        help=o.say(
            "把评价结果写回问卷，列在答案旁边。\n\n示例：socap fill company.xlsx result.json -o filled.xlsx",
            "Write the outcomes of a result beside the answers of a questionnaire.\n\n"
            "Example: socap fill company.xlsx result.json -o filled.xlsx",
        ),
    )
    @click.argument("workbook", type=click.Path(path_type=Path))
    @click.argument("result", type=click.Path(path_type=Path))
    @combined(o.output, o.pack, o.usual)
    def fill_command(workbook: Path, result: Path, output: str, **of: Any) -> None:
        from socap.result_file import read_result  # noqa: PLC0415
        from socap.workbook.filling import fill  # noqa: PLC0415

        named = of["pack"] is not None or of["overlays"]
        made = standard(**of) if named else None
        write(output, fill(workbook, read_result(result), o.lang, made))

    @group.command(
        "document",
        help=o.say(
            "生成审核文件（DOCX）：审核报告、纠正措施要求、适用性声明或整改计划，可用自己的模板。\n\n"
            "示例：socap document corrective-action-requests company.yaml -o requests.docx",
            "Write an audit document in DOCX: audit report, corrective action requests, applicability statement or "
            "remediation plan, by your own template if you like.\n\n"
            "Example: socap document corrective-action-requests company.yaml -o requests.docx",
        ),
    )
    @click.argument("kind", type=click.Choice(DOCUMENTS))
    @o.file()
    @click.option(
        "--template",
        type=click.Path(),
        help=o.say("自己的 DOCX 模板", "your own template, a DOCX file"),
    )
    @combined(o.as_of, o.output, o.pack, o.assessing, o.usual)
    def document_command(
        kind: str, file: str, template: str | None, as_of: str | None, output: str, **options: Any
    ) -> None:
        made = assessed(file, as_of, o.lang, options)
        write(output, made.document(kind, o.lang, template=template))

    @group.command(
        "oscal",
        help=o.say(
            "输出 OSCAL 文档：目录、选用、对照，或一家企业的评价结果。\n\n"
            "示例：socap oscal results company.yaml --as-of 2026-11-01 -o results.json",
            "Write an OSCAL document: catalog, profile, mapping, or the results of a company.\n\n"
            "Example: socap oscal results company.yaml --as-of 2026-11-01 -o results.json",
        ),
    )
    @click.argument("kind", type=click.Choice(OSCAL))
    @o.file(required=False)
    @click.option("--types", help=o.say("外包类型，逗号分隔", "outsourcing types, by commas"))
    @combined(o.as_of, o.output, o.pack, o.assessing, o.usual)
    def oscal_command(
        kind: str,
        file: str | None,
        types: str | None,
        as_of: str | None,
        output: str,
        **options: Any,
    ) -> None:
        from socap.oscal.document import write as written  # noqa: PLC0415

        write(output, written(_oscal(kind, file, types, as_of, o.lang, options)))


def _oscal(
    kind: str,
    file: str | None,
    types: str | None,
    as_of: str | None,
    lang: Lang,
    options: dict[str, Any],
) -> dict[str, Any]:
    from socap.company_file import read  # noqa: PLC0415
    from socap.oscal.catalog import catalog  # noqa: PLC0415
    from socap.oscal.mapping import mapping_collection  # noqa: PLC0415
    from socap.oscal.profile import profile  # noqa: PLC0415
    from socap.oscal.results import assessment_results  # noqa: PLC0415

    if kind == "results":
        if file is None:
            message = Text("results 需要企业信息文件", "results needs a company file")
            raise UsageError([Problem(message)])
        return assessment_results(assessed(file, as_of, lang, options), lang)
    made = standard(options["pack"], options["overlays"])
    if kind == "catalog":
        return catalog(made, lang)
    if kind == "mapping":
        return mapping_collection(made, lang)
    if file is None:
        return profile(made, None if types is None else names(types), lang=lang)
    return profile(made, organisation=read(file, made), as_of=day(as_of, lang), lang=lang)


def _remark(found: Collected, lang: Lang) -> None:
    """Say on standard error what was left out and what was rejected."""
    for source, count in found.left_out.items():
        note(
            lang, f"{source}：按条件略过 {count} 行", f"{source}: {count} rows left out by `where`"
        )
    for rejection in found.rejected:
        click.echo(plain(rejection.problem.render(lang)), err=True)
    if found.rejected_rows:
        note(
            lang,
            f"共拒绝 {found.rejected_rows} 行；因此未作答：{'、'.join(found.withheld)}",
            f"{found.rejected_rows} rows rejected; left unanswered for that: {', '.join(found.withheld)}",
        )
