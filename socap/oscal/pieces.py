"""Reading OSCAL objects: properties of socap's namespace, wordings in both languages, closed sets."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from socap.documents import parse_document, read_bytes
from socap.errors import EvidenceError, Problem, Text, UsageError
from socap.loading import Fields
from socap.oscal.document import plain, write
from socap.oscal.identifiers import NAMESPACE, OSCAL_VERSION

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from socap.errors import Lang

E = TypeVar("E", bound=StrEnum)


class Piece:
    """One object of an OSCAL document; every getter notes a problem and returns a stand-in."""

    def __init__(self, fields: Fields, lang: Lang) -> None:
        """Note the object's fields and the document's language."""
        self.fields, self.lang = fields, lang

    def below(self, key: str) -> Piece:
        """Return the object under a key."""
        return Piece(self.fields.below(key), self.lang)

    def each(self, key: str, name: str | None = None) -> Iterator[Piece]:
        """Yield the objects of a list, or those of one `name`."""
        for entry in self.fields.listed(key):
            if name is None or entry.raw.get("name") == name:
                yield Piece(entry, self.lang)

    def one(self, key: str, name: str) -> Piece:
        """Return the first object of a name in a list; a missing one is a problem."""
        found = next(self.each(key, name), None)
        if found is None:
            self.fault(Text(f"缺少 {name}", f"{name} is missing"), key)
            return Piece(Fields(self.fields.document, (), {}, []), self.lang)
        return found

    def fault(self, message: Text, *steps: str) -> None:
        """Note a problem here or below."""
        self.fields.fault(message, *steps)

    def string(self, key: str) -> str:
        """Return a string that is not markup."""
        return self.fields.string(key)

    def markup(self, key: str) -> str:
        """Return the text of a markup field."""
        return plain(self.fields.string(key))

    def props(self, name: str, *, kind: str = "", group: str | None = None) -> tuple[str, ...]:
        """Return the values of the properties of a name, in order."""
        return tuple(
            _value(p)
            for p in self.each("props", name)
            if p.fields.raw.get("ns") == NAMESPACE
            and p.fields.raw.get("class", "") == kind
            and group in (None, p.fields.raw.get("group"))
        )

    def prop(self, name: str, *, kind: str = "", group: str | None = None) -> str:
        """Return the value of the one property of a name; it is a problem where there is no such."""
        found = self.props(name, kind=kind, group=group)
        if len(found) != 1:
            message = Text(
                f"属性 {name} 应恰有一个，实有 {len(found)} 个",
                f"there should be one property {name}, not {len(found)}",
            )
            self.fault(message, "props")
        return found[0] if found else ""

    def choice(self, name: str, kind: type[E], *, group: str | None = None) -> E:
        """Return the member of a closed set that a property names."""
        return self.member(self.prop(name, group=group), kind)

    def member(self, value: str, kind: type[E]) -> E:
        """Return a member of a closed set."""
        if value not in [member.value for member in kind]:
            shown = ", ".join(member.value for member in kind)
            message = Text(
                f"{value[:40]} 应为其中之一：{shown}", f"{value[:40]} should be one of: {shown}"
            )
            self.fault(message, "props")
            return next(iter(kind))
        return kind(value)

    def text(self, key: str, name: str | None = None) -> Text:
        """Return a wording: the document's language in a field, the other one in a property."""
        other = "en" if self.lang == "zh" else "zh"
        own, told = self.markup(key), self.props(name or key, kind=other)
        second = told[0] if told else ""
        return Text(own, second) if self.lang == "zh" else Text(second, own)

    def part(self, name: str) -> Text:
        """Return the wording of the one part of a name."""
        return self.one("parts", name).text("prose", name)

    def parts(self, name: str) -> tuple[Text, ...]:
        """Return the wordings of the parts of a name, in order."""
        return tuple(p.text("prose", name) for p in self.each("parts", name))


def _value(made: Piece) -> str:
    return made.markup("remarks") if "remarks" in made.fields.raw else made.string("value")


def opened(document: str | Path | Mapping[str, Any], root: str) -> Piece:
    """Return the root object of a document: a JSON file, or a mapping such as the makers return.

    Raises EvidenceError for what is no such document, and for another OSCAL version.
    """
    file = str(document) if isinstance(document, (str, Path)) else ""
    if isinstance(document, Mapping):
        try:
            content = write(dict(document)).encode("utf-8", "replace")
        except (TypeError, ValueError, RecursionError):
            message = Text(
                "文档含有 JSON 以外的值", "the document holds a value JSON does not have"
            )
            raise UsageError([Problem(message)]) from None
    else:
        content = read_bytes(Path(document), EvidenceError)
    problems: list[Problem] = []
    parsed = parse_document(content, file, EvidenceError, json_only=True)
    top = Fields(parsed, (), parsed.data, problems)
    if not problems:
        top.only([root], ["$schema"])
    refuse(problems)
    made = top.below(root)
    head = made.below("metadata")
    version = head.string("oscal-version")
    if not problems and version != OSCAL_VERSION:
        message = Text(
            f"OSCAL 版本应为 {OSCAL_VERSION}，不是 {version[:20]}",
            f"the OSCAL version should be {OSCAL_VERSION}, not {version[:20]}",
        )
        head.fault(message, "oscal-version")
    refuse(problems)
    lang = Piece(head, "zh").prop("language")
    if lang not in ("zh", "en"):
        head.fault(
            Text("没有语言属性：不是 socap 写出的文档", "no language: socap did not write this")
        )
    refuse(problems)
    return Piece(made, "zh" if lang == "zh" else "en")


def refuse(problems: Iterable[Problem]) -> None:
    """Raise EvidenceError where there are problems."""
    found = tuple(problems)
    if found:
        raise EvidenceError(found)
