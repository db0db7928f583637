"""The checker that trusts nobody: derives a result again from the raw pack and the raw answers.

It shares no code with the readers of rules. Truth is True, False or None (unknown), as in Kleene.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import Enum
from operator import eq, ge, gt, le, lt
from typing import Any

Raw = Mapping[str, Any]
Record = tuple[str, dict[str, Any]]
Fault = tuple[str, str, str]
State = Enum("State", "UNKNOWN DOUBTED NO_CASE")
UNKNOWN, DOUBTED, NO_CASE = State
COUNTED = "conforming nonconforming undetermined not_applicable excluded major minor opportunity"
ONLY_GRADED = "undetermined_shall score_passed score_failed score_open"
OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    **dict.fromkeys(("at_least", "not_before"), ge),
    **dict.fromkeys(("at_most", "not_after"), le),
    "more_than": gt,
    "less_than": lt,
    "is": eq,
    "one_of": lambda value, members: value in members,
    "includes": frozenset.issuperset,
    "includes_any": lambda value, members: not value.isdisjoint(members),
    "size_at_least": lambda value, size: len(value) >= size,
    "within": lambda age, days: 0 <= age <= days,
}


@dataclass(frozen=True, slots=True)
class World:
    """What is known, as values and states; where `kept` is given, nothing but those facts."""

    as_of: date
    verified: bool = False
    items: dict[str, Any] = field(default_factory=dict)
    records: dict[str, list[Record]] = field(default_factory=dict)
    parameters: Raw = field(default_factory=dict)
    kept: frozenset[tuple[str, str]] | None = None

    def fact(self, key: str, record: Record | None = None) -> Any:
        """Return a value, NO_CASE, UNKNOWN or DOUBTED; a record's own field comes first."""
        name, facts = record if record is not None and key in record[1] else ("", self.items)
        return facts.get(key, UNKNOWN) if self.kept is None or (key, name) in self.kept else UNKNOWN

    def truth(self, rule: Any, record: Record | None = None) -> bool | None:
        """Return the truth of a rule as it is written in a pack."""
        if rule == "always":
            return True
        if "item" in rule:
            return self._condition(rule, record)
        ((name, body),) = rule.items()
        if name == "not":
            inner = self.truth(body, record)
            return inner if inner is None else not inner
        if name in ("all", "any"):
            found, decisive = [self.truth(part, record) for part in body], name == "any"
            return decisive if decisive in found else None if None in found else not decisive
        held = self.kept is None or (f"records.{body['record']}", "") in self.kept
        limit = self._operand(body.get("share", body.get("count", 1)), None)
        if not held or body["record"] not in self.records or limit is UNKNOWN:
            return None
        passed, failed, most, worst = self.tally(body)
        if name == "every":
            return False if failed else None if worst else True
        if "share" in body:
            sure = passed * 100 >= limit * (passed + worst)
            return True if sure else None if most * 100 >= limit * (most + failed) else False
        return True if passed >= limit else None if most >= limit else False

    def _condition(self, rule: Raw, record: Record | None) -> bool | None:
        ((operator, operand),) = ((k, v) for k, v in rule.items() if k != "item")
        left, right = self.fact(rule["item"], record), self._operand(operand, record)
        if left in (UNKNOWN, DOUBTED) or right in (UNKNOWN, DOUBTED):
            return None
        if operator in ("present", "no_case"):
            return operator == "present" or left is NO_CASE
        if NO_CASE in (left, right):
            return False
        if operator == "within":
            left = (self.as_of - left).days
        elif isinstance(left, date) and isinstance(right, str):
            right = self.as_of if right == "as_of" else date.fromisoformat(right)
        return OPERATORS[operator](left, right)

    def _operand(self, raw: Any, record: Record | None) -> Any:
        if isinstance(raw, Mapping) and "item" in raw:
            return self.fact(raw["item"], record)
        return self.parameters.get(raw["parameter"], UNKNOWN) if isinstance(raw, Mapping) else raw

    def tally(self, rule: Raw) -> tuple[int, int, int, int]:
        """Count the records that pass, that fail, that pass at most, that fail at most."""
        where, satisfies = rule.get("where", "always"), rule.get("satisfies", "always")
        counted = [(self.truth(where, r), r) for r in self.records[rule["record"]]]
        judged = [(w, self.truth(satisfies, r)) for w, r in counted if w is not False]
        most, worst = sum(s is not False for _, s in judged), sum(s is not True for _, s in judged)
        return judged.count((True, True)), judged.count((True, False)), most, worst

    def aside(self, backing: Raw, item: Raw) -> State | None:
        """Return what an answer that does not count on the date amounts to, or None."""
        age = (self.as_of - date.fromisoformat(backing.get("collected_on", str(self.as_of)))).days
        if backing.get("status") == "rejected" or age < 0:
            return DOUBTED
        days = item.get("validity_days") if "collected_on" in backing else None
        gone = date.fromisoformat(backing.get("valid_until", str(self.as_of))) < self.as_of
        unverified = self.verified and backing.get("status") != "verified"
        return UNKNOWN if gone or unverified or (days is not None and age > days) else None

    def settle(self, answers: list[Raw], item: Raw) -> Any:
        """Return what several sources of one item amount to; none is preferred to another."""
        told = [(self.aside(a, item), a.get("value", NO_CASE)) for a in answers]
        left = [value for aside, value in told if aside is None]
        if not left:
            return DOUBTED if any(aside is DOUBTED for aside, _ in told) else UNKNOWN
        value, kind = left[0], item["type"]
        denied = [a.get("value", NO_CASE) for a in answers if a.get("status") == "rejected"]
        if left.count(value) < len(left) or value in denied:
            return DOUBTED
        if value is NO_CASE or kind == "set":
            return value if value is NO_CASE else frozenset(value)
        if kind == "date":
            value = date.fromisoformat(value)
            return DOUBTED if item.get("event") and value > self.as_of else value
        wrong = kind in ("percent", "integer") and value < 0
        return DOUBTED if wrong or (kind == "percent" and value > 100) else value

    def compute(self, item: Raw, direct: Any, no_case: bool) -> Any:
        """Return what a direct answer and the records that answer it too amount to together."""
        passed, failed, most, worst = self.tally(item["computed"])
        low, high = float(passed), float(most)
        none = no_case and not self.records[item["computed"]["record"]]
        if item["type"] == "percent":
            none = not most + worst
            low = 100 * passed / (passed + worst) if passed + worst else 100.0
            high = 100 * most / (most + failed) if most + failed else 0.0
        if direct is DOUBTED or (none and direct in (NO_CASE, 0)):
            return direct
        if none or direct is NO_CASE:
            return UNKNOWN
        half = 0.5 * 10.0 ** -len(str(direct).partition(".")[2])
        if direct is not UNKNOWN and not low - half <= direct <= high + half:
            return UNKNOWN
        return direct if low != high else int(low) if low == int(low) else low


def world(pack: Raw, result: Raw) -> World:
    """Return what the raw answers of a result amount to on its date, disputes left aside."""
    given, items, day = result["given"], pack["items"], date.fromisoformat(result["as_of"])
    values = {k: p["default"] for k, p in pack["parameters"].items() if p["default"] is not None}
    made = World(day, result["assurance"] == "verified", parameters=values | result["parameters"])
    for key, answers in given["evidence"].items():
        made.items[key] = made.settle(answers, items[key])
    inside = replace(made, verified=False)
    for kind, entries in given["records"].items():
        fields, made.records[kind] = pack["records"][kind]["fields"], []
        for entry in entries:
            told = {n: inside.settle([entry[n]] if n in entry else [], fields[n]) for n in fields}
            whole = made.aside(entry, {})
            facts = {f"{kind}.{name}": whole or value for name, value in told.items()}
            made.records[kind].append((entry["id"], facts))
    rules = [r[name] for r in pack["requirements"] for name in ("applies_when", "satisfied_when")]
    rules += [r["contradicted_when"] for r in pack["consistency"]]
    accepting = re.findall(r'"item": "([^"]+)", "no_case": true', json.dumps(rules, sort_keys=True))
    for key, item in items.items():
        if item.get("computed", {}).get("record") in made.records:
            made.items[key] = made.compute(item, made.fact(key), key in accepting)
    wholes = {key: items[key].get("part_of", "") for key in made.items}
    counts = {key: value for key, value in made.items.items() if isinstance(value, int)}
    above = [p for p in wholes.items() if set(p) <= set(counts) and counts[p[0]] > counts[p[1]]]
    made.items.update((key, UNKNOWN) for pair in above for key in pair)
    for flag, value in given["profile"].items():
        made.items[f"profile.{flag}"] = frozenset(value) if flag == "types" else value
    return made


def _outcome(asked: Raw, made: World, exclude: bool) -> tuple[str, str | None]:
    applies, satisfied = made.truth(asked["applies_when"]), made.truth(asked["satisfied_when"])
    rule = asked.get("exclusion", {}).get("allowed_when") if exclude else None
    allowed = made.truth(rule) if rule is not None else False
    if applies is False or allowed:
        return "not_applicable" if applies is False else "excluded", None
    if applies and satisfied:
        return "conforming", None
    unmet = applies and satisfied is False and allowed is False
    return ("nonconforming", asked["severity"]) if unmet else ("undetermined", None)


def _proof(asked: Raw, made: World, end: tuple[str, str | None], told: list[Raw]) -> Any:
    """Return a proof without its idle facts, or what is wrong with it as a whole."""
    refs = [(fact["key"], fact["record"]) for fact in told]
    kept = [refs, *(refs[:i] + refs[i + 1 :] for i in range(len(refs)))]
    forced = [_outcome(asked, replace(made, kept=frozenset(k)), exclude=False) == end for k in kept]
    needed = [fact for fact, idle in zip(told, forced[1:], strict=True) if not idle]
    return [] if end[0] in ("undetermined", "excluded") else needed if forced[0] else "no proof"


def _grade(grading: Raw, marks: Iterable[Iterable[str | None]]) -> tuple[dict[str, Any], Raw]:
    """Return the roll-up of findings, and the recommendation they lead to."""
    listed = [mark for each in marks for mark in each]
    counts = {name: listed.count(name) for name in f"{COUNTED} {ONLY_GRADED}".split()}
    holds = World(date.min, items={f"findings.{name}": n for name, n in counts.items()}).truth
    status = next(rule for rule in grading["status"] if holds(rule["when"]))
    advice = next(rule for rule in grading["recommendation"] if holds(rule["when"]))
    return {"status": status["is"], **{name: counts[name] for name in COUNTED.split()}}, advice


def _faults(place: str, told: Any, derived: Any) -> Iterator[Fault]:
    if isinstance(told, Mapping) and isinstance(derived, Mapping):
        for key in sorted({*told, *derived}):
            yield from _faults(f"{place}.{key}", told.get(key, "-"), derived.get(key, "-"))
    elif (a := json.dumps(told, sort_keys=True)) != (b := json.dumps(derived, sort_keys=True)):
        yield place.lstrip("."), a[:100], b[:100]


def check(pack: Raw, result: Raw, score: str = "", credited: Iterable[str] = ()) -> list[Fault]:
    """Return where a well-formed result differs from what its answers lead to: place, told, derived.

    `pack` holds lists of raw `requirements` and `consistency` rules, `items`, `records`, `parameters`,
    `grading` and requirements by `groups`; the score and what is `credited` the caller vouches for.
    """
    made, grading = world(pack, result), pack["grading"]
    disputed = [r for r in pack["consistency"] if made.truth(r["contradicted_when"])]
    made.items.update({f"profile.{r['flag']}": UNKNOWN for r in disputed})
    excluded = {e["requirement"] for e in result["given"]["exclusions"]}
    told, rows, marks = dict(result), {}, {}
    told["findings"] = {f["requirement"]: f for f in result["findings"]}
    for r in pack["requirements"]:
        end, found = _outcome(r, made, r["id"] in excluded), told["findings"][r["id"]]
        proof = _proof(r, made, end, found["proof"])
        if end[0] == "undetermined" and r["id"] in credited:
            end = ("conforming", None)
        rows[r["id"]] = {**found, "outcome": end[0], "grade": end[1], "proof": proof}
        marks[r["id"]] = (*end, f"{end[0]}_{r['obligation']}")
    summary, advice = _grade(grading, [*marks.values(), [score]])
    derived: dict[str, Any] = {"findings": rows, "status": summary["status"], "summary": summary}
    derived["disputed"] = [{key: r[key] for key in ("id", "flag", "message")} for r in disputed]
    derived["recommendation"] = {key: advice[key] for key in ("id", "title", "reason")}
    for by, groups in pack["groups"].items():
        derived[by] = {n: _grade(grading, [marks[k] for k in ks])[0] for n, ks in groups.items()}
    return list(_faults("", {key: told[key] for key in derived}, derived))
