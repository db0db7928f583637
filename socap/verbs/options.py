"""Options that several verbs take, in one language."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import click

from socap.verbs.output import say

if TYPE_CHECKING:
    from collections.abc import Callable

    from socap.errors import Lang
    from socap.standard import Standard

Decorator: TypeAlias = "Callable[[Any], Any]"


def combined(*options: Decorator) -> Decorator:
    """Return one decorator that applies several, in this order."""

    def wrap(function: Any) -> Any:
        for option in reversed(options):
            function = option(function)
        return function

    return wrap


def _silence(context: click.Context, _: click.Parameter, value: bool) -> None:
    if value:
        context.meta["socap.quiet"] = True


class Options:
    """The shared options with help texts in one language."""

    def __init__(self, lang: Lang) -> None:
        self.lang = lang
        self.usual = combined(
            click.option(
                "--lang",
                type=click.Choice(["zh", "en"]),
                expose_value=False,
                help=self.say("语言，默认随系统区域设置", "language; by default the locale's"),
            ),
            click.option(
                "-q",
                "--quiet",
                is_flag=True,
                expose_value=False,
                callback=_silence,
                help=self.say("只输出结果和错误", "write results and errors only"),
            ),
        )
        self.as_of = click.option(
            "--as-of",
            metavar="YYYY-MM-DD",
            help=self.say("评价日，默认今天", "date of the assessment; today by default"),
        )
        self.output = click.option(
            "-o",
            "--output",
            default="-",
            help=self.say("输出文件，- 为标准输出", "output file; - for standard output"),
        )
        self.pack = combined(
            click.option(
                "--pack",
                metavar="NAME|FOLDER",
                help=self.say(
                    "标准：随附标准的名称或目录", "the pack: a bundled one's name, or a folder"
                ),
            ),
            click.option(
                "--overlay",
                "overlays",
                multiple=True,
                metavar="FILE",
                help=self.say("叠加文件，可重复", "an overlay laid over it; repeatable"),
            ),
        )
        self.assurance = click.option(
            "--assurance",
            type=click.Choice(["declared", "verified"]),
            default="declared",
            show_default=True,
            help=self.say("计入哪些证据", "which evidence counts"),
        )
        self.parameters = click.option(
            "--parameter",
            "parameters",
            multiple=True,
            metavar="NAME=VALUE",
            help=self.say("调整参数，可重复", "replace a parameter; repeatable"),
        )
        self.assessing = combined(
            self.assurance,
            self.parameters,
            click.option(
                "--use-credit",
                is_flag=True,
                help=self.say(
                    "计入有效证书的完全覆盖", "count what valid certificates cover wholly"
                ),
            ),
            click.option(
                "--reader",
                default="durable",
                show_default=True,
                help=self.say(
                    "规则解释器：durable、reference 或 compiled",
                    "rule reader: durable, reference or compiled",
                ),
            ),
        )

    def file(self, *, required: bool = True) -> Decorator:
        """Return the argument that names a company file; a shell completes it."""
        return click.argument("file", type=click.Path(), required=required)

    def identifier(self, name: str, kind: str, *, required: bool = True) -> Decorator:
        """Return an argument that a shell completes with what `socap list KIND` names."""

        def complete(*given: Any) -> list[str]:
            made = standard(None, ())
            words = made.vocabulary
            known = {
                "requirement": made.requirements,
                "key": [*words.items, *(f"profile.{flag}" for flag in words.flags)],
                "anything": [*made.requirements, *words.items, *words.flags, *words.parameters],
            }
            return [one for one in known[kind] if one.startswith(given[-1])]

        return click.argument(name, required=required, shell_complete=complete)

    def say(self, zh: str, en: str) -> str:
        """Return the wording in this language."""
        return say(self.lang, zh, en)

    def formats(self, *names: str, by_suffix: bool = False) -> Decorator:
        """Return the option that chooses one of these formats, the first by default.

        With `by_suffix` the default is what the name of the output file ends with.
        """
        told = ("输出格式", "output format")
        if by_suffix:
            told = (
                "输出格式，默认随输出文件的后缀",
                "output format; by default the output file's suffix tells",
            )
        return click.option(
            "--format",
            "form",
            type=click.Choice(names),
            default=None if by_suffix else names[0],
            show_default=not by_suffix,
            help=self.say(*told),
        )


def standard(pack: str | None, overlays: tuple[str, ...]) -> Standard:
    """Load what --pack and --overlay name."""
    from socap.standard import load  # noqa: PLC0415  only when a verb needs it

    return load(pack, overlays=overlays)
