"""Every benchmark runs on a tiny size, and its comparisons would notice a wrong decision."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import checking
import deciding
import growth
import portfolios
import pytest
import starting
from checking import entries, verdict
from growth import Growth
from organisations import portfolio
from peers import ENGINES, Engine
from portfolios import COLUMNAR, CREW, Sizes
from workload import Workload, companies, load

if TYPE_CHECKING:
    from collections.abc import Callable

    from tables import Table

PYTHON = next(engine for engine in ENGINES if engine.name == "generated Python")
ABSENT = replace(PYTHON, name="nobody's engine", module="no_such_engine", package="no-such-engine")
WRONG = replace(PYTHON, codes=lambda raw, _: [*raw[:-1], 9])


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = (PYTHON, ABSENT)
    for module in (checking, deciding, portfolios, starting, growth):
        monkeypatch.setattr(module, "ENGINES", chosen, raising=False)
    monkeypatch.setattr(growth, "SHOWN", [engine.name for engine in chosen])
    monkeypatch.setattr(checking.entries, "__defaults__", (chosen,))


def told(table: Table) -> dict[str, str]:
    return {row[0]: row[1] for row in table.rows}


@pytest.mark.parametrize("records", [False, True])
def test_single(records: bool) -> None:
    found = told(deciding.single(0, 2, records=records))
    count = 166 * (6 if records else 8)
    own = ("socap reference", "socap durable", "socap compiled", PYTHON.name)
    assert {name: found[name] for name in own} == dict.fromkeys(own, f"{count} equal")
    assert found[ABSENT.name] == "not installed"


def test_what_if() -> None:
    found = told(deciding.what_if(0, 1))
    assert found["socap durable"] == found[PYTHON.name]
    assert found[PYTHON.name].endswith(" equal")
    assert found["socap session"] == "as assessed anew"


def test_start() -> None:
    found = told(starting.cold(0))
    assert found["socap reference"] == found[PYTHON.name] == "166 equal"
    assert "socap" in told(starting.imports(0))


def test_portfolios(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(portfolios, "SHARED", 16)
    (table,), grown = portfolios.tables(0, Sizes((16,), 4, 2))
    assert told(table)[COLUMNAR] == "664 equal"
    assert told(table)[CREW] == "2656 equal"
    assert told(table)[PYTHON.name] == "332 equal"
    assert list(grown[COLUMNAR]) == [16]
    assert COLUMNAR in told(portfolios.memory(16))


GROWN: list[tuple[Callable[[], Growth], list[int]]] = [
    (lambda: growth.requirements(0, (1, 2)), [166, 332]),
    (lambda: growth.questions(0, (1,)), [248]),
    (lambda: growth.records(0, (1, 2)), [1, 2]),
    (lambda: growth.columns(0, (1,), 16), [166]),
]


@pytest.mark.parametrize(
    ("measured", "sizes"), GROWN, ids=["requirements", "questions", "records", "columns"]
)
def test_growth(measured: Callable[[], Growth], sizes: list[int]) -> None:
    made = measured()
    own = COLUMNAR if COLUMNAR in made.measured else "socap reference"
    assert list(made.measured[own]) == sizes
    assert len(made.table().columns) == len(sizes) + 2


def test_a_wrong_engine_is_not_timed() -> None:
    workload = load()
    _, facts = companies(records=False)[0]
    right, wrong = entries(workload, [facts], (PYTHON, WRONG))
    assert right.verdict == "166 equal" and right.decide is not None
    assert wrong.verdict == "differs in 1 of 166" and wrong.decide is None
    assert verdict([[1, 2]], [[2, 2]]) == "differs in 1 of 2"


@pytest.mark.parametrize("engine", ENGINES, ids=lambda engine: str(engine.name))
@pytest.mark.parametrize("records", [False, True])
def test_translations_agree_where_the_engine_is_installed(engine: Engine, records: bool) -> None:
    workload: Workload = load(records=records)
    rows = [facts for _, facts in companies(records=records)]
    if not records:
        made = portfolio(workload, 16)
        rows += [made.facts(index) for index in range(16)]
    (entry,) = entries(workload, rows, (engine,))
    allowed = {f"{166 * len(rows)} equal", "not installed"}
    assert entry.verdict in allowed | (
        set() if engine.records or not records else {"cannot say it"}
    )
