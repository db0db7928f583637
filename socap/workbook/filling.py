"""An assessment's result written beside the answers it rests on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from socap.clauses.requirement import Grade
from socap.errors import EvidenceError, MissingExtraError, Problem, Text, UsageError
from socap.findings import Outcome
from socap.organisation import from_document
from socap.packs import BUNDLED
from socap.result_file import SCHEMAS, canonical, misshapen, read_result, seal
from socap.standard import load
from socap.workbook.marks import marked
from socap.workbook.opening import sheets
from socap.workbook.reading import read

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from socap.errors import Lang
    from socap.standard import Standard

SHOWN = 10
TEXT = {"zh": str, "en": str}


def fill(
    path: Path, result: Mapping[str, Any], lang: Lang, standard: Standard | None = None
) -> bytes:
    """Return the workbook with outcomes and remarks beside the answers, and a sheet of results.

    Nothing that was entered changes. `result` is a parsed result file; `standard` is needed where
    it is no bundled one as it ships. Raises EvidenceError for a workbook that does not read, or a
    result that is damaged, and UsageError for the result of another organisation, of other
    answers or of another edition of the standard.
    """
    told = read_result(result)
    _refuse_damaged(told)
    edition = _edition(told, standard)
    answers = from_document(read(path, edition), edition).to_dict()
    _refuse_other_answers(told["given"], answers, str(path))
    try:
        from socap.workbook.results_sheet import filled  # noqa: PLC0415
    except ModuleNotFoundError:
        raise MissingExtraError("xlsx") from None
    found = marked(sheets(path), edition, [], str(path))
    return filled(path, found, told, edition, lang)


def _refuse_damaged(told: Mapping[str, Any]) -> None:
    problems = [Problem(wrong.message, path=wrong.place) for wrong in misshapen("", told)]
    if not problems and told["schema_version"] not in SCHEMAS:
        version = told["schema_version"][:20]
        message = Text(
            f"不支持结果文件版本 {version}", f"results of version {version} are not read"
        )
        problems.append(Problem(message, path="schema_version"))
    if not problems:
        problems = list(_unknown_words(told))
    if not problems and told["seal"] != seal(told):
        message = Text("结果文件在生成之后被改动过", "the result was changed after it was made")
        problems.append(Problem(message, path="seal", hint=_AGAIN))
    if problems:
        raise EvidenceError(problems)


def _unknown_words(told: Mapping[str, Any]) -> Iterator[Problem]:
    shape = {"id": str, "title": TEXT, "reason": TEXT}
    for wrong in misshapen("recommendation", told["recommendation"], shape):
        yield Problem(wrong.message, path=wrong.place)
    outcomes: list[Any] = [o.value for o in Outcome]
    grades: list[Any] = [None, *(g.value for g in Grade)]
    places: list[tuple[str, Any, list[Any]]] = [("status", told["status"], outcomes)]
    for index, finding in enumerate(told["findings"]):
        places.append((f"findings[{index}].outcome", finding["outcome"], outcomes))
        places.append((f"findings[{index}].grade", finding["grade"], grades))
    for place, word, known in places:
        if word not in known:
            shown = str(word)[:40]
            yield Problem(Text(f"不认识 {shown}", f"{shown} is not known"), path=place)


def _edition(told: Mapping[str, Any], standard: Standard | None) -> Standard:
    """Return the standard of a result, as it was when the result was made."""
    named = told["standard"]["id"]
    if standard is None and named in BUNDLED and not told["overlays"]:
        standard = load(named)
    if standard is None:
        message = Text(
            f"结果依据 {named[:60]} 及其叠加", f"the result rests on {named[:60]} and overlays"
        )
        hint = Text("请指定该标准和叠加文件", "name that pack and its overlays")
        raise UsageError([Problem(message, hint=hint)])
    made = [o["hash"] for o in told["overlays"]]
    same = (named, told["standard"]["hash"], made)
    if same != (standard.id, standard.hash, [o.hash for o in standard.overlays]):
        message = Text(
            f"结果依据的是 {named[:60]} 的另一版本，或另外的叠加",
            f"the result rests on another edition of {named[:60]}, or on other overlays",
        )
        raise UsageError([Problem(message, hint=_AGAIN)])
    return standard


def _refuse_other_answers(given: Mapping[str, Any], answers: dict[str, Any], file: str) -> None:
    who, mine = given.get("organisation"), answers["organisation"]
    if not isinstance(who, dict) or who.get("id") != mine["id"]:
        other = str(who.get("id") if isinstance(who, dict) else "?")[:60]
        message = Text(
            f"这是 {other} 的结果，工作簿却是 {mine['id'][:60]} 的",
            f"this is the result of {other}, the workbook is that of {mine['id'][:60]}",
        )
        raise UsageError([Problem(message, file=file)])
    # What came from JSON is compared in the form JSON gives it.
    differing = sorted(_differing(given, answers))
    if differing:
        shown = ", ".join(differing[:SHOWN]) + (" …" if len(differing) > SHOWN else "")
        message = Text(
            f"结果依据的答案与工作簿不同：{shown}",
            f"the result rests on other answers than the workbook's: {shown}",
        )
        raise UsageError([Problem(message, file=file, hint=_AGAIN)])


def _differing(given: Mapping[str, Any], answers: Mapping[str, Any]) -> Iterator[str]:
    for group in {*given, *answers}:
        left, right = given.get(group), answers.get(group)
        if canonical(left) == canonical(right):
            continue
        if isinstance(left, dict) and isinstance(right, dict):
            for key in {*left, *right}:
                if canonical(left.get(key)) != canonical(right.get(key)):
                    yield f"{group}.{key}"
        else:
            yield group


_AGAIN = Text("请对这份工作簿重新评价", "assess this workbook again")
