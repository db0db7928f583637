"""A live session: evidence changes, and only the findings it touches are decided again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Self

from socap.assessment import Assessment, assess
from socap.documents import Document
from socap.errors import EvidenceError, Problem, Text, did_you_mean
from socap.evidence import Assurance, resolve
from socap.grounds import Grounds
from socap.organisation import Organisation, from_document
from socap.rules.expressions import keys_read
from socap.rules.vocabulary import TYPES_KEY
from socap.standard import load

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet
    from datetime import date
    from types import TracebackType

    from socap.findings import Finding
    from socap.rules.facts import Facts
    from socap.rules.interpreter import Live
    from socap.standard import ConsistencyRule, Standard


@dataclass(frozen=True, slots=True)
class FindingChange:
    """A finding that came out differently after an update."""

    requirement: str
    before: Finding
    after: Finding


class Session:
    """One organisation under continuous monitoring; use it in a `with` block.

    >>> from datetime import date
    >>> import socap
    >>> company = socap.read("examples/new-start.yaml")
    >>> with socap.session(company, as_of=date(2026, 11, 1)) as live:
    ...     [c.requirement for c in live.update({"docs.record_retention_defined": False})]
    ['4.1-f']
    """

    def __init__(
        self,
        organisation: Organisation,
        standard: Standard | None = None,
        *,
        as_of: date,
        assurance: Assurance | str = Assurance.DECLARED,
        parameters: Mapping[str, int | float] | None = None,
        reader: str = "durable",
    ) -> None:
        made = assess(
            organisation,
            standard or load(),
            as_of=as_of,
            assurance=assurance,
            parameters=parameters,
            reader=reader,
        )
        self._assessment = made
        self._reader = reader
        self._live: Live = made.standard.reader(reader, made.parameters).open(made.facts)
        self._live.decide(made.facts, tuple(made.findings))
        self._readers = _readers(made.standard)

    @property
    def assessment(self) -> Assessment:
        """The assessment as it stands now; the same as a fresh one on the same evidence."""
        return self._assessment

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give back what the session holds in the decision engine."""
        self._live.close()

    def update(self, changes: Mapping[str, Any]) -> tuple[FindingChange, ...]:
        """Take new answers and return the findings that come out differently.

        Keys are evidence items, `profile.<flag>`, `profile.types` and `records.<type>`; values are
        written as in a company file, None takes an answer back. Raises EvidenceError for a change
        that a company file could not hold; nothing of it is then accepted.
        """
        before = self._assessment
        organisation = changed(before.organisation, changes, before.standard)
        facts, disputed = resolve(
            organisation,
            before.standard,
            before.as_of,
            before.assurance,
            before.parameters,
            self._reader,
        )
        touched = self._touched(before.facts, facts, {*before.disputed} ^ {*disputed})
        decisions = self._live.decide(facts, touched)
        excluded = {e.requirement: e for e in organisation.exclusions}
        grounds = Grounds(facts, before.standard, decisions, excluded, disputed)
        findings = before.findings | {name: grounds.finding(name) for name in touched}
        self._assessment = replace(
            before, organisation=organisation, findings=findings, facts=facts, disputed=disputed
        )
        return tuple(
            FindingChange(name, before.findings[name], findings[name])
            for name in touched
            if (findings[name].outcome, findings[name].grade)
            != (before.findings[name].outcome, before.findings[name].grade)
        )

    def _touched(
        self, old: Facts, new: Facts, disputes: AbstractSet[ConsistencyRule]
    ) -> tuple[str, ...]:
        """Return the requirements that read a fact, list or dispute that is not as it was."""
        keys = {f"profile.{rule.flag}" for rule in disputes}
        keys |= _moved(old.items, new.items) | _moved(old.failing, new.failing)
        keys |= {f"records.{name}" for name in _moved(old.records, new.records)}
        found = {name for key in keys for name in self._readers.get(key, ())}
        return tuple(name for name in self._assessment.findings if name in found)


session = Session


def _moved(old: Mapping[str, object], new: Mapping[str, object]) -> set[str]:
    """Return the keys under which there is not what there was; the same object is not compared."""
    return {
        key
        for key in old.keys() | new.keys()
        if (was := old.get(key)) is not (now := new.get(key)) and was != now
    }


def _readers(standard: Standard) -> dict[str, tuple[str, ...]]:
    """Return, for each key, the requirements whose rules or exclusions read it."""
    found: dict[str, list[str]] = {}
    for requirement in standard.requirements.values():
        rules = [requirement.applies_when, requirement.satisfied_when]
        if requirement.exclusion is not None:
            rules.append(requirement.exclusion.allowed_when)
        for key in dict.fromkeys(key for rule in rules for key in keys_read(rule)):
            found.setdefault(key, []).append(requirement.id)
    return {key: tuple(names) for key, names in found.items()}


def changed(
    organisation: Organisation, changes: Mapping[str, Any], standard: Standard
) -> Organisation:
    """Return the organisation with some answers exchanged, added or (None) taken back.

    Raises EvidenceError, naming each key, for what a company file could not hold.
    """
    words, problems = standard.vocabulary, []
    groups: dict[str, dict[str, Any]] = {"profile": {}, "evidence": {}, "records": {}}
    gone: list[str] = []
    for key, raw in changes.items():
        name = key.split(".", maxsplit=1)[-1]
        if key in words.items:
            group, known = "evidence", True
            name = key
        elif key.startswith("profile."):
            group, known = (
                "profile",
                name in words.flags or (key == TYPES_KEY and bool(words.types)),
            )
        else:
            group, known = "records", key.startswith("records.") and name in words.records
        if not known or (key == TYPES_KEY and raw is None):
            message = Text(f"{key[:80]} 不能更改", f"{key[:80]} cannot be changed")
            lists = (f"records.{kind}" for kind in words.records)
            hint = did_you_mean(key, (*words.names(), *lists))
            problems.append(Problem(message, hint=hint))
        elif raw is None:
            gone.append(key)
        else:
            groups[group][name] = raw
    if problems:
        raise EvidenceError(problems)
    if words.types and "types" not in groups["profile"]:
        groups["profile"]["types"] = sorted(organisation.profile.types)
    about = {"id": organisation.id, "name": {"zh": "-", "en": "-"}}
    data = {standard.pack.subject.value: about, **groups}
    new = from_document(Document("", data, {}), standard)
    flags = {**organisation.profile.flags, **new.profile.flags}
    evidence = {**organisation.evidence, **new.evidence}
    records = {**organisation.records, **new.records}
    return replace(
        organisation,
        profile=replace(
            new.profile, flags={k: v for k, v in flags.items() if f"profile.{k}" not in gone}
        ),
        evidence={k: v for k, v in evidence.items() if k not in gone},
        records={k: v for k, v in records.items() if f"records.{k}" not in gone},
    )
