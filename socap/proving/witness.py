"""A company that the solver found, written as a company file."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from socap.proving.encoding import Cell, Encoding
from socap.rules.expressions import Expression, keys_read
from socap.rules.vocabulary import TYPES_KEY, ValueType

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from socap.proving.solver import Found
    from socap.standard import Standard

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_]*\Z")
_WORDS = frozenset({"false", "n", "no", "null", "off", "on", "true", "y", "yes"})


def company(
    found: Found,
    standard: Standard,
    read: Sequence[Expression],
    excluded: Iterable[str] = (),
) -> str:
    """Return the company file (YAML): the whole profile, and every answer the expressions read."""
    words, encoding = standard.vocabulary, found.world.encoding
    lines = [
        f"{standard.pack.subject.value}: {{id: witness, name: {{zh: 示例, en: witness}}}}",
        *_profile(found, standard),
    ]
    keys = dict.fromkeys(key for expression in read for key in keys_read(expression))
    answers = []
    for key in keys:
        if (key, -1) in encoding.cells and key in words.items:
            cell = encoding.cell(key)
            direct = encoding.direct.get(key, encoding.yes)
            if found.told(cell.answered) is True and found.told(direct) is True:
                answers.append(f"  {key}: {_answer(found, cell)}")
    if answers:
        lines += ["evidence:", *answers]
    lines += _records(found, encoding, words.expanded(keys))
    if excluded:
        lines.append("exclusions:")
        lines += [f"  - {{requirement: {r}, justification: example}}" for r in excluded]
    return "\n".join(lines) + "\n"


def _profile(found: Found, standard: Standard) -> list[str]:
    words, encoding = standard.vocabulary, found.world.encoding
    told = [f"types: {_value(found, encoding.cell(TYPES_KEY))}"] if words.types else []
    told += [f"{n}: {_value(found, encoding.cell(f'profile.{n}'))}" for n in words.flags]
    return [f"profile: {{{', '.join(told)}}}"] if told else []


def _records(found: Found, encoding: Encoding, keys: Sequence[str]) -> list[str]:
    lines: list[str] = []
    for name, listing in encoding.listings.items():
        if found.told(listing.listed) is not True:
            continue
        fields = [key for key in encoding.words.records[name].fields if key in keys]
        entries: list[str] = []
        for kind, size in enumerate(listing.sizes):
            cells = {k: encoding.cells[k, kind] for k in fields if (k, kind) in encoding.cells}
            shown = [
                f"{key.removeprefix(f'{name}.')}: {_answer(found, cell)}"
                for key, cell in cells.items()
            ]
            for _ in range(int(found.told(size))):
                identifier = f"id: {name}-{len(entries) + 1}"
                entries.append(f"    - {{{', '.join([identifier, *shown])}}}")
        lines += [f"  {name}:", *entries] if entries else [f"  {name}: []"]
    return ["records:", *lines] if lines else []


def _answer(found: Found, cell: Cell) -> str:
    if found.told(cell.no_case) is True:
        return "{no_case: none in the period}"
    return _value(found, cell)


def _value(found: Found, cell: Cell) -> str:
    kind = cell.item.type
    if kind is ValueType.SET:
        members = [_quoted(m) for m, told in cell.members.items() if found.told(told) is True]
        return f"[{', '.join(members)}]"
    value = Fraction(found.told(cell.value))
    if kind is ValueType.BOOLEAN:
        return "true" if value else "false"
    if kind is ValueType.DATE:
        return (found.world.encoding.day + timedelta(days=int(value))).isoformat()
    if kind is ValueType.ENUM:
        names = {number: name for name, number in found.world.encoding.names.items()}
        return _quoted(names[int(value)])
    return _number(value)


def _number(value: Fraction) -> str:
    """Return a decimal as it is written; everything asked of a company has finitely many places."""
    return f"{Decimal(value.numerator) / Decimal(value.denominator):f}"


def _quoted(name: str) -> str:
    if _PLAIN.match(name) and name.lower() not in _WORDS:
        return name
    return json.dumps(name, ensure_ascii=False)
