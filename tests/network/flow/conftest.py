"""Small random networks on which everything can be counted by hand or by brute force."""

from collections.abc import Callable

import networkx as nx
import numpy as np
import pytest

from planner.network import NetworkSnapshot


def small_network(seed: int, satellites: int = 6, sites: int = 2) -> NetworkSnapshot:
    """Return a network with whole delays, so that ties occur, and capacities in quarters, one in ten unknown."""
    rng = np.random.default_rng(seed)
    graph: nx.Graph[str] = nx.Graph()
    graph.add_nodes_from(f"s{i}" for i in range(satellites))
    graph.add_nodes_from((f"t{i}" for i in range(sites)), kind="site")
    for i in range(satellites):
        for j in range(i + 1, satellites):
            if rng.random() < 0.5:
                known = {} if rng.random() < 0.1 else {"capacity_gbps": float(rng.integers(1, 9)) / 4.0}
                graph.add_edge(f"s{i}", f"s{j}", delay_ms=float(rng.integers(0, 6)), **known)
    for site in range(sites):
        for i in range(satellites):
            if rng.random() < 0.4:
                graph.add_edge(f"t{site}", f"s{i}", delay_ms=float(rng.integers(1, 5)))
    return NetworkSnapshot.from_graph(graph)


@pytest.fixture(scope="session")
def network() -> Callable[..., NetworkSnapshot]:
    """Return the maker of small networks."""
    return small_network


@pytest.fixture(scope="session")
def line() -> Callable[..., NetworkSnapshot]:
    """Return a maker of networks from (one end, other end, delay_ms, capacity_gbps); names in capitals are sites."""

    def make(*links: tuple[str, str, float, float]) -> NetworkSnapshot:
        graph: nx.Graph[str] = nx.Graph()
        for one, other, delay_ms, capacity_gbps in links:
            for name in (one, other):
                graph.add_node(name, kind="site" if name.isupper() else "satellite")
            known = {} if np.isnan(capacity_gbps) else {"capacity_gbps": capacity_gbps}
            graph.add_edge(one, other, delay_ms=delay_ms, **known)
        return NetworkSnapshot.from_graph(graph)

    return make
