"""Verbs on a standard itself: list, show, graph, handbook, schema, check and diff."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from socap.verbs.options import Options, combined, standard
from socap.verbs.output import ExitCode, day, write
from socap.verbs.progress import progress, working

if TYPE_CHECKING:
    from socap.errors import Lang
    from socap.standard import Standard

LISTED = ("requirements", "clauses", "items", "records", "parameters", "flags", "packs")


def add(group: click.Group, o: Options) -> None:
    """Add these verbs to the command line."""

    @group.command(
        "list",
        help=o.say(
            "列出要求、条款、证据项、记录、参数、情形或随附标准。\n\n示例：socap list requirements",
            "List requirements, clauses, evidence items, records, parameters, circumstances or packs.\n\nExample: socap list requirements",
        ),
    )
    @click.argument("kind", type=click.Choice(LISTED))
    @combined(o.output, o.pack, o.usual)
    def list_command(kind: str, output: str, **of: Any) -> None:
        from socap.reports.catalogue import listing, packs  # noqa: PLC0415

        write(output, packs(o.lang) if kind == "packs" else listing(standard(**of), kind, o.lang))

    @group.command(
        "show",
        help=o.say(
            "显示一项要求、条款、证据项、情形或参数。\n\n示例：socap show 6.3-d",
            "Show a requirement, clause, evidence item, circumstance or parameter.\n\nExample: socap show 6.3-d",
        ),
    )
    @o.identifier("identifier", "anything")
    @combined(o.output, o.pack, o.usual)
    def show_command(identifier: str, output: str, **of: Any) -> None:
        from socap.reports.catalogue import entry  # noqa: PLC0415

        write(output, entry(standard(**of), identifier, o.lang))

    @group.command(
        "graph",
        help=o.say(
            "导出依赖关系图。\n\n示例：socap graph --format mermaid -o graph.mmd",
            "Export the dependency graph.\n\nExample: socap graph --format mermaid -o graph.mmd",
        ),
    )
    @o.formats("graphml", "mermaid", "dot")
    @combined(o.output, o.pack, o.usual)
    def graph_command(form: str, output: str, **of: Any) -> None:
        write(output, standard(**of).graph.export(form))

    @group.command(
        "handbook",
        help=o.say(
            "逐项列出要求、规则、证据、审核指引、标准对照与依据（Markdown）。\n\n示例：socap handbook -o handbook.md",
            "Every requirement with its rule in words, evidence, guidance, crosswalk and provenance, in Markdown.\n\nExample: socap handbook -o handbook.md",
        ),
    )
    @combined(o.output, o.pack, o.usual)
    def handbook_command(output: str, **of: Any) -> None:
        from socap.reports.handbook import handbook  # noqa: PLC0415

        write(output, handbook(standard(**of), o.lang))

    @group.command(
        "schema",
        help=o.say(
            "输出某类文件的 JSON Schema，供编辑器补全和校验。\n\n示例：socap schema company -o company.schema.json",
            "Print the JSON Schema of a kind of file, for editors to complete and check.\n\nExample: socap schema company -o company.schema.json",
        ),
    )
    @click.argument("kind")
    @combined(o.output, o.pack, o.usual)
    def schema_command(kind: str, output: str, **of: Any) -> None:
        from socap.schemas.catalogue import as_json, schema  # noqa: PLC0415

        write(output, as_json(schema(kind, standard(**of))))

    _add_check(group, o)
    _add_diff(group, o)

    @group.command(
        "completion",
        help=o.say(
            "输出命令行补全脚本。\n\n示例：socap completion bash >> ~/.bashrc",
            "Print the script that lets a shell complete commands.\n\n"
            "Example: socap completion bash >> ~/.bashrc",
        ),
    )
    @click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
    @combined(o.output, o.usual)
    def completion_command(shell: str, output: str) -> None:
        from click.shell_completion import get_completion_class  # noqa: PLC0415

        kind = get_completion_class(shell)
        assert kind is not None
        write(output, kind(group, {}, "socap", "_SOCAP_COMPLETE").source() + "\n")


def _add_check(group: click.Group, o: Options) -> None:
    @group.command(
        "check",
        help=o.say(
            "检查标准文件：结构、引用、未用的证据项与参数、译文、规则与文字是否一致、案例。"
            "有错误时退出码为 1。\n\n示例：socap check my-pack --mutation",
            "Check a pack: shape, references, unused items and parameters, translations, rules against words, cases. "
            "Exits 1 where something is wrong.\n\nExample: socap check my-pack --mutation",
        ),
    )
    @click.argument("path", required=False)
    @click.option(
        "--overlay",
        "overlays",
        multiple=True,
        metavar="FILE",
        help=o.say("叠加文件，可重复", "an overlay laid over it; repeatable"),
    )
    @click.option(
        "--mutation",
        is_flag=True,
        help=o.say(
            "统计案例能发现的规则变异", "count the mutants of the rules that the cases kill"
        ),
    )
    @click.option(
        "--prove",
        is_flag=True,
        help=o.say(
            "用 SMT 求解器证明规则没有矛盾、冗余与空转（可选依赖 prove）",
            "prove with an SMT solver that no rule is contradictory, redundant or idle (extra: prove)",
        ),
    )
    @click.option(
        "--cases",
        metavar="FOLDER",
        help=o.say("案例目录", "the folder of cases"),
    )
    @combined(o.output, o.usual)
    def check_command(
        path: str | None,
        overlays: tuple[str, ...],
        mutation: bool,
        prove: bool,
        cases: str | None,
        output: str,
    ) -> int:
        from socap.reports.checks import checks_report, mutation_report  # noqa: PLC0415

        chosen = standard(path, overlays)
        told, wrong = _lint(chosen, o.lang)
        if mutation or cases is not None:
            from socap.cases import failures, find_cases, read_cases  # noqa: PLC0415

            folder = find_cases(path, cases)
            failed = list(failures(read_cases(folder, chosen), chosen))
            told += checks_report(failed, o.lang)
            wrong = wrong or bool(failed)
            if mutation and not failed:
                from socap.mutation import mutate  # noqa: PLC0415

                with progress(o.lang, "正在变异规则", "changing the rules") as tell:
                    made = mutate(chosen, folder, tell)
                told += mutation_report(made, o.lang)
                wrong = wrong or not made.passed
        if prove:
            proof, sound = _prove(chosen, path, cases, o.lang)
            told, wrong = told + proof, wrong or not sound
        write(output, told)
        return ExitCode.NONCONFORMING if wrong else ExitCode.CONFORMING


def _prove(chosen: Standard, path: str | None, cases: str | None, lang: Lang) -> tuple[str, bool]:
    from socap.cases import find_cases  # noqa: PLC0415
    from socap.proving.prover import prove as proved  # noqa: PLC0415

    waivers = find_cases(path, cases) / "waivers.yaml"
    with working(lang, "正在证明规则", "proving the rules"):
        made = proved(chosen, waivers=waivers if waivers.exists() else None)
    return made.to_text(lang).rstrip("\n") + "\n", made.passed


def _lint(chosen: Standard, lang: Lang) -> tuple[str, bool]:
    from socap.lint import Level, lint  # noqa: PLC0415
    from socap.reports.checks import lint_report  # noqa: PLC0415

    found = lint(chosen)
    return lint_report(chosen, found, lang), any(f.level is Level.ERROR for f in found)


def _add_diff(group: click.Group, o: Options) -> None:
    @group.command(
        "diff",
        help=o.say(
            "比较两个版本：新增、删除、改写的要求，以及规则变更前后的文字。A、B 为标准名称、目录或叠加文件，"
            "可用 + 连接。给出 --company 时列出对该企业审核发现的影响。\n\n"
            "示例：socap diff services-outsourcing-capabilities our-overlay.yaml --company company.yaml",
            "Compare two editions: requirements added, removed, reworded, rules before and after in words. A and B are "
            "pack names, folders or overlay files, joined by +. With --company, what it does to its findings.\n\n"
            "Example: socap diff services-outsourcing-capabilities our-overlay.yaml --company company.yaml",
        ),
    )
    @click.argument("a")
    @click.argument("b")
    @click.option("--company", metavar="FILE", help=o.say("企业信息文件", "a company file"))
    @o.formats("text", "json")
    @combined(o.as_of, o.output, o.usual)
    def diff_command(
        a: str, b: str, company: str | None, form: str, as_of: str | None, output: str
    ) -> None:
        from socap.difference import diff, edition  # noqa: PLC0415
        from socap.reports.differences import difference_report  # noqa: PLC0415

        made = diff(edition(a), edition(b))
        when = day(as_of, o.lang) if company is not None else None
        write(output, difference_report(made, form, o.lang, company, when))
