"""Filling a template in: from its bytes and the values it can name to the bytes of a document."""

from __future__ import annotations

import re
import zipfile
from datetime import datetime, time
from io import BytesIO
from traceback import walk_tb
from typing import TYPE_CHECKING, Any

from docx.opc.exceptions import OpcError
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import qn
from docxtpl import DocxTemplate
from jinja2 import TemplateError

from socap.errors import Problem, Text, UsageError
from socap.reports.docx.template_file import tag_problems
from socap.reports.docx.template_language import TemplateEnvironment, at_run_time

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

_ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)


def fill_in(
    template: bytes, file: str, context: Mapping[str, object], title: str, as_of: date
) -> bytes:
    """Return the document that a template makes of these values, the same bytes each time.

    Raises UsageError, naming `file`, for a template that is broken or asks for something that does
    not exist.
    """
    environment = TemplateEnvironment(file)
    try:
        made = DocxTemplate(BytesIO(template))
        made.render_init()
        problems = [
            problem
            for xml in _parts(made)
            for problem in _problems(xml, made, environment, context)
        ]
        if problems:
            raise UsageError(problems)
        _fill(made, environment, context)
    except UsageError:
        raise
    except TemplateError as error:
        raise UsageError([_met(error, environment)]) from error
    except _BROKEN as error:
        if environment.source and not isinstance(error, SyntaxError):
            raise UsageError([_met(error, environment)]) from error
        raise UsageError([_broken(file, error)]) from error
    return _written(made, title, as_of)


# lxml's errors are SyntaxErrors; a damaged part can be any of the others
_BROKEN = (
    OpcError,
    SyntaxError,
    LookupError,
    TypeError,
    ValueError,
    ArithmeticError,
    AttributeError,
    RecursionError,
    zipfile.BadZipFile,
)


def _parts(made: Any) -> Iterator[str]:
    yield made.get_xml()
    for kind in (made.HEADER_URI, made.FOOTER_URI):
        for _, part in made.get_headers_footers(kind):
            yield made.get_part_xml(part)


def _problems(
    xml: str, made: Any, environment: TemplateEnvironment, context: Mapping[str, object]
) -> Iterator[Problem]:
    faults = list(tag_problems(xml, environment.file))
    yield from faults or environment.problems(_readable(xml, made), context)


def _readable(xml: str, made: Any) -> str:
    """Return a part as Jinja reads it, each paragraph on a line of its own."""
    source: str = made.patch_xml(re.sub(r"(?=<w:p[ >])", "\n", xml.replace("\n", " ")))
    return source


def _fill(made: Any, environment: TemplateEnvironment, context: Mapping[str, object]) -> None:
    def filled(xml: str) -> str:
        return environment.from_string(_readable(xml, made)).render(context).replace("\n", "")

    body = filled(made.get_xml())
    parse_xml(body)  # strictly: what follows mends what is broken, and would leave text out
    tree = made.fix_tables(body)
    made.fix_docpr_ids(tree)
    for cell in tree.iter(qn("w:tc")):
        if len(cell) == 0 or cell[-1].tag != qn("w:p"):  # ECMA-376-1, 17.4.65: a cell ends with one
            cell.append(OxmlElement("w:p"))
        _place_shade(cell)
    made.map_tree(tree)
    for kind in (made.HEADER_URI, made.FOOTER_URI):
        for relation, part in list(made.get_headers_footers(kind)):
            xml = filled(made.get_part_xml(part))
            made.map_headers_footers_xml(relation, xml.encode())


def _place_shade(cell: Any) -> None:
    """Move the shade that docxtpl puts first behind what goes before it: ECMA-376-1, 17.4.69."""
    shade = cell.find(f"{qn('w:tcPr')}/{qn('w:shd')}")
    if shade is not None:
        before = {qn(f"w:{name}") for name in ("tcW", "gridSpan", "vMerge", "tcBorders")}
        for last in [one for one in shade.itersiblings() if one.tag in before][-1:]:
            last.addnext(shade)


def _met(error: Exception, environment: TemplateEnvironment) -> Problem:
    lines = [
        line
        for frame, line in walk_tb(error.__traceback__)
        if frame.f_code.co_filename == "<template>"
    ]
    line = getattr(error, "lineno", None) or (lines[-1] if lines else 0)
    return environment.problem(environment.source, line, at_run_time(error))


def _broken(file: str, error: Exception) -> Problem:
    return Problem(
        Text(f"模板无法使用：{error}", f"the template cannot be used: {error}"),
        file=file,
        hint=Text(
            "{%p … %}、{%tr … %} 独占一段或一行，for 与 endfor、if 与 endif 在同一层",
            "{%p … %} and {%tr … %} stand in a paragraph or row of their own, for and endfor, if and endif on one level",
        ),
    )


def _written(made: Any, title: str, as_of: date) -> bytes:
    properties = made.docx.core_properties
    properties.title = title[:255]  # python-docx takes no more
    properties.author = properties.last_modified_by = "socap"
    properties.subject = properties.comments = properties.identifier = ""
    properties.created = properties.modified = datetime.combine(as_of, time())
    properties.revision = 1
    saved, content = BytesIO(), BytesIO()
    made.docx.save(saved)
    with zipfile.ZipFile(saved) as before, zipfile.ZipFile(content, "w") as after:
        for name in before.namelist():
            entry = zipfile.ZipInfo(name, _ZIP_EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            after.writestr(entry, before.read(name))
    return content.getvalue()
