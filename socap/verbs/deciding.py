"""Verbs that follow from an assessment: what-if, impact and the others that advise."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from socap.errors import Problem, Text, UsageError
from socap.verbs.assessing import assessed
from socap.verbs.options import Decorator, Options, combined, standard
from socap.verbs.output import (
    ExitCode,
    asking,
    day,
    names,
    numbers,
    plain,
    telling,
    write,
)
from socap.verbs.progress import working

if TYPE_CHECKING:
    from socap.errors import Lang


def tell(made: Any, form: str, lang: Lang, output: str) -> None:
    """Write a result as text or JSON."""
    if form == "json":
        write(output, json.dumps(made.to_dict(), ensure_ascii=False, indent=2) + "\n")
    else:
        lines = made.to_text(lang).rstrip("\n").split("\n")
        write(output, "".join(f"{plain(line)}\n" for line in lines))


def changes(pairs: tuple[str, ...]) -> dict[str, Any]:
    """Return the answers of `KEY=VALUE` arguments, each value written as in a company file."""
    from socap.documents import parse_document  # noqa: PLC0415  only when this verb runs

    found: dict[str, Any] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals:
            message = Text(f"应写作 键=值：{pair}", f"this takes KEY=VALUE: {pair}")
            raise UsageError([Problem(message)])
        document = parse_document(f"value: {value}".encode(), pair, UsageError)
        found[key.strip()] = document.data["value"]
    return found


def add(group: click.Group, o: Options) -> None:
    """Add these verbs to the command line."""
    shared = combined(o.formats("text", "json"), o.as_of, o.output, o.pack, o.assessing, o.usual)

    @group.command(
        "what-if",
        help=o.say(
            "若某些答案改变，审核发现会怎样变化。值的写法同企业信息文件，留空表示收回该答案。\n\n"
            "示例：socap what-if company.yaml ito.test_pass_pct=97 profile.remote_work=false",
            "What would change if some answers did. Values are written as in a company file; empty takes one back.\n\n"
            "Example: socap what-if company.yaml ito.test_pass_pct=97 profile.remote_work=false",
        ),
    )
    @o.file()
    @click.argument("answers", nargs=-1, required=True)
    @shared
    def what_if_command(
        file: str,
        answers: tuple[str, ...],
        form: str,
        as_of: str | None,
        output: str,
        **options: Any,
    ) -> None:
        made = assessed(file, as_of, o.lang, options).what_if(changes(answers))
        tell(made, form, o.lang, output)

    @group.command(
        "impact",
        help=o.say(
            "一项证据或情形关系到哪些审核发现。\n\n示例：socap impact company.yaml profile.remote_work",
            "Which findings an evidence item or circumstance bears on.\n\nExample: socap impact company.yaml profile.remote_work",
        ),
    )
    @o.file()
    @o.identifier("key", "key")
    @shared
    def impact_command(
        file: str, key: str, form: str, as_of: str | None, output: str, **options: Any
    ) -> None:
        tell(assessed(file, as_of, o.lang, options).impact(key), form, o.lang, output)

    _add_questions(group, o, shared)

    @group.command(
        "plan",
        help=o.say(
            "达到目标的最省办法（可证明最优），按前置要求排序（可选依赖 plan）。\n\n"
            "示例：socap plan company.yaml --cost management_review.last_date=5 --lock profile.remote_work",
            "The provably cheapest way to a target, in the order of prerequisites (extra: plan).\n\n"
            "Example: socap plan company.yaml --cost management_review.last_date=5 --lock cms.documented",
        ),
    )
    @o.file()
    @click.option(
        "--cost",
        "costs",
        multiple=True,
        metavar="KEY=DAYS",
        help=o.say(
            "一项证据的工作量（天），默认 1，可重复", "days an item takes; 1 by default; repeatable"
        ),
    )
    @click.option(
        "--lock",
        "locked",
        multiple=True,
        metavar="KEY",
        help=o.say("不得改变的证据项，可重复", "an item that may not change; repeatable"),
    )
    @click.option(
        "--target",
        default="conforming",
        show_default=True,
        help=o.say(
            "目标：conforming，或要求与条款，逗号分隔",
            "conforming, or requirements and clauses, by commas",
        ),
    )
    @click.option("--start", metavar="YYYY-MM-DD", help=o.say("开工日", "the day work begins"))
    @shared
    def plan_command(
        file: str,
        costs: tuple[str, ...],
        locked: tuple[str, ...],
        target: str,
        start: str | None,
        form: str,
        as_of: str | None,
        output: str,
        **options: Any,
    ) -> None:
        first = None if start is None else day(start, o.lang, "--start")
        chosen = target if target == "conforming" else names(target)
        before = assessed(file, as_of, o.lang, options)
        with working(o.lang, "正在规划", "planning"):
            made = before.plan(costs=numbers(costs), locked=locked, target=chosen, start=first)
        tell(made, form, o.lang, output)

    @group.command(
        "forecast",
        help=o.say(
            "若不采取任何措施，到某日为止哪些审核发现会在哪一天变化；可导出 iCalendar 日历（可选依赖 calendar）。\n\n示例：socap forecast company.yaml --until 2027-11-01 --format ics -o renewals.ics",
            "On which days up to a date findings change if nothing is done; as an iCalendar too (extra: calendar).\n\nExample: socap forecast company.yaml --until 2027-11-01 --format ics -o renewals.ics",
        ),
    )
    @o.file()
    @click.option("--until", required=True, metavar="YYYY-MM-DD", help=o.say("截止日", "last day"))
    @combined(o.formats("text", "json", "ics"), o.as_of, o.output, o.pack, o.assessing, o.usual)
    def forecast_command(
        file: str, until: str, form: str, as_of: str | None, output: str, **options: Any
    ) -> None:
        last = day(until, o.lang, "--until")
        before = assessed(file, as_of, o.lang, options)
        with working(o.lang, "正在预测", "forecasting"):
            made = before.forecast(until=last)
        if form == "ics":
            write(output, made.to_icalendar(o.lang))
        else:
            tell(made, form, o.lang, output)

    @group.command(
        "credit",
        help=o.say(
            "所持证书覆盖哪些要求、还须证明什么、哪张证书帮助最大。\n\n示例：socap credit company.yaml --as-of 2026-11-01",
            "What the certificates held cover, what is left to be shown, which certificate would help most.\n\nExample: socap credit company.yaml --as-of 2026-11-01",
        ),
    )
    @o.file()
    @shared
    def credit_command(
        file: str, form: str, as_of: str | None, output: str, **options: Any
    ) -> None:
        tell(assessed(file, as_of, o.lang, options).credit(), form, o.lang, output)

    @group.command(
        "audit-plan",
        help=o.say(
            "审核方案：一、二阶段与监督审核的人日、抽样和顺序。\n\n"
            "示例：socap audit-plan company.yaml --employees 180 --sites 2 --mature",
            "An audit programme: days of stages 1 and 2 and of surveillance, samples, order.\n\n"
            "Example: socap audit-plan company.yaml --employees 180 --sites 2 --mature",
        ),
    )
    @o.file()
    @click.option("--employees", type=int, help=o.say("范围内人数", "people in scope"))
    @click.option("--sites", type=int, help=o.say("场所数", "number of sites"))
    @click.option(
        "--figure",
        "figures",
        multiple=True,
        metavar="NAME=VALUE",
        help=o.say(
            "调整人日与抽样的数值，可重复", "replace a figure of days or sampling; repeatable"
        ),
    )
    @click.option("--mature", is_flag=True, help=o.say("体系成熟", "a mature system"))
    @click.option("--combined", is_flag=True, help=o.say("结合审核", "a combined audit"))
    @click.option("--by", default="", help=o.say("由谁调整", "who replaces figures"))
    @shared
    def audit_plan_command(
        file: str,
        employees: int | None,
        sites: int | None,
        figures: tuple[str, ...],
        mature: bool,
        combined: bool,
        by: str,
        form: str,
        as_of: str | None,
        output: str,
        **options: Any,
    ) -> None:
        made = assessed(file, as_of, o.lang, options).audit_plan(
            employees=employees,
            sites=sites,
            mature=mature,
            combined=combined,
            by=by,
            **numbers(figures),
        )
        tell(made, form, o.lang, output)

    @group.command(
        "verify",
        help=o.say(
            "用不与解释器共享代码的内核重新推导一份 JSON 结果。退出码：0 一致，1 不一致。\n\n示例：socap verify result.json",
            "Derive a JSON result again with a kernel that shares no code with the readers. Exits 0 agreeing, 1 not.\n\nExample: socap verify result.json",
        ),
    )
    @click.argument("result", type=click.Path())
    @combined(o.formats("text", "json"), o.output, o.pack, o.usual)
    def verify_command(result: str, form: str, output: str, **of: Any) -> int:
        from socap.verification import verify  # noqa: PLC0415

        named = of["pack"] is not None or of["overlays"]
        made = verify(result, standard(**of) if named else None)
        tell(made, form, o.lang, output)
        return ExitCode.CONFORMING if made.agrees else ExitCode.NONCONFORMING


def _add_questions(group: click.Group, o: Options, shared: Decorator) -> None:
    @group.command(
        "questions",
        help=o.say(
            "尚未回答且仍有影响的问题，先列能定下最多结论的。\n\n示例：socap questions company.yaml --limit 10",
            "The unanswered questions that can still matter, those that settle most first.\n\nExample: socap questions company.yaml --limit 10",
        ),
    )
    @o.file()
    @click.option("--limit", type=int, help=o.say("最多列出几个", "at most so many"))
    @shared
    def questions_command(
        file: str, limit: int | None, form: str, as_of: str | None, output: str, **options: Any
    ) -> None:
        found = assessed(file, as_of, o.lang, options).questions(limit)
        if form == "json":
            told = [question.to_dict() for question in found]
            write(output, json.dumps(told, ensure_ascii=False, indent=2) + "\n")
            return
        lines = [line for q in found for line in q.to_text(o.lang).rstrip("\n").split("\n")]
        write(output, "".join(f"{plain(line)}\n" for line in lines))

    @group.command(
        "interview",
        help=o.say(
            "逐个提问并在每次回答后存入企业信息文件；已无影响的问题不再提出。\n\n示例：socap interview company.yaml",
            "Ask one question after another and save each answer in the company file; what no longer matters is not asked.\n\nExample: socap interview company.yaml",
        ),
    )
    @o.file()
    @o.parameters
    @combined(o.as_of, o.pack, o.usual)
    def interview_command(
        file: str, as_of: str | None, parameters: tuple[str, ...], **of: Any
    ) -> int:
        from socap.interview import run  # noqa: PLC0415

        made = run(
            file, standard(**of), day(as_of, o.lang), o.lang, asking, telling, numbers(parameters)
        )
        return ExitCode.__members__.get(made.status.name, ExitCode.UNDETERMINED)
