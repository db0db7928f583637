"""A template as a file: what is let in, and what is refused before anything reads it."""

from __future__ import annotations

import re
import zipfile
import zlib
from io import BytesIO
from typing import TYPE_CHECKING

from socap.errors import Problem, Text, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_FILE, _UNPACKED, _PART, _PARTS = 10_000_000, 30_000_000, 3_000_000, 1_000
_MEGABYTE = 1_000_000
_TAG = re.compile(r"<[^<>]*>")
_MARK = re.compile(r"\{[{%#]|[}%#]\}")
_LONGEST, _SHOWN = 300, 120
_CLOSING = {"{{": "}}", "{%": "%}", "{#": "#}"}
_NOT_SPOKEN = re.compile(r"\{\{(?:p|tr|tc|r)\s|\{%r\s|\{%\s*(?:vm|hm)\s*%\}|\s{9}")
_IN_A_PROPERTY = Text(
    "标记应在正文里，不应在属性里", "a mark belongs in the text, not in a property"
)


def read_template(path: Path) -> bytes:
    """Return the bytes of a template file, its sizes checked.

    A DOCX file is a ZIP archive (ECMA-376-2). Raises UsageError for a file that is not there, is
    not one, or unpacks to more than a template can need.
    """
    file = str(path)
    try:
        size = path.stat().st_size
        content = path.read_bytes() if size <= _FILE else b""
    except OSError as error:
        reason = error.strerror or str(error)
        raise _refused(file, Text(f"无法读取：{reason}", f"cannot be read: {reason}")) from error
    if size > _FILE:
        raise _too_large(file)
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            parts = archive.infolist()
            names = archive.namelist()
            documents = [p for p in parts if p.filename.endswith((".xml", ".rels"))]
            if (
                len(parts) > _PARTS
                or sum(p.file_size for p in parts) > _UNPACKED
                or any(p.file_size > _PART for p in documents)
            ):
                raise _too_large(file)
            if "word/document.xml" not in names or len(set(names)) < len(names):
                raise _not_docx(file)
            if any(p.flag_bits & 1 for p in parts) or "word/vbaProject.bin" in names:
                raise _not_docx(file)
            if any(b"<!DOCTYPE" in archive.read(p) for p in documents):
                raise _not_docx(file)
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, zlib.error) as error:
        raise _not_docx(file) from error
    return content


def tag_problems(xml: str, file: str) -> Iterator[Problem]:
    """Yield what is wrong with the marks in a part of a template, paragraph by paragraph.

    Marks that are closed in their paragraph, short and simple keep the patterns that docxtpl reads
    them with from running away.
    """
    for number, paragraph in enumerate(re.split(r"(?=<w:p[ >])", xml)):
        inside = any(_MARK.search(tag) for tag in _TAG.findall(paragraph))
        what = _IN_A_PROPERTY if inside else _fault(_TAG.sub("", paragraph))
        if what is not None:
            yield problem_in(paragraph, number, what, file)


def problem_in(
    paragraph: str, number: int, what: Text, file: str, hint: Text | None = None
) -> Problem:
    """Return a problem in a paragraph, given as XML, of a template."""
    text = _TAG.sub("", paragraph).strip()
    place = text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
    message = Text(
        f"第 {number} 段“{place}”：{what.zh}", f"paragraph {number}, “{place}”: {what.en}"
    )
    return Problem(message, file=file, hint=hint)


def _fault(text: str) -> Text | None:
    opened: re.Match[str] | None = None
    for found in _MARK.finditer(text):
        mark = found.group()
        if opened is None:
            if mark in _CLOSING:
                opened = found
            continue
        if mark in _CLOSING:
            break
        if mark == _CLOSING[opened.group()]:
            tag = text[opened.start() : found.end()]
            if len(tag) > _LONGEST:
                return Text(
                    f"标记长于 {_LONGEST} 个字符", f"a mark is longer than {_LONGEST} characters"
                )
            if _NOT_SPOKEN.search(tag):
                return Text(
                    f"不可使用 {tag}；可用 {{{{ 值 }}}}、{{%p … %}}、{{%tr … %}}、{{%tc … %}}",
                    f"{tag} may not be used; there are {{{{ value }}}}, {{%p … %}}, {{%tr … %}} and {{%tc … %}}",
                )
            opened = None
    if opened is None:
        return None
    mark = opened.group()
    closing = _CLOSING[mark]
    return Text(
        f"{mark} 应在同一段内以 {closing} 结束",
        f"{mark} should be closed by {closing} in its paragraph",
    )


def _refused(file: str, message: Text, hint: Text | None = None) -> UsageError:
    return UsageError([Problem(message, file=file, hint=hint)])


def _too_large(file: str) -> UsageError:
    return _refused(
        file,
        Text("模板过大", "the template is too large"),
        Text(
            f"文件不超过 {_FILE // _MEGABYTE} MB，解压后不超过 {_UNPACKED // _MEGABYTE} MB，每个 XML 部件不超过 {_PART // _MEGABYTE} MB",
            f"at most {_FILE // _MEGABYTE} MB, unpacked {_UNPACKED // _MEGABYTE} MB, each XML part {_PART // _MEGABYTE} MB",
        ),
    )


def _not_docx(file: str) -> UsageError:
    return _refused(
        file,
        Text("模板不是可用的 DOCX 文件", "the template is not a DOCX file that can be used"),
        Text(
            "在文字处理软件中另存为 .docx，不加密，不含宏",
            "save it as .docx from a word processor, without a password or macros",
        ),
    )
