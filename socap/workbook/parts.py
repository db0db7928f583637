"""The parts of a workbook that its sheets share: their list, texts, number formats and epoch."""

from __future__ import annotations

import re

from socap.workbook.container import (
    INFLATED_LIMIT,
    Container,
    check_content_type,
    damaged,
    joined,
    resolve,
    too_large,
)
from socap.workbook.formats import Shown, shown

SHEET_LIMIT = 200
STRING_LIMIT = 3_000_000
FORMAT_LIMIT = 1000

_COUNT = re.compile(r"[0-9]{1,8}\Z")
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


def unescaped(text: str) -> str:
    r"""Return a text with the characters that XML cannot hold written out.

    Source: ISO/IEC 29500-1, 22.9.2.19. Control characters and halves of characters stay escaped.

    >>> unescaped("a_x000A_b _x005F_x000A_ _x0000_")
    'a\nb _x000A_ _x0000_'
    """
    return _ESCAPED.sub(_character, text) if "_x" in text else text


def _character(escape: re.Match[str]) -> str:
    character = chr(int(escape[1], 16))
    return character if character.isprintable() or character in "\t\n\r" else escape[0]


class Book:
    """The parts of a workbook that its sheets share."""

    def __init__(self, container: Container) -> None:
        self.container = container
        types: list[str] = []
        container.scan(
            "[Content_Types].xml",
            ("Types/Default", "Types/Override"),
            lambda _, attributes: types.append(attributes.get("ContentType", "")),
            _ignore,
        )
        check_content_type(types)
        main = self._related("").get("officeDocument", {})
        if len(main) != 1:
            raise damaged("没有唯一的工作簿部件", "there is not exactly one workbook part")
        (self.main,) = main.values()
        self.since_1904 = False
        self.listed: list[tuple[str, str]] = []
        container.scan(
            self.main, ("workbook/workbookPr", "workbook/sheets/sheet"), self._on_book, _ignore
        )
        self.related = self._related(self.main)
        self.strings = self._read_strings()
        self.formats = self._read_formats()

    def sheets(self) -> list[tuple[str, str]]:
        """Return the name and part of every worksheet in order; charts and dialogs are left out."""
        if len(self.listed) > SHEET_LIMIT:
            raise too_large(f"工作表超过 {SHEET_LIMIT} 个", f"more than {SHEET_LIMIT} sheets")
        names = {name.casefold() for name, _ in self.listed}
        if len(names) < len(self.listed) or "" in names:
            raise damaged("工作表无名或重名", "a sheet has no name, or two have the same")
        found = []
        passed = self.related.get("chartsheet", {}) | self.related.get("dialogsheet", {})
        for name, relation in self.listed:
            part = self.related.get("worksheet", {}).get(relation)
            if part is not None:
                found.append((name, part))
            elif relation not in passed:
                raise damaged(f"找不到工作表 {name[:40]}", f"sheet {name[:40]} is not there")
        if not found:
            raise damaged("没有工作表", "there is no sheet")
        return found

    def _related(self, part: str) -> dict[str, dict[str, str]]:
        """Return the parts that a part points to, by kind and id; never one outside the file."""
        folder, _, name = part.rpartition("/")
        found: dict[str, dict[str, str]] = {}

        def opened(_: str, attributes: dict[str, str]) -> None:
            if attributes.get("TargetMode", "Internal") == "Internal":
                kind = attributes.get("Type", "").rpartition("/")[2]
                target = resolve(part, attributes.get("Target", ""))
                found.setdefault(kind, {})[attributes.get("Id", "")] = target

        relations = f"{folder}/_rels/{name}.rels".lstrip("/")
        self.container.scan(relations, ("Relationships/Relationship",), opened, _ignore)
        return found

    def _on_book(self, path: str, attributes: dict[str, str]) -> None:
        if path == "workbook/workbookPr":
            self.since_1904 = attributes.get("date1904") in {"1", "true"}
        elif path == "workbook/sheets/sheet":
            ids = [v for key, v in attributes.items() if key.endswith("/relationships id")]
            self.listed.append((attributes.get("name", ""), ids[0] if ids else ""))

    def _shared(self, kind: str) -> str | None:
        parts = list(self.related.get(kind, {}).values())
        if len(parts) > 1:
            raise damaged(f"{kind} 部件不止一个", f"there is more than one {kind} part")
        return parts[0] if parts else None

    def _read_strings(self) -> list[str]:
        part = self._shared("sharedStrings")
        strings: list[str] = []
        pieces: list[str] = []

        def closed(path: str, text: str) -> None:
            if path != "sst/si":
                pieces.append(text)
                return
            strings.append(unescaped(joined(pieces)))
            pieces.clear()
            if len(strings) > STRING_LIMIT:
                raise too_large(
                    f"共享字符串超过 {STRING_LIMIT} 条", f"more than {STRING_LIMIT} shared strings"
                )

        if part is not None:
            self.container.scan(part, ("sst/si/t", "sst/si/r/t"), _ignore, closed, INFLATED_LIMIT)
        return strings

    def _read_formats(self) -> list[Shown]:
        part = self._shared("styles")
        codes: dict[str, str] = {}
        styles: list[str] = []

        def opened(path: str, attributes: dict[str, str]) -> None:
            if path == "styleSheet/numFmts/numFmt":
                code = attributes.get("formatCode", "")
                if len(code) > FORMAT_LIMIT:
                    raise damaged("数字格式过长", "a number format is too long")
                codes[attributes.get("numFmtId", "")] = code
            elif path == "styleSheet/cellXfs/xf":
                styles.append(attributes.get("numFmtId", "0"))

        if part is None:
            return [Shown.PLAIN]
        paths = ("styleSheet/numFmts/numFmt", "styleSheet/cellXfs/xf")
        self.container.scan(part, paths, opened, _ignore)
        known = {
            number: shown(int(number) if _COUNT.match(number) else 0, codes.get(number))
            for number in set(styles)
        }
        return [known[number] for number in styles]


def _ignore(_path: str, _what: object) -> None:
    """Do nothing."""
