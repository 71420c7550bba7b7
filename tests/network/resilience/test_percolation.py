"""How a network falls apart, beside networkx and the thresholds that theory gives."""

from itertools import combinations
from typing import Any

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.network import NetworkSnapshot, Percolation, percolation
from planner.network.resilience import betweenness
from planner.network.resilience.forest import grow

SITE_THRESHOLD = 0.592746
"""Share of nodes that a square lattice needs to percolate: Newman and Ziff, Phys. Rev. Lett. 85, 4104 (2000)."""
BOND_THRESHOLD = 0.5
"""Share of links that it needs, exactly: Kesten, Commun. Math. Phys. 74, 41 (1980)."""
FINITE = 40 ** (-3 / 4)
"""Absolute, of a threshold read off 40 × 40 nodes, 0.063: finite-size scaling in the plane, where ν is 4/3."""


def named(graph: Any) -> "nx.Graph[str]":
    made: nx.Graph[str] = nx.relabel_nodes(graph, {node: f"{place:05d}" for place, node in enumerate(graph)})
    nx.set_edge_attributes(made, 1.0, "delay_ms")
    return made


def torus(side: int) -> NetworkSnapshot:
    """Return a +grid of as many planes as slots: a square lattice without rim."""
    graph = named(nx.grid_2d_graph(side, side, periodic=True))
    for place, name in enumerate(graph):
        graph.nodes[name].update({"shell": "grid", "plane": place // side})
    return NetworkSnapshot.from_graph(graph)


@st.composite
def networks(draw: st.DrawFn) -> NetworkSnapshot:
    satellites, sites = draw(st.integers(0, 8)), draw(st.integers(0, 4))
    graph: nx.Graph[str] = nx.Graph()
    graph.add_nodes_from(f"G{i}" for i in range(sites))
    nx.set_node_attributes(graph, "site", "kind")
    graph.add_nodes_from(f"S{i}" for i in range(satellites))
    nx.set_node_attributes(graph, {f"S{i}": {"plane": i // 3} for i in range(satellites)})
    lasers = [(f"S{i}", f"S{j}") for i, j in combinations(range(satellites), 2)]
    contacts = [(f"G{i}", f"S{j}") for i in range(sites) for j in range(satellites)]
    for pairs in (lasers, contacts):
        graph.add_edges_from(draw(st.lists(st.sampled_from(pairs), unique=True, max_size=12)) if pairs else [])
    nx.set_edge_attributes(graph, 1.0, "delay_ms")
    return NetworkSnapshot.from_graph(graph)


def counted(graph: "nx.Graph[str]", network: NetworkSnapshot, satellites: set[str]) -> tuple[int, int, int]:
    """Return largest component, sum of squares and pairs of sites of what is there, by networkx."""
    parts = list(nx.connected_components(graph.subgraph(satellites)))
    seen = [set(network.graph[site]) for site in network.site_names]
    pairs = sum(any(one & part and other & part for part in parts) for one, other in combinations(seen, 2))
    return max(map(len, parts), default=0), sum(len(part) ** 2 for part in parts), pairs


@settings(deadline=None)  # the first example may compile a kernel
@given(networks(), st.randoms(use_true_random=False))
def test_every_state_of_an_order_is_that_of_networkx(network: NetworkSnapshot, random: Any) -> None:
    satellites = list(network.satellite_names)
    order = np.array(random.sample(range(len(satellites)), len(satellites)), dtype=np.int64)
    step = np.empty(len(satellites), dtype=np.int64)
    step[order] = np.arange(1, len(satellites) + 1)
    a, b, site, seen = (np.array(column) for column in (network.a, network.b, network.site, network.satellite))
    found = grow(len(step), step, a, b, np.maximum(step[a], step[b]), site, seen, step[seen], len(network.site_names))
    lasers = network.graph.subgraph(satellites)
    for state in range(len(satellites) + 1):
        there = {satellites[i] for i in order[:state]}
        assert tuple(int(column[state]) for column in found) == counted(lasers, network, there)


def test_more_sites_than_a_word_has_bits_are_counted() -> None:
    rng = np.random.default_rng(9)
    satellites, sites = 30, 150
    graph: nx.Graph[str] = nx.Graph()
    graph.add_nodes_from((f"G{i:03d}", {"kind": "site"}) for i in range(sites))
    graph.add_edges_from((f"S{i}", f"S{i + 1}", {"delay_ms": 1.0}) for i in range(satellites - 1))
    for site, satellite in zip(rng.integers(0, sites, 200), rng.integers(0, satellites, 200), strict=True):
        graph.add_edge(f"G{site:03d}", f"S{satellite}", delay_ms=1.0)
    network = NetworkSnapshot.from_graph(graph)
    curve = percolation(network, unit="links", orders=1, rng=np.random.default_rng(1))
    every = sites * (sites - 1) / 2
    names = set(network.satellite_names)
    whole, bare = (counted(nx.Graph(part), network, names)[2] for part in (graph, nx.create_empty_copy(graph)))
    assert (curve.pairs_fraction[[0, -1]] * every).round().tolist() == [whole, bare]
    assert bare > 0


@settings(deadline=None)
@given(networks(), st.sampled_from(["satellites", "links", "planes"]))
def test_curves_fall_from_the_whole_network_to_nothing(network: NetworkSnapshot, unit: Any) -> None:
    curve = percolation(network, unit=unit, orders=5)
    everything = set(network.satellite_names)
    largest, _, pairs = counted(network.graph.subgraph(everything), network, everything)
    sites = len(network.site_names)
    assert curve.largest_fraction[0] == pytest.approx(largest / max(1, len(everything)))
    if sites > 1:
        assert curve.pairs_fraction[0] == pytest.approx(pairs / (sites * (sites - 1) / 2))
    assert np.isnan(curve.pairs_fraction).all() == (sites < 2)
    assert np.all(np.diff(curve.largest_fraction) <= 1e-12)
    assert not np.any(np.diff(curve.pairs_fraction) > 1e-12)
    assert np.all(curve.largest_spread_fraction >= 0.0)
    assert np.all(curve.largest_spread_fraction[[0, -1]] == 0.0)
    if unit != "links" and everything:
        assert curve.largest_fraction[-1] == 0.0


def test_a_grid_falls_apart_where_theory_says() -> None:
    rng = np.random.default_rng(5)
    by_satellites = percolation(torus(40), orders=100, rng=rng)
    by_links = percolation(torus(40), unit="links", orders=100, rng=rng)
    assert by_satellites.threshold_fraction == pytest.approx(1.0 - SITE_THRESHOLD, abs=FINITE)
    assert by_links.threshold_fraction == pytest.approx(1.0 - BOND_THRESHOLD, abs=FINITE)
    assert by_satellites.robustness_fraction < 0.5


def test_the_same_seed_gives_the_same_curve_and_another_seed_another() -> None:
    network = torus(6)
    curves = [percolation(network, orders=10, rng=np.random.default_rng(seed)) for seed in (1, 1, 2)]
    for name in ("largest_fraction", "largest_spread_fraction", "others_fraction"):
        first, again, other = (getattr(curve, name) for curve in curves)
        assert np.array_equal(first, again)
        assert not np.array_equal(first, other)


def test_a_star_falls_at_its_hub_under_attack_and_rarely_by_chance() -> None:
    network = NetworkSnapshot.from_graph(named(nx.star_graph(20)))
    attacks: Any = ("degree", "betweenness")
    for attack in attacks:
        hit = percolation(network, attack=attack, orders=3)
        assert hit.largest_fraction[1] == pytest.approx(1 / 21)
        assert hit.largest_spread_fraction[1] == 0.0
    assert percolation(network, orders=50).largest_fraction[1] > 0.8


def test_planes_are_lost_whole() -> None:
    curve = percolation(torus(6), unit="planes", orders=20)
    assert curve.lost.tolist() == list(range(7))
    # Without one plane of a torus of 6 the other 5 still hang together.
    assert curve.largest_fraction[1] == pytest.approx(5 / 6)
    assert curve.largest_fraction[5] == pytest.approx(1 / 6)


def test_the_spread_is_the_standard_deviation_over_the_orders() -> None:
    # A star of 3 about its hub: at the first loss 1 satellite is left together with chance ¼, else 3.
    network = NetworkSnapshot.from_graph(named(nx.star_graph(3)))
    curve = percolation(network, orders=40)
    hub = (0.75 - curve.largest_fraction[1]) / 0.5
    assert curve.largest_spread_fraction[1] == pytest.approx(0.5 * np.sqrt(hub * (1.0 - hub)))
    assert 0.0 < hub < 1.0


def test_the_lost_share_until_a_part_is_left_is_read_off_the_curve() -> None:
    curve = percolation(torus(6), unit="planes", orders=20)
    assert curve.lost_until_fraction(5 / 6) == pytest.approx(2 / 6)
    assert np.isnan(curve.lost_until_fraction(0.0))


@pytest.mark.parametrize("unit", ["satellites", "links", "planes"])
def test_row_25_nothing_to_lose_has_a_curve_of_one_state(unit: Any) -> None:
    curve: Percolation = percolation(NetworkSnapshot.from_graph(nx.Graph()), unit=unit)
    assert curve.lost.tolist() == [0]
    assert curve.largest_fraction.tolist() == [0.0]
    assert np.isnan(curve.threshold_fraction)
    assert np.isnan(curve.robustness_fraction)
    assert curve.lost_fraction.tolist() == [0.0]


def test_what_cannot_be_asked_is_refused() -> None:
    with pytest.raises(ValueError, match="unit, attack"):
        percolation(torus(3), unit="moons")
    with pytest.raises(ValueError, match="orders"):
        percolation(torus(3), orders=0)


@settings(deadline=None)
@given(st.integers(2, 12), st.integers(0, 100), st.booleans())
def test_betweenness_is_that_of_networkx(nodes: int, seed: int, even: bool) -> None:
    graph = nx.gnp_random_graph(nodes, 0.4, seed=seed)
    rng = np.random.default_rng(seed)
    for u, v in graph.edges:
        # Even delays make many ways equally short, without rounding.
        graph.edges[u, v]["delay_ms"] = float(rng.integers(1, 4)) if even else rng.uniform(1.0, 2.0)
    ends = np.array(list(graph.edges), dtype=np.int64).reshape(-1, 2)
    delay = np.array([graph.edges[u, v]["delay_ms"] for u, v in graph.edges], dtype=np.float64)
    expected = nx.betweenness_centrality(graph, weight="delay_ms", normalized=False)
    assert betweenness(nodes, ends[:, 0], ends[:, 1], delay) == pytest.approx([expected[i] for i in range(nodes)])


def test_an_attack_by_degree_is_no_attack_where_all_have_as_many_links() -> None:
    network = torus(6)
    degree, chance = (
        percolation(network, attack=attack, orders=5, rng=np.random.default_rng(4)) for attack in ("degree", "random")
    )
    assert np.array_equal(degree.largest_fraction, chance.largest_fraction)
