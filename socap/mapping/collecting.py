"""A company's evidence collected by a mapping file: all of it, or a list of what is wrong."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from socap.company_file import read
from socap.documents import Document
from socap.errors import EvidenceError, Problem, Text, did_you_mean
from socap.mapping.answering import SHOWN_LIMIT, ItemRows, RecordRows, Rejection, Rejections
from socap.mapping.databases import open_duckdb, open_postgresql, open_sqlite
from socap.mapping.mapping_file import Kind, Mapping, OnReject, Source, read_mapping
from socap.mapping.rows import Table, open_csv, open_json
from socap.organisation import RECORD_LIMIT, Organisation, from_document
from socap.rules.expressions import keys_read
from socap.rules.facts import Facts, RecordFacts, known
from socap.rules.reference import evaluate
from socap.rules.truth import Truth

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from socap.rules.vocabulary import Vocabulary
    from socap.standard import Standard

    Progress = Callable[[int, int], None]

_PROGRESS_EVERY = 1000
_OPENERS: dict[Kind, Callable[[Source], AbstractContextManager[Table]]] = {
    Kind.CSV: open_csv,
    Kind.JSON: open_json,
    Kind.SQLITE: open_sqlite,
    Kind.DUCKDB: open_duckdb,
    Kind.POSTGRESQL: open_postgresql,
}


@dataclass(frozen=True, slots=True)
class Collected:
    """A company's evidence, and what of its sources was not taken.

    `rejected` holds the first rejections of `rejected_rows` rows in all, and `withheld` the keys
    left unanswered because of them (`records.supplier`, `ito.test_pass_pct`); all three are empty
    unless the mapping file says `reject: report`. `left_out` counts, by record list, the rows that
    `where` says are none of its records.
    """

    organisation: Organisation
    rejected: tuple[Rejection, ...]
    rejected_rows: int
    withheld: tuple[str, ...]
    left_out: dict[str, int]


@dataclass(slots=True)
class _Taken:
    evidence: dict[str, Any] = field(default_factory=dict)
    records: dict[str, Any] = field(default_factory=dict)
    withheld: dict[str, int] = field(default_factory=dict)
    left_out: dict[str, int] = field(default_factory=dict)
    rejected: list[Rejection] = field(default_factory=list)
    rejected_rows: int = 0


def collect(
    mapping: Path,
    company: Path | None,
    standard: Standard,
    *,
    progress: Progress | None = None,
) -> Collected:
    """Return a company's evidence with what a mapping file finds in its sources.

    `company` is a company file that the findings are added to; without one the mapping file
    states `organisation` and `profile` itself. `progress` is told, source by source, how many
    rows have been read and how many there are, 0 where that is not known.

    A record list or item whose source has a rejected row is never taken in part: a share of the
    rows that happen to be readable can conform where the whole does not. Raises EvidenceError
    with every problem of the mapping file, the company file, the sources and, unless the mapping
    file says `reject: report`, every rejected row (the first 50 and their number); and
    MissingExtraError where a database needs a driver that is not installed.
    """
    plan = read_mapping(mapping, standard)
    told = read(company, standard) if company is not None else None
    head = _head(plan, told, standard)
    problems: list[Problem] = []
    taken = _Taken()
    for source in plan.sources.values():
        try:
            _read_source(source, plan, standard.vocabulary, taken, progress)
        except EvidenceError as refused:
            problems += refused.problems
    if plan.on_reject is OnReject.FAIL:
        problems += _told(taken)
    if problems:
        raise EvidenceError(problems)
    data = {**head, "evidence": taken.evidence, "records": taken.records}
    document = Document(plan.document.file, data, plan.document.lines)
    found = from_document(document, standard)
    if told is not None:
        problems += _conflicts(told, found, taken.withheld)
        found = replace(
            told,
            evidence={**told.evidence, **found.evidence},
            records={**told.records, **found.records},
        )
    hidden = list(_hidden(found, taken.withheld, standard))
    if hidden:
        problems += [*_told(taken), *hidden]
    if problems:
        raise EvidenceError(problems)
    return Collected(
        found,
        tuple(taken.rejected),
        taken.rejected_rows,
        tuple(taken.withheld),
        taken.left_out,
    )


def _head(plan: Mapping, told: Organisation | None, standard: Standard) -> dict[str, Any]:
    subject = standard.pack.subject.value
    if told is None:
        if subject not in plan.head:
            message = Text(f"没有 {subject}", f"there is no {subject}")
            hint = Text(
                f"给出企业文件，或在映射文件中写明 {subject} 与 profile",
                f"name a company file, or state {subject} and profile in the mapping file",
            )
            raise EvidenceError([plan.document.problem((), message, hint)])
        return dict(plan.head)
    if plan.head:
        message = Text("企业文件已经写明", "the company file states this already")
        raise EvidenceError([plan.document.problem((key,), message) for key in plan.head])
    stated = told.to_dict()
    head = {subject: stated["organisation"]}
    if standard.vocabulary.types or standard.vocabulary.flags:
        head["profile"] = stated["profile"]
    return head


def _read_source(
    source: Source, plan: Mapping, words: Vocabulary, taken: _Taken, progress: Progress | None
) -> None:
    rejections = Rejections(source)
    lists = [
        RecordRows(spec, words.records[spec.record], rejections)
        for spec in plan.records
        if spec.source == source.name
    ]
    items = [ItemRows(s, rejections) for s in plan.items if s.source == source.name]
    takers: list[RecordRows | ItemRows] = [*lists, *items]
    try:
        with _OPENERS[source.kind](source) as table:
            rejections.lines = table.lines
            _check_columns(takers, table, plan)
            _take(table, takers, rejections, progress)
    finally:
        taken.rejected += rejections.first[: SHOWN_LIMIT - len(taken.rejected)]
        taken.rejected_rows += rejections.rows
    taken.withheld |= {listed.key: len(listed.found) for listed in lists if not listed.clean}
    taken.withheld |= {item.key: 0 for item in items if not item.clean}
    _check_counts(lists, items, plan)
    for listed in lists:
        taken.left_out[listed.spec.record] = listed.left_out
        if listed.clean:
            taken.records[listed.spec.record] = listed.found
    taken.evidence |= {i.key: i.found for i in items if i.clean and i.found is not None}


def _take(
    table: Table,
    takers: Sequence[RecordRows | ItemRows],
    rejections: Rejections,
    progress: Progress | None,
) -> None:
    done = 0
    for row in table.rows:
        done += 1
        if row.fault is not None:
            rejections.add(row, "", ("sources", rejections.source.name), row.fault, None)
        for taker in takers:
            before = rejections.faults
            if row.fault is None:
                taker.take(row)
            taker.clean = taker.clean and row.fault is None and rejections.faults == before
        if progress is not None and done % _PROGRESS_EVERY == 0:
            progress(done, table.total)
    if progress is not None:
        progress(done, table.total)


def _check_columns(takers: Sequence[RecordRows | ItemRows], table: Table, plan: Mapping) -> None:
    problems = []
    for taker in takers:
        for path, name in taker.columns():
            if name not in table.columns:
                message = Text(
                    f"{taker.spec.source} 没有列 {name[:80]}",
                    f"{taker.spec.source} has no column {name[:80]}",
                )
                known_names = "、".join(c for c in table.columns if c)[:300]
                hint = did_you_mean(name, table.columns) or Text(
                    f"现有：{known_names}", f"it has: {known_names.replace('、', ', ')}"
                )
                problems.append(plan.document.problem(path, message, hint))
    if problems:
        raise EvidenceError(problems)


def _check_counts(lists: Sequence[RecordRows], items: Sequence[ItemRows], plan: Mapping) -> None:
    """Raise EvidenceError where a list is empty or an item has not exactly one row.

    Rejected rows speak first.
    """
    problems = []
    for listed in lists:
        if listed.clean and not listed.found and not listed.spec.may_be_empty:
            message = Text("没有一行是记录", "no row is a record")
            hint = Text(
                "确实没有时请写 may_be_empty: true",
                "if there really are none write may_be_empty: true",
            )
            problems.append(plan.document.problem(listed.path, message, hint))
    for item in items:
        if item.clean and item.matches != 1:
            message = Text(
                f"应恰有一行，实有 {item.matches} 行",
                f"exactly one row is needed, there are {item.matches}",
            )
            hint = Text("用 row 或查询选出一行", "choose one with row, or in the query")
            problems.append(plan.document.problem(item.path, message, hint))
    if problems:
        raise EvidenceError(problems)


def _told(taken: _Taken) -> list[Problem]:
    """Return the problems of rejected rows, the first of many and how many there are."""
    problems = [rejection.problem for rejection in taken.rejected]
    if taken.rejected_rows > len({(r.source, r.row) for r in taken.rejected}):
        count = taken.rejected_rows
        message = Text(
            f"未被接受的共 {count} 行，以上是前 {SHOWN_LIMIT} 处",
            f"{count} rows were rejected; these are the first {SHOWN_LIMIT} faults",
        )
        problems.append(Problem(message))
    return problems


def _conflicts(
    told: Organisation, found: Organisation, withheld: Iterable[str]
) -> Iterator[Problem]:
    """Yield what the company file and the sources both state, unless they state the same."""
    stated: dict[str, object] = {**told.evidence}
    stated |= {f"records.{name}": records for name, records in told.records.items()}
    collected: dict[str, object] = {**found.evidence}
    collected |= {f"records.{name}": records for name, records in found.records.items()}
    for key in [*collected, *withheld]:
        if key in stated and stated[key] != collected.get(key):
            message = Text(
                "企业文件与来源的内容不一致",
                "the company file and the sources state different things",
            )
            hint = Text("请在其中一处删除", "take it out of one of them")
            path = key if key.startswith("records.") else f"evidence.{key}"
            yield Problem(message, path, told.file, hint=hint)


def _hidden(found: Organisation, withheld: dict[str, int], standard: Standard) -> Iterator[Problem]:
    """Yield what the organisation states that only what is withheld could contradict.

    Left out, a list can no longer dispute a circumstance or a share, which would then pass
    for undisputed. A list is tried with the rows accepted and with as many as it can have.
    """
    words, gone = standard.vocabulary, set(withheld)
    flags = {f"profile.{n}": known(v) for n, v in found.profile.flags.items()}
    limits = dict(standard.parameters())
    for rule in standard.consistency:
        touched = gone & set(words.expanded(keys_read(rule.contradicted_when)))
        if not touched or rule.flag not in found.profile.flags:
            continue
        for most in (False, True):
            records = {
                key.removeprefix("records."): _unknown(RECORD_LIMIT if most else withheld[key])
                for key in touched
                if key.startswith("records.")
            }
            facts = Facts(date.min, flags, records, limits)
            if evaluate(rule.contradicted_when, facts) is not Truth.FALSE:
                yield _needed(sorted(touched), f"profile.{rule.flag}", found)
                break
    for key in found.evidence:
        item = words.items[key]
        rests_on = set() if item.computed is None else {f"records.{item.computed.record}"}
        rests_on |= {item.part_of} if item.part_of else set()
        rests_on |= {n for n in gone if n in words.items and words.items[n].part_of == key}
        if gone & rests_on:
            yield _needed(sorted(gone & rests_on), f"evidence.{key}", found)


def _unknown(count: int) -> tuple[RecordFacts, ...]:
    return tuple(RecordFacts(str(number), {}) for number in range(count))


def _needed(keys: list[str], path: str, found: Organisation) -> Problem:
    message = Text(
        f"{'、'.join(keys)} 有未被接受的行，不能略去：它可能与此处相矛盾",
        f"{', '.join(keys)} has rejected rows and cannot be left out: it may contradict this",
    )
    return Problem(message, path, found.file)
