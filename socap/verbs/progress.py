"""What a person sees on a terminal while something takes its time; nothing anywhere else."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from socap.verbs.output import quiet, say

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from socap.errors import Lang

PATIENCE = 1.0


def watched() -> bool:
    """Return whether somebody watches standard error and did not ask for --quiet."""
    return sys.stderr.isatty() and not quiet()


@contextmanager
def working(lang: Lang, zh: str, en: str) -> Iterator[None]:
    """Say what is being done, and take it back when it is done."""
    shown = watched()
    if shown:
        click.echo(say(lang, zh, en) + " …", err=True, nl=False)
        sys.stderr.flush()
    try:
        yield
    finally:
        if shown:
            click.echo("\r\x1b[2K", err=True, nl=False)


@contextmanager
def progress(lang: Lang, zh: str, en: str) -> Iterator[Callable[[int, int], None]]:
    """Give a function that is told what is done and of how much (0 where that is not known).

    A bar appears once the work has taken over a second, and goes when it is done.
    """
    if not watched():
        yield lambda _done, _total: None
        return
    from rich.console import Console  # noqa: PLC0415  only on a terminal
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn  # noqa: PLC0415

    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        console=Console(stderr=True),
        transient=True,
        auto_refresh=False,  # a thread otherwise
    )
    task = bar.add_task(say(lang, zh, en), total=None)
    began = shown = time.monotonic()

    def tell(done: int, total: int) -> None:
        nonlocal shown
        now = time.monotonic()
        if now - began < PATIENCE or now - shown < PATIENCE / 10:
            return
        shown = now
        bar.start()
        bar.update(task, completed=done, total=total or None)
        bar.refresh()

    try:
        yield tell
    finally:
        bar.stop()
