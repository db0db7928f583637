"""A whole portfolio from source to folder: in parts, resumable, and the same however many work."""

from __future__ import annotations

import json
import shutil
import signal
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain, islice
from multiprocessing import get_context
from multiprocessing.connection import wait
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from socap.errors import EvidenceError, Problem, SocapError, Text, UsageError
from socap.evidence import Assurance
from socap.portfolio.faults import Fault
from socap.portfolio.kernel import Kernel
from socap.portfolio.reading import open_source
from socap.portfolio.repeats import REPEATED, digests, repeated
from socap.portfolio.summary import Summary, summary
from socap.portfolio.tally import Shape, Tally, shape
from socap.portfolio.writing import FaultKinds, PartWriter, cannot_write, whole, write_json
from socap.standard import load

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
    from datetime import date
    from multiprocessing.connection import Connection

    from numpy.typing import NDArray

    from socap.portfolio.reading import Part, Portion, Source
    from socap.standard import Standard

WORKERS = 64
_NONE = np.zeros(0, np.uint64)


def run(
    source: str | Path,
    output: str | Path,
    standard: Standard | None = None,
    *,
    as_of: date,
    assurance: Assurance | str = Assurance.DECLARED,
    parameters: Mapping[str, int | float] | None = None,
    by: str | None = None,
    ignore: Collection[str] = (),
    query: str | None = None,
    long: bool = False,
    workers: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> Summary:
    """Assess a portfolio and write its findings to a new folder; return the summary.

    `source` is what `reading.open_source` takes. The folder holds `findings/part-*.parquet` (a row
    an organisation, or with `long` a row a finding), `faults/part-*.parquet` where rows could not be
    assessed, `summary.json` and `manifest.json`; it appears when all of it is there. Until then the
    parts stand in `<output>.unfinished`, and the same call goes on where it was interrupted.
    A row with a fault has nulls for outcomes; all others are assessed. `by` names a column to group
    by, `workers` how many processes assess. `progress` is told the rows done, and of how many (0
    where nobody knows).

    Raises EvidenceError for input that cannot be read, UsageError for options that do not fit, an
    output that is there already or cannot be written, or an interrupted run over something else.
    """
    made, target = standard or load(), Path(output)
    if not isinstance(workers, int) or not 1 <= workers <= WORKERS:
        message = Text(f"workers 应为 1 到 {WORKERS}", f"workers should be 1 to {WORKERS}")
        raise UsageError([Problem(message)])
    kernel = Kernel(made, as_of=as_of, assurance=assurance, parameters=parameters)
    opened = open_source(Path(source), made, by=by, ignore=ignore, query=query)
    options = {
        "as_of": as_of.isoformat(),
        "assurance": Assurance(assurance).value,
        "parameters": dict(sorted((parameters or {}).items())),
        "by": by,
        "long": long,
    }
    manifest = {
        "source": Path(source).name,
        "fingerprint": opened.fingerprint,
        "standard": [made.hash, *(overlay.hash for overlay in made.overlays)],
        "ignore": sorted(ignore),
        **options,
    }
    folder = _begin(target, manifest)
    job = Job(kernel, made, shape(made), folder, by, long)
    told = progress or (lambda _done, _total: None)
    _pass(job, opened, workers, told, None)
    states = job.states()
    twice = repeated([path.with_suffix(".npy") for path in states])
    if len(twice):
        _pass(job, opened, workers, told, twice)
    tally, faults = Tally(job.shape), FaultKinds()
    for path in states:
        state = json.loads(path.read_text(encoding="utf-8"))
        tally.add(Tally.from_dict(state["tally"], job.shape))
        faults.merge(state["faults"])
    if not sum(g.organisations + g.faulty for g in tally.groups.values()):
        shutil.rmtree(folder, ignore_errors=True)
        message = Text("其中没有任何组织", "there is no organisation in it")
        raise EvidenceError([Problem(message, file=str(source))])
    found = summary(made, tally, faults, options)
    write_json(folder / "summary.json", found.to_dict())
    _finish(folder, target)
    return found


@dataclass(frozen=True, slots=True)
class Task:
    """A part, and which of its ids appear elsewhere too."""

    part: Part
    twice: NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Job:
    """What is done to every part."""

    kernel: Kernel
    standard: Standard
    shape: Shape
    folder: Path
    by: str | None
    long: bool

    def states(self) -> list[Path]:
        """Return the states of the parts that are done, in order."""
        return sorted((self.folder / "state").glob("part-*.json"))

    def state(self, part: Part) -> Path:
        """Return where the state of a part is kept once it is done."""
        return self.folder / "state" / f"part-{part.number:05}.json"

    def do(self, task: Task, told: Callable[[int], None]) -> None:
        """Assess a part and write it, its counts and the digests of its ids; the counts last."""
        part, tally, seen = task.part, Tally(self.shape), [_NONE]
        before = part.before
        with PartWriter(self.folder, part.number, self.standard, long=self.long) as writer:
            for portion in part.portions(self.standard):
                outcomes, faults, marks = self.assess(portion, task.twice)
                ids = outcomes.column("id")
                tally.count(outcomes, self._groups(portion.batch), before)
                writer.findings(outcomes)
                writer.faults(faults, ids, before)
                seen.append(marks)
                before += outcomes.num_rows
                told(outcomes.num_rows)
        path = self.state(part)
        with whole(path.with_suffix(".npy")) as place, place.open("wb") as file:
            np.save(file, np.sort(np.concatenate(seen)))
        state = {
            "rows": before - part.before,
            "twice": len(task.twice),
            "tally": tally.to_dict(),
            "faults": writer.kinds.to_dict(),
        }
        write_json(path, state, compact=True)

    def _groups(self, batch: pa.RecordBatch) -> pa.Array | None:
        return None if self.by is None else batch.column(self.by)

    def assess(
        self, portion: Portion, twice: NDArray[np.uint64]
    ) -> tuple[pa.RecordBatch, list[Fault], NDArray[np.uint64]]:
        """Return findings with nulls in faulty rows, the faults, and the digests of the ids."""
        batch = portion.batch
        if self.by is not None and self.by not in self.kernel.layout.columns():
            batch = batch.drop_columns([self.by])
        outcomes = self.kernel.outcomes(batch)
        faults = list(portion.faults)
        if outcomes.column("status").null_count:
            faults += self.kernel.faults(batch)
        marks = digests(outcomes.column("id"))
        again = np.isin(marks, twice)
        if again.any():
            known = [f.rows for f in faults if f.column == "id"]
            again[np.concatenate([*known, np.zeros(0, np.int64)])] = False
            faults.append(Fault("id", np.flatnonzero(again), REPEATED))
        return _blanked(outcomes, faults), faults, marks


def _blanked(outcomes: pa.RecordBatch, faults: list[Fault]) -> pa.RecordBatch:
    """Return findings with nulls, beside the id, where a row has a fault."""
    bad = outcomes.column("status").is_null().to_numpy(zero_copy_only=False).copy()
    already = int(bad.sum())
    for fault in faults:
        bad[fault.rows] = True
    if int(bad.sum()) == already:
        return outcomes
    rows = outcomes.take(pa.array(np.arange(len(bad)), mask=bad))
    return rows.set_column(0, outcomes.schema.field(0), outcomes.column(0))


def _pass(
    job: Job,
    source: Source,
    workers: int,
    told: Callable[[int, int], None],
    twice: NDArray[np.uint64] | None,
) -> None:
    """Do the parts that are not done; with repeated ids, those that have some, once more."""
    done = 0

    def count(rows: int) -> None:
        nonlocal done
        done += rows
        told(done, source.rows)

    tasks = _tasks(job, source, count, twice)
    first = list(islice(tasks, 2))
    every = chain(first, tasks)
    if workers > 1 and len(first) > 1:
        _shared(job, every, workers, count)
    else:
        for task in every:
            job.do(task, count)


def _tasks(
    job: Job, source: Source, count: Callable[[int], None], twice: NDArray[np.uint64] | None
) -> Iterator[Task]:
    for part in source.parts():
        path = job.state(part)
        state = json.loads(path.read_text(encoding="utf-8")) if path.exists() else None
        marks = _NONE if state is None else np.load(path.with_suffix(".npy"))
        if state is not None and part.ids is not None:
            _same(part.ids, marks)
        mine = _NONE if twice is None else np.intersect1d(marks, twice)
        if state is None or (twice is not None and state["twice"] != len(mine)):
            yield Task(part, mine)
        else:
            count(state["rows"])


def _same(ids: pa.Array, marks: NDArray[np.uint64]) -> None:
    if not np.array_equal(np.sort(digests(ids.cast(pa.string()))), marks):
        message = Text(
            "查询这次给出的行与先前不同", "the query gives other rows than it did before"
        )
        hint = Text("给查询加上 ORDER BY，从头再来", "give it an ORDER BY and start afresh")
        raise EvidenceError([Problem(message, hint=hint)])


def _shared(job: Job, tasks: Iterable[Task], workers: int, count: Callable[[int], None]) -> None:
    """Let several processes do the tasks; the first error ends all of them."""
    context = get_context("spawn")
    crew: dict[Connection, Any] = {}
    idle: list[Connection] = []
    busy: set[Connection] = set()
    try:
        for _ in range(workers):
            here, there = context.Pipe()
            process = context.Process(target=_serve, args=(there, job), daemon=True)
            process.start()
            there.close()
            crew[here] = process
            idle.append(here)
        for task in tasks:
            if not idle:
                idle += _finished(busy, count)
            chosen = idle.pop()
            chosen.send(task)
            busy.add(chosen)
        while busy:
            _finished(busy, count)
    except (BrokenPipeError, ConnectionResetError):
        raise _lost() from None
    finally:
        for connection, process in crew.items():
            connection.close()
            if process.is_alive() and busy:
                process.terminate()
            process.join()


def _finished(busy: set[Connection], count: Callable[[int], None]) -> list[Connection]:
    """Wait for processes to be done and return them; raise what one of them met."""
    ready = [c for c in wait(list(busy)) if c in busy]
    for connection in ready:
        try:
            answer = connection.recv()
        except EOFError:
            raise _lost() from None
        if isinstance(answer, int):
            busy.discard(connection)
            count(answer)
        else:
            kind, problems = answer
            raise kind(problems)
    return ready


def _lost() -> UsageError:
    message = Text(
        "工作进程意外终止，可能内存不足", "a worker process died, perhaps for lack of memory"
    )
    hint = Text("再次运行即可继续", "run the same again to go on")
    return UsageError([Problem(message, hint=hint)])


def _serve(connection: Connection, job: Job) -> None:
    """Do tasks until nobody sends any: also when the process that asks has been killed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    pa.set_cpu_count(1)
    # It keeps what it freed: every batch asks for the same amounts again.
    pa.set_memory_pool(pa.system_memory_pool())
    with suppress(EOFError, BrokenPipeError, ConnectionResetError):
        while True:
            task = connection.recv()
            rows: list[int] = []
            try:
                job.do(task, rows.append)
                connection.send(sum(rows))
            except SocapError as error:
                kinds = (EvidenceError, UsageError)
                kind = type(error) if type(error) in kinds else SocapError
                connection.send((kind, error.problems))


def _begin(target: Path, manifest: dict[str, Any]) -> Path:
    """Return the folder of a new or an interrupted run. Raises UsageError where it is another's."""
    folder = target.with_name(target.name + ".unfinished")
    path = folder / "manifest.json"
    if target.exists():
        message = Text("已存在，不予覆盖", "it exists and is not overwritten")
        raise UsageError([Problem(message, file=str(target))])
    if path.exists():
        try:
            before = json.loads(path.read_text(encoding="utf-8"))
        except ValueError:
            before = {}
        other = [key for key in manifest if before.get(key, ...) != manifest[key]]
        if other:
            names = ", ".join(other)
            message = Text(
                f"这里有一次中断的运行，但与本次不同：{names}",
                f"an interrupted run stands here, but it differs in: {names}",
            )
            hint = Text("删除此文件夹可从头再来", "delete this folder to start afresh")
            raise UsageError([Problem(message, file=str(folder), hint=hint)])
    try:
        (folder / "state").mkdir(parents=True, exist_ok=True)
        (folder / "findings").mkdir(exist_ok=True)
    except OSError as cause:
        raise cannot_write(cause, folder) from None
    if not path.exists():
        write_json(path, manifest)
    return folder


def _finish(folder: Path, target: Path) -> None:
    """Remove what only the run needed, and let the result appear."""
    try:
        for left in folder.glob("*/.part-*"):
            left.unlink()
        shutil.rmtree(folder / "state")
        folder.rename(target)
    except OSError as cause:
        raise cannot_write(cause, target) from None
