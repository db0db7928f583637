"""One organisation: a warm assessment, and what one changed fact costs, by every engine."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from checking import entries, verdict
from organisations import coded, portfolio
from peers import ENGINES, Shape
from tables import Table, duration, spread, times
from timing import race
from translation import variable
from workload import AS_OF, codes, companies, load

import socap
from socap.assessment import assess
from socap.rules.columnar import decide
from socap.rules.expressions import keys_read
from socap.rules.facts import MISSING, Facts
from socap.rules.gathering import gather
from socap.rules.interpreter import READERS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from timing import Timing
    from workload import Workload

    from socap.organisation import Organisation
    from socap.rules.expressions import keys_read
from socap.rules.facts import Fact

HEAD = ("engine", "decisions", "time", "noise", "÷ reference")
REFERENCE = "socap reference"


def single(budget: float, organisations: int, *, records: bool) -> Table:
    """Return what one warm decision of all rules costs; `organisations` synthetic ones are compared too."""
    workload = load(records=records)
    given = companies(records=records)
    rows = [facts for _, facts in given]
    if not records:
        made = portfolio(workload, organisations)
        rows += [made.facts(index) for index in range(organisations)]
    compared = entries(workload, rows)
    organisation, facts = given[0]
    batch = gather([facts], workload.standard.vocabulary)
    calls: dict[str, Callable[[], object]] = {
        f"socap {name}": partial(workload.reader(name).decide, facts) for name in READERS
    }
    calls["socap columnar, of one"] = partial(decide, workload.rules, batch)
    if records:
        for reader in READERS:
            calls[f"socap.assess, {reader}"] = partial(
                assess, organisation, workload.standard, as_of=AS_OF, reader=reader
            )
    for entry in compared:
        if entry.decide is not None:
            made_input = (
                workload.row(facts)
                if entry.engine.shape is Shape.ROW
                else workload.columns([facts])
            )
            calls[entry.engine.name] = partial(entry.decide, entry.engine.adapt(made_input))
    own = {f"socap {name}": _same(rows, workload, workload.reader(name).decide) for name in READERS}
    columnar = [_one(workload, facts) for facts in rows]
    own["socap columnar, of one"] = verdict(columnar, [workload.expected(f) for f in rows])
    told = "with records" if records else "records left out"
    note = (
        f"{len(workload.rules)} requirements of one example company, compiled beforehand, its facts "
        f"in the engine's own form. Compared: {len(rows)} organisations."
    )
    if records:
        note += " `socap.assess` settles the evidence and makes the findings as well."
    verdicts = own | {entry.engine.name: entry.verdict for entry in compared}
    return tabled(f"One assessment, warm, {told}", note, verdicts, race(calls, budget))


def _same(rows: Sequence[Facts], workload: Workload, decided: Callable[[Facts], Any]) -> str:
    return verdict([codes(decided(f)) for f in rows], [workload.expected(f) for f in rows])


def _one(workload: Workload, facts: Facts) -> list[int]:
    made = decide(workload.rules, gather([facts], workload.standard.vocabulary))
    return [int(code[0]) for code in coded(made, 1)]


def tabled(title: str, note: str, verdicts: dict[str, str], timings: dict[str, Timing]) -> Table:
    """Return timings, fastest first, then who was not timed and why."""
    table = Table(title, HEAD, note)
    for name, timing in sorted(timings.items(), key=lambda pair: pair[1].seconds):
        cells = (duration(timing.seconds), spread(timing), times(timing, timings[REFERENCE]))
        table.add(name, verdicts.get(name, ""), *cells)
    for name, why in verdicts.items():
        if name not in timings:
            table.add(name, why)
    return table


class Change(NamedTuple):
    """One fact of the first company exchanged for another organisation's.

    `before` is what the rules that are touched read of the company.
    """

    key: str
    facts: Facts
    touched: tuple[str, ...]
    fact: Fact
    before: Facts


def changes(workload: Workload, facts: Facts, other: Facts, number: int) -> list[Change]:
    """Return changes spread evenly over what the rules read."""
    reads = {
        rule.id: {key for e in (rule.applies, rule.satisfied) for key in keys_read(e)}
        for rule in workload.rules
    }
    readers: dict[str, list[str]] = {}
    for name, keys in reads.items():
        for key in keys:
            readers.setdefault(key, []).append(name)

    def before(key: str) -> Facts:
        read = set[str]().union(*(reads[name] for name in readers[key]))
        return replace(facts, items={k: f for k, f in facts.items.items() if k in read})

    differing = [
        key
        for key in workload.keys
        if key in readers and other.get(key) not in (facts.get(key), MISSING)
    ]
    chosen = differing[:: max(1, len(differing) // number)][:number]
    return [
        Change(
            key,
            replace(facts, items={**facts.items, key: other.get(key)}),
            tuple(readers[key]),
            other.get(key),
            before(key),
        )
        for key in chosen
    ]


def what_if(budget: float, number: int) -> Table:
    """Return what one changed fact costs, all rules that read it decided again."""
    workload = load()
    organisation, facts = companies(records=False)[0]
    asked = changes(workload, facts, portfolio(workload, 64).facts(9), number)
    calls: dict[str, Callable[[], object]] = {}
    own: dict[str, str] = {}
    for reader in READERS:
        live = workload.reader(reader).open(facts)
        live.decide(facts, tuple(rule.id for rule in workload.rules))
        calls[f"socap {reader}"] = partial(_socap, live, asked)
        found = [codes(live.decide(_changed(change), change.touched)) for change in asked]
        plain = workload.reader("reference")
        expected = [codes(plain.decide(c.facts, c.touched)) for c in asked]
        own[f"socap {reader}"] = verdict(found, expected)
    calls["socap session"] = _session(workload, organisation, asked)
    own["socap session"] = "as assessed anew"
    compared = []
    for engine in ENGINES:
        if engine.shape is Shape.COLUMNS:
            continue
        made: list[tuple[Any, dict[str, Any], str, Any]] = []
        total = 0
        for change in asked:
            part = load(only=change.touched)
            (entry,) = entries(part, [change.facts, facts], [engine])
            if entry.decide is None:
                break
            total += len(part.rules)
            row, name = part.row(change.facts), variable(change.key)
            read = {k for k in row if _reads(entry.source, k)}
            kept = {k: v for k, v in row.items() if k in read or k.removeprefix("nc_") in read}
            made.append((entry.decide, kept, name, row[name]))
        compared.append(
            replace(entry, verdict=entry.verdict if entry.decide is None else f"{total} equal")
        )
        if len(made) == len(asked):
            calls[engine.name] = partial(_peer, made, engine.adapt)
    timings = {
        name: replace(timing, seconds=timing.seconds / len(asked))
        for name, timing in race(calls, budget).items()
    }
    note = (
        f"The mean of {len(asked)} changed facts; the rules that read each are known beforehand "
        "and given only what they read (engines: a program of those rules, compiled). "
        "`socap session` is `Session.update`: the evidence is settled again and findings are compared."
    )
    verdicts = own | {entry.engine.name: entry.verdict for entry in compared}
    return tabled("What-if of one fact", note, verdicts, timings)


def _reads(source: Any, name: str) -> bool:
    return f'"{name}"' in str(source) or f"'{name}'" in str(source) or name in str(source)


def _socap(live: Any, asked: list[Change]) -> None:
    for change in asked:
        live.decide(_changed(change), change.touched)


def _changed(change: Change) -> Facts:
    before = change.before
    items = {**before.items, change.key: change.fact}
    return Facts(before.as_of, items, before.records, before.parameters)


def _peer(made: list[tuple[Any, dict[str, Any], str, Any]], adapt: Callable[[Any], Any]) -> None:
    for decide_, row, name, value in made:
        decide_(adapt({**row, name: value}))


def _session(
    workload: Workload, organisation: Organisation, asked: list[Change]
) -> Callable[[], None]:
    live = socap.session(organisation, workload.standard, as_of=AS_OF, reader="reference")
    told = [{change.key: _answer(change.fact)} for change in asked]

    def update() -> None:
        for answers in told:
            live.update(answers)

    update()
    fresh = assess(live.assessment.organisation, workload.standard, as_of=AS_OF, reader="reference")
    outcomes = [[f.outcome for f in a.findings.values()] for a in (fresh, live.assessment)]
    if outcomes[0] != outcomes[1]:
        message = "a session differs from a fresh assessment"
        raise AssertionError(message)
    return update


def _answer(fact: Fact) -> Any:
    if fact.no_case:
        return {"no_case": "none in the period"}
    value = fact.value
    if isinstance(value, frozenset):
        return sorted(value)
    return value.isoformat() if isinstance(value, date) else value
