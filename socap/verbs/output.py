"""What the verbs share: where results go, and what is said beside them."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from datetime import date
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING

import click

from socap.errors import Problem, Text, UsageError

if TYPE_CHECKING:
    from socap.errors import Lang


class ExitCode(IntEnum):
    """What the command line exits with."""

    CONFORMING = 0
    NONCONFORMING = 1
    ERROR = 2
    UNDETERMINED = 3
    BUG = 70


def say(lang: Lang, zh: str, en: str) -> str:
    """Return the wording in the language asked for."""
    return zh if lang == "zh" else en


def plain(text: str) -> str:
    """Return text that is safe to show in a terminal."""
    from socap.reports.wording import plain as cleaned  # noqa: PLC0415  only when something is printed

    return cleaned(text)


def note(lang: Lang, zh: str, en: str) -> None:
    """Say something beside the result, on standard error, unless --quiet."""
    if not quiet():
        click.echo(plain(say(lang, zh, en)), err=True)


def telling(text: str) -> None:
    """Show what an interview says, line by line."""
    for line in text.rstrip("\n").split("\n"):
        click.echo(plain(line))


def asking(prompt: str) -> str:
    """Ask in the terminal and return what is typed. Raises EOFError at the end of the input."""
    click.echo(plain(prompt) + " ", nl=False)
    sys.stdout.flush()
    line = sys.stdin.readline()
    if not line:
        raise EOFError
    return line.rstrip("\n")


def coloured(output: str) -> bool:
    """Return whether the result goes to a terminal that wants colour."""
    return output == "-" and sys.stdout.isatty() and not os.environ.get("NO_COLOR")


def columns(output: str) -> int:
    """Return how wide a text is laid out: as the terminal, from 60 to 120, else 80."""
    if output != "-" or not sys.stdout.isatty():
        return 80
    import shutil  # noqa: PLC0415  only on a terminal

    return min(max(shutil.get_terminal_size().columns, 60), 120)


def quiet() -> bool:
    """Return whether --quiet was given: nothing but results and errors is written then."""
    context = click.get_current_context(silent=True)
    return context is not None and bool(context.meta.get("socap.quiet"))


def write(output: str, content: str | bytes) -> None:
    """Write to standard output for `-`, else to a file, whole or not at all."""
    if output == "-":
        if isinstance(content, bytes) and b"\0" in content and sys.stdout.isatty():
            message = Text("二进制文件不写到终端", "a binary file is not written to a terminal")
            hint = Text("用 -o 指定文件", "name a file with -o")
            raise UsageError([Problem(message, hint=hint)])
        if isinstance(content, bytes) and not hasattr(sys.stdout, "buffer"):
            content = content.decode("utf-8", "replace")  # standard output is a text stream only
        click.echo(content, nl=False)
        return
    import tempfile  # noqa: PLC0415  only when a file is written

    target = Path(output)
    temporary = ""
    try:
        if target.is_dir():
            raise IsADirectoryError(None, os.strerror(21))
        handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        with os.fdopen(handle, "wb") as file:
            file.write(content.encode() if isinstance(content, str) else content)
        mask = os.umask(0)
        os.umask(mask)
        Path(temporary).chmod(0o666 & ~mask)
        Path(temporary).replace(target)
    except (OSError, ValueError) as cause:
        if temporary:
            with suppress(OSError):
                Path(temporary).unlink()
        reason = getattr(cause, "strerror", None) or str(cause)
        message = Text(f"无法写入：{reason}", f"cannot write: {reason}")
        raise UsageError([Problem(message, file=output)]) from None


def refuse_existing(output: str) -> None:
    """Raise UsageError where a file to be written exists already."""
    if output != "-" and Path(output).exists():
        message = Text("文件已存在，不予覆盖", "the file exists and is not overwritten")
        raise UsageError([Problem(message, file=output)])


def day(value: str | None, lang: Lang, option: str = "--as-of") -> date:
    """Return the date of the assessment; today where none is given, and say so."""
    if value is None:
        today = date.today()  # noqa: DTZ011  the day on the user's wall, and it is said
        note(lang, f"评价日：{today}（今天）", f"as of: {today} (today)")
        return today
    from socap.answers import parse_date  # noqa: PLC0415

    found = parse_date(value)
    if found is None:
        message = Text(
            f"{option} 应为有效日期：{value}", f"{option} needs a date that exists: {value}"
        )
        hint = Text("形如 2026-11-01", "written like 2026-11-01")
        raise UsageError([Problem(message, hint=hint)])
    return found


def numbers(pairs: tuple[str, ...]) -> dict[str, int | float]:
    """Return the parameters of `NAME=NUMBER` arguments."""
    found: dict[str, int | float] = {}
    for pair in pairs:
        name, _, value = pair.partition("=")
        try:
            found[name] = int(value) if value.lstrip("-").isdecimal() else float(value)
        except ValueError:
            message = Text(
                f"--parameter 应写作 名称=数值：{pair}", f"--parameter takes NAME=NUMBER: {pair}"
            )
            raise UsageError([Problem(message)]) from None
    return found


def names(text: str) -> list[str]:
    """Return the parts of a list separated by commas."""
    return [part.strip() for part in text.split(",") if part.strip()]
