"""How fast losses, percolation and ways through time are, each beside a rival measured in the same run.

Run with ``pytest tests/benchmarks --benchmark-only -s``. Nothing is asserted about time, only that both agree.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import networkx as nx
import numpy as np
import pytest

from planner.links import LaserTerminal, ground_access
from planner.network import (
    NetworkSnapshot,
    connectivity,
    contact_plan,
    earliest_arrival,
    fixed_links,
    link_table,
    lose,
    percolation,
    plus_grid,
    remaining,
    single_losses,
    snapshot,
    time_expanded_graph,
)
from planner.network.resilience import betweenness, pair_latency_ms
from planner.orbit import propagate
from planner.orbit.design.walker import walker_delta
from planner.orbit.sites import GroundSites
from planner.times import TimeGrid

EPOCH = datetime(2026, 3, 1, tzinfo=UTC)
TERMINAL = LaserTerminal("bench", 100.0, 5016.0, 10.0, 100.0)
SIZES = [(1584, 72), (10_000, 100)]


def tables(satellites: int, planes: int, cities: int, instants: int = 1) -> Any:
    rng = np.random.default_rng(7)
    places = {f"city {i}": (rng.uniform(-50.0, 55.0), rng.uniform(-180.0, 180.0)) for i in range(cities)}
    fleet = walker_delta(
        name="w", altitude_km=550.0, inclination_deg=53.0, satellites=satellites, planes=planes, phasing=1, epoch=EPOCH
    )
    states, sites = propagate(fleet, TimeGrid(EPOCH, 60.0, instants)), GroundSites.at(places)
    return (
        link_table(states, fixed_links(plus_grid(fleet), terminal=TERMINAL)),
        ground_access(states, sites),
        fleet,
        sites,
    )


def network_of(satellites: int, planes: int, cities: int) -> NetworkSnapshot:
    links, access, fleet, sites = tables(satellites, planes, cities)
    return snapshot(links, access, 0, fleet, sites)


@pytest.mark.parametrize(("satellites", "planes"), SIZES)
def test_the_graph_of_a_network_is_built(beside: Callable[..., Any], satellites: int, planes: int) -> None:
    network = network_of(satellites, planes, 100)
    names, sites = network.satellite_names, network.site_names

    def rival() -> Any:
        graph: nx.Graph[str] = nx.Graph()
        for name in names + sites:
            graph.add_node(name, **network.node_attributes[name])
        links = (network.a, network.b, network.range_km, network.delay_ms, network.capacity_gbps)
        for i, j, range_km, delay_ms, capacity_gbps in zip(*(column.tolist() for column in links), strict=True):
            graph.add_edge(names[i], names[j], range_km=range_km, delay_ms=delay_ms, capacity_gbps=capacity_gbps)
        contacts = (network.site, network.satellite, network.contact_range_km, network.contact_delay_ms)
        for i, j, range_km, delay_ms in zip(*(column.tolist() for column in contacts), strict=True):
            graph.add_edge(sites[i], names[j], range_km=range_km, delay_ms=delay_ms)
        return graph

    ours, theirs = beside(lambda: replace(network).graph, rival, "networkx, an edge at a time")
    assert set(ours) == set(theirs)
    assert set(ours.edges) == set(theirs.edges)


@pytest.mark.parametrize(("satellites", "planes"), SIZES)
def test_a_users_graph_is_read(beside: Callable[..., Any], satellites: int, planes: int) -> None:
    network = network_of(satellites, planes, 100)
    graph = network.graph
    made, matrix = beside(
        lambda: NetworkSnapshot.from_graph(graph),
        lambda: nx.to_scipy_sparse_array(graph, weight="delay_ms"),
        "networkx, a sparse matrix without a check",
    )
    assert np.array_equal(made.delay_ms, network.delay_ms)
    assert matrix.nnz == 2 * (len(network.a) + len(network.site))


@pytest.mark.parametrize(("satellites", "planes"), SIZES)
def test_articulation_points_and_bridges(beside: Callable[..., Any], satellites: int, planes: int) -> None:
    # A third of the satellites lost, so that there are some to find.
    network = network_of(satellites, planes, 0)
    rng = np.random.default_rng(3)
    broken = lose(network, satellites=rng.choice(network.satellite_names, satellites // 3, replace=False).tolist())
    graph = nx.Graph(broken.graph)
    found, (points, bridges) = beside(
        lambda: connectivity(broken),
        lambda: (set(nx.articulation_points(graph)), list(nx.bridges(graph))),
        "networkx articulation points and bridges",
    )
    assert {broken.satellite_names[i] for i in np.flatnonzero(found.articulation)} == points
    assert np.count_nonzero(found.bridge) == len(bridges)


@pytest.mark.parametrize(("satellites", "planes"), SIZES)
def test_a_percolation_curve_of_one_order(beside: Callable[..., Any], satellites: int, planes: int) -> None:
    network = network_of(satellites, planes, 100)
    lasers = nx.Graph(network.graph.subgraph(network.satellite_names))
    samples = 20
    gone = np.linspace(0, satellites - 1, samples).astype(int)
    order = np.random.default_rng(0).random(satellites)

    def rival() -> list[int]:
        # Equal scores are added in rising order of the same random numbers, so that those of the highest go first.
        falling = [network.satellite_names[i] for i in np.argsort(order)[::-1]]
        return [max(map(len, nx.connected_components(lasers.subgraph(falling[lost:])))) for lost in gone]

    curve, largest = beside(
        lambda: percolation(network, orders=1, rng=np.random.default_rng(0)),
        rival,
        "networkx components at every loss",
        scale=satellites / samples,
    )
    assert (curve.largest_fraction[gone] * satellites).round().astype(int).tolist() == largest


@pytest.mark.parametrize(("satellites", "planes", "cities", "few"), [(1584, 72, 20, 10), (10_000, 100, 100, 2)])
def test_what_each_single_satellite_costs(
    beside: Callable[..., Any], satellites: int, planes: int, cities: int, few: int
) -> None:
    network = network_of(satellites, planes, cities)
    names = network.satellite_names[:few]

    def rival() -> list[float]:
        return [remaining(network, lose(network, satellites=[name])).worst_rise_ms for name in names]

    losses, rises = beside(
        lambda: single_losses(network, "satellite"), rival, "every one lost and compared", scale=satellites / few
    )
    found = dict(zip(losses.names, losses.worst_rise_ms, strict=True))
    assert [found[name] for name in names] == rises


def test_latencies_between_a_hundred_cities_of_one_network(beside: Callable[..., Any]) -> None:
    network = network_of(1584, 72, 100)
    few = 3
    views = [network.between(site) for site in network.site_names[:few]]

    def rival() -> Any:
        for site, view in zip(network.site_names, views, strict=False):
            lengths = nx.single_source_dijkstra_path_length(view, site, weight="delay_ms")
        return lengths

    latency, lengths = beside(lambda: pair_latency_ms(network), rival, "networkx Dijkstra per city", scale=100 / few)
    seen = np.flatnonzero(network.site == 0)
    down = [lengths[network.satellite_names[network.satellite[k]]] + network.contact_delay_ms[k] for k in seen]
    assert latency[few - 1, 0] == pytest.approx(min(down), rel=1e-12)


def test_betweenness_by_delay(beside: Callable[..., Any]) -> None:
    network = network_of(576, 24, 0)
    ours, theirs = beside(
        lambda: betweenness(576, network.a, network.b, network.delay_ms),
        lambda: nx.betweenness_centrality(network.graph, weight="delay_ms", normalized=False),
        "networkx",
    )
    assert ours == pytest.approx([theirs[name] for name in network.satellite_names], rel=1e-9)


def test_the_earliest_arrival_in_an_hour(beside: Callable[..., Any]) -> None:
    links, access, fleet, sites = tables(1584, 72, 20, instants=60)
    plan = contact_plan(links, access, fleet, sites)
    graph = time_expanded_graph(plan, "city 0", tick_s=60.0)
    found, reached = beside(
        lambda: earliest_arrival(plan, "city 0"),
        lambda: nx.descendants(graph, ("city 0", 0)),
        "networkx on the time-expanded graph, a tick a minute",
    )
    # A tick a hop is never faster than light.
    first = {}
    for name, tick in sorted(reached, key=lambda node: -node[1]):
        first[name] = tick * 60.0
    assert all(found.arrival_s[plan.index(name)] <= time for name, time in first.items())
