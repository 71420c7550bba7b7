"""How fast cuts, rings and groups of a data center are found, each beside a rival measured in the same run.

Run with ``pytest tests/benchmarks --benchmark-only -s``. Nothing is asserted about time, only that both agree.
"""

from collections.abc import Callable, Collection
from typing import Any

import networkx as nx
import numpy as np
import pytest
from networkx.algorithms.approximation import christofides

from planner.network import NetworkSnapshot
from planner.network.datacenter import audit_ring, embed_ring, groups_within, minimum_cut
from planner.network.datacenter.circuit import CircuitLimits


def cluster_of(size: int, reach: float = 1.6) -> NetworkSnapshot:
    """Return points scattered around a square lattice, linked to those near, of 50 to 150 Gbit/s."""
    rng = np.random.default_rng(1)
    side = int(np.ceil(np.sqrt(size)))
    places = np.argwhere(np.ones((side, side)))[:size] + rng.uniform(-0.1, 0.1, (size, 2))
    away = np.linalg.norm(places[:, None] - places, axis=-1)
    a, b = np.nonzero(np.triu(away <= reach, 1))
    none = np.zeros(0)
    return NetworkSnapshot(
        tuple(f"S{i}" for i in range(size)), (), a, b, away[a, b], away[a, b], rng.uniform(50.0, 150.0, len(a)),
        none.astype(int), none.astype(int), none, none, none, {},
    )  # fmt: skip


def graph_of(network: NetworkSnapshot) -> "nx.Graph[int]":
    graph: nx.Graph[int] = nx.Graph()
    graph.add_nodes_from(range(len(network.satellite_names)))
    columns = (network.a.tolist(), network.b.tolist(), network.capacity_gbps.tolist(), network.delay_ms.tolist())
    for a, b, capacity, delay in zip(*columns, strict=True):
        graph.add_edge(a, b, weight=capacity, delay_ms=delay)
    return graph


@pytest.mark.parametrize("size", [81, 300])
def test_the_minimum_cut(size: int, beside: Callable[..., Any]) -> None:
    network = cluster_of(size)
    graph = graph_of(network)
    ours, theirs = beside(lambda: minimum_cut(network), lambda: nx.stoer_wagner(graph), "networkx stoer_wagner")
    assert ours.capacity_gbps == pytest.approx(theirs[0], rel=1e-12)


def tour_of(network: NetworkSnapshot) -> list[int]:
    """Return a ring by the delays of shortest ways, its hops relayed by anyone: Christofides over all pairs."""
    graph = graph_of(network)
    full: nx.Graph[int] = nx.Graph()
    for a, row in nx.all_pairs_dijkstra_path_length(graph, weight="delay_ms"):
        full.add_weighted_edges_from((a, b, delay) for b, delay in row.items() if a < b)
    return list(christofides(full))


@pytest.mark.parametrize("size", [81, 300])
def test_a_ring_through_all(size: int, beside: Callable[..., Any]) -> None:
    network = cluster_of(size)
    construction = CircuitLimits(members=0)
    ours, theirs = beside(
        lambda: embed_ring(network, limits=construction), lambda: tour_of(network), "networkx christofides"
    )
    assert audit_ring(ours, network) == ()
    assert sorted(theirs[:-1]) == sorted(network.index(name) for name in ours.names)
    assert ours.outcome.status == "optimal"


def largest_clique(network: NetworkSnapshot, diameter_ms: float) -> Collection[int]:
    near: nx.Graph[int] = nx.Graph()
    graph = graph_of(network)
    near.add_nodes_from(graph)
    for a, row in nx.all_pairs_dijkstra_path_length(graph, weight="delay_ms", cutoff=diameter_ms):
        near.add_edges_from((a, b) for b in row if b != a)
    found: tuple[list[int], int] = nx.max_weight_clique(near, weight=None)
    return found[0]


@pytest.mark.parametrize("size", [49, 81])
def test_the_largest_group(size: int, beside: Callable[..., Any]) -> None:
    network = cluster_of(size)
    ours, theirs = beside(
        lambda: groups_within(network, 3.2), lambda: largest_clique(network, 3.2), "networkx max_weight_clique"
    )
    assert ours.outcome.status == "optimal"
    assert ours.sizes[0] == len(theirs)
