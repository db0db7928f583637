"""Help pages in one language, laid out by columns, and what click says, in that language."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from socap.verbs.output import say

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from socap.errors import Lang

_FIXED = {
    "Show this message and exit.": "显示本帮助",
    "Options": "选项",
    "Usage:": "用法：",
    "[OPTIONS]": "[选项]",
    "COMMAND [ARGS]...": "命令 [参数]...",
    "[default: ": "[默认 ",
    "[required]": "[必填]",
}

_KINDS = {"integer": "整数", "float": "数值"}


def pages(lang: Lang) -> type[click.Context]:
    """Return the context whose help pages are in one language."""

    class Page(click.HelpFormatter):
        """A help page."""

        def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
            super().write_usage(prog, _told(args, lang), prefix or _told("Usage:", lang) + " ")

        def write_heading(self, heading: str) -> None:
            self.write(f"{_told(heading, lang)}{say(lang, '：', ':')}\n")

        def write_text(self, text: str) -> None:
            for paragraph in text.split("\n"):
                self._lines(paragraph.strip(), " " * self.current_indent)

        def write_dl(
            self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2
        ) -> None:
            from rich.cells import cell_len  # noqa: PLC0415  help pages only

            found = list(rows)
            first = min(max(cell_len(term) for term, _ in found), col_max) + col_spacing
            for term, text in found:
                lead = " " * self.current_indent + term
                if cell_len(term) + col_spacing > first:
                    self.write(lead + "\n")
                    lead = ""
                lead += " " * (self.current_indent + first - cell_len(lead))
                self._lines(_told(text, lang), lead, " " * (self.current_indent + first))

        def _lines(self, text: str, first: str, following: str | None = None) -> None:
            from socap.reports.wrapping import wrapped  # noqa: PLC0415  help pages only

            self.write("\n".join(wrapped(text, self.width, first, following)) + "\n")

    class Context(click.Context):
        """A context whose help is such a page."""

        formatter_class = Page

    return Context


def _told(text: str, lang: Lang) -> str:
    for en, zh in _FIXED.items() if lang == "zh" else ():
        text = text.replace(en, zh)
    return text


class Verbs(click.Group):
    """All verbs, in sections by what they are for."""

    sections: Sequence[tuple[str, tuple[str, ...]]] = ()

    def format_commands(
        self,
        ctx: click.Context,  # noqa: ARG002  click passes it
        formatter: click.HelpFormatter,
    ) -> None:
        """Write every section with the first sentence on each verb."""
        for title, names in self.sections:
            with formatter.section(title):
                formatter.write_dl([(name, _first(self.commands[name])) for name in names])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the verb; raise NoSuchVerb with the closest one where there is none."""
        if args and args[0] not in self.commands and not args[0].startswith("-"):
            raise NoSuchVerb(args[0], tuple(self.commands), ctx)
        return super().resolve_command(ctx, args)


class NoSuchVerb(click.UsageError):
    """The first argument names no verb."""

    def __init__(self, name: str, known: tuple[str, ...], context: click.Context) -> None:
        self.name, self.known = name, known
        super().__init__(f"No such command {name!r}.", context)


def _first(command: click.Command) -> str:
    text = (command.help or "").split("\n", 1)[0]
    return text.split("。", 1)[0].split(". ", 1)[0].rstrip(".")


def complaint(error: click.ClickException, lang: Lang) -> str:
    """Return what is wrong with a command line, in one language."""
    from socap.errors import did_you_mean  # noqa: PLC0415  only when something is wrong

    told, hint = error.format_message(), None
    match error:
        case NoSuchVerb():
            told = say(lang, f"没有命令 {error.name}", f"there is no command {error.name}")
            hint = did_you_mean(error.name, error.known)
        case click.NoSuchOption():
            name = error.option_name
            told = say(lang, f"没有选项 {name}", f"there is no option {name}")
            known = error.ctx.command.params if error.ctx is not None else []
            hint = did_you_mean(name, (opt for one in known for opt in one.opts))
        case click.MissingParameter(param=click.Parameter() as missing):
            name = _name(missing)
            told = say(lang, f"缺少 {name}", f"{name} is missing")
        case click.BadParameter(param=click.Parameter() as wrong) if lang == "zh":
            name = _name(wrong)
            kind = wrong.type
            if isinstance(kind, click.Choice):
                told = f"{name} 应为其中之一：{'、'.join(map(str, kind.choices))}"
            else:
                told = f"{name} 应为{_KINDS.get(kind.name, kind.name)}"
        case click.BadOptionUsage() if lang == "zh":
            told = f"选项 {error.option_name} 缺少值"
        case click.UsageError() if lang == "zh" and "unexpected extra" in told:
            told = "多余的参数：" + told.partition("(")[2].rstrip(")")
        case _:
            pass
    return told if hint is None else f"{told} ({hint.in_language(lang)})"


def _name(parameter: click.Parameter) -> str:
    if isinstance(parameter, click.Argument):
        return parameter.make_metavar(click.Context(click.Command("socap")))
    return " / ".join(parameter.opts)
