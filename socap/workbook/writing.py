"""The questionnaire as a workbook: empty, or filled with an organisation's answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from socap.documents import show_path
from socap.errors import MissingExtraError, Problem, Text, UsageError, unknown_name
from socap.workbook.layout import unholdable
from socap.workbook.scope import Scope, scope

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from socap.documents import Step
    from socap.errors import Lang
    from socap.organisation import Organisation
    from socap.standard import Standard


def questionnaire(standard: Standard, types: Iterable[str], lang: Lang) -> bytes:
    """Return an empty workbook (.xlsx) that asks what can matter for these types.

    Raises UsageError for an unknown type, or none where the standard has types, and
    MissingExtraError without the extra `xlsx`.
    """
    chosen = tuple(dict.fromkeys(types))
    known = standard.vocabulary.types
    for name in chosen:
        if name not in known:
            raise unknown_name(Text("外包类型", "outsourcing type"), name, known)
    if known and not chosen:
        raise UsageError(
            [Problem(Text("至少写一种外包类型", "name at least one outsourcing type"))]
        )
    return _written(scope(standard, chosen, lang))


def workbook(organisation: Organisation, standard: Standard, lang: Lang) -> bytes:
    """Return a workbook (.xlsx) filled with an organisation's answers; read again, it is the same.

    It asks what can matter for the organisation's types, and holds every answer given. Raises
    UsageError, with all of them, for texts a cell cannot hold, and MissingExtraError without the
    extra `xlsx`.
    """
    problems = list(_unholdable(organisation.to_dict(), ()))
    if problems:
        raise UsageError(problems)
    return _written(scope(standard, organisation.profile.types, lang, organisation))


def _unholdable(told: Any, path: tuple[Step, ...]) -> Iterator[Problem]:
    if isinstance(told, str):
        problem = unholdable(told, show_path(path))
        if problem is not None:
            yield problem
    elif isinstance(told, dict):
        for key, value in told.items():
            yield from _unholdable(value, (*path, key))
    elif isinstance(told, list):
        for index, value in enumerate(told):
            yield from _unholdable(value, (*path, index))


def _written(asked: Scope) -> bytes:
    try:
        from socap.workbook.book import written  # noqa: PLC0415
    except ModuleNotFoundError:
        raise MissingExtraError("xlsx") from None
    return written(asked)
