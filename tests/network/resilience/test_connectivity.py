"""What holds a network together, beside networkx."""

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.network import NetworkSnapshot, connectivity
from planner.network.resilience.lowpoint import blocks


def network_of(graph: "nx.Graph[int]") -> NetworkSnapshot:
    """Return a network without delays worth the name of a graph of numbers."""
    named: nx.Graph[str] = nx.relabel_nodes(graph, {node: f"{node:05d}" for node in graph})
    nx.set_edge_attributes(named, 1.0, "delay_ms")
    ordered: nx.Graph[str] = nx.Graph()
    ordered.add_nodes_from(sorted(named))
    ordered.add_edges_from(named.edges(data=True))
    return NetworkSnapshot.from_graph(ordered)


@st.composite
def graphs(draw: st.DrawFn) -> "nx.Graph[int]":
    nodes = draw(st.integers(1, 14))
    pairs = [(i, j) for i in range(nodes) for j in range(i + 1, nodes)]
    graph: nx.Graph[int] = nx.empty_graph(nodes)
    graph.add_edges_from(draw(st.sets(st.sampled_from(pairs))) if pairs else [])
    return graph


@settings(deadline=None)  # the first example may compile a kernel
@given(graphs())
def test_articulation_points_bridges_blocks_and_components_are_those_of_networkx(graph: "nx.Graph[int]") -> None:
    network = network_of(graph)
    found = connectivity(network)
    links = np.stack([network.a, network.b], axis=1)
    assert set(np.flatnonzero(found.articulation).tolist()) == set(nx.articulation_points(graph))
    assert {tuple(pair) for pair in links[found.bridge].tolist()} == {tuple(sorted(edge)) for edge in nx.bridges(graph)}
    blocks = {
        frozenset(map(tuple, links[found.block == block].tolist())) for block in range(found.block.max(initial=-1) + 1)
    }
    assert blocks == {
        frozenset(tuple(sorted(edge)) for edge in edges) for edges in nx.biconnected_component_edges(graph)
    }
    parts = {frozenset(np.flatnonzero(found.component == part).tolist()) for part in set(found.component.tolist())}
    assert parts == {frozenset(part) for part in nx.connected_components(graph)}
    assert found.degree.tolist() == [degree for _, degree in sorted(graph.degree())]
    assert found.largest_component == max(map(len, nx.connected_components(graph)))


@settings(deadline=None)  # the first example may compile a kernel
@given(graphs())
def test_the_satellites_that_may_be_lost_lie_between_the_bounds(graph: "nx.Graph[int]") -> None:
    # networkx gives a complete graph of n the connectivity n - 1, and 0 to what is not connected and to one node.
    least, most = connectivity(network_of(graph)).survives_any_satellites
    assert least <= max(0, nx.node_connectivity(graph) - 1) <= most


def test_a_long_chain_is_searched_without_recursion() -> None:
    found = connectivity(network_of(nx.path_graph(20_000)))
    assert found.bridge.all()
    assert np.flatnonzero(~found.articulation).tolist() == [0, 19_999]


def test_a_ring_has_no_weak_link_and_two_rings_at_a_satellite_have_that_one() -> None:
    ring = connectivity(network_of(nx.cycle_graph(6)))
    assert not ring.bridge.any()
    assert ring.survives_any_satellites == (1, 1)
    rings = nx.compose(nx.cycle_graph(4), nx.relabel_nodes(nx.cycle_graph(4), {0: 0, 1: 5, 2: 6, 3: 7}))
    two = connectivity(network_of(nx.convert_node_labels_to_integers(rings, ordering="sorted")))
    assert np.flatnonzero(two.articulation).tolist() == [0]
    assert sorted(np.bincount(two.block).tolist()) == [4, 4]


def test_two_links_between_the_same_two_are_no_bridges_whichever_way_round_they_are_given() -> None:
    assert connectivity(network_of(nx.path_graph(2))).bridge.tolist() == [True]
    # A snapshot holds no pair twice, the kernel would not mind.
    assert blocks(2, np.array([0, 1]), np.array([1, 0]))[1].tolist() == [False, False]


@pytest.mark.parametrize("count", [0, 1])
def test_row_25_no_satellite_or_one_is_a_network_of_as_many_parts(count: int) -> None:
    found = connectivity(network_of(nx.empty_graph(count)))
    assert len(found.component_sizes) == found.largest_component == count
    assert found.connected == bool(count)
    assert found.survives_any_satellites == (0, 0)
