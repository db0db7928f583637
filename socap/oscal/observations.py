"""The evidence of an assessment as OSCAL observations: one for each answer, record and list.

Source: NIST OSCAL 1.2.1, assessment common model, `observation`. A value, its type and status are
properties of its `relevant-evidence`, whose description says the same in words. `collected` is
demanded by OSCAL: where no date was stated it is the date of the assessment, and there is no
property `collected-on`. `expires` is the first moment at which the evidence no longer counts.
"""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import TYPE_CHECKING

from socap.answers import Answer, Backing, Status
from socap.errors import Text
from socap.evidence import expires
from socap.explanation import show
from socap.oscal import identifiers as ids
from socap.oscal.document import Json, line, midnight, prop, prose, tidy
from socap.rules.facts import NO_CASE, Value, known
from socap.rules.vocabulary import TYPES_KEY, EvidenceItem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from socap.assessment import Assessment
    from socap.errors import Lang
    from socap.organisation import Record

_STATUSES = {
    Status.VERIFIED: Text("审核员已核实", "verified by an auditor"),
    Status.REJECTED: Text("被审核员否决", "rejected by an auditor"),
}
_METHODS = {
    Status.DECLARED: "DECLARED",  # OSCAL's UNKNOWN is for history only
    Status.VERIFIED: "EXAMINE",
    Status.REJECTED: "EXAMINE",
}


class Observations:
    """The observations of one assessment, by the keys and records that reasons name."""

    def __init__(self, made: Assessment, root: str, lang: Lang) -> None:
        """Note the assessment, the UUID of its document and the language."""
        self._made, self._root, self._lang = made, root, lang
        self._people: dict[str, Json] = {}
        self._by_key: dict[str, list[str]] = {}
        self._by_record: dict[tuple[str, str], str] = {}
        self.party = ids.identify(root, "party", "organisation")
        self.all = tuple(self._circumstances()) + tuple(self._answers()) + tuple(self._records())

    @property
    def people(self) -> list[Json]:
        """The parties that verified or rejected evidence."""
        return list(self._people.values())

    def behind(self, keys: tuple[str, ...], records: tuple[str, ...]) -> Iterator[str]:
        """Yield the UUIDs of the observations that a reason rests on."""
        words = self._made.standard.vocabulary
        for key in words.expanded(keys):
            yield from self._by_key.get(key, ())
            kind = key.removeprefix("records.").split(".", maxsplit=1)[0]
            for record in records:
                if (kind, record) in self._by_record:
                    yield self._by_record[kind, record]

    def _circumstances(self) -> Iterator[Json]:
        words, given = self._made.standard.vocabulary, self._made.organisation.profile
        told: dict[str, Value] = {TYPES_KEY: given.types} if words.types else {}
        told |= {f"profile.{name}": value for name, value in given.flags.items()}
        for key, value in told.items():
            item = words.outside_records(key)
            assert item is not None
            answer = Answer(value, "", Backing())
            yield self._observation(key, "circumstance", answer.backing, [(key, item, answer)])

    def _answers(self) -> Iterator[Json]:
        for key, answers in self._made.organisation.evidence.items():
            item = self._made.standard.vocabulary.items[key]
            for answer in answers:
                yield self._observation(
                    key, "evidence", answer.backing, [(key, item, answer)], item
                )

    def _records(self) -> Iterator[Json]:
        for kind, records in self._made.organisation.records.items():
            listed = self._made.standard.vocabulary.records[kind]
            title = listed.title.in_language(self._lang)
            key = f"records.{kind}"
            yield self._observation(key, "list", Backing(), []) | {
                "description": prose(self._titled(title, str(len(records))))
            }
            for record in records:
                yield self._record(kind, title, record, listed.fields)

    def _record(
        self, kind: str, title: str, record: Record, fields: dict[str, EvidenceItem]
    ) -> Json:
        told = [(key, fields[key], answer) for key, answer in record.answers.items()]
        made = self._observation(f"records.{kind}", "record", record.backing, told)
        made["description"] = prose(self._titled(title, record.id))
        made["props"] += [prop("record", record.id), *_backed(record.backing)]
        if record.backing.note:
            made["remarks"] = prose(record.backing.note)
        self._by_record[kind, record.id] = made["uuid"]
        self._by_key[f"records.{kind}"].remove(made["uuid"])
        return made

    def _titled(self, title: str, what: str) -> str:
        return f"{title}：{what}" if self._lang == "zh" else f"{title}: {what}"

    def _observation(
        self,
        key: str,
        kind: str,
        backing: Backing,
        told: list[tuple[str, EvidenceItem, Answer]],
        item: EvidenceItem | None = None,
    ) -> Json:
        shown = [self._entry(*entry) for entry in told]
        same = self._by_key.setdefault(key, [])
        made: Json = {
            "uuid": ids.identify(self._root, "observation", key, kind, str(len(same)))
            if kind != "record"
            else ids.identify(self._root, "observation", key, str(len(self._by_record))),
            "title": line(key),
            "description": shown[0]["description"] if shown else "",
            "props": [prop("key", key)],
            "methods": [_METHODS[backing.status]],
            "types": [kind],
            "origins": [{"actors": self._actors(backing)}],
        }
        same.append(made["uuid"])
        if shown:
            made["relevant-evidence"] = shown
        made["collected"] = midnight(backing.collected_on or self._made.as_of)
        last = expires(backing, item)
        if last != date.max:
            made["expires"] = midnight(last + timedelta(days=1))
        return made

    def _entry(self, key: str, item: EvidenceItem, answer: Answer) -> Json:
        fact = NO_CASE if answer.no_case else known(_value(answer))
        asked, value = item.question.in_language(self._lang), show(fact, item)
        sentence = f"{asked} {value.in_language(self._lang)}"
        props = [prop("key", key), prop("type", item.type.value)]
        if item.unit:
            props.append(prop("unit", item.unit))
        if answer.no_case:
            props.append(prop("no-case", answer.no_case))
        else:
            props.append(prop("value", _exact(answer)))
        about = [text for text in (answer.no_case, answer.backing.source) if text]
        if answer.backing.status is not Status.DECLARED:
            about.append(_STATUSES[answer.backing.status].in_language(self._lang))
        if about:
            zh = self._lang == "zh"
            sentence += f"（{'；'.join(about)}）" if zh else f" ({'; '.join(about)})"
        made = {"description": prose(sentence), "props": [*props, *_backed(answer.backing)]}
        return made | ({"remarks": prose(answer.backing.note)} if answer.backing.note else {})

    def _actors(self, backing: Backing) -> list[Json]:
        actors = [{"type": "party", "actor-uuid": self.party}]
        name = backing.verified_by
        if name and backing.status is not Status.DECLARED:
            uuid = ids.identify(self._root, "party", "verifier", name)
            party = {"uuid": uuid, "type": "person", "name": tidy(name)}
            self._people[uuid] = party
            actors.append({"type": "party", "actor-uuid": uuid})
        return actors


def _value(answer: Answer) -> Value:
    assert answer.value is not None
    return answer.value


def _exact(answer: Answer) -> str:
    value = answer.to_dict()["value"]
    return json.dumps(value, ensure_ascii=False)


def _backed(backing: Backing) -> list[Json]:
    """Return what stands behind an answer or record; the note is its remarks."""
    told = {k: v for k, v in backing.to_dict().items() if k != "note"}
    return [prop(name.replace("_", "-"), value) for name, value in told.items()]
