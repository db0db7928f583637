"""Findings that a pack's owner has accepted, read from a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from socap.documents import read_document
from socap.errors import PackError, Problem, Text, did_you_mean
from socap.loading import Fields
from socap.proving.report import Kind, Waiver

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from socap.standard import Standard


def read_waivers(path: Path, standard: Standard) -> tuple[Waiver, ...]:
    """Read `waivers: [{kind, requirements, reason, parameter?}]`.

    Raises PackError with every problem: unknown kinds, requirements and parameters, none
    named, an empty reason, the same waiver twice.
    """
    document = read_document(path, PackError)
    problems: list[Problem] = []
    top = Fields(document, (), document.data, problems)
    top.only(["waivers"])
    found: dict[tuple[Kind, tuple[str, ...], str], Waiver] = {}
    for entry in top.listed("waivers"):
        entry.only(["kind", "requirements", "reason"], ["parameter"])
        waiver = Waiver(
            entry.choice("kind", Kind),
            entry.strings("requirements"),
            entry.string("reason"),
            entry.string("parameter"),
        )
        if not waiver.reason.strip():
            entry.fault(Text("应写明理由", "give the reason"), "reason")
        if not waiver.requirements:
            entry.fault(Text("应写明要求", "name the requirements"), "requirements")
        _known(entry, "requirements", waiver.requirements, standard.requirements)
        if waiver.parameter:
            _known(entry, "parameter", (waiver.parameter,), standard.vocabulary.parameters)
        place = (waiver.kind, waiver.requirements, waiver.parameter)
        if place in found:
            entry.fault(Text("豁免重复", "this waiver appears twice"))
        found[place] = waiver
    if problems:
        raise PackError(problems)
    return tuple(found.values())


def _known(entry: Fields, key: str, names: Iterable[str], known: Iterable[str]) -> None:
    for name in names:
        if name not in known:
            message = Text(f"没有 {name[:80]}", f"there is no {name[:80]}")
            entry.fault(message, key, hint=did_you_mean(name, known))
