"""Graphs that every format can hold."""

from io import BytesIO
from typing import Any

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.links import AccessTable, LinkTable
from planner.network import NetworkSnapshot, contact_plan, portable_graph, snapshot
from planner.orbit import Fleet
from planner.orbit.sites import GroundSites

FORMATS = [(nx.write_graphml, nx.read_graphml), (nx.write_gexf, nx.read_gexf)]


def there_and_back(graph: Any, write: Any, read: Any) -> Any:
    file = BytesIO()
    write(graph, file)
    file.seek(0)
    return read(file)


@pytest.mark.parametrize(("write", "read"), FORMATS)
def test_a_network_and_a_contact_plan_survive_the_way_through_a_file(
    links: LinkTable, access: AccessTable, fleet: Fleet, sites: GroundSites, write: Any, read: Any
) -> None:
    network = snapshot(links, access, 0, fleet, sites)
    for graph in (network.graph, contact_plan(links, access, fleet, sites, stop=2).graph):
        found = there_and_back(portable_graph(graph), write, read)
        assert set(found) == set(graph)
        assert found.number_of_edges() == graph.number_of_edges()
        assert found.nodes["Paris"]["latitude_deg"] == graph.nodes["Paris"]["latitude_deg"]
        for (u, v, data), _ in zip(graph.edges(data=True), range(20), strict=False):
            assert data["delay_ms"] in [edge[2]["delay_ms"] for edge in found.edges(u, data=True) if v in edge[:2]]


@pytest.mark.parametrize(("write", "read"), FORMATS)
def test_a_network_read_from_a_file_is_the_same_network(
    links: LinkTable, access: AccessTable, fleet: Fleet, sites: GroundSites, write: Any, read: Any
) -> None:
    network = snapshot(links, access, 0, fleet, sites)
    found = NetworkSnapshot.from_graph(there_and_back(portable_graph(network.graph), write, read))
    assert found.satellite_names == network.satellite_names
    for name in ("a", "b", "range_km", "delay_ms", "capacity_gbps", "site", "satellite", "contact_delay_ms"):
        assert np.array_equal(getattr(found, name), getattr(network, name))
    assert found.node_attributes["shell-0-1"]["slot"] == 1


@pytest.mark.parametrize(("write", "read"), FORMATS)
def test_row_28_control_characters_and_marks_in_names_are_stripped(write: Any, read: Any) -> None:
    graph: nx.Graph[str] = nx.Graph()
    graph.add_edge("S\x001", "S1", note="a\x07b\u202e")
    graph.add_edge("\u200b", "<script>alert(1)</script>")
    found = there_and_back(portable_graph(graph), write, read)
    assert set(found) == {"S1", "S1 (2)", "?", "<script>alert(1)</script>"}
    assert found.edges["S1", "S1 (2)"]["note"] == "ab"


def test_values_become_what_every_format_knows() -> None:
    graph: nx.Graph[str] = nx.Graph(made=None)
    graph.add_node(
        "A", whole=np.int64(3), part=np.float32(0.5), true=np.True_, nothing=None, nan=np.nan, far=np.inf, viz="x",
        listed=[1, 2], start=1.0, id="other",
    )  # fmt: skip
    copy = portable_graph(graph)
    data = copy.nodes["A"]
    assert data == {
        "whole": 3, "part": 0.5, "true": True, "viz_": "x", "listed": "[1, 2]", "start_": 1.0, "id_": "other",
    }  # fmt: skip
    assert {type(value) for value in data.values()} == {int, float, bool, str}
    assert copy.graph == {}
    assert "viz" in graph.nodes["A"]


VALUES = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.lists(st.integers()))


@given(
    st.lists(st.text(), min_size=1, max_size=6, unique=True), st.dictionaries(st.text(max_size=5), VALUES, max_size=4)
)
@pytest.mark.parametrize(("write", "read"), FORMATS)
def test_row_28_whatever_is_in_a_graph_its_copy_can_be_written_and_read(
    write: Any, read: Any, names: list[str], data: dict[str, object]
) -> None:
    graph: nx.Graph[str] = nx.Graph()
    graph.add_nodes_from((name, data) for name in names)
    graph.add_edges_from((names[0], name, data) for name in names[1:])
    found = there_and_back(portable_graph(graph), write, read)
    assert len(found) == len(names)
    assert found.number_of_edges() == len(names) - 1
