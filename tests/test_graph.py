"""The dependency graph: its questions, on the small and on the shipped standard, and its exports."""

from __future__ import annotations

import io
import re

import networkx as nx
import pytest

from socap.errors import UsageError
from socap.standard import Standard, load


def test_it_answers_what_rests_on_what(tiny: Standard) -> None:
    graph = tiny.graph
    assert graph.prerequisites("6.1-b") == ("6.1-a",)
    assert graph.prerequisites("6.1-a") == ()
    assert graph.dependents("6.1-a") == ("6.1-b",)
    assert graph.root_causes(["6.1-a", "6.1-b", "6.2-b"]) == ("6.1-a", "6.2-b")
    assert graph.root_causes(["6.1-b"]) == ("6.1-b",)
    assert graph.touched_by("plan.state") == ("6.2-b",)
    assert graph.touched_by("records.supplier") == ("6.2-a",)


def test_unknown_names_are_refused_with_the_closest(tiny: Standard) -> None:
    with pytest.raises(UsageError, match=r"did you mean plan\.state"):
        tiny.graph.touched_by("plan.stat")
    with pytest.raises(UsageError, match="requirement"):
        tiny.graph.prerequisites("9.9-z")
    with pytest.raises(UsageError, match="graph format"):
        tiny.graph.export("png")


def test_the_order_puts_prerequisites_first() -> None:
    standard = load()
    graph = standard.graph
    order = graph.order()
    assert sorted(order) == sorted(standard.requirements)
    place = {requirement: index for index, requirement in enumerate(order)}
    for r in standard.requirements.values():
        assert all(place[p] < place[r.id] for p in r.prerequisites), r.id
    assert graph.order(["6.6-d", "6.6-a"]) == ("6.6-a", "6.6-d")


def test_annex_requirements_refine_the_body() -> None:
    standard = load()
    for r in standard.requirements.values():
        if r.clause[0] in "ABC":
            assert r.refines, r.id
            assert all(other[0].isdigit() for other in r.refines), r.id


def test_exports_hold_every_node_and_edge() -> None:
    graph = load().graph
    inner = graph.networkx()
    read = nx.read_graphml(io.BytesIO(graph.export("graphml").encode()), force_multigraph=True)
    assert set(read.nodes) == set(inner.nodes)
    assert read.number_of_edges() == inner.number_of_edges()
    mermaid = graph.export("mermaid")
    assert len(re.findall(r"-->\|", mermaid)) == inner.number_of_edges()
    dot = graph.export("dot")
    assert dot.count(" -> ") == inner.number_of_edges()
    assert {data["kind"] for _, _, data in inner.edges(data=True)} == {
        "contains",
        "refines",
        "requires",
        "evidenced_by",
        "mirrors",
        "maps_to",
    }
