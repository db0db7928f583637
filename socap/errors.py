"""Errors a caller can meet: bad input is an exception, a nonconformity never is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable

Lang = Literal["zh", "en"]


@dataclass(frozen=True, slots=True)
class Text:
    """One statement in both languages.

    >>> Text(zh="条款", en="clause").in_language("en")
    'clause'
    """

    zh: str
    en: str

    def in_language(self, lang: Lang) -> str:
        """Return the zh or en wording."""
        return self.zh if lang == "zh" else self.en

    def to_dict(self) -> dict[str, str]:
        """Return both wordings by language."""
        return {"zh": self.zh, "en": self.en}

    def __bool__(self) -> bool:
        return bool(self.zh or self.en)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in an input: where it is, what is wrong and what would be right.

    `cell` is the place in a table: sheet and cell, or row and column.
    """

    message: Text
    path: str = ""
    file: str = ""
    line: int | None = None
    hint: Text | None = None
    cell: str = ""

    def render(self, lang: Lang) -> str:
        """Return `file:line: cell: path: what is wrong (what would be right)` on one line."""
        place = self.file + (f":{self.line}" if self.line is not None else "")
        parts = [part for part in (place, self.cell, self.path) if part]
        hint = f" ({self.hint.in_language(lang)})" if self.hint else ""
        return ": ".join([*parts, self.message.in_language(lang) + hint])


class SocapError(Exception):
    """Root of every error socap raises; carries all problems found, in both languages."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(self.render("en"))

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.problems,)

    def render(self, lang: Lang) -> str:
        """Return one line a problem in the language asked for."""
        return "\n".join(problem.render(lang) for problem in self.problems)


class PackError(SocapError):
    """The standard or an overlay is wrong."""


class EvidenceError(SocapError):
    """A company file is wrong."""


class UsageError(SocapError, ValueError):
    """A call or a command line asks for something that does not exist."""


def did_you_mean(name: str, known: Iterable[str]) -> Text | None:
    """Return a hint naming the closest known name, or None when nothing is close."""
    from difflib import get_close_matches  # noqa: PLC0415  only when something is wrong

    close = get_close_matches(name[:100], list(known), n=1, cutoff=0.6)
    if not close:
        return None
    return Text(zh=f"是否应为 {close[0]}？", en=f"did you mean {close[0]}?")


def unknown_name(kind: Text, name: str, known: Iterable[str]) -> UsageError:
    """Return the error for a name that is not among the known ones."""
    shown = name[:100]
    return UsageError(
        [
            Problem(
                Text(zh=f"没有名为 {shown} 的{kind.zh}", en=f"there is no {kind.en} named {shown}"),
                hint=did_you_mean(name, known),
            )
        ]
    )


class MissingExtraError(SocapError, ImportError):
    """A function needs an optional dependency that is not installed."""

    def __init__(self, extra: str) -> None:
        self.extra = extra
        message = Text(f"此功能需要可选依赖 {extra}", f"this needs the optional dependency {extra}")
        install = f'pip install "socap[{extra}]"'
        super().__init__([Problem(message, hint=Text(f"请执行 {install}", f"run {install}"))])

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.extra,)
