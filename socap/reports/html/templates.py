"""How the pages are filled in: everything escaped, a missing name an error, no control characters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from socap.errors import MissingExtraError, Text
from socap.reports.wording import plain

if TYPE_CHECKING:
    from jinja2 import Environment


def environment() -> Environment:
    """Return what renders a page; `both` shows a text in both languages, the filter `t` in one.

    Raises MissingExtraError without the `html` extra.
    """
    try:
        from jinja2 import Environment, StrictUndefined  # noqa: PLC0415  an extra
        from markupsafe import Markup  # noqa: PLC0415  comes with it
    except ImportError as error:
        raise MissingExtraError("html") from error

    def both(text: Text) -> Markup:
        if text.zh == text.en:
            return Markup("<bdi>{}</bdi>").format(plain(text.zh))
        spans = Markup('<span lang="zh-CN">{}</span><span lang="en">{}</span>')
        return spans.format(plain(text.zh), plain(text.en))

    def shown(value: object) -> object:
        return value if isinstance(value, Markup) else plain(str(value))

    jinja = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=shown,
    )
    jinja.filters["t"] = Text.in_language
    jinja.globals["both"] = both
    return jinja
