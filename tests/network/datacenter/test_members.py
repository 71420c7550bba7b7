"""Which satellites and links a data center is made of."""

import networkx as nx
import numpy as np
import pytest

from planner.errors import InputError
from planner.network import NetworkSnapshot
from planner.network.datacenter.members import interconnect


def test_only_links_between_members_count(network_of) -> None:
    network = interconnect(network_of(4, [(0, 1), (1, 2), (2, 3), (0, 3)]), ["S3", "S0", "S2"])
    assert network.names == ("S0", "S2", "S3")
    assert list(zip(network.a.tolist(), network.b.tolist(), strict=True)) == [(0, 2), (1, 2)]
    assert network.links.tolist() == [1, 3]


def test_names_and_indices_are_the_same_members(torus) -> None:
    snapshot = torus(3, 4)
    by_name, by_index = interconnect(snapshot, ["S1", "S5", "S2"]), interconnect(snapshot, np.array([2, 1, 5]))
    assert by_name.names == by_index.names
    assert by_name.links.tolist() == by_index.links.tolist()


@pytest.mark.parametrize(
    ("members", "says"),
    [
        (["S1", "S1"], "S1: named more than once"),
        (["S9"], 'no node "S9"'),
        (["ground"], "ground is a site"),
        (np.array([3]), "no satellite 3"),
        (np.array([0.5]), "give names or whole numbers"),
    ],
)
def test_members_that_are_none_are_refused(members, says: str) -> None:
    graph: nx.Graph[str] = nx.path_graph(3)
    graph = nx.relabel_nodes(graph, {i: f"S{i}" for i in range(3)})
    nx.set_edge_attributes(graph, 1.0, "delay_ms")
    graph.add_node("ground", kind="site")
    with pytest.raises(InputError, match=says):
        interconnect(NetworkSnapshot.from_graph(graph), members)


def test_a_link_of_unknown_capacity_is_named(network_of) -> None:
    graph: nx.Graph[str] = nx.Graph()
    graph.add_edge("A", "B", delay_ms=1.0)
    with pytest.raises(InputError, match="link A to B: capacity_gbps is nan"):
        interconnect(NetworkSnapshot.from_graph(graph))
