"""What is wrong in a pack that loads: idle words, doubles, rules that miss their text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import TYPE_CHECKING

from socap.clauses.requirement import Obligation
from socap.crosswalk.catalogue import unmapped
from socap.errors import PackError, Problem, Text, did_you_mean
from socap.packs import MAIN
from socap.rules import expressions as x
from socap.standard import load

if TYPE_CHECKING:
    from socap.clauses.requirement import Requirement
    from socap.documents import Step
    from socap.standard import Standard

_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_LATIN = re.compile(r"[a-z]+")
_IGNORED = frozenset(
    "a an all and any are as at be been by each every for from has have how in is it its many of "
    "on one or organisation shall should share that the their them these this to was were what "
    "when which whether with".split()
)


class Level(StrEnum):
    """How much a lint finding matters: an error makes the check fail."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Lint:
    """One thing found, with file and line."""

    level: Level
    problem: Problem


def lint(standard: Standard) -> tuple[Lint, ...]:
    """Return everything found in a loaded pack, errors first, each group in the order of the files.

    Shape, references, cycles and types have been checked by loading it, which raises PackError.
    """
    pack = _Pack(standard)
    # What an overlay retires leaves words behind that only it read; that is no fault of theirs.
    idle = list(_idle(pack))
    problems = [
        *([] if standard.retired else idle),
        *_rules(pack),
        *_obligations(pack),
        *_doubles(pack),
        *_languages(pack),
        *_supported(pack),
        *_crosswalk(pack),
    ]
    hints = [*(idle if standard.retired else []), *_guidance(pack), *_wording(pack)]
    found = [Lint(Level.ERROR, problem) for problem in problems]
    return (*found, *(Lint(Level.WARNING, hint) for hint in hints))


class _Pack:
    """A standard with the place of each of its entries."""

    def __init__(self, standard: Standard) -> None:
        self.standard = standard
        self.words = standard.vocabulary
        self.documents = standard.files.documents
        self.places: dict[str, tuple[str, tuple[Step, ...]]] = {}
        for name, document in self.documents.items():
            for index, entry in enumerate(document.data.get("requirements") or ()):
                self.places[entry["id"]] = (name, ("requirements", index))
        self.rules = [
            rule
            for r in standard.requirements.values()
            for rule in (
                r.applies_when,
                r.satisfied_when,
                *((r.exclusion.allowed_when,) if r.exclusion else ()),
            )
        ]

    def at(
        self, requirement: str, message: Text, *steps: Step, hint: Text | None = None
    ) -> Problem:
        """Return a problem of a requirement."""
        name, path = self.places[requirement]
        found = self.documents[name].problem((*path, *steps), message, hint)
        return Problem(found.message, requirement, found.file, found.line, found.hint)

    def of(self, document: str, *path: Step, message: Text) -> Problem:
        """Return a problem of an entry in one of the special files."""
        return self.documents[document].problem(path, message)


def _idle(pack: _Pack) -> Iterator[Problem]:
    words, (read, named) = pack.words, _read(pack)
    parts = {item.part_of for item in words.items.values()}
    flags = {key for rule in pack.rules for key in x.keys_read(rule)}
    places: list[tuple[bool, str, tuple[str, ...]]] = [
        (key in read or key in parts or item.part_of in read, "vocabulary", ("items", key))
        for key, item in words.items.items()
    ]
    for name, kind in words.records.items():
        places.append((f"records.{name}" in read, "vocabulary", ("records", name)))
        for key in kind.fields:
            field = key.removeprefix(f"{name}.")
            places.append((key in read, "vocabulary", ("records", name, "fields", field)))
    places += [(f"profile.{flag}" in flags, "profile", ("flags", flag)) for flag in words.flags]
    places += [(name in named, "parameters", ("parameters", name)) for name in words.parameters]
    for used, document, path in places:
        if not used:
            yield pack.of(document, *path, message=Text("没有规则读取", "no rule reads it"))


def _read(pack: _Pack) -> tuple[set[str], set[str]]:
    """Return the keys and the parameters that some rule, share or score reads."""
    words, standard = pack.words, pack.standard
    rules = [*pack.rules, *(rule.contradicted_when for rule in standard.consistency)]
    read = set(words.expanded(key for rule in rules for key in x.keys_read(rule)))
    for item in words.items.values():
        if item.computed is not None:
            rules += [item.computed.where, item.computed.satisfies]
    named = {name for rule in rules for name in x.parameters_read(rule)}
    scoring = standard.scoring
    if scoring is not None:
        read |= set(scoring.points.values())
        named |= {*scoring.weights.values(), scoring.pass_total, scoring.pass_dimension}
        named |= {band.at_least for band in scoring.bands if band.at_least is not None}
    return read, named


def _rules(pack: _Pack) -> Iterator[Problem]:
    for r in pack.standard.requirements.values():
        if isinstance(r.satisfied_when, x.Always) or not r.evidence_keys:
            message = Text(
                "要求没有判定规则：任何组织都会符合",
                "the requirement has no rule: anybody would conform",
            )
            yield pack.at(r.id, message, "satisfied_when")


def _obligations(pack: _Pack) -> Iterator[Problem]:
    for r in pack.standard.requirements.values():
        if pack.standard.pack.id != MAIN:
            continue
        zh, en = ("应", "shall") if r.obligation is Obligation.SHALL else ("宜", "should")
        if zh not in r.statement.zh or not re.search(rf"\b{en}\b", r.statement.en):
            message = Text(
                f"“{zh}”（{en}）类要求的文字未使用“{zh}”与 {en}",
                f"a {en} ({zh}) whose wording does not say {zh} and {en}",
            )
            yield pack.at(r.id, message, "statement")


def _doubles(pack: _Pack) -> Iterator[Problem]:
    words = pack.words
    asked: dict[str, str] = {}
    for item in words.items.values():
        for text in (item.question.zh, item.question.en):
            first = asked.setdefault(_plain(text), item.key)
            if first != item.key:
                message = Text(f"与 {first} 的问题相同", f"asks the same question as {first}")
                yield pack.of("vocabulary", "items", item.key, "question", message=message)
    for name, kind in words.records.items():
        seen: dict[str, str] = {}
        for item in kind.fields.values():
            for text in (item.question.zh, item.question.en):
                first = seen.setdefault(_plain(text), item.key)
                if first != item.key:
                    message = Text(f"与 {first} 的问题相同", f"asks the same question as {first}")
                    field = item.key.removeprefix(f"{name}.")
                    yield pack.of("vocabulary", "records", name, "fields", field, message=message)
    said: dict[object, str] = {}
    for r in pack.standard.requirements.values():
        for what in (r.statement.zh, r.statement.en, (r.applies_when, r.satisfied_when)):
            first = said.setdefault(what, r.id)
            if first != r.id:
                message = Text(f"与 {first} 说的是同一件事", f"says the same as {first}")
                yield pack.at(r.id, message)


def _plain(text: str) -> str:
    return re.sub(r"\W+", " ", text).strip().lower()


def _languages(pack: _Pack) -> Iterator[Problem]:
    words = pack.words
    for r in pack.standard.requirements.values():
        texts = [("title", r.title), ("statement", r.statement)]
        texts.append(("provenance", r.provenance.reason))
        if r.verification is not None:
            v = r.verification
            texts += [("verification", t) for t in (v.examine, v.interview, v.sample)]
        texts += [("typical_nonconformities", t) for t in r.typical_nonconformities]
        for name, text in texts:
            message = _untranslated(text)
            if message is not None:
                yield pack.at(r.id, message, name)
    for key, item in words.items.items():
        for name, text in (("question", item.question), ("title", item.title)):
            message = _untranslated(text)
            if message is not None:
                yield pack.of("vocabulary", "items", key, name, message=message)
    for name, parameter in words.parameters.items():
        message = _untranslated(parameter.title) or _untranslated(parameter.reason)
        if message is not None:
            yield pack.of("parameters", "parameters", name, message=message)


def _untranslated(text: Text) -> Text | None:
    if text and not _CHINESE.search(text.zh):
        return Text("缺少中文译文", "the Chinese wording is missing")
    if text and _CHINESE.search(text.en):
        return Text("英文一栏含有中文", "the English wording holds Chinese")
    return None


def _supported(pack: _Pack) -> Iterator[Problem]:
    standard = pack.standard
    if not any(r.supports for r in standard.requirements.values()):
        return
    known = standard.requirements if standard.id == MAIN else load().requirements
    for r in standard.requirements.values():
        for other in r.supports:
            if other not in known:
                message = Text(f"没有要求 {other}", f"there is no requirement {other}")
                yield pack.at(r.id, message, "supports", hint=did_you_mean(other, known))


def _crosswalk(pack: _Pack) -> Iterator[Problem]:
    standard = pack.standard
    try:
        made = standard.crosswalk
    except PackError as error:
        yield from error.problems
        return
    added = {name for d in pack.documents for name in _added(pack, d)}
    asked = [name for name in standard.requirements if name not in added]
    for document in standard.files.relations():
        other = document.data["id"]
        for name in unmapped(made, document, asked):
            message = Text(
                f"{other} 的对照未提及 {name}", f"the crosswalk to {other} leaves out {name}"
            )
            yield document.problem(("relations",), message)


def _added(pack: _Pack, document: str) -> Iterable[str]:
    if not document.startswith("overlay "):
        return ()
    return [entry["id"] for entry in pack.documents[document].data["requirements"]]


def _guidance(pack: _Pack) -> Iterator[Problem]:
    for r in pack.standard.requirements.values():
        if r.verification is None:
            message = Text("没有审核指引", "there is no verification guidance")
            yield pack.at(r.id, message, "verification")
        if not r.typical_nonconformities:
            message = Text("没有典型不符合", "no typical nonconformities are given")
            yield pack.at(r.id, message, "typical_nonconformities")
    untitled = Text("没有可用于句中的名称", "it has no title to name it inside a sentence")
    for key, item in pack.words.items.items():
        if not item.title:
            yield pack.of("vocabulary", "items", key, message=untitled)
    for name, flag in pack.words.flags.items():
        if not flag.title:
            yield pack.of("profile", "flags", name, message=untitled)
    for name, kind in pack.words.records.items():
        for key, item in kind.fields.items():
            if not item.title:
                field = key.removeprefix(f"{name}.")
                yield pack.of("vocabulary", "records", name, "fields", field, message=untitled)


def _wording(pack: _Pack) -> Iterator[Problem]:
    for r in pack.standard.requirements.values():
        zh, en = _evidence_words(pack, r)
        stated = _stems(f"{r.title.en} {r.statement.en}")
        if not _pairs(f"{r.title.zh}，{r.statement.zh}") & zh and not stated & en:
            message = Text(
                "规则读取的证据与要求文字没有共同之处",
                "the evidence its rule reads shares no word with its text",
            )
            yield pack.at(r.id, message, "satisfied_when")


def _evidence_words(pack: _Pack, r: Requirement) -> tuple[set[str], set[str]]:
    zh: set[str] = set()
    en: set[str] = set()
    for key in r.evidence_keys:
        record = key.removeprefix("records.") if key.startswith("records.") else None
        if record is not None:
            told = [pack.words.records[record].title]
        else:
            item = pack.words.everywhere(key)
            told = [] if item is None else [item.title, item.question, item.evidence]
            told += [] if item is None else list(item.members.values())
        for text in told:
            zh |= _pairs(text.zh)
            en |= _stems(text.en)
    return zh, en


def _pairs(text: str) -> set[str]:
    """Return every two neighbouring Chinese characters."""
    return {a + b for a, b in pairwise(text) if _CHINESE.match(a) and _CHINESE.match(b)}


def _stems(text: str) -> set[str]:
    """Return the first five letters of every word that carries meaning."""
    return {
        word[:5] for word in _LATIN.findall(text.lower()) if word not in _IGNORED and len(word) > 2
    }
