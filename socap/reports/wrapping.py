"""Lines of a width, where a Chinese character takes two columns."""

from __future__ import annotations

import re

from rich.cells import cell_len

_TOKEN = re.compile(r"[^\S\n]+|[(（“《【]*(?:[!-~\u00a0-\u2000]+|.)")
_NEVER_FIRST = frozenset(",。;:?!、)》”’】，；：？！）")


def wrapped(text: str, width: int, first: str = "", following: str | None = None) -> list[str]:
    """Return text in lines of at most `width` columns: broken between words, and after any character.

    `first` begins the first line, `following` the others; a word wider than a line stays whole.

    >>> wrapped("外包服务的质量 and more", 10, "- ", "  ")
    ['- 外包服务', '  的质量', '  and more']
    """
    indent = first if following is None else following
    lines, current = [], first
    for token in _TOKEN.findall(text):
        full = cell_len(current) + cell_len(token) > width
        if full and current.strip() and token not in _NEVER_FIRST:
            lines.append(current.rstrip())
            current = indent + token.lstrip()
        else:
            current += token
    return [*lines, current.rstrip()]
