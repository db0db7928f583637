"""Verifying a result file: its shape, the standard it names, its seal, and every outcome again.

What follows from the answers is derived by `socap.kernel`, which shares no code with the readers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from socap import kernel
from socap.assessment import assess
from socap.crediting.credit import credited
from socap.documents import Document, read_document
from socap.errors import EvidenceError, PackError, Text, UsageError
from socap.findings import ReasonKind
from socap.organisation import from_document
from socap.packs import BUNDLED
from socap.rescoring import rescore
from socap.result_file import SCHEMAS, SHOWN, Disagreement, canonical, misshapen, read_result, seal
from socap.standard import load

if TYPE_CHECKING:
    from collections.abc import Iterator

    from socap.errors import Lang
    from socap.organisation import Organisation
    from socap.standard import Standard


@dataclass(frozen=True, slots=True)
class Verification:
    """What the checker makes of a result; it agrees where there is no disagreement.

    `by_certificate` findings are open by the answers and settled by certificates: the kernel counts
    them on the word of `socap.crediting`.
    """

    organisation: str
    standard: str
    findings: int
    by_certificate: int
    disagreements: tuple[Disagreement, ...]

    @property
    def agrees(self) -> bool:
        """Whether everything that can be derived again came out as the result says."""
        return not self.disagreements

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {
            "organisation": self.organisation,
            "standard": self.standard,
            "findings": self.findings,
            "by_certificate": self.by_certificate,
            "agrees": self.agrees,
            "disagreements": [
                {"place": d.place, "message": d.message.to_dict()} for d in self.disagreements
            ],
        }

    def to_text(self, lang: Lang = "zh") -> str:
        """Return one line a disagreement, and the verdict."""
        lines = [f"{d.place}: {d.message.in_language(lang)}" for d in self.disagreements]
        number = len(lines)
        verdict = Text(
            f"不一致 {number} 处：该结果不可采信",
            f"{number} disagreements: do not rely on this result",
        )
        if self.agrees:
            verdict = Text(
                f"一致：{self.findings} 项结论均由原始答案重新推导得出，与结果相同",
                f"agrees: {self.findings} findings were derived again from the answers, all the same",
            )
        if self.by_certificate:
            told = Text(
                f"{self.by_certificate} 项结论依据所持证书采信，不由原始答案推导",
                f"{self.by_certificate} findings rest on certificates held, not on the answers",
            )
            lines.append(told.in_language(lang))
        return "\n".join([*lines, verdict.in_language(lang)]) + "\n"


def verify(
    result: str | Path | Mapping[str, Any], standard: Standard | None = None
) -> Verification:
    """Check a result file, or its content, against the standard it was made with.

    Without a standard the bundled pack that the result names is taken; a result made with overlays
    or a pack of one's own needs it given. Whatever is wrong with the content is a disagreement;
    EvidenceError or UsageError is raised only for what cannot be read as a JSON mapping at all.
    """
    data = read_result(result)
    found = tuple(_disagreements(data, standard))
    rows = data.get("findings")
    number = len(rows) if isinstance(rows, list) else 0
    by_certificate = 0 if found else sum(map(_is_credited, data["findings"]))
    organisation, pack = _id(data, "organisation"), _id(data, "standard")
    return Verification(organisation, pack, number, by_certificate, found)


def _is_credited(finding: dict[str, Any]) -> bool:
    return any(reason["kind"] == ReasonKind.CREDIT for reason in finding["reasons"])


def _id(data: Mapping[str, Any], key: str) -> str:
    named = data.get(key)
    told = named.get("id") if isinstance(named, dict) else None
    return told[:SHOWN] if isinstance(told, str) else ""


def raw_pack(standard: Standard) -> dict[str, Any]:
    """Return what the kernel reads of a standard: its files as written, overlays laid over them."""
    documents = {name: document.data for name, document in standard.files.documents.items()}
    written = {
        entry["id"]: entry
        for data in documents.values()
        if isinstance(data, dict)
        for entry in data.get("requirements") or ()
    }
    asked = [written[name] for name in standard.requirements]
    rules = documents.get("consistency", {"rules": []})["rules"]
    above: dict[str | None, list[str]] = {None: []}
    for heading in documents["headings"]["headings"]:
        above[heading["id"]] = [*above[heading["parent"]], heading["id"]]
    groups: dict[str, dict[str, list[str]]] = {
        "by_clause": {},
        "by_aspect": {"quality": [], "security": [], "capability": []},
        "by_pdca": {"plan": [], "do": [], "check": [], "act": []},
    }
    for entry in asked:
        groups["by_aspect"][entry["aspect"]].append(entry["id"])
        groups["by_pdca"][entry["pdca"]].append(entry["id"])
        for clause in above[entry["clause"]]:
            groups["by_clause"].setdefault(clause, []).append(entry["id"])
    return {
        "requirements": asked,
        "consistency": [rule for rule in rules if rule["id"] not in standard.retired],
        "items": documents["vocabulary"]["items"],
        "records": documents["vocabulary"]["records"],
        "parameters": documents["parameters"]["parameters"],
        "grading": documents.get("grading") or _usual_grading(),
        "scoring": documents.get("scoring"),
        "groups": groups,
    }


@lru_cache(maxsize=1)
def _usual_grading() -> Any:
    return read_document(Path(__file__).parent / "rules" / "grading.yaml", PackError).data


def _disagreements(data: dict[str, Any], standard: Standard | None) -> Iterator[Disagreement]:
    version = data.get("schema_version")
    if version not in SCHEMAS:
        known = ", ".join(SCHEMAS)
        message = Text(
            f"不认识的结果格式 {_shown(version)}，可识别：{known}；未再检查其余内容",
            f"the result format {_shown(version)} is not known (known: {known}); nothing else was checked",
        )
        yield Disagreement("schema_version", message)
        return
    wrong = tuple(misshapen("", data))
    yield from wrong
    if wrong:
        return
    if data["seal"] != seal(data):
        message = Text(
            "封签不符：封存之后内容有改动", "the seal does not fit: the content was changed"
        )
        yield Disagreement("seal", message)
    if standard is None:
        name = data["standard"]["id"]
        if name not in BUNDLED:
            message = Text(
                f"没有随附标准 {name[:SHOWN]}，请指明所用标准",
                f"there is no bundled pack {name[:SHOWN]}; say which standard was used",
            )
            yield Disagreement("standard.id", message)
            return
        standard = load(name)
    basis = tuple(_basis(data, standard))
    yield from basis
    if not basis:
        yield from _derived(data, standard)


def _shown(value: Any) -> str:
    return canonical(value)[:SHOWN]


def _compared(place: str, told: Any, derived: Any) -> Iterator[Disagreement]:
    if canonical(told) != canonical(derived):
        yield _differing(place, _shown(told), _shown(derived))


def _differing(place: str, told: str, derived: str) -> Disagreement:
    message = Text(f"结果写的是 {told}，应为 {derived}", f"the result says {told}; it is {derived}")
    if place.endswith(".proof"):
        message = Text(
            f"证明含有多余的事实，所需的只有 {derived}",
            f"the proof has facts it does not need; needed are {derived}",
        )
        if derived == '"no proof"':
            message = Text(
                "所列事实不足以得出该结论", "the facts named do not force the outcome by themselves"
            )
    return Disagreement(place, message)


def _basis(data: dict[str, Any], standard: Standard) -> Iterator[Disagreement]:
    """Yield where a result rests on something else than this standard and readable answers."""
    head = {"id": standard.id, "hash": standard.hash, "title": standard.title.to_dict()}
    laid = [{"id": o.id, "title": o.title.to_dict(), "hash": o.hash} for o in standard.overlays]
    differing = [
        *_compared("standard", data["standard"], head),
        *_compared("overlays", data["overlays"], laid),
    ]
    yield from differing
    if differing:
        message = Text(
            "所用标准或叠加不同，未再检查其余内容",
            "the standard or its overlays are not the ones used; nothing else was checked",
        )
        yield Disagreement("standard", message)
        return
    yield from _compared("notice", data["notice"], standard.pack.notice.to_dict())
    try:
        on = date.fromisoformat(data["as_of"]).isoformat()
    except ValueError:
        on = "YYYY-MM-DD"
    yield from _compared("as_of", data["as_of"], on)
    if data["assurance"] not in ("declared", "verified"):
        yield _differing("assurance", _shown(data["assurance"]), "declared / verified")
    try:
        standard.parameters(data["parameters"])
    except UsageError as error:
        yield from (Disagreement("parameters", problem.message) for problem in error.problems)
    for name, parameter in standard.vocabulary.parameters.items():
        if name in data["parameters"] and data["parameters"][name] == parameter.default:
            message = Text("与默认值相同，不是改动", "this is the default and no change")
            yield Disagreement(f"parameters.{name}", message)
    yield from _given(data, standard)


def _company(data: dict[str, Any], standard: Standard) -> Organisation:
    """Return the company file a result was made from. Raises EvidenceError with every problem."""
    given, words = dict(data["given"]), standard.vocabulary
    company = {standard.pack.subject.value: given.pop("organisation", None), **given}
    if not words.types and company.get("profile") == {"types": []}:
        company["profile"] = {}
        if not words.flags:
            del company["profile"]
    return from_document(Document("", company, {}), standard)


def _given(data: dict[str, Any], standard: Standard) -> Iterator[Disagreement]:
    """Yield where the answers are not the answers of a company file, written in full."""
    try:
        organisation = _company(data, standard)
    except EvidenceError as error:
        yield from (Disagreement(f"given.{p.path}", p.message) for p in error.problems)
        return
    yield from _compared("given", data["given"], organisation.to_dict())
    about = {
        "id": organisation.id,
        "name": organisation.name.to_dict(),
        "employees": organisation.employees,
        "types": sorted(organisation.profile.types),
    }
    yield from _compared("organisation", data["organisation"], about)


def _credited(data: dict[str, Any], standard: Standard) -> frozenset[str]:
    """Return the open requirements that the certificates named settle, where they are to count."""
    if not data["use_credit"]:
        return frozenset()
    open_before = assess(
        _company(data, standard),
        standard,
        as_of=date.fromisoformat(data["as_of"]),
        assurance=data["assurance"],
        parameters=data["parameters"],
        reader="reference",
    )
    return frozenset(credited(open_before, open_before.credit()))


def _derived(data: dict[str, Any], standard: Standard) -> Iterator[Disagreement]:
    """Yield where the findings and all that is counted from them are not what follows."""
    pack, wanted = raw_pack(standard), list(standard.requirements)
    named = Counter(finding["requirement"] for finding in data["findings"])
    for name in sorted({*named, *wanted}):
        if (number := named[name]) != (name in standard.requirements):
            right = int(name in standard.requirements)
            message = Text(
                f"出现 {number} 次，应为 {right} 次", f"appears {number} times instead of {right}"
            )
            yield Disagreement(f"findings.{name[:SHOWN]}", message)
    if list(named) != wanted and named.keys() == set(wanted):
        yield Disagreement("findings", Text("次序与标准不同", "not in the order of the standard"))
    listed = {f["requirement"]: f for f in data["findings"] if f["requirement"] in wanted}
    absent = [{"requirement": name, "proof": []} for name in wanted if name not in listed]
    whole = {**data, "findings": [*listed.values(), *absent]}
    score = None if pack["scoring"] is None else rescore(pack, whole)
    mark = ""
    if score is not None:
        mark = {True: "score_passed", False: "score_failed"}.get(score["passed"], "score_open")
    settled = _credited(data, standard)
    for finding in data["findings"]:
        if _is_credited(finding) and finding["requirement"] not in settled:
            message = Text("所持证书不足以采信此项", "the certificates held do not settle this")
            yield Disagreement(f"findings.{finding['requirement'][:SHOWN]}.reasons", message)
    for place, stated, derived in kernel.check(pack, whole, mark, settled):
        yield _differing(place, stated, derived)
    shown = data["score"]
    if score is not None and isinstance(shown, dict):
        score = {**score, "reason": shown.get("reason")}
    yield from _compared("score", shown, score)
