"""The typed dependency graph of clauses, requirements and evidence items."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, cast

import networkx as nx

from socap.errors import Text, unknown_name
from socap.identifiers import sort_key

if TYPE_CHECKING:
    from collections.abc import Iterable

    from socap.standard import Standard


class Edge(StrEnum):
    """The kinds of edge."""

    CONTAINS = "contains"
    REFINES = "refines"
    REQUIRES = "requires"
    EVIDENCED_BY = "evidenced_by"
    MIRRORS = "mirrors"
    MAPS_TO = "maps_to"


GRAPH_FORMATS = ("graphml", "mermaid", "dot")


class RequirementGraph:
    """A networkx multigraph behind a few questions; answers are ids in printed order."""

    def __init__(self, standard: Standard) -> None:
        self._graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
        graph = self._graph
        for clause in standard.headings.values():
            graph.add_node(clause.id, kind="clause", zh=clause.title.zh, en=clause.title.en)
            if clause.parent is not None:
                self._add(clause.parent, clause.id, Edge.CONTAINS)
        for r in standard.requirements.values():
            graph.add_node(
                r.id, kind="requirement", zh=r.title.zh, en=r.title.en, pdca=r.pdca.value
            )
            self._add(r.clause, r.id, Edge.CONTAINS)
        for r in standard.requirements.values():
            for other in r.prerequisites:
                self._add(r.id, other, Edge.REQUIRES)
            for other in r.refines:
                self._add(r.id, other, Edge.REFINES)
            for other in r.mirrors:
                self._add(r.id, other, Edge.MIRRORS)
            for key in standard.vocabulary.expanded(r.evidence_keys):
                if key not in graph:
                    graph.add_node(key, kind="evidence", zh=key, en=key)
                self._add(r.id, key, Edge.EVIDENCED_BY)
        for relation in standard.crosswalk.relations:
            node = f"{relation.standard} {relation.reference}"
            if node not in graph:
                label = standard.crosswalk.standards[relation.standard].references[
                    relation.reference
                ]
                graph.add_node(node, kind="reference", zh=label.zh, en=label.en)
            graph.add_edge(
                relation.requirement,
                node,
                key=Edge.MAPS_TO.value,
                kind=Edge.MAPS_TO.value,
                relation=relation.relation.value,
            )
        self._requires: nx.DiGraph[str] = nx.DiGraph()
        self._requires.add_nodes_from(standard.requirements)
        for r in standard.requirements.values():
            self._requires.add_edges_from((r.id, other) for other in r.prerequisites)

    def _add(self, source: str, target: str, kind: Edge) -> None:
        self._graph.add_edge(source, target, key=kind.value, kind=kind.value)

    def networkx(self) -> nx.MultiDiGraph[str]:
        """Return a copy of the graph itself."""
        return self._graph.copy()

    def _known(self, identifier: str) -> str:
        if identifier not in self._requires:
            raise unknown_name(Text("要求", "requirement"), identifier, self._requires.nodes)
        return identifier

    def prerequisites(self, requirement: str) -> tuple[str, ...]:
        """Return everything a requirement rests on, directly or not."""
        return _sorted(nx.descendants(self._requires, self._known(requirement)))

    def dependents(self, requirement: str) -> tuple[str, ...]:
        """Return everything that rests on a requirement, directly or not."""
        return _sorted(nx.ancestors(self._requires, self._known(requirement)))

    def root_causes(self, nonconforming: Iterable[str]) -> tuple[str, ...]:
        """Return the nonconforming requirements none of whose prerequisites is nonconforming."""
        wrong = {self._known(r) for r in nonconforming}
        return _sorted(r for r in wrong if wrong.isdisjoint(self.prerequisites(r)))

    def order(self, requirements: Iterable[str] | None = None) -> tuple[str, ...]:
        """Return requirements so that each comes after its prerequisites."""
        wanted = None if requirements is None else {self._known(r) for r in requirements}
        ranked = nx.lexicographical_topological_sort(
            cast("nx.DiGraph[object]", self._requires.reverse()), key=_rank
        )
        return tuple(str(r) for r in ranked if wanted is None or r in wanted)

    def touched_by(self, key: str) -> tuple[str, ...]:
        """Return the requirements whose satisfaction reads an evidence item or record field."""
        keys = [n for n, data in self._graph.nodes(data=True) if data["kind"] == "evidence"]
        if key not in keys:
            raise unknown_name(Text("证据项", "evidence item"), key, keys)
        return _sorted(self._graph.predecessors(key))

    def export(self, form: str) -> str:
        """Return the graph as graphml, mermaid or dot. Raises UsageError for another format."""
        if form not in GRAPH_FORMATS:
            raise unknown_name(Text("图格式", "graph format"), form, GRAPH_FORMATS)
        if form == "graphml":
            return "\n".join(nx.generate_graphml(self._graph)) + "\n"
        return self._mermaid() if form == "mermaid" else self._dot()

    def _mermaid(self) -> str:
        names = {node: f"n{i}" for i, node in enumerate(self._graph)}
        lines = ["flowchart LR"]
        for node, data in self._graph.nodes(data=True):
            label = f"{node} {data['zh']}" if data["kind"] != "evidence" else node
            lines.append(f'  {names[node]}["{label.replace(chr(34), "#quot;")}"]')
        for source, target, data in self._graph.edges(data=True):
            lines.append(f"  {names[source]} -->|{data['kind']}| {names[target]}")
        return "\n".join(lines) + "\n"

    def _dot(self) -> str:
        def quoted(text: str) -> str:
            return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'

        lines = ["digraph socap {", "  rankdir=LR;"]
        for node, data in self._graph.nodes(data=True):
            label = f"{node} {data['zh']}" if data["kind"] != "evidence" else node
            lines.append(f"  {quoted(node)} [label={quoted(label)}];")
        for source, target, data in self._graph.edges(data=True):
            lines.append(f"  {quoted(source)} -> {quoted(target)} [label={quoted(data['kind'])}];")
        return "\n".join([*lines, "}"]) + "\n"


def _sorted(identifiers: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(identifiers, key=sort_key))


def _rank(identifier: object) -> tuple[tuple[int, int | str], ...]:
    return sort_key(str(identifier))


def build(standard: Standard) -> RequirementGraph:
    """Return the graph of a standard."""
    return RequirementGraph(standard)
