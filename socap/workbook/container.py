"""The zip container of a workbook and the XML in it, read within limits and never unpacked."""

from __future__ import annotations

import posixpath
import struct
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from io import BytesIO
from xml.parsers import expat
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from socap.errors import Problem, Text

MEGABYTE = 1024 * 1024
ENTRY_LIMIT = 10_000
INFLATED_LIMIT, SMALL_LIMIT = 256 * MEGABYTE, 16 * MEGABYTE
RATIO_LIMIT, RATIO_FLOOR = 200, 16 * MEGABYTE
MARKUP_LIMIT = 20_000_000
TOKEN_LIMIT, DEPTH_LIMIT = MEGABYTE, 100
TEXT_LIMIT = 100_000

_CHUNK = 64 * 1024
_OLE2, _LOCAL, _CENTRAL = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"PK\x03\x04", b"PK\x01\x02"
_MACROS = ("vbaproject", "macroenabled", "macrosheet")

Opened = Callable[[str, dict[str, str]], None]
Closed = Callable[[str, str], None]


class Refusal(Exception):
    """Why a workbook is not read, and where in it; `sheets` turns it into the caller's error."""

    def __init__(self, message: Text, hint: Text, cell: str = "") -> None:
        self.message, self.hint, self.cell = message, hint, cell
        super().__init__(message.en)

    def problem(self, file: str) -> Problem:
        """Return the refusal as a problem of a file."""
        return Problem(self.message, file=file, hint=self.hint, cell=self.cell)


def damaged(zh: str, en: str, cell: str = "") -> Refusal:
    """Return the refusal of a file that does not hold what its format promises."""
    return Refusal(
        Text(f"工作簿已损坏：{zh}", f"the workbook is damaged: {en}"),
        Text(
            "请用 Excel 或 LibreOffice 打开并重新另存为 .xlsx",
            "open it in Excel or LibreOffice and save it as .xlsx again",
        ),
        cell,
    )


def too_large(zh: str, en: str, cell: str = "") -> Refusal:
    """Return the refusal of a file beyond a limit."""
    hint = Text("请删去多余内容，或分成几个文件", "remove what is not needed, or split the file")
    return Refusal(Text(f"工作簿过大：{zh}", f"the workbook is too large: {en}"), hint, cell)


@dataclass(slots=True)
class Container:
    """An archive whose entries are checked; parts are found by name in any case of letters."""

    archive: ZipFile
    entries: dict[str, ZipInfo]
    inflated: int = 0
    markup: int = 0

    def has(self, part: str) -> bool:
        """Return whether a part is there."""
        return part.lower() in self.entries

    def scan(
        self,
        part: str,
        paths: Iterable[str],
        opened: Opened,
        closed: Closed,
        limit: int = SMALL_LIMIT,
    ) -> None:
        """Stream the XML of a part through two functions; nothing of it is kept.

        `paths` are the elements of interest, each as `root/child/grandchild` without prefixes;
        all else is passed over. `opened` gets a path and its attributes, `closed` a path and the
        text that stands directly in the element. `limit` is how large the part may be when
        inflated. Raises `Refusal` for a part that is missing, damaged, beyond a limit, or that declares a document type (the door to entity attacks).
        """
        entry = self.entries.get(part.lower())
        if entry is None:
            raise damaged(f"缺少 {part[:80]}", f"{part[:80]} is missing")
        reading = _Reading(_children(paths), opened, closed)
        try:
            with self.archive.open(entry) as source:
                fed = 0
                while chunk := source.read(_CHUNK):
                    fed += len(chunk)
                    self._count(chunk, fed, entry, limit)
                    reading.feed(chunk, fed)
                reading.parser.Parse(b"", True)
        except (
            BadZipFile,
            EOFError,
            LookupError,
            NotImplementedError,
            OSError,
            OverflowError,
            ValueError,
            expat.ExpatError,
            struct.error,
            zlib.error,
        ):
            raise damaged(f"{part[:80]} 无法读取", f"{part[:80]} cannot be read") from None

    def _count(self, chunk: bytes, fed: int, entry: ZipInfo, limit: int) -> None:
        self.inflated += len(chunk)
        self.markup += chunk.count(b"<")
        if self.inflated > INFLATED_LIMIT or fed > limit:
            size = (limit if fed > limit else INFLATED_LIMIT) // MEGABYTE
            raise too_large(f"解压后超过 {size} MB", f"more than {size} MB when inflated")
        if fed > RATIO_FLOOR and fed > RATIO_LIMIT * entry.compress_size:
            raise too_large(
                f"压缩比超过 {RATIO_LIMIT}，疑似压缩炸弹",
                f"compressed more than {RATIO_LIMIT} to 1, like a zip bomb",
            )
        if self.markup > MARKUP_LIMIT:
            raise too_large("XML 元素过多", "too many XML elements")


def _children(paths: Iterable[str]) -> dict[str, dict[str, str]]:
    known: dict[str, dict[str, str]] = defaultdict(dict)
    for path in paths:
        steps = path.split("/")
        for depth, step in enumerate(steps):
            known["/".join(steps[:depth])][step] = "/".join(steps[: depth + 1])
    return known


@dataclass(slots=True)
class _Reading:
    """One pass of the parser over a part."""

    children: dict[str, dict[str, str]]
    opened: Opened
    closed: Closed
    parser: expat.XMLParserType = field(init=False)
    namespace: str = ""
    # The path of every open element; None for one of no interest, whose children are none either.
    stack: list[str | None] = field(default_factory=lambda: [""])
    pieces: list[str] = field(default_factory=list)
    length: int = 0

    def __post_init__(self) -> None:
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = _refuse_doctype
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end
        self.parser.CharacterDataHandler = self.text

    def feed(self, chunk: bytes, fed: int) -> None:
        """Parse a chunk; an endless tag would otherwise be parsed anew with each one."""
        self.parser.Parse(chunk)
        if fed - self.parser.CurrentByteIndex > TOKEN_LIMIT:
            raise damaged("XML 标记过长", "an XML tag is too long")

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        parent = self.stack[-1]
        if parent == "":
            self.namespace = tag.rpartition(" ")[0]
            name = tag.rpartition(" ")[2]
            self.children = _in_namespace(self.children, self.namespace)
            if tag not in self.children[""]:
                raise damaged(f"意外的内容 {name[:40]}", f"unexpected content {name[:40]}")
        path = None if parent is None else self.children[parent].get(tag)
        self.stack.append(path)
        if len(self.stack) > DEPTH_LIMIT:
            raise damaged("XML 嵌套过深", "XML is nested too deeply")
        if path is not None:
            if self.pieces:
                self.pieces.clear()
                self.length = 0
            self.opened(path, attributes)

    def end(self, _tag: str) -> None:
        path = self.stack.pop()
        if path is None:
            return
        text = ""
        if self.pieces:
            text = "".join(self.pieces)
            self.pieces.clear()
            self.length = 0
        self.closed(path, text)

    def text(self, text: str) -> None:
        if self.stack[-1]:
            self.pieces.append(text)
            self.length += len(text)
            if self.length > TEXT_LIMIT:
                raise _long_text()


def joined(pieces: list[str]) -> str:
    """Return the text of a cell from its runs. Raises `Refusal` for one beyond the limit."""
    if sum(map(len, pieces)) > TEXT_LIMIT:
        raise _long_text()
    return "".join(pieces)


def _long_text() -> Refusal:
    return too_large(
        f"单元格文字超过 {TEXT_LIMIT} 字", f"a text has more than {TEXT_LIMIT} characters"
    )


def _in_namespace(children: dict[str, dict[str, str]], namespace: str) -> dict[str, dict[str, str]]:
    prefix = f"{namespace} " if namespace else ""
    return defaultdict(
        dict,
        {
            parent: {prefix + step: path for step, path in steps.items()}
            for parent, steps in children.items()
        },
    )


def _refuse_doctype(*_declared: object) -> None:
    raise Refusal(
        Text(
            "工作簿内含 XML 文档类型或实体声明",
            "the workbook declares an XML document type or entities",
        ),
        Text("请另存为普通的 .xlsx", "save it as a plain .xlsx"),
    )


def open_container(content: bytes) -> Container:
    """Return the container of an .xlsx after checking every entry. Raises `Refusal`."""
    if content.startswith(_OLE2):
        raise _ole2(content)
    if not content.startswith(_LOCAL):
        raise _not_xlsx("文件不是 .xlsx 工作簿", "the file is not an .xlsx workbook")
    # Counted before zipfile reads the directory, which makes an object of every entry.
    if content.count(_CENTRAL) > ENTRY_LIMIT:
        raise too_large(f"压缩包内超过 {ENTRY_LIMIT} 项", f"more than {ENTRY_LIMIT} zip entries")
    try:
        archive = ZipFile(BytesIO(content))
    except (BadZipFile, NotImplementedError, OSError, OverflowError, ValueError, struct.error):
        raise damaged("压缩包不完整", "the zip archive is not complete") from None
    entries: dict[str, ZipInfo] = {}
    for entry in archive.infolist():
        _check(entry)
        if entries.setdefault(entry.filename.lower(), entry) is not entry:
            name = entry.filename[:80]
            raise damaged(f"压缩包内 {name} 重复", f"{name} is in the archive twice")
    _check_overlap(content, archive)
    _check_kind(entries)
    return Container(archive, entries)


def _check(entry: ZipInfo) -> None:
    name, shown = entry.filename, entry.filename[:80]
    if any(word in name.lower() for word in _MACROS):
        raise macros()
    if entry.flag_bits & 0x1:
        raise _locked()
    # Names are only ever looked up, but an honest program writes none of these.
    if name.startswith("/") or "\\" in name or ":" in name or ".." in name.split("/"):
        raise damaged(f"压缩包内路径可疑 {shown}", f"suspicious path in the archive {shown}")
    if (entry.external_attr >> 16) & 0o170000 == 0o120000:
        raise damaged(f"压缩包内含符号链接 {shown}", f"the archive holds a symbolic link {shown}")
    if entry.compress_type not in {ZIP_STORED, ZIP_DEFLATED}:
        raise damaged(f"{shown} 的压缩方法不受支持", f"{shown} has an unsupported compression")


def _check_overlap(content: bytes, archive: ZipFile) -> None:
    following = archive.start_dir
    for entry in sorted(archive.infolist(), key=lambda each: each.header_offset, reverse=True):
        header = content[entry.header_offset : entry.header_offset + 30]
        if entry.header_offset < 0 or len(header) < 30 or not header.startswith(_LOCAL):
            raise damaged("压缩包目录有误", "the directory of the archive is wrong")
        name, extra = struct.unpack("<HH", header[26:])
        if entry.header_offset + 30 + name + extra + entry.compress_size > following:
            raise damaged("压缩包内各项重叠", "entries of the archive overlap")
        following = entry.header_offset


def _check_kind(entries: dict[str, ZipInfo]) -> None:
    if "xl/workbook.bin" in entries:
        raise _not_xlsx("文件是二进制工作簿 .xlsb", "the file is a binary workbook, .xlsb")
    if "mimetype" in entries:
        raise _not_xlsx("文件是 OpenDocument（如 .ods）", "the file is OpenDocument, such as .ods")
    if "[content_types].xml" not in entries:
        raise _not_xlsx("压缩包内没有工作簿", "the zip archive holds no workbook")


def _ole2(content: bytes) -> Refusal:
    if "EncryptedPackage".encode("utf-16-le") in content:
        return _locked()
    return _not_xlsx(
        "文件是旧式 .xls 或其他旧格式", "the file is an old .xls or another old format"
    )


def _locked() -> Refusal:
    return Refusal(
        Text("工作簿有密码保护", "the workbook is protected by a password"),
        Text(
            "请在 Excel 中取消打开密码后另存为 .xlsx",
            "remove the password to open it in Excel and save it as .xlsx",
        ),
    )


def macros() -> Refusal:
    """Return the refusal of a workbook that carries program code."""
    return Refusal(
        Text("工作簿含宏", "the workbook contains macros"),
        Text("请另存为不含宏的 .xlsx", "save it as .xlsx, without macros"),
    )


def _not_xlsx(zh: str, en: str) -> Refusal:
    return Refusal(
        Text(zh, en),
        Text(
            "请用 Excel 或 LibreOffice 打开后另存为 .xlsx",
            "open it in Excel or LibreOffice and save it as .xlsx",
        ),
    )


def check_content_type(types: Iterable[str]) -> None:
    """Refuse a container whose declared types name macros, or no workbook. Raises `Refusal`."""
    known = [name.lower() for name in types]
    if any(word in name for name in known for word in _MACROS):
        raise macros()
    if not any(name.endswith("spreadsheetml.sheet.main+xml") for name in known):
        raise _not_xlsx("压缩包内没有工作簿", "the zip archive holds no workbook")


def resolve(source: str, target: str) -> str:
    """Return the name of the part that a relationship of another part points to.

    >>> resolve("xl/workbook.xml", "worksheets/sheet1.xml")
    'xl/worksheets/sheet1.xml'
    >>> resolve("xl/workbook.xml", "/xl/styles.xml")
    'xl/styles.xml'
    """
    joined = posixpath.join("/", posixpath.dirname(source), target)
    return posixpath.normpath(joined).lstrip("/")
