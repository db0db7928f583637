"""Reading mappings of a document field by field, collecting every problem."""

from __future__ import annotations

from contextlib import suppress
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeVar

from socap.documents import Document, Step
from socap.errors import Problem, Text, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable

E = TypeVar("E", bound=StrEnum)
Path = tuple[Step, ...]


class Fields:
    """One mapping of a document; every getter notes a problem and returns a stand-in."""

    def __init__(self, document: Document, path: Path, raw: Any, problems: list[Problem]) -> None:
        self.document, self.path, self.problems = document, path, problems
        self.raw: dict[str, Any] = raw if isinstance(raw, dict) else {}
        if not isinstance(raw, dict):
            self.fault(Text("应为映射", "this should be a mapping"))

    def fault(self, message: Text, *steps: Step, hint: Text | None = None) -> None:
        """Note a problem here or below."""
        self.problems.append(self.document.problem((*self.path, *steps), message, hint))

    def only(self, required: Iterable[str], optional: Iterable[str] = ()) -> None:
        """Note keys that are missing or not known."""
        required = tuple(required)
        allowed = (*required, *optional)
        for key in self.raw:
            if key not in allowed:
                message = Text(f"不认识的键 {key[:80]}", f"unknown key {key[:80]}")
                self.fault(message, key, hint=did_you_mean(key, allowed))
        for key in required:
            if key not in self.raw:
                self.fault(Text(f"缺少 {key}", f"{key} is missing"))

    def text(self, key: str, *, required: bool = True) -> Text:
        """Return a bilingual text; both languages are needed where it is required."""
        raw = self.raw.get(key)
        if raw is None:
            return Text("", "")
        if isinstance(raw, dict) and set(raw) == {"zh", "en"}:
            zh, en = raw["zh"], raw["en"]
            if isinstance(zh, str) and isinstance(en, str) and (not required or (zh and en)):
                return Text(zh, en)
        self.fault(Text("应含 zh 与 en 两种文字", "this takes both zh and en wording"), key)
        return Text("", "")

    def string(self, key: str, default: str = "") -> str:
        """Return a text without language."""
        raw = self.raw.get(key, default)
        if not isinstance(raw, str):
            self.fault(Text("应为文字", "this should be text"), key, hint=_quote_hint(raw))
            return default
        return raw

    def strings(self, key: str) -> tuple[str, ...]:
        """Return a list of distinct texts."""
        raw = self.raw.get(key, [])
        if not isinstance(raw, list) or not all(isinstance(v, str) for v in raw):
            self.fault(Text("应为文字列表", "this should be a list of texts"), key)
            return ()
        if len(set(raw)) != len(raw):
            self.fault(Text("列表中有重复", "the list repeats a value"), key)
        return tuple(raw)

    def boolean(self, key: str, default: bool = False) -> bool:
        """Return true or false."""
        raw = self.raw.get(key, default)
        if not isinstance(raw, bool):
            self.fault(Text("应为 true 或 false", "this should be true or false"), key)
            return default
        return raw

    def integer(self, key: str) -> int | None:
        """Return a whole number, or None where the key is absent."""
        raw = self.raw.get(key)
        if raw is not None and type(raw) is not int:
            self.fault(Text("应为整数", "this should be a whole number"), key)
            return None
        return raw

    def number(self, key: str) -> int | float | None:
        """Return a number, or None where the key is absent."""
        raw = self.raw.get(key)
        if raw is not None and (isinstance(raw, bool) or not isinstance(raw, (int, float))):
            self.fault(Text("应为数值", "this should be a number"), key)
            return None
        return raw

    def choice(self, key: str, kind: type[E]) -> E:
        """Return a member of a closed set."""
        raw: Any = self.raw.get(key)
        with suppress(ValueError):
            return kind(raw)
        if key in self.raw:
            values = [member.value for member in kind]
            shown = ", ".join(values)
            message = Text(f"应为其中之一：{shown}", f"this should be one of: {shown}")
            self.fault(message, key, hint=did_you_mean(str(raw), values))
        return next(iter(kind))

    def below(self, key: str) -> Fields:
        """Return the mapping under a key; an absent one reads as empty."""
        return Fields(self.document, (*self.path, key), self.raw.get(key, {}), self.problems)

    def each(self, key: str) -> list[tuple[str, Fields]]:
        """Return the named mappings under a key."""
        group = self.below(key)
        return [(name, group.below(name)) for name in group.raw]

    def listed(self, key: str) -> list[Fields]:
        """Return the mappings of a list under a key."""
        raw = self.raw.get(key, [])
        if not isinstance(raw, list):
            self.fault(Text("应为列表", "this should be a list"), key)
            return []
        return [
            Fields(self.document, (*self.path, key, i), v, self.problems) for i, v in enumerate(raw)
        ]


def _quote_hint(raw: Any) -> Text | None:
    if raw is None or isinstance(raw, (dict, list)):
        return None
    return Text(f'请加引号："{raw}"', f'put it in quotes: "{raw}"')
